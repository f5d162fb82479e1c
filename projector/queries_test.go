package projector

// Queries over a small, known history, and pages over a random one.

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/variables"
)

const orderStartMS = 1_790_000_000_000

// order is a history of a parent, its child and an instance of another tenant.
func order() (parent, child, other ids.Instance, frames [][]events.Transition) {
	rnd := rand.New(rand.NewPCG(1, 1))
	at := time.UnixMilli(orderStartMS)
	parent, child, other = ids.At(0, at, rnd), ids.At(0, at.Add(time.Millisecond), rnd), ids.At(0, at.Add(2*time.Millisecond), rnd)
	tr := func(id ids.Instance, ms int64, es ...events.Event) events.Transition {
		return events.Transition{Command: "01K0000000000000000000000A", CommandSeq: 1, Instance: id, TimeMS: orderStartMS + ms, Events: es}
	}
	def := events.DefinitionRef{ProcessID: "order", Version: 2, Digest: "d2", Deployment: "dep"}
	third, err := variables.ParseNumber("0.333333333333333333333333333333333")
	if err != nil {
		panic(err)
	}
	frames = [][]events.Transition{
		{
			tr(parent, 0,
				&events.InstanceStarted{Tenant: "acme", Definition: def, BusinessKey: "B-1", Trigger: events.TriggerMessage, StartElement: "start", Root: parent},
				&events.VariablesSet{Scope: 1, Values: variables.Document{"amount": int64(5), "share": third}},
				&events.ElementActivated{Key: 2, Scope: 1, ElementID: "call", Type: "callActivity"},
				&events.CallStarted{Element: 2, Child: child},
			),
			tr(child, 0,
				&events.InstanceStarted{Tenant: "acme", Definition: events.DefinitionRef{ProcessID: "pay", Version: 1}, Trigger: events.TriggerCall, Parent: parent, ParentElement: 2, Root: parent},
				&events.ElementActivated{Key: 2, Scope: 1, ElementID: "charge", Type: "serviceTask"},
				&events.JobCreated{Key: 3, Element: 2, ElementID: "charge", Type: "charge-card", Retries: 1, Headers: map[string]string{"a": "b"}},
			),
		},
		{
			tr(child, 1000,
				&events.JobFailed{Key: 3, Retries: 0, Message: "no money", Worker: "w7"},
				&events.IncidentRaised{Key: 4, Element: 2, ElementID: "charge", Job: 3, Step: events.StepJob, Code: "job.no_retries", Message: "no money"},
			),
			tr(parent, 1000,
				&events.UserTaskCreated{Key: 3, Element: 2, ElementID: "check", Name: "Check", Assignee: "ann", CandidateUsers: []string{"bob"}, CandidateGroups: []string{"sales", "hq"}, DueMS: orderStartMS + 5000},
				&events.UserTaskCreated{Key: 4, Element: 2, ElementID: "check", Name: "Check", CandidateGroups: []string{"it"}},
				&events.TimerScheduled{Key: 5, Element: 2, Target: "late", DueMS: orderStartMS + 9000, Remaining: 1},
				&events.SubscriptionOpened{Key: 6, Element: 2, Target: "paid", Name: "payment", CorrelationKey: "B-1"},
			),
			tr(other, 1000,
				&events.InstanceStarted{Tenant: "umbrella", Definition: def, Trigger: events.TriggerCommand, Root: other},
				&events.VariablesSet{Scope: 1, Values: variables.Document{"amount": int64(6)}},
				&events.InstanceCompleted{},
			),
			{TimeMS: orderStartMS, Events: []events.Event{
				&events.MessagePublished{Tenant: "acme", Message: "01K0000000000000000000000M", Name: "payment", CorrelationKey: "B-2", ExpiresMS: orderStartMS + 1, Variables: variables.Document{"x": int64(1)}},
				&events.StartTimerScheduled{Tenant: "acme", Definition: def, ElementID: "daily", Spec: "R/P1D", Cycle: "R/P1D", DueMS: orderStartMS + 86400000, Remaining: -1},
			}},
		},
	}
	return parent, child, other, frames
}

