package engine

import (
	"github.com/weir-bpm/weir/internal/bpmntest"
)

// scopeTraces are subprocesses, end events and boundary events around them.
func scopeTraces() []trace {
	sub := func(m *bpmntest.Model) {
		p := m.Process("sub")
		box := p.Sub("box").In("=1", "local")
		p.Start("start").To(box).To(p.End("end"))
		in := box.Inside()
		in.Start("in").To(in.Service("work", "work")).To(in.End("out"))
		box.OnTimer("late", bpmntest.Duration("PT1H"), true).To(p.End("end1"))
		box.OnMessage("ping", "ping", "=key", false).To(p.Service("pong", "pong")).To(p.End("end2"))
	}
	nested := func(m *bpmntest.Model) {
		p := m.Process("nested")
		outer := p.Sub("outer")
		p.Start("start").To(outer).To(p.End("end"))
		outer.OnError("any", "").To(p.End("end1"))
		o := outer.Inside()
		inner, split := o.Sub("inner"), o.Parallel("split")
		o.Start("ostart").To(split)
		split.To(inner).To(o.End("oend"))
		split.To(o.Service("beside", "beside")).To(o.End("oend2"))
		inner.OnError("other", "E2").To(o.End("oend1"))
		i := inner.Inside()
		work := i.Service("work", "work")
		gw := i.Exclusive("gw")
		i.Start("istart").To(work).To(gw)
		gw.If("=fail", i.EndError("boom", "E1"))
		gw.Else(i.End("iend"))
	}
	return []trace{
		{name: "subProcess/complete", model: sub, run: func(s *script) {
			id := s.start("sub", `{"key":"k"}`)
			s.complete("work", `{"local":2,"result":3}`)
			s.ended(id)
		}},
		{name: "subProcess/interrupted-by-timer", model: sub, run: func(s *script) { id := s.start("sub", `{"key":"k"}`); s.advance("PT1H"); s.ended(id) }},
		{name: "subProcess/non-interrupting-message", model: sub, run: func(s *script) {
			id := s.start("sub", `{"key":"k"}`)
			s.message("ping", "k", "")
			s.message("ping", "k", "")
			s.complete("work", "")
			s.complete("pong", "")
			s.complete("pong", "")
			s.ended(id)
		}},
		{name: "subProcess/cancel", model: nested, run: func(s *script) { id := s.start("nested", `{"fail":false}`); s.cancel(id); s.ended(id) }},
		{name: "endEvent/error-across-subprocess", model: nested, run: func(s *script) {
			id := s.start("nested", `{"fail":false}`)
			s.complete("work", `{"fail":true}`)
			s.ended(id)
		}},
		{name: "endEvent/error-uncaught", model: func(m *bpmntest.Model) {
			p := m.Process("uncaught")
			p.Start("start").To(p.EndError("boom", "E1"))
		}, run: func(s *script) {
			id := s.start("uncaught", "")
			s.resolve("boom")
			s.cancel(id)
			s.ended(id)
		}},
		{name: "endEvent/terminate-process", model: func(m *bpmntest.Model) {
			p := m.Process("stop")
			split, join := p.Parallel("split"), p.Parallel("join")
			p.Start("start").To(split)
			split.To(p.Service("a", "a")).To(p.EndTerminate("stop1"))
			split.To(p.Service("b", "b")).To(join)
			split.To(p.Task("c")).To(join)
			join.To(p.End("end"))
		}, run: func(s *script) { id := s.start("stop", ""); s.complete("a", ""); s.ended(id) }},
		{name: "endEvent/terminate-tokens-on-their-way", model: func(m *bpmntest.Model) {
			// All three branches move in one decision: terminate is reached
			// while the others are between two nodes.
			p := m.Process("stop")
			split := p.Parallel("split")
			p.Start("start").To(split)
			split.To(p.EndTerminate("stop1"))
			split.To(p.Service("b", "b")).To(p.End("end1"))
			split.To(p.Task("c")).To(p.Service("d", "d")).To(p.End("end2"))
		}, run: func(s *script) { s.ended(s.start("stop", "")) }},
		{name: "endEvent/terminate-subprocess", model: func(m *bpmntest.Model) {
			p := m.Process("stop")
			box := p.Sub("box")
			p.Start("start").To(box).To(p.Service("after", "after")).To(p.End("end"))
			in := box.Inside()
			split := in.Parallel("split")
			in.Start("in").To(split)
			split.To(in.Service("a", "a")).To(in.EndTerminate("stop1"))
			split.To(in.User("b")).To(in.End("out"))
		}, run: func(s *script) {
			id := s.start("stop", "")
			s.complete("a", "")
			s.complete("after", "")
			s.ended(id)
		}},
		{name: "boundaryEvent/error-incident-then-interrupted", model: func(m *bpmntest.Model) {
			p := m.Process("slow")
			work := p.Service("work", "work")
			p.Start("start").To(work).To(p.End("end"))
			work.OnTimer("late", bpmntest.Duration("PT1H"), true).To(p.End("end1"))
		}, run: func(s *script) {
			id := s.start("slow", "")
			s.throw("work", "E1", "")
			s.advance("PT1H")
			s.ended(id)
		}},
		{name: "boundaryEvent/error-variables", model: func(m *bpmntest.Model) {
			p := m.Process("vars")
			work := p.Service("work", "work")
			p.Start("start").To(work).To(p.End("end"))
			work.OnError("broken", "E1").Out("=what", "reason").To(p.Service("mend", "mend")).To(p.End("end1"))
		}, run: func(s *script) {
			s.start("vars", "")
			s.throw("work", "E1", `{"what":"glass"}`)
		}},
	}
}
