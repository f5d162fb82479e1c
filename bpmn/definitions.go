package bpmn

import (
	"strings"
	"unicode"
)

// definitions parses the root element: first what others refer to, then the
// processes.
func (p *parser) definitions(root *node) {
	p.dialect = p.opts.Dialect
	if p.dialect == "" {
		p.dialect = detectDialect(root)
	}
	p.classicNS = classicOrder(p.dialect)
	p.defs = &Definitions{
		ID: root.attr("id"), TargetNamespace: root.attr("targetNamespace"),
		Exporter: root.attr("exporter"), Dialect: p.dialect,
	}
	root.mark = markParsed
	p.collectIDs(root)
	for _, m := range root.all(nsModel, "message") {
		p.rootMessage(m)
	}
	for _, kind := range []string{"signal", "error", "escalation"} {
		for _, n := range root.all(nsModel, kind) {
			p.named(n)
		}
	}
	for _, n := range root.all(nsModel, "process") {
		p.parseProcess(n)
	}
	p.process = nil
	p.pictureReferences(root)
	p.account(root)
	if len(p.defs.Processes) == 0 {
		p.report(root, CodeProcessNoneExecutable, "the file has no process; add one with isExecutable=\"true\"")
	} else if !p.anyExecutable() {
		p.report(root, CodeProcessNoneExecutable,
			"no process of the file is executable; set isExecutable=\"true\" on the one that should run")
	}
	p.defs.Bytes = p.defs.size()
}

func (p *parser) anyExecutable() bool {
	for _, pr := range p.defs.Processes {
		if pr.Executable {
			return true
		}
	}
	return false
}

// collectIDs finds every id of the BPMN model. The diagram and the extensions
// have id spaces of their own.
func (p *parser) collectIDs(n *node) {
	if n.ns != nsModel {
		return
	}
	for i := range n.attrs {
		a := &n.attrs[i]
		if a.ns != "" || a.name != "id" {
			continue
		}
		a.seen = true
		if a.value == "" {
			continue
		}
		if !validID(a.value) {
			p.report(n, CodeIDInvalid,
				"the id %q is not an XML name; use letters, digits, \"_\", \"-\" and \".\"", a.value)
		}
		if first, ok := p.ids[a.value]; ok {
			p.report(n, CodeIDDuplicate, "the id %q is used by <%s> of line %d already; give this <%s> another",
				a.value, first.name, first.line, n.name)
		} else {
			p.ids[a.value] = n
		}
	}
	for _, k := range n.kids {
		p.collectIDs(k)
	}
}

// validID is an XML name without its exact tables of letters, and with digits in
// front, which other engines let pass: it keeps out what would break a path, a
// subject or a log line.
func validID(id string) bool {
	for _, r := range id {
		switch {
		case r == '_' || r == '-' || r == '.' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z':
		case r == 0xB7 || r >= 0xC0 && r != 0xD7 && r != 0xF7 && unicode.IsPrint(r):
		default:
			return false
		}
	}
	return id != ""
}

// reference resolves an attribute or text that names another element of the
// file. References are QNames (BPMN 2.0.2, 8.2.1): a prefix is dropped when the
// whole is not an id. The result is nil, and reported, if there is no such
// element of one of the kinds.
func (p *parser) reference(n *node, what, value string, kinds ...string) *node {
	value = strings.TrimSpace(value)
	if value == "" {
		return nil
	}
	target, ok := p.ids[value]
	if !ok {
		if _, local, cut := strings.Cut(value, ":"); cut {
			target, ok = p.ids[local]
		}
	}
	if !ok {
		p.report(n, CodeReferenceUnknown, "%s names %q, but the file has no such id; correct it or add the element", what, value)
		return nil
	}
	for _, kind := range kinds {
		if target.name == kind {
			return target
		}
	}
	if len(kinds) > 0 {
		p.report(n, CodeReferenceKind, "%s names %q, which is a <%s>; expected <%s>",
			what, value, target.name, strings.Join(kinds, "> or <"))
		return nil
	}
	return target
}

