package definitions

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/ids"
)

const modelHead = `<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"`

// caller is a process "main" that calls another; the call is in line 2.
func caller(head, callActivity string) string {
	return modelHead + head + `><process id="main" isExecutable="true"><startEvent id="s"/><sequenceFlow id="f" sourceRef="s" targetRef="c"/>
` + callActivity + `</process></definitions>`
}

func zeebeCall(attrs string) string {
	return caller(` exporter="zeebe"`, `<callActivity id="c"><extensionElements><zeebe:calledElement `+attrs+`/></extensionElements></callActivity>`)
}

// Goal: what a model names is looked for in all files of the deployment and in
// what was deployed before. Method: deploy main.bpmn, once beside or after the
// called process; each row gives the problems.
func TestReferences(t *testing.T) {
	t.Parallel()
	sub := modelHead + `><process id="sub" isExecutable="true"><startEvent id="s2"/></process></definitions>`
	form := zeebeForm()
	for _, test := range []struct {
		name          string
		before, files map[string]string
		want          []string
	}{
		{"called process missing", nil, map[string]string{"main.bpmn": zeebeCall(`processId="sub"`)}, []string{"warning reference.not_deployed main.bpmn:2 c"}},
		{"called process beside", nil, map[string]string{"main.bpmn": zeebeCall(`processId="sub"`), "sub.bpmn": sub}, nil},
		{"called process before", map[string]string{"sub.bpmn": sub}, map[string]string{"main.bpmn": zeebeCall(`processId="sub"`)}, nil},
		{"calls itself", nil, map[string]string{"main.bpmn": zeebeCall(`processId="main"`)}, nil},
		{"dynamic", nil, map[string]string{"main.bpmn": zeebeCall(`processId="=x"`)}, nil},
		{"bound to the deployment", map[string]string{"sub.bpmn": sub}, map[string]string{"main.bpmn": zeebeCall(`processId="sub" bindingType="deployment"`)}, []string{"error reference.not_together main.bpmn:2 c"}},
		{"bound to the deployment, beside", nil, map[string]string{"main.bpmn": zeebeCall(`processId="sub" bindingType="deployment"`), "sub.bpmn": sub}, nil},
		{
			"camunda bound to the deployment", nil,
			map[string]string{"main.bpmn": caller("", `<callActivity id="c" calledElement="sub" camunda:calledElementBinding="deployment"/>`)},
			[]string{"warning reference.not_deployed main.bpmn:2 c"},
		},
		{"form missing", nil, map[string]string{"main.bpmn": form}, []string{"warning reference.not_deployed main.bpmn:2 c"}},
		{"form beside", nil, map[string]string{"main.bpmn": form, "order.form": `{"id":"order-form","components":[]}`}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			x := NewIndex()
			if test.before != nil {
				first, problems := deployFiles(t, x, 1, test.before)
				if len(problems) > 0 {
					t.Fatal(problems)
				}
				if err := x.Apply(1, frame(first.Deployment)); err != nil {
					t.Fatal(err)
				}
			}
			_, problems := deployFiles(t, x, 2, test.files)
			var got []string
			for _, p := range problems {
				got = append(got, fmt.Sprintf("%s %s %s:%d %s", p.Severity, p.Code, p.File, p.Line, p.ElementID))
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("got %q, expected %q", got, test.want)
			}
		})
	}
}

func zeebeForm() string {
	return caller(` exporter="zeebe"`, `<userTask id="c"><extensionElements><zeebe:formDefinition formId="order-form"/></extensionElements></userTask>`)
}

func deployFiles(t *testing.T, x *Index, n uint64, files map[string]string) (Outcome, []bpmn.Problem) {
	t.Helper()
	var list []File
	for _, name := range sortedNames(files) {
		list = append(list, File{Name: name, Content: []byte(files[name])})
	}
	prepared, problems, err := Prepare(context.Background(), list, PrepareOptions{})
	if err != nil || bpmn.HasErrors(problems) {
		t.Fatalf("%v %v", err, problems)
	}
	return Decide(x, DeployRequest{Tenant: "default", Command: ids.Positional("test", n, 1), Resources: prepared})
}

func sortedNames(files map[string]string) []string {
	var out []string
	for name := range files {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}
