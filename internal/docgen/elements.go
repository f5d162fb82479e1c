package main

import (
	"cmp"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/bpmn/lint"
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

// shownFile says which traces show which rows; the tests of the engine check that
// it is true.
const shownFile = traceFolder + "/shown.txt"

// readShown reads it, and checks that the traces are there.
func readShown(root string, traces []string) (map[bpmn.ExecutedElement][]string, error) {
	data, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(shownFile))) //nolint:gosec // a file of this repository
	if err != nil {
		return nil, err
	}
	out := map[bpmn.ExecutedElement][]string{}
	for line := range strings.Lines(string(data)) {
		key, list, ok := strings.Cut(strings.TrimSpace(line), ":")
		parts := strings.Split(key, "|")
		if !ok || len(parts) != 3 {
			continue // a comment
		}
		for _, name := range strings.Fields(list) {
			if !slices.Contains(traces, name) {
				return nil, fmt.Errorf("%s names the trace %s, which is not there; write it with: go test ./engine -run TestTraces -rows", shownFile, name)
			}
			row := bpmn.ExecutedElement{Type: bpmn.Type(parts[0]), Event: bpmn.EventKind(parts[1]), Position: parts[2]}
			out[row] = append(out[row], name)
		}
	}
	return out, nil
}

// exampleFolder holds the models whose scenarios are tests.
const exampleFolder = "conformance"

// modelsByRow are the models that show a row, the smallest of each dialect.
type modelsByRow map[bpmn.ExecutedElement]map[bpmn.Dialect]example

type example struct {
	name string // in the folder
	size int
}

// readExamples finds for each row the smallest model of each dialect.
func readExamples(root string) (modelsByRow, error) {
	files, err := filepath.Glob(filepath.Join(root, exampleFolder, "*", "*.bpmn"))
	if err != nil {
		return nil, err
	}
	out := modelsByRow{}
	for _, file := range files {
		data, err := os.ReadFile(file) //nolint:gosec // a file of this repository
		if err != nil {
			return nil, err
		}
		defs, problems := bpmn.Parse(file, data, lint.WithScripts(file, bpmn.Options{}))
		if defs == nil {
			return nil, fmt.Errorf("the example %s does not deploy: %v", file, problems)
		}
		name := filepath.Base(filepath.Dir(file)) + "/" + filepath.Base(file)
		for _, p := range defs.Processes {
			for _, e := range p.Elements {
				row := bpmn.RowOf(e)
				if out[row] == nil {
					out[row] = map[bpmn.Dialect]example{}
				}
				best, ok := out[row][defs.Dialect]
				if !ok || len(data) < best.size {
					out[row][defs.Dialect] = example{name, len(data)}
				}
			}
		}
	}
	return out, nil
}

// links returns the links to the examples of a row, a dialect each.
func (x modelsByRow) links(row bpmn.ExecutedElement, base string) string {
	var links []string
	for _, d := range []bpmn.Dialect{bpmn.DialectPlain, bpmn.DialectCamunda, bpmn.DialectZeebe, bpmn.DialectFlowable} {
		if e, ok := x[row][d]; ok {
			links = append(links, fmt.Sprintf("[%s](%s%s/%s)", d, base, exampleFolder, e.name))
		}
	}
	return strings.Join(links, ", ")
}

// linksTo returns the links to the traces of a row; base leads from the page to
// the root folder.
func linksTo(traces []string, base string, most int) string {
	var links []string
	for _, t := range traces[:min(len(traces), most)] {
		links = append(links, fmt.Sprintf("[%s](%s%s/%s.trace)", path.Base(t), base, traceFolder, t))
	}
	return strings.Join(links, ", ")
}