// named marks what signals, errors and escalations have in common.
func (p *parser) named(n *node) {
	p.needID(n)
	n.attr("name")
	n.attr("structureRef")
	n.attr("errorCode")
	n.attr("escalationCode")
	p.classic(n, "errorMessage")
}

func (p *parser) needID(n *node) {
	if n.attr("id") == "" {
		p.report(n, CodeIDMissing, "<%s> has no id; add one", n.name)
	}
}

// rootMessage is a <message>: a name and, for zeebe, the correlation key of its
// subscriptions.
type rootMessage struct {
	name *Expression
	key  *Expression
}

func (p *parser) rootMessage(n *node) {
	p.needID(n)
	n.attr("itemRef")
	m := &rootMessage{}
	if name := n.attr("name"); name != "" {
		m.name = p.expression(n, p.dialect, name)
	}
	if sub := p.zeebeExt(n, "subscription"); sub != nil {
		if key := sub.attr("correlationKey"); key != "" {
			m.key = p.expression(sub, DialectZeebe, key)
		} else {
			p.report(sub, CodeAttributeMissing, "<zeebe:subscription> has no correlationKey; add one such as \"=orderId\"")
		}
	}
	p.messages[n] = m
}

func (p *parser) parseProcess(n *node) {
	pr := &Process{
		ID: n.attr("id"), Name: n.attr("name"), Line: n.line, Dialect: p.dialect, Settings: p.opts.Settings,
		byID: map[string]*Element{}, flowID: map[string]*SequenceFlow{},
	}
	pr.CompensateInParallel = pr.Setting(settingCompensationOrder) == "parallel"
	p.process = pr
	p.processes[n] = pr
	p.defs.Processes = append(p.defs.Processes, pr)
	switch stated := n.attr("isExecutable"); {
	case stated != "":
		pr.Executable = true // so that a wrong value is reported
		pr.Executable = p.booleanText(n, "isExecutable", stated, false)
	case p.dialect == DialectZeebe:
		// Zeebe takes an absent attribute as false, Camunda 7 and Flowable as true.
	default:
		pr.Executable = true
		p.report(n, CodeProcessExecutableUnstated,
			"the process does not say whether it is executable and is taken as executable; set isExecutable")
	}
	if pr.ID == "" {
		p.report(n, CodeProcessIDMissing, "the process has no id; add one, it is the name by which instances are started")
	}
	pr.VersionTag = p.classic(n, "versionTag")
	if tag := p.zeebeExt(n, "versionTag"); tag != nil {
		value := tag.attr("value")
		if p.choose(n, "the version tag", value, pr.VersionTag) {
			pr.VersionTag = value
		}
	}
	p.historyTime(n, pr)
	p.starters(n, pr)

	pr.Scope = &Element{ID: pr.ID, Name: pr.Name, Type: TypeProcess, Line: n.line, Index: -1}
	pr.Scope.Properties = p.properties(n)
	pr.Scope.Listeners = p.listeners(n)
	pr.byID[pr.ID] = pr.Scope
	p.nodes[pr.Scope] = n
	p.links, p.flowIDs = nil, map[string]int{}
	p.scope(n, pr.Scope)
	p.jobPriority(n)
	p.connect()
	pr.findJoins()
	p.validate(n)
}

// jobPriority gives the jobs of the process its default priority.
func (p *parser) jobPriority(n *node) {
	classic := p.number(n, "taskPriority", p.optional(n, DialectCamunda, p.classic(n, "taskPriority")))
	priority := classic
	if z := p.zeebeExt(n, "jobPriorityDefinition"); z != nil {
		zeebe := p.number(z, "priority", p.optional(z, DialectZeebe, z.attr("priority")))
		if p.choose(n, "the job priority", zeebe.text(), classic.text()) {
			priority = zeebe
		}
	}
	for _, e := range p.process.Elements {
		if e.Job != nil && e.Job.Priority == nil {
			e.Job.Priority = priority
		}
	}
}

func (e *Expression) text() string {
	if e == nil {
		return ""
	}
	return e.Text
}
