package main

import (
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/weir-bpm/weir/gateway"
)

func (a *app) statusCommand() *cobra.Command {
	var wait time.Duration
	cmd := &cobra.Command{
		Use: "status", Short: "Show owners, sequences, backlog and lag; idle when nothing is left to do",
		RunE: func(cmd *cobra.Command, _ []string) error {
			deadline := time.Now().Add(wait)
			for {
				var s gateway.Status
				if err := a.ask(cmd.Context(), "status", &gateway.StatusRequest{}, &s); err != nil {
					return err
				}
				if s.Idle || wait == 0 || time.Now().After(deadline) {
					if err := a.print(&s, func() { a.printStatus(&s) }); err != nil {
						return err
					}
					if wait > 0 && !s.Idle {
						return errFound
					}
					return nil
				}
				select {
				case <-cmd.Context().Done():
					return cmd.Context().Err()
				case <-time.After(50 * time.Millisecond):
				}
			}
		},
	}
	cmd.Flags().DurationVar(&wait, "wait-idle", 0, "wait until idle, at most this long; exit 1 if it is not by then")
	return cmd
}

func (a *app) printStatus(s *gateway.Status) {
	state := "busy"
	if s.Idle {
		state = "idle"
	}
	a.printf("%s, %d executors\n\n", state, len(s.Members))
	n := func(v uint64) string { return strconv.FormatUint(v, 10) }
	var rows [][]string
	for i := range s.Partitions {
		p := &s.Partitions[i]
		effects := "done"
		if !p.EffectsIdle {
			effects = "pending"
		}
		rows = append(rows, []string{
			p.Partition, dash(p.Member), n(p.Epoch), n(p.CommandSeq), n(p.Backlog), n(p.EventSeq), effects,
			n(p.ProjectedSeq), n(p.Lag), strconv.Itoa(p.Hot + p.Idle), strconv.Itoa(p.Timers),
		})
	}
	a.table("PARTITION OWNER EPOCH COMMANDS BACKLOG EVENTS EFFECTS PROJECTED LAG INSTANCES TIMERS", rows)
	a.printf("\ndefinitions: owner %s, sequence %d, backlog %d, lag %d\n", dash(s.Deploy.Owner), s.Deploy.Seq, s.Deploy.Backlog, s.Deploy.Lag)
	for i := range s.Partitions {
		p := &s.Partitions[i]
		if p.Error != "" {
			a.printf("partition %s is stopped: %s\n", p.Partition, p.Error)
		}
		if p.ProjectorError != "" {
			a.printf("the projection of partition %s is stopped: %s\n", p.Partition, p.ProjectorError)
		}
	}
	if s.EngineTimeMS > 0 {
		a.printf("engine time %s\n", when(time.UnixMilli(s.EngineTimeMS)))
	}
}

func (a *app) clockCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "clock", Short: "Move the engine's clock, where the server allows it (--allow-clock)"}
	move := func(use, short string, args cobra.PositionalArgs, build func(args []string) (*gateway.ClockRequest, error)) {
		cmd.AddCommand(&cobra.Command{
			Use: use, Short: short, Args: args,
			RunE: func(cmd *cobra.Command, args []string) error {
				r, err := build(args)
				if err != nil {
					return err
				}
				var out gateway.ClockResult
				if err := a.ask(cmd.Context(), "clock", r, &out); err != nil {
					return err
				}
				return a.print(&out, func() { a.printf("engine time %s\n", out.Time.UTC().Format(time.RFC3339Nano)) })
			},
		})
	}
	move("pin [TIME]", "Stop the clock, at a time in RFC 3339 or now", cobra.MaximumNArgs(1), func(args []string) (*gateway.ClockRequest, error) {
		r := &gateway.ClockRequest{Op: "pin"}
		if len(args) == 1 {
			t, err := time.Parse(time.RFC3339Nano, args[0])
			if err != nil {
				return nil, usagef("the time: %w", err)
			}
			r.Time = t
		}
		return r, nil
	})
	move("advance DURATION", "Move the clock forward, by a duration such as 36h or P1D", cobra.ExactArgs(1), func(args []string) (*gateway.ClockRequest, error) {
		by, err := parseDuration(args[0])
		if err != nil {
			return nil, err
		}
		return &gateway.ClockRequest{Op: "advance", ByMS: by.Milliseconds()}, nil
	})
	move("reset", "Give back the system's time", cobra.NoArgs, func([]string) (*gateway.ClockRequest, error) {
		return &gateway.ClockRequest{Op: "reset"}, nil
	})
	move("show", "Print the engine's time", cobra.NoArgs, func([]string) (*gateway.ClockRequest, error) {
		return &gateway.ClockRequest{Op: "show"}, nil
	})
	return cmd
}
