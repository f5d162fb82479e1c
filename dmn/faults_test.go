package dmn_test

import (
	"errors"
	"testing"

	"github.com/weir-bpm/weir/dmn"
	"github.com/weir-bpm/weir/expression/feel"
)

// A limit that is passed anywhere in a model ends the evaluation with its code.
func TestLimitAnywhere(t *testing.T) {
	const text = `<text>count(for a in 1..1000, b in 1..1000 return a)</text>`
	const slow = `<literalExpression>` + text + `</literalExpression>`
	const one = `<literalExpression><text>[1]</text></literalExpression>`
	const in = `<input><inputExpression><text>1</text></inputExpression></input>`
	for name, logic := range map[string]string{
		"literal":         slow,
		"context entry":   `<context><contextEntry><variable name="a"/>` + slow + `</contextEntry></context>`,
		"context result":  `<context><contextEntry>` + slow + `</contextEntry></context>`,
		"list":            `<list>` + slow + `</list>`,
		"relation":        `<relation><column name="a"/><row>` + slow + `</row></relation>`,
		"condition":       `<conditional><if>` + slow + `</if><then>` + one + `</then><else>` + one + `</else></conditional>`,
		"then":            `<conditional><if><literalExpression><text>true</text></literalExpression></if><then>` + slow + `</then><else>` + one + `</else></conditional>`,
		"for in":          `<for iteratorVariable="i"><in>` + slow + `</in><return>` + one + `</return></for>`,
		"for return":      `<for iteratorVariable="i"><in>` + one + `</in><return>` + slow + `</return></for>`,
		"some":            `<some iteratorVariable="i"><in>` + one + `</in><satisfies>` + slow + `</satisfies></some>`,
		"every in":        `<every iteratorVariable="i"><in>` + slow + `</in><satisfies>` + one + `</satisfies></every>`,
		"filter in":       `<filter><in>` + slow + `</in><match>` + one + `</match></filter>`,
		"filter match":    `<filter><in>` + one + `</in><match>` + slow + `</match></filter>`,
		"callee":          `<invocation>` + slow + `</invocation>`,
		"argument":        `<invocation><literalExpression><text>abs</text></literalExpression><binding><parameter name="n"/>` + slow + `</binding></invocation>`,
		"function body":   `<invocation><functionDefinition>` + slow + `</functionDefinition></invocation>`,
		"typed":           `<literalExpression typeRef="number">` + text + `</literalExpression>`,
		"table input":     `<decisionTable><input><inputExpression>` + text + `</inputExpression></input><output/></decisionTable>`,
		"input values":    `<decisionTable><input><inputExpression><text>1</text></inputExpression><inputValues>` + text + `</inputValues></input><output/></decisionTable>`,
		"input entry":     `<decisionTable>` + in + `<output/><rule><inputEntry>` + text + `</inputEntry><outputEntry/></rule></decisionTable>`,
		"output entry":    `<decisionTable>` + in + `<output/><rule><inputEntry/><outputEntry>` + text + `</outputEntry></rule></decisionTable>`,
		"output values":   `<decisionTable>` + in + `<output><outputValues>` + text + `</outputValues></output><rule><inputEntry/><outputEntry><text>1</text></outputEntry></rule></decisionTable>`,
		"default output":  `<decisionTable>` + in + `<output><defaultOutputEntry>` + text + `</defaultOutputEntry></output></decisionTable>`,
		"nested table":    `<context><contextEntry><variable name="t"/><decisionTable><output/><rule><outputEntry>` + text + `</outputEntry></rule></decisionTable></contextEntry></context>`,
		"required":        `<REQUIRED/>` + one,
		"service":         `<SERVICE/><literalExpression><text>s()</text></literalExpression>`,
		"knowledge model": `<KNOWLEDGE/><literalExpression><text>k()</text></literalExpression>`,
	} {
		t.Run(name, func(t *testing.T) {
			for from, to := range map[string]string{
				"<REQUIRED/>":  `<informationRequirement><requiredDecision href="#e"/></informationRequirement>`,
				"<SERVICE/>":   `<knowledgeRequirement><requiredKnowledge href="#s"/></knowledgeRequirement>`,
				"<KNOWLEDGE/>": `<knowledgeRequirement><requiredKnowledge href="#k"/></knowledgeRequirement>`,
			} {
				if len(logic) > len(from) && logic[:len(from)] == from {
					logic = to + logic[len(from):]
				}
			}
			m := parse(t, `<decision id="d" name="d">`+logic+`</decision><decision id="e" name="e">`+slow+`</decision>
<decisionService id="s" name="s"><outputDecision href="#e"/></decisionService><businessKnowledgeModel id="k" name="k"><encapsulatedLogic>`+slow+`</encapsulatedLogic></businessKnowledgeModel>`)
			res, err := m.Evaluate("d", dmn.Input{Limits: feel.Limits{Steps: 5000}})
			if !errors.Is(err, &dmn.Error{Code: dmn.CodeLimit}) {
				t.Errorf("error %v, result %s", err, res.Value.JSON())
			}
			if !errors.Is(err, &feel.Error{Code: feel.CodeSteps}) {
				t.Errorf("error %v does not hold its cause", err)
			}
		})
	}
}

