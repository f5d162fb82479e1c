package engine

import (
	"slices"

	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/variables"
)

// ApplyFrame replays one frame of the log. A frame that does not follow the
// state, or an event that does not fit it, panics with a *CorruptError: the
// partition must stop.
func (s *State) ApplyFrame(seq uint64, hash events.Hash, f *events.Frame) {
	if seq != s.LastSeq+1 {
		panic(corrupt("expected the frame with sequence %d, but got %d", s.LastSeq+1, seq))
	}
	if f.Prev != s.LastHash {
		panic(corrupt("frame %d names another predecessor than the frame before it", seq))
	}
	for i := range f.Transitions {
		t := &f.Transitions[i]
		s.beginTransition(t, seq)
		for _, e := range t.Events {
			s.apply(t, e, seq)
		}
	}
	s.commit(seq, hash, f)
}

// commit takes over the header of a frame whose transitions were applied.
func (s *State) commit(seq uint64, hash events.Hash, f *events.Frame) {
	s.LastSeq = seq
	s.LastHash = hash
	s.Epoch = f.Epoch
	s.EffectsDone = f.EffectsDone
	if f.LastCommand > 0 {
		s.LastCommand = f.LastCommand
	}
	for _, done := range f.OutboxDone {
		box := s.outbox[done.Partition]
		if box == nil {
			panic(corrupt("outbox of partition %s is acknowledged up to %d, but it is empty", done.Partition, done.N))
		}
		box.items = slices.DeleteFunc(box.items, func(o *events.OutboxAdded) bool { return o.N <= done.N })
	}
}

// Committed takes over the header of a frame that was decided on this state and
// has been stored.
func (s *State) Committed(seq uint64, hash events.Hash, f *events.Frame) {
	if seq != s.LastSeq+1 {
		panic(corrupt("expected to store frame %d, but stored %d", s.LastSeq+1, seq))
	}
	s.commit(seq, hash, f)
}

// beginTransition notes what a transition says besides its events.
func (s *State) beginTransition(t *events.Transition, seq uint64) {
	if t.Origin != nil && t.Origin.N > s.origins[t.Origin.Partition] {
		s.origins[t.Origin.Partition] = t.Origin.N
	}
	if t.CommandSeq > 0 && t.Origin == nil {
		if _, ok := s.recent.get(t.Command); !ok {
			s.recent.put(t.Command, Answer{Seq: seq, Instance: t.Instance})
		}
	}
}

func (s *State) answer(t *events.Transition, change func(*Answer)) {
	if t.CommandSeq == 0 || t.Origin != nil {
		return
	}
	if a, ok := s.recent.get(t.Command); ok {
		change(&a)
		s.recent.put(t.Command, a)
	}
}

// apply is the one way in which state changes.
func (s *State) apply(t *events.Transition, e events.Event, seq uint64) {
	if t.Instance == "" {
		s.applyPartition(t, e)
		return
	}
	if started, ok := e.(*events.InstanceStarted); ok {
		s.applyInstanceStarted(t, started)
	}
	in := s.Instance(t.Instance)
	if in == nil {
		panic(corrupt("event %s of instance %s, which is not active", e.Kind(), t.Instance))
	}
	in.Events++
	in.LastSeq = seq
	in.touchedMS = t.TimeMS
	s.applyInstance(t, in, e)
}

