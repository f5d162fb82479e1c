package projector

// Folding: equal rows whatever the batches, the crashes and the repetitions.

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/streams"
)

// newSeed returns a seed that is printed when the test fails.
func newSeed(t *testing.T) uint64 {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	return seed
}

// TestRandomHistories projects random histories over two partitions and compares
// every row with the naive model.
func TestRandomHistories(t *testing.T) {
	t.Parallel()
	for i := range 4 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			seed := newSeed(t)
			w := newWorld(t, 0, 5)
			for _, part := range w.parts {
				w.write(part, newGenerator(seed, part).frames(120)...)
			}
			w.write(Definitions, newGenerator(seed, Definitions).deployments(10)...)
			p := w.start()
			w.settle(p)
			report := verifyOK(t, p)
			for table, n := range report.Tables {
				if n == 0 {
					t.Errorf("expected rows in %s, but there are none", table)
				}
			}
		})
	}
}

// entries reads a whole log.
func (w *world) entries(part ids.Partition) []streams.Entry {
	w.t.Helper()
	r := streams.ReadFrames(shared.js, StreamOf(w.names, part), 1)
	defer r.Close()
	var out []streams.Entry
	for uint64(len(out)) < w.seq[part] {
		more, err := r.Next(w.t.Context(), 256, time.Second)
		if err != nil {
			w.t.Fatal(err)
		}
		out = append(out, more...)
	}
	return out
}

// reset empties the schema.
func (w *world) reset() {
	w.t.Helper()
	if err := dropSchema(w.t.Context(), shared.pool, w.schema); err != nil {
		w.t.Fatal(err)
	}
}

// commitAll folds the entries in batches of the sizes that next gives.
func commitAll(t *testing.T, f *follower, entries []streams.Entry, next func() int) {
	t.Helper()
	at, err := loadCheckpoint(t.Context(), f.pool, f.schema, f.partition)
	if err != nil {
		t.Fatal(err)
	}
	f.at = at
	for len(entries) > 0 {
		n := min(next(), len(entries))
		if err := f.commit(t.Context(), entries[:n]); err != nil {
			t.Fatal(err)
		}
		entries = entries[n:]
	}
}

// TestBatchSizes folds one history frame by frame, at once and in random
// batches, with new rows taken for granted and with care.
func TestBatchSizes(t *testing.T) {
	t.Parallel()
	seed := newSeed(t)
	rnd := rand.New(rand.NewPCG(seed, 1))
	w := newWorld(t, 3)
	w.write(3, newGenerator(seed, 3).frames(100)...)
	entries := w.entries(3)
	sizes := []struct {
		name string
		next func() int
	}{
		{"one by one", func() int { return 1 }},
		{"at once", func() int { return len(entries) }},
		{"random", func() int { return 1 + rnd.IntN(20) }},
	}
	var want map[string][]string
	for _, s := range sizes {
		w.reset()
		commitAll(t, w.follower(3), entries, s.next)
		got := w.dump(w.schema)
		if want == nil {
			want = got
		}
		sameDump(t, s.name, want, got)
	}
	w.reset()
	f := w.follower(3)
	at, err := loadCheckpoint(t.Context(), f.pool, f.schema, f.partition)
	if err != nil {
		t.Fatal(err)
	}
	for f.at = at; len(entries) > 0; {
		n := min(1+rnd.IntN(20), len(entries))
		if err := f.days.ensure(t.Context(), entries[:n]); err != nil {
			t.Fatal(err)
		}
		if err := f.commitOnce(t.Context(), entries[:n], true); err != nil {
			t.Fatal(err)
		}
		entries = entries[n:]
	}
	got := w.dump(w.schema)
	for _, d := range []map[string][]string{want, got} {
		delete(d, "checkpoints") // follow sets the log's identity, not commit
	}
	sameDump(t, "with care", want, got)
}

// TestRedelivery sets the checkpoint back to random places; what is folded a
// second time changes nothing.
func TestRedelivery(t *testing.T) {
	t.Parallel()
	seed := newSeed(t)
	rnd := rand.New(rand.NewPCG(seed, 1))
	w := newWorld(t, 7)
	w.write(7, newGenerator(seed, 7).frames(100)...)
	entries := w.entries(7)
	f := w.follower(7)
	commitAll(t, f, entries, func() int { return 1 + rnd.IntN(30) })
	want := w.dump(w.schema)
	delete(want, "checkpoints") // its count of events grows
	for range 6 {
		back := rnd.IntN(len(entries))
		hash := events.Hash{}
		if back > 0 {
			hash = entries[back-1].Hash
		}
		if _, err := shared.pool.Exec(t.Context(), "UPDATE "+w.schema+".checkpoints SET seq = $1, hash = $2 WHERE partition = 7", back, hash[:]); err != nil {
			t.Fatal(err)
		}
		commitAll(t, f, entries[back:], func() int { return 1 + rnd.IntN(30) })
		got := w.dump(w.schema)
		delete(got, "checkpoints")
		sameDump(t, fmt.Sprintf("again from %d", back), want, got)
	}
}

