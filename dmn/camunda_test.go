package dmn_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/weir-bpm/weir/dmn"
	"github.com/weir-bpm/weir/expression/feel"
)

const (
	camunda7 = `xmlns:camunda="http://camunda.org/schema/1.0/dmn" exporter="Camunda Modeler"`
	camunda8 = `xmlns:modeler="http://camunda.org/schema/modeler/1.0" modeler:executionPlatform="Camunda Cloud"`
)

func parseCamunda(t *testing.T, elements, attrs string, opts ...dmn.Options) *dmn.Model {
	t.Helper()
	m, problems := dmn.Parse("test.dmn", document(elements, attrs), opts...)
	if dmn.HasErrors(problems) {
		t.Fatalf("problems: %v", problems)
	}
	if m.Dialect() != dmn.DialectCamunda {
		t.Fatalf("dialect %v", m.Dialect())
	}
	return m
}

// A model as the Camunda Modeler writes it: nothing is declared, the tables
// read process variables.
const dish = `<decision id="dish" name="Dish"><informationRequirement id="r1"><requiredDecision href="#season"/></informationRequirement>
<informationRequirement id="r2"><requiredDecision href="#guestCount"/></informationRequirement>
<decisionTable id="dt1"><input id="i1" label="Season"><inputExpression id="e1" typeRef="string"><text>season</text></inputExpression></input>
<input id="i2" label="How many guests"><inputExpression id="e2" typeRef="integer"><text>guestCount</text></inputExpression></input>
<output id="o1" label="Dish" name="desiredDish" typeRef="string"/>
<rule id="d1"><inputEntry id="a1"><text>"Winter"</text></inputEntry><inputEntry id="b1"><text>&lt;= 8</text></inputEntry><outputEntry id="c1"><text>"Roastbeef"</text></outputEntry></rule>
<rule id="d2"><inputEntry id="a2"><text>"Winter"</text></inputEntry><inputEntry id="b2"><text>&gt; 8</text></inputEntry><outputEntry id="c2"><text>"Stew"</text></outputEntry></rule>
<rule id="d3"><inputEntry id="a3"><text>not("Winter")</text></inputEntry><inputEntry id="b3"><text></text></inputEntry><outputEntry id="c3"><text>"Salad"</text></outputEntry></rule></decisionTable></decision>
<decision id="season" name="Season decision"><decisionTable id="dt2"><input id="i3" label="Weather"><inputExpression id="e3" typeRef="integer"><text>temperature</text></inputExpression></input>
<output id="o2" label="season" name="season" typeRef="string"/>
<rule id="s1"><inputEntry id="x1"><text>&gt; 20</text></inputEntry><outputEntry id="y1"><text>"Summer"</text></outputEntry></rule>
<rule id="s2"><inputEntry id="x2"><text>&lt;= 20</text></inputEntry><outputEntry id="y2"><text>"Winter"</text></outputEntry></rule></decisionTable></decision>
<decision id="guests" name="Guests"><variable id="v" name="guestCount" typeRef="integer"/><literalExpression id="l"><text>if weekend then 10 else 4</text></literalExpression></decision>`

func TestCamundaModel(t *testing.T) {
	m := parseCamunda(t, strings.Replace(dish, "#guestCount", "#guests", 1), camunda7)
	for _, test := range []struct {
		temperature any
		weekend     bool
		want        string
	}{{int64(5), true, `"Stew"`}, {int64(5), false, `"Roastbeef"`}, {int64(30), true, `"Salad"`}, {"5", true, `"Stew"`}} {
		got := output(t, m, "dish", map[string]any{"temperature": test.temperature, "weekend": test.weekend})
		if got != test.want {
			t.Errorf("%v: got %s", test, got)
		}
	}
}

func TestCamundaTables(t *testing.T) {
	table := func(attrs, input, output, rules string) string {
		return `<decision id="d" name="D"><decisionTable id="t" ` + attrs + `>` + input + output + rules + `</decisionTable></decision>`
	}
	in := func(attrs, typeRef string) string {
		return `<input id="i" ` + attrs + `><inputExpression id="e" typeRef="` + typeRef + `"><text>v</text></inputExpression></input>`
	}
	rule := func(in, out string) string {
		return `<rule><inputEntry><text>` + esc(in) + `</text></inputEntry><outputEntry><text>` + esc(out) + `</text></outputEntry></rule>`
	}
	const out = `<output id="o" name="r"/>`
	tests := []struct {
		name, elements string
		v              any
		want           string
	}{
		{"input variable", table("", in(`camunda:inputVariable="the value"`, "number"), out, rule("the value > 3", "the value > 0")), int64(5), `null`},
		{"input variable in the entry", table("", in(`camunda:inputVariable="val"`, "number"), out, rule("val > 3", `"big"`)), int64(5), `"big"`},
		{"cellInput", table("", in("", "number"), out, rule("cellInput > 3", `"big"`)), int64(5), `"big"`},
		{"string to long", table("", in("", "long"), out, rule("> 3", `"big"`)), "5", `"big"`},
		{"string to boolean", table("", in("", "boolean"), out, rule("true", `"yes"`)), "true", `"yes"`},
		{"string to date", table("", in("", "date"), out, rule(`> date("2024-01-01")`, `"late"`)), "2024-05-01", `"late"`},
		{"of another type", table("", in("", "double"), out, rule(`"x"`, `"kept"`)), "x", `"kept"`},
		{"nothing matches a collecting table", table(`hitPolicy="COLLECT"`, in("", "number"), out, rule("> 3", "1")), int64(1), `[]`},
		{"nothing matches rule order", table(`hitPolicy="RULE ORDER"`, in("", "number"), out, rule("> 3", "1")), int64(1), `[]`},
		{"undefined variable", literal("d", `is defined(nope)`), int64(1), `false`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := parseCamunda(t, test.elements, camunda7)
			if got := output(t, m, "d", map[string]any{"v": test.v}); got != test.want {
				t.Errorf("got %s, but expected %s", got, test.want)
			}
		})
	}
}

