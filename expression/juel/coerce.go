package juel

import (
	"math"
	"math/bits"
	"strconv"
	"strings"
	"time"

	"github.com/cockroachdb/apd/v3"

	"github.com/weir-bpm/weir/expression/timers"
	"github.com/weir-bpm/weir/variables"
)

// Numbers are int64, or decimals of 34 digits (IEEE 754 decimal128), where EL
// has long, double and BigDecimal: nothing is lost, and 0.1 + 0.2 is 0.3.
var decimal128 = apd.Context{
	Precision:   34,
	MaxExponent: 6144,
	MinExponent: -6143,
	Rounding:    apd.RoundHalfEven,
	Traps:       apd.DefaultTraps,
}

// round34 brings a number into 34 digits and its one form.
func round34(v any) (any, error) {
	d, ok := v.(*apd.Decimal)
	if !ok || d.NumDigits() <= 34 {
		return v, nil
	}
	var r apd.Decimal
	if _, err := decimal128.Round(&r, d); err != nil {
		return nil, err
	}
	return variables.FromDecimal(&r)
}

// moment is a date inside of expressions.
type moment struct{ t time.Time }

func formatMoment(t time.Time) string { return t.Format(time.RFC3339Nano) }

// toNumber coerces as EL 2.2, 1.18.3: null and the empty text are zero, a text
// is read as a number. It fails for booleans, lists and the like.
func toNumber(v any) (any, bool) {
	switch v := v.(type) {
	case int64, *apd.Decimal:
		return v, true
	case nil:
		return int64(0), true
	case string:
		if v == "" {
			return int64(0), true
		}
		return textNumber(v)
	}
	return nil, false
}

// textNumber reads a number as written in a model, with up to 6,200 characters.
func textNumber(s string) (any, bool) {
	s = strings.TrimSpace(s)
	if s == "" || len(s) > 6200 {
		return nil, false
	}
	for i := range len(s) {
		if c := s[i]; !isDigit(c) && strings.IndexByte("+-.eE", c) < 0 {
			return nil, false // no Infinity, NaN or hexadecimal
		}
	}
	n, err := parseNumber(s)
	return n, err == nil
}

// toInt gives a whole number that fits.
func toInt(v any) (int64, bool) {
	i, ok := v.(int64)
	return i, ok
}

// toBool coerces as EL 2.2, 1.18.5. It fails for numbers, lists and the like.
func toBool(v any) (bool, bool) {
	switch v := v.(type) {
	case bool:
		return v, true
	case nil:
		return false, true
	case string:
		return strings.EqualFold(v, "true"), true
	}
	return false, false
}

// toText coerces as EL 2.2, 1.18.1: null is the empty text. Lists and objects
// become JSON, as the JSON variables of the engines do.
func (f *frame) toText(v any, at int) (string, error) {
	switch v := v.(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	case bool:
		return strconv.FormatBool(v), nil
	case int64:
		return strconv.FormatInt(v, 10), nil
	case *apd.Decimal:
		return decimalText(v), nil
	case moment:
		return formatMoment(v.t), nil
	case []any, map[string]any:
		if err := f.weigh(v, at); err != nil {
			return "", err
		}
		b, err := variables.ToJSON(v)
		if err != nil {
			return "", f.fail(CodeType, at, "", "a value cannot be written as JSON: %v", err)
		}
		if len(b) > f.text {
			return "", f.tooLong(at)
		}
		return string(b), nil
	}
	_, err := f.export(v, at)
	if err == nil {
		err = f.fail(CodeType, at, "", "%s is no text", typeName(v))
	}
	return "", err
}

// weigh takes a step for each part of a value.
func (f *frame) weigh(v any, at int) error {
	switch v := v.(type) {
	case []any:
		if err := f.spend(1+len(v), at); err != nil {
			return err
		}
		for _, item := range v {
			if err := f.weigh(item, at); err != nil {
				return err
			}
		}
	case map[string]any:
		if err := f.spend(1+len(v), at); err != nil {
			return err
		}
		for k, item := range v {
			if err := f.spend(len(k)/16, at); err != nil {
				return err
			}
			if err := f.weigh(item, at); err != nil {
				return err
			}
		}
	case string:
		return f.spend(1+len(v)/16, at)
	}
	return nil
}

// decimalText writes plain digits where that is short.
func decimalText(d *apd.Decimal) string {
	if d.Exponent > -60 && d.Exponent <= 20 {
		return d.Text('f')
	}
	return d.Text('G')
}

// isEmpty is the operator empty (EL 2.2, 1.12).
func isEmpty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case []any:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0
	}
	return false
}

func isNumber(v any) bool {
	switch v.(type) {
	case int64, *apd.Decimal:
		return true
	}
	return false
}

