package bpmn

import (
	"github.com/weir-bpm/weir/expression"
	"github.com/weir-bpm/weir/expression/timers"
)

// Definitions is one parsed BPMN file: its processes and the root elements
// they refer to. It is immutable after [Parse].
type Definitions struct {
	ID              string
	TargetNamespace string
	Exporter        string
	Dialect         Dialect
	Processes       []*Process // executable and not, in document order
	// Scripts are the files of the deployment that scripts of the model were read
	// from, by the names that the model gives them.
	Scripts []string
	// Bytes estimates the memory that the parsed model holds, for caches that
	// are bounded in bytes.
	Bytes int64
}

// Dialect is the family of extensions that decides where two say different
// things about one element.
type Dialect string

// The dialects.
const (
	DialectPlain    Dialect = "bpmn"
	DialectCamunda  Dialect = "camunda" // also operaton, activiti and fox namespaces
	DialectZeebe    Dialect = "zeebe"
	DialectFlowable Dialect = "flowable"
)

// Process is one <process>. It is itself the outermost flow scope.
type Process struct {
	ID         string
	Name       string
	Executable bool
	VersionTag string
	Line       int
	Dialect    Dialect
	// Settings are the choices of the deployment; see [Process.Setting].
	Settings map[string]string
	// HistoryTimeToLive is camunda's text: days or an ISO 8601 duration.
	HistoryTimeToLive string
	// HistoryTTL is how long ended instances are kept in the read models, nil for
	// ever: HistoryTimeToLive, or what the setting history-ttl says instead.
	HistoryTTL *timers.Duration
	// CandidateStarterUsers and CandidateStarterGroups say who may start the
	// process; both nil: everybody.
	CandidateStarterUsers  *Expression
	CandidateStarterGroups *Expression
	// CompensateInParallel says that all handlers of a compensation begin at
	// once, as in Camunda 7 and Zeebe; else in reverse order of completion. See
	// the setting compensation-order.
	CompensateInParallel bool
	// WriteEvents says that some event waits for writes of a variable; see
	// EventDefinition.OnWrite.
	WriteEvents bool
	// Scope holds the flow elements of the process; Scope.ID is the process id.
	Scope *Element
	// Elements is every flow node of the process at every depth, by Index.
	Elements []*Element
	// Flows is every sequence flow of the process at every depth.
	Flows []*SequenceFlow

	byID   map[string]*Element
	flowID map[string]*SequenceFlow
	joins  []*Join
}

// Element returns the flow node (or the process scope) with the id, or nil.
func (p *Process) Element(id string) *Element { return p.byID[id] }

// Flow returns the sequence flow with the id, or nil.
func (p *Process) Flow(id string) *SequenceFlow { return p.flowID[id] }

// Type is the kind of a flow node.
type Type string

// The types of flow nodes. The strings are part of the log format: events carry
// them.
const (
	TypeProcess           Type = "process"
	TypeStartEvent        Type = "startEvent"
	TypeEndEvent          Type = "endEvent"
	TypeCatchEvent        Type = "intermediateCatchEvent"
	TypeThrowEvent        Type = "intermediateThrowEvent"
	TypeBoundaryEvent     Type = "boundaryEvent"
	TypeTask              Type = "task" // undefined task
	TypeManualTask        Type = "manualTask"
	TypeServiceTask       Type = "serviceTask"
	TypeSendTask          Type = "sendTask"
	TypeReceiveTask       Type = "receiveTask"
	TypeUserTask          Type = "userTask"
	TypeScriptTask        Type = "scriptTask"
	TypeBusinessRuleTask  Type = "businessRuleTask"
	TypeSubProcess        Type = "subProcess"
	TypeEventSubProcess   Type = "eventSubProcess" // subProcess with triggeredByEvent
	TypeTransaction       Type = "transaction"
	TypeAdHocSubProcess   Type = "adHocSubProcess"
	TypeCallActivity      Type = "callActivity"
	TypeExclusiveGateway  Type = "exclusiveGateway"
	TypeParallelGateway   Type = "parallelGateway"
	TypeInclusiveGateway  Type = "inclusiveGateway"
	TypeEventBasedGateway Type = "eventBasedGateway"
	TypeComplexGateway    Type = "complexGateway"
)

