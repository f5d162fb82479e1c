package script

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestFormats(t *testing.T) {
	names := make(map[string]bool)
	for _, f := range Formats() {
		if names[f.Name] || f.Name != strings.ToLower(f.Name) || f.Note == "" {
			t.Errorf("%+v is doubled or incomplete", f)
		}
		names[f.Name] = true
		for _, name := range []string{f.Name, strings.ToUpper(f.Name), " " + f.Name + " "} {
			p, err := Compile(name, "1 + 1", Options{Engines: map[string]Compiler{"feel": fakeCompiler{}, "juel": fakeCompiler{}}})
			if f.Support == Refused {
				if !errors.Is(err, &Error{Code: CodeFormat}) || p != nil {
					t.Errorf("%s: expected %s, but %v", name, CodeFormat, err)
				}
				continue
			}
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			want := any(int64(2))
			if f.Support == Engine {
				want = "fake: 1 + 1"
			}
			if v, _, err := p.Eval(&EvalContext{}); err != nil || v != want {
				t.Errorf("%s: expected %v, but %v, %v", name, want, v, err)
			}
		}
	}
	for _, name := range []string{"", "cobol", "java script"} {
		if _, err := Compile(name, "1", Options{}); !errors.Is(err, &Error{Code: CodeFormat}) {
			t.Errorf("%q: expected %s, but %v", name, CodeFormat, err)
		}
	}
	if _, err := Compile("feel", "1", Options{}); !errors.Is(err, &Error{Code: CodeEngine}) {
		t.Errorf("expected %s, but %v", CodeEngine, err)
	}
	if _, err := Compile("feel", "bad", Options{Engines: map[string]Compiler{"feel": fakeCompiler{}}}); !errors.Is(err, &Error{Code: CodeSyntax}) {
		t.Errorf("expected %s, but %v", CodeSyntax, err)
	}
}

// fakeCompiler stands for the engines of FEEL and JUEL.
type fakeCompiler struct{}

type fakeScript string

func (fakeCompiler) CompileScript(source string) (Evaluator, error) {
	if source == "bad" {
		return nil, errors.New("not a script")
	}
	return fakeScript(source), nil
}

func (s fakeScript) EvalScript(*EvalContext) (any, map[string]any, error) {
	return "fake: " + string(s), nil, nil
}

// TestResult: the completion value of the standard, statement by statement.
func TestResult(t *testing.T) {
	for source, want := range map[string]any{
		"":                                    nil,
		"1; 2":                                int64(2),
		"'only text'":                         "only text",
		"'use strict'; 5":                     int64(5),
		"var x = 5":                           nil,
		"1; var x = 5":                        int64(1),
		"x = 5":                               int64(5),
		"if (true) { 1 } else { 2 }":          int64(1),
		"for (var i = 0; i < 3; i++) i":       int64(2),
		"var i = 0; while (i < 3) { i++; i }": int64(3),
		"try { 1 } finally { 2 }":             int64(1),
		"try { nope } catch (e) { 3 }":        int64(3),
		"switch (2) { case 1: 'a'; break; case 2: 'b' }": "b",
		"function f() { 5 } f()":                         nil,
		"({ a: 1 })":                                     map[string]any{"a": int64(1)},
		"a: { 1; break a }":                              int64(1),
	} {
		if got, _, _, err := run(t, "js", source, nil); err != nil || !same(want, got) {
			t.Errorf("%q: expected %v, but %v, %v", source, want, got, err)
		}
	}
}

