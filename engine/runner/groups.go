package runner

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/weir-bpm/weir/engine"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/snapshots"
)

const (
	// groupBytes and groupMembers bound a group of instance snapshots, unless
	// one instance alone is larger: one is read to bring one instance back.
	groupBytes   = 32 << 10
	groupMembers = 128
	// compactBelow is the share of a full group, one in so many, below which a
	// group is sparse: so many of them are packed into one.
	compactBelow = 4
	// compactLimit bounds the groups that one checkpoint compacts.
	compactLimit = 64
)

// stored tells where the newest snapshot of an instance is.
type stored struct {
	seq   uint64 // the last event that it includes
	group uint64
}

// groups keeps account of a partition's groups of instance snapshots: a group
// whose last member was replaced or has ended is garbage.
type groups struct {
	cfg *Config
	id  ids.Partition

	size map[uint64]groupSize
	// garbage holds, by age in checkpoints, the groups that nothing refers to
	// any more; the store keeps two headers, so what the older one names stays.
	garbage [3][]uint64
	// orphans were stored by the owner before and are in none of its headers.
	orphans []uint64

	// last is the group that was read last: those that rested together are often
	// woken together.
	last        uint64
	lastMembers []snapshots.Member
}

// groupSize is how many members a group was stored with, how many of them are
// the newest snapshot of their instance, and how large it is.
type groupSize struct{ live, members, bytes int }

func (s groupSize) sparse() bool {
	return s.live*compactBelow < groupMembers && s.bytes/s.members*s.live*compactBelow < groupBytes
}

func newGroups(cfg *Config, id ids.Partition) groups {
	return groups{cfg: cfg, id: id, size: map[uint64]groupSize{}}
}

// put stores members in groups and calls placed with the group of each.
func (g *groups) put(ctx context.Context, members []snapshots.Member, placed func(m *snapshots.Member, group uint64)) error {
	var batch []snapshots.Named
	var numbers []uint64
	of := make([]int, len(members))
	for from := 0; from < len(members); {
		to, bytes, seq := from, 0, uint64(0)
		for to < len(members) && to-from < groupMembers && (to == from || bytes+len(members[to].Data) <= groupBytes) {
			bytes += len(members[to].Data)
			seq = max(seq, members[to].Seq)
			of[to] = len(batch)
			to++
		}
		data, err := snapshots.EncodeGroup(members[from:to])
		if err != nil {
			return err
		}
		number := rand.Uint64() | 1 //nolint:gosec // it needs to differ, not to be secret; 0 is no group
		numbers = append(numbers, number)
		batch = append(batch, snapshots.Named{
			Name:     snapshots.GroupName(number),
			Snapshot: snapshots.Snapshot{StateVersion: engine.StateVersion, Seq: seq, Data: data},
		})
		g.size[number] = groupSize{to - from, to - from, bytes}
		from = to
	}
	if err := g.cfg.Snapshots.PutBatch(ctx, g.id, batch); err != nil {
		for _, number := range numbers {
			delete(g.size, number)
			g.garbage[0] = append(g.garbage[0], number)
		}
		return fmt.Errorf("store %d instance snapshots: %w", len(members), err)
	}
	for i := range members {
		placed(&members[i], numbers[of[i]])
	}
	return nil
}

// release says that a member of the group is not needed any more.
func (g *groups) release(group uint64) {
	size := g.size[group]
	if size.live--; size.live > 0 {
		g.size[group] = size
		return
	}
	delete(g.size, group)
	g.garbage[0] = append(g.garbage[0], group)
}

// read returns the members of a group.
func (g *groups) read(ctx context.Context, group uint64) ([]snapshots.Member, error) {
	if group == g.last && group != 0 {
		return g.lastMembers, nil
	}
	snap, err := g.cfg.Snapshots.Get(ctx, g.id, snapshots.GroupName(group))
	if err != nil {
		return nil, err
	}
	if snap.StateVersion != engine.StateVersion {
		return nil, fmt.Errorf("%w: expected state version %d, but got %d", snapshots.ErrMismatch, engine.StateVersion, snap.StateVersion)
	}
	members, err := snapshots.DecodeGroup(snap.Data)
	if err != nil {
		return nil, err
	}
	g.last, g.lastMembers = group, members
	return members, nil
}

