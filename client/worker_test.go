package client_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/weir-bpm/weir/client"
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/streams"
)

type result = map[string]any

// A handler that takes longer than the lock keeps its job, however many other
// jobs wait in the same worker, and no job is done twice.
func TestHeartbeat(t *testing.T) {
	t.Parallel()
	e := running(t, oneJob)
	var mu sync.Mutex
	done := map[string]int{}
	w := e.worker(e.client(), client.WorkerConfig{Concurrency: 1, Lock: 1500 * time.Millisecond, Handler: func(_ context.Context, j *commands.Job) (result, error) {
		mu.Lock()
		done[j.JobID]++
		mu.Unlock()
		time.Sleep(4 * time.Second) // a loaded machine may hold one sign of life up, but not all
		return nil, nil
	}})
	e.start("one_job")
	e.start("one_job")
	eventually(t, "both jobs to be completed", func() bool { return count[*events.JobCompleted](e) == 2 && e.queued() == 0 })
	w.Stop()
	mu.Lock()
	defer mu.Unlock()
	for id, n := range done {
		if n != 1 {
			t.Errorf("expected job %s to be done once, but it was done %d times", id, n)
		}
	}
}

// A worker whose connection is gone does not keep its job: after the lock,
// another worker gets it.
func TestWorkerKilled(t *testing.T) {
	t.Parallel()
	e := running(t, oneJob)
	nc := connect(t)
	dead := e.clientOn(nc)
	const lock = time.Second
	began := make(chan time.Time, 1)
	release := make(chan struct{})
	first, err := dead.StartWorker(t.Context(), client.WorkerConfig{Type: "work", Lock: lock, Handler: func(context.Context, *commands.Job) (result, error) {
		began <- time.Now()
		<-release
		return nil, errors.New("killed")
	}})
	if err != nil {
		t.Fatal(err)
	}
	e.start("one_job")
	taken := <-began
	nc.Close()
	again := make(chan time.Time, 1)
	e.worker(e.client(), client.WorkerConfig{Lock: lock, Handler: func(context.Context, *commands.Job) (result, error) {
		again <- time.Now()
		return nil, nil
	}})
	if waited := (<-again).Sub(taken); waited < lock-100*time.Millisecond || waited > 10*lock {
		t.Errorf("expected the job to come back after the lock of %v, but it came after %v", lock, waited)
	}
	eventually(t, "the job to be completed", func() bool { return count[*events.JobCompleted](e) == 1 })
	_ = dead.Close()
	close(release)
	first.Stop()
}

// Stop gives back what was not begun: another worker gets it at once, not after
// the lock.
func TestStopGivesBack(t *testing.T) {
	t.Parallel()
	e := running(t, oneJob)
	began, release := make(chan struct{}, 1), make(chan struct{})
	w := e.worker(e.client(), client.WorkerConfig{Concurrency: 1, Lock: time.Minute, Handler: func(context.Context, *commands.Job) (result, error) {
		began <- struct{}{}
		<-release
		return nil, nil
	}})
	for range 3 {
		e.start("one_job")
	}
	<-began
	stopped := make(chan struct{})
	go func() { defer close(stopped); w.Stop() }()
	at := time.Now()
	var others atomic.Int64
	e.worker(e.client(), client.WorkerConfig{Lock: time.Minute, Handler: func(context.Context, *commands.Job) (result, error) {
		others.Add(1)
		return nil, nil
	}})
	eventually(t, "the other worker to have both jobs", func() bool { return others.Load() == 2 })
	if waited := time.Since(at); waited > 10*time.Second {
		t.Errorf("expected the jobs to come at once, but it took %v", waited)
	}
	close(release)
	<-stopped
	w.Stop() // once more does nothing
	eventually(t, "all jobs to be completed once", func() bool { return count[*events.JobCompleted](e) == 3 && e.queued() == 0 })
	if others.Load() != 2 {
		t.Errorf("expected 2 jobs of the other worker, but got %d", others.Load())
	}
}

func TestStopBeforeAnyJob(t *testing.T) {
	t.Parallel()
	e := running(t, oneJob)
	began := time.Now()
	w := e.worker(e.client(), client.WorkerConfig{Handler: func(context.Context, *commands.Job) (result, error) {
		t.Error("expected no job")
		return nil, nil
	}})
	w.Stop()
	w.Stop()
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("expected Stop at once, but it took %v", took)
	}
	e.start("one_job")
	time.Sleep(100 * time.Millisecond)
}

