package bpmn

// flowableDecision parses flowable's service task of type dmn, whose fields name
// the decision.
func (p *parser) flowableDecision(n *node, e *Element) {
	fields := p.fieldTexts(n)
	key := fields["decisionTableReferenceKey"]
	if key == "" {
		key = fields["decisionServiceReferenceKey"]
	}
	if key == "" {
		p.report(n, CodeAttributeMissing, "the task of type dmn names no decision; add the field decisionTableReferenceKey")
	}
	e.Decision = &DecisionDefinition{
		DecisionID: p.expression(n, DialectFlowable, key), Binding: BindingDeployment, ElseLatest: true, MapResult: MapResultFlowable,
		ErrorOnNoHits: p.booleanText(n, "decisionTaskThrowErrorOnNoHits", fields["decisionTaskThrowErrorOnNoHits"], false),
	}
	if !p.booleanText(n, "sameDeployment", fields["sameDeployment"], true) {
		e.Decision.Binding, e.Decision.ElseLatest = BindingLatest, false
	}
	if p.booleanText(n, "fallbackToDefaultTenant", fields["fallbackToDefaultTenant"], false) {
		p.report(n, CodeAttributeNoEffect, "fallbackToDefaultTenant has no effect: tenants do not see each other's decisions; deploy the decision for each tenant, else the task stops with an incident")
	}
}

// fieldTexts reads the injected fields of camunda and flowable, expressions as
// their text.
func (p *parser) fieldTexts(n *node) map[string]string {
	out := map[string]string{}
	for _, f := range p.classicExts(n, "field") {
		name, value := fieldOf(f)
		out[name] = value
	}
	return out
}
