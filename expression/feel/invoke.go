package feel

import "strings"

// invocation compiles a call. A name that is a built-in function, and that
// nothing in sight hides, is called straight; its arguments are put into slots
// of the frame.
func (c *compiler) invocation(a *ast) compiled {
	callee := a.kids[0]
	args := make([]compiled, len(a.kids)-1)
	for i, k := range a.kids[1:] {
		args[i] = c.compile(k)
	}
	pos, names := a.pos, a.keys
	if callee.op == opName {
		pos = callee.pos
		if b := c.builtinFor(callee.name); b != nil {
			return c.builtinCall(b, args, names, pos)
		}
	}
	fn := c.compile(callee)
	slot := c.slots(len(args))
	named := 0 // a name without a value is told of as a function
	if callee.op == opName {
		named = 1
	}
	return dynamic(func(f *frame) Value {
		f.quiet += named
		v := fn.run(f)
		f.quiet -= named
		if v.kind != KindFunction {
			return f.notFunction(callee, v, pos)
		}
		given := f.arguments(args, slot)
		if names != nil {
			return f.callNamed(v, given, names, pos)
		}
		return f.call(v, given, pos)
	})
}

func (f *frame) notFunction(callee *ast, v Value, pos int) Value {
	if callee.op == opName && v.IsNull() {
		return f.warn(pos, WarnNoFunction, "no function found with name '%s'", callee.name)
	}
	return f.warn(pos, WarnNoFunction, "expected a function to call, but found %s", brief(v))
}

// arguments evaluates arguments into slots.
func (f *frame) arguments(args []compiled, slot int) []Value {
	for i := range args {
		v := args[i].run(f)
		f.vars[f.base+slot+i] = v
	}
	from := f.base + slot
	return f.vars[from : from+len(args) : from+len(args)]
}

// builtinFor gives the built-in function of a name, unless a local name, a
// declared one or a function of the options hides it.
func (c *compiler) builtinFor(name string) *builtin {
	if c.bound(name) {
		return nil
	}
	if _, ok := c.opts.Functions[name]; ok {
		return nil
	}
	for _, n := range c.opts.Names {
		if n.Name == name {
			return nil
		}
	}
	return findBuiltin(name, c.opts.Dialect)
}

func (c *compiler) builtinCall(b *builtin, args []compiled, names []string, pos int) compiled {
	slot := c.slots(len(args))
	if names == nil {
		c.keepPattern(b, args)
	}
	if names != nil {
		return c.foldIf(!b.impure, func(f *frame) Value {
			return f.callBuiltinNamed(b, f.arguments(args, slot), names, pos)
		}, args...)
	}
	return c.foldIf(!b.impure, func(f *frame) Value {
		return f.callBuiltin(b, f.arguments(args, slot), pos)
	}, args...)
}

func (c *compiler) foldIf(pure bool, n node, operands ...compiled) compiled {
	if !pure {
		return dynamic(n)
	}
	return c.fold(n, operands...)
}

// builtinFunc is the body of a built-in function. It gets one argument for each
// parameter of the signature that matched, null for one left out, or all
// arguments when the signature repeats.
type builtinFunc func(f *frame, args []Value, pos int) Value

// builtin is a row of the table of built-in functions.
type builtin struct {
	name string
	// sigs are the ways to call it: parameters "name:kinds" with commas between.
	// Kinds are letters: n number, s string, b boolean, d date, t time, D date
	// and time, u days and time duration, y years and months duration, l list,
	// c context, f function, r range, * anything; 0 allows null as well. A name
	// that ends in ? may be left out, one that ends in ... repeats.
	sigs []string
	// camunda: only in that dialect
	camunda bool
	// impure: depends on the context, so never folded
	impure bool
	run    builtinFunc
	// pattern and flags are the arguments that are a regular expression, from 0,
	// where there is one
	pattern, flags int
	doc            string
	example        string
	result         string

	parsed []signature
}

type signature struct {
	params   []parameter
	required int
	variadic bool
}

type parameter struct {
	name     string
	kinds    uint32 // bit per Kind
	optional bool
}

const anyKind = 1<<(KindFunction+1) - 1

var kindLetters = map[byte]Kind{
	'0': KindNull, 'n': KindNumber, 's': KindString, 'b': KindBool, 'd': KindDate, 't': KindTime,
	'D': KindDateTime, 'u': KindDaysTime, 'y': KindYearsMonths, 'l': KindList, 'c': KindContext,
	'f': KindFunction, 'r': KindRange,
}

func parseSignature(s string) signature {
	var sig signature
	if s == "" {
		return sig
	}
	for part := range strings.SplitSeq(s, ", ") {
		name, kinds, _ := strings.Cut(part, ":")
		var p parameter
		p.name, p.optional = strings.CutSuffix(name, "?")
		if n, ok := strings.CutSuffix(p.name, "..."); ok {
			p.name, sig.variadic = n, true
		}
		if kinds == "*" {
			p.kinds = anyKind
		} else {
			for i := range len(kinds) {
				p.kinds |= 1 << kindLetters[kinds[i]]
			}
		}
		if !p.optional {
			sig.required = len(sig.params) + 1
		}
		sig.params = append(sig.params, p)
	}
	return sig
}

