package bpmn

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"
)

// sound checks what must hold for any input: no panic, refused only with an
// error, and a model that is accepted is whole.
func sound(t *testing.T, data []byte) {
	t.Helper()
	opts := Options{MaxBytes: 256 << 10, MaxElements: 5000}
	defs, problems := Parse("f.bpmn", data, opts)
	for _, p := range problems {
		if p.Code == CodeInternal {
			t.Fatalf("%s\n%s", p, data)
		}
	}
	if defs == nil {
		if !HasErrors(problems) {
			t.Fatalf("refused without an error\n%s", data)
		}
		return
	}
	for _, pr := range defs.Processes {
		for i, e := range pr.Elements {
			if e.Index != i || e.Scope == nil || pr.Element(e.ID) != e {
				t.Fatalf("element %q is not indexed\n%s", e.ID, data)
			}
			if !pr.Executable {
				continue
			}
			if e.Type == TypeBoundaryEvent && e.AttachedTo == nil {
				t.Fatalf("boundary event %q has no host\n%s", e.ID, data)
			}
			if key := (element{e.Type, kindOf(e), positionOf(e)}); !executedElements()[key] {
				t.Fatalf("%v is accepted but not executed\n%s", key, data)
			}
		}
		for _, fl := range pr.Flows {
			if fl.Source == nil || fl.Target == nil || fl.Source.Scope != fl.Target.Scope || pr.Flow(fl.ID) != fl {
				t.Fatalf("flow %q is not sound\n%s", fl.ID, data)
			}
		}
	}
	again, _ := Parse("f.bpmn", data, opts)
	if !bytes.Equal(dump(&parser{defs: defs}), dump(&parser{defs: again})) {
		t.Fatalf("two readings differ\n%s", data)
	}
}

// FuzzParse mutates whole files.
func FuzzParse(f *testing.F) {
	for _, n := range negatives() {
		f.Add([]byte(n.model))
	}
	f.Add([]byte(generated(2)))
	f.Add([]byte(between(`<userTask id="t"/>`)))
	f.Fuzz(sound)
}

// FuzzStructure turns the input into choices among BPMN elements, attributes and
// references, so that well-formed files of every shape come about.
func FuzzStructure(f *testing.F) {
	for seed := range uint64(20) {
		f.Add(randomBytes(seed, 400))
	}
	f.Fuzz(func(t *testing.T, choices []byte) { sound(t, []byte(assembled(choices))) })
}

// TestRandomStructures is a fixed part of FuzzStructure for every run.
func TestRandomStructures(t *testing.T) {
	accepted := 0
	for seed := range uint64(1500) {
		model := assembled(randomBytes(seed, 30+int(seed%300)))
		sound(t, []byte(model))
		if defs, _ := Parse("f.bpmn", []byte(model), Options{}); defs != nil {
			accepted++
		}
	}
	t.Logf("%d of 1500 models accepted", accepted)
}

// Goal: no shape of a file within the limits takes time or memory out of
// proportion. Each is near the limit of bytes or elements; one that were
// quadratic would take minutes.
func TestHostileShapes(t *testing.T) {
	repeat := func(n int, format string) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(strings.ReplaceAll(format, "#", strconv.Itoa(i)))
		}
		return b.String()
	}
	start := `<startEvent id="s"/>`
	var chain strings.Builder
	for i := range 30_000 {
		fmt.Fprintf(&chain, `<task id="t%d"/><sequenceFlow id="f%d" sourceRef="t%d" targetRef="t%d"/>`, i+1, i, i, i+1)
	}
	shapes := map[string]string{
		"processes":         definitionsTag + repeat(90_000, `<process id="p#" isExecutable="true"/>`) + "</definitions>",
		"flows without id":  inProcess(start + `<task id="t"/>` + repeat(70_000, `<sequenceFlow sourceRef="s" targetRef="t"/>`)),
		"chain":             inProcess(start + `<task id="t0"/>` + chain.String()),
		"links":             inProcess(start + repeat(20_000, `<intermediateThrowEvent id="a#"><linkEventDefinition name="l"/></intermediateThrowEvent><sequenceFlow id="f#" sourceRef="s" targetRef="a#"/>`)),
		"attributes":        definitionsTag + "<process " + repeat(90_000, ` a#=""`) + "/></definitions>",
		"namespaces":        `<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"` + repeat(400, ` xmlns:n#="u"`) + ">" + repeat(90_000, `<a xmlns:m="v"/>`) + "</definitions>",
		"messages":          definitionsTag + repeat(40_000, `<message id="m#" name="m"/>`) + inProcess(start)[len(definitionsTag):],
		"joins":             inProcess(start + `<exclusiveGateway id="x"/><parallelGateway id="j"/>` + repeat(40_000, `<sequenceFlow id="f#" sourceRef="x" targetRef="j"/>`)),
		"mapping":           between(`<serviceTask id="t"><extensionElements><zeebe:taskDefinition type="j"/><zeebe:ioMapping>` + repeat(50_000, `<zeebe:input source="=a+#" target="a#"/>`) + `</zeebe:ioMapping></extensionElements></serviceTask>`),
		"one expression":    between(`<serviceTask id="t"><extensionElements><zeebe:taskDefinition type="=` + strings.Repeat("(", 100_000) + `"/></extensionElements></serviceTask>`),
		"unclosed brackets": strings.Repeat("<", 1_000_000),
		"entities":          definitionsTag + strings.Repeat("&a;", 1_000_000),
	}
	for _, name := range sortedKeys(shapes) {
		t.Run(name, func(t *testing.T) {
			begin := cpuTime()
			_, problems := Parse("m.bpmn", []byte(shapes[name]), Options{})
			took := cpuTime() - begin
			t.Logf("%d bytes, %v, %d problems", len(shapes[name]), took.Round(time.Millisecond), len(problems))
			if took > 2*time.Minute { // some seconds, if the machine has nothing else to do
				t.Errorf("took %v", took)
			}
			for _, p := range problems {
				if p.Code == CodeInternal {
					t.Error(p)
				}
			}
		})
	}
}

