package engine

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/variables"
)

// Config holds what a partition is and the limits of its decisions. The limits
// bear on Decide alone: a frame written under other limits replays the same.
type Config struct {
	Partition ids.Partition
	// Homes is the partition count the cluster was created with; message and
	// process homes are found with it.
	Homes int
	// Partitions is the present partition count, which signals spread over; it
	// is at least Homes. It bears on Decide alone.
	Partitions int
	// Zone is the time zone of dates without one, of the days of durations and of
	// cron expressions; nil is UTC. CatchUpEach makes a cycle fire once for each
	// time that passed while the engine was down, where its model does not say;
	// else it fires once and goes on from now. Both bear on Decide alone.
	Zone        *time.Location
	CatchUpEach bool
	// MaxVariablesBytes bounds one variable document, in bytes of msgpack.
	// Default 1 MiB.
	MaxVariablesBytes int
	// MaxInstanceBytes bounds all variables of one instance together, and
	// MaxDecisionBytes what one command may write; a commit frame and a job have
	// to fit into one NATS message. Default 4 MiB each.
	MaxInstanceBytes int
	MaxDecisionBytes int
	// MaxFrameBytes is the size of the largest frame that the log takes. A
	// decision that has filled the better part of one begins no other element,
	// and the other bounds of bytes are lowered to what fits. Default 8 MiB.
	MaxFrameBytes int
	// MaxSteps bounds how many tokens one command moves. Default 10,000.
	MaxSteps int
	// MaxEnded bounds how many element instances one command ends one by one; the
	// end of more is recorded in parts of that size. Default 1,000.
	MaxEnded int
	// MaxTurns bounds how often one multi-instance activity runs. Default
	// 50,000.
	MaxTurns int
	// MaxScriptSteps bounds what the scripts of one command take together, in
	// the steps of package script. Default 50 million, some seconds.
	MaxScriptSteps int64
	// MaxHops bounds how many signals and messages instances may throw at one
	// another in a row, without a wait for anything else: each is a command of
	// its own where they cross partitions, which MaxSteps does not see. Where each
	// throws more than one it bounds too, from the tenth on, how many instances of
	// a partition they may reach. Default 1,000.
	MaxHops int
	// MaxCallDepth bounds how deep call activities nest. Default 64.
	MaxCallDepth int
	// MaxCallTree bounds how many called instances one outermost instance has
	// active at a time, at all depths together. Default 10,000.
	MaxCallTree int
	// MaxTurnsInRow bounds how many turns loops begin without a wait for anything
	// else, over all the commands that they are spread over. Default a million.
	MaxTurnsInRow int
	// MaxRecent is how many commands and finished instances are remembered for
	// repeated commands. Default 16,384. It is part of the state: all owners
	// of a partition must use the same.
	MaxRecent int
}

// WithDefaults fills in the zero fields.
func (c Config) WithDefaults() Config {
	c.Homes = cmp.Or(c.Homes, 1)
	c.Partitions = max(c.Partitions, c.Homes)
	c.MaxFrameBytes = cmp.Or(c.MaxFrameBytes, 8<<20)
	c.MaxVariablesBytes = min(cmp.Or(c.MaxVariablesBytes, 1<<20), c.MaxFrameBytes/6)
	c.MaxInstanceBytes = cmp.Or(c.MaxInstanceBytes, 4<<20)
	c.MaxDecisionBytes = min(cmp.Or(c.MaxDecisionBytes, 4<<20), c.MaxFrameBytes/2)
	c.MaxSteps = cmp.Or(c.MaxSteps, 10_000)
	c.MaxEnded = cmp.Or(c.MaxEnded, 1000)
	c.MaxTurns = cmp.Or(c.MaxTurns, 50_000)
	c.MaxScriptSteps = cmp.Or(c.MaxScriptSteps, 50_000_000)
	c.MaxHops = cmp.Or(c.MaxHops, 1000)
	c.MaxCallDepth = cmp.Or(c.MaxCallDepth, 64)
	c.MaxCallTree = cmp.Or(c.MaxCallTree, 10_000)
	c.MaxTurnsInRow = cmp.Or(c.MaxTurnsInRow, 1_000_000)
	c.MaxRecent = cmp.Or(c.MaxRecent, 16_384)
	return c
}

