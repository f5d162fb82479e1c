package bpmn

import "slices"

// Camunda 7 and Flowable pass over their own extensions where they mean nothing.
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
	where, ok := idleElements()[n.name]
	if !ok || !isClassic(n.ns) {
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
