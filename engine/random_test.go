package engine

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"

	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/internal/bpmntest"
	"github.com/weir-bpm/weir/variables"
)

// TestReplayProperty takes random models along random paths over one to three
// partitions: failures, incidents, clock jumps, repeated commands, cancels,
// commands between partitions that come late, doubled and out of order,
// passivation. After each frame a replica that sees the frames alone must equal
// the live state and the invariants must hold; in the end, any snapshot with the
// frames behind it must give the same state, and canceling everything must leave
// nothing behind.
//
// WEIR_SEEDS=10000 runs more seeds, WEIR_SEED=17 one of them; with
// both, so many from that one on.
func TestReplayProperty(t *testing.T) {
	first, count := uint64(1), 250
	if testing.Short() {
		count = 50
	}
	if n, err := strconv.Atoi(os.Getenv("WEIR_SEEDS")); err == nil {
		count = n
	}
	if n, err := strconv.ParseUint(os.Getenv("WEIR_SEED"), 10, 64); err == nil {
		if first = n; os.Getenv("WEIR_SEEDS") == "" {
			count = 1
		}
	}
	stats := map[string]int{}
	var seeds []uint64
	for seed := first; seed < first+uint64(count); seed++ {
		seeds = append(seeds, seed)
	}
	if count > 1 && !testing.Short() {
		seeds = append(seeds, foundSeeds...)
	}
	for _, seed := range seeds {
		if !t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) { walk(t, seed, stats) }) {
			t.Fatalf("run it again: WEIR_SEED=%d go test ./engine -run TestReplayProperty", seed)
		}
	}
	t.Logf("%d seeds from %d: %v", count, first, stats)
	// A generator that reaches nothing proves nothing. Few paths do not reach all.
	if count < 200 {
		return
	}
	for _, k := range events.Kinds() {
		if k != "deployment.created" && stats[string(k)] == 0 {
			t.Errorf("no path of %d seeds emits %s", count, k)
		}
	}
	for _, code := range []commands.Code{
		commands.CodeFlowNoMatch, commands.CodeErrorUncaught, commands.CodeJobNoRetries, commands.CodeVariablesTooLarge, commands.CodeExpressionType,
	} {
		if stats["incident "+string(code)] == 0 {
			t.Errorf("no path of %d seeds raises an incident %s", count, code)
		}
	}
}

// foundSeeds have shown a fault once, before or after a change of the generator.
var foundSeeds = []uint64{24, 333, 349, 375, 840, 1443, 2854, 4740}

// walker takes one random path.
type walker struct {
	*cluster
	t     *testing.T
	rnd   *rand.Rand
	stats map[string]int
	// past are commands to repeat, with the answer of the first time.
	past []pastCommand
	// snapshots are the header and instances of a partition after each frame.
	snapshots map[*member][]snapshot
	keys      []string
}

type pastCommand struct {
	m   *member
	cmd commands.Envelope
	d   *Decision
}

type snapshot struct {
	places    []uint64
	header    []byte
	instances snapshotMap
}

func walk(t *testing.T, seed uint64, stats map[string]int) {
	t.Helper()
	defer func() {
		if r := recover(); r != nil {
			t.Fatalf("panic: %v\n%s", r, debug.Stack())
		}
	}()
	rnd := rand.New(rand.NewPCG(seed, 7)) //nolint:gosec // a test is to be the same each time
	limits := Config{MaxSteps: 200, MaxHops: 3, MaxCallDepth: 3, MaxCallTree: 2, MaxRecent: 64}
	if seed%4 == 0 { // one in which variables do not fit
		limits.MaxVariablesBytes, limits.MaxInstanceBytes, limits.MaxDecisionBytes = 150, 220, 700
	}
	if seed%3 == 0 { // one in which what is interrupted is recorded in parts
		limits.MaxEnded = 1 + int(seed%5)
	}
	w := &walker{
		cluster: newCluster(t, 1+rnd.IntN(3), limits),
		t:       t, rnd: rnd, stats: stats, snapshots: map[*member][]snapshot{}, keys: []string{"k1", "k2", "k3"},
	}
	w.record = func(m *member, cmd commands.Envelope, d *Decision) {
		for _, tr := range d.Transitions {
			for _, e := range tr.Events {
				stats[string(e.Kind())]++
				switch e := e.(type) {
				case *events.IncidentRaised:
					stats["incident "+e.Code]++
				case *events.CommandRejected:
					stats["rejected "+e.Code]++
				}
			}
		}
		if cmd.Seq > 0 && cmd.Origin == nil && !d.Repeated && len(w.past) < 200 {
			w.past = append(w.past, pastCommand{m, cmd, d})
		}
	}
	w.after = func(m *member) {
		checkInvariants(t, m)
		w.snapshots[m] = append(w.snapshots[m], takeSnapshot(m))
	}
	if seed%3 == 0 {
		w.defs.settings = map[string]string{"timer-cycle": "reevaluate"}
	}
	for _, file := range bpmntest.Decisions() {
		w.defs.decide(t, file)
	}
	w.deploy(bpmntest.Random(rnd))
	for range 40 + rnd.IntN(40) {
		w.step()
	}
	w.settle()
	checkHomes(t, w.cluster)
	w.checkPortrayals()
	w.cancelAll()
	w.checkSnapshots()
}

