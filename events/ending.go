package events

import (
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/variables"
)

// ElementEnding says that an element instance, or with [ThenEventSubProcess]
// everything inside it, is to end and waits for its cancel listeners or for those
// of what is inside it. Then says what goes on after that; without it what was
// inside has ended and the element instance goes on. A later one for the same
// element instance takes the place of the one before.
type ElementEnding struct {
	Key       ids.Key `msgpack:"k"`
	ElementID string  `msgpack:"i"`
	Then      Then    `msgpack:"t,omitempty"`
	// Target is the boundary event, or the start event of the event subprocess,
	// that goes on, and Variables what it has caught.
	Target    string             `msgpack:"e,omitempty"`
	Variables variables.Document `msgpack:"v,omitempty"`
	Reason    string             `msgpack:"r,omitempty"`
}

// Then says what goes on when something has ended.
type Then string

// What goes on. The strings are part of the log format.
const (
	ThenTerminate       Then = "terminate" // the element instance is terminated
	ThenBoundary        Then = "boundary"
	ThenEventSubProcess Then = "event_subprocess"
	ThenCancel          Then = "cancel" // the instance is canceled
)

// Kind implements [Event].
func (*ElementEnding) Kind() Kind { return "element.ending" }
