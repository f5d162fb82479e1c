package bpmn

// resultPlace reads where flowable's service task puts its result: with its owner,
// or with storeResultVariableAsTransient or useLocalScopeForResultVariable
// elsewhere.
func (p *parser) resultPlace(n *node, e *Element) {
	transient := p.booleanText(n, "storeResultVariableAsTransient", p.classic(n, "storeResultVariableAsTransient"), false)
	local := p.booleanText(n, "useLocalScopeForResultVariable", p.classic(n, "useLocalScopeForResultVariable"), false)
	e.place(e.ResultVariable, transient, local)
}

// errorPlace reads where flowable's error event puts the code.
func (p *parser) errorPlace(n *node, e *Element, d *EventDefinition) {
	transient := p.booleanText(n, "errorVariableTransient", p.classic(n, "errorVariableTransient"), false)
	local := p.booleanText(n, "errorVariableLocalScope", p.classic(n, "errorVariableLocalScope"), false)
	e.place(d.CodeVariable, transient, local)
}

func (e *Element) place(name string, transient, local bool) {
	switch {
	case name == "":
	case transient:
		e.TransientResults = append(e.TransientResults, name)
	case local:
		e.PathResults = append(e.PathResults, name)
	}
}
