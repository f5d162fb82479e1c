package dmn

import (
	"strings"

	"github.com/weir-bpm/weir/expression/feel"
)

// scope is what the compiler knows of the names around an expression.
type scope struct {
	names  []string
	types  []*dataType // nil: not known
	parent *scope
	listed []feel.Name // what feelNames gave, until names are added
}

func (s *scope) child(names []string, types []*dataType) *scope {
	return &scope{names: names, types: types, parent: s}
}

// size counts the names in sight.
func (s *scope) size() int {
	n := 0
	for ; s != nil; s = s.parent {
		n += len(s.names)
	}
	return n
}

// feelNames lists the visible names, inner ones hiding outer ones. No names may
// be added to an outer scope once an inner one was asked.
func (s *scope) feelNames() []feel.Name {
	if len(s.listed) > 0 {
		return s.listed
	}
	seen := map[string]bool{}
	for at := s; at != nil; at = at.parent {
		for i := len(at.names) - 1; i >= 0; i-- {
			name := at.names[i]
			if name == "" || seen[name] {
				continue
			}
			seen[name] = true
			n := feel.Name{Name: name}
			if t := at.types[i]; t != nil {
				n.Type = t.feel
			}
			s.listed = append(s.listed, n)
		}
	}
	return s.listed
}

// frame holds the values of a scope in one evaluation. Frames are never
// changed once an expression has seen them, apart from names that are added
// behind those in use, and may be kept by functions.
type frame struct {
	parent *frame
	env    *env
	ctx    *feel.EvalContext
	names  []string
	vals   []feel.Value
	// spread is a context whose entries are names too (filters).
	spread feel.Value
	// outer is asked last: the process variables, where a decision sees all.
	outer feel.Scope
}

// Lookup finds the value of a name, the innermost first.
func (f *frame) Lookup(name string) (feel.Value, bool) {
	for ; f != nil; f = f.parent {
		for i := len(f.vals) - 1; i >= 0; i-- {
			if f.names[i] == name {
				return f.vals[i], true
			}
		}
		if f.spread.Kind() == feel.KindContext {
			if v, ok := f.spread.Get(name); ok {
				return v, true
			}
		}
		if f.outer != nil {
			return f.outer.Lookup(name)
		}
	}
	return feel.Value{}, false
}

// child makes a frame within f for an evaluation in the same context.
func (f *frame) child(names []string, vals []feel.Value) *frame {
	return newFrame(f.env, f, f.ctx, names, vals)
}

func newFrame(e *env, parent *frame, ctx *feel.EvalContext, names []string, vals []feel.Value) *frame {
	f := &frame{parent: parent, env: e, names: names, vals: vals}
	f.ctx = ctx.With(f)
	return f
}

// normalName brings a name to the form FEEL compares: runs of white space are
// one space (DMN 1.5, 10.3.1.5).
func normalName(name string) string { return strings.Join(strings.Fields(name), " ") }