func (w *world) queries() *Queries {
	w.t.Helper()
	q, err := NewQueries(shared.pool, w.schema)
	if err != nil {
		w.t.Fatal(err)
	}
	return q
}

// expectIDs compares the ids of a list.
func expectIDs[R any](t *testing.T, what string, id func(R) string, list *List[R], err error, want ...string) {
	t.Helper()
	if err != nil {
		t.Errorf("%s: %v", what, err)
		return
	}
	got := []string{}
	for _, r := range list.Items {
		got = append(got, id(r))
	}
	if !slices.Equal(got, want) && len(got)+len(want) > 0 {
		t.Errorf("%s: expected %v, but got %v", what, want, got)
	}
}

func TestQueries(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t, 0)
	parent, child, other, frames := order()
	w.write(0, frames...)
	p := w.start()
	w.settle(p)
	verifyOK(t, p)
	q := w.queries()
	if err := q.WaitFor(ctx, 0, 2); err != nil {
		t.Fatal(err)
	}

	inst := func(r Instance) string { return r.ID }
	for what, c := range map[string]struct {
		filter InstanceFilter
		want   []ids.Instance
	}{
		"all":           {InstanceFilter{}, []ids.Instance{parent, child, other}},
		"tenant":        {InstanceFilter{Tenant: "acme"}, []ids.Instance{parent, child}},
		"process":       {InstanceFilter{ProcessID: "order"}, []ids.Instance{parent, other}},
		"version":       {InstanceFilter{ProcessID: "order", Version: 1}, nil},
		"active":        {InstanceFilter{State: StateActive}, []ids.Instance{parent, child}},
		"completed":     {InstanceFilter{State: StateCompleted}, []ids.Instance{other}},
		"business key":  {InstanceFilter{BusinessKey: "B-1"}, []ids.Instance{parent}},
		"children":      {InstanceFilter{Parent: string(parent)}, []ids.Instance{child}},
		"incidents":     {InstanceFilter{WithIncidents: true}, []ids.Instance{child}},
		"variable":      {InstanceFilter{Variables: variables.Document{"amount": int64(5)}}, []ids.Instance{parent}},
		"two variables": {InstanceFilter{Variables: variables.Document{"amount": int64(5), "share": "x"}}, nil},
	} {
		list, err := q.Instances(ctx, c.filter, Page{})
		want := []string{}
		for _, id := range c.want {
			want = append(want, string(id))
		}
		expectIDs(t, what, inst, list, err, want...)
	}
	list, err := q.Instances(ctx, InstanceFilter{}, Page{Newest: true, Limit: 2})
	expectIDs(t, "newest", inst, list, err, string(other), string(child))
	list, err = q.Instances(ctx, InstanceFilter{}, Page{Newest: true, Limit: 2, After: list.Next})
	expectIDs(t, "next page", inst, list, err, string(parent))
	if list.Next != "" {
		t.Errorf("expected the end, but got cursor %s", list.Next)
	}

	d, err := q.Instance(ctx, parent)
	if err != nil {
		t.Fatal(err)
	}
	if d.Trigger != "message" || d.Version != 2 || d.Events != 8 || len(d.Elements) != 1 || d.Elements[0].Child != string(child) ||
		len(d.UserTasks) != 2 || len(d.Timers) != 1 || len(d.Subscriptions) != 1 || len(d.Children) != 1 || d.Children[0].ID != string(child) {
		t.Errorf("expected the parent with its parts, but got %+v", d)
	}
	if got := d.RootVariables()["share"]; string(got) != "0.333333333333333333333333333333333" {
		t.Errorf("expected the exact number, but got %s", got)
	}
	if got := d.UserTasks[0]; got.ID != string(parent)+"-3" || got.Tenant != "acme" || got.ProcessID != "order" || !got.DueAt.Equal(time.UnixMilli(orderStartMS+5000)) {
		t.Errorf("expected the task, but got %+v", got)
	}
	if _, err := q.Instance(ctx, "01K0000000000000000000000Z"); !errors.Is(err, &Error{Code: CodeNotFound}) {
		t.Errorf("expected %s, but got %v", CodeNotFound, err)
	}

	jobs, err := q.Jobs(ctx, JobFilter{Tenant: "acme", Type: "charge-card", State: "failed"}, Page{})
	expectIDs(t, "jobs", func(r Job) string { return r.ID + r.ErrorMessage + string(r.Headers) }, jobs, err, string(child)+`-3no money{"a": "b"}`)
	jobs, err = q.Jobs(ctx, JobFilter{State: "created"}, Page{})
	expectIDs(t, "created jobs", func(r Job) string { return r.ID }, jobs, err)
	incidents, err := q.Incidents(ctx, IncidentFilter{State: "open", Code: "job.no_retries"}, Page{})
	expectIDs(t, "incidents", func(r Incident) string { return fmt.Sprint(r.ID, r.Job, r.ProcessID) }, incidents, err, string(child)+"-43pay")

	task := func(r UserTask) string { return r.ID }
	for what, c := range map[string]struct {
		filter UserTaskFilter
		want   []string
	}{
		"open":           {UserTaskFilter{State: "created"}, []string{"-3", "-4"}},
		"assignee":       {UserTaskFilter{State: "created", Assignee: "ann"}, []string{"-3"}},
		"unassigned":     {UserTaskFilter{Unassigned: true}, []string{"-4"}},
		"candidate":      {UserTaskFilter{CandidateUser: "bob"}, []string{"-3"}},
		"group":          {UserTaskFilter{CandidateGroups: []string{"it", "none"}}, []string{"-4"}},
		"user or group":  {UserTaskFilter{CandidateUser: "bob", CandidateGroups: []string{"it"}}, []string{"-3", "-4"}},
		"due":            {UserTaskFilter{DueBefore: time.UnixMilli(orderStartMS + 6000)}, []string{"-3"}},
		"completed":      {UserTaskFilter{State: StateCompleted}, nil},
		"another tenant": {UserTaskFilter{Tenant: "umbrella"}, nil},
	} {
		tasks, err := q.UserTasks(ctx, c.filter, Page{})
		want := []string{}
		for _, s := range c.want {
			want = append(want, string(parent)+s)
		}
		expectIDs(t, what, task, tasks, err, want...)
	}
	timers, err := q.Timers(ctx, TimerFilter{State: "scheduled", DueBefore: time.UnixMilli(orderStartMS + 10000)}, Page{})
	expectIDs(t, "timers", func(r Timer) string { return r.ID + r.ElementID }, timers, err, string(parent)+"-5late")
	subs, err := q.Subscriptions(ctx, SubscriptionFilter{Name: "payment", CorrelationKey: "B-1", State: "open"}, Page{})
	expectIDs(t, "subscriptions", func(r Subscription) string { return r.ID }, subs, err, string(parent)+"-6")
	messages, err := q.Messages(ctx, MessageFilter{Name: "payment", State: MessageBuffered}, Page{})
	expectIDs(t, "messages", func(r Message) string { return r.ID + string(r.Variables) }, messages, err, `01K0000000000000000000000M{"x": 1}`)
	if st, err := q.StartTimers(ctx, "acme"); err != nil || len(st) != 1 || st[0].ElementID != "daily" || st[0].Version != 2 {
		t.Errorf("expected the start timer, but got %+v (%v)", st, err)
	}
	counts, err := q.InstanceCounts(ctx, "acme")
	if err != nil || len(counts) != 2 || counts[0] != (InstanceCounts{"order", 2, StateActive, 1, 0}) || counts[1] != (InstanceCounts{"pay", 1, StateActive, 1, 1}) {
		t.Errorf("expected two counts, but got %+v (%v)", counts, err)
	}
	n, err := q.Counts(ctx)
	if err != nil || n["instances"] != 3 || n["user_tasks"] != 2 || n["transitions"] != 6 {
		t.Errorf("expected counts of rows, but got %v (%v)", n, err)
	}
}

