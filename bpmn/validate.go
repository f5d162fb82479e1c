package bpmn

import (
	"strings"
)

// validate checks an executable process as a whole. What concerns one element
// only is checked where it is parsed.
func (p *parser) validate(n *node) {
	if !p.process.Executable {
		return
	}
	if len(p.process.Elements) == 0 {
		p.report(n, CodeProcessEmpty, "the process has no flow nodes; add a start event and what follows it")
		return
	}
	p.checkSupport()
	p.checkStarts(p.process.Scope)
	for _, e := range p.process.Elements {
		p.checkEvent(e)
		p.checkFlows(e)
		switch e.Type { //nolint:exhaustive // only these have rules of their own
		case TypeSubProcess, TypeTransaction, TypeEventSubProcess, TypeAdHocSubProcess:
			p.checkStarts(e)
		case TypeExclusiveGateway, TypeInclusiveGateway:
			p.checkChoice(e)
		case TypeComplexGateway:
			p.checkComplex(e)
		case TypeEventBasedGateway:
			p.checkEventGateway(e)
		}
		p.checkInstantiate(e)
		p.checkResults(e)
		p.checkSubscriptions(e)
	}
	p.checkSubscriptions(p.process.Scope)
	p.checkLinks()
	p.checkCompensation()
	p.checkGraph()
}

// checkStarts checks the start events directly inside a scope.
func (p *parser) checkStarts(scope *Element) {
	n := p.nodes[scope]
	var none, other []*Element
	instantiates := false
	for _, c := range scope.Children {
		switch {
		case c.Type == TypeStartEvent && c.Event == nil:
			none = append(none, c)
		case c.Type == TypeStartEvent:
			other = append(other, c)
		case c.Instantiate && len(c.Incoming) == 0:
			instantiates = true
		}
	}
	switch scope.Type { //nolint:exhaustive // only scopes come here
	case TypeProcess:
		if len(none)+len(other) == 0 && !instantiates {
			p.report(n, CodeProcessNoStart, "the process has no start event; add one")
		}
	case TypeEventSubProcess:
		for _, c := range none {
			p.report(p.nodes[c], CodeStartEvent, "the start event of an event subprocess needs an event definition, such as a message; add one")
		}
		if len(none)+len(other) != 1 {
			p.report(n, CodeStartEvent, "the event subprocess has %d start events; it needs one", len(none)+len(other))
		}
		return
	case TypeAdHocSubProcess:
		for _, c := range append(none, other...) {
			p.report(p.nodes[c], CodeStartEvent, "an ad-hoc subprocess has no start event (BPMN 2.0.2, 10.3.5); remove it")
		}
		return
	default:
		for _, c := range other {
			p.report(p.nodes[c], CodeStartEvent, "the start event of an embedded subprocess has no event definition; remove it, or make it an event subprocess")
		}
		if len(none)+len(other) == 0 {
			p.report(n, CodeStartMissing, "the subprocess has no start event; add one")
		}
	}
	for _, c := range none[min(len(none), 1):] {
		p.report(p.nodes[c], CodeStartMultiple, "%q has a second none start event beside %q; keep one, or give the others an event definition",
			scope.ID, none[0].ID)
	}
}

// checkFlows checks which flows an element may and must have.
func (p *parser) checkFlows(e *Element) {
	in, out := true, true
	what := "<" + p.nodes[e].name + ">"
	switch e.Type { //nolint:exhaustive // all others may have both
	case TypeStartEvent, TypeBoundaryEvent:
		in = false
	case TypeEndEvent:
		out = false
	case TypeEventSubProcess:
		in, out, what = false, false, "event subprocess"
	}
	if e.ForCompensation {
		in, out, what = false, false, "compensation activity"
	}
	if e.Type == TypeBoundaryEvent && kindOf(e) == EventCompensate {
		out, what = false, "compensation event" // its handler hangs on an association
	}
	if !in {
		for _, f := range e.Incoming {
			p.report(p.flows[f], CodeFlowIncoming, "the flow leads to the %s %q, which cannot have incoming flows; lead it elsewhere", what, e.ID)
		}
	}
	if !out {
		for _, f := range e.Outgoing {
			p.report(p.flows[f], CodeFlowOutgoing, "the flow leaves the %s %q, which cannot have outgoing flows; remove it", what, e.ID)
		}
	}
	p.checkDefault(e)
	for _, f := range e.Outgoing {
		if f.Condition != nil {
			p.checkCondition(e, f)
		}
	}
}

