package runner

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/engine"
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/snapshots"
	"github.com/weir-bpm/weir/streams"
)

// LogError says that a stream is not the one that was recorded, or has lost
// what was acknowledged. The partition stops: whatever it did next would build
// on a broken history.
type LogError struct {
	Code   commands.Code
	Stream string
	Reason string
}

func (e *LogError) Error() string {
	return fmt.Sprintf("stream %s: %s [%s]", e.Stream, e.Reason, e.Code)
}

// takeOver builds the state of the partition from its checkpoint and its log.
func (p *partition) takeOver(ctx context.Context) (err error) {
	defer guard(&err)
	began := time.Now()
	p.check = newCheckpointer(p.cfg, p.id, p.log)
	cfg := p.cfg.Engine
	cfg.Partition = p.id
	cfg.MaxFrameBytes = int(p.maxFrame())
	var state *engine.State
	clean := false
	if !p.distrust {
		if state, clean, err = p.check.read(ctx, cfg); err != nil {
			return fmt.Errorf("read the checkpoint: %w", err)
		}
	}
	fromCheckpoint := state != nil
	if state == nil {
		if err := p.cfg.Snapshots.Purge(ctx, p.id); err != nil {
			return fmt.Errorf("drop unusable snapshots: %w", err)
		}
		state, clean, p.distrust = engine.NewState(cfg, p.check), false, false
	}
	info, err := p.streamInfo(ctx, p.cfg.Names.EventStream(p.id))
	if err != nil {
		return err
	}
	checkpointSeq := state.LastSeq
	if last := max(checkpointSeq, p.committed); info.State.LastSeq < last {
		return &LogError{commands.CodeLogBackwards, info.Config.Name, fmt.Sprintf("it ends at sequence %d, but frame %d was stored", info.State.LastSeq, last)}
	}
	if fromCheckpoint {
		if err := p.sameLog(ctx, state); err != nil {
			return err
		}
	}
	if err := p.replay(ctx, state, info); err != nil {
		var load *engine.LoadError
		if fromCheckpoint && errors.As(err, &load) && (errors.Is(err, snapshots.ErrNotFound) || errors.Is(err, snapshots.ErrMismatch)) {
			// The checkpoint names a snapshot that is gone: replay instead.
			p.log.Warn("checkpoint unusable, replaying the whole log", "error", err)
			p.distrust = true
			return p.takeOver(ctx)
		}
		return err
	}
	p.state, p.committed = state, state.LastSeq
	p.epoch = state.Epoch + 1
	if err := p.alignCommands(ctx); err != nil {
		return err
	}
	p.fx = newEffects(p.cfg, p.id, state.EffectsDone, p.log)
	if clean && state.LastSeq == checkpointSeq {
		p.fx.done.Store(state.LastSeq)
	} else if err := p.redoEffects(ctx); err != nil {
		return err
	}
	p.log.Info("state rebuilt", "from_checkpoint", checkpointSeq, "event_seq", state.LastSeq, "took", time.Since(began))
	return nil
}

// guard turns the state's own panics into errors: the log does not fit, or an
// instance cannot be loaded. Any other panic goes on.
func guard(err *error) {
	switch r := recover().(type) {
	case nil:
	case *engine.CorruptError:
		*err = r
	case *engine.LoadError:
		*err = r
	default:
		panic(r)
	}
}

func (p *partition) streamInfo(ctx context.Context, name string) (*jetstream.StreamInfo, error) {
	stream, err := p.cfg.JS.Stream(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("open stream %s: %w", name, err)
	}
	return stream.CachedInfo(), nil
}

// sameLog checks that the frame which the checkpoint was written at is the one
// that the log has at that sequence: a log that was made anew may have grown
// past it.
func (p *partition) sameLog(ctx context.Context, state *engine.State) error {
	name := p.cfg.Names.EventStream(p.id)
	if state.LastSeq == 0 {
		return nil
	}
	stream, err := p.cfg.JS.Stream(ctx, name)
	if err != nil {
		return fmt.Errorf("open stream %s: %w", name, err)
	}
	msg, err := stream.GetMsg(ctx, state.LastSeq)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return nil // the log has been trimmed up to the checkpoint
	}
	if err != nil {
		return fmt.Errorf("read stream %s at %d: %w", name, state.LastSeq, err)
	}
	if events.HashOf(msg.Data) != state.LastHash {
		return &LogError{commands.CodeLogBackwards, name, fmt.Sprintf("frame %d is another one than the checkpoint was written at", state.LastSeq)}
	}
	return nil
}

// unreadable turns the error of a reader into a [LogError] if it stays however
// often the log is read.
func unreadable(stream string, err error) error {
	if errors.Is(err, streams.ErrGap) || errors.Is(err, events.ErrCorrupt) || errors.Is(err, events.ErrUnknown) {
		return &LogError{commands.CodeLogCorrupt, stream, err.Error()}
	}
	return err
}

