package runner

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/internal/embednats"
)

// natsDefault is the max_payload of a nats-server that nobody told more.
const natsDefault = 1 << 20

// smallServer is a fixture on a server with the payload that a nats-server has by
// itself.
func smallServer(t *testing.T, partitions int) *fixture {
	t.Helper()
	s, err := embednats.Start(embednats.Config{Dir: t.TempDir(), MaxPayload: natsDefault})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Stop() })
	f := fixtureOn(t, s, partitions)
	if got := f.nc.MaxPayload(); got != natsDefault {
		t.Fatalf("the server takes %d bytes", got)
	}
	return f
}

// turns is a multi-instance subprocess of n turns, each with what is given, that
// message ping with the key interrupts.
func turns(id, loop, body string) string {
	return process(id, `<startEvent id="start"/>`+flow("f1", "start", "box")+
		`<subProcess id="box"><multiInstanceLoopCharacteristics>`+loop+`</multiInstanceLoopCharacteristics>`+
		`<startEvent id="in"/>`+flow("g1", "in", "work")+body+flow("g2", "work", "out")+`<endEvent id="out"/></subProcess>`+
		`<boundaryEvent id="stop" attachedToRef="box"><messageEventDefinition messageRef="m1"/></boundaryEvent>`+
		flow("f2", "box", "end")+flow("f3", "stop", "end2")+`<endEvent id="end"/><endEvent id="end2"/>`)
}

const cardinality = `<loopCardinality>=n</loopCardinality>`

// largest returns the size of the largest frame of a partition.
func (f *fixture) largest(p ids.Partition) int {
	n := 0
	for _, e := range f.frames(p) {
		n = max(n, e.Size)
	}
	return n
}

// quiet waits until a partition has done everything that follows from what was
// sent to it.
func (o *owner) quiet(what string, cond func() bool) {
	o.t.Helper()
	eventually(o.t, what, func() bool {
		select {
		case <-o.done:
			o.t.Fatalf("the owner ended: %v", o.err)
		default:
		}
		return cond()
	})
}

