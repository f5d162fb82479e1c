package client_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/weir-bpm/weir/client"
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/definitions"
	"github.com/weir-bpm/weir/engine/runner"
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/internal/embednats"
	"github.com/weir-bpm/weir/snapshots"
	"github.com/weir-bpm/weir/streams"
)

// shared is the server of all tests, each of which has a prefix of its own.
var shared *embednats.Server

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "weir-client-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if shared, err = embednats.Start(embednats.Config{Dir: dir}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	code := m.Run()
	if err := shared.Stop(); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	return code
}

var prefixes atomic.Int64

// cluster is an engine with a client.
type cluster struct {
	t     *testing.T
	nc    *nats.Conn
	js    jetstream.JetStream
	names streams.Names
	node  *runner.Node
	c     *client.Client
}

func connect(t *testing.T) *nats.Conn {
	t.Helper()
	nc, err := shared.Connect()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	return nc
}

// newCluster makes the streams; nothing decides commands yet.
func newCluster(t *testing.T, partitions int) *cluster {
	t.Helper()
	e := &cluster{t: t, nc: connect(t), names: streams.Names{Prefix: fmt.Sprintf("c%d", prefixes.Add(1))}}
	var err error
	if e.js, err = jetstream.New(e.nc, jetstream.WithPublishAsyncMaxPending(16_384)); err != nil {
		t.Fatal(err)
	}
	if _, err = streams.EnsureCluster(t.Context(), e.js, e.names, streams.Setup{}, partitions); err != nil {
		t.Fatal(err)
	}
	e.c = e.client()
	return e
}

// client makes a client with a connection of its own.
func (e *cluster) client() *client.Client {
	e.t.Helper()
	return e.clientOn(connect(e.t))
}

func (e *cluster) clientOn(nc *nats.Conn) *client.Client {
	e.t.Helper()
	c, err := client.New(e.t.Context(), nc, client.WithPrefix(e.names.Prefix))
	if err != nil {
		e.t.Fatal(err)
	}
	e.t.Cleanup(func() { _ = c.Close() })
	return c
}

// execute starts the engine.
func (e *cluster) execute() {
	e.t.Helper()
	t := e.t
	files, err := definitions.OpenResources(t.Context(), e.js, e.names, streams.Setup{})
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	catalog, err := definitions.NewCatalog(definitions.CatalogConfig{JetStream: e.js, Names: e.names, Files: files, Logger: log})
	if err != nil {
		t.Fatal(err)
	}
	catalog.Start()
	t.Cleanup(catalog.Stop)
	layout, err := streams.ReadCluster(t.Context(), e.js, e.names)
	if err != nil {
		t.Fatal(err)
	}
	e.node, err = runner.NewNode(runner.Config{
		NC: e.nc, JS: e.js, Names: e.names, Definitions: runner.NewCatalog(catalog, e.js, e.names),
		Snapshots: snapshots.NewJetStream(e.js, snapshots.Config{Names: e.names}), Logger: log,
	}, layout)
	if err != nil {
		t.Fatal(err)
	}
	if err := e.node.Start(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.node.Stop)
}

// running is an engine with one partition that knows a model.
func running(t *testing.T, models ...string) *cluster {
	t.Helper()
	e := newCluster(t, 1)
	e.execute()
	if len(models) > 0 {
		e.deploy(models...)
	}
	return e
}

func (e *cluster) deploy(models ...string) {
	e.t.Helper()
	if r, err := e.c.Deploy(e.t.Context(), files(models...)); err != nil {
		e.t.Fatalf("deploy: %v %+v", err, r)
	}
}

func files(models ...string) commands.Deploy {
	var d commands.Deploy
	for i, m := range models {
		d.Resources = append(d.Resources, commands.DeployResource{Name: fmt.Sprintf("m%d.bpmn", i), Content: []byte(m)})
	}
	return d
}

func (e *cluster) start(process string) ids.Instance {
	e.t.Helper()
	id := e.c.NewInstanceID()
	if _, err := e.c.Start(e.t.Context(), id, commands.StartInstance{ProcessID: process}); err != nil {
		e.t.Fatalf("start %s: %v", process, err)
	}
	return id
}

// count counts the events of a kind in the log of partition 0.
func count[E events.Event](e *cluster) int { return len(all[E](e)) }

// all returns the events of a kind in the log of partition 0.
func all[E events.Event](e *cluster) []E {
	e.t.Helper()
	st, err := e.js.Stream(e.t.Context(), e.names.EventStream(0))
	if err != nil {
		e.t.Fatal(err)
	}
	var out []E
	for seq := uint64(1); seq <= st.CachedInfo().State.LastSeq; seq++ {
		msg, err := st.GetMsg(e.t.Context(), seq)
		if err != nil {
			e.t.Fatal(err)
		}
		frame, err := events.DecodeFrame(msg.Data)
		if err != nil {
			e.t.Fatal(err)
		}
		for _, tr := range frame.Transitions {
			for _, ev := range tr.Events {
				if want, ok := ev.(E); ok {
					out = append(out, want)
				}
			}
		}
	}
	return out
}

func (e *cluster) worker(c *client.Client, cfg client.WorkerConfig) *client.Worker {
	e.t.Helper()
	if cfg.Type == "" {
		cfg.Type = "work"
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	w, err := c.StartWorker(e.t.Context(), cfg)
	if err != nil {
		e.t.Fatal(err)
	}
	e.t.Cleanup(w.Stop)
	return w
}

// queued is how many jobs are in the work queue.
func (e *cluster) queued() uint64 {
	e.t.Helper()
	st, err := e.js.Stream(e.t.Context(), e.names.JobStream())
	if err != nil {
		e.t.Fatal(err)
	}
	return st.CachedInfo().State.Msgs
}

func eventually(t *testing.T, what string, cond func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !cond(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("expected %s, but it did not happen in time", what)
		}
	}
}

// rejected fails the test unless an error is a rejection with a code.
func rejected(t *testing.T, err error, code commands.Code) *commands.Error {
	t.Helper()
	var e *commands.Error
	if !errors.As(err, &e) || e.Code != code {
		t.Fatalf("expected %s, but got %v", code, err)
	}
	return e
}

func model(id, body string) string {
	return `<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" targetNamespace="test">
<error id="oops" errorCode="OOPS"/><process id="` + id + `" isExecutable="true">` + body + `</process></definitions>`
}

func job(id, jobType, more string) string {
	return `<serviceTask id="` + id + `"><extensionElements><zeebe:taskDefinition type="` + jobType + `" retries="3"/>` + more + `</extensionElements></serviceTask>`
}

// oneJob is start → job of type work → end; the error OOPS leads to another end.
var oneJob = model("one_job", `<startEvent id="s"/><sequenceFlow id="f1" sourceRef="s" targetRef="task"/>`+job("task", "work", "")+
	`<sequenceFlow id="f2" sourceRef="task" targetRef="e"/><endEvent id="e"/>
<boundaryEvent id="caught" attachedToRef="task"><errorEventDefinition errorRef="oops"/></boundaryEvent>
<sequenceFlow id="f3" sourceRef="caught" targetRef="sorry"/><endEvent id="sorry"/>`)

// noJob is start → end.
var noJob = model("no_job", `<startEvent id="s"/><sequenceFlow id="f1" sourceRef="s" targetRef="e"/><endEvent id="e"/>`)
