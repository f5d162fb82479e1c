package dmn

import (
	"strings"

	"github.com/weir-bpm/weir/expression/feel"
)

// function is a compiled function definition (DMN 1.5, 10.2.1.7).
type function struct {
	name   string
	params []string
	types  []*dataType
	result *dataType
	body   logic
	id     string
}

// functionDefinition compiles a boxed function: its value is a function that
// sees the names around it.
func (b *builder) functionDefinition(n *node, s *scope) logic {
	fn := b.function(n, "", s, nil)
	if fn == nil {
		return nil
	}
	return func(f *frame) (feel.Value, error) { return fn.value(f), nil }
}

// function compiles a function definition or the encapsulated logic of a
// business knowledge model; nil after a problem.
func (b *builder) function(n *node, name string, s *scope, variable *dataType) *function {
	if kind := n.attr("kind"); kind != "" && !strings.EqualFold(kind, "FEEL") {
		b.fail(CodeFunctionKind, n, "The function is of kind %s, which is not run here; write it in FEEL.", kind)
		return nil
	}
	fn := &function{name: name, id: n.label()}
	if !b.roomFor(len(n.all("formalParameter")), n, s) {
		return nil
	}
	for _, p := range n.all("formalParameter") {
		param := normalName(p.attr("name"))
		switch {
		case param == "":
			b.fail(CodeMissingName, p, "The parameter has no name; name it.")
		case contains(fn.params, param):
			b.fail(CodeDuplicateName, p, "The function has two parameters named %q; rename one.", param)
		}
		fn.params = append(fn.params, param)
		fn.types = append(fn.types, b.model.types.ref(p.attr("typeRef"), p))
	}
	fn.result = b.model.types.ref(n.attr("typeRef"), n).result()
	if fn.result == nil {
		fn.result = variable.result()
	}
	e := n.child(expressionNames...)
	if e == nil {
		b.fail(CodeNoLogic, n, "The function has no body; add an expression.")
		return nil
	}
	fn.body = b.expression(e, s.child(fn.params, fn.types), fn.result)
	if fn.body == nil {
		return nil
	}
	return fn
}

// value makes the function a FEEL value that sees the names of f.
func (fn *function) value(f *frame) feel.Value {
	params := make([]feel.Param, len(fn.params))
	for i, name := range fn.params {
		params[i].Name = name
		if t := fn.types[i]; t != nil {
			params[i].Type = t.feel
		}
	}
	var result *feel.Type
	if fn.result != nil {
		result = fn.result.feel
	}
	call := func(c *feel.EvalContext, args []feel.Value) (feel.Value, error) {
		vals := append([]feel.Value(nil), args...)
		v, err := fn.body(newFrame(f.env, f, c, fn.params, vals))
		return v, asFeel(err)
	}
	return feel.NewTypedFunction(fn.name, params, result, call)
}

// invocation compiles a boxed invocation (DMN 1.5, 10.2.1.3).
func (b *builder) invocation(n *node, s *scope) logic {
	callee := n.child(expressionNames...)
	if callee == nil {
		b.fail(CodeIncomplete, n, "The invocation names no function; add a literal expression with its name.")
		return nil
	}
	fn := b.expression(callee, s, nil)
	var names []string
	var args []logic
	ok := fn != nil
	for _, bind := range n.all("binding") {
		p := bind.child("parameter")
		if p == nil || normalName(p.attr("name")) == "" {
			b.fail(CodeMissingName, bind, "The binding has no parameter with a name; add it.")
			ok = false
			continue
		}
		name := normalName(p.attr("name"))
		if contains(names, name) {
			b.fail(CodeDuplicateName, bind, "There are two bindings of parameter %q; remove one.", name)
			ok = false
		}
		names = append(names, name)
		l := b.inner(bind, s, nil)
		ok = ok && l != nil
		args = append(args, typed(l, b.model.types.ref(p.attr("typeRef"), p), p.label(), "parameter", name))
	}
	if !ok {
		return nil
	}
	id := n.label()
	return func(f *frame) (feel.Value, error) {
		v, err := fn(f)
		if err != nil {
			return feel.Null(), err
		}
		if v.Kind() != feel.KindFunction {
			f.env.run.message(SeverityError, CodeInvocation, id, "What is invoked is %s, but expected a function; the result is null.", show(v))
			return feel.Null(), nil
		}
		vals := make([]feel.NamedArg, len(args))
		for i, a := range args {
			vals[i].Name = names[i]
			if vals[i].Value, err = a(f); err != nil {
				return feel.Null(), err
			}
		}
		out, err := feel.InvokeNamed(f.ctx, v, vals...)
		if err != nil {
			return feel.Null(), f.env.run.fault(id, err)
		}
		return out, nil
	}
}
