package runner

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/definitions"
	"github.com/weir-bpm/weir/engine"
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/snapshots"
	"github.com/weir-bpm/weir/streams"
)

// load starts instances, some of which go on, and leaves others waiting.
func (f *fixture) load(rnd *rand.Rand, n int) {
	f.t.Helper()
	for i := range n {
		key := fmt.Sprintf("%d-%d", rnd.IntN(1_000_000), i)
		f.start(0, "mixed", map[string]any{"key": key})
		id := f.start(0, "one_job", nil)
		switch rnd.IntN(3) {
		case 0:
			if err := f.send(id, &commands.CancelInstance{}); err != nil {
				f.t.Fatal(err)
			}
		case 1:
			if err := f.send(id, &commands.SetVariables{Variables: map[string]any{"i": int64(i)}}); err != nil {
				f.t.Fatal(err)
			}
		}
		if rnd.IntN(2) == 0 {
			if _, err := f.client.PublishMessage(f.t.Context(), commands.PublishMessage{Name: "ping", CorrelationKey: key}); err != nil {
				f.t.Fatal(err)
			}
		}
	}
}

// Checkpoint and tail are equal to a replay of the whole log, wherever owners
// change and however often instances leave memory.
func TestCheckpointAndTailEqualReplay(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 1)
	f.deployer()
	rnd := rand.New(rand.NewPCG(4, 4))
	first := f.own(0, busy)
	f.deploy(oneJob, mixed)
	first.stop()
	for round := range 6 {
		o := f.own(0, busy)
		o.up()
		f.load(rnd, 6)
		if round%2 == 0 {
			o.stop() // with a checkpoint at the end
		} else {
			// Another owner takes over in the middle, from an older checkpoint.
			next := f.own(0, busy)
			// Either may be the first to write, so next may be the one to end.
			eventually(t, "another owner tries", func() bool {
				select {
				case <-next.done:
					return true
				default:
					return next.p.present() != nil
				}
			})
			f.load(rnd, 2)
			loser := o
			select {
			case <-o.done:
				o = next
			case <-next.done:
				loser = next
			}
			if !errors.Is(loser.err, ErrFenced) {
				t.Errorf("expected one owner to be fenced, but got %v", loser.err)
			}
			o.stop()
		}
		sameState(t, o.p.state, f.replayed(0))
	}
	// A state that comes from the checkpoint alone.
	o := f.prepare(0)
	if err := o.p.takeOver(t.Context()); err != nil {
		t.Fatal(err)
	}
	if o.p.check.lastSeq == 0 {
		t.Error("expected a checkpoint to be used")
	}
	sameState(t, o.p.state, f.replayed(0))
}

// snapshotNames lists what the store holds for the partition.
func (f *fixture) snapshotNames(p ids.Partition) map[string]bool {
	f.t.Helper()
	st, err := f.js.Stream(f.t.Context(), f.names.SnapshotStream(p))
	if err != nil {
		f.t.Fatal(err)
	}
	info, err := st.Info(f.t.Context(), jetstream.WithSubjectFilter(">"))
	if err != nil {
		f.t.Fatal(err)
	}
	out := map[string]bool{}
	for s := range info.State.Subjects {
		out[strings.TrimPrefix(s, f.names.SnapshotSubject(p, ""))] = true
	}
	return out
}

// Old snapshots are removed, those of owners before too, and never one that a
// header names.
func TestSnapshotGarbage(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 1)
	f.deployer()
	rnd := rand.New(rand.NewPCG(5, 5))
	o := f.own(0, busy)
	f.deploy(oneJob, mixed)
	for range 5 {
		o.up()
		f.load(rnd, 4)
		ids := o.p.present()
		eventually(t, "a checkpoint is written", func() bool { return len(f.snapshotNames(0)) > 3 || ids == nil })
		o.stop()
		o = f.own(0, busy)
	}
	o.up()
	for _, id := range f.replayed(0).InstanceIDs() {
		if err := f.send(id, &commands.CancelInstance{}); err != nil {
			t.Fatal(err)
		}
	}
	// A few checkpoints later nothing but headers is left.
	left := func() (n int) {
		for name := range f.snapshotNames(0) {
			if !strings.HasPrefix(name, snapshots.Header) {
				n++
			}
		}
		return n
	}
	for i := 0; left() > 0 && i < 1000; i++ {
		_ = f.send(f.at(0), &commands.CancelInstance{})
		time.Sleep(10 * time.Millisecond)
	}
	if n := left(); n > 0 {
		t.Errorf("expected no snapshot of an instance to stay, but %d are left", n)
	}
}

