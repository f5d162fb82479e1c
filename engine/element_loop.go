package engine

import (
	"cmp"

	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/variables"
)

// An activity that runs several times (BPMN 2.0.2, 10.3.8 and 13.3.6 to 13.3.7)
// is an element instance of type loopBody, the body, that encloses an element
// instance for each turn: same element id, the node's own type, scope the body.
// Boundary events and outgoing flows belong to the body; inputs, outputs and the
// work itself to the turns.
const loopBody = "multiInstanceBody"

// Loop is what an element instance knows of the loop that it is the body of, or
// a turn of.
type Loop struct {
	// Turn is the number of the turn, from 1; 0 for the body. Choice is what it
	// is, in an ad-hoc subprocess.
	Turn   int     `msgpack:"t,omitempty"`
	Choice *Choice `msgpack:"h,omitempty"`

	// The rest is of the body; see events.LoopStarted.
	Count      int            `msgpack:"n,omitempty"`
	Items      variables.List `msgpack:"i,omitempty"`
	Sequential bool           `msgpack:"s,omitempty"`
	Standard   bool           `msgpack:"l,omitempty"`
	Classic    bool           `msgpack:"c,omitempty"`
	Zeebe      bool           `msgpack:"z,omitempty"`
	Output     string         `msgpack:"o,omitempty"`
	AdHoc      bool           `msgpack:"a,omitempty"`
	// Chosen are the activities of an ad-hoc subprocess that have still to begin.
	Chosen []Choice `msgpack:"q,omitempty"`
	// Begun, Completed and Terminated count turns.
	Begun      int `msgpack:"b,omitempty"`
	Completed  int `msgpack:"d,omitempty"`
	Terminated int `msgpack:"x,omitempty"`
	// Collected holds results by turn; nil where a turn has none.
	Collected []variables.Document `msgpack:"r,omitempty"`
	// Paused says that a command to the partition itself begins the other turns,
	// Stopped that no other turn begins.
	Paused  bool `msgpack:"p,omitempty"`
	Stopped bool `msgpack:"e,omitempty"`
	// Keeps says that a turn owns what is written inside it.
	Keeps bool `msgpack:"kp,omitempty"`
	// Bytes is what Items, Chosen and Collected add to the instance's variables.
	Bytes int `msgpack:"y,omitempty"`
}

// isBody says whether an element instance is the body of a loop.
func isBody(el *Element) bool { return el.Type == loopBody }

// keepsOwn says whether an element instance is a turn of a loop that owns what is
// written inside it.
func (e *Element) keepsOwn() bool { return e.Loop != nil && e.Loop.Keeps && e.Loop.Turn > 0 }

// isTurn says whether an element instance of the node is a turn of a loop.
func isTurn(el *Element, node *bpmn.Element) bool {
	return node.Loop != nil && el.Type == string(node.Type)
}

// turns returns what encloses turns: the loop of a body, or that of an ad-hoc
// subprocess, which may be a turn itself.
func (e *Element) turns() *Loop {
	if e.AdHoc != nil {
		return e.AdHoc
	}
	return e.Loop
}

// typeOf is the type of the element instance that a token makes at a node.
func typeOf(node *bpmn.Element) string {
	if node.Loop != nil {
		return loopBody
	}
	return string(node.Type)
}

// hosted returns the boundary events that are armed on an element instance:
// those of its node, but for turns, whose body has them.
func hosted(el *Element, node *bpmn.Element) []*bpmn.Element {
	if isTurn(el, node) || el.Type == adHocInner || el.Type == typeCompensation {
		return nil
	}
	return node.Boundary
}

// more says whether another turn is to begin.
func (l *Loop) more() bool {
	if l.Stopped {
		return false
	}
	return l.Begun < l.Count || l.Standard && l.Count == 0
}

// loop is the behaviour of bodies. The collection is that of the moment in which
// the loop begins: what happens to the variable later does not change the loop.
type loop struct{}

