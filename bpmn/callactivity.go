package bpmn

import "strings"

// callActivity parses which process is called, in which version, and what is
// passed in and out (BPMN 2.0.2, 10.3.6).
func (p *parser) callActivity(n *node, e *Element) {
	c := &CallDefinition{Binding: BindingLatest}
	e.Call = c
	core := strings.TrimSpace(n.attr("calledElement"))
	if _, local, ok := strings.Cut(core, ":"); ok && !strings.ContainsAny(core, "{=") {
		core = local // a QName; an id has no colon
	}
	z := p.zeebeExt(n, "calledElement")
	zeebe := ""
	if z != nil {
		zeebe = z.attr("processId")
		if old := z.attr("processIdExpression"); old != "" && zeebe == "" {
			zeebe = "=" + strings.TrimPrefix(old, "=")
		}
	}
	switch {
	case core == "" && zeebe == "":
		if p.classic(n, "caseRef") != "" {
			p.report(n, CodeUnsupportedElement, "the call activity calls a CMMN case, which is not executed; call a process")
			for _, name := range []string{"caseBinding", "caseVersion", "caseTenantId"} {
				p.classic(n, name)
			}
			p.inOut(n, c)
			p.mappingClass(n)
			return
		}
		p.report(n, CodeCallTarget, "the call activity names no process; add calledElement, or zeebe:calledElement with a processId")
	case p.choose(n, "the called process", zeebe, core):
		c.ProcessID = p.expression(z, DialectZeebe, zeebe)
	default:
		c.ProcessID = p.expression(n, p.dialect, core)
	}
	switch {
	case z != nil && zeebe != "":
		p.zeebeCall(z, e, c)
	case p.dialect == DialectPlain || p.dialect == DialectZeebe:
		// BPMN has no words for it, so that the child sees what the caller sees.
		c.PassAll = true
	default:
		p.classicCall(n, e, c)
	}
	p.inOut(n, c)
	p.mappingClass(n)
	if c.PassAll && len(c.In) > 0 {
		// With mappings only these count, so that "all" has to be one of them.
		c.In = append([]Mapping{{All: true}}, c.In...)
	}
}

// mappingClass refuses code that passes the variables in and out.
func (p *parser) mappingClass(n *node) {
	for _, name := range []string{"variableMappingClass", "variableMappingDelegateExpression"} {
		if class := p.classic(n, name); class != "" {
			p.report(n, CodeImplementationClass, "the variables are passed by the Java class or bean %s, which this engine cannot; use in and out mappings", class)
		}
	}
}

func (p *parser) zeebeCall(z *node, e *Element, c *CallDefinition) {
	c.PassAll = p.boolean(z, "propagateAllParentVariables", true)
	c.PassLocal = !c.PassAll
	e.PropagateAll = p.boolean(z, "propagateAllChildVariables", true) && len(e.Outputs) == 0
	c.Binding = p.binding(z, z.attr("bindingType"))
	c.VersionTag = p.optional(z, DialectZeebe, z.attr("versionTag"))
	c.BusinessKey = p.optional(z, DialectZeebe, z.attr("businessId"))
	if c.Binding == BindingVersionTag && c.VersionTag == nil {
		p.report(z, CodeAttributeMissing, "the binding versionTag needs a versionTag; add one")
	}
}

