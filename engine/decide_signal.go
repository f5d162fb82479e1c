package engine

import (
	"maps"
	"slices"

	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/variables"
)

// A signal goes to its home, the partition found from its name. The home starts
// the processes that begin with it, once each, and sends it to every partition,
// which gives it to those that wait for it there by then (BPMN 2.0.2, 10.5.5:
// a signal is for all who can catch it, and is not kept).
//
//	throw or command ──signal.throw──▶ home ──signal.deliver──▶ every partition

// Bounds of what one decision does for a signal; a command of the partition to
// itself goes on with the rest. The steps leave room for what the newest one
// that has it moves.
const (
	maxSignalStarts     = 100
	maxSignalDeliveries = 200
	maxSignalSends      = 256
)

// decideBroadcast takes a caller's signal at its home.
func (d *decider) decideBroadcast(c *commands.BroadcastSignal) *commands.Error {
	if home := ids.SignalHome(d.cmd.Tenant, c.Name, d.cfg.Homes); home != d.cfg.Partition {
		return commands.Reject(commands.CodeCommandMisrouted, "the home of signal %q is partition %s, not %s", c.Name, home, d.cfg.Partition)
	}
	if f := d.fitsNew(c.Variables); f != nil {
		return f.asRejection()
	}
	d.broadcast(&events.SignalBroadcast{
		Tenant: d.cmd.Tenant, Signal: d.cmd.ID, Name: c.Name, Variables: c.Variables, BusinessKey: c.BusinessKey,
	})
	d.recordAnswer()
	return nil
}

// toSignalHome brings a thrown signal to its home.
func (d *decider) toSignalHome(s *events.SignalBroadcast) {
	c := &commands.ThrowSignal{Signal: *s}
	d.sendTo(ids.SignalHome(s.Tenant, s.Name, d.cfg.Homes), s.Tenant, s.Instance, c, func() { d.broadcast(s) })
}

// broadcast begins to spread a signal from its home.
func (d *decider) broadcast(s *events.SignalBroadcast) {
	d.bytes += variables.Size(s.Variables)
	d.emit("", s)
	d.spread(s, "", 0)
}

// spread starts the processes after the one named, then sends the signal to the
// partitions from next on.
func (d *decider) spread(s *events.SignalBroadcast, after string, next int) {
	d.follow(s.Hops, s.Row, s.Signal)
	size := variables.Size(s.Variables)
	goOn := func(after string, next int) {
		d.enqueue(d.cfg.Partition, s.Tenant, s.Instance, &commands.SpreadSignal{Signal: *s, After: after, Next: next})
	}
	if next == 0 {
		started := 0
		for _, processID := range sortedKeys(d.startSignals[startKey{s.Tenant, s.Name}]) {
			if processID <= after {
				continue
			}
			if started > 0 && (started >= maxSignalStarts || d.full(size)) {
				goOn(after, 0)
				return
			}
			d.startBySignal(s, processID)
			started, after = started+1, processID
		}
	}
	for sent := 0; next < d.cfg.Partitions; next++ {
		if ids.Partition(next) == d.cfg.Partition {
			continue
		}
		if sent > 0 && (sent >= maxSignalSends || d.full(size)) {
			goOn(after, next)
			return
		}
		d.enqueue(ids.Partition(next), s.Tenant, s.Instance, &commands.DeliverSignal{Signal: *s})
		sent++
	}
	d.later(func() { d.deliverSignal(s, 0, 0) })
}

// full says whether a decision that does one thing for many has done enough:
// half of what it may write or move, which leaves the rest to what the
// things that it has begun still do.
func (d *decider) full(bytes int) bool {
	return d.bytes+bytes > d.cfg.MaxDecisionBytes/2 || d.steps > d.cfg.MaxSteps/2 || d.eventBytes > d.cfg.MaxFrameBytes/6
}