// Groups of which little is left are packed anew, and those who rest in them are
// found where they went, by this owner and the next.
func TestSnapshotsArePacked(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 1)
	f.deployer()
	o := f.own(0, busy)
	f.deploy(oneJob)
	o.up()
	var all []ids.Instance
	for range 200 {
		all = append(all, f.start(0, "one_job", map[string]any{"filler": strings.Repeat("x", 1000)}))
	}
	groups := func() (n int) {
		for name := range f.snapshotNames(0) {
			if !strings.HasPrefix(name, snapshots.Header) {
				n++
			}
		}
		return n
	}
	eventually(t, "most rest in groups", func() bool {
		_ = f.send(f.at(0), &commands.CancelInstance{})
		return groups() > 5
	})
	var rest []ids.Instance
	for i, id := range all {
		if i%20 == 0 {
			rest = append(rest, id)
		} else if err := f.send(id, &commands.CancelInstance{}); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "the groups are packed", func() bool {
		_ = f.send(f.at(0), &commands.CancelInstance{})
		return groups() <= 4
	})
	o.stop()
	sameState(t, o.p.state, f.replayed(0))
	o = f.own(0, busy)
	o.up()
	for _, id := range rest {
		if err := f.send(id, &commands.SetVariables{Variables: map[string]any{"touched": true}}); err != nil {
			t.Fatal(err)
		}
	}
	o.stop()
	if f.warned.has("unusable") || f.warned.has("starts again from the log") {
		t.Error("expected each to be found")
	}
	sameState(t, o.p.state, f.replayed(0))
}

// What an owner wrote after its last header is removed by the next one.
func TestOrphanedSnapshots(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 1)
	f.deployer()
	o := f.own(0)
	f.deploy(oneJob)
	f.start(0, "one_job", nil)
	o.stop()
	orphan := snapshots.GroupName(77)
	if err := f.cfg.Snapshots.Put(t.Context(), 0, orphan, snapshots.Snapshot{Seq: 1}); err != nil {
		t.Fatal(err)
	}
	o = f.own(0, busy)
	o.up()
	eventually(t, "the orphan is removed", func() bool {
		_ = f.send(f.at(0), &commands.CancelInstance{})
		_, there := f.snapshotNames(0)[orphan]
		return !there
	})
	o.stop()
	sameState(t, o.p.state, f.replayed(0))
}

// A snapshot that is damaged or gone makes the owner replay the log; the state
// is the same, also if the loss shows only when the instance gets a command.
func TestDamagedSnapshots(t *testing.T) {
	t.Parallel()
	damage := map[string]func(f *fixture, name string) error{
		"group gone": func(f *fixture, name string) error {
			if strings.HasPrefix(name, snapshots.Header) {
				return nil
			}
			return f.cfg.Snapshots.Delete(f.t.Context(), 0, name)
		},
		"group of others": func(f *fixture, name string) error {
			if strings.HasPrefix(name, snapshots.Header) {
				return nil
			}
			data, err := snapshots.EncodeGroup([]snapshots.Member{{Instance: f.at(0), Seq: 1}})
			if err != nil {
				return err
			}
			return f.cfg.Snapshots.Put(f.t.Context(), 0, name, snapshots.Snapshot{StateVersion: engine.StateVersion, Data: data})
		},
		"group damaged": func(f *fixture, name string) error {
			if strings.HasPrefix(name, snapshots.Header) {
				return nil
			}
			_, err := f.js.Publish(f.t.Context(), f.names.SnapshotSubject(0, name), []byte("rubbish"))
			return err
		},
		"header damaged": func(f *fixture, name string) error {
			if !strings.HasPrefix(name, snapshots.Header) {
				return nil
			}
			_, err := f.js.Publish(f.t.Context(), f.names.SnapshotSubject(0, name), []byte("rubbish"))
			return err
		},
		"all gone": func(f *fixture, _ string) error { return f.cfg.Snapshots.Purge(f.t.Context(), 0) },
	}
	for name, harm := range damage {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, 1)
			f.deployer()
			o := f.own(0)
			f.deploy(oneJob, mixed)
			id := f.start(0, "mixed", map[string]any{"key": "k"})
			f.load(rand.New(rand.NewPCG(6, 6)), 5)
			o.stop()
			names := f.snapshotNames(0)
			if len(names) < 2 {
				t.Fatalf("expected snapshots, but got %v", names)
			}
			for s := range names {
				if err := harm(f, s); err != nil {
					t.Fatal(err)
				}
			}
			last := f.prepare(0)
			ctx, cancel := context.WithCancel(context.Background())
			done := make(chan struct{})
			go func() { defer close(done); retry(ctx, f.cfg.Logger, "partition", last.p.run) }()
			if err := f.send(id, &commands.SetVariables{Variables: map[string]any{"touched": true}}); err != nil {
				t.Error(err)
			}
			cancel()
			<-done
			if strings.HasSuffix(name, "damaged") && !f.warned.has("checkpoint unusable") && !f.warned.has("starts again from the log") {
				t.Error("expected a warning about the checkpoint")
			}
			sameState(t, last.p.state, f.replayed(0))
		})
	}
}

