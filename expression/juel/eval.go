package juel

import (
	"strings"

	"github.com/cockroachdb/apd/v3"
)

// node is a part of a compiled expression.
type node interface {
	eval(f *frame) (any, error)
}

type literal struct{ value any }

func (n *literal) eval(*frame) (any, error) { return n.value, nil }

// composite is text with expressions in it.
type composite struct{ parts []node }

func (n *composite) eval(f *frame) (any, error) {
	var b strings.Builder
	for _, part := range n.parts {
		v, err := part.eval(f)
		if err != nil {
			return nil, err
		}
		s, err := f.toText(v, 0)
		if err != nil {
			return nil, err
		}
		if b.Len()+len(s) > f.text {
			return nil, f.tooLong(0)
		}
		if err := f.spend(len(s), 0); err != nil {
			return nil, err
		}
		b.WriteString(s)
	}
	return b.String(), nil
}

func (f *frame) tooLong(at int) error {
	return f.fail(CodeLimit, at, "", "a text becomes longer than %d bytes", f.text)
}

// root says which names of the engine a variable may mean.
type root uint8

const (
	rootNone root = iota
	rootExecution
	rootTask
	rootUser
)

type variable struct {
	name string
	root root
	at   int
}

func (n *variable) eval(f *frame) (any, error) {
	switch n.root {
	case rootNone:
	case rootExecution:
		if f.ctx.Execution != nil {
			return f.ctx.Execution, nil
		}
	case rootTask:
		if f.ctx.Task != nil {
			return f.ctx.Task, nil
		}
	case rootUser:
		if f.ctx.User != "" {
			return f.ctx.User, nil
		}
		return nil, nil
	}
	if f.ctx.Lookup != nil {
		if v, ok := f.ctx.Lookup(n.name); ok {
			return v, nil
		}
	}
	// The words of Camunda 7, which its users search for.
	return nil, f.fail(CodeUnknownProperty, n.at, n.name, "Unknown property used in expression: cannot resolve identifier '%s'; set the variable, or test it with var:exists(%s)", n.name, n.name)
}

// index is base[key] and base.key (EL 2.2, 1.6).
type index struct {
	base, key node
	at        int
}

func (n *index) eval(f *frame) (any, error) {
	base, err := n.base.eval(f)
	if err != nil || base == nil {
		return nil, err // a property of null is null
	}
	key, err := n.key.eval(f)
	if err != nil || key == nil {
		return nil, err
	}
	switch b := base.(type) {
	case map[string]any:
		s, err := f.toText(key, n.at)
		if err != nil {
			return nil, err
		}
		return b[s], nil
	case []any:
		num, ok := toNumber(key)
		if !ok {
			return nil, f.fail(CodeUnknownProperty, n.at, show(key), "a list has no property %s; give the number of an item, or call a method such as size()", show(key))
		}
		i, ok := toInt(num)
		if !ok || i < 0 || i >= int64(len(b)) {
			return nil, nil // behind the end is null (EL 2.2, ListELResolver)
		}
		return b[i], nil
	}
	name, ok := key.(string)
	if !ok || name == "" {
		return nil, f.fail(CodeUnknownProperty, n.at, show(key), "%s has no property %s", typeName(base), show(key))
	}
	m := getter(base, name)
	if m == nil {
		return nil, f.fail(CodeUnknownProperty, n.at, name, "Unknown property used in expression: %s has no property '%s'", typeName(base), name)
	}
	c := &invocation{f: f, at: n.at, name: name, recv: base}
	if s, ok := base.(string); ok && m.on&kindText == 0 {
		t, err := c.parseMoment(s)
		if err != nil {
			return nil, f.fail(CodeUnknownProperty, n.at, name, "Unknown property used in expression: a text that is no date has no property '%s'", name)
		}
		c.recv = t
	}
	return m.call(c)
}

// getter finds the method without arguments that a Java bean would have for the
// property.
func getter(base any, name string) *method {
	title := strings.ToUpper(name[:1]) + name[1:]
	on := []kinds{kindOf(base)}
	if on[0] == kindText {
		on = append(on, kindDate) // dates are texts outside of expressions
	}
	for _, k := range on {
		for _, prefix := range []string{"get", "is"} {
			if m := pick(builtins().methods[prefix+title], k, 0); m != nil && !m.writes {
				return m
			}
		}
	}
	return nil
}

type conditional struct {
	cond, yes, no node
	at            int
}

func (n *conditional) eval(f *frame) (any, error) {
	ok, err := f.evalBool(n.cond, n.at)
	if err != nil {
		return nil, err
	}
	if ok {
		return n.yes.eval(f)
	}
	return n.no.eval(f)
}

func (f *frame) evalBool(n node, at int) (bool, error) {
	v, err := n.eval(f)
	if err != nil {
		return false, err
	}
	b, ok := toBool(v)
	if !ok {
		return false, f.fail(CodeCoercion, at, "", "expected true or false, but found %s", typeName(v))
	}
	return b, nil
}

type logic struct {
	or          bool
	left, right node
	at          int
}

func (n *logic) eval(f *frame) (any, error) {
	if err := f.spend(1, n.at); err != nil {
		return nil, err
	}
	b, err := f.evalBool(n.left, n.at)
	if err != nil {
		return nil, err
	}
	if b == n.or {
		return b, nil
	}
	b, err = f.evalBool(n.right, n.at)
	if err != nil {
		return nil, err
	}
	return b, nil
}

type unary struct {
	op kind
	of node
	at int
}

