package feel

func (c *compiler) arithmetic(a *ast) compiled {
	x, y := c.compile(a.kids[0]), c.compile(a.kids[1])
	pos := a.pos
	l, r := x.run, y.run
	var n node
	switch a.op {
	case opAdd:
		n = func(f *frame) Value { return f.add(l(f), r(f), pos) }
	case opSub:
		n = func(f *frame) Value { return f.sub(l(f), r(f), pos) }
	case opMul:
		n = func(f *frame) Value { return f.mul(l(f), r(f), pos) }
	case opDiv:
		n = func(f *frame) Value { return f.div(l(f), r(f), pos) }
	default:
		n = func(f *frame) Value { return f.pow(l(f), r(f), pos) }
	}
	return c.fold(n, x, y)
}

func (c *compiler) equality(a *ast) compiled {
	x, y := c.compile(a.kids[0]), c.compile(a.kids[1])
	pos := a.pos
	l, r := x.run, y.run
	if a.op == opNe {
		return c.fold(func(f *frame) Value {
			v := f.equals(l(f), r(f), pos)
			if v.kind == KindBool {
				return Bool(v.n == 0)
			}
			return v
		}, x, y)
	}
	if y.konst && y.val.kind == KindString {
		want, variable := y.val.str(), x.variable
		return c.fold(func(f *frame) Value {
			if vars, ok := f.c.Scope.(Vars); ok && variable != "" { // the usual case, without a call
				if s, ok := vars[variable].(string); ok {
					return Bool(s == want)
				}
			}
			v := l(f)
			if s, ok := v.ref.(string); ok {
				return Bool(s == want)
			}
			return f.equals(v, y.val, pos)
		}, x, y)
	}
	return c.fold(func(f *frame) Value { return f.equals(l(f), r(f), pos) }, x, y)
}

func (c *compiler) comparison(a *ast) compiled {
	x, y := c.compile(a.kids[0]), c.compile(a.kids[1])
	n := comparisonNode(a.op, x.run, y.run, a.pos)
	if y.konst && y.val.kind == KindNumber && y.val.isSmall() {
		n = withNumber(a.op, x, y.val, a.pos)
	}
	return c.fold(n, x, y)
}

// withNumber compares with a constant: the usual case, without a call.
func withNumber(op astOp, x compiled, k Value, pos int) node {
	// what the order of the operands may be, as bits: less, equal, greater
	var wanted uint8
	switch op {
	case opLt:
		wanted = 1
	case opLe:
		wanted = 1 | 2
	case opGt:
		wanted = 4
	default:
		wanted = 2 | 4
	}
	n, scale, l, variable := k.n, k.scale, x.run, x.variable
	if scale != 0 {
		variable = "" // integers are of scale 0
	}
	return func(f *frame) Value {
		if vars, ok := f.c.Scope.(Vars); ok && variable != "" {
			if i, ok := vars[variable].(int64); ok {
				got := uint8(2)
				if i < n {
					got = 1
				} else if i > n {
					got = 4
				}
				return Bool(got&wanted != 0)
			}
		}
		v := l(f)
		if v.kind == KindNumber && v.ref == nil && v.scale == scale {
			got := uint8(2)
			if v.n < n {
				got = 1
			} else if v.n > n {
				got = 4
			}
			return Bool(got&wanted != 0)
		}
		o, ok := f.order(v, k, pos)
		if !ok {
			return Value{}
		}
		return Bool(uint8(1)<<(o+1)&wanted != 0)
	}
}

func comparisonNode(op astOp, l, r node, pos int) node {
	switch op {
	case opLt:
		return func(f *frame) Value {
			if o, ok := f.order(l(f), r(f), pos); ok {
				return Bool(o < 0)
			}
			return Value{}
		}
	case opLe:
		return func(f *frame) Value {
			if o, ok := f.order(l(f), r(f), pos); ok {
				return Bool(o <= 0)
			}
			return Value{}
		}
	case opGt:
		return func(f *frame) Value {
			if o, ok := f.order(l(f), r(f), pos); ok {
				return Bool(o > 0)
			}
			return Value{}
		}
	default:
		return func(f *frame) Value {
			if o, ok := f.order(l(f), r(f), pos); ok {
				return Bool(o >= 0)
			}
			return Value{}
		}
	}
}

