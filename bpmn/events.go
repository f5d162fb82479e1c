package bpmn

import (
	"strings"

	"github.com/weir-bpm/weir/expression"
	"github.com/weir-bpm/weir/expression/timers"
)

// eventDefinition is a row of the table of event definitions.
type eventDefinition struct {
	kind  EventKind
	parse func(p *parser, n *node, e *Element, d *EventDefinition)
}

// eventDefinitions is the table of event definitions by their name in the BPMN
// namespace. Where each may stand is in support.go.
func eventDefinitions() map[string]eventDefinition {
	return map[string]eventDefinition{
		"messageEventDefinition":     {EventMessage, (*parser).messageEvent},
		"timerEventDefinition":       {EventTimer, (*parser).timerEvent},
		"errorEventDefinition":       {EventError, (*parser).errorEvent},
		"escalationEventDefinition":  {EventEscalation, (*parser).escalationEvent},
		"signalEventDefinition":      {EventSignal, (*parser).signalEvent},
		"conditionalEventDefinition": {EventConditional, (*parser).conditionalEvent},
		"compensateEventDefinition":  {EventCompensate, (*parser).compensateEvent},
		"cancelEventDefinition":      {EventCancel, (*parser).cancelEvent},
		"linkEventDefinition":        {EventLink, (*parser).linkEvent},
		"terminateEventDefinition":   {EventTerminate, (*parser).terminateEvent},
	}
}

// event parses the five kinds of events (BPMN 2.0.2, 10.5).
func (p *parser) event(n *node, e *Element) {
	var parts []*EventDefinition
	add := func(k *node) {
		row, ok := p.tables.events[k.name]
		if !ok {
			return
		}
		k.mark = markParsed
		d := &EventDefinition{Kind: row.kind}
		row.parse(p, k, e, d)
		parts = append(parts, d)
	}
	for _, k := range n.kids {
		if k.ns != nsModel {
			continue
		}
		add(k)
		if k.name == "eventDefinitionRef" {
			k.mark = markParsed
			if target := p.reference(k, "<eventDefinitionRef>", k.text(), sortedKeys(p.tables.events)...); target != nil {
				add(target)
			}
		}
	}
	if len(parts) == 0 {
		if d := p.variableListener(n, e); d != nil {
			parts = append(parts, d)
		}
	}
	switch len(parts) {
	case 0:
	case 1:
		e.Event = parts[0]
	default:
		e.Event = &EventDefinition{Kind: EventMultiple, Parts: parts}
	}
	if !throws(e.Type) && p.boolean(n, "parallelMultiple", false) && len(parts) > 1 {
		e.Event.ParallelMultiple = true
	}
	switch e.Type {
	case TypeBoundaryEvent:
		e.Interrupting = p.boolean(n, "cancelActivity", true)
	case TypeStartEvent:
		interrupting := p.boolean(n, "isInterrupting", true)
		e.Interrupting = interrupting && e.Scope.Type == TypeEventSubProcess
		p.startForm(n, e)
	default:
	}
}

func throws(t Type) bool { return t == TypeThrowEvent || t == TypeEndEvent }

// startForm reads what says who starts and with which form, which are for the
// client that starts an instance.
func (p *parser) startForm(n *node, e *Element) {
	e.Initiator = p.classic(n, "initiator")
	e.Form = p.formOf(n)
	for _, name := range []string{"formKey", "formRef", "formRefVersion"} {
		p.classic(n, name)
	}
	p.binding(n, p.classic(n, "formRefBinding"))
	p.formHandler(n)
	if form := p.zeebeExt(n, "formDefinition"); form != nil {
		form.keepOut()
	}
}

// messageEvent parses a message event definition. A thrown message is a job,
// like a send task, unless the dialect sends it itself.
func (p *parser) messageEvent(n *node, e *Element, d *EventDefinition) {
	n.attr("operationRef")
	if ref := strings.TrimSpace(n.attr("messageRef")); throws(e.Type) && p.ids[ref] == nil && ref != "" && !strings.Contains(ref, ":") &&
		(p.dialect == DialectCamunda || p.dialect == DialectFlowable) {
		// These engines do not read it; what sends the message says which.
		p.report(n, CodeReferencePicture, "messageRef of <%s> names %q, but the file has no such id; correct it", n.name, ref)
	} else {
		p.messageRef(n, d)
	}
	if text := p.classic(n, "messageExpression"); text != "" {
		d.MessageName = p.expression(n, DialectFlowable, text)
	}
	if throws(e.Type) {
		if !p.publishes(e, d.MessageName, p.nodes[e], n) && p.implementation(p.nodes[e], n, e) == "" {
			if p.dialect != DialectZeebe {
				e.SendsNothing = true
				p.report(n, CodeMessageNotSent, "the message throw event does not say how its message is sent and sends none, as in Camunda 7; give it a job type (camunda:type=\"external\" with a topic), or let the engine publish it (zeebe:publishMessage correlationKey)")
				return
			}
			p.report(n, CodeMissingImplementation,
				"the message throw event does not say how its message is sent; let the engine publish it (zeebe:publishMessage correlationKey), or give it a job type (zeebe:taskDefinition type, or camunda:type=\"external\" with a topic)")
		}
		return
	}
	if d.MessageName == nil && n.attr("messageRef") == "" {
		p.report(n, CodeReferenceMissing, "the message event names no message; add messageRef")
	}
}

