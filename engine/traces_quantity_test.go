package engine

import (
	"github.com/weir-bpm/weir/internal/bpmntest"
)

// quantityTraces are activities that wait for several tokens or send several.
func quantityTraces() []trace {
	pack := func(loop bool) func(m *bpmntest.Model) {
		return func(m *bpmntest.Model) {
			p := m.Process("pack")
			// Each order gives two bottles, a box takes three.
			split, merge := p.Parallel("split"), p.Exclusive("merge")
			a := p.Service("a", "a").Attr("completionQuantity", "2")
			b := p.Service("b", "b").Attr("completionQuantity", "2")
			box := p.Service("box", "box").Attr("startQuantity", "3")
			if loop {
				box.Each(bpmntest.Loop{Cardinality: "2"})
			}
			p.Start("start").To(split)
			split.To(a).To(merge)
			split.To(b).To(box)
			merge.To(box).To(p.End("end"))
		}
	}
	return []trace{
		{name: "quantity/start-and-completion", model: pack(false), run: func(s *script) {
			id := s.start("pack", "")
			s.complete("a", "")
			s.complete("b", "")
			s.complete("box", "")
			s.cancel(id) // a token is left over
			s.ended(id)
		}},
		{name: "quantity/multi-instance", model: pack(true), run: func(s *script) {
			id := s.start("pack", "")
			s.complete("b", "")
			s.complete("a", "")
			s.complete("box", "")
			s.complete("box", "")
			s.cancel(id)
			s.ended(id)
		}},
		{name: "quantity/two-at-once", model: func(m *bpmntest.Model) {
			p := m.Process("pairs")
			pair := p.Service("pair", "pair").Attr("startQuantity", "2")
			p.Start("start").To(p.Task("four").Attr("completionQuantity", "4")).To(pair).To(p.End("end"))
		}, run: func(s *script) {
			id := s.start("pairs", "")
			s.complete("pair", "")
			s.complete("pair", "")
			s.ended(id)
		}},
	}
}
