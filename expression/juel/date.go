package juel

import (
	"time"

	"github.com/weir-bpm/weir/expression/timers"
)

// shift moves a date by a number of units; months and days on the wall clock.
func (c *invocation) shift(t moment, n int64, unit timers.Duration) (any, error) {
	const most = 1_000_000_000_000
	if n < -most || n > most {
		return nil, c.fail(CodeArguments, "%s() cannot move a date that far", c.name)
	}
	d := timers.Duration{Months: unit.Months * n, Days: unit.Days * n, Seconds: unit.Seconds * n}
	if unit.Nanos != 0 {
		d.Seconds = n / 1000 * int64(unit.Nanos/1e6)
		d.Nanos = int32(n%1000) * unit.Nanos //nolint:gosec // below 1e9
	}
	res, err := d.AddTo(t.t, c.f.location())
	if err != nil {
		return nil, c.fail(CodeArguments, "%s() leaves the years 0001 to 9999", c.name)
	}
	return moment{res}, nil
}

// dateUnits are the units of plus and minus.
func dateUnits() []struct {
	name string
	unit timers.Duration
} {
	return []struct {
		name string
		unit timers.Duration
	}{
		{"Millis", timers.Duration{Nanos: 1e6}},
		{"Seconds", timers.Duration{Seconds: 1}},
		{"Minutes", timers.Duration{Seconds: 60}},
		{"Hours", timers.Duration{Seconds: 3600}},
		{"Days", timers.Duration{Days: 1}},
		{"Weeks", timers.Duration{Days: 7}},
		{"Months", timers.Duration{Months: 1}},
		{"Years", timers.Duration{Months: 12}},
	}
}