// What Parse refuses evaluates to null with an error, whatever is around it.
func TestBroken(t *testing.T) {
	const bad = `<literalExpression><text>1 +</text></literalExpression>`
	m, problems := dmn.Parse("broken", document(`<decision id="a" name="a">`+bad+`</decision><decision id="n" name="n"/>
<decision id="b" name="b"><informationRequirement><requiredDecision href="#a"/></informationRequirement><literalExpression><text>a = null</text></literalExpression></decision>
<businessKnowledgeModel id="k" name="k"><encapsulatedLogic>`+bad+`</encapsulatedLogic></businessKnowledgeModel><businessKnowledgeModel id="l" name="l"/>
<decision id="c" name="c"><knowledgeRequirement><requiredKnowledge href="#k"/></knowledgeRequirement><knowledgeRequirement><requiredKnowledge href="#l"/></knowledgeRequirement><literalExpression><text>[k, l(), 1]</text></literalExpression></decision>`))
	if m == nil || !dmn.HasErrors(problems) {
		t.Fatalf("model %v, problems %v", m, problems)
	}
	for id, want := range map[string]string{"a": "null", "n": "null", "b": "true", "c": "[null,null,1]", "k": "null", "l": "null"} {
		res, err := m.Evaluate(id, dmn.Input{})
		if err != nil || res.Value.JSON() != want || !res.Failed() || res.Messages[0].Code != dmn.CodeBroken {
			t.Errorf("%s: got %s, error %v, messages %v", id, res.Value.JSON(), err, res.Messages)
		}
	}
}

// Types reach functions, the order of outputs and imports without a name.
func TestTypesElsewhere(t *testing.T) {
	const types = `<itemDefinition name="tRank"><typeRef>string</typeRef><allowedValues><text>"high", "low"</text></allowedValues></itemDefinition>
<itemDefinition name="tPair"><itemComponent name="r"><typeRef>tRank</typeRef></itemComponent><itemComponent name="n"><typeRef>number</typeRef></itemComponent></itemDefinition>
<itemDefinition name="tPairs" isCollection="true"><typeRef>tPair</typeRef></itemDefinition>
<itemDefinition name="tFn"><functionItem outputTypeRef="number"><parameters name="a" typeRef="string"/></functionItem></itemDefinition>`
	rules := func(outputs ...string) string {
		s := ""
		for _, o := range outputs {
			s += "<rule>" + o + "</rule>"
		}
		return s
	}
	const low, high = `<outputEntry><text>"low"</text></outputEntry>`, `<outputEntry><text>"high"</text></outputEntry>`
	const n = `<outputEntry><text>1</text></outputEntry>`
	tests := []struct{ name, elements, want string }{
		{"order of the type of the decision", `<decision id="d" name="d"><variable name="d" typeRef="tRank"/><decisionTable hitPolicy="PRIORITY"><output/>` + rules(low, high) + `</decisionTable></decision>`, `"high"`},
		{"order of the type of the table", `<decision id="d" name="d"><decisionTable hitPolicy="PRIORITY" typeRef="tRank"><output/>` + rules(low, high) + `</decisionTable></decision>`, `"high"`},
		{"order of the type of a component", `<decision id="d" name="d"><variable name="d" typeRef="tPairs"/><decisionTable hitPolicy="OUTPUT ORDER"><output name="r"/><output name="n"/>` + rules(low+n, high+n) + `</decisionTable></decision>`, `[{"r":"high","n":1},{"r":"low","n":1}]`},
		{"result of a function type", `<businessKnowledgeModel id="k" name="k"><variable name="k" typeRef="tFn"/><encapsulatedLogic><formalParameter name="a"/><literalExpression><text>a</text></literalExpression></encapsulatedLogic></businessKnowledgeModel>
<decision id="d" name="d"><knowledgeRequirement><requiredKnowledge href="#k"/></knowledgeRequirement><literalExpression><text>[k("x"), k(2)]</text></literalExpression></decision>`, `[null,2]`},
		{"result type as type of the variable", `<businessKnowledgeModel id="k" name="k"><variable name="k" typeRef="number"/><encapsulatedLogic><formalParameter name="a"/><literalExpression><text>a</text></literalExpression></encapsulatedLogic></businessKnowledgeModel>
<decision id="d" name="d"><knowledgeRequirement><requiredKnowledge href="#k"/></knowledgeRequirement><literalExpression><text>[k("x"), k([2])]</text></literalExpression></decision>`, `[null,2]`},
		{"qualified name", `<decision id="d" name="d"><variable name="d" typeRef="own:tRank"/><literalExpression><text>"mid"</text></literalExpression></decision>`, `null`},
		{"undefined type", `<decision id="d" name="d"><variable name="d" typeRef="&lt;Undefined&gt;"/><literalExpression><text>"mid"</text></literalExpression></decision>`, `"mid"`},
		{"each item of a list among the values", `<decision id="d" name="d"><decisionTable hitPolicy="FIRST"><output><outputValues><text>1, 2</text></outputValues></output>` + rules(`<outputEntry><text>[1, 2]</text></outputEntry>`) + `</decisionTable></decision>`, `[1,2]`},
		{"an item of a list not among the values", `<decision id="d" name="d"><decisionTable hitPolicy="FIRST"><output><outputValues><text>1, 2</text></outputValues></output>` + rules(`<outputEntry><text>[1, 3]</text></outputEntry>`) + `</decisionTable></decision>`, `null`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := output(t, parse(t, types+test.elements), "d", nil); got != test.want {
				t.Errorf("got %s, but expected %s", got, test.want)
			}
		})
	}
}
