package timers

import (
	"strings"
	"time"
)

// MaxText is the length in bytes of the longest timer text that is read.
const MaxText = 1024

const (
	minYear = 1
	maxYear = 9999
)

// ParseDate reads a date and time as ISO 8601-1:2019, 5.4 has it in its extended
// form: 2026-03-01, 2026-03-01T09:30, 2026-03-01T09:30:15.25, each followed by
// nothing, Z or an offset (+02:00, +0200, +02), and then perhaps a zone name as
// java.time ([Europe/Berlin]) or FEEL (@Europe/Berlin) write it; a date alone means its first
// moment and 24:00 the end of the day. Without a zone the time is a wall-clock
// time in loc (nil is UTC); the package documentation says what happens to times
// that a change of the clock skips or repeats. The result is in loc, or in the
// zone that the text names. Errors are [*Error].
func ParseDate(text string, loc *time.Location) (time.Time, error) {
	d, err := parseDate(text, text, 0)
	if err != nil {
		return time.Time{}, err
	}
	return d.in(loc)
}

// date is a parsed date whose zone may still be open.
type date struct {
	wall  time.Time      // the wall-clock reading, as if in UTC
	zone  *time.Location // nil: the zone of the call
	fixed bool           // offset says where the wall clock stands
	off   int            // seconds east of UTC
	text  string         // for errors
}

func (d date) in(loc *time.Location) (time.Time, error) {
	if loc == nil {
		loc = time.UTC
	}
	if d.zone != nil {
		loc = d.zone
	}
	var t time.Time
	if d.fixed {
		t = d.wall.Add(-time.Duration(d.off) * time.Second).In(loc)
	} else {
		t = resolve(d.wall, loc)
	}
	if y := t.Year(); y < minYear || y > maxYear {
		return time.Time{}, fail(CodeRange, d.text, 0, "the date is outside of the years 0001 to 9999")
	}
	return t, nil
}

// resolve gives the moment at which the wall clock in loc reads wall (a time
// in UTC). A skipped reading is moved forward by the gap, of a repeated one the
// first is meant; java.time and with it Camunda and Zeebe do the same.
// time.Date promises only one of the possible answers, so it is done here.
func resolve(wall time.Time, loc *time.Location) time.Time {
	// The offsets a day before and after frame a change, as no zone changes
	// its clock twice within two days.
	const day = 24 * time.Hour
	_, before := wall.Add(-day).In(loc).Zone()
	_, after := wall.Add(day).In(loc).Zone()
	first := wall.Add(-time.Duration(before) * time.Second).In(loc)
	if before == after {
		return first
	}
	if _, o := first.Zone(); o == before {
		return first
	}
	second := wall.Add(-time.Duration(after) * time.Second).In(loc)
	if _, o := second.Zone(); o == after {
		return second
	}
	return first // in the gap: the old offset carries it behind the change
}

// wallOf gives the reading of the wall clock at t, as if in UTC.
func wallOf(t time.Time) time.Time {
	_, off := t.Zone()
	return t.UTC().Add(time.Duration(off) * time.Second)
}

// parseDate reads text[at:]; whole is the text for errors, in which text begins
// at byte at.
func parseDate(whole, text string, at int) (date, error) {
	if err := checkText(whole); err != nil {
		return date{}, err
	}
	p := scanner{text: strings.TrimSpace(text)}
	at += strings.Index(text, p.text)
	bad := func(what string) error {
		return fail(CodeDate, whole, at+p.pos, "expected %s of a date such as 2026-03-01T09:30:00Z", what)
	}
	y, ok1 := p.digits(4)
	if !ok1 || !p.eat('-') {
		return date{}, bad("a year of four digits and '-'")
	}
	mo, ok2 := p.digits(2)
	if !ok2 || !p.eat('-') || mo < 1 || mo > 12 {
		return date{}, bad("a month from 01 to 12 and '-'")
	}
	d, ok3 := p.digits(2)
	if !ok3 || d < 1 || d > daysIn(y, mo) || y < minYear {
		return date{}, bad("a day that the month has")
	}
	res := date{text: whole}
	var h, mi, s, ns int
	if p.eat('T') || p.eat('t') {
		var ok bool
		if h, ok = p.digits(2); !ok || h > 24 || !p.eat(':') {
			return date{}, bad("an hour from 00 to 24 and ':'")
		}
		if mi, ok = p.digits(2); !ok || mi > 59 {
			return date{}, bad("a minute from 00 to 59")
		}
		if p.eat(':') {
			if s, ok = p.digits(2); !ok || s > 59 {
				return date{}, bad("a second from 00 to 59")
			}
			if p.eat('.') || p.eat(',') {
				if ns, ok = p.fraction(); !ok {
					return date{}, bad("one to nine digits of a second")
				}
			}
		}
		if h == 24 && (mi != 0 || s != 0 || ns != 0) {
			return date{}, bad("24:00:00 for the end")
		}
		if err := p.zone(&res, whole, at); err != nil {
			return date{}, err
		}
	}
	if p.pos != len(p.text) {
		return date{}, bad("the end")
	}
	res.wall = time.Date(y, time.Month(mo), d, h, mi, s, ns, time.UTC)
	return res, nil
}

