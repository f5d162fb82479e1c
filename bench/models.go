package main

import (
	"bytes"
	"fmt"
)

// models are the processes of the benchmark.
const models = `<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" targetNamespace="bench">
  <message id="m" name="go"><extensionElements><zeebe:subscription correlationKey="=key"/></extensionElements></message>
  <process id="pass" isExecutable="true">
    <startEvent id="s1"/><sequenceFlow id="f1" sourceRef="s1" targetRef="e1"/><endEvent id="e1"/>
  </process>
  <process id="one_task" isExecutable="true">
    <startEvent id="s2"/><sequenceFlow id="f2" sourceRef="s2" targetRef="t2"/>
    <serviceTask id="t2"><extensionElements><zeebe:taskDefinition type="bench"/></extensionElements></serviceTask>
    <sequenceFlow id="f3" sourceRef="t2" targetRef="e2"/><endEvent id="e2"/>
  </process>
  <process id="wait" isExecutable="true">
    <startEvent id="s3"/><sequenceFlow id="f4" sourceRef="s3" targetRef="t3"/>
    <userTask id="t3"><extensionElements><zeebe:userTask/></extensionElements></userTask>
    <sequenceFlow id="f5" sourceRef="t3" targetRef="e3"/><endEvent id="e3"/>
  </process>
  <process id="wait_message" isExecutable="true">
    <startEvent id="s4"/><sequenceFlow id="f6" sourceRef="s4" targetRef="r4"/>
    <receiveTask id="r4" messageRef="m"/>
    <sequenceFlow id="f7" sourceRef="r4" targetRef="e4"/><endEvent id="e4"/>
    <boundaryEvent id="b4" attachedToRef="r4"><timerEventDefinition><timeDuration>P7D</timeDuration></timerEventDefinition></boundaryEvent>
    <sequenceFlow id="f8" sourceRef="b4" targetRef="e5"/><endEvent id="e5"/>
  </process>
</definitions>`

// manyTasks is a process of twenty tasks with a mapping each; every number gives
// another one.
func manyTasks(n int) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, `<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" targetNamespace="bench">
<process id="deploy%d" isExecutable="true"><startEvent id="s"/>`, n)
	from := "s"
	for i := range 20 {
		to := fmt.Sprintf("t%d", i)
		fmt.Fprintf(&b, `<sequenceFlow id="f%d" sourceRef="%s" targetRef="%s"/><serviceTask id="%s"><extensionElements>`+
			`<zeebe:taskDefinition type="w"/><zeebe:ioMapping><zeebe:input source="=a + %d" target="b"/></zeebe:ioMapping>`+
			`</extensionElements></serviceTask>`, i, from, to, to, n)
		from = to
	}
	fmt.Fprintf(&b, `<sequenceFlow id="f" sourceRef="%s" targetRef="e"/><endEvent id="e"/></process></definitions>`, from)
	return b.Bytes()
}
