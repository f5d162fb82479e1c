package projector

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/errgroup"

	"github.com/weir-bpm/weir/ids"
)

// The schemas beside the live one during a rebuild.
const (
	sideSuffix = "_rebuild"
	oldSuffix  = "_old"
)

// RebuildReport tells what a rebuild did.
type RebuildReport struct {
	Events   int64         `json:"events"`
	Duration time.Duration `json:"duration_ns"`
}

// Rebuild folds all logs from the first sequence into a side schema and swaps it
// with the live one in one transaction. The engine and the projectors go on
// meanwhile, here or in other processes; they continue on the new tables.
// A rebuild that was interrupted leaves the live schema as it was. The logs must
// be whole: a trimmed one is a [CodeLogTrimmed] error. Two rebuilds at once are
// refused with [CodeBusy]. Instances that were removed as due are removed again,
// and so are the days of the archive that were dropped. Views and grants of others on the old tables are lost
// with these.
func (p *Projector) Rebuild(ctx context.Context) (*RebuildReport, error) {
	started := time.Now()
	op := "rebuild the projections in " + p.cfg.Schema
	pool, err := p.ownPool(ctx)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", op, err)
	}
	defer pool.Close()
	guard, err := pool.Acquire(ctx)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", op, err)
	}
	defer guard.Release()
	var free bool
	key := lockKey("rebuild", p.cfg.Schema)
	if err := guard.QueryRow(ctx, "SELECT pg_try_advisory_lock($1)", key).Scan(&free); err != nil {
		return nil, fmt.Errorf("%s: %w", op, err)
	}
	if !free {
		return nil, fault(CodeBusy, op, "another rebuild of this schema is going on")
	}
	defer func() {
		// It also ends with its session, but a moment after the pool is closed.
		_, _ = guard.Exec(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", key)
	}()
	if err := p.rebuild(ctx, pool); err != nil {
		return nil, classify(op, err)
	}
	report := &RebuildReport{Duration: time.Since(started)}
	err = p.cfg.Pool.QueryRow(ctx, "SELECT coalesce(sum(events), 0)::bigint FROM "+qualify(p.cfg.Schema, "checkpoints")).Scan(&report.Events)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", op, err)
	}
	return report, nil
}

// rebuildWriters is how many logs are folded at a time.
const rebuildWriters = 4

// ownPool returns a pool for a rebuild. While the swap holds its lock, batches of
// the live projector wait with the connections of theirs, so the rebuild must not
// need one of these.
func (p *Projector) ownPool(ctx context.Context) (*pgxpool.Pool, error) {
	cfg := p.cfg.Pool.Config()
	cfg.MinConns, cfg.MinIdleConns = 0, 0
	cfg.MaxConns = rebuildWriters + 4 // the guard, the swap, and some to spare
	return pgxpool.NewWithConfig(ctx, cfg)
}

