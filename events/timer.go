package events

import "github.com/weir-bpm/weir/ids"

// TimerScheduled arms a timer of an element instance.
type TimerScheduled struct {
	Key ids.Key `msgpack:"k"`
	// Element is the element instance that the timer belongs to: the catch
	// event itself, or the activity that a boundary event is attached to.
	Element ids.Key `msgpack:"e"`
	// Target is the id of the timer event.
	Target string `msgpack:"t"`
	// Part says which part of a multiple event it is, counted from 1; 0 for others.
	Part  int   `msgpack:"p,omitempty"`
	DueMS int64 `msgpack:"d"`
	// ArmedMS is when a cycle began to count.
	ArmedMS int64 `msgpack:"a,omitempty"`
	// Cycle is the text of a repeating timer, empty if it fires once.
	Cycle string `msgpack:"c,omitempty"`
	// EndMS is when the cycle is over at the latest, 0 if its text alone says.
	EndMS int64 `msgpack:"x,omitempty"`
	// Remaining counts the firings still to come, this one included; -1 is
	// without end.
	Remaining int `msgpack:"r"`
}

// TimerFired says that a timer came due. A repeating one is armed again at
// NextDueMS, 0 if this was the last time.
type TimerFired struct {
	Key       ids.Key `msgpack:"k"`
	NextDueMS int64   `msgpack:"n,omitempty"`
	Remaining int     `msgpack:"r,omitempty"`
	// Cycle is set when the expression of the cycle was evaluated again and gave
	// another one, which counts from now on and ends at EndMS at the latest.
	Cycle string `msgpack:"c,omitempty"`
	EndMS int64  `msgpack:"x,omitempty"`
}

// TimerCanceled disarms a timer.
type TimerCanceled struct {
	Key ids.Key `msgpack:"k"`
}

// StartTimerScheduled arms the timer start event of a process. There is one
// timer for each tenant, process and start event.
type StartTimerScheduled struct {
	Tenant     string        `msgpack:"t"`
	Definition DefinitionRef `msgpack:"d"`
	ElementID  string        `msgpack:"e"`
	// Spec is the text of the timer in the model; a redeploy with the same
	// Spec keeps the schedule.
	Spec    string `msgpack:"s"`
	DueMS   int64  `msgpack:"u"`
	ArmedMS int64  `msgpack:"a,omitempty"`
	Fired   int64  `msgpack:"f,omitempty"`
	// Problem says why the timer could not be armed; DueMS is then 0.
	Problem   string `msgpack:"x,omitempty"`
	Cycle     string `msgpack:"c,omitempty"`
	EndMS     int64  `msgpack:"z,omitempty"` // see [TimerScheduled]
	Remaining int    `msgpack:"r"`
}

// StartTimerFired says that a start timer came due.
type StartTimerFired struct {
	Tenant    string `msgpack:"t"`
	ProcessID string `msgpack:"p"`
	ElementID string `msgpack:"e"`
	NextDueMS int64  `msgpack:"n,omitempty"`
	Remaining int    `msgpack:"r,omitempty"`
}

// StartTimerCanceled disarms a start timer, because a newer version of the
// process no longer has it.
type StartTimerCanceled struct {
	Tenant    string `msgpack:"t"`
	ProcessID string `msgpack:"p"`
	ElementID string `msgpack:"e"`
}

// Kind implements [Event].
func (*TimerScheduled) Kind() Kind      { return "timer.scheduled" }
func (*TimerFired) Kind() Kind          { return "timer.fired" }
func (*TimerCanceled) Kind() Kind       { return "timer.canceled" }
func (*StartTimerScheduled) Kind() Kind { return "start_timer.scheduled" }
func (*StartTimerFired) Kind() Kind     { return "start_timer.fired" }
func (*StartTimerCanceled) Kind() Kind  { return "start_timer.canceled" }
