package commands

import (
	"fmt"
	"slices"

	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/variables"
)

// Kind is the fixed name of a command; it ends the command's subject.
type Kind string

// The kinds that callers may publish.
const (
	KindStartInstance   Kind = "instance.start"
	KindCancelInstance  Kind = "instance.cancel"
	KindSetVariables    Kind = "variables.set"
	KindCompleteJob     Kind = "job.complete"
	KindFailJob         Kind = "job.fail"
	KindThrowError      Kind = "job.throw_error"
	KindUpdateRetries   Kind = "job.update_retries"
	KindCompleteTask    Kind = "task.complete"
	KindAssignTask      Kind = "task.assign"
	KindUpdateTask      Kind = "task.update"
	KindResolveIncident Kind = "incident.resolve"
	KindPublishMessage  Kind = "message.publish"
	KindActivateAdHoc   Kind = "ad_hoc.activate"
	KindTrigger         Kind = "element.trigger"
	KindBroadcastSignal Kind = "signal.broadcast"
	KindEvaluate        Kind = "condition.evaluate"
)

// The kinds that partitions send to each other, and that an owner gives itself.
// They are refused without an origin.
const (
	KindFireTimer         Kind = "timer.fire"
	KindFireStartTimer    Kind = "start_timer.fire"
	KindRetryJob          Kind = "job.retry"
	KindExpireMessage     Kind = "message.expire"
	KindSubscribe         Kind = "message.subscribe"
	KindUnsubscribe       Kind = "message.unsubscribe"
	KindCorrelate         Kind = "message.correlate"
	KindAnswerMessage     Kind = "message.answer"
	KindStartBuffered     Kind = "message.start_buffered"
	KindContinueLoop      Kind = "loop.continue"
	KindBeginElement      Kind = "element.begin"
	KindRecordEnded       Kind = "instance.record_ended"
	KindActivateProcesses Kind = "processes.activate"
	KindThrowMessage      Kind = "message.throw"
	KindThrowSignal       Kind = "signal.throw"
	KindSpreadSignal      Kind = "signal.spread"
	KindDeliverSignal     Kind = "signal.deliver"
)

// Command is the payload of a command. The concrete types are the structs of
// this package; a pointer to each implements Command.
type Command interface {
	// Kind is the command's fixed name.
	Kind() Kind
	// Validate makes the checks that need no state; its errors are *Error.
	Validate() error
}

// StartInstance starts an instance of a process. The instance id is that of the
// subject, chosen by the caller: a repeated start is answered with the instance
// that exists.
type StartInstance struct {
	ProcessID string `json:"process_id" msgpack:"process_id"`
	// Version selects a version; 0 is the latest.
	Version int `json:"version,omitempty" msgpack:"version,omitempty"`
	// VersionTag selects the newest version with the tag; empty is none.
	VersionTag  string             `json:"version_tag,omitempty" msgpack:"version_tag,omitempty"`
	BusinessKey string             `json:"business_key,omitempty" msgpack:"business_key,omitempty"`
	Variables   variables.Document `json:"variables,omitempty" msgpack:"variables,omitempty"`
	// StartedBy names who starts the instance, and Groups the groups of that
	// user. A process with candidate starters is started only by one of them;
	// without a name the caller answers for it.
	StartedBy string   `json:"started_by,omitempty" msgpack:"started_by,omitempty"`
	Groups    []string `json:"groups,omitempty" msgpack:"groups,omitempty"`
	// Form says that the variables come through the form of the start event: they
	// are converted, checked and completed as its fields say (docs/forms.md).
	Form bool `json:"form,omitempty" msgpack:"form,omitempty"`
}

// CancelInstance ends an instance and all it is doing, called instances
// included.
type CancelInstance struct {
	Reason string `json:"reason,omitempty" msgpack:"reason,omitempty"`
}

