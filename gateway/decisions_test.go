package gateway_test

import (
	"fmt"

	"github.com/weir-bpm/weir/internal/bpmntest"
)

// decides deploys a decision, evaluates it and finds both.
func (c *caller) decides(n string) {
	c.t.Helper()
	id, decision, process := newID(), "decision-"+n, "decide-"+n
	model := fmt.Sprintf(`<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" targetNamespace="test">
<process id="%s" isExecutable="true"><startEvent id="s"/><sequenceFlow id="f1" sourceRef="s" targetRef="decide"/>
<businessRuleTask id="decide"><extensionElements><zeebe:calledDecision decisionId="%s" resultVariable="size"/></extensionElements></businessRuleTask>
<sequenceFlow id="f2" sourceRef="decide" targetRef="e"/><endEvent id="e"/></process></definitions>`, process, decision)
	c.ok("deploy", fields{"resources": []fields{
		{"name": decision + ".dmn", "content": bpmntest.Table(decision, "v1", "FIRST", []string{"size"}, []string{"> 5", `"large"`}, []string{"-", `"small"`})},
		{"name": process + ".bpmn", "content": []byte(model)},
	}})
	c.ok("start", fields{"instance_id": id, "process_id": process, "variables": fields{"choice": 7}})
	c.idle()
	if d := c.first("decisions", fields{"decision_id": decision, "latest": true}); fmt.Sprint(d["version"]) != "1" || d["version_tag"] != "v1" || d["requirements"] != "graph_"+decision {
		c.t.Errorf("%s: expected the decision, but got %v", c.name, d)
	}
	made := c.first("decision_evaluations", fields{"instance_id": id})
	if made["decision_id"] != decision || made["result"] != "large" || made["element_id"] != "decide" || made["trace"] == nil {
		c.t.Errorf("%s: expected the evaluation, but got %v", c.name, made)
	}
	if list, _ := c.ok("instance", fields{"instance_id": id})["decision_evaluations"].([]any); len(list) != 1 {
		c.t.Errorf("%s: expected the evaluation in the instance, but got %v", c.name, list)
	}
}
