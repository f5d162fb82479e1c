package engine

import (
	"slices"

	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/variables"
)

// Compensation (BPMN 2.0.2, 10.7). An activity that can be undone leaves a record
// when it completes: which one it was, in which scope, and its own variables. A
// record belongs to the element instance of its scope, or to the record of that
// scope once it has completed too, and is forgotten with it.
//
// Who throws compensation takes the records of its scope and has them undone one
// after the other, the newest first. To undo an activity is to enter its handler,
// in the scope that the activity was in. A completed subprocess is brought back
// for that: an element instance of type "compensation" with the variables as they
// were takes over the records inside, and runs the model's compensation event
// subprocess or undoes them in the same way.

// typeCompensation is the type of the element instance that stands for a
// completed activity while it is undone, or for a throw event that does not wait.
// It has no boundary events and takes no flow.
const typeCompensation = "compensation"

// recordCompleted keeps what compensating an activity needs. It comes right
// before the activity's end.
func (d *decider) recordCompleted(in *Instance, el *Element, node *bpmn.Element) {
	r := &events.CompensationRecorded{Key: in.nextKey(), Element: el.Key, ElementID: el.ElementID}
	if ownHandler(el.Type, node) != nil {
		r.Snapshot = d.handlerSeesLocals(in, el)
	} else {
		r.Snapshot, r.Inner = true, true
		if !in.holdsCompleted(el.Key) && (enclosesTurns(el.Type) || node.CompensationStart() == nil) {
			return // nothing inside has completed
		}
	}
	r.Snapshot = r.Snapshot && len(el.Variables) > 0
	d.emit(in.ID, r)
}

// ownHandler returns the handler of an element instance's compensation boundary
// event. Of a multi-instance activity each instance is undone, not the body.
func ownHandler(elementType string, node *bpmn.Element) *bpmn.Element {
	if enclosesTurns(elementType) {
		return nil
	}
	return node.CompensationHandler()
}

// enclosesTurns says whether an element instance only holds others of its
// activity together.
func enclosesTurns(elementType string) bool {
	return elementType == loopBody || elementType == adHocInner
}

// handlerSeesLocals says whether a handler sees the local variables that its
// activity had. It does in Zeebe and by the standard; in the camunda family only
// those of an instance of many, such as its item.
func (d *decider) handlerSeesLocals(in *Instance, el *Element) bool {
	switch d.model(in).Dialect {
	case bpmn.DialectCamunda, bpmn.DialectFlowable:
		return isBody(must(in.Elements, el.Scope))
	case bpmn.DialectPlain, bpmn.DialectZeebe:
	}
	return true
}

// throwCompensation has the completed activities of the scope undone, or those
// that the event names, and goes on after that; at once if the event does not
// wait or there is nothing to undo.
func (d *decider) throwCompensation(in *Instance, el *Element, node *bpmn.Element) *fault {
	scopes := d.compensationScopes(in, el, func(*Element) bool { return true })
	var list []ids.Key
	for _, c := range in.Completed {
		if c.By == 0 && slices.Contains(scopes, c.Scope) && (node.Event.Activity == nil || c.ElementID == node.Event.Activity.ID) {
			list = append(list, c.Key)
		}
	}
	by := el.Key
	if len(list) > 0 {
		if node.Event.NoWait {
			// Something has to see to the order, and to be there for what ends
			// the scope.
			by = in.nextKey()
			d.emit(in.ID, &events.ElementActivated{Key: by, Scope: scopes[len(scopes)-1], ElementID: el.ElementID, Type: typeCompensation})
		}
		d.emit(in.ID, &events.CompensationTriggered{Element: by, Records: list})
		d.later(func() { d.compensateNext(in, by) })
	}
	if len(list) == 0 || node.Event.NoWait {
		d.complete(in, el, node, nil)
	}
	return nil
}

// compensationScopes returns the scope of a throwing event and, if it stands in
// an event subprocess, the scopes that this one belongs to, while goOn.
func (d *decider) compensationScopes(in *Instance, el *Element, goOn func(*Element) bool) []ids.Key {
	var list []ids.Key
	for key := el.Scope; key != 0; {
		scope := must(in.Elements, key)
		list = append(list, key)
		if d.node(in, scope).Type != bpmn.TypeEventSubProcess && scope.Type != adHocInner || !goOn(scope) {
			break
		}
		key = scope.Scope
	}
	return list
}

// cancelTransaction ends what is still active in the transaction and has its
// completed activities undone. Then the token leaves by its cancel boundary event
// (BPMN 2.0.2, 10.3.7 and 10.5.6).
func (d *decider) cancelTransaction(in *Instance, el *Element, node *bpmn.Element) *fault {
	t, _ := d.canceledBy(in, el)
	if t == nil {
		return faultf(commands.CodeErrorUncaught, "no cancel boundary event of a transaction catches the cancel end event %s", el.ElementID)
	}
	for _, other := range in.Elements {
		if other.Key != el.Key && d.cancels(in, other) {
			if o, _ := d.canceledBy(in, other); o == t {
				d.complete(in, el, node, nil) // it is being canceled already
				return nil
			}
		}
	}
	d.endBeside(in, el, t)
	d.later(func() { d.compensateNext(in, el.Key) })
	return nil
}

