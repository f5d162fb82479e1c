package engine

import (
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/vmihailenco/msgpack/v5"

	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/dmn"
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/variables"
)

// Definitions is what a decision may ask about deployed processes. What it
// answered is recorded in the events, so replay never asks.
type Definitions interface {
	Latest(tenant, processID string) (events.DefinitionRef, bool)
	Version(tenant, processID string, version int) (events.DefinitionRef, bool)
	VersionTag(tenant, processID, tag string) (events.DefinitionRef, bool)
	InDeployment(tenant, deployment, processID string) (events.DefinitionRef, bool)
	LatestDecision(tenant, decisionID string) (events.DecisionRef, bool)
	DecisionVersion(tenant, decisionID string, version int) (events.DecisionRef, bool)
	DecisionVersionTag(tenant, decisionID, tag string) (events.DecisionRef, bool)
	DecisionInDeployment(tenant, deployment, decisionID string) (events.DecisionRef, bool)
	// Model returns the executable model of a version. An error is transient:
	// the shell drops the state and tries again.
	Model(tenant string, ref events.DefinitionRef) (*bpmn.Process, error)
	// Decision returns the model that holds a version of a decision, with errors
	// like those of Model.
	Decision(tenant string, ref events.DecisionRef) (*dmn.Model, error)
}

// Decision is what one command leads to. Its transitions have been applied to
// the state already.
type Decision struct {
	Transitions []events.Transition
	// Result is the answer to the caller, without its position.
	Result commands.Result
	// Offered names the jobs that are now offered to workers, and Withdrawn
	// those that no longer are.
	Offered   []JobRef
	Withdrawn []WithdrawnJob
	// Repeated says that the command was known; Seq is then where its first
	// decision stands, 0 if it has not been stored yet.
	Repeated bool
	Seq      uint64
}

// JobRef names an open job.
type JobRef struct {
	_msgpack struct{} `msgpack:",as_array"` //nolint:unused // read by msgpack
	Instance ids.Instance
	Key      ids.Key
}

// WithdrawnJob is a job whose message is to be taken out of the work queue.
type WithdrawnJob struct {
	JobRef
	Tenant   string
	Type     string
	Priority int
}

// ModelError says that a model could not be loaded. It is transient.
type ModelError struct{ Err error }

func (e *ModelError) Error() string { return fmt.Sprintf("load model: %v", e.Err) }

// Unwrap returns the cause.
func (e *ModelError) Unwrap() error { return e.Err }

// decider is one decision being made.
type decider struct {
	*State
	defs Definitions
	cmd  commands.Envelope
	seq  uint64 // of the frame that the decision will be in

	out     Decision
	queue   []func()
	derived int
	steps   int
	// settled is the first transition whose instance has changed since the joins
	// of all that had changed were asked.
	settled int
	bytes   int // of variables written
	// eventBytes estimates what else has been written.
	eventBytes int
	// turns counts the turns of loops that have begun, turnBytes what they will
	// write.
	turns, turnBytes int
	// ended counts the element instances that have been ended one by one.
	ended int
	// calling counts the called instances that have still to begin.
	calling int
	// turnsBefore counts those of the commands that led here without a wait.
	turnsBefore int
	// begun is how often a row of elements that led here has waited for a command
	// of its own; see beginOrWait.
	begun int
	// scriptSteps is what scripts have used of Config.MaxScriptSteps.
	scriptSteps int64
	// answered says that the answer has been recorded.
	answered bool
	// warnings say why parts of the newest evaluation gave null.
	warnings []string
	// check lists the scopes that may have become empty.
	check []scopeRef
	// hops counts the signals and messages thrown in a row that led here.
	hops int
	// row is the first of them, once there are two.
	row ids.Command
	// changes are the variables written since the conditions of an instance were
	// last looked at.
	changes map[ids.Instance][]change
	// transient are variables that live until the command has been decided.
	transient map[ids.Instance]variables.Document
	// written are the writes that variable listener events have not been told of.
	written []written
	// waves counts, by scope, how often a terminate end event or an event
	// subprocess has ended all of its tokens: one that was on its way before that
	// never arrives.
	waves map[scopeRef]int
}

