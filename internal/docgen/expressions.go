package main

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/weir-bpm/weir/dmn"
	"github.com/weir-bpm/weir/expression/feel"
	"github.com/weir-bpm/weir/expression/juel"
	"github.com/weir-bpm/weir/expression/script"
	"github.com/weir-bpm/weir/expression/timers"
)

// expressionsPage lists what each language has, from the tables that the tests
// of the languages walk.
func expressionsPage(docs *comments) string {
	var b strings.Builder
	b.WriteString(`# Expressions, scripts, timers and decisions

Each example below is evaluated by a test of its package, and each refusal is tested to be refused with its code.
Try FEEL with ` + "`weir feel 'EXPR' --vars JSON`" + ` and decisions with ` + "`weir dmn eval FILE --decision ID --vars JSON`" + `; neither
needs a server.

Which language a text is in is said by the model: FEEL in Zeebe attributes (after ` + "`=`" + `) and in DMN, JUEL in
` + "`${…}` or `#{…}`" + ` of Camunda 7 and Flowable, scripts by their format. Numbers are exact in all of them.

`)
	feelSection(&b, docs)
	juelSection(&b)
	scriptSection(&b)
	timerSection(&b)
	dmnSection(&b)
	return b.String()
}

func feelSection(b *strings.Builder, docs *comments) {
	b.WriteString("## FEEL\n\nAll of FEEL 1.5 (DMN 1.5, chapter 10), in two dialects: `dmn`, strict, and `camunda`, with the functions and habits of Camunda 8.\n\n### Built-in functions\n\n")
	var rows [][]string
	for _, f := range feel.Builtins() {
		var dialects []string
		for _, d := range f.Dialects {
			dialects = append(dialects, d.String())
		}
		rows = append(rows, []string{code(f.Usage), strings.Join(dialects, ", "), f.Doc, code(f.Example), code(f.Result)})
	}
	table(b, []string{"Function", "Dialects", "Gives", "Example", "Result"}, rows)
	b.WriteString("### Limits of FEEL\n\nReaching one ends the evaluation with its code.\n\n")
	rows = nil
	limits := reflect.TypeFor[feel.Limits]()
	for i := range limits.NumField() {
		rows = append(rows, []string{limits.Field(i).Name, docs.fields["feel.Limits."+limits.Field(i).Name]})
	}
	table(b, []string{"Limit", "Bounds"}, rows)
	b.WriteString("### Codes of FEEL\n\n")
	rows = nil
	for _, c := range docs.consts {
		if c.pkg == "feel" && c.typ == "Code" {
			what := "error"
			if strings.HasPrefix(c.name, "Warn") {
				what = "warning; the value is null"
			}
			rows = append(rows, []string{code(c.value), what, c.doc})
		}
	}
	table(b, []string{"Code", "Kind", "Meaning"}, rows)
}

func juelSection(b *strings.Builder) {
	b.WriteString("## JUEL\n\n### Syntax\n\n")
	var rows [][]string
	for _, f := range juel.Syntax() {
		rows = append(rows, []string{code(f.Syntax), f.Meaning, code(f.Example), code(f.Result)})
	}
	table(b, []string{"Syntax", "Meaning", "Example", "Result"}, rows)
	b.WriteString("### Methods and functions\n\n")
	rows = nil
	for _, e := range juel.Table() {
		rows = append(rows, []string{e.Receiver, code(e.Name + "(" + e.Arguments + ")"), e.Meaning, code(e.Example), code(e.Result)})
	}
	table(b, []string{"On", "Method or function", "Meaning", "Example", "Result"}, rows)
	b.WriteString("What a model calls on Java beans is registered as Go functions by an embedding application (`juel.Registry`), or moved to a job worker.\n\n### Codes of JUEL\n\n")
	rows = nil
	for _, c := range juel.Codes() {
		rows = append(rows, []string{code(string(c.Code)), c.Meaning, c.WayOut, code(c.Example)})
	}
	table(b, []string{"Code", "Meaning", "Way out", "Example"}, rows)
}

func scriptSection(b *strings.Builder) {
	b.WriteString("## Scripts\n\n" +
		"A script stands in the model or, with `camunda:resource`, in a file of the same deployment: `weir deploy order.bpmn total.js`. " +
		"`deployment://`, `classpath://` and folders in front of the name do not matter. A version keeps the scripts that it was deployed with; " +
		"another text of a script makes another version.\n\n### Formats\n\n")
	var rows [][]string
	for _, f := range script.Formats() {
		rows = append(rows, []string{code(f.Name), f.Language, string(f.Support), f.Note})
	}
	table(b, []string{"scriptFormat", "Language", "Support", "Note"}, rows)
	for _, part := range []struct {
		title string
		list  []script.Feature
	}{{"JavaScript", script.JavaScriptFeatures()}, {"Groovy", script.GroovyFeatures()}} {
		b.WriteString("### " + part.title + "\n\n")
		rows = nil
		for _, f := range part.list {
			result := code(f.Result)
			if f.Refused != "" {
				result = "refused: " + code(string(f.Refused))
			}
			rows = append(rows, []string{f.Name, code(f.Example), result, f.Note})
		}
		table(b, []string{"Feature", "Example", "Result", "Note"}, rows)
	}
	l := script.Limits{}.WithDefaults()
	fmt.Fprintf(b, "### Limits of scripts\n\n%d steps, %d bytes allocated, strings of %d, arrays of %d, %d nested calls, %s in all, %s for a match of a regular expression. No script reaches files, the network, other processes or the host's objects.\n\n", l.Steps, l.Memory, l.MaxString, l.MaxArray, l.MaxDepth, l.Deadline, l.RegexTime)
	var names []string
	for _, c := range script.Codes() {
		names = append(names, code(string(c)))
	}
	b.WriteString("Codes: " + strings.Join(names, ", ") + ".\n\n")
}

func timerSection(b *strings.Builder) {
	fmt.Fprintf(b, "## Timers\n\nThe last column says when a timer armed at %s in %s is first due.\n\n", timers.FormsNow, timers.FormsZone)
	var rows [][]string
	for _, f := range timers.Forms() {
		rows = append(rows, []string{string(f.Kind), code(f.Syntax), f.Meaning, code(f.Example), f.Next})
	}
	table(b, []string{"Kind", "Syntax", "Meaning", "Example", "First due"}, rows)
	b.WriteString("### Codes of timers\n\n")
	rows = nil
	for _, c := range timers.Codes() {
		rows = append(rows, []string{code(string(c.Code)), c.Meaning, c.WayOut, code(c.Example)})
	}
	table(b, []string{"Code", "Meaning", "Way out", "Example"}, rows)
}

func dmnSection(b *strings.Builder) {
	b.WriteString("## DMN\n\nModels of DMN 1.1 to 1.5, and of the modelers of Camunda and Flowable.\n\n")
	var rows [][]string
	for _, f := range dmn.Features() {
		state := "yes"
		if f.Refused != "" {
			state = "refused: " + code(string(f.Refused))
		}
		rows = append(rows, []string{f.Name, f.Section, state, f.Note})
	}
	table(b, []string{"Feature", "DMN 1.5", "Supported", "Note"}, rows)
	b.WriteString("The codes of decision models have pages in [errors/](errors/README.md).\n")
}
