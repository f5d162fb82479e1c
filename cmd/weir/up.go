package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/weir-bpm/weir"
	"github.com/weir-bpm/weir/expression/timers"
	"github.com/weir-bpm/weir/ids"
)

// serverFlags are the flags of up and serve.
type serverFlags struct {
	dir, http, natsListen, postgres, schema, logLevel string
	partitions, replicas, maxVariables                int
	partitionsSet                                     bool
	passivateAfter, checkpointEvery, cleanupInterval  time.Duration
	maxLag                                            uint64
	memory                                            int64
	allowClock                                        bool
	timeZone, timerCatchUp                            string
	roles                                             []string
	worker                                            workerFlags
}

func (f *serverFlags) add(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.StringVar(&f.dir, "data", envOr("WEIR_DATA", "weir-data"), "data folder (WEIR_DATA)")
	fl.StringVar(&f.http, "http", envOr("WEIR_HTTP", "127.0.0.1:8080"), "address of the HTTP interface; empty for none (WEIR_HTTP)")
	fl.StringVar(&f.natsListen, "nats-listen", envOr("WEIR_NATS_LISTEN", "127.0.0.1:4222"), "address of the embedded nats-server (WEIR_NATS_LISTEN)")
	fl.StringVar(&f.postgres, "postgres", envOr("WEIR_POSTGRES", ""), "an external Postgres instead of the private one, as a URL (WEIR_POSTGRES)")
	fl.StringVar(&f.schema, "schema", envOr("WEIR_SCHEMA", "weir"), "Postgres schema of the read models (WEIR_SCHEMA)")
	fl.StringVar(&f.logLevel, "log-level", envOr("WEIR_LOG_LEVEL", "warn"), "debug, info, warn or error (WEIR_LOG_LEVEL)")
	fl.IntVar(&f.partitions, "partitions", 0, "number of partitions, up to 1024; more than before are added (default: as many as there are, 4 in a new cluster)")
	fl.IntVar(&f.replicas, "replicas", 1, "copies of each stream, 1 or 3; for an external NATS cluster")
	fl.IntVar(&f.maxVariables, "max-variables", 1<<20, "limit of one variable document, in bytes")
	fl.DurationVar(&f.passivateAfter, "passivate-after", 30*time.Second, "how long an instance rests before its state leaves memory")
	fl.DurationVar(&f.checkpointEvery, "checkpoint-every", 30*time.Second, "how often partitions write checkpoints")
	fl.DurationVar(&f.cleanupInterval, "history-cleanup-interval", time.Minute, "how often instances whose time to live is over are removed from the read models; 0 for never")
	fl.Uint64Var(&f.maxLag, "max-lag", 20_000, "how many frames the read models may be behind before intake is slowed")
	fl.Int64Var(&f.memory, "memory-limit", 0, "soft limit of this process's memory, in MiB: near it, memory is collected more often; 0 for none")
	fl.StringVar(&f.timeZone, "time-zone", envOr("WEIR_TIME_ZONE", "UTC"), "zone of timers whose text names none, such as Europe/Berlin (WEIR_TIME_ZONE)")
	fl.StringVar(&f.timerCatchUp, "timer-catch-up", "once", "what the cycle of a timer does after an outage: once, or each time that has passed")
	f.worker.add(cmd)
	fl.BoolVar(&f.allowClock, "allow-clock", false, "let weir clock move the engine's time; for tests")
}

func (f *serverFlags) config(a *app) (weir.Config, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(f.logLevel)); err != nil {
		return weir.Config{}, usagef("--log-level: %w", err)
	}
	cfg := weir.Config{
		Dir: f.dir, NATSURL: a.natsURL, PostgresURL: f.postgres, Schema: f.schema, Prefix: a.prefix, HTTP: f.http,
		Partitions: f.partitions, Replicas: f.replicas, MaxVariablesBytes: f.maxVariables,
		PassivateAfter: f.passivateAfter, CheckpointEvery: f.checkpointEvery, MaxLag: f.maxLag, AllowClock: f.allowClock,
		TimeZone: f.timeZone, TimerCatchUp: f.timerCatchUp, HistoryCleanupInterval: f.cleanupInterval,
		Logger: slog.New(slog.NewTextHandler(a.errOut, &slog.HandlerOptions{Level: level})),
	}
	if f.cleanupInterval < 0 {
		return cfg, usagef("--history-cleanup-interval is %s; expected a duration, or 0 for never", f.cleanupInterval)
	}
	if f.cleanupInterval == 0 {
		cfg.HistoryCleanupInterval = -1
	}
	if f.partitionsSet && f.partitions < 1 || f.partitions > ids.MaxPartitions {
		return cfg, usagef("--partitions is %d; expected 1 to %d", f.partitions, ids.MaxPartitions)
	}
	if _, err := timers.LoadZone(f.timeZone); err != nil {
		return cfg, usagef("--time-zone: %w", err)
	}
	if f.timerCatchUp != "once" && f.timerCatchUp != "each" {
		return cfg, usagef("--timer-catch-up is %q; expected once or each", f.timerCatchUp)
	}
	if f.replicas != 1 && f.replicas != 3 {
		return cfg, usagef("--replicas is %d; expected 1 or 3", f.replicas)
	}
	if f.replicas > 1 && a.natsURL == "" {
		return cfg, usagef("--replicas %d needs a NATS cluster, by --nats; the embedded server keeps one copy", f.replicas)
	}
	for _, r := range f.roles {
		cfg.Roles = append(cfg.Roles, weir.Role(r))
	}
	if err := f.worker.apply(&cfg); err != nil {
		return cfg, err
	}
	if a.natsURL == "" {
		host, port, err := net.SplitHostPort(f.natsListen)
		if err != nil {
			return cfg, usagef("--nats-listen: %w", err)
		}
		if cfg.NATSPort, err = strconv.Atoi(port); err != nil {
			return cfg, usagef("--nats-listen: %q is no port", port)
		}
		cfg.NATSHost = host
	}
	return cfg, nil
}

