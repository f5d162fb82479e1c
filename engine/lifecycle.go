package engine

import (
	"slices"

	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/variables"
)

// behaviour is what an element type does when a token reaches it and when it is
// interrupted. Everything that elements have in common (inputs, boundary events,
// outputs, flows, scopes) is in this file.
//
// A behaviour evaluates before it emits: when it returns a fault it must have
// emitted nothing, so that resolving the incident can run it again.
type behaviour interface {
	// activate begins the element's work. An element without work of its own
	// calls complete at once.
	activate(d *decider, in *Instance, el *Element, node *bpmn.Element) *fault
}

// behaviours says what executes each element type. Deployment refuses what is
// not here.
var behaviours = map[bpmn.Type]behaviour{
	bpmn.TypeStartEvent:        passThrough{},
	bpmn.TypeEndEvent:          endEvent{},
	bpmn.TypeThrowEvent:        throwEvent{},
	bpmn.TypeTask:              passThrough{},
	bpmn.TypeManualTask:        passThrough{},
	bpmn.TypeExclusiveGateway:  passThrough{},
	bpmn.TypeParallelGateway:   passThrough{},
	bpmn.TypeInclusiveGateway:  passThrough{},
	bpmn.TypeComplexGateway:    passThrough{},
	bpmn.TypeBoundaryEvent:     passThrough{},
	bpmn.TypeServiceTask:       workTask{},
	bpmn.TypeSendTask:          sendTask{},
	bpmn.TypeScriptTask:        workTask{},
	bpmn.TypeBusinessRuleTask:  workTask{},
	bpmn.TypeUserTask:          userTask{},
	bpmn.TypeReceiveTask:       catchEvent{},
	bpmn.TypeCatchEvent:        catchEvent{},
	bpmn.TypeEventBasedGateway: eventBasedGateway{},
	bpmn.TypeSubProcess:        subProcess{},
	bpmn.TypeAdHocSubProcess:   adHocSubProcess{},
	bpmn.TypeEventSubProcess:   eventSubProcess{},
	bpmn.TypeTransaction:       subProcess{},
	bpmn.TypeCallActivity:      callActivity{},
}

// passThrough is the behaviour of elements that a token only passes.
type passThrough struct{}

func (passThrough) activate(d *decider, in *Instance, el *Element, node *bpmn.Element) *fault {
	d.complete(in, el, node, el.Brought)
	return nil
}

// enter brings a token to a flow node in a scope. joined lists the flows from
// which a join has taken its tokens.
func (d *decider) enter(in *Instance, scope ids.Key, node *bpmn.Element, joined []string) {
	d.activated(in, node, &events.ElementActivated{Scope: scope, Joined: joined}, nil, nil)
}

// enterFor is enter for the handler of a compensation, with what it undoes.
func (d *decider) enterFor(in *Instance, scope ids.Key, node *bpmn.Element, undoes *events.CompensationStarted) {
	d.activated(in, node, &events.ElementActivated{Scope: scope}, undoes, nil)
}

// reset activates a complex gateway for its second phase.
func (d *decider) reset(in *Instance, scope ids.Key, node *bpmn.Element, joined []string) {
	d.activated(in, node, &events.ElementActivated{Scope: scope, Joined: joined, Reset: true}, nil, nil)
}

// activated begins an element instance. undoes says what it undoes, carried are
// the variables that came with the token; either may be nil.
func (d *decider) activated(in *Instance, node *bpmn.Element, e *events.ElementActivated, undoes *events.CompensationStarted, carried variables.Document) {
	d.steps++
	e.Key, e.ElementID, e.Type = in.nextKey(), node.ID, typeOf(node)
	d.emit(in.ID, e)
	el := must(in.Elements, e.Key)
	d.carry(in, e.Key, node, carried)
	if undoes != nil {
		undoes.Element = e.Key
		d.emit(in.ID, undoes)
	}
	d.beginOrWait(in, el, node)
}

// begin runs the activation of an element: inputs, the element's own work, its
// boundary events. It is run again when an incident of this step is resolved.
func (d *decider) begin(in *Instance, el *Element, node *bpmn.Element) {
	if el.Key == events.RootKey {
		d.beginProcess(in)
		return
	}
	if f := d.activate(in, el, node); f != nil {
		d.raise(in, el, events.StepActivate, 0, f)
	}
}

