// Package weir is the Weir process engine as a library: [Open] runs it inside an
// application, with the same parts that the weir binary runs.
//
// With the zero [Config] but for Dir, everything is in one process: an embedded
// nats-server, a private Postgres, the executor, the projector and the gateway.
// With NATSURL and PostgresURL it joins a cluster that exists, in the roles that
// Roles names.
package weir

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/weir-bpm/weir/client"
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/definitions"
	"github.com/weir-bpm/weir/engine"
	"github.com/weir-bpm/weir/engine/runner"
	"github.com/weir-bpm/weir/expression/timers"
	"github.com/weir-bpm/weir/gateway"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/internal/embednats"
	"github.com/weir-bpm/weir/internal/privatepg"
	"github.com/weir-bpm/weir/projector"
	"github.com/weir-bpm/weir/snapshots"
	"github.com/weir-bpm/weir/streams"
	httpworker "github.com/weir-bpm/weir/worker/http"
)

// Version is the release.
const Version = "0.1.0"

// Role is a part of Weir that a process can run.
type Role string

// The roles.
const (
	RoleExecutor  Role = "executor"
	RoleProjector Role = "projector"
	RoleGateway   Role = "gateway"
	// RoleWorker does the built-in HTTP jobs.
	RoleWorker Role = "worker"
)

// Roles lists all roles.
func Roles() []Role { return []Role{RoleExecutor, RoleProjector, RoleGateway, RoleWorker} }

// Config says what a process runs and on what.
type Config struct {
	// Dir is the data folder of the embedded nats-server and of the private
	// Postgres. Required, and made, where one of them runs: not when NATSURL is
	// given and either PostgresURL is too or no role is projector or gateway.
	Dir string
	// NATSURL is a NATS server with JetStream; empty runs an embedded one.
	NATSURL string
	// NATSHost and NATSPort are where the embedded server listens. Defaults
	// 127.0.0.1 and, as 0 does, a free port.
	NATSHost string
	NATSPort int
	// PostgresURL is a Postgres database; empty runs a private one.
	PostgresURL string
	// Schema is the Postgres schema of the read models. Default "weir".
	Schema string
	// Prefix begins all subjects, so that clusters can share a NATS. Default
	// "weir".
	Prefix string
	// HTTP is the address of the HTTP interface; empty serves none.
	HTTP string
	// Roles are the parts to run; none means all.
	Roles []Role
	// Partitions is the number of partitions of a new cluster; more than an old
	// one has are added, fewer are refused (partitions.decreased). Zero means as
	// many as the cluster has, 4 in a new one.
	Partitions int
	// Replicas is the number of copies of each stream, 1 or 3. Default 1.
	Replicas int
	// MaxVariablesBytes bounds one variable document. Default 1 MiB.
	MaxVariablesBytes int
	// PassivateAfter is how long an instance rests before its state leaves
	// memory, and CheckpointEvery how often partitions write checkpoints.
	// Defaults 30 s each.
	PassivateAfter  time.Duration
	CheckpointEvery time.Duration
	// MaxLag is how many frames the read models may be behind before intake is
	// slowed. Default 20,000.
	MaxLag uint64
	// TimeZone is the IANA name of the zone of dates without one, of the days of
	// durations and of cron expressions in timers. Default UTC. Timers that are
	// armed keep their due time when it changes. All executors of a cluster
	// should have the same.
	TimeZone string
	// TimerCatchUp says what a cycle does after an outage, where its deployment
	// does not: "once", the default, fires once and goes on from now, "each" fires
	// for each time that has passed.
	TimerCatchUp string
	// HTTPWorker says what the built-in HTTP jobs may do; see docs/http.md. Its
	// Logger is not used.
	HTTPWorker httpworker.Config
	// HistoryCleanupInterval is how often instances whose time to live is over are
	// removed from the read models, in the role projector. Default 1 minute; a
	// negative one removes none.
	HistoryCleanupInterval time.Duration
	// AllowClock lets callers move the engine's clock. For tests.
	AllowClock bool
	// Logger gets what an operator should know. Default: slog.Default().
	Logger *slog.Logger
}

