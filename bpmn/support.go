package bpmn

import (
	"cmp"
	"slices"
)

// position says where an event stands.
type position string

const (
	atProcess      position = "process start"
	atSubProcess   position = "subprocess start"
	atEventSub     position = "interrupting event subprocess start"
	atEventSubNon  position = "non-interrupting event subprocess start"
	atIntermediate position = "intermediate"
	atBoundary     position = "interrupting boundary"
	atBoundaryNon  position = "non-interrupting boundary"
	atEnd          position = "end"
	atTask         position = "task"
	// eventNone is the kind of an event without definition.
	eventNone EventKind = "none"
)

// positionOf returns where an element stands; only events are told apart.
func positionOf(e *Element) position {
	switch e.Type { //nolint:exhaustive // all others are tasks and the like
	case TypeStartEvent:
		switch {
		case e.Scope.Type == TypeProcess:
			return atProcess
		case e.Scope.Type != TypeEventSubProcess:
			return atSubProcess
		case e.Interrupting:
			return atEventSub
		}
		return atEventSubNon
	case TypeBoundaryEvent:
		if e.Interrupting {
			return atBoundary
		}
		return atBoundaryNon
	case TypeCatchEvent, TypeThrowEvent:
		return atIntermediate
	case TypeEndEvent:
		return atEnd
	}
	return atTask
}

func kindOf(e *Element) EventKind {
	if e.Event == nil {
		return eventNone
	}
	return e.Event.Kind
}

// element is a key of the table of executed elements.
type element struct {
	Type Type
	Kind EventKind
	At   position
}

// executedElements is what the engine executes: flow nodes, and events by kind
// and position. Everything else is refused at deploy.
func executedElements() map[element]bool {
	return map[element]bool{
		{TypeStartEvent, eventNone, atProcess}:    true,
		{TypeStartEvent, EventMessage, atProcess}: true,
		{TypeStartEvent, EventTimer, atProcess}:   true,
		{TypeStartEvent, eventNone, atSubProcess}: true,

		{TypeEventSubProcess, eventNone, atTask}:      true,
		{TypeStartEvent, EventMessage, atEventSub}:    true,
		{TypeStartEvent, EventMessage, atEventSubNon}: true,
		{TypeStartEvent, EventTimer, atEventSub}:      true,
		{TypeStartEvent, EventTimer, atEventSubNon}:   true,

		{TypeStartEvent, EventSignal, atEventSub}:         true,
		{TypeStartEvent, EventSignal, atEventSubNon}:      true,
		{TypeStartEvent, EventConditional, atEventSub}:    true,
		{TypeStartEvent, EventConditional, atEventSubNon}: true,

		{TypeStartEvent, EventError, atEventSub}:            true,
		{TypeStartEvent, EventEscalation, atEventSub}:       true,
		{TypeStartEvent, EventEscalation, atEventSubNon}:    true,
		{TypeBoundaryEvent, EventEscalation, atBoundary}:    true,
		{TypeBoundaryEvent, EventEscalation, atBoundaryNon}: true,
		{TypeThrowEvent, EventEscalation, atIntermediate}:   true,
		{TypeEndEvent, EventEscalation, atEnd}:              true,

		{TypeCatchEvent, EventLink, atIntermediate}: true,
		{TypeThrowEvent, EventLink, atIntermediate}: true,

		{TypeCatchEvent, EventMessage, atIntermediate}: true,
		{TypeCatchEvent, EventTimer, atIntermediate}:   true,
		{TypeThrowEvent, eventNone, atIntermediate}:    true,

		{TypeBoundaryEvent, EventMessage, atBoundary}:    true,
		{TypeBoundaryEvent, EventMessage, atBoundaryNon}: true,
		{TypeBoundaryEvent, EventTimer, atBoundary}:      true,
		{TypeBoundaryEvent, EventTimer, atBoundaryNon}:   true,
		{TypeBoundaryEvent, EventError, atBoundary}:      true,

		{TypeStartEvent, EventSignal, atProcess}:             true,
		{TypeCatchEvent, EventSignal, atIntermediate}:        true,
		{TypeThrowEvent, EventMessage, atIntermediate}:       true,
		{TypeEndEvent, EventMessage, atEnd}:                  true,
		{TypeThrowEvent, EventSignal, atIntermediate}:        true,
		{TypeBoundaryEvent, EventSignal, atBoundary}:         true,
		{TypeBoundaryEvent, EventSignal, atBoundaryNon}:      true,
		{TypeEndEvent, EventSignal, atEnd}:                   true,
		{TypeStartEvent, EventConditional, atProcess}:        true,
		{TypeCatchEvent, EventConditional, atIntermediate}:   true,
		{TypeBoundaryEvent, EventConditional, atBoundary}:    true,
		{TypeBoundaryEvent, EventConditional, atBoundaryNon}: true,

		{TypeEndEvent, eventNone, atEnd}:      true,
		{TypeEndEvent, EventError, atEnd}:     true,
		{TypeEndEvent, EventTerminate, atEnd}: true,

		{TypeStartEvent, EventMultiple, atProcess}:        true,
		{TypeStartEvent, EventMultiple, atEventSub}:       true,
		{TypeStartEvent, EventMultiple, atEventSubNon}:    true,
		{TypeCatchEvent, EventMultiple, atIntermediate}:   true,
		{TypeThrowEvent, EventMultiple, atIntermediate}:   true,
		{TypeBoundaryEvent, EventMultiple, atBoundary}:    true,
		{TypeBoundaryEvent, EventMultiple, atBoundaryNon}: true,
		{TypeEndEvent, EventMultiple, atEnd}:              true,

		{TypeStartEvent, EventCompensate, atEventSub}:       true,
		{TypeThrowEvent, EventCompensate, atIntermediate}:   true,
		{TypeEndEvent, EventCompensate, atEnd}:              true,
		{TypeBoundaryEvent, EventCompensate, atBoundary}:    true,
		{TypeBoundaryEvent, EventCompensate, atBoundaryNon}: true,
		{TypeBoundaryEvent, EventCancel, atBoundary}:        true,
		{TypeEndEvent, EventCancel, atEnd}:                  true,
		{TypeTransaction, eventNone, atTask}:                true,

		{TypeTask, eventNone, atTask}:              true,
		{TypeManualTask, eventNone, atTask}:        true,
		{TypeServiceTask, eventNone, atTask}:       true,
		{TypeSendTask, eventNone, atTask}:          true,
		{TypeBusinessRuleTask, eventNone, atTask}:  true,
		{TypeScriptTask, eventNone, atTask}:        true,
		{TypeUserTask, eventNone, atTask}:          true,
		{TypeReceiveTask, EventMessage, atTask}:    true,
		{TypeReceiveTask, eventNone, atTask}:       true,
		{TypeSubProcess, eventNone, atTask}:        true,
		{TypeAdHocSubProcess, eventNone, atTask}:   true,
		{TypeCallActivity, eventNone, atTask}:      true,
		{TypeExclusiveGateway, eventNone, atTask}:  true,
		{TypeParallelGateway, eventNone, atTask}:   true,
		{TypeInclusiveGateway, eventNone, atTask}:  true,
		{TypeComplexGateway, eventNone, atTask}:    true,
		{TypeEventBasedGateway, eventNone, atTask}: true,
	}
}

