package engine

import (
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/internal/bpmntest"
)

// dialectScopeTraces are what dialects add to scopes and calls.
func dialectScopeTraces() []trace {
	terminate := func(attrs string) func(m *bpmntest.Model) {
		return func(m *bpmntest.Model) {
			p := m.Process("p")
			split := p.Parallel("split")
			p.Start("start").To(split)
			split.To(p.User("beside")).To(p.End("end1"))
			box := p.Sub("box").Each(bpmntest.Loop{Cardinality: "2"})
			split.To(box).To(p.User("after")).To(p.End("end"))
			b := box.Inside()
			fork := b.Parallel("fork")
			b.Start("in").To(fork)
			fork.To(b.User("work")).To(b.EndTerminate("stop").Definition(attrs))
			fork.To(b.User("other")).To(b.End("out"))
		}
	}
	child := func(m *bpmntest.Model) {
		p := m.Process("child")
		p.Start("cstart").To(p.User("work")).To(p.End("cend"))
	}
	camunda := func(call func(c *bpmntest.Node)) func(m *bpmntest.Model) {
		return func(m *bpmntest.Model) {
			p := m.Process("caller").Attr("camunda:versionTag", "1")
			c := p.Node("callActivity", "call").Attr("calledElement", "child")
			call(c)
			p.Start("start").To(c).To(p.End("end"))
			child(m)
		}
	}
	runCall := func(s *script) {
		id := s.start("caller", `{"a":1,"b":2}`)
		s.user("work", `{"y":3,"z":4}`)
		s.ended(id)
	}
	return []trace{
		{name: "endEvent/terminate-turn", model: terminate(""), run: func(s *script) {
			s.start("p", "")
			s.user("work", "") // the other turn goes on
		}},
		{name: "endEvent/terminate-multi-instance", model: terminate(`flowable:terminateMultiInstance="true"`), run: func(s *script) {
			id := s.start("p", "")
			s.user("work", "")
			s.user("after", "")
			s.user("beside", "")
			s.ended(id)
		}},
		{name: "endEvent/terminate-all", model: func(m *bpmntest.Model) {
			p := m.Process("caller")
			split := p.Parallel("split")
			p.Start("start").To(split)
			split.To(p.User("beside")).To(p.End("end1"))
			split.To(p.Call("call", "child")).To(p.End("end"))
			c := m.Process("child")
			fork := c.Parallel("fork")
			c.Start("cstart").To(fork)
			fork.To(c.User("work")).To(c.EndTerminate("stop").Definition(`flowable:terminateAll="true"`))
			fork.To(c.User("other")).To(c.End("cend"))
		}, run: func(s *script) {
			id := s.start("caller", "")
			s.user("work", "")
			s.ended(id)
		}},
		{name: "boundaryEvent/error-variable-flowable", model: func(m *bpmntest.Model) {
			p := m.Process("p")
			work := p.Node("serviceTask", "work").Attr("flowable:type", "external-worker").Attr("flowable:topic", "work")
			p.Start("start").To(work).To(p.End("end"))
			work.OnError("caught", "").Definition(`flowable:errorVariableName="failure"`).To(p.User("mend")).To(p.End("end1"))
		}, run: func(s *script) {
			s.start("p", "")
			s.throw("work", "E1", "")
		}},
		{name: "serviceTask/external-task-errors", model: func(m *bpmntest.Model) {
			p := m.Process("p")
			work := p.Node("serviceTask", "work").Attr("camunda:type", "external").Attr("camunda:topic", "work").
				Ext(`<camunda:errorEventDefinition id="e1" errorRef="` + m.Error("E1") + `" expression="${externalTask.getErrorDetails() != null and externalTask.getErrorDetails().contains('glass')}"/>` +
					`<camunda:errorEventDefinition id="e2" errorRef="` + m.Error("E2") + `" expression="${amount != null &amp;&amp; amount &gt; 10}"/>`)
			p.Start("start").To(work).To(p.End("end"))
			work.OnError("broken", "E1").To(p.End("end1"))
			work.OnError("much", "E2").To(p.End("end2"))
		}, run: func(s *script) {
			list := []ids.Instance{s.start("p", `{"amount":1}`)}
			s.fail("work", "the glass is broken")
			list = append(list, s.start("p", `{"amount":1}`))
			s.fail("work", "no") // a failure as any other
			s.advance("PT1S")
			s.complete("work", `{"amount":11}`)
			list = append(list, s.start("p", `{"amount":1}`))
			s.complete("work", `{"amount":2}`)
			s.ended(list...)
		}},

		{name: "callActivity/local-in", model: camunda(func(c *bpmntest.Node) {
			c.Ext(`<camunda:inputOutput><camunda:inputParameter name="x">${a + 1}</camunda:inputParameter></camunda:inputOutput>` +
				`<camunda:in variables="all" local="true"/><camunda:in source="b" target="none" local="true"/><camunda:in sourceExpression="${x}" target="again" local="true"/>`)
		}), run: runCall},
		{name: "callActivity/local-out", model: camunda(func(c *bpmntest.Node) {
			c.Ext(`<camunda:inputOutput><camunda:outputParameter name="sum">${inner + 1}</camunda:outputParameter></camunda:inputOutput>` +
				`<camunda:out source="y" target="inner" local="true"/><camunda:out source="z" target="outer"/>`)
		}), run: runCall},
		{name: "callActivity/inputs-are-not-passed-camunda", model: camunda(func(c *bpmntest.Node) {
			c.Ext(`<camunda:inputOutput><camunda:inputParameter name="x">1</camunda:inputParameter></camunda:inputOutput>`)
		}), run: runCall},
		{name: "callActivity/flowable", model: func(m *bpmntest.Model) {
			p := m.Process("caller")
			c := p.Node("callActivity", "call").Attr("calledElement", "child").Attr("flowable:inheritBusinessKey", "true").
				Attr("flowable:idVariableName", "called").Attr("flowable:completeAsync", "true").
				Ext(`<flowable:in source="a" targetExpression="p${b}"/><flowable:out sourceExpression="${y + z}" target="sum"/>`)
			p.Start("start").To(c).To(p.User("after")).To(p.End("end"))
			child(m)
		}, run: func(s *script) {
			id := s.c.instanceID(0)
			s.say("start caller with a business key")
			s.send(id, &commands.StartInstance{ProcessID: "caller", BusinessKey: "order-1", Variables: doc(s.t, `{"a":1,"b":2}`)})
			s.user("work", `{"y":3,"z":4}`)
			s.user("after", "")
			s.ended(id)
		}},
		{name: "callActivity/tenant", model: camunda(func(c *bpmntest.Node) {
			c.Attr("camunda:calledElementTenantId", "${tenant}")
		}), run: func(s *script) {
			id := s.start("caller", `{"tenant":"other"}`)
			s.set(id, 0, false, `{"tenant":"default"}`)
			s.resolve("call")
			s.user("work", "")
			s.ended(id)
		}},
	}
}
