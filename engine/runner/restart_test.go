package runner

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/weir-bpm/weir/internal/embednats"
)

// The NATS server goes down under a node, loses its memory, and comes back: the
// node registers again and goes on, with jobs and commands complete.
func TestServerRestart(t *testing.T) {
	t.Parallel()
	cfg := embednats.Config{Dir: t.TempDir()}
	s, err := embednats.Start(cfg)
	if err != nil {
		t.Fatal(err)
	}
	stop := func() { _ = s.Stop() }
	t.Cleanup(func() { stop() })
	nc, err := nats.Connect(s.ClientURL())
	if err != nil {
		t.Fatal(err)
	}
	addr := nc.ConnectedAddr()
	nc.Close()
	if _, err := fmt.Sscanf(addr[strings.LastIndexByte(addr, ':')+1:], "%d", &cfg.Port); err != nil {
		t.Fatal(err)
	}
	f := fixtureOn(t, s, 1, func(o *nats.Options) error {
		o.InProcessServer, o.Url, o.MaxReconnect, o.ReconnectWait = nil, s.ClientURL(), -1, 20*time.Millisecond
		o.Servers = nil
		return nil
	})
	f.node()
	f.deploy(oneJob)
	f.start(0, "one_job", nil)
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	again, err := embednats.Start(cfg)
	if err != nil {
		t.Fatal(err)
	}
	stop = func() { _ = again.Stop() }
	f.start(0, "one_job", nil)
	eventually(t, "the node is a member again", func() bool {
		kv, err := f.js.KeyValue(t.Context(), f.names.MembersBucket())
		if err != nil {
			return false
		}
		_, err = kv.Get(t.Context(), "test")
		return err == nil
	})
	eventually(t, "both jobs are offered", func() bool { return len(f.jobs()) == 2 })
	if !f.warned.has("starts again from the log") {
		t.Error("expected the partition to start again from the log")
	}
}
