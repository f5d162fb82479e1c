package client

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/vmihailenco/msgpack/v5"

	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/streams"
	"github.com/weir-bpm/weir/variables"
)

// Client publishes commands and deploys models. Its methods may be called from
// many goroutines.
type Client struct {
	*shared
	tenant string
}

// shared is what the clients of all tenants on one connection share.
type shared struct {
	nc      *nats.Conn
	js      jetstream.JetStream
	names   streams.Names
	cluster streams.Cluster

	inbox   string
	sub     *nats.Subscription
	waiting sync.Map // token to chan []byte
	closed  chan struct{}
	close   sync.Once
	tokens  atomic.Uint64
	next    atomic.Uint64 // partition of the next new instance

	// deploySeq is the newest deploy sequence this client has seen; commands
	// carry it, so that a start right after a deployment finds it.
	deploySeq atomic.Uint64

	mu  sync.Mutex
	rnd *rand.Rand
}

// Option changes how a client works.
type Option func(*Client) error

// WithTenant sets the tenant of all commands. Default: "default".
func WithTenant(tenant string) Option {
	return func(c *Client) error {
		c.tenant = tenant
		return streams.CheckTenant(tenant)
	}
}

// WithPrefix sets the first token of all subjects. Default: "weir".
func WithPrefix(prefix string) Option {
	return func(c *Client) error {
		c.names.Prefix = prefix
		return nil
	}
}

// New returns a client on a connection, which stays the caller's. Close the
// client before the connection.
func New(ctx context.Context, nc *nats.Conn, opts ...Option) (*Client, error) {
	js, err := jetstream.New(nc)
	if err != nil {
		return nil, fmt.Errorf("weir client: %w", err)
	}
	c := &Client{tenant: streams.DefaultTenant, shared: &shared{
		nc: nc, js: js, inbox: nats.NewInbox(), closed: make(chan struct{}),
		rnd: rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64())), //nolint:gosec // ids need to differ, not to be secret
	}}
	for _, o := range opts {
		if err := o(c); err != nil {
			return nil, fmt.Errorf("weir client: %w", err)
		}
	}
	if c.cluster, err = streams.ReadCluster(ctx, js, c.names); err != nil {
		return nil, fmt.Errorf("weir client: no Weir was found on %s: %w", nc.ConnectedUrlRedacted(), err)
	}
	c.next.Store(uint64(c.random(c.cluster.Partitions)))
	if c.sub, err = nc.Subscribe(c.inbox+".*", c.receive); err != nil {
		return nil, fmt.Errorf("weir client: %w", err)
	}
	return c, nil
}

// ForTenant returns a client for another tenant on the same connection. Closing
// either closes both.
func (c *Client) ForTenant(tenant string) (*Client, error) {
	if tenant == "" || tenant == c.tenant {
		return c, nil
	}
	if err := streams.CheckTenant(tenant); err != nil {
		return nil, commands.Reject(commands.CodeTenantInvalid, "%v", err)
	}
	return &Client{shared: c.shared, tenant: tenant}, nil
}

// Close ends the client; calls that wait, and later ones, get
// [nats.ErrConnectionClosed]. It may be called more than once.
func (c *Client) Close() (err error) {
	c.close.Do(func() {
		close(c.closed)
		err = c.sub.Unsubscribe()
	})
	return err
}

func (c *Client) random(n int) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.rnd.IntN(max(n, 1))
}

func (c *Client) receive(msg *nats.Msg) {
	token := msg.Subject[strings.LastIndexByte(msg.Subject, '.')+1:]
	if ch, ok := c.waiting.LoadAndDelete(token); ok {
		ch.(chan []byte) <- msg.Data // of capacity 1, sent to once
	}
}

// NewInstanceID returns the id of a new instance; instances spread over the
// partitions in turn.
func (c *Client) NewInstanceID() ids.Instance {
	p := ids.Partition(c.next.Add(1) % uint64(c.cluster.Partitions)) //nolint:gosec // below 1024
	c.mu.Lock()
	defer c.mu.Unlock()
	return ids.At(p, time.Now(), c.rnd)
}