func dateMethods() []method {
	on := func(name, args, meaning, example, result string, call func(c *invocation) (any, error)) method {
		return row(kindDate, "date", name, args, meaning, example, result, call)
	}
	part := func(name, meaning, result string, f func(t time.Time) int) method {
		return on(name, "", meaning, "${now()."+name+"()}", result, func(c *invocation) (any, error) {
			m, _ := c.recv.(moment)
			return int64(f(m.t.In(c.f.location()))), nil
		})
	}
	itself := func(c *invocation) (any, error) { return c.recv, nil }
	order := func(name, meaning, example, result string, holds func(cmp int) bool) method {
		return on(name, "date", meaning, example, result, func(c *invocation) (any, error) {
			other, err := c.date(0)
			if err != nil {
				return nil, err
			}
			m, _ := c.recv.(moment)
			return holds(m.t.Compare(other.t)), nil
		})
	}
	// with sets one part of the date; the rest of the wall clock stays.
	with := func(name, meaning, example, result string, low, high int64, set func(p *clock, n int)) method {
		return on(name, "number", meaning, example, result, func(c *invocation) (any, error) {
			n, err := c.integer(0)
			if err != nil {
				return nil, err
			}
			if n < low || n > high {
				return nil, c.fail(CodeArguments, "%s() expects a number from %d to %d, but found %d", name, low, high, n)
			}
			m, _ := c.recv.(moment)
			p := clockOf(m.t.In(c.f.location()))
			set(&p, int(n))
			return p.moment(c)
		})
	}
	millis := func(c *invocation) (any, error) {
		m, _ := c.recv.(moment)
		return m.t.UnixMilli(), nil
	}
	var rows []method
	for _, sign := range []struct {
		name string
		n    int64
	}{{"plus", 1}, {"minus", -1}} {
		for _, u := range dateUnits() {
			name := sign.name + u.name
			rows = append(rows, on(name, "number", "the date "+u.name+" later or, with minus, earlier", "${now()."+name+"(2)}", dateExamples()[name], func(c *invocation) (any, error) {
				n, err := c.integer(0)
				if err != nil {
					return nil, err
				}
				m, _ := c.recv.(moment)
				return c.shift(m, sign.n*n, u.unit)
			}))
		}
	}
	return append(rows,
		part("getYear", "the year", "2026", time.Time.Year),
		part("getMonthOfYear", "the month from 1 to 12", "3", func(t time.Time) int { return int(t.Month()) }),
		part("getMonthValue", "the month from 1 to 12", "3", func(t time.Time) int { return int(t.Month()) }),
		part("getDayOfMonth", "the day of the month", "1", time.Time.Day),
		part("getDayOfYear", "the day of the year", "60", time.Time.YearDay),
		part("getDayOfWeek", "the day of the week from 1 (Monday) to 7", "7", func(t time.Time) int { return (int(t.Weekday())+6)%7 + 1 }),
		part("getHourOfDay", "the hour", "9", time.Time.Hour),
		part("getHour", "the hour", "9", time.Time.Hour),
		part("getMinuteOfHour", "the minute", "30", time.Time.Minute),
		part("getMinute", "the minute", "30", time.Time.Minute),
		part("getSecondOfMinute", "the second", "0", time.Time.Second),
		part("getSecond", "the second", "0", time.Time.Second),
		on("getTime", "", "the milliseconds since 1970", "${now().getTime()}", "1772353800000", millis),
		on("getMillis", "", "the milliseconds since 1970", "${now().getMillis()}", "1772353800000", millis),
		on("toEpochMilli", "", "the milliseconds since 1970", "${now().toEpochMilli()}", "1772353800000", millis),
		on("toDate", "", "the date itself", "${dateTime().plusDays(1).toDate()}", `"2026-03-02T09:30:00+01:00"`, itself),
		on("toInstant", "", "the date itself", "${now().toInstant()}", `"2026-03-01T09:30:00+01:00"`, itself),
		on("toDateTime", "", "the date itself", "${now().toDateTime()}", `"2026-03-01T09:30:00+01:00"`, itself),
		on("toLocalDate", "", "the first moment of the day", "${now().toLocalDate()}", `"2026-03-01T00:00:00+01:00"`, startOfDay),
		on("withTimeAtStartOfDay", "", "the first moment of the day", "${dateTime().withTimeAtStartOfDay()}", `"2026-03-01T00:00:00+01:00"`, startOfDay),
		with("withYear", "the date in another year", "${now().withYear(2027)}", `"2027-03-01T09:30:00+01:00"`, 1, 9999, func(p *clock, n int) { p.year = n }),
		with("withMonthOfYear", "the date in another month", "${now().withMonthOfYear(5)}", `"2026-05-01T09:30:00+01:00"`, 1, 12, func(p *clock, n int) { p.month = n }),
		with("withDayOfMonth", "another day of the month", "${now().withDayOfMonth(15)}", `"2026-03-15T09:30:00+01:00"`, 1, 31, func(p *clock, n int) { p.day = n }),
		with("withDayOfWeek", "another day of the same week, from 1 (Monday) to 7", "${now().withDayOfWeek(1)}", `"2026-02-23T09:30:00+01:00"`, 1, 7, func(p *clock, n int) {
			weekday := int(time.Date(p.year, time.Month(p.month), p.day, 0, 0, 0, 0, time.UTC).Weekday())
			p.move = n - ((weekday+6)%7 + 1)
		}),
		with("withHourOfDay", "another hour of the day", "${now().withHourOfDay(17)}", `"2026-03-01T17:30:00+01:00"`, 0, 23, func(p *clock, n int) { p.hour = n }),
		with("withMinuteOfHour", "another minute of the hour", "${now().withMinuteOfHour(0)}", `"2026-03-01T09:00:00+01:00"`, 0, 59, func(p *clock, n int) { p.minute = n }),
		with("withSecondOfMinute", "another second of the minute", "${now().withSecondOfMinute(5)}", `"2026-03-01T09:30:05+01:00"`, 0, 59, func(p *clock, n int) { p.second = n }),
		with("withMillisOfSecond", "another millisecond of the second", "${now().withMillisOfSecond(5)}", `"2026-03-01T09:30:00.005+01:00"`, 0, 999, func(p *clock, n int) { p.nano = n * 1e6 }),
		on("withTime", "hour, minute, second, millis", "another time of the day", "${now().withTime(8, 0, 0, 0)}", `"2026-03-01T08:00:00+01:00"`, withTime),
		on("toString", "pattern", "the date as a text by a pattern of Java, with English names", "${dateTime().toString('EEE d MMM yyyy, HH:mm')}", `"Sun 1 Mar 2026, 09:30"`, func(c *invocation) (any, error) {
			pattern, err := c.text(0)
			if err != nil {
				return nil, err
			}
			m, _ := c.recv.(moment)
			text, wrong := formatDate(m.t.In(c.f.location()), pattern)
			if wrong != "" {
				return nil, c.fail(CodeArguments, "%s", wrong)
			}
			return c.made(text)
		}),
		order("isBefore", "whether the date is before the other one", "${now().isBefore(due)}", "true", func(o int) bool { return o < 0 }),
		order("isAfter", "whether the date is after the other one", "${due.isAfter(now())}", "true", func(o int) bool { return o > 0 }),
		order("isEqual", "whether the dates are the same moment", "${now().isEqual('2026-03-01T08:30:00Z')}", "true", func(o int) bool { return o == 0 }),
		order("before", "whether the date is before the other one", "${now().before(due)}", "true", func(o int) bool { return o < 0 }),
		order("after", "whether the date is after the other one", "${now().after(due)}", "false", func(o int) bool { return o > 0 }),
	)
}

