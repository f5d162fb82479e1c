package events

import "github.com/weir-bpm/weir/ids"

// CompensationRecorded says that an activity, which is about to complete, can be
// compensated from now on, as long as its scope exists.
type CompensationRecorded struct {
	// Key is the record's; records are compensated in descending order of it.
	Key ids.Key `msgpack:"k"`
	// Element is the element instance that completes; ElementID is its id in the
	// model.
	Element   ids.Key `msgpack:"e"`
	ElementID string  `msgpack:"i"`
	// Snapshot says that the local variables are kept, and Inner that the records
	// of what completed inside are.
	Snapshot bool `msgpack:"s,omitempty"`
	Inner    bool `msgpack:"n,omitempty"`
}

// CompensationTriggered gives completed activities to the element instance that
// has them compensated. Nobody else compensates them while it is active.
type CompensationTriggered struct {
	Element ids.Key   `msgpack:"e"`
	Records []ids.Key `msgpack:"r"`
}

// CompensationStarted begins the compensation of one completed activity and ends
// its record. Element is the element instance that does it on behalf of By: the
// handler, or one of type "compensation" that stands for the completed activity
// and takes over the records inside it. Without a record it is the handler of
// the activity that By stands for.
type CompensationStarted struct {
	Record  ids.Key `msgpack:"r,omitempty"`
	Element ids.Key `msgpack:"e"`
	By      ids.Key `msgpack:"b"`
}

// Kind implements [Event].
func (*CompensationRecorded) Kind() Kind  { return "compensation.recorded" }
func (*CompensationTriggered) Kind() Kind { return "compensation.triggered" }
func (*CompensationStarted) Kind() Kind   { return "compensation.started" }
