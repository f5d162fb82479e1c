package bpmn

import "slices"

// maxJoinSteps bounds the search for joins that cannot complete: what it finds
// are warnings, and a model may have 100,000 elements.
const maxJoinSteps = 5_000_000

// checkJoins warns of parallel joins that wait for a token that cannot come: an
// incoming flow from an unreachable node, or two that can only be reached over
// different ways out of one choice.
func (p *parser) checkJoins(reached map[*Element]bool, links map[linkKey][]*Element) {
	joins := map[*Element][]*Element{} // by scope
	for _, e := range p.process.Elements {
		if e.Type != TypeParallelGateway || !reached[e] || len(e.Incoming) < 2 {
			continue
		}
		joins[e.Scope] = append(joins[e.Scope], e)
		for _, f := range e.Incoming {
			if !reached[f.Source] {
				p.report(p.nodes[e], CodeJoinIncomplete, "the parallel gateway waits for the flow %q, whose source %q is never reached; remove the flow",
					f.ID, f.Source.ID)
			}
		}
	}
	if len(joins) == 0 {
		return
	}
	g := joinGraph{links: links, steps: maxJoinSteps}
	told := map[*Element]bool{}
	for _, choice := range p.process.Elements {
		waiting := joins[choice.Scope]
		if len(waiting) == 0 || !reached[choice] {
			continue
		}
		branches := branchesOf(choice)
		if len(branches) < 2 || g.repeats(choice) {
			continue
		}
		// only holds for each incoming flow of a join the branch without which
		// no token comes over it.
		only := map[*SequenceFlow]int{}
		for i, branch := range branches {
			left := g.reach(entries(choice.Scope), branch)
			for _, join := range waiting {
				for _, f := range join.Incoming {
					if reached[f.Source] && (!left[f.Source] || slices.Contains(branch, f)) {
						only[f] = i + 1
					}
				}
			}
		}
		if g.steps <= 0 {
			return
		}
		for _, join := range waiting {
			first := join.Incoming[0]
			for _, f := range join.Incoming[1:] {
				if only[first] == 0 {
					first = f
				}
				if told[join] || only[f] == 0 || only[f] == only[first] {
					continue
				}
				told[join] = true
				p.report(p.nodes[join], CodeJoinIncomplete,
					"the parallel gateway waits for the flows %q and %q, but %q lets only one of them be taken; join them with an exclusive gateway",
					first.ID, f.ID, choice.ID)
			}
		}
	}
}

// branchesOf returns the ways out of an element of which a token takes one:
// the flows of a gateway that chooses, or those of an activity and of each of
// its interrupting boundary events.
func branchesOf(e *Element) [][]*SequenceFlow {
	var out [][]*SequenceFlow
	switch {
	case e.Type == TypeExclusiveGateway, e.Type == TypeEventBasedGateway && !e.ParallelEvents:
		for _, f := range e.Outgoing {
			out = append(out, []*SequenceFlow{f})
		}
	case len(e.Boundary) > 0:
		out = append(out, e.Outgoing)
		for _, b := range e.Boundary {
			if b.Interrupting && kindOf(b) != EventCompensate {
				out = append(out, b.Outgoing)
			}
		}
	}
	return out
}

// entries are the nodes of a scope where tokens begin.
func entries(scope *Element) []*Element {
	var out []*Element
	for _, c := range scope.Children {
		if entersBySelf(scope, c) {
			out = append(out, c)
		}
	}
	return out
}

// joinGraph follows tokens inside one scope.
type joinGraph struct {
	links map[linkKey][]*Element
	steps int // left
}

// reach returns the elements that tokens come to from some, without the flows of
// a branch.
func (g *joinGraph) reach(from []*Element, without []*SequenceFlow) map[*Element]bool {
	seen := map[*Element]bool{}
	queue := slices.Clone(from)
	for _, e := range from {
		seen[e] = true
	}
	visit := func(e *Element) {
		if !seen[e] {
			seen[e] = true
			queue = append(queue, e)
		}
	}
	for len(queue) > 0 && g.steps > 0 {
		e := queue[0]
		queue = queue[1:]
		g.steps -= 1 + len(e.Outgoing) + len(e.Boundary)
		for _, f := range e.Outgoing {
			if !slices.Contains(without, f) {
				visit(f.Target)
			}
		}
		for _, b := range e.Boundary {
			visit(b)
		}
		if e.Type == TypeThrowEvent && kindOf(e) == EventLink {
			for _, c := range g.links[linkKey{e.Scope, e.Event.LinkName}] {
				visit(c)
			}
		}
	}
	return seen
}

// repeats says whether a choice may be made several times in one run of its
// scope: in a loop, or behind an event that does not interrupt.
func (g *joinGraph) repeats(choice *Element) bool {
	var next []*Element
	for _, f := range choice.Outgoing {
		next = append(next, f.Target)
	}
	next = append(next, choice.Boundary...)
	if g.reach(next, nil)[choice] {
		return true
	}
	var events []*Element
	for _, c := range choice.Scope.Children {
		if c.Type == TypeBoundaryEvent && !c.Interrupting {
			events = append(events, c)
		}
	}
	return choice.Scope.Type == TypeAdHocSubProcess || g.reach(events, nil)[choice]
}
