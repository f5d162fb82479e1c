package definitions

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"
)

// BenchmarkColdLoad measures how long it takes to fetch and parse a model that
// is not in the cache, with 100,000 versions in the index and files of real size
// in the object store.
//
//	go test ./definitions -run '^$' -bench ColdLoad -benchtime 1x
func BenchmarkColdLoad(b *testing.B) {
	source := filepath.Join("..", "..", "shared", "miwg", "C.9.1.bpmn")
	content, err := os.ReadFile(source)
	if err != nil {
		b.Fatalf("this benchmark reads the models beside the checkout: %v", err)
	}
	js, _ := connect(b)
	files := open(b, js)
	const stored = 10_000
	names := make([]string, stored)
	begin := time.Now()
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for i := w; i < stored; i += 8 {
				name, err := files.Put(b.Context(), fmt.Appendf(slices.Clone(content), "<!-- %d -->", i))
				if err != nil {
					b.Error(err)
					return
				}
				names[i] = name
			}
		})
	}
	wg.Wait()
	b.Logf("%d files of %d bytes stored, %.0f/s", stored, len(content), stored/time.Since(begin).Seconds())
	index := largeIndex(b, 100_000, 1000)
	cache, err := NewCache(files, CacheConfig{})
	if err != nil {
		b.Fatal(err)
	}
	rnd := rand.New(rand.NewPCG(1, 5)) //nolint:gosec // test data
	var took []time.Duration
	for b.Loop() {
		for _, i := range rnd.Perm(stored)[:3000] {
			begin := time.Now()
			if _, err := cache.Definitions(b.Context(), names[i], Choices{}); err != nil {
				b.Fatal(err)
			}
			took = append(took, time.Since(begin))
		}
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
	b.Logf("cache %+v, index %+v", cache.Stats(), index.Figures())
}

func BenchmarkLatest(b *testing.B) {
	x := largeIndex(b, 100_000, 1000)
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := x.Latest("default", "order-handling-500"); !ok {
			b.Fatal("expected a version")
		}
	}
}
