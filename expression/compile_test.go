package expression_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/weir-bpm/weir/expression"
	"github.com/weir-bpm/weir/variables"
)

func env(t *testing.T, vars string) *expression.Env {
	t.Helper()
	doc, err := variables.DocumentFromJSON([]byte(vars))
	if err != nil {
		t.Fatal(err)
	}
	return &expression.Env{
		Lookup:    func(name string) (any, bool) { v, ok := doc[name]; return v, ok },
		Visible:   func() map[string]any { return doc },
		Now:       time.Date(2026, 3, 1, 9, 30, 0, 0, time.UTC),
		Seed:      7,
		Execution: expression.Execution{InstanceID: "i1", BusinessKey: "b1", ProcessID: "p", ElementID: "t", ElementName: "Task"},
	}
}

// Goal: each language is wired, values cross exactly, and what an expression
// reads is known.
func TestLanguages(t *testing.T) {
	const vars = `{"order": {"id": 17, "amount": 12345678901234567890.5, "tags": ["a", "b"]}, "n": 2}`
	tests := []struct {
		lang  expression.Language
		text  string
		want  string
		reads string
	}{
		{expression.FEEL, ` order.id > 16 and "a" in order.tags`, "true", "order"},
		{expression.FEEL, `order.amount`, "12345678901234567890.5", "order"},
		{expression.FEEL, `{total: n * 1.5}`, `{"total":3}`, "n"},
		{expression.FEEL, `missing`, "null", "missing"},
		{expression.FEEL, `string(now())`, `"2026-03-01T09:30:00Z"`, ""},
		{expression.FEEL, `cycle(3, duration("PT1H"))`, `"R3/PT1H"`, ""},
		{expression.FEEL, `cycle(duration("P1D"))`, `"R/P1D"`, ""},
		{expression.FEEL, `cycle(interval: duration("P1M"), repetitions: n)`, `"R2/P1M"`, "n"},
		{expression.FEEL, `cycle(1.5, duration("P1D"))`, `null`, ""},
		{expression.FEEL, `cycle("x")`, `null`, ""},
		{expression.JUEL, `${order.id > 16}`, "true", "order"},
		{expression.JUEL, `order-${order.id}`, `"order-17"`, "order"},
		{expression.JUEL, `${order.amount}`, "12345678901234567890.5", "order"},
		{expression.JUEL, `n + 1`, "3", "n"},
		{expression.JUEL, `#{execution.processBusinessKey}`, `"b1"`, ""},
		{expression.JavaScript, `n + 1`, "3", "n"},
		{expression.JavaScript, `order.tags.join("-")`, `"a-b"`, "order"},
		{expression.Groovy, `def x = n * 2; x`, "4", "n"},
	}
	for _, tt := range tests {
		t.Run(string(tt.lang)+" "+tt.text, func(t *testing.T) {
			p, err := expression.Compile(tt.lang, tt.text)
			if err != nil {
				t.Fatal(err)
			}
			for range 2 {
				v, err := p.Eval(env(t, vars))
				if err != nil {
					t.Fatal(err)
				}
				got, err := variables.ToJSON(v)
				if err != nil {
					t.Fatalf("%#v is no variable value: %v", v, err)
				}
				if string(got) != tt.want {
					t.Errorf("got %s, expected %s", got, tt.want)
				}
			}
			if got := strings.Join(p.Variables(), ","); got != tt.reads {
				t.Errorf("reads %q, expected %q", got, tt.reads)
			}
			if !slices.IsSorted(p.Variables()) {
				t.Error("the names are not in order")
			}
		})
	}
}

func TestCompileErrors(t *testing.T) {
	tests := []struct {
		lang   expression.Language
		text   string
		code   string
		offset int
	}{
		{expression.FEEL, "1 +", expression.CodeSyntax, 3},
		{expression.FEEL, "1 +\n  * 2", expression.CodeSyntax, 6},
		{expression.JUEL, "${1 +}", expression.CodeSyntax, 5},
		{expression.JavaScript, "if (", expression.CodeSyntax, 4},
		{"python", "1", expression.CodeLanguage, -1},
		{expression.JUEL, "${mailer.send(order)}", expression.CodeNeedsJava, 9},
		{expression.JUEL, "${shout('a')}", "juel.unknown-function", 2},
		{expression.FEEL, "x instance of frob", "FEEL_UNKNOWN_TYPE", 14},
	}
	for _, tt := range tests {
		_, err := expression.Compile(tt.lang, tt.text)
		var e *expression.Error
		if !errors.As(err, &e) {
			t.Errorf("%s %q: %v", tt.lang, tt.text, err)
			continue
		}
		if e.Code != tt.code || e.Offset != tt.offset || e.Language != tt.lang || e.Message == "" {
			t.Errorf("%s %q: %+v, expected %s at %d", tt.lang, tt.text, *e, tt.code, tt.offset)
		}
	}
}

// A message holds only the beginning of a long text.
func TestErrorIsShort(t *testing.T) {
	_, err := expression.Compile(expression.FEEL, strings.Repeat("(", 300_000))
	if err == nil || len(err.Error()) > 1000 {
		t.Errorf("%.2000v", err)
	}
}