// applyInstance applies an event of one instance. The cases only sort the events by
// their type; each has its own function.
func (s *State) applyInstance(t *events.Transition, in *Instance, e events.Event) {
	if in.Ended != nil && in.recorded(e) {
		return
	}
	switch e := e.(type) {
	case *events.InstanceStarted: // see applyInstanceStarted
	case *events.InstanceCompleted:
		s.endInstance(in, "completed")
	case *events.InstanceCanceled:
		s.endInstance(in, "canceled")
	case *events.ElementActivated:
		in.activated(e)
	case *events.ElementCompleted:
		in.ended(e.Key, true)
	case *events.ElementTerminated:
		in.ended(e.Key, false)
	case *events.ElementEnding:
		in.applyEnding(e)
	case *events.FlowTaken:
		if e.Waits {
			must(in.Elements, e.Scope).addToken(e.FlowID)
		}
	case *events.ScopeInterrupted:
		s.applyInterrupted(in, e)
	case *events.InstanceCanceling:
		in.applyCanceling(e)
	case *events.TokensDropped:
		scope := must(in.Elements, e.Scope)
		scope.Tokens, scope.Gateways = nil, nil
	case *events.VariablesSet:
		in.setVariables(e)
	case *events.CallStarted:
		must(in.Elements, e.Element).Child = e.Child
	case *events.LoopStarted, *events.LoopChosen, *events.LoopCollected, *events.LoopPaused, *events.LoopStopped:
		in.applyLoop(e)
	case *events.JobCreated, *events.JobCompleted, *events.JobFailed, *events.JobReopened, *events.JobRetriesUpdated, *events.JobErrorThrown, *events.JobCanceled:
		s.applyJob(in, e)
	case *events.UserTaskCreated, *events.UserTaskAssigned, *events.UserTaskUpdated, *events.UserTaskPending, *events.UserTaskCompleted, *events.UserTaskCanceled:
		in.applyUserTask(e, t.TimeMS)
	case *events.ListenersRun:
		in.listened(e)
	case *events.ListenerFailed: // history alone
	case *events.IncidentRaised:
		in.took(e.Key)
		in.Incidents = add(in.Incidents, &Incident{
			Key: e.Key, Element: e.Element, ElementID: e.ElementID, Job: e.Job,
			Step: e.Step, Code: commands.Code(e.Code), Message: e.Message, Results: e.Results, Command: e.Command, Payload: e.Payload,
		})
	case *events.DecisionEvaluated: // history alone
		in.took(e.Key)
	case *events.IncidentResolved:
		in.Incidents = remove(in.Incidents, e.Key)
	case *events.TimerScheduled, *events.TimerFired, *events.TimerCanceled:
		s.applyTimer(t, in, e)
	case *events.SubscriptionOpened:
		in.took(e.Key)
		in.Subscriptions = add(in.Subscriptions, &Subscription{
			Key: e.Key, Element: e.Element, Target: e.Target, Part: e.Part, Name: s.name(e.Name), CorrelationKey: e.CorrelationKey,
		})
	case *events.SignalAwaited:
		s.applySignalAwaited(in, e)
	case *events.ConditionAwaited:
		in.took(e.Key)
		in.Subscriptions = add(in.Subscriptions, &Subscription{Key: e.Key, Element: e.Element, Target: e.Target, Part: e.Part, Kind: forCondition})
	case *events.TriggerAwaited:
		in.took(e.Key)
		in.Subscriptions = add(in.Subscriptions, &Subscription{Key: e.Key, Element: e.Element, Target: e.Target, Kind: forTrigger})
	case *events.SubscriptionClosed:
		s.dropSignalWaiter(in, must(in.Subscriptions, e.Key))
		in.Subscriptions = remove(in.Subscriptions, e.Key)
	case *events.CompensationRecorded, *events.CompensationTriggered, *events.CompensationStarted:
		in.applyCompensation(e)
	case *events.PartCame:
		in.applyPart(e)
	case *events.MessageReceived:
		s.countRow(e.Row)
	case *events.SignalReceived:
		s.countRow(e.Row)
	case *events.ConditionMet, *events.TriggerReceived, *events.EscalationThrown:
		// History alone; what follows from it are events of their own.
	default:
		panic(corrupt("event %s is not one of an instance", e.Kind()))
	}
}

// took notes that the instance's counter has handed out the key.
func (in *Instance) took(k ids.Key) { in.LastKey = max(in.LastKey, k) }

func (s *State) applyInstanceStarted(t *events.Transition, e *events.InstanceStarted) {
	if s.Has(t.Instance) {
		panic(corrupt("instance %s starts twice", t.Instance))
	}
	e.Definition.ProcessID = s.name(e.Definition.ProcessID)
	in := &Instance{
		ID: t.Instance, Tenant: s.name(e.Tenant), Definition: e.Definition, BusinessKey: e.BusinessKey,
		Trigger: e.Trigger, Parent: e.Parent, ParentElement: e.ParentElement, Root: e.Root, Depth: e.Depth,
		MessageName: e.MessageName, MessageKey: e.MessageKey, StartedMS: t.TimeMS, StartedBy: s.name(e.By),
		LastKey:  events.RootKey,
		Elements: []*Element{{Key: events.RootKey, ElementID: s.name(e.Definition.ProcessID), Type: "process", Brought: e.Brought}},
	}
	if e.Listens || e.Gateway != "" {
		in.StartElement = s.name(e.StartElement)
	}
	s.instances[t.Instance] = in
	s.joinTree(in)
	s.countRow(e.Row)
	if e.Trigger == events.TriggerCommand {
		s.answer(t, func(a *Answer) { a.Instance, a.Definition = t.Instance, e.Definition.ID() })
	}
}

