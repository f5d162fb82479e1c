package definitions

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/weir-bpm/weir/bpmn"
)

// shelf is a Fetcher over files in memory.
type shelf struct {
	files map[string][]byte
	gets  atomic.Int64
	fault atomic.Pointer[error]
}

func (s *shelf) Get(_ context.Context, name string) ([]byte, error) {
	s.gets.Add(1)
	if err := s.fault.Load(); err != nil {
		return nil, *err
	}
	content, ok := s.files[name]
	if !ok {
		return nil, ErrResourceNotFound
	}
	return content, nil
}

// TestCacheBound asks at random from many goroutines for models of random
// sizes, of which a tenth fits, and looks at the bound all the while.
func TestCacheBound(t *testing.T) {
	t.Parallel()
	const bound, models, workers, asks = 1 << 20, 2000, 8, 4000
	s := &shelf{files: map[string][]byte{}}
	var names []string
	sizes := map[string]int64{}
	for i := range models {
		content := fmt.Append(nil, "model ", i)
		name := DigestOf(content)
		s.files[name] = content
		names = append(names, name)
		sizes[name] = int64(1000 + i*7%9000)
	}
	sizes[names[0]] = 2 * bound // never fits
	var held atomic.Int64       // what a counting fetch says is parsed anew
	cache, err := NewCache(s, CacheConfig{MaxBytes: bound, Parse: func(file string, _ []byte, _ bpmn.Options) (*bpmn.Definitions, []bpmn.Problem) {
		held.Add(1)
		return &bpmn.Definitions{ID: file, Bytes: sizes[file]}, nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	var watch sync.WaitGroup
	most := int64(0)
	watch.Go(func() {
		for {
			most = max(most, cache.Stats().Bytes)
			select {
			case <-done:
				return
			case <-time.After(time.Millisecond):
			}
		}
	})
	var wg sync.WaitGroup
	for w := range uint64(workers) {
		wg.Go(func() {
			rnd := rand.New(rand.NewPCG(w, 4)) //nolint:gosec // test data
			for range asks {
				// Some are asked for much more often than others.
				i := min(rnd.IntN(models), rnd.IntN(models), rnd.IntN(models))
				d, err := cache.Definitions(t.Context(), names[i], Choices{})
				if err != nil || d.ID != names[i] {
					t.Errorf("expected the model asked for, but got %v, %v", d, err)
					return
				}
			}
		})
	}
	wg.Wait()
	close(done)
	watch.Wait()
	st := cache.Stats()
	t.Logf("%+v, most %d", st, most)
	if most > bound || st.Bytes > bound || st.Bytes < bound/2 {
		t.Errorf("expected at most %d bytes, but there were %d and are %d", bound, most, st.Bytes)
	}
	if st.Hits+st.Misses != workers*asks || st.Hits == 0 || st.Evictions == 0 {
		t.Errorf("expected hits and misses of %d asks, and evictions, but got %+v", workers*asks, st)
	}
	if parsed := held.Load(); parsed != s.gets.Load() || uint64(parsed) > st.Misses || st.Evictions > uint64(parsed) { //nolint:gosec // not negative
		t.Errorf("expected each miss to load at most once, but %d were parsed and %d fetched: %+v", parsed, s.gets.Load(), st)
	}
	total := int64(0)
	for key, d := range cache.models.All() {
		total += d.bytes + entryBytes
		if d.process.ID != key.digest.String() {
			t.Errorf("model %s lies under %s", d.process.ID, key.digest)
		}
	}
	if total != st.Bytes {
		t.Errorf("expected the counted bytes to be those of the models, but %d are counted and %d there", st.Bytes, total)
	}
}

func TestCacheLoadsOnce(t *testing.T) {
	t.Parallel()
	content := []byte("model")
	name := DigestOf(content)
	s := &shelf{files: map[string][]byte{name: content}}
	begun, goOn := make(chan struct{}), make(chan struct{})
	parses := atomic.Int64{}
	cache, err := NewCache(s, CacheConfig{Parse: func(_ string, _ []byte, o bpmn.Options) (*bpmn.Definitions, []bpmn.Problem) {
		if parses.Add(1) == 1 {
			close(begun)
			<-goOn
		}
		return &bpmn.Definitions{Dialect: o.Dialect, Bytes: 100}, nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	// The first one gives up while it loads; the others get the model all the
	// same.
	ctx, cancel := context.WithCancel(t.Context())
	wg.Go(func() { _, _ = cache.Definitions(ctx, name, Choices{}) }) // its own result may be either
	<-begun
	for range 10 {
		wg.Go(func() {
			if _, err := cache.Definitions(t.Context(), name, Choices{}); err != nil {
				t.Error(err)
			}
		})
	}
	cancel()
	close(goOn)
	wg.Wait()
	if parses.Load() != 1 {
		t.Errorf("expected one parse, but got %d", parses.Load())
	}
	d, err := cache.Definitions(t.Context(), name, Choices{Dialect: bpmn.DialectZeebe})
	if err != nil || d.Dialect != bpmn.DialectZeebe || parses.Load() != 2 {
		t.Errorf("expected the other dialect to be a model of its own, but got %+v, %v after %d parses", d, err, parses.Load())
	}
}

func TestCacheFailuresAreNotKept(t *testing.T) {
	t.Parallel()
	content := model("a")
	name := DigestOf(content)
	bad := []byte("<definitions")
	s := &shelf{files: map[string][]byte{name: content, DigestOf(bad): bad}}
	cache, err := NewCache(s, CacheConfig{})
	if err != nil {
		t.Fatal(err)
	}
	away := errors.New("server away")
	s.fault.Store(&away)
	if _, err := cache.Definitions(t.Context(), name, Choices{}); !errors.Is(err, away) {
		t.Errorf("expected the fetcher's error, but got %v", err)
	}
	s.fault.Store(nil)
	if d, err := cache.Definitions(t.Context(), name, Choices{}); err != nil || len(d.Processes) != 1 {
		t.Errorf("expected the model once the server is back, but got %v", err)
	}
	if _, err := cache.Definitions(t.Context(), DigestOf(bad), Choices{}); !errors.Is(err, ErrUnparsable) {
		t.Errorf("expected ErrUnparsable, but got %v", err)
	}
	if _, err := cache.Definitions(t.Context(), "x", Choices{}); err == nil {
		t.Error("expected a digest to be asked for")
	}
	if st := cache.Stats(); st.Failures != 2 || st.Models != 1 {
		t.Errorf("expected 2 failures and 1 model, but got %+v", st)
	}
	if _, err := NewCache(s, CacheConfig{MaxBytes: -1}); err == nil {
		t.Error("expected a negative bound to be refused")
	}
}
