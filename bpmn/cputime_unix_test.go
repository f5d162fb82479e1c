//go:build unix

package bpmn

import (
	"syscall"
	"time"
)

// cpuTime is what the process has computed so far. Unlike the clock it does not
// go on while others have the processors.
func cpuTime() time.Duration {
	var use syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &use) != nil {
		return 0
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}