// replay applies the frames after the state's last one. A frame that is
// appended meanwhile by another owner makes the first append fail.
func (p *partition) replay(ctx context.Context, state *engine.State, info *jetstream.StreamInfo) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("replay after frame %d: %w", state.LastSeq, err)
		}
	}()
	defer guard(&err)
	last := info.State.LastSeq
	if state.LastSeq >= last {
		return nil
	}
	reader := streams.ReadFrames(p.cfg.JS, info.Config.Name, state.LastSeq+1)
	defer reader.Close()
	for state.LastSeq < last {
		entries, err := reader.Next(ctx, 1024, ackTimeout)
		if err != nil {
			return unreadable(info.Config.Name, err)
		}
		if len(entries) == 0 {
			return fmt.Errorf("replay stopped at %d of %d: no message came in time", state.LastSeq, last)
		}
		for _, e := range entries {
			state.ApplyFrame(e.Seq, e.Hash, e.Frame)
		}
		if hot, _, _ := state.Counts(); hot > 2*p.cfg.MaxHot {
			// A long replay must not need more memory than normal work.
			if _, err := p.check.passivate(ctx, state, true, hot); err != nil {
				return err
			}
		}
	}
	return nil
}

// alignCommands makes sure that new commands get sequences beyond those that
// the log covers. The command stream is not synced on each write, so a crash can
// take back commands whose events are safe; were their sequences given out
// again, new commands would pass for old ones.
func (p *partition) alignCommands(ctx context.Context) error {
	name := p.cfg.Names.CommandStream(p.id)
	info, err := p.streamInfo(ctx, name)
	if err != nil {
		return err
	}
	if info.State.LastSeq >= p.state.LastCommand {
		return nil
	}
	p.log.Warn("the command stream lost commands whose events are safe; skipping their sequences",
		"command_stream_seq", info.State.LastSeq, "covered_seq", p.state.LastCommand)
	stream, err := p.cfg.JS.Stream(ctx, name)
	if err != nil {
		return fmt.Errorf("open stream %s: %w", name, err)
	}
	if err := stream.Purge(ctx, jetstream.WithPurgeSequence(p.state.LastCommand+1)); err != nil {
		return fmt.Errorf("skip sequences of stream %s: %w", name, err)
	}
	if info, err = stream.Info(ctx); err != nil {
		return fmt.Errorf("open stream %s: %w", name, err)
	}
	if info.State.LastSeq < p.state.LastCommand {
		return &LogError{commands.CodeLogBackwards, name, fmt.Sprintf("it ends at sequence %d, but commands up to %d were decided", info.State.LastSeq, p.state.LastCommand)}
	}
	return nil
}

// redoEffects does again what may not have been done before the last owner
// ended: everything in the outbox, and the jobs that are open but not in the
// work queue.
func (p *partition) redoEffects(ctx context.Context) error {
	fx := frameEffects{seq: p.state.LastSeq, outbox: p.state.Outbox()}
	open := p.state.OpenJobs()
	if len(open) > 0 {
		queued, err := p.queuedJobs(ctx)
		if err != nil {
			return err
		}
		limit := p.cfg.NC.MaxPayload()
		for _, ref := range open {
			if queued[ref] {
				continue
			}
			job, ok := p.state.Job(ref)
			if !ok {
				return fmt.Errorf("job %s-%d is offered, but not open", ref.Instance, ref.Key)
			}
			msg, err := jobMessage(p.cfg.Names, job, limit)
			if err != nil {
				return err
			}
			// The queue has lost it or never had it, while the server may still
			// remember its message id.
			msg.Header.Set(jetstream.MsgIDHeader, msg.Header.Get(jetstream.MsgIDHeader)+"/"+fmt.Sprint(p.epoch))
			fx.jobs = append(fx.jobs, msg)
		}
		p.log.Info("open jobs compared with the work queue", "open", len(open), "missing", len(fx.jobs))
	}
	p.fx.pending.Add(1)
	p.fx.queue <- fx
	return nil
}

// queuedJobs returns the jobs that are in the work queue.
func (p *partition) queuedJobs(ctx context.Context) (map[engine.JobRef]bool, error) {
	stream, err := p.cfg.JS.Stream(ctx, p.cfg.Names.JobStream())
	if err != nil {
		return nil, fmt.Errorf("open the job queue: %w", err)
	}
	info, err := stream.Info(ctx, jetstream.WithSubjectFilter(p.cfg.Names.JobSubjects()))
	if err != nil {
		return nil, fmt.Errorf("list the job queue: %w", err)
	}
	out := make(map[engine.JobRef]bool, len(info.State.Subjects))
	for subject := range info.State.Subjects {
		if ref, ok := jobOfSubject(subject); ok {
			out[ref] = true
		}
	}
	return out, nil
}
