package engine

import (
	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/events"
)

// entry returns the node that an instance begins at: the element that its start
// was caught by, or the event-based gateway in front of it.
func entry(start *bpmn.Element) *bpmn.Element {
	if gateway := start.StartGateway(); gateway != nil {
		return gateway
	}
	return start
}

// startedBehind returns the event that started the instance, if it is one behind
// an event-based gateway; nil if a command has, by a none start event in front of
// the gateway.
func (d *decider) startedBehind(in *Instance, gateway *bpmn.Element) *bpmn.Element {
	if !gateway.Instantiate || in.StartElement == "" {
		return nil
	}
	if target := d.nodeByID(in, in.StartElement); target.StartGateway() == gateway {
		return target
	}
	return nil
}

// startAtGateway goes on from an event-based gateway that has started the
// instance (BPMN 2.0.2, 10.6.6): over the path of the event that did, and at a
// gateway of type Parallel over all others too, where the instance waits for
// their messages. With a nil target none of them has happened.
func (d *decider) startAtGateway(in *Instance, el *Element, gateway, target *bpmn.Element) {
	if !gateway.ParallelEvents {
		d.caught(in, el, target, 0, nil)
		return
	}
	scope := el.Scope
	for _, flow := range gateway.Outgoing {
		if flow.Target == target {
			d.listenAtGateway(in, el, gateway, flow)
		} else if f := d.listenFlows(in, el, []*bpmn.SequenceFlow{flow}); f != nil {
			d.listenerFailed(in, el, eventTake, f)
		}
	}
	d.emit(in.ID, &events.ElementCompleted{Key: el.Key, ElementID: el.ElementID})
	for _, flow := range gateway.Outgoing {
		if flow.Target != target {
			d.take(in, scope, []*bpmn.SequenceFlow{flow}, nil)
			continue
		}
		d.emit(in.ID, &events.FlowTaken{Scope: scope, FlowID: flow.ID})
		key := in.nextKey()
		d.emit(in.ID, &events.ElementActivated{Key: key, Scope: scope, ElementID: target.ID, Type: string(target.Type)})
		d.complete(in, must(in.Elements, key), target, nil)
	}
}
