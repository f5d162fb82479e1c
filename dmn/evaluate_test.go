package dmn_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/weir-bpm/weir/dmn"
	"github.com/weir-bpm/weir/expression/feel"
)

// output evaluates a decision and gives the result as JSON.
func output(t testing.TB, m *dmn.Model, id string, vars map[string]any) string {
	t.Helper()
	res, err := m.Evaluate(id, dmn.Input{Variables: vars})
	if err != nil {
		t.Fatal(err)
	}
	return res.Value.JSON()
}

// codes gives the codes and elements of the messages of a result.
func codes(res *dmn.Result) string {
	var out []string
	for _, m := range res.Messages {
		out = append(out, fmt.Sprintf("%s %s", m.Code, m.ElementID))
	}
	return strings.Join(out, "; ")
}

const inputX = `<inputData id="in" name="x"><variable name="x"%s/></inputData>
<decision id="d" name="d"><variable name="d"%s/><informationRequirement><requiredInput href="#in"/></informationRequirement>%s</decision>`

// onX makes a decision d over an input x.
func onX(xType, dType, logic string) string {
	ref := func(t string) string {
		if t == "" {
			return ""
		}
		return fmt.Sprintf(` typeRef="%s"`, t)
	}
	return fmt.Sprintf(inputX, ref(xType), ref(dType), logic)
}

func esc(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}