func toDecimal(v any) *apd.Decimal {
	if i, ok := v.(int64); ok {
		return apd.New(i, 0)
	}
	d, _ := v.(*apd.Decimal)
	return d
}

// arithmetic computes with two numbers, in int64 as long as the result fits.
func (f *frame) arithmetic(op kind, a, b any, at int) (any, error) {
	x, ok1 := a.(int64)
	y, ok2 := b.(int64)
	if ok1 && ok2 {
		if res, ok := fast(op, x, y); ok {
			return res, nil
		}
	}
	return f.slow(op, toDecimal(a), toDecimal(b), at)
}

// fast computes in int64 if the exact result fits.
func fast(op kind, x, y int64) (int64, bool) {
	switch op { //nolint:exhaustive // the arithmetic operators
	case tPlus:
		s := x + y
		return s, (s > x) == (y > 0)
	case tMinus:
		s := x - y
		return s, (s < x) == (y > 0)
	case tTimes:
		hi, lo := bits.Mul64(magnitude(x), magnitude(y))
		if hi != 0 || lo > math.MaxInt64 {
			return 0, false
		}
		return x * y, true
	case tDivide:
		if y == 0 || y == -1 || x%y != 0 {
			return 0, false
		}
		return x / y, true
	case tModulo:
		if y == 0 || y == -1 {
			return 0, false
		}
		return x % y, true
	}
	return 0, false
}

func magnitude(x int64) uint64 {
	if x < 0 {
		return -uint64(x) //nolint:gosec // two's complement
	}
	return uint64(x)
}

// slow computes with decimals.
func (f *frame) slow(op kind, x, y *apd.Decimal, at int) (any, error) {
	// Numbers far apart take as many digits as lie between them.
	apart := int(x.Exponent) - int(y.Exponent)
	if err := f.spend(10+max(apart, -apart), at); err != nil {
		return nil, err
	}
	if y.IsZero() && (op == tDivide || op == tModulo) {
		return nil, f.fail(CodeDivision, at, "", "a number is divided by zero")
	}
	var d apd.Decimal
	var err error
	switch op { //nolint:exhaustive // the arithmetic operators
	case tPlus:
		_, err = decimal128.Add(&d, x, y)
	case tMinus:
		_, err = decimal128.Sub(&d, x, y)
	case tTimes:
		_, err = decimal128.Mul(&d, x, y)
	case tDivide:
		_, err = decimal128.Quo(&d, x, y)
	default:
		err = remainder(&d, x, y)
	}
	if err != nil {
		return nil, f.fail(CodeNumber, at, "", "the result is outside of the range of 34-digit decimals")
	}
	v, err := variables.FromDecimal(&d)
	if err != nil {
		return nil, f.fail(CodeNumber, at, "", "the result is outside of the range of 34-digit decimals")
	}
	return v, nil
}

// remainder has the sign of x, as Java's does. The quotient may have more
// digits than 34, so it is computed with as many as it takes.
func remainder(d, x, y *apd.Decimal) error {
	digits := x.NumDigits() + int64(x.Exponent) - y.NumDigits() - int64(y.Exponent) + 2
	wide := decimal128
	wide.Precision = uint32(min(max(digits+34, 34), 13000)) //nolint:gosec // bounded
	var r apd.Decimal
	if _, err := wide.Rem(&r, x, y); err != nil {
		return err
	}
	_, err := decimal128.Round(d, &r)
	return err
}

// compare orders two values that are not null (EL 2.2, 1.9.1).
func (f *frame) compare(l, r any, at int) (int, error) {
	if x, ok := l.(int64); ok {
		if y, ok := r.(int64); ok {
			return sign3(x < y, x > y), nil
		}
	}
	switch {
	case isMoment(l) || isMoment(r):
		x, err := f.toMoment(l, at)
		if err != nil {
			return 0, err
		}
		y, err := f.toMoment(r, at)
		if err != nil {
			return 0, err
		}
		return x.t.Compare(y.t), nil
	case isNumber(l) || isNumber(r):
		x, ok := toNumber(l)
		if !ok {
			return 0, f.notNumber(l, at)
		}
		y, ok := toNumber(r)
		if !ok {
			return 0, f.notNumber(r, at)
		}
		return f.compareNumbers(x, y, at)
	}
	if s, ok := l.(string); ok {
		t, err := f.toText(r, at)
		if err != nil {
			return 0, err
		}
		return compareText(s, t), f.spend(min(len(s), len(t))/16, at)
	}
	if t, ok := r.(string); ok {
		s, err := f.toText(l, at)
		if err != nil {
			return 0, err
		}
		return compareText(s, t), f.spend(min(len(s), len(t))/16, at)
	}
	if x, ok := l.(bool); ok {
		if y, ok := r.(bool); ok {
			return sign3(!x && y, x && !y), nil
		}
	}
	return 0, f.fail(CodeType, at, "", "%s and %s have no order", typeName(l), typeName(r))
}