// dateExamples are the results of the rows with units.
func dateExamples() map[string]string {
	return map[string]string{
		"plusMillis": `"2026-03-01T09:30:00.002+01:00"`, "plusSeconds": `"2026-03-01T09:30:02+01:00"`, "plusMinutes": `"2026-03-01T09:32:00+01:00"`,
		"plusHours": `"2026-03-01T11:30:00+01:00"`, "plusDays": `"2026-03-03T09:30:00+01:00"`, "plusWeeks": `"2026-03-15T09:30:00+01:00"`,
		"plusMonths": `"2026-05-01T09:30:00+01:00"`, "plusYears": `"2028-03-01T09:30:00+01:00"`,
		"minusMillis": `"2026-03-01T09:29:59.998+01:00"`, "minusSeconds": `"2026-03-01T09:29:58+01:00"`, "minusMinutes": `"2026-03-01T09:28:00+01:00"`,
		"minusHours": `"2026-03-01T07:30:00+01:00"`, "minusDays": `"2026-02-27T09:30:00+01:00"`, "minusWeeks": `"2026-02-15T09:30:00+01:00"`,
		"minusMonths": `"2026-01-01T09:30:00+01:00"`, "minusYears": `"2024-03-01T09:30:00+01:00"`,
	}
}

// clock is a reading of the wall clock.
type clock struct{ year, month, day, hour, minute, second, nano, move int }

func clockOf(t time.Time) clock {
	return clock{year: t.Year(), month: int(t.Month()), day: t.Day(), hour: t.Hour(), minute: t.Minute(), second: t.Second(), nano: t.Nanosecond()}
}

