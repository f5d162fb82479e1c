// Command bench measures Weir end to end: a server in a process of its own, and
// clients and workers in this one, over NATS on loopback.
//
// All figures of one run are taken on one machine one after the other, so their
// ratios hold where the machine's speed drifts. The first figure is the floor:
// what JetStream does with the same streams and the same clients when nothing
// is decided (see floor.go).
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/weir-bpm/weir"
	"github.com/weir-bpm/weir/client"
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/engine"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/projector"
	"github.com/weir-bpm/weir/streams"
)

type options struct {
	seconds    time.Duration
	clients    int
	partitions int
	dir        string
	only       string
	waiting    int
	memory     int64
}

func main() {
	var o options
	mode := flag.String("mode", "", "internal: run a server (floor, weir or executor)")
	flag.DurationVar(&o.seconds, "for", 5*time.Second, "length of each measurement")
	flag.IntVar(&o.clients, "clients", 256, "concurrent clients")
	flag.IntVar(&o.partitions, "partitions", 4, "partitions")
	flag.StringVar(&o.dir, "data", "", "data folder (default: a temporary one)")
	flag.StringVar(&o.only, "only", "", "a comma list of measurements (default: all)")
	flag.IntVar(&o.waiting, "waiting", 1_000_000, "waiting instances of the measurement waiting, which runs only when named by -only")
	flag.Int64Var(&o.memory, "memory", 0, "soft memory limit of the server in MiB, as weir up --memory-limit (default: none)")
	flag.Parse()
	ctx := context.Background()
	var err error
	switch *mode {
	case "floor":
		err = serveFloor(ctx, o)
	case "weir":
		err = serveWeir(ctx, o)
	case "executor":
		err = serveWeir(ctx, o, weir.RoleExecutor)
	default:
		err = run(ctx, o)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// server is a child process.
type server struct {
	cmd      *exec.Cmd
	NATS     string `json:"nats"`
	Postgres string `json:"postgres"`
}

// launch starts this program again as a server and waits until it serves.
func launch(o options, mode, dir string) (*server, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	s := &server{cmd: exec.Command(self, "-mode", mode, "-data", dir, "-partitions", fmt.Sprint(o.partitions), "-memory", fmt.Sprint(o.memory))} //nolint:gosec // this program
	s.cmd.Stderr = os.Stderr
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return nil, fmt.Errorf("server %s did not start: %w", mode, err)
	}
	return s, json.Unmarshal([]byte(line), s)
}

func (s *server) stop() {
	_ = s.cmd.Process.Signal(os.Interrupt)
	_ = s.cmd.Wait() //nolint:errcheck // measured already
}

// rss returns the resident memory of the server in MB.
func (s *server) rss() int {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(data)) {
		var kb int
		if _, err := fmt.Sscanf(line, "VmRSS: %d kB", &kb); err == nil {
			return kb / 1024
		}
	}
	return 0
}

// announce tells the parent where a server listens, and waits for its signal.
func announce(natsURL, postgres string) error {
	line, err := json.Marshal(map[string]string{"nats": natsURL, "postgres": postgres})
	if err != nil {
		return err
	}
	fmt.Println(string(line))
	return nil
}