func (p *parser) classicCall(n *node, e *Element, c *CallDefinition) {
	e.PropagateAll = false
	c.Binding = p.binding(n, p.classic(n, "calledElementBinding"))
	c.Version = p.number(n, "calledElementVersion", p.optional(n, DialectCamunda, p.classic(n, "calledElementVersion")))
	c.VersionTag = p.optional(n, DialectCamunda, p.classic(n, "calledElementVersionTag"))
	switch {
	case c.Binding == BindingVersion && c.Version == nil:
		p.report(n, CodeAttributeMissing, "the binding version needs a calledElementVersion; add one")
	case c.Binding == BindingVersionTag && c.VersionTag == nil:
		p.report(n, CodeAttributeMissing, "the binding versionTag needs a calledElementVersionTag; add one")
	}
	switch kind := p.classic(n, "calledElementType"); kind {
	case "", "key":
	case "id":
		c.ByID = true
	default:
		p.report(n, CodeAttributeValue, "calledElementType is %q; use key, or id for the id of a version such as order:3", kind)
	}
	if key := p.classic(n, "businessKey"); key != "" {
		c.BusinessKey = p.expression(n, DialectFlowable, key)
	}
	c.InheritBusinessKey = p.booleanText(n, "inheritBusinessKey", p.classic(n, "inheritBusinessKey"), false)
	c.IDVariable = p.optional(n, DialectFlowable, p.classic(n, "idVariableName"))
	if tenant := p.classic(n, "calledElementTenantId"); tenant != "" {
		c.TenantID = p.expression(n, DialectCamunda, tenant)
	}
	if p.booleanText(n, "fallbackToDefaultTenant", p.classic(n, "fallbackToDefaultTenant"), false) {
		p.report(n, CodeAttributeNoEffect, "fallbackToDefaultTenant has no effect: tenants do not see each other's processes; deploy the called process for each tenant, else the call stops with an incident")
	}
	if p.booleanText(n, "useLocalScopeForOutParameters", p.classic(n, "useLocalScopeForOutParameters"), false) {
		p.later = append(p.later, func() {
			for i := range c.Out {
				c.Out[i].Local = true
			}
		})
	}
	if p.booleanText(n, "inheritVariables", p.classic(n, "inheritVariables"), false) {
		c.PassAll = true
	}
	if p.booleanText(n, "sameDeployment", p.classic(n, "sameDeployment"), false) {
		c.Binding = BindingDeployment
	}
}

func (p *parser) binding(n *node, text string) Binding {
	switch b := Binding(text); b {
	case "":
		return BindingLatest
	case BindingLatest, BindingDeployment, BindingVersion, BindingVersionTag:
		return b
	}
	p.report(n, CodeAttributeValue, "the binding %q is not known; use latest, deployment, version or versionTag", text)
	return BindingLatest
}

// inOut reads the in and out mappings of camunda and flowable.
func (p *parser) inOut(n *node, c *CallDefinition) {
	for _, k := range p.classicExts(n, "in") {
		if key, ok := k.lookup("", "businessKey"); ok {
			c.BusinessKey = p.expression(k, DialectCamunda, key)
			continue
		}
		if m, ok := p.callMapping(k); ok {
			c.In = append(c.In, m)
		}
	}
	for _, k := range p.classicExts(n, "out") {
		if m, ok := p.callMapping(k); ok {
			if m.Transient {
				m.Transient = false
				p.report(k, CodeAttributeNoEffect, "the attribute transient=\"true\" has no effect: Flowable looks at it in <in> alone, and keeps what comes out; remove it")
			}
			c.Out = append(c.Out, m)
		}
	}
}

func (p *parser) callMapping(n *node) (Mapping, bool) {
	m := Mapping{Local: p.boolean(n, "local", false)}
	m.Transient = p.boolean(n, "transient", false)
	if v := n.attr("variables"); v != "" {
		if v != "all" {
			p.report(n, CodeAttributeValue, "variables is %q; the only value is \"all\"", v)
		}
		m.All = true
		return m, true
	}
	m.Target = n.attr("target")
	if target := n.attr("targetExpression"); target != "" {
		m.TargetExpression = p.expression(n, DialectFlowable, target)
	}
	source, text := n.attr("source"), n.attr("sourceExpression")
	switch {
	case m.Target == "" && m.TargetExpression == nil:
		p.report(n, CodeAttributeMissing, "<%s> has no target; add the name of the variable to write", n.name)
		return m, false
	case source == "" && text == "":
		p.report(n, CodeAttributeMissing, "<%s> has neither source nor sourceExpression; add one", n.name)
		return m, false
	case source != "":
		m.Source = &Expression{Text: source, Program: variableProgram(source)}
	default:
		m.Source = p.expression(n, DialectCamunda, text)
	}
	return m, true
}