func (s *State) endInstance(in *Instance, how string) {
	if len(in.Jobs)+len(in.Timers)+len(in.Subscriptions)+len(in.Tasks)+len(in.Incidents) > 0 || len(in.Elements) != 1 || in.Ended != nil && in.Ended.left() > 0 {
		panic(corrupt("instance %s ends as %s with things still open", in.ID, how))
	}
	delete(s.instances, in.ID)
	s.leaveTree(in)
	s.finished.put(in.ID, how)
}

func (in *Instance) listened(e *events.ListenersRun) {
	el := must(in.Elements, e.Element)
	if e.Event == "" {
		el.Listened = nil
		return
	}
	el.Listened = &Listened{Event: e.Event, Done: e.Done}
}

func (in *Instance) activated(e *events.ElementActivated) {
	in.took(e.Key)
	scope := must(in.Elements, e.Scope)
	scope.Active++
	for _, flow := range e.Joined {
		scope.takeToken(flow)
	}
	if e.Type == string(bpmn.TypeComplexGateway) {
		scope.turnGateway(e)
	}
	el := &Element{Key: e.Key, Scope: e.Scope, ElementID: e.ElementID, Type: e.Type, Brought: e.Brought, Reset: e.Reset}
	if scope.Brought != nil && scope.Scope == 0 && e.Type == string(bpmn.TypeStartEvent) {
		el.Brought, scope.Brought = scope.Brought, nil
	}
	if l := scope.turns(); l != nil && (isBody(scope) && e.Type != typeCompensation || e.Type == adHocInner) {
		in.began(l, el)
	}
	in.Elements = add(in.Elements, el)
}

// turnGateway brings a complex gateway of the scope into its other phase. One
// that does not join has none.
func (e *Element) turnGateway(a *events.ElementActivated) {
	switch {
	case a.Reset:
		e.Gateways = slices.DeleteFunc(e.Gateways, func(g GatewayStart) bool { return g.ElementID == a.ElementID })
		if len(e.Gateways) == 0 {
			e.Gateways = nil
		}
	case len(a.Joined) > 0:
		e.Gateways = append(e.Gateways, GatewayStart{ElementID: a.ElementID, Flows: a.Joined})
	}
}

func (in *Instance) ended(key ids.Key, completed bool) {
	el := must(in.Elements, key)
	if el.Active != 0 {
		panic(corrupt("element %d ends with %d active inside", key, el.Active))
	}
	in.Elements = remove(in.Elements, key)
	in.leaves(el, must(in.Elements, el.Scope), completed)
}

// leaves takes an element instance that has ended out of what counts it. The
// scope is nil if it has ended as well.
func (in *Instance) leaves(el, scope *Element, completed bool) {
	in.VariableBytes -= sizeOf(el.Variables)
	if len(in.Completed) > 0 {
		in.forget(el.Key)
	}
	if scope != nil {
		scope.Active--
	}
	if el.AdHoc != nil {
		in.VariableBytes -= el.AdHoc.Bytes
	}
	switch {
	case el.Loop == nil || el.Loop.Turn > 0 && scope == nil:
	case el.Loop.Turn == 0:
		in.VariableBytes -= el.Loop.Bytes
	case completed:
		scope.turns().Completed++
	default:
		scope.turns().Terminated++
	}
}

func (e *Element) token(flow string) (int, bool) {
	return slices.BinarySearchFunc(e.Tokens, flow, func(t FlowTokens, f string) int {
		switch {
		case t.FlowID < f:
			return -1
		case t.FlowID > f:
			return 1
		}
		return 0
	})
}

func (e *Element) addToken(flow string) {
	i, ok := e.token(flow)
	if !ok {
		e.Tokens = slices.Insert(e.Tokens, i, FlowTokens{FlowID: flow})
	}
	e.Tokens[i].Count++
}

func (e *Element) takeToken(flow string) {
	i, ok := e.token(flow)
	if !ok {
		panic(corrupt("a join takes a token from flow %s, where none waits", flow))
	}
	if e.Tokens[i].Count--; e.Tokens[i].Count == 0 {
		e.Tokens = slices.Delete(e.Tokens, i, i+1)
	}
	if len(e.Tokens) == 0 {
		e.Tokens = nil
	}
}

