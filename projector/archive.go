package projector

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/weir-bpm/weir/streams"
)

// archiveDays makes the archive's partitions, one a UTC day of the log's clock,
// ahead of the rows. What finds no partition falls into the default one, so a
// failure here loses nothing; such a day then cannot be dropped on its own.
// It is safe for concurrent use.
type archiveDays struct {
	pool   *pgxpool.Pool
	schema string

	mu    sync.Mutex
	known map[string]bool
}

func newArchiveDays(pool *pgxpool.Pool, schema string) *archiveDays {
	return &archiveDays{pool: pool, schema: schema, known: map[string]bool{}}
}

const dayLayout = "20060102"

// ensure makes the partitions of the entries' days and of the day after.
func (a *archiveDays) ensure(ctx context.Context, entries []streams.Entry) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	var missing []time.Time
	note := func(t time.Time) {
		day := t.UTC().Truncate(24 * time.Hour)
		if key := day.Format(dayLayout); !a.known[key] {
			a.known[key] = true
			missing = append(missing, day)
		}
	}
	for i := range entries {
		note(entries[i].StoredAt)
	}
	note(entries[len(entries)-1].StoredAt.Add(24 * time.Hour))
	for i, day := range missing {
		if err := a.create(ctx, day); err != nil {
			for _, d := range missing[i:] {
				delete(a.known, d.Format(dayLayout))
			}
			return err
		}
	}
	return nil
}

// archiveLockTimeout bounds how long making a partition waits for readers of the
// archive, since writers queue behind it.
const archiveLockTimeout = "1s"

func (a *archiveDays) create(ctx context.Context, day time.Time) error {
	err := pgx.BeginFunc(ctx, a.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SET LOCAL lock_timeout = '"+archiveLockTimeout+"'"); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", lockKey("archive", a.schema)); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, fmt.Sprintf("CREATE TABLE IF NOT EXISTS %s PARTITION OF %s FOR VALUES FROM ('%s') TO ('%s')",
			qualify(a.schema, "transitions_"+day.Format(dayLayout)), qualify(a.schema, "transitions"),
			day.Format(time.RFC3339), day.AddDate(0, 0, 1).Format(time.RFC3339)))
		return err
	})
	var pgErr *pgconn.PgError
	if errors.As(err, &pgErr) {
		switch pgErr.Code {
		case "23514": // the default partition has rows of the day: it stays there
			return nil
		case "55P03": // readers hold the archive: the default partition takes the rows
			return nil
		}
	}
	if err != nil {
		return fmt.Errorf("make archive partition of %s: %w", day.Format(time.DateOnly), err)
	}
	return nil
}

var dayPartition = regexp.MustCompile(`^transitions_(\d{8})$`)

// DropArchive drops the archived transitions of whole UTC days that ended at or
// before the time, and returns the end of the newest day dropped (zero if none).
// Verify and History no longer expect them. The other read models stay. A time
// in the future is refused.
func DropArchive(ctx context.Context, pool *pgxpool.Pool, schema string, before time.Time) (time.Time, error) {
	if before.After(time.Now()) {
		return time.Time{}, fault(CodeInvalid, "drop the archive", "expected a time in the past, but got %s", before.Format(time.RFC3339))
	}
	bound := before.UTC().Truncate(24 * time.Hour)
	var newest time.Time
	err := pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", lockKey("archive", schema)); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, `SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
			WHERE i.inhparent = $1::regclass ORDER BY c.relname`, qualify(schema, "transitions"))
		if err != nil {
			return err
		}
		names, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return err
		}
		for _, n := range names {
			m := dayPartition.FindStringSubmatch(n)
			if m == nil {
				continue
			}
			day, err := time.Parse(dayLayout, m[1])
			if err != nil {
				continue // not one of ours
			}
			if end := day.AddDate(0, 0, 1); !end.After(bound) {
				if _, err := tx.Exec(ctx, "DROP TABLE "+qualify(schema, n)); err != nil {
					return err
				}
				newest = end
			}
		}
		tag, err := tx.Exec(ctx, "DELETE FROM "+qualify(schema, "transitions_default")+" WHERE logged_at < $1", bound)
		if err != nil {
			return err
		}
		if newest.IsZero() && tag.RowsAffected() == 0 {
			return nil
		}
		newest = bound
		_, err = tx.Exec(ctx, "UPDATE "+qualify(schema, "archive_state")+" SET dropped_upto = greatest(dropped_upto, $1)", bound)
		return err
	})
	if err != nil {
		return time.Time{}, fmt.Errorf("drop archive before %s: %w", bound.Format(time.DateOnly), err)
	}
	return newest, nil
}

// dropAgain drops from the side schema of a rebuild what has been dropped from the
// archive of the live one.
func dropAgain(ctx context.Context, pool *pgxpool.Pool, live querier, liveSchema, side string) error {
	var dropped time.Time
	if err := live.QueryRow(ctx, "SELECT dropped_upto FROM "+qualify(liveSchema, "archive_state")).Scan((*stamp)(&dropped)); err != nil {
		return fmt.Errorf("read what was dropped from the archive: %w", err)
	}
	if dropped.IsZero() {
		return nil
	}
	_, err := DropArchive(ctx, pool, side, dropped)
	return err
}

// DropArchive is the function [DropArchive] for the projector's schema.
func (p *Projector) DropArchive(ctx context.Context, before time.Time) (time.Time, error) {
	return DropArchive(ctx, p.cfg.Pool, p.cfg.Schema, before)
}