func TestAutoStore(t *testing.T) {
	vars := Map{"a": int64(1), "list": []any{int64(1)}}
	for _, c := range []struct {
		format, source string
		want           map[string]any
	}{
		{
			"js", "a = 2; b = 'x'; var c = [1]; let d = 1; const e = 2; function f() {} var g; list.length; h = () => 1; 0",
			map[string]any{"a": int64(2), "b": "x", "c": []any{int64(1)}},
		},
		{"js", "a = 1; list", nil},
		{"js", "for (var i = 0; i < 2; i++); (function() { var inner = 1; outer = 2 })()", map[string]any{"i": int64(2), "outer": int64(2)}},
		{"js", "var a; var list = list || []; var n = n || 5; var Date = Date; var a = a + 1", map[string]any{"a": int64(2), "n": int64(5)}},
		{"js", "this.t = 1; execution.setVariable('a', 5)", map[string]any{"t": int64(1), "a": int64(5)}},
		{"groovy", "a = 2\nb = 'x'\ndef c = 1\nint d = 2", map[string]any{"a": int64(2), "b": "x"}},
		{"groovy", "sum = 0\nfor (i in list) { sum += i }", map[string]any{"sum": int64(1)}},
	} {
		for _, auto := range []bool{true, false} {
			p, err := Compile(c.format, c.source, Options{AutoStore: auto})
			if err != nil {
				t.Fatal(err)
			}
			_, got, err := p.Eval(&EvalContext{Vars: vars})
			want := c.want
			if !auto {
				want = map[string]any{}
				if strings.Contains(c.source, "setVariable") {
					want["a"] = int64(5)
				}
			}
			if want == nil {
				want = map[string]any{}
			}
			if err != nil || !same(want, got) {
				t.Errorf("%s, autoStore %v: expected %v, but %v, %v", c.source, auto, want, got, err)
			}
		}
	}
}

// TestExecutionMethods walks the table: each method has a case here.
func TestExecutionMethods(t *testing.T) {
	info := Execution{
		ID: "e1", ParentID: "p1", ProcessInstanceID: "i1", RootProcessInstanceID: "r1", ProcessDefinitionID: "order:1", ProcessDefinitionKey: "order",
		BusinessKey: "B-7", ActivityID: "check", ActivityName: "Check", ActivityInstanceID: "ai1", ParentActivityInstanceID: "ai0",
		TransitionID: "flow1", EventName: "start", TenantID: "acme",
	}
	cases := map[string]string{
		"getId": "e1", "getParentId": "p1", "getProcessInstanceId": "i1", "getRootProcessInstanceId": "r1",
		"getProcessDefinitionId": "order:1", "getProcessDefinitionKey": "order", "getBusinessKey": "B-7", "getProcessBusinessKey": "B-7",
		"getProcessInstanceBusinessKey": "B-7", "getCurrentActivityId": "check", "getActivityId": "check", "getCurrentActivityName": "Check",
		"getCurrentTransitionId": "flow1", "getActivityInstanceId": "ai1", "getParentActivityInstanceId": "ai0", "getEventName": "start",
		"getTenantId": "acme",
	}
	type method struct {
		source string
		want   any
	}
	methods := map[string]method{
		"getVariable":           {"[execution.getVariable('a'), execution.getVariable('l'), execution.getVariable('none')]", []any{int64(1), int64(9), nil}},
		"getVariableLocal":      {"[execution.getVariableLocal('a'), execution.getVariableLocal('l')]", []any{nil, int64(9)}},
		"setVariable":           {"execution.setVariable('a', 5); [a, execution.getVariable('a')]", []any{int64(5), int64(5)}},
		"setVariableLocal":      {"execution.setVariableLocal('a', 5); [a, execution.getVariableLocal('a')]", []any{int64(5), int64(5)}},
		"hasVariable":           {"[execution.hasVariable('a'), execution.hasVariable('none')]", []any{true, false}},
		"hasVariableLocal":      {"[execution.hasVariableLocal('a'), execution.hasVariableLocal('l')]", []any{false, true}},
		"removeVariable":        {"execution.removeVariable('a'); [typeof a, execution.hasVariable('a')]", []any{"undefined", false}},
		"removeVariableLocal":   {"execution.removeVariableLocal('l'); execution.hasVariable('l')", false},
		"getVariables":          {"execution.getVariables()", map[string]any{"a": int64(1), "b": "x", "l": int64(9)}},
		"getVariablesLocal":     {"execution.getVariablesLocal()", map[string]any{"l": int64(9)}},
		"setVariables":          {"execution.setVariables({ a: 2, n: 3 }); a + n", int64(5)},
		"setVariablesLocal":     {"execution.setVariablesLocal({ l: 2 }); l", int64(2)},
		"getVariableNames":      {"execution.getVariableNames()", []any{"a", "b", "l"}},
		"getVariableNamesLocal": {"execution.getVariableNamesLocal()", []any{"l"}},
		"hasVariables":          {"execution.hasVariables()", true},
		"hasVariablesLocal":     {"execution.hasVariablesLocal()", true},
		"removeVariables":       {"execution.removeVariables(['a']); execution.getVariableNames()", []any{"b", "l"}},
		"getProcessInstance":    {"const p = execution.getProcessInstance(); [p.getId() === execution.getProcessInstanceId(), p.businessKey === execution.businessKey]", []any{true, true}},
		"removeVariablesLocal":  {"execution.removeVariablesLocal(); execution.getVariableNamesLocal()", []any{}},
	}
	for name, want := range cases {
		methods[name] = method{fmt.Sprintf("execution.%s() === execution.%s && execution.%s()", name, propertyName(name), name), want}
	}
	pool := NewPool(1)
	for _, name := range executionMethods() {
		c, ok := methods[name]
		if !ok {
			t.Errorf("%s has no case", name)
			continue
		}
		p, err := Compile("js", c.source, Options{Pool: pool})
		if err != nil {
			t.Fatal(err)
		}
		got, _, err := p.Eval(&EvalContext{Vars: Map{"a": int64(1), "b": "x"}, Local: Map{"l": int64(9)}, Execution: info})
		if err != nil || !same(c.want, got) {
			t.Errorf("%s: expected %v, but %v, %v", c.source, c.want, got, err)
		}
	}
	if len(methods) != len(executionMethods()) {
		t.Errorf("%d cases for %d methods", len(methods), len(executionMethods()))
	}
}

