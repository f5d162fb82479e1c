package projector

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"

	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/streams"
)

// The bounds of a batch and of what is read ahead of it, per partition.
const (
	batchEvents   = 20_000
	batchBytes    = 4 << 20
	queueBytes    = 8 << 20
	chunkFrames   = 16
	queueChunks   = 64
	readPatience  = 500 * time.Millisecond
	retryFirst    = 50 * time.Millisecond
	retryMost     = 5 * time.Second
	movedPatience = 500 * time.Millisecond
	logEvery      = 30 * time.Second
)

// follower folds one log into one schema. Its methods are called from one
// goroutine.
type follower struct {
	partition   ids.Partition
	stream      string
	schema      string
	pool        *pgxpool.Pool
	js          jetstream.JetStream
	days        *archiveDays
	minInterval time.Duration
	// moved is told the sequence after each commit and at the start.
	moved  func(ids.Partition, uint64)
	logger *slog.Logger
	// beforeCommit, if set, is called inside the transaction: tests make it
	// fail.
	beforeCommit func(context.Context, pgx.Tx) error

	folder *folder
	at     checkpoint
	loaded checkpoint // as Postgres has it
}

// run follows the log until ctx ends or a fault that repeating does not mend.
func (f *follower) run(ctx context.Context) error {
	wait := retryFirst
	var logged time.Time
	for {
		before := f.at.seq
		err := f.follow(ctx, 0)
		switch {
		case ctx.Err() != nil:
			return nil //nolint:nilerr // a wanted stop is no fault
		case errors.Is(err, errMoved):
			wait = movedPatience
		case permanent(err):
			return err
		default:
			if f.at.seq != before {
				wait = retryFirst
			}
			if !errors.Is(err, errNoLog) && time.Since(logged) > logEvery {
				logged = time.Now()
				f.logger.WarnContext(ctx, "projector waits to try again", logPartition, f.partition.String(), logSeq, f.at.seq, logError, err)
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait):
		}
		wait = min(2*wait, retryMost)
	}
}

// repairPoll is how often a stopped follower looks whether it can go on.
const repairPoll = 2 * time.Second

// awaitRepair returns true when the checkpoint is another than the one at which
// the follower stopped, false when ctx ends.
func (f *follower) awaitRepair(ctx context.Context) bool {
	for {
		select {
		case <-ctx.Done():
			return false
		case <-time.After(repairPoll):
		}
		if c, err := loadCheckpoint(ctx, f.pool, f.schema, f.partition); err == nil && !c.same(f.loaded) {
			return true
		}
	}
}

// Keys of log attributes.
const (
	logPartition = "partition"
	logSeq       = "seq"
	logError     = "error"
	logSchema    = "schema"
	logInstances = "instances"
)

// permanent says that an error stays however often the work is repeated.
func permanent(err error) bool {
	var e *Error
	return errors.As(err, &e)
}

// follow folds the log from the checkpoint on, up to the sequence upTo, or
// without end if that is 0.
func (f *follower) follow(ctx context.Context, upTo uint64) error {
	at, err := loadCheckpoint(ctx, f.pool, f.schema, f.partition)
	if err != nil {
		return classify(f.name(), err)
	}
	f.at, f.loaded = at, at
	f.moved(f.partition, at.seq)
	created, _, err := checkLog(ctx, f.js, f.stream, at)
	if err != nil {
		return err
	}
	f.at.logCreated = created
	if upTo > 0 && at.seq >= upTo {
		return nil
	}
	group, ctx := errgroup.WithContext(ctx)
	queue := make(chan chunk, queueChunks)
	room := semaphore.NewWeighted(queueBytes)
	group.Go(func() error {
		defer close(queue)
		return f.read(ctx, queue, room, upTo)
	})
	group.Go(func() error { return f.write(ctx, queue, room) })
	err = group.Wait()
	if errors.Is(err, streams.ErrGap) {
		// Trimmed while we read, or a hole?
		if _, _, trimmed := checkLog(context.WithoutCancel(ctx), f.js, f.stream, f.at); trimmed != nil {
			return trimmed
		}
	}
	return classify(f.name(), err)
}

func (f *follower) name() string { return fmt.Sprintf("project log %s into %s", f.stream, f.schema) }

// chunk is what was read at once; weight is its share of the queue.
type chunk struct {
	entries []streams.Entry
	weight  int64
}

