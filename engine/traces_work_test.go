package engine

import (
	"github.com/weir-bpm/weir/internal/bpmntest"
)

// workTraces are the tasks whose work the engine does itself: scripts and
// expressions.
func workTraces() []trace {
	one := func(task func(p *bpmntest.Scope) *bpmntest.Node) func(m *bpmntest.Model) {
		return func(m *bpmntest.Model) {
			p := m.Process("one")
			p.Start("start").To(task(p)).To(p.End("end"))
		}
	}
	run := func(vars string) func(s *script) {
		return func(s *script) { s.ended(s.start("one", vars)) }
	}
	skipping := func(m *bpmntest.Model) {
		p := m.Process("one")
		gw := p.Exclusive("gw")
		p.Start("start").To(p.Node("serviceTask", "work").Attr("flowable:type", "external-worker").Attr("flowable:topic", "pack").Attr("flowable:skipExpression", "${order.free}")).
			To(p.Node("userTask", "user").Attr("flowable:skipExpression", "${order.free}")).To(gw)
		gw.If("${order.free}", p.End("free"))
		gw.Else(p.End("paid"))
	}
	return append(decisionTraces(), []trace{
		{name: "scriptTask/feel-zeebe", model: one(func(p *bpmntest.Scope) *bpmntest.Node {
			return p.ScriptFEEL("script", "=order.price * 2", "total")
		}), run: run(`{"order":{"price":1.10}}`)},
		{name: "scriptTask/feel-zeebe-outputs", model: one(func(p *bpmntest.Scope) *bpmntest.Node {
			// With outputs the result stays in the element.
			return p.ScriptFEEL("script", "=n * 2", "total").In("=21", "n").Out("=total", "order.total")
		}), run: run(`{"order":{"price":1.10}}`)},
		{name: "scriptTask/javascript", model: one(func(p *bpmntest.Scope) *bpmntest.Node {
			return p.Script("script", "javascript", `execution.setVariable("b", a + 1); execution.setVariable("a", 0); ({sum: a + 1})`, "result")
		}), run: run(`{"a":1}`)},
		{name: "scriptTask/javascript-local", model: one(func(p *bpmntest.Scope) *bpmntest.Node {
			// A local variable ends with the task, unless an output takes it out.
			return p.Script("script", "javascript", `execution.setVariableLocal("l", a + 1)`, "").
				Ext(`<camunda:inputOutput><camunda:inputParameter name="a">${5}</camunda:inputParameter><camunda:outputParameter name="out">${l}</camunda:outputParameter></camunda:inputOutput>`)
		}), run: run(`{"a":1}`)},
		{name: "scriptTask/groovy", model: one(func(p *bpmntest.Scope) *bpmntest.Node {
			return p.Script("script", "groovy", `def total = items.sum { it.price }; execution.setVariable("total", total); total > 10`, "large")
		}), run: run(`{"items":[{"price":4},{"price":7}]}`)},
		{name: "scriptTask/juel", model: one(func(p *bpmntest.Scope) *bpmntest.Node {
			return p.Script("script", "juel", `${execution.setVariable("b", a + 1)}`, "")
		}), run: run(`{"a":1}`)},
		{name: "scriptTask/auto-store", model: one(func(p *bpmntest.Scope) *bpmntest.Node {
			return p.Script("script", "javascript", `a = a + 1; b = 7;`, "").Attr("flowable:autoStoreVariables", "true")
		}), run: run(`{"a":1}`)},
		{name: "scriptTask/no-variables", model: one(func(p *bpmntest.Scope) *bpmntest.Node {
			return p.Script("script", "javascript", `typeof a + execution.getVariable("a")`, "seen").
				Attr("flowable:doNotIncludeVariables", "true")
		}), run: run(`{"a":1}`)},
		{name: "scriptTask/fails", model: one(func(p *bpmntest.Scope) *bpmntest.Node {
			return p.Script("script", "javascript", "execution.setVariable('b', 1);\nif (a < 0) { throw new Error('below zero') }", "")
		}), run: func(s *script) {
			id := s.start("one", `{"a":-1}`)
			s.set(id, 0, false, `{"a":1}`)
			s.resolve("script")
			s.ended(id)
		}},
		{name: "scriptTask/endless", cfg: Config{MaxScriptSteps: 1}, model: func(m *bpmntest.Model) {
			p := m.Process("one")
			a := p.Script("a", "javascript", "var n = 0; while (n < 10) { n++ } n", "n")
			p.Start("start").To(a).To(p.Script("b", "javascript", "n", "m")).To(p.End("end"))
		}, run: func(s *script) {
			id := s.start("one", "")
			s.resolve("b") // a command of its own
			s.ended(id)
		}},
		{name: "scriptTask/removes", model: one(func(p *bpmntest.Scope) *bpmntest.Node {
			return p.Script("script", "javascript", "execution.removeVariable('a')", "")
		}), run: func(s *script) { s.cancel(s.start("one", `{"a":-1}`)) }},
		{name: "scriptTask/throws-caught", model: func(m *bpmntest.Model) {
			p := m.Process("one")
			t := p.Script("script", "javascript", `throw new BpmnError("E1", "no luck")`, "")
			p.Start("start").To(t).To(p.End("end"))
			t.OnError("caught", "E1").To(p.End("end1"))
		}, run: run("")},
		{name: "scriptTask/throws-uncaught", model: one(func(p *bpmntest.Scope) *bpmntest.Node {
			return p.Script("script", "javascript", `throw new BpmnError("E1", "no luck")`, "")
		}), run: func(s *script) { s.cancel(s.start("one", "")) }},
		{name: "scriptTask/too-large", cfg: Config{MaxVariablesBytes: 100}, model: one(func(p *bpmntest.Scope) *bpmntest.Node {
			return p.Script("script", "javascript", `"x".repeat(n)`, "text")
		}), run: func(s *script) {
			id := s.start("one", `{"n":200}`)
			s.set(id, 0, false, `{"n":20}`)
			s.resolve("script")
			s.ended(id)
		}},
		{name: "serviceTask/expression", model: one(func(p *bpmntest.Scope) *bpmntest.Node {
			return p.Expression("work", "${execution.currentActivityName}: ${a + 1}", "result").Attr("name", "Work")
		}), run: run(`{"a":1}`)},
		{name: "serviceTask/expression-writes", model: one(func(p *bpmntest.Scope) *bpmntest.Node {
			return p.Expression("work", "${execution.setVariable('b', a + 1)}", "")
		}), run: run(`{"a":1}`)},
		{name: "serviceTask/expression-fails", model: one(func(p *bpmntest.Scope) *bpmntest.Node {
			return p.Expression("work", "${a + missing}", "result")
		}), run: func(s *script) {
			id := s.start("one", `{"a":1}`)
			s.set(id, 0, false, `{"missing":2}`)
			s.resolve("work")
			s.ended(id)
		}},
		{name: "serviceTask/skip-off", model: skipping, run: func(s *script) {
			id := s.start("one", `{"order":{"free":true}}`)
			s.complete("work", "")
			s.user("user", "")
			s.ended(id)
		}},
		{name: "serviceTask/skip-on", model: skipping, run: run(`{"order":{"free":true},"_FLOWABLE_SKIP_EXPRESSION_ENABLED":true}`)},
		{name: "serviceTask/skip-on-not-true", model: skipping, run: func(s *script) {
			id := s.start("one", `{"order":{"free":false},"_FLOWABLE_SKIP_EXPRESSION_ENABLED":true}`)
			s.complete("work", "")
			s.user("user", "")
			s.ended(id)
		}},
		{name: "serviceTask/skip-switch-is-no-boolean", model: skipping, run: func(s *script) {
			id := s.start("one", `{"order":{"free":true},"_FLOWABLE_SKIP_EXPRESSION_ENABLED":"yes"}`)
			s.set(id, 0, false, `{"_FLOWABLE_SKIP_EXPRESSION_ENABLED":true}`)
			s.resolve("work")
			s.ended(id)
		}},
		{name: "exclusiveGateway/skip-expression", model: func(m *bpmntest.Model) {
			p := m.Process("one")
			gw := p.Exclusive("gw")
			p.Start("start").To(gw)
			gw.If("${a}", p.End("condition"))
			gw.IfSkip("${a}", "${!a}", p.End("skip"))
			gw.Else(p.End("else"))
		}, run: func(s *script) {
			s.ended(s.start("one", `{"a":false}`))
			s.ended(s.start("one", `{"a":false,"_FLOWABLE_SKIP_EXPRESSION_ENABLED":true}`))
		}},
	}...)
}
