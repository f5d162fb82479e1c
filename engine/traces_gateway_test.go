package engine

import (
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/internal/bpmntest"
)

// gatewayTraces are the paths of exclusive, parallel and event-based gateways.
// Method: one small model a path; the trace shows the flows taken.
func gatewayTraces() []trace {
	choice := func(m *bpmntest.Model) {
		p := m.Process("choice")
		gw := p.Exclusive("gw")
		p.Start("start").To(gw)
		gw.If("=amount > 100", p.Service("large", "large")).To(p.End("end1"))
		gw.If("=amount > 10", p.Service("middle", "middle")).To(p.End("end2"))
		gw.Else(p.Service("small", "small")).To(p.End("end3"))
	}
	noDefault := func(m *bpmntest.Model) {
		p := m.Process("choice")
		gw := p.Exclusive("gw")
		p.Start("start").To(gw)
		gw.If("=ok", p.End("yes"))
		gw.If("=not(ok)", p.End("no"))
	}
	fork := func(m *bpmntest.Model) {
		p := m.Process("fork")
		split, join := p.Parallel("split"), p.Parallel("join")
		p.Start("start").To(split)
		split.To(p.Service("a", "a")).To(join)
		split.To(p.Service("b", "b")).To(join)
		join.To(p.End("end"))
	}
	race := func(m *bpmntest.Model) {
		p := m.Process("race")
		gw := p.EventGateway("gw")
		p.Start("start").To(gw)
		gw.To(p.CatchMessage("paid", "payment", "=order").Out("=amount", "paidAmount")).To(p.End("end1"))
		gw.To(p.CatchTimer("late", bpmntest.Duration("PT1H"))).To(p.End("end2"))
	}
	return []trace{
		{name: "exclusiveGateway/conditions", model: choice, run: func(s *script) {
			s.start("choice", `{"amount":1000}`)
			s.start("choice", `{"amount":50}`)
		}},
		{name: "exclusiveGateway/default", model: choice, run: func(s *script) { s.start("choice", `{"amount":1}`) }},
		{name: "exclusiveGateway/no-match", model: noDefault, run: func(s *script) {
			id := s.start("choice", `{"ok":null}`)
			s.resolve("gw") // nothing was mended
			s.set(id, 0, false, `{"ok":true}`)
			s.resolve("gw")
			s.ended(id)
		}},
		{name: "exclusiveGateway/loop-over-step-limit", cfg: Config{MaxSteps: 20}, model: func(m *bpmntest.Model) {
			p := m.Process("loop")
			merge, gw := p.Exclusive("merge"), p.Exclusive("gw")
			p.Start("start").To(merge).To(p.Task("turn").Out("=i + 1", "i")).To(gw)
			gw.If("=i >= limit", p.End("end"))
			gw.Else(merge)
		}, run: func(s *script) {
			id := s.start("loop", `{"i":0,"limit":1000}`)
			s.set(id, 0, false, `{"limit":8}`)
			s.resolve("turn")
			s.ended(id)
		}},
		{name: "parallelGateway/fork-join", model: fork, run: func(s *script) {
			id := s.start("fork", "")
			s.complete("b", `{"b":1}`)
			s.complete("a", `{"a":1}`)
			s.ended(id)
		}},
		{name: "parallelGateway/surplus-token-waits", model: func(m *bpmntest.Model) {
			// The flow from merge brings two tokens before b brings one: the
			// join must not take the second for the missing one.
			p := m.Process("surplus")
			split, again, merge, join := p.Parallel("split"), p.Parallel("again"), p.Exclusive("merge"), p.Parallel("join")
			p.Start("start").To(split)
			split.To(again)
			again.To(merge)
			again.To(merge)
			merge.To(join)
			split.To(p.Service("b", "b")).To(join)
			join.To(p.Service("after", "after")).To(p.End("end"))
		}, run: func(s *script) {
			s.start("surplus", "")
			s.complete("b", "")
			s.complete("after", "")
		}},
		{name: "parallelGateway/loop", model: func(m *bpmntest.Model) {
			p := m.Process("loop")
			merge, split, join, gw := p.Exclusive("merge"), p.Parallel("split"), p.Parallel("join"), p.Exclusive("gw")
			p.Start("start").To(merge)
			merge.To(split)
			split.To(p.Service("a", "a")).To(join)
			split.To(p.Service("b", "b")).To(join)
			join.To(gw)
			gw.If("=again", merge)
			gw.Else(p.End("end"))
		}, run: func(s *script) {
			id := s.start("loop", `{"again":true}`)
			s.complete("a", "")
			s.complete("b", "")
			s.complete("b", "")
			s.complete("a", `{"again":false}`)
			s.ended(id)
		}},
		{name: "parallelGateway/stuck", model: func(m *bpmntest.Model) {
			p := m.Process("stuck")
			gw, join := p.Exclusive("gw"), p.Parallel("join")
			p.Start("start").To(gw)
			gw.If("=left", p.Task("a")).To(join)
			gw.Else(p.Task("b")).To(join)
			join.To(p.End("end"))
		}, run: func(s *script) {
			id := s.start("stuck", `{"left":true}`)
			s.resolve("stuck") // it is as stuck as before
			s.cancel(id)
			s.ended(id)
		}},
		{name: "eventBasedGateway/message", model: race, run: func(s *script) {
			id := s.start("race", `{"order":"o1"}`)
			s.message("payment", "o1", `{"amount":5}`)
			s.advance("PT2H")
			s.ended(id)
		}},
		{name: "eventBasedGateway/timer", model: race, run: func(s *script) {
			id := s.start("race", `{"order":"o1"}`)
			s.advance("PT1H")
			s.ended(id)
			s.publish(commands.PublishMessage{Name: "payment", CorrelationKey: "o1"})
			s.rejected(commands.CodeMessageNoReceiver)
		}},
	}
}
