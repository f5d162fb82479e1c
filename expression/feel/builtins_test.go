package feel

import (
	"fmt"
	"strings"
	"testing"
)

// TestBuiltinTable walks the table of built-in functions: every row has a
// meaning, and its example gives its result in each of its dialects.
func TestBuiltinTable(t *testing.T) {
	list := Builtins()
	if len(list) < 90 {
		t.Fatalf("expected the whole table, but it has %d rows", len(list))
	}
	for _, b := range list {
		if b.Doc == "" || b.Example == "" || b.Result == "" || !strings.HasPrefix(b.Usage, b.Name+"(") || len(b.Dialects) == 0 {
			t.Errorf("%s: the row is not complete: %+v", b.Name, b)
		}
		if !strings.Contains(b.Example, b.Name+"(") {
			t.Errorf("%s: the example does not call it: %s", b.Name, b.Example)
		}
		for _, d := range b.Dialects {
			c := testContext()
			got := run(t, b.Example, CompileOptions{Dialect: d}, c)
			want := run(t, b.Result, CompileOptions{Dialect: d}, testContext())
			if got.IsNull() || !sameValue(got, want) {
				t.Errorf("%s, %s: %s gives %s, expected %s; %v", b.Name, d, b.Example, got, want, c.Warnings())
			}
		}
	}
}

func TestBuiltinsOnlyOfCamunda(t *testing.T) {
	for _, b := range Builtins() {
		if len(b.Dialects) > 1 || findBuiltin(b.Name, DMN) != nil {
			continue
		}
		c := testContext()
		if got := run(t, b.Example, CompileOptions{}, c); b.Name != "is defined" && len(c.Warnings()) == 0 {
			t.Errorf("%s is known in DMN: %s gives %s", b.Name, b.Example, got)
		}
	}
}

// TestBuiltinsTakeAnything calls every built-in function with every mix of
// kinds: no call may fail, and what is null comes with a reason or is meant.
func TestBuiltinsTakeAnything(t *testing.T) {
	pool := []Value{
		Null(), Bool(true), Int(0), Int(-1), Int(3), run(t, `2.5`, CompileOptions{}, testContext()), String(""), String("a(b"), String("2020-01-01"),
		String("Europe/Berlin"), List(), List(Int(1), String("a"), Null()), Strings("a", "b"), NewContext(0).Value(), NewContext(1).Set("a", Int(1)).Value(),
		run(t, `@"2020-01-01"`, CompileOptions{}, testContext()), run(t, `@"10:00:00"`, CompileOptions{}, testContext()),
		run(t, `@"2020-01-01T10:00:00Z"`, CompileOptions{}, testContext()), run(t, `@"P1D"`, CompileOptions{}, testContext()),
		run(t, `@"-P1Y"`, CompileOptions{}, testContext()), run(t, `[1..3]`, CompileOptions{}, testContext()), run(t, `(<3)`, CompileOptions{}, testContext()),
		run(t, `function(a, b) a`, CompileOptions{}, testContext()), run(t, `9e6000`, CompileOptions{}, testContext()), Int(1 << 62),
	}
	for _, table := range builtinTables {
		for i := range table {
			b := &table[i]
			fn := functionValue(&Function{name: b.name, builtin: b})
			c := testContext()
			c.Limits.StringSize = 1 << 16
			call := func(args ...Value) {
				c.ResetWarnings()
				if _, err := Invoke(c, fn, args...); err != nil && !strings.Contains(err.Error(), "FEEL_LIMIT") && b.name != "assert" {
					t.Errorf("%s(%v): %v", b.name, args, err)
				}
			}
			call()
			for _, x := range pool {
				call(x)
				for _, y := range pool {
					call(x, y)
				}
			}
			for _, x := range pool[4:12] {
				for _, y := range pool[2:12] {
					for _, z := range pool {
						call(x, y, z)
					}
				}
			}
			call(pool[2], pool[2], pool[2], pool[2], pool[2], pool[2], pool[2], pool[2])
		}
	}
}

