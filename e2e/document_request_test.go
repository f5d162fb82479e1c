package e2e

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/weir-bpm/weir/engine"
	"github.com/weir-bpm/weir/ids"
)

// A model that no one here wrote goes through the real binary: deployed from the
// command line, started by a message published by hand on NATS, worked by worker
// processes, driven by messages and a clock that the test moves; then its rows
// are looked at in Postgres and its history is replayed.
func TestDocumentRequest(t *testing.T) {
	s := up(t, "--allow-clock")
	out := s.ok("deploy", miwg(t, "C.9.1.bpmn"))
	if !strings.Contains(out, "dialect.conflict") || !strings.Contains(out, "requestDocument_en") {
		t.Fatalf("expected the process and a warning about its two dialects, but got\n%s", out)
	}
	s.ok("clock", "pin", "2026-03-01T09:00:00Z")
	worker := exec.Command(binary, "work", "email", "--exec", `cat >/dev/null; echo '{"sent": true}'`)
	worker.Env = append(worker.Environ(), "WEIR_NATS="+s.NATS)
	if err := worker.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = worker.Process.Kill()
		_ = worker.Wait()
	})

	answered := publishStart(t, s, "doc-1")
	silent := publishStart(t, s, "doc-2")
	waitFor(t, s, "the wait for the document", answered, "ReceiveTask_WaitForDocument")
	waitFor(t, s, "the wait for the document", silent, "ReceiveTask_WaitForDocument")

	// Two days bring two reminders, on both instances.
	for day := 1; day <= 2; day++ {
		s.ok("clock", "advance", "P1D")
		for _, id := range []string{answered, silent} {
			eventually(t, fmt.Sprintf("reminder %d", day), func() bool {
				s.idle()
				return query[int](s, `select count(*) from weir.element_instances where instance_id = $1 and element_id = 'EndEvent_ReminderSent' and state = 'completed'`, id) == day
			})
		}
	}
	// The message ends the one wait.
	out = s.ok("message", "MESSAGE_documentReceived", "--key", "doc-1", "--vars", `{"pages": 12345678901234567890.5}`)
	if !strings.Contains(out, answered) {
		t.Fatalf("expected the message to go to %s, but got %s", answered, out)
	}
	// The week's timeout leads the other to the user task.
	for range 5 {
		s.ok("clock", "advance", "24h")
		s.idle()
	}
	waitFor(t, s, "the call to the customer", silent, "UserTask_CallCustomer")
	var tasks struct {
		Items []struct {
			ID         string `json:"id"`
			InstanceID string `json:"instance_id"`
		} `json:"items"`
	}
	s.into(&tasks, "tasks")
	if len(tasks.Items) != 1 || tasks.Items[0].InstanceID != silent {
		t.Fatalf("expected one user task of %s, but got %+v", silent, tasks)
	}
	s.ok("complete", tasks.Items[0].ID, "--vars", `{"reached": true}`, "--by", "someone")
	s.verified()

	for id, end := range map[string]string{answered: "EndEvent_GotDocument", silent: "EndEvent_TalkedToCustomer"} {
		if state := query[string](s, `select state from weir.instances where id = $1`, id); state != "completed" {
			t.Errorf("instance %s: expected it completed, but it is %s", id, state)
		}
		if n := query[int](s, `select count(*) from weir.element_instances where instance_id = $1 and element_id = $2 and state = 'completed'`, id, end); n != 1 {
			t.Errorf("instance %s: expected to end at %s once, but %d times", id, end, n)
		}
	}
	if pages := query[string](s, `select value::text from weir.variables where instance_id = $1 and name = 'pages'`, answered); pages != "12345678901234567890.5" {
		t.Errorf("expected the number as it was sent, but got %s", pages)
	}
	// Five reminders in time, the sixth falls on the seventh day together with
	// the timeout, which is armed after it and so comes after it.
	if n := query[int](s, `select count(*) from weir.jobs where instance_id = $1 and state = 'completed'`, silent); n < 7 || n > 8 {
		t.Errorf("expected the first email and six or seven reminders, but %d jobs", n)
	}
	replayEverywhere(t, s, silent)
}