// Goal: whatever a model does, no frame is larger than what the server takes, the
// executor does not start again, and others are answered meanwhile. Method: a
// server with the payload that it has by default; the owner of the partition ends
// for good at its first error.
func TestFramesFitTheServer(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("it writes much")
	}
	text := strings.Repeat("x", 100_000)
	tests := []struct {
		name   string
		models []string
		start  func(f *fixture) ids.Instance
		// then is done once the instance is at rest.
		then func(f *fixture, id ids.Instance) error
		// incident is the code that is expected.
		incident commands.Code
		ends     bool
	}{
		{
			name: "many turns are canceled", models: []string{turns("p", cardinality, service("work", "w"))},
			start: func(f *fixture) ids.Instance { return f.start(0, "p", map[string]any{"n": 3000, "key": "k"}) },
			then: func(f *fixture, id ids.Instance) error {
				return f.send(id, &commands.CancelInstance{})
			},
			ends: true,
		},
		{
			name: "many turns are interrupted", models: []string{turns("p", cardinality, service("work", "w"))},
			start: func(f *fixture) ids.Instance { return f.start(0, "p", map[string]any{"n": 3000, "key": "k"}) },
			then: func(f *fixture, _ ids.Instance) error {
				_, err := f.client.PublishMessage(f.t.Context(), commands.PublishMessage{Name: "ping", CorrelationKey: "k"})
				return err
			},
			ends: true,
		},
		{
			// Listeners hear of each end, so that it is not recorded in parts.
			name: "many turns with listeners are canceled",
			models: []string{strings.Replace(turns("p", cardinality, `<task id="work"/><receiveTask id="rest" messageRef="m1"><extensionElements><camunda:executionListener event="end" expression="${execution.setVariable('over', true)}"/></extensionElements></receiveTask>`+
				flow("g3", "work", "rest")), `xmlns:zeebe`, `xmlns:camunda="http://camunda.org/schema/1.0/bpmn" xmlns:zeebe`, 1)},
			start: func(f *fixture) ids.Instance { return f.start(0, "p", map[string]any{"n": 8000, "key": "k"}) },
			then: func(f *fixture, id ids.Instance) error {
				return f.send(id, &commands.CancelInstance{})
			},
			ends: true,
		},
		{
			name: "too many turns", models: []string{turns("p", cardinality, service("work", "w"))},
			start:    func(f *fixture) ids.Instance { return f.start(0, "p", map[string]any{"n": 200_000, "key": "k"}) },
			incident: commands.CodeStepLimit,
		},
		{
			name: "turns without waiting", models: []string{turns("p", cardinality, `<task id="work"/>`)},
			start: func(f *fixture) ids.Instance { return f.start(0, "p", map[string]any{"n": 3000, "key": "k"}) },
			ends:  true,
		},
		{
			name: "turns that call with large variables",
			models: []string{
				turns("p", cardinality, `<callActivity id="work"><extensionElements><zeebe:calledElement processId="one_job" propagateAllChildVariables="false"/></extensionElements></callActivity>`),
				oneJob,
			},
			start: func(f *fixture) ids.Instance {
				return f.start(0, "p", map[string]any{"n": 60, "key": "k", "large": text})
			},
			then: func(f *fixture, id ids.Instance) error {
				if n := len(f.jobs()); n != 60 {
					f.t.Errorf("%d of 60 turns have a job", n)
				}
				return f.send(id, &commands.CancelInstance{})
			},
			ends: true,
		},
		{
			name: "many tokens at once", models: []string{process("p", `<startEvent id="start"/>`+flow("f", "start", "t0")+doubling(12)+`<userTask id="t12"/>`)},
			start: func(f *fixture) ids.Instance { return f.start(0, "p", nil) },
			then: func(f *fixture, id ids.Instance) error {
				return f.send(id, &commands.CancelInstance{})
			},
			incident: commands.CodeDecisionTooLarge,
			ends:     true,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := smallServer(t, 1)
			f.deployer()
			o := f.own(0)
			o.up()
			f.deploy(append(tt.models, waiting)...)
			id := tt.start(f)
			var worst time.Duration
			other := func() {
				began := time.Now()
				if err := f.send(f.start(0, "waiting", map[string]any{"key": "other"}), &commands.CancelInstance{}); err != nil {
					t.Errorf("another instance: %v", err)
				}
				worst = max(worst, time.Since(began))
			}
			rest := func() bool { other(); return f.atRest(o) }
			o.quiet("the instance comes to rest", rest)
			if tt.incident != "" && !raised(f, tt.incident) {
				t.Errorf("expected an incident %s", tt.incident)
			}
			if tt.then != nil {
				if err := tt.then(f, id); err != nil {
					t.Fatal(err)
				}
				o.quiet("the instance comes to rest again", rest)
			}
			ended := !f.replayed(0).Has(id)
			if ended != tt.ends {
				t.Errorf("the instance has ended: %v", ended)
			}
			if n := f.largest(0); n > natsDefault {
				t.Errorf("the largest frame has %d bytes", n)
			} else {
				t.Logf("the largest of %d frames has %d bytes; another instance took %v at worst", len(f.frames(0)), n, worst)
			}
			if f.warned.has("a command cannot be decided") {
				t.Error("a command was refused")
			}
			o.stop()
			if o.err != nil {
				t.Errorf("the owner ended: %v", o.err)
			}
		})
	}
}

// doubling is a row of tasks that multiply tokens by two each, up to task n.
func doubling(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `<task id="t%d"/>`, i)
		b.WriteString(flow(fmt.Sprintf("a%d", i), fmt.Sprintf("t%d", i), fmt.Sprintf("t%d", i+1)))
		b.WriteString(flow(fmt.Sprintf("b%d", i), fmt.Sprintf("t%d", i), fmt.Sprintf("t%d", i+1)))
	}
	return b.String()
}

// atRest says whether nothing is under way in partitions: all commands have been
// decided, and all that follows from them has been sent.
func (f *fixture) atRest(owners ...*owner) bool {
	f.t.Helper()
	var before []uint64
	for range 2 { // the same twice: one may have sent something to one looked at before
		var seen []uint64
		for _, o := range owners {
			s := o.p.present()
			if s == nil || !s.EffectsIdle {
				return false
			}
			info, err := o.p.streamInfo(f.t.Context(), f.names.CommandStream(o.p.id))
			if err != nil {
				f.t.Fatal(err)
			}
			if s.CommandSeq != info.State.LastSeq {
				return false
			}
			seen = append(seen, s.EventSeq)
		}
		if before != nil && !slices.Equal(before, seen) {
			return false
		}
		before = seen
	}
	return true
}

