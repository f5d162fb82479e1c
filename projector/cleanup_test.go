package projector

// Cleanup: what is due goes with all that belongs to it and nothing else does,
// verify knows what was removed and what was lost, and a rebuild removes it again.

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/ids"
)

// cleaned is a world whose clock the test sets.
type cleaned struct {
	*world
	mu  sync.Mutex
	now time.Time
}

func newCleaned(t testing.TB, parts ...ids.Partition) *cleaned {
	return &cleaned{world: newWorld(t, parts...), now: time.UnixMilli(lifeBegan)}
}

const lifeBegan = 1_790_000_000_000

func (c *cleaned) at(ms int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = time.UnixMilli(lifeBegan + ms)
}

func (c *cleaned) clock() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// start starts a projector with the clock.
func (c *cleaned) start(every time.Duration) *Projector {
	c.t.Helper()
	cfg := c.config()
	cfg.Now, cfg.CleanupInterval = c.clock, every
	p, err := New(cfg)
	if err != nil {
		c.t.Fatal(err)
	}
	if err := p.Start(context.Background()); err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(p.Stop)
	select {
	case <-p.Started():
	case <-time.After(30 * time.Second):
		c.t.Fatal("the projector did not start")
	}
	return p
}

// life is an instance that did a job and ended, to be removed so many
// milliseconds after the beginning; 0 is never.
func life(id, root, parent ids.Instance, process string, removeAt int64) events.Transition {
	if removeAt > 0 {
		removeAt += lifeBegan
	}
	return events.Transition{Command: "01K0000000000000000000000A", Instance: id, TimeMS: lifeBegan, Events: []events.Event{
		&events.InstanceStarted{Tenant: "default", Definition: events.DefinitionRef{ProcessID: process, Version: 1}, Root: root, Parent: parent},
		&events.VariablesSet{Scope: 1, Values: map[string]any{"a": int64(1)}},
		&events.ElementActivated{Key: 2, Scope: 1, ElementID: "work"},
		&events.JobCreated{Key: 3, Element: 2, Type: "w"},
		&events.JobCompleted{Key: 3},
		&events.ElementCompleted{Key: 2},
		&events.InstanceCompleted{RemoveAtMS: removeAt},
	}}
}

func (c *cleaned) clean(p *Projector, o CleanupOptions) *CleanupReport {
	c.t.Helper()
	r, err := p.Cleanup(c.t.Context(), o)
	if err != nil {
		c.t.Fatal(err)
	}
	return r
}

func (c *cleaned) count(table string) (n int64) {
	c.t.Helper()
	if err := shared.pool.QueryRow(c.t.Context(), "SELECT count(*) FROM "+qualify(c.schema, table)).Scan(&n); err != nil {
		c.t.Fatal(err)
	}
	return n
}

func (c *cleaned) exec(sql string, args ...any) {
	c.t.Helper()
	if _, err := shared.pool.Exec(c.t.Context(), strings.ReplaceAll(sql, "@", c.schema+"."), args...); err != nil {
		c.t.Fatal(err)
	}
}

func newIDs(part ids.Partition, seed uint64) func() ids.Instance {
	rnd := rand.New(rand.NewPCG(seed, 9))
	return func() ids.Instance { return ids.At(part, time.UnixMilli(lifeBegan), rnd) }
}

