package engine

import (
	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/variables"
)

// Cancel listeners are jobs of zeebe: those of the event canceling of a user
// task, and those of the event cancel of an element or process. The end of an
// element that is interrupted or canceled waits for them.
//
// Without them elements are terminated within one decision. An element that has
// some, or encloses something that has, is ending instead: its own jobs, catches,
// incidents and tokens are gone and nothing happens in it any more, but for the
// listeners, innermost first. What has interrupted it is kept with it and goes on
// when it has ended: a boundary event, an event subprocess of the scope, or the
// end of the instance.

// The events of cancel listeners.
const (
	eventCancel   = "cancel"
	taskCanceling = "canceling"
)

// Ending is what goes on when an element instance, or what is inside a scope, has
// ended; see events.ElementEnding.
type Ending struct {
	Then    events.Then        `msgpack:"t"`
	Target  string             `msgpack:"e,omitempty"`
	Results variables.Document `msgpack:"v,omitempty"`
	Reason  string             `msgpack:"r,omitempty"`
}

// ending says whether an element instance is about to end. A scope in which only
// everything inside is ending goes on.
func (e *Element) ending() bool {
	return e.Ending != nil && e.Ending.Then != events.ThenEventSubProcess
}

// over says whether an element instance has ended, or is ending.
func (d *decider) over(in *Instance, key ids.Key) bool {
	return d.gone(in, key) || must(in.Elements, key).ending()
}

// terminate ends an element instance, everything inside it and the handlers of
// the compensation that it waits for, innermost and newest first, without its
// flows. With cancel listeners it only begins to.
func (d *decider) terminate(in *Instance, el *Element) {
	d.terminateThen(in, el, events.ElementEnding{Then: events.ThenTerminate})
}

// terminateThen is terminate, and says whether the element instance has ended. If
// it has not, the rest follows later.
func (d *decider) terminateThen(in *Instance, el *Element, then events.ElementEnding) bool {
	then.Key, then.ElementID = el.Key, el.ElementID
	if el.ending() {
		// Who ends it now comes first, the listeners go on.
		if el.Ending.Then != then.Then || then.Target != "" {
			e := then // only what is emitted is allocated
			d.emit(in.ID, &e)
		}
		return false
	}
	d.terminateInside(in, el, 0)
	d.terminateHandlers(in, el)
	waits := el.Active > 0 || d.hasCancelListeners(in, el)
	if !waits || el.Child != "" {
		d.listenToInterruption(in, el)
		d.outputsOfInterrupted(in, el)
	}
	if !waits {
		d.close(in, el)
		waits = d.childStays(el)
	}
	if waits {
		d.endLater(in, el, then)
		return false
	}
	d.terminated(in, el)
	return true
}

// terminated ends an element instance that has nothing open any more.
func (d *decider) terminated(in *Instance, el *Element) {
	d.emit(in.ID, &events.ElementTerminated{Key: el.Key, ElementID: el.ElementID})
	d.ended++
	if el.Compensates != 0 {
		d.afterCompensation(in, el)
	}
}

// hasCancelListeners says whether the end of an element instance waits for
// listeners.
func (d *decider) hasCancelListeners(in *Instance, el *Element) bool {
	node := d.node(in, el)
	if len(node.Listeners) == 0 {
		return false
	}
	return len(executionListeners(el, node, eventCancel)) > 0 || d.taskAt(in, el) != nil && len(cancelingJobs(node)) > 0
}

// cancelingJobs returns the listeners that the end of a canceled user task waits
// for. A class that a job type stands in for is not among them: nothing waits for
// the delete listeners of camunda.
func cancelingJobs(node *bpmn.Element) []*bpmn.Listener { return taskListeners(node, taskCanceling) }

// childStays says whether the instance that a call activity has started, and that
// is canceled, waits for cancel listeners.
func (d *decider) childStays(el *Element) bool {
	return el.Child != "" && d.Has(el.Child) && d.Instance(el.Child).Elements[0].ending()
}

// endLater ends all of an element instance that does not wait for its cancel
// listeners.
func (d *decider) endLater(in *Instance, el *Element, then events.ElementEnding) {
	e := then
	d.emit(in.ID, &e)
	d.dropTokens(in, el.Key)
	d.closeJobs(in, el)
	for i := len(in.Tasks) - 1; i >= 0 && in.Tasks[i].Key > el.Key; i-- {
		t := in.Tasks[i]
		switch {
		case t.Element != el.Key:
		case len(cancelingJobs(d.node(in, el))) > 0:
			d.emit(in.ID, &events.UserTaskPending{Key: t.Key, Event: taskCanceling})
		default:
			d.closeTask(in, el, t)
		}
	}
	d.closeIncidents(in, el.Key)
	d.disarm(in, el.Key)
	d.cancelChild(in, el)
	d.checkScope(in, el.Key)
}

