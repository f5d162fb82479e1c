package engine

import (
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/internal/bpmntest"
)

// taskAt finds the open user task of an element.
func (s *script) taskAt(element string) (ids.Instance, string) {
	s.t.Helper()
	id, t := at(s, "user task", element, func(in *Instance) []*UserTask { return in.Tasks }, func(t *UserTask) bool { return t.ElementID == element })
	return id, ids.Join(id, t.Key)
}

func (s *script) assign(element, who string) {
	s.t.Helper()
	id, task := s.taskAt(element)
	s.say("assign %s to %q", element, who)
	s.send(id, &commands.AssignTask{TaskID: task, Assignee: who})
}

func (s *script) update(element string, c events.TaskChanges) {
	s.t.Helper()
	id, task := s.taskAt(element)
	s.say("update %s", element)
	s.send(id, &commands.UpdateTask{TaskID: task, TaskChanges: c, By: "ann"})
}

// listenerJob ends the job of a task listener.
func (s *script) listenerJob(element string, c commands.CompleteJob) {
	s.t.Helper()
	id, job := s.job(element)
	c.JobID, c.Worker = job, "w"
	switch {
	case c.Denied:
		s.say("the listener of %s denies: %s", element, c.DeniedReason)
	case c.Corrections != nil:
		s.say("the listener of %s corrects", element)
	default:
		s.say("the listener of %s agrees", element)
	}
	s.send(id, &c)
}

func ptr[T any](v T) *T { return &v }