func TestEffects(t *testing.T) {
	p, err := Compile("js", `execution.setVariable('a', 1); execution.setVariableLocal('b', 2); execution.removeVariable('c');
		execution.removeVariableLocal('d'); execution.setVariable('e', 1); execution.removeVariable('e'); execution.removeVariable('f'); execution.setVariable('f', 3)`, Options{})
	if err != nil {
		t.Fatal(err)
	}
	ctx := &EvalContext{Vars: Map{"c": int64(1)}}
	_, writes, err := p.Eval(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if want := map[string]any{"a": int64(1), "f": int64(3)}; !same(want, any(writes)) {
		t.Errorf("writes are %v", writes)
	}
	if want := map[string]any{"b": int64(2)}; !same(want, any(ctx.LocalWrites)) {
		t.Errorf("local writes are %v", ctx.LocalWrites)
	}
	if !slices.Equal(ctx.Removed, []string{"c", "e"}) || !slices.Equal(ctx.RemovedLocal, []string{"d"}) {
		t.Errorf("removed are %v and %v", ctx.Removed, ctx.RemovedLocal)
	}
	// What fails has no effect.
	p, err = Compile("js", `execution.setVariable('a', 1); nope`, Options{})
	if err != nil {
		t.Fatal(err)
	}
	ctx = &EvalContext{}
	if _, writes, err := p.Eval(ctx); err == nil || writes != nil || ctx.LocalWrites != nil {
		t.Errorf("a failed script wrote %v %v (%v)", writes, ctx.LocalWrites, err)
	}
}

func TestOutput(t *testing.T) {
	_, _, ctx, err := run(t, "js", "print('a', 1, null, [1, 2]); console.warn({}); println()", nil)
	if err != nil || !slices.Equal(ctx.Printed, []string{"a 1 null 1,2", "[object Object]", ""}) {
		t.Errorf("printed %q, %v", ctx.Printed, err)
	}
	_, _, ctx, err = run(t, "js", "for (var i = 0; i < 5000; i++) print('line number ' + i)", nil)
	size := 0
	for _, l := range ctx.Printed {
		size += len(l) + 1
	}
	if err != nil || size > 20<<10 || ctx.Printed[len(ctx.Printed)-1] != "(more output dropped)" {
		t.Errorf("%d bytes in %d lines, %v", size, len(ctx.Printed), err)
	}
}

// TestPositions: errors name line and column of the source as written.
func TestPositions(t *testing.T) {
	for _, c := range []struct {
		format, source string
		code           Code
		line, column   int
		text           string
	}{
		{"js", "var a = 1;\nvar b = a.x.y;", CodeException, 2, 13, "TypeError"},
		{"js", "function f() {\n  throw new Error('no');\n}\n\nf()", CodeException, 2, 9, "Error: no"},
		{"js", "var a = 1;\n  throw 'text'", CodeException, 2, 3, "thrown: text"},
		{"js", "var a = ;", CodeSyntax, 1, 9, ""},
		{"js", "a\n  b c", CodeSyntax, 2, 5, ""},
		{"js", "var a = 1;\n  eval('a')", CodeUnsupported, 2, 3, "eval"},
		{"js", "\n new java.util.HashMap()", CodeUnsupported, 2, 6, "java.util.HashMap"},
		{"js", "Math = 1", CodeUnsupported, 1, 1, "Math"},
		{"js", "throw new org.flowable.engine.delegate.BpmnError('E7', 'why')", CodeBpmnError, 1, 0, "E7"},
		{"js", "var E = Java.type('org.camunda.bpm.engine.delegate.BpmnError'); throw new E('E8')", CodeBpmnError, 1, 0, "E8"},
		{"groovy", "def a = 1\n\ndef b = nope + a", CodeException, 3, 0, "nope"},
		{"groovy", "def a = [1,\n 2]\n// note\nnew File('x')", CodeUnsupported, 4, 5, "File"},
		{"groovy", "def a = \"x\n", CodeSyntax, 1, 11, "quote"},
		{"groovy", "def a = 1 +", CodeSyntax, 1, 12, ""},
	} {
		_, _, _, err := run(t, c.format, c.source, nil)
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%q: %v", c.source, err)
			continue
		}
		if e.Code != c.code || e.Line != c.line || c.column != 0 && e.Column != c.column || !strings.Contains(e.Message, c.text) {
			t.Errorf("%q: expected %s at %d:%d with %q, but %v", c.source, c.code, c.line, c.column, c.text, e)
		}
		if e.Code == CodeBpmnError && (e.BPMN == nil || e.BPMN.Code != c.text) {
			t.Errorf("%q: BPMN is %v", c.source, e.BPMN)
		}
	}
}