func takeSnapshot(m *member) snapshot {
	s := snapshot{header: encodeHeader(m.c.tb, m.live), instances: snapshotMap{}}
	s.places = m.live.Places(func(ids.Instance) uint64 { return 0 })
	for _, id := range m.live.InstanceIDs() {
		seq := m.live.idle[id].seq
		if in, hot := m.live.instances[id]; hot {
			seq = in.LastSeq
		}
		s.instances.put(id, seq, m.bytesOf(m.live, id))
	}
	return s
}

// pick returns a random member of a list.
func pick[T any](w *walker, list []T) T { return list[w.rnd.IntN(len(list))] }

func (w *walker) chance(percent int) bool { return w.rnd.IntN(100) < percent }

// step does one random thing.
func (w *walker) step() {
	w.t.Helper()
	if w.chance(30) {
		m := pick(w, w.parts)
		if list := m.live.InstanceIDs(); len(list) > 0 {
			m.passivate(pick(w, list))
		}
	}
	switch n := w.rnd.IntN(100); {
	case n < 50: // a group of commands of callers
		m := pick(w, w.parts)
		var group []commands.Envelope
		for range 1 + w.rnd.IntN(3) {
			if e, ok := w.command(m); ok {
				group = append(group, e)
			}
		}
		m.do(group...)
	case n < 75:
		w.handOver()
	case n < 85:
		w.nowMS += int64(w.rnd.IntN(12 * 3600 * 1000))
		if w.chance(70) {
			w.fire()
			return
		}
		// Some of what is due, in one group, each twice.
		m := pick(w, w.parts)
		var group []commands.Envelope
		for _, o := range m.live.Due(w.nowMS, 3) {
			group = append(group, m.own(o), m.own(o))
		}
		m.do(group...)
	case n < 90:
		w.repeat()
	case n < 92:
		w.deploy(bpmntest.Random(w.rnd))
	default:
		w.settle()
	}
}

// handOver brings commands of an outbox to their partition as a bad network
// does.
func (w *walker) handOver() {
	w.t.Helper()
	m := pick(w, w.parts)
	list := m.live.Outbox()
	if len(list) == 0 {
		return
	}
	i := w.rnd.IntN(len(list))
	o := list[i]
	switch {
	case o.N <= m.sent[o.To]:
		if !m.deliver(o).Repeated { // doubled
			w.t.Fatalf("command %d to partition %s was decided twice", o.N, o.To)
		}
	case o.N == m.sent[o.To]+1:
		m.deliver(o)
		m.sent[o.To] = o.N
		if w.chance(70) {
			m.acked[o.To] = o.N
		}
	default:
		if !m.deliver(o).Repeated { // too early: an earlier one was lost
			w.t.Fatalf("command %d to partition %s was decided before %d", o.N, o.To, o.N-1)
		}
	}
}

// repeat sends a command again; it must get the first answer.
func (w *walker) repeat() {
	w.t.Helper()
	if len(w.past) == 0 {
		return
	}
	p := pick(w, w.past)
	if _, known := p.m.live.recent.get(p.cmd.ID); !known {
		return
	}
	again := p.cmd
	p.m.cmdSeq++
	again.Seq = p.m.cmdSeq
	d := p.m.do(again)[0]
	if !d.Repeated || !reflect.DeepEqual(normal(d.Result), normal(p.d.Result)) {
		w.t.Fatalf("%s was answered %+v, but its repetition %+v", p.cmd.Command.Kind(), p.d.Result, d.Result)
	}
}

