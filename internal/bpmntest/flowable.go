package bpmntest

import "fmt"

// writeXML is flowable's event definition that waits for a variable to be
// written.
func writeXML(variable, change string) string {
	return fmt.Sprintf(`<flowable:variableListenerEventDefinition variableName="%s" variableChangeType="%s"/>`, escape(variable), escape(change))
}

// CatchWrite adds flowable's intermediate event that waits for a variable to be
// written; change is create, update, update-create or all.
func (s *Scope) CatchWrite(id, variable, change string) *Node {
	return s.add("intermediateCatchEvent", id).Ext(writeXML(variable, change))
}

// StartWrite adds the start event of an event subprocess that waits for a
// variable to be written.
func (s *Scope) StartWrite(id, variable, change string, interrupting bool) *Node {
	return s.eventStart(id, "", interrupting).Ext(writeXML(variable, change))
}

// OnWrite attaches a boundary event that waits for a variable to be written, and
// returns it.
func (n *Node) OnWrite(id, variable, change string, interrupting bool) *Node {
	return n.boundary(id, "", interrupting).Ext(writeXML(variable, change))
}

// ServiceExpression adds a service task that the engine evaluates, with flowable's
// attributes of what becomes of the result.
func (s *Scope) ServiceExpression(id, expression, result string, attrs ...string) *Node {
	n := s.add("serviceTask", id).Attr("flowable:expression", expression).Attr("flowable:resultVariable", result)
	for _, a := range attrs {
		n.Attr("flowable:"+a, "true")
	}
	return n
}

// places is a block whose results go on with the token or are transient, and what
// waits for writes of variables.
func (g *generator) places(s *Scope, depth int) (first, last *Node) {
	local, transient := g.id("local"), g.id("transient")
	first = s.ServiceExpression(g.id("own"), "${1 + 1}", local, "useLocalScopeForResultVariable")
	kept := s.ServiceExpression(g.id("kept"), "${2 + 1}", transient, "storeResultVariableAsTransient")
	work := s.Service(g.id("written"), "w")
	merge := s.Exclusive(g.id("merge"))
	first.To(kept).To(s.ServiceExpression(g.id("sum"), "${"+local+" + "+transient+"}", g.id("total"))).To(work).To(merge)
	change := []string{"create", "update", "update-create", "all"}[g.rnd.IntN(4)]
	if g.chance(50) {
		work.OnWrite(g.id("write"), "choice", change, true).To(merge)
	} else {
		work.OnWrite(g.id("write"), "choice", change, false).To(s.End(g.id("end")))
	}
	f, l := g.block(s, depth)
	merge.To(f)
	return first, l
}