// TestVariableNames: variables may have the names of things elsewhere.
func TestVariableNames(t *testing.T) {
	vars := Map{"document": "d", "process": "p", "module": int64(1), "java": "j", "load": int64(2), "name": "n", "status": nil, "größe": int64(3), "toString": "t"}
	got, _, _, err := run(t, "js", "[document, process, module, java, load, name, status, größe, toString]", vars)
	if want := []any{"d", "p", int64(1), "j", int64(2), "n", nil, int64(3), "t"}; err != nil || !same(want, got) {
		t.Errorf("expected %v, but %v, %v", want, got, err)
	}
	got, _, _, err = run(t, "groovy", "[document, process, name, größe]", vars)
	if want := []any{"d", "p", "n", int64(3)}; err != nil || !same(want, got) {
		t.Errorf("expected %v, but %v, %v", want, got, err)
	}
}

// hostTask is a host object such as the engine gives to task listeners.
type hostTask struct{ assignee any }

func (*hostTask) Methods() []string { return []string{"getName", "setAssignee", "fail"} }

func (h *hostTask) Call(method string, args []any) (any, error) {
	switch method {
	case "getName":
		return "Check", nil
	case "setAssignee":
		h.assignee = args[0]
		return nil, nil
	default:
		return nil, errors.New("out of order")
	}
}

func TestHostObjects(t *testing.T) {
	for _, format := range []string{"js", "groovy"} {
		p, err := Compile(format, "task.setAssignee('ada')\ntask.name + task.getName()", Options{})
		if err != nil {
			t.Fatal(err)
		}
		task := &hostTask{}
		v, _, err := p.Eval(&EvalContext{Objects: map[string]Object{"task": task}})
		if err != nil || v != "CheckCheck" || task.assignee != "ada" {
			t.Errorf("%s: %v, %v, %v", format, v, task.assignee, err)
		}
		p, err = Compile(format, "try { task.fail() } catch (e) { 'caught' }", Options{})
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err = p.Eval(&EvalContext{Objects: map[string]Object{"task": task}}); !errors.Is(err, &Error{Code: CodeHost}) {
			t.Errorf("%s: expected %s, but %v", format, CodeHost, err)
		}
	}
}

