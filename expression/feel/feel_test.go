package feel

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// run evaluates a text with variables and fails the test on any error.
func run(t *testing.T, text string, o CompileOptions, c *EvalContext) Value {
	t.Helper()
	e, err := Compile(text, o)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	v, err := e.Eval(c)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

func testContext() *EvalContext {
	return &EvalContext{
		Now:  time.Date(2026, 5, 17, 10, 30, 0, 0, time.UTC),
		Seed: 1,
		Scope: Vars{
			"x": int64(5), "s": "foo", "n": nil, "t": true,
			"list":   []any{int64(1), int64(2), int64(3)},
			"person": map[string]any{"name": "Ann", "first name": "Ann", "age": int64(40), "tags": []any{"a", "b"}},
			"people": []any{map[string]any{"name": "Ann", "age": int64(40)}, map[string]any{"name": "Bob", "age": int64(17)}},
		},
	}
}

// cases are pairs of an expression and one that has to be the same value: the
// same kind, and equal. "null" is meant as null.

func sameValue(a, b Value) bool {
	st := &state{}
	st.frame = frame{c: &EvalContext{}, st: st, steps: 1 << 20}
	return st.frame.identical(a, b)
}

type testCase struct{ text, want string }

func checkCases(t *testing.T, d Dialect, cases []testCase) {
	t.Helper()
	o := CompileOptions{Dialect: d}
	for _, tc := range cases {
		t.Run(tc.text, func(t *testing.T) {
			c := testContext()
			got := run(t, tc.text, o, c)
			want := run(t, tc.want, o, testContext())
			if got.kind != want.kind || !sameValue(got, want) {
				t.Errorf("got %s, expected %s; warnings %v", got, want, c.Warnings())
			}
			if got.IsNull() && tc.want != "null" {
				t.Errorf("expected value %s is null by mistake", tc.want)
			}
		})
	}
}

func TestLiterals(t *testing.T) {
	checkCases(t, DMN, []testCase{
		{`1`, `1`},
		{`.5`, `0.5`},
		{`1.50`, `1.5`},
		{`1e3`, `1000`},
		{`1.2E-2`, `0.012`},
		{`-1`, `0 - 1`},
		{`"a\"b"`, `"a" + "\"" + "b"`},
		{`"\u0041\U000042"`, `"AB"`},
		{`"\ud83d\udc0e"`, `"🐎"`},
		{`string length("\ud83d\udc0e")`, `1`},
		{`"\d\s"`, `"\\d\\s"`},
		{`"it\'s"`, `"it's"`},
		{`"a\tb\nc"`, `"a	b
c"`},
		{`true`, `not(false)`},
		{`null`, `null`},
		{`[ 1,2 ,3]`, `[1, 2, 3]`},
		{`{}`, `context([])`},
		{`{a: 1, "b c": 2, d e: 3}`, `context([{key: "a", value: 1}, {key: "b c", value: 2}, {key: "d e", value: 3}])`},
		{`{a: 1, b: a + 1, c: b * 2}.c`, `4`},
		{`{a: 1, a: 2}`, `null`},
		{`1 /* one */ + // two
		  2`, `3`},
		{`@"2020-01-31"`, `date(2020, 1, 31)`},
		{`@"P1Y"`, `duration("P12M")`},
		{`@"nonsense"`, `null`},
		{`12345678901234567890123456789012345`, `12345678901234567890123456789012340`},
		{`9223372036854775807 + 1`, `9223372036854775808`},
		{`-9223372036854775808 - 1`, `-9223372036854775809`},
	})
}

func TestArithmetic(t *testing.T) {
	checkCases(t, DMN, []testCase{
		{`1 + 2 * 3`, `7`},
		{`(1 + 2) * 3`, `9`},
		{`10 - 4 - 3`, `3`},
		{`2 ** 3 ** 2`, `64`},
		{`-2 ** 2`, `4`},
		{`2 ** -1`, `0.5`},
		{`2 ** 0.5 * 2 ** 0.5 > 1.9999`, `true`},
		{`1 / 4`, `0.25`},
		{`1 / 3`, `0.3333333333333333333333333333333333`},
		{`1 / 0`, `null`},
		{`0.1 + 0.2 = 0.3`, `true`},
		{`1.10 * 1.10`, `1.21`},
		{`9223372036854775807 * 9223372036854775807`, `85070591730234615847396907784232501249`},
		{`1 + "a"`, `null`},
		{`"a" + "b"`, `"ab"`},
		{`"a" + null`, `null`},
		{`[1] + 1`, `null`},
		{`@"P1D" + @"PT12H"`, `@"PT36H"`},
		{`@"2020-01-31" + @"P1M"`, `@"2020-02-29"`},
		{`@"2020-02-29" + @"P1Y"`, `@"2021-02-28"`},
		{`@"2020-01-01" - @"2019-12-31"`, `@"P1D"`},
		{`@"2020-01-01" + @"PT36H"`, `@"2020-01-02"`},
		{`@"2020-01-01" - @"PT1S"`, `@"2019-12-31"`},
		{`@"23:00:00" + @"PT2H"`, `@"01:00:00"`},
		{`@"10:00:00Z" - @"10:00:00+01:00"`, `@"PT1H"`},
		{`@"2020-01-01T00:00:00" - @"2020-01-01T00:00:00Z"`, `null`},
		{`@"2021-03-28T01:30:00@Europe/Berlin" + @"PT1H"`, `@"2021-03-28T03:30:00@Europe/Berlin"`},
		{`@"2021-03-28T01:30:00@Europe/Berlin" + @"P1D" - @"PT0S"`, `@"2021-03-29T02:30:00@Europe/Berlin"`},
		{`@"P1Y" / @"P1M"`, `12`},
		{`@"P1D" * 1.5`, `@"PT36H"`},
		{`3 * @"P1M"`, `@"P3M"`},
		{`@"P1D" / 0`, `null`},
		{`@"P1D" + @"P1Y"`, `null`},
		{`-@"P1Y"`, `@"-P12M"`},
		{`-"a"`, `null`},
		{`@"999999999-12-31" + @"P1D"`, `null`},
	})
}

func TestComparison(t *testing.T) {
	checkCases(t, DMN, []testCase{
		{`1 = 1.0`, `true`},
		{`1 != 2`, `true`},
		{`1 = "1"`, `null`},
		{`1 != "1"`, `null`},
		{`null = null`, `true`},
		{`null != 1`, `true`},
		{`1 = null`, `false`},
		{`[1, [2, 3]] = [1.0, [2, 3]]`, `true`},
		{`[1, 2] = [1]`, `false`},
		{`{a: 1, b: 2} = {b: 2, a: 1}`, `true`},
		{`{a: 1} = {a: 1, b: 2}`, `false`},
		{`[1..3] = [1..3]`, `true`},
		{`[1..3] = [1..3)`, `false`},
		{`@"2020-01-01" = @"2020-01-01T00:00:00"`, `null`},
		{`@"10:00:00Z" = @"11:00:00+01:00"`, `true`},
		{`@"10:00:00Z" = @"10:00:00"`, `false`},
		{`@"P1D" = @"PT24H"`, `true`},
		{`@"2021-01-01T12:00:00@Europe/Berlin" = @"2021-01-01T11:00:00Z"`, `true`},
		{`1 < 2`, `true`},
		{`"a" < "b"`, `true`},
		{`"B" < "a"`, `true`},
		{`1 < "2"`, `null`},
		{`null < 1`, `null`},
		{`true < false`, `null`},
		{`@"P1Y" > @"P11M"`, `true`},
		{`2 <= 2 and 2 >= 2`, `true`},
		{`5 between 1 and 10`, `true`},
		{`5 between 6 and 10`, `false`},
		{`null between 1 and 2`, `null`},
		{`true and null`, `null`},
		{`false and null`, `false`},
		{`null or true`, `true`},
		{`"a" or false`, `null`},
		{`1 = 1 and 2 = 2 or x = 9`, `true`},
		{`if null then 1 else 2`, `2`},
		{`if "a" then 1 else 2`, `2`},
	})
}

func TestIn(t *testing.T) {
	checkCases(t, DMN, []testCase{
		{`5 in [1..10]`, `true`},
		{`10 in [1..10)`, `false`},
		{`1 in ]1..10]`, `false`},
		{`10 in [1..10[`, `false`},
		{`5 in (< 6)`, `true`},
		{`5 in (> 6, 5)`, `true`},
		{`5 in (1, [4..6])`, `true`},
		{`5 in < 6`, `true`},
		{`5 in != 5`, `false`},
		{`5 in [1, 5]`, `true`},
		{`5 in [[1..2], [4..6]]`, `true`},
		{`[1] in [[1], [2]]`, `true`},
		{`[1, 2] in [1, 2]`, `true`},
		{`"b" in ["a".."c"]`, `true`},
		{`5 in null`, `false`},
		{`null in null`, `true`},
		{`null in [1..3]`, `null`},
		{`x in (list[item > 2], [5..6])`, `true`},
		{`x in (x + 1 - 1)`, `true`},
		{`(x) in (1..10)`, `true`},
		{`(1 in [1..2]) and 3 in (3)`, `true`},
	})
}

func TestListsAndPaths(t *testing.T) {
	checkCases(t, DMN, []testCase{
		{`list[1]`, `1`},
		{`list[-1]`, `3`},
		{`list[0]`, `null`},
		{`list[4]`, `null`},
		{`list[x - 3]`, `2`},
		{`list[item > 1]`, `[2, 3]`},
		{`list[true]`, `list`},
		{`[][1]`, `null`},
		{`[][item > 1]`, `[]`},
		{`x[1]`, `5`},
		{`x[item > 9]`, `[]`},
		{`null[1]`, `null`},
		{`people[age > 18].name`, `["Ann"]`},
		{`people[item.age > 18][1].name`, `"Ann"`},
		{`people[name = s]`, `[]`},
		{`people[age > x][name = "Bob"].age`, `[17]`},
		{`[{item: 1}, {item: 2}][item = 2]`, `[{item: 2}]`},
		{`[{a: [{b: 1}, {b: 2}]}][a[b = 2][1].b = 2][1].a[1].b`, `1`},
		{`list["a"]`, `null`},
		{`person.name`, `"Ann"`},
		{`person.first name`, `"Ann"`},
		{`person.missing`, `null`},
		{`person.tags[2]`, `"b"`},
		{`{a: {b: {c: 1}}}.a.b.c`, `1`},
		{`null.a`, `null`},
		{`"a".b`, `null`},
		{`@"2020-02-03".year`, `2020`},
		{`@"2020-02-03".weekday`, `1`},
		{`@"2020-02-03".hour`, `null`},
		{`@"2020-02-03".nosuch`, `null`},
		{`@"10:20:30.5".second`, `30.5`},
		{`@"10:20:30+01:00".time offset`, `@"PT1H"`},
		{`@"2020-02-03T10:20:30@Europe/Paris".timezone`, `"Europe/Paris"`},
		{`@"P1Y2M".months`, `2`},
		{`@"-P1DT2H3M4S".minutes`, `-3`},
		{`[1..3).end included`, `false`},
		{`[@"2020-02-03", @"2021-02-03"].year`, `[2020, 2021]`},
	})
}

func TestLoops(t *testing.T) {
	checkCases(t, DMN, []testCase{
		{`for i in list return i * 2`, `[2, 4, 6]`},
		{`for i in 1..3 return i`, `[1, 2, 3]`},
		{`for i in 3..1 return i`, `[3, 2, 1]`},
		{`for i in [1..3] return i`, `[1, 2, 3]`},
		{`for i in (1..3) return i`, `[2]`},
		{`for i in 1..2, j in [10, 20] return i + j`, `[11, 21, 12, 22]`},
		{`for i in 1..3, j in 1..i return j`, `[1, 1, 2, 1, 2, 3]`},
		{`for i in 0..4 return if i = 0 then 1 else i * partial[-1]`, `[1, 1, 2, 6, 24]`},
		{`for d in @"2020-02-28"..@"2020-03-01" return d`, `[@"2020-02-28", @"2020-02-29", @"2020-03-01"]`},
		{`for i in [] return i`, `[]`},
		{`for i in null return i`, `null`},
		{`for i in 1..1.5 return i`, `null`},
		{`some i in list satisfies i > 2`, `true`},
		{`some i in list satisfies i > 3`, `false`},
		{`every i in list satisfies i > 0`, `true`},
		{`every i in [] satisfies false`, `true`},
		{`some i in [] satisfies true`, `false`},
		{`some i in list, j in list satisfies i + j = 6`, `true`},
		{`every i in list satisfies "yes"`, `null`},
		{`some i in [1, null] satisfies i > 3`, `null`},
		{`count(for i in 1..10 return for j in 1..10 return i)`, `10`},
	})
}

func TestFunctions(t *testing.T) {
	checkCases(t, DMN, []testCase{
		{`(function(a, b) a + b)(1, 2)`, `3`},
		{`(function(a, b) a - b)(b: 1, a: 2)`, `1`},
		{`(function(a: number) a)("x")`, `null`},
		{`(function(a: number) a)([1])`, `1`},
		{`(function(a) a)()`, `null`},
		{`(function(a) a)(1, 2)`, `null`},
		{`{f: function(a) a * x, r: f(2)}.r`, `10`},
		{`(function(a) function(b) a + b)(1)(2)`, `3`},
		{`(function(a) function(b) function(c) a + b + c + x)(1)(2)(3)`, `11`},
		{`for f in [function(a) a, function(a) -a] return f(1)`, `[1, -1]`},
		{`(for i in 1..3 return function() i)[2]()`, `2`},
		{`sort([3, 1, 2], function(a, b) a > b)`, `[3, 2, 1]`},
		{`(function(f) f(-1))(abs)`, `1`},
		{`{f: sum, r: f([1, 2])}.r`, `3`},
		{`nosuch(1)`, `null`},
		{`x(1)`, `null`},
		{`[1, 2, 3][(function(v) v > 1)(item)]`, `[2, 3]`},
		{`{a: 1, r: list[(function(v) v > a)(item)]}.r`, `[2, 3]`},
		{`abs(n: -2)`, `2`},
		{`abs(m: -2)`, `null`},
		{`substring(string: "foobar", start position: 3)`, `"obar"`},
	})
}

func TestInstanceOf(t *testing.T) {
	checkCases(t, DMN, []testCase{
		{`1 instance of number`, `true`},
		{`-1 instance of number`, `true`},
		{`1 instance of string`, `false`},
		{`null instance of number`, `false`},
		{`null instance of Any`, `false`},
		{`null instance of Null`, `true`},
		{`1 instance of Any`, `true`},
		{`[1, 2] instance of list<number>`, `true`},
		{`[1, "a"] instance of list<number>`, `false`},
		{`[1, "a"] instance of list<Any>`, `true`},
		{`{a: 1} instance of context<a: number>`, `true`},
		{`{a: 1, b: 2} instance of context<a: number>`, `true`},
		{`{a: 1} instance of context<a: number, b: string>`, `false`},
		{`{} instance of context<>`, `true`},
		{`[1..2] instance of range<number>`, `true`},
		{`["a".."b"] instance of range<number>`, `false`},
		{`@"P1D" instance of days and time duration`, `true`},
		{`@"P1Y" instance of years and months duration`, `true`},
		{`@"2020-01-01T00:00:00" instance of date and time`, `true`},
		{`@"2020-01-01" instance of date and time`, `false`},
		{`(function(a: number) a) instance of function<number> -> Any`, `true`},
		{`(function(a: string) a) instance of function<number> -> Any`, `false`},
		{`(function(a, b) a) instance of function<number> -> Any`, `false`},
		{`1 + 1 instance of number`, `null`},
		{`(function(f: function<number>->number) f) instance of function<function<number>->number>->Any`, `true`},
		{`(function(f: function<number>->number) f) instance of function<function<string>->number>->Any`, `false`},
		{`(function(l: list<Any>) l) instance of function<list<number>>->Any`, `true`},
		{`(function(l: list<number>) l) instance of function<list<Any>>->Any`, `false`},
		{`(function(c: context<a: number>) c) instance of function<context<a: number, b: string>>->Any`, `true`},
		{`(function(c: context<a: number, b: string>) c) instance of function<context<a: number>>->Any`, `false`},
		{`(function(r: range<number>) r) instance of function<range<number>>->Any`, `true`},
		{`abs instance of function<number>->number`, `true`},
		{`sum instance of number`, `false`},
		{`if x instance of number then 1 else 2`, `1`},
	})
}

// TestText checks string() against text, since two different values can look
// equal.
func TestText(t *testing.T) {
	for text, want := range map[string]string{
		`1.10`: "1.10", `1/4`: "0.25", `10 ** 20`: "100000000000000000000", `-0.5`: "-0.5", `1e-7`: "0.0000001",
		`true`: "true", `"a"`: "a", `["a", 1, null, [true]]`: `["a", 1, null, [true]]`,
		`{a: "x", "{": 1, b c: {d: 2}}`: `{a: "x", "{": 1, b c: {d: 2}}`, `["\"a\""]`: `["\"a\""]`,
		`@"2020-01-02"`: "2020-01-02", `@"-0044-03-15"`: "-0044-03-15", `@"10:20:30.50"`: "10:20:30.5",
		`@"10:20:30Z"`: "10:20:30Z", `@"10:20:30-05:30"`: "10:20:30-05:30",
		`@"2020-01-02T03:04:05@Europe/Berlin"`: "2020-01-02T03:04:05@Europe/Berlin",
		`@"PT0S"`:                              "PT0S", `@"P0M"`: "P0M", `@"-P1DT1.5S"`: "-P1DT1.5S", `@"P14M"`: "P1Y2M",
		`[1..2)`: "[1..2)", `(<5)`: "(<5)", `(>=5)`: "(>=5)", `(!=5)`: "(!=5)",
	} {
		if got := run(t, `string(`+text+`)`, CompileOptions{}, testContext()); got.String() != want || got.Kind() != KindString {
			t.Errorf("string(%s) = %q, expected %q", text, got, want)
		}
	}
}

func TestUnaryTests(t *testing.T) {
	for _, tc := range []struct{ tests, input, want string }{
		{`-`, `null`, `true`},
		{`5`, `5`, `true`},
		{`5`, `6`, `false`},
		{`"a", "b"`, `"b"`, `true`},
		{`< 10`, `5`, `true`},
		{`< 10, > 20`, `15`, `false`},
		{`[1..5]`, `3`, `true`},
		{`[1..5], 9`, `9`, `true`},
		{`not(1, 2)`, `3`, `true`},
		{`not([1..5])`, `3`, `false`},
		{`not("a")`, `"a"`, `false`},
		{`null`, `null`, `true`},
		{`null`, `1`, `false`},
		{`true`, `true`, `true`},
		{`true`, `false`, `false`},
		{`true`, `null`, `false`},
		{`true`, `1`, `null`},
		{`false`, `false`, `true`},
		{`? > 3`, `5`, `true`},
		{`? > 3 and ? < 5`, `5`, `false`},
		{`contains(?, "oo")`, `"foo"`, `true`},
		{`x > 3`, `"whatever"`, `true`},
		{`list`, `2`, `true`},
		{`list`, `9`, `false`},
		{`x`, `5`, `true`},
		{`x + 1`, `6`, `true`},
		{`date("2020-01-01")`, `@"2020-01-01"`, `true`},
		{`> date("2020-01-01")`, `@"2020-01-02"`, `true`},
		{`< 10`, `null`, `null`},
		{`< 10`, `"a"`, `null`},
		{`not(< 10)`, `null`, `null`},
		{`some i in list satisfies i = ?`, `2`, `true`},
		{`not(x > 9) and true`, `1`, `true`},
		{`= 5`, `5`, `true`},
		{`!= 5`, `5`, `false`},
	} {
		e, err := CompileUnaryTests(tc.tests, CompileOptions{})
		if err != nil {
			t.Errorf("%s: %v", tc.tests, err)
			continue
		}
		c := testContext()
		c.Input = run(t, tc.input, CompileOptions{}, testContext())
		v, err := e.Eval(c)
		if err != nil || v.String() != tc.want {
			t.Errorf("%s of %s: got %s, %v, expected %s", tc.tests, tc.input, v, err, tc.want)
		}
	}
}

// TestNames: names of several words and with special characters.
func TestNames(t *testing.T) {
	scope := Vars{
		"loan amount": int64(10), "loan-to-value": int64(20), "a": int64(1), "b": int64(2), "a+b": int64(30), "profit and loss": int64(40),
		"x": map[string]any{"y-z": int64(50), "y": int64(9)}, "🐎": int64(60), "Teacher's": int64(70), "lib.f": int64(80), "step 2": int64(90),
		"for sale": int64(91), "if in doubt": int64(92),
	}
	o := CompileOptions{Names: []Name{
		{Name: "loan amount"},
		{Name: "loan-to-value"},
		{Name: "a+b"},
		{Name: "profit and loss"},
		{Name: "Teacher's"},
		{Name: "lib.f"},
		{Name: "for sale"},
		{Name: "if in doubt"},
		{Name: "x", Type: ContextOf(Field{Name: "y-z"}, Field{Name: "y"})},
	}}
	for text, want := range map[string]int64{
		`loan amount`: 10, `loan   amount + 1`: 11, `loan-to-value`: 20, `loan - to - value`: 20, `a+b`: 30, `a + b`: 30, `b+a`: 3,
		`profit and loss`: 40, `x.y-z`: 50, `x.y - 1`: 8, `🐎`: 60, `Teacher's + 1`: 71, `lib.f`: 80, `step 2 + 1`: 91, `for sale`: 91, `if for sale > 1 then if in doubt else 0`: 92,
		`{c-d: 5, e: c-d}.e`: 5, `{c-d: 5}.c-d`: 5, `(function(p-q) p-q * 2)(4)`: 8, `for i-j in [7] return i-j`: -1,
		`[{c-d: 5}][c-d = 5][1].c-d`: 5,
	} {
		c := &EvalContext{Scope: scope}
		got := run(t, text, o, c)
		if want == -1 {
			if got.At(0).String() != "7" {
				t.Errorf("%s: got %s", text, got)
			}
			continue
		}
		if n, ok := got.AsInt(); !ok || n != want {
			t.Errorf("%s: got %s, expected %d; %v", text, got, want, c.Warnings())
		}
	}
}

func TestVariables(t *testing.T) {
	for text, want := range map[string]string{
		`1 + 2`: "", `a + b.c`: "a,b", `for i in xs return i + y`: "xs,y", `xs[price > limit]`: "limit,price,xs",
		`f(a)`: "a,f", `count(a)`: "a", `{a: 1, b: a}`: "", `function(a) a + b`: "b", `loan amount + 1`: "loan amount",
		`? > a`: "a", `some q in a satisfies q = null`: "a",
	} {
		e, err := Compile(text, CompileOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(e.Variables(), ","); got != want {
			t.Errorf("%s: got %s, expected %s", text, got, want)
		}
	}
}

func TestCompileErrors(t *testing.T) {
	for _, tc := range []struct {
		text      string
		code      Code
		line, col int
	}{
		{``, CodeSyntax, 1, 1},
		{`1 +`, CodeSyntax, 1, 4},
		{`1 1`, CodeSyntax, 1, 3},
		{"1 +\n  )", CodeSyntax, 2, 3},
		{`"abc`, CodeSyntax, 1, 1},
		{`[1, 2`, CodeSyntax, 1, 6},
		{`{a 1}`, CodeSyntax, 1, 5},
		{`if a then b`, CodeSyntax, 1, 12},
		{`for i in x`, CodeSyntax, 1, 11},
		{`f(a: 1, 2)`, CodeSyntax, 1, 2},
		{`/* open`, CodeSyntax, 1, 1},
		{`1 instance of nosuch`, CodeUnknownType, 1, 15},
		{`function(a) external {java: {}}`, CodeExternal, 1, 13},
		{"\xff", CodeSyntax, 1, 1},
		{`1e99999`, CodeSyntax, 1, 1},
		{`#`, CodeSyntax, 1, 1},
		{"`a`", CodeSyntax, 1, 1},
		{strings.Repeat("(", 1000) + "1", CodeTooLarge, 1, 0},
		{strings.Repeat("a", 300<<10), CodeTooLarge, 1, 1},
	} {
		_, err := Compile(tc.text, CompileOptions{})
		var e *Error
		if !errors.As(err, &e) || e.Code != tc.code || e.Line != tc.line || (e.Column != tc.col && tc.code != CodeTooLarge) {
			t.Errorf("%.40q: got %v, expected %s at %d:%d", tc.text, err, tc.code, tc.line, tc.col)
		}
	}
}
