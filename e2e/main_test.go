package e2e

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/nats-io/nats.go"

	"github.com/weir-bpm/weir/client"
	"github.com/weir-bpm/weir/commands"
)

// binary is the weir binary that the tests run.
var binary string

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "weir-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	binary = filepath.Join(dir, "weir")
	if out, err := exec.Command("go", "build", "-o", binary, "../cmd/weir").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build weir: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// server is a running `weir up`.
type server struct {
	t    *testing.T
	dir  string
	cmd  *exec.Cmd
	done chan error

	NATS     string `json:"nats"`
	HTTP     string `json:"http"`
	Postgres string `json:"postgres"`
}

// up starts a server on a new data folder.
func up(t *testing.T, flags ...string) *server {
	t.Helper()
	dir, err := os.MkdirTemp("", "weir-e2e-data-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return upOn(t, dir, flags...)
}

// upOn starts a server on a data folder that may hold data.
func upOn(t *testing.T, dir string, flags ...string) *server {
	t.Helper()
	args := append([]string{"up", "--data", dir, "--http", "127.0.0.1:0", "--nats-listen", "127.0.0.1:0", "--json"}, flags...)
	s := launch(t, args...)
	s.dir = dir
	return s
}

// launch starts a server process and waits until it says where it listens.
func launch(t *testing.T, args ...string) *server {
	t.Helper()
	s := &server{t: t, cmd: exec.Command(binary, args...), done: make(chan error, 1)}
	s.cmd.Env = append(os.Environ(), "WEIR_NATS=")
	var stderr bytes.Buffer
	s.cmd.Stderr = &stderr
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	dec := json.NewDecoder(bufio.NewReader(out))
	if err := dec.Decode(s); err != nil {
		_ = s.cmd.Wait()
		t.Fatalf("weir %s did not start: %v\n%s", strings.Join(args, " "), err, stderr.String())
	}
	go func() { s.done <- s.cmd.Wait() }()
	t.Cleanup(func() {
		s.stop()
		if t.Failed() {
			t.Logf("server log:\n%s", stderr.String())
		}
	})
	return s
}

// stop ends the server cleanly; more than once is fine.
func (s *server) stop() {
	_ = s.cmd.Process.Signal(os.Interrupt)
	select {
	case <-s.done:
		s.done <- nil
	case <-time.After(60 * time.Second):
		_ = s.cmd.Process.Kill()
		s.t.Errorf("the server did not stop within a minute")
	}
}

// kill ends the server as a power cut would.
func (s *server) kill() {
	_ = s.cmd.Process.Signal(syscall.SIGKILL)
	<-s.done
	s.done <- nil
}

// connect opens a client.
func (s *server) connect() *client.Client {
	s.t.Helper()
	nc, err := nats.Connect(s.NATS)
	if err != nil {
		s.t.Fatal(err)
	}
	c, err := client.New(s.t.Context(), nc)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() {
		_ = c.Close()
		nc.Close()
	})
	return c
}

// weir runs a subcommand against the server and returns what it printed, its
// messages and its exit code.
func (s *server) weir(args ...string) (out, errOut string, code int) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Env = append(os.Environ(), "WEIR_NATS="+s.NATS)
	var o, e bytes.Buffer
	cmd.Stdout, cmd.Stderr = &o, &e
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		code = exit.ExitCode()
	case err != nil:
		s.t.Fatalf("weir %v: %v", args, err)
	}
	return o.String(), e.String(), code
}

// ok runs a subcommand that must succeed.
func (s *server) ok(args ...string) string {
	s.t.Helper()
	out, errOut, code := s.weir(args...)
	if code != 0 {
		s.t.Fatalf("weir %s: exit code %d\n%s%s", strings.Join(args, " "), code, out, errOut)
	}
	return out
}

// into runs a subcommand with --json and reads its output.
func (s *server) into(v any, args ...string) {
	s.t.Helper()
	out := s.ok(append(args, "--json")...)
	if err := json.Unmarshal([]byte(out), v); err != nil {
		s.t.Fatalf("weir %s: %v in %s", strings.Join(args, " "), err, out)
	}
}

// idle waits until nothing is left to do.
func (s *server) idle() {
	s.t.Helper()
	s.ok("status", "--wait-idle", "60s")
}

// verified checks hash chains and projections.
func (s *server) verified() {
	s.t.Helper()
	s.idle()
	s.ok("verify")
}

// query runs SQL over the read models and returns one value.
func query[T any](s *server, sql string, args ...any) T {
	s.t.Helper()
	conn, err := pgx.Connect(s.t.Context(), s.Postgres)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(s.t.Context())) }()
	var v T
	if err := conn.QueryRow(s.t.Context(), sql, args...).Scan(&v); err != nil {
		s.t.Fatalf("%s: %v", sql, err)
	}
	return v
}

// deploy deploys models given as text.
func deploy(t *testing.T, c *client.Client, models ...string) *commands.DeployResult {
	t.Helper()
	var d commands.Deploy
	for i, m := range models {
		d.Resources = append(d.Resources, commands.DeployResource{Name: fmt.Sprintf("model-%d.bpmn", i), Content: []byte(m)})
	}
	r, err := c.Deploy(t.Context(), d)
	if err != nil {
		t.Fatalf("deploy: %v %+v", err, r)
	}
	return r
}

// miwg returns the path of a model made by others, which the tests read and the
// project does not hold.
func miwg(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join("..", "..", "shared", "miwg", name)
	if _, err := os.Stat(path); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("the models of the interchange group are needed at %s: %v", path, err)
		}
		t.Skipf("LOUD SKIP: the models of the interchange group are not at %s; put them there to run this test", path)
	}
	return path
}
