package lint_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/bpmn/lint"
)

// Goal: SARIF has what the schema of 2.1.0 requires and viewers need. Method:
// walk the log by the schema's required properties (sarifLog: version, runs;
// run: tool; tool: driver; toolComponent: name; reportingDescriptor: id; result:
// message; message: text) and enumerations (OASIS SARIF 2.1.0, section 3).
func TestSARIFRequiredParts(t *testing.T) {
	r := lint.Report{Results: []lint.Result{{Name: "a b%.bpmn", Problems: []bpmn.Problem{
		{File: "sub dir/ä%.bpmn", Line: 3, ElementID: "t", Severity: bpmn.SeverityError, Code: bpmn.CodeIDMissing, Message: "m"},
		{File: "/abs/x.bpmn", Severity: bpmn.SeverityWarning, Code: "of.another_list", Message: "m"},
		{File: "more.bpmn", Severity: bpmn.SeverityWarning, Code: "more.code", Message: "m"},
	}}}}
	var b bytes.Buffer
	if err := r.WriteSARIF(&b, "1.0", bpmn.CodeInfo{Code: "more.code", Severity: bpmn.SeverityWarning, Meaning: "More."}); err != nil {
		t.Fatal(err)
	}
	var log map[string]any
	if err := json.Unmarshal(b.Bytes(), &log); err != nil {
		t.Fatal(err)
	}
	if log["version"] != "2.1.0" || !strings.Contains(text(t, log["$schema"]), "sarif-2.1.0") {
		t.Errorf("version %v, schema %v", log["version"], log["$schema"])
	}
	run := object(t, list(t, log["runs"])[0])
	driver := object(t, object(t, run["tool"])["driver"])
	if text(t, driver["name"]) == "" {
		t.Error("the driver has no name")
	}
	var rules []string
	levels := []string{"none", "note", "warning", "error"}
	for _, x := range list(t, driver["rules"]) {
		rule := object(t, x)
		id := text(t, rule["id"])
		if slices.Contains(rules, id) {
			t.Errorf("two rules are %s", id)
		}
		rules = append(rules, id)
		if !slices.Contains(levels, text(t, object(t, rule["defaultConfiguration"])["level"])) || text(t, object(t, rule["shortDescription"])["text"]) == "" {
			t.Errorf("rule %v", rule)
		}
	}
	var uris []string
	for _, x := range list(t, run["results"]) {
		result := object(t, x)
		index := int(number(t, result["ruleIndex"]))
		if rules[index] != text(t, result["ruleId"]) || !slices.Contains(levels, text(t, result["level"])) || text(t, object(t, result["message"])["text"]) == "" {
			t.Errorf("result %v", result)
		}
		place := object(t, object(t, list(t, result["locations"])[0])["physicalLocation"])
		uri := text(t, object(t, place["artifactLocation"])["uri"])
		if u, err := url.Parse(uri); err != nil || u.String() != uri {
			t.Errorf("%q is no URI reference: %v", uri, err)
		}
		uris = append(uris, uri)
		if region, ok := place["region"]; ok && number(t, object(t, region)["startLine"]) < 1 {
			t.Errorf("region %v", region)
		}
	}
	if want := []string{"sub%20dir/%C3%A4%25.bpmn", "file:///abs/x.bpmn", "more.bpmn"}; !slices.Equal(uris, want) {
		t.Errorf("got %v, expected %v", uris, want)
	}
}

func object(t *testing.T, v any) map[string]any {
	t.Helper()
	m, ok := v.(map[string]any)
	if !ok {
		t.Fatalf("expected an object, but got %v", v)
	}
	return m
}

func list(t *testing.T, v any) []any {
	t.Helper()
	l, ok := v.([]any)
	if !ok || len(l) == 0 {
		t.Fatalf("expected an array that is not empty, but got %v", v)
	}
	return l
}

func text(t *testing.T, v any) string {
	t.Helper()
	s, ok := v.(string)
	if !ok {
		t.Fatalf("expected a string, but got %v", v)
	}
	return s
}

func number(t *testing.T, v any) float64 {
	t.Helper()
	f, ok := v.(float64)
	if !ok {
		t.Fatalf("expected a number, but got %v", v)
	}
	return f
}

// large is a model of n flow nodes with expressions on its flows, a picture, and
// boundary events.
func large(n int) []byte {
	var b, picture strings.Builder
	b.WriteString(`<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0">` +
		`<process id="p" isExecutable="true"><startEvent id="n0"/>`)
	last := "n0"
	for i := 1; i < n-4; i += 4 {
		fmt.Fprintf(&b, "<exclusiveGateway id=\"x%d\" default=\"d%d\"/>\n<serviceTask id=\"n%d\"><extensionElements><zeebe:taskDefinition type=\"work\"/><zeebe:ioMapping><zeebe:input source=\"=order.total * 1.19\" target=\"sum\"/></zeebe:ioMapping></extensionElements></serviceTask>\n", i, i, i)
		fmt.Fprintf(&b, "<userTask id=\"u%d\"/><boundaryEvent id=\"b%d\" attachedToRef=\"n%d\"><timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition></boundaryEvent>\n", i, i, i)
		fmt.Fprintf(&b, "<sequenceFlow id=\"a%d\" sourceRef=%q targetRef=\"x%d\"/><sequenceFlow id=\"d%d\" sourceRef=\"x%d\" targetRef=\"u%d\"/>\n", i, last, i, i, i, i)
		fmt.Fprintf(&b, "<sequenceFlow id=\"c%d\" sourceRef=\"x%d\" targetRef=\"n%d\"><conditionExpression>=amount &gt; %d and status = \"open\"</conditionExpression></sequenceFlow>\n", i, i, i, i)
		fmt.Fprintf(&b, "<sequenceFlow id=\"e%d\" sourceRef=\"n%d\" targetRef=\"u%d\"/><sequenceFlow id=\"g%d\" sourceRef=\"b%d\" targetRef=\"u%d\"/>\n", i, i, i, i, i, i)
		last = fmt.Sprintf("u%d", i)
		for _, id := range []string{"x", "n", "u", "b"} {
			fmt.Fprintf(&picture, "<bpmndi:BPMNShape bpmnElement=\"%s%d\"><dc:Bounds x=\"10\" y=\"20\" width=\"100\" height=\"80\"/></bpmndi:BPMNShape>\n", id, i)
		}
	}
	b.WriteString(`</process><bpmndi:BPMNDiagram><bpmndi:BPMNPlane bpmnElement="p">` + picture.String() + `</bpmndi:BPMNPlane></bpmndi:BPMNDiagram></definitions>`)
	return []byte(b.String())
}

// BenchmarkLint checks a model of 200 flow nodes, and writes what was found.
func BenchmarkLint(b *testing.B) {
	data := large(200)
	files := []lint.File{{Name: "large.bpmn", Data: data}}
	if r := lint.Check(files, bpmn.Options{}); !r.Results[0].Deploys {
		b.Fatal(r.Results[0].Problems)
	}
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		var out bytes.Buffer
		if err := lint.Check(files, bpmn.Options{}).WriteText(&out); err != nil {
			b.Fatal(err)
		}
	}
}
