package projector

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/ids"
)

// Definitions stands for the definitions log where a partition is named: in
// checkpoints, positions and the archive.
const Definitions ids.Partition = -1

// checkpoint is a row of the table checkpoints: how far a log has been folded. It
// is the truth; it commits with the rows.
type checkpoint struct {
	seq        uint64
	hash       events.Hash
	logCreated time.Time
}

func (c checkpoint) same(o checkpoint) bool {
	return c.seq == o.seq && c.hash == o.hash && c.logCreated.Equal(o.logCreated)
}

// loadCheckpoint reads a checkpoint, making the row at the first start.
func loadCheckpoint(ctx context.Context, db querier, schema string, p ids.Partition) (checkpoint, error) {
	var c checkpoint
	var seq int64
	var hash []byte
	table := qualify(schema, "checkpoints")
	_, err := db.Exec(ctx, "INSERT INTO "+table+" (partition, seq, hash) VALUES ($1, 0, '') ON CONFLICT DO NOTHING", int(p))
	if err != nil {
		return c, fmt.Errorf("read checkpoint: %w", err)
	}
	err = db.QueryRow(ctx, "SELECT seq, hash, log_created FROM "+table+" WHERE partition = $1", int(p)).
		Scan(&seq, &hash, (*stamp)(&c.logCreated))
	if err != nil {
		return c, fmt.Errorf("read checkpoint: %w", err)
	}
	c.seq = uint64(seq)
	copy(c.hash[:], hash)
	return c, nil
}

// errMoved says that someone else moved the checkpoint: another projector, a
// rebuild that was swapped in, or a Postgres that lost its last commits.
var errMoved = errors.New("the checkpoint was moved by another writer")

// lockCheckpoint takes the lock under which a batch is written. It is the first
// statement of a batch that names a table: a rebuild that swaps schemas holds
// this table, so that no batch writes to both.
func lockCheckpoint(ctx context.Context, tx pgx.Tx, schema string, p ids.Partition, expected uint64) error {
	var seq int64
	err := tx.QueryRow(ctx, "SELECT seq FROM "+qualify(schema, "checkpoints")+" WHERE partition = $1 FOR UPDATE", int(p)).Scan(&seq)
	if errors.Is(err, pgx.ErrNoRows) {
		return errMoved
	}
	if err != nil {
		return fmt.Errorf("lock checkpoint: %w", err)
	}
	if uint64(seq) != expected {
		return errMoved
	}
	return nil
}

func saveCheckpoint(ctx context.Context, tx pgx.Tx, schema string, p ids.Partition, c checkpoint, events int64, loggedAt time.Time) error {
	tag, err := tx.Exec(ctx, "UPDATE "+qualify(schema, "checkpoints")+
		" SET seq = $2, hash = $3, log_created = $4, events = events + $5, logged_at = $6, updated_at = clock_timestamp() WHERE partition = $1",
		int(p), int64(c.seq), c.hash[:], stamp(c.logCreated), events, stamp(loggedAt))
	if err != nil {
		return fmt.Errorf("save checkpoint: %w", err)
	}
	if tag.RowsAffected() != 1 {
		return errMoved
	}
	return nil
}

// errNoLog says that the stream does not exist yet.
var errNoLog = errors.New("the log does not exist yet")

// checkLog compares the log with the checkpoint and returns the log's identity.
func checkLog(ctx context.Context, js jetstream.JetStream, stream string, c checkpoint) (time.Time, uint64, error) {
	op := "compare log " + stream + " with its checkpoint"
	s, err := js.Stream(ctx, stream)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		if c.seq > 0 {
			return time.Time{}, 0, fault(CodeLogBackwards, op, "the checkpoint is at sequence %d, but the log is gone; restore it, or rebuild the projections", c.seq)
		}
		return time.Time{}, 0, errNoLog
	}
	if err != nil {
		return time.Time{}, 0, fmt.Errorf("%s: %w", op, err)
	}
	info := s.CachedInfo()
	created := info.Created.UTC().Truncate(time.Microsecond)
	switch {
	case c.seq > 0 && !c.logCreated.IsZero() && !created.Equal(c.logCreated):
		return created, 0, fault(CodeLogBackwards, op, "expected the log created at %s, but this one was created at %s; restore the log, or rebuild the projections",
			c.logCreated.Format(time.RFC3339Nano), created.Format(time.RFC3339Nano))
	case info.State.LastSeq < c.seq:
		return created, 0, fault(CodeLogBackwards, op, "the checkpoint is at sequence %d, but the log ends at %d; restore the log, or rebuild the projections", c.seq, info.State.LastSeq)
	case info.State.FirstSeq > c.seq+1:
		return created, 0, fault(CodeLogTrimmed, op, "sequence %d is needed next, but the log begins at %d; restore the read models from a backup", c.seq+1, info.State.FirstSeq)
	}
	return created, info.State.LastSeq, nil
}
