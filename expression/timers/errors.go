package timers

import (
	"fmt"
	"strings"
)

// Code names a kind of fault in a timer text. Codes are stable: they are never
// renamed or reused.
type Code string

// The codes of this package; see [Codes] for what each means.
const (
	CodeEmpty       Code = "timers.empty"
	CodeTooLong     Code = "timers.too-long"
	CodeDate        Code = "timers.date"
	CodeZone        Code = "timers.zone"
	CodeDuration    Code = "timers.duration"
	CodeRange       Code = "timers.range"
	CodeCycle       Code = "timers.cycle"
	CodeInterval    Code = "timers.interval"
	CodeCronFields  Code = "timers.cron.fields"
	CodeCronValue   Code = "timers.cron.value"
	CodeCronSpecial Code = "timers.cron.special"
	CodeCronMacro   Code = "timers.cron.macro"
	CodeCronNever   Code = "timers.cron.never"
)

// CodeInfo is a row of [Codes].
type CodeInfo struct {
	Code    Code
	Meaning string // what is wrong
	WayOut  string // what to write instead
	Example string // a text that gives this code; none for too-long
	Kind    Kind   // what Example is meant to be
}

// Codes returns every code that this package gives, in a fixed order.
func Codes() []CodeInfo {
	return []CodeInfo{
		{CodeEmpty, "the text is empty", "give a date, duration or cycle, or remove the timer", "", KindDuration},
		{CodeTooLong, "the text is longer than 1024 bytes", "shorten the text", "", KindRepeat},
		{CodeDate, "the text is no ISO 8601 date", "write 2026-03-01T09:30:00Z, or without the zone for the engine's own", "01.03.2026", KindDate},
		{CodeZone, "the zone is not known", "use an offset such as +02:00 or a name of the IANA database such as [Europe/Berlin]", "2026-03-01T09:30:00[Europe/Atlantis]", KindDate},
		{CodeDuration, "the text is no ISO 8601 duration", "write P1Y2M3DT4H5M6S with the parts you need", "10 minutes", KindDuration},
		{CodeRange, "a number or the resulting time is out of range", "stay within the years 0001 to 9999", "P99999Y", KindDuration},
		{CodeCycle, "the text is neither a repeating interval nor a cron expression", "write R3/PT10M, R/2026-03-01T09:30:00Z/P1D or a cron expression", "R3", KindRepeat},
		{CodeInterval, "the interval of a cycle is zero, negative or shorter than a millisecond", "give a positive duration", "R/PT0S", KindRepeat},
		{CodeCronFields, "a cron expression has the wrong number of fields", "write second, minute, hour, day of month, month and day of week (Quartz: and perhaps the year)", "0 9 * *", KindSpring},
		{CodeCronValue, "a value, range or step of a cron field is not allowed there", "stay within the field's values", "0 61 * * * *", KindSpring},
		{CodeCronSpecial, "a special character of cron stands where it means nothing", "use L and W in the day of month, L and # in the day of week, ? in one of them", "0 0 L * * *", KindSpring},
		{CodeCronMacro, "the macro is not known", "use @yearly, @annually, @monthly, @weekly, @daily, @midnight or @hourly", "@fortnightly", KindSpring},
		{CodeCronNever, "no date can match the cron expression", "give a day that the month has, and a year that is not over before the first one", "0 0 0 30 FEB *", KindSpring},
	}
}

// Error tells what is wrong with a timer text.
type Error struct {
	Code    Code
	Text    string // the text that was read, at most [MaxText] bytes of it
	Offset  int    // byte offset of the fault in Text
	Message string // a sentence: what was expected, and what to write instead
}

// Error gives the sentence with its place.
func (e *Error) Error() string {
	return fmt.Sprintf("%s at character %d of %q", e.Message, e.Offset+1, e.Text)
}

// Is reports whether target is an [*Error] of the same code.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

func fail(code Code, text string, offset int, format string, args ...any) error {
	if len(text) > MaxText {
		text = text[:MaxText]
	}
	text = strings.ToValidUTF8(text, "\uFFFD")
	return &Error{Code: code, Text: text, Offset: min(max(offset, 0), len(text)), Message: fmt.Sprintf(format, args...)}
}