// SetVariables writes variables: each to the nearest scope that has it, seen
// from Scope, or to the outermost one; with Local to Scope itself.
type SetVariables struct {
	// Scope is the key of an element instance; 0 is the instance itself.
	Scope     ids.Key            `json:"scope,omitempty" msgpack:"scope,omitempty"`
	Local     bool               `json:"local,omitempty" msgpack:"local,omitempty"`
	Variables variables.Document `json:"variables" msgpack:"variables"`
}

// CompleteJob ends a job with success and hands over its results.
type CompleteJob struct {
	JobID     string             `json:"job_id" msgpack:"job_id"`
	Variables variables.Document `json:"variables,omitempty" msgpack:"variables,omitempty"`
	// Worker is the name of the worker that holds the job's message and will
	// acknowledge it. Without it the message is taken out of the work queue.
	Worker string `json:"worker,omitempty" msgpack:"worker,omitempty"`
	// Denied says that the listener of a user task refuses what the task is
	// about to do: an assignment, an update or its completion.
	Denied       bool   `json:"denied,omitempty" msgpack:"denied,omitempty"`
	DeniedReason string `json:"denied_reason,omitempty" msgpack:"denied_reason,omitempty"`
	// Corrections are changes that the listener of a user task makes to it.
	Corrections *events.TaskChanges `json:"corrections,omitempty" msgpack:"corrections,omitempty"`
	// AdHoc says how an ad-hoc subprocess goes on, for the job of one whose
	// worker chooses what it does.
	AdHoc *AdHocResult `json:"ad_hoc,omitempty" msgpack:"ad_hoc,omitempty"`
}

// FailJob records a failed attempt. The job is offered again after the
// back-off while retries are left, else an incident is raised.
type FailJob struct {
	JobID string `json:"job_id" msgpack:"job_id"`
	// Retries is how many attempts are left; nil is one less than before.
	Retries *int `json:"retries,omitempty" msgpack:"retries,omitempty"`
	// BackoffMS is the wait before the next attempt in milliseconds; nil is
	// the model's retry cycle, else the engine's own back-off.
	BackoffMS *int64 `json:"backoff_ms,omitempty" msgpack:"backoff_ms,omitempty"`
	Message   string `json:"message,omitempty" msgpack:"message,omitempty"`
	Worker    string `json:"worker,omitempty" msgpack:"worker,omitempty"`
}

// ThrowError ends a job with a BPMN error, which the nearest matching error
// event catches.
type ThrowError struct {
	JobID     string             `json:"job_id" msgpack:"job_id"`
	Code      string             `json:"code" msgpack:"code"`
	Message   string             `json:"message,omitempty" msgpack:"message,omitempty"`
	Variables variables.Document `json:"variables,omitempty" msgpack:"variables,omitempty"`
	Worker    string             `json:"worker,omitempty" msgpack:"worker,omitempty"`
}

// UpdateRetries sets how many attempts a job has left. It does not resolve the
// job's incident.
type UpdateRetries struct {
	JobID   string `json:"job_id" msgpack:"job_id"`
	Retries int    `json:"retries" msgpack:"retries"`
}

// CompleteTask ends a user task with success.
type CompleteTask struct {
	TaskID    string             `json:"task_id" msgpack:"task_id"`
	Variables variables.Document `json:"variables,omitempty" msgpack:"variables,omitempty"`
	By        string             `json:"by,omitempty" msgpack:"by,omitempty"`
	// Form says that the variables come through the form of the task: they are
	// converted, checked and completed as its fields say (docs/forms.md).
	Form bool `json:"form,omitempty" msgpack:"form,omitempty"`
}

// AssignTask sets the assignee of a user task; empty clears it.
type AssignTask struct {
	TaskID   string `json:"task_id" msgpack:"task_id"`
	Assignee string `json:"assignee" msgpack:"assignee"`
	// Claim refuses the command if someone else is assigned already.
	Claim bool `json:"claim,omitempty" msgpack:"claim,omitempty"`
}

