package engine

import (
	"maps"
	"slices"
	"testing"

	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/variables"
)

// checkInvariants checks what must hold of a partition after each frame: the
// indexes beside the instances say what the instances say.
func checkInvariants(tb testing.TB, m *member) {
	tb.Helper()
	want := map[due]int{}
	offered := map[JobRef]bool{}
	for _, id := range m.live.InstanceIDs() {
		in, err := DecodeInstance(m.bytesOf(m.live, id)) // hot or not, and it leaves it so
		if err != nil {
			tb.Fatal(err)
		}
		checkInstance(tb, m, in)
		for _, t := range in.Timers {
			want[due{t.DueMS, dueID{dueTimer, string(id), t.Key}}]++
		}
		for _, j := range in.Jobs {
			if !j.Failed {
				offered[JobRef{Instance: id, Key: j.Key}] = true
			} else if j.RetryAtMS > 0 {
				want[due{j.RetryAtMS, dueID{dueJob, string(id), j.Key}}]++
			}
		}
	}
	for k, t := range m.live.startTimers {
		if t.DueMS > 0 {
			want[due{t.DueMS, dueID{kind: dueStartTimer, id: k.String()}}]++
		}
	}
	checkSignals(tb, m)
	checkTrees(tb, m)
	messages := 0
	for _, k := range m.live.homes.sorted() {
		h := m.live.homes.at(k)
		if h.empty() {
			tb.Fatalf("home %v is empty, but kept", k)
		}
		messages += len(h.messages())
		for _, msg := range h.messages() {
			if m.live.messageHome[msg.ID] != k {
				tb.Fatalf("message %s is not found at its home %v", msg.ID, k)
			}
			if msg.Offered == 0 {
				want[msg.due()]++
			}
		}
		for _, w := range h.waiters() {
			if w.Pending != "" && h.message(w.Pending) < 0 {
				tb.Fatalf("waiter %s-%d is offered message %s, which is not at home", w.Instance, w.Key, w.Pending)
			}
		}
	}
	if messages != len(m.live.messageHome) {
		tb.Fatalf("%d messages are buffered, but %d have a home", messages, len(m.live.messageHome))
	}
	for _, d := range m.live.timers.sorted() {
		if want[d]--; want[d] < 0 {
			tb.Fatalf("partition %s, frame %d: the heap holds %+v, which nothing waits for", m.id, m.live.LastSeq, d)
		}
	}
	for d, n := range want {
		if n > 0 {
			tb.Fatalf("partition %s, frame %d: the heap lacks %+v", m.id, m.live.LastSeq, d)
		}
	}
	open := m.live.OpenJobs()
	for _, ref := range open {
		if !offered[ref] {
			tb.Fatalf("job %s-%d is offered, but not open", ref.Instance, ref.Key)
		}
	}
	if len(open) != len(offered) {
		tb.Fatalf("%d jobs are offered, but %d are open", len(open), len(offered))
	}
}