func TestQueryRefusals(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	if err := Migrate(ctx, shared.pool, w.schema); err != nil {
		t.Fatal(err)
	}
	q := w.queries()
	for what, run := range map[string]func() error{
		"limit": func() error {
			_, err := q.Instances(ctx, InstanceFilter{}, Page{Limit: MaxLimit + 1})
			return err
		},
		"cursor": func() error {
			_, err := q.Instances(ctx, InstanceFilter{}, Page{After: "%%%"})
			return err
		},
		"another list's cursor": func() error {
			c, err := encodeCursor("a", 1)
			if err != nil {
				return err
			}
			_, err = q.Instances(ctx, InstanceFilter{}, Page{After: c})
			return err
		},
		"instance state": func() error {
			_, err := q.Instances(ctx, InstanceFilter{State: "done"}, Page{})
			return err
		},
		"job state": func() error {
			_, err := q.Jobs(ctx, JobFilter{State: "done"}, Page{})
			return err
		},
		"schema": func() error {
			_, err := NewQueries(shared.pool, `x"; DROP`)
			return err
		},
		"no pool": func() error {
			_, err := New(Config{})
			return err
		},
		"history limit": func() error {
			_, err := q.History(ctx, "x", 0, -1)
			return err
		},
	} {
		if err := run(); !errors.Is(err, &Error{Code: CodeInvalid}) {
			t.Errorf("%s: expected %s, but got %v", what, CodeInvalid, err)
		}
	}
}

