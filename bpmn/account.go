package bpmn

import "strings"

// tables are made once for each file; see the functions for what they hold.
type tables struct {
	nodes                 map[string]flowNode
	events                map[string]eventDefinition
	elements, extensions  map[string]string
	model, classic, zeebe map[string]string
	ways, noEffect        map[string]string
}

// wayOut says what to do about an attribute or <element> that is not executed.
func (t *tables) wayOut(name string) string {
	if way, ok := t.ways[name]; ok {
		return way
	}
	return "remove it"
}

func newTables() tables {
	return tables{
		nodes: flowNodes(), events: eventDefinitions(),
		elements: keptOutElements(), extensions: keptOutExtensions(),
		model: modelAttributes(), classic: classicAttributes(), zeebe: zeebeAttributes(), ways: waysOut(), noEffect: withoutEffect(),
	}
}

// account walks the whole file and makes sure that every element and attribute
// was understood, kept out for a stated reason, or reported: nothing is ignored
// silently. Elements and attributes of foreign namespaces are their vendors'
// own business.
func (p *parser) account(n *node) {
	if n.ns == nsModel && n.name == "process" {
		p.process = p.processes[n]
		defer func() { p.process = nil }()
	}
	foreign := n.ns != nsModel && dialectOf(n.ns) == ""
	switch {
	case n.ns == "" && n.parent.ns == nsModel && n.parent.name != "extensionElements":
		p.report(n, CodeUnsupportedElement, "<%s> has no namespace; use that of the elements around it", n.el.FullTag())
		n.mark = markRefused
		return
	case foreign:
		n.keepOut()
		return
	case n.mark == markRefused, n.mark == markKeptOut:
		return
	case n.mark == markNone && n.ns == nsModel && n.name == "extensionElements":
		n.mark = markParsed
	case n.mark == markNone && p.keptOut(n):
		n.keepOut()
		return
	case n.mark == markNone && p.idleElement(n):
		return
	case n.mark == markNone:
		p.report(n, CodeUnsupportedElement, "<%s> is not executed at this place; %s", n.el.FullTag(), p.tables.wayOut("<"+n.name+">"))
		n.mark = markRefused
		return
	}
	for i := range n.attrs {
		p.accountAttr(n, &n.attrs[i])
	}
	for _, k := range n.kids {
		p.account(k)
	}
}

func (n *node) keepOut() {
	n.mark = markKeptOut
	for _, k := range n.kids {
		k.keepOut()
	}
}

func (p *parser) accountAttr(n *node, a *attr) {
	if a.seen || a.name == "id" {
		return
	}
	reason, known := "", false
	switch {
	case a.ns == "" && n.ns == nsModel:
		reason, known = p.tables.model[a.name]
	case isClassic(a.ns):
		reason, known = p.tables.classic[a.name]
	case a.ns == nsZeebe:
		reason, known = p.tables.zeebe[a.name]
		known = known || strings.HasPrefix(a.name, "modelerTemplate") || strings.HasPrefix(a.name, "modelerConfiguration")
	case a.ns == nsModel:
		p.report(n, CodeUnsupportedAttribute, "the attribute %s of <%s> has a prefix; the attributes of BPMN have none", a.name, n.el.FullTag())
		return
	case a.ns != "":
		return // a foreign vendor's
	}
	if text, ok := p.tables.noEffect[a.name]; ok && isClassic(a.ns) {
		p.report(n, CodeAttributeNoEffect, "the attribute %s=\"%s\" has no effect: %s", a.name, a.value, text)
		return
	}
	if known && (!strings.HasPrefix(reason, "only ") || strings.TrimPrefix(reason, "only ") == a.value) {
		return
	}
	if p.idleAttribute(n, a) {
		return
	}
	name := a.name
	if d := dialectOf(a.ns); d != "" {
		name = string(d) + ":" + a.name
	}
	p.report(n, CodeUnsupportedAttribute, "the attribute %s=\"%s\" of <%s> is not executed; %s", name, a.value, n.el.FullTag(), p.tables.wayOut(a.name))
}

// keptOut says whether an element is left out of the model on purpose.
func (p *parser) keptOut(n *node) bool {
	switch {
	case n.ns == nsModel && n.parent.name == "definitions" && strings.HasSuffix(n.name, "EventDefinition"):
		return true // only what refers to it counts
	case n.ns == nsModel && n.name == "property" && n.computes():
		return false
	case isAssociation(n):
		// Drawn arrows to data objects; with an assignment they would compute.
		for _, k := range n.kids {
			if k.name == "assignment" || k.name == "transformation" {
				return false
			}
		}
		return true
	case n.ns == nsModel:
		_, ok := p.tables.elements[n.name]
		return ok
	}
	_, ok := p.tables.extensions[n.name]
	return ok
}