// needsDir says that a server runs in this process that has data.
func (c *Config) needsDir() bool {
	reads := slices.Contains(c.Roles, RoleProjector) || slices.Contains(c.Roles, RoleGateway)
	return c.NATSURL == "" || c.PostgresURL == "" && reads
}

// Weir is a running process of the engine.
type Weir struct {
	cfg   Config
	names streams.Names

	nats     *embednats.Server
	postgres *privatepg.Server
	conns    []*nats.Conn
	js       jetstream.JetStream
	pool     *pgxpool.Pool
	clock    *runner.Clock
	lag      projected
	catalog  *definitions.Catalog
	node     *runner.Node
	proj     *projector.Projector
	client   *client.Client
	service  *gateway.Service
	http     *gateway.Server

	// closers undo what Open has done, in the order in which they are to run.
	closers []func(context.Context) error
	cancel  context.CancelFunc
}

// Open starts the engine and returns when it takes commands. Close it after
// use.
func Open(ctx context.Context, cfg Config) (w *Weir, err error) {
	cfg.Logger = cmp.Or(cfg.Logger, slog.Default())
	cfg.MaxLag = cmp.Or(cfg.MaxLag, 20_000)
	cfg.NATSHost = cmp.Or(cfg.NATSHost, "127.0.0.1")
	if len(cfg.Roles) == 0 {
		cfg.Roles = Roles()
	}
	for _, r := range cfg.Roles {
		if !slices.Contains(Roles(), r) {
			return nil, fmt.Errorf("weir: role %q is none of %v", r, Roles())
		}
	}
	switch {
	case !cfg.needsDir():
		cfg.Dir = ""
	case cfg.Dir == "":
		return nil, errors.New("weir: Config.Dir is required unless NATSURL and PostgresURL are given")
	default:
		// Others may pass through, though not look into what is below: the
		// private Postgres runs as another user when this process is root's.
		if err := os.MkdirAll(cfg.Dir, 0o755); err != nil { //nolint:gosec // see above
			return nil, fmt.Errorf("make the data folder: %w", err)
		}
	}
	w = &Weir{cfg: cfg, names: streams.Names{Prefix: cfg.Prefix}, clock: runner.NewClock()}
	// What runs in the background outlives the context of Open.
	background, cancel := context.WithCancel(context.WithoutCancel(ctx))
	w.cancel = cancel
	opened := w
	defer func() {
		if err != nil {
			err = errors.Join(err, opened.Close(context.WithoutCancel(ctx)))
		}
	}()
	steps := []func(ctx, background context.Context) error{
		w.openNATS, w.openCluster, w.openPostgres, w.openExecutor, w.openProjector, w.openGateway, w.openWorker,
	}
	for _, step := range steps {
		if err := step(ctx, background); err != nil {
			return nil, err
		}
	}
	return w, nil
}

func (w *Weir) has(r Role) bool { return slices.Contains(w.cfg.Roles, r) }

// onClose notes how to undo a step; the newest runs first.
func (w *Weir) onClose(f func(context.Context) error) {
	w.closers = append([]func(context.Context) error{f}, w.closers...)
}

// connect opens a connection to NATS, embedded or not.
func (w *Weir) connect(name string) (*nats.Conn, error) {
	opts := []nats.Option{
		nats.Name("weir " + name), nats.MaxReconnects(-1), nats.ReconnectWait(200 * time.Millisecond),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			w.cfg.Logger.Warn("NATS", "connection", name, "error", err)
		}),
	}
	var nc *nats.Conn
	var err error
	if w.nats != nil {
		nc, err = w.nats.Connect(opts...)
	} else {
		nc, err = nats.Connect(w.cfg.NATSURL, opts...)
	}
	if err != nil {
		return nil, fmt.Errorf("connect to NATS: %w", err)
	}
	w.conns = append(w.conns, nc)
	return nc, nil
}

// minPayload is the smallest max_payload of a NATS server that Weir works with,
// which is what a server has that nobody told more. The limits of variables are
// lower there (engine.Config.MaxFrameBytes).
const minPayload = 1 << 20

