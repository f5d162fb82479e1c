package gateway_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/weir-bpm/weir"
	"github.com/weir-bpm/weir/gateway"
)

// shared is the engine of all tests, with everything that belongs to it.
var shared struct {
	w  *weir.Weir
	nc *nats.Conn
}

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	// Not below a folder of this user alone: the private Postgres may run as
	// another one.
	dir, err := os.MkdirTemp("", "weir-gateway-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	ctx := context.Background()
	if err = os.Chmod(dir, 0o755); err == nil { //nolint:gosec // see above
		shared.w, err = weir.Open(ctx, weir.Config{Dir: dir, HTTP: "127.0.0.1:0", Partitions: 2, Logger: slog.New(slog.DiscardHandler)})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "gateway tests need NATS and Postgres:", err)
		return 1
	}
	defer func() { _ = shared.w.Close(ctx) }()
	if shared.nc, err = nats.Connect(shared.w.NATSURL()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer shared.nc.Close()
	return m.Run()
}

type fields = map[string]any

// operations lists the operations by name.
func operations() map[string]gateway.Operation {
	out := map[string]gateway.Operation{}
	for _, o := range gateway.New(gateway.Config{}).Operations() {
		out[o.Name] = o
	}
	return out
}

// caller reaches the gateway in one of its two ways.
type caller struct {
	t      *testing.T
	name   string
	send   func(op string, request fields) (status int, body []byte)
	called map[string]bool
}

// call sends a request that may fail.
func (c *caller) call(op string, request fields) (int, fields) {
	c.t.Helper()
	c.called[op] = true
	status, body := c.send(op, request)
	var out fields
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	if err := dec.Decode(&out); err != nil {
		c.t.Fatalf("%s %s: the answer is no JSON object: %v in %.200q", c.name, op, err, body)
	}
	return status, out
}

// ok sends a request that must succeed.
func (c *caller) ok(op string, request fields) fields {
	c.t.Helper()
	status, out := c.call(op, request)
	if status != http.StatusOK {
		c.t.Fatalf("%s %s %v: status %d, %v", c.name, op, request, status, out)
	}
	return out
}

// fails sends a request that must be refused with a code and a message.
func (c *caller) fails(status int, code, op string, request fields) {
	c.t.Helper()
	got, out := c.call(op, request)
	if got != status || out["code"] != code || out["message"] == "" || out["message"] == nil {
		c.t.Errorf("%s %s %v: expected %d %s with a message, but got %d %v", c.name, op, request, status, code, got, out)
	}
}

// first returns the first item of a list once there is one.
func (c *caller) first(op string, request fields) fields {
	c.t.Helper()
	c.idle()
	items, ok := c.ok(op, request)["items"].([]any)
	if !ok || len(items) == 0 {
		c.t.Fatalf("%s %s %v: expected an item", c.name, op, request)
	}
	return items[0].(fields)
}

// idle waits until the read models have caught up.
func (c *caller) idle() {
	c.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); c.ok("status", nil)["idle"] != true; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			c.t.Fatal("expected the engine to become idle")
		}
	}
}

func overNATS(t *testing.T) *caller {
	send := func(op string, request fields) (int, []byte) {
		t.Helper()
		data, err := json.Marshal(request)
		if err != nil {
			t.Fatal(err)
		}
		msg, err := shared.nc.Request("weir.api."+op, data, 30*time.Second)
		if err != nil {
			t.Fatalf("%s: %v", op, err)
		}
		code := msg.Header.Get("Nats-Service-Error-Code")
		if code == "" {
			return http.StatusOK, msg.Data
		}
		status, err := strconv.Atoi(code)
		if err != nil {
			t.Fatal(err)
		}
		return status, msg.Data
	}
	return &caller{t: t, name: "NATS", send: send, called: map[string]bool{}}
}

// do sends an HTTP request.
func do(t *testing.T, method, path, body string, header ...string) (int, []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, "http://"+shared.w.HTTPAddr()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if got := resp.Header.Get("Content-Type"); got != "application/json" {
		t.Errorf("%s %s: expected JSON, but got %q", method, path, got)
	}
	return resp.StatusCode, data
}

