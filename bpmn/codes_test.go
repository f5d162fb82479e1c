package bpmn

import (
	"slices"
	"strings"
	"testing"
)

const definitionsTag = `<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" ` +
	`xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" ` +
	`xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" xmlns:flowable="http://flowable.org/bpmn" ` +
	`xmlns:activiti="http://activiti.org/bpmn" xmlns:modeler="http://camunda.org/schema/modeler/1.0" targetNamespace="t">`

// inProcess puts flow elements into an executable process "p"; they begin in
// line 3.
func inProcess(body string) string {
	return definitionsTag + "\n<process id=\"p\" isExecutable=\"true\">\n" + body + "\n</process></definitions>"
}

// between puts one element between a start and an end event; it stands in line 3.
func between(element string) string {
	id := element[strings.Index(element, `id="`)+4:]
	id = id[:strings.Index(id, `"`)]
	return inProcess(element + `
<startEvent id="s"/><endEvent id="e"/>
<sequenceFlow id="f1" sourceRef="s" targetRef="` + id + `"/><sequenceFlow id="f2" sourceRef="` + id + `" targetRef="e"/>`)
}

// negative is a model that has one problem.
type negative struct {
	code  string
	model string
	id    string
	line  int
	opts  Options
	// Also lists codes of problems that follow from the first.
	also []string
}

