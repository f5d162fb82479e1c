package main

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/weir-bpm/weir/bpmn"
)

// traceFolder is where the golden traces are.
const traceFolder = "engine/testdata"

// readTraces lists the golden traces as <folder>/<name>.
func readTraces(root string) ([]string, error) {
	base := filepath.Join(root, filepath.FromSlash(traceFolder))
	folders, err := os.ReadDir(base)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, f := range folders {
		if !f.IsDir() {
			continue
		}
		files, err := os.ReadDir(filepath.Join(base, f.Name()))
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			if name, ok := strings.CutSuffix(file.Name(), ".trace"); ok {
				out = append(out, f.Name()+"/"+name)
			}
		}
	}
	return out, nil
}

// tracePatterns says which traces show an element, where the folder of its own
// name does not hold them all. The key is type, event and position.
func tracePatterns(e bpmn.ExecutedElement) []string {
	switch e.Type { //nolint:exhaustive // the others have a folder of their own
	case bpmn.TypeStartEvent:
		switch e.Event { //nolint:exhaustive // see below
		case bpmn.EventMessage:
			return []string{"message/start-*", "startEvent/message*"}
		case bpmn.EventTimer:
			return []string{"timerStart/*", "startEvent/timer*"}
		}
		if e.Position == "subprocess start" {
			return []string{"subProcess/complete"}
		}
		return []string{"task/pass-through", "startEvent/" + string(e.Event) + "*"}
	case bpmn.TypeBoundaryEvent:
		if e.Event == bpmn.EventMessage && e.Position == "non-interrupting boundary" {
			return []string{"subProcess/non-interrupting-message", "boundaryEvent/message-non*"}
		}
		if e.Event == bpmn.EventTimer && e.Position == "interrupting boundary" {
			return []string{"boundaryEvent/timer-date", "subProcess/interrupted-by-timer", "boundaryEvent/timer-duration*"}
		}
		if e.Event == bpmn.EventTimer {
			return []string{"boundaryEvent/timer-cycle*"}
		}
		if e.Event == bpmn.EventError {
			return []string{"serviceTask/throw-*", "boundaryEvent/error*", "endEvent/error-across-*"}
		}
		return []string{"boundaryEvent/" + string(e.Event) + "-*"}
	case bpmn.TypeEndEvent:
		if e.Event == "none" {
			return []string{"task/*", "endEvent/none*"}
		}
		return []string{"endEvent/" + string(e.Event) + "*"}
	case bpmn.TypeCatchEvent:
		return []string{"intermediateCatchEvent/" + string(e.Event) + "*"}
	case bpmn.TypeThrowEvent:
		return []string{"intermediateThrowEvent/" + string(e.Event) + "*"}
	}
	return []string{string(e.Type) + "/*"}
}

// linksTo returns the links to the traces of an element; base leads from the
// page to the root folder.
func linksTo(e bpmn.ExecutedElement, traces []string, base string, most int) string {
	var links []string
	for _, p := range tracePatterns(e) {
		for _, t := range traces {
			if ok, err := path.Match(p, t); err == nil && ok {
				links = append(links, fmt.Sprintf("[%s](%s%s/%s.trace)", path.Base(t), base, traceFolder, t))
			}
		}
	}
	if same, ok := sameBehaviour()[e.Type]; ok && len(links) == 0 {
		return "as " + string(same)
	}
	if len(links) > most {
		links = append(links[:most], "…")
	}
	return strings.Join(links, ", ")
}

// sameBehaviour names the type whose traces stand for a type that the engine
// executes in the same way and that has none of its own.
func sameBehaviour() map[bpmn.Type]bpmn.Type {
	return map[bpmn.Type]bpmn.Type{
		bpmn.TypeScriptTask:       bpmn.TypeServiceTask,
		bpmn.TypeBusinessRuleTask: bpmn.TypeServiceTask,
		bpmn.TypeManualTask:       bpmn.TypeTask,
		bpmn.TypeThrowEvent:       bpmn.TypeTask,
	}
}

// elementName is what people call an element.
func elementName(e bpmn.ExecutedElement) string {
	name := string(e.Type)
	if e.Position != "task" {
		return fmt.Sprintf("%s (%s)", name, e.Event)
	}
	return name
}

// elementsPage is docs/bpmn.md.
func elementsPage(traces []string) string {
	var b strings.Builder
	b.WriteString(`# BPMN elements

What this release executes. The table is the one that deployments are checked against (` + "`bpmn.Executed`" + `): what is not in
it is refused when a model is deployed, with the element, the line and a way out. ` + "`weir deploy`" + ` names every problem of every
file at once.

The traces are tests: the lines with ` + "`>`" + ` are what came in, the others what the engine wrote to the log.

Models may be written for Camunda 7 (` + "`camunda:`, `operaton:`" + `), Camunda 8 (` + "`zeebe:`" + `), Flowable (` + "`flowable:`" + `) or plain
BPMN, also mixed in one file. Each attribute is taken from its own namespace; where two say different things about one
element, the dialect of the definition decides, and the answer to the deployment says so.

`)
	var rows [][]string
	for _, e := range bpmn.Executed() {
		position := e.Position
		if position == "task" {
			position = ""
		}
		event := string(e.Event)
		if e.Position == "task" && event == "none" {
			event = ""
		}
		rows = append(rows, []string{code(string(e.Type)), event, position, linksTo(e, traces, "../", 100)})
	}
	table(&b, []string{"Element", "Event", "Position", "Traces"}, rows)
	b.WriteString("## Beyond elements\n\nWhat models ask for by attributes and extensions (`bpmn.Features`).\n\n")
	rows = nil
	for _, f := range bpmn.Features() {
		state := "yes"
		note := ""
		if !f.Executed {
			state, note = "refused", f.WayOut
		}
		rows = append(rows, []string{f.Name, state, note})
	}
	table(&b, []string{"Feature", "Executed", "Instead"}, rows)
	b.WriteString("Lanes, pools, message flows, data stores, groups, annotations and the diagram are read and kept, and have no effect.\n")
	return b.String()
}

// readmeElements is the table of the README: an element a row.
func readmeElements(traces []string) string {
	var b strings.Builder
	var rows [][]string
	seen := map[string]int{}
	for _, e := range bpmn.Executed() {
		name := elementName(e)
		at := e.Position
		if at == "task" {
			at = ""
		}
		if i, ok := seen[name]; ok {
			rows[i][1] += ", " + at
			if links := linksTo(e, traces, "", 2); links != "" && !strings.Contains(rows[i][2], links) {
				rows[i][2] = strings.TrimPrefix(rows[i][2]+", "+links, ", ")
			}
			continue
		}
		seen[name] = len(rows)
		rows = append(rows, []string{name, at, linksTo(e, traces, "", 3)})
	}
	table(&b, []string{"Element", "Position", "Golden traces"}, rows)
	return b.String()
}
