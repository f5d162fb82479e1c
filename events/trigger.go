package events

import "github.com/weir-bpm/weir/ids"

// TriggerAwaited says that an element instance waits for a command that names
// it: a receive task without message, or a task that its model has wait after
// its work. It waits until [SubscriptionClosed].
type TriggerAwaited struct {
	Key     ids.Key `msgpack:"k"`
	Element ids.Key `msgpack:"e"`
	// Target is the id of the element.
	Target string `msgpack:"t"`
}

// TriggerReceived says that the command came that an element instance waits for.
type TriggerReceived struct {
	Key ids.Key `msgpack:"k"` // of the subscription
}

// Kind implements [Event].
func (*TriggerAwaited) Kind() Kind  { return "trigger.awaited" }
func (*TriggerReceived) Kind() Kind { return "trigger.received" }
