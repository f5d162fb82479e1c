//go:build unix && !linux

package privatepg

import (
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

// setDeathSignal has nothing to set: only Linux has such a signal. The next
// start shuts down what is left over.
func setDeathSignal(*syscall.SysProcAttr) {}

// inheritedFolder is empty: no name for an open folder passes by the folders
// above it.
const inheritedFolder = ""

// servesData says whether the process is a Postgres server on the data
// directory, which stands in the command line that this package starts.
func servesData(pid int, dataDir string) bool {
	out, err := exec.Command("ps", "-o", "command=", "-p", strconv.Itoa(pid)).Output() //nolint:gosec // a number
	return err == nil && strings.Contains(string(out), "postgres") && strings.Contains(string(out), dataDir)
}
