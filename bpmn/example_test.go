package bpmn_test

import (
	"fmt"

	"github.com/weir-bpm/weir/bpmn"
)

// All problems of a file come at once, each with its element, line and code.
func ExampleParse() {
	model := `<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL">
<process id="order" isExecutable="true">
  <startEvent id="start"/>
  <serviceTask id="ship"/>
  <sequenceFlow id="f" sourceRef="start" targetRef="shop"/>
</process>
</definitions>`
	_, problems := bpmn.Parse("order.bpmn", []byte(model), bpmn.Options{})
	for _, p := range problems {
		fmt.Println(p.Line, p.ElementID, p.Severity, p.Code)
	}
	// Output:
	// 4 ship error missing.implementation
	// 4 ship warning node.unreachable
	// 5 f error reference.unknown
}

// A Java class can be replaced by a job type at deploy.
func ExampleOptions_classMap() {
	model := `<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn">
<process id="order" isExecutable="true">
  <startEvent id="start"/>
  <serviceTask id="ship" camunda:class="com.acme.Ship"/>
  <sequenceFlow id="f" sourceRef="start" targetRef="ship"/>
</process>
</definitions>`
	defs, _ := bpmn.Parse("order.bpmn", []byte(model), bpmn.Options{
		ClassMap: map[string]string{"com.acme.Ship": "job:ship"},
	})
	fmt.Println(defs.Dialect, defs.Processes[0].Element("ship").Job.Type.Constant)
	// Output: camunda ship
}
