package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/streams"
	"github.com/weir-bpm/weir/variables"
)

// Handler does one job. Its result becomes the job's variables. An error fails
// the attempt; a [*BPMNError] ends the job with a BPMN error, a [*RetryError]
// says when to try again. The context ends when the worker is stopped hard.
type Handler func(ctx context.Context, job *commands.Job) (map[string]any, error)

// Answer is what a handler says of jobs that take more than variables.
type Answer struct {
	Variables map[string]any
	// Denied and Corrections are for listeners of user tasks: what the task is
	// about to do is refused, or changed.
	Denied       bool
	DeniedReason string
	Corrections  *events.TaskChanges
	// AdHoc is for the worker of an ad-hoc subprocess: what begins in it, and
	// whether it is done.
	AdHoc *commands.AdHocResult
}

// BPMNError ends a job with an error that the model catches by its code.
type BPMNError struct {
	Code      string
	Message   string
	Variables map[string]any
}

func (e *BPMNError) Error() string { return fmt.Sprintf("BPMN error %q: %s", e.Code, e.Message) }

// RetryError fails an attempt and says how to go on.
type RetryError struct {
	Err error
	// Retries is how many attempts are left; nil is one less than before.
	Retries *int
	// Backoff is the wait before the next one; nil is the model's or the
	// engine's.
	Backoff *time.Duration
}

func (e *RetryError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *RetryError) Unwrap() error { return e.Err }

// WorkerConfig says how a worker works.
type WorkerConfig struct {
	// Type is the job type. Required.
	Type string
	// Handler does the jobs. Required, unless Answerer does them: it is for job
	// types of listeners of user tasks and of ad-hoc subprocesses.
	Handler  Handler
	Answerer func(ctx context.Context, job *commands.Job) (Answer, error)
	// Concurrency is how many jobs are done at once. Default 16.
	Concurrency int
	// Lock is how long a job is this worker's without a sign of life; the
	// worker gives one every third of it while the handler runs. Default 30 s.
	// All workers of a type share the setting of the first.
	Lock time.Duration
	// Name tells this worker from others in the history. Default: host and
	// process id.
	Name string
	// SoftStop is how long Stop lets running handlers finish. Default 20 s.
	SoftStop time.Duration
	// Logger gets what goes wrong. Default: slog.Default().
	Logger *slog.Logger
}

// Worker takes jobs of one type from the work queue.
type Worker struct {
	c      *Client
	cfg    WorkerConfig
	lanes  []jetstream.MessagesContext
	slots  chan struct{}
	wg     sync.WaitGroup
	stop   chan struct{}
	once   sync.Once
	ctx    context.Context //nolint:containedctx // the handlers' life is the worker's
	cancel context.CancelFunc

	// seen are the jobs that this worker has begun, by their sequence in the
	// queue, and done those of them that have ended, the oldest first.
	mu   sync.Mutex
	seen map[uint64]progress
	done []uint64
}

// progress is how far a worker is with a job.
type progress int

const (
	unseen progress = iota
	inHand
	ended
)

// lanesInOrder lists the lanes from the one that is served first.
var lanesInOrder = [...]streams.Lane{streams.LaneHigh, streams.LaneNormal, streams.LaneLow}

