package bpmn

import (
	"strings"
	"testing"

	"github.com/weir-bpm/weir/expression"
	"github.com/weir-bpm/weir/variables"
)

// Goal: a text is read by the rules of its dialect. Method: the same texts as
// the name of a called process, in each dialect.
func TestTextsByDialect(t *testing.T) {
	const vars = `{"a": "x"}`
	tests := []struct {
		text                         string
		plain, camunda, zeebe, flowa string // the value
	}{
		{`child`, `"child"`, `"child"`, `"child"`, `"child"`},
		{`=a`, `"x"`, `"=a"`, `"x"`, `"=a"`},
		{`= a `, `"x"`, `"= a"`, `"x"`, `"= a"`},
		{`${a}`, `"x"`, `"x"`, `"${a}"`, `"x"`},
		{`#{a}`, `"x"`, `"x"`, `"#{a}"`, `"x"`},
		{`pre-${a}`, `"pre-x"`, `"pre-x"`, `"pre-${a}"`, `"pre-x"`},
	}
	for _, tt := range tests {
		for d, want := range map[Dialect]string{DialectPlain: tt.plain, DialectCamunda: tt.camunda, DialectZeebe: tt.zeebe, DialectFlowable: tt.flowa} {
			defs, _ := mustParse(t, between(`<callActivity id="t" calledElement="`+tt.text+`"/>`), Options{Dialect: d})
			if got := evaluate(t, defs.Processes[0].Element("t").Call.ProcessID, vars); got != want {
				t.Errorf("%s in %s: got %s, expected %s", tt.text, d, got, want)
			}
		}
	}
}

func evaluate(t *testing.T, e *Expression, vars string) string {
	t.Helper()
	doc, err := variables.DocumentFromJSON([]byte(vars))
	if err != nil {
		t.Fatal(err)
	}
	v := e.Constant
	if e.Program != nil {
		v, err = e.Program.Eval(&expression.Env{Lookup: func(n string) (any, bool) { v, ok := doc[n]; return v, ok }})
		if err != nil {
			t.Fatal(err)
		}
	}
	j, err := variables.ToJSON(v)
	if err != nil {
		t.Fatalf("%#v: %v", v, err)
	}
	return string(j)
}

// Conditions by dialect, language attribute and expression language of the
// definitions.
func TestConditions(t *testing.T) {
	tests := []struct {
		name, attrs, text, defaultLang string
		dialect                        Dialect
		want                           string // the value, or the code of the problem
	}{
		{"feel", "", "=a &gt; 1", "", DialectZeebe, "true"},
		{"feel in plain", "", "=a &gt; 1", "", DialectPlain, "true"},
		{"unmarked in plain", "", "a &gt; 1", "", DialectPlain, "true"},
		{"xpath as default says nothing", "", "a &gt; 1", "http://www.w3.org/1999/XPath", DialectPlain, "true"},
		{"default juel", "", "a gt 1", "juel", DialectPlain, "true"},
		{"default javascript", "", "a === 2", "javascript", DialectPlain, "true"},
		{"juel", "", "${a &gt; 1}", "", DialectCamunda, "true"},
		{"juel in flowable", "", "${a &lt; 1}", "", DialectFlowable, "false"},
		{"language feel", `language="feel"`, "a &gt; 1", "", DialectCamunda, "true"},
		{"language feel with mark", `language="FEEL"`, "= a &gt; 1", "", DialectCamunda, "true"},
		{"language by uri", `language="https://www.omg.org/spec/DMN/20191111/FEEL/"`, "a &gt; 1", "", DialectPlain, "true"},
		{"language javascript", `language="javascript"`, "a &gt; 1", "", DialectCamunda, "true"},
		{"constant", "", "true", "", DialectCamunda, "true"},
		{"constant in zeebe", "", "a &gt; 1", "", DialectZeebe, CodeConditionConstant},
		{"constant text in camunda", "", "a &gt; 1", "", DialectCamunda, CodeConditionConstant},
		{"empty", "", " ", "", DialectPlain, CodeConditionConstant},
		{"unknown", `language="prolog"`, "a &gt; 1", "", DialectPlain, CodeExpressionLanguage},
		{"syntax", "", "${a &gt;}", "", DialectCamunda, CodeExpressionSyntax},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			model := split(`<conditionExpression `+tt.attrs+`>`+tt.text+`</conditionExpression>`, `<conditionExpression>true</conditionExpression>`)
			if tt.defaultLang != "" {
				model = strings.Replace(model, "targetNamespace", `expressionLanguage="`+tt.defaultLang+`" targetNamespace`, 1)
			}
			defs, problems := Parse("m.bpmn", []byte(model), Options{Dialect: tt.dialect})
			if strings.Contains(tt.want, ".") {
				for _, p := range problems {
					if p.Code == tt.want && p.ElementID == "g1" && p.Line == 4 {
						return
					}
				}
				t.Fatalf("expected %s, got %v", tt.want, problems)
			}
			if defs == nil {
				t.Fatal(problems)
			}
			if got := evaluate(t, defs.Processes[0].Flow("g1").Condition, `{"a": 2}`); got != tt.want {
				t.Errorf("got %s, expected %s", got, tt.want)
			}
		})
	}
}

