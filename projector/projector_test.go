package projector

// The long-lived part: start and stop, faults of the log, verify.

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/weir-bpm/weir/events"
)

func TestStartStop(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 0)
	p := w.projector()
	p.Stop() // before Start
	if err := p.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := p.Start(t.Context()); err == nil {
		t.Error("expected the second start to be refused")
	}
	select {
	case <-p.Started():
	case <-time.After(10 * time.Second):
		t.Fatal("the projector did not begin")
	}
	var stops sync.WaitGroup
	for range 3 {
		stops.Go(p.Stop)
	}
	stops.Wait()
	w.write(0, newGenerator(1, 0).frames(3)...)
	before := p.Positions()[0]
	if before != 0 {
		t.Errorf("expected nothing to be folded after Stop, but position is %d", before)
	}
}

// TestStopStress stops projectors at random times while they work.
func TestStopStress(t *testing.T) {
	t.Parallel()
	seed := newSeed(t)
	rnd := rand.New(rand.NewPCG(seed, 2))
	w := newWorld(t, 0, 1)
	for _, part := range w.parts {
		w.write(part, newGenerator(seed, part).frames(100)...)
	}
	for range 12 {
		p := w.projector()
		if err := p.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(rnd.IntN(15_000)) * time.Microsecond)
		p.Stop()
	}
	p := w.start()
	w.settle(p)
	verifyOK(t, p)
}

// TestTwoProjectors lets two processes project the same logs: each frame is
// folded once.
func TestTwoProjectors(t *testing.T) {
	t.Parallel()
	seed := newSeed(t)
	w := newWorld(t, 0)
	a, b := w.start(), w.start()
	g := newGenerator(seed, 0)
	for range 20 {
		w.write(0, g.frames(5)...)
	}
	w.settle(a)
	verifyOK(t, a)
	a.Stop()
	w.write(0, g.frames(20)...)
	w.settle(b)
	verifyOK(t, b)
}

// TestLogFaults stops with a coded error where the log is not the one that was
// folded.
func TestLogFaults(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	prepare := func(t *testing.T) *world {
		w := newWorld(t, 6)
		w.write(6, newGenerator(5, 6).frames(10)...)
		p := w.start()
		w.settle(p)
		p.Stop()
		return w
	}
	expect := func(t *testing.T, w *world, seq uint64, code Code) {
		t.Helper()
		ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		p := w.start()
		if err := p.WaitFor(ctx, 6, seq); !errors.Is(err, &Error{Code: code}) {
			t.Errorf("expected %s, but got %v", code, err)
		}
	}
	t.Run("deleted", func(t *testing.T) {
		t.Parallel()
		w := prepare(t)
		if err := shared.js.DeleteStream(ctx, StreamOf(w.names, 6)); err != nil {
			t.Fatal(err)
		}
		expect(t, w, 11, CodeLogBackwards)
	})
	t.Run("made anew", func(t *testing.T) {
		t.Parallel()
		w := prepare(t)
		if err := shared.js.DeleteStream(ctx, StreamOf(w.names, 6)); err != nil {
			t.Fatal(err)
		}
		w.createLog(6)
		delete(w.last, 6)
		w.write(6, newGenerator(6, 6).frames(20)...)
		expect(t, w, 30, CodeLogBackwards)
	})
	t.Run("cut short", func(t *testing.T) {
		t.Parallel()
		w := prepare(t)
		if _, err := shared.pool.Exec(ctx, "UPDATE "+w.schema+".checkpoints SET seq = 99 WHERE partition = 6"); err != nil {
			t.Fatal(err)
		}
		expect(t, w, 100, CodeLogBackwards)
	})
	t.Run("trimmed", func(t *testing.T) {
		t.Parallel()
		w := prepare(t)
		w.write(6, newGenerator(7, 6).frames(10)...)
		s, err := shared.js.Stream(ctx, StreamOf(w.names, 6))
		if err != nil {
			t.Fatal(err)
		}
		for seq := uint64(1); seq <= 12; seq++ {
			if err := s.DeleteMsg(ctx, seq); err != nil {
				t.Fatal(err)
			}
		}
		expect(t, w, 20, CodeLogTrimmed)
	})
	t.Run("chain broken", func(t *testing.T) {
		t.Parallel()
		w := prepare(t)
		w.last[6] = events.Hash{1}
		w.write(6, newGenerator(8, 6).frames(1)...)
		expect(t, w, 11, CodeLogCorrupt)
	})
	t.Run("hole", func(t *testing.T) {
		t.Parallel()
		w := prepare(t)
		w.write(6, newGenerator(9, 6).frames(9)...)
		s, err := shared.js.Stream(ctx, StreamOf(w.names, 6))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.DeleteMsg(ctx, 15); err != nil {
			t.Fatal(err)
		}
		expect(t, w, 15, CodeLogCorrupt)
		if _, err := w.projector().Verify(ctx); err != nil {
			t.Errorf("expected the log up to the checkpoint to be whole, but got %v", err)
		}
		if _, err := w.projector().Rebuild(ctx); !errors.Is(err, &Error{Code: CodeLogCorrupt}) {
			t.Errorf("expected a rebuild to be refused with %s, but got %v", CodeLogCorrupt, err)
		}
	})
	t.Run("no frame", func(t *testing.T) {
		t.Parallel()
		w := prepare(t)
		if _, err := shared.js.Publish(ctx, w.subject(6), []byte("hello")); err != nil {
			t.Fatal(err)
		}
		expect(t, w, 11, CodeLogCorrupt)
	})
	t.Run("newer", func(t *testing.T) {
		t.Parallel()
		w := prepare(t)
		if _, err := shared.js.Publish(ctx, w.subject(6), []byte{'W', 'F', 0x98, 99, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0}); err != nil {
			t.Fatal(err)
		}
		expect(t, w, 11, CodeNewer)
	})
}