// TestGroovyAttacks: the same bounds hold for Groovy.
func TestGroovyAttacks(t *testing.T) {
	for source, codes := range map[string][]Code{
		"while (true) { }":                                       {CodeSteps},
		"for (;;) { }":                                           {CodeSteps},
		"def f(n) { f(n) }\nf(1)":                                {CodeStack},
		"def s = 'x'\nwhile (true) { s += s }":                   {CodeMemory},
		"def l = []\nwhile (true) { l << [1, 2] }":               {CodeMemory, CodeSteps},
		"(1..1000000000).size()":                                 {CodeMemory},
		"'x' * 1000000000":                                       {CodeMemory},
		"'x'.padLeft(1000000000)":                                {CodeMemory},
		"def l = []\nl[100000000] = 1":                           {CodeMemory},
		"10 ** 100000":                                           {CodeException},
		"def n = 2\nwhile (true) { n = n * n }":                  {CodeException},
		"def n = 1.1\nwhile (true) { n = n * n }":                {CodeException},
		"int i = 3000000000":                                     {CodeException},
		"1 / 0":                                                  {CodeException},
		"'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab'.matches('(a+)+c')": {CodeRegex},
		"1000000000.times { }":                                   {CodeSteps},
		strings.Repeat("(", 5000) + strings.Repeat(")", 5000):    {CodeTooLarge},
		strings.Repeat("[", 5000):                                {CodeTooLarge},
		strings.Repeat("{ -> ", 5000):                            {CodeTooLarge, CodeUnsupported},
		strings.Repeat("if (a) ", 5000):                          {CodeTooLarge},
		strings.Repeat("!", 5000):                                {CodeTooLarge},
		strings.Repeat("\"${", 5000):                             {CodeTooLarge},
		"a" + strings.Repeat("=a", 5000):                         {CodeTooLarge},
		"1" + strings.Repeat("+1", 5000):                         {CodeTooLarge},
		"a" + strings.Repeat(".a", 5000):                         {CodeTooLarge},
		"execution.getClass().forName('x')":                      {CodeUnsupported},
		"\"${System.exit(0)}\"":                                  {CodeUnsupported},
		"$groovy.t(1)":                                           {CodeUnsupported},
		"def $groovy = 1":                                        {CodeUnsupported},
		"execution.constructor('x')":                             {CodeUnsupported},
		"execution.constructor.constructor('x')":                 {CodeUnsupported, CodeException},
		"name.'constructor'.'constructor'":                       {CodeException},
	} {
		start := time.Now()
		p, err := Compile("groovy", source, Options{Limits: Limits{Memory: 24 << 20}})
		if err == nil {
			_, _, err = p.Eval(&EvalContext{Vars: Map{"name": "Ada"}})
		}
		var e *Error
		if !errors.As(err, &e) || !slices.Contains(codes, e.Code) {
			t.Errorf("%.60q: expected %v, but %v", source, codes, err)
		}
		if took := time.Since(start); took > 20*time.Second {
			t.Errorf("%.60q took %v", source, took)
		}
	}
}

// The process instance of an execution has the variables that no nearer scope
// hides; what it cannot tell apart is an error.
func TestProcessInstance(t *testing.T) {
	hidden := func(name string) bool { return name == "near" }
	for _, tt := range []struct {
		format, source string
		hidden         func(string) bool
		want           any
		err            string
		writes         map[string]any
	}{
		{"groovy", "def p = execution.getProcessInstance()\ndef int sum = p.getVariable('a')\np.setVariable('a', sum + 2)\nexecution.getVariable('a') + a", hidden, int64(6), "", map[string]any{"a": int64(3)}},
		{"js", "const p = execution.getProcessInstance(); execution.setVariable('n', 1); [p.getVariable('n'), p.hasVariable('n'), p.hasVariable('m'), p.getVariable('m')]", hidden, []any{int64(1), true, false, nil}, "", map[string]any{"n": int64(1)}},
		{"js", "execution.getProcessInstance().getVariable('near')", hidden, nil, "a scope inside", nil},
		{"js", "execution.setVariableLocal('x', 1); execution.getProcessInstance().setVariable('x', 2)", hidden, nil, "hides that of the instance", nil},
		{"js", "execution.getProcessInstance().getVariable(1)", hidden, nil, "as text", nil},
		{"js", "execution.getProcessInstance().getVariable('a')", nil, nil, "not at hand", nil},
	} {
		p, err := Compile(tt.format, tt.source, Options{})
		if err != nil {
			t.Fatal(err)
		}
		got, writes, err := p.Eval(&EvalContext{Vars: Map{"a": int64(1), "near": int64(2)}, Hidden: tt.hidden})
		if tt.err != "" {
			if err == nil || !strings.Contains(err.Error(), tt.err) {
				t.Errorf("%s: expected an error with %q, but got %v, %v", tt.source, tt.err, got, err)
			}
			continue
		}
		if err != nil || !same(tt.want, got) || !same(any(tt.writes), any(writes)) {
			t.Errorf("%s: got %v and %v, %v", tt.source, got, writes, err)
		}
	}
}