func (w *Weir) openNATS(_, _ context.Context) error {
	if w.cfg.NATSURL == "" {
		s, err := embednats.Start(embednats.Config{
			Dir: filepath.Join(w.cfg.Dir, "nats"), Host: w.cfg.NATSHost, Port: w.cfg.NATSPort,
			Logger: w.cfg.Logger.With("part", "nats"),
		})
		if err != nil {
			return err
		}
		w.nats = s
		w.onClose(func(context.Context) error { return s.Stop() })
	}
	nc, err := w.connect("main")
	if err != nil {
		return err
	}
	w.onClose(func(context.Context) error {
		for _, c := range w.conns {
			_ = c.FlushTimeout(time.Second) //nolint:errcheck // the connection may be gone
			c.Close()
		}
		return nil
	})
	if nc.MaxPayload() < minPayload {
		return fmt.Errorf("the NATS server takes messages of at most %d bytes; set its max_payload to at least %d (8MB is recommended)", nc.MaxPayload(), minPayload)
	}
	if w.js, err = newJetStream(nc); err != nil {
		return err
	}
	return nil
}

// newJetStream allows as many unacknowledged publishes as the executor sends in
// one go.
func newJetStream(nc *nats.Conn) (jetstream.JetStream, error) {
	js, err := jetstream.New(nc, jetstream.WithPublishAsyncMaxPending(16_384))
	if err != nil {
		return nil, fmt.Errorf("open JetStream: %w", err)
	}
	return js, nil
}

func (w *Weir) openCluster(ctx, background context.Context) error {
	cluster, err := w.ensureCluster(ctx)
	if err != nil {
		return err
	}
	w.cfg.Partitions = cluster.Partitions
	if w.cfg.AllowClock {
		kv, err := w.js.KeyValue(ctx, w.names.MetaBucket())
		if err != nil {
			return fmt.Errorf("open bucket %s: %w", w.names.MetaBucket(), err)
		}
		if err := w.clock.Follow(background, kv); err != nil {
			return err
		}
	}
	return nil
}

// clusterWait bounds how long a start waits for a NATS cluster that is still
// electing its leaders.
const clusterWait = time.Minute

func (w *Weir) ensureCluster(ctx context.Context) (streams.Cluster, error) {
	deadline := time.Now().Add(clusterWait)
	for {
		try, cancel := context.WithTimeout(ctx, 10*time.Second)
		cluster, err := w.joinCluster(try)
		cancel()
		waiting := errors.Is(err, context.DeadlineExceeded) || errors.Is(err, nats.ErrNoResponders) || errors.Is(err, jetstream.ErrNoStreamResponse)
		if !waiting || ctx.Err() != nil || time.Now().After(deadline) {
			return cluster, err
		}
		w.cfg.Logger.Warn("JetStream does not answer yet", "error", err)
	}
}

// defaultPartitions is the number of partitions of a new cluster.
const defaultPartitions = 4

func (w *Weir) joinCluster(ctx context.Context) (streams.Cluster, error) {
	partitions := w.cfg.Partitions
	if partitions == 0 {
		cluster, err := streams.ReadCluster(ctx, w.js, w.names)
		switch {
		case errors.Is(err, jetstream.ErrBucketNotFound), errors.Is(err, jetstream.ErrKeyNotFound):
			partitions = defaultPartitions
		case err != nil:
			return cluster, err
		default:
			partitions = cluster.Partitions
		}
	}
	cluster, err := streams.EnsureCluster(ctx, w.js, w.names, streams.Setup{Replicas: w.cfg.Replicas}, partitions)
	if errors.Is(err, streams.ErrPartitionsDecreased) {
		return cluster, commands.Reject(commands.CodePartitionsDecreased, "%v", err)
	}
	return cluster, err
}

func (w *Weir) openPostgres(ctx, _ context.Context) error {
	if !w.has(RoleProjector) && !w.has(RoleGateway) {
		return nil
	}
	url := w.cfg.PostgresURL
	if url == "" {
		pg, err := privatepg.Start(ctx, privatepg.Config{Dir: filepath.Join(w.cfg.Dir, "postgres"), Logger: w.cfg.Logger.With("part", "postgres")})
		if err != nil {
			return err
		}
		w.postgres = pg
		w.onClose(func(context.Context) error { return pg.Stop() })
		url = pg.URL()
	}
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return fmt.Errorf("the Postgres address: %w", err)
	}
	cfg.MaxConns = max(cfg.MaxConns, int32(min(w.cfg.Partitions, 64))*2+8) //nolint:gosec // small
	if w.pool, err = pgxpool.NewWithConfig(ctx, cfg); err != nil {
		return fmt.Errorf("connect to Postgres: %w", err)
	}
	w.onClose(func(context.Context) error { w.pool.Close(); return nil })
	return nil
}