// TestWaitsForLog begins before the log exists.
func TestWaitsForLog(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 0)
	w.parts = append(w.parts, 1)
	p := w.start()
	<-p.Started()
	w.createLog(1)
	t.Cleanup(func() { _ = shared.js.DeleteStream(context.Background(), StreamOf(w.names, 1)) })
	w.write(1, newGenerator(1, 1).frames(3)...)
	w.settle(p)
}

// TestPostgresAway begins while nothing listens, and goes on when Postgres has
// dropped every connection.
func TestPostgresAway(t *testing.T) {
	t.Parallel()
	seed := newSeed(t)
	w := newWorld(t, 0)
	cfg := w.config()
	away, err := pgxpool.New(t.Context(), "postgres://nobody@127.0.0.1:1/none?connect_timeout=1")
	if err != nil {
		t.Fatal(err)
	}
	defer away.Close()
	cfg.Pool = away
	p, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(p.Failures()) > 0 {
		t.Errorf("expected it to wait, but got %v", p.Failures())
	}
	p.Stop()

	own, err := pgxpool.New(t.Context(), shared.url)
	if err != nil {
		t.Fatal(err)
	}
	defer own.Close()
	if _, err := own.Exec(t.Context(), "SELECT 1"); err != nil {
		t.Fatal(err)
	}
	cfg.Pool = own
	if p, err = New(cfg); err != nil {
		t.Fatal(err)
	}
	if err := p.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer p.Stop()
	g := newGenerator(seed, 0)
	for range 5 {
		w.write(0, g.frames(10)...)
		_, err := shared.pool.Exec(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
			WHERE pid <> pg_backend_pid() AND query LIKE '%"' || $1 || '"%'`, w.schema)
		if err != nil {
			t.Fatal(err)
		}
	}
	w.settle(p)
	verifyOK(t, p)
}

// TestVerifyFinds tampers with every table; verify names the row.
func TestVerifyFinds(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 0)
	seed := newSeed(t)
	w.write(0, newGenerator(seed, 0).frames(150)...)
	w.write(Definitions, newGenerator(seed, Definitions).deployments(4)...)
	p := w.start()
	w.settle(p)
	p.Stop()
	verifyOK(t, p)
	changes := map[string]string{
		"instances":             "business_key = 'tampered'",
		"element_instances":     "element_id = 'tampered'",
		"variables":             `value = '"tampered"'`,
		"jobs":                  "retries = retries + 1",
		"user_tasks":            "assignee = 'tampered'",
		"incidents":             "message = 'tampered'",
		"timers":                "created_at = created_at + interval '1 ms'",
		"message_subscriptions": "received = received + 1",
		"messages":              "deliveries = 99",
		"start_timers":          "spec = 'tampered'",
		"decision_evaluations":  `result = '"tampered"'`,
		"decisions":             "requirements = 'tampered'",
		"deployments":           "name = 'tampered'",
		"resources":             "digest = 'tampered'",
		"definitions":           "version_tag = 'tampered'",
		"transitions":           `payload = '\x00'`,
	}
	for _, table := range append(append(mapKeys(instanceTables()), mapKeys(otherTables())...), "transitions") {
		find := func(what, sql string) {
			t.Helper()
			tx, err := shared.pool.Begin(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = tx.Rollback(t.Context()) }()
			tag, err := tx.Exec(t.Context(), sql)
			if err != nil || tag.RowsAffected() != 1 {
				t.Fatalf("%s: %v %v", sql, tag, err)
			}
			v := &verifier{p: p, tx: tx, report: &Report{Tables: map[string]int64{}}, expected: map[string]int64{}, seen: map[string]bool{}}
			if err := v.run(t.Context()); err != nil {
				t.Fatal(err)
			}
			if v.report.OK() || v.report.Differences[0].Table != table || v.report.Total > 2 {
				t.Errorf("%s in %s: expected one difference there, but got %+v", what, table, v.report.Differences)
			}
		}
		live := w.schema + "." + table
		first := "ctid = (SELECT ctid FROM " + live + " LIMIT 1)"
		if table == "transitions" {
			first = "(seq, idx) = (SELECT seq, idx FROM " + live + " WHERE partition = 0 LIMIT 1) AND partition = 0"
		}
		find("a changed row", "UPDATE "+live+" SET "+changes[table]+" WHERE "+first)
		find("a missing row", "DELETE FROM "+live+" WHERE "+first)
	}
	// A row that no event made.
	find := "INSERT INTO " + w.schema + ".jobs (" + strings.Join(jobColumns(), ", ") + ") SELECT 'ZZ' AS instance_id, " + strings.Join(jobColumns()[1:], ", ") + " FROM " + w.schema + ".jobs LIMIT 1"
	if _, err := shared.pool.Exec(t.Context(), find); err != nil {
		t.Fatal(err)
	}
	report, err := p.Verify(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if report.Total != 1 || report.Differences[0].Table != "jobs" || !strings.HasPrefix(report.Differences[0].ID, "ZZ/") || string(report.Differences[0].Expected) != "null" {
		t.Errorf("expected the foreign job, but got %+v", report.Differences)
	}
}

// TestStatus tells the lag.
func TestStatus(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 0)
	w.write(0, newGenerator(3, 0).frames(7)...)
	p := w.start()
	w.settle(p)
	p.Stop()
	w.write(0, newGenerator(4, 0).frames(5)...)
	got, err := p.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 || got[1].Seq != 7 || got[1].LogSeq != 12 || got[1].Behind != 5 || got[1].Events == 0 || got[1].LoggedAt.IsZero() {
		t.Errorf("expected partition 0 to be 5 frames behind, but got %+v", got)
	}
}
