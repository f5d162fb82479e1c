package definitions

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/ids"
)

// The rules of duplicate filtering, one line each: what was deployed, what is
// asked for, what comes of it. The answer reads as one word per file and
// process, a trailing = for what stays.
func TestDuplicateFiltering(t *testing.T) {
	t.Parallel()
	a1, a2 := prepared("a.bpmn", 1, "", "a"), prepared("a.bpmn", 2, "", "a")
	b1 := prepared("b.bpmn", 1, "", "b")
	zeebe := a1
	zeebe.Dialect = bpmn.DialectZeebe
	mapped, mappedElse := a1, a1
	mapped.ClassMap = map[string]string{"com.acme.X": "job:x", "com.acme.Y": "job:y"}
	mappedElse.ClassMap = map[string]string{"com.acme.X": "job:other"}
	chosen := a1
	chosen.Settings = map[string]string{"a": "b"}
	renamed := a1
	renamed.Name = "renamed.bpmn"
	other := prepared("other.bpmn", 7, "", "a") // the process a from another file
	dmn := Prepared{Name: "d.dmn", Kind: KindDMN, Digest: DigestOf([]byte("d")), Bytes: 1}
	grown := a1
	grown.Processes = append(slices.Clone(a1.Processes), PreparedProcess{ID: "new"})

	for name, test := range map[string]struct {
		before [][]Prepared
		ask    []Prepared
		want   string
		from   int // the deployment that answers; 0 is a new one
	}{
		"first":                        {nil, []Prepared{a1, b1}, "a.bpmn b.bpmn a:1 b:1", 0},
		"same bytes":                   {[][]Prepared{{a1}}, []Prepared{a1}, "a.bpmn= a:1=", 1},
		"changed":                      {[][]Prepared{{a1}}, []Prepared{a2}, "a.bpmn a:2", 0},
		"one of two changed":           {[][]Prepared{{a1, b1}}, []Prepared{a2, b1}, "a.bpmn b.bpmn= a:2 b:1=", 0},
		"back to old bytes":            {[][]Prepared{{a1}, {a2}}, []Prepared{a1}, "a.bpmn a:3", 0},
		"a part of a deployment":       {[][]Prepared{{a1, b1}}, []Prepared{b1}, "b.bpmn= b:1=", 1},
		"from two deployments":         {[][]Prepared{{a1}, {b1}}, []Prepared{a1, b1}, "a.bpmn= b.bpmn= a:1= b:1=", 2},
		"kept by a later one":          {[][]Prepared{{a1, b1}, {a2, b1}}, []Prepared{b1}, "b.bpmn= b:1=", 2},
		"other name":                   {[][]Prepared{{a1}}, []Prepared{renamed}, "renamed.bpmn a:2", 0},
		"process meanwhile from other": {[][]Prepared{{a1}, {other}}, []Prepared{a1}, "a.bpmn a:3", 0},
		"other dialect":                {[][]Prepared{{a1}}, []Prepared{zeebe}, "a.bpmn a:2", 0},
		"same dialect":                 {[][]Prepared{{zeebe}}, []Prepared{zeebe}, "a.bpmn= a:1=", 1},
		"other class map":              {[][]Prepared{{mapped}}, []Prepared{mappedElse}, "a.bpmn a:2", 0},
		"no class map any more":        {[][]Prepared{{mapped}}, []Prepared{a1}, "a.bpmn a:2", 0},
		"same class map":               {[][]Prepared{{mapped}}, []Prepared{mapped}, "a.bpmn= a:1=", 1},
		"other options":                {[][]Prepared{{a1}}, []Prepared{chosen}, "a.bpmn a:2", 0},
		"parser sees more":             {[][]Prepared{{a1}}, []Prepared{grown}, "a.bpmn a:2 new:1", 0},
		"no process":                   {[][]Prepared{{dmn}}, []Prepared{dmn}, "d.dmn=", 1},
		"no process, with a change":    {[][]Prepared{{dmn, a1}}, []Prepared{dmn, a2}, "d.dmn= a.bpmn a:2", 0},
	} {
		x := NewIndex()
		for i, files := range test.before {
			o, problems := Decide(x, DeployRequest{Tenant: "t", Name: "old", Command: command(i + 1), Resources: files})
			if len(problems) > 0 || !o.Append() {
				t.Fatalf("%s: %+v, %v", name, o, problems)
			}
			if err := x.Apply(uint64(i+1), frame(o.Deployment)); err != nil { //nolint:gosec // small
				t.Fatal(err)
			}
		}
		before := x.Digest()
		o, problems := Decide(x, DeployRequest{Tenant: "t", Name: "new", Command: command(100), Resources: test.ask})
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		if got := words(o); got != test.want {
			t.Errorf("%s: expected %q, but got %q", name, test.want, got)
		}
		wantID, wantName := DeploymentID(command(100)), "new"
		if test.from > 0 {
			wantID, wantName = DeploymentID(command(test.from)), "old"
		}
		if o.Deployment.Deployment != wantID || o.Deployment.Name != wantName || o.Unchanged != (test.from > 0) || o.Append() == o.Unchanged {
			t.Errorf("%s: expected deployment %d, but got %+v", name, test.from, o)
		}
		if x.Digest() != before {
			t.Errorf("%s: expected Decide to change nothing", name)
		}
		// The same files mean nothing to another tenant.
		o, _ = Decide(x, DeployRequest{Tenant: "u", Command: command(101), Resources: test.ask})
		if got := words(o); strings.Contains(got, "=") || !o.Append() {
			t.Errorf("%s: expected all to be new for another tenant, but got %q", name, got)
		}
		if o.Append() {
			if err := x.Apply(x.HighWater()+1, frame(o.Deployment)); err != nil {
				t.Errorf("%s: expected the decision to follow, but got %v", name, err)
			}
		}
	}
}