func TestConversions(t *testing.T) {
	checkCases(t, DMN, []testCase{
		{`date("2017-08-32")`, `null`},
		{`date(2017, 2, 29)`, `null`},
		{`date(2017.0, 2, 28)`, `@"2017-02-28"`},
		{`date(@"2017-08-14T14:25:00")`, `@"2017-08-14"`},
		{`time("24:00:00")`, `@"00:00:00"`},
		{`time("23:59")`, `null`},
		{`time(@"2017-08-14T14:25:00@Europe/Paris")`, `@"14:25:00@Europe/Paris"`},
		{`time(@"2017-08-14")`, `@"00:00:00Z"`},
		{`time(12, 59, 1.3, @"-PT1H")`, `@"12:59:01.3-01:00"`},
		{`time(12, 59, 60)`, `null`},
		{`date and time("2012-12-24")`, `@"2012-12-24T00:00:00"`},
		{`date and time("2017-12-31T13:20:00@xyz/abc")`, `null`},
		{`date and time("2017-12-31T13:20:00@Local")`, `null`},
		{`date and time(2012, 12, 24, 23, 59, 0)`, `@"2012-12-24T23:59:00"`},
		{`date and time(2012, 12, 24, 23, 59, 0, @"PT1H")`, `@"2012-12-24T23:59:00+01:00"`},
		{`date and time(2012, 12, 24, 23, 59, 0, "Europe/Paris")`, `@"2012-12-24T23:59:00@Europe/Paris"`},
		{`date and time(@"2012-12-24T10:00:00", @"01:02:03Z")`, `@"2012-12-24T01:02:03Z"`},
		{`duration("P1Y1D")`, `null`},
		{`duration("P1DT")`, `null`},
		{`duration("PT1.5H")`, `null`},
		{`number("1 000,5", " ", ",")`, `1000.5`},
		{`number("1000")`, `1000`},
		{`number("1e3")`, `1000`},
		{`number("x")`, `null`},
		{`number("--1")`, `null`},
		{`string(null)`, `null`},
		{`string("a")`, `"a"`},
		{`years and months duration(@"2020-01-31", @"2020-02-29")`, `@"P0M"`},
		{`years and months duration(@"2020-02-29", @"2020-01-31")`, `@"P0M"`},
		{`years and months duration(@"2020-03-31", @"2020-01-31")`, `@"-P2M"`},
		{`range("[1..3]")`, `[1..3]`},
		{`range("(\"a\"..\"c\")")`, `("a".."c")`},
		{`range("[date(\"2020-01-01\")..@\"2020-12-31\"]")`, `[@"2020-01-01"..@"2020-12-31"]`},
		{`range("(<=5)")`, `(<=5)`},
		{`range("[a..b]")`, `null`},
		{`range("(..5]")`, `(<=5)`},
		{`range("[5..)")`, `(>=5)`},
		{`range("]5 .. [")`, `(>5)`},
		{`range("[..5]")`, `null`},
		{`range("(..)")`, `null`},
		{`range("..")`, `null`},
		{`range("")`, `null`},
		{`range("[1..\"a\"]")`, `null`},
		{`5 in range("(..5]")`, `true`},
		{`range("1")`, `null`},
		{`now()`, `@"2026-05-17T10:30:00Z"`},
		{`today()`, `@"2026-05-17"`},
		{`today(1)`, `null`},
		{`week of year(@"2005-01-01")`, `53`},
		{`week of year(@"2003-12-29")`, `1`},
		{`day of year(@"2020-12-31")`, `366`},
	})
}

func TestStringFunctions(t *testing.T) {
	checkCases(t, DMN, []testCase{
		{`substring("foobar", 3, 10)`, `"obar"`},
		{`substring("foobar", 0)`, `null`},
		{`substring("foobar", 7)`, `null`},
		{`substring("foobar", 1, 0)`, `null`},
		{`substring("f🐎bar", 2, 2)`, `"🐎b"`},
		{`substring("f🐎bar", -4)`, `"🐎bar"`},
		{`substring(["foobar"], 6)`, `"r"`},
		{`split("a;b;c;;", ";")`, `["a", "b", "c", "", ""]`},
		{`split("abc", "")`, `["a", "b", "c"]`},
		{`split("a1b22c", "\d+")`, `["a", "b", "c"]`},
		{`split("", ";")`, `[""]`},
		{`split("a", null)`, `null`},
		{`string join(["a", "b"])`, `"ab"`},
		{`string join([], "-")`, `""`},
		{`string join("a", "-")`, `"a"`},
		{`string join([1], "-")`, `null`},
		{`string join(["a", "b"], null)`, `"ab"`},
		{`string join(["a", "b"], ",", "<", ">")`, `"<a,b>"`},
		{`contains("foobar", "")`, `true`},
	})
}

