package engine

import (
	"slices"

	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/ids"
)

// Interrupting a scope ends everything inside, each thing with an event of its
// own, which for a scope with very many would not fit into one frame. There one
// event, ScopeInterrupted, takes all of them out of the instance: from then on
// nobody finds them, they count nowhere and nothing comes to them. The event of
// each then follows in parts, newest first, from commands of the partition to
// itself. The instance ends after the last.

// Ended is what has been interrupted and is being recorded.
type Ended struct {
	// Canceled says that the instance is canceled in the end, for the reason.
	Canceled bool   `msgpack:"c,omitempty"`
	Reason   string `msgpack:"r,omitempty"`

	// All are in ascending order of key. Of elements only what recording their
	// end needs is kept.
	Elements      []*Element      `msgpack:"el,omitempty"`
	Jobs          []*Job          `msgpack:"jb,omitempty"`
	Timers        []*Timer        `msgpack:"ti,omitempty"`
	Subscriptions []*Subscription `msgpack:"su,omitempty"`
	Tasks         []*UserTask     `msgpack:"ut,omitempty"`
	Incidents     []*Incident     `msgpack:"in,omitempty"`
}

// canceling says that an instance has been canceled and only waits for what was
// inside to be recorded.
func (in *Instance) canceling() bool { return in.Ended != nil && in.Ended.Canceled }

// left counts what has still to be recorded.
func (e *Ended) left() int {
	return len(e.Elements) + len(e.Jobs) + len(e.Timers) + len(e.Subscriptions) + len(e.Tasks) + len(e.Incidents)
}

// endAtOnce ends everything inside a scope by one event, but for one element
// instance, if there is too much for one decision to end one by one. It does not
// where listeners or the compensation of something have a say.
func (d *decider) endAtOnce(in *Instance, scope *Element, except ids.Key) bool {
	if d.ended+len(in.Elements) <= d.cfg.MaxEnded {
		return false
	}
	inside := map[ids.Key]bool{scope.Key: true}
	n := 0
	model := d.model(in)
	for _, el := range in.Elements {
		switch {
		case el.Compensates != 0:
			return false
		case el.Key == scope.Key || el.Key == except || !inside[el.Scope]:
			continue
		}
		inside[el.Key] = true
		n++
		if node := model.Element(el.ElementID); node == nil || len(node.Listeners) > 0 {
			return false
		}
	}
	if n < 2 || d.ended+n <= d.cfg.MaxEnded {
		return false
	}
	first := in.Ended == nil
	d.emit(in.ID, &events.ScopeInterrupted{Scope: scope.Key, Except: except})
	if first {
		d.enqueue(d.cfg.Partition, in.Tenant, in.ID, &commands.RecordEnded{})
	}
	d.endMoved(in)
	return true
}

// endMoved cancels those of the instances called from what has just been
// interrupted in which this decision has moved something, such as one that threw
// what interrupts it: they may not be at rest. The others are until the end of
// their call activities is recorded.
func (d *decider) endMoved(in *Instance) {
	for i := range d.out.Transitions {
		called := d.instances[d.out.Transitions[i].Instance]
		for called != nil && called.Parent != "" {
			if called.Parent != in.ID {
				called = d.Instance(called.Parent)
				continue
			}
			if el, ok := find(in.Ended.Elements, called.ParentElement); ok && el.Child == called.ID {
				d.cancelInstance(called, interruptedCall(in, el))
			}
			break
		}
	}
}

// decideRecordEnded records the next part of what has been interrupted.
func (d *decider) decideRecordEnded() {
	in := d.Instance(d.cmd.Instance)
	if in == nil || in.Ended == nil {
		return
	}
	for in.Ended != nil && in.Ended.left() > 0 {
		if d.ended > 0 && (d.ended >= d.cfg.MaxEnded || d.heavy()) {
			d.enqueue(d.cfg.Partition, in.Tenant, in.ID, &commands.RecordEnded{})
			return
		}
		d.ended++
		d.recordEnded(in)
	}
	if in.Ended == nil {
		d.checkScope(in, events.RootKey)
		return
	}
	d.instanceCanceled(in, in.Ended.Reason)
}

// recordEnded records the end of one thing. What belongs to an element comes
// before it.
func (d *decider) recordEnded(in *Instance) {
	switch e := in.Ended; {
	case len(e.Jobs) > 0:
		j := e.Jobs[len(e.Jobs)-1]
		d.withdraw(in, j)
		d.emit(in.ID, &events.JobCanceled{Key: j.Key})
	case len(e.Tasks) > 0:
		d.emit(in.ID, &events.UserTaskCanceled{Key: e.Tasks[len(e.Tasks)-1].Key})
	case len(e.Incidents) > 0:
		d.emit(in.ID, &events.IncidentResolved{Key: e.Incidents[len(e.Incidents)-1].Key})
	case len(e.Timers) > 0:
		d.emit(in.ID, &events.TimerCanceled{Key: e.Timers[len(e.Timers)-1].Key})
	case len(e.Subscriptions) > 0: // its home hears of it
		s := e.Subscriptions[len(e.Subscriptions)-1]
		d.emit(in.ID, &events.SubscriptionClosed{Key: s.Key})
		d.leaveHome(in, s)
	default:
		el := e.Elements[len(e.Elements)-1]
		if el.Child != "" {
			if child := d.Instance(el.Child); child != nil && child.Parent == in.ID && child.ParentElement == el.Key {
				d.cancelInstance(child, interruptedCall(in, el))
			}
		}
		d.emit(in.ID, &events.ElementTerminated{Key: el.Key, ElementID: el.ElementID})
	}
}

