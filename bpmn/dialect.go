package bpmn

import (
	"sort"
	"strings"
)

// The namespaces that the parser understands. Names are resolved by these, never
// by prefix.
const (
	nsModel    = "http://www.omg.org/spec/BPMN/20100524/MODEL"
	nsDiagram  = "http://www.omg.org/spec/BPMN/20100524/DI"
	nsXSI      = "http://www.w3.org/2001/XMLSchema-instance"
	nsXML      = "http://www.w3.org/XML/1998/namespace"
	nsModeler  = "http://camunda.org/schema/modeler/1.0"
	nsCamunda  = "http://camunda.org/schema/1.0/bpmn"
	nsOperaton = "http://operaton.org/schema/1.0/bpmn"
	nsActiviti = "http://activiti.org/bpmn"
	nsFox      = "http://www.camunda.com/fox"
	nsFoxNew   = "http://www.operaton.com/fox"
	nsZeebe    = "http://camunda.org/schema/zeebe/1.0"
	nsFlowable = "http://flowable.org/bpmn"
)

// dialectOf returns the dialect that a namespace belongs to, "" for none.
func dialectOf(ns string) Dialect {
	switch ns {
	case nsCamunda, nsOperaton, nsActiviti, nsFox, nsFoxNew:
		return DialectCamunda
	case nsZeebe:
		return DialectZeebe
	case nsFlowable:
		return DialectFlowable
	}
	return ""
}

// isClassic says whether a namespace is of the camunda or the flowable family,
// which share most attributes.
func isClassic(ns string) bool {
	d := dialectOf(ns)
	return d == DialectCamunda || d == DialectFlowable
}

// classicOrder is the order in which the namespaces of the camunda and flowable
// families are asked: the definition's own first, as the engines themselves do.
func classicOrder(d Dialect) []string {
	if d == DialectFlowable {
		return []string{nsFlowable, nsActiviti, nsCamunda, nsOperaton, nsFox, nsFoxNew}
	}
	return []string{nsCamunda, nsOperaton, nsActiviti, nsFox, nsFoxNew, nsFlowable}
}

// detectDialect decides what a file is: by the platform that its modeller
// names, then by the extensions of its processes, then by those of the whole
// file, then by the way its expressions are written and the namespaces that it
// declares.
func detectDialect(root *node) Dialect {
	if d := platformDialect(root); d != "" {
		return d
	}
	onProcess, everywhere := map[Dialect]int{}, map[Dialect]int{}
	for _, k := range root.kids {
		if k.ns == nsModel && k.name == "process" {
			countAttrs(k, onProcess)
		}
	}
	countAll(root, everywhere)
	for _, votes := range []map[Dialect]int{onProcess, everywhere} {
		if d := winner(votes); d != "" {
			return d
		}
	}
	d, juel, feel := declared(root), false, false
	styles(root, &juel, &feel)
	switch {
	case juel && d != DialectFlowable:
		return DialectCamunda
	case d != "" && !feel:
		return d
	}
	return DialectPlain
}

// declared returns the only dialect whose namespace the root declares, be it
// that nothing is of it: a modeller writes that of the engine it is for.
func declared(root *node) Dialect {
	var only Dialect
	for _, a := range root.el.Attr {
		d := dialectOf(a.Value)
		if d == "" || a.Space != "xmlns" && a.Key != "xmlns" {
			continue
		}
		if only != "" && only != d {
			return ""
		}
		only = d
	}
	return only
}

// styles says how expressions are written: as ${...}, which engines in Java
// alone have, and with "=" in front, which Zeebe has.
func styles(n *node, juel, feel *bool) {
	if n.ns != nsModel {
		return
	}
	switch n.name {
	case "conditionExpression", "condition", "loopCardinality", "completionCondition", "timeDuration", "timeDate", "timeCycle":
		text := strings.TrimSpace(n.el.Text())
		*juel = *juel || strings.Contains(text, "${") || strings.Contains(text, "#{")
		*feel = *feel || strings.HasPrefix(text, "=")
	}
	for _, k := range n.kids {
		styles(k, juel, feel)
	}
}

