package e2e

import (
	"strings"
	"testing"

	"github.com/weir-bpm/weir/projector"
)

// A form is shown with its values and submitted from the command line.
func TestForms(t *testing.T) {
	t.Parallel()
	s := up(t)
	s.ok("deploy", "../conformance/tasks/form_camunda.bpmn")
	if _, errOut, code := s.weir("start", "loan", "--form", "--vars", `{"amount": 50}`); code != 1 || !strings.Contains(errOut, "field contract: is required; field amount: 50 is less than 100") || !strings.Contains(errOut, "form.invalid") {
		t.Errorf("expected both faults, but got %d %s", code, errOut)
	}
	s.ok("start", "loan", "--form", "--vars", `{"contract": "C-1", "amount": "200"}`)
	s.idle()
	if key := query[string](s, `select business_key from weir.instances`); key != "C-1" {
		t.Errorf("expected the business key of the form, but got %q", key)
	}
	id := query[string](s, `select instance_id || '-' || key from weir.user_tasks`)
	var task projector.TaskDetail
	s.into(&task, "task", id)
	for field, want := range map[string]string{"approved": "false", "amount": "200", "contract": `"C-1"`, "rating": ""} {
		if got := string(task.Values[field]); got != want {
			t.Errorf("field %s: expected %s, but got %s", field, want, got)
		}
	}
	if out := s.ok("task", id); !strings.Contains(out, "read-only") || !strings.Contains(out, "Valid until") {
		t.Errorf("expected the fields, but got\n%s", out)
	}
	s.ok("complete", id, "--form", "--vars", `{"rating": "a", "approved": true}`)
	s.verified()
}
