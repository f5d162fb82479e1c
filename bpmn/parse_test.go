package bpmn

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

func mustParse(t testing.TB, model string, opts Options) (*Definitions, []Problem) {
	t.Helper()
	defs, problems := Parse("m.bpmn", []byte(model), opts)
	if defs == nil {
		t.Fatalf("refused: %v\n%.2000s", problems, model)
	}
	return defs, problems
}

func TestEncodings(t *testing.T) {
	body := inProcess(`<startEvent id="s" name="Prüfung"/>`)
	utf16 := func(e unicode.Endianness, bom unicode.BOMPolicy) func(string) []byte {
		return func(text string) []byte {
			out, err := unicode.UTF16(e, bom).NewEncoder().Bytes([]byte(text))
			if err != nil {
				t.Fatal(err)
			}
			return out
		}
	}
	latin := func(text string) []byte {
		out, err := charmap.ISO8859_1.NewEncoder().Bytes([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	tests := []struct {
		name, decl string
		encode     func(string) []byte
	}{
		{"none", ``, func(s string) []byte { return []byte(s) }},
		{"utf-8", `<?xml version="1.0" encoding="UTF-8"?>`, func(s string) []byte { return []byte(s) }},
		{"utf-8 bom", `<?xml version="1.0" encoding='utf-8'?>`, func(s string) []byte { return append([]byte("\xef\xbb\xbf"), s...) }},
		{"latin1", `<?xml version="1.0" encoding="ISO-8859-1" standalone="yes"?>`, latin},
		{"windows", `<?xml version="1.0" encoding="windows-1252"?>`, latin},
		{"utf-16 be bom", `<?xml version="1.0" encoding="UTF-16"?>`, utf16(unicode.BigEndian, unicode.UseBOM)},
		{"utf-16 le bom", `<?xml version="1.0" encoding="UTF-16"?>`, utf16(unicode.LittleEndian, unicode.UseBOM)},
		{"utf-16 le", `<?xml version="1.0" encoding="UTF-16LE"?>`, utf16(unicode.LittleEndian, unicode.IgnoreBOM)},
		{"utf-16 be", `<?xml version="1.0" encoding="UTF-16BE"?>`, utf16(unicode.BigEndian, unicode.IgnoreBOM)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			defs, _ := mustParse(t, string(tt.encode(tt.decl+body)), Options{})
			if got := defs.Processes[0].Element("s").Name; got != "Prüfung" {
				t.Errorf("name %q", got)
			}
		})
	}
}

func TestDialectDetection(t *testing.T) {
	process := func(attrs string) string {
		return definitionsTag + `<process id="p" isExecutable="true" ` + attrs + `><startEvent id="s"/></process></definitions>`
	}
	ext := func(e string) string {
		return inProcess(`<startEvent id="s"/><userTask id="t"><extensionElements>` + e + `</extensionElements></userTask><sequenceFlow id="f" sourceRef="s" targetRef="t"/>`)
	}
	tests := []struct {
		name, model string
		override    Dialect
		want        Dialect
	}{
		{"nothing", process(""), "", DialectPlain},
		{"platform", zeebe(process(`camunda:versionTag="1"`)), "", DialectZeebe},
		{"platform 7", strings.Replace(zeebe(process("")), "Camunda Cloud", "Camunda Platform", 1), "", DialectCamunda},
		{"exporter", strings.Replace(process(""), "targetNamespace", `exporter="Flowable Open Source Modeler" targetNamespace`, 1), "", DialectFlowable},
		{"process attribute", process(`flowable:candidateStarterUsers="ada"`), "", DialectFlowable},
		{"activiti", process(`activiti:candidateStarterUsers="ada"`), "", DialectCamunda},
		{"elements", ext(`<zeebe:userTask/>`), "", DialectZeebe},
		{"modelling metadata says nothing", process(`camunda:modelerTemplate="x"`), "", DialectPlain},
		{"override", zeebe(process("")), DialectCamunda, DialectCamunda},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			defs, _ := mustParse(t, tt.model, Options{Dialect: tt.override})
			if defs.Dialect != tt.want || defs.Processes[0].Dialect != tt.want {
				t.Errorf("dialect %s, expected %s", defs.Dialect, tt.want)
			}
		})
	}
}

// A prefix means what its declaration says, never what it looks like.
func TestNamespacesByURI(t *testing.T) {
	model := `<x:definitions xmlns:x="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/zeebe/1.0" xmlns:zeebe="http://acme.com">
<x:process id="p" isExecutable="true"><x:startEvent id="s"/>
<x:serviceTask id="t"><x:extensionElements><camunda:taskDefinition type="right"/><zeebe:taskDefinition type="wrong"/></x:extensionElements></x:serviceTask>
<x:sequenceFlow id="f" sourceRef="s" targetRef="t"/></x:process></x:definitions>`
	defs, _ := mustParse(t, model, Options{})
	if got := defs.Processes[0].Element("t").Job.Type.Constant; got != "right" {
		t.Errorf("job type %v", got)
	}
}

