package engine

import (
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/cockroachdb/apd/v3"

	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/expression"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/variables"
)

// env is what expressions of an element see: the variables from the element's
// own scope outwards.
func (d *decider) env(in *Instance, el *Element) *expression.Env {
	return &expression.Env{
		Lookup:  func(name string) (any, bool) { return d.find(in, el.Key, name) },
		Visible: func() map[string]any { return d.visible(in, el.Key) },
		Now:     time.UnixMilli(d.cmd.TimeMS).UTC(),
		Zone:    d.cfg.Zone,
		Seed:    seed(d.cmd.ID, el.Key),
		Execution: expression.Execution{
			InstanceID:   string(in.ID),
			BusinessKey:  in.BusinessKey,
			DefinitionID: in.Definition.ID(),
			ProcessID:    in.Definition.ProcessID,
			ElementID:    el.ElementID,
			Tenant:       in.Tenant,
		},
	}
}

// seed makes random functions a function of the command and the element.
func seed(id ids.Command, key ids.Key) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(id) {
		h = (h ^ uint64(id[i])) * 1099511628211
	}
	return h ^ uint64(key)*0x9e3779b97f4a7c15
}

// envOf is env for one program. What only scripts and JUEL can ask for is looked
// up for them alone.
func (d *decider) envOf(in *Instance, el *Element, x *bpmn.Expression) *expression.Env {
	env := d.env(in, el)
	if x.Language != expression.FEEL {
		env.Execution.ElementName = d.node(in, el).Name
		for _, t := range in.Tasks {
			if t.Element == el.Key {
				env.Execution.Assignee = t.Assignee
			}
		}
	}
	return env
}

// eval evaluates an expression of the model for an element.
func (d *decider) eval(in *Instance, el *Element, x *bpmn.Expression) (any, *fault) {
	if x.Program == nil {
		return x.Constant, nil
	}
	return d.evalIn(d.envOf(in, el, x), x)
}

func (d *decider) evalIn(env *expression.Env, x *bpmn.Expression) (any, *fault) {
	if x.Program == nil {
		return x.Constant, nil
	}
	d.warnings = d.warnings[:0]
	env.Warn = func(message string) { d.warnings = append(d.warnings, message) }
	return d.evalWith(env, x)
}

func (d *decider) evalWith(env *expression.Env, x *bpmn.Expression) (any, *fault) {
	if x.Program == nil {
		return x.Constant, nil
	}
	v, err := d.evaluate(env, x)
	if err != nil {
		return nil, failed(env, x, err)
	}
	return v, nil
}

// evaluate runs a program within what scripts may use in one decision. The count
// is the same on every machine; time is not.
func (d *decider) evaluate(env *expression.Env, x *bpmn.Expression) (any, error) {
	if d.scriptSteps > d.cfg.MaxScriptSteps && x.Language != expression.FEEL && x.Language != expression.JUEL {
		return nil, fmt.Errorf("the scripts of one command took more than %d steps", d.cfg.MaxScriptSteps)
	}
	before := env.Steps
	v, err := x.Program.Eval(env)
	d.scriptSteps += env.Steps - before
	return v, err
}

// failed is the fault of an evaluation, with the values that it may have seen.
func failed(env *expression.Env, x *bpmn.Expression, err error) *fault {
	return faultf(commands.CodeExpressionFailed, "%v%s", err, seen(env, x.Program.Variables()))
}

// seen lists variables with their values, shortened.
func seen(env *expression.Env, names []string) string {
	const most, each = 600, 120
	var b strings.Builder
	for _, name := range names {
		value := "not set"
		if v, ok := env.Lookup(name); ok {
			text, err := variables.ToJSON(v)
			if err != nil {
				text = []byte("?")
			}
			value = truncate(string(text), each)
		}
		if b.Len()+len(name)+len(value) > most {
			b.WriteString(", ...")
			break
		}
		if b.Len() > 0 {
			b.WriteString(", ")
		}
		b.WriteString(name + ": " + value)
	}
	if b.Len() == 0 {
		return ""
	}
	return " (values: " + b.String() + ")"
}

func (d *decider) evalBool(in *Instance, el *Element, x *bpmn.Expression) (bool, *fault) {
	return d.evalBoolIn(d.envOf(in, el, x), x)
}

// evalBoolIn is evalBool with the variables that the environment shows.
func (d *decider) evalBoolIn(env *expression.Env, x *bpmn.Expression) (bool, *fault) {
	v, f := d.evalIn(env, x)
	if f != nil {
		return false, f
	}
	return d.truth(x, v)
}

