package bpmn

import (
	"slices"
	"strings"
)

// eventPositions is the table of where BPMN lets an event stand (BPMN 2.0.2,
// table 10.93); what of it is executed is in support.go.
func eventPositions() map[EventKind][]position {
	anyStart := []position{atProcess, atEventSub, atEventSubNon}
	catch := append(slices.Clone(anyStart), atIntermediate, atBoundary, atBoundaryNon)
	return map[EventKind][]position{
		EventMessage:     append(slices.Clone(catch), atEnd, atTask),
		EventTimer:       catch,
		EventSignal:      append(slices.Clone(catch), atEnd),
		EventConditional: catch,
		EventMultiple:    append(slices.Clone(catch), atEnd),
		EventError:       {atEventSub, atBoundary, atEnd},
		EventEscalation:  {atEventSub, atEventSubNon, atIntermediate, atBoundary, atBoundaryNon, atEnd},
		EventCompensate:  {atEventSub, atIntermediate, atBoundary, atBoundaryNon, atEnd},
		EventCancel:      {atBoundary, atEnd},
		EventLink:        {atIntermediate},
		EventTerminate:   {atEnd},
		eventNone:        {atProcess, atSubProcess, atEventSub, atEventSubNon, atIntermediate, atEnd, atTask},
	}
}

// mayThrow and mayCatch say which way intermediate events can go.
func mayThrow(k EventKind) bool {
	switch k {
	case EventMessage, EventSignal, EventEscalation, EventCompensate, EventLink, EventMultiple, eventNone:
		return true
	case EventTimer, EventError, EventConditional, EventCancel, EventTerminate:
	}
	return false
}

func mayCatch(k EventKind) bool {
	switch k {
	case EventMessage, EventTimer, EventSignal, EventConditional, EventLink, EventMultiple:
		return true
	case EventError, EventEscalation, EventCompensate, EventCancel, EventTerminate, eventNone:
	}
	return false
}

// allowed says whether BPMN lets the event stand where it stands. Whether a
// start event fits its subprocess is told in checkStarts.
func allowed(e *Element) bool {
	kind, at := kindOf(e), positionOf(e)
	switch {
	case at == atTask || at == atSubProcess:
		return true
	case e.Type == TypeThrowEvent && !mayThrow(kind), e.Type == TypeCatchEvent && kind != eventNone && !mayCatch(kind):
		return false
	case e.Type == TypeCatchEvent && kind == eventNone, e.Type == TypeBoundaryEvent && kind == eventNone:
		return true // reported as incomplete
	}
	return slices.Contains(eventPositions()[kind], at)
}

func (p *parser) checkEvent(e *Element) {
	n, kind := p.nodes[e], kindOf(e)
	if kind == eventNone && (e.Type == TypeCatchEvent || e.Type == TypeBoundaryEvent) {
		p.report(n, CodeEventDefinition, "the event does not say what it waits for; add an event definition such as a message or timer")
	}
	if e.Type == TypeBoundaryEvent && !e.Interrupting && (kind == EventError || kind == EventCancel) {
		p.report(n, CodeBoundaryCancel, "a boundary %s event always interrupts; set cancelActivity=\"true\"", kind)
	} else if !allowed(e) {
		p.report(n, CodeEventPosition, "BPMN has no %s event as %s (BPMN 2.0.2, table 10.93); choose another", kind, describePosition(e))
	}
	if kind == EventMultiple {
		p.checkParts(e)
	}
	if e.StartsProcess() {
		p.checkStartVariables(n, e.Event)
	}
	if kind != EventCancel {
		return
	}
	if e.Type == TypeBoundaryEvent && e.AttachedTo != nil && e.AttachedTo.Type != TypeTransaction ||
		e.Type == TypeEndEvent && !inTransaction(e) {
		p.report(n, CodeCancelOutside, "a cancel event belongs to a transaction; make the subprocess a <transaction>, or use an error event")
	}
}

// inTransaction says whether a cancel end event ends a transaction: it stands in
// one, or in an event subprocess of one.
func inTransaction(e *Element) bool {
	s := e.Scope
	for s.Type == TypeEventSubProcess {
		s = s.Scope
	}
	return s.Type == TypeTransaction
}