func TestDialectDecides(t *testing.T) {
	model := between(`<serviceTask id="t" camunda:type="external" camunda:topic="c"><extensionElements><zeebe:taskDefinition type="z"/></extensionElements></serviceTask>`)
	for d, want := range map[Dialect]string{DialectZeebe: "z", DialectPlain: "z", DialectCamunda: "c", DialectFlowable: "c"} {
		defs, problems := mustParse(t, model, Options{Dialect: d})
		if got := defs.Processes[0].Element("t").Job.Type.Constant; got != want {
			t.Errorf("%s: job type %v, expected %s", d, got, want)
		}
		if len(problems) != 1 || problems[0].Code != CodeDialectConflict {
			t.Errorf("%s: %v", d, problems)
		}
	}
}

func TestClassMap(t *testing.T) {
	for _, attr := range []string{`camunda:class="com.acme.Ship"`, `camunda:delegateExpression="${ship}"`, `camunda:expression="${ship.go()}"`, `flowable:type="mail"`} {
		_, text, _ := strings.Cut(attr, `="`)
		text = strings.TrimSuffix(text, `"`)
		model := between(`<serviceTask id="t" ` + attr + `><extensionElements><camunda:field name="mode" stringValue="fast"/></extensionElements></serviceTask>`)
		defs, _ := mustParse(t, model, Options{ClassMap: map[string]string{text: "job:ship"}})
		j := defs.Processes[0].Element("t").Job
		if j == nil || j.Type.Constant != "ship" || j.Headers["mode"] != "fast" {
			t.Errorf("%s: job %+v", attr, j)
		}
	}
}

// Goal: all problems are found in one go, in the order of the file.
func TestAllProblemsAtOnce(t *testing.T) {
	_, problems := Parse("m.bpmn", []byte(inProcess("<serviceTask id=\"a\"/>\n<callActivity id=\"b\"/>\n<callActivity id=\"c\" camunda:caseRef=\"k\"/>\n<sequenceFlow id=\"f\" sourceRef=\"a\" targetRef=\"x\"/>")), Options{})
	var got []string
	for _, p := range problems {
		got = append(got, fmt.Sprintf("%d %s", p.Line, p.Code))
	}
	want := "2 process.no_start|3 missing.implementation|3 node.unreachable|4 call.target_missing|4 node.unreachable|5 node.unreachable|5 unsupported.element|6 reference.unknown"
	if strings.Join(got, "|") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, "|"), want)
	}
}

// Lines behind a diagram are right although its content is not parsed, and an
// element that only has the name of a diagram is not taken for one.
func TestDiagrams(t *testing.T) {
	diagram := `<di:BPMNDiagram xmlns:di="http://www.omg.org/spec/BPMN/20100524/DI"><di:BPMNPlane>
<di:BPMNShape/>

</di:BPMNPlane></di:BPMNDiagram>`
	model := strings.Replace(inProcess(`<startEvent id="s"/>`), "\n", diagram+"\n", 1)
	model = strings.Replace(model, `<startEvent id="s"/>`, `<startEvent id="s"/><serviceTask id="t"/><sequenceFlow id="f" sourceRef="s" targetRef="t"/>`, 1)
	p := parse("m.bpmn", []byte(model), Options{})
	if len(p.problems) != 1 || p.problems[0].Line != 6 || p.total != 8 {
		t.Errorf("%d elements, %v", p.total, p.problems)
	}
	fake := strings.Replace(model, `xmlns:di="http://www.omg.org/spec/BPMN/20100524/DI"`, `xmlns:di="http://www.omg.org/spec/BPMN/20100524/MODEL"`, 1)
	p = parse("m.bpmn", []byte(fake), Options{})
	if len(p.problems) != 2 || p.problems[0].Code != CodeUnsupportedElement || p.problems[1].Line != 6 || p.total != 8 {
		t.Errorf("%d elements, %v", p.total, p.problems)
	}
	if _, problems := Parse("m.bpmn", []byte(strings.Replace(model, "<di:BPMNShape/>", "<di:BPMNShape>", 1)), Options{}); len(problems) != 1 || problems[0].Code != CodeXMLMalformed {
		t.Errorf("a broken diagram gives %v", problems)
	}
}

// A file that was deployed is read whatever a later version thinks of it, unless
// it cannot be read.
func TestDeployed(t *testing.T) {
	model := between(`<serviceTask id="t"/>`)
	defs, problems := Parse("m.bpmn", []byte(model), Options{Deployed: true})
	if defs == nil || defs.Processes[0].Element("t") == nil || !HasErrors(problems) {
		t.Errorf("%v, %v", defs, problems)
	}
	for _, broken := range []string{"", "<x", "<html/>"} {
		if defs, _ := Parse("m.bpmn", []byte(broken), Options{Deployed: true}); defs != nil {
			t.Errorf("%q is read", broken)
		}
	}
}

