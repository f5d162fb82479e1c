package projector

import (
	"context"
	"flag"
	"sync"
	"testing"
	"time"

	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/ids"
)

var cleanupInstances = flag.Int("cleanup-instances", 10_000, "finished instances that BenchmarkCleanup removes")

// BenchmarkCleanup removes finished instances of a process with one service task,
// half of them with nothing beside it and half as a server does by itself, while a
// partition is folded, and compares the rate of that fold with one that nothing goes on beside.
func BenchmarkCleanup(b *testing.B) {
	for b.Loop() {
		benchmarkCleanup(b)
	}
}

func benchmarkCleanup(b *testing.B) {
	n := *cleanupInstances
	folded := n / 5
	w := newWorld(b, 0, 1, 2)
	cfg := w.config()
	var mu sync.Mutex
	now := int64(0)
	cfg.Now = func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		return time.UnixMilli(now)
	}
	at := func(ms int64) {
		mu.Lock()
		defer mu.Unlock()
		now = ms
	}
	p, err := New(cfg)
	if err != nil {
		b.Fatal(err)
	}
	if err := p.Start(context.Background()); err != nil {
		b.Fatal(err)
	}
	defer p.Stop()
	<-p.Started()
	frames, _ := serviceTaskFrames(0, n, 50)
	half := 0
	for _, frame := range frames {
		for i := range frame {
			if end, ok := frame[i].Events[len(frame[i].Events)-1].(*events.InstanceCompleted); ok {
				half++
				end.RemoveAtMS = int64(1 + half%2)
			}
		}
	}
	w.write(0, frames...)
	settle := func(part ids.Partition) {
		ctx, cancel := context.WithTimeout(b.Context(), 10*time.Minute)
		defer cancel()
		if err := p.WaitFor(ctx, part, w.seq[part]); err != nil {
			b.Fatal(err)
		}
	}
	settle(0)
	fold := func(part ids.Partition) time.Duration {
		frames, _ := serviceTaskFrames(part, folded, 50)
		began := time.Now()
		w.write(part, frames...)
		settle(part)
		return time.Since(began)
	}
	clean := func(ms int64, gentle bool) (*CleanupReport, int64) {
		at(ms)
		r, err := p.cleanup(b.Context(), CleanupOptions{}, gentle)
		if err != nil {
			b.Fatal(err)
		}
		rows := int64(0)
		for _, c := range r.Rows {
			rows += c
		}
		return r, rows
	}
	r, rows := clean(1, false)
	b.ReportMetric(float64(rows)/r.Duration.Seconds(), "rows/s")
	b.ReportMetric(float64(r.Instances)/r.Duration.Seconds(), "instances/s")
	alone := fold(1)
	var beside time.Duration
	var both sync.WaitGroup
	both.Go(func() { beside = fold(2) })
	r, rows = clean(2, true)
	both.Wait()
	b.ReportMetric(float64(rows)/r.Duration.Seconds(), "rows/s-beside")
	b.ReportMetric(alone.Seconds()/beside.Seconds(), "fold-ratio")
	b.ReportMetric(r.Duration.Seconds()/beside.Seconds(), "overlap")
}
