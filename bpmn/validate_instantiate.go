package bpmn

// checkInstantiate checks what starts a process without being a start event: a
// receive task (BPMN 2.0.2, 10.3.3) or an event-based gateway (10.6.6).
func (p *parser) checkInstantiate(e *Element) {
	n := p.nodes[e]
	if e.ParallelEvents && !e.Instantiate {
		p.report(n, CodeUnsupportedAttribute, "an event-based gateway of type Parallel starts the process (BPMN 2.0.2, 10.6.6); set instantiate=\"true\", or use a parallel gateway with a catch event on each branch")
	}
	if !e.Instantiate {
		return
	}
	if e.Scope.Type != TypeProcess {
		p.report(n, CodeUnsupportedAttribute, "%q stands in a subprocess and cannot start the process; remove instantiate", e.ID)
	}
	for _, f := range e.Incoming {
		p.report(p.flows[f], CodeFlowIncoming, "the flow leads to %q, which starts the process and cannot have incoming flows; remove the flow, or instantiate", e.ID)
	}
	if e.Loop != nil || e.StartQuantity > 1 || e.ForCompensation {
		p.report(n, CodeUnsupportedAttribute, "%q starts the process and runs once; remove its loop, startQuantity and isForCompensation, or instantiate", e.ID)
	}
	if !e.ParallelEvents {
		return
	}
	for _, f := range e.Outgoing {
		if kindOf(f.Target) != EventMessage {
			p.report(p.nodes[f.Target], CodeEventGatewayTarget, "%q follows an event-based gateway of type Parallel, behind which only messages are waited for (BPMN 2.0.2, 10.6.6); make it a message event or receive task", f.Target.ID)
		}
	}
}
