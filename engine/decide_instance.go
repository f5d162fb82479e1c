package engine

import (
	"fmt"
	"maps"
	"slices"

	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/variables"
)

func (d *decider) decideStart(c *commands.StartInstance) *commands.Error {
	id := d.cmd.Instance
	if in := d.instanceIfHot(id); in != nil || d.Has(id) {
		return d.startedBefore(id)
	}
	if how, ok := d.finished.get(id); ok {
		d.out.Result = commands.Result{InstanceID: string(id), Existing: true, Message: "the instance has been " + how}
		return nil
	}
	ref, rejection := d.startDefinition(c)
	if rejection != nil {
		return rejection
	}
	model, err := d.defs.Model(d.cmd.Tenant, ref)
	if err != nil {
		panic(&ModelError{Err: err})
	}
	start := model.CommandStart()
	if start == nil {
		return commands.Reject(commands.CodeProcessNoNoneStart, "process %s has no none start event", ref.ID())
	}
	if rejection := mayStart(model, c); rejection != nil {
		return rejection
	}
	vars, businessKey := c.Variables, c.BusinessKey
	if c.Form {
		if vars, businessKey, rejection = d.submittedStart(start, c, ref); rejection != nil {
			return rejection
		}
	}
	if f := d.fitsNew(vars); f != nil {
		return f.asRejection()
	}
	d.bytes += variables.Size(vars)
	d.out.Result.InstanceID, d.out.Result.Definition = string(id), ref.ID()
	d.start(id, &events.InstanceStarted{
		Tenant: d.cmd.Tenant, Definition: ref, BusinessKey: businessKey,
		Trigger: events.TriggerCommand, StartElement: start.ID, Root: id, By: c.StartedBy,
	}, start, vars)
	return nil
}

// instanceIfHot returns an instance without bringing it back.
func (d *decider) instanceIfHot(id ids.Instance) *Instance { return d.instances[id] }

// startedBefore answers a start whose instance is there already.
func (d *decider) startedBefore(id ids.Instance) *commands.Error {
	in := d.Instance(id)
	if in.Tenant != d.cmd.Tenant {
		return commands.Reject(commands.CodeTenantMismatch, "instance %s belongs to another tenant than %q", id, d.cmd.Tenant)
	}
	d.out.Result = commands.Result{InstanceID: string(id), Definition: in.Definition.ID(), Existing: true}
	return nil
}

func (d *decider) startDefinition(c *commands.StartInstance) (events.DefinitionRef, *commands.Error) {
	var ref events.DefinitionRef
	var ok bool
	which := ""
	switch {
	case c.Version > 0:
		ref, ok = d.defs.Version(d.cmd.Tenant, c.ProcessID, c.Version)
		which = fmt.Sprintf(" in version %d", c.Version)
	case c.VersionTag != "":
		ref, ok = d.defs.VersionTag(d.cmd.Tenant, c.ProcessID, c.VersionTag)
		which = fmt.Sprintf(" with the version tag %q", c.VersionTag)
	default:
		ref, ok = d.defs.Latest(d.cmd.Tenant, c.ProcessID)
	}
	if !ok {
		return ref, commands.Reject(commands.CodeProcessNotFound, "no process %q is deployed%s for tenant %q", c.ProcessID, which, d.cmd.Tenant)
	}
	return ref, nil
}

// start begins an instance at a start event. Whoever calls it has checked the
// variables and counted them: an instance that has begun has all of them.
func (d *decider) start(id ids.Instance, started *events.InstanceStarted, start *bpmn.Element, vars variables.Document) {
	model, err := d.defs.Model(started.Tenant, started.Definition)
	if err != nil {
		panic(&ModelError{Err: err})
	}
	started.Listens = len(model.Scope.EventStarts) > 0 ||
		slices.ContainsFunc(model.Scope.Listeners, func(l bpmn.Listener) bool { return l.Event == eventStart })
	if gateway := start.StartGateway(); gateway != nil {
		started.Gateway = gateway.ID
	}
	if startKeeps(model, start, started.Trigger) {
		started.Brought, vars = vars, nil
	}
	d.emit(id, started)
	in := d.Instance(id)
	if start.Initiator != "" {
		vars = withInitiator(vars, start.Initiator, started.By)
	}
	if model.Scope.Data != nil { // what is passed comes first
		all := maps.Clone(variables.Document(model.Scope.Data))
		maps.Copy(all, vars)
		vars = all
	}
	if len(vars) > 0 {
		d.emit(id, &events.VariablesSet{Scope: events.RootKey, Values: vars})
	}
	if started.Listens {
		d.later(func() {
			if !d.over(in, events.RootKey) {
				d.beginProcess(in)
			}
		})
		return
	}
	d.arriveLater(in, events.RootKey, entry(start), nil)
}

