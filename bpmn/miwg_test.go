package bpmn

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// miwg returns the interchange models, which are not part of the project.
func miwg(t testing.TB) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", "shared", "miwg", "*.bpmn"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		if os.Getenv("CI") != "" {
			t.Fatal("no interchange models in ../shared/miwg; CI needs them")
		}
		t.Skip("SKIPPED: no interchange models in ../shared/miwg; nothing is known about them")
	}
	out := map[string][]byte{}
	for _, f := range files {
		data, err := os.ReadFile(f) //nolint:gosec // the name comes from the glob above
		if err != nil {
			t.Fatal(err)
		}
		out[filepath.Base(f)] = data
	}
	return out
}

// Every element of every interchange model is in the model, kept out for a
// stated reason, or refused with a problem. The count of elements comes from the
// XML decoder alone.
func TestInterchangeModelsAccountedFor(t *testing.T) {
	for name, data := range miwg(t) {
		t.Run(name, func(t *testing.T) {
			p := parse(name, data, Options{})
			if p.root == nil {
				t.Fatalf("not read: %v", p.problems)
			}
			counts := map[mark]int{}
			var walk func(n *node, refused bool)
			walk = func(n *node, refused bool) {
				refused = refused || n.mark == markRefused
				if refused {
					counts[markRefused]++
				} else {
					counts[n.mark]++
				}
				if n.mark == markNone && !refused && p.executableAround(n) {
					t.Errorf("line %d: <%s> is not accounted for", n.line, n.el.FullTag())
				}
				for _, k := range n.kids {
					walk(k, refused)
				}
			}
			walk(p.root, false)
			sum := 0
			for _, c := range counts {
				sum += c
			}
			total, inDiagram := countElements(t, data)
			if sum+inDiagram != total || p.total != total || inDiagram == 0 {
				t.Errorf("%d elements accounted for and %d in diagrams, %d scanned, but the file has %d", sum, inDiagram, p.total, total)
			}
			for _, pr := range p.problems {
				if pr.Line == 0 {
					t.Errorf("a problem without line: %s", pr)
				}
			}
			t.Logf("parsed %d, kept out %d, refused %d; %s; %d problems",
				counts[markParsed], counts[markKeptOut], counts[markRefused], p.dialect, len(p.problems))
			for _, pr := range p.problems {
				t.Log(pr)
			}
		})
	}
}

// Every flow node and sequence flow of every process, executable or not, is in
// the model as what the file says, counted kind by kind by the XML decoder alone;
// and all other elements of the BPMN namespace are known to the parser.
func TestInterchangeModelsByKind(t *testing.T) {
	for name, data := range miwg(t) {
		t.Run(name, func(t *testing.T) {
			p := parse(name, data, Options{})
			if p.defs == nil {
				t.Fatalf("not read: %v", p.problems)
			}
			got := map[string]int{}
			for _, process := range p.defs.Processes {
				got["process"]++
				got["sequenceFlow"] += len(process.Flows)
				for _, e := range process.Elements {
					tag := string(e.Type)
					if e.Type == TypeEventSubProcess {
						tag = string(TypeSubProcess)
					}
					got[tag]++
				}
			}
			inFile := kindsInFile(t, data)
			for _, kind := range modelledKinds() {
				if got[kind] != inFile[kind] {
					t.Errorf("<%s>: %d in the model, but %d in the file", kind, got[kind], inFile[kind])
				}
				if inFile[kind] > 0 {
					t.Logf("%-26s %d", kind, inFile[kind])
				}
			}
		})
	}
}

// modelledKinds are the elements that the model has an object for.
func modelledKinds() []string {
	out := []string{"process", "sequenceFlow"}
	for _, t := range []Type{
		TypeStartEvent, TypeEndEvent, TypeCatchEvent, TypeThrowEvent, TypeBoundaryEvent, TypeTask, TypeManualTask, TypeServiceTask,
		TypeSendTask, TypeReceiveTask, TypeUserTask, TypeScriptTask, TypeBusinessRuleTask, TypeSubProcess, TypeTransaction,
		TypeAdHocSubProcess, TypeCallActivity, TypeExclusiveGateway, TypeParallelGateway, TypeInclusiveGateway,
		TypeEventBasedGateway, TypeComplexGateway,
	} {
		out = append(out, string(t))
	}
	return out
}