func (loop) activate(d *decider, in *Instance, el *Element, node *bpmn.Element) *fault {
	def := node.Loop
	started := &events.LoopStarted{
		Key: el.Key, Count: int(def.Maximum), Sequential: def.Sequential, Standard: def.Standard,
		Classic: def.Counters != bpmn.CountersZeebe, Zeebe: def.Counters != bpmn.CountersClassic, Output: cmp.Or(def.Overview, def.OutputCollection),
		Keeps: len(def.Aggregations) > 0,
	}
	if !def.Standard {
		if f := d.countTurns(in, el, def, started); f != nil {
			return f
		}
	}
	if len(started.Items) > 0 {
		if f := d.fitsMore(in, variables.SizeOf("", []any(started.Items))); f != nil {
			return f
		}
		d.bytes += variables.SizeOf("", []any(started.Items))
	}
	d.emit(in.ID, started)
	d.checkScope(in, el.Key) // begins the first turns
	return nil
}

// countTurns finds out how many turns a multi-instance loop has.
func (d *decider) countTurns(in *Instance, el *Element, def *bpmn.LoopDefinition, started *events.LoopStarted) *fault {
	if def.Collection != nil {
		v, f := d.eval(in, el, def.Collection)
		if f != nil {
			return f
		}
		list, ok := v.([]any)
		if !ok {
			return d.wrongType(def.Collection, "a list to loop over", v)
		}
		started.Items, started.Count = list, len(list)
	}
	if def.Cardinality != nil && (def.Collection == nil || def.Counters != bpmn.CountersZeebe) {
		n, f := d.evalInt(in, el, def.Cardinality, 0)
		if f != nil {
			return f
		}
		if n < 0 {
			return d.wrongType(def.Cardinality, "a number from 0 on", int64(n))
		}
		if def.Collection != nil && n > len(started.Items) {
			return faultf(commands.CodeExpressionType, "%s is to run %d times, but its collection has %d items", el.ElementID, n, len(started.Items))
		}
		started.Count = n
		if def.Collection != nil {
			started.Items = started.Items[:n]
		}
	}
	if started.Count > d.cfg.MaxTurns {
		return faultf(commands.CodeStepLimit, "%s is to run %d times; the limit is %d", el.ElementID, started.Count, d.cfg.MaxTurns)
	}
	return nil
}

// fitsMore checks bytes that a loop keeps against the limits of the decision
// and of the instance.
func (d *decider) fitsMore(in *Instance, n int) *fault {
	switch {
	case d.bytes+n > d.cfg.MaxDecisionBytes:
		return faultf(commands.CodeDecisionTooLarge, "one command wrote more than %d bytes of variables", d.cfg.MaxDecisionBytes)
	case in.VariableBytes+n > d.cfg.MaxInstanceBytes:
		return faultf(commands.CodeVariablesTooLarge, "the variables of instance %s would have %d bytes; the limit is %d", in.ID, in.VariableBytes+n, d.cfg.MaxInstanceBytes)
	}
	return nil
}

// turnsPerDecision bounds how many turns begin in one decision, so that its
// frame stays small; a command to the partition itself goes on with the others.
func (c *Config) turnsPerDecision() int { return max(c.MaxSteps/100, 1) }

// loopRests goes on with a loop in which no turn is active: with the next turns,
// or with its end.
func (d *decider) loopRests(in *Instance, el *Element, node *bpmn.Element) {
	switch l := el.Loop; {
	case l == nil || l.Paused: // stopped by an incident, or goes on by a command
	case l.more():
		if l.Standard && !d.testBefore(in, el, node.Loop) {
			return
		}
		d.beginTurns(in, el, node)
	default:
		d.endLoop(in, el, node)
	}
}

// testBefore says whether the next turn of a standard loop is to begin. If its
// condition ends the loop, or cannot be evaluated, that has been dealt with.
func (d *decider) testBefore(in *Instance, el *Element, def *bpmn.LoopDefinition) bool {
	if !def.TestBefore || def.Condition == nil {
		return true
	}
	yes, f := d.evalBool(in, el, def.Condition)
	switch {
	case f != nil:
		d.raise(in, el, events.StepScope, 0, f)
	case !yes:
		d.emit(in.ID, &events.LoopStopped{Key: el.Key})
		d.checkScope(in, el.Key)
	}
	return yes && f == nil
}

