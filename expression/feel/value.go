package feel

import (
	"fmt"
	"slices"

	"github.com/cockroachdb/apd/v3"
)

// Kind tells what a [Value] is. The kinds are those of the FEEL semantic
// domain (DMN 1.5, 10.3.2.2).
type Kind uint8

// The kinds of values. KindNull is the zero Kind, so the zero Value is null.
const (
	KindNull Kind = iota
	KindBool
	KindNumber
	KindString
	KindDate
	KindTime
	KindDateTime
	KindDaysTime    // days and time duration
	KindYearsMonths // years and months duration
	KindRange
	KindList
	KindContext
	KindFunction
)

var kindNames = [...]string{
	KindNull: "null", KindBool: "boolean", KindNumber: "number", KindString: "string",
	KindDate: "date", KindTime: "time", KindDateTime: "date and time",
	KindDaysTime: "days and time duration", KindYearsMonths: "years and months duration",
	KindRange: "range", KindList: "list", KindContext: "context", KindFunction: "function",
}

// String gives the FEEL name of the kind, such as "date and time".
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("Kind(%d)", uint8(k))
}

// Value is one FEEL value. It is small, immutable and safe for concurrent use;
// the zero Value is null. Null, booleans, integers, decimals whose digits fit
// an int64, dates and durations are held without allocation, and lists and
// contexts that come from Go are wrapped as they are and read on demand.
//
// Values must not be compared with ==; use [Equal].
type Value struct {
	// ref holds what does not fit n:
	//   number: nil (n scaled by 10^-scale) or *apd.Decimal
	//   string: string
	//   time, date and time: *zone, nil when local
	//   range: *Range; list: *listValue or []any; context: *Context or
	//   map[string]any; function: *Function
	ref any
	// n is the boolean (0, 1), the digits of a small number, the days since
	// 1970-01-01, the nanoseconds of the day, the local seconds since
	// 1970-01-01T00:00:00, the seconds of a duration, or its months.
	n     int64
	nano  int32 // nanoseconds of a date and time or of a days and time duration
	scale uint8 // decimals of a small number
	kind  Kind
}

// Null is the null value.
func Null() Value { return Value{} }

// Bool gives a boolean value.
func Bool(b bool) Value {
	if b {
		return Value{kind: KindBool, n: 1}
	}
	return Value{kind: KindBool}
}

// Int gives an integral number.
func Int(i int64) Value { return Value{kind: KindNumber, n: i} }

// Decimal gives a number, rounded to 34 digits. Infinities and NaN, which FEEL
// does not have, become null (DMN 1.5, 10.3.2.3.1).
func Decimal(d *apd.Decimal) Value { return numberFromDecimal(d) }

// String gives a string value.
func String(s string) Value { return Value{kind: KindString, ref: s} }

// List gives a list that holds the items. The slice is not copied and must not
// be changed afterwards.
func List(items ...Value) Value {
	return Value{kind: KindList, ref: &listValue{items: items}}
}

// Strings gives a list of strings.
func Strings(items ...string) Value {
	vs := make([]Value, len(items))
	for i, s := range items {
		vs[i] = String(s)
	}
	return List(vs...)
}

// Kind tells what the value is.
func (v Value) Kind() Kind { return v.kind }

// IsNull reports whether the value is null.
func (v Value) IsNull() bool { return v.kind == KindNull }

// IsTrue reports whether the value is the boolean true.
func (v Value) IsTrue() bool { return v.kind == KindBool && v.n != 0 }

// IsFalse reports whether the value is the boolean false.
func (v Value) IsFalse() bool { return v.kind == KindBool && v.n == 0 }

// AsBool gives the boolean; ok is false for any other kind.
func (v Value) AsBool() (b, ok bool) { return v.n != 0, v.kind == KindBool }

// AsString gives the text of a string value; ok is false for any other kind.
func (v Value) AsString() (s string, ok bool) {
	if v.kind != KindString {
		return "", false
	}
	return v.str(), true
}

// AsInt gives an integral number that fits an int64; ok is false for any other
// number or kind. 2.0 is integral.
func (v Value) AsInt() (i int64, ok bool) { return v.toInt() }

// AsDecimal gives a number as a decimal of its own; ok is false for any other
// kind.
func (v Value) AsDecimal() (d *apd.Decimal, ok bool) {
	if v.kind != KindNumber {
		return nil, false
	}
	d = new(apd.Decimal)
	d.Set(v.dec(new(apd.Decimal)))
	return d, true
}

