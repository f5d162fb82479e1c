package bpmn

import (
	"cmp"
	"strconv"
	"strings"
	"unicode"
)

// loop reads the loop characteristics of an activity (BPMN 2.0.2, 10.3.8).
func (p *parser) loop(n *node, e *Element) {
	if m := n.first(nsModel, "multiInstanceLoopCharacteristics"); m != nil && p.loopHost(m, e) {
		p.multiInstance(m, e)
	}
	if s := n.first(nsModel, "standardLoopCharacteristics"); s != nil && p.loopHost(s, e) {
		p.standardLoop(s, e)
	}
}

func (p *parser) loopHost(n *node, e *Element) bool {
	if isActivity(e.Type) && e.Type != TypeEventSubProcess && e.Loop == nil {
		return true
	}
	p.report(n, CodeUnsupportedElement, "<%s> cannot stand here; remove it", n.name)
	return false
}

func (p *parser) multiInstance(n *node, e *Element) {
	l := &LoopDefinition{Line: n.line, Sequential: p.boolean(n, "isSequential", false)}
	e.Loop = l
	if c := n.first(nsModel, "loopCardinality"); c != nil {
		l.Cardinality = p.number(c, "<loopCardinality>", p.formal(c))
	}
	if c := n.first(nsModel, "completionCondition"); c != nil {
		l.Completion = p.condition(c)
	}
	z := p.zeebeExt(n, "loopCharacteristics")
	zeebe := ""
	if z != nil {
		zeebe = z.attr("inputCollection")
	}
	classic := p.classicCollection(n)
	switch {
	case zeebe == "" && classic == "":
		if l.Cardinality == nil {
			p.report(n, CodeMultiInstanceSource,
				"the multi-instance activity does not say how often it runs; add <loopCardinality> or a collection")
		}
	case p.choose(n, "the collection", zeebe, classic):
		if l.Collection = p.expression(z, DialectZeebe, zeebe); l.Collection.Program == nil && p.process.Executable {
			p.report(z, CodeAttributeValue, "inputCollection is the text %q, which is no list; write an expression such as \"=%s\"", zeebe, strings.TrimSpace(zeebe))
		}
	default:
		l.Collection = p.variableOrExpression(n, classic)
	}
	l.Counter, l.Counters = "loopCounter", countersOf(z != nil, classic != "", p.dialect)
	p.classicLoop(n, l)
	if z != nil {
		p.zeebeLoop(z, l)
	}
}

// variableOrExpression reads a text that without ${} is the name of a variable.
func (p *parser) variableOrExpression(n *node, text string) *Expression {
	if e := p.expression(n, DialectCamunda, text); e.Program != nil {
		return e
	}
	text = strings.TrimSpace(text)
	return &Expression{Text: text, Program: variableProgram(text)}
}

// classicCollection is what the camunda family loops over: the attribute, the
// element of flowable, or the one of the standard.
func (p *parser) classicCollection(n *node) string {
	text := p.classic(n, "collection")
	for _, c := range p.classicExts(n, "collection") {
		for _, k := range c.kids {
			if isClassic(k.ns) && (k.name == "string" || k.name == "expression") {
				k.mark = markParsed
				text = cmp.Or(text, strings.TrimSpace(k.text()))
			}
		}
		for _, name := range []string{"class", "delegateExpression"} {
			if v := p.classic(c, name); v != "" {
				p.report(c, CodeImplementationClass, "the collection comes from %s, which needs Java; put the list into a variable", v)
			}
		}
	}
	if ref := n.first(nsModel, "loopDataInputRef"); ref != nil {
		text = cmp.Or(text, p.loopData(n, ref.text()))
	}
	return text
}

// classicLoop reads the variables of a loop in the camunda family, and the names
// that the standard has for them.
func (p *parser) classicLoop(n *node, l *LoopDefinition) {
	l.ElementVariable = p.classic(n, "elementVariable")
	l.Counter = cmp.Or(p.classic(n, "elementIndexVariable"), l.Counter)
	if item := n.first(nsModel, "inputDataItem"); item != nil {
		l.ElementVariable = cmp.Or(l.ElementVariable, item.attr("name"))
	}
	out, item := n.first(nsModel, "loopDataOutputRef"), n.first(nsModel, "outputDataItem")
	if out != nil && item != nil && item.attr("name") != "" {
		l.OutputCollection, l.ResultVariable = p.loopData(n, out.text()), item.attr("name")
		l.OutputElement = &Expression{Text: l.ResultVariable, Program: variableProgram(l.ResultVariable)}
	}
	for _, a := range p.classicExts(n, "variableAggregation") {
		p.aggregation(a, l)
	}
}

