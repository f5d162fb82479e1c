// Package snapshottest is the conformance suite of snapshot stores.
package snapshottest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/snapshots"
)

// Harness is a store to be tested, empty, and access to what it has stored.
type Harness struct {
	Store snapshots.Store
	// Keys lists what is stored of a partition: names, and names with a dot
	// and a suffix for chunks and generations.
	Keys func(p ids.Partition) []string
	// Read returns the message stored under a key, Write replaces it and nil
	// removes it, past the store.
	Read  func(p ids.Partition, key string) []byte
	Write func(p ids.Partition, key string, msg []byte)
}

// Run tests stores. open returns a new one for each test.
func Run(t *testing.T, open func(t *testing.T) Harness) {
	for _, test := range []struct {
		name string
		run  func(t *testing.T, h Harness)
	}{
		{"RoundTrip", roundTrip},
		{"Overwrite", overwrite},
		{"NotFound", notFound},
		{"Names", names},
		{"Batch", batch},
		{"Partitions", partitions},
		{"Delete", remove},
		{"Groups", groups},
		{"Purge", purge},
		{"Large", large},
		{"LargeGroup", largeGroup},
		{"Generations", generations},
		{"HalfWrittenHeader", halfWritten},
		{"EveryByteCounts", everyByte},
		{"OtherName", otherName},
		{"Concurrent", concurrent},
		{"Canceled", canceled},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.run(t, open(t))
		})
	}
}

const part = ids.Partition(7)

func group(n int) string { return snapshots.GroupName(uint64(n)) } //nolint:gosec // small

// data returns bytes that do not compress; text some that do.
func data(seed uint64, n int) []byte {
	rnd := rand.New(rand.NewPCG(seed, 2)) //nolint:gosec // test data
	out := make([]byte, n)
	for i := range out {
		out[i] = byte(rnd.Uint32())
	}
	return out
}

func text(n int) []byte { return bytes.Repeat([]byte("snapshot"), n/8+1)[:n] }

func put(t *testing.T, h Harness, name string, snap snapshots.Snapshot) {
	t.Helper()
	if err := h.Store.Put(t.Context(), part, name, snap); err != nil {
		t.Fatal(err)
	}
}

func expect(t *testing.T, h Harness, name string, want snapshots.Snapshot) {
	t.Helper()
	got, err := h.Store.Get(t.Context(), part, name)
	if err != nil {
		t.Fatal(err)
	}
	if got.Seq != want.Seq || got.StateVersion != want.StateVersion || !bytes.Equal(got.Data, want.Data) {
		t.Fatalf("snapshot %s: expected version %d, sequence %d and %d bytes, but got version %d, sequence %d and %d bytes",
			name, want.StateVersion, want.Seq, len(want.Data), got.StateVersion, got.Seq, len(got.Data))
	}
}

func expectError(t *testing.T, h Harness, p ids.Partition, name string, want error) {
	t.Helper()
	if got, err := h.Store.Get(t.Context(), p, name); !errors.Is(err, want) {
		t.Fatalf("snapshot %s: expected %v, but got sequence %d, %v", name, want, got.Seq, err)
	}
}

func roundTrip(t *testing.T, h Harness) {
	for i, content := range [][]byte{{}, {0}, text(10), text(5000), data(1, 300), data(2, 60000)} {
		for _, name := range []string{group(i), snapshots.Header} {
			snap := snapshots.Snapshot{StateVersion: uint32(i + 1), Seq: uint64(i) << 40, Data: content} //nolint:gosec // small
			put(t, h, name, snap)
			expect(t, h, name, snap)
		}
	}
}

func overwrite(t *testing.T, h Harness) {
	for _, name := range []string{group(1), snapshots.Header} {
		for seq := range uint64(10) {
			put(t, h, name, snapshots.Snapshot{Seq: seq, Data: data(seq, 100)})
		}
		expect(t, h, name, snapshots.Snapshot{Seq: 9, Data: data(9, 100)})
	}
}

func notFound(t *testing.T, h Harness) {
	// Before anything of the partition was made, and after.
	expectError(t, h, part, group(1), snapshots.ErrNotFound)
	expectError(t, h, part, snapshots.Header, snapshots.ErrNotFound)
	put(t, h, group(2), snapshots.Snapshot{Seq: 1})
	expectError(t, h, part, group(1), snapshots.ErrNotFound)
	expectError(t, h, part, snapshots.Header, snapshots.ErrNotFound)
}