// moment gives the moment of the reading; timers knows what to do where the
// clock is changed. A day behind the end of the month is an error, as in Joda,
// unless only the month or year was set.
func (p clock) moment(c *invocation) (any, error) {
	last := time.Date(p.year, time.Month(p.month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
	if p.day > last {
		if c.name == "withDayOfMonth" {
			return nil, c.fail(CodeArguments, "withDayOfMonth(%d) is behind the end of the month, which has %d days", p.day, last)
		}
		p.day = last
	}
	wall := time.Date(p.year, time.Month(p.month), p.day+p.move, p.hour, p.minute, p.second, p.nano, time.UTC)
	t, err := timers.ParseDate(wall.Format("2006-01-02T15:04:05.999999999"), c.f.location())
	if err != nil {
		return nil, c.fail(CodeArguments, "%s() leaves the years 0001 to 9999", c.name)
	}
	return moment{t}, nil
}

func startOfDay(c *invocation) (any, error) {
	m, _ := c.recv.(moment)
	p := clockOf(m.t.In(c.f.location()))
	p.hour, p.minute, p.second, p.nano = 0, 0, 0, 0
	return p.moment(c)
}

func withTime(c *invocation) (any, error) {
	m, _ := c.recv.(moment)
	p := clockOf(m.t.In(c.f.location()))
	for i, to := range []struct {
		most int64
		set  *int
	}{{23, &p.hour}, {59, &p.minute}, {59, &p.second}, {999, &p.nano}} {
		n, err := c.integer(i)
		if err != nil {
			return nil, err
		}
		if n < 0 || n > to.most {
			return nil, c.fail(CodeArguments, "withTime() expects a number from 0 to %d as argument %d, but found %d", to.most, i+1, n)
		}
		*to.set = int(n)
	}
	p.nano *= 1e6
	return p.moment(c)
}

// timeBean is flwTimeUtils of Flowable.
func timeBean() []method {
	const bean = "flwTimeUtils"
	fn := func(name, args, meaning, example, result string, call func(c *invocation) (any, error)) method {
		return row(kindFunction, bean, name, args, meaning, example, result, call)
	}
	date := func(name, meaning, example, result string) method {
		return fn(name, "date", meaning, example, result, func(c *invocation) (any, error) {
			if c.args[0] == nil {
				return nil, nil
			}
			t, err := c.date(0)
			if err != nil {
				return nil, err
			}
			return t, nil
		})
	}
	order := func(name, meaning, example, result string, holds func(cmp int) bool) method {
		return fn(name, "date, other", meaning, example, result, func(c *invocation) (any, error) {
			a, err := c.date(0)
			if err != nil {
				return nil, err
			}
			b, err := c.date(1)
			if err != nil {
				return nil, err
			}
			return holds(a.t.Compare(b.t)), nil
		})
	}
	current := func(c *invocation) (any, error) { return c.now(), nil }
	const nowText = `"2026-03-01T09:30:00+01:00"`
	rows := []method{
		fn("now", "", "the engine's time", "${flwTimeUtils.now()}", nowText, current),
		fn("currentDate", "", "the engine's time", "${flwTimeUtils.currentDate()}", nowText, current),
		fn("currentLocalDateTime", "", "the engine's time", "${flwTimeUtils.currentLocalDateTime()}", nowText, current),
		fn("currentLocalDate", "", "the first moment of the engine's day", "${flwTimeUtils.currentLocalDate()}", `"2026-03-01T00:00:00+01:00"`, func(c *invocation) (any, error) {
			c.recv = c.now()
			return startOfDay(c)
		}),
		date("parseInstant", "a date from its ISO text", "${flwTimeUtils.parseInstant('2026-03-01T08:30:00Z')}", nowText),
		date("parseLocalDate", "a date from its ISO text", "${flwTimeUtils.parseLocalDate('2026-03-01')}", `"2026-03-01T00:00:00+01:00"`),
		date("parseLocalDateTime", "a date from its ISO text", "${flwTimeUtils.parseLocalDateTime('2026-03-01T09:30')}", nowText),
		date("asDate", "a date from its ISO text or milliseconds", "${flwTimeUtils.asDate(1772353800000)}", nowText),
		date("asInstant", "a date from its ISO text or milliseconds", "${flwTimeUtils.asInstant(1772353800000)}", nowText),
		date("instantFromTimestamp", "a date from milliseconds", "${flwTimeUtils.instantFromTimestamp(1772353800000)}", nowText),
		date("dateFromTimestamp", "a date from milliseconds", "${flwTimeUtils.dateFromTimestamp(1772353800000)}", nowText),
		order("isBefore", "whether the date is before the other one", "${flwTimeUtils.isBefore(now(), due)}", "true", func(o int) bool { return o < 0 }),
		order("isBeforeOrEqual", "whether the date is not after the other one", "${flwTimeUtils.isBeforeOrEqual(due, due)}", "true", func(o int) bool { return o <= 0 }),
		order("isAfter", "whether the date is after the other one", "${flwTimeUtils.isAfter(now(), due)}", "false", func(o int) bool { return o > 0 }),
		order("isAfterOrEqual", "whether the date is not before the other one", "${flwTimeUtils.isAfterOrEqual(due, due)}", "true", func(o int) bool { return o >= 0 }),
		order("areEqual", "whether the dates are the same moment", "${flwTimeUtils.areEqual(now(), '2026-03-01T08:30:00Z')}", "true", func(o int) bool { return o == 0 }),
	}
	for _, sign := range []struct {
		name string
		n    int64
	}{{"plus", 1}, {"minus", -1}} {
		for _, u := range dateUnits()[1:] {
			name := sign.name + u.name
			rows = append(rows, fn(name, "date, number", "the date "+u.name+" later or, with minus, earlier", "${flwTimeUtils."+name+"(now(), 2)}", dateExamples()[name], func(c *invocation) (any, error) {
				t, err := c.date(0)
				if err != nil {
					return nil, err
				}
				n, err := c.integer(1)
				if err != nil {
					return nil, err
				}
				return c.shift(t, sign.n*n, u.unit)
			}))
		}
	}
	return rows
}

func (c *invocation) now() moment { return moment{c.f.ctx.Now.In(c.f.location())} }
