package bpmn

import "strings"

// userTask parses who should do a user task and with which form, in the terms of
// all dialects and of BPMN itself (BPMN 2.0.2, 10.3.4.1).
func (p *parser) userTask(n *node, e *Element) {
	u := &UserTaskDefinition{}
	e.UserTask = u
	p.zeebeExt(n, "userTask") // marks a native user task; all are
	assign := p.zeebeExt(n, "assignmentDefinition")
	schedule := p.zeebeExt(n, "taskSchedule")
	priority := p.zeebeExt(n, "priorityDefinition")
	u.Assignee = p.either(n, assign, "assignee")
	u.CandidateUsers = p.either(n, assign, "candidateUsers")
	u.CandidateGroups = p.either(n, assign, "candidateGroups")
	u.DueDate = p.dateOrDuration(n, "dueDate", p.either(n, schedule, "dueDate"))
	u.FollowUpDate = p.dateOrDuration(n, "followUpDate", p.either(n, schedule, "followUpDate"))
	u.Priority = p.number(n, "priority", p.either(n, priority, "priority"))
	p.owners(n, u)
	switch name := p.classic(n, "businessCalendarName"); name {
	case "", "dueDate", "duration": // what dates and durations mean by themselves
	default:
		p.report(n, CodeUnsupportedAttribute, "the business calendar %q is not known; remove businessCalendarName and write the date as an expression", name)
	}
	for _, k := range p.classicExts(n, "customResource") {
		k.keepOut()
		p.report(k, CodeAttributeNoEffect, "the resource %q has no effect: a task has an assignee, an owner and candidates; write the people as one of these", p.prefixed(k, "name"))
	}

	p.taskRange(n, u.Priority)
	p.form(n, u)
	p.formHandler(n)
	e.Form = p.formOf(n)
	u.Owner = p.optional(n, DialectFlowable, p.classic(n, "owner"))
	u.Category = p.optional(n, DialectFlowable, p.classic(n, "category"))
	u.IDVariable = p.optional(n, DialectFlowable, p.classic(n, "taskIdVariableName"))
	u.CompleterVariable = p.optional(n, DialectFlowable, p.classic(n, "taskCompleterVariableName"))
	if doc := n.first(nsModel, "documentation"); doc != nil {
		doc.keepOut()
		if text := strings.TrimSpace(doc.text()); len(text) <= maxDescription {
			u.Description = text
		}
	}
	if headers := p.zeebeHeaders(n); headers != nil {
		for k, v := range e.Properties {
			if _, ok := headers[k]; !ok {
				headers[k] = v
			}
		}
		e.Properties = headers
	}
}

// maxDescription bounds the documentation that a task takes along, in bytes; a
// longer one is for the picture.
const maxDescription = 2048

// taskRange checks a constant priority: 0 to 100 in zeebe models; the others
// recommend that range.
func (p *parser) taskRange(n *node, e *Expression) {
	if e == nil || e.Program != nil || p.dialect != DialectZeebe {
		return
	}
	if i, ok := e.Constant.(int64); ok && (i < 0 || i > 100) {
		p.report(n, CodeAttributeValue, "the priority is %d; expected 0 to 100", i)
	}
}

// formHandler refuses the class that handles the data of a form.
func (p *parser) formHandler(n *node) {
	if class := p.classic(n, "formHandlerClass"); class != "" {
		p.report(n, CodeImplementationClass, "the form is handled by the Java class %s, which this engine cannot; remove it, the client that shows the form handles it", class)
	}
}

// form reads which form the client shows: a key, or an id with the version that
// is meant. The engine passes both on.
func (p *parser) form(n *node, u *UserTaskDefinition) {
	form := p.zeebeExt(n, "formDefinition")
	if form != nil {
		u.FormID = form.attr("formId")
		u.FormBinding = p.binding(form, form.attr("bindingType"))
		u.FormVersion = p.optional(form, DialectZeebe, form.attr("versionTag"))
		if ref := form.attr("externalReference"); ref != "" {
			u.FormKey = p.expression(form, DialectZeebe, ref)
		}
	}
	if key := p.either(n, form, "formKey"); key != nil {
		u.FormKey = key
	}
	if ref := p.classic(n, "formRef"); ref != "" && u.FormID == "" {
		u.FormID = ref
		u.FormBinding = p.binding(n, p.classic(n, "formRefBinding"))
		u.FormVersion = p.optional(n, DialectCamunda, p.classic(n, "formRefVersion"))
	}
	if same := p.classic(n, "sameDeployment"); same != "" && p.booleanText(n, "sameDeployment", same, true) && u.FormBinding == "" {
		u.FormBinding = BindingDeployment
	}
	if u.FormBinding == BindingLatest {
		u.FormBinding = ""
	}
}

// either reads a value that zeebe has on an extension element and the others as
// an attribute of the same name on the element itself.
func (p *parser) either(n, ext *node, name string) *Expression {
	zeebe := ""
	if ext != nil {
		zeebe = ext.attr(name)
	}
	classic := p.classic(n, name)
	switch {
	case zeebe == "" && classic == "":
		return nil
	case p.choose(n, name, zeebe, classic):
		return p.expression(ext, DialectZeebe, zeebe)
	}
	return p.expression(n, DialectCamunda, classic)
}

// owners reads BPMN's own humanPerformer and potentialOwner: an expression such
// as "user(ada), group(sales)" or "sales", or a reference to a resource, whose
// name then is the user or group.
func (p *parser) owners(n *node, u *UserTaskDefinition) {
	var users, groups []string
	for _, name := range []string{"humanPerformer", "performer"} {
		for _, k := range n.all(nsModel, name) {
			if who := p.resource(k); who != "" && u.Assignee == nil {
				u.Assignee = p.expression(k, p.dialect, who)
			}
		}
	}
	for _, k := range n.all(nsModel, "potentialOwner") {
		someUsers, someGroups := p.resourceNames(p.resource(k))
		users, groups = append(users, someUsers...), append(groups, someGroups...)
	}
	if len(users) > 0 && u.CandidateUsers == nil {
		u.CandidateUsers = p.expression(n, p.dialect, strings.Join(users, ","))
	}
	if len(groups) > 0 && u.CandidateGroups == nil {
		u.CandidateGroups = p.expression(n, p.dialect, strings.Join(groups, ","))
	}
}

// resourceNames splits "user(ada), group(sales), ops" into users and groups.
func (p *parser) resourceNames(text string) (users, groups []string) {
	for _, who := range commaList(text) {
		switch {
		case strings.HasPrefix(who, "user(") && strings.HasSuffix(who, ")"):
			users = append(users, strings.TrimSpace(who[5:len(who)-1]))
		case strings.HasPrefix(who, "group(") && strings.HasSuffix(who, ")"):
			groups = append(groups, strings.TrimSpace(who[6:len(who)-1]))
		default:
			groups = append(groups, who)
		}
	}
	return users, groups
}

func (p *parser) resource(n *node) string {
	n.attr("name")
	if assign := n.first(nsModel, "resourceAssignmentExpression"); assign != nil {
		for _, kind := range []string{"formalExpression", "expression"} {
			if k := assign.first(nsModel, kind); k != nil {
				k.attr("language")
				return strings.TrimSpace(k.text())
			}
		}
	}
	if ref := n.first(nsModel, "resourceRef"); ref != nil {
		if target := p.reference(ref, "<resourceRef>", ref.text(), "resource"); target != nil {
			return target.attr("name")
		}
	}
	return ""
}
