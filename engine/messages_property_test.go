package engine

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/internal/bpmntest"
	"github.com/weir-bpm/weir/variables"
)

// TestMessagesProperty takes random interleavings of publications, starts,
// completions and late, doubled and lost commands between one to three
// partitions, and checks from the events alone, at all times, that
//
//   - no process has a message twice, and nobody one that was for another;
//   - a process has at most one active instance that a message with one name and
//     key started, and the messages of a key start it in order of publication;
//
// and in the end that no message is lost: what has a time to live is with each
// process that waits for it or can be started by it, and who was named as the
// receiver of a message has it, unless it has ended meanwhile.
//
// WEIR_SEEDS=1000 runs more seeds, WEIR_SEED=17 one of them.
func TestMessagesProperty(t *testing.T) {
	first, count := uint64(1), 60
	if n, err := strconv.Atoi(os.Getenv("WEIR_SEEDS")); err == nil {
		count = n
	}
	if n, err := strconv.ParseUint(os.Getenv("WEIR_SEED"), 10, 64); err == nil {
		first, count = n, 1
	}
	for seed := first; seed < first+uint64(count); seed++ {
		if !t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) { correspond(t, seed) }) {
			t.Fatalf("run it again: WEIR_SEED=%d go test ./engine -run TestMessagesProperty", seed)
		}
	}
}

// post watches messages from publication to reception.
type post struct {
	*walker
	// quiet says that nobody who waits is canceled.
	quiet     bool
	published map[ids.Command]*letter
	order     []*letter
	process   map[ids.Instance]string
	business  map[ids.Instance]string
	ended     map[ids.Instance]bool
	// active is the instance that is active for a process, message name and key.
	active map[string]ids.Instance
	open   map[ids.Instance]string // the same by instance
	next   map[string]int          // the number of the newest that started it
}

// letter is a message and who has it.
type letter struct {
	n         int
	e         *events.MessagePublished
	broadcast bool
	receivers []string // as the publisher was told
	got       []ids.Instance
}

func correspond(t *testing.T, seed uint64) {
	t.Helper()
	rnd := rand.New(rand.NewPCG(seed, 11)) //nolint:gosec // a test is to be the same each time
	p := &post{
		walker:    &walker{cluster: newCluster(t, 1+rnd.IntN(3), Config{}), t: t, rnd: rnd},
		quiet:     seed%2 == 0,
		published: map[ids.Command]*letter{}, process: map[ids.Instance]string{}, business: map[ids.Instance]string{},
		ended: map[ids.Instance]bool{}, active: map[string]ids.Instance{}, open: map[ids.Instance]string{}, next: map[string]int{},
	}
	p.record = p.watch
	p.after = func(m *member) { checkInvariants(t, m) }
	m := bpmntest.New()
	for _, id := range []string{"first", "second"} { // both wait for the same
		s := m.Process(id)
		s.Start("s-" + id).To(s.CatchMessage("catch-"+id, "news", "=key")).To(s.CatchMessage("again-"+id, "news", "=key")).To(s.End("e-" + id))
	}
	s := m.Process("keyless")
	s.Start("s-keyless").To(s.CatchMessage("catch", "open", "")).To(s.End("e-keyless"))
	s = m.Process("pinged")
	work := s.Service("work", "work")
	s.Start("s-pinged").To(work).To(s.End("e-pinged"))
	work.OnMessage("ping", "ping", "=key", false).To(s.End("seen"))
	s = m.Process("ordered")
	s.StartMessage("s-ordered", "order").To(s.Service("pack", "pack")).To(s.End("e-ordered"))
	s = m.Process("billed")
	s.StartMessage("s-billed", "order").To(s.Service("bill", "bill")).To(s.CatchMessage("more", "news", "=key")).To(s.End("e-billed"))
	p.deploy(m)
	for range 60 + rnd.IntN(60) {
		p.step()
	}
	p.settle()
	checkHomes(t, p.cluster)
	p.checkBuffered()
	p.drain()
	p.checkBuffered()
	p.checkTold()
}

// watch follows the events of a decision.
func (p *post) watch(_ *member, _ commands.Envelope, d *Decision) {
	p.t.Helper()
	for _, tr := range d.Transitions {
		for _, e := range tr.Events {
			p.see(tr.Instance, e)
		}
	}
}