func overHTTP(t *testing.T) *caller {
	ops := operations()
	send := func(name string, request fields) (int, []byte) {
		t.Helper()
		op, ok := ops[name]
		if !ok {
			t.Fatalf("no operation %s", name)
		}
		path, query, body := op.Path, url.Values{}, fields{}
		for k, v := range request {
			switch hole := "{" + k + "}"; {
			case strings.Contains(path, hole):
				path = strings.ReplaceAll(path, hole, url.PathEscape(fmt.Sprint(v)))
			case op.Method == http.MethodGet:
				query.Set(k, fmt.Sprint(v))
			default:
				body[k] = v
			}
		}
		if op.Method == http.MethodGet {
			return do(t, op.Method, path+"?"+query.Encode(), "")
		}
		data, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		return do(t, op.Method, path, string(data), "Content-Type", "application/json")
	}
	return &caller{t: t, name: "HTTP", send: send, called: map[string]bool{}}
}

// model is start → job → user task → message → end; the error OOPS of the job
// leads to another end. Process, job type and message carry a name, so that
// tests do not meet.
func model(name string) []byte {
	return fmt.Appendf(nil, `<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" targetNamespace="test">
<error id="oops" errorCode="OOPS"/><message id="m" name="ping-%[1]s"><extensionElements><zeebe:subscription correlationKey="=key"/></extensionElements></message>
<process id="p-%[1]s" isExecutable="true"><startEvent id="s"/><sequenceFlow id="f1" sourceRef="s" targetRef="task"/>
<serviceTask id="task"><extensionElements><zeebe:taskDefinition type="work-%[1]s" retries="3"/></extensionElements></serviceTask>
<boundaryEvent id="caught" attachedToRef="task"><errorEventDefinition errorRef="oops"/></boundaryEvent><sequenceFlow id="f5" sourceRef="caught" targetRef="sorry"/><endEvent id="sorry"/>
<sequenceFlow id="f2" sourceRef="task" targetRef="person"/><userTask id="person"><extensionElements><zeebe:userTask/></extensionElements></userTask>
<sequenceFlow id="f3" sourceRef="person" targetRef="catch"/><intermediateCatchEvent id="catch"><messageEventDefinition messageRef="m"/></intermediateCatchEvent>
<sequenceFlow id="f4" sourceRef="catch" targetRef="e"/><endEvent id="e"/></process></definitions>`, name)
}

// eventModel is processes that a signal and a condition start, and one that waits
// for the signal.
func eventModel(name string) []byte {
	return fmt.Appendf(nil, `<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" targetNamespace="test"><signal id="g" name="news-%[1]s"/>
<process id="g-%[1]s" isExecutable="true"><startEvent id="s"><signalEventDefinition signalRef="g"/></startEvent><sequenceFlow id="f1" sourceRef="s" targetRef="e"/><endEvent id="e"/></process>
<process id="w-%[1]s" isExecutable="true"><startEvent id="s3"/><sequenceFlow id="f3" sourceRef="s3" targetRef="c"/><intermediateCatchEvent id="c"><signalEventDefinition signalRef="g"/></intermediateCatchEvent><sequenceFlow id="f4" sourceRef="c" targetRef="e3"/><endEvent id="e3"/></process>
<process id="c-%[1]s" isExecutable="true"><startEvent id="s2"><conditionalEventDefinition><condition>=stock &lt; 5</condition></conditionalEventDefinition></startEvent><sequenceFlow id="f2" sourceRef="s2" targetRef="e2"/><endEvent id="e2"/></process></definitions>`, name)
}

func (c *caller) deploy(name, tenant string) {
	c.t.Helper()
	r := fields{"resources": []fields{{"name": name + ".bpmn", "content": model(name)}}}
	if tenant != "" {
		r["tenant"] = tenant
	}
	c.ok("deploy", r)
}

var serial atomic.Int64

// unique makes a name that no other test, and no other run of this one, has.
func (c *caller) unique(name string) string {
	return fmt.Sprintf("%s-%s-%d", name, strings.ToLower(c.name), serial.Add(1))
}

