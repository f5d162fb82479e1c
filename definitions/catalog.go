package definitions

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/dmn"
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/streams"
)

// ErrUnknownDefinition says that the index does not have a version that is
// referred to. Where the reference comes from a log, this node is behind: wait
// with [Catalog.WaitFor] and try again.
var ErrUnknownDefinition = errors.New("unknown definition")

// ErrStopped says that the catalog does not follow the log, since it was
// stopped.
var ErrStopped = errors.New("definitions catalog stopped")

// CatalogConfig says what a [Catalog] reads.
type CatalogConfig struct {
	JetStream jetstream.JetStream
	Names     streams.Names
	// Files returns deployed files, mostly [*Resources].
	Files Fetcher
	Cache CacheConfig
	// Logger receives what happens; nil discards it.
	Logger *slog.Logger
}

// Catalog is what one node knows of the deployments: it follows the definitions
// log and folds it into an index. Its methods may overlap.
type Catalog struct {
	cfg   CatalogConfig
	index *Index
	cache *Cache
	hash  events.Hash // of the last frame that was applied; run's own

	start   sync.Once
	stop    sync.Once
	cancel  context.CancelCauseFunc
	started chan struct{} // closed when the log has been read up to its end once
	done    chan struct{} // closed when the goroutine has ended

	mu      sync.Mutex
	changed chan struct{} // closed and replaced with each advance and at the end
	err     error         // why the catalog no longer follows
}

