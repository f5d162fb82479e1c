package timers

import (
	"math/bits"
	"strings"
	"time"
)

// Dialect says how a cron expression is read.
type Dialect uint8

const (
	// Spring is the cron of Spring's CronExpression, which Zeebe uses: six fields, macros, Sunday is 0 or 7, and a day has to
	// match both the day of month and the day of week.
	Spring Dialect = iota
	// Quartz is the cron of the Quartz scheduler, which Flowable uses: six fields and perhaps a year, Sunday is 1, ranges may run over the
	// end (FRI-MON), and one of the two day fields is ?.
	Quartz
	// Camunda is for Camunda 7, whose cron is that of Quartz: what has a ? or a
	// year is read as Quartz, and everything else, which it would refuse, as
	// Spring.
	Camunda
)

// String gives the name of the dialect.
func (d Dialect) String() string {
	switch d {
	case Quartz:
		return "Quartz"
	case Camunda:
		return "Camunda"
	case Spring:
	}
	return "Spring"
}

// Cron is a cron expression: the wall-clock times that match all its fields. It
// is immutable and safe for concurrent use.
type Cron struct {
	second, minute, hour uint64 // bit n: the value n matches
	month                uint64
	dom                  []dayRule // empty: every day
	dow                  []dayRule
	years                []uint64 // bit n of word w: the year firstYear+64w+n; nil: every year
}

const (
	firstYear = 1970 // of a Quartz year field
	lastYear  = 2099
	allHours  = 1<<24 - 1
	// The Gregorian calendar repeats after 400 years, weekdays included.
	calendarYears = 400
)

// dayRule picks days of a month.
type dayRule struct {
	kind dayKind
	set  uint64 // dayList: days 1-31; weekdayList: weekdays 0-6, Sunday is 0
	n    int    // the day, the weekday, or the days before the last
	nth  int    // weekdayNth: 1-5
}

type dayKind uint8

const (
	dayList         dayKind = iota // 1,15
	dayLast                        // L, L-3
	dayLastWeekday                 // LW, L-3W: the weekday nearest to that day
	dayNearest                     // 15W
	weekdayList                    // MON-FRI
	weekdayLast                    // FRIL
	weekdayOrdinal                 // FRI#2
	sundaysPerMonth = 5
)

