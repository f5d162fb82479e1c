package privatepg

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// stopLeftover shuts down a server that still runs on the data directory. The
// folder's lock is ours, so its parent is gone: either it is shutting down by
// itself, or it was never told. It is stopped and not adopted, because only a
// child of ours dies with us and tells us when it dies.
func stopLeftover(ctx context.Context, cfg *Config, p place) error {
	file := filepath.Join(p.data(), "postmaster.pid")
	pid, err := readPID(file)
	if err != nil {
		return err
	}
	if pid == 0 || !servesData(pid, p.data()) {
		// Postgres clears away the files of a dead server, but not if another
		// process of its user has the number by now.
		for _, name := range []string{file, filepath.Join(p.run(), ".s.PGSQL.5432.lock")} {
			if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
		return nil
	}
	cfg.Logger.Warn("shutting down the Postgres of a parent that was killed", slog.Int("pid", pid))
	for _, sig := range []syscall.Signal{fastShutdown, immediateShutdown} {
		if err := signal(pid, sig); err != nil {
			return fmt.Errorf("stop left-over Postgres %d: %w", pid, err)
		}
		gone, err := poll(ctx, cfg.StopTimeout, func() bool { return !servesData(pid, p.data()) })
		if err != nil || gone {
			return err
		}
	}
	return fmt.Errorf("left-over Postgres, process %d, does not stop; stop it by hand", pid)
}

// readPID reads the first line of postmaster.pid; 0 if there is no such file.
func readPID(file string) (int, error) {
	text, err := os.ReadFile(file) //nolint:gosec // in our own data directory
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	line, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil || pid <= 1 {
		return 0, nil //nolint:nilerr // cut off by a crash: nobody is behind it, and Postgres replaces it
	}
	return pid, nil
}

// poll waits until the condition holds, and reports whether it did in time.
func poll(ctx context.Context, limit time.Duration, done func() bool) (bool, error) {
	deadline := time.Now().Add(limit)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		if time.Now().After(deadline) {
			return false, nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return false, context.Cause(ctx)
		}
	}
	return true, nil
}