// tableXML makes a table over x with one output; a rule is "test -> output".
func tableXML(attrs, output string, rules ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<decisionTable id="t" %s><input id="i" label="X"><inputExpression><text>x</text></inputExpression></input>%s`, attrs, output)
	for i, r := range rules {
		cells := strings.Split(r, " -> ")
		fmt.Fprintf(&b, `<rule id="r%d"><inputEntry><text>%s</text></inputEntry>`, i+1, esc(cells[0]))
		for _, out := range cells[1:] {
			fmt.Fprintf(&b, `<outputEntry><text>%s</text></outputEntry>`, esc(out))
		}
		b.WriteString("</rule>")
	}
	b.WriteString("</decisionTable>")
	return b.String()
}

// The hit policies of DMN 1.5, 8.2.11, each with one match, several and none.
func TestHitPolicies(t *testing.T) {
	const one = `<output id="o" name="a"/>`
	const ranked = `<output id="o" name="a"><outputValues><text>"high", "mid", "low"</text></outputValues></output>`
	const two = `<output id="o" name="a"><outputValues><text>"high", "low"</text></outputValues></output><output id="p" name="b"><outputValues><text>2, 1</text></outputValues></output>`
	const def = `<output id="o" name="a"><defaultOutputEntry><text>"none"</text></defaultOutputEntry></output>`
	tests := []struct {
		attrs, output string
		rules         []string
		x             int64
		want, codes   string
	}{
		{"", one, []string{"< 5 -> \"a\"", ">= 5 -> \"b\""}, 7, `"b"`, ""},
		{"", one, []string{"< 5 -> \"a\"", "< 6 -> \"a\""}, 1, `null`, "dmn.hit_policy_violated t"},
		{"", one, []string{"< 5 -> \"a\""}, 9, `null`, "dmn.no_rule_matched t"},
		{"", def, []string{"< 5 -> \"a\""}, 9, `"none"`, ""},
		{`hitPolicy="ANY"`, one, []string{"< 5 -> \"a\"", "< 6 -> \"a\"", "> 8 -> \"c\""}, 1, `"a"`, ""},
		{`hitPolicy="ANY"`, one, []string{"< 5 -> \"a\"", "< 6 -> \"b\""}, 1, `null`, "dmn.hit_policy_violated t"},
		{`hitPolicy="FIRST"`, one, []string{"< 5 -> \"a\"", "< 6 -> \"b\""}, 1, `"a"`, ""},
		{`hitPolicy="FIRST"`, one, []string{"- -> \"a\"", "< 6 -> \"b\""}, 1, `"a"`, ""},
		{`hitPolicy="PRIORITY"`, ranked, []string{"< 5 -> \"low\"", "< 6 -> \"high\"", "< 7 -> \"mid\""}, 1, `"high"`, ""},
		{`hitPolicy="PRIORITY"`, two, []string{"- -> \"low\" -> 2", "- -> \"high\" -> 1", "- -> \"high\" -> 2"}, 1, `{"a":"high","b":2}`, ""},
		{`hitPolicy="OUTPUT ORDER"`, ranked, []string{"< 5 -> \"low\"", "< 6 -> \"high\"", "< 7 -> \"mid\""}, 1, `["high","mid","low"]`, ""},
		{`hitPolicy="OUTPUT ORDER"`, two, []string{"- -> \"low\" -> 2", "- -> \"high\" -> 1"}, 1, `[{"a":"high","b":1},{"a":"low","b":2}]`, ""},
		{`hitPolicy="RULE ORDER"`, one, []string{"< 5 -> \"b\"", "< 6 -> \"a\"", "> 7 -> \"c\""}, 1, `["b","a"]`, ""},
		{`hitPolicy="RULE ORDER"`, one, []string{"< 5 -> \"b\""}, 9, `null`, "dmn.no_rule_matched t"},
		{`hitPolicy="RULE ORDER"`, def, []string{"< 5 -> \"b\""}, 9, `["none"]`, ""},
		{`hitPolicy="COLLECT"`, one, []string{"< 5 -> 1", "< 6 -> 2", "> 7 -> 3"}, 1, `[1,2]`, ""},
		{`hitPolicy="COLLECT"`, one, []string{"< 5 -> 1"}, 9, `[]`, ""},
		{`hitPolicy="COLLECT" aggregation="SUM"`, one, []string{"< 5 -> 1.5", "< 6 -> 2", "< 7 -> 2"}, 1, `5.5`, ""},
		{`hitPolicy="COLLECT" aggregation="MIN"`, one, []string{"< 5 -> 4", "< 6 -> 2", "< 7 -> 3"}, 1, `2`, ""},
		{`hitPolicy="COLLECT" aggregation="MAX"`, one, []string{"< 5 -> 4", "< 6 -> 2", "< 7 -> 3"}, 1, `4`, ""},
		{`hitPolicy="COLLECT" aggregation="COUNT"`, one, []string{"< 5 -> 4", "< 6 -> 4", "> 7 -> 3"}, 1, `2`, ""},
		{`hitPolicy="COLLECT" aggregation="COUNT"`, one, []string{"< 5 -> 4"}, 9, `0`, ""},
		{`hitPolicy="COLLECT" aggregation="SUM"`, one, []string{"< 5 -> 4"}, 9, `null`, "dmn.no_rule_matched t"},
		{"", ranked, []string{"- -> \"other\""}, 1, `null`, "dmn.output_value r1"},
		{"", `<output id="o" name="a" typeRef="number"/>`, []string{"- -> \"1\""}, 1, `null`, "dmn.result_type r1"},
	}
	for i, test := range tests {
		t.Run(fmt.Sprintf("%d %s", i, test.attrs), func(t *testing.T) {
			m := parse(t, onX("number", "", tableXML(test.attrs, test.output, test.rules...)))
			res, err := m.Evaluate("d", dmn.Input{Variables: map[string]any{"x": test.x}})
			if err != nil {
				t.Fatal(err)
			}
			if got := res.Value.JSON(); got != test.want {
				t.Errorf("got %s, but expected %s", got, test.want)
			}
			if got := codes(res); got != test.codes {
				t.Errorf("messages %q, but expected %q", got, test.codes)
			}
		})
	}
}

// Goal: with NoMatchIsNull a table without a matching rule is null, whatever its
// hit policy; defaults still count, and so do rules that match.
func TestNoMatchIsNull(t *testing.T) {
	one, defaulted := `<output id="o" name="a"/>`, `<output id="o" name="a"><defaultOutputEntry><text>"none"</text></defaultOutputEntry></output>`
	for i, test := range []struct {
		attrs, output, want string
		x                   int64
	}{
		{`hitPolicy="COLLECT"`, one, `null`, 9},
		{`hitPolicy="COLLECT"`, one, `[1]`, 1},
		{`hitPolicy="COLLECT"`, defaulted, `["none"]`, 9},
		{`hitPolicy="COLLECT" aggregation="COUNT"`, one, `null`, 9},
		{`hitPolicy="COLLECT" aggregation="SUM"`, one, `null`, 9},
		{`hitPolicy="RULE ORDER"`, one, `null`, 9},
		{`hitPolicy="FIRST"`, one, `null`, 9},
	} {
		m := parse(t, onX("number", "", tableXML(test.attrs, test.output, "< 5 -> 1")))
		res, err := m.Evaluate("d", dmn.Input{Variables: map[string]any{"x": test.x}, NoMatchIsNull: true})
		if err != nil {
			t.Fatal(err)
		}
		if got := res.Value.JSON(); got != test.want || res.Failed() {
			t.Errorf("%d %s: got %s (%q), but expected %s", i, test.attrs, got, codes(res), test.want)
		}
	}
}

// The output of a collecting table may have the type of its items or, as some
// tools write it, of the whole.
func TestCollectedType(t *testing.T) {
	const types = `<itemDefinition name="tN" isCollection="true"><typeRef>number</typeRef></itemDefinition>`
	for _, ref := range []string{"number", "tN"} {
		m := parse(t, types+onX("", "tN", tableXML(`hitPolicy="COLLECT"`, `<output name="o" typeRef="`+ref+`"/>`, "- -> 1", "- -> 2")))
		if got := output(t, m, "d", nil); got != "[1,2]" {
			t.Errorf("%s: got %s", ref, got)
		}
	}
}

func TestInputValues(t *testing.T) {
	table := strings.Replace(tableXML("", `<output id="o"/>`, "- -> \"ok\""), "</inputExpression>",
		`</inputExpression><inputValues><text>[1..5], null</text></inputValues>`, 1)
	m := parse(t, onX("number", "", table))
	for x, want := range map[any]string{int64(3): `"ok"`, nil: `"ok"`, int64(7): "null"} {
		if got := output(t, m, "d", map[string]any{"x": x}); got != want {
			t.Errorf("%v: got %s, but expected %s", x, got, want)
		}
	}
	res, err := m.Evaluate("d", dmn.Input{Variables: map[string]any{"x": int64(7)}})
	if err != nil || codes(res) != "dmn.input_value i" || !res.Failed() {
		t.Errorf("messages %v, error %v", res.Messages, err)
	}
}

// Boxed expressions (DMN 1.5, 10.2).
func TestBoxedExpressions(t *testing.T) {
	lit := func(s string) string { return "<literalExpression><text>" + esc(s) + "</text></literalExpression>" }
	tests := []struct{ name, logic, want string }{
		{"literal", lit(`x + 1`), `3`},
		{"context", `<context><contextEntry><variable name="a b"/>` + lit(`x * 2`) + `</contextEntry><contextEntry><variable name="c"/>` + lit(`a b + 1`) + `</contextEntry></context>`, `{"a b":4,"c":5}`},
		{"context with result", `<context><contextEntry><variable name="a"/>` + lit(`x * 2`) + `</contextEntry><contextEntry>` + lit(`a + 1`) + `</contextEntry></context>`, `5`},
		{"typed entry", `<context><contextEntry><variable name="a" typeRef="string"/>` + lit(`x`) + `</contextEntry></context>`, `{"a":null}`},
		{"empty entry", `<context><contextEntry><variable name="a"/></contextEntry></context>`, `{"a":null}`},
		{"nested context", `<context><contextEntry><variable name="a"/><context><contextEntry><variable name="b"/>` + lit(`x`) + `</contextEntry></context></contextEntry><contextEntry>` + lit(`a.b`) + `</contextEntry></context>`, `2`},
		{"list", `<list>` + lit(`x`) + lit(`"a"`) + `</list>`, `[2,"a"]`},
		{"relation", `<relation><column name="n"/><column name="m o"/><row>` + lit(`x`) + lit(`1`) + `</row><row>` + lit(`3`) + lit(`4`) + `</row></relation>`, `[{"n":2,"m o":1},{"n":3,"m o":4}]`},
		{"function", `<context><contextEntry><variable name="f"/><functionDefinition><formalParameter name="a"/><formalParameter name="b"/>` + lit(`a - b + x`) + `</functionDefinition></contextEntry><contextEntry>` + lit(`f(b: 1, a: 5)`) + `</contextEntry></context>`, `6`},
		{"typed parameter", `<context><contextEntry><variable name="f"/><functionDefinition><formalParameter name="a" typeRef="string"/>` + lit(`a`) + `</functionDefinition></contextEntry><contextEntry>` + lit(`f(x)`) + `</contextEntry></context>`, `null`},
		{"invocation", `<context><contextEntry><variable name="f"/><functionDefinition><formalParameter name="a"/><formalParameter name="b"/>` + lit(`a - b`) + `</functionDefinition></contextEntry><contextEntry><invocation>` + lit(`f`) + `<binding><parameter name="b"/>` + lit(`x`) + `</binding><binding><parameter name="a"/>` + lit(`10`) + `</binding></invocation></contextEntry></context>`, `8`},
		{"invocation of a built-in", `<invocation>` + lit(`substring`) + `<binding><parameter name="string"/>` + lit(`"abc"`) + `</binding><binding><parameter name="start position"/>` + lit(`x`) + `</binding></invocation>`, `"bc"`},
		{"invocation of a number", `<invocation>` + lit(`x`) + `</invocation>`, `null`},
		{"conditional", `<conditional><if>` + lit(`x > 1`) + `</if><then>` + lit(`"many"`) + `</then><else>` + lit(`"few"`) + `</else></conditional>`, `"many"`},
		{"conditional on null", `<conditional><if>` + lit(`null`) + `</if><then>` + lit(`1`) + `</then><else>` + lit(`2`) + `</else></conditional>`, `2`},
		{"for", `<for iteratorVariable="i"><in>` + lit(`[1, 2, 3]`) + `</in><return>` + lit(`i * x + count(partial)`) + `</return></for>`, `[2,5,8]`},
		{"for of null", `<for iteratorVariable="i"><in>` + lit(`null`) + `</in><return>` + lit(`i`) + `</return></for>`, `null`},
		{"for of a range", `<for iteratorVariable="i"><in>` + lit(`[x..4]`) + `</in><return>` + lit(`i * i`) + `</return></for>`, `[4,9,16]`},
		{"for of a number", `<for iteratorVariable="i"><in>` + lit(`x`) + `</in><return>` + lit(`i`) + `</return></for>`, `null`},
		{"condition of another kind", `<conditional><if>` + lit(`"yes"`) + `</if><then>` + lit(`1`) + `</then><else>` + lit(`2`) + `</else></conditional>`, `null`},
		{"filter with another kind", `<filter><in>` + lit(`[1, 2, 3]`) + `</in><match>` + lit(`"yes"`) + `</match></filter>`, `null`},
		{"some with another kind", `<some iteratorVariable="i"><in>` + lit(`[1, 2, 3]`) + `</in><satisfies>` + lit(`if i = 3 then "yes" else true`) + `</satisfies></some>`, `null`},
		{"some", `<some iteratorVariable="i"><in>` + lit(`[1, 2, 3]`) + `</in><satisfies>` + lit(`i > x`) + `</satisfies></some>`, `true`},
		{"some unknown", `<some iteratorVariable="i"><in>` + lit(`[null, 1]`) + `</in><satisfies>` + lit(`i > x`) + `</satisfies></some>`, `null`},
		{"every", `<every iteratorVariable="i"><in>` + lit(`[1, 2, 3]`) + `</in><satisfies>` + lit(`i > x`) + `</satisfies></every>`, `false`},
		{"every of nothing", `<every iteratorVariable="i"><in>` + lit(`[]`) + `</in><satisfies>` + lit(`false`) + `</satisfies></every>`, `true`},
		{"filter", `<filter><in>` + lit(`[1, 2, 3]`) + `</in><match>` + lit(`item >= x`) + `</match></filter>`, `[2,3]`},
		{"filter by entry", `<filter><in>` + lit(`[{a: 1}, {a: 3}]`) + `</in><match>` + lit(`a > x`) + `</match></filter>`, `[{"a":3}]`},
		{"nested boxed", `<for iteratorVariable="i"><in><list>` + lit(`1`) + lit(`2`) + `</list></in><return><conditional><if>` + lit(`i = 1`) + `</if><then>` + lit(`"one"`) + `</then><else><context><contextEntry><variable name="v"/>` + lit(`i`) + `</contextEntry></context></else></conditional></return></for>`, `["one",{"v":2}]`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := parse(t, onX("number", "", test.logic))
			if got := output(t, m, "d", map[string]any{"x": int64(2)}); got != test.want {
				t.Errorf("got %s, but expected %s", got, test.want)
			}
		})
	}
}

// Item definitions (DMN 1.5, 7.3.2) and implicit conversions (10.3.2.9.4).
func TestTypes(t *testing.T) {
	const types = `<itemDefinition name="tLevel"><typeRef>string</typeRef><allowedValues><text>"low","high"</text></allowedValues></itemDefinition>
<itemDefinition name="tLevels" isCollection="true"><typeRef>string</typeRef><allowedValues><text>"low","high"</text></allowedValues></itemDefinition>
<itemDefinition name="tShort"><typeRef>tLevels</typeRef><typeConstraint><text>count(?) &lt; 2</text></typeConstraint></itemDefinition>
<itemDefinition name="tPerson"><itemComponent name="name"><typeRef>string</typeRef></itemComponent><itemComponent name="born"><typeRef>date</typeRef></itemComponent></itemDefinition>
<itemDefinition name="tPeople" isCollection="true"><typeRef>tPerson</typeRef></itemDefinition>
<itemDefinition name="tTree"><itemComponent name="v"><typeRef>number</typeRef></itemComponent><itemComponent name="kids" isCollection="true"><typeRef>tTree</typeRef></itemComponent></itemDefinition>
`
	person := map[string]any{"name": "Ada", "born": "1815-12-10"}
	tests := []struct {
		name, xType, dType, text string
		x                        any
		want, codes              string
	}{
		{"string", "string", "", "x", "a", `"a"`, ""},
		{"not a string", "string", "", "x", int64(1), `null`, "dmn.input_type in"},
		{"allowed", "tLevel", "", "x", "low", `"low"`, ""},
		{"not allowed", "tLevel", "", "x", "mid", `null`, "dmn.input_type in"},
		{"all allowed", "tLevels", "", "x", []any{"low", "high"}, `["low","high"]`, ""},
		{"one not allowed", "tLevels", "", "x", []any{"low", "mid"}, `null`, "dmn.input_type in"},
		{"item to list", "tLevels", "", "x", "low", `["low"]`, ""},
		{"list to item", "tLevel", "", "x", []any{"low"}, `"low"`, ""},
		{"constraint on the list", "tShort", "", "count(x)", []any{"low"}, `1`, ""},
		{"list too long", "tShort", "", "x", []any{"low", "high"}, `null`, "dmn.input_type in"},
		{"result to list", "", "tLevels", `"low"`, nil, `["low"]`, ""},
		{"result of another type", "", "number", `"low"`, nil, `null`, "dmn.result_type d"},
		{"result not allowed", "", "tLevel", `"mid"`, nil, `null`, "dmn.result_type d"},
		{"date", "date", "", "x + duration(\"P1D\")", "2024-02-28", `"2024-02-29"`, ""},
		{"no date", "date", "", "x", "soon", `null`, "dmn.input_type in"},
		{"date to date and time", "", "dateTime", `date("2024-02-28")`, nil, `"2024-02-28T00:00:00Z"`, ""},
		{"duration", "days and time duration", "", "x.hours", "PT36H", `12`, ""},
		{"structure", "tPerson", "", "x.born.year", person, `1815`, ""},
		{"structure without a component", "tPerson", "", "x", map[string]any{"name": "Ada"}, `{"name":"Ada","born":null}`, ""},
		{"structure in a list", "tPeople", "", "x[1].born.month", []any{person}, `12`, ""},
		{"structure as result", "", "tPerson", `{name: "A"}`, nil, `null`, "dmn.result_type d"},
		{"tree", "tTree", "", "x.kids[1].kids[1].v", map[string]any{"v": int64(1), "kids": []any{map[string]any{"v": int64(2), "kids": []any{map[string]any{"v": int64(3)}}}}}, `3`, ""},
		{"broken tree", "tTree", "", "x", map[string]any{"v": int64(1), "kids": []any{map[string]any{"v": "two"}}}, `null`, "dmn.input_type in"},
		{"instance of", "", "", `"low" instance of tLevel and not("mid" instance of tLevel)`, nil, `true`, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := parse(t, types+onX(test.xType, test.dType, "<literalExpression><text>"+esc(test.text)+"</text></literalExpression>"))
			res, err := m.Evaluate("d", dmn.Input{Variables: map[string]any{"x": test.x}})
			if err != nil {
				t.Fatal(err)
			}
			if got := res.Value.JSON(); got != test.want {
				t.Errorf("got %s, but expected %s (%v)", got, test.want, res.Messages)
			}
			if got := codes(res); got != test.codes {
				t.Errorf("messages %q, but expected %q", got, test.codes)
			}
		})
	}
}

const graph = `<inputData id="i" name="n"><variable name="n" typeRef="number"/></inputData>
<decision id="a" name="a"><informationRequirement><requiredInput href="#i"/></informationRequirement><literalExpression><text>n + 1</text></literalExpression></decision>
<decision id="b" name="b"><informationRequirement><requiredDecision href="#a"/></informationRequirement>
<knowledgeRequirement><requiredKnowledge href="#k"/></knowledgeRequirement><literalExpression><text>twice(a)</text></literalExpression></decision>
<decision id="c" name="c"><informationRequirement><requiredDecision href="#a"/></informationRequirement>
<knowledgeRequirement><requiredKnowledge href="#s"/></knowledgeRequirement><literalExpression><text>serve(100) + a</text></literalExpression></decision>
<businessKnowledgeModel id="k" name="twice"><encapsulatedLogic><formalParameter name="v" typeRef="number"/><literalExpression><text>v * 2</text></literalExpression></encapsulatedLogic></businessKnowledgeModel>
<decisionService id="s" name="serve"><outputDecision href="#b"/><inputDecision href="#a"/></decisionService>
<decisionService id="s2" name="both"><outputDecision href="#b"/><outputDecision href="#a"/><inputData href="#i"/></decisionService>`

func TestGraph(t *testing.T) {
	m := parse(t, graph)
	in := dmn.Input{Variables: map[string]any{"n": int64(4), "a": int64(50), "v": int64(21)}}
	for id, want := range map[string]string{
		"a": "5", "b": "10", "c": "205", // c gives the service its own a
		"s": "100", "s2": `{"b":10,"a":5}`, "k": "42", "serve": "100",
	} {
		res, err := m.Evaluate(id, in)
		if err != nil {
			t.Fatal(err)
		}
		if got := res.Value.JSON(); got != want {
			t.Errorf("%s: got %s, but expected %s (%v)", id, got, want, res.Messages)
		}
	}
	s, _ := m.Service("both")
	res, err := s.Evaluate(in)
	if err != nil {
		t.Fatal(err)
	}
	if v, ok := res.OutputOf("a"); !ok || v.JSON() != "5" {
		t.Errorf("output a is %v", v)
	}
	k, _ := m.Knowledge("twice")
	if m.ID()+m.Name()+m.Namespace() != "defstesturn:test" || s.ID()+s.Name() != "s2both" || k.ID()+k.Name() != "ktwice" {
		t.Errorf("model %s, %s, %s", m.ID(), m.Name(), m.Namespace())
	}
	if list := m.Decisions(); len(list) != 3 || list[0].ID()+list[0].Name()+list[0].Variable() != "aaa" {
		t.Errorf("decisions %v", list)
	}
	d, _ := m.Decision("c")
	if got := fmt.Sprint(d.InputNames()); got != "[n]" {
		t.Errorf("inputs of c: %s", got)
	}
	_, err = m.Evaluate("nothing", in)
	if !errors.Is(err, &dmn.Error{Code: dmn.CodeUnknownDecision}) || !strings.Contains(err.Error(), "a, b, c, s, s2") {
		t.Errorf("error %v", err)
	}
}

// A decision sees what it requires and nothing else (DMN 1.5, 10.4).
func TestScope(t *testing.T) {
	m := parse(t, `<inputData id="i" name="n"/>`+literal("d", "n"))
	res, err := m.Evaluate("d", dmn.Input{Variables: map[string]any{"n": int64(1)}})
	if err != nil || !res.Value.IsNull() || len(res.Messages) == 0 {
		t.Errorf("got %s with %v, error %v", res.Value.JSON(), res.Messages, err)
	}
}

func TestImports(t *testing.T) {
	imp := func(name, ns string) string {
		return fmt.Sprintf(`<import name="%s" namespace="%s" importType="%s"/>`, name, ns, dmn15)
	}
	model := func(ns, elements string) string {
		return strings.Replace(string(document(elements)), "urn:test", ns, 1)
	}
	files := map[string]string{
		"urn:leaf": model("urn:leaf", `<itemDefinition name="tN"><typeRef>number</typeRef></itemDefinition>
<inputData id="i" name="n"><variable name="n" typeRef="tN"/></inputData>
<decision id="d" name="the double"><informationRequirement><requiredInput href="#i"/></informationRequirement><literalExpression><text>n * 2</text></literalExpression></decision>
<businessKnowledgeModel id="k" name="add"><encapsulatedLogic><formalParameter name="a" typeRef="tN"/><literalExpression><text>a + 1</text></literalExpression></encapsulatedLogic></businessKnowledgeModel>`),
		"urn:mid":  model("urn:mid", imp("leaf", "urn:leaf")+`<decision id="m" name="m"><informationRequirement><requiredDecision href="urn:leaf#d"/></informationRequirement><literalExpression><text>leaf.the double + 1</text></literalExpression></decision>`),
		"urn:loop": model("urn:loop", imp("t", "urn:test")),
	}
	opts := dmn.Options{Import: func(ns, _ string) (string, []byte, bool) {
		data, ok := files[ns]
		return ns, []byte(data), ok
	}}
	m := parse(t, imp("left", "urn:mid")+imp("my leaf", "urn:leaf")+`<decision id="d" name="d"><variable name="d" typeRef="my leaf.tN"/>
<informationRequirement><requiredDecision href="urn:mid#m"/></informationRequirement>
<informationRequirement><requiredDecision href="urn:leaf#d"/></informationRequirement>
<knowledgeRequirement><requiredKnowledge href="urn:leaf#k"/></knowledgeRequirement>
<literalExpression><text>my leaf.add(left.m * 100 + my leaf.the double)</text></literalExpression></decision>`, opts)
	// The same input data of one model, reached in two ways, has two values.
	got := output(t, m, "d", map[string]any{
		"left":    map[string]any{"leaf": map[string]any{"n": int64(1)}},
		"my leaf": map[string]any{"n": int64(10)},
	})
	if got != "321" {
		t.Errorf("got %s", got)
	}
	if got := output(t, m, "d", map[string]any{"n": int64(1)}); got != "303" {
		t.Errorf("with one n for all: got %s", got)
	}
	// An import without a name adds to the model itself (DMN 1.5, 6.3.3).
	m = parse(t, imp("", "urn:leaf")+`<inputData id="x" name="x"><variable name="x" typeRef="tN"/></inputData>
<decision id="d" name="d"><informationRequirement><requiredDecision href="urn:leaf#d"/></informationRequirement>
<knowledgeRequirement><requiredKnowledge href="urn:leaf#k"/></knowledgeRequirement><literalExpression><text>add(the double)</text></literalExpression></decision>`, opts)
	if got := output(t, m, "d", map[string]any{"n": int64(4)}); got != "9" {
		t.Errorf("import without a name: got %s", got)
	}
	// What that model imports without a name too belongs to this one as well,
	// and an href without a namespace reaches it.
	files["urn:between"] = model("urn:between", imp("", "urn:leaf")+literal("own", "7"))
	m = parse(t, imp("", "urn:between")+`<decision id="d" name="d"><informationRequirement><requiredDecision href="urn:leaf#d"/></informationRequirement>
<informationRequirement><requiredDecision href="#own"/></informationRequirement><literalExpression><text>the double + own</text></literalExpression></decision>`, opts)
	if got := output(t, m, "d", map[string]any{"n": int64(4)}); got != "15" {
		t.Errorf("nested import without a name: got %s", got)
	}
	_, problems := dmn.Parse("t", document(imp("a", "urn:loop")+literal("d", "1")), opts)
	if !dmn.HasErrors(problems) || problems[0].Code != dmn.CodeImport {
		t.Errorf("circle of imports: %v", problems)
	}
}

// Errors and limits.
func TestLimits(t *testing.T) {
	m := parse(t, literal("d", "count(for a in 1..1000, b in 1..1000, c in 1..1000 return a)")+
		`<businessKnowledgeModel id="k" name="k"><encapsulatedLogic><literalExpression><text>count(for a in 1..1000, b in 1..1000, c in 1..1000 return a)</text></literalExpression></encapsulatedLogic></businessKnowledgeModel>
<decision id="b" name="b"><for iteratorVariable="i"><in><literalExpression><text>for k in 1..9000 return k</text></literalExpression></in><return><for iteratorVariable="j"><in><literalExpression><text>for k in 1..9000 return k</text></literalExpression></in><return><list/></return></for></return></for></decision>
<decision id="e" name="e"><knowledgeRequirement><requiredKnowledge href="#k"/></knowledgeRequirement><literalExpression><text>k()</text></literalExpression></decision>`)
	for _, id := range []string{"d", "e", "k", "b"} {
		res, err := m.Evaluate(id, dmn.Input{Limits: feel.Limits{Steps: 10_000}})
		if !errors.Is(err, &dmn.Error{Code: dmn.CodeLimit}) || res == nil {
			t.Errorf("%s: error %v, result %v", id, err, res)
		}
	}
}

func TestTraceJSON(t *testing.T) {
	m := parse(t, onX("number", "", tableXML(`hitPolicy="COLLECT"`, `<output id="o" name="a"/>`, "< 5 -> \"a\"", "< 6 -> \"b\"", "> 6 -> \"c\"")))
	res, err := m.Evaluate("d", dmn.Input{Variables: map[string]any{"x": int64(1)}})
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(res)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"result":["a","b"],"trace":{"decisions":[{"id":"d","name":"d","model":"urn:test","inputs":{"x":1},"output":["a","b"],` +
		`"tables":[{"id":"t","hitPolicy":"COLLECT","inputs":[{"id":"i","name":"X","value":1}],` +
		`"matched":[1,2],"rules":[{"id":"r1","number":1,"outputs":[{"id":"o","name":"a","value":"a"}]},{"id":"r2","number":2,"outputs":[{"id":"o","name":"a","value":"b"}]}]}]}]}}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	table := parse(t, onX("number", "", tableXML(`hitPolicy="PRIORITY"`, `<output><outputValues><text>"a", "b"</text></outputValues></output>`, "- -> \"b\"", "> 1 -> \"b\"", "< 6 -> \"a\"")))
	if res, err = table.Evaluate("d", dmn.Input{Variables: map[string]any{"x": int64(1)}}); err != nil {
		t.Fatal(err)
	}
	tr := res.Trace.Decisions[0].Tables[0]
	if rules := tr.Rules(); fmt.Sprint(tr.Matched()) != "[1 3]" || len(rules) != 1 || rules[0].Number != 3 {
		t.Errorf("matched %v, rules %v", tr.Matched(), rules)
	}
	res, err = m.Evaluate("d", dmn.Input{Variables: map[string]any{"x": int64(1)}, NoTrace: true})
	if err != nil || res.Trace != nil {
		t.Errorf("trace %v, error %v", res.Trace, err)
	}
}

// A model is used by many goroutines at once; run with -race.
func TestConcurrent(t *testing.T) {
	m := parse(t, graph)
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 50 {
				n := int64(g*100 + i)
				res, err := m.Evaluate("c", dmn.Input{Variables: map[string]any{"n": n}})
				if want := fmt.Sprint(200 + n + 1); err != nil || res.Value.JSON() != want {
					t.Errorf("got %v, error %v, but expected %s", res.Value.JSON(), err, want)
				}
			}
		})
	}
	wg.Wait()
}

// Goal: with AllVariables a decision sees inputs that it does not declare; what it
// requires comes first.
func TestAllVariables(t *testing.T) {
	m := parse(t, `<inputData id="x" name="x"><variable name="x" typeRef="number"/></inputData>
<decision id="free" name="free"><literalExpression><text>y + 1</text></literalExpression></decision>
<decision id="needs" name="needs"><informationRequirement><requiredDecision href="#y"/></informationRequirement><literalExpression><text>y + z</text></literalExpression></decision>
<decision id="y" name="y"><informationRequirement><requiredInput href="#x"/></informationRequirement><literalExpression><text>x * 10</text></literalExpression></decision>
<decisionService id="service" name="service"><outputDecision href="#free"/></decisionService>`)
	in := map[string]any{"x": int64(2), "y": int64(5), "z": int64(7)}
	for _, test := range []struct {
		name, closed, open string
	}{
		{"free", "null", "6"},
		{"needs", "null", "27"},
		{"service", "null", "6"},
	} {
		for _, all := range []bool{false, true} {
			res, err := m.Evaluate(test.name, dmn.Input{Variables: in, AllVariables: all})
			if err != nil {
				t.Fatal(err)
			}
			want := test.closed
			if all {
				want = test.open
			}
			if got := res.Value.JSON(); got != want {
				t.Errorf("%s, all %v: got %s, but expected %s", test.name, all, got, want)
			}
		}
	}
}
