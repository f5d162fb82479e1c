package projector

import (
	"math/rand/v2"
	"testing"
	"time"
)

// TestRandomHistories projects random histories and compares every row with the
// naive model.
func TestRandomHistories(t *testing.T) {
	t.Parallel()
	for range 4 {
		seed := uint64(time.Now().UnixNano())
		w := newWorld(t, 0, 5)
		t.Logf("seed %d", seed)
		for _, part := range w.parts {
			w.write(part, newGenerator(seed, part).frames(120)...)
		}
		w.write(Definitions, newGenerator(seed, Definitions).deployments(10)...)
		p := w.start()
		w.settle(p)
		report := verifyOK(t, p)
		for table, n := range report.Tables {
			if n == 0 {
				t.Errorf("seed %d: expected rows in %s, but there are none", seed, table)
			}
		}
		if t.Failed() {
			return
		}
		p.Stop()
	}
}

var _ = rand.IntN
