package bpmn

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// graph builds a process from flows such as "s>x x>u"; the first letter of a
// name says what it is.
func graph(flows string) string {
	kinds := map[byte]string{
		's': `<startEvent id="%s"/>`, 'e': `<endEvent id="%s"/>`, 'x': `<exclusiveGateway id="%s"/>`, 'p': `<parallelGateway id="%s"/>`,
		'm': `<manualTask id="%s"/>`, 'u': `<userTask id="%s"/>`, 'v': `<eventBasedGateway id="%s"/>`,
		'r': `<receiveTask id="%s" messageRef="M"/>`, 'n': `<intermediateThrowEvent id="%s"/>`,
		't': `<intermediateCatchEvent id="%s"><timerEventDefinition><timeDuration>PT1S</timeDuration></timerEventDefinition></intermediateCatchEvent>`,
		'o': `<manualTask id="%s"><extensionElements><zeebe:ioMapping><zeebe:output source="=i+1" target="i"/></zeebe:ioMapping></extensionElements></manualTask>`,
		'a': `<intermediateThrowEvent id="%s"><linkEventDefinition name="l"/></intermediateThrowEvent>`,
		'c': `<intermediateCatchEvent id="%s"><linkEventDefinition name="l"/></intermediateCatchEvent>`,
	}
	var b strings.Builder
	seen := map[string]bool{}
	for i, f := range strings.Fields(flows) {
		from, to, isFlow := strings.Cut(f, ">")
		for _, id := range []string{from, to} {
			if id != "" && !seen[id] {
				seen[id] = true
				fmt.Fprintf(&b, kinds[id[0]]+"\n", id)
			}
		}
		if isFlow {
			condition := ""
			if from[0] == 'x' {
				condition = "<conditionExpression>=true</conditionExpression>"
			}
			fmt.Fprintf(&b, "<sequenceFlow id=\"f%d\" sourceRef=%q targetRef=%q>%s</sequenceFlow>\n", i, from, to, condition)
		}
	}
	return strings.Replace(inProcess(b.String()), "\n", `<message id="M" name="m"/>`+"\n", 1)
}