// Flowable writes == where FEEL has =.
func TestFlowable(t *testing.T) {
	m := parseCamunda(t, `<decision id="d" name="D">`+tableXML("", `<output id="o" name="r"/>`, `== "a" -> 1`, `!= "a" -> 2`)+`</decision>`, `xmlns:flowable="http://flowable.org/dmn"`)
	for x, want := range map[string]string{"a": "1", "b": "2"} {
		if got := output(t, m, "d", map[string]any{"x": x}); got != want {
			t.Errorf("%s: got %s, but expected %s", x, got, want)
		}
	}
}

// The result as a list, which the engine maps as mapDecisionResult says.
func TestResultList(t *testing.T) {
	const two = `<output name="a"/><output name="b"/>`
	const rules = `<rule><outputEntry><text>1</text></outputEntry><outputEntry><text>"x"</text></outputEntry></rule><rule><outputEntry><text>2</text></outputEntry><outputEntry><text>null</text></outputEntry></rule>`
	tests := []struct{ logic, want string }{
		{`<decisionTable hitPolicy="COLLECT">` + two + rules + `</decisionTable>`, `[map[a:1 b:x] map[a:2 b:<nil>]]`},
		{`<decisionTable hitPolicy="FIRST">` + two + rules + `</decisionTable>`, `[map[a:1 b:x]]`},
		{`<decisionTable>` + two + `</decisionTable>`, `[]`},
		{`<decisionTable><output/><rule><outputEntry><text>1</text></outputEntry></rule></decisionTable>`, `[map[v:1]]`},
		{`<decisionTable><output name="a"><defaultOutputEntry><text>9</text></defaultOutputEntry></output></decisionTable>`, `[map[a:9]]`},
		{`<decisionTable hitPolicy="COLLECT" aggregation="MAX"><output name="a"/><rule><outputEntry><text>1</text></outputEntry></rule><rule><outputEntry><text>3</text></outputEntry></rule></decisionTable>`, `[map[a:3]]`},
		{`<literalExpression><text>[1, 2]</text></literalExpression>`, `[map[v:[1 2]]]`},
	}
	for _, test := range tests {
		m := parseCamunda(t, `<decision id="d" name="D"><variable name="v"/>`+test.logic+`</decision>`, camunda7)
		res, err := m.Evaluate("d", dmn.Input{})
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(res.List()); got != test.want {
			t.Errorf("%s: got %s, but expected %s", test.logic, got, test.want)
		}
	}
}

func TestDialects(t *testing.T) {
	tests := []struct {
		attrs string
		opts  dmn.Options
		want  dmn.Dialect
	}{
		{"", dmn.Options{}, dmn.DialectDMN},
		{`exporter="Other"`, dmn.Options{}, dmn.DialectDMN},
		{`exporter="Camunda Modeler"`, dmn.Options{}, dmn.DialectCamunda},
		{`exporter="dmn-js (https://demo.bpmn.io/dmn)"`, dmn.Options{}, dmn.DialectCamunda},
		{camunda8, dmn.Options{}, dmn.DialectCamunda},
		{`xmlns:f="http://flowable.org/dmn"`, dmn.Options{}, dmn.DialectCamunda},
		{camunda8, dmn.Options{Dialect: dmn.DialectDMN}, dmn.DialectDMN},
		{"", dmn.Options{Dialect: dmn.DialectCamunda}, dmn.DialectCamunda},
	}
	for _, test := range tests {
		m, problems := dmn.Parse("t", document(literal("d", "1"), test.attrs), test.opts)
		if m == nil || m.Dialect() != test.want {
			t.Errorf("%s: %v", test.attrs, problems)
		}
	}
	doc := strings.Replace(string(document(literal("d", "1"))), "urn:test", "http://camunda.org/schema/1.0/dmn", 1)
	if m, problems := dmn.Parse("t", []byte(doc)); m == nil || m.Dialect() != dmn.DialectCamunda {
		t.Errorf("namespace of Camunda: %v", problems)
	}
}

