package engine

import (
	"iter"
	"slices"

	"github.com/weir-bpm/weir/ids"
)

// indexFrom is how many waiters a home has before they are indexed. Homes of a
// correlation key have one or two; a message without key has one home for all
// that wait for its name, a million perhaps.
const indexFrom = 64

// waiterIndex finds the waiters of a large home. It follows from the list and is
// no part of the state.
type waiterIndex struct {
	at       map[JobRef]int            // place in the list
	instance map[ids.Instance][]JobRef // in order of registration
	business map[string][]JobRef       // in order of registration
	dead     int                       // places in the list without a waiter
}

func newWaiterIndex(list []waiter) *waiterIndex {
	ix := &waiterIndex{at: map[JobRef]int{}, instance: map[ids.Instance][]JobRef{}, business: map[string][]JobRef{}}
	for i, w := range list {
		ix.add(w, i)
	}
	return ix
}

func (ix *waiterIndex) add(w waiter, i int) {
	ref := w.ref()
	ix.at[ref] = i
	ix.instance[w.Instance] = append(ix.instance[w.Instance], ref)
	if w.BusinessKey != "" {
		ix.business[w.BusinessKey] = append(ix.business[w.BusinessKey], ref)
	}
}

func (ix *waiterIndex) remove(w waiter) {
	ref := w.ref()
	delete(ix.at, ref)
	dropPlace(ix.instance, w.Instance, ref)
	dropPlace(ix.business, w.BusinessKey, ref)
}

func dropPlace[K comparable](m map[K][]JobRef, k K, ref JobRef) {
	list := m[k]
	i := slices.Index(list, ref)
	switch {
	case i < 0:
	case len(list) == 1:
		delete(m, k)
	default:
		m[k] = slices.Delete(list, i, i+1)
	}
}

func (w waiter) ref() JobRef { return JobRef{Instance: w.Instance, Key: w.Key} }

func (h *home) index() *waiterIndex {
	if h.more == nil {
		return nil
	}
	return h.more.index
}

func (h *home) addWaiter(w waiter) {
	h.list = append(h.list, w)
	if ix := h.index(); ix != nil {
		ix.add(w, len(h.list)-1)
	} else if len(h.list) >= indexFrom {
		h.buffer().index = newWaiterIndex(h.list)
	}
}

// removeWaiter takes out the waiter at a place. In a large home it leaves a hole
// there, until half of the list is holes.
func (h *home) removeWaiter(i int) {
	ix := h.index()
	if ix == nil {
		h.list = slices.Delete(h.list, i, i+1)
		return
	}
	ix.remove(h.list[i])
	h.list[i] = waiter{}
	if ix.dead++; 2*ix.dead <= len(h.list) {
		return
	}
	h.setWaiters(slices.Clone(slices.DeleteFunc(h.list, waiter.hole))) // and gives memory back
}

// setWaiters rerefs the list by one without holes.
func (h *home) setWaiters(list []waiter) {
	h.list = list
	switch {
	case len(list) >= indexFrom:
		h.buffer().index = newWaiterIndex(list)
	case h.more != nil:
		h.more.index = nil
	}
}

func (w waiter) hole() bool { return w.Key == 0 }

// waiters returns the waiters in order of registration. The caller must not
// change the list, nor keep it over a change of the home.
func (h *home) waiters() []waiter {
	if ix := h.index(); ix != nil && ix.dead > 0 {
		return slices.DeleteFunc(slices.Clone(h.list), waiter.hole)
	}
	return h.list
}

// waiter returns the place of a waiter in the list, -1 if it does not wait.
func (h *home) waiter(instance ids.Instance, key ids.Key) int {
	ref := JobRef{Instance: instance, Key: key}
	if ix := h.index(); ix != nil {
		if i, ok := ix.at[ref]; ok {
			return i
		}
		return -1
	}
	return slices.IndexFunc(h.list, func(w waiter) bool { return w.ref() == ref })
}

// accepting yields the waiters that may take a message now, in order of
// registration. The home must not change meanwhile.
func (h *home) accepting(m *message) iter.Seq[waiter] {
	return func(yield func(waiter) bool) {
		for w := range h.candidates(m) {
			if m.accepts(w) && !yield(w) {
				return
			}
		}
	}
}

func (h *home) candidates(m *message) iter.Seq[waiter] {
	ix := h.index()
	var refs []JobRef
	switch {
	case ix != nil && m.Instance != "":
		refs = ix.instance[m.Instance]
	case ix != nil && m.BusinessKey != "":
		refs = ix.business[m.BusinessKey]
	default:
		return func(yield func(waiter) bool) {
			for _, w := range h.list {
				if !w.hole() && !yield(w) {
					return
				}
			}
		}
	}
	return func(yield func(waiter) bool) {
		for _, ref := range refs {
			if !yield(h.list[ix.at[ref]]) {
				return
			}
		}
	}
}
