package script

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/cockroachdb/apd/v3"
	"github.com/dop251/goja"
)

// maxSafe is the largest integer that a JavaScript number holds together with
// all smaller ones (ECMA-262, Number.MAX_SAFE_INTEGER).
const maxSafe = 1<<53 - 1

// exactFloat gives the double for a number if turning it back gives the same
// number; else the number has to cross as an exact number object.
func exactFloat(v any) (float64, bool) {
	switch n := v.(type) {
	case int64:
		return float64(n), n >= -maxSafe && n <= maxSafe
	case *apd.Decimal:
		f, err := strconv.ParseFloat(n.String(), 64)
		if err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
			return f, false
		}
		back, err := decimalOf(f)
		return f, err == nil && back.Cmp(n) == 0
	default:
		return 0, false
	}
}

// decimalOf is the shortest decimal that reads back as the same double.
func decimalOf(f float64) (*apd.Decimal, error) {
	d, _, err := apd.NewFromString(strconv.FormatFloat(f, 'g', -1, 64))
	return d, err
}

// number turns a double into the process's number: int64 where the value is
// an integer in its range, else a decimal.
func number(f float64) (any, *Error) {
	switch {
	case math.IsNaN(f):
		return nil, errorf(CodeValue, "NaN cannot be a process variable; check the arithmetic, or use null")
	case math.IsInf(f, 0):
		return nil, errorf(CodeValue, "Infinity cannot be a process variable; check for a division by zero, or use null")
	case f == math.Trunc(f) && f >= -(1<<63) && f < 1<<63:
		return int64(f), nil
	}
	d, err := decimalOf(f)
	if err != nil {
		return nil, errorf(CodeValue, "number %v: %v", f, err)
	}
	return canonical(d), nil
}

// canonical is int64 for integers in its range; other numbers stay decimals.
func canonical(d *apd.Decimal) any {
	var t apd.Decimal
	t.Reduce(d)
	if t.Exponent >= 0 && t.NumDigits()+int64(t.Exponent) <= 19 {
		if n, err := t.Int64(); err == nil {
			return n
		}
	}
	return d
}

// toJS copies a process value into the runtime.
func (c *call) toJS(v any) goja.Value {
	return c.importValue(v, 0)
}

func (c *call) importValue(v any, depth int) goja.Value {
	if depth > c.limits.MaxNesting {
		stop(CodeStack, "a process variable is nested deeper than %d", c.limits.MaxNesting)
	}
	switch x := v.(type) {
	case nil:
		return goja.Null()
	case bool:
		return c.realm.rt.ToValue(x)
	case string:
		c.spendString(int64(len(x)))
		return c.realm.rt.ToValue(x)
	case int64:
		if _, ok := exactFloat(x); !ok {
			return c.newExact(x)
		}
		return c.realm.rt.ToValue(x)
	case *apd.Decimal:
		f, ok := exactFloat(x)
		if !ok {
			return c.newExact(x)
		}
		return c.realm.rt.ToValue(f)
	case []any:
		c.spendArray(int64(len(x)), 64)
		items := make([]any, len(x))
		for i, e := range x {
			items[i] = c.importValue(e, depth+1)
		}
		return c.realm.rt.NewArray(items...)
	case map[string]any:
		c.spend(int64(len(x)), 256+128*int64(len(x)))
		o := c.realm.rt.NewObject()
		for _, k := range sortedKeys(x) {
			if err := o.Set(k, c.importValue(x[k], depth+1)); err != nil {
				stop(CodeValue, "member %q: %v", k, err)
			}
		}
		return o
	default:
		stop(CodeValue, "a value of Go type %T is no process value", v)
		return nil
	}
}

// newExact makes the object that stands for a number which a double cannot
// hold: arithmetic sees the nearest double, text and pass-through the number.
func (c *call) newExact(v any) goja.Value {
	c.spend(1, 256)
	o := c.realm.rt.CreateObject(c.realm.exactProto)
	if c.exact == nil {
		c.exact = make(map[*goja.Object]any)
	}
	c.exact[o] = v
	return o
}

// exactText is the full decimal text of a number.
func exactText(v any) string {
	switch n := v.(type) {
	case int64:
		return strconv.FormatInt(n, 10)
	case *apd.Decimal:
		return n.String()
	default:
		return ""
	}
}