func (p *Projector) rebuild(ctx context.Context, pool *pgxpool.Pool) error {
	live, side, old := p.cfg.Schema, p.cfg.Schema+sideSuffix, p.cfg.Schema+oldSuffix
	// The live schema may be missing or old: it is about to be replaced, but
	// the swap needs its checkpoints.
	if err := Migrate(ctx, pool, live); err != nil {
		return err
	}
	for _, s := range []string{side, old} { // what an interrupted rebuild left
		if err := dropSchema(ctx, pool, s); err != nil {
			return err
		}
	}
	if err := Migrate(ctx, pool, side); err != nil {
		return err
	}
	followers := p.sideFollowers(pool, side)
	for part := range followers {
		if _, err := loadCheckpoint(ctx, pool, side, part); err != nil {
			return err
		}
	}
	// Most of the log is folded while the live projector goes on; then again
	// what came meanwhile, until the rest is short.
	for range 3 {
		heads, err := p.heads(ctx)
		if err != nil {
			return err
		}
		if err := catchUp(ctx, followers, heads); err != nil {
			return err
		}
	}
	// What was removed from the live schema goes again: most of it here, and what
	// was removed meanwhile below.
	if err := cleanAgain(ctx, pool, pool, live, side); err != nil {
		return err
	}
	err := pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		// Every batch locks its checkpoint first. With the table locked no
		// batch is under way, and those that wait find the new table. Readers
		// are not kept waiting.
		if _, err := tx.Exec(ctx, "LOCK TABLE "+qualify(live, "checkpoints")+" IN EXCLUSIVE MODE"); err != nil {
			return err
		}
		// What was queryable stays queryable.
		shown, err := readPositions(ctx, tx, live)
		if err != nil {
			return err
		}
		// A log that went backwards is shorter than what was shown; a
		// rebuild is the way out.
		heads, err := p.heads(ctx)
		if err != nil {
			return err
		}
		for part, head := range heads {
			shown[part] = min(shown[part], head)
		}
		if err := catchUp(ctx, followers, shown); err != nil {
			return err
		}
		if err := cleanAgain(ctx, pool, tx, live, side); err != nil {
			return err
		}
		if err := dropAgain(ctx, pool, tx, live, side); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, fmt.Sprintf("ALTER SCHEMA %s RENAME TO %s; ALTER SCHEMA %s RENAME TO %s",
			pgx.Identifier{live}.Sanitize(), pgx.Identifier{old}.Sanitize(), pgx.Identifier{side}.Sanitize(), pgx.Identifier{live}.Sanitize()))
		return err
	})
	if err != nil {
		return err
	}
	return dropSchema(ctx, pool, old)
}

func dropSchema(ctx context.Context, db querier, schema string) error {
	if _, err := db.Exec(ctx, "DROP SCHEMA IF EXISTS "+pgx.Identifier{schema}.Sanitize()+" CASCADE"); err != nil {
		return fmt.Errorf("drop schema %s: %w", schema, err)
	}
	return nil
}

func (p *Projector) sideFollowers(pool *pgxpool.Pool, side string) map[ids.Partition]*follower {
	days := newArchiveDays(pool, side)
	out := map[ids.Partition]*follower{}
	for _, part := range append([]ids.Partition{Definitions}, p.cfg.Partitions()...) {
		f := p.follower(part, side, days)
		f.pool = pool
		f.moved = func(ids.Partition, uint64) {} // these positions are not live
		f.minInterval = 0
		out[part] = f
	}
	return out
}

// heads returns the newest sequence of each log; a log that is not there yet is
// left out.
func (p *Projector) heads(ctx context.Context) (map[ids.Partition]uint64, error) {
	out := map[ids.Partition]uint64{}
	for _, part := range append([]ids.Partition{Definitions}, p.cfg.Partitions()...) {
		_, head, err := checkLog(ctx, p.cfg.JS, StreamOf(p.cfg.Names, part), checkpoint{})
		if errors.Is(err, errNoLog) {
			continue
		}
		if err != nil {
			return nil, err
		}
		out[part] = head
	}
	return out, nil
}

func readPositions(ctx context.Context, db querier, schema string) (map[ids.Partition]uint64, error) {
	rows, err := db.Query(ctx, "SELECT partition, seq FROM "+qualify(schema, "checkpoints"))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[ids.Partition]uint64{}
	for rows.Next() {
		var part int
		var seq int64
		if err := rows.Scan(&part, &seq); err != nil {
			return nil, err
		}
		out[ids.Partition(part)] = uint64(seq)
	}
	return out, rows.Err()
}

// catchUp folds each log up to the sequence.
func catchUp(ctx context.Context, followers map[ids.Partition]*follower, to map[ids.Partition]uint64) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(rebuildWriters)
	for part, seq := range to {
		if seq == 0 {
			continue
		}
		f, ok := followers[part]
		if !ok {
			return fault(CodeInvalid, "rebuild the projections", "partition %s has been projected, but is not among those configured", part)
		}
		group.Go(func() error {
			err := f.follow(ctx, seq)
			if errors.Is(err, errNoLog) {
				return fault(CodeLogBackwards, "rebuild the projections", "the read models know log %s up to %d, but it is gone", f.stream, seq)
			}
			return err
		})
	}
	return group.Wait()
}
