package engine

import (
	"cmp"
	"slices"

	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/variables"
)

// Conditional events (BPMN 2.0.2, 10.5.5) are looked at once when they are
// armed, and then whenever variables that they see have been written: once for
// each batch of writes, from the outermost scope inwards. All of this happens in
// the decision that writes, so no change is ever missed.

// change is the write of one variable.
type change struct {
	scope   ids.Key
	name    string
	created bool
	equal   bool // the value is as before
	// next is the first key that was not given then: a condition that is armed
	// later has been looked at with the value.
	next ids.Key
}

// variablesChange notes what an event is about to write, if a condition of the
// instance may look at it.
func (d *decider) variablesChange(id ids.Instance, set *events.VariablesSet) {
	in := d.instances[id]
	if in == nil {
		return
	}
	conditions, onWrite := slices.ContainsFunc(in.Subscriptions, isCondition), d.model(in).WriteEvents
	if !conditions && !onWrite {
		return
	}
	scope := must(in.Elements, set.Scope)
	list := make([]change, 0, len(set.Values))
	for _, name := range sortedKeys(set.Values) {
		old, existed := scope.Variables[name]
		list = append(list, change{set.Scope, name, !existed, existed && variables.Equal(old, set.Values[name]), in.nextKey()})
	}
	if onWrite {
		d.noteWritten(in, list)
	}
	if !conditions {
		return
	}
	if d.changes == nil {
		d.changes = map[ids.Instance][]change{}
	}
	if len(d.changes[id]) == 0 {
		d.later(func() { d.lookAtConditions(in) })
	}
	d.changes[id] = append(d.changes[id], list...)
}

func isCondition(s *Subscription) bool { return s.Kind == forCondition }

// lookAtConditions evaluates the conditions of an instance that see what was
// written, outer scopes first, those of one scope in the order of the model.
func (d *decider) lookAtConditions(in *Instance) {
	changes := d.changes[in.ID]
	delete(d.changes, in.ID)
	if d.instances[in.ID] != in {
		return
	}
	type seeing struct {
		depth int
		key   ids.Key
	}
	var list []seeing
	for _, s := range in.Subscriptions {
		if d.hasCondition(in, s) && d.sees(in, s, changes) {
			list = append(list, seeing{in.depth(s.Element), s.Key})
		}
	}
	slices.SortFunc(list, func(a, b seeing) int { return cmp.Or(cmp.Compare(a.depth, b.depth), cmp.Compare(a.key, b.key)) })
	for _, l := range list {
		d.lookAt(in, l.key)
	}
}

// interruptedByResults looks at conditions before an activity ends that has a
// conditional boundary event: in Camunda 7 its results may still interrupt it.
func (d *decider) interruptedByResults(in *Instance, el *Element, node *bpmn.Element) bool {
	if len(d.changes[in.ID]) == 0 || d.model(in).Dialect != bpmn.DialectCamunda || !slices.ContainsFunc(hosted(el, node), isConditional) {
		return false
	}
	d.lookAtConditions(in)
	return d.over(in, el.Key)
}

func isConditional(e *bpmn.Element) bool {
	return e.Event != nil && e.Event.Kind == bpmn.EventConditional
}

// hasCondition says whether a subscription is of a conditional event, and not of
// one that waits for a write alone.
func (d *decider) hasCondition(in *Instance, s *Subscription) bool {
	return isCondition(s) && !d.nodeByID(in, s.Target).Event.Part(s.Part).OnWrite
}

// depth counts the scopes around an element instance.
func (in *Instance) depth(key ids.Key) int {
	n := 0
	for el, ok := in.Element(key); ok && el.Scope != 0; el, ok = in.Element(el.Scope) {
		n++
	}
	return n
}

// sees says whether one of the writes concerns a condition: the variable is
// visible to it and its filters let it through. Camunda counts each write of a
// variable as an update, and so do variable listener events; the others only a
// new value.
func (d *decider) sees(in *Instance, s *Subscription, changes []change) bool {
	def := d.nodeByID(in, s.Target).Event.Part(s.Part)
	sameCounts := def.OnWrite || d.model(in).Dialect == bpmn.DialectCamunda
	return slices.ContainsFunc(changes, func(c change) bool {
		event := "update"
		if c.created {
			event = "create"
		}
		return (sameCounts || !c.equal) && (def.OnWrite || s.Key < c.next) &&
			(len(def.VariableNames) == 0 || slices.Contains(def.VariableNames, c.name)) &&
			(len(def.VariableEvents) == 0 || slices.Contains(def.VariableEvents, event)) &&
			in.visibleFrom(s.Element, c)
	})
}

