package dmn

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/cockroachdb/apd/v3"

	"github.com/weir-bpm/weir/expression/feel"
)

func number(s string) feel.Value {
	d, _, err := apd.NewFromString(s)
	if err != nil {
		panic(err)
	}
	return feel.Decimal(d)
}

// Random tables match the same rules with the index and the integers as
// without, for inputs of every kind.
func TestShortcutsDifferential(t *testing.T) {
	const seed = 20260301
	rnd := rand.New(rand.NewPCG(seed, 1))
	entries := []string{
		`"a"`, `"b"`, `"a", "c"`, `not("a")`, `not("a","b")`, `true`, `false`, `"a", true`, `-`, ``, `null`, `< "b"`, `5`, `["a".."c"]`,
		`"a", < "c"`, `? = "a"`, `contains(?, "a")`, `"a" + "b"`, `true or false`, `["a","b"]`, `x`, `"a", null`, `"a", x`,
	}
	inputs := []feel.Value{
		feel.Null(), feel.Bool(true), feel.Bool(false), feel.String("a"), feel.String("b"), feel.String("ab"), feel.String(""),
		feel.Int(5), feel.Int(-3), feel.Int(4), feel.Int(1), feel.Int(math.MaxInt64), feel.Int(math.MinInt64), number("5.0"), number("4.5"), number("5.000000001"), number("1E20"), feel.List(feel.Int(5)), feel.Strings("a", "b"), feel.Strings("a"), feel.List(), feel.List(feel.Bool(true)), feel.NewContext(0).Value(),
	}
	matched := 0
	for n := range 300 {
		var b strings.Builder
		b.WriteString(`<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" namespace="u"><inputData id="i" name="x"/><inputData id="j" name="y"/><decision id="d" name="d">
<informationRequirement><requiredInput href="#i"/></informationRequirement><informationRequirement><requiredInput href="#j"/></informationRequirement>
<decisionTable hitPolicy="RULE ORDER"><input><inputExpression><text>x</text></inputExpression></input><input><inputExpression><text>y</text></inputExpression></input><output/>`)
		for i := range 8 + rnd.IntN(70) {
			b.WriteString("<rule>")
			for range 2 {
				e := entries[rnd.IntN(len(entries))]
				fmt.Fprintf(&b, "<inputEntry><text>%s</text></inputEntry>", strings.ReplaceAll(e, "<", "&lt;"))
			}
			fmt.Fprintf(&b, "<outputEntry><text>%d</text></outputEntry></rule>", i)
		}
		b.WriteString(`</decisionTable></decision></definitions>`)
		m, problems := Parse("random", []byte(b.String()))
		if HasErrors(problems) {
			t.Fatal(problems)
		}
		with := m.decisions[0]
		plain := *with
		table := *with.table
		table.index = nil
		table.rules = make([]tableRule, len(with.table.rules))
		for i, r := range with.table.rules {
			r.cells = append([]cell(nil), r.cells...)
			for j := range r.cells {
				r.cells[j].whole = nil
			}
			table.rules[i] = r
		}
		plain.table, plain.logic = &table, table.eval
		for range 10 {
			in := Input{Values: map[string]feel.Value{"x": inputs[rnd.IntN(len(inputs))], "y": inputs[rnd.IntN(len(inputs))]}}
			a, err := with.Evaluate(in)
			if err != nil {
				t.Fatal(err)
			}
			c, err := plain.Evaluate(in)
			if err != nil {
				t.Fatal(err)
			}
			if a.Value.JSON() != c.Value.JSON() {
				t.Fatalf("seed %d, table %d, inputs %s, %s: with index %s, without %s\n%s", seed, n, in.Values["x"].JSON(), in.Values["y"].JSON(), a.Value.JSON(), c.Value.JSON(), b.String())
			}
			matched += a.Value.Len()
		}
		if len(with.table.index) == 0 {
			t.Fatal("no index was built")
		}
	}
	if matched < 1000 {
		t.Errorf("only %d rules matched: the test shows little", matched)
	}
}
