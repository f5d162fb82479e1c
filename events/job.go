package events

import (
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/variables"
)

// JobCreated asks workers to carry out an element.
type JobCreated struct {
	Key        ids.Key           `msgpack:"k"`
	Element    ids.Key           `msgpack:"e"`
	ElementID  string            `msgpack:"i"`
	Type       string            `msgpack:"t"`
	Retries    int               `msgpack:"r"`
	Priority   int               `msgpack:"p,omitempty"`
	Headers    map[string]string `msgpack:"h,omitempty"`
	RetryCycle string            `msgpack:"c,omitempty"`
	// Listener is set when the job is a listener of the element, which waits for
	// it: the event it listens to.
	Listener string `msgpack:"l,omitempty"`
	// Own says that the worker gets the variables of the element's own scope
	// alone.
	Own bool `msgpack:"ow,omitempty"`
}

// JobCompleted ends a job with success.
type JobCompleted struct {
	Key    ids.Key `msgpack:"k"`
	Worker string  `msgpack:"w,omitempty"`
}

// JobFailed records a failed attempt. With Retries left the job is offered
// again at RetryAtMS; without, an incident follows.
type JobFailed struct {
	Key       ids.Key `msgpack:"k"`
	Retries   int     `msgpack:"r"`
	RetryAtMS int64   `msgpack:"d,omitempty"`
	Message   string  `msgpack:"m,omitempty"`
	Worker    string  `msgpack:"w,omitempty"`
}

// JobReopened offers a failed job to workers again, after its back-off or
// after its incident was resolved, as the given attempt.
type JobReopened struct {
	Key     ids.Key `msgpack:"k"`
	Attempt int     `msgpack:"a"`
	Retries int     `msgpack:"r"`
}

// JobRetriesUpdated changes how many attempts a job has left.
type JobRetriesUpdated struct {
	Key     ids.Key `msgpack:"k"`
	Retries int     `msgpack:"r"`
}

// JobErrorThrown ends a job with a BPMN error.
type JobErrorThrown struct {
	Key     ids.Key `msgpack:"k"`
	Code    string  `msgpack:"c"`
	Message string  `msgpack:"m,omitempty"`
	Worker  string  `msgpack:"w,omitempty"`
}

// JobCanceled withdraws a job, because its element was terminated.
type JobCanceled struct {
	Key ids.Key `msgpack:"k"`
}

// UserTaskCreated offers a task to people. Times are ISO 8601 text as the
// model gave them or milliseconds resolved at creation.
type UserTaskCreated struct {
	Key             ids.Key  `msgpack:"k"`
	Element         ids.Key  `msgpack:"e"`
	ElementID       string   `msgpack:"i"`
	Name            string   `msgpack:"n,omitempty"`
	Assignee        string   `msgpack:"a,omitempty"`
	CandidateUsers  []string `msgpack:"u,omitempty"`
	CandidateGroups []string `msgpack:"g,omitempty"`
	DueMS           int64    `msgpack:"d,omitempty"`
	FollowUpMS      int64    `msgpack:"f,omitempty"`
	Priority        int      `msgpack:"p,omitempty"`
	FormKey         string   `msgpack:"fk,omitempty"`
	FormID          string   `msgpack:"fi,omitempty"`
	// FormBinding and FormVersion say which version of the form is meant:
	// latest, deployment, version or versionTag, and the version or tag.
	FormBinding string `msgpack:"fb,omitempty"`
	FormVersion string `msgpack:"fv,omitempty"`
	Owner       string `msgpack:"o,omitempty"`
	Category    string `msgpack:"ct,omitempty"`
	Description string `msgpack:"ds,omitempty"`
	// Fields are those of the form that the model describes, without hidden ones.
	Fields []FormField `msgpack:"ff,omitempty"`
}

