package bpmn

import (
	"cmp"
	"slices"
	"strings"

	"github.com/weir-bpm/weir/variables"
)

// Data objects and associations (BPMN 2.0.2, 10.4) are variables here, named as
// the data object is. Three things about them are executed: a value that a data
// object begins with (flowable), associations with assignments or a
// transformation, and in plain BPMN those that copy between a data object and a
// named input or output of an activity. All else about data is the picture.

// maxInitialBytes bounds the values that the data objects of a scope begin with:
// they come on top of what a start may pass.
const maxInitialBytes = 64 << 10

// dataObjects reads the values that the data objects and properties of a scope
// begin with. They are local to the scope.
func (p *parser) dataObjects(n *node, scope *Element) {
	for _, k := range n.kids {
		if k.ns != nsModel || k.name != "dataObject" && k.name != "property" {
			continue
		}
		typ, known := p.dataType(k)
		values := p.classicExts(k, "value")
		switch {
		case len(values) == 0 && !(known && p.dialect == DialectFlowable && k.name == "dataObject"):
			continue // declared, and there when somebody writes it
		case len(values) > 1:
			p.report(values[1], CodeElementRepeated, "<%s> occurs %d times in one data object; keep one", values[1].name, len(values))
		}
		k.mark = markParsed
		k.attr("isCollection")
		name := cmp.Or(strings.TrimSpace(k.attr("name")), k.attr("id"))
		if !validPath(name) || strings.Contains(name, ".") {
			p.report(k, CodeAttributeValue, "the data object %q has a value, but its name is not that of a variable; rename it", name)
			continue
		}
		var value any
		if len(values) > 0 {
			var ok bool
			if value, ok = p.dataValue(values[0], typ, known); !ok {
				continue
			}
		}
		p.declare(scope, name, value)
	}
	if size := variables.Size(scope.Data); size > maxInitialBytes {
		p.report(n, CodeAttributeValue, "the data objects begin with %d bytes; the limit is %d, let a task set the larger ones", size, maxInitialBytes)
	}
}

// declare makes a variable local to a scope.
func (p *parser) declare(scope *Element, name string, value any) {
	if scope.Data == nil {
		scope.Data = map[string]any{}
	}
	scope.Data[name] = value
}

// dataType returns the type that a data object has: that of XML Schema which its
// itemSubjectRef names, itself or by an item definition.
func (p *parser) dataType(n *node) (typ string, known bool) {
	typ = strings.TrimSpace(n.attr("itemSubjectRef"))
	if def := p.ids[typ]; def != nil && def.name == "itemDefinition" {
		typ = strings.TrimSpace(def.attr("structureRef"))
	}
	_, typ, _ = strings.Cut(typ, ":")
	typ = strings.ToLower(typ)
	return typ, slices.Contains([]string{"string", "boolean", "int", "integer", "long", "short", "double", "float", "decimal", "date", "datetime", "json"}, typ)
}

// dataValue reads the value that a data object begins with.
func (p *parser) dataValue(n *node, typ string, known bool) (any, bool) {
	text := n.text()
	trimmed := strings.TrimSpace(text)
	var v any
	var err error
	switch typ {
	case "string":
		return text, true
	case "date", "datetime":
		return trimmed, true
	case "boolean":
		if trimmed == "true" || trimmed == "false" {
			return trimmed == "true", true
		}
	case "json":
		if v, err = variables.FromJSON([]byte(text)); err == nil {
			return v, true
		}
	default:
		if known {
			if v, err = variables.ParseNumber(trimmed); err == nil {
				return v, true
			}
			break
		}
		p.report(n, CodeAttributeMissing, "the data object has a value but no type; add itemSubjectRef with xsd:string, boolean, int, long, double, datetime or json")
		return nil, false
	}
	p.report(n, CodeAttributeValue, "the value %q of the data object is not of its type; expected a value of xsd:%s", trimmed, typ)
	return nil, false
}