// beginTurns begins the next turn of a sequential loop, or the turns of a
// parallel one. All of them are there before the first does its work, so that
// the counters are right from the beginning.
func (d *decider) beginTurns(in *Instance, body *Element, node *bpmn.Element) {
	var begun []ids.Key
	turn := string(node.Type)
	if body.AdHoc != nil {
		turn = adHocInner
	}
	calls := node.Type == bpmn.TypeCallActivity
	for l := body.turns(); l.more() && (!l.Sequential || body.Active == 0); {
		size := 0
		switch {
		case l.AdHoc:
			size = variables.Size(l.Chosen[0].Variables)
		case l.Begun < len(l.Items):
			size = variables.SizeOf(node.Loop.ElementVariable, l.Items[l.Begun])
		}
		if d.turns > 0 && (d.turns >= d.cfg.turnsPerDecision() || d.bytes+d.turnBytes+size > d.cfg.MaxDecisionBytes || d.eventBytes > d.cfg.MaxFrameBytes/4) && !l.Standard {
			if row := d.turnsBefore + d.turns; row > d.cfg.MaxTurnsInRow {
				d.raise(in, body, events.StepScope, 0, faultf(commands.CodeStepLimit, "loops have begun %d turns in a row without a wait between them", row))
				break
			}
			d.emit(in.ID, &events.LoopPaused{Key: body.Key})
			d.enqueue(d.cfg.Partition, in.Tenant, in.ID, &commands.ContinueLoop{Key: body.Key, Turns: d.turnsBefore + d.turns})
			break
		}
		if calls {
			if f := d.roomToCall(in, 1); f != nil {
				d.raise(in, body, events.StepScope, 0, f)
				break
			}
			d.calling++
		}
		d.turns++
		d.turnBytes += size
		key := in.nextKey()
		d.emit(in.ID, &events.ElementActivated{Key: key, Scope: body.Key, ElementID: node.ID, Type: turn})
		begun = append(begun, key)
	}
	for _, key := range begun {
		d.later(func() {
			if calls {
				d.calling--
			}
			if d.over(in, key) {
				return
			}
			d.steps++
			d.beginOrWait(in, must(in.Elements, key), node)
		})
	}
}

// decideContinueLoop goes on with a loop that was paused.
func (d *decider) decideContinueLoop(c *commands.ContinueLoop) {
	d.turnsBefore = c.Turns
	in := d.Instance(d.cmd.Instance)
	if in == nil {
		return
	}
	if el, ok := in.Element(c.Key); ok && el.Ending == nil && el.turns() != nil && el.turns().Paused {
		d.beginTurns(in, el, d.node(in, el))
	}
}

// turnVariables returns the variables that a turn begins with.
func (d *decider) turnVariables(in *Instance, el *Element, node *bpmn.Element) variables.Document {
	if !isTurn(el, node) || node.Loop.Standard {
		return variables.Document{}
	}
	def, turn := node.Loop, el.Loop.Turn
	out := variables.Document{}
	if def.ResultVariable != "" {
		// The turn's own, so that turns do not overwrite each other's results.
		out[def.ResultVariable] = nil
	}
	counter := int64(turn)
	if def.Counters != bpmn.CountersZeebe {
		counter--
	}
	out[def.Counter] = counter
	if l := must(in.Elements, el.Scope).Loop; def.ElementVariable != "" && turn <= len(l.Items) {
		out[def.ElementVariable] = l.Items[turn-1]
	}
	return out
}

// leaveTurn completes a turn that has done its work: its results are collected,
// and the loop's condition says whether it was the last one.
func (d *decider) leaveTurn(in *Instance, el *Element, node *bpmn.Element) {
	body := must(in.Elements, el.Scope)
	collected, f := d.collect(in, el, node.Loop)
	stops := false
	if f == nil {
		stops, f = d.stops(in, body, el, node.Loop, collected)
	}
	if f != nil {
		d.raise(in, el, events.StepLeave, 0, f)
		return
	}
	d.disarm(in, el.Key)
	if len(collected) > 0 {
		d.bytes += variables.Size(collected)
		d.emit(in.ID, &events.LoopCollected{Key: body.Key, Turn: el.Loop.Turn, Values: collected})
	}
	if node.Compensable {
		d.recordCompleted(in, el, node)
	}
	d.emit(in.ID, &events.ElementCompleted{Key: el.Key, ElementID: el.ElementID})
	if stops {
		d.emit(in.ID, &events.LoopStopped{Key: body.Key})
		d.terminateInside(in, body, 0)
	}
	d.checkScope(in, body.Key)
}

