package juel

import (
	"errors"
	"fmt"
	"sort"
	"strings"
	"time"

	"github.com/weir-bpm/weir/variables"
)

// Function is a Go function that expressions may call. Expressions never reach
// anything else of the host program.
type Function struct {
	// Name is "name" for name(…), "ns:name" for ns:name(…), or "bean.name" for a
	// method of a bean, bean.name(…).
	Name string
	// MinArgs and MaxArgs bound the number of arguments; MaxArgs -1 is any.
	MinArgs, MaxArgs int
	// Call computes the result. Arguments are values as package variables has
	// them; execution and task come as objects of their properties, dates as
	// texts. The result may be anything that variables.Normalize takes. A call
	// may happen again after a crash and runs while the engine decides, so it
	// must be quick and give the same result for the same arguments.
	Call func(call Call) (any, error)
}

// Call is one call of a [Function].
type Call struct {
	Args     []any
	Now      time.Time // the engine's time
	Location *time.Location
}

// Registry is an immutable set of functions. The nil Registry is empty.
type Registry struct {
	functions map[string]*Function
	beans     map[string][]string // methods by bean, in order
}

// NewRegistry makes a registry. Names must be one or two identifiers, be given
// once, and not be those of the language or of execution and task.
func NewRegistry(functions ...Function) (*Registry, error) {
	r := &Registry{functions: map[string]*Function{}, beans: map[string][]string{}}
	for _, fn := range functions {
		if err := checkName(fn.Name); err != nil {
			return nil, err
		}
		if fn.Call == nil {
			return nil, fmt.Errorf("function %s: expected a Go function in Call", fn.Name)
		}
		if fn.MinArgs < 0 || fn.MaxArgs >= 0 && fn.MaxArgs < fn.MinArgs {
			return nil, fmt.Errorf("function %s: expected 0 <= MinArgs <= MaxArgs, but they are %d and %d", fn.Name, fn.MinArgs, fn.MaxArgs)
		}
		if _, ok := r.functions[fn.Name]; ok {
			return nil, fmt.Errorf("function %s is registered twice", fn.Name)
		}
		r.functions[fn.Name] = &fn
		if bean, method, ok := strings.Cut(fn.Name, "."); ok {
			r.beans[bean] = append(r.beans[bean], method)
		}
	}
	for _, methods := range r.beans {
		sort.Strings(methods)
	}
	return r, nil
}

func checkName(name string) error {
	parts := strings.FieldsFunc(name, func(r rune) bool { return r == '.' || r == ':' })
	joined := strings.Join(parts, ".") == name || strings.Join(parts, ":") == name
	if len(parts) < 1 || len(parts) > 2 || !joined {
		return fmt.Errorf("function %q: expected name, ns:name or bean.name", name)
	}
	for i, part := range parts {
		if nameLength(part) != len(part) {
			return fmt.Errorf("function %q: %q is no identifier", name, part)
		}
		if _, reserved := word(part); reserved && i == 0 || part == "instanceof" {
			return fmt.Errorf("function %q: %q is a word of the language", name, part)
		}
	}
	if strings.Contains(name, ".") && (parts[0] == "execution" || parts[0] == "task") {
		return fmt.Errorf("function %q: %s has methods of its own; choose another name for the bean", name, parts[0])
	}
	return nil
}

func (r *Registry) find(name string) (*Function, bool) {
	if r == nil {
		return nil, false
	}
	fn, ok := r.functions[name]
	return fn, ok
}

func (r *Registry) has(name string) bool {
	_, ok := r.find(name)
	return ok
}

func (r *Registry) hasBean(name string) bool {
	return r != nil && len(r.beans[name]) > 0
}

func (r *Registry) hasNamespace(ns string) bool {
	if r == nil {
		return false
	}
	for name := range r.functions {
		if strings.HasPrefix(name, ns+":") {
			return true
		}
	}
	return false
}

func (r *Registry) methods(bean string) []string { return r.beans[bean] }

// exportArgument gives the form that a host function sees.
func (f *frame) exportArgument(v any, at int) (any, error) {
	switch v := v.(type) {
	case *Execution:
		return v.attributes(), nil
	case *Task:
		return v.attributes(), nil
	case *Element:
		return present(map[string]string{"id": v.ID, "name": v.Name, "type": v.Type}), nil
	}
	return f.export(v, at)
}

// callHost calls a function of the application; its panic is an error.
func (f *frame) callHost(fn *Function, args []any, at int) (v any, err error) {
	wrap := func(cause error) error {
		e := newError(CodeHost, f.expr.text, at, fn.Name, fmt.Sprintf("%s() fails: %v", fn.Name, cause))
		e.Err = cause
		return e
	}
	defer func() {
		if p := recover(); p != nil {
			v, err = nil, wrap(fmt.Errorf("panic: %v", p))
		}
	}()
	res, err := fn.Call(Call{Args: args, Now: f.ctx.Now, Location: f.location()})
	if err != nil {
		return nil, wrap(err)
	}
	if t, ok := res.(time.Time); ok {
		return moment{t.In(f.location())}, nil
	}
	if v, err = variables.Normalize(res); err != nil {
		return nil, wrap(err)
	}
	return v, nil
}

// asHook gives the error of a hook its code.
func (f *frame) asHook(name string, cause error, at int) error {
	var own *Error
	if cause == nil || errors.As(cause, &own) {
		return cause
	}
	e := newError(CodeHost, f.expr.text, at, name, fmt.Sprintf("%s() fails: %v", name, cause))
	e.Err = cause
	return e
}