func names(t *testing.T, h Harness) {
	for _, name := range []string{"", "a", "*", ">", "header.a", group(1) + ".0", group(1) + " ", group(1)[:15], "group-000000000000000A"} {
		if err := h.Store.Put(t.Context(), part, name, snapshots.Snapshot{}); err == nil {
			t.Errorf("put %q: expected an error", name)
		}
		if _, err := h.Store.Get(t.Context(), part, name); err == nil || errors.Is(err, snapshots.ErrNotFound) {
			t.Errorf("get %q: expected an error about the name, but got %v", name, err)
		}
		if err := h.Store.Delete(t.Context(), part, name); err == nil {
			t.Errorf("delete %q: expected an error", name)
		}
	}
}

func batch(t *testing.T, h Harness) {
	var all []snapshots.Named
	for i := range 1500 { // more than are in flight at a time
		all = append(all, snapshots.Named{Name: group(i), Snapshot: snapshots.Snapshot{Seq: uint64(i), Data: data(uint64(i), 50+i)}}) //nolint:gosec // small
	}
	all = append(all, snapshots.Named{Name: snapshots.Header, Snapshot: snapshots.Snapshot{Seq: 1499, Data: text(1000)}})
	if err := h.Store.PutBatch(t.Context(), part, all); err != nil {
		t.Fatal(err)
	}
	for _, n := range all {
		expect(t, h, n.Name, n.Snapshot)
	}
	if err := h.Store.PutBatch(t.Context(), part, nil); err != nil {
		t.Fatal(err)
	}
	// One bad name refuses the batch before anything is written.
	bad := []snapshots.Named{{Name: group(9999)}, {Name: "bad"}}
	if err := h.Store.PutBatch(t.Context(), part, bad); err == nil {
		t.Error("expected an error about the name")
	}
	expectError(t, h, part, group(9999), snapshots.ErrNotFound)
}

func partitions(t *testing.T, h Harness) {
	put(t, h, snapshots.Header, snapshots.Snapshot{Seq: 1, Data: text(100)})
	if err := h.Store.Put(t.Context(), part+1, snapshots.Header, snapshots.Snapshot{Seq: 2}); err != nil {
		t.Fatal(err)
	}
	expect(t, h, snapshots.Header, snapshots.Snapshot{Seq: 1, Data: text(100)})
	if err := h.Store.Purge(t.Context(), part+1); err != nil {
		t.Fatal(err)
	}
	expect(t, h, snapshots.Header, snapshots.Snapshot{Seq: 1, Data: text(100)})
	// A message of another partition is a mismatch wherever it lies.
	key := h.Keys(part)[0]
	if err := h.Store.Put(t.Context(), part+1, group(1), snapshots.Snapshot{Seq: 2}); err != nil {
		t.Fatal(err)
	}
	h.Write(part+1, key, h.Read(part, key))
	expectError(t, h, part+1, snapshots.Header, snapshots.ErrMismatch)
}

func remove(t *testing.T, h Harness) {
	if err := h.Store.Delete(t.Context(), part, group(1)); err != nil {
		t.Errorf("expected to delete what is not there, but got %v", err)
	}
	for i := range 3 {
		put(t, h, group(i), snapshots.Snapshot{Seq: 1, Data: data(1, 100)})
	}
	put(t, h, group(2), snapshots.Snapshot{Seq: 2, Data: data(1, 3<<20)}) // in chunks
	for range 5 {
		put(t, h, snapshots.Header, snapshots.Snapshot{Seq: 1})
	}
	if err := h.Store.Delete(t.Context(), part, group(0), group(2), snapshots.Header); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{group(0), group(2), snapshots.Header} {
		expectError(t, h, part, name, snapshots.ErrNotFound)
	}
	expect(t, h, group(1), snapshots.Snapshot{Seq: 1, Data: data(1, 100)})
	if keys := h.Keys(part); len(keys) != 1 {
		t.Errorf("expected nothing of the deleted to be left, but got %q", keys)
	}
}