// A handler that does not end is told so after SoftStop, and its job goes back.
func TestHardStop(t *testing.T) {
	t.Parallel()
	e := running(t, oneJob)
	began := make(chan struct{})
	w := e.worker(e.client(), client.WorkerConfig{SoftStop: 50 * time.Millisecond, Handler: func(ctx context.Context, _ *commands.Job) (result, error) {
		close(began)
		<-ctx.Done()
		return nil, ctx.Err()
	}})
	e.start("one_job")
	<-began
	w.Stop()
	if n := count[*events.JobFailed](e); n != 0 {
		t.Errorf("expected a stop to be no failed attempt, but the log has %d", n)
	}
	e.worker(e.client(), client.WorkerConfig{Handler: func(context.Context, *commands.Job) (result, error) { return nil, nil }})
	eventually(t, "another worker to complete the job", func() bool { return count[*events.JobCompleted](e) == 1 })
}

// What a handler can end with, and what the log says of it.
func TestOutcomes(t *testing.T) {
	t.Parallel()
	zero, one, soon := 0, 1, 20*time.Millisecond
	cases := []struct {
		name string
		// handler does the first attempt; later ones succeed.
		handler client.Handler
		message string // of the failure
		retries int    // left after it
		after   string // completed, caught or incident
	}{
		{"panic", func(context.Context, *commands.Job) (result, error) { panic("boom") }, "panicked: boom", 2, "completed"},
		{"error", func(context.Context, *commands.Job) (result, error) { return nil, errors.New("no luck") }, "no luck", 2, "completed"},
		{"BPMN error", func(context.Context, *commands.Job) (result, error) {
			return nil, fmt.Errorf("wrapped: %w", &client.BPMNError{Code: "OOPS", Message: "m", Variables: result{"a": 1}})
		}, "", 0, "caught"},
		{"BPMN error without a code", func(context.Context, *commands.Job) (result, error) { return nil, &client.BPMNError{} }, "code", 2, "completed"},
		{"retries and backoff", func(context.Context, *commands.Job) (result, error) {
			return nil, &client.RetryError{Err: errors.New("later"), Retries: &one, Backoff: &soon}
		}, "later", 1, "completed"},
		{"no retries", func(context.Context, *commands.Job) (result, error) {
			return nil, &client.RetryError{Err: errors.New("never"), Retries: &zero}
		}, "never", 0, "incident"},
		{"no JSON", func(context.Context, *commands.Job) (result, error) { return result{"f": make(chan int)}, nil }, "no JSON", 2, "completed"},
		{"not a number", func(context.Context, *commands.Job) (result, error) { return result{"f": math.NaN()}, nil }, "no JSON", 2, "completed"},
		{"beyond the engine's limit", func(context.Context, *commands.Job) (result, error) {
			return result{"v": strings.Repeat("x", 2<<20)}, nil
		}, "variables.too_large", 2, "completed"},
		{"beyond the server's limit", func(context.Context, *commands.Job) (result, error) {
			return result{"v": strings.Repeat("x", 9<<20)}, nil
		}, "variables.too_large", 2, "completed"},
		{"long message", func(context.Context, *commands.Job) (result, error) {
			return nil, errors.New(strings.Repeat("ä", commands.MaxTextBytes))
		}, "äää", 2, "completed"},
		{"negative retries", func(context.Context, *commands.Job) (result, error) {
			minus := -1
			return nil, &client.RetryError{Err: errors.New("wrong"), Retries: &minus}
		}, "retries is -1", 2, "completed"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			e := running(t, oneJob)
			var attempts atomic.Int64
			e.worker(e.c, client.WorkerConfig{Handler: func(ctx context.Context, j *commands.Job) (result, error) {
				if attempts.Add(1) == 1 {
					return c.handler(ctx, j)
				}
				return result{"ok": true}, nil
			}})
			e.start("one_job")
			want := int64(2)
			switch c.after {
			case "completed":
				eventually(t, "the second attempt to complete the job", func() bool { return count[*events.JobCompleted](e) == 1 })
			case "caught":
				want = 1
				eventually(t, "the error to be caught", func() bool { return count[*events.InstanceCompleted](e) == 1 })
			case "incident":
				want = 1
				eventually(t, "an incident", func() bool { return count[*events.IncidentRaised](e) == 1 })
			}
			eventually(t, "the queue to be empty", func() bool { return e.queued() == 0 })
			if attempts.Load() != want {
				t.Errorf("expected %d attempts, but got %d", want, attempts.Load())
			}
			failures := all[*events.JobFailed](e)
			if c.after == "caught" {
				if len(failures) != 0 {
					t.Errorf("expected no failure, but got %+v", failures[0])
				}
				return
			}
			if len(failures) != 1 || failures[0].Retries != c.retries || !strings.Contains(failures[0].Message, c.message) || strings.ToValidUTF8(failures[0].Message, "") != failures[0].Message {
				t.Errorf("expected one failure with %d retries left and %q, but got %d: %.100v", c.retries, c.message, len(failures), failures)
			}
		})
	}
}

