package dmn

import "github.com/weir-bpm/weir/expression/feel"

// iteration compiles boxed for, some and every (DMN 1.5, 10.2.1.10).
// Their meaning is that of the FEEL expressions of the same name.
func (b *builder) iteration(n *node, s *scope) logic {
	name := normalName(n.attr("iteratorVariable"))
	if name == "" {
		b.fail(CodeMissingName, n, "The %s expression has no iteratorVariable; name it.", n.name)
		return nil
	}
	in := b.need(n, "in", s)
	expand := b.expander(n)
	id := n.label()
	if n.name == "for" {
		names := []string{name, "partial"}
		body := b.need(n, "return", s.child(names, make([]*dataType, 2)))
		if in == nil || body == nil {
			return nil
		}
		return func(f *frame) (feel.Value, error) {
			items, ok, err := iterated(f, in, expand, id, "for")
			if err != nil || !ok {
				return feel.Null(), err
			}
			out := make([]feel.Value, 0, len(items))
			for _, item := range items {
				if err := f.env.run.step(id); err != nil {
					return feel.Null(), err
				}
				// What follows is written behind the part that the list has.
				partial := feel.List(out[:len(out):len(out)]...)
				v, err := body(f.child(names, []feel.Value{item, partial}))
				if err != nil {
					return feel.Null(), err
				}
				out = append(out, v)
			}
			return feel.List(out...), nil
		}
	}
	names := []string{name}
	test := b.need(n, "satisfies", s.child(names, make([]*dataType, 1)))
	if in == nil || test == nil {
		return nil
	}
	kind := n.name
	some := kind == "some"
	return func(f *frame) (feel.Value, error) {
		items, ok, err := iterated(f, in, expand, id, kind)
		if err != nil || !ok {
			return feel.Null(), err
		}
		// Some is the disjunction, every the conjunction of the tests in
		// three-valued logic (DMN 1.5, 10.3.2.14). All tests are made: one that
		// is no boolean makes the whole null.
		unknown, found := false, false
		for _, item := range items {
			if err := f.env.run.step(id); err != nil {
				return feel.Null(), err
			}
			v, err := test(f.child(names, []feel.Value{item}))
			if err != nil {
				return feel.Null(), err
			}
			r, known := v.AsBool()
			switch {
			case v.IsNull():
				unknown = true
			case !known:
				f.env.run.message(SeverityError, CodeFeel, id, "The test of the %s expression is %s, but expected a boolean; the result is null.", kind, show(v))
				return feel.Null(), nil
			case r == some:
				found = true
			}
		}
		if found {
			return feel.Bool(some), nil
		}
		if unknown {
			return feel.Null(), nil
		}
		return feel.Bool(!some), nil
	}
}

// iterated evaluates what a boxed expression goes through: a list, or, as in
// FEEL, a range for those that expand it. Anything else makes the expression
// null.
func iterated(f *frame, in logic, expand Evaluator, id, what string) ([]feel.Value, bool, error) {
	v, err := in(f)
	if err != nil {
		return nil, false, err
	}
	if v.Kind() == feel.KindRange && expand != nil {
		if v, err = expand.Eval(f.ctx.With(feel.Values{"range": v})); err != nil {
			return nil, false, f.env.run.fault(id, err)
		}
	}
	if v.Kind() != feel.KindList {
		f.env.run.message(SeverityError, CodeFeel, id, "The %s expression goes through %s, but expected a list; the result is null.", what, show(v))
		return nil, false, nil
	}
	return v.Items(), true, nil
}

// expander compiles the expression that lists the values of a range.
func (b *builder) expander(n *node) Evaluator {
	e, err := feel.Compile("for item in range return item", feel.CompileOptions{Names: []feel.Name{{Name: "range"}}})
	if err != nil {
		b.fail(CodeExpression, n, "Ranges can not be gone through: %v.", err)
		return nil
	}
	return e
}

// filter compiles a boxed filter (DMN 1.5, 10.2.1.9): the items for which match
// is true. The match expression sees the item, and its entries if it is a
// context.
func (b *builder) filter(n *node, s *scope) logic {
	in := b.need(n, "in", s)
	names := []string{"item"}
	match := b.need(n, "match", s.child(names, make([]*dataType, 1)))
	if in == nil || match == nil {
		return nil
	}
	id := n.label()
	return func(f *frame) (feel.Value, error) {
		items, ok, err := iterated(f, in, nil, id, "filter")
		if err != nil || !ok {
			return feel.Null(), err
		}
		out := make([]feel.Value, 0, len(items))
		for _, item := range items {
			if err := f.env.run.step(id); err != nil {
				return feel.Null(), err
			}
			g := f.child(names, []feel.Value{item})
			g.spread = item
			v, err := match(g)
			if err != nil {
				return feel.Null(), err
			}
			if _, known := v.AsBool(); !known && !v.IsNull() {
				f.env.run.message(SeverityError, CodeFeel, id, "The match of the filter is %s, but expected a boolean; the result is null.", show(v))
				return feel.Null(), nil
			}
			if v.IsTrue() {
				out = append(out, item)
			}
		}
		return feel.List(out...), nil
	}
}
