package runner

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/vmihailenco/msgpack/v5"

	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/streams"
)

// byMessage starts with each message "go".
var byMessage = `<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="test"><message id="m" name="go"/>
<process id="by_message" isExecutable="true"><startEvent id="start"><messageEventDefinition messageRef="m"/></startEvent>` +
	flow("f1", "start", "end") + `<endEvent id="end"/></process></definitions>`

// byTimer starts once, soon after it was deployed.
var byTimer = process("by_timer", `<startEvent id="start"><timerEventDefinition><timeDuration xsi:type="tFormalExpression">PT0.02S</timeDuration></timerEventDefinition></startEvent>`+
	flow("f1", "start", "end")+`<endEvent id="end"/>`)

// runDeployer runs a writer of the definitions log once: it does not start again
// after an error.
func (f *fixture) runDeployer(change ...func(*Config)) (w *deployer, stop func() error) {
	cfg := f.cfg
	for _, c := range change {
		c(&cfg)
	}
	w = newDeployer(&cfg, f.cluster)
	ctx, cancel := context.WithCancel(context.WithoutCancel(f.t.Context()))
	done := make(chan error, 1)
	go func() { done <- w.run(ctx) }()
	stop = func() error {
		cancel()
		err := <-done
		done <- err
		return err
	}
	f.t.Cleanup(func() { _ = stop() })
	return w, stop
}

func (w *deployer) up(t *testing.T) {
	t.Helper()
	eventually(t, "the definitions log is owned", func() bool { return w.status.Load() != nil })
}

// rawDeploy is the message of a deploy command as any NATS client would send it.
func (f *fixture) rawDeploy(id string, models ...string) *nats.Msg {
	f.t.Helper()
	var d commands.Deploy
	for i, m := range models {
		d.Resources = append(d.Resources, commands.DeployResource{Name: string(rune('a'+i)) + ".bpmn", Content: []byte(m)})
	}
	data, err := msgpack.Marshal(&d)
	if err != nil {
		f.t.Fatal(err)
	}
	msg := nats.NewMsg(f.names.DeploySubject(streams.DefaultTenant, ids.Command(id)))
	msg.Header.Set(commands.HeaderContentType, commands.ContentMsgpack)
	msg.Data = data
	return msg
}

// insistDeploy sends a deploy command until it is answered.
func (f *fixture) insistDeploy(id string, models ...string) *commands.DeployResult {
	f.t.Helper()
	inbox := f.nc.NewInbox()
	sub, err := f.nc.SubscribeSync(inbox)
	if err != nil {
		f.t.Fatal(err)
	}
	defer func() { _ = sub.Unsubscribe() }()
	for range 60 {
		msg := f.rawDeploy(id, models...)
		msg.Header.Set(commands.HeaderReply, inbox)
		if err := f.nc.PublishMsg(msg); err != nil {
			f.t.Fatal(err)
		}
		answer, err := sub.NextMsg(time.Second)
		if err != nil {
			continue
		}
		r, err := commands.DecodeDeployResult(answer.Data)
		if err != nil {
			f.t.Fatal(err)
		}
		return r
	}
	f.t.Fatalf("deploy command %s was not answered", id)
	return nil
}

// deployments returns the deployments in the definitions log, with the frames.
func (f *fixture) deployments() (frames int, out []*events.DeploymentCreated) {
	f.t.Helper()
	entries := framesOf(f.t, f.js, f.names.DefinitionStream())
	for _, e := range entries {
		for _, t := range e.Frame.Transitions {
			for _, ev := range t.Events {
				if d, ok := ev.(*events.DeploymentCreated); ok {
					out = append(out, d)
				}
			}
		}
	}
	return len(entries), out
}

// A deploy command that comes again, also to the next owner, gets the same
// deployment; the same files under another id are unchanged.
func TestDeployTwice(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 1)
	f.own(0).up()
	w, stop := f.runDeployer()
	w.up(t)
	id := f.commandID()
	first := f.insistDeploy(id, oneJob)
	if first.Code != "" || first.DeploymentID == "" || first.Unchanged {
		t.Fatalf("expected a new deployment, but got %+v", first)
	}
	same := func(when string, r *commands.DeployResult) {
		t.Helper()
		if r.Code != "" || r.DeploymentID != first.DeploymentID || len(r.Processes) != 1 || r.Processes[0].Version != 1 {
			t.Errorf("%s: expected deployment %s with version 1, but got %+v", when, first.DeploymentID, r)
		}
	}
	same("sent again", f.insistDeploy(id, oneJob))
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	w, _ = f.runDeployer()
	w.up(t)
	same("after a restart", f.insistDeploy(id, oneJob))
	other := f.insistDeploy(f.commandID(), oneJob)
	same("the same files", other)
	if !other.Unchanged {
		t.Errorf("expected the same files to be unchanged, but got %+v", other)
	}
	if _, list := f.deployments(); len(list) != 1 {
		t.Errorf("expected 1 deployment, but the log has %d", len(list))
	}
	if r := f.insistDeploy(f.commandID(), oneJob, waiting); r.Unchanged || r.DeploymentID == first.DeploymentID {
		t.Errorf("expected another file to be another deployment, but got %+v", r)
	}
	if r := f.insistDeploy(f.commandID(), "no XML"); r.Code != commands.CodeDeploymentInvalid || len(r.Problems) == 0 {
		t.Errorf("expected %s with problems, but got %+v", commands.CodeDeploymentInvalid, r)
	}
	if _, list := f.deployments(); len(list) != 2 {
		t.Errorf("expected 2 deployments, but the log has %d", len(list))
	}
}

