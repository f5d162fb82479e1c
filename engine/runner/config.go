package runner

import (
	"cmp"
	"context"
	"log/slog"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/weir-bpm/weir/definitions"
	"github.com/weir-bpm/weir/engine"
	"github.com/weir-bpm/weir/snapshots"
	"github.com/weir-bpm/weir/streams"
)

// Config says what an executor node needs and how it works.
type Config struct {
	// NC and JS are the connection to NATS. Required.
	NC *nats.Conn
	JS jetstream.JetStream
	// Names builds the names of streams and subjects.
	Names streams.Names
	// Setup says how missing streams are made.
	Setup streams.Setup
	// Partitions is how many partitions a new cluster gets. Default 4. In a
	// cluster that exists, a higher number adds partitions; a lower one is
	// refused.
	Partitions int
	// Engine holds the limits of decisions; Partition and Homes are filled in.
	Engine engine.Config
	// Definitions answers what is deployed. Required.
	Definitions Definitions
	// Snapshots stores checkpoints. Required.
	Snapshots snapshots.Store
	// Clock is the engine's time. Default: the system's.
	Clock *Clock
	// Member is the name of this node among the executors. Default: made of
	// the host name and a random part.
	Member string
	// MaxGroup bounds how many commands go into one frame. Default 512.
	MaxGroup int
	// MaxGroupBytes bounds their payloads together. Default 1 MiB.
	MaxGroupBytes int
	// CheckpointEvery is how often a busy partition writes a checkpoint. Default
	// 30 s. A clean stop writes one too.
	CheckpointEvery time.Duration
	// PassivateAfter is how long an instance rests before its state leaves
	// memory. Default 30 s.
	PassivateAfter time.Duration
	// MaxHot bounds the instances in memory of one partition; beyond it, those
	// that rested longest leave first. Default 5,000.
	MaxHot int
	// ReleaseTimeout bounds how long a stop waits for effects and a checkpoint.
	// Default 10 s.
	ReleaseTimeout time.Duration
	// Throttle is asked before each group how long to hold back intake, for
	// when the read models lag behind. Default: never.
	Throttle func(seq uint64, partition string) time.Duration
	// Logger gets what an operator should know. Default: slog.Default().
	Logger *slog.Logger
}

// Definitions is the engine's view of what is deployed, with what the shell
// needs besides.
type Definitions interface {
	engine.Definitions
	// HighWater is the newest deploy sequence seen.
	HighWater() uint64
	// WaitFor waits until the deploy sequence has been seen.
	WaitFor(ctx context.Context, seq uint64) error
	// Describe tells the newest deploy sequence, the digest of the index and
	// how the cache of parsed models fares.
	Describe() (seq uint64, digest string, cache definitions.CacheStats)
	// CatchUp waits until all that is in the deploy log now has been seen.
	CatchUp(ctx context.Context) error
}

// WithDefaults fills in the zero fields.
func (c Config) WithDefaults() Config {
	c.Partitions = cmp.Or(c.Partitions, 4)
	c.MaxGroup = cmp.Or(c.MaxGroup, 512)
	c.MaxGroupBytes = cmp.Or(c.MaxGroupBytes, 1<<20)
	c.CheckpointEvery = cmp.Or(c.CheckpointEvery, 30*time.Second)
	c.PassivateAfter = cmp.Or(c.PassivateAfter, 30*time.Second)
	c.MaxHot = cmp.Or(c.MaxHot, 5_000)
	c.ReleaseTimeout = cmp.Or(c.ReleaseTimeout, 10*time.Second)
	if c.Clock == nil {
		c.Clock = NewClock()
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Throttle == nil {
		c.Throttle = func(uint64, string) time.Duration { return 0 }
	}
	return c
}
