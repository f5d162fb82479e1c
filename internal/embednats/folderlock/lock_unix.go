//go:build unix

package folderlock

import (
	"errors"
	"os"
	"syscall"
)

var errWouldBlock = errors.New("held by another process")

// lock takes an exclusive lock without waiting. Go opens files close-on-exec,
// so a child process does not keep the lock of a dead parent.
func lock(file *os.File) error {
	err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return errWouldBlock
	}
	return err
}

// unlock ends the lock for all copies of the descriptor.
func unlock(file *os.File) error { return syscall.Flock(int(file.Fd()), syscall.LOCK_UN) }
