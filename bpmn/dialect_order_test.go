package bpmn

import "testing"

// Goal: an attribute that several namespaces of one family have is taken from
// the first in the order of the definition's dialect, and the answer says so.
// Flowable asks flowable, activiti, camunda (BPMN 2.0.2 has none of them).
func TestNamespaceOrder(t *testing.T) {
	const namespaces = `xmlns:operaton="http://operaton.org/schema/1.0/bpmn" `
	tests := []struct {
		dialect Dialect
		attrs   string
		want    string
		warned  bool
	}{
		{DialectCamunda, `camunda:assignee="c" flowable:assignee="f" activiti:assignee="a"`, "c", true},
		{DialectCamunda, `operaton:assignee="o" flowable:assignee="f" activiti:assignee="a"`, "o", true},
		{DialectCamunda, `flowable:assignee="f" activiti:assignee="a"`, "a", true},
		{DialectCamunda, `flowable:assignee="f"`, "f", false},
		{DialectFlowable, `camunda:assignee="c" flowable:assignee="f" activiti:assignee="a"`, "f", true},
		{DialectFlowable, `camunda:assignee="c" activiti:assignee="a"`, "a", true},
		{DialectFlowable, `camunda:assignee="c"`, "c", false},
		{DialectFlowable, `camunda:assignee="same" activiti:assignee="same"`, "same", false},
		{DialectZeebe, `camunda:assignee="c"`, "c", false},
	}
	for _, tt := range tests {
		defs, problems := Parse("m.bpmn", []byte(between(`<userTask id="t" `+namespaces+tt.attrs+`/>`)), Options{Dialect: tt.dialect})
		if defs == nil {
			t.Fatalf("%s in %s: %v", tt.attrs, tt.dialect, problems)
		}
		if got := defs.Processes[0].Element("t").UserTask.Assignee.Text; got != tt.want {
			t.Errorf("%s in %s: expected %q, but got %q", tt.attrs, tt.dialect, tt.want, got)
		}
		warned := false
		for _, p := range problems {
			warned = warned || p.Code == CodeDialectConflict
		}
		if warned != tt.warned {
			t.Errorf("%s in %s: a conflict is reported: %v, expected %v", tt.attrs, tt.dialect, warned, tt.warned)
		}
	}
}

// A listener class that a job type stands in for is a job of the same moment.
func TestListenerClassMap(t *testing.T) {
	model := between(`<userTask id="t"><extensionElements><camunda:executionListener event="end" class="a.Audit"/>` +
		`<camunda:taskListener event="create" delegateExpression="${notify}"/></extensionElements></userTask>`)
	defs, problems := Parse("m.bpmn", []byte(model), Options{ClassMap: map[string]string{"a.Audit": "job:audit", "${notify}": "job:notify"}})
	if defs == nil {
		t.Fatal(problems)
	}
	got := defs.Processes[0].Element("t").Listeners
	if len(got) != 2 || got[0].Job == nil || got[0].Job.Type.Text != "audit" || got[1].Job == nil || got[1].Job.Type.Text != "notify" || !got[1].Task {
		t.Errorf("listeners %+v", got)
	}
}
