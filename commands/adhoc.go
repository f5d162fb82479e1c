package commands

import "github.com/weir-bpm/weir/variables"

// ActivateAdHoc begins activities of an active ad-hoc subprocess, or ends it.
type ActivateAdHoc struct {
	// ElementInstanceID is the id of the ad-hoc subprocess: <instance>-<key>.
	ElementInstanceID string     `json:"element_instance_id" msgpack:"element_instance_id"`
	Activities        []Activity `json:"activities,omitempty" msgpack:"activities,omitempty"`
	// Complete ends the subprocess as if its completion condition were true.
	Complete bool `json:"complete,omitempty" msgpack:"complete,omitempty"`
	// CancelRemaining ends what is active in the subprocess first. Without it
	// what is active stays, or with complete the model's
	// cancelRemainingInstances says so.
	CancelRemaining bool `json:"cancel_remaining,omitempty" msgpack:"cancel_remaining,omitempty"`
}

// AdHocResult is what the worker of an ad-hoc subprocess answers (zeebe's
// taskDefinition on an adHocSubProcess): its job comes when the subprocess
// begins and again whenever an activity in it has ended.
type AdHocResult struct {
	// Activities begin, each with variables of its own.
	Activities []Activity `json:"activities,omitempty" msgpack:"activities,omitempty"`
	// Complete ends the subprocess: nothing else begins, and it is done when
	// nothing in it is active.
	Complete bool `json:"complete,omitempty" msgpack:"complete,omitempty"`
	// CancelRemaining ends what is active in the subprocess first.
	CancelRemaining bool `json:"cancel_remaining,omitempty" msgpack:"cancel_remaining,omitempty"`
}

func (r *AdHocResult) validate() error {
	if r.Complete && len(r.Activities) > 0 {
		return Reject(CodeCommandInvalid, "give either activities, or complete")
	}
	return checkActivities(r.Activities)
}

func checkActivities(list []Activity) error {
	for _, a := range list {
		if err := checkText("element_id", a.ElementID, MaxNameBytes, true); err != nil {
			return err
		}
	}
	return nil
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
	if err := checkActivities(c.Activities); err != nil {
		return err
	}
	return checkText("element_instance_id", c.ElementInstanceID, MaxNameBytes, true)
}
