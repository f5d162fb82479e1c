package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/weir-bpm/weir/client"
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/ids"
)

// printResult prints the answer to a command.
func (a *app) printResult(r *commands.Result, format string, args ...any) error {
	return a.print(r, func() {
		a.printf(format+"\n", args...)
		a.printf("position %s:%d\n", r.Position.Partition, r.Position.Seq)
	})
}

// onID makes a subcommand that sends one command about the thing with an id.
func (a *app) onID(use, short string, flags func(*cobra.Command), build func(id string) (commands.Command, error), done string) *cobra.Command {
	cmd := &cobra.Command{
		Use: use, Short: short, Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := build(args[0])
			if err != nil {
				return err
			}
			return a.withClient(cmd.Context(), func(ctx context.Context, cl *client.Client) error {
				result, err := send(ctx, cl, args[0], c)
				if err != nil {
					return err
				}
				return a.printResult(result, "%s %s", args[0], done)
			})
		},
	}
	if flags != nil {
		flags(cmd)
	}
	return cmd
}

// send routes a command by an instance id or by an id inside an instance.
func send(ctx context.Context, c *client.Client, id string, cmd commands.Command) (*commands.Result, error) {
	if strings.Contains(id, "-") {
		return c.ByID(ctx, id, cmd)
	}
	in, err := ids.ParseInstance(id)
	if err != nil {
		return nil, commands.Reject(commands.CodeIDInvalid, "%v", err)
	}
	return c.Do(ctx, in, cmd)
}

