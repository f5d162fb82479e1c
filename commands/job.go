package commands

import "github.com/weir-bpm/weir/variables"

// Job is what a worker gets: the JSON payload of a message of the job queue on
// the subject weir.jobs.<tenant>.<type>.<lane>.<job id>.
type Job struct {
	JobID       string `json:"job_id"`
	Type        string `json:"type"`
	Tenant      string `json:"tenant"`
	InstanceID  string `json:"instance_id"`
	BusinessKey string `json:"business_key,omitempty"`
	ProcessID   string `json:"process_id"`
	Version     int    `json:"version"`
	ElementID   string `json:"element_id"`
	// ElementKey numbers the element instance within its instance.
	ElementKey int64 `json:"element_key"`
	// Retries is how many attempts are left, this one included.
	Retries int `json:"retries"`
	// Attempt counts from 1.
	Attempt  int               `json:"attempt"`
	Priority int               `json:"priority,omitempty"`
	Headers  map[string]string `json:"headers,omitempty"`
	// Listener is set when the job is a listener of the element: the event, such
	// as start, end or completing.
	Listener string `json:"listener,omitempty"`
	// Task is the user task that a task listener is about, with the changes that
	// it is to allow.
	Task *JobTask `json:"task,omitempty"`
	// Variables are those that the element sees, nearest scope first.
	Variables variables.Document `json:"variables"`
	// VariablesOmitted says that the variables did not fit into the message;
	// ask the read models for them.
	VariablesOmitted bool `json:"variables_omitted,omitempty"`
}

// JobTask is a user task as its listener sees it.
type JobTask struct {
	TaskID          string   `json:"task_id"`
	Assignee        string   `json:"assignee,omitempty"`
	CandidateUsers  []string `json:"candidate_users,omitempty"`
	CandidateGroups []string `json:"candidate_groups,omitempty"`
	DueMS           int64    `json:"due_ms,omitempty"`
	FollowUpMS      int64    `json:"follow_up_ms,omitempty"`
	Priority        int      `json:"priority"`
	FormKey         string   `json:"form_key,omitempty"`
	FormID          string   `json:"form_id,omitempty"`
	// Changed names the attributes that the task's transition changes.
	Changed []string `json:"changed,omitempty"`
}
