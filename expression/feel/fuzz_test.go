package feel

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// seeds adds expressions of every construct to a corpus, those of the table of
// built-in functions among them.
func seeds(f *testing.F) {
	f.Helper()
	for _, s := range []string{
		``, `-`, `1 + 2 * -3 ** 2`, `"a\u0041\n" + s`, `[1, 2][item > 1]`, `{a: 1, "b c": a}.a`, `for i in 1..3, j in list return i * j`,
		`some x in list satisfies x > 2`, `if t then 1 else 2`, `x between 1 and 10`, `x in (< 5, [6..7), ]8..9[)`, `x in [1..10[`,
		`(function(a: number, b) a + b)(b: 1, a: 2)`, `x instance of list<context<a: number>>`, `@"2020-01-01T10:00:00@Europe/Paris" - @"P1D"`,
		`date and time("2020-01-01") . year`, `not(1, [2..3])`, `? > 5 and ? < 9`, `person.first name`, "`a b` + 1", `/* c */ 1 // d`,
		`function(a) external {}`, `(((((1)))))`, `a.b.c[d][1](e)`, `1e3 + .5`, `[1..`, `{a:`, `x in (x in (x in (1)))`, `(!=1)`, `]1..2[`,
		`{f: function(n) if n = 0 then 1 else n * f(n - 1)}.f(3)`, `for i in 1..9999999 return i`, `9999999999999 ** 9999999`,
		`matches("aaaaaaaaaaaaaaaaaaaaaaaa!", "^(a+)+$")`, `matches("aaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "^(a|a\1?)+$")`,
	} {
		f.Add(s)
	}
	for _, b := range Builtins() {
		f.Add(b.Example)
	}
}

// FuzzParse: no text makes the compiler panic, and an error has a place.
func FuzzParse(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, text string) {
		for _, d := range []Dialect{DMN, Camunda} {
			for _, compile := range []func(string, CompileOptions) (*Expression, error){Compile, CompileUnaryTests} {
				_, err := compile(text, CompileOptions{Dialect: d, Names: []Name{{Name: "first name"}, {Name: "a-b"}}})
				var e *Error
				if err != nil && (!errors.As(err, &e) || e.Line < 1 || e.Column < 1 || e.Code == CodeInternal) {
					t.Fatalf("%v", err)
				}
			}
		}
	})
}

// FuzzEval: whatever compiles ends within its limits, twice with the same value,
// and its text and JSON can be written.
func FuzzEval(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, text string) {
		for _, d := range []Dialect{DMN, Camunda} {
			for _, compile := range []func(string, CompileOptions) (*Expression, error){Compile, CompileUnaryTests} {
				e, err := compile(text, CompileOptions{Dialect: d})
				if err != nil {
					continue
				}
				first, err1 := fuzzEval(t, e)
				again, err2 := fuzzEval(t, e)
				if (err1 == nil) != (err2 == nil) || first != again {
					t.Fatalf("not deterministic: %s and %s (%v, %v)", first, again, err1, err2)
				}
			}
		}
	})
}

func fuzzEval(t *testing.T, e *Expression) (string, error) {
	t.Helper()
	c := testContext()
	c.Input = Int(5)
	c.Limits = Limits{Steps: 20000, Depth: 50, ListSize: 2000, StringSize: 1 << 14, Regex: 20 * time.Millisecond}
	v, err := e.Eval(c)
	var ferr *Error
	if err != nil && (!errors.As(err, &ferr) || ferr.Code == CodeInternal) {
		t.Fatalf("%s: %v", e, err)
	}
	if ferr != nil && ferr.Code == CodeRegexTime {
		t.Skip("time is not deterministic")
	}
	_ = v.JSON()
	_ = v.ToAny()
	return v.String(), err
}

// TestCorpusIsKept: the seeds that fuzzing found are there and run by go test.
func TestCorpusIsKept(t *testing.T) {
	for _, name := range []string{"FuzzParse", "FuzzEval"} {
		files, err := filepath.Glob(filepath.Join("testdata", "fuzz", name, "*"))
		if err != nil || len(files) == 0 {
			t.Errorf("%s has no kept corpus: %v", name, err)
		}
		for _, file := range files {
			b, err := os.ReadFile(file)
			if err != nil || !strings.HasPrefix(string(b), "go test fuzz v1") {
				t.Errorf("%s: %v", file, err)
			}
		}
	}
}