// truth makes a boolean of the value that an expression gave.
func (d *decider) truth(x *bpmn.Expression, v any) (bool, *fault) {
	switch v := v.(type) {
	case bool:
		return v, nil
	case string: // a constant of a camunda or flowable model
		switch strings.ToLower(v) {
		case "true":
			return true, nil
		case "false":
			return false, nil
		}
	}
	return false, d.wrongType(x, "true or false", v)
}

func (d *decider) wrongType(x *bpmn.Expression, want string, v any) *fault {
	text, err := variables.ToJSON(v)
	if err != nil {
		text = []byte("?")
	}
	why := ""
	if len(d.warnings) > 0 {
		why = " (" + truncate(strings.Join(d.warnings, "; "), 500) + ")"
	}
	return faultf(commands.CodeExpressionType, "expected %s from %q, but got %s: %s%s", want, x.Text, variables.TypeName(v), truncate(string(text), 200), why)
}

// evalText evaluates to a text; numbers and booleans become their JSON text. A
// nil expression is empty, null is an error.
func (d *decider) evalText(in *Instance, el *Element, x *bpmn.Expression) (string, *fault) {
	if x == nil {
		return "", nil
	}
	v, f := d.eval(in, el, x)
	if f != nil {
		return "", f
	}
	return d.text(x, v)
}

// text makes a text of the value that an expression gave.
func (d *decider) text(x *bpmn.Expression, v any) (string, *fault) {
	switch v := v.(type) {
	case string:
		return v, nil
	case bool, int64, *apd.Decimal:
		text, err := variables.ToJSON(v)
		if err != nil {
			return "", faultf(commands.CodeExpressionType, "%v", err)
		}
		return string(text), nil
	}
	return "", d.wrongType(x, "a text", v)
}

// evalOptionalText is evalText with null as empty.
func (d *decider) evalOptionalText(in *Instance, el *Element, x *bpmn.Expression) (string, *fault) {
	if x == nil {
		return "", nil
	}
	v, f := d.eval(in, el, x)
	if f != nil || v == nil {
		return "", f
	}
	return d.text(x, v)
}

// evalInt evaluates to an integer; a nil expression is the default.
func (d *decider) evalInt(in *Instance, el *Element, x *bpmn.Expression, def int) (int, *fault) {
	if x == nil {
		return def, nil
	}
	v, f := d.eval(in, el, x)
	if f != nil {
		return 0, f
	}
	if s, ok := v.(string); ok {
		if n, err := variables.ParseNumber(strings.TrimSpace(s)); err == nil {
			v = n
		}
	}
	n, ok := v.(int64)
	if !ok || n < -1<<31 || n > 1<<31-1 {
		return 0, d.wrongType(x, "an integer", v)
	}
	return int(n), nil
}

// evalList evaluates to a list of texts: a list, or a text with commas.
func (d *decider) evalList(in *Instance, el *Element, x *bpmn.Expression) ([]string, *fault) {
	if x == nil {
		return nil, nil
	}
	v, f := d.eval(in, el, x)
	if f != nil {
		return nil, f
	}
	var out []string
	switch v := v.(type) {
	case nil:
	case string:
		for _, part := range strings.Split(v, ",") {
			if part = strings.TrimSpace(part); part != "" {
				out = append(out, part)
			}
		}
	case []any:
		for _, item := range v {
			s, ok := item.(string)
			if !ok {
				return nil, d.wrongType(x, "a list of texts", v)
			}
			out = append(out, s)
		}
	default:
		return nil, d.wrongType(x, "a list of texts", v)
	}
	return out, nil
}

// mapInputs sets the element's local variables. Each mapping sees what the ones
// before it made and what the element's scope sees, but not what an earlier run
// left in the element: an incident is resolved by the same evaluation again.
func (d *decider) mapInputs(in *Instance, el *Element, node *bpmn.Element) *fault {
	if len(node.Inputs) == 0 && node.Loop == nil && node.Data == nil {
		return nil
	}
	made := d.turnVariables(in, el, node)
	for name, v := range node.Data {
		made[name] = v
	}
	env := d.env(in, el)
	env.Execution.ElementName = node.Name
	env.Lookup = func(name string) (any, bool) {
		if v, ok := made[name]; ok {
			return v, true
		}
		return d.find(in, el.Scope, name)
	}
	env.Visible = func() map[string]any {
		all := d.visible(in, el.Scope)
		for name, v := range made {
			all[name] = v
		}
		return all
	}
	for i := range node.Inputs {
		m := &node.Inputs[i]
		if m.IfSet != "" {
			if _, set := env.Lookup(m.IfSet); !set {
				continue
			}
		}
		v, f := d.evalWith(env, m.Source)
		if f != nil {
			return f
		}
		name, rest, nested := strings.Cut(m.Target, ".")
		if nested {
			v = merged(made[name], rest, v)
		}
		made[name] = v
	}
	return d.setVariables(in, el.Key, made)
}