// endBeside ends what is active in a transaction beside its cancel end event. An
// activity that is being undone goes on to be, now for that event.
func (d *decider) endBeside(in *Instance, el, t *Element) {
	within := []*Element{el}
	for scope := el; scope != t; within = append(within, scope) {
		scope = must(in.Elements, scope.Scope)
	}
	for _, scope := range within[1:] {
		d.disarmStarts(in, scope)
		d.dropTokens(in, scope.Key)
		for _, handler := range in.Elements {
			if handler.Scope == scope.Key && handler.Compensates != 0 && handler.Compensates != el.Key {
				d.emit(in.ID, &events.CompensationStarted{By: el.Key, Element: handler.Key})
			}
		}
		for i := len(in.Elements) - 1; i > 0; i-- {
			if other := in.Elements[i]; other.Scope == scope.Key && other.Compensates == 0 && !slices.Contains(within, other) {
				d.terminate(in, other)
				i = min(i, len(in.Elements))
			}
		}
	}
}

// cancels says whether an element instance is a cancel end event.
func (d *decider) cancels(in *Instance, el *Element) bool {
	if el.Type != string(bpmn.TypeEndEvent) {
		return false
	}
	event := d.node(in, el).Event
	return event != nil && event.Kind == bpmn.EventCancel
}

// canceledBy returns the transaction that a cancel end event ends and the
// boundary event by which it leaves; nil if there is none. One that runs several
// times ends with all of its turns: the boundary event is that of its body.
func (d *decider) canceledBy(in *Instance, el *Element) (*Element, *bpmn.Element) {
	for key := el.Scope; key != 0; {
		scope := must(in.Elements, key)
		key = scope.Scope
		node := d.node(in, scope)
		if node.Type != bpmn.TypeTransaction || scope.Type == typeCompensation {
			continue
		}
		for _, b := range node.Boundary {
			if b.Event != nil && b.Event.Kind == bpmn.EventCancel {
				if isTurn(scope, node) {
					scope = must(in.Elements, scope.Scope)
				}
				return scope, b
			}
		}
		return nil, nil
	}
	return nil, nil
}

// compensateNext goes on with the compensation that an element instance has
// taken on: the next activity when the one before has been undone, its own end
// after the last one.
func (d *decider) compensateNext(in *Instance, key ids.Key) {
	for !d.over(in, key) && !d.hasIncident(in, key) {
		el := must(in.Elements, key)
		busy := slices.ContainsFunc(in.Elements, func(e *Element) bool { return e.Compensates == key })
		if busy && !d.model(in).CompensateInParallel {
			return
		}
		i := len(in.Completed) - 1
		for i >= 0 && in.Completed[i].By != key {
			i--
		}
		if i < 0 {
			if !busy {
				d.compensationDone(in, el)
			}
			return
		}
		if f := d.undo(in, el, in.Completed[i]); f != nil {
			d.raise(in, el, events.StepCompensate, 0, f)
			return
		}
	}
}

// compensationDone ends what has nothing left to undo.
func (d *decider) compensationDone(in *Instance, el *Element) {
	if el.Type == typeCompensation {
		if el.Active == 0 {
			d.compensated(in, el)
		}
		return
	}
	node := d.node(in, el)
	if !d.cancels(in, el) {
		d.complete(in, el, node, nil)
		return
	}
	t, boundary := d.canceledBy(in, el)
	scopes := d.compensationScopes(in, el, func(scope *Element) bool { return scope != t })
	if isBody(t) {
		scopes = append(scopes, t.Key)
		for _, turn := range in.Elements {
			if turn.Scope == t.Key {
				scopes = append(scopes, turn.Key)
			}
		}
	}
	var list []ids.Key
	for _, c := range in.Completed { // also what completed meanwhile, or others have taken on
		if slices.Contains(scopes, c.Scope) {
			list = append(list, c.Key)
		}
	}
	if len(list) > 0 {
		d.emit(in.ID, &events.CompensationTriggered{Element: el.Key, Records: list})
		d.later(func() { d.compensateNext(in, el.Key) })
		return
	}
	if slices.ContainsFunc(in.Elements, func(e *Element) bool { return e.Compensates != 0 && slices.Contains(scopes, e.Scope) }) {
		return // a handler that somebody else has started; see afterCompensation
	}
	d.boundary(in, t, boundary, nil)
}