// logic is three-valued (DMN 1.5, 10.3.2.4, table 51): what is not a boolean
// counts as null.
func (c *compiler) logic(a *ast) compiled {
	x, y := c.compile(a.kids[0]), c.compile(a.kids[1])
	l, r := x.run, y.run
	if a.op == opAnd {
		return c.fold(func(f *frame) Value {
			v := l(f)
			if v.IsFalse() {
				return v
			}
			w := r(f)
			switch {
			case w.IsFalse():
				return w
			case v.kind == KindBool && w.kind == KindBool:
				return w
			}
			return Value{}
		}, x, y)
	}
	return c.fold(func(f *frame) Value {
		v := l(f)
		if v.IsTrue() {
			return v
		}
		w := r(f)
		switch {
		case w.IsTrue():
			return w
		case v.kind == KindBool && w.kind == KindBool:
			return w
		}
		return Value{}
	}, x, y)
}

// and3 and or3 are the connectives on values.
func and3(v, w Value) Value {
	switch {
	case v.IsFalse() || w.IsFalse():
		return Bool(false)
	case v.kind == KindBool && w.kind == KindBool:
		return Bool(true)
	}
	return Value{}
}

func or3(v, w Value) Value {
	switch {
	case v.IsTrue() || w.IsTrue():
		return Bool(true)
	case v.kind == KindBool && w.kind == KindBool:
		return Bool(false)
	}
	return Value{}
}

func (c *compiler) between(a *ast) compiled {
	x, low, high := c.compile(a.kids[0]), c.compile(a.kids[1]), c.compile(a.kids[2])
	pos := a.pos
	return c.fold(func(f *frame) Value {
		v := x.run(f)
		lo, ok1 := f.order(v, low.run(f), pos)
		hi, ok2 := f.order(v, high.run(f), pos)
		return and3(three(lo >= 0, ok1), three(hi <= 0, ok2))
	}, x, low, high)
}

func three(b, known bool) Value {
	if !known {
		return Value{}
	}
	return Bool(b)
}

func (c *compiler) in(a *ast) compiled {
	x := c.compile(a.kids[0])
	slot := c.slot()
	tests := make([]compiled, 0, len(a.kids))
	for _, k := range a.kids[1:] {
		tests = append(tests, c.inTestOf(k, slot))
	}
	return c.fold(func(f *frame) Value {
		f.setLocal(slot, x.run(f))
		if len(tests) == 1 {
			return tests[0].run(f)
		}
		v := Bool(false)
		for i := range tests {
			if v = or3(v, tests[i].run(f)); v.IsTrue() {
				return v
			}
		}
		return v
	}, append(tests, x)...)
}

// inTestOf is inTest with ? for the value: a test that reads it is a condition
// (DMN 1.5, 10.3.2.8). Inside of unary tests ? stays what these test.
func (c *compiler) inTestOf(a *ast, slot int) compiled {
	if c.unary || a.op == opTest {
		return c.inTest(a, slot)
	}
	before, binds := c.asked, len(c.binds)
	c.asked = false
	c.binds = append(c.binds, binding{name: "?", slot: slot, fn: c.fn})
	test := c.compile(a)
	c.binds = c.binds[:binds]
	reads := c.asked
	c.asked = before
	pos := a.pos
	if !reads {
		return compiled{run: func(f *frame) Value { return f.isIn(f.local(slot), test.run(f), pos) }, konst: test.konst}
	}
	return dynamic(func(f *frame) Value {
		t := test.run(f)
		if t.kind == KindBool || t.kind == KindNull {
			return t
		}
		return f.isIn(f.local(slot), t, pos)
	})
}

