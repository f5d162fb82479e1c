package runner

import (
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/streams"
)

// signalWaits is start → signal news → end.
var signalWaits = strings.Replace(process("heard", `<startEvent id="start"/>`+flow("f1", "start", "catch")+
	`<intermediateCatchEvent id="catch"><signalEventDefinition signalRef="s1"/></intermediateCatchEvent>`+flow("f2", "catch", "end")+`<endEvent id="end"/>`),
	`<message id="m1"`, `<signal id="s1" name="news"/><message id="m1"`, 1)

// Goal: one signal reaches each of very many waiting instances exactly once and in
// the order in which they began to wait, though an owner ends in between; frames
// stay small, and others are answered meanwhile. Method: all partitions of a
// cluster, one of them taken over while it delivers. WEIR_WAITING=100000 sets how
// many wait (make signals).
func TestSignalToManyWaiting(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes seconds")
	}
	total := 20_000
	if n, err := strconv.Atoi(os.Getenv("WEIR_WAITING")); err == nil {
		total = n
	}
	const partitions = 4
	f := newFixture(t, partitions)
	f.deployer()
	owners := make([]*owner, partitions)
	fuse := newFuse(1<<40, true)
	for p := range owners {
		owners[p] = f.own(ids.Partition(p), func(c *Config) {
			if p == 1 {
				c.JS, c.Snapshots = crashJS{c.JS, fuse}, crashStore{c.Snapshots, fuse}
			}
		})
		owners[p].up()
	}
	f.deploy(signalWaits, waiting)
	began := time.Now()
	order := f.startMany("heard", total)
	eventuallyIn(t, 10*time.Minute, 20*time.Millisecond, "all wait", func() bool {
		n := 0
		for p, o := range owners {
			o.alive(p)
			s := o.p.present()
			n += s.Hot + s.Idle
		}
		return n == total
	})
	t.Logf("%d instances wait after %v", total, time.Since(began).Round(time.Millisecond))

	memory := heap()
	began = time.Now()
	if _, err := f.client.BroadcastSignal(t.Context(), commands.BroadcastSignal{Name: "news", Variables: map[string]any{"text": "hello"}}); err != nil {
		t.Fatal(err)
	}
	answered := time.Since(began)
	var worst, sum time.Duration
	asked, taken := 0, false
	var peak uint64
	eventuallyIn(t, 10*time.Minute, time.Millisecond, "nobody waits any more", func() bool {
		left := 0
		for p, o := range owners {
			o.alive(p)
			s := o.p.present()
			left += s.Hot + s.Idle
		}
		if !taken && left < total*3/4 {
			// The owner of one partition dies with its next write, and another
			// one takes over.
			taken = true
			fuse.left.Store(1)
			if _, err := f.js.PublishMsg(t.Context(), f.raw(f.at(1), &commands.CancelInstance{})); err != nil { // it writes for certain
				t.Fatal(err)
			}
			select {
			case <-owners[1].done:
			case <-time.After(10 * time.Second):
				t.Fatal("the owner does not write any more")
			}
			owners[1] = f.own(1)
			owners[1].up()
		}
		at := time.Now()
		if err := f.send(f.start(ids.Partition(asked%partitions), "waiting", map[string]any{"key": "other"}), &commands.CancelInstance{}); err != nil {
			t.Fatalf("another instance: %v", err)
		}
		asked++
		d := time.Since(at)
		worst, sum = max(worst, d), sum+d
		peak = max(peak, heap())
		return left == 0
	})
	took := time.Since(began)
	frames, largest := 0, 0
	for p := range ids.Partition(partitions) {
		var got []ids.Instance
		reader := streams.ReadFrames(f.js, f.names.EventStream(p), 1)
		for len(got) < len(order[p]) {
			entries, err := reader.Next(t.Context(), 1024, time.Second)
			if err != nil {
				t.Fatal(err)
			}
			if len(entries) == 0 {
				break
			}
			for _, e := range entries {
				frames++
				largest = max(largest, e.Size)
				for _, tr := range e.Frame.Transitions {
					for _, ev := range tr.Events {
						if _, ok := ev.(*events.SignalReceived); ok {
							got = append(got, tr.Instance)
						}
					}
				}
			}
		}
		reader.Close()
		if len(got) != len(order[p]) {
			t.Errorf("partition %s: the signal was received %d times by %d instances", p, len(got), len(order[p]))
			continue
		}
		for i := range got {
			if got[i] != order[p][i] {
				t.Errorf("partition %s: number %d to get the signal was %s, expected %s", p, i, got[i], order[p][i])
				break
			}
		}
	}
	t.Logf("answered after %v; all %d have it after %v (%.0f/s); the largest of %d frames has %d bytes; heap %d MB, %d MB at most; two commands of another instance took %v on average and %v at worst",
		answered.Round(time.Millisecond), total, took.Round(time.Millisecond), float64(total)/took.Seconds(), frames, largest, memory>>20, peak>>20, (sum / time.Duration(asked)).Round(time.Microsecond), worst.Round(time.Microsecond))
	if int64(largest) > f.nc.MaxPayload()/4 {
		t.Errorf("the largest frame has %d bytes", largest)
	}
	if !taken {
		t.Error("no owner ended in between")
	}
}

// startMany starts instances over all partitions and returns them in the order in
// which each partition was asked.
func (f *fixture) startMany(processID string, total int) map[ids.Partition][]ids.Instance {
	f.t.Helper()
	order := map[ids.Partition][]ids.Instance{}
	var acks []jetstream.PubAckFuture
	for range total {
		id := f.client.NewInstanceID()
		order[id.Partition()] = append(order[id.Partition()], id)
		ack, err := f.js.PublishMsgAsync(f.raw(id, &commands.StartInstance{ProcessID: processID}), jetstream.WithStallWait(30*time.Second))
		if err != nil {
			f.t.Fatal(err)
		}
		acks = append(acks, ack)
	}
	for _, ack := range acks {
		select {
		case <-ack.Ok():
		case err := <-ack.Err():
			f.t.Fatal(err)
		case <-time.After(time.Minute):
			f.t.Fatal("a start was not acknowledged")
		}
	}
	return order
}

// alive fails the test if the owner has ended.
func (o *owner) alive(partition int) {
	o.t.Helper()
	select {
	case <-o.done:
		o.t.Fatalf("the owner of partition %d ended: %v", partition, o.err)
	default:
	}
	if o.p.present() == nil {
		eventually(o.t, "the partition is owned", func() bool { return o.p.present() != nil })
	}
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse
}