type scopeRef struct {
	instance ids.Instance
	key      ids.Key
}

// Decide decides a command and applies what it leads to. A rejection is part
// of the decision. The error is a *CorruptError, a *LoadError or a *ModelError;
// the state is then unusable and must be rebuilt from the log.
func (s *State) Decide(cmd commands.Envelope, defs Definitions) (decision *Decision, err error) {
	d := &decider{State: s, defs: defs, cmd: cmd, seq: s.LastSeq + 1}
	defer func() {
		switch r := recover().(type) {
		case nil:
		case *CorruptError:
			decision, err = nil, r
		case *LoadError:
			decision, err = nil, r
		case *ModelError:
			decision, err = nil, r
		default:
			panic(r)
		}
	}()
	if d.repeated() {
		return &d.out, nil
	}
	rejection := d.decide()
	if rejection != nil {
		d.reject(rejection)
	}
	return &d.out, nil
}

// repeated answers a command that was decided before.
func (d *decider) repeated() bool {
	if o := d.cmd.Origin; o != nil {
		// A command from another partition comes in order; one that was seen
		// is dropped, and after a gap the sender starts again from the gap.
		if o.N != d.origins[o.Partition]+1 && o.Partition != events.OriginDefinitions || o.N <= d.origins[o.Partition] {
			d.out.Repeated = true
			return true
		}
		return false
	}
	if d.cmd.Seq == 0 {
		return false
	}
	a, ok := d.recent.get(d.cmd.ID)
	if !ok {
		return false
	}
	d.out.Repeated, d.out.Seq = true, a.Seq
	if len(a.Result) > 0 {
		if err := msgpack.Unmarshal(a.Result, &d.out.Result); err != nil {
			panic(corrupt("recorded answer of command %s: %v", d.cmd.ID, err))
		}
	}
	r := &d.out.Result
	r.Code, r.Message = a.Code, a.Message
	if r.InstanceID == "" {
		r.InstanceID = string(a.Instance)
	}
	if r.Definition == "" {
		r.Definition = a.Definition
	}
	return true
}

// reject records a rejection. Nothing was emitted before it: deciders look
// first.
func (d *decider) reject(e *commands.Error) {
	if len(d.out.Transitions) > 0 {
		panic(corrupt("command %s was rejected (%v) after it had changed the state", d.cmd.ID, e))
	}
	d.out.Result = commands.Result{Code: e.Code, Message: e.Message}
	d.emit("", &events.CommandRejected{Code: string(e.Code), Message: e.Message})
}

// RejectUnread is the decision for a command that could not be decoded.
func (s *State) RejectUnread(cmd commands.Envelope, e *commands.Error) *Decision {
	d := &decider{State: s, cmd: cmd, seq: s.LastSeq + 1}
	if !d.repeated() {
		d.reject(e)
	}
	return &d.out
}

// RejectUndecidable is the decision for a command that cannot be decided however
// often it is tried, because what it would write does not fit into a frame. A
// caller is told. One of the engine to itself, which nobody waits for, stops the
// instance that it is about with an incident: it is part of what the model does.
func (s *State) RejectUndecidable(cmd commands.Envelope, e *commands.Error) *Decision {
	if cmd.Origin == nil {
		return s.RejectUnread(cmd, e)
	}
	d := &decider{State: s, cmd: cmd, seq: s.LastSeq + 1}
	if d.repeated() {
		return &d.out
	}
	in := d.Instance(cmd.Instance)
	if in == nil || in.canceling() {
		d.reject(e)
		return &d.out
	}
	payload, err := commands.Encode(cmd.Command)
	if err != nil {
		panic(corrupt("encode %s: %v", cmd.Command.Kind(), err))
	}
	root := in.Elements[0]
	d.emit(in.ID, &events.IncidentRaised{
		Key: in.nextKey(), Element: root.Key, ElementID: root.ElementID, Step: events.StepCommand,
		Code: string(e.Code), Message: truncate(string(cmd.Command.Kind())+": "+e.Message, commands.MaxTextBytes),
		Command: string(cmd.Command.Kind()), Payload: payload,
	})
	return &d.out
}

