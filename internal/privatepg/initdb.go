package privatepg

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// ensureData makes the data directory if there is none, and reports whether it
// did. The cluster is made beside its place and then moved there, so that a
// crash in the middle leaves no half cluster behind.
func ensureData(ctx context.Context, cfg *Config, p place, b binaries, user runAs) (created bool, err error) {
	if _, err := os.Stat(p.data()); err == nil {
		if _, err := os.Stat(filepath.Join(p.data(), "PG_VERSION")); err != nil {
			return false, fmt.Errorf("expected a Postgres data directory in %s, but: %w", p.data(), err)
		}
		if o, _, err := ownerOf(p.data()); err == nil && user.change && o.uid != user.uid {
			// Somebody copied the folder as root.
			return false, user.own(p.data())
		}
		return false, nil
	} else if !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	staging, err := os.MkdirTemp(p.base, "initdb-")
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(staging)) }()
	password, err := newPassword(cfg.Dir)
	if err != nil {
		return false, err
	}
	passwordFile := filepath.Join(staging, "password")
	if err := os.WriteFile(passwordFile, []byte(password), 0o600); err != nil {
		return false, err
	}
	if err := user.own(staging); err != nil {
		return false, err
	}
	data := filepath.Join(staging, "data")
	args := []string{
		"--pgdata=" + p.seen(data), "--pwfile=" + p.seen(data) + "/../password",
		"--username=" + superuser, "--encoding=UTF8",
		// The folder of the socket lets nobody else in.
		"--auth-local=trust", "--auth-host=scram-sha-256",
		// Texts sort by their bytes, on every machine and in every release of
		// its locale data: a changed order would break indexes.
		"--lc-collate=C", "--lc-messages=C", "--lc-monetary=C", "--lc-numeric=C", "--lc-time=C",
	}
	// Upper and lower case of letters beyond ASCII, for searches.
	if err := runInitdb(ctx, p, b, user, data, append(args, "--lc-ctype=C.UTF-8")); err != nil {
		if ctx.Err() != nil {
			return false, err
		}
		cfg.Logger.Warn("this machine has no locale C.UTF-8: case-insensitive search knows ASCII only", slog.Any("error", err))
		if err := runInitdb(ctx, p, b, user, data, append(args, "--lc-ctype=C")); err != nil {
			return false, err
		}
	}
	return true, os.Rename(data, p.data())
}

// runInitdb makes a cluster in data, which it makes anew.
func runInitdb(ctx context.Context, p place, b binaries, user runAs, data string, args []string) error {
	if err := errors.Join(os.RemoveAll(data), os.Mkdir(data, 0o700), user.own(data)); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, b.initdb(), args...) //nolint:gosec // found by findBinaries
	cmd.SysProcAttr = user.sysProcAttr(false)
	cmd.Env = environment(user)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	process, err := startProcess(cmd, p, data)
	if err != nil {
		return fmt.Errorf("initdb: %w", err)
	}
	<-process.exited
	if process.err != nil {
		return fmt.Errorf("initdb: %w: %s", process.err, strings.TrimSpace(out.String()))
	}
	return nil
}

// environment keeps settings of the machine's owner (PGDATA, PGPORT, LC_ALL)
// away from our own server.
func environment(user runAs) []string {
	return []string{"PATH=" + os.Getenv("PATH"), "HOME=" + user.home, "LC_ALL=C", "TZ=UTC"}
}

func passwordPath(dir string) string { return filepath.Join(dir, "password") }

func newPassword(dir string) (string, error) {
	secret := make([]byte, 24)
	_, _ = rand.Read(secret) // never fails (crypto/rand)
	password := hex.EncodeToString(secret)
	return password, writeSecret(passwordPath(dir), password+"\n")
}

func readPassword(dir string) (string, error) {
	text, err := os.ReadFile(passwordPath(dir))
	if err != nil {
		return "", fmt.Errorf("password of the private Postgres: %w", err)
	}
	return strings.TrimSpace(string(text)), nil
}