// The command stream is not synced, so that a crash may take back commands whose
// events are safe. New commands must not pass for those.
func TestCommandStreamLostItsTail(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 1)
	f.deployer()
	o := f.own(0)
	f.deploy(oneJob)
	for range 5 {
		f.start(0, "one_job", nil)
	}
	o.stop()
	covered := o.p.state.LastCommand
	if covered < 5 {
		t.Fatalf("expected at least 5 commands to be covered, but got %d", covered)
	}
	if err := f.js.DeleteStream(t.Context(), f.names.CommandStream(0)); err != nil {
		t.Fatal(err)
	}
	if err := streams.EnsurePartition(t.Context(), f.js, f.names, 0, streams.Setup{}); err != nil {
		t.Fatal(err)
	}
	// One command comes before the owner has seen the loss; its sender hears
	// nothing and sends it again.
	early, err := f.js.PublishMsg(t.Context(), f.raw(f.at(0), &commands.CancelInstance{}))
	if err != nil || early.Sequence > covered {
		t.Fatalf("expected a low sequence, but got %+v %v", early, err)
	}
	o = f.own(0)
	o.up()
	f.start(0, "one_job", nil)
	if o.stop(); o.p.state.LastCommand <= covered {
		t.Errorf("expected commands beyond %d to be covered, but got %d", covered, o.p.state.LastCommand)
	}
	if n := count[*events.InstanceStarted](f, 0); n != 6 {
		t.Errorf("expected 6 starts, but got %d", n)
	}
}

// node runs an executor on the fixture's connection.
func (f *fixture) node(change ...func(*Config)) *Node {
	f.t.Helper()
	cfg := f.cfg
	for _, c := range change {
		c(&cfg)
	}
	n, err := NewNode(cfg, f.cluster)
	if err != nil {
		f.t.Fatal(err)
	}
	if err := n.Start(f.t.Context()); err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(n.Stop)
	return n
}

// stopped waits until a node says why its partition is stopped for good.
func stopped(t *testing.T, n *Node) string {
	t.Helper()
	var text string
	eventually(t, "the status shows the error", func() bool {
		for _, s := range n.Status().Partitions {
			text = s.Error
		}
		return text != ""
	})
	return text
}

