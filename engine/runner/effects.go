package runner

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/engine"
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/streams"
)

// effects performs what frames ask for after they have been stored: jobs to the
// work queue and commands to other partitions. It works behind the executor, in
// order, and retries until it succeeds or the partition is given up.
type effects struct {
	cfg    *Config
	origin ids.Partition
	log    *slog.Logger
	queue  chan frameEffects

	// done is the effects watermark: all effects of frames up to it are
	// acknowledged. pending counts the frames behind it.
	done    atomic.Uint64
	pending atomic.Int64

	mu sync.Mutex
	// acked holds, per partition, up to which number the outbox has been
	// acknowledged and not yet been recorded in a frame.
	acked map[ids.Partition]uint64
}

// frameEffects is what one frame asks for.
type frameEffects struct {
	seq       uint64
	jobs      []*nats.Msg
	outbox    []*events.OutboxAdded
	withdrawn []string
}

// effectsQueue bounds how many frames may wait for their effects; a full queue
// holds the executor back.
const effectsQueue = 256

func newEffects(cfg *Config, p ids.Partition, done uint64, log *slog.Logger) *effects {
	e := &effects{cfg: cfg, origin: p, log: log, queue: make(chan frameEffects, effectsQueue), acked: map[ids.Partition]uint64{}}
	e.done.Store(done)
	return e
}

// enqueue hands over the effects of a stored frame. It waits while the queue is
// full; while there is room it takes them even when the partition is being given
// up, since the release waits for them.
func (e *effects) enqueue(ctx context.Context, f frameEffects) error {
	e.pending.Add(1)
	select {
	case e.queue <- f:
		return nil
	default:
	}
	select {
	case e.queue <- f:
		return nil
	case <-ctx.Done():
		e.pending.Add(-1)
		return context.Cause(ctx)
	}
}

// idle says whether all effects are done.
func (e *effects) idle() bool { return e.pending.Load() == 0 }

// takeAcked returns what the next frame says about the outbox.
func (e *effects) takeAcked() []events.Origin {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.acked) == 0 {
		return nil
	}
	out := make([]events.Origin, 0, len(e.acked))
	for p := ids.Partition(0); p < ids.MaxPartitions && len(out) < len(e.acked); p++ {
		if n, ok := e.acked[p]; ok {
			out = append(out, events.Origin{Partition: p, N: n})
		}
	}
	clear(e.acked)
	return out
}

// run performs effects until the context ends.
func (e *effects) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case f := <-e.queue:
			batch := []frameEffects{f}
			for len(batch) < effectsQueue && len(e.queue) > 0 {
				batch = append(batch, <-e.queue)
			}
			if !e.perform(ctx, batch) {
				return
			}
			e.done.Store(batch[len(batch)-1].seq)
			e.pending.Add(-int64(len(batch)))
		}
	}
}

// perform does the effects of some frames and says whether it could.
func (e *effects) perform(ctx context.Context, batch []frameEffects) bool {
	var jobs []*nats.Msg
	var outbox []*events.OutboxAdded
	var withdrawn []string
	for _, f := range batch {
		jobs = append(jobs, f.jobs...)
		outbox = append(outbox, f.outbox...)
		withdrawn = append(withdrawn, f.withdrawn...)
	}
	backoff := 10 * time.Millisecond
	for {
		err := errors.Join(e.publishJobs(ctx, &jobs), e.sendOutbox(ctx, &outbox), e.purge(ctx, &withdrawn))
		if err == nil {
			return true
		}
		if ctx.Err() != nil {
			return false
		}
		e.log.Warn("effects are delayed", "partition", e.origin.String(), "error", err)
		select {
		case <-ctx.Done():
			return false
		case <-time.After(backoff):
			backoff = min(2*backoff, 2*time.Second)
		}
	}
}

// publishJobs offers jobs to workers and leaves in the list what failed. The
// message id makes a second offer of the same attempt harmless.
func (e *effects) publishJobs(ctx context.Context, jobs *[]*nats.Msg) error {
	failed, err := publishAll(ctx, e.cfg.JS, *jobs)
	*jobs = failed
	if err != nil {
		return fmt.Errorf("offer jobs: %w", err)
	}
	return nil
}

// ackTimeout bounds the wait for an acknowledgement of the log.
const ackTimeout = 5 * time.Second

// publishAll publishes messages and returns those that were not acknowledged.
func publishAll(ctx context.Context, js jetstream.JetStream, msgs []*nats.Msg) (failed []*nats.Msg, err error) {
	futures := make([]jetstream.PubAckFuture, 0, len(msgs))
	var unsent []*nats.Msg
	for i, m := range msgs {
		f, perr := js.PublishMsgAsync(m)
		if perr != nil {
			unsent, err = msgs[i:], perr // those before it are waited for
			break
		}
		futures = append(futures, f)
	}
	defer func() { failed = append(failed, unsent...) }()
	timeout := time.NewTimer(ackTimeout)
	defer timeout.Stop()
	for i, f := range futures {
		select {
		case <-f.Ok():
		case ferr := <-f.Err():
			failed, err = append(failed, msgs[i]), ferr
		case <-timeout.C:
			return append(failed, msgs[i:len(futures)]...), errors.New("no acknowledgement from JetStream in time")
		case <-ctx.Done():
			return append(failed, msgs[i:len(futures)]...), context.Cause(ctx)
		}
	}
	return failed, err
}

