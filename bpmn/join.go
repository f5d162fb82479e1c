package bpmn

import "sync"

// Join is what an inclusive or complex gateway needs to know of the graph to
// tell whether a token may still come (BPMN 2.0.2, 13.4.3 and 13.4.5). It is
// computed when it is first asked and then the same for all; it is safe for
// concurrent use.
type Join struct {
	Gateway *Element

	once sync.Once
	// nodes is how many elements the process has, and reach holds, for each
	// incoming flow, a bit for each element from which a path leads to that flow.
	nodes int
	reach [][]uint64
}

// Joins lists the inclusive and complex gateways of the process, at every depth,
// before which tokens wait, in document order.
func (p *Process) Joins() []*Join { return p.joins }

// Joining says whether tokens wait before the element for others: a parallel or
// inclusive gateway with more than one incoming flow, a complex gateway with an
// activation condition, or an activity with a start quantity.
func (e *Element) Joining() bool {
	switch e.Type { //nolint:exhaustive // nothing else joins
	case TypeParallelGateway, TypeInclusiveGateway:
		return len(e.Incoming) > 1
	case TypeComplexGateway:
		return e.Activation != nil
	}
	return e.StartQuantity > 1
}

// findJoins collects the joins that have to look at the whole scope.
func (p *Process) findJoins() {
	p.joins = nil
	for _, e := range p.Elements {
		if e.Joining() && (e.Type == TypeInclusiveGateway || e.Type == TypeComplexGateway) {
			p.joins = append(p.joins, &Join{Gateway: e, nodes: len(p.Elements)})
		}
	}
}

// Expects says whether the gateway has to wait for a token that is at the
// element, or waits at the end of a flow to it: a path leads from there to an
// incoming flow that is not filled, and none to one that is. No path visits the
// gateway on its way. filled goes by the order of Gateway.Incoming.
func (j *Join) Expects(at *Element, filled []bool) bool {
	j.once.Do(j.compute)
	waits := false
	for i := range j.reach {
		if j.reach[i][at.Index/64]&(1<<(at.Index%64)) == 0 {
			continue
		}
		if filled[i] {
			return false
		}
		waits = true
	}
	return waits
}

// compute walks back from each incoming flow. A token goes along sequence flows,
// from an activity to its boundary events, and from a link throw event to the
// catch event of its name.
func (j *Join) compute() {
	throws := map[string][]*Element{}
	for _, e := range j.Gateway.Scope.Children {
		if e.Type == TypeThrowEvent && kindOf(e) == EventLink {
			throws[e.Event.LinkName] = append(throws[e.Event.LinkName], e)
		}
	}
	j.reach = make([][]uint64, len(j.Gateway.Incoming))
	for i, flow := range j.Gateway.Incoming {
		seen := make([]uint64, (j.nodes+63)/64)
		var queue []*Element
		visit := func(e *Element) {
			if seen[e.Index/64]&(1<<(e.Index%64)) == 0 {
				seen[e.Index/64] |= 1 << (e.Index % 64)
				queue = append(queue, e)
			}
		}
		visit(flow.Source)
		for len(queue) > 0 {
			e := queue[len(queue)-1]
			queue = queue[:len(queue)-1]
			if e == j.Gateway {
				continue // a path may begin at the gateway, but not pass it
			}
			for _, f := range e.Incoming {
				visit(f.Source)
			}
			if e.AttachedTo != nil {
				visit(e.AttachedTo)
			}
			if e.Type == TypeCatchEvent && kindOf(e) == EventLink {
				for _, t := range throws[e.Event.LinkName] {
					visit(t)
				}
			}
		}
		j.reach[i] = seen
	}
}

// size is the memory that the join takes once it was asked.
func (j *Join) size() int64 {
	return 64 + int64(len(j.Gateway.Incoming))*int64(24+(j.nodes+63)/64*8)
}
