package privatepg

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/weir-bpm/weir/internal/embednats/folderlock"
)

// The goal is that a data folder always comes back: after a clean stop, after
// the parent was killed, with and without the kernel's help. The tests run real
// servers; a machine without Postgres fails them.

const (
	childDir    = "WEIR_PRIVATEPG_CHILD"
	childOrphan = "WEIR_PRIVATEPG_ORPHAN"
)

// TestMain lets the test binary be the parent that is killed.
func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		s, err := Start(context.Background(), Config{Dir: dir, orphan: os.Getenv(childOrphan) != ""})
		if err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
		fmt.Println(s.Facts().PID, s.URL())
		time.Sleep(time.Minute) // until killed
	}
	os.Exit(m.Run())
}

// folder makes a data folder that every user can reach, which those of
// t.TempDir are not, with a path short enough for a socket.
func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "pg-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return filepath.Join(dir, "postgres")
}

func start(t *testing.T, cfg Config) *Server {
	t.Helper()
	cfg.Logger = slog.New(slog.NewTextHandler(t.Output(), nil))
	s, err := Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func query(t *testing.T, url, sql string) string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	var out string
	if err := conn.QueryRow(t.Context(), sql).Scan(&out); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return out
}

func exec1(t *testing.T, url string, statements ...string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	for _, sql := range statements {
		if _, err := conn.Exec(t.Context(), sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
}

func TestStartStopAgain(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	first := start(t, Config{Dir: dir, Settings: map[string]string{"work_mem": "9MB"}})
	if f := first.Facts(); !f.Created || f.PID == 0 || f.Version == "" || !strings.HasPrefix(f.Listen, dir) {
		t.Errorf("unexpected facts %+v", f)
	}
	exec1(t, first.URL(), "CREATE TABLE t (n int)", "INSERT INTO t VALUES (42)")
	for setting, want := range map[string]string{
		"synchronous_commit": "off", "listen_addresses": "", "TimeZone": "UTC",
		"server_encoding": "UTF8", "lc_collate": "C", "work_mem": "9MB", "fsync": "on", "data_checksums": "off",
	} {
		if got := query(t, first.URL(), "SELECT current_setting('"+setting+"')"); got != want {
			t.Errorf("%s: expected %q, but got %q", setting, want, got)
		}
	}
	if got := query(t, first.URL(), "SELECT lower('ÄÖÜ')"); got != "äöü" {
		t.Errorf("expected lower case of letters beyond ASCII, but got %q", got)
	}
	_, err := Start(t.Context(), Config{Dir: dir})
	if !errors.Is(err, folderlock.ErrHeld) || !strings.Contains(err.Error(), strconv.Itoa(os.Getpid())) {
		t.Errorf("expected a second start to be refused with the pid of the first, but got %v", err)
	}
	if got := query(t, first.URL(), "SELECT n::text FROM t"); got != "42" {
		t.Errorf("expected the first server to go on, but got %q", got)
	}
	for range 2 {
		if err := first.Stop(); err != nil {
			t.Fatal(err)
		}
	}
	if alive(first.Facts().PID) {
		t.Error("expected the process to be gone after Stop")
	}
	begin := time.Now()
	second := start(t, Config{Dir: dir})
	t.Logf("started again in %v", time.Since(begin))
	if second.Facts().Created {
		t.Error("expected the data to be found again, but it was made anew")
	}
	if got := query(t, second.URL(), "SELECT n::text FROM t"); got != "42" {
		t.Errorf("expected 42, but got %q", got)
	}
	if info, err := os.Stat(second.Facts().Listen); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("expected the folder of the socket to be closed to others, but got %v, %v", info, err)
	}
}

func TestLoopbackPortNeedsPassword(t *testing.T) {
	t.Parallel()
	// Too long for a socket, so that the port is chosen without being asked for.
	dir := filepath.Join(folder(t), strings.Repeat("long", 25))
	s := start(t, Config{Dir: dir})
	if !strings.HasPrefix(s.Facts().Listen, "127.0.0.1:") {
		t.Fatalf("expected a loopback port, but got %s", s.Facts().Listen)
	}
	if got := query(t, s.URL(), "SELECT current_database()::text"); got != "weir" {
		t.Errorf("expected the database weir, but got %q", got)
	}
	password, err := readPassword(dir)
	if err != nil {
		t.Fatal(err)
	}
	wrong := strings.Replace(s.URL(), password, "guess", 1)
	if conn, err := pgx.Connect(t.Context(), wrong); err == nil {
		_ = conn.Close(t.Context())
		t.Error("expected a wrong password to be refused")
	}
	if info, err := os.Stat(passwordPath(dir)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("expected the password to be for its owner alone, but got %v, %v", info, err)
	}
}

// TestParentKilled kills the parent with rows acknowledged, and wants them back.
func TestParentKilled(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		orphan bool
		mode   os.FileMode
	}{
		{"death signal", false, 0o755}, // on Linux the server shuts down by itself
		{"orphan", true, 0o700},        // the server stays and has to be stopped
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := folder(t)
			if err := os.Chmod(filepath.Dir(dir), test.mode); err != nil {
				t.Fatal(err)
			}
			child := exec.Command(os.Args[0])
			child.Env = append(os.Environ(), childDir+"="+dir)
			if test.orphan {
				child.Env = append(child.Env, childOrphan+"=1")
			}
			child.Stderr = t.Output()
			out, err := child.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := child.Start(); err != nil {
				t.Fatal(err)
			}
			line, err := bufio.NewReader(out).ReadString('\n')
			pidText, url, ok := strings.Cut(strings.TrimSpace(line), " ")
			pid, pidErr := strconv.Atoi(pidText)
			if err != nil || !ok || pidErr != nil {
				t.Fatalf("expected pid and URL, but got %q, %v", line, err)
			}
			exec1(t, url, "SET synchronous_commit = on", "CREATE TABLE t (n int)", "INSERT INTO t SELECT generate_series(1, 1000)")
			if err := child.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			_ = child.Wait() // it was killed
			if test.orphan && !servesData(pid, filepath.Join(dir, "data")) {
				t.Error("expected the server to have outlived its parent, so that there is something to test")
			}
			s := start(t, Config{Dir: dir})
			if s.Facts().PID == pid {
				t.Error("expected a new server")
			}
			if servesData(pid, filepath.Join(dir, "data")) {
				t.Error("expected the old server to be gone")
			}
			if got := query(t, s.URL(), "SELECT count(*)::text FROM t"); got != "1000" {
				t.Errorf("expected 1000 rows, but got %s", got)
			}
		})
	}
}

