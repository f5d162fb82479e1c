package engine

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/expression/timers"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/internal/conformance"
)

// Goal: models behave as their authors expect of the dialect. Method: the
// scenarios of conformance/, with two partitions and a replica beside each; the
// end-to-end tests run those that need no clock through a server.
// WEIR_CONFORMANCE names a further folder of scenarios.
func TestConformance(t *testing.T) {
	list, err := conformance.Scenarios("../conformance", os.Getenv("WEIR_CONFORMANCE"))
	if err != nil {
		t.Fatal(err)
	}
	if len(list) == 0 {
		t.Fatal("no scenarios")
	}
	for _, sc := range list {
		t.Run(sc.Name, func(t *testing.T) {
			t.Parallel()
			d := newConformanceDriver(t)
			conformance.Run(t, sc, d)
			for _, m := range d.s.c.parts {
				checkInvariants(t, m)
			}
			if t.Failed() {
				t.Logf("%s:%d\n%s", sc.File, sc.Line, d.s.out.String())
			}
		})
	}
}

// conformanceDriver runs scenarios on partitions without a server.
type conformanceDriver struct {
	s     *script
	roots []ids.Instance
	// seen is what the events have told.
	completed []string
	types     map[ids.Instance]map[ids.Key]string
	state     map[ids.Instance]string
	variables map[ids.Instance]map[string]any
}

func newConformanceDriver(t *testing.T) *conformanceDriver {
	d := &conformanceDriver{
		s: newScript(t, 2, Config{}), types: map[ids.Instance]map[ids.Key]string{},
		state: map[ids.Instance]string{}, variables: map[ids.Instance]map[string]any{},
	}
	d.s.c.record = func(m *member, cmd commands.Envelope, dec *Decision) {
		d.s.record(m, cmd, dec)
		for _, tr := range dec.Transitions {
			for _, e := range tr.Events {
				d.see(tr.Instance, e)
			}
		}
	}
	return d
}

func (d *conformanceDriver) see(id ids.Instance, e events.Event) {
	switch e := e.(type) {
	case *events.InstanceStarted:
		d.types[id], d.state[id], d.variables[id] = map[ids.Key]string{}, "active", map[string]any{}
		if e.Parent == "" {
			d.roots = append(d.roots, id)
		}
	case *events.InstanceCompleted:
		d.state[id] = "completed"
	case *events.InstanceCanceled:
		d.state[id] = "canceled"
	case *events.ElementActivated:
		d.types[id][e.Key] = e.Type
	case *events.ElementCompleted:
		if t := d.types[id][e.Key]; t != bodyType && t != adHocInner && t != typeCompensation {
			d.completed = append(d.completed, e.ElementID)
		}
	case *events.VariablesSet:
		if e.Scope == events.RootKey {
			for name, v := range e.Values {
				d.variables[id][name] = v
			}
		}
	}
}

// bodyType is the type of the element instance around the runs of a loop.
const bodyType = "multiInstanceBody"

func (d *conformanceDriver) Deploy(tb testing.TB, files []conformance.File) {
	tb.Helper()
	var refs []events.DefinitionRef
	d.s.c.defs.scripts = map[string]string{}
	for _, f := range files {
		if _, script := bpmn.ScriptExtensions()[filepath.Ext(f.Name)]; script {
			d.s.c.defs.scripts[f.Name] = string(f.Data)
		}
	}
	for _, f := range files {
		if _, script := d.s.c.defs.scripts[f.Name]; script {
			continue
		}
		if strings.HasSuffix(f.Name, ".dmn") {
			d.s.c.defs.decide(tb, f.Data)
			continue
		}
		refs = append(refs, d.s.c.defs.deploy(tb, f.Data)...)
	}
	if len(refs) == 0 {
		return
	}
	for _, p := range d.s.c.parts {
		cmd := p.envelope("", &commands.ActivateProcesses{Tenant: testTenant, Definitions: refs})
		cmd.Origin = &events.Origin{Partition: events.OriginDefinitions, N: uint64(d.s.c.defs.deploys)}
		p.do(cmd)
	}
	d.s.c.settle()
}

// Do carries out a step, and what is due then: what instances give themselves.
func (d *conformanceDriver) Do(tb testing.TB, step conformance.Step) string {
	tb.Helper()
	code := d.do(tb, step)
	d.s.c.fire()
	d.s.c.settle()
	return code
}

