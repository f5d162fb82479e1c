package commands

import "github.com/weir-bpm/weir/variables"

// ActivateAdHoc begins activities of an active ad-hoc subprocess, or ends it.
type ActivateAdHoc struct {
	// ElementInstanceID is the id of the ad-hoc subprocess: <instance>-<key>.
	ElementInstanceID string     `json:"element_instance_id" msgpack:"element_instance_id"`
	Activities        []Activity `json:"activities,omitempty" msgpack:"activities,omitempty"`
	// Complete ends the subprocess as if its completion condition were true.
	Complete bool `json:"complete,omitempty" msgpack:"complete,omitempty"`
}

// Activity is an element of an ad-hoc subprocess without incoming flow, with
// variables of its own.
type Activity struct {
	ElementID string             `json:"element_id" msgpack:"element_id"`
	Variables variables.Document `json:"variables,omitempty" msgpack:"variables,omitempty"`
}

// Kind implements [Command].
func (*ActivateAdHoc) Kind() Kind { return KindActivateAdHoc }

// Validate implements [Command].
func (c *ActivateAdHoc) Validate() error {
	if (len(c.Activities) == 0) != c.Complete {
		return Reject(CodeCommandInvalid, "give either activities, or complete")
	}
	for _, a := range c.Activities {
		if err := checkText("element_id", a.ElementID, MaxNameBytes, true); err != nil {
			return err
		}
	}
	return checkText("element_instance_id", c.ElementInstanceID, MaxNameBytes, true)
}
