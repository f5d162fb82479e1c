package bpmn

import (
	"slices"
	"testing"
)

// Goal: every reference that leads nowhere is found, at the element that has it.
// Method: one reference to "nowhere" in each row; the row says whose id is
// reported. Those of the picture are warnings.
func TestDanglingReferences(t *testing.T) {
	for _, test := range []struct{ name, body, at, code string }{
		{"message of a catch event", `<intermediateCatchEvent id="t"><messageEventDefinition messageRef="nowhere"/></intermediateCatchEvent>`, "t", CodeReferenceUnknown},
		{"message that a camunda model throws", `<intermediateThrowEvent id="t" camunda:asyncBefore="true"><messageEventDefinition messageRef="nowhere"/></intermediateThrowEvent>`, "t", CodeReferencePicture},
		{"message of a receive task", `<receiveTask id="t" messageRef="nowhere"/>`, "t", CodeReferenceUnknown},
		{"signal", `<intermediateThrowEvent id="t"><signalEventDefinition signalRef="nowhere"/></intermediateThrowEvent>`, "t", CodeReferenceUnknown},
		{"escalation", `<intermediateThrowEvent id="t"><escalationEventDefinition escalationRef="nowhere"/></intermediateThrowEvent>`, "t", CodeReferenceUnknown},
		{"error", `<userTask id="t"/><boundaryEvent id="b" attachedToRef="t"><errorEventDefinition errorRef="nowhere"/></boundaryEvent>`, "b", CodeErrorReference},
		{"compensated activity", `<intermediateThrowEvent id="t"><compensateEventDefinition activityRef="nowhere"/></intermediateThrowEvent>`, "t", CodeReferenceUnknown},
		{"host of a boundary event", `<userTask id="t"/><boundaryEvent id="b" attachedToRef="nowhere"><errorEventDefinition/></boundaryEvent>`, "b", CodeReferenceUnknown},
		{"default flow", `<exclusiveGateway id="t" default="nowhere"/>`, "t", CodeReferenceUnknown},
		{"incoming", `<task id="t"><incoming>nowhere</incoming></task>`, "t", CodeReferenceUnknown},
		{"incoming in camunda", `<task id="t" camunda:asyncBefore="true"><incoming>nowhere</incoming></task>`, "t", CodeReferencePicture},
		{"incoming of the wrong kind in camunda", `<task id="t" camunda:asyncBefore="true"><incoming>t</incoming></task>`, "t", CodeReferencePicture},
		{"outgoing", `<task id="t"><outgoing>nowhere</outgoing></task>`, "t", CodeReferenceUnknown},
		{"source of a flow", `<task id="t"/><sequenceFlow id="x" sourceRef="nowhere" targetRef="t"/>`, "x", CodeReferenceUnknown},
		{"target of a flow", `<task id="t"/><sequenceFlow id="x" sourceRef="t" targetRef="nowhere"/>`, "x", CodeReferenceUnknown},
		{"lane", `<task id="t"/><laneSet id="ls"><lane id="l"><flowNodeRef>nowhere</flowNodeRef></lane></laneSet>`, "l", CodeReferencePicture},
		{"association", `<task id="t"/><association id="a" sourceRef="t" targetRef="nowhere"/>`, "a", CodeReferencePicture},
		{"handler of a compensation event", `<userTask id="t"/><boundaryEvent id="b" attachedToRef="t"><compensateEventDefinition/></boundaryEvent><association id="a" sourceRef="b" targetRef="nowhere"/>`, "b", CodeCompensation},
		{"data object", `<task id="t"/><dataObjectReference id="d" dataObjectRef="nowhere"/>`, "d", ""},
		{"data store", `<task id="t"/><dataStoreReference id="d" dataStoreRef="nowhere"/>`, "d", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, problems := Parse("m.bpmn", []byte(between(test.body)), Options{})
			var found []string
			for _, p := range problems {
				if p.ElementID == test.at {
					found = append(found, p.Code)
				}
				if p.Line < 3 {
					t.Errorf("the line of %s", p)
				}
			}
			if test.code == "" && len(found) == 0 {
				t.Errorf("nothing is said: %v", problems)
			}
			if test.code != "" && !slices.Contains(found, test.code) {
				t.Errorf("expected %s at %s, but got %v", test.code, test.at, problems)
			}
		})
	}
}