func TestRegex(t *testing.T) {
	checkCases(t, DMN, []testCase{
		{`matches("foobar", "^fo*b")`, `true`},
		{`matches("Foobar", "^fo*b", "i")`, `true`},
		{`matches("a.b", "a.b", "q")`, `true`},
		{`matches("axb", "a.b", "q")`, `false`},
		{`matches("A.B", "a.b", "qi")`, `true`},
		{`matches("a\nb", "a.b")`, `false`},
		{`matches("a\nb", "a.b", "s")`, `true`},
		{`matches("a\nb", "^b$")`, `false`},
		{`matches("a\nb", "^b$", "m")`, `true`},
		{`matches("ab", "a b", "x")`, `true`},
		{`matches("a b", "a[ ]b", "x")`, `true`},
		{`matches("a", "a", "z")`, `null`},
		{`matches("aa", "(a)\1")`, `true`},
		{`matches("ab", "(a)\1")`, `false`},
		{`matches("aA", "(a)\1", "i")`, `true`},
		{`matches("a", "(a)\2")`, `null`},
		{`matches("a", "(a")`, `null`},
		{`matches("a", "a)")`, `null`},
		{`matches("a", "[a")`, `null`},
		{`matches("a", "(?=a)")`, `null`},
		{`matches("a", "*")`, `null`},
		{`matches("a", "a{2")`, `null`},
		{`matches("aa", "^a{2}$")`, `true`},
		{`matches("٣", "^\d$")`, `true`},
		{`matches("é", "^\w$")`, `true`},
		{`matches("-", "\w")`, `false`},
		{`matches("e", "[a-z-[aeiou]]")`, `false`},
		{`matches("f", "[a-z-[aeiou]]")`, `true`},
		{`matches("E", "[a-z-[aeiou]]", "i")`, `false`},
		{`matches("a", "\p{Lu}")`, `false`},
		{`matches("A", "\p{Lu}")`, `true`},
		{`matches("я", "^\p{IsCyrillic}$")`, `true`},
		{`matches("a", "\p{IsNoBlock}")`, `null`},
		{`matches("a:1", "^\i\c*$")`, `true`},
		{`matches("1a", "^\i\c*$")`, `false`},
		{`matches("x", "[^]")`, `null`},
		{`matches("]", "[\]]")`, `true`},
		{`matches("-", "[a-]")`, `true`},
		{`replace("abracadabra", "a(.)", "a$1$1")`, `"abbraccaddabbra"`},
		{`replace("ab", "(a)(b)", "$2$1")`, `"ba"`},
		{`replace("ab", "(a)(b)", "$10")`, `"a0"`},
		{`replace("a$b", "\$", "\$\$")`, `"a$$b"`},
		{`replace("ab", "a", "$x")`, `null`},
		{`replace("aab", "(a)\1", "[$1]")`, `"[a]b"`},
		{`replace("éaab", "(a)\1", "[$1]")`, `"é[a]b"`},
		{`replace("a.c", ".", "$1", "q")`, `"a$1c"`},
	})
	checkCases(t, Camunda, []testCase{
		{`matches("a word", "\bword\b")`, `true`},
		{`matches("foobar", "foo(?=bar)")`, `true`},
		{`matches("foobar", "foo(?!bar)")`, `false`},
		{`replace("foobar", "(?<x>o)\1", "[$1]")`, `"f[o]bar"`},
		{`extract("a1b22", "\d+")`, `["1", "22"]`},
	})
}

