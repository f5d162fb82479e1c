package feel

import (
	"math"

	"github.com/cockroachdb/apd/v3"
)

// The arithmetic operators on values (DMN 1.5, 10.3.2.13, tables 55 to 60):
// what is not listed there is null.

func (f *frame) add(a, b Value, pos int) Value {
	if a.kind == KindNumber && b.kind == KindNumber {
		return f.number(addNumbers(a, b), pos)
	}
	switch {
	case a.kind == KindString && b.kind == KindString:
		return f.text(a.str() + b.str())
	case isDuration(b):
		if v, ok := f.addDuration(a, b, 1, pos); ok {
			return v
		}
	case isDuration(a):
		if v, ok := f.addDuration(b, a, 1, pos); ok {
			return v
		}
	}
	return f.noOperator("+", a, b, pos)
}

func (f *frame) sub(a, b Value, pos int) Value {
	if a.kind == KindNumber && b.kind == KindNumber {
		return f.number(subNumbers(a, b), pos)
	}
	if isDuration(b) {
		if v, ok := f.addDuration(a, b, -1, pos); ok {
			return v
		}
		return f.noOperator("-", a, b, pos)
	}
	if v, ok := difference(a, b); ok {
		return v
	}
	return f.noOperator("-", a, b, pos)
}

func isDuration(v Value) bool { return v.kind == KindDaysTime || v.kind == KindYearsMonths }

func (f *frame) noOperator(op string, a, b Value, pos int) Value {
	return f.warn(pos, WarnInvalidType, "the operator %s does not take %s and %s", op, brief(a), brief(b))
}

// number passes a result on, with a warning when there is none.
func (f *frame) number(v Value, pos int) Value {
	if v.kind == KindNull {
		return f.warn(pos, WarnOutOfRange, "the result is not a number of 34 digits")
	}
	return v
}

// inRange passes a temporal result on, with a warning when there is none.
func (f *frame) inRange(v Value, ok bool, pos int) Value {
	if !ok || v.kind == KindNull {
		return f.warn(pos, WarnOutOfRange, "the result is beyond what dates and durations can hold")
	}
	return v
}

// addDuration adds a duration, times sign, to a temporal value; ok is false when
// there is no such operation.
func (f *frame) addDuration(a, d Value, sign int64, pos int) (v Value, ok bool) {
	switch {
	case a.kind == d.kind && a.kind == KindYearsMonths:
		n, ok := addInt(a.n, sign*d.n)
		return f.inRange(Months(n), ok && n != math.MinInt64, pos), true
	case a.kind == d.kind:
		s, ok := addInt(a.n, sign*d.n)
		return f.inRange(normDaysTime(s, int64(a.nano)+sign*int64(d.nano)), ok, pos), true
	case d.kind == KindYearsMonths:
		return f.addMonths(a, sign*d.n, pos)
	}
	switch a.kind {
	case KindDate:
		// the date of its midnight plus the duration
		s, ok := addInt(a.n*daySeconds, sign*d.n)
		if nano := sign * int64(d.nano); nano < 0 {
			s--
		}
		v := checkedDateTime(s, 0, nil)
		if !ok || v.IsNull() {
			return f.inRange(Value{}, false, pos), true
		}
		return v.dateOf(), true
	case KindDateTime:
		return f.moveDateTime(a, d, sign, pos), true
	case KindTime:
		shift := sign * (d.n%daySeconds*nanosecond + int64(d.nano))
		a.n = floorMod(a.n+shift, dayNanos)
		return a, true
	default:
		return Value{}, false
	}
}

// moveDateTime moves along the local time of an offset, and along real time in
// a named zone.
func (f *frame) moveDateTime(a, d Value, sign int64, pos int) Value {
	z := a.zone()
	from := a.n
	if z != nil && z.loc != nil {
		from = a.instant()
	}
	nanos := int64(a.nano) + sign*int64(d.nano)
	s, ok := addInt(from, sign*d.n)
	if !ok || d.n == math.MinInt64 {
		return f.inRange(Value{}, false, pos)
	}
	s += floorDiv(nanos, nanosecond)
	if z != nil && z.loc != nil {
		s += z.offsetAtInstant(s)
	}
	v := checkedDateTime(s, int32(floorMod(nanos, nanosecond)), z) //nolint:gosec // below 1e9
	return f.inRange(v, true, pos)
}

func (f *frame) addMonths(a Value, months int64, pos int) (Value, bool) {
	switch a.kind {
	case KindDate:
		days, ok := addMonths(a.n, months)
		return f.inRange(dateOfDays(days), ok, pos), true
	case KindDateTime:
		days, ok := addMonths(a.days(), months)
		v := dateTimeOf(days*daySeconds+floorMod(a.n, daySeconds), a.nano, a.zone())
		return f.inRange(v, ok, pos), true
	default:
		return Value{}, false
	}
}