func groups(t *testing.T, h Harness) {
	list := func() []uint64 {
		t.Helper()
		got, err := h.Store.Groups(t.Context(), part)
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(got)
		return got
	}
	if got := list(); len(got) != 0 {
		t.Errorf("expected no group, but got %x", got)
	}
	want := []uint64{1, 2, 3, 1<<64 - 1}
	for _, number := range want {
		put(t, h, snapshots.GroupName(number), snapshots.Snapshot{Seq: 1, Data: data(number, 1000)})
	}
	put(t, h, snapshots.GroupName(3), snapshots.Snapshot{Seq: 2, Data: data(3, 3<<20)}) // in chunks
	put(t, h, snapshots.Header, snapshots.Snapshot{Seq: 1})
	if got := list(); !slices.Equal(got, want) {
		t.Errorf("expected %x, but got %x", want, got)
	}
	if err := h.Store.Delete(t.Context(), part, snapshots.GroupName(2), snapshots.GroupName(3)); err != nil {
		t.Fatal(err)
	}
	if got := list(); !slices.Equal(got, []uint64{1, 1<<64 - 1}) {
		t.Errorf("expected 1 and the last, but got %x", got)
	}
}

func purge(t *testing.T, h Harness) {
	if err := h.Store.Purge(t.Context(), part); err != nil {
		t.Errorf("expected to purge what is empty, but got %v", err)
	}
	put(t, h, group(1), snapshots.Snapshot{Data: data(1, 3<<20)})
	put(t, h, snapshots.Header, snapshots.Snapshot{})
	if err := h.Store.Purge(t.Context(), part); err != nil {
		t.Fatal(err)
	}
	expectError(t, h, part, group(1), snapshots.ErrNotFound)
	expectError(t, h, part, snapshots.Header, snapshots.ErrNotFound)
	if keys := h.Keys(part); len(keys) != 0 {
		t.Errorf("expected nothing to be left, but got %q", keys)
	}
}

func large(t *testing.T, h Harness) {
	for i, n := range []int{1 << 16, 1<<16 + 1, 1 << 19, 1<<19 + 1, 9<<20 + 17} {
		snap := snapshots.Snapshot{Seq: uint64(i), StateVersion: 3, Data: data(uint64(i), n)} //nolint:gosec // small
		put(t, h, snapshots.Header, snap)
		expect(t, h, snapshots.Header, snap)
	}
	snap := snapshots.Snapshot{Seq: 99, Data: text(20 << 20)} // compresses
	put(t, h, snapshots.Header, snap)
	expect(t, h, snapshots.Header, snap)
}

func largeGroup(t *testing.T, h Harness) {
	name := group(1)
	big := snapshots.Snapshot{Seq: 1, Data: data(1, 2<<20)}
	put(t, h, name, big)
	expect(t, h, name, big)
	other := snapshots.Snapshot{Seq: 2, Data: data(2, 2<<20+5)}
	put(t, h, name, other)
	expect(t, h, name, other)
	small := snapshots.Snapshot{Seq: 3, Data: data(3, 10)}
	put(t, h, name, small)
	expect(t, h, name, small)
	put(t, h, name, big)
	expect(t, h, name, big)
	if err := h.Store.Delete(t.Context(), part, name); err != nil {
		t.Fatal(err)
	}
	if keys := h.Keys(part); len(keys) != 0 {
		t.Errorf("expected no chunk to be left, but got %q", keys)
	}
}

// generations writes headers of changing size and damages the newest ones.
func generations(t *testing.T, h Harness) {
	const n = 12
	header := func(i uint64) snapshots.Snapshot {
		size := 100
		if i%2 == 0 {
			size = 1200 << 10
		}
		return snapshots.Snapshot{Seq: i, Data: data(i, size)}
	}
	newest := func(known map[string]bool) (added []string) {
		for _, key := range h.Keys(part) {
			if msg := string(h.Read(part, key)); !known[msg] {
				known[msg] = true
				added = append(added, key)
			}
		}
		return added
	}
	known := map[string]bool{}
	var written [][]string // the keys of each generation
	for i := range uint64(n) {
		put(t, h, snapshots.Header, header(i))
		written = append(written, newest(known))
	}
	// Of twelve generations only the last few take room.
	if max := 2*(1200<<10)/(60<<10) + 10; len(h.Keys(part)) > max {
		t.Errorf("expected at most %d messages of the last generations, but there are %d", max, len(h.Keys(part)))
	}
	flip := func(key string) {
		msg := bytes.Clone(h.Read(part, key))
		msg[len(msg)-1] ^= 1
		h.Write(part, key, msg)
	}
	expect(t, h, snapshots.Header, header(n-1))
	flip(written[n-1][0])
	expect(t, h, snapshots.Header, header(n-2))
	flip(written[n-2][len(written[n-2])/2]) // one of its chunks
	expect(t, h, snapshots.Header, header(n-3))
	for _, key := range written[n-3] {
		flip(key)
	}
	expectError(t, h, part, snapshots.Header, snapshots.ErrMismatch)
	// The next header is the newest again, whatever lies there.
	put(t, h, snapshots.Header, header(n))
	expect(t, h, snapshots.Header, header(n))
}

