package main

import (
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/weir-bpm/weir/gateway"
	"github.com/weir-bpm/weir/projector"
)

func (a *app) historyCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "history", Short: "Remove what the read models need not keep"}
	cmd.AddCommand(a.cleanupCommand(), a.dropArchiveCommand())
	return cmd
}

func (a *app) cleanupCommand() *cobra.Command {
	var r gateway.CleanupRequest
	var before string
	cmd := &cobra.Command{
		Use: "cleanup", Short: "Remove ended instances whose time to live is over",
		Long: "Removes the instances that have ended and whose history time to live is over from the read models, each with those\n" +
			"that its call activities started. The server does the same every --history-cleanup-interval. The logs and the archive\n" +
			"stay: `weir replay ID` shows a removed instance.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			var err error
			if r.Before, err = timeFlag("before", before); err != nil {
				return err
			}
			if cmd.Flags().Changed("tenant") {
				r.Tenant = a.tenant
			}
			var out projector.CleanupReport
			if err := a.askFor(cmd.Context(), 2*time.Hour, "history_cleanup", &r, &out); err != nil {
				return err
			}
			return a.print(&out, func() { a.printCleanup(&out) })
		},
	}
	f := cmd.Flags()
	f.BoolVar(&r.DryRun, "dry-run", false, "count what would be removed, and remove nothing")
	f.StringVar(&before, "before", "", "only what was due by this time, in RFC 3339 (default: the engine's time)")
	f.StringVar(&r.ProcessID, "process", "", "only instances of this process, with all that they called")
	return cmd
}

func (a *app) printCleanup(r *projector.CleanupReport) {
	var rows [][]string
	for _, p := range r.Processes {
		rows = append(rows, []string{p.Tenant, p.ProcessID, strconv.FormatInt(p.Roots, 10)})
	}
	a.table("TENANT PROCESS INSTANCES", rows)
	a.printf("\n")
	rows = nil
	for _, t := range sortedTables(r.Rows) {
		rows = append(rows, []string{t, strconv.FormatInt(r.Rows[t], 10)})
	}
	a.table("TABLE ROWS", rows)
	what := "removed"
	if r.DryRun {
		what = "would remove"
	}
	a.printf("\n%s %d instances, %d of them called by others, that were due by %s, in %s\n", what, r.Instances, r.Instances-r.Roots, when(r.Before), r.Duration.Round(time.Millisecond))
}

func (a *app) dropArchiveCommand() *cobra.Command {
	var before string
	cmd := &cobra.Command{
		Use: "drop-archive", Short: "Drop whole days of the archive of transitions",
		Long: "Drops the archived transitions of whole UTC days before a time. The history of instances then begins later; `weir replay`\n" +
			"reads the log itself and still shows them, for as long as the log has them.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if before == "" {
				return usagef("--before is required: the time before which days are dropped, in RFC 3339")
			}
			var r gateway.DropArchiveRequest
			var err error
			if r.Before, err = timeFlag("before", before); err != nil {
				return err
			}
			var out gateway.DropArchiveResult
			if err := a.askFor(cmd.Context(), 10*time.Minute, "history_drop_archive", &r, &out); err != nil {
				return err
			}
			return a.print(&out, func() {
				if out.DroppedUpTo.IsZero() {
					a.printf("no day to drop\n")
					return
				}
				a.printf("dropped the archive up to %s\n", when(out.DroppedUpTo))
			})
		},
	}
	cmd.Flags().StringVar(&before, "before", "", "days that ended by this time, in RFC 3339 or as a date")
	return cmd
}

// timeFlag reads a time, or a date as its beginning in UTC; empty is the zero time.
func timeFlag(name, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339Nano, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	return time.Time{}, usageError{fmt.Errorf("--%s: expected a time such as 2026-03-01T09:00:00Z or a date, but got %q", name, text)}
}
