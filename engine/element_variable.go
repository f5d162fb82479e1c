package engine

import (
	"cmp"
	"slices"

	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/events"
)

// Flowable's variable listener events wait for a variable to be written. Like
// there they are told when everything that a command does has come to rest, of
// each write in turn, also of writes of the same command that came before they
// began to wait. They see the variables that are visible to them.

// written is a write that the variable listener events have not been told of.
type written struct {
	in *Instance
	change
}

// tellWritten tells the variable listener events of the writes so far. It says
// whether there were any.
func (d *decider) tellWritten() bool {
	list := d.written
	d.written = nil
	for i := range list {
		w := &list[i]
		if d.instances[w.in.ID] != w.in {
			continue
		}
		for _, s := range d.waitFor(w) {
			d.wrote(w.in, s)
		}
	}
	return len(list) > 0
}

// waitFor returns the subscriptions that wait for a write, outer scopes first.
func (d *decider) waitFor(w *written) []*Subscription {
	var out []*Subscription
	for _, s := range w.in.Subscriptions {
		if isCondition(s) && d.nodeByID(w.in, s.Target).Event.Part(s.Part).OnWrite && d.sees(w.in, s, []change{w.change}) {
			out = append(out, s)
		}
	}
	slices.SortFunc(out, func(a, b *Subscription) int {
		return cmp.Or(cmp.Compare(w.in.depth(a.Element), w.in.depth(b.Element)), cmp.Compare(a.Key, b.Key))
	})
	return out
}

// wrote lets a variable listener event happen, if nothing has ended its wait.
func (d *decider) wrote(in *Instance, s *Subscription) {
	if _, waits := find(in.Subscriptions, s.Key); !waits {
		return
	}
	el, target := must(in.Elements, s.Element), d.nodeByID(in, s.Target)
	if d.steps++; d.steps > d.cfg.MaxSteps {
		if !d.conditionStopped(in, el.Key) {
			d.raise(in, el, events.StepCondition, 0, faultf(commands.CodeStepLimit,
				"variable listener event %s: one command moved more than %d tokens", target.ID, d.cfg.MaxSteps))
		}
		return
	}
	d.emit(in.ID, &events.ConditionMet{Key: s.Key})
	d.caught(in, el, target, s.Part, nil)
}

// noteWritten keeps the writes of an event for the variable listener events of
// the instance's model.
func (d *decider) noteWritten(in *Instance, list []change) {
	for _, c := range list {
		d.written = append(d.written, written{in, c})
	}
}
