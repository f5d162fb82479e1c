package folderlock_test

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/weir-bpm/weir/internal/embednats/folderlock"
)

const childEnv = "WEIR_FOLDERLOCK_CHILD"

// TestMain lets the test binary be the other process.
func TestMain(m *testing.M) {
	if dir := os.Getenv(childEnv); dir != "" {
		if _, err := folderlock.Acquire(dir, "lock"); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println("locked")
		time.Sleep(time.Minute) // until killed
	}
	os.Exit(m.Run())
}

func TestOneOwner(t *testing.T) {
	dir := t.TempDir()
	first, err := folderlock.Acquire(dir, "lock")
	if err != nil {
		t.Fatal(err)
	}
	_, err = folderlock.Acquire(dir, "lock")
	if !errors.Is(err, folderlock.ErrHeld) || !strings.Contains(err.Error(), strconv.Itoa(os.Getpid())) {
		t.Fatalf("expected ErrHeld with pid %d, but got %v", os.Getpid(), err)
	}
	for range 2 {
		if err := first.Release(); err != nil {
			t.Fatal(err)
		}
	}
	again, err := folderlock.Acquire(dir, "lock")
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Release(); err != nil {
		t.Fatal(err)
	}
}

func TestLockEndsWithKilledProcess(t *testing.T) {
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
	if err != nil || line != "locked\n" {
		t.Fatalf("expected the child to lock, but got %q, %v", line, err)
	}
	if _, err := folderlock.Acquire(dir, "lock"); !errors.Is(err, folderlock.ErrHeld) || !strings.Contains(err.Error(), strconv.Itoa(child.Process.Pid)) {
		t.Fatalf("expected ErrHeld with pid %d, but got %v", child.Process.Pid, err)
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait() // it was killed
	l, err := folderlock.Acquire(dir, "lock")
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Release(); err != nil {
		t.Fatal(err)
	}
}

// A child that has been forked and has not begun its own program has a copy of
// the descriptor; the lock ends with its release all the same.
func TestReleaseWhileOthersFork(t *testing.T) {
	dir := t.TempDir()
	stop := make(chan struct{})
	done := make(chan error, 2)
	for range cap(done) {
		go func() {
			for {
				select {
				case <-stop:
					done <- nil
					return
				default:
				}
				if err := exec.Command(os.Args[0], "-test.run", "^$").Run(); err != nil {
					done <- err
					return
				}
			}
		}()
	}
	for end := time.Now().Add(2 * time.Second); time.Now().Before(end); {
		l, err := folderlock.Acquire(dir, "lock")
		if err != nil {
			t.Error(err)
			break
		}
		if err := l.Release(); err != nil {
			t.Error(err)
		}
	}
	close(stop)
	for range cap(done) {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}