// TestCrash ends transactions at random points: before the commit, by a lost
// connection, by a killed backend, and stops the projector in the middle. The
// rows at the end are those of a quiet run.
func TestCrash(t *testing.T) {
	t.Parallel()
	seed := newSeed(t)
	rnd := rand.New(rand.NewPCG(seed, 1))
	w := newWorld(t, 9)
	w.write(9, newGenerator(seed, 9).frames(80)...)
	f := w.follower(9)
	crashes := 0
	f.beforeCommit = func(ctx context.Context, tx pgx.Tx) error {
		switch rnd.IntN(4) {
		case 0:
			crashes++
			return errors.New("a crash before the commit")
		case 1:
			crashes++
			_ = tx.Conn().Close(ctx)
		case 2:
			crashes++
			_, err := tx.Exec(ctx, "SELECT pg_terminate_backend(pg_backend_pid())")
			return err
		}
		return nil
	}
	last := w.seq[9]
	for f.at.seq < last {
		// Small bounds, so that a run makes many batches.
		upTo := min(f.at.seq+1+rnd.Uint64N(15), last)
		ctx, cancel := context.WithCancel(t.Context())
		if rnd.IntN(5) == 0 {
			time.AfterFunc(time.Duration(rnd.IntN(3000))*time.Microsecond, cancel)
		}
		err := f.follow(ctx, upTo)
		cancel()
		if permanent(err) {
			t.Fatal(err)
		}
	}
	if crashes == 0 {
		t.Fatal("expected crashes, but there were none")
	}
	verifyOK(t, w.projector())
}

// TestRestartedID lets an id start again after its instance ended, which the
// engine forgets in time. The new instance replaces the rows of the old one.
func TestRestartedID(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2)
	id := ids.At(2, time.Now(), rand.New(rand.NewPCG(1, 1)))
	life := func(key string) []events.Transition {
		return []events.Transition{{
			Command: "01K0000000000000000000000A", Instance: id, TimeMS: 1_790_000_000_000,
			Events: []events.Event{
				&events.InstanceStarted{Tenant: "default", BusinessKey: key, Root: id},
				&events.ElementActivated{Key: 2, Scope: 1, ElementID: key},
				&events.ElementCompleted{Key: 2},
				&events.InstanceCompleted{},
			},
		}}
	}
	p := w.start()
	w.write(2, life("first"))
	w.settle(p)
	w.write(2, life("second"))
	w.settle(p)
	verifyOK(t, p)
	q, err := NewQueries(shared.pool, w.schema)
	if err != nil {
		t.Fatal(err)
	}
	got, err := q.Instance(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if got.BusinessKey != "second" || got.Events != 4 || len(got.Elements) != 1 || got.Elements[0].ElementID != "second" {
		t.Errorf("expected the second life, but got %+v", got)
	}
}

// TestKinds walks all kinds: each is read by a handler, or listed with the
// reason why not, and never both.
func TestKinds(t *testing.T) {
	t.Parallel()
	read := map[events.Kind]bool{}
	for _, h := range append(handlers(), newInstances()) {
		for _, k := range h.kinds() {
			if events.New(k) == nil {
				t.Errorf("%s reads %s, which is no kind", h.table(), k)
			}
			read[k] = true
		}
	}
	for _, k := range events.Kinds() {
		reason, none := unread()[k]
		switch {
		case none && reason == "":
			t.Errorf("%s is unread without a reason", k)
		case none && read[k]:
			t.Errorf("%s is read, but listed as unread", k)
		case !none && !read[k]:
			t.Errorf("%s is neither read by a table nor listed in unread", k)
		}
	}
	for k := range unread() {
		if events.New(k) == nil {
			t.Errorf("%s is listed as unread, but is no kind", k)
		}
	}
}

// TestMissingRow stops at an event whose row is not there, and says which.
func TestMissingRow(t *testing.T) {
	t.Parallel()
	id := ids.At(4, time.Now(), rand.New(rand.NewPCG(1, 1)))
	for name, ts := range map[string][]events.Transition{
		"no instance": {{Instance: id, Events: []events.Event{&events.ElementActivated{Key: 2}}}},
		"no job":      {{Instance: id, Events: []events.Event{&events.InstanceStarted{}, &events.JobCompleted{Key: 3}}}},
		"names none":  {{Events: []events.Event{&events.JobCompleted{Key: 3}}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 4)
			w.write(4, ts)
			p := w.start()
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			err := p.WaitFor(ctx, 4, 1)
			if !errors.Is(err, &Error{Code: CodeInconsistent}) {
				t.Errorf("expected %s, but got %v", CodeInconsistent, err)
			}
			if got := p.Failures()[4]; !errors.Is(got, &Error{Code: CodeInconsistent}) {
				t.Errorf("expected the failure to be kept, but got %v", got)
			}
			// The others go on.
			w.write(Definitions, newGenerator(1, Definitions).deployments(1)...)
			if err := p.WaitFor(ctx, Definitions, 1); err != nil {
				t.Error(err)
			}
		})
	}
}
