package projector

// A generator of legal event histories: what an engine could have written, over
// every kind, with texts and numbers that Postgres does not take as they are.

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/variables"
)

type generator struct {
	rnd   *rand.Rand
	part  ids.Partition
	nowMS int64
	live  []*genInstance
	ended []ids.Instance
	seq   uint64
	// buffered lists the messages at home.
	buffered []*events.MessagePublished
	timers   map[string]bool // start timers by element
	deployed int
}

type genInstance struct {
	id, root             ids.Instance
	last                 ids.Key
	elements, jobs       []ids.Key
	failed, tasks        []ids.Key
	timers, subs, faults []ids.Key
	scopes               []ids.Key
	out                  []events.Event
}

func newGenerator(seed uint64, part ids.Partition) *generator {
	return &generator{
		rnd: rand.New(rand.NewPCG(seed, uint64(part+2))), part: part, nowMS: 1_790_000_000_000, timers: map[string]bool{},
	}
}

func (g *generator) pick(n int) int { return g.rnd.IntN(n) }

// word is mostly a plain word, at times one that has to be escaped.
func (g *generator) word() string {
	nasty := []string{
		"a\x00b", "\x00", mark, mark + "0", mark + "n12", "x\xff\xfey", mark + "~" + strings.Repeat("0", 64),
		strings.Repeat("long", 400), strings.Repeat("ü\x00", 300), "'; DROP TABLE x; --", `{"a":1}`, "\\u0000", "日本語", "",
	}
	if g.pick(8) == 0 {
		return nasty[g.pick(len(nasty))]
	}
	return []string{"alpha", "beta", "gamma", "delta", "epsilon"}[g.pick(5)]
}

// safe is word without what a variable and its name never hold.
func (g *generator) safe() string { return strings.ToValidUTF8(g.word(), "?") }

func (g *generator) value(depth int) any {
	numbers := []string{"0", "-1", "9223372036854775807", "12345678901234567890123", "0.1", "1e300", "-1.5e-30", "1e-6000", "1E+6000", "0." + strings.Repeat("123", 2000) + "1"}
	switch n := g.pick(9); {
	case n == 0:
		return nil
	case n == 1:
		return g.pick(2) == 0
	case n <= 3:
		return g.safe()
	case n <= 6 || depth > 2:
		v, err := variables.ParseNumber(numbers[g.pick(len(numbers))])
		if err != nil {
			panic(err)
		}
		return v
	case n == 7:
		out := []any{}
		for range g.pick(4) {
			out = append(out, g.value(depth+1))
		}
		return out
	default:
		out := map[string]any{}
		for range g.pick(4) {
			out[g.safe()] = g.value(depth + 1)
		}
		return out
	}
}

func (g *generator) document() variables.Document {
	out := variables.Document{}
	for range 1 + g.pick(3) {
		out[g.safe()] = g.value(0)
	}
	return out
}

func (g *generator) ms() int64 {
	odd := []int64{0, 1, -1, 1 << 60, -1 << 60, 253402300799999, 253402300800000}
	if g.pick(6) == 0 {
		return odd[g.pick(len(odd))]
	}
	return g.nowMS + int64(g.pick(1_000_000))
}

func (g *generator) command() ids.Command {
	return ids.NewCommand(time.UnixMilli(g.nowMS), g.rnd)
}

func (g *generator) ref() events.DefinitionRef {
	return events.DefinitionRef{ProcessID: g.word(), Version: 1 + g.pick(3), Digest: "d" + g.word(), Deployment: "D" + g.word()}
}

// frames returns n frames of random transitions.
func (g *generator) frames(n int) [][]events.Transition {
	out := make([][]events.Transition, 0, n)
	for range n {
		var ts []events.Transition
		for range 1 + g.pick(6) {
			ts = append(ts, g.transitions()...)
		}
		out = append(out, ts)
	}
	return out
}

