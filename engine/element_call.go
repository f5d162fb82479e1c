package engine

import (
	"slices"
	"strconv"
	"strings"

	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/variables"
)

// callActivity is the behaviour of call activities: an instance of another
// process, in the caller's partition, whose end brings the token on.
type callActivity struct{}

func (callActivity) activate(d *decider, in *Instance, el *Element, node *bpmn.Element) *fault {
	if node.Call == nil {
		return faultf(commands.CodeElementUnsupported, "call activity %s calls nothing", node.ID)
	}
	if in.Depth+1 > d.cfg.MaxCallDepth {
		return faultf(commands.CodeProcessCallDepth, "call activities are nested deeper than %d", d.cfg.MaxCallDepth)
	}
	if f := d.roomToCall(in, 1); f != nil {
		return f
	}
	ref, f := d.calledDefinition(in, el, node.Call)
	if f != nil {
		return f
	}
	model, err := d.defs.Model(in.Tenant, ref)
	if err != nil {
		panic(&ModelError{Err: err})
	}
	start := model.CommandStart()
	if start == nil {
		return faultf(commands.CodeProcessNoNoneStart, "process %s has no none start event", ref.ID())
	}
	businessKey, f := d.evalOptionalText(in, el, node.Call.BusinessKey)
	if f != nil {
		return f
	}
	if node.Call.BusinessKey == nil && node.Call.InheritBusinessKey {
		businessKey = in.BusinessKey
	}
	passed, f := d.passedIn(in, el, node)
	if f != nil {
		return f
	}
	if f := d.fitsNew(passed); f != nil {
		return f
	}
	transient, f := d.mapped(in, el, transients(node.Call.In, true))
	if f != nil {
		return f
	}
	idVariable, f := d.evalOptionalText(in, el, node.Call.IDVariable)
	if f != nil {
		return f
	}
	child := d.newInstance()
	if idVariable != "" {
		if f := d.propagate(in, el.Key, variables.Document{idVariable: string(child)}); f != nil {
			return f
		}
	}
	d.bytes += variables.Size(passed)
	d.emit(in.ID, &events.CallStarted{Element: el.Key, Child: child})
	d.calling++
	d.later(func() {
		d.calling--
		if d.over(in, el.Key) {
			return // interrupted by something earlier in the same decision
		}
		d.setTransients(child, transient)
		d.start(child, &events.InstanceStarted{
			Tenant: in.Tenant, Definition: ref, BusinessKey: businessKey, Trigger: events.TriggerCall, StartElement: start.ID,
			Parent: in.ID, ParentElement: el.Key, Root: in.Root, Depth: in.Depth + 1, By: in.StartedBy,
		}, start, passed)
	})
	return nil
}

// newInstance derives the id of an instance that the command starts.
func (d *decider) newInstance() ids.Instance {
	d.derived++
	return ids.Derive(d.cmd.ID, d.cfg.Partition, d.derived)
}

func (d *decider) calledDefinition(in *Instance, el *Element, call *bpmn.CallDefinition) (events.DefinitionRef, *fault) {
	var ref events.DefinitionRef
	processID, f := d.evalText(in, el, call.ProcessID)
	if f != nil {
		return ref, f
	}
	tenant, f := d.evalOptionalText(in, el, call.TenantID)
	if f != nil {
		return ref, f
	}
	if tenant != "" && tenant != in.Tenant {
		return ref, faultf(commands.CodeTenantMismatch, "the called process is of tenant %q, but the instance is of %q; tenants do not call each other", tenant, in.Tenant)
	}
	var ok bool
	which := string(call.Binding)
	if call.ByID {
		id, version, _ := strings.Cut(processID, ":")
		version, _, _ = strings.Cut(version, ":") // Flowable's has a third part
		if n, err := strconv.Atoi(version); err == nil {
			ref, ok = d.defs.Version(in.Tenant, id, n)
		}
		if !ok {
			return ref, faultf(commands.CodeProcessNotFound, "no version has the id %q; an id is the key and the number of a version, such as order:3", processID)
		}
		return ref, nil
	}
	switch call.Binding {
	case bpmn.BindingDeployment:
		ref, ok = d.defs.InDeployment(in.Tenant, in.Definition.Deployment, processID)
	case bpmn.BindingVersion:
		var version int
		if version, f = d.evalInt(in, el, call.Version, 0); f != nil {
			return ref, f
		}
		ref, ok = d.defs.Version(in.Tenant, processID, version)
	case bpmn.BindingVersionTag:
		var tag string
		if tag, f = d.evalText(in, el, call.VersionTag); f != nil {
			return ref, f
		}
		ref, ok = d.defs.VersionTag(in.Tenant, processID, tag)
	case bpmn.BindingLatest, "":
		which = string(bpmn.BindingLatest)
		ref, ok = d.defs.Latest(in.Tenant, processID)
	default:
		return ref, faultf(commands.CodeElementUnsupported, "the binding %q is not known", call.Binding)
	}
	if !ok {
		return ref, faultf(commands.CodeProcessNotFound, "process %q is not deployed (binding %s)", processID, which)
	}
	return ref, nil
}

