package engine

import (
	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/variables"
)

// throwSignal is the behaviour of signal throw and end events: the signal goes
// to its home and from there to all that wait for it, and the token goes on at
// once.
func (d *decider) throwSignal(in *Instance, el *Element, node *bpmn.Element) *fault {
	name, f := d.signalName(in, el, node)
	if f != nil {
		return f
	}
	s := &events.SignalBroadcast{Tenant: in.Tenant, Signal: d.cmd.ID, Name: name, Instance: in.ID}
	if s.Hops, f = d.hop(el); f != nil {
		return f
	}
	if s.Variables, f = d.signalPayload(in, el, node); f != nil {
		return f
	}
	if s.BusinessKey, f = d.evalOptionalText(in, el, node.Event.SignalBusinessKey); f != nil {
		return f
	}
	if f = d.fitsNew(s.Variables); f != nil {
		return f
	}
	d.complete(in, el, node, nil)
	if node.Event.SignalLocal {
		d.later(func() { d.giveLocally(in, s) })
		return nil
	}
	d.later(func() { d.toSignalHome(s) })
	return nil
}

func (d *decider) signalName(in *Instance, el *Element, node *bpmn.Element) (string, *fault) {
	name, f := d.evalText(in, el, node.Event.SignalName)
	if f != nil {
		return "", f
	}
	if name == "" || len(name) > commands.MaxNameBytes {
		return "", faultf(commands.CodeExpressionType, "the signal name of %s is empty or longer than %d bytes", node.ID, commands.MaxNameBytes)
	}
	return name, nil
}

// signalPayload returns the variables that a thrown signal carries: what the in
// mappings of camunda's signal event make, or the throw event's own variables,
// which in zeebe are those of its input mappings.
func (d *decider) signalPayload(in *Instance, el *Element, node *bpmn.Element) (variables.Document, *fault) {
	if len(node.Event.SignalPayload) == 0 {
		if dialect := d.model(in).Dialect; len(el.Variables) > 0 && (dialect == bpmn.DialectZeebe || dialect == bpmn.DialectPlain) {
			return copyOf(el.Variables), nil
		}
		return nil, nil
	}
	return d.mapped(in, el, node.Event.SignalPayload)
}

func (d *decider) prepareSignal(in *Instance, el *Element, node *bpmn.Element) (*events.SignalAwaited, *fault) {
	name, f := d.signalName(in, el, node)
	if f != nil {
		return nil, f
	}
	return &events.SignalAwaited{Element: el.Key, Target: node.ID, Name: name, Local: node.Event.SignalLocal}, nil
}