// startKeeps says that what started an instance is the start event's own, and
// its outputs alone go to the process: so are messages and signals in zeebe
// models.
func startKeeps(model *bpmn.Process, start *bpmn.Element, by events.Trigger) bool {
	return start.Type == bpmn.TypeStartEvent && len(start.Outputs) > 0 && model.Dialect == bpmn.DialectZeebe && start.StartGateway() == nil &&
		(by == events.TriggerMessage || by == events.TriggerSignal)
}

func (d *decider) decideCancel(c *commands.CancelInstance) *commands.Error {
	in, rejection := d.instance()
	if rejection != nil {
		return rejection
	}
	if in.Parent != "" {
		if caller, el := d.caller(in); caller != nil {
			return commands.Reject(commands.CodeCommandInvalid, "instance %s was called by %s (element %s); cancel the caller", in.ID, caller.ID, el.ElementID)
		}
	}
	d.cancelInstance(in, c.Reason)
	return nil
}

func (d *decider) decideSetVariables(c *commands.SetVariables) *commands.Error {
	in, rejection := d.instance()
	if rejection != nil {
		return rejection
	}
	if rejection := d.checkVariables(c.Variables); rejection != nil {
		return rejection
	}
	scope := max(c.Scope, events.RootKey)
	if _, ok := in.Element(scope); !ok {
		return commands.Reject(commands.CodeElementNotFound, "no element instance %s is active", ids.Join(in.ID, scope))
	}
	var f *fault
	if c.Local {
		f = d.setVariables(in, scope, c.Variables)
	} else {
		f = d.propagate(in, scope, c.Variables)
	}
	if f != nil {
		return f.asRejection()
	}
	return nil
}

func (d *decider) decideResolveIncident(c *commands.ResolveIncident) *commands.Error {
	in, key, rejection := d.inInstance(c.IncidentID)
	if rejection != nil {
		return rejection
	}
	inc, ok := find(in.Incidents, key)
	if !ok {
		return commands.Reject(commands.CodeIncidentNotFound, "no incident %s is open", c.IncidentID)
	}
	el := must(in.Elements, inc.Element)
	d.emit(in.ID, &events.IncidentResolved{Key: key})
	switch inc.Step {
	case events.StepActivate:
		d.begin(in, el, d.node(in, el))
	case events.StepComplete:
		if el.Key == events.RootKey {
			d.checkScope(in, el.Key)
			return nil
		}
		if child := d.calledAndDone(el); child != nil {
			d.checkScope(child, events.RootKey)
			return nil
		}
		d.complete(in, el, d.node(in, el), inc.Results)
	case events.StepWork:
		d.workDone(in, el, d.node(in, el), inc.Results)
	case events.StepLeave:
		d.leave(in, el, d.node(in, el))
	case events.StepTask:
		d.continueTask(in, el)
	case events.StepScope:
		d.resumeAdHocJob(in, el)
		d.checkScope(in, el.Key)
	case events.StepCondition:
		d.resumeConditions(in, el)
	case events.StepArm:
		d.resumeArming(in, el, inc.ElementID)
	case events.StepCommand:
		d.again(in, inc)
	case events.StepCompensate:
		d.compensateNext(in, el.Key)
	case events.StepJob:
		d.reopen(in, must(in.Jobs, inc.Job), max(c.Retries, 1))
	case events.StepError:
		// The element's work is done again: what threw the error has ended.
		d.close(in, el)
		if el.at(eventEnd) || el.at(eventFired) {
			d.endListenerAgain(in, el)
			return nil
		}
		if el.AdHoc != nil {
			d.resumeAdHocJob(in, el)
			return nil
		}
		if el.Listened != nil {
			d.emit(in.ID, &events.ListenersRun{Element: el.Key})
		}
		d.begin(in, el, d.node(in, el))
	default:
		panic(corrupt("incident %s stopped at an unknown step %q", c.IncidentID, inc.Step))
	}
	return nil
}

// again sends a command of the engine to itself once more.
func (d *decider) again(in *Instance, inc *Incident) {
	c, err := commands.Decode(commands.Kind(inc.Command), commands.ContentMsgpack, inc.Payload)
	if err != nil {
		panic(corrupt("command %s of an incident: %v", inc.Command, err))
	}
	d.enqueue(d.cfg.Partition, in.Tenant, in.ID, c)
	d.checkScope(in, events.RootKey)
}

// calledAndDone returns the instance that a call activity has started and whose
// results it could not take.
func (d *decider) calledAndDone(el *Element) *Instance {
	if el.Child == "" {
		return nil
	}
	return d.Instance(el.Child)
}

// inInstance finds the instance and key that an id of the command names.
func (d *decider) inInstance(id string) (*Instance, ids.Key, *commands.Error) {
	owner, key, err := ids.Split(id)
	if err != nil {
		return nil, 0, commands.Reject(commands.CodeIDInvalid, "%v", err)
	}
	if owner != d.cmd.Instance {
		return nil, 0, commands.Reject(commands.CodeCommandMisrouted, "%s does not belong to the instance %s of the subject", id, d.cmd.Instance)
	}
	in, rejection := d.instance()
	return in, key, rejection
}
