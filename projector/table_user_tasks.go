package projector

import (
	"time"

	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/ids"
)

// UserTask is a row of the table user_tasks.
type UserTask struct {
	ID              string    `json:"id"`
	InstanceID      string    `json:"instance_id"`
	Key             int64     `json:"key"`
	Tenant          string    `json:"tenant"`
	ProcessID       string    `json:"process_id"`
	Element         int64     `json:"element"`
	ElementID       string    `json:"element_id"`
	Name            string    `json:"name,omitempty"`
	State           string    `json:"state"` // created, completed, canceled
	Assignee        string    `json:"assignee,omitempty"`
	CandidateUsers  []string  `json:"candidate_users,omitempty"`
	CandidateGroups []string  `json:"candidate_groups,omitempty"`
	Priority        int64     `json:"priority"`
	FormKey         string    `json:"form_key,omitempty"`
	FormID          string    `json:"form_id,omitempty"`
	CompletedBy     string    `json:"completed_by,omitempty"`
	DueAt           time.Time `json:"due_at,omitzero"`
	FollowUpAt      time.Time `json:"follow_up_at,omitzero"`
	CreatedAt       time.Time `json:"created_at"`
	EndedAt         time.Time `json:"ended_at,omitzero"`
	Position        int64     `json:"position"`
}

func userTaskColumns() []string {
	return []string{
		"instance_id", "key", "tenant", "process_id", "element", "element_id", "name", "state", "assignee",
		"candidate_users", "candidate_groups", "priority", "form_key", "form_id", "completed_by",
		"due_at", "follow_up_at", "created_at", "ended_at", "position",
	}
}

func (r *UserTask) fields() []any {
	return []any{
		(*name)(&r.InstanceID), &r.Key, (*name)(&r.Tenant), (*name)(&r.ProcessID), &r.Element, (*text)(&r.ElementID), (*text)(&r.Name), &r.State, (*name)(&r.Assignee),
		&r.CandidateUsers, &r.CandidateGroups, &r.Priority, (*text)(&r.FormKey), (*text)(&r.FormID), (*text)(&r.CompletedBy),
		(*stamp)(&r.DueAt), (*stamp)(&r.FollowUpAt), (*stamp)(&r.CreatedAt), (*stamp)(&r.EndedAt), &r.Position,
	}
}

func newUserTasks() handler {
	return newRowset(tableDef[inInstance, UserTask]{
		name:     "user_tasks",
		kinds:    []events.Kind{"user_task.created", "user_task.assigned", "user_task.completed", "user_task.canceled"},
		columns:  userTaskColumns(),
		key:      inInstanceKey(),
		keyArgs:  inInstanceArgs,
		keyOf:    func(r *UserTask) inInstance { return inInstance{r.InstanceID, r.Key} },
		fields:   (*UserTask).fields,
		position: func(r *UserTask) *int64 { return &r.Position },
		touch: func(at *moment, e events.Event, visit func(inInstance, verb)) {
			key, v := ids.Key(0), changes
			switch e := e.(type) {
			case *events.UserTaskCreated:
				key, v = e.Key, creates
			case *events.UserTaskAssigned:
				key = e.Key
			case *events.UserTaskCompleted:
				key = e.Key
			case *events.UserTaskCanceled:
				key = e.Key
			}
			visit(inInstance{at.id(), int64(key)}, v)
		},
		apply: applyUserTask,
	})
}

func applyUserTask(at *moment, e events.Event, r *UserTask, k inInstance) error {
	switch e := e.(type) {
	case *events.UserTaskCreated:
		r.InstanceID, r.Key, r.Tenant, r.ProcessID = k.instance, k.key, at.instance.Tenant, at.instance.ProcessID
		r.Element, r.ElementID, r.Name, r.State = int64(e.Element), e.ElementID, e.Name, "created"
		r.Assignee, r.CandidateUsers, r.CandidateGroups = e.Assignee, escapeAll(e.CandidateUsers), escapeAll(e.CandidateGroups)
		r.Priority, r.FormKey, r.FormID = int64(e.Priority), e.FormKey, e.FormID
		r.DueAt, r.FollowUpAt, r.CreatedAt = timeOf(e.DueMS), timeOf(e.FollowUpMS), at.time()
	case *events.UserTaskAssigned:
		r.Assignee = e.Assignee
	case *events.UserTaskCompleted:
		r.State, r.CompletedBy, r.EndedAt = StateCompleted, e.By, at.time()
	case *events.UserTaskCanceled:
		r.State, r.EndedAt = StateCanceled, at.time()
	}
	return nil
}