func words(o Outcome) string {
	var out []string
	mark := func(b bool) string {
		if b {
			return "="
		}
		return ""
	}
	for _, r := range o.Deployment.Resources {
		out = append(out, r.Name+mark(r.Unchanged))
	}
	for _, p := range o.Deployment.Processes {
		out = append(out, fmt.Sprint(p.ProcessID, ":", p.Version, mark(p.Unchanged)))
	}
	return strings.Join(out, " ")
}

func TestRepeatedCommand(t *testing.T) {
	t.Parallel()
	x := NewIndex()
	r := DeployRequest{Tenant: "t", Name: "first", Command: command(1), Resources: []Prepared{prepared("a.bpmn", 1, "tag", "a")}}
	first, _ := Decide(x, r)
	if err := x.Apply(1, frame(first.Deployment)); err != nil {
		t.Fatal(err)
	}
	change := DeployRequest{Tenant: "t", Command: command(2), Resources: []Prepared{prepared("a.bpmn", 2, "", "a")}}
	second, _ := Decide(x, change)
	if err := x.Apply(2, frame(second.Deployment)); err != nil {
		t.Fatal(err)
	}
	again, problems := Decide(x, r)
	if len(problems) > 0 || !again.Repeated || again.Append() || words(again) != words(first) || again.Deployment.Deployment != first.Deployment.Deployment {
		t.Errorf("expected the first answer %q, but got %q, %+v, %v", words(first), words(again), again, problems)
	}
	if first.Deployment.Deployment != DeploymentID(r.Command) {
		t.Error("expected the deployment id to follow from the command id")
	}
	if _, err := ids.ParseInstance(first.Deployment.Deployment); err != nil {
		t.Errorf("expected a ULID, but got %v", err)
	}
}

func TestDecideRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		files []Prepared
		code  string
	}{
		"no file":       {nil, CodeDeploymentEmpty},
		"name twice":    {[]Prepared{prepared("a.bpmn", 1, "", "a"), prepared("a.bpmn", 2, "", "b")}, CodeResourceDuplicate},
		"process twice": {[]Prepared{prepared("a.bpmn", 1, "", "a"), prepared("b.bpmn", 2, "", "a")}, CodeProcessDuplicate},
	} {
		o, problems := Decide(NewIndex(), DeployRequest{Tenant: "t", Command: command(1), Resources: test.files})
		if o.Deployment != nil || len(problems) != 1 || problems[0].Code != test.code || problems[0].Severity != bpmn.SeverityError {
			t.Errorf("%s: expected one problem %s, but got %+v, %v", name, test.code, o, problems)
		}
	}
}