func TestListFunctions(t *testing.T) {
	checkCases(t, DMN, []testCase{
		{`list contains([1, null], null)`, `true`},
		{`list contains(null, 1)`, `null`},
		{`count(null)`, `null`},
		{`count(5)`, `1`},
		{`min([])`, `null`},
		{`min("a", "b")`, `"a"`},
		{`max(1, "b")`, `null`},
		{`max(@"2020-01-01", @"2021-01-01")`, `@"2021-01-01"`},
		{`min([true])`, `null`},
		{`sum([])`, `null`},
		{`sum(1, null)`, `null`},
		{`sum([@"P1D", @"P2D"])`, `@"P3D"`},
		{`mean([@"P1D", @"P2D"])`, `@"PT36H"`},
		{`all()`, `null`},
		{`all([])`, `true`},
		{`any([])`, `false`},
		{`all([null, false])`, `false`},
		{`sublist([1, 2, 3], 2)`, `[2, 3]`},
		{`sublist([1, 2, 3], -2, 1)`, `[2]`},
		{`sublist([1, 2, 3], 2, 5)`, `null`},
		{`sublist([1, 2, 3], 0)`, `null`},
		{`append(1, 2)`, `[1, 2]`},
		{`append([1], null)`, `[1, null]`},
		{`append(null, 1)`, `null`},
		{`concatenate([1], 2, [3])`, `[1, 2, 3]`},
		{`concatenate([1], null)`, `null`},
		{`insert before([1, 2], -1, 9)`, `[1, 9, 2]`},
		{`insert before([1, 2], 3, 9)`, `null`},
		{`remove([1, 2], -1)`, `[1]`},
		{`remove([1, 2], 3)`, `null`},
		{`index of([1, null, 1], null)`, `[2]`},
		{`union([1, 2], [2, 3], [1])`, `[1, 2, 3]`},
		{`distinct values(["a", "b", "a", null, null, 1, 1.0])`, `["a", "b", null, 1]`},
		{`flatten([[1, [2]], [[[3]]], []])`, `[1, 2, 3]`},
		{`median([1, 2])`, `1.5`},
		{`mode([])`, `[]`},
		{`stddev([1])`, `null`},
		{`sort([3, 1, 2], function(x) x)`, `null`},
		{`sort([3, 1, 2], function(x, y) "no")`, `null`},
		{`sort([{k: 1, v: "b"}, {k: 1, v: "a"}, {k: 0, v: "c"}], function(x, y) x.k < y.k).v`, `["c", "b", "a"]`},
		{`list replace([1, 2], 1, null)`, `[null, 2]`},
		{`context put({a: 1}, ["b", "c"], 2)`, `null`},
		{`get value({a: 1}, "b")`, `null`},
		{`context merge([{a: 1}, {b: 2}])`, `{a: 1, b: 2}`},
	})
}

