package gateway_test

import (
	"net"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/weir-bpm/weir/gateway"
	"github.com/weir-bpm/weir/streams"
)

// slowDialer makes connections whose bytes leave late, as on a busy machine.
type slowDialer struct{}

func (slowDialer) Dial(network, address string) (net.Conn, error) {
	conn, err := net.Dial(network, address)
	return slowConn{conn}, err
}

type slowConn struct{ net.Conn }

func (c slowConn) Write(b []byte) (int, error) {
	time.Sleep(20 * time.Millisecond)
	return c.Conn.Write(b)
}

// Once Serve has returned, no operation is without responders, however late its
// subscription reaches the server.
func TestServeIsHeard(t *testing.T) {
	nc, err := nats.Connect(shared.w.NATSURL(), nats.SetCustomDialer(slowDialer{}))
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	names := streams.Names{Prefix: "heard"}
	g := gateway.New(gateway.Config{NC: nc, Names: names})
	s, err := g.Serve()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Stop() }()
	ops := g.Operations()
	for _, o := range ops[len(ops)-3:] {
		msg, err := shared.nc.Request(names.API(o.Name), []byte(`{"none": 1}`), 10*time.Second)
		if err != nil {
			t.Fatalf("%s: %v", o.Name, err)
		}
		if msg.Header.Get("Nats-Service-Error-Code") == "" {
			t.Errorf("%s: expected the field to be refused, but got %s", o.Name, msg.Data)
		}
	}
}
