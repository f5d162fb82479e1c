package bpmn

import (
	"slices"
	"sort"
	"strings"
)

// checkGraph finds what only the graph of flows shows.
func (p *parser) checkGraph() {
	links := p.linkCatches()
	reached := p.reachable(links)
	for _, e := range p.process.Elements {
		if !reached[e] {
			p.report(p.nodes[e], CodeUnreachable, "no path leads to %q; connect it to the rest or remove it", e.ID)
		}
	}
	p.checkJoins(reached, links)
	p.checkLoops(links)
}

// linkKey is what pairs link events.
type linkKey struct {
	scope *Element
	name  string
}

// linkCatches finds the catch events of links.
func (p *parser) linkCatches() map[linkKey][]*Element {
	links := map[linkKey][]*Element{}
	for _, e := range p.process.Elements {
		if e.Type == TypeCatchEvent && kindOf(e) == EventLink {
			key := linkKey{e.Scope, e.Event.LinkName}
			links[key] = append(links[key], e)
		}
	}
	return links
}

// reachable returns the elements that a token can come to, as far as flows tell.
func (p *parser) reachable(links map[linkKey][]*Element) map[*Element]bool {
	reached := map[*Element]bool{p.process.Scope: true}
	queue := []*Element{p.process.Scope}
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
			if found := links[key]; len(found) > 0 && !reached[found[0]] {
				for _, c := range found {
					visit(c)
				}
			}
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

// straightThrough says whether a token passes the element at once and without
// any change that a condition could see.
func straightThrough(e *Element) bool {
	if len(e.Inputs)+len(e.Outputs)+len(e.Listeners) > 0 || e.Loop != nil {
		return false
	}
	for _, f := range e.Outgoing {
		if len(f.Listeners) > 0 {
			return false
		}
	}
	switch e.Type { //nolint:exhaustive // all others wait or change variables
	case TypeTask, TypeManualTask, TypeExclusiveGateway, TypeParallelGateway, TypeInclusiveGateway:
		return true
	case TypeComplexGateway:
		return e.Activation == nil
	case TypeThrowEvent:
		return kindOf(e) == eventNone || kindOf(e) == EventLink || kindOf(e) == EventMessage && e.SendsNothing
	case TypeCatchEvent:
		return kindOf(e) == EventLink
	}
	return false
}

// checkLoops refuses loops without a wait state. It finds the strongly connected
// components of the straight-through elements.
func (p *parser) checkLoops(links map[linkKey][]*Element) {
	t := tarjan{links: links, index: map[*Element]int{}, low: map[*Element]int{}, on: map[*Element]bool{}}
	for _, e := range p.process.Elements {
		if straightThrough(e) && t.index[e] == 0 {
			t.visit(e)
		}
	}
	for _, loop := range t.loops {
		sort.Slice(loop, func(i, j int) bool { return loop[i].Index < loop[j].Index })
		const most = 20
		ids := make([]string, 0, most)
		for _, e := range loop[:min(len(loop), most)] {
			ids = append(ids, e.ID)
		}
		if len(loop) > most {
			ids = append(ids, "…")
		}
		if p.dialect != DialectZeebe && wayOutOf(loop) {
			// The condition may be false at once, which Zeebe does not ask.
			p.report(p.nodes[loop[0]], CodeLoopUnchanged,
				"the elements %s form a loop in which nothing waits or changes a variable, so that its conditions stay as they are; put a task with an implementation, an event or a timer into it",
				strings.Join(ids, ", "))
			continue
		}
		p.report(p.nodes[loop[0]], CodeLoopWithoutWait,
			"the elements %s form a loop that nothing stops or changes; put a task with an implementation, an event or a timer into it", strings.Join(ids, ", "))
	}
}

// wayOutOf says whether a choice in the loop may lead out of it. A parallel way
// out is none: the loop goes on beside it.
func wayOutOf(loop []*Element) bool {
	inside := map[*Element]bool{}
	for _, e := range loop {
		inside[e] = true
	}
	for _, e := range loop {
		chooses := e.Type == TypeExclusiveGateway || e.Type == TypeInclusiveGateway ||
			slices.ContainsFunc(e.Outgoing, func(f *SequenceFlow) bool { return f.Condition != nil })
		if chooses && slices.ContainsFunc(e.Outgoing, func(f *SequenceFlow) bool { return !inside[f.Target] }) {
			return true
		}
	}
	return false
}

// tarjan is the state of Tarjan's algorithm.
type tarjan struct {
	links      map[linkKey][]*Element
	index, low map[*Element]int
	on         map[*Element]bool
	stack      []*Element
	loops      [][]*Element
}

// frame is one call of the recursive algorithm, kept on the heap so that a long
// chain of elements cannot exhaust the stack.
type frame struct {
	e    *Element
	to   []*Element
	next int
}

func (t *tarjan) visit(root *Element) {
	frames := []frame{t.enter(root)}
	for len(frames) > 0 {
		top := &frames[len(frames)-1]
		e := top.e
		if top.next < len(top.to) {
			w := top.to[top.next]
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
	return frame{e: e, to: t.next(e)}
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
	for _, to := range t.next(root) {
		self = self || to == root
	}
	if len(c) > 1 || self {
		t.loops = append(t.loops, c)
	}
}

// next returns where a token goes from an element, by flows and links.
func (t *tarjan) next(e *Element) []*Element {
	to := make([]*Element, 0, len(e.Outgoing))
	for _, f := range e.Outgoing {
		if len(f.Listeners) == 0 { // which may change what conditions see
			to = append(to, f.Target)
		}
	}
	if e.Type == TypeThrowEvent && kindOf(e) == EventLink {
		// Of several catch events, which is an error, the first stands for all.
		if found := t.links[linkKey{e.Scope, e.Event.LinkName}]; len(found) > 0 {
			to = append(to, found[0])
		}
	}
	return to
}