// halfWritten takes messages of the newest header away, one at a time from the
// last on, as a crash in the middle would.
func halfWritten(t *testing.T, h Harness) {
	first := snapshots.Snapshot{Seq: 1, Data: data(1, 2<<20)}
	put(t, h, snapshots.Header, first)
	before := map[string]bool{}
	for _, key := range h.Keys(part) {
		before[key] = true
	}
	put(t, h, snapshots.Header, snapshots.Snapshot{Seq: 2, Data: data(2, 2<<20)})
	var added []string
	for _, key := range h.Keys(part) {
		if !before[key] {
			added = append(added, key)
		}
	}
	if len(added) < 3 {
		t.Fatalf("expected chunks and a manifest, but got %q", added)
	}
	for _, key := range added {
		msg := h.Read(part, key)
		h.Write(part, key, nil)
		expect(t, h, snapshots.Header, first)
		h.Write(part, key, msg)
	}
	expect(t, h, snapshots.Header, snapshots.Snapshot{Seq: 2, Data: data(2, 2<<20)})
}

// everyByte changes and cuts a stored message at every byte.
func everyByte(t *testing.T, h Harness) {
	name := group(1)
	snap := snapshots.Snapshot{StateVersion: 1, Seq: 2, Data: append(text(300), data(1, 20)...)}
	put(t, h, name, snap)
	msg := bytes.Clone(h.Read(part, name))
	for i := range msg {
		bad := bytes.Clone(msg)
		bad[i] ^= 1 << (i % 8)
		h.Write(part, name, bad)
		expectError(t, h, part, name, snapshots.ErrMismatch)
		if i%7 == 0 {
			h.Write(part, name, msg[:i])
			expectError(t, h, part, name, snapshots.ErrMismatch)
		}
	}
	h.Write(part, name, append(bytes.Clone(msg), 0))
	expectError(t, h, part, name, snapshots.ErrMismatch)
	h.Write(part, name, msg)
	expect(t, h, name, snap)
}

func otherName(t *testing.T, h Harness) {
	put(t, h, group(1), snapshots.Snapshot{Seq: 1})
	put(t, h, group(2), snapshots.Snapshot{Seq: 2})
	h.Write(part, group(2), h.Read(part, group(1)))
	expectError(t, h, part, group(2), snapshots.ErrMismatch)
}

func concurrent(t *testing.T, h Harness) {
	var wg sync.WaitGroup
	fail := make(chan error, 100)
	for w := range 8 {
		wg.Go(func() {
			for i := range 30 {
				name := group(w*100 + i%5)
				snap := snapshots.Snapshot{Seq: uint64(i), Data: data(uint64(w), 200)} //nolint:gosec // small
				if err := h.Store.Put(t.Context(), part, name, snap); err != nil {
					fail <- err
					return
				}
				got, err := h.Store.Get(t.Context(), part, name)
				if err != nil || got.Seq != snap.Seq {
					fail <- fmt.Errorf("expected to read one's own write of sequence %d, but got %d, %w", snap.Seq, got.Seq, err)
					return
				}
				if i%10 == 9 {
					if err := h.Store.Delete(t.Context(), part, name); err != nil {
						fail <- err
						return
					}
				}
			}
		})
	}
	wg.Wait()
	close(fail)
	for err := range fail {
		t.Error(err)
	}
}

func canceled(t *testing.T, h Harness) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := h.Store.Put(ctx, part, group(1), snapshots.Snapshot{}); err == nil {
		t.Error("put: expected an error")
	}
	if _, err := h.Store.Get(ctx, part, group(1)); err == nil || errors.Is(err, snapshots.ErrNotFound) {
		t.Errorf("get: expected an error other than ErrNotFound, which would mean replay, but got %v", err)
	}
}
