package bpmntest

import "fmt"

// Script adds a script task in a script format such as javascript; result names
// the variable for its value, empty for none.
func (s *Scope) Script(id, format, source, result string) *Node {
	n := s.add("scriptTask", id).Attr("scriptFormat", format)
	if result != "" {
		n.Attr("camunda:resultVariable", result)
	}
	n.body = "<bpmn:script>" + escape(source) + "</bpmn:script>"
	return n
}

// ScriptFEEL adds a script task with a FEEL expression of zeebe, such as
// "=a + 1".
func (s *Scope) ScriptFEEL(id, expression, result string) *Node {
	return s.add("scriptTask", id).Ext(fmt.Sprintf(`<zeebe:script expression="%s" resultVariable="%s"/>`, escape(expression), escape(result)))
}

// Expression adds a service task that evaluates an expression of camunda.
func (s *Scope) Expression(id, expression, result string) *Node {
	n := s.add("serviceTask", id).Attr("camunda:expression", expression)
	if result != "" {
		n.Attr("camunda:resultVariable", result)
	}
	return n
}

// work adds what the engine does itself: scripts and expressions, some of which
// fail for one choice or throw an error.
func (g *generator) work(s *Scope) *Node {
	name := g.id("made")
	switch g.rnd.IntN(10) {
	case 6, 7, 8:
		return g.decide(s)
	case 0:
		return s.Script(g.id("script"), "javascript", "if (choice == 1) { throw new Error('one') } choice + 1", name)
	case 1:
		return s.Script(g.id("script"), "javascript", "execution.setVariable('choice', (choice + 1) % 3); execution.setVariableLocal('l', 1)", "")
	case 2:
		return s.Script(g.id("script"), "javascript", fmt.Sprintf("if (choice == 2) { throw new BpmnError('E%d', 'two') }", g.rnd.IntN(2)), "")
	case 3:
		return s.Script(g.id("script"), "groovy", "def twice = choice * 2; execution.setVariable('"+name+"', twice)", "")
	case 4:
		return s.Expression(g.id("expression"), "${choice + 1}", name)
	}
	if g.chance(30) { // one that does not fit everywhere
		return s.Script(g.id("script"), "javascript", "'x'.repeat(choice * 90)", name)
	}
	n := s.ScriptFEEL(g.id("script"), "=choice * 10", name)
	if g.chance(50) {
		n.Out("="+name+" + 1", g.id("out"))
	}
	return n
}
