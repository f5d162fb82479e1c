package client_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/weir-bpm/weir/client"
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/ids"
)

// The answer does not come in time: the command is sent again with the same id.
// Both are in the log, the first one's answer finds nobody, and the command is
// applied once.
func TestAnswerLost(t *testing.T) {
	t.Parallel()
	e := running(t, noJob)
	e.node.Stop()
	st, err := e.js.Stream(t.Context(), e.names.CommandStream(0))
	if err != nil {
		t.Fatal(err)
	}
	before := st.CachedInfo().State.LastSeq
	id := e.c.NewInstanceID()
	type outcome struct {
		r   *commands.Result
		err error
	}
	answer := make(chan outcome, 1)
	go func() {
		r, err := e.c.Start(t.Context(), id, commands.StartInstance{ProcessID: "no_job"})
		answer <- outcome{r, err}
	}()
	eventually(t, "the command to be sent again", func() bool {
		info, err := st.Info(t.Context())
		return err == nil && info.State.LastSeq >= before+2
	})
	e.execute()
	got := <-answer
	if got.err != nil || got.r.InstanceID != string(id) {
		t.Fatalf("expected instance %s, but got %+v, %v", id, got.r, got.err)
	}
	var sent []string
	for seq := before + 1; seq <= before+2; seq++ {
		msg, err := st.GetMsg(t.Context(), seq)
		if err != nil {
			t.Fatal(err)
		}
		sent = append(sent, msg.Header.Get(commands.HeaderID))
	}
	if sent[0] != sent[1] || sent[0] == "" {
		t.Errorf("expected the command twice with one id, but got %q", sent)
	}
	// A command after both is decided after both.
	if again, err := e.c.Start(t.Context(), id, commands.StartInstance{ProcessID: "no_job"}); err != nil || again.InstanceID != string(id) {
		t.Errorf("expected the same instance %s, but got %+v, %v", id, again, err)
	}
	if n := count[*events.InstanceStarted](e); n != 1 {
		t.Errorf("expected 1 start, but the log has %d", n)
	}
}

func TestNoEngine(t *testing.T) {
	t.Parallel()
	e := newCluster(t, 1)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	began := time.Now()
	_, err := e.c.Start(ctx, "", commands.StartInstance{ProcessID: "no_job"})
	rejected(t, err, commands.CodeUnavailable)
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("expected the error at the deadline, but it took %v", took)
	}
	for _, part := range []string{"no answer came in time", "may have been applied", "same id"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("expected %q in the message, but it is: %v", part, err)
		}
	}
	if _, err = e.c.Deploy(ctx, files(noJob)); err == nil {
		t.Error("expected an error of Deploy")
	}
	rejected(t, err, commands.CodeUnavailable)
}

// An id beyond the cluster's partitions is told so, not only that it takes long.
func TestNoStream(t *testing.T) {
	t.Parallel()
	e := newCluster(t, 1)
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	far := ids.Instance("01ARZ3NDEK" + "ZZ" + "0000000000000A"[:14])
	_, err := e.c.Do(ctx, far, &commands.CancelInstance{})
	rejected(t, err, commands.CodeUnavailable)
	if !strings.Contains(err.Error(), "is the id right") {
		t.Errorf("expected a hint at the id, but got: %v", err)
	}
}

func TestNoWeir(t *testing.T) {
	t.Parallel()
	_, err := client.New(t.Context(), connect(t), client.WithPrefix("nobody"))
	if err == nil || !strings.Contains(err.Error(), "no Weir was found") {
		t.Errorf("expected to be told that no Weir is there, but got %v", err)
	}
	if _, err := client.New(t.Context(), connect(t), client.WithTenant("a.b")); err == nil {
		t.Error("expected the tenant to be refused")
	}
}

func TestRejections(t *testing.T) {
	t.Parallel()
	e := running(t, noJob, oneJob)
	ctx := t.Context()
	id := e.start("no_job")
	cases := []struct {
		name string
		code commands.Code
		do   func() (*commands.Result, error)
	}{
		{"unknown process", commands.CodeProcessNotFound, func() (*commands.Result, error) {
			return e.c.Start(ctx, "", commands.StartInstance{ProcessID: "nothing"})
		}},
		{"no process", commands.CodeCommandInvalid, func() (*commands.Result, error) {
			return e.c.Start(ctx, "", commands.StartInstance{})
		}},
		{"bad id", commands.CodeIDInvalid, func() (*commands.Result, error) {
			return e.c.Start(ctx, "short", commands.StartInstance{ProcessID: "no_job"})
		}},
		{"finished", commands.CodeInstanceFinished, func() (*commands.Result, error) { return e.c.Do(ctx, id, &commands.CancelInstance{}) }},
		{"unknown instance", commands.CodeInstanceNotFound, func() (*commands.Result, error) {
			return e.c.Do(ctx, e.c.NewInstanceID(), &commands.CancelInstance{})
		}},
		{"no job id", commands.CodeIDInvalid, func() (*commands.Result, error) {
			return e.c.ByID(ctx, "x", &commands.CompleteJob{JobID: "x"})
		}},
		{"no JSON", commands.CodeCommandInvalid, func() (*commands.Result, error) {
			return e.c.Start(ctx, "", commands.StartInstance{ProcessID: "no_job", Variables: map[string]any{"f": func() {}}})
		}},
		{"no receiver", commands.CodeMessageNoReceiver, func() (*commands.Result, error) {
			return e.c.PublishMessage(ctx, commands.PublishMessage{Name: "nobody waits"})
		}},
		{"too large for the server", commands.CodeVariablesTooLarge, func() (*commands.Result, error) {
			return e.c.Start(ctx, "", commands.StartInstance{ProcessID: "no_job", Variables: map[string]any{"v": strings.Repeat("x", 9<<20)}})
		}},
		{"too large for the engine", commands.CodeVariablesTooLarge, func() (*commands.Result, error) {
			return e.c.Start(ctx, "", commands.StartInstance{ProcessID: "no_job", Variables: map[string]any{"v": strings.Repeat("x", 2<<20)}})
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := c.do()
			if rejected(t, err, c.code).Message == "" {
				t.Error("expected a message")
			}
		})
	}
}

