package timers

// Kind says which timer text a row of [Forms] or [Codes] speaks of.
type Kind string

// The kinds of timer text.
const (
	KindDate     Kind = "date"
	KindDuration Kind = "duration"
	KindRepeat   Kind = "repeating interval"
	KindSpring   Kind = "cron, Spring dialect"
	KindQuartz   Kind = "cron, Quartz dialect"
)

// FormsNow and FormsZone are the moment at which the examples of [Forms] are
// armed and the zone in which they are read.
const (
	FormsNow  = "2026-01-15T10:00:00+01:00"
	FormsZone = "Europe/Berlin"
)

// Form is a row of [Forms]: something that a timer text can say.
type Form struct {
	Kind    Kind
	Syntax  string
	Meaning string
	Example string // a whole timer text
	Next    string // when it is first due, armed at FormsNow in FormsZone
}

// Forms lists what timer texts can say, with an example each.
func Forms() []Form {
	return []Form{
		{KindDate, "date", "the first moment of a day", "2026-03-01", "2026-03-01T00:00:00+01:00"},
		{KindDate, "date T time", "a wall-clock time in the zone of the engine or tenant; seconds and their fraction may be left out", "2026-03-01T09:30", "2026-03-01T09:30:00+01:00"},
		{KindDate, "date T time offset", "a moment; the offset is Z, +02:00, +0200 or +02", "2026-03-01T09:30:00Z", "2026-03-01T10:30:00+01:00"},
		{KindDate, "date T time [zone] or @zone", "a wall-clock time in a named zone; an offset may stand before it", "2026-03-01T09:30:00[America/New_York]", "2026-03-01T15:30:00+01:00"},
		{KindDate, "T24:00", "the end of a day", "2026-03-01T24:00", "2026-03-02T00:00:00+01:00"},

		{KindDuration, "PnY PnM", "years and months on the calendar; the end of a shorter month cuts", "P1Y1M", "2027-02-15T10:00:00+01:00"},
		{KindDuration, "PnW PnD", "weeks and days on the calendar, at the same wall-clock time", "P10W3D", "2026-03-29T10:00:00+02:00"},
		{KindDuration, "PTnH PTnM PTnS", "exact hours, minutes and seconds", "PT1H30M0.5S", "2026-01-15T11:30:00.5+01:00"},
		{KindDuration, "-P…", "a duration backwards; a timer with one is due at once", "-PT1H", "2026-01-15T09:00:00+01:00"},

		{KindRepeat, "Rn/duration", "n times, each a duration after the one before, from the moment of arming", "R3/PT10M", "2026-01-15T10:10:00+01:00"},
		{KindRepeat, "R/duration", "without end", "R/P1M", "2026-02-15T10:00:00+01:00"},
		{KindRepeat, "Rn/start/duration", "n times from the start on", "R3/2026-01-14T08:00:00/P1D", "2026-01-16T08:00:00+01:00"},
		{KindRepeat, "Rn/duration/end", "n times, the last of them at the end", "R3/P1D/2026-01-17T08:00:00", "2026-01-16T08:00:00+01:00"},
		{KindRepeat, "Rn/start/end", "n times from the start on, as far apart as start and end", "R5/2026-01-10/2026-01-12", "2026-01-16T00:00:00+01:00"},

		{KindSpring, "*", "every value; in the day fields ? means the same", "0 30 * * * ?", "2026-01-15T10:30:00+01:00"},
		{KindSpring, "a,b", "each of a list", "0 0 8,12,18 * * *", "2026-01-15T12:00:00+01:00"},
		{KindSpring, "a-b", "a range", "0 0 0 1-7 * *", "2026-02-01T00:00:00+01:00"},
		{KindSpring, "*/n a/n a-b/n", "every nth value, from the first, from a on, or within a range", "0 5/20 * * * *", "2026-01-15T10:05:00+01:00"},
		{KindSpring, "JAN MON", "names of months and days, in any case", "0 0 9 * feb Mon", "2026-02-02T09:00:00+01:00"},
		{KindSpring, "0 or 7 in the day of week", "Sunday", "0 0 9 * * 7", "2026-01-18T09:00:00+01:00"},
		{KindSpring, "both day fields", "days that match both", "0 0 9 13 * FRI", "2026-02-13T09:00:00+01:00"},
		{KindSpring, "L", "the last day of the month; L-n is n days before", "0 0 9 L-2 * *", "2026-01-29T09:00:00+01:00"},
		{KindSpring, "nW", "the weekday nearest to day n, in the same month", "0 0 9 17W * *", "2026-01-16T09:00:00+01:00"},
		{KindSpring, "LW", "the last weekday of the month", "0 0 9 LW * *", "2026-01-30T09:00:00+01:00"},
		{KindSpring, "dL", "the last such day of the month", "0 0 9 * * FRIL", "2026-01-30T09:00:00+01:00"},
		{KindSpring, "d#n", "the nth such day of the month", "0 0 9 * * MON#1", "2026-02-02T09:00:00+01:00"},
		{KindSpring, "@yearly @annually", "1 January at midnight", "@yearly", "2027-01-01T00:00:00+01:00"},
		{KindSpring, "@monthly", "the first of each month at midnight", "@monthly", "2026-02-01T00:00:00+01:00"},
		{KindSpring, "@weekly", "each Sunday at midnight", "@weekly", "2026-01-18T00:00:00+01:00"},
		{KindSpring, "@daily @midnight", "each midnight", "@daily", "2026-01-16T00:00:00+01:00"},
		{KindSpring, "@hourly", "each full hour", "@hourly", "2026-01-15T11:00:00+01:00"},

		{KindQuartz, "?", "stands in one of the day fields when the other one rules", "0 0 12 ? * MON-FRI", "2026-01-15T12:00:00+01:00"},
		{KindQuartz, "1-7 in the day of week", "Sunday to Saturday", "0 0 12 ? * 1", "2026-01-18T12:00:00+01:00"},
		{KindQuartz, "b-a", "a range over the end", "0 0 22-2/2 * * ?", "2026-01-15T22:00:00+01:00"},
		{KindQuartz, "/n", "the same as */n", "0 /15 * * * ?", "2026-01-15T10:15:00+01:00"},
		{KindQuartz, "L in the day of month", "the last day; L-n is n days before", "0 0 9 L * ?", "2026-01-31T09:00:00+01:00"},
		{KindQuartz, "nW LW L-nW", "the weekday nearest to the day, in the same month", "0 0 9 LW * ?", "2026-01-30T09:00:00+01:00"},
		{KindQuartz, "L in the day of week", "Saturday; dL is the last such day of the month", "0 0 9 ? * 6L", "2026-01-30T09:00:00+01:00"},
		{KindQuartz, "d#n", "the nth such day of the month", "0 0 9 ? * 2#1", "2026-02-02T09:00:00+01:00"},
		{KindQuartz, "a seventh field", "the year, from 1970 to 2099", "0 0 9 1 1 ? 2028/2", "2028-01-01T09:00:00+01:00"},
	}
}