// inTest compiles one test on the value in a slot.
func (c *compiler) inTest(a *ast, slot int) compiled {
	pos := a.pos
	value := localNode(slot)
	if a.op == opTest {
		end := c.compile(a.kids[0])
		if op, ok := orderOps[a.name]; ok && end.konst && end.val.kind == KindNumber && end.val.isSmall() {
			return compiled{run: withNumber(op, dynamic(value), end.val, pos), konst: true}
		}
		return compiled{run: testNode(a.name, value, end.run, pos), konst: end.konst}
	}
	test := c.compile(a)
	return compiled{run: func(f *frame) Value { return f.isIn(f.local(slot), test.run(f), pos) }, konst: test.konst}
}

// orderOps are the comparisons that tests can begin with.
var orderOps = map[string]astOp{"<": opLt, "<=": opLe, ">": opGt, ">=": opGe}

func testNode(op string, value, end node, pos int) node {
	if o, ok := orderOps[op]; ok {
		return comparisonNode(o, value, end, pos)
	}
	if op == "!=" {
		return func(f *frame) Value {
			v := f.equals(value(f), end(f), pos)
			if v.kind == KindBool {
				return Bool(v.n == 0)
			}
			return v
		}
	}
	return func(f *frame) Value { return f.equals(value(f), end(f), pos) }
}

// unaryTests compiles the tests of ? (DMN 1.5, 10.3.2.8).
func (c *compiler) unaryTests(a *ast) compiled {
	if a.op == opAnyTest {
		return konst(Bool(true))
	}
	slot := c.slot()
	tests := make([]compiled, len(a.kids))
	for i, k := range a.kids {
		tests[i] = c.unaryTest(k, slot)
	}
	if a.op == opNotTests {
		return dynamic(func(f *frame) Value {
			f.setLocal(slot, f.c.Input)
			v := f.anyTest(tests)
			if v.kind == KindBool {
				return Bool(v.n == 0)
			}
			return v
		})
	}
	if len(tests) == 1 {
		test := tests[0].run
		return dynamic(func(f *frame) Value {
			f.vars[f.base+slot] = f.c.Input
			return test(f)
		})
	}
	return dynamic(func(f *frame) Value {
		f.setLocal(slot, f.c.Input)
		return f.anyTest(tests)
	})
}

// anyTest is the disjunction of tests.
func (f *frame) anyTest(tests []compiled) Value {
	v := Bool(false)
	for i := range tests {
		if v = or3(v, tests[i].run(f)); v.IsTrue() {
			return v
		}
	}
	return v
}

// unaryTest compiles one test of ?. An expression that reads ? is a condition
// and stands for its value; any other is compared with ?, except that a boolean
// that is not constant stands for itself where ? is none.
func (c *compiler) unaryTest(a *ast, slot int) compiled {
	if a.op == opTest {
		return c.inTest(a, slot)
	}
	before := c.input
	c.input = false
	test := c.compile(a)
	reads := c.input
	c.input = c.input || before
	pos := a.pos
	if test.konst {
		return dynamic(constantTest(test.val, slot, pos))
	}
	return dynamic(func(f *frame) Value {
		v, t := f.local(slot), test.run(f)
		switch {
		case t.kind == KindBool && (reads || v.kind != KindBool):
			return t
		case t.kind == KindNull && reads:
			return t
		}
		return f.isIn(v, t, pos)
	})
}

// constantTest compares ? with a constant: what most cells of decision tables
// are.
func constantTest(k Value, slot, pos int) node {
	switch k.kind {
	case KindString:
		want := k.str()
		return func(f *frame) Value {
			v := &f.vars[f.base+slot]
			if s, ok := v.ref.(string); ok {
				return Bool(s == want)
			}
			return f.equals(*v, k, pos)
		}
	case KindRange:
		if r, _ := k.Range(); r.isSmall() {
			return smallRangeTest(r, k, slot, pos)
		}
	default:
	}
	return func(f *frame) Value { return f.isIn(f.local(slot), k, pos) }
}

