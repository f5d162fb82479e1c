package events

import (
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/variables"
)

// TaskChanges are attributes of a user task that change; nil stays as it is. An
// empty text or list and the time 0 clear an attribute.
type TaskChanges struct {
	Assignee        *string   `json:"assignee,omitempty" msgpack:"assignee,omitempty"`
	Owner           *string   `json:"owner,omitempty" msgpack:"owner,omitempty"`
	Name            *string   `json:"name,omitempty" msgpack:"name,omitempty"`
	Category        *string   `json:"category,omitempty" msgpack:"category,omitempty"`
	Description     *string   `json:"description,omitempty" msgpack:"description,omitempty"`
	FormKey         *string   `json:"form_key,omitempty" msgpack:"form_key,omitempty"`
	CandidateUsers  *[]string `json:"candidate_users,omitempty" msgpack:"candidate_users,omitempty"`
	CandidateGroups *[]string `json:"candidate_groups,omitempty" msgpack:"candidate_groups,omitempty"`
	// DueMS and FollowUpMS are milliseconds since 1970 in UTC.
	DueMS      *int64 `json:"due_ms,omitempty" msgpack:"due_ms,omitempty"`
	FollowUpMS *int64 `json:"follow_up_ms,omitempty" msgpack:"follow_up_ms,omitempty"`
	Priority   *int   `json:"priority,omitempty" msgpack:"priority,omitempty"`
}

// UserTaskUpdated changes attributes of a task.
type UserTaskUpdated struct {
	Key     ids.Key     `msgpack:"k"`
	Changes TaskChanges `msgpack:"c"`
	By      string      `msgpack:"b,omitempty"`
}

// UserTaskPending says that a transition of a task waits for listeners, which
// are jobs: creating, assigning, updating or completing. Without an event
// nothing waits any more.
type UserTaskPending struct {
	Key   ids.Key `msgpack:"k"`
	Event string  `msgpack:"e,omitempty"`
	// Changes are made, and Variables written, when the listeners have agreed.
	Changes   TaskChanges        `msgpack:"c,omitempty"`
	Variables variables.Document `msgpack:"v,omitempty"`
	By        string             `msgpack:"b,omitempty"`
	// Denied says why a listener has refused the transition before.
	Denied string `msgpack:"d,omitempty"`
}

// Kind implements [Event].
func (*UserTaskUpdated) Kind() Kind { return "user_task.updated" }
func (*UserTaskPending) Kind() Kind { return "user_task.pending" }
