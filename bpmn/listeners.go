package bpmn

import (
	"slices"
	"strings"

	"github.com/weir-bpm/weir/expression"
)

// listeners reads the execution and user-task listeners of all dialects, in the
// order of the file: those in place first, then jobs.
func (p *parser) listeners(n *node) []Listener {
	var out []Listener
	for _, k := range p.classicExts(n, "executionListener") {
		out = append(out, p.classicListener(k, false, "start", "end"))
	}
	for _, k := range p.classicExts(n, "taskListener") {
		out = append(out, p.classicListener(k, true, "create", "assignment", "update", "complete", "delete", "timeout", "all"))
	}
	for _, list := range p.extensions(n, isZeebe, "executionListeners") {
		events := []string{"start", "end", "cancel"}
		if n.first(nsModel, "multiInstanceLoopCharacteristics") != nil {
			events = append(events, "beforeAll")
		}
		if n.name == "eventBasedGateway" {
			events = []string{"start", "cancel"}
		}
		out = append(out, p.zeebeListeners(list, "executionListener", false, events...)...)
	}
	for _, list := range p.extensions(n, isZeebe, "taskListeners") {
		out = append(out, p.zeebeListeners(list, "taskListener", true, "creating", "assigning", "updating", "completing", "canceling")...)
	}
	return out
}

// flowListeners reads what runs when a token takes a sequence flow. Camunda
// runs them all at the take, whatever event they name; Flowable runs those of
// the start before and those of the end after.
func (p *parser) flowListeners(n *node) []Listener {
	var out []Listener
	order := map[string]int{"start": 0, "take": 1, "": 1, "end": 2}
	for _, k := range p.classicExts(n, "executionListener") {
		l := p.classicListener(k, false, "", "take", "start", "end")
		if l.Job != nil {
			p.report(k, CodeUnsupportedElement, "a listener of a sequence flow runs in place, it cannot be a job; put a service task on the flow")
		}
		out = append(out, l)
	}
	slices.SortStableFunc(out, func(a, b Listener) int { return order[a.Event] - order[b.Event] })
	for i := range out {
		out[i].Event = "take"
	}
	return out
}

func (p *parser) zeebeListeners(list *node, name string, task bool, events ...string) []Listener {
	var out []Listener
	for _, k := range list.all(nsZeebe, name) {
		l := Listener{Task: task, Event: k.attr("eventType"), Line: k.line}
		text := k.attr("type")
		if text == "" {
			p.report(k, CodeAttributeMissing, "<zeebe:%s> has no type; add the job type that workers ask for", name)
		}
		l.Job = &JobDefinition{Type: p.expression(k, DialectZeebe, text), Headers: p.listenerHeaders(k)}
		l.Job.Retries = p.number(k, "retries", p.optional(k, DialectZeebe, k.attr("retries")))
		if !slices.Contains(events, l.Event) {
			p.report(k, CodeUnsupportedElement, "<zeebe:%s> of the event %q is not executed; %s", name, l.Event, p.tables.wayOut("<"+name+">"))
			continue
		}
		out = append(out, l)
	}
	return out
}

// listenerHeaders reads the headers that stand directly in a listener.
func (p *parser) listenerHeaders(n *node) map[string]string {
	headers := p.zeebeHeaders(n)
	for _, list := range n.all(nsZeebe, "taskHeaders") {
		for _, h := range list.all(nsZeebe, "header") {
			if headers == nil {
				headers = map[string]string{}
			}
			headers[h.attr("key")] = h.attr("value")
		}
	}
	return headers
}

func (p *parser) classicListener(n *node, task bool, events ...string) Listener {
	l := Listener{Task: task, Event: n.attr("event"), ID: n.attr("id"), Line: n.line}
	if !slices.Contains(events, l.Event) {
		p.report(n, CodeAttributeValue, "the event of the listener is %q; expected one of %s", l.Event, strings.Join(events, ", "))
	}
	class, bean, text := n.attr("class"), n.attr("delegateExpression"), n.attr("expression")
	// Flowable says type="script" of one that has a <script>.
	if kind := n.attr("type"); kind != "" && kind != "script" {
		p.report(n, CodeUnsupportedAttribute, "a listener of type %q is not executed; write it as an expression or script", kind)
	}
	if timer := n.first(nsModel, "timerEventDefinition"); timer != nil && l.Event == "timeout" {
		timer.mark = markParsed
		if l.ID == "" {
			p.report(n, CodeIDMissing, "the timeout listener has no id; add one")
		}
		l.Timer = &EventDefinition{Kind: EventTimer}
		p.timerEvent(timer, nil, l.Timer)
	}
	if mapped, ok := p.opts.ClassMap[class+bean]; ok && class+bean != "" {
		l.Job = &JobDefinition{Type: constant(strings.TrimPrefix(mapped, "job:")), Headers: p.fields(n, nil)}
		return l
	}
	switch {
	case strings.HasSuffix(class, ".ScriptExecutionListener") || strings.HasSuffix(class, ".ScriptTaskListener"):
		// Flowable's own listener class takes the script from its fields.
		fields := p.fields(n, nil)
		l.Expression = p.inLanguage(n, fields["language"], fields["script"])
		return l
	case class != "" || bean != "":
		p.report(n, CodeImplementationClass,
			"the listener runs %s, which this engine cannot; write it as an expression or script, or deploy with --map-class '%s=job:<type>'", class+bean, class+bean)
		p.seeFields(n)
		return l
	case text != "":
		l.Expression = &Expression{Text: text, Constant: text}
		if strings.Contains(text, "${") || strings.Contains(text, "#{") {
			l.Expression = p.compile(n, expression.JUEL, strings.TrimSpace(text), expression.Writes())
		}
		return l
	}
	for _, k := range n.kids {
		if k.name != "script" || !isClassic(k.ns) {
			continue
		}
		k.mark = markParsed
		format := k.attr("scriptFormat")
		if language := k.attr("language"); format == "" {
			format = language
		}
		l.Expression = p.extensionScript(k, format)
		return l
	}
	p.report(n, CodeMissingImplementation, "the listener does not say what it does; add an expression or script, or remove it")
	return l
}
