package bpmn

import (
	"slices"
	"strings"
)

// DialectRow is what becomes of one attribute or element of a dialect.
type DialectRow struct {
	Dialect Dialect
	// On says where it stands, Name is the attribute or the <element>.
	On, Name string
	// Becomes is executed (it is part of the model that runs, or kept for those
	// who ask), metadata (it does not concern execution), warned (deployment says
	// that it has no effect) or refused.
	Becomes string
	// Note is the reason of metadata, or what deployment says.
	Note string
	// Example is the place in a model.
	Example string
}

// What becomes of an attribute or element.
const (
	BecomesExecuted = "executed"
	BecomesMetadata = "metadata"
	BecomesWarned   = "warned"
	BecomesRefused  = "refused"
)

// DialectSupport says what becomes of every attribute and element of the three
// dialects that concerns execution, by parsing an example of each: the table
// cannot claim what the parser does not do.
func DialectSupport() []DialectRow {
	var out []DialectRow
	for _, x := range slices.Concat(dialectExamples(), rareExamples()) {
		out = append(out, x.classify())
	}
	return out
}

type dialectExample struct {
	dialect           Dialect
	on, name, example string
}

// file is the model around an example. It begins with a place: P an attribute
// of the process, PX an extension of it, S start event (attributes|extensions),
// F and FA extension and attribute of a sequence flow, M of a message, SC of a
// signal, E of an error, D of the diagram; anything else is a flow node.
func (x dialectExample) file() string {
	var process, processExt, start, startExt, flow, flowExt, message, signal, thrown, shape string
	node := `<task id="t"/>`
	place, rest, _ := strings.Cut(strings.ReplaceAll(x.example, "§", ""), " ")
	switch place {
	case "P":
		process = rest
	case "PX":
		processExt = rest
	case "S":
		start, startExt, _ = strings.Cut(rest, "|")
	case "F":
		flowExt = rest
	case "FA":
		flow = rest
	case "M":
		message = rest
	case "SC":
		signal = rest
	case "E":
		thrown = rest
	case "D":
		shape = rest
	default:
		node = strings.ReplaceAll(x.example, "§", "")
	}
	var b strings.Builder
	after := `<sequenceFlow id="f2" sourceRef="t" targetRef="e"/>`
	if strings.HasPrefix(node, "<endEvent") {
		after = ""
	}
	for _, part := range []string{
		`<definitions xmlns="`, nsModel, `" xmlns:camunda="`, nsCamunda, `" xmlns:zeebe="`, nsZeebe, `" xmlns:flowable="`, nsFlowable,
		`" targetNamespace="t" xmlns:bpmndi="`, nsDiagram, `">`,
		`<message id="MS" name="m"><extensionElements>`, message, `</extensionElements></message>`,
		`<signal id="SG" name="s" `, signal, `/><error id="E" errorCode="e" `, thrown, `/>`,
		`<process id="p" isExecutable="true" `, process, `><extensionElements>`, processExt, `</extensionElements>`,
		`<startEvent id="s" `, start, `><extensionElements>`, startExt, `</extensionElements></startEvent>`, node, `<endEvent id="e"/>`,
		`<sequenceFlow id="f1" sourceRef="s" targetRef="t" `, flow, `><extensionElements>`, flowExt, `</extensionElements></sequenceFlow>`,
		after, `</process>`,
		`<bpmndi:BPMNDiagram `, shape, `/></definitions>`,
	} {
		b.WriteString(part)
	}
	return b.String()
}

// classify parses the example and looks at what the parser did with it.
func (x dialectExample) classify() DialectRow {
	row := DialectRow{Dialect: x.dialect, On: x.on, Name: x.name, Example: strings.ReplaceAll(x.example, "§", "")}
	p := parse("example.bpmn", []byte(x.file()), Options{
		Dialect: x.dialect, Script: func(string) (string, bool) { return "1", true }, // each file is there
	})
	for _, problem := range p.problems {
		switch {
		case problem.Severity == SeverityError && (row.Becomes != BecomesRefused || refuses(problem.Code)):
			row.Becomes, row.Note = BecomesRefused, problem.Message
		case problem.Code == CodeAttributeNoEffect && row.Becomes == "":
			row.Becomes, row.Note = BecomesWarned, problem.Message
		}
	}
	if row.Becomes != "" || p.root == nil {
		return row
	}
	name, attribute := x.subject()
	if x.read(p.root, name, attribute) {
		row.Becomes = BecomesExecuted
		return row
	}
	row.Becomes, row.Note = BecomesMetadata, p.tables.reason(name, attribute)
	return row
}

// refuses says whether a code tells most about why something is refused.
func refuses(code string) bool {
	return code == CodeUnsupportedAttribute || code == CodeUnsupportedElement || code == CodeImplementationClass || code == CodeImplementationBuiltin
}

// subject is the attribute or element between the marks.
func (x dialectExample) subject() (name string, attribute bool) {
	text := strings.Split(x.example, "§")[1]
	element := strings.HasPrefix(text, "<")
	text = strings.TrimPrefix(text, "<")
	if i := strings.IndexAny(text, " =/>"); i >= 0 {
		text = text[:i]
	}
	if _, local, ok := strings.Cut(text, ":"); ok {
		text = local
	}
	return text, !element
}

// read says whether the parser read the attribute or element, rather than kept
// it out.
func (x dialectExample) read(n *node, name string, attribute bool) bool {
	if !attribute && n.name == name && dialectOf(n.ns) != "" {
		return n.mark == markParsed
	}
	for i := range n.attrs {
		if a := &n.attrs[i]; attribute && a.name == name && (dialectOf(a.ns) != "" || dialectOf(n.ns) != "") && a.seen {
			return true
		}
	}
	for _, k := range n.kids {
		if x.read(k, name, attribute) {
			return true
		}
	}
	return false
}

// reason is why an attribute or element does not concern execution.
func (t *tables) reason(name string, attribute bool) string {
	if !attribute {
		return t.extensions[name]
	}
	if reason := t.classic[name]; reason != "" {
		return reason
	}
	return t.zeebe[name]
}

