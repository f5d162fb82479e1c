package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/weir-bpm/weir/engine"
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/gateway"
	"github.com/weir-bpm/weir/projector"
)

// replayOutput is what the gateway's replay answers.
type replayOutput struct {
	InstanceID string `json:"instance_id"`
	Events     int64  `json:"events"`
	Steps      []struct {
		N     int64            `json:"n"`
		Kind  events.Kind      `json:"kind"`
		Time  time.Time        `json:"time"`
		Seq   uint64           `json:"seq"`
		Event json.RawMessage  `json:"event"`
		State engine.Portrayal `json:"state"`
	} `json:"steps"`
}

func (a *app) replayCommand() *cobra.Command {
	var r gateway.ReplayRequest
	cmd := &cobra.Command{
		Use: "replay ID", Short: "Rebuild an instance from the log, at any of its events", Args: cobra.ExactArgs(1),
		Long: "Rebuilds the state of an instance from the log with the functions that the engine itself uses, after the event\n" +
			"number --at of the instance (its history has the numbers), or after the newest. --trace prints the state after each event.",
		RunE: func(cmd *cobra.Command, args []string) error {
			r.Tenant.Tenant, r.InstanceID = a.tenant, args[0]
			if cmd.Flags().Changed("at") && r.At < 1 {
				return usagef("--at is %d; expected the number of an event, from 1 on", r.At)
			}
			var out replayOutput
			if err := a.askFor(cmd.Context(), max(a.timeout, 10*time.Minute), "replay", &r, &out); err != nil {
				return err
			}
			return a.print(&out, func() { a.printReplay(&out) })
		},
	}
	cmd.Flags().Int64Var(&r.At, "at", 0, "number of the event after which the state is shown, from 1 (default: the newest)")
	cmd.Flags().BoolVar(&r.Trace, "trace", false, "show the state after each event")
	return cmd
}

func (a *app) printReplay(o *replayOutput) {
	for i := range o.Steps {
		s := &o.Steps[i]
		a.printf("event %d  %s  %s  frame %d\n  %s\n", s.N, s.Time.UTC().Format(time.RFC3339Nano), s.Kind, s.Seq, short(s.Event, 160))
		st := &s.State
		state := "active"
		if st.Ended {
			state = "ended"
		}
		a.printf("  %s:%d %s\n", st.ProcessID, st.Version, state)
		for _, name := range st.Variables.Names() {
			data, err := st.Variables.MarshalJSON()
			if err == nil {
				var all map[string]json.RawMessage
				if json.Unmarshal(data, &all) == nil {
					a.printf("    %s = %s\n", name, short(all[name], 120))
				}
			}
		}
		for _, e := range st.Elements {
			tokens := ""
			for _, flow := range sortedNames(e.Tokens) {
				tokens += fmt.Sprintf("  %d waiting on %s", e.Tokens[flow], flow)
			}
			a.printf("    %s (%s) is active, key %d%s\n", e.ElementID, e.Type, e.Key, tokens)
		}
		for _, j := range st.Jobs {
			a.printf("    job %s of type %s, %d retries\n", j.ID, j.Type, j.Retries)
		}
		for _, t := range st.UserTasks {
			a.printf("    user task %s at %s\n", t.ID, t.ElementID)
		}
		for _, t := range st.Timers {
			a.printf("    timer %s is due %s\n", t.ElementID, when(time.UnixMilli(t.DueMS)))
		}
		for _, m := range st.Subscriptions {
			if m.Kind == "" {
				a.printf("    waits for message %q, key %q\n", m.Name, m.CorrelationKey)
			} else {
				a.printf("    waits for the %s %s of %s\n", m.Kind, m.Name, m.ElementID)
			}
		}
		for _, inc := range st.Incidents {
			a.printf("    incident at %s: %s [%s]\n", inc.ElementID, inc.Message, inc.Code)
		}
	}
}

func sortedNames(m map[string]int) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

func (a *app) verifyCommand() *cobra.Command {
	return &cobra.Command{
		Use: "verify", Short: "Check the hash chains, and that the projections equal the fold of the log",
		RunE: func(cmd *cobra.Command, _ []string) error {
			var v gateway.Verification
			if err := a.askFor(cmd.Context(), 2*time.Hour, "verify", &gateway.VerifyRequest{}, &v); err != nil {
				return err
			}
			if err := a.print(&v, func() { a.printVerification(&v) }); err != nil {
				return err
			}
			if !v.OK {
				return errFound
			}
			return nil
		},
	}
}

func (a *app) printVerification(v *gateway.Verification) {
	rows := rowsOf(v.Partitions, func(p *projector.VerifiedPartition) []string {
		return []string{p.Stream, strconv.FormatUint(p.Seq, 10), strconv.FormatInt(p.Events, 10), "whole"}
	})
	a.table("LOG FRAMES EVENTS HASH-CHAIN", rows)
	a.printf("\n")
	rows = nil
	for _, t := range sortedTables(v.Tables) {
		rows = append(rows, []string{t, strconv.FormatInt(v.Tables[t], 10)})
	}
	a.table("TABLE ROWS", rows)
	a.printf("\n")
	for _, d := range v.Differences {
		switch {
		case isNull(d.Actual):
			a.printf("%s %s is missing in the rows:\n  log  %s\n", d.Table, d.ID, short(d.Expected, 300))
			continue
		case isNull(d.Expected):
			a.printf("%s %s is not in the log:\n  rows %s\n", d.Table, d.ID, short(d.Actual, 300))
			continue
		}
		a.printf("%s %s differs in %v:\n  log  %s\n  rows %s\n", d.Table, d.ID, d.Columns, short(d.Expected, 300), short(d.Actual, 300))
	}
	if v.OK {
		a.printf("ok: every hash chain is whole, and the projections equal the fold of the log\n")
		return
	}
	a.printf("FAULTS: %d rows differ from the fold of the log; `weir projections rebuild` mends projections\n", v.Total)
}

// isNull says that one side of a difference has no row.
func isNull(row json.RawMessage) bool { return len(row) == 0 || string(row) == "null" }

func sortedTables(m map[string]int64) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

func (a *app) projectionsCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "projections", Short: "Look after the read models"}
	cmd.AddCommand(&cobra.Command{
		Use: "rebuild", Short: "Fold the read models anew from the logs, in a side schema, and swap them in",
		RunE: func(cmd *cobra.Command, _ []string) error {
			var r projector.RebuildReport
			if err := a.askFor(cmd.Context(), 2*time.Hour, "rebuild", &gateway.RebuildRequest{}, &r); err != nil {
				return err
			}
			return a.print(&r, func() {
				rate := float64(r.Events) / max(r.Duration.Seconds(), 0.001)
				a.printf("rebuilt from %d events in %s (%.0f events/s)\n", r.Events, r.Duration.Round(time.Millisecond), rate)
			})
		},
	})
	return cmd
}
