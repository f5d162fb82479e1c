package bpmn

import "strings"

// Passes says whether a result of that name goes past the local variable that an
// input made, where PassInputs is set.
func (e *Element) Passes(name string) bool {
	if e.Loop != nil && e.Loop.ResultVariable == name {
		return false // each turn has it for itself
	}
	for i := range e.Inputs {
		if root, _, _ := strings.Cut(e.Inputs[i].Target, "."); root == name {
			return true
		}
	}
	return false
}

// checkResults warns of results that end with their element, though the model
// looks as if they did not: without outputs, a result goes to the nearest scope
// that has the variable, and an input of its name has made the element's own.
func (p *parser) checkResults(e *Element) {
	if !e.PropagateAll || len(e.Outputs) > 0 || len(e.Inputs) == 0 || e.Call != nil {
		return
	}
	if e.Job != nil && e.Job.Own {
		e.PassInputs = true // they are for the worker and nobody's variables
		return
	}
	if e.PassInputs = p.process.Setting(settingInputResults) == "outwards"; e.PassInputs {
		return
	}
	for i := range e.Inputs {
		m := &e.Inputs[i]
		takes := m.Source.Program != nil && strings.TrimSpace(strings.TrimSuffix(strings.TrimLeft(m.Source.Text, "$#{"), "}")) == m.Target
		if m.Target != "" && (m.Target == e.ResultVariable || takes && (e.Job != nil || e.UserTask != nil)) && e.Passes(m.Target) {
			p.report(p.nodes[e], CodeResultLocal,
				"a result named %q goes into the local variable that the input of that name makes, and ends with it; add an output mapping, rename the input, or deploy with the option %s=outwards", m.Target, settingInputResults)
		}
	}
}