func negatives() []negative {
	return []negative{
		{code: CodeXMLMalformed, model: definitionsTag + "\n<process id=\"p\">\n</definitions>", line: 3},
		{code: CodeXMLMalformed, model: "", line: 1},
		{code: CodeXMLMalformed, model: definitionsTag + "\n<process id=\"p\" id=\"q\"/></definitions>", line: 2},
		{code: CodeXMLMalformed, model: definitionsTag + "\n<process id=\"p\"/></definitions>\n<process/>", line: 3},
		{code: CodeXMLMalformed, model: definitionsTag + "\n<!-- never closed", line: 2},
		{code: CodeXMLMalformed, model: definitionsTag + "\n<process id='p' name='&#0;'/></definitions>", line: 2},
		{code: CodeXMLMalformed, model: definitionsTag + "\n<process id='<'/></definitions>", line: 2},
		{code: CodeXMLDoctype, model: "<?xml version=\"1.0\"?>\n<!DOCTYPE definitions SYSTEM \"file:///etc/passwd\">\n" + definitionsTag + "</definitions>", line: 2},
		{
			code: CodeXMLEntity, model: "<!DOCTYPE d [\n<!ENTITY a \"b\">]>\n" + definitionsTag + "</definitions>", line: 2,
			also: []string{CodeXMLDoctype},
		},
		{code: CodeXMLEntity, model: definitionsTag + "\n<process id=\"p\" name=\"&nbsp;\"/></definitions>", line: 2},
		{code: CodeXMLEntity, model: definitionsTag + "\n<documentation>&copy;</documentation></definitions>", line: 2},
		{code: CodeXMLTooLarge, model: definitionsTag + strings.Repeat(" ", 500) + "</definitions>", opts: Options{MaxBytes: 500}},
		{code: CodeXMLTooDeep, model: definitionsTag + "\n<extensionElements><a><a>\n<a/></a></a></extensionElements></definitions>", line: 3, opts: Options{MaxDepth: 4}},
		{code: CodeXMLTooMany, model: definitionsTag + "\n<import/>\n<import/></definitions>", line: 3, opts: Options{MaxElements: 2}},
		{code: CodeXMLEncoding, model: "<?xml version=\"1.0\" encoding=\"KOI8-X\"?>" + definitionsTag + "</definitions>", line: 1},
		{code: CodeXMLEncoding, model: definitionsTag + "\n<documentation>\xff</documentation></definitions>", line: 1},
		{code: CodeXMLNamespace, model: definitionsTag + "\n<acme:thing/></definitions>", line: 2},
		{code: CodeXMLNotBPMN, model: "\n<html/>", line: 2},
		{code: CodeXMLNotBPMN, model: `<definitions xmlns="http://www.omg.org/spec/DMN/20180521/MODEL/"/>`, line: 1},
		{code: CodeMoreProblems, model: inProcess("<startEvent id=\"s\"/>\n<task id=\"t\"/>\n<task id=\"u\"/>"), line: 4, opts: Options{MaxProblems: 1}, also: []string{CodeUnreachable}},
		{code: CodeOptionInvalid, model: between(`<task id="t"/>`), opts: Options{ClassMap: map[string]string{"a.B": "b"}}},
		{code: CodeOptionInvalid, model: between(`<task id="t"/>`), opts: Options{Dialect: "bpel"}},
		{
			code: CodeDialectConflict, id: "t", line: 3,
			model: between(`<serviceTask id="t" camunda:type="external" camunda:topic="a"><extensionElements><zeebe:taskDefinition type="b"/></extensionElements></serviceTask>`),
		},
		{code: CodeDialectConflict, id: "t", line: 3, model: between(`<userTask id="t" camunda:assignee="ada" flowable:assignee="bob"/>`)},

		{code: CodeProcessNoneExecutable, model: definitionsTag + "\n<process id=\"p\" isExecutable=\"false\"/></definitions>", line: 1},
		{code: CodeProcessNoneExecutable, model: definitionsTag + "\n</definitions>", line: 1},
		{code: CodeProcessExecutableUnstated, model: definitionsTag + "\n<process id=\"p\"><startEvent id=\"s\"/></process></definitions>", id: "p", line: 2},
		{code: CodeProcessIDMissing, model: definitionsTag + "\n<process isExecutable=\"true\"><startEvent id=\"s\"/></process></definitions>", line: 2},
		{code: CodeProcessNoStart, model: inProcess(`<endEvent id="e"/>`), id: "p", line: 2, also: []string{CodeUnreachable}},
		{code: CodeProcessEmpty, model: inProcess(``), id: "p", line: 2},

		{code: CodeIDMissing, model: inProcess("<startEvent id=\"s\"/>\n<startEvent/>"), id: "p", line: 4, also: []string{CodeStartMultiple}},
		{code: CodeIDInvalid, model: inProcess("<startEvent id=\"a b\"/>"), id: "a b", line: 3},
		{code: CodeIDInvalid, model: inProcess("<startEvent id=\"a&gt;b\"/>"), id: "a>b", line: 3},
		{code: CodeIDDuplicate, model: definitionsTag + "<message id=\"s\" name=\"m\"/>\n<process id=\"p\" isExecutable=\"true\">\n<startEvent id=\"s\"/></process></definitions>", id: "s", line: 3},
		{code: CodeReferenceMissing, model: inProcess("<startEvent id=\"s\"/>\n<sequenceFlow id=\"f\" sourceRef=\"s\"/>"), id: "f", line: 4},
		{code: CodeReferenceMissing, model: between(`<receiveTask id="t"/>`), id: "t", line: 3, opts: Options{Dialect: DialectZeebe}},
		{code: CodeReferenceMissing, model: inProcess("<startEvent id=\"s\">\n<messageEventDefinition/></startEvent>"), id: "s", line: 4},
		{code: CodeScriptEmpty, model: between("<scriptTask id=\"t\" scriptFormat=\"groovy\" camunda:asyncBefore=\"true\">\n<script></script></scriptTask>"), id: "t", line: 4},
		{code: CodeScriptMissing, model: between("<scriptTask id=\"t\" scriptFormat=\"javascript\"\n camunda:resource=\"deployment://sum.js\"/>"), id: "t", line: 3},
		{code: CodeReferenceUnknown, model: inProcess("<startEvent id=\"s\"/>\n<sequenceFlow id=\"f\" sourceRef=\"s\" targetRef=\"x\"/>"), id: "f", line: 4},
		{code: CodeReferenceUnknown, model: between(`<receiveTask id="t" messageRef="x"/>`), id: "t", line: 3},
		{code: CodeMessageNotSent, model: definitionsTag + "<message id=\"m\" name=\"m\"/><process id=\"p\" isExecutable=\"true\"><startEvent id=\"s\"/><sequenceFlow id=\"f\" sourceRef=\"s\" targetRef=\"e\"/>\n<endEvent id=\"e\">\n<messageEventDefinition messageRef=\"m\"/></endEvent></process></definitions>", id: "e", line: 3},
		{code: CodeReferenceUnknown, model: inProcess("<startEvent id=\"s\">\n<outgoing>x</outgoing></startEvent>"), id: "s", line: 4},
		{code: CodeReferenceUnknown, model: between(`<exclusiveGateway id="t" default="x"/>`), id: "t", line: 3},
		{
			code: CodeReferenceUnknown, id: "b", line: 3,
			model: inProcess(`<boundaryEvent id="b" attachedToRef="x"><errorEventDefinition/></boundaryEvent><startEvent id="s"/>`), also: []string{CodeUnreachable},
		},
		{code: CodeReferenceKind, model: inProcess("<startEvent id=\"s\"/>\n<sequenceFlow id=\"f\" sourceRef=\"s\" targetRef=\"p\"/>"), id: "f", line: 4},
		{code: CodeReferenceKind, model: between(`<receiveTask id="t" messageRef="s"/>`), id: "t", line: 3},
		{
			code: CodeElementRepeated, id: "t", line: 3,
			model: between(`<serviceTask id="t"><extensionElements><zeebe:taskDefinition type="a"/><zeebe:taskDefinition type="b"/></extensionElements></serviceTask>`),
			also:  []string{CodeUnsupportedAttribute},
		},
		{code: CodeAttributeMissing, model: between(`<serviceTask id="t"><extensionElements><zeebe:taskDefinition/></extensionElements></serviceTask>`), id: "t", line: 3},
		{code: CodeAttributeMissing, model: between(`<serviceTask id="t" camunda:type="external"/>`), id: "t", line: 3},
		{code: CodeAttributeValue, model: between(`<serviceTask id="t"><extensionElements><zeebe:taskDefinition type="a" retries="many"/></extensionElements></serviceTask>`), id: "t", line: 3},
		{code: CodeAttributeValue, model: definitionsTag + "\n<process id=\"p\" isExecutable=\"maybe\"/></definitions>", id: "p", line: 2, also: []string{CodeProcessNoneExecutable}},

		{code: CodeUnsupportedElement, model: between(`<callActivity id="t" camunda:caseRef="c"/>`), id: "t", line: 3},
		{code: CodeAttributeMissing, model: between(`<task id="t"><standardLoopCharacteristics/></task>`), id: "t", line: 3},
		{code: CodeUnsupportedElement, model: between(`<task id="t"><frob/></task>`), id: "t", line: 3},
		{code: CodeUnsupportedElement, model: between(`<task id="t"><extensionElements><flowable:eventListener/></extensionElements></task>`), id: "t", line: 3},
		{code: CodeUnsupportedElement, model: between(`<task id="t"><task xmlns="" id="x"/></task>`), id: "t", line: 3},
		{code: CodeUnsupportedAttribute, model: between(`<task id="t" xmlns:b="http://www.omg.org/spec/BPMN/20100524/MODEL" b:name="x"/>`), id: "t", line: 3},
		{code: CodeUnsupportedEvent, model: inProcess("<startEvent id=\"s\"/>\n<endEvent id=\"e\"><terminateEventDefinition/><terminateEventDefinition/></endEvent><sequenceFlow id=\"f\" sourceRef=\"s\" targetRef=\"e\"/>"), id: "e", line: 4},
		{code: CodeAttributeValue, model: between(`<userTask id="t" completionQuantity="0"/>`), id: "t", line: 3},
		{code: CodeUnsupportedAttribute, model: between(`<callActivity id="t" calledElement="p" flowable:skipExpression="${true}"/>`), id: "t", line: 3},
		{code: CodeUnsupportedAttribute, model: between(`<userTask id="t" colour="blue"/>`), id: "t", line: 3},

		{code: CodeAttributeNoEffect, model: inProcess("<startEvent id=\"s\" camunda:jobPriority=\"7\"/>"), id: "s", line: 3},
		{code: CodeAttributeNoEffect, model: strings.Replace(inProcess(`<startEvent id="s"/>`), "isExecutable", `camunda:candidateStarterUsers="${ada}" isExecutable`, 1), id: "p", line: 2},
		{code: CodeReferencePicture, model: inProcess("<startEvent id=\"s\"/><laneSet>\n<lane id=\"l\"><flowNodeRef>x</flowNodeRef></lane></laneSet>"), id: "l", line: 4},

		{
			code: CodeFlowCrossesScope, id: "f", line: 4,
			model: inProcess("<startEvent id=\"s\"/><subProcess id=\"u\"><startEvent id=\"us\"/><endEvent id=\"ue\"/><sequenceFlow id=\"g\" sourceRef=\"us\" targetRef=\"ue\"/></subProcess><sequenceFlow id=\"h\" sourceRef=\"s\" targetRef=\"u\"/>\n<sequenceFlow id=\"f\" sourceRef=\"s\" targetRef=\"ue\"/>"),
		},
		{code: CodeFlowIncoming, model: inProcess("<startEvent id=\"s\"/><task id=\"t\"/><sequenceFlow id=\"f\" sourceRef=\"s\" targetRef=\"t\"/>\n<sequenceFlow id=\"g\" sourceRef=\"t\" targetRef=\"s\"/>"), id: "g", line: 4},
		{code: CodeFlowOutgoing, model: inProcess("<startEvent id=\"s\"/><endEvent id=\"e\"/><sequenceFlow id=\"f\" sourceRef=\"s\" targetRef=\"e\"/><task id=\"t\"/>\n<sequenceFlow id=\"g\" sourceRef=\"e\" targetRef=\"t\"/>"), id: "g", line: 4},
		{
			code: CodeFlowDefault, id: "g", line: 4,
			model: inProcess("<startEvent id=\"s\"/><exclusiveGateway id=\"x\" default=\"g\"/><endEvent id=\"e\"/><sequenceFlow id=\"f\" sourceRef=\"s\" targetRef=\"x\"/>\n<sequenceFlow id=\"g\" sourceRef=\"x\" targetRef=\"e\"><conditionExpression>true</conditionExpression></sequenceFlow>"),
		},
		{
			code: CodeFlowDefault, id: "x", line: 4,
			model: inProcess("<startEvent id=\"s\"/>\n<exclusiveGateway id=\"x\" default=\"f\"/><endEvent id=\"e\"/><sequenceFlow id=\"f\" sourceRef=\"s\" targetRef=\"x\"/><sequenceFlow id=\"g\" sourceRef=\"x\" targetRef=\"e\"/>"),
		},
		{code: CodeFlowNoDefault, model: split(`<conditionExpression>false</conditionExpression>`, `<conditionExpression>true</conditionExpression>`), id: "x", line: 3},
		{code: CodeFlowNoCondition, model: split(``, `<conditionExpression>true</conditionExpression>`), id: "g1", line: 4},
		{
			code: CodeFlowCondition, id: "f", line: 4,
			model: inProcess("<startEvent id=\"s\"/><parallelGateway id=\"x\"/><sequenceFlow id=\"g\" sourceRef=\"s\" targetRef=\"x\"/><endEvent id=\"e\"/>\n<sequenceFlow id=\"f\" sourceRef=\"x\" targetRef=\"e\"><conditionExpression>true</conditionExpression></sequenceFlow>"),
		},
		{code: CodeFlowMissing, model: inProcess("<startEvent id=\"s\"/>\n<eventBasedGateway id=\"x\"/><sequenceFlow id=\"f\" sourceRef=\"s\" targetRef=\"x\"/>"), id: "x", line: 4},

		{code: CodeEventPosition, model: between(`<intermediateThrowEvent id="t"><timerEventDefinition><timeDate>2030-01-01T00:00:00Z</timeDate></timerEventDefinition></intermediateThrowEvent>`), id: "t", line: 3},
		{code: CodeEventPosition, model: inProcess(`<startEvent id="s"><terminateEventDefinition/></startEvent>`), id: "s", line: 3},
		{code: CodeEventDefinition, model: between(`<intermediateCatchEvent id="t"/>`), id: "t", line: 3},
		{code: CodeEventDefinition, model: between(`<intermediateCatchEvent id="t"><timerEventDefinition/></intermediateCatchEvent>`), id: "t", line: 3},
		{code: CodeStartMultiple, model: inProcess("<startEvent id=\"s\"/>\n<startEvent id=\"s2\"/>"), id: "s2", line: 4},
		{code: CodeStartMissing, model: between(`<subProcess id="t"/>`), id: "t", line: 3},
		{
			code: CodeStartEvent, id: "us", line: 3,
			model: between(`<subProcess id="t"><startEvent id="us"><timerEventDefinition><timeDuration>PT1S</timeDuration></timerEventDefinition></startEvent></subProcess>`),
		},
		{code: CodeStartVariables, model: inProcess(`<startEvent id="s"><timerEventDefinition><timeDuration>=wait</timeDuration></timerEventDefinition></startEvent>`), id: "s", line: 3},
		{code: CodeFlowDefault, model: between(`<parallelGateway id="t" default="f2"/>`), id: "t", line: 3},
		{
			code: CodeBoundaryHost, id: "b", line: 4,
			model: inProcess("<startEvent id=\"s\"/>\n<boundaryEvent id=\"b\" attachedToRef=\"s\"><errorEventDefinition/></boundaryEvent>"), also: []string{CodeUnreachable},
		},
		{
			code: CodeBoundaryCancel, id: "b", line: 3,
			model: between(`<userTask id="t"/><boundaryEvent id="b" attachedToRef="t" cancelActivity="false"><errorEventDefinition/></boundaryEvent>`),
			also:  []string{CodeUnsupportedEvent},
		},
		{
			code: CodeEventGatewayTarget, id: "f", line: 4,
			model: inProcess("<startEvent id=\"s\"/><eventBasedGateway id=\"x\"/><endEvent id=\"e\"/><sequenceFlow id=\"g\" sourceRef=\"s\" targetRef=\"x\"/>\n<sequenceFlow id=\"f\" sourceRef=\"x\" targetRef=\"e\"/>"),
		},
		{
			code: CodeSubscriptionTwice, id: "c", line: 4,
			model: between(`<userTask id="t"/><boundaryEvent id="b" attachedToRef="t"><errorEventDefinition/></boundaryEvent>` + "\n" +
				`<boundaryEvent id="c" attachedToRef="t"><errorEventDefinition/></boundaryEvent>`),
		},
		{code: CodeLinkUnpaired, model: between(`<intermediateThrowEvent id="t"><linkEventDefinition name="a"/></intermediateThrowEvent>`), id: "t", line: 3, also: []string{CodeUnsupportedEvent}},
		{
			code: CodeCompensation, id: "b", line: 3, also: []string{CodeUnsupportedEvent},
			model: between(`<userTask id="t"/><boundaryEvent id="b" attachedToRef="t"><compensateEventDefinition/></boundaryEvent>`),
		},
		{
			code: CodeCompensation, id: "b", line: 4, also: []string{CodeUnreachable},
			model: between(`<userTask id="t"/><subProcess id="box"><startEvent id="bs"/><task id="u" isForCompensation="true"/></subProcess>` + "\n" +
				`<boundaryEvent id="b" attachedToRef="t"><compensateEventDefinition/></boundaryEvent><association id="as" sourceRef="b" targetRef="u"/>`),
		},
		{
			code: CodeCompensation, id: "us", line: 4,
			model: between(`<userTask id="t"/><subProcess id="u" triggeredByEvent="true">` + "\n" +
				`<startEvent id="us"><compensateEventDefinition/></startEvent></subProcess>`),
		},
		{
			code: CodeCompensation, id: "t", line: 3, also: []string{CodeUnreachable},
			model: between(`<intermediateThrowEvent id="t"><compensateEventDefinition activityRef="u"/></intermediateThrowEvent>` +
				`<subProcess id="box"><startEvent id="bs"/><userTask id="u"/><sequenceFlow id="g" sourceRef="bs" targetRef="u"/></subProcess>`),
		},
		{
			code: CodeCompensation, id: "x", line: 4,
			model: between(`<transaction id="t"><startEvent id="ts"/><sequenceFlow id="g" sourceRef="ts" targetRef="x"/>` + "\n" +
				`<endEvent id="x"><cancelEventDefinition/></endEvent></transaction>`),
		},
		{code: CodeReferenceUnknown, model: between(`<intermediateThrowEvent id="t"><compensateEventDefinition activityRef="nobody"/></intermediateThrowEvent>`), id: "t", line: 3},
		{code: CodeOptionInvalid, model: between(`<task id="t"/>`), opts: Options{Settings: map[string]string{"compensation-order": "random"}}},
		{code: CodeOptionInvalid, model: between(`<task id="t"/>`), opts: Options{Settings: map[string]string{"history-ttl": "soon"}}},
		{code: CodeOptionInvalid, model: between(`<task id="t"/>`), opts: Options{Settings: map[string]string{"history-ttl": "-P1D"}}},
		{code: CodeCancelOutside, model: inProcess("<startEvent id=\"s\"/>\n<endEvent id=\"e\"><cancelEventDefinition/></endEvent><sequenceFlow id=\"f\" sourceRef=\"s\" targetRef=\"e\"/>"), id: "e", line: 4, also: []string{CodeUnsupportedEvent}},

		{
			code: CodeResultLocal, id: "t", line: 3,
			model: between(`<serviceTask id="t"><extensionElements><zeebe:taskDefinition type="j"/><zeebe:ioMapping><zeebe:input source="=order" target="order"/></zeebe:ioMapping></extensionElements></serviceTask>`),
		},
		{
			code: CodeResultLocal, id: "t", line: 3,
			model: between(`<scriptTask id="t"><extensionElements><zeebe:script expression="=a" resultVariable="sum"/><zeebe:ioMapping><zeebe:input source="=1" target="sum"/></zeebe:ioMapping></extensionElements></scriptTask>`),
		},

		{code: CodeExpressionSyntax, model: between(`<serviceTask id="t"><extensionElements><zeebe:taskDefinition type="=1 +"/></extensionElements></serviceTask>`), id: "t", line: 3},
		{code: CodeExpressionLanguage, model: split(`<conditionExpression language="http://www.w3.org/1999/XPath">a</conditionExpression>`, ``), id: "g1", line: 4, also: []string{CodeFlowNoCondition}},
		{code: CodeConditionConstant, model: zeebe(split(`<conditionExpression>a</conditionExpression>`, ``)), id: "g1", line: 4, also: []string{CodeFlowNoCondition}},
		{code: CodeTimerInvalid, model: between(`<intermediateCatchEvent id="t"><timerEventDefinition><timeDuration>1 week</timeDuration></timerEventDefinition></intermediateCatchEvent>`), id: "t", line: 3},
		{code: CodeTimerInvalid, model: between(`<intermediateCatchEvent id="t"><timerEventDefinition><timeDate>tomorrow</timeDate></timerEventDefinition></intermediateCatchEvent>`), id: "t", line: 3},
		{code: CodeTimerInvalid, model: inProcess(`<startEvent id="s"><timerEventDefinition><timeCycle>0 61 * * * *</timeCycle></timerEventDefinition></startEvent>`), id: "s", line: 3},

		{code: CodeTimerInvalid, model: between(`<userTask id="t" camunda:dueDate="next week"/>`), id: "t", line: 3},
		{code: CodeMissingImplementation, model: between(`<serviceTask id="t"/>`), id: "t", line: 3},
		{code: CodeMissingImplementation, model: between(`<sendTask id="t"/>`), id: "t", line: 3},
		{code: CodeMissingImplementation, model: between(`<businessRuleTask id="t"/>`), id: "t", line: 3},
		{code: CodeMissingImplementation, model: between(`<scriptTask id="t"/>`), id: "t", line: 3},
		{code: CodeImplementationClass, model: between(`<serviceTask id="t" camunda:class="com.acme.Ship"/>`), id: "t", line: 3},
		{code: CodeImplementationClass, model: between(`<serviceTask id="t" flowable:delegateExpression="${ship}"/>`), id: "t", line: 3},
		{code: CodeImplementationClass, model: split(`<conditionExpression>${mailer.ready(order)}</conditionExpression>`, `<conditionExpression>true</conditionExpression>`), id: "g1", line: 4, also: []string{CodeFlowNoDefault}},
		{code: CodeImplementationBuiltin, model: between(`<serviceTask id="t" flowable:type="mail"/>`), id: "t", line: 3},
		{code: CodeCallTarget, model: between(`<callActivity id="t"/>`), id: "t", line: 3},
		{code: CodeMultiInstanceSource, model: between(`<task id="t"><multiInstanceLoopCharacteristics/></task>`), id: "t", line: 3},
		{
			code: CodeErrorCode, id: "er", line: 1,
			model: strings.Replace(inProcess("<startEvent id=\"s\"/><endEvent id=\"e\"><errorEventDefinition errorRef=\"er\"/></endEvent><sequenceFlow id=\"f\" sourceRef=\"s\" targetRef=\"e\"/>"), "\n", "<error id=\"er\"/>\n", 1),
		},
		{
			code: CodeErrorReference, id: "e", line: 3, opts: Options{Dialect: DialectCamunda},
			model: inProcess("<startEvent id=\"s\"/><endEvent id=\"e\"><errorEventDefinition errorRef=\"er\"/></endEvent><sequenceFlow id=\"f\" sourceRef=\"s\" targetRef=\"e\"/>"),
		},

		{
			code: CodeLoopWithoutWait, id: "t", line: 4,
			model: inProcess("<startEvent id=\"s\"/>\n<task id=\"t\"/><manualTask id=\"u\"/><sequenceFlow id=\"f\" sourceRef=\"s\" targetRef=\"t\"/><sequenceFlow id=\"g\" sourceRef=\"t\" targetRef=\"u\"/><sequenceFlow id=\"h\" sourceRef=\"u\" targetRef=\"t\"/>"),
		},
		{
			code: CodeLoopWithoutWait, id: "x", line: 4, // Zeebe does not ask whether a condition leads out
			model: zeebe(inProcess("<startEvent id=\"s\"/>\n<exclusiveGateway id=\"x\" default=\"h\"/><task id=\"t\"/><endEvent id=\"e\"/><sequenceFlow id=\"f\" sourceRef=\"s\" targetRef=\"x\"/><sequenceFlow id=\"g\" sourceRef=\"x\" targetRef=\"t\"><conditionExpression>=a</conditionExpression></sequenceFlow><sequenceFlow id=\"i\" sourceRef=\"t\" targetRef=\"x\"/><sequenceFlow id=\"h\" sourceRef=\"x\" targetRef=\"e\"/>")),
		},
		{
			code: CodeLoopUnchanged, id: "x", line: 4,
			model: inProcess("<startEvent id=\"s\"/>\n<exclusiveGateway id=\"x\" default=\"h\"/><task id=\"t\"/><endEvent id=\"e\"/><sequenceFlow id=\"f\" sourceRef=\"s\" targetRef=\"x\"/><sequenceFlow id=\"g\" sourceRef=\"x\" targetRef=\"t\"><conditionExpression>=a</conditionExpression></sequenceFlow><sequenceFlow id=\"i\" sourceRef=\"t\" targetRef=\"x\"/><sequenceFlow id=\"h\" sourceRef=\"x\" targetRef=\"e\"/>"),
		},
		{
			code: CodeFlowNoDefault, id: "x", line: 3, also: []string{CodeUnsupportedElement},
			model: strings.ReplaceAll(split(`<conditionExpression>false</conditionExpression>`, `<conditionExpression>true</conditionExpression>`), "exclusiveGateway", "inclusiveGateway"),
		},
		{
			code: CodeFlowOutgoing, id: "g", line: 4, also: []string{CodeUnsupportedEvent, CodeUnsupportedElement},
			model: between(`<userTask id="t"/><boundaryEvent id="b" attachedToRef="t"><compensateEventDefinition/></boundaryEvent><task id="u" isForCompensation="true"/><association id="as" sourceRef="b" targetRef="u"/><endEvent id="x"/>` + "\n" +
				`<sequenceFlow id="g" sourceRef="b" targetRef="x"/>`),
		},
		{
			code: CodeCompensation, id: "b", line: 3, also: []string{CodeUnsupportedEvent, CodeUnsupportedElement, CodeUnreachable},
			model: between(`<userTask id="t"/><boundaryEvent id="b" attachedToRef="t"><compensateEventDefinition/></boundaryEvent><task id="u"/>` + "\n" +
				`<association id="as" sourceRef="b" targetRef="u"/>`),
		},
		{
			code: CodeSubscriptionTwice, id: "c", line: 4, also: []string{CodeUnsupportedEvent, CodeUnsupportedElement},
			model: between(`<userTask id="t"/><boundaryEvent id="b" attachedToRef="t"><compensateEventDefinition/></boundaryEvent><task id="u" isForCompensation="true"/><association id="as" sourceRef="b" targetRef="u"/><association id="as2" sourceRef="c" targetRef="u"/>` + "\n" +
				`<boundaryEvent id="c" attachedToRef="t"><compensateEventDefinition/></boundaryEvent>`),
		},
		{code: CodeUnreachable, model: inProcess("<startEvent id=\"s\"/>\n<task id=\"t\"/>"), id: "t", line: 4},
		{
			code: CodeJoinIncomplete, id: "j", line: 4, // an activity and its interrupting boundary event
			model: inProcess("<startEvent id=\"s\"/><userTask id=\"u\"/><boundaryEvent id=\"b\" attachedToRef=\"u\"><timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition></boundaryEvent>\n<parallelGateway id=\"j\"/><sequenceFlow id=\"f\" sourceRef=\"s\" targetRef=\"u\"/><sequenceFlow id=\"g\" sourceRef=\"u\" targetRef=\"j\"/><sequenceFlow id=\"h\" sourceRef=\"b\" targetRef=\"j\"/>"),
		},
		{
			code: CodeJoinIncomplete, id: "j", line: 4, also: []string{CodeFlowNoCondition},
			model: inProcess("<startEvent id=\"s\"/><exclusiveGateway id=\"x\" default=\"h\"/>\n<parallelGateway id=\"j\"/><sequenceFlow id=\"f\" sourceRef=\"s\" targetRef=\"x\"/><sequenceFlow id=\"g\" sourceRef=\"x\" targetRef=\"j\"/><sequenceFlow id=\"h\" sourceRef=\"x\" targetRef=\"j\"/>"),
		},
	}
}

