package engine

import (
	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/variables"
)

// throwSignal is the behaviour of signal throw and end events: the signal goes
// to its home and from there to all that wait for it, and the token goes on at
// once. Outside Zeebe models it does not go on if the signal interrupts it: who
// catches it around the thrower gets it here.
func (d *decider) throwSignal(in *Instance, el *Element, node *bpmn.Element) *fault {
	s, f := d.prepareThrow(in, el, node.Event)
	if f != nil {
		return f
	}
	if outer, sub := d.interrupter(in, el, s.Name); sub != nil {
		s.Before = d.signalOrder + 1 // what goes on then did not wait for it
		d.giveSignal(outer, sub, s)
	} else {
		d.complete(in, el, node, nil)
	}
	d.sendSignal(in, s, node.Event)
	return nil
}

// interrupter returns the wait for a signal that would end an element of its own
// instance or of one that was called from there: the one that began first.
func (d *decider) interrupter(in *Instance, el *Element, name string) (outer *Instance, first *Subscription) {
	if d.model(in).Dialect == bpmn.DialectZeebe {
		return nil, nil
	}
	for in != nil {
		for _, sub := range in.Subscriptions {
			if sub.Kind != forSignal || sub.Name != name || sub.Element != el.Key || first != nil && first.Order < sub.Order {
				continue
			}
			target := d.nodeByID(in, sub.Target)
			if target.Interrupting && !target.Event.ParallelMultiple && (target.Type == bpmn.TypeBoundaryEvent || isEventStart(target)) {
				outer, first = in, sub
			}
		}
		if el.Scope != 0 {
			el = must(in.Elements, el.Scope)
			continue
		}
		in, el = d.caller(in)
	}
	return outer, first
}

// prepareThrow evaluates the signal that an element throws.
func (d *decider) prepareThrow(in *Instance, el *Element, def *bpmn.EventDefinition) (*events.SignalBroadcast, *fault) {
	name, f := d.signalName(in, el, el.ElementID, def)
	if f != nil {
		return nil, f
	}
	s := &events.SignalBroadcast{Tenant: in.Tenant, Signal: d.cmd.ID, Name: name, Instance: in.ID}
	if s.Hops, s.Row, f = d.hop(el); f != nil {
		return nil, f
	}
	if s.Variables, f = d.signalPayload(in, el, def); f != nil {
		return nil, f
	}
	if s.BusinessKey, f = d.evalOptionalText(in, el, def.SignalBusinessKey); f != nil {
		return nil, f
	}
	if f = d.fitsNew(s.Variables); f != nil {
		return nil, f
	}
	return s, nil
}

// sendSignal sends a thrown signal on its way.
func (d *decider) sendSignal(in *Instance, s *events.SignalBroadcast, def *bpmn.EventDefinition) {
	if def.SignalLocal {
		d.later(func() { d.giveLocally(in, s) })
		return
	}
	d.later(func() { d.toSignalHome(s) })
}

func (d *decider) signalName(in *Instance, el *Element, id string, def *bpmn.EventDefinition) (string, *fault) {
	name, f := d.evalText(in, el, def.SignalName)
	if f != nil {
		return "", f
	}
	if name == "" || len(name) > commands.MaxNameBytes {
		return "", faultf(commands.CodeExpressionType, "the signal name of %s is empty or longer than %d bytes", id, commands.MaxNameBytes)
	}
	return name, nil
}

// signalPayload returns the variables that a thrown signal carries: what the in
// mappings of camunda's signal event make, or the throw event's own variables,
// which in zeebe are those of its input mappings.
func (d *decider) signalPayload(in *Instance, el *Element, def *bpmn.EventDefinition) (variables.Document, *fault) {
	if len(def.SignalPayload) == 0 {
		if dialect := d.model(in).Dialect; len(el.Variables) > 0 && (dialect == bpmn.DialectZeebe || dialect == bpmn.DialectPlain) {
			return copyOf(el.Variables), nil
		}
		return nil, nil
	}
	return d.mapped(in, el, def.SignalPayload)
}

func (d *decider) prepareSignal(in *Instance, el *Element, id string, def *bpmn.EventDefinition) (*events.SignalAwaited, *fault) {
	name, f := d.signalName(in, el, id, def)
	if f != nil {
		return nil, f
	}
	return &events.SignalAwaited{Element: el.Key, Target: id, Name: name, Local: def.SignalLocal}, nil
}
