package gateway

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/engine"
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/projector"
	"github.com/weir-bpm/weir/streams"
)

// ReplayRequest asks for the state of an instance after one of its events.
type ReplayRequest struct {
	InstanceRequest
	// At is the number of the event, from 1; 0 is the newest.
	At int64 `json:"at,omitempty"`
	// Trace asks for the state after each event, not only after the last.
	Trace bool `json:"trace,omitempty"`
}

// Replay is an instance rebuilt from the log.
type Replay struct {
	InstanceID string       `json:"instance_id"`
	Events     int64        `json:"events"`
	Steps      []ReplayStep `json:"steps"`
}

// ReplayStep is the state after one event.
type ReplayStep struct {
	N     int64             `json:"n"`
	Kind  events.Kind       `json:"kind"`
	Time  time.Time         `json:"time"`
	Seq   uint64            `json:"seq"`
	Event json.RawMessage   `json:"event"`
	State *engine.Portrayal `json:"state"`
}

func (g *Gateway) replay(ctx context.Context, r *ReplayRequest) (any, error) {
	id, err := ids.ParseInstance(r.InstanceID)
	if err != nil {
		return nil, commands.Reject(commands.CodeIDInvalid, "%v", err)
	}
	if r.At < 0 {
		return nil, commands.Reject(commands.CodeCommandInvalid, "at is %d; expected the number of an event from 1 on, or 0 for the newest", r.At)
	}
	cluster, err := streams.ReadCluster(ctx, g.cfg.JS, g.cfg.Names)
	if err != nil {
		return nil, err
	}
	if int(id.Partition()) >= cluster.Partitions {
		return nil, commands.Reject(commands.CodeInstanceNotFound, "the cluster has no partition %s", id.Partition())
	}
	out := &Replay{InstanceID: string(id)}
	replayer := engine.NewReplayer(id)
	err = g.transitions(ctx, id, r.At, func(seq uint64, t *events.Transition) (bool, error) {
		for _, e := range t.Events {
			if r.At > 0 && out.Events >= r.At {
				return false, nil
			}
			portrayal, err := replayer.Apply(seq, t, e)
			if err != nil {
				return false, err
			}
			if started, ok := e.(*events.InstanceStarted); ok && started.Tenant != r.orDefault() {
				return false, commands.Reject(commands.CodeInstanceNotFound, "tenant %q has no instance %s", r.orDefault(), id)
			}
			out.Events++
			payload, err := projector.EventJSON(e)
			if err != nil {
				return false, fmt.Errorf("event %d of %s: %w", out.Events, id, err)
			}
			step := ReplayStep{N: out.Events, Kind: e.Kind(), Time: time.UnixMilli(t.TimeMS).UTC(), Seq: seq, Event: payload, State: portrayal}
			if r.Trace || len(out.Steps) == 0 {
				out.Steps = append(out.Steps, step)
			} else {
				out.Steps[0] = step
			}
		}
		return true, nil
	})
	switch {
	case err != nil:
		return nil, err
	case out.Events == 0:
		return nil, commands.Reject(commands.CodeInstanceNotFound, "the log of partition %s has no instance %s", id.Partition(), id)
	case r.At > out.Events:
		return nil, commands.Reject(commands.CodeCommandInvalid, "instance %s has %d events; there is no event %d", id, out.Events, r.At)
	}
	return out, nil
}

