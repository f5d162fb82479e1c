package engine

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/internal/bpmntest"
	"github.com/weir-bpm/weir/variables"
)

// The benchmarks run groups of commands as the runner does, without a log.
// Figures are those of one core.

// benchPartition is one partition without replica and checks.
type benchPartition struct {
	c     *cluster
	s     *State
	seq   uint64
	log   [][]byte
	frame *events.Frame
	store snapshotMap
}

func newBench(b testing.TB, build func(m *bpmntest.Model)) *benchPartition {
	b.Helper()
	p := &benchPartition{c: newCluster(b, 1, Config{}), store: snapshotMap{}}
	p.s = NewState(Config{}, p.store)
	m := bpmntest.New()
	build(m)
	p.c.defs.deploy(b, m.XML())
	p.begin()
	return p
}

func (p *benchPartition) begin() { p.frame = &events.Frame{Prev: p.s.LastHash} }

func (p *benchPartition) decide(b testing.TB, id ids.Instance, c commands.Command) *Decision {
	b.Helper()
	p.seq++
	d, err := p.s.Decide(commands.Envelope{
		ID: p.c.commandID(), Seq: p.seq, Tenant: testTenant, Instance: id, TimeMS: epochMS + int64(p.seq), Command: c,
	}, p.c.defs)
	if err != nil || d.Result.Code != "" {
		b.Fatal(err, d.Result)
	}
	p.frame.Transitions = append(p.frame.Transitions, d.Transitions...)
	p.frame.LastCommand = p.seq
	return d
}

// commit ends the frame.
func (p *benchPartition) commit(b testing.TB, keep bool) {
	b.Helper()
	data, err := events.EncodeFrame(p.frame)
	if err != nil {
		b.Fatal(err)
	}
	p.s.Committed(p.s.LastSeq+1, events.HashOf(data), p.frame)
	if keep {
		p.log = append(p.log, data)
	}
	p.begin()
}

var benchVariables = variables.Document{"orderId": "o-4711", "amount": int64(120), "express": true}

// BenchmarkOneTask decides the start of a process with one service task and the
// completion of its job, and applies both: one round is one instance.
func BenchmarkOneTask(b *testing.B) {
	p := newBench(b, oneTask)
	list := make([]ids.Instance, b.N)
	for i := range list {
		list[i] = p.c.instanceID(0)
	}
	start := &commands.StartInstance{ProcessID: "one", Variables: benchVariables}
	b.ReportAllocs()
	b.ResetTimer()
	for i, id := range list {
		d := p.decide(b, id, start)
		job := ids.Join(id, d.Offered[0].Key)
		p.decide(b, id, &commands.CompleteJob{JobID: job, Worker: "w", Variables: benchVariables})
		if i%64 == 63 {
			p.s.Committed(p.s.LastSeq+1, events.Hash{}, p.frame)
			p.begin()
		}
	}
}

// BenchmarkEncodeFrame encodes a frame of 64 commands: 32 starts and 32
// completions.
func BenchmarkEncodeFrame(b *testing.B) {
	p := benchLog(b, 32)
	f, err := events.DecodeFrame(p.log[0])
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.SetBytes(int64(len(p.log[0])))
	for b.Loop() {
		if _, err := events.EncodeFrame(f); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)*float64(eventsOf(f))/b.Elapsed().Seconds(), "events/s")
}

// benchLog is a log of frames with 64 commands each.
func benchLog(b testing.TB, instances int) *benchPartition {
	b.Helper()
	p := newBench(b, oneTask)
	for i := range instances {
		id := p.c.instanceID(0)
		d := p.decide(b, id, &commands.StartInstance{ProcessID: "one", Variables: benchVariables})
		p.decide(b, id, &commands.CompleteJob{JobID: ids.Join(id, d.Offered[0].Key), Worker: "w", Variables: benchVariables})
		if i%32 == 31 {
			p.commit(b, true)
		}
	}
	return p
}

func eventsOf(f *events.Frame) int {
	n := 0
	for i := range f.Transitions {
		n += len(f.Transitions[i].Events)
	}
	return n
}

// BenchmarkReplay decodes and applies a log of one-task instances.
func BenchmarkReplay(b *testing.B) {
	p := benchLog(b, 32*200)
	replay(b, p.log, true)
}

