package feel

import "strings"

func conversionBuiltins() []builtin {
	return []builtin{
		{
			name: "date", sigs: []string{"from:sdD", "year:n, month:n, day:n"}, run: makeDate,
			doc: "The date of a text, of a date and time, or of year, month and day.", example: `date(2012, 12, 25)`, result: `@"2012-12-25"`,
		},
		{
			name: "date and time",
			sigs: []string{
				"from:sD", "date:dD, time:t", "year:n, month:n, day:n, hour:n, minute:n, second:n",
				"year:n, month:n, day:n, hour:n, minute:n, second:n, offset:u0", "year:n, month:n, day:n, hour:n, minute:n, second:n, timezone:s",
			},
			run: makeDateTime,
			doc: "The date and time of a text, of a date and a time, or of its parts.", example: `date and time(date("2012-12-24"), time("23:59:00"))`, result: `@"2012-12-24T23:59:00"`,
		},
		{
			name: "time", sigs: []string{"from:stDd", "hour:n, minute:n, second:n, offset?:u0"}, run: makeTime,
			doc: "The time of a text, of a date and time, or of its parts; of a date its midnight in UTC.", example: `time(23, 59, 0, @"PT1H")`, result: `@"23:59:00+01:00"`,
		},
		{
			name: "number", sigs: []string{"from:s, grouping separator:s0, decimal separator:s0", "from:s"}, run: makeNumber,
			doc: "The number of a text; separators are a space, a comma or a point.", example: `number("1.000,5", ".", ",")`, result: `1000.5`,
		},
		{
			name: "string", sigs: []string{"from:*"},
			run: func(f *frame, a []Value, _ int) Value {
				if a[0].IsNull() {
					return Value{}
				}
				return f.text(a[0].textUpTo(orDefault(f.c.Limits.StringSize, defaultStringSize)))
			},
			doc: "The text of a value; null of null.", example: `string([1, "a", @"PT1H"])`, result: `"[1, \"a\", PT1H]"`,
		},
		{
			name: "duration", sigs: []string{"from:suy"},
			run: func(f *frame, a []Value, pos int) Value {
				if a[0].kind != KindString {
					return a[0]
				}
				v, ok := parseDuration(a[0].str())
				return f.parsed(v, ok, a[0], "duration", pos)
			},
			doc: "The duration of a text, of one kind or the other.", example: `duration("P26M")`, result: `@"P2Y2M"`,
		},
		{
			name: "years and months duration", sigs: []string{"from:dD, to:dD"},
			run: func(f *frame, a []Value, _ int) Value { return Months(monthsBetween(a[0], a[1])) },
			doc: "The whole months from one date to another.", example: `years and months duration(date("2011-12-22"), date("2013-08-24"))`, result: `@"P1Y8M"`,
		},
	}
}

func temporalBuiltins() []builtin {
	day := []string{"date:dD"}
	return []builtin{
		{
			name: "now", sigs: []string{""}, impure: true,
			run: func(f *frame, _ []Value, _ int) Value { return DateTime(f.now()) },
			doc: "The moment of the evaluation, from its context.", example: `now() instance of date and time`, result: `true`,
		},
		{
			name: "today", sigs: []string{""}, impure: true,
			run: func(f *frame, _ []Value, _ int) Value { return LocalDateTime(f.now()).dateOf() },
			doc: "The day of the evaluation, from its context.", example: `today() instance of date`, result: `true`,
		},
		{
			name: "day of year", sigs: day,
			run: func(_ *frame, a []Value, _ int) Value { return Int(dayOfYear(a[0].days())) },
			doc: "The day within the year, from 1.", example: `day of year(date(2019, 9, 17))`, result: `260`,
		},
		{
			name: "day of week", sigs: day,
			run: func(_ *frame, a []Value, _ int) Value { return String(weekdays[weekday(a[0].days())-1]) },
			doc: "The name of the weekday.", example: `day of week(date(2019, 9, 17))`, result: `"Tuesday"`,
		},
		{
			name: "month of year", sigs: day,
			run: func(_ *frame, a []Value, _ int) Value {
				_, m, _ := civilFromDays(a[0].days())
				return String(months[m-1])
			},
			doc: "The name of the month.", example: `month of year(date(2019, 9, 17))`, result: `"September"`,
		},
		{
			name: "week of year", sigs: day,
			run: func(_ *frame, a []Value, _ int) Value { return Int(weekOfYear(a[0].days())) },
			doc: "The week by ISO 8601.", example: `week of year(date(2003, 12, 29))`, result: `1`,
		},
	}
}

var weekdays = [...]string{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}

var months = [...]string{
	"January", "February", "March", "April", "May", "June", "July", "August", "September",
	"October", "November", "December",
}

// parsed passes a value read from a text on, with a warning when there is none.
func (f *frame) parsed(v Value, ok bool, text Value, what string, pos int) Value {
	if !ok {
		return f.warn(pos, WarnFunctionFailed, "expected the text of a %s, but found %s", what, brief(text))
	}
	return v
}

