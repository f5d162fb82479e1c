package snapshots_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/weir-bpm/weir/snapshots"
)

// stored is how many snapshots the benchmarks have, stateBytes how large one
// is.
const (
	stored     = 200_000
	stateBytes = 600
)

// settle is how long the server keeps its own indexes of blocks that are
// neither written nor read.
const settle = 2*time.Minute + 20*time.Second

// BenchmarkJetStream measures the store under 200,000 snapshots: rate of
// batches, latency of single puts and gets, deletes, headers, and the memory of
// the embedded server for each stored snapshot.
//
//	go test ./snapshots -run '^$' -bench JetStream -benchtime 1x -timeout 20m
//
// It takes some minutes, most of them waiting for the server to settle.
func BenchmarkJetStream(b *testing.B) {
	js := connect(b)
	store := snapshots.NewJetStream(js, snapshots.Config{})
	rnd := rand.New(rand.NewPCG(1, 1)) //nolint:gosec // test data
	names := make([]string, stored)
	for i := range names {
		names[i] = snapshots.GroupName(rnd.Uint64())
	}
	state := make([]byte, stateBytes)
	for i := range state {
		state[i] = 'a' + byte(rnd.IntN(26))
	}
	snap := snapshots.Snapshot{StateVersion: 1, Seq: 1, Data: state}
	before := heap()

	b.Run("batch", func(b *testing.B) {
		for b.Loop() {
			for part := range slices.Chunk(names, 5000) {
				batch := make([]snapshots.Named, len(part))
				for i, name := range part {
					batch[i] = snapshots.Named{Name: name, Snapshot: snap}
				}
				if err := store.PutBatch(b.Context(), 0, batch); err != nil {
					b.Fatal(err)
				}
			}
		}
		b.ReportMetric(float64(stored*b.N)/b.Elapsed().Seconds(), "snapshots/s")
		b.ReportMetric(float64(heap()-before)/stored, "heap-B/snapshot")
		time.Sleep(settle)
		b.ReportMetric(float64(heap()-before)/stored, "idle-heap-B/snapshot")
	})
	single := func(name string, count int, call func(name string) error) {
		b.Run(name, func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				for range count {
					begin := time.Now()
					if err := call(names[rnd.IntN(stored)]); err != nil {
						b.Fatal(err)
					}
					took = append(took, time.Since(begin))
				}
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
		})
	}
	single("put", 5000, func(name string) error { return store.Put(b.Context(), 0, name, snap) })
	single("get", 20000, func(name string) error {
		_, err := store.Get(b.Context(), 0, name)
		return err
	})
	single("delete", 2000, func(name string) error { return store.Delete(b.Context(), 0, name) })
	b.Run("delete-batch", func(b *testing.B) {
		const count = 20_000
		for b.Loop() {
			if err := store.Delete(b.Context(), 0, names[:count]...); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(count*float64(b.N)/b.Elapsed().Seconds(), "deletes/s")
	})
	for _, mb := range []int{1, 100} {
		header := snapshots.Snapshot{Seq: 1, Data: make([]byte, mb<<20)}
		for i := range header.Data {
			header.Data[i] = byte(rnd.Uint32())
		}
		single(fmt.Sprintf("header-put-%dMB", mb), 3, func(string) error {
			return store.Put(b.Context(), 0, snapshots.Header, header)
		})
		single(fmt.Sprintf("header-get-%dMB", mb), 3, func(string) error {
			_, err := store.Get(b.Context(), 0, snapshots.Header)
			return err
		})
	}
}

func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
