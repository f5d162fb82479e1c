package feel

import (
	"errors"
	"testing"

	"github.com/cockroachdb/apd/v3"
)

// Readings of the standard that are easily missed, each with the rule it comes
// from. The method is that of checkCases: an expression and one of its value.

func TestZoneNamesWithT(t *testing.T) {
	// rule 64: what is after the @ is no part of the time
	checkCases(t, DMN, []testCase{
		{`@"10:00:00@Etc/UTC"`, `time("10:00:00@Etc/UTC")`},
		{`@"10:00:00@America/Toronto"`, `time("10:00:00@America/Toronto")`},
		{`@"2020-01-01T10:00:00@Etc/UTC"`, `date and time("2020-01-01T10:00:00@Etc/UTC")`},
		{`@"2020-01-01@Etc/UTC"`, `null`},
	})
}

func TestFullCaseMapping(t *testing.T) {
	// 10.3.4.3 refers to fn:upper-case and fn:lower-case
	checkCases(t, DMN, []testCase{
		{`upper case("Straße")`, `"STRASSE"`},
		{`upper case("αβγ")`, `"ΑΒΓ"`},
		{`upper case("🐎x")`, `"🐎X"`},
		{`lower case("ΑΒΓ")`, `"αβγ"`},
		{`lower case("ÄÖ")`, `"äö"`},
	})
}

func TestRecursiveFunctions(t *testing.T) {
	checkCases(t, DMN, []testCase{
		{`{fact: function(n) if n <= 1 then 1 else n * fact(n - 1), r: fact(5)}.r`, `120`},
		{`{k: 2, sum to: function(n) if n = 0 then k else n + sum to(n - 1), r: sum to(3)}.r`, `8`},
		// through a function inside
		{`{f: function(n) sum(for i in [n] return if i = 0 then 0 else i + f(i - 1)), r: f(4)}.r`, `10`},
		{`{f: function(n) (function(m) if m = 0 then 0 else m + f(m - 1))(n), r: f(4)}.r`, `10`},
		// each evaluation of the context has its own function
		{`for k in [1, 2] return {f: function(n) if n = 0 then k else f(n - 1), r: f(3)}.r`, `[1, 2]`},
		// a name that means something else goes on meaning that
		{`{abs: function(n) abs(n) + 1, r: abs(-1)}.r`, `2`},
		{`{f: function(n) n, g: {f: function(n) f(n) + 1, r: f(1)}}.g.r`, `2`},
	})
}

func TestEqualFunctions(t *testing.T) {
	// table 53: functions are equal when they are the same
	checkCases(t, DMN, []testCase{
		{`abs = abs`, `true`},
		{`abs = floor`, `false`},
		{`{f: function(a) a, r: f = f}.r`, `true`},
	})
}

func TestCommaAtTheEnd(t *testing.T) {
	// rule 57
	for _, text := range []string{`{a: 1,}`, `{,}`, `[1,]`, `abs(1,)`} {
		if _, err := Compile(text, CompileOptions{}); err == nil {
			t.Errorf("%s: expected an error, but there is none", text)
		}
	}
}

// A variable that is compared with a constant is read straight from Vars. The
// result is that of any other scope, for every kind of value and a missing one.
func TestComparedVariables(t *testing.T) {
	values := []any{
		nil, true, "open", "", "5", int64(5), int64(4), int64(6), int64(-9223372036854775808), int64(9223372036854775807),
		apd.New(50, -1), apd.New(499, -2),
		[]any{int64(5)},
		map[string]any{},
		String("open"), Int(5),
	}
	texts := []string{
		`v < 5`, `v <= 5`, `v > 5`, `v >= 5`, `v < 5.0`, `v >= 4.99`, `v = "open"`, `v != "open"`, `v = ""`, `v > -5`,
		`[1][v > 4]`, `[{v: 5}][v > 4]`, `{v: 7, r: v > 6}.r`, `abs > 5`, `(v) = "open"`,
	}
	for _, text := range texts {
		e, err := Compile(text, CompileOptions{})
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		for i := -1; i < len(values); i++ {
			fast, slow := &EvalContext{Scope: Vars{}}, &EvalContext{Scope: Values{}}
			if i >= 0 {
				fast.Scope, slow.Scope = Vars{"v": values[i]}, Values{"v": FromAny(values[i])}
			}
			got, err1 := e.Eval(fast)
			want, err2 := e.Eval(slow)
			if err1 != nil || err2 != nil || got.Kind() != want.Kind() || !sameValue(got, want) || len(fast.Warnings()) != len(slow.Warnings()) {
				t.Errorf("%s with %v: got %s, expected %s; errors %v, %v", text, fast.Scope, got, want, err1, err2)
			}
		}
	}
}

func TestTypeNamesOfCamunda(t *testing.T) {
	checkCases(t, Camunda, []testCase{
		{`@"2020-01-01T00:00:00" instance of date time`, `true`},
		{`@"2020-01-01" instance of date time`, `false`},
		{`null instance of null`, `true`},
		{`1 instance of any`, `true`},
		{`null instance of any`, `false`},
		{`@"P1D" instance of day-time-duration`, `true`},
		{`if @"2020-01-01" instance of date then 1 else 2`, `1`},
	})
	if _, err := Compile(`1 instance of any`, CompileOptions{}); err == nil {
		t.Error("expected that the standard knows no type any")
	}
}