// visibleFrom says whether the variable that was written is the one that an
// element instance sees under its name.
func (in *Instance) visibleFrom(scope ids.Key, c change) bool {
	for scope != 0 {
		el, ok := in.Element(scope)
		if !ok {
			return false
		}
		if scope == c.scope {
			return true
		}
		if _, nearer := el.Variables[c.name]; nearer {
			return false
		}
		scope = el.Scope
	}
	return false
}

// lookAtCondition evaluates a condition that has just been armed.
func (d *decider) lookAtCondition(in *Instance, key ids.Key) {
	d.later(func() {
		if d.instances[in.ID] == in {
			d.lookAt(in, key)
		}
	})
}

// lookAt evaluates a condition that is still waited for, and fires it if it is
// true. A condition that fails stops its element with an incident; there is one
// for all conditions of an element.
func (d *decider) lookAt(in *Instance, key ids.Key) {
	s, ok := find(in.Subscriptions, key)
	if !ok {
		return
	}
	el, target := must(in.Elements, s.Element), d.nodeByID(in, s.Target)
	yes, f := d.evalCondition(in, el, target.Event.Part(s.Part).Condition)
	if yes && f == nil {
		d.steps++
		f = d.spent()
	}
	if f != nil {
		if !d.conditionStopped(in, el.Key) {
			d.raise(in, el, events.StepCondition, 0, faultf(f.code, "conditional event %s: %s", target.ID, f.message))
		}
		return
	}
	if !yes {
		return
	}
	d.emit(in.ID, &events.ConditionMet{Key: key})
	d.caught(in, el, target, s.Part, nil)
}

// evalCondition evaluates a condition. Null is false, and so is a condition that
// cannot be evaluated while a variable that it reads does not exist: it waits
// for it.
func (d *decider) evalCondition(in *Instance, el *Element, x *bpmn.Expression) (bool, *fault) {
	v, f := d.eval(in, el, x)
	if f != nil {
		for _, name := range x.Program.Variables() {
			if _, ok := in.lookup(el.Key, name); !ok {
				return false, nil
			}
		}
		return false, f
	}
	switch v := v.(type) {
	case nil:
		return false, nil
	case bool:
		return v, nil
	}
	return false, d.wrongType(x, "true or false", v)
}

func (d *decider) conditionStopped(in *Instance, element ids.Key) bool {
	return slices.ContainsFunc(in.Incidents, func(i *Incident) bool { return i.Element == element && i.Step == events.StepCondition })
}

// dropConditionIncident resolves the incident of an element's conditions when
// none of them is waited for any more.
func (d *decider) dropConditionIncident(in *Instance, element ids.Key) {
	if len(in.Incidents) == 0 || slices.ContainsFunc(in.Subscriptions, func(s *Subscription) bool { return isCondition(s) && s.Element == element }) {
		return
	}
	d.dropIncidents(in, func(i *Incident) bool { return i.Element == element && i.Step == events.StepCondition })
}

// dropIncidents resolves incidents whose reason is gone.
func (d *decider) dropIncidents(in *Instance, gone func(*Incident) bool) {
	for i := len(in.Incidents) - 1; i >= 0; i-- {
		if inc := in.Incidents[i]; gone(inc) {
			d.emit(in.ID, &events.IncidentResolved{Key: inc.Key})
		}
	}
}

// resumeConditions looks again at the conditions of an element whose incident
// was resolved.
func (d *decider) resumeConditions(in *Instance, el *Element) {
	for _, s := range slices.Clone(in.Subscriptions) {
		switch {
		case !isCondition(s) || s.Element != el.Key:
		case d.hasCondition(in, s):
			d.lookAt(in, s.Key)
		default:
			d.wrote(in, s)
		}
	}
	if _, active := in.Element(el.Key); active && len(d.node(in, el).Children) > 0 {
		d.checkScope(in, el.Key)
	}
}