// difference is the duration between two times, dates, or dates and times, both
// with a zone or both without; a date is its midnight in UTC.
func difference(a, b Value) (Value, bool) {
	if a.kind == KindDate && b.kind == KindDate {
		return daysTime((a.n-b.n)*daySeconds, 0), true
	}
	if a.kind == KindDate && b.kind == KindDateTime {
		a = a.atMidnightUTC()
	}
	if b.kind == KindDate && a.kind == KindDateTime {
		b = b.atMidnightUTC()
	}
	if a.kind != b.kind || (a.zone() == nil) != (b.zone() == nil) {
		return Value{}, false
	}
	switch a.kind {
	case KindTime:
		return normDaysTime(0, a.timeUTC()-b.timeUTC()), true
	case KindDateTime:
		return normDaysTime(a.instant()-b.instant(), int64(a.nano)-int64(b.nano)), true
	default:
		return Value{}, false
	}
}

func (f *frame) mul(a, b Value, pos int) Value {
	switch {
	case a.kind == KindNumber && b.kind == KindNumber:
		return f.number(mulNumbers(a, b), pos)
	case isDuration(a) && b.kind == KindNumber:
		return f.inRange(durationOf(a.kind, mulNumbers(durationNumber(a), b)), true, pos)
	case a.kind == KindNumber && isDuration(b):
		return f.inRange(durationOf(b.kind, mulNumbers(durationNumber(b), a)), true, pos)
	}
	return f.noOperator("*", a, b, pos)
}

func (f *frame) div(a, b Value, pos int) Value {
	switch {
	case a.kind == KindNumber && b.kind == KindNumber:
		if b.isZero() {
			return f.warn(pos, WarnFunctionFailed, "division by zero")
		}
		return f.number(divNumbers(a, b), pos)
	case isDuration(a) && b.kind == KindNumber:
		if b.isZero() {
			return f.warn(pos, WarnFunctionFailed, "division by zero")
		}
		return f.inRange(durationOf(a.kind, divNumbers(durationNumber(a), b)), true, pos)
	case isDuration(a) && a.kind == b.kind:
		x, y := durationNumber(a), durationNumber(b)
		if y.isZero() {
			return f.warn(pos, WarnFunctionFailed, "division by zero")
		}
		return f.number(divNumbers(x, y), pos)
	}
	return f.noOperator("/", a, b, pos)
}

// durationNumber gives the seconds or the months of a duration.
func durationNumber(d Value) Value {
	if d.kind == KindYearsMonths {
		return Int(d.n)
	}
	return addNumbers(Int(d.n), scaled(int64(d.nano), 9))
}

// durationOf makes a duration of seconds or months; parts of a month, and of a
// nanosecond, are dropped.
func durationOf(k Kind, n Value) Value {
	if n.kind != KindNumber {
		return Value{}
	}
	whole, ok := n.truncInt()
	if !ok {
		return Value{}
	}
	if k == KindYearsMonths {
		return Months(whole)
	}
	rest := roundNumber(mulNumbers(subNumbers(n, Int(whole)), Int(nanosecond)), 0, apd.RoundDown)
	nanos, _ := rest.toInt()
	return normDaysTime(whole, nanos)
}

func (f *frame) pow(a, b Value, pos int) Value {
	if a.kind != KindNumber || b.kind != KindNumber {
		return f.noOperator("**", a, b, pos)
	}
	f.step(8)
	return f.number(powNumbers(a, b), pos)
}

func (f *frame) negate(v Value, pos int) Value {
	switch v.kind {
	case KindNumber:
		return f.number(negNumber(v), pos)
	case KindYearsMonths:
		return Months(-v.n)
	case KindDaysTime:
		return daysTime(-v.n, -v.nano)
	default:
	}
	return f.warn(pos, WarnInvalidType, "expected a number or a duration after -, but found %s", brief(v))
}

// equals answers = with a warning where the answer is null.
func (f *frame) equals(a, b Value, pos int) Value {
	eq, ok := f.equal(a, b)
	if !ok {
		if f.dialect == Camunda && a.kind == b.kind && (a.kind == KindList || a.kind == KindContext) {
			return Bool(false) // as it is inside of them that kinds differ
		}
		return f.warn(pos, WarnNotComparable, "cannot compare %s with %s", brief(a), brief(b))
	}
	return Bool(eq)
}

// less answers one of < <= > >= by what order has to be.
func (f *frame) order(a, b Value, pos int) (c int, ok bool) {
	c, ok = Compare(a, b)
	if !ok {
		f.warn(pos, WarnNotComparable, "cannot compare %s with %s", brief(a), brief(b))
	}
	return c, ok
}

// isIn answers "v in test" for the value of a test (DMN 1.5, 10.3.2.8, table
// 54): equality, membership of a list, inclusion in a range.
func (f *frame) isIn(v, test Value, pos int) Value {
	switch test.kind {
	case KindRange:
		r, _ := test.Range()
		in := r.includes(v)
		if in.IsNull() {
			return f.warn(pos, WarnNotComparable, "cannot compare %s with the endpoints of the range", brief(v))
		}
		return in
	case KindList:
		n := test.Len()
		f.step(n)
		for i := range n {
			item := test.At(i)
			if f.same(v, item) {
				return Bool(true)
			}
			if r, ok := item.Range(); ok && item.kind == KindRange && r.includes(v).IsTrue() {
				return Bool(true)
			}
		}
		return Bool(v.kind == KindList && f.same(v, test))
	default:
		return f.equals(v, test, pos)
	}
}
