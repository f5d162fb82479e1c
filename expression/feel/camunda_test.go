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
		{`5 in (? > 3)`, `true`},
		{`5 in (1, ? > 6, ? < 2)`, `false`},
		{`5 in (null, ? = 5)`, `true`},
		{`"abc" in (starts with(?, "a"))`, `true`},
		{`[1, 2] in (list contains(?, 2))`, `true`},
		{`"abc" in (string length(?))`, `null`},
		{`[1, 5] [item in (? > 3)]`, `[5]`},
		{`for i in [1, 5] return i in (? > 3)`, `[false, true]`},
		{`(function(x) x in (? > 3))(5)`, `true`},
		{`5 in (function(y) ? > y)(3)`, `true`},
		{`string({a: "x", "b c": [1, {d: null}]})`, `"{a:\"x\", b c:[1, {d:null}]}"`},
		{`"n" + string([{a: 1}])`, `"n[{a:1}]"`},
		{`string(null)`, `null`},
		{`[1] = ["1"]`, `false`},
		{`{a: [1]} != {a: ["1"]}`, `true`},
		{`[1] = 1`, `null`},
		{`is empty("")`, `null`},
		{`is empty({})`, `null`},
		{`and([true, null])`, `null`},
		{`or(false, true)`, `true`},
		{`x > 1 and (x < 9)`, `true`},
		{`[1, 2]["a"]`, `[]`},
		{`concatenate([1], null)`, `[1, null]`},
		{`union([1], null, 1)`, `[1, null]`},
		{`insert before([1], 0, 2)`, `[1, 2]`},
		{`insert before([1, 2], -3, 0)`, `[0, 1, 2]`},
		{`insert before([1, 2], -1, 0)`, `[1, 0, 2]`},
		{`insert before([], 1, 0)`, `[0]`},
		{`remove([1, 2], 3)`, `[1, 2]`},
		{`remove([1, 2], -1)`, `[1]`},
		{`remove([1, 2], -3)`, `[1, 2]`},
		{`sublist([1, 2, 3], 4)`, `[]`},
		{`sublist([1, 2, 3], 0)`, `[]`},
		{`sublist([1, 2, 3], -5)`, `[1, 2, 3]`},
		{`sublist([1, 2, 3], 2, 0)`, `[]`},
		{`sublist([], 1)`, `[]`},
		{`substring("", 1, 3)`, `""`},
		{`substring("abc", 4)`, `""`},
		{`substring("abc", 0)`, `""`},
		{`substring("abc", 1, 0)`, `""`},
		{`substring("abc", 5)`, `null`},
		{`context put({a: 1}, ["a", "b"], 2)`, `{a: {b: 2}}`},
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
