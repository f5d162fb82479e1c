package weir

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/weir-bpm/weir/ids"
)

// projected is how far the read models are, as the executors of a cluster know
// it: a projector reports it to the meta bucket, an executor follows it there,
// and slows its intake when the read models are far behind.
type projected struct {
	mu   sync.Mutex
	seqs map[string]uint64 // by partition
}

// projectedKey is where the report is in the meta bucket.
const projectedKey = "projected"

// reportEvery is how often a projector reports.
const reportEvery = 500 * time.Millisecond

func (p *projected) take(seqs map[string]uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seqs = seqs
}

// throttle says how long to hold back the intake of a partition at a sequence:
// the further the read models are behind the bound, the longer, up to half a
// second for each group of commands. Where nobody reports, nothing is held back.
func (p *projected) throttle(seq uint64, partition string, bound uint64) time.Duration {
	p.mu.Lock()
	done, known := p.seqs[partition]
	p.mu.Unlock()
	if !known || seq <= done+bound {
		return 0
	}
	over := min(seq-done-bound, 5000)
	return time.Duration(over) * time.Millisecond / 10 //nolint:gosec // at most 5000
}

// report writes the positions of the projector of this process until the
// context ends.
func report(ctx context.Context, kv jetstream.KeyValue, positions func() map[ids.Partition]uint64) {
	ticker := time.NewTicker(reportEvery)
	defer ticker.Stop()
	var last string
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		seqs := map[string]uint64{}
		for p, seq := range positions() {
			if p >= 0 {
				seqs[p.String()] = seq
			}
		}
		data, err := json.Marshal(seqs)
		if err != nil || string(data) == last {
			continue
		}
		put, cancel := context.WithTimeout(ctx, reportEvery)
		if _, err := kv.Put(put, projectedKey, data); err == nil {
			last = string(data)
		}
		cancel()
	}
}

// follow takes over what is reported until the context ends.
func (p *projected) follow(ctx context.Context, kv jetstream.KeyValue) error {
	watch, err := kv.Watch(ctx, projectedKey)
	if err != nil {
		return err
	}
	go func() {
		defer func() { _ = watch.Stop() }() //nolint:errcheck // the connection may be gone
		for {
			select {
			case <-ctx.Done():
				return
			case entry, ok := <-watch.Updates():
				if !ok {
					return
				}
				var seqs map[string]uint64
				if entry != nil && json.Unmarshal(entry.Value(), &seqs) == nil {
					p.take(seqs)
				}
			}
		}
	}()
	return nil
}
