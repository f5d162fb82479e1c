package main

import (
	"strings"
	"testing"

	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/gateway"
)

// root is the module's root folder.
const root = "../.."

// TestPages builds all pages and looks for what must be in them: a page for each
// code, a row for each operation, kind and executed element.
func TestPages(t *testing.T) {
	pages, err := build(root)
	if err != nil {
		t.Fatal(err)
	}
	has := func(page, text string) {
		t.Helper()
		if !strings.Contains(string(pages[page]), text) {
			t.Errorf("expected %s to hold %q", page, text)
		}
	}
	for _, e := range commands.Codes() {
		has("docs/errors/"+string(e.Code)+".md", e.Do)
	}
	for _, c := range bpmn.Codes() {
		has("docs/errors/"+c.Code+".md", c.Meaning)
	}
	for _, o := range gateway.New(gateway.Config{}).Operations() {
		has("docs/api.md", "## "+o.Name+"\n")
	}
	for _, k := range commands.Kinds() {
		if !commands.Internal(k) {
			has("docs/commands.md", "### "+string(k)+"\n")
		}
	}
	for _, k := range events.Kinds() {
		has("docs/log-format.md", "`"+string(k)+"`")
	}
	for _, r := range bpmn.DialectSupport() {
		has("docs/dialects.md", "| "+cell(r.On)+" | "+cell(code(r.Name))+" |")
	}
	for _, e := range bpmn.Executed() {
		has("docs/bpmn.md", "`"+string(e.Type)+"`")
		if e.Position == "task" {
			has("README.md", "`"+string(e.Type)+"`")
		} else {
			has("README.md", "\n| "+string(e.Event)+" |")
		}
	}
}

// TestElementsAreShown refuses rows of the page that nothing shows: every executed
// element has a golden trace and an example, every feature a trace.
func TestElementsAreShown(t *testing.T) {
	traces, err := readTraces(root)
	if err != nil {
		t.Fatal(err)
	}
	shown, err := readShown(root, traces)
	if err != nil {
		t.Fatal(err)
	}
	models, err := readExamples(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range bpmn.Executed() {
		if len(shown[row]) == 0 {
			t.Errorf("no golden trace shows %v; write one, then run: go test ./engine -run TestTraces -rows", row)
		}
		if len(models[row]) == 0 {
			t.Errorf("no model of %s shows %v", exampleFolder, row)
		}
	}
	for _, f := range bpmn.Features() {
		if len(featureTracesOf(f, traces)) == 0 {
			t.Errorf("no golden trace shows the feature %q; name one in featureTraces", f)
		}
	}
}

// TestInsert puts a part between its marks, again and again.
func TestInsert(t *testing.T) {
	pages := map[string][]byte{"p": []byte("head\n<!-- generated: x -->\nold\n<!-- end generated -->\ntail\n")}
	for range 2 { // a second time changes nothing
		if err := insert(root, pages, "p", "x", "new\n"); err != nil {
			t.Fatal(err)
		}
		if got, want := string(pages["p"]), "head\n<!-- generated: x -->\n\nnew\n\n<!-- end generated -->\ntail\n"; got != want {
			t.Errorf("expected %q, but got %q", want, got)
		}
	}
	if err := insert(root, pages, "p", "y", ""); err == nil {
		t.Error("expected missing marks to be an error")
	}
}

func TestCell(t *testing.T) {
	if got := cell("a |\n b"); got != `a \| b` {
		t.Errorf("got %q", got)
	}
	if got := code("a `b`"); got != "`` a `b` ``" {
		t.Errorf("got %q", got)
	}
}

func TestAfter(t *testing.T) {
	for text, want := range map[string]string{
		"Version selects a version.":          "Selects a version.",
		"Version is one.":                     "One.",
		"Version says that it is old.":        "It is old.",
		"Version and Tag narrow it down.":     "Version and Tag narrow it down.",
		"which one":                           "Which one",
		"Version are given to what it names.": "Version are given to what it names.",
	} {
		if got := after("Version", text); got != want {
			t.Errorf("%s: expected %q, but got %q", text, want, got)
		}
	}
}