// passedIn returns the variables that the called instance begins with.
func (d *decider) passedIn(in *Instance, el *Element, node *bpmn.Element) (variables.Document, *fault) {
	switch call := node.Call; {
	case len(call.In) > 0:
		return d.mapped(in, el, transients(call.In, false))
	case call.PassAll:
		return d.visible(in, el.Key), nil
	case call.PassLocal:
		return copyOf(el.Variables), nil
	}
	return variables.Document{}, nil
}

// transients returns the mappings that write transient variables, or the others.
func transients(list []bpmn.Mapping, want bool) []bpmn.Mapping {
	other := func(m bpmn.Mapping) bool { return m.Transient != want }
	if !slices.ContainsFunc(list, other) {
		return list
	}
	return slices.DeleteFunc(slices.Clone(list), other)
}

// mapped returns what mappings from the scope of an element to somewhere else
// make.
func (d *decider) mapped(in *Instance, el *Element, mappings []bpmn.Mapping) (variables.Document, *fault) {
	out := variables.Document{}
	for i := range mappings {
		m := &mappings[i]
		if m.All {
			all := el.Variables
			if !m.Local {
				all = d.visible(in, el.Key)
			}
			for name, v := range all {
				out[name] = v
			}
			continue
		}
		env := d.env(in, el)
		if m.Local {
			env.Lookup = func(name string) (any, bool) { v, ok := el.Variables[name]; return v, ok }
			env.Visible = func() map[string]any { return copyOf(el.Variables) }
		}
		v, f := d.evalIn(env, m.Source)
		if f != nil {
			return nil, f
		}
		target, f := d.target(in, el, m)
		if f != nil {
			return nil, f
		}
		out[target] = v
	}
	return out, nil
}

// target returns the name of the variable that a mapping writes.
func (d *decider) target(in *Instance, el *Element, m *bpmn.Mapping) (string, *fault) {
	if m.TargetExpression == nil {
		return m.Target, nil
	}
	name, f := d.evalText(in, el, m.TargetExpression)
	if f == nil && name == "" {
		f = faultf(commands.CodeExpressionType, "the target %q is empty", m.TargetExpression.Text)
	}
	return name, f
}

// returned is what a called instance hands to its caller: to the owners of the
// variables, and to the call activity's own scope.
type returned struct{ owners, local variables.Document }

// passedOut returns what a called instance that is about to complete hands to
// its caller: its output mappings of the camunda kind evaluated, or all of its
// variables.
func (d *decider) passedOut(in *Instance, el *Element, child *Instance) (returned, *fault) {
	root := child.Elements[0]
	node := d.node(in, el)
	if node.Call == nil || len(node.Call.Out) == 0 {
		if len(node.Outputs) == 0 && !node.PropagateAll {
			return returned{}, nil
		}
		return returned{owners: root.Variables}, d.fits(in, el.Key, root.Variables)
	}
	var out, local []bpmn.Mapping
	for _, m := range node.Call.Out {
		to := &out
		if m.Local {
			to = &local
		}
		m.Local = false // it is about where to write
		*to = append(*to, m)
	}
	var r returned
	var f *fault
	if r.owners, f = d.mapped(child, root, out); f != nil {
		return r, f
	}
	if r.local, f = d.mapped(child, root, local); f != nil {
		return r, f
	}
	if f := d.fits(in, el.Key, r.owners); f != nil {
		return r, f
	}
	return r, d.fitsLocal(in, el.Key, r.local)
}

// calledCompleted brings the caller's token on after the called instance has
// completed with what [decider.passedOut] returned.
func (d *decider) calledCompleted(child *Instance, r returned) {
	in, el := d.caller(child)
	if in == nil {
		return
	}
	node := d.node(in, el)
	if el.ending() { // interrupted by something earlier in the same decision
		d.checkScope(in, el.Key)
		return
	}
	if node.Call == nil || len(node.Call.Out) == 0 {
		d.complete(in, el, node, r.owners)
		return
	}
	f := d.propagate(in, el.Key, r.owners)
	if f == nil {
		set := d.setVariables
		if d.carriesAll(in, el) {
			set = d.setPath
		}
		f = set(in, el.Key, r.local)
	}
	if f != nil {
		d.raise(in, el, events.StepComplete, 0, f)
		return
	}
	d.complete(in, el, node, nil)
}

// caller returns the call activity that waits for an instance, nil if it is no
// longer there.
func (d *decider) caller(child *Instance) (*Instance, *Element) {
	if child.Parent == "" {
		return nil, nil
	}
	in := d.Instance(child.Parent)
	if in == nil {
		return nil, nil
	}
	el, ok := in.Element(child.ParentElement)
	if !ok || el.Child != child.ID {
		return nil, nil
	}
	return in, el
}
