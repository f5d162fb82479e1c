package engine

import (
	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/variables"
)

// eventSubProcess is the behaviour of event subprocesses (BPMN 2.0.2, 10.3.5 and
// 13.5.4): a scope inside the scope that it belongs to, which begins when its
// start event catches something. Its start events are armed on the element
// instance of the scope around it.
type eventSubProcess struct{}

func (eventSubProcess) activate(d *decider, in *Instance, el *Element, node *bpmn.Element) *fault {
	start := startOf(node)
	if start == nil {
		return faultf(commands.CodeElementUnsupported, "event subprocess %s has no start event", node.ID)
	}
	key, wave := el.Key, d.waves[scopeRef{in.ID, el.Key}]
	d.later(func() {
		if !d.stopped(in, key, wave) {
			d.enterEventSub(in, el, start, el.Brought)
		}
	})
	return nil
}

// enterEventSub runs the start event of an event subprocess with what it has
// caught.
func (d *decider) enterEventSub(in *Instance, el *Element, start *bpmn.Element, results variables.Document) {
	d.steps++
	key := in.nextKey()
	d.emit(in.ID, &events.ElementActivated{Key: key, Scope: el.Key, ElementID: start.ID, Type: string(start.Type)})
	d.complete(in, must(in.Elements, key), start, results)
}

func startOf(sub *bpmn.Element) *bpmn.Element {
	for _, c := range sub.Children {
		if c.Type == bpmn.TypeStartEvent {
			return c
		}
	}
	return nil
}

// isEventStart says whether an element is the start event of an event
// subprocess.
func isEventStart(node *bpmn.Element) bool {
	return node.Type == bpmn.TypeStartEvent && node.Scope != nil && node.Scope.Type == bpmn.TypeEventSubProcess
}

// prepareStarts evaluates the start events of the event subprocesses directly
// inside a scope. The body of a multi-instance activity has none: they belong to
// its inner instances.
func (d *decider) prepareStarts(in *Instance, el *Element, node *bpmn.Element) ([]armed, *fault) {
	if len(node.EventStarts) == 0 || el.Type != string(node.Type) {
		return nil, nil
	}
	return d.prepareCatches(in, el, node.EventStarts)
}

// startEventSub begins an event subprocess of a scope, whose start event has
// caught something. An interrupting one ends everything else in the scope first.
func (d *decider) startEventSub(in *Instance, scope *Element, start *bpmn.Element, results variables.Document) {
	if start.Interrupting {
		d.interrupt(in, scope)
		if scope.Active > 0 { // cancel listeners
			d.emit(in.ID, &events.ElementEnding{Key: scope.Key, ElementID: scope.ElementID, Then: events.ThenEventSubProcess, Target: start.ID, Variables: results})
			return
		}
	}
	d.enterInterrupting(in, scope, start, results)
}

// enterInterrupting begins an event subprocess, in a scope that it has
// interrupted already if it interrupts.
func (d *decider) enterInterrupting(in *Instance, scope *Element, start *bpmn.Element, results variables.Document) {
	sub := start.Scope
	// What it has to do before its start event can fail or wait: what the event
	// brought must not be lost meanwhile.
	first := len(sub.Inputs)+len(sub.Listeners)+len(sub.EventStarts)+len(sub.Data) > 0
	activated := &events.ElementActivated{Key: in.nextKey(), Scope: scope.Key, ElementID: sub.ID, Type: string(sub.Type)}
	if first {
		activated.Brought = results
	}
	d.emit(in.ID, activated)
	el := must(in.Elements, activated.Key)
	if first {
		d.begin(in, el, sub)
		return
	}
	d.enterEventSub(in, el, start, results)
}

// interrupt ends everything inside a scope, tokens included, and closes its
// event subprocesses. The boundary events of the scope's activity stay armed:
// the scope itself goes on.
func (d *decider) interrupt(in *Instance, scope *Element) {
	d.terminateInside(in, scope, 0)
	d.dropTokens(in, scope.Key)
	if scope.AdHoc != nil && !scope.AdHoc.Stopped {
		d.emit(in.ID, &events.LoopStopped{Key: scope.Key})
	}
	d.disarmStarts(in, scope)
	d.closeIncidents(in, scope.Key) // of tokens that were stuck
	if scope.AdHoc != nil {
		d.dropAdHocJob(in, scope)
	}
}

// disarmStarts closes the start events of a scope's event subprocesses.
func (d *decider) disarmStarts(in *Instance, scope *Element) {
	if len(in.Timers)+len(in.Subscriptions) == 0 {
		return
	}
	node := d.node(in, scope)
	if scope.Type != string(node.Type) {
		return
	}
	for _, start := range node.EventStarts {
		d.disarmTarget(in, scope.Key, start.ID)
	}
}

// stopped says whether a token that was on its way into a scope does not arrive:
// the scope has ended, or all of its tokens have. wave is that of the time when
// it set out.
func (d *decider) stopped(in *Instance, scope ids.Key, wave int) bool {
	switch {
	case d.gone(in, scope):
		return true
	case d.waves[scopeRef{in.ID, scope}] != wave:
		d.checkScope(in, scope)
		return true
	}
	return false
}

// arriveLater brings a token to a node of a scope, with the variables that go
// with it.
func (d *decider) arriveLater(in *Instance, scope ids.Key, node *bpmn.Element, carried variables.Document) {
	wave := d.waves[scopeRef{in.ID, scope}]
	d.later(func() {
		if !d.stopped(in, scope, wave) {
			d.activated(in, node, &events.ElementActivated{Scope: scope}, nil, carried)
		}
	})
}