// Element is a flow node. Fields that do not concern its type are zero.
type Element struct {
	ID    string
	Name  string
	Type  Type
	Line  int
	Index int // position in Process.Elements

	// Scope is the flow scope that contains the element: the process scope or a
	// subprocess. It is nil for the process scope itself.
	Scope *Element
	// Children are the flow nodes directly inside a scope, in document order.
	Children []*Element
	// EventStarts are the start events of the event subprocesses directly inside
	// a scope, in document order: what the scope listens for while it is active.
	EventStarts []*Element

	Incoming []*SequenceFlow
	Outgoing []*SequenceFlow
	Default  *SequenceFlow // the default flow among Outgoing, or nil

	// Boundary holds the boundary events attached to an activity, in document
	// order; AttachedTo is the other direction.
	Boundary   []*Element
	AttachedTo *Element
	// LinkTarget is the catch event of a link throw event.
	LinkTarget *Element
	// Interrupting is true for boundary events with cancelActivity and for
	// start events of event subprocesses with isInterrupting.
	Interrupting bool

	Event    *EventDefinition // events, and receive tasks (a message)
	Job      *JobDefinition   // elements that workers carry out
	UserTask *UserTaskDefinition
	Call     *CallDefinition
	Publish  *PublishDefinition // send tasks and message throw events that the engine carries out

	// SendsNothing marks a message throw event that does not say how its message is
	// sent: it is passed, as in Camunda 7.
	SendsNothing bool

	// Skip is flowable's skipExpression: where it is true and the instance
	// enables it, the activity is left at once.
	Skip *Expression

	// ServiceExpression is evaluated in place of a job; its value goes to
	// ResultVariable unless that is empty.
	ServiceExpression *Expression
	Script            *ScriptDefinition
	Decision          *DecisionDefinition
	ResultVariable    string

	// StartQuantity is how many tokens an activity waits for before it begins,
	// CompletionQuantity how many leave it over each flow; 0 and 1 are one.
	StartQuantity      int
	CompletionQuantity int
	// Loop is set for activities that run several times.
	Loop *LoopDefinition
	// AdHoc is set for ad-hoc subprocesses.
	AdHoc *AdHocDefinition
	// ForCompensation marks an activity that only a compensation starts;
	// CompensatedBy is the handler of a compensation boundary event.
	ForCompensation bool
	CompensatedBy   *Element
	// Compensable marks an activity that can be compensated after it has
	// completed: it has a handler, or holds activities that have.
	Compensable bool
	// Instantiate is set for receive tasks and event-based gateways that start
	// the process.
	Instantiate bool
	// ParallelEvents is set for event-based gateways of type Parallel.
	ParallelEvents bool
	// Triggered is set for elements that wait for a command which names them:
	// receive tasks without message, and flowable's triggerable tasks after their
	// work.
	Triggered bool
	// Activation says when a complex gateway takes its waiting tokens.
	Activation *Expression
	Listeners  []Listener
	// Form holds the fields of the form of a user task or start event, nil if the
	// model does not say them.
	Form *Form
	// Initiator is the variable of a start event that should receive who started.
	Initiator string

	Inputs  []Mapping // evaluated when the element is activated, in order
	Outputs []Mapping // evaluated when it completes, in order
	// PropagateAll says that all result variables go to the nearest owners when
	// the element has no Outputs.
	PropagateAll bool

	// PathResults are the results that go on with the token in place of being
	// written to their owners, TransientResults those that are there for what the
	// command leads to alone (flowable).
	PathResults      []string
	TransientResults []string
	// AllTransient says that all results are transient.
	AllTransient bool

	// PassInputs says that results go past the local variables that the inputs
	// made; see the setting input-results and [Element.Passes].
	PassInputs bool

	// Data are the variables that a process or subprocess begins with: its data
	// objects that have values, or that only it has.
	Data map[string]any

	// Properties are the modeller's key-value extension properties.
	Properties map[string]string
}

// NoneStart returns the none start event directly inside the scope, or nil.
func (e *Element) NoneStart() *Element {
	for _, c := range e.Children {
		if c.Type == TypeStartEvent && c.Event == nil {
			return c
		}
	}
	return nil
}

// CommandStart returns the start event at which a command or a call activity
// begins the process, or nil. It is the none start event. Outside Zeebe, without
// one, it is the only timer start event, or else the only start event, whatever
// that waits for: Camunda 7 and Flowable start such a process by its id.
func (p *Process) CommandStart() *Element {
	start := p.Scope.NoneStart()
	if start != nil || p.Dialect == DialectZeebe {
		return start
	}
	var timer *Element
	starts, timers := 0, 0
	for _, c := range p.Scope.Children {
		if c.Type != TypeStartEvent {
			continue
		}
		start, starts = c, starts+1
		if c.Event.Kind == EventTimer {
			timer, timers = c, timers+1
		}
	}
	switch {
	case timers == 1:
		return timer
	case starts == 1:
		return start
	}
	return nil
}

