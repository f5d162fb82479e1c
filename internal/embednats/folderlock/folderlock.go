// Package folderlock makes sure that a data folder is used by one process at a
// time. The lock ends with the process, kill -9 included, so that nobody has
// to clear anything away after a crash.
package folderlock

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// ErrHeld says that another process holds the lock.
var ErrHeld = errors.New("folder in use")

// Lock is a held lock. Release it with [Lock.Release].
type Lock struct {
	file *os.File
}

// Acquire locks the folder, which must exist, through a file of the name in
// it. The file holds the pid of the owner and stays when the lock is released:
// to remove it would let two processes lock two files of one name. A folder in
// use is [ErrHeld], with the owner's pid in the text.
func Acquire(folder, name string) (*Lock, error) {
	path := filepath.Join(folder, name)
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600) //nolint:gosec // the folder is the operator's choice
	if err != nil {
		return nil, fmt.Errorf("lock folder %s: %w", folder, err)
	}
	if err := lock(file); err != nil {
		owner := readOwner(file)
		_ = file.Close() // the lock's error is what matters
		if errors.Is(err, errWouldBlock) {
			return nil, fmt.Errorf("%w: %s is held by %s; stop that process or choose another data folder", ErrHeld, folder, owner)
		}
		return nil, fmt.Errorf("lock folder %s: %w", folder, err)
	}
	if err := writeOwner(file); err != nil {
		_ = file.Close()
		return nil, fmt.Errorf("lock folder %s: %w", folder, err)
	}
	return &Lock{file: file}, nil
}

// Release gives the folder free. It may be called more than once.
func (l *Lock) Release() error {
	if l == nil || l.file == nil {
		return nil
	}
	file := l.file
	l.file = nil
	// Closing alone would leave the lock to a child that has been forked and has
	// not yet begun its own program, which closes its copy of the descriptor.
	return errors.Join(unlock(file), file.Close())
}

func writeOwner(file *os.File) error {
	if err := file.Truncate(0); err != nil {
		return err
	}
	_, err := file.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	return err
}

// readOwner names the process that holds the lock, as far as the file tells.
func readOwner(file *os.File) string {
	text, err := io.ReadAll(io.LimitReader(file, 32))
	pid := strings.TrimSpace(string(text))
	if err != nil || pid == "" {
		return "another process"
	}
	return "process " + pid
}