// decide finds the decider of the command's kind, then moves all tokens until
// they rest.
func (d *decider) decide() *commands.Error {
	rejection := d.misplaced()
	if rejection != nil {
		return rejection
	}
	switch c := d.cmd.Command.(type) {
	case *commands.StartInstance:
		rejection = d.decideStart(c)
	case *commands.CancelInstance:
		rejection = d.decideCancel(c)
	case *commands.SetVariables:
		rejection = d.decideSetVariables(c)
	case *commands.CompleteJob:
		rejection = d.decideCompleteJob(c)
	case *commands.FailJob:
		rejection = d.decideFailJob(c)
	case *commands.ThrowError:
		rejection = d.decideThrowError(c)
	case *commands.UpdateRetries:
		rejection = d.decideUpdateRetries(c)
	case *commands.RetryJob:
		d.decideRetryJob(c)
	case *commands.CompleteTask:
		rejection = d.decideCompleteTask(c)
	case *commands.AssignTask:
		rejection = d.decideAssignTask(c)
	case *commands.UpdateTask:
		rejection = d.decideUpdateTask(c)
	case *commands.ResolveIncident:
		rejection = d.decideResolveIncident(c)
	case *commands.PublishMessage:
		rejection = d.decidePublish(c)
	case *commands.ExpireMessage:
		d.decideExpireMessage(c)
	case *commands.Subscribe:
		d.subscribe(&c.Waiter)
	case *commands.Unsubscribe:
		d.unsubscribe(&c.Waiter)
	case *commands.Correlate:
		d.correlate(&c.Sent, c.Variables, c.Hops, c.Row)
	case *commands.AnswerMessage:
		d.messageAnswered(&c.Answer)
	case *commands.FireTimer:
		d.decideFireTimer(c)
	case *commands.FireStartTimer:
		d.decideFireStartTimer(c)
	case *commands.StartBuffered:
		d.startBuffered(homeKey{c.Tenant, c.Name, c.CorrelationKey}, c.ProcessID)
	case *commands.ActivateAdHoc:
		rejection = d.decideActivateAdHoc(c)
	case *commands.RecordEnded:
		d.decideRecordEnded()
	case *commands.Trigger:
		rejection = d.decideTrigger(c)
	case *commands.BeginElement:
		d.decideBeginElement(c)
	case *commands.ContinueLoop:
		d.decideContinueLoop(c)
	case *commands.ActivateProcesses:
		d.decideActivateProcesses(c)
	case *commands.BroadcastSignal:
		rejection = d.decideBroadcast(c)
	case *commands.ThrowMessage:
		d.publishThrown(&c.Message)
	case *commands.ThrowSignal:
		d.broadcast(&c.Signal)
	case *commands.SpreadSignal:
		d.spread(&c.Signal, c.After, c.Next)
	case *commands.DeliverSignal:
		d.deliverSignal(&c.Signal, c.After, c.UpTo)
	case *commands.Evaluate:
		rejection = d.decideEvaluate(c)
	default:
		rejection = commands.Reject(commands.CodeCommandUnknown, "no decider for %T", c)
	}
	if rejection != nil {
		return rejection
	}
	d.run()
	switch fromStream := d.cmd.Seq > 0 || d.cmd.Origin != nil; {
	case !fromStream:
	case len(d.out.Transitions) == 0:
		// The command is recorded though it changed nothing, so that its
		// repetition is known.
		d.recordAnswer()
	case d.cmd.Origin == nil && !d.answered && string(d.out.Transitions[0].Instance) != d.out.Result.InstanceID:
		// The first events are of another instance, such as a called one that
		// ends first: the repetition would be answered with that one.
		d.recordAnswer()
	}
	return nil
}

