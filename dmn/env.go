package dmn

import "github.com/weir-bpm/weir/expression/feel"

// env is a model within an evaluation: its inputs and what was evaluated of it
// already. An imported model has an env of its own for each way it is reached,
// since its inputs may differ (imports of the same model by two others).
type env struct {
	run   *run
	model *Model
	// source are the inputs from outside; nil within a decision service, which
	// sees its parameters only.
	source *Input
	// context are the inputs of an imported model: the entry of its name.
	context     feel.Value
	contextJSON bool

	inputs   []slot // by index of the input data
	results  []slot // by index of the decision
	fns      []slot // by index of the business knowledge model
	services []slot // by index of the decision service
	imports  []*env // by index of the import
}

// slot is a value that may not be known yet.
type slot struct {
	value feel.Value
	known bool
}

// fork makes a fresh env of the same model that knows no inputs.
func (e *env) fork() *env { return &env{run: e.run, model: e.model} }

// at gives the env of the model that a reference points into.
func (e *env) at(ref reference) *env {
	for _, imp := range ref.path {
		e = e.imported(imp)
	}
	return e
}

func (e *env) imported(imp *modelImport) *env {
	if e.imports == nil {
		e.imports = make([]*env, len(e.model.imports))
	}
	c := e.imports[imp.index]
	if c == nil {
		c = &env{run: e.run, model: imp.model, source: e.source, context: e.context, contextJSON: e.contextJSON}
		if imp.name != "" {
			c.context, c.contextJSON, _ = e.lookup(imp.name)
		}
		e.imports[imp.index] = c
	}
	return c
}

// lookup finds an input by name as it was given; json tells that it comes from
// a JSON document.
func (e *env) lookup(name string) (v feel.Value, json, ok bool) {
	if e.context.Kind() == feel.KindContext {
		if v, ok := e.context.Get(name); ok {
			return v, e.contextJSON, true
		}
	}
	if e.source == nil {
		return feel.Value{}, false, false
	}
	if v, ok := e.source.Values[name]; ok {
		return v, false, true
	}
	if v, ok := e.source.Variables[name]; ok {
		return feel.FromAny(v), true, true
	}
	return feel.Value{}, false, false
}

// given is the input for an element, converted to its type.
func (e *env) given(c *drgElement) (feel.Value, bool) {
	v, json, ok := e.lookup(c.variable)
	if !ok && c.name != c.variable {
		v, json, ok = e.lookup(c.name)
	}
	if !ok || e.model.dialect == DialectCamunda {
		return v, ok
	}
	if json {
		v = c.typ.read(v)
	}
	return e.conform(c.typ, v, CodeInputType, c.id, c.kind, c.name), true
}

// conform brings a value to its type (DMN 1.5, 10.3.2.9.4). What does not
// conform is null, with an error. Camunda does not insist: there, strings that
// hold a value of the type stand for it, and what does not conform is taken as
// it is, with a warning. What and name tell what has the value.
func (e *env) conform(t *dataType, v feel.Value, code Code, element, what, name string) feel.Value {
	camunda := e.model.dialect == DialectCamunda
	if camunda {
		v = t.readCamunda(v)
	}
	c, ok := t.coerce(v)
	switch {
	case ok:
		return c
	case camunda:
		e.run.message(SeverityWarning, code, element, "The value of %s %s is %s, which does not conform to type %s.", what, name, show(v), t.name)
		return v
	}
	e.run.message(SeverityError, code, element, "The value of %s %s is %s, which does not conform to type %s; null was taken.", what, name, show(v), t.name)
	return feel.Null()
}

// input is the value of an input data.
func (e *env) input(ref reference) (feel.Value, error) {
	t := e.at(ref)
	in := ref.target.(*inputData)
	if t.inputs == nil {
		t.inputs = make([]slot, len(t.model.inputs))
	}
	s := &t.inputs[in.index]
	if !s.known {
		s.value, _ = t.given(&in.drgElement)
		s.known = true
	}
	return s.value, nil
}

func (e *env) presetInput(in *inputData, v feel.Value) {
	if e.inputs == nil {
		e.inputs = make([]slot, len(e.model.inputs))
	}
	e.inputs[in.index] = slot{v, true}
}

func (e *env) presetDecision(d *Decision, v feel.Value) {
	if e.results == nil {
		e.results = make([]slot, len(e.model.decisions))
	}
	e.results[d.index] = slot{v, true}
}

// value is the value of any required element, in the env of its own model.
func (e *env) value(ref reference) (feel.Value, error) {
	switch t := ref.target.(type) {
	case *inputData:
		return e.input(ref)
	case *Decision:
		return e.at(ref).decision(t)
	case *Knowledge:
		return e.at(ref).function(t), nil
	case *Service:
		return e.at(ref).serviceFunction(t), nil
	}
	return feel.Null(), nil
}

