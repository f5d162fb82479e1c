package main

import (
	"fmt"
	"strings"

	"github.com/weir-bpm/weir/bpmn"
)

// dialectsPage is docs/dialects.md.
func dialectsPage() string {
	var b strings.Builder
	b.WriteString(`# Dialects

What becomes of every attribute and element that the dialects add to BPMN. The table is made by parsing the example of each
row (` + "`bpmn.DialectSupport`" + `), so it says what a deployment does:

- **executed**: it is part of the model that runs, or is handed to those who ask for it (workers, task lists);
- **kept as data**: it does not concern execution; the row says why;
- **without effect**: it deploys, with a warning that says why it changes nothing;
- **refused**: it does not deploy; the row is what the deployment answers, with the way out.

Attributes are taken from their namespace, never by their local name, so one model may hold several dialects. An attribute of
a dialect that is in no row is unknown to its engine as well and is refused; those of foreign namespaces are their vendors'
own business. Operaton's and Activiti's namespaces are read like camunda's; Flowable models may use all three, in Flowable's
order. Elements and events are in [bpmn.md](bpmn.md).

`)
	words := map[string]string{
		bpmn.BecomesExecuted: "executed", bpmn.BecomesMetadata: "kept as data", bpmn.BecomesWarned: "without effect", bpmn.BecomesRefused: "refused",
	}
	rows := bpmn.DialectSupport()
	for _, d := range []struct {
		dialect bpmn.Dialect
		title   string
	}{
		{bpmn.DialectCamunda, "Camunda 7 (`camunda:`)"}, {bpmn.DialectZeebe, "Camunda 8 (`zeebe:`)"}, {bpmn.DialectFlowable, "Flowable (`flowable:`)"},
	} {
		fmt.Fprintf(&b, "## %s\n\n", d.title)
		var places []string
		byPlace := map[string][][]string{}
		for _, r := range rows {
			if r.Dialect != d.dialect {
				continue
			}
			if byPlace[r.On] == nil {
				places = append(places, r.On)
			}
			byPlace[r.On] = append(byPlace[r.On], []string{r.On, code(r.Name), words[r.Becomes], note(r.Note)})
		}
		var list [][]string
		for _, place := range places {
			list = append(list, byPlace[place]...)
		}
		table(&b, []string{"On", "Attribute or element", "Becomes", "Reason, or what a deployment answers"}, list)
	}
	return b.String()
}

// note keeps what looks like HTML from being taken for it.
func note(s string) string { return strings.NewReplacer("<", "&lt;", ">", "&gt;").Replace(s) }
