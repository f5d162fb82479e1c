package events

import (
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/variables"
)

// SubscriptionOpened says that an element instance waits for a message.
type SubscriptionOpened struct {
	Key     ids.Key `msgpack:"k"`
	Element ids.Key `msgpack:"e"`
	// Target is the id of the message event or receive task.
	Target string `msgpack:"t"`
	// Part says which part of a multiple event it is, counted from 1; 0 for others.
	Part int    `msgpack:"p,omitempty"`
	Name string `msgpack:"n"`
	// CorrelationKey is empty where the model gives none: the message is then
	// correlated by name, business key or instance id.
	CorrelationKey string `msgpack:"c,omitempty"`
}

// SubscriptionClosed ends the wait.
type SubscriptionClosed struct {
	Key ids.Key `msgpack:"k"`
}

// MessageReceived says that a message reached a waiting element instance.
type MessageReceived struct {
	Key     ids.Key     `msgpack:"k"` // of the subscription
	Message ids.Command `msgpack:"m"`
	Row     ids.Command `msgpack:"w,omitempty"` // see [SignalBroadcast]
}

// The events below belong to a message's home partition, which is found from
// the message's name and correlation key. Their transitions name no instance.

// WaiterAdded registers a subscription at the message's home.
type WaiterAdded struct {
	Tenant         string       `msgpack:"t"`
	Name           string       `msgpack:"n"`
	CorrelationKey string       `msgpack:"c,omitempty"`
	Instance       ids.Instance `msgpack:"i"`
	Key            ids.Key      `msgpack:"k"`
	ProcessID      string       `msgpack:"p"`
	BusinessKey    string       `msgpack:"b,omitempty"`
	// Stays says that it goes on waiting after a message, so that it is offered
	// the next one without an answer to the one before.
	Stays bool `msgpack:"s,omitempty"`
}

// WaiterRemoved takes a subscription out of the message's home.
type WaiterRemoved struct {
	Tenant         string       `msgpack:"t"`
	Name           string       `msgpack:"n"`
	CorrelationKey string       `msgpack:"c,omitempty"`
	Instance       ids.Instance `msgpack:"i"`
	Key            ids.Key      `msgpack:"k"`
}

// MessagePublished records a message at its home. It stays buffered until
// ExpiresMS, so that a subscription opened later still gets it.
type MessagePublished struct {
	Tenant         string      `msgpack:"t"`
	Message        ids.Command `msgpack:"m"`
	Name           string      `msgpack:"n"`
	CorrelationKey string      `msgpack:"c,omitempty"`
	// MessageID is the sender's own id: while the message is buffered, a second
	// one with the same name, key and id is refused.
	MessageID string             `msgpack:"i,omitempty"`
	ExpiresMS int64              `msgpack:"x"`
	Variables variables.Document `msgpack:"v,omitempty"`
	// Instance and BusinessKey narrow down who may receive it.
	Instance    ids.Instance `msgpack:"ni,omitempty"`
	BusinessKey string       `msgpack:"nb,omitempty"`
	Hops        int          `msgpack:"h,omitempty"` // see [SignalBroadcast]
	Row         ids.Command  `msgpack:"w,omitempty"` // see [SignalBroadcast]
}

// MessageSent says that the home passed the message on to a waiting instance;
// the waiter takes no other message until it answers.
type MessageSent struct {
	Tenant         string       `msgpack:"t"`
	Message        ids.Command  `msgpack:"m"`
	Name           string       `msgpack:"n"`
	CorrelationKey string       `msgpack:"c,omitempty"`
	Instance       ids.Instance `msgpack:"i"`
	Key            ids.Key      `msgpack:"k"`
	ProcessID      string       `msgpack:"p"`
}

// MessageAnswered is the instance's answer at the home. If it no longer waited,
// the message may go to another waiter of the same process.
type MessageAnswered struct {
	Tenant         string       `msgpack:"t"`
	Message        ids.Command  `msgpack:"m"`
	Name           string       `msgpack:"n"`
	CorrelationKey string       `msgpack:"c,omitempty"`
	Instance       ids.Instance `msgpack:"i"`
	Key            ids.Key      `msgpack:"k"`
	ProcessID      string       `msgpack:"p"`
	Accepted       bool         `msgpack:"a"`
}

// MessageStarted says that the message started an instance of a process. Where
// the message has a correlation key, no other instance of the process starts
// for that key until this one has ended ([MessageKeyReleased]).
type MessageStarted struct {
	Tenant         string       `msgpack:"t"`
	Message        ids.Command  `msgpack:"m"`
	Name           string       `msgpack:"n"`
	CorrelationKey string       `msgpack:"c,omitempty"`
	ProcessID      string       `msgpack:"p"`
	Instance       ids.Instance `msgpack:"i"`
}

// MessageKeyReleased lets the next message with the key start the process.
type MessageKeyReleased struct {
	Tenant         string       `msgpack:"t"`
	Name           string       `msgpack:"n"`
	CorrelationKey string       `msgpack:"c"`
	ProcessID      string       `msgpack:"p"`
	Instance       ids.Instance `msgpack:"i"`
}

// MessageExpired drops a message whose time to live is over.
type MessageExpired struct {
	Tenant         string      `msgpack:"t"`
	Message        ids.Command `msgpack:"m"`
	Name           string      `msgpack:"n"`
	CorrelationKey string      `msgpack:"c,omitempty"`
}

// StartMessageSet says which version of a process a message of the name
// starts. An empty ElementID means that the newest version no longer listens.
type StartMessageSet struct {
	Tenant     string        `msgpack:"t"`
	Name       string        `msgpack:"n"`
	Definition DefinitionRef `msgpack:"d"`
	ElementID  string        `msgpack:"e,omitempty"`
}

// Kind implements [Event].
func (*SubscriptionOpened) Kind() Kind { return "subscription.opened" }
func (*SubscriptionClosed) Kind() Kind { return "subscription.closed" }
func (*MessageReceived) Kind() Kind    { return "message.received" }
func (*WaiterAdded) Kind() Kind        { return "waiter.added" }
func (*WaiterRemoved) Kind() Kind      { return "waiter.removed" }
func (*MessagePublished) Kind() Kind   { return "message.published" }
func (*MessageSent) Kind() Kind        { return "message.sent" }
func (*MessageAnswered) Kind() Kind    { return "message.answered" }
func (*MessageStarted) Kind() Kind     { return "message.started" }
func (*MessageKeyReleased) Kind() Kind { return "message.key_released" }
func (*MessageExpired) Kind() Kind     { return "message.expired" }
func (*StartMessageSet) Kind() Kind    { return "start_message.set" }
