package dmn_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/weir-bpm/weir/dmn"
)

// benchTable is a table of 50 rules over 4 inputs: a country, an age, a score
// and a flag, as scoring tables are. Every country has its own rules, so that
// the match comes late.
func benchTable(hitPolicy string) string {
	var b strings.Builder
	for _, in := range []string{"country:string", "age:number", "score:number", "vip:boolean"} {
		name, typ, _ := strings.Cut(in, ":")
		fmt.Fprintf(&b, `<inputData id="%s" name="%s"><variable name="%s" typeRef="%s"/></inputData>`, name, name, name, typ)
	}
	b.WriteString(`<decision id="d" name="d"><variable name="d" typeRef="string"/>`)
	for _, in := range []string{"country", "age", "score", "vip"} {
		fmt.Fprintf(&b, `<informationRequirement><requiredInput href="#%s"/></informationRequirement>`, in)
	}
	fmt.Fprintf(&b, `<decisionTable id="t" hitPolicy="%s">`, hitPolicy)
	for _, in := range []string{"country", "age", "score", "vip"} {
		fmt.Fprintf(&b, `<input><inputExpression><text>%s</text></inputExpression></input>`, in)
	}
	b.WriteString(`<output name="o"/>`)
	for i := range 50 {
		country := fmt.Sprintf(`"C%d"`, i/5)
		age := []string{"&lt; 18", "[18..30)", "[30..50)", "[50..65)", "&gt;= 65"}[i%5]
		score := fmt.Sprintf("&gt;= %d", 300+i%7)
		vip := []string{"-", "false"}[i%2]
		fmt.Fprintf(&b, `<rule><inputEntry><text>%s</text></inputEntry><inputEntry><text>%s</text></inputEntry><inputEntry><text>%s</text></inputEntry><inputEntry><text>%s</text></inputEntry><outputEntry><text>"rule %d"</text></outputEntry></rule>`,
			country, age, score, vip, i+1)
	}
	b.WriteString(`</decisionTable></decision>`)
	return b.String()
}

// benchRanges is the same table with four number inputs and 200 different
// ranges, of which an index answers for none.
func benchRanges() string {
	rules := benchTable("UNIQUE")
	for i := range 50 {
		from := strings.Index(rules, "<rule>")
		to := from + strings.Index(rules[from:], "<outputEntry>")
		entries := ""
		for column := range 4 {
			entries += fmt.Sprintf("<inputEntry><text>[%d..%d)</text></inputEntry>", column+10*i, column+10*i+10)
		}
		rules = rules[:from] + "<RULE>" + entries + rules[to:]
	}
	return strings.NewReplacer("<RULE>", "<rule>", `typeRef="string"`, `typeRef="Any"`, `typeRef="boolean"`, `typeRef="number"`).Replace(rules)
}

// The goal is 10 µs for an evaluation of 50 rules on 4 inputs.
func BenchmarkDecisionTable(b *testing.B) {
	mixed := map[string]any{"country": "C9", "age": int64(70), "score": int64(700), "vip": false}
	numbers := map[string]any{"country": int64(494), "age": int64(494), "score": int64(494), "vip": int64(494)}
	for _, bench := range []struct {
		name, table string
		in          dmn.Input
	}{
		{"Mixed", benchTable("UNIQUE"), dmn.Input{Variables: mixed}},
		{"MixedWithoutTrace", benchTable("UNIQUE"), dmn.Input{Variables: mixed, NoTrace: true}},
		{"Ranges", benchRanges(), dmn.Input{Variables: numbers}},
	} {
		b.Run(bench.name, func(b *testing.B) {
			m := parse(b, bench.table)
			d, _ := m.Decision("d")
			b.ReportAllocs()
			for b.Loop() {
				res, err := d.Evaluate(bench.in)
				if err != nil || res.Value.IsNull() {
					b.Fatal(res, err)
				}
			}
		})
	}
}

func BenchmarkParse(b *testing.B) {
	doc := document(benchTable("UNIQUE"))
	b.ReportAllocs()
	b.SetBytes(int64(len(doc)))
	for b.Loop() {
		if m, problems := dmn.Parse("b", doc); m == nil {
			b.Fatal(problems)
		}
	}
}