func raised(f *fixture, code commands.Code) bool {
	for _, e := range f.frames(0) {
		for _, tr := range e.Frame.Transitions {
			for _, ev := range tr.Events {
				if inc, ok := ev.(*events.IncidentRaised); ok && inc.Code == string(code) {
					return true
				}
			}
		}
	}
	return false
}

// Goal: commands that together write more than a frame holds are spread over
// frames, in order, without the partition starting again.
func TestGroupsAreCut(t *testing.T) {
	t.Parallel()
	f := smallServer(t, 1)
	f.deployer()
	o := f.own(0)
	o.up()
	f.deploy(oneJob)
	o.stop()
	text := strings.Repeat("x", 150_000)
	var list []ids.Instance
	for range 30 {
		id := f.at(0)
		list = append(list, id)
		if _, err := f.js.PublishMsg(t.Context(), f.raw(id, &commands.StartInstance{ProcessID: "one_job", Variables: map[string]any{"large": text}})); err != nil {
			t.Fatal(err)
		}
	}
	o = f.own(0)
	o.up()
	o.quiet("all have started", func() bool { return o.p.present().Hot == len(list) && f.atRest(o) })
	frames := f.frames(0)
	var order []ids.Instance
	for _, e := range frames {
		for _, tr := range e.Frame.Transitions {
			if len(tr.Events) > 0 {
				if _, ok := tr.Events[0].(*events.InstanceStarted); ok {
					order = append(order, tr.Instance)
				}
			}
		}
	}
	if fmt.Sprint(order) != fmt.Sprint(list) {
		t.Errorf("the instances started in another order than they were asked for")
	}
	if n := f.largest(0); n > natsDefault {
		t.Errorf("the largest frame has %d bytes", n)
	}
	// Nothing was decided twice, and nothing is left over.
	err := f.send(list[0], &commands.SetVariables{Variables: map[string]any{"large": strings.Repeat("y", 300_000)}})
	var rejection *commands.Error
	if !errors.As(err, &rejection) || rejection.Code != commands.CodeVariablesTooLarge {
		t.Errorf("expected that the limit of variables follows the server's, but got %v", err)
	}
	o.stop()
	if o.err != nil {
		t.Errorf("the owner ended: %v", o.err)
	}
}

// Goal: a model whose signals multiply ends in incidents, and others are answered
// while it does. Method: a process that a signal starts and that throws it twice,
// over two partitions.
func TestMultiplyingSignals(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 2)
	f.deployer()
	owners := []*owner{f.own(0), f.own(1)}
	for _, o := range owners {
		o.up()
	}
	throw := func(id string) string {
		return `<intermediateThrowEvent id="` + id + `"><signalEventDefinition signalRef="s1"/></intermediateThrowEvent>`
	}
	model := strings.Replace(process("p", `<startEvent id="start"><signalEventDefinition signalRef="s1"/></startEvent>`+flow("f1", "start", "a")+
		throw("a")+flow("f2", "a", "b")+throw("b")+flow("f3", "b", "end")+`<endEvent id="end"/>`), `<message id="m1"`, `<signal id="s1" name="boom"/><message id="m1"`, 1)
	f.deploy(model, waiting)
	began := time.Now()
	if _, err := f.client.BroadcastSignal(t.Context(), commands.BroadcastSignal{Name: "boom"}); err != nil {
		t.Fatal(err)
	}
	var worst time.Duration
	n := 0
	eventually(t, "everything is at rest", func() bool {
		for p, o := range owners {
			select {
			case <-o.done:
				t.Fatalf("the owner of partition %d ended: %v", p, o.err)
			default:
			}
			asked := time.Now()
			if err := f.send(f.start(ids.Partition(p), "waiting", map[string]any{"key": "other"}), &commands.CancelInstance{}); err != nil {
				t.Fatalf("another instance: %v", err)
			}
			worst = max(worst, time.Since(asked))
			n++
		}
		return f.atRest(owners...)
	})
	incidents := 0
	for p := range owners {
		for range f.replayed(ids.Partition(p)).InstanceIDs() {
			incidents++
		}
	}
	started := count[*events.InstanceStarted](f, 0) + count[*events.InstanceStarted](f, 1) - n
	t.Logf("%d instances in %v, of which %d stopped; another one took %v at worst", started, time.Since(began), incidents, worst)
	if incidents == 0 || incidents > 5000 || started > 20_000 {
		t.Errorf("expected that the row ends in some incidents, but %d instances were started and %d stopped", started, incidents)
	}
	if worst > 5*time.Second {
		t.Errorf("another instance had to wait %v", worst)
	}
}
