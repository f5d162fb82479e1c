package engine

import (
	"maps"

	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/variables"
)

// adHocInner is the type of the element instance that encloses one activity of
// an ad-hoc subprocess and what follows it over sequence flows. It has the
// element id of the subprocess, and variables of its own.
const adHocInner = "adHocInnerInstance"

// Choice is an activity of an ad-hoc subprocess that is to begin.
type Choice struct {
	ElementID string             `msgpack:"e"`
	Variables variables.Document `msgpack:"v,omitempty"`
}

// adHocSubProcess is the behaviour of ad-hoc subprocesses (BPMN 2.0.2, 13.3.5):
// which activities begin, and when, is said by the model or by commands. What
// it keeps is that of a loop, each activity a turn.
//
//   - zeebe: those of activeElementsCollection begin. It ends when all that has
//     begun has ended or, with a completion condition, when that is true.
//   - zeebe, with a job: those that the worker of the job names. The job comes
//     when the subprocess begins and again when an activity in it has ended.
//   - flowable: none begins. It ends by its condition or by a command.
//   - plain BPMN and camunda: all without incoming flow begin.
//
// The condition is looked at when an activity and what follows it have ended.
type adHocSubProcess struct{}

func (adHocSubProcess) activate(d *decider, in *Instance, el *Element, node *bpmn.Element) *fault {
	def := node.AdHoc
	if node.Job != nil {
		return d.activateAdHocJob(in, el, node)
	}
	var chosen []string
	switch {
	case def.ActiveElements != nil:
		v, f := d.eval(in, el, def.ActiveElements)
		if f != nil {
			return f
		}
		list, ok := v.([]any)
		if !ok {
			return d.wrongType(def.ActiveElements, "a list of element ids", v)
		}
		for _, item := range list {
			id, ok := item.(string)
			if !ok {
				return d.wrongType(def.ActiveElements, "a list of element ids", v)
			}
			if node.Startable(id) == nil {
				return faultf(commands.CodeElementNotFound, "ad-hoc subprocess %s has no element %q that can be activated: one without incoming flow", node.ID, id)
			}
			chosen = append(chosen, id)
		}
	case def.StartAll:
		for _, c := range node.Children {
			if node.Startable(c.ID) != nil {
				chosen = append(chosen, c.ID)
			}
		}
	}
	if len(chosen) > d.cfg.MaxTurns {
		return faultf(commands.CodeStepLimit, "%s is to activate %d elements; the limit is %d", el.ElementID, len(chosen), d.cfg.MaxTurns)
	}
	d.emit(in.ID, &events.LoopStarted{Key: el.Key, Sequential: def.Sequential, AdHoc: true, Output: def.OutputCollection})
	for _, id := range chosen {
		d.emit(in.ID, &events.LoopChosen{Key: el.Key, ElementID: id})
	}
	d.checkScope(in, el.Key) // begins them
	return nil
}

// adHocRests goes on with an ad-hoc subprocess in which nothing is active. It
// says whether the subprocess is done.
func (d *decider) adHocRests(in *Instance, el *Element, node *bpmn.Element) bool {
	l, def := el.AdHoc, node.AdHoc
	switch {
	case l.Paused:
		return false
	case l.more():
		d.beginTurns(in, el, node)
		return false
	case l.Stopped:
		return true
	case def.Completion != nil || def.Manual:
		return false // waits for commands
	}
	return l.Count > 0 || def.StartAll
}

// adHocTurn is the behaviour of what encloses one activity.
type adHocTurn struct{}

func (adHocTurn) activate(d *decider, in *Instance, el *Element, node *bpmn.Element) *fault {
	choice := el.Loop.Choice
	child := node.Startable(choice.ElementID)
	if child == nil {
		return faultf(commands.CodeElementNotFound, "ad-hoc subprocess %s has no element %q that can be activated", node.ID, choice.ElementID)
	}
	vars := variables.Document{}
	if name := node.AdHoc.ResultVariable; name != "" {
		vars[name] = nil // its own, as a turn of a loop has it
	}
	maps.Copy(vars, choice.Variables)
	if f := d.setVariables(in, el.Key, vars); f != nil {
		return f
	}
	d.arriveLater(in, el.Key, child, nil)
	return nil
}

// leaveAdHocTurn ends one activity of an ad-hoc subprocess and what followed
// it, and looks at the completion condition.
func (d *decider) leaveAdHocTurn(in *Instance, el *Element, node *bpmn.Element) {
	adHoc := must(in.Elements, el.Scope)
	collected, stops, f := d.adHocResult(in, el, adHoc, node.AdHoc)
	if f != nil {
		d.raise(in, el, events.StepScope, 0, f)
		return
	}
	if len(collected) > 0 {
		d.bytes += variables.Size(collected)
		d.emit(in.ID, &events.LoopCollected{Key: adHoc.Key, Turn: len(adHoc.AdHoc.Collected) + 1, Values: collected})
	}
	if node.Compensable {
		d.recordCompleted(in, el, node)
	}
	d.emit(in.ID, &events.ElementCompleted{Key: el.Key, ElementID: el.ElementID})
	switch {
	case stops:
		d.stopAdHoc(in, adHoc, node, node.AdHoc.CancelRemaining)
	case node.Job != nil && !adHoc.AdHoc.Stopped:
		d.adHocJob(in, adHoc, node)
	}
	d.checkScope(in, adHoc.Key)
}

