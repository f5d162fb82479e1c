package timers

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// Duration is an ISO 8601 duration. Calendar parts are kept apart from seconds,
// since how long they are depends on the date and zone to which they are added.
// The zero value is no time at all.
type Duration struct {
	Months  int64 // years are twelve months
	Days    int64 // weeks are seven days
	Seconds int64 // hours and minutes are seconds
	Nanos   int32 // of the sign of Seconds, or of any sign if Seconds is 0
}

// The largest parts that can matter between the years 0001 and 9999.
const (
	maxMonths  = 12 * maxYear
	maxDays    = 366 * maxYear
	maxSeconds = 86400 * maxDays
)

// ParseDuration reads a duration as ISO 8601-1:2019, 5.5.2 has it: P, then
// years, months, weeks and days, then T with hours, minutes and seconds, each
// part at most once and in this order (P1Y2M3W4DT5H6M7.5S). Only seconds may
// have a fraction, of up to nine digits. As java.time does, it reads a sign
// before P and before each number. Errors are [*Error].
func ParseDuration(text string) (Duration, error) {
	return parseDuration(text, text, 0)
}

func parseDuration(whole, text string, at int) (Duration, error) {
	if err := checkText(whole); err != nil {
		return Duration{}, err
	}
	p := scanner{text: strings.TrimSpace(text)}
	at += strings.Index(text, p.text)
	var d Duration
	neg := p.eat('-')
	if !neg {
		p.eat('+')
	}
	if !p.eat('P') {
		return Duration{}, fail(CodeDuration, whole, at+p.pos, "expected a duration such as P1DT2H, which begins with P")
	}
	const order = "YMWDThms" // in the time half the units are told apart by case
	last, parts := -1, 0
	inTime := false
	for p.pos < len(p.text) {
		start := at + p.pos
		if p.eat('T') {
			if inTime || p.pos == len(p.text) {
				return Duration{}, fail(CodeDuration, whole, start, "expected T once, with hours, minutes or seconds behind it")
			}
			inTime = true
			continue
		}
		n, nanos, err := p.amount(whole, at)
		if err != nil {
			return Duration{}, err
		}
		unit := p.peek()
		if inTime && strings.IndexByte("HMS", unit) >= 0 && unit != 0 {
			unit |= 0x20
		} else if inTime || strings.IndexByte("YMWD", unit) < 0 {
			unit = 0
		}
		if unit == 0 {
			return Duration{}, fail(CodeDuration, whole, at+p.pos, "expected a unit behind the number: Y, M, W or D, and behind T: H, M or S")
		}
		if i := strings.IndexByte(order, unit); i <= last {
			return Duration{}, fail(CodeDuration, whole, at+p.pos, "expected each unit once, from years down to seconds")
		} else {
			last = i
		}
		if nanos != noFraction && unit != 's' {
			return Duration{}, fail(CodeDuration, whole, start, "expected a whole number, as only seconds may have a fraction; write PT1H30M for one and a half hours")
		}
		p.pos++
		parts++
		switch unit {
		case 'Y':
			d.Months += n * 12
		case 'M':
			d.Months += n
		case 'W':
			d.Days += n * 7
		case 'D':
			d.Days += n
		case 'h':
			d.Seconds += n * 3600
		case 'm':
			d.Seconds += n * 60
		case 's':
			d.Seconds += n
			if nanos != noFraction {
				d.Nanos = nanos
			}
		}
		if abs(d.Months) > maxMonths || abs(d.Days) > maxDays || abs(d.Seconds) > maxSeconds {
			return Duration{}, fail(CodeRange, whole, start, "the duration is longer than 9999 years")
		}
	}
	if parts == 0 {
		return Duration{}, fail(CodeDuration, whole, at+p.pos, "expected at least one number with its unit, such as PT0S")
	}
	if d.Seconds > 0 && d.Nanos < 0 {
		d.Seconds, d.Nanos = d.Seconds-1, d.Nanos+1e9
	} else if d.Seconds < 0 && d.Nanos > 0 {
		d.Seconds, d.Nanos = d.Seconds+1, d.Nanos-1e9
	}
	if neg {
		d = d.Negate()
	}
	return d, nil
}

const noFraction = math.MinInt32

