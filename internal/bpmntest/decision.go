package bpmntest

import (
	"fmt"
	"strings"
)

// Table returns a DMN file with one decision table over the variable choice.
// Each rule is the input entry and the output entries, in FEEL; outputs are
// their names.
func Table(id, tag, hitPolicy string, outputs []string, rules ...[]string) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, `<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" xmlns:camunda="http://camunda.org/schema/1.0/dmn" id="graph_%[1]s" name="%[1]s" namespace="urn:%[1]s" exporter="Camunda Modeler">
<decision id="%[1]s" name="Decision %[1]s" camunda:versionTag="%[2]s"><decisionTable id="table" hitPolicy="%[3]s">
<input id="in" label="choice"><inputExpression typeRef="number"><text>choice</text></inputExpression></input>
`, id, tag, hitPolicy)
	for i, name := range outputs {
		fmt.Fprintf(&b, "<output id=\"out%d\" name=\"%s\"/>\n", i+1, name)
	}
	for i, rule := range rules {
		fmt.Fprintf(&b, `<rule id="rule%d"><inputEntry><text>%s</text></inputEntry>`, i+1, escape(rule[0]))
		for _, out := range rule[1:] {
			fmt.Fprintf(&b, "<outputEntry><text>%s</text></outputEntry>", escape(out))
		}
		b.WriteString("</rule>\n")
	}
	b.WriteString("</decisionTable></decision></definitions>\n")
	return []byte(b.String())
}

// Decision adds a business rule task of zeebe.
func (s *Scope) Decision(id, decision, result string) *Node {
	return s.add("businessRuleTask", id).Ext(fmt.Sprintf(`<zeebe:calledDecision decisionId="%s" resultVariable="%s"/>`, escape(decision), escape(result)))
}

// DecisionCamunda adds a business rule task of camunda; mapping is its
// mapDecisionResult.
func (s *Scope) DecisionCamunda(id, decision, result, mapping string) *Node {
	n := s.add("businessRuleTask", id).Attr("camunda:decisionRef", decision).Attr("camunda:resultVariable", result)
	if mapping != "" {
		n.Attr("camunda:mapDecisionResult", mapping)
	}
	return n
}

// DecisionFlowable adds a service task of flowable of type dmn; fields are pairs
// of name and value beside the decision's key.
func (s *Scope) DecisionFlowable(id, decision string, fields ...string) *Node {
	n := s.add("serviceTask", id).Attr("flowable:type", "dmn")
	fields = append([]string{"decisionTableReferenceKey", decision}, fields...)
	for i := 0; i < len(fields); i += 2 {
		n.Ext(fmt.Sprintf(`<flowable:field name="%s"><flowable:string>%s</flowable:string></flowable:field>`, escape(fields[i]), escape(fields[i+1])))
	}
	return n
}

// Decisions are the DMN files that the models of [Random] name.
func Decisions() [][]byte {
	return [][]byte{
		Table("single", "", "UNIQUE", []string{"size"}, []string{"0", `"small"`}, []string{"1", `"large"`}),
		Table("pair", "", "FIRST", []string{"size", "price"}, []string{"> 0", `"large"`, "choice * 2"}, []string{"-", `"small"`, "1"}),
		Table("all", "", "COLLECT", []string{"n"}, []string{">= 0", "1"}, []string{">= 1", "2"}),
	}
}

// decide adds a task that evaluates one of the decisions, or one that nobody
// deployed.
func (g *generator) decide(s *Scope) *Node {
	decision := []string{"single", "pair", "all"}[g.rnd.IntN(3)]
	if g.chance(5) {
		decision = "missing"
	}
	if g.chance(50) {
		return s.Decision(g.id("decide"), decision, g.id("made"))
	}
	return s.DecisionCamunda(g.id("decide"), decision, g.id("made"), []string{"singleEntry", "singleResult", "collectEntries", "resultList"}[g.rnd.IntN(4)])
}
