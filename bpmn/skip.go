package bpmn

// skipExpression reads flowable's skipExpression of tasks and flows.
func (p *parser) skipExpression(n *node) *Expression {
	return p.optional(n, DialectFlowable, p.classic(n, "skipExpression"))
}
