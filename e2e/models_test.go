package e2e

import (
	"fmt"
	"strings"
)

const definitionsOpen = `<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" targetNamespace="e2e">
`

func process(id, body string) string {
	return definitionsOpen + `<process id="` + id + `" isExecutable="true">` + body + `</process></definitions>`
}

func flow(id, from, to string) string {
	return fmt.Sprintf(`<sequenceFlow id="%s" sourceRef="%s" targetRef="%s"/>`, id, from, to)
}

func service(id, jobType string) string {
	return fmt.Sprintf(`<serviceTask id="%s"><extensionElements><zeebe:taskDefinition type="%s"/></extensionElements></serviceTask>`, id, jobType)
}

// twoSteps is start → step_one → step_two → end, each step a job.
var twoSteps = process("two_steps",
	`<startEvent id="start"/>`+flow("f1", "start", "step_one")+service("step_one", "one")+flow("f2", "step_one", "step_two")+service("step_two", "two")+flow("f3", "step_two", "end")+`<endEvent id="end"/>`)

// fanOut is a parallel gateway with n jobs and a join.
func fanOut(n int) string {
	var b strings.Builder
	b.WriteString(`<startEvent id="start"/>` + flow("in", "start", "split") + `<parallelGateway id="split"/><parallelGateway id="join"/>`)
	for i := range n {
		task := fmt.Sprintf("task_%d", i)
		b.WriteString(flow(fmt.Sprintf("to_%d", i), "split", task) + service(task, "fan") + flow(fmt.Sprintf("from_%d", i), task, "join"))
	}
	b.WriteString(flow("out", "join", "end") + `<endEvent id="end"/>`)
	return process("fan_out", b.String())
}
