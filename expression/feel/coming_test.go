package feel

import "testing"

// Goal: what docs/coming-from-camunda8.md says of FEEL.
func TestComingFromCamunda8(t *testing.T) {
	checkCases(t, Camunda, []testCase{
		{`modulo(1, 0)`, `null`},
		{`substring("abc", 9)`, `null`},
		{`"abc"[1]`, `"abc"`},
		{`{a: 1}[a = 1]`, `[{a: 1}]`},
		{`count(5)`, `1`},
		{`context([{key: "a", value: 1}, {key: "a", value: 2}])`, `null`},
		{`{a: 1, a: 2}`, `null`},
		{`context put({a: {b: 1}}, ["a", "c"], 2)`, `{a: {b: 1, c: 2}}`},
		{`@"2026-01-01T10:00:00Z" = @"2026-01-01T11:00:00+01:00"`, `true`},
		{`list contains([{a: 1}], {a: 1})`, `true`},
		{`for x in [[1], [2]], y in x return y`, `[1, 2]`},
		{`-duration("PT1H")`, `@"-PT1H"`},
		{`sum([duration("PT1H"), duration("PT2H")])`, `@"PT3H"`},
		{`1e3`, `1000`},
		{`(function(x) x + 1)(2)`, `3`},
		{`[1, 2] instance of list<number>`, `true`},
		{`split("abc", "")`, `["a", "b", "c"]`},
	})
}