// goOnEnding goes on with an element instance that is ending, or with the scope
// of those that are: with the next listener, or with its end.
func (d *decider) goOnEnding(in *Instance, el *Element) {
	then := *el.Ending
	switch {
	case el.Active > 0:
		return
	case then.Then == events.ThenEventSubProcess:
		d.emit(in.ID, &events.ElementEnding{Key: el.Key, ElementID: el.ElementID})
		d.enterInterrupting(in, el, d.nodeByID(in, then.Target), then.Results)
		return
	case d.childStays(el) || d.hasIncident(in, el.Key) || listening(in, el.Key):
		return
	}
	if waits, f := d.listenToEnding(in, el); f != nil || waits {
		if f != nil {
			d.raise(in, el, events.StepScope, 0, f)
		}
		return
	}
	if then.Then == events.ThenCancel {
		d.canceled(in, then.Reason)
		return
	}
	if el.Child == "" { // else before the child was canceled
		d.listenToInterruption(in, el)
		d.outputsOfInterrupted(in, el)
	}
	d.close(in, el)
	scope := el.Scope
	d.terminated(in, el)
	if then.Then == events.ThenBoundary {
		d.enterBoundary(in, scope, d.nodeByID(in, then.Target), then.Results)
		return
	}
	d.checkScope(in, scope)
}

// listenToEnding begins the next cancel listener: those of a user task first,
// then those of the element. waits says that there is one.
func (d *decider) listenToEnding(in *Instance, el *Element) (waits bool, f *fault) {
	node := d.node(in, el)
	if t := d.taskAt(in, el); t != nil {
		list, done := cancelingJobs(node), 0
		if el.at(taskCanceling) {
			done = el.Listened.Done
		}
		if done < len(list) {
			job, f := d.prepareTaskJob(in, el, list[done], taskCanceling)
			if f != nil {
				return false, f
			}
			if done == 0 {
				d.emit(in.ID, &events.ListenersRun{Element: el.Key, Event: taskCanceling})
			}
			d.offerJob(in, job)
			return true, nil
		}
		if t.Pending != nil {
			d.changeTask(in, t, t.Pending.Changes, "")
		}
		d.closeTask(in, el, t)
	}
	return d.listen(in, el, node, eventCancel)
}

// cancelInstance ends an instance from outside. With cancel listeners it only
// begins to.
func (d *decider) cancelInstance(in *Instance, reason string) {
	root := in.Elements[0]
	if root.ending() || in.canceling() {
		return
	}
	d.terminateInside(in, root, 0)
	if root.Active > 0 || d.hasCancelListeners(in, root) {
		d.endLater(in, root, events.ElementEnding{Key: root.Key, ElementID: root.ElementID, Then: events.ThenCancel, Reason: reason})
		return
	}
	d.canceled(in, reason)
}

// canceled ends an instance in which nothing is active any more.
func (d *decider) canceled(in *Instance, reason string) {
	root := in.Elements[0]
	d.listenToInterruption(in, root)
	// Tokens that wait before joins of the root scope end with it.
	d.close(in, root)
	if in.Ended != nil {
		d.dropTokens(in, root.Key) // no join goes on meanwhile
		d.emit(in.ID, &events.InstanceCanceling{Reason: reason})
		return
	}
	d.instanceCanceled(in, reason)
}

// instanceCanceled ends a canceled instance, and goes on in the instance that
// called it if that waits for the end.
func (d *decider) instanceCanceled(in *Instance, reason string) {
	caller, el := d.caller(in)
	d.emit(in.ID, &events.InstanceCanceled{Reason: reason, RemoveAtMS: d.removeAt(in)})
	d.instanceEnded(in)
	if caller != nil && el.ending() {
		d.checkScope(caller, el.Key)
	}
}

// rejectsErrors says why the worker of a listener may not throw an error.
func rejectsErrors(listener string) *commands.Error {
	switch {
	case isTaskListener(listener):
		return commands.Reject(commands.CodeCommandInvalid, "the listener of a user task throws no errors; it may deny, or fail")
	case listener == eventCancel:
		return commands.Reject(commands.CodeCommandInvalid, "the listener of an element that is canceled throws no errors; it may fail")
	}
	return nil
}

func (in *Instance) applyEnding(e *events.ElementEnding) {
	el := must(in.Elements, e.Key)
	el.Ending = nil
	if e.Then != "" {
		el.Ending = &Ending{Then: e.Then, Target: e.Target, Results: e.Variables, Reason: e.Reason}
	}
}