func (a *app) startCommand() *cobra.Command {
	var start commands.StartInstance
	var vars, id string
	cmd := &cobra.Command{
		Use: "start PROCESS", Short: "Start an instance of a process", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			start.ProcessID = args[0]
			var err error
			if start.Variables, err = readVars(vars); err != nil {
				return err
			}
			return a.withClient(cmd.Context(), func(ctx context.Context, c *client.Client) error {
				r, err := c.Start(ctx, ids.Instance(id), start)
				if err != nil {
					return err
				}
				if r.Existing {
					return a.printResult(r, "%s exists already", r.InstanceID)
				}
				return a.printResult(r, "%s started (%s)", r.InstanceID, r.Definition)
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&vars, "vars", "", "variables as JSON, or @file")
	f.StringVar(&id, "id", "", "instance id (a ULID, such as weir id prints): makes the start idempotent")
	f.StringVar(&start.BusinessKey, "business-key", "", "business key")
	f.IntVar(&start.Version, "version", 0, "version instead of the latest")
	f.StringVar(&start.VersionTag, "version-tag", "", "newest version with the tag")
	f.BoolVar(&start.Form, "form", false, "the variables come through the form of the start event: convert and check them")
	f.StringVar(&start.StartedBy, "by", "", "who starts it; a process with candidate starters asks")
	f.StringSliceVar(&start.Groups, "groups", nil, "groups of who starts it")
	return cmd
}

func (a *app) cancelCommand() *cobra.Command {
	var c commands.CancelInstance
	return a.onID("cancel INSTANCE", "Cancel an instance", func(cmd *cobra.Command) {
		cmd.Flags().StringVar(&c.Reason, "reason", "", "reason, for the history")
	}, func(string) (commands.Command, error) { return &c, nil }, "canceled")
}

// completeCommand completes a job or a user task: which one, the engine's read
// models know, but the command must not wait for them; so it tries the job
// first.
func (a *app) completeCommand() *cobra.Command {
	var vars, by string
	var done commands.CompleteJob
	var adHoc commands.AdHocResult
	var activate []string
	var form bool
	cmd := &cobra.Command{
		Use: "complete ID", Short: "Complete a job or a user task", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			doc, err := readVars(vars)
			if err != nil {
				return err
			}
			return a.withClient(cmd.Context(), func(ctx context.Context, c *client.Client) error {
				done.JobID, done.Variables, done.Denied = args[0], doc, done.DeniedReason != ""
				for _, e := range activate {
					adHoc.Activities = append(adHoc.Activities, commands.Activity{ElementID: e})
				}
				if len(activate) > 0 || adHoc.Complete || adHoc.CancelRemaining {
					done.AdHoc = &adHoc
				}
				var r *commands.Result
				err := error(commands.Reject(commands.CodeJobNotFound, "a form is that of a user task"))
				if !form {
					r, err = c.ByID(ctx, args[0], &done)
				}
				if isCode(err, commands.CodeJobNotFound) && !done.Denied && done.AdHoc == nil {
					r, err = c.ByID(ctx, args[0], &commands.CompleteTask{TaskID: args[0], Variables: doc, By: by, Form: form})
					if isCode(err, commands.CodeTaskNotFound) {
						return commands.Reject(commands.CodeJobNotFound, "no job and no user task %s is open", args[0])
					}
				}
				if err != nil {
					return err
				}
				return a.printResult(r, "%s completed", args[0])
			})
		},
	}
	cmd.Flags().StringVar(&vars, "vars", "", "results as JSON, or @file")
	cmd.Flags().StringVar(&by, "by", "", "who did the user task")
	cmd.Flags().StringVar(&done.DeniedReason, "deny", "", "for the listener of a user task: refuse what the task is about to do, and why")
	cmd.Flags().StringSliceVar(&activate, "activate", nil, "for an ad-hoc subprocess: an element to begin; may be given several times")
	cmd.Flags().BoolVar(&adHoc.Complete, "finish", false, "for an ad-hoc subprocess: end it once nothing is active")
	cmd.Flags().BoolVar(&adHoc.CancelRemaining, "cancel-remaining", false, "for an ad-hoc subprocess: end what is active in it first")
	cmd.Flags().BoolVar(&form, "form", false, "the variables come through the form of the user task: convert and check them")
	return cmd
}

func (a *app) failCommand() *cobra.Command {
	var c commands.FailJob
	var retries int
	var backoff time.Duration
	return a.onID("fail JOB", "Record a failed attempt of a job", func(cmd *cobra.Command) {
		f := cmd.Flags()
		f.StringVar(&c.Message, "message", "", "what went wrong")
		f.IntVar(&retries, "retries", -1, "attempts left (default: one less than before)")
		f.DurationVar(&backoff, "backoff", -1, "wait before the next attempt (default: the model's or the engine's)")
	}, func(id string) (commands.Command, error) {
		c.JobID = id
		if retries >= 0 {
			c.Retries = &retries
		}
		if backoff >= 0 {
			ms := backoff.Milliseconds()
			c.BackoffMS = &ms
		}
		return &c, nil
	}, "failed")
}

func (a *app) throwCommand() *cobra.Command {
	var c commands.ThrowError
	var vars string
	return a.onID("throw JOB", "End a job with a BPMN error", func(cmd *cobra.Command) {
		f := cmd.Flags()
		f.StringVar(&c.Code, "code", "", "error code")
		f.StringVar(&c.Message, "message", "", "error message")
		f.StringVar(&vars, "vars", "", "variables as JSON, or @file")
	}, func(id string) (_ commands.Command, err error) {
		c.JobID = id
		c.Variables, err = readVars(vars)
		return &c, err
	}, "ended with the error")
}

func (a *app) setCommand() *cobra.Command {
	var c commands.SetVariables
	var vars string
	var scope int64
	return a.onID("set INSTANCE", "Write variables of an instance", func(cmd *cobra.Command) {
		f := cmd.Flags()
		f.StringVar(&vars, "vars", "", "variables as JSON, or @file")
		f.Int64Var(&scope, "scope", 0, "key of an element instance; 0 is the instance")
		f.BoolVar(&c.Local, "local", false, "write to the scope itself, not to the nearest that has the variable")
	}, func(string) (_ commands.Command, err error) {
		c.Scope = ids.Key(scope)
		c.Variables, err = readVars(vars)
		return &c, err
	}, "written")
}

func (a *app) assignCommand() *cobra.Command {
	var c commands.AssignTask
	return a.onID("assign TASK", "Assign or claim a user task", func(cmd *cobra.Command) {
		f := cmd.Flags()
		f.StringVar(&c.Assignee, "to", "", "assignee; empty clears it")
		f.BoolVar(&c.Claim, "claim", false, "refuse if someone else is assigned")
	}, func(id string) (commands.Command, error) {
		c.TaskID = id
		return &c, nil
	}, "assigned")
}

func (a *app) resolveCommand() *cobra.Command {
	var c commands.ResolveIncident
	return a.onID("resolve INCIDENT", "Try again what an incident stopped", func(cmd *cobra.Command) {
		cmd.Flags().IntVar(&c.Retries, "retries", 0, "attempts given to the job of the incident (default 1)")
	}, func(id string) (commands.Command, error) {
		c.IncidentID = id
		return &c, nil
	}, "resolved")
}

func (a *app) messageCommand() *cobra.Command {
	var m commands.PublishMessage
	var vars string
	var ttl time.Duration
	cmd := &cobra.Command{
		Use: "message NAME", Short: "Publish a message", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			m.Name, m.TTLMS = args[0], ttl.Milliseconds()
			var err error
			if m.Variables, err = readVars(vars); err != nil {
				return err
			}
			return a.withClient(cmd.Context(), func(ctx context.Context, c *client.Client) error {
				r, err := c.PublishMessage(ctx, m)
				if err != nil {
					return err
				}
				if r.Buffered {
					return a.printResult(r, "message %s is buffered for %s", r.MessageID, ttl)
				}
				return a.printResult(r, "message %s went to %s", r.MessageID, strings.Join(r.Receivers, ", "))
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&m.CorrelationKey, "key", "", "correlation key")
	f.StringVar(&m.MessageID, "message-id", "", "the sender's id: makes publishing idempotent while the message is buffered")
	f.StringVar(&m.BusinessKey, "business-key", "", "business key of the receiver, for messages without a correlation key")
	f.StringVar(&m.InstanceID, "instance", "", "the receiver, for messages without a correlation key")
	f.BoolVar(&m.Broadcast, "all", false, "give it to everyone who waits for it, not to one instance of each process")
	f.DurationVar(&ttl, "ttl", 0, "how long to buffer the message; with 0 it is refused when nobody waits for it")
	f.StringVar(&vars, "vars", "", "variables as JSON, or @file")
	return cmd
}

func (a *app) idCommand() *cobra.Command {
	var count int
	cmd := &cobra.Command{
		Use: "id", Short: "Print new instance ids, for starts by hand",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withClient(cmd.Context(), func(_ context.Context, c *client.Client) error {
				for range count {
					if _, err := fmt.Fprintln(a.out, c.NewInstanceID()); err != nil {
						return err
					}
				}
				return nil
			})
		},
	}
	cmd.Flags().IntVar(&count, "count", 1, "how many")
	return cmd
}