func newID() string { return string(shared.w.Client().NewInstanceID()) }

// Every operation does its work in both ways.
func TestOperations(t *testing.T) {
	for _, way := range []func(*testing.T) *caller{overNATS, overHTTP} {
		c := way(t)
		t.Run(c.name, func(t *testing.T) {
			c.t = t
			n := c.unique("ops")
			process, work, ping := "p-"+n, "work-"+n, "ping-"+n
			c.deploy(n, "")
			id := newID()
			if r := c.ok("start", fields{"instance_id": id, "process_id": process, "variables": fields{"key": "k"}}); r["instance_id"] != id || r["position"] == "" {
				t.Errorf("expected %s with a position, but got %v", id, r)
			}
			if r := c.ok("start", fields{"instance_id": id, "process_id": process}); r["existing"] != true {
				t.Errorf("expected the second start to find the first, but got %v", r)
			}
			jobID := c.first("jobs", fields{"type": work, "open": true})["id"]
			c.ok("fail_job", fields{"job_id": jobID, "retries": 0, "message": "no"})
			incident := c.first("incidents", fields{"process_id": process, "code": "job.no_retries"})
			c.ok("update_retries", fields{"job_id": jobID, "retries": 2})
			c.ok("resolve_incident", fields{"incident_id": incident["id"]})
			pos := c.ok("complete_job", fields{"job_id": jobID, "variables": fields{"price": json.Number("0.10")}})["position"].(fields)
			if d := c.ok("instance", fields{"instance_id": id, "position": fmt.Sprintf("%v:%v", pos["partition"], pos["seq"])}); d["state"] != "active" {
				t.Errorf("expected an active instance at %v, but got %v", pos, d["state"])
			}
			task := c.first("user_tasks", fields{"process_id": process})["id"]
			if r := c.ok("user_task", fields{"task_id": task}); r["id"] != task || r["fields"] != nil {
				t.Errorf("expected %v without a form, but got %v", task, r)
			}
			c.ok("assign_task", fields{"task_id": task, "assignee": "ann"})
			c.ok("update_task", fields{"task_id": task, "priority": 80, "candidate_groups": []string{"sales"}})
			c.idle()
			if r := c.first("user_tasks", fields{"instance_id": id, "candidate_group": "ops,sales"}); fmt.Sprint(r["priority"]) != "80" {
				t.Errorf("expected the task with priority 80, but got %v", r)
			}
			c.ok("complete_task", fields{"task_id": task, "by": "ann"})
			if sub := c.first("subscriptions", fields{"name": ping}); sub["correlation_key"] != "k" {
				t.Errorf("expected a subscription to k, but got %v", sub)
			}
			c.ok("publish_message", fields{"name": ping, "correlation_key": "k"})
			c.idle()
			detail := c.ok("instance", fields{"instance_id": id})
			if detail["state"] != "completed" {
				t.Errorf("expected a completed instance, but got %v", detail["state"])
			}
			history := c.ok("history", fields{"instance_id": id, "limit": 1000})["events"].([]any)
			replay := c.ok("replay", fields{"instance_id": id})
			if count := fmt.Sprint(replay["events"]); count != strconv.Itoa(len(history)) || count != fmt.Sprint(detail["event_count"]) {
				t.Errorf("expected as many events in history (%d), replay (%s) and instance (%v)", len(history), count, detail["event_count"])
			}

			second := newID()
			c.ok("start", fields{"instance_id": second, "process_id": process, "variables": fields{"key": "k2"}})
			c.ok("set_variables", fields{"instance_id": second, "variables": fields{"a": 1}})
			c.ok("throw_error", fields{"job_id": c.first("jobs", fields{"type": work, "open": true})["id"], "code": "OOPS"})
			third := newID()
			c.ok("start", fields{"instance_id": third, "process_id": process})
			c.fails(http.StatusNotFound, "element.not_found", "activate_ad_hoc", fields{"element_instance_id": third + "-99", "activities": []fields{{"element_id": "x"}}})
			c.fails(http.StatusNotFound, "element.not_found", "trigger", fields{"element_instance_id": third + "-99"})
			c.ok("cancel", fields{"instance_id": third, "reason": "enough"})
			c.idle()
			states := map[string]int{}
			for _, item := range c.ok("instances", fields{"process_id": process})["items"].([]any) {
				states[item.(fields)["state"].(string)]++
			}
			if states["completed"] != 2 || states["canceled"] != 1 || len(states) != 2 {
				t.Errorf("expected 2 completed and 1 canceled, but got %v", states)
			}
			if d := c.first("definitions", fields{"process_id": process}); d["process_id"] != process {
				t.Errorf("expected %s, but got %v", process, d)
			}
			c.first("deployments", nil)
			c.decides(n)
			c.ok("deploy", fields{"resources": []fields{{"name": "events-" + n + ".bpmn", "content": eventModel(n)}}})
			c.idle()
			waiting := map[string]bool{}
			for range 8 { // in whatever partitions
				id := newID()
				c.ok("start", fields{"instance_id": id, "process_id": "w-" + n})
				waiting[id] = true
			}
			if sub := c.first("subscriptions", fields{"name": "news-" + n, "kind": "signal", "state": "open"}); !waiting[fmt.Sprint(sub["instance_id"])] {
				t.Errorf("expected a subscription to the signal, but got %v", sub)
			}
			if r := c.ok("broadcast_signal", fields{"name": "news-" + n, "variables": fields{"a": 1}}); len(r["receivers"].([]any)) != 1 {
				t.Errorf("expected the signal to start an instance, but got %v", r)
			}
			if r := c.ok("evaluate_conditions", fields{"process_id": "c-" + n, "variables": fields{"stock": 3}}); len(r["receivers"].([]any)) != 1 {
				t.Errorf("expected the condition to start an instance, but got %v", r)
			}
			c.idle()
			for id := range waiting {
				if d := c.ok("instance", fields{"instance_id": id}); d["state"] != "completed" {
					t.Errorf("expected the signal to reach %s, but it is %v", id, d["state"])
				}
			}
			if r := c.ok("history_cleanup", fields{"process_id": process, "dry_run": true}); fmt.Sprint(r["roots"]) != "0" || r["dry_run"] != true {
				t.Errorf("expected nothing to be due, but got %v", r)
			}
			if r := c.ok("history_drop_archive", fields{"before": "2020-01-01T00:00:00Z"}); len(r) != 0 {
				t.Errorf("expected no day to be dropped, but got %v", r)
			}
			c.ok("rebuild", nil)
			if v := c.ok("verify", nil); v["ok"] != true {
				t.Errorf("expected all to be well, but got %v", v)
			}
			c.fails(http.StatusForbidden, "clock.not_allowed", "clock", fields{"op": "show"})
			for name := range operations() {
				if !c.called[name] {
					t.Errorf("operation %s is not tested", name)
				}
			}
		})
	}
}