// taskListenerTraces are the lives of user tasks with listeners and of their
// attributes.
func taskListenerTraces() []trace {
	logged := func(event string) string {
		return "${task.setVariable('log', log.concat('" + event + "=').concat(task.getEventName()).concat(' '))}"
	}
	classic := func(prefix string) func(m *bpmntest.Model) {
		return func(m *bpmntest.Model) {
			p := m.Process("human").Attr(prefix, "1")
			check := p.User("check").Attr("camunda:assignee", "${boss}").Attr("camunda:candidateGroups", "sales, ops").Attr("camunda:priority", "70")
			for _, event := range []string{"create", "assignment", "complete", "delete"} {
				check.ListenTask(event, logged(event))
			}
			if prefix == "camunda:versionTag" {
				check.ListenTask("update", logged("update"))
			}
			check.ListenTask("create", "${task.addCandidateUser('cy')}").ListenTask("create", "${task.setPriority(priority)}").
				ListenTask("complete", "${task.setVariable('by', approved ? task.assignee : 'nobody')}")
			p.Start("start").To(check).To(p.End("end"))
			check.OnTimer("late", bpmntest.Duration("P1D"), true).To(p.End("end1"))
		}
	}
	asJobs := func(m *bpmntest.Model) {
		p := m.Process("human")
		check := p.User("check").Ext(`<zeebe:assignmentDefinition assignee="=boss"/>`).
			ListenTaskJob("creating", "create-1").ListenTaskJob("creating", "create-2").ListenTaskJob("assigning", "assign").
			ListenTaskJob("updating", "update").ListenTaskJob("completing", "complete")
		p.Start("start").To(check).To(p.End("end"))
		check.OnTimer("late", bpmntest.Duration("P1D"), true).To(p.End("end1"))
	}
	return []trace{
		{name: "userTask/listeners-camunda", model: classic("camunda:versionTag"), run: func(s *script) {
			id := s.start("human", `{"log":"","boss":"ann","priority":90}`)
			s.assign("check", "bob")
			s.update("check", events.TaskChanges{Priority: ptr(10), CandidateGroups: &[]string{}})
			s.assign("check", "")
			s.say("complete without what a listener needs: refused")
			_, task := s.taskAt("check")
			s.send(id, &commands.CompleteTask{TaskID: task, Variables: doc(s.t, `{"n":1}`)})
			s.rejected(commands.CodeExpressionFailed)
			s.user("check", `{"approved":true}`)
			s.ended(id)
		}},
		{name: "userTask/listeners-camunda-deleted", model: classic("camunda:versionTag"), run: func(s *script) {
			id := s.start("human", `{"log":"","boss":null,"priority":90}`)
			s.advance("P1D")
			s.ended(id)
		}},
		{name: "userTask/listeners-flowable", model: func(m *bpmntest.Model) {
			p := m.Process("human").Attr("flowable:candidateStarterGroups", "all")
			p.Start("start").To(p.User("check").Attr("flowable:assignee", "ann").Attr("flowable:owner", "${boss}").Attr("flowable:category", "legal").
				Attr("flowable:taskIdVariableName", "taskId").Attr("flowable:taskCompleterVariableName", "completer").
				Ext(`<flowable:taskListener event="all" expression="` + logged("all") + `"/>`)).To(p.End("end"))
		}, run: func(s *script) {
			id := s.start("human", `{"log":"","boss":"eve"}`)
			s.user("check", "")
			s.ended(id)
		}},
		{name: "userTask/listener-fails", model: func(m *bpmntest.Model) {
			p := m.Process("human")
			p.Start("start").To(p.User("check").ListenTask("create", "${task.setVariable('made', 1)}").ListenTask("create", "${task.setPriority(p)}")).To(p.End("end"))
		}, run: func(s *script) {
			id := s.start("human", `{"p":"high"}`)
			s.set(id, 0, false, `{"p":100}`)
			s.resolve("check")
			s.user("check", "")
			s.ended(id)
		}},
		{name: "userTask/listener-script", model: func(m *bpmntest.Model) {
			p := m.Process("human")
			p.Start("start").To(p.User("check").Ext(`<camunda:taskListener event="create"><camunda:script scriptFormat="javascript">`+
				`task.setAssignee(task.getVariable("boss")); task.setDueDate("2026-02-01T00:00:00Z"); task.addCandidateGroup("ops"); `+
				`task.setName(task.name + " for " + task.assignee); task.setVariable("seen", task.getTaskDefinitionKey() + " " + task.eventName)`+
				`</camunda:script></camunda:taskListener>`).Attr("name", "Check")).To(p.End("end"))
		}, run: func(s *script) {
			id := s.start("human", `{"boss":"ann"}`)
			s.user("check", "")
			s.ended(id)
		}},
		{name: "userTask/listener-timeout", model: func(m *bpmntest.Model) {
			p := m.Process("human")
			p.Start("start").To(p.User("check").Ext(`<camunda:taskListener id="remind" event="timeout" expression="${task.setPriority(task.priority + 10)}">` +
				`<bpmn:timerEventDefinition><bpmn:timeCycle>R2/PT1H</bpmn:timeCycle></bpmn:timerEventDefinition></camunda:taskListener>`)).To(p.End("end"))
		}, run: func(s *script) {
			id := s.start("human", "")
			s.advance("PT1H")
			s.advance("PT1H")
			s.user("check", "")
			s.ended(id)
		}},
		{name: "userTask/listener-jobs", model: asJobs, run: func(s *script) {
			id := s.start("human", `{"boss":"ann"}`)
			_, task := s.taskAt("check")
			s.say("complete it while it is being created")
			s.send(id, &commands.CompleteTask{TaskID: task})
			s.rejected(commands.CodeTaskPending)
			s.listenerJob("check", commands.CompleteJob{Corrections: &events.TaskChanges{Priority: ptr(80)}})
			s.listenerJob("check", commands.CompleteJob{})
			s.listenerJob("check", commands.CompleteJob{Denied: true, DeniedReason: "ann is ill"})
			s.assign("check", "bob")
			s.listenerJob("check", commands.CompleteJob{Corrections: &events.TaskChanges{Assignee: ptr("cy")}})
			s.update("check", events.TaskChanges{Priority: ptr(10)})
			s.listenerJob("check", commands.CompleteJob{})
			s.user("check", `{"approved":true}`)
			s.listenerJob("check", commands.CompleteJob{Denied: true})
			s.user("check", `{"approved":false}`)
			s.listenerJob("check", commands.CompleteJob{})
			s.ended(id)
		}},
		{name: "userTask/listener-jobs-fail", model: asJobs, run: func(s *script) {
			id := s.start("human", `{"boss":null}`)
			_, job := s.job("check")
			s.say("deny the creation")
			s.send(id, &commands.CompleteJob{JobID: job, Denied: true, Worker: "w"})
			s.rejected(commands.CodeCommandInvalid)
			s.say("throw an error from it")
			s.send(id, &commands.ThrowError{JobID: job, Code: "E"})
			s.rejected(commands.CodeCommandInvalid)
			s.say("fail it for good")
			s.send(id, &commands.FailJob{JobID: job, Retries: ptr(0), Message: "no", Worker: "w"})
			s.resolve("check")
			s.listenerJob("check", commands.CompleteJob{})
			s.advance("P1D")
			s.ended(id)
		}},
		{name: "userTask/update", model: func(m *bpmntest.Model) {
			p := m.Process("human")
			p.Start("start").To(p.User("check").Ext(`<zeebe:formDefinition formId="f" bindingType="versionTag" versionTag="v2"/><zeebe:priorityDefinition priority="=prio"/>`)).To(p.End("end"))
		}, run: func(s *script) {
			id := s.start("human", `{"prio":101}`)
			s.set(id, 0, false, `{"prio":60}`)
			s.resolve("check")
			s.update("check", events.TaskChanges{DueMS: ptr(int64(epochMS + 1000)), FollowUpMS: ptr(int64(0)), CandidateUsers: &[]string{"ann", "bob"}, Owner: ptr("eve")})
			s.assign("check", "ann")
			s.assign("check", "")
			_, task := s.taskAt("check")
			s.say("update nothing")
			s.send(id, &commands.UpdateTask{TaskID: task})
			s.rejected(commands.CodeCommandInvalid)
			s.user("check", "")
			s.ended(id)
		}},
	}
}
