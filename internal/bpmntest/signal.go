package bpmntest

import (
	"fmt"
	"slices"
)

func (m *Model) signalID(name string) string {
	i := slices.Index(m.signals, name)
	if i < 0 {
		i = len(m.signals)
		m.signals = append(m.signals, name)
	}
	return fmt.Sprintf("Signal_%d", i+1)
}

// SignalXML is a signal event definition; inside is what stands in it. It adds
// the signal to the model.
func (s *Scope) SignalXML(name, inside string) string {
	return fmt.Sprintf(`<bpmn:signalEventDefinition signalRef="%s">%s</bpmn:signalEventDefinition>`, s.model.signalID(name), inside)
}

// ConditionXML is a conditional event definition; attrs are more attributes,
// such as camunda:variableName.
func ConditionXML(condition, attrs string) string {
	return fmt.Sprintf(`<bpmn:conditionalEventDefinition %s><bpmn:condition xsi:type="bpmn:tFormalExpression">%s</bpmn:condition></bpmn:conditionalEventDefinition>`, attrs, escape(condition))
}

// Event adds an event of any BPMN name with a definition.
func (s *Scope) Event(tag, id, definition string) *Node { return s.event(tag, id, definition) }

// StartSignal, CatchSignal, ThrowSignal and EndSignal add signal events.
func (s *Scope) StartSignal(id, name string) *Node {
	return s.event("startEvent", id, s.SignalXML(name, ""))
}

// CatchSignal adds an intermediate signal event.
func (s *Scope) CatchSignal(id, name string) *Node {
	return s.event("intermediateCatchEvent", id, s.SignalXML(name, ""))
}

// ThrowSignal adds a signal throw event.
func (s *Scope) ThrowSignal(id, name string) *Node {
	return s.event("intermediateThrowEvent", id, s.SignalXML(name, ""))
}

// EndSignal adds a signal end event.
func (s *Scope) EndSignal(id, name string) *Node {
	return s.event("endEvent", id, s.SignalXML(name, ""))
}

// StartCondition adds a conditional start event, CatchCondition an intermediate
// one.
func (s *Scope) StartCondition(id, condition string) *Node {
	return s.event("startEvent", id, ConditionXML(condition, ""))
}

// CatchCondition adds an intermediate conditional event.
func (s *Scope) CatchCondition(id, condition string) *Node {
	return s.event("intermediateCatchEvent", id, ConditionXML(condition, ""))
}

// OnSignal attaches a signal boundary event and returns it.
func (n *Node) OnSignal(id, name string, interrupting bool) *Node {
	return n.boundary(id, n.scope.SignalXML(name, ""), interrupting)
}

// OnCondition attaches a conditional boundary event and returns it.
func (n *Node) OnCondition(id, condition string, interrupting bool) *Node {
	return n.boundary(id, ConditionXML(condition, ""), interrupting)
}

// OnEvent attaches a boundary event with a definition and returns it.
func (n *Node) OnEvent(id, definition string, interrupting bool) *Node {
	return n.boundary(id, definition, interrupting)
}

// SignalScope gives all signals of the model flowable's attribute scope.
func (m *Model) SignalScope(scope string) {
	m.signalAttrs = fmt.Sprintf(` flowable:scope="%s"`, escape(scope))
}

// ThrowMessage, EndMessage and SendMessage add what sends a message; an
// extension says how.
func (s *Scope) ThrowMessage(id, name string) *Node {
	return s.event("intermediateThrowEvent", id, s.messageXML(name, ""))
}

// EndMessage adds a message end event.
func (s *Scope) EndMessage(id, name string) *Node {
	return s.event("endEvent", id, s.messageXML(name, ""))
}

// SendMessage adds a send task without a job.
func (s *Scope) SendMessage(id, name string) *Node {
	return s.add("sendTask", id).Attr("messageRef", s.model.messageID(name, ""))
}

// IsEnd says whether the node is an end event.
func (n *Node) IsEnd() bool { return n.tag == "endEvent" }

// OnSignal adds the start event of an event subprocess that waits for a signal.
func (s *Scope) OnSignal(id, name string, interrupting bool) *Node {
	return s.eventStart(id, s.SignalXML(name, ""), interrupting)
}

// OnCondition adds the start event of an event subprocess that waits for a
// condition.
func (s *Scope) OnCondition(id, condition string, interrupting bool) *Node {
	return s.eventStart(id, ConditionXML(condition, ""), interrupting)
}