// TestRanges walks table 78 of the standard.
func TestRanges(t *testing.T) {
	for _, line := range strings.Split(strings.TrimSpace(`
before(1, 10) = true; before(10, 1) = false; before(1, [1..10]) = false; before(1, (1..10]) = true; before(1, [5..10]) = true
before([1..10], 10) = false; before([1..10), 10) = true; before([1..10], 15) = true; before([1..10], [15..20]) = true
before([1..10], [10..20]) = false; before([1..10), [10..20]) = true; before([1..10], (10..20]) = true
after(10, 5) = true; after(5, 10) = false; after(12, [1..10]) = true; after(10, [1..10)) = true; after(10, [1..10]) = false
after([11..20], 12) = false; after([11..20], 10) = true; after((11..20], 11) = true; after([11..20], 11) = false
after([11..20], [1..10]) = true; after([1..10], [11..20]) = false; after([11..20], [1..11)) = true; after((11..20], [1..11]) = true
meets([1..5], [5..10]) = true; meets([1..5), [5..10]) = false; meets([1..5], (5..10]) = false; meets([1..5], [6..10]) = false
met by([5..10], [1..5]) = true; met by([5..10], [1..5)) = false; met by((5..10], [1..5]) = false; met by([6..10], [1..5]) = false
overlaps([1..5], [3..8]) = true; overlaps([3..8], [1..5]) = true; overlaps([1..8], [3..5]) = true; overlaps([3..5], [1..8]) = true
overlaps([1..5], [6..8]) = false; overlaps([6..8], [1..5]) = false; overlaps([1..5], [5..8]) = true; overlaps([1..5], (5..8]) = false
overlaps([1..5), [5..8]) = false; overlaps([1..5), (5..8]) = false; overlaps([5..8], [1..5]) = true; overlaps((5..8], [1..5]) = false
overlaps before([1..5], [3..8]) = true; overlaps before([1..5], [6..8]) = false; overlaps before([1..5], [5..8]) = true
overlaps before([1..5], (5..8]) = false; overlaps before([1..5), [5..8]) = false; overlaps before([1..5), (1..5]) = true
overlaps before([1..5], (1..5]) = true; overlaps before([1..5), [1..5]) = false; overlaps before([1..5], [1..5]) = false
overlaps after([3..8], [1..5]) = true; overlaps after([6..8], [1..5]) = false; overlaps after([5..8], [1..5]) = true
overlaps after((5..8], [1..5]) = false; overlaps after([5..8], [1..5)) = false; overlaps after((1..5], [1..5)) = true
overlaps after((1..5], [1..5]) = true; overlaps after([1..5], [1..5)) = false; overlaps after([1..5], [1..5]) = false
overlaps after((1..5), [1..5]) = false; overlaps after((1..5], [1..6]) = false; overlaps after((1..5], (1..5]) = false
finishes(10, [1..10]) = true; finishes(10, [1..10)) = false; finishes([5..10], [1..10]) = true; finishes([5..10), [1..10]) = false
finishes([5..10), [1..10)) = true; finishes([1..10], [1..10]) = true; finishes((1..10], [1..10]) = true
finished by([1..10], 10) = true; finished by([1..10), 10) = false; finished by([1..10], [5..10]) = true; finished by([1..10], (1..10]) = true
includes([1..10], 5) = true; includes([1..10], 12) = false; includes([1..10], 1) = true; includes([1..10], 10) = true; includes((1..10], 1) = false
includes([1..10), 10) = false; includes([1..10], [4..6]) = true; includes([1..10], [1..5]) = true; includes((1..10], (1..5]) = true
includes([1..10], (1..10)) = true; includes([1..10), [5..10)) = true; includes([1..10], [1..10)) = true; includes([1..10], [1..10]) = true
during(5, [1..10]) = true; during(12, [1..10]) = false; during(1, (1..10]) = false; during([4..6], [1..10]) = true; during((1..10), [1..10]) = true
starts(1, [1..10]) = true; starts(1, (1..10]) = false; starts(2, [1..10]) = false; starts([1..5], [1..10]) = true; starts((1..5], [1..10]) = false
starts((1..5], (1..10]) = true; starts([1..10], [1..10]) = true; starts([1..10), [1..10]) = true; starts((1..10), (1..10)) = true
started by([1..10], 1) = true; started by((1..10], 1) = false; started by([1..10], [1..5]) = true; started by([1..10], [1..10)) = true
coincides(5, 5) = true; coincides(3, 4) = false; coincides([1..5], [1..5]) = true; coincides((1..5), [1..5]) = false; coincides([1..5], [2..6]) = false
before(1, "a") = null; before("a", [1..2]) = null; before((<5), 6) = true; overlaps((<5), (>3)) = true; includes((>=1), [2..9]) = true
before(@"2020-01-01", [@"2020-01-02"..@"2020-01-03"]) = true; during(@"P2D", [@"P1D"..@"P3D"]) = true; coincides(1, [1..1]) = null
`), "\n") {
		for _, c := range strings.Split(line, "; ") {
			text, want, _ := strings.Cut(c, " = ")
			if got := run(t, text, CompileOptions{}, testContext()); got.String() != want {
				t.Errorf("%s = %s, expected %s", text, got, want)
			}
		}
	}
}

func ExampleBuiltins() {
	b := Builtins()[0]
	fmt.Println(b.Usage, "—", b.Doc)
	// Output: date(from) or date(year, month, day) — The date of a text, of a date and time, or of year, month and day.
}
