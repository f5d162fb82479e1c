package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// run runs a command line and returns its exit code and what it wrote.
func run(t *testing.T, args ...string) (code int, out, errOut string) {
	t.Helper()
	var o, e bytes.Buffer
	code = Run(t.Context(), args, strings.NewReader(""), &o, &e)
	return code, o.String(), e.String()
}

func TestFEEL(t *testing.T) {
	for name, tt := range map[string]struct {
		args []string
		code int
		out  string // exactly
		err  string // a part
	}{
		"condition":         {args: []string{`amount > 100 and status = "open"`, "--vars", `{"amount": 150, "status": "open"}`}, out: "true\n"},
		"exact":             {args: []string{`0.1 + 0.2`}, out: "0.3\n"},
		"name with a sign":  {args: []string{`loan-to-value * 2`, "--vars", `{"loan-to-value": 3}`}, out: "6\n"},
		"date":              {args: []string{`date("2024-02-28") + duration("P2D")`}, out: "\"2024-03-01\"\n"},
		"now":               {args: []string{`today()`, "--now", "2026-03-01T23:30:00Z", "--zone", "Europe/Berlin"}, out: "\"2026-03-02\"\n"},
		"unary":             {args: []string{`[1..10], > 20`, "--unary", "--input", "25"}, out: "true\n"},
		"unary, no match":   {args: []string{`[1..10], > 20`, "--unary", "--input", "15"}, out: "false\n"},
		"camunda function":  {args: []string{`is defined(x)`, "--dialect", "camunda"}, out: "false\n", err: "NO_VARIABLE_FOUND"},
		"not in strict DMN": {args: []string{`to base64("x")`}, out: "null\n", err: "to base64"},
		"warning":           {args: []string{`x + 1`}, out: "null\n", err: "NO_VARIABLE_FOUND"},
		"syntax":            {args: []string{`1 +`}, code: exitUsage, err: "line 1, column 4"},
		"limit":             {args: []string{`for i in 1..100000000 return i`}, code: exitFailed, err: "FEEL_LIMIT_LIST"},
		"a function":        {args: []string{`function(x) x`}, code: exitUsage, err: "call it"},
		"dialect":           {args: []string{`1`, "--dialect", "juel"}, code: exitUsage, err: "expected dmn or camunda"},
		"vars":              {args: []string{`1`, "--vars", `[1]`}, code: exitUsage, err: "--vars"},
		"input":             {args: []string{`1`, "--unary", "--input", `{`}, code: exitUsage, err: "--input"},
		"input, not unary":  {args: []string{`?`, "--input", `1`}, code: exitUsage, err: "--unary"},
		"zone":              {args: []string{`1`, "--zone", "Nowhere"}, code: exitUsage, err: "--zone"},
		"now, unreadable":   {args: []string{`1`, "--now", "noon"}, code: exitUsage, err: "--now"},
		"no expression":     {code: exitUsage, err: "accepts 1 arg"},
		"random, from seed": {args: []string{`random number() = random number()`, "--dialect", "camunda", "--seed", "7"}, out: "false\n"},
	} {
		t.Run(name, func(t *testing.T) {
			code, out, errOut := run(t, append([]string{"feel"}, tt.args...)...)
			if code != tt.code || out != tt.out || !strings.Contains(errOut, tt.err) {
				t.Errorf("expected exit %d, output %q and an error with %q, but got %d, %q, %q", tt.code, tt.out, tt.err, code, out, errOut)
			}
			if tt.err == "" && errOut != "" {
				t.Errorf("expected nothing on standard error, but got %q", errOut)
			}
		})
	}
}

func TestFEELJSON(t *testing.T) {
	code, out, _ := run(t, "--json", "feel", `{a: 1.50, b: [null, x]}`)
	var got feelOutput
	if err := json.Unmarshal([]byte(out), &got); code != exitOK || err != nil {
		t.Fatalf("exit %d, %v: %s", code, err, out)
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, got.Result); err != nil {
		t.Fatal(err)
	}
	if compact.String() != `{"a":1.5,"b":[null,null]}` || got.Type != "context" || len(got.Warnings) != 1 {
		t.Errorf("unexpected output %s", out)
	}
}

const example = "../../examples/discount.dmn"

