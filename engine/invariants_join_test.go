package engine

import (
	"slices"

	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/ids"
)

// checkTokens checks, when an instance is at rest, that each of its joins that
// waits has to: a second, naive implementation of BPMN 2.0.2, 13.4.1, 13.4.3 and
// 13.4.5, which follows every way of a token forwards on the graph as it is drawn.
func checkTokens(fail func(string, ...any), in *Instance, model *bpmn.Process) {
	for _, scope := range in.Elements {
		inside := model.Scope
		if scope.Key != events.RootKey {
			inside = model.Element(scope.ElementID)
		}
		count := map[string]int{}
		for _, w := range scope.Tokens {
			flow := model.Flow(w.FlowID)
			switch {
			case w.Count <= 0:
				fail("flow %s holds %d tokens in scope %d", w.FlowID, w.Count, scope.Key)
			case flow == nil || flow.Target.Scope != inside || !flow.Target.Joining():
				fail("a token waits on flow %s in scope %d (%s), where no join takes it", w.FlowID, scope.Key, scope.ElementID)
			}
			count[w.FlowID] = w.Count
		}
		for _, g := range scope.Gateways {
			if node := model.Element(g.ElementID); node == nil || node.Scope != inside || node.Type != bpmn.TypeComplexGateway || len(g.Flows) == 0 {
				fail("scope %d has the complex gateway %+v, which cannot be", scope.Key, g)
			}
		}
		for _, node := range inside.Children {
			if node.Joining() {
				checkJoin(fail, in, scope, node, count, model)
			}
		}
	}
}

func checkJoin(fail func(string, ...any), in *Instance, scope *Element, node *bpmn.Element, count map[string]int, model *bpmn.Process) {
	var filled []*bpmn.SequenceFlow
	total := 0
	for _, flow := range node.Incoming {
		if count[flow.ID] > 0 {
			filled = append(filled, flow)
			total += count[flow.ID]
		}
	}
	switch {
	case node.StartQuantity > 1:
		if total >= node.StartQuantity {
			fail("%s has %d tokens in scope %d and still waits for %d", node.ID, total, scope.Key, node.StartQuantity)
		}
		return
	case node.Type == bpmn.TypeParallelGateway:
		if len(filled) == len(node.Incoming) {
			fail("parallel gateway %s waits in scope %d with a token on every flow", node.ID, scope.Key)
		}
		return
	case node.Type == bpmn.TypeComplexGateway:
		started := scope.started(node.ID)
		if started == nil {
			return // its condition decides
		}
		for _, flow := range node.Incoming {
			if started.took(flow.ID) && !slices.Contains(filled, flow) {
				filled = append(filled, flow)
			}
		}
	default:
		if len(filled) == 0 {
			return
		}
	}
	var at []*bpmn.Element
	for _, el := range in.Elements {
		if el.Scope == scope.Key && !isGone(in, el.Key) {
			at = append(at, model.Element(el.ElementID))
		}
	}
	for _, w := range scope.Tokens {
		if target := model.Flow(w.FlowID).Target; target != node {
			at = append(at, target)
		}
	}
	for _, e := range at {
		if naiveExpects(node, e, filled) {
			return
		}
	}
	fail("%s waits in scope %d with tokens on %d of %d flows, though no other can come", node.ID, scope.Key, len(filled), len(node.Incoming))
}

// isGone says whether an element instance no longer counts, though it has not
// been cleared away yet.
func isGone(*Instance, ids.Key) bool { return false }

// naiveExpects says whether a token at an element can still come to an incoming
// flow of the gateway that is not filled, and to none that is.
func naiveExpects(gateway, at *bpmn.Element, filled []*bpmn.SequenceFlow) bool {
	toEmpty, toFilled := false, false
	seen := map[*bpmn.Element]bool{}
	var walk func(e *bpmn.Element)
	walk = func(e *bpmn.Element) {
		if seen[e] {
			return
		}
		seen[e] = true
		for _, f := range e.Outgoing {
			switch {
			case f.Target != gateway:
				walk(f.Target)
			case slices.Contains(filled, f):
				toFilled = true
			default:
				toEmpty = true
			}
		}
		for _, b := range e.Boundary {
			walk(b)
		}
		if isLink(e, bpmn.TypeThrowEvent) {
			for _, c := range e.Scope.Children {
				if isLink(c, bpmn.TypeCatchEvent) && c.Event.LinkName == e.Event.LinkName {
					walk(c)
				}
			}
		}
	}
	walk(at)
	return toEmpty && !toFilled
}

func isLink(e *bpmn.Element, t bpmn.Type) bool {
	return e.Type == t && e.Event != nil && e.Event.Kind == bpmn.EventLink
}