// Loader brings back instances that were passivated.
type Loader interface {
	// LoadInstance returns the bytes that [EncodeInstance] gave when the
	// instance was passivated at the event sequence. The place is the one that
	// [State.Passivate] was told.
	LoadInstance(id ids.Instance, seq, place uint64) ([]byte, error)
}

// resting is what stays in memory of a passivated instance.
type resting struct {
	seq   uint64 // of its newest event
	place uint64 // of its snapshot; it is the loader's and no part of the state
}

// State is all that one partition knows. It is not safe for concurrent use.
type State struct {
	cfg    Config
	loader Loader

	// LastSeq is the sequence of the newest frame applied, and LastCommand the
	// newest sequence of the command stream that it covers.
	LastSeq     uint64
	LastCommand uint64
	// EffectsDone is the effects watermark of the newest frame.
	EffectsDone uint64
	// Epoch is the owner's epoch in the newest frame.
	Epoch uint64
	// LastHash is the hash of the newest frame.
	LastHash events.Hash

	instances map[ids.Instance]*Instance
	idle      map[ids.Instance]resting // passivated

	recent   ring[ids.Command, Answer]
	finished ring[ids.Instance, string]
	rows     ring[ids.Command, int] // see rowLimit

	origins map[ids.Partition]uint64
	outbox  map[ids.Partition]*outbox

	// offered holds the jobs that workers may take now, so that the work queue
	// can be compared with the state without loading any instance.
	offered map[JobRef]struct{}

	timers        timerHeap
	homes         homes
	messageHome   map[ids.Command]homeKey
	startMessages map[startKey]map[string]startMessage
	startTimers   map[startTimerKey]*startTimer

	// signals are the waits for signals, by tenant and name, and signalOrder is
	// the number of the newest of them.
	signals         map[startKey]*signalWaiters
	signalOrder     uint64
	startSignals    map[startKey]map[string]startMessage
	startConditions map[startTimerKey]events.DefinitionRef

	// trees counts the active called instances by outermost instance.
	trees map[ids.Instance]int

	names map[string]string
}

// NewState returns the state before the first frame.
func NewState(cfg Config, loader Loader) *State {
	cfg = cfg.WithDefaults()
	return &State{
		cfg:           cfg,
		loader:        loader,
		instances:     map[ids.Instance]*Instance{},
		idle:          map[ids.Instance]resting{},
		recent:        newRing[ids.Command, Answer](cfg.MaxRecent),
		finished:      newRing[ids.Instance, string](cfg.MaxRecent),
		rows:          newRing[ids.Command, int](maxRows),
		origins:       map[ids.Partition]uint64{},
		outbox:        map[ids.Partition]*outbox{},
		offered:       map[JobRef]struct{}{},
		homes:         homes{},
		messageHome:   map[ids.Command]homeKey{},
		startMessages: map[startKey]map[string]startMessage{},
		startTimers:   map[startTimerKey]*startTimer{},

		signals:         map[startKey]*signalWaiters{},
		startSignals:    map[startKey]map[string]startMessage{},
		startConditions: map[startTimerKey]events.DefinitionRef{},

		trees: map[ids.Instance]int{},
		names: map[string]string{},
	}
}

// Answer is what the engine remembers of a command for its repetition.
type Answer struct {
	Code       commands.Code `msgpack:"c,omitempty"`
	Message    string        `msgpack:"m,omitempty"`
	Seq        uint64        `msgpack:"s"`
	Instance   ids.Instance  `msgpack:"i,omitempty"`
	Definition string        `msgpack:"d,omitempty"`
	// Result is the msgpack of a commands.Result where one was recorded.
	Result []byte `msgpack:"r,omitempty"`
}

// outbox holds the commands to one other partition that have not been
// acknowledged.
type outbox struct {
	next  uint64 // number of the newest item
	items []*events.OutboxAdded
}