func (in *Instance) setVariables(e *events.VariablesSet) {
	scope := must(in.Elements, e.Scope)
	if scope.Variables == nil && len(e.Values) > 0 {
		scope.Variables = make(variables.Document, len(e.Values))
	}
	for name, v := range e.Values {
		if old, ok := scope.Variables[name]; ok {
			in.VariableBytes -= variables.SizeOf(name, old)
		}
		in.VariableBytes += variables.SizeOf(name, v)
		scope.Variables[name] = v
	}
	scope.addPath(e.Path)
}

func (s *State) applyJob(in *Instance, e events.Event) {
	switch e := e.(type) {
	case *events.JobCreated:
		in.took(e.Key)
		in.Jobs = add(in.Jobs, &Job{
			Key: e.Key, Element: e.Element, ElementID: e.ElementID, Type: s.name(e.Type), Retries: e.Retries, Attempt: 1,
			Priority: e.Priority, Headers: e.Headers, RetryCycle: e.RetryCycle, Listener: e.Listener, Own: e.Own,
		})
		s.offered[JobRef{Instance: in.ID, Key: e.Key}] = struct{}{}
	case *events.JobCompleted:
		s.endJob(in, e.Key)
	case *events.JobErrorThrown:
		s.endJob(in, e.Key)
	case *events.JobCanceled:
		s.endJob(in, e.Key)
	case *events.JobFailed:
		j := must(in.Jobs, e.Key)
		s.dropRetry(in, j)
		delete(s.offered, JobRef{Instance: in.ID, Key: j.Key})
		j.Failed, j.Retries, j.RetryAtMS = true, e.Retries, e.RetryAtMS
		if j.RetryAtMS > 0 {
			s.timers.add(due{j.RetryAtMS, dueID{dueJob, string(in.ID), j.Key}})
		}
	case *events.JobRetriesUpdated:
		must(in.Jobs, e.Key).Retries = e.Retries
	case *events.JobReopened:
		j := must(in.Jobs, e.Key)
		s.dropRetry(in, j)
		j.Failed, j.Attempt, j.Retries = false, e.Attempt, e.Retries
		s.offered[JobRef{Instance: in.ID, Key: j.Key}] = struct{}{}
	}
}

func (s *State) endJob(in *Instance, key ids.Key) {
	s.dropRetry(in, must(in.Jobs, key))
	delete(s.offered, JobRef{Instance: in.ID, Key: key})
	in.Jobs = remove(in.Jobs, key)
}

func (s *State) dropRetry(in *Instance, j *Job) {
	if j.RetryAtMS > 0 {
		s.timers.remove(due{j.RetryAtMS, dueID{dueJob, string(in.ID), j.Key}})
		j.RetryAtMS = 0
	}
}

func (in *Instance) applyUserTask(e events.Event, timeMS int64) {
	switch e := e.(type) {
	case *events.UserTaskCreated:
		in.took(e.Key)
		in.Tasks = add(in.Tasks, taskOf(e, timeMS))
	case *events.UserTaskAssigned:
		must(in.Tasks, e.Key).Assignee = e.Assignee
	case *events.UserTaskUpdated:
		must(in.Tasks, e.Key).change(&e.Changes)
	case *events.UserTaskPending:
		t := must(in.Tasks, e.Key)
		t.Pending = nil
		if e.Event != "" {
			t.Pending = &PendingTask{Event: e.Event, Changes: e.Changes, Variables: e.Variables, By: e.By}
		}
	case *events.UserTaskCompleted:
		in.Tasks = remove(in.Tasks, e.Key)
	case *events.UserTaskCanceled:
		in.Tasks = remove(in.Tasks, e.Key)
	}
}