func makeDate(f *frame, a []Value, pos int) Value {
	if len(a) == 1 {
		switch a[0].kind {
		case KindString:
			v, ok := parseDate(a[0].str())
			return f.parsed(v, ok, a[0], "date", pos)
		case KindDateTime:
			return a[0].dateOf()
		default:
			return a[0]
		}
	}
	return f.dateOfParts(a, pos)
}

func (f *frame) dateOfParts(a []Value, pos int) Value {
	y, ok1 := a[0].toInt()
	m, ok2 := a[1].toInt()
	d, ok3 := a[2].toInt()
	v, ok4 := Date(y, m, d)
	if !ok1 || !ok2 || !ok3 || !ok4 {
		return f.warn(pos, WarnOutOfRange, "there is no day %s-%s-%s", a[0], a[1], a[2])
	}
	return v
}

func makeDateTime(f *frame, a []Value, pos int) Value {
	switch len(a) {
	case 1:
		if a[0].kind == KindDateTime {
			return a[0]
		}
		s := a[0].str()
		if d, ok := parseDate(s); ok {
			return dateTimeOf(d.n*daySeconds, 0, nil)
		}
		v, ok := parseDateTime(s, f.zones(), f.dialect == Camunda)
		return f.parsed(v, ok, a[0], "date and time", pos)
	case 2:
		return joinDateTime(a[0], a[1])
	}
	d := f.dateOfParts(a, pos)
	t := f.timeOfParts(a[3:6], pos)
	if d.IsNull() || t.IsNull() {
		return Value{}
	}
	if len(a) == 7 && a[6].kind == KindString {
		z := f.zones().find(a[6].str())
		if z == nil {
			return f.warn(pos, WarnFunctionFailed, "there is no time zone %s", brief(a[6]))
		}
		return joinDateTime(d, withZone(t, z))
	}
	if len(a) == 7 && a[6].kind == KindDaysTime {
		z, ok := f.offset(a[6], pos)
		if !ok {
			return Value{}
		}
		t = withZone(t, z)
	}
	return joinDateTime(d, t)
}

func joinDateTime(d, t Value) Value {
	return dateTimeOf(d.days()*daySeconds+t.n/nanosecond, int32(t.n%nanosecond), t.zone()) //nolint:gosec // below 1e9
}

func makeTime(f *frame, a []Value, pos int) Value {
	if len(a) == 1 {
		switch a[0].kind {
		case KindString:
			v, ok := parseTime(a[0].str(), f.zones(), f.dialect == Camunda)
			return f.parsed(v, ok, a[0], "time", pos)
		case KindDateTime:
			return withZone(TimeOfDay(a[0].dayNano()), a[0].zone())
		case KindDate:
			return withZone(TimeOfDay(0), fixedZone(0))
		default:
			return a[0]
		}
	}
	t := f.timeOfParts(a[:3], pos)
	if t.IsNull() || a[3].IsNull() {
		return t
	}
	z, ok := f.offset(a[3], pos)
	if !ok {
		return Value{}
	}
	return withZone(t, z)
}

// offset makes a zone of a duration of at most 18 hours.
func (f *frame) offset(d Value, pos int) (*zone, bool) {
	if d.n > 18*3600 || d.n < -18*3600 || d.nano != 0 {
		f.warn(pos, WarnOutOfRange, "expected an offset of at most 18 hours, but found %s", d)
		return nil, false
	}
	return fixedZone(d.n), true
}

// timeOfParts takes hour, minute and second, which may have decimals.
func (f *frame) timeOfParts(a []Value, pos int) Value {
	h, ok1 := a[0].toInt()
	m, ok2 := a[1].toInt()
	s, ok3 := a[2].truncInt()
	if !ok1 || !ok2 || !ok3 || h < 0 || h > 23 || m < 0 || m > 59 || s < 0 || s > 59 || a[2].sign() < 0 {
		return f.warn(pos, WarnOutOfRange, "there is no time %s:%s:%s", a[0], a[1], a[2])
	}
	nanos, _ := mulNumbers(subNumbers(a[2], Int(s)), Int(nanosecond)).truncInt()
	return TimeOfDay(((h*60+m)*60+s)*nanosecond + nanos)
}

// makeNumber (DMN 1.5, table 71): the separators differ, the grouping one is a
// space, comma or point, the decimal one a comma or point.
func makeNumber(f *frame, a []Value, pos int) Value {
	s := a[0].str()
	if len(a) == 3 {
		group, dec := a[1].str(), a[2].str()
		okGroup := a[1].IsNull() || group == " " || group == "," || group == "."
		okDec := a[2].IsNull() || dec == "," || dec == "."
		if !okGroup || !okDec || (group == dec && !a[1].IsNull()) {
			return f.warn(pos, WarnFunctionFailed, "expected two different separators out of space, comma and point, but found %s and %s", brief(a[1]), brief(a[2]))
		}
		if group != "" {
			s = strings.ReplaceAll(s, group, "")
		}
		if dec == "," {
			if strings.Contains(s, ".") {
				return f.parsed(Value{}, false, a[0], "number", pos)
			}
			s = strings.Replace(s, ",", ".", 1)
		}
	}
	v, ok := parseNumber(s)
	return f.parsed(v, ok, a[0], "number", pos)
}