// Instance is one process instance.
type Instance struct {
	ID            ids.Instance         `msgpack:"id"`
	Tenant        string               `msgpack:"tn"`
	Definition    events.DefinitionRef `msgpack:"df"`
	BusinessKey   string               `msgpack:"bk,omitempty"`
	Trigger       events.Trigger       `msgpack:"tr"`
	Parent        ids.Instance         `msgpack:"pa,omitempty"`
	ParentElement ids.Key              `msgpack:"pe,omitempty"`
	Root          ids.Instance         `msgpack:"ro"`
	Depth         int                  `msgpack:"de,omitempty"`
	MessageName   string               `msgpack:"mn,omitempty"`
	MessageKey    string               `msgpack:"mk,omitempty"`
	StartedMS     int64                `msgpack:"st"`
	// StartedBy names who started the instance or its outermost caller.
	StartedBy string `msgpack:"by,omitempty"`
	// StartElement is the start event that waits for the start listeners and
	// event subprocesses of the process, or what the event that started it has
	// reached behind an event-based gateway.
	StartElement string `msgpack:"se,omitempty"`

	// LastKey is the newest number the instance's counter has handed out.
	LastKey ids.Key `msgpack:"lk"`
	// Events counts the instance's events, and LastSeq is the sequence of the
	// frame that holds the newest.
	Events  int64  `msgpack:"ev"`
	LastSeq uint64 `msgpack:"ls"`

	// VariableBytes is the size of all variables of all scopes, by
	// [variables.Size].
	VariableBytes int `msgpack:"vb"`

	// All are in ascending order of key. Elements[0] is the root scope.
	Elements      []*Element      `msgpack:"el"`
	Jobs          []*Job          `msgpack:"jb,omitempty"`
	Timers        []*Timer        `msgpack:"ti,omitempty"`
	Subscriptions []*Subscription `msgpack:"su,omitempty"`
	Tasks         []*UserTask     `msgpack:"ut,omitempty"`
	Incidents     []*Incident     `msgpack:"in,omitempty"`
	// Completed are the activities that can be compensated.
	Completed []*Completed `msgpack:"cp,omitempty"`
	// Ended is what has been interrupted and is still being recorded; nil: nothing.
	Ended *Ended `msgpack:"en,omitempty"`

	// touchedMS is when the instance last changed, for passivation. It is no
	// part of the state.
	touchedMS int64
}

// Element is an active element instance.
type Element struct {
	Key       ids.Key            `msgpack:"k"`
	Scope     ids.Key            `msgpack:"s,omitempty"`
	ElementID string             `msgpack:"e"`
	Type      string             `msgpack:"t"`
	Variables variables.Document `msgpack:"v,omitempty"`
	// Path names the variables that go on with the token, in ascending order.
	Path []string `msgpack:"pa,omitempty"`
	// Active counts the element instances directly inside a scope.
	Active int `msgpack:"a,omitempty"`
	// Tokens are those that wait before joining gateways of a scope, in order
	// of flow id.
	Tokens []FlowTokens `msgpack:"w,omitempty"`
	// Gateways are the complex gateways of a scope that wait for reset.
	Gateways []GatewayStart `msgpack:"g,omitempty"`
	// Reset says that a complex gateway is active for its reset.
	Reset bool `msgpack:"rs,omitempty"`
	// Child is the instance that a call activity started.
	Child ids.Instance `msgpack:"c,omitempty"`
	// Brought is what the event brought that started the process, for the
	// outputs of its start event, or that started an event subprocess which
	// has something to do before its start event.
	Brought variables.Document `msgpack:"br,omitempty"`
	// Came are the parallel multiple events of which some parts have happened.
	Came []PartsCame `msgpack:"pc,omitempty"`
	// Loop is set for the body of a loop, once it has begun, and for its turns.
	Loop *Loop `msgpack:"l,omitempty"`
	// AdHoc is set for an ad-hoc subprocess, once it has begun.
	AdHoc *Loop `msgpack:"ah,omitempty"`
	// Ending is set while the element instance, or what is inside it, ends and
	// waits for cancel listeners.
	Ending *Ending `msgpack:"en,omitempty"`
	// Listened says which listeners have run; nil: none.
	Listened *Listened `msgpack:"li,omitempty"`
	// Compensates is set for what undoes a completed activity: the element
	// instance that asked for it and waits for its end.
	Compensates ids.Key `msgpack:"cp,omitempty"`
}