// Lists, maps and scripts of camunda parameters are one expression each.
func TestCompositeParameters(t *testing.T) {
	model := between(`<userTask id="t"><extensionElements><camunda:inputOutput>
<camunda:inputParameter name="list"><camunda:list><camunda:value>${a}</camunda:value><camunda:script scriptFormat="feel">a + 1</camunda:script></camunda:list></camunda:inputParameter>
<camunda:inputParameter name="map"><camunda:map><camunda:entry key="k">${a}</camunda:entry><camunda:entry key="l"><camunda:list><camunda:value>v</camunda:value></camunda:list></camunda:entry></camunda:map></camunda:inputParameter>
<camunda:inputParameter name="constant"><camunda:map><camunda:entry key="k">v</camunda:entry></camunda:map></camunda:inputParameter>
<camunda:inputParameter name="empty"><camunda:list/></camunda:inputParameter>
<camunda:inputParameter name="none"/>
</camunda:inputOutput></extensionElements></userTask>`)
	defs, _ := mustParse(t, model, Options{})
	want := map[string]string{
		"list": `[1,2]`, "map": `{"k":1,"l":["v"]}`, "constant": `{"k":"v"}`, "empty": `[]`, "none": `null`,
	}
	inputs := defs.Processes[0].Element("t").Inputs
	if len(inputs) != len(want) {
		t.Fatalf("%d inputs", len(inputs))
	}
	for _, m := range inputs {
		if got := evaluate(t, m.Source, `{"a": 1}`); got != want[m.Target] {
			t.Errorf("%s: got %s, expected %s", m.Target, got, want[m.Target])
		}
		if constant := m.Target != "list" && m.Target != "map"; constant != (m.Source.Program == nil) {
			t.Errorf("%s: constant %v", m.Target, !constant)
		}
	}
}

// What passes between caller and child, by dialect (the rules of the dialects'
// own engines).
func TestCallPropagation(t *testing.T) {
	tests := []struct {
		name, attrs, ext  string
		dialect           Dialect
		passAll, returned bool
		in                int
	}{
		{"plain", ``, ``, DialectPlain, true, true, 0},
		{"camunda", ``, ``, DialectCamunda, false, false, 0},
		{"camunda all", ``, `<camunda:in variables="all"/>`, DialectCamunda, false, false, 1},
		{"flowable inherits", `flowable:inheritVariables="true"`, `<flowable:in source="a" target="b"/>`, DialectFlowable, true, false, 2},
		{"zeebe", ``, `<zeebe:calledElement processId="c"/>`, DialectZeebe, true, true, 0},
		{"zeebe none", ``, `<zeebe:calledElement processId="c" propagateAllParentVariables="false" propagateAllChildVariables="false"/>`, DialectZeebe, false, false, 0},
		{"zeebe outputs", ``, `<zeebe:calledElement processId="c"/><zeebe:ioMapping><zeebe:output source="=a" target="b"/></zeebe:ioMapping>`, DialectZeebe, true, false, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			model := between(`<callActivity id="t" calledElement="c" ` + tt.attrs + `><extensionElements>` + tt.ext + `</extensionElements></callActivity>`)
			defs, problems := mustParse(t, model, Options{Dialect: tt.dialect})
			e := defs.Processes[0].Element("t")
			if e.Call.PassAll != tt.passAll || e.PropagateAll != tt.returned || len(e.Call.In) != tt.in {
				t.Errorf("PassAll %v, PropagateAll %v, %d in: %v", e.Call.PassAll, e.PropagateAll, len(e.Call.In), problems)
			}
		})
	}
}

// The tables for the documentation hold what the parser checks against.
func TestTables(t *testing.T) {
	nodes := map[Type]bool{TypeEventSubProcess: true}
	for _, row := range flowNodes() {
		nodes[row.typ] = true
	}
	if len(Executed()) != len(executedElements()) {
		t.Error("Executed leaves rows out")
	}
	for _, e := range Executed() {
		if !nodes[e.Type] {
			t.Errorf("%v is executed, but no parser makes it", e)
		}
	}
}
