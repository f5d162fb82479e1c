package definitions

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/maypok86/otter/v2"
	"github.com/maypok86/otter/v2/stats"

	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/expression"
	"github.com/weir-bpm/weir/expression/script"
)

// ErrUnparsable says that a stored file, which could be deployed once, has
// errors for this release.
var ErrUnparsable = errors.New("deployed model has errors")

// Fetcher returns deployed files by digest; [*Resources] is one.
type Fetcher interface {
	Get(ctx context.Context, digest string) ([]byte, error)
}

// CacheConfig says what a [Cache] holds.
type CacheConfig struct {
	// MaxBytes bounds the parsed models by [bpmn.Definitions.Bytes], which is
	// an estimate. Default 64 MiB. A model larger than that is parsed each
	// time it is asked for.
	MaxBytes int64
	// BPMN are the node's own options of the parser; see [PrepareOptions.BPMN].
	// The scripts of all models share a pool of runtimes unless its Expressions
	// have one: at most 4 idle ones of about 1 MiB each, made when a script
	// first runs.
	BPMN bpmn.Options
	// Parse reads BPMN files; nil: [bpmn.Parse].
	Parse ParseFunc
	// LoadTimeout bounds the fetch of one file. Default 10 s.
	LoadTimeout time.Duration
}

// WithDefaults returns the configuration with zero fields replaced.
func (c CacheConfig) WithDefaults() CacheConfig {
	if c.MaxBytes == 0 {
		c.MaxBytes = 64 << 20
	}
	if c.Parse == nil {
		c.Parse = bpmn.Parse
	}
	if c.LoadTimeout == 0 {
		c.LoadTimeout = 10 * time.Second
	}
	return c
}

// Cache keeps parsed models within a bound in bytes. What is not there is
// fetched and parsed, once however many ask. Its methods may overlap.
type Cache struct {
	cfg    CacheConfig
	files  Fetcher
	models *otter.Cache[cacheKey, *bpmn.Definitions]
	counts *stats.Counter
}

// cacheKey names a parsed model: the bytes, and how they are read.
type cacheKey struct {
	digest  digest
	dialect bpmn.Dialect
	choices string // see [Choices.text]
}

// idleRuntimes is how many runtimes of scripts are kept.
const idleRuntimes = 4

// entryBytes is what the cache itself needs for an entry.
const entryBytes = 256

// NewCache returns an empty cache.
func NewCache(files Fetcher, cfg CacheConfig) (*Cache, error) {
	cfg = cfg.WithDefaults()
	if cfg.MaxBytes < 0 {
		return nil, fmt.Errorf("definitions cache: MaxBytes: expected a number of bytes, but got %d", cfg.MaxBytes)
	}
	pool := []expression.Option{expression.ScriptPool(script.NewPool(idleRuntimes))}
	cfg.BPMN.Expressions = append(pool, cfg.BPMN.Expressions...)
	c := &Cache{cfg: cfg, files: files, counts: stats.NewCounter()}
	models, err := otter.New(&otter.Options[cacheKey, *bpmn.Definitions]{
		MaximumWeight: uint64(cfg.MaxBytes),
		Weigher: func(_ cacheKey, d *bpmn.Definitions) uint32 {
			return uint32(min(max(d.Bytes, 0)+entryBytes, math.MaxUint32)) //nolint:gosec // bounded here
		},
		StatsRecorder: c.counts,
		// Whoever adds a model also makes room for it, so that the bound does
		// not wait for a goroutine to be run.
		Executor: func(fn func()) { fn() },
	})
	if err != nil {
		return nil, fmt.Errorf("definitions cache: %w", err)
	}
	c.models = models
	return c, nil
}

// Definitions returns the parsed model of a file, read by the choices of its
// deployment. Errors: those of the [Fetcher], [ErrUnparsable].
func (c *Cache) Definitions(ctx context.Context, name string, as Choices) (*bpmn.Definitions, error) {
	return c.definitions(ctx, name, as.Dialect, as.text())
}

func (c *Cache) definitions(ctx context.Context, name string, dialect bpmn.Dialect, choices string) (*bpmn.Definitions, error) {
	sum, err := parseDigest(name)
	if err != nil {
		return nil, err
	}
	// The load serves all who wait for it, so that it does not end with the
	// context of the one who was first.
	load := func(ctx context.Context, key cacheKey) (*bpmn.Definitions, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.cfg.LoadTimeout)
		defer cancel()
		return c.load(ctx, key)
	}
	return c.models.Get(ctx, cacheKey{sum, dialect, choices}, otter.LoaderFunc[cacheKey, *bpmn.Definitions](load))
}

func (c *Cache) load(ctx context.Context, key cacheKey) (*bpmn.Definitions, error) {
	name := key.digest.String()
	content, err := c.files.Get(ctx, name)
	if err != nil {
		return nil, err
	}
	opts := c.cfg.BPMN
	// Checks that came later must not take away a model that instances run.
	opts.Deployed = true
	as, err := choicesOf(key.dialect, key.choices)
	if err != nil {
		return nil, err
	}
	as.apply(&opts)
	// The limit on size was the deployment's.
	opts.MaxBytes = max(opts.MaxBytes, len(content))
	defs, problems := c.cfg.Parse(name, content, opts)
	if defs == nil {
		for _, p := range problems {
			if p.Severity == bpmn.SeverityError {
				return nil, fmt.Errorf("%w: %s", ErrUnparsable, p)
			}
		}
		return nil, fmt.Errorf("%w: %s", ErrUnparsable, name)
	}
	return defs, nil
}

// CacheStats count what a cache has done.
type CacheStats struct {
	Hits, Misses uint64
	// Evictions are models that made room for others.
	Evictions uint64
	// Failures are loads that ended in an error.
	Failures uint64
	// LoadTime is the time of all loads together.
	LoadTime time.Duration
	// Bytes is what is held now, of at most MaxBytes; Models how many.
	Bytes, MaxBytes int64
	Models          int
}

// Stats returns the counters.
func (c *Cache) Stats() CacheStats {
	s := c.counts.Snapshot()
	return CacheStats{
		Hits: s.Hits, Misses: s.Misses, Evictions: s.Evictions, Failures: s.LoadFailures,
		LoadTime: s.TotalLoadTime, Bytes: int64(c.models.WeightedSize()), MaxBytes: c.cfg.MaxBytes, //nolint:gosec // below MaxBytes
		Models: c.models.EstimatedSize(),
	}
}
