package feel

import (
	"strconv"
	"strings"
	"time"
)

// Text of dates, times and durations: XML Schema lexical forms (DMN 1.5, table
// 71 ff.), with "@zone" for a named zone.

// zones gives named time zones. It remembers them for one evaluation context.
type zones map[string]*zone

const maxZones = 64

func (z zones) find(name string) *zone {
	if f, ok := z[name]; ok {
		return f
	}
	f := loadZone(name)
	if z != nil && len(z) < maxZones {
		z[name] = f
	}
	return f
}

func loadZone(name string) *zone {
	if name == "" || name == "Local" || len(name) > 64 {
		return nil
	}
	if name == "Z" {
		return fixedZone(0)
	}
	l, err := time.LoadLocation(name)
	if err != nil {
		return nil
	}
	return &zone{name: name, loc: l}
}

// ParseTemporal reads a date, time, date and time, or duration as @"..." does
// (DMN 1.5, 10.3.1.2, rule 64); ok is false when the text is none of them.
func ParseTemporal(s string) (v Value, ok bool) { return parseTemporal(s, nil) }

func parseTemporal(s string, zs zones) (Value, bool) {
	if s == "" {
		return Value{}, false
	}
	if s[0] == 'P' || strings.HasPrefix(s, "-P") {
		return parseDuration(s)
	}
	if v, ok := parseDate(s); ok {
		return v, true
	}
	// the T of a date and time, not that of a zone such as Etc/UTC
	if local, _, _ := strings.Cut(s, "@"); strings.IndexByte(local, 'T') > 0 {
		return parseDateTime(s, zs, false)
	}
	return parseTime(s, zs, false)
}

// scanner reads fixed forms from a text.
type scanner struct {
	s string
	// short: seconds may be left out (Camunda)
	short bool
}

func (p *scanner) byte(c byte) bool {
	if p.s == "" || p.s[0] != c {
		return false
	}
	p.s = p.s[1:]
	return true
}

// digits reads exactly n digits.
func (p *scanner) digits(n int) (int64, bool) {
	if len(p.s) < n {
		return 0, false
	}
	v := int64(0)
	for i := range n {
		if !isDigit(p.s[i]) {
			return 0, false
		}
		v = v*10 + int64(p.s[i]-'0')
	}
	p.s = p.s[n:]
	return v, true
}

func (p *scanner) run() string {
	i := 0
	for i < len(p.s) && isDigit(p.s[i]) {
		i++
	}
	r := p.s[:i]
	p.s = p.s[i:]
	return r
}

func (p *scanner) date() (days int64, ok bool) {
	neg := p.byte('-')
	ys := p.run()
	if len(ys) < 4 || len(ys) > 9 || (len(ys) > 4 && ys[0] == '0') {
		return 0, false
	}
	y, err := strconv.ParseInt(ys, 10, 64)
	if err != nil {
		return 0, false
	}
	if neg {
		y = -y
	}
	if !p.byte('-') {
		return 0, false
	}
	m, ok1 := p.digits(2)
	ok2 := p.byte('-')
	d, ok3 := p.digits(2)
	if !ok1 || !ok2 || !ok3 || !validDate(y, m, d) {
		return 0, false
	}
	return daysFromCivil(y, m, d), true
}

// clock reads HH:MM:SS with decimals. 24:00:00 is the end of the day.
func (p *scanner) clock() (nanos int64, ok bool) {
	h, ok1 := p.digits(2)
	ok2 := p.byte(':')
	m, ok3 := p.digits(2)
	if !ok1 || !ok2 || !ok3 || m > 59 {
		return 0, false
	}
	var s, frac int64
	if !p.byte(':') {
		return (h*60 + m) * 60 * nanosecond, p.short && h < 24
	}
	if s, ok = p.digits(2); !ok || s > 59 {
		return 0, false
	}
	if p.byte('.') {
		if frac, ok = p.fraction(); !ok {
			return 0, false
		}
	}
	if h > 24 || (h == 24 && (m != 0 || s != 0 || frac != 0)) {
		return 0, false
	}
	return ((h*60+m)*60+s)*nanosecond + frac, true
}

// fraction reads decimals of a second; those beyond nanoseconds are dropped.
func (p *scanner) fraction() (nanos int64, ok bool) {
	f := p.run()
	if f == "" {
		return 0, false
	}
	return nanosOf(f), true
}

func nanosOf(f string) int64 {
	n := int64(0)
	for i := range 9 {
		n *= 10
		if i < len(f) {
			n += int64(f[i] - '0')
		}
	}
	return n
}

