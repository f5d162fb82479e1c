package bpmn

import (
	"strings"

	"github.com/weir-bpm/weir/expression"
	"github.com/weir-bpm/weir/expression/timers"
)

// implementation finds how a service-like element is carried out. The zeebe
// extensions stand on the element; the attributes of camunda and flowable on
// holder, which is the message event definition of a message throw event. It
// returns a short description, "" if there is none.
func (p *parser) implementation(n, holder *node, e *Element) string {
	zeebe := p.zeebeJob(n)
	classic := p.classicImpl(holder)
	zeebeText, classicText := "", ""
	if zeebe != nil {
		zeebeText = zeebe.Type.Text
	}
	if classic != nil {
		classicText = classic.text
	}
	switch {
	case zeebe == nil && classic == nil:
		return ""
	case zeebe != nil && (classic == nil || p.choose(n, "the job type", zeebeText, classicText)):
		e.Job = zeebe
	default:
		classic.apply(p, n, holder, e)
	}
	if v := p.classic(n, "resultVariable"); v != "" {
		e.ResultVariable = v
	} else if v := p.classic(n, "resultVariableName"); v != "" {
		e.ResultVariable = v
	}
	p.resultPlace(n, e)
	if e.Job != nil {
		p.jobExtras(n, e, e.Job != zeebe)
		return "the job type " + e.Job.Type.Text
	}
	return classic.kind + " " + classic.text
}

func (p *parser) zeebeJob(n *node) *JobDefinition {
	def := p.zeebeExt(n, "taskDefinition")
	headers := p.zeebeHeaders(n)
	if def == nil {
		return nil
	}
	text := def.attr("type")
	if text == "" {
		p.report(def, CodeAttributeMissing, "<zeebe:taskDefinition> has no type; add the job type that workers ask for")
	}
	job := &JobDefinition{Type: p.expression(def, DialectZeebe, text), Headers: headers}
	job.Retries = p.number(def, "retries", p.optional(def, DialectZeebe, def.attr("retries")))
	if prio := p.zeebeExt(n, "jobPriorityDefinition"); prio != nil {
		job.Priority = p.number(prio, "priority", p.optional(prio, DialectZeebe, prio.attr("priority")))
	}
	job.Links = p.linkedResources(n)
	if _, ok := job.Headers[LinksHeader]; ok && len(job.Links) > 0 {
		p.report(n, CodeAttributeValue, "the header %q is that of the linked resources; give the header of the task another key", LinksHeader)
	}
	return job
}

// linkedResources reads what a worker takes along.
func (p *parser) linkedResources(n *node) []LinkedResource {
	list := p.zeebeExt(n, "linkedResources")
	if list == nil {
		return nil
	}
	var out []LinkedResource
	for _, k := range list.all(nsZeebe, "linkedResource") {
		r := LinkedResource{Type: k.attr("resourceType"), Name: k.attr("linkName"), VersionTag: k.attr("versionTag")}
		id := k.attr("resourceId")
		for _, name := range []string{"resourceId", "resourceType", "linkName"} {
			if k.attr(name) == "" {
				p.report(k, CodeAttributeMissing, "<zeebe:linkedResource> has no %s; add one", name)
			}
		}
		r.ID = p.expression(k, DialectZeebe, id)
		switch r.Binding = p.binding(k, k.attr("bindingType")); {
		case r.Binding == BindingVersion:
			p.report(k, CodeAttributeValue, "the binding version is not one of linked resources; use latest, deployment or versionTag")
		case r.Binding == BindingVersionTag && r.VersionTag == "":
			p.report(k, CodeAttributeMissing, "the binding versionTag needs the attribute versionTag; add it")
		case r.Binding != BindingVersionTag && r.VersionTag != "":
			p.report(k, CodeAttributeNoEffect, "the versionTag %q has no effect: the binding is %s; write bindingType=\"versionTag\"", r.VersionTag, r.Binding)
		}
		out = append(out, r)
	}
	return out
}

