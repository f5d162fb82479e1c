package engine

import (
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/internal/bpmntest"
)

// note is an expression that appends a word to the variable log.
func note(word string) string {
	return "${execution.setVariable('log', log.concat('" + word + " '))}"
}

// listenerTraces are execution listeners in place (camunda, flowable) and as
// jobs (zeebe).
func listenerTraces() []trace {
	inPlace := func(m *bpmntest.Model) {
		p := m.Process("listen").Attr("camunda:versionTag", "1").Listen("start", note("process-start")).Listen("end", note("process-end"))
		work := p.Service("work", "pack").
			Ext(`<camunda:inputOutput><camunda:inputParameter name="copy">${log}</camunda:inputParameter><camunda:outputParameter name="result">${log}</camunda:outputParameter></camunda:inputOutput>`).
			Listen("start", "${execution.setVariable('seen', copy)}").
			Listen("start", note("start-1")).
			Ext(`<camunda:executionListener event="start"><camunda:script scriptFormat="javascript">execution.setVariable("log", execution.getVariable("log") + execution.getEventName() + "-2 ")</camunda:script></camunda:executionListener>`).
			Listen("end", note("end"))
		p.Start("start").To(work).OnTake(p.End("end"), "${execution.setVariable('log', log.concat(execution.currentTransitionId).concat(' '))}")
	}
	interrupted := func(dialect string) func(m *bpmntest.Model) {
		return func(m *bpmntest.Model) {
			p := m.Process("listen").Attr(dialect, "1").Listen("end", note("process"))
			box := p.Sub("box").Listen("end", note("box"))
			in := box.Inside()
			in.Start("in").To(in.Service("work", "pack").Listen("end", "${execution.setVariable('log', log.concat(execution.isCanceled() ? 'work-canceled ' : 'work '))}").Listen("end", "${missing.thing}")).To(in.End("out"))
			p.Start("start").To(box).To(p.End("end"))
			box.OnTimer("late", bpmntest.Duration("PT1H"), true).Listen("start", note("late")).To(p.End("end1"))
		}
	}
	jobs := func(m *bpmntest.Model) {
		p := m.Process("listen").ListenJob("start", "begin").ListenJob("end", "finish")
		work := p.Service("work", "pack").In("=a", "local").Out("=local + 1", "b").
			ListenJob("start", "first").ListenJob("start", "second").ListenJob("end", "last")
		p.Start("start").To(work).To(p.End("end"))
		work.OnTimer("late", bpmntest.Duration("PT1H"), true).To(p.End("end1"))
		work.OnError("wrong", "E1").To(p.End("end2"))
	}
	return []trace{
		{name: "listener/in-place", model: inPlace, run: func(s *script) {
			id := s.start("listen", `{"log":""}`)
			s.complete("work", `{"done":true}`)
			s.ended(id)
		}},
		{name: "listener/in-place-fails", model: func(m *bpmntest.Model) {
			p := m.Process("listen").Listen("start", "${execution.setVariable('n', n + 1)}").Listen("start", "${a.b}")
			work := p.Service("work", "pack").
				Listen("start", "${execution.setVariable('n', n + 1)}").Listen("start", "${c.d}").
				Listen("end", "${execution.setVariable('n', n + 1)}").Listen("end", "${e.f}")
			p.Start("start").To(work).OnTake(p.End("end"), "${g.h}")
		}, run: func(s *script) {
			id := s.start("listen", `{"n":1}`)
			for _, name := range []string{"a", "c", "e", "g"} {
				switch name {
				case "a":
					s.set(id, 0, false, `{"a":{"b":1}}`)
					s.resolve("listen")
				case "c":
					s.set(id, 0, false, `{"c":{"d":1}}`)
					s.resolve("work")
					s.complete("work", "")
				case "e":
					s.set(id, 0, false, `{"e":{"f":1}}`)
					s.resolve("work")
				default:
					s.set(id, 0, false, `{"g":{"h":1}}`)
					s.resolve("work")
				}
			}
			s.ended(id)
		}},
		{name: "listener/interrupted-camunda", model: interrupted("camunda:versionTag"), run: func(s *script) {
			id := s.start("listen", `{"log":""}`)
			s.advance("PT1H")
			s.ended(id)
		}},
		{name: "listener/canceled-camunda", model: interrupted("camunda:versionTag"), run: func(s *script) {
			id := s.start("listen", `{"log":""}`)
			s.cancel(id)
			s.ended(id)
		}},
		{name: "listener/event-gateway-and-boundary", model: func(m *bpmntest.Model) {
			p := m.Process("listen").Attr("camunda:versionTag", "1")
			gw, work := p.EventGateway("gw"), p.Service("work", "pack")
			p.Start("start").Listen("start", note("start-event")).To(gw)
			gw.Listen("end", note("gw")).OnTake(p.CatchTimer("wait", bpmntest.Duration("PT1H")).Listen("start", note("wait-start")).Listen("end", note("wait-end")), note("flow")).To(work)
			gw.To(p.CatchMessage("msg", "m", "")).To(work)
			work.To(p.End("end").Listen("start", note("end-event")))
			work.OnTimer("late", bpmntest.Duration("PT1H"), true).Listen("start", "${execution.setVariable('log', log.concat(x))}").Listen("end", note("late-end")).To(p.End("end1"))
		}, run: func(s *script) {
			id := s.start("listen", `{"log":""}`)
			s.advance("PT1H")
			s.advance("PT1H")
			s.set(id, 0, false, `{"x":"mended "}`)
			s.resolve("late")
			s.ended(id)
		}},
		{name: "listener/jobs", model: jobs, run: func(s *script) {
			id := s.start("listen", `{"a":1}`)
			s.complete("listen", `{"a":10,"began":true}`)
			s.complete("work", `{"local":5,"mine":1}`)
			s.complete("work", "")
			s.complete("work", `{"x":1}`)
			s.say("the boundary timer is gone while the end listener runs")
			s.advance("PT2H")
			s.complete("work", `{"ended":true}`)
			s.complete("listen", "")
			s.ended(id)
		}},
		{name: "listener/jobs-fail", model: jobs, run: func(s *script) {
			id := s.start("listen", `{"a":1}`)
			s.complete("listen", "")
			for range 3 {
				s.fail("work", "no")
				s.advance("PT10S")
			}
			s.resolve("work")
			s.complete("work", "")
			s.throw("work", "E1", `{"why":"x"}`)
			s.throw("listen", "E2", "")
			s.resolve("listen")
			s.complete("listen", "")
			s.ended(id)
		}},
		{name: "listener/jobs-interrupted", model: jobs, run: func(s *script) {
			id := s.start("listen", `{"a":1}`)
			s.complete("listen", "")
			_, job := s.job("work")
			s.advance("PT1H")
			s.say("boundary events are armed after the start listeners")
			s.cancel(id)
			s.say("complete a listener job that was canceled")
			s.send(id, &commands.CompleteJob{JobID: job})
			s.rejected(commands.CodeInstanceFinished)
		}},
		{name: "listener/jobs-of-events", model: func(m *bpmntest.Model) {
			p := m.Process("listen")
			work := p.Service("work", "pack")
			p.Start("start").ListenJob("end", "started").To(work).To(p.End("end").ListenJob("start", "ending"))
			work.OnTimer("late", bpmntest.Duration("PT1H"), false).ListenJob("start", "late").ListenJob("end", "later").To(p.End("end1"))
		}, run: func(s *script) {
			id := s.start("listen", "")
			s.complete("start", "")
			s.advance("PT1H")
			s.complete("late", `{"l":1}`)
			s.complete("late", `{"m":1}`)
			s.complete("work", "")
			s.complete("end", "")
			s.ended(id)
		}},
		{name: "listener/called-process", model: func(m *bpmntest.Model) {
			p := m.Process("outer")
			p.Start("start").To(p.Call("call", "inner").ListenJob("end", "after").Out("=over", "result")).To(p.End("end"))
			q := m.Process("inner").ListenJob("start", "begin").Listen("end", "${execution.setVariable('over', 1 + n)}")
			q.Start("s").To(q.End("e"))
		}, run: func(s *script) {
			id := s.start("outer", `{"n":"two"}`)
			s.complete("inner", "")
			inner, _ := at(s, "incident", "inner", func(in *Instance) []*Incident { return in.Incidents }, func(*Incident) bool { return true })
			s.set(inner, 0, false, `{"n":2}`)
			s.resolve("inner")
			s.complete("call", "")
			s.ended(id, inner)
		}},
		{name: "listener/before-all", model: func(m *bpmntest.Model) {
			p := m.Process("listen")
			each := p.Service("each", "pack").Each(bpmntest.Loop{Collection: "=items", Item: "item"}).ListenJob("beforeAll", "prepare").ListenJob("start", "one")
			p.Start("start").To(each).To(p.End("end"))
		}, run: func(s *script) {
			id := s.start("listen", "")
			s.complete("each", `{"items":["a"]}`)
			s.complete("each", "")
			s.complete("each", "")
			s.ended(id)
		}},
		{name: "process/starters-and-initiator", model: func(m *bpmntest.Model) {
			p := m.Process("mine").Attr("camunda:candidateStarterUsers", "ann, bob").
				Ext(`<camunda:potentialStarter><bpmn:resourceAssignmentExpression><bpmn:formalExpression>group(sales), user(cy)</bpmn:formalExpression></bpmn:resourceAssignmentExpression></camunda:potentialStarter>`)
			p.Start("start").Attr("camunda:initiator", "who").To(p.Call("call", "inner")).To(p.End("end"))
			q := m.Process("inner")
			q.Start("s").Attr("camunda:initiator", "caller").To(q.Service("work", "pack")).To(q.End("e"))
		}, run: func(s *script) {
			for _, c := range []commands.StartInstance{
				{StartedBy: "eve", Groups: []string{"ops"}}, {StartedBy: "bob"}, {StartedBy: "cy"}, {StartedBy: "dan", Groups: []string{"ops", "sales"}}, {},
			} {
				c.ProcessID = "mine"
				s.say("start mine as %q of %v", c.StartedBy, c.Groups)
				id := s.c.instanceID(0)
				s.send(id, &c)
				if c.StartedBy == "eve" {
					s.rejected(commands.CodeProcessStarter)
					continue
				}
				s.complete("work", "")
				s.ended(id)
			}
		}},
		{name: "serviceTask/retry-cycle-expression", model: func(m *bpmntest.Model) {
			p := m.Process("cycle").Attr("camunda:versionTag", "1")
			work := p.Service("work", "pack").Ext(`<camunda:failedJobRetryTimeCycle>${cycle}</camunda:failedJobRetryTimeCycle>`)
			p.Start("start").To(work).To(p.End("end"))
		}, run: func(s *script) {
			id := s.start("cycle", `{"cycle":"often"}`)
			s.set(id, 0, false, `{"cycle":"R2/PT5M"}`)
			s.resolve("work")
			s.fail("work", "1")
			s.advance("PT5M")
			s.fail("work", "2")
			s.cancel(id)
			s.ended(id)
		}},
		{name: "listener/throws", model: func(m *bpmntest.Model) {
			p := m.Process("listen").Attr("camunda:versionTag", "1")
			throws := func(event, code string) string {
				return `<camunda:executionListener event="` + event + `"><camunda:script scriptFormat="javascript">if (fails === "` + event + `") { throw new BpmnError("` + code + `", "not now") }</camunda:script></camunda:executionListener>`
			}
			work := p.Service("work", "pack").Ext(throws("start", "E1") + throws("end", "E2"))
			p.Start("start").To(work).To(p.End("end"))
			work.OnError("first", "E1").To(p.End("end1"))
		}, run: func(s *script) {
			id := s.start("listen", `{"fails":"start"}`)
			s.ended(id)
			id = s.start("listen", `{"fails":"end"}`)
			s.complete("work", "")
			s.set(id, 0, false, `{"fails":"no"}`)
			s.resolve("work")
			s.ended(id)
		}},
	}
}