func (a *app) upCommand() *cobra.Command {
	var f serverFlags
	cmd := &cobra.Command{
		Use:   "up",
		Short: "Start everything in one process: NATS, Postgres, executor, projector, gateway, HTTP worker",
		Long: "Starts an embedded nats-server and a private Postgres below the data folder, and the whole engine on them.\n" +
			"With --nats or --postgres it uses external servers instead. Ctrl-C stops it cleanly; the next start finds its data again.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			f.partitionsSet = cmd.Flags().Changed("partitions")
			return a.serve(cmd.Context(), &f)
		},
	}
	f.add(cmd)
	return cmd
}

func (a *app) serveCommand() *cobra.Command {
	var f serverFlags
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run some roles against an existing NATS cluster and Postgres",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if a.natsURL == "" {
				return usagef("--nats is required: serve joins an existing NATS (use `weir up` for an embedded one)")
			}
			reads := slices.Contains(f.roles, string(weir.RoleProjector)) || slices.Contains(f.roles, string(weir.RoleGateway))
			if f.postgres == "" && (reads || len(f.roles) == 0) {
				return usagef("--postgres is required by the roles projector and gateway")
			}
			f.partitionsSet = cmd.Flags().Changed("partitions")
			return a.serve(cmd.Context(), &f)
		},
	}
	f.add(cmd)
	cmd.Flags().StringSliceVar(&f.roles, "roles", []string{"executor", "projector", "gateway", "worker"}, "roles to run; worker does the built-in HTTP jobs")
	return cmd
}

// closeTimeout bounds a clean stop.
const closeTimeout = 60 * time.Second

func (a *app) serve(ctx context.Context, f *serverFlags) error {
	cfg, err := f.config(a)
	if err != nil {
		return err
	}
	if f.memory > 0 {
		debug.SetMemoryLimit(f.memory << 20)
	}
	began := time.Now()
	w, err := weir.Open(ctx, cfg)
	if err != nil {
		return err
	}
	if err := a.announce(w, f, time.Since(began)); err != nil {
		return err
	}
	<-ctx.Done()
	fmt.Fprintln(a.errOut, "stopping…")
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTimeout)
	defer cancel()
	if err := w.Close(stop); err != nil {
		return fmt.Errorf("stop: %w", err)
	}
	fmt.Fprintln(a.errOut, "stopped")
	return nil
}

// announce prints what listens where.
func (a *app) announce(w *weir.Weir, f *serverFlags, took time.Duration) error {
	postgres := redact(w.PostgresURL())
	info := map[string]any{
		"nats": w.NATSURL(), "http": w.HTTPAddr(), "postgres": postgres,
		"data": w.DataDir(), "partitions": w.Partitions(), "pid": os.Getpid(), "version": weir.Version,
	}
	if secret := w.PostgresPasswordFile(); secret != "" {
		info["postgres_password_file"] = secret
	}
	return a.print(info, func() {
		a.printf("Weir %s is up after %s, %d partitions\n\n", weir.Version, took.Round(time.Millisecond), w.Partitions())
		a.printf("  NATS      %s\n", w.NATSURL())
		if w.HTTPAddr() != "" {
			a.printf("  HTTP      http://%s\n", w.HTTPAddr())
		}
		if postgres != "" {
			a.printf("  Postgres  %s\n", postgres)
		}
		if secret := w.PostgresPasswordFile(); secret != "" {
			a.printf("            (its password is in %s)\n", secret)
		}
		if w.DataDir() != "" {
			a.printf("  Data      %s\n", w.DataDir())
		}
		if f.allowClock {
			a.printf("  Clock     can be moved (--allow-clock)\n")
		}
		a.printf("\nCtrl-C stops.\n")
	})
}

// redact hides the password of a database address.
func redact(url string) string {
	at := strings.LastIndexByte(url, '@')
	scheme := strings.Index(url, "://")
	if at < 0 || scheme < 0 {
		return url
	}
	user, _, ok := strings.Cut(url[scheme+3:at], ":")
	if !ok {
		return url
	}
	return url[:scheme+3] + user + ":***" + url[at:]
}