// StartGateway returns the event-based gateway with instantiate in front of an
// element, or nil: what the element catches starts the process (BPMN 2.0.2,
// 10.6.6).
func (e *Element) StartGateway() *Element {
	if len(e.Incoming) == 1 && e.Incoming[0].Source.Type == TypeEventBasedGateway && e.Incoming[0].Source.Instantiate {
		return e.Incoming[0].Source
	}
	return nil
}

// StartsProcess says whether what the element catches starts the process: it is
// a start event of the process, a receive task with instantiate, or stands behind
// an event-based gateway with instantiate.
func (e *Element) StartsProcess() bool {
	if e.Event == nil || e.Scope == nil || e.Scope.Type != TypeProcess {
		return false
	}
	return e.Type == TypeStartEvent || e.Instantiate || e.StartGateway() != nil
}

// SequenceFlow connects two flow nodes of one scope.
type SequenceFlow struct {
	ID        string
	Line      int
	Source    *Element
	Target    *Element
	Condition *Expression // nil: unconditional
	Listeners []Listener  // run when a token takes the flow
	// Skip is flowable's skipExpression, which stands in for the condition where
	// the instance enables it.
	Skip *Expression
}

// Expression is a compiled text of the model.
type Expression struct {
	Text string
	// Program is nil when the text is a constant; then Constant is its value.
	Program  expression.Program
	Constant any
	// Language is that of the program; a list or map of several has none.
	Language expression.Language
}

// Mapping assigns the value of an expression to a variable. Target may be a
// path such as "order.customer", which is merged into the variable.
type Mapping struct {
	Source *Expression
	Target string
	// All says that every variable is passed (camunda's variables="all").
	All bool
	// Local says that only the element's own scope is read, by mappings into a
	// called process, or written, by those out of it (camunda's local="true").
	Local bool
	// Transient says that the variable is there for what the command leads to
	// alone (flowable).
	Transient bool
	// IfSet is the variable without which nothing is written.
	IfSet string
	// TargetExpression gives the name in place of Target (flowable's
	// targetExpression).
	TargetExpression *Expression
}

// EventKind is what an event waits for or throws.
type EventKind string

// The event kinds.
const (
	EventMessage     EventKind = "message"
	EventTimer       EventKind = "timer"
	EventError       EventKind = "error"
	EventEscalation  EventKind = "escalation"
	EventSignal      EventKind = "signal"
	EventConditional EventKind = "conditional"
	EventCompensate  EventKind = "compensate"
	EventCancel      EventKind = "cancel"
	EventLink        EventKind = "link"
	EventTerminate   EventKind = "terminate"
	EventMultiple    EventKind = "multiple"
)

// EventDefinition says what an event waits for or throws.
type EventDefinition struct {
	Kind EventKind

	// Message: the name (may be an expression) and the correlation key; a nil
	// CorrelationKey correlates by name, business key, instance or variables.
	MessageName    *Expression
	CorrelationKey *Expression

	// Timer: exactly one is set.
	TimerDate     *Expression
	TimerDuration *Expression
	TimerCycle    *Expression
	// TimerEnd is when a cycle is over at the latest (flowable's endDate); nil:
	// its text alone says.
	TimerEnd *Expression

	// Signal: the name, which may be an expression. A local one goes no further
	// than the instance (flowable's scope processInstance). SignalPayload and
	// SignalBusinessKey are camunda's in mappings of a thrown signal.
	SignalName        *Expression
	SignalLocal       bool
	SignalPayload     []Mapping
	SignalBusinessKey *Expression

	// Conditional: the condition; VariableNames and VariableEvents (create,
	// update, delete) narrow what makes it look again, nil: everything.
	Condition      *Expression
	VariableNames  []string
	VariableEvents []string

	// OnWrite is set for Flowable's variable listener events: each write of one of
	// VariableNames is what they wait for, and Condition is nil.
	OnWrite bool

	// Link: the name that pairs throw and catch events of a scope; see
	// Element.LinkTarget.
	LinkName string

	// Compensate, thrown: the activity, nil for all of the scope. NoWait is set
	// when the throw does not wait for the handlers.
	Activity *Element
	NoWait   bool

	// Multiple: the events; ParallelMultiple needs all of them, else one does.
	Parts            []*EventDefinition
	ParallelMultiple bool

	// Terminate, in flowable: the outermost instance, or the enclosing
	// multi-instance activity, ends in place of the scope.
	TerminateAll  bool
	TerminateLoop bool

	// Error and escalation: an empty code catches all.
	Code            string
	CodeExpression  *Expression // thrown, in place of Code
	ErrorMessage    *Expression // thrown with an error
	CodeVariable    string      // variable that receives the code on catch
	MessageVariable string      // variable that receives the error message on catch
}