// Listened is how far the listeners of an element have come: the newest event,
// and how many of its listeners have run.
type Listened struct {
	Event string `msgpack:"e"`
	Done  int    `msgpack:"n,omitempty"`
}

// Completed is an activity that has completed and can be compensated.
type Completed struct {
	Key       ids.Key `msgpack:"k"`
	Element   ids.Key `msgpack:"e"` // the element instance that it was
	Scope     ids.Key `msgpack:"s"` // the one that it was in
	ElementID string  `msgpack:"i"`
	Type      string  `msgpack:"t"`
	// Variables are its own as of its completion.
	Variables variables.Document `msgpack:"v,omitempty"`
	// By is the element instance that is having it compensated, 0 if none.
	By ids.Key `msgpack:"b,omitempty"`
}

// FlowTokens counts the tokens that wait at the end of one sequence flow.
type FlowTokens struct {
	FlowID string `msgpack:"f"`
	Count  int    `msgpack:"n"`
}

// GatewayStart is what a complex gateway took when it started: it now waits for
// tokens from the other flows, or until none can come (BPMN 2.0.2, 13.4.5).
type GatewayStart struct {
	ElementID string   `msgpack:"e"`
	Flows     []string `msgpack:"f"`
}

// Job is an open job.
type Job struct {
	Key        ids.Key           `msgpack:"k"`
	Element    ids.Key           `msgpack:"e"`
	ElementID  string            `msgpack:"i"`
	Type       string            `msgpack:"t"`
	Retries    int               `msgpack:"r"`
	Attempt    int               `msgpack:"a"`
	Priority   int               `msgpack:"p,omitempty"`
	Headers    map[string]string `msgpack:"h,omitempty"`
	RetryCycle string            `msgpack:"c,omitempty"`
	// Failed says that the job is not offered to workers: it waits for
	// RetryAtMS, or for its incident if that is 0.
	Failed    bool  `msgpack:"x,omitempty"`
	RetryAtMS int64 `msgpack:"d,omitempty"`
	// Listener is set for the job of a listener: the event.
	Listener string `msgpack:"l,omitempty"`
	// Own says that the worker gets the element's own variables alone.
	Own bool `msgpack:"ow,omitempty"`
}

// Timer is an armed timer.
type Timer struct {
	Key       ids.Key `msgpack:"k"`
	Element   ids.Key `msgpack:"e"`
	Target    string  `msgpack:"t"`
	Part      int     `msgpack:"p,omitempty"` // of a multiple event, from 1
	DueMS     int64   `msgpack:"d"`
	ArmedMS   int64   `msgpack:"a,omitempty"`
	Fired     int64   `msgpack:"f,omitempty"`
	Cycle     string  `msgpack:"c,omitempty"`
	EndMS     int64   `msgpack:"x,omitempty"`
	Remaining int     `msgpack:"r"`
}

// Subscription is an open wait for a message, signal or condition.
type Subscription struct {
	Key            ids.Key      `msgpack:"k"`
	Element        ids.Key      `msgpack:"e"`
	Target         string       `msgpack:"t"`
	Part           int          `msgpack:"p,omitempty"` // of a multiple event, from 1
	Kind           subscription `msgpack:"y,omitempty"`
	Name           string       `msgpack:"n"`
	CorrelationKey string       `msgpack:"c,omitempty"`
	// Order is the place of a wait for a signal among those of the partition; 0
	// if only its own instance can throw the signal.
	Order uint64 `msgpack:"o,omitempty"`
}

// subscription says what a [Subscription] waits for.
type subscription string

const (
	forMessage   subscription = ""
	forSignal    subscription = "signal"
	forCondition subscription = "condition"
	forTrigger   subscription = "trigger"
)

