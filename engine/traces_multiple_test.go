package engine

import (
	"github.com/weir-bpm/weir/internal/bpmntest"
)

// multipleTraces are events with several definitions at every position.
func multipleTraces() []trace {
	catch := func(m *bpmntest.Model) {
		p := m.Process("p")
		all := bpmntest.Multiple(p.MessageXML("go", "=key"), bpmntest.Duration("PT1H").XML(), p.SignalXML("news", ""), bpmntest.ConditionXML("=n > 1", ""))
		p.Start("start").To(p.Event("intermediateCatchEvent", "catch", all).Out("=n", "seen")).To(p.Service("work", "work")).To(p.End("end"))
	}
	boundary := func(interrupting bool) func(m *bpmntest.Model) {
		return func(m *bpmntest.Model) {
			p := m.Process("p")
			work := p.Service("work", "work")
			p.Start("start").To(work).To(p.End("end"))
			all := bpmntest.Multiple(p.MessageXML("stop", "=key"), bpmntest.Duration("PT1H").XML(), p.SignalXML("halt", ""))
			if interrupting {
				all += p.ErrorXML("broken")
			}
			work.OnEvent("watch", all, interrupting).To(p.End("watched"))
		}
	}
	handler := func(interrupting bool) func(m *bpmntest.Model) {
		return func(m *bpmntest.Model) {
			p := m.Process("p")
			p.Start("start").To(p.Service("work", "work")).To(p.ThrowEscalation("raise", "up")).To(p.End("end"))
			sub := p.EventSub("handler")
			all := bpmntest.Multiple(p.EscalationXML("up"), p.SignalXML("halt", ""), bpmntest.Cycle("R2/PT1H").XML())
			sub.OnEvent("on", all, interrupting).To(sub.End("handled"))
		}
	}
	all := func(m *bpmntest.Model) {
		p := m.Process("p")
		parts := bpmntest.Multiple(p.MessageXML("go", "=key"), bpmntest.Duration("PT1H").XML(), p.SignalXML("news", ""), bpmntest.ConditionXML("=n > 1", ""))
		p.Start("start").To(p.Event("intermediateCatchEvent", "catch", parts).Attr("parallelMultiple", "true")).To(p.End("end"))
	}
	starts := func(m *bpmntest.Model) {
		p := m.Process("p")
		all := bpmntest.Multiple(p.MessageXML("go", ""), p.MessageXML("run", ""), p.SignalXML("news", ""), bpmntest.Duration("PT1H").XML(), bpmntest.ConditionXML("=n > 1", ""))
		p.Event("startEvent", "begin", all).To(p.End("end"))
	}
	return []trace{
		{name: "multiple/start", model: starts, run: func(s *script) {
			s.message("go", "", "")
			s.message("run", "", "")
			s.broadcast("news", "")
			s.evaluate("p", `{"n":2}`)
			s.advance("PT1H")
		}},
		{name: "multiple/catch-message", model: catch, run: func(s *script) {
			s.start("p", `{"key":"k1","n":0}`)
			s.message("go", "k1", `{"n":1}`)
		}},
		{name: "multiple/catch-timer", model: catch, run: func(s *script) {
			s.start("p", `{"key":"k1","n":0}`)
			s.advance("PT1H")
		}},
		{name: "multiple/catch-condition", model: catch, run: func(s *script) {
			id := s.start("p", `{"key":"k1","n":0}`)
			s.set(id, 1, false, `{"n":2}`)
		}},
		{name: "multiple/catch-key-missing", model: catch, run: func(s *script) {
			id := s.start("p", "")
			s.set(id, 1, false, `{"key":"k1"}`)
			s.resolve("catch")
			s.broadcast("news", `{"n":1}`)
		}},
		{name: "multiple/behind-a-gateway", model: func(m *bpmntest.Model) {
			p := m.Process("p")
			race := p.EventGateway("race")
			p.Start("start").To(race)
			race.To(p.Event("intermediateCatchEvent", "either", bpmntest.Multiple(p.SignalXML("a", ""), p.SignalXML("b", "")))).To(p.End("end"))
			race.To(p.CatchTimer("late", bpmntest.Duration("PT1H"))).To(p.End("too-late"))
		}, run: func(s *script) {
			s.start("p", "")
			s.broadcast("b", "")
		}},
		{name: "multiple/boundary-interrupting", model: boundary(true), run: func(s *script) {
			s.start("p", `{"key":"k1"}`)
			s.message("stop", "k1", "")
			s.start("p", `{"key":"k1"}`)
			s.throw("work", "broken", "")
		}},
		{name: "multiple/boundary-non-interrupting", model: boundary(false), run: func(s *script) {
			s.start("p", `{"key":"k1"}`)
			s.message("stop", "k1", "")
			s.broadcast("halt", "")
			s.advance("PT1H")
			s.broadcast("halt", "")
			s.complete("work", "")
		}},
		{name: "multiple/event-subprocess-interrupting", model: handler(true), run: func(s *script) {
			s.start("p", "")
			s.broadcast("halt", "")
			s.start("p", "")
			s.complete("work", "")
		}},
		{name: "multiple/event-subprocess-non-interrupting", model: handler(false), run: func(s *script) {
			s.start("p", "")
			s.advance("PT1H")
			s.advance("PT1H")
			s.broadcast("halt", "")
			s.complete("work", "")
		}},
		{name: "multiple/all-catch", model: all, run: func(s *script) {
			id := s.start("p", `{"key":"k1","n":0}`)
			s.message("go", "k1", `{"a":1,"b":1}`)
			s.message("go", "k1", `{"a":1,"b":1}`)
			s.rejected("message.no_receiver")
			s.set(id, 1, false, `{"n":2}`)
			s.advance("PT1H")
			s.broadcast("news", `{"b":2}`)
			s.ended(id)
		}},
		{name: "multiple/all-boundary", model: func(m *bpmntest.Model) {
			p := m.Process("p")
			work := p.Service("work", "work")
			p.Start("start").To(work).To(p.End("end"))
			work.OnEvent("watch", bpmntest.Multiple(p.SignalXML("a", ""), p.SignalXML("b", "")), true).Attr("parallelMultiple", "true").To(p.End("watched"))
		}, run: func(s *script) {
			id := s.start("p", "")
			s.broadcast("a", "")
			s.broadcast("a", "")
			s.broadcast("b", "")
			s.ended(id)
		}},
		{name: "multiple/all-event-subprocess", model: func(m *bpmntest.Model) {
			p := m.Process("p")
			p.Start("start").To(p.Service("work", "work")).To(p.End("end"))
			sub := p.EventSub("handler")
			sub.OnEvent("on", bpmntest.Multiple(p.SignalXML("a", ""), p.SignalXML("b", "")), true).Attr("parallelMultiple", "true").To(sub.End("handled"))
		}, run: func(s *script) {
			id := s.start("p", "")
			s.broadcast("b", `{"n":1}`)
			s.broadcast("a", "")
			s.ended(id)
		}},
		{name: "multiple/all-boundary-non-interrupting", model: func(m *bpmntest.Model) {
			p := m.Process("p")
			work := p.Service("work", "work")
			p.Start("start").To(work).To(p.End("end"))
			work.OnEvent("watch", bpmntest.Multiple(p.MessageXML("go", "=key"), bpmntest.Duration("PT1H").XML(), bpmntest.ConditionXML("=n > 1", "")), false).Attr("parallelMultiple", "true").To(p.End("watched"))
		}, run: func(s *script) {
			id := s.start("p", `{"key":"k","n":2}`)
			s.message("go", "k", `{"a":1}`)
			s.message("go", "k", `{"a":2}`)
			s.rejected("message.no_receiver") // until the others have come too
			s.advance("PT1H")                 // it happens, and collects again
			s.message("go", "k", `{"a":3}`)
			s.advance("PT1H")
			s.set(id, 1, false, `{"n":3}`) // it happens again
			s.complete("work", "")
			s.ended(id)
		}},
		{name: "multiple/all-boundary-not-armed-again", model: func(m *bpmntest.Model) {
			p := m.Process("p")
			work := p.Service("work", "work")
			p.Start("start").To(work).To(p.End("end"))
			work.OnEvent("watch", bpmntest.Multiple(p.MessageXML("go", "=key"), p.SignalXML("a", "")), false).Attr("parallelMultiple", "true").To(p.End("watched"))
		}, run: func(s *script) {
			id := s.start("p", `{"key":"k"}`)
			s.message("go", "k", "")
			s.set(id, 1, false, `{"key":null}`)
			s.broadcast("a", "") // it happens; the key of the next message is missing
			s.set(id, 1, false, `{"key":"k2"}`)
			s.resolve("watch")
			s.message("go", "k2", "")
			s.broadcast("a", "")
			s.complete("work", "")
			s.ended(id)
		}},
		{name: "multiple/all-event-subprocess-non-interrupting", model: func(m *bpmntest.Model) {
			p := m.Process("p")
			p.Start("start").To(p.Service("work", "work")).To(p.End("end"))
			sub := p.EventSub("handler")
			sub.OnEvent("on", bpmntest.Multiple(p.SignalXML("a", ""), bpmntest.Cycle("R/PT1H").XML()), false).Attr("parallelMultiple", "true").To(sub.End("handled"))
		}, run: func(s *script) {
			id := s.start("p", "")
			s.advance("PT1H")
			s.advance("PT1H") // nothing new
			s.broadcast("a", `{"n":1}`)
			s.broadcast("a", `{"n":2}`)
			s.advance("PT1H")
			s.complete("work", "")
			s.ended(id)
		}},
		{name: "multiple/end-signal-and-error", model: func(m *bpmntest.Model) {
			p := m.Process("p")
			box := p.Sub("box")
			in := box.Inside()
			in.Start("in").To(in.Event("endEvent", "tell", bpmntest.Multiple(in.SignalXML("a", ""), in.ErrorXML("E"))))
			box.OnError("caught", "E").To(p.End("failed"))
			p.Start("start").To(box).To(p.End("end"))
		}, run: func(s *script) { s.ended(s.start("p", "")) }},
		{name: "multiple/end-signal-and-terminate", model: func(m *bpmntest.Model) {
			p := m.Process("p")
			split := p.Parallel("split")
			p.Start("start").To(split)
			split.To(p.Service("work", "work")).To(p.End("end"))
			split.To(p.Event("endEvent", "stop", bpmntest.Multiple(p.SignalXML("a", ""), `<bpmn:terminateEventDefinition/>`)))
		}, run: func(s *script) { s.ended(s.start("p", "")) }},
		{name: "multiple/throw-signals", model: func(m *bpmntest.Model) {
			p := m.Process("p")
			split, join := p.Parallel("split"), p.Parallel("join")
			p.Start("start").To(split)
			split.To(p.CatchSignal("hear-a", "a")).To(join)
			split.To(p.CatchSignal("hear-b", "b")).To(join)
			split.To(p.Event("intermediateThrowEvent", "tell", bpmntest.Multiple(p.SignalXML("a", ""), p.SignalXML("b", "")))).To(join)
			join.To(p.End("end"))
		}, run: func(s *script) { s.ended(s.start("p", "")) }},
		{name: "multiple/end-signal-and-escalation", model: func(m *bpmntest.Model) {
			p := m.Process("p")
			box := p.Sub("box")
			in := box.Inside()
			in.Start("in").To(in.Event("endEvent", "tell", bpmntest.Multiple(in.SignalXML("a", ""), in.EscalationXML("up"))))
			box.OnEscalation("caught", "up", true).To(p.End("escalated"))
			p.Start("start").To(box).To(p.End("end"))
		}, run: func(s *script) { s.ended(s.start("p", "")) }},
		{name: "multiple/throw-message-and-signal", model: func(m *bpmntest.Model) {
			p := m.Process("p")
			n := p.Event("intermediateThrowEvent", "tell", bpmntest.Multiple(p.MessageXML("hello", ""), p.SignalXML("a", "")))
			p.Start("start").To(n.Ext(`<zeebe:publishMessage correlationKey="=key"/>`)).To(p.End("end"))
		}, run: func(s *script) {
			id := s.start("p", "") // the message has no key: nothing is thrown
			s.set(id, 1, false, `{"key":"k1"}`)
			s.resolve("tell")
			s.ended(id)
		}},
	}
}
