package feel

import (
	"maps"
	"slices"
)

// compiler turns a syntax tree into closures. Local names become slots of the
// frame; all others are looked up in the scope at evaluation.
type compiler struct {
	opts  *CompileOptions
	src   string
	fn    *funcScope
	binds []binding // innermost last
	free  map[string]bool
	input bool // ? is read
	// unary: what is compiled are unary tests; asked: ? is read, whose ever it is
	unary, asked bool
	// partial: the results so far of a for loop are read
	partial bool
	// patterns are the constant regular expressions
	patterns map[regexKey]*regex
}

// funcScope numbers the slots of the expression or of one function body.
type funcScope struct {
	parent   *funcScope
	nslots   int
	captures []capture
}

// capture copies a slot of the surrounding function into one of this function
// when a function value is made.
type capture struct{ outer, inner int }

// binding is a local name, or, when item is set, the item of a filter, whose
// entries are names.
type binding struct {
	name string
	slot int
	fn   *funcScope
	item bool
}

// compiled is a node with what is known about it.
type compiled struct {
	run   node
	konst bool // the same in every context
	val   Value
	// variable is the name of the variable that the node looks up in the scope
	// of the evaluation and nowhere else; "" for any other node.
	variable string
}

func compile(text string, opts CompileOptions, unary bool) (*Expression, error) {
	root, err := parse(text, &opts, unary)
	if err != nil {
		return nil, err
	}
	c := &compiler{opts: &opts, src: text, fn: &funcScope{}, unary: unary}
	n := c.compile(root)
	e := &Expression{
		patterns: c.patterns,
		text:     text, dialect: opts.Dialect, run: n.run, nslots: c.fn.nslots,
		constant: n.konst, usesInput: c.input,
	}
	if len(c.free) > 0 {
		e.variables = slices.Sorted(maps.Keys(c.free))
	}
	return e, nil
}

func (c *compiler) slot() int {
	c.fn.nslots++
	return c.fn.nslots - 1
}

// slots gives n slots in a row.
func (c *compiler) slots(n int) int {
	c.fn.nslots += n
	return c.fn.nslots - n
}

func (c *compiler) bind(name string) int {
	s := c.slot()
	c.binds = append(c.binds, binding{name: name, slot: s, fn: c.fn})
	return s
}

// slotOf gives the slot of a binding within the current function, capturing it
// when it belongs to a surrounding one.
func (c *compiler) slotOf(b binding) int { return captureIn(c.fn, b) }

func captureIn(fn *funcScope, b binding) int {
	if b.fn == fn || fn.parent == nil {
		return b.slot
	}
	outer := captureIn(fn.parent, b)
	for _, cp := range fn.captures {
		if cp.outer == outer {
			return cp.inner
		}
	}
	cp := capture{outer: outer, inner: fn.nslots}
	fn.nslots++
	fn.captures = append(fn.captures, cp)
	return cp.inner
}

func konst(v Value) compiled {
	return compiled{run: func(*frame) Value { return v }, konst: true, val: v}
}

func dynamic(n node) compiled { return compiled{run: n} }

// fold evaluates a node whose operands are constant, unless that warns or
// fails: then it is left for the evaluation, which tells the user.
func (c *compiler) fold(n node, operands ...compiled) compiled {
	for _, o := range operands {
		if !o.konst {
			return dynamic(n)
		}
	}
	ctx := EvalContext{Limits: Limits{Steps: 1000, ListSize: 256, StringSize: 4096, Warnings: 1}}
	e := Expression{text: c.src, dialect: c.opts.Dialect, run: n, nslots: c.fn.nslots}
	v, err := e.eval(&ctx)
	if err != nil || len(ctx.Warnings()) > 0 {
		return dynamic(n)
	}
	return konst(v)
}

