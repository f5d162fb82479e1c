package projector

import (
	"context"
	"time"
)

func jobSource() source[Job] {
	return source[Job]{
		table: "jobs", columns: jobColumns(), fields: (*Job).fields, key: []string{"instance_id", "key"},
		keyOf: func(r *Job) []any { return []any{r.InstanceID, r.Key} },
		finish: func(r *Job) (err error) {
			r.ID = joinID(r.InstanceID, r.Key)
			r.Headers, err = unescapeJSON(r.Headers)
			return err
		},
	}
}

func userTaskSource() source[UserTask] {
	return source[UserTask]{
		table: "user_tasks", columns: userTaskColumns(), fields: (*UserTask).fields, key: []string{"instance_id", "key"},
		keyOf: func(r *UserTask) []any { return []any{r.InstanceID, r.Key} },
		finish: func(r *UserTask) error {
			r.ID = joinID(r.InstanceID, r.Key)
			for _, l := range [][]string{r.CandidateUsers, r.CandidateGroups} {
				for i := range l {
					l[i] = unescape(l[i])
				}
			}
			var err error
			if r.Fields != nil {
				r.Fields, err = unescapeJSON(r.Fields)
			}
			return err
		},
	}
}

func incidentSource() source[Incident] {
	return source[Incident]{
		table: "incidents", columns: incidentColumns(), fields: (*Incident).fields, key: []string{"instance_id", "key"},
		keyOf: func(r *Incident) []any { return []any{r.InstanceID, r.Key} },
		finish: func(r *Incident) error {
			r.ID = joinID(r.InstanceID, r.Key)
			return nil
		},
	}
}

// JobFilter narrows a list of jobs; empty fields let everything through.
type JobFilter struct {
	Tenant string
	Type   string
	State  string // created, failed, completed, error_thrown, canceled
	// Open keeps those that have not ended.
	Open bool
}

// Jobs lists jobs in the order of their ids.
func (q *Queries) Jobs(ctx context.Context, f JobFilter, pg Page) (*List[Job], error) {
	var w where
	w.equal("tenant", f.Tenant)
	w.equal("type", f.Type)
	switch f.State {
	case "":
	case "created", "failed":
		w.add("state = %s AND ended_at IS NULL", f.State)
	case StateCompleted, "error_thrown", StateCanceled:
		w.add("state = %s", f.State)
	default:
		return nil, fault(CodeInvalid, "query jobs", "state: expected created, failed, completed, error_thrown or canceled, but got %q", f.State)
	}
	if f.Open {
		w.add("ended_at IS NULL")
	}
	return page(ctx, q, jobSource(), &w, pg)
}

// UserTaskFilter narrows a list of user tasks; empty fields let everything
// through.
type UserTaskFilter struct {
	Tenant     string
	ProcessID  string
	InstanceID string
	State      string // created, completed, canceled
	Assignee   string
	// Unassigned keeps tasks without an assignee.
	Unassigned bool
	// CandidateUser and CandidateGroups keep tasks offered to the user or to one
	// of the groups.
	CandidateUser   string
	CandidateGroups []string
	// DueBefore keeps tasks due before the time.
	DueBefore time.Time
}

// UserTasks lists user tasks in the order of their ids.
func (q *Queries) UserTasks(ctx context.Context, f UserTaskFilter, pg Page) (*List[UserTask], error) {
	var w where
	w.equal("tenant", f.Tenant)
	w.equal("process_id", f.ProcessID)
	w.equal("instance_id", f.InstanceID)
	w.equal("assignee", f.Assignee)
	if f.Unassigned {
		w.add("assignee = ''")
	}
	switch f.State {
	case "":
	case "created":
		w.add("state = 'created'") // as a literal, for the partial indexes
	case StateCompleted, StateCanceled:
		w.add("state = %s", f.State)
	default:
		return nil, fault(CodeInvalid, "query user tasks", "state: expected created, completed or canceled, but got %q", f.State)
	}
	switch {
	case f.CandidateUser != "" && len(f.CandidateGroups) > 0:
		w.add("(%s = ANY(candidate_users) OR candidate_groups && %s)", escape(f.CandidateUser), escapeAll(f.CandidateGroups))
	case f.CandidateUser != "":
		w.add("%s = ANY(candidate_users)", escape(f.CandidateUser))
	case len(f.CandidateGroups) > 0:
		w.add("candidate_groups && %s", escapeAll(f.CandidateGroups))
	}
	if !f.DueBefore.IsZero() {
		w.add("due_at < %s", f.DueBefore)
	}
	return page(ctx, q, userTaskSource(), &w, pg)
}

// IncidentFilter narrows a list of incidents; empty fields let everything
// through.
type IncidentFilter struct {
	Tenant     string
	ProcessID  string
	InstanceID string
	Code       string
	State      string // open, resolved
}

