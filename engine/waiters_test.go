package engine

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/weir-bpm/weir/ids"
)

// TestWaiterIndex compares a home that grows and shrinks over the bound of the
// index with a plain list, over random additions, removals and messages.
func TestWaiterIndex(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // a test is to be the same each time
	h := &home{}
	var plain []waiter
	indexed, holes := 0, 0
	for step := range 20_000 {
		grow := step/1500%2 == 0 // up and down by turns
		if len(plain) == 0 || rnd.IntN(100) < 35 || grow && rnd.IntN(100) < 45 {
			w := waiter{
				Instance: ids.Instance(fmt.Sprintf("I%d", rnd.IntN(300))), Key: ids.Key(step + 1),
				ProcessID: fmt.Sprintf("p%d", rnd.IntN(3)), BusinessKey: []string{"", "b1", "b2", "b3"}[rnd.IntN(4)],
			}
			h.addWaiter(w)
			plain = append(plain, w)
		} else {
			i := rnd.IntN(len(plain))
			w := plain[i]
			plain = slices.Delete(plain, i, i+1)
			h.removeWaiter(h.waiter(w.Instance, w.Key))
			if h.waiter(w.Instance, w.Key) >= 0 {
				t.Fatalf("step %d: %v still waits", step, w)
			}
		}
		if ix := h.index(); ix != nil {
			indexed++
			holes = max(holes, ix.dead)
		}
		m := &message{
			Instance:    []ids.Instance{"", "", ids.Instance(fmt.Sprintf("I%d", rnd.IntN(300)))}[rnd.IntN(3)],
			BusinessKey: []string{"", "b1", "b9"}[rnd.IntN(3)], Delivered: [][]string{nil, {"p1"}}[rnd.IntN(2)],
		}
		var want []waiter
		for _, w := range plain {
			if m.accepts(w) {
				want = append(want, w)
			}
		}
		if got := slices.Collect(h.accepting(m)); !slices.Equal(got, want) {
			t.Fatalf("step %d: message %+v is accepted by %v, expected %v", step, m, got, want)
		}
		if !slices.Equal(h.waiters(), plain) {
			t.Fatalf("step %d: the waiters are %v, expected %v", step, h.waiters(), plain)
		}
		if h.tidy(); h.empty() != (len(plain) == 0) {
			t.Fatalf("step %d: empty with %d waiters", step, len(plain))
		}
	}
	if indexed == 0 || indexed == 20_000 || holes < 10 {
		t.Errorf("the index was used in %d steps with up to %d holes: the test proves little", indexed, holes)
	}
}
