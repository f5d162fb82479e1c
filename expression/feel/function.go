package feel

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

// NamedArg is an argument given by the name of its parameter.
type NamedArg struct {
	Name  string
	Value Value
}

// NewFunction gives a function value whose body is Go, such as a business
// knowledge model or a decision service. The body must be deterministic and
// must not keep args.
func NewFunction(name string, params []Param, fn GoFunc) Value {
	return Value{kind: KindFunction, ref: &Function{name: name, params: params, goFn: fn}}
}

// NewTypedFunction is NewFunction with a result type: the result is coerced to
// it and is null when it does not conform (DMN 1.5, 10.3.2.9.4).
func NewTypedFunction(name string, params []Param, result *Type, fn GoFunc) Value {
	return Value{kind: KindFunction, ref: &Function{name: name, params: params, result: result, goFn: fn}}
}

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
