package engine

import (
	"github.com/weir-bpm/weir/internal/bpmntest"
)

// catchTraces are intermediate events, receive tasks and boundary events that
// wait for messages and timers.
func catchTraces() []trace {
	cycle := func(text string) func(m *bpmntest.Model) {
		return func(m *bpmntest.Model) {
			p := m.Process("remind")
			wait := p.Receive("receive", "answer", "=key")
			p.Start("start").To(wait).To(p.End("end"))
			wait.OnTimer("again", bpmntest.Cycle(text), false).To(p.Task("mail")).To(p.End("end1"))
		}
	}
	return []trace{
		{name: "intermediateCatchEvent/message", model: func(m *bpmntest.Model) {
			p := m.Process("wait")
			p.Start("start").To(p.CatchMessage("catch", "answer", "=key")).To(p.Service("next", "next")).To(p.End("end"))
		}, run: func(s *script) {
			s.start("wait", `{"key":"k1"}`)
			s.start("wait", `{"key":"k2"}`)
			s.message("answer", "k2", `{"ok":true}`)
		}},
		{name: "intermediateCatchEvent/outputs-fail", model: func(m *bpmntest.Model) {
			p := m.Process("wait")
			p.Start("start").To(p.CatchMessage("catch", "answer", "=key").Out(`=if n = null then assert(n, n != null) else n`, "out")).To(p.End("end"))
		}, run: func(s *script) {
			id := s.start("wait", `{"key":"k1"}`)
			s.message("answer", "k1", `{"n":null}`)
			// The wait is over: nobody takes this one.
			s.message("answer", "k1", `{"n":2}`)
			s.rejected("message.no_receiver")
			s.set(id, 3, true, `{"n":3}`)
			s.resolve("catch")
			s.ended(id)
		}},
		{name: "intermediateCatchEvent/timer", model: func(m *bpmntest.Model) {
			p := m.Process("wait")
			p.Start("start").To(p.CatchTimer("date", bpmntest.Date(`=when`))).To(p.CatchTimer("duration", bpmntest.Duration(`P1M`))).To(p.End("end"))
		}, run: func(s *script) {
			id := s.start("wait", `{"when":"2026-01-31T12:00:00Z"}`)
			s.advance("P30D")
			s.advance("PT12H")
			s.advance("P27D")
			s.advance("P1D")
			s.ended(id)
		}},
		{name: "intermediateCatchEvent/timer-invalid", model: func(m *bpmntest.Model) {
			p := m.Process("wait")
			p.Start("start").To(p.CatchTimer("late", bpmntest.Duration(`=wait`))).To(p.End("end"))
		}, run: func(s *script) {
			id := s.start("wait", `{"wait":"tomorrow"}`)
			s.set(id, 0, false, `{"wait":"PT1S"}`)
			s.resolve("late")
			s.advance("PT1S")
			s.ended(id)
		}},
		{name: "receiveTask/message", model: func(m *bpmntest.Model) {
			p := m.Process("wait")
			p.Start("start").To(p.Receive("receive", "answer", "=key")).To(p.End("end"))
		}, run: func(s *script) {
			id := s.start("wait", `{"key":5}`)
			s.message("answer", "5", `{"ok":true}`)
			s.ended(id)
		}},
		{name: "receiveTask/key-missing", model: func(m *bpmntest.Model) {
			p := m.Process("wait")
			p.Start("start").To(p.Receive("receive", "answer", "=key")).To(p.End("end"))
		}, run: func(s *script) {
			id := s.start("wait", "")
			s.set(id, 0, false, `{"key":"k"}`)
			s.resolve("receive")
			s.message("answer", "k", "")
			s.ended(id)
		}},
		{name: "boundaryEvent/message-interrupting", model: func(m *bpmntest.Model) {
			p := m.Process("stop")
			work := p.Service("work", "work")
			p.Start("start").To(work).To(p.End("end"))
			work.OnMessage("stop1", "stop", "=key", true).To(p.End("end1"))
		}, run: func(s *script) {
			id := s.start("stop", `{"key":"k"}`)
			s.message("stop", "k", `{"why":"bored"}`)
			s.ended(id)
		}},
		{name: "boundaryEvent/timer-cycle", model: cycle("R3/PT1H"), run: func(s *script) {
			id := s.start("remind", `{"key":"k"}`)
			s.advance("PT1H")
			s.advance("PT1H")
			s.advance("PT1H")
			s.advance("PT5H")
			s.message("answer", "k", "")
			s.ended(id)
		}},
		{name: "boundaryEvent/timer-cycle-after-an-outage", model: cycle("R/PT1H"), run: func(s *script) {
			s.start("remind", `{"key":"k"}`)
			s.advance("PT10H30M") // fires once, then at the next full hour
			s.advance("PT30M")
			s.message("answer", "k", "")
		}},
		{name: "boundaryEvent/timer-date", model: func(m *bpmntest.Model) {
			p := m.Process("date")
			work := p.User("work")
			p.Start("start").To(work).To(p.End("end"))
			work.OnTimer("at", bpmntest.Date("2026-01-02T00:00:00Z"), false).To(p.End("end1"))
		}, run: func(s *script) {
			id := s.start("date", "")
			s.advance("P1D")
			s.user("work", "")
			s.ended(id)
		}},
	}
}
