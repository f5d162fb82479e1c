package embednats_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/weir-bpm/weir/internal/embednats"
	"github.com/weir-bpm/weir/internal/embednats/folderlock"
)

const childEnv = "WEIR_EMBEDNATS_CHILD"

// TestMain lets the test binary be a process that is killed.
func TestMain(m *testing.M) {
	if dir := os.Getenv(childEnv); dir != "" {
		s, err := embednats.Start(embednats.Config{Dir: dir})
		if err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
		fmt.Println(s.ClientURL())
		time.Sleep(time.Minute) // until killed
	}
	os.Exit(m.Run())
}

func start(t *testing.T, cfg embednats.Config) *embednats.Server {
	t.Helper()
	s, err := embednats.Start(cfg)
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

func stream(t *testing.T, nc *nats.Conn) (jetstream.JetStream, jetstream.Stream) {
	t.Helper()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	st, err := js.CreateOrUpdateStream(t.Context(), jetstream.StreamConfig{Name: "S", Subjects: []string{"s"}})
	if err != nil {
		t.Fatal(err)
	}
	return js, st
}

func TestStartStopAgain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := start(t, embednats.Config{Dir: dir})
	nc, err := nats.Connect(first.ClientURL())
	if err != nil {
		t.Fatal(err)
	}
	if nc.MaxPayload() != embednats.MaxPayload {
		t.Errorf("expected a largest message of %d bytes, but got %d", embednats.MaxPayload, nc.MaxPayload())
	}
	if !strings.HasPrefix(first.ClientURL(), "nats://127.0.0.1:") {
		t.Errorf("expected loopback, but got %s", first.ClientURL())
	}
	js, _ := stream(t, nc)
	large := bytes.Repeat([]byte("x"), embednats.MaxPayload-1024)
	if _, err := js.Publish(t.Context(), "s", large); err != nil {
		t.Fatal(err)
	}
	_, err = embednats.Start(embednats.Config{Dir: dir})
	if !errors.Is(err, folderlock.ErrHeld) || !strings.Contains(err.Error(), strconv.Itoa(os.Getpid())) {
		t.Errorf("expected the folder to be refused with the pid of its owner, but got %v", err)
	}
	nc.Close()
	for range 2 {
		if err := first.Stop(); err != nil {
			t.Fatal(err)
		}
	}

	second := start(t, embednats.Config{Dir: dir, InProcess: true})
	if url := second.ClientURL(); url != "" {
		t.Errorf("expected no address, but got %s", url)
	}
	inside, err := second.Connect()
	if err != nil {
		t.Fatal(err)
	}
	defer inside.Close()
	_, st := stream(t, inside)
	msg, err := st.GetMsg(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(msg.Data, large) {
		t.Error("expected the message to be found again whole")
	}
}

func TestPortTaken(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	port := l.Addr().(*net.TCPAddr).Port //nolint:forcetypeassert // a TCP listener
	dir := t.TempDir()
	_, err = embednats.Start(embednats.Config{Dir: dir, Port: port})
	if !errors.Is(err, embednats.ErrListen) || !strings.Contains(err.Error(), strconv.Itoa(port)) {
		t.Fatalf("expected ErrListen with port %d, but got %v", port, err)
	}
	// Nothing is left of the failed start: the folder is free.
	start(t, embednats.Config{Dir: dir})
}

func TestFieldNamed(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		cfg   embednats.Config
		field string
	}{
		{embednats.Config{}, "Dir"},
		{embednats.Config{Dir: "x", Port: 70000}, "Port"},
		{embednats.Config{Dir: "x", MaxStore: -1}, "MaxStore"},
	} {
		if _, err := embednats.Start(test.cfg); err == nil || !strings.Contains(err.Error(), test.field) {
			t.Errorf("expected an error that names %s, but got %v", test.field, err)
		}
	}
}

// TestAcknowledgedSurvivesKill kills the process and wants each acknowledged
// message back. (A kill does not tell what a power cut would; that each write
// is synced is shown by the option alone.)
func TestAcknowledgedSurvivesKill(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childEnv+"="+dir)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || !strings.HasPrefix(line, "nats://") {
		t.Fatalf("expected an address, but got %q, %v", line, err)
	}
	nc, err := nats.Connect(strings.TrimSpace(line), nats.NoReconnect())
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	js, _ := stream(t, nc)
	const n = 200
	for i := range n {
		if _, err := js.Publish(t.Context(), "s", []byte(strconv.Itoa(i))); err != nil {
			t.Fatal(err)
		}
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait() // it was killed
	s := start(t, embednats.Config{Dir: dir})
	inside, err := s.Connect()
	if err != nil {
		t.Fatal(err)
	}
	defer inside.Close()
	_, st := stream(t, inside)
	for i := range n {
		msg, err := st.GetMsg(t.Context(), uint64(i+1))
		if err != nil || string(msg.Data) != strconv.Itoa(i) {
			t.Fatalf("message %d: expected it back, but got %v, %v", i+1, msg, err)
		}
	}
}

// recorder keeps what is logged.
type recorder struct {
	slog.Handler
	records chan slog.Record
}

func (r recorder) Handle(_ context.Context, rec slog.Record) error {
	select {
	case r.records <- rec:
	default:
	}
	return nil
}

func TestLogsThroughSlog(t *testing.T) {
	t.Parallel()
	r := recorder{slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelDebug}), make(chan slog.Record, 1000)}
	s := start(t, embednats.Config{Dir: t.TempDir(), Host: "0.0.0.0", Logger: slog.New(r)})
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	levels := map[slog.Level]int{}
	for len(r.records) > 0 {
		levels[(<-r.records).Level]++
	}
	if levels[slog.LevelDebug] == 0 || levels[slog.LevelInfo] != 1 || levels[slog.LevelWarn] == 0 || levels[slog.LevelError] != 0 {
		t.Errorf("expected the server's notices as debug, one info line of ours and a warning about the open address, but got %v", levels)
	}
}