func (s *State) applyTimer(at *events.Transition, in *Instance, e events.Event) {
	switch e := e.(type) {
	case *events.TimerScheduled:
		in.took(e.Key)
		in.Timers = add(in.Timers, &Timer{Key: e.Key, Element: e.Element, Target: e.Target, Part: e.Part, DueMS: e.DueMS, ArmedMS: e.ArmedMS, Cycle: e.Cycle, EndMS: e.EndMS, Remaining: e.Remaining})
		s.timers.add(due{e.DueMS, dueID{dueTimer, string(in.ID), e.Key}})
	case *events.TimerFired:
		t := must(in.Timers, e.Key)
		s.timers.remove(due{t.DueMS, dueID{dueTimer, string(in.ID), t.Key}})
		if e.NextDueMS == 0 {
			in.Timers = remove(in.Timers, e.Key)
			return
		}
		now := t.Fired + 1
		if e.Cycle != "" {
			now, t.Cycle, t.ArmedMS, t.EndMS = 0, e.Cycle, at.TimeMS, e.EndMS
		}
		t.DueMS, t.Remaining, t.Fired = e.NextDueMS, e.Remaining, now
		s.timers.add(due{t.DueMS, dueID{dueTimer, string(in.ID), t.Key}})
	case *events.TimerCanceled:
		t := must(in.Timers, e.Key)
		s.timers.remove(due{t.DueMS, dueID{dueTimer, string(in.ID), t.Key}})
		in.Timers = remove(in.Timers, e.Key)
	}
}

// applyPartition applies an event of the partition itself.
func (s *State) applyPartition(t *events.Transition, e events.Event) {
	switch e := e.(type) {
	case *events.CommandRejected:
		s.answer(t, func(a *Answer) { a.Code, a.Message = commands.Code(e.Code), e.Message })
	case *events.CommandAnswered:
		s.answer(t, func(a *Answer) { a.Result = e.Result })
	case *events.OutboxAdded:
		box := s.outbox[e.To]
		if box == nil {
			box = &outbox{}
			s.outbox[e.To] = box
		}
		if e.N != box.next+1 {
			panic(corrupt("outbox to partition %s: expected number %d, but got %d", e.To, box.next+1, e.N))
		}
		box.next = e.N
		box.items = append(box.items, e)
	case *events.StartTimerScheduled, *events.StartTimerFired, *events.StartTimerCanceled:
		s.applyStartTimer(e)
	case *events.SignalBroadcast: // history alone
	case *events.StartSignalSet:
		s.applyStartSignal(e)
	case *events.StartConditionSet:
		s.applyStartCondition(e)
	default:
		s.applyHome(e)
	}
}

func (s *State) applyStartTimer(e events.Event) {
	switch e := e.(type) {
	case *events.StartTimerScheduled:
		k := startTimerKey{e.Tenant, e.Definition.ProcessID, e.ElementID}
		s.dropStartTimer(k)
		s.startTimers[k] = &startTimer{Definition: e.Definition, Spec: e.Spec, DueMS: e.DueMS, ArmedMS: e.ArmedMS, Fired: e.Fired, Cycle: e.Cycle, EndMS: e.EndMS, Remaining: e.Remaining}
		if e.DueMS > 0 {
			s.timers.add(due{e.DueMS, dueID{kind: dueStartTimer, id: k.String()}})
		}
	case *events.StartTimerFired:
		k := startTimerKey{e.Tenant, e.ProcessID, e.ElementID}
		t := s.startTimers[k]
		if t == nil {
			panic(corrupt("start timer of %s fires, but is not armed", e.ProcessID))
		}
		s.timers.remove(due{t.DueMS, dueID{kind: dueStartTimer, id: k.String()}})
		// A timer that has fired for the last time stays known with no due
		// time, so that a redeploy with the same text does not arm it again.
		t.DueMS, t.Remaining, t.Fired = e.NextDueMS, e.Remaining, t.Fired+1
		if t.DueMS > 0 {
			s.timers.add(due{t.DueMS, dueID{kind: dueStartTimer, id: k.String()}})
		}
	case *events.StartTimerCanceled:
		k := startTimerKey{e.Tenant, e.ProcessID, e.ElementID}
		s.dropStartTimer(k)
		delete(s.startTimers, k)
	}
}

func (s *State) dropStartTimer(k startTimerKey) {
	if t, ok := s.startTimers[k]; ok && t.DueMS > 0 {
		s.timers.remove(due{t.DueMS, dueID{kind: dueStartTimer, id: k.String()}})
	}
}