func TestVersionTag(t *testing.T) {
	m := parseCamunda(t, `<decision id="a" name="a" camunda:versionTag="v1"><literalExpression/></decision>
<decision id="b" name="b"><extensionElements><zeebe:versionTag xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" value="v2"/></extensionElements><literalExpression/></decision>`+literal("c", "1"), camunda7)
	for id, want := range map[string]string{"a": "v1", "b": "v2", "c": ""} {
		if d, _ := m.Decision(id); d.VersionTag() != want {
			t.Errorf("%s: version tag %q, but expected %q", id, d.VersionTag(), want)
		}
	}
}

// A violated hit policy is an error in Camunda, which the engine makes an
// incident of; predefined values are a help for the modeler only.
func TestCamundaViolations(t *testing.T) {
	table := strings.Replace(tableXML("", `<output id="o" name="r"><outputValues><text>1, 3</text></outputValues></output>`, "< 5 -> 1", "< 9 -> 2"),
		"</inputExpression>", "</inputExpression><inputValues><text>&lt; 8</text></inputValues>", 1)
	m := parseCamunda(t, `<decision id="d" name="D">`+table+`</decision>`, camunda8)
	res, err := m.Evaluate("d", dmn.Input{Variables: map[string]any{"x": int64(1)}})
	if !errors.Is(err, &dmn.Error{Code: dmn.CodeHitViolation}) || res == nil || !res.Failed() {
		t.Errorf("error %v, result %v", err, res)
	}
	res, err = m.Evaluate("d", dmn.Input{Variables: map[string]any{"x": int64(8)}})
	if err != nil || res.Failed() || res.Value.JSON() != "2" || codes(res) != "dmn.input_value i; dmn.output_value r2" {
		t.Errorf("error %v, result %s, messages %v", err, res.Value.JSON(), res.Messages)
	}
}

// Camunda 7 knows the outputs of required decisions by their names, and a list
// of them when the table collects.
func TestCamundaRequiredOutputs(t *testing.T) {
	const req = `<informationRequirement><requiredDecision href="#t0"/></informationRequirement>`
	const two = `<output name="a"/><output name="b"/>`
	const rules = `<rule><outputEntry><text>1</text></outputEntry><outputEntry><text>"x"</text></outputEntry></rule>`
	for attrs, want := range map[string]string{"": `[1,"x",1]`, `hitPolicy="COLLECT"`: `[[1],["x"],[1]]`} {
		m := parseCamunda(t, `<decision id="t0" name="T zero"><decisionTable `+attrs+`>`+two+rules+`</decisionTable></decision>
<decision id="d" name="D">`+req+`<literalExpression><text>[a, b, t0.a]</text></literalExpression></decision>`, camunda7)
		if got := output(t, m, "d", nil); got != want {
			t.Errorf("%s: got %s, but expected %s", attrs, got, want)
		}
	}
}

// upper is a foreign language that gives the upper-case text, or compares it
// with the input.
type upper struct {
	text string
	test bool
}

func (u upper) Eval(c *feel.EvalContext) (feel.Value, error) {
	if u.text == "fail" {
		return feel.Null(), errors.New("told to fail")
	}
	if u.test {
		v, _ := c.Scope.Lookup("cellInput")
		return feel.Bool(feel.Equal(v, feel.String(strings.ToUpper(u.text))).IsTrue()), nil
	}
	return feel.String(strings.ToUpper(u.text)), nil
}

func TestForeignExpressions(t *testing.T) {
	opts := dmn.Options{Expressions: func(language, text string, unary bool) (dmn.Evaluator, error) {
		if language != "upper" {
			return nil, fmt.Errorf("unknown language %s", language)
		}
		return upper{text, unary}, nil
	}}
	table := `<decision id="d" name="D"><decisionTable><input><inputExpression expressionLanguage="upper"><text>abc</text></inputExpression></input><output name="o"/>
<rule><inputEntry expressionLanguage="upper"><text>x</text></inputEntry><outputEntry><text>1</text></outputEntry></rule>
<rule><inputEntry expressionLanguage="upper"><text>abc</text></inputEntry><outputEntry expressionLanguage="upper"><text>yes</text></outputEntry></rule></decisionTable></decision>`
	m := parseCamunda(t, table, camunda7, opts)
	if got := output(t, m, "d", nil); got != `"YES"` {
		t.Errorf("got %s", got)
	}
	m = parseCamunda(t, strings.Replace(table, "yes", "fail", 1), camunda7, opts)
	if _, err := m.Evaluate("d", dmn.Input{}); !errors.Is(err, &dmn.Error{Code: dmn.CodeHook}) {
		t.Errorf("error %v", err)
	}
	_, problems := dmn.Parse("t", document(strings.ReplaceAll(table, `"upper"`, `"lower"`), camunda7), opts)
	if len(problems) != 4 || problems[0].Code != dmn.CodeExpression {
		t.Errorf("problems %v", problems)
	}
}
