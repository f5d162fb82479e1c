package definitions

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/weir-bpm/weir/internal/embednats"
	"github.com/weir-bpm/weir/streams"
)

// connect starts a server that ends with the test.
func connect(tb testing.TB) (jetstream.JetStream, *embednats.Server) {
	tb.Helper()
	dir, err := os.MkdirTemp("", "definitions-")
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
	if err := streams.EnsureShared(tb.Context(), js, streams.Names{}, streams.Setup{}); err != nil {
		tb.Fatal(err)
	}
	return js, s
}

func open(tb testing.TB, js jetstream.JetStream) *Resources {
	tb.Helper()
	r, err := OpenResources(tb.Context(), js, streams.Names{}, streams.Setup{})
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

func TestResources(t *testing.T) {
	t.Parallel()
	js, _ := connect(t)
	r := open(t, js)
	for _, content := range [][]byte{{}, []byte("a"), bytes.Repeat([]byte("large"), 1<<20)} {
		name, err := r.Put(t.Context(), content)
		if err != nil {
			t.Fatal(err)
		}
		if name != DigestOf(content) {
			t.Errorf("expected the digest, but got %s", name)
		}
		got, err := r.Get(t.Context(), name)
		if err != nil || !bytes.Equal(got, content) {
			t.Errorf("expected %d bytes, but got %d, %v", len(content), len(got), err)
		}
	}
	if _, err := r.Get(t.Context(), DigestOf([]byte("never"))); !errors.Is(err, ErrResourceNotFound) {
		t.Errorf("expected ErrResourceNotFound, but got %v", err)
	}
	for _, name := range []string{"", "*", "../x", strings.ToUpper(DigestOf([]byte("a")))} {
		if _, err := r.Get(t.Context(), name); err == nil || errors.Is(err, ErrResourceNotFound) {
			t.Errorf("%q: expected it to be refused as a digest, but got %v", name, err)
		}
	}

	// What is there is not written again, from another node neither.
	stream, err := js.Stream(t.Context(), "OBJ_"+streams.Names{}.ResourceBucket())
	if err != nil {
		t.Fatal(err)
	}
	before := stream.CachedInfo().State.LastSeq
	for range 3 {
		if _, err := open(t, js).Put(t.Context(), []byte("a")); err != nil {
			t.Fatal(err)
		}
	}
	info, err := stream.Info(t.Context())
	if err != nil || info.State.LastSeq != before {
		t.Errorf("expected the log of the store to stay at %d, but it is at %d, %v", before, info.State.LastSeq, err)
	}
}

func TestDamagedResource(t *testing.T) {
	t.Parallel()
	js, _ := connect(t)
	r := open(t, js)
	// An object whose bytes are not those of its name, whole by itself.
	store, err := js.ObjectStore(t.Context(), streams.Names{}.ResourceBucket())
	if err != nil {
		t.Fatal(err)
	}
	name := DigestOf([]byte("right"))
	if _, err := store.PutBytes(t.Context(), name, []byte("wrong")); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Get(t.Context(), name); !errors.Is(err, ErrResourceDamaged) {
		t.Errorf("expected ErrResourceDamaged, but got %v", err)
	}
	// One that was damaged where it lies.
	other, err := r.Put(t.Context(), []byte("other"))
	if err != nil {
		t.Fatal(err)
	}
	info, err := store.GetInfo(t.Context(), other)
	if err != nil {
		t.Fatal(err)
	}
	stream, err := js.Stream(t.Context(), "OBJ_"+streams.Names{}.ResourceBucket())
	if err != nil {
		t.Fatal(err)
	}
	chunk := "$O." + streams.Names{}.ResourceBucket() + ".C." + info.NUID
	if err := stream.Purge(t.Context(), jetstream.WithPurgeSubject(chunk)); err != nil {
		t.Fatal(err)
	}
	if _, err := js.Publish(t.Context(), chunk, []byte("OTHER")); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Get(t.Context(), other); !errors.Is(err, ErrResourceDamaged) {
		t.Errorf("expected ErrResourceDamaged, but got %v", err)
	}
}