// TestPages reads a random history page by page in both directions.
func TestPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 0)
	seed := newSeed(t)
	w.write(0, newGenerator(seed, 0).frames(100)...)
	w.write(Definitions, newGenerator(seed, Definitions).deployments(8)...)
	p := w.start()
	w.settle(p)
	q := w.queries()
	counts, err := q.Counts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, newest := range []bool{false, true} {
		walk(t, "instances", counts["instances"], newest, func(pg Page) (*List[Instance], error) { return q.Instances(t.Context(), InstanceFilter{}, pg) })
		walk(t, "jobs", counts["jobs"], newest, func(pg Page) (*List[Job], error) { return q.Jobs(t.Context(), JobFilter{}, pg) })
		walk(t, "timers", counts["timers"], newest, func(pg Page) (*List[Timer], error) { return q.Timers(t.Context(), TimerFilter{}, pg) })
		walk(t, "messages", counts["messages"], newest, func(pg Page) (*List[Message], error) { return q.Messages(t.Context(), MessageFilter{}, pg) })
		walk(t, "definitions", counts["definitions"], newest, func(pg Page) (*List[Definition], error) { return q.Definitions(t.Context(), DefinitionFilter{}, pg) })
		walk(t, "deployments", counts["deployments"], newest, func(pg Page) (*List[Deployment], error) { return q.Deployments(t.Context(), "", pg) })
	}
	latest, err := q.Definitions(t.Context(), DefinitionFilter{Latest: true}, Page{})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, d := range latest.Items {
		if seen[d.ProcessID] {
			t.Errorf("%s has two latest versions", d.ProcessID)
		}
		seen[d.ProcessID] = true
		digest, _, err := q.Digest(t.Context(), d.Tenant, d.ProcessID, d.Version)
		if err != nil || digest != d.Digest {
			t.Errorf("expected digest %s, but got %s (%v)", d.Digest, digest, err)
		}
		dep, err := q.Deployment(t.Context(), d.Deployment)
		if err != nil || int64(len(dep.Files)) != dep.Resources || int64(len(dep.Versions)) != dep.Definitions {
			t.Errorf("expected deployment %s with its parts, but got %+v (%v)", d.Deployment, dep, err)
		}
	}
	if len(seen) == 0 {
		t.Error("expected definitions, but there are none")
	}
}

// walk reads a list in pages of 7 and counts its rows.
func walk[R any](t *testing.T, what string, want int64, newest bool, next func(Page) (*List[R], error)) {
	t.Helper()
	var n int64
	pg := Page{Limit: 7, Newest: newest}
	seen := map[string]bool{}
	for {
		list, err := next(pg)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range list.Items {
			raw, err := json.Marshal(r)
			if err != nil {
				t.Fatal(err)
			}
			if seen[string(raw)] {
				t.Errorf("%s: %s comes twice", what, raw)
			}
			seen[string(raw)] = true
			n++
		}
		if list.Next == "" {
			break
		}
		pg.After = list.Next
	}
	if n != want || n == 0 {
		t.Errorf("%s: expected %d rows, but the pages hold %d", what, want, n)
	}
}

