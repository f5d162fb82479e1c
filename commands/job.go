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
	// Variables are those that the element sees, nearest scope first.
	Variables variables.Document `json:"variables"`
	// VariablesOmitted says that the variables did not fit into the message;
	// ask the read models for them.
	VariablesOmitted bool `json:"variables_omitted,omitempty"`
}