// publishes reads how a thrown message is published by the engine itself, from
// the first of the holders that says so.
func (p *parser) publishes(e *Element, name *Expression, holders ...*node) bool {
	for _, n := range holders {
		z := p.zeebeExt(n, "publishMessage")
		if z == nil {
			continue
		}
		e.Publish = &PublishDefinition{
			Name:           name,
			CorrelationKey: p.optional(z, DialectZeebe, z.attr("correlationKey")),
			MessageID:      p.optional(z, DialectZeebe, z.attr("messageId")),
			TTL:            p.optional(z, DialectZeebe, z.attr("timeToLive")),
		}
		if name == nil {
			p.report(n, CodeReferenceMissing, "the message to publish has no name; add messageRef")
		}
		if e.Publish.CorrelationKey == nil {
			p.report(z, CodeAttributeMissing, "<zeebe:publishMessage> has no correlationKey; add one, it finds who waits for the message")
		}
		p.checkTTL(z, e.Publish.TTL)
		return true
	}
	return false
}

// checkTTL checks a constant time to live.
func (p *parser) checkTTL(n *node, x *Expression) {
	if x == nil || x.Program != nil {
		return
	}
	text, ok := x.Constant.(string)
	if !ok {
		return // did not compile, which is reported
	}
	if _, err := timers.ParseDuration(strings.TrimSpace(text)); err != nil {
		p.report(n, CodeTimerInvalid, "timeToLive is %q: %v", text, err)
	}
}

// messageRef resolves the message of an event or receive task.
func (p *parser) messageRef(n *node, d *EventDefinition) {
	ref := n.attr("messageRef")
	if child := n.first(nsModel, "messageRef"); child != nil && ref == "" {
		ref = child.text()
	}
	target := p.reference(n, "messageRef", ref, "message")
	if target == nil {
		return
	}
	m := p.messages[target]
	d.MessageName, d.CorrelationKey = m.name, m.key
	if m.name == nil {
		p.report(target, CodeAttributeMissing, "the message has no name; add one, it is what messages are matched by")
	}
}

// errorEvent parses an error event definition. Without an errorRef a catch event
// catches every error (BPMN 2.0.2, 10.5.6).
func (p *parser) errorEvent(n *node, e *Element, d *EventDefinition) {
	d.CodeVariable = p.classic(n, "errorCodeVariable")
	if d.CodeVariable == "" {
		d.CodeVariable = p.classic(n, "errorVariableName")
	}
	p.errorPlace(n, e, d)
	d.MessageVariable = p.classic(n, "errorMessageVariable")
	ref := n.attr("errorRef")
	if ref == "" {
		if throws(e.Type) {
			p.report(n, CodeReferenceMissing, "the error end event names no error; add errorRef")
		}
		return
	}
	if p.ids[ref] == nil && p.dialect != DialectZeebe {
		p.report(n, CodeErrorReference, "errorRef names %q, which is no <error> of the file; it is taken as the code itself, as Camunda 7 and Flowable do; declare the <error>", ref)
		d.Code = ref
		return
	}
	target := p.reference(n, "errorRef", ref, "error")
	if target == nil {
		return
	}
	p.code(n, target, "errorCode", e, d)
	if throws(e.Type) {
		d.ErrorMessage = p.optional(target, DialectCamunda, p.classic(target, "errorMessage"))
	}
}

// code reads the code of an error or escalation. Thrown, it may be an
// expression; an event that catches has to know it before. Without one, an event
// catches all.
func (p *parser) code(n, target *node, name string, e *Element, d *EventDefinition) {
	text := target.attr(name)
	if text == "" {
		if throws(e.Type) {
			p.report(target, CodeErrorCode, "the <%s> has no %s; add one, it is what events are matched by", target.name, name)
		}
		return
	}
	x := p.expression(target, p.dialect, text)
	if x.Program == nil {
		d.Code, _ = x.Constant.(string)
		return
	}
	if len(x.Program.Variables()) == 0 {
		if v, err := x.Program.Eval(&expression.Env{}); err == nil {
			if code, ok := v.(string); ok && code != "" {
				d.Code = code
				return
			}
		}
	}
	if throws(e.Type) {
		d.CodeExpression = x
		return
	}
	p.report(n, CodeUnsupportedAttribute, "the %s %q is an expression, which an event that catches cannot evaluate; write constant text", name, text)
}