// fromJS copies a script's value out. It panics with an abort for what is no
// process value; where says which value it is, for the message.
func (c *call) fromJS(v goja.Value, where string) any {
	x := exporter{call: c, where: where, path: make(map[*goja.Object]bool)}
	return x.value(v, 0)
}

type exporter struct {
	call  *call
	where string
	nodes int
	path  map[*goja.Object]bool // objects on the way down, to find cycles
}

func (x *exporter) refuse(format string, args ...any) {
	e := errorf(CodeValue, format, args...)
	stop(e.Code, "%s: %s", x.where, e.Message)
}

func (x *exporter) value(v goja.Value, depth int) any {
	x.nodes++
	if x.nodes > x.call.limits.MaxNodes {
		x.refuse("the value has more than %d parts", x.call.limits.MaxNodes)
	}
	if v == nil || goja.IsUndefined(v) || goja.IsNull(v) {
		return nil
	}
	if o, ok := v.(*goja.Object); ok {
		return x.object(o, depth)
	}
	if goja.IsNumber(v) {
		n, err := number(v.ToFloat())
		if err != nil {
			x.refuse("%s", err.Message)
		}
		return n
	}
	if goja.IsString(v) {
		s := v.String()
		x.call.spend(int64(len(s))/64, int64(len(s)))
		return s
	}
	if b, ok := v.Export().(bool); ok {
		return b
	}
	x.refuse("a symbol is no process value")
	return nil
}

func (x *exporter) object(o *goja.Object, depth int) any {
	if n, ok := x.call.exact[o]; ok {
		return n
	}
	if x.path[o] {
		x.refuse("the value contains itself")
	}
	if depth > x.call.limits.MaxNesting {
		x.refuse("the value is nested deeper than %d", x.call.limits.MaxNesting)
	}
	x.path[o] = true
	defer delete(x.path, o)
	switch class := o.ClassName(); class {
	case "Array":
		n := o.Get("length").ToInteger()
		if n > int64(x.call.limits.MaxNodes) {
			x.refuse("the array has %d elements, the limit is %d", n, x.call.limits.MaxNodes)
		}
		x.call.spendArray(n, 16)
		list := make([]any, n)
		for i := range list {
			list[i] = x.value(o.Get(strconv.Itoa(i)), depth+1)
		}
		return list
	case "Object", "Arguments":
		if _, ok := x.call.regexes[o]; ok {
			x.refuse("a RegExp is no process value; use its source")
		}
		switch collection(o) {
		case "Map":
			x.refuse("a Map is no process value; use Object.fromEntries(map)")
		case "Set":
			x.refuse("a Set is no process value; use Array.from(set)")
		}
		keys := o.Keys()
		x.call.spend(int64(len(keys)), 64*int64(len(keys)))
		m := make(map[string]any, len(keys))
		for _, k := range keys {
			e := o.Get(k)
			if e != nil && !goja.IsUndefined(e) { // as JSON.stringify does
				m[k] = x.value(e, depth+1)
			}
		}
		return m
	case "Date":
		ms := o.ToFloat() // the prototype is frozen, an own valueOf may lie about its own value only
		if math.IsNaN(ms) || math.Abs(ms) > 8.64e15 {
			x.refuse("the Date is invalid")
		}
		return isoTime(ms)
	case "String":
		return x.value(x.call.toText(o), depth+1)
	case "Number", "Boolean":
		return x.value(x.call.realm.rt.ToValue(o.Export()), depth+1)
	case "Function":
		x.refuse("a function is no process value; call it and use its result")
	case "Error":
		x.refuse("an Error is no process value; use its message")
	default:
		x.refuse("a %s is no process value", class)
	}
	return nil
}

func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// isoTime writes a time value as Date.prototype.toISOString does (ECMA-262,
// Date Time String Format, with expanded years outside 0 to 9999).
func isoTime(ms float64) string {
	t := time.UnixMilli(int64(ms)).UTC()
	switch y := t.Year(); {
	case y < 0:
		return fmt.Sprintf("-%06d%s", -y, t.Format("-01-02T15:04:05.000Z"))
	case y > 9999:
		return fmt.Sprintf("+%06d%s", y, t.Format("-01-02T15:04:05.000Z"))
	default:
		return t.Format("2006-01-02T15:04:05.000Z")
	}
}