// A log that went backwards, was replaced or holds an unreadable frame stops the
// partition, and the status says so.
func TestBrokenLogStops(t *testing.T) {
	t.Parallel()
	again := func(f *fixture, frames ...[]byte) {
		if err := errors.Join(f.js.DeleteStream(f.t.Context(), f.names.EventStream(0)),
			streams.EnsurePartition(f.t.Context(), f.js, f.names, 0, streams.Setup{})); err != nil {
			f.t.Fatal(err)
		}
		for _, data := range frames {
			if _, err := f.js.Publish(f.t.Context(), f.names.EventSubject(0), data); err != nil {
				f.t.Fatal(err)
			}
		}
	}
	empty := func(f *fixture, prev events.Hash) []byte {
		data, err := events.EncodeFrame(&events.Frame{Epoch: 9, Prev: prev})
		if err != nil {
			f.t.Fatal(err)
		}
		return data
	}
	for name, c := range map[string]struct {
		harm func(f *fixture, last uint64)
		want commands.Code
	}{
		"empty": {func(f *fixture, _ uint64) { again(f) }, commands.CodeLogBackwards},
		"another one of the same length": {func(f *fixture, last uint64) {
			var frames [][]byte
			var prev events.Hash
			for range last + 3 {
				data := empty(f, prev)
				prev = events.HashOf(data)
				frames = append(frames, data)
			}
			again(f, frames...)
		}, commands.CodeLogBackwards},
		"rubbish": {func(f *fixture, _ uint64) {
			if _, err := f.js.Publish(f.t.Context(), f.names.EventSubject(0), []byte("rubbish")); err != nil {
				f.t.Fatal(err)
			}
		}, commands.CodeLogCorrupt},
		"broken chain": {func(f *fixture, _ uint64) {
			if _, err := f.js.Publish(f.t.Context(), f.names.EventSubject(0), empty(f, events.Hash{1})); err != nil {
				f.t.Fatal(err)
			}
		}, commands.CodeLogCorrupt},
		"trimmed without a checkpoint": {func(f *fixture, last uint64) {
			st, err := f.js.Stream(f.t.Context(), f.names.EventStream(0))
			if err != nil {
				f.t.Fatal(err)
			}
			if err := errors.Join(st.Purge(f.t.Context(), jetstream.WithPurgeSequence(last)), f.cfg.Snapshots.Purge(f.t.Context(), 0)); err != nil {
				f.t.Fatal(err)
			}
		}, commands.CodeLogCorrupt},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, 1)
			f.deployer()
			o := f.own(0)
			f.deploy(oneJob)
			f.start(0, "one_job", nil)
			f.start(0, "one_job", nil)
			o.stop()
			c.harm(f, o.p.state.LastSeq)
			if text := stopped(t, f.node()); !strings.Contains(text, string(c.want)) {
				t.Errorf("expected %s, but got %s", c.want, text)
			}
		})
	}
}

// What is lost while the owner lives shows without a checkpoint too.
func TestLogWentBackwardsUnderAnOwner(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 1)
	f.deployer()
	n := f.node()
	f.deploy(oneJob)
	f.start(0, "one_job", nil)
	if err := errors.Join(f.js.DeleteStream(t.Context(), f.names.EventStream(0)),
		streams.EnsurePartition(t.Context(), f.js, f.names, 0, streams.Setup{})); err != nil {
		t.Fatal(err)
	}
	if err := f.nc.PublishMsg(f.raw(f.at(0), &commands.CancelInstance{})); err != nil {
		t.Fatal(err)
	}
	if text := stopped(t, n); !strings.Contains(text, string(commands.CodeLogBackwards)) {
		t.Errorf("expected %s, but got %s", commands.CodeLogBackwards, text)
	}
}

// unparsable answers nothing for the models of a process.
type unparsable struct {
	Definitions
	err error
}

func (u unparsable) Model(tenant string, ref events.DefinitionRef) (*bpmn.Process, error) {
	if ref.ProcessID == "timed" {
		return nil, u.err
	}
	return u.Definitions.Model(tenant, ref)
}

// A model that cannot be read any more: commands about its instances are
// refused, its timers rest, and everything else goes on.
func TestUnreadableModel(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err  error
		want commands.Code
	}{{definitions.ErrUnparsable, commands.CodeElementUnsupported}, {definitions.ErrUnknownDefinition, commands.CodeProcessNotFound}} {
		t.Run(string(c.want), func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, 1)
			f.deployer()
			o := f.own(0)
			f.deploy(oneJob, timed)
			f.start(0, "timed", map[string]any{"wait": "PT0.3S"})
			o.stop()
			f.node(func(cfg *Config) { cfg.Definitions = unparsable{cfg.Definitions, c.err} })
			_, err := f.client.Start(t.Context(), f.at(0), commands.StartInstance{ProcessID: "timed", Variables: map[string]any{"wait": "PT1H"}})
			var rejection *commands.Error
			if !errors.As(err, &rejection) || rejection.Code != c.want {
				t.Errorf("expected %s, but got %v", c.want, err)
			}
			eventually(t, "the timer is given up", func() bool { return f.warned.has("a command cannot be decided") })
			time.Sleep(400 * time.Millisecond) // the timer has become due
			f.start(0, "one_job", nil)
			before := len(f.frames(0))
			time.Sleep(300 * time.Millisecond)
			if n := len(f.frames(0)); n > before+1 {
				t.Errorf("expected the partition to rest, but it wrote %d frames", n-before)
			}
		})
	}
}
