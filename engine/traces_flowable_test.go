package engine

import (
	"fmt"
	"reflect"

	"github.com/weir-bpm/weir/internal/bpmntest"
	"github.com/weir-bpm/weir/variables"
)

// flowableTraces are what only models of Flowable have.
func flowableTraces() []trace {
	handler := func(interrupting bool) func(m *bpmntest.Model) {
		return func(m *bpmntest.Model) {
			p := m.Process("p")
			p.Start("start").To(p.Service("work", "work")).To(p.End("end"))
			in := p.EventSub("handler")
			in.StartWrite("when", "x", "all", interrupting).To(in.Service("handle", "handle")).To(in.End("handled"))
		}
	}
	worker := func(m *bpmntest.Model) {
		p := m.Process("p").Attr("flowable:candidateStarterUsers", "ada")
		p.Start("start").To(p.Node("serviceTask", "work").Attr("flowable:type", "external-worker").Attr("flowable:topic", "work").
			Ext(`<flowable:externalWorkerInParameter source="a" target="x"/><flowable:externalWorkerInParameter sourceExpression="${a + 1}" target="y"/>`).
			Ext(`<flowable:externalWorkerOutParameter source="x" target="result"/>`)).To(p.End("end"))
	}
	return []trace{
		{name: "serviceTask/worker-parameters", model: worker, run: func(s *script) {
			id := s.start("p", `{"a":1,"b":2}`)
			job, _ := s.c.at(id).live.Job(JobRef{Instance: id, Key: s.c.at(id).live.Instance(id).Jobs[0].Key})
			if want := (variables.Document{"x": int64(1), "y": int64(2)}); !reflect.DeepEqual(job.Variables, want) {
				s.t.Errorf("the worker gets %v", job.Variables)
			}
			s.complete("work", `{"x":7,"b":8}`)
			s.ended(id)
		}},
		{name: "serviceTask/http-transient", model: func(m *bpmntest.Model) {
			p := m.Process("p").Attr("flowable:candidateStarterUsers", "ada")
			ask := p.Node("serviceTask", "ask").Attr("flowable:type", "http")
			for _, f := range [][2]string{{"requestMethod", "GET"}, {"requestUrl", "http://x"}, {"responseVariableName", "answer"}, {"saveResponseParametersTransient", "true"}} {
				ask.Ext(fmt.Sprintf(`<flowable:field name="%s" stringValue="%s"/>`, f[0], f[1]))
			}
			p.Start("start").To(ask).To(p.ServiceExpression("see", "${answer.concat('!')}", "seen")).To(p.User("wait")).To(p.End("end"))
		}, run: func(s *script) {
			s.start("p", "")
			s.complete("ask", `{"answer":"yes"}`)
		}},
		{name: "callActivity/by-id", model: func(m *bpmntest.Model) {
			p := m.Process("p").Attr("flowable:candidateStarterUsers", "ada")
			p.Start("start").To(p.Node("callActivity", "call").Attr("calledElement", "${which}").Attr("flowable:calledElementType", "id")).To(p.End("end"))
			c := m.Process("child")
			c.Start("cstart").To(c.End("cend"))
		}, run: func(s *script) {
			s.ended(s.start("p", `{"which":"child:1:8f2"}`))
			id := s.start("p", `{"which":"child"}`)
			s.set(id, 0, false, `{"which":"child:1"}`)
			s.resolve("call")
			s.ended(id)
		}},
		{name: "condition/on-write", model: func(m *bpmntest.Model) {
			p := m.Process("p")
			p.Start("start").To(p.CatchWrite("catch", "x", "update")).To(p.End("end"))
		}, run: func(s *script) {
			id := s.start("p", "")
			s.set(id, 0, false, `{"y":1}`)
			s.set(id, 0, false, `{"x":1}`) // created
			s.set(id, 0, false, `{"x":1}`)
			s.ended(id)
		}},
		{name: "condition/on-write-before", model: func(m *bpmntest.Model) {
			p := m.Process("p")
			p.Start("start").To(p.CatchWrite("one", "x", "create")).
				To(p.CatchWrite("two", "x", "all")).To(p.End("end"))
		}, run: func(s *script) { s.start("p", `{"x":1}`) }},
		{name: "condition/on-write-boundary", model: func(m *bpmntest.Model) {
			p := m.Process("p")
			work := p.Service("work", "work")
			p.Start("start").To(work).To(p.End("end"))
			work.OnWrite("each", "x", "all", false).To(p.End("other"))
			work.OnWrite("stop", "y", "", true).To(p.End("stopped"))
		}, run: func(s *script) {
			id := s.start("p", "")
			s.set(id, 0, false, `{"x":1}`)
			s.set(id, 0, false, `{"x":1}`)
			s.set(id, 0, false, `{"x":2,"y":1}`)
			s.ended(id)
		}},
		{name: "condition/on-write-event-subprocess", model: handler(false), run: func(s *script) {
			id := s.start("p", "")
			s.set(id, 0, false, `{"x":1}`)
			s.set(id, 0, false, `{"x":2}`)
		}},
		{name: "condition/on-write-event-subprocess-interrupting", model: handler(true), run: func(s *script) {
			id := s.start("p", "")
			s.set(id, 0, false, `{"x":1}`)
		}},
		{name: "variables/path", model: func(m *bpmntest.Model) {
			p := m.Process("p").Attr("flowable:candidateStarterUsers", "ada")
			gw, split := p.Exclusive("gw"), p.Parallel("split")
			p.Start("start").To(p.ServiceExpression("sum", "${1 + 2}", "r", "useLocalScopeForResultVariable")).To(gw)
			wait := p.User("wait")
			gw.If("${r == 3}", wait)
			wait.To(split)
			gw.Else(p.End("no"))
			split.To(p.User("a")).To(p.End("end1"))
			sub := p.Sub("sub")
			in := sub.Inside()
			in.Start("inner").To(in.User("b")).To(in.End("end2"))
			split.To(sub).To(p.End("end3"))
		}, run: func(s *script) {
			s.start("p", "")
			s.user("wait", `{"r":4}`)
		}},
		{name: "variables/transient", model: func(m *bpmntest.Model) {
			p := m.Process("p").Attr("flowable:candidateStarterUsers", "ada")
			see := func(id string) *bpmntest.Node {
				return p.ServiceExpression(id, "${empty r ? 'nothing' : r}", id)
			}
			p.Start("start").To(p.ServiceExpression("sum", "${1 + 2}", "r", "storeResultVariableAsTransient")).
				To(see("before")).To(p.User("wait")).To(see("after")).To(p.End("end"))
		}, run: func(s *script) {
			s.start("p", "")
			s.user("wait", "")
		}},
	}
}