func (p *post) see(id ids.Instance, e events.Event) {
	p.t.Helper()
	switch e := e.(type) {
	case *events.InstanceStarted:
		p.process[id], p.business[id] = e.Definition.ProcessID, e.BusinessKey
		if e.MessageKey == "" {
			return
		}
		at := e.Definition.ProcessID + " " + e.MessageName + " " + e.MessageKey
		if other, ok := p.active[at]; ok {
			p.t.Fatalf("%s starts for %s while %s is active", id, at, other)
		}
		p.active[at], p.open[id] = id, at
	case *events.InstanceCompleted, *events.InstanceCanceled:
		p.ended[id] = true
		if at, ok := p.open[id]; ok {
			delete(p.active, at)
		}
	case *events.MessagePublished:
		l := &letter{n: len(p.order), e: e}
		p.order = append(p.order, l)
		p.published[e.Message] = l
	case *events.MessageReceived:
		p.got(p.published[e.Message], id, p.process[id])
	case *events.MessageStarted:
		l := p.published[e.Message]
		p.process[e.Instance] = e.ProcessID
		p.got(l, e.Instance, e.ProcessID)
		if e.CorrelationKey == "" {
			return
		}
		at := e.ProcessID + " " + e.Name + " " + e.CorrelationKey
		if newest, ok := p.next[at]; ok && newest > l.n {
			p.t.Fatalf("message %d starts %s after message %d", l.n, at, newest)
		}
		p.next[at] = l.n
	}
}

func (p *post) got(l *letter, id ids.Instance, process string) {
	p.t.Helper()
	for _, other := range l.got {
		if other == id || p.process[other] == process && !l.broadcast {
			p.t.Fatalf("message %d (%+v) is with %s of %s, which has it already in %s", l.n, l.e, id, process, other)
		}
	}
	if l.e.Instance != "" && l.e.Instance != id {
		p.t.Fatalf("message %d for %s is with %s", l.n, l.e.Instance, id)
	}
	if key := l.e.BusinessKey; key != "" && p.business[id] != "" && p.business[id] != key {
		p.t.Fatalf("message %d for the business key %s is with %s, which has %s", l.n, key, id, p.business[id])
	}
	l.got = append(l.got, id)
}

func (p *post) step() {
	p.t.Helper()
	m := pick(p.walker, p.parts)
	switch n := p.rnd.IntN(100); {
	case n < 20:
		process := pick(p.walker, []string{"first", "second", "keyless", "pinged"})
		m.do(m.envelope(p.instanceID(m.id), &commands.StartInstance{
			ProcessID: process, BusinessKey: pick(p.walker, []string{"", "b1", "b2"}), Variables: variables.Document{"key": pick(p.walker, []string{"k1", "k2"})},
		}))
	case n < 55:
		p.publish()
	case n < 85:
		p.handOver()
	case n < 95:
		p.finish(m, !p.quiet)
	default:
		p.settle()
	}
	if list := m.live.InstanceIDs(); len(list) > 0 && p.chance(20) {
		m.passivate(pick(p.walker, list))
	}
}

// publish publishes a message at its home.
func (p *post) publish() {
	p.t.Helper()
	c := &commands.PublishMessage{
		Name: pick(p.walker, []string{"news", "ping", "order", "open"}), CorrelationKey: pick(p.walker, []string{"k1", "k2"}),
		TTLMS: pick(p.walker, []int64{0, 3600_000}),
	}
	switch c.Name {
	case "open":
		c.CorrelationKey = ""
		c.BusinessKey = pick(p.walker, []string{"", "b1", "b2"})
	case "order":
		c.CorrelationKey = pick(p.walker, []string{"k1", "k2", ""})
		c.Variables = variables.Document{"key": c.CorrelationKey + "k"}
	}
	c.Broadcast = c.TTLMS == 0 && p.chance(15)
	m := p.parts[ids.MessageHome(testTenant, c.Name, c.CorrelationKey, len(p.parts))]
	if h := m.live.homes.at(homeKey{testTenant, c.Name, c.CorrelationKey}); h != nil && c.CorrelationKey == "" && len(h.waiters()) > 0 && p.chance(50) {
		c.InstanceID, c.BusinessKey = string(pick(p.walker, h.waiters()).Instance), ""
	}
	before := len(p.order)
	cmd := m.envelope(p.instanceID(m.id), c)
	if c.Broadcast {
		// Who has it is looked at as soon as it has been published.
		record := p.record
		p.record = func(at *member, cmd commands.Envelope, d *Decision) {
			for _, tr := range d.Transitions {
				for _, e := range tr.Events {
					p.see(tr.Instance, e)
					if _, ok := e.(*events.MessagePublished); ok {
						p.order[len(p.order)-1].broadcast = true
					}
				}
			}
		}
		defer func() { p.record = record }()
	}
	d := m.do(cmd)[0]
	switch {
	case len(p.order) > before:
		p.order[before].receivers = d.Result.Receivers
	case d.Result.Code == "":
		p.t.Fatalf("message %+v was accepted, but is nowhere", c)
	case c.Name == "ping" && p.waits(c):
		p.t.Fatalf("message %+v was rejected with %s, but somebody waits for each that comes", c, d.Result.Code)
	case c.TTLMS > 0 && d.Result.Code != commands.CodeMessageAmbiguous:
		p.t.Fatalf("message %+v with a time to live was rejected with %s", c, d.Result.Code)
	}
}

