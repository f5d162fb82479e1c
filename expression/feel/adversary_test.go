package feel

import "testing"

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
