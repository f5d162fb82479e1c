package timers

import (
	"sort"
	"strings"
	"time"
)

// Unbounded is the number of repetitions of a cycle without an end.
const Unbounded = -1

// maxRepetitions bounds the number behind R.
const maxRepetitions = 1<<31 - 1

// Cycle says when a timer is due again and again. It is immutable and safe for
// concurrent use.
type Cycle struct {
	text        string
	repetitions int64
	cron        *Cron
	every       Duration
	start, end  *date // of R/start/duration and R/duration/end; at most one
	until       time.Time
	recount     bool
}

// CycleOptions choose among the meanings that engines give to a cycle.
type CycleOptions struct {
	// Cron is the dialect of cron expressions.
	Cron Dialect
	// CountFired makes R3/start/duration fire three times from now on when the
	// start is past, as Zeebe does. Otherwise the cycle is the set of three
	// times that ISO 8601 and Camunda 7 see in it, and those that are past are
	// lost.
	CountFired bool
}

// ParseCycle reads a repeating interval (ISO 8601-1:2019, 5.6) or a cron
// expression in the dialect of the options. A repeating interval begins with R
// and a number of repetitions, none (or -1) for no end, then one of
//
//	R3/PT10M                        every ten minutes from the moment of arming
//	R3/2026-03-01T09:30:00Z/P1D     at the start, and a day after it, ...
//	R3/P1D/2026-03-10T09:30:00Z     ..., a day before the end, and at the end
//	R3/2026-03-01/2026-03-08        as with the duration between the two
//
// The interval is at least a millisecond. Errors are [*Error].
func ParseCycle(text string, opts CycleOptions) (*Cycle, error) {
	if err := checkText(text); err != nil {
		return nil, err
	}
	trimmed := strings.TrimSpace(text)
	if trimmed[0] != 'R' {
		if trimmed[0] == 'P' || strings.Contains(trimmed, "/P") {
			return nil, fail(CodeCycle, text, 0, "expected R in front of a repeating interval, such as R/PT10M")
		}
		cron, err := ParseCron(text, opts.Cron)
		if err != nil {
			return nil, err
		}
		return &Cycle{text: trimmed, repetitions: Unbounded, cron: cron}, nil
	}
	c := &Cycle{text: trimmed, recount: opts.CountFired}
	pieces := slashes(trimmed, strings.IndexByte(text, 'R'))
	if n := len(pieces); n < 2 || n > 3 {
		return nil, fail(CodeCycle, text, pieces[min(n-1, 3)].at, "expected R3/PT10M, R3/start/P1D, R3/P1D/end or R3/start/end")
	}
	var err error
	if c.repetitions, err = repetitions(text, pieces[0]); err != nil {
		return nil, err
	}
	err = c.interval(text, pieces[1:])
	if err != nil {
		return nil, err
	}
	if !c.positive() {
		return nil, fail(CodeInterval, text, pieces[1].at, "expected an interval of at least a millisecond")
	}
	return c, nil
}

// slashes splits the text at slashes outside of brackets, as zone names hold
// some.
func slashes(text string, at int) []part {
	var res []part
	start, name := 0, false
	for i := range len(text) {
		switch text[i] {
		case '[':
			name = true
		case ']':
			name = false
		case '/':
			if !name {
				res = append(res, part{text[start:i], at + start})
				start = i + 1
			}
		}
	}
	return append(res, part{text[start:], at + start})
}

func repetitions(text string, p part) (int64, error) {
	digits := p.text[1:]
	if digits == "" || digits == "-1" {
		return Unbounded, nil
	}
	var n int64
	for i := range len(digits) {
		if !isDigit(digits[i]) {
			return 0, fail(CodeCycle, text, p.at+1+i, "expected the number of repetitions behind R, or nothing for no end")
		}
		if n = n*10 + int64(digits[i]-'0'); n > maxRepetitions {
			return 0, fail(CodeRange, text, p.at+1, "expected at most %d repetitions; write R/ for no end", maxRepetitions)
		}
	}
	return n, nil
}

// interval reads duration, start/duration, duration/end or start/end.
func (c *Cycle) interval(text string, p []part) (err error) {
	isDuration := func(p part) bool { return strings.HasPrefix(strings.TrimLeft(p.text, "+- "), "P") }
	one := func(p part) (*date, error) {
		d, err := parseDate(text, p.text, p.at)
		return &d, err
	}
	switch {
	case len(p) == 1:
		c.every, err = parseDuration(text, p[0].text, p[0].at)
	case isDuration(p[0]):
		if c.every, err = parseDuration(text, p[0].text, p[0].at); err == nil {
			c.end, err = one(p[1])
		}
	case isDuration(p[1]):
		if c.start, err = one(p[0]); err == nil {
			c.every, err = parseDuration(text, p[1].text, p[1].at)
		}
	default:
		var end *date
		if c.start, err = one(p[0]); err != nil {
			return err
		}
		if end, err = one(p[1]); err != nil {
			return err
		}
		if c.start.zone != nil || c.start.fixed != end.fixed {
			return fail(CodeCycle, text, p[1].at, "expected both ends with an offset or both without; or a start and a duration")
		}
		length := end.wall.Add(-time.Duration(end.off) * time.Second).Sub(c.start.wall.Add(-time.Duration(c.start.off) * time.Second))
		if end.fixed {
			c.every = Duration{Seconds: int64(length / time.Second), Nanos: int32(length % time.Second)} //nolint:gosec // below 1e9
		} else {
			// Readings of one wall clock lie whole days and a rest apart.
			c.every = Duration{Days: int64(length / (24 * time.Hour)), Seconds: int64(length % (24 * time.Hour) / time.Second), Nanos: int32(length % time.Second)} //nolint:gosec // below 1e9
		}
	}
	return err
}

