package bpmntest

import "fmt"

// undoable adds an activity with a handler that undoes it: a task, several of
// them, or a subprocess with such activities inside.
func (g *generator) undoable(s *Scope, depth int) *Node {
	handled := func(n *Node) *Node {
		h := s.Task(g.id("undo"))
		if g.chance(60) {
			h = s.Service(g.id("undo"), "work")
		}
		n.OnCompensate(g.id("undoing"), h)
		return n
	}
	switch {
	case g.chance(40) && depth > 0:
		box := s.Sub(g.id("sub"))
		if g.chance(50) {
			box.In("=choice", g.id("local"))
		}
		in := box.Inside()
		in.Start(g.id("start")).To(g.undoable(in, depth-1)).To(g.undoable(in, depth-1)).To(in.End(g.id("end")))
		if g.chance(30) {
			sub := in.EventSub(g.id("white"))
			sub.OnCompensation(g.id("start")).To(sub.Service(g.id("job"), "work")).To(sub.ThrowCompensation(g.id("throw"), "")).To(sub.End(g.id("end")))
		}
		if g.chance(20) {
			return handled(box)
		}
		return box
	case g.chance(30):
		return handled(s.Service(g.id("job"), "work"))
	case g.chance(20):
		return handled(s.Task(g.id("each")).Each(Loop{Cardinality: "2"}))
	}
	return handled(s.Task(g.id("task")))
}

// undone adds activities and an event that has them undone.
func (g *generator) undone(s *Scope, depth int) (first, last *Node) {
	first = g.undoable(s, depth)
	f, l := g.block(s, 0)
	second := g.undoable(s, depth)
	first.To(f)
	l.To(second)
	throw := s.ThrowCompensation(g.id("throw"), []string{"", first.ID()}[g.rnd.IntN(2)])
	if g.chance(30) {
		throw = s.ThrowCompensationNoWait(g.id("throw"), "")
	}
	second.To(throw)
	return first, throw
}

// transaction adds a transaction that may be canceled.
func (g *generator) transaction(s *Scope, depth int) (first, last *Node) {
	box := s.Transaction(g.id("tx"))
	if g.chance(25) {
		box.Each(Loop{Cardinality: "3", Sequential: g.chance(30)})
	}
	in := box.Inside()
	split, gw := in.Parallel(g.id("split")), in.Exclusive(g.id("gw"))
	a := g.undoable(in, depth)
	in.Start(g.id("start")).To(split)
	split.To(a).To(gw)
	f, l := g.block(in, depth)
	split.To(f)
	l.To(g.undoable(in, depth)).To(g.cancelOrEnd(in))
	gw.If(fmt.Sprintf("=choice = %d", g.rnd.IntN(3)), in.EndCancel(g.id("cancel")))
	gw.Else(in.End(g.id("end")))
	_, merge := g.guarded(s, box)
	box.OnCancel(g.id("canceled")).To(merge)
	return box, merge
}

func (g *generator) cancelOrEnd(s *Scope) *Node {
	if g.chance(30) {
		return s.EndCancel(g.id("cancel"))
	}
	return s.End(g.id("end"))
}
