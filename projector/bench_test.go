package projector

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/variables"
)

// serviceTaskFrames is what an engine writes for n instances of a process with
// one service task, in groups of the given size: two transitions and 14 events
// an instance.
func serviceTaskFrames(part ids.Partition, n, group int) ([][]events.Transition, int) {
	rnd := rand.New(rand.NewPCG(1, uint64(part)))
	now := time.Now()
	var frames [][]events.Transition
	count := 0
	var list []ids.Instance
	for i := 0; i < n; i += group {
		var starts, ends []events.Transition
		list = list[:0]
		for j := range min(group, n-i) {
			id := ids.At(part, now, rnd)
			list = append(list, id)
			starts = append(starts, events.Transition{
				Command: ids.NewCommand(now, rnd), CommandSeq: uint64(2*i + j + 1), Instance: id, TimeMS: now.UnixMilli(),
				Events: []events.Event{
					&events.InstanceStarted{Tenant: "default", Definition: events.DefinitionRef{ProcessID: "order", Version: 1, Digest: fmt.Sprintf("%064x", 1), Deployment: "01K0000000000000000000000A"}, Trigger: events.TriggerCommand, StartElement: "start", Root: id, BusinessKey: fmt.Sprint(i + j)},
					&events.VariablesSet{Scope: 1, Values: variables.Document{"amount": int64(i + j)}},
					&events.ElementActivated{Key: 2, Scope: 1, ElementID: "start", Type: "startEvent"},
					&events.ElementCompleted{Key: 2, ElementID: "start"},
					&events.FlowTaken{Scope: 1, FlowID: "flow1"},
					&events.ElementActivated{Key: 3, Scope: 1, ElementID: "pack", Type: "serviceTask"},
					&events.JobCreated{Key: 4, Element: 3, ElementID: "pack", Type: "pack", Retries: 3},
				},
			})
		}
		for j, id := range list {
			ends = append(ends, events.Transition{
				Command: ids.NewCommand(now, rnd), CommandSeq: uint64(2*i + group + j + 1), Instance: id, TimeMS: now.UnixMilli(),
				Events: []events.Event{
					&events.JobCompleted{Key: 4, Worker: "w1"},
					&events.ElementCompleted{Key: 3, ElementID: "pack"},
					&events.FlowTaken{Scope: 1, FlowID: "flow2"},
					&events.ElementActivated{Key: 5, Scope: 1, ElementID: "end", Type: "endEvent"},
					&events.ElementCompleted{Key: 5, ElementID: "end"},
					&events.InstanceCompleted{},
				},
			})
		}
		frames = append(frames, starts, ends)
		count += 13 * len(list)
	}
	return frames, count
}

// BenchmarkRebuild measures events per second from the log into an empty schema.
func BenchmarkRebuild(b *testing.B) {
	const instances = 20_000
	w := newWorld(b, 0, 1)
	total := 0
	for _, part := range w.parts {
		frames, n := serviceTaskFrames(part, instances/2, 50)
		w.write(part, frames...)
		total += n
	}
	for b.Loop() {
		b.StopTimer()
		if _, err := shared.pool.Exec(b.Context(), "DROP SCHEMA IF EXISTS "+w.schema+" CASCADE"); err != nil {
			b.Fatal(err)
		}
		p := w.projector()
		b.StartTimer()
		if err := p.Start(context.Background()); err != nil {
			b.Fatal(err)
		}
		w.settle(p)
		b.StopTimer()
		p.Stop()
		b.StartTimer()
	}
	b.ReportMetric(float64(total*b.N)/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(float64(instances*b.N)/b.Elapsed().Seconds(), "instances/s")
	var bytes int64
	if err := shared.pool.QueryRow(b.Context(), "SELECT sum(pg_total_relation_size(c.oid))::bigint FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relkind = 'r'", w.schema).Scan(&bytes); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(bytes)/instances, "B/instance")
}

// BenchmarkLive keeps up with 3,000 instances a second that each rest 30 ms in
// their task, over four partitions, and measures the time from the log's
// acknowledgement until the rows can be queried.
func BenchmarkLive(b *testing.B) {
	const rate, seconds = 3000, 4
	w := newWorld(b, 0, 1, 2, 3)
	cfg := w.config()
	cfg.MinInterval = 0 // which is the default
	p, err := New(cfg)
	if err != nil {
		b.Fatal(err)
	}
	if err := p.Start(context.Background()); err != nil {
		b.Fatal(err)
	}
	defer p.Stop()
	<-p.Started()
	var late []time.Duration
	for b.Loop() {
		var mu sync.Mutex
		var parts sync.WaitGroup
		for _, part := range w.parts {
			parts.Go(func() {
				// Every 10 ms a frame with starts, and one with the ends of
				// those of 30 ms ago.
				const tick = 10 * time.Millisecond
				group := rate / len(w.parts) / 100
				var frames [][]events.Transition
				frames, _ = serviceTaskFrames(part, group*100*seconds, group)
				var waiting sync.WaitGroup
				begin := time.Now()
				for i := range 100*seconds + 3 {
					time.Sleep(time.Until(begin.Add(time.Duration(i) * tick)))
					for _, j := range []int{2 * i, 2*(i-3) + 1} {
						if j < 0 || j >= len(frames) || j == 2*i && i >= 100*seconds {
							continue
						}
						seq := w.writeOne(part, frames[j])
						at := time.Now()
						waiting.Go(func() {
							if err := p.WaitFor(context.Background(), part, seq); err != nil {
								b.Error(err)
							}
							mu.Lock()
							late = append(late, time.Since(at))
							mu.Unlock()
						})
					}
				}
				waiting.Wait()
			})
		}
		parts.Wait()
	}
	slices.Sort(late)
	b.ReportMetric(float64(late[len(late)/2].Microseconds())/1000, "ms-p50")
	b.ReportMetric(float64(late[len(late)*99/100].Microseconds())/1000, "ms-p99")
	b.ReportMetric(rate*seconds*float64(b.N)/b.Elapsed().Seconds(), "instances/s")
}

// BenchmarkVerify measures events per second of the comparison of all rows.
func BenchmarkVerify(b *testing.B) {
	const instances = 10_000
	w := newWorld(b, 0)
	frames, total := serviceTaskFrames(0, instances, 50)
	w.write(0, frames...)
	p := w.start()
	w.settle(p)
	for b.Loop() {
		report, err := p.Verify(b.Context())
		if err != nil || !report.OK() {
			b.Fatal(err, report)
		}
	}
	b.ReportMetric(float64(total*b.N)/b.Elapsed().Seconds(), "events/s")
}