// isAssociation says whether an element is a data association.
func isAssociation(n *node) bool {
	return n.ns == nsModel && (n.name == "dataInputAssociation" || n.name == "dataOutputAssociation")
}

// dataAssociations adds the data associations of an activity or event to its
// mappings, after those of the extensions.
func (p *parser) dataAssociations(n *node, e *Element) {
	for _, k := range n.kids {
		if !isAssociation(k) {
			continue
		}
		list := p.association(k, e)
		switch {
		case len(list) == 0:
		case k.name == "dataInputAssociation" && (isActivity(e.Type) || throws(e.Type)):
			e.Inputs = append(e.Inputs, list...)
		case k.name == "dataOutputAssociation" && (isActivity(e.Type) || !throws(e.Type) && isEvent(e.Type)):
			e.Outputs = append(e.Outputs, list...)
		default:
			p.report(k, CodeUnsupportedElement, "<%s> cannot stand in <%s>; activities have both, catch events outputs, throw events inputs", k.name, n.name)
		}
	}
}

func isEvent(t Type) bool {
	return throws(t) || t == TypeStartEvent || t == TypeCatchEvent || t == TypeBoundaryEvent
}

// association reads one data association: its transformation, which replaces
// the copy, then its assignments. One that only draws gives nothing.
func (p *parser) association(n *node, e *Element) []Mapping {
	transformations, assignments := n.all(nsModel, "transformation"), n.all(nsModel, "assignment")
	sources, target := n.all(nsModel, "sourceRef"), n.first(nsModel, "targetRef")
	to := ""
	if target != nil {
		to = p.dataName(target.text(), e)
	}
	if len(transformations)+len(assignments) == 0 {
		if p.dialect != DialectPlain || len(sources) != 1 {
			return nil
		}
		from := p.dataName(sources[0].text(), e)
		if from == "" || to == "" || from == to || strings.Contains(from+to, "placeholder") || !validPath(from) || !validPath(to) ||
			!p.hands(sources[0].text()) && !p.hands(target.text()) {
			return nil
		}
		n.mark = markParsed
		p.keep(target.text(), e)
		return []Mapping{{Source: &Expression{Text: from, Program: variableProgram(from)}, Target: to, IfSet: from}}
	}
	n.mark = markParsed
	for _, ref := range append(sources, target) {
		if ref == nil {
			continue
		}
		if d := p.data(ref.text()); d != nil && strings.HasPrefix(d.name, "dataStore") {
			p.report(n, CodeUnsupportedElement, "an association with the data store %q cannot compute, since data stores are part of the picture; let a worker read or write it", strings.TrimSpace(ref.text()))
			return nil
		}
	}
	var list []Mapping
	for _, t := range transformations {
		if p.dataTarget(t, to) {
			p.keep(target.text(), e)
			list = append(list, Mapping{Source: p.dataExpression(t), Target: to})
		}
	}
	for _, a := range assignments {
		from, name := a.first(nsModel, "from"), a.first(nsModel, "to")
		if from == nil || name == nil {
			p.report(a, CodeAttributeMissing, "<assignment> needs <from> and <to>; add the expression and the variable that receives its value")
			continue
		}
		name.attr("language")
		name.attr("evaluatesToTypeRef")
		path := p.pathOf(name.text(), e)
		if path == "" && target != nil {
			path = to
			p.keep(target.text(), e)
		}
		if p.dataTarget(name, path) {
			p.keep(name.text(), e)
			list = append(list, Mapping{Source: p.dataExpression(from), Target: path})
		}
	}
	return list
}

func (p *parser) dataTarget(n *node, path string) bool {
	if path == "" || !validPath(path) {
		p.report(n, CodeAttributeValue, "<%s> writes to %q; expected the name of a variable or data object, or a path such as order.customer", n.name, path)
		return false
	}
	return true
}

// dataExpression reads the expression of a transformation or assignment. A text
// without mark is in the language of the definitions if that one is known, else
// a constant.
func (p *parser) dataExpression(n *node) *Expression {
	e := p.formal(n)
	if text, constant := e.Constant.(string); constant && p.dialect == DialectPlain && n.attr("language") == "" {
		if lang := languageOf(p.root.attr("expressionLanguage")); lang != "" {
			return p.compile(n, lang, text)
		}
	}
	return e
}