// zone reads the rest: nothing, Z, an offset, or @ and the name of a zone.
func (p *scanner) zone(zs zones) (*zone, bool) {
	switch {
	case p.s == "":
		return nil, true
	case p.s == "Z", p.s == "z":
		p.s = ""
		return fixedZone(0), true
	case p.byte('@'):
		z := zs.find(p.s)
		p.s = ""
		return z, z != nil
	}
	off, ok := p.offset()
	if !ok || p.s != "" {
		return nil, false
	}
	return fixedZone(off), true
}

func (p *scanner) offset() (seconds int64, ok bool) {
	neg := p.byte('-')
	if !neg && !p.byte('+') {
		return 0, false
	}
	h, ok1 := p.digits(2)
	ok2 := p.byte(':')
	m, ok3 := p.digits(2)
	if !ok1 || !ok2 || !ok3 {
		return 0, false
	}
	var s int64
	if p.byte(':') {
		if s, ok = p.digits(2); !ok {
			return 0, false
		}
	}
	off := (h*60+m)*60 + s
	if m > 59 || s > 59 || off > 18*3600 {
		return 0, false
	}
	if neg {
		off = -off
	}
	return off, true
}

func parseDate(s string) (Value, bool) {
	p := scanner{s: s}
	days, ok := p.date()
	if !ok || p.s != "" {
		return Value{}, false
	}
	return dateOfDays(days), true
}

func parseTime(s string, zs zones, short bool) (Value, bool) {
	p := scanner{s, short}
	nanos, ok := p.clock()
	if !ok {
		return Value{}, false
	}
	z, ok := p.zone(zs)
	if !ok {
		return Value{}, false
	}
	return withZone(TimeOfDay(nanos), z), true
}

func parseDateTime(s string, zs zones, short bool) (Value, bool) {
	p := scanner{s, short}
	days, ok := p.date()
	if !ok || !p.byte('T') {
		return Value{}, false
	}
	nanos, ok := p.clock()
	if !ok {
		return Value{}, false
	}
	z, ok := p.zone(zs)
	if !ok {
		return Value{}, false
	}
	v := checkedDateTime(days*daySeconds+nanos/nanosecond, int32(nanos%nanosecond), z) //nolint:gosec // below 1e9
	return v, !v.IsNull()
}

// parseDuration reads one of the two kinds of durations; what has parts of both
// is neither.
func parseDuration(s string) (Value, bool) {
	p := scanner{s: s}
	neg := p.byte('-')
	if !p.byte('P') || p.s == "" {
		return Value{}, false
	}
	sign := int64(1)
	if neg {
		sign = -1
	}
	if !strings.ContainsAny(p.s, "DT") {
		return parseYearsMonths(p.s, sign)
	}
	return parseDaysTime(p.s, sign)
}

func parseYearsMonths(s string, sign int64) (Value, bool) {
	total := int64(0)
	for _, u := range []struct {
		unit   byte
		months int64
	}{{'Y', 12}, {'M', 1}} {
		var ok bool
		if s, total, ok = component(s, u.unit, u.months, total); !ok {
			return Value{}, false
		}
	}
	if s != "" {
		return Value{}, false
	}
	return Months(sign * total), true
}

// component reads a number before its unit, if it is there, and adds it.
func component(s string, unit byte, size, total int64) (rest string, sum int64, ok bool) {
	p := scanner{s: s}
	digits := p.run()
	if digits == "" || !p.byte(unit) {
		return s, total, true
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return s, 0, false
	}
	n, ok = mulInt(n, size)
	if !ok {
		return s, 0, false
	}
	sum, ok = addInt(total, n)
	return p.s, sum, ok
}

func parseDaysTime(s string, sign int64) (Value, bool) {
	s, total, ok := component(s, 'D', daySeconds, 0)
	if !ok {
		return Value{}, false
	}
	var nanos int64
	if s != "" {
		p := scanner{s: s}
		if !p.byte('T') || p.s == "" {
			return Value{}, false
		}
		s = p.s
		for _, u := range []struct {
			unit    byte
			seconds int64
		}{{'H', 3600}, {'M', 60}, {'S', 1}} {
			if s, total, ok = component(s, u.unit, u.seconds, total); !ok {
				return Value{}, false
			}
		}
		if s != "" { // what is left is seconds with decimals
			if s, total, nanos, ok = decimalSeconds(s, total); !ok || s != "" {
				return Value{}, false
			}
		}
	}
	return daysTime(sign*total, int32(sign*nanos)), true //nolint:gosec // below 1e9
}