func (c *Client) newCommandID() ids.Command {
	c.mu.Lock()
	defer c.mu.Unlock()
	return ids.NewCommand(time.Now(), c.rnd)
}

// attemptWait is how long an answer may take before the command is sent again.
const attemptWait = 2 * time.Second

// defaultWait bounds a call whose context has no deadline.
const defaultWait = 30 * time.Second

// Do sends a command to an instance and returns the answer. A rejection is a
// *commands.Error; without an answer before the context's deadline (30 s if it
// has none) the error has the code engine.unavailable, and whether the command
// was applied is not known.
func (c *Client) Do(ctx context.Context, id ids.Instance, cmd commands.Command) (*commands.Result, error) {
	if err := cmd.Validate(); err != nil {
		return nil, err
	}
	payload, err := commands.Encode(cmd)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", cmd.Kind(), err)
	}
	if limit := c.nc.MaxPayload(); int64(len(payload)) > limit-4096 {
		return nil, commands.Reject(commands.CodeVariablesTooLarge, "the command has %d bytes; the server takes at most %d", len(payload), limit-4096)
	}
	msg := nats.NewMsg(c.names.CommandSubject(c.tenant, id, string(cmd.Kind())))
	msg.Data = payload
	data, err := c.ask(ctx, msg, c.newCommandID())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", cmd.Kind(), err)
	}
	result, err := commands.DecodeResult(data)
	if err != nil {
		return nil, fmt.Errorf("%s: unreadable answer: %w", cmd.Kind(), err)
	}
	return result, result.Err()
}

// ask publishes a command until it is answered.
func (c *Client) ask(ctx context.Context, msg *nats.Msg, id ids.Command) ([]byte, error) {
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, defaultWait)
		defer cancel()
	}
	msg.Header.Set(commands.HeaderID, string(id))
	msg.Header.Set(commands.HeaderContentType, commands.ContentMsgpack)
	if seq := c.deploySeq.Load(); seq > 0 {
		msg.Header.Set(commands.HeaderDeploySeq, strconv.FormatUint(seq, 10))
	}
	timer := time.NewTimer(attemptWait)
	defer timer.Stop()
	var last error
	for attempt := 0; ; attempt++ {
		token := strconv.FormatUint(c.tokens.Add(1), 36)
		ch := make(chan []byte, 1)
		c.waiting.Store(token, ch)
		msg.Header.Set(commands.HeaderReply, c.inbox+"."+token)
		// The answer tells all; only when it is late, the log is asked whether
		// it took the command, for a better error.
		if attempt == 0 {
			last = c.nc.PublishMsg(msg)
		} else {
			// An acknowledgement may be lost as well as an answer.
			attemptCtx, cancel := context.WithTimeout(ctx, attemptWait)
			if _, last = c.js.PublishMsg(attemptCtx, msg); errors.Is(last, nats.ErrNoResponders) || errors.Is(last, jetstream.ErrNoStreamResponse) {
				last = errors.New("no stream takes the command: is Weir running, and is the id right?")
			}
			cancel()
		}
		timer.Reset(attemptWait)
		select {
		case data := <-ch:
			return data, nil
		case <-c.closed:
			c.waiting.Delete(token)
			return nil, nats.ErrConnectionClosed
		case <-timer.C:
			c.waiting.Delete(token)
		case <-ctx.Done():
			c.waiting.Delete(token)
			if last != nil && !errors.Is(last, context.DeadlineExceeded) {
				return nil, commands.Reject(commands.CodeUnavailable, "no answer came in time: %v", last)
			}
			return nil, commands.Reject(commands.CodeUnavailable, "no answer came in time; the command may have been applied (send it again with the same id, or look at the instance)")
		}
	}
}

// Start starts an instance. An empty id is a new one; a given id makes the
// start idempotent.
func (c *Client) Start(ctx context.Context, id ids.Instance, start commands.StartInstance) (*commands.Result, error) {
	if id == "" {
		id = c.NewInstanceID()
	}
	if _, err := ids.ParseInstance(string(id)); err != nil {
		return nil, commands.Reject(commands.CodeIDInvalid, "%v", err)
	}
	var err error
	if start.Variables, err = variables.NormalizeDocument(start.Variables); err != nil {
		return nil, commands.Reject(commands.CodeCommandInvalid, "variables: %v", err)
	}
	return c.Do(ctx, id, &start)
}