func (f *frame) compareNumbers(x, y any, at int) (int, error) {
	i, ok1 := x.(int64)
	j, ok2 := y.(int64)
	if ok1 && ok2 {
		return sign3(i < j, i > j), nil
	}
	return toDecimal(x).Cmp(toDecimal(y)), f.spend(10, at)
}

func sign3(less, greater bool) int {
	switch {
	case less:
		return -1
	case greater:
		return 1
	}
	return 0
}

func isMoment(v any) bool {
	_, ok := v.(moment)
	return ok
}

// equal is == (EL 2.2, 1.9.2): null equals null only; with a number on one side
// both are numbers, with a boolean both are booleans, with a text both are
// texts.
func (f *frame) equal(l, r any, at int) (bool, error) {
	if l == nil || r == nil {
		return l == nil && r == nil, nil
	}
	switch {
	case isMoment(l) || isMoment(r):
		x, err := f.toMoment(l, at)
		if err != nil {
			return false, nil //nolint:nilerr // no date is equal to no date
		}
		y, err := f.toMoment(r, at)
		if err != nil {
			return false, nil //nolint:nilerr // see above
		}
		return x.t.Equal(y.t), nil
	case isNumber(l) || isNumber(r):
		x, ok := toNumber(l)
		if !ok {
			return false, f.notNumber(l, at)
		}
		y, ok := toNumber(r)
		if !ok {
			return false, f.notNumber(r, at)
		}
		c, err := f.compareNumbers(x, y, at)
		return c == 0, err
	}
	x, ok1 := l.(bool)
	y, ok2 := r.(bool)
	if ok1 || ok2 {
		if !ok1 {
			if x, ok1 = toBool(l); !ok1 {
				return false, f.fail(CodeCoercion, at, "", "expected true or false, but found %s", typeName(l))
			}
		}
		if !ok2 {
			if y, ok2 = toBool(r); !ok2 {
				return false, f.fail(CodeCoercion, at, "", "expected true or false, but found %s", typeName(r))
			}
		}
		return x == y, nil
	}
	s, ok1 := l.(string)
	t, ok2 := r.(string)
	if ok1 || ok2 {
		var err error
		if !ok1 {
			if s, err = f.toText(l, at); err != nil {
				return false, err
			}
		}
		if !ok2 {
			if t, err = f.toText(r, at); err != nil {
				return false, err
			}
		}
		return s == t, f.spend(min(len(s), len(t))/16, at)
	}
	return f.same(l, r, at)
}

// same is equality without coercion, as Java's equals has it, except that
// numbers have one kind only.
func (f *frame) same(l, r any, at int) (bool, error) {
	switch x := l.(type) {
	case moment:
		y, ok := r.(moment)
		return ok && x.t.Equal(y.t), nil
	case *Execution, *Task, *Element:
		return l == r, nil
	}
	if err := f.weigh(l, at); err != nil {
		return false, err
	}
	return variables.Equal(l, r), nil
}

// toMoment reads a date from what a variable can hold.
func (f *frame) toMoment(v any, at int) (moment, error) {
	switch v := v.(type) {
	case moment:
		return v, nil
	case string:
		t, err := timers.ParseDate(v, f.location())
		if err == nil {
			return moment{t.In(f.location())}, nil
		}
	case int64:
		// java.util.Date counts milliseconds.
		if v >= minMillis && v <= maxMillis {
			return moment{time.UnixMilli(v).In(f.location())}, nil
		}
	}
	return moment{}, f.fail(CodeCoercion, at, "", "expected a date such as 2026-03-01T09:30:00Z, but found %s", describe(v))
}

const (
	minMillis = -62135596800000 // year 1
	maxMillis = 253402300799999 // year 9999
)

// typeName names the kind of a value for messages.
func typeName(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "a boolean"
	case int64, *apd.Decimal:
		return "a number"
	case string:
		return "a text"
	case []any:
		return "a list"
	case map[string]any:
		return "an object"
	case moment:
		return "a date"
	case *Execution:
		return "execution"
	case *Task:
		return "task"
	case *Element:
		return "an element of the model"
	}
	return "a value"
}

// describe names the kind and, of a short text, the value.
func describe(v any) string {
	if s, ok := v.(string); ok {
		return "the text " + show(s)
	}
	return typeName(v)
}

// show quotes a value for a message, cut short.
func show(v any) string {
	const most = 40
	switch v := v.(type) {
	case string:
		if len(v) > most {
			v = strings.ToValidUTF8(v[:most], "") + "…"
		}
		return strconv.Quote(v)
	case int64:
		return strconv.FormatInt(v, 10)
	}
	return typeName(v)
}