// collect evaluates what a turn adds to the results of its loop.
func (d *decider) collect(in *Instance, el *Element, def *bpmn.LoopDefinition) (variables.Document, *fault) {
	if def.OutputElement == nil && len(def.Aggregations) == 0 {
		return nil, nil
	}
	out := variables.Document{}
	if def.OutputElement != nil {
		v, f := d.eval(in, el, def.OutputElement)
		if f != nil {
			return nil, f
		}
		out[def.OutputCollection] = v
	}
	for _, a := range def.Aggregations {
		v, f := d.eval(in, el, a.Element)
		if f != nil {
			return nil, f
		}
		out[a.Target] = v
	}
	return out, d.fitsMore(in, variables.Size(out))
}

// stops says whether the loop ends with the turn that is about to complete. The
// condition sees the turn's variables, and the counters as they are after it.
func (d *decider) stops(in *Instance, body, el *Element, def *bpmn.LoopDefinition, collected variables.Document) (bool, *fault) {
	x := def.Completion
	if def.Standard {
		if x = def.Condition; def.TestBefore {
			return false, nil
		}
	}
	if x == nil {
		return false, nil
	}
	env := d.env(in, el)
	env.Lookup = func(name string) (any, bool) {
		if v, ok := el.Variables[name]; ok {
			return v, true
		}
		if v, ok := body.Loop.counter(name, 1, true); ok {
			return v, true
		}
		if v, ok := collected[name]; ok && name == body.Loop.Output {
			return body.Loop.shown(el.Loop.Turn, v), true
		}
		return in.lookup(body.Key, name)
	}
	yes, f := d.evalBoolIn(env, x)
	if def.Standard {
		return !yes, f // its condition says whether to go on
	}
	return yes, f
}

// endLoop hands over what the turns gave, and the body leaves.
func (d *decider) endLoop(in *Instance, el *Element, node *bpmn.Element) {
	out := variables.Document{}
	if name := node.Loop.OutputCollection; name != "" {
		out[name] = []any(el.Loop.list(name))
	}
	transient := variables.Document{}
	for _, a := range node.Loop.Aggregations {
		list := []any{}
		for _, doc := range el.Loop.Collected {
			if doc != nil {
				list = append(list, doc[a.Target])
			}
		}
		if a.Transient {
			transient[a.Target] = list
			continue
		}
		out[a.Target] = list
	}
	if f := d.propagate(in, el.Scope, out); f != nil {
		d.raise(in, el, events.StepScope, 0, f)
		return
	}
	d.setTransients(in.ID, transient)
	d.leave(in, el, node)
}

// list returns what was collected under a name, in order of the turns. A turn
// that gave nothing is null.
func (l *Loop) list(name string) variables.List {
	n := l.Count
	if l.AdHoc {
		n = len(l.Collected)
	}
	out := make(variables.List, n)
	for i, doc := range l.Collected {
		out[i] = doc[name]
	}
	return out
}

// shown is the list with the result of one more turn.
func (l *Loop) shown(turn int, v any) []any {
	out := l.list(l.Output)
	out[turn-1] = v
	return out
}

// lookup finds a variable that the body of a loop shows besides its own.
func (l *Loop) lookup(name string) (any, bool) {
	if name == l.Output && name != "" {
		return []any(l.list(name)), true
	}
	return l.counter(name, 0, false)
}

// counter returns a counter of the body of a loop, with so many turns ending at
// this moment. In zeebe's models only the completion condition sees them.
func (l *Loop) counter(name string, ending int, condition bool) (any, bool) {
	if l.Turn > 0 {
		return nil, false
	}
	if l.Standard {
		return int64(l.Begun), name == "loopCounter"
	}
	n := -1
	switch {
	case l.Classic:
		switch name {
		case "nrOfInstances":
			n = l.Count
		case "nrOfActiveInstances":
			n = l.active(ending)
			if l.Sequential {
				n = 1 // Camunda 7: for a sequential one it always is
			}
		case "nrOfCompletedInstances":
			n = l.Completed + ending
		}
	}
	if n < 0 && l.Zeebe && condition {
		switch name {
		case "numberOfInstances":
			n = l.Count
		case "numberOfActiveInstances":
			n = l.active(ending)
		case "numberOfCompletedInstances":
			n = l.Completed + ending
		case "numberOfTerminatedInstances":
			n = l.Terminated
		}
	}
	return int64(n), n >= 0
}

