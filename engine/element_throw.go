package engine

import (
	"github.com/weir-bpm/weir/bpmn"
)

// throwEvent is the behaviour of intermediate throw events.
type throwEvent struct{}

func (throwEvent) activate(d *decider, in *Instance, el *Element, node *bpmn.Element) *fault {
	if node.Event == nil {
		d.complete(in, el, node, nil)
		return nil
	}
	switch node.Event.Kind { //nolint:exhaustive // the default refuses all others
	case bpmn.EventEscalation:
		return d.throwEscalation(in, el, node, node.Event)
	case bpmn.EventSignal:
		return d.throwSignal(in, el, node)
	case bpmn.EventMessage:
		return sendTask{}.activate(d, in, el, node)
	case bpmn.EventMultiple:
		return d.throwMultiple(in, el, node)
	case bpmn.EventCompensate:
		return d.throwCompensation(in, el, node)
	case bpmn.EventLink:
		if node.LinkTarget == nil {
			return unsupportedEvent(node)
		}
		d.complete(in, el, node, nil)
		return nil
	default:
		return unsupportedEvent(node)
	}
}
