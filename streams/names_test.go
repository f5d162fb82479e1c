package streams

import (
	"strings"
	"testing"

	"github.com/weir-bpm/weir/ids"
)

const anID = ids.Instance("01ARZ3NDEK04RRFFQ69G5FAV00")

func TestNames(t *testing.T) {
	t.Parallel()
	n, custom := Names{}, Names{Prefix: "acme_1"}
	for want, got := range map[string]string{
		"WEIR_COMMANDS_04":   n.CommandStream(4),
		"weir.commands.04.>": n.CommandSubjects(4),
		"weir.commands.04.default." + string(anID) + ".job.complete": n.CommandSubject("default", anID, "job.complete"),
		"WEIR_EVENTS_ZZ":   n.EventStream(1023),
		"weir.events.ZZ":   n.EventSubject(1023),
		"WEIR_DEPLOY":      n.DeployStream(),
		"WEIR_DEFINITIONS": n.DefinitionStream(),
		"weir.definitions": n.DefinitionSubject(),
		"WEIR_JOBS":        n.JobStream(),
		"weir.jobs.default.send=2eemail.high." + string(anID) + "-1": n.JobSubject("default", "send.email", LaneHigh, string(anID)+"-1"),
		"job_default_send=2eemail_low":                               n.JobConsumer("default", "send.email", LaneLow),
		"WEIR_SNAPSHOTS_00":                                          n.SnapshotStream(0),
		"weir.snapshots.00.header":                                   n.SnapshotSubject(0, "header"),
		"ACME_1_EVENTS_01":                                           custom.EventStream(1),
		"acme_1.control.status":                                      custom.Control("status"),
	} {
		if got != want {
			t.Errorf("expected %s, but got %s", want, got)
		}
	}
}

func TestParseCommandSubject(t *testing.T) {
	t.Parallel()
	n := Names{Prefix: "x"}
	tenant, id, kind, err := n.ParseCommandSubject(n.CommandSubject("acme", anID, "job.complete"))
	if err != nil || tenant != "acme" || id != string(anID) || kind != "job.complete" {
		t.Errorf("got %q %q %q %v", tenant, id, kind, err)
	}
	for _, bad := range []string{"", "x.commands", "x.commands.00.a.b", "weir.commands.00.a.b.c"} {
		if _, _, _, err := n.ParseCommandSubject(bad); err == nil {
			t.Errorf("expected %q to be refused", bad)
		}
	}
}

func TestLanes(t *testing.T) {
	t.Parallel()
	for p, want := range map[int]Lane{-1: LaneLow, 0: LaneNormal, 1: LaneHigh} {
		if got := LaneOf(p); got != want {
			t.Errorf("priority %d: expected %s, but got %s", p, want, got)
		}
	}
}

func TestCheckTenant(t *testing.T) {
	t.Parallel()
	for tenant, ok := range map[string]bool{
		"default": true, "a-b_C9": true, strings.Repeat("x", 64): true,
		"": false, "_": false, "a.b": false, "a b": false, ">": false, "*": false, "é": false, strings.Repeat("x", 65): false,
	} {
		if err := CheckTenant(tenant); (err == nil) != ok {
			t.Errorf("tenant %q: expected ok to be %v, but got %v", tenant, ok, err)
		}
	}
}

// FuzzToken: different texts have different tokens, and a token is one token of
// a subject.
func FuzzToken(f *testing.F) {
	for _, s := range []string{"", "a", "=", "a.b", "=2e", "a=2eb", ">", "*", " ", "é", "\x00"} {
		f.Add(s, "a.b")
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		x, y := Token(a), Token(b)
		if a != b && x == y {
			t.Errorf("%q and %q have the same token %q", a, b, x)
		}
		if x == "" || strings.ContainsAny(x, ".*> \t\r\n\x00") {
			t.Errorf("%q is no token of a subject: %q", x, a)
		}
	})
}