func (c *compiler) compile(a *ast) compiled {
	switch a.op {
	case opLiteral:
		return konst(a.val)
	case opTemporal:
		return c.temporal(a)
	case opName:
		return c.name(a)
	case opAdd, opSub, opMul, opDiv, opPow:
		return c.arithmetic(a)
	case opNeg:
		x := c.compile(a.kids[0])
		pos := a.pos
		return c.fold(func(f *frame) Value { return f.negate(x.run(f), pos) }, x)
	case opEq, opNe:
		return c.equality(a)
	case opLt, opLe, opGt, opGe:
		return c.comparison(a)
	case opAnd, opOr:
		return c.logic(a)
	case opBetween:
		return c.between(a)
	case opIn:
		return c.in(a)
	case opTest:
		// reached only where the parser has checked what surrounds it
		return c.rangeLiteral(rangeOfTest(a))
	case opRange:
		return c.rangeLiteral(a)
	case opList:
		return c.list(a)
	case opContext:
		return c.context(a)
	case opPath:
		return c.path(a)
	case opFilter:
		return c.filter(a)
	case opCall:
		return c.invocation(a)
	case opFunction:
		return c.function(a)
	case opIf:
		return c.conditional(a)
	case opFor:
		return c.forLoop(a)
	case opSome, opEvery:
		return c.quantified(a)
	case opInstanceOf:
		x, t := c.compile(a.kids[0]), a.typ
		return c.fold(func(f *frame) Value { return Bool(f.instanceOf(x.run(f), t)) }, x)
	case opUnaryTests, opNotTests, opAnyTest:
		return c.unaryTests(a)
	}
	panic(&Error{Code: CodeInternal, Msg: "unknown node of the syntax tree"})
}

func (c *compiler) temporal(a *ast) compiled {
	text, pos := a.name, a.pos
	v, ok := ParseTemporal(text)
	if ok {
		return konst(v)
	}
	return dynamic(func(f *frame) Value {
		return f.warn(pos, WarnFunctionFailed, "expected a date, time or duration after @, but found %q", text)
	})
}

// name resolves a name: entries of the items of surrounding filters, local
// names, functions given at compile time, the scope, built-in functions.
func (c *compiler) name(a *ast) compiled {
	name, pos := a.name, a.pos
	c.asked = c.asked || name == "?"
	if name == "?" && !c.bound("?") {
		c.input = true
		return dynamic(func(f *frame) Value { return f.c.Input })
	}
	c.partial = c.partial || name == "partial"
	var items []int
	for i := len(c.binds) - 1; i >= 0; i-- {
		b := c.binds[i]
		switch {
		case b.item:
			items = append(items, c.slotOf(b))
		case b.name == name:
			return dynamic(inItems(items, name, localNode(c.slotOf(b))))
		}
	}
	n := c.global(name, pos)
	if len(items) == 0 {
		return n
	}
	return dynamic(inItems(items, name, n.run))
}

func (c *compiler) bound(name string) bool {
	return slices.ContainsFunc(c.binds, func(b binding) bool { return b.name == name && !b.item })
}

func localNode(slot int) node { return func(f *frame) Value { return f.vars[f.base+slot] } }

// inItems looks a name up in the items of filters, innermost first, before
// anything else.
func inItems(items []int, name string, otherwise node) node {
	switch len(items) {
	case 0:
		return otherwise
	case 1:
		slot := items[0]
		return func(f *frame) Value {
			if item := f.vars[f.base+slot]; item.kind == KindContext {
				if v, ok := item.Get(name); ok {
					return v
				}
			}
			return otherwise(f)
		}
	}
	return func(f *frame) Value {
		for _, slot := range items {
			if item := f.local(slot); item.kind == KindContext {
				if v, ok := item.Get(name); ok {
					return v
				}
			}
		}
		return otherwise(f)
	}
}

// global resolves a name that is not local.
func (c *compiler) global(name string, pos int) compiled {
	if v, ok := c.opts.Functions[name]; ok {
		return konst(v)
	}
	fallback := Value{}
	b := findBuiltin(name, c.opts.Dialect)
	if b != nil {
		fallback = functionValue(&Function{name: name, params: b.params(), builtin: b})
	}
	c.read(name)
	return compiled{variable: name, run: func(f *frame) Value {
		switch s := f.c.Scope.(type) {
		case nil:
		case Vars: // the usual case, without a call
			if a, ok := s[name]; ok {
				return FromAny(a)
			}
		default:
			if v, ok := s.Lookup(name); ok {
				return v
			}
		}
		if b == nil {
			return f.warn(pos, WarnNoVariable, "no variable found with name '%s'", name)
		}
		return fallback
	}}
}

