package definitions

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/internal/embednats"
	"github.com/weir-bpm/weir/streams"
)

// writer stands in for the owner of the definitions log.
type writer struct {
	t     testing.TB
	js    jetstream.JetStream
	files *Resources
	index *Index
	hash  events.Hash
	n     int
}

func newWriter(t testing.TB, js jetstream.JetStream) *writer {
	return &writer{t: t, js: js, files: open(t, js), index: NewIndex()}
}

func (w *writer) append(data []byte) uint64 {
	w.t.Helper()
	ack, err := w.js.Publish(w.t.Context(), streams.Names{}.DefinitionSubject(), data)
	if err != nil {
		w.t.Fatal(err)
	}
	return ack.Sequence
}

// deploy stores the files and appends what is decided.
func (w *writer) deploy(opts PrepareOptions, files ...File) *events.DeploymentCreated {
	w.t.Helper()
	ready, problems, err := Prepare(w.t.Context(), files, opts)
	if err != nil || ready == nil {
		w.t.Fatal(problems, err)
	}
	for _, f := range ready {
		if _, err := w.files.Put(w.t.Context(), f.Content); err != nil {
			w.t.Fatal(err)
		}
	}
	w.n++
	o, problems := Decide(w.index, DeployRequest{Tenant: "default", Command: command(w.n), Resources: ready})
	if len(problems) > 0 || !o.Append() {
		w.t.Fatal(o, problems)
	}
	f := frame(o.Deployment)
	f.Prev = w.hash
	data, err := events.EncodeFrame(f)
	if err != nil {
		w.t.Fatal(err)
	}
	w.hash = events.HashOf(data)
	if err := w.index.Apply(w.append(data), f); err != nil {
		w.t.Fatal(err)
	}
	return o.Deployment
}