// elementsPage is docs/bpmn.md.
func elementsPage(shown map[bpmn.ExecutedElement][]string, models modelsByRow, traces []string) string {
	var b strings.Builder
	b.WriteString(`# BPMN elements

What this release executes. The table is the one that deployments are checked against (` + "`bpmn.Executed`" + `): what is not in
it is refused when a model is deployed, with the element, the line and a way out. ` + "`weir deploy`" + ` names every problem of every
file at once.

The examples are small models, each with scenarios beside it that are tests (see
[conformance](../conformance/README.md)); elements work the same in every dialect unless an example says otherwise. The
traces are tests too: the lines with ` + "`>`" + ` are what came in, the others what the engine wrote to the log.

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
		rows = append(rows, []string{code(string(e.Type)), event, position, models.links(e, "../"), linksTo(shown[e], "../", 100)})
	}
	table(&b, []string{"Element", "Event", "Position", "Examples by dialect", "Traces"}, rows)
	b.WriteString("## Beyond elements\n\nWhat models ask for by attributes and extensions; [dialects](dialects.md) lists each of them.\n\n")
	rows = nil
	for _, f := range bpmn.Features() {
		rows = append(rows, []string{f, linksTo(featureTracesOf(f, traces), "../", 4)})
	}
	table(&b, []string{"Feature", "Traces"}, rows)
	b.WriteString("Lanes, pools, message flows, data stores, groups, annotations and the diagram are read and kept, and have no effect.\n")
	return b.String()
}

// readmeElements is the short form for the README: a matrix of the events, and a
// line with everything else.
func readmeElements() string {
	columns := []struct{ element, position, title string }{
		{"startEvent", "process start", "start"},
		{"startEvent", "interrupting event subprocess start", "event subprocess"},
		{"startEvent", "non-interrupting event subprocess start", "… non-interrupting"},
		{"intermediateCatchEvent", "intermediate", "catch"},
		{"boundaryEvent", "interrupting boundary", "boundary"},
		{"boundaryEvent", "non-interrupting boundary", "… non-interrupting"},
		{"intermediateThrowEvent", "intermediate", "throw"},
		{"endEvent", "end", "end"},
	}
	there := map[[3]string]bool{}
	var kinds, others []string
	for _, e := range bpmn.Executed() {
		kind := cmp.Or(string(e.Event), "none")
		if e.Position == "task" {
			others = append(others, "`"+string(e.Type)+"`")
			continue
		}
		there[[3]string{string(e.Type), e.Position, kind}] = true
		if !slices.Contains(kinds, kind) {
			kinds = append(kinds, kind)
		}
	}
	slices.Sort(kinds)
	head := []string{"Event"}
	for _, c := range columns {
		head = append(head, c.title)
	}
	var rows [][]string
	for _, kind := range kinds {
		row := []string{kind}
		for _, c := range columns {
			mark := ""
			if there[[3]string{c.element, c.position, kind}] {
				mark = "✓"
			}
			row = append(row, mark)
		}
		rows = append(rows, row)
	}
	var b strings.Builder
	table(&b, head, rows)
	fmt.Fprintf(&b, "Beside the events: %s. With multi-instance, standard loops and compensation where BPMN has them.\n", strings.Join(others, ", "))
	return b.String()
}

// featureTraces says which traces show a feature, as patterns of [path.Match].
func featureTraces() map[string][]string {
	return map[string][]string{
		"multi-instance":                       {"multiInstance/*"},
		"standard loop":                        {"standardLoop/*"},
		"execution listener":                   {"listener/*"},
		"task listener":                        {"userTask/listener*", "taskListener/*", "listener/task*"},
		"script":                               {"scriptTask/*"},
		"service expression":                   {"serviceTask/expression*"},
		"local mapping":                        {"callActivity/*local*"},
		"error message":                        {"*/*error-message*", "endEvent/error*"},
		"decision":                             {"businessRuleTask/*", "serviceTask/dmn*"},
		"compensation":                         {"compensation/*"},
		"token quantity":                       {"quantity/*", "*/*quantity*", "*/*quantities*"},
		"instantiate":                          {"*/instantiate*", "instantiate/*", "receiveTask/start*", "eventBasedGateway/start*"},
		"parallel event gateway":               {"eventBasedGateway/*parallel*", "instantiate/*parallel*"},
		"parallel multiple event":              {"multiple/*parallel*", "multiple/*all*"},
		"waitForCompletion=false":              {"compensation/*wait*"},
		"condition on a flow from an activity": {"task/implicit*", "*/*conditional*", "flow*/*", "flow/*", "task/condition*", "*/conditional-flow*"},
	}
}

func featureTracesOf(feature string, traces []string) []string {
	var out []string
	for _, pattern := range featureTraces()[feature] {
		for _, t := range traces {
			if ok, err := path.Match(pattern, t); err == nil && ok {
				out = append(out, t)
			}
		}
	}
	return out
}