// mapOutputs hands over an element's results: through its output mappings, seen
// from its own scope, or each variable to the nearest scope that has it.
func (d *decider) mapOutputs(in *Instance, el *Element, node *bpmn.Element, results variables.Document) *fault {
	if f := d.takeResults(in, el, node, results); f != nil {
		return f
	}
	if len(node.Outputs) == 0 {
		return nil
	}
	out := variables.Document{}
	see, owner := d.outputView(in, el, node, out), d.outputOwner(in, el, node)
	for i := range node.Outputs {
		m := &node.Outputs[i]
		if m.IfSet != "" {
			if _, set := d.find(in, el.Key, m.IfSet); !set {
				continue
			}
		}
		v, f := see(m.Source)
		if f != nil {
			return f
		}
		name, rest, nested := strings.Cut(m.Target, ".")
		if nested {
			before, ok := out[name]
			if !ok {
				from := el.Scope
				if owner(name) == el.Key {
					from = el.Key
				}
				before, _ = in.lookup(from, name)
			}
			v = merged(before, rest, v)
		}
		out[name] = v
	}
	return d.propagateTo(in, out, owner)
}

// outputOwner says which scope the variables of output mappings go to: outwards
// from the element. In zeebe models the variables that a turn of a loop was given
// for itself, by its loop or its inputs, are its own: outputs give them the value
// that the loop collects.
func (d *decider) outputOwner(in *Instance, el *Element, node *bpmn.Element) func(name string) ids.Key {
	outwards := func(name string) ids.Key { return in.owner(el.Scope, name) }
	if !isTurn(el, node) || node.Loop.Standard || d.model(in).Dialect != bpmn.DialectZeebe {
		return outwards
	}
	return func(name string) ids.Key {
		switch name {
		case node.Loop.ResultVariable, node.Loop.Counter, node.Loop.ElementVariable:
			return el.Key
		}
		for i := range node.Inputs {
			if target, _, _ := strings.Cut(node.Inputs[i].Target, "."); target == name {
				return el.Key
			}
		}
		return outwards(name)
	}
}

// outputView evaluates the sources of output mappings. Each sees what the ones
// before it made: in zeebe models also in place of what the element has, in
// camunda models where the element has nothing of that name itself.
func (d *decider) outputView(in *Instance, el *Element, node *bpmn.Element, made variables.Document) func(*bpmn.Expression) (any, *fault) {
	dialect := d.model(in).Dialect
	if len(node.Outputs) < 2 || dialect != bpmn.DialectZeebe && dialect != bpmn.DialectCamunda {
		return func(x *bpmn.Expression) (any, *fault) { return d.eval(in, el, x) }
	}
	own := variables.Document{} // what hides what was made
	if dialect == bpmn.DialectCamunda {
		own = el.Variables
	}
	return func(x *bpmn.Expression) (any, *fault) {
		env := d.envOf(in, el, x)
		lookup, visible := env.Lookup, env.Visible
		env.Lookup = func(name string) (any, bool) {
			if _, hidden := own[name]; !hidden {
				if v, ok := made[name]; ok {
					return v, true
				}
			}
			return lookup(name)
		}
		env.Visible = func() map[string]any {
			all := visible()
			maps.Copy(all, made)
			maps.Copy(all, own)
			return all
		}
		return d.evalIn(env, x)
	}
}

// takeResults writes an element's results where its outputs find them.
func (d *decider) takeResults(in *Instance, el *Element, node *bpmn.Element, results variables.Document) *fault {
	if len(node.PathResults)+len(node.TransientResults) > 0 || node.AllTransient {
		var f *fault
		if results, f = d.placed(in, el, node, results); f != nil {
			return f
		}
	}
	switch {
	case len(results) == 0:
	case len(node.Outputs) == 0 && d.keepsResults(in, node):
		return d.setVariables(in, el.Key, results)
	case node.PropagateAll:
		// Models of the camunda family have both: the results go to their
		// owners, and the mappings work on what the element then sees.
		return d.propagateTo(in, results, resultOwner(in, el, node))
	case len(node.Outputs) > 0:
		return d.setVariables(in, el.Key, results)
	}
	return nil
}

// keepsResults says that an element's results stay in it where no outputs hand
// them over: what an error brings to a boundary event, in zeebe models.
func (d *decider) keepsResults(in *Instance, node *bpmn.Element) bool {
	return node.Type == bpmn.TypeBoundaryEvent && node.Event.Kind == bpmn.EventError && d.model(in).Dialect == bpmn.DialectZeebe
}

