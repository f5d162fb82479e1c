// Command embed runs the engine inside a Go program: it deploys the order
// process, works its jobs and takes one order to its end.
//
//	go run ./examples/embed
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"os/signal"

	"github.com/weir-bpm/weir"
	"github.com/weir-bpm/weir/client"
	"github.com/weir-bpm/weir/commands"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx)
	stop()
	if err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) (err error) {
	w, err := weir.Open(ctx, weir.Config{Dir: "weir-data"})
	if err != nil {
		return err
	}
	defer func() {
		if cerr := w.Close(context.WithoutCancel(ctx)); err == nil {
			err = cerr
		}
	}()
	c := w.Client()
	model, err := os.ReadFile("examples/order.bpmn")
	if err != nil {
		return err
	}
	if _, err := c.Deploy(ctx, commands.Deploy{Resources: []commands.DeployResource{{Name: "order.bpmn", Content: model}}}); err != nil {
		return err
	}
	shipped := make(chan string, 1)
	for jobType, handler := range map[string]client.Handler{
		"reserve-stock": func(context.Context, *commands.Job) (map[string]any, error) {
			return map[string]any{"reserved": true}, nil
		},
		"ship-order": func(_ context.Context, job *commands.Job) (map[string]any, error) {
			shipped <- job.InstanceID
			return map[string]any{"parcel": "P-1"}, nil
		},
	} {
		worker, err := c.StartWorker(ctx, client.WorkerConfig{Type: jobType, Handler: handler})
		if err != nil {
			return err
		}
		defer worker.Stop()
	}
	started, err := c.Start(ctx, "", commands.StartInstance{
		ProcessID: "order", Variables: map[string]any{"order_id": "A-1", "amount": int64(20)},
	})
	if err != nil {
		return err
	}
	// The message waits an hour for the order, should it come first.
	if _, err := c.PublishMessage(ctx, commands.PublishMessage{
		Name: "payment received", CorrelationKey: "A-1", TTLMS: 3_600_000,
	}); err != nil {
		return err
	}
	select {
	case id := <-shipped:
		fmt.Printf("order %s is shipped (instance started as %s)\n", id, started.InstanceID)
	case <-ctx.Done():
	}
	return nil
}