func TestDMNEval(t *testing.T) {
	dir := t.TempDir()
	broken := filepath.Join(dir, "broken.dmn")
	data, err := os.ReadFile(example)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(broken, bytes.Replace(data, []byte("&gt;= 1000"), []byte("&gt;= ("), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	undeclared := filepath.Join(dir, "undeclared.dmn")
	text := `<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="g" name="g" namespace="urn:x"><decision id="d" name="d"><literalExpression><text>amount + 1</text></literalExpression></decision></definitions>`
	if err := os.WriteFile(undeclared, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		args []string
		code int
		out  string
		err  []string
	}{
		"by id":                                {args: []string{example, "--decision", "discount", "--vars", `{"amount": 1200, "customer": "gold"}`}, out: "0.15\n"},
		"the only one":                         {args: []string{example, "--vars", `{"amount": 12, "customer": "new"}`}, out: "0\n"},
		"not required":                         {args: []string{undeclared, "--vars", `{"amount": 2}`}, out: "3\n"},
		"not required, as the standard has it": {args: []string{undeclared, "--dialect", "dmn", "--vars", `{"amount": 2}`}, out: "null\n"},
		"unknown":                              {args: []string{example, "--decision", "x"}, code: exitUsage, err: []string{"it has: discount"}},
		"no file":                              {args: []string{filepath.Join(dir, "none.dmn")}, code: exitUsage, err: []string{"none.dmn"}},
		"faulty":                               {args: []string{broken}, code: exitUsage, err: []string{broken + ":", "inputEntry", "[dmn.", "cannot be evaluated"}},
		"dialect":                              {args: []string{example, "--dialect", "x"}, code: exitUsage, err: []string{"auto, dmn or camunda"}},
		"import, no model":                     {args: []string{example, "--import", os.DevNull}, code: exitUsage, err: []string{"--import"}},
	} {
		t.Run(name, func(t *testing.T) {
			code, out, errOut := run(t, append([]string{"dmn", "eval"}, tt.args...)...)
			if code != tt.code || out != tt.out {
				t.Errorf("expected exit %d and %q, but got %d, %q, %q", tt.code, tt.out, code, out, errOut)
			}
			for _, part := range tt.err {
				if !strings.Contains(errOut, part) {
					t.Errorf("expected %q in %q", part, errOut)
				}
			}
		})
	}
}

func TestDMNEvalTrace(t *testing.T) {
	code, out, errOut := run(t, "dmn", "eval", example, "--trace", "--vars", `{"amount": 10, "customer": "gold"}`)
	var got struct {
		Result json.Number
		Trace  struct {
			Decisions []struct {
				ID     string
				Tables []struct{ Rules []struct{ ID string } }
			}
		}
	}
	if err := json.Unmarshal([]byte(out), &got); code != exitOK || err != nil {
		t.Fatalf("exit %d, %v: %s%s", code, err, out, errOut)
	}
	d := got.Trace.Decisions
	if got.Result != "0.1" || len(d) != 1 || len(d[0].Tables) != 1 || len(d[0].Tables[0].Rules) != 1 || d[0].Tables[0].Rules[0].ID != "gold" {
		t.Errorf("unexpected trace %s", out)
	}
}

// imported is a model whose decision is used by another one.
const imported = `<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="base" name="base" namespace="urn:base">
  <decision id="rate" name="rate"><variable name="rate" typeRef="number"/><literalExpression><text>0.25</text></literalExpression></decision>
</definitions>`

const importing = `<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="main" name="main" namespace="urn:main">
  <import name="base" namespace="urn:base" locationURI="base.dmn" importType="https://www.omg.org/spec/DMN/20191111/MODEL/"/>
  <decision id="price" name="price"><variable name="price" typeRef="number"/>
    <informationRequirement><requiredDecision href="urn:base#rate"/></informationRequirement>
    <literalExpression><text>100 * base.rate</text></literalExpression></decision>
</definitions>`

func TestDMNEvalImports(t *testing.T) {
	dir, other := t.TempDir(), t.TempDir()
	for name, text := range map[string]string{filepath.Join(dir, "main.dmn"): importing, filepath.Join(dir, "base.dmn"): imported, filepath.Join(other, "main.dmn"): importing} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if code, out, errOut := run(t, "dmn", "eval", filepath.Join(dir, "main.dmn"), "--decision", "price"); code != exitOK || out != "25\n" {
		t.Errorf("located beside the file: exit %d, %q, %q", code, out, errOut)
	}
	if code, out, errOut := run(t, "dmn", "eval", filepath.Join(other, "main.dmn"), "--decision", "price", "--import", filepath.Join(dir, "base.dmn")); code != exitOK || out != "25\n" {
		t.Errorf("named: exit %d, %q, %q", code, out, errOut)
	}
	if code, _, errOut := run(t, "dmn", "eval", filepath.Join(other, "main.dmn"), "--decision", "price"); code != exitUsage || !strings.Contains(errOut, "urn:base") {
		t.Errorf("not there: exit %d, %q", code, errOut)
	}
}

// TestDMNEvalJUEL evaluates a table of Camunda 7, whose input expressions may be
// JUEL.
func TestDMNEvalJUEL(t *testing.T) {
	file := filepath.Join(t.TempDir(), "juel.dmn")
	text := `<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="m" name="m" namespace="urn:juel">
  <decision id="d" name="d"><decisionTable id="t">
    <input id="i"><inputExpression id="e" typeRef="number" expressionLanguage="juel"><text>${order.total * 2}</text></inputExpression></input>
    <output id="o" name="size" typeRef="string"/>
    <rule id="r"><inputEntry><text>&gt; 10</text></inputEntry><outputEntry><text>"large"</text></outputEntry></rule>
  </decisionTable></decision></definitions>`
	for _, language := range []string{"juel", "JUEL", "uel"} {
		text := strings.Replace(text, `"juel"`, `"`+language+`"`, 1)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if code, out, errOut := run(t, "dmn", "eval", file, "--dialect", "camunda", "--vars", `{"order": {"total": 6}}`); code != exitOK || out != "\"large\"\n" {
			t.Errorf("%s: exit %d, %q, %q", language, code, out, errOut)
		}
	}
	groovy := strings.Replace(text, `"juel"`, `"groovy"`, 1)
	if err := os.WriteFile(file, []byte(groovy), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, errOut := run(t, "dmn", "eval", file, "--dialect", "camunda"); code != exitUsage || !strings.Contains(errOut, "groovy") {
		t.Errorf("exit %d, %q", code, errOut)
	}
}
