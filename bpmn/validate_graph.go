package bpmn

import (
	"sort"
	"strings"
)

// checkGraph finds what only the graph of flows shows.
func (p *parser) checkGraph() {
	reached := p.reachable()
	for _, e := range p.process.Elements {
		if !reached[e] {
			p.report(p.nodes[e], CodeUnreachable, "no path leads to %q; connect it to the rest or remove it", e.ID)
		}
	}
	for _, e := range p.process.Elements {
		if e.Type == TypeParallelGateway && reached[e] {
			p.checkJoin(e, reached)
		}
	}
	p.checkLoops()
}

// linkKey is what pairs link events.
type linkKey struct {
	scope *Element
	name  string
}

// reachable returns the elements that a token can come to, as far as flows tell.
func (p *parser) reachable() map[*Element]bool {
	reached := map[*Element]bool{p.process.Scope: true}
	queue := []*Element{p.process.Scope}
	links := map[linkKey][]*Element{}
	for _, e := range p.process.Elements {
		if e.Type == TypeCatchEvent && kindOf(e) == EventLink {
			key := linkKey{e.Scope, e.Event.LinkName}
			links[key] = append(links[key], e)
		}
	}
	visit := func(e *Element) {
		if e != nil && !reached[e] {
			reached[e] = true
			queue = append(queue, e)
		}
	}
	for len(queue) > 0 {
		e := queue[0]
		queue = queue[1:]
		for _, f := range e.Outgoing {
			visit(f.Target)
		}
		for _, b := range e.Boundary {
			visit(b)
		}
		visit(e.CompensatedBy)
		if isScope(e.Type) {
			for _, c := range e.Children {
				if entersBySelf(e, c) {
					visit(c)
				}
			}
		}
		if kindOf(e) == EventLink && e.Type == TypeThrowEvent {
			key := linkKey{e.Scope, e.Event.LinkName}
			for _, c := range links[key] {
				visit(c)
			}
			delete(links, key)
		}
	}
	return reached
}

// entersBySelf says whether a child of an active scope is entered without a
// sequence flow.
func entersBySelf(scope, c *Element) bool {
	switch {
	case c.Type == TypeStartEvent, c.Type == TypeEventSubProcess, c.Instantiate && len(c.Incoming) == 0:
		return true
	case scope.Type == TypeAdHocSubProcess:
		return len(c.Incoming) == 0
	}
	return false
}

// checkJoin warns of parallel joins that wait for a token that cannot come: an
// incoming flow from an unreachable node, or two that begin at the same
// exclusive choice.
func (p *parser) checkJoin(join *Element, reached map[*Element]bool) {
	if len(join.Incoming) < 2 {
		return
	}
	origins := map[*Element]*SequenceFlow{}
	for _, f := range join.Incoming {
		if !reached[f.Source] {
			p.report(p.nodes[join], CodeJoinIncomplete, "the parallel gateway waits for the flow %q, whose source %q is never reached; remove the flow",
				f.ID, f.Source.ID)
			continue
		}
		choice := choiceBefore(f)
		if choice == nil {
			continue
		}
		if first, ok := origins[choice]; ok {
			p.report(p.nodes[join], CodeJoinIncomplete,
				"the parallel gateway waits for the flows %q and %q, but %q lets only one of them be taken; join them with an exclusive gateway",
				first.ID, f.ID, choice.ID)
			continue
		}
		origins[choice] = f
	}
}

// choiceBefore walks back from a flow through elements with one way in and one
// way out to the exclusive or event-based gateway that it comes from, or nil.
func choiceBefore(f *SequenceFlow) *Element {
	for steps := 0; steps < 1000; steps++ {
		e := f.Source
		if (e.Type == TypeExclusiveGateway || e.Type == TypeEventBasedGateway) && len(e.Outgoing) > 1 {
			return e
		}
		if len(e.Outgoing) != 1 || len(e.Incoming) != 1 || len(e.Boundary) > 0 {
			return nil
		}
		f = e.Incoming[0]
	}
	return nil
}

// straightThrough says whether a token passes the element at once and without
// any change that a condition could see.
func straightThrough(e *Element) bool {
	if len(e.Inputs)+len(e.Outputs)+len(e.Listeners) > 0 || e.Loop != nil {
		return false
	}
	switch e.Type { //nolint:exhaustive // all others wait or change variables
	case TypeTask, TypeManualTask, TypeExclusiveGateway, TypeParallelGateway, TypeInclusiveGateway:
		return true
	case TypeThrowEvent:
		return kindOf(e) == eventNone || kindOf(e) == EventLink
	}
	return false
}

// checkLoops refuses loops without a wait state. It finds the strongly connected
// components of the straight-through elements.
func (p *parser) checkLoops() {
	t := tarjan{index: map[*Element]int{}, low: map[*Element]int{}, on: map[*Element]bool{}}
	for _, e := range p.process.Elements {
		if straightThrough(e) && t.index[e] == 0 {
			t.visit(e)
		}
	}
	for _, loop := range t.loops {
		sort.Slice(loop, func(i, j int) bool { return loop[i].Index < loop[j].Index })
		ids := make([]string, len(loop))
		for i, e := range loop {
			ids[i] = e.ID
		}
		p.report(p.nodes[loop[0]], CodeLoopWithoutWait,
			"the elements %s form a loop that nothing stops or changes; put a task, event or timer into it", strings.Join(ids, ", "))
	}
}

type tarjan struct {
	index, low map[*Element]int
	on         map[*Element]bool
	stack      []*Element
	loops      [][]*Element
}

// frame is one call of the recursive algorithm, kept on the heap so that a long
// chain of elements cannot exhaust the stack.
type frame struct {
	e    *Element
	next int
}

func (t *tarjan) visit(root *Element) {
	frames := []frame{t.enter(root)}
	for len(frames) > 0 {
		top := &frames[len(frames)-1]
		e := top.e
		if top.next < len(e.Outgoing) {
			w := e.Outgoing[top.next].Target
			top.next++
			switch {
			case !straightThrough(w):
			case t.index[w] == 0:
				frames = append(frames, t.enter(w))
			case t.on[w]:
				t.low[e] = min(t.low[e], t.index[w])
			}
			continue
		}
		frames = frames[:len(frames)-1]
		if len(frames) > 0 {
			parent := frames[len(frames)-1].e
			t.low[parent] = min(t.low[parent], t.low[e])
		}
		if t.low[e] == t.index[e] {
			t.component(e)
		}
	}
}

func (t *tarjan) enter(e *Element) frame {
	n := len(t.index) + 1
	t.index[e], t.low[e], t.on[e] = n, n, true
	t.stack = append(t.stack, e)
	return frame{e: e}
}

func (t *tarjan) component(root *Element) {
	var c []*Element
	for {
		e := t.stack[len(t.stack)-1]
		t.stack = t.stack[:len(t.stack)-1]
		t.on[e] = false
		c = append(c, e)
		if e == root {
			break
		}
	}
	self := false
	for _, f := range root.Outgoing {
		self = self || f.Target == root
	}
	if len(c) > 1 || self {
		t.loops = append(t.loops, c)
	}
}