// undo begins to undo a completed activity on behalf of an element instance.
func (d *decider) undo(in *Instance, by *Element, c *Completed) *fault {
	node := d.nodeByID(in, c.ElementID)
	handler := ownHandler(c.Type, node)
	started := &events.CompensationStarted{Record: c.Key, By: by.Key}
	if handler != nil && len(c.Variables) == 0 {
		d.enterFor(in, c.Scope, handler, started)
		return nil
	}
	snapshot := c.Variables
	if d.bytes > 0 && d.bytes+variables.Size(snapshot) > d.cfg.MaxDecisionBytes {
		return faultf(commands.CodeDecisionTooLarge, "one command wrote more than %d bytes of variables", d.cfg.MaxDecisionBytes)
	}
	d.steps++
	key := in.nextKey()
	started.Element = key
	d.emit(in.ID, &events.ElementActivated{Key: key, Scope: c.Scope, ElementID: c.ElementID, Type: typeCompensation})
	d.emit(in.ID, started)
	if len(snapshot) > 0 {
		d.write(in, key, snapshot)
	}
	if handler != nil {
		d.enterFor(in, key, handler, &events.CompensationStarted{By: key})
		return nil
	}
	if start := node.CompensationStart(); start != nil && !enclosesTurns(c.Type) {
		d.startEventSub(in, must(in.Elements, key), start, nil)
		return nil
	}
	var inside []ids.Key
	for _, inner := range in.Completed {
		if inner.Scope == key {
			inside = append(inside, inner.Key)
		}
	}
	d.emit(in.ID, &events.CompensationTriggered{Element: key, Records: inside})
	d.later(func() { d.compensateNext(in, key) })
	return nil
}

// terminateHandlers ends what undoes activities for an element instance that is
// being terminated.
func (d *decider) terminateHandlers(in *Instance, el *Element) {
	switch el.Type {
	case string(bpmn.TypeThrowEvent), string(bpmn.TypeEndEvent), typeCompensation:
	default:
		return // nobody else has handlers
	}
	for i := len(in.Elements) - 1; i > 0; i-- {
		if handler := in.Elements[i]; handler.Compensates == el.Key {
			d.terminate(in, handler)
			i = min(i, len(in.Elements))
		}
	}
}

// compensated ends an element instance that has undone something. It takes no
// flow.
func (d *decider) compensated(in *Instance, el *Element) {
	d.disarm(in, el.Key)
	d.emit(in.ID, &events.ElementCompleted{Key: el.Key, ElementID: el.ElementID})
	d.afterCompensation(in, el)
	d.checkScope(in, el.Scope)
}

// afterCompensation lets those go on who wait for the end of an element instance
// that has undone something: who asked for it, and transactions that are being
// canceled.
func (d *decider) afterCompensation(in *Instance, el *Element) {
	if by := el.Compensates; by != 0 {
		d.later(func() { d.compensateNext(in, by) })
	}
	for _, other := range in.Elements {
		if other.Key != el.Compensates && d.cancels(in, other) {
			d.later(func() { d.compensateNext(in, other.Key) })
		}
	}
}

// holdsCompleted says whether activities inside a scope can be compensated.
func (in *Instance) holdsCompleted(scope ids.Key) bool {
	return slices.ContainsFunc(in.Completed, func(c *Completed) bool { return c.Scope == scope })
}

// applyCompensation applies the events of compensation.
func (in *Instance) applyCompensation(e events.Event) {
	switch e := e.(type) {
	case *events.CompensationRecorded:
		in.took(e.Key)
		el := must(in.Elements, e.Element)
		c := &Completed{Key: e.Key, Element: el.Key, Scope: el.Scope, ElementID: e.ElementID, Type: el.Type}
		if e.Snapshot { // the size of all variables stays the same
			c.Variables, el.Variables = el.Variables, nil
		}
		if !e.Inner {
			in.forgetInside(el.Key)
		}
		in.Completed = add(in.Completed, c)
	case *events.CompensationTriggered:
		must(in.Elements, e.Element)
		for _, key := range e.Records {
			must(in.Completed, key).By = e.Element
		}
	case *events.CompensationStarted:
		must(in.Elements, e.Element).Compensates = e.By
		if e.Record == 0 {
			return
		}
		c := must(in.Completed, e.Record)
		in.VariableBytes -= sizeOf(c.Variables)
		in.Completed = remove(in.Completed, c.Key)
		for _, inner := range in.Completed {
			if inner.Scope == c.Element {
				inner.Scope = e.Element
			}
		}
	}
}

// forget drops what an element instance that has ended knew of compensation: the
// records inside it, unless it left one itself, and its hold on those that it
// had taken on.
func (in *Instance) forget(key ids.Key) {
	kept := false
	for _, c := range in.Completed {
		kept = kept || c.Element == key
		if c.By == key {
			c.By = 0
		}
	}
	if !kept {
		in.forgetInside(key)
	}
}

// forgetInside drops the records inside a scope.
func (in *Instance) forgetInside(scope ids.Key) {
	for {
		i := slices.IndexFunc(in.Completed, func(c *Completed) bool { return c.Scope == scope })
		if i < 0 {
			return
		}
		c := in.Completed[i]
		in.VariableBytes -= sizeOf(c.Variables)
		in.Completed = slices.Delete(in.Completed, i, i+1)
		in.forgetInside(c.Element)
	}
}

// sizeOf is the size of all variables of a document.
func sizeOf(doc variables.Document) int {
	n := 0
	for name, v := range doc {
		n += variables.SizeOf(name, v)
	}
	return n
}