func (g *generator) transitions() []events.Transition {
	g.seq++
	g.nowMS += int64(g.pick(1000))
	t := events.Transition{Command: g.command(), CommandSeq: g.seq, TimeMS: g.nowMS}
	switch g.pick(10) {
	case 0:
		t.Events = g.home()
		return []events.Transition{t}
	case 1:
		t.Events = g.partition()
		return []events.Transition{t}
	case 2, 3:
		in := g.newInstance()
		in.out = append(in.out, g.started(in.id, events.TriggerCommand))
		g.steps(in, 1+g.pick(8))
		t.Instance, t.Events = in.id, in.take()
		g.live = append(g.live, in)
		return []events.Transition{t}
	}
	if len(g.live) == 0 {
		t.Events = []events.Event{&events.CommandRejected{Code: "instance.not_found", Message: g.word()}}
		return []events.Transition{t}
	}
	in := g.live[g.pick(len(g.live))]
	child := g.steps(in, 1+g.pick(6))
	if g.pick(4) == 0 {
		g.end(in)
	}
	t.Instance, t.Events = in.id, in.take()
	out := []events.Transition{t}
	if child != nil {
		c := t
		c.Instance, c.Events = child.id, child.take()
		out = append(out, c)
		g.live = append(g.live, child)
	}
	return out
}

func (in *genInstance) take() []events.Event {
	out := in.out
	in.out = nil
	return out
}

func (in *genInstance) key() ids.Key {
	in.last++
	return in.last
}

func (g *generator) newInstance() *genInstance {
	id := ids.At(g.part, time.UnixMilli(g.nowMS), g.rnd)
	return &genInstance{id: id, root: id, last: events.RootKey, scopes: []ids.Key{events.RootKey}}
}

func (g *generator) started(id ids.Instance, trigger events.Trigger) *events.InstanceStarted {
	return &events.InstanceStarted{
		Tenant: "default", Definition: g.ref(), BusinessKey: g.word(), Trigger: trigger, StartElement: "start", Root: id,
	}
}

// remove takes a random key out of a list; ok is false if it is empty.
func (g *generator) remove(list *[]ids.Key) (ids.Key, bool) {
	if len(*list) == 0 {
		return 0, false
	}
	i := g.pick(len(*list))
	k := (*list)[i]
	*list = append((*list)[:i:i], (*list)[i+1:]...)
	return k, true
}

func (g *generator) one(list []ids.Key) (ids.Key, bool) {
	if len(list) == 0 {
		return 0, false
	}
	return list[g.pick(len(list))], true
}

// steps lets an instance do things; it returns a child if one was called.
func (g *generator) steps(in *genInstance, n int) *genInstance {
	var child *genInstance
	for range n {
		if c := g.step(in); c != nil && child == nil {
			child = c
		}
	}
	return child
}

