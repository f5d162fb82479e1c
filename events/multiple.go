package events

import (
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/variables"
)

// PartCame says that a part of a parallel multiple event has happened, and that
// other parts are still waited for. What the last part brings comes on top of
// Variables.
type PartCame struct {
	// Element is the element instance that waits: the event itself, the activity
	// of a boundary event, or the scope around an event subprocess.
	Element   ids.Key            `msgpack:"e"`
	Target    string             `msgpack:"t"` // the event
	Part      int                `msgpack:"p"` // counted from 1
	Variables variables.Document `msgpack:"v,omitempty"`
	// All says that it was the last one of an event that does not interrupt: the
	// event happens, and none of its parts has come any more.
	All bool `msgpack:"a,omitempty"`
}

// Kind implements [Event].
func (*PartCame) Kind() Kind { return "part.came" }