// UpdateTask changes attributes of a user task: due and follow-up time,
// candidates, priority and the like. The assignee has a command of its own.
type UpdateTask struct {
	TaskID string `json:"task_id" msgpack:"task_id"`
	events.TaskChanges
	By string `json:"by,omitempty" msgpack:"by,omitempty"`
}

// ResolveIncident tries again what an incident stopped.
type ResolveIncident struct {
	IncidentID string `json:"incident_id" msgpack:"incident_id"`
	// Retries are given to the job of the incident; 0 is 1.
	Retries int `json:"retries,omitempty" msgpack:"retries,omitempty"`
}

// PublishMessage sends a message to whoever waits for it, now or within its
// time to live. It is published to the message's home partition.
type PublishMessage struct {
	Name           string `json:"name" msgpack:"name"`
	CorrelationKey string `json:"correlation_key,omitempty" msgpack:"correlation_key,omitempty"`
	// MessageID makes publishing idempotent while the message is buffered.
	MessageID string `json:"message_id,omitempty" msgpack:"message_id,omitempty"`
	// TTLMS is how long the message is buffered, in milliseconds; with 0 it is
	// refused when nobody waits for it.
	TTLMS     int64              `json:"ttl_ms,omitempty" msgpack:"ttl_ms,omitempty"`
	Variables variables.Document `json:"variables,omitempty" msgpack:"variables,omitempty"`
	// InstanceID and BusinessKey narrow down the receiver; for messages without
	// a correlation key.
	InstanceID  string `json:"instance_id,omitempty" msgpack:"instance_id,omitempty"`
	BusinessKey string `json:"business_key,omitempty" msgpack:"business_key,omitempty"`
	// Broadcast gives the message to everyone who waits for it, not to one
	// instance of each process (Camunda's correlateAll). It goes to at most 1,000
	// at once; a signal has no bound.
	Broadcast bool `json:"broadcast,omitempty" msgpack:"broadcast,omitempty"`
}

// FireTimer says that a timer of an instance is due.
type FireTimer struct {
	Key ids.Key `msgpack:"k"`
}

// FireStartTimer says that a timer start event is due.
type FireStartTimer struct {
	Tenant    string `msgpack:"t"`
	ProcessID string `msgpack:"p"`
	ElementID string `msgpack:"e"`
}

// RetryJob says that the back-off of a job is over.
type RetryJob struct {
	Key ids.Key `msgpack:"k"`
}

// ExpireMessage says that the time to live of a buffered message is over.
type ExpireMessage struct {
	Message ids.Command `msgpack:"m"`
}

// Subscribe registers a subscription at its message's home.
type Subscribe struct {
	Waiter events.WaiterAdded `msgpack:"w"`
}

// Unsubscribe takes a subscription out of its message's home.
type Unsubscribe struct {
	Waiter events.WaiterRemoved `msgpack:"w"`
}

// Correlate offers a message to a waiting instance.
type Correlate struct {
	Sent      events.MessageSent `msgpack:"s"`
	Variables variables.Document `msgpack:"v,omitempty"`
	Hops      int                `msgpack:"h,omitempty"` // of the message
	Row       ids.Command        `msgpack:"w,omitempty"` // of the message
}

// AnswerMessage tells the home whether the instance took the message.
type AnswerMessage struct {
	Answer events.MessageAnswered `msgpack:"a"`
}

// StartBuffered goes on with starting a process by buffered messages, where one
// decision could not start all.
type StartBuffered struct {
	Tenant         string `msgpack:"t"`
	Name           string `msgpack:"n"`
	CorrelationKey string `msgpack:"c,omitempty"`
	ProcessID      string `msgpack:"p"`
}

// ContinueLoop goes on with beginning the turns of a loop, where one decision
// would have begun too many. Key is the loop's body.
type ContinueLoop struct {
	Key ids.Key `msgpack:"k"`
	// Turns counts those that loops have begun in a row to come here.
	Turns int `msgpack:"t,omitempty"`
}

// BeginElement begins the work of an element inside a loop, which is active
// already, where the decision before has done too much to do so. Row counts how
// often this has happened in a row.
type BeginElement struct {
	Key ids.Key `msgpack:"k"`
	Row int     `msgpack:"r"`
}

