package script

import (
	"math"
	"strings"
	"time"
)

// The interpreter's Date reads the machine's zone; these functions give the
// one of the evaluation context (UTC where it has none).

func (c *call) zone() *time.Location {
	if c.ctx.Zone == nil {
		return time.UTC
	}
	return c.ctx.Zone
}

// maxTime is the range of a time value (ECMA-262, 21.4.1.1).
const maxTime = 8.64e15

// toLocal shifts a time value so that its UTC fields are the local ones.
func (c *call) toLocal(ms float64) float64 {
	if math.IsNaN(ms) || math.Abs(ms) > maxTime {
		return math.NaN()
	}
	_, offset := time.UnixMilli(int64(ms)).In(c.zone()).Zone()
	return ms + float64(offset)*1000
}

// toUTC is the inverse; a local time that the zone skips or repeats is taken
// as package time does.
func (c *call) toUTC(ms float64) float64 {
	if math.IsNaN(ms) || math.Abs(ms) > maxTime+864e5 {
		return math.NaN()
	}
	t := time.UnixMilli(int64(ms)).UTC()
	local := time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), c.zone())
	return float64(local.UnixMilli())
}

// dateText writes the texts of Date.prototype (ECMA-262, 21.4.4.41); the
// locale forms are those of en-US on every machine.
func (c *call) dateText(ms float64, kind string) string {
	if math.IsNaN(ms) || math.Abs(ms) > maxTime {
		return "Invalid Date"
	}
	layout := "Mon Jan 02 2006 15:04:05 GMT-0700 (MST)"
	switch kind {
	case "date":
		layout = "Mon Jan 02 2006"
	case "time":
		layout = "15:04:05 GMT-0700 (MST)"
	case "local":
		layout = "1/2/2006, 3:04:05 PM"
	case "localDate":
		layout = "1/2/2006"
	case "localTime":
		layout = "3:04:05 PM"
	}
	return time.UnixMilli(int64(ms)).In(c.zone()).Format(layout)
}

// zonedLayouts say their offset, utcLayouts are UTC by the standard (a date
// alone), localLayouts are in the context's zone.
func zonedLayouts() []string {
	return []string{
		time.RFC3339Nano, "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05.999999999Z0700",
		time.RFC1123, time.RFC1123Z, "Mon Jan 02 2006 15:04:05 GMT-0700", "Mon Jan 2 2006 15:04:05 GMT-0700",
		"2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05 -0700",
	}
}

func utcLayouts() []string { return []string{"2006-01-02", "2006-01", "2006"} }

func localLayouts() []string {
	return []string{
		"2006-01-02T15:04:05.999999999", "2006-01-02T15:04", "2006-01-02 15:04:05.999999999", "2006-01-02 15:04",
		"Mon Jan 02 2006 15:04:05", "Mon Jan 02 2006", "Mon Jan 2 2006", "Jan 2, 2006 15:04:05", "Jan 2, 2006", "January 2, 2006",
		"January 2, 2006 15:04:05", "2 January 2006", "2 Jan 2006", "2006/01/02 15:04:05", "2006/01/02", "2006/1/2",
		"1/2/2006 15:04:05", "1/2/2006, 3:04:05 PM", "1/2/2006",
	}
}

// parseDate reads the texts that Date writes and the forms that models use;
// others are NaN (ECMA-262 leaves them open).
func (c *call) parseDate(s string) float64 {
	s = strings.TrimSpace(s)
	if i := strings.Index(s, " ("); i > 0 && strings.HasSuffix(s, ")") {
		s = s[:i] // the zone's name in Date.prototype.toString
	}
	if len(s) > 64 {
		return math.NaN()
	}
	for _, l := range zonedLayouts() {
		if t, err := time.Parse(l, s); err == nil {
			return float64(t.UnixMilli())
		}
	}
	for _, l := range utcLayouts() {
		if t, err := time.Parse(l, s); err == nil {
			return float64(t.UnixMilli())
		}
	}
	for _, l := range localLayouts() {
		if t, err := time.ParseInLocation(l, s, c.zone()); err == nil {
			return float64(t.UnixMilli())
		}
	}
	return math.NaN()
}
