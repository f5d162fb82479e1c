package bpmn

import (
	"reflect"
	"testing"

	"github.com/weir-bpm/weir/expression"
)

// TestComposedParameters evaluates a parameter that has everything in it.
func TestComposedParameters(t *testing.T) {
	defs, problems := Parse("m.bpmn", []byte(between(`<userTask id="t"><extensionElements><camunda:inputOutput><camunda:inputParameter name="a">
<camunda:list>
  <camunda:value>one</camunda:value>
  <camunda:list><camunda:list><camunda:value>${n}</camunda:value></camunda:list><camunda:script scriptFormat="javascript">n + 1</camunda:script></camunda:list>
  <camunda:map><camunda:entry key="k${n}"><camunda:map><camunda:entry key="x">y</camunda:entry></camunda:map></camunda:entry></camunda:map>
</camunda:list></camunda:inputParameter></camunda:inputOutput></extensionElements></userTask>`)), Options{})
	if HasErrors(problems) {
		t.Fatal(problems)
	}
	program := defs.Processes[0].Element("t").Inputs[0].Source.Program
	if got := program.Variables(); !reflect.DeepEqual(got, []string{"n"}) {
		t.Errorf("expected it to read n, but got %v", got)
	}
	env := func(n any) *expression.Env {
		return &expression.Env{Lookup: func(name string) (any, bool) { return n, name == "n" }}
	}
	got, err := program.Eval(env(int64(2)))
	want := []any{"one", []any{[]any{int64(2)}, int64(3)}, map[string]any{"k2": map[string]any{"x": "y"}}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("expected %v, but got %v, %v", want, got, err)
	}
	x := &compositeProgram{keys: []*Expression{{Constant: int64(1)}}, items: []*Expression{{Constant: "v"}}}
	if v, err := x.Eval(env(nil)); err == nil {
		t.Errorf("expected a key that is no text to fail, but got %v", v)
	}
}

// TestFieldsOfMappedClasses looks at what a worker gets of the fields of a class.
func TestFieldsOfMappedClasses(t *testing.T) {
	defs, problems := Parse("m.bpmn", []byte(between(`<serviceTask id="t" camunda:class="a.B"><extensionElements>
<camunda:field name="to" expression="${customer.mail}"/><camunda:field name="from"><camunda:string>us</camunda:string></camunda:field>
<camunda:executionListener event="end" class="a.C"><camunda:field name="mode" stringValue="fast"/></camunda:executionListener>
</extensionElements></serviceTask>`)), Options{ClassMap: map[string]string{"a.B": "job:b", "a.C": "job:c"}})
	if HasErrors(problems) {
		t.Fatal(problems)
	}
	e := defs.Processes[0].Element("t")
	if h := e.Job.Headers; len(h) != 1 || h["from"] != "us" {
		t.Errorf("unexpected headers %v", h)
	}
	if len(e.Inputs) != 1 || e.Inputs[0].Target != "to" || e.Inputs[0].Source.Text != "${customer.mail}" {
		t.Errorf("unexpected inputs %+v", e.Inputs)
	}
	if h := e.Listeners[0].Job.Headers; h["mode"] != "fast" {
		t.Errorf("unexpected headers of the listener %v", h)
	}
}
