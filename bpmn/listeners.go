package bpmn

// listeners reads the execution and user-task listeners of all dialects.
func (p *parser) listeners(n *node) []Listener {
	var out []Listener
	for _, list := range p.extensions(n, isZeebe, "executionListeners") {
		out = append(out, p.zeebeListeners(list, "executionListener", false)...)
	}
	for _, list := range p.extensions(n, isZeebe, "taskListeners") {
		out = append(out, p.zeebeListeners(list, "taskListener", true)...)
	}
	for _, k := range p.classicExts(n, "executionListener") {
		out = append(out, p.classicListener(k, false))
	}
	for _, k := range p.classicExts(n, "taskListener") {
		out = append(out, p.classicListener(k, true))
	}
	return out
}

func (p *parser) zeebeListeners(list *node, name string, task bool) []Listener {
	var out []Listener
	for _, k := range list.all(nsZeebe, name) {
		l := Listener{Task: task, Event: k.attr("eventType")}
		text := k.attr("type")
		if text == "" {
			p.report(k, CodeAttributeMissing, "<zeebe:%s> has no type; add the job type that workers ask for", name)
		}
		l.Job = &JobDefinition{Type: p.expression(k, DialectZeebe, text), Headers: p.zeebeHeaders(k)}
		l.Job.Retries = p.number(k, "retries", p.optional(k, DialectZeebe, k.attr("retries")))
		p.need(k, featureListener)
		out = append(out, l)
	}
	return out
}

func (p *parser) classicListener(n *node, task bool) Listener {
	l := Listener{Task: task, Event: n.attr("event")}
	class, bean, text := n.attr("class"), n.attr("delegateExpression"), n.attr("expression")
	n.attr("id")
	switch {
	case class != "" || bean != "":
		p.report(n, CodeImplementationClass,
			"the listener runs %s, which this engine cannot; write it as an expression or script, or do its work in a task", class+bean)
		p.fields(n)
		return l
	case text != "":
		if p.need(n, featureListener) {
			l.Expression = p.expression(n, DialectCamunda, text)
		}
		return l
	}
	for _, k := range n.kids {
		if k.name != "script" || !isClassic(k.ns) {
			continue
		}
		k.mark = markParsed
		format := k.attr("scriptFormat")
		if p.need(n, featureListener) {
			l.Expression = p.inLanguage(k, format, k.text())
		}
		return l
	}
	p.report(n, CodeMissingImplementation, "the listener does not say what it does; add an expression or script, or remove it")
	return l
}
