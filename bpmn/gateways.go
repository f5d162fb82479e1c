package bpmn

// gateway parses exclusive, parallel, inclusive and complex gateways. The
// default flow is resolved when the flows are connected.
func (p *parser) gateway(n *node, e *Element) {
	if e.Type != TypeComplexGateway {
		return
	}
	if c := n.first(nsModel, "activationCondition"); c != nil {
		e.Activation = p.condition(c)
	}
}

// eventGateway parses an event-based gateway (BPMN 2.0.2, 10.6.6).
func (p *parser) eventGateway(n *node, e *Element) {
	e.Instantiate = p.boolean(n, "instantiate", false)
	switch kind := n.attr("eventGatewayType"); kind {
	case "", "Exclusive":
	case "Parallel":
		e.ParallelEvents = true
	default:
		p.report(n, CodeAttributeValue, "eventGatewayType is %q; expected Exclusive or Parallel", kind)
	}
}
