package runner

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/weir-bpm/weir/client"
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/definitions"
	"github.com/weir-bpm/weir/engine"
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/internal/embednats"
	"github.com/weir-bpm/weir/snapshots"
	"github.com/weir-bpm/weir/streams"
)

// shared is the server that most tests use, each with a prefix of its own.
var shared *embednats.Server

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "weir-runner-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if shared, err = embednats.Start(embednats.Config{Dir: dir}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	if err := errors.Join(shared.Stop(), os.RemoveAll(dir)); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(code)
}

var prefixes atomic.Int64

// fixture is a cluster without owners of its partitions; tests make those.
type fixture struct {
	t       *testing.T
	nc      *nats.Conn
	js      jetstream.JetStream
	names   streams.Names
	cluster streams.Cluster
	catalog *definitions.Catalog
	cfg     Config
	client  *client.Client
	warned  *warnings
}

// warnings keeps what was logged at warn level and above.
type warnings struct {
	slog.Handler
	mu   sync.Mutex
	text strings.Builder
}

func (w *warnings) Handle(ctx context.Context, r slog.Record) error {
	if r.Level >= slog.LevelWarn {
		w.mu.Lock()
		w.text.WriteString(r.Message + "\n")
		w.mu.Unlock()
	}
	if !w.Handler.Enabled(ctx, r.Level) {
		return nil
	}
	return w.Handler.Handle(ctx, r)
}

func (w *warnings) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelWarn }

func (w *warnings) WithAttrs([]slog.Attr) slog.Handler { return w }

func (w *warnings) has(text string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return strings.Contains(w.text.String(), text)
}

func newFixture(t *testing.T, partitions int) *fixture {
	t.Helper()
	return fixtureOn(t, shared, partitions)
}

func connect(t *testing.T, s *embednats.Server, opts ...nats.Option) (*nats.Conn, jetstream.JetStream) {
	t.Helper()
	nc, err := s.Connect(opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc, jetstream.WithPublishAsyncMaxPending(16_384))
	if err != nil {
		t.Fatal(err)
	}
	return nc, js
}

func fixtureOn(t *testing.T, s *embednats.Server, partitions int, opts ...nats.Option) *fixture {
	t.Helper()
	f := &fixture{t: t, names: streams.Names{Prefix: fmt.Sprintf("t%d", prefixes.Add(1))}}
	f.nc, f.js = connect(t, s, opts...)
	var err error
	if f.cluster, err = streams.EnsureCluster(t.Context(), f.js, f.names, streams.Setup{}, partitions); err != nil {
		t.Fatal(err)
	}
	files, err := definitions.OpenResources(t.Context(), f.js, f.names, streams.Setup{})
	if err != nil {
		t.Fatal(err)
	}
	if f.catalog, err = definitions.NewCatalog(definitions.CatalogConfig{JetStream: f.js, Names: f.names, Files: files}); err != nil {
		t.Fatal(err)
	}
	f.catalog.Start()
	t.Cleanup(f.catalog.Stop)
	level := slog.LevelError + 8
	if testing.Verbose() {
		level = slog.LevelWarn
	}
	f.warned = &warnings{Handler: slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: level})}
	f.cfg = Config{
		NC: f.nc, JS: f.js, Names: f.names, Partitions: partitions, Member: "test",
		Definitions: NewCatalog(f.catalog, f.js, f.names),
		Snapshots:   snapshots.NewJetStream(f.js, snapshots.Config{Names: f.names}),
		Logger:      slog.New(f.warned),
	}.WithDefaults()
	f.cfg.Engine.Homes, f.cfg.Engine.Partitions = f.cluster.Homes, f.cluster.Partitions
	cnc, _ := connect(t, s, opts...)
	if f.client, err = client.New(t.Context(), cnc, client.WithPrefix(f.names.Prefix)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.client.Close() })
	return f
}

// owner is a running owner of a partition, without a node around it.
type owner struct {
	t      *testing.T
	p      *partition
	cancel context.CancelFunc
	done   chan struct{}
	err    error
}

// own runs a partition once: it does not start again after an error.
func (f *fixture) own(id ids.Partition, change ...func(*Config)) *owner {
	f.t.Helper()
	o := f.prepare(id, change...)
	o.run()
	return o
}

func (f *fixture) prepare(id ids.Partition, change ...func(*Config)) *owner {
	cfg := f.cfg
	for _, c := range change {
		c(&cfg)
	}
	return &owner{t: f.t, p: newPartition(&cfg, id), done: make(chan struct{})}
}