func platformDialect(root *node) Dialect {
	for _, a := range root.attrs {
		if a.ns != nsModeler || a.name != "executionPlatform" {
			continue
		}
		switch strings.ToLower(a.value) {
		case "camunda cloud":
			return DialectZeebe
		case "camunda platform", "operaton":
			return DialectCamunda
		}
	}
	for _, a := range root.attrs {
		if a.ns == "" && a.name == "exporter" {
			switch exporter := strings.ToLower(a.value); {
			case strings.Contains(exporter, "zeebe"):
				return DialectZeebe
			case strings.Contains(exporter, "flowable"):
				return DialectFlowable
			}
		}
	}
	return ""
}

func countAttrs(n *node, votes map[Dialect]int) {
	for _, a := range n.attrs {
		// Modelling metadata is left behind by tools and says nothing.
		if d := dialectOf(a.ns); d != "" && !strings.HasPrefix(a.name, "modelerTemplate") && a.name != "diagramRelationId" {
			votes[d]++
		}
	}
}

func countAll(n *node, votes map[Dialect]int) {
	if n.ns == nsDiagram {
		return
	}
	if d := dialectOf(n.ns); d != "" {
		votes[d]++
	}
	countAttrs(n, votes)
	for _, k := range n.kids {
		countAll(k, votes)
	}
}

// winner returns the dialect with most votes; of equals the one that comes
// first in the order zeebe, camunda, flowable.
func winner(votes map[Dialect]int) Dialect {
	order := []Dialect{DialectZeebe, DialectCamunda, DialectFlowable}
	sort.SliceStable(order, func(i, j int) bool { return votes[order[i]] > votes[order[j]] })
	if votes[order[0]] == 0 {
		return ""
	}
	return order[0]
}

// classic returns the attribute of the camunda and flowable families. Where two
// namespaces disagree, the order of the dialect decides and a warning says so.
func (p *parser) classic(n *node, name string) string {
	v, _ := p.classicFrom(n, name)
	return v
}

// classicFrom is classic with the namespace that the value came from.
func (p *parser) classicFrom(n *node, name string) (value, ns string) {
	for _, uri := range p.classicNS {
		v, ok := n.lookup(uri, name)
		switch {
		case !ok:
		case ns == "":
			value, ns = v, uri
		case v != value:
			p.report(n, CodeDialectConflict, "the attribute %s is %q in %s and %q in %s; the first is used, remove the second",
				name, value, ns, v, uri)
		}
	}
	return value, ns
}

// extensions returns the children of extensionElements that the dialects of the
// given test own, in document order, and marks them as understood.
func (p *parser) extensions(n *node, owns func(ns string) bool, name string) []*node {
	var found []*node
	for _, ext := range n.all(nsModel, "extensionElements") {
		for _, k := range ext.kids {
			if k.name == name && owns(k.ns) {
				k.mark = markParsed
				found = append(found, k)
			}
		}
	}
	return found
}

func (p *parser) zeebeExt(n *node, name string) *node {
	found := p.extensions(n, isZeebe, name)
	if len(found) == 0 {
		return nil
	}
	if len(found) > 1 {
		p.report(found[1], CodeElementRepeated, "<zeebe:%s> occurs %d times in one element; keep one", name, len(found))
	}
	return found[0]
}

func (p *parser) classicExts(n *node, name string) []*node {
	return p.extensions(n, isClassic, name)
}

func isZeebe(ns string) bool { return ns == nsZeebe }

// choose decides between what zeebe and what the camunda or flowable family say
// about one thing. It reports whether zeebe's word counts, and warns where the
// two differ.
func (p *parser) choose(n *node, what, zeebe, classic string) (useZeebe bool) {
	if zeebe == "" || classic == "" {
		return zeebe != ""
	}
	useZeebe = p.dialect != DialectCamunda && p.dialect != DialectFlowable
	if zeebe == classic {
		return useZeebe
	}
	chosen, other := zeebe, classic
	if !useZeebe {
		chosen, other = classic, zeebe
	}
	p.report(n, CodeDialectConflict,
		"%s is %q for one dialect and %q for another; %q is used because the definition's dialect is %s; remove the other, or set the dialect",
		what, chosen, other, chosen, p.dialect)
	return useZeebe
}