// waits says whether somebody waits at the home of a message.
func (p *post) waits(c *commands.PublishMessage) bool {
	h := p.parts[ids.MessageHome(testTenant, c.Name, c.CorrelationKey, len(p.parts))].live.homes.at(homeKey{testTenant, c.Name, c.CorrelationKey})
	return h != nil && len(h.waiters()) > 0
}

// finish completes a job of an instance, or cancels it.
func (p *post) finish(m *member, cancel bool) {
	p.t.Helper()
	list := m.live.InstanceIDs()
	if len(list) == 0 {
		return
	}
	in := m.live.Instance(pick(p.walker, list))
	if cancel && p.chance(40) {
		m.do(m.envelope(in.ID, &commands.CancelInstance{}))
		return
	}
	if len(in.Jobs) == 0 || p.quiet && in.Definition.ProcessID == "pinged" {
		return // a message may be on its way to it
	}
	m.do(m.envelope(in.ID, &commands.CompleteJob{JobID: ids.Join(in.ID, in.Jobs[0].Key)}))
}

// drain completes all jobs until none is left: each message with a key that was
// buffered gets its instance in turn.
func (p *post) drain() {
	p.t.Helper()
	for range 1000 {
		busy := false
		for _, m := range p.parts {
			for _, id := range m.live.InstanceIDs() {
				if in := m.live.Instance(id); in != nil && len(in.Jobs) > 0 {
					busy = true
					m.do(m.envelope(id, &commands.CompleteJob{JobID: ids.Join(id, in.Jobs[0].Key)}))
				}
			}
		}
		p.settle()
		if !busy {
			return
		}
	}
	p.t.Fatal("there is always another job")
}

// checkBuffered checks, when nothing is under way, that no message that is
// buffered could go to anybody.
func (p *post) checkBuffered() {
	p.t.Helper()
	at := map[ids.Command]bool{}
	for _, m := range p.parts {
		for _, k := range m.live.homes.sorted() {
			h := m.live.homes.at(k)
			for _, msg := range h.messages() {
				at[msg.ID] = true
				for w := range h.accepting(msg) {
					p.t.Fatalf("message %d is buffered, but %s of %s waits for it", p.published[msg.ID].n, w.Instance, w.ProcessID)
				}
				for _, processID := range sortedKeys(m.live.startMessages[startKey{k.tenant, k.name}]) {
					busy := slices.ContainsFunc(h.active(), func(a activeStart) bool { return a.ProcessID == processID })
					if !busy && msg.Instance == "" && !slices.Contains(msg.Delivered, processID) {
						p.t.Fatalf("message %d is buffered, but starts no instance of %s", p.published[msg.ID].n, processID)
					}
				}
			}
		}
	}
	for _, l := range p.order {
		if l.e.ExpiresMS > p.nowMS && !at[l.e.Message] {
			p.t.Fatalf("message %d has time to live, but is nowhere", l.n)
		}
	}
}

// checkTold checks that the receivers that publishers were told of have their
// messages.
func (p *post) checkTold() {
	p.t.Helper()
	for _, l := range p.order {
		for _, r := range l.receivers {
			if id := ids.Instance(r); !slices.Contains(l.got, id) && (p.quiet || !p.ended[id]) {
				p.t.Fatalf("message %d was said to go to %s of %s, which never had it", l.n, r, p.process[id])
			}
		}
	}
}
