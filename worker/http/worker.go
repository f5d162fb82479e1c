// Package httpworker does the built-in HTTP jobs: it sends the request that a
// task describes and hands back the answer. docs/http.md says what models can
// ask for.
//
// A job is done at least once: a worker that dies after the request has been
// sent leaves the job to another one, which sends it again. Each request has the
// header Idempotency-Key, equal in all attempts of a job, by which the receiver
// can tell.
package httpworker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/client"
	"github.com/weir-bpm/weir/commands"
)

// JobTypeConnector is the job type of the REST connector of Camunda 8.
const JobTypeConnector = "io.camunda:http-json:1"

// Config says what requests may do. The zero value has the defaults.
type Config struct {
	// AllowPrivate lets requests go to loopback, link-local, private and other
	// addresses that are not of the public internet. Whoever may deploy a model
	// can then reach the servers around this one, metadata services of clouds
	// included.
	AllowPrivate bool
	// Timeout bounds one request with its redirects and its answer, whatever the
	// task asks for. Default 60 s.
	Timeout time.Duration
	// MaxResponseBytes bounds the body of an answer. Default 1 MiB.
	MaxResponseBytes int64
	// MaxRedirects is how many redirects are followed. Default 10; below 0 none.
	MaxRedirects int
	// Concurrency is how many requests of each job type run at once. Default 16.
	Concurrency int
	// Logger gets what goes wrong with the job queue. Default: slog.Default().
	Logger *slog.Logger
}

// WithDefaults returns the configuration with zero fields replaced.
func (c Config) WithDefaults() Config {
	if c.Timeout <= 0 {
		c.Timeout = time.Minute
	}
	if c.MaxResponseBytes <= 0 {
		c.MaxResponseBytes = 1 << 20
	}
	if c.MaxRedirects == 0 {
		c.MaxRedirects = 10
	}
	if c.Concurrency <= 0 {
		c.Concurrency = 16
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return c
}

// Worker does HTTP jobs until it is stopped.
type Worker struct {
	cfg       Config
	transport *http.Transport
	workers   []*client.Worker
}

// Start takes the HTTP jobs of the client's tenant. Stop the worker before the
// client is closed.
func Start(ctx context.Context, c *client.Client, cfg Config) (*Worker, error) {
	w := newWorker(cfg)
	for jobType, handler := range map[string]client.Handler{JobTypeConnector: w.connector, bpmn.JobTypeHTTP: w.task} {
		worker, err := c.StartWorker(ctx, client.WorkerConfig{Type: jobType, Handler: handler, Concurrency: w.cfg.Concurrency, Logger: w.cfg.Logger})
		if err != nil {
			w.Stop()
			return nil, err
		}
		w.workers = append(w.workers, worker)
	}
	return w, nil
}

func newWorker(cfg Config) *Worker {
	cfg = cfg.WithDefaults()
	dialer := &net.Dialer{Timeout: 20 * time.Second}
	if !cfg.AllowPrivate {
		dialer.Control = refusePrivate
	}
	return &Worker{cfg: cfg, transport: &http.Transport{
		// No proxy, also none of the environment: the address that is checked
		// would be the proxy's.
		DialContext:            dialer.DialContext,
		ForceAttemptHTTP2:      true,
		MaxIdleConns:           64,
		MaxIdleConnsPerHost:    cfg.Concurrency,
		IdleConnTimeout:        30 * time.Second,
		TLSHandshakeTimeout:    20 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
	}}
}

// Stop takes no more jobs, waits for requests under way and closes connections.
func (w *Worker) Stop() {
	var wg sync.WaitGroup
	for _, worker := range w.workers {
		wg.Go(worker.Stop)
	}
	wg.Wait()
	w.transport.CloseIdleConnections()
}

const tooLarge = "the variables that the task sees are too large for a job; give the request's data as input mappings of a smaller scope"

// connector does one job of the REST connector.
func (w *Worker) connector(ctx context.Context, job *commands.Job) (map[string]any, error) {
	if job.VariablesOmitted {
		return nil, hopeless("%s", tooLarge)
	}
	out, err := newOutcome(job.Headers)
	if err != nil {
		return nil, err
	}
	req, err := newRequest(job)
	if err != nil {
		return nil, hopeless("%v", err)
	}
	resp, err := w.send(ctx, req)
	if err != nil {
		if ctx.Err() != nil {
			return nil, err // the worker stops; another one does the job
		}
		return out.failed(job, &failure{err: err})
	}
	if resp.status >= http.StatusBadRequest {
		return out.failed(job, &failure{response: resp, err: describe(req.method, shown(req.url), resp)})
	}
	return out.success(job, resp)
}

// hopeless is a failure that another attempt would only repeat: it becomes an
// incident at once.
func hopeless(format string, args ...any) error {
	none := 0
	return &client.RetryError{Err: fmt.Errorf(format, args...), Retries: &none}
}

// shown is a URL for messages: without user, query and fragment, which may hold
// secrets.
func shown(u *url.URL) string {
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}

// cause is an error of net/http without the URL it repeats.
func cause(err error) error {
	var ue *url.Error
	if errors.As(err, &ue) {
		err = ue.Err
	}
	if errors.Is(err, context.DeadlineExceeded) || strings.Contains(err.Error(), "Client.Timeout") {
		return errors.New("no complete answer within the time limit")
	}
	return err
}
