package bpmntest

import (
	"fmt"
	"strings"
)

// EventSub adds an event subprocess and returns what is inside, to which its
// start event is added with [Scope.OnMessage] and the like.
func (s *Scope) EventSub(id string) *Scope {
	return s.SubOf("subProcess", id).Attr("triggeredByEvent", "true").Inside()
}

// Self is the subprocess that the scope is inside of.
func (s *Scope) Self() *Node { return s.self }

// Definition adds attributes to the event definition of an event, as they stand.
func (n *Node) Definition(attrs string) *Node {
	n.body = strings.Replace(n.body, "EventDefinition", "EventDefinition "+attrs, 1)
	return n
}

// Error adds a root element for the error with a code and returns its id.
func (m *Model) Error(code string) string { return m.errorID(code) }

// ErrorMessage gives the error with a code its camunda:errorMessage.
func (m *Model) ErrorMessage(code, text string) {
	if m.errorTexts == nil {
		m.errorTexts = map[string]string{}
	}
	m.errorTexts[code] = text
}

// OnMessage adds the start event of an event subprocess that waits for a message.
func (s *Scope) OnMessage(id, name, key string, interrupting bool) *Node {
	return s.eventStart(id, s.messageXML(name, key), interrupting)
}

// OnTimer adds the start event of an event subprocess that waits for a timer.
func (s *Scope) OnTimer(id string, t Timer, interrupting bool) *Node {
	return s.eventStart(id, t.xml(), interrupting)
}

// OnError adds the start event of an event subprocess that catches an error; an
// empty code catches all.
func (s *Scope) OnError(id, code string) *Node { return s.eventStart(id, s.errorXML(code), true) }

// OnEscalation adds the start event of an event subprocess that catches an
// escalation; an empty code catches all.
func (s *Scope) OnEscalation(id, code string, interrupting bool) *Node {
	return s.eventStart(id, s.escalationXML(code), interrupting)
}

func (s *Scope) eventStart(id, definition string, interrupting bool) *Node {
	n := s.event("startEvent", id, definition)
	if !interrupting {
		n.Attr("isInterrupting", "false")
	}
	return n
}

// OnEscalation attaches an escalation boundary event and returns it; an empty
// code catches all.
func (n *Node) OnEscalation(id, code string, interrupting bool) *Node {
	return n.boundary(id, n.scope.escalationXML(code), interrupting)
}

// ThrowEscalation adds an intermediate event, EndEscalation an end event, that
// throws an escalation.
func (s *Scope) ThrowEscalation(id, code string) *Node {
	return s.event("intermediateThrowEvent", id, s.escalationXML(code))
}

func (s *Scope) EndEscalation(id, code string) *Node {
	return s.event("endEvent", id, s.escalationXML(code))
}

// ThrowLink and CatchLink add the two sides of a link.
func (s *Scope) ThrowLink(id, name string) *Node {
	return s.event("intermediateThrowEvent", id, linkXML(name))
}

func (s *Scope) CatchLink(id, name string) *Node {
	return s.event("intermediateCatchEvent", id, linkXML(name))
}

func linkXML(name string) string {
	return fmt.Sprintf(`<bpmn:linkEventDefinition name="%s"/>`, escape(name))
}

func (s *Scope) escalationXML(code string) string {
	if code == "" {
		return `<bpmn:escalationEventDefinition/>`
	}
	return fmt.Sprintf(`<bpmn:escalationEventDefinition escalationRef="%s"/>`, s.model.escalationID(code))
}

func (m *Model) escalationID(code string) string {
	for i, other := range m.escalations {
		if other == code {
			return fmt.Sprintf("Escalation_%d", i+1)
		}
	}
	m.escalations = append(m.escalations, code)
	return fmt.Sprintf("Escalation_%d", len(m.escalations))
}
