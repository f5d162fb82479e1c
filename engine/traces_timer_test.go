package engine

import "github.com/weir-bpm/weir/internal/bpmntest"

// timerTraces are timer start events and what a redeploy does to them.
func timerTraces() []trace {
	timed := func(t bpmntest.Timer, task string) func(m *bpmntest.Model) {
		return func(m *bpmntest.Model) {
			p := m.Process("timed")
			p.StartTimer("start", t).To(p.Task(task)).To(p.End("end"))
		}
	}
	return []trace{
		{name: "timerStart/date", model: timed(bpmntest.Date("2026-01-01T01:00:00Z"), "a"), run: func(s *script) {
			s.advance("PT30M")
			s.advance("PT30M")
			s.advance("P1D")
		}},
		{name: "timerStart/date-in-the-past", model: timed(bpmntest.Date("2025-01-01T01:00:00Z"), "a"), run: func(s *script) { s.advance("P1D") }},
		{name: "timerStart/duration", model: timed(bpmntest.Duration("PT1H"), "a"), run: func(s *script) { s.advance("PT1H") }},
		{name: "timerStart/cycle", model: timed(bpmntest.Cycle("R2/PT1H"), "a"), run: func(s *script) {
			s.advance("PT1H")
			s.advance("PT1H")
			s.advance("P1D")
		}},
		{name: "timerStart/cron-after-an-outage", model: timed(bpmntest.Cycle("0 0 9 * * *"), "a"), run: func(s *script) {
			s.advance("P3DT10H")
			s.advance("PT23H")
		}},
		{name: "timerStart/redeploy-unchanged-timer", model: timed(bpmntest.Cycle("R/PT1H"), "a"), run: func(s *script) {
			s.advance("PT40M")
			s.deploy(timed(bpmntest.Cycle("R/PT1H"), "b"))
			s.advance("PT20M")
		}},
		{name: "timerStart/redeploy-changed-timer", model: timed(bpmntest.Cycle("R/PT1H"), "a"), run: func(s *script) {
			s.advance("PT40M")
			s.deploy(timed(bpmntest.Cycle("R/PT2H"), "b"))
			s.advance("PT20M")
			s.advance("PT1H40M")
		}},
		{name: "timerStart/redeploy-without-timer", model: timed(bpmntest.Cycle("R/PT1H"), "a"), run: func(s *script) {
			s.deploy(func(m *bpmntest.Model) {
				p := m.Process("timed")
				p.Start("start").To(p.End("end"))
			})
			s.advance("P1D")
		}},
		{name: "timerStart/redeploy-after-the-last-firing", model: timed(bpmntest.Duration("PT1H"), "a"), run: func(s *script) {
			s.advance("PT1H")
			s.deploy(timed(bpmntest.Duration("PT1H"), "b"))
			s.advance("PT1H")
		}},
	}
}