func (p *parser) escalationEvent(n *node, e *Element, d *EventDefinition) {
	d.CodeVariable = p.classic(n, "escalationCodeVariable")
	ref := n.attr("escalationRef")
	if ref == "" {
		if throws(e.Type) {
			p.report(n, CodeReferenceMissing, "the escalation event names no escalation; add escalationRef")
		}
		return
	}
	if target := p.reference(n, "escalationRef", ref, "escalation"); target != nil {
		p.code(n, target, "escalationCode", e, d)
	}
}

// signalEvent parses a signal event definition. Signals are thrown through the
// log, so camunda's and flowable's async changes nothing.
func (p *parser) signalEvent(n *node, e *Element, d *EventDefinition) {
	if throws(e.Type) {
		p.signalPayload(n, d)
	}
	if text := p.classic(n, "signalExpression"); text != "" {
		d.SignalName = p.expression(n, DialectFlowable, text)
		return
	}
	ref := n.attr("signalRef")
	if ref == "" {
		p.report(n, CodeReferenceMissing, "the signal event names no signal; add signalRef")
		return
	}
	target := p.reference(n, "signalRef", ref, "signal")
	if target == nil {
		return
	}
	name := target.attr("name")
	if name == "" {
		p.report(target, CodeAttributeMissing, "the signal has no name; add one, it is what signals are matched by")
		return
	}
	d.SignalName = p.expression(target, p.dialect, name)
	switch scope := p.classic(target, "scope"); scope {
	case "", "global":
	case "processInstance":
		// A start event of a process waits outside of every instance.
		d.SignalLocal = e.Type != TypeStartEvent || e.Scope.Type != TypeProcess
	default:
		p.report(target, CodeAttributeValue, "the scope of the signal is %q; use global or processInstance", scope)
	}
}

// signalPayload reads the in mappings of a thrown signal.
func (p *parser) signalPayload(n *node, d *EventDefinition) {
	for _, k := range p.classicExts(n, "in") {
		if key, ok := k.lookup("", "businessKey"); ok {
			d.SignalBusinessKey = p.expression(k, DialectCamunda, key)
			continue
		}
		if m, ok := p.callMapping(k); ok {
			d.SignalPayload = append(d.SignalPayload, m)
		}
	}
}

func (p *parser) conditionalEvent(n *node, _ *Element, d *EventDefinition) {
	c := n.first(nsModel, "condition")
	if c == nil {
		p.report(n, CodeEventDefinition, "the conditional event has no <condition>; add one")
		return
	}
	d.Condition = p.condition(c)
	names, events := p.classic(n, "variableName"), p.classic(n, "variableEvents")
	if z := p.zeebeExt(n, "conditionalFilter"); z != nil {
		names, events = z.attr("variableNames"), z.attr("variableEvents")
	}
	d.VariableNames, d.VariableEvents = commaList(names), commaList(events)
	deletes := 0
	for _, e := range d.VariableEvents {
		switch e {
		case "create", "update":
		case "delete":
			deletes++
		default:
			p.report(n, CodeAttributeValue, "the variable event %q is not known; use create, update or delete", e)
		}
	}
	if deletes > 0 && deletes == len(d.VariableEvents) {
		p.report(n, CodeUnsupportedAttribute, "variables are never deleted, so the condition would be looked at only when it begins to wait; add create or update to the variable events")
	}
}

func commaList(text string) []string {
	var out []string
	for _, part := range strings.Split(text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

// compensateEvent keeps the activity for when all elements are known.
func (p *parser) compensateEvent(n *node, e *Element, d *EventDefinition) {
	d.NoWait = !p.boolean(n, "waitForCompletion", true)
	if ref := n.attr("activityRef"); ref != "" && throws(e.Type) {
		p.later = append(p.later, func() {
			if target := p.reference(n, "activityRef", ref); target != nil {
				if d.Activity = p.process.byID[target.attr("id")]; d.Activity == nil || !isActivity(d.Activity.Type) {
					p.report(n, CodeReferenceKind, "activityRef names %q, which is no activity of this process", ref)
				}
			}
		})
	}
}

func (p *parser) cancelEvent(*node, *Element, *EventDefinition) {}

func (p *parser) linkEvent(n *node, _ *Element, d *EventDefinition) {
	if d.LinkName = n.attr("name"); d.LinkName == "" {
		p.report(n, CodeEventDefinition, "the link event has no name; add one, it pairs throw and catch")
	}
	for _, side := range []string{"source", "target"} {
		for _, r := range n.all(nsModel, side) {
			p.reference(r, "<"+side+">", r.text(), "linkEventDefinition")
		}
	}
}

func (p *parser) terminateEvent(n *node, _ *Element, d *EventDefinition) {
	d.TerminateAll = p.booleanText(n, "terminateAll", p.classic(n, "terminateAll"), false)
	d.TerminateLoop = p.booleanText(n, "terminateMultiInstance", p.classic(n, "terminateMultiInstance"), false)
}