func zeebe(model string) string {
	return strings.Replace(model, `targetNamespace="t"`, `modeler:executionPlatform="Camunda Cloud" targetNamespace="t"`, 1)
}

// split is an exclusive gateway x in line 3 with the flows g1 and g2 in lines 4
// and 5, which hold what is given.
func split(one, two string) string {
	return inProcess(`<startEvent id="s"/><exclusiveGateway id="x"/><endEvent id="e"/><sequenceFlow id="f" sourceRef="s" targetRef="x"/>
<sequenceFlow id="g1" sourceRef="x" targetRef="e">` + one + `</sequenceFlow>
<sequenceFlow id="g2" sourceRef="x" targetRef="e">` + two + `</sequenceFlow>`)
}

// Goal: every code has a model that gives it, with element and line, and models
// give nothing that does not follow from it.
func TestCodes(t *testing.T) {
	severity := map[string]Severity{}
	for _, c := range Codes() {
		if severity[c.Code] != "" {
			t.Errorf("the code %s is listed twice", c.Code)
		}
		if !strings.HasSuffix(c.Meaning, ".") {
			t.Errorf("the meaning of %s is no sentence", c.Code)
		}
		severity[c.Code] = c.Severity
	}
	seen := map[string]bool{CodeInternal: true} // tested in TestPanicIsReported
	for _, n := range negatives() {
		seen[n.code] = true
		if severity[n.code] == "" {
			t.Errorf("the code %s is not listed", n.code)
		}
		t.Run(n.code, func(t *testing.T) {
			defs, problems := Parse("m.bpmn", []byte(n.model), n.opts)
			var found []Problem
			for _, p := range problems {
				switch {
				case p.Code == n.code:
					found = append(found, p)
				case !slices.Contains(n.also, p.Code):
					t.Errorf("also gives %s", p)
				}
				// What is wrong, then what to do.
				if !strings.Contains(p.Message, "; ") && !strings.Contains(p.Message, "expected") {
					t.Errorf("the message does not say what to do: %s", p)
				}
				if p.Message == "" || p.File != "m.bpmn" {
					t.Errorf("a problem without message or file: %+v", p)
				}
			}
			if len(found) == 0 {
				t.Fatalf("not found among %v in\n%s", problems, n.model)
			}
			p := found[0]
			if p.ElementID != n.id || p.Line != n.line || p.Severity != severity[n.code] {
				t.Errorf("found at %q line %d as %s, expected %q line %d\n%s\n%s", p.ElementID, p.Line, p.Severity, n.id, n.line, p, n.model)
			}
			if (defs == nil) != HasErrors(problems) {
				t.Errorf("definitions %v with problems %v", defs, problems)
			}
		})
	}
	for _, c := range Codes() {
		if !seen[c.Code] {
			t.Errorf("no negative model gives %s", c.Code)
		}
	}
}

func TestPanicIsReported(t *testing.T) {
	p := &parser{file: "m.bpmn", severity: map[string]CodeInfo{}}
	for _, c := range Codes() {
		p.severity[c.Code] = c
	}
	func() {
		defer p.recover()
		panic("boom")
	}()
	if len(p.problems) != 1 || p.problems[0].Code != CodeInternal || p.problems[0].Severity != SeverityError {
		t.Errorf("a panic gives %v", p.problems)
	}
}
