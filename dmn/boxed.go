package dmn

import (
	"strings"

	"github.com/weir-bpm/weir/expression/feel"
)

// logic is a compiled boxed expression (DMN 1.5, 10.2). An error ends the whole
// evaluation; what the standard makes null is null with a message.
type logic func(f *frame) (feel.Value, error)

// expressionNames are the elements of boxed expressions.
var expressionNames = []string{
	"literalExpression", "decisionTable", "context", "relation", "list", "invocation",
	"functionDefinition", "conditional", "for", "some", "every", "filter",
}

// logic compiles the logic of all elements.
func (b *builder) logic() {
	for _, d := range b.model.decisions {
		n := d.node.child(expressionNames...)
		if n == nil {
			b.p.warnf(CodeNoLogic, d.node, "The decision %q has no logic and evaluates to null; add an expression or a decision table.", d.name)
			continue
		}
		before := b.failed
		if !b.roomFor(0, d.node, d.scope) {
			d.broken = true
			continue
		}
		if n.name == "decisionTable" {
			if d.table = b.table(n, d.scope, d.typ); d.table != nil {
				d.logic = d.table.eval
			}
		} else {
			d.logic = b.expression(n, d.scope, d.typ)
		}
		d.broken = b.failed > before
	}
	for _, k := range b.model.knowledge {
		n := k.node.child("encapsulatedLogic")
		if n == nil {
			b.p.warnf(CodeNoLogic, k.node, "The business knowledge model %q has no logic and gives null; add an encapsulated function.", k.name)
			continue
		}
		before := b.failed
		if !b.roomFor(0, k.node, k.scope) {
			k.broken = true
			continue
		}
		k.fn = b.function(n, k.name, k.scope, k.typ)
		k.broken = b.failed > before
	}
}

// fail reports an error that makes the element being compiled unusable.
func (b *builder) fail(code Code, n *node, format string, args ...any) {
	b.failed++
	b.p.errorf(code, n, format, args...)
}

// expression compiles a boxed expression; nil after a problem. The type is that
// of the variable that gets the value, nil if it has none.
func (b *builder) expression(n *node, s *scope, t *dataType) logic {
	var l logic
	switch n.name {
	case "literalExpression":
		l = b.literal(n, s)
	case "decisionTable":
		if dt := b.table(n, s, t); dt != nil {
			l = dt.eval
		}
	case "context":
		l = b.context(n, s)
	case "relation":
		l = b.relation(n, s)
	case "list":
		l = b.list(n, s)
	case "invocation":
		l = b.invocation(n, s)
	case "functionDefinition":
		l = b.functionDefinition(n, s)
	case "conditional":
		l = b.conditional(n, s)
	case "for", "some", "every":
		l = b.iteration(n, s)
	case "filter":
		l = b.filter(n, s)
	default:
		b.fail(CodeUnsupported, n, "Element %s is no expression; use one of %s.", n.name, strings.Join(expressionNames, ", "))
	}
	switch n.name {
	case "functionDefinition", "decisionTable": // handled there
		return l
	}
	return typed(l, b.model.types.ref(n.attr("typeRef"), n), n.label(), "expression", n.name)
}

// inner compiles the expression that an element holds, such as the body of a
// context entry; without one it is null.
func (b *builder) inner(n *node, s *scope, t *dataType) logic {
	if n == nil {
		return constant(feel.Null())
	}
	e := n.child(expressionNames...)
	if e == nil {
		return constant(feel.Null())
	}
	return b.expression(e, s, t)
}

// need is inner for a part that must be there.
func (b *builder) need(parent *node, name string, s *scope) logic {
	n := parent.child(name)
	if n == nil || n.child(expressionNames...) == nil {
		b.fail(CodeIncomplete, parent, "The %s expression has no %s; add it.", parent.name, name)
		return nil
	}
	return b.inner(n, s, nil)
}

func constant(v feel.Value) logic {
	return func(*frame) (feel.Value, error) { return v, nil }
}