// The result type of a function that declares none is that of its body, where
// the body tells (10.3.2.9.1: a function type conforms by its result too).
func TestResultTypeOfFunctions(t *testing.T) {
	checkCases(t, DMN, []testCase{
		{`(function(a: string) a) instance of function<string>->string`, `true`},
		{`(function(a: string) a) instance of function<string>->number`, `false`},
		{`(function(a: string) a) instance of function<string>->Any`, `true`},
		{`(function() "a") instance of function<>->string`, `true`},
		{`(function() "a") instance of function<>->number`, `false`},
		{`(function() @"P1D") instance of function<>->days and time duration`, `true`},
		{`(function() null) instance of function<>->number`, `true`},
		{`(function(a: number) a > 1) instance of function<number>->boolean`, `true`},
		{`(function(a: number) a > 1) instance of function<number>->number`, `false`},
		{`(function(a: number) a * 2) instance of function<number>->string`, `false`},
		{`(function(a: number) a * 2) instance of function<number>->number`, `true`},
		{`(function(a: string) a + "x") instance of function<string>->number`, `false`},
		{`(function(a: string) if a = null then "x" else a) instance of function<string>->string`, `true`},
		{`(function(a: string) if a = null then 1 else a) instance of function<string>->string`, `true`}, // not known
		{`(function(a) a) instance of function<number>->string`, `true`},                                 // not known
		{`(function(f: function<number>->number) f(1))(function(x) "a")`, `null`},
		{`(function(f: function<number>->number) f(1))(function(x) x + 1)`, `2`},
	})
}

func TestReplacements(t *testing.T) {
	// XPath functions 3.1, 5.6.4, which table 74 refers to: FORX0003, FORX0004
	checkCases(t, DMN, []testCase{
		{`replace("abracadabra", ".*?", "$1")`, `null`},
		{`replace("abc", "x*", "-")`, `null`},
		{`replace("abc", "", "-")`, `null`},
		{`replace("abc", "", "-", "q")`, `"-a-b-c-"`},
		{`replace("abc", "z", "$")`, `null`},
		{`replace("abc", "z", "\\")`, `null`},
		{`replace("abc", "z", "\\\\")`, `"abc"`},
		{`replace("abc", "b", "$7")`, `"ac"`},
		{`replace("abc", ".^[d-z]*", "#", "smix")`, `"abc"`},
	})
	checkCases(t, Camunda, []testCase{
		{`replace("abc", "x*", "-")`, `"-a-b-c-"`},
		{`replace("abc", "z", "$")`, `"abc"`},
		{`replace("foo", "(?<first>f)(o)", "$2${first}")`, `"ofo"`},
		{`replace("foo", "(?<first>o)\1", "<${first}>")`, `"f<o>"`},
		{`replace("foo", "f", "${no}")`, `null`},
		{`replace("foo", "(f)", "${first")`, `null`},
		{`replace("foo", "(f)", "$2")`, `null`},
		{`replace("foo", "(f)", "\-$1")`, `"-foo"`},
	})
}

// A call of constants is evaluated by Compile, in the dialect of the expression:
// in XPath \w has no underscore, in Java it has.
func TestFoldedInDialect(t *testing.T) {
	checkCases(t, DMN, []testCase{{`matches("_", "^\w$")`, `false`}})
	checkCases(t, Camunda, []testCase{{`matches("_", "^\w$")`, `true`}})
}

// Singletons are not coerced where something is gone over (10.3.2.14), a single
// value is a list of one where it is filtered (10.3.2.5), and functions are
// values like any other.
func TestSinglesAndFunctionValues(t *testing.T) {
	checkCases(t, DMN, []testCase{
		{`for i in 1 return i`, `null`},
		{`some i in "a" satisfies true`, `null`},
		{`1[1]`, `1`},
		{`1[item > 5]`, `[]`},
		{`null[1]`, `null`},
		{`for f in [abs, floor] return f(-1.5)`, `[1.5, -2]`},
		{`{mk: function(k) {add: function(x) x + k}, r: mk(2).add(3)}.r`, `5`},
		{`{f: function(n) if n = 0 then [] else concatenate([n], f(n - 1)), r: f(3)}.r`, `[3, 2, 1]`},
		{`{f: function(x: number) x, r: f("1")}.r`, `null`},
		{`list replace([1, 2, 3], function(item, newItem) item > 1, null)`, `[1, null, null]`},
	})
	e, err := Compile(`{f: function() f(), r: f()}.r`, CompileOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Eval(&EvalContext{}); !errors.Is(err, &Error{Code: CodeDepth}) {
		t.Errorf("endless recursion: got error %v, expected %s", err, CodeDepth)
	}
	if len(e.Variables()) != 0 {
		t.Errorf("a function that calls itself reads no variable, but found %v", e.Variables())
	}
}
