package privatepg

import (
	"errors"
	"syscall"
)

// errWindows: a server on Windows is stopped through other means than signals.
var errWindows = errors.New("a private Postgres is not supported on Windows; run one yourself and name it with its URL")

type runAs struct {
	name, home string
	uid        uint32
	change     bool
}

func chooseUser(string) (runAs, error)              { return runAs{}, errWindows }
func (runAs) mayEnter(string) error                 { return nil }
func (runAs) own(string) error                      { return nil }
func (runAs) sysProcAttr(bool) *syscall.SysProcAttr { return nil }
func alive(int) bool                                { return false }
func servesData(int, string) bool                   { return false }
func signal(int, syscall.Signal) error              { return errWindows }

const (
	fastShutdown      = syscall.SIGINT
	immediateShutdown = syscall.SIGQUIT
)

func ownerOf(string) (runAs, bool, error) { return runAs{}, false, errWindows }

const inheritedFolder = ""
