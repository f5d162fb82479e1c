package engine

import (
	"slices"

	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/ids"
)

// A non-interrupting event that has happened is armed again without its activity
// or scope beginning anew. Where an expression stands in the way, the activity
// goes on with an incident that names the event; resolving it arms what is not
// armed.

// armLater stops the arming of an event with an incident.
func (d *decider) armLater(in *Instance, el *Element, event *bpmn.Element, f *fault) {
	d.raiseAt(in, el, event.ID, events.StepArm, faultf(f.code, "event %s is not armed again: %s", event.ID, f.message))
}

// armAgain arms the parts of an event that are not armed. A condition among them
// has just been met: it is looked at when its variables change the next time.
func (d *decider) armAgain(in *Instance, el *Element, event *bpmn.Element) {
	all, f := d.prepareCatches(in, el, []*bpmn.Element{event})
	if f != nil {
		d.armLater(in, el, event, f)
		return
	}
	for _, a := range all {
		switch {
		case in.isArmed(el.Key, event.ID, a.part()):
		case a.condition != nil:
			a.condition.Key = in.nextKey()
			d.emit(in.ID, a.condition)
		default:
			d.arm(in, []armed{a})
		}
	}
}

// resumeArming goes on after the incident of an event that was not armed.
func (d *decider) resumeArming(in *Instance, el *Element, event string) {
	d.armAgain(in, el, d.nodeByID(in, event))
	if len(d.node(in, el).Children) > 0 {
		d.checkScope(in, el.Key)
	}
}

func (a armed) part() int {
	switch {
	case a.timer != nil:
		return a.timer.Part
	case a.subscription != nil:
		return a.subscription.Part
	case a.signal != nil:
		return a.signal.Part
	case a.condition != nil:
		return a.condition.Part
	}
	return 0
}

func (in *Instance) isArmed(element ids.Key, target string, part int) bool {
	return slices.ContainsFunc(in.Timers, func(t *Timer) bool { return t.Element == element && t.Target == target && t.Part == part }) ||
		slices.ContainsFunc(in.Subscriptions, func(s *Subscription) bool { return s.Element == element && s.Target == target && s.Part == part })
}

// dropArmIncident resolves the incidents of events of an element that are no
// longer to be armed; with an empty target those of all.
func (d *decider) dropArmIncident(in *Instance, element ids.Key, target string) {
	if len(in.Incidents) == 0 {
		return
	}
	d.dropIncidents(in, func(i *Incident) bool {
		return i.Element == element && i.Step == events.StepArm && (target == "" || i.ElementID == target)
	})
}
