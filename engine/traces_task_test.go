package engine

import (
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/internal/bpmntest"
)

// oneTask is start, a service task, end.
func oneTask(m *bpmntest.Model) {
	p := m.Process("one")
	p.Start("start").To(p.Service("work", "pack").Retries("2").Header("box", "small")).To(p.End("end"))
}

// taskTraces are the lives of jobs, user tasks and the tasks that do nothing.
func taskTraces() []trace {
	catching := func(m *bpmntest.Model) {
		p := m.Process("errors")
		work := p.Service("work", "pack")
		p.Start("start").To(work).To(p.End("end"))
		work.OnError("exact", "E1").To(p.Service("mend", "mend")).To(p.End("end1"))
		work.OnError("any", "").To(p.End("end2"))
	}
	return []trace{
		{name: "serviceTask/complete", model: oneTask, run: func(s *script) {
			id := s.start("one", `{"order":{"id":7,"price":1.10}}`)
			s.complete("work", `{"weight":12345678901234567890}`)
			s.ended(id)
		}},
		{name: "serviceTask/fail-retry-incident", model: oneTask, run: func(s *script) {
			id := s.start("one", "")
			s.fail("work", "no boxes")
			s.advance("PT0.5S") // not yet
			_, job := s.job("work")
			s.say("complete while it waits for the retry")
			s.send(id, &commands.CompleteJob{JobID: job})
			s.rejected(commands.CodeJobNotActive)
			s.advance("PT1S")
			s.fail("work", "still no boxes")
			s.advance("P1D")
			s.resolve("work")
			s.complete("work", "")
			s.ended(id)
		}},
		{name: "serviceTask/retries-of-the-worker", model: oneTask, run: func(s *script) {
			id := s.start("one", "")
			_, job := s.job("work")
			backoff, retries := int64(90_000), 5
			s.say("fail with retries 5 and a back-off of 90s, without a worker")
			s.send(id, &commands.FailJob{JobID: job, Retries: &retries, BackoffMS: &backoff})
			s.say("update retries to 9")
			s.send(id, &commands.UpdateRetries{JobID: job, Retries: 9})
			s.advance("PT1M30S")
			s.complete("work", "")
			s.ended(id)
		}},
		{name: "serviceTask/retry-cycle", model: func(m *bpmntest.Model) {
			p := m.Process("cycle")
			work := p.Service("work", "pack").Ext(`<camunda:failedJobRetryTimeCycle>PT1M,PT5M</camunda:failedJobRetryTimeCycle>`)
			p.Start("start").To(work).To(p.End("end"))
		}, run: func(s *script) {
			id := s.start("cycle", "")
			s.fail("work", "1")
			s.advance("PT1M")
			s.fail("work", "2")
			s.advance("PT5M")
			s.fail("work", "3")
			s.cancel(id)
			s.ended(id)
		}},
		{name: "serviceTask/throw-exact", model: catching, run: func(s *script) {
			id := s.start("errors", "")
			s.throw("work", "E1", `{"what":"broken"}`)
			s.complete("mend", "")
			s.ended(id)
		}},
		{name: "serviceTask/throw-catch-all", model: catching, run: func(s *script) {
			s.ended(func() ids.Instance { id := s.start("errors", ""); s.throw("work", "E2", ""); return id }())
		}},
		{name: "serviceTask/throw-uncaught", model: oneTask, run: func(s *script) {
			id := s.start("one", "")
			s.throw("work", "E9", "")
			s.resolve("work") // runs the task again
			s.complete("work", "")
			s.ended(id)
		}},
		{name: "serviceTask/job-type-fails", model: func(m *bpmntest.Model) {
			p := m.Process("dynamic")
			work := p.Service("work", "=kind").In("=counter + 1", "counter")
			p.Start("start").To(work).To(p.End("end"))
			work.OnTimer("late", bpmntest.Duration("PT1H"), true).To(p.End("end1"))
		}, run: func(s *script) {
			id := s.start("dynamic", `{"counter":1}`)
			s.set(id, 0, false, `{"kind":"pack"}`)
			s.resolve("work") // the input mapping counts once, not twice
			s.complete("work", "")
			s.ended(id)
		}},
		{name: "serviceTask/late-and-second-completion", model: oneTask, run: func(s *script) {
			id := s.start("one", "")
			_, job := s.job("work")
			s.complete("work", "")
			other := s.start("one", "")
			s.say("complete it again")
			s.send(id, &commands.CompleteJob{JobID: job})
			s.rejected(commands.CodeInstanceFinished)
			s.say("complete a job that never was")
			s.send(other, &commands.CompleteJob{JobID: ids.Join(other, 99)})
			s.rejected(commands.CodeJobNotFound)
			s.say("complete a job of another instance")
			s.send(other, &commands.CompleteJob{JobID: job})
			s.rejected(commands.CodeCommandMisrouted)
		}},
		{name: "sendTask/complete", model: func(m *bpmntest.Model) {
			p := m.Process("send")
			p.Start("start").To(p.Send("mail", "mail")).To(p.End("end"))
		}, run: func(s *script) { id := s.start("send", ""); s.complete("mail", ""); s.ended(id) }},
		{name: "scriptTask/as-a-job", model: func(m *bpmntest.Model) {
			p := m.Process("calc")
			p.Start("start").To(p.JobTask("scriptTask", "script", "run")).To(p.End("end"))
		}, run: func(s *script) { id := s.start("calc", ""); s.complete("script", `{"n":1}`); s.ended(id) }},
		{name: "businessRuleTask/as-a-job", model: func(m *bpmntest.Model) {
			p := m.Process("rate")
			p.Start("start").To(p.JobTask("businessRuleTask", "rule", "decide")).To(p.End("end"))
		}, run: func(s *script) { id := s.start("rate", ""); s.complete("rule", `{"n":1}`); s.ended(id) }},
		{name: "userTask/assign-complete", model: func(m *bpmntest.Model) {
			p := m.Process("human")
			check := p.User("check").Ext(`<zeebe:assignmentDefinition assignee="=boss" candidateGroups="=[&quot;sales&quot;,&quot;ops&quot;]"/><zeebe:taskSchedule dueDate="2026-02-01T00:00:00Z"/>`)
			p.Start("start").To(check).To(p.End("end"))
		}, run: func(s *script) {
			id := s.start("human", `{"boss":"ann"}`)
			_, t := at(s, "task", "check", func(in *Instance) []*UserTask { return in.Tasks }, func(*UserTask) bool { return true })
			task := ids.Join(id, t.Key)
			s.say("bob claims it")
			s.send(id, &commands.AssignTask{TaskID: task, Assignee: "bob", Claim: true})
			s.rejected(commands.CodeTaskAssigned)
			s.say("it is given to bob")
			s.send(id, &commands.AssignTask{TaskID: task, Assignee: "bob"})
			s.say("it is given to bob again")
			s.send(id, &commands.AssignTask{TaskID: task, Assignee: "bob"})
			s.user("check", `{"approved":true}`)
			s.ended(id)
		}},
		{name: "userTask/interrupted", model: func(m *bpmntest.Model) {
			p := m.Process("human")
			check := p.User("check")
			p.Start("start").To(check).To(p.End("end"))
			check.OnTimer("late", bpmntest.Duration("P7D"), true).To(p.End("end1"))
		}, run: func(s *script) { id := s.start("human", ""); s.advance("P7D"); s.ended(id) }},
		{name: "task/pass-through", model: func(m *bpmntest.Model) {
			p := m.Process("plain")
			p.Start("start").To(p.Task("a")).To(p.Manual("b")).To(p.Throw("c")).To(p.End("end"))
		}, run: func(s *script) { s.ended(s.start("plain", `{"n":1}`)) }},
		{name: "task/implicit-split-and-end", model: func(m *bpmntest.Model) {
			p := m.Process("implicit")
			a := p.Task("a")
			p.Start("start").To(a)
			a.To(p.Service("b", "b"))
			a.To(p.Service("c", "c"))
		}, run: func(s *script) {
			id := s.start("implicit", "")
			s.complete("c", "")
			s.complete("b", "")
			s.ended(id)
		}},
	}
}
