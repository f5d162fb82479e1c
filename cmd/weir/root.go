package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/spf13/cobra"

	"github.com/weir-bpm/weir"
	"github.com/weir-bpm/weir/client"
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/gateway"
	"github.com/weir-bpm/weir/streams"
)

// The exit codes.
const (
	exitOK          = 0
	exitFailed      = 1 // the engine refused, or a check found faults
	exitUsage       = 2 // the command line or an input file is at fault
	exitUnavailable = 3 // no engine answered
)

// app is what every subcommand shares.
type app struct {
	in      io.Reader
	out     io.Writer
	errOut  io.Writer
	natsURL string
	tenant  string
	prefix  string
	json    bool
	timeout time.Duration
}

// Run runs a command line and returns the exit code.
func Run(ctx context.Context, args []string, in io.Reader, out, errOut io.Writer) int {
	a := &app{in: in, out: out, errOut: errOut}
	root := a.root()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitOK
	}
	return a.report(err)
}

// usageError is a fault of the command line.
type usageError struct{ error }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// errFound says that a check has found faults, which have been printed.
var errFound = errors.New("faults found")

// report prints an error once and returns its exit code.
func (a *app) report(err error) int {
	var rejection *commands.Error
	var usage usageError
	var remote *remoteError
	var network *net.OpError
	code, failure := exitFailed, gateway.Failure{Code: "failed", Message: err.Error()}
	switch {
	case errors.Is(err, errFound):
		return exitFailed
	case errors.As(err, &remote):
		failure = remote.Failure
		if remote.Code == string(commands.CodeUnavailable) {
			code = exitUnavailable
		}
	case errors.As(err, &rejection):
		failure = gateway.Failure{Code: string(rejection.Code), Message: rejection.Message}
		if rejection.Code == commands.CodeUnavailable {
			code = exitUnavailable
		}
	case errors.As(err, &usage):
		code, failure.Code = exitUsage, "usage"
	case errors.Is(err, jetstream.ErrBucketNotFound): // a NATS, but no engine with this prefix
		code, failure.Code = exitUnavailable, string(commands.CodeUnavailable)
	case errors.Is(err, nats.ErrNoServers), errors.Is(err, nats.ErrTimeout), errors.Is(err, nats.ErrNoResponders), errors.Is(err, context.DeadlineExceeded), errors.As(err, &network) && network.Op == "dial":
		code, failure.Code = exitUnavailable, string(commands.CodeUnavailable)
		failure.Message = fmt.Sprintf("no engine answered at %s: %v (is `weir up` running? choose the address with --nats)", a.natsURL, err)
	}
	if a.json {
		enc := json.NewEncoder(a.errOut)
		_ = enc.Encode(failure) //nolint:errcheck // nothing is left to tell
		return code
	}
	fmt.Fprintf(a.errOut, "weir: %s [%s]\n", failure.Message, failure.Code)
	for _, p := range failure.Problems {
		fmt.Fprintln(a.errOut, "  "+problemLine(p))
	}
	return code
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "weir",
		Short: "Run BPMN processes on a message log",
		Long: "Weir runs BPMN 2.0 processes as an event-sourced engine on NATS JetStream.\n\n" +
			"`weir up` starts everything in one process; the other commands talk to a running engine over NATS.",
		SilenceUsage: true, SilenceErrors: true, Version: weir.Version,
	}
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.errOut)
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	f := root.PersistentFlags()
	f.StringVar(&a.natsURL, "nats", envOr("WEIR_NATS", ""), "NATS server of the engine (WEIR_NATS); for up and serve: an external one instead of the embedded (default of the other commands: nats://127.0.0.1:4222)")
	f.StringVar(&a.tenant, "tenant", envOr("WEIR_TENANT", streams.DefaultTenant), "tenant (WEIR_TENANT)")
	f.StringVar(&a.prefix, "prefix", envOr("WEIR_PREFIX", streams.DefaultPrefix), "first token of all NATS subjects (WEIR_PREFIX)")
	f.BoolVar(&a.json, "json", false, "print JSON for programs")
	f.DurationVar(&a.timeout, "timeout", 30*time.Second, "how long to wait for an answer")
	// Without this, cobra's own complaint about an unknown subcommand is no usage
	// error.
	root.Args = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		hint := ""
		if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
			hint = "; did you mean " + strings.Join(near, " or ") + "?"
		}
		return usagef("there is no command %q%s (weir --help lists them)", args[0], hint)
	}
	root.SuggestionsMinimumDistance = 2
	root.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	root.AddCommand(
		a.upCommand(), a.serveCommand(),
		a.deployCommand(), a.startCommand(), a.cancelCommand(), a.completeCommand(), a.failCommand(), a.throwCommand(), a.messageCommand(), a.signalCommand(), a.evaluateCommand(), a.setCommand(), a.assignCommand(), a.updateTaskCommand(), a.resolveCommand(), a.activateCommand(), a.triggerCommand(),
		a.instancesCommand(), a.instanceCommand(), a.definitionsCommand(), a.decisionsCommand(), a.jobsCommand(), a.tasksCommand(), a.taskCommand(), a.incidentsCommand(), a.subscriptionsCommand(),
		a.replayCommand(), a.verifyCommand(), a.projectionsCommand(), a.historyCommand(), a.statusCommand(), a.workCommand(), a.clockCommand(), a.idCommand(),
		a.feelCommand(), a.dmnCommand(), a.lintCommand(),
	)
	noArgs(root)
	return root
}