// typed converts the value of an expression to the type of the variable that
// it is given to (DMN 1.5, 10.3.2.9.4).
func typed(l logic, t *dataType, element, what, name string) logic {
	if t == nil || l == nil {
		return l
	}
	return func(f *frame) (feel.Value, error) {
		v, err := l(f)
		if err != nil {
			return v, err
		}
		return f.env.conform(t, v, CodeResultType, element, what, name), nil
	}
}

func (b *builder) literal(n *node, s *scope) logic {
	text := n.childText("text")
	if text == "" {
		if imported := n.child("importedValues"); imported != nil {
			b.fail(CodeUnsupported, imported, "Imported values are not supported; write the values into the expression.")
			return nil
		}
		return constant(feel.Null())
	}
	ev := b.compile(n, n, text, s, false)
	if ev == nil {
		return nil
	}
	id := n.label()
	return func(f *frame) (feel.Value, error) {
		v, err := ev.Eval(f.ctx)
		if err != nil {
			return v, f.env.run.fault(id, err)
		}
		return v, nil
	}
}

// compile compiles a text in its language. The language is that of the element
// or else of the model.
func (b *builder) compile(n, languageOf *node, text string, s *scope, unary bool) Evaluator {
	language := b.languageOf(languageOf)
	if language != "" {
		return b.foreign(n, language, text, unary)
	}
	opts := feel.CompileOptions{Dialect: b.model.feelDialect(), Names: s.feelNames(), Types: b.model.types.byName}
	var e *feel.Expression
	var err error
	if unary {
		e, err = feel.CompileUnaryTests(text, opts)
	} else {
		e, err = feel.Compile(text, opts)
	}
	if err != nil {
		b.fail(CodeExpression, n, "The expression %q can not be compiled: %v; correct it.", clip(text), err)
		return nil
	}
	return e
}

// languageOf gives the language of an expression, "" for FEEL.
func (b *builder) languageOf(n *node) string {
	language := n.attr("expressionLanguage")
	if language == "" {
		language = b.language
	}
	lower := strings.ToLower(strings.TrimSuffix(language, "/"))
	switch {
	case lower == "", lower == "feel", lower == "feel-scala", lower == "feel-scala-unary-tests",
		strings.HasSuffix(lower, "/feel"), strings.Contains(lower, "omg.org/spec/feel"):
		return ""
	}
	return language
}

func (b *builder) foreign(n *node, language, text string, unary bool) Evaluator {
	if b.opts.Expressions == nil {
		b.fail(CodeLanguage, n, "Expression language %q is not available here; write the expression in FEEL.", language)
		return nil
	}
	ev, err := b.opts.Expressions(language, text, unary)
	if err != nil {
		b.fail(CodeExpression, n, "The expression %q of language %q can not be compiled: %v; correct it.", clip(text), language, err)
		return nil
	}
	return ev
}

// clip shortens a text for messages.
func clip(text string) string {
	const most = 120
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "..."
}

// context compiles a boxed context (DMN 1.5, 10.2.1.4): each entry sees the
// ones before it; a last entry without a name is the value of the whole.
func (b *builder) context(n *node, s *scope) logic {
	inner := s.child(nil, nil)
	var names []string
	var entries []logic
	var result logic
	list := n.all("contextEntry")
	ok := b.roomFor(len(list), n, s)
	if !ok {
		return nil
	}
	for i, c := range list {
		name := ""
		var t *dataType
		if v := c.child("variable"); v != nil {
			name = normalName(v.attr("name"))
			t = b.model.types.ref(v.attr("typeRef"), v)
		}
		l := b.inner(c, inner, t)
		if l == nil {
			ok = false
		}
		if name == "" {
			if i != len(list)-1 {
				b.fail(CodeMissingName, c, "The context entry has no name; only the last one, the result, may go without.")
				ok = false
			}
			result = l
			continue
		}
		if contains(names, name) {
			b.fail(CodeDuplicateName, c, "The context has two entries named %q; rename one.", name)
			ok = false
			continue
		}
		entries = append(entries, typed(l, t, c.label(), "context entry", name))
		names = append(names, name)
		inner.add(name, t)
	}
	if !ok {
		return nil
	}
	return func(f *frame) (feel.Value, error) {
		g := f.child(names, make([]feel.Value, 0, len(names)))
		for _, e := range entries {
			v, err := e(g)
			if err != nil {
				return feel.Null(), err
			}
			g.vals = append(g.vals, v)
		}
		if result != nil {
			return result(g)
		}
		ctx := feel.NewContext(len(names))
		for i, name := range names {
			ctx.Set(name, g.vals[i])
		}
		return ctx.Value(), nil
	}
}

