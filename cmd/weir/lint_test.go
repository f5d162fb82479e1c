package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Goal: what lint answers and with which exit code. Method: a folder with a
// model that calls another, the other, a broken one and a form.
func TestLint(t *testing.T) {
	head := `<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn">` + "\n"
	main := head + `<process id="main" isExecutable="true"><startEvent id="s"/><callActivity id="c" calledElement="sub"/><sequenceFlow id="f" sourceRef="s" targetRef="c"/></process></definitions>`
	class := head + `<process id="j" isExecutable="true"><startEvent id="s"/><serviceTask id="c" camunda:class="com.acme.X"/><sequenceFlow id="f" sourceRef="s" targetRef="c"/></process></definitions>`
	dir := t.TempDir()
	for name, text := range map[string]string{
		"good/main.bpmn": main, "good/in/sub.bpmn": strings.ReplaceAll(head+`<process id="sub" isExecutable="true"><startEvent id="s"/></process></definitions>`, "\n", ""),
		"bad/java.bpmn": class, "bad/cut.bpmn": head, "twice/a.bpmn": main, "twice/b.bpmn": main, "empty/readme.txt": "nothing",
	} {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		name, args, in string
		code           int
		want           []string
	}{
		{"a folder", "good", "", exitOK, []string{"2 of 2 files deploy as they stand"}},
		{"as one deployment", "good --deployment", "", exitOK, []string{"2 of 2 files deploy as they stand"}},
		{"called process missing", "good/main.bpmn --deployment", "", exitOK, []string{"main.bpmn:2 c: warning [reference.not_deployed]", "1 of 1 file deploys"}},
		{"one process twice", "twice --deployment", "", exitFailed, []string{"b.bpmn main: error [process.duplicate]", "0 of 2 files deploy"}},
		{"one process twice, each alone", "twice", "", exitOK, []string{"2 of 2 files deploy"}},
		{"bad", "bad good", "", exitFailed, []string{"java.bpmn:2 c: error [implementation.java_class]", "2 of 4 files deploy", "xml.malformed", "stops 1 file with 1 problem; nothing else stops 1 of them"}},
		{"class map", "bad/java.bpmn --map-class com.acme.X=job:x", "", exitOK, []string{"1 of 1 file deploys"}},
		{"standard input", "-", class, exitFailed, []string{"stdin.bpmn:2 c: error"}},
		{"JSON", "good --format json", "", exitOK, []string{`"deployable": 2`}},
		{"JSON by the general flag", "good --json", "", exitOK, []string{`"deployable": 2`}},
		{"SARIF", "bad/java.bpmn --format sarif", "", exitFailed, []string{`"ruleId": "implementation.java_class"`, `"uri": "file:///`}},
		{"no such file", "nowhere.bpmn", "", exitUsage, nil},
		{"no model", "empty", "", exitUsage, []string{"no model in"}},
		{"format", "good --format xml", "", exitUsage, []string{"expected text, json or sarif"}},
		{"dialect", "good --dialect bpel", "", exitUsage, []string{"expected camunda, zeebe, flowable or bpmn"}},
		{"nothing", "", "", exitUsage, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			args := []string{"lint"}
			for _, a := range strings.Fields(test.args) {
				if a != "-" && (strings.Contains(a, ".bpmn") || len(args) == 1 || a == "good") && !strings.HasPrefix(a, "-") {
					a = filepath.Join(dir, filepath.FromSlash(a))
				}
				args = append(args, a)
			}
			var out, errOut bytes.Buffer
			code := Run(t.Context(), args, strings.NewReader(test.in), &out, &errOut)
			if code != test.code {
				t.Errorf("exit code %d, expected %d", code, test.code)
			}
			for _, want := range test.want {
				if !strings.Contains(out.String()+errOut.String(), want) {
					t.Errorf("no %q", want)
				}
			}
			if t.Failed() {
				t.Logf("%v\n%s%s", args, out.String(), errOut.String())
			}
		})
	}
}
