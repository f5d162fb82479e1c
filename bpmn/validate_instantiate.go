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
		p.report(n, CodeUnsupportedAttribute, "%q stands in a subprocess and cannot start the process (BPMN 2.0.2, 13.2); remove instantiate", e.ID)
	}
	p.checkInstantiateIncoming(e)
	if e.Loop != nil || e.StartQuantity > 1 || e.ForCompensation {
		p.report(n, CodeUnsupportedAttribute, "%q starts the process and runs once; remove its loop, startQuantity and isForCompensation, or instantiate", e.ID)
	}
	if !e.ParallelEvents {
		return
	}
	for _, f := range e.Outgoing {
		if kindOf(f.Target) != EventMessage {
			p.report(p.nodes[f.Target], CodeEventGatewayTarget, "%q follows an event-based gateway of type Parallel, behind which only messages are waited for, as nothing else says which instance it is for (BPMN 2.0.2, 13.2); make it a message event or receive task", f.Target.ID)
		}
	}
}

// checkInstantiateIncoming refuses flows to what starts the process. A gateway may
// have one, from a none start event, so that a command can start the process too
// (BPMN 2.0.2, 10.6.6); a receive task has none (10.3.3).
func (p *parser) checkInstantiateIncoming(e *Element) {
	if e.Type == TypeEventBasedGateway && len(e.Incoming) == 1 && e.Incoming[0].Source == e.Scope.NoneStart() {
		return
	}
	for _, f := range e.Incoming {
		if e.Type == TypeEventBasedGateway {
			p.report(p.flows[f], CodeFlowIncoming, "the flow leads to %q, which starts the process and can have no incoming flow but one from a none start event (BPMN 2.0.2, 10.6.6); remove the flow, or instantiate", e.ID)
			continue
		}
		p.report(p.flows[f], CodeFlowIncoming, "the flow leads to %q, which starts the process and cannot have incoming flows (BPMN 2.0.2, 10.3.3); remove the flow, or instantiate", e.ID)
	}
}
