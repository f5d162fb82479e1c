package engine

import (
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/internal/bpmntest"
)

// conditionTraces are conditional events at every position.
func conditionTraces() []trace {
	catch := func(m *bpmntest.Model) {
		p := m.Process("p")
		p.Start("start").To(p.CatchCondition("catch", "=n > 5")).To(p.End("end"))
	}
	boundary := func(interrupting bool, definition string) func(m *bpmntest.Model) {
		return func(m *bpmntest.Model) {
			p := m.Process("p")
			work := p.Service("work", "work")
			p.Start("start").To(work).To(p.End("end"))
			work.OnEvent("when", definition, interrupting).To(p.Service("then", "then")).To(p.End("other"))
		}
	}
	handler := func(interrupting bool) func(m *bpmntest.Model) {
		return func(m *bpmntest.Model) {
			p := m.Process("p")
			p.Start("start").To(p.Service("work", "work")).To(p.End("end"))
			in := p.EventSub("handler")
			in.OnCondition("when", "=n > 5 and n < 100", interrupting).To(in.Service("handle", "handle")).To(in.End("handled"))
		}
	}
	hot := bpmntest.ConditionXML("=n > 5", "")
	return []trace{
		{name: "condition/catch", model: catch, run: func(s *script) {
			id := s.start("p", "") // n does not exist yet
			s.set(id, 0, false, `{"n":1}`)
			s.set(id, 0, false, `{"m":9}`)
			s.set(id, 0, false, `{"n":6}`)
			s.ended(id)
		}},
		{name: "condition/catch-true-at-once", model: catch, run: func(s *script) { s.ended(s.start("p", `{"n":6}`)) }},
		{name: "condition/catch-fails", model: func(m *bpmntest.Model) {
			p := m.Process("p")
			p.Start("start").To(p.CatchCondition("catch", "=n")).To(p.End("end"))
		}, run: func(s *script) {
			id := s.start("p", "")
			s.set(id, 0, false, `{"n":"text"}`)
			s.set(id, 0, false, `{"n":"more"}`) // one incident is enough
			s.set(id, 0, false, `{"n":false}`)
			s.resolve("catch")
			s.set(id, 0, false, `{"n":"text"}`)
			s.set(id, 0, false, `{"n":true}`) // and true drops the incident
			s.ended(id)
		}},
		{name: "condition/boundary-interrupting", model: boundary(true, hot), run: func(s *script) {
			id := s.start("p", `{"n":1}`)
			s.set(id, 0, false, `{"n":6}`)
		}},
		{name: "condition/boundary-true-at-once", model: boundary(true, hot), run: func(s *script) { s.start("p", `{"n":6}`) }},
		{name: "condition/boundary-non-interrupting", model: boundary(false, hot), run: func(s *script) {
			id := s.start("p", `{"n":6}`)
			s.set(id, 0, false, `{"n":7,"m":1}`)
			s.set(id, 0, false, `{"n":7}`) // not a change
			s.set(id, 0, false, `{"n":1}`)
		}},
		{name: "condition/boundary-filter-of-zeebe", model: boundary(false, `<bpmn:conditionalEventDefinition>
			<bpmn:extensionElements><zeebe:conditionalFilter variableNames="m" variableEvents="create"/></bpmn:extensionElements>
			<bpmn:condition xsi:type="bpmn:tFormalExpression">=n &gt; 5</bpmn:condition></bpmn:conditionalEventDefinition>`), run: func(s *script) {
			id := s.start("p", `{"n":1}`)
			s.set(id, 0, false, `{"n":6}`)
			s.set(id, 0, false, `{"m":1}`)
			s.set(id, 0, false, `{"m":2}`)
		}},
		{name: "condition/boundary-camunda-counts-every-write", model: func(m *bpmntest.Model) {
			p := m.Process("p").Attr("camunda:versionTag", "1")
			work := p.Node("userTask", "work")
			p.Start("start").To(work).To(p.End("end"))
			work.OnEvent("when", bpmntest.ConditionXML("${n > 5}", `camunda:variableName="n" camunda:variableEvents="update"`), false).To(p.End("other"))
		}, run: func(s *script) {
			id := s.start("p", "")         // n does not exist: not true
			s.set(id, 0, false, `{"n":6}`) // created, no update
			s.set(id, 0, false, `{"n":6}`)
			s.set(id, 0, false, `{"m":6}`)
		}},
		{name: "condition/subprocess-interrupted-by-its-own-work", model: func(m *bpmntest.Model) {
			p := m.Process("p")
			box := p.Sub("box")
			in := box.Inside()
			in.Start("begin").To(in.Service("work", "work")).To(in.Service("more", "more")).To(in.End("done"))
			p.Start("start").To(box).To(p.End("end"))
			box.OnCondition("enough", "=n > 5", true).To(p.End("other"))
		}, run: func(s *script) {
			id := s.start("p", "")
			s.complete("work", `{"n":6}`)
			s.ended(id)
		}},
		{name: "condition/outermost-first", model: func(m *bpmntest.Model) {
			p := m.Process("p")
			box := p.Sub("box")
			in := box.Inside()
			work := in.Service("work", "work")
			in.Start("begin").To(work).To(in.End("done"))
			work.OnCondition("inner", "=n > 5", true).To(in.End("inside"))
			p.Start("start").To(box).To(p.End("end"))
			box.OnCondition("outer", "=n > 5", true).To(p.End("outside"))
		}, run: func(s *script) { s.set(s.start("p", ""), 0, false, `{"n":6}`) }},
		{name: "condition/shadowed-variable", model: func(m *bpmntest.Model) {
			p := m.Process("p")
			work := p.Service("work", "work").In("=1", "n")
			p.Start("start").To(work).To(p.End("end"))
			work.OnCondition("when", "=n > 5", true).To(p.End("other"))
		}, run: func(s *script) {
			id := s.start("p", "")
			s.set(id, 0, false, `{"n":6}`) // the outer one, which the task does not see
			s.set(id, 3, false, `{"n":7}`)
		}},
		{name: "condition/loop-over-step-limit", cfg: Config{MaxSteps: 20}, model: func(m *bpmntest.Model) {
			p := m.Process("p")
			work := p.Service("work", "work")
			p.Start("start").To(work).To(p.End("end"))
			work.OnCondition("when", "=n > 5", false).Out("=n + 1", "n").To(p.End("other"))
		}, run: func(s *script) { s.set(s.start("p", ""), 0, false, `{"n":6}`) }},
		{name: "condition/event-subprocess-interrupting", model: handler(true), run: func(s *script) {
			id := s.start("p", "")
			s.set(id, 0, false, `{"n":6}`)
			s.set(id, 0, false, `{"n":7}`)
			s.complete("handle", "")
			s.ended(id)
		}},
		{name: "condition/event-subprocess-true-at-once", model: handler(true), run: func(s *script) { s.start("p", `{"n":6}`) }},
		{name: "condition/event-subprocess-non-interrupting", model: handler(false), run: func(s *script) {
			id := s.start("p", `{"n":1}`)
			s.set(id, 0, false, `{"n":6}`)
			s.set(id, 0, false, `{"n":7}`)
			s.complete("work", "")
		}},
		{name: "condition/event-subprocess-fails", model: func(m *bpmntest.Model) {
			p := m.Process("p")
			p.Start("start").To(p.Service("work", "work")).To(p.End("end"))
			in := p.EventSub("handler")
			in.OnCondition("when", "=n", true).To(in.End("handled"))
		}, run: func(s *script) {
			id := s.start("p", "")
			s.set(id, 0, false, `{"n":"x"}`)
			s.complete("work", "") // the scope waits for the incident
			s.set(id, 0, false, `{"n":false}`)
			s.resolve("p")
			s.ended(id)
		}},
		{name: "condition/event-gateway", model: func(m *bpmntest.Model) {
			p := m.Process("p")
			gw := p.EventGateway("race")
			p.Start("start").To(gw)
			gw.To(p.CatchCondition("when", "=n > 5")).To(p.End("end"))
			gw.To(p.CatchTimer("timer", bpmntest.Duration("PT1H"))).To(p.End("late"))
		}, run: func(s *script) { s.set(s.start("p", ""), 0, false, `{"n":6}`) }},
		{name: "condition/start", parts: 2, run: func(s *script) {
			for _, name := range []string{"a", "b"} {
				s.deploy(func(m *bpmntest.Model) {
					p := m.Process(name)
					p.StartCondition("low", "=n < 3").To(p.Service("low-work", "work")).To(p.End("end1"))
					p.StartCondition("high", "="+name+" > 3").To(p.Service("high-work", "work")).To(p.End("end2"))
				})
			}
			s.evaluate("", `{"n":1,"a":4}`)
			s.evaluate("b", `{"n":1,"a":4}`)
			s.evaluate("", `{"n":"x"}`)
			s.evaluate("nobody", "")
			s.rejected(commands.CodeProcessNotFound)
		}},
		{name: "condition/start-changes-with-a-redeploy", model: func(m *bpmntest.Model) {
			p := m.Process("p")
			p.StartCondition("low", "=n < 3").To(p.End("end"))
		}, run: func(s *script) {
			s.deploy(func(m *bpmntest.Model) {
				p := m.Process("p")
				p.StartCondition("high", "=n > 3").To(p.End("end"))
			})
			s.evaluate("", `{"n":1}`)
			s.evaluate("", `{"n":4}`)
		}},
	}
}
