package engine

import "github.com/weir-bpm/weir/internal/bpmntest"

// instantiateTraces are processes that no start event starts.
func instantiateTraces() []trace {
	build := func(kind string, start bool) func(m *bpmntest.Model) {
		return func(m *bpmntest.Model) {
			p := m.Process("p")
			race := p.EventGateway("race").Attr("instantiate", "true").Attr("eventGatewayType", kind)
			if start {
				p.Start("start").To(race)
			}
			merge := p.Exclusive
			if kind == "Parallel" {
				merge = p.Parallel
			}
			join := merge("join")
			race.To(p.CatchMessage("order", "order", "")).To(join)
			race.To(p.Receive("payment", "payment", "")).To(join)
			join.To(p.Service("work", "work")).To(p.End("end"))
		}
	}
	gateway := func(kind string) func(m *bpmntest.Model) { return build(kind, false) }
	behind := func(kind string) func(m *bpmntest.Model) { return build(kind, true) }
	return []trace{
		{name: "instantiate/receive-task", model: func(m *bpmntest.Model) {
			p := m.Process("p")
			p.Receive("begin", "go", "").Attr("instantiate", "true").Out("=n + 1", "next").To(p.Service("work", "work")).To(p.End("end"))
		}, run: func(s *script) {
			s.message("go", "k1", `{"n":1}`)
			s.message("go", "k1", `{"n":2}`)
			s.rejected("message.no_receiver")
			s.complete("work", "")
			s.message("go", "k1", `{"n":2}`)
		}},
		{name: "instantiate/no-command-starts-it", model: gateway("Exclusive"), run: func(s *script) {
			s.start("p", "")
			s.rejected("process.no_none_start")
		}},
		{name: "instantiate/event-gateway", model: gateway("Exclusive"), run: func(s *script) {
			s.message("order", "", `{"n":1}`)
			s.message("payment", "", `{"n":2}`)
		}},
		{name: "instantiate/event-gateway-behind-a-none-start", model: behind("Exclusive"), run: func(s *script) {
			id := s.start("p", "") // waits for the events
			s.message("payment", "", `{"n":1}`)
			s.message("payment", "", `{"n":2}`) // and now the next one starts
			s.complete("work", "")
			s.complete("work", "")
			s.ended(id)
		}},
		{name: "instantiate/parallel-event-gateway-behind-a-none-start", model: behind("Parallel"), run: func(s *script) {
			id := s.start("p", "") // waits for both
			s.message("payment", "", `{"n":1}`)
			s.message("order", "", `{"m":1}`)
			s.complete("work", "")
			s.ended(id)
			s.message("order", "k1", `{"m":2}`)
			s.message("payment", "k1", `{"n":2}`)
			s.complete("work", "")
		}},
		{name: "instantiate/event-gateway-signal", model: func(m *bpmntest.Model) {
			p := m.Process("p")
			race := p.EventGateway("race").Attr("instantiate", "true")
			race.To(p.CatchSignal("hear", "news")).To(p.Service("work", "work")).To(p.End("end"))
			race.To(p.CatchMessage("order", "order", "")).To(p.End("ordered"))
			sub := p.EventSub("handler")
			sub.OnMessage("stop", "stop", "", true).To(sub.End("stopped"))
		}, run: func(s *script) {
			s.broadcast("news", `{"n":1}`)
			s.message("stop", "", "")
		}},
		{name: "instantiate/parallel-event-gateway", model: gateway("Parallel"), run: func(s *script) {
			s.message("payment", "k1", `{"n":1}`)
			s.message("payment", "k2", `{"n":2}`)
			s.message("order", "k2", `{"m":2}`)
			s.message("order", "k1", `{"m":1}`)
			s.complete("work", "")
		}},
	}
}