// A deployer dies at each of its writes, before or after it: the frame, and what
// tells each of two partitions. Whoever takes over makes message and timer
// starts work, once.
func TestDeployerKilled(t *testing.T) {
	t.Parallel()
	for n := int64(1); n <= 3; n++ {
		for _, after := range []bool{false, true} {
			f := newFixture(t, 2)
			f.own(0).up()
			f.own(1).up()
			fz := newFuse(n, after)
			_, stop := f.runDeployer(func(c *Config) { c.JS = crashJS{c.JS, fz} })
			// The deployment's resources are written otherwise and count not.
			id := f.commandID()
			if err := f.nc.PublishMsg(f.rawDeploy(id, byMessage, byTimer)); err != nil {
				t.Fatal(err)
			}
			eventually(t, "the deployer dies", fz.dead.Load)
			if err := stop(); !errors.Is(err, errDead) {
				t.Fatalf("write %d: expected the deployer to have died, but got %v", n, err)
			}
			if frames, _ := f.deployments(); (frames == 1) != (n > 1 || after) {
				t.Fatalf("write %d, after: %v: the definitions log has %d frames", n, after, frames)
			}
			// The next owner, and one more, which repeats what is not known to
			// be done.
			w, stop := f.runDeployer()
			w.up(t)
			if err := stop(); err != nil && !errors.Is(err, context.Canceled) { // it may be in the middle of the command
				t.Fatal(err)
			}
			w, stop = f.runDeployer()
			w.up(t)
			if r := f.insistDeploy(id, byMessage, byTimer); r.Code != "" || r.DeploySeq == 0 {
				t.Fatalf("write %d: %+v", n, r)
			}
			if _, list := f.deployments(); len(list) != 1 {
				t.Errorf("write %d, after: %v: expected 1 deployment, but the log has %d", n, after, len(list))
			}
			starts := func() int {
				return count[*events.InstanceStarted](f, 0) + count[*events.InstanceStarted](f, 1)
			}
			eventually(t, "the timer starts its process", func() bool { return starts() == 1 })
			for p, key := range map[ids.Partition]string{0: keyOf(0), 1: keyOf(1)} {
				if err := f.send(f.at(p), &commands.PublishMessage{Name: "go", CorrelationKey: key}); err != nil {
					t.Errorf("write %d, after: %v: the message does not start its process at partition %s: %v", n, after, p, err)
				}
			}
			eventually(t, "each message starts its process", func() bool { return starts() >= 3 })
			for p := range ids.Partition(2) {
				if got := count[*events.StartMessageSet](f, p); got != 1 {
					t.Errorf("write %d, after: %v: expected 1 message start in partition %s, but got %d", n, after, p, got)
				}
			}
			if got := count[*events.StartTimerFired](f, 0) + count[*events.StartTimerFired](f, 1); got != 1 || starts() != 3 {
				t.Errorf("write %d, after: %v: expected 1 timer start of 3 starts, but got %d of %d", n, after, got, starts())
			}
			_ = stop()
		}
	}
}

// keyOf is a correlation key of the message "go" whose home, of two, is p.
func keyOf(p ids.Partition) string {
	for i := 'a'; ; i++ {
		if ids.MessageHome(streams.DefaultTenant, "go", string(i), 2) == p {
			return string(i)
		}
	}
}

// Two deployers at the same time: one is fenced with its next frame, and every
// command is decided once.
func TestDeployerFence(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 1)
	f.own(0).up()
	fenced := 0
	a, stopA := f.runDeployer()
	b, stopB := f.runDeployer()
	a.up(t)
	b.up(t)
	ids := []string{f.commandID(), f.commandID(), f.commandID()}
	for i, model := range []string{oneJob, waiting, timed} {
		if r := f.insistDeploy(ids[i], model); r.Code != "" {
			t.Fatalf("deploy: %+v", r)
		}
	}
	eventually(t, "one deployer ends", func() bool { return a.status.Load() == nil || b.status.Load() == nil })
	for _, stop := range []func() error{stopA, stopB} {
		switch err := stop(); {
		case errors.Is(err, ErrFenced):
			fenced++
		case err != nil:
			t.Errorf("expected a deployer to be fenced or to go on, but got %v", err)
		}
	}
	if fenced != 1 {
		t.Errorf("expected 1 deployer to be fenced, but got %d", fenced)
	}
	if _, list := f.deployments(); len(list) != 3 {
		t.Errorf("expected 3 deployments, but the log has %d", len(list))
	}
	w, _ := f.runDeployer()
	w.up(t)
	if r := f.insistDeploy(ids[0], oneJob); r.Code != "" || !r.Unchanged && r.DeploymentID == "" {
		t.Errorf("expected the next owner to work, but got %+v", r)
	}
}
