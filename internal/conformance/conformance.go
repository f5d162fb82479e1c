// Package conformance reads and runs the scenarios of the folder conformance/:
// small models with what is done to them and what is expected then. The same
// scenarios run on the engine alone and through a whole server; a [Driver] is
// what differs.
package conformance

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/variables"
)

// Scenario is one run of one or several models.
type Scenario struct {
	// Name is <topic>/<script>/<title>, with "-" for spaces.
	Name string
	// File and Line tell where the scenario stands.
	File  string
	Line  int
	Steps []Step
}

// Step is one line of a scenario: something that is done, or that is expected.
type Step struct {
	Line int
	Verb string
	Args []string
	// Variables is the JSON object at the end of the line, nil if there is none.
	Variables variables.Document
}

func (s Step) String() string { return strings.Join(append([]string{s.Verb}, s.Args...), " ") }

// Option returns the value of the argument name=value, or "".
func (s Step) Option(name string) string {
	for _, a := range s.Args {
		if v, ok := strings.CutPrefix(a, name+"="); ok {
			return v
		}
	}
	return ""
}

// AdHoc is what the step says as the worker of an ad-hoc subprocess, nil if it
// says nothing.
func (s Step) AdHoc() *commands.AdHocResult {
	r := &commands.AdHocResult{Complete: s.Option("finish") == "true", CancelRemaining: s.Option("cancel") == "true"}
	for _, id := range strings.FieldsFunc(s.Option("activate"), func(r rune) bool { return r == ',' }) {
		r.Activities = append(r.Activities, commands.Activity{ElementID: id})
	}
	if !r.Complete && !r.CancelRemaining && len(r.Activities) == 0 {
		return nil
	}
	return r
}

// Nth splits an argument such as "work#2", the second of what is open at an
// element; without number it is the first.
func Nth(arg string) (element string, nth int) {
	element, n, ok := strings.Cut(arg, "#")
	if !ok {
		return arg, 1
	}
	nth, err := strconv.Atoi(n)
	if err != nil {
		return arg, 1
	}
	return element, nth
}

// File is a resource to deploy.
type File struct {
	Name string
	Data []byte
}

// Observation is what is there after a step, over all instances of a scenario.
type Observation struct {
	// Completed lists the ids of the elements that completed, in order.
	// Bodies of loops are left out, their runs are in.
	Completed []string
	// Unordered says that Completed is in no order: how often is checked alone.
	Unordered bool
	// Waiting lists the ids of the active elements that are no scopes.
	Waiting []string
	// Incidents lists the open ones as <element>:<code>.
	Incidents []string
	// State is that of the newest instance that no other called: active,
	// completed or canceled; Variables are those of its outermost scope.
	State     string
	Variables map[string]any
	// Active counts the active instances.
	Active int
}

// Driver does what scenarios say.
type Driver interface {
	// Deploy deploys files as one deployment, or fails the test.
	Deploy(tb testing.TB, files []File)
	// Do carries out a step and returns the code of its rejection, "" if it
	// was carried out.
	Do(tb testing.TB, step Step) string
	Observe(tb testing.TB) Observation
}

// Scenarios reads every scenario of the topics in the folders; an empty name is
// no folder. A folder without scenarios is an error.
func Scenarios(folders ...string) ([]Scenario, error) {
	var out []Scenario
	for _, folder := range folders {
		if folder == "" {
			continue
		}
		files, err := filepath.Glob(filepath.Join(folder, "*", "*.scenario"))
		if err != nil {
			return nil, err
		}
		if len(files) == 0 {
			return nil, fmt.Errorf("%s has no <topic>/<name>.scenario", folder)
		}
		for _, f := range files {
			list, err := read(f)
			if err != nil {
				return nil, err
			}
			out = append(out, list...)
		}
	}
	return out, nil
}

func read(file string) ([]Scenario, error) {
	data, err := os.ReadFile(file) //nolint:gosec // a file of this repository
	if err != nil {
		return nil, err
	}
	base := filepath.Base(filepath.Dir(file)) + "/" + strings.TrimSuffix(filepath.Base(file), ".scenario")
	var out []Scenario
	for i, text := range strings.Split(string(data), "\n") {
		text = strings.TrimSpace(text)
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		if title, ok := strings.CutPrefix(text, "scenario "); ok {
			out = append(out, Scenario{Name: base + "/" + strings.ReplaceAll(title, " ", "-"), File: file, Line: i + 1})
			continue
		}
		if len(out) == 0 {
			return nil, fmt.Errorf("%s:%d: expected a line that begins with \"scenario\"", file, i+1)
		}
		step, err := parseStep(text)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", file, i+1, err)
		}
		step.Line = i + 1
		s := &out[len(out)-1]
		s.Steps = append(s.Steps, step)
	}
	return out, nil
}

