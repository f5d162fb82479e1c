package bpmn

import "strconv"

// pendingFlow is a sequence flow that waits until all nodes are known.
type pendingFlow struct {
	n     *node
	scope *Element
}

// connect resolves sequence flows, default flows, boundary events and what else
// refers to elements.
func (p *parser) connect() {
	for _, l := range p.links {
		p.sequenceFlow(l.n, l.scope)
	}
	for _, e := range p.process.Elements {
		p.defaultFlow(e)
		if e.Type == TypeBoundaryEvent {
			p.attach(e)
		}
	}
	for _, f := range p.later {
		f()
	}
	p.later = nil
	p.compensationHandlers()
	p.compensable()
}

func (p *parser) sequenceFlow(n *node, scope *Element) {
	f := &SequenceFlow{ID: n.attr("id"), Line: n.line}
	n.attr("name")
	source := p.flowEnd(n, "sourceRef")
	target := p.flowEnd(n, "targetRef")
	if f.ID == "" && source != nil && target != nil {
		f.ID = p.flowID(source, target)
	}
	if c := n.first(nsModel, "conditionExpression"); c != nil {
		f.Condition = p.condition(c)
	}
	f.Listeners = p.flowListeners(n)
	f.Skip = p.skipExpression(n)
	p.flows[f] = n
	f.Source, f.Target = source, target
	if source == nil || target == nil {
		return
	}
	if source.Scope != target.Scope || source.Scope != scope {
		p.report(n, CodeFlowCrossesScope,
			"the flow leads from %q in %q to %q in %q and stands in %q; a sequence flow stays inside one process or subprocess",
			source.ID, source.Scope.ID, target.ID, target.Scope.ID, scope.ID)
		return
	}
	if p.process.flowID[f.ID] == nil {
		p.process.flowID[f.ID] = f
	}
	p.process.Flows = append(p.process.Flows, f)
	source.Outgoing = append(source.Outgoing, f)
	target.Incoming = append(target.Incoming, f)
}

// flowID names a flow whose model gives none (ids are optional in the schema):
// by its ends, so that the name stays when the file is edited elsewhere.
func (p *parser) flowID(source, target *Element) string {
	base := source.ID + "-to-" + target.ID
	for {
		p.flowIDs[base]++
		id := base
		if n := p.flowIDs[base]; n > 1 {
			id += "-" + strconv.Itoa(n)
		}
		if p.process.flowID[id] == nil && p.ids[id] == nil {
			return id
		}
	}
}

func (p *parser) flowEnd(n *node, name string) *Element {
	ref := n.attr(name)
	if ref == "" {
		p.report(n, CodeReferenceMissing, "the sequence flow has no %s; add the id of a flow node", name)
		return nil
	}
	target := p.reference(n, name, ref)
	if target == nil {
		return nil
	}
	e := p.process.byID[target.attr("id")]
	if e == nil || e.Type == TypeProcess {
		p.report(n, CodeReferenceKind, "%s names %q, which is no flow node of this process; lead the flow to one", name, ref)
		return nil
	}
	return e
}

func (p *parser) defaultFlow(e *Element) {
	n := p.nodes[e]
	id := n.attr("default")
	if id == "" {
		return
	}
	if p.reference(n, "default", id, "sequenceFlow") == nil {
		return
	}
	for _, f := range e.Outgoing {
		if f.ID == id {
			e.Default = f
			return
		}
	}
	p.report(n, CodeFlowDefault, "default names the flow %q, which does not leave this element; correct it", id)
}

func (p *parser) attach(e *Element) {
	n := p.nodes[e]
	ref := n.attr("attachedToRef")
	if ref == "" {
		p.report(n, CodeReferenceMissing, "the boundary event is attached to nothing; add attachedToRef")
		return
	}
	target := p.reference(n, "attachedToRef", ref)
	if target == nil {
		return
	}
	host := p.process.byID[target.attr("id")]
	switch {
	case host == nil || !isActivity(host.Type):
		p.report(n, CodeBoundaryHost, "the boundary event is attached to %q, which is a <%s>; attach it to an activity", ref, target.name)
	case host.Type == TypeEventSubProcess:
		p.report(n, CodeBoundaryHost, "the boundary event is attached to the event subprocess %q, which cannot have one; attach it to an activity", ref)
	case host.Scope != e.Scope:
		p.report(n, CodeBoundaryHost, "the boundary event is attached to %q, which stands in another scope; move it beside its activity", ref)
	default:
		e.AttachedTo = host
		host.Boundary = append(host.Boundary, e)
	}
}

// compensationHandlers pairs compensation boundary events with the activities
// that their associations lead to (BPMN 2.0.2, 10.7).
func (p *parser) compensationHandlers() {
	byEvent := map[string]*Element{}
	for _, e := range p.process.Elements {
		if e.Type == TypeBoundaryEvent && e.Event != nil && e.Event.Kind == EventCompensate {
			byEvent[e.ID] = e
		}
	}
	if len(byEvent) == 0 {
		return
	}
	for _, n := range p.associations(p.nodes[p.process.Scope], nil) {
		e := byEvent[n.attr("sourceRef")]
		if e == nil {
			continue
		}
		handler := p.process.byID[n.attr("targetRef")]
		switch {
		case handler == nil:
			// To a text annotation or data object; a dangling end is reported
			// elsewhere, a missing handler in checkCompensation.
		case !isActivity(handler.Type) || !handler.ForCompensation:
			p.report(n, CodeCompensation,
				"the association of the compensation event leads to %q; it has to lead to an activity with isForCompensation=\"true\"", n.attr("targetRef"))
		case e.CompensatedBy != nil:
			p.report(n, CodeCompensation, "the compensation event has two handlers; keep one association")
		default:
			e.CompensatedBy = handler
		}
	}
}

func (p *parser) associations(n *node, found []*node) []*node {
	for _, k := range n.kids {
		if k.ns != nsModel {
			continue
		}
		if k.name == "association" {
			found = append(found, k)
		} else {
			found = p.associations(k, found)
		}
	}
	return found
}
