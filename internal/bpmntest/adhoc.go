package bpmntest

import "fmt"

// AdHoc adds an ad-hoc subprocess: one that ends when the condition is true, or
// without one when all in it has ended. The first is an expression of the ids
// that begin by themselves.
func (s *Scope) AdHoc(id, first, until string) *Node {
	n := s.SubOf("adHocSubProcess", id)
	if first != "" {
		n.Ext(fmt.Sprintf(`<zeebe:adHoc activeElementsCollection="%s"/>`, escape(first)))
	}
	return n.Until(until)
}

// Until gives an ad-hoc subprocess a completion condition.
func (n *Node) Until(condition string) *Node {
	if condition != "" {
		n.body += fmt.Sprintf(`<bpmn:completionCondition xsi:type="bpmn:tFormalExpression">%s</bpmn:completionCondition>`, escape(condition))
	}
	return n
}

// adHoc lets activities of a subprocess begin as its model or commands have it.
func (g *generator) adHoc(s *Scope, depth int) (first, last *Node) {
	a, b, c := g.id("chosen"), g.id("chosen"), g.id("chosen")
	n := s.AdHoc(g.id("adhoc"), "", []string{"", "", "=choice = 2", "=done"}[g.rnd.IntN(4)])
	if g.chance(70) {
		list := []string{"=[]", fmt.Sprintf("=[%q]", a), fmt.Sprintf("=[%q,%q,%q]", a, b, a), "=order.items", `=["nobody"]`}[g.rnd.IntN(5)]
		out := ""
		if g.chance(50) {
			out = fmt.Sprintf(` outputCollection="%s" outputElement="%s"`, g.id("results"), []string{"=choice", "=result"}[g.rnd.IntN(2)])
		}
		n.Ext(fmt.Sprintf(`<zeebe:adHoc activeElementsCollection="%s"%s/>`, escape(list), out))
	}
	if g.chance(25) { // a worker chooses
		n.Ext(fmt.Sprintf(`<zeebe:taskDefinition type="%s"/>`, []string{"agent", "agent", "=key"}[g.rnd.IntN(3)]))
	}
	if g.chance(30) {
		n.Attr("ordering", "Sequential")
	}
	if g.chance(30) {
		n.Attr("cancelRemainingInstances", "false")
	}
	if g.chance(15) {
		n.Each(Loop{Cardinality: "2"})
	}
	in := n.Inside()
	in.Service(a, "work").To(in.Task(g.id("then")))
	in.User(b)
	f, _ := g.block(in, depth-1)
	in.Task(c).To(f)
	if g.chance(30) {
		g.eventSubs(in, 0)
	}
	return g.guarded(s, g.watched(s, n))
}
