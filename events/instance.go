package events

import (
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/variables"
)

// RootKey is the key of an instance's outermost scope.
const RootKey ids.Key = 1

// Trigger says what started an instance.
type Trigger string

// The triggers.
const (
	TriggerCommand   Trigger = "command"
	TriggerMessage   Trigger = "message"
	TriggerTimer     Trigger = "timer"
	TriggerCall      Trigger = "call"
	TriggerSignal    Trigger = "signal"
	TriggerCondition Trigger = "condition"
)

// InstanceStarted begins an instance and its root scope, element key
// [RootKey].
type InstanceStarted struct {
	Tenant       string        `msgpack:"t"`
	Definition   DefinitionRef `msgpack:"d"`
	BusinessKey  string        `msgpack:"b,omitempty"`
	Trigger      Trigger       `msgpack:"g"`
	StartElement string        `msgpack:"s"`
	// Parent and ParentElement name the call activity that started the
	// instance; Root is the outermost caller (the instance itself if none).
	Parent        ids.Instance `msgpack:"p,omitempty"`
	ParentElement ids.Key      `msgpack:"e,omitempty"`
	Root          ids.Instance `msgpack:"r"`
	Depth         int          `msgpack:"n,omitempty"`
	// MessageName and MessageKey are set when a message with a correlation key
	// started the instance: no second one starts for the same process and key
	// while this one is active.
	MessageName string `msgpack:"mn,omitempty"`
	MessageKey  string `msgpack:"mk,omitempty"`
	// Listens says that start listeners of the process run first, or that its
	// event subprocesses are armed; StartElement is entered after that.
	Listens bool `msgpack:"l,omitempty"`
	// Row is that of the signal or message that starts the instance, see
	// [SignalBroadcast].
	Row ids.Command `msgpack:"rw,omitempty"`
	// By names who started the instance, or the one that called it.
	By string `msgpack:"by,omitempty"`
	// Gateway is the event-based gateway in front of StartElement, through which
	// the instance begins.
	Gateway string `msgpack:"ga,omitempty"`
	// Brought is what the message or signal brought that started the instance,
	// where the start event's outputs alone hand it over.
	Brought variables.Document `msgpack:"br,omitempty"`
}

// InstanceCompleted ends an instance whose root scope has nothing left to do.
type InstanceCompleted struct {
	// RemoveAtMS is when the read models may forget the instance and those that
	// it called; 0 is never. Only an instance that no other called has it.
	RemoveAtMS int64 `msgpack:"x,omitempty"`
}

// InstanceCanceled ends an instance from outside.
type InstanceCanceled struct {
	Reason string `msgpack:"r,omitempty"`
	// RemoveAtMS is as in [InstanceCompleted].
	RemoveAtMS int64 `msgpack:"x,omitempty"`
}

// ElementActivated creates an element instance.
type ElementActivated struct {
	Key       ids.Key `msgpack:"k"`
	Scope     ids.Key `msgpack:"s"`
	ElementID string  `msgpack:"e"`
	Type      string  `msgpack:"t"`
	// Joined lists the sequence flows from which a joining gateway took one
	// waiting token each.
	Joined []string `msgpack:"j,omitempty"`
	// Brought is what the event brought that starts an event subprocess, where
	// that has something to do before its start event.
	Brought variables.Document `msgpack:"b,omitempty"`
	// Reset says that a complex gateway is activated to reset: it took its first
	// tokens before.
	Reset bool `msgpack:"r,omitempty"`
}

// ElementCompleted ends an element instance in the regular way.
type ElementCompleted struct {
	Key       ids.Key `msgpack:"k"`
	ElementID string  `msgpack:"e"`
}

// ElementTerminated ends an element instance by interruption.
type ElementTerminated struct {
	Key       ids.Key `msgpack:"k"`
	ElementID string  `msgpack:"e"`
}

// FlowTaken moves a token over a sequence flow.
type FlowTaken struct {
	Scope  ids.Key `msgpack:"s"`
	FlowID string  `msgpack:"f"`
	// Waits says that the token now waits before a joining gateway and counts
	// in its scope until the gateway takes it.
	Waits bool `msgpack:"w,omitempty"`
}

// TokensDropped removes the tokens that wait before the joins of a scope.
type TokensDropped struct {
	Scope ids.Key `msgpack:"s"`
}

// VariablesSet writes variables of one scope. Each value replaces the whole
// variable.
type VariablesSet struct {
	Scope  ids.Key            `msgpack:"s"`
	Values variables.Document `msgpack:"v"`
	// Path names those of them that go on with the token when it leaves the
	// element.
	Path []string `msgpack:"p,omitempty"`
}

// CallStarted ties a call activity to the instance it started.
type CallStarted struct {
	Element ids.Key      `msgpack:"k"`
	Child   ids.Instance `msgpack:"c"`
}

// Kind implements [Event].
func (*InstanceStarted) Kind() Kind   { return "instance.started" }
func (*InstanceCompleted) Kind() Kind { return "instance.completed" }
func (*InstanceCanceled) Kind() Kind  { return "instance.canceled" }
func (*ElementActivated) Kind() Kind  { return "element.activated" }
func (*ElementCompleted) Kind() Kind  { return "element.completed" }
func (*ElementTerminated) Kind() Kind { return "element.terminated" }
func (*FlowTaken) Kind() Kind         { return "flow.taken" }
func (*TokensDropped) Kind() Kind     { return "tokens.dropped" }
func (*VariablesSet) Kind() Kind      { return "variables.set" }
func (*CallStarted) Kind() Kind       { return "call.started" }