// RecordEnded goes on with recording the end of what has been interrupted in an
// instance, where one decision would have written too much.
type RecordEnded struct{}

// ActivateProcesses tells a partition which versions became the latest.
type ActivateProcesses struct {
	Tenant      string                 `msgpack:"t"`
	Definitions []events.DefinitionRef `msgpack:"d"`
}

// Kind implements [Command].
func (*StartInstance) Kind() Kind     { return KindStartInstance }
func (*CancelInstance) Kind() Kind    { return KindCancelInstance }
func (*SetVariables) Kind() Kind      { return KindSetVariables }
func (*CompleteJob) Kind() Kind       { return KindCompleteJob }
func (*FailJob) Kind() Kind           { return KindFailJob }
func (*ThrowError) Kind() Kind        { return KindThrowError }
func (*UpdateRetries) Kind() Kind     { return KindUpdateRetries }
func (*CompleteTask) Kind() Kind      { return KindCompleteTask }
func (*AssignTask) Kind() Kind        { return KindAssignTask }
func (*UpdateTask) Kind() Kind        { return KindUpdateTask }
func (*ResolveIncident) Kind() Kind   { return KindResolveIncident }
func (*PublishMessage) Kind() Kind    { return KindPublishMessage }
func (*FireTimer) Kind() Kind         { return KindFireTimer }
func (*FireStartTimer) Kind() Kind    { return KindFireStartTimer }
func (*RetryJob) Kind() Kind          { return KindRetryJob }
func (*ExpireMessage) Kind() Kind     { return KindExpireMessage }
func (*Subscribe) Kind() Kind         { return KindSubscribe }
func (*Unsubscribe) Kind() Kind       { return KindUnsubscribe }
func (*Correlate) Kind() Kind         { return KindCorrelate }
func (*AnswerMessage) Kind() Kind     { return KindAnswerMessage }
func (*StartBuffered) Kind() Kind     { return KindStartBuffered }
func (*ContinueLoop) Kind() Kind      { return KindContinueLoop }
func (*BeginElement) Kind() Kind      { return KindBeginElement }
func (*RecordEnded) Kind() Kind       { return KindRecordEnded }
func (*ActivateProcesses) Kind() Kind { return KindActivateProcesses }
func (*BroadcastSignal) Kind() Kind   { return KindBroadcastSignal }
func (*Evaluate) Kind() Kind          { return KindEvaluate }
func (*ThrowMessage) Kind() Kind      { return KindThrowMessage }
func (*ThrowSignal) Kind() Kind       { return KindThrowSignal }
func (*SpreadSignal) Kind() Kind      { return KindSpreadSignal }
func (*DeliverSignal) Kind() Kind     { return KindDeliverSignal }

