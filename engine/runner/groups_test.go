package runner

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/snapshots"
)

// Members are found in the groups that they were stored in; a group goes when
// its last member does, two checkpoints later, and the account outlives its
// owner.
func TestGroups(t *testing.T) {
	t.Parallel()
	store := snapshots.NewMemory()
	cfg := &Config{Snapshots: store}
	g := newGroups(cfg, 0)
	place := map[ids.Instance]uint64{}
	var members []snapshots.Member
	for i := range 1000 {
		size := 500
		if i == 500 {
			size = 3 * groupBytes // alone in its group, which has chunks
		}
		id := ids.Derive("01ARZ3NDEKTSV4RRFFQ69G5FAV", 0, i)
		members = append(members, snapshots.Member{Instance: id, Seq: uint64(i + 1), Data: fmt.Appendf(nil, "%*d", size, i)}) //nolint:gosec // small
	}
	put := func(list []snapshots.Member) {
		t.Helper()
		if err := g.put(t.Context(), list, func(m *snapshots.Member, group uint64) { place[m.Instance] = group }); err != nil {
			t.Fatal(err)
		}
	}
	put(members)
	check := func(list []snapshots.Member) {
		t.Helper()
		for _, m := range list {
			data, err := g.member(t.Context(), place[m.Instance], m.Instance, m.Seq)
			if err != nil || string(data) != string(m.Data) {
				t.Fatalf("member %s: %v", m.Instance, err)
			}
			if _, err := g.member(t.Context(), place[m.Instance], m.Instance, m.Seq+1); err == nil {
				t.Fatal("expected no member of another sequence")
			}
		}
	}
	check(members)
	count := func() int {
		t.Helper()
		list, err := store.Groups(t.Context(), 0)
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	if n := count(); n < 1000*500/groupBytes || n > 20 {
		t.Errorf("expected some 16 groups, but got %d", n)
	}
	if alone := place[members[500].Instance]; alone == place[members[499].Instance] || alone == place[members[501].Instance] {
		t.Error("expected the large one to have a group of its own")
	}
	if list := g.sparse(); len(list) != 0 {
		t.Errorf("expected no sparse group, but got %x", list)
	}

	// All but one in ten go, at random.
	rnd := rand.New(rand.NewPCG(1, 1)) //nolint:gosec // test data
	var rest []snapshots.Member
	for _, m := range members {
		if rnd.IntN(10) == 0 {
			rest = append(rest, m)
		} else {
			g.release(place[m.Instance])
		}
	}
	sparse := g.sparse()
	if len(sparse) < 10 {
		t.Errorf("expected most groups to be sparse, but got %d", len(sparse))
	}
	check(rest)

	// The next owner has the same account.
	places := make([]uint64, len(rest))
	for i, m := range rest {
		places[i] = place[m.Instance]
	}
	table := g.table(places)
	next := newGroups(cfg, 0)
	got, err := next.restore(&table)
	if err != nil || !slices.Equal(got, places) || !maps.Equal(next.size, g.size) {
		t.Fatalf("restored %d places of %d, %d groups of %d: %v", len(got), len(places), len(next.size), len(g.size), err)
	}
	if err := next.findOrphans(t.Context()); err != nil || len(next.orphans) != 0 {
		t.Errorf("expected no orphans, but got %x, %v", next.orphans, err)
	}
	for _, bad := range []groupTable{{Numbers: []uint64{1}}, {Of: []int{0}}, {Numbers: []uint64{1}, Members: []int{1}, Bytes: []int{1}, Of: []int{-1}}, {Numbers: []uint64{1}, Members: []int{0}, Bytes: []int{1}}} {
		broken := newGroups(cfg, 0)
		if _, err := broken.restore(&bad); err == nil {
			t.Errorf("expected %+v to be refused", bad)
		}
	}

	// What is left moves together, and the old groups go.
	g = next
	old := maps.Clone(place)
	put(rest)
	for _, m := range rest {
		g.release(old[m.Instance])
	}
	for range 3 {
		check(rest)
		if err := g.collect(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	check(rest)
	if n := count(); n > 3 {
		t.Errorf("expected what is left to be in at most 3 groups, but got %d", n)
	}
}