// FormField is a field of the form of a user task, for those who show it.
type FormField struct {
	ID          string `msgpack:"i" json:"id"`
	Label       string `msgpack:"l,omitempty" json:"label,omitempty"`
	Type        string `msgpack:"t,omitempty" json:"type,omitempty"`
	DatePattern string `msgpack:"p,omitempty" json:"date_pattern,omitempty"`
	// Variable is where the value is, if not in the variable of the field's id.
	Variable string `msgpack:"v,omitempty" json:"variable,omitempty"`
	// Default is JSON, empty if there is none.
	Default  string      `msgpack:"d,omitempty" json:"default,omitempty"`
	Values   []FormValue `msgpack:"e,omitempty" json:"values,omitempty"`
	Required bool        `msgpack:"r,omitempty" json:"required,omitempty"`
	ReadOnly bool        `msgpack:"o,omitempty" json:"readonly,omitempty"`
	// Min and Max are numbers.
	Min       string `msgpack:"mi,omitempty" json:"min,omitempty"`
	Max       string `msgpack:"ma,omitempty" json:"max,omitempty"`
	MinLength *int   `msgpack:"li,omitempty" json:"minlength,omitempty"`
	MaxLength *int   `msgpack:"la,omitempty" json:"maxlength,omitempty"`
}

// FormValue is one of the values that a field may have.
type FormValue struct {
	ID   string `msgpack:"i" json:"id"`
	Name string `msgpack:"n,omitempty" json:"name,omitempty"`
}

// UserTaskAssigned sets or clears (empty) the assignee of a task.
type UserTaskAssigned struct {
	Key      ids.Key `msgpack:"k"`
	Assignee string  `msgpack:"a,omitempty"`
}

// UserTaskCompleted ends a task with success.
type UserTaskCompleted struct {
	Key ids.Key `msgpack:"k"`
	By  string  `msgpack:"b,omitempty"`
}

// UserTaskCanceled withdraws a task, because its element was terminated.
type UserTaskCanceled struct {
	Key ids.Key `msgpack:"k"`
}

// Step says which part of an element's life an incident stopped, and so where
// resolving it goes on.
type Step string

// The steps.
const (
	StepActivate  Step = "activate"  // inputs, subscriptions, job or task creation
	StepComplete  Step = "complete"  // outputs
	StepLeave     Step = "leave"     // outgoing flows
	StepScope     Step = "scope"     // a scope that cannot end
	StepJob       Step = "job"       // no retries are left
	StepCondition Step = "condition" // a conditional event cannot be evaluated
	StepError     Step = "error"     // a BPMN error that nothing catches
	StepTask      Step = "task"      // a listener of a user task
	// StepArm is an event that happened and cannot be armed again.
	StepArm Step = "arm"
	// StepWork is the results of a task that then waits to be triggered.
	StepWork Step = "work"
	// StepCompensate is what has completed activities compensated.
	StepCompensate Step = "compensate"
	// StepCommand is a command of the engine to itself that could not be decided;
	// resolving the incident tries it again.
	StepCommand Step = "command"
)

// IncidentRaised stops an element until someone mends the cause and resolves
// the incident.
type IncidentRaised struct {
	Key       ids.Key `msgpack:"k"`
	Element   ids.Key `msgpack:"e"`
	ElementID string  `msgpack:"i"`
	Job       ids.Key `msgpack:"j,omitempty"`
	Step      Step    `msgpack:"s"`
	Code      string  `msgpack:"c"`
	Message   string  `msgpack:"m"`
	// Results are variables that the step was given and could not write; they
	// are taken up when the incident is resolved.
	Results variables.Document `msgpack:"r,omitempty"`
	// Command and Payload, its msgpack, are set for [StepCommand].
	Command string `msgpack:"cm,omitempty"`
	Payload []byte `msgpack:"pl,omitempty"`
}

// IncidentResolved ends an incident.
type IncidentResolved struct {
	Key ids.Key `msgpack:"k"`
}

// Kind implements [Event].
func (*JobCreated) Kind() Kind        { return "job.created" }
func (*JobCompleted) Kind() Kind      { return "job.completed" }
func (*JobFailed) Kind() Kind         { return "job.failed" }
func (*JobReopened) Kind() Kind       { return "job.reopened" }
func (*JobRetriesUpdated) Kind() Kind { return "job.retries_updated" }
func (*JobErrorThrown) Kind() Kind    { return "job.error_thrown" }
func (*JobCanceled) Kind() Kind       { return "job.canceled" }
func (*UserTaskCreated) Kind() Kind   { return "user_task.created" }
func (*UserTaskAssigned) Kind() Kind  { return "user_task.assigned" }
func (*UserTaskCompleted) Kind() Kind { return "user_task.completed" }
func (*UserTaskCanceled) Kind() Kind  { return "user_task.canceled" }
func (*IncidentRaised) Kind() Kind    { return "incident.raised" }
func (*IncidentResolved) Kind() Kind  { return "incident.resolved" }