// zone reads Z, an offset, a bracketed zone name or nothing.
func (p *scanner) zone(d *date, whole string, at int) error {
	start := at + p.pos
	switch c := p.peek(); c {
	case 'Z', 'z':
		p.pos++
		d.fixed = true
	case '+', '-':
		p.pos++
		var h, m, s int
		h, ok := p.digits(2)
		if ok && p.eat(':') {
			if m, ok = p.digits(2); ok && p.eat(':') {
				s, ok = p.digits(2)
			}
		} else if ok && isDigit(p.peek()) {
			m, ok = p.digits(2)
		}
		if !ok || h > 18 || m > 59 || s > 59 {
			return fail(CodeZone, whole, start, "expected an offset such as +02:00 of at most 18 hours")
		}
		d.fixed, d.off = true, h*3600+m*60+s
		if c == '-' {
			d.off = -d.off
		}
	}
	var end, behind int
	switch {
	case p.eat('['):
		if end, behind = strings.IndexByte(p.text[p.pos:], ']'), 1; end < 0 {
			return fail(CodeZone, whole, at+p.pos, "expected ']' behind the name of the zone")
		}
	case p.eat('@'): // as FEEL writes it
		end = len(p.text) - p.pos
	default:
		return nil
	}
	name := p.text[p.pos : p.pos+end]
	loc, err := LoadZone(name)
	if err != nil {
		return fail(CodeZone, whole, at+p.pos, "expected the name of a zone of the IANA database such as Europe/Berlin, but found %q", name)
	}
	p.pos += end + behind
	d.zone = loc
	return nil
}

// LoadZone gives the zone of an IANA name or of an offset such as +02:00 or
// UTC+2. "Local" and "" are refused, as they would mean another zone on another
// node. Errors are [*Error] with [CodeZone].
func LoadZone(name string) (*time.Location, error) {
	switch name {
	case "", "Local":
		return nil, fail(CodeZone, name, 0, "expected the name of a zone or an offset, but found %q", name)
	case "Z", "UTC", "GMT":
		return time.UTC, nil
	}
	offset := strings.TrimPrefix(strings.TrimPrefix(name, "UTC"), "GMT")
	if offset != "" && (offset[0] == '+' || offset[0] == '-') {
		text := offset
		if len(text) == 2 { // +2
			text = text[:1] + "0" + text[1:]
		}
		p := scanner{text: text}
		var d date
		if err := p.zone(&d, name, 0); err != nil {
			return nil, err
		}
		if p.pos != len(p.text) || d.zone != nil {
			return nil, fail(CodeZone, name, 0, "expected an offset such as +02:00, but found %q", name)
		}
		return time.FixedZone(name, d.off), nil
	}
	if len(name) > 64 {
		return nil, fail(CodeZone, name, 0, "expected the name of a zone of at most 64 characters")
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, fail(CodeZone, name, 0, "expected the name of a zone of the IANA database such as Europe/Berlin, but found %q", name)
	}
	return loc, nil
}

func checkText(text string) error {
	if len(text) > MaxText {
		return fail(CodeTooLong, text, MaxText, "expected at most %d characters", MaxText)
	}
	if strings.TrimSpace(text) == "" {
		return fail(CodeEmpty, text, 0, "expected a date, duration or cycle, but the text is empty")
	}
	return nil
}

func daysIn(year, month int) int {
	return time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// scanner walks over an ASCII text.
type scanner struct {
	text string
	pos  int
}

func (p *scanner) peek() byte {
	if p.pos < len(p.text) {
		return p.text[p.pos]
	}
	return 0
}

func (p *scanner) eat(c byte) bool {
	if p.peek() != c || p.pos >= len(p.text) {
		return false
	}
	p.pos++
	return true
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// digits reads exactly n digits.
func (p *scanner) digits(n int) (int, bool) {
	v := 0
	for range n {
		c := p.peek()
		if !isDigit(c) {
			return 0, false
		}
		v = v*10 + int(c-'0')
		p.pos++
	}
	return v, true
}

// fraction reads one to nine digits of a second as nanoseconds.
func (p *scanner) fraction() (int, bool) {
	v, n := 0, 0
	for isDigit(p.peek()) && n < 9 {
		v = v*10 + int(p.peek()-'0')
		p.pos++
		n++
	}
	if n == 0 || isDigit(p.peek()) {
		return 0, false
	}
	for ; n < 9; n++ {
		v *= 10
	}
	return v, true
}
