package snapshots_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/weir-bpm/weir/internal/embednats"
	"github.com/weir-bpm/weir/snapshots"
)

const childEnv = "WEIR_SNAPSHOTS_CHILD"

// TestMain lets the test binary be a process that is killed while it writes.
func TestMain(m *testing.M) {
	if dir := os.Getenv(childEnv); dir != "" {
		fmt.Println("error", writeForEver(dir))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// killed names the groups that the child writes to.
func killed() (names []string) {
	for i := range 200 {
		names = append(names, snapshots.GroupName(uint64(i)))
	}
	return names
}

// state is the state of round seq: its bytes follow from the sequence.
func state(seq uint64) []byte {
	return bytes.Repeat(fmt.Append(nil, seq, ";"), 50+int(seq%50)) //nolint:gosec // small
}

// bigState is a header that needs several messages.
func bigState(seq uint64) []byte {
	out := make([]byte, 1<<20+int(seq)) //nolint:gosec // small
	x := seq + 1
	for i := range out { // does not compress
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		out[i] = byte(x)
	}
	return out
}

// writeForEver writes rounds of all instances and then the header, and says
// which round is stored.
func writeForEver(dir string) error {
	s, err := embednats.Start(embednats.Config{Dir: dir, InProcess: true})
	if err != nil {
		return err
	}
	nc, err := s.Connect()
	if err != nil {
		return err
	}
	js, err := jetstream.New(nc)
	if err != nil {
		return err
	}
	store := snapshots.NewJetStream(js, snapshots.Config{})
	for seq := uint64(1); ; seq++ {
		var batch []snapshots.Named
		for _, name := range killed() {
			batch = append(batch, snapshots.Named{Name: name, Snapshot: snapshots.Snapshot{Seq: seq, Data: state(seq)}})
		}
		if err := store.PutBatch(context.Background(), 0, batch); err != nil {
			return err
		}
		if err := store.Put(context.Background(), 0, snapshots.Header, snapshots.Snapshot{Seq: seq, Data: bigState(seq)}); err != nil {
			return err
		}
		fmt.Println("stored", seq)
	}
}

// TestKilledWriter kills the process, server included, while it writes. What is
// read afterwards is the whole state of some sequence, or a mismatch, or
// nothing, and never anything else.
func TestKilledWriter(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for attempt := range 3 {
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), childEnv+"="+dir)
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewReader(out)
		for range 10 {
			line, err := lines.ReadString('\n')
			var seq uint64
			if _, scanErr := fmt.Sscanf(line, "stored %d", &seq); err != nil || scanErr != nil {
				t.Fatalf("expected a stored round, but got %q, %v", line, err)
			}
		}
		time.Sleep(time.Duration(attempt) * 7 * time.Millisecond) // somewhere in a round
		if err := child.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = child.Wait() // it was killed

		whole, header := readKilled(t, dir)
		t.Logf("attempt %d: %d of %d instances, header at %d", attempt, whole, len(killed()), header)
		if header == 0 {
			t.Error("expected one of the last generations of the header to be whole")
		}
	}
}

// readKilled checks all snapshots and returns how many instances are there, and
// the header's sequence.
func readKilled(t *testing.T, dir string) (whole int, header uint64) {
	t.Helper()
	s, err := embednats.Start(embednats.Config{Dir: dir, InProcess: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	}()
	nc, err := s.Connect()
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	store := snapshots.NewJetStream(js, snapshots.Config{})
	for _, name := range append(killed(), snapshots.Header) {
		snap, err := store.Get(t.Context(), 0, name)
		switch {
		case errors.Is(err, snapshots.ErrNotFound), errors.Is(err, snapshots.ErrMismatch):
			continue
		case err != nil:
			t.Fatal(err)
		}
		want := state
		if name == snapshots.Header {
			want = bigState
			header = snap.Seq
		} else {
			whole++
		}
		if !bytes.Equal(snap.Data, want(snap.Seq)) {
			t.Errorf("snapshot %s: the data is not that of sequence %d", name, snap.Seq)
		}
	}
	return whole, header
}