// decideEvaluate starts processes by their conditional start events.
func (d *decider) decideEvaluate(c *commands.Evaluate) *commands.Error {
	tenant := d.cmd.Tenant
	if home := ids.ConditionHome(tenant, d.cfg.Homes); home != d.cfg.Partition {
		return commands.Reject(commands.CodeCommandMisrouted, "the home of the conditions of tenant %q is partition %s, not %s", tenant, home, d.cfg.Partition)
	}
	if f := d.fitsNew(c.Variables); f != nil {
		return f.asRejection()
	}
	var starts []startMessage
	known := false
	for _, k := range d.startConditionsOf(tenant, c.ProcessID) {
		known = true
		start := startMessage{Definition: d.startConditions[k], ElementID: k.element}
		yes, rejection := d.startCondition(tenant, start, c.Variables)
		if rejection != nil {
			return rejection
		}
		if yes {
			starts = append(starts, start)
		}
	}
	if !known && c.ProcessID != "" {
		return commands.Reject(commands.CodeProcessNotFound, "no process %q with a conditional start event is deployed for tenant %q", c.ProcessID, tenant)
	}
	size := variables.Size(c.Variables)
	if len(starts) > maxSignalStarts || size*len(starts) > d.cfg.MaxDecisionBytes {
		return commands.Reject(commands.CodeDecisionTooLarge, "the variables start %d instances with %d bytes each; name one process by process_id", len(starts), size)
	}
	// The answer comes first, so that its repetition names no instance as the one
	// acted on.
	for range starts {
		d.out.Result.Receivers = append(d.out.Result.Receivers, string(d.newInstance()))
	}
	d.recordAnswer()
	for i, start := range starts {
		node, id := d.startNode(tenant, start), ids.Instance(d.out.Result.Receivers[i])
		d.bytes += size
		d.start(id, &events.InstanceStarted{
			Tenant: tenant, Definition: start.Definition, BusinessKey: c.BusinessKey,
			Trigger: events.TriggerCondition, StartElement: node.ID, Root: id,
		}, node, c.Variables)
	}
	return nil
}

// startCondition evaluates a start event's condition over the variables of the
// command alone.
func (d *decider) startCondition(tenant string, start startMessage, vars variables.Document) (bool, *commands.Error) {
	node := d.startNode(tenant, start)
	def := startPart(node, bpmn.EventConditional)
	if names := def.VariableNames; len(names) > 0 && !slices.ContainsFunc(names, func(n string) bool { _, ok := vars[n]; return ok }) {
		return false, nil
	}
	x := def.Condition
	env := d.startEnv()
	env.Lookup = func(name string) (any, bool) { v, ok := vars[name]; return v, ok }
	env.Visible = func() map[string]any { return copyOf(vars) }
	v, f := d.evalWith(env, x)
	if f != nil {
		for _, name := range x.Program.Variables() {
			if _, ok := vars[name]; !ok {
				return false, nil
			}
		}
		return false, f.asRejection()
	}
	switch v := v.(type) {
	case nil:
		return false, nil
	case bool:
		return v, nil
	}
	return false, d.wrongType(x, "true or false", v).asRejection()
}

// startConditionsOf returns the conditional start events of one process, or of
// all with an empty id, in order of process and event.
func (d *decider) startConditionsOf(tenant, processID string) []startTimerKey {
	var out []startTimerKey
	for k := range d.startConditions {
		if k.tenant == tenant && (processID == "" || k.process == processID) {
			out = append(out, k)
		}
	}
	slices.SortFunc(out, func(a, b startTimerKey) int {
		return cmp.Or(cmp.Compare(a.process, b.process), cmp.Compare(a.element, b.element))
	})
	return out
}

// activateStartConditions takes over the conditional start events of a version
// that has become the latest, at the tenant's home of conditions.
func (d *decider) activateStartConditions(tenant string, ref events.DefinitionRef, model *bpmn.Process) {
	if ids.ConditionHome(tenant, d.cfg.Homes) != d.cfg.Partition {
		return
	}
	kept := map[string]bool{}
	for _, node := range startEvents(model, bpmn.EventConditional) {
		kept[node.ID] = true
		d.emit("", &events.StartConditionSet{Tenant: tenant, Definition: ref, ElementID: node.ID})
	}
	for _, k := range d.startConditionsOf(tenant, ref.ProcessID) {
		if !kept[k.element] {
			d.emit("", &events.StartConditionSet{Tenant: tenant, Definition: ref, ElementID: k.element, Gone: true})
		}
	}
}
