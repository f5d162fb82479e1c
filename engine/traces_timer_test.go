package engine

import (
	"time"

	"github.com/weir-bpm/weir/internal/bpmntest"
)

// timerTraces are timer start events and what a redeploy does to them.
func timerTraces() []trace {
	timed := func(t bpmntest.Timer, task string) func(m *bpmntest.Model) {
		return func(m *bpmntest.Model) {
			p := m.Process("timed")
			p.StartTimer("start", t).To(p.Task(task)).To(p.End("end"))
		}
	}
	// A process with two timer start events.
	several := func(first, second string) func(m *bpmntest.Model) {
		return func(m *bpmntest.Model) {
			p := m.Process("timed")
			p.StartTimer("start1", bpmntest.Cycle(first)).To(p.End("end1"))
			p.StartTimer("start2", bpmntest.Cycle(second)).To(p.End("end2"))
		}
	}
	reminded := func(m *bpmntest.Model) {
		p := m.Process("p")
		work := p.Service("work", "work")
		p.Start("start").To(work).To(p.End("end"))
		work.OnTimer("late", bpmntest.Cycle("=every"), false).To(p.End("reminded"))
	}
	return []trace{
		{name: "timerStart/date", model: timed(bpmntest.Date("2026-01-01T01:00:00Z"), "a"), run: func(s *script) {
			s.advance("PT30M")
			s.advance("PT30M")
			s.advance("P1D")
		}},
		{name: "timerStart/date-in-the-past", model: timed(bpmntest.Date("2025-01-01T01:00:00Z"), "a"), run: func(s *script) {
			s.advance("PT0S") // at once
			s.deploy(timed(bpmntest.Date("2025-01-01T01:00:00Z"), "b"))
			s.advance("P1D")
			s.deploy(timed(bpmntest.Date("2025-02-01T01:00:00Z"), "b")) // another timer
			s.advance("PT0S")
		}},
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
		{name: "timerStart/catch-up-each", cfg: Config{CatchUpEach: true}, model: timed(bpmntest.Cycle("R4/PT1H"), "a"), run: func(s *script) {
			s.advance("PT2H30M") // two are made up for, in turn
			s.advance("PT30M")   // the schedule is what it was
			s.advance("P1D")
		}},
		{name: "timerStart/catch-up-of-the-definition", cfg: Config{CatchUpEach: true}, run: func(s *script) {
			s.c.defs.settings = map[string]string{"timer-catch-up": "once"}
			s.deploy(timed(bpmntest.Cycle("R/PT1H"), "a"))
			s.advance("PT2H30M")
			s.advance("PT30M")
		}},
		{name: "timerStart/redeploy-keeps-counts", model: several("R3/PT1H", "R/PT2H"), run: func(s *script) {
			s.advance("PT1H")
			s.advance("PT30M")
			s.deploy(several("R3/PT1H", "R/PT3H")) // the second one is another timer now
			s.advance("PT30M")
			s.advance("PT1H")
			s.advance("PT1H") // the first one has fired three times
			s.advance("PT30M")
		}},
		{name: "timerStart/time-zone", cfg: Config{Zone: time.FixedZone("east", 2*3600)}, model: timed(bpmntest.Cycle("0 0 9 * * *"), "a"), run: func(s *script) {
			s.advance("PT6H59M")
			s.advance("PT1M")
		}},
		{name: "timerStart/zeebe-counts-from-now", model: func(m *bpmntest.Model) {
			p := m.Process("timed")
			p.StartTimer("start", bpmntest.Cycle("R2/2025-12-30T12:00:00Z/P1D")).To(p.Service("work", "work")).To(p.End("end"))
		}, run: func(s *script) {
			s.advance("PT12H")
			s.advance("P1D")
			s.advance("P1D")
		}},
		{name: "boundaryEvent/timer-cycle-catch-up-each", cfg: Config{CatchUpEach: true}, model: func(m *bpmntest.Model) {
			p := m.Process("p")
			work := p.Service("work", "work")
			p.Start("start").To(work).To(p.End("end"))
			work.OnTimer("late", bpmntest.Cycle("R3/PT1H"), false).To(p.End("reminded"))
		}, run: func(s *script) {
			s.start("p", "")
			s.advance("PT2H30M")
			s.advance("P1D")
		}},
		{name: "boundaryEvent/timer-cycle-reevaluated", run: func(s *script) {
			s.c.defs.settings = map[string]string{"timer-cycle": "reevaluate"}
			s.deploy(reminded)
			id := s.start("p", `{"every":"R/PT1H"}`)
			s.advance("PT1H")
			s.set(id, 1, false, `{"every":"R2/PT2H"}`)
			s.advance("PT1H") // the newest text counts from now on
			s.advance("PT2H")
			s.set(id, 1, false, `{"every":"soon"}`)
			s.advance("PT2H") // it fires, and the work goes on with an incident
			s.set(id, 1, false, `{"every":"R1/PT1H"}`)
			s.resolve("late")
			s.advance("PT1H")
			s.complete("work", "")
			s.ended(id)
		}},
		{name: "boundaryEvent/timer-cycle-reevaluated-incident-ends", run: func(s *script) {
			s.c.defs.settings = map[string]string{"timer-cycle": "reevaluate"}
			s.deploy(reminded)
			id := s.start("p", `{"every":"R/PT1H"}`)
			s.set(id, 1, false, `{"every":5}`)
			s.advance("PT1H")
			s.complete("work", "")
			s.ended(id)
		}},
		{name: "boundaryEvent/timer-cycle-fixed", model: reminded, run: func(s *script) {
			id := s.start("p", `{"every":"R2/PT1H"}`)
			s.set(id, 1, false, `{"every":"soon"}`)
			s.advance("PT1H")
			s.advance("PT1H")
		}},
		{name: "boundaryEvent/timer-end-date-flowable", model: func(m *bpmntest.Model) {
			p := m.Process("p").Attr("flowable:candidateStarterUsers", "ann")
			work := p.Node("userTask", "work")
			p.Start("start").To(work).To(p.End("end"))
			work.OnEvent("late", `<bpmn:timerEventDefinition flowable:businessCalendarName="cycle"><bpmn:timeCycle flowable:endDate="${until}">R5/PT1H</bpmn:timeCycle></bpmn:timerEventDefinition>`, false).To(p.End("reminded"))
		}, run: func(s *script) {
			s.start("p", `{"until":"2026-01-01T02:30:00Z"}`)
			s.advance("PT1H")
			s.advance("PT1H")
			s.advance("PT1H")
		}},
	}
}