func (w *Weir) openExecutor(ctx, background context.Context) error {
	if !w.has(RoleExecutor) {
		return nil
	}
	nc, err := w.connect("executor")
	if err != nil {
		return err
	}
	js, err := newJetStream(nc)
	if err != nil {
		return err
	}
	setup := streams.Setup{Replicas: w.cfg.Replicas}
	files, err := definitions.OpenResources(ctx, js, w.names, setup)
	if err != nil {
		return err
	}
	if w.catalog, err = definitions.NewCatalog(definitions.CatalogConfig{JetStream: js, Names: w.names, Files: files, Logger: w.cfg.Logger}); err != nil {
		return err
	}
	w.catalog.Start()
	w.onClose(func(context.Context) error { w.catalog.Stop(); return nil })
	store := snapshots.NewJetStream(js, snapshots.Config{Names: w.names, Replicas: w.cfg.Replicas})
	kv, err := js.KeyValue(ctx, w.names.MetaBucket())
	if err != nil {
		return fmt.Errorf("open bucket %s: %w", w.names.MetaBucket(), err)
	}
	if err := w.lag.follow(background, kv); err != nil {
		return fmt.Errorf("follow the read models: %w", err)
	}
	cluster, err := streams.ReadCluster(ctx, js, w.names)
	if err != nil {
		return err
	}
	zone, err := timers.LoadZone(cmp.Or(w.cfg.TimeZone, "UTC"))
	if err != nil {
		return fmt.Errorf("time zone: %w", err)
	}
	if c := w.cfg.TimerCatchUp; c != "" && c != "once" && c != "each" {
		return fmt.Errorf("timer catch-up is %q; expected once or each", c)
	}
	w.node, err = runner.NewNode(runner.Config{
		NC: nc, JS: js, Names: w.names, Setup: setup,
		Engine:      engine.Config{MaxVariablesBytes: w.cfg.MaxVariablesBytes, Zone: zone, CatchUpEach: w.cfg.TimerCatchUp == "each"},
		Definitions: runner.NewCatalog(w.catalog, js, w.names), Snapshots: store, Clock: w.clock,
		PassivateAfter: w.cfg.PassivateAfter, CheckpointEvery: w.cfg.CheckpointEvery,
		Throttle: func(seq uint64, partition string) time.Duration { return w.lag.throttle(seq, partition, w.cfg.MaxLag) }, Logger: w.cfg.Logger,
	}, cluster)
	if err != nil {
		return err
	}
	if err := w.node.Start(background); err != nil {
		return err
	}
	w.onClose(func(context.Context) error { w.node.Stop(); return nil })
	return nil
}

func (w *Weir) openProjector(ctx, background context.Context) error {
	if w.pool == nil {
		return nil
	}
	nc, err := w.connect("projector")
	if err != nil {
		return err
	}
	js, err := newJetStream(nc)
	if err != nil {
		return err
	}
	proj, err := projector.New(projector.Config{
		Pool: w.pool, Schema: w.cfg.Schema, JS: js, Names: w.names, Partitions: w.partitions(js), Logger: w.cfg.Logger.With("part", "projector"),
		Now: func() time.Time { return time.UnixMilli(w.clock.NowMS()) }, CleanupInterval: cmp.Or(w.cfg.HistoryCleanupInterval, time.Minute),
	})
	if err != nil {
		return err
	}
	w.proj = proj
	if !w.has(RoleProjector) {
		return nil
	}
	if err := proj.Start(background); err != nil {
		return err
	}
	w.onClose(func(context.Context) error { proj.Stop(); return nil })
	kv, err := js.KeyValue(ctx, w.names.MetaBucket())
	if err != nil {
		return fmt.Errorf("open bucket %s: %w", w.names.MetaBucket(), err)
	}
	go report(background, kv, proj.Positions)
	select {
	case <-proj.Started():
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(postgresWait):
		// The engine works without its read models; they catch up later.
		w.cfg.Logger.Warn("Postgres does not answer yet; commands are taken, queries have to wait")
	}
	return nil
}

