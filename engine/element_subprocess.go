package engine

import (
	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/commands"
)

// subProcess is the behaviour of embedded subprocesses: a scope that begins at
// its none start event and completes when nothing in it is active any more.
type subProcess struct{}

func (subProcess) activate(d *decider, in *Instance, el *Element, node *bpmn.Element) *fault {
	start := node.NoneStart()
	if start == nil {
		return faultf(commands.CodeElementUnsupported, "subprocess %s has no none start event", node.ID)
	}
	d.arriveLater(in, el.Key, start, nil)
	return nil
}

// unsupportedEvent is the fault of an event that deployment should have
// refused.
func unsupportedEvent(node *bpmn.Element) *fault {
	return faultf(commands.CodeElementUnsupported, "a %s event at %s %s cannot be executed by this release", node.Event.Kind, node.Type, node.ID)
}
