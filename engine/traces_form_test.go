package engine

import (
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/internal/bpmntest"
)

// formTraces are commands that come through forms: what the task shows, what
// becomes of values, and every fault in one answer.
func formTraces() []trace {
	const required = `<camunda:validation><camunda:constraint name="required"/></camunda:validation>`
	submit := func(s *script, vars string) {
		id, task := at(s, "user task", "check", func(in *Instance) []*UserTask { return in.Tasks }, func(u *UserTask) bool { return u.ElementID == "check" })
		s.say("submit check %s", vars)
		s.send(id, &commands.CompleteTask{TaskID: ids.Join(id, task.Key), Variables: doc(s.t, vars), Form: true, By: "ann"})
	}
	return []trace{
		{name: "form/task", model: func(m *bpmntest.Model) {
			p := m.Process("p")
			check := p.User("check").Form(
				"amount", "long", `<camunda:validation><camunda:constraint name="min" config="1.5"/><camunda:constraint name="required"/></camunda:validation>`,
				"kind", "enum", `<camunda:value id="a" name="A"/>`,
				"day", "date", required,
				"name", "string", required,
			)
			p.Start("start").To(check).To(p.End("end"))
		}, run: func(s *script) {
			id := s.start("p", `{"name":"ada","day":"2026-01-02"}`)
			submit(s, `{"amount":"1","kind":"b","day":"soon"}`)
			s.rejected(commands.CodeFormInvalid)
			s.say("%s", s.last.Message)
			submit(s, `{"amount":"2","kind":"a","day":"3/1/2026","more":[true]}`)
			s.ended(id)
		}},
		{name: "form/start", model: func(m *bpmntest.Model) {
			p := m.Process("p")
			p.Start("start").Form("sure", "boolean", required, "n", "double", "").To(p.User("check")).To(p.End("end"))
		}, run: func(s *script) {
			start := func(vars string) {
				s.say("submit start %s", vars)
				s.send(s.c.instanceID(0), &commands.StartInstance{ProcessID: "p", Variables: doc(s.t, vars), Form: true})
			}
			start(`{"n":"1e1"}`)
			s.rejected(commands.CodeFormInvalid)
			s.say("%s", s.last.Message)
			start(`{"n":"10.50","sure":"true","extra":null}`)
			submit(s, `{"free":1}`)
		}},
		{name: "form/listened", model: func(m *bpmntest.Model) {
			p := m.Process("p")
			check := p.User("check").Form("amount", "long", required).Ext(`<camunda:taskListener event="complete" expression="${execution.setVariable('heard', task.getName())}"/>`)
			p.Start("start").To(check).To(p.End("end"))
		}, run: func(s *script) {
			s.start("p", "")
			submit(s, `{}`)
			s.rejected(commands.CodeFormInvalid)
			submit(s, `{"amount":"7"}`)
		}},
	}
}
