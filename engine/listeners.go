package engine

import (
	"errors"
	"maps"
	"slices"

	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/expression"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/variables"
)

// Execution listeners run at the start and end of an element or process and
// when a token takes a flow. Those of camunda and flowable are expressions and
// scripts, which run in place: all of one event up to the next job write
// together or, with a fault, not at all. Those of zeebe, and classes that a job
// type stands in for, are jobs that the element waits for.
//
// The order is that of the engines: inputs, start listeners, the element's own
// work, its results, end listeners, outputs (zeebe: outputs before end
// listeners), flows. An interrupted element runs its end listeners in place, as
// Camunda 7 does; jobs are not started any more, as in Zeebe. Flowable runs none.

// The events of execution listeners.
const (
	eventStart = "start"
	eventEnd   = "end"
	eventTake  = "take"
	// eventFired is the start of an event that has happened already when its
	// element is entered: a boundary event, or one behind an event gateway.
	eventFired = "fired"
	// eventBeforeAll is zeebe's, once for a multi-instance body.
	eventBeforeAll = "beforeAll"
)

// past says whether a listener of the event has run.
func (e *Element) past(event string) bool {
	return e.Listened != nil && e.Listened.Event == event && e.Listened.Done > 0
}

// at says whether the listeners of the event are the newest that have begun.
func (e *Element) at(event string) bool { return e.Listened != nil && e.Listened.Event == event }

// executionListeners returns the listeners of an element for an event. The body
// of a loop has those for beforeAll alone: the others are those of its
// instances.
func executionListeners(el *Element, node *bpmn.Element, event string) []*bpmn.Listener {
	if isBody(el) != (event == eventBeforeAll) || !isBody(el) && el.Type != string(node.Type) {
		return nil
	}
	if event == eventFired {
		event = eventStart
	}
	var out []*bpmn.Listener
	for i := range node.Listeners {
		if l := &node.Listeners[i]; !l.Task && l.Event == event {
			out = append(out, l)
		}
	}
	return out
}

// listen runs the listeners of an event that have not run yet. waits says that
// a job has to be done first, or that a listener threw a BPMN error which has
// been caught; with a fault the next call goes on at the
// listener that failed.
func (d *decider) listen(in *Instance, el *Element, node *bpmn.Element, event string) (waits bool, f *fault) {
	list := executionListeners(el, node, event)
	done := 0
	if el.at(event) {
		done = el.Listened.Done
	}
	for done < len(list) {
		if list[done].Job != nil {
			return true, d.listenerJob(in, el, list[done])
		}
		b := d.box(in, el.Key)
		for ; done < len(list) && list[done].Job == nil; done++ {
			if f := b.run(d.listenerEnv(b, el, node, list[done].Event), list[done].Expression); f != nil {
				// Nothing is left to do here if it is an error that is caught.
				return b.thrown != nil, d.throwFrom(b, el, f)
			}
		}
		if f := b.commit(); f != nil {
			return false, f
		}
		d.emit(in.ID, &events.ListenersRun{Element: el.Key, Event: event, Done: done})
	}
	return false, nil
}

// listening says whether the job of a listener of the element is open.
func listening(in *Instance, element ids.Key) bool {
	return slices.ContainsFunc(in.Jobs, func(j *Job) bool { return j.Element == element && j.Listener != "" })
}

func (d *decider) listenerJob(in *Instance, el *Element, l *bpmn.Listener) *fault {
	created, f := d.prepareJob(in, el, l.Job)
	if f != nil {
		return f
	}
	created.Listener = l.Event
	d.offerJob(in, created)
	return nil
}

// listenerDone goes on after the job of an execution listener. Its variables
// are local to an element that starts, as in Zeebe, and go to their owners from
// one that ends.
func (d *decider) listenerDone(in *Instance, el *Element, j *Job, results variables.Document) *fault {
	var f *fault
	if j.Listener == eventStart || j.Listener == eventBeforeAll {
		f = d.setVariables(in, el.Key, results)
	} else {
		f = d.propagate(in, scopeOf(el), results)
	}
	if f != nil {
		return f
	}
	next := Listened{Event: j.Listener}
	if el.Listened != nil && (el.Listened.Event == j.Listener || el.Listened.Event == eventFired) {
		next = *el.Listened
	}
	d.emit(in.ID, &events.ListenersRun{Element: el.Key, Event: next.Event, Done: next.Done + 1})
	node := d.node(in, el)
	switch {
	case next.Event == eventStart || next.Event == eventBeforeAll:
		d.begin(in, el, node)
	case next.Event == eventCancel:
		d.checkScope(in, el.Key)
	case el.Key == events.RootKey:
		d.checkScope(in, el.Key)
	default:
		d.complete(in, el, node, nil)
	}
	return nil
}

