package lint_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/bpmn/lint"
)

const (
	good = `<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"><process id="p" isExecutable="true"><startEvent id="s"/></process></definitions>`
	bad  = `<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL">
<process id="q" isExecutable="true"><startEvent id="s"/>
<serviceTask id="t"/><sequenceFlow id="f" sourceRef="s" targetRef="t"/></process></definitions>`
)

// folder has a good model, two bad ones and a file that is no model.
func folder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"a.bpmn": good, "sub/b.BPMN": bad, "sub/c.bpmn20.xml": bad + "<", "notes.xml": "<x/>",
	} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func report(t *testing.T) lint.Report {
	t.Helper()
	dir := folder(t)
	// The folder and a file in it: each file counts once.
	files, err := lint.Collect([]string{dir, filepath.Join(dir, "a.bpmn")}, nil, bpmn.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != 3 {
		t.Fatalf("collected %d files", len(files))
	}
	for i := range files {
		files[i].Name = strings.TrimPrefix(files[i].Name, filepath.ToSlash(dir)+"/")
	}
	return lint.Check(files, bpmn.Options{})
}

func TestReport(t *testing.T) {
	r := report(t)
	if r.Deployable() != 1 || !r.Results[0].Deploys || r.Results[0].Processes[0] != "p" || r.Results[0].Dialect != bpmn.DialectPlain {
		t.Errorf("%+v", r.Results[0])
	}
	blockers := r.Blockers()
	if len(blockers) != 2 || blockers[0].Files != 1 || blockers[0].Only != 1 || blockers[1].Only != 1 {
		t.Errorf("%+v", blockers)
	}
	var b bytes.Buffer
	if err := r.WriteText(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"sub/b.BPMN:3 t: error [missing.implementation]", "1 of 3 files deploy as they stand", "xml.malformed"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
}

func TestJSON(t *testing.T) {
	var b bytes.Buffer
	if err := report(t).WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Files []struct {
			Name     string
			Deploys  bool
			Problems []bpmn.Problem
		}
		Deployable int
		Blockers   []lint.Blocker
	}
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if got.Deployable != 1 || len(got.Files) != 3 || len(got.Blockers) != 2 || got.Files[1].Problems[0].Line != 3 {
		t.Errorf("%s", b.String())
	}
}

// SARIF viewers need the rule of each result and a place that they can open.
func TestSARIF(t *testing.T) {
	var b bytes.Buffer
	if err := report(t).WriteSARIF(&b, "1.0"); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Version string
		Runs    []struct {
			Tool struct {
				Driver struct {
					Name  string
					Rules []struct{ ID string }
				}
			}
			Results []struct {
				RuleID, Level string
				RuleIndex     int
				Message       struct{ Text string }
				Locations     []struct {
					PhysicalLocation struct {
						ArtifactLocation struct{ URI string }
						Region           struct{ StartLine int }
					}
					LogicalLocations []struct{ Name string }
				}
			}
		}
	}
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	run := got.Runs[0]
	if got.Version != "2.1.0" || run.Tool.Driver.Name != "weir" || len(run.Tool.Driver.Rules) != len(bpmn.Codes()) || len(run.Results) != 2 {
		t.Fatalf("%s", b.String())
	}
	for _, res := range run.Results {
		if run.Tool.Driver.Rules[res.RuleIndex].ID != res.RuleID || res.Level != "error" || res.Message.Text == "" {
			t.Errorf("%+v", res)
		}
	}
	first := run.Results[0].Locations[0]
	if first.PhysicalLocation.ArtifactLocation.URI != "sub/b.BPMN" || first.PhysicalLocation.Region.StartLine != 3 || first.LogicalLocations[0].Name != "t" {
		t.Errorf("%+v", first)
	}
}

func TestCollectReadsNoMoreThanTheLimit(t *testing.T) {
	path := filepath.Join(t.TempDir(), "big.bpmn")
	if err := os.WriteFile(path, bytes.Repeat([]byte(" "), 10_000), 0o600); err != nil {
		t.Fatal(err)
	}
	opts := bpmn.Options{MaxBytes: 1000}
	files, err := lint.Collect([]string{path}, nil, opts)
	if err != nil || len(files[0].Data) != 1001 {
		t.Fatalf("%d bytes, %v", len(files[0].Data), err)
	}
	if r := lint.Check(files, opts); r.Results[0].Problems[0].Code != bpmn.CodeXMLTooLarge {
		t.Errorf("%+v", r.Results[0])
	}
	if _, err := lint.Collect([]string{path + ".missing"}, nil, opts); err == nil {
		t.Error("a missing file is no error")
	}
}

// TestScriptsInFiles looks for scripts in the folder of a model, and above it.
func TestScriptsInFiles(t *testing.T) {
	root := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		name = filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	model := func(resource string) string {
		return `<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" targetNamespace="t">
<process id="p" isExecutable="true"><startEvent id="s"/><sequenceFlow id="f" sourceRef="s" targetRef="t"/>
<scriptTask id="t" scriptFormat="javascript" camunda:resource="` + resource + `"/></process></definitions>`
	}
	write("m/beside.bpmn", model("deployment://some/sum.js"))
	write("m/above.bpmn", model("scripts/sum.js"))
	write("m/nowhere.bpmn", model("other.js"))
	write("m/outside.bpmn", model("../sum.js"))
	write("m/sum.js", "1 + 1")
	write("scripts/sum.js", "2 + 2")
	write("other/other.js", "3 + 3")
	files, err := lint.Collect([]string{root}, nil, bpmn.Options{})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]bool{}
	for _, r := range lint.Check(files, bpmn.Options{}).Results {
		got[filepath.Base(r.Name)] = r.Deploys
	}
	if want := map[string]bool{"beside.bpmn": true, "above.bpmn": true, "nowhere.bpmn": false, "outside.bpmn": false}; !maps.Equal(got, want) {
		t.Errorf("expected %v, but got %v", want, got)
	}
}