// computes says whether a property has more than a name: a value, or what old
// models of the camunda family copied.
func (n *node) computes() bool {
	for _, a := range n.attrs {
		if isClassic(a.ns) {
			return true
		}
	}
	for _, ext := range n.kids {
		for _, k := range ext.kids {
			if k.name == "value" && isClassic(k.ns) {
				return true
			}
		}
	}
	return false
}

// keptOutElements is the table of BPMN elements that do not concern execution,
// with the reason.
func keptOutElements() map[string]string {
	const (
		picture  = "part of the picture"
		data     = "describes data that flows as variables here"
		service  = "describes services that are called by job type here"
		callable = "a callable global task; a call activity that names it is refused at run time"
	)
	return map[string]string{
		"documentation": "text for people", "text": "text for people", "textAnnotation": picture,
		"association": picture, "group": picture, "category": picture, "categoryValue": picture, "categoryValueRef": picture,
		"laneSet": picture, "lane": picture, "collaboration": picture, "choreography": picture, "conversation": picture,
		"globalConversation": picture, "relationship": picture, "extension": picture, "import": "the deployment holds the other files",
		"itemDefinition": data, "dataStore": data, "dataStoreReference": data, "dataObject": data, "dataObjectReference": data, "dataState": picture,
		"ioSpecification": data, "dataInput": data, "dataOutput": data, "inputSet": data, "outputSet": data, "property": data,
		"inputDataItem": data, "outputDataItem": data, "loopDataInputRef": data, "loopDataOutputRef": data,
		"correlationProperty": data, "interface": service, "partnerEntity": service, "partnerRole": service, "endPoint": service,
		"supportedInterfaceRef": service, "ioBinding": service, "supports": service,
		"resource": "names people; user tasks refer to it", "rendering": "a form",
		"auditing": "foreign bookkeeping", "monitoring": "foreign bookkeeping",
		"globalTask": callable, "globalUserTask": callable, "globalManualTask": callable, "globalScriptTask": callable,
		"globalBusinessRuleTask": callable,
		"operationRef":           service,
	}
}

// keptOutExtensions is the table of dialect elements that do not concern
// execution, with the reason.
func keptOutExtensions() map[string]string {
	return map[string]string{
		"formData": "a form, for the client", "formProperty": "a form, for the client", "userTaskForm": "a form, for the client", "formDefinition": "a form, for the client",
		"localization": "text for people", "historyLevel": "history is the log and always whole",
		"includeInHistory": "history is the log and always whole", "jobCategory": "workers choose by job type",
		"retryCounter": "modelling only", "agentDefinition": "says what kind of agent the worker is, for those who watch it", "properties": "metadata where nothing reads it", "failedJobRetryTimeCycle": "retries of steps between save points, which do not fail here",
	}
}

// modelAttributes is the table of BPMN attributes without effect on execution,
// with the reason. "only x" accepts just the value x.
func modelAttributes() map[string]string {
	return map[string]string{
		"name": "text for people", "textFormat": "text for people", "implementation": "the extensions say it",
		"operationRef": "services are called by job type", "gatewayDirection": "follows from the flows", "processType": "text for people",
		"isClosed": "picture", "definitionalCollaborationRef": "picture", "isImmediate": "process types only",
		"expressionLanguage": "read with the conditions", "typeLanguage": "variables are JSON", "exporter": "read", "exporterVersion": "the tool",
		"itemSubjectRef": "variables are JSON", "structureRef": "variables are JSON", "method": "one transaction method is known",
		"triggeredByEvent": "only false", "parallelMultiple": "only false", "isForCompensation": "only false",
		"scriptFormat": "read with the script", "language": "read with the text", "cancelActivity": "only true",
		"behavior": "only All", "isInterrupting": "start events outside event subprocesses",
	}
}