func (c *compiler) read(name string) {
	if c.free == nil {
		c.free = map[string]bool{}
	}
	c.free[name] = true
}

func (c *compiler) rangeLiteral(a *ast) compiled {
	low, high := konst(Value{}), konst(Value{})
	noLow, noHigh := a.kids[0] == nil, a.kids[1] == nil
	if !noLow {
		low = c.compile(a.kids[0])
	}
	if !noHigh {
		high = low
		if a.kids[1] != a.kids[0] {
			high = c.compile(a.kids[1])
		}
	}
	flags, pos := a.flags, a.pos
	return c.fold(func(f *frame) Value {
		r := &Range{
			Low: low.run(f), High: high.run(f),
			LowClosed: flags&flagLowClosed != 0, HighClosed: flags&flagHighClosed != 0,
			not: flags&flagNot != 0, noLow: noLow, noHigh: noHigh,
		}
		return f.checkRange(r, pos)
	}, low, high)
}

// checkRange: endpoints are null or of one comparable kind.
func (f *frame) checkRange(r *Range, pos int) Value {
	if r.noLow || r.noHigh || r.not || r.Low.IsNull() || r.High.IsNull() {
		return rangeOf(r)
	}
	if _, ok := Compare(r.Low, r.High); !ok && !same(r.Low, r.High) {
		return f.warn(pos, WarnNotComparable, "expected endpoints of a range that can be compared, but found %s and %s", brief(r.Low), brief(r.High))
	}
	return rangeOf(r)
}

func (c *compiler) list(a *ast) compiled {
	items := make([]compiled, len(a.kids))
	for i, k := range a.kids {
		items[i] = c.compile(k)
	}
	return c.fold(func(f *frame) Value {
		f.step(len(items))
		vs := make([]Value, len(items))
		for i := range items {
			vs[i] = items[i].run(f)
		}
		return f.list(vs)
	}, items...)
}

// context compiles a context literal: an entry sees those before it, and a
// function definition sees itself too, so that it can be recursive, unless its
// name means something else there. A key that comes twice makes the whole null
// (DMN 1.5, 10.3.2.6).
func (c *compiler) context(a *ast) compiled {
	entries := make([]compiled, len(a.kids))
	slots := make([]int, len(a.kids))
	recursive := make([]bool, len(a.kids))
	mark := len(c.binds)
	twice := ""
	for i, k := range a.kids {
		if slices.Contains(a.keys[:i], a.keys[i]) {
			twice = a.keys[i]
		}
		if k.op == opFunction && !c.known(a.keys[i]) {
			slots[i], recursive[i] = c.bind(a.keys[i]), true
			entries[i] = c.compile(k)
			continue
		}
		entries[i] = c.compile(k)
		slots[i] = c.bind(a.keys[i])
	}
	c.binds = c.binds[:mark]
	keys, pos := a.keys, a.pos
	return c.fold(func(f *frame) Value {
		f.step(len(entries))
		if twice != "" {
			return f.warn(pos, WarnFunctionFailed, "expected different keys in a context, but '%s' comes twice", twice)
		}
		ctx := NewContext(len(entries))
		for i := range entries {
			v := entries[i].run(f)
			f.setLocal(slots[i], v)
			if recursive[i] {
				tie(v, slots[i])
			}
			ctx.Set(keys[i], v)
		}
		return ctx.Value()
	}, entries...)
}

// known reports whether a name has a meaning that does not depend on the scope.
func (c *compiler) known(name string) bool {
	_, isFunction := c.opts.Functions[name]
	return isFunction || c.bound(name) || findBuiltin(name, c.opts.Dialect) != nil ||
		slices.ContainsFunc(c.opts.Names, func(n Name) bool { return n.Name == name })
}

// tie gives a function that captured the slot it is stored in its own value.
func tie(fn Value, slot int) {
	fun, ok := fn.Function()
	if !ok {
		return
	}
	for i, cp := range fun.slots {
		if cp.outer == slot {
			fun.captured[i] = fn
		}
	}
}

