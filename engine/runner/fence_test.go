package runner

import (
	"errors"
	"testing"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/streams"
)

// Two owners of one partition at the same time: the older one is fenced with
// its next frame and ends, and every command is applied once.
func TestFence(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 1)
	f.deployer()
	a := f.own(0)
	a.up()
	f.deploy(oneJob)
	f.start(0, "one_job", nil)
	b := f.own(0)
	b.up()
	// Both decide the next command; one frame wins, and the client is answered.
	f.start(0, "one_job", nil)
	winner := fenced(t, a, b)
	f.start(0, "one_job", nil)
	if n := count[*events.InstanceStarted](f, 0); n != 3 {
		t.Errorf("expected 3 starts, but the log has %d", n)
	}
	c := f.own(0)
	c.up()
	f.start(0, "one_job", nil)
	fenced(t, winner, c).stop()
	last := f.own(0)
	last.up()
	f.start(0, "one_job", nil)
	last.stop()
	epoch := uint64(0)
	for _, e := range f.frames(0) {
		if e.Frame.Epoch < epoch {
			t.Errorf("frame %d has epoch %d after %d", e.Seq, e.Frame.Epoch, epoch)
		}
		epoch = e.Frame.Epoch
	}
	if epoch < 2 {
		t.Errorf("expected epochs to grow, but the last one is %d", epoch)
	}
	sameState(t, last.p.state, f.replayed(0))
}

// fenced waits until one of two owners has been fenced and returns the other.
// Either may store the first frame: an epoch begins with a frame.
func fenced(t *testing.T, a, b *owner) *owner {
	t.Helper()
	loser, winner := a, b
	select {
	case <-a.done:
	case <-b.done:
		loser, winner = b, a
	}
	if !errors.Is(loser.err, ErrFenced) {
		t.Errorf("expected the other owner to be fenced, but got %v", loser.err)
	}
	return winner
}

func TestConflictCodes(t *testing.T) {
	t.Parallel()
	for code, want := range map[jetstream.ErrorCode]bool{10071: true, 10164: true, 10059: false} {
		if got := streams.IsConflict(&jetstream.APIError{ErrorCode: code}); got != want {
			t.Errorf("code %d: expected %v, but got %v", code, want, got)
		}
	}
	f := newFixture(t, 1)
	frame, err := events.EncodeFrame(&events.Frame{Epoch: 1})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := appendFrame(t.Context(), f.js, f.names.EventSubject(0), frame, 0); err != nil {
		t.Fatal(err)
	}
	if _, err := appendFrame(t.Context(), f.js, f.names.EventSubject(0), frame, 0); !errors.Is(err, ErrFenced) {
		t.Errorf("expected a frame at a sequence that is taken to be fenced, but got %v", err)
	}
	if n := len(f.frames(0)); n != 1 {
		t.Errorf("expected 1 frame, but got %d", n)
	}
}

// A command whose Weir-Deploy-Seq does not exist is refused; the others go on.
func TestBogusDeploySequence(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 1)
	f.deployer()
	f.own(0).up()
	f.deploy(oneJob)
	reply, err := f.nc.SubscribeSync(f.nc.NewInbox())
	if err != nil {
		t.Fatal(err)
	}
	msg := f.raw(f.at(0), &commands.StartInstance{ProcessID: "one_job"})
	msg.Header.Set(commands.HeaderDeploySeq, "18446744073709551615")
	msg.Header.Set(commands.HeaderReply, reply.Subject)
	if err := f.nc.PublishMsg(msg); err != nil {
		t.Fatal(err)
	}
	f.start(0, "one_job", nil)
	answer, err := reply.NextMsg(deployWait / 2)
	if err != nil {
		t.Fatal(err)
	}
	r, err := commands.DecodeResult(answer.Data)
	if err != nil || r.Code != commands.CodeCommandInvalid {
		t.Errorf("expected %s, but got %+v %v", commands.CodeCommandInvalid, r, err)
	}
}
