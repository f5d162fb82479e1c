package events

import "github.com/weir-bpm/weir/ids"

// EscalationThrown records an escalation and who caught it. What follows from it
// are events of their own.
type EscalationThrown struct {
	Element   ids.Key `msgpack:"k"`
	ElementID string  `msgpack:"e"`
	Code      string  `msgpack:"c"`
	// CaughtBy is the id of the event that catches it, empty if nobody does;
	// CaughtIn is the instance where that is not the one that throws.
	CaughtBy string       `msgpack:"b,omitempty"`
	CaughtIn ids.Instance `msgpack:"i,omitempty"`
}

// Kind implements [Event].
func (*EscalationThrown) Kind() Kind { return "escalation.thrown" }