func (p *parser) zeebeHeaders(n *node) map[string]string {
	list := p.zeebeExt(n, "taskHeaders")
	if list == nil {
		return nil
	}
	headers := map[string]string{}
	for _, h := range list.all(nsZeebe, "header") {
		key, value := h.attr("key"), h.attr("value")
		if key == "" {
			p.report(h, CodeAttributeNoEffect, "<zeebe:header> has no key and is left out; add one, or remove it")
			continue
		}
		headers[key] = value
	}
	return headers
}

// classicImpl is what camunda and flowable attributes say: one of several kinds.
type classicImpl struct {
	kind string // topic, class, bean, expression, builtin, connector
	text string
	// connector is the element of that kind.
	connector *node
}

func (p *parser) classicImpl(n *node) *classicImpl {
	kind, topic := p.classic(n, "type"), p.classic(n, "topic")
	class, bean, expr := p.classic(n, "class"), p.classic(n, "delegateExpression"), p.classic(n, "expression")
	connectors := p.classicExts(n, "connector")
	switch {
	case kind == "external" || kind == "external-worker":
		if topic == "" {
			p.report(n, CodeAttributeMissing, "the external task has no topic; add one, it is the job type that workers ask for")
		}
		return &classicImpl{kind: "topic", text: topic}
	case kind != "":
		return &classicImpl{kind: "builtin", text: kind}
	case class != "":
		return &classicImpl{kind: "class", text: class}
	case bean != "":
		return &classicImpl{kind: "bean", text: bean}
	case expr != "":
		return &classicImpl{kind: "expression", text: expr}
	case len(connectors) > 0:
		connectors[0].mark = markRefused
		id := ""
		for _, k := range connectors[0].kids {
			if k.name == "connectorId" {
				id = strings.TrimSpace(k.text())
			}
		}
		return &classicImpl{kind: "connector", text: id, connector: connectors[0]}
	}
	return nil
}

func (c *classicImpl) apply(p *parser, n, holder *node, e *Element) {
	if mapped, ok := p.opts.ClassMap[c.text]; ok && c.kind != "topic" {
		e.Job = &JobDefinition{Type: constant(strings.TrimPrefix(mapped, "job:")), Headers: p.fields(holder, e)}
		return
	}
	switch c.kind {
	case "topic":
		e.Job = &JobDefinition{Type: p.expression(holder, DialectCamunda, c.text), Errors: p.jobErrors(n)}
		p.workerParameters(n, e)
	case "class", "bean":
		what := "Java class"
		if c.kind == "bean" {
			what = "Java bean"
		}
		p.report(holder, CodeImplementationClass,
			"the element runs the %s %s, which this engine cannot; give it a job type (camunda:type=\"external\" with a topic, or zeebe:taskDefinition) or deploy with --map-class '%s=job:<type>'",
			what, c.text, c.text)
		p.seeFields(holder)
	case "expression":
		e.ServiceExpression = p.expression(holder, DialectCamunda, c.text, expression.Writes())
	case "builtin", "connector":
		if c.kind == "builtin" && c.text == "http" {
			p.flowableHTTP(holder, e)
			return
		}
		if c.connector != nil && c.text == connectorHTTP {
			p.httpConnector(holder, c.connector, e)
			return
		}
		p.report(holder, CodeImplementationBuiltin,
			"the element needs the %s %q of another engine; give it a job type and let a worker do it, or deploy with --map-class '%s=job:<type>'",
			c.kind, c.text, c.text)
		p.seeFields(holder)
	}
}

func constant(text string) *Expression { return &Expression{Text: text, Constant: text} }

// seeFields marks the fields of a class that is refused.
func (p *parser) seeFields(n *node) {
	for _, f := range p.fieldsOf(n) {
		f.keepOut()
	}
}

// fieldsOf returns the fields of an element, or those inside a listener.
func (p *parser) fieldsOf(n *node) []*node {
	list := p.classicExts(n, "field")
	for _, k := range n.kids {
		if k.name == "field" && isClassic(k.ns) {
			k.mark = markParsed
			list = append(list, k)
		}
	}
	return list
}