// merged returns before with the value at a path below it: objects on the way
// are kept and extended, anything else is replaced by an object.
func merged(before any, path string, v any) any {
	name, rest, nested := strings.Cut(path, ".")
	out := map[string]any{}
	if old, ok := before.(map[string]any); ok {
		for k, item := range old {
			out[k] = item
		}
	}
	if nested {
		v = merged(out[name], rest, v)
	}
	out[name] = v
	return out
}

// propagate writes each variable to the nearest scope, from scope outwards,
// that has it, else to the root scope. It writes all of them or, with a fault,
// none.
func (d *decider) propagate(in *Instance, scope ids.Key, doc variables.Document) *fault {
	return d.propagateTo(in, doc, func(name string) ids.Key { return in.owner(scope, name) })
}

// resultOwner says which scope a result of an element goes to when no outputs
// hand it over.
func resultOwner(in *Instance, el *Element, node *bpmn.Element) func(name string) ids.Key {
	return func(name string) ids.Key {
		if node.PassInputs && node.Passes(name) {
			return in.owner(el.Scope, name)
		}
		return in.owner(el.Key, name)
	}
}

// propagateTo is propagate with the rule that names the owner.
func (d *decider) propagateTo(in *Instance, doc variables.Document, ownerOf func(name string) ids.Key) *fault {
	if len(doc) == 0 {
		return nil
	}
	if f := d.fitsAt(in, doc, ownerOf); f != nil {
		return f
	}
	byOwner := map[ids.Key]variables.Document{}
	for name, v := range doc {
		owner := ownerOf(name)
		if owner == 0 {
			continue
		}
		if byOwner[owner] == nil {
			byOwner[owner] = variables.Document{}
		}
		byOwner[owner][name] = v
	}
	for _, owner := range sortedKeys(byOwner) {
		d.write(in, owner, byOwner[owner])
	}
	return nil
}

// setVariables writes variables of one scope, within the limits.
func (d *decider) setVariables(in *Instance, scope ids.Key, doc variables.Document) *fault {
	if len(doc) == 0 {
		return nil
	}
	if f := d.fitsLocal(in, scope, doc); f != nil {
		return f
	}
	d.write(in, scope, doc)
	return nil
}

func (d *decider) write(in *Instance, scope ids.Key, doc variables.Document) {
	d.bytes += variables.Size(doc)
	d.emit(in.ID, &events.VariablesSet{Scope: scope, Values: doc})
}

// fitsNew checks variables against the limits of one document and of the
// decision.
func (d *decider) fitsNew(doc variables.Document) *fault {
	n := variables.Size(doc)
	if n > d.cfg.MaxVariablesBytes {
		return faultf(commands.CodeVariablesTooLarge, "the variables have %d bytes; the limit is %d", n, d.cfg.MaxVariablesBytes)
	}
	if d.bytes+n > d.cfg.MaxDecisionBytes {
		return faultf(commands.CodeDecisionTooLarge, "one command wrote more than %d bytes of variables", d.cfg.MaxDecisionBytes)
	}
	if n > d.cfg.MaxInstanceBytes {
		return faultf(commands.CodeVariablesTooLarge, "the variables have %d bytes; the limit of an instance is %d", n, d.cfg.MaxInstanceBytes)
	}
	return nil
}

// fits checks variables that go to their owners against all limits.
func (d *decider) fits(in *Instance, scope ids.Key, doc variables.Document) *fault {
	return d.fitsAt(in, doc, func(name string) ids.Key { return in.owner(scope, name) })
}

// fitsLocal checks variables that go to one scope against all limits.
func (d *decider) fitsLocal(in *Instance, scope ids.Key, doc variables.Document) *fault {
	return d.fitsAt(in, doc, func(string) ids.Key { return scope })
}

// fitsAt counts a replaced value as gone, so that an instance at its limit can
// still be mended.
func (d *decider) fitsAt(in *Instance, doc variables.Document, owner func(name string) ids.Key) *fault {
	if f := d.fitsNew(doc); f != nil {
		return f
	}
	total := in.VariableBytes
	if total+variables.Size(doc) <= d.cfg.MaxInstanceBytes {
		return nil
	}
	before := total
	for name, v := range doc {
		at, ok := in.Element(owner(name))
		if !ok {
			continue // nobody keeps it
		}
		total += variables.SizeOf(name, v)
		if old, ok := at.Variables[name]; ok {
			total -= variables.SizeOf(name, old)
		}
	}
	if total > d.cfg.MaxInstanceBytes && total > before {
		return faultf(commands.CodeVariablesTooLarge, "the variables of instance %s would have %d bytes; the limit is %d", in.ID, total, d.cfg.MaxInstanceBytes)
	}
	return nil
}
