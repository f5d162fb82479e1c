package runner

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/ids"
)

// Every member has its even share, however few the partitions, and one that
// leaves moves little more than its own.
func TestAssignmentSpreads(t *testing.T) {
	t.Parallel()
	for _, partitions := range []int{1, 2, 4, 5, 16, 1024} {
		for n := range 40 {
			members := []string{}
			for i := range n%5 + 1 {
				members = append(members, fmt.Sprintf("host-%d-%d", i, n*7919))
			}
			load := map[string]int{}
			for _, m := range owners(members, partitions) {
				load[m]++
			}
			for _, m := range members {
				if l := load[m]; l != partitions/len(members) && l != (partitions+len(members)-1)/len(members) {
					t.Errorf("of %d partitions, %s of %d members has %d", partitions, m, len(members), l)
				}
			}
		}
	}
	const partitions = 1024
	before, after := owners([]string{"a", "b", "c", "d"}, partitions), owners([]string{"a", "b", "d"}, partitions)
	moved := 0
	for p := range before {
		if before[p] != "c" && before[p] != after[p] {
			moved++
		}
	}
	if moved > partitions/10 {
		t.Errorf("when c left, %d of %d partitions moved between members that stayed", moved, partitions)
	}
}

// A member that stops hands its partitions over at once, and one that is gone
// without a word is replaced after its time to live.
func TestTakeOver(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 4)
	a := f.node(func(c *Config) { c.Member = "a" })
	b := f.node(func(c *Config) { c.Member = "b" })
	owned := func(n *Node) int { return len(n.Status().Partitions) }
	eventually(t, "both share the partitions", func() bool {
		return owned(a)+owned(b) == 4 && owned(a) > 0 && owned(b) > 0
	})
	f.deploy(oneJob)
	began := time.Now()
	b.Stop()
	eventually(t, "a has all partitions", func() bool { return owned(a) == 4 })
	took := time.Since(began)
	t.Logf("after Stop of a member its partitions were owned again in %v", took)
	if took > 20*time.Second { // slack for a loaded machine
		t.Errorf("expected a hand-over at once, but it took %v", took)
	}
	for p := range ids.Partition(4) {
		f.start(p, "one_job", nil)
	}
}

