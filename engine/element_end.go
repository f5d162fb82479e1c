package engine

import (
	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/events"
)

// endEvent is the behaviour of end events: what only they can throw, else that of
// throw events.
type endEvent struct{ throwEvent }

func (e endEvent) activate(d *decider, in *Instance, el *Element, node *bpmn.Element) *fault {
	if node.Event != nil {
		switch node.Event.Kind { //nolint:exhaustive // the others are thrown by throw events too
		case bpmn.EventError:
			return d.throwErrorEvent(in, el, node.Event)
		case bpmn.EventCancel:
			return d.cancelTransaction(in, el, node)
		case bpmn.EventTerminate:
			d.terminateScope(in, el, node, node.Event)
			return nil
		}
	}
	return e.throwEvent.activate(d, in, el, node)
}

// terminateScope ends everything else in the scope of a terminate end event,
// tokens before joins included; the scope then completes (BPMN 2.0.2, 10.5.6).
// Flowable can say that it ends more than its scope.
func (d *decider) terminateScope(in *Instance, el *Element, node *bpmn.Element, def *bpmn.EventDefinition) {
	switch body := bodyAround(in, el); {
	case def.TerminateAll:
		d.terminateAll(in, el, node)
	case def.TerminateLoop && body != nil:
		d.complete(in, el, node, nil)
		if _, active := in.Element(body.Key); active {
			d.emit(in.ID, &events.LoopStopped{Key: body.Key})
			d.terminateInside(in, body, 0)
			d.checkScope(in, body.Key)
		}
	default:
		d.terminateInside(in, must(in.Elements, el.Scope), el.Key)
		d.dropTokens(in, el.Scope)
		d.complete(in, el, node, nil)
	}
}

// bodyAround returns the body of the innermost loop around an element.
func bodyAround(in *Instance, el *Element) *Element {
	for el.Scope != 0 {
		if el = must(in.Elements, el.Scope); isBody(el) {
			return el
		}
	}
	return nil
}

// terminateAll ends everything in the outermost instance, which then completes.
func (d *decider) terminateAll(in *Instance, el *Element, node *bpmn.Element) {
	d.complete(in, el, node, nil)
	root := in
	for {
		caller, _ := d.caller(root)
		if caller == nil {
			break
		}
		root = caller
	}
	scope := root.Elements[0]
	d.terminateInside(root, scope, 0)
	d.dropTokens(root, scope.Key)
	d.checkScope(root, scope.Key)
}
