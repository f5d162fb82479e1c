package projector

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"regexp"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/streams"
)

// DefaultSchema is the schema of the read models.
const DefaultSchema = "weir"

// Config configures a [Projector].
type Config struct {
	// Pool is the connection pool; each partition uses one connection while it
	// writes, a rebuild as many again. Required.
	Pool *pgxpool.Pool
	// Schema is the Postgres schema: a lower-case letter, then at most 40
	// lower-case letters, digits and underscores. Default [DefaultSchema].
	Schema string
	// JS is the log. Required.
	JS jetstream.JetStream
	// Names builds the names of the streams.
	Names streams.Names
	// Partitions returns the partitions to project; it is asked again every few
	// seconds, so partitions may be added. The definitions log is always
	// projected. Required.
	Partitions func() []ids.Partition
	// MinInterval is the shortest time between two batches of a partition that
	// is not behind; the first after a rest is not delayed. Longer means fewer
	// rows, since more instances begin and end within a batch. Default 50 ms;
	// negative means none.
	MinInterval time.Duration
	// Now is the engine's time, which decides what is due to be removed. Default
	// [time.Now].
	Now func() time.Time
	// CleanupInterval is how often the projector removes instances that are due;
	// 0 is never. See [Projector.Cleanup].
	CleanupInterval time.Duration
	// Logger takes warnings and errors. Default: discard.
	Logger *slog.Logger
}