// stepZone gives the zone in whose calendar a cycle from d steps.
func (d date) stepZone(loc *time.Location) *time.Location {
	if d.zone != nil {
		return d.zone
	}
	return loc
}

// positive reports whether the interval is at least a millisecond wherever it is
// added; with parts of both signs it is not, somewhere.
func (c *Cycle) positive() bool {
	d := c.every
	return d.Months >= 0 && d.Days >= 0 && d.Seconds >= 0 && d.Nanos >= 0 &&
		(d.Months+d.Days+d.Seconds > 0 || d.Nanos >= int32(time.Millisecond))
}

// String gives the text that was read.
func (c *Cycle) String() string { return c.text }

// Cron reports whether the cycle is a cron expression.
func (c *Cycle) Cron() bool { return c.cron != nil }

// Repetitions gives how often the cycle fires at most, or [Unbounded].
func (c *Cycle) Repetitions() int64 { return c.repetitions }

// Until gives a copy of the cycle that is never due after end, such as
// Flowable's endDate asks for.
func (c *Cycle) Until(end time.Time) *Cycle {
	res := *c
	if res.until.IsZero() || end.Before(res.until) {
		res.until = end
	}
	return &res
}

// Progress says how far a cycle has come.
type Progress struct {
	// Armed is when the timer was set. An interval without start and end counts
	// from here, so it must stay the same for the life of the timer.
	Armed time.Time
	// After is the moment behind which the next due time is wanted: the last
	// due time, to let a late engine fire each one that it missed, or the
	// present, to skip them. Before the first firing, a start of the cycle at
	// exactly this moment still counts.
	After time.Time
	// Fired is how often the timer has fired.
	Fired int64
	// Location is the zone; nil is UTC.
	Location *time.Location
}

// Next gives the next due time, and false when the cycle is over: fired as often
// as it repeats, behind its end, or beyond the year 9999. It is strictly after
// Progress.After except for the start that the field speaks of.
func (c *Cycle) Next(p Progress) (time.Time, bool) {
	if c.repetitions != Unbounded && p.Fired >= c.repetitions {
		return time.Time{}, false
	}
	loc := p.Location
	if loc == nil {
		loc = time.UTC
	}
	var t time.Time
	ok := false
	switch {
	case c.cron != nil:
		t, ok = c.cron.Next(p.After, loc)
	case c.end != nil:
		if end, err := c.end.in(loc); err == nil {
			t, ok = c.before(end, p.After, c.end.stepZone(loc))
		}
	case c.start != nil:
		start, err := c.start.in(loc)
		switch {
		case err != nil:
		case start.After(p.After) || p.Fired == 0 && start.Equal(p.After):
			t, ok = start, true
		default:
			last := c.repetitions - 1
			if c.repetitions == Unbounded || c.recount {
				last = maxSeconds
			}
			t, ok = c.step(start, last, p.After, c.start.stepZone(loc))
		}
	default:
		// Armed+every is the first; as many are missed as lie before After.
		t, ok = c.step(p.Armed, maxSeconds, p.After, loc)
	}
	if !ok || !c.until.IsZero() && t.After(c.until) {
		return time.Time{}, false
	}
	return t.In(loc), true
}

// step gives the first of anchor+1·every … anchor+last·every that is after the
// moment. Each is counted from the anchor, not from the one before, so that a
// month's cut end does not stick.
func (c *Cycle) step(anchor time.Time, last int64, after time.Time, loc *time.Location) (time.Time, bool) {
	at := func(n int64) (time.Time, bool) {
		t, err := c.every.addTimes(anchor, n, loc)
		return t, err == nil
	}
	n := c.search(last, func(n int64) bool {
		t, ok := at(n)
		return !ok || t.After(after)
	})
	if n > last {
		return time.Time{}, false
	}
	return at(n)
}

// before gives the first of end-(repetitions-1)·every … end that is after the
// moment.
func (c *Cycle) before(end, after time.Time, loc *time.Location) (time.Time, bool) {
	if !end.After(after) {
		return time.Time{}, false
	}
	back := c.every.Negate()
	last := c.repetitions - 1
	if c.repetitions == Unbounded {
		last = maxSeconds
	}
	// n is the first step back that is not after the moment any more.
	n := c.search(last, func(n int64) bool {
		t, err := back.addTimes(end, n, loc)
		return err != nil || !t.After(after)
	})
	t, err := back.addTimes(end, n-1, loc)
	return t, err == nil
}

// search gives the lowest n in 1..last for which found is true, or last+1. found
// is false up to some n and true from there on.
func (c *Cycle) search(last int64, found func(n int64) bool) int64 {
	// Gallop, as the answer is most often near.
	lo, hi := int64(0), int64(1)
	for hi <= last && !found(hi) {
		lo, hi = hi, hi*2
	}
	hi = min(hi, last+1)
	return lo + 1 + int64(sort.Search(int(hi-lo-1), func(i int) bool { return found(lo + 1 + int64(i)) }))
}
