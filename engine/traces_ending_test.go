package engine

import (
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/internal/bpmntest"
)

// endingTraces are elements with cancel listeners that are interrupted or
// canceled.
func endingTraces() []trace {
	attended := func(s *bpmntest.Scope, id string) *bpmntest.Node {
		return s.User(id).ListenTaskJob("canceling", id+"-canceling")
	}
	late := bpmntest.Duration("PT1H")
	nested := func(m *bpmntest.Model) {
		p := m.Process("nested").ListenJob("cancel", "p-cancel")
		sub := p.Sub("sub").ListenJob("cancel", "sub-cancel")
		p.Start("start").To(sub).To(p.End("end"))
		sub.OnTimer("late", late, true).To(p.User("after")).To(p.End("end1"))
		in := sub.Inside()
		fork := in.Parallel("fork")
		in.Start("begin").To(fork)
		fork.To(attended(in, "ask")).To(in.End("done1"))
		fork.To(in.Service("pack", "pack").ListenJob("cancel", "pack-cancel")).To(in.End("done2"))
		fork.To(in.Service("plain", "plain")).To(in.End("done3"))
	}
	return []trace{
		{name: "taskListener/canceling", model: func(m *bpmntest.Model) {
			p := m.Process("human")
			check := p.User("check").ListenTaskJob("canceling", "first").ListenTaskJob("canceling", "second").ListenJob("cancel", "third")
			p.Start("start").To(check).To(p.End("end"))
			check.OnTimer("late", late, true).To(p.End("end1"))
		}, run: func(s *script) {
			id := s.start("human", "")
			s.advance("PT1H")
			s.user("check", "")
			s.rejected(commands.CodeTaskPending)
			s.listenerJob("check", commands.CompleteJob{Denied: true, DeniedReason: "stay"})
			s.rejected(commands.CodeCommandInvalid)
			s.throw("check", "E1", "")
			s.rejected(commands.CodeCommandInvalid)
			s.listenerJob("check", commands.CompleteJob{Corrections: &events.TaskChanges{Assignee: ptr("archive")}})
			s.fail("check", "not now")
			s.advance("PT1M")
			s.complete("check", "")
			s.complete("check", `{"told":true}`)
			s.ended(id)
		}},
		{name: "listener/cancel-nested", model: nested, run: func(s *script) {
			id := s.start("nested", "")
			s.advance("PT1H")
			s.complete("pack", "")
			s.complete("ask", "")
			s.complete("sub", "")
			s.user("after", "")
			s.ended(id)
		}},
		{name: "listener/cancel-instance", model: nested, run: func(s *script) {
			id := s.start("nested", "")
			s.cancel(id)
			s.say("cancel again: it is on its way")
			s.cancel(id)
			s.complete("pack", "")
			s.fail("ask", "1")
			s.advance("PT1M")
			s.fail("ask", "2")
			s.advance("PT1M")
			s.fail("ask", "3")
			s.resolve("ask")
			s.complete("ask", "")
			s.complete("sub", "")
			s.complete("nested", "")
			s.ended(id)
		}},
		{name: "listener/cancel-while-ending", model: nested, run: func(s *script) {
			id := s.start("nested", "")
			s.advance("PT1H")
			s.complete("ask", "")
			s.cancel(id)
			s.complete("pack", "")
			s.complete("sub", "")
			s.complete("nested", "")
			s.ended(id)
		}},
		{name: "listener/cancel-by-event-subprocess", model: func(m *bpmntest.Model) {
			p := m.Process("watched")
			p.Start("start").To(attended(p, "ask")).To(p.End("end"))
			in := p.EventSub("stop")
			in.OnMessage("stopped", "stop", `="k"`, true).To(in.User("last")).To(in.End("stopEnd"))
		}, run: func(s *script) {
			id := s.start("watched", "")
			s.message("stop", "k", `{"why":"late"}`)
			s.complete("ask", "")
			s.user("last", "")
			s.ended(id)
		}},
		{name: "listener/cancel-event-subprocess-is-interrupted", model: func(m *bpmntest.Model) {
			p := m.Process("watched")
			sub := p.Sub("sub")
			p.Start("start").To(sub).To(p.End("end"))
			sub.OnTimer("late", late, true).To(p.End("end1"))
			inner := sub.Inside()
			inner.Start("begin").To(attended(inner, "ask")).To(inner.End("done"))
			in := inner.EventSub("stop")
			in.OnMessage("stopped", "stop", `="k"`, true).To(in.User("last")).To(in.End("stopEnd"))
		}, run: func(s *script) {
			id := s.start("watched", "")
			s.message("stop", "k", `{"why":"late"}`)
			s.advance("PT1H")
			s.complete("ask", "")
			s.ended(id)
		}},
		{name: "listener/cancel-by-error", model: func(m *bpmntest.Model) {
			p := m.Process("thrown")
			sub := p.Sub("sub").In("=1", "local")
			p.Start("start").To(sub).To(p.End("end"))
			sub.OnError("wrong", "E1").To(p.End("end1"))
			in := sub.Inside()
			fork := in.Parallel("fork")
			in.Start("begin").To(fork)
			fork.To(in.Service("work", "work").ListenJob("cancel", "work-cancel")).To(in.End("done1"))
			fork.To(attended(in, "ask")).To(in.End("done2"))
		}, run: func(s *script) {
			id := s.start("thrown", "")
			s.throw("work", "E1", `{"what":"broken"}`)
			s.complete("work", "")
			s.complete("ask", "")
			s.ended(id)
		}},
		{name: "listener/cancel-called", model: func(m *bpmntest.Model) {
			p := m.Process("caller")
			call := p.Call("call", "called").ListenJob("cancel", "call-cancel")
			p.Start("start").To(call).To(p.End("end"))
			call.OnTimer("late", late, true).To(p.End("end1"))
			c := m.Process("called").ListenJob("cancel", "called-cancel")
			c.Start("begin").To(attended(c, "ask")).To(c.End("done"))
		}, run: func(s *script) {
			id := s.start("caller", "")
			s.advance("PT1H")
			s.complete("ask", "")
			s.complete("called", "")
			s.complete("call", "")
			s.ended(id)
		}},
		{name: "listener/cancel-rest-of-loop", model: func(m *bpmntest.Model) {
			p := m.Process("loop")
			each := attended(p, "ask").Each(bpmntest.Loop{Collection: "=[1,2,3]", Item: "item", Until: "=numberOfCompletedInstances = 1"})
			p.Start("start").To(each).To(p.End("end"))
		}, run: func(s *script) {
			id := s.start("loop", "")
			s.user("ask", "")
			s.complete("ask", "")
			s.complete("ask", "")
			s.ended(id)
		}},
		{name: "listener/cancel-by-terminate-end", model: func(m *bpmntest.Model) {
			p := m.Process("race")
			fork := p.Parallel("fork")
			p.Start("start").To(fork)
			fork.To(attended(p, "ask")).To(p.End("end"))
			fork.To(p.Service("work", "work")).To(p.EndTerminate("stop"))
		}, run: func(s *script) {
			id := s.start("race", "")
			s.complete("work", "")
			s.complete("ask", "")
			s.ended(id)
		}},
		{name: "listener/cancel-rest-of-ad-hoc", model: func(m *bpmntest.Model) {
			p := m.Process("adhoc")
			box := p.AdHoc("box", `=["ask","other"]`, "=done")
			p.Start("start").To(box).To(p.End("end"))
			in := box.Inside()
			attended(in, "ask")
			in.User("other")
		}, run: func(s *script) {
			id := s.start("adhoc", `{"done":true}`)
			s.user("other", "")
			s.say("what is ending takes no other activity")
			s.send(id, &commands.ActivateAdHoc{ElementInstanceID: ids.Join(id, 3), Activities: []commands.Activity{{ElementID: "other"}}})
			s.rejected(commands.CodeElementNotFound)
			s.complete("ask", "")
			s.ended(id)
		}},
		{name: "listener/cancel-job-type-fails", model: func(m *bpmntest.Model) {
			p := m.Process("typed")
			p.Start("start").To(p.User("ask").ListenTaskJob("canceling", "=kind")).To(p.End("end"))
		}, run: func(s *script) {
			id := s.start("typed", "")
			s.cancel(id)
			s.set(id, 1, false, `{"kind":"tell"}`)
			s.resolve("ask")
			s.complete("ask", "")
			s.ended(id)
		}},
		{name: "listener/cancel-pending-task", model: func(m *bpmntest.Model) {
			p := m.Process("human")
			check := p.User("check").ListenTaskJob("completing", "complete").ListenTaskJob("canceling", "cancel")
			p.Start("start").To(check).To(p.End("end"))
			check.OnTimer("late", late, true).To(p.End("end1"))
		}, run: func(s *script) {
			id := s.start("human", "")
			s.user("check", `{"ok":true}`)
			s.advance("PT1H")
			s.listenerJob("check", commands.CompleteJob{})
			s.ended(id)
		}},
		{name: "listener/cancel-by-own-results", model: func(m *bpmntest.Model) {
			p := m.Process("mixed").Attr("camunda:versionTag", "1")
			work := p.Service("work", "work").ListenJob("cancel", "work-cancel").Ext(`<camunda:inputOutput><camunda:outputParameter name="copy">${broken}</camunda:outputParameter></camunda:inputOutput>`)
			p.Start("start").To(work).To(p.End("end"))
			work.OnCondition("stop", "${broken}", true).To(p.End("end1"))
		}, run: func(s *script) {
			id := s.start("mixed", `{"broken":false}`)
			s.complete("work", `{"broken":true}`)
			s.complete("work", "")
			s.ended(id)
		}},
		{name: "listener/cancel-handler", model: func(m *bpmntest.Model) {
			p := m.Process("undoing")
			sub := p.Sub("sub")
			p.Start("start").To(sub).To(p.End("end"))
			sub.OnTimer("late", late, true).To(p.End("end1"))
			in := sub.Inside()
			work := in.Service("work", "work")
			work.OnCompensate("undone", attended(in, "undo"))
			in.Start("begin").To(work).To(in.ThrowCompensation("throw", "").ListenJob("cancel", "throw-cancel")).To(in.End("done"))
		}, run: func(s *script) {
			id := s.start("undoing", "")
			s.complete("work", "")
			s.advance("PT1H")
			s.complete("undo", "")
			s.complete("throw", "")
			s.ended(id)
		}},
	}
}