// With one slot, the jobs of the high lane come before those of the normal one,
// and those before the low one, whatever came first.
func TestLanes(t *testing.T) {
	t.Parallel()
	e := newCluster(t, 1)
	e.execute()
	var models []string
	for id, priority := range map[string]string{"low": "-1", "normal": "0", "high": "5"} {
		models = append(models, model(id, `<extensionElements><zeebe:jobPriorityDefinition priority="`+priority+`"/></extensionElements>
<startEvent id="s"/><sequenceFlow id="f1" sourceRef="s" targetRef="task"/>`+job("task", "work", "")+
			`<sequenceFlow id="f2" sourceRef="task" targetRef="e"/><endEvent id="e"/>`))
	}
	e.deploy(models...)
	for _, process := range []string{"low", "normal", "high"} {
		for range 3 {
			e.start(process)
		}
	}
	eventually(t, "the jobs to be offered", func() bool { return e.queued() == 9 })
	var mu sync.Mutex
	var order []string
	e.worker(e.client(), client.WorkerConfig{Concurrency: 1, Handler: func(_ context.Context, j *commands.Job) (result, error) {
		mu.Lock()
		order = append(order, j.ProcessID)
		first := len(order) == 1
		mu.Unlock()
		// Which lane's messages arrive first is chance; then all are there.
		time.Sleep(30 * time.Millisecond)
		if first {
			time.Sleep(2 * time.Second)
		}
		return nil, nil
	}})
	eventually(t, "all jobs to be completed", func() bool { return count[*events.JobCompleted](e) == 9 })
	mu.Lock()
	defer mu.Unlock()
	rank := map[string]int{"high": 0, "normal": 1, "low": 2}
	if !slices.IsSortedFunc(order[1:], func(a, b string) int { return rank[a] - rank[b] }) {
		t.Errorf("expected high before normal before low after the first, but got %v", order)
	}
}

// A job message that nobody can read is dropped; the next one is done.
func TestUnreadableJob(t *testing.T) {
	t.Parallel()
	e := running(t, oneJob)
	subject := e.names.JobSubject(streams.DefaultTenant, "work", streams.LaneNormal, string(e.c.NewInstanceID())+"-1")
	if _, err := e.js.Publish(t.Context(), subject, []byte("{")); err != nil {
		t.Fatal(err)
	}
	e.worker(e.c, client.WorkerConfig{Handler: func(context.Context, *commands.Job) (result, error) { return nil, nil }})
	e.start("one_job")
	eventually(t, "the readable job to be done and the other dropped", func() bool {
		return count[*events.JobCompleted](e) == 1 && e.queued() == 0
	})
}

// What no job could ever be reported with is refused at the start.
func TestWorkerConfig(t *testing.T) {
	t.Parallel()
	e := newCluster(t, 1)
	handler := func(context.Context, *commands.Job) (result, error) { return nil, nil }
	for name, cfg := range map[string]client.WorkerConfig{
		"no type":    {Handler: handler},
		"no handler": {Type: "work"},
		"long name":  {Type: "work", Handler: handler, Name: strings.Repeat("x", commands.MaxNameBytes+1)},
	} {
		if w, err := e.c.StartWorker(t.Context(), cfg); err == nil {
			w.Stop()
			t.Errorf("%s: expected an error", name)
		}
	}
}

// A worker of an ad-hoc subprocess says round by round what begins in it.
func TestAnswerer(t *testing.T) {
	t.Parallel()
	e := running(t, model("agent", `<startEvent id="s"/><sequenceFlow id="f1" sourceRef="s" targetRef="box"/>
<adHocSubProcess id="box"><extensionElements><zeebe:taskDefinition type="work"/></extensionElements><task id="a"/><task id="b"/></adHocSubProcess>
<sequenceFlow id="f2" sourceRef="box" targetRef="e"/><endEvent id="e"/>`))
	var rounds atomic.Int32
	e.worker(e.client(), client.WorkerConfig{Answerer: func(_ context.Context, j *commands.Job) (client.Answer, error) {
		n := rounds.Add(1)
		if n == 3 {
			return client.Answer{AdHoc: &commands.AdHocResult{Complete: true}}, nil
		}
		next := []string{"a", "b"}[n-1]
		return client.Answer{Variables: result{"round": n}, AdHoc: &commands.AdHocResult{Activities: []commands.Activity{{ElementID: next}}}}, nil
	}})
	e.start("agent")
	eventually(t, "the instance to be completed", func() bool { return count[*events.InstanceCompleted](e) == 1 && e.queued() == 0 })
	if n := rounds.Load(); n != 3 {
		t.Errorf("expected 3 rounds, but there were %d", n)
	}
}
