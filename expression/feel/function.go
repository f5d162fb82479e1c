package feel

import (
	"errors"
	"fmt"
)

// Param is a parameter of a function.
type Param struct {
	Name string
	// Type is what the argument must conform to, after coercion; nil means any.
	Type *Type
	// Optional parameters may be left out, which gives null; they come last.
	Optional bool
}

// GoFunc is the body of a function written in Go. It gets one argument for each
// parameter. An *Error ends the whole evaluation; any other error makes the
// result null and its text a warning.
type GoFunc func(c *EvalContext, args []Value) (Value, error)

// Function is a FEEL function: built-in, defined in FEEL, or Go.
type Function struct {
	name   string
	params []Param
	result *Type
	gives  *Type // what the form of the body tells of the result, if nothing is declared
	// one of the three
	builtin *builtin
	goFn    GoFunc
	body    node
	// of a body: the expression's text, the number of slots of its frame, of
	// which the first hold the arguments, the captured values and where they go,
	// and the context it was made in
	src      string
	dialect  Dialect
	nslots   int
	slots    []capture
	captured []Value
	home     *EvalContext
	scope    Scope
	input    Value
	serial   uint64 // the evaluation it was made in
}

// Name gives the name, "" for a function literal.
func (fn *Function) Name() string { return fn.name }

// Params gives the parameters; the slice must not be changed.
func (fn *Function) Params() []Param { return fn.params }

// NamedArg is an argument given by the name of its parameter.
type NamedArg struct {
	Name  string
	Value Value
}

// NewFunction gives a function value whose body is Go, such as a business
// knowledge model or a decision service. The body must be deterministic and
// must not keep args.
func NewFunction(name string, params []Param, fn GoFunc) Value {
	return functionValue(&Function{name: name, params: params, goFn: fn})
}

// NewTypedFunction is NewFunction with a result type: the result is coerced to
// it and is null when it does not conform (DMN 1.5, 10.3.2.9.4).
func NewTypedFunction(name string, params []Param, result *Type, fn GoFunc) Value {
	return functionValue(&Function{name: name, params: params, result: result, goFn: fn})
}

func functionValue(f *Function) Value { return Value{kind: KindFunction, ref: f} }

// Invoke calls a function value with positional arguments. Arguments that do
// not fit give null and a warning.
func Invoke(c *EvalContext, fn Value, args ...Value) (Value, error) {
	return invokeTop(c, fn, args, nil)
}

// InvokeNamed calls a function value with named arguments.
func InvokeNamed(c *EvalContext, fn Value, args ...NamedArg) (Value, error) {
	vals := make([]Value, len(args))
	names := make([]string, len(args))
	for i, a := range args {
		vals[i], names[i] = a.Value, a.Name
	}
	return invokeTop(c, fn, vals, names)
}

// invokeTop calls a function as an evaluation of its own.
func invokeTop(c *EvalContext, fn Value, args []Value, names []string) (Value, error) {
	e := Expression{run: func(f *frame) Value {
		if names != nil {
			return f.callNamed(fn, args, names, 0)
		}
		return f.call(fn, args, 0)
	}}
	return e.eval(c)
}

// call invokes a function value with positional arguments.
func (f *frame) call(fn Value, args []Value, pos int) Value {
	fun, ok := fn.Function()
	if !ok {
		return f.warn(pos, WarnNoFunction, "expected a function to call, but found %s", brief(fn))
	}
	if fun.builtin != nil {
		return f.callBuiltin(fun.builtin, args, pos)
	}
	if len(args) > len(fun.params) || len(args) < required(fun.params) {
		return f.warn(pos, WarnNoFunction, "expected %d arguments for %s, but found %d", len(fun.params), fun.display(), len(args))
	}
	return f.apply(fun, args, pos)
}

// callNamed invokes a function value with named arguments.
func (f *frame) callNamed(fn Value, args []Value, names []string, pos int) Value {
	fun, ok := fn.Function()
	if !ok {
		return f.warn(pos, WarnNoFunction, "expected a function to call, but found %s", brief(fn))
	}
	if fun.builtin != nil {
		return f.callBuiltinNamed(fun.builtin, args, names, pos)
	}
	ordered := make([]Value, len(fun.params))
	given := 0
	for i, p := range fun.params {
		found := false
		for j, n := range names {
			if n == p.Name {
				ordered[i], found = args[j], true
				given++
				break
			}
		}
		if !found && !p.Optional {
			return f.warn(pos, WarnNoFunction, "expected an argument '%s' for %s, but there is none", p.Name, fun.display())
		}
	}
	if given != len(names) {
		return f.warn(pos, WarnNoFunction, "expected only the parameters of %s as names of arguments", fun.display())
	}
	return f.apply(fun, ordered, pos)
}

func (fn *Function) display() string {
	if fn.name == "" {
		return "the function"
	}
	return "the function '" + fn.name + "'"
}

func required(params []Param) int {
	n := len(params)
	for n > 0 && params[n-1].Optional {
		n--
	}
	return n
}

// apply runs a FEEL or Go function on arguments that match in number.
func (f *frame) apply(fun *Function, args []Value, pos int) Value {
	f.step(1)
	f.calls++
	if limit := orDefault(f.c.Limits.Depth, defaultDepth); f.calls > limit {
		panic(&Error{Code: CodeDepth, Msg: fmt.Sprintf("expected function calls nested at most %d deep", limit)})
	}
	for i, p := range fun.params {
		if p.Type == nil || i >= len(args) || p.Type.Conforms(args[i]) {
			continue
		}
		v, ok := p.Type.Coerce(args[i])
		if !ok {
			f.calls--
			return f.warn(pos, WarnInvalidType, "expected %s for the parameter '%s' of %s, but found %s", p.Type, p.Name, fun.display(), brief(args[i]))
		}
		args = append([]Value(nil), args...) // args belong to the caller
		args[i] = v
	}
	var v Value
	if fun.goFn != nil {
		v = f.applyGo(fun, args, pos)
	} else {
		v = f.applyBody(fun, args)
	}
	f.calls--
	if fun.result != nil {
		r, ok := fun.result.Coerce(v)
		if !ok {
			return f.warn(pos, WarnInvalidType, "expected %s as the result of %s, but found %s", fun.result, fun.display(), brief(v))
		}
		return r
	}
	return v
}

func (f *frame) applyGo(fun *Function, args []Value, pos int) Value {
	full := args
	if len(args) < len(fun.params) {
		full = make([]Value, len(fun.params))
		copy(full, args)
	}
	v, err := fun.goFn(f.c, full)
	if err == nil {
		return v
	}
	var e *Error
	if errors.As(err, &e) {
		panic(e)
	}
	return f.warn(pos, WarnFunctionFailed, "%s: %v", fun.display(), err)
}

func (f *frame) applyBody(fun *Function, args []Value) Value {
	c, base, top, src, dialect := f.c, f.base, f.top, f.src, f.dialect
	f.base = f.top
	f.reserve(fun.nslots)
	n := copy(f.vars[f.base:f.base+len(fun.params)], args)
	clear(f.vars[f.base+n : f.base+len(fun.params)])
	for i, cp := range fun.slots {
		f.setLocal(cp.inner, fun.captured[i])
	}
	if c != fun.home || f.serial != fun.serial {
		inner := c.With(fun.scope)
		inner.Input = fun.input
		f.c = inner
	}
	f.src, f.dialect = fun.src, fun.dialect
	v := fun.body(f)
	f.c, f.base, f.top, f.src, f.dialect = c, base, top, src, dialect
	return v
}
