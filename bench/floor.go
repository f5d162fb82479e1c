package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/weir-bpm/weir/client"
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/internal/embednats"
	"github.com/weir-bpm/weir/streams"
)

// The floor is what JetStream does with Weir's streams and Weir's clients when
// nothing is decided: for each partition one goroutine reads the command stream,
// appends one message for each group of commands, as long as the engine's frame
// would be, behind the same fence, and answers.

// frameBytes is what a started and completed instance adds to a frame.
const frameBytes = 420

func waitForSignal() {
	ch := make(chan os.Signal, 1)
	signal.Notify(ch, os.Interrupt, syscall.SIGTERM)
	<-ch
}

// profileOnSignal writes profiles beside the data folder: of the heap at each
// SIGUSR1, of the next three seconds of CPU at each SIGUSR2.
func profileOnSignal(dir string) {
	ch := make(chan os.Signal, 1)
	signal.Notify(ch, syscall.SIGUSR1, syscall.SIGUSR2)
	go func() {
		for sig := range ch {
			var err error
			if sig == syscall.SIGUSR1 {
				runtime.GC()
				err = profileTo(dir+".heap", func(f *os.File) error { return pprof.WriteHeapProfile(f) })
			} else {
				err = profileTo(dir+".cpu", func(f *os.File) error {
					if err := pprof.StartCPUProfile(f); err != nil {
						return err
					}
					time.Sleep(3 * time.Second)
					pprof.StopCPUProfile()
					return nil
				})
			}
			if err != nil {
				fmt.Fprintln(os.Stderr, "profile:", err)
			}
		}
	}()
}

func profileTo(name string, write func(*os.File) error) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}

func timeoutContext(ctx context.Context, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(ctx, d)
	context.AfterFunc(ctx, cancel)
	return ctx
}

func serveFloor(ctx context.Context, o options) error {
	s, err := embednats.Start(embednats.Config{Dir: filepath.Join(o.dir, "nats")})
	if err != nil {
		return err
	}
	nc, err := s.Connect()
	if err != nil {
		return err
	}
	js, err := jetstream.New(nc)
	if err != nil {
		return err
	}
	if _, err := streams.EnsureCluster(ctx, js, streams.Names{}, streams.Setup{}, o.partitions); err != nil {
		return err
	}
	for p := range o.partitions {
		enc, err := s.Connect()
		if err != nil {
			return err
		}
		if err := floorPartition(ctx, enc, ids.Partition(p)); err != nil {
			return err
		}
	}
	if err := announce(s.ClientURL(), ""); err != nil {
		return err
	}
	waitForSignal()
	return s.Stop()
}

func floorPartition(ctx context.Context, nc *nats.Conn, p ids.Partition) error {
	js, err := jetstream.New(nc)
	if err != nil {
		return err
	}
	n := streams.Names{}
	cons, err := js.OrderedConsumer(ctx, n.CommandStream(p), jetstream.OrderedConsumerConfig{})
	if err != nil {
		return err
	}
	queue := make(chan jetstream.Msg, 1024)
	if _, err := cons.Consume(func(m jetstream.Msg) { queue <- m }, jetstream.PullMaxMessages(1024)); err != nil {
		return err
	}
	go func() {
		var last uint64
		answer, err := commands.EncodeResult(&commands.Result{Position: commands.Position{Partition: p.String(), Seq: 1}}, false)
		for err == nil {
			group := []jetstream.Msg{<-queue}
			for len(group) < 512 && len(queue) > 0 {
				group = append(group, <-queue)
			}
			var ack *jetstream.PubAck
			ack, err = js.PublishMsg(ctx, &nats.Msg{Subject: n.EventSubject(p), Data: make([]byte, 200+frameBytes*len(group))}, jetstream.WithExpectLastSequence(last))
			if err != nil {
				break
			}
			last = ack.Sequence
			for _, m := range group {
				if err = nc.Publish(m.Headers().Get(commands.HeaderReply), answer); err != nil {
					break
				}
			}
		}
		fmt.Fprintln(os.Stderr, "floor:", err)
	}()
	return nil
}

func (b *bench) measureFloor(ctx context.Context) error {
	srv, err := launch(b.o, "floor", b.o.dir+"/floor")
	if err != nil {
		return err
	}
	defer srv.stop()
	for range connections {
		nc, err := nats.Connect(srv.NATS)
		if err != nil {
			return err
		}
		defer nc.Close()
		c, err := client.New(ctx, nc)
		if err != nil {
			return err
		}
		b.c = append(b.c, c)
	}
	rate, lat, err := b.load(ctx, b.o.clients, func(ctx context.Context, c *client.Client, _ int) error {
		_, err := c.Start(ctx, "", commands.StartInstance{ProcessID: "pass"})
		return err
	})
	b.c = nil
	if err != nil {
		return err
	}
	b.floor = rate
	fmt.Printf("JetStream floor (same streams and clients, no engine)        %8.0f /s  %s\n", rate, lat)
	return nil
}

// waiting measures memory with many instances that wait for a message and a
// timer, and the throughput beside them.
func (b *bench) waiting(ctx context.Context) error {
	total := int64(b.o.waiting)
	before, _, err := b.load(ctx, b.o.clients, func(ctx context.Context, c *client.Client, _ int) error {
		_, err := c.Start(ctx, "", commands.StartInstance{ProcessID: "pass"})
		return err
	})
	if err != nil {
		return err
	}
	empty := b.srv.rss()
	var next atomic.Int64
	var wg sync.WaitGroup
	errs := make([]error, b.o.clients)
	began := time.Now()
	for i := range b.o.clients {
		wg.Go(func() {
			for {
				n := next.Add(1)
				if n > total {
					return
				}
				_, errs[i] = b.c[i%len(b.c)].Start(ctx, "", commands.StartInstance{ProcessID: "wait_message", Variables: map[string]any{"key": "k-" + strconv.FormatInt(n, 10)}})
				if errs[i] != nil {
					return
				}
			}
		})
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	took := time.Since(began)
	if err := b.settle(ctx); err != nil {
		return err
	}
	time.Sleep(75 * time.Second) // passivation and a checkpoint
	if err := b.srv.cmd.Process.Signal(syscall.SIGUSR1); err != nil {
		return err
	}
	time.Sleep(15 * time.Second)
	full := b.srv.rss()
	after, _, err := b.load(ctx, b.o.clients, func(ctx context.Context, c *client.Client, _ int) error {
		_, err := c.Start(ctx, "", commands.StartInstance{ProcessID: "pass"})
		return err
	})
	if err != nil {
		return err
	}
	fmt.Printf("%d waiting instances made in %.0f s: %d MB resident (%d MB before); %.0f commands/s beside them, %.0f %% of before\n",
		total, took.Seconds(), full, empty, after, 100*after/before)
	return nil
}
