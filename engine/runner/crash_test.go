package runner

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/snapshots"
)

var errDead = errors.New("the process is dead")

// fuse ends an owner at its n-th write: from then on nothing that it does has
// an effect, as if the process had been killed there.
type fuse struct {
	left  atomic.Int64
	after bool // the write itself still happens, though nobody hears of it
	dead  atomic.Bool
}

func newFuse(n int64, after bool) *fuse {
	f := &fuse{after: after}
	f.left.Store(n)
	return f
}

// do performs a write unless the owner is dead or dies now.
func (f *fuse) do(write func() error) error {
	if f.dead.Load() {
		return errDead
	}
	if f.left.Add(-1) > 0 {
		return write()
	}
	f.dead.Store(true)
	if f.after {
		_ = write()
	}
	return errDead
}

type crashJS struct {
	jetstream.JetStream
	fuse *fuse
}

func (c crashJS) PublishMsg(ctx context.Context, m *nats.Msg, opts ...jetstream.PublishOpt) (ack *jetstream.PubAck, err error) {
	err = c.fuse.do(func() (err error) {
		ack, err = c.JetStream.PublishMsg(ctx, m, opts...)
		return err
	})
	return ack, err
}

func (c crashJS) PublishMsgAsync(m *nats.Msg, opts ...jetstream.PublishOpt) (ack jetstream.PubAckFuture, err error) {
	err = c.fuse.do(func() (err error) {
		ack, err = c.JetStream.PublishMsgAsync(m, opts...)
		return err
	})
	return ack, err
}

type crashStore struct {
	snapshots.Store
	fuse *fuse
}

func (c crashStore) Put(ctx context.Context, p ids.Partition, name string, s snapshots.Snapshot) error {
	return c.fuse.do(func() error { return c.Store.Put(ctx, p, name, s) })
}

func (c crashStore) PutBatch(ctx context.Context, p ids.Partition, batch []snapshots.Named) error {
	return c.fuse.do(func() error { return c.Store.PutBatch(ctx, p, batch) })
}

func (c crashStore) Delete(ctx context.Context, p ids.Partition, names ...string) error {
	return c.fuse.do(func() error { return c.Store.Delete(ctx, p, names...) })
}

// flakyJS drops, doubles and denies what is sent to other partitions and to
// workers.
type flakyJS struct {
	jetstream.JetStream
	mu  *sync.Mutex
	rnd *rand.Rand
}

func (f flakyJS) PublishMsgAsync(m *nats.Msg, opts ...jetstream.PublishOpt) (jetstream.PubAckFuture, error) {
	f.mu.Lock()
	dice := f.rnd.IntN(15)
	f.mu.Unlock()
	switch dice {
	case 0: // lost on the way
		return nil, errors.New("dropped")
	case 1: // sent twice
		twin := nats.NewMsg(m.Subject)
		twin.Data = m.Data
		for k, v := range m.Header {
			twin.Header[k] = v
		}
		if _, err := f.JetStream.PublishMsgAsync(twin, opts...); err != nil {
			return nil, err
		}
	case 2: // stored, and the acknowledgement is lost
		if _, err := f.JetStream.PublishMsgAsync(m, opts...); err != nil {
			return nil, err
		}
		return nil, errors.New("acknowledgement lost")
	}
	return f.JetStream.PublishMsgAsync(m, opts...)
}

// busy makes checkpoints and passivation happen all the time.
func busy(c *Config) {
	c.CheckpointEvery, c.PassivateAfter, c.MaxHot = 20*time.Millisecond, 10*time.Millisecond, 2
}

// supervise owns a partition again and again until stopped: crashes owners die
// at a random write, the last one lives.
func (f *fixture) supervise(p ids.Partition, crashes int, rnd *rand.Rand, change ...func(*Config)) (last func() *owner, died *atomic.Int64) {
	died = new(atomic.Int64)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	var final *owner
	go func() {
		defer close(done)
		for i := 0; ctx.Err() == nil; i++ {
			cfg := append([]func(*Config){busy}, change...)
			var fz *fuse
			if i < crashes {
				fz = newFuse(1+rnd.Int64N(20), rnd.IntN(2) == 0)
				cfg = append(cfg, func(c *Config) {
					c.JS, c.Snapshots = crashJS{c.JS, fz}, crashStore{c.Snapshots, fz}
					c.ReleaseTimeout = 50 * time.Millisecond // the dead wait for nothing
				})
			}
			final = f.prepare(p, cfg...)
			if fz == nil {
				retry(ctx, f.cfg.Logger, "partition", final.p.run)
				return
			}
			// An error that is none of the crash is tried again, as a node does.
			for ctx.Err() == nil && !fz.dead.Load() {
				_ = final.p.run(ctx)
			}
			died.Add(1)
		}
	}()
	stop := sync.OnceValue(func() *owner { cancel(); <-done; return final })
	f.t.Cleanup(func() { stop() })
	return stop, died
}

// insist sends a command with one id until it is answered, as a client does
// that hears nothing.
func (f *fixture) insist(id ids.Instance, cmdID string, c commands.Command) *commands.Result {
	inbox := f.nc.NewInbox()
	sub, err := f.nc.SubscribeSync(inbox)
	if err != nil {
		f.t.Error(err)
		return nil
	}
	defer func() { _ = sub.Unsubscribe() }()
	for range 600 {
		msg := f.raw(id, c)
		msg.Header.Set(commands.HeaderID, cmdID)
		msg.Header.Set(commands.HeaderReply, inbox)
		if err := f.nc.PublishMsg(msg); err != nil {
			f.t.Error(err)
			return nil
		}
		answer, err := sub.NextMsg(100 * time.Millisecond)
		if err != nil {
			continue
		}
		r, err := commands.DecodeResult(answer.Data)
		if err != nil {
			f.t.Error(err)
		}
		return r
	}
	f.t.Errorf("command %s was not answered", cmdID)
	return nil
}

