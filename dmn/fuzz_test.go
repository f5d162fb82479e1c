package dmn_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/weir-bpm/weir/dmn"
	"github.com/weir-bpm/weir/expression/feel"
)

// FuzzParse reads any bytes as a model and evaluates each of its decisions and
// services on few variables under tight limits: nothing panics or hangs, an
// unreadable model has an error, and every result marshals to JSON. The corpus
// is in testdata/fuzz/FuzzParse.
func FuzzParse(f *testing.F) {
	f.Add([]byte(shipping))
	f.Add(document(graph))
	f.Add(document(dish, camunda7))
	f.Add(document(onX("number", "tX", tableXML(`hitPolicy="OUTPUT ORDER"`, `<output name="a"><outputValues><text>1,2</text></outputValues></output>`, "< 5 -> 1", "[1..9] -> 2"))))
	f.Fuzz(func(t *testing.T, data []byte) {
		opts := dmn.Options{
			Limits: dmn.Limits{Bytes: 1 << 16, Elements: 2000, Depth: 50, Imports: 3},
			Import: func(string, string) (string, []byte, bool) { return "again", data, true },
		}
		m, problems := dmn.Parse("fuzz", data, opts)
		if m == nil {
			if !dmn.HasErrors(problems) {
				t.Fatalf("no model and no error: %v", problems)
			}
			return
		}
		in := dmn.Input{
			Variables: map[string]any{"x": int64(3), "n": int64(1), "temperature": int64(9)},
			Limits:    feel.Limits{Steps: 20_000, Depth: 64, ListSize: 1000, StringSize: 1 << 16, Regex: 10 * time.Millisecond},
		}
		check := func(res *dmn.Result, err error) {
			if res == nil {
				t.Fatalf("no result, error %v", err)
			}
			if _, err := json.Marshal(res); err != nil {
				t.Fatalf("result: %v", err)
			}
		}
		for _, d := range m.Decisions() {
			check(d.Evaluate(in))
		}
		for _, s := range m.Services() {
			check(s.Evaluate(in))
		}
	})
}

// FuzzExpressions puts any text into every place of a model that takes an
// expression, in both dialects, and evaluates it. The corpus is in
// testdata/fuzz/FuzzExpressions.
func FuzzExpressions(f *testing.F) {
	for _, text := range []string{"x", "-", "< 5", "[1..3]", "not(1, 2)", `"a", "b"`, "? > 1", "item", "partial", "function(a) a", "{a: x}", "x[item > 1]", "for i in x return i", "date(\"2024-01-01\")", "1, 2", "cellInput = x", "null"} {
		f.Add(text, uint8(0))
		f.Add(text, uint8(1))
	}
	f.Fuzz(func(t *testing.T, text string, kind uint8) {
		if len(text) > 400 || !utf8.ValidString(text) {
			return
		}
		var b bytes.Buffer
		if xml.EscapeText(&b, []byte(text)) != nil {
			return
		}
		e := b.String()
		lit := "<literalExpression><text>" + e + "</text></literalExpression>"
		doc := document(`<itemDefinition name="t" isCollection="true"><typeRef>string</typeRef><allowedValues><text>` + e + `</text></allowedValues><typeConstraint><text>` + e + `</text></typeConstraint></itemDefinition>
<inputData id="x" name="x"><variable name="x" typeRef="t"/></inputData><decision id="d" name="d"><variable name="d" typeRef="t"/><informationRequirement><requiredInput href="#x"/></informationRequirement>
<context><contextEntry><variable name="a"/>` + lit + `</contextEntry><contextEntry><variable name="b"/><for iteratorVariable="i"><in>` + lit + `</in><return>` + lit + `</return></for></contextEntry>
<contextEntry><variable name="c"/><filter><in>` + lit + `</in><match>` + lit + `</match></filter></contextEntry><contextEntry><variable name="e"/><invocation>` + lit + `<binding><parameter name="x"/>` + lit + `</binding></invocation></contextEntry></context></decision>
<decision id="e" name="e"><decisionTable hitPolicy="OUTPUT ORDER"><input><inputExpression><text>` + e + `</text></inputExpression><inputValues><text>` + e + `</text></inputValues></input>
<output><outputValues><text>` + e + `, 1</text></outputValues><defaultOutputEntry><text>` + e + `</text></defaultOutputEntry></output><rule><inputEntry><text>` + e + `</text></inputEntry><outputEntry><text>` + e + `</text></outputEntry></rule></decisionTable></decision>`)
		m, problems := dmn.Parse("fuzz", doc, dmn.Options{Dialect: dmn.Dialect(1 + kind%2)})
		if m == nil {
			for _, p := range problems {
				if p.Code == dmn.CodeXML { // characters that XML does not have
					return
				}
			}
			t.Fatalf("no model: %v", problems)
		}
		in := dmn.Input{
			Variables: map[string]any{"x": []any{"a", "b"}},
			Limits:    feel.Limits{Steps: 20_000, Depth: 64, ListSize: 1000, StringSize: 1 << 16, Regex: 10 * time.Millisecond},
		}
		for _, d := range m.Decisions() {
			res, err := d.Evaluate(in)
			if res == nil {
				t.Fatalf("no result, error %v", err)
			}
			if _, err := json.Marshal(res); err != nil {
				t.Fatalf("result: %v", err)
			}
		}
	})
}