func serveWeir(ctx context.Context, o options, roles ...weir.Role) error {
	if o.memory > 0 {
		debug.SetMemoryLimit(o.memory << 20)
	}
	w, err := weir.Open(ctx, weir.Config{Dir: o.dir, Partitions: o.partitions, Roles: roles, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	if err := announce(w.NATSURL(), w.PostgresURL()); err != nil {
		return err
	}
	profileOnSignal(o.dir)
	waitForSignal()
	return w.Close(ctx)
}

// bench is a run against the engine.
type bench struct {
	o     options
	srv   *server
	nc    *nats.Conn
	js    jetstream.JetStream
	c     []*client.Client
	pool  *pgxpool.Pool
	q     *projector.Queries
	floor float64
	peak  float64
}

func (b *bench) wants(name string) bool {
	return b.o.only == "" || slices.Contains(strings.Split(b.o.only, ","), name)
}

func run(ctx context.Context, o options) error {
	if o.dir == "" {
		dir, err := os.MkdirTemp("", "weir-bench-")
		if err != nil {
			return err
		}
		defer func() { _ = os.RemoveAll(dir) }()
		o.dir = dir
	}
	if err := os.Chmod(o.dir, 0o755); err != nil { //nolint:gosec // the private Postgres runs as another user
		return err
	}
	fmt.Printf("%d CPUs, %s, %d clients, %d partitions, %s each\n\n", runtime.NumCPU(), runtime.Version(), o.clients, o.partitions, o.seconds)
	b := &bench{o: o}
	if b.wants("floor") {
		if err := b.measureFloor(ctx); err != nil {
			return fmt.Errorf("floor: %w", err)
		}
		if err := b.measureExecutor(ctx); err != nil {
			return fmt.Errorf("executor: %w", err)
		}
	}
	srv, err := launch(o, "weir", o.dir+"/weir")
	if err != nil {
		return err
	}
	b.srv = srv
	defer srv.stop()
	if err := b.connect(ctx); err != nil {
		return err
	}
	defer b.nc.Close()
	steps := []struct {
		name string
		run  func(context.Context) error
	}{
		{"commands", b.commands},
		{"instances", b.instances},
		{"latency", b.latency},
		{"single", b.single},
		{"deploy", b.deploy},
		{"replay", b.replay},
		{"rebuild", b.rebuild},
		{"waiting", b.waiting},
	}
	for _, s := range steps {
		if !b.wants(s.name) || s.name == "waiting" && b.o.only == "" {
			continue
		}
		if err := s.run(ctx); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		if err := b.settle(ctx); err != nil {
			return err
		}
	}
	return nil
}

// connections is over how many NATS connections the clients are spread.
const connections = 4

func (b *bench) connect(ctx context.Context) error {
	for i := range connections {
		nc, err := nats.Connect(b.srv.NATS)
		if err != nil {
			return err
		}
		if i == 0 {
			b.nc = nc
		}
		c, err := client.New(ctx, nc)
		if err != nil {
			return err
		}
		b.c = append(b.c, c)
	}
	var err error
	if b.js, err = jetstream.New(b.nc); err != nil {
		return err
	}
	if b.srv.Postgres != "" {
		if b.pool, err = pgxpool.New(ctx, b.srv.Postgres); err != nil {
			return err
		}
		if b.q, err = projector.NewQueries(b.pool, ""); err != nil {
			return err
		}
	}
	_, err = b.c[0].Deploy(ctx, commands.Deploy{Resources: []commands.DeployResource{{Name: "bench.bpmn", Content: []byte(models)}}})
	return err
}

// settle waits until the read models have caught up.
func (b *bench) settle(ctx context.Context) error {
	if b.q == nil {
		return nil
	}
	began := time.Now()
	for p := range b.o.partitions {
		stream, err := b.js.Stream(ctx, streams.Names{}.EventStream(ids.Partition(p)))
		if err != nil {
			return err
		}
		wait, cancel := context.WithTimeout(ctx, 5*time.Minute)
		err = b.q.WaitFor(wait, ids.Partition(p), stream.CachedInfo().State.LastSeq)
		cancel()
		if err != nil {
			return err
		}
	}
	if d := time.Since(began); d > 100*time.Millisecond {
		fmt.Printf("  read models caught up %.1f s after the load ended\n", d.Seconds())
	}
	return nil
}

// load runs f from many goroutines for the time of a measurement and returns
// the rate and the latencies.
func (b *bench) load(ctx context.Context, clients int, f func(ctx context.Context, c *client.Client, i int) error) (rate float64, lat latencies, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var n atomic.Int64
	var failed atomic.Pointer[error]
	var wg sync.WaitGroup
	all := make([]latencies, clients)
	began := time.Now()
	for i := range clients {
		wg.Go(func() {
			for time.Since(began) < b.o.seconds && ctx.Err() == nil {
				at := time.Now()
				if err := f(ctx, b.c[i%len(b.c)], i); err != nil {
					failed.CompareAndSwap(nil, &err)
					cancel()
					return
				}
				all[i] = append(all[i], time.Since(at))
				n.Add(1)
			}
		})
	}
	wg.Wait()
	took := time.Since(began).Seconds()
	if e := failed.Load(); e != nil {
		return 0, nil, *e
	}
	for _, l := range all {
		lat = append(lat, l...)
	}
	slices.Sort(lat)
	return float64(n.Load()) / took, lat, nil
}

type latencies []time.Duration

func (l latencies) at(p float64) time.Duration {
	if len(l) == 0 {
		return 0
	}
	return l[min(int(p*float64(len(l))), len(l)-1)]
}

func (l latencies) String() string {
	return fmt.Sprintf("p50 %.2f ms, p99 %.2f ms", ms(l.at(0.5)), ms(l.at(0.99)))
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func (b *bench) ratio(rate float64) string {
	if b.floor == 0 {
		return ""
	}
	return fmt.Sprintf(", %.0f %% of the floor", 100*rate/b.floor)
}

// label says which server is measured.
func (b *bench) label() string {
	if b.q == nil {
		return ", executor "
	}
	return ", projected"
}

// measureExecutor is the figure against the floor: commands decided and durable
// with the executor alone, as the floor has no read models either.
func (b *bench) measureExecutor(ctx context.Context) error {
	srv, err := launch(b.o, "executor", b.o.dir+"/executor")
	if err != nil {
		return err
	}
	defer srv.stop()
	bare := &bench{o: b.o, srv: srv, floor: b.floor}
	if err := bare.connect(ctx); err != nil {
		return err
	}
	defer bare.nc.Close()
	return bare.commands(ctx)
}

// commands measures how many commands are decided and durable.
func (b *bench) commands(ctx context.Context) error {
	rate, lat, err := b.load(ctx, b.o.clients, func(ctx context.Context, c *client.Client, _ int) error {
		_, err := c.Start(ctx, "", commands.StartInstance{ProcessID: "pass"})
		return err
	})
	if err != nil {
		return err
	}
	b.peak = rate
	fmt.Printf("commands durable%s (instances started and completed)  %8.0f /s  %s%s\n", b.label(), rate, lat, b.ratio(rate))
	if err := b.settle(ctx); err != nil {
		return err
	}
	instances := make([]ids.Instance, b.o.clients)
	for i := range instances {
		r, err := b.c[0].Start(ctx, "", commands.StartInstance{ProcessID: "wait"})
		if err != nil {
			return err
		}
		instances[i] = ids.Instance(r.InstanceID)
	}
	rate, lat, err = b.load(ctx, b.o.clients, func(ctx context.Context, c *client.Client, i int) error {
		_, err := c.Do(ctx, instances[i], &commands.SetVariables{Variables: map[string]any{"n": int64(i)}})
		return err
	})
	if err != nil {
		return err
	}
	fmt.Printf("commands durable%s (variables set)                     %8.0f /s  %s%s\n", b.label(), rate, lat, b.ratio(rate))
	return nil
}

// instances measures one-service-task instances: start, worker over NATS, end,
// and that the read models keep up.
func (b *bench) instances(ctx context.Context) error {
	var done atomic.Int64
	nc, err := nats.Connect(b.srv.NATS)
	if err != nil {
		return err
	}
	defer nc.Close()
	wc, err := client.New(ctx, nc)
	if err != nil {
		return err
	}
	w, err := wc.StartWorker(ctx, client.WorkerConfig{Type: "bench", Concurrency: 256, Handler: func(context.Context, *commands.Job) (map[string]any, error) {
		done.Add(1)
		return nil, nil
	}})
	if err != nil {
		return err
	}
	defer w.Stop()
	var started atomic.Int64
	began := time.Now()
	// A bounded number of instances is under way, so that the rate is that of
	// whole instances, not of starts.
	_, _, err = b.load(ctx, b.o.clients, func(ctx context.Context, c *client.Client, _ int) error {
		for started.Load()-done.Load() > 2000 {
			time.Sleep(time.Millisecond)
		}
		started.Add(1)
		_, err := c.Start(ctx, "", commands.StartInstance{ProcessID: "one_task", Variables: map[string]any{"order": "o-1", "amount": int64(5)}})
		return err
	})
	if err != nil {
		return err
	}
	for done.Load() < started.Load() {
		time.Sleep(time.Millisecond)
	}
	rate := float64(done.Load()) / time.Since(began).Seconds()
	fmt.Printf("one-service-task instances (worker over NATS, projected)     %8.0f /s\n", rate)
	return nil
}

// latency measures answers and the way to Postgres at half load.
func (b *bench) latency(ctx context.Context) error {
	rate := b.peak / 2
	if rate == 0 {
		rate = 3000
	}
	var mu sync.Mutex
	var visible latencies
	interval := time.Duration(float64(b.o.clients) / rate * float64(time.Second))
	var answers latencies
	began := time.Now()
	var wg sync.WaitGroup
	errs := make(chan error, b.o.clients)
	for i := range b.o.clients {
		wg.Go(func() {
			next := began.Add(interval * time.Duration(i) / time.Duration(b.o.clients))
			for n := 0; time.Since(began) < b.o.seconds; n++ {
				time.Sleep(time.Until(next))
				next = next.Add(interval)
				at := time.Now()
				r, err := b.c[i%len(b.c)].Start(ctx, "", commands.StartInstance{ProcessID: "pass"})
				if err != nil {
					errs <- err
					return
				}
				took := time.Since(at)
				mu.Lock()
				answers = append(answers, took)
				mu.Unlock()
				if i == 0 {
					p, err := ids.ParsePartition(r.Position.Partition)
					if err != nil {
						errs <- err
						return
					}
					at = time.Now()
					if err := b.q.WaitFor(ctx, p, r.Position.Seq); err != nil {
						errs <- err
						return
					}
					mu.Lock()
					visible = append(visible, time.Since(at))
					mu.Unlock()
				}
			}
		})
	}
	wg.Wait()
	select {
	case err := <-errs:
		return err
	default:
	}
	slices.Sort(answers)
	slices.Sort(visible)
	fmt.Printf("answer latency at half load (%.0f /s offered)                 %s\n", rate, answers)
	fmt.Printf("answer → queryable in Postgres at half load                  %s (%d samples)\n", visible, len(visible))
	return nil
}

// single measures one client alone.
func (b *bench) single(ctx context.Context) error {
	rate, lat, err := b.load(ctx, 1, func(ctx context.Context, c *client.Client, _ int) error {
		_, err := c.Start(ctx, "", commands.StartInstance{ProcessID: "pass"})
		return err
	})
	if err != nil {
		return err
	}
	fmt.Printf("one client alone                                             %8.0f /s  %s\n", rate, lat)
	return nil
}

// deploy measures deployments of different models, each of twenty tasks, by one
// client.
func (b *bench) deploy(ctx context.Context) error {
	n := 0
	rate, lat, err := b.load(ctx, 1, func(ctx context.Context, c *client.Client, _ int) error {
		n++
		_, err := c.Deploy(ctx, commands.Deploy{Resources: []commands.DeployResource{{Name: "deploy.bpmn", Content: manyTasks(n)}}})
		return err
	})
	if err != nil {
		return err
	}
	fmt.Printf("deployments of different models, 20 tasks each (one client)  %8.0f /s  %s\n", rate, lat)
	return nil
}

// replay measures how fast the log of this run is read and applied.
func (b *bench) replay(ctx context.Context) error {
	var events, frames int
	began := time.Now()
	for p := range b.o.partitions {
		id := ids.Partition(p)
		stream, err := b.js.Stream(ctx, streams.Names{}.EventStream(id))
		if err != nil {
			return err
		}
		last := stream.CachedInfo().State.LastSeq
		state := engine.NewState(engine.Config{Partition: id, Homes: b.o.partitions}, nil)
		reader := streams.ReadFrames(b.js, streams.Names{}.EventStream(id), 1)
		for state.LastSeq < last {
			entries, err := reader.Next(ctx, 1024, 5*time.Second)
			if err != nil {
				return err
			}
			for _, e := range entries {
				state.ApplyFrame(e.Seq, e.Hash, e.Frame)
				frames++
				for _, t := range e.Frame.Transitions {
					events += len(t.Events)
				}
			}
		}
		reader.Close()
	}
	took := time.Since(began)
	fmt.Printf("replay from the log, decoded and applied                     %8.0f events/s (%d events in %d frames)\n", float64(events)/took.Seconds(), events, frames)
	return nil
}

// rebuild measures the projections' rebuild.
func (b *bench) rebuild(ctx context.Context) error {
	msg, err := b.nc.RequestWithContext(timeoutContext(ctx, 30*time.Minute), streams.Names{}.API("rebuild"), []byte("{}"))
	if err != nil {
		return err
	}
	var r projector.RebuildReport
	if err := json.Unmarshal(msg.Data, &r); err != nil || r.Events == 0 {
		return fmt.Errorf("rebuild answered %s", msg.Data)
	}
	fmt.Printf("projections rebuilt                                          %8.0f events/s (%d events)\n", float64(r.Events)/r.Duration.Seconds(), r.Events)
	return nil
}