// transitions hands out the transitions of an instance from the log itself. Where
// they are in the log is looked up in the archive; without one the whole log of
// the partition is read.
func (g *Gateway) transitions(ctx context.Context, id ids.Instance, at int64, visit func(seq uint64, t *events.Transition) (bool, error)) error {
	first, last := g.whereabouts(ctx, id, at)
	reader := streams.ReadFrames(g.cfg.JS, g.cfg.Names.EventStream(id.Partition()), first)
	defer reader.Close()
	end, err := g.lastSeq(ctx, g.cfg.Names.EventStream(id.Partition()))
	if err != nil {
		return err
	}
	if last > 0 {
		end = min(end, last)
	}
	for next := first; next <= end; {
		entries, err := reader.Next(ctx, 512, 5*time.Second)
		if err != nil {
			return err
		}
		if len(entries) == 0 {
			return fmt.Errorf("replay stopped at %d of %d: no message came in time", next, end)
		}
		for _, e := range entries {
			for i := range e.Frame.Transitions {
				if t := &e.Frame.Transitions[i]; t.Instance == id {
					if more, err := visit(e.Seq, t); err != nil || !more {
						return err
					}
				}
			}
			next = e.Seq + 1
			if next > end {
				return nil
			}
		}
	}
	return nil
}

// whereabouts returns the first frame of an instance and, if it has ended or a
// certain event is wanted, the last one to read; 1 and 0 if that is not known.
func (g *Gateway) whereabouts(ctx context.Context, id ids.Instance, at int64) (first, last uint64) {
	history, err := g.cfg.Queries.History(ctx, id, 0, 1)
	if err != nil || len(history) == 0 || history[0].N != 1 {
		return 1, 0
	}
	first = history[0].Seq
	if at > 0 {
		if history, err = g.cfg.Queries.History(ctx, id, at-1, 1); err == nil && len(history) == 1 {
			return first, history[0].Seq
		}
		return first, 0
	}
	detail, err := g.cfg.Queries.Instance(ctx, id)
	if err != nil || detail.State == projector.StateActive {
		return first, 0
	}
	return first, uint64(max(detail.Position, 0)) //nolint:gosec // not negative
}

// VerifyRequest asks for a check of everything.
type VerifyRequest struct{}

// Verification is the result of a check.
type Verification struct {
	// OK says that every hash chain is whole and the projections equal the fold
	// of the log.
	OK bool `json:"ok"`
	*projector.Report
}

func (g *Gateway) verify(ctx context.Context, _ *VerifyRequest) (any, error) {
	report, err := g.cfg.Projector.Verify(ctx)
	if err != nil {
		return nil, err
	}
	return &Verification{OK: report.OK(), Report: report}, nil
}

// RebuildRequest asks for new projections.
type RebuildRequest struct{}

func (g *Gateway) rebuild(ctx context.Context, _ *RebuildRequest) (any, error) {
	return g.cfg.Projector.Rebuild(ctx)
}

// ClockRequest moves the engine's clock.
type ClockRequest struct {
	// Op is pin, advance, reset or show.
	Op string `json:"op"`
	// Time is what the clock is pinned to, in RFC 3339; empty pins it to now.
	Time time.Time `json:"time,omitzero"`
	// ByMS is how far the clock advances, in milliseconds.
	ByMS int64 `json:"by_ms,omitempty"`
}

// ClockResult is the engine's time.
type ClockResult struct {
	Time time.Time `json:"time"`
}

func (g *Gateway) moveClock(ctx context.Context, r *ClockRequest) (any, error) {
	if g.cfg.Clock == nil {
		return nil, commands.Reject(commands.CodeClockNotAllowed, "the clock of this server cannot be moved; start a test server with --allow-clock")
	}
	var err error
	switch r.Op {
	case "pin":
		ms := g.cfg.Clock.Clock.NowMS()
		if !r.Time.IsZero() {
			ms = r.Time.UnixMilli()
		}
		err = g.cfg.Clock.Pin(ctx, ms)
	case "advance":
		err = g.cfg.Clock.Advance(ctx, r.ByMS)
	case "reset":
		err = g.cfg.Clock.Reset(ctx)
	case "show":
	default:
		err = commands.Reject(commands.CodeCommandInvalid, "op is %q; expected pin, advance, reset or show", r.Op)
	}
	if err != nil {
		return nil, err
	}
	return &ClockResult{Time: time.UnixMilli(g.cfg.Clock.Clock.NowMS()).UTC()}, nil
}