// applyInterrupted takes everything inside a scope out of the instance.
func (s *State) applyInterrupted(in *Instance, e *events.ScopeInterrupted) {
	if in.Ended == nil {
		in.Ended = &Ended{}
	}
	inside := map[ids.Key]bool{e.Scope: true}
	var gone []*Element
	for _, el := range in.Elements {
		if el.Key != e.Scope && el.Key != e.Except && inside[el.Scope] {
			inside[el.Key] = true
			gone = append(gone, el)
		}
	}
	delete(inside, e.Scope)
	must(in.Elements, e.Scope) // it must be there
	in.Elements = slices.DeleteFunc(in.Elements, func(el *Element) bool { return inside[el.Key] })
	for _, el := range slices.Backward(gone) {
		var scope *Element
		if !inside[el.Scope] {
			scope = must(in.Elements, el.Scope)
		}
		in.leaves(el, scope, false)
	}
	for _, el := range gone {
		in.Ended.Elements = append(in.Ended.Elements, &Element{Key: el.Key, ElementID: el.ElementID, Type: el.Type, Child: el.Child})
	}
	for _, j := range in.Jobs {
		if inside[j.Element] {
			s.dropRetry(in, j)
			delete(s.offered, JobRef{Instance: in.ID, Key: j.Key})
		}
	}
	for _, t := range in.Timers {
		if inside[t.Element] {
			s.timers.remove(due{t.DueMS, dueID{dueTimer, string(in.ID), t.Key}})
		}
	}
	for _, sub := range in.Subscriptions {
		if inside[sub.Element] {
			s.dropSignalWaiter(in, sub)
		}
	}
	end(&in.Jobs, &in.Ended.Jobs, func(j *Job) bool { return inside[j.Element] })
	end(&in.Timers, &in.Ended.Timers, func(t *Timer) bool { return inside[t.Element] })
	end(&in.Subscriptions, &in.Ended.Subscriptions, func(s *Subscription) bool { return inside[s.Element] })
	end(&in.Tasks, &in.Ended.Tasks, func(t *UserTask) bool { return inside[t.Element] })
	end(&in.Incidents, &in.Ended.Incidents, func(i *Incident) bool { return inside[i.Element] })
	slices.SortFunc(in.Ended.Elements, func(a, b *Element) int { return int(a.Key - b.Key) })
}

func (in *Instance) applyCanceling(e *events.InstanceCanceling) {
	if in.Ended == nil {
		panic(corrupt("instance %s is being canceled, but nothing is left to be recorded", in.ID))
	}
	in.Ended.Canceled, in.Ended.Reason = true, e.Reason
	root := in.Elements[0]
	root.Tokens, root.Gateways = nil, nil
}

// end moves what has ended from one list to another.
func end[T keyed](from, to *[]T, ended func(T) bool) {
	kept := (*from)[:0]
	for _, t := range *from {
		if ended(t) {
			*to = append(*to, t)
		} else {
			kept = append(kept, t)
		}
	}
	clear((*from)[len(kept):])
	if *from = kept; len(kept) == 0 {
		*from = nil
	}
	slices.SortFunc(*to, func(a, b T) int { return int(a.key() - b.key()) })
}

// recorded takes note of the end of something that has been interrupted; false if
// the event is about something else.
func (in *Instance) recorded(ev events.Event) bool {
	if !in.Ended.drop(ev) {
		return false
	}
	if in.Ended.left() == 0 && !in.Ended.Canceled {
		in.Ended = nil
	}
	return true
}

func (e *Ended) drop(ev events.Event) bool {
	switch ev := ev.(type) {
	case *events.ElementTerminated:
		return dropEnded(&e.Elements, ev.Key)
	case *events.JobCanceled:
		return dropEnded(&e.Jobs, ev.Key)
	case *events.UserTaskCanceled:
		return dropEnded(&e.Tasks, ev.Key)
	case *events.IncidentResolved:
		return dropEnded(&e.Incidents, ev.Key)
	case *events.TimerCanceled:
		return dropEnded(&e.Timers, ev.Key)
	case *events.SubscriptionClosed:
		return dropEnded(&e.Subscriptions, ev.Key)
	}
	return false
}

// dropEnded takes the thing with the key out of a list, mostly the newest.
func dropEnded[T keyed](list *[]T, key ids.Key) bool {
	i, ok := search(*list, key)
	if !ok {
		return false
	}
	if *list = slices.Delete(*list, i, i+1); len(*list) == 0 {
		*list = nil
	}
	return true
}

// refuse tells the home of a message that the subscription it was sent to has been
// interrupted, if it has: the home would offer it the message again and again.
func (d *decider) refuse(in *Instance, key ids.Key) {
	if in.Ended == nil {
		return
	}
	if s, ok := find(in.Ended.Subscriptions, key); ok {
		d.emit(in.ID, &events.SubscriptionClosed{Key: key})
		d.leaveHome(in, s)
		d.checkScope(in, events.RootKey)
	}
}
