package script

import (
	"errors"
	"math"
	"testing"
	"time"

	"github.com/cockroachdb/apd/v3"
)

func run(t *testing.T, format, source string, vars Map) (any, map[string]any, *EvalContext, error) {
	t.Helper()
	p, err := Compile(format, source, Options{})
	if err != nil {
		return nil, nil, nil, err
	}
	ctx := &EvalContext{Vars: vars, Now: time.Date(2024, 3, 31, 0, 30, 0, 0, time.UTC)}
	v, w, err := p.Eval(ctx)
	return v, w, ctx, err
}

// same compares process values exactly: kinds of numbers count.
func same(a, b any) bool {
	switch x := a.(type) {
	case *apd.Decimal:
		y, ok := b.(*apd.Decimal)
		return ok && x.Cmp(y) == 0
	case []any:
		y, ok := b.([]any)
		if !ok || len(x) != len(y) {
			return false
		}
		for i := range x {
			if !same(x[i], y[i]) {
				return false
			}
		}
		return true
	case map[string]any:
		y, ok := b.(map[string]any)
		if !ok || len(x) != len(y) {
			return false
		}
		for k := range x {
			if w, ok := y[k]; !ok || !same(x[k], w) {
				return false
			}
		}
		return true
	default:
		return a == b
	}
}

// TestPassThrough: values that a script only hands on stay what they are, in
// JavaScript and in Groovy.
func TestPassThrough(t *testing.T) {
	values := []any{
		nil, true, false, "", "ä€😀", "line\u2028end", int64(0), int64(-1), int64(1 << 53), int64(1<<53 + 1), int64(-(1<<53 + 1)),
		int64(math.MaxInt64), int64(math.MinInt64), decimal("0.1"), decimal("-12.5"), decimal("3.14159265358979323846264338327950288"),
		decimal("1e400"), decimal("1e-400"), decimal("92233720368547758070"), decimal("1e21"),
		[]any{},
		map[string]any{},
		[]any{nil, []any{int64(1<<53 + 1)}},
		map[string]any{"a": decimal("0.1000000000000000055511151231257827"), "__proto__": int64(1), "": int64(2), "10": "x", "constructor": nil},
	}
	for _, format := range []string{"javascript", "groovy"} {
		for _, v := range values {
			got, writes, _, err := run(t, format, `execution.setVariable('copy', execution.getVariable('x')); x`, Map{"x": v})
			if err != nil {
				t.Errorf("%s: %v: %v", format, v, err)
				continue
			}
			if !same(v, got) || !same(v, writes["copy"]) {
				t.Errorf("%s: %v came back as %v and %v", format, v, got, writes["copy"])
			}
		}
	}
}

func TestNumbers(t *testing.T) {
	for _, c := range []struct {
		source string
		want   any
	}{
		{"0.1 + 0.2", decimal("0.30000000000000004")},
		{"1e3", int64(1000)},
		{"-0", int64(0)},
		{"2 ** 53", int64(1 << 53)},
		{"1e21", decimal("1e21")},
		{"1.5e300", decimal("1.5e300")},
		{"big + 1", int64(1 << 53)}, // computes as the nearest double
		{"big + ''", "9007199254740992"},
		{"`${big}`", "9007199254740993"},
		{"big > 5 && big == big && typeof big", "object"},
		{"String(big)", "9007199254740993"},
		{"JSON.stringify({ big })", `{"big":9007199254740993}`},
		{"[big, dec]", []any{int64(1<<53 + 1), decimal("3.14159265358979323846264338327950288")}},
		{"dec.toFixed(4)", "3.1416"},
		{"Math.round(dec)", int64(3)},
		{"new Number(5)", int64(5)},
		{"new String('x')", "x"},
		{"undefined", nil},
		{"[undefined, , 1]", []any{nil, nil, int64(1)}},
		{"({ a: undefined, b: null })", map[string]any{"b": nil}},
		{"new Date(1e12)", "2001-09-09T01:46:40.000Z"},
		{"[new Date(-1e15)]", []any{"-029719-04-05T22:13:20.000Z"}},
		{"(function() { return arguments })(1, 2)", map[string]any{"0": int64(1), "1": int64(2)}},
	} {
		got, _, _, err := run(t, "js", c.source, Map{"big": int64(1<<53 + 1), "dec": decimal("3.14159265358979323846264338327950288")})
		if err != nil || !same(c.want, got) {
			t.Errorf("%s: expected %v, but %v, %v", c.source, c.want, got, err)
		}
	}
}

func TestRefusedValues(t *testing.T) {
	for _, source := range []string{
		"NaN", "Infinity", "-1/0", "[NaN]", "({ a: { b: NaN } })", "() => 1", "({ f() {} })", "Symbol('x')", "[Symbol.iterator]",
		"var a = []; a[0] = a; a", "var o = {}; o.o = { o }; o", "new Map()", "new Set()", "/x/", "new Error('x')", "new Date(NaN)", "Math.max",
	} {
		if _, _, _, err := run(t, "js", source, nil); !errors.Is(err, &Error{Code: CodeValue}) {
			t.Errorf("%s as result: expected %s, but %v", source, CodeValue, err)
		}
		_, _, _, err := run(t, "js", "execution.setVariable('x', (() => { return "+lastOf(source)+" })())", nil)
		if !errors.Is(err, &Error{Code: CodeValue}) {
			t.Errorf("%s as variable: expected %s, but %v", source, CodeValue, err)
		}
	}
}

// lastOf turns a script of statements into one expression.
func lastOf(source string) string {
	switch source {
	case "var a = []; a[0] = a; a":
		return "(a => { a[0] = a; return a })([])"
	case "var o = {}; o.o = { o }; o":
		return "(o => { o.o = { o }; return o })({})"
	default:
		return source
	}
}

// TestSharedParts: a value that appears twice is no cycle.
func TestSharedParts(t *testing.T) {
	got, _, _, err := run(t, "js", "var a = [1]; [a, a, { a }]", nil)
	if want := []any{[]any{int64(1)}, []any{int64(1)}, map[string]any{"a": []any{int64(1)}}}; err != nil || !same(want, got) {
		t.Errorf("expected %v, but %v, %v", want, got, err)
	}
}
