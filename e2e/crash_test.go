package e2e

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/weir-bpm/weir/client"
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/ids"
)

// The whole process is killed twice in the middle of 1,000 instances and started
// again on its data. Goal: none is lost, none doubled, all finish, and what was
// acknowledged before the kill is there after it. Workers and starters go on
// across the restart as their users would: a start that got no answer is sent
// again with the same instance id.
func TestKillInTheMiddle(t *testing.T) {
	const total = 1000
	s := up(t)
	c := s.connect()
	deploy(t, c, twoSteps)
	all := make([]ids.Instance, total)
	for i := range all {
		all[i] = c.NewInstanceID()
	}
	var acknowledged sync.Map
	var done atomic.Int64
	for round := 0; ; round++ {
		c := s.connect()
		workers := []*client.Worker{work(t, c, "one", &done), work(t, c, "two", &done)}
		finished := make(chan struct{})
		ctx, giveUp := context.WithCancel(t.Context())
		go func() {
			defer close(finished)
			startAll(ctx, t, c, all, &acknowledged)
		}()
		if round < 2 {
			// Far enough to have jobs in hand, not far enough to be done.
			goal := int64(total/2) * int64(round+1)
			eventually(t, "half of the work", func() bool { return done.Load() >= goal })
			s.kill()
			giveUp() // nobody answers any more
			s = upOn(t, s.dir)
			<-finished
			for _, w := range workers {
				go w.Stop() // its connection is gone; it only has to end
			}
			continue
		}
		<-finished
		giveUp()
		eventually(t, "the end of all instances", func() bool {
			return query[int](s, `select count(*) from weir.instances where state = 'completed'`) == total
		})
		for _, w := range workers {
			w.Stop()
		}
		break
	}
	s.verified()
	if n := query[int](s, `select count(*) from weir.instances`); n != total {
		t.Errorf("expected %d instances, but there are %d", total, n)
	}
	if n := query[int](s, `select count(*) from weir.jobs where state = 'completed'`); n != 2*total {
		t.Errorf("expected each of %d jobs completed once, but %d were", 2*total, n)
	}
	if n := query[int](s, `select count(*) from weir.element_instances where element_id = 'end'`); n != total {
		t.Errorf("expected each instance to end once, but %d ends", n)
	}
	acknowledged.Range(func(id, _ any) bool {
		if n := query[int](s, `select count(*) from weir.instances where id = $1`, string(id.(ids.Instance))); n != 1 {
			t.Errorf("instance %s was acknowledged and is lost", id)
			return false
		}
		return true
	})
	t.Logf("%d jobs done by workers for %d completed: the others were done again after the kills", done.Load(), 2*total)
}

func work(t *testing.T, c *client.Client, jobType string, done *atomic.Int64) *client.Worker {
	t.Helper()
	w, err := c.StartWorker(t.Context(), client.WorkerConfig{
		Type: jobType, Concurrency: 8, Lock: 2 * time.Second, SoftStop: time.Second,
		Handler: func(context.Context, *commands.Job) (map[string]any, error) {
			done.Add(1)
			return map[string]any{jobType: true}, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// startAll starts the instances that have no answer yet, until the server goes
// away.
func startAll(ctx context.Context, t *testing.T, c *client.Client, all []ids.Instance, acknowledged *sync.Map) {
	var wg sync.WaitGroup
	slots := make(chan struct{}, 16)
	for _, id := range all {
		if _, ok := acknowledged.Load(id); ok {
			continue
		}
		if ctx.Err() != nil {
			break
		}
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
			defer cancel()
			_, err := c.Start(ctx, id, commands.StartInstance{ProcessID: "two_steps"})
			var rejection *commands.Error
			switch {
			case err == nil:
				acknowledged.Store(id, true)
			case errors.As(err, &rejection) && rejection.Code != commands.CodeUnavailable:
				t.Errorf("start %s: %v", id, err)
			}
		})
	}
	wg.Wait()
}

// 100 clients complete the 100 parallel jobs of one instance at the same time:
// all are accepted, in one order, and the join fires once.
func TestHundredCompletionsOfOneInstance(t *testing.T) {
	const n = 100
	s := up(t)
	c := s.connect()
	deploy(t, c, fanOut(n))
	started, err := c.Start(t.Context(), "", commands.StartInstance{ProcessID: "fan_out"})
	if err != nil {
		t.Fatal(err)
	}
	s.idle()
	var jobs struct {
		Items []struct {
			ID string `json:"id"`
		} `json:"items"`
	}
	s.into(&jobs, "jobs", "--limit", "1000")
	if len(jobs.Items) != n {
		t.Fatalf("expected %d jobs, but got %d", n, len(jobs.Items))
	}
	clients := make([]*client.Client, n)
	for i := range clients {
		clients[i] = s.connect()
	}
	var wg sync.WaitGroup
	begin := make(chan struct{})
	for i, c := range clients {
		wg.Go(func() {
			<-begin
			if _, err := c.ByID(t.Context(), jobs.Items[i].ID, &commands.CompleteJob{JobID: jobs.Items[i].ID, Variables: map[string]any{fmt.Sprintf("v%d", i): int64(i)}}); err != nil {
				t.Errorf("job %d: %v", i, err)
			}
		})
	}
	close(begin)
	wg.Wait()
	s.verified()
	if got := query[int](s, `select count(*) from weir.element_instances where instance_id = $1 and element_id = 'join'`, started.InstanceID); got != 1 {
		t.Errorf("expected the join to fire once, but it fired %d times", got)
	}
	if got := query[string](s, `select state from weir.instances where id = $1`, started.InstanceID); got != "completed" {
		t.Errorf("expected the instance completed, but it is %s", got)
	}
	if got := query[int](s, `select count(*) from weir.variables where instance_id = $1`, started.InstanceID); got != n {
		t.Errorf("expected the results of all %d jobs, but %d", n, got)
	}
}

// The private Postgres is killed under a running server: the engine goes on,
// Postgres comes back by itself, and the read models catch up.
func TestPostgresKilled(t *testing.T) {
	s := up(t)
	c := s.connect()
	deploy(t, c, twoSteps)
	var done atomic.Int64
	defer work(t, c, "one", &done).Stop()
	defer work(t, c, "two", &done).Stop()
	start := func() {
		for range 50 {
			if _, err := c.Start(t.Context(), "", commands.StartInstance{ProcessID: "two_steps"}); err != nil {
				t.Fatal(err)
			}
		}
	}
	start()
	data, err := os.ReadFile(filepath.Join(s.dir, "postgres", "data", "postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.SplitN(string(data), "\n", 2)[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	start()
	eventually(t, "the end of all work", func() bool { return done.Load() >= 200 })
	s.verified()
	if n := query[int](s, `select count(*) from weir.instances where state = 'completed'`); n != 100 {
		t.Errorf("expected 100 completed instances, but got %d", n)
	}
}