// kindsInFile counts the elements of the BPMN model namespace by name.
func kindsInFile(t *testing.T, data []byte) map[string]int {
	t.Helper()
	dec := xml.NewDecoder(bytes.NewReader(data))
	dec.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	out := map[string]int{}
	for {
		tok, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		if start, ok := tok.(xml.StartElement); ok && start.Name.Space == nsModel {
			out[start.Name.Local]++
		}
	}
}

// What lint says about the interchange models: the pictures among them are not
// executable and nothing else is wrong with them; of the others each finding is
// one that their authors should know.
func TestInterchangeModelsFindings(t *testing.T) {
	files := miwg(t)
	want := map[string][]string{
		"C.3.0.bpmn": {CodeStartMissing, CodeFlowNoCondition, CodeExpressionSyntax, CodeUnsupportedAttribute},
		"C.9.0.bpmn": {CodeFlowNoDefault},
		"C.9.1.bpmn": {CodeDialectConflict},
		"C.9.2.bpmn": {},
	}
	for _, name := range sortedKeys(files) {
		allowed, ok := want[name]
		if !ok {
			allowed = []string{CodeProcessNoneExecutable}
		}
		_, problems := Parse(name, files[name], Options{})
		for _, p := range problems {
			if !slices.Contains(allowed, p.Code) && p.Code != CodeUnsupportedElement && p.Code != CodeUnsupportedEvent {
				t.Errorf("unexpected %s", p)
			}
			if p.Line == 0 || p.ElementID == "" {
				t.Errorf("a finding without line or element: %s", p)
			}
		}
	}
}

func (p *parser) executableAround(n *node) bool {
	for ; n != nil; n = n.parent {
		if n.ns == nsModel && n.name == "process" {
			pr := p.processes[n]
			return pr == nil || pr.Executable
		}
	}
	return true
}

// countElements counts the elements of a file, and of them those inside diagrams.
func countElements(t *testing.T, data []byte) (total, inDiagram int) {
	t.Helper()
	dec := xml.NewDecoder(bytes.NewReader(data))
	dec.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	depth, diagram := 0, 0
	for {
		tok, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return total, inDiagram
		}
		if err != nil {
			t.Fatal(err)
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			total++
			depth++
			if diagram > 0 {
				inDiagram++
			} else if tok.Name.Space == nsDiagram {
				diagram = depth
			}
		case xml.EndElement:
			if depth == diagram {
				diagram = 0
			}
			depth--
		}
	}
}

// The model that the foundation has to run deploys as it stands, and says that
// zeebe's job type was chosen over camunda's topic.
func TestC91(t *testing.T) {
	data, ok := miwg(t)["C.9.1.bpmn"]
	if !ok {
		t.Fatal("C.9.1.bpmn is missing")
	}
	defs, problems := Parse("C.9.1.bpmn", data, Options{})
	if defs == nil {
		t.Fatalf("refused: %v", problems)
	}
	if defs.Dialect != DialectZeebe {
		t.Errorf("dialect %s, expected zeebe", defs.Dialect)
	}
	conflicts := map[string]int{}
	for _, p := range problems {
		if p.Code != CodeDialectConflict || p.Severity != SeverityWarning {
			t.Errorf("unexpected %s", p)
		}
		conflicts[p.ElementID] = p.Line
	}
	if len(conflicts) != 2 || conflicts["SendTask_RequestDocument"] != 12 || conflicts["SendTask_SendReminderEmail"] != 22 {
		t.Errorf("conflicts at %v", conflicts)
	}
	proc := defs.Processes[0]
	for _, id := range []string{"SendTask_RequestDocument", "SendTask_SendReminderEmail"} {
		if e := proc.Element(id); e == nil || e.Job == nil || e.Job.Type.Constant != "email" {
			t.Errorf("%s: the job type is not email: %+v", id, e)
		}
	}
	wait := proc.Element("ReceiveTask_WaitForDocument")
	if wait.Event == nil || wait.Event.MessageName.Constant != "MESSAGE_documentReceived" ||
		wait.Event.CorrelationKey.Text != "documentReferenceId" {
		t.Errorf("the message is not resolved: %+v", wait.Event)
	}
	if len(wait.Boundary) != 2 || wait.Boundary[0].Interrupting || !wait.Boundary[1].Interrupting ||
		wait.Boundary[0].Event.TimerCycle.Constant != "R6/P1D" || wait.Boundary[1].Event.TimerDuration.Constant != "P7D" {
		t.Errorf("the timers are not attached: %+v", wait.Boundary)
	}
}
