package feel

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// Equal answers a = b as FEEL does (DMN 1.5, 10.3.2.13, table 53): true, false,
// or null when the values are of different kinds. Null equals null alone.
//
// Values of more than ten million parts are not compared to the end: null.
func Equal(a, b Value) Value {
	eq, ok := equal(a, b)
	if !ok {
		return Value{}
	}
	return Bool(eq)
}

// maxParts bounds the parts of values that are looked at outside of an
// evaluation. Shared parts count as often as they appear.
const maxParts = 10_000_000

// equal: ok is false when the answer is null.
func equal(a, b Value) (eq, ok bool) {
	e := equality{left: maxParts}
	return e.equal(a, b, maxDepth)
}

// equal compares at the cost of steps.
func (f *frame) equal(a, b Value) (eq, ok bool) {
	e := equality{left: f.steps}
	eq, ok = e.equal(a, b, maxDepth)
	f.steps = e.left
	f.step(0)
	return eq, ok
}

// equality compares as long as there are steps left.
type equality struct{ left int }

func (e *equality) equal(a, b Value, depth int) (eq, ok bool) {
	if a.kind != b.kind {
		if a.kind == KindNull || b.kind == KindNull {
			return false, true
		}
		return false, false
	}
	e.left--
	if depth == 0 || e.left < 0 {
		return false, false
	}
	switch a.kind {
	case KindNull:
		return true, true
	case KindNumber:
		return compareNumbers(a, b) == 0, true
	case KindString:
		return a.str() == b.str(), true
	case KindBool, KindDate, KindYearsMonths:
		return a.n == b.n, true
	case KindDaysTime:
		return a.n == b.n && a.nano == b.nano, true
	case KindTime, KindDateTime:
		if (a.zone() == nil) != (b.zone() == nil) {
			return false, true
		}
		c, ok := Compare(a, b)
		return ok && c == 0, true
	case KindRange:
		return e.ranges(a, b, depth), true
	case KindList:
		return e.lists(a, b, depth)
	case KindContext:
		return e.contexts(a, b, depth)
	case KindFunction:
		x, _ := a.Function()
		y, _ := b.Function()
		return x == y || x.builtin != nil && x.builtin == y.builtin, true
	}
	return false, false
}

func (e *equality) ranges(a, b Value, depth int) bool {
	x, _ := a.Range()
	y, _ := b.Range()
	if x.LowClosed != y.LowClosed || x.HighClosed != y.HighClosed || x.not != y.not {
		return false
	}
	low, _ := e.equal(x.Low, y.Low, depth-1)
	high, _ := e.equal(x.High, y.High, depth-1)
	return low && high
}

func (e *equality) lists(a, b Value, depth int) (eq, ok bool) {
	if a.Len() != b.Len() {
		return false, true
	}
	eq, ok = true, true
	for i := range a.Len() {
		same, known := e.equal(a.At(i), b.At(i), depth-1)
		if known && !same {
			return false, true
		}
		ok = ok && known
	}
	return eq && ok, ok
}

func (e *equality) contexts(a, b Value, depth int) (eq, ok bool) {
	if a.Len() != b.Len() {
		return false, true
	}
	eq, ok = true, true
	for _, k := range a.Keys() {
		x, _ := a.Get(k)
		y, found := b.Get(k)
		if !found {
			return false, true
		}
		same, known := e.equal(x, y, depth-1)
		if known && !same {
			return false, true
		}
		ok = ok && known
	}
	return eq && ok, ok
}

// same reports whether two values are equal for the functions of lists, such as
// distinct values and list contains: never null.
func same(a, b Value) bool {
	eq, ok := equal(a, b)
	return eq && ok
}

func (f *frame) same(a, b Value) bool {
	eq, ok := f.equal(a, b)
	return eq && ok
}

// Compare orders two numbers, strings (by code points), dates, times, dates and
// times, or durations of one kind; ok is false when FEEL cannot compare the
// values: other kinds, or a value with a time zone and one without (DMN 1.5,
// 10.3.2.13, table 54).
func Compare(a, b Value) (order int, ok bool) {
	if a.kind != b.kind {
		return 0, false
	}
	switch a.kind {
	case KindNumber:
		return compareNumbers(a, b), true
	case KindString:
		return strings.Compare(a.str(), b.str()), true
	case KindDate, KindYearsMonths:
		return cmp.Compare(a.n, b.n), true
	case KindDaysTime:
		return cmp.Or(cmp.Compare(a.n, b.n), cmp.Compare(a.nano, b.nano)), true
	case KindTime:
		if (a.zone() == nil) != (b.zone() == nil) {
			return 0, false
		}
		return cmp.Compare(a.timeUTC(), b.timeUTC()), true
	case KindDateTime:
		if (a.zone() == nil) != (b.zone() == nil) {
			return 0, false
		}
		return cmp.Or(cmp.Compare(a.instant(), b.instant()), cmp.Compare(a.nano, b.nano)), true
	case KindNull, KindBool, KindRange, KindList, KindContext, KindFunction:
	}
	return 0, false
}

// identical answers is(a, b): the same kind and the same value in the semantic
// domain, zones included (DMN 1.5, 10.3.4.11).
func (f *frame) identical(a, b Value) bool {
	if a.kind != b.kind {
		return false
	}
	if a.kind == KindTime || a.kind == KindDateTime {
		return a.n == b.n && a.nano == b.nano && a.zone().equal(b.zone())
	}
	return f.same(a, b)
}

// sizeUpTo counts the parts of a value, shared ones as often as they appear, and
// stops beyond limit. Lists and maps of Go count as one: they are what they are.
// A value nested deeper than maxDepth counts as beyond.
func (v Value) sizeUpTo(limit, depth int) int {
	if depth == 0 {
		return limit + 1
	}
	n := 1
	var parts []Value
	switch r := v.ref.(type) {
	case *listValue:
		parts = r.items
	case *Context:
		parts = r.vals
	case *Range:
		parts = []Value{r.Low, r.High}
	default:
		return n
	}
	for _, p := range parts {
		if p.ref == nil || p.kind <= KindDateTime {
			n++
		} else {
			n += p.sizeUpTo(limit-n, depth-1)
		}
		if n > limit {
			return n
		}
	}
	return n
}

// includes answers whether a value lies in a range: true, false, or null when it
// cannot be compared with an endpoint.
func (r *Range) includes(v Value) Value {
	if r.not {
		eq, ok := equal(v, r.Low)
		if !ok {
			return Value{}
		}
		return Bool(!eq)
	}
	if !r.noLow && !r.noHigh && r.LowClosed && r.HighClosed && r.Low.kind != KindNull && same(r.Low, r.High) && v.kind == r.Low.kind {
		// (=x), also of kinds without order
		return Bool(same(v, r.Low))
	}
	in := true
	if !r.noLow {
		c, ok := Compare(v, r.Low)
		if !ok {
			return Value{}
		}
		in = c > 0 || (c == 0 && r.LowClosed)
	}
	if !r.noHigh {
		c, ok := Compare(v, r.High)
		if !ok {
			return Value{}
		}
		in = in && (c < 0 || (c == 0 && r.HighClosed))
	}
	return Bool(in)
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
