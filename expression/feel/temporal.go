package feel

import (
	"math"
	"time"
	_ "time/tzdata" // zones do not depend on the machine having them
)

// maxYear bounds years on both sides (DMN 1.5, 10.3.2.3.4 by way of XML Schema
// leaves them open; this is what the conformance kit asks for).
const maxYear = 999_999_999

const (
	daySeconds = 86400
	nanosecond = 1_000_000_000
	dayNanos   = daySeconds * nanosecond
)

// zone is the offset or the named time zone of a time or a date and time.
type zone struct {
	name   string // "" for a plain offset
	loc    *time.Location
	offset int64 // seconds, when there is no name
}

func (z *zone) equal(o *zone) bool {
	if z == nil || o == nil {
		return z == o
	}
	return z.name == o.name && z.offset == o.offset
}

// offsetAt gives the offset in seconds at a local time.
func (z *zone) offsetAt(local int64) int64 {
	if z.loc == nil {
		return z.offset
	}
	t := time.Unix(local, 0).UTC()
	_, off := time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, z.loc).Zone()
	return int64(off)
}

// offsetAtInstant gives the offset in seconds at a moment.
func (z *zone) offsetAtInstant(unix int64) int64 {
	if z.loc == nil {
		return z.offset
	}
	_, off := time.Unix(unix, 0).In(z.loc).Zone()
	return int64(off)
}

func fixedZone(offset int64) *zone { return &zone{offset: offset} }

func (v Value) zone() *zone {
	z, _ := v.ref.(*zone)
	return z
}

func withZone(v Value, z *zone) Value {
	if z != nil {
		v.ref = z
	}
	return v
}

// Date gives a date; ok is false when there is no such day or the year is
// beyond ±999,999,999.
func Date(year, month, day int64) (v Value, ok bool) {
	if !validDate(year, month, day) {
		return Value{}, false
	}
	return dateOfDays(daysFromCivil(year, month, day)), true
}

func validDate(y, m, d int64) bool {
	return y >= -maxYear && y <= maxYear && m >= 1 && m <= 12 && d >= 1 && d <= daysInMonth(y, m)
}

func dateOfDays(days int64) Value { return Value{kind: KindDate, n: days} }

// TimeOfDay gives a local time by the nanoseconds since midnight.
func TimeOfDay(nanos int64) Value {
	return Value{kind: KindTime, n: floorMod(nanos, dayNanos)}
}

// DateTime gives the date and time of a moment, in the zone of t: a named one by
// its name, any other by its offset.
func DateTime(t time.Time) Value {
	_, off := t.Zone()
	z := fixedZone(int64(off))
	switch name := t.Location().String(); name {
	case "UTC", "Local", "":
	default:
		// a name of time.FixedZone is no name of a zone, even if there is one
		if l, err := time.LoadLocation(name); err == nil && sameOffset(t, l) {
			z = &zone{name: name, loc: l}
		}
	}
	return dateTimeOf(t.Unix()+int64(off), int32(t.Nanosecond()), z) //nolint:gosec // below 1e9
}

func sameOffset(t time.Time, l *time.Location) bool {
	_, a := t.Zone()
	_, b := t.In(l).Zone()
	return a == b
}

// LocalDateTime gives the date and time without zone that t shows.
func LocalDateTime(t time.Time) Value {
	_, off := t.Zone()
	return dateTimeOf(t.Unix()+int64(off), int32(t.Nanosecond()), nil) //nolint:gosec // below 1e9
}

func dateTimeOf(local int64, nano int32, z *zone) Value {
	return withZone(Value{kind: KindDateTime, n: local, nano: nano}, z)
}

// checkedDateTime is dateTimeOf within the bounds of years, else null.
func checkedDateTime(local int64, nano int32, z *zone) Value {
	if y, _, _ := civilFromDays(floorDiv(local, daySeconds)); y < -maxYear || y > maxYear {
		return Value{}
	}
	return dateTimeOf(local, nano, z)
}

// Duration gives a days and time duration.
func Duration(d time.Duration) Value {
	return daysTime(int64(d/time.Second), int32(d%time.Second)) //nolint:gosec // below 1e9
}

// Months gives a years and months duration.
func Months(n int64) Value { return Value{kind: KindYearsMonths, n: n} }

// daysTime gives a duration; seconds and nanos have the same sign.
func daysTime(seconds int64, nanos int32) Value {
	return Value{kind: KindDaysTime, n: seconds, nano: nanos}
}

