package privatepg

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
)

// fallbackRoot is where a root process puts the data when Postgres's user
// cannot enter the data folder.
const fallbackRoot = "/var/lib/weir"

// socketPathMax is the longest path of a unix socket that every system takes:
// 103 bytes on macOS, 107 on Linux.
const socketPathMax = 103

// place is where data and socket are.
type place struct{ base string }

func (p place) data() string     { return filepath.Join(p.base, "data") }
func (p place) run() string      { return filepath.Join(p.base, "run") }
func (p place) binaries() string { return filepath.Join(p.base, "binaries") }

// socketFits says whether the path of the unix socket is short enough.
func (p place) socketFits() bool {
	return len(filepath.Join(p.run(), ".s.PGSQL.5432")) <= socketPathMax
}

// locate finds where the data is or shall be, and the user it is run by. That
// is Dir, unless we are root and the user that Postgres has to run as cannot
// enter Dir, as below /root. Rights of folders that we did not make are not
// ours to widen, so the data then goes to /var/lib/weir, and the file location
// says so. The folder's name is random: who deletes Dir to begin anew does not
// meet the old rows.
func locate(cfg *Config) (place, runAs, error) {
	file := filepath.Join(cfg.Dir, "location")
	text, err := os.ReadFile(file) //nolint:gosec // below the data folder
	switch {
	case err == nil:
		p := place{base: strings.TrimSpace(string(text))}
		if _, err := os.Stat(p.base); err != nil {
			return place{}, runAs{}, fmt.Errorf("%s names the folder of the Postgres data, but: %w; bring it back, or remove the file to begin with an empty database", file, err)
		}
		user, err := chooseUser(p.data())
		if err != nil {
			return place{}, runAs{}, err
		}
		return p, user, user.mayEnter(p.base)
	case !errors.Is(err, fs.ErrNotExist):
		return place{}, runAs{}, err
	}

	p := place{base: cfg.Dir}
	user, err := chooseUser(p.data())
	if err != nil {
		return place{}, runAs{}, err
	}
	closed := user.mayEnter(p.base)
	if closed == nil {
		return p, user, nil
	}
	if _, err := os.Stat(p.data()); err == nil {
		return place{}, runAs{}, fmt.Errorf("data %s cannot be reached by Postgres: %w; allow it to be entered (chmod o+x) or move the data folder", p.data(), closed)
	}
	name := make([]byte, 8)
	_, _ = rand.Read(name) // never fails (crypto/rand)
	p.base = filepath.Join(fallbackRoot, "postgres-"+hex.EncodeToString(name))
	if err := mkdirOpen(p.base); err != nil {
		return place{}, runAs{}, fmt.Errorf("%w; and the folder to use instead: %w", closed, err)
	}
	if err := user.mayEnter(p.base); err != nil {
		return place{}, runAs{}, fmt.Errorf("%w; nor is there a folder to use instead: %w; choose a data folder that it can enter", closed, err)
	}
	if err := writeSecret(file, p.base+"\n"); err != nil {
		return place{}, runAs{}, err
	}
	cfg.Logger.Warn("Postgres data is kept outside the data folder, which its user cannot enter",
		slog.String("dir", cfg.Dir), slog.String("location", p.base), slog.String("reason", closed.Error()))
	return p, user, nil
}

// mkdirOpen makes the folder and its missing parents so that others can pass
// through, whatever the umask is.
func mkdirOpen(dir string) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	if err := mkdirOpen(filepath.Dir(dir)); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o755); err != nil && !errors.Is(err, fs.ErrExist) { //nolint:gosec // Postgres's user passes through; what is secret in it is 0600 or 0700
		return err
	}
	return os.Chmod(dir, 0o755) //nolint:gosec // as above
}

// writeSecret writes a new file whole or not at all, for its owner alone.
func writeSecret(path, text string) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*") // 0600
	if err != nil {
		return err
	}
	_, err = tmp.WriteString(text)
	err = errors.Join(err, tmp.Sync(), tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		_ = os.Remove(tmp.Name())
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}