// Part returns a part of a multiple event, counted from 1; 0 is the definition
// itself.
func (d *EventDefinition) Part(n int) *EventDefinition {
	if n == 0 {
		return d
	}
	return d.Parts[n-1]
}

// Each returns the parts of a multiple event, or the definition alone.
func (d *EventDefinition) Each() []*EventDefinition {
	switch {
	case d == nil:
		return nil
	case d.Kind == EventMultiple:
		return d.Parts
	}
	return []*EventDefinition{d}
}

// JobDefinition says how workers carry out an element.
type JobDefinition struct {
	Type     *Expression
	Retries  *Expression       // nil: the default of 3
	Priority *Expression       // nil: the default of 0
	Headers  map[string]string // static configuration for the worker
	// Own says that the worker gets the variables of the element's own scope
	// alone: its inputs.
	Own bool
	// Errors are thrown after an attempt, the first whose condition holds.
	Errors []JobError
	// RetryCycle is camunda's failedJobRetryTimeCycle, such as R5/PT5M or a
	// comma list; empty: the engine's back-off.
	RetryCycle string
	// RetryExpression gives the retry cycle when the job is created; nil: it is
	// RetryCycle.
	RetryExpression *Expression
	// Links are the resources that the worker takes along, such as the script of
	// a robot (zeebe). It finds them in the header [LinksHeader].
	Links []LinkedResource
}

// LinksHeader is the header of a job with its linked resources, as JSON: a list
// of objects with resourceId, resourceType, linkName, bindingType and, where the
// binding says so, versionTag or deployment.
const LinksHeader = "linkedResources"

// LinkedResource names a resource that a job is about. The engine does not hold
// it: the worker fetches the version that the binding names.
type LinkedResource struct {
	ID         *Expression
	Type, Name string
	Binding    Binding
	VersionTag string // for BindingVersionTag
}

// PublishDefinition says which message the engine publishes for a send task or a
// message throw or end event. Its variables are those of the element's inputs.
type PublishDefinition struct {
	Name           *Expression
	CorrelationKey *Expression
	MessageID      *Expression // nil: none
	TTL            *Expression // an ISO 8601 duration; nil: not buffered
}

// UserTaskDefinition says who should do a user task, and with which form.
type UserTaskDefinition struct {
	Assignee        *Expression
	CandidateUsers  *Expression // a list or a comma-separated text
	CandidateGroups *Expression
	DueDate         *Expression
	FollowUpDate    *Expression
	Priority        *Expression
	FormKey         *Expression
	FormID          string
	// FormBinding and FormVersion say which version of the form is meant, for
	// the client that shows it; empty: the latest.
	FormBinding Binding
	FormVersion *Expression
	// Owner and Category are flowable's; Description is the documentation of the
	// element.
	Owner       *Expression
	Category    *Expression
	Description string
	// IDVariable and CompleterVariable are flowable's variables that receive the
	// id of the task and who completed it.
	IDVariable        *Expression
	CompleterVariable *Expression
}

// Binding says which version of a called definition is used.
type Binding string

// The bindings.
const (
	BindingLatest     Binding = "latest"
	BindingDeployment Binding = "deployment"
	BindingVersion    Binding = "version"
	BindingVersionTag Binding = "versionTag"
)

// CallDefinition says which process a call activity runs.
type CallDefinition struct {
	ProcessID *Expression
	// ByID says that ProcessID is the id of a version, such as order:3, as
	// execution.processDefinitionId gives it (flowable).
	ByID        bool
	Binding     Binding
	Version     *Expression // for BindingVersion
	VersionTag  *Expression // for BindingVersionTag
	BusinessKey *Expression // nil: none is passed
	// InheritBusinessKey passes the caller's own key where BusinessKey is nil.
	InheritBusinessKey bool
	// TenantID is camunda's calledElementTenantId; nil: the caller's.
	TenantID *Expression
	// IDVariable names flowable's variable that receives the id of the called
	// instance.
	IDVariable *Expression
	// PassAll says that all variables of the caller are passed in when there are
	// no In mappings, PassLocal only those of the call activity's own scope;
	// Element.PropagateAll is the way back.
	PassAll   bool
	PassLocal bool
	// In and Out are the mappings between the caller's and the child's scopes.
	In  []Mapping
	Out []Mapping
}

