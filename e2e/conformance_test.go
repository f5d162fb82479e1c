package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/weir-bpm/weir/client"
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/expression/timers"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/internal/conformance"
	"github.com/weir-bpm/weir/variables"
)

// Goal: models behave through the whole server as on the engine alone. Method:
// the scenarios of conformance/ that need no clock, each in a tenant of its own;
// what is expected is read from the read models, and in the end all of them must
// equal the log. WEIR_CONFORMANCE names a further folder of scenarios.
func TestConformance(t *testing.T) {
	list, err := conformance.Scenarios("../conformance", os.Getenv("WEIR_CONFORMANCE"))
	if err != nil {
		t.Fatal(err)
	}
	s := up(t)
	c := s.connect()
	db, err := pgx.Connect(t.Context(), s.Postgres)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close(context.WithoutCancel(t.Context())) }()
	ran := 0
	for i, sc := range list {
		if sc.Has("advance") {
			continue
		}
		ran++
		t.Run(sc.Name, func(t *testing.T) {
			tenant := fmt.Sprintf("c%d", i)
			own, err := c.ForTenant(tenant)
			if err != nil {
				t.Fatal(err)
			}
			conformance.Run(t, sc, &liveDriver{s: s, c: own, db: db, tenant: tenant})
		})
	}
	t.Logf("%d of %d scenarios", ran, len(list))
	s.verified()
}

// liveDriver runs scenarios through a server.
type liveDriver struct {
	s      *server
	c      *client.Client
	db     *pgx.Conn
	tenant string
	// started are the instances that the scenario started itself.
	started []string
}

func (d *liveDriver) Deploy(tb testing.TB, files []conformance.File) {
	tb.Helper()
	var cmd commands.Deploy
	for _, f := range files {
		cmd.Resources = append(cmd.Resources, commands.DeployResource{Name: f.Name, Content: f.Data})
	}
	if r, err := d.c.Deploy(tb.Context(), cmd); err != nil {
		tb.Fatalf("deploy: %v %+v", err, r)
	}
}

func (d *liveDriver) Do(tb testing.TB, step conformance.Step) string {
	tb.Helper()
	ctx := tb.Context()
	target, nth := "", 1
	if len(step.Args) > 0 {
		target, nth = conformance.Nth(step.Args[0])
	}
	var err error
	switch step.Verb {
	case "start":
		id := d.c.NewInstanceID()
		d.started = append(d.started, string(id))
		_, err = d.c.Start(ctx, id, commands.StartInstance{ProcessID: target, BusinessKey: step.Option("business"), Variables: step.Variables, Form: step.Option("form") == "true"})
	case "complete":
		err = d.byID(ctx, &commands.CompleteJob{JobID: d.open(tb, "jobs", target, nth), Variables: step.Variables, AdHoc: step.AdHoc(), Denied: step.Option("denied") == "true"})
	case "fail":
		none := 0
		err = d.byID(ctx, &commands.FailJob{JobID: d.open(tb, "jobs", target, nth), Retries: &none, Message: "failed"})
	case "throw":
		err = d.byID(ctx, &commands.ThrowError{JobID: d.open(tb, "jobs", target, nth), Code: step.Args[1], Message: "because", Variables: step.Variables})
	case "user":
		err = d.byID(ctx, &commands.CompleteTask{TaskID: d.open(tb, "user_tasks", target, nth), Variables: step.Variables, By: "ann", Form: step.Option("form") == "true"})
	case "resolve":
		err = d.byID(ctx, &commands.ResolveIncident{IncidentID: d.open(tb, "incidents", target, nth)})
	case "set":
		_, err = d.c.Do(ctx, d.subject(tb), &commands.SetVariables{Variables: step.Variables})
	case "cancel":
		_, err = d.c.Do(ctx, d.subject(tb), &commands.CancelInstance{Reason: "not needed"})
	case "activate":
		cmd := &commands.ActivateAdHoc{ElementInstanceID: d.open(tb, "element_instances", target, nth), Complete: step.Option("complete") == "true", CancelRemaining: step.Option("cancel") == "true"}
		for _, a := range step.Args[1:] {
			if !strings.Contains(a, "=") {
				cmd.Activities = append(cmd.Activities, commands.Activity{ElementID: a, Variables: step.Variables})
			}
		}
		err = d.byID(ctx, cmd)
	case "trigger":
		err = d.byID(ctx, &commands.Trigger{ElementInstanceID: d.open(tb, "message_subscriptions", target, nth), Variables: step.Variables})
	case "message":
		d.settle(tb) // who waits has told the message's home
		_, err = d.c.PublishMessage(ctx, commands.PublishMessage{
			Name: target, CorrelationKey: step.Option("key"), BusinessKey: step.Option("business"), TTLMS: millis(tb, step.Option("ttl")), Variables: step.Variables,
		})
	case "signal":
		_, err = d.c.BroadcastSignal(ctx, commands.BroadcastSignal{Name: target, BusinessKey: step.Option("business"), Variables: step.Variables})
		d.settle(tb) // it has come to all partitions
	case "evaluate":
		_, err = d.c.Evaluate(ctx, commands.Evaluate{ProcessID: target, Variables: step.Variables})
	default:
		tb.Fatalf("line %d: nobody knows the verb %q", step.Line, step.Verb)
	}
	var rejection *commands.Error
	if errors.As(err, &rejection) {
		return string(rejection.Code)
	}
	if err != nil {
		tb.Fatalf("line %d: %v", step.Line, err)
	}
	return ""
}