// A failed evaluation has the code of its language.
func TestEvalErrors(t *testing.T) {
	for text, lang := range map[string]expression.Language{
		`${missing}`:              expression.JUEL,
		`throw "x"`:               expression.JavaScript,
		`assert(false, "x", "y")`: expression.FEEL,
	} {
		p, err := expression.Compile(lang, text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		_, err = p.Eval(env(t, `{}`))
		var e *expression.Error
		if !errors.As(err, &e) || e.Code == "" || e.Err == nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// What a script sets goes out through Write, and is refused without it.
func TestScriptWrites(t *testing.T) {
	p, err := expression.Compile(expression.JavaScript, `execution.setVariable("b", n + 1); execution.setVariable("a", "x")`)
	if err != nil {
		t.Fatal(err)
	}
	e := env(t, `{"n": 1}`)
	_, err = p.Eval(e)
	var ee *expression.Error
	if !errors.As(err, &ee) || ee.Code != expression.CodeReadOnly {
		t.Errorf("without Write: %v", err)
	}
	var wrote []string
	e.Write = func(name string, _ any) { wrote = append(wrote, name) }
	if _, err := p.Eval(e); err != nil || !slices.Equal(wrote, []string{"a", "b"}) {
		t.Errorf("wrote %v, %v", wrote, err)
	}
}

// A script may write to its own scope, throw BPMN errors and use up its budget,
// and a JUEL expression that may write does.
func TestScriptEffects(t *testing.T) {
	compile := func(lang expression.Language, text string, opts ...expression.Option) expression.Program {
		t.Helper()
		p, err := expression.Compile(lang, text, opts...)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	e := env(t, `{"n": 1}`)
	wrote := map[string]any{}
	e.Write = func(name string, v any) { wrote[name] = v }
	if _, err := compile(expression.JavaScript, `execution.setVariableLocal("a", 1)`).Eval(e); err == nil {
		t.Error("expected a local variable to be refused without WriteLocal")
	}
	e.WriteLocal = func(name string, v any) { wrote["local "+name] = v }
	if _, err := compile(expression.JavaScript, `execution.setVariableLocal("a", n)`).Eval(e); err != nil || wrote["local a"] != int64(1) {
		t.Errorf("wrote %v, %v", wrote, err)
	}
	if e.Steps == 0 {
		t.Error("expected steps to be counted")
	}
	var ee *expression.Error
	_, err := compile(expression.JavaScript, `throw new BpmnError("E1", "no")`).Eval(e)
	if !errors.As(err, &ee) || ee.Thrown == nil || ee.Thrown.Code != "E1" || ee.Thrown.Message != "no" {
		t.Errorf("expected a BPMN error, but got %+v", err)
	}
	if _, err := compile(expression.JavaScript, `n`, expression.NoVariables()).Eval(e); err == nil {
		t.Error("expected no variable by its bare name")
	}
	if v, err := compile(expression.JavaScript, `execution.getVariable("n")`, expression.NoVariables()).Eval(e); err != nil || v != int64(1) {
		t.Errorf("%v, %v", v, err)
	}
	if _, err := compile(expression.JUEL, `${execution.setVariable("j", n)}`, expression.Writes()).Eval(e); err != nil || wrote["j"] != int64(1) {
		t.Errorf("wrote %v, %v", wrote, err)
	}
	if _, err := expression.Compile(expression.JUEL, `${execution.setVariable("j", n)}`); err == nil {
		t.Error("expected writes to be refused where they were not asked for")
	}
}

// Why a FEEL expression is null is told.
func TestWarnings(t *testing.T) {
	p, err := expression.Compile(expression.FEEL, `a.b + 1`)
	if err != nil {
		t.Fatal(err)
	}
	e := env(t, `{}`)
	var got []string
	e.Warn = func(m string) { got = append(got, m) }
	if v, err := p.Eval(e); v != nil || err != nil || len(got) == 0 {
		t.Errorf("%v, %v, warnings %v", v, err, got)
	}
}

func TestSeedsRepeat(t *testing.T) {
	for text, lang := range map[string]expression.Language{`random number()`: expression.FEEL, `Math.random()`: expression.JavaScript} {
		p, err := expression.Compile(lang, text)
		if err != nil {
			t.Fatal(err)
		}
		a, err1 := p.Eval(env(t, `{}`))
		b, err2 := p.Eval(env(t, `{}`))
		if err1 != nil || err2 != nil || a == nil || !variables.Equal(a, b) {
			t.Errorf("%s: %v, %v, %v, %v", text, a, b, err1, err2)
		}
	}
}

func BenchmarkFEELCondition(b *testing.B) {
	p, err := expression.Compile(expression.FEEL, `amount > 100 and status = "open"`)
	if err != nil {
		b.Fatal(err)
	}
	vars := map[string]any{"amount": int64(500), "status": "open"}
	e := &expression.Env{Lookup: func(name string) (any, bool) { v, ok := vars[name]; return v, ok }}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := p.Eval(e); err != nil {
			b.Fatal(err)
		}
	}
}