func (d *conformanceDriver) do(tb testing.TB, step conformance.Step) string {
	tb.Helper()
	s := d.s
	s.say("%s", step)
	s.last = nil
	target, nth := "", 1
	if len(step.Args) > 0 {
		target, nth = conformance.Nth(step.Args[0])
	}
	switch step.Verb {
	case "start":
		id := s.c.instanceID(0)
		s.send(id, &commands.StartInstance{ProcessID: target, BusinessKey: step.Option("business"), Variables: step.Variables, Form: step.Option("form") == "true"})
	case "complete":
		id, key := openAt(d, "job", target, nth, func(in *Instance) []*Job { return in.Jobs }, func(j *Job) string { return j.ElementID })
		s.send(id, &commands.CompleteJob{JobID: ids.Join(id, key), Variables: step.Variables, Worker: "w", AdHoc: step.AdHoc(), Denied: step.Option("denied") == "true"})
	case "fail":
		id, key := openAt(d, "job", target, nth, func(in *Instance) []*Job { return in.Jobs }, func(j *Job) string { return j.ElementID })
		none := 0
		s.send(id, &commands.FailJob{JobID: ids.Join(id, key), Retries: &none, Message: "failed", Worker: "w"})
	case "throw":
		id, key := openAt(d, "job", target, nth, func(in *Instance) []*Job { return in.Jobs }, func(j *Job) string { return j.ElementID })
		s.send(id, &commands.ThrowError{JobID: ids.Join(id, key), Code: step.Args[1], Message: "because", Variables: step.Variables, Worker: "w"})
	case "user":
		id, key := openAt(d, "user task", target, nth, func(in *Instance) []*UserTask { return in.Tasks }, func(u *UserTask) string { return u.ElementID })
		s.send(id, &commands.CompleteTask{TaskID: ids.Join(id, key), Variables: step.Variables, By: "ann", Form: step.Option("form") == "true"})
	case "resolve":
		id, key := openAt(d, "incident", target, nth, func(in *Instance) []*Incident { return in.Incidents }, func(i *Incident) string { return i.ElementID })
		s.send(id, &commands.ResolveIncident{IncidentID: ids.Join(id, key)})
	case "set":
		s.send(d.subject(), &commands.SetVariables{Variables: step.Variables})
	case "cancel":
		s.send(d.subject(), &commands.CancelInstance{Reason: "not needed"})
	case "message":
		r := s.publish(commands.PublishMessage{Name: target, CorrelationKey: step.Option("key"), BusinessKey: step.Option("business"), TTLMS: d.millis(step.Option("ttl")), Variables: step.Variables})
		return string(r.Code)
	case "signal":
		home := s.c.parts[ids.SignalHome(testTenant, target, len(s.c.parts))]
		home.do(home.envelope(s.c.instanceID(home.id), &commands.BroadcastSignal{Name: target, BusinessKey: step.Option("business"), Variables: step.Variables}))
	case "evaluate":
		home := s.c.parts[ids.ConditionHome(testTenant, len(s.c.parts))]
		home.do(home.envelope(s.c.instanceID(home.id), &commands.Evaluate{ProcessID: target, Variables: step.Variables}))
	case "activate":
		id, key := openAt(d, "ad-hoc subprocess", target, nth, func(in *Instance) []*Element { return in.Elements }, func(e *Element) string {
			if e.Type == adHocInner {
				return ""
			}
			return e.ElementID
		})
		cmd := &commands.ActivateAdHoc{ElementInstanceID: ids.Join(id, key), Complete: step.Option("complete") == "true", CancelRemaining: step.Option("cancel") == "true"}
		for _, a := range step.Args[1:] {
			if !strings.Contains(a, "=") {
				cmd.Activities = append(cmd.Activities, commands.Activity{ElementID: a, Variables: step.Variables})
			}
		}
		s.send(id, cmd)
	case "trigger":
		id, key := openAt(d, "trigger", target, nth, func(in *Instance) []*Subscription { return in.Subscriptions }, func(x *Subscription) string {
			if x.Kind != forTrigger {
				return ""
			}
			return x.Target
		})
		s.send(id, &commands.Trigger{ElementInstanceID: ids.Join(id, must(s.c.at(id).live.Instance(id).Subscriptions, key).Element), Variables: step.Variables})
	case "advance":
		s.advance(target)
		return ""
	default:
		tb.Fatalf("line %d: nobody knows the verb %q", step.Line, step.Verb)
	}
	return string(s.last.Code)
}

func (d *conformanceDriver) millis(duration string) int64 {
	d.s.t.Helper()
	if duration == "" {
		return 0
	}
	x, err := timers.ParseDuration(duration)
	if err != nil {
		d.s.t.Fatal(err)
	}
	at, err := x.AddTo(d.s.c.now(), d.s.c.now().Location())
	if err != nil {
		d.s.t.Fatal(err)
	}
	return at.Sub(d.s.c.now()).Milliseconds()
}

// subject is the newest instance that no other called.
func (d *conformanceDriver) subject() ids.Instance {
	d.s.t.Helper()
	if len(d.roots) == 0 {
		d.s.t.Fatal("no instance was started")
	}
	return d.roots[len(d.roots)-1]
}

func openAt[T keyed](d *conformanceDriver, what, element string, nth int, list func(*Instance) []T, at func(T) string) (ids.Instance, ids.Key) {
	d.s.t.Helper()
	for _, m := range d.s.c.parts {
		for _, id := range m.live.InstanceIDs() {
			for _, x := range list(m.live.Instance(id)) {
				if at(x) != element {
					continue
				}
				if nth--; nth == 0 {
					return id, x.key()
				}
			}
		}
	}
	d.s.t.Fatalf("no %s is open at %s:\n%s", what, element, d.s.out.String())
	return "", 0
}

func (d *conformanceDriver) Observe(testing.TB) conformance.Observation {
	o := conformance.Observation{Completed: d.completed}
	if len(d.roots) > 0 {
		o.State, o.Variables = d.state[d.subject()], d.variables[d.subject()]
	}
	for _, m := range d.s.c.parts {
		for _, id := range m.live.InstanceIDs() {
			in := m.live.Instance(id)
			o.Active++
			for _, i := range in.Incidents {
				o.Incidents = append(o.Incidents, fmt.Sprintf("%s:%s", i.ElementID, i.Code))
			}
			for _, e := range in.Elements {
				if e.Key != events.RootKey && e.Child == "" && !slices.Contains(scopeTypes(), e.Type) {
					o.Waiting = append(o.Waiting, e.ElementID)
				}
			}
		}
	}
	return o
}

func scopeTypes() []string {
	return []string{string(bpmn.TypeSubProcess), string(bpmn.TypeTransaction), string(bpmn.TypeEventSubProcess), string(bpmn.TypeAdHocSubProcess), bodyType, adHocInner, typeCompensation}
}
