package engine

import (
	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/events"
)

// throwMultiple throws all parts of a multiple throw or end event (BPMN 2.0.2,
// 10.5.5): signals, and one message or escalation, which deployment sees to. All
// are evaluated before the first is thrown.
func (d *decider) throwMultiple(in *Instance, el *Element, node *bpmn.Element) *fault {
	type thrown struct {
		signal *events.SignalBroadcast
		def    *bpmn.EventDefinition
	}
	var signals []thrown
	var rest *bpmn.EventDefinition
	for _, def := range node.Event.Parts {
		if def.Kind != bpmn.EventSignal {
			rest = def
			continue
		}
		s, f := d.prepareThrow(in, el, def)
		if f != nil {
			return f
		}
		signals = append(signals, thrown{s, def})
	}
	switch {
	case rest == nil:
		d.complete(in, el, node, nil)
	case rest.Kind == bpmn.EventMessage:
		if f := (sendTask{}).activate(d, in, el, node); f != nil {
			return f
		}
	case rest.Kind == bpmn.EventEscalation:
		if f := d.throwEscalation(in, el, node, rest); f != nil {
			return f
		}
	default:
		return unsupportedEvent(node)
	}
	for _, t := range signals {
		d.sendSignal(in, t.signal, t.def)
	}
	return nil
}
