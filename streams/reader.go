package streams

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/weir-bpm/weir/events"
)

// Entry is one message of an event stream.
type Entry struct {
	// Seq is the sequence in the stream.
	Seq uint64
	// StoredAt is when the log stored it.
	StoredAt time.Time
	Frame    *events.Frame
	// Hash is the hash of the frame's bytes.
	Hash events.Hash
	// Size is the length of the frame in bytes.
	Size int
}

// FrameReader reads an event stream in order from a sequence on. It is not safe
// for concurrent use.
type FrameReader struct {
	js     jetstream.JetStream
	stream string
	next   uint64
	msgs   jetstream.MessagesContext
}

// ReadFrames returns a reader that begins at the sequence from (1 is the first).
// Close it after use.
func ReadFrames(js jetstream.JetStream, stream string, from uint64) *FrameReader {
	return &FrameReader{js: js, stream: stream, next: max(from, 1)}
}

// Next returns at least one and at most limit entries, or none if nothing came
// within wait. An undecodable frame and a gap in the sequence (the log was
// trimmed or lost messages) are errors.
func (r *FrameReader) Next(ctx context.Context, limit int, wait time.Duration) ([]Entry, error) {
	if r.msgs == nil {
		if err := r.open(ctx); err != nil {
			return nil, err
		}
	}
	var out []Entry
	for len(out) < limit {
		// What is there already is taken without waiting, so that a batch is
		// as large as the backlog and never waits for its last message.
		patience := time.Millisecond
		if len(out) == 0 {
			patience = wait
		}
		fetchCtx, cancel := context.WithTimeout(ctx, patience)
		msg, err := r.msgs.Next(jetstream.NextContext(fetchCtx))
		cancel()
		switch {
		case err == nil:
		case errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil, errors.Is(err, jetstream.ErrNoMessages):
			return out, nil
		default:
			r.Close()
			if len(out) > 0 && ctx.Err() == nil {
				return out, nil
			}
			return nil, fmt.Errorf("read stream %s at %d: %w", r.stream, r.next, err)
		}
		entry, err := r.entry(msg)
		if err != nil {
			// What was read before the fault is handed out first; the next call
			// starts at the fault.
			r.Close()
			if len(out) > 0 {
				return out, nil
			}
			return nil, err
		}
		out = append(out, entry)
	}
	return out, nil
}

func (r *FrameReader) entry(msg jetstream.Msg) (Entry, error) {
	meta, err := msg.Metadata()
	if err != nil {
		return Entry{}, fmt.Errorf("read stream %s at %d: %w", r.stream, r.next, err)
	}
	seq := meta.Sequence.Stream
	if seq != r.next {
		return Entry{}, fmt.Errorf("read stream %s: %w: expected sequence %d, but the next one is %d", r.stream, ErrGap, r.next, seq)
	}
	f, err := events.DecodeFrame(msg.Data())
	if err != nil {
		return Entry{}, fmt.Errorf("read stream %s at %d: %w", r.stream, seq, err)
	}
	r.next++
	return Entry{Seq: seq, StoredAt: meta.Timestamp, Frame: f, Hash: events.HashOf(msg.Data()), Size: len(msg.Data())}, nil
}

// ErrGap says that messages are missing from an event stream.
var ErrGap = errors.New("gap in the log")

func (r *FrameReader) open(ctx context.Context) error {
	cons, err := r.js.OrderedConsumer(ctx, r.stream, jetstream.OrderedConsumerConfig{
		DeliverPolicy: jetstream.DeliverByStartSequencePolicy,
		OptStartSeq:   r.next,
		// Without a bound a reader of a stream that is gone would never return.
		MaxResetAttempts: 5,
		// The server forgets the consumer of a closed reader soon: a node that
		// reads often must not run into its limit.
		InactiveThreshold: 30 * time.Second,
	})
	if err != nil {
		return fmt.Errorf("open consumer of %s at %d: %w", r.stream, r.next, err)
	}
	msgs, err := cons.Messages(jetstream.PullMaxMessages(512))
	if err != nil {
		return fmt.Errorf("open consumer of %s at %d: %w", r.stream, r.next, err)
	}
	r.msgs = msgs
	return nil
}

// Close releases the consumer. It may be called more than once.
func (r *FrameReader) Close() {
	if r.msgs != nil {
		r.msgs.Stop()
		r.msgs = nil
	}
}