// endListenerAgain goes on at a listener of an element's end that threw an
// error which nothing catches.
func (d *decider) endListenerAgain(in *Instance, el *Element) {
	if el.Key == events.RootKey {
		d.checkScope(in, el.Key)
		return
	}
	d.complete(in, el, d.node(in, el), nil)
}

// fitsListener checks the results of a listener job against all limits.
func (d *decider) fitsListener(in *Instance, el *Element, listener string, results variables.Document) *fault {
	if listener == eventStart || listener == eventBeforeAll {
		return d.fitsLocal(in, el.Key, results)
	}
	return d.fits(in, scopeOf(el), results)
}

// scopeOf is the scope that an element hands its results to; for a process
// itself that is its own.
func scopeOf(el *Element) ids.Key {
	if el.Key == events.RootKey {
		return el.Key
	}
	return el.Scope
}

// completeListened is [decider.complete] for elements with listeners. It is run
// again after each job and each incident, and goes on where it stopped.
func (d *decider) completeListened(in *Instance, el *Element, node *bpmn.Element, results variables.Document) {
	waits, f := d.completion(in, el, node, results)
	switch {
	case f != nil && !el.at(eventEnd) && !el.at(eventFired):
		d.raiseWith(in, el, events.StepComplete, f, results)
	case f != nil:
		d.raise(in, el, events.StepComplete, 0, f)
	case waits:
		// An element that ends is no longer interrupted by its events.
		d.disarm(in, el.Key)
	default:
		d.leave(in, el, node)
	}
}

func (d *decider) completion(in *Instance, el *Element, node *bpmn.Element, results variables.Document) (waits bool, f *fault) {
	if el.Listened == nil && len(executionListeners(el, node, eventStart)) > 0 {
		if f := d.takeResults(in, el, node, results); f != nil {
			return false, f
		}
		results = nil
		d.emit(in.ID, &events.ListenersRun{Element: el.Key, Event: eventFired})
	}
	if el.at(eventFired) {
		if waits, f := d.listen(in, el, node, eventFired); f != nil || waits {
			return waits, f
		}
	}
	outputsFirst := d.model(in).Dialect == bpmn.DialectZeebe
	if !el.at(eventEnd) {
		step := d.takeResults
		if outputsFirst {
			step = d.mapOutputs
		}
		if f := step(in, el, node, results); f != nil {
			return false, f
		}
		if d.interruptedByResults(in, el, node) {
			return true, nil
		}
		if len(executionListeners(el, node, eventEnd)) > 0 {
			d.emit(in.ID, &events.ListenersRun{Element: el.Key, Event: eventEnd})
		}
	}
	if waits, f := d.listen(in, el, node, eventEnd); f != nil || waits {
		return waits, f
	}
	if outputsFirst {
		return false, nil
	}
	return false, d.mapOutputs(in, el, node, nil)
}

// beginProcess runs the start listeners of a process, arms its event
// subprocesses, then enters its start event.
func (d *decider) beginProcess(in *Instance) {
	root, model := in.Elements[0], d.model(in)
	waits, f := d.listen(in, root, model.Scope, eventStart)
	if waits && f == nil {
		return
	}
	var starts []armed
	if f == nil {
		starts, f = d.prepareStarts(in, root, model.Scope)
	}
	if f != nil {
		d.raise(in, root, events.StepActivate, 0, f)
		return
	}
	d.arm(in, starts)
	d.arriveLater(in, events.RootKey, entry(d.nodeByID(in, in.StartElement)), nil)
}