// pathOf reads where an assignment writes: a name, a path or an id, with the
// marks of an expression or without.
func (p *parser) pathOf(text string, e *Element) string {
	text = strings.TrimSpace(text)
	if inner, ok := strings.CutSuffix(text, "}"); ok && (strings.HasPrefix(inner, "${") || strings.HasPrefix(inner, "#{")) {
		text = strings.TrimSpace(inner[2:])
	}
	text = strings.TrimSpace(strings.TrimPrefix(text, "="))
	if p.data(text) != nil {
		return p.dataName(text, e)
	}
	return text
}

// data returns the data element with an id, or nil.
func (p *parser) data(id string) *node {
	id = strings.TrimSpace(id)
	n := p.ids[id]
	if _, local, ok := strings.Cut(id, ":"); ok && n == nil {
		n = p.ids[local]
	}
	if n == nil || n.ns != nsModel {
		return nil
	}
	switch n.name {
	case "dataObject", "dataObjectReference", "dataInput", "dataOutput", "property", "dataStoreReference", "dataStore":
		return n
	}
	return nil
}

// hands says whether an id names an input, output or property, which an
// association hands data to or takes it from.
func (p *parser) hands(id string) bool {
	n := p.data(id)
	return n != nil && (n.name == "dataInput" || n.name == "dataOutput" || n.name == "property")
}

// dataName returns the variable that an id of a data element stands for; a text
// that is no such id is the name itself, as flowable has it.
func (p *parser) dataName(id string, _ *Element) string {
	n := p.data(id)
	if n == nil {
		return strings.TrimSpace(id)
	}
	name := strings.TrimSpace(n.peek("name"))
	if n.name == "dataObjectReference" {
		if object := p.data(n.peek("dataObjectRef")); object != nil {
			return cmp.Or(strings.TrimSpace(object.peek("name")), name, object.peek("id"))
		}
	}
	return cmp.Or(name, n.peek("id"))
}

// keep makes a data object that an association writes a variable of the
// subprocess that it stands in, with which it ends (BPMN 2.0.2, 10.4.1).
func (p *parser) keep(id string, e *Element) {
	n := p.data(id)
	if n != nil && n.name == "dataObjectReference" {
		if object := p.data(n.peek("dataObjectRef")); object != nil {
			n = object
		}
	}
	if n == nil || n.name != "dataObject" && n.name != "dataObjectReference" {
		return
	}
	for s := e.Scope; s != nil && s.Type != TypeProcess; s = s.Scope {
		if p.nodes[s] != n.parent {
			continue
		}
		name := p.dataName(id, e)
		if _, known := s.Data[name]; !known {
			p.declare(s, name, nil)
		}
	}
}

// loopData returns the variable that a loop's reference to its list stands for:
// what an association of the activity connects with the input or output that it
// names, or that itself.
func (p *parser) loopData(n *node, id string) string {
	id = strings.TrimSpace(id)
	if p.data(id) == nil {
		return id
	}
	for _, k := range n.parent.kids {
		if !isAssociation(k) {
			continue
		}
		var source, target string
		for _, ref := range k.kids {
			switch ref.name {
			case "sourceRef":
				source = strings.TrimSpace(ref.text())
			case "targetRef":
				target = strings.TrimSpace(ref.text())
			}
		}
		switch {
		case k.name == "dataInputAssociation" && target == id && source != "":
			return p.dataName(source, nil)
		case k.name == "dataOutputAssociation" && source == id && target != "":
			return p.dataName(target, nil)
		}
	}
	return p.dataName(id, nil)
}

// peek is attr without the mark that the attribute was understood.
func (n *node) peek(name string) string {
	for i := range n.attrs {
		if a := &n.attrs[i]; a.name == name && a.ns == "" {
			return a.value
		}
	}
	return ""
}