func (g *generator) step(in *genInstance) *genInstance {
	emit := func(e events.Event) { in.out = append(in.out, e) }
	switch g.pick(23) {
	case 0, 1, 2, 3:
		scope, _ := g.one(in.scopes)
		k := in.key()
		emit(&events.ElementActivated{Key: k, Scope: scope, ElementID: g.word(), Type: "serviceTask"})
		in.elements = append(in.elements, k)
	case 4, 5:
		if k, ok := g.remove(&in.elements); ok {
			emit(&events.ElementCompleted{Key: k, ElementID: "x"})
			emit(&events.FlowTaken{Scope: 1, FlowID: "f"})
		}
	case 6:
		if k, ok := g.remove(&in.elements); ok {
			emit(&events.ElementTerminated{Key: k, ElementID: "x"})
		}
	case 7:
		scope, _ := g.one(in.scopes)
		emit(&events.VariablesSet{Scope: scope, Values: g.document()})
	case 8, 9:
		k := in.key()
		emit(&events.JobCreated{Key: k, Element: 2, ElementID: g.word(), Type: g.word(), Retries: 3, Priority: g.pick(3) - 1, Headers: map[string]string{g.word(): g.word()}})
		in.jobs = append(in.jobs, k)
	case 10:
		if k, ok := g.remove(&in.jobs); ok {
			emit(&events.JobCompleted{Key: k, Worker: g.word()})
		}
	case 11:
		if k, ok := g.remove(&in.jobs); ok {
			emit(&events.JobFailed{Key: k, Retries: g.pick(2), RetryAtMS: g.ms(), Message: g.word(), Worker: g.word()})
			in.failed = append(in.failed, k)
			if g.pick(2) == 0 {
				f := in.key()
				emit(&events.IncidentRaised{Key: f, Element: 2, ElementID: g.word(), Job: k, Step: events.StepJob, Code: "job.no_retries", Message: g.word()})
				in.faults = append(in.faults, f)
			}
		}
	case 12:
		if k, ok := g.remove(&in.failed); ok {
			emit(&events.JobRetriesUpdated{Key: k, Retries: 2})
			emit(&events.JobReopened{Key: k, Attempt: 2, Retries: 2})
			in.jobs = append(in.jobs, k)
		}
	case 13:
		if k, ok := g.remove(&in.faults); ok {
			emit(&events.IncidentResolved{Key: k})
		}
	case 14:
		if k, ok := g.remove(&in.jobs); ok {
			emit(&events.JobErrorThrown{Key: k, Code: g.word(), Message: g.word(), Worker: g.word()})
		}
	case 15:
		k := in.key()
		emit(&events.UserTaskCreated{
			Key: k, Element: 2, ElementID: g.word(), Name: g.word(), Assignee: g.word(), CandidateUsers: []string{g.word(), g.word()},
			CandidateGroups: []string{g.word()}, DueMS: g.ms(), FollowUpMS: g.ms(), Priority: 50, FormKey: g.word(),
			FormBinding: "versionTag", FormVersion: g.word(), Owner: g.word(), Category: g.word(), Description: g.word(),
			Fields: g.fields(),
		})
		in.tasks = append(in.tasks, k)
	case 16:
		if k, ok := g.one(in.tasks); ok {
			switch g.pick(4) {
			case 0:
				text, due, priority := g.word(), g.ms(), 7
				emit(&events.UserTaskUpdated{Key: k, Changes: events.TaskChanges{
					Owner: &text, Name: &text, Category: &text, FormKey: &text, CandidateUsers: &[]string{g.word()}, DueMS: &due, Priority: &priority,
				}})
			case 1:
				text, none := g.word(), int64(0)
				emit(&events.UserTaskUpdated{Key: k, Changes: events.TaskChanges{Description: &text, CandidateGroups: &[]string{}, FollowUpMS: &none}})
			case 2:
				emit(&events.UserTaskPending{Key: k, Event: []string{"", "completing"}[g.pick(2)], Denied: g.word()})
			default:
				emit(&events.UserTaskAssigned{Key: k, Assignee: g.word()})
			}
		}
	case 17:
		if k, ok := g.remove(&in.tasks); ok {
			emit(&events.UserTaskCompleted{Key: k, By: g.word()})
		}
	case 22:
		emit(g.evaluated(in.key()))
	case 18:
		k := in.key()
		emit(&events.TimerScheduled{Key: k, Element: 2, Target: g.word(), DueMS: g.ms(), Cycle: g.word(), Remaining: 3})
		in.timers = append(in.timers, k)
	case 19:
		if k, ok := g.remove(&in.timers); ok {
			next := int64(0)
			if g.pick(2) == 0 {
				next = g.nowMS + 5
				in.timers = append(in.timers, k)
			}
			emit(&events.TimerFired{Key: k, NextDueMS: next, Remaining: 2})
		}
	case 20:
		k := in.key()
		in.subs = append(in.subs, k)
		switch g.pick(5) {
		case 4:
			emit(&events.TriggerAwaited{Key: k, Element: 2, Target: g.word()})
			if g.pick(2) == 0 {
				emit(&events.TriggerReceived{Key: k})
			}
		case 0:
			emit(&events.SignalAwaited{Key: k, Element: 2, Target: g.word(), Name: g.word(), Order: 7})
			if g.pick(2) == 0 {
				emit(&events.SignalReceived{Key: k, Signal: g.command()})
			}
		case 1:
			emit(&events.ConditionAwaited{Key: k, Element: 2, Target: g.word()})
			if g.pick(2) == 0 {
				emit(&events.ConditionMet{Key: k})
			}
		default:
			emit(&events.SubscriptionOpened{Key: k, Element: 2, Target: g.word(), Name: g.word(), CorrelationKey: g.word()})
			if g.pick(2) == 0 {
				emit(&events.MessageReceived{Key: k, Message: g.command()})
			}
		}
	case 21:
		k := in.key()
		emit(&events.ElementActivated{Key: k, Scope: 1, ElementID: "call", Type: "callActivity"})
		child := g.newInstance()
		emit(&events.CallStarted{Element: k, Child: child.id})
		in.elements = append(in.elements, k)
		child.root = in.root
		st := g.started(in.root, events.TriggerCall)
		st.Parent, st.ParentElement = in.id, k
		child.out = append(child.out, st)
		g.steps(child, g.pick(4))
		return child
	}
	return nil
}

