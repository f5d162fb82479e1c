package engine

import (
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/internal/bpmntest"
)

// variableTraces are mappings, owners and limits of variables.
func variableTraces() []trace {
	scoped := func(m *bpmntest.Model) {
		p := m.Process("scoped")
		box := p.Sub("box").In("=1", "local")
		p.Start("start").To(box).To(p.End("end"))
		in := box.Inside()
		in.Start("in").To(in.Service("work", "work")).To(in.End("out"))
	}
	return []trace{
		{name: "variables/nearest-owner-even-when-equal", model: scoped, run: func(s *script) {
			s.start("scoped", `{"x":1}`)
			// local belongs to the subprocess, though the value is equal; x and y
			// to the root.
			s.complete("work", `{"local":1,"x":1,"y":2}`)
		}},
		{name: "variables/set", model: scoped, run: func(s *script) {
			id := s.start("scoped", `{"x":1}`)
			s.set(id, 3, false, `{"local":5,"x":2,"y":3}`)
			s.set(id, 3, true, `{"x":9}`)
			s.set(id, 0, false, `{"x":4}`)
			s.say("set in a scope that is not there")
			s.send(id, &commands.SetVariables{Scope: 99, Variables: doc(s.t, `{"x":1}`)})
			s.rejected(commands.CodeElementNotFound)
		}},
		{name: "variables/nested-mappings", model: func(m *bpmntest.Model) {
			p := m.Process("nested")
			work := p.Service("work", "work").
				In("=order.id", "request.id").In(`="x"`, "request.meta.kind").In("=request.id + 1", "next").
				Out("=price", "order.price").Out("=tax", "order.tax.amount").Out("=order.id", "copy")
			p.Start("start").To(work).To(p.End("end"))
		}, run: func(s *script) {
			s.start("nested", `{"order":{"id":7,"tax":{"rate":19}}}`)
			s.complete("work", `{"price":1.50,"tax":2}`)
		}},
		{name: "variables/too-large-for-the-element", cfg: Config{MaxInstanceBytes: 400}, model: func(m *bpmntest.Model) {
			p := m.Process("local")
			p.Start("start").To(p.Service("work", "work").Out("=1", "done")).To(p.End("end"))
		}, run: func(s *script) {
			// The result would replace the variable of the process, but with an
			// output mapping it is first written beside it.
			text := string(make160()) + string(make160())[:80]
			id := s.start("local", `{"text":"`+text+`"}`)
			s.complete("work", `{"text":"`+text+`"}`)
			s.rejected(commands.CodeVariablesTooLarge)
			s.complete("work", `{"text":""}`)
			s.ended(id)
		}},
		{name: "variables/camunda-outputs-and-results", model: func(m *bpmntest.Model) {
			p := m.Process("c7").Attr("camunda:versionTag", "1")
			work := p.Node("serviceTask", "work").Attr("camunda:type", "external").Attr("camunda:topic", "pack").
				Ext(`<camunda:inputOutput><camunda:inputParameter name="local">${amount}</camunda:inputParameter><camunda:outputParameter name="total">${local + price}</camunda:outputParameter></camunda:inputOutput>`)
			p.Start("start").To(work).To(p.User("check")).To(p.End("end"))
		}, run: func(s *script) {
			s.start("c7", `{"amount":5}`)
			s.complete("work", `{"price":2,"local":7}`) // price goes to the process, local stays
		}},
		{name: "variables/results-past-inputs", run: func(s *script) {
			s.c.defs.settings = map[string]string{"input-results": "outwards"}
			s.deploy(func(m *bpmntest.Model) {
				p := m.Process("past")
				work := p.Service("work", "work").In("=order", "order").In("=1", "mine.a")
				p.Start("start").To(work).To(p.User("check").In("=order", "order")).To(p.Service("out", "out").In("=1", "order").Out("=order", "given")).To(p.End("end"))
			})
			id := s.start("past", `{"order":1}`)
			s.complete("work", `{"order":2,"mine":3,"free":4}`)
			s.user("check", `{"order":5}`)
			s.complete("out", `{"order":6}`) // outputs say what goes out
			s.ended(id)
		}},
		{name: "variables/data-objects", model: func(m *bpmntest.Model) {
			p := m.Process("data")
			p.DataObject("d1", "total", "int", "1")
			p.DataObject("d2", "text", "string", "as modelled")
			box := p.Sub("box")
			in := box.Inside()
			in.DataObject("d3", "total", "long", "10")
			in.Start("in").To(in.Service("work", "work")).To(in.End("out"))
			p.Start("start").To(box).To(p.End("end"))
		}, run: func(s *script) {
			id := s.start("data", `{"text":"passed"}`)
			s.complete("work", `{"total":11,"text":"from inside"}`) // total is the subprocess's
			s.ended(id)
		}},
		{name: "variables/data-associations", model: func(m *bpmntest.Model) {
			p := m.Process("data")
			work := p.Service("work", "work").AssignIn("=a + 1", "local.x").AssignIn("=local.x", "copy").AssignOut("=copy + a", "sum.of")
			catch := p.CatchMessage("catch", "m", "=a").AssignOut("=body", "got")
			p.Start("start").To(work).To(catch).To(p.User("check")).To(p.End("end"))
		}, run: func(s *script) {
			id := s.start("data", `{"a":1}`)
			s.complete("work", `{"a":2}`)
			s.message("m", "2", `{"body":3}`)
			s.user("check", "")
			s.ended(id)
		}},
		{name: "variables/too-large", cfg: Config{MaxVariablesBytes: 200, MaxInstanceBytes: 260}, model: oneTask, run: func(s *script) {
			big := `{"big":"` + string(make160()) + `"}`
			s.start("one", `{"a":"`+string(make160())+`","b":"`+string(make160())+`"}`)
			s.rejected(commands.CodeVariablesTooLarge)
			id := s.start("one", big)
			_, job := s.job("work")
			s.say("complete with another 160 bytes")
			s.send(id, &commands.CompleteJob{JobID: job, Variables: doc(s.t, `{"more":"`+string(make160())+`"}`)})
			s.rejected(commands.CodeVariablesTooLarge)
			s.say("replace the variable")
			s.send(id, &commands.SetVariables{Variables: doc(s.t, big)})
			s.rejected("")
			s.complete("work", `{"more":1}`)
			s.ended(id)
		}},
	}
}