func randomBytes(seed uint64, n int) []byte {
	r := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // a repeatable sequence is wanted
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

// assembler spends bytes on choices.
type assembler struct {
	choices []byte
	next    int
	b       strings.Builder
}

func (a *assembler) pick(n int) int {
	if a.next >= len(a.choices) {
		return 0
	}
	a.next++
	return int(a.choices[a.next-1]) % n
}

func (a *assembler) oneOf(options ...string) string { return options[a.pick(len(options))] }

func assembled(choices []byte) string {
	a := &assembler{choices: choices}
	a.b.WriteString(definitionsTag + `<message id="M" name="m"/><signal id="S" name="s"/><error id="E" errorCode="e"/><escalation id="X" escalationCode="x"/>` + "\n")
	for i := range 1 + a.pick(2) {
		fmt.Fprintf(&a.b, "<process id=\"p%d\" isExecutable=\"%s\">\n<startEvent id=\"start%d\"/>\n", i, a.oneOf("true", "true", "false"), i)
		a.scope(0)
		a.b.WriteString("</process>\n")
	}
	a.b.WriteString("</definitions>")
	return a.b.String()
}

func (a *assembler) id() string { return fmt.Sprintf("n%d", a.pick(12)) }

func (a *assembler) scope(depth int) {
	for range a.pick(12) {
		if a.next >= len(a.choices) {
			return
		}
		switch a.pick(4) {
		case 0, 1:
			fmt.Fprintf(&a.b, "<sequenceFlow %s sourceRef=%q targetRef=%q>%s</sequenceFlow>\n", a.oneOf("", fmt.Sprintf("id=\"f%d\"", a.next)),
				a.oneOf(a.id(), "start0", a.id()), a.id(),
				a.oneOf("", "", "<conditionExpression>true</conditionExpression>", "<conditionExpression>=</conditionExpression>"))
		default:
			a.node(depth)
		}
	}
}

func (a *assembler) node(depth int) {
	name := a.oneOf("task", "serviceTask", "userTask", "sendTask", "receiveTask", "scriptTask", "businessRuleTask", "manualTask", "callActivity",
		"exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway", "complexGateway",
		"startEvent", "endEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent", "boundaryEvent",
		"subProcess", "subProcess", "transaction", "adHocSubProcess")
	attrs := a.oneOf("", `triggeredByEvent="true"`, `cancelActivity="false"`, `isInterrupting="false"`, `messageRef="M"`, `default="f9"`, `calledElement="p0"`,
		`isForCompensation="true"`, `instantiate="true"`, `camunda:type="external" camunda:topic="t"`, `camunda:class="a.B"`, `startQuantity="2"`)
	fmt.Fprintf(&a.b, "<%s id=%q %s", name, a.id(), attrs)
	if name == "boundaryEvent" {
		fmt.Fprintf(&a.b, " attachedToRef=%q", a.id())
	}
	a.b.WriteString(">")
	a.b.WriteString(a.oneOf("", "",
		`<extensionElements><zeebe:taskDefinition type="j" retries="2"/></extensionElements>`,
		`<extensionElements><zeebe:ioMapping><zeebe:input source="a" target="b.c"/><zeebe:output source="x" target=""/></zeebe:ioMapping></extensionElements>`,
		`<extensionElements><camunda:inputOutput><camunda:inputParameter name="l"><camunda:list><camunda:value>1</camunda:value></camunda:list></camunda:inputParameter></camunda:inputOutput></extensionElements>`,
		`<extensionElements><zeebe:calledElement processId="p0"/><camunda:in variables="all"/></extensionElements>`))
	for range a.pick(3) {
		a.b.WriteString(a.oneOf("", `<messageEventDefinition messageRef="M"/>`, `<timerEventDefinition><timeDuration>PT1S</timeDuration></timerEventDefinition>`,
			`<timerEventDefinition><timeCycle>R/PT1S</timeCycle></timerEventDefinition>`, `<errorEventDefinition errorRef="E"/>`, `<errorEventDefinition/>`,
			`<signalEventDefinition signalRef="S"/>`, `<escalationEventDefinition escalationRef="X"/>`, `<terminateEventDefinition/>`, `<cancelEventDefinition/>`,
			`<compensateEventDefinition/>`, `<linkEventDefinition name="l"/>`, `<conditionalEventDefinition><condition>true</condition></conditionalEventDefinition>`))
	}
	a.b.WriteString(a.oneOf("", "", "", `<multiInstanceLoopCharacteristics><loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics>`, `<standardLoopCharacteristics/>`, `<incoming>f1</incoming>`))
	if depth < 4 && (name == "subProcess" || name == "transaction" || name == "adHocSubProcess") {
		a.scope(depth + 1)
	}
	fmt.Fprintf(&a.b, "</%s>\n", name)
}
