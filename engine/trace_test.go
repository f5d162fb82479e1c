package engine

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/expression/timers"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/internal/bpmntest"
	"github.com/weir-bpm/weir/variables"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// script drives a cluster and writes the trace of what it emits: a line with
// ">" for each stimulus, the events below it. Instances are #1, #2 in order of
// appearance, what is inside them #1.4; times count from the beginning.
type script struct {
	t   *testing.T
	c   *cluster
	out strings.Builder
	// names are the aliases of instance ids, messages those of message ids.
	names    map[ids.Instance]string
	messages map[ids.Command]string
	last     *commands.Result
	// shown are the rows of bpmn.Executed that were activated.
	shown map[bpmn.ExecutedElement]bool
	refs  map[ids.Instance]events.DefinitionRef
}

func newScript(t *testing.T, partitions int, limits Config) *script {
	s := &script{t: t, c: newCluster(t, partitions, limits), names: map[ids.Instance]string{}, messages: map[ids.Command]string{}}
	s.c.record = s.record
	return s
}

func (s *script) say(format string, args ...any) { fmt.Fprintf(&s.out, "> "+format+"\n", args...) }

func (s *script) alias(id ids.Instance) string {
	if id == "" {
		return ""
	}
	if s.names[id] == "" {
		s.names[id] = fmt.Sprintf("#%d", len(s.names)+1)
	}
	return s.names[id]
}

func (s *script) record(m *member, cmd commands.Envelope, d *Decision) {
	r := d.Result
	s.last = &r
	if commands.Internal(cmd.Command.Kind()) {
		fmt.Fprintf(&s.out, "  (%s in %s)\n", cmd.Command.Kind(), m.id)
	}
	for _, t := range d.Transitions {
		who := s.alias(t.Instance)
		if who == "" {
			who = "partition"
		}
		for _, e := range t.Events {
			s.show(t.Instance, e)
			fmt.Fprintf(&s.out, "  %s v%d %s%s\n", e.Kind(), events.Version(e.Kind()), who, s.fields(reflect.ValueOf(e).Elem(), ""))
		}
	}
	for _, j := range d.Offered {
		fmt.Fprintf(&s.out, "  ~ offer %s.%d\n", s.alias(j.Instance), j.Key)
	}
	for _, j := range d.Withdrawn {
		fmt.Fprintf(&s.out, "  ~ withdraw %s.%d\n", s.alias(j.Instance), j.Key)
	}
	if d.Repeated {
		s.out.WriteString("  = repeated" + s.fields(reflect.ValueOf(r), "") + "\n")
	}
}

// fields writes the fields of a struct that are not zero.
func (s *script) fields(v reflect.Value, prefix string) string {
	var b strings.Builder
	for i := range v.NumField() {
		name, f := v.Type().Field(i).Name, v.Field(i)
		if name == "_msgpack" || f.IsZero() {
			continue
		}
		text := ""
		switch x := f.Interface().(type) {
		case ids.Instance:
			text = s.alias(x)
		case ids.Command:
			if s.messages[x] == "" {
				s.messages[x] = fmt.Sprintf("m%d", len(s.messages)+1)
			}
			text = s.messages[x]
		case events.DefinitionRef:
			text = x.ID()
		case events.DecisionRef:
			text = x.ID()
		case commands.Position:
			continue
		case []events.FormField:
			text = jsonOf(s.t, x)
		case variables.List:
			text = jsonText(s.t, []any(x))
		case events.TaskChanges:
			text = jsonOf(s.t, x)
		case variables.Document:
			text = jsonText(s.t, map[string]any(x))
		case []byte:
			if name == "Result" {
				text = "recorded"
			} else {
				text = fmt.Sprintf("%d bytes", len(x))
			}
		case int64:
			text = fmt.Sprint(x)
			if strings.HasSuffix(name, "MS") {
				text = "T+" + (time.Duration(x-epochMS) * time.Millisecond).String()
			}
		case string:
			text = s.replace(x)
		case []string:
			text = s.replace(strings.Join(x, ","))
		default:
			text = fmt.Sprint(x)
		}
		fmt.Fprintf(&b, " %s=%s", prefix+snake(name), quoted(text))
	}
	return b.String()
}

func (s *script) replace(text string) string {
	for id, name := range s.names {
		text = strings.ReplaceAll(text, string(id)+"-", name+".")
		text = strings.ReplaceAll(text, string(id), name)
	}
	return text
}

func quoted(s string) string {
	if strings.ContainsAny(s, " \"\n") && !strings.HasPrefix(s, "{") {
		return fmt.Sprintf("%q", s)
	}
	return s
}

