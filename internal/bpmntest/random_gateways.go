package bpmntest

import "fmt"

// Inclusive and Complex add gateways; a complex one that joins goes on when its
// condition holds, such as "=activationCount >= 2".
func (s *Scope) Inclusive(id string) *Node { return s.add("inclusiveGateway", id) }

// Complex adds a complex gateway; an empty condition is none.
func (s *Scope) Complex(id, activation string) *Node {
	n := s.add("complexGateway", id)
	if activation != "" {
		n.body = fmt.Sprintf(`<bpmn:activationCondition xsi:type="bpmn:tFormalExpression">%s</bpmn:activationCondition>`, escape(activation))
	}
	return n
}

// inclusive splits by conditions, of which several may hold, and joins what was
// taken. Some of the branches end before the join, or leave it by a boundary
// event.
func (g *generator) inclusive(s *Scope, depth int) (first, last *Node) {
	split, join := s.Inclusive(g.id("or")), s.Inclusive(g.id("orJoin"))
	g.choices(s, depth, split, join)
	return split, join
}

// complex splits as an inclusive gateway and joins when as many branches have
// come as its condition asks for; the others come to its reset.
func (g *generator) complex(s *Scope, depth int) (first, last *Node) {
	split := s.Inclusive(g.id("or"))
	join := s.Complex(g.id("complex"), fmt.Sprintf("=activationCount >= %d", 1+g.rnd.IntN(2)))
	g.choices(s, depth, split, join)
	after := s.Task(g.id("after"))
	join.If("=waitingForStart", after)
	return split, after
}

// implicit splits by conditions on the flows of a task.
func (g *generator) implicit(s *Scope, depth int) (first, last *Node) {
	split, join := s.Task(g.id("choose")), s.Inclusive(g.id("orJoin"))
	g.choices(s, depth, split, join)
	return split, join
}

func (g *generator) choices(s *Scope, depth int, split, join *Node) {
	for i := range 2 + g.rnd.IntN(2) {
		f, l := g.block(s, depth)
		split.If(fmt.Sprintf("=choice != %d", i), f)
		if g.chance(80) {
			l.To(join)
		} else {
			gone := s.Exclusive(g.id("leaves"))
			l.To(gone)
			gone.If("=choice = 1", s.End(g.id("end")))
			gone.Else(join)
		}
	}
	f, l := g.block(s, 0)
	split.Else(f)
	l.To(join)
	if g.chance(30) { // and once more through the join
		again, turn := s.Exclusive(g.id("again")), s.Exclusive(g.id("merge"))
		f, l := g.block(s, 0)
		split.If("=choice = 2", turn)
		turn.To(f)
		l.To(s.Service(g.id("job"), "work")).To(again)
		again.If("=choice = 1", turn)
		again.Else(join)
	}
}
