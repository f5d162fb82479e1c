package bpmntest

import "fmt"

// listening adds a subprocess with event subprocesses.
func (g *generator) listening(s *Scope, depth int) (first, last *Node) {
	box := s.Sub(g.id("box"))
	in := box.Inside()
	f, l := g.block(in, depth)
	in.Start(g.id("start")).To(f)
	l.To(g.end(in, true))
	g.eventSubs(in, depth)
	return g.guarded(s, box)
}

// eventSubs adds one to three event subprocesses to a scope. Those whose start
// could wait for the same thing are not added twice.
func (g *generator) eventSubs(s *Scope, depth int) {
	used := map[int]bool{}
	for range 1 + g.rnd.IntN(3) {
		kind := g.rnd.IntN(7)
		if used[kind] && kind != 0 {
			continue
		}
		used[kind] = true
		in := s.EventSub(g.id("eventsub"))
		interrupting := g.chance(50)
		var start *Node
		switch kind {
		case 0:
			start = in.OnTimer(g.id("when"), g.timer(!interrupting), interrupting)
		case 1:
			start = in.OnMessage(g.id("heard"), "m4", "=key", interrupting) // that no block sends
		case 2:
			start = in.OnError(g.id("failed"), []string{"", "E1"}[g.rnd.IntN(2)])
		case 3:
			start = in.OnMessage(g.id("told"), "m5", "=key", interrupting)
		case 4:
			start = in.OnEscalation(g.id("escalated"), []string{"", "X1"}[g.rnd.IntN(2)], interrupting)
		case 5:
			start = in.OnSignal(g.id("alarm"), "s3", interrupting) // one that its own block does not throw
		case 6:
			start = in.OnCondition(g.id("when"), "=choice = 3", interrupting)
		}
		if g.chance(25) {
			start.Out("=choice", g.id("seen"))
		}
		f, l := g.block(in, min(depth, 1))
		start.To(f)
		l.To(g.end(in, true))
		if g.chance(20) {
			inner := in.EventSub(g.id("inner"))
			inner.OnError(g.id("failed"), fmt.Sprintf("E%d", g.rnd.IntN(2))).To(inner.End(g.id("end")))
		}
	}
}

// throwing adds an escalation or a pair of links.
func (g *generator) throwing(s *Scope, depth int) (first, last *Node) {
	if g.chance(60) {
		n := s.ThrowEscalation(g.id("escalate"), fmt.Sprintf("X%d", g.rnd.IntN(2)))
		return n, n
	}
	// The first side of a link has no way out, so that a gateway in front has one.
	name := g.id("link")
	split, after := s.Parallel(g.id("split")), s.Exclusive(g.id("after"))
	f, l := g.block(s, depth)
	split.To(s.ThrowLink(g.id("throw"), name))
	s.CatchLink(g.id("catch"), name).To(f)
	l.To(after)
	if g.chance(30) {
		split.To(after)
	}
	return split, after
}