// aggregation reads flowable's way to collect variables of the turns.
func (p *parser) aggregation(n *node, l *LoopDefinition) {
	for _, name := range []string{"class", "delegateExpression"} {
		if v := p.classic(n, name) + n.attr(name); v != "" {
			p.report(n, CodeImplementationClass, "the aggregation is done by %s, which needs Java; name the variables instead", v)
		}
	}
	target := n.attr("target")
	if target == "" {
		p.report(n, CodeAttributeMissing, "<variableAggregation> has no target; add the name of the variable to write")
		return
	}
	if p.boolean(n, "createOverviewVariable", false) {
		l.Overview = target
	}
	var names, values []*Expression
	for _, k := range n.kids {
		if k.name != "variable" || !isClassic(k.ns) && k.ns != nsModel {
			continue
		}
		k.mark = markParsed
		source := k.attr("source")
		name := cmp.Or(k.attr("target"), source)
		if name == "" {
			p.report(k, CodeAttributeMissing, "<variable> has no target; add the name that the value gets")
			continue
		}
		x := &Expression{Text: source, Program: variableProgram(source)}
		if text := k.attr("sourceExpression"); text != "" {
			x = p.expression(k, DialectFlowable, text)
		}
		names, values = append(names, constant(name)), append(values, x)
	}
	if len(names) == 0 {
		p.report(n, CodeAttributeMissing, "<variableAggregation> names no variables; add <variable source=\"…\"/>")
		return
	}
	transient := p.boolean(n, "storeAsTransientVariable", false)
	element := &Expression{Text: "map", Program: &compositeProgram{keys: names, items: values, sparse: true}}
	l.Aggregations = append(l.Aggregations, Aggregation{Target: target, Transient: transient, Element: element})
}

func (p *parser) zeebeLoop(z *node, l *LoopDefinition) {
	if v := z.attr("inputElement"); v != "" {
		l.ElementVariable = v
	}
	out := z.attr("outputCollection")
	element := p.optional(z, DialectZeebe, z.attr("outputElement"))
	if (out == "") != (element == nil) {
		p.report(z, CodeAttributeMissing, "outputCollection and outputElement belong together; add the other, or remove both")
		return
	}
	if element == nil {
		return
	}
	l.OutputCollection, l.OutputElement, l.ResultVariable = out, element, ""
	if element.Program != nil {
		l.ResultVariable = variableOf(element)
	}
}

// countersOf decides by the dialect of the collection, else by that of the
// definition.
func countersOf(zeebe, classic bool, dialect Dialect) Counters {
	switch {
	case zeebe && !classic:
		return CountersZeebe
	case classic && !zeebe:
		return CountersClassic
	}
	switch dialect {
	case DialectZeebe:
		return CountersZeebe
	case DialectCamunda, DialectFlowable:
		return CountersClassic
	case DialectPlain:
	}
	return CountersPlain
}

// variableOf returns the variable that an expression such as a or a.b
// reads; empty for any other.
func variableOf(x *Expression) string {
	text := strings.TrimSpace(x.Text)
	name, path, _ := strings.Cut(text, ".")
	for _, part := range append(strings.Split(path, "."), name) {
		if part == "" && path == "" {
			continue
		}
		if !isName(part) {
			return ""
		}
	}
	switch name {
	case "null", "true", "false":
		return ""
	}
	return name
}

func isName(s string) bool {
	for i, r := range s {
		if r != '_' && !unicode.IsLetter(r) && (i == 0 || !unicode.IsDigit(r)) {
			return false
		}
	}
	return s != ""
}

func (p *parser) standardLoop(n *node, e *Element) {
	l := &LoopDefinition{Line: n.line, Standard: true, Sequential: true, TestBefore: p.boolean(n, "testBefore", false)}
	e.Loop = l
	if c := n.first(nsModel, "loopCondition"); c != nil {
		l.Condition = p.condition(c)
	}
	if text := n.attr("loopMaximum"); text != "" {
		maximum, err := strconv.ParseInt(text, 10, 32)
		if err != nil || maximum < 1 {
			p.report(n, CodeAttributeValue, "loopMaximum is %q; expected a whole number above 0", text)
		}
		l.Maximum = maximum
	}
	switch {
	case l.Condition != nil || n.attr("loopMaximum") != "":
	case p.dialect == DialectCamunda || p.dialect == DialectFlowable:
		// A marker drawn for people, which these engines pass over.
		e.Loop = nil
		p.report(n, CodeAttributeNoEffect, "<%s> says neither while what nor how often, so the activity runs once, as in %s; add <loopCondition> or loopMaximum", n.name, p.dialect)
	default:
		p.report(n, CodeAttributeMissing, "the loop would never end; add <loopCondition> or loopMaximum")
	}
}
