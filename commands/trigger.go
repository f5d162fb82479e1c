package commands

import "github.com/weir-bpm/weir/variables"

// Trigger continues an element that waits without a subscription to a message:
// a receive task that names none, or a flowable task with triggerable.
type Trigger struct {
	// ElementInstanceID is the id of the waiting element: <instance>-<key>.
	ElementInstanceID string `json:"element_instance_id" msgpack:"element_instance_id"`
	// Variables become results of the element.
	Variables variables.Document `json:"variables,omitempty" msgpack:"variables,omitempty"`
}

// Kind implements [Command].
func (*Trigger) Kind() Kind { return KindTrigger }

// Validate implements [Command].
func (c *Trigger) Validate() error { return checkID("element_instance_id", c.ElementInstanceID) }