func (d *decider) activate(in *Instance, el *Element, node *bpmn.Element) *fault {
	b, ok := behaviours[node.Type]
	if !ok {
		return faultf(commands.CodeElementUnsupported, "%s %s cannot be executed by this release", node.Type, node.ID)
	}
	switch el.Type {
	case loopBody:
		b = loop{}
		if len(node.Listeners) > 0 {
			if waits, f := d.listen(in, el, node, eventBeforeAll); f != nil || waits {
				return f
			}
		}
	case adHocInner:
		b = adHocTurn{}
	default:
		if !el.past(eventStart) { // else the inputs were mapped before
			if f := d.mapInputs(in, el, node); f != nil {
				return f
			}
		}
		if len(node.Listeners) > 0 {
			if waits, f := d.listen(in, el, node, eventStart); f != nil || waits {
				return f
			}
		}
	}
	if node.Skip != nil && !isBody(el) {
		if skip, f := d.skips(in, el, node.Skip); f != nil || skip {
			if skip {
				d.complete(in, el, node, nil)
			}
			return f
		}
	}
	armed, f := d.prepareCatches(in, el, hosted(el, node))
	if f != nil {
		return f
	}
	starts, f := d.prepareStarts(in, el, node)
	if f != nil {
		return f
	}
	if f := b.activate(d, in, el, node); f != nil {
		return f
	}
	if !d.over(in, el.Key) {
		d.arm(in, armed)
		d.arm(in, starts)
	}
	return nil
}

// complete ends an element's work with its results: outputs, then flows.
func (d *decider) complete(in *Instance, el *Element, node *bpmn.Element, results variables.Document) {
	if len(node.Listeners) > 0 {
		d.completeListened(in, el, node, results)
		return
	}
	if f := d.takeResults(in, el, node, results); f != nil {
		d.raiseWith(in, el, events.StepComplete, f, results)
		return
	}
	if d.interruptedByResults(in, el, node) {
		return
	}
	if f := d.mapOutputs(in, el, node, nil); f != nil {
		d.raise(in, el, events.StepComplete, 0, f)
		return
	}
	d.leave(in, el, node)
}

// leave chooses the outgoing flows, ends the element instance and sends the
// tokens on. It is run again when an incident of this step is resolved.
func (d *decider) leave(in *Instance, el *Element, node *bpmn.Element) {
	if isTurn(el, node) {
		d.leaveTurn(in, el, node)
		return
	}
	if el.Compensates != 0 {
		d.compensated(in, el)
		return
	}
	flows, f := d.chooseFlows(in, el, node)
	if f != nil {
		d.raise(in, el, events.StepLeave, 0, f)
		return
	}
	flows = multiplied(node, flows)
	if f := d.listenFlows(in, el, flows); f != nil {
		d.raise(in, el, events.StepLeave, 0, f)
		return
	}
	if len(el.Path) > 0 {
		if f := d.fitsCarried(el, len(flows)); f != nil {
			d.raise(in, el, events.StepLeave, 0, f)
			return
		}
	}
	d.disarm(in, el.Key)
	scope, carried := el.Scope, el.carried()
	if node.Compensable {
		d.recordCompleted(in, el, node)
	}
	d.emit(in.ID, &events.ElementCompleted{Key: el.Key, ElementID: el.ElementID})
	if node.LinkTarget != nil {
		// A link is a sequence flow that is not drawn (BPMN 2.0.2, 10.5.5).
		d.arriveLater(in, scope, node.LinkTarget, carried)
		return
	}
	d.take(in, scope, flows, carried)
}

// take moves a token over each of the flows, each with a copy of the variables
// that go with it; with no flow, the path ends.
func (d *decider) take(in *Instance, scope ids.Key, flows []*bpmn.SequenceFlow, carried variables.Document) {
	if len(flows) == 0 {
		d.checkScope(in, scope)
		return
	}
	ref := scopeRef{in.ID, scope}
	wave := d.waves[ref]
	for _, flow := range flows {
		joins := flow.Target.Joining()
		d.emit(in.ID, &events.FlowTaken{Scope: scope, FlowID: flow.ID, Waits: joins})
		d.later(func() {
			switch {
			case d.gone(in, scope):
			case d.waves[ref] != wave:
				d.checkScope(in, scope)
			case joins:
				d.join(in, scope, flow.Target)
			default:
				d.activated(in, flow.Target, &events.ElementActivated{Scope: scope}, nil, carried)
			}
		})
	}
}

// gone says whether a scope has ended.
func (d *decider) gone(in *Instance, scope ids.Key) bool {
	if d.instances[in.ID] != in || in.canceling() {
		return true
	}
	_, active := in.Element(scope)
	return !active
}

// dropTokens removes the tokens of a scope: those that wait before its joins,
// and those on their way in this decision.
func (d *decider) dropTokens(in *Instance, scope ids.Key) {
	if d.waves == nil {
		d.waves = map[scopeRef]int{}
	}
	d.waves[scopeRef{in.ID, scope}]++
	if el := must(in.Elements, scope); len(el.Tokens)+len(el.Gateways) > 0 {
		d.emit(in.ID, &events.TokensDropped{Scope: scope})
	}
}

