package bpmn

import (
	"cmp"
	"strings"

	"github.com/weir-bpm/weir/expression"
)

// plainTask parses manual and undefined tasks, which are passed through.
func (p *parser) plainTask(*node, *Element) {}

// serviceTask parses service and send tasks.
func (p *parser) serviceTask(n *node, e *Element) {
	n.attr("operationRef")
	var name *Expression
	if ref := n.attr("messageRef"); ref != "" {
		if target := p.reference(n, "messageRef", ref, "message"); target != nil {
			name = p.messages[target].name
		}
	}
	if e.Type == TypeSendTask && p.publishes(e, name, n) {
		return
	}
	if p.classic(n, "type") == "dmn" {
		p.flowableDecision(n, e)
		return
	}
	p.triggerable(n, e)
	if p.implementation(n, n, e) == "" {
		p.report(n, CodeMissingImplementation,
			"the %s does not say how it is carried out; give it a job type (zeebe:taskDefinition type, or camunda:type=\"external\" with a topic)",
			taskWord(e.Type))
	}
}

func taskWord(t Type) string {
	switch t { //nolint:exhaustive // the default says it for all others
	case TypeServiceTask:
		return "service task"
	case TypeSendTask:
		return "send task"
	case TypeBusinessRuleTask:
		return "business rule task"
	case TypeScriptTask:
		return "script task"
	}
	return string(t)
}

// businessRuleTask parses a task that evaluates a decision, or has a job do so.
func (p *parser) businessRuleTask(n *node, e *Element) {
	zeebe := p.zeebeExt(n, "calledDecision")
	classic := p.classic(n, "decisionRef")
	id := ""
	if zeebe != nil {
		if id = zeebe.attr("decisionId"); id == "" {
			p.report(zeebe, CodeAttributeMissing, "<zeebe:calledDecision> has no decisionId; add one")
		}
	}
	impl := p.implementation(n, n, e)
	if zeebe == nil && classic == "" {
		if impl == "" {
			p.report(n, CodeMissingImplementation,
				"the business rule task does not say how it is carried out; give it a decision (zeebe:calledDecision or camunda:decisionRef) or a job type")
		}
		return
	}
	if impl != "" {
		p.report(n, CodeDialectConflict, "the task has both a decision and %s; the decision is used, remove the other", impl)
		e.Job, e.ServiceExpression = nil, nil
	}
	if p.choose(n, "the decision", id, classic) || classic == "" {
		p.zeebeDecision(zeebe, id, e)
	} else {
		p.classicDecision(n, classic, e)
	}
}

func (p *parser) zeebeDecision(z *node, id string, e *Element) {
	e.ResultVariable = z.attr("resultVariable")
	e.Decision = &DecisionDefinition{
		DecisionID: p.expression(z, DialectZeebe, id),
		Binding:    p.binding(z, z.attr("bindingType")),
		VersionTag: p.optional(z, DialectZeebe, z.attr("versionTag")),
	}
}

func (p *parser) classicDecision(n *node, id string, e *Element) {
	e.ResultVariable = p.classic(n, "resultVariable")
	d := &DecisionDefinition{
		DecisionID: p.expression(n, DialectCamunda, id),
		Binding:    p.binding(n, p.classic(n, "decisionRefBinding")),
		Version:    p.number(n, "decisionRefVersion", p.optional(n, DialectCamunda, p.classic(n, "decisionRefVersion"))),
		VersionTag: p.optional(n, DialectCamunda, p.classic(n, "decisionRefVersionTag")),
		MapResult:  p.classic(n, "mapDecisionResult"),
	}
	switch d.MapResult {
	case "":
		d.MapResult = "resultList"
	case "singleEntry", "singleResult", "collectEntries", "resultList":
	default:
		p.report(n, CodeAttributeValue, "mapDecisionResult is %q; expected singleEntry, singleResult, collectEntries or resultList", d.MapResult)
	}
	e.Decision = d
}

// scriptTask parses a script that the engine runs, or that a job runs.
func (p *parser) scriptTask(n *node, e *Element) {
	impl := p.implementation(n, n, e)
	script := n.first(nsModel, "script")
	format := n.attr("scriptFormat")
	z := p.zeebeExt(n, "script")
	resource := p.classic(n, "resource")
	switch {
	case z != nil:
		e.ResultVariable = z.attr("resultVariable")
		text := z.attr("expression")
		if text == "" {
			p.report(z, CodeAttributeMissing, "<zeebe:script> has no expression; add one such as \"=a + b\"")
		} else {
			e.Script = &ScriptDefinition{Source: p.expression(z, DialectZeebe, text)}
		}
		return
	case impl != "":
		return
	case script != nil && resource == "" && format != "" && strings.TrimSpace(script.text()) == "" && p.dialect == DialectCamunda:
		e.ResultVariable = cmp.Or(p.classic(n, "resultVariable"), p.classic(n, "resultVariableName"))
		e.Script = &ScriptDefinition{Source: &Expression{}}
		p.report(script, CodeScriptEmpty, "the script is empty and gives null; write it, or remove the task")
		return
	case resource != "" || script != nil && strings.TrimSpace(script.text()) != "":
		if e.ResultVariable = p.classic(n, "resultVariable"); e.ResultVariable == "" {
			e.ResultVariable = p.classic(n, "resultVariableName")
		}
		if format == "" && (p.dialect == DialectCamunda || p.dialect == DialectFlowable) {
			format = string(expression.JUEL) // what these engines take it for
		}
		if format == "" {
			p.report(n, CodeAttributeMissing, "the script task has no scriptFormat; add one such as \"javascript\"")
		} else {
			opts := []expression.Option{expression.Writes()}
			if p.booleanText(n, "doNotIncludeVariables", p.classic(n, "doNotIncludeVariables"), false) {
				opts = append(opts, expression.NoVariables())
			}
			if p.booleanText(n, "autoStoreVariables", p.classic(n, "autoStoreVariables"), false) {
				opts = append(opts, expression.AutoStore())
			}
			holder, inline := n, ""
			if script != nil {
				holder, inline = script, script.text()
			}
			if source := p.script(holder, format, resource, inline, opts...); source != nil {
				e.Script = &ScriptDefinition{Source: source}
			}
		}
		return
	}
	p.report(n, CodeMissingImplementation,
		"the script task has neither a script nor a job type; add <script> with a scriptFormat, or a zeebe:taskDefinition type")
}

// receiveTask parses a task that waits for a message. Without one it waits for a
// command, except in zeebe, which knows none (BPMN 2.0.2, 10.3.3: messageRef is
// optional).
func (p *parser) receiveTask(n *node, e *Element) {
	n.attr("operationRef")
	e.Instantiate = p.boolean(n, "instantiate", false)
	e.Event = &EventDefinition{Kind: EventMessage}
	p.messageRef(n, e.Event)
	if n.attr("messageRef") != "" || e.Event.MessageName != nil {
		return
	}
	switch {
	case p.dialect == DialectZeebe || e.Instantiate:
		p.report(n, CodeReferenceMissing, "the receive task names no message; add messageRef")
	default:
		e.Event, e.Triggered = nil, true
	}
}

// triggerable reads flowable's attribute of that name: the task waits after its
// work until a command continues it.
func (p *parser) triggerable(n *node, e *Element) {
	e.Triggered = p.booleanText(n, "triggerable", p.classic(n, "triggerable"), false)
}