func (d *decider) adHocResult(in *Instance, el, adHoc *Element, def *bpmn.AdHocDefinition) (collected variables.Document, stops bool, f *fault) {
	l := adHoc.AdHoc
	if def.OutputElement != nil {
		v, f := d.eval(in, el, def.OutputElement)
		if f != nil {
			return nil, false, f
		}
		collected = variables.Document{def.OutputCollection: v}
		if f := d.fitsMore(in, variables.Size(collected)); f != nil {
			return nil, false, f
		}
	}
	if def.Completion == nil || l.Stopped {
		return collected, false, nil
	}
	env := d.env(in, el)
	env.Lookup = func(name string) (any, bool) {
		if v, ok := el.Variables[name]; ok {
			return v, true
		}
		if v, ok := collected[name]; ok {
			return append([]any(l.list(name)), v), true
		}
		return in.lookup(adHoc.Key, name)
	}
	stops, f = d.evalBoolIn(env, def.Completion)
	return collected, stops, f
}

// stopAdHoc ends an ad-hoc subprocess: nothing else begins, and what is active
// either is ended too or finishes.
func (d *decider) stopAdHoc(in *Instance, adHoc *Element, node *bpmn.Element, cancelRemaining bool) {
	d.emit(in.ID, &events.LoopStopped{Key: adHoc.Key})
	if node.Job != nil {
		d.dropAdHocJob(in, adHoc)
	}
	if cancelRemaining {
		d.terminateInside(in, adHoc, 0)
	}
	d.checkScope(in, adHoc.Key)
}

// adHocResults is what an ad-hoc subprocess that is done hands over.
func adHocResults(el *Element, def *bpmn.AdHocDefinition) variables.Document {
	if def == nil || def.OutputCollection == "" {
		return nil
	}
	return variables.Document{def.OutputCollection: []any(el.AdHoc.list(def.OutputCollection))}
}

// decideActivateAdHoc begins activities of an ad-hoc subprocess, or ends
// it.
func (d *decider) decideActivateAdHoc(c *commands.ActivateAdHoc) *commands.Error {
	in, key, rejection := d.inInstance(c.ElementInstanceID)
	if rejection != nil {
		return rejection
	}
	el, ok := in.Element(key)
	if !ok || el.AdHoc == nil || el.AdHoc.Stopped || el.ending() {
		return commands.Reject(commands.CodeElementNotFound, "no ad-hoc subprocess %s is active", ids.Join(in.ID, key))
	}
	node := d.node(in, el)
	if rejection := d.checkChoices(in, el, node, c.Activities, 0); rejection != nil {
		return rejection
	}
	if c.Complete {
		d.stopAdHoc(in, el, node, c.CancelRemaining || node.AdHoc.CancelRemaining)
		return nil
	}
	if c.CancelRemaining {
		d.terminateInside(in, el, 0)
	}
	d.choose(in, el, node, c.Activities)
	return nil
}

// checkChoices refuses activities that an ad-hoc subprocess cannot begin. more is
// what else the command writes, in bytes.
func (d *decider) checkChoices(in *Instance, el *Element, node *bpmn.Element, list []commands.Activity, more int) *commands.Error {
	for _, a := range list {
		if node.Startable(a.ElementID) == nil {
			return commands.Reject(commands.CodeElementNotFound, "ad-hoc subprocess %s has no element %q that can be activated: one without incoming flow", node.ID, a.ElementID)
		}
		more += variables.Size(a.Variables)
	}
	if f := d.fitsMore(in, more); f != nil {
		return f.asRejection()
	}
	if total := el.AdHoc.Count + len(list); total > d.cfg.MaxTurns {
		return commands.Reject(commands.CodeStepLimit, "ad-hoc subprocess %s would activate %d elements; the limit is %d", node.ID, total, d.cfg.MaxTurns)
	}
	return nil
}

// choose begins activities of an ad-hoc subprocess.
func (d *decider) choose(in *Instance, el *Element, node *bpmn.Element, list []commands.Activity) {
	for _, a := range list {
		d.emit(in.ID, &events.LoopChosen{Key: el.Key, ElementID: a.ElementID, Variables: a.Variables})
	}
	if !el.AdHoc.Paused {
		d.beginTurns(in, el, node)
	}
}