// publishStart starts an instance as someone would with any NATS client: an id
// that says where it lives, a subject made from it, JSON.
func publishStart(t *testing.T, s *server, reference string) string {
	t.Helper()
	nc, err := nats.Connect(s.NATS)
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	id := strings.TrimSpace(s.ok("id"))
	msg := nats.NewMsg("weir.commands." + id[10:12] + ".default." + id + ".instance.start")
	msg.Header.Set("Content-Type", "application/json")
	msg.Data = fmt.Appendf(nil, `{"process_id": "requestDocument_en", "variables": {"documentReferenceId": %q}}`, reference)
	reply := nats.NewInbox()
	msg.Header.Set("Weir-Reply-To", reply)
	sub, err := nc.SubscribeSync(reply)
	if err != nil {
		t.Fatal(err)
	}
	if err := nc.PublishMsg(msg); err != nil {
		t.Fatal(err)
	}
	answer, err := sub.NextMsg(10 * time.Second)
	if err != nil {
		t.Fatal(err)
	}
	var result struct {
		Code       string `json:"code"`
		InstanceID string `json:"instance_id"`
	}
	if err := json.Unmarshal(answer.Data, &result); err != nil || result.Code != "" || result.InstanceID != id {
		t.Fatalf("expected instance %s to start, but got %s", id, answer.Data)
	}
	return id
}

func waitFor(t *testing.T, s *server, what, id, element string) {
	t.Helper()
	eventually(t, what, func() bool {
		return query[int](s, `select count(*) from weir.element_instances where instance_id = $1 and element_id = $2 and state = 'active'`, id, element) == 1
	})
}

// eventually waits for something that other processes bring about.
func eventually(t *testing.T, what string, f func() bool) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for !f() {
		if time.Now().After(deadline) {
			t.Fatalf("%s did not come about", what)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// replayEverywhere rebuilds an instance after each of its events.
func replayEverywhere(t *testing.T, s *server, id string) {
	t.Helper()
	type replay struct {
		Events int64 `json:"events"`
		Steps  []struct {
			N     int64            `json:"n"`
			Kind  string           `json:"kind"`
			State engine.Portrayal `json:"state"`
		} `json:"steps"`
	}
	var all replay
	s.into(&all, "replay", id, "--trace")
	if all.Events != query[int64](s, `select events from weir.instances where id = $1`, id) || int64(len(all.Steps)) != all.Events {
		t.Fatalf("expected a step for each of the %d events, but got %d", all.Events, len(all.Steps))
	}
	if first, last := all.Steps[0], all.Steps[len(all.Steps)-1]; first.Kind != "instance.started" || first.State.Ended || !last.State.Ended {
		t.Errorf("expected the history to begin with the start and to end ended, but got %s … %s", first.Kind, last.Kind)
	}
	for _, at := range []int64{1, 7, all.Events / 2, all.Events} {
		var one replay
		s.into(&one, "replay", id, "--at", fmt.Sprint(at))
		got, want := toJSON(t, one.Steps[0].State), toJSON(t, all.Steps[at-1].State)
		if one.Steps[0].N != at || got != want {
			t.Errorf("the state after event %d differs from the one on the way to the end:\n%s\n%s", at, got, want)
		}
	}
	if _, errOut, code := s.weir("replay", id, "--at", fmt.Sprint(all.Events+1)); code != 1 || !strings.Contains(errOut, "there is no event") {
		t.Errorf("expected a clear refusal of an event that is not there, but got %d %s", code, errOut)
	}
	if _, err := ids.ParseInstance(id); err != nil {
		t.Error(err)
	}
}

func toJSON(t *testing.T, v any) string {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