func (d *decider) startBySignal(s *events.SignalBroadcast, processID string) {
	start := d.startSignals[startKey{s.Tenant, s.Name}][processID]
	node := d.startNode(s.Tenant, start)
	id := d.newInstance()
	d.bytes += variables.Size(s.Variables)
	if d.cmd.Origin == nil {
		d.out.Result.Receivers = append(d.out.Result.Receivers, string(id))
	}
	d.start(id, &events.InstanceStarted{
		Tenant: s.Tenant, Definition: start.Definition, BusinessKey: s.BusinessKey,
		Trigger: events.TriggerSignal, StartElement: node.ID, Root: id, Row: s.Row,
	}, node, s.Variables)
}

// startNode returns the start event that a message, signal or condition names.
func (d *decider) startNode(tenant string, start startMessage) *bpmn.Element {
	model, err := d.defs.Model(tenant, start.Definition)
	if err != nil {
		panic(&ModelError{Err: err})
	}
	node := model.Element(start.ElementID)
	if node == nil {
		panic(corrupt("start event %s is not in the model of %s", start.ElementID, start.Definition.ID()))
	}
	return node
}

// deliverSignal gives a signal to those who wait for it in this partition, in
// the order in which they began to wait. Each is a turn of its own in the queue
// of the decision, between which tokens move.
func (d *decider) deliverSignal(s *events.SignalBroadcast, after, upTo uint64) {
	d.follow(s.Hops, s.Row, s.Signal)
	if upTo == 0 {
		upTo = d.signalOrder
	}
	given := 0
	size := variables.Size(s.Variables)
	var turn func()
	turn = func() {
		w := d.signals[startKey{s.Tenant, s.Name}]
		if w == nil {
			return
		}
		next, ok := w.after(after)
		if !ok || next.Order > upTo || s.Before != 0 && next.Order >= s.Before && s.Instance.Partition() == d.cfg.Partition {
			return
		}
		if given > 0 && (given >= maxSignalDeliveries || d.full(size)) {
			d.enqueue(d.cfg.Partition, s.Tenant, s.Instance, &commands.DeliverSignal{Signal: *s, After: after, UpTo: upTo})
			return
		}
		given, after = given+1, next.Order
		in := d.Instance(next.Instance)
		d.giveSignal(in, must(in.Subscriptions, next.Key), s)
		d.later(turn)
	}
	turn()
}

// giveSignal gives a signal to one that waits for it.
func (d *decider) giveSignal(in *Instance, sub *Subscription, s *events.SignalBroadcast) {
	el, target := must(in.Elements, sub.Element), d.nodeByID(in, sub.Target)
	d.emit(in.ID, &events.SignalReceived{Key: sub.Key, Signal: s.Signal, Row: s.Row})
	d.caught(in, el, target, sub.Part, s.Variables)
}

// giveLocally gives a signal to those of one instance that wait for it by now,
// as Flowable does for signals with the scope processInstance.
func (d *decider) giveLocally(in *Instance, s *events.SignalBroadcast) {
	var keys []ids.Key
	for _, sub := range in.Subscriptions {
		if sub.Kind == forSignal && sub.Name == s.Name {
			keys = append(keys, sub.Key)
		}
	}
	for _, key := range keys {
		d.later(func() {
			if d.instances[in.ID] != in {
				return
			}
			if sub, ok := find(in.Subscriptions, key); ok {
				d.giveSignal(in, sub, s)
			}
		})
	}
}

// activateStartSignals takes over the signal start events of a version that has
// become the latest, at the homes of their signals.
func (d *decider) activateStartSignals(tenant string, ref events.DefinitionRef, model *bpmn.Process) {
	listens := d.startTexts(model, bpmn.EventSignal)
	maps.DeleteFunc(listens, func(name, _ string) bool {
		return ids.SignalHome(tenant, name, d.cfg.Homes) != d.cfg.Partition
	})
	var before []string
	for k, byProcess := range d.startSignals {
		if _, ok := byProcess[ref.ProcessID]; ok && k.tenant == tenant {
			before = append(before, k.name)
		}
	}
	slices.Sort(before)
	for _, name := range before {
		if _, still := listens[name]; !still {
			d.emit("", &events.StartSignalSet{Tenant: tenant, Name: name, Definition: ref})
		}
	}
	for _, name := range sortedKeys(listens) {
		d.emit("", &events.StartSignalSet{Tenant: tenant, Name: name, Definition: ref, ElementID: listens[name]})
	}
}
