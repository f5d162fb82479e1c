//go:build unix

package privatepg

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// runAs is the user that Postgres runs as.
type runAs struct {
	name     string
	home     string
	uid, gid uint32
	// change says that this is not the user of this process, which is root.
	change bool
}

// errNoUser names both ways out.
var errNoUser = errors.New("no user to run Postgres as: it refuses root, and neither a user postgres nor nobody exists; make one (useradd --system postgres) or run as another user")

// chooseUser returns the present user, or for root an unprivileged one. Data
// that already belongs to somebody stays with that user.
func chooseUser(dataDir string) (runAs, error) {
	me := runAs{uid: uint32(os.Geteuid()), gid: uint32(os.Getegid()), home: os.Getenv("HOME")} //nolint:gosec // ids fit
	owner, owned, err := ownerOf(dataDir)
	if err != nil {
		return runAs{}, err
	}
	if me.uid != 0 {
		if owned && owner.uid != me.uid {
			return runAs{}, fmt.Errorf("data directory %s belongs to user id %d, but this process runs as %d; run as that user or as root, or choose another data folder", dataDir, owner.uid, me.uid)
		}
		return me, nil
	}
	if owned && owner.uid != 0 {
		return owner, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, uidErr := strconv.ParseUint(u.Uid, 10, 32)
		gid, gidErr := strconv.ParseUint(u.Gid, 10, 32)
		if uidErr != nil || gidErr != nil || uid == 0 {
			continue
		}
		return runAs{name: name, home: u.HomeDir, uid: uint32(uid), gid: uint32(gid), change: true}, nil
	}
	return runAs{}, errNoUser
}

func ownerOf(path string) (owner runAs, exists bool, err error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return runAs{}, false, nil
	}
	if err != nil {
		return runAs{}, false, err
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return runAs{}, false, fmt.Errorf("stat %s: no owner", path)
	}
	return runAs{name: strconv.Itoa(int(st.Uid)), home: "/", uid: st.Uid, gid: st.Gid, change: true}, true, nil
}

// mayEnter says whether the user can reach the folder: each folder from the
// root down needs the right to be entered. The permission bits decide; access
// lists may widen them, which is not looked at.
func (r runAs) mayEnter(dir string) error {
	if !r.change {
		return nil // what this process cannot enter it finds out by itself
	}
	dir, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return err
	}
	for ; ; dir = filepath.Dir(dir) {
		info, err := os.Stat(dir)
		if err != nil {
			return err
		}
		st, ok := info.Sys().(*syscall.Stat_t)
		if !ok {
			return fmt.Errorf("stat %s: no owner", dir)
		}
		bit := fs.FileMode(0o001)
		switch {
		case st.Uid == r.uid:
			bit = 0o100
		case st.Gid == r.gid:
			bit = 0o010
		}
		if info.Mode()&bit == 0 {
			return fmt.Errorf("user %s cannot enter %s (mode %o)", r.name, dir, info.Mode().Perm())
		}
		if dir == filepath.Dir(dir) {
			return nil
		}
	}
}

// own gives the tree to the user.
func (r runAs) own(path string) error {
	if !r.change {
		return nil
	}
	return filepath.WalkDir(path, func(p string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(p, int(r.uid), int(r.gid)) //nolint:gosec // G122: the folder was just made and is root's, links are not followed
	})
}

// sysProcAttr starts a process as the user in a group of its own: Ctrl-C on a
// terminal reaches the whole foreground group, and Postgres has to outlive
// those who still write to it.
func (r runAs) sysProcAttr(dieWithParent bool) *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Setpgid: true}
	if r.change {
		attr.Credential = &syscall.Credential{Uid: r.uid, Gid: r.gid}
	}
	if dieWithParent {
		setDeathSignal(attr)
	}
	return attr
}

// The signals of a Postgres server.
const (
	fastShutdown      = syscall.SIGINT  // ends sessions, writes a checkpoint
	immediateShutdown = syscall.SIGQUIT // recovers at the next start
)

// alive says whether the process exists.
func alive(pid int) bool {
	err := syscall.Kill(pid, 0)
	return err == nil || errors.Is(err, syscall.EPERM)
}

func signal(pid int, sig syscall.Signal) error {
	if err := syscall.Kill(pid, sig); err != nil && !errors.Is(err, syscall.ESRCH) {
		return err
	}
	return nil
}