// checkDefault checks the default flow: who may have one (BPMN 2.0.2, 8.3.13)
// and that it is unconditional.
func (p *parser) checkDefault(e *Element) {
	if e.Default == nil {
		return
	}
	switch {
	case e.Type == TypeExclusiveGateway, e.Type == TypeInclusiveGateway, e.Type == TypeComplexGateway:
	case isActivity(e.Type):
	default:
		p.report(p.nodes[e], CodeFlowDefault, "a <%s> has no default flow; remove the attribute", e.Type)
	}
	if e.Default.Condition != nil && p.dialect == DialectZeebe {
		p.report(p.flows[e.Default], CodeAttributeNoEffect, "the condition of the default flow of %q has no effect; remove it, the flow is taken when no other is", e.ID)
	} else if e.Default.Condition != nil {
		p.report(p.flows[e.Default], CodeFlowDefault, "the default flow of %q has a condition; remove it, the flow is taken when no other is", e.ID)
	}
}

// checkCondition checks whether a flow from the element may have a condition
// (BPMN 2.0.2, 8.3.13).
func (p *parser) checkCondition(e *Element, f *SequenceFlow) {
	n := p.flows[f]
	switch {
	case e.Type == TypeExclusiveGateway, e.Type == TypeInclusiveGateway, e.Type == TypeComplexGateway:
	case e.Type == TypeParallelGateway && (p.dialect == DialectCamunda || p.dialect == DialectFlowable):
		p.report(n, CodeAttributeNoEffect,
			"the flow has a condition, but a parallel gateway takes all its flows, as in Camunda 7 and Flowable; use an inclusive gateway if it should count")
	case e.Type == TypeParallelGateway, e.Type == TypeEventBasedGateway:
		p.report(n, CodeFlowCondition,
			"the flow has a condition, but it leaves the <%s> %q, which does not look at it; remove it, or use an inclusive gateway", e.Type, e.ID)
	}
	// BPMN has conditions behind activities; Camunda 7 and Flowable look at them
	// behind events too.
}

// checkComplex refuses a complex gateway that joins without saying when.
func (p *parser) checkComplex(e *Element) {
	if len(e.Incoming) > 1 && e.Activation == nil {
		p.report(p.nodes[e], CodeAttributeMissing,
			"the complex gateway joins %d flows, but does not say when; add an <activationCondition> such as activationCount >= 2", len(e.Incoming))
	}
}

// checkChoice warns of exclusive and inclusive splits that may find no way out.
func (p *parser) checkChoice(e *Element) {
	if len(e.Outgoing) < 2 {
		return
	}
	open := 0
	for i, f := range e.Outgoing {
		if f.Condition != nil || f == e.Default {
			continue
		}
		open++
		if e.Type == TypeInclusiveGateway {
			continue // it is always taken, beside others
		}
		if i < len(e.Outgoing)-1 || open > 1 || e.Default != nil {
			p.report(p.flows[f], CodeFlowNoCondition,
				"the flow leaves the exclusive gateway %q with neither a condition nor as default, so that it is always taken when its turn comes; add a condition", e.ID)
		}
	}
	if open == 0 && e.Default == nil {
		p.report(p.nodes[e], CodeFlowNoDefault,
			"every flow of the %s gateway has a condition; make one the default, or the instance gets an incident when none holds",
			strings.TrimSuffix(string(e.Type), "Gateway"))
	}
}

// checkEventGateway checks the targets (BPMN 2.0.2, 10.6.6).
func (p *parser) checkEventGateway(e *Element) {
	if len(e.Outgoing) == 0 {
		p.report(p.nodes[e], CodeFlowMissing, "the event-based gateway has no outgoing flow; lead it to catch events or receive tasks")
	}
	for _, f := range e.Outgoing {
		t := f.Target
		switch {
		case t.Type == TypeReceiveTask && t.Triggered:
			p.report(p.nodes[t], CodeEventGatewayTarget, "the receive task follows an event-based gateway and names no message; add messageRef")
		case t.StartQuantity > 1:
			p.report(p.nodes[t], CodeEventGatewayTarget, "the receive task follows an event-based gateway and cannot wait for several tokens; remove startQuantity")
		case t.Loop != nil:
			p.report(p.nodes[t], CodeEventGatewayTarget, "the receive task follows an event-based gateway and cannot run several times; remove its loop")
		case t.Type == TypeReceiveTask && len(t.Boundary) > 0:
			p.report(p.nodes[t], CodeEventGatewayTarget, "the receive task follows an event-based gateway and cannot have boundary events; remove them")
		case t.Type != TypeReceiveTask && t.Type != TypeCatchEvent,
			t.Type == TypeCatchEvent && (t.Event == nil || t.Event.Kind == EventLink):
			p.report(p.flows[f], CodeEventGatewayTarget,
				"the flow leads from the event-based gateway to the <%s> %q; lead it to a catch event or receive task", t.Type, t.ID)
		case len(t.Incoming) > 1:
			p.report(p.nodes[t], CodeEventGatewayTarget, "%q follows the event-based gateway %q and cannot have other incoming flows; remove them", t.ID, e.ID)
		}
	}
}
