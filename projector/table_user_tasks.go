package projector

import (
	"encoding/json"
	"time"

	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/ids"
)

// UserTask is a row of the table user_tasks.
type UserTask struct {
	ID              string   `json:"id"`
	InstanceID      string   `json:"instance_id"`
	Key             int64    `json:"key"`
	Tenant          string   `json:"tenant"`
	ProcessID       string   `json:"process_id"`
	Element         int64    `json:"element"`
	ElementID       string   `json:"element_id"`
	Name            string   `json:"name,omitempty"`
	State           string   `json:"state"` // created, completed, canceled
	Assignee        string   `json:"assignee,omitempty"`
	CandidateUsers  []string `json:"candidate_users,omitempty"`
	CandidateGroups []string `json:"candidate_groups,omitempty"`
	Priority        int64    `json:"priority"`
	FormKey         string   `json:"form_key,omitempty"`
	FormID          string   `json:"form_id,omitempty"`
	FormBinding     string   `json:"form_binding,omitempty"`
	FormVersion     string   `json:"form_version,omitempty"`
	Owner           string   `json:"owner,omitempty"`
	Category        string   `json:"category,omitempty"`
	Description     string   `json:"description,omitempty"`
	// Fields are those of the form that the model describes, as JSON: objects with
	// id, type, label, default and what is checked; null if there are none.
	Fields json.RawMessage `json:"fields,omitempty"`
	// Pending is what waits for a listener: creating, assigning, updating or
	// completing; Denied says why one refused the newest transition.
	Pending     string    `json:"pending,omitempty"`
	Denied      string    `json:"denied,omitempty"`
	CompletedBy string    `json:"completed_by,omitempty"`
	DueAt       time.Time `json:"due_at,omitzero"`
	FollowUpAt  time.Time `json:"follow_up_at,omitzero"`
	CreatedAt   time.Time `json:"created_at"`
	EndedAt     time.Time `json:"ended_at,omitzero"`
	Position    int64     `json:"position"`
}

func userTaskColumns() []string {
	return []string{
		"instance_id", "key", "tenant", "process_id", "element", "element_id", "name", "state", "assignee",
		"candidate_users", "candidate_groups", "priority", "form_key", "form_id", "form_binding", "form_version",
		"owner", "category", "description", "fields", "pending", "denied", "completed_by",
		"due_at", "follow_up_at", "created_at", "ended_at", "position",
	}
}

func (r *UserTask) fields() []any {
	return []any{
		(*name)(&r.InstanceID), &r.Key, (*name)(&r.Tenant), (*name)(&r.ProcessID), &r.Element, (*text)(&r.ElementID), (*text)(&r.Name), &r.State, (*name)(&r.Assignee),
		&r.CandidateUsers, &r.CandidateGroups, &r.Priority, (*text)(&r.FormKey), (*text)(&r.FormID), (*text)(&r.FormBinding), (*text)(&r.FormVersion),
		(*text)(&r.Owner), (*text)(&r.Category), (*text)(&r.Description), &r.Fields, &r.Pending, (*text)(&r.Denied), (*text)(&r.CompletedBy),
		(*stamp)(&r.DueAt), (*stamp)(&r.FollowUpAt), (*stamp)(&r.CreatedAt), (*stamp)(&r.EndedAt), &r.Position,
	}
}

func newUserTasks() handler {
	return newRowset(tableDef[inInstance, UserTask]{
		name:     "user_tasks",
		kinds:    []events.Kind{"user_task.created", "user_task.assigned", "user_task.updated", "user_task.pending", "user_task.completed", "user_task.canceled"},
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
			case *events.UserTaskUpdated:
				key = e.Key
			case *events.UserTaskPending:
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
		fields, err := fieldsJSON(e.Fields)
		if err != nil {
			return err
		}
		r.Fields = fields
		r.InstanceID, r.Key, r.Tenant, r.ProcessID = k.instance, k.key, at.instance.Tenant, at.instance.ProcessID
		r.Element, r.ElementID, r.Name, r.State = int64(e.Element), e.ElementID, e.Name, "created"
		r.Assignee, r.CandidateUsers, r.CandidateGroups = e.Assignee, escapeAll(e.CandidateUsers), escapeAll(e.CandidateGroups)
		r.Priority, r.FormKey, r.FormID = int64(e.Priority), e.FormKey, e.FormID
		r.FormBinding, r.FormVersion, r.Owner, r.Category, r.Description = e.FormBinding, e.FormVersion, e.Owner, e.Category, e.Description
		r.DueAt, r.FollowUpAt, r.CreatedAt = timeOf(e.DueMS), timeOf(e.FollowUpMS), at.time()
	case *events.UserTaskAssigned:
		r.Assignee = e.Assignee
	case *events.UserTaskUpdated:
		r.change(&e.Changes)
	case *events.UserTaskPending:
		r.Pending, r.Denied = e.Event, e.Denied
	case *events.UserTaskCompleted:
		r.State, r.CompletedBy, r.EndedAt, r.Pending = StateCompleted, e.By, at.time(), ""
	case *events.UserTaskCanceled:
		r.State, r.EndedAt, r.Pending = StateCanceled, at.time(), ""
	}
	return nil
}

func (r *UserTask) change(c *events.TaskChanges) {
	for _, x := range []struct {
		to   *string
		from *string
	}{
		{&r.Assignee, c.Assignee},
		{&r.Owner, c.Owner},
		{&r.Name, c.Name},
		{&r.Category, c.Category},
		{&r.Description, c.Description},
		{&r.FormKey, c.FormKey},
	} {
		if x.from != nil {
			*x.to = *x.from
		}
	}
	if c.CandidateUsers != nil {
		r.CandidateUsers = escapeAll(*c.CandidateUsers)
	}
	if c.CandidateGroups != nil {
		r.CandidateGroups = escapeAll(*c.CandidateGroups)
	}
	if c.DueMS != nil {
		r.DueAt = timeOf(*c.DueMS)
	}
	if c.FollowUpMS != nil {
		r.FollowUpAt = timeOf(*c.FollowUpMS)
	}
	if c.Priority != nil {
		r.Priority = int64(*c.Priority)
	}
}