// recordAnswer records the result as it stands.
func (d *decider) recordAnswer() {
	if d.cmd.Origin != nil {
		d.out.Transitions = append(d.out.Transitions, d.transition(""))
		d.beginTransition(&d.out.Transitions[len(d.out.Transitions)-1], d.seq)
		return
	}
	data, err := msgpack.Marshal(&d.out.Result)
	if err != nil {
		panic(corrupt("encode answer: %v", err))
	}
	d.answered = true
	d.emit("", &events.CommandAnswered{Result: data})
}

func (d *decider) transition(id ids.Instance) events.Transition {
	return events.Transition{Command: d.cmd.ID, CommandSeq: d.cmd.Seq, Origin: d.cmd.Origin, Instance: id, TimeMS: d.cmd.TimeMS}
}

// emit records an event and applies it. An empty id is the partition itself.
func (d *decider) emit(id ids.Instance, e events.Event) {
	n := len(d.out.Transitions)
	if n == 0 || d.out.Transitions[n-1].Instance != id {
		d.out.Transitions = append(d.out.Transitions, d.transition(id))
		d.beginTransition(&d.out.Transitions[n], d.seq)
		n++
	}
	t := &d.out.Transitions[n-1]
	t.Events = append(t.Events, e)
	d.eventBytes += eventSize(e)
	if set, ok := e.(*events.VariablesSet); ok {
		d.variablesChange(id, set)
	}
	d.apply(t, e, d.seq)
}

// later queues a part of the decision behind what is queued already. Tokens
// move breadth first, so no model can make the Go stack deep.
func (d *decider) later(f func()) { d.queue = append(d.queue, f) }

// run moves tokens until they rest, then completes the scopes that have become
// empty, innermost first, then lets joins go on that no token can reach any more,
// until nothing moves.
func (d *decider) run() {
	for {
		for len(d.queue) > 0 {
			f := d.queue[0]
			d.queue = d.queue[1:]
			f()
		}
		if len(d.check) == 0 {
			if d.settle() || d.tellWritten() {
				continue
			}
			return
		}
		// The newest scope is the innermost one: keys grow inwards.
		i := len(d.check) - 1
		ref := d.check[i]
		d.check = d.check[:i]
		d.scopeMayBeDone(ref)
	}
}

// checkScope notes that a scope may have become empty.
func (d *decider) checkScope(in *Instance, key ids.Key) {
	ref := scopeRef{in.ID, key}
	if !slices.Contains(d.check, ref) {
		d.check = append(d.check, ref)
	}
}

// nextKey is the key of the next thing that an event of the instance creates.
func (in *Instance) nextKey() ids.Key { return in.LastKey + 1 }

// model returns the model of an instance.
func (d *decider) model(in *Instance) *bpmn.Process {
	m, err := d.defs.Model(in.Tenant, in.Definition)
	if err != nil {
		panic(&ModelError{Err: fmt.Errorf("%s: %w", in.Definition.ID(), err)})
	}
	return m
}

// node returns the flow node of an element instance.
func (d *decider) node(in *Instance, el *Element) *bpmn.Element {
	return d.nodeByID(in, el.ElementID)
}

func (d *decider) nodeByID(in *Instance, id string) *bpmn.Element {
	m := d.model(in)
	if id == m.ID {
		return m.Scope
	}
	n := m.Element(id)
	if n == nil {
		panic(corrupt("element %s is not in the model of %s", id, in.Definition.ID()))
	}
	return n
}