// byID gives a command to the instance that its first id belongs to.
func (d *liveDriver) byID(ctx context.Context, cmd commands.Command) error {
	var id string
	switch cmd := cmd.(type) {
	case *commands.CompleteJob:
		id = cmd.JobID
	case *commands.FailJob:
		id = cmd.JobID
	case *commands.ThrowError:
		id = cmd.JobID
	case *commands.CompleteTask:
		id = cmd.TaskID
	case *commands.ResolveIncident:
		id = cmd.IncidentID
	case *commands.ActivateAdHoc:
		id = cmd.ElementInstanceID
	case *commands.Trigger:
		id = cmd.ElementInstanceID
	}
	_, err := d.c.ByID(ctx, id, cmd)
	return err
}

func millis(tb testing.TB, text string) int64 {
	tb.Helper()
	if text == "" {
		return 0
	}
	x, err := timers.ParseDuration(text)
	if err != nil {
		tb.Fatal(err)
	}
	now := time.Now()
	at, err := x.AddTo(now, time.UTC)
	if err != nil {
		tb.Fatal(err)
	}
	return at.Sub(now).Milliseconds()
}

// settle waits until everything is decided and in the read models.
func (d *liveDriver) settle(tb testing.TB) {
	tb.Helper()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		resp, err := http.Get("http://" + d.s.HTTP + "/v1/status") //nolint:noctx // a test
		if err != nil {
			tb.Fatal(err)
		}
		var status struct{ Idle bool }
		err = json.NewDecoder(resp.Body).Decode(&status)
		_ = resp.Body.Close()
		if err != nil {
			tb.Fatal(err)
		}
		if status.Idle {
			return
		}
	}
	tb.Fatal("the server is not idle after 30 s")
}

// open returns the id of what is open at an element, the oldest first.
func (d *liveDriver) open(tb testing.TB, table, element string, nth int) string {
	tb.Helper()
	d.settle(tb)
	key := map[string]string{"message_subscriptions": "element"}[table]
	if key == "" {
		key = "key"
	}
	state := map[string]string{"message_subscriptions": "x.state = 'open' AND x.kind = 'trigger'", "jobs": "x.state IN ('created','failed')", "user_tasks": "x.state = 'created'", "incidents": "x.state = 'open'", "element_instances": "x.state = 'active' AND x.type = 'adHocSubProcess'"}[table]
	list := rows[string](tb, d.db, `SELECT x.instance_id || '-' || x.`+key+` FROM `+table+` x JOIN instances i ON i.id = x.instance_id WHERE i.tenant = $1 AND x.element_id = $2 AND `+state+` ORDER BY x.instance_id, x.key`, d.tenant, element)
	if len(list) < nth {
		tb.Fatalf("no %s of %s is open", table, element)
	}
	return list[nth-1]
}

// subject is the newest instance that no other called. Times are milliseconds:
// of two that began in the same one, that which an event of the other started is
// the newer.
func (d *liveDriver) subject(tb testing.TB) ids.Instance {
	tb.Helper()
	d.settle(tb)
	list := rows[string](tb, d.db, `SELECT id FROM instances WHERE tenant = $1 AND parent = '' ORDER BY started_at DESC, id = ANY($2), id DESC LIMIT 1`, d.tenant, d.started)
	if len(list) == 0 {
		return ""
	}
	return ids.Instance(list[0])
}

func rows[T any](tb testing.TB, db *pgx.Conn, sql string, args ...any) []T {
	tb.Helper()
	r, err := db.Query(tb.Context(), sql, args...)
	if err != nil {
		tb.Fatalf("%s: %v", sql, err)
	}
	out, err := pgx.CollectRows(r, pgx.RowTo[T])
	if err != nil {
		tb.Fatalf("%s: %v", sql, err)
	}
	return out
}

func (d *liveDriver) Observe(tb testing.TB) conformance.Observation {
	tb.Helper()
	o := conformance.Observation{Unordered: true, Variables: map[string]any{}}
	subject := d.subject(tb)
	const of = ` FROM element_instances e JOIN instances i ON i.id = e.instance_id WHERE i.tenant = $1 `
	o.Completed = rows[string](tb, d.db, `SELECT e.element_id`+of+`AND e.state = 'completed' AND e.key > 1 AND e.type NOT IN ('multiInstanceBody','adHocInnerInstance','compensation')`, d.tenant)
	o.Waiting = rows[string](tb, d.db, `SELECT e.element_id`+of+`AND e.state = 'active' AND e.child = '' AND e.key > 1
		AND e.type NOT IN ('subProcess','transaction','eventSubProcess','adHocSubProcess','multiInstanceBody','adHocInnerInstance','compensation')`, d.tenant)
	o.Incidents = rows[string](tb, d.db, `SELECT element_id || ':' || code FROM incidents WHERE tenant = $1 AND state = 'open'`, d.tenant)
	o.Active = len(rows[string](tb, d.db, `SELECT id FROM instances WHERE tenant = $1 AND state = 'active'`, d.tenant))
	if subject == "" {
		return o
	}
	o.State = strings.Join(rows[string](tb, d.db, `SELECT state FROM instances WHERE id = $1`, string(subject)), "")
	for _, row := range rows[string](tb, d.db, `SELECT jsonb_build_object(name, value)::text FROM variables WHERE instance_id = $1 AND scope = 1`, string(subject)) {
		doc, err := variables.DocumentFromJSON([]byte(row))
		if err != nil {
			tb.Fatal(err)
		}
		for name, v := range doc {
			o.Variables[name] = v
		}
	}
	return o
}
