package engine

import (
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/events"
)

// The events of one decision have to fit into one frame. Their variables are
// counted in decider.bytes as they are written; the rest is estimated here, from
// above for what a command can have many of. A decision that has grown too large
// begins no other element: each token that arrives raises an incident, and
// resolving it goes on with a frame of its own.

// plainEvent is about what an event has in bytes without the texts that it
// carries.
const plainEvent = 64

// eventSize estimates the bytes of an event, without variables that are counted
// where they are written.
func eventSize(e events.Event) int {
	switch e := e.(type) {
	case *events.OutboxAdded:
		return plainEvent + len(e.Payload)
	case *events.CommandAnswered:
		return plainEvent + len(e.Result)
	case *events.IncidentRaised:
		return plainEvent + len(e.Message) + sizeOf(e.Results)
	case *events.UserTaskPending:
		return plainEvent + sizeOf(e.Variables)
	case *events.JobCreated:
		n := plainEvent
		for k, v := range e.Headers {
			n += len(k) + len(v) + 4
		}
		return n
	}
	return plainEvent
}

// heavy says whether a decision has written so much that no other element begins
// in it.
func (d *decider) heavy() bool {
	return d.eventBytes > d.cfg.MaxFrameBytes/3 || d.bytes+d.eventBytes > d.cfg.MaxFrameBytes/4*3
}

// spent returns the fault of a decision that has moved too many tokens or written
// too much, nil while it may go on.
func (d *decider) spent() *fault {
	switch {
	case d.steps > d.cfg.MaxSteps:
		return faultf(commands.CodeStepLimit, "one command moved more than %d tokens", d.cfg.MaxSteps)
	case d.heavy():
		return faultf(commands.CodeDecisionTooLarge, "one command wrote %d bytes into the log; the elements it still reaches begin when their incidents are resolved", d.bytes+d.eventBytes)
	}
	return nil
}