// UserTask is an open user task.
type UserTask struct {
	Key             ids.Key  `msgpack:"k"`
	Element         ids.Key  `msgpack:"e"`
	ElementID       string   `msgpack:"i"`
	Name            string   `msgpack:"n,omitempty"`
	Description     string   `msgpack:"ds,omitempty"`
	Assignee        string   `msgpack:"a,omitempty"`
	Owner           string   `msgpack:"o,omitempty"`
	Category        string   `msgpack:"ct,omitempty"`
	CandidateUsers  []string `msgpack:"u,omitempty"`
	CandidateGroups []string `msgpack:"g,omitempty"`
	DueMS           int64    `msgpack:"d,omitempty"`
	FollowUpMS      int64    `msgpack:"f,omitempty"`
	Priority        int      `msgpack:"p,omitempty"`
	FormKey         string   `msgpack:"fk,omitempty"`
	FormID          string   `msgpack:"fi,omitempty"`
	CreatedMS       int64    `msgpack:"c"`
	// Pending is what waits for listeners; nil: nothing.
	Pending *PendingTask `msgpack:"x,omitempty"`
}

// PendingTask is a transition of a user task that its listeners, which are jobs,
// have not agreed to yet.
type PendingTask struct {
	Event     string             `msgpack:"e"`
	Changes   events.TaskChanges `msgpack:"c,omitempty"`
	Variables variables.Document `msgpack:"v,omitempty"`
	By        string             `msgpack:"b,omitempty"`
}

// Incident is an open incident.
type Incident struct {
	Key       ids.Key       `msgpack:"k"`
	Element   ids.Key       `msgpack:"e"`
	ElementID string        `msgpack:"i"`
	Job       ids.Key       `msgpack:"j,omitempty"`
	Step      events.Step   `msgpack:"s"`
	Code      commands.Code `msgpack:"c"`
	Message   string        `msgpack:"m"`
	// Results are variables that wait for the incident to be resolved, Command and
	// Payload a command.
	Results variables.Document `msgpack:"r,omitempty"`
	Command string             `msgpack:"cm,omitempty"`
	Payload []byte             `msgpack:"pl,omitempty"`
}

func (e *Element) key() ids.Key      { return e.Key }
func (j *Job) key() ids.Key          { return j.Key }
func (t *Timer) key() ids.Key        { return t.Key }
func (s *Subscription) key() ids.Key { return s.Key }
func (t *UserTask) key() ids.Key     { return t.Key }
func (i *Incident) key() ids.Key     { return i.Key }
func (c *Completed) key() ids.Key    { return c.Key }

// keyed is a thing numbered by its instance's counter.
type keyed interface{ key() ids.Key }

// find returns the thing with the key from a list in ascending order of key.
func find[T keyed](list []T, key ids.Key) (T, bool) {
	if i, ok := search(list, key); ok {
		return list[i], true
	}
	var none T
	return none, false
}

func search[T keyed](list []T, key ids.Key) (int, bool) {
	return slices.BinarySearchFunc(list, key, func(t T, k ids.Key) int { return cmp.Compare(t.key(), k) })
}

// add appends a thing whose key is the newest of its list, which keeps the
// order.
func add[T keyed](list []T, t T) []T {
	if n := len(list); n > 0 && list[n-1].key() >= t.key() {
		panic(corrupt("key %d comes after key %d", t.key(), list[n-1].key()))
	}
	return append(list, t)
}

// remove takes out the thing with the key, which must be there: an event that
// names another one does not belong to this state.
func remove[T keyed](list []T, key ids.Key) []T {
	i, ok := search(list, key)
	if !ok {
		panic(corrupt("nothing has the key %d", key))
	}
	return slices.Delete(list, i, i+1)
}

// must returns the thing with the key, which must be there.
func must[T keyed](list []T, key ids.Key) T {
	t, ok := find(list, key)
	if !ok {
		panic(corrupt("nothing has the key %d", key))
	}
	return t
}

// CorruptError says that an event does not fit the state, or that the state
// contradicts itself. The partition stops.
type CorruptError struct{ Reason string }

func (e *CorruptError) Error() string { return "state and log disagree: " + e.Reason }

func corrupt(format string, args ...any) *CorruptError {
	return &CorruptError{Reason: fmt.Sprintf(format, args...)}
}

