package commands

import (
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/variables"
)

// BroadcastSignal sends a signal to all that wait for it now, in every
// partition, and starts every process whose newest version begins with it. It
// is published to the signal's home partition. The answer names the instances
// that the home has started.
type BroadcastSignal struct {
	Name      string             `json:"name" msgpack:"name"`
	Variables variables.Document `json:"variables,omitempty" msgpack:"variables,omitempty"`
	// BusinessKey is given to the instances that the signal starts.
	BusinessKey string `json:"business_key,omitempty" msgpack:"business_key,omitempty"`
}

// Evaluate evaluates the conditional start events of the newest version of
// every process, or of one, with variables, and starts an instance for each that
// is true. It is published to the tenant's home of conditions. The answer names
// the instances.
type Evaluate struct {
	// ProcessID narrows it to one process; empty is all.
	ProcessID   string             `json:"process_id,omitempty" msgpack:"process_id,omitempty"`
	BusinessKey string             `json:"business_key,omitempty" msgpack:"business_key,omitempty"`
	Variables   variables.Document `json:"variables,omitempty" msgpack:"variables,omitempty"`
}

// ThrowMessage brings a message that an instance has thrown to its home.
type ThrowMessage struct {
	Message events.MessagePublished `msgpack:"m"`
}

// ThrowSignal brings a signal that an instance has thrown to its home.
type ThrowSignal struct {
	Signal events.SignalBroadcast `msgpack:"s"`
}

// SpreadSignal goes on at the home of a signal, where one decision could not
// start all processes and send to all partitions.
type SpreadSignal struct {
	Signal events.SignalBroadcast `msgpack:"s"`
	// After is the newest process that was started; Next is the partition that
	// is the next to get the signal once all have been.
	After string `msgpack:"a,omitempty"`
	Next  int    `msgpack:"n,omitempty"`
}

// DeliverSignal gives a signal to those who wait for it in a partition: beyond
// the place After in the order of waits, up to UpTo. UpTo is 0 at first, which
// is all that wait by then.
type DeliverSignal struct {
	Signal events.SignalBroadcast `msgpack:"s"`
	After  uint64                 `msgpack:"a,omitempty"`
	UpTo   uint64                 `msgpack:"u,omitempty"`
}

// Validate implements [Command].
func (c *BroadcastSignal) Validate() error {
	return firstError(
		checkText("name", c.Name, MaxNameBytes, true),
		checkText("business_key", c.BusinessKey, MaxNameBytes, false),
	)
}

// Validate implements [Command].
func (c *Evaluate) Validate() error {
	return firstError(
		checkText("process_id", c.ProcessID, MaxNameBytes, false),
		checkText("business_key", c.BusinessKey, MaxNameBytes, false),
	)
}

// Validate implements [Command].
func (*ThrowMessage) Validate() error  { return nil }
func (*ThrowSignal) Validate() error   { return nil }
func (*SpreadSignal) Validate() error  { return nil }
func (*DeliverSignal) Validate() error { return nil }