func (n *unary) eval(f *frame) (any, error) {
	if n.op == tNot {
		b, err := f.evalBool(n.of, n.at)
		return !b, err
	}
	v, err := n.of.eval(f)
	if err != nil {
		return nil, err
	}
	if n.op == tEmpty {
		return isEmpty(v), nil
	}
	num, ok := toNumber(v)
	if !ok {
		return nil, f.notNumber(v, n.at)
	}
	return f.arithmetic(tMinus, int64(0), num, n.at)
}

func (f *frame) notNumber(v any, at int) error {
	return f.fail(CodeCoercion, at, "", "expected a number, but found %s", describe(v))
}

type arithmetic struct {
	op          kind
	left, right node
	at          int
}

func (n *arithmetic) eval(f *frame) (any, error) {
	if err := f.spend(1, n.at); err != nil {
		return nil, err
	}
	l, err := n.left.eval(f)
	if err != nil {
		return nil, err
	}
	r, err := n.right.eval(f)
	if err != nil {
		return nil, err
	}
	a, ok := toNumber(l)
	if !ok {
		return nil, f.plusHint(n.op, l, n.at)
	}
	b, ok := toNumber(r)
	if !ok {
		return nil, f.plusHint(n.op, r, n.at)
	}
	return f.arithmetic(n.op, a, b, n.at)
}

func (f *frame) plusHint(op kind, v any, at int) error {
	if _, ok := v.(string); ok && op == tPlus {
		return f.fail(CodeCoercion, at, "", "expected a number, but found %s; + adds numbers only, join texts with concat or as ${a}${b}", describe(v))
	}
	return f.notNumber(v, at)
}

type relation struct {
	op          kind
	left, right node
	at          int
}

func (n *relation) eval(f *frame) (any, error) {
	if err := f.spend(1, n.at); err != nil {
		return nil, err
	}
	l, err := n.left.eval(f)
	if err != nil {
		return nil, err
	}
	r, err := n.right.eval(f)
	if err != nil {
		return nil, err
	}
	// Null is neither less nor greater (EL 2.2, 1.9.1); null <= null holds,
	// as both are the same.
	if l == nil || r == nil {
		return l == nil && r == nil && (n.op == tLessEqual || n.op == tGreaterEqual), nil
	}
	c, err := f.compare(l, r, n.at)
	if err != nil {
		return nil, err
	}
	switch n.op { //nolint:exhaustive // the four relations
	case tLess:
		return c < 0, nil
	case tLessEqual:
		return c <= 0, nil
	case tGreater:
		return c > 0, nil
	default:
		return c >= 0, nil
	}
}

type equality struct {
	not         bool
	left, right node
	at          int
}

func (n *equality) eval(f *frame) (any, error) {
	if err := f.spend(1, n.at); err != nil {
		return nil, err
	}
	l, err := n.left.eval(f)
	if err != nil {
		return nil, err
	}
	r, err := n.right.eval(f)
	if err != nil {
		return nil, err
	}
	eq, err := f.equal(l, r, n.at)
	if err != nil {
		return nil, err
	}
	return eq != n.not, nil
}

// call is a method or function of the table.
type call struct {
	name  string
	base  node // nil for functions
	rows  []*method
	args  []node
	at    int
	regex *pattern // of a literal pattern
}

func (n *call) eval(f *frame) (any, error) {
	c := invocation{f: f, at: n.at, name: n.name, regex: n.regex}
	if err := f.spend(1, n.at); err != nil {
		return nil, err
	}
	m := n.rows[0]
	if n.base != nil {
		var err error
		if c.recv, err = n.base.eval(f); err != nil {
			return nil, err
		}
		k := kindOf(c.recv)
		if m = pick(n.rows, k, len(n.args)); m == nil && k == kindText {
			// Dates are texts outside of expressions.
			if m = pick(n.rows, kindDate, len(n.args)); m != nil {
				if c.recv, err = c.parseMoment(c.recv.(string)); err != nil {
					return nil, err
				}
			}
		}
		switch {
		case m != nil:
		case k == kindNull:
			return nil, f.fail(CodeNull, n.at, n.name, "%s() is called on null; test the value with empty first", n.name)
		case k&(kindList|kindObject) != 0 && isMutator(n.name):
			return nil, f.fail(CodeReadOnly, n.at, n.name, "%s() would change a value, which an expression must not; use an output mapping or a script task", n.name)
		case len(rowsFor(n.rows, k)) > 0:
			return nil, f.fail(CodeArguments, n.at, n.name, "%s() of %s does not take %d arguments", n.name, typeName(c.recv), len(n.args))
		default:
			return nil, f.fail(CodeUnknownMethod, n.at, n.name, "%s has no method %s; see the table of methods", typeName(c.recv), n.name)
		}
	}
	var room [3]any
	c.args = room[:0]
	for _, arg := range n.args {
		v, err := arg.eval(f)
		if err != nil {
			return nil, err
		}
		c.args = append(c.args, v)
	}
	return m.call(&c)
}

// pick finds the row for a receiver of the kind and n arguments.
func pick(rows []*method, k kinds, n int) *method {
	for _, m := range rows {
		if m.on&k != 0 && n >= m.min && (m.max < 0 || n <= m.max) {
			return m
		}
	}
	return nil
}

// hostCall is a Go function of the application.
type hostCall struct {
	fn   *Function
	args []node
	at   int
}

func (n *hostCall) eval(f *frame) (any, error) {
	if err := f.spend(1, n.at); err != nil {
		return nil, err
	}
	args := make([]any, len(n.args))
	for i, arg := range n.args {
		v, err := arg.eval(f)
		if err != nil {
			return nil, err
		}
		if args[i], err = f.exportArgument(v, n.at); err != nil {
			return nil, err
		}
	}
	return f.callHost(n.fn, args, n.at)
}

func isDecimal(v any) bool {
	_, ok := v.(*apd.Decimal)
	return ok
}
