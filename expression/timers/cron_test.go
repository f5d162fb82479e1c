package timers

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

func mustCron(t testing.TB, text string, d Dialect) *Cron {
	t.Helper()
	c, err := ParseCron(text, d)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCronNext(t *testing.T) {
	berlin := zone(t, "Europe/Berlin")
	for _, c := range []struct {
		dialect     Dialect
		text, after string
		want        string // due times from there on, within the same zone
	}{
		{Spring, "* * * * * *", "2026-12-31T23:59:58.5+01:00", "2026-12-31T23:59:59+01:00 2027-01-01T00:00:00+01:00"},
		{Spring, "0 0 0 29 2 *", "2026-01-01T00:00:00+01:00", "2028-02-29T00:00:00+01:00 2032-02-29T00:00:00+01:00"},
		{Spring, "0 0 0 29 2 MON", "2026-01-01T00:00:00+01:00", "2044-02-29T00:00:00+01:00"},
		{Spring, "0 0 9 L * ?", "2028-02-01T00:00:00+01:00", "2028-02-29T09:00:00+01:00 2028-03-31T09:00:00+02:00"},
		{Spring, "0 0 9 1W * *", "2026-07-31T12:00:00+02:00", "2026-08-03T09:00:00+02:00"}, // 1 August is a Saturday
		{Spring, "0 0 9 31W * *", "2026-05-01T12:00:00+02:00", "2026-05-29T09:00:00+02:00 2026-07-31T09:00:00+02:00"},
		{Spring, "0 0 9 ? * MON#5", "2026-01-01T12:00:00+01:00", "2026-03-30T09:00:00+02:00 2026-06-29T09:00:00+02:00"},
		{Spring, "0 0 9 ? * 0,SUN,7", "2026-01-01T12:00:00+01:00", "2026-01-04T09:00:00+01:00 2026-01-11T09:00:00+01:00"},
		{Spring, "0 0 9 ? * FRI-SUN", "2026-01-01T12:00:00+01:00", "2026-01-02T09:00:00+01:00 2026-01-03T09:00:00+01:00 2026-01-04T09:00:00+01:00 2026-01-09T09:00:00+01:00"},
		{Spring, "0 0 9 ? * SUN-TUE", "2026-01-01T12:00:00+01:00", "2026-01-04T09:00:00+01:00 2026-01-05T09:00:00+01:00 2026-01-06T09:00:00+01:00 2026-01-11T09:00:00+01:00"},
		{Spring, "0 0 9 L,15 * *", "2026-01-01T12:00:00+01:00", "2026-01-15T09:00:00+01:00 2026-01-31T09:00:00+01:00"},
		{Spring, "10-20/5 0/100 9 * * *", "2026-01-01T12:00:00+01:00", "2026-01-02T09:00:10+01:00 2026-01-02T09:00:15+01:00 2026-01-02T09:00:20+01:00 2026-01-03T09:00:10+01:00"},
		{Quartz, "0 0 9 ? * 6-2", "2026-01-01T12:00:00+01:00", "2026-01-02T09:00:00+01:00 2026-01-03T09:00:00+01:00 2026-01-04T09:00:00+01:00 2026-01-05T09:00:00+01:00 2026-01-09T09:00:00+01:00"},
		{Quartz, "0 0 9 ? NOV-FEB MON#1", "2026-01-10T12:00:00+01:00", "2026-02-02T09:00:00+01:00 2026-11-02T09:00:00+01:00"},
		{Quartz, "0 0 9 L-3W * ?", "2026-02-01T12:00:00+01:00", "2026-02-25T09:00:00+01:00 2026-03-27T09:00:00+01:00"},
		{Quartz, "0 0 9 ? * L", "2026-02-01T12:00:00+01:00", "2026-02-07T09:00:00+01:00"},
		{Quartz, "0 0 9 1 1 ? 2026-2028", "2026-02-01T12:00:00+01:00", "2027-01-01T09:00:00+01:00 2028-01-01T09:00:00+01:00 over"},
		{Quartz, "0 0 9 29 2 ? 2096", "1200-02-01T12:00:00Z", "2096-02-29T09:00:00+01:00 over"},
		{Quartz, "0 0 12 * * *", "2026-02-01T12:00:00+01:00", "2026-02-02T12:00:00+01:00"},
		{Quartz, "0 0/5 14,18 * * ?", "2026-02-01T14:55:00+01:00", "2026-02-01T18:00:00+01:00"},

		// Named hours: a skipped time moves behind the gap, a repeated one counts once.
		{Spring, "0 30 2 * * *", "2026-03-28T12:00:00+01:00", "2026-03-29T03:30:00+02:00 2026-03-30T02:30:00+02:00"},
		{Spring, "0 30 2 * * *", "2026-10-24T12:00:00+02:00", "2026-10-25T02:30:00+02:00 2026-10-26T02:30:00+01:00"},
		{Spring, "0 30 2 * * *", "2026-10-25T02:40:00+02:00", "2026-10-26T02:30:00+01:00"},
		{Spring, "0 15,50 2-3 * * *", "2026-03-29T01:00:00+01:00", "2026-03-29T03:15:00+02:00 2026-03-29T03:50:00+02:00 2026-03-30T02:15:00+02:00"},
		{Spring, "0 50 2 * * *", "2026-03-29T03:10:00+02:00", "2026-03-29T03:50:00+02:00"},
		{Spring, "0 10 2,3 * * *", "2026-03-29T03:09:59+02:00", "2026-03-29T03:10:00+02:00 2026-03-30T02:10:00+02:00"},
		{Spring, "0 0 3 * * *", "2026-03-29T00:00:00+01:00", "2026-03-29T03:00:00+02:00 2026-03-30T03:00:00+02:00"},
		{Spring, "0 0 0 * * *", "2026-10-24T12:00:00+02:00", "2026-10-25T00:00:00+02:00 2026-10-26T00:00:00+01:00"},

		// Every hour: the clock runs on.
		{Spring, "0 0/30 * * * *", "2026-03-29T01:00:00+01:00", "2026-03-29T01:30:00+01:00 2026-03-29T03:00:00+02:00 2026-03-29T03:30:00+02:00"},
		{Spring, "0 0/30 * * * *", "2026-10-25T02:00:00+02:00", "2026-10-25T02:30:00+02:00 2026-10-25T02:00:00+01:00 2026-10-25T02:30:00+01:00 2026-10-25T03:00:00+01:00"},
		{Spring, "@hourly", "2026-10-25T01:00:00+02:00", "2026-10-25T02:00:00+02:00 2026-10-25T02:00:00+01:00 2026-10-25T03:00:00+01:00"},
	} {
		cron, err := ParseCron(c.text, c.dialect)
		if err != nil {
			t.Errorf("%s %q: %v", c.dialect, c.text, err)
			continue
		}
		after := at(t, c.after)
		for want := range strings.FieldsSeq(c.want) {
			next, ok := cron.Next(after, berlin)
			got := "over"
			if ok {
				got = next.Format(time.RFC3339)
			}
			if got != want {
				t.Errorf("%s %q after %s: %s, expected %s", c.dialect, c.text, after.Format(time.RFC3339), got, want)
				break
			}
			after = next
		}
	}
}

func TestCronRefused(t *testing.T) {
	for _, c := range []struct {
		dialect Dialect
		text    string
		code    Code
		offset  int
	}{
		{Spring, "0 0 9 * *", CodeCronFields, 8},
		{Spring, "0 0 9 * * * 2026", CodeCronFields, 12},
		{Quartz, "0 0 9 * * ? 2026 x", CodeCronFields, 17},
		{Spring, "60 0 9 * * *", CodeCronValue, 0},
		{Spring, "0 0 24 * * *", CodeCronValue, 4},
		{Spring, "0 0 9 0 * *", CodeCronValue, 6},
		{Spring, "0 0 9 32 * *", CodeCronValue, 6},
		{Spring, "0 0 9 * 13 *", CodeCronValue, 8},
		{Spring, "0 0 9 * FOO *", CodeCronValue, 8},
		{Spring, "0 0 9 * * 8", CodeCronValue, 10},
		{Quartz, "0 0 9 ? * 0", CodeCronValue, 10},
		{Spring, "0 0 17-9 * * *", CodeCronValue, 4},
		{Spring, "0 0 9-x * * *", CodeCronValue, 6},
		{Spring, "0 0 9,,10 * * *", CodeCronValue, 6},
		{Spring, "0 0 9, * * *", CodeCronValue, 6},
		{Spring, "0 0/0 9 * * *", CodeCronValue, 4},
		{Spring, "0 /5 9 * * *", CodeCronValue, 2},
		{Spring, "0 0/x 9 * * *", CodeCronValue, 4},
		{Quartz, "0 0/60 9 * * ?", CodeCronValue, 4},
		{Quartz, "0 0 9 1 1 ? 1969", CodeCronValue, 12},
		{Quartz, "0 0 9 1 1 ? 2030-2028", CodeCronValue, 12},
		{Spring, "? 0 9 * * *", CodeCronSpecial, 0},
		{Spring, "0 0 9 LL * *", CodeCronSpecial, 6},
		{Spring, "0 0 9 W * *", CodeCronSpecial, 6},
		{Spring, "0 0 9 1-3W * *", CodeCronSpecial, 6},
		{Spring, "0 0 9 3L * *", CodeCronSpecial, 6},
		{Spring, "0 0 9 * * L", CodeCronSpecial, 10},
		{Spring, "0 0 9 * * MON#6", CodeCronSpecial, 14},
		{Quartz, "0 0 9 ? * ?", CodeCronSpecial, 10},
		{Quartz, "0 0 9 1 * MON", CodeCronSpecial, 10},
		{Quartz, "0 0 9 5C * ?", CodeCronSpecial, 6},
		{Spring, "0 0 9 30 2 *", CodeCronNever, 6},
		{Spring, "0 0 9 31 4,6,9,11 *", CodeCronNever, 6},
		{Quartz, "0 0 9 29 2 ? 2027", CodeCronNever, 6},
		{Spring, "@reboot", CodeCronMacro, 0},
	} {
		_, err := ParseCron(c.text, c.dialect)
		var e *Error
		if !errors.As(err, &e) || e.Code != c.code || e.Offset != c.offset {
			t.Errorf("%s %q: %#v, expected %s at %d", c.dialect, c.text, err, c.code, c.offset)
		}
	}
}

// Goal: the jumping search finds what a walk over every second finds. Method:
// random expressions and moments, also around changes of the clock, against a
// walk that asks of each moment whether its wall clock matches.
func TestCronAgainstWalk(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // a test wants the same cases each time
	zones := []*time.Location{time.UTC, zone(t, "Europe/Berlin"), zone(t, "America/St_Johns"), zone(t, "Australia/Lord_Howe")}
	pick := func(of ...string) string { return of[rnd.IntN(len(of))] }
	for range 150 {
		text := strings.Join([]string{
			pick("0", "30", "*/15", "7-9"),
			pick("0", "*/10", "15,45", "59", "*"),
			pick("*", "*", "2", "1-3", "*/2", "0,23"),
			pick("*", "*", "L", "1W", "28-31", "LW", "25"),
			pick("*", "3,4,10,11", "*/2"),
			pick("*", "*", "SUN", "SUN#2,SUNL", "1-5"),
		}, " ")
		cron, err := ParseCron(text, Spring)
		if errors.Is(err, &Error{Code: CodeCronNever}) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		loc := zones[rnd.IntN(len(zones))]
		after := time.Date(2026, time.Month(1+rnd.IntN(12)), 1+rnd.IntN(28), rnd.IntN(24), rnd.IntN(60), rnd.IntN(60), 0, loc)
		if rnd.IntN(2) == 0 {
			if _, end := after.ZoneBounds(); !end.IsZero() {
				after = end.Add(time.Duration(rnd.IntN(6*3600)-3*3600) * time.Second)
			}
		}
		got, ok := cron.Next(after, loc)
		walk, found := walkCron(cron, after, loc, 2*24*time.Hour)
		if found && (!ok || !got.Equal(walk)) || !found && ok && !got.After(after.Add(2*24*time.Hour)) {
			t.Fatalf("%q after %s: %s, %t; the walk finds %s, %t", text, after, got, ok, walk, found)
		}
	}
}

// walkCron is the naive twin of Cron.Next.
func walkCron(c *Cron, after time.Time, loc *time.Location, far time.Duration) (time.Time, bool) {
	matches := func(w time.Time) bool {
		h, m, s := w.Clock()
		return c.second&(1<<s) != 0 && c.minute&(1<<m) != 0 && c.hour&(1<<h) != 0 &&
			c.month&(1<<w.Month()) != 0 && c.days(w.Year(), int(w.Month()))&(1<<w.Day()) != 0
	}
	for t := after.Add(time.Second).In(loc); !t.After(after.Add(far)); t = t.Add(time.Second) {
		w := wallOf(t)
		match := matches(w)
		if c.hour != allHours {
			_, ago := t.Add(-2 * time.Hour).Zone()
			_, off := t.Zone()
			shift := time.Duration(off-ago) * time.Second
			switch {
			case shift > 0 && wallOf(t.Add(-shift)).Equal(w.Add(-2*shift)):
				// Within a gap's length behind it: the skipped reading counts too.
				match = match || matches(w.Add(-shift))
			case shift < 0 && wallOf(t.Add(shift)).Equal(w):
				match = false // the second pass
			}
		}
		if match {
			return t, true
		}
	}
	return time.Time{}, false
}

// What asks for a long search ends at once.
func TestAttacks(t *testing.T) {
	loc := zone(t, FormsZone)
	early, late := time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(9999, 12, 30, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		text    string
		dialect Dialect
		after   time.Time
	}{
		{"* * * 29 2 MON", Spring, early},
		{"* * 2 29 2 MON", Spring, late},
		{"* * 2 * 3 SUNL", Spring, time.Date(2026, 3, 29, 1, 0, 0, 0, time.UTC)},
		{"59 59 23 31 12 ? 2099", Quartz, early},
		{"R/PT0.001S", Spring, late},
		{"R2147483647/0001-01-02/PT0.001S", Spring, late},
		{"R/P1M1DT0.001S", Spring, late},
		{"R/PT0.001S/9999-12-31T23:00:00", Spring, early},
		{"R/P9999Y", Spring, early},
	} {
		cycle, err := ParseCycle(c.text, CycleOptions{Cron: c.dialect})
		if err != nil {
			t.Errorf("%q: %v", c.text, err)
			continue
		}
		start := time.Now()
		p := Progress{Armed: early, After: c.after, Location: loc}
		for range 10 {
			next, ok := cycle.Next(p)
			if !ok {
				break
			}
			if !next.After(p.After) {
				t.Errorf("%q: %s does not come after %s", c.text, next, p.After)
			}
			p.After, p.Fired = next, p.Fired+1
		}
		if took := time.Since(start); took > 20*time.Second {
			t.Errorf("%q takes %s", c.text, took)
		}
	}
	for _, text := range []string{strings.Repeat("0,", 400) + "0 * * * * *", strings.Repeat("P", MaxText), "R" + strings.Repeat("9", 900) + "/PT1S", "R/" + strings.Repeat("/", 900)} {
		if _, err := ParseCycle(text, CycleOptions{}); err != nil && code(err) == "" {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func code(err error) Code {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

func FuzzParse(f *testing.F) {
	for _, form := range Forms() {
		f.Add(form.Example, int64(1768467600))
	}
	for _, c := range Codes() {
		f.Add(c.Example, int64(0))
	}
	f.Add("0 30 2 29 2 ?", int64(1774746000))
	f.Add("R/P1MT0.5S/9999-12-31", int64(-62135596800))
	f.Fuzz(func(t *testing.T, text string, unix int64) {
		now, start := time.Unix(unix%253402300799, 0), time.Now()
		defer func() {
			if took := time.Since(start); took > 10*time.Second {
				t.Errorf("%q takes %s", text, took)
			}
		}()
		berlin := zone(t, "Europe/Berlin")
		if d, err := ParseDuration(text); err == nil {
			if again, err := ParseDuration(d.String()); err != nil || again != d {
				t.Errorf("%q is %s, which reads as %v, %v", text, d, again, err)
			}
			if sum, err := d.AddTo(now, berlin); err == nil && (sum.Year() < minYear || sum.Year() > maxYear) {
				t.Errorf("%s + %q leaves the years: %s", now, text, sum)
			}
		}
		if d, err := ParseDate(text, berlin); err == nil {
			again, err := ParseDate(d.Format("2006-01-02T15:04:05.999999999Z07:00:00"), berlin)
			if err != nil || !again.Equal(d) {
				t.Errorf("%q is %s, which reads as %s, %v", text, d, again, err)
			}
		}
		for _, dialect := range []Dialect{Spring, Quartz} {
			c, err := ParseCycle(text, CycleOptions{Cron: dialect})
			if err != nil {
				var e *Error
				if !errors.As(err, &e) || e.Offset < 0 || e.Offset > len(e.Text) {
					t.Fatalf("%q: %#v", text, err)
				}
				continue
			}
			p := Progress{Armed: now, After: now, Location: berlin}
			for range 5 {
				next, ok := c.Next(p)
				if !ok {
					break
				}
				if !next.After(p.After) && (p.Fired > 0 || !next.Equal(p.After)) {
					t.Fatalf("%q: %s does not come after %s", text, next, p.After)
				}
				p.After, p.Fired = next, p.Fired+1
			}
		}
	})
}

func BenchmarkCronNext(b *testing.B) {
	c := mustCron(b, "0 0 9 ? * MON-FRI", Spring)
	after, loc := at(b, FormsNow), zone(b, FormsZone)
	for b.Loop() {
		if _, ok := c.Next(after, loc); !ok {
			b.Fatal("over")
		}
	}
}

// Camunda 7 reads what it knows as Quartz does, which counts weekdays from
// Sunday 1; what Quartz refuses is read as Spring does.
func TestCronCamunda(t *testing.T) {
	t.Parallel()
	after := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) // a Thursday
	for text, want := range map[string]string{
		"0 0 9 ? * 2":        "2026-01-05T09:00:00Z", // Monday
		"0 0 9 * * 2":        "2026-01-06T09:00:00Z", // Tuesday, to Spring
		"0 0 12 1/1 * ? *":   "2026-01-01T12:00:00Z",
		"0 0 9 ? * MON 2027": "2027-01-04T09:00:00Z",
		"0 0 9 ? * 0":        "2026-01-04T09:00:00Z", // Sunday, to Spring
		"0 0 9 ? * 6L":       "2026-01-30T09:00:00Z",
		"@daily":             "2026-01-02T00:00:00Z",
	} {
		got, ok := mustCron(t, text, Camunda).Next(after, time.UTC)
		if !ok || got.Format(time.RFC3339) != want {
			t.Errorf("%s: next is %v, expected %s", text, got, want)
		}
	}
	for _, text := range []string{"0 */5 * * *", "0 0 9 ? * 2 soon", "0 0 9 ? * 9"} {
		if _, err := ParseCron(text, Camunda); err == nil {
			t.Errorf("%s is read", text)
		}
	}
}
