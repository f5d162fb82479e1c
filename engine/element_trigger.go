package engine

import (
	"slices"

	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/variables"
)

// awaitTrigger has an element wait until the command element.trigger names it.
func (d *decider) awaitTrigger(in *Instance, el *Element, node *bpmn.Element) {
	d.emit(in.ID, &events.TriggerAwaited{Key: in.nextKey(), Element: el.Key, Target: node.ID})
}

// workDone ends a task after its work, unless it then waits to be continued
// (flowable's triggerable).
func (d *decider) workDone(in *Instance, el *Element, node *bpmn.Element, results variables.Document) {
	if !node.Triggered {
		d.complete(in, el, node, results)
		return
	}
	if f := d.takeResults(in, el, node, results); f != nil {
		d.raiseWith(in, el, events.StepWork, f, results)
		return
	}
	d.awaitTrigger(in, el, node)
}

// decideTrigger continues a waiting element with the variables of the command as
// its results.
func (d *decider) decideTrigger(c *commands.Trigger) *commands.Error {
	in, key, rejection := d.inInstance(c.ElementInstanceID)
	if rejection != nil {
		return rejection
	}
	el, ok := in.Element(key)
	if !ok {
		return commands.Reject(commands.CodeElementNotFound, "no element instance %s is active", c.ElementInstanceID)
	}
	i := slices.IndexFunc(in.Subscriptions, func(s *Subscription) bool { return s.Kind == forTrigger && s.Element == key })
	if i < 0 {
		return commands.Reject(commands.CodeElementNotWaiting, "%s %s does not wait to be triggered", el.Type, el.ElementID)
	}
	if rejection := d.checkResults(in, key, "", c.Variables); rejection != nil {
		return rejection
	}
	sub := in.Subscriptions[i]
	d.emit(in.ID, &events.TriggerReceived{Key: sub.Key})
	d.emit(in.ID, &events.SubscriptionClosed{Key: sub.Key})
	d.complete(in, el, d.node(in, el), c.Variables)
	return nil
}
