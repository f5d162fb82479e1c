package e2e

import (
	"context"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/weir-bpm/weir/commands"
)

// Two executors share the partitions of a server that has none of its own; one
// is killed without a word. The other takes over its share, nothing that was
// acknowledged is lost, and work goes on. Goal: at most 2 seconds.
func TestExecutorKilled(t *testing.T) {
	s := up(t)
	// A server in the role executor alone, beside the one that is up, on the
	// same NATS.
	other := launch(t, "serve", "--nats", s.NATS, "--roles", "executor", "--http", "", "--data", filepath.Join(s.dir, "other"), "--json")
	c := s.connect()
	deploy(t, c, twoSteps)
	var done atomic.Int64
	defer work(t, c, "one", &done).Stop()
	defer work(t, c, "two", &done).Stop()
	eventually(t, "two executors share the partitions", func() bool {
		var st struct {
			Members    []string `json:"members"`
			Partitions []struct {
				Member string `json:"member"`
				Owned  bool   `json:"owned"`
			} `json:"partitions"`
		}
		s.into(&st, "status")
		owners := map[string]bool{}
		for _, p := range st.Partitions {
			if !p.Owned {
				return false
			}
			owners[p.Member] = true
		}
		return len(st.Members) == 2 && len(owners) == 2
	})
	time.Sleep(time.Second) // the older owner has looked at the members since
	start := func(limit time.Duration) error {
		ctx, cancel := context.WithTimeout(t.Context(), limit)
		defer cancel()
		_, err := c.Start(ctx, "", commands.StartInstance{ProcessID: "two_steps"})
		return err
	}
	for range 8 {
		if err := start(20 * time.Second); err != nil {
			t.Fatal(err)
		}
	}
	other.kill()
	began := time.Now()
	for range 8 { // each partition twice
		if err := start(20 * time.Second); err != nil {
			t.Fatal(err)
		}
	}
	took := time.Since(began)
	t.Logf("all partitions answered %v after the kill (goal 2 s)", took)
	if took > 20*time.Second { // the goal and slack for a loaded machine
		t.Errorf("expected all partitions to answer within 2 s, but it took %v", took)
	}
	eventually(t, "the end of all instances", func() bool {
		return query[int](s, `select count(*) from weir.instances where state = 'completed'`) == 16
	})
	s.verified()
}