// Goal: the checks of the graph find what is wrong and are quiet where it is
// not. Method: small graphs and the codes with elements that they give.
func TestGraphChecks(t *testing.T) {
	tests := []struct{ name, flows, want string }{
		{"straight", "s>u u>e", ""},
		{"fork and join", "s>p1 p1>u1 p1>u2 u1>p2 u2>p2 p2>e", ""},
		{"choice inside a branch", "s>p1 p1>x1 x1>u1 x1>u2 u1>x2 u2>x2 x2>p2 p1>u3 u3>p2 p2>e", ""},
		{"choice joined in parallel", "s>x1 x1>u1 x1>u2 u1>p2 u2>p2 p2>e", "join.never_completes p2"},
		{"choice joined directly", "s>x1 x1>p2 x1>u2 u2>p2 p2>e", "join.never_completes p2"},
		{"event choice joined in parallel", "s>v1 v1>r1 v1>t1 r1>p2 t1>p2 p2>e", "join.never_completes p2"},
		{"choice with blocks on its ways", "s>x1 x1>p1 p1>u1 p1>u2 u1>p3 u2>p3 p3>p2 x1>x2 x2>u3 x2>u4 u3>x3 u4>x3 x3>p2 p2>e", "join.never_completes p2"},
		{"choice that is merged before", "s>x1 x1>u1 x1>u2 u1>x2 u2>x2 x2>p1 p1>u3 p1>u4 u3>p2 u4>p2 p2>e", ""},
		{"choice in a loop around", "s>x2 x2>x1 x1>p1 p1>p2 p1>u3 u3>x2 x1>u2 u2>p2 p2>e", ""},
		{"one way of a choice ends", "s>p1 p1>x1 x1>u1 x1>e u1>p2 p1>p2 p2>e", ""},
		{"two forks from two choices", "s>p0 p0>x1 p0>x2 x1>u1 x1>e x2>u2 x2>e u1>p2 u2>p2 p2>e", ""},
		{"unreachable into join", "s>p2 u1>p2 p2>e", "node.unreachable u1, join.never_completes p2"},
		{"loop with a user task", "s>x1 x1>u1 u1>x2 x2>x1 x2>e", ""},
		{"loop with a timer", "s>x1 x1>t1 t1>x2 x2>x1 x2>e", ""},
		{"loop that changes a variable", "s>x1 x1>o1 o1>x2 x2>x1 x2>e", ""},
		{"loop of gateways", "s>x1 x1>x2 x2>x1 x2>e", "loop.unchanged x1"},
		{"loop of tasks", "s>m1 m1>n1 n1>x1 x1>m1 x1>e", "loop.unchanged m1"},
		{"loop onto itself", "s>m1 m1>m1 m1>e", "loop.without_wait m1"},
		{"two loops", "s>x1 x1>m1 m1>x1 x1>u1 u1>x2 x2>m2 m2>x2 x2>e", "loop.unchanged x1, loop.unchanged x2"},
		{"island", "s>e u1>u2", "node.unreachable u1, node.unreachable u2"},
		{"island in a ring", "s>e u1>u2 u2>u1", "node.unreachable u1, node.unreachable u2"},
		{"link", "s>a1 c1>e", ""},
		{"link loop", "s>x1 x1>a1 x1>e c1>x1", "loop.unchanged x1"},
		{"loop without a way out", "s>x1 x1>m1 m1>x1", "loop.without_wait x1"},
		{"parallel way out", "s>m1 m1>p1 p1>m1 p1>e", "loop.without_wait m1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, problems := Parse("m.bpmn", []byte(graph(tt.flows)), Options{})
			var got []string
			for _, p := range problems {
				if slices.Contains([]string{CodeJoinIncomplete, CodeUnreachable, CodeLoopWithoutWait, CodeLoopUnchanged}, p.Code) {
					got = append(got, p.Code+" "+p.ElementID)
				} else if p.Code != CodeFlowNoDefault && p.Code != CodeUnsupportedEvent {
					t.Errorf("unexpected %s", p)
				}
			}
			want := strings.Split(tt.want, ", ")
			if tt.want == "" {
				want = nil
			}
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("got %v, expected %v", got, want)
			}
		})
	}
}

