package snapshots

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/streams"
)

const (
	// natsChunk is the largest content of a message. It stays far below the
	// 1 MB that a NATS server takes when nobody told it more.
	natsChunk = 512 << 10
	// inFlight and inFlightBytes bound what one call has published without an
	// answer.
	inFlight      = 512
	inFlightBytes = 16 << 20
	// answerWait bounds the wait for one answer.
	answerWait = 15 * time.Second
)

// Config says how a JetStream store makes its streams.
type Config struct {
	// Names builds the names of streams and subjects.
	Names streams.Names
	// Replicas of each stream. Default 1.
	Replicas int
}

// NewJetStream returns a store on streams, one for each partition, which are
// made when they are first written to.
func NewJetStream(js jetstream.JetStream, cfg Config) *JetStream {
	if cfg.Replicas == 0 {
		cfg.Replicas = 1
	}
	s := &JetStream{js: js, cfg: cfg, streams: make(map[ids.Partition]jetstream.Stream)}
	s.store.b = s
	return s
}

// JetStream is a [Store] on JetStream.
type JetStream struct {
	store

	js  jetstream.JetStream
	cfg Config

	mu      sync.Mutex
	streams map[ids.Partition]jetstream.Stream
}

// StreamConfig returns the stream of a partition's snapshots.
//
// On one replica writes are not synced: a snapshot that a crash takes back is
// replayed, and synced writes would cost a disk access for each instance. Reads
// are then direct. On more replicas a direct read may come from one that lags,
// and would show a state from before the last write, so that reads go to the
// leader. Blocks are not compressed: the envelope compresses what pays, and a
// read would have to decompress megabytes for a few hundred bytes.
func (c Config) StreamConfig(p ids.Partition) jetstream.StreamConfig {
	cfg := jetstream.StreamConfig{
		Name:              c.Names.SnapshotStream(p),
		Description:       "Weir: snapshots of partition " + p.String() + "; a cache",
		Subjects:          []string{c.Names.SnapshotSubjects(p)},
		Storage:           jetstream.FileStorage,
		Replicas:          max(c.Replicas, 1),
		MaxMsgsPerSubject: 1,
		// Each subject is written on purpose, so that nothing is deduplicated
		// by id; the shortest window keeps no table.
		Duplicates: 100 * time.Millisecond,
	}
	if cfg.Replicas == 1 {
		cfg.AllowDirect = true
		cfg.PersistMode = jetstream.AsyncPersistMode
	}
	return cfg
}

func (s *JetStream) chunkBytes() int { return natsChunk }

// ready makes the stream of the partition, once for each store.
func (s *JetStream) ready(ctx context.Context, p ids.Partition) error {
	_, err := s.stream(ctx, p, true)
	return err
}

// stream returns the handle of a partition's stream. The lock is not held while
// the server is asked; two that ask at once get two equal handles.
func (s *JetStream) stream(ctx context.Context, p ids.Partition, create bool) (jetstream.Stream, error) {
	s.mu.Lock()
	st := s.streams[p]
	s.mu.Unlock()
	if st != nil {
		return st, nil
	}
	cfg := s.cfg.StreamConfig(p)
	st, err := s.js.Stream(ctx, cfg.Name)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		if !create {
			return nil, ErrNotFound
		}
		st, err = s.js.CreateOrUpdateStream(ctx, cfg)
	}
	if err != nil {
		return nil, fmt.Errorf("stream %s: %w", cfg.Name, err)
	}
	s.mu.Lock()
	s.streams[p] = st
	s.mu.Unlock()
	return st, nil
}

// forget drops the handle of a stream that is gone, so that it is made anew.
func (s *JetStream) forget(p ids.Partition) {
	s.mu.Lock()
	delete(s.streams, p)
	s.mu.Unlock()
}

