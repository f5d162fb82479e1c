package feel

import (
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestAttacks: expressions that want too much end with a coded error, soon and
// without much memory.
func TestAttacks(t *testing.T) {
	deep := strings.Repeat("[", 150) + strings.Repeat("]", 150)
	for _, tc := range []struct {
		name, text string
		code       Code // "" means that it may succeed, but has to end
	}{
		{"long loop", `for i in 1..1000000000000 return i`, CodeListSize},
		{"endless quantifier", `every i in 1..1000000000000 satisfies true`, CodeSteps},
		{"nested loops", `every a in 1..1000, b in 1..1000, c in 1..1000 satisfies true`, CodeSteps},
		{"recursion", `{f: function(g, n) g(g, n + 1), r: f(f, 0)}.r`, CodeDepth},
		{"recursion twice", `{f: function(g, n) g(g, n + 1) + g(g, n + 1), r: f(f, 0)}.r`, CodeDepth},
		{"doubling string", `(for i in 1..100 return if i = 1 then "aaaaaaaaaa" else partial[-1] + partial[-1])[-1]`, CodeStringSize},
		{"string join", `string join(for i in 1..100000 return "0123456789012345678901234567890123456789")`, CodeStringSize},
		{"doubling list", `(for i in 1..100 return if i = 1 then [1] else concatenate(partial[-1], partial[-1]))[-1]`, CodeListSize},
		{"replace grows", `replace(string join(for i in 1..10000 return "a"), "a", string join(for i in 1..10000 return "b"))`, CodeStringSize},
		{"nested list", `string((for i in 1..5000 return if i = 1 then [1] else [partial[-1]])[-1])`, ""},
		{"nested list compared", `(for i in 1..5000 return if i = 1 then [1] else [partial[-1]])[-1] = 1`, ""},
		{"wide nested text", `string((for i in 1..40 return if i = 1 then [1, 1] else [partial[-1], partial[-1]])[-1])`, CodeStringSize},
		{"wide nested JSON", `to json((for i in 1..40 return if i = 1 then [1, 1] else [partial[-1], partial[-1]])[-1])`, CodeStringSize},
		{"wide nested equality", `{a: (for i in 1..40 return if i = 1 then [1, 1] else [partial[-1], partial[-1]])[-1], b: (for i in 1..40 return if i = 1 then [1, 1] else [partial[-1], partial[-1]])[-1], r: a = b}.r`, CodeSteps},
		{"wide nested flatten", `flatten((for i in 1..40 return if i = 1 then [1, 1] else [partial[-1], partial[-1]])[-1])`, CodeListSize},
		{"wide nested instance of", `(for i in 1..40 return if i = 1 then [1, 1] else [partial[-1], partial[-1]])[-1] instance of list<list<list<list<list<Any>>>>>`, ""},
		{"wide nested path", `(for i in 1..40 return if i = 1 then [1, 1] else [partial[-1], partial[-1]])[-1].a`, CodeSteps},
		{"catastrophic pattern", `matches("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "^(a+)+$")`, ""},
		{"catastrophic back-reference", `matches("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "^(a*)*(a*)*(a*)*\1\2\3b$")`, CodeRegexTime},
		{"large repeat", `matches("a", "((a{1000}){1000}){1000}")`, ""},
		{"huge power", `9.9 ** 99999999999`, ""},
		{"huge root", `2 ** 0.000000000000000000000001`, ""},
		{"huge modulo", `modulo(9e6000, 7e-6000)`, ""},
		{"huge exponent", `exp(19999)`, ""},
		{"huge factorials", `product(for i in 1..20000 return i)`, ""},
		{"distinct of many", `distinct values(for i in 1..100000 return i)`, CodeSteps},
		{"sort of many", `sort(for i in 1..150000 return -i, function(x, y) x < y)`, CodeSteps},
		{"deep literal", deep, ""},
		{"many years", `for d in @"-999999999-01-01"..@"999999999-01-01" return d`, CodeListSize},
		{"split of many", `split(string join(for i in 1..100000 return "abcdefgh"), "")`, CodeSteps},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := DMN
			if strings.Contains(tc.text, "to json") {
				d = Camunda
			}
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			start := time.Now()
			e, err := Compile(tc.text, CompileOptions{Dialect: d})
			if err != nil {
				t.Fatal(err)
			}
			_, err = e.Eval(testContext())
			took := time.Since(start)
			runtime.ReadMemStats(&after)
			var ferr *Error
			switch {
			case err == nil && tc.code == "":
			case !errors.As(err, &ferr) || ferr.Code == CodeInternal || (tc.code != "" && ferr.Code != tc.code):
				t.Errorf("got %v, expected %s", err, tc.code)
			}
			if took > 20*time.Second {
				t.Errorf("took %v", took)
			}
			if mb := (after.TotalAlloc - before.TotalAlloc) >> 20; mb > 600 {
				t.Errorf("allocated %d MiB", mb)
			}
			t.Logf("%v, %d KiB, %v", took, (after.TotalAlloc-before.TotalAlloc)>>10, err)
		})
	}
}

// TestParserAttacks: texts that are hard to parse do not take long.
func TestParserAttacks(t *testing.T) {
	for name, text := range map[string]string{
		"parentheses":       strings.Repeat("(", 100000),
		"brackets":          strings.Repeat("[", 100000),
		"in parentheses":    strings.Repeat("x in (", 50000),
		"nested in":         strings.Repeat("x in (", 150) + "1" + strings.Repeat(")", 150),
		"minus":             strings.Repeat("-", 100000) + "1",
		"functions":         strings.Repeat("function(a) ", 10000) + "1",
		"conditions":        strings.Repeat("if a then ", 10000),
		"long name":         strings.Repeat("a ", 100000),
		"long sum":          strings.Repeat("1 + ", 50000) + "1",
		"long and":          strings.Repeat("a and ", 30000) + "a",
		"long path":         "a" + strings.Repeat(".a", 100000),
		"many calls":        "f" + strings.Repeat("()", 100000),
		"many filters":      "a" + strings.Repeat("[1]", 50000),
		"many colons":       "f(" + strings.Repeat("a b c ", 30000) + ")",
		"types":             "1 instance of " + strings.Repeat("list<", 10000),
		"many keys":         "{" + strings.Repeat("a+b: 1, ", 10000) + "c: 1}",
		"comments":          strings.Repeat("/**/", 50000) + "1",
		"dots":              strings.Repeat(".", 100000),
		"ranges":            strings.Repeat("]1..", 30000),
		"long number":       strings.Repeat("9", 250000),
		"long decimal":      "0." + strings.Repeat("7", 250000),
		"long key":          "{" + strings.Repeat("a ", 100000) + ": 1}",
		"exponents":         strings.Repeat("2 ** ", 20000) + "2",
		"instance of chain": "1" + strings.Repeat(" instance of number", 10000),
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			e, err := Compile(text, CompileOptions{})
			if err == nil {
				_, err = e.Eval(testContext())
			}
			var ferr *Error
			if err != nil && (!errors.As(err, &ferr) || ferr.Code == CodeInternal) {
				t.Error(err)
			}
			if took := time.Since(start); took > 20*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}
