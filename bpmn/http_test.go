package bpmn_test

import (
	"strings"
	"testing"

	"github.com/weir-bpm/weir/bpmn"
)

// What tasks of built-in HTTP jobs must say, and what they must not.
func TestHTTPTasks(t *testing.T) {
	t.Parallel()
	connector := func(io string) string {
		return `<serviceTask id="t"><extensionElements><camunda:connector><camunda:connectorId>http-connector</camunda:connectorId><camunda:inputOutput>` + io + `</camunda:inputOutput></camunda:connector></extensionElements></serviceTask>`
	}
	for name, c := range map[string]struct {
		task, problem string
		classMap      map[string]string
	}{
		"no url":          {task: `<serviceTask id="t" flowable:type="http"><extensionElements><flowable:field name="requestMethod" stringValue="GET"/></extensionElements></serviceTask>`, problem: "no field requestUrl"},
		"unknown field":   {task: `<serviceTask id="t" flowable:type="http"><extensionElements><flowable:field name="requestMethod" stringValue="GET"/><flowable:field name="requestUrl" stringValue="http://x"/><flowable:field name="saveRequestVariables" stringValue="true"/></extensionElements></serviceTask>`, problem: "saveRequestVariables"},
		"connector":       {task: connector(`<camunda:inputParameter name="url">http://x</camunda:inputParameter>`)},
		"no input url":    {task: connector(``), problem: "no input url"},
		"unknown input":   {task: connector(`<camunda:inputParameter name="url">http://x</camunda:inputParameter><camunda:inputParameter name="a.b">1</camunda:inputParameter>`), problem: "the input a.b"},
		"class map":       {task: `<serviceTask id="t" flowable:type="http"/>`, classMap: map[string]string{"http": "job:own"}},
		"other connector": {task: strings.Replace(connector(``), "http-connector", "soap-http-connector", 1), problem: "--map-class 'soap-http-connector=job:<type>'"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			model := `<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" xmlns:flowable="http://flowable.org/bpmn" targetNamespace="t">
<process id="p" isExecutable="true"><startEvent id="s"/><sequenceFlow id="f" sourceRef="s" targetRef="t"/>` + c.task + `<sequenceFlow id="g" sourceRef="t" targetRef="e"/><endEvent id="e"/></process></definitions>`
			_, problems := bpmn.Parse("m.bpmn", []byte(model), bpmn.Options{ClassMap: c.classMap})
			var errs []string
			for _, p := range problems {
				if p.Severity == bpmn.SeverityError {
					errs = append(errs, p.Message)
				}
			}
			switch {
			case c.problem == "" && len(errs) > 0:
				t.Errorf("expected no error, but got %q", errs)
			case c.problem != "" && (len(errs) != 1 || !strings.Contains(errs[0], c.problem)):
				t.Errorf("expected one error with %q, but got %q", c.problem, errs)
			}
		})
	}
}
