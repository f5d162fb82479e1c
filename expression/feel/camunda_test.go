package feel

import (
	"errors"
	"testing"
)

func TestCamundaDialect(t *testing.T) {
	checkCases(t, Camunda, []testCase{
		{`is defined(x)`, `true`},
		{`is defined(nosuch)`, `false`},
		{`is defined(person.nosuch)`, `false`},
		{`is defined(n)`, `false`},
		{`get or else(nosuch.a.b, 1)`, `1`},
		{`get or else(x, 1)`, `5`},
		{`nosuch`, `null`},
		{`nosuch + 1`, `null`},
		{`nosuch > 1`, `null`},
		{`nosuch = null`, `true`},
		{`null != null`, `false`},
		{`if nosuch > 1 then "a" else "b"`, `"b"`},
		{"`x` + 1", `6`},
		{"{`a b-c`: 1}.`a b-c`", `1`},
		{"(function(`a-b`) `a-b` * 2)(4)", `8`},
		{"person.`first name`", `"Ann"`},
		{`{a: 1}["a"]`, `null`},
		{`trim("  a ")`, `"a"`},
		{`is blank("")`, `true`},
		{`is empty(null)`, `null`},
		{`to base64("FEEL")`, `"RkVFTA=="`},
		{`from json("[1, {\"b\": null}]")`, `[1, {b: null}]`},
		{`from json("nonsense")`, `null`},
		{`from json("1 2")`, `null`},
		{`to json([1, "a", @"2020-01-01", {b: 0.10}])`, `"[1,\"a\",\"2020-01-01\",{\"b\":0.10}]"`},
		{`context put({}, ["a", "b"], 1)`, `{a: {b: 1}}`},
		{`get value({a: {b: 1}}, ["a", "b"])`, `1`},
		{`get value({a: 1}, "b")`, `null`},
		{`sublist([1, 2, 3], 2, 9)`, `[2, 3]`},
		{`partition([1, 2], 0)`, `null`},
		{`partition([], 2)`, `[]`},
		{`duplicate values([1, 1, null, null, 2])`, `[1, null]`},
		{`last day of month(@"2023-02-03T10:00:00")`, `@"2023-02-28"`},
		{`date and time(@"2020-01-01T00:00:00", "Europe/Paris")`, `null`},
		{`time("10:30")`, `time("10:30:00")`},
		{`date and time("2020-01-01T10:30+01:00")`, `date and time("2020-01-01T10:30:00+01:00")`},
		{`time("24:00")`, `null`},
		{`string join(["a", "b"], ",", "[", "]")`, `"[a,b]"`},
		{`number("1.5")`, `1.5`},
		{`fromAi(x, "a number")`, `5`},
		{`uuid() = uuid()`, `false`},
		{`random number() = random number()`, `false`},
	})
}

func TestCamundaOnly(t *testing.T) {
	if _, err := Compile("`a`", CompileOptions{}); !errors.Is(err, &Error{Code: CodeSyntax}) {
		t.Errorf("DMN has no back-quoted names: %v", err)
	}
	c := testContext()
	if v := run(t, `is defined(x)`, CompileOptions{}, c); !v.IsNull() || c.Warnings()[0].Code != WarnNoFunction {
		t.Errorf("got %s, %v", v, c.Warnings())
	}
}

func TestAssert(t *testing.T) {
	e, err := Compile(`assert(x, x > 9, "too small")`, CompileOptions{Dialect: Camunda})
	if err != nil {
		t.Fatal(err)
	}
	_, err = e.Eval(testContext())
	var ferr *Error
	if !errors.As(err, &ferr) || ferr.Code != CodeAssert || ferr.Msg != "too small" {
		t.Errorf("got %v", err)
	}
}

// TestSeed: random and uuid come from the seed alone.
func TestSeed(t *testing.T) {
	values := func(seed uint64) string {
		c := testContext()
		c.Seed = seed
		return run(t, `[uuid(), random number(), uuid()]`, CompileOptions{Dialect: Camunda}, c).String()
	}
	first, again, other := values(1), values(1), values(2)
	if first != again || first == other {
		t.Errorf("got %s and %s, then %s", first, again, other)
	}
	u := run(t, `uuid()`, CompileOptions{Dialect: Camunda}, testContext()).String()
	if len(u) != 36 || u[14] != '4' || (u[19] != '8' && u[19] != '9' && u[19] != 'a' && u[19] != 'b') {
		t.Errorf("%s is no UUID of version 4", u)
	}
}