func normal(r commands.Result) commands.Result {
	if len(r.Receivers) == 0 {
		r.Receivers = nil
	}
	return r
}

// command makes a random command for a partition; false if it finds nothing to
// act on.
func (w *walker) command(m *member) (commands.Envelope, bool) {
	w.t.Helper()
	list := m.live.InstanceIDs()
	if len(list) < 3 && w.chance(60) || w.chance(10) {
		id := w.instanceID(m.id)
		cmd := &commands.StartInstance{ProcessID: "main", Variables: w.variables(), BusinessKey: pick(w, []string{"", "b1"})}
		if w.chance(5) {
			cmd.ProcessID = pick(w, []string{"nobody", "raced"})
		}
		return m.envelope(id, cmd), true
	}
	if w.chance(25) {
		return w.publish(m), true
	}
	if w.chance(12) {
		return w.signal(m), true
	}
	if len(list) == 0 {
		return commands.Envelope{}, false
	}
	in := m.live.Instance(pick(w, list))
	cmd := w.act(in)
	return m.envelope(in.ID, cmd), true
}

// act makes a random command for an instance.
func (w *walker) act(in *Instance) commands.Command {
	worker := pick(w, []string{"", "w"})
	switch n := w.rnd.IntN(100); {
	case n < 55 && len(in.Jobs) > 0:
		j := pick(w, in.Jobs)
		job := ids.Join(in.ID, j.Key)
		if isTaskListener(j.Listener) && w.chance(70) {
			return w.taskListener(job, worker)
		}
		switch k := w.rnd.IntN(10); {
		case k < 6:
			c := &commands.CompleteJob{JobID: job, Variables: w.variables(), Worker: worker}
			if el := must(in.Elements, j.Element); el.AdHoc != nil {
				c.AdHoc = &commands.AdHocResult{Complete: w.chance(25), CancelRemaining: w.chance(25)}
				if !c.AdHoc.Complete {
					c.AdHoc.Activities = w.activities(in, el)
				}
			}
			return c
		case k < 8:
			return &commands.FailJob{JobID: job, Message: "no", Worker: worker}
		case k < 9:
			return &commands.ThrowError{JobID: job, Code: pick(w, []string{"E0", "E1", "E9"}), Variables: w.variables(), Worker: worker}
		}
		return &commands.UpdateRetries{JobID: job, Retries: 1 + w.rnd.IntN(3)}
	case n < 70 && len(in.Tasks) > 0:
		task := ids.Join(in.ID, pick(w, in.Tasks).Key)
		if w.chance(20) {
			due, priority := w.nowMS+1, w.rnd.IntN(101)
			return &commands.UpdateTask{TaskID: task, TaskChanges: events.TaskChanges{DueMS: &due, Priority: &priority, CandidateGroups: &[]string{"sales"}}, By: "ann"}
		}
		if w.chance(30) {
			return &commands.AssignTask{TaskID: task, Assignee: pick(w, []string{"ann", "bob"}), Claim: w.chance(50)}
		}
		return &commands.CompleteTask{TaskID: task, Variables: w.variables(), By: "ann"}
	case n < 85 && len(in.Incidents) > 0:
		return &commands.ResolveIncident{IncidentID: ids.Join(in.ID, pick(w, in.Incidents).Key), Retries: w.rnd.IntN(3)}
	case n < 88:
		return &commands.CancelInstance{Reason: "no more"}
	case n < 90: // what is not there
		return &commands.CompleteJob{JobID: ids.Join(in.ID, in.LastKey+1)}
	}
	if w.chance(70) {
		for _, s := range in.Subscriptions {
			if s.Kind == forTrigger {
				return &commands.Trigger{ElementInstanceID: ids.Join(in.ID, s.Element), Variables: w.variables()}
			}
		}
	}
	for _, el := range in.Elements {
		if el.AdHoc == nil || w.chance(30) {
			continue
		}
		c := &commands.ActivateAdHoc{ElementInstanceID: ids.Join(in.ID, el.Key), Complete: w.chance(25), CancelRemaining: w.chance(25)}
		if !c.Complete {
			c.Activities = w.activities(in, el)
		}
		return c
	}
	scope := pick(w, in.Elements).Key
	return &commands.SetVariables{Scope: scope, Local: w.chance(30), Variables: w.variables()}
}

