package bpmn

// checkParts checks what a multiple event consists of.
func (p *parser) checkParts(e *Element) {
	n, at := p.nodes[e], positionOf(e)
	if at == atSubProcess {
		return // no event can stand there, which checkStarts tells
	}
	table := executedElements()
	count := map[EventKind]int{}
	for _, part := range e.Event.Parts {
		count[part.Kind]++
		switch part.Kind {
		case EventMessage, EventTimer, EventSignal, EventConditional, EventError, EventEscalation, EventTerminate:
			if table[element{e.Type, part.Kind, at}] {
				continue
			}
		case EventLink, EventCompensate, EventCancel, EventMultiple, eventNone:
		}
		p.report(n, CodeUnsupportedEvent, "this version does not execute %s events as part of a multiple event as %s; use an event of its own", part.Kind, describePosition(e))
	}
	if e.Event.ParallelMultiple {
		switch {
		case e.StartsProcess():
			p.report(n, CodeUnsupportedAttribute, "an event that needs all of its parts is not executed as what starts the process; use an event gateway of type Parallel with instantiate, or a parallel gateway with a catch event on each branch")
		case count[EventError]+count[EventEscalation] > 0:
			p.report(n, CodeUnsupportedEvent, "an event that needs all of its parts cannot wait for errors and escalations; give them events of their own")
		}
	}
	switch {
	case throws(e.Type) && len(e.Event.Parts)-count[EventSignal] > 1:
		p.report(n, CodeUnsupportedEvent, "the multiple event throws several messages, escalations or errors; throw them with events one after the other")
	case at == atProcess && count[EventTimer] > 1, at == atProcess && count[EventConditional] > 1:
		p.report(n, CodeUnsupportedEvent, "the multiple event has several timers or conditions to start the process; give each a start event of its own")
	}
}