// roomFor checks that names can be added to a scope. The limit keeps the time
// that a model takes to compile in proportion to its size.
func (b *builder) roomFor(names int, n *node, s *scope) bool {
	if s.size()+names <= b.opts.Limits.Names {
		return true
	}
	b.fail(CodeTooLarge, n, "More than %d names are in sight; split the context or the requirements.", b.opts.Limits.Names)
	return false
}

func contains(list []string, s string) bool {
	for _, l := range list {
		if l == s {
			return true
		}
	}
	return false
}

// relation compiles a relation: a list of contexts (DMN 1.5, 10.2.1.6).
func (b *builder) relation(n *node, s *scope) logic {
	var columns []string
	var types []*dataType
	for _, c := range n.all("column") {
		columns = append(columns, normalName(c.attr("name")))
		types = append(types, b.model.types.ref(c.attr("typeRef"), c))
	}
	var rows [][]logic
	ok := true
	for _, r := range n.all("row") {
		var cells []logic
		for _, c := range r.children {
			if c.space != r.space || c.name == "description" || c.name == "extensionElements" {
				continue
			}
			l := b.expression(c, s, nil)
			if i := len(cells); l != nil && i < len(columns) {
				l = typed(l, types[i], c.label(), "column", columns[i])
			}
			ok = ok && l != nil
			cells = append(cells, l)
		}
		if len(cells) != len(columns) {
			b.fail(CodeRuleWidth, r, "The row has %d cells, but the relation %d columns; give it one cell per column.", len(cells), len(columns))
			ok = false
		}
		rows = append(rows, cells)
	}
	if !ok {
		return nil
	}
	return func(f *frame) (feel.Value, error) {
		items := make([]feel.Value, len(rows))
		for i, cells := range rows {
			ctx := feel.NewContext(len(cells))
			for j, cell := range cells {
				v, err := cell(f)
				if err != nil {
					return feel.Null(), err
				}
				ctx.Set(columns[j], v)
			}
			items[i] = ctx.Value()
		}
		return feel.List(items...), nil
	}
}

// list compiles a boxed list (DMN 1.5, 10.2.1.5).
func (b *builder) list(n *node, s *scope) logic {
	var parts []logic
	ok := true
	for _, c := range n.children {
		if c.space != n.space || c.name == "description" || c.name == "extensionElements" {
			continue
		}
		l := b.expression(c, s, nil)
		ok = ok && l != nil
		parts = append(parts, l)
	}
	if !ok {
		return nil
	}
	return func(f *frame) (feel.Value, error) {
		items := make([]feel.Value, len(parts))
		for i, p := range parts {
			v, err := p(f)
			if err != nil {
				return feel.Null(), err
			}
			items[i] = v
		}
		return feel.List(items...), nil
	}
}

// conditional compiles a boxed conditional (DMN 1.5, 10.2.1.8): null takes the
// else branch, and a condition of another kind than boolean makes it null.
func (b *builder) conditional(n *node, s *scope) logic {
	cond, then, els := b.need(n, "if", s), b.need(n, "then", s), b.need(n, "else", s)
	if cond == nil || then == nil || els == nil {
		return nil
	}
	id := n.label()
	return func(f *frame) (feel.Value, error) {
		v, err := cond(f)
		if err != nil {
			return v, err
		}
		if _, ok := v.AsBool(); !ok && !v.IsNull() {
			f.env.run.message(SeverityError, CodeFeel, id, "The condition is %s, but expected a boolean; the result is null.", show(v))
			return feel.Null(), nil
		}
		if v.IsTrue() {
			return then(f)
		}
		return els(f)
	}
}