func decimalSeconds(s string, total int64) (rest string, sum, nanos int64, ok bool) {
	p := scanner{s: s}
	whole := p.run()
	if whole == "" || !p.byte('.') {
		return s, 0, 0, false
	}
	frac := p.run()
	if !p.byte('S') {
		return s, 0, 0, false
	}
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return s, 0, 0, false
	}
	sum, ok = addInt(total, n)
	return p.s, sum, nanosOf(frac), ok
}

// temporalText gives the canonical text of a temporal value.
func (v Value) temporalText() string { return string(v.appendTemporal(nil)) }

func (v Value) appendTemporal(b []byte) []byte {
	switch v.kind {
	case KindDate:
		return appendDate(b, v.n)
	case KindTime:
		return appendZone(appendClock(b, v.n), v.zone())
	case KindDateTime:
		b = append(appendDate(b, v.days()), 'T')
		return appendZone(appendClock(b, v.dayNano()), v.zone())
	case KindDaysTime:
		return appendDaysTime(b, v.n, int64(v.nano))
	case KindYearsMonths:
		return appendMonths(b, v.n)
	default:
		return b
	}
}

func appendDate(b []byte, days int64) []byte {
	y, m, d := civilFromDays(days)
	if y < 0 {
		b, y = append(b, '-'), -y
	}
	b = appendPadded(b, y, 4)
	b = appendPadded(append(b, '-'), m, 2)
	return appendPadded(append(b, '-'), d, 2)
}

func appendPadded(b []byte, n int64, width int) []byte {
	t := strconv.FormatInt(n, 10)
	for range width - len(t) {
		b = append(b, '0')
	}
	return append(b, t...)
}

func appendClock(b []byte, nanos int64) []byte {
	s := nanos / nanosecond
	b = appendPadded(b, s/3600, 2)
	b = appendPadded(append(b, ':'), s/60%60, 2)
	b = appendPadded(append(b, ':'), s%60, 2)
	return appendFraction(b, nanos%nanosecond)
}

func appendFraction(b []byte, nanos int64) []byte {
	if nanos == 0 {
		return b
	}
	b = appendPadded(append(b, '.'), nanos, 9)
	for b[len(b)-1] == '0' {
		b = b[:len(b)-1]
	}
	return b
}

func appendZone(b []byte, z *zone) []byte {
	switch {
	case z == nil:
		return b
	case z.name != "":
		return append(append(b, '@'), z.name...)
	case z.offset == 0:
		return append(b, 'Z')
	}
	off := z.offset
	if off < 0 {
		b, off = append(b, '-'), -off
	} else {
		b = append(b, '+')
	}
	b = appendPadded(b, off/3600, 2)
	b = appendPadded(append(b, ':'), off/60%60, 2)
	if s := off % 60; s != 0 {
		b = appendPadded(append(b, ':'), s, 2)
	}
	return b
}

func appendDaysTime(b []byte, seconds, nanos int64) []byte {
	if seconds == 0 && nanos == 0 {
		return append(b, "PT0S"...)
	}
	if seconds < 0 || nanos < 0 {
		b, seconds, nanos = append(b, '-'), -seconds, -nanos
	}
	b = append(b, 'P')
	s := uint64(seconds) //nolint:gosec // negated above; the least int64 negates to itself, which is right unsigned
	b = appendUnit(b, s/daySeconds, 'D')
	h, m, s := s/3600%24, s/60%60, s%60
	if h == 0 && m == 0 && s == 0 && nanos == 0 {
		return b
	}
	b = append(b, 'T')
	b = appendUnit(b, h, 'H')
	b = appendUnit(b, m, 'M')
	if s != 0 || nanos != 0 {
		b = strconv.AppendUint(b, s, 10)
		b = append(appendFraction(b, nanos), 'S')
	}
	return b
}

func appendMonths(b []byte, months int64) []byte {
	if months == 0 {
		return append(b, "P0M"...)
	}
	if months < 0 {
		b, months = append(b, '-'), -months
	}
	b = append(b, 'P')
	n := uint64(months) //nolint:gosec // as above
	b = appendUnit(b, n/12, 'Y')
	return appendUnit(b, n%12, 'M')
}

func appendUnit(b []byte, n uint64, unit byte) []byte {
	if n == 0 {
		return b
	}
	return append(strconv.AppendUint(b, n, 10), unit)
}