// sendOutbox sends commands to other partitions. A receiver takes them strictly
// in order, so after a failure everything from the first failed one on is sent
// again; for the same reason they carry no message id that a stream could drop
// them by.
func (e *effects) sendOutbox(ctx context.Context, items *[]*events.OutboxAdded) error {
	byPartition := map[ids.Partition][]*events.OutboxAdded{}
	for _, o := range *items {
		byPartition[o.To] = append(byPartition[o.To], o)
	}
	var left []*events.OutboxAdded
	var firstErr error
	for p := ids.Partition(0); p < ids.MaxPartitions && len(byPartition) > 0; p++ {
		list, ok := byPartition[p]
		if !ok {
			continue
		}
		delete(byPartition, p)
		msgs := make([]*nats.Msg, len(list))
		for i, o := range list {
			msgs[i] = e.outboxMessage(o)
		}
		failed, err := publishAll(ctx, e.cfg.JS, msgs)
		sent := len(list)
		if err != nil {
			firstErr = fmt.Errorf("send commands to partition %s: %w", p, err)
			for i := range msgs {
				if msgs[i] == failed[0] {
					sent = i
					break
				}
			}
			left = append(left, list[sent:]...)
		}
		if sent > 0 {
			e.mu.Lock()
			e.acked[p] = list[sent-1].N
			e.mu.Unlock()
		}
	}
	*items = left
	return firstErr
}

func (e *effects) outboxMessage(o *events.OutboxAdded) *nats.Msg {
	// A command about an instance goes to its partition anyway; one to a
	// message's home borrows an id of that partition for its subject.
	target := o.Instance
	if target == "" || target.Partition() != o.To {
		target = ids.Derive(ids.Command(o.Instance), o.To, 0)
	}
	msg := nats.NewMsg(e.cfg.Names.CommandSubject(streams.InternalTenant, target, o.Command))
	msg.Header.Set(commands.HeaderContentType, commands.ContentMsgpack)
	msg.Header.Set(commands.HeaderOrigin, formatOrigin(events.Origin{Partition: e.origin, N: o.N}))
	msg.Data = o.Payload
	return msg
}

// purge takes jobs that are no longer open out of the work queue. It is a
// courtesy to workers: a job that stays is rejected when it is completed.
func (e *effects) purge(ctx context.Context, subjects *[]string) error {
	if len(*subjects) == 0 {
		return nil
	}
	stream, err := e.cfg.JS.Stream(ctx, e.cfg.Names.JobStream())
	if err != nil {
		return fmt.Errorf("open the job queue: %w", err)
	}
	for len(*subjects) > 0 {
		if err := stream.Purge(ctx, jetstream.WithPurgeSubject((*subjects)[0])); err != nil {
			return fmt.Errorf("withdraw job %s: %w", (*subjects)[0], err)
		}
		*subjects = (*subjects)[1:]
	}
	return nil
}

// jobMessage is the message that offers a job. One that does not fit goes
// without its variables and says so.
func jobMessage(n streams.Names, j *commands.Job, limit int64) (*nats.Msg, error) {
	data, err := json.Marshal(j)
	if err != nil {
		return nil, fmt.Errorf("encode job %s: %w", j.JobID, err)
	}
	if int64(len(data)) > limit-4096 {
		short := *j
		short.Variables, short.VariablesOmitted = nil, true
		if data, err = json.Marshal(&short); err != nil {
			return nil, fmt.Errorf("encode job %s: %w", j.JobID, err)
		}
	}
	msg := nats.NewMsg(n.JobSubject(j.Tenant, j.Type, streams.LaneOf(j.Priority), j.JobID))
	msg.Header.Set(jetstream.MsgIDHeader, j.JobID+"/"+strconv.Itoa(j.Attempt))
	msg.Header.Set(commands.HeaderContentType, commands.ContentJSON)
	msg.Data = data
	return msg, nil
}

// jobSubject is the subject of a withdrawn job.
func jobSubject(n streams.Names, w engine.WithdrawnJob) string {
	return n.JobSubject(w.Tenant, w.Type, streams.LaneOf(w.Priority), ids.Join(w.Instance, w.Key))
}

// jobOfSubject returns the job whose message has the subject.
func jobOfSubject(subject string) (engine.JobRef, bool) {
	id, key, err := ids.Split(subject[strings.LastIndexByte(subject, '.')+1:])
	if err != nil {
		return engine.JobRef{}, false
	}
	return engine.JobRef{Instance: id, Key: key}, true
}