func newCatalog(t testing.TB, js jetstream.JetStream, cache CacheConfig) *Catalog {
	t.Helper()
	c, err := NewCatalog(CatalogConfig{
		JetStream: js, Files: open(t, js), Cache: cache, Logger: slog.New(slog.NewTextHandler(t.Output(), nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Stop)
	return c
}

func within(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func TestCatalogFollows(t *testing.T) {
	t.Parallel()
	js, _ := connect(t)
	w := newWriter(t, js)
	w.deploy(PrepareOptions{}, File{"a.bpmn", model("a", "b")})
	early := newCatalog(t, js, CacheConfig{})
	early.Start()
	select {
	case <-early.Started():
	case <-within(t).Done():
		t.Fatal("expected the catalog to reach the end of the log")
	}
	if early.Index().HighWater() != 1 {
		t.Errorf("expected sequence 1 to be read at the start, but got %d", early.Index().HighWater())
	}

	// Whoever waits for a sequence gets it as soon as it is there.
	var wg sync.WaitGroup
	for seq := range uint64(60) {
		wg.Go(func() {
			if err := early.WaitFor(within(t), seq); err != nil {
				t.Error(err)
			}
		})
	}
	for i := range 59 {
		w.deploy(PrepareOptions{}, File{"a.bpmn", model("a", "b"+strconv.Itoa(i))})
	}
	wg.Wait()
	if err := early.WaitFor(within(t), 60); err != nil {
		t.Fatal(err)
	}

	late := newCatalog(t, js, CacheConfig{})
	late.Start()
	if err := late.WaitFor(within(t), 60); err != nil {
		t.Fatal(err)
	}
	for _, c := range []*Catalog{early, late} {
		if got := c.Index().Digest(); got != w.index.Digest() {
			t.Errorf("expected digest %s, but got %s", w.index.Digest(), got)
		}
	}

	short, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := early.WaitFor(short, 61); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("expected the deadline, but got %v", err)
	}
	early.Stop()
	early.Stop()
	if err := early.WaitFor(t.Context(), 61); !errors.Is(err, ErrStopped) {
		t.Errorf("expected ErrStopped, but got %v", err)
	}
	if err := early.WaitFor(t.Context(), 60); err != nil {
		t.Errorf("expected what was reached to stay reached, but got %v", err)
	}
	never := newCatalog(t, js, CacheConfig{})
	never.Stop() // before Start
	never.Start()
	<-never.Done()
	if !errors.Is(never.Err(), ErrStopped) {
		t.Errorf("expected ErrStopped, but got %v", never.Err())
	}
}

// decisions is what the engine asks of a view.
type decisions interface {
	Latest(tenant, processID string) (events.DefinitionRef, bool)
	Version(tenant, processID string, version int) (events.DefinitionRef, bool)
	VersionTag(tenant, processID, tag string) (events.DefinitionRef, bool)
	InDeployment(tenant, deployment, processID string) (events.DefinitionRef, bool)
	Model(tenant string, ref events.DefinitionRef) (*bpmn.Process, error)
}

// TestCatalogClassMap wants each version to be read with the class map of its
// own deployment.
func TestCatalogClassMap(t *testing.T) {
	t.Parallel()
	js, _ := connect(t)
	w := newWriter(t, js)
	content := []byte(`<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="d" targetNamespace="urn:test">
  <process id="p" isExecutable="true"><startEvent id="s"/><sequenceFlow id="f" sourceRef="s" targetRef="t"/>
  <serviceTask id="t" camunda:class="com.acme.X"/></process></definitions>`)
	for _, to := range []string{"job:one", "job:two"} {
		w.deploy(PrepareOptions{Choices: Choices{ClassMap: map[string]string{"com.acme.X": to}}}, File{"p.bpmn", content})
	}
	if _, problems, _ := Prepare(t.Context(), []File{{"p.bpmn", content}}, PrepareOptions{}); !bpmn.HasErrors(problems) {
		t.Errorf("expected a class without job type to be refused, but got %v", problems)
	}
	c := newCatalog(t, js, CacheConfig{})
	c.Start()
	if err := c.WaitFor(within(t), 2); err != nil {
		t.Fatal(err)
	}
	for version, want := range map[int]string{1: "one", 2: "two"} {
		ref, ok := c.Index().Version("default", "p", version)
		if !ok {
			t.Fatalf("expected version %d", version)
		}
		p, err := c.Model(t.Context(), "default", ref)
		if err != nil || p.Element("t").Job == nil || p.Element("t").Job.Type.Constant != want {
			t.Errorf("version %d: expected the job type %s, but got %+v, %v", version, want, p, err)
		}
	}
}

func TestCatalogModel(t *testing.T) {
	t.Parallel()
	js, _ := connect(t)
	w := newWriter(t, js)
	d := w.deploy(PrepareOptions{Choices: Choices{Dialect: bpmn.DialectCamunda}}, File{"a.bpmn", model("a", "b")}, File{"c.bpmn", model("c")})
	w.deploy(PrepareOptions{}, File{"c.bpmn", model("c", "d")})
	c := newCatalog(t, js, CacheConfig{})
	c.Start()
	if err := c.WaitFor(within(t), 2); err != nil {
		t.Fatal(err)
	}
	var view decisions = c.With(t.Context())
	for _, want := range []struct {
		id      string
		version int
		dialect bpmn.Dialect
	}{
		{"a", 1, bpmn.DialectCamunda}, {"b", 1, bpmn.DialectCamunda}, {"c", 1, bpmn.DialectCamunda}, {"c", 2, bpmn.DialectZeebe}, {"d", 1, bpmn.DialectZeebe},
	} {
		ref, ok := view.Version("default", want.id, want.version)
		if !ok {
			t.Fatalf("expected %s:%d", want.id, want.version)
		}
		p, err := view.Model("default", ref)
		if err != nil || p.ID != want.id || p.Dialect != want.dialect {
			t.Errorf("%s: expected its model of dialect %s, but got %+v, %v", ref.ID(), want.dialect, p, err)
		}
	}
	if ref, ok := view.InDeployment("default", d.Deployment, "c"); !ok || ref.Version != 1 {
		t.Errorf("expected c:1 in the first deployment, but got %+v, %v", ref, ok)
	}
	if st := c.CacheStats(); st.Misses != 3 || st.Hits != 2 || st.Models != 3 {
		t.Errorf("expected three files to be read once each, but got %+v", st)
	}
	latest, _ := view.Latest("default", "c")
	for name, ref := range map[string]events.DefinitionRef{
		"version": {ProcessID: "c", Version: 3},
		"process": {ProcessID: "x", Version: 1},
		"digest":  {ProcessID: "c", Version: 1, Digest: latest.Digest},
	} {
		if _, err := view.Model("default", ref); !errors.Is(err, ErrUnknownDefinition) {
			t.Errorf("%s: expected ErrUnknownDefinition, but got %v", name, err)
		}
	}
	if _, err := view.Model("other", latest); !errors.Is(err, ErrUnknownDefinition) {
		t.Errorf("expected another tenant not to find it, but got %v", err)
	}
}

// TestCatalogStopsAtDamage has a message in the log that is no frame, and one
// that does not follow.
func TestCatalogStopsAtDamage(t *testing.T) {
	t.Parallel()
	encoded := func(version int, prev events.Hash) []byte {
		f := frame(&events.DeploymentCreated{
			Tenant: "default", Deployment: DeploymentID(command(99)),
			Processes: []events.DeployedDefinition{{ProcessID: "a", Version: version, Digest: DigestOf(nil)}},
		})
		f.Prev = prev
		data, err := events.EncodeFrame(f)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	for name, test := range map[string]struct {
		message func(prev events.Hash) []byte
		want    error
	}{
		"no frame":          {func(events.Hash) []byte { return []byte("hello") }, events.ErrCorrupt},
		"of a later format": {func(events.Hash) []byte { return []byte("WF\x98\x63") }, events.ErrUnknown},
		"version left out":  {func(prev events.Hash) []byte { return encoded(5, prev) }, ErrInconsistent},
		"other predecessor": {func(events.Hash) []byte { return encoded(2, events.Hash{1}) }, ErrInconsistent},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			js, _ := connect(t)
			w := newWriter(t, js)
			c := newCatalog(t, js, CacheConfig{})
			c.Start()
			w.deploy(PrepareOptions{}, File{"a.bpmn", model("a")})
			if err := c.WaitFor(within(t), 1); err != nil {
				t.Fatal(err)
			}
			w.append(test.message(w.hash))
			if err := c.WaitFor(within(t), 2); !errors.Is(err, test.want) {
				t.Fatalf("expected %v, but got %v", test.want, err)
			}
			select {
			case <-c.Done():
			case <-within(t).Done():
				t.Fatal("expected the catalog to end")
			}
			if !errors.Is(c.Err(), test.want) || c.Index().HighWater() != 1 {
				t.Errorf("expected the index to stay at 1 with %v, but it is at %d with %v", test.want, c.Index().HighWater(), c.Err())
			}
			c.Stop()
			if !errors.Is(c.Err(), test.want) {
				t.Errorf("expected Stop to keep the reason, but got %v", c.Err())
			}
		})
	}
}

// TestCatalogSurvivesServer restarts the server under a catalog.
func TestCatalogSurvivesServer(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	server, err := embednats.Start(embednats.Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	address, err := url.Parse(server.ClientURL())
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.Atoi(address.Port())
	if err != nil {
		t.Fatal(err)
	}
	back := make(chan struct{}, 1)
	nc, err := nats.Connect(server.ClientURL(), nats.ReconnectWait(20*time.Millisecond), nats.MaxReconnects(-1),
		nats.ReconnectHandler(func(*nats.Conn) { back <- struct{}{} }))
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	if err := streams.EnsureShared(t.Context(), js, streams.Names{}, streams.Setup{}); err != nil {
		t.Fatal(err)
	}
	w := newWriter(t, js)
	c := newCatalog(t, js, CacheConfig{})
	c.Start()
	w.deploy(PrepareOptions{}, File{"a.bpmn", model("a")})
	if err := c.WaitFor(within(t), 1); err != nil {
		t.Fatal(err)
	}
	if err := server.Stop(); err != nil {
		t.Fatal(err)
	}
	if server, err = embednats.Start(embednats.Config{Dir: dir, Port: port}); err != nil {
		t.Fatal(err)
	}
	select {
	case <-back:
	case <-time.After(30 * time.Second):
		t.Fatal("the connection did not come back")
	}
	w.deploy(PrepareOptions{}, File{"a.bpmn", model("a", "b")})
	if err := c.WaitFor(within(t), 2); err != nil {
		t.Fatal(err)
	}
	if c.Index().Digest() != w.index.Digest() {
		t.Error("expected the index to go on where it was")
	}
}