// checkInstance checks one instance: counters equal what they count, everything
// belongs to an active element, and each element waits for something.
func checkInstance(tb testing.TB, m *member, in *Instance) {
	tb.Helper()
	fail := func(format string, args ...any) {
		tb.Helper()
		tb.Fatalf("partition %s, frame %d, instance %s: "+format, append([]any{m.id, m.live.LastSeq, in.ID}, args...)...)
	}
	inside := map[ids.Key]int{}
	waits := map[ids.Key]int{}
	bytes := 0
	model, err := m.c.defs.Model(in.Tenant, in.Definition)
	if err != nil {
		tb.Fatal(err)
	}
	for _, el := range in.Elements {
		if el.Key != events.RootKey {
			if _, ok := in.Element(el.Scope); !ok {
				fail("element %d is in scope %d, which is not active", el.Key, el.Scope)
			}
			inside[el.Scope]++
			waits[el.Scope]++
			if model.Element(el.ElementID) == nil {
				fail("element %d is %s, which is not in the model", el.Key, el.ElementID)
			}
		}
		bytes += sizeOf(el.Variables) + sizeOfLoops(el)
		if el.AdHoc != nil || el.Loop != nil && el.Loop.Paused {
			waits[el.Key]++
		}
		if el.Compensates != 0 {
			if _, ok := in.Element(el.Compensates); !ok {
				fail("element %d compensates for %d, which is not active", el.Key, el.Compensates)
			}
			waits[el.Compensates]++
			for _, other := range in.Elements { // a transaction is canceled when all has been undone
				if node := model.Element(other.ElementID); node != nil && node.Event != nil && node.Event.Kind == bpmn.EventCancel {
					waits[other.Key]++
				}
			}
		}
		if el.Child != "" && m.live.Has(el.Child) {
			waits[el.Key]++
		}
	}
	for _, c := range in.Completed {
		bytes += sizeOf(c.Variables)
		_, active := in.Element(c.Scope)
		if !active && !slices.ContainsFunc(in.Completed, func(o *Completed) bool { return o.Element == c.Scope }) {
			fail("completed activity %d is in scope %d, which is not known", c.Key, c.Scope)
		}
		if _, ok := in.Element(c.By); c.By != 0 && !ok {
			fail("completed activity %d is to be compensated for %d, which is not active", c.Key, c.By)
		}
	}
	belongs := func(what string, key, element ids.Key, waiting bool) {
		tb.Helper()
		if _, ok := in.Element(element); !ok {
			fail("%s %d belongs to element %d, which is not active", what, key, element)
		}
		if key > in.LastKey {
			fail("%s has the key %d, but the counter stands at %d", what, key, in.LastKey)
		}
		if waiting {
			waits[element]++
		}
	}
	for _, o := range m.live.Outbox() {
		if o.Instance == in.ID && o.Command == string(commands.KindBeginElement) {
			c, err := commands.Decode(commands.KindBeginElement, commands.ContentMsgpack, o.Payload)
			if err != nil {
				tb.Fatal(err)
			}
			waits[c.(*commands.BeginElement).Key]++ //nolint:forcetypeassert // it is of this kind
		}
	}
	if in.Ended != nil {
		waits[events.RootKey]++
		if in.Ended.left() == 0 {
			fail("nothing is left to be recorded of what has been interrupted")
		}
	}
	isBoundary := func(target string) bool {
		node := model.Element(target)
		return node != nil && (node.Type == bpmn.TypeBoundaryEvent || isEventStart(node))
	}
	for _, j := range in.Jobs {
		belongs("job", j.Key, j.Element, !j.Failed || j.RetryAtMS > 0)
	}
	for _, t := range in.Timers {
		belongs("timer", t.Key, t.Element, !isBoundary(t.Target))
	}
	for _, s := range in.Subscriptions {
		belongs("subscription", s.Key, s.Element, !isBoundary(s.Target))
	}
	for _, t := range in.Tasks {
		belongs("user task", t.Key, t.Element, true)
	}
	for _, i := range in.Incidents {
		belongs("incident", i.Key, i.Element, true)
	}
	for _, el := range in.Elements {
		if inside[el.Key] != el.Active {
			fail("scope %d counts %d active, but has %d", el.Key, el.Active, inside[el.Key])
		}
		if waits[el.Key] == 0 && !callerHasIncident(m, in, el) {
			fail("element %d (%s) waits for nothing", el.Key, el.ElementID)
		}
	}
	checkTokens(fail, in, model)
	if bytes != in.VariableBytes {
		fail("the variables have %d bytes, but %d are counted", bytes, in.VariableBytes)
	}
}

// callerHasIncident says whether an instance has done its work, but its caller
// cannot take the results, or could not before it was interrupted.
func callerHasIncident(m *member, in *Instance, el *Element) bool {
	if in.Parent == "" || el.Key != events.RootKey {
		return false
	}
	parent, err := DecodeInstance(m.bytesOf(m.live, in.Parent))
	if err != nil {
		return false
	}
	if parent.Ended != nil && slices.ContainsFunc(parent.Ended.Elements, func(e *Element) bool { return e.Key == in.ParentElement }) {
		return true
	}
	for _, i := range parent.Incidents {
		if i.Element == in.ParentElement && i.Step == events.StepComplete {
			return true
		}
	}
	return false
}