// fields are those of a form, mostly none.
func (g *generator) fields() []events.FormField {
	if g.pick(3) > 0 {
		return nil
	}
	length := g.pick(9)
	return []events.FormField{
		{ID: g.word(), Label: g.word(), Type: "enum", Values: []events.FormValue{{ID: g.word(), Name: g.word()}, {ID: "b"}}, Required: true, Default: `"\u2400x"`},
		{ID: "n", Type: "long", Min: "1", Max: "1e400", Default: "12345678901234567890123", ReadOnly: g.pick(2) == 0, Variable: g.word()},
		{ID: "d", DatePattern: "dd/MM/yyyy", MinLength: &length, MaxLength: &length},
	}
}

// end closes what is open, as the engine does, and ends the instance.
func (g *generator) end(in *genInstance) {
	emit := func(e events.Event) { in.out = append(in.out, e) }
	for _, k := range append(in.jobs, in.failed...) {
		emit(&events.JobCanceled{Key: k})
	}
	for _, k := range in.tasks {
		emit(&events.UserTaskCanceled{Key: k})
	}
	for _, k := range in.faults {
		emit(&events.IncidentResolved{Key: k})
	}
	for _, k := range in.timers {
		emit(&events.TimerCanceled{Key: k})
	}
	for _, k := range in.subs {
		emit(&events.SubscriptionClosed{Key: k})
	}
	for _, k := range in.elements {
		emit(&events.ElementTerminated{Key: k, ElementID: "x"})
	}
	removeAt := int64(0)
	if in.root == in.id && g.pick(3) > 0 {
		removeAt = g.nowMS + int64(g.pick(60_000))
	}
	if g.pick(2) == 0 {
		emit(&events.InstanceCompleted{RemoveAtMS: removeAt})
	} else {
		emit(&events.TokensDropped{Scope: 1})
		emit(&events.InstanceCanceled{Reason: g.word(), RemoveAtMS: removeAt})
	}
	for i, other := range g.live {
		if other == in {
			g.live = append(g.live[:i:i], g.live[i+1:]...)
			break
		}
	}
	g.ended = append(g.ended, in.id)
}

// home returns events of a message's home.
func (g *generator) home() []events.Event {
	other := ids.At(g.part, time.UnixMilli(g.nowMS), g.rnd)
	if len(g.buffered) > 0 && g.pick(2) == 0 {
		m := g.buffered[g.pick(len(g.buffered))]
		switch g.pick(4) {
		case 0:
			return []events.Event{
				&events.MessageSent{Tenant: m.Tenant, Message: m.Message, Name: m.Name, CorrelationKey: m.CorrelationKey, Instance: other, Key: 4, ProcessID: "p"},
				&events.OutboxAdded{To: 1, N: g.seq, Tenant: "default", Instance: other, Command: "message.correlate", Payload: []byte{1, 2}},
			}
		case 1:
			return []events.Event{&events.MessageAnswered{Tenant: m.Tenant, Message: m.Message, Name: m.Name, CorrelationKey: m.CorrelationKey, Instance: other, Key: 4, ProcessID: "p", Accepted: g.pick(2) == 0}}
		case 2:
			return []events.Event{
				&events.MessageStarted{Tenant: m.Tenant, Message: m.Message, Name: m.Name, CorrelationKey: m.CorrelationKey, ProcessID: "p", Instance: other},
				&events.MessageKeyReleased{Tenant: m.Tenant, Name: m.Name, CorrelationKey: m.CorrelationKey, ProcessID: "p", Instance: other},
			}
		default:
			return []events.Event{&events.MessageExpired{Tenant: m.Tenant, Message: m.Message, Name: m.Name, CorrelationKey: m.CorrelationKey}}
		}
	}
	if g.pick(5) == 0 { // taken at once, never buffered
		return []events.Event{&events.MessageStarted{Tenant: "default", Message: g.command(), Name: g.word(), ProcessID: "p", Instance: other}}
	}
	m := &events.MessagePublished{
		Tenant: "default", Message: g.command(), Name: g.word(), CorrelationKey: g.word(), MessageID: g.word(),
		ExpiresMS: g.ms(), BusinessKey: g.word(), Variables: g.document(),
	}
	g.buffered = append(g.buffered, m)
	return []events.Event{
		&events.WaiterAdded{Tenant: "default", Name: m.Name, Instance: other, Key: 3, ProcessID: "p"},
		m,
		&events.WaiterRemoved{Tenant: "default", Name: m.Name, Instance: other, Key: 3},
	}
}