// noArgs makes wrong numbers of arguments usage errors everywhere.
func noArgs(cmd *cobra.Command) {
	for _, c := range cmd.Commands() {
		check := c.Args
		c.Args = func(cmd *cobra.Command, args []string) error {
			if check == nil {
				check = cobra.NoArgs
			}
			if err := check(cmd, args); err != nil {
				return usageError{fmt.Errorf("%w (usage: %s)", err, cmd.UseLine())}
			}
			return nil
		}
		noArgs(c)
	}
}

func envOr(name, def string) string {
	if v := os.Getenv(name); v != "" {
		return v
	}
	return def
}

// connect opens a connection to the engine's NATS.
func (a *app) connect() (*nats.Conn, error) {
	if a.natsURL == "" {
		a.natsURL = nats.DefaultURL
	}
	return nats.Connect(a.natsURL, nats.Name("weir cli"), nats.Timeout(min(a.timeout, 5*time.Second)))
}

// withClient runs f with a client of the engine, within the timeout.
func (a *app) withClient(ctx context.Context, f func(ctx context.Context, c *client.Client) error) error {
	nc, err := a.connect()
	if err != nil {
		return err
	}
	defer nc.Close()
	ctx, cancel := context.WithTimeout(ctx, a.timeout)
	defer cancel()
	c, err := client.New(ctx, nc, client.WithTenant(a.tenant), client.WithPrefix(a.prefix))
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	return f(ctx, c)
}

// remoteError is a failure that the gateway told.
type remoteError struct{ gateway.Failure }

func (e *remoteError) Error() string { return e.Message + " [" + e.Code + "]" }

// ask sends a request to the gateway's NATS service and reads the answer.
func (a *app) ask(ctx context.Context, op string, request, into any) error {
	return a.askFor(ctx, a.timeout, op, request, into)
}

func (a *app) askFor(ctx context.Context, timeout time.Duration, op string, request, into any) error {
	nc, err := a.connect()
	if err != nil {
		return err
	}
	defer nc.Close()
	data, err := json.Marshal(request)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	msg, err := nc.RequestWithContext(ctx, streams.Names{Prefix: a.prefix}.API(op), data)
	if err != nil {
		return err
	}
	if msg.Header.Get("Nats-Service-Error-Code") != "" {
		failed := new(remoteError)
		if json.Unmarshal(msg.Data, &failed.Failure) != nil || failed.Code == "" {
			failed.Failure = gateway.Failure{Code: "internal", Message: msg.Header.Get("Nats-Service-Error")}
		}
		return failed
	}
	return json.Unmarshal(msg.Data, into)
}
