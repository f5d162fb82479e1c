package engine

import (
	"strings"

	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/internal/bpmntest"
)

// answer ends the job of an ad-hoc subprocess: these activities begin.
func (s *script) answer(element, vars string, activities ...string) {
	s.t.Helper()
	r := &commands.AdHocResult{}
	for _, id := range activities {
		r.Activities = append(r.Activities, commands.Activity{ElementID: id, Variables: doc(s.t, `{"asked":"`+id+`"}`)})
	}
	s.answerWith(element, vars, r)
}

func (s *script) answerWith(element, vars string, r *commands.AdHocResult) {
	s.t.Helper()
	id, job := s.adHocJob(element)
	s.say("the worker of %s answers %s complete=%v cancel_remaining=%v %s", element, activityIDs(r.Activities), r.Complete, r.CancelRemaining, vars)
	s.send(id, &commands.CompleteJob{JobID: job, Worker: "w", Variables: doc(s.t, vars), AdHoc: r})
}

func (s *script) adHocJob(element string) (ids.Instance, string) {
	s.t.Helper()
	id, j := at(s, "job", element, func(in *Instance) []*Job { return in.Jobs }, func(j *Job) bool { return j.ElementID == element && j.Listener == "" })
	return id, ids.Join(id, j.Key)
}

func activityIDs(list []commands.Activity) string {
	out := make([]string, 0, len(list))
	for _, a := range list {
		out = append(out, a.ElementID)
	}
	return strings.Join(out, ",")
}

