package engine

import (
	"github.com/weir-bpm/weir/internal/bpmntest"
)

// joinTraces are the paths of inclusive and complex gateways, and of conditions
// on the flows of other nodes.
func joinTraces() []trace {
	// choice takes a, b or both, and c by default, and joins.
	choice := func(m *bpmntest.Model) {
		p := m.Process("choice")
		split, join := p.Inclusive("split"), p.Inclusive("join")
		p.Start("start").To(split)
		split.If("=a", p.Service("a", "a")).To(join)
		split.If("=b", p.Service("b", "b")).To(join)
		split.Else(p.Service("c", "c")).To(join)
		join.To(p.Service("after", "after")).To(p.End("end"))
	}
	complexJoin := func(m *bpmntest.Model) {
		p := m.Process("complex")
		split, join := p.Parallel("split"), p.Complex("join", "=activationCount >= 2")
		p.Start("start").To(split)
		for _, id := range []string{"a", "b", "c"} {
			split.To(p.Service(id, id)).To(join)
		}
		join.If("=waitingForStart", p.Service("early", "early")).To(p.End("end1"))
		join.If("=not(waitingForStart)", p.Service("late", "late")).To(p.End("end2"))
	}
	return []trace{
		{name: "inclusiveGateway/one", model: choice, run: func(s *script) {
			id := s.start("choice", `{"a":true,"b":false}`)
			s.complete("a", "")
			s.complete("after", "")
			s.ended(id)
		}},
		{name: "inclusiveGateway/several", model: choice, run: func(s *script) {
			id := s.start("choice", `{"a":true,"b":true}`)
			s.complete("b", "")
			s.complete("a", "")
			s.complete("after", "")
			s.ended(id)
		}},
		{name: "inclusiveGateway/default", model: choice, run: func(s *script) {
			id := s.start("choice", `{"a":false,"b":false}`)
			s.complete("c", "")
			s.complete("after", "")
			s.ended(id)
		}},
		{name: "inclusiveGateway/no-match", model: func(m *bpmntest.Model) {
			p := m.Process("none")
			split := p.Inclusive("split")
			p.Start("start").To(split)
			split.If("=a", p.End("end1"))
			split.If("=b", p.End("end2"))
		}, run: func(s *script) {
			id := s.start("none", `{"a":false,"b":false}`)
			s.set(id, 0, false, `{"a":true,"b":true}`)
			s.resolve("split")
			s.ended(id)
		}},
		{name: "inclusiveGateway/last-token-leaves-by-an-error", model: func(m *bpmntest.Model) {
			// b was the last token that could reach the join; it leaves by its
			// boundary event to somewhere else.
			p := m.Process("leaves")
			split, join := p.Inclusive("split"), p.Inclusive("join")
			p.Start("start").To(split)
			split.If("=true", p.Service("a", "a")).To(join)
			b := p.Service("b", "b")
			split.If("=true", b).To(join)
			b.OnError("failed", "E").To(p.Service("mend", "mend")).To(p.End("end1"))
			join.To(p.Service("after", "after")).To(p.End("end2"))
		}, run: func(s *script) {
			id := s.start("leaves", "")
			s.complete("a", "")
			s.throw("b", "E", "")
			s.complete("after", "")
			s.complete("mend", "")
			s.ended(id)
		}},
		{name: "inclusiveGateway/boundary-path-is-waited-for", model: func(m *bpmntest.Model) {
			p := m.Process("boundary")
			split, join, merge := p.Inclusive("split"), p.Inclusive("join"), p.Exclusive("merge")
			p.Start("start").To(split)
			split.If("=true", p.Service("a", "a")).To(join)
			b := p.Service("b", "b")
			split.If("=true", b).To(p.End("end1"))
			b.OnError("failed", "E").To(p.Service("mend", "mend")).To(merge).To(join)
			join.To(p.End("end2"))
		}, run: func(s *script) {
			id := s.start("boundary", "")
			s.complete("a", "") // b may still come over its boundary event
			s.throw("b", "E", "")
			s.complete("mend", "")
			s.ended(id)
		}},
		{name: "inclusiveGateway/flow-taken-twice", model: func(m *bpmntest.Model) {
			// Two tokens come over one flow before the other branch brings its
			// own: one of them is left for a second turn of the join.
			p := m.Process("twice")
			split, again, merge, join := p.Parallel("split"), p.Parallel("again"), p.Exclusive("merge"), p.Inclusive("join")
			p.Start("start").To(split)
			split.To(again)
			again.To(merge)
			again.To(merge)
			merge.To(join)
			split.To(p.Service("b", "b")).To(join)
			join.To(p.Service("after", "after")).To(p.End("end"))
		}, run: func(s *script) {
			id := s.start("twice", "")
			s.complete("b", "")
			s.complete("after", "")
			s.complete("after", "")
			s.ended(id)
		}},
		{name: "inclusiveGateway/loop-back", model: func(m *bpmntest.Model) {
			// A branch that loops before the join is waited for; the one behind
			// the join is not.
			p := m.Process("loop")
			top, split, join, gw := p.Exclusive("top"), p.Inclusive("split"), p.Inclusive("join"), p.Exclusive("gw")
			turn, redo := p.Exclusive("turn"), p.Exclusive("redo")
			p.Start("start").To(top).To(split)
			split.If("=true", turn).To(p.Service("a", "a")).To(redo)
			redo.If("=redo", turn)
			redo.Else(join)
			split.If("=true", p.Service("b", "b")).To(join)
			join.To(gw)
			gw.If("=again", top)
			gw.Else(p.End("end"))
		}, run: func(s *script) {
			id := s.start("loop", `{"redo":true,"again":true}`)
			s.complete("b", "")
			s.complete("a", "")
			s.complete("a", `{"redo":false}`)
			s.complete("a", `{"again":false}`)
			s.complete("b", "")
			s.ended(id)
		}},
		{name: "inclusiveGateway/terminated-branch", model: func(m *bpmntest.Model) {
			// The token that the join waits for dies inside a subprocess that is
			// interrupted.
			p := m.Process("dies")
			split, join := p.Inclusive("split"), p.Inclusive("join")
			p.Start("start").To(split)
			split.If("=true", p.Service("a", "a")).To(join)
			sub := p.Sub("sub")
			sub.Inside().Start("begin").To(sub.Inside().Service("b", "b")).To(sub.Inside().End("done"))
			split.If("=true", sub).To(join)
			sub.OnTimer("late", bpmntest.Duration("PT1H"), true).To(p.End("end1"))
			join.To(p.Service("after", "after")).To(p.End("end2"))
		}, run: func(s *script) {
			id := s.start("dies", "")
			s.complete("a", "")
			s.advance("PT1H")
			s.complete("after", "")
			s.ended(id)
		}},
		{name: "complexGateway/two-of-three", model: complexJoin, run: func(s *script) {
			id := s.start("complex", "")
			s.complete("c", "")
			s.complete("a", "")
			s.complete("early", "")
			s.complete("b", "")
			s.complete("late", "")
			s.ended(id)
		}},
		{name: "complexGateway/third-never-comes", model: func(m *bpmntest.Model) {
			p := m.Process("complex")
			split, join := p.Parallel("split"), p.Complex("join", "=activationCount >= 2")
			p.Start("start").To(split)
			split.To(p.Service("a", "a")).To(join)
			split.To(p.Service("b", "b")).To(join)
			c := p.Service("c", "c")
			split.To(c).To(join)
			c.OnError("failed", "E").To(p.End("end1"))
			join.To(p.End("end2"))
		}, run: func(s *script) {
			id := s.start("complex", "")
			s.complete("a", "")
			s.complete("b", "")
			s.throw("c", "E", "")
			s.ended(id)
		}},
		{name: "complexGateway/condition-fails", model: func(m *bpmntest.Model) {
			p := m.Process("complex")
			split, join := p.Parallel("split"), p.Complex("join", "=activationCount >= need")
			p.Start("start").To(split)
			split.To(p.Service("a", "a")).To(join)
			split.To(p.Service("b", "b")).To(join)
			join.To(p.End("end"))
		}, run: func(s *script) {
			id := s.start("complex", "")
			s.complete("a", "")
			s.set(id, 0, false, `{"need":1}`)
			s.resolve("join")
			s.complete("b", "")
			s.ended(id)
		}},
		{name: "task/conditional-flows", model: func(m *bpmntest.Model) {
			p := m.Process("implicit")
			choose := p.Service("choose", "choose")
			p.Start("start").To(choose)
			choose.If("=a", p.Service("a", "a")).To(p.End("end1"))
			choose.If("=b", p.Service("b", "b")).To(p.End("end2"))
			choose.To(p.Service("always", "always")).To(p.End("end3"))
			choose.Else(p.Service("else", "else")).To(p.End("end4"))
		}, run: func(s *script) {
			id := s.start("implicit", "")
			s.complete("choose", `{"a":true,"b":true}`)
			s.complete("a", "")
			s.complete("b", "")
			s.complete("always", "")
			s.ended(id)
		}},
		{name: "task/default-flow", model: func(m *bpmntest.Model) {
			p := m.Process("implicit")
			choose := p.Service("choose", "choose")
			p.Start("start").To(choose)
			choose.If("=a", p.Service("a", "a")).To(p.End("end1"))
			choose.Else(p.Service("else", "else")).To(p.End("end2"))
		}, run: func(s *script) {
			id := s.start("implicit", "")
			s.complete("choose", `{"a":false}`)
			s.complete("else", "")
			s.ended(id)
		}},
		{name: "task/no-flow-matches", model: func(m *bpmntest.Model) {
			p := m.Process("implicit")
			choose := p.Service("choose", "choose")
			p.Start("start").To(choose)
			choose.If("=a", p.End("end1"))
			choose.If("=not(a)", p.End("end2"))
		}, run: func(s *script) {
			id := s.start("implicit", "")
			s.complete("choose", "")
			s.set(id, 0, false, `{"a":true}`)
			s.resolve("choose")
			s.ended(id)
		}},
	}
}
