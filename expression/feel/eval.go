package feel

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// node is a compiled piece of an expression.
type node func(*frame) Value

// state is what the evaluations with one context, and with those made from it,
// share.
type state struct {
	frame    frame
	depth    int // nested Evals
	serial   uint64
	regexes  map[regexKey]*regex
	warnings []Warning
	zones    zones
	rng      *rand.PCG
}

// frame is the stack of an evaluation. Local names live in vars[base+slot].
type frame struct {
	c     *EvalContext
	st    *state
	vars  []Value
	base  int
	top   int
	steps int // left
	calls int // depth of function calls
	// quiet: warnings are not wanted, because the value is only looked at
	quiet int
	// serial tells evaluations apart
	serial uint64
	// src is the text that positions refer to
	src     string
	dialect Dialect
	// patterns are the constant regular expressions of the expression
	patterns map[regexKey]*regex
}

func (c *EvalContext) shared() *state {
	if c.st == nil {
		c.st = &c.own
	}
	return c.st
}

const (
	defaultSteps      = 1_000_000
	defaultDepth      = 256
	defaultListSize   = 200_000
	defaultStringSize = 1 << 20
	defaultRegex      = 100 * time.Millisecond
	defaultWarnings   = 20
)

func orDefault(n, def int) int {
	if n == 0 {
		return def
	}
	return n
}

func (e *Expression) eval(c *EvalContext) (v Value, err error) {
	st := c.shared()
	if st.depth > 0 {
		return e.evalNested(c, st)
	}
	f := &st.frame
	defer func() {
		if r := recover(); r != nil {
			v, err = Value{}, recovered(r)
		}
		st.depth = 0
	}()
	st.depth = 1
	st.serial++
	f.st, f.c, f.src, f.dialect, f.serial = st, c, e.text, e.dialect, st.serial
	f.patterns = e.patterns
	f.steps, f.calls, f.quiet, f.base = orDefault(c.Limits.Steps, defaultSteps), 0, 0, 0
	f.reserve(e.nslots)
	v = e.run(f)
	f.checkSize(v)
	return v, nil
}

// evalNested evaluates within another evaluation, on top of its stack and out of
// its limits.
func (e *Expression) evalNested(c *EvalContext, st *state) (v Value, err error) {
	f := &st.frame
	saved := *f
	defer func() {
		if r := recover(); r != nil {
			v, err = Value{}, recovered(r)
		}
		saved.steps, saved.vars = f.steps, f.vars
		*f = saved
		st.depth--
	}()
	st.depth++
	if st.depth > defaultDepth {
		return Value{}, &Error{Code: CodeDepth, Msg: "expected evaluations nested less deeply"}
	}
	st.serial++
	f.c, f.src, f.dialect, f.serial = c, e.text, e.dialect, st.serial
	f.patterns = e.patterns
	f.base = f.top
	f.reserve(e.nslots)
	v = e.run(f)
	f.checkSize(v)
	return v, nil
}

// checkSize keeps results from being far larger, written out, than the work that
// made them: parts can be shared.
func (f *frame) checkSize(v Value) {
	if v.ref == nil || (v.kind != KindList && v.kind != KindContext) {
		return
	}
	limit := orDefault(f.c.Limits.Steps, defaultSteps)
	if v.sizeUpTo(limit, maxDepth) > limit {
		panic(&Error{Code: CodeSteps, Msg: fmt.Sprintf("expected a result of at most %d parts, nested at most %d deep", limit, maxDepth)})
	}
}

// recovered turns a panic into an error: limits are panics of *Error, and any
// other is a fault that must not take the process down.
func recovered(r any) error {
	if e, ok := r.(*Error); ok {
		return e
	}
	return &Error{Code: CodeInternal, Msg: fmt.Sprintf("evaluation failed: %v", r)}
}

// reserve makes room for n slots above base.
func (f *frame) reserve(n int) {
	f.top = f.base + n
	if f.top > len(f.vars) {
		vars := make([]Value, max(2*len(f.vars), f.top, 16))
		copy(vars, f.vars)
		f.vars = vars
	}
}

func (f *frame) local(slot int) Value       { return f.vars[f.base+slot] }
func (f *frame) setLocal(slot int, v Value) { f.vars[f.base+slot] = v }

// step counts work done.
func (f *frame) step(n int) {
	f.steps -= n
	if f.steps < 0 {
		panic(&Error{Code: CodeSteps, Msg: fmt.Sprintf("expected at most %d steps", orDefault(f.c.Limits.Steps, defaultSteps))})
	}
}

// list makes a list value within the limits.
func (f *frame) list(items []Value) Value {
	f.checkList(len(items))
	return Value{kind: KindList, ref: &listValue{items: items}}
}

func (f *frame) checkList(n int) {
	if limit := orDefault(f.c.Limits.ListSize, defaultListSize); n > limit {
		panic(&Error{Code: CodeListSize, Msg: fmt.Sprintf("expected a list of at most %d items, but it has %d", limit, n)})
	}
}

// text makes a string value within the limits.
func (f *frame) text(s string) Value {
	f.checkText(len(s))
	return String(s)
}

func (f *frame) checkText(n int) {
	if limit := orDefault(f.c.Limits.StringSize, defaultStringSize); n > limit {
		panic(&Error{Code: CodeStringSize, Msg: fmt.Sprintf("expected a string of at most %d bytes, but it has %d", limit, n)})
	}
	f.step(n >> 6)
}

// warn notes why a value is null.
func (f *frame) warn(pos int, code Code, format string, args ...any) Value {
	limit := orDefault(f.c.Limits.Warnings, defaultWarnings)
	if f.quiet > 0 || len(f.st.warnings) >= limit {
		return Value{}
	}
	line, col := place(f.src, pos)
	f.st.warnings = append(f.st.warnings, Warning{Code: code, Line: line, Column: col, Msg: fmt.Sprintf(format, args...)})
	return Value{}
}

func (f *frame) zones() zones {
	if f.st.zones == nil {
		f.st.zones = zones{}
	}
	return f.st.zones
}

// random gives the seeded source of the context.
func (f *frame) random() *rand.PCG {
	if f.st.rng == nil {
		f.st.rng = rand.NewPCG(f.c.Seed, 0x9E3779B97F4A7C15)
	}
	return f.st.rng
}

// now gives the moment of the context in its zone.
func (f *frame) now() time.Time {
	if f.c.Location != nil {
		return f.c.Now.In(f.c.Location)
	}
	return f.c.Now
}

// brief describes a value in a warning.
func brief(v Value) string {
	switch v.kind {
	case KindNull:
		return "null"
	case KindList, KindContext, KindFunction:
		return "a " + v.kind.String()
	case KindString:
		s := v.str()
		if len(s) > 40 {
			s = s[:37] + "..."
		}
		return fmt.Sprintf("%q", s)
	default:
		return v.kind.String() + " " + v.textUpTo(200)
	}
}