// ScriptDefinition is a script that the engine runs itself.
type ScriptDefinition struct {
	Source *Expression
}

// DecisionDefinition says which decision a business rule task evaluates.
type DecisionDefinition struct {
	DecisionID *Expression
	Binding    Binding
	Version    *Expression // for BindingVersion
	VersionTag *Expression // for BindingVersionTag
	// MapResult is camunda's mapDecisionResult: singleEntry, singleResult,
	// collectEntries or resultList; or MapResultFlowable; empty for zeebe, where
	// the result is as the decision gives it.
	MapResult string
	// ElseLatest says that the latest version is used where the deployment has
	// none.
	ElseLatest bool
	// ErrorOnNoHits makes a fault of a table in which no rule matches.
	ErrorOnNoHits bool
}

// MapResultFlowable makes each output of a decision a variable of its own.
const MapResultFlowable = "flowable"

// Aggregation collects a value from each turn of a loop.
type Aggregation struct {
	// Transient says that the list is there for what the command leads to alone.
	Transient bool
	Target    string
	Element   *Expression
}

// Counters is a family of names of multi-instance counters.
type Counters int

// The families. Plain BPMN has both.
const (
	CountersPlain   Counters = iota
	CountersClassic          // nrOfInstances, … of camunda and flowable
	CountersZeebe            // numberOfInstances, …
)

// LoopDefinition says how often an activity runs (BPMN 2.0.2, 10.3.8).
type LoopDefinition struct {
	Line       int
	Standard   bool // a standard loop; else multi-instance
	Sequential bool

	Cardinality *Expression // how many, or
	Collection  *Expression // one for each item
	// ElementVariable receives the item, Counter the number of the turn.
	ElementVariable string
	Counter         string
	// Counters says which names the counters have, and whether turns count from
	// 1 (zeebe) or from 0.
	Counters Counters
	// OutputCollection collects the value of OutputElement of each run.
	OutputCollection string
	OutputElement    *Expression
	// ResultVariable is the variable that OutputElement reads, which each turn
	// has for itself; empty if it is more than a name or a path.
	ResultVariable string
	// Aggregations are flowable's: each Target gets a list of what Element gave
	// in the turns that completed. Overview is the one that shows while the loop
	// runs; empty: none.
	Aggregations []Aggregation
	Overview     string
	// Completion ends the whole when it is true after a run.
	Completion *Expression

	// Standard loops: run while Condition holds, tested before or after each
	// run, at most Maximum times (0: no bound).
	Condition  *Expression
	TestBefore bool
	Maximum    int64
}

// AdHocDefinition says how an ad-hoc subprocess runs (BPMN 2.0.2, 10.3.5).
type AdHocDefinition struct {
	Sequential      bool
	CancelRemaining bool
	Completion      *Expression
	// ActiveElements is zeebe's list of the elements to start; nil: all that
	// have no incoming flow.
	ActiveElements *Expression
	// OutputCollection collects the value of OutputElement of each activity.
	OutputCollection string
	OutputElement    *Expression
	// ResultVariable is the variable that OutputElement reads, which each
	// activity has for itself; see [LoopDefinition].
	ResultVariable string
	// Choices describes what the worker of a subprocess that has a job can
	// choose from: it is the variable [AdHocChoices] of the subprocess.
	Choices []any
	// StartAll says that all activities without incoming flow begin, Manual that
	// it ends only by its condition or by a command (flowable).
	StartAll bool
	Manual   bool
}

// AdHocChoices is the variable of an ad-hoc subprocess that has a job: a list of
// objects with elementId and, where the element has them, elementName,
// documentation and properties.
const AdHocChoices = "adHocSubProcessElements"

// Listener is run at a transition of an element or user task.
type Listener struct {
	Task bool // a user-task listener; else an execution listener
	// Event is start, end or take, in zeebe also cancel and beforeAll, and for
	// user tasks create, assignment, update, complete, delete, timeout or all
	// (camunda and flowable), or creating, assigning, updating, completing or
	// canceling (zeebe).
	Event string
	// ID names a timeout listener, and Timer says when it is due.
	ID    string
	Timer *EventDefinition
	// Job is done by a worker, which the element waits for.
	Job *JobDefinition
	// Expression is evaluated in place when there is no job.
	Expression *Expression
	Line       int
}
