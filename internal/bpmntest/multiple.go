package bpmntest

import "strings"

// Multiple is several event definitions for [Scope.Event] and [Node.OnEvent].
func Multiple(definitions ...string) string { return strings.Join(definitions, "") }

// MessageXML is a message event definition; an empty key is none. It adds the
// message to the model.
func (s *Scope) MessageXML(name, key string) string { return s.messageXML(name, key) }

// ErrorXML and EscalationXML are event definitions; an empty code catches all.
func (s *Scope) ErrorXML(code string) string { return s.errorXML(code) }

// EscalationXML is an escalation event definition.
func (s *Scope) EscalationXML(code string) string { return s.escalationXML(code) }

// XML is a timer event definition.
func (t Timer) XML() string { return t.xml() }

// OnEvent adds the start event of an event subprocess with a definition.
func (s *Scope) OnEvent(id, definition string, interrupting bool) *Node {
	return s.eventStart(id, definition, interrupting)
}
