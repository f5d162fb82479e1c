package privatepg

import (
	"fmt"
	"os"
	"syscall"
)

// setDeathSignal lets the kernel ask Postgres for a fast shutdown when the
// thread that started it is gone, so when this process is killed.
func setDeathSignal(attr *syscall.SysProcAttr) { attr.Pdeathsig = fastShutdown }

// inheritedFolder names the folder that a process was given as its first extra
// file. The kernel follows it without looking at the folders above.
const inheritedFolder = "/proc/self/fd/3"

// servesData says whether the process is a Postgres server on the data
// directory, which is a server's working directory.
func servesData(pid int, dataDir string) bool {
	cwd, err := os.Stat(fmt.Sprintf("/proc/%d/cwd", pid))
	if err != nil {
		return false
	}
	dir, err := os.Stat(dataDir)
	return err == nil && os.SameFile(cwd, dir)
}