// ExecutedElement is a row of [Executed].
type ExecutedElement struct {
	Type Type
	// Event is the kind of the event, "none" for elements without one.
	Event EventKind
	// Position says where the event stands, "task" for what is no event.
	Position string
}

// Executed lists what the engine executes, in order of type, position and kind:
// the table that deployments are checked against, for documentation and tests.
func Executed() []ExecutedElement {
	var out []ExecutedElement
	for e := range executedElements() {
		out = append(out, ExecutedElement{e.Type, e.Kind, string(e.At)})
	}
	slices.SortFunc(out, func(a, b ExecutedElement) int {
		return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.Position, b.Position), cmp.Compare(a.Event, b.Event))
	})
	return out
}

// RowOf returns the row of [Executed] that an element belongs to; it is there
// only if the element is executed.
func RowOf(e *Element) ExecutedElement {
	return ExecutedElement{e.Type, kindOf(e), string(positionOf(e))}
}

// Features names what models can ask for beyond elements and events, for
// documentation and tests. All of it is executed.
func Features() []string {
	return []string{
		"compensation", "condition on a flow from an activity", "decision", "execution listener", "instantiate",
		"multi-instance", "parallel event gateway", "parallel multiple event", "script", "service expression",
		"standard loop", "task listener", "token quantity", "waitForCompletion=false",
	}
}

// checkSupport refuses what BPMN has and the table of executed elements has not.
func (p *parser) checkSupport() {
	table := executedElements()
	for _, e := range p.process.Elements {
		kind, at := kindOf(e), positionOf(e)
		if table[element{e.Type, kind, at}] || !allowed(e) || at == atSubProcess ||
			kind == eventNone && (e.Type == TypeCatchEvent || e.Type == TypeBoundaryEvent || e.Type == TypeStartEvent) {
			continue // what is wrong in itself is reported as such
		}
		n := p.nodes[e]
		if at == atTask {
			p.report(n, CodeUnsupportedElement, "this version does not execute <%s>; use an element of those that docs/bpmn.md lists", e.Type)
			continue
		}
		p.report(n, CodeUnsupportedEvent, "this version does not execute %s events as %s; use an event of those that docs/bpmn.md lists", kind, describePosition(e))
	}
}
