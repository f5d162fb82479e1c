package definitions

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/maypok86/otter/v2"
	"github.com/maypok86/otter/v2/stats"

	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/dmn"
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
	// MaxBytes bounds the parsed models by estimates: [bpmn.Definitions.Bytes],
	// and for DMN files 6 times the size of the file. Default 64 MiB. A model
	// larger than that is parsed each time it is asked for.
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
	models *otter.Cache[cacheKey, *parsed]
	counts *stats.Counter
}

// cacheKey names a parsed model: the bytes, and how they are read.
type cacheKey struct {
	digest  digest
	dialect bpmn.Dialect
	choices string // see [Choices.text]
	// deployment is that of a DMN file, in which its imports are looked for.
	deployment string
}

// parsed is a model of either kind with what it weighs.
type parsed struct {
	process  *bpmn.Definitions
	decision *dmn.Model
	bytes    int64
}

// decisionBytes is about what a parsed DMN file takes for each of its bytes if it
// is a table of numbers without a diagram, and decisionBase what it takes
// besides. By BenchmarkModelBytes a table of long expressions takes 8 for each of
// its bytes, and a file with diagram and descriptions 1 to 4, so that most models
// take less than they count for.
const (
	decisionBytes = 6
	decisionBase  = 2 << 10
)

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
	models, err := otter.New(&otter.Options[cacheKey, *parsed]{
		MaximumWeight: uint64(cfg.MaxBytes),
		Weigher: func(_ cacheKey, d *parsed) uint32 {
			return uint32(min(max(d.bytes, 0)+entryBytes, math.MaxUint32)) //nolint:gosec // bounded here
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
	m, err := c.get(ctx, cacheKey{digest: sum, dialect: dialect, choices: choices}, c.load)
	if err != nil {
		return nil, err
	}
	return m.process, nil
}

// Decisions returns the parsed model of a DMN file. imports lists the digests of
// the DMN files of its deployment, which is asked for when the file is loaded.
func (c *Cache) Decisions(ctx context.Context, name, deployment string, imports func() []string) (*dmn.Model, error) {
	sum, err := parseDigest(name)
	if err != nil {
		return nil, err
	}
	m, err := c.get(ctx, cacheKey{digest: sum, deployment: deployment}, func(ctx context.Context, key cacheKey) (*parsed, error) {
		return c.loadDecisions(ctx, key, imports())
	})
	if err != nil {
		return nil, err
	}
	return m.decision, nil
}

// get loads what is not there. The load serves all who wait for it, so that it
// does not end with the context of the one who was first.
func (c *Cache) get(ctx context.Context, key cacheKey, load func(context.Context, cacheKey) (*parsed, error)) (*parsed, error) {
	return c.models.Get(ctx, key, otter.LoaderFunc[cacheKey, *parsed](func(ctx context.Context, key cacheKey) (*parsed, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.cfg.LoadTimeout)
		defer cancel()
		return load(ctx, key)
	}))
}

func (c *Cache) load(ctx context.Context, key cacheKey) (*parsed, error) {
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
	scripts := make(map[string]string, len(as.Scripts))
	for file, sum := range as.Scripts {
		text, err := c.files.Get(ctx, sum)
		if err != nil {
			return nil, fmt.Errorf("script %s: %w", file, err)
		}
		scripts[file] = string(text)
	}
	opts.ScriptNames = slices.Sorted(maps.Keys(scripts))
	opts.Script = func(name string) (string, bool) {
		text, ok := scripts[name]
		return text, ok
	}
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
	return &parsed{process: defs, bytes: defs.Bytes}, nil
}

func (c *Cache) loadDecisions(ctx context.Context, key cacheKey, others []string) (*parsed, error) {
	name := key.digest.String()
	content, err := c.files.Get(ctx, name)
	if err != nil {
		return nil, err
	}
	bytes := int64(len(content))
	var fetch error
	model, problems := dmn.Parse(name, content, dmn.Options{
		Limits:      dmn.Limits{Bytes: max(len(content), 4<<20)},
		Expressions: CompileForeign,
		Import: func(namespace, _ string) (string, []byte, bool) {
			for _, other := range others {
				imported, err := c.files.Get(ctx, other)
				if err != nil {
					fetch = err
					return "", nil, false
				}
				if namespaceOf(imported) == namespace && other != name {
					bytes += int64(len(imported))
					return other, imported, true
				}
			}
			return "", nil, false
		},
	})
	if fetch != nil {
		return nil, fetch
	}
	// What a newer release finds wrong with a part makes that part null.
	if model == nil {
		return nil, fmt.Errorf("%w: %v", ErrUnparsable, problems)
	}
	return &parsed{decision: model, bytes: decisionBase + decisionBytes*bytes}, nil
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
