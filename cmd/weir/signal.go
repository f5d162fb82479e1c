package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/weir-bpm/weir/client"
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/gateway"
	"github.com/weir-bpm/weir/projector"
)

func (a *app) signalCommand() *cobra.Command {
	var s commands.BroadcastSignal
	var vars string
	cmd := &cobra.Command{
		Use: "signal NAME", Short: "Send a signal to all that wait for it", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			s.Name = args[0]
			var err error
			if s.Variables, err = readVars(vars); err != nil {
				return err
			}
			return a.withClient(cmd.Context(), func(ctx context.Context, c *client.Client) error {
				r, err := c.BroadcastSignal(ctx, s)
				if err != nil {
					return err
				}
				return a.printStarted(r, "signal "+s.Name+" was sent")
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&s.BusinessKey, "business-key", "", "business key of the instances that the signal starts")
	f.StringVar(&vars, "vars", "", "variables as JSON, or @file")
	return cmd
}

func (a *app) evaluateCommand() *cobra.Command {
	var e commands.Evaluate
	var vars string
	cmd := &cobra.Command{
		Use: "evaluate", Short: "Start processes by their conditional start events", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var err error
			if e.Variables, err = readVars(vars); err != nil {
				return err
			}
			return a.withClient(cmd.Context(), func(ctx context.Context, c *client.Client) error {
				r, err := c.Evaluate(ctx, e)
				if err != nil {
					return err
				}
				return a.printStarted(r, "conditions were evaluated")
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&e.ProcessID, "process", "", "look at this process alone")
	f.StringVar(&e.BusinessKey, "business-key", "", "business key of the instances that are started")
	f.StringVar(&vars, "vars", "", "variables as JSON, or @file")
	return cmd
}

// printStarted prints the instances that a command has started.
func (a *app) printStarted(r *commands.Result, what string) error {
	if len(r.Receivers) == 0 {
		return a.printResult(r, "%s; it started no instance", what)
	}
	return a.printResult(r, "%s; it started %s", what, strings.Join(r.Receivers, ", "))
}

func (a *app) subscriptionsCommand() *cobra.Command {
	var r gateway.SubscriptionsRequest
	cmd := &cobra.Command{
		Use: "subscriptions", Short: "List what instances wait for: messages, signals, conditions, triggers",
		RunE: func(cmd *cobra.Command, _ []string) error {
			r.Tenant.Tenant = a.tenant
			return list(a, cmd, "subscriptions", &r, "SUBSCRIPTION ELEMENT KIND NAME KEY STATE OPENED", func(s *projector.Subscription) []string {
				return []string{s.ID, s.ElementID, s.Kind, dash(s.Name), dash(s.CorrelationKey), s.State, when(s.OpenedAt)}
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&r.State, "state", "open", "open or closed; empty for all")
	f.StringVar(&r.Kind, "kind", "", "message, signal or condition; empty for all")
	f.StringVar(&r.Name, "name", "", "only this message or signal")
	f.StringVar(&r.CorrelationKey, "key", "", "only this correlation key")
	f.StringVar(&r.InstanceID, "instance", "", "only those of this instance")
	pageFlags(cmd, &r.Page)
	return cmd
}
