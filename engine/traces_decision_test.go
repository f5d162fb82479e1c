package engine

import (
	"fmt"

	"github.com/weir-bpm/weir/internal/bpmntest"
)

// decisionTraces are tasks that evaluate decisions, in all dialects.
func decisionTraces() []trace {
	deploy := func(s *script) {
		for _, file := range bpmntest.Decisions() {
			s.c.defs.decide(s.t, file)
		}
	}
	one := func(task func(p *bpmntest.Scope) *bpmntest.Node) func(m *bpmntest.Model) {
		return func(m *bpmntest.Model) {
			p := m.Process("one")
			p.Start("start").To(task(p)).To(p.End("end"))
		}
	}
	run := func(choice int) func(s *script) {
		return func(s *script) {
			deploy(s)
			s.ended(s.start("one", fmt.Sprintf(`{"choice":%d}`, choice)))
		}
	}
	stuck := func(choice, mended int) func(s *script) {
		return func(s *script) {
			deploy(s)
			id := s.start("one", fmt.Sprintf(`{"choice":%d}`, choice))
			s.set(id, 0, false, fmt.Sprintf(`{"choice":%d}`, mended))
			s.resolve("decide")
			s.ended(id)
		}
	}
	list := []trace{
		{name: "businessRuleTask/zeebe-single", model: one(func(p *bpmntest.Scope) *bpmntest.Node {
			return p.Decision("decide", "single", "size")
		}), run: run(1)},
		{name: "businessRuleTask/zeebe-no-match", model: one(func(p *bpmntest.Scope) *bpmntest.Node {
			return p.Decision("decide", "single", "size")
		}), run: run(9)},
		// Null also where rules are collected.
		{name: "businessRuleTask/zeebe-collect-no-match", model: one(func(p *bpmntest.Scope) *bpmntest.Node {
			return p.Decision("decide", "all", "list").Out(`=if list != null then list else ["green"]`, "list")
		}), run: run(-1)},
		{name: "businessRuleTask/camunda-collect-no-match", model: one(func(p *bpmntest.Scope) *bpmntest.Node {
			return p.DecisionCamunda("decide", "all", "list", "collectEntries")
		}), run: run(-1)},
		{name: "businessRuleTask/zeebe-several-outputs", model: one(func(p *bpmntest.Scope) *bpmntest.Node {
			return p.Decision("decide", "pair", "offer").Out("=offer.price", "price")
		}), run: run(2)},
		{name: "businessRuleTask/zeebe-collect", model: one(func(p *bpmntest.Scope) *bpmntest.Node {
			return p.Decision("decide", "=kind", "list").In(`="all"`, "kind")
		}), run: run(1)},
		{name: "businessRuleTask/zeebe-version-tag", model: one(func(p *bpmntest.Scope) *bpmntest.Node {
			return p.Node("businessRuleTask", "decide").Ext(`<zeebe:calledDecision decisionId="tagged" resultVariable="n" bindingType="versionTag" versionTag="old"/>`)
		}), run: func(s *script) {
			s.c.defs.decide(s.t, bpmntest.Table("tagged", "old", "FIRST", []string{"n"}, []string{"-", "1"}))
			s.c.defs.decide(s.t, bpmntest.Table("tagged", "new", "FIRST", []string{"n"}, []string{"-", "2"}))
			s.ended(s.start("one", `{"choice":0}`))
		}},
		{name: "businessRuleTask/camunda-version", model: one(func(p *bpmntest.Scope) *bpmntest.Node {
			return p.DecisionCamunda("decide", "d", "n", "singleEntry").Attr("camunda:decisionRefBinding", "version").Attr("camunda:decisionRefVersion", "${v}")
		}), run: func(s *script) {
			s.c.defs.decide(s.t, bpmntest.Table("d", "", "FIRST", []string{"n"}, []string{"-", "1"}))
			s.c.defs.decide(s.t, bpmntest.Table("d", "", "FIRST", []string{"n"}, []string{"-", "2"}))
			s.ended(s.start("one", `{"choice":0,"v":1}`))
		}},
		{name: "businessRuleTask/not-found", model: one(func(p *bpmntest.Scope) *bpmntest.Node {
			return p.Decision("decide", "single", "size")
		}), run: func(s *script) {
			id := s.start("one", `{"choice":1}`)
			deploy(s)
			s.resolve("decide")
			s.ended(id)
		}},
		{name: "businessRuleTask/violated-hit-policy", model: one(func(p *bpmntest.Scope) *bpmntest.Node {
			return p.Decision("decide", "unique", "n")
		}), run: func(s *script) {
			s.c.defs.decide(s.t, bpmntest.Table("unique", "", "UNIQUE", []string{"n"}, []string{"> 0", "1"}, []string{"> 1", "2"}))
			id := s.start("one", `{"choice":2}`)
			s.set(id, 0, false, `{"choice":1}`)
			s.resolve("decide")
			s.ended(id)
		}},
		{name: "businessRuleTask/camunda-single-entry-of-two", model: one(func(p *bpmntest.Scope) *bpmntest.Node {
			return p.DecisionCamunda("decide", "all", "n", "singleEntry")
		}), run: stuck(1, 0)},
		{name: "businessRuleTask/camunda-decision-result", model: one(func(p *bpmntest.Scope) *bpmntest.Node {
			return p.DecisionCamunda("decide", "pair", "offer", "singleResult").
				Ext(`<camunda:inputOutput><camunda:outputParameter name="price">${decisionResult[0].price}</camunda:outputParameter></camunda:inputOutput>`)
		}), run: run(2)},
		{name: "serviceTask/dmn-flowable", model: one(func(p *bpmntest.Scope) *bpmntest.Node {
			return p.DecisionFlowable("decide", "pair")
		}), run: run(2)},
		{name: "serviceTask/dmn-flowable-collect", model: one(func(p *bpmntest.Scope) *bpmntest.Node {
			return p.DecisionFlowable("decide", "all", "sameDeployment", "false")
		}), run: run(1)},
		{name: "serviceTask/dmn-flowable-no-hits", model: one(func(p *bpmntest.Scope) *bpmntest.Node {
			return p.DecisionFlowable("decide", "single", "decisionTaskThrowErrorOnNoHits", "true")
		}), run: stuck(9, 1)},
	}
	for mapping, decision := range map[string]string{"singleEntry": "single", "singleResult": "pair", "collectEntries": "all", "": "all"} {
		name := mapping
		if name == "" {
			name = "resultList" // the default
		}
		list = append(list, trace{name: "businessRuleTask/camunda-" + name, model: one(func(p *bpmntest.Scope) *bpmntest.Node {
			return p.DecisionCamunda("decide", decision, "result", mapping)
		}), run: run(1)})
	}
	return list
}