// instance finds the instance that a command is for.
func (d *decider) instance() (*Instance, *commands.Error) {
	in := d.Instance(d.cmd.Instance)
	if in == nil {
		return nil, d.noInstance(d.cmd.Instance)
	}
	if in.Tenant != d.cmd.Tenant {
		return nil, commands.Reject(commands.CodeTenantMismatch, "instance %s belongs to another tenant than %q", in.ID, d.cmd.Tenant)
	}
	if in.canceling() {
		return nil, commands.Reject(commands.CodeInstanceFinished, "instance %s is being canceled", in.ID)
	}
	d.out.Result.InstanceID = string(in.ID)
	return in, nil
}

func (d *decider) noInstance(id ids.Instance) *commands.Error {
	if how, ok := d.finished.get(id); ok {
		return commands.Reject(commands.CodeInstanceFinished, "instance %s has been %s", id, how)
	}
	return commands.Reject(commands.CodeInstanceNotFound, "no instance %s is active", id)
}

// checkVariables refuses documents over the limit.
func (d *decider) checkVariables(docs ...variables.Document) *commands.Error {
	for _, doc := range docs {
		if n := variables.Size(doc); n > d.cfg.MaxVariablesBytes {
			return commands.Reject(commands.CodeVariablesTooLarge, "the variables have %d bytes; the limit is %d", n, d.cfg.MaxVariablesBytes)
		}
	}
	return nil
}

// misplaced refuses a command of a caller for an instance of another partition.
func (d *decider) misplaced() *commands.Error {
	id := d.cmd.Instance
	if id == "" || commands.Internal(d.cmd.Command.Kind()) {
		return nil
	}
	switch d.cmd.Command.(type) {
	case *commands.PublishMessage, *commands.BroadcastSignal, *commands.Evaluate:
		return nil // it goes to its home, whatever id its subject has
	}
	if id.Partition() == d.cfg.Partition {
		return nil
	}
	return commands.Reject(commands.CodeCommandMisrouted, "%s lives in partition %s, but the command came to %s", id, id.Partition(), d.cfg.Partition)
}

// fault is a failure of the model or its data; it becomes an incident.
type fault struct {
	code    commands.Code
	message string
}

func faultf(code commands.Code, format string, args ...any) *fault {
	return &fault{code: code, message: fmt.Sprintf(format, args...)}
}

// asRejection lets a caller see a fault that stands in the way of its command.
func (f *fault) asRejection() *commands.Error {
	return &commands.Error{Code: f.code, Message: f.message}
}

// raise stops an element with an incident.
func (d *decider) raise(in *Instance, el *Element, step events.Step, job ids.Key, f *fault) {
	d.emit(in.ID, &events.IncidentRaised{
		Key: in.nextKey(), Element: el.Key, ElementID: el.ElementID, Job: job,
		Step: step, Code: string(f.code), Message: truncate(f.message, commands.MaxTextBytes),
	})
}

// raiseAt is raise for what is wrong with an event of the element.
func (d *decider) raiseAt(in *Instance, el *Element, event string, step events.Step, f *fault) {
	d.emit(in.ID, &events.IncidentRaised{
		Key: in.nextKey(), Element: el.Key, ElementID: event,
		Step: step, Code: string(f.code), Message: truncate(f.message, commands.MaxTextBytes),
	})
}

// raiseWith is raise for a step that could not yet write the variables it was
// given: they stay with the incident, and resolving it takes them up again.
func (d *decider) raiseWith(in *Instance, el *Element, step events.Step, f *fault, results variables.Document) {
	d.emit(in.ID, &events.IncidentRaised{
		Key: in.nextKey(), Element: el.Key, ElementID: el.ElementID,
		Step: step, Code: string(f.code), Message: truncate(f.message, commands.MaxTextBytes), Results: results,
	})
}

// truncate shortens a text to the limit in bytes, between two characters.
func truncate(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	end := limit - len("...")
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + "..."
}

// IsTransient says whether an error of Decide may vanish by trying again on a
// rebuilt state.
func IsTransient(err error) bool {
	var load *LoadError
	var model *ModelError
	return errors.As(err, &load) || errors.As(err, &model)
}