// dialectExamples is the table of what concerns execution in the dialects. What
// is looked at stands between § marks.
func dialectExamples() []dialectExample {
	return []dialectExample{
		{DialectCamunda, "process", `candidateStarterUsers`, `P §camunda:candidateStarterUsers="ada"§`},
		{DialectCamunda, "process", `candidateStarterGroups`, `P §camunda:candidateStarterGroups="sales"§`},
		{DialectCamunda, "process", `<potentialStarter>`, `PX §<camunda:potentialStarter><resourceAssignmentExpression><formalExpression>user(ada)</formalExpression></resourceAssignmentExpression></camunda:potentialStarter>§`},
		{DialectCamunda, "process", `versionTag`, `P §camunda:versionTag="1"§`},
		{DialectCamunda, "process", `historyTimeToLive`, `P §camunda:historyTimeToLive="P30D"§`},
		{DialectCamunda, "process", `isStartableInTasklist`, `P §camunda:isStartableInTasklist="false"§`},
		{DialectCamunda, "process", `jobPriority`, `P §camunda:jobPriority="5"§`},
		{DialectCamunda, "process", `taskPriority`, `P §camunda:taskPriority="5"§`},
		{DialectFlowable, "process", `candidateStarterUsers`, `P §flowable:candidateStarterUsers="ada"§`},
		{DialectFlowable, "process", `candidateStarterGroups`, `P §flowable:candidateStarterGroups="sales"§`},
		{DialectCamunda, "activity, event, gateway", `asyncBefore`, `<task id="t" §camunda:asyncBefore="true"§/>`},
		{DialectCamunda, "activity, event, gateway", `asyncAfter`, `<task id="t" §camunda:asyncAfter="true"§/>`},
		{DialectCamunda, "activity, event, gateway", `async`, `<task id="t" §camunda:async="true"§/>`},
		{DialectCamunda, "activity, event, gateway", `exclusive`, `<task id="t" §camunda:exclusive="false"§/>`},
		{DialectCamunda, "activity, event, gateway", `jobPriority`, `<task id="t" §camunda:jobPriority="7"§/>`},
		{DialectCamunda, "activity, event, gateway", `<failedJobRetryTimeCycle>`, `<serviceTask id="t" camunda:type="external" camunda:topic="j"><extensionElements>§<camunda:failedJobRetryTimeCycle>R3/PT1M</camunda:failedJobRetryTimeCycle>§</extensionElements></serviceTask>`},
		{DialectCamunda, "multi-instance", `<failedJobRetryTimeCycle>`, `<serviceTask id="t" camunda:type="external" camunda:topic="j"><multiInstanceLoopCharacteristics><extensionElements>§<camunda:failedJobRetryTimeCycle>R3/PT1M</camunda:failedJobRetryTimeCycle>§</extensionElements><loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics></serviceTask>`},
		{DialectCamunda, "service-like", `class`, `<serviceTask id="t" §camunda:class="a.B"§/>`},
		{DialectCamunda, "service-like", `delegateExpression`, `<serviceTask id="t" §camunda:delegateExpression="${bean}"§/>`},
		{DialectCamunda, "service-like", `expression`, `<serviceTask id="t" §camunda:expression="${a + 1}"§/>`},
		{DialectCamunda, "service-like", `resultVariable`, `<serviceTask id="t" camunda:expression="${a + 1}" §camunda:resultVariable="r"§/>`},
		{DialectCamunda, "service-like", `type="external"`, `<serviceTask id="t" §camunda:type="external" camunda:topic="j"§/>`},
		{DialectCamunda, "service-like", `type="mail"`, `<serviceTask id="t" §camunda:type="mail"§/>`},
		{DialectCamunda, "service-like", `type="shell"`, `<serviceTask id="t" §camunda:type="shell"§/>`},
		{DialectCamunda, "service-like", `topic`, `<serviceTask id="t" camunda:type="external" §camunda:topic="j"§/>`},
		{DialectCamunda, "service-like", `taskPriority`, `<serviceTask id="t" camunda:type="external" camunda:topic="j" §camunda:taskPriority="7"§/>`},
		{DialectCamunda, "service-like", `<field>`, `<serviceTask id="t" camunda:class="a.B"><extensionElements>§<camunda:field name="x" stringValue="y"/>§</extensionElements></serviceTask>`},
		{DialectCamunda, "service-like", `<connector>`, `<serviceTask id="t" ><extensionElements>§<camunda:connector><camunda:connectorId>mail-send</camunda:connectorId></camunda:connector>§</extensionElements></serviceTask>`},
		{DialectCamunda, "service-like", `<errorEventDefinition>`, `<serviceTask id="t" camunda:type="external" camunda:topic="j"><extensionElements>§<camunda:errorEventDefinition errorRef="E" expression="${a}"/>§</extensionElements></serviceTask>`},
		{DialectCamunda, "service-like", `<properties>`, `<serviceTask id="t" camunda:type="external" camunda:topic="j"><extensionElements>§<camunda:properties><camunda:property name="a" value="b"/></camunda:properties>§</extensionElements></serviceTask>`},
		{DialectCamunda, "business rule task", `decisionRefBinding`, `<businessRuleTask id="t" camunda:decisionRef="d" camunda:resultVariable="r" §camunda:decisionRefBinding="latest"§/>`},
		{DialectCamunda, "business rule task", `mapDecisionResult`, `<businessRuleTask id="t" camunda:decisionRef="d" camunda:resultVariable="r" §camunda:mapDecisionResult="singleEntry"§/>`},
		{DialectCamunda, "business rule task", `decisionRef`, `<businessRuleTask id="t" §camunda:decisionRef="d"§/>`},
		{DialectCamunda, "business rule task", `decisionRefVersion`, `<businessRuleTask id="t" camunda:decisionRef="d" camunda:decisionRefBinding="version" §camunda:decisionRefVersion="2"§/>`},
		{DialectCamunda, "business rule task", `decisionRefVersionTag`, `<businessRuleTask id="t" camunda:decisionRef="d" camunda:decisionRefBinding="versionTag" §camunda:decisionRefVersionTag="x"§/>`},
		{DialectCamunda, "business rule task", `decisionRefTenantId`, `<businessRuleTask id="t" camunda:decisionRef="d" §camunda:decisionRefTenantId="x"§/>`},
		{DialectCamunda, "script task", `resource`, `<scriptTask id="t" scriptFormat="javascript" §camunda:resource="x.js"§/>`},
		{DialectCamunda, "script task", `resultVariable`, `<scriptTask id="t" scriptFormat="javascript" §camunda:resultVariable="r"§><script>1</script></scriptTask>`},
		{DialectCamunda, "user task", `assignee`, `<userTask id="t" §camunda:assignee="ada"§/>`},
		{DialectCamunda, "user task", `candidateUsers`, `<userTask id="t" §camunda:candidateUsers="ada,bob"§/>`},
		{DialectCamunda, "user task", `candidateGroups`, `<userTask id="t" §camunda:candidateGroups="sales"§/>`},
		{DialectCamunda, "user task", `dueDate`, `<userTask id="t" §camunda:dueDate="2030-01-01T00:00:00Z"§/>`},
		{DialectCamunda, "user task", `followUpDate`, `<userTask id="t" §camunda:followUpDate="P1D"§/>`},
		{DialectCamunda, "user task", `priority`, `<userTask id="t" §camunda:priority="70"§/>`},
		{DialectCamunda, "user task", `formKey`, `<userTask id="t" §camunda:formKey="f"§/>`},
		{DialectCamunda, "user task", `formRef`, `<userTask id="t" §camunda:formRef="f"§/>`},
		{DialectCamunda, "user task", `formRefBinding`, `<userTask id="t" camunda:formRef="f" §camunda:formRefBinding="deployment"§/>`},
		{DialectCamunda, "user task", `formRefVersion`, `<userTask id="t" camunda:formRef="f" camunda:formRefBinding="version" §camunda:formRefVersion="2"§/>`},
		{DialectCamunda, "user task", `formHandlerClass`, `<userTask id="t" §camunda:formHandlerClass="a.B"§/>`},
		{DialectCamunda, "user task", `<taskListener event="create">`, `<userTask id="t" ><extensionElements>§<camunda:taskListener event="create" expression="${a}"/>§</extensionElements></userTask>`},
		{DialectCamunda, "user task", `<taskListener event="assignment">`, `<userTask id="t" ><extensionElements>§<camunda:taskListener event="assignment" expression="${a}"/>§</extensionElements></userTask>`},
		{DialectCamunda, "user task", `<taskListener event="update">`, `<userTask id="t" ><extensionElements>§<camunda:taskListener event="update" expression="${a}"/>§</extensionElements></userTask>`},
		{DialectCamunda, "user task", `<taskListener event="complete">`, `<userTask id="t" ><extensionElements>§<camunda:taskListener event="complete" expression="${a}"/>§</extensionElements></userTask>`},
		{DialectCamunda, "user task", `<taskListener event="delete">`, `<userTask id="t" ><extensionElements>§<camunda:taskListener event="delete" expression="${a}"/>§</extensionElements></userTask>`},
		{DialectCamunda, "user task", `<taskListener event="timeout">`, `<userTask id="t" ><extensionElements>§<camunda:taskListener id="l" event="timeout" expression="${a}"><timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition></camunda:taskListener>§</extensionElements></userTask>`},
		{DialectCamunda, "user task", `<taskListener class>`, `<userTask id="t" ><extensionElements>§<camunda:taskListener event="create" class="a.B"/>§</extensionElements></userTask>`},
		{DialectCamunda, "user task", `<formData>`, `<userTask id="t" ><extensionElements>§<camunda:formData businessKey="k"><camunda:formField id="f" label="F" type="string" defaultValue="x"><camunda:validation><camunda:constraint name="required"/></camunda:validation></camunda:formField></camunda:formData>§</extensionElements></userTask>`},
		{DialectCamunda, "user task", `<formProperty>`, `<userTask id="t" ><extensionElements>§<camunda:formProperty id="f" type="string"/>§</extensionElements></userTask>`},
		{DialectCamunda, "start event", `initiator`, `S §camunda:initiator="who"§|`},
		{DialectCamunda, "start event", `formKey`, `S §camunda:formKey="f"§|`},
		{DialectCamunda, "start event", `formRef`, `S §camunda:formRef="f"§|`},
		{DialectCamunda, "start event", `formHandlerClass`, `S §camunda:formHandlerClass="a.B"§|`},
		{DialectCamunda, "start event", `<formData>`, `S |§<camunda:formData><camunda:formField id="f" type="string" defaultValue="x"/></camunda:formData>§`},
		{DialectCamunda, "call activity", `calledElementBinding`, `<callActivity id="t" calledElement="c" §camunda:calledElementBinding="deployment"§/>`},
		{DialectCamunda, "call activity", `calledElementTenantId`, `<callActivity id="t" calledElement="c" §camunda:calledElementTenantId="x"§/>`},
		{DialectCamunda, "call activity", `variableMappingClass`, `<callActivity id="t" calledElement="c" §camunda:variableMappingClass="a.B"§/>`},
		{DialectCamunda, "call activity", `variableMappingDelegateExpression`, `<callActivity id="t" calledElement="c" §camunda:variableMappingDelegateExpression="${b}"§/>`},
		{DialectCamunda, "call activity", `calledElementVersion`, `<callActivity id="t" calledElement="c" camunda:calledElementBinding="version" §camunda:calledElementVersion="2"§/>`},
		{DialectCamunda, "call activity", `calledElementVersionTag`, `<callActivity id="t" calledElement="c" camunda:calledElementBinding="versionTag" §camunda:calledElementVersionTag="2"§/>`},
		{DialectCamunda, "call activity", `caseRef`, `<callActivity id="t" §camunda:caseRef="x"§/>`},
		{DialectCamunda, "call activity", `<in source>`, `<callActivity id="t" calledElement="c"><extensionElements>§<camunda:in source="a" target="b"/>§</extensionElements></callActivity>`},
		{DialectCamunda, "call activity", `<in sourceExpression>`, `<callActivity id="t" calledElement="c"><extensionElements>§<camunda:in sourceExpression="${a}" target="b"/>§</extensionElements></callActivity>`},
		{DialectCamunda, "call activity", `<in variables>`, `<callActivity id="t" calledElement="c"><extensionElements>§<camunda:in variables="all"/>§</extensionElements></callActivity>`},
		{DialectCamunda, "call activity", `<in local>`, `<callActivity id="t" calledElement="c"><extensionElements>§<camunda:in source="a" target="b" local="true"/>§</extensionElements></callActivity>`},
		{DialectCamunda, "call activity", `<in businessKey>`, `<callActivity id="t" calledElement="c"><extensionElements>§<camunda:in businessKey="${k}"/>§</extensionElements></callActivity>`},
		{DialectCamunda, "call activity", `<out source>`, `<callActivity id="t" calledElement="c"><extensionElements>§<camunda:out source="a" target="b"/>§</extensionElements></callActivity>`},
		{DialectCamunda, "call activity", `<out variables>`, `<callActivity id="t" calledElement="c"><extensionElements>§<camunda:out variables="all"/>§</extensionElements></callActivity>`},
		{DialectCamunda, "call activity", `<out local>`, `<callActivity id="t" calledElement="c"><extensionElements>§<camunda:out source="a" target="b" local="true"/>§</extensionElements></callActivity>`},
		{DialectCamunda, "multi-instance", `collection`, `<task id="t"><multiInstanceLoopCharacteristics §camunda:collection="items"§></multiInstanceLoopCharacteristics></task>`},
		{DialectCamunda, "multi-instance", `elementVariable`, `<task id="t"><multiInstanceLoopCharacteristics camunda:collection="items" §camunda:elementVariable="i"§></multiInstanceLoopCharacteristics></task>`},
		{DialectCamunda, "multi-instance", `asyncBefore`, `<task id="t"><multiInstanceLoopCharacteristics camunda:collection="items" §camunda:asyncBefore="true"§></multiInstanceLoopCharacteristics></task>`},
		{DialectCamunda, "any flow node", `<inputParameter> text`, `<userTask id="t" ><extensionElements><camunda:inputOutput>§<camunda:inputParameter name="a">x</camunda:inputParameter>§</camunda:inputOutput></extensionElements></userTask>`},
		{DialectCamunda, "any flow node", `<inputParameter> list`, `<userTask id="t" ><extensionElements><camunda:inputOutput>§<camunda:inputParameter name="a"><camunda:list><camunda:value>1</camunda:value></camunda:list></camunda:inputParameter>§</camunda:inputOutput></extensionElements></userTask>`},
		{DialectCamunda, "any flow node", `<inputParameter> map`, `<userTask id="t" ><extensionElements><camunda:inputOutput>§<camunda:inputParameter name="a"><camunda:map><camunda:entry key="k">1</camunda:entry></camunda:map></camunda:inputParameter>§</camunda:inputOutput></extensionElements></userTask>`},
		{DialectCamunda, "any flow node", `<inputParameter> script`, `<userTask id="t" ><extensionElements><camunda:inputOutput>§<camunda:inputParameter name="a"><camunda:script scriptFormat="javascript">1</camunda:script></camunda:inputParameter>§</camunda:inputOutput></extensionElements></userTask>`},
		{DialectCamunda, "any flow node", `<outputParameter>`, `<userTask id="t" ><extensionElements><camunda:inputOutput>§<camunda:outputParameter name="a">${b}</camunda:outputParameter>§</camunda:inputOutput></extensionElements></userTask>`},
		{DialectCamunda, "any flow node", `<executionListener event="start">`, `<task id="t" ><extensionElements>§<camunda:executionListener event="start" expression="${a}"/>§</extensionElements></task>`},
		{DialectCamunda, "any flow node", `<executionListener event="end">`, `<task id="t" ><extensionElements>§<camunda:executionListener event="end" expression="${a}"/>§</extensionElements></task>`},
		{DialectCamunda, "any flow node", `<executionListener> script`, `<task id="t" ><extensionElements>§<camunda:executionListener event="start"><camunda:script scriptFormat="javascript">1</camunda:script></camunda:executionListener>§</extensionElements></task>`},
		{DialectCamunda, "any flow node", `<executionListener class>`, `<task id="t" ><extensionElements>§<camunda:executionListener event="start" class="a.B"/>§</extensionElements></task>`},
		{DialectCamunda, "sequence flow", `<executionListener event="take">`, `F §<camunda:executionListener event="take" expression="${a}"/>§`},
		{DialectCamunda, "error event", `errorCodeVariable`, `<userTask id="t"/><boundaryEvent id="b" attachedToRef="t"><errorEventDefinition §camunda:errorCodeVariable="c"§/></boundaryEvent>`},
		{DialectCamunda, "error event", `errorMessageVariable`, `<userTask id="t"/><boundaryEvent id="b" attachedToRef="t"><errorEventDefinition §camunda:errorMessageVariable="c"§/></boundaryEvent>`},
		{DialectCamunda, "escalation event", `escalationCodeVariable`, `<userTask id="t"/><boundaryEvent id="b" attachedToRef="t"><escalationEventDefinition §camunda:escalationCodeVariable="c"§/></boundaryEvent>`},
		{DialectCamunda, "signal event", `async`, `<intermediateThrowEvent id="t"><signalEventDefinition signalRef="SG" §camunda:async="true"§/></intermediateThrowEvent>`},
		{DialectCamunda, "signal event", `<in>`, `<intermediateThrowEvent id="t"><signalEventDefinition signalRef="SG"><extensionElements>§<camunda:in source="a" target="b"/>§</extensionElements></signalEventDefinition></intermediateThrowEvent>`},
		{DialectCamunda, "timer", `exclusive`, `<intermediateCatchEvent id="t"><timerEventDefinition §camunda:exclusive="false"§><timeDuration>PT1S</timeDuration></timerEventDefinition></intermediateCatchEvent>`},
		{DialectCamunda, "conditional event", `variableName`, `<intermediateCatchEvent id="t"><conditionalEventDefinition §camunda:variableName="a"§><condition>${a}</condition></conditionalEventDefinition></intermediateCatchEvent>`},
		{DialectCamunda, "conditional event", `variableEvents`, `<intermediateCatchEvent id="t"><conditionalEventDefinition §camunda:variableEvents="create"§><condition>${a}</condition></conditionalEventDefinition></intermediateCatchEvent>`},
		{DialectCamunda, "modelling", `modelerTemplate`, `<task id="t" §camunda:modelerTemplate="x"§/>`},
		{DialectCamunda, "modelling", `diagramRelationId`, `D §camunda:diagramRelationId="x"§`},
		{DialectZeebe, "job elements", `<taskDefinition type>`, `<serviceTask id="t" ><extensionElements>§<zeebe:taskDefinition type="j"/>§</extensionElements></serviceTask>`},
		{DialectZeebe, "job elements", `<taskDefinition retries>`, `<serviceTask id="t" ><extensionElements><zeebe:taskDefinition type="j" §retries="5"§/></extensionElements></serviceTask>`},
		{DialectZeebe, "job elements", `<taskHeaders>`, `<serviceTask id="t" ><extensionElements><zeebe:taskDefinition type="j"/>§<zeebe:taskHeaders><zeebe:header key="k" value="v"/></zeebe:taskHeaders>§</extensionElements></serviceTask>`},
		{DialectZeebe, "any flow node", `<ioMapping> input`, `<serviceTask id="t" ><extensionElements><zeebe:taskDefinition type="j"/><zeebe:ioMapping>§<zeebe:input source="=a" target="b"/>§</zeebe:ioMapping></extensionElements></serviceTask>`},
		{DialectZeebe, "any flow node", `<ioMapping> output`, `<serviceTask id="t" ><extensionElements><zeebe:taskDefinition type="j"/><zeebe:ioMapping>§<zeebe:output source="=a" target="b.c"/>§</zeebe:ioMapping></extensionElements></serviceTask>`},
		{DialectZeebe, "message", `<subscription correlationKey>`, `M §<zeebe:subscription correlationKey="=k"/>§`},
		{DialectZeebe, "send task", `<publishMessage>`, `<sendTask id="t" messageRef="MS"><extensionElements>§<zeebe:publishMessage correlationKey="=k" messageId="i" timeToLive="PT1H"/>§</extensionElements></sendTask>`},
		{DialectZeebe, "multi-instance", `inputCollection`, `<task id="t"><multiInstanceLoopCharacteristics><extensionElements>§<zeebe:loopCharacteristics inputCollection="=items"/>§</extensionElements></multiInstanceLoopCharacteristics></task>`},
		{DialectZeebe, "multi-instance", `inputElement`, `<task id="t"><multiInstanceLoopCharacteristics><extensionElements><zeebe:loopCharacteristics inputCollection="=items" §inputElement="i"§/></extensionElements></multiInstanceLoopCharacteristics></task>`},
		{DialectZeebe, "multi-instance", `outputCollection`, `<task id="t"><multiInstanceLoopCharacteristics><extensionElements><zeebe:loopCharacteristics inputCollection="=items" §outputCollection="o" outputElement="=i"§/></extensionElements></multiInstanceLoopCharacteristics></task>`},
		{DialectZeebe, "call activity", `<calledElement processId>`, `<callActivity id="t" ><extensionElements>§<zeebe:calledElement processId="c"/>§</extensionElements></callActivity>`},
		{DialectZeebe, "call activity", `propagateAllChildVariables`, `<callActivity id="t" ><extensionElements><zeebe:calledElement processId="c" §propagateAllChildVariables="false"§/></extensionElements></callActivity>`},
		{DialectZeebe, "call activity", `propagateAllParentVariables`, `<callActivity id="t" ><extensionElements><zeebe:calledElement processId="c" §propagateAllParentVariables="false"§/></extensionElements></callActivity>`},
		{DialectZeebe, "call activity", `bindingType`, `<callActivity id="t" ><extensionElements><zeebe:calledElement processId="c" §bindingType="deployment"§/></extensionElements></callActivity>`},
		{DialectZeebe, "call activity", `businessId`, `<callActivity id="t" ><extensionElements><zeebe:calledElement processId="c" §businessId="=k"§/></extensionElements></callActivity>`},
		{DialectZeebe, "call activity", `processIdExpression`, `<callActivity id="t" ><extensionElements>§<zeebe:calledElement processIdExpression="c"/>§</extensionElements></callActivity>`},
		{DialectZeebe, "call activity", `versionTag`, `<callActivity id="t" ><extensionElements><zeebe:calledElement processId="c" bindingType="versionTag" §versionTag="v"§/></extensionElements></callActivity>`},
		{DialectZeebe, "business rule task", `<calledDecision>`, `<businessRuleTask id="t" ><extensionElements>§<zeebe:calledDecision decisionId="d" resultVariable="r"/>§</extensionElements></businessRuleTask>`},
		{DialectZeebe, "business rule task", `bindingType`, `<businessRuleTask id="t" ><extensionElements><zeebe:calledDecision decisionId="d" resultVariable="r" §bindingType="deployment"§/></extensionElements></businessRuleTask>`},
		{DialectZeebe, "script task", `<script>`, `<scriptTask id="t" ><extensionElements>§<zeebe:script expression="=a" resultVariable="r"/>§</extensionElements></scriptTask>`},
		{DialectZeebe, "user task", `<userTask>`, `<userTask id="t" ><extensionElements>§<zeebe:userTask/>§</extensionElements></userTask>`},
		{DialectZeebe, "user task", `<assignmentDefinition assignee>`, `<userTask id="t" ><extensionElements><zeebe:assignmentDefinition §assignee="=a"§/></extensionElements></userTask>`},
		{DialectZeebe, "user task", `<assignmentDefinition candidateUsers>`, `<userTask id="t" ><extensionElements><zeebe:assignmentDefinition §candidateUsers="=a"§/></extensionElements></userTask>`},
		{DialectZeebe, "user task", `<assignmentDefinition candidateGroups>`, `<userTask id="t" ><extensionElements><zeebe:assignmentDefinition §candidateGroups="=a"§/></extensionElements></userTask>`},
		{DialectZeebe, "user task", `<taskSchedule dueDate>`, `<userTask id="t" ><extensionElements><zeebe:taskSchedule §dueDate="=a"§/></extensionElements></userTask>`},
		{DialectZeebe, "user task", `<taskSchedule followUpDate>`, `<userTask id="t" ><extensionElements><zeebe:taskSchedule §followUpDate="=a"§/></extensionElements></userTask>`},
		{DialectZeebe, "user task", `<priorityDefinition>`, `<userTask id="t" ><extensionElements>§<zeebe:priorityDefinition priority="70"/>§</extensionElements></userTask>`},
		{DialectZeebe, "user task", `<formDefinition formId>`, `<userTask id="t" ><extensionElements><zeebe:formDefinition §formId="f"§/></extensionElements></userTask>`},
		{DialectZeebe, "user task", `<formDefinition formKey>`, `<userTask id="t" ><extensionElements><zeebe:formDefinition §formKey="f"§/></extensionElements></userTask>`},
		{DialectZeebe, "user task", `<formDefinition externalReference>`, `<userTask id="t" ><extensionElements><zeebe:formDefinition §externalReference="f"§/></extensionElements></userTask>`},
		{DialectZeebe, "user task", `<formDefinition bindingType>`, `<userTask id="t" ><extensionElements><zeebe:formDefinition formId="f" §bindingType="deployment"§/></extensionElements></userTask>`},
		{DialectZeebe, "user task", `<formDefinition versionTag>`, `<userTask id="t" ><extensionElements><zeebe:formDefinition formId="f" bindingType="versionTag" §versionTag="v"§/></extensionElements></userTask>`},
		{DialectZeebe, "start event", `<formDefinition>`, `S |§<zeebe:formDefinition formId="f"/>§`},
		{DialectZeebe, "process", `<userTaskForm>`, `PX §<zeebe:userTaskForm id="f">{}</zeebe:userTaskForm>§`},
		{DialectZeebe, "any flow node", `<executionListener eventType="start">`, `<task id="t" ><extensionElements><zeebe:executionListeners>§<zeebe:executionListener eventType="start" type="j"/>§</zeebe:executionListeners></extensionElements></task>`},
		{DialectZeebe, "any flow node", `<executionListener eventType="end">`, `<task id="t" ><extensionElements><zeebe:executionListeners>§<zeebe:executionListener eventType="end" type="j"/>§</zeebe:executionListeners></extensionElements></task>`},
		{DialectZeebe, "any flow node", `<executionListener eventType="cancel">`, `<task id="t" ><extensionElements><zeebe:executionListeners>§<zeebe:executionListener eventType="cancel" type="j"/>§</zeebe:executionListeners></extensionElements></task>`},
		{DialectZeebe, "multi-instance", `<executionListener eventType="beforeAll">`, `<task id="t"><extensionElements><zeebe:executionListeners>§<zeebe:executionListener eventType="beforeAll" type="j"/>§</zeebe:executionListeners></extensionElements><multiInstanceLoopCharacteristics><loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics></task>`},
		{DialectZeebe, "any flow node", `<executionListener> retries, headers`, `<task id="t" ><extensionElements><zeebe:executionListeners><zeebe:executionListener eventType="start" type="j" §retries="5"§/></zeebe:executionListeners></extensionElements></task>`},
		{DialectZeebe, "user task", `<taskListener eventType="creating">`, `<userTask id="t" ><extensionElements><zeebe:taskListeners>§<zeebe:taskListener eventType="creating" type="j"/>§</zeebe:taskListeners></extensionElements></userTask>`},
		{DialectZeebe, "user task", `<taskListener eventType="assigning">`, `<userTask id="t" ><extensionElements><zeebe:taskListeners>§<zeebe:taskListener eventType="assigning" type="j"/>§</zeebe:taskListeners></extensionElements></userTask>`},
		{DialectZeebe, "user task", `<taskListener eventType="updating">`, `<userTask id="t" ><extensionElements><zeebe:taskListeners>§<zeebe:taskListener eventType="updating" type="j"/>§</zeebe:taskListeners></extensionElements></userTask>`},
		{DialectZeebe, "user task", `<taskListener eventType="completing">`, `<userTask id="t" ><extensionElements><zeebe:taskListeners>§<zeebe:taskListener eventType="completing" type="j"/>§</zeebe:taskListeners></extensionElements></userTask>`},
		{DialectZeebe, "user task", `<taskListener eventType="canceling">`, `<userTask id="t" ><extensionElements><zeebe:taskListeners>§<zeebe:taskListener eventType="canceling" type="j"/>§</zeebe:taskListeners></extensionElements></userTask>`},
		{DialectZeebe, "ad-hoc subprocess", `activeElementsCollection`, `<adHocSubProcess id="t"><extensionElements><zeebe:adHoc §activeElementsCollection="=a"§/></extensionElements><task id="i"/></adHocSubProcess>`},
		{DialectZeebe, "ad-hoc subprocess", `outputCollection, outputElement`, `<adHocSubProcess id="t"><extensionElements><zeebe:adHoc §outputCollection="o" outputElement="=a"§/></extensionElements><task id="i"/></adHocSubProcess>`},
		{DialectZeebe, "ad-hoc subprocess", `<taskDefinition>`, `<adHocSubProcess id="t"><extensionElements>§<zeebe:taskDefinition type="j"/>§</extensionElements><task id="i"/></adHocSubProcess>`},
		{DialectZeebe, "conditional event", `<conditionalFilter>`, `<intermediateCatchEvent id="t"><conditionalEventDefinition><extensionElements>§<zeebe:conditionalFilter variableNames="a" variableEvents="create"/>§</extensionElements><condition>=a</condition></conditionalEventDefinition></intermediateCatchEvent>`},
		{DialectZeebe, "job elements", `<jobPriorityDefinition>`, `<serviceTask id="t" ><extensionElements><zeebe:taskDefinition type="j"/>§<zeebe:jobPriorityDefinition priority="5"/>§</extensionElements></serviceTask>`},
		{DialectZeebe, "process", `<jobPriorityDefinition>`, `PX §<zeebe:jobPriorityDefinition priority="5"/>§`},
		{DialectZeebe, "service task", `<linkedResources>`, `<serviceTask id="t" ><extensionElements><zeebe:taskDefinition type="j"/>§<zeebe:linkedResources><zeebe:linkedResource resourceId="r" resourceType="RPA" linkName="l"/></zeebe:linkedResources>§</extensionElements></serviceTask>`},
		{DialectZeebe, "service task", `<agentDefinition>`, `<serviceTask id="t" ><extensionElements><zeebe:taskDefinition type="j"/>§<zeebe:agentDefinition agentType="a"/>§</extensionElements></serviceTask>`},
		{DialectZeebe, "process", `<versionTag>`, `PX §<zeebe:versionTag value="v"/>§`},
		{DialectZeebe, "any flow node", `<properties>`, `<serviceTask id="t" ><extensionElements><zeebe:taskDefinition type="j"/>§<zeebe:properties><zeebe:property name="a" value="b"/></zeebe:properties>§</extensionElements></serviceTask>`},
		{DialectZeebe, "modelling", `modelerTemplate`, `<task id="t" §zeebe:modelerTemplate="x"§/>`},
		{DialectFlowable, "process", `isEagerExecutionFetching`, `P §flowable:isEagerExecutionFetching="true"§`},
		{DialectFlowable, "process", `<eventListener>`, `PX §<flowable:eventListener events="PROCESS_STARTED" class="a.B"/>§`},
		{DialectFlowable, "process", `<historyLevel>`, `PX §<flowable:historyLevel>full</flowable:historyLevel>§`},
		{DialectFlowable, "process", `<localization>`, `PX §<flowable:localization locale="de" name="x"/>§`},
		{DialectFlowable, "activity, gateway, event", `async`, `<task id="t" §flowable:async="true"§/>`},
		{DialectFlowable, "activity, gateway, event", `exclusive`, `<task id="t" §flowable:exclusive="true"§/>`},
		{DialectFlowable, "activity, gateway, event", `asyncLeave`, `<task id="t" §flowable:asyncLeave="true"§/>`},
		{DialectFlowable, "activity, gateway, event", `asyncLeaveExclusive`, `<task id="t" §flowable:asyncLeaveExclusive="true"§/>`},
		{DialectFlowable, "activity, gateway, event", `<failedJobRetryTimeCycle>`, `<serviceTask id="t" flowable:type="external-worker" flowable:topic="j"><extensionElements>§<flowable:failedJobRetryTimeCycle>R3/PT1M</flowable:failedJobRetryTimeCycle>§</extensionElements></serviceTask>`},
		{DialectFlowable, "activity, gateway, event", `<jobCategory>`, `<serviceTask id="t" flowable:type="external-worker" flowable:topic="j"><extensionElements>§<flowable:jobCategory>x</flowable:jobCategory>§</extensionElements></serviceTask>`},
		{DialectFlowable, "activity, gateway, event", `<includeInHistory>`, `<task id="t" ><extensionElements>§<flowable:includeInHistory>false</flowable:includeInHistory>§</extensionElements></task>`},
		{DialectFlowable, "activity, gateway, event", `<executionListener>`, `<task id="t" ><extensionElements>§<flowable:executionListener event="start" expression="${a}"/>§</extensionElements></task>`},
		{DialectFlowable, "activity, gateway, event", `<executionListener type="script">`, `<task id="t" ><extensionElements>§<flowable:executionListener event="start" type="script"><flowable:script language="javascript">1</flowable:script></flowable:executionListener>§</extensionElements></task>`},
		{DialectFlowable, "activity, gateway, event", `<executionListener onTransaction>`, `<task id="t" ><extensionElements><flowable:executionListener event="start" expression="${a}" §onTransaction="committed"§/></extensionElements></task>`},
		{DialectFlowable, "service task", `class`, `<serviceTask id="t" §flowable:class="a.B"§/>`},
		{DialectFlowable, "service task", `expression`, `<serviceTask id="t" §flowable:expression="${a}"§/>`},
		{DialectFlowable, "service task", `delegateExpression`, `<serviceTask id="t" §flowable:delegateExpression="${a}"§/>`},
		{DialectFlowable, "service task", `resultVariableName`, `<serviceTask id="t" flowable:expression="${a}" §flowable:resultVariableName="r"§/>`},
		{DialectFlowable, "service task", `useLocalScopeForResultVariable`, `<serviceTask id="t" flowable:expression="${a}" §flowable:useLocalScopeForResultVariable="true"§/>`},
		{DialectFlowable, "service task", `storeResultVariableAsTransient`, `<serviceTask id="t" flowable:expression="${a}" §flowable:storeResultVariableAsTransient="true"§/>`},
		{DialectFlowable, "service task", `triggerable`, `<serviceTask id="t" flowable:expression="${a}" §flowable:triggerable="true"§/>`},
		{DialectFlowable, "service task", `skipExpression`, `<serviceTask id="t" flowable:expression="${a}" §flowable:skipExpression="${a}"§/>`},
		{DialectFlowable, "service task", `extensionId`, `<serviceTask id="t" flowable:expression="${a}" §flowable:extensionId="x"§/>`},
		{DialectFlowable, "service task", `parallelInSameTransaction`, `<serviceTask id="t" flowable:expression="${a}" §flowable:parallelInSameTransaction="true"§/>`},
		{DialectFlowable, "service task", `<mapException>`, `<serviceTask id="t" flowable:expression="${a}"><extensionElements>§<flowable:mapException errorCode="E">a.B</flowable:mapException>§</extensionElements></serviceTask>`},
		{DialectFlowable, "service task", `type="http"`, `<serviceTask id="t" §flowable:type="http"§><extensionElements><flowable:field name="requestMethod"><flowable:string>GET</flowable:string></flowable:field><flowable:field name="requestUrl"><flowable:string>http://x</flowable:string></flowable:field></extensionElements></serviceTask>`},
		{DialectFlowable, "service task", `type="mail"`, `<serviceTask id="t" §flowable:type="mail"§/>`},
		{DialectFlowable, "service task", `type="dmn"`, `<serviceTask id="t" §flowable:type="dmn"§><extensionElements><flowable:field name="decisionTableReferenceKey"><flowable:string>d</flowable:string></flowable:field></extensionElements></serviceTask>`},
		{DialectFlowable, "service task", `type="case"`, `<serviceTask id="t" §flowable:type="case" flowable:caseDefinitionKey="x"§/>`},
		{DialectFlowable, "external worker", `topic`, `<serviceTask id="t" flowable:type="external-worker" §flowable:topic="j"§/>`},
		{DialectFlowable, "external worker", `doNotIncludeVariables`, `<serviceTask id="t" flowable:type="external-worker" flowable:topic="j" §flowable:doNotIncludeVariables="true"§/>`},
		{DialectFlowable, "external worker", `<externalWorkerInParameter>`, `<serviceTask id="t" flowable:type="external-worker" flowable:topic="j"><extensionElements>§<flowable:externalWorkerInParameter source="a" target="b"/>§</extensionElements></serviceTask>`},
		{DialectFlowable, "send event task", `<eventType>`, `<sendTask id="t" ><extensionElements>§<flowable:eventType>x</flowable:eventType>§</extensionElements></sendTask>`},
		{DialectFlowable, "business rule task", `ruleVariablesInput`, `<businessRuleTask id="t" §flowable:ruleVariablesInput="${a}" flowable:rules="r"§/>`},
		{DialectFlowable, "script task", `autoStoreVariables`, `<scriptTask id="t" scriptFormat="javascript" §flowable:autoStoreVariables="true"§><script>1</script></scriptTask>`},
		{DialectFlowable, "script task", `doNotIncludeVariables`, `<scriptTask id="t" scriptFormat="javascript" §flowable:doNotIncludeVariables="true"§><script>1</script></scriptTask>`},
		{DialectFlowable, "script task", `resultVariable`, `<scriptTask id="t" scriptFormat="javascript" §flowable:resultVariable="r"§><script>1</script></scriptTask>`},
		{DialectFlowable, "script task", `skipExpression`, `<scriptTask id="t" scriptFormat="javascript" §flowable:skipExpression="${a}"§><script>1</script></scriptTask>`},
		{DialectFlowable, "user task", `assignee`, `<userTask id="t" §flowable:assignee="ada"§/>`},
		{DialectFlowable, "user task", `owner`, `<userTask id="t" §flowable:owner="bob"§/>`},
		{DialectFlowable, "user task", `candidateUsers`, `<userTask id="t" §flowable:candidateUsers="ada,bob"§/>`},
		{DialectFlowable, "user task", `candidateGroups`, `<userTask id="t" §flowable:candidateGroups="g"§/>`},
		{DialectFlowable, "user task", `dueDate`, `<userTask id="t" §flowable:dueDate="P1D"§/>`},
		{DialectFlowable, "user task", `businessCalendarName`, `<userTask id="t" §flowable:businessCalendarName="x"§/>`},
		{DialectFlowable, "user task", `category`, `<userTask id="t" §flowable:category="c"§/>`},
		{DialectFlowable, "user task", `priority`, `<userTask id="t" §flowable:priority="70"§/>`},
		{DialectFlowable, "user task", `formKey`, `<userTask id="t" §flowable:formKey="f"§/>`},
		{DialectFlowable, "user task", `formFieldValidation`, `<userTask id="t" §flowable:formFieldValidation="true"§/>`},
		{DialectFlowable, "user task", `sameDeployment`, `<userTask id="t" §flowable:sameDeployment="true"§/>`},
		{DialectFlowable, "user task", `skipExpression`, `<userTask id="t" §flowable:skipExpression="${a}"§/>`},
		{DialectFlowable, "user task", `taskIdVariableName`, `<userTask id="t" §flowable:taskIdVariableName="a"§/>`},
		{DialectFlowable, "user task", `taskCompleterVariableName`, `<userTask id="t" §flowable:taskCompleterVariableName="a"§/>`},
		{DialectFlowable, "user task", `extensionId`, `<userTask id="t" §flowable:extensionId="x"§/>`},
		{DialectFlowable, "user task", `<taskListener event="create">`, `<userTask id="t" ><extensionElements>§<flowable:taskListener event="create" expression="${a}"/>§</extensionElements></userTask>`},
		{DialectFlowable, "user task", `<taskListener event="assignment">`, `<userTask id="t" ><extensionElements>§<flowable:taskListener event="assignment" expression="${a}"/>§</extensionElements></userTask>`},
		{DialectFlowable, "user task", `<taskListener event="complete">`, `<userTask id="t" ><extensionElements>§<flowable:taskListener event="complete" expression="${a}"/>§</extensionElements></userTask>`},
		{DialectFlowable, "user task", `<taskListener event="delete">`, `<userTask id="t" ><extensionElements>§<flowable:taskListener event="delete" expression="${a}"/>§</extensionElements></userTask>`},
		{DialectFlowable, "user task", `<taskListener event="all">`, `<userTask id="t" ><extensionElements>§<flowable:taskListener event="all" expression="${a}"/>§</extensionElements></userTask>`},
		{DialectFlowable, "user task", `<formProperty>`, `<userTask id="t" ><extensionElements>§<flowable:formProperty id="f" type="string"/>§</extensionElements></userTask>`},
		{DialectFlowable, "user task", `<customResource>`, `<userTask id="t" ><extensionElements>§<flowable:customResource name="reviewer"><resourceAssignmentExpression><formalExpression>user(ada)</formalExpression></resourceAssignmentExpression></flowable:customResource>§</extensionElements></userTask>`},
		{DialectFlowable, "call activity", `calledElementType`, `<callActivity id="t" calledElement="c" §flowable:calledElementType="id"§/>`},
		{DialectFlowable, "call activity", `processInstanceName`, `<callActivity id="t" calledElement="c" §flowable:processInstanceName="x"§/>`},
		{DialectFlowable, "call activity", `businessKey`, `<callActivity id="t" calledElement="c" §flowable:businessKey="${k}"§/>`},
		{DialectFlowable, "call activity", `inheritBusinessKey`, `<callActivity id="t" calledElement="c" §flowable:inheritBusinessKey="true"§/>`},
		{DialectFlowable, "call activity", `inheritVariables`, `<callActivity id="t" calledElement="c" §flowable:inheritVariables="true"§/>`},
		{DialectFlowable, "call activity", `sameDeployment`, `<callActivity id="t" calledElement="c" §flowable:sameDeployment="true"§/>`},
		{DialectFlowable, "call activity", `fallbackToDefaultTenant`, `<callActivity id="t" calledElement="c" §flowable:fallbackToDefaultTenant="true"§/>`},
		{DialectFlowable, "call activity", `idVariableName`, `<callActivity id="t" calledElement="c" §flowable:idVariableName="x"§/>`},
		{DialectFlowable, "call activity", `useLocalScopeForOutParameters`, `<callActivity id="t" calledElement="c" §flowable:useLocalScopeForOutParameters="true"§/>`},
		{DialectFlowable, "call activity", `completeAsync`, `<callActivity id="t" calledElement="c" §flowable:completeAsync="true"§/>`},
		{DialectFlowable, "call activity", `<in source>`, `<callActivity id="t" calledElement="c"><extensionElements>§<flowable:in source="a" target="b"/>§</extensionElements></callActivity>`},
		{DialectFlowable, "call activity", `<out source>`, `<callActivity id="t" calledElement="c"><extensionElements>§<flowable:out source="a" target="b"/>§</extensionElements></callActivity>`},
		{DialectFlowable, "call activity", `<out transient>`, `<callActivity id="t" calledElement="c"><extensionElements>§<flowable:out source="a" target="b" transient="true"/>§</extensionElements></callActivity>`},
		{DialectFlowable, "multi-instance", `collection`, `<task id="t"><multiInstanceLoopCharacteristics §flowable:collection="items"§></multiInstanceLoopCharacteristics></task>`},
		{DialectFlowable, "multi-instance", `elementVariable`, `<task id="t"><multiInstanceLoopCharacteristics flowable:collection="items" §flowable:elementVariable="i"§></multiInstanceLoopCharacteristics></task>`},
		{DialectFlowable, "multi-instance", `elementIndexVariable`, `<task id="t"><multiInstanceLoopCharacteristics flowable:collection="items" §flowable:elementIndexVariable="i"§></multiInstanceLoopCharacteristics></task>`},
		{DialectFlowable, "multi-instance", `noWaitStatesAsyncLeave`, `<task id="t"><multiInstanceLoopCharacteristics flowable:collection="items" §flowable:noWaitStatesAsyncLeave="true"§></multiInstanceLoopCharacteristics></task>`},
		{DialectFlowable, "multi-instance", `<variableAggregation>`, `<task id="t"><multiInstanceLoopCharacteristics flowable:collection="items"><extensionElements>§<flowable:variableAggregation target="r"><flowable:variable source="a"/></flowable:variableAggregation>§</extensionElements></multiInstanceLoopCharacteristics></task>`},
		{DialectFlowable, "sequence flow", `skipExpression`, `FA §flowable:skipExpression="${a}"§`},
		{DialectFlowable, "start event", `initiator`, `S §flowable:initiator="who"§|`},
		{DialectFlowable, "start event", `formKey`, `S §flowable:formKey="f"§|`},
		{DialectFlowable, "error event", `errorVariableName`, `<userTask id="t"/><boundaryEvent id="b" attachedToRef="t"><errorEventDefinition §flowable:errorVariableName="c"§/></boundaryEvent>`},
		{DialectFlowable, "error event", `errorVariableTransient`, `<userTask id="t"/><boundaryEvent id="b" attachedToRef="t"><errorEventDefinition §flowable:errorVariableTransient="true"§/></boundaryEvent>`},
		{DialectFlowable, "error event", `errorVariableLocalScope`, `<userTask id="t"/><boundaryEvent id="b" attachedToRef="t"><errorEventDefinition §flowable:errorVariableLocalScope="true"§/></boundaryEvent>`},
		{DialectFlowable, "signal event", `signalExpression`, `<intermediateThrowEvent id="t"><signalEventDefinition §flowable:signalExpression="x"§/></intermediateThrowEvent>`},
		{DialectFlowable, "signal", `scope`, `SC §flowable:scope="processInstance"§`},
		{DialectFlowable, "message event", `messageExpression`, `<intermediateCatchEvent id="t"><messageEventDefinition §flowable:messageExpression="x"§/></intermediateCatchEvent>`},
		{DialectFlowable, "timer event", `businessCalendarName`, `<intermediateCatchEvent id="t"><timerEventDefinition §flowable:businessCalendarName="x"§><timeDuration>PT1S</timeDuration></timerEventDefinition></intermediateCatchEvent>`},
		{DialectFlowable, "timer event", `endDate`, `<intermediateCatchEvent id="t"><timerEventDefinition><timeCycle §flowable:endDate="2030-01-01"§>R/PT1H</timeCycle></timerEventDefinition></intermediateCatchEvent>`},
		{DialectFlowable, "terminate event", `terminateAll`, `<endEvent id="t"><terminateEventDefinition §flowable:terminateAll="true"§/></endEvent>`},
		{DialectFlowable, "terminate event", `terminateMultiInstance`, `<endEvent id="t"><terminateEventDefinition §flowable:terminateMultiInstance="true"§/></endEvent>`},
		{DialectFlowable, "variable listener event", `<variableListenerEventDefinition>`, `<intermediateCatchEvent id="t"><extensionElements>§<flowable:variableListenerEventDefinition variableName="a" variableChangeType="create"/>§</extensionElements></intermediateCatchEvent>`},
	}
}