func (o *owner) run() {
	ctx, cancel := context.WithCancel(context.WithoutCancel(o.t.Context()))
	o.cancel = cancel
	go func() {
		defer close(o.done)
		o.err = o.p.run(ctx)
	}()
	o.t.Cleanup(o.stop)
}

// stop releases the partition in good order.
func (o *owner) stop() {
	o.cancel()
	<-o.done
}

func (o *owner) up() {
	o.t.Helper()
	eventually(o.t, "the partition is owned", func() bool {
		select {
		case <-o.done:
			o.t.Fatalf("the owner ended: %v", o.err)
		default:
		}
		return o.p.present() != nil
	})
}

func eventually(t *testing.T, what string, cond func() bool) {
	t.Helper()
	eventuallyIn(t, 30*time.Second, 2*time.Millisecond, what, cond)
}

// eventuallyIn is eventually with its own limit and time between two looks.
func eventuallyIn(t *testing.T, limit, each time.Duration, what string, cond func() bool) {
	t.Helper()
	deadline := time.Now().Add(limit)
	for !cond() {
		if time.Now().After(deadline) {
			t.Fatalf("expected that %s, but it did not happen in time", what)
		}
		time.Sleep(each)
	}
}

// deployer runs the writer of the definitions log until the test ends.
func (f *fixture) deployer() context.CancelFunc {
	ctx, cancel := context.WithCancel(context.WithoutCancel(f.t.Context()))
	done := make(chan struct{})
	go func() {
		defer close(done)
		retry(ctx, f.cfg.Logger, "deployer", newDeployer(&f.cfg, f.cluster).run)
	}()
	stop := func() { cancel(); <-done }
	f.t.Cleanup(stop)
	return stop
}

func (f *fixture) deploy(models ...string) *commands.DeployResult {
	f.t.Helper()
	var d commands.Deploy
	for i, m := range models {
		d.Resources = append(d.Resources, commands.DeployResource{Name: fmt.Sprintf("m%d.bpmn", i), Content: []byte(m)})
	}
	r, err := f.client.Deploy(f.t.Context(), d)
	if err != nil {
		f.t.Fatalf("deploy: %v %+v", err, r)
	}
	return r
}

// at returns an id of a new instance in a partition.
func (f *fixture) at(p ids.Partition) ids.Instance {
	for {
		if id := f.client.NewInstanceID(); id.Partition() == p {
			return id
		}
	}
}

func (f *fixture) start(p ids.Partition, process string, vars map[string]any) ids.Instance {
	f.t.Helper()
	id := f.at(p)
	if _, err := f.client.Start(f.t.Context(), id, commands.StartInstance{ProcessID: process, Variables: vars}); err != nil {
		f.t.Fatalf("start %s: %v", process, err)
	}
	return id
}

func (f *fixture) send(id ids.Instance, c commands.Command) error {
	_, err := f.client.Do(f.t.Context(), id, c)
	return err
}

// frames returns all frames of a partition.
func (f *fixture) frames(p ids.Partition) []streams.Entry {
	f.t.Helper()
	return framesOf(f.t, f.js, f.names.EventStream(p))
}

