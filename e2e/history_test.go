package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/projector"
)

// Instances are removed from the read models when their time to live is over, by
// the server itself and by hand; verify, rebuild and replay know of it.
func TestHistory(t *testing.T) {
	t.Parallel()
	s := up(t, "--allow-clock", "--history-cleanup-interval", "0")
	dir := t.TempDir()
	model := filepath.Join(dir, "kept.bpmn")
	called := process("called", `<startEvent id="s"/>`+flow("f", "s", "w")+service("w", "work")+flow("g", "w", "e")+`<endEvent id="e"/>`)
	caller := process("kept", `<startEvent id="s"/>`+flow("f", "s", "c")+
		`<callActivity id="c"><extensionElements><zeebe:calledElement processId="called"/></extensionElements></callActivity>`+flow("g", "c", "e")+`<endEvent id="e"/>`)
	for name, text := range map[string]string{model: caller, filepath.Join(dir, "called.bpmn"): called} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s.ok("clock", "pin", "2026-03-01T09:00:00Z")
	s.ok("deploy", filepath.Join(dir, "called.bpmn"))
	s.ok("deploy", "--option", "history-ttl=P30D", model)
	s.idle()
	if out := s.ok("definitions"); !strings.Contains(out, "P30D") {
		t.Errorf("expected the time to live among the definitions, but got\n%s", out)
	}
	c := s.connect()
	start := func() string {
		r, err := c.Start(t.Context(), "", commands.StartInstance{ProcessID: "kept"})
		if err != nil {
			t.Fatal(err)
		}
		return r.InstanceID
	}
	ended, open := start(), ""
	work := func() {
		t.Helper()
		s.idle()
		job := query[string](s, `select instance_id || '-' || key from weir.jobs where ended_at is null`)
		s.ok("complete", job)
	}
	work()
	open = start()
	s.verified()

	clean := func(flags ...string) *projector.CleanupReport {
		t.Helper()
		r := new(projector.CleanupReport)
		s.into(r, append([]string{"history", "cleanup"}, flags...)...)
		return r
	}
	if r := clean(); r.Roots != 0 {
		t.Errorf("expected nothing to be due, but got %+v", r)
	}
	s.ok("clock", "advance", "P30D")
	if r := clean("--dry-run"); r.Roots != 1 || r.Instances != 2 {
		t.Errorf("expected one tree of two instances to be due, but got %+v", r)
	}
	if r := clean("--process", "called"); r.Roots != 0 {
		t.Errorf("expected a called instance to stay with its root, but got %+v", r)
	}
	if r := clean(); r.Roots != 1 || r.Instances != 2 {
		t.Errorf("expected one tree of two instances to go, but got %+v", r)
	}
	s.verified()
	if _, errOut, code := s.weir("instance", ended); code != 1 || !strings.Contains(errOut, "not_found") {
		t.Errorf("expected the instance to be gone, but got %d %s", code, errOut)
	}
	if out := s.ok("replay", ended); !strings.Contains(out, "ended") {
		t.Errorf("expected replay to show the instance, but got\n%s", out)
	}
	s.ok("projections", "rebuild")
	if n := query[int](s, `select count(*) from weir.instances`); n != 2 {
		t.Errorf("expected the two open instances after the rebuild, but there are %d", n)
	}
	s.verified()
	s.ok("history", "drop-archive", "--before", "2020-01-01")

	// Now the server by itself, over a restart.
	work()
	s.idle()
	s.stop()
	s = upOn(t, s.dir, "--allow-clock", "--history-cleanup-interval", "50ms")
	s.idle()
	if n := query[int](s, `select count(*) from weir.instances where root = $1`, open); n != 2 {
		t.Errorf("expected the instance to be there until it is due, but there are %d", n)
	}
	s.ok("clock", "advance", "P30D")
	eventually(t, "the end of the rows", func() bool { return query[int](s, `select count(*) from weir.instances`) == 0 })
	s.verified()
	s.ok("projections", "rebuild")
	s.verified()

	// What is lost is found.
	c = s.connect()
	id := start()
	s.idle()
	query[int](s, `with gone as (delete from weir.jobs where instance_id = (select id from weir.instances where parent = $1) returning 1) select count(*)::int from gone`, id)
	if out, _, code := s.weir("verify"); code != 1 || !strings.Contains(out, "missing in the rows") {
		t.Errorf("expected verify to find the lost row, but got %d\n%s", code, out)
	}
}
