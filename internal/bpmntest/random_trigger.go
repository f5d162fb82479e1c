package bpmntest

// Triggerable adds a task that waits after its work to be triggered (flowable).
func (s *Scope) Triggerable(id, expression, result string) *Node {
	n := s.add("serviceTask", id).Attr("flowable:expression", expression).Attr("flowable:triggerable", "true")
	if result != "" {
		n.Attr("flowable:resultVariable", result)
	}
	return n
}

// triggered adds a task that a command continues, with or without job, in a loop
// or with events around it.
func (g *generator) triggered(s *Scope, _ int) (first, last *Node) {
	var n *Node
	if g.chance(70) {
		n = s.Triggerable(g.id("triggered"), "${choice + 1}", g.id("worked"))
	} else {
		n = s.Service(g.id("triggered"), "work").Attr("flowable:triggerable", "true")
	}
	if g.chance(30) {
		n.Out("=choice", g.id("out"))
	}
	if g.chance(20) {
		n.Each(Loop{Collection: "=[1, 2]", Sequential: g.chance(50)})
	}
	if g.chance(20) {
		n.ListenJob("end", "listen")
	}
	if g.chance(40) {
		return g.guarded(s, n)
	}
	n = g.watched(s, n)
	return n, n
}