func (c *compiler) path(a *ast) compiled {
	if n, ok := c.qualified(a); ok {
		return n
	}
	// a chain of names is walked in one go
	steps := []pathStep{{a.name, a.pos}}
	root := a.kids[0]
	for root.op == opPath && !c.isQualified(root) {
		steps = append(steps, pathStep{root.name, root.pos})
		root = root.kids[0]
	}
	slices.Reverse(steps)
	x := c.compile(root)
	if len(steps) == 1 {
		name, pos := a.name, a.pos
		return c.fold(func(f *frame) Value { return f.member(x.run(f), name, pos) }, x)
	}
	return c.fold(func(f *frame) Value {
		v := x.run(f)
		for i := range steps {
			v = f.member(v, steps[i].name, steps[i].pos)
		}
		return v
	}, x)
}

type pathStep struct {
	name string
	pos  int
}

func (c *compiler) isQualified(a *ast) bool {
	_, ok := c.qualified(a)
	return ok
}

// qualified recognises a path whose whole spelling is a declared name, as that
// of an imported element.
func (c *compiler) qualified(a *ast) (compiled, bool) {
	if len(c.opts.Names) == 0 && len(c.opts.Functions) == 0 {
		return compiled{}, false
	}
	full := a.name
	k := a.kids[0]
	for k.op == opPath {
		full = k.name + "." + full
		k = k.kids[0]
	}
	if k.op != opName {
		return compiled{}, false
	}
	full = k.name + "." + full
	for _, n := range c.opts.Names {
		if n.Name == full {
			return c.global(full, a.pos), true
		}
	}
	if v, ok := c.opts.Functions[full]; ok {
		return konst(v), true
	}
	return compiled{}, false
}

// member gives the entry or the property of a value, and those of the items of a
// list (DMN 1.5, 10.3.2.5, table 65).
func (f *frame) member(v Value, name string, pos int) Value {
	if m, ok := v.ref.(map[string]any); ok { // the usual case, without a call
		if a, ok := m[name]; ok {
			return FromAny(a)
		}
	}
	switch v.kind {
	case KindContext:
		if e, ok := v.Get(name); ok {
			return e
		}
		return f.warn(pos, WarnNoEntry, "no context entry found with key '%s'", name)
	case KindList:
		n := v.Len()
		f.step(n)
		items := make([]Value, n)
		for i := range n {
			items[i] = f.member(v.At(i), name, pos)
		}
		return f.list(items)
	default:
	}
	if p, ok := v.property(name); ok {
		return p
	}
	return f.warn(pos, WarnNoEntry, "no property found with name '%s' of %s", name, brief(v))
}

func (c *compiler) conditional(a *ast) compiled {
	cond, then, otherwise := c.compile(a.kids[0]), c.compile(a.kids[1]), c.compile(a.kids[2])
	pos := a.pos
	return c.fold(func(f *frame) Value {
		v := cond.run(f)
		switch {
		case v.IsTrue():
			return then.run(f)
		case v.kind != KindBool && v.kind != KindNull:
			f.warn(pos, WarnInvalidType, "expected a boolean as condition, but found %s", brief(v))
		}
		return otherwise.run(f)
	}, cond, then, otherwise)
}

func (c *compiler) function(a *ast) compiled {
	outer := c.fn
	c.fn = &funcScope{parent: outer, nslots: len(a.fn)}
	mark := len(c.binds)
	for i, p := range a.fn {
		c.binds = append(c.binds, binding{name: p.Name, slot: i, fn: c.fn})
	}
	body := c.compile(a.kids[0])
	c.binds = c.binds[:mark]
	inner := c.fn
	c.fn = outer
	params, src, dialect := a.fn, c.src, c.opts.Dialect
	gives := staticType(a.kids[0], a.fn)
	return dynamic(func(f *frame) Value {
		fn := &Function{
			params: params, gives: gives, body: body.run, nslots: inner.nslots, src: src,
			dialect: dialect, home: f.c, scope: f.c.Scope, input: f.c.Input, serial: f.serial,
		}
		if len(inner.captures) > 0 {
			fn.slots = inner.captures
			fn.captured = make([]Value, len(inner.captures))
			for i, cp := range inner.captures {
				fn.captured[i] = f.local(cp.outer)
			}
		}
		return functionValue(fn)
	})
}
