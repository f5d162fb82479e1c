package events

import (
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/variables"
)

// LoopStarted begins the turns of an activity that runs several times. Key is
// its body: the element instance that encloses the turns. A turn begins when an
// element is activated in the body, and is numbered from 1 in that order.
type LoopStarted struct {
	Key ids.Key `msgpack:"k"`
	// Count is how many turns there are; for a standard loop the most there may
	// be, 0 without bound.
	Count int `msgpack:"n,omitempty"`
	// Items is the collection as it was when the loop began, an item for each
	// turn; nil if there is only a number.
	Items variables.List `msgpack:"i,omitempty"`
	// Sequential says that a turn begins after the one before it has ended.
	Sequential bool `msgpack:"s,omitempty"`
	// Standard says that it is a standard loop, else it is multi-instance.
	Standard bool `msgpack:"l,omitempty"`
	// Classic and Zeebe say which names the counters have in expressions:
	// nrOfInstances, or numberOfInstances, and the like.
	Classic bool `msgpack:"c,omitempty"`
	Zeebe   bool `msgpack:"z,omitempty"`
	// Output is the variable that shows what was collected so far; empty: none.
	Output string `msgpack:"o,omitempty"`
	// AdHoc says that Key is an ad-hoc subprocess: its turns are the activities
	// that were chosen ([LoopChosen]), each with what follows it.
	AdHoc bool `msgpack:"a,omitempty"`
	// Keeps says that what is written inside a turn stays there: the loop
	// collects it.
	Keeps bool `msgpack:"kp,omitempty"`
}

// LoopChosen says that an activity of an ad-hoc subprocess is to begin, with
// variables of its own.
type LoopChosen struct {
	Key       ids.Key            `msgpack:"k"`
	ElementID string             `msgpack:"e"`
	Variables variables.Document `msgpack:"v,omitempty"`
}

// LoopCollected keeps results of a turn that is about to complete, until the
// loop hands over those of all its turns.
type LoopCollected struct {
	Key    ids.Key            `msgpack:"k"`
	Turn   int                `msgpack:"n"`
	Values variables.Document `msgpack:"v"`
}

// LoopPaused says that the other turns of a loop begin in a later decision: one
// command would have begun too many.
type LoopPaused struct {
	Key ids.Key `msgpack:"k"`
}

// LoopStopped says that no other turn begins, because the loop's condition says
// so.
type LoopStopped struct {
	Key ids.Key `msgpack:"k"`
}

// Kind implements [Event].
func (*LoopStarted) Kind() Kind   { return "loop.started" }
func (*LoopChosen) Kind() Kind    { return "loop.chosen" }
func (*LoopCollected) Kind() Kind { return "loop.collected" }
func (*LoopPaused) Kind() Kind    { return "loop.paused" }
func (*LoopStopped) Kind() Kind   { return "loop.stopped" }
