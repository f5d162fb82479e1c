package bpmn

import (
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
	p.need(n, featureMultiInstance)
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
	classic := p.classic(n, "collection")
	switch {
	case zeebe == "" && classic == "":
		if l.Cardinality == nil {
			p.report(n, CodeMultiInstanceSource,
				"the multi-instance activity does not say how often it runs; add <loopCardinality> or a collection")
		}
	case p.choose(n, "the collection", zeebe, classic):
		l.Collection = p.expression(z, DialectZeebe, zeebe)
	default:
		l.Collection = p.expression(n, DialectCamunda, classic)
		if l.Collection.Program == nil {
			// A text without ${} is the name of the variable.
			l.Collection = &Expression{Text: classic, Program: variableProgram(classic)}
		}
	}
	l.Counter, l.Counters = "loopCounter", countersOf(z != nil, classic != "", p.dialect)
	l.ElementVariable = p.classic(n, "elementVariable")
	if z != nil {
		if v := z.attr("inputElement"); v != "" {
			l.ElementVariable = v
		}
		l.OutputCollection = z.attr("outputCollection")
		l.OutputElement = p.optional(z, DialectZeebe, z.attr("outputElement"))
		if l.OutputElement != nil && l.OutputElement.Program != nil {
			l.ResultVariable = variableOf(l.OutputElement)
		}
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
	p.need(n, featureStandardLoop)
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
	if l.Condition == nil && n.attr("loopMaximum") == "" {
		p.report(n, CodeAttributeMissing, "the loop would never end; add <loopCondition> or loopMaximum")
	}
}