// postgresWait bounds how long a start waits for Postgres.
const postgresWait = 15 * time.Second

// partitions lists the cluster's partitions as they are now: another process may
// have added some.
func (w *Weir) partitions(js jetstream.JetStream) func() []ids.Partition {
	var known atomic.Int64 // several ask at once
	known.Store(int64(w.cfg.Partitions))
	return func() []ids.Partition {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		if c, err := streams.ReadCluster(ctx, js, w.names); err == nil {
			known.Store(int64(c.Partitions))
		}
		out := make([]ids.Partition, known.Load())
		for i := range out {
			out[i] = ids.Partition(i)
		}
		return out
	}
}

func (w *Weir) openGateway(ctx, _ context.Context) error {
	nc, err := w.connect("client")
	if err != nil {
		return err
	}
	if w.client, err = client.New(ctx, nc, client.WithPrefix(w.cfg.Prefix)); err != nil {
		return err
	}
	w.onClose(func(context.Context) error { return w.client.Close() })
	if !w.has(RoleGateway) {
		return nil
	}
	queries, err := projector.NewQueries(w.pool, w.cfg.Schema)
	if err != nil {
		return err
	}
	cfg := gateway.Config{
		NC: nc, JS: w.js, Names: w.names, Client: w.client, Queries: queries, Projector: w.proj,
		Version: Version, Logger: w.cfg.Logger.With("part", "gateway"),
	}
	if w.cfg.AllowClock {
		if cfg.Clock, err = runner.OpenClockControl(ctx, w.js, w.names, w.clock); err != nil {
			return err
		}
	}
	g := gateway.New(cfg)
	if w.service, err = g.Serve(); err != nil {
		return err
	}
	w.onClose(func(context.Context) error { return w.service.Stop() })
	if w.cfg.HTTP == "" {
		return nil
	}
	if w.http, err = g.Listen(w.cfg.HTTP); err != nil {
		return err
	}
	w.onClose(w.http.Stop)
	return nil
}

func (w *Weir) openWorker(ctx, _ context.Context) error {
	if !w.has(RoleWorker) {
		return nil
	}
	cfg := w.cfg.HTTPWorker
	cfg.Logger = w.cfg.Logger.With("part", "http worker")
	worker, err := httpworker.Start(ctx, w.client, cfg)
	if err != nil {
		return err
	}
	w.onClose(func(context.Context) error { worker.Stop(); return nil })
	return nil
}

// Client returns a client of this engine.
func (w *Weir) Client() *client.Client { return w.client }

// NATSURL is where clients reach NATS.
func (w *Weir) NATSURL() string {
	if w.nats != nil {
		return w.nats.ClientURL()
	}
	return w.cfg.NATSURL
}

// HTTPAddr is where the HTTP interface listens, empty if there is none.
func (w *Weir) HTTPAddr() string {
	if w.http == nil {
		return ""
	}
	return w.http.Addr()
}

// PostgresURL is the address of the read models. It may hold a password.
func (w *Weir) PostgresURL() string {
	if w.postgres != nil {
		return w.postgres.URL()
	}
	return w.cfg.PostgresURL
}

// DataDir is the folder with the data of the embedded nats-server and of the
// private Postgres, empty when this process runs neither.
func (w *Weir) DataDir() string { return w.cfg.Dir }

// PostgresPasswordFile holds the password that [Weir.PostgresURL] contains when
// the private Postgres listens on a port of the loopback interface; empty
// otherwise.
func (w *Weir) PostgresPasswordFile() string {
	if w.postgres == nil || !strings.Contains(w.postgres.URL(), "@") {
		return ""
	}
	return filepath.Join(w.cfg.Dir, "postgres", "password")
}

// Partitions is the number of partitions of the cluster.
func (w *Weir) Partitions() int { return w.cfg.Partitions }

// Close stops everything in good order: no new requests, decisions in hand are
// stored and their effects done, the read models written, then the servers. It
// may be called more than once.
func (w *Weir) Close(ctx context.Context) error {
	var err error
	for _, f := range w.closers {
		err = errors.Join(err, f(ctx))
	}
	w.closers = nil
	w.cancel()
	return err
}