func framesOf(t *testing.T, js jetstream.JetStream, name string) []streams.Entry {
	t.Helper()
	st, err := js.Stream(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	// One by one, since tests look often, and readers leave consumers behind.
	var out []streams.Entry
	for seq := uint64(1); seq <= st.CachedInfo().State.LastSeq; seq++ {
		msg, err := st.GetMsg(t.Context(), seq)
		if err != nil {
			t.Fatalf("read %s at %d: %v", name, seq, err)
		}
		frame, err := events.DecodeFrame(msg.Data)
		if err != nil {
			t.Fatalf("read %s at %d: %v", name, seq, err)
		}
		out = append(out, streams.Entry{Seq: seq, StoredAt: msg.Time, Frame: frame, Hash: events.HashOf(msg.Data), Size: len(msg.Data)})
	}
	return out
}

// count returns how many events of a kind the partition's log holds.
func count[E events.Event](f *fixture, p ids.Partition) int {
	f.t.Helper()
	n := 0
	for _, e := range f.frames(p) {
		for _, t := range e.Frame.Transitions {
			for _, ev := range t.Events {
				if _, ok := ev.(E); ok {
					n++
				}
			}
		}
	}
	return n
}

// replayed folds the whole log of a partition from its first frame.
func (f *fixture) replayed(p ids.Partition) *engine.State {
	f.t.Helper()
	cfg := f.cfg.Engine
	cfg.Partition = p
	s := engine.NewState(cfg, nil)
	for _, e := range f.frames(p) {
		s.ApplyFrame(e.Seq, e.Hash, e.Frame)
	}
	return s
}

// sameState fails the test unless two states encode to the same bytes, header
// and instances.
func sameState(t *testing.T, got, want *engine.State) {
	t.Helper()
	g, err1 := got.EncodeHeader()
	w, err2 := want.EncodeHeader()
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	if string(g) != string(w) {
		t.Errorf("the headers differ: %d and %d bytes at sequences %d and %d", len(g), len(w), got.LastSeq, want.LastSeq)
	}
	for _, id := range want.InstanceIDs() {
		a, b := got.Instance(id), want.Instance(id)
		if a == nil {
			t.Errorf("instance %s is missing", id)
			continue
		}
		g, err1 := engine.EncodeInstance(a)
		w, err2 := engine.EncodeInstance(b)
		if err := errors.Join(err1, err2); err != nil || string(g) != string(w) {
			t.Errorf("instance %s differs: %v", id, err)
		}
	}
}

// jobs takes every job that is in the work queue, without acknowledging.
func (f *fixture) jobs() []string {
	f.t.Helper()
	st, err := f.js.Stream(f.t.Context(), f.names.JobStream())
	if err != nil {
		f.t.Fatal(err)
	}
	info, err := st.Info(f.t.Context(), jetstream.WithSubjectFilter(f.names.JobSubjects()))
	if err != nil {
		f.t.Fatal(err)
	}
	var out []string
	for s := range info.State.Subjects {
		out = append(out, s[strings.LastIndexByte(s, '.')+1:])
	}
	return out
}

func process(id, body string) string {
	return `<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" targetNamespace="test">
<message id="m1" name="ping"><extensionElements><zeebe:subscription correlationKey="=key"/></extensionElements></message>
<process id="` + id + `" isExecutable="true">` + body + `</process></definitions>`
}

func flow(id, from, to string) string {
	return fmt.Sprintf(`<sequenceFlow id="%s" sourceRef="%s" targetRef="%s"/>`, id, from, to)
}

func service(id, jobType string) string {
	return fmt.Sprintf(`<serviceTask id="%s"><extensionElements><zeebe:taskDefinition type="%s"/></extensionElements></serviceTask>`, id, jobType)
}

// oneJob is start → job of type work → end.
var oneJob = process("one_job", `<startEvent id="start"/>`+flow("f1", "start", "task")+service("task", "work")+flow("f2", "task", "end")+`<endEvent id="end"/>`)

// waiting is start → message ping, key from variable key → end.
var waiting = process("waiting", `<startEvent id="start"/>`+flow("f1", "start", "catch")+
	`<intermediateCatchEvent id="catch"><messageEventDefinition messageRef="m1"/></intermediateCatchEvent>`+flow("f2", "catch", "end")+`<endEvent id="end"/>`)

// timed is start → timer after the duration in variable wait → end.
var timed = process("timed", `<startEvent id="start"/>`+flow("f1", "start", "timer")+
	`<intermediateCatchEvent id="timer"><timerEventDefinition><timeDuration xsi:type="tFormalExpression">=wait</timeDuration></timerEventDefinition></intermediateCatchEvent>`+flow("f2", "timer", "end")+`<endEvent id="end"/>`)

// mixed is start → message → timer → job → end.
var mixed = process("mixed", `<startEvent id="start"/>`+flow("f1", "start", "catch")+
	`<intermediateCatchEvent id="catch"><messageEventDefinition messageRef="m1"/></intermediateCatchEvent>`+flow("f2", "catch", "timer")+
	`<intermediateCatchEvent id="timer"><timerEventDefinition><timeDuration xsi:type="tFormalExpression">PT0.02S</timeDuration></timerEventDefinition></intermediateCatchEvent>`+flow("f3", "timer", "task")+
	service("task", "work")+flow("f4", "task", "end")+`<endEvent id="end"/>`)

// raw is the message of a command as any NATS client would send it.
func (f *fixture) raw(id ids.Instance, c commands.Command) *nats.Msg {
	f.t.Helper()
	data, err := commands.Encode(c)
	if err != nil {
		f.t.Fatal(err)
	}
	msg := nats.NewMsg(f.names.CommandSubject(streams.DefaultTenant, id, string(c.Kind())))
	msg.Header.Set(commands.HeaderContentType, commands.ContentMsgpack)
	msg.Data = data
	return msg
}
