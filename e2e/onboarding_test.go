package e2e

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/weir-bpm/weir/client"
	"github.com/weir-bpm/weir/commands"
)

// The customer onboarding suite: three models that no one here wrote, which call
// each other, with a decision table of our own. Every path of the three goes
// through the real binary.
func TestCustomerOnboarding(t *testing.T) {
	s := up(t, "--allow-clock")
	s.ok("deploy", miwg(t, "C.9.0.bpmn"), miwg(t, "C.9.1.bpmn"), miwg(t, "C.9.2.bpmn"), filepath.Join("testdata", "risk_check.dmn"))
	s.ok("clock", "pin", "2026-03-01T09:00:00Z")
	o := &onboarding{s: s, c: s.connect()}
	var done atomic.Int64
	for _, jobType := range []string{
		"issuePolicy", "rejectPolicy", "io.camunda:sendgrid:1", "reportFraud", "cancelApplication", "timeoutHandled",
		"informCustomerSuccessfulCancelation", "informOperationsSuccessfulCancelation", "notifyCustomerDelay", "email",
	} {
		t.Cleanup(work(t, o.c, jobType, &done).Stop)
	}
	score, err := o.c.StartWorker(t.Context(), client.WorkerConfig{
		Type: "calculateScore",
		Handler: func(_ context.Context, job *commands.Job) (map[string]any, error) {
			if job.Variables["score"] != nil {
				return nil, nil
			}
			return nil, &client.BPMNError{Code: "00", Message: "the bureau does not answer"}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(score.Stop)

	for _, path := range []struct {
		name string
		vars map[string]any
		do   func(o *onboarding)
		// ends are the end events that the application reaches.
		ends []string
	}{
		{"green", map[string]any{"score": 700}, nil, []string{"EndEvent_ApplicationIssued"}},
		{"red", map[string]any{"score": 100}, nil, []string{"EndEvent_ApplicationRejected"}},
		{"yellow, approved", map[string]any{"score": 400, "approved": true}, (*onboarding).decide, []string{"EndEvent_ApplicationIssued"}},
		{"yellow, declined", map[string]any{"score": 400, "approved": false}, (*onboarding).decide, []string{"EndEvent_ApplicationRejected"}},
		{"yellow, decision missing", map[string]any{"score": 400}, (*onboarding).decideLate, []string{"EndEvent_ApplicationIssued"}},
		{"documents requested", map[string]any{"score": 400, "approved": true}, (*onboarding).documents, []string{"EndEvent_ApplicationIssued"}},
		{"accelerated", map[string]any{"score": 400, "approved": true}, (*onboarding).accelerate, []string{"EndEvent_ApplicationIssued"}},
		{"no fraud", map[string]any{"score": 400, "approved": true}, (*onboarding).noFraud, []string{"EndEvent_ApplicationIssued"}},
		{"fraud", map[string]any{"score": 400}, (*onboarding).fraud, []string{"TerminateEvent_ApplicationCanceledFraud"}},
		{"cancelled", map[string]any{"score": 400}, (*onboarding).cancel, []string{"EndMessageEvent_InformCustomer", "EndMessageEvent_InformOperations"}},
		{"timeout of the check", map[string]any{"score": 400}, (*onboarding).checkTimeout, []string{"TerminateEvent_ApplicationCanceledFraud"}},
		{"timeout of the score", nil, (*onboarding).scoreTimeout, []string{"EndMessageEvent_Timeout"}},
	} {
		t.Run(path.name, func(t *testing.T) {
			s.t, o.t = t, t
			s.ok("clock", "advance", "PT1H") // each has its own documentReferenceId
			o.start(path.vars)
			if path.do != nil {
				path.do(o)
			}
			eventually(t, "the end of the application", func() bool {
				return query[int](s, `select count(*) from weir.instances where id = $1 and state = 'completed'`, o.id) == 1
			})
			got := o.texts(`select element_id from weir.element_instances where instance_id = $1 and state = 'completed'
				and (element_id like 'End%' or element_id like 'Terminate%') order by 1`, o.id)
			if !slices.Equal(got, path.ends) {
				t.Errorf("expected the application to end at %v, but it ended at %v", path.ends, got)
			}
			if open := query[int](s, `select count(*) from weir.instances where state = 'active'`); open != 0 {
				t.Errorf("expected nothing to be left, but %d instances are active", open)
			}
		})
	}
	s.t = t
	s.verified()
}

// onboarding is one application on its way.
type onboarding struct {
	t  *testing.T
	s  *server
	c  *client.Client
	id string
}

func (o *onboarding) start(vars map[string]any) {
	o.t.Helper()
	all := map[string]any{
		"applicant":   map[string]any{"name": "A. Plicant", "email": "a@example.org", "age": 40},
		"corporation": "Example", "product": "policy", "applicationNumber": "4711",
		"fraudSuspectedId": fmt.Sprint("fraud-", o.t.Name()), "documents": []any{},
	}
	maps.Copy(all, vars)
	if all["score"] == nil {
		delete(all, "score")
	}
	r, err := o.c.Start(o.t.Context(), "", commands.StartInstance{ProcessID: "customer_onboarding_en", Variables: all})
	if err != nil {
		o.t.Fatal(err)
	}
	o.id = r.InstanceID
}

func (o *onboarding) texts(sql string, args ...any) []string {
	o.t.Helper()
	conn, err := pgx.Connect(o.t.Context(), o.s.Postgres)
	if err != nil {
		o.t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(o.t.Context())) }()
	rows, err := conn.Query(o.t.Context(), sql, args...)
	if err != nil {
		o.t.Fatal(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		o.t.Fatal(err)
	}
	return out
}

// task waits for the one open user task of an element and completes it.
func (o *onboarding) task(element, vars string) {
	o.t.Helper()
	var open []string
	eventually(o.t, element, func() bool {
		open = o.texts(`select instance_id || '-' || key from weir.user_tasks where element_id = $1 and state = 'created'`, element)
		return len(open) == 1
	})
	o.s.ok("complete", open[0], "--vars", vars)
}

func (o *onboarding) message(name, key, vars string) {
	o.t.Helper()
	o.s.idle()
	o.s.ok("message", name, "--key", key, "--vars", vars)
}

func (o *onboarding) variable(name string) string {
	o.t.Helper()
	return query[string](o.s, `select value #>> '{}' from weir.variables where instance_id = $1 and scope = 1 and name = $2`, o.id, name)
}

func (o *onboarding) decide() { o.task("UserTask_DecideOnApplication", `{"approved": true}`) }

// decideLate leaves the decision in the called process, which hands nothing
// back: an incident at the gateway, mended by setting the variable.
func (o *onboarding) decideLate() {
	o.decide()
	eventually(o.t, "the incident", func() bool {
		return query[int](o.s, `select count(*) from weir.incidents where instance_id = $1 and element_id = 'ExclusiveGateway_Decision' and state = 'open'`, o.id) == 1
	})
	incident := o.texts(`select instance_id || '-' || key from weir.incidents where instance_id = $1 and state = 'open'`, o.id)[0]
	if message := query[string](o.s, `select message from weir.incidents where instance_id = $1`, o.id); !strings.Contains(message, "approved") {
		o.t.Errorf("expected the incident to name the expression, but it says %q", message)
	}
	o.s.ok("set", o.id, "--vars", `{"approved": true}`)
	o.s.ok("resolve", incident)
}

// documents asks for two documents at once; each is a called instance of its
// own, and an answer goes to one of them.
func (o *onboarding) documents() {
	waitFor(o.t, o.s, "the manual check", o.id, "Activity_ManualCheck")
	o.s.idle()
	reference := o.variable("documentReferenceId")
	o.message("Message_DocumentRequested", reference, `{"documents": ["passport", "payslip"]}`)
	eventually(o.t, "two waits for a document", func() bool {
		return query[int](o.s, `select count(*) from weir.element_instances where element_id = 'ReceiveTask_WaitForDocument' and state = 'active'`) == 2
	})
	if n := query[int](o.s, `select count(distinct value #>> '{}') from weir.variables v join weir.instances i on i.id = v.instance_id
		where i.process_id = 'requestDocument_en' and i.state = 'active' and v.name = 'document'`); n != 2 {
		o.t.Errorf("expected each called instance to have its own document, but %d are different", n)
	}
	o.message("MESSAGE_documentReceived", reference, `{}`)
	o.message("MESSAGE_documentReceived", reference, `{}`)
	eventually(o.t, "the documents", func() bool {
		return query[int](o.s, `select count(*) from weir.element_instances where element_id = 'EndEvent_DocumentReceived' and state = 'completed'`) == 1
	})
	o.decide()
}

func (o *onboarding) accelerate() {
	waitFor(o.t, o.s, "the manual check", o.id, "Activity_ManualCheck")
	o.s.ok("clock", "advance", "P5D")
	o.task("UserTask_AccelerateDecision", `{}`)
	o.decide()
}

func (o *onboarding) suspect() {
	waitFor(o.t, o.s, "the manual check", o.id, "Activity_ManualCheck")
	o.message("Message_FraudSuspected", o.variable("fraudSuspectedId"), `{}`)
}

func (o *onboarding) noFraud() {
	o.suspect()
	o.task("UserTask_CheckForFraud", `{"fraud": false}`)
	o.decide()
}

func (o *onboarding) fraud() {
	o.suspect()
	o.task("UserTask_CheckForFraud", `{"fraud": true}`)
}

func (o *onboarding) cancel() {
	waitFor(o.t, o.s, "the manual check", o.id, "Activity_ManualCheck")
	o.message("Message_CancellationRequested", "1", `{}`)
}

// checkTimeout lets a week pass: the timeout ends the check with the error that
// the application takes for fraud.
func (o *onboarding) checkTimeout() {
	waitFor(o.t, o.s, "the manual check", o.id, "Activity_ManualCheck")
	o.s.idle()
	o.s.ok("clock", "advance", "P7D")
}

func (o *onboarding) scoreTimeout() {
	o.task("UserTask_HandleTimeout", `{}`)
}
