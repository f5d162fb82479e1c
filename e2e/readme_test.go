package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// shellBlocks returns the shell blocks of a Markdown text, in order.
func shellBlocks(text string) []string {
	var out []string
	for _, m := range regexp.MustCompile("(?s)\n```sh\n(.*?)\n```\n").FindAllStringSubmatch(text, -1) {
		out = append(out, m[1])
	}
	return out
}

// runnable says whether the test runs a block as it stands: not the one that
// starts the server, and not one that needs a tool that is not here.
func runnable(t *testing.T, block string) bool {
	t.Helper()
	if strings.Contains(block, "make up") {
		return false // the test's own server stands for it
	}
	for tool, use := range map[string]string{"nats": "\nnats ", "psql": "\npsql "} {
		if !strings.Contains("\n"+block, use) {
			continue
		}
		if _, err := exec.LookPath(tool); err != nil {
			t.Logf("LOUD SKIP: %s is not installed, so this block is not run:\n%s", tool, block)
			return false
		}
	}
	return true
}

// The example of the README does what it says when it is typed in, block after
// block in one shell: the order completes, and what is derived from the log
// equals it.
func TestReadme(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	// A checkout with a built binary, as `make up` leaves it; not below
	// t.TempDir, which a Postgres that runs as another user cannot enter.
	home, err := os.MkdirTemp("", "weir-readme-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(home) })
	data := filepath.Join(home, "weir-data")
	for _, dir := range []string{home, filepath.Join(home, "bin"), data} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for link, target := range map[string]string{"bin/weir": binary, "examples": filepath.Join(root, "examples")} {
		if err := os.Symlink(target, filepath.Join(home, link)); err != nil {
			t.Fatal(err)
		}
	}
	s := upOn(t, data)

	blocks := shellBlocks(string(readme))
	var script []string
	for _, b := range blocks {
		if runnable(t, b) {
			script = append(script, b)
		}
	}
	if len(script) < 4 {
		t.Fatalf("expected the example's blocks in the README, but found %d to run of %d", len(script), len(blocks))
	}
	// The id of the example's order, for a look at it afterwards: a later block
	// may start another one.
	text := strings.Join(script, "\n")
	first := strings.Index(text, "bin/weir start order")
	if first < 0 {
		t.Fatal("the README does not start an order")
	}
	text = "set -euo pipefail\n" + text[:first] + "echo \"$ID\" > order-id\n" + text[first:]

	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "bash", "-x", "-c", text)
	cmd.Dir, cmd.Env = home, append(os.Environ(), "WEIR_NATS="+s.NATS)
	var out, trace bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &trace
	if err := cmd.Run(); err != nil {
		t.Fatalf("the README's example: %v\n%s\n%s", err, trace.String(), out.String())
	}
	id, err := os.ReadFile(filepath.Join(home, "order-id"))
	if err != nil {
		t.Fatal(err)
	}
	s.idle()
	var order struct {
		State string `json:"state"`
	}
	s.into(&order, "instance", strings.TrimSpace(string(id)))
	if order.State != "completed" {
		t.Errorf("expected the order to be completed, but it is %q\n%s\n%s", order.State, trace.String(), out.String())
	}
	var check struct {
		OK bool `json:"ok"`
	}
	if err := json.Unmarshal([]byte(s.ok("verify", "--json")), &check); err != nil || !check.OK {
		t.Errorf("expected verify to say ok, but got %+v %v", check, err)
	}
}
