package bpmn

import "strings"

// variableListener parses Flowable's events that wait for a variable to be
// written: a conditional event without condition. It returns nil if the element
// has none.
func (p *parser) variableListener(n *node, e *Element) *EventDefinition {
	list := p.classicExts(n, "variableListenerEventDefinition")
	if len(list) == 0 {
		return nil
	}
	k := list[0]
	if len(list) > 1 {
		p.report(list[1], CodeElementRepeated, "<flowable:variableListenerEventDefinition> occurs %d times in one element; keep one", len(list))
	}
	name, change := p.prefixed(k, "variableName"), p.prefixed(k, "variableChangeType")
	d := &EventDefinition{Kind: EventConditional, OnWrite: true, VariableNames: []string{name}}
	switch {
	case name == "":
		p.report(k, CodeAttributeMissing, "the variable listener event has no variableName; add the name of the variable to wait for")
	case strings.Contains(name, "${"), strings.Contains(name, "#{"):
		p.report(k, CodeUnsupportedAttribute, "the variableName %q is taken as it stands and never evaluated, so it would wait for ever; write the name", name)
	}
	switch change {
	case "", "all":
	case "create", "update":
		d.VariableEvents = []string{change}
	case "update-create":
		d.VariableEvents = []string{"create", "update"}
	case "delete":
		p.report(k, CodeUnsupportedAttribute, "variables are never deleted, so the event would never happen; wait for an update, or remove it")
	default:
		p.report(k, CodeAttributeValue, "variableChangeType is %q; use create, update, update-create or all", change)
	}
	switch e.Type { //nolint:exhaustive // all others catch what happens to an instance
	case TypeStartEvent:
		if e.Scope.Type == TypeProcess {
			p.report(k, CodeUnsupportedEvent, "a process cannot be started by a variable, which only an instance has; put the event into an event subprocess")
		}
	case TypeThrowEvent, TypeEndEvent:
		p.report(k, CodeUnsupportedEvent, "a variable listener event catches and cannot be thrown; write the variable with a script or expression")
		return nil
	}
	p.process.WriteEvents = true
	return d
}

// prefixed returns an attribute of a classic extension element, with or without
// prefix.
func (p *parser) prefixed(n *node, name string) string {
	if v := n.attr(name); v != "" {
		return v
	}
	return p.classic(n, name)
}