func TestPictureProcessesAreNotJudged(t *testing.T) {
	model := definitionsTag + `<process id="pool"><serviceTask id="a"/><inclusiveGateway id="g"/></process>` +
		`<process id="p" isExecutable="true"><startEvent id="s"/></process></definitions>`
	model = strings.Replace(model, `<process id="pool">`, `<process id="pool" isExecutable="false">`, 1)
	defs, problems := mustParse(t, model, Options{})
	if len(problems) != 0 || len(defs.Processes) != 2 || defs.Processes[0].Executable {
		t.Errorf("%v", problems)
	}
}

func TestReferencesWithPrefix(t *testing.T) {
	model := strings.Replace(between(`<receiveTask id="t" messageRef="tns:M"/>`), "\n", "<message id=\"M\" name=\"paid\"/>\n", 1)
	defs, _ := mustParse(t, model, Options{})
	if got := defs.Processes[0].Element("t").Event.MessageName.Constant; got != "paid" {
		t.Errorf("message %v", got)
	}
}

// generated is a model of n service tasks in a row with gateways, mappings and a
// diagram, as modellers write it.
func generated(n int) string {
	var b, di strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n" + zeebe(definitionsTag) + "\n<process id=\"p\" isExecutable=\"true\">\n<startEvent id=\"s\"><outgoing>f0</outgoing></startEvent>\n")
	prev := "s"
	for i := range n {
		id := fmt.Sprintf("Activity_%07d", i)
		fmt.Fprintf(&b, `    <serviceTask id="%s" name="Do the work of step %d">
      <extensionElements>
        <zeebe:taskDefinition type="type-%d" retries="3" />
        <zeebe:taskHeaders><zeebe:header key="step" value="%d" /></zeebe:taskHeaders>
        <zeebe:ioMapping><zeebe:input source="constant" target="mode" /><zeebe:output source="=result.value%d + 1" target="total.step%d" /></zeebe:ioMapping>
      </extensionElements>
      <incoming>f%d</incoming><outgoing>f%d</outgoing>
    </serviceTask>
    <sequenceFlow id="f%d" sourceRef="%s" targetRef="%s" />
`, id, i, i%10, i, i, i, i, i+1, i, prev, id)
		fmt.Fprintf(&di, `      <bpmndi:BPMNShape id="Shape_%d" bpmnElement="%s"><dc:Bounds x="%d" y="80" width="100" height="80" /><bpmndi:BPMNLabel /></bpmndi:BPMNShape>
      <bpmndi:BPMNEdge id="Edge_%d" bpmnElement="f%d"><di:waypoint x="%d" y="120" /><di:waypoint x="%d" y="120" /></bpmndi:BPMNEdge>
`, i, id, i*150, i, i, i*150, i*150+50)
		prev = id
	}
	fmt.Fprintf(&b, "    <endEvent id=\"e\"><incoming>f%d</incoming></endEvent>\n<sequenceFlow id=\"f%d\" sourceRef=\"%s\" targetRef=\"e\" />\n</process>\n", n, n, prev)
	b.WriteString(`<bpmndi:BPMNDiagram xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" xmlns:di="http://www.omg.org/spec/DD/20100524/DI" id="d"><bpmndi:BPMNPlane id="pl" bpmnElement="p">` +
		di.String() + `</bpmndi:BPMNPlane></bpmndi:BPMNDiagram></definitions>`)
	return b.String()
}

// Goal: caches that are bounded in bytes can believe Definitions.Bytes. Method:
// hold many models and compare with the heap.
func TestBytesEstimate(t *testing.T) {
	for name, model := range map[string]string{"generated": generated(100), "small": between(`<userTask id="t"/>`)} {
		const copies = 40
		data := []byte(model)
		heap := func() uint64 {
			runtime.GC()
			runtime.GC()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			return m.HeapAlloc
		}
		held := make([]*Definitions, copies)
		before := heap()
		for i := range held {
			held[i], _ = mustParse(t, string(data), Options{})
		}
		perModel := float64(heap()-before) / copies
		estimate := float64(held[0].Bytes)
		t.Logf("%s: %.0f bytes real, %.0f estimated (%.2f), file %d", name, perModel, estimate, estimate/perModel, len(data))
		if estimate < perModel/2 || estimate > perModel*2 {
			t.Errorf("%s: the estimate %.0f is not within a factor of two of %.0f", name, estimate, perModel)
		}
		runtime.KeepAlive(held)
	}
}

func BenchmarkParse200(b *testing.B) {
	data := []byte(generated(200))
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if defs, problems := Parse("m.bpmn", data, Options{}); defs == nil {
			b.Fatal(problems)
		}
	}
}