func (s *JetStream) put(ctx context.Context, p ids.Partition, messages func(yield func(string, []byte) bool)) error {
	w := window{ctx: ctx}
	expect := jetstream.WithExpectStream(s.cfg.Names.SnapshotStream(p))
	var err error
	for key, msg := range messages {
		if err = w.room(len(msg)); err != nil {
			break
		}
		var ack jetstream.PubAckFuture
		ack, err = s.js.PublishAsync(s.cfg.Names.SnapshotSubject(p, key), msg, expect, jetstream.WithStallWait(answerWait))
		if err != nil {
			break
		}
		w.add(ack, len(msg))
	}
	err = errors.Join(err, w.drain())
	if err != nil {
		s.forget(p)
		return fmt.Errorf("put snapshots of partition %s: %w", p, err)
	}
	return nil
}

// window is what has been published and not been answered yet.
type window struct {
	ctx   context.Context //nolint:containedctx // it lives for one call
	acks  []pending
	bytes int
}

type pending struct {
	ack   jetstream.PubAckFuture
	bytes int
}

// room waits until another message of the size fits.
func (w *window) room(size int) error {
	for len(w.acks) > 0 && (len(w.acks) >= inFlight || w.bytes+size > inFlightBytes) {
		if err := w.oldest(); err != nil {
			return err
		}
	}
	return nil
}

func (w *window) add(ack jetstream.PubAckFuture, size int) {
	w.acks = append(w.acks, pending{ack, size})
	w.bytes += size
}

// oldest waits for the answer that is due first.
func (w *window) oldest() error {
	first := w.acks[0]
	w.acks = w.acks[1:]
	w.bytes -= first.bytes
	select { // mostly there already
	case <-first.ack.Ok():
		return nil
	default:
	}
	limit := time.NewTimer(answerWait)
	defer limit.Stop()
	select {
	case <-first.ack.Ok():
		return nil
	case err := <-first.ack.Err():
		return err
	case <-w.ctx.Done():
		return context.Cause(w.ctx)
	case <-limit.C:
		return fmt.Errorf("no answer within %v", answerWait)
	}
}

// drain waits for all answers and returns the first error.
func (w *window) drain() error {
	for len(w.acks) > 0 {
		if err := w.oldest(); err != nil {
			return err
		}
	}
	return nil
}

func (s *JetStream) get(ctx context.Context, p ids.Partition, key string) ([]byte, error) {
	st, err := s.stream(ctx, p, false)
	if err != nil {
		return nil, err
	}
	msg, err := st.GetLastMsgForSubject(ctx, s.cfg.Names.SnapshotSubject(p, key))
	switch {
	case errors.Is(err, jetstream.ErrMsgNotFound):
		return nil, ErrNotFound
	case err != nil:
		s.forget(p)
		return nil, err
	}
	return msg.Data, nil
}

func (s *JetStream) keys(ctx context.Context, p ids.Partition, f func(key string)) error {
	st, err := s.stream(ctx, p, true)
	if err != nil {
		return err
	}
	info, err := st.Info(ctx, jetstream.WithSubjectFilter(s.cfg.Names.SnapshotSubjects(p)))
	if err != nil {
		s.forget(p)
		return err
	}
	prefix := s.cfg.Names.SnapshotSubject(p, "")
	for subject := range info.State.Subjects {
		f(strings.TrimPrefix(subject, prefix))
	}
	return nil
}

func (s *JetStream) remove(ctx context.Context, p ids.Partition, name string) error {
	st, err := s.stream(ctx, p, true)
	if err != nil {
		return err
	}
	subject := s.cfg.Names.SnapshotSubject(p, name)
	for _, filter := range []string{subject, subject + ".>"} {
		if err := st.Purge(ctx, jetstream.WithPurgeSubject(filter)); err != nil {
			s.forget(p)
			return err
		}
	}
	return nil
}

func (s *JetStream) purge(ctx context.Context, p ids.Partition) error {
	st, err := s.stream(ctx, p, true)
	if err != nil {
		return err
	}
	if err := st.Purge(ctx); err != nil {
		s.forget(p)
		return err
	}
	return nil
}
