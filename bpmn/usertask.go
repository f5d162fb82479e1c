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

	form := p.zeebeExt(n, "formDefinition")
	if form != nil {
		u.FormID = form.attr("formId")
		if binding := form.attr("bindingType"); binding != "" && binding != string(BindingLatest) {
			p.report(form, CodeUnsupportedAttribute, "the form binding %q is not executed; use latest", binding)
		}
		if ref := form.attr("externalReference"); ref != "" {
			u.FormKey = p.expression(form, DialectZeebe, ref)
		}
	}
	if key := p.either(n, form, "formKey"); key != nil {
		u.FormKey = key
	}
	if ref := p.classic(n, "formRef"); ref != "" && u.FormID == "" {
		u.FormID = ref
		if binding := p.classic(n, "formRefBinding"); binding != "" && binding != string(BindingLatest) {
			p.report(n, CodeUnsupportedAttribute, "the form binding %q is not executed; use latest", binding)
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
		for _, who := range commaList(p.resource(k)) {
			switch {
			case strings.HasPrefix(who, "user(") && strings.HasSuffix(who, ")"):
				users = append(users, strings.TrimSpace(who[5:len(who)-1]))
			case strings.HasPrefix(who, "group(") && strings.HasSuffix(who, ")"):
				groups = append(groups, strings.TrimSpace(who[6:len(who)-1]))
			default:
				groups = append(groups, who)
			}
		}
	}
	if len(users) > 0 && u.CandidateUsers == nil {
		u.CandidateUsers = p.expression(n, p.dialect, strings.Join(users, ","))
	}
	if len(groups) > 0 && u.CandidateGroups == nil {
		u.CandidateGroups = p.expression(n, p.dialect, strings.Join(groups, ","))
	}
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