// Len gives the number of items of a list or of entries of a context, and 0
// for any other kind.
func (v Value) Len() int {
	switch r := v.ref.(type) {
	case *listValue:
		return len(r.items)
	case []any:
		return len(r)
	case *Context:
		return len(r.keys)
	case map[string]any:
		return len(r)
	}
	return 0
}

// At gives the i-th item of a list, counted from 0, and null when there is
// none.
func (v Value) At(i int) Value {
	if i < 0 {
		return Value{}
	}
	switch r := v.ref.(type) {
	case *listValue:
		if i < len(r.items) {
			return r.items[i]
		}
	case []any:
		if i < len(r) {
			return FromAny(r[i])
		}
	}
	return Value{}
}

// Items gives the items of a list as a slice that must not be changed, and nil
// for any other kind.
func (v Value) Items() []Value {
	switch r := v.ref.(type) {
	case *listValue:
		return r.items
	case []any:
		items := make([]Value, len(r))
		for i := range r {
			items[i] = FromAny(r[i])
		}
		return items
	}
	return nil
}

// Get gives the entry of a context; ok is false when there is none or the value
// is no context.
func (v Value) Get(key string) (entry Value, ok bool) {
	switch r := v.ref.(type) {
	case *Context:
		return r.Get(key)
	case map[string]any:
		a, ok := r[key]
		if !ok {
			return Value{}, false
		}
		return FromAny(a), true
	}
	return Value{}, false
}

// Keys gives the keys of a context: in the order of insertion for one made by
// FEEL or a [Context], sorted for one made from a Go map. The slice must not be
// changed.
func (v Value) Keys() []string {
	switch r := v.ref.(type) {
	case *Context:
		return r.keys
	case map[string]any:
		keys := make([]string, 0, len(r))
		for k := range r {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		return keys
	}
	return nil
}

// Range gives the range; ok is false for any other kind.
func (v Value) Range() (r *Range, ok bool) {
	r, ok = v.ref.(*Range)
	return r, ok
}

// Function gives the function; ok is false for any other kind.
func (v Value) Function() (f *Function, ok bool) {
	f, ok = v.ref.(*Function)
	return f, ok
}

func (v Value) str() string {
	s, _ := v.ref.(string)
	return s
}

type listValue struct{ items []Value }

// Context is an ordered set of named values under construction. Turn it into a
// value with [Context.Value] and do not change it afterwards.
type Context struct {
	keys  []string
	vals  []Value
	index map[string]int // only when there are many keys
}

const contextIndexFrom = 12

// NewContext gives an empty context with room for n entries.
func NewContext(n int) *Context {
	return &Context{keys: make([]string, 0, n), vals: make([]Value, 0, n)}
}

// Set puts an entry, replacing one of the same key in its place, and returns
// the context.
func (c *Context) Set(key string, v Value) *Context {
	if i := c.find(key); i >= 0 {
		c.vals[i] = v
		return c
	}
	c.keys = append(c.keys, key)
	c.vals = append(c.vals, v)
	switch {
	case c.index != nil:
		c.index[key] = len(c.keys) - 1
	case len(c.keys) >= contextIndexFrom:
		c.index = make(map[string]int, 2*len(c.keys))
		for i, k := range c.keys {
			c.index[k] = i
		}
	}
	return c
}

// Get gives the entry of that key.
func (c *Context) Get(key string) (Value, bool) {
	if i := c.find(key); i >= 0 {
		return c.vals[i], true
	}
	return Value{}, false
}

// Len gives the number of entries.
func (c *Context) Len() int { return len(c.keys) }

// Value gives the context as a value.
func (c *Context) Value() Value { return Value{kind: KindContext, ref: c} }

func (c *Context) find(key string) int {
	if c.index != nil {
		if i, ok := c.index[key]; ok {
			return i
		}
		return -1
	}
	for i, k := range c.keys {
		if k == key {
			return i
		}
	}
	return -1
}

// Range is a range of values (DMN 1.5, 10.3.2.7). An endpoint that is absent,
// as in (>10), is null and its side is open.
type Range struct {
	Low, High             Value
	LowClosed, HighClosed bool
	// not marks (!= x): all values but Low.
	not bool
	// unbounded sides; a null endpoint that was written as null is no such.
	noLow, noHigh bool
}

// NewRange gives a range value between two endpoints, each closed (included)
// or open. A null endpoint leaves its side unbounded.
func NewRange(low Value, lowClosed bool, high Value, highClosed bool) Value {
	return rangeOf(&Range{
		Low: low, High: high, LowClosed: lowClosed, HighClosed: highClosed,
		noLow: low.IsNull(), noHigh: high.IsNull(),
	})
}

func rangeOf(r *Range) Value { return Value{kind: KindRange, ref: r} }