// zeebeTraces are what models of Camunda 8 have and others have not.
func zeebeTraces() []trace {
	return []trace{
		{name: "serviceTask/linked-resources", model: func(m *bpmntest.Model) {
			p := m.Process("robots")
			work := p.Service("work", "robot").Header("speed", "slow").Ext(`<zeebe:linkedResources>` +
				`<zeebe:linkedResource resourceId="invoice" resourceType="RPA" linkName="RPAScript" bindingType="deployment"/>` +
				`<zeebe:linkedResource resourceId="=rules" resourceType="list" linkName="rules" bindingType="versionTag" versionTag="v2"/>` +
				`</zeebe:linkedResources>`)
			p.Start("start").To(work).To(p.End("end"))
		}, run: func(s *script) {
			id := s.start("robots", `{"rules":""}`)
			s.set(id, 1, false, `{"rules":"strict"}`)
			s.resolve("work")
			s.complete("work", "")
			s.ended(id)
		}},
		{name: "adHocSubProcess/job", model: agent(func(_ *bpmntest.Scope, box *bpmntest.Node) {
			box.Ext(`<zeebe:adHoc outputCollection="results" outputElement="=result"/>`)
		}), run: func(s *script) {
			id := s.start("agent", "")
			s.answer("box", `{"round":1}`, "a", "b")
			s.user("b", `{"result":"because"}`)
			s.say("nothing else for now")
			s.answer("box", `{"round":2}`)
			s.complete("a", `{"result":7}`)
			s.complete("a2", "")
			s.answerWith("box", `{"round":3}`, &commands.AdHocResult{Complete: true})
			s.ended(id)
		}},
		{name: "adHocSubProcess/job-is-replaced", model: agent(nil), run: func(s *script) {
			id := s.start("agent", "")
			s.answer("box", "", "b", "b")
			s.user("b", "")
			_, stale := s.adHocJob("box")
			s.user("b", "")
			s.say("complete the job before")
			s.send(id, &commands.CompleteJob{JobID: stale, AdHoc: &commands.AdHocResult{Complete: true}})
			s.rejected(commands.CodeJobNotFound)
			s.answer("box", "", "a2")
			s.rejected(commands.CodeElementNotFound)
			s.answer("box", "", "b")
			s.say("finish while b is active: it goes on to its end")
			s.user("b", "")
			s.answer("box", "", "b")
			s.activate("box", false, commands.Activity{ElementID: "a"})
			s.user("b", "")
			s.answerWith("box", "", &commands.AdHocResult{Complete: true})
			s.complete("a", "")
			s.complete("a2", "")
			s.ended(id)
		}},
		{name: "adHocSubProcess/job-cancels-the-rest", model: agent(nil), run: func(s *script) {
			id := s.start("agent", "")
			s.answer("box", "", "a", "b")
			s.user("b", "")
			s.answerWith("box", "", &commands.AdHocResult{CancelRemaining: true, Activities: []commands.Activity{{ElementID: "b"}, {ElementID: "a"}}})
			s.user("b", "")
			s.answerWith("box", "", &commands.AdHocResult{CancelRemaining: true, Complete: true})
			s.ended(id)
		}},
		{name: "adHocSubProcess/job-fails", model: agent(func(p *bpmntest.Scope, box *bpmntest.Node) {
			box.OnError("wrong", "E1").To(p.End("end1"))
		}), run: func(s *script) {
			id := s.start("agent", "")
			s.answer("box", "", "b", "b")
			s.user("b", "")
			s.fail("box", "no model")
			s.advance("PT1M")
			s.fail("box", "no model")
			s.say("an activity that ends makes another job, and the incident goes")
			s.user("b", "")
			s.answer("box", "", "b")
			s.user("b", "")
			s.throw("box", "E2", "")
			s.resolve("box")
			s.throw("box", "E1", "")
			s.ended(id)
		}},
		{name: "adHocSubProcess/job-type-fails", model: func(m *bpmntest.Model) {
			p := m.Process("agent")
			box := p.SubOf("adHocSubProcess", "box").Ext(`<zeebe:taskDefinition type="=&quot;agent-&quot; + kind"/>`)
			p.Start("start").To(box).To(p.End("end"))
			box.Inside().User("b")
		}, run: func(s *script) {
			id := s.start("agent", "")
			s.set(id, 1, false, `{"kind":"x"}`)
			s.resolve("box")
			s.answer("box", "", "b", "b")
			s.set(id, 1, false, `{"kind":7}`)
			s.user("b", "")
			s.set(id, 1, false, `{"kind":"y"}`)
			s.resolve("box")
			s.answerWith("box", "", &commands.AdHocResult{Complete: true, CancelRemaining: true})
			s.ended(id)
		}},
		{name: "adHocSubProcess/job-interrupted-inside", model: agent(func(_ *bpmntest.Scope, box *bpmntest.Node) {
			in := box.Inside().EventSub("stop")
			in.OnMessage("stopped", "stop", `="k"`, true).To(in.User("last")).To(in.End("stopEnd"))
		}), run: func(s *script) {
			id := s.start("agent", "")
			s.answer("box", "", "b", "b")
			s.user("b", "")
			s.message("stop", "k", "")
			s.user("last", "")
			s.ended(id)
		}},
		{name: "adHocSubProcess/activate-cancels-the-rest", model: agentless, run: func(s *script) {
			id := s.start("agent", "")
			s.activate("box", false, commands.Activity{ElementID: "b"}, commands.Activity{ElementID: "b"})
			el := s.adHoc("box")
			s.say("activate b alone")
			s.send(id, &commands.ActivateAdHoc{ElementInstanceID: el, CancelRemaining: true, Activities: []commands.Activity{{ElementID: "b"}}})
			s.user("b", "")
			s.ended(id)
		}},
	}
}

func (s *script) adHoc(element string) string {
	s.t.Helper()
	id, el := at(s, "ad-hoc subprocess", element, func(in *Instance) []*Element { return in.Elements },
		func(e *Element) bool { return e.ElementID == element && e.AdHoc != nil })
	return ids.Join(id, el.Key)
}

// agent is an ad-hoc subprocess whose worker says what it does.
func agent(configure func(p *bpmntest.Scope, box *bpmntest.Node)) func(m *bpmntest.Model) {
	return func(m *bpmntest.Model) {
		p := m.Process("agent")
		box := p.SubOf("adHocSubProcess", "box").Ext(`<zeebe:taskDefinition type="agent" retries="2"/>`)
		p.Start("start").To(box).To(p.End("end"))
		in := box.Inside()
		in.Service("a", "a").To(in.Service("a2", "a2"))
		in.User("b").Ext(`<zeebe:properties><zeebe:property name="tool" value="ask"/></zeebe:properties>`)
		if configure != nil {
			configure(p, box)
		}
	}
}

// agentless is an ad-hoc subprocess in which nothing begins by itself.
func agentless(m *bpmntest.Model) {
	p := m.Process("agent")
	box := p.SubOf("adHocSubProcess", "box").Ext(`<zeebe:adHoc/>`)
	p.Start("start").To(box).To(p.End("end"))
	box.Inside().User("b")
}