// Incidents lists incidents in the order of their ids.
func (q *Queries) Incidents(ctx context.Context, f IncidentFilter, pg Page) (*List[Incident], error) {
	var w where
	w.equal("tenant", f.Tenant)
	w.equal("process_id", f.ProcessID)
	w.equal("instance_id", f.InstanceID)
	if f.Code != "" {
		w.add("code = %s", escape(f.Code))
	}
	switch f.State {
	case "":
	case "open":
		w.add("state = 'open'") // as a literal, for the partial index
	case "resolved":
		w.add("state = 'resolved'")
	default:
		return nil, fault(CodeInvalid, "query incidents", "state: expected open or resolved, but got %q", f.State)
	}
	return page(ctx, q, incidentSource(), &w, pg)
}

// TimerFilter narrows a list of timers; empty fields let everything through.
type TimerFilter struct {
	State     string // scheduled, fired, canceled
	DueBefore time.Time
}

// Timers lists the timers of instances in the order of their ids.
func (q *Queries) Timers(ctx context.Context, f TimerFilter, pg Page) (*List[Timer], error) {
	var w where
	switch f.State {
	case "":
	case "scheduled":
		w.add("state = 'scheduled'") // as a literal, for the partial index
	case "fired", StateCanceled:
		w.add("state = %s", f.State)
	default:
		return nil, fault(CodeInvalid, "query timers", "state: expected scheduled, fired or canceled, but got %q", f.State)
	}
	if !f.DueBefore.IsZero() {
		w.add("due_at < %s", f.DueBefore)
	}
	s := timerSource()
	s.keyOf = func(r *Timer) []any { return []any{r.InstanceID, r.Key} }
	return page(ctx, q, s, &w, pg)
}

// StartTimers returns the timer start events of a tenant, all if it is empty.
func (q *Queries) StartTimers(ctx context.Context, tenant string) ([]StartTimer, error) {
	var w where
	w.equal("tenant", tenant)
	return all(ctx, q.pool, q.schema, source[StartTimer]{
		table: "start_timers", columns: startTimerColumns(), fields: (*StartTimer).fields, key: []string{"tenant", "process_id", "element_id"},
	}, &w)
}

// MessageFilter narrows a list of messages; empty fields let everything through.
type MessageFilter struct {
	Tenant         string
	Name           string
	CorrelationKey string
	State          string // buffered, sent, delivered, expired
}

// Messages lists published messages in the order of their ids.
func (q *Queries) Messages(ctx context.Context, f MessageFilter, pg Page) (*List[Message], error) {
	var w where
	w.equal("tenant", f.Tenant)
	w.equal("name", f.Name)
	w.equal("correlation_key", f.CorrelationKey)
	switch f.State {
	case "":
	case MessageBuffered, MessageSent:
		w.add("state = %s AND state IN ('buffered', 'sent')", f.State)
	case MessageDelivered, MessageExpired:
		w.add("state = %s", f.State)
	default:
		return nil, fault(CodeInvalid, "query messages", "state: expected buffered, sent, delivered or expired, but got %q", f.State)
	}
	return page(ctx, q, source[Message]{
		table: "messages", columns: messageColumns(), fields: (*Message).fields, key: []string{"id", "partition"},
		keyOf: func(r *Message) []any { return []any{r.ID, r.Partition} },
		finish: func(r *Message) (err error) {
			r.Variables, err = unescapeJSON(r.Variables)
			return err
		},
	}, &w, pg)
}

// SubscriptionFilter narrows a list of subscriptions; empty fields let
// everything through.
type SubscriptionFilter struct {
	Tenant         string
	InstanceID     string
	Kind           string // message, signal, condition, trigger
	Name           string
	CorrelationKey string
	State          string // open, closed
}

// Subscriptions lists what element instances wait for (messages, signals,
// conditions, triggers) in the order of their ids.
func (q *Queries) Subscriptions(ctx context.Context, f SubscriptionFilter, pg Page) (*List[Subscription], error) {
	var w where
	w.equal("tenant", f.Tenant)
	w.equal("name", f.Name)
	w.equal("correlation_key", f.CorrelationKey)
	w.equal("instance_id", f.InstanceID)
	switch f.Kind {
	case "", "message", "signal", "condition", "trigger":
		w.equal("kind", f.Kind)
	default:
		return nil, fault(CodeInvalid, "query subscriptions", "kind: expected message, signal, condition or trigger, but got %q", f.Kind)
	}
	switch f.State {
	case "":
	case "open":
		w.add("state = 'open'") // as a literal, for the partial index
	case "closed":
		w.add("state = 'closed'")
	default:
		return nil, fault(CodeInvalid, "query message subscriptions", "state: expected open or closed, but got %q", f.State)
	}
	s := subscriptionSource()
	s.keyOf = func(r *Subscription) []any { return []any{r.InstanceID, r.Key} }
	return page(ctx, q, s, &w, pg)
}