func (f *follower) read(ctx context.Context, queue chan<- chunk, room *semaphore.Weighted, upTo uint64) error {
	r := &patientReader{frames: streams.ReadFrames(f.js, f.stream, f.at.seq+1)}
	defer r.close()
	hash, limit := f.at.hash, uint64(chunkFrames)
	for at := f.at.seq; upTo == 0 || at < upTo; {
		if upTo > 0 {
			limit = upTo - at
		}
		entries, err := r.next(ctx, limit)
		if err != nil {
			return err
		}
		if len(entries) == 0 {
			continue
		}
		var size int64
		for i := range entries {
			if entries[i].Frame.Prev != hash {
				return fault(CodeLogCorrupt, f.name(), "expected the frame at sequence %d to follow the frame with hash %x, but it names %x", entries[i].Seq, hash, entries[i].Frame.Prev)
			}
			hash = entries[i].Hash
			size += int64(entries[i].Size)
		}
		at = entries[len(entries)-1].Seq
		c := chunk{entries: entries, weight: min(size, queueBytes)}
		if err := room.Acquire(ctx, c.weight); err != nil {
			return err
		}
		select {
		case queue <- c:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

func (f *follower) write(ctx context.Context, queue <-chan chunk, room *semaphore.Weighted) error {
	for {
		var first chunk
		var ok bool
		select {
		case first, ok = <-queue:
		case <-ctx.Done():
			return ctx.Err()
		}
		if !ok {
			return nil
		}
		started := time.Now()
		batch, weight := gather(first, queue)
		if err := f.commit(ctx, batch); err != nil {
			return err
		}
		room.Release(weight)
		// Small batches come at most once an interval: a pause lets instances
		// that are short-lived begin and end within one batch.
		if rest := f.minInterval - time.Since(started); rest > 0 && len(queue) < queueChunks/2 {
			select {
			case <-time.After(rest):
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
}

// gather takes what waits in the queue, up to the bounds of a batch.
func gather(c chunk, queue <-chan chunk) ([]streams.Entry, int64) {
	batch, weight := c.entries, c.weight
	n := countEvents(batch)
	for n < batchEvents && weight < batchBytes {
		select {
		case c, ok := <-queue:
			if !ok {
				return batch, weight
			}
			batch = append(batch, c.entries...)
			weight += c.weight
			n += countEvents(c.entries)
		default:
			return batch, weight
		}
	}
	return batch, weight
}

// batchSettings speeds up the transactions of batches. A commit that Postgres
// loses in a crash takes its checkpoint with it, so it is only folded again. The
// planner is kept to the indexes: it guesses sizes of tables that grew since
// their last ANALYZE, and a plan of a young table would be kept.
const batchSettings = `SET LOCAL synchronous_commit = off; SET LOCAL jit = off;
SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off`

// commit folds the entries and writes rows and checkpoint in one transaction.
func (f *follower) commit(ctx context.Context, entries []streams.Entry) error {
	if err := f.days.ensure(ctx, entries); err != nil {
		return err
	}
	err := f.commitOnce(ctx, entries, false)
	var pgErr *pgconn.PgError
	if errors.As(err, &pgErr) && pgErr.Code == uniqueViolation {
		// A row that ought to be new is there: events were folded before
		// (someone set the checkpoint back), or an id was used again.
		err = f.commitOnce(ctx, entries, true)
	}
	return err
}

const uniqueViolation = "23505"

func (f *follower) commitOnce(ctx context.Context, entries []streams.Entry, careful bool) error {
	last := &entries[len(entries)-1]
	next := checkpoint{seq: last.Seq, hash: last.Hash, logCreated: f.at.logCreated}
	err := pgx.BeginFunc(ctx, f.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, batchSettings); err != nil {
			return err
		}
		if err := lockCheckpoint(ctx, tx, f.schema, f.partition, f.at.seq); err != nil {
			return err
		}
		n, err := f.folder.fold(ctx, tx, f.schema, entries, careful)
		if err != nil {
			return err
		}
		if err := saveCheckpoint(ctx, tx, f.schema, f.partition, next, n, last.StoredAt); err != nil {
			return err
		}
		if f.beforeCommit != nil {
			return f.beforeCommit(ctx, tx)
		}
		return nil
	})
	if err != nil {
		return err
	}
	f.at, f.loaded = next, next
	f.moved(f.partition, next.seq)
	return nil
}

// classify turns errors that stay into coded ones; the others are transient.
func classify(op string, err error) error {
	var coded *Error
	var pgErr *pgconn.PgError
	switch {
	case err == nil, errors.As(err, &coded), errors.Is(err, errMoved), errors.Is(err, errNoLog):
		return err
	case errors.Is(err, events.ErrUnknown):
		return &Error{Code: CodeNewer, Op: op, Err: err}
	case errors.Is(err, events.ErrCorrupt), errors.Is(err, streams.ErrGap):
		return &Error{Code: CodeLogCorrupt, Op: op, Err: err}
	case errors.As(err, &pgErr) && len(pgErr.Code) == 5:
		switch pgErr.Code[:2] {
		case "0A", "22", "23", "42", "54": // not supported, data, integrity, syntax and access, limits
			return &Error{Code: CodeDatabase, Op: op, Err: err}
		}
	}
	return fmt.Errorf("%s: %w", op, err)
}