// amount reads a signed number of at most twelve digits and its fraction.
func (p *scanner) amount(whole string, at int) (n int64, nanos int32, err error) {
	neg := p.eat('-')
	if !neg {
		p.eat('+')
	}
	start := p.pos
	for isDigit(p.peek()) {
		p.pos++
	}
	if p.pos == start {
		return 0, 0, fail(CodeDuration, whole, at+p.pos, "expected a number and its unit")
	}
	if p.pos-start > 12 {
		return 0, 0, fail(CodeRange, whole, at+start, "the number has more than twelve digits")
	}
	n, _ = strconv.ParseInt(p.text[start:p.pos], 10, 64) // at most twelve digits
	nanos = noFraction
	if p.eat('.') || p.eat(',') {
		f, ok := p.fraction()
		if !ok {
			return 0, 0, fail(CodeDuration, whole, at+p.pos, "expected one to nine digits behind the point")
		}
		nanos = int32(f) //nolint:gosec // below 1e9
	}
	if neg {
		n = -n
		if nanos != noFraction {
			nanos = -nanos
		}
	}
	return n, nanos, nil
}

func abs(n int64) int64 {
	if n < 0 {
		return -n
	}
	return n
}

// Negate gives the duration backwards.
func (d Duration) Negate() Duration {
	return Duration{Months: -d.Months, Days: -d.Days, Seconds: -d.Seconds, Nanos: -d.Nanos}
}

// IsZero reports whether no part of d is set.
func (d Duration) IsZero() bool { return d == Duration{} }

// AddTo gives the moment d after t. Months and days are added on the wall clock
// of loc (nil is UTC), months first, then the seconds; see the package
// documentation on ends of months and changes of the clock. The result is in
// loc. A result outside of the years 0001 to 9999 is an [*Error] with
// [CodeRange].
func (d Duration) AddTo(t time.Time, loc *time.Location) (time.Time, error) {
	return d.addTimes(t, 1, loc)
}

// addTimes adds d n times at once, so that the end of a month is cut only once:
// twice P1M after 31 January is 31 March.
func (d Duration) addTimes(t time.Time, n int64, loc *time.Location) (time.Time, error) {
	if loc == nil {
		loc = time.UTC
	}
	t = t.In(loc)
	tooFar := fail(CodeRange, d.String(), 0, "the time is outside of the years 0001 to 9999")
	months, ok1 := times(d.Months, n, maxMonths)
	days, ok2 := times(d.Days, n, maxDays)
	seconds, ok3 := times(d.Seconds, n, maxSeconds)
	if !ok1 || !ok2 || !ok3 {
		return time.Time{}, tooFar
	}
	if months != 0 || days != 0 {
		w := wallOf(t)
		m := int64(w.Year())*12 + int64(w.Month()) - 1 + months
		y, mo := int(m/12), int(m%12)+1
		if m < 0 || y < minYear || y > maxYear {
			return time.Time{}, tooFar
		}
		day := min(w.Day(), daysIn(y, mo))
		w = time.Date(y, time.Month(mo), day+int(days), w.Hour(), w.Minute(), w.Second(), w.Nanosecond(), time.UTC)
		if days != 0 || months != 0 {
			t = resolve(w, loc)
		}
	}
	nanos := int64(d.Nanos) * (n % 1e9) // |n| reaches far only when d is tiny
	carry := int64(d.Nanos) * (n / 1e9)
	t = time.Unix(t.Unix()+seconds+carry, int64(t.Nanosecond())+nanos).In(loc)
	if y := t.Year(); y < minYear || y > maxYear {
		return time.Time{}, tooFar
	}
	return t, nil
}

// times multiplies within ±limit.
func times(a, n, limit int64) (int64, bool) {
	if a == 0 || n == 0 {
		return 0, true
	}
	if abs(n) > 2*limit/abs(a) {
		return 0, false
	}
	return a * n, true
}

// String gives d in its shortest ISO 8601 form; [ParseDuration] reads it back.
func (d Duration) String() string {
	var b strings.Builder
	b.WriteByte('P')
	part := func(n int64, unit byte) {
		if n != 0 {
			b.WriteString(strconv.FormatInt(n, 10))
			b.WriteByte(unit)
		}
	}
	part(d.Months/12, 'Y')
	part(d.Months%12, 'M')
	part(d.Days, 'D')
	if d.Seconds != 0 || d.Nanos != 0 {
		b.WriteByte('T')
		part(d.Seconds/3600, 'H')
		part(d.Seconds/60%60, 'M')
		if s := d.Seconds % 60; d.Nanos == 0 {
			part(s, 'S')
		} else {
			if s < 0 || d.Nanos < 0 {
				b.WriteByte('-')
			}
			b.WriteString(strconv.FormatInt(abs(s), 10))
			b.WriteByte('.')
			f := strconv.FormatInt(1e9+abs(int64(d.Nanos)), 10)[1:]
			b.WriteString(strings.TrimRight(f, "0"))
			b.WriteByte('S')
		}
	}
	if b.Len() == 1 {
		return "PT0S"
	}
	return b.String()
}
