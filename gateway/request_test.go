package gateway

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/nats-io/nats.go"

	"github.com/weir-bpm/weir/commands"
)

// Goal: whoever sends a broken request learns what is broken, in words of the
// interface and not of Go; nothing of a request is dropped silently.
func TestDecodeRequestNamesTheFault(t *testing.T) {
	for _, test := range []struct{ body, want string }{
		{`{`, "ends in the middle of a value"},
		{`[]`, "expected a JSON object, but got array"},
		{`{"process_id": 5}`, "the field process_id cannot be read from a JSON number"},
		{`{"process_id": "p", "extra": 1}`, `unknown field "extra"`},
		{`{"process_id": "p"} {"process_id": "q"}`, "more follows it"},
		{`{"process_id": "p"} x`, "more follows it"},
	} {
		err := decodeRequest([]byte(test.body), new(StartRequest))
		var rejection *commands.Error
		if !errors.As(err, &rejection) || rejection.Code != commands.CodeCommandUnreadable {
			t.Errorf("%s: expected the code %s, but got %v", test.body, commands.CodeCommandUnreadable, err)
			continue
		}
		if !strings.Contains(rejection.Message, test.want) {
			t.Errorf("%s: expected %q in the message, but got %q", test.body, test.want, rejection.Message)
		}
	}
	for _, body := range []string{``, ` `, `{"process_id": "p"}`, "{}\n"} {
		if err := decodeRequest([]byte(body), new(StartRequest)); err != nil {
			t.Errorf("%q: expected a readable request, but got %v", body, err)
		}
	}
}

// Goal: a server that does not answer is told apart from a fault of the engine,
// since the caller may simply ask again.
func TestFailureOfUnreachableServers(t *testing.T) {
	_, connect := pgconn.Connect(context.Background(), "postgres://nobody@127.0.0.1:1/none?connect_timeout=1")
	if connect == nil {
		t.Fatal("expected no Postgres at port 1")
	}
	for _, err := range []error{connect, &pgconn.PgError{Code: "57P01"}, &net.OpError{Op: "write", Err: syscall.EPIPE}, nats.ErrTimeout, nats.ErrConnectionClosed, context.DeadlineExceeded} {
		status, f := failure(fmt.Errorf("query instances: %w", err))
		if status != 503 || f.Code != string(commands.CodeUnavailable) {
			t.Errorf("%v: expected 503 %s, but got %d %s", err, commands.CodeUnavailable, status, f.Code)
		}
	}
	if status, f := failure(&pgconn.PgError{Code: "42P01"}); status != 500 || f.Code != "internal" {
		t.Errorf("expected 500 internal, but got %d %s", status, f.Code)
	}
}
