package snapshots_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/internal/embednats"
	"github.com/weir-bpm/weir/snapshots"
	"github.com/weir-bpm/weir/snapshots/snapshottest"
	"github.com/weir-bpm/weir/streams"
)

func TestMemory(t *testing.T) {
	t.Parallel()
	snapshottest.Run(t, func(*testing.T) snapshottest.Harness {
		m := snapshots.NewMemory()
		return snapshottest.Harness{Store: m, Keys: m.Keys, Read: m.Read, Write: m.Write}
	})
}

// connect starts a server for the test and everything below it.
func connect(tb testing.TB) jetstream.JetStream {
	tb.Helper()
	dir, err := os.MkdirTemp("", "snapshots-")
	if err != nil {
		tb.Fatal(err)
	}
	s, err := embednats.Start(embednats.Config{Dir: dir, InProcess: true})
	if err != nil {
		tb.Fatal(err)
	}
	nc, err := s.Connect()
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		nc.Close()
		if err := errors.Join(s.Stop(), os.RemoveAll(dir)); err != nil {
			tb.Error(err)
		}
	})
	js, err := jetstream.New(nc)
	if err != nil {
		tb.Fatal(err)
	}
	return js
}

func TestJetStream(t *testing.T) {
	t.Parallel()
	js := connect(t)
	var n atomic.Int64
	t.Run("suite", func(t *testing.T) {
		snapshottest.Run(t, func(t *testing.T) snapshottest.Harness {
			t.Helper()
			names := streams.Names{Prefix: fmt.Sprintf("t%d", n.Add(1))}
			return harness(t, js, names)
		})
	})
}

func harness(t *testing.T, js jetstream.JetStream, names streams.Names) snapshottest.Harness {
	t.Helper()
	stream := func(p ids.Partition) jetstream.Stream {
		st, err := js.Stream(t.Context(), names.SnapshotStream(p))
		if err != nil {
			t.Fatal(err)
		}
		return st
	}
	return snapshottest.Harness{
		Store: snapshots.NewJetStream(js, snapshots.Config{Names: names}),
		Keys: func(p ids.Partition) (keys []string) {
			info, err := stream(p).Info(t.Context(), jetstream.WithSubjectFilter(">"))
			if err != nil {
				t.Fatal(err)
			}
			for subject, count := range info.State.Subjects {
				if count != 1 {
					t.Errorf("expected one message for each subject, but %s has %d", subject, count)
				}
				keys = append(keys, strings.TrimPrefix(subject, names.SnapshotSubject(p, "")))
			}
			return keys
		},
		Read: func(p ids.Partition, key string) []byte {
			msg, err := stream(p).GetLastMsgForSubject(t.Context(), names.SnapshotSubject(p, key))
			if errors.Is(err, jetstream.ErrMsgNotFound) {
				return nil
			}
			if err != nil {
				t.Fatal(err)
			}
			return msg.Data
		},
		Write: func(p ids.Partition, key string, msg []byte) {
			var err error
			if msg == nil {
				err = stream(p).Purge(t.Context(), jetstream.WithPurgeSubject(names.SnapshotSubject(p, key)))
			} else {
				_, err = js.Publish(t.Context(), names.SnapshotSubject(p, key), msg)
			}
			if err != nil {
				t.Fatal(err)
			}
		},
	}
}

// TestStreamGone deletes the stream behind a store, which makes it anew.
func TestStreamGone(t *testing.T) {
	t.Parallel()
	js := connect(t)
	store := snapshots.NewJetStream(js, snapshots.Config{})
	if err := store.Put(t.Context(), 0, snapshots.Header, snapshots.Snapshot{Seq: 1}); err != nil {
		t.Fatal(err)
	}
	if err := js.DeleteStream(t.Context(), streams.Names{}.SnapshotStream(0)); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Get(t.Context(), 0, snapshots.Header); err == nil {
		t.Fatal("expected an error")
	}
	if _, err := store.Get(t.Context(), 0, snapshots.Header); !errors.Is(err, snapshots.ErrNotFound) {
		t.Fatalf("expected ErrNotFound once the store has noticed, but got %v", err)
	}
	if err := store.Put(t.Context(), 0, snapshots.Header, snapshots.Snapshot{Seq: 2}); err != nil {
		t.Fatal(err)
	}
	if got, err := store.Get(t.Context(), 0, snapshots.Header); err != nil || got.Seq != 2 {
		t.Fatalf("expected sequence 2, but got %d, %v", got.Seq, err)
	}
}
