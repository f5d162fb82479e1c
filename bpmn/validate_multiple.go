package bpmn

// checkParts checks what a multiple event consists of.
func (p *parser) checkParts(e *Element) {
	n, at := p.nodes[e], positionOf(e)
	table := executedElements()
	count := map[EventKind]int{}
	for _, part := range e.Event.Parts {
		count[part.Kind]++
		switch part.Kind {
		case EventMessage, EventTimer, EventSignal, EventConditional, EventError, EventEscalation:
			if table[element{e.Type, part.Kind, at}] && !(throws(e.Type) && part.Kind == EventError) {
				continue
			}
		case EventLink, EventCompensate, EventCancel, EventTerminate, EventMultiple, eventNone:
		}
		p.report(n, CodeUnsupportedEvent, "this version does not execute %s events as part of a multiple event as %s; use an event of its own", part.Kind, describePosition(e))
	}
	if e.Event.ParallelMultiple {
		switch {
		case at == atBoundaryNon || at == atEventSubNon || e.StartsProcess():
			p.report(n, CodeUnsupportedAttribute, "an event that needs all of its parts is not executed as %s; use a parallel gateway with a catch event on each branch", describePosition(e))
		case count[EventError]+count[EventEscalation] > 0:
			p.report(n, CodeUnsupportedEvent, "an event that needs all of its parts cannot wait for errors and escalations; give them events of their own")
		}
	}
	switch {
	case throws(e.Type) && count[EventMessage]+count[EventEscalation] > 1:
		p.report(n, CodeUnsupportedEvent, "the multiple event throws several messages or escalations; throw them with events one after the other")
	case at == atProcess && count[EventTimer] > 1, at == atProcess && count[EventConditional] > 1:
		p.report(n, CodeUnsupportedEvent, "the multiple event has several timers or conditions to start the process; give each a start event of its own")
	}
}