// listenToEnd runs the end listeners of a process. It says whether the process
// cannot end yet.
func (d *decider) listenToEnd(in *Instance) bool {
	scope := d.model(in).Scope
	if len(scope.Listeners) == 0 {
		return false
	}
	root := in.Elements[0]
	if !root.at(eventEnd) && len(executionListeners(root, scope, eventEnd)) > 0 {
		d.emit(in.ID, &events.ListenersRun{Element: root.Key, Event: eventEnd})
	}
	waits, f := d.listen(in, root, scope, eventEnd)
	if f != nil {
		d.raise(in, root, events.StepComplete, 0, f)
		return true
	}
	if waits {
		d.disarm(in, root.Key)
	}
	return waits
}

// listenToInterruption runs the end listeners of an element that is being
// interrupted, those in place. Nothing can wait for one that fails: that is
// recorded.
func (d *decider) listenToInterruption(in *Instance, el *Element) {
	model := d.model(in)
	node := d.node(in, el)
	if len(node.Listeners) == 0 || model.Dialect == bpmn.DialectFlowable {
		return
	}
	list := executionListeners(el, node, eventEnd)
	if el.at(eventEnd) {
		list = list[el.Listened.Done:]
	}
	for _, l := range list {
		if l.Job != nil {
			continue
		}
		b := d.box(in, el.Key)
		env := d.listenerEnv(b, el, node, eventEnd)
		env.Execution.Canceled = true
		f := b.run(env, l.Expression)
		if f == nil {
			f = b.commit()
		}
		if f != nil {
			d.listenerFailed(in, el, eventEnd, f)
		}
	}
}

func (d *decider) listenerFailed(in *Instance, el *Element, event string, f *fault) {
	d.emit(in.ID, &events.ListenerFailed{
		Element: el.Key, ElementID: el.ElementID, Event: event,
		Code: string(f.code), Message: truncate(f.message, commands.MaxTextBytes),
	})
}

// listenAtGateway runs the end listeners of an event-based gateway and those of
// the flow to the event that has happened. The event cannot be given back, so
// one that fails is recorded and the token goes on.
func (d *decider) listenAtGateway(in *Instance, el *Element, node *bpmn.Element, flow *bpmn.SequenceFlow) {
	for _, l := range executionListeners(el, node, eventEnd) {
		b := d.box(in, el.Key)
		f := b.run(d.listenerEnv(b, el, node, eventEnd), l.Expression)
		if f == nil {
			f = b.commit()
		}
		if f != nil {
			d.listenerFailed(in, el, eventEnd, f)
		}
	}
	if f := d.listenFlows(in, el, []*bpmn.SequenceFlow{flow}); f != nil {
		d.listenerFailed(in, el, eventTake, f)
	}
}

// listenFlows runs the listeners of the flows that a token is about to take. It
// writes all that they set or, with a fault, nothing.
func (d *decider) listenFlows(in *Instance, el *Element, flows []*bpmn.SequenceFlow) *fault {
	var b *box
	for _, flow := range flows {
		for i := range flow.Listeners {
			if b == nil {
				b = d.box(in, el.Scope)
			}
			env := d.listenerEnv(b, el, flow.Source, eventTake)
			env.Execution.FlowID = flow.ID
			if f := b.run(env, flow.Listeners[i].Expression); f != nil {
				return f
			}
		}
	}
	if b == nil {
		return nil
	}
	return b.commit()
}

// listenerEnv is what a listener sees and may write.
func (d *decider) listenerEnv(b *box, el *Element, node *bpmn.Element, event string) *expression.Env {
	env := d.env(b.in, el)
	x := &env.Execution
	x.ElementName, x.ElementType, x.EventName = node.Name, string(node.Type), event
	x.ElementInstanceID = ids.Join(b.in.ID, el.Key)
	b.open(env)
	return env
}

// box holds what listeners write until all of them have run.
type box struct {
	d     *decider
	in    *Instance
	scope ids.Key
	made  map[ids.Key]variables.Document // by owner
	// own are the names that were written locally, if those go on with the
	// token.
	own     []string
	carries bool
	// thrown is the BPMN error of the listener or script that failed with one.
	thrown *bpmnError
}

func (d *decider) box(in *Instance, scope ids.Key) *box {
	return &box{
		d: d, in: in, scope: scope, made: map[ids.Key]variables.Document{},
		carries: d.carriesAll(in, must(in.Elements, scope)),
	}
}