func snake(name string) string {
	var b strings.Builder
	for i, r := range name {
		if unicode.IsUpper(r) && i > 0 && unicode.IsLower(rune(name[i-1])) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

func jsonText(tb testing.TB, v any) string {
	tb.Helper()
	data, err := variables.ToJSON(v)
	if err != nil {
		tb.Fatal(err)
	}
	return string(data)
}

func doc(tb testing.TB, text string) variables.Document {
	tb.Helper()
	if text == "" {
		return nil
	}
	d, err := variables.DocumentFromJSON([]byte(text))
	if err != nil {
		tb.Fatalf("%s: %v", text, err)
	}
	return d
}

// deploy deploys a model.
func (s *script) deploy(build func(m *bpmntest.Model)) {
	s.t.Helper()
	m := bpmntest.New()
	build(m)
	s.say("deploy")
	s.c.deploy(m)
	s.c.settle()
}

// start starts a process in partition 0 and returns the instance.
func (s *script) start(process, vars string) ids.Instance {
	s.t.Helper()
	id := s.c.instanceID(0)
	s.say("start %s %s", process, vars)
	s.send(id, &commands.StartInstance{ProcessID: process, Variables: doc(s.t, vars)})
	return id
}

// send gives a caller's command to the partition of the instance.
func (s *script) send(id ids.Instance, cmd commands.Command) {
	s.t.Helper()
	m := s.c.at(id)
	m.do(m.envelope(id, cmd))
	s.c.settle()
}

// at finds the one thing open at an element, in any instance.
func at[T any](s *script, what, element string, list func(*Instance) []T, is func(T) bool) (ids.Instance, T) {
	s.t.Helper()
	var owner ids.Instance
	var found T
	n := 0
	for _, m := range s.c.parts {
		for _, id := range m.live.InstanceIDs() {
			for _, x := range list(m.live.Instance(id)) {
				if is(x) {
					if n++; n == 1 {
						owner, found = id, x
					}
				}
			}
		}
	}
	if n == 0 {
		s.t.Fatalf("no %s is open at %s:\n%s", what, element, s.out.String())
	}
	return owner, found
}

func (s *script) job(element string) (ids.Instance, string) {
	s.t.Helper()
	id, j := at(s, "job", element, func(in *Instance) []*Job { return in.Jobs }, func(j *Job) bool { return j.ElementID == element })
	return id, ids.Join(id, j.Key)
}

// complete, fail and throw end the attempt of the oldest job at an element.
func (s *script) complete(element, vars string) {
	s.t.Helper()
	id, job := s.job(element)
	s.say("complete job of %s %s", element, vars)
	s.send(id, &commands.CompleteJob{JobID: job, Variables: doc(s.t, vars), Worker: "w"})
}

func (s *script) fail(element, message string) {
	s.t.Helper()
	id, job := s.job(element)
	s.say("fail job of %s: %s", element, message)
	s.send(id, &commands.FailJob{JobID: job, Message: message, Worker: "w"})
}

func (s *script) throw(element, code, vars string) {
	s.t.Helper()
	id, job := s.job(element)
	s.say("throw %s from job of %s %s", code, element, vars)
	s.send(id, &commands.ThrowError{JobID: job, Code: code, Message: "because", Variables: doc(s.t, vars), Worker: "w"})
}

// user completes the oldest user task of an element.
func (s *script) user(element, vars string) {
	s.t.Helper()
	id, t := at(s, "user task", element, func(in *Instance) []*UserTask { return in.Tasks }, func(t *UserTask) bool { return t.ElementID == element })
	s.say("complete user task %s %s", element, vars)
	s.send(id, &commands.CompleteTask{TaskID: ids.Join(id, t.Key), Variables: doc(s.t, vars), By: "ann"})
}

// resolve resolves the oldest incident of an element.
func (s *script) resolve(element string) {
	s.t.Helper()
	id, inc := at(s, "incident", element, func(in *Instance) []*Incident { return in.Incidents }, func(i *Incident) bool { return i.ElementID == element })
	s.say("resolve incident of %s", element)
	s.send(id, &commands.ResolveIncident{IncidentID: ids.Join(id, inc.Key)})
}

// set writes variables of an instance, seen from a scope.
func (s *script) set(id ids.Instance, scope ids.Key, local bool, vars string) {
	s.t.Helper()
	s.say("set variables from %d local=%v %s", scope, local, vars)
	s.send(id, &commands.SetVariables{Scope: scope, Local: local, Variables: doc(s.t, vars)})
}

// cancel cancels an instance.
func (s *script) cancel(id ids.Instance) {
	s.t.Helper()
	s.say("cancel %s", s.alias(id))
	s.send(id, &commands.CancelInstance{Reason: "not needed"})
}

// publish publishes a message at its home.
func (s *script) publish(p commands.PublishMessage) *commands.Result {
	s.t.Helper()
	s.say("publish %s key=%q ttl=%s%s", p.Name, p.CorrelationKey, time.Duration(p.TTLMS)*time.Millisecond, s.replace(narrowing(p)))
	m := s.c.parts[ids.MessageHome(testTenant, p.Name, p.CorrelationKey, len(s.c.parts))]
	m.do(m.envelope(s.c.instanceID(m.id), &p))
	result := s.last
	s.c.settle()
	return result
}

func narrowing(p commands.PublishMessage) string {
	text := ""
	if p.Broadcast {
		text = " to everybody"
	}
	for _, part := range []struct{ name, value string }{{"id", p.MessageID}, {"instance", p.InstanceID}, {"business_key", p.BusinessKey}} {
		if part.value != "" {
			text += " " + part.name + "=" + part.value
		}
	}
	return text
}

// message publishes a message without more.
func (s *script) message(name, key, vars string) {
	s.t.Helper()
	s.publish(commands.PublishMessage{Name: name, CorrelationKey: key, Variables: doc(s.t, vars)})
}

// advance moves the clock on and fires what is due.
func (s *script) advance(duration string) {
	s.t.Helper()
	d, err := timers.ParseDuration(duration)
	if err != nil {
		s.t.Fatal(err)
	}
	at, err := d.AddTo(time.UnixMilli(s.c.nowMS).UTC(), time.UTC)
	if err != nil {
		s.t.Fatal(err)
	}
	s.say("advance %s", duration)
	s.c.nowMS = at.UnixMilli()
	s.c.fire()
	s.c.settle()
}

// ended fails unless the instance is no longer active.
func (s *script) ended(list ...ids.Instance) {
	s.t.Helper()
	for _, id := range list {
		if s.c.at(id).live.Has(id) {
			s.t.Errorf("instance %s is still active:\n%s", s.alias(id), s.out.String())
		}
	}
}

// rejected fails unless the newest command was rejected with the code.
func (s *script) rejected(code commands.Code) {
	s.t.Helper()
	if s.last.Code != code {
		s.t.Errorf("answer is %q %s, expected %q:\n%s", s.last.Code, s.last.Message, code, s.out.String())
	}
}

// golden compares the trace with the file testdata/<name>.trace.
func (s *script) golden(name string) {
	s.t.Helper()
	for _, m := range s.c.parts {
		checkInvariants(s.t, m)
	}
	file := filepath.Join("testdata", name+".trace")
	got := s.out.String()
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
			s.t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			s.t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		s.t.Fatalf("%v; write it with: go test ./engine -run %s -update", err, s.t.Name())
	}
	if got == string(want) {
		return
	}
	a, b := strings.Split(string(want), "\n"), strings.Split(got, "\n")
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	s.t.Errorf("%s, line %d:\nexpected %s\nbut got  %s\nThe whole trace:\n%s", file, i+1, line(a, i), line(b, i), got)
}

func line(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return "(the end)"
}

// trace is one golden trace.
type trace struct {
	name  string // <element>/<path>
	parts int    // partitions; 0 is 1
	cfg   Config
	model func(m *bpmntest.Model)
	run   func(s *script)
}

// TestTraces runs models of every element along every interesting path and
// compares what was emitted with testdata/<element>/<path>.trace. The harness
// replays each frame beside it. After an intended change run with -update and
// say in the commit why traces changed.
func TestTraces(t *testing.T) {
	seen := map[string]bool{}
	shown := newShownRows(t)
	for _, list := range [][]trace{
		historyTraces(), formTraces(),
		workTraces(), zeebeTraces(), endingTraces(),
		gatewayTraces(), joinTraces(), taskTraces(), scopeTraces(), catchTraces(), messageTraces(), timerTraces(), callTraces(), loopTraces(), quantityTraces(), adHocTraces(),
		variableTraces(), commandTraces(), listenerTraces(), taskListenerTraces(),
		triggerTraces(),
		signalTraces(), conditionTraces(), eventSubTraces(), errorTraces(), dialectScopeTraces(),
		sendTraces(), flowableTraces(), compensationTraces(), instantiateTraces(), multipleTraces(),
		endedTraces(), rowTraces(), mixedTraces(), limitTraces(),
	} {
		for _, tr := range list {
			if seen[tr.name] {
				t.Fatalf("two traces are named %s", tr.name)
			}
			seen[tr.name] = true
			t.Run(tr.name, func(t *testing.T) {
				t.Parallel()
				s := newScript(t, max(tr.parts, 1), tr.cfg)
				if tr.model != nil {
					s.deploy(tr.model)
				}
				tr.run(s)
				s.golden(tr.name)
				shown.add(tr.name, s.shown)
			})
		}
	}
	t.Cleanup(func() { shown.check(len(seen)) })
	files, err := filepath.Glob("testdata/*/*.trace")
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(files)
	for _, f := range files {
		name := strings.TrimSuffix(strings.TrimPrefix(filepath.ToSlash(f), "testdata/"), ".trace")
		if !seen[name] {
			t.Errorf("no test writes %s", f)
		}
	}
}