// TestComesBack lets things go wrong with one data folder, one after the other.
func TestComesBack(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	s := start(t, Config{Dir: dir})
	exec1(t, s.URL(), "SET synchronous_commit = on", "CREATE TABLE t (n int)", "INSERT INTO t VALUES (1)")
	check := func(t *testing.T, s *Server) {
		t.Helper()
		if got := query(t, s.URL(), "SELECT n::text FROM t"); got != "1" {
			t.Errorf("expected the row, but got %q", got)
		}
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	}

	// Postgres itself is killed: it comes back by itself at the same address,
	// again and again.
	address := s.URL()
	for range 2 {
		killed(t, s)
		if got := query(t, address, "SELECT n::text FROM t"); got != "1" {
			t.Errorf("expected the row, but got %q", got)
		}
	}
	check(t, s)
	port := start(t, Config{Dir: folder(t), TCP: true})
	address = port.URL()
	killed(t, port)
	if got := query(t, address, "SELECT 1::text"); got != "1" {
		t.Errorf("expected the same port, but got %q", got)
	}

	// The pid file names a living process that is no Postgres.
	for _, file := range []string{
		filepath.Join(s.Facts().DataDir, "postmaster.pid"), filepath.Join(s.Facts().Listen, ".s.PGSQL.5432.lock"),
	} {
		if err := os.WriteFile(file, []byte(strconv.Itoa(os.Getpid())+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	check(t, start(t, Config{Dir: dir}))

	// A setting that Postgres does not know: what it says is in the error.
	_, err := Start(t.Context(), Config{Dir: dir, Settings: map[string]string{"no_such_setting": "1"}})
	if err == nil || !strings.Contains(err.Error(), "no_such_setting") {
		t.Errorf("expected Postgres's own message, but got %v", err)
	}
	check(t, start(t, Config{Dir: dir}))

	// The data is of another major version.
	if err := os.WriteFile(filepath.Join(s.Facts().DataDir, "PG_VERSION"), []byte("12\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = Start(t.Context(), Config{Dir: dir, search: &search{path: filepath.SplitList(os.Getenv("PATH"))}})
	if !errors.Is(err, ErrVersion) || !strings.Contains(err.Error(), "12") || !strings.Contains(err.Error(), s.Facts().Version) {
		t.Errorf("expected ErrVersion with both versions, but got %v", err)
	}
}

// killed kills the server and waits until it is back.
func killed(t *testing.T, s *Server) {
	t.Helper()
	before := s.Facts().PID
	process, err := os.FindProcess(before)
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Kill(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(60 * time.Second); s.Facts().PID == before; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("expected the server to be started again")
		}
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	if _, err := Start(t.Context(), Config{}); err == nil || !strings.Contains(err.Error(), "Dir") {
		t.Errorf("expected the field Dir to be named, but got %v", err)
	}
	if _, err := Start(t.Context(), Config{Dir: folder(t), BinDir: t.TempDir()}); !errors.Is(err, ErrNoBinaries) {
		t.Errorf("expected ErrNoBinaries, but got %v", err)
	}
	// A folder that holds something else.
	dir := folder(t)
	if err := os.MkdirAll(filepath.Join(dir, "data", "photos"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := Start(t.Context(), Config{Dir: dir}); err == nil || !strings.Contains(err.Error(), "data directory") {
		t.Errorf("expected a foreign folder to be left alone, but got %v", err)
	}
	// A crash between initdb and the move leaves a staging folder; after a
	// failure of this process nothing is left.
	if left, err := filepath.Glob(filepath.Join(dir, "initdb-*")); err != nil || len(left) > 0 {
		t.Errorf("expected no staging folder, but got %v, %v", left, err)
	}
}

// TestClosedParent runs as root below a folder that only root can enter, as
// /root is.
func TestClosedParent(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root runs Postgres as another user")
	}
	parent := folder(t)
	if err := os.MkdirAll(parent, 0o700); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(parent, "weir")
	s := start(t, Config{Dir: dir})
	if s.Facts().DataDir != filepath.Join(dir, "data") || !strings.HasPrefix(s.Facts().Listen, dir) {
		t.Errorf("expected data and socket below %s, but got %+v", dir, s.Facts())
	}
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	exec1(t, s.URL(), "SET synchronous_commit = on", "CREATE TABLE t AS SELECT generate_series(1, 50000) n", "CREATE INDEX ON t (n)", "CHECKPOINT")
	if got := query(t, s.URL(), "SELECT count(*)::text FROM t"); got != "50000" {
		t.Errorf("expected 50000 rows, but got %s", got)
	}
	killed(t, s)
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	again := start(t, Config{Dir: dir})
	if got := query(t, again.URL(), "SELECT count(*)::text FROM t"); got != "50000" {
		t.Errorf("expected 50000 rows again, but got %s", got)
	}
	if now, err := os.Getwd(); err != nil || now != here {
		t.Errorf("expected our own working directory to stay %s, but it is %s, %v", here, now, err)
	}
	port := start(t, Config{Dir: filepath.Join(parent, strings.Repeat("long", 25))})
	if got := query(t, port.URL(), "SELECT 1::text"); got != "1" || !strings.HasPrefix(port.Facts().Listen, "127.0.0.1:") {
		t.Errorf("expected a loopback port, but got %+v", port.Facts())
	}
}

// A folder may have any characters that a URL escapes.
func TestFolderWithSpaces(t *testing.T) {
	t.Parallel()
	s := start(t, Config{Dir: filepath.Join(filepath.Dir(folder(t)), "a b+c%d")})
	if got := query(t, s.URL(), "SELECT 'here'"); got != "here" {
		t.Errorf("expected to connect, but got %q", got)
	}
}
