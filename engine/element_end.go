package engine

import (
	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/variables"
)

// endEvent is the behaviour of end events: none, error, signal and terminate.
type endEvent struct{}

func (endEvent) activate(d *decider, in *Instance, el *Element, node *bpmn.Element) *fault {
	if node.Event == nil {
		d.complete(in, el, node, nil)
		return nil
	}
	switch node.Event.Kind {
	case bpmn.EventError:
		return d.throwError(in, el, bpmnError{code: node.Event.Code})
	case bpmn.EventSignal:
		return d.throwSignal(in, el, node)
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
	scope := el.Scope
	for i := len(in.Elements) - 1; i > 0; i-- {
		if other := in.Elements[i]; other.Scope == scope && other.Key != el.Key {
			d.terminate(in, other)
			i = min(i, len(in.Elements))
		}
	}
	d.dropTokens(in, scope)
	d.complete(in, el, node, nil)
}

// bpmnError is a BPMN error on its way to who catches it.
type bpmnError struct {
	code, message string
	variables     variables.Document
}