// values gives the values of requirements in the order of their scope.
func (e *env) values(groups []requirementGroup, more int) ([]feel.Value, error) {
	out := make([]feel.Value, 0, len(groups)+more)
	for _, g := range groups {
		if g.via == "" {
			v, err := e.value(g.members[0])
			if err != nil {
				return nil, err
			}
			out = append(out, v)
			continue
		}
		c := feel.NewContext(len(g.members))
		for _, m := range g.members {
			v, err := e.value(m)
			if err != nil {
				return nil, err
			}
			c.Set(m.target.core().variable, v)
		}
		out = append(out, c.Value())
	}
	return out, nil
}

// decision evaluates a decision once.
func (e *env) decision(d *Decision) (feel.Value, error) {
	if e.results == nil {
		e.results = make([]slot, len(e.model.decisions))
	}
	if s := &e.results[d.index]; s.known {
		return s.value, nil
	}
	run := e.run
	if run.nested++; run.nested > maxNested {
		return feel.Null(), &Error{Code: CodeLimit, Element: d.id, Message: "decisions evaluate each other more than 200 levels deep; shorten the chain"}
	}
	v, err := e.evaluate(d)
	run.nested--
	if err != nil {
		return feel.Null(), err
	}
	e.results[d.index] = slot{v, true}
	return v, nil
}

func (e *env) evaluate(d *Decision) (feel.Value, error) {
	run := e.run
	vals, err := e.values(d.groups, len(d.camunda))
	if err != nil {
		return feel.Null(), err
	}
	vals = e.camundaValues(d, vals)
	outer := run.current
	tr := run.beginDecision(d, vals)
	v, err := e.logic(d, vals)
	run.warnings(d.id)
	run.endDecision(tr, outer, v)
	return v, err
}

// logic evaluates the logic of a decision on the values of its requirements.
func (e *env) logic(d *Decision, vals []feel.Value) (feel.Value, error) {
	if d.logic == nil || d.broken {
		text := "The decision has no logic; the result is null."
		if d.broken {
			text = "The logic of the decision has errors, which Parse reports; the result is null."
		}
		e.run.message(SeverityError, CodeBroken, d.id, "%s", text)
		return feel.Null(), nil
	}
	f := newFrame(e, nil, e.run.ctx, d.scope.names, vals)
	if e.model.dialect == DialectCamunda || e.run.in.AllVariables {
		f.outer = processVariables{e}
	}
	v, err := d.logic(f)
	if err != nil {
		return feel.Null(), err
	}
	return e.conform(d.typ, v, CodeResultType, d.id, "decision", d.name), nil
}

// function gives a business knowledge model as a function value.
func (e *env) function(k *Knowledge) feel.Value {
	if e.fns == nil {
		e.fns = make([]slot, len(e.model.knowledge))
	}
	s := &e.fns[k.index]
	if s.known {
		return s.value
	}
	s.known = true
	if k.fn == nil || k.broken {
		e.run.message(SeverityError, CodeBroken, k.id, "The business knowledge model has no logic or its logic has errors; it is null.")
		return feel.Null()
	}
	vals, err := e.values(k.groups, 0)
	if err != nil { // knowledge requires functions only, which are not evaluated here
		return feel.Null()
	}
	s.value = k.fn.value(newFrame(e, nil, e.run.ctx, k.scope.names, vals))
	return s.value
}

// serviceFunction gives a decision service as a function of its input data and
// input decisions (DMN 1.5, 10.4).
func (e *env) serviceFunction(s *Service) feel.Value {
	if e.services == nil {
		e.services = make([]slot, len(e.model.services))
	}
	known := &e.services[s.index]
	if known.known {
		return known.value
	}
	refs := append(append([]reference(nil), s.inputs...), s.inputDecisions...)
	params := make([]feel.Param, len(refs))
	for i, r := range refs {
		c := r.target.core()
		params[i].Name = c.variable
		if c.typ != nil {
			params[i].Type = c.typ.feel
		}
	}
	fn := feel.NewFunction(s.name, params, func(_ *feel.EvalContext, args []feel.Value) (feel.Value, error) {
		inner := e.fork()
		for i, r := range refs {
			switch t := r.target.(type) {
			case *inputData:
				inner.at(r).presetInput(t, args[i])
			case *Decision:
				inner.at(r).presetDecision(t, args[i])
			}
		}
		v, err := inner.service(s, nil)
		return v, asFeel(err)
	})
	*known = slot{fn, true}
	return fn
}

// service evaluates the output decisions of a service whose inputs are set.
func (e *env) service(s *Service, outputs *[]namedValue) (feel.Value, error) {
	c := feel.NewContext(len(s.outputs))
	var last feel.Value
	for _, ref := range s.outputs {
		v, err := e.value(ref)
		if err != nil {
			return feel.Null(), err
		}
		name := ref.target.core().variable
		c.Set(name, v)
		last = v
		if outputs != nil {
			*outputs = append(*outputs, namedValue{name, v})
		}
	}
	v := c.Value()
	if len(s.outputs) == 1 {
		v = last
	}
	return e.conform(s.typ.result(), v, CodeResultType, s.id, "decision service", s.name), nil
}