// NewCatalog returns a catalog that has not been started.
func NewCatalog(cfg CatalogConfig) (*Catalog, error) {
	if cfg.JetStream == nil || cfg.Files == nil {
		return nil, errors.New("definitions catalog: JetStream and Files: expected both")
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	cache, err := NewCache(cfg.Files, cfg.Cache)
	if err != nil {
		return nil, err
	}
	return &Catalog{
		cfg: cfg, index: NewIndex(), cache: cache,
		started: make(chan struct{}), done: make(chan struct{}), changed: make(chan struct{}),
	}, nil
}

// Start begins to follow the log from its beginning. It may be called more than
// once and does not wait; see [Catalog.Started].
func (c *Catalog) Start() {
	c.start.Do(func() {
		ctx, cancel := context.WithCancelCause(context.Background())
		c.mu.Lock()
		c.cancel = cancel
		ended := c.err
		c.mu.Unlock()
		if ended != nil { // stopped before
			cancel(ended)
			close(c.done)
			return
		}
		go c.run(ctx)
	})
}

// Started is closed when the log has been read up to where it ended at some
// moment after [Catalog.Start].
func (c *Catalog) Started() <-chan struct{} { return c.started }

// Done is closed when the catalog no longer follows the log. [Catalog.Err] then
// says why: a wanted stop is [ErrStopped], anything else is a damaged log.
func (c *Catalog) Done() <-chan struct{} { return c.done }

// Err says why the catalog does not follow the log, nil while it does.
func (c *Catalog) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// Stop ends following and returns when it has ended. The index stays as it is.
// Stop may be called more than once and before Start.
func (c *Catalog) Stop() {
	c.stop.Do(func() {
		c.end(ErrStopped)
		c.mu.Lock()
		cancel := c.cancel
		c.mu.Unlock()
		if cancel != nil {
			cancel(ErrStopped)
		}
	})
	c.Start() // closes done when it has never run
	<-c.done
}

// end wakes all who wait, with the first error that is given.
func (c *Catalog) end(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err == nil {
		c.err = err
		close(c.changed)
	}
}

// Index returns the index, which goes on changing.
func (c *Catalog) Index() *Index { return c.index }

// CacheStats returns the counters of the models.
func (c *Catalog) CacheStats() CacheStats { return c.cache.Stats() }

// WaitFor returns when the index has reached a sequence of the log. It waits as
// long as ctx does: a sequence that a caller has made up never comes, so ctx
// needs a deadline.
func (c *Catalog) WaitFor(ctx context.Context, seq uint64) error {
	for {
		c.mu.Lock()
		changed, err := c.changed, c.err
		c.mu.Unlock()
		// The channel was taken before the sequence is read, so that no
		// advance is missed between the two.
		high := c.index.HighWater()
		if high >= seq {
			return nil
		}
		if err != nil {
			return fmt.Errorf("wait for deployment sequence %d, at %d: %w", seq, high, err)
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("wait for deployment sequence %d, at %d: %w", seq, high, context.Cause(ctx))
		}
	}
}

// Model returns the parsed process of a version. Errors:
// [ErrUnknownDefinition], or those of [Cache.Definitions].
func (c *Catalog) Model(ctx context.Context, tenant string, ref events.DefinitionRef) (*bpmn.Process, error) {
	d, ok := c.index.Definition(tenant, ref.ProcessID, ref.Version)
	if !ok {
		return nil, fmt.Errorf("%w: %s of tenant %s", ErrUnknownDefinition, ref.ID(), tenant)
	}
	if ref.Digest != "" && ref.Digest != d.Digest {
		return nil, fmt.Errorf("%w: %s of tenant %s has digest %s here, but %s was asked for", ErrUnknownDefinition, ref.ID(), tenant, d.Digest, ref.Digest)
	}
	defs, err := c.cache.definitions(ctx, d.Digest, d.Dialect, d.choices)
	if err != nil {
		return nil, fmt.Errorf("model of %s: %w", ref.ID(), err)
	}
	for _, p := range defs.Processes {
		if p.ID == ref.ProcessID && p.Executable {
			return p, nil
		}
	}
	return nil, fmt.Errorf("model of %s: %w: the file has no such executable process", ref.ID(), ErrUnparsable)
}

// Decision returns the parsed model that holds a version of a decision. Errors:
// [ErrUnknownDefinition], or those of [Cache.Decisions].
func (c *Catalog) Decision(ctx context.Context, tenant string, ref events.DecisionRef) (*dmn.Model, error) {
	if !c.index.hasDecision(tenant, ref) {
		return nil, fmt.Errorf("%w: decision %s of tenant %s", ErrUnknownDefinition, ref.ID(), tenant)
	}
	model, err := c.cache.Decisions(ctx, ref.Digest, ref.Deployment, func() []string {
		var out []string
		if d, ok := c.index.Deployment(tenant, ref.Deployment); ok {
			for _, r := range d.Resources {
				if kind, ok := KindOf(r.Name); ok && kind == KindDMN {
					out = append(out, r.Digest)
				}
			}
		}
		return out
	})
	if err != nil {
		return nil, fmt.Errorf("decision %s: %w", ref.ID(), err)
	}
	return model, nil
}

// With returns the catalog's answers for one group of decisions, whose waits
// for models end with ctx.
func (c *Catalog) With(ctx context.Context) View { return View{Index: c.index, catalog: c, ctx: ctx} }

// View is what a decision may ask: the lookups of the index, and models.
type View struct {
	*Index
	catalog *Catalog
	ctx     context.Context //nolint:containedctx // a view lives for one group of decisions
}

// Model returns the parsed process of a version; see [Catalog.Model].
func (v View) Model(tenant string, ref events.DefinitionRef) (*bpmn.Process, error) {
	return v.catalog.Model(v.ctx, tenant, ref)
}

// Decision returns the parsed model of a decision; see [Catalog.Decision].
func (v View) Decision(tenant string, ref events.DecisionRef) (*dmn.Model, error) {
	return v.catalog.Decision(v.ctx, tenant, ref)
}

const (
	// batch is how many frames are taken at once.
	batch = 512
	// idle is how long a read waits for news.
	idle = time.Second
	// retryMin and retryMax bound the pause after a failed read.
	retryMin = 50 * time.Millisecond
	retryMax = 2 * time.Second
)

// run follows the log until it is stopped or the log is damaged.
func (c *Catalog) run(ctx context.Context) {
	defer close(c.done)
	pause := retryMin
	for ctx.Err() == nil {
		err := c.follow(ctx, func() { pause = retryMin })
		if ctx.Err() != nil {
			return
		}
		if damaged(err) {
			c.cfg.Logger.Error("definitions log cannot be followed any further", slog.Any("error", err))
			c.end(err)
			return
		}
		// Mostly the server is away. The pause grows, and with it the log
		// stays small.
		c.cfg.Logger.Warn("reading the definitions log again", slog.Any("error", err), slog.Duration("after", pause))
		select {
		case <-time.After(pause):
		case <-ctx.Done():
		}
		pause = min(2*pause, retryMax)
	}
}

// damaged says whether an error stays however often the log is read.
func damaged(err error) bool {
	return errors.Is(err, streams.ErrGap) || errors.Is(err, events.ErrUnknown) ||
		errors.Is(err, events.ErrCorrupt) || errors.Is(err, ErrInconsistent)
}

// follow reads from behind the index until an error; progress is called after
// each successful read.
func (c *Catalog) follow(ctx context.Context, progress func()) error {
	stream := c.cfg.Names.DefinitionStream()
	target, err := c.lastSeq(ctx, stream)
	if err != nil {
		return err
	}
	if high := c.index.HighWater(); target < high {
		// A new leader may need a moment; a log that lost deployments stays so,
		// and the warnings with it.
		return fmt.Errorf("stream %s ends at %d, but %d has been read from it; acknowledged deployments are missing", stream, target, high)
	}
	reader := streams.ReadFrames(c.cfg.JetStream, stream, c.index.HighWater()+1)
	defer reader.Close()
	c.reached(target)
	for {
		entries, err := reader.Next(ctx, batch, idle)
		for _, e := range entries {
			if e.Frame.Prev != c.hash {
				return fmt.Errorf("%w: sequence %d does not name the frame before it as its predecessor", ErrInconsistent, e.Seq)
			}
			if err := c.index.Apply(e.Seq, e.Frame); err != nil {
				return err
			}
			c.hash = e.Hash
		}
		if len(entries) > 0 {
			c.advance()
			c.reached(target)
		}
		if err != nil {
			return err
		}
		progress()
	}
}

// lastSeq returns the end of the log.
func (c *Catalog) lastSeq(ctx context.Context, stream string) (uint64, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	st, err := c.cfg.JetStream.Stream(ctx, stream)
	if err != nil {
		return 0, fmt.Errorf("stream %s: %w", stream, err)
	}
	return st.CachedInfo().State.LastSeq, nil
}

// reached closes started when the index is where the log ended.
func (c *Catalog) reached(target uint64) {
	if c.index.HighWater() < target {
		return
	}
	select {
	case <-c.started:
	default:
		close(c.started)
	}
}

// advance wakes all who wait.
func (c *Catalog) advance() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err == nil {
		close(c.changed)
		c.changed = make(chan struct{})
	}
}