// checkStartVariables refuses what can only be evaluated inside an instance.
func (p *parser) checkStartVariables(n *node, d *EventDefinition) {
	for _, part := range d.Parts {
		p.checkStartVariables(n, part)
	}
	for _, x := range []*Expression{d.TimerDate, d.TimerDuration, d.TimerCycle, d.TimerEnd, d.MessageName, d.SignalName} {
		if x == nil || x.Program == nil {
			continue
		}
		if names := x.Program.Variables(); len(names) > 0 {
			p.report(n, CodeStartVariables, "%q reads %s, but a start event waits before there is an instance with variables; write it without",
				x.Text, strings.Join(names, ", "))
		}
	}
}

func describePosition(e *Element) string {
	switch e.Type { //nolint:exhaustive // the others are clear without it
	case TypeCatchEvent:
		return "intermediate catch"
	case TypeThrowEvent:
		return "intermediate throw"
	}
	return string(positionOf(e))
}

// checkSubscriptions refuses two events that wait for the same thing while the
// same scope or activity is active, because one of them would never be chosen.
func (p *parser) checkSubscriptions(e *Element) {
	p.distinct(e.Boundary, "on the activity "+e.ID)
	switch {
	case isScope(e.Type):
		var starts, subs []*Element
		for _, c := range e.Children {
			if e.Type == TypeProcess && c.StartsProcess() {
				starts = append(starts, c)
			}
			if c.Type != TypeEventSubProcess {
				continue
			}
			for _, s := range c.Children {
				if s.Type == TypeStartEvent {
					subs = append(subs, s)
				}
			}
		}
		p.distinct(starts, "to start the process")
		p.distinct(subs, "in event subprocesses of "+e.ID)
	case e.Type == TypeEventBasedGateway:
		var targets []*Element
		for _, f := range e.Outgoing {
			targets = append(targets, f.Target)
		}
		p.distinct(targets, "behind the gateway "+e.ID)
	}
}

func (p *parser) distinct(events []*Element, where string) {
	seen := map[string]*Element{}
	for _, e := range events {
		for _, d := range e.Event.Each() {
			key := subscriptionKey(d)
			if key == "" {
				continue
			}
			if first, ok := seen[key]; ok {
				p.report(p.nodes[e], CodeSubscriptionTwice, "%q waits for the same %s as %q %s; remove one or give it another",
					e.ID, key, first.ID, where)
				continue
			}
			seen[key] = e
		}
	}
}

// subscriptionKey names what an event waits for, "" when that is not known
// before it runs or several may wait for it.
func subscriptionKey(d *EventDefinition) string {
	if d == nil {
		return ""
	}
	switch d.Kind {
	case EventMessage:
		if d.MessageName != nil && d.MessageName.Program == nil {
			return "message " + d.MessageName.Text
		}
	case EventSignal:
		if d.SignalName != nil && d.SignalName.Program == nil {
			return "signal " + d.SignalName.Text
		}
	case EventError, EventEscalation:
		if d.Code == "" {
			return "catch-all " + string(d.Kind)
		}
		return string(d.Kind) + " " + d.Code
	case EventCompensate, EventCancel:
		return string(d.Kind)
	case eventNone, EventTimer, EventConditional, EventLink, EventTerminate, EventMultiple:
	}
	return ""
}

// checkLinks pairs link events by name within a scope (BPMN 2.0.2, 10.5.5).
func (p *parser) checkLinks() {
	catches := map[*Element]map[string]int{}
	for _, e := range p.process.Elements {
		if e.Type == TypeCatchEvent && kindOf(e) == EventLink {
			if catches[e.Scope] == nil {
				catches[e.Scope] = map[string]int{}
			}
			if catches[e.Scope][e.Event.LinkName]++; catches[e.Scope][e.Event.LinkName] > 1 {
				p.report(p.nodes[e], CodeLinkUnpaired, "the link %q has a second catch event in its scope; keep one", e.Event.LinkName)
			}
		}
	}
	links := p.linkCatches()
	for _, e := range p.process.Elements {
		if e.Type == TypeThrowEvent && kindOf(e) == EventLink {
			if found := links[linkKey{e.Scope, e.Event.LinkName}]; len(found) > 0 {
				e.LinkTarget = found[0]
			}
		}
		if e.Type == TypeThrowEvent && kindOf(e) == EventLink && catches[e.Scope][e.Event.LinkName] == 0 {
			p.report(p.nodes[e], CodeLinkUnpaired, "the link %q has no catch event in its scope; add one of the same name", e.Event.LinkName)
		}
	}
}