// fieldOf reads one injected value, an expression as its text.
func fieldOf(f *node) (name, value string) {
	name, value = f.attr("name"), f.attr("stringValue")
	if text := f.attr("expression"); text != "" {
		value = text
	}
	for _, k := range f.kids {
		if k.name == "string" || k.name == "expression" {
			k.mark = markParsed
			value = strings.TrimSpace(k.text())
		}
	}
	return name, value
}

// fields reads values injected into a class; for a class that a job type stands
// in for they are headers, and those that are expressions inputs of the element.
// A listener, which has no inputs, passes none.
func (p *parser) fields(n *node, e *Element) map[string]string {
	headers := map[string]string{}
	for _, f := range p.fieldsOf(n) {
		name, value := fieldOf(f)
		if strings.Contains(value, "${") || strings.Contains(value, "#{") {
			if e != nil {
				e.Inputs = append(e.Inputs, Mapping{Target: name, Source: p.expression(f, DialectCamunda, value)})
				continue
			}
			p.report(f, CodeUnsupportedAttribute,
				"the field %q is an expression, but the headers of a job are constant; let the worker compute it", name)
		}
		headers[name] = value
	}
	return headers
}

// jobExtras reads what camunda and flowable add to a job: priority, retries and,
// for their own jobs, extension properties, which workers see as headers.
func (p *parser) jobExtras(n *node, e *Element, classic bool) {
	job := e.Job
	if text := p.classic(n, "taskPriority"); text != "" && job.Priority == nil {
		job.Priority = p.number(n, "taskPriority", p.expression(n, DialectCamunda, text))
	}
	cycles := p.classicExts(n, "failedJobRetryTimeCycle")
	if loop := n.first(nsModel, "multiInstanceLoopCharacteristics"); loop != nil && len(cycles) == 0 {
		cycles = p.classicExts(loop, "failedJobRetryTimeCycle")
	}
	for _, r := range cycles {
		p.retryCycle(r, job)
	}
	if !classic {
		return
	}
	for _, k := range sortedKeys(e.Properties) {
		if job.Headers == nil {
			job.Headers = map[string]string{}
		}
		if _, ok := job.Headers[k]; !ok {
			job.Headers[k] = e.Properties[k]
		}
	}
}

// retryCycle reads when a failed job is tried again: a text, or an expression
// that gives one.
func (p *parser) retryCycle(r *node, job *JobDefinition) {
	text := strings.TrimSpace(r.text())
	if strings.Contains(text, "${") || strings.Contains(text, "#{") {
		job.RetryExpression = p.compile(r, expression.JUEL, text)
		return
	}
	job.RetryCycle = text
	if err := CheckRetryCycle(text); err != nil {
		p.report(r, CodeTimerInvalid, "failedJobRetryTimeCycle %q cannot be read: %v; write R5/PT5M or a list such as PT1M,PT10M", text, err)
	}
}

// CheckRetryCycle checks the two forms of camunda's failedJobRetryTimeCycle: a
// repeating interval, or a list of durations.
func CheckRetryCycle(text string) error {
	if strings.HasPrefix(text, "R") {
		_, err := timers.ParseCycle(text, timers.CycleOptions{})
		return err
	}
	for _, part := range strings.Split(text, ",") {
		if _, err := timers.ParseDuration(strings.TrimSpace(part)); err != nil {
			return err
		}
	}
	return nil
}

// properties reads the modeller's key-value properties of all dialects.
func (p *parser) properties(n *node) map[string]string {
	var props map[string]string
	for _, list := range p.extensions(n, func(ns string) bool { return dialectOf(ns) != "" }, "properties") {
		for _, k := range list.kids {
			if k.name != "property" || k.ns != list.ns {
				continue
			}
			k.mark = markParsed
			name, value := k.attr("name"), k.attr("value")
			if id := k.attr("id"); name == "" {
				name = id
			}
			if props == nil {
				props = map[string]string{}
			}
			if name != "" {
				props[name] = value
			}
		}
	}
	return props
}
