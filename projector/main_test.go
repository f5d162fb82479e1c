package projector

// The tests run against a real Postgres and a real nats-server. One of each is
// started for the package; each test has its own schema and its own prefix.
// WEIR_TEST_POSTGRES names an external Postgres by its URL instead.

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/internal/privatepg"
	"github.com/weir-bpm/weir/streams"
)

var shared struct {
	pool *pgxpool.Pool
	js   jetstream.JetStream
	url  string
	next atomic.Int64
}

func TestMain(m *testing.M) {
	code, err := setUp(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "projector tests need Postgres and NATS:", err)
		code = 1
	}
	os.Exit(code)
}

func setUp(m *testing.M) (int, error) {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "weir-projector")
	if err != nil {
		return 1, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	shared.url = os.Getenv("WEIR_TEST_POSTGRES")
	if shared.url == "" {
		pg, err := privatepg.Start(ctx, privatepg.Config{Dir: dir + "/pg"})
		if err != nil {
			return 1, fmt.Errorf("start Postgres (or name one in WEIR_TEST_POSTGRES): %w", err)
		}
		defer func() { _ = pg.Stop() }()
		shared.url = pg.URL()
	}
	cfg, err := pgxpool.ParseConfig(shared.url)
	if err != nil {
		return 1, err
	}
	cfg.MaxConns = 40
	if shared.pool, err = pgxpool.NewWithConfig(ctx, cfg); err != nil {
		return 1, err
	}
	defer shared.pool.Close()
	if err := shared.pool.Ping(ctx); err != nil {
		return 1, fmt.Errorf("reach Postgres: %w", err)
	}
	ns, err := server.NewServer(&server.Options{JetStream: true, StoreDir: dir + "/nats", Port: -1, Host: "127.0.0.1", NoSigs: true, MaxPayload: 8 << 20})
	if err != nil {
		return 1, err
	}
	ns.Start()
	defer func() { ns.Shutdown(); ns.WaitForShutdown() }()
	if !ns.ReadyForConnections(10 * time.Second) {
		return 1, fmt.Errorf("nats-server did not come up")
	}
	nc, err := nats.Connect(ns.ClientURL())
	if err != nil {
		return 1, err
	}
	defer nc.Close()
	if shared.js, err = jetstream.New(nc, jetstream.WithPublishAsyncMaxPending(256)); err != nil {
		return 1, err
	}
	return m.Run(), nil
}

// world is a schema and a set of logs of one test.
type world struct {
	t      testing.TB
	schema string
	names  streams.Names
	parts  []ids.Partition
	last   map[ids.Partition]events.Hash
	seq    map[ids.Partition]uint64
	mu     sync.Mutex // for writeOne
}

var notWord = regexp.MustCompile(`[^a-z0-9]+`)

func newWorld(t testing.TB, parts ...ids.Partition) *world {
	t.Helper()
	id := fmt.Sprintf("t%d_%s", shared.next.Add(1), notWord.ReplaceAllString(strings.ToLower(t.Name()), "_"))
	id = id[:min(len(id), 30)]
	w := &world{
		t: t, schema: id, names: streams.Names{Prefix: id}, parts: parts,
		last: map[ids.Partition]events.Hash{}, seq: map[ids.Partition]uint64{},
	}
	for _, p := range append([]ids.Partition{Definitions}, parts...) {
		w.createLog(p)
	}
	t.Cleanup(func() {
		ctx := context.Background()
		if _, err := shared.pool.Exec(ctx, "DROP SCHEMA IF EXISTS "+w.schema+" CASCADE"); err != nil {
			t.Error(err)
		}
		for _, p := range append([]ids.Partition{Definitions}, parts...) {
			_ = shared.js.DeleteStream(ctx, StreamOf(w.names, p))
		}
	})
	return w
}

func (w *world) createLog(p ids.Partition) {
	w.t.Helper()
	_, err := shared.js.CreateStream(w.t.Context(), jetstream.StreamConfig{Name: StreamOf(w.names, p), Subjects: []string{w.subject(p)}, Storage: jetstream.FileStorage})
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) subject(p ids.Partition) string {
	if p == Definitions {
		return w.names.DefinitionSubject()
	}
	return w.names.EventSubject(p)
}