// of finds the instance that an id belongs to.
func of(id string) (ids.Instance, error) {
	in, _, err := ids.Split(id)
	if err != nil {
		return "", commands.Reject(commands.CodeIDInvalid, "%v", err)
	}
	return in, nil
}

// ByID sends a command about a job, user task or incident, whose id tells the
// instance.
func (c *Client) ByID(ctx context.Context, id string, cmd commands.Command) (*commands.Result, error) {
	in, err := of(id)
	if err != nil {
		return nil, err
	}
	return c.Do(ctx, in, cmd)
}

// PublishMessage sends a message to its home partition.
func (c *Client) PublishMessage(ctx context.Context, m commands.PublishMessage) (*commands.Result, error) {
	var err error
	if m.Variables, err = variables.NormalizeDocument(m.Variables); err != nil {
		return nil, commands.Reject(commands.CodeCommandInvalid, "variables: %v", err)
	}
	return c.toHome(ctx, ids.MessageHome(c.tenant, m.Name, m.CorrelationKey, c.cluster.Homes), &m)
}

// toHome sends a command for no instance to its home partition.
func (c *Client) toHome(ctx context.Context, home ids.Partition, cmd commands.Command) (*commands.Result, error) {
	c.mu.Lock()
	id := ids.At(home, time.Now(), c.rnd)
	c.mu.Unlock()
	return c.Do(ctx, id, cmd)
}

// BroadcastSignal sends a signal to all that wait for it and starts the processes
// that begin with it. The answer names the instances started by then; the signal
// reaches the others a moment later.
func (c *Client) BroadcastSignal(ctx context.Context, s commands.BroadcastSignal) (*commands.Result, error) {
	var err error
	if s.Variables, err = variables.NormalizeDocument(s.Variables); err != nil {
		return nil, commands.Reject(commands.CodeCommandInvalid, "variables: %v", err)
	}
	return c.toHome(ctx, ids.SignalHome(c.tenant, s.Name, c.cluster.Homes), &s)
}

// Evaluate evaluates the conditional start events of the newest processes with
// variables. The answer names the instances that it started.
func (c *Client) Evaluate(ctx context.Context, e commands.Evaluate) (*commands.Result, error) {
	var err error
	if e.Variables, err = variables.NormalizeDocument(e.Variables); err != nil {
		return nil, commands.Reject(commands.CodeCommandInvalid, "variables: %v", err)
	}
	return c.toHome(ctx, ids.ConditionHome(c.tenant, c.cluster.Homes), &e)
}

// Deploy deploys files together: all of them or, if one has an error, none. The
// result holds every problem found, also with an error.
func (c *Client) Deploy(ctx context.Context, d commands.Deploy) (*commands.DeployResult, error) {
	payload, err := msgpack.Marshal(&d)
	if err != nil {
		return nil, fmt.Errorf("encode deploy: %w", err)
	}
	if limit := c.nc.MaxPayload(); int64(len(payload)) > limit-4096 {
		return nil, commands.Reject(commands.CodeDeploymentInvalid, "the files have %d bytes together; the server takes at most %d in one deployment, split it", len(payload), limit-4096)
	}
	id := c.newCommandID()
	msg := nats.NewMsg(c.names.DeploySubject(c.tenant, id))
	msg.Data = payload
	data, err := c.ask(ctx, msg, id)
	if err != nil {
		return nil, fmt.Errorf("deploy: %w", err)
	}
	result, err := commands.DecodeDeployResult(data)
	if err != nil {
		return nil, fmt.Errorf("deploy: unreadable answer: %w", err)
	}
	for {
		seen := c.deploySeq.Load()
		if result.DeploySeq <= seen || c.deploySeq.CompareAndSwap(seen, result.DeploySeq) {
			return result, result.Err()
		}
	}
}

// workerName is the default name of a worker.
func workerName() string {
	host, err := os.Hostname()
	if err != nil {
		host = "worker"
	}
	return host + "-" + strconv.Itoa(os.Getpid())
}
