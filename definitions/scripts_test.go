package definitions

import (
	"maps"
	"testing"

	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/expression"
)

// scripted is a process whose script lies in the file sum.js.
func scripted() []byte {
	return []byte(`<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" targetNamespace="urn:test">
  <process id="scripted" isExecutable="true"><startEvent id="s"/><sequenceFlow id="f" sourceRef="s" targetRef="t"/>
    <scriptTask id="t" scriptFormat="javascript" camunda:resource="deployment://folder/sum.js"/>
  </process></definitions>`)
}

// Goal: a version keeps the scripts that it was deployed with. Method: the same
// model is deployed with one script, again, with another, and without.
func TestScriptsOfADeployment(t *testing.T) {
	t.Parallel()
	first, second := []byte("1 + 1"), []byte("2 + 2")
	x := NewIndex()
	asked, n := 0, uint64(0)
	deploy := func(files ...File) (Outcome, []Prepared) {
		t.Helper()
		out, problems, err := Prepare(t.Context(), files, PrepareOptions{})
		if err != nil || bpmn.HasErrors(problems) {
			t.Fatal(err, problems)
		}
		asked++
		o, problems := Decide(x, DeployRequest{Tenant: "t", Command: command(asked), Resources: out})
		if bpmn.HasErrors(problems) {
			t.Fatal(problems)
		}
		if o.Append() {
			n++
			if err := x.Apply(n, frame(o.Deployment)); err != nil {
				t.Fatal(err)
			}
		}
		return o, out
	}
	names := func(script []byte) map[string]string {
		return map[string]string{"folder/sum.js": DigestOf(script)}
	}
	one, prepared := deploy(File{"m.bpmn", scripted()}, File{"sum.js", first})
	if prepared[1].Kind != KindScript || !maps.Equal(one.Deployment.Processes[0].Scripts, names(first)) {
		t.Errorf("unexpected %+v", one.Deployment.Processes)
	}
	if o, _ := deploy(File{"m.bpmn", scripted()}, File{"sum.js", first}); !o.Unchanged {
		t.Errorf("expected no new version, but got %+v", o.Deployment)
	}
	two, _ := deploy(File{"m.bpmn", scripted()}, File{"sum.js", second})
	if p := two.Deployment.Processes[0]; p.Version != 2 || !maps.Equal(p.Scripts, names(second)) {
		t.Errorf("expected another version for another script, but got %+v", p)
	}
	if again, ok := x.Deployment("t", one.Deployment.Deployment); !ok || !maps.Equal(again.Processes[0].Scripts, names(first)) {
		t.Errorf("expected the first script of the first deployment, but got %+v", again)
	}
	_, problems, err := Prepare(t.Context(), []File{{"m.bpmn", scripted()}}, PrepareOptions{})
	if err != nil || len(problems) != 1 || problems[0].Code != bpmn.CodeScriptMissing {
		t.Errorf("expected the missing script, but got %v, %v", problems, err)
	}

	s := &shelf{files: map[string][]byte{}}
	for _, content := range [][]byte{scripted(), first, second} {
		s.files[DigestOf(content)] = content
	}
	cache, err := NewCache(s, CacheConfig{})
	if err != nil {
		t.Fatal(err)
	}
	for want, p := range map[int64]events.DeployedDefinition{2: one.Deployment.Processes[0], 4: two.Deployment.Processes[0]} {
		defs, err := cache.Definitions(t.Context(), p.Digest, Choices{Scripts: p.Scripts})
		if err != nil {
			t.Fatal(err)
		}
		v, err := defs.Processes[0].Element("t").Script.Source.Program.Eval(&expression.Env{})
		if err != nil || v != want {
			t.Errorf("version %d: expected %d, but got %v, %v", p.Version, want, v, err)
		}
	}
	if _, err := cache.Definitions(t.Context(), DigestOf(scripted()), Choices{Scripts: map[string]string{"folder/sum.js": DigestOf([]byte("3"))}}); err == nil {
		t.Error("expected a version whose script is lost not to load")
	}
}