// scopeMayBeDone completes a scope in which nothing is active any more.
func (d *decider) scopeMayBeDone(ref scopeRef) {
	in := d.instances[ref.instance]
	if in == nil || in.canceling() {
		return
	}
	el, ok := in.Element(ref.key)
	if ok && el.Ending != nil {
		d.goOnEnding(in, el)
		return
	}
	if !ok || el.Active > 0 || d.hasIncident(in, el.Key) || el.Listened != nil && listening(in, el.Key) {
		return
	}
	if isBody(el) {
		d.loopRests(in, el, d.node(in, el))
		return
	}
	if d.settleScope(in, el) {
		return
	}
	if len(el.Tokens) > 0 {
		d.raise(in, el, events.StepScope, 0, faultf(commands.CodeTokenStuck,
			"tokens wait before a join on flow %s, and nothing is left in the scope that could bring the others", el.Tokens[0].FlowID))
		return
	}
	if el.Type == typeCompensation {
		d.compensateNext(in, el.Key)
		return
	}
	if el.Type == adHocInner {
		d.leaveAdHocTurn(in, el, d.node(in, el))
		return
	}
	var results variables.Document
	if el.Type == string(bpmn.TypeAdHocSubProcess) {
		node := d.node(in, el)
		if el.AdHoc == nil || !d.adHocRests(in, el, node) {
			return
		}
		results = adHocResults(el, node.AdHoc)
	}
	// Nothing may begin in a scope whose outputs are being mapped.
	d.disarmStarts(in, el)
	if el.Key != events.RootKey {
		d.complete(in, el, d.node(in, el), results)
		return
	}
	if in.Ended != nil {
		return // it ends when all is recorded
	}
	d.completeInstance(in)
}

// hasIncident says whether the element itself, or a scope itself, is stopped.
func (d *decider) hasIncident(in *Instance, element ids.Key) bool {
	return slices.ContainsFunc(in.Incidents, func(i *Incident) bool { return i.Element == element })
}

// completeInstance ends an instance whose root scope is empty, and goes on in
// the instance that called it. If that one cannot take the results, the called
// instance stays until the caller's incident is resolved: its variables would
// be lost otherwise.
func (d *decider) completeInstance(in *Instance) {
	if d.listenToEnd(in) {
		return
	}
	var results returned
	caller, el := d.caller(in)
	if caller != nil {
		var f *fault
		if results, f = d.passedOut(caller, el, in); f != nil {
			if !d.hasIncident(caller, el.Key) {
				d.raise(caller, el, events.StepComplete, 0, f)
			}
			return
		}
	}
	d.emit(in.ID, &events.InstanceCompleted{RemoveAtMS: d.removeAt(in)})
	d.instanceEnded(in)
	if caller != nil {
		d.later(func() { d.calledCompleted(in, results) })
	}
}

// instanceEnded does what follows from the end of an instance, however it ended.
func (d *decider) instanceEnded(in *Instance) {
	if in.MessageKey != "" {
		d.releaseMessageKey(in)
	}
}

// close ends what an element instance has open: its job, user task, incidents,
// catches and called instance.
func (d *decider) close(in *Instance, el *Element) {
	d.closeJobs(in, el)
	for i := len(in.Tasks) - 1; i >= 0 && in.Tasks[i].Key > el.Key; i-- {
		if t := in.Tasks[i]; t.Element == el.Key {
			d.closeTask(in, el, t)
		}
	}
	d.closeIncidents(in, el.Key)
	d.disarm(in, el.Key)
	d.cancelChild(in, el)
}

func (d *decider) closeJobs(in *Instance, el *Element) {
	// What an element has open is younger than it.
	for i := len(in.Jobs) - 1; i >= 0 && in.Jobs[i].Key > el.Key; i-- {
		if j := in.Jobs[i]; j.Element == el.Key {
			d.withdraw(in, j)
			d.emit(in.ID, &events.JobCanceled{Key: j.Key})
		}
	}
}

func (d *decider) closeTask(in *Instance, el *Element, t *UserTask) {
	d.deleteListened(in, el, t)
	d.emit(in.ID, &events.UserTaskCanceled{Key: t.Key})
}

// cancelChild cancels the instance that a call activity has started.
func (d *decider) cancelChild(in *Instance, el *Element) {
	if el.Child == "" {
		return
	}
	if child := d.Instance(el.Child); child != nil {
		d.cancelInstance(child, interruptedCall(in, el))
	}
}

func interruptedCall(in *Instance, el *Element) string {
	return "the call activity " + el.ElementID + " of " + string(in.ID) + " was interrupted"
}

func (d *decider) closeIncidents(in *Instance, element ids.Key) {
	for i := len(in.Incidents) - 1; i >= 0 && in.Incidents[i].Key > element; i-- {
		if inc := in.Incidents[i]; inc.Element == element {
			d.emit(in.ID, &events.IncidentResolved{Key: inc.Key})
		}
	}
}