// write appends frames with these transitions to a log, chained.
func (w *world) write(p ids.Partition, frames ...[]events.Transition) {
	w.t.Helper()
	var pending []jetstream.PubAckFuture
	for _, ts := range frames {
		f := &events.Frame{Epoch: 1, Prev: w.last[p], Transitions: ts}
		data, err := events.EncodeFrame(f)
		if err != nil {
			w.t.Fatal(err)
		}
		w.last[p] = events.HashOf(data)
		w.seq[p]++
		ack, err := shared.js.PublishAsync(w.subject(p), data)
		if err != nil {
			w.t.Fatal(err)
		}
		pending = append(pending, ack)
	}
	for _, ack := range pending {
		select {
		case <-ack.Ok():
		case err := <-ack.Err():
			w.t.Fatal(err)
		}
	}
}

// writeOne appends a frame and waits for the log. It may be called for several
// logs at once.
func (w *world) writeOne(p ids.Partition, ts []events.Transition) uint64 {
	w.mu.Lock()
	prev := w.last[p]
	w.mu.Unlock()
	data, err := events.EncodeFrame(&events.Frame{Epoch: 1, Prev: prev, Transitions: ts})
	if err != nil {
		w.t.Error(err)
		return 0
	}
	ack, err := shared.js.Publish(context.Background(), w.subject(p), data)
	if err != nil {
		w.t.Error(err)
		return 0
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.last[p], w.seq[p] = events.HashOf(data), ack.Sequence
	return ack.Sequence
}

func (w *world) config() Config {
	return Config{
		Pool: shared.pool, Schema: w.schema, JS: shared.js, Names: w.names,
		Partitions:  func() []ids.Partition { return w.parts },
		MinInterval: -1,
		Logger:      slog.New(slog.NewTextHandler(testWriter{w.t}, &slog.HandlerOptions{Level: slog.LevelWarn})),
	}
}

type testWriter struct{ t testing.TB }

func (w testWriter) Write(p []byte) (int, error) {
	w.t.Log(strings.TrimSpace(string(p)))
	return len(p), nil
}

func (w *world) projector() *Projector {
	w.t.Helper()
	p, err := New(w.config())
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

// start starts a projector that is stopped with the test.
func (w *world) start() *Projector {
	w.t.Helper()
	p := w.projector()
	if err := p.Start(context.Background()); err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(p.Stop)
	return p
}

// settle waits until all that was written is projected.
func (w *world) settle(p *Projector) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	for part, seq := range w.seq {
		if err := p.WaitFor(ctx, part, seq); err != nil {
			w.t.Fatal(err)
		}
	}
}

// follower returns a migrated follower of one log that a test drives by hand.
func (w *world) follower(part ids.Partition) *follower {
	w.t.Helper()
	if err := Migrate(w.t.Context(), shared.pool, w.schema); err != nil {
		w.t.Fatal(err)
	}
	p := w.projector()
	return p.follower(part, w.schema, p.days)
}

// dump returns every row of every table as text, by table.
func (w *world) dump(schema string) map[string][]string {
	w.t.Helper()
	out := map[string][]string{}
	tables := append(mapKeys(instanceTables()), mapKeys(otherTables())...)
	for _, table := range append(tables, "transitions", "checkpoints") {
		row := "to_jsonb(t)"
		if table == "checkpoints" {
			row = "to_jsonb(t) - 'updated_at'"
		}
		rows, err := shared.pool.Query(w.t.Context(), "SELECT ("+row+")::text AS r FROM "+qualify(schema, table)+" t ORDER BY r")
		if err != nil {
			w.t.Fatal(err)
		}
		for rows.Next() {
			var s string
			if err := rows.Scan(&s); err != nil {
				w.t.Fatal(err)
			}
			out[table] = append(out[table], s)
		}
		if rows.Err() != nil {
			w.t.Fatal(rows.Err())
		}
	}
	return out
}

func sameDump(t *testing.T, what string, want, got map[string][]string) {
	t.Helper()
	for _, table := range mapKeys(want) {
		a, b := want[table], got[table]
		if len(a) != len(b) {
			t.Errorf("%s: %s: expected %d rows, but got %d", what, table, len(a), len(b))
		}
		for i := range min(len(a), len(b)) {
			if a[i] != b[i] {
				t.Errorf("%s: %s:\nexpected %s\nbut got  %s", what, table, a[i], b[i])
				break
			}
		}
	}
}

func verifyOK(t *testing.T, p *Projector) *Report {
	t.Helper()
	report, err := p.Verify(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range report.Differences {
		t.Errorf("%s %s %v\nexpected %s\nbut got  %s", d.Table, d.ID, d.Columns, d.Expected, d.Actual)
	}
	return report
}
