package engine

import (
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/internal/bpmntest"
)

// activate begins activities of an active ad-hoc subprocess, or ends it.
func (s *script) activate(element string, complete bool, activities ...commands.Activity) {
	s.t.Helper()
	id, el := at(s, "ad-hoc subprocess", element, func(in *Instance) []*Element { return in.Elements },
		func(e *Element) bool { return e.ElementID == element && e.AdHoc != nil })
	s.say("activate in %s %v complete=%v", element, activities, complete)
	s.send(id, &commands.ActivateAdHoc{ElementInstanceID: ids.Join(id, el.Key), Activities: activities, Complete: complete})
}

// adHocTraces are ad-hoc subprocesses.
func adHocTraces() []trace {
	tools := func(configure func(p *bpmntest.Scope, box *bpmntest.Node)) func(m *bpmntest.Model) {
		return func(m *bpmntest.Model) {
			p := m.Process("tools")
			box := p.SubOf("adHocSubProcess", "box")
			p.Start("start").To(box).To(p.End("end"))
			in := box.Inside()
			in.Service("a", "a").To(in.Service("a2", "a2"))
			in.User("b")
			configure(p, box)
		}
	}
	zeebe := func(attrs string) func(p *bpmntest.Scope, box *bpmntest.Node) {
		return func(_ *bpmntest.Scope, box *bpmntest.Node) { box.Ext("<zeebe:adHoc " + attrs + "/>") }
	}
	chosen := func(id, vars string, s *script) commands.Activity {
		return commands.Activity{ElementID: id, Variables: doc(s.t, vars)}
	}
	return []trace{
		{name: "adHocSubProcess/zeebe", model: tools(zeebe(`activeElementsCollection="=first"`)), run: func(s *script) {
			id := s.start("tools", `{"first":["a","b"]}`)
			s.complete("a", `{"x":1}`)
			s.user("b", "")
			s.complete("a2", "")
			s.ended(id)
		}},
		{name: "adHocSubProcess/zeebe-results", model: tools(zeebe(`activeElementsCollection="=[&quot;a&quot;]" outputCollection="results" outputElement="=result"`)), run: func(s *script) {
			id := s.start("tools", "")
			s.activate("box", false, chosen("b", `{"question":"why"}`, s), chosen("a", "", s))
			s.user("b", `{"result":"because"}`)
			s.complete("a", `{"result":1}`)
			s.complete("a", `{"result":2}`)
			s.complete("a2", "")
			s.complete("a2", "")
			s.ended(id)
		}},
		{name: "adHocSubProcess/zeebe-nothing-chosen", model: tools(zeebe("")), run: func(s *script) {
			id := s.start("tools", "")
			s.activate("box", false, chosen("nobody", "", s))
			s.rejected(commands.CodeElementNotFound)
			s.activate("box", false, chosen("a2", "", s))
			s.rejected(commands.CodeElementNotFound)
			s.activate("box", false, chosen("b", "", s))
			s.user("b", "")
			s.ended(id)
		}},
		{name: "adHocSubProcess/zeebe-wrong-list", model: tools(zeebe(`activeElementsCollection="=first"`)), run: func(s *script) {
			id := s.start("tools", `{"first":["a2"]}`)
			s.set(id, 1, false, `{"first":"a"}`)
			s.resolve("box")
			s.set(id, 1, false, `{"first":["b"]}`)
			s.resolve("box")
			s.user("b", "")
			s.ended(id)
		}},
		{name: "adHocSubProcess/until", model: tools(func(p *bpmntest.Scope, box *bpmntest.Node) {
			box.Ext(`<zeebe:adHoc activeElementsCollection="=[&quot;a&quot;,&quot;b&quot;,&quot;b&quot;]" outputCollection="results" outputElement="=answer"/>`).
				Until(`=results[-1] = "yes"`)
			box.OnTimer("late", bpmntest.Duration("PT1H"), true).To(p.End("end1"))
		}), run: func(s *script) {
			id := s.start("tools", "")
			s.user("b", `{"answer":"no"}`)
			s.user("b", `{"answer":"yes"}`)
			s.ended(id)
		}},
		{name: "adHocSubProcess/until-the-rest-has-ended", model: tools(func(p *bpmntest.Scope, box *bpmntest.Node) {
			p.Attr("camunda:versionTag", "1")
			box.Attr("cancelRemainingInstances", "false").Until("${done}")
		}), run: func(s *script) {
			id := s.start("tools", `{"done":false}`)
			s.user("b", `{"done":true}`)
			s.activate("box", false, chosen("b", "", s))
			s.rejected(commands.CodeElementNotFound)
			s.complete("a", "")
			s.complete("a2", "")
			s.ended(id)
		}},
		{name: "adHocSubProcess/until-waits-for-more", model: tools(func(_ *bpmntest.Scope, box *bpmntest.Node) {
			box.Ext(`<zeebe:adHoc activeElementsCollection="=[&quot;b&quot;]"/>`).Until("=done")
		}), run: func(s *script) {
			id := s.start("tools", `{"done":"?"}`)
			s.user("b", "")
			s.set(id, 1, false, `{"done":false}`)
			s.resolve("box")
			s.activate("box", false, chosen("b", "", s))
			s.user("b", `{"done":true}`)
			s.ended(id)
		}},
		{name: "adHocSubProcess/plain", model: tools(func(p *bpmntest.Scope, _ *bpmntest.Node) { p.Attr("camunda:versionTag", "1") }), run: func(s *script) {
			id := s.start("tools", "")
			s.user("b", "")
			s.complete("a", "")
			s.complete("a2", "")
			s.ended(id)
		}},
		{name: "adHocSubProcess/sequential", model: tools(func(p *bpmntest.Scope, box *bpmntest.Node) {
			p.Attr("camunda:versionTag", "1")
			box.Attr("ordering", "Sequential")
		}), run: func(s *script) {
			id := s.start("tools", "")
			s.activate("box", false, chosen("b", `{"again":true}`, s))
			s.complete("a", "")
			s.complete("a2", "")
			s.user("b", "")
			s.user("b", "")
			s.ended(id)
		}},
		{name: "adHocSubProcess/flowable", model: func(m *bpmntest.Model) {
			tools(func(_ *bpmntest.Scope, box *bpmntest.Node) {})(m)
			m.Process("other").Attr("flowable:candidateStarterGroups", "all").Start("ostart")
		}, run: func(s *script) {
			id := s.start("tools", "")
			s.activate("box", false, chosen("b", "", s))
			s.user("b", "")
			s.activate("box", false, chosen("a", "", s))
			s.activate("box", true)
			s.ended(id)
		}},
		{name: "adHocSubProcess/multi-instance", model: tools(func(_ *bpmntest.Scope, box *bpmntest.Node) {
			box.Ext(`<zeebe:adHoc activeElementsCollection="=[tool]" outputCollection="inner" outputElement="=item"/>`).
				Each(bpmntest.Loop{Collection: `=["a","b"]`, Item: "tool", Output: "outer", OutputElement: "=tool"}).In(`=tool + "!"`, "item")
		}), run: func(s *script) {
			id := s.start("tools", "")
			s.complete("a", "")
			s.complete("a2", "")
			s.user("b", "")
			s.ended(id)
		}},
		{name: "adHocSubProcess/error-and-event-subprocess", model: tools(func(p *bpmntest.Scope, box *bpmntest.Node) {
			p.Attr("camunda:versionTag", "1")
			box.OnError("broken", "E1").To(p.End("end1"))
			sub := box.Inside().EventSub("sub")
			sub.StartMessage("stop", "stop").To(sub.Service("tidy", "tidy")).To(sub.End("tidied"))
		}), run: func(s *script) {
			id := s.start("tools", "")
			s.throw("a", "E1", "")
			s.ended(id)
			id = s.start("tools", "")
			s.message("stop", "", "")
			s.complete("tidy", "")
			s.ended(id)
		}},
	}
}