// kinds lists every command; internal ones are refused without an origin.
var kinds = map[Kind]struct {
	internal bool
	new      func() Command
}{
	KindStartInstance:     {new: func() Command { return new(StartInstance) }},
	KindCancelInstance:    {new: func() Command { return new(CancelInstance) }},
	KindSetVariables:      {new: func() Command { return new(SetVariables) }},
	KindCompleteJob:       {new: func() Command { return new(CompleteJob) }},
	KindFailJob:           {new: func() Command { return new(FailJob) }},
	KindThrowError:        {new: func() Command { return new(ThrowError) }},
	KindUpdateRetries:     {new: func() Command { return new(UpdateRetries) }},
	KindCompleteTask:      {new: func() Command { return new(CompleteTask) }},
	KindAssignTask:        {new: func() Command { return new(AssignTask) }},
	KindUpdateTask:        {new: func() Command { return new(UpdateTask) }},
	KindResolveIncident:   {new: func() Command { return new(ResolveIncident) }},
	KindPublishMessage:    {new: func() Command { return new(PublishMessage) }},
	KindActivateAdHoc:     {new: func() Command { return new(ActivateAdHoc) }},
	KindTrigger:           {new: func() Command { return new(Trigger) }},
	KindBroadcastSignal:   {new: func() Command { return new(BroadcastSignal) }},
	KindEvaluate:          {new: func() Command { return new(Evaluate) }},
	KindThrowMessage:      {internal: true, new: func() Command { return new(ThrowMessage) }},
	KindThrowSignal:       {internal: true, new: func() Command { return new(ThrowSignal) }},
	KindSpreadSignal:      {internal: true, new: func() Command { return new(SpreadSignal) }},
	KindDeliverSignal:     {internal: true, new: func() Command { return new(DeliverSignal) }},
	KindFireTimer:         {internal: true, new: func() Command { return new(FireTimer) }},
	KindFireStartTimer:    {internal: true, new: func() Command { return new(FireStartTimer) }},
	KindRetryJob:          {internal: true, new: func() Command { return new(RetryJob) }},
	KindExpireMessage:     {internal: true, new: func() Command { return new(ExpireMessage) }},
	KindSubscribe:         {internal: true, new: func() Command { return new(Subscribe) }},
	KindUnsubscribe:       {internal: true, new: func() Command { return new(Unsubscribe) }},
	KindCorrelate:         {internal: true, new: func() Command { return new(Correlate) }},
	KindAnswerMessage:     {internal: true, new: func() Command { return new(AnswerMessage) }},
	KindStartBuffered:     {internal: true, new: func() Command { return new(StartBuffered) }},
	KindContinueLoop:      {internal: true, new: func() Command { return new(ContinueLoop) }},
	KindBeginElement:      {internal: true, new: func() Command { return new(BeginElement) }},
	KindRecordEnded:       {internal: true, new: func() Command { return new(RecordEnded) }},
	KindActivateProcesses: {internal: true, new: func() Command { return new(ActivateProcesses) }},
}

// Limits of the texts in a command, in bytes.
const (
	MaxNameBytes = 512  // process ids, message names, keys, codes
	MaxTextBytes = 8192 // messages to people
)

