package bpmn

import "strings"

// Startable returns the element directly inside an ad-hoc subprocess that has
// the id, if it can be activated by itself: an activity, event or gateway
// without incoming flow (BPMN 2.0.2, 13.3.5). It is nil for others.
func (e *Element) Startable(id string) *Element {
	for _, c := range e.Children {
		if c.ID == id && startable(c) {
			return c
		}
	}
	return nil
}

func startable(c *Element) bool {
	switch c.Type { //nolint:exhaustive // all others can be
	case TypeStartEvent, TypeBoundaryEvent, TypeEventSubProcess:
		return false
	}
	return len(c.Incoming) == 0 && !c.ForCompensation
}

// adHocJob reads the job of an ad-hoc subprocess, whose worker says what begins
// and when the subprocess is done (zeebe).
func (p *parser) adHocJob(n *node, e *Element) {
	e.Job = p.zeebeJob(n)
	const without = "%s has no effect: the worker of the ad-hoc subprocess says what begins and when it is done; remove it, or the taskDefinition"
	if e.AdHoc.Completion != nil {
		p.report(n, CodeAttributeNoEffect, without, "completionCondition")
	}
	if e.AdHoc.ActiveElements != nil {
		p.report(n, CodeAttributeNoEffect, without, "activeElementsCollection")
	}
	e.AdHoc.Completion, e.AdHoc.ActiveElements, e.AdHoc.StartAll, e.AdHoc.Manual = nil, nil, false, true
	e.AdHoc.Choices = []any{}
	p.later = append(p.later, func() { // when the flows are known
		for _, c := range e.Children {
			if startable(c) {
				e.AdHoc.Choices = append(e.AdHoc.Choices, p.choice(c))
			}
		}
	})
}

func (p *parser) choice(c *Element) map[string]any {
	out := map[string]any{"elementId": c.ID}
	if c.Name != "" {
		out["elementName"] = c.Name
	}
	if doc := p.nodes[c].first(nsModel, "documentation"); doc != nil {
		doc.keepOut()
		if text := strings.TrimSpace(doc.text()); text != "" && len(text) <= maxDescription {
			out["documentation"] = text
		}
	}
	if len(c.Properties) > 0 {
		props := map[string]any{}
		for k, v := range c.Properties {
			props[k] = v
		}
		out["properties"] = props
	}
	return out
}
