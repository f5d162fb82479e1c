package engine

import (
	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/ids"
)

// joining says whether tokens wait before the node for others: a parallel
// gateway with more than one incoming flow, or an activity with a start quantity.
func joining(node *bpmn.Element) bool {
	return node.Type == bpmn.TypeParallelGateway && len(node.Incoming) > 1 || node.StartQuantity > 1
}

// join activates a parallel gateway once every incoming flow has a token. It
// takes one of each and keeps the surplus, so a token that comes twice over one
// flow never stands in for a missing one (BPMN 2.0 section 13.4.1).
func (d *decider) join(in *Instance, scope ids.Key, node *bpmn.Element) {
	if d.gone(in, scope) {
		return
	}
	if node.StartQuantity > 1 {
		d.gather(in, scope, node)
		return
	}
	el := must(in.Elements, scope)
	flows := make([]string, 0, len(node.Incoming))
	for _, flow := range node.Incoming {
		if _, ok := el.token(flow.ID); !ok {
			d.checkScope(in, scope)
			return
		}
		flows = append(flows, flow.ID)
	}
	d.enter(in, scope, node, flows)
}