// WithDefaults fills in the zero fields.
func (c Config) WithDefaults() Config {
	c.Schema = cmp.Or(c.Schema, DefaultSchema)
	c.MinInterval = cmp.Or(c.MinInterval, 50*time.Millisecond)
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

var schemaName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,40}$`)

func (c Config) validate() error {
	switch {
	case c.Pool == nil:
		return fault(CodeInvalid, "configure the projector", "Pool is required")
	case c.JS == nil:
		return fault(CodeInvalid, "configure the projector", "JS is required")
	case c.Partitions == nil:
		return fault(CodeInvalid, "configure the projector", "Partitions is required")
	case !schemaName.MatchString(c.Schema):
		return fault(CodeInvalid, "configure the projector", "Schema: expected a lower-case letter and at most 40 lower-case letters, digits and underscores, but got %q", c.Schema)
	}
	return nil
}

// querier is what a pool, a connection and a transaction have in common.
type querier interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// Projector folds the logs into the read models of one schema. Its methods may
// be called concurrently.
type Projector struct {
	cfg     Config
	days    *archiveDays
	started chan struct{} // closed when the schema is there and folding began

	mu        sync.Mutex
	cancel    context.CancelFunc
	done      chan struct{}
	positions map[ids.Partition]uint64
	failures  map[ids.Partition]error
	changed   chan struct{} // closed and replaced when a position changes
}

// New returns a projector that has not begun.
func New(cfg Config) (*Projector, error) {
	cfg = cfg.WithDefaults()
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	return &Projector{
		cfg:       cfg,
		days:      newArchiveDays(cfg.Pool, cfg.Schema),
		started:   make(chan struct{}),
		positions: map[ids.Partition]uint64{},
		failures:  map[ids.Partition]error{},
		changed:   make(chan struct{}),
	}, nil
}

// Start begins to fold in the background, until Stop is called or ctx ends. It
// does not wait for Postgres: while that is away, the projector tries again. A
// projector starts once.
func (p *Projector) Start(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.done != nil {
		return fault(CodeInvalid, "start the projector", "it was started before")
	}
	ctx, p.cancel = context.WithCancel(ctx)
	p.done = make(chan struct{})
	go p.run(ctx, p.done)
	return nil
}

// Started is closed when the schema is migrated and folding has begun.
func (p *Projector) Started() <-chan struct{} { return p.started }

// Stop ends the projector and returns when its work has stopped; a batch that is
// not committed is rolled back. It may be called twice, and before Start.
func (p *Projector) Stop() {
	p.mu.Lock()
	cancel, done := p.cancel, p.done
	p.mu.Unlock()
	if done == nil {
		return
	}
	cancel()
	<-done
}

// refreshInterval is how often Partitions is asked for new ones.
const refreshInterval = 3 * time.Second

func (p *Projector) run(ctx context.Context, done chan struct{}) {
	defer close(done)
	if !p.migrate(ctx) {
		return
	}
	var work sync.WaitGroup
	defer work.Wait()
	running := map[ids.Partition]bool{}
	refresh := time.NewTicker(refreshInterval)
	defer refresh.Stop()
	for {
		for _, part := range append([]ids.Partition{Definitions}, p.cfg.Partitions()...) {
			if running[part] {
				continue
			}
			running[part] = true
			f := p.follower(part, p.cfg.Schema, p.days)
			work.Go(func() { p.keep(ctx, f) })
		}
		select {
		case <-p.started:
		default:
			close(p.started)
			work.Go(func() { p.keepClean(ctx) })
		}
		select {
		case <-ctx.Done():
			return
		case <-refresh.C:
		}
	}
}

// keep runs a follower. One that stopped for good begins again when its
// checkpoint was changed from outside: the projections were rebuilt.
func (p *Projector) keep(ctx context.Context, f *follower) {
	for {
		err := f.run(ctx)
		if err == nil {
			return
		}
		p.cfg.Logger.ErrorContext(ctx, "projector stopped a partition", logPartition, f.stream, logSeq, f.at.seq, logError, err)
		p.fail(f.partition, err)
		if !f.awaitRepair(ctx) {
			return
		}
		p.fail(f.partition, nil)
	}
}

// migrate brings the schema up to date, waiting for Postgres if need be. It
// returns false if it cannot be done.
func (p *Projector) migrate(ctx context.Context) bool {
	wait, logged := retryFirst, time.Time{}
	for {
		err := classify("migrate schema "+p.cfg.Schema, Migrate(ctx, p.cfg.Pool, p.cfg.Schema))
		switch {
		case err == nil:
			return true
		case ctx.Err() != nil:
			return false
		case permanent(err):
			p.cfg.Logger.ErrorContext(ctx, "projector cannot migrate its schema", logSchema, p.cfg.Schema, logError, err)
			for _, part := range append([]ids.Partition{Definitions}, p.cfg.Partitions()...) {
				p.fail(part, err)
			}
			return false
		case time.Since(logged) > logEvery:
			logged = time.Now()
			p.cfg.Logger.WarnContext(ctx, "projector waits for Postgres", logSchema, p.cfg.Schema, logError, err)
		}
		select {
		case <-ctx.Done():
			return false
		case <-time.After(wait):
		}
		wait = min(2*wait, retryMost)
	}
}

// StreamOf returns the log of a partition, [Definitions] included.
func StreamOf(names streams.Names, part ids.Partition) string {
	if part == Definitions {
		return names.DefinitionStream()
	}
	return names.EventStream(part)
}

func (p *Projector) follower(part ids.Partition, schema string, days *archiveDays) *follower {
	return &follower{
		partition:   part,
		stream:      StreamOf(p.cfg.Names, part),
		schema:      schema,
		pool:        p.cfg.Pool,
		js:          p.cfg.JS,
		days:        days,
		minInterval: p.cfg.MinInterval,
		moved:       p.moved,
		logger:      p.cfg.Logger,
		folder:      newFolder(int(part)),
	}
}

func (p *Projector) moved(part ids.Partition, seq uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if old, ok := p.positions[part]; ok && old == seq {
		return
	}
	p.positions[part] = seq
	close(p.changed)
	p.changed = make(chan struct{})
}

func (p *Projector) fail(part ids.Partition, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err == nil {
		delete(p.failures, part)
	} else {
		p.failures[part] = err
	}
	close(p.changed)
	p.changed = make(chan struct{})
}

// Positions returns, for each partition that this projector folds, the sequence
// up to which the log is in Postgres.
func (p *Projector) Positions() map[ids.Partition]uint64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return maps.Clone(p.positions)
}

// Failures returns the partitions that have stopped, each with its coded error.
// The others go on. A stopped one goes on after a rebuild.
func (p *Projector) Failures() map[ids.Partition]error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return maps.Clone(p.failures)
}

// WaitFor returns when the read models show the partition at least up to the
// sequence. It ends early with the error of ctx, or of a partition that stopped.
func (p *Projector) WaitFor(ctx context.Context, part ids.Partition, seq uint64) error {
	for {
		p.mu.Lock()
		at, changed, failure := p.positions[part], p.changed, p.failures[part]
		p.mu.Unlock()
		switch {
		case at >= seq:
			return nil
		case failure != nil:
			return failure
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("wait for partition %s to be projected up to %d, now at %d: %w", part, seq, at, context.Cause(ctx))
		}
	}
}

// PartitionStatus tells how far a partition is projected.
type PartitionStatus struct {
	Partition ids.Partition `json:"partition"` // -1 is the definitions log
	Stream    string        `json:"stream"`
	// Seq is the sequence up to which the log is in Postgres, LogSeq the log's
	// newest; Behind is the difference.
	Seq    uint64 `json:"seq"`
	LogSeq uint64 `json:"log_seq"`
	Behind uint64 `json:"behind"`
	// Events counts the events folded.
	Events int64 `json:"events"`
	// LoggedAt is when the log stored the newest frame folded.
	LoggedAt time.Time `json:"logged_at,omitzero"`
	// Error is set where the projector of this process has stopped.
	Error string `json:"error,omitempty"`
}

// Status reads how far each partition is from its log: the lag of the read
// models. It asks Postgres and the log, so it may run where no projector does.
func (p *Projector) Status(ctx context.Context) ([]PartitionStatus, error) {
	failures := p.Failures()
	var out []PartitionStatus
	for _, part := range append([]ids.Partition{Definitions}, p.cfg.Partitions()...) {
		st := PartitionStatus{Partition: part, Stream: StreamOf(p.cfg.Names, part)}
		var seq int64
		err := p.cfg.Pool.QueryRow(ctx, "SELECT seq, events, logged_at FROM "+qualify(p.cfg.Schema, "checkpoints")+" WHERE partition = $1", int(part)).
			Scan(&seq, &st.Events, (*stamp)(&st.LoggedAt))
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return nil, fmt.Errorf("status of the projections: %w", err)
		}
		st.Seq = uint64(seq)
		s, err := p.cfg.JS.Stream(ctx, st.Stream)
		switch {
		case errors.Is(err, jetstream.ErrStreamNotFound):
		case err != nil:
			return nil, fmt.Errorf("status of the projections: %w", err)
		default:
			st.LogSeq = s.CachedInfo().State.LastSeq
		}
		if st.LogSeq > st.Seq {
			st.Behind = st.LogSeq - st.Seq
		}
		if err := failures[part]; err != nil {
			st.Error = err.Error()
		}
		out = append(out, st)
	}
	return out, nil
}