// Timers fire at or after their time, once, and soon.
func TestTimersLateness(t *testing.T) {
	t.Parallel()
	const total = 1000
	f := newFixture(t, 1)
	f.deployer()
	f.own(0).up()
	f.deploy(timed)
	var wg sync.WaitGroup
	slots := make(chan struct{}, 64)
	for i := range total {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			if _, err := f.client.Start(t.Context(), f.at(0), commands.StartInstance{ProcessID: "timed", Variables: map[string]any{"wait": fmt.Sprintf("PT%d.%03dS", 1+i/500, i%500*2)}}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	eventually(t, "all timers have fired", func() bool {
		time.Sleep(200 * time.Millisecond)
		return count[*events.TimerFired](f, 0) == total
	})
	due := map[string]int64{}
	var late []int64
	for _, e := range f.frames(0) {
		for _, tr := range e.Frame.Transitions {
			for _, ev := range tr.Events {
				switch ev := ev.(type) {
				case *events.TimerScheduled:
					due[ids.Join(tr.Instance, ev.Key)] = ev.DueMS
				case *events.TimerFired:
					late = append(late, e.StoredAt.UnixMilli()-due[ids.Join(tr.Instance, ev.Key)])
				}
			}
		}
	}
	slices.Sort(late)
	t.Logf("lateness of %d timers: p50 %d ms, p99 %d ms, max %d ms", len(late), late[len(late)/2], late[len(late)*99/100], late[len(late)-1])
	if late[0] < 0 {
		t.Errorf("expected no timer to be early, but one was by %d ms", -late[0])
	}
	if len(late) != total {
		t.Errorf("expected %d timers to fire once, but there are %d firings", total, len(late))
	}
}

// A timer that became due while nobody owned the partition fires once at the
// take-over; a clock that is moved wakes those that wait.
func TestTimerAfterOutageAndClock(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 1)
	f.deployer()
	f.cfg.Clock = NewClock()
	o := f.own(0)
	f.deploy(timed)
	f.start(0, "timed", map[string]any{"wait": "PT1H"})
	f.start(0, "timed", map[string]any{"wait": "P3W"})
	o.stop()
	if n := count[*events.TimerFired](f, 0); n != 0 {
		t.Fatalf("a timer fired early")
	}
	control, err := OpenClockControl(t.Context(), f.js, f.names, f.cfg.Clock)
	if err != nil {
		t.Fatal(err)
	}
	if err := control.Advance(t.Context(), time.Hour.Milliseconds()); err != nil {
		t.Fatal(err)
	}
	f.own(0).up()
	eventually(t, "the timer that was missed fires", func() bool { return count[*events.TimerFired](f, 0) == 1 })
	if err := control.Advance(t.Context(), (21*24*time.Hour - time.Hour - time.Minute).Milliseconds()); err != nil {
		t.Fatal(err)
	}
	f.deploy(oneJob)
	f.start(0, "one_job", nil)
	if n := count[*events.TimerFired](f, 0); n != 1 {
		t.Errorf("expected the timer of three weeks to wait a minute more, but %d have fired", n)
	}
	began := time.Now()
	if err := control.Advance(t.Context(), (2 * time.Minute).Milliseconds()); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the timer of three weeks fires", func() bool { return count[*events.TimerFired](f, 0) == 2 })
	t.Logf("%v from moving the clock to the firing", time.Since(began))
	if err := control.Advance(t.Context(), -1); err == nil {
		t.Error("expected the clock to refuse to go back")
	}
}

// Messages that come all at once to an event that does not interrupt are received
// once each: none is turned away while the ones before are under way.
func TestMessagesAtOnce(t *testing.T) {
	t.Parallel()
	const partitions, total = 3, 300
	f := newFixture(t, partitions)
	f.node()
	f.deploy(process("pinged", `<startEvent id="start"/>`+flow("f1", "start", "task")+service("task", "work")+flow("f2", "task", "end")+`<endEvent id="end"/>`+
		`<boundaryEvent id="ping" attachedToRef="task" cancelActivity="false"><messageEventDefinition messageRef="m1"/></boundaryEvent>`+flow("f3", "ping", "seen")+`<endEvent id="seen"/>`))
	key, home := "", ids.Partition(0)
	for n := 0; home == 0; n++ { // the home is another partition than that of the instance
		key = fmt.Sprint("k", n)
		home = ids.MessageHome("default", "ping", key, partitions)
	}
	id := f.start(0, "pinged", map[string]any{"key": key})
	eventually(t, "the home knows who waits", func() bool { return count[*events.WaiterAdded](f, home) == 1 })
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			for range total / 10 {
				r, err := f.client.PublishMessage(t.Context(), commands.PublishMessage{Name: "ping", CorrelationKey: key})
				if err != nil {
					t.Errorf("publish: %v", err)
				} else if len(r.Receivers) != 1 || r.Receivers[0] != string(id) {
					t.Errorf("receivers are %v", r.Receivers)
				}
			}
		})
	}
	wg.Wait()
	eventually(t, "all messages have been received", func() bool { return count[*events.MessageReceived](f, 0) >= total })
	seen := map[ids.Command]bool{}
	for _, e := range f.frames(0) {
		for _, tr := range e.Frame.Transitions {
			for _, ev := range tr.Events {
				if m, ok := ev.(*events.MessageReceived); ok {
					if seen[m.Message] {
						t.Errorf("message %s was received twice", m.Message)
					}
					seen[m.Message] = true
				}
			}
		}
	}
	if len(seen) != total {
		t.Errorf("%d messages were received, %d published", len(seen), total)
	}
}
