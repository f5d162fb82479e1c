package projector

import (
	"encoding/json"
	"time"

	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/variables"
)

// Job is a row of the table jobs. Which worker holds a job is not in the log: a
// job in the hands of a worker is "created".
type Job struct {
	ID           string          `json:"id"`
	InstanceID   string          `json:"instance_id"`
	Key          int64           `json:"key"`
	Tenant       string          `json:"tenant"`
	Element      int64           `json:"element"`
	ElementID    string          `json:"element_id"`
	Type         string          `json:"type"`
	State        string          `json:"state"` // created, failed, completed, error_thrown, canceled
	Retries      int64           `json:"retries"`
	Attempt      int64           `json:"attempt"`
	Priority     int64           `json:"priority"`
	Headers      json.RawMessage `json:"headers,omitempty"`
	Listener     string          `json:"listener,omitempty"` // the event, if the job is a listener
	Worker       string          `json:"worker,omitempty"`
	ErrorCode    string          `json:"error_code,omitempty"`
	ErrorMessage string          `json:"error_message,omitempty"`
	RetryAt      time.Time       `json:"retry_at,omitzero"`
	CreatedAt    time.Time       `json:"created_at"`
	EndedAt      time.Time       `json:"ended_at,omitzero"`
	Position     int64           `json:"position"`
}

func jobColumns() []string {
	return []string{
		"instance_id", "key", "tenant", "element", "element_id", "type", "state", "retries", "attempt", "priority",
		"headers", "listener", "worker", "error_code", "error_message", "retry_at", "created_at", "ended_at", "position",
	}
}

func (r *Job) fields() []any {
	return []any{
		(*name)(&r.InstanceID), &r.Key, (*name)(&r.Tenant), &r.Element, (*text)(&r.ElementID), (*name)(&r.Type), &r.State, &r.Retries, &r.Attempt, &r.Priority,
		(*[]byte)(&r.Headers), (*text)(&r.Listener), (*text)(&r.Worker), (*text)(&r.ErrorCode), (*text)(&r.ErrorMessage), (*stamp)(&r.RetryAt), (*stamp)(&r.CreatedAt), (*stamp)(&r.EndedAt), &r.Position,
	}
}

func newJobs() handler {
	return newRowset(tableDef[inInstance, Job]{
		name:     "jobs",
		kinds:    []events.Kind{"job.created", "job.completed", "job.failed", "job.reopened", "job.retries_updated", "job.error_thrown", "job.canceled"},
		columns:  jobColumns(),
		key:      inInstanceKey(),
		keyArgs:  inInstanceArgs,
		keyOf:    func(r *Job) inInstance { return inInstance{r.InstanceID, r.Key} },
		fields:   (*Job).fields,
		position: func(r *Job) *int64 { return &r.Position },
		touch:    touchJob,
		apply:    applyJob,
	})
}

func touchJob(at *moment, e events.Event, visit func(inInstance, verb)) {
	key, v := ids.Key(0), changes
	switch e := e.(type) {
	case *events.JobCreated:
		key, v = e.Key, creates
	case *events.JobCompleted:
		key = e.Key
	case *events.JobFailed:
		key = e.Key
	case *events.JobReopened:
		key = e.Key
	case *events.JobRetriesUpdated:
		key = e.Key
	case *events.JobErrorThrown:
		key = e.Key
	case *events.JobCanceled:
		key = e.Key
	}
	visit(inInstance{at.id(), int64(key)}, v)
}

func applyJob(at *moment, e events.Event, r *Job, k inInstance) error {
	switch e := e.(type) {
	case *events.JobCreated:
		headers, err := jsonOf(headerMap(e.Headers))
		if err != nil {
			return err
		}
		r.InstanceID, r.Key, r.Tenant = k.instance, k.key, at.instance.Tenant
		r.Element, r.ElementID, r.Type, r.State = int64(e.Element), e.ElementID, e.Type, "created"
		r.Retries, r.Attempt, r.Priority, r.Headers = int64(e.Retries), 1, int64(e.Priority), headers
		r.CreatedAt, r.Listener = at.time(), e.Listener
	case *events.JobCompleted:
		r.State, r.Worker, r.EndedAt = StateCompleted, e.Worker, at.time()
	case *events.JobFailed:
		r.State, r.Retries, r.ErrorMessage, r.Worker = "failed", int64(e.Retries), e.Message, e.Worker
		r.RetryAt = timeOf(e.RetryAtMS)
	case *events.JobReopened:
		r.State, r.Attempt, r.Retries, r.RetryAt = "created", int64(e.Attempt), int64(e.Retries), time.Time{}
	case *events.JobRetriesUpdated:
		r.Retries = int64(e.Retries)
	case *events.JobErrorThrown:
		r.State, r.ErrorCode, r.ErrorMessage, r.Worker, r.EndedAt = "error_thrown", e.Code, e.Message, e.Worker, at.time()
	case *events.JobCanceled:
		r.State, r.EndedAt = StateCanceled, at.time()
	}
	return nil
}

// headerMap is the headers of a job as a variable value; bytes that are no UTF-8
// are escaped by jsonOf.
func headerMap(h map[string]string) variables.Document {
	out := make(variables.Document, len(h))
	for k, v := range h {
		out[k] = v
	}
	return out
}
