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
