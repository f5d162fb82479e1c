package engine

import (
	"github.com/weir-bpm/weir/bpmn"
)

// endEvent is the behaviour of end events.
type endEvent struct{}

func (endEvent) activate(d *decider, in *Instance, el *Element, node *bpmn.Element) *fault {
	if node.Event == nil {
		d.complete(in, el, node, nil)
		return nil
	}
	switch node.Event.Kind { //nolint:exhaustive // the default refuses all others
	case bpmn.EventError:
		return d.throwErrorEvent(in, el, node.Event)
	case bpmn.EventEscalation:
		return d.throwEscalation(in, el, node)
	case bpmn.EventSignal:
		return d.throwSignal(in, el, node)
	case bpmn.EventMessage:
		return sendTask{}.activate(d, in, el, node)
	case bpmn.EventTerminate:
		d.terminateScope(in, el, node)
		return nil
	default:
		return unsupportedEvent(node)
	}
}

// terminateScope ends everything else in the scope of a terminate end event,
// tokens before joins included; the scope then completes (BPMN 2.0 section
// 10.5.6).
func (d *decider) terminateScope(in *Instance, el *Element, node *bpmn.Element) {
	d.terminateInside(in, must(in.Elements, el.Scope), el.Key)
	d.dropTokens(in, el.Scope)
	d.complete(in, el, node, nil)
}
