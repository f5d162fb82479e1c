package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/definitions"
	"github.com/weir-bpm/weir/dmn"
)

// errorPages makes a page for each code, and the index.
func errorPages(docs *comments) map[string]string {
	sections := map[string][]string{} // what each source of a code says
	brief := map[string]string{}
	add := func(code, heading, meaning, rest string) {
		sections[code] = append(sections[code], "## "+heading+"\n\n"+meaning+"\n\n"+rest)
		if brief[code] == "" {
			brief[code] = meaning
		}
	}
	for _, e := range commands.Codes() {
		add(string(e.Code), "As the answer to a command, or an incident", e.Means,
			"**What to look at.** "+e.Look+"\n\n**What to do.** "+e.Do+"\n")
	}
	for _, c := range slices.Concat(bpmn.Codes(), definitions.Codes()) {
		rest := "A deployment with it is refused; the problem names the file, the line and the element, and its message says what to do.\n"
		if c.Severity == bpmn.SeverityWarning {
			rest = "It is a warning: the model is deployed. The problem names the file, the line and the element.\n"
		}
		add(c.Code, "As a problem of a deployed model", c.Meaning, rest)
	}
	for _, c := range dmn.Codes() {
		add(string(c.Code), "As a problem of a decision model, or of its evaluation", upperFirst(c.Meaning), "**What to do.** "+upperFirst(c.Remedy)+"\n")
	}
	for _, c := range docs.consts {
		if c.pkg == "projector" && c.typ == "Code" {
			add(c.value, "As a fault of the projector", after(c.name, c.doc), "`weir status` shows it at the partition; see [the runbook](../runbook.md).\n")
		}
	}
	pages := map[string]string{}
	var index strings.Builder
	index.WriteString("# Error codes\n\nCodes are stable: none is renamed or used for something else. Each has a page.\n\n" +
		"The codes of expressions (FEEL, JUEL, scripts, timers) are listed in [expressions.md](../expressions.md).\n\n")
	var rows [][]string
	for _, c := range slices.Sorted(maps.Keys(sections)) {
		pages[c+".md"] = "# " + c + "\n\n" + strings.Join(sections[c], "\n")
		rows = append(rows, []string{fmt.Sprintf("[%s](%s.md)", c, c), brief[c]})
	}
	table(&index, []string{"Code", "Meaning"}, rows)
	pages["README.md"] = index.String()
	return pages
}