// activities picks some of what an ad-hoc subprocess holds, also what cannot
// begin.
func (w *walker) activities(in *Instance, el *Element) []commands.Activity {
	model, err := w.defs.Model(in.Tenant, in.Definition)
	if err != nil {
		w.t.Fatal(err)
	}
	var out []commands.Activity
	for range 1 + w.rnd.IntN(3) {
		child := pick(w, model.Element(el.ElementID).Children).ID
		out = append(out, commands.Activity{ElementID: child, Variables: w.variables()})
	}
	return out
}

// taskListener ends the job of a task listener, which allows, denies or corrects.
func (w *walker) taskListener(job, worker string) commands.Command {
	c := &commands.CompleteJob{JobID: job, Worker: worker}
	switch w.rnd.IntN(4) {
	case 0:
		c.Denied, c.DeniedReason = true, "no"
	case 1:
		assignee, priority := pick(w, []string{"", "ann", "cy"}), w.rnd.IntN(101)
		c.Corrections = &events.TaskChanges{Assignee: &assignee, Priority: &priority}
	}
	return c
}

func (w *walker) publish(m *member) commands.Envelope {
	cmd := &commands.PublishMessage{
		Name: pick(w, []string{"m1", "m2", "m3", "m4", "go"}), CorrelationKey: pick(w, []string{"k1", "k2", "k3", ""}),
		TTLMS: pick(w, []int64{0, 0, 3600_000, 24 * 3600_000}), Variables: w.variables(), MessageID: pick(w, []string{"", "", "same"}),
		BusinessKey: pick(w, []string{"", "", "b1"}), Broadcast: w.chance(10),
	}
	homes := m.live.homes.sorted()
	switch {
	case len(homes) > 0 && w.chance(70): // one that somebody waits for here
		k := pick(w, homes)
		cmd.Name, cmd.CorrelationKey, cmd.BusinessKey, cmd.MessageID = k.name, k.key, "", ""
		if k.key == "" && w.chance(50) && len(m.live.homes.at(k).waiters()) > 0 {
			cmd.InstanceID = string(pick(w, m.live.homes.at(k).waiters()).Instance)
		}
	case w.chance(90): // one for any name of this home; for another it is refused
		home := ids.MessageHome(testTenant, cmd.Name, cmd.CorrelationKey, len(w.parts))
		for range 50 {
			if home == m.id {
				break
			}
			cmd.CorrelationKey = pick(w, []string{"k1", "k2", "k3", ""})
			cmd.Name = pick(w, []string{"m1", "m2", "m3", "m4", "go"})
			home = ids.MessageHome(testTenant, cmd.Name, cmd.CorrelationKey, len(w.parts))
		}
	}
	return m.envelope(w.instanceID(m.id), cmd)
}

// signal makes a signal, or an evaluation of conditions; some come to the wrong
// partition.
func (w *walker) signal(m *member) commands.Envelope {
	if w.chance(30) {
		return m.envelope(w.instanceID(m.id), &commands.Evaluate{Variables: w.variables(), ProcessID: pick(w, []string{"", "", "conditioned"})})
	}
	return m.envelope(w.instanceID(m.id), &commands.BroadcastSignal{Name: pick(w, []string{"s1", "s2", "s3"}), Variables: w.variables(), BusinessKey: pick(w, []string{"", "b1"})})
}

func (w *walker) variables() variables.Document {
	out := variables.Document{"choice": int64(w.rnd.IntN(4)), "key": pick(w, w.keys)}
	if w.chance(25) {
		out[pick(w, []string{"note1", "note2", "note3"})] = strings.Repeat("n", w.rnd.IntN(100))
	}
	if w.chance(4) {
		out["key"] = nil // correlation keys of later waits fail
	}
	if w.chance(30) {
		out["order"] = map[string]any{"items": []any{int64(w.rnd.IntN(100)), "x"}, "done": true}
	}
	if w.chance(20) {
		out["amount"] = doc(w.t, fmt.Sprintf(`{"x":%d.%02d}`, w.rnd.IntN(1000), 1+w.rnd.IntN(98)))["x"]
	}
	return out
}

