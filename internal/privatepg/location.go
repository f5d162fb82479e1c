package privatepg

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
)

// sharedBinaries is where fetched binaries go when Postgres's user cannot enter
// the data folder.
const sharedBinaries = "/var/lib/weir/postgres-binaries"

// socketPathMax is the longest path of a unix socket that every system takes:
// 103 bytes on macOS, 107 on Linux.
const socketPathMax = 103

// place is where data and socket are.
type place struct {
	base string
	// closed says that Postgres's user cannot enter base, so that the server
	// gets its data directory as an open file, see startProcess.
	closed bool
}

func (p place) data() string { return filepath.Join(p.base, "data") }

// run is the folder of the socket, as a client sees it.
func (p place) run() string {
	if p.closed {
		return p.data()
	}
	return filepath.Join(p.base, "run")
}

func (p place) binaries() string {
	if p.closed {
		return sharedBinaries
	}
	return filepath.Join(p.base, "binaries")
}

// seen is how the server names a folder that it is given.
func (p place) seen(folder string) string {
	if p.closed {
		return inheritedFolder
	}
	return folder
}

// socketFits says whether the path of the unix socket is short enough.
func (p place) socketFits() bool {
	return len(filepath.Join(p.run(), ".s.PGSQL.5432")) <= socketPathMax
}

// locate finds the user that Postgres runs as, and whether that user can enter
// the data folder. Below /root or a temporary folder of root's it cannot, and
// rights of folders that we did not make are not ours to widen.
func locate(cfg *Config) (place, runAs, error) {
	p := place{base: cfg.Dir}
	user, err := chooseUser(p.data())
	if err != nil {
		return place{}, runAs{}, err
	}
	if err := user.mayEnter(p.base); err != nil {
		if inheritedFolder == "" {
			return place{}, runAs{}, fmt.Errorf("%w; choose a data folder that it can enter, or do not run as root", err)
		}
		p.closed = true
		cfg.Logger.Debug("Postgres gets its folder as an open file", slog.String("reason", err.Error()))
	}
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
