package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/nats-io/nats.go/micro"
)

// maxRequests bounds how many requests of the NATS service are in hand at once.
const maxRequests = 256

// offerWait bounds how long a start waits for NATS to take the subscriptions.
const offerWait = 30 * time.Second

// Service is the running NATS service.
type Service struct {
	svc    micro.Service
	cancel context.CancelFunc
	wg     sync.WaitGroup
}

// Serve offers every operation on weir.api.<operation>. Requests and answers are
// JSON; an error has the service's error headers and a [Failure] as its body. It
// returns when the NATS server knows of all of them.
func (g *Gateway) Serve() (*Service, error) {
	version := g.cfg.Version
	if version == "" {
		version = "0.0.0"
	}
	svc, err := micro.AddService(g.cfg.NC, micro.Config{
		Name: "weir", Version: version, Description: "Commands and queries of the Weir process engine",
	})
	if err != nil {
		return nil, fmt.Errorf("offer the NATS service: %w", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	s := &Service{svc: svc, cancel: cancel}
	slots := make(chan struct{}, maxRequests)
	for i := range g.ops {
		o := &g.ops[i]
		err := svc.AddEndpoint(o.name, micro.HandlerFunc(func(req micro.Request) {
			slots <- struct{}{}
			s.wg.Go(func() {
				defer func() { <-slots }()
				g.respond(ctx, req, o)
			})
		}), micro.WithEndpointSubject(g.cfg.Names.API(o.name)))
		if err != nil {
			cancel()
			return nil, fmt.Errorf("offer %s: %w", o.name, err)
		}
	}
	// Subscriptions go out behind our back. Until the server has them it tells
	// whoever asks that nobody answers, so they must be there before we say so.
	if err := g.cfg.NC.FlushTimeout(offerWait); err != nil {
		return nil, errors.Join(fmt.Errorf("offer the NATS service: %w", err), s.Stop())
	}
	return s, nil
}

func (g *Gateway) respond(ctx context.Context, req micro.Request, o *operation) {
	request := o.newRequest()
	var result any
	err := decodeRequest(req.Data(), request)
	if err == nil {
		result, err = g.run(ctx, o, request)
	}
	var data []byte
	if err == nil {
		data, err = json.Marshal(result)
	}
	if err == nil && int64(len(data)) > g.cfg.NC.MaxPayload() {
		err = fmt.Errorf("the answer has %d bytes, more than a message holds; ask for less or use HTTP", len(data))
	}
	if err != nil {
		status, f := failure(err)
		body, merr := json.Marshal(f)
		if merr != nil {
			body = nil
		}
		err = req.Error(strconv.Itoa(status), f.Message, body)
	} else {
		err = req.Respond(data)
	}
	if err != nil {
		g.cfg.Logger.Debug("answer lost", "operation", o.name, "error", err)
	}
}

// Stop takes no more requests and ends those in hand.
func (s *Service) Stop() error {
	err := s.svc.Stop()
	s.cancel()
	s.wg.Wait()
	return err
}