// StartWorker begins to take jobs. Stop it before the client is closed.
func (c *Client) StartWorker(ctx context.Context, cfg WorkerConfig) (*Worker, error) {
	if cfg.Type == "" || (cfg.Handler == nil) == (cfg.Answerer == nil) {
		return nil, errors.New("weir worker: WorkerConfig.Type and either WorkerConfig.Handler or WorkerConfig.Answerer are required")
	}
	if cfg.Concurrency <= 0 {
		cfg.Concurrency = 16
	}
	if cfg.Lock <= 0 {
		cfg.Lock = 30 * time.Second
	}
	if cfg.SoftStop <= 0 {
		cfg.SoftStop = 20 * time.Second
	}
	if cfg.Name == "" {
		cfg.Name = workerName()
	}
	if len(cfg.Name) > commands.MaxNameBytes {
		return nil, fmt.Errorf("weir worker: WorkerConfig.Name has %d bytes; the limit is %d", len(cfg.Name), commands.MaxNameBytes)
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	w := &Worker{c: c, cfg: cfg, slots: make(chan struct{}, cfg.Concurrency), stop: make(chan struct{}), seen: map[uint64]progress{}}
	w.ctx, w.cancel = context.WithCancel(context.WithoutCancel(ctx))
	queues := make([]chan jetstream.Msg, len(lanesInOrder))
	for i, lane := range lanesInOrder {
		msgs, err := w.open(ctx, lane)
		if err != nil {
			w.Stop()
			return nil, err
		}
		w.lanes = append(w.lanes, msgs)
		queues[i] = make(chan jetstream.Msg)
		w.wg.Go(func() { w.fetch(msgs, queues[i]) })
	}
	w.wg.Go(func() { w.dispatch(queues[0], queues[1], queues[2]) })
	return w, nil
}

// open makes the durable consumer of a lane, which all workers of the type
// share, and starts to pull from it.
func (w *Worker) open(ctx context.Context, lane streams.Lane) (jetstream.MessagesContext, error) {
	n := w.c.names
	name := n.JobConsumer(w.c.tenant, w.cfg.Type, lane)
	cons, err := w.c.js.Consumer(ctx, n.JobStream(), name)
	if errors.Is(err, jetstream.ErrConsumerNotFound) {
		cons, err = w.c.js.CreateOrUpdateConsumer(ctx, n.JobStream(), jetstream.ConsumerConfig{
			Durable: name, FilterSubject: n.JobFilter(w.c.tenant, w.cfg.Type, lane),
			AckPolicy: jetstream.AckExplicitPolicy, AckWait: w.cfg.Lock, MaxAckPending: 100_000, MaxDeliver: -1,
		})
	}
	if err != nil {
		return nil, fmt.Errorf("weir worker %s: %w", w.cfg.Type, err)
	}
	msgs, err := cons.Messages(jetstream.PullMaxMessages(w.cfg.Concurrency))
	if err != nil {
		return nil, fmt.Errorf("weir worker %s: %w", w.cfg.Type, err)
	}
	return msgs, nil
}

// fetch hands jobs to dispatch. After a stop it gives back all that was pulled
// and not begun, so that nobody has to wait for the end of its lock.
func (w *Worker) fetch(msgs jetstream.MessagesContext, queue chan<- jetstream.Msg) {
	for {
		msg, err := msgs.Next()
		if err != nil {
			if errors.Is(err, jetstream.ErrMsgIteratorClosed) {
				return
			}
			w.cfg.Logger.Warn("jobs cannot be fetched", "job_type", w.cfg.Type, "error", err)
			select {
			case <-w.stop:
				return
			case <-time.After(time.Second):
				continue
			}
		}
		select {
		case queue <- msg:
		case <-w.stop:
			_ = msg.Nak()
		}
	}
}

// dispatch gives jobs to handlers, those of the higher lanes first.
func (w *Worker) dispatch(high, normal, low <-chan jetstream.Msg) {
	for {
		select {
		case <-w.stop:
			return
		case w.slots <- struct{}{}:
		}
		msg, ok := pick(w.stop, high, normal, low)
		if !ok {
			return
		}
		w.wg.Go(func() {
			defer func() { <-w.slots }()
			w.do(msg)
		})
	}
}

func pick(stop <-chan struct{}, high, normal, low <-chan jetstream.Msg) (jetstream.Msg, bool) {
	select {
	case m := <-high:
		return m, true
	default:
	}
	select {
	case m := <-high:
		return m, true
	case m := <-normal:
		return m, true
	default:
	}
	select {
	case m := <-high:
		return m, true
	case m := <-normal:
		return m, true
	case m := <-low:
		return m, true
	case <-stop:
		return nil, false
	}
}

// do runs the handler for one job and reports how it went.
func (w *Worker) do(msg jetstream.Msg) {
	job := new(commands.Job)
	if err := json.Unmarshal(msg.Data(), job); err != nil {
		w.cfg.Logger.Error("job message unreadable, dropped", "subject", msg.Subject(), "error", err)
		_ = msg.Term()
		return
	}
	meta, err := msg.Metadata()
	if err != nil {
		w.cfg.Logger.Error("job message without a place in the queue", "subject", msg.Subject(), "error", err)
		return
	}
	seq := meta.Sequence.Stream
	switch w.begin(seq) {
	case inHand:
		return // its heartbeat speaks for it
	case ended:
		_ = msg.Ack()
		return
	case unseen:
	}
	done := make(chan struct{})
	var beat sync.WaitGroup
	beat.Go(func() { w.heartbeat(msg, done) })
	answer, err := w.handle(job)
	close(done)
	beat.Wait()
	if err != nil && w.ctx.Err() != nil {
		w.end(seq, false)
		_ = msg.Nak() // stopped hard: someone else may try
		return
	}
	w.end(seq, w.report(msg, job, answer, err))
}

// begin notes that a job is in hand and tells how far the worker was with it. A
// job that waited here for longer than its lock, because all slots were busy,
// comes a second time, and is not to be done twice.
func (w *Worker) begin(seq uint64) progress {
	w.mu.Lock()
	defer w.mu.Unlock()
	was := w.seen[seq]
	if was == unseen {
		w.seen[seq] = inHand
	}
	return was
}

// end notes that a job was reported, or else that it may come again. Only so
// many are remembered as can have a second copy waiting here.
func (w *Worker) end(seq uint64, reported bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !reported {
		delete(w.seen, seq)
		return
	}
	w.seen[seq] = ended
	w.done = append(w.done, seq)
	if len(w.done) > 4*len(lanesInOrder)*w.cfg.Concurrency {
		delete(w.seen, w.done[0])
		w.done = w.done[1:]
	}
}

// handle calls the handler; a panic in it fails the attempt.
func (w *Worker) handle(job *commands.Job) (answer Answer, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the handler panicked: %v", r)
		}
	}()
	if w.cfg.Answerer != nil {
		return w.cfg.Answerer(w.ctx, job)
	}
	answer.Variables, err = w.cfg.Handler(w.ctx, job)
	return answer, err
}