// serveCancelListener brings an instance that is ending on by a step: an incident
// is resolved after the data was mended, or a job done.
func (w *walker) serveCancelListener(m *member, id ids.Instance) {
	if !m.live.Has(id) {
		return
	}
	in := m.live.Instance(id)
	if !in.Elements[0].ending() {
		return
	}
	if len(in.Incidents) > 0 {
		inc := in.Incidents[0]
		m.do(m.envelope(id, &commands.SetVariables{Scope: inc.Element, Local: true, Variables: variables.Document{"key": "k1"}}))
		m.do(m.envelope(id, &commands.ResolveIncident{IncidentID: ids.Join(id, inc.Key)}))
		return
	}
	if len(in.Jobs) > 0 {
		j := in.Jobs[0]
		if j.RetryAtMS > 0 {
			w.nowMS = max(w.nowMS, j.RetryAtMS)
			m.do(m.envelope(id, &commands.RetryJob{Key: j.Key}))
		}
		m.do(m.envelope(id, &commands.CompleteJob{JobID: ids.Join(id, j.Key)}))
	}
}

// cancelAll cancels every instance and checks that nothing of it stays.
func (w *walker) cancelAll() {
	w.t.Helper()
	for range 100 {
		busy := false
		for _, m := range w.parts {
			for _, id := range m.live.InstanceIDs() {
				if !m.live.Has(id) {
					continue // a caller took it along
				}
				busy = true
				in := m.live.Instance(id)
				if in.Parent == "" && !in.Elements[0].ending() {
					m.do(m.envelope(id, &commands.CancelInstance{}))
				}
				w.serveCancelListener(m, id)
			}
		}
		w.settle()
		if !busy {
			break
		}
	}
	for _, m := range w.parts {
		hot, idle, _ := m.live.Counts()
		if hot+idle > 0 || len(m.live.OpenJobs()) > 0 {
			w.t.Fatalf("partition %s: %d instances and %d jobs are left after all were canceled", m.id, hot+idle, len(m.live.OpenJobs()))
		}
		for _, k := range m.live.homes.sorted() {
			h := m.live.homes.at(k)
			if len(h.waiters())+len(h.active()) > 0 {
				w.t.Fatalf("home %v still has waiters %v or starts %v", k, h.waiters(), h.active())
			}
		}
		if n := len(m.live.Outbox()); n > 0 {
			w.t.Fatalf("partition %s: %d commands are left in the outbox", m.id, n)
		}
	}
}

// checkPortrayals rebuilds each instance from its own transitions, as the
// command `weir replay` does, and compares it with the live one.
func (w *walker) checkPortrayals() {
	w.t.Helper()
	for _, m := range w.parts {
		replayers := map[ids.Instance]*Replayer{}
		last := map[ids.Instance]*Portrayal{}
		for n := range m.log {
			f, err := events.DecodeFrame(m.log[n])
			if err != nil {
				w.t.Fatal(err)
			}
			for i := range f.Transitions {
				tr := &f.Transitions[i]
				if tr.Instance == "" {
					continue
				}
				r := replayers[tr.Instance]
				if r == nil {
					r = NewReplayer(tr.Instance)
					replayers[tr.Instance] = r
				}
				for _, e := range tr.Events {
					if last[tr.Instance], err = r.Apply(uint64(n+1), tr, e); err != nil {
						w.t.Fatal(err)
					}
				}
			}
		}
		for _, id := range sortedKeys(last) {
			p := last[id]
			if p.Ended == m.live.Has(id) {
				w.t.Fatalf("instance %s: ended by replay: %v, active: %v", id, p.Ended, m.live.Has(id))
			}
			if p.Ended {
				continue
			}
			if want, got := jsonOf(w.t, m.live.Instance(id).portray(false)), jsonOf(w.t, p); want != got {
				w.t.Fatalf("instance %s is\n%s\nbut rebuilt\n%s", id, want, got)
			}
		}
	}
}

func jsonOf(t *testing.T, v any) string {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// checkSnapshots restores each partition from its snapshots and the frames
// behind them: all snapshots of short histories, some of long ones.
func (w *walker) checkSnapshots() {
	w.t.Helper()
	for _, m := range w.parts {
		list := w.snapshots[m]
		for i, snap := range list {
			if len(list) > 60 && i%7 != w.rnd.IntN(7) {
				continue
			}
			s, err := DecodeHeader(m.live.cfg, snap.instances, snap.header, snap.places)
			if err != nil {
				w.t.Fatal(err)
			}
			for n := int(s.LastSeq) + 1; n <= len(m.log); n++ {
				m.replay(s, n)
			}
			m.compare(s)
		}
	}
}
