package bpmn

// workerParameters reads what flowable's external worker gets and gives back:
// with in parameters or doNotIncludeVariables these alone, with out parameters
// what these make of its results.
func (p *parser) workerParameters(n *node, e *Element) {
	for _, k := range p.classicExts(n, "externalWorkerInParameter") {
		if m, ok := p.callMapping(k); ok && p.hasName(k, &m) {
			e.Inputs = append(e.Inputs, m)
			e.Job.Own = true
		}
	}
	if p.booleanText(n, "doNotIncludeVariables", p.classic(n, "doNotIncludeVariables"), false) {
		e.Job.Own = true
	}
	for _, k := range p.classicExts(n, "externalWorkerOutParameter") {
		if m, ok := p.callMapping(k); ok && p.hasName(k, &m) {
			e.Outputs = append(e.Outputs, m)
			e.PropagateAll = false
		}
	}
}

// hasName refuses mappings whose target is not known before, or that pass all.
func (p *parser) hasName(n *node, m *Mapping) bool {
	if m.Target == "" {
		p.report(n, CodeUnsupportedAttribute, "a parameter of an external worker has one target, written as a name; write target")
		return false
	}
	return true
}
