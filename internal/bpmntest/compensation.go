package bpmntest

import "fmt"

// OnCompensate attaches a compensation boundary event with its handler, an
// activity of the same scope that nothing else leads to.
func (n *Node) OnCompensate(id string, handler *Node) *Node {
	b := n.boundary(id, `<bpmn:compensateEventDefinition/>`, true)
	handler.Attr("isForCompensation", "true")
	n.scope.artifacts = append(n.scope.artifacts, fmt.Sprintf(
		`<bpmn:association id="%s-%s" associationDirection="One" sourceRef="%s" targetRef="%s"/>`, escape(id), escape(handler.id), escape(id), escape(handler.id)))
	return b
}

// OnCancel attaches a cancel boundary event to a transaction.
func (n *Node) OnCancel(id string) *Node {
	return n.boundary(id, `<bpmn:cancelEventDefinition/>`, true)
}

// ThrowCompensation adds an intermediate event that has an activity undone, or
// with an empty name all of the scope. EndCompensation adds an end event.
func (s *Scope) ThrowCompensation(id, activity string) *Node {
	return s.event("intermediateThrowEvent", id, compensateXML(activity, ""))
}

// EndCompensation adds an end event that has an activity, or all, undone.
func (s *Scope) EndCompensation(id, activity string) *Node {
	return s.event("endEvent", id, compensateXML(activity, ""))
}

// ThrowCompensationNoWait is ThrowCompensation without waiting for the handlers.
func (s *Scope) ThrowCompensationNoWait(id, activity string) *Node {
	return s.event("intermediateThrowEvent", id, compensateXML(activity, ` waitForCompletion="false"`))
}

// OnCompensation adds the start event of an event subprocess that undoes the
// subprocess around it.
func (s *Scope) OnCompensation(id string) *Node {
	return s.eventStart(id, `<bpmn:compensateEventDefinition/>`, true)
}

// EndCancel adds a cancel end event to a transaction.
func (s *Scope) EndCancel(id string) *Node {
	return s.event("endEvent", id, `<bpmn:cancelEventDefinition/>`)
}

// Transaction adds a transaction.
func (s *Scope) Transaction(id string) *Node { return s.SubOf("transaction", id) }

func compensateXML(activity, attrs string) string {
	if activity != "" {
		attrs += fmt.Sprintf(` activityRef="%s"`, escape(activity))
	}
	return fmt.Sprintf(`<bpmn:compensateEventDefinition%s/>`, attrs)
}
