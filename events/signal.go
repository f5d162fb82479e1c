package events

import (
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/variables"
)

// SignalAwaited says that an element instance waits for a signal. It waits until
// [SubscriptionClosed].
type SignalAwaited struct {
	Key     ids.Key `msgpack:"k"`
	Element ids.Key `msgpack:"e"`
	// Target is the id of the signal event.
	Target string `msgpack:"t"`
	Name   string `msgpack:"n"`
	// Order counts the waits for signals of a partition: signals reach them in
	// this order, and one that began after a broadcast does not get it.
	Order uint64 `msgpack:"o"`
	// Local says that the signal is heard only if its own instance throws it.
	Local bool `msgpack:"l,omitempty"`
	// Part says which part of a multiple event it is, counted from 1; 0 for others.
	Part int `msgpack:"p,omitempty"`
}

// SignalReceived says that a signal reached a waiting element instance.
type SignalReceived struct {
	Key    ids.Key     `msgpack:"k"` // of the subscription
	Signal ids.Command `msgpack:"s"`
	Row    ids.Command `msgpack:"w,omitempty"` // see [SignalBroadcast]
}

// SignalBroadcast records a signal at its home partition, from which it goes to
// the processes that it starts and to every partition. It is not buffered: who
// begins to wait later does not get it.
type SignalBroadcast struct {
	Tenant    string             `msgpack:"t"`
	Signal    ids.Command        `msgpack:"s"`
	Name      string             `msgpack:"n"`
	Variables variables.Document `msgpack:"v,omitempty"`
	// BusinessKey is given to the instances that the signal starts.
	BusinessKey string `msgpack:"b,omitempty"`
	// Instance is the one that threw the signal, empty for a command.
	Instance ids.Instance `msgpack:"i,omitempty"`
	// Hops counts the signals and messages that led to this one, one instance
	// after the other, without a wait for anything else.
	Hops int `msgpack:"h,omitempty"`
	// Row is the first of those that led to this one, from the second hop on. What
	// belongs to one row is counted, so that one that multiplies ends.
	Row ids.Command `msgpack:"w,omitempty"`
	// Before is set if the signal interrupts its thrower: in the thrower's
	// partition those who began to wait at this place of the order or later do
	// not get it.
	Before uint64 `msgpack:"x,omitempty"`
}

// StartSignalSet says which version of a process a signal of the name starts.
// An empty ElementID means that the newest version no longer listens.
type StartSignalSet struct {
	Tenant     string        `msgpack:"t"`
	Name       string        `msgpack:"n"`
	Definition DefinitionRef `msgpack:"d"`
	ElementID  string        `msgpack:"e,omitempty"`
}

// ConditionAwaited says that an element instance waits for a condition over its
// variables. It waits until [SubscriptionClosed].
type ConditionAwaited struct {
	Key     ids.Key `msgpack:"k"`
	Element ids.Key `msgpack:"e"`
	// Target is the id of the conditional event.
	Target string `msgpack:"t"`
	// Part says which part of a multiple event it is, counted from 1; 0 for others.
	Part int `msgpack:"p,omitempty"`
}

// ConditionMet says that a condition that an element instance waits for has
// become true.
type ConditionMet struct {
	Key ids.Key `msgpack:"k"` // of the subscription
}

// StartConditionSet says which version of a process starts by the condition of
// a start event. Gone means that the newest version no longer has it.
type StartConditionSet struct {
	Tenant     string        `msgpack:"t"`
	Definition DefinitionRef `msgpack:"d"`
	ElementID  string        `msgpack:"e"`
	Gone       bool          `msgpack:"g,omitempty"`
}

// Kind implements [Event].
func (*SignalAwaited) Kind() Kind     { return "signal.awaited" }
func (*SignalReceived) Kind() Kind    { return "signal.received" }
func (*SignalBroadcast) Kind() Kind   { return "signal.broadcast" }
func (*StartSignalSet) Kind() Kind    { return "start_signal.set" }
func (*ConditionAwaited) Kind() Kind  { return "condition.awaited" }
func (*ConditionMet) Kind() Kind      { return "condition.met" }
func (*StartConditionSet) Kind() Kind { return "start_condition.set" }