// BenchmarkApply applies a log that has been decoded before.
func BenchmarkApply(b *testing.B) {
	p := benchLog(b, 32*200)
	replay(b, p.log, false)
}

func replay(b *testing.B, log [][]byte, decode bool) {
	b.Helper()
	frames := make([]*events.Frame, len(log))
	hashes := make([]events.Hash, len(log))
	total := 0
	for i, data := range log {
		f, err := events.DecodeFrame(data)
		if err != nil {
			b.Fatal(err)
		}
		frames[i], hashes[i] = f, events.HashOf(data)
		total += eventsOf(f)
	}
	b.ReportAllocs()
	for b.Loop() {
		s := NewState(Config{}, nil)
		for i, data := range log {
			f := frames[i]
			if decode {
				var err error
				if f, err = events.DecodeFrame(data); err != nil {
					b.Fatal(err)
				}
			}
			s.ApplyFrame(uint64(i+1), hashes[i], f)
		}
	}
	b.ReportMetric(float64(b.N)*float64(total)/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(float64(total), "events")
}

// BenchmarkWaiting measures what a passivated instance that waits for a message
// and a timer costs in memory, live and restored from a snapshot.
func BenchmarkWaiting(b *testing.B) {
	const n = 200_000
	for b.Loop() {
		p := newBench(b, func(m *bpmntest.Model) {
			p := m.Process("wait")
			r := p.Receive("receive", "answer", "=key")
			p.Start("start").To(r).To(p.End("end"))
			r.OnTimer("late", bpmntest.Duration("P7D"), true).To(p.End("end1"))
		})
		p.s.loader = nil
		before := heapInUse()
		for i := range n {
			id := p.c.instanceID(0)
			p.decide(b, id, &commands.StartInstance{ProcessID: "wait", Variables: variables.Document{"key": fmt.Sprintf("order-%08d", i)}})
			if i%64 == 63 {
				p.s.Committed(p.s.LastSeq+1, events.Hash{}, p.frame)
				p.begin()
			}
		}
		p.s.Committed(p.s.LastSeq+1, events.Hash{}, p.frame)
		p.begin()
		hot := heapInUse()
		for id, in := range p.s.instances {
			if !p.s.Passivate(id, in.LastSeq, 0) {
				b.Fatal("not passivated")
			}
		}
		p.s.instances = map[ids.Instance]*Instance{}
		idle := heapInUse()
		begun := time.Now()
		header, err := p.s.EncodeHeader()
		if err != nil {
			b.Fatal(err)
		}
		took := time.Since(begun)
		cfg := p.s.cfg
		size := len(header)
		p.s = nil
		with := heapInUse()
		begun = time.Now()
		s, err := DecodeHeader(cfg, nil, header, make([]uint64, n))
		if err != nil {
			b.Fatal(err)
		}
		restore := time.Since(begun)
		restored := heapInUse()
		runtime.KeepAlive(s)
		b.ReportMetric(float64(hot-before)/n, "hot-B/instance")
		b.ReportMetric(float64(idle-before)/n, "idle-B/instance")
		b.ReportMetric(float64(restored-with)/n, "restored-B/instance")
		b.ReportMetric(float64(size)/n, "header-B/instance")
		b.ReportMetric(took.Seconds()*1000, "encode-ms")
		b.ReportMetric(restore.Seconds()*1000, "decode-ms")
		runtime.KeepAlive(header)
	}
}

func heapInUse() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// BenchmarkBusinessKey publishes to one of many instances that wait for the
// same message without correlation key, as models of camunda have it.
func BenchmarkBusinessKey(b *testing.B) {
	for _, n := range []int{10, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			p := newBench(b, func(m *bpmntest.Model) {
				p := m.Process("wait")
				p.Start("start").To(p.CatchMessage("catch", "news", "")).To(p.End("end"))
			})
			start := func(i int) {
				p.decide(b, p.c.instanceID(0), &commands.StartInstance{ProcessID: "wait", BusinessKey: fmt.Sprint(i)})
			}
			for i := range n {
				start(i)
			}
			b.ResetTimer()
			for i := range b.N {
				start(n + i)
				p.decide(b, p.c.instanceID(0), &commands.PublishMessage{Name: "news", BusinessKey: fmt.Sprint(i)})
				p.s.Committed(p.s.LastSeq+1, events.Hash{}, p.frame)
				p.begin()
			}
		})
	}
}