// Element returns the active element instance with the key.
func (in *Instance) Element(key ids.Key) (*Element, bool) { return find(in.Elements, key) }

// lookup finds a variable from a scope outwards.
func (in *Instance) lookup(scope ids.Key, name string) (any, bool) {
	for scope != 0 {
		el, ok := find(in.Elements, scope)
		if !ok {
			return nil, false
		}
		if v, ok := el.Variables[name]; ok {
			return v, true
		}
		if l := el.turns(); l != nil {
			if v, ok := l.lookup(name); ok {
				return v, true
			}
		}
		scope = el.Scope
	}
	return nil, false
}

// owner returns the nearest scope, from scope outwards, that has the variable,
// or the root scope. An equal value does not change who the owner is. A counter
// of a loop has no owner, 0: it cannot be written, also not by a called instance
// that hands back what it was passed. A turn of a loop that keeps what its turns
// write owns everything inside it.
func (in *Instance) owner(scope ids.Key, name string) ids.Key {
	for scope != 0 {
		el, ok := find(in.Elements, scope)
		if !ok {
			break
		}
		if _, ok := el.Variables[name]; ok {
			return scope
		}
		if el.keepsOwn() {
			return scope
		}
		if el.Loop != nil {
			if _, ok := el.Loop.counter(name, 0, false); ok {
				return 0
			}
		}
		scope = el.Scope
	}
	return events.RootKey
}

// Visible returns all variables that a scope sees, nearest scope first.
func (in *Instance) Visible(scope ids.Key) variables.Document {
	out := variables.Document{}
	for scope != 0 {
		el, ok := find(in.Elements, scope)
		if !ok {
			break
		}
		for name, v := range el.Variables {
			if _, nearer := out[name]; !nearer {
				out[name] = v
			}
		}
		if el.Loop != nil {
			el.Loop.show(out)
		}
		scope = el.Scope
	}
	return out
}

// name returns one shared copy of a text that many things repeat, such as a
// process id, so that a million of them cost a pointer each.
func (s *State) name(text string) string {
	if t, ok := s.names[text]; ok {
		return t
	}
	if len(s.names) >= 100_000 {
		clear(s.names)
	}
	s.names[text] = text
	return text
}

// Instance returns an instance, bringing it back if it was passivated; nil if
// there is none with the id.
func (s *State) Instance(id ids.Instance) *Instance {
	if in, ok := s.instances[id]; ok {
		return in
	}
	at, ok := s.idle[id]
	if !ok {
		return nil
	}
	data, err := s.loader.LoadInstance(id, at.seq, at.place)
	if err != nil {
		panic(&LoadError{Instance: id, Err: err})
	}
	in, err := DecodeInstance(data)
	if err != nil || in.ID != id || in.LastSeq != at.seq {
		panic(corrupt("snapshot of instance %s at sequence %d does not fit: %v", id, at.seq, err))
	}
	delete(s.idle, id)
	s.instances[id] = in
	return in
}

// LoadError says that a passivated instance could not be brought back. It is
// transient: the shell drops the state and tries again.
type LoadError struct {
	Instance ids.Instance
	Err      error
}

func (e *LoadError) Error() string { return fmt.Sprintf("load instance %s: %v", e.Instance, e.Err) }

// Unwrap returns the store's error.
func (e *LoadError) Unwrap() error { return e.Err }

// Counts tells how many instances are active, hot and passivated, and how many
// timers are armed.
func (s *State) Counts() (hot, idle, timers int) {
	return len(s.instances), len(s.idle), s.timers.live()
}

// Has says whether an active instance has the id, without bringing it back.
func (s *State) Has(id ids.Instance) bool {
	if _, ok := s.instances[id]; ok {
		return true
	}
	_, ok := s.idle[id]
	return ok
}

// Outbox returns the unacknowledged commands to other partitions, by partition
// and number.
func (s *State) Outbox() []*events.OutboxAdded {
	var out []*events.OutboxAdded
	for _, p := range sortedKeys(s.outbox) {
		out = append(out, s.outbox[p].items...)
	}
	return out
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K {
	keys := make([]K, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
