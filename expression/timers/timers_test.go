package timers

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := LoadZone(name)
	if err != nil {
		t.Fatalf("the zone database is needed: %v", err)
	}
	return loc
}

func at(t testing.TB, text string) time.Time {
	t.Helper()
	res, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// due gives the first due time of a text of the kind.
func due(kind Kind, text string, now time.Time, loc *time.Location) (time.Time, error) {
	opts := CycleOptions{}
	switch kind {
	case KindDate:
		return ParseDate(text, loc)
	case KindDuration:
		d, err := ParseDuration(text)
		if err != nil {
			return time.Time{}, err
		}
		return d.AddTo(now, loc)
	case KindQuartz:
		opts.Cron = Quartz
	case KindSpring, KindRepeat:
	}
	c, err := ParseCycle(text, opts)
	if err != nil {
		return time.Time{}, err
	}
	t, ok := c.Next(Progress{Armed: now, After: now, Location: loc})
	if !ok {
		return time.Time{}, errors.New("over")
	}
	return t, nil
}

// Each row of the table that the documentation is made from holds.
func TestForms(t *testing.T) {
	loc, now := zone(t, FormsZone), at(t, FormsNow)
	for _, f := range Forms() {
		got, err := due(f.Kind, f.Example, now, loc)
		if err != nil {
			t.Errorf("%s %q: %v", f.Kind, f.Example, err)
			continue
		}
		if s := got.In(loc).Format(time.RFC3339Nano); s != f.Next {
			t.Errorf("%s %q: due %s, expected %s", f.Kind, f.Example, s, f.Next)
		}
	}
}

// Each code is given for its example, and there is no other one.
func TestCodes(t *testing.T) {
	seen := map[Code]bool{}
	for _, c := range Codes() {
		if seen[c.Code] {
			t.Errorf("%s is listed twice", c.Code)
		}
		seen[c.Code] = true
		text := c.Example
		if c.Code == CodeTooLong {
			text = "R/PT" + strings.Repeat("1", MaxText)
		}
		_, err := due(c.Kind, text, at(t, FormsNow), time.UTC)
		if !errors.Is(err, &Error{Code: c.Code}) {
			t.Errorf("%q: %v, expected %s", text, err, c.Code)
		}
	}
}

func TestDates(t *testing.T) {
	berlin := zone(t, "Europe/Berlin")
	for _, c := range []struct{ text, want string }{
		{"2026-02-28T10:00:00Z", "2026-02-28T11:00:00+01:00"},
		{" 2026-02-28T10:00:00Z\n", "2026-02-28T11:00:00+01:00"},
		{"2024-02-29", "2024-02-29T00:00:00+01:00"},
		{"2026-02-28T10:00:00.123456789+0530", "2026-02-28T05:30:00.123456789+01:00"},
		{"2026-02-28T10:00:00,5-05", "2026-02-28T16:00:00.5+01:00"},
		{"2026-02-28T10:00:00+01:00[Europe/Berlin]", "2026-02-28T10:00:00+01:00"},
		{"2026-02-28T10:00:00Z[Asia/Tokyo]", "2026-02-28T19:00:00+09:00"},
		{"2026-07-01T10:00:00@Asia/Tokyo", "2026-07-01T10:00:00+09:00"},
		{"2026-12-31T24:00:00", "2027-01-01T00:00:00+01:00"},
		{"2026-03-29T02:30:00", "2026-03-29T03:30:00+02:00"}, // skipped: forward by the gap
		{"2026-03-29T03:00:00", "2026-03-29T03:00:00+02:00"},
		{"2026-03-29T01:59:59", "2026-03-29T01:59:59+01:00"},
		{"2026-10-25T02:30:00", "2026-10-25T02:30:00+02:00"}, // repeated: the first
		{"2026-10-25T02:30:00+01:00", "2026-10-25T02:30:00+01:00"},
		{"2026-10-25T03:00:00", "2026-10-25T03:00:00+01:00"},
		{"0001-01-02T00:00:00Z", "0001-01-02T00:53:28+00:53"},
	} {
		got, err := ParseDate(c.text, berlin)
		if err != nil {
			t.Errorf("%q: %v", c.text, err)
		} else if s := got.Format(time.RFC3339Nano); s != c.want {
			t.Errorf("%q: %s, expected %s", c.text, s, c.want)
		}
	}
	for _, c := range []struct {
		text   string
		code   Code
		offset int
	}{
		{"2026-13-01", CodeDate, 8},
		{"2026-02-29", CodeDate, 10},
		{"2026-02-28 10:00", CodeDate, 10},
		{"2026-02-28T25:00", CodeDate, 13},
		{"2026-02-28T24:01", CodeDate, 16},
		{"2026-02-28T10:60", CodeDate, 16},
		{"2026-02-28T10:00:60", CodeDate, 19},
		{"2026-02-28T10:00:00.", CodeDate, 20},
		{"2026-02-28T10:00:00.1234567890", CodeDate, 29},
		{"2026-02-28T10:00:00+19:00", CodeZone, 19},
		{"2026-02-28T10:00:00Zulu", CodeDate, 20},
		{"2026-02-28T10:00:00[Local]", CodeZone, 20},
		{"2026-02-28T10:00:00[../etc/passwd]", CodeZone, 20},
		{"2026-02-28T10:00:00[Europe/Berlin", CodeZone, 20},
		{"2026-02-28T10:00:00@", CodeZone, 20},
		{"0000-01-01", CodeDate, 10},
		{"9999-12-31T23:00:00-05:00", CodeRange, 0},
		{"26-02-28", CodeDate, 2},
		{"２026-02-28", CodeDate, 0},
	} {
		_, err := ParseDate(c.text, berlin)
		var e *Error
		if !errors.As(err, &e) || e.Code != c.code || e.Offset != c.offset {
			t.Errorf("%q: %#v, expected %s at %d", c.text, err, c.code, c.offset)
		}
	}
}

func TestDurations(t *testing.T) {
	berlin := zone(t, "Europe/Berlin")
	for _, c := range []struct{ text, canonical, from, want string }{
		{"P1M", "P1M", "2026-01-31T10:00:00+01:00", "2026-02-28T10:00:00+01:00"},
		{"P1Y", "P1Y", "2024-02-29T10:00:00+01:00", "2025-02-28T10:00:00+01:00"},
		{"P1M1D", "P1M1D", "2026-01-31T10:00:00+01:00", "2026-03-01T10:00:00+01:00"},
		{"-P1M", "P-1M", "2026-03-31T10:00:00+02:00", "2026-02-28T10:00:00+01:00"},
		{"P-1M", "P-1M", "2026-03-31T10:00:00+02:00", "2026-02-28T10:00:00+01:00"},
		{"P14M", "P1Y2M", "2026-11-30T10:00:00+01:00", "2028-01-30T10:00:00+01:00"},
		{"P2W", "P14D", "2026-01-31T10:00:00+01:00", "2026-02-14T10:00:00+01:00"},
		// Over the change of the clock: days keep the hour, hours do not.
		{"P1D", "P1D", "2026-03-28T10:00:00+01:00", "2026-03-29T10:00:00+02:00"},
		{"PT24H", "PT24H", "2026-03-28T10:00:00+01:00", "2026-03-29T11:00:00+02:00"},
		{"P1D", "P1D", "2026-03-28T02:30:00+01:00", "2026-03-29T03:30:00+02:00"},
		{"P1D", "P1D", "2026-10-24T02:30:00+02:00", "2026-10-25T02:30:00+02:00"},
		{"P1DT1H", "P1DT1H", "2026-10-24T02:30:00+02:00", "2026-10-25T02:30:00+01:00"},
		{"PT0S", "PT0S", "2026-10-25T02:30:00+01:00", "2026-10-25T02:30:00+01:00"},
		{"P0D", "PT0S", "2026-10-25T02:30:00+01:00", "2026-10-25T02:30:00+01:00"},
		{"PT90S", "PT1M30S", "2026-01-01T00:00:00+01:00", "2026-01-01T00:01:30+01:00"},
		{"PT0.000000001S", "PT0.000000001S", "2026-01-01T00:00:00+01:00", "2026-01-01T00:00:00.000000001+01:00"},
		{"-PT0,5S", "PT-0.5S", "2026-01-01T00:00:00+01:00", "2025-12-31T23:59:59.5+01:00"},
		{"PT1M-0.5S", "PT59.5S", "2026-01-01T00:00:00+01:00", "2026-01-01T00:00:59.5+01:00"},
		{"PT-1H", "PT-1H", "2026-01-01T00:00:00+01:00", "2025-12-31T23:00:00+01:00"},
		{"PT876000H", "PT876000H", "2026-01-01T00:00:00+01:00", "2125-12-08T00:00:00+01:00"},
		{"PT8760000H", "PT8760000H", "2026-01-01T00:00:00+01:00", "3025-05-04T01:00:00+02:00"},
	} {
		d, err := ParseDuration(c.text)
		if err != nil {
			t.Errorf("%q: %v", c.text, err)
			continue
		}
		if d.String() != c.canonical {
			t.Errorf("%q prints as %s, expected %s", c.text, d, c.canonical)
		}
		if again, err := ParseDuration(d.String()); err != nil || again != d {
			t.Errorf("%q prints as %s, which reads as %v, %v", c.text, d, again, err)
		}
		got, err := d.AddTo(at(t, c.from), berlin)
		if err != nil {
			t.Errorf("%q: %v", c.text, err)
		} else if s := got.Format(time.RFC3339Nano); s != c.want {
			t.Errorf("%s + %s: %s, expected %s", c.from, c.text, s, c.want)
		}
	}
	for _, c := range []struct {
		text   string
		code   Code
		offset int
	}{
		{"P", CodeDuration, 1},
		{"PT", CodeDuration, 1},
		{"P1", CodeDuration, 2},
		{"P1H", CodeDuration, 2},
		{"PT1D", CodeDuration, 3},
		{"P1DT", CodeDuration, 3},
		{"PT1M1H", CodeDuration, 5},
		{"P1D1D", CodeDuration, 4},
		{"P1.5D", CodeDuration, 1},
		{"PT1.5H", CodeDuration, 2},
		{"PT1.S", CodeDuration, 4},
		{"PT1H1TS", CodeDuration, 5},
		{"10m", CodeDuration, 0},
		{"--P1D", CodeDuration, 1},
		{"P1234567890123D", CodeRange, 1},
		{"P10000Y", CodeRange, 1},
		{"pt1h", CodeDuration, 0},
	} {
		_, err := ParseDuration(c.text)
		var e *Error
		if !errors.As(err, &e) || e.Code != c.code || e.Offset != c.offset {
			t.Errorf("%q: %#v, expected %s at %d", c.text, err, c.code, c.offset)
		}
	}
	for text, zero := range map[string]bool{"PT0S": true, "-P0Y0D": true, "PT0.1S": false, "P1Y": false} {
		if d, err := ParseDuration(text); err != nil || d.IsZero() != zero {
			t.Errorf("%s: %v, zero %t", text, err, d.IsZero())
		}
	}
	d, err := ParseDuration("P8000Y")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.AddTo(at(t, FormsNow), nil); !errors.Is(err, &Error{Code: CodeRange}) {
		t.Errorf("8000 years from now: %v", err)
	}
}

// run gives the due times of a cycle, each missed one included.
func run(t *testing.T, c *Cycle, armed string, loc *time.Location, most int) string {
	t.Helper()
	p := Progress{Armed: at(t, armed), After: at(t, armed), Location: loc}
	var res []string
	for range most {
		next, ok := c.Next(p)
		if !ok {
			return strings.Join(append(res, "over"), " ")
		}
		if p.Fired > 0 && !next.After(p.After) {
			t.Fatalf("%s: %s does not come after %s", c, next, p.After)
		}
		res = append(res, next.Format("2006-01-02T15:04:05"))
		p.After, p.Fired = next, p.Fired+1
	}
	return strings.Join(res, " ")
}

func TestCycles(t *testing.T) {
	berlin := zone(t, "Europe/Berlin")
	const armed = "2026-01-31T10:00:00+01:00"
	for _, c := range []struct{ text, want string }{
		{"R2/PT1H", "2026-01-31T11:00:00 2026-01-31T12:00:00 over"},
		{"R0/PT1H", "over"},
		{"R-1/PT1H", "2026-01-31T11:00:00 2026-01-31T12:00:00 2026-01-31T13:00:00 2026-01-31T14:00:00"},
		// The cut end of February does not stick.
		{"R/P1M", "2026-02-28T10:00:00 2026-03-31T10:00:00 2026-04-30T10:00:00 2026-05-31T10:00:00"},
		{"R3/2026-02-01T10:00:00/P1D", "2026-02-01T10:00:00 2026-02-02T10:00:00 2026-02-03T10:00:00 over"},
		{"R2/2026-01-31T10:00:00+01:00/P1D", "2026-01-31T10:00:00 2026-02-01T10:00:00 over"}, // now is not too late
		{"R3/2026-01-29T12:00:00/P1D", "2026-01-31T12:00:00 over"},
		{"R3/2026-01-01T12:00:00/P1D", "over"},
		{"R3/P1D/2026-02-10T08:00:00", "2026-02-08T08:00:00 2026-02-09T08:00:00 2026-02-10T08:00:00 over"},
		{"R/P7D/2026-02-10T08:00:00", "2026-02-03T08:00:00 2026-02-10T08:00:00 over"},
		{"R2/P1D/2026-01-01T08:00:00", "over"},
		{"R3/2026-02-01/2026-02-03", "2026-02-01T00:00:00 2026-02-03T00:00:00 2026-02-05T00:00:00 over"},
		{"R2/2026-02-01T00:00:00Z/2026-02-01T06:30:00+01:00", "2026-02-01T01:00:00 2026-02-01T06:30:00 over"},
		{"0 0 12 1 * ?", "2026-02-01T12:00:00 2026-03-01T12:00:00 2026-04-01T12:00:00 2026-05-01T12:00:00"},
	} {
		cycle, err := ParseCycle(c.text, CycleOptions{})
		if err != nil {
			t.Errorf("%q: %v", c.text, err)
			continue
		}
		if got := run(t, cycle, armed, berlin, 4); got != c.want {
			t.Errorf("%q: %s, expected %s", c.text, got, c.want)
		}
	}

	// A past start: Zeebe counts firings, the standard counts occurrences.
	zeebe, err := ParseCycle("R2/2026-01-01T12:00:00/P1D", CycleOptions{CountFired: true})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := run(t, zeebe, armed, berlin, 4), "2026-01-31T12:00:00 2026-02-01T12:00:00 over"; got != want {
		t.Errorf("counting firings: %s, expected %s", got, want)
	}
	if zeebe.Repetitions() != 2 || zeebe.Cron() {
		t.Errorf("%d repetitions, cron %t", zeebe.Repetitions(), zeebe.Cron())
	}

	// The days of a start with a zone are days in that zone: New York changes
	// its clock on 8 March 2026, Berlin three weeks later.
	ny, err := ParseCycle("R/2026-03-07T10:00:00[America/New_York]/P1D", CycleOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := run(t, ny, armed, berlin, 2), "2026-03-07T16:00:00 2026-03-08T15:00:00"; got != want {
		t.Errorf("days of New York: %s, expected %s", got, want)
	}

	// Missed times can be skipped: After is the present.
	hourly, err := ParseCycle("R/PT1H", CycleOptions{})
	if err != nil {
		t.Fatal(err)
	}
	got, ok := hourly.Next(Progress{Armed: at(t, armed), After: at(t, "2027-01-31T10:20:00+01:00"), Fired: 3, Location: berlin})
	if want := "2027-01-31T11:00:00+01:00"; !ok || got.Format(time.RFC3339) != want {
		t.Errorf("a year later: %s, expected %s", got, want)
	}

	until := hourly.Until(at(t, "2026-01-31T12:00:00+01:00")).Until(at(t, "2027-01-31T12:00:00+01:00"))
	if got, want := run(t, until, armed, berlin, 4), "2026-01-31T11:00:00 2026-01-31T12:00:00 over"; got != want {
		t.Errorf("until noon: %s, expected %s", got, want)
	}
	far := Progress{Armed: at(t, "9999-12-31T22:00:00Z"), After: at(t, "9999-12-31T23:30:00Z")}
	if got, ok := hourly.Next(far); ok {
		t.Errorf("beyond the last year: %s", got)
	}

	for _, c := range []struct {
		text   string
		code   Code
		offset int
	}{
		{"R/PT0S", CodeInterval, 2},
		{"R/PT0.0009S", CodeInterval, 2},
		{"R/-PT1H", CodeInterval, 2},
		{"R/P1DT-1H", CodeInterval, 2},
		{"R/2026-02-03/2026-02-01", CodeInterval, 2},
		{"R3", CodeCycle, 0},
		{"R3/PT1H/2026-01-01/PT1H", CodeCycle, 19},
		{"R3/PT1H/PT1H", CodeDate, 8},
		{"Rx/PT1H", CodeCycle, 1},
		{"R99999999999/PT1H", CodeRange, 1},
		{"PT1H", CodeCycle, 0},
		{"R/1H", CodeDuration, 2},
		{"R/2026-02-01Z/2026-02-03T00:00:00Z", CodeDate, 12},
		{"R/2026-02-01T00:00:00Z/2026-02-03", CodeCycle, 23},
	} {
		_, err := ParseCycle(c.text, CycleOptions{})
		var e *Error
		if !errors.As(err, &e) || e.Code != c.code || e.Offset != c.offset {
			t.Errorf("%q: %#v, expected %s at %d", c.text, err, c.code, c.offset)
		}
	}
}

func TestLoadZone(t *testing.T) {
	for name, offset := range map[string]int{"Z": 0, "UTC": 0, "GMT": 0, "+02:00": 7200, "-0330": -12600, "UTC+2": 7200, "GMT-05:30": -19800, "Asia/Tokyo": 32400} {
		loc := zone(t, name)
		if _, off := time.Unix(0, 0).In(loc).Zone(); off != offset {
			t.Errorf("%s is %d s east of UTC, expected %d", name, off, offset)
		}
	}
	for _, name := range []string{"", "Local", "+25", "+02:00[Asia/Tokyo]", "UTC+", "+1:00", "Atlantis", "../../etc/passwd", strings.Repeat("a/", 40)} {
		if loc, err := LoadZone(name); !errors.Is(err, &Error{Code: CodeZone}) {
			t.Errorf("%q is %v, %v", name, loc, err)
		}
	}
}