func TestRefused(t *testing.T) {
	for _, c := range []*caller{overNATS(t), overHTTP(t)} {
		id := newID()
		c.fails(400, "command.unreadable", "start", fields{"process_id": "x", "procces": 1})
		c.fails(400, "command.unreadable", "start", fields{"process_id": 7})
		c.fails(400, "projector.invalid", "history_cleanup", fields{"before": "2999-01-01T00:00:00Z"})
		c.fails(400, "projector.invalid", "history_drop_archive", fields{"before": "2999-01-01T00:00:00Z"})
		c.fails(400, "command.invalid", "history_drop_archive", nil)
		c.fails(404, "process.not_found", "start", fields{"process_id": "nothing"})
		c.fails(400, "id.invalid", "cancel", fields{"instance_id": "x"})
		c.fails(400, "id.invalid", "replay", fields{"instance_id": "x"})
		c.fails(404, "instance.not_found", "cancel", fields{"instance_id": id})
		c.fails(404, "instance.not_found", "replay", fields{"instance_id": id})
		c.fails(400, "id.invalid", "user_task", fields{"task_id": id})
		c.fails(404, "projector.not_found", "user_task", fields{"task_id": id + "-4"})
		c.fails(400, "tenant.invalid", "start", fields{"process_id": "x", "tenant": "a.b"})
		c.fails(400, "command.invalid", "instances", fields{"position": "00:1x"})
		c.fails(400, "command.invalid", "instances", fields{"position": "zz"})
		status, body := c.call("deploy", fields{"resources": []fields{{"name": "a.bpmn", "content": []byte("no XML")}}})
		problems, ok := body["problems"].([]any)
		if status != 400 || body["code"] != "deployment.invalid" || !ok || len(problems) == 0 {
			t.Errorf("%s: expected a refused deployment with problems, but got %d %v", c.name, status, body)
		}
	}
	for _, body := range []string{`{"process_id":"x"} {}`, `{"process_id":"x"`, `[]`} {
		if status, data := do(t, "POST", "/v1/instances", body); status != 400 || !strings.Contains(string(data), "command.unreadable") {
			t.Errorf("%s: expected it refused, but got %d %s", body, status, data)
		}
	}
	if status, data := do(t, "POST", "/v1/instances", "a=b", "Content-Type", "application/x-www-form-urlencoded"); status != 400 {
		t.Errorf("expected a form to be refused, but got %d %s", status, data)
	}
	if status, _ := do(t, "GET", "/v1/nothing", ""); status != 404 {
		t.Errorf("expected 404, but got %d", status)
	}
	if status, _ := do(t, "DELETE", "/v1/instances", ""); status != 405 {
		t.Errorf("expected 405, but got %d", status)
	}
	if status, data := do(t, "GET", "/v1/instances?nothing=1", ""); status != 400 {
		t.Errorf("expected an unknown parameter to be refused, but got %d %s", status, data)
	}
	for _, path := range []string{"/healthz", "/readyz"} {
		if status, data := do(t, "GET", path, ""); status != 200 {
			t.Errorf("%s: expected 200, but got %d %s", path, status, data)
		}
	}
}