func TestDeployProblems(t *testing.T) {
	t.Parallel()
	e := running(t)
	broken := strings.Replace(noJob, `targetRef="e"`, `targetRef="nowhere"`, 1)
	r, err := e.c.Deploy(t.Context(), files(noJob, broken))
	rejected(t, err, commands.CodeDeploymentInvalid)
	if r == nil || len(r.Problems) == 0 {
		t.Fatalf("expected the problems with the error, but got %+v", r)
	}
	found := false
	for _, p := range r.Problems {
		found = found || p.File == "m1.bpmn" && p.Line > 0 && p.Severity == "error" && p.Message != ""
	}
	if !found {
		t.Errorf("expected an error with file and line, but got %+v", r.Problems)
	}
	if _, err := e.c.Start(t.Context(), "", commands.StartInstance{ProcessID: "no_job"}); err == nil {
		t.Error("expected that nothing was deployed")
	}
	_, err = e.c.Deploy(t.Context(), commands.Deploy{Resources: []commands.DeployResource{{Name: "large.bpmn", Content: make([]byte, 9<<20)}}})
	rejected(t, err, commands.CodeDeploymentInvalid)
}

func TestForTenant(t *testing.T) {
	t.Parallel()
	e := running(t, oneJob)
	other, err := e.c.ForTenant("other")
	if err != nil {
		t.Fatal(err)
	}
	_, err = other.Start(t.Context(), "", commands.StartInstance{ProcessID: "one_job"})
	rejected(t, err, commands.CodeProcessNotFound)
	if r, err := other.Deploy(t.Context(), files(oneJob)); err != nil {
		t.Fatalf("deploy: %v %+v", err, r)
	}
	if _, err := other.Start(t.Context(), "", commands.StartInstance{ProcessID: "one_job"}); err != nil {
		t.Error(err)
	}
	id := e.start("one_job")
	_, err = other.Do(t.Context(), id, &commands.CancelInstance{})
	rejected(t, err, commands.CodeTenantMismatch)
	_, err = e.c.ForTenant("a b")
	rejected(t, err, commands.CodeTenantInvalid)
	if same, err := other.ForTenant(""); err != nil || same != other {
		t.Errorf("expected no tenant to be the same client, but got %v, %v", same, err)
	}
}

// Close ends the calls that wait, and those that come later, at once.
func TestCloseDuringCalls(t *testing.T) {
	t.Parallel()
	e := newCluster(t, 1)
	c := e.client()
	var calls sync.WaitGroup
	var failed atomic.Int64
	for range 20 {
		calls.Go(func() {
			if _, err := c.Start(t.Context(), "", commands.StartInstance{ProcessID: "no_job"}); errors.Is(err, nats.ErrConnectionClosed) {
				failed.Add(1)
			}
		})
	}
	time.Sleep(50 * time.Millisecond)
	began := time.Now()
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	calls.Wait()
	if failed.Load() != 20 {
		t.Errorf("expected 20 calls to be told that the client is closed, but %d were", failed.Load())
	}
	if _, err := c.Start(t.Context(), "", commands.StartInstance{ProcessID: "no_job"}); !errors.Is(err, nats.ErrConnectionClosed) {
		t.Errorf("expected a closed client to say so, but got %v", err)
	}
	if err := c.Close(); err != nil {
		t.Errorf("expected the second Close to do nothing, but got %v", err)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("expected all to end at once, but it took %v", took)
	}
}

func TestInstancesSpread(t *testing.T) {
	t.Parallel()
	e := newCluster(t, 4)
	got := map[ids.Partition]int{}
	seen := map[ids.Instance]bool{}
	for range 40 {
		id := e.c.NewInstanceID()
		if _, err := ids.ParseInstance(string(id)); err != nil {
			t.Fatal(err)
		}
		seen[id] = true
		got[id.Partition()]++
	}
	for p := range ids.Partition(4) {
		if got[p] != 10 {
			t.Errorf("expected 10 of 40 instances in partition %s, but got %d", p, got[p])
		}
	}
	if len(seen) != 40 {
		t.Errorf("expected 40 ids, but got %d", len(seen))
	}
}
