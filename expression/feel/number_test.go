package feel

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/cockroachdb/apd/v3"
)

// big gives the same number off the fast path.
func big(v Value) Value {
	d, _ := v.AsDecimal()
	return Value{kind: KindNumber, ref: d}
}

// edges are digits around which the fast path overflows.
var edges = []int64{
	0, 1, -1, 2, -2, 3, 7, -7, 9, 10, -10, 99, 100, 1e9, -1e9, 1e18, -1e18,
	math.MaxInt64, math.MinInt64, math.MaxInt64 - 1, math.MinInt64 + 1, math.MaxInt32, 3037000499, 3037000500,
}

func randomNumber(r *rand.Rand) Value {
	n := edges[r.IntN(len(edges))]
	switch r.IntN(3) {
	case 0:
		n = r.Int64N(2000) - 1000
	case 1:
		n = int64(r.Uint64() >> r.IntN(64)) //nolint:gosec // any bits will do
	}
	if r.IntN(2) == 0 {
		return scaled(n, 0)
	}
	return scaled(n, uint8(r.IntN(maxScale+1))) //nolint:gosec // small
}

// TestFastPathAgrees computes each operation with small numbers on the fast path
// and again with the same numbers as decimals.
func TestFastPathAgrees(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	ops := map[string]func(a, b Value) Value{
		"+": addNumbers, "-": subNumbers, "*": mulNumbers, "/": divNumbers, "modulo": modulo,
		"neg":     func(a, _ Value) Value { return negNumber(a) },
		"compare": func(a, b Value) Value { return Int(int64(compareNumbers(a, b))) },
		"trunc":   func(a, _ Value) Value { n, ok := a.truncInt(); return List(Int(n), Bool(ok)) },
		"int": func(a, _ Value) Value {
			n, ok := a.toInt()
			if !ok {
				return Value{}
			}
			return Int(n)
		},
		"round": func(a, b Value) Value { n, _ := b.truncInt(); return roundNumber(a, n%20, apd.RoundHalfEven) },
		"**": func(a, b Value) Value {
			n, _ := b.truncInt()
			return powNumbers(a, Int(n%20))
		},
	}
	for range 60000 {
		a, b := randomNumber(r), randomNumber(r)
		for name, op := range ops {
			fast, slow := op(a, b), op(big(a), big(b))
			if !same(fast, slow) {
				t.Fatalf("%s of %s and %s: %s on the fast path, %s as decimals", name, a, b, fast, slow)
			}
		}
		if text := a.String(); !same(a, mustNumber(t, text)) || text != big(a).String() {
			t.Fatalf("text of %s: %s as decimal", text, big(a))
		}
	}
}

func mustNumber(t *testing.T, s string) Value {
	t.Helper()
	v, ok := parseNumber(s)
	if !ok {
		t.Fatalf("%s is no number", s)
	}
	return v
}

// TestDecimalReference checks against apd at 34 digits, done without this
// package's number type.
func TestDecimalReference(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	ctx := apd.BaseContext.WithPrecision(34)
	ctx.Rounding = apd.RoundHalfEven
	for range 20000 {
		a, b := randomNumber(r), randomNumber(r)
		x, _, err1 := apd.NewFromString(a.String())
		y, _, err2 := apd.NewFromString(b.String())
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		var sum, product, quotient apd.Decimal
		_, err1 = ctx.Add(&sum, x, y)
		_, err2 = ctx.Mul(&product, x, y)
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		check := func(op string, got Value, want *apd.Decimal) {
			if d, ok := got.AsDecimal(); !ok || d.Cmp(want) != 0 {
				t.Fatalf("%s %s %s = %s, expected %s", a, op, b, got, want)
			}
		}
		check("+", addNumbers(a, b), &sum)
		check("*", mulNumbers(a, b), &product)
		if !b.isZero() {
			if _, err := ctx.Quo(&quotient, x, y); err != nil {
				t.Fatal(err)
			}
			check("/", divNumbers(a, b), &quotient)
		}
	}
}

func TestNumberBounds(t *testing.T) {
	checkCases(t, DMN, []testCase{
		{`9.999e6144 * 10`, `null`},
		{`10 ** 6145`, `null`},
		{`2 ** 99999999999999`, `null`},
		{`1 ** 99999999999999`, `1`},
		{`0 ** 0`, `1`},
		{`0 ** -1`, `null`},
		{`(-8) ** (1/3)`, `null`},
		{`exp(100000)`, `null`},
		{`exp(-100000) < 1e-6000`, `true`},
		{`log(0)`, `null`},
		{`sqrt(2) * sqrt(2) > 1.99999999`, `true`},
		{`modulo(1e6000, 7) < 7`, `true`},
		{`modulo(-1e30, 7) >= 0`, `true`},
		{`floor(1e6000)`, `1e6000`},
		{`decimal(123456789012345678901234567890.5, 0)`, `123456789012345678901234567890`},
		{`decimal(1.5e-6000, 2)`, `0`},
		{`ceiling(1e-6000)`, `1`},
		{`ceiling(0.001)`, `1`},
		{`floor(-0.001)`, `-1`},
		{`round up(0.0001, 2)`, `0.01`},
		{`round half up(0.0001, 2)`, `0`},
		{`round half up(0.005, 2)`, `0.01`},
		{`round half down(0.005, 2)`, `0`},
		{`decimal(0.005, 2)`, `0`},
		{`decimal(0.015, 2)`, `0.02`},
		{`decimal(-7, -2)`, `0`},
		{`decimal(77, -2)`, `100`},
		{`decimal(177, -2)`, `200`},
		{`round up(5.5, 7000)`, `null`},
		{`decimal(-0.4, 0)`, `0`},
		{`odd(1e30)`, `false`},
		{`even(1e30)`, `true`},
		{`odd(1.5)`, `false`},
		{`number("1e99999")`, `null`},
		{`list[1e30]`, `null`},
	})
}

func TestToAny(t *testing.T) {
	d := func(s string) *apd.Decimal { x, _, _ := apd.NewFromString(s); return x }
	for text, want := range map[string]any{
		`1.0`: int64(1), `2 ** 62`: int64(1 << 62), `null`: nil, `"a"`: "a", `true`: true, `1.50`: d("1.5"), `2 ** 70`: d("1180591620717411303424"),
		`1e20`: d("100000000000000000000"), `@"2020-01-01"`: "2020-01-01", `[1..2]`: "[1..2]", `sum`: nil, `-0.0`: int64(0),
	} {
		got := run(t, text, CompileOptions{}, testContext()).ToAny()
		if w, ok := want.(*apd.Decimal); ok {
			g, ok := got.(*apd.Decimal)
			if !ok || g.CmpTotal(w) != 0 {
				t.Errorf("%s: got %v, expected %v", text, got, want)
			}
			continue
		}
		if got != want {
			t.Errorf("%s: got %T %v, expected %T %v", text, got, got, want, want)
		}
	}
	got := run(t, `{b: [1, {c: 2.0}], a: null}`, CompileOptions{}, testContext())
	m, ok := got.ToAny().(map[string]any)
	if !ok || len(m) != 2 || m["b"].([]any)[1].(map[string]any)["c"] != int64(2) { //nolint:errcheck,forcetypeassert // a panic fails the test as well
		t.Errorf("got %v", got.ToAny())
	}
	if j := got.JSON(); j != `{"b":[1,{"c":2.0}],"a":null}` {
		t.Errorf("got %s", j)
	}
}