// TestHistory compares the archive of every instance with what was written.
func TestHistory(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 0)
	frames := newGenerator(newSeed(t), 0).frames(80)
	w.write(0, frames...)
	p := w.start()
	w.settle(p)
	q := w.queries()
	written := map[ids.Instance][]events.Event{}
	for _, f := range frames {
		for _, tr := range f {
			if tr.Instance != "" {
				written[tr.Instance] = append(written[tr.Instance], tr.Events...)
			}
		}
	}
	for id, want := range written {
		var got []events.Event
		err := q.Transitions(t.Context(), id, func(_ uint64, tr *events.Transition) (bool, error) {
			got = append(got, tr.Events...)
			return true, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if a, b := encoded(t, want), encoded(t, got); a != b {
			t.Errorf("%s: the archive differs from the log", id)
		}
		var kinds []events.Kind
		for after := int64(0); ; {
			page, err := q.History(t.Context(), id, after, 4)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range page {
				if after++; e.N != after {
					t.Errorf("%s: expected event %d, but got %d", id, after, e.N)
				}
				if !json.Valid(e.Payload) {
					t.Errorf("%s event %d: %s is no JSON", id, e.N, e.Payload)
				}
				kinds = append(kinds, events.Kind(e.Kind))
			}
			if len(page) < 4 {
				break
			}
		}
		for i := range want {
			if i >= len(kinds) || kinds[i] != want[i].Kind() {
				t.Errorf("%s: expected event %d to be %s, but the history is %v", id, i+1, want[i].Kind(), kinds)
				break
			}
		}
	}
}

func encoded(t *testing.T, es []events.Event) string {
	t.Helper()
	data, err := events.EncodeFrame(&events.Frame{Transitions: []events.Transition{{Events: es}}})
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestEventJSON(t *testing.T) {
	t.Parallel()
	big, err := variables.ParseNumber("12345678901234567890.5")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		event events.Event
		want  string
	}{
		{&events.InstanceStarted{Tenant: "default", Definition: events.DefinitionRef{ProcessID: "p", Version: 1}, Trigger: "command"}, `{"definition":{"process_id":"p","version":1},"listens":false,"tenant":"default","trigger":"command"}`},
		{&events.TimerScheduled{Key: 3, Target: "t", DueMS: 5, Remaining: -1}, `{"due_ms":5,"key":3,"remaining":-1,"target":"t"}`},
		{&events.VariablesSet{Scope: 1, Values: variables.Document{"n": big, "s": "\x00"}}, `{"scope":1,"values":{"n":12345678901234567890.5,"s":"\u0000"}}`},
		{&events.FlowTaken{Scope: 1, FlowID: "f"}, `{"flow_id":"f","scope":1,"waits":false}`},
		{&events.UserTaskCreated{Key: 1, CandidateGroups: []string{"g"}, FollowUpMS: 7}, `{"candidate_groups":["g"],"follow_up_ms":7,"key":1}`},
		{&events.InstanceCompleted{}, `{}`},
		{&events.JobCreated{Headers: map[string]string{"b": "1", "a": "2"}, Priority: 1}, `{"headers":{"a":"2","b":"1"},"own":false,"priority":1}`},
		{&events.CommandAnswered{Result: []byte{0x81, 0xa1, 'a', 1}}, `{"result":{"a":1}}`},
	} {
		got, err := EventJSON(c.event)
		if err != nil || string(got) != c.want {
			t.Errorf("%s: expected %s, but got %s (%v)", c.event.Kind(), c.want, got, err)
		}
	}
	for _, k := range events.Kinds() {
		if _, err := EventJSON(events.New(k)); err != nil {
			t.Errorf("%s: %v", k, err)
		}
	}
}