// TestCleanup removes trees when they are due, not before, and not while one of
// their instances is active.
func TestCleanup(t *testing.T) {
	t.Parallel()
	c := newCleaned(t, 4)
	next := newIDs(4, 1)
	early, late, ever, tree, child, grandchild, held, active := next(), next(), next(), next(), next(), next(), next(), next()
	still := life(active, held, held, "called", 0)
	still.Events = still.Events[:4]
	c.write(4,
		[]events.Transition{life(early, early, "", "p", 10), life(late, late, "", "q", 50), life(ever, ever, "", "p", 0)},
		[]events.Transition{life(grandchild, tree, child, "called", 0), life(child, tree, tree, "called", 0), life(tree, tree, "", "p", 20)},
		[]events.Transition{still, life(held, held, "", "p", 5)},
	)
	p := c.start(0)
	c.settle(p)
	if r := c.clean(p, CleanupOptions{}); r.Roots != 0 {
		t.Errorf("expected nothing to be due, but %d are gone", r.Roots)
	}
	c.at(20)
	dry := c.clean(p, CleanupOptions{DryRun: true})
	if dry.Roots != 2 || dry.Instances != 4 || dry.Rows["jobs"] != 4 || c.count("instances") != 8 {
		t.Errorf("expected 2 trees of 4 instances to be due and none to be gone, but got %+v and %d instances", dry, c.count("instances"))
	}
	if r := c.clean(p, CleanupOptions{ProcessID: "q"}); r.Roots != 0 {
		t.Errorf("expected nothing of q to be due, but got %+v", r)
	}
	if _, err := p.Cleanup(t.Context(), CleanupOptions{Before: c.clock().Add(time.Second)}); !errors.Is(err, &Error{Code: CodeInvalid}) {
		t.Errorf("expected a time in the future to be refused, but got %v", err)
	}
	if r := c.clean(p, CleanupOptions{Before: time.UnixMilli(lifeBegan + 15)}); r.Roots != 1 || len(r.Processes) != 1 || r.Processes[0].ProcessID != "p" {
		t.Errorf("expected the first instance to go, but got %+v", r)
	}
	verifyOK(t, p)
	if r := c.clean(p, CleanupOptions{}); r.Roots != 1 || r.Instances != 3 {
		t.Errorf("expected a tree of 3 to go, but got %+v", r)
	}
	if n := c.count("instances"); n != 4 { // late, ever, held and what it called
		t.Errorf("expected 4 instances to be left, but there are %d", n)
	}
	verifyOK(t, p)
	q := c.queries()
	if _, err := q.Instance(t.Context(), tree); !errors.Is(err, &Error{Code: CodeNotFound}) {
		t.Errorf("expected the instance to be gone, but got %v", err)
	}
	if h, err := q.History(t.Context(), tree, 0, 0); err != nil || len(h) != 7 {
		t.Errorf("expected the archive to have its 7 events, but got %d (%v)", len(h), err)
	}
	if h, err := q.History(t.Context(), tree, 7, 0); err != nil || len(h) != 0 {
		t.Errorf("expected no more events, but got %d (%v)", len(h), err)
	}

	// The instance that was still active ends.
	end := life(active, held, held, "called", 0)
	end.Events = end.Events[4:]
	c.write(4, []events.Transition{end})
	c.settle(p)
	if r := c.clean(p, CleanupOptions{}); r.Instances != 2 {
		t.Errorf("expected 2 instances to go, but got %+v", r)
	}
	verifyOK(t, p)
	before := c.dump(c.schema)
	if _, err := p.Rebuild(t.Context()); err != nil {
		t.Fatal(err)
	}
	sameDump(t, "rebuilt", before, c.dump(c.schema))
	verifyOK(t, p)
}

// TestCleanupBatches removes more than fits into a transaction, with a tree that
// is larger than a batch.
func TestCleanupBatches(t *testing.T) {
	t.Parallel()
	c := newCleaned(t, 0)
	next := newIDs(0, 2)
	big := next()
	var frame []events.Transition
	for range cleanupBatch + 50 {
		frame = append(frame, life(next(), big, big, "called", 0))
	}
	frame = append(frame, life(big, big, "", "p", 1))
	for i := range 2*cleanupBatch + 7 {
		id := next()
		frame = append(frame, life(id, id, "", fmt.Sprintf("p%d", i%3), 1+int64(i)))
	}
	c.write(0, frame)
	p := c.start(0)
	c.settle(p)
	c.at(1_000_000)
	if r := c.clean(p, CleanupOptions{}); r.Roots != 2*cleanupBatch+8 || r.Instances != 3*cleanupBatch+58 || len(r.Processes) != 4 {
		t.Errorf("expected all to go, but got %+v", r)
	}
	for table := range instanceTables() {
		if n := c.count(table); n != 0 {
			t.Errorf("expected no rows in %s, but there are %d", table, n)
		}
	}
	verifyOK(t, p)
}

// TestCleanupByItself is the projector that removes what is due.
func TestCleanupByItself(t *testing.T) {
	t.Parallel()
	c := newCleaned(t, 0)
	id := newIDs(0, 3)()
	c.write(0, []events.Transition{life(id, id, "", "p", 10)})
	p := c.start(time.Millisecond)
	c.settle(p)
	if n := c.count("instances"); n != 1 {
		t.Fatalf("expected the instance to be there until it is due, but there are %d", n)
	}
	c.at(10)
	deadline := time.Now().Add(30 * time.Second)
	for c.count("instances") != 0 {
		if time.Now().After(deadline) {
			t.Fatal("expected the instance to go, but it stays")
		}
		time.Sleep(5 * time.Millisecond)
	}
	verifyOK(t, p)
}