// checkHomes checks, when nothing is under way between partitions, that the
// waiters at the homes are the open subscriptions of the instances.
func checkHomes(tb testing.TB, c *cluster) {
	tb.Helper()
	type wait struct {
		home homeKey
		id   ids.Instance
		key  ids.Key
	}
	open := map[wait]bool{}
	for _, m := range c.parts {
		for _, id := range m.live.InstanceIDs() {
			in, err := DecodeInstance(m.bytesOf(m.live, id))
			if err != nil {
				tb.Fatal(err)
			}
			for _, s := range in.Subscriptions {
				if s.Kind != forMessage {
					continue
				}
				open[wait{homeKey{in.Tenant, s.Name, s.CorrelationKey}, id, s.Key}] = true
			}
		}
	}
	for _, m := range c.parts {
		for _, k := range m.live.homes.sorted() {
			h := m.live.homes.at(k)
			for _, w := range h.waiters() {
				at := wait{k, w.Instance, w.Key}
				if !open[at] {
					tb.Fatalf("home %v holds waiter %s-%d, which has no open subscription", k, w.Instance, w.Key)
				}
				if w.Pending != "" {
					tb.Fatalf("waiter %s-%d is still offered message %s", w.Instance, w.Key, w.Pending)
				}
				delete(open, at)
			}
			for _, a := range h.active() {
				if !m.live.Has(a.Instance) {
					tb.Fatalf("home %v thinks that %s is active", k, a.Instance)
				}
			}
		}
	}
	for at := range open {
		tb.Fatalf("subscription %s-%d is not known at its home %v", at.id, at.key, at.home)
	}
}

func sizeOfLoops(el *Element) int {
	n := 0
	for _, l := range []*Loop{el.Loop, el.AdHoc} {
		if l == nil {
			continue
		}
		for _, c := range l.Chosen {
			n += variables.Size(c.Variables)
		}
		if len(l.Items) > 0 {
			n += variables.SizeOf("", []any(l.Items))
		}
		for _, doc := range l.Collected {
			if doc != nil {
				n += variables.Size(doc)
			}
		}
	}
	return n
}

// checkSignals checks that the waits for signals that a partition knows are
// those of its instances.
func checkSignals(tb testing.TB, m *member) {
	tb.Helper()
	open := map[uint64]ids.Key{}
	for _, id := range m.live.InstanceIDs() {
		in, err := DecodeInstance(m.bytesOf(m.live, id))
		if err != nil {
			tb.Fatal(err)
		}
		for _, s := range in.Subscriptions {
			if s.Order > 0 {
				open[s.Order] = s.Key
			}
		}
	}
	n := 0
	for k, w := range m.live.signals {
		for _, s := range w.live() {
			if n++; open[s.Order] != s.Key {
				tb.Fatalf("partition %s knows the wait %+v for signal %s, which no instance has", m.id, s, k.name)
			}
		}
	}
	if n != len(open) {
		tb.Fatalf("partition %s knows %d waits for signals, but its instances have %d", m.id, n, len(open))
	}
}

// checkTrees checks the counts of called instances.
func checkTrees(tb testing.TB, m *member) {
	tb.Helper()
	trees := map[ids.Instance]int{}
	for _, id := range m.live.InstanceIDs() {
		in, err := DecodeInstance(m.bytesOf(m.live, id))
		if err != nil {
			tb.Fatal(err)
		}
		if in.Parent != "" {
			trees[in.Root]++
		}
	}
	if !maps.Equal(trees, m.live.trees) {
		tb.Fatalf("partition %s counts the trees %v, but they are %v", m.id, m.live.trees, trees)
	}
}
