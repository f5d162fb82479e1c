package main

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/weir-bpm/weir/internal/embednats"
)

// Goal: faults of the command line are exit code 2, an engine that is not there is
// 3, and the message says what to do. Without a server.
func TestExitCodes(t *testing.T) {
	for _, test := range []struct {
		args string
		code int
		want string
	}{
		{"", exitOK, ""},
		{"statuss", exitUsage, "did you mean status"},
		{"--nope", exitUsage, "unknown flag"},
		{"start", exitUsage, "usage: weir start PROCESS"},
		{"start p --vars {", exitUsage, "ends in the middle"},
		{"start p --vars [1]", exitUsage, "expected a JSON object"},
		{"up --partitions 0", exitUsage, "expected 1 to 1024"},
		{"up --partitions 1025", exitUsage, "expected 1 to 1024"},
		{"up --replicas 2", exitUsage, "expected 1 or 3"},
		{"up --replicas 3", exitUsage, "needs a NATS cluster"},
		{"up --history-cleanup-interval -1s", exitUsage, "expected a duration, or 0"},
		{"history cleanup --before yesterday", exitUsage, "or a date"},
		{"history drop-archive", exitUsage, "--before is required"},
		{"serve", exitUsage, "--nats is required"},
		{"status --nats nats://127.0.0.1:1", exitUnavailable, "is `weir up` running?"},
		{"status --nats nats://no.such.host.invalid:4222", exitUnavailable, "is `weir up` running?"},
	} {
		code, _, errOut := run(t, strings.Fields(test.args)...)
		if code != test.code || !strings.Contains(errOut, test.want) {
			t.Errorf("weir %s: expected exit code %d and %q, but got %d and %q", test.args, test.code, test.want, code, errOut)
		}
	}
}

// Goal: the help shows the type of a flag, not a piece of its description.
func TestHelpOfFlags(t *testing.T) {
	for _, sub := range []string{"up", "serve", "start"} {
		_, out, _ := run(t, sub, "--help")
		if strings.Contains(out, "weir clock      ") || strings.Contains(out, "--id weir id") || strings.Contains(out, "--allow-clock weir") {
			t.Errorf("weir %s --help takes quoted words of a description for the type of a flag:\n%s", sub, out)
		}
	}
}

// Goal: a shortened value is still text.
func TestShortKeepsCharactersWhole(t *testing.T) {
	value := json.RawMessage(`"` + strings.Repeat("ü", 100) + `"`)
	for limit := 10; limit < 20; limit++ {
		if s := short(value, limit); !utf8.ValidString(s) || !strings.HasSuffix(s, "…") {
			t.Errorf("limit %d: got %q", limit, s)
		}
	}
}

// Goal: a NATS without an engine is an engine that does not answer.
func TestNATSWithoutEngine(t *testing.T) {
	server, err := embednats.Start(embednats.Config{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = server.Stop() }()
	for _, args := range [][]string{{"start", "p"}, {"status"}, {"jobs"}} {
		code, _, errOut := run(t, append(args, "--timeout", "5s", "--nats", server.ClientURL())...)
		if code != exitUnavailable || !strings.Contains(errOut, "[engine.unavailable]") {
			t.Errorf("weir %v: expected exit code 3 and engine.unavailable, but got %d: %s", args, code, errOut)
		}
	}
}