// open lets an environment read and write through the box.
func (b *box) open(env *expression.Env) {
	env.Lookup = b.lookup
	env.Visible = func() map[string]any {
		// From the outermost scope inwards, so that the nearest value stays.
		var scopes []ids.Key
		for scope := b.scope; scope != 0; scope = must(b.in.Elements, scope).Scope {
			scopes = append(scopes, scope)
		}
		out := map[string]any{}
		for _, scope := range slices.Backward(scopes) {
			maps.Copy(out, must(b.in.Elements, scope).Variables)
			if scope == events.RootKey && b.d.transient != nil {
				maps.Copy(out, b.d.transient[b.in.ID])
			}
			maps.Copy(out, b.made[scope])
		}
		return out
	}
	env.Local = func() map[string]any {
		out := map[string]any{}
		maps.Copy(out, must(b.in.Elements, b.scope).Variables)
		maps.Copy(out, b.made[b.scope])
		return out
	}
	env.Hidden = func(name string) bool { return b.owner(name) != events.RootKey }
	env.Write = func(name string, v any) { b.write(b.owner(name), name, v) }
	env.WriteLocal = func(name string, v any) {
		if b.carries {
			b.own = append(b.own, name)
		}
		b.write(b.scope, name, v)
	}
}

func (b *box) lookup(name string) (any, bool) {
	for scope := b.scope; scope != 0; {
		el := must(b.in.Elements, scope)
		if v, ok := b.made[scope][name]; ok {
			return v, true
		}
		if scope == events.RootKey && b.d.transient != nil {
			if v, ok := b.d.transient[b.in.ID][name]; ok {
				return v, true
			}
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

func (b *box) owner(name string) ids.Key {
	for scope := b.scope; scope != 0; {
		el := must(b.in.Elements, scope)
		if _, ok := b.made[scope][name]; ok {
			return scope
		}
		if _, ok := el.Variables[name]; ok {
			return scope
		}
		if el.keepsOwn() {
			return scope
		}
		scope = el.Scope
	}
	return events.RootKey
}

func (b *box) write(scope ids.Key, name string, v any) {
	if b.made[scope] == nil {
		b.made[scope] = variables.Document{}
	}
	b.made[scope][name] = v
}

// run evaluates one listener. What it returns is nobody's.
func (b *box) run(env *expression.Env, x *bpmn.Expression) *fault {
	if x == nil || x.Program == nil {
		return nil
	}
	_, err := b.d.evaluate(env, x)
	if err == nil {
		return nil
	}
	return b.failed(env, x, err)
}

// failed is the fault of an evaluation, whose BPMN error is kept.
func (b *box) failed(env *expression.Env, x *bpmn.Expression, err error) *fault {
	var coded *expression.Error
	if errors.As(err, &coded) && coded.Thrown != nil {
		b.thrown = &bpmnError{code: coded.Thrown.Code, message: coded.Thrown.Message}
	}
	return failed(env, x, err)
}

// throwFrom throws the BPMN error with which a listener or script in place has
// ended. What has been set before stays, as in Camunda 7, if somebody catches it.
// Any other fault is returned.
func (d *decider) throwFrom(b *box, el *Element, f *fault) *fault {
	if b.thrown == nil {
		return f
	}
	if d.findCatcher(b.in, el, bpmn.EventError, b.thrown.code) != nil {
		if f := b.commit(); f != nil {
			return f
		}
	}
	return d.throwError(b.in, el, *b.thrown)
}

// commit writes what the listeners have set, all of it or, with a fault,
// nothing.
func (b *box) commit() *fault {
	if f := b.fits(); f != nil {
		return f
	}
	b.emit()
	return nil
}

// fits checks what the listeners have set against all limits.
func (b *box) fits() *fault {
	for _, owner := range sortedKeys(b.made) {
		if f := b.d.fitsLocal(b.in, owner, b.made[owner]); f != nil {
			return f
		}
	}
	return nil
}

// emit writes what fits.
func (b *box) emit() {
	for _, owner := range sortedKeys(b.made) {
		set := &events.VariablesSet{Scope: owner, Values: b.made[owner]}
		if owner == b.scope && len(b.own) > 0 {
			slices.Sort(b.own)
			set.Path = slices.Compact(b.own)
		}
		b.d.bytes += variables.Size(set.Values)
		b.d.emit(b.in.ID, set)
	}
}