// The path says what a request is about; body and query cannot say otherwise.
// The query wins over the body, and the header Weir-Tenant over both.
func TestBinding(t *testing.T) {
	c := overHTTP(t)
	c.deploy("bind", "")
	a, b := newID(), newID()
	for _, id := range []string{a, b} {
		c.ok("start", fields{"instance_id": id, "process_id": "p-bind"})
	}
	status, data := do(t, "POST", "/v1/instances/"+a+"/cancel?instance_id="+b, `{"instance_id":"`+b+`"}`)
	if status != 200 || !strings.Contains(string(data), a) {
		t.Errorf("expected the instance of the path to be canceled, but got %d %s", status, data)
	}
	c.idle()
	if s := c.ok("instance", fields{"instance_id": b})["state"]; s != "active" {
		t.Errorf("expected the other instance untouched, but it is %v", s)
	}
	status, data = do(t, "POST", "/v1/instances?process_id=p-bind", `{"process_id":"nothing"}`)
	if status != 200 {
		t.Errorf("expected the query to win over the body, but got %d %s", status, data)
	}
	status, data = do(t, "POST", "/v1/instances?tenant=default", `{"process_id":"p-bind","tenant":"default"}`, "Weir-Tenant", "elsewhere")
	if status != 404 || !strings.Contains(string(data), "process.not_found") {
		t.Errorf("expected the header's tenant to win, but got %d %s", status, data)
	}
	// Whoever sets the header on all requests can ask for what has no tenant.
	if status, data = do(t, "GET", "/v1/status", "", "Weir-Tenant", "elsewhere"); status != 200 {
		t.Errorf("expected the status, but got %d %s", status, data)
	}
}

