package definitions

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/weir-bpm/weir/bpmn"
)

// model is a small process that can be deployed.
func model(ids ...string) []byte {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="definitions" targetNamespace="urn:test">
`)
	for i, id := range ids {
		fmt.Fprintf(&b, `  <process id="%[1]s" name="Name of %[1]s" isExecutable="true">
    <startEvent id="start%[2]d"><outgoing>f%[2]d</outgoing></startEvent>
    <sequenceFlow id="f%[2]d" sourceRef="start%[2]d" targetRef="end%[2]d"/>
    <endEvent id="end%[2]d"><incoming>f%[2]d</incoming></endEvent>
  </process>
`, id, i)
	}
	b.WriteString("</definitions>\n")
	return []byte(b.String())
}

// decision is a DMN file with one decision.
func decision(id, tag string) []byte {
	return fmt.Appendf(nil, `<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" xmlns:camunda="http://camunda.org/schema/1.0/dmn" id="graph" name="graph" namespace="urn:%[1]s">
  <decision id="%[1]s" name="Name of %[1]s" camunda:versionTag="%[2]s"><literalExpression><text>1 + 1</text></literalExpression></decision>
</definitions>
`, id, tag)
}

func TestPrepare(t *testing.T) {
	t.Parallel()
	files := []File{
		{"a.bpmn", model("a", "b")},
		{"c.BPMN20.XML", model("c")},
		{"d.xml", model("d")},
		{"rules.dmn", decision("rules", "v1")},
		{"ask.form", []byte("{}")},
	}
	out, problems, err := Prepare(t.Context(), files, PrepareOptions{})
	if err != nil || bpmn.HasErrors(problems) || len(out) != len(files) {
		t.Fatalf("expected all to be prepared, but got %d, %v, %v", len(out), problems, err)
	}
	for i, f := range out {
		if f.Name != files[i].Name || f.Digest != DigestOf(files[i].Content) || f.Bytes != int64(len(files[i].Content)) {
			t.Errorf("%s: unexpected %+v", files[i].Name, f)
		}
	}
	want := []PreparedProcess{{ID: "a", Name: "Name of a"}, {ID: "b", Name: "Name of b"}}
	if !slices.Equal(out[0].Processes, want) {
		t.Errorf("expected %v, but got %v", want, out[0].Processes)
	}
	if decisions := []PreparedDecision{{ID: "rules", Name: "Name of rules", VersionTag: "v1", Requirements: "graph"}}; !slices.Equal(out[3].Decisions, decisions) {
		t.Errorf("expected %v, but got %v", decisions, out[3].Decisions)
	}
	if out[3].Kind != KindDMN || out[4].Kind != KindForm || len(out[3].Processes) != 0 {
		t.Errorf("unexpected kinds %s, %s", out[3].Kind, out[4].Kind)
	}
}

// TestPrepareFindsEverything wants every problem of every file at once.
func TestPrepareFindsEverything(t *testing.T) {
	t.Parallel()
	files := []File{
		{"good.bpmn", model("a")},
		{"broken.bpmn", []byte("<definitions")},
		{"doctype.bpmn", []byte("<!DOCTYPE x><definitions/>")},
		{"", model("b")},
		{strings.Repeat("n", 300) + ".bpmn", model("c")},
		{"line\nbreak.bpmn", model("c")},
		{"picture.png", []byte("png")},
		{"large.dmn", make([]byte, 2000)},
		{"good.bpmn", model("e")},
		{"twice.bpmn", model("a")},
		{"empty.dmn", []byte("<definitions/>")},
		{"one.dmn", decision("d", "")},
		{"two.dmn", decision("d", "")},
	}
	out, problems, err := Prepare(t.Context(), files, PrepareOptions{MaxFileBytes: 1999})
	if err != nil || out != nil {
		t.Fatalf("expected nothing to be prepared, but got %d files, %v", len(out), err)
	}
	var got []string
	for _, p := range problems {
		if p.Severity == bpmn.SeverityError {
			got = append(got, p.Code)
		}
		if p.Message == "" || (p.File == "" && p.Code != CodeResourceName) {
			t.Errorf("expected file and message, but got %+v", p)
		}
	}
	want := []string{
		bpmn.CodeXMLMalformed, bpmn.CodeXMLDoctype, CodeResourceName, CodeResourceName, CodeResourceName,
		CodeResourceUnsupported, CodeResourceTooLarge, CodeDecisionInvalid,
		CodeResourceDuplicate, CodeProcessDuplicate, CodeDecisionDuplicate,
	}
	if !slices.Equal(got, want) {
		t.Errorf("expected %q, but got %q", want, got)
	}
}

func TestPrepareLimits(t *testing.T) {
	t.Parallel()
	never := func(string, []byte, bpmn.Options) (*bpmn.Definitions, []bpmn.Problem) {
		t.Error("expected nothing to be parsed beyond the limits")
		return nil, nil
	}
	for code, files := range map[string][]File{
		CodeDeploymentEmpty:    nil,
		CodeDeploymentTooMany:  {{"a.bpmn", nil}, {"b.bpmn", nil}, {"c.bpmn", nil}},
		CodeDeploymentTooLarge: {{"a.bpmn", make([]byte, 600)}, {"b.bpmn", make([]byte, 500)}},
	} {
		out, problems, err := Prepare(t.Context(), files, PrepareOptions{MaxFiles: 2, MaxBytes: 1000, Parse: never})
		if out != nil || err != nil || len(problems) != 1 || problems[0].Code != code {
			t.Errorf("expected %s, but got %v, %v, %v", code, out, problems, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := Prepare(ctx, []File{{"a.bpmn", nil}}, PrepareOptions{Parse: never}); !errors.Is(err, context.Canceled) {
		t.Errorf("expected the context's error, but got %v", err)
	}
}

func TestCodesAreListed(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, c := range append(Codes(), bpmn.Codes()...) {
		if seen[c.Code] {
			t.Errorf("code %s is listed twice", c.Code)
		}
		seen[c.Code] = true
		if c.Meaning == "" {
			t.Errorf("code %s has no meaning", c.Code)
		}
	}
}
