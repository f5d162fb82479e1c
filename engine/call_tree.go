package engine

import (
	"cmp"
	"slices"

	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/ids"
)

// The instances that one outermost instance has called, directly or through
// others, are its tree, all in its partition. The depth of calls is bounded, but
// not what grows at each depth: a process that calls itself several times over
// would fill the partition long before. So the active ones are counted, with those
// that are about to begin, and what would be too much waits with an incident: one
// for a call, one for all the turns of a loop that have not begun.

// roomToCall returns a fault if n more called instances are too many for the tree
// of an instance.
func (d *decider) roomToCall(in *Instance, n int) *fault {
	if active := d.trees[in.Root] + d.calling; active+n > d.cfg.MaxCallTree {
		return faultf(commands.CodeProcessCallTree, "instance %s has called %d instances that are active, directly and through others; the limit is %d", in.Root, active, d.cfg.MaxCallTree)
	}
	return nil
}

func (s *State) joinTree(in *Instance) {
	if in.Parent != "" {
		s.trees[in.Root]++
	}
}

func (s *State) leaveTree(in *Instance) {
	switch {
	case in.Parent == "":
	case s.trees[in.Root] > 1:
		s.trees[in.Root]--
	default:
		delete(s.trees, in.Root)
	}
}

type headerTree struct {
	_msgpack struct{} `msgpack:",as_array"` //nolint:unused // read by msgpack
	Root     ids.Instance
	Active   int
}

func (s *State) encodeTrees(h *header) {
	for root, n := range s.trees {
		h.Trees = append(h.Trees, headerTree{Root: root, Active: n})
	}
	slices.SortFunc(h.Trees, func(a, b headerTree) int { return cmp.Compare(a.Root, b.Root) })
}
