package dmn_test

import (
	"testing"

	"github.com/weir-bpm/weir/dmn"
)

// Goal: a table that somebody wrote by hand for an engine of the Camunda family,
// without input data and without a mark of a modeler, sees process variables; a
// model that declares its input data, or reads no names, is strict.
func TestUndeclaredInputs(t *testing.T) {
	const head = `<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="m" name="m" namespace="https://weir.example/m">`
	table := func(input, more string) string {
		return `<decision id="d" name="d">` + more + `<decisionTable hitPolicy="FIRST"><input id="i"><inputExpression id="x"><text>` + input +
			`</text></inputExpression></input><output id="o" name="risk"/><rule id="r"><inputEntry id="e"><text>&gt; 100</text></inputEntry><outputEntry id="f"><text>"high"</text></outputEntry></rule></decisionTable></decision>`
	}
	const literal = `<decision id="d" name="d"><literalExpression id="l"><text>amount * 2</text></literalExpression></decision>`
	const data = `<inputData id="n" name="amount"/>`
	tests := map[string]struct {
		body string
		want dmn.Dialect
		out  string
	}{
		"table":            {table("amount", ""), dmn.DialectCamunda, `"high"`},
		"literal":          {literal, dmn.DialectCamunda, `400`},
		"constant":         {table("101", ""), dmn.DialectDMN, `"high"`},
		"declared":         {data + table("amount", `<informationRequirement id="q"><requiredInput href="#n"/></informationRequirement>`), dmn.DialectDMN, `"high"`},
		"declared in vain": {data + table("amount", ""), dmn.DialectDMN, `null`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			m, problems := dmn.Parse("m.dmn", []byte(head+tt.body+`</definitions>`))
			if dmn.HasErrors(problems) {
				t.Fatal(problems)
			}
			if m.Dialect() != tt.want {
				t.Errorf("dialect %v", m.Dialect())
			}
			if got := output(t, m, "d", map[string]any{"amount": int64(200)}); got != tt.out {
				t.Errorf("got %s, expected %s", got, tt.out)
			}
		})
	}
}
