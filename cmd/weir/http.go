package main

import (
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/weir-bpm/weir"
)

// workerFlags are the flags of the built-in HTTP worker.
type workerFlags struct {
	reach     string
	timeout   time.Duration
	response  int64
	redirects int
}

func (f *workerFlags) add(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.StringVar(&f.reach, "http-worker", envOr("WEIR_HTTP_WORKER", "public"), "where built-in HTTP jobs may go: public addresses, private ones too, or off (WEIR_HTTP_WORKER)")
	fl.DurationVar(&f.timeout, "http-worker-timeout", time.Minute, "limit of one HTTP job's request, its redirects and answer included")
	fl.Int64Var(&f.response, "http-worker-max-response", 1<<20, "limit of an HTTP job's answer, in bytes")
	fl.IntVar(&f.redirects, "http-worker-redirects", 10, "how many redirects an HTTP job follows, 0 for none")
}

func (f *workerFlags) apply(cfg *weir.Config) error {
	switch {
	case f.timeout <= 0:
		return usagef("--http-worker-timeout is %s; expected more than 0", f.timeout)
	case f.response <= 0:
		return usagef("--http-worker-max-response is %d; expected more than 0", f.response)
	case f.redirects < 0:
		return usagef("--http-worker-redirects is %d; expected 0 or more", f.redirects)
	}
	w := &cfg.HTTPWorker
	w.Timeout, w.MaxResponseBytes, w.MaxRedirects = f.timeout, f.response, f.redirects
	if f.redirects == 0 {
		w.MaxRedirects = -1
	}
	switch f.reach {
	case "public":
	case "private":
		w.AllowPrivate = true
	case "off":
		if len(cfg.Roles) == 0 {
			cfg.Roles = weir.Roles()
		}
		cfg.Roles = slices.DeleteFunc(cfg.Roles, func(r weir.Role) bool { return r == weir.RoleWorker })
		if len(cfg.Roles) == 0 {
			return usagef("--http-worker off leaves no role to run")
		}
	default:
		return usagef("--http-worker is %q; expected public, private or off", f.reach)
	}
	return nil
}