// normDaysTime carries nanoseconds of any size and sign into the seconds.
func normDaysTime(seconds, nanos int64) Value {
	s, ok := addInt(seconds, nanos/nanosecond)
	if !ok || s == math.MinInt64 {
		return Value{}
	}
	n := nanos % nanosecond
	switch {
	case s > 0 && n < 0:
		s, n = s-1, n+nanosecond
	case s < 0 && n > 0:
		s, n = s+1, n-nanosecond
	}
	return daysTime(s, int32(n)) //nolint:gosec // below 1e9
}

// AsTime gives the moment of a date and time; ok is false for any other kind
// and for one without zone or offset.
func (v Value) AsTime() (t time.Time, ok bool) {
	z := v.zone()
	if v.kind != KindDateTime || z == nil {
		return time.Time{}, false
	}
	t = time.Unix(v.instant(), int64(v.nano))
	if z.loc != nil {
		return t.In(z.loc), true
	}
	if z.offset == 0 {
		return t.UTC(), true
	}
	return t.In(time.FixedZone("", int(z.offset))), true
}

// AsLocalTime gives a date, or a date and time, as it reads in the location:
// a value with a zone of its own keeps its moment, any other is taken to be local
// there.
func (v Value) AsLocalTime(loc *time.Location) (t time.Time, ok bool) {
	if t, ok := v.AsTime(); ok {
		return t, true
	}
	switch v.kind {
	case KindDate:
		y, m, d := civilFromDays(v.n)
		return time.Date(int(y), time.Month(m), int(d), 0, 0, 0, 0, loc), true
	case KindDateTime:
		u := time.Unix(v.n, 0).UTC()
		return time.Date(u.Year(), u.Month(), u.Day(), u.Hour(), u.Minute(), u.Second(), int(v.nano), loc), true
	default:
		return time.Time{}, false
	}
}

// AsDuration gives a days and time duration; ok is false for any other kind and
// for what a time.Duration cannot hold.
func (v Value) AsDuration() (d time.Duration, ok bool) {
	if v.kind != KindDaysTime || v.n > math.MaxInt64/nanosecond-1 || v.n < math.MinInt64/nanosecond+1 {
		return 0, false
	}
	return time.Duration(v.n)*time.Second + time.Duration(v.nano), true
}

// AsMonths gives the months of a years and months duration.
func (v Value) AsMonths() (n int64, ok bool) { return v.n, v.kind == KindYearsMonths }

// AsDate gives year, month and day of a date or of a date and time.
func (v Value) AsDate() (year, month, day int64, ok bool) {
	if v.kind != KindDate && v.kind != KindDateTime {
		return 0, 0, 0, false
	}
	year, month, day = civilFromDays(v.days())
	return year, month, day, true
}

// days gives the days since 1970-01-01 of a date or a date and time.
func (v Value) days() int64 {
	if v.kind == KindDateTime {
		return floorDiv(v.n, daySeconds)
	}
	return v.n
}

// dayNano gives the nanoseconds since midnight of a time or a date and time.
func (v Value) dayNano() int64 {
	switch v.kind {
	case KindTime:
		return v.n
	case KindDateTime:
		return floorMod(v.n, daySeconds)*nanosecond + int64(v.nano)
	default:
		return 0
	}
}

// instant gives the seconds since 1970-01-01T00:00:00Z of a date and time; one
// without zone counts as UTC.
func (v Value) instant() int64 {
	if z := v.zone(); z != nil {
		return v.n - z.offsetAt(v.n)
	}
	return v.n
}

// timeUTC gives the nanoseconds of a time since midnight UTC, which may be
// negative or beyond the day. A named zone counts with its offset of 1970-01-01.
func (v Value) timeUTC() int64 {
	if z := v.zone(); z != nil {
		return v.n - z.offsetAt(v.n/nanosecond)*nanosecond
	}
	return v.n
}

func (v Value) atMidnightUTC() Value { return dateTimeOf(v.n*daySeconds, 0, fixedZone(0)) }

// dateOf gives the date part.
func (v Value) dateOf() Value { return dateOfDays(v.days()) }

// property gives the property of a temporal value or a range (DMN 1.5, table 65);
// known is false when values of that kind have no such property.
func (v Value) property(name string) (p Value, known bool) {
	switch v.kind {
	case KindDate:
		return v.dateProperty(name)
	case KindDateTime:
		if p, ok := v.dateProperty(name); ok {
			return p, true
		}
		return v.timeProperty(name)
	case KindTime:
		return v.timeProperty(name)
	case KindDaysTime:
		return v.daysTimeProperty(name)
	case KindYearsMonths:
		switch name {
		case "years":
			return Int(v.n / 12), true
		case "months":
			return Int(v.n % 12), true
		}
	case KindRange:
		r, _ := v.Range()
		switch name {
		case "start":
			return r.Low, true
		case "end":
			return r.High, true
		case "start included":
			return Bool(r.LowClosed), true
		case "end included":
			return Bool(r.HighClosed), true
		}
	default:
	}
	return Value{}, false
}

