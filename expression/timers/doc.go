// Package timers reads the texts with which BPMN models say when a timer is
// due, and computes due times from them. It is pure: it never reads the clock,
// and the time zone comes in with each call.
//
// A timer event definition holds one of three texts (BPMN 2.0.2, 10.5.5,
// "Timer Event Definition"):
//
//   - timeDate, an ISO 8601 date and time: [ParseDate];
//   - timeDuration, an ISO 8601 duration: [ParseDuration];
//   - timeCycle, an ISO 8601 repeating interval or, as Camunda, Zeebe and
//     Flowable have it, a cron expression: [ParseCycle].
//
// # Zones and daylight saving
//
// A date without a zone is a wall-clock time in the zone of the call. Years,
// months, weeks and days of a duration are calendar steps on the wall clock of
// that zone, hours and smaller units are exact seconds; so P1D keeps the hour
// over a change of the clock and PT24H does not. A month step that would land
// behind the end of a month lands on its last day.
//
// A wall-clock time that the change to summer time skips is moved forward by
// the length of the gap (02:30 becomes 03:30); one that the change back repeats
// means its first pass. Cron follows the same rule when it names hours; a cron
// expression for every hour runs on through both changes, so that "every ten
// minutes" neither pauses nor doubles.
//
// # Bounds
//
// Years run from 0001 to 9999 and a text is at most [MaxText] bytes. A cron
// expression that no date can match, such as 30 February, is refused when it is
// read; a search never looks further than the 400 years after which the
// Gregorian calendar repeats.
package timers
