package engine

import (
	"slices"

	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/ids"
)

// gather begins an activity with a start quantity once so many tokens wait
// before it, whichever of its flows they came over (BPMN 2.0.2, 13.3.2). It
// takes those of the flow first that is first in the model.
func (d *decider) gather(in *Instance, scope ids.Key, node *bpmn.Element) {
	el := must(in.Elements, scope)
	flows := make([]string, 0, node.StartQuantity)
	for _, flow := range node.Incoming {
		i, ok := el.token(flow.ID)
		if !ok {
			continue
		}
		for range min(el.Tokens[i].Count, node.StartQuantity-len(flows)) {
			flows = append(flows, flow.ID)
		}
	}
	if len(flows) < node.StartQuantity {
		d.checkScope(in, scope)
		return
	}
	d.enter(in, scope, node, flows)
}

// multiplied returns the flows that tokens leave an activity by, each as often
// as its completion quantity says.
func multiplied(node *bpmn.Element, flows []*bpmn.SequenceFlow) []*bpmn.SequenceFlow {
	if node.CompletionQuantity <= 1 {
		return flows
	}
	return slices.Repeat(flows, node.CompletionQuantity)
}
