package bpmn

import (
	"slices"
	"strings"
	"testing"
)

// Goal: what a value may be. Method: one element each between a start and an end
// event, and the codes of the errors that it gives; none means that it deploys.
func TestValues(t *testing.T) {
	const root = `<message id="M" name="m"/><message id="N"/><signal id="S"/><error id="E" errorCode="${x}"/><escalation id="X"/>` +
		`<timerEventDefinition id="T"><timeDuration>PT1S</timeDuration></timerEventDefinition>`
	ext := func(tag, attrs, e string) string {
		return `<` + tag + ` id="t" ` + attrs + `><extensionElements>` + e + `</extensionElements></` + tag + `>`
	}
	event := func(def string) string {
		return `<intermediateCatchEvent id="t">` + def + `</intermediateCatchEvent>`
	}
	const (
		missing, value, unsupE, unsupA = CodeAttributeMissing, CodeAttributeValue, CodeUnsupportedElement, CodeUnsupportedAttribute
		unsupEv                        = CodeUnsupportedEvent
	)
	tests := []struct{ name, element, want string }{
		{"zeebe header without key", ext("serviceTask", "", `<zeebe:taskDefinition type="j"/><zeebe:taskHeaders><zeebe:header value="v"/></zeebe:taskHeaders>`), ""},
		{"mapping without target", ext("userTask", "", `<zeebe:ioMapping><zeebe:input source="=a"/></zeebe:ioMapping>`), missing},
		{"mapping to no name", ext("userTask", "", `<zeebe:ioMapping><zeebe:input source="=a" target="a..b"/></zeebe:ioMapping>`), value},
		{"mapping without source", ext("userTask", "", `<zeebe:ioMapping><zeebe:input target="a"/></zeebe:ioMapping>`), ""},
		{"parameter without name", ext("userTask", "", `<camunda:inputOutput><camunda:inputParameter>x</camunda:inputParameter></camunda:inputOutput>`), missing},
		{"script as list item", ext("userTask", "", `<camunda:inputOutput><camunda:inputParameter name="a"><camunda:list><camunda:script scriptFormat="javascript">1</camunda:script><camunda:frob/></camunda:list></camunda:inputParameter></camunda:inputOutput>`), unsupE},
		{"script in a language we lack", ext("userTask", "", `<camunda:inputOutput><camunda:inputParameter name="a"><camunda:script scriptFormat="ruby">1</camunda:script></camunda:inputParameter></camunda:inputOutput>`), CodeExpressionLanguage},
		{"script in a file", ext("userTask", "", `<camunda:inputOutput><camunda:inputParameter name="a"><camunda:script scriptFormat="javascript" resource="x.js"/></camunda:inputParameter></camunda:inputOutput>`), CodeScriptMissing},
		{"script in a file of a name that is computed", ext("userTask", "", `<camunda:inputOutput><camunda:inputParameter name="a"><camunda:script scriptFormat="javascript" resource="${x}"/></camunda:inputParameter></camunda:inputOutput>`), CodeScriptMissing},
		{"left-over attribute of another element", `<userTask id="t" camunda:expression="${x}"/>`, ""},
		{"misspelt attribute", `<userTask id="t" camunda:asignee="ann"/>`, unsupA},
		{"left-over mapping of another element", ext("userTask", "", `<camunda:in source="a" target="b"/><camunda:out source="a" target="b"/>`), ""},
		{"field of a listener that has no class", ext("userTask", "", `<camunda:executionListener event="start" expression="${x}"><camunda:field name="a" stringValue="b"/></camunda:executionListener>`), ""},
		{"misspelt extension", ext("userTask", "", `<camunda:inn source="a" target="b"/>`), unsupE},
		{"error thrown by a task that is no external one", ext("serviceTask", `camunda:expression="${x}"`, `<camunda:errorEventDefinition errorRef="t"/>`), ""},
		{"lists and maps in lists", ext("userTask", "", `<camunda:inputOutput><camunda:inputParameter name="a"><camunda:list><camunda:list><camunda:value>1</camunda:value></camunda:list><camunda:map><camunda:entry key="${k}">v</camunda:entry></camunda:map></camunda:list></camunda:inputParameter></camunda:inputOutput>`), ""},
		{"date of a timer as duration", `<intermediateCatchEvent id="t" camunda:asyncBefore="true"><timerEventDefinition><timeDate>PT1H</timeDate></timerEventDefinition></intermediateCatchEvent>`, ""},
		{"date of a timer as duration in plain BPMN", `<intermediateCatchEvent id="t"><timerEventDefinition><timeDate>PT1H</timeDate></timerEventDefinition></intermediateCatchEvent>`, ""},
		{"id with spaces around", `<task id=" t "/>`, ""},
		{"class that passes variables", `<callActivity id="t" calledElement="x" camunda:variableMappingClass="a.B"/>`, CodeImplementationClass},
		{"class that handles a form", `<userTask id="t" camunda:formHandlerClass="a.B"/>`, CodeImplementationClass},
		{"retry cycle as list", ext("serviceTask", `camunda:type="external" camunda:topic="j"`, `<camunda:failedJobRetryTimeCycle>PT1M, PT5M</camunda:failedJobRetryTimeCycle>`), ""},
		{"retry cycle wrong", ext("serviceTask", `camunda:type="external" camunda:topic="j"`, `<camunda:failedJobRetryTimeCycle>often</camunda:failedJobRetryTimeCycle>`), CodeTimerInvalid},
		{"retry cycle as expression", ext("serviceTask", `camunda:type="external" camunda:topic="j"`, `<camunda:failedJobRetryTimeCycle>${x}</camunda:failedJobRetryTimeCycle>`), ""},
		{"retry cycle of the old namespace", `<serviceTask id="t" xmlns:fox="http://www.camunda.com/fox" camunda:type="external" camunda:topic="j"><extensionElements><fox:failedJobRetryTimeCycle>R3/PT1M</fox:failedJobRetryTimeCycle></extensionElements></serviceTask>`, ""},
		{"operaton", `<serviceTask id="t" xmlns:op="http://operaton.org/schema/1.0/bpmn" op:type="external" op:topic="j"/>`, ""},
		{"priority of an external task", `<serviceTask id="t" camunda:type="external" camunda:topic="j" camunda:taskPriority="high"/>`, value},
		{"property without name", ext("userTask", "", `<zeebe:properties><zeebe:property value="v"/><zeebe:other/></zeebe:properties>`), unsupE},
		{"field expression", ext("serviceTask", `camunda:class="a.B"`, `<camunda:field name="x"><camunda:expression>${x}</camunda:expression></camunda:field>`), CodeImplementationClass},
		{"field as attribute", ext("serviceTask", `camunda:class="a.B"`, `<camunda:field name="x" expression="${x}"/>`), CodeImplementationClass},
		{"user task as camunda draws it", `<userTask id="t" camunda:priority="50" camunda:formRef="f" camunda:formRefBinding="deployment"/>`, ""},
		{"form of another binding", ext("userTask", "", `<zeebe:formDefinition formId="f" bindingType="deployment" externalReference="x"/>`), ""},
		{"priority of a user task", `<userTask id="t" camunda:priority="high"/>`, value},

		{"case call", `<callActivity id="t" camunda:caseRef="c"/>`, unsupE},
		{"version without number", `<callActivity id="t" calledElement="c" camunda:calledElementBinding="version"/>`, missing},
		{"version not a number", `<callActivity id="t" calledElement="c" camunda:calledElementBinding="version" camunda:calledElementVersion="new"/>`, value},
		{"tag without tag", `<callActivity id="t" calledElement="c" camunda:calledElementBinding="versionTag"/>`, missing},
		{"zeebe tag without tag", ext("callActivity", "", `<zeebe:calledElement processId="c" bindingType="versionTag"/>`), missing},
		{"old zeebe expression", ext("callActivity", "", `<zeebe:calledElement processIdExpression="a"/>`), ""},
		{"called by id", `<callActivity id="t" calledElement="c" flowable:calledElementType="name"/>`, value},
		{"flowable call", `<callActivity id="t" calledElement="c" flowable:businessKey="${k}" flowable:inheritVariables="true" flowable:sameDeployment="true"/>`, ""},
		{"in without target", ext("callActivity", `calledElement="c"`, `<camunda:in source="a"/>`), missing},
		{"in without source", ext("callActivity", `calledElement="c"`, `<camunda:in target="a"/>`), missing},
		{"in of some", ext("callActivity", `calledElement="c"`, `<camunda:in variables="some"/>`), value},
		{"boolean", `<callActivity id="t" calledElement="c" flowable:inheritVariables="perhaps"/>`, value},

		{"message without name", event(`<messageEventDefinition messageRef="N"/>`), missing},
		{"message expression", event(`<messageEventDefinition flowable:messageExpression="m-${a}"/>`), ""},
		{"message as child", event(`<messageEventDefinition><messageRef>M</messageRef></messageEventDefinition>`), ""},
		{"message published without key", `<intermediateThrowEvent id="t"><extensionElements><zeebe:publishMessage timeToLive="x"/></extensionElements><messageEventDefinition messageRef="M"/></intermediateThrowEvent>`, missing + " " + CodeTimerInvalid},
		{"message published by a task", `<sendTask id="t" messageRef="M"><extensionElements><zeebe:publishMessage correlationKey="=a" messageId="=b" timeToLive="PT1H"/></extensionElements></sendTask>`, ""},
		{"message published without name", `<sendTask id="t"><extensionElements><zeebe:publishMessage correlationKey="=a"/></extensionElements></sendTask>`, CodeReferenceMissing},
		{"timer with end date", event(`<timerEventDefinition flowable:businessCalendarName="cycle"><timeCycle flowable:endDate="2030-01-01T00:00:00Z">R/PT1H</timeCycle></timerEventDefinition>`), ""},
		{"timer with wrong end date", event(`<timerEventDefinition><timeCycle flowable:endDate="soon">R/PT1H</timeCycle></timerEventDefinition>`), CodeTimerInvalid},
		{"timer of another calendar", event(`<timerEventDefinition flowable:businessCalendarName="duration"><timeCycle>R/PT1H</timeCycle></timerEventDefinition>`), unsupA},
		{"signal without name", event(`<signalEventDefinition signalRef="S"/>`), missing},
		{"signal without signal", event(`<signalEventDefinition/>`), CodeReferenceMissing},
		{"signal of unknown", event(`<signalEventDefinition signalRef="x"/>`), CodeReferenceUnknown},
		{"signal expression", event(`<signalEventDefinition flowable:signalExpression="${a}"/>`), ""},
		{"conditional without condition", event(`<conditionalEventDefinition/>`), CodeEventDefinition},
		{"conditional with unknown event", event(`<conditionalEventDefinition camunda:variableEvents="change"><condition>${a}</condition></conditionalEventDefinition>`), CodeAttributeValue},
		{"conditional on delete alone", event(`<conditionalEventDefinition camunda:variableEvents="delete"><condition>${a}</condition></conditionalEventDefinition>`), CodeUnsupportedAttribute},
		{"conditional with filter", event(`<conditionalEventDefinition><extensionElements><zeebe:conditionalFilter variableNames="a,b" variableEvents="create"/></extensionElements><condition>=a</condition></conditionalEventDefinition>`), ""},
		{"link without name", event(`<linkEventDefinition/>`), CodeEventDefinition},
		{"link with ends", event(`<linkEventDefinition name="l"><source>x</source></linkEventDefinition>`), CodeReferenceUnknown},
		{"definition of the root", event(`<eventDefinitionRef>T</eventDefinitionRef>`), ""},
		{"definition of nobody", event(`<eventDefinitionRef>x</eventDefinitionRef>`), CodeEventDefinition + " " + CodeReferenceUnknown},
		{"timer with two", event(`<timerEventDefinition><timeDuration>PT1S</timeDuration><timeDate>2030-01-01</timeDate></timerEventDefinition>`), CodeEventDefinition},
		{"timer with a foreign language", event(`<timerEventDefinition><timeDuration language="http://www.w3.org/1999/XPath">PT1S</timeDuration></timerEventDefinition>`), ""},
		{"escalation without code", `<intermediateThrowEvent id="t"><escalationEventDefinition escalationRef="X"/></intermediateThrowEvent>`, CodeErrorCode},
		{"escalation without escalation", `<intermediateThrowEvent id="t"><escalationEventDefinition/></intermediateThrowEvent>`, CodeReferenceMissing},
		{"error code as expression", `<userTask id="t"/><boundaryEvent id="b" attachedToRef="t"><errorEventDefinition errorRef="E"/></boundaryEvent>`, unsupA},
		{"compensation of no activity", `<intermediateThrowEvent id="t"><compensateEventDefinition activityRef="s"/></intermediateThrowEvent>`, CodeReferenceKind},
		{"boundary on nothing", `<userTask id="t"/><boundaryEvent id="b"><errorEventDefinition/></boundaryEvent>`, CodeReferenceMissing},
		{"compensation handler of another kind", `<userTask id="t"/><userTask id="h"/><boundaryEvent id="b" attachedToRef="t"><compensateEventDefinition/></boundaryEvent><association id="a" sourceRef="b" targetRef="h"/>`, CodeCompensation},
		{"two compensation handlers", `<userTask id="t"/><userTask id="h" isForCompensation="true"/><boundaryEvent id="b" attachedToRef="t"><compensateEventDefinition/></boundaryEvent><association id="a" sourceRef="b" targetRef="h"/><association id="a2" sourceRef="b" targetRef="h"/>`, CodeCompensation},

		{"event gateway of a kind", `<eventBasedGateway id="t" eventGatewayType="Some"/>`, value + " " + CodeEventGatewayTarget},
		{"parallel event gateway", `<eventBasedGateway id="t" eventGatewayType="Parallel" instantiate="true"/>`, CodeEventGatewayTarget},
		{"event gateway that starts behind a task", `<task id="t"/><sequenceFlow id="ft" sourceRef="t" targetRef="g"/><eventBasedGateway id="g" instantiate="true"/>`, CodeFlowIncoming + " " + CodeFlowMissing},
		{"parallel event gateway inside", `<eventBasedGateway id="t" eventGatewayType="Parallel"/>`, CodeEventGatewayTarget + " " + unsupA},
		{"complex gateway", `<complexGateway id="t"><activationCondition>=a</activationCondition></complexGateway>`, ""},
		{"loop maximum", `<task id="t"><standardLoopCharacteristics loopMaximum="0"/></task>`, value},
		{"standard loop without end in camunda", `<task id="t" camunda:asyncBefore="true"><standardLoopCharacteristics/></task>`, ""},
		{"standard loop without end", `<task id="t"><standardLoopCharacteristics/></task>`, missing},
		{"start quantity", `<task id="t" startQuantity="x"/>`, value},
		{"collection that is a text", `<task id="t"><multiInstanceLoopCharacteristics><extensionElements><zeebe:loopCharacteristics inputCollection="items"/></extensionElements></multiInstanceLoopCharacteristics></task>`, value},
		{"results without an element", `<task id="t"><multiInstanceLoopCharacteristics><extensionElements><zeebe:loopCharacteristics inputCollection="=items" outputCollection="r"/></extensionElements></multiInstanceLoopCharacteristics></task>`, missing},
		{"aggregation of nothing", `<task id="t"><multiInstanceLoopCharacteristics><extensionElements><flowable:variableAggregation target="r"/></extensionElements><loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics></task>`, missing},
		{"collection of a class", `<task id="t"><multiInstanceLoopCharacteristics><extensionElements><flowable:collection flowable:class="a.B"/></extensionElements><loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics></task>`, CodeImplementationClass},
		{"ad-hoc of a worker", `<adHocSubProcess id="t"><extensionElements><zeebe:taskDefinition type="agent"/></extensionElements><task id="u"/></adHocSubProcess>`, ""},
		{"ad-hoc of a worker without type", `<adHocSubProcess id="t"><extensionElements><zeebe:taskDefinition retries="2"/></extensionElements><task id="u"/></adHocSubProcess>`, missing},
		{"ad-hoc with headers and no worker", `<adHocSubProcess id="t"><extensionElements><zeebe:taskHeaders><zeebe:header key="a" value="b"/></zeebe:taskHeaders></extensionElements><task id="u"/></adHocSubProcess>`, unsupE},
		{"ad-hoc in disorder", `<adHocSubProcess id="t" ordering="Random"><task id="u"/></adHocSubProcess>`, value},
		{"loop on an event", `<intermediateThrowEvent id="t"><multiInstanceLoopCharacteristics/></intermediateThrowEvent>`, unsupE},
		{"cardinality not a number", `<task id="t"><multiInstanceLoopCharacteristics><loopCardinality>many</loopCardinality></multiInstanceLoopCharacteristics></task>`, value},
		{"receive task that starts", `<receiveTask id="t" messageRef="M" instantiate="true"/>`, CodeFlowIncoming},
		{"receive task that starts in a loop", `<receiveTask id="t" messageRef="M" instantiate="true"><standardLoopCharacteristics loopMaximum="2"/></receiveTask>`, CodeFlowIncoming + " " + unsupA},

		{"listener with a class", ext("userTask", "", `<camunda:executionListener event="start" class="a.B"/>`), CodeImplementationClass},
		{"listener as script", ext("userTask", "", `<camunda:executionListener event="start"><camunda:script scriptFormat="javascript">1</camunda:script></camunda:executionListener>`), ""},
		{"listener that does nothing", ext("userTask", "", `<camunda:executionListener event="start"/>`), CodeMissingImplementation},
		{"linked resource without type", ext("serviceTask", "", `<zeebe:taskDefinition type="j"/><zeebe:linkedResources><zeebe:linkedResource resourceId="r" linkName="l"/></zeebe:linkedResources>`), missing},
		{"linked resource of a tag without tag", ext("serviceTask", "", `<zeebe:taskDefinition type="j"/><zeebe:linkedResources><zeebe:linkedResource resourceId="r" resourceType="t" linkName="l" bindingType="versionTag"/></zeebe:linkedResources>`), missing},
		{"linked resource of a version", ext("serviceTask", "", `<zeebe:taskDefinition type="j"/><zeebe:linkedResources><zeebe:linkedResource resourceId="r" resourceType="t" linkName="l" bindingType="version"/></zeebe:linkedResources>`), value},
		{"linked resource of a tag that nobody asks for", ext("serviceTask", "", `<zeebe:taskDefinition type="j"/><zeebe:linkedResources><zeebe:linkedResource resourceId="r" resourceType="t" linkName="l" versionTag="v"/></zeebe:linkedResources>`), ""},
		{"linked resource beside a header of the name", ext("serviceTask", "", `<zeebe:taskDefinition type="j"/><zeebe:taskHeaders><zeebe:header key="linkedResources" value="x"/></zeebe:taskHeaders><zeebe:linkedResources><zeebe:linkedResource resourceId="r" resourceType="t" linkName="l"/></zeebe:linkedResources>`), value},
		{"linked resource without a job", ext("userTask", "", `<zeebe:linkedResources><zeebe:linkedResource resourceId="r" resourceType="t" linkName="l"/></zeebe:linkedResources>`), unsupE},
		{"modelling metadata", `<task id="t" zeebe:modelerTemplate="x" zeebe:modelerTemplateVersion="2" zeebe:modelerConfigurationVersion="1" zeebe:retryCounter="1"/>`, ""},
		{"zeebe listener without type", ext("userTask", "", `<zeebe:taskListeners><zeebe:taskListener eventType="creating"/></zeebe:taskListeners>`), missing},
		{"zeebe listener of a cancellation", ext("userTask", "", `<zeebe:taskListeners><zeebe:taskListener eventType="canceling" type="j"/></zeebe:taskListeners>`), ""},
		{"zeebe listener of an unknown event", ext("userTask", "", `<zeebe:taskListeners><zeebe:taskListener eventType="deleting" type="j"/></zeebe:taskListeners>`), unsupE},
		{"zeebe listener of the end of an event gateway", ext("eventBasedGateway", "", `<zeebe:executionListeners><zeebe:executionListener eventType="end" type="j"/></zeebe:executionListeners>`), CodeEventGatewayTarget + " " + unsupE},
		{"timeout listener without id", ext("userTask", "", `<camunda:taskListener event="timeout" expression="${a}"><timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition></camunda:taskListener>`), CodeIDMissing},
		{"priority out of range", ext("userTask", "", `<zeebe:priorityDefinition priority="101"/>`), value},
		{"priority out of range in camunda", `<userTask id="t" camunda:priority="101"/>`, ""},

		{"decision without id", ext("businessRuleTask", "", `<zeebe:calledDecision resultVariable="r"/>`), missing},
		{"zeebe extensions left on another element", ext("task", "", `<zeebe:taskDefinition type="j"/><zeebe:taskHeaders><zeebe:header key="k" value="v"/></zeebe:taskHeaders>`), ""},
		{"zeebe extension that means nothing anywhere", ext("task", "", `<zeebe:taskDefinitions type="j"/>`), unsupE},
		{"script without format", `<scriptTask id="t"><script>1</script></scriptTask>`, missing},
		{"script without expression", ext("scriptTask", "", `<zeebe:script resultVariable="r"/>`), missing},
		{"data associations that draw", `<userTask id="t"><dataInputAssociation id="d"><sourceRef>x</sourceRef><targetRef>y</targetRef></dataInputAssociation></userTask>`, ""},
		{"data associations that compute", `<userTask id="t"><dataInputAssociation id="d"><assignment/></dataInputAssociation></userTask>`, missing},
		{"assignment", `<userTask id="t"><dataInputAssociation id="d"><targetRef>x</targetRef><assignment><from>=1</from><to>a.b</to></assignment></dataInputAssociation></userTask>`, ""},
		{"assignment to nothing that can be written", `<userTask id="t"><dataInputAssociation id="d"><assignment><from>=1</from><to>a b</to></assignment></dataInputAssociation></userTask>`, value},
		{"assignment that does not compile", `<userTask id="t"><dataInputAssociation id="d"><assignment><from>=1 +</from><to>a</to></assignment></dataInputAssociation></userTask>`, CodeExpressionSyntax},
		{"transformation without target", `<userTask id="t"><dataOutputAssociation id="d"><transformation>=1</transformation></dataOutputAssociation></userTask>`, value},
		{"assignment of a data store", `<userTask id="t"><dataOutputAssociation id="d"><targetRef>st</targetRef><assignment><from>=1</from><to>a</to></assignment></dataOutputAssociation></userTask><dataStoreReference id="st"/>`, unsupE},
		{"output of a throw event", `<intermediateThrowEvent id="t"><dataOutputAssociation id="d"><assignment><from>=1</from><to>a</to></assignment></dataOutputAssociation></intermediateThrowEvent>`, unsupE},
		{"property", `<userTask id="t"><property id="x" name="x"/></userTask>`, ""},
		{"property that copies", `<userTask id="t"><property id="x" name="x" camunda:src="y"/></userTask>`, unsupE},
		{"data object with a value", `<task id="t"/><dataObject id="d" name="n" itemSubjectRef="xsd:int"><extensionElements><flowable:value>7</flowable:value></extensionElements></dataObject>`, ""},
		{"data object of another type", `<task id="t"/><dataObject id="d" name="n" itemSubjectRef="xsd:int"><extensionElements><flowable:value>seven</flowable:value></extensionElements></dataObject>`, value},
		{"data object without type", `<task id="t"/><dataObject id="d" name="n"><extensionElements><flowable:value>7</flowable:value></extensionElements></dataObject>`, missing},
		{"data object without the name of a variable", `<task id="t"/><dataObject id="d" name="the order" itemSubjectRef="xsd:int"><extensionElements><flowable:value>7</flowable:value></extensionElements></dataObject>`, value},
		{"data object with a large value", `<task id="t"/><dataObject id="d" name="n" itemSubjectRef="xsd:string"><extensionElements><flowable:value>` + strings.Repeat("x", maxInitialBytes) + `</flowable:value></extensionElements></dataObject>`, value},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			model := strings.Replace(between(tt.element), "\n", root+"\n", 1)
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

func TestProcessJobPriority(t *testing.T) {
	model := strings.Replace(between(`<serviceTask id="t"><extensionElements><zeebe:taskDefinition type="j"/></extensionElements></serviceTask>`),
		"<startEvent", `<extensionElements><zeebe:jobPriorityDefinition priority="7"/></extensionElements><serviceTask id="own"><extensionElements><zeebe:taskDefinition type="j"/><zeebe:jobPriorityDefinition priority="9"/></extensionElements></serviceTask><startEvent`, 1)
	defs, _ := mustParse(t, model, Options{})
	for id, want := range map[string]int64{"t": 7, "own": 9} {
		if got := defs.Processes[0].Element(id).Job.Priority.Constant; got != want {
			t.Errorf("%s: priority %v, expected %d", id, got, want)
		}
	}
	classic := strings.Replace(between(`<serviceTask id="t" camunda:type="external" camunda:topic="j"/>`), "isExecutable", `camunda:taskPriority="5" isExecutable`, 1)
	defs, _ = mustParse(t, classic, Options{})
	if got := defs.Processes[0].Element("t").Job.Priority.Constant; got != int64(5) {
		t.Errorf("camunda: priority %v", got)
	}
}

func TestNoneStart(t *testing.T) {
	defs, _ := mustParse(t, inProcess(`<startEvent id="a"><timerEventDefinition><timeDuration>PT1S</timeDuration></timerEventDefinition></startEvent><startEvent id="b"/>`), Options{})
	if got := defs.Processes[0].Scope.NoneStart(); got == nil || got.ID != "b" {
		t.Errorf("none start %+v", got)
	}
}