func (v Value) dateProperty(name string) (Value, bool) {
	switch name {
	case "year", "month", "day":
		y, m, d := civilFromDays(v.days())
		switch name {
		case "year":
			return Int(y), true
		case "month":
			return Int(m), true
		}
		return Int(d), true
	case "weekday":
		return Int(weekday(v.days())), true
	}
	return Value{}, false
}

func (v Value) timeProperty(name string) (Value, bool) {
	n := v.dayNano()
	switch name {
	case "hour":
		return Int(n / (3600 * nanosecond)), true
	case "minute":
		return Int(n / (60 * nanosecond) % 60), true
	case "second":
		return secondsNumber(n/nanosecond%60, n%nanosecond), true
	case "time offset", "timezone":
		z := v.zone()
		switch {
		case z == nil:
			return Value{}, true
		case name == "timezone":
			if z.name == "" {
				return Value{}, true
			}
			return String(z.name), true
		case v.kind == KindTime:
			return daysTime(z.offsetAt(v.n/nanosecond), 0), true
		}
		return daysTime(z.offsetAt(v.n), 0), true
	}
	return Value{}, false
}

func (v Value) daysTimeProperty(name string) (Value, bool) {
	switch name {
	case "days":
		return Int(v.n / daySeconds), true
	case "hours":
		return Int(v.n / 3600 % 24), true
	case "minutes":
		return Int(v.n / 60 % 60), true
	case "seconds":
		return secondsNumber(v.n%60, int64(v.nano)), true
	}
	return Value{}, false
}

// secondsNumber makes seconds with decimals, without trailing zeros.
func secondsNumber(s, nanos int64) Value {
	if nanos == 0 {
		return Int(s)
	}
	return reduced(scaled(s*nanosecond+nanos, 9))
}

// addMonths moves a date, keeping the day where the month has it and taking the
// last day of the month otherwise.
func addMonths(days, months int64) (int64, bool) {
	y, m, d := civilFromDays(days)
	t, ok := addInt(y*12+m-1, months)
	if !ok {
		return 0, false
	}
	y, m = floorDiv(t, 12), floorMod(t, 12)+1
	if y < -maxYear || y > maxYear {
		return 0, false
	}
	return daysFromCivil(y, m, min(d, daysInMonth(y, m))), true
}

// monthsBetween gives the whole months from the date of a to the date of b. Times
// of the day do not count (TCK 1121).
func monthsBetween(a, b Value) int64 {
	ya, ma, da := civilFromDays(a.days())
	yb, mb, db := civilFromDays(b.days())
	n := (yb-ya)*12 + mb - ma
	switch {
	case n > 0 && db < da:
		n--
	case n < 0 && db > da:
		n++
	}
	return n
}

func weekday(days int64) int64 { return floorMod(days+3, 7) + 1 }

func isLeap(y int64) bool { return y%4 == 0 && (y%100 != 0 || y%400 == 0) }

func daysInMonth(y, m int64) int64 {
	switch m {
	case 2:
		if isLeap(y) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// daysFromCivil counts days since 1970-01-01 in the proleptic Gregorian
// calendar, with a year 0. Years begin in March here, so that the leap day is
// the last of the year.
func daysFromCivil(y, m, d int64) int64 {
	if m <= 2 {
		y--
	}
	era := floorDiv(y, 400)
	yoe := y - era*400
	doy := (153*((m+9)%12)+2)/5 + d - 1
	doe := yoe*365 + yoe/4 - yoe/100 + doy
	return era*146097 + doe - 719468
}

func civilFromDays(days int64) (y, m, d int64) {
	days += 719468
	era := floorDiv(days, 146097)
	doe := days - era*146097
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	d = doy - (153*mp+2)/5 + 1
	m = mp%12 + 3
	if m > 12 {
		m -= 12
	}
	y = yoe + era*400
	if m <= 2 {
		y++
	}
	return y, m, d
}

// dayOfYear counts from 1.
func dayOfYear(days int64) int64 {
	y, _, _ := civilFromDays(days)
	return days - daysFromCivil(y, 1, 1) + 1
}

// weekOfYear gives the week by ISO 8601: weeks begin on Monday, the first has
// the first Thursday of the year.
func weekOfYear(days int64) int64 {
	thursday := days - weekday(days) + 4
	return (dayOfYear(thursday)-1)/7 + 1
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}

func floorMod(a, b int64) int64 {
	m := a % b
	if m != 0 && (m < 0) != (b < 0) {
		m += b
	}
	return m
}