// TestVerifyFindsLoss tells rows that were removed as due from rows that are
// missing.
func TestVerifyFindsLoss(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]string{
		"an instance that is not due":      "DELETE FROM @instances WHERE id = $1; ",
		"its job":                          "DELETE FROM @jobs WHERE instance_id = $1",
		"a due one that was not removed":   "DUE",
		"a row of a removed one is back":   "INSERT INTO @variables (instance_id, scope, name, value, updated_at, position) VALUES ($1, 1, 'a', '1', now(), 1)",
		"nothing was said to be removed":   "DELETE FROM @history_removals WHERE $1 <> ''",
		"another was said to be removed":   "UPDATE @history_removals SET id_sum = id_sum + 1 WHERE $1 <> ''",
		"a called one is left of its tree": "CALLED",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCleaned(t, 0)
			next := newIDs(0, 4)
			gone, due, kept, tree, called := next(), next(), next(), next(), next()
			c.write(0, []events.Transition{
				life(gone, gone, "", "p", 10), life(due, due, "", "p", 10), life(kept, kept, "", "p", 1000),
				life(called, tree, tree, "called", 0), life(tree, tree, "", "q", 10),
			})
			p := c.start(0)
			c.settle(p)
			c.at(100)
			// One that is due is left, as when a cleanup stops.
			c.exec("UPDATE @instances SET remove_at = NULL WHERE id = $1", string(due))
			var row string
			if err := shared.pool.QueryRow(t.Context(), "SELECT row_to_json(i)::text FROM "+qualify(c.schema, "instances")+" i WHERE id = $1", string(called)).Scan(&row); err != nil {
				t.Fatal(err)
			}
			if r := c.clean(p, CleanupOptions{}); r.Roots != 2 {
				t.Fatalf("expected 2 trees to go, but got %+v", r)
			}
			c.exec("UPDATE @instances SET remove_at = $2 WHERE id = $1", string(due), time.UnixMilli(lifeBegan+10))
			verifyOK(t, p)
			switch {
			case lose == "DUE":
				for table := range instanceTables() {
					column := "instance_id"
					if table == "instances" {
						column = "id"
					}
					c.exec("DELETE FROM @"+table+" WHERE "+column+" = $1", string(due))
				}
			case lose == "CALLED":
				c.exec("INSERT INTO @instances SELECT * FROM json_populate_record(NULL::@instances, $1::json)", row)
			case strings.HasPrefix(lose, "INSERT"):
				c.exec(lose, string(gone))
			default:
				c.exec(strings.TrimSuffix(lose, "; "), string(kept))
			}
			report, err := p.Verify(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if report.OK() {
				t.Error("expected verify to find it, but all is well")
			}
			if _, err := p.Rebuild(t.Context()); err != nil {
				t.Fatal(err)
			}
			verifyOK(t, p)
		})
	}
}

// TestCleanupRestartedID lets the id of a removed instance start again.
func TestCleanupRestartedID(t *testing.T) {
	t.Parallel()
	c := newCleaned(t, 0)
	id := newIDs(0, 5)()
	p := c.start(0)
	c.write(0, []events.Transition{life(id, id, "", "p", 10)})
	c.settle(p)
	c.at(10)
	c.clean(p, CleanupOptions{})
	second := life(id, id, "", "p", 20)
	second.Events = append(second.Events[:1:1], second.Events[6:]...) // fewer rows than the first
	c.write(0, []events.Transition{second})
	c.settle(p)
	verifyOK(t, p)
	c.at(20)
	if r := c.clean(p, CleanupOptions{}); r.Roots != 1 {
		t.Errorf("expected the second life to go, but got %+v", r)
	}
	verifyOK(t, p)
}

// TestCleanupAnytime cleans up random histories at random times, beside the fold,
// and rebuilds: the rows are those of a projector that folded all first and cleaned
// up once.
func TestCleanupAnytime(t *testing.T) {
	t.Parallel()
	for i := range 3 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			seed := newSeed(t)
			rnd := rand.New(rand.NewPCG(seed, 7))
			c := newCleaned(t, 0, 5)
			p := c.start(0)
			gens := map[ids.Partition]*generator{}
			for _, part := range c.parts {
				gens[part] = newGenerator(seed, part)
			}
			removed := int64(0)
			for range 12 {
				for _, part := range c.parts {
					c.write(part, gens[part].frames(1+rnd.IntN(15))...)
					c.at(max(c.clock().UnixMilli(), gens[part].nowMS) - lifeBegan)
				}
				if rnd.IntN(3) > 0 {
					removed += c.clean(p, CleanupOptions{}).Roots
				}
				switch rnd.IntN(6) {
				case 0:
					if _, err := p.Rebuild(t.Context()); err != nil {
						t.Fatal(err)
					}
				case 1:
					verifyOK(t, p)
				}
			}
			c.settle(p)
			c.at(c.clock().UnixMilli() - lifeBegan + int64(rnd.IntN(60_000)))
			removed += c.clean(p, CleanupOptions{}).Roots
			if removed == 0 {
				t.Error("expected instances to be removed, but there were none")
			}
			verifyOK(t, p)
			want := c.dump(c.schema)
			if _, err := p.Rebuild(t.Context()); err != nil {
				t.Fatal(err)
			}
			sameDump(t, "rebuilt", want, c.dump(c.schema))
			verifyOK(t, p)

			p.Stop()
			c.reset()
			p = c.start(0)
			c.settle(p)
			c.clean(p, CleanupOptions{})
			sameDump(t, "cleaned up once", want, c.dump(c.schema))
			verifyOK(t, p)
		})
	}
}