// partition returns the other events of a partition.
func (g *generator) partition() []events.Event {
	element := fmt.Sprintf("timer%d", g.pick(3))
	switch {
	case g.pick(3) == 0:
		return []events.Event{
			&events.CommandRejected{Code: "job.not_found", Message: g.word()},
			&events.CommandAnswered{Result: []byte("x")},
			&events.StartMessageSet{Tenant: "default", Name: g.word(), Definition: g.ref(), ElementID: "start"},
		}
	case g.pick(4) == 0:
		delete(g.timers, element)
		return []events.Event{&events.StartTimerCanceled{Tenant: "default", ProcessID: "proc", ElementID: element}}
	case g.timers[element]:
		return []events.Event{&events.StartTimerFired{Tenant: "default", ProcessID: "proc", ElementID: element, NextDueMS: int64(g.pick(2)) * g.nowMS, Remaining: 1}}
	}
	g.timers[element] = true
	ref := g.ref()
	ref.ProcessID = "proc"
	return []events.Event{&events.StartTimerScheduled{
		Tenant: "default", Definition: ref, ElementID: element, Spec: "R/P1D", DueMS: int64(g.pick(3)) * g.nowMS, Cycle: g.word(), Remaining: -1,
		Problem: []string{"", "", g.word()}[g.pick(3)],
	}}
}

// evaluated is a decision with a result and a trace, kept or not.
func (g *generator) evaluated(k ids.Key) *events.DecisionEvaluated {
	e := &events.DecisionEvaluated{
		Key: k, Element: 2, ElementID: g.word(),
		Decision: events.DecisionRef{DecisionID: g.word(), Version: 1 + g.pick(3), Digest: "d" + g.word(), Deployment: "D" + g.word()},
	}
	for _, to := range []*string{&e.Result, &e.Trace} {
		switch g.pick(6) {
		case 0:
			e.Truncated = true
		case 1:
			*to = g.word() // what no release has written yet
		default:
			raw, err := variables.ToJSON(g.value(0))
			if err != nil {
				panic(err)
			}
			*to = string(raw)
		}
	}
	return e
}

// deployments returns n frames of the definitions log.
func (g *generator) deployments(n int) [][]events.Transition {
	var out [][]events.Transition
	for range n {
		g.deployed++
		g.nowMS += 1000
		e := &events.DeploymentCreated{Tenant: "default", Deployment: string(g.command()), Name: g.word()}
		for i := range 1 + g.pick(3) {
			file := fmt.Sprintf("%d-%s.bpmn", i, g.word())
			unchanged := g.pick(3) == 0 && g.deployed > 1
			e.Resources = append(e.Resources, events.DeployedResource{Name: file, Digest: fmt.Sprintf("%064x", g.deployed), Bytes: 100, Unchanged: unchanged})
			e.Processes = append(e.Processes, events.DeployedDefinition{
				ProcessID: fmt.Sprintf("proc%d", i), Name: g.word(), Version: g.deployed, VersionTag: g.word(), Resource: file,
				Digest: fmt.Sprintf("%064x", g.deployed), Unchanged: unchanged, HistoryTTL: []string{"", "P30D"}[g.pick(2)],
			})
			e.Decisions = append(e.Decisions, events.DeployedDecision{
				DecisionID: fmt.Sprintf("decision%d", i), Name: g.word(), Version: g.deployed, VersionTag: g.word(), Requirements: g.word(),
				Resource: file, Digest: fmt.Sprintf("%064x", g.deployed), Unchanged: unchanged,
			})
		}
		out = append(out, []events.Transition{{Command: g.command(), CommandSeq: uint64(g.deployed), TimeMS: g.nowMS, Events: []events.Event{e}}})
	}
	return out
}
