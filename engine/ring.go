package engine

// ring remembers the newest values by key, up to a bound.
type ring[K comparable, V any] struct {
	bound int
	items map[K]V
	order []K // oldest first, from head on
	head  int
}

func newRing[K comparable, V any](bound int) ring[K, V] {
	return ring[K, V]{bound: bound, items: map[K]V{}}
}

func (r *ring[K, V]) get(k K) (V, bool) {
	v, ok := r.items[k]
	return v, ok
}

// put remembers a value; one that is there already keeps its place in line.
func (r *ring[K, V]) put(k K, v V) {
	if _, ok := r.items[k]; ok {
		r.items[k] = v
		return
	}
	r.items[k] = v
	r.order = append(r.order, k)
	for len(r.order)-r.head > r.bound {
		delete(r.items, r.order[r.head])
		r.head++
	}
	if r.head > r.bound {
		r.order = append([]K(nil), r.order[r.head:]...)
		r.head = 0
	}
}

// keys returns the keys, oldest first.
func (r *ring[K, V]) keys() []K { return r.order[r.head:] }