// isSmall reports whether both endpoints are small integers.
func (r *Range) isSmall() bool {
	small := func(v Value) bool { return v.kind == KindNumber && v.ref == nil && v.scale == 0 }
	return !r.not && !r.noLow && !r.noHigh && small(r.Low) && small(r.High)
}

func smallRangeTest(r *Range, k Value, slot, pos int) node {
	low, high := r.Low.n, r.High.n
	lowClosed, highClosed := r.LowClosed, r.HighClosed
	return func(f *frame) Value {
		v := &f.vars[f.base+slot]
		if v.kind == KindNumber && v.ref == nil && v.scale == 0 {
			n := v.n
			return Bool((n > low || n == low && lowClosed) && (n < high || n == high && highClosed))
		}
		return f.isIn(*v, k, pos)
	}
}

func (c *compiler) filter(a *ast) compiled {
	x := c.compile(a.kids[0])
	pos := a.pos
	if a.kids[1].isNumberLiteral() {
		index := a.kids[1].val
		return c.fold(func(f *frame) Value { return f.index(x.run(f), index, pos) }, x)
	}
	slot := c.slot()
	mark := len(c.binds)
	c.binds = append(c.binds,
		binding{name: "item", slot: slot, fn: c.fn},
		binding{slot: slot, fn: c.fn, item: true})
	cond := c.compile(a.kids[1])
	c.binds = c.binds[:mark]
	n := func(f *frame) Value { return f.filter(x.run(f), slot, cond, pos) }
	if cond.konst {
		return c.fold(n, x)
	}
	return dynamic(n)
}

// index gives one item of a list: from 1 at the front, from -1 at the end.
func (f *frame) index(list, index Value, pos int) Value {
	n := 1
	if list.kind == KindList {
		n = list.Len()
	}
	i, ok := index.toInt()
	if list.IsNull() || !ok {
		return f.warn(pos, WarnInvalidType, "expected a list and an integral index, but found %s and %s", brief(list), brief(index))
	}
	if i < 0 {
		i += int64(n) + 1
	}
	if i < 1 || i > int64(n) {
		return f.warn(pos, WarnOutOfRange, "expected an index from 1 to %d, but found %s", n, index.String())
	}
	if list.kind != KindList {
		return list
	}
	return list.At(int(i - 1))
}

// filter keeps the items for which the condition is true (DMN 1.5, 10.3.2.5):
// a number is an index, a single value a list of one.
func (f *frame) filter(list Value, slot int, cond compiled, pos int) Value {
	if cond.konst && cond.val.kind == KindNumber {
		return f.index(list, cond.val, pos)
	}
	n, single := 1, list.kind != KindList
	switch list.kind {
	case KindList:
		n = list.Len()
	case KindNull:
		return f.warn(pos, WarnInvalidType, "expected a list to filter, but found null")
	default:
		list = List(list)
	}
	if n == 0 {
		f.setLocal(slot, Value{})
		f.quiet++
		v := cond.run(f)
		f.quiet--
		if v.kind == KindNumber {
			return f.index(list, v, pos)
		}
		return List()
	}
	var kept []Value
	for i := range n {
		f.step(1)
		item := list.At(i)
		f.setLocal(slot, item)
		v := cond.run(f)
		switch {
		case v.IsTrue():
			if kept == nil {
				kept = make([]Value, 0, min(n-i, 8))
			}
			kept = append(kept, item)
		case v.kind == KindNumber && i == 0:
			return f.index(list, v, pos)
		case v.kind != KindBool && v.kind != KindNull:
			if f.dialect == Camunda && !single {
				f.warn(pos, WarnInvalidType, "expected a boolean as condition of the filter, but found %s", brief(v))
				return List()
			}
			return f.warn(pos, WarnInvalidType, "expected a boolean as condition of the filter, but found %s", brief(v))
		}
	}
	return f.list(kept)
}