// Goal: what may stand where. Method: one body each in an executable process,
// and the codes beside warnings that it gives.
func TestPlacement(t *testing.T) {
	const catchTimer = `<timerEventDefinition><timeDuration>PT1S</timeDuration></timerEventDefinition>`
	const message = `<messageEventDefinition messageRef="M"/>`
	sub := func(body string) string {
		return `<startEvent id="s"/><subProcess id="u">` + body + `</subProcess><sequenceFlow id="f" sourceRef="s" targetRef="u"/>`
	}
	eventSub := func(body string) string {
		return `<startEvent id="s"/><subProcess id="u" triggeredByEvent="true">` + body + `</subProcess>`
	}
	boundary := func(attrs, def string) string {
		return `<startEvent id="s"/><userTask id="t"/><sequenceFlow id="f" sourceRef="s" targetRef="t"/><boundaryEvent id="b" attachedToRef="t" ` + attrs + `>` + def + `</boundaryEvent>`
	}
	tests := []struct{ name, body, want string }{
		{"message and timer starts beside none", `<startEvent id="s"/><startEvent id="a">` + message + `</startEvent><startEvent id="b">` + catchTimer + `</startEvent>`, ""},
		{"only a message start", `<startEvent id="a">` + message + `</startEvent>`, ""},
		{"same message twice", `<startEvent id="a">` + message + `</startEvent><startEvent id="b">` + message + `</startEvent>`, "subscription.duplicate"},
		{"two timers", `<startEvent id="a">` + catchTimer + `</startEvent><startEvent id="b">` + catchTimer + `</startEvent>`, ""},
		{"error start of the process", `<startEvent id="a"><errorEventDefinition/></startEvent>`, "event.position"},
		{"subprocess", sub(`<startEvent id="a"/>`), ""},
		{"subprocess with two starts", sub(`<startEvent id="a"/><startEvent id="b"/>`), "start.multiple_none"},
		{"subprocess with message start", sub(`<startEvent id="a">` + message + `</startEvent>`), "start.event"},
		{"event subprocess with none start", eventSub(`<startEvent id="a"/>`), "start.event"},
		{"event subprocess with two starts", eventSub(`<startEvent id="a">` + message + `</startEvent><startEvent id="b">` + catchTimer + `</startEvent>`), "start.event"},
		{"boundary timer cycle", boundary(`cancelActivity="false"`, `<timerEventDefinition><timeCycle>R/PT1M</timeCycle></timerEventDefinition>`), ""},
		{"boundary message", boundary(``, message), ""},
		{"boundary none", boundary(``, ``), "event.definition"},
		{"boundary terminate", boundary(``, `<terminateEventDefinition/>`), "event.position"},
		{"boundary link", boundary(``, `<linkEventDefinition name="l"/>`), "event.position"},
		{"boundary two definitions", boundary(``, message+catchTimer), ""},
		{"boundary two definitions, one of compensation", boundary(``, message+`<compensateEventDefinition/>`), "unsupported.event"},
		{"boundary two definitions, one an error, not interrupting", boundary(`cancelActivity="false"`, message+`<errorEventDefinition/>`), "unsupported.event"},
		{"start that needs two", `<startEvent id="s" parallelMultiple="true">` + message + catchTimer + `</startEvent><userTask id="t"/><sequenceFlow id="f" sourceRef="s" targetRef="t"/>`, "unsupported.attribute"},
		{"boundary that needs two", boundary(`parallelMultiple="true"`, message+catchTimer), ""},
		{"boundary that needs two, not interrupting", boundary(`parallelMultiple="true" cancelActivity="false"`, message+catchTimer), ""},
		{"boundary that needs an error too", boundary(`parallelMultiple="true"`, message+`<errorEventDefinition/>`), "unsupported.event"},
		{"boundary error not interrupting", boundary(`cancelActivity="false"`, `<errorEventDefinition/>`), "boundary.interrupting"},
		{"boundary cancel on a task", boundary(``, `<cancelEventDefinition/>`), "cancel.outside_transaction"},
		{"catch error", `<startEvent id="s"/><intermediateCatchEvent id="c"><errorEventDefinition/></intermediateCatchEvent><sequenceFlow id="f" sourceRef="s" targetRef="c"/>`, "event.position"},
		{"throw error", `<startEvent id="s"/><intermediateThrowEvent id="c"><errorEventDefinition errorRef="E"/></intermediateThrowEvent><sequenceFlow id="f" sourceRef="s" targetRef="c"/>`, "event.position"},
		{"end timer", `<startEvent id="s"/><endEvent id="c">` + catchTimer + `</endEvent><sequenceFlow id="f" sourceRef="s" targetRef="c"/>`, "event.position"},
		{"end message", `<startEvent id="s"/><endEvent id="c">` + message + `</endEvent><sequenceFlow id="f" sourceRef="s" targetRef="c"/>`, ""},
		{"boundary on a subprocess", sub(`<startEvent id="a"/>`) + `<boundaryEvent id="b" attachedToRef="u">` + message + `</boundaryEvent>`, ""},
		{"boundary on an event subprocess", eventSub(`<startEvent id="a">`+message+`</startEvent>`) + `<boundaryEvent id="b" attachedToRef="u">` + message + `</boundaryEvent>`, "boundary.host"},
		{"boundary in another scope", sub(`<startEvent id="a"/><boundaryEvent id="b" attachedToRef="u">` + message + `</boundaryEvent>`), "boundary.host"},
		{"event gateway", `<startEvent id="s"/><eventBasedGateway id="v"/><receiveTask id="r" messageRef="M"/><intermediateCatchEvent id="c">` + catchTimer + `</intermediateCatchEvent>` +
			`<sequenceFlow id="f" sourceRef="s" targetRef="v"/><sequenceFlow id="g" sourceRef="v" targetRef="r"/><sequenceFlow id="h" sourceRef="v" targetRef="c"/>`, ""},
		{"event gateway to one message twice", `<startEvent id="s"/><eventBasedGateway id="v"/><receiveTask id="r" messageRef="M"/><intermediateCatchEvent id="c">` + message + `</intermediateCatchEvent>` +
			`<sequenceFlow id="f" sourceRef="s" targetRef="v"/><sequenceFlow id="g" sourceRef="v" targetRef="r"/><sequenceFlow id="h" sourceRef="v" targetRef="c"/>`, "subscription.duplicate"},
		{"event gateway target with a second way in", `<startEvent id="s"/><eventBasedGateway id="v"/><receiveTask id="r" messageRef="M"/><startEvent id="s2">` + catchTimer + `</startEvent>` +
			`<sequenceFlow id="f" sourceRef="s" targetRef="v"/><sequenceFlow id="g" sourceRef="v" targetRef="r"/><sequenceFlow id="h" sourceRef="s2" targetRef="r"/>`, "event_gateway.target"},
		{"event gateway to a link", `<startEvent id="s"/><eventBasedGateway id="v"/><intermediateCatchEvent id="c"><linkEventDefinition name="l"/></intermediateCatchEvent>` +
			`<sequenceFlow id="f" sourceRef="s" targetRef="v"/><sequenceFlow id="h" sourceRef="v" targetRef="c"/>`, "event_gateway.target"},
		{"default on a task with one flow", `<startEvent id="s"/><userTask id="t" default="g"/><endEvent id="e"/><sequenceFlow id="f" sourceRef="s" targetRef="t"/><sequenceFlow id="g" sourceRef="t" targetRef="e"/>`, ""},
		{"condition on a task's flow", `<startEvent id="s"/><userTask id="t"/><endEvent id="e"/><sequenceFlow id="f" sourceRef="s" targetRef="t"/><sequenceFlow id="g" sourceRef="t" targetRef="e"><conditionExpression>true</conditionExpression></sequenceFlow>`, ""},
		{"condition behind an event", `<startEvent id="s"/><endEvent id="e"/><sequenceFlow id="f" sourceRef="s" targetRef="e"><conditionExpression>true</conditionExpression></sequenceFlow>`, ""},
		{"condition behind a parallel gateway", `<startEvent id="s"/><parallelGateway id="t"/><endEvent id="e"/><sequenceFlow id="f" sourceRef="s" targetRef="t"/><sequenceFlow id="g" sourceRef="t" targetRef="e"><conditionExpression>true</conditionExpression></sequenceFlow>`, "flow.condition"},
		{"complex join without condition", `<startEvent id="s"/><parallelGateway id="t"/><complexGateway id="c"/><endEvent id="e"/><sequenceFlow id="f" sourceRef="s" targetRef="t"/><sequenceFlow id="g" sourceRef="t" targetRef="c"/><sequenceFlow id="h" sourceRef="t" targetRef="c"/><sequenceFlow id="i" sourceRef="c" targetRef="e"/>`, "attribute.missing"},
		{"implicit end", `<startEvent id="s"/><userTask id="t"/><sequenceFlow id="f" sourceRef="s" targetRef="t"/>`, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			model := strings.Replace(inProcess(tt.body), "\n", `<message id="M" name="m"/><error id="E" errorCode="e"/>`+"\n", 1)
			_, problems := Parse("m.bpmn", []byte(model), Options{})
			var got []string
			for _, p := range problems {
				if p.Severity == SeverityError {
					got = append(got, p.Code)
				}
			}
			slices.Sort(got)
			if joined := strings.Join(slices.Compact(got), " "); joined != tt.want {
				t.Errorf("got %q, expected %q: %v", joined, tt.want, problems)
			}
		})
	}
}
