package e2e

import (
	"context"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// Goal: a restart needs no --partitions, whatever the cluster was made with; more
// are added, and fewer are refused with a code before anything is written.
func TestRestartKeepsPartitions(t *testing.T) {
	s := up(t, "--partitions", "6")
	s.stop()
	s = upOn(t, s.dir)
	if got := s.partitions(); got != 6 {
		t.Errorf("expected the 6 partitions of before, but got %d", got)
	}
	s.stop()
	s = upOn(t, s.dir, "--partitions", "8")
	if got := s.partitions(); got != 8 {
		t.Errorf("expected 8 partitions, but got %d", got)
	}
	s.stop()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, "up", "--data", s.dir, "--http", "", "--nats-listen", "127.0.0.1:0", "--partitions", "4")
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "[partitions.decreased]") {
		t.Errorf("expected partitions.decreased, but got %v: %s", err, out)
	}
}

func (s *server) partitions() int {
	s.t.Helper()
	var status struct {
		Partitions []struct{} `json:"partitions"`
	}
	s.into(&status, "status")
	return len(status.Partitions)
}
