package engine

import (
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
	ref, f := d.calledDefinition(in, el, node.Call)
	if f != nil {
		return f
	}
	model, err := d.defs.Model(in.Tenant, ref)
	if err != nil {
		panic(&ModelError{Err: err})
	}
	start := model.Scope.NoneStart()
	if start == nil {
		return faultf(commands.CodeProcessNoNoneStart, "process %s has no none start event", ref.ID())
	}
	businessKey, f := d.evalOptionalText(in, el, node.Call.BusinessKey)
	if f != nil {
		return f
	}
	passed, f := d.passedIn(in, el, node)
	if f != nil {
		return f
	}
	if f := d.fitsNew(passed); f != nil {
		return f
	}
	d.bytes += variables.Size(passed)
	child := d.newInstance()
	d.emit(in.ID, &events.CallStarted{Element: el.Key, Child: child})
	d.later(func() {
		if d.gone(in, el.Key) {
			return // interrupted by something earlier in the same decision
		}
		d.start(child, &events.InstanceStarted{
			Tenant: in.Tenant, Definition: ref, BusinessKey: businessKey, Trigger: events.TriggerCall, StartElement: start.ID,
			Parent: in.ID, ParentElement: el.Key, Root: in.Root, Depth: in.Depth + 1,
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
	var ok bool
	which := string(call.Binding)
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
	out := variables.Document{}
	if len(node.Call.In) == 0 {
		if node.Call.PassAll {
			return in.Visible(el.Key), nil
		}
		// With input mappings alone, what they made is what is passed.
		for name, v := range el.Variables {
			out[name] = v
		}
		return out, nil
	}
	for i := range node.Call.In {
		m := &node.Call.In[i]
		if m.All {
			for name, v := range in.Visible(el.Key) {
				out[name] = v
			}
			continue
		}
		v, f := d.eval(in, el, m.Source)
		if f != nil {
			return nil, f
		}
		out[m.Target] = v
	}
	return out, nil
}

// passedOut returns what a called instance that is about to complete hands to
// its caller: its output mappings of the camunda kind evaluated, or all of its
// variables.
func (d *decider) passedOut(in *Instance, el *Element, child *Instance) (variables.Document, *fault) {
	results := child.Elements[0].Variables
	node := d.node(in, el)
	if node.Call == nil || len(node.Call.Out) == 0 {
		if len(node.Outputs) == 0 && !node.PropagateAll {
			return nil, nil
		}
		return results, d.fits(in, el.Key, results)
	}
	out := variables.Document{}
	for i := range node.Call.Out {
		m := &node.Call.Out[i]
		if m.All {
			for name, v := range results {
				out[name] = v
			}
			continue
		}
		v, f := d.eval(child, child.Elements[0], m.Source)
		if f != nil {
			return nil, f
		}
		out[m.Target] = v
	}
	return out, d.fits(in, el.Scope, out)
}

// calledCompleted brings the caller's token on after the called instance has
// completed with what [decider.passedOut] returned.
func (d *decider) calledCompleted(child *Instance, results variables.Document) {
	in, el := d.caller(child)
	if in == nil {
		return
	}
	node := d.node(in, el)
	if node.Call == nil || len(node.Call.Out) == 0 {
		d.complete(in, el, node, results)
		return
	}
	if f := d.propagate(in, el.Scope, results); f != nil {
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
