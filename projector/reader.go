package projector

import (
	"context"
	"errors"
	"time"

	"github.com/weir-bpm/weir/streams"
)

// stuckAfter is how long a read may take beyond its patience, and stopPatience
// how long a canceled one.
const (
	stuckAfter   = 10 * time.Second
	stopPatience = 250 * time.Millisecond
)

// errStuck says that the log did not answer. The next attempt looks at the log
// first, and so finds out if it is gone.
var errStuck = errors.New("the log does not answer")

// patientReader reads frames without waiting for ever: when a stream is deleted
// or JetStream goes away, the ordered consumer below tries to come back without
// end and without heeding its context. A read that is given up ends by itself
// once the log answers again, and then closes the reader.
type patientReader struct {
	frames *streams.FrameReader
	lost   bool
}

type readResult struct {
	entries []streams.Entry
	err     error
}

// next returns at most limit entries, or none if nothing came within
// readPatience.
func (r *patientReader) next(ctx context.Context, limit uint64) ([]streams.Entry, error) {
	done := make(chan readResult)
	gone := make(chan struct{})
	go func() {
		entries, err := r.frames.Next(ctx, int(min(limit, chunkFrames)), readPatience)
		select {
		case done <- readResult{entries, err}:
		case <-gone:
			r.frames.Close()
		}
	}()
	stuck := time.NewTimer(readPatience + stuckAfter)
	defer stuck.Stop()
	select {
	case res := <-done:
		return res.entries, res.err
	case <-stuck.C:
		r.lost = true
		close(gone)
		return nil, errStuck
	case <-ctx.Done():
	}
	stop := time.NewTimer(stopPatience)
	defer stop.Stop()
	select {
	case <-done:
	case <-stop.C:
		r.lost = true
		close(gone)
	}
	return nil, ctx.Err()
}

// close releases the reader, unless a read that was given up will.
func (r *patientReader) close() {
	if !r.lost {
		r.frames.Close()
	}
}
