package weir

import (
	"testing"
	"time"
)

// Intake is held back only where the read models are known to be far behind, and
// the longer the further.
func TestThrottle(t *testing.T) {
	var p projected
	if d := p.throttle(1_000_000, "00", 100); d != 0 {
		t.Errorf("expected no delay where nobody reports, but got %s", d)
	}
	p.take(map[string]uint64{"00": 1000})
	for _, tc := range []struct {
		seq  uint64
		want time.Duration
	}{{500, 0}, {1100, 0}, {1110, time.Millisecond}, {1_000_000, 500 * time.Millisecond}} {
		if d := p.throttle(tc.seq, "00", 100); d != tc.want {
			t.Errorf("at %d: expected %s, but got %s", tc.seq, tc.want, d)
		}
	}
	if d := p.throttle(1_000_000, "01", 100); d != 0 {
		t.Errorf("expected no delay of another partition, but got %s", d)
	}
}
