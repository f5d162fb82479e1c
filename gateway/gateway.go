package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/weir-bpm/weir/client"
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/engine/runner"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/projector"
	"github.com/weir-bpm/weir/streams"
)

// Config says what a gateway works on.
type Config struct {
	NC    *nats.Conn
	JS    jetstream.JetStream
	Names streams.Names
	// Client publishes the commands. Required.
	Client *client.Client
	// Queries reads the read models, and Projector verifies and rebuilds them.
	// Required.
	Queries   *projector.Queries
	Projector *projector.Projector
	// Clock moves the engine's clock; nil where that is not allowed.
	Clock *runner.ClockControl
	// Version is the release, for the service's description.
	Version string
	Logger  *slog.Logger
}

// Gateway serves the operations. It has no state of its own.
type Gateway struct {
	cfg Config
	ops []operation
}

// New returns a gateway.
func New(cfg Config) *Gateway {
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	g := &Gateway{cfg: cfg}
	g.ops = g.operations()
	return g
}

// operation is one thing that a caller can ask for.
type operation struct {
	// name ends the NATS subject.
	name string
	// method and path are its place in HTTP; {…} are fields of the request.
	method, path string
	// about is one line of documentation.
	about string
	// timeout bounds it; 0 is 30 s.
	timeout time.Duration
	// newRequest makes the request that JSON, path and query are read into.
	newRequest func() any
	do         func(ctx context.Context, request any) (any, error)
}

// op builds an operation with a typed request.
func op[R any](name, method, path, about string, do func(ctx context.Context, r *R) (any, error)) operation {
	return operation{
		name: name, method: method, path: path, about: about,
		newRequest: func() any { return new(R) },
		do:         func(ctx context.Context, request any) (any, error) { return do(ctx, request.(*R)) },
	}
}

// long gives an operation that reads whole logs its time.
func long(o operation) operation {
	o.timeout = 2 * time.Hour
	return o
}

// Tenant is part of every request; empty is the default tenant.
type Tenant struct {
	Tenant string `json:"tenant,omitempty"`
}

func (t Tenant) orDefault() string {
	if t.Tenant == "" {
		return streams.DefaultTenant
	}
	return t.Tenant
}

// After makes a query wait until it can see at least a position: the one that
// the answer to a command gave, as <partition>:<seq>.
type After struct {
	Position string `json:"position,omitempty"`
}

// await waits for the position, if one is given.
func (g *Gateway) await(ctx context.Context, a After) error {
	if a.Position == "" {
		return nil
	}
	head, tail, _ := strings.Cut(a.Position, ":")
	p, err := ids.ParsePartition(head)
	if err != nil {
		return commands.Reject(commands.CodeCommandInvalid, "position: %v", err)
	}
	seq, err := strconv.ParseUint(tail, 10, 64)
	if err != nil {
		return commands.Reject(commands.CodeCommandInvalid, "position: expected <partition>:<seq>, but got %q", a.Position)
	}
	return g.cfg.Queries.WaitFor(ctx, p, seq)
}

// Failure is the body of every error.
type Failure struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	// Problems lists what is wrong with the files of a deployment.
	Problems []commands.Problem `json:"problems,omitempty"`
}

// problemsError carries the findings of a refused deployment.
type problemsError struct {
	error
	problems []commands.Problem
}

func (e problemsError) Unwrap() error { return e.error }

// failure describes an error to a caller, with the HTTP status that fits.
func failure(err error) (int, Failure) {
	var rejection *commands.Error
	var query *projector.Error
	var problems problemsError
	f := Failure{Message: err.Error()}
	if errors.As(err, &problems) {
		f.Problems = problems.problems
	}
	switch {
	case errors.As(err, &rejection):
		f.Code, f.Message = string(rejection.Code), rejection.Message
		return statusOf(rejection.Code), f
	case errors.As(err, &query):
		f.Code = string(query.Code)
		switch query.Code { //nolint:exhaustive // the others are the server's fault
		case projector.CodeNotFound:
			return 404, f
		case projector.CodeInvalid:
			return 400, f
		}
		return 500, f
	case errors.Is(err, context.DeadlineExceeded), unreachable(err):
		f.Code = string(commands.CodeUnavailable)
		return 503, f
	}
	f.Code = "internal"
	return 500, f
}

// unreachable says that Postgres or NATS does not answer: no fault of the request,
// which may be sent again.
func unreachable(err error) bool {
	var connect *pgconn.ConnectError
	var network *net.OpError
	var answer *pgconn.PgError
	if errors.As(err, &answer) {
		return strings.HasPrefix(answer.Code, "57P") // operator intervention: shutdown, crash, starting up
	}
	return errors.As(err, &connect) || errors.As(err, &network) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, nats.ErrConnectionClosed) || errors.Is(err, nats.ErrNoResponders) ||
		errors.Is(err, nats.ErrTimeout) || errors.Is(err, nats.ErrDisconnected)
}

func statusOf(code commands.Code) int {
	text := string(code)
	switch {
	case code == commands.CodeUnavailable:
		return 503
	case strings.HasSuffix(text, ".not_found"):
		return 404
	case code == commands.CodeVariablesTooLarge, code == commands.CodeDecisionTooLarge:
		return 413
	case code == commands.CodeInstanceFinished, code == commands.CodeJobNotActive, code == commands.CodeTaskAssigned, code == commands.CodeElementNotWaiting,
		code == commands.CodeMessageDuplicate, code == commands.CodeMessageAmbiguous, code == commands.CodeMessageNoReceiver:
		return 409
	case code == commands.CodeClockNotAllowed:
		return 403
	}
	return 400
}

// decodeRequest reads a JSON object into a request, refusing unknown fields.
func decodeRequest(data []byte, into any) error {
	if len(strings.TrimSpace(string(data))) == 0 {
		return nil
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	err := dec.Decode(into)
	var mismatch *json.UnmarshalTypeError
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return commands.Reject(commands.CodeCommandUnreadable, "the request is no readable JSON: it ends in the middle of a value")
	case errors.As(err, &mismatch) && mismatch.Field == "":
		return commands.Reject(commands.CodeCommandUnreadable, "expected a JSON object, but got %s", mismatch.Value)
	case errors.As(err, &mismatch):
		field := mismatch.Field[strings.LastIndexByte(mismatch.Field, '.')+1:] // without Go's name of an embedded struct
		return commands.Reject(commands.CodeCommandUnreadable, "the field %s cannot be read from a JSON %s", field, mismatch.Value)
	case err != nil:
		return commands.Reject(commands.CodeCommandUnreadable, "the request is no readable JSON: %v", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return commands.Reject(commands.CodeCommandUnreadable, "expected one JSON object, but more follows it")
	}
	return nil
}

// run does an operation within its time.
func (g *Gateway) run(ctx context.Context, o *operation, request any) (any, error) {
	timeout := o.timeout
	if timeout == 0 {
		timeout = 30 * time.Second
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	return o.do(ctx, request)
}

// Operation describes one operation, for documentation.
type Operation struct {
	Name, Method, Path, About string
	// Request is a zero request: its JSON names are the parameters.
	Request any
}

// Operations lists what the gateway offers, in the order of the documentation.
func (g *Gateway) Operations() []Operation {
	out := make([]Operation, len(g.ops))
	for i, o := range g.ops {
		out[i] = Operation{Name: o.name, Method: o.method, Path: o.path, About: o.about, Request: o.newRequest()}
	}
	return out
}
