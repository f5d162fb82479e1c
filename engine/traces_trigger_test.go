package engine

import (
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/internal/bpmntest"
)

// trigger continues what waits at an element.
func (s *script) trigger(element, vars string) {
	s.t.Helper()
	id, el := at(s, "element", element, func(in *Instance) []*Element { return in.Elements },
		func(e *Element) bool { return e.ElementID == element && e.Type != loopBody })
	s.say("trigger %s %s", element, vars)
	s.send(id, &commands.Trigger{ElementInstanceID: ids.Join(id, el.Key), Variables: doc(s.t, vars)})
}

// triggerTraces are elements that a command continues.
func triggerTraces() []trace {
	receive := func(m *bpmntest.Model) {
		p := m.Process("p")
		p.Attr("camunda:versionTag", "1")
		wait := p.Node("receiveTask", "wait")
		p.Start("start").To(wait).To(p.End("end"))
		wait.OnTimer("late", bpmntest.Duration("PT1H"), true).To(p.End("end2"))
	}
	triggerable := func(m *bpmntest.Model) {
		p := m.Process("p")
		p.Start("start").To(p.Triggerable("ask", "${n + 1}", "asked")).To(p.End("end"))
	}
	return []trace{
		{name: "receiveTask/trigger", model: receive, run: func(s *script) {
			id := s.start("p", "")
			s.trigger("wait", `{"answer":1}`)
			s.ended(id)
		}},
		{name: "receiveTask/trigger-too-late", model: receive, run: func(s *script) {
			id := s.start("p", "")
			s.advance("PT1H")
			s.ended(id)
			s.say("trigger wait")
			s.send(id, &commands.Trigger{ElementInstanceID: ids.Join(id, 3)})
			s.rejected(commands.CodeInstanceFinished)
		}},
		{name: "receiveTask/trigger-what-does-not-wait", model: func(m *bpmntest.Model) {
			p := m.Process("p")
			p.Attr("camunda:versionTag", "1")
			p.Start("start").To(p.User("user")).To(p.End("end"))
		}, run: func(s *script) {
			id := s.start("p", "")
			s.trigger("user", "")
			s.rejected(commands.CodeElementNotWaiting)
			s.say("trigger what is not there")
			s.send(id, &commands.Trigger{ElementInstanceID: ids.Join(id, 99)})
			s.rejected(commands.CodeElementNotFound)
			s.cancel(id)
		}},
		{name: "receiveTask/trigger-with-outputs-that-fail", model: func(m *bpmntest.Model) {
			p := m.Process("p")
			p.Attr("camunda:versionTag", "1")
			wait := p.Node("receiveTask", "wait").Ext(`<camunda:inputOutput><camunda:outputParameter name="twice">${answer * 2}</camunda:outputParameter></camunda:inputOutput>`)
			p.Start("start").To(wait).To(p.End("end"))
		}, run: func(s *script) {
			id := s.start("p", "")
			s.trigger("wait", `{"other":1}`)
			s.trigger("wait", `{"answer":1}`)
			s.rejected(commands.CodeElementNotWaiting)
			s.set(id, 0, false, `{"answer":2}`)
			s.resolve("wait")
			s.ended(id)
		}},
		{name: "serviceTask/triggerable", model: triggerable, run: func(s *script) {
			id := s.start("p", `{"n":1}`)
			s.trigger("ask", `{"answer":1}`)
			s.ended(id)
		}},
		{name: "serviceTask/triggerable-fails-first", model: triggerable, run: func(s *script) {
			id := s.start("p", "")
			s.trigger("ask", "")
			s.rejected(commands.CodeElementNotWaiting)
			s.set(id, 0, false, `{"n":1}`)
			s.resolve("ask")
			s.trigger("ask", "")
			s.ended(id)
		}},
		{name: "serviceTask/triggerable-job", model: func(m *bpmntest.Model) {
			p := m.Process("p")
			p.Start("start").To(p.Service("ask", "ask").Attr("flowable:triggerable", "true").Each(bpmntest.Loop{Collection: "=list", Item: "item", Sequential: true})).To(p.End("end"))
		}, run: func(s *script) {
			id := s.start("p", `{"list":[1,2]}`)
			s.trigger("ask", "")
			s.rejected(commands.CodeElementNotWaiting)
			s.complete("ask", `{"a":1}`)
			s.trigger("ask", `{"b":1}`)
			s.complete("ask", "")
			s.trigger("ask", "")
			s.ended(id)
		}},
	}
}
