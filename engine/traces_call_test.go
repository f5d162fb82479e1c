package engine

import (
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/internal/bpmntest"
)

// callTraces are call activities: variables in and out, errors, interruption.
func callTraces() []trace {
	child := func(m *bpmntest.Model) {
		p := m.Process("child")
		gw := p.Exclusive("gw")
		p.Start("cstart").To(p.Service("work", "work")).To(gw)
		gw.If(`=mode = "fail"`, p.EndError("boom", "E1"))
		gw.Else(p.End("cend"))
	}
	caller := func(change func(*bpmntest.Scope, *bpmntest.Node)) func(m *bpmntest.Model) {
		return func(m *bpmntest.Model) {
			child(m)
			p := m.Process("caller")
			call := p.Call("call", "child")
			p.Start("start").To(call).To(p.Service("after", "after")).To(p.End("end"))
			change(p, call)
		}
	}
	plain := func(*bpmntest.Scope, *bpmntest.Node) {}
	return []trace{
		{name: "callActivity/all-variables", model: caller(plain), run: func(s *script) {
			id := s.start("caller", `{"a":1}`)
			s.complete("work", `{"a":2,"b":3,"mode":"ok"}`)
			s.complete("after", "")
			s.ended(id)
		}},
		{name: "callActivity/mappings", model: caller(func(_ *bpmntest.Scope, c *bpmntest.Node) {
			c.In("=a + 1", "x").Out("=y", "result")
		}), run: func(s *script) {
			s.start("caller", `{"a":1}`)
			s.complete("work", `{"y":{"z":1},"mode":"ok"}`)
		}},
		{name: "callActivity/in-and-out", model: func(m *bpmntest.Model) {
			child(m)
			p := m.Process("caller")
			call := p.Call("call", "child").Ext(`<camunda:in source="a" target="x"/><camunda:out sourceExpression="${y + 1}" target="result"/>`)
			p.Start("start").To(call).To(p.Service("after", "after")).To(p.End("end"))
		}, run: func(s *script) {
			s.start("caller", `{"a":1}`)
			s.complete("work", `{"y":1,"mode":"ok"}`)
		}},
		{name: "callActivity/results-do-not-fit", cfg: Config{MaxInstanceBytes: 400}, model: caller(plain), run: func(s *script) {
			id := s.start("caller", `{"mode":"ok"}`)
			s.set(id, 0, false, `{"a":"`+string(make160())+`"}`)
			s.complete("work", `{"b":"`+string(make160())+string(make160())[:80]+`"}`)
			s.set(id, 0, false, `{"a":""}`)
			_, inc := at(s, "incident", "call", func(in *Instance) []*Incident { return in.Incidents }, func(i *Incident) bool { return i.ElementID == "call" })
			s.say("the incident is %s", inc.Code)
			s.resolve("call")
			s.complete("after", "")
		}},
		{name: "callActivity/error-out", model: caller(func(p *bpmntest.Scope, c *bpmntest.Node) {
			c.OnError("caught", "E1").To(p.End("end1"))
		}), run: func(s *script) {
			id := s.start("caller", "")
			s.complete("work", `{"mode":"fail"}`)
			s.ended(id)
		}},
		{name: "callActivity/error-out-of-a-job", model: caller(func(p *bpmntest.Scope, c *bpmntest.Node) {
			c.OnError("caught", "").To(p.End("end1"))
		}), run: func(s *script) {
			id := s.start("caller", "")
			s.throw("work", "E7", `{"why":"x"}`)
			s.ended(id)
		}},
		{name: "callActivity/error-out-camunda", model: child, run: func(s *script) {
			s.deploy(func(m *bpmntest.Model) {
				p := m.Process("caller").Attr("camunda:versionTag", "1")
				call := p.Node("callActivity", "call").Attr("calledElement", "child").
					Ext(`<camunda:in source="a" target="x"/><camunda:out source="y" target="result"/>`)
				p.Start("start").To(call).To(p.End("end"))
				call.OnError("caught", "E1").To(p.User("mend")).To(p.End("end1"))
			})
			s.start("caller", `{"a":1}`)
			s.complete("work", `{"mode":"fail","y":2,"z":3}`)
		}},
		{name: "callActivity/bindings", run: func(s *script) {
			called := func(tag, task string) func(m *bpmntest.Model) {
				return func(m *bpmntest.Model) {
					p := m.Process("child").Attr("camunda:versionTag", tag)
					p.Start("cstart").To(p.Service(task, task)).To(p.End("cend"))
				}
			}
			s.deploy(called("v1", "one1"))
			s.deploy(func(m *bpmntest.Model) {
				called("v2", "two")(m)
				for _, binding := range []string{"latest", "deployment", "version", "versionTag"} {
					p := m.Process("by-"+binding).Attr("camunda:versionTag", "1")
					call := p.Node("callActivity", "call-"+binding).Attr("calledElement", "child").Attr("camunda:calledElementBinding", binding)
					switch binding {
					case "version":
						call.Attr("camunda:calledElementVersion", "1")
					case "versionTag":
						call.Attr("camunda:calledElementVersionTag", "v1")
					}
					p.Start("start-" + binding).To(call).To(p.End("end-" + binding))
				}
			})
			s.deploy(called("v3", "three"))
			for _, binding := range []string{"latest", "deployment", "version", "versionTag"} {
				s.start("by-"+binding, "")
			}
		}},
		{name: "callActivity/error-uncaught", model: caller(plain), run: func(s *script) {
			id := s.start("caller", "")
			s.complete("work", `{"mode":"fail"}`)
			s.cancel(id)
			s.ended(id)
		}},
		{name: "callActivity/canceled-from-outside", model: caller(plain), run: func(s *script) {
			id := s.start("caller", "")
			_, job := s.job("work")
			s.say("cancel the called instance")
			called := instanceOf(s, job[:26])
			s.send(called, &commands.CancelInstance{})
			s.rejected(commands.CodeCommandInvalid)
			s.cancel(id)
			s.ended(id, called)
		}},
		{name: "callActivity/interrupted", model: caller(func(p *bpmntest.Scope, c *bpmntest.Node) {
			c.OnTimer("late", bpmntest.Duration("PT1H"), true).To(p.End("end1"))
		}), run: func(s *script) { id := s.start("caller", ""); s.advance("PT1H"); s.ended(id) }},
		{name: "callActivity/not-deployed", model: func(m *bpmntest.Model) {
			p := m.Process("caller")
			p.Start("start").To(p.Call("call", "child")).To(p.End("end"))
		}, run: func(s *script) {
			id := s.start("caller", `{"mode":"ok"}`)
			s.deploy(child)
			s.resolve("call")
			s.complete("work", "")
			s.ended(id)
		}},
		{name: "callActivity/too-deep", cfg: Config{MaxCallDepth: 3}, model: func(m *bpmntest.Model) {
			p := m.Process("caller")
			p.Start("start").To(p.Call("call", "caller")).To(p.End("end"))
		}, run: func(s *script) {
			id := s.start("caller", "")
			s.cancel(id)
			s.ended(id)
		}},
	}
}