func parseStep(text string) (Step, error) {
	var step Step
	if at := strings.Index(text, "{"); at >= 0 {
		vars, err := variables.DocumentFromJSON([]byte(text[at:]))
		if err != nil {
			return step, err
		}
		step.Variables, text = vars, text[:at]
	}
	words := strings.Fields(text)
	if len(words) == 0 {
		return step, fmt.Errorf("expected a verb before the variables")
	}
	step.Verb, step.Args = words[0], words[1:]
	return step, nil
}

// Has says whether a step has one of the verbs.
func (s Scenario) Has(verbs ...string) bool {
	return slices.ContainsFunc(s.Steps, func(step Step) bool { return slices.Contains(verbs, step.Verb) })
}

// Run carries out a scenario and checks its expectations.
func Run(t *testing.T, s Scenario, d Driver) {
	t.Helper()
	if len(s.Steps) == 0 || s.Steps[0].Verb != "deploy" {
		own := strings.TrimSuffix(filepath.Base(s.File), ".scenario") + ".bpmn"
		deploy(t, s, []string{own}, d)
	}
	rejected := ""
	for _, step := range s.Steps {
		where := fmt.Sprintf("%s:%d: %s", s.File, step.Line, step)
		if rejected != "" && step.Verb != "rejected" {
			t.Fatalf("%s: the step before was rejected: %s", where, rejected)
		}
		if step.Verb == "deploy" {
			deploy(t, s, step.Args, d)
			continue
		}
		if step.Verb == "rejected" {
			if len(step.Args) != 1 || rejected != step.Args[0] {
				t.Errorf("%s: the answer is %q", where, rejected)
			}
			rejected = ""
			continue
		}
		known, err := expect(step, func() Observation { return d.Observe(t) })
		if !known {
			rejected = d.Do(t, step)
		}
		if err != nil {
			t.Errorf("%s: %v", where, err)
		}
	}
	if rejected != "" {
		t.Errorf("%s:%d: the last step was rejected: %s", s.File, s.Line, rejected)
	}
}

func deploy(t *testing.T, s Scenario, names []string, d Driver) {
	t.Helper()
	var files []File
	for _, name := range names {
		data, err := os.ReadFile(filepath.Join(filepath.Dir(s.File), name)) //nolint:gosec // a file of this repository
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, File{name, data})
	}
	d.Deploy(t, files)
}

// expect checks a step that expects something; known is false for others.
func expect(step Step, observe func() Observation) (known bool, err error) {
	switch step.Verb {
	case "path":
		return true, checkPath(step.Args, observe())
	case "waiting":
		return true, same(step.Args, observe().Waiting)
	case "incidents":
		return true, same(step.Args, observe().Incidents)
	case "state":
		return true, same(step.Args, []string{observe().State})
	case "instances":
		return true, same(step.Args, []string{strconv.Itoa(observe().Active)})
	case "absent":
		got := observe().Variables
		for _, name := range step.Args {
			if v, ok := got[name]; ok {
				return true, fmt.Errorf("the variable %s is %v", name, v)
			}
		}
		return true, nil
	case "vars":
		got := observe().Variables
		for name, want := range step.Variables {
			if v, ok := got[name]; !ok || !reflect.DeepEqual(v, want) {
				return true, fmt.Errorf("the variable %s is %s, expected %s", name, text(v, ok), text(want, true))
			}
		}
		return true, nil
	}
	return false, nil
}

func text(v any, there bool) string {
	if !there {
		return "not there"
	}
	data, err := variables.ToJSON(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(data)
}

// same compares lists in any order; "none" alone is the empty list.
func same(want, got []string) error {
	if len(want) == 1 && want[0] == "none" {
		want = nil
	}
	want, got = slices.Sorted(slices.Values(want)), slices.Sorted(slices.Values(got))
	if !slices.Equal(want, got) {
		return fmt.Errorf("got %v", got)
	}
	return nil
}

// checkPath checks the order in which the listed elements completed. Elements
// that are not listed may complete in between; those with "!" must not.
func checkPath(want []string, o Observation) error {
	var order, got []string
	listed := map[string]bool{}
	for _, id := range want {
		name, not := strings.CutPrefix(id, "!")
		listed[name] = true
		if !not {
			order = append(order, id)
		}
	}
	for _, id := range o.Completed {
		if listed[id] {
			got = append(got, id)
		}
	}
	if o.Unordered {
		slices.Sort(order)
		slices.Sort(got)
	}
	if !slices.Equal(order, got) {
		return fmt.Errorf("completed %v of %v", got, o.Completed)
	}
	return nil
}