// active counts the turns that have not ended. Those of a parallel loop count
// from its beginning, also where a command has still to begin them.
func (l *Loop) active(ending int) int {
	if l.Sequential {
		return l.Begun - l.Completed - l.Terminated - ending
	}
	return l.Count - l.Completed - l.Terminated - ending
}

// terminateInside ends everything directly inside a scope, newest first, but for
// one element instance (0: none).
func (d *decider) terminateInside(in *Instance, scope *Element, except ids.Key) {
	rest := min(int(except), 1)
	if scope.Active == rest || d.endAtOnce(in, scope, except) {
		return
	}
	for i := len(in.Elements) - 1; i > 0 && scope.Active > rest; i-- {
		if child := in.Elements[i]; child.Scope == scope.Key && child.Key != except {
			d.terminate(in, child)
			i = min(i, len(in.Elements))
		}
	}
}

func (in *Instance) applyLoop(e events.Event) {
	switch e := e.(type) {
	case *events.LoopStarted:
		l := &Loop{
			Count: e.Count, Items: e.Items, Sequential: e.Sequential, Standard: e.Standard,
			Classic: e.Classic, Zeebe: e.Zeebe, Output: e.Output, AdHoc: e.AdHoc, Keeps: e.Keeps,
		}
		if e.AdHoc {
			must(in.Elements, e.Key).AdHoc = l
			return
		}
		if len(l.Items) > 0 {
			in.keep(l, variables.SizeOf("", []any(l.Items)))
		}
		must(in.Elements, e.Key).Loop = l
	case *events.LoopChosen:
		l := in.loop(e.Key)
		l.Count++
		l.Chosen = append(l.Chosen, Choice{ElementID: e.ElementID, Variables: e.Variables})
		in.keep(l, variables.Size(e.Variables))
	case *events.LoopCollected:
		l := in.loop(e.Key)
		if e.Turn < 1 || e.Turn > l.Begun {
			panic(corrupt("turn %d of loop %d gives results, but %d have begun", e.Turn, e.Key, l.Begun))
		}
		if n := e.Turn - len(l.Collected); n > 0 {
			l.Collected = append(l.Collected, make([]variables.Document, n)...)
		}
		l.Collected[e.Turn-1] = e.Values
		in.keep(l, variables.Size(e.Values))
	case *events.LoopPaused:
		in.loop(e.Key).Paused = true
	case *events.LoopStopped:
		l := in.loop(e.Key)
		l.Stopped, l.Paused = true, false // a loop that has stopped waits for no other turns
	}
}

// keep counts bytes that a loop holds among the instance's variables.
func (in *Instance) keep(l *Loop, bytes int) {
	l.Bytes += bytes
	in.VariableBytes += bytes
}

func (in *Instance) loop(key ids.Key) *Loop {
	l := must(in.Elements, key).turns()
	if l == nil {
		panic(corrupt("element %d is not the body of a loop", key))
	}
	return l
}

// began counts a turn that begins.
func (in *Instance) began(l *Loop, el *Element) {
	l.Begun++
	l.Paused = false
	el.Loop = &Loop{Turn: l.Begun, Keeps: l.Keeps}
	if !l.AdHoc {
		return
	}
	if len(l.Chosen) == 0 {
		panic(corrupt("an activity of ad-hoc subprocess %s begins, but none was chosen", el.ElementID))
	}
	choice := l.Chosen[0]
	el.Loop.Choice = &choice
	in.keep(l, -variables.Size(choice.Variables))
	if l.Chosen = l.Chosen[1:]; len(l.Chosen) == 0 {
		l.Chosen = nil
	}
}

// show adds the counters that a body shows to what is visible from inside. What
// was collected is left out: each turn would get all of it.
func (l *Loop) show(out variables.Document) {
	for _, name := range []string{"nrOfInstances", "nrOfActiveInstances", "nrOfCompletedInstances", "loopCounter"} {
		if v, ok := l.counter(name, 0, false); ok {
			if _, nearer := out[name]; !nearer {
				out[name] = v
			}
		}
	}
}