// member returns the snapshot of an instance in a group.
func (g *groups) member(ctx context.Context, group uint64, id ids.Instance, seq uint64) ([]byte, error) {
	members, err := g.read(ctx, group)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(members, func(m snapshots.Member) bool { return m.Instance == id && m.Seq == seq })
	if i < 0 {
		return nil, fmt.Errorf("%w: group %x has no instance %s at sequence %d", snapshots.ErrMismatch, group, id, seq)
	}
	return members[i].Data, nil
}

// sparse returns groups that were small or of which little is left, at most
// compactLimit, or none if they are too few to be packed.
func (g *groups) sparse() []uint64 {
	var out []uint64
	for number, size := range g.size {
		if size.sparse() && len(out) < compactLimit {
			out = append(out, number)
		}
	}
	if len(out) < compactBelow {
		return nil
	}
	return out
}

// collect removes the groups that the kept headers no longer name.
func (g *groups) collect(ctx context.Context) error {
	old := append(g.garbage[2], g.orphans...)
	g.garbage[2], g.garbage[1], g.garbage[0] = g.garbage[1], g.garbage[0], nil
	g.orphans = nil
	names := make([]string, len(old))
	for i, number := range old {
		names[i] = snapshots.GroupName(number)
	}
	for chunk := range slices.Chunk(names, storeBatch) {
		if err := g.cfg.Snapshots.Delete(ctx, g.id, chunk...); err != nil {
			return fmt.Errorf("remove old snapshots: %w", err)
		}
	}
	return nil
}

// groupTable is what a checkpoint keeps of the account.
type groupTable struct {
	Numbers []uint64 `msgpack:"n"`
	Members []int    `msgpack:"m"`
	Bytes   []int    `msgpack:"b"`
	// Of has, for each instance in ascending order of id, the index of its
	// group.
	Of []int `msgpack:"o"`
	// Garbage is for the next owner to remove.
	Garbage [3][]uint64 `msgpack:"g"`
}

func (g *groups) table(places []uint64) groupTable {
	t := groupTable{Of: make([]int, len(places)), Garbage: g.garbage}
	index := make(map[uint64]int, len(g.size))
	for i, number := range places {
		n, ok := index[number]
		if !ok {
			n = len(t.Numbers)
			index[number] = n
			t.Numbers = append(t.Numbers, number)
			t.Members = append(t.Members, g.size[number].members)
			t.Bytes = append(t.Bytes, g.size[number].bytes)
		}
		t.Of[i] = n
	}
	return t
}

// restore takes over the account of a checkpoint and returns the places of its
// instances.
func (g *groups) restore(t *groupTable) ([]uint64, error) {
	broken := errors.New("the table of groups is not whole")
	if len(t.Members) != len(t.Numbers) || len(t.Bytes) != len(t.Numbers) || slices.Contains(t.Members, 0) {
		return nil, broken
	}
	places := make([]uint64, len(t.Of))
	for i, n := range t.Of {
		if n < 0 || n >= len(t.Numbers) {
			return nil, broken
		}
		places[i] = t.Numbers[n]
		size := g.size[places[i]]
		g.size[places[i]] = groupSize{size.live + 1, t.Members[n], t.Bytes[n]}
	}
	// As collect leaves it; what it may not have removed is removed again.
	g.garbage = [3][]uint64{nil, t.Garbage[0], append(t.Garbage[1], t.Garbage[2]...)}
	return places, nil
}

// findOrphans notes the groups that are stored and that the account does not
// have: the owner before wrote them after its last header. The next checkpoint
// removes them.
func (g *groups) findOrphans(ctx context.Context) error {
	there, err := g.cfg.Snapshots.Groups(ctx, g.id)
	if err != nil {
		return err
	}
	known := map[uint64]bool{}
	for _, list := range g.garbage {
		for _, number := range list {
			known[number] = true
		}
	}
	for _, number := range there {
		if _, live := g.size[number]; !live && !known[number] {
			g.orphans = append(g.orphans, number)
		}
	}
	return nil
}
