package projector

// Rebuilds: beside a live projector, interrupted, with few connections, and as
// the way out of a lost log.

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/weir-bpm/weir/ids"
)

// TestRebuild rebuilds while frames keep coming; the rows equal those before,
// and the projector goes on on the new tables.
func TestRebuild(t *testing.T) {
	t.Parallel()
	seed := newSeed(t)
	w := newWorld(t, 0, 1)
	gens := map[ids.Partition]*generator{0: newGenerator(seed, 0), 1: newGenerator(seed, 1)}
	for part, g := range gens {
		w.write(part, g.frames(80)...)
	}
	w.write(Definitions, newGenerator(seed, Definitions).deployments(5)...)
	p := w.start()
	w.settle(p)
	before := w.dump(w.schema)
	if _, err := p.Rebuild(t.Context()); err != nil {
		t.Fatal(err)
	}
	after := w.dump(w.schema)
	sameDump(t, "rebuilt", before, after)

	// Now with the log growing meanwhile.
	stop := make(chan struct{})
	var writer sync.WaitGroup
	writer.Go(func() {
		for range 200 {
			select {
			case <-stop:
				return
			default:
				for _, part := range w.parts {
					w.write(part, gens[part].frames(1)...)
				}
				time.Sleep(2 * time.Millisecond)
			}
		}
	})
	for range 2 {
		var second sync.WaitGroup
		second.Go(func() {
			if _, err := w.projector().Rebuild(t.Context()); err != nil && !errors.Is(err, &Error{Code: CodeBusy}) {
				t.Error(err)
			}
		})
		report, err := p.Rebuild(t.Context())
		second.Wait()
		if errors.Is(err, &Error{Code: CodeBusy}) {
			continue // the second was first
		}
		if err != nil {
			t.Fatal(err)
		}
		if report.Events == 0 {
			t.Error("expected the rebuild to fold events, but it folded none")
		}
	}
	close(stop)
	writer.Wait()
	w.settle(p)
	verifyOK(t, p)
	var left int
	err := shared.pool.QueryRow(t.Context(), "SELECT count(*) FROM pg_namespace WHERE nspname LIKE $1 || '\\_%'", w.schema).Scan(&left)
	if err != nil || left != 0 {
		t.Errorf("expected no side schema to be left, but there are %d (%v)", left, err)
	}
}

// TestRebuildSmallPool swaps while the live projector has few connections, all of
// them waiting for the swap.
func TestRebuildSmallPool(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 0, 1, 2)
	cfg := w.config()
	small := shared.pool.Config()
	small.MaxConns = 2
	pool, err := pgxpool.NewWithConfig(t.Context(), small)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	cfg.Pool = pool
	p, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer p.Stop()
	seed := newSeed(t)
	stop := make(chan struct{})
	var writer sync.WaitGroup
	writer.Go(func() {
		gens := []*generator{newGenerator(seed, 0), newGenerator(seed, 1), newGenerator(seed, 2)}
		for range 100 {
			select {
			case <-stop:
				return
			default:
				for i, g := range gens {
					w.write(ids.Partition(i), g.frames(1)...)
				}
			}
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	for range 2 {
		if _, err := p.Rebuild(ctx); err != nil {
			t.Error(err)
		}
	}
	close(stop)
	writer.Wait()
	w.settle(p)
	verifyOK(t, p)
}

// TestRebuildMends throws rows away and gets them back, after an interrupted
// rebuild at that.
func TestRebuildMends(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 0)
	w.write(0, newGenerator(newSeed(t), 0).frames(60)...)
	p := w.start()
	w.settle(p)
	want := w.dump(w.schema)
	if _, err := shared.pool.Exec(t.Context(), "DELETE FROM "+w.schema+".jobs; UPDATE "+w.schema+".variables SET value = '1'; CREATE SCHEMA "+w.schema+"_rebuild"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Rebuild(ctx); err == nil {
		t.Error("expected the canceled rebuild to fail")
	}
	if _, err := p.Rebuild(t.Context()); err != nil {
		t.Fatal(err)
	}
	sameDump(t, "mended", want, w.dump(w.schema))
}

// TestRebuildAfterLoss is the way out after the log was replaced: the partition
// stops, and goes on when the projections were rebuilt.
func TestRebuildAfterLoss(t *testing.T) {
	t.Parallel()
	seed := newSeed(t)
	w := newWorld(t, 0)
	w.write(0, newGenerator(seed, 0).frames(30)...)
	p := w.start()
	w.settle(p)
	p.Stop()
	if err := shared.js.DeleteStream(t.Context(), StreamOf(w.names, 0)); err != nil {
		t.Fatal(err)
	}
	w.createLog(0)
	delete(w.last, 0)
	delete(w.seq, 0)
	g := newGenerator(seed+1, 0)
	w.write(0, g.frames(10)...)
	p = w.start()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if err := p.WaitFor(ctx, 0, 99); !errors.Is(err, &Error{Code: CodeLogBackwards}) {
		t.Fatalf("expected %s, but got %v", CodeLogBackwards, err)
	}
	if _, err := p.Rebuild(ctx); err != nil {
		t.Fatal(err)
	}
	verifyOK(t, p)
	w.write(0, g.frames(5)...)
	for p.Failures()[0] != nil || p.Positions()[0] != 15 {
		select {
		case <-time.After(10 * time.Millisecond):
		case <-ctx.Done():
			t.Fatalf("expected it to go on, but it is at %d with %v", p.Positions()[0], p.Failures())
		}
	}
	verifyOK(t, p)
}