// ParseCron reads a cron expression in the dialect. Fields are separated by
// spaces; each is a list of values, ranges (a-b), steps (*/n, a/n, a-b/n) and
// names (JAN, MON, in any case), and the day fields know ?, L, W and #. [Forms]
// lists every form with an example. Errors are [*Error].
func ParseCron(text string, dialect Dialect) (*Cron, error) {
	if err := checkText(text); err != nil {
		return nil, err
	}
	trimmed := strings.TrimSpace(text)
	if trimmed[0] == '@' {
		full, ok := macro(trimmed)
		if !ok {
			return nil, fail(CodeCronMacro, text, strings.IndexByte(text, '@'), "expected one of @yearly, @annually, @monthly, @weekly, @daily, @midnight and @hourly")
		}
		return ParseCron(full, Spring)
	}
	if dialect == Camunda {
		fields := len(strings.Fields(text))
		if fields != 7 && !strings.Contains(text, "?") {
			return ParseCron(text, Spring)
		}
		c, err := ParseCron(text, Quartz)
		if err == nil || fields == 7 {
			return c, err
		}
		if c, err := ParseCron(text, Spring); err == nil {
			return c, nil
		}
		return nil, err
	}
	p := cronParser{text: text, dialect: dialect}
	if err := p.split(); err != nil {
		return nil, err
	}
	c := &Cron{}
	var err error
	if c.second, err = p.values(0, fieldSecond); err != nil {
		return nil, err
	}
	if c.minute, err = p.values(1, fieldMinute); err != nil {
		return nil, err
	}
	if c.hour, err = p.values(2, fieldHour); err != nil {
		return nil, err
	}
	if c.dom, err = p.daysOfMonth(3); err != nil {
		return nil, err
	}
	if c.month, err = p.values(4, fieldMonth); err != nil {
		return nil, err
	}
	if c.dow, err = p.daysOfWeek(5); err != nil {
		return nil, err
	}
	if len(p.fields) == 7 {
		if c.years, err = p.years(6); err != nil {
			return nil, err
		}
	}
	if dialect == Quartz {
		if p.fields[3].text == "?" && p.fields[5].text == "?" {
			return nil, fail(CodeCronSpecial, text, p.fields[5].at, "expected ? in only one of day of month and day of week")
		}
		if len(c.dom) > 0 && len(c.dow) > 0 {
			return nil, fail(CodeCronSpecial, text, p.fields[5].at, "expected ? in one of day of month and day of week, as Quartz cannot match both")
		}
	}
	probe := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	if c.years != nil {
		probe = time.Date(firstYear, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	if _, ok := c.nextWall(probe); !ok {
		return nil, fail(CodeCronNever, text, p.fields[3].at, "no date matches the expression; expected a day that the month has")
	}
	return c, nil
}

func macro(name string) (string, bool) {
	switch name {
	case "@yearly", "@annually":
		return "0 0 0 1 1 *", true
	case "@monthly":
		return "0 0 0 1 * *", true
	case "@weekly":
		return "0 0 0 * * 0", true
	case "@daily", "@midnight":
		return "0 0 0 * * *", true
	case "@hourly":
		return "0 0 * * * *", true
	}
	return "", false
}

// cronField describes one field of an expression.
type cronField struct {
	name     string
	min, max int
	names    string // three letters for each value from nameBase on
	nameBase int
}

var (
	fieldSecond = cronField{name: "second", max: 59}
	fieldMinute = cronField{name: "minute", max: 59}
	fieldHour   = cronField{name: "hour", max: 23}
	fieldDay    = cronField{name: "day of month", min: 1, max: 31}
	fieldMonth  = cronField{name: "month", min: 1, max: 12, names: "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC", nameBase: 1}
	fieldWeek   = cronField{name: "day of week", max: 7, names: "SUNMONTUEWEDTHUFRISAT"}
	fieldWeekQ  = cronField{name: "day of week", min: 1, max: 7, names: "SUNMONTUEWEDTHUFRISAT", nameBase: 1}
	fieldYear   = cronField{name: "year", min: firstYear, max: lastYear}
)

type cronParser struct {
	text    string
	dialect Dialect
	fields  []part
}

// part is a piece of the text and where it stands.
type part struct {
	text string
	at   int
}

func (p *cronParser) split() error {
	start := -1
	for i := 0; i <= len(p.text); i++ {
		space := i == len(p.text) || strings.IndexByte(" \t\r\n", p.text[i]) >= 0
		switch {
		case space && start >= 0:
			p.fields = append(p.fields, part{strings.ToUpper(p.text[start:i]), start})
			start = -1
		case !space && start < 0:
			start = i
		}
	}
	n := len(p.fields)
	if n == 6 || n == 7 && p.dialect == Quartz {
		return nil
	}
	want, most := "six fields: second, minute, hour, day of month, month, day of week", 6
	switch {
	case p.dialect == Quartz:
		want = "six or seven fields: second, minute, hour, day of month, month, day of week and perhaps year"
		most = 7
	case n == 7:
		want += " (a year is only known to the Quartz dialect)"
	}
	hint := ""
	if n == 5 {
		hint = "; a cron expression here begins with the second"
	}
	if n == 1 {
		hint = "; a repeating interval begins with R, such as R/PT10M"
	}
	return fail(CodeCronFields, p.text, p.fields[min(n-1, most)].at, "expected %s, but found %d%s", want, n, hint)
}

// list splits the field at commas.
func (p *cronParser) list(i int) []part {
	f := p.fields[i]
	var res []part
	for at := f.at; ; {
		item, rest, more := strings.Cut(f.text, ",")
		res = append(res, part{item, at})
		if !more {
			return res
		}
		at += len(item) + 1
		f.text = rest
	}
}

func (p *cronParser) special(at int, format string, args ...any) error {
	return fail(CodeCronSpecial, p.text, at, format, args...)
}

// values reads a field of plain values as a bit set.
func (p *cronParser) values(i int, f cronField) (uint64, error) {
	var set uint64
	for _, item := range p.list(i) {
		err := p.item(item, f, func(v int) { set |= 1 << v })
		if err != nil {
			return 0, err
		}
	}
	return set, nil
}

// years reads the year field; nil is every year.
func (p *cronParser) years(i int) ([]uint64, error) {
	if p.fields[i].text == "*" {
		return nil, nil
	}
	set := make([]uint64, (lastYear-firstYear)/64+1)
	for _, item := range p.list(i) {
		err := p.item(item, fieldYear, func(v int) { set[(v-firstYear)/64] |= 1 << ((v - firstYear) % 64) })
		if err != nil {
			return nil, err
		}
	}
	return set, nil
}

// item reads *, a, a-b and each of them with /n.
func (p *cronParser) item(it part, f cronField, add func(int)) error {
	base, step, stepped := strings.Cut(it.text, "/")
	n := 1
	if stepped {
		var ok bool
		if n, ok = number(step); !ok || n == 0 || p.dialect == Quartz && n > f.max {
			return fail(CodeCronValue, p.text, it.at+len(base)+1, "expected a step from 1 to %d in the %s, but found %q", f.max, f.name, step)
		}
	}
	if base == "" && stepped && p.dialect == Quartz {
		base = "*" // Quartz reads /5 as */5
	}
	from, to := f.min, f.max
	if f.name == fieldWeek.name && f.min == 0 {
		to = 6 // * is not to meet Sunday twice
	}
	if base != "*" {
		lo, hi, ranged := strings.Cut(base, "-")
		var err error
		if from, err = p.value(part{lo, it.at}, f); err != nil {
			return err
		}
		switch {
		case ranged:
			if to, err = p.value(part{hi, it.at + len(lo) + 1}, f); err != nil {
				return err
			}
			if f.name == fieldWeek.name && p.dialect == Spring {
				// Sunday is 0 where a range begins and 7 where it ends.
				if from == 7 {
					from = 0
				}
				if to == 0 && from > 0 {
					to = 7
				}
			}
		case !stepped:
			to = from
		}
		if from > to {
			if p.dialect == Spring || f.name == fieldYear.name {
				return fail(CodeCronValue, p.text, it.at, "expected a range that rises in the %s, but found %q", f.name, base)
			}
			to += f.max - f.min + 1 // Quartz: over the end
		}
	}
	size := f.max - f.min + 1
	for v := from; v <= to; v += n {
		w := v
		if p.dialect == Quartz && w > f.max {
			w -= size
		}
		add(w)
	}
	return nil
}

// value reads a number or a name of the field.
func (p *cronParser) value(it part, f cronField) (int, error) {
	if len(it.text) == 3 && f.names != "" {
		if i := strings.Index(f.names, it.text); i >= 0 && i%3 == 0 {
			return i/3 + f.nameBase, nil
		}
	}
	v, ok := number(it.text)
	if ok && v >= f.min && v <= f.max {
		return v, nil
	}
	if it.text == "?" || it.text == "L" || strings.ContainsAny(it.text, "W#") && f.names == "" {
		return 0, p.special(it.at, "%q means nothing in the %s", it.text, f.name)
	}
	if strings.HasSuffix(it.text, "C") {
		return 0, p.special(it.at, "C needs a calendar, which there is not; name the days")
	}
	return 0, fail(CodeCronValue, p.text, it.at, "expected a %s from %d to %d, but found %q", f.name, f.min, f.max, it.text)
}

// number reads one to four digits.
func number(s string) (int, bool) {
	if s == "" || len(s) > 4 {
		return 0, false
	}
	n := 0
	for i := range len(s) {
		if !isDigit(s[i]) {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, true
}

func (p *cronParser) daysOfMonth(i int) ([]dayRule, error) {
	if t := p.fields[i].text; t == "*" || t == "?" {
		return nil, nil
	}
	var res []dayRule
	plain := dayRule{kind: dayList}
	for _, it := range p.list(i) {
		if !strings.ContainsAny(it.text, "LW") {
			if err := p.item(it, fieldDay, func(v int) { plain.set |= 1 << v }); err != nil {
				return nil, err
			}
			continue
		}
		body, weekday := strings.CutSuffix(it.text, "W")
		before, last := strings.CutPrefix(body, "L")
		switch {
		case last:
			n := 0
			if before != "" {
				var ok bool
				n, ok = number(strings.TrimPrefix(before, "-"))
				if before[0] != '-' || !ok || n > 30 {
					return nil, p.special(it.at, "expected L or L-n with n up to 30, but found %q", it.text)
				}
			}
			kind := dayLast
			if weekday {
				kind = dayLastWeekday
			}
			res = append(res, dayRule{kind: kind, n: n})
		case weekday:
			n, ok := number(body)
			if !ok || n < 1 || n > 31 {
				return nil, p.special(it.at, "expected one day from 1 to 31 before W, but found %q", it.text)
			}
			res = append(res, dayRule{kind: dayNearest, n: n})
		default:
			return nil, p.special(it.at, "expected L, L-n, LW or nW in the day of month, but found %q", it.text)
		}
	}
	if plain.set != 0 {
		res = append(res, plain)
	}
	return res, nil
}

func (p *cronParser) daysOfWeek(i int) ([]dayRule, error) {
	f, shift := fieldWeek, 0
	if p.dialect == Quartz {
		f, shift = fieldWeekQ, 1
	}
	if t := p.fields[i].text; t == "*" || t == "?" {
		return nil, nil
	}
	var res []dayRule
	plain := dayRule{kind: weekdayList}
	for _, it := range p.list(i) {
		day, nth, ordinal := strings.Cut(it.text, "#")
		body, last := strings.CutSuffix(it.text, "L")
		switch {
		case ordinal:
			v, err := p.value(part{day, it.at}, f)
			if err != nil {
				return nil, err
			}
			n, ok := number(nth)
			if !ok || n < 1 || n > sundaysPerMonth {
				return nil, p.special(it.at+len(day)+1, "expected a week from 1 to 5 behind #, but found %q", nth)
			}
			res = append(res, dayRule{kind: weekdayOrdinal, n: (v - shift) % 7, nth: n})
		case last && body == "":
			if p.dialect == Spring {
				return nil, p.special(it.at, "expected a day before L in the day of week, such as FRIL")
			}
			plain.set |= 1 << time.Saturday // Quartz: the last day of its week
		case last:
			v, err := p.value(part{body, it.at}, f)
			if err != nil {
				return nil, err
			}
			res = append(res, dayRule{kind: weekdayLast, n: (v - shift) % 7})
		default:
			err := p.item(it, f, func(v int) { plain.set |= 1 << ((v - shift) % 7) })
			if err != nil {
				return nil, err
			}
		}
	}
	if plain.set != 0 {
		res = append(res, plain)
	}
	return res, nil
}

// days gives the days of the month that match, bit n for day n.
func (c *Cron) days(year, month int) uint64 {
	last := daysIn(year, month)
	all := uint64(1)<<(last+1) - 2
	first := int(time.Date(year, time.Month(month), 1, 0, 0, 0, 0, time.UTC).Weekday())
	return all & match(c.dom, all, last, first) & match(c.dow, all, last, first)
}

// match unites the days of the rules; no rule is every day. first is the
// weekday of the first of the month.
func match(rules []dayRule, all uint64, last, first int) uint64 {
	if len(rules) == 0 {
		return all
	}
	var set uint64
	add := func(day int) {
		if day >= 1 && day <= last {
			set |= 1 << day
		}
	}
	for _, r := range rules {
		switch r.kind {
		case dayList:
			set |= r.set
		case dayLast:
			add(last - r.n)
		case dayLastWeekday:
			if r.n < last {
				add(nearestWeekday(last-r.n, last, first))
			}
		case dayNearest:
			if r.n <= last {
				add(nearestWeekday(r.n, last, first))
			}
		case weekdayList:
			for day := 1; day <= last; day++ {
				if r.set&(1<<((first+day-1)%7)) != 0 {
					add(day)
				}
			}
		case weekdayLast:
			lastDay := (first + last - 1) % 7
			add(last - (lastDay-r.n+7)%7)
		case weekdayOrdinal:
			add(1 + (r.n-first+7)%7 + 7*(r.nth-1))
		}
	}
	return set
}

// nearestWeekday gives the day from Monday to Friday nearest to day within the
// month: a Saturday becomes the Friday before and a Sunday the Monday after,
// unless that is in another month.
func nearestWeekday(day, last, first int) int {
	switch time.Weekday((first + day - 1) % 7) {
	case time.Saturday:
		if day == 1 {
			return 3
		}
		return day - 1
	case time.Sunday:
		if day == last {
			return day - 2
		}
		return day + 1
	default:
		return day
	}
}

// nextWall gives the first matching reading of the wall clock at or after w (in
// UTC, whole seconds).
func (c *Cron) nextWall(w time.Time) (time.Time, bool) {
	year, m, day := w.Date()
	month := int(m)
	hour, minute, second := w.Clock()
	limit := min(year+calendarYears, maxYear)
	if c.years != nil {
		limit = lastYear
	}
	for ; year <= limit; year++ {
		if c.hasYear(year) {
			for ; month <= 12; month++ {
				if c.month&(1<<month) == 0 {
					day, hour, minute, second = 1, 0, 0, 0
					continue
				}
				set := c.days(year, month)
				for day = nextBit(set, day); day >= 0; day = nextBit(set, day+1) {
					// Behind the first candidate day the clock starts at zero.
					if year != w.Year() || month != int(m) || day != w.Day() {
						hour, minute, second = 0, 0, 0
					}
					if h, mi, s, ok := c.nextClock(hour, minute, second); ok {
						return time.Date(year, time.Month(month), day, h, mi, s, 0, time.UTC), true
					}
				}
				day = 1
			}
		}
		month, day, hour, minute, second = 1, 1, 0, 0, 0
	}
	return time.Time{}, false
}

// nextClock gives the first matching time of day at or after h:m:s.
func (c *Cron) nextClock(h, m, s int) (hour, minute, second int, ok bool) {
	first := func(set uint64) int { return bits.TrailingZeros64(set) }
	if c.hour&(1<<h) != 0 {
		if c.minute&(1<<m) != 0 {
			if n := nextBit(c.second, s); n >= 0 {
				return h, m, n, true
			}
		}
		if n := nextBit(c.minute, m+1); n >= 0 {
			return h, n, first(c.second), true
		}
	}
	if n := nextBit(c.hour, h+1); n >= 0 {
		return n, first(c.minute), first(c.second), true
	}
	return 0, 0, 0, false
}

func (c *Cron) hasYear(year int) bool {
	if c.years == nil {
		return true
	}
	i := year - firstYear
	return i >= 0 && i <= lastYear-firstYear && c.years[i/64]&(1<<(i%64)) != 0
}

// nextBit gives the lowest set bit from n on, or -1.
func nextBit(set uint64, n int) int {
	if n > 63 {
		return -1
	}
	set = set >> n << n
	if set == 0 {
		return -1
	}
	return bits.TrailingZeros64(set)
}

// Next gives the first moment after `after` (strictly) that matches in loc (nil
// is UTC), and false when there is none before the year 10000 or the end of the
// year field. The package documentation says what happens when the clock is
// changed.
func (c *Cron) Next(after time.Time, loc *time.Location) (time.Time, bool) {
	if loc == nil {
		loc = time.UTC
	}
	after = after.In(loc)
	if y := after.Year(); y < minYear || y > maxYear {
		return time.Time{}, false
	}
	if c.hour == allHours {
		return c.nextHourly(after, loc)
	}
	return c.nextNamed(after, loc)
}

// nextHourly serves expressions for every hour: every moment whose wall clock
// matches counts, so repeated hours count twice and skipped ones not at all.
func (c *Cron) nextHourly(after time.Time, loc *time.Location) (time.Time, bool) {
	t := after.Truncate(time.Second).Add(time.Second).In(loc)
	for {
		// Within one zone period the offset is fixed. Periods begin at whole
		// seconds, and so does t.
		_, end := t.ZoneBounds()
		_, off := t.Zone()
		w, ok := c.nextWall(wallOf(t))
		if !ok {
			return time.Time{}, false
		}
		res := w.Add(-time.Duration(off) * time.Second).In(loc)
		if end.IsZero() || res.Before(end) {
			return res, res.Year() <= maxYear
		}
		// Periods that end well before the match cannot hold one.
		t = end
		if near := resolve(w, loc).Add(-48 * time.Hour); near.After(t) {
			t = near
		}
	}
}

// nextNamed serves expressions that name hours: each matching reading of the
// wall clock counts once, moved forward when it is skipped.
func (c *Cron) nextNamed(after time.Time, loc *time.Location) (time.Time, bool) {
	from := wallOf(after).Truncate(time.Second)
	// Readings skipped a moment ago come due behind the gap, though the wall
	// clock has passed them.
	if start, _ := after.ZoneBounds(); !start.IsZero() && after.Sub(start) < 24*time.Hour {
		if before := wallOf(start.Add(-time.Second).In(loc)); before.Before(from) {
			from = before
		}
	}
	// In a repeated hour the first pass may read later than `after` does.
	var best time.Time
	for w, ok := c.nextWall(from); ok; w, ok = c.nextWall(w.Add(time.Second)) {
		t := resolve(w, loc)
		if t.After(after) && (best.IsZero() || t.Before(best)) {
			best = t
		}
		// Later readings than that of the best come due later still.
		if !best.IsZero() && !w.Before(wallOf(best)) {
			break
		}
	}
	return best, !best.IsZero() && best.Year() <= maxYear
}
