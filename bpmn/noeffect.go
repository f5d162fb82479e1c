package bpmn

import "slices"

// Camunda 7, Flowable and Zeebe pass over their own extensions where they mean nothing.
// So does this engine, with a warning, for the names below: models have them as
// left-overs, and run as their author knows them. A name that means nothing
// anywhere may be misspelt and is refused.

// idleElements are extension elements of the camunda family that mean something
// in one place alone.
func idleElements() map[string]string {
	return map[string]string{
		"in":                   "a call activity or a thrown signal",
		"out":                  "a call activity",
		"field":                "an element or listener that runs a Java class, or a builtin such as mail",
		"errorEventDefinition": "an external task",
	}
}

// idleZeebe are extension elements of zeebe that are left over where an element
// has become another one, and what they belong to.
func idleZeebe() map[string]string {
	return map[string]string{
		"taskDefinition": "a task or event that is done by a job",
		"taskHeaders":    "a task or event that is done by a job",
		"calledDecision": "a business rule task",
		"script":         "a script task",
	}
}

// idleZeebeHosts are the elements on which these mean nothing in any release of
// Zeebe, where they are not read.
func idleZeebeHosts() []string {
	return []string{
		"task", "manualTask", "receiveTask", "subProcess", "callActivity", "startEvent", "intermediateCatchEvent", "boundaryEvent",
		"intermediateThrowEvent", "endEvent", "exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway",
	}
}

// idleAttributes are attributes of the camunda family that mean something on some
// elements alone.
func idleAttributes() []string {
	return []string{
		"class", "delegateExpression", "expression", "type", "topic", "resultVariable",
		"assignee", "candidateUsers", "candidateGroups", "dueDate", "followUpDate", "priority",
		"formKey", "initiator", "collection", "elementVariable",
	}
}

// idleElement warns of an extension element at a place where it means nothing.
func (p *parser) idleElement(n *node) bool {
	var where string
	switch {
	case isClassic(n.ns):
		where = idleElements()[n.name]
	case n.ns == nsZeebe && n.parent != nil && n.parent.parent != nil && slices.Contains(idleZeebeHosts(), n.parent.parent.name):
		where = idleZeebe()[n.name]
	}
	if where == "" {
		return false
	}
	p.report(n, CodeAttributeNoEffect, "<%s> has no effect at this place; remove it, or move it to %s", n.el.FullTag(), where)
	n.keepOut()
	return true
}

// idleAttribute warns of an attribute on an element for which it means nothing.
func (p *parser) idleAttribute(n *node, a *attr) bool {
	if !isClassic(a.ns) || n.ns != nsModel || !slices.Contains(idleAttributes(), a.name) {
		return false
	}
	p.report(n, CodeAttributeNoEffect, "the attribute %s:%s=\"%s\" has no effect on <%s>; remove it", dialectOf(a.ns), a.name, a.value, n.el.FullTag())
	return true
}
