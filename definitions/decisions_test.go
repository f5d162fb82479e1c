package definitions

import (
	"errors"
	"testing"

	"github.com/weir-bpm/weir/dmn"
	"github.com/weir-bpm/weir/events"
)

// TestDecisions deploys decisions again and again and evaluates what the lookups
// give.
func TestDecisions(t *testing.T) {
	t.Parallel()
	js, _ := connect(t)
	w := newWriter(t, js)
	first := w.deploy(PrepareOptions{}, File{"a.dmn", decision("a", "v1")}, File{"p.bpmn", model("p")})
	w.deploy(PrepareOptions{}, File{"a.dmn", append(decision("a", "v2"), '\n')})
	kept := w.deploy(PrepareOptions{}, File{"a.dmn", append(decision("a", "v2"), '\n')}, File{"p.bpmn", model("p", "q")})
	c := newCatalog(t, js, CacheConfig{})
	c.Start()
	if err := c.WaitFor(within(t), 3); err != nil {
		t.Fatal(err)
	}
	x := c.Index()
	for name, test := range map[string]struct {
		find func() (events.DecisionRef, bool)
		want int
	}{
		"latest":        {func() (events.DecisionRef, bool) { return x.LatestDecision("default", "a") }, 2},
		"version":       {func() (events.DecisionRef, bool) { return x.DecisionVersion("default", "a", 1) }, 1},
		"tag":           {func() (events.DecisionRef, bool) { return x.DecisionVersionTag("default", "a", "v1") }, 1},
		"deployment":    {func() (events.DecisionRef, bool) { return x.DecisionInDeployment("default", first.Deployment, "a") }, 1},
		"kept":          {func() (events.DecisionRef, bool) { return x.DecisionInDeployment("default", kept.Deployment, "a") }, 2},
		"no version":    {func() (events.DecisionRef, bool) { return x.DecisionVersion("default", "a", 3) }, 0},
		"no tag":        {func() (events.DecisionRef, bool) { return x.DecisionVersionTag("default", "a", "v3") }, 0},
		"a process":     {func() (events.DecisionRef, bool) { return x.LatestDecision("default", "p") }, 0},
		"other tenant":  {func() (events.DecisionRef, bool) { return x.LatestDecision("other", "a") }, 0},
		"no deployment": {func() (events.DecisionRef, bool) { return x.DecisionInDeployment("default", "x", "a") }, 0},
	} {
		ref, ok := test.find()
		if ok != (test.want > 0) || ref.Version != test.want {
			t.Errorf("%s: expected version %d, but got %+v", name, test.want, ref)
			continue
		}
		if !ok {
			continue
		}
		m, err := c.Decision(t.Context(), "default", ref)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if r, err := m.Evaluate("a", dmn.Input{}); err != nil || r.Output() != int64(2) {
			t.Errorf("%s: expected 2, but got %+v, %v", name, r, err)
		}
	}
	if _, ok := x.Latest("default", "a"); ok {
		t.Error("expected no process of a decision's id")
	}
	if _, err := c.Decision(t.Context(), "default", events.DecisionRef{DecisionID: "a", Version: 9}); !errors.Is(err, ErrUnknownDefinition) {
		t.Errorf("expected ErrUnknownDefinition, but got %v", err)
	}
	if d, ok := x.Deployment("default", kept.Deployment); !ok || len(d.Decisions) != 1 || !d.Decisions[0].Unchanged || len(d.Processes) != 2 {
		t.Errorf("expected a decision that was kept and two processes, but got %+v", d)
	}
}

// TestDecisionImports wants an import to come from the same deployment, when it
// is checked and when it is loaded.
func TestDecisionImports(t *testing.T) {
	t.Parallel()
	js, _ := connect(t)
	w := newWriter(t, js)
	importing := []byte(`<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="graph" name="graph" namespace="urn:sum">
  <import name="lib" namespace="urn:a" importType="https://www.omg.org/spec/DMN/20191111/MODEL/"/>
  <decision id="sum" name="sum"><informationRequirement><requiredDecision href="urn:a#a"/></informationRequirement>
  <literalExpression><text>lib.Name of a + 1</text></literalExpression></decision>
</definitions>`)
	if _, problems, _ := Prepare(t.Context(), []File{{"sum.dmn", importing}}, PrepareOptions{}); len(problems) == 0 || problems[0].Code != CodeDecisionInvalid {
		t.Errorf("expected a missing import to be refused, but got %v", problems)
	}
	w.deploy(PrepareOptions{}, File{"sum.dmn", importing}, File{"a.dmn", decision("a", "")})
	c := newCatalog(t, js, CacheConfig{})
	c.Start()
	if err := c.WaitFor(within(t), 1); err != nil {
		t.Fatal(err)
	}
	ref, _ := c.Index().LatestDecision("default", "sum")
	m, err := c.Decision(t.Context(), "default", ref)
	if err != nil {
		t.Fatal(err)
	}
	if r, err := m.Evaluate("sum", dmn.Input{}); err != nil || r.Output() != int64(3) {
		t.Errorf("expected 3, but got %+v, %v", r, err)
	}
}
