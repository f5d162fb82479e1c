package engine

import (
	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/commands"
)

// chooseFlows returns the flows that a token leaves by (BPMN 2.0.2, 13.2.1 and
// 13.4). An exclusive gateway takes the first, in document order, whose condition
// is true. Parallel and event-based gateways take all, whatever stands on them.
// Every other node takes the unconditional ones and all whose condition is true.
// Where that is none, it is the default flow; without one it is a fault, unless
// the node has no outgoing flow and the path ends. A complex gateway that resets
// need not take any.
func (d *decider) chooseFlows(in *Instance, el *Element, node *bpmn.Element) ([]*bpmn.SequenceFlow, *fault) {
	exclusive := node.Type == bpmn.TypeExclusiveGateway
	if !choosy(node) {
		switch {
		case el.Reset:
			return nil, nil
		case exclusive && len(node.Outgoing) > 1:
			return node.Outgoing[:1], nil
		}
		return node.Outgoing, nil
	}
	holds := d.holds
	if node.Type == bpmn.TypeComplexGateway {
		holds = d.holdsComplex
	}
	var out []*bpmn.SequenceFlow
	for _, flow := range node.Outgoing {
		if flow == node.Default {
			continue
		}
		yes, f := holds(in, el, flow)
		if f != nil {
			return nil, faultf(f.code, "flow %s: %s", flow.ID, f.message)
		}
		if !yes {
			continue
		}
		if out = append(out, flow); exclusive {
			break
		}
	}
	switch {
	case len(out) > 0:
		return out, nil
	case node.Default != nil:
		return []*bpmn.SequenceFlow{node.Default}, nil
	case el.Reset:
		return nil, nil
	}
	return nil, faultf(commands.CodeFlowNoMatch, "no condition of the flows leaving %s is true, and it has no default flow", node.ID)
}

// choosy says whether conditions or a default flow decide which way a token
// leaves the node.
func choosy(node *bpmn.Element) bool {
	if node.Type == bpmn.TypeParallelGateway || node.Type == bpmn.TypeEventBasedGateway {
		return false
	}
	if node.Default != nil {
		return true
	}
	for _, flow := range node.Outgoing {
		if flow.Condition != nil || flow.Skip != nil {
			return true
		}
	}
	return false
}

// holdsComplex says whether a complex gateway takes a flow (BPMN 2.0.2, 13.4.5).
// Its conditions see waitingForStart: true when the gateway has started, false
// when it resets. Flows without condition are for the start alone.
func (d *decider) holdsComplex(in *Instance, el *Element, flow *bpmn.SequenceFlow) (bool, *fault) {
	if flow.Condition == nil {
		return !el.Reset, nil
	}
	return d.evalBoolIn(d.envNaming(in, el, flow.Condition, map[string]any{"waitingForStart": !el.Reset}), flow.Condition)
}