func (w *Worker) heartbeat(msg jetstream.Msg, done <-chan struct{}) {
	ticker := time.NewTicker(w.cfg.Lock / 3)
	defer ticker.Stop()
	for {
		select {
		case <-done:
			return
		case <-ticker.C:
			if err := msg.InProgress(); err != nil {
				w.cfg.Logger.Debug("heartbeat", "error", err)
			}
		}
	}
}

// report tells the engine how a job went, and whether it knows now.
func (w *Worker) report(msg jetstream.Msg, job *commands.Job, answer Answer, err error) bool {
	cmd := w.outcome(job, answer, err)
	_, rerr := w.c.ByID(context.WithoutCancel(w.ctx), job.JobID, cmd)
	var rejection *commands.Error
	switch {
	case rerr == nil:
		_ = msg.Ack()
		return true
	case errors.As(rerr, &rejection) && rejection.Code != commands.CodeUnavailable:
		return w.rejected(msg, job, rejection)
	default:
		w.cfg.Logger.Warn("job result not delivered; the job will be done again", "job_id", job.JobID, "error", rerr)
		_ = msg.NakWithDelay(time.Second)
		return false
	}
}

// rejected handles a result that the engine does not take. If the job is gone,
// that is the end of it; anything else is told as a failure, so that it does
// not come back in silence.
func (w *Worker) rejected(msg jetstream.Msg, job *commands.Job, rejection *commands.Error) bool {
	switch rejection.Code {
	case commands.CodeJobNotFound, commands.CodeJobNotActive, commands.CodeInstanceFinished, commands.CodeInstanceNotFound:
		w.cfg.Logger.Debug("job result rejected", "job_id", job.JobID, "code", string(rejection.Code))
	default:
		w.cfg.Logger.Warn("job result rejected", "job_id", job.JobID, "error", rejection)
		fail := &commands.FailJob{JobID: job.JobID, Worker: w.cfg.Name, Message: clip("the engine rejected the result: " + rejection.Error())}
		if _, err := w.c.ByID(context.WithoutCancel(w.ctx), job.JobID, fail); err != nil {
			w.cfg.Logger.Warn("job failure not delivered", "job_id", job.JobID, "error", err)
			_ = msg.NakWithDelay(time.Second)
			return false
		}
	}
	_ = msg.Ack()
	return true
}

func (w *Worker) outcome(job *commands.Job, answer Answer, err error) commands.Command {
	if err == nil {
		doc, nerr := variables.NormalizeDocument(answer.Variables)
		if nerr == nil {
			return &commands.CompleteJob{
				JobID: job.JobID, Variables: doc, Worker: w.cfg.Name,
				Denied: answer.Denied, DeniedReason: clip(answer.DeniedReason), Corrections: answer.Corrections, AdHoc: answer.AdHoc,
			}
		}
		err = fmt.Errorf("the handler's result is no JSON: %w", nerr)
	}
	var bpmnErr *BPMNError
	if errors.As(err, &bpmnErr) {
		doc, nerr := variables.NormalizeDocument(bpmnErr.Variables)
		if nerr == nil {
			return &commands.ThrowError{JobID: job.JobID, Code: bpmnErr.Code, Message: bpmnErr.Message, Variables: doc, Worker: w.cfg.Name}
		}
		err = fmt.Errorf("the variables of the BPMN error are no JSON: %w", nerr)
	}
	fail := &commands.FailJob{JobID: job.JobID, Message: clip(err.Error()), Worker: w.cfg.Name}
	var retry *RetryError
	if errors.As(err, &retry) {
		fail.Retries = retry.Retries
		if retry.Backoff != nil {
			ms := retry.Backoff.Milliseconds()
			fail.BackoffMS = &ms
		}
	}
	return fail
}

// clip makes a text fit for a command: valid UTF-8 of bounded length.
func clip(s string) string {
	s = strings.ToValidUTF8(s, "\ufffd")
	if len(s) > commands.MaxTextBytes {
		return strings.ToValidUTF8(s[:commands.MaxTextBytes-3], "") + "..."
	}
	return s
}

// Stop takes no more jobs, lets running handlers finish for the time of
// SoftStop, then cancels their contexts, and returns when all have ended. It
// may be called more than once.
func (w *Worker) Stop() {
	w.once.Do(func() {
		close(w.stop)
		for _, l := range w.lanes {
			l.Drain() // fetch gives back what was pulled and not begun
		}
		hard := time.AfterFunc(w.cfg.SoftStop, w.cancel)
		w.wg.Wait()
		hard.Stop()
		w.cancel()
	})
	w.wg.Wait()
}