// classicAttributes is the table of camunda and flowable attributes without
// effect on execution, with the reason.
func classicAttributes() map[string]string {
	const (
		savePoint = "every step is a save point"
		modelling = "modelling only"
	)
	return map[string]string{
		"async": savePoint, "asyncBefore": savePoint, "asyncAfter": savePoint, "asyncLeave": savePoint, "asyncLeaveExclusive": savePoint,
		"exclusive": "one writer for each instance", "taskPriority": "read with external tasks",
		"isStartableInTasklist": "for a task list", "isEagerExecutionFetching": "a database hint", "noWaitStatesAsyncLeave": savePoint,
		"parallelInSameTransaction": savePoint, "modelerTemplate": modelling, "modelerTemplateVersion": modelling,
		"modelerTemplateIcon": modelling, "diagramRelationId": modelling, "formFieldValidation": "for the client", "category": "text for people",
		"mapDecisionResult": "read with the decision", "decisionRefBinding": "read with the decision", "decisionRefVersion": "read with the decision",
		"decisionRefVersionTag": "read with the decision", "formRefVersion": "read with the form",
		"scope": "of signals, read with the event", "calledElementBinding": "read with the call", "calledElementVersion": "read with the call", "extensionId": modelling, "completeAsync": savePoint,
	}
}

// withoutEffect is the table of camunda and flowable attributes that say
// something about execution which does not apply here, and that a warning names.
func withoutEffect() map[string]string {
	return map[string]string{
		"jobPriority":         "it orders steps between save points, and here every step is one; external tasks have taskPriority",
		"processInstanceName": "an instance has no name; its business key and variables tell what it is about",
	}
}

// zeebeAttributes is the table of zeebe attributes without effect on execution.
func zeebeAttributes() map[string]string {
	return map[string]string{
		"modelerTemplate": "modelling only", "modelerTemplateVersion": "modelling only", "modelerTemplateIcon": "modelling only",
		"modelerConfiguration": "modelling only", "modelerConfigurationVersion": "modelling only",
		"retryCounter": "modelling only",
	}
}

// waysOut is the table of attributes and elements that models use and the engine
// does not execute, with what to do instead.
func waysOut() map[string]string {
	return map[string]string{
		"decisionRefTenantId":     "the decision is looked up for the tenant of the instance; remove it",
		"skipExpression":          "put an exclusive gateway in front",
		"onTransaction":           "a listener runs when its step is decided, before that is stored; remove it",
		"businessCalendarName":    "write the date as an expression",
		"endDate":                 "write the end into the cycle: R/PT10M/2030-01-01T00:00:00Z",
		"<eventListener>":         "subscribe to the events of the engine",
		"<linkedResources>":       "they belong to a task that has a taskDefinition; put them there",
		"<publishMessage>":        "the engine publishes messages of send tasks and of message throw and end events; use one of them",
		"<mapException>":          "throw the BPMN error from the worker",
		"<executionListener>":     "use start, end or cancel (beforeAll on a multi-instance activity; no end on an event-based gateway), or do its work in a task before or after",
		"<taskListener>":          "use creating, assigning, updating, completing or canceling, or do its work in a task before or after",
		"<property>":              "use input and output mappings; a process or subprocess may have data objects with values",
		"<assignment>":            "use input and output mappings",
		"<transformation>":        "use input and output mappings",
		"<dataInputAssociation>":  "use input mappings",
		"<dataOutputAssociation>": "use output mappings",
	}
}

// pictureReferences warns of references that only draw: they cannot change what
// runs, but the file is not what its author sees.
func (p *parser) pictureReferences(n *node) {
	if n.ns != nsModel {
		return
	}
	switch n.name {
	case "participant":
		p.pictureReference(n, "processRef", n.attr("processRef"))
	case "messageFlow", "association":
		p.pictureReference(n, "sourceRef", n.attr("sourceRef"))
		p.pictureReference(n, "targetRef", n.attr("targetRef"))
	case "flowNodeRef":
		p.pictureReference(n, "flowNodeRef", n.text())
	case "dataObjectReference":
		p.pictureReference(n, "dataObjectRef", n.attr("dataObjectRef"))
	case "dataStoreReference":
		p.pictureReference(n, "dataStoreRef", n.attr("dataStoreRef"))
	case "group":
		p.pictureReference(n, "categoryValueRef", n.attr("categoryValueRef"))
	}
	for _, k := range n.kids {
		p.pictureReferences(k)
	}
}

func (p *parser) pictureReference(n *node, what, id string) {
	id = strings.TrimSpace(id)
	if id == "" || p.ids[id] != nil {
		return
	}
	if _, local, ok := strings.Cut(id, ":"); ok {
		// A QName; with the prefix of an import it is in another file.
		if p.ids[local] != nil || len(p.root.all(nsModel, "import")) > 0 {
			return
		}
	}
	p.report(n, CodeReferencePicture, "%s of <%s> names %q, but the file has no such id; correct the picture", what, n.name, id)
}