// Owners of two partitions that need each other are killed at random writes:
// before or after a frame, an offer of a job, a command to the other partition
// or a snapshot. What remains is exactly what would be there without.
func TestCrashAtAnyWrite(t *testing.T) {
	t.Parallel()
	exactlyOnce(t, 40)
}

// Commands to other partitions and offers of jobs are lost and doubled.
func TestLostAndDoubledEffects(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	rnd := rand.New(rand.NewPCG(7, 7))
	exactlyOnce(t, 0, func(c *Config) { c.JS = flakyJS{c.JS, &mu, rnd} })
}

func exactlyOnce(t *testing.T, crashes int, change ...func(*Config)) {
	const total = 24
	f := newFixture(t, 2)
	f.deployer()
	boot := []*owner{f.own(0), f.own(1)}
	f.deploy(mixed)
	for _, o := range boot {
		o.stop()
	}
	rnd := rand.New(rand.NewPCG(uint64(crashes), 1))
	stop0, died0 := f.supervise(0, crashes, rand.New(rand.NewPCG(1, 1)), change...)
	stop1, died1 := f.supervise(1, crashes, rand.New(rand.NewPCG(2, 2)), change...)

	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	completed := f.complete(ctx)
	var wg sync.WaitGroup
	for i := range total {
		id, key := f.at(ids.Partition(i%2)), fmt.Sprintf("key-%d", i)
		before := rnd.IntN(2) == 0
		start := func() {
			if r := f.insist(id, f.commandID(), &commands.StartInstance{ProcessID: "mixed", Variables: map[string]any{"key": key}}); r != nil && r.Code != "" {
				t.Errorf("start: %v", r.Err())
			}
		}
		publish := func() {
			home := ids.MessageHome("default", "ping", key, 2)
			r := f.insist(f.at(home), f.commandID(), &commands.PublishMessage{Name: "ping", CorrelationKey: key, TTLMS: 600_000})
			if r != nil && r.Code != "" {
				t.Errorf("publish: %v", r.Err())
			}
		}
		wg.Go(func() {
			if before {
				publish()
				start()
				return
			}
			start()
			publish()
		})
		if i%4 == 3 {
			wg.Wait()
		}
	}
	wg.Wait()
	// Idle partitions write little: commands that are refused keep them going
	// until all crashes have happened.
	for died0.Load() < int64(crashes) || died1.Load() < int64(crashes) {
		for p := range ids.Partition(2) {
			if err := f.nc.PublishMsg(f.raw(f.at(p), &commands.CancelInstance{})); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(5 * time.Millisecond)
	}
	ended := func() int {
		return count[*events.InstanceCompleted](f, 0) + count[*events.InstanceCompleted](f, 1)
	}
	deadline := time.Now().Add(30 * time.Second)
	for ended() < total && time.Now().Before(deadline) {
		time.Sleep(100 * time.Millisecond)
	}
	cancel()
	last := []*owner{stop0(), stop1()}
	for name, got := range map[string]int{
		"starts":      count[*events.InstanceStarted](f, 0) + count[*events.InstanceStarted](f, 1),
		"ends":        ended(),
		"messages":    count[*events.MessagePublished](f, 0) + count[*events.MessagePublished](f, 1),
		"receipts":    count[*events.MessageReceived](f, 0) + count[*events.MessageReceived](f, 1),
		"timers":      count[*events.TimerFired](f, 0) + count[*events.TimerFired](f, 1),
		"completions": count[*events.JobCompleted](f, 0) + count[*events.JobCompleted](f, 1),
	} {
		if got != total {
			t.Errorf("expected %d %s, but the logs have %d", total, name, got)
		}
	}
	for p, o := range last {
		s := f.replayed(ids.Partition(p))
		if left := s.Outbox(); len(left) > 0 && crashes == 0 {
			t.Logf("%d commands to other partitions are acknowledged, but not yet in a frame", len(left))
		}
		sameState(t, o.p.state, s)
	}
	t.Logf("%d+%d crashes, %d+%d frames, %d completions sent for %d jobs", died0.Load(), died1.Load(),
		last[0].p.state.LastSeq, last[1].p.state.LastSeq, completed.Load(), total)
}

var commandSerial atomic.Uint64

func (f *fixture) commandID() string {
	return string(ids.NewCommand(time.Now(), rand.New(rand.NewPCG(commandSerial.Add(1), 3))))
}

// complete is a worker that speaks plain NATS: it completes whatever is offered
// and insists on an answer.
func (f *fixture) complete(ctx context.Context) *atomic.Int64 {
	f.t.Helper()
	var n atomic.Int64
	cons, err := f.js.CreateOrUpdateConsumer(ctx, f.names.JobStream(), jetstream.ConsumerConfig{Durable: "worker", AckWait: 2 * time.Second, AckPolicy: jetstream.AckExplicitPolicy})
	if err != nil {
		f.t.Fatal(err)
	}
	cc, err := cons.Consume(func(msg jetstream.Msg) {
		s := msg.Subject()
		job := s[strings.LastIndexByte(s, '.')+1:]
		in, _, err := ids.Split(job)
		if err != nil {
			f.t.Error(err)
			return
		}
		n.Add(1)
		r := f.insist(in, f.commandID(), &commands.CompleteJob{JobID: job})
		if r != nil && r.Code != "" && r.Code != commands.CodeJobNotFound && r.Code != commands.CodeInstanceFinished {
			f.t.Errorf("complete %s: %v", job, r.Err())
		}
		_ = msg.Ack()
	})
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(cc.Stop)
	return &n
}
