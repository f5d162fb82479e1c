package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weir-bpm/weir/internal/bpmntest"
	"github.com/weir-bpm/weir/projector"
)

// Goal: a decision deployed beside its process is evaluated, its rows say which
// rules gave the result, and a rebuild gives the same rows.
func TestDecisions(t *testing.T) {
	s := up(t)
	dir := t.TempDir()
	bpmn, dmn := filepath.Join(dir, "offer.bpmn"), filepath.Join(dir, "size.dmn")
	task := `<businessRuleTask id="decide"><extensionElements><zeebe:calledDecision decisionId="size" resultVariable="size"/></extensionElements></businessRuleTask>`
	for name, content := range map[string]string{
		bpmn: process("offer", `<startEvent id="s"/>`+flow("f1", "s", "decide")+task+flow("f2", "decide", "e")+`<endEvent id="e"/>`),
		dmn:  string(bpmntest.Table("size", "v1", "FIRST", []string{"size"}, []string{"> 5", `"large"`}, []string{"-", `"small"`})),
	} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s.ok("deploy", bpmn, dmn)
	var started struct {
		InstanceID string `json:"instance_id"`
	}
	s.into(&started, "start", "offer", "--vars", `{"choice":7}`)
	s.ok("start", "offer", "--vars", `{"choice":1}`)
	s.idle()

	if n := query[int](s, "SELECT count(*) FROM weir.decisions WHERE decision_id = 'size' AND version = 1 AND version_tag = 'v1' AND requirements = 'graph_size'"); n != 1 {
		t.Errorf("expected the decision's row, but found %d", n)
	}
	rows := func(when string) {
		t.Helper()
		got := query[string](s, `SELECT string_agg(concat_ws(' ', element_id, decision_id, version, result, trace #>> '{decisions,0,tables,0,matched}'), '; ' ORDER BY result::text) FROM weir.decision_evaluations`)
		if want := `decide size 1 "large" [1]; decide size 1 "small" [2]`; got != want {
			t.Errorf("%s: expected %s, but got %s", when, want, got)
		}
	}
	rows("live")
	s.verified()

	if out := s.ok("decisions", "--latest"); !strings.Contains(out, "size") || !strings.Contains(out, "graph_size") {
		t.Errorf("expected the decision in the list, but got %s", out)
	}
	if out := s.ok("instance", started.InstanceID); !strings.Contains(out, "\nDECISIONS\n") || !strings.Contains(out, `size:1`) || !strings.Contains(out, `"large"`) {
		t.Errorf("expected the evaluation in the instance, but got %s", out)
	}
	var detail projector.InstanceDetail
	s.into(&detail, "instance", started.InstanceID)
	if len(detail.Decisions) != 1 || string(detail.Decisions[0].Result) != `"large"` || !json.Valid(detail.Decisions[0].Trace) {
		t.Errorf("expected the evaluation with its trace, but got %+v", detail.Decisions)
	}

	s.ok("projections", "rebuild")
	rows("rebuilt")
	s.verified()
}