func checkText(field, s string, limit int, required bool) error {
	switch {
	case required && s == "":
		return Reject(CodeCommandInvalid, "the field %s is required", field)
	case len(s) > limit:
		return Reject(CodeCommandInvalid, "the field %s has %d bytes; the limit is %d", field, len(s), limit)
	}
	return nil
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// Validate implements [Command].
func (c *StartInstance) Validate() error {
	if c.Version < 0 || c.Version > 0 && c.VersionTag != "" {
		return Reject(CodeCommandInvalid, "give either a version from 1 on, or a version tag, or neither for the latest")
	}
	return firstError(
		checkText("process_id", c.ProcessID, MaxNameBytes, true),
		checkText("version_tag", c.VersionTag, MaxNameBytes, false),
		checkText("business_key", c.BusinessKey, MaxNameBytes, false),
		checkText("started_by", c.StartedBy, MaxNameBytes, false),
	)
}

// Validate implements [Command].
func (c *CancelInstance) Validate() error {
	return checkText("reason", c.Reason, MaxTextBytes, false)
}

// Validate implements [Command].
func (c *SetVariables) Validate() error {
	if len(c.Variables) == 0 {
		return Reject(CodeCommandInvalid, "the field variables is required")
	}
	return nil
}

// Validate implements [Command].
func (c *CompleteJob) Validate() error {
	err := firstError(
		checkID("job_id", c.JobID),
		checkText("worker", c.Worker, MaxNameBytes, false),
		checkText("denied_reason", c.DeniedReason, MaxTextBytes, false),
	)
	if err == nil && c.Corrections != nil {
		err = checkChanges(c.Corrections)
	}
	if err == nil && c.AdHoc != nil {
		err = c.AdHoc.validate()
	}
	return err
}

// Validate implements [Command].
func (c *FailJob) Validate() error {
	if c.Retries != nil && (*c.Retries < 0 || *c.Retries > 1_000_000) {
		return Reject(CodeCommandInvalid, "retries is %d; expected 0 to 1000000", *c.Retries)
	}
	if c.BackoffMS != nil && (*c.BackoffMS < 0 || *c.BackoffMS > maxMS) {
		return Reject(CodeCommandInvalid, "backoff_ms is %d; expected 0 to %d (10 years)", *c.BackoffMS, int64(maxMS))
	}
	return firstError(
		checkID("job_id", c.JobID),
		checkText("message", c.Message, MaxTextBytes, false),
		checkText("worker", c.Worker, MaxNameBytes, false),
	)
}

// Validate implements [Command].
func (c *ThrowError) Validate() error {
	return firstError(
		checkID("job_id", c.JobID),
		checkText("code", c.Code, MaxNameBytes, true),
		checkText("message", c.Message, MaxTextBytes, false),
		checkText("worker", c.Worker, MaxNameBytes, false),
	)
}

// Validate implements [Command].
func (c *UpdateRetries) Validate() error {
	if c.Retries < 1 || c.Retries > 1_000_000 {
		return Reject(CodeCommandInvalid, "retries is %d; expected 1 to 1000000", c.Retries)
	}
	return checkID("job_id", c.JobID)
}

// Validate implements [Command].
func (c *CompleteTask) Validate() error {
	return firstError(checkID("task_id", c.TaskID), checkText("by", c.By, MaxNameBytes, false))
}

// Validate implements [Command].
func (c *UpdateTask) Validate() error {
	if c.Assignee != nil {
		return Reject(CodeCommandInvalid, "the assignee is changed with task.assign")
	}
	if c.TaskChanges == (events.TaskChanges{}) {
		return Reject(CodeCommandInvalid, "the command changes nothing")
	}
	return firstError(checkID("task_id", c.TaskID), checkText("by", c.By, MaxNameBytes, false), checkChanges(&c.TaskChanges))
}

// MaxTaskPriority bounds the priority that a command or a zeebe model gives a
// user task; Camunda 7 and Flowable only recommend the range from 0 on.
const MaxTaskPriority = 100

func checkChanges(c *events.TaskChanges) error {
	for _, t := range []struct {
		field string
		text  *string
		limit int
	}{
		{"assignee", c.Assignee, MaxNameBytes},
		{"owner", c.Owner, MaxNameBytes},
		{"name", c.Name, MaxNameBytes},
		{"category", c.Category, MaxNameBytes},
		{"form_key", c.FormKey, MaxNameBytes},
		{"description", c.Description, MaxTextBytes},
	} {
		if t.text != nil {
			if err := checkText(t.field, *t.text, t.limit, false); err != nil {
				return err
			}
		}
	}
	for _, list := range []*[]string{c.CandidateUsers, c.CandidateGroups} {
		if list == nil {
			continue
		}
		if len(*list) > maxCandidates {
			return Reject(CodeCommandInvalid, "a list of candidates has %d entries; the limit is %d", len(*list), maxCandidates)
		}
		for _, who := range *list {
			if err := checkText("candidate", who, MaxNameBytes, true); err != nil {
				return err
			}
		}
	}
	for _, ms := range []*int64{c.DueMS, c.FollowUpMS} {
		if ms != nil && *ms < 0 {
			return Reject(CodeCommandInvalid, "a time is %d; expected milliseconds since 1970, or 0 for none", *ms)
		}
	}
	if c.Priority != nil && (*c.Priority < 0 || *c.Priority > MaxTaskPriority) {
		return Reject(CodeCommandInvalid, "priority is %d; expected 0 to %d", *c.Priority, MaxTaskPriority)
	}
	return nil
}

const maxCandidates = 1000

// Validate implements [Command].
func (c *AssignTask) Validate() error {
	return firstError(checkID("task_id", c.TaskID), checkText("assignee", c.Assignee, MaxNameBytes, c.Claim))
}

// Validate implements [Command].
func (c *ResolveIncident) Validate() error {
	if c.Retries < 0 || c.Retries > 1_000_000 {
		return Reject(CodeCommandInvalid, "retries is %d; expected 0 to 1000000", c.Retries)
	}
	return checkID("incident_id", c.IncidentID)
}

// maxMS bounds times to live and back-offs: ten years.
const maxMS = 10 * 366 * 24 * 3600 * 1000

// Validate implements [Command].
func (c *PublishMessage) Validate() error {
	if c.TTLMS < 0 || c.TTLMS > maxMS {
		return Reject(CodeCommandInvalid, "ttl_ms is %d; expected 0 to %d (10 years)", c.TTLMS, int64(maxMS))
	}
	if c.InstanceID != "" {
		if _, err := ids.ParseInstance(c.InstanceID); err != nil {
			return Reject(CodeIDInvalid, "%v", err)
		}
	}
	return firstError(
		checkText("name", c.Name, MaxNameBytes, true),
		checkText("correlation_key", c.CorrelationKey, MaxNameBytes, false),
		checkText("message_id", c.MessageID, MaxNameBytes, false),
		checkText("business_key", c.BusinessKey, MaxNameBytes, false),
	)
}

// Internal commands are made by the engine itself; the origin that they must
// carry is what is checked.

// Validate implements [Command].
func (*FireTimer) Validate() error         { return nil }
func (*FireStartTimer) Validate() error    { return nil }
func (*RetryJob) Validate() error          { return nil }
func (*ExpireMessage) Validate() error     { return nil }
func (*Subscribe) Validate() error         { return nil }
func (*Unsubscribe) Validate() error       { return nil }
func (*Correlate) Validate() error         { return nil }
func (*AnswerMessage) Validate() error     { return nil }
func (*StartBuffered) Validate() error     { return nil }
func (*ContinueLoop) Validate() error      { return nil }
func (*BeginElement) Validate() error      { return nil }
func (*RecordEnded) Validate() error       { return nil }
func (*ActivateProcesses) Validate() error { return nil }

func checkID(field, s string) error {
	if s == "" {
		return Reject(CodeCommandInvalid, "the field %s is required", field)
	}
	if _, _, err := ids.Split(s); err != nil {
		return Reject(CodeIDInvalid, "%s: %v", field, err)
	}
	return nil
}

// Documents returns the variable documents that a command carries, for the
// check of their size.
func Documents(c Command) []variables.Document {
	switch c := c.(type) {
	case *StartInstance:
		return []variables.Document{c.Variables}
	case *SetVariables:
		return []variables.Document{c.Variables}
	case *CompleteJob:
		return []variables.Document{c.Variables}
	case *ThrowError:
		return []variables.Document{c.Variables}
	case *CompleteTask:
		return []variables.Document{c.Variables}
	case *PublishMessage:
		return []variables.Document{c.Variables}
	case *Trigger:
		return []variables.Document{c.Variables}
	case *BroadcastSignal:
		return []variables.Document{c.Variables}
	case *Evaluate:
		return []variables.Document{c.Variables}
	}
	return nil
}

// Kinds returns every kind in ascending order, internal ones included.
func Kinds() []Kind {
	out := make([]Kind, 0, len(kinds))
	for k := range kinds {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// New returns an empty command of the kind.
func New(k Kind) (Command, error) {
	s, ok := kinds[k]
	if !ok {
		return nil, Reject(CodeCommandUnknown, "the kind %q is not known; the kinds are listed in docs/commands.md", k)
	}
	return s.new(), nil
}

// Internal says whether only the engine itself may send the kind.
func Internal(k Kind) bool { return kinds[k].internal }

// Error is a rejection: the caller asked for what cannot be done. It changes
// nothing, is recorded and is the answer to the command.
type Error struct {
	Code    Code
	Message string
}

func (e *Error) Error() string { return fmt.Sprintf("%s [%s]", e.Message, e.Code) }

// Is compares codes, so that errors.Is(err, &Error{Code: c}) works.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

// Reject makes a rejection.
func Reject(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}