// What belongs to one tenant does not exist for another.
func TestTenants(t *testing.T) {
	for _, c := range []*caller{overNATS(t), overHTTP(t)} {
		name := c.unique("tenant")
		c.deploy(name, "ours")
		id := newID()
		c.fails(404, "process.not_found", "start", fields{"process_id": "p-" + name, "tenant": "theirs"})
		c.ok("start", fields{"instance_id": id, "process_id": "p-" + name, "tenant": "ours"})
		jobID := c.first("jobs", fields{"tenant": "ours", "type": "work-" + name})["id"]
		for _, op := range []string{"instance", "history", "replay"} {
			c.ok(op, fields{"instance_id": id, "tenant": "ours"})
			c.fails(404, "instance.not_found", op, fields{"instance_id": id, "tenant": "theirs"})
			c.fails(404, "instance.not_found", op, fields{"instance_id": id})
		}
		c.fails(400, "tenant.mismatch", "cancel", fields{"instance_id": id, "tenant": "theirs"})
		c.fails(400, "tenant.mismatch", "set_variables", fields{"instance_id": id, "variables": fields{"a": 1}})
		c.fails(400, "tenant.mismatch", "complete_job", fields{"job_id": jobID, "tenant": "theirs"})
		c.fails(400, "tenant.mismatch", "start", fields{"instance_id": id, "process_id": "p-" + name, "tenant": "theirs"})
		for _, op := range []string{"instances", "jobs", "definitions", "deployments", "user_tasks", "incidents", "subscriptions", "decisions", "decision_evaluations"} {
			if items := c.ok(op, fields{"tenant": "theirs"})["items"].([]any); len(items) != 0 {
				t.Errorf("%s %s: expected nothing of another tenant, but got %v", c.name, op, items)
			}
		}
		c.ok("complete_job", fields{"job_id": jobID, "tenant": "ours"})
	}
}

// Replay gives the state after an event, and after each with a trace.
func TestReplay(t *testing.T) {
	c := overNATS(t)
	c.deploy("replay", "")
	id := newID()
	c.ok("start", fields{"instance_id": id, "process_id": "p-replay", "variables": fields{"key": "k", "n": 1}})
	all := c.ok("replay", fields{"instance_id": id, "trace": true})
	count, err := all["events"].(json.Number).Int64()
	if err != nil || count < 5 {
		t.Fatalf("expected a few events, but got %v %v", all["events"], err)
	}
	steps := all["steps"].([]any)
	if int64(len(steps)) != count {
		t.Fatalf("expected %d steps, but got %d", count, len(steps))
	}
	for at := int64(1); at <= count; at++ {
		one := c.ok("replay", fields{"instance_id": id, "at": at})["steps"].([]any)
		got, err1 := json.Marshal(one)
		want, err2 := json.Marshal(steps[at-1 : at])
		if err1 != nil || err2 != nil || len(one) != 1 || !bytes.Equal(got, want) {
			t.Errorf("at %d: expected %s, but got %s", at, want, got)
		}
	}
	c.fails(400, "command.invalid", "replay", fields{"instance_id": id, "at": count + 1})
	c.fails(400, "command.invalid", "replay", fields{"instance_id": id, "at": -1})
	// The log alone is enough: what the read models know does not matter.
	c.idle()
	if again := c.ok("replay", fields{"instance_id": id, "trace": true}); fmt.Sprint(again) != fmt.Sprint(all) {
		t.Errorf("expected the same replay later, but got %v", again)
	}
}

// Idle is said only when all that was asked for is done and can be seen.
func TestIdle(t *testing.T) {
	c := overNATS(t)
	c.deploy("idle", "")
	for i := range 20 {
		id := newID()
		c.ok("start", fields{"instance_id": id, "process_id": "p-idle", "variables": fields{"key": strconv.Itoa(i)}})
		c.idle()
		if d := c.ok("instance", fields{"instance_id": id}); d["state"] != "active" || len(d["jobs"].([]any)) != 1 {
			t.Fatalf("expected an idle engine to show the instance with its job, but got %v", d)
		}
	}
	s := c.ok("status", nil)
	for _, p := range s["partitions"].([]any) {
		if p := p.(fields); p["owned"] != true || fmt.Sprint(p["backlog"]) != "0" || fmt.Sprint(p["lag"]) != "0" {
			t.Errorf("expected an owned partition without backlog and lag, but got %v", p)
		}
	}
}