// applyHome applies an event of a message's home.
func (s *State) applyHome(e events.Event) {
	switch e := e.(type) {
	case *events.WaiterAdded:
		h := s.homeFor(e.Tenant, e.Name, e.CorrelationKey)
		id := e.Instance
		if in := s.instances[id]; in != nil {
			id = in.ID // one copy of the text
		}
		h.addWaiter(waiter{Instance: id, Key: e.Key, ProcessID: s.name(e.ProcessID), BusinessKey: e.BusinessKey, Stays: e.Stays})
	case *events.WaiterRemoved:
		h := s.homeFor(e.Tenant, e.Name, e.CorrelationKey)
		i := h.waiter(e.Instance, e.Key)
		if i < 0 {
			panic(corrupt("waiter %s-%d is removed, but does not wait", e.Instance, e.Key))
		}
		h.removeWaiter(i)
		s.dropHome(e.Tenant, e.Name, e.CorrelationKey)
	case *events.MessagePublished:
		h := s.homeFor(e.Tenant, e.Name, e.CorrelationKey)
		msg := &message{
			ID: e.Message, MessageID: e.MessageID, ExpiresMS: e.ExpiresMS, Variables: e.Variables,
			Instance: e.Instance, BusinessKey: e.BusinessKey, Hops: e.Hops, Row: e.Row,
		}
		b := h.buffer()
		b.messages = append(b.messages, msg)
		s.messageHome[e.Message] = homeKey{s.name(e.Tenant), s.name(e.Name), e.CorrelationKey}
		s.timers.add(msg.due())
	case *events.MessageSent:
		h := s.homeFor(e.Tenant, e.Name, e.CorrelationKey)
		w, m := h.waiter(e.Instance, e.Key), h.message(e.Message)
		if w < 0 || m < 0 {
			panic(corrupt("message %s is sent to %s-%d, but one of them is not at home", e.Message, e.Instance, e.Key))
		}
		if !h.list[w].Stays {
			h.list[w].Pending = e.Message
		}
		msg := h.messages()[m]
		if msg.Offered++; msg.Offered == 1 {
			s.timers.remove(msg.due())
		}
		msg.Delivered = append(msg.Delivered, s.name(e.ProcessID))
	case *events.MessageAnswered:
		h := s.homes.at(homeKey{e.Tenant, e.Name, e.CorrelationKey})
		if h == nil {
			return // waiter and message are gone
		}
		if w := h.waiter(e.Instance, e.Key); w >= 0 && h.list[w].Pending == e.Message {
			h.list[w].Pending = ""
		}
		m := h.message(e.Message)
		if m < 0 {
			return
		}
		msg := h.messages()[m]
		if msg.Offered--; msg.Offered == 0 {
			s.timers.add(msg.due())
		}
		if i := slices.Index(msg.Delivered, e.ProcessID); i >= 0 && !e.Accepted {
			msg.Delivered = slices.Delete(msg.Delivered, i, i+1)
		}
	case *events.MessageStarted:
		h := s.homeFor(e.Tenant, e.Name, e.CorrelationKey)
		if m := h.message(e.Message); m >= 0 {
			h.messages()[m].Delivered = append(h.messages()[m].Delivered, s.name(e.ProcessID))
		}
		if e.CorrelationKey != "" {
			b := h.buffer()
			b.active = append(b.active, activeStart{ProcessID: s.name(e.ProcessID), Instance: e.Instance})
		}
	case *events.MessageKeyReleased:
		h := s.homeFor(e.Tenant, e.Name, e.CorrelationKey)
		b := h.buffer()
		b.active = slices.DeleteFunc(b.active, func(a activeStart) bool { return a.Instance == e.Instance })
		s.dropHome(e.Tenant, e.Name, e.CorrelationKey)
	case *events.MessageExpired:
		h := s.homeFor(e.Tenant, e.Name, e.CorrelationKey)
		m := h.message(e.Message)
		if m < 0 {
			panic(corrupt("message %s expires, but is not at home", e.Message))
		}
		if h.messages()[m].Offered > 0 {
			panic(corrupt("message %s expires while it is being offered", e.Message))
		}
		s.timers.remove(h.messages()[m].due())
		h.more.messages = slices.Delete(h.more.messages, m, m+1)
		delete(s.messageHome, e.Message)
		s.dropHome(e.Tenant, e.Name, e.CorrelationKey)
	case *events.StartMessageSet:
		k := startKey{s.name(e.Tenant), s.name(e.Name)}
		byProcess := s.startMessages[k]
		if e.ElementID == "" {
			delete(byProcess, e.Definition.ProcessID)
			if len(byProcess) == 0 {
				delete(s.startMessages, k)
			}
			return
		}
		if byProcess == nil {
			byProcess = map[string]startMessage{}
			s.startMessages[k] = byProcess
		}
		byProcess[e.Definition.ProcessID] = startMessage{Definition: e.Definition, ElementID: e.ElementID}
	default:
		panic(corrupt("event %s is not one of a partition", e.Kind()))
	}
}
