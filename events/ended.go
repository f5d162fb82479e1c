package events

import "github.com/weir-bpm/weir/ids"

// ScopeInterrupted ends everything inside a scope at once, but for one element
// instance and what is inside it (Except, 0: none). That each thing has ended is
// recorded by events of its own, in later frames.
type ScopeInterrupted struct {
	Scope  ids.Key `msgpack:"s"`
	Except ids.Key `msgpack:"x,omitempty"`
}

// InstanceCanceling says that an instance has been canceled from outside. Nothing
// comes to it any more; InstanceCanceled follows when all that was inside has been
// recorded.
type InstanceCanceling struct {
	Reason string `msgpack:"r,omitempty"`
}

// Kind implements [Event].
func (*ScopeInterrupted) Kind() Kind  { return "scope.interrupted" }
func (*InstanceCanceling) Kind() Kind { return "instance.canceling" }