func (p *parameter) takes(v Value) bool { return p.kinds&(1<<v.kind) != 0 }

// coerce applies the implicit conversions between an item and a list of one
// (DMN 1.5, 10.3.2.9.4).
func (p *parameter) coerce(v Value) (Value, bool) {
	switch {
	case p.takes(v):
		return v, true
	case v.kind == KindList && v.Len() == 1 && p.takes(v.At(0)):
		return v.At(0), true
	case v.kind != KindNull && v.kind != KindList && p.kinds&(1<<KindList) != 0:
		return List(v), true
	}
	return v, false
}

func (s *signature) at(i int) *parameter {
	if i >= len(s.params) {
		return &s.params[len(s.params)-1]
	}
	return &s.params[i]
}

func (s *signature) fits(n int) bool {
	return n >= s.required && (n <= len(s.params) || s.variadic)
}

// params describes the first signature for a function value.
func (b *builtin) params() []Param {
	sig := b.parsed[0]
	ps := make([]Param, len(sig.params))
	for i, p := range sig.params {
		ps[i] = Param{Name: p.name, Optional: p.optional, Type: p.typ()}
	}
	return ps
}

func (p *parameter) typ() *Type {
	for k := KindBool; k <= KindFunction; k++ {
		if p.kinds == 1<<k {
			return TypeOf(k)
		}
	}
	return nil
}

// callBuiltin calls with positional arguments: by the first signature that they
// fit as they are, else by the first that they fit after coercion.
func (f *frame) callBuiltin(b *builtin, args []Value, pos int) Value {
	f.step(1)
	for i := range b.parsed {
		if sig := &b.parsed[i]; sig.fits(len(args)) && sig.takesAll(args) {
			return b.run(f, sig.pad(args), pos)
		}
	}
	for i := range b.parsed {
		sig := &b.parsed[i]
		if !sig.fits(len(args)) {
			continue
		}
		if coerced, ok := sig.coerceAll(args); ok {
			return b.run(f, sig.pad(coerced), pos)
		}
	}
	return f.noSignature(b, args, pos)
}

func (s *signature) takesAll(args []Value) bool {
	for i := range args {
		if !s.at(i).takes(args[i]) {
			return false
		}
	}
	return true
}

func (s *signature) coerceAll(args []Value) ([]Value, bool) {
	coerced := make([]Value, len(args), max(len(args), len(s.params)))
	for i := range args {
		v, ok := s.at(i).coerce(args[i])
		if !ok {
			return nil, false
		}
		coerced[i] = v
	}
	return coerced, true
}

// pad adds null for what was left out.
func (s *signature) pad(args []Value) []Value {
	if s.variadic || len(args) == len(s.params) {
		return args
	}
	full := make([]Value, len(s.params))
	copy(full, args)
	return full
}

func (f *frame) callBuiltinNamed(b *builtin, args []Value, names []string, pos int) Value {
	for i := range b.parsed {
		if ordered, ok := b.parsed[i].order(args, names); ok {
			f.step(1)
			return b.run(f, ordered, pos)
		}
	}
	return f.noSignature(b, args, pos)
}

// order puts named arguments into the order of the parameters, coerced.
func (s *signature) order(args []Value, names []string) ([]Value, bool) {
	ordered := make([]Value, len(s.params))
	used := 0
	for i := range s.params {
		p := &s.params[i]
		found := false
		for j, n := range names {
			if n == p.name {
				v, ok := p.coerce(args[j])
				if !ok {
					return nil, false
				}
				ordered[i], found = v, true
				used++
			}
		}
		if !found && !p.optional {
			return nil, false
		}
	}
	return ordered, used == len(names)
}

func (f *frame) noSignature(b *builtin, args []Value, pos int) Value {
	kinds := make([]string, len(args))
	for i, a := range args {
		kinds[i] = a.kind.String()
	}
	return f.warn(pos, WarnNoFunction, "expected %s, but found arguments (%s)", b.usage(), strings.Join(kinds, ", "))
}

// usage shows the ways to call the function.
func (b *builtin) usage() string {
	ways := make([]string, len(b.parsed))
	for i, sig := range b.parsed {
		names := make([]string, len(sig.params))
		for j, p := range sig.params {
			names[j] = p.name
			if p.optional {
				names[j] += "?"
			}
			if sig.variadic && j == len(sig.params)-1 {
				names[j] += "..."
			}
		}
		ways[i] = b.name + "(" + strings.Join(names, ", ") + ")"
	}
	return strings.Join(ways, " or ")
}
