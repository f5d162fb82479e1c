package bpmn

import (
	"fmt"
	"slices"
	"strings"

	"github.com/weir-bpm/weir/expression"
)

// mappings reads the input and output mappings of an element. They come as one
// set from one dialect; where two have them, the definition's dialect decides.
func (p *parser) mappings(n *node, e *Element) {
	zeebe := p.zeebeExt(n, "ioMapping")
	var classic *node
	if found := p.classicExts(n, "inputOutput"); len(found) > 0 {
		classic = found[0]
		if len(found) > 1 {
			p.report(found[1], CodeElementRepeated, "<%s> occurs %d times in one element; keep one", classic.name, len(found))
		}
	}
	var zin, zout, cin, cout []Mapping
	if zeebe != nil {
		zin, zout = p.zeebeMappings(zeebe, "input"), p.zeebeMappings(zeebe, "output")
	}
	if classic != nil {
		cin, cout = p.classicMappings(classic, "inputParameter"), p.classicMappings(classic, "outputParameter")
	}
	e.Inputs, e.Outputs = cin, cout
	if p.choose(n, "the mapping", describe(zin, zout), describe(cin, cout)) {
		e.Inputs, e.Outputs = zin, zout
		e.PropagateAll = len(zout) == 0
	}
}

func describe(in, out []Mapping) string {
	var parts []string
	for _, m := range in {
		parts = append(parts, "in "+m.Target)
	}
	for _, m := range out {
		parts = append(parts, "out "+m.Target)
	}
	return strings.Join(parts, ", ")
}

func (p *parser) zeebeMappings(n *node, name string) []Mapping {
	var out []Mapping
	for _, k := range n.all(nsZeebe, name) {
		source, target := k.attr("source"), k.attr("target")
		switch {
		case target == "":
			p.report(k, CodeAttributeMissing, "<zeebe:%s> has no target; add the name of the variable to write", name)
		case !validPath(target):
			p.report(k, CodeAttributeValue, "the target %q is not a variable name or path such as order.customer", target)
		case source == "":
			// An unfilled field of an element template.
			out = append(out, Mapping{Source: &Expression{Constant: nil}, Target: target})
		default:
			out = append(out, Mapping{Source: p.expression(k, DialectZeebe, source), Target: target})
		}
	}
	return out
}

func validPath(path string) bool {
	for _, name := range strings.Split(path, ".") {
		if name == "" || strings.ContainsAny(name, " \t\r\n[]{}()\"'") {
			return false
		}
	}
	return true
}

func (p *parser) classicMappings(n *node, name string) []Mapping {
	var out []Mapping
	for _, k := range n.kids {
		if k.name != name || !isClassic(k.ns) {
			continue
		}
		k.mark = markParsed
		target := k.attr("name")
		if target == "" {
			p.report(k, CodeAttributeMissing, "<%s> has no name; add the name of the variable to write", name)
			continue
		}
		out = append(out, Mapping{Source: p.parameter(k), Target: target})
	}
	return out
}

// parameter reads the value of a camunda parameter, list item or map entry:
// text, <list>, <map> or <script>.
func (p *parser) parameter(n *node) *Expression {
	for _, k := range n.kids {
		if x := p.composed(k); x != nil {
			return x
		}
	}
	text := strings.TrimSpace(n.text())
	if text == "" {
		return &Expression{}
	}
	return p.expression(n, DialectCamunda, text)
}

// composed reads a <list>, <map> or <script>, which may hold each other; it is
// nil for anything else.
func (p *parser) composed(n *node) *Expression {
	if !isClassic(n.ns) {
		return nil
	}
	switch n.name {
	case "list":
		n.mark = markParsed
		var items []*Expression
		for _, item := range n.kids {
			if isClassic(item.ns) {
				items = append(items, p.listItem(item))
			}
		}
		return composite("list", nil, items)
	case "map":
		n.mark = markParsed
		keys, items := []*Expression{}, []*Expression{}
		for _, entry := range n.kids {
			if entry.name == "entry" && isClassic(entry.ns) {
				entry.mark = markParsed
				keys = append(keys, p.expression(entry, DialectCamunda, entry.attr("key")))
				items = append(items, p.parameter(entry))
			}
		}
		return composite("map", keys, items)
	case "script":
		n.mark = markParsed
		return p.extensionScript(n, n.attr("scriptFormat"))
	}
	return nil
}

// listItem reads one member of a <list>: a <value>, or another composite.
func (p *parser) listItem(n *node) *Expression {
	if n.name == "value" {
		n.mark = markParsed
		n.attr("id")
		n.attr("name")
		return p.parameter(n)
	}
	if x := p.composed(n); x != nil {
		return x
	}
	return &Expression{} // unknown: the account of elements reports it
}

// composite makes one expression of the members of a list or, with keys, a map.
func composite(kind string, keys, items []*Expression) *Expression {
	c := &compositeProgram{keys: keys, items: items}
	e := &Expression{Text: kind}
	if computes := func(i *Expression) bool { return i.Program != nil }; !slices.ContainsFunc(items, computes) && !slices.ContainsFunc(keys, computes) {
		if v, err := c.Eval(&expression.Env{}); err == nil {
			e.Constant = v
			return e
		}
	}
	e.Program = c
	return e
}

// compositeProgram builds a list, or with keys a map, from the values of its
// items.
type compositeProgram struct {
	keys  []*Expression
	items []*Expression
	// sparse leaves the keys of variables that do not exist out of the map.
	sparse bool
}

func (c *compositeProgram) Eval(env *expression.Env) (any, error) {
	values, err := evalAll("item", c.items, env)
	if err != nil || c.keys == nil {
		return values, err
	}
	keys, err := evalAll("key", c.keys, env)
	if err != nil {
		return nil, err
	}
	m := make(map[string]any, len(c.keys))
	for i, k := range keys {
		if c.sparse && c.items[i].missing(env) {
			continue
		}
		name, ok := k.(string)
		if !ok {
			return nil, fmt.Errorf("key %d: expected a text, but got %v", i+1, k)
		}
		m[name] = values[i]
	}
	return m, nil
}

func evalAll(what string, list []*Expression, env *expression.Env) ([]any, error) {
	values := make([]any, len(list))
	for i, item := range list {
		v := item.Constant
		if item.Program != nil {
			var err error
			if v, err = item.Program.Eval(env); err != nil {
				return nil, fmt.Errorf("%s %d: %w", what, i+1, err)
			}
		}
		values[i] = v
	}
	return values, nil
}

// missing says whether an item is a variable that does not exist.
func (e *Expression) missing(env *expression.Env) bool {
	names := []string{}
	if e.Program != nil {
		names = e.Program.Variables()
	}
	if len(names) != 1 || names[0] != e.Text {
		return false
	}
	_, there := env.Lookup(e.Text)
	return !there
}

func (c *compositeProgram) Variables() []string {
	var names []string
	for _, item := range slices.Concat(c.keys, c.items) {
		if item.Program != nil {
			names = append(names, item.Program.Variables()...)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// variableProgram reads one variable; a missing one is null, as camunda's
// in and out mappings have it.
type variableProgram string

func (v variableProgram) Eval(env *expression.Env) (any, error) {
	if env.Lookup == nil {
		return nil, nil
	}
	value, _ := env.Lookup(string(v))
	return value, nil
}

func (v variableProgram) Variables() []string { return []string{string(v)} }
