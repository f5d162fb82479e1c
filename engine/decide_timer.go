package engine

import (
	"strings"
	"time"

	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/expression"
	"github.com/weir-bpm/weir/expression/timers"
	"github.com/weir-bpm/weir/ids"
)

// decideFireTimer fires a timer that is due. One that is gone or not due yet is
// dropped without a trace: it was canceled in the same group of commands.
func (d *decider) decideFireTimer(c *commands.FireTimer) {
	in := d.Instance(d.cmd.Instance)
	if in == nil {
		return
	}
	t, ok := find(in.Timers, c.Key)
	if !ok || t.DueMS > d.cmd.TimeMS {
		return
	}
	el := must(in.Elements, t.Element)
	if d.timedOut(in, el, t) {
		return
	}
	target, part := d.nodeByID(in, t.Target), t.Part
	fired := &events.TimerFired{Key: t.Key}
	var again *fault
	if t.Cycle != "" && staysArmed(target) {
		fired, again = d.firesAgain(in, el, t, target.Event.Part(part))
	}
	d.emit(in.ID, fired)
	if again != nil {
		d.armLater(in, el, target, again)
	}
	d.caught(in, el, target, part, nil)
}

// firesAgain says when the cycle of a timer that fires now is due next. With a
// fault, which only a cycle that is evaluated again can have, it is over.
func (d *decider) firesAgain(in *Instance, el *Element, t *Timer, def *bpmn.EventDefinition) (*events.TimerFired, *fault) {
	fired := &events.TimerFired{Key: t.Key}
	var f *fault
	if model := d.model(in); model.ReevaluatesCycles() && def.TimerCycle.Program != nil {
		text, f := d.evalText(in, el, def.TimerCycle)
		if f != nil {
			return fired, f
		}
		if text != t.Cycle {
			if fired.EndMS, f = d.evalDate(in, el, def.TimerEnd); f != nil {
				return &events.TimerFired{Key: t.Key}, f
			}
			fired.Cycle = text
			if fired.NextDueMS, fired.Remaining, f = d.nextOfCycle(model.Dialect, cycleTimer{
				text: text, armedMS: d.cmd.TimeMS, afterMS: d.cmd.TimeMS, endMS: fired.EndMS,
			}); f != nil {
				return &events.TimerFired{Key: t.Key}, f
			}
			return fired, nil
		}
	}
	if fired.NextDueMS, fired.Remaining, f = d.nextOfTimer(in, t); f != nil {
		panic(corrupt("the cycle of timer %s was valid when it was armed, but now: %s", ids.Join(in.ID, t.Key), f.message))
	}
	return fired, nil
}

// nextOfTimer returns when the cycle of a timer that fires now is due next.
func (d *decider) nextOfTimer(in *Instance, t *Timer) (dueMS int64, remaining int, f *fault) {
	model := d.model(in)
	return d.nextOfCycle(model.Dialect, cycleTimer{
		text: t.Cycle, armedMS: t.ArmedMS, afterMS: d.behind(model, t.DueMS), endMS: t.EndMS, fired: t.Fired + 1,
	})
}

// decideFireStartTimer starts an instance by a timer start event.
func (d *decider) decideFireStartTimer(c *commands.FireStartTimer) {
	t := d.startTimers[startTimerKey{c.Tenant, c.ProcessID, c.ElementID}]
	if t == nil || t.DueMS == 0 || t.DueMS > d.cmd.TimeMS {
		return
	}
	model, err := d.defs.Model(c.Tenant, t.Definition)
	if err != nil {
		panic(&ModelError{Err: err})
	}
	start := model.Element(c.ElementID)
	if start == nil {
		panic(corrupt("start event %s is not in the model of %s", c.ElementID, t.Definition.ID()))
	}
	definition := t.Definition
	fired := &events.StartTimerFired{Tenant: c.Tenant, ProcessID: c.ProcessID, ElementID: c.ElementID}
	if t.Cycle != "" {
		next, remaining, f := d.nextOfCycle(model.Dialect, cycleTimer{
			text: t.Cycle, armedMS: t.ArmedMS, afterMS: d.behind(model, t.DueMS), endMS: t.EndMS, fired: t.Fired + 1,
		})
		if f != nil {
			panic(corrupt("the cycle of start timer %s was valid when it was armed, but now: %s", c.ElementID, f.message))
		}
		fired.NextDueMS, fired.Remaining = next, remaining
	}
	d.emit("", fired)
	id := d.newInstance()
	d.start(id, &events.InstanceStarted{
		Tenant: c.Tenant, Definition: definition, Trigger: events.TriggerTimer, StartElement: start.ID, Root: id,
	}, start, nil)
}

// decideActivateProcesses takes over the start events of versions that have
// become the latest.
func (d *decider) decideActivateProcesses(c *commands.ActivateProcesses) {
	for _, ref := range c.Definitions {
		model, err := d.defs.Model(c.Tenant, ref)
		if err != nil {
			panic(&ModelError{Err: err})
		}
		d.activateStartMessages(c.Tenant, ref, model)
		d.activateStartSignals(c.Tenant, ref, model)
		d.activateStartConditions(c.Tenant, ref, model)
		if ids.ProcessHome(c.Tenant, ref.ProcessID, d.cfg.Homes) == d.cfg.Partition {
			d.activateStartTimers(c.Tenant, ref, model)
		}
	}
}

// startEvents returns what starts a process with an event of the kind.
func startEvents(model *bpmn.Process, kind bpmn.EventKind) []*bpmn.Element {
	var out []*bpmn.Element
	for _, node := range model.Scope.Children {
		if node.StartsProcess() && startPart(node, kind) != nil {
			out = append(out, node)
		}
	}
	return out
}

// startPart returns the first definition of a kind of what starts a process, or
// nil.
func startPart(node *bpmn.Element, kind bpmn.EventKind) *bpmn.EventDefinition {
	for _, def := range node.Event.Each() {
		if def.Kind == kind {
			return def
		}
	}
	return nil
}

// startTexts returns the names of messages or signals that start a process, with
// the ids of the elements that wait for them.
func (d *decider) startTexts(model *bpmn.Process, kind bpmn.EventKind) map[string]string {
	listens := map[string]string{}
	for _, node := range startEvents(model, kind) {
		for _, def := range node.Event.Each() {
			x := def.MessageName
			if kind == bpmn.EventSignal {
				x = def.SignalName
			}
			if def.Kind != kind {
				continue
			}
			if name, f := d.startText(x); f == nil && name != "" {
				listens[name] = node.ID
			}
		}
	}
	return listens
}

// activateStartTimers arms the timers of a new version. A timer whose text has
// not changed keeps its schedule and only starts the new version from now on.
func (d *decider) activateStartTimers(tenant string, ref events.DefinitionRef, model *bpmn.Process) {
	kept := map[string]bool{}
	for _, node := range startEvents(model, bpmn.EventTimer) {
		kept[node.ID] = true
		def := startPart(node, bpmn.EventTimer)
		spec := timerSpec(def)
		old := d.startTimers[startTimerKey{tenant, ref.ProcessID, node.ID}]
		e := &events.StartTimerScheduled{Tenant: tenant, Definition: ref, ElementID: node.ID, Spec: spec, Remaining: 1}
		if old != nil && old.Spec == spec {
			e.DueMS, e.ArmedMS, e.Cycle, e.Remaining = old.DueMS, old.ArmedMS, old.Cycle, old.Remaining
			e.Fired, e.EndMS = old.Fired, old.EndMS
		} else if f := d.scheduleStart(e, def, model.Dialect); f != nil {
			// Deployment has checked constant texts; an expression can still
			// fail. There is no instance to hold an incident: the timer stays
			// unarmed and its row says why.
			e.Problem = f.message
		}
		d.emit("", e)
	}
	for _, key := range d.startTimersOf(tenant, ref.ProcessID) {
		if !kept[key.element] {
			d.emit("", &events.StartTimerCanceled{Tenant: tenant, ProcessID: ref.ProcessID, ElementID: key.element})
		}
	}
}

// startTimersOf returns the start timers of a process in order of element id.
func (d *decider) startTimersOf(tenant, processID string) []startTimerKey {
	byElement := map[string]startTimerKey{}
	for key := range d.startTimers {
		if key.tenant == tenant && key.process == processID {
			byElement[key.element] = key
		}
	}
	out := make([]startTimerKey, 0, len(byElement))
	for _, element := range sortedKeys(byElement) {
		out = append(out, byElement[element])
	}
	return out
}

// timerSpec is the text of a timer in the model, with its kind.
func timerSpec(def *bpmn.EventDefinition) string {
	switch {
	case def.TimerDate != nil:
		return "date " + def.TimerDate.Text
	case def.TimerDuration != nil:
		return "duration " + def.TimerDuration.Text
	case def.TimerCycle != nil:
		if def.TimerEnd != nil {
			return "cycle " + def.TimerCycle.Text + " until " + def.TimerEnd.Text
		}
		return "cycle " + def.TimerCycle.Text
	}
	return ""
}

// scheduleStart computes when a start timer is due. A date that has passed
// before the deployment is due at once, as in Camunda 7 and Zeebe: once, because a
// redeployment of the same text finds a timer that has fired.
func (d *decider) scheduleStart(e *events.StartTimerScheduled, def *bpmn.EventDefinition, dialect bpmn.Dialect) *fault {
	switch {
	case def.TimerDate != nil:
		text, f := d.startText(def.TimerDate)
		if f != nil {
			return f
		}
		if strings.HasPrefix(text, "P") { // the classic dialects count it from now on
			e.DueMS, f = d.after(text)
			return f
		}
		at, err := timers.ParseDate(text, d.zone())
		if err != nil {
			return faultf(commands.CodeTimerInvalid, "%v", err)
		}
		e.DueMS = max(ceilMS(at), 1)
	case def.TimerDuration != nil:
		text, f := d.startText(def.TimerDuration)
		if f != nil {
			return f
		}
		if e.DueMS, f = d.after(text); f != nil {
			return f
		}
	case def.TimerCycle != nil:
		text, f := d.startText(def.TimerCycle)
		if f != nil {
			return f
		}
		e.Cycle, e.ArmedMS = text, d.cmd.TimeMS
		if def.TimerEnd != nil {
			text, f := d.startText(def.TimerEnd)
			if f != nil {
				return f
			}
			end, err := timers.ParseDate(text, d.zone())
			if err != nil {
				return faultf(commands.CodeTimerInvalid, "%v", err)
			}
			e.EndMS = ceilMS(end)
		}
		if e.DueMS, e.Remaining, f = d.nextOfCycle(dialect, cycleTimer{text: text, armedMS: e.ArmedMS, afterMS: d.cmd.TimeMS, endMS: e.EndMS}); f != nil {
			return f
		}
	}
	return nil
}

// startEnv is what expressions of a start event see before there is an instance.
func (d *decider) startEnv() *expression.Env {
	return &expression.Env{
		Lookup: func(string) (any, bool) { return nil, false },
		Now:    time.UnixMilli(d.cmd.TimeMS).UTC(),
		Zone:   d.cfg.Zone,
		Seed:   seed(d.cmd.ID, 0),
	}
}

// startText evaluates the text of a start timer, which sees no variables.
func (d *decider) startText(x *bpmn.Expression) (string, *fault) {
	v := x.Constant
	if x.Program != nil {
		var err error
		v, err = x.Program.Eval(d.startEnv())
		if err != nil {
			return "", faultf(commands.CodeExpressionFailed, "%v", err)
		}
	}
	s, ok := v.(string)
	if !ok {
		return "", d.wrongType(x, "a text", v)
	}
	return s, nil
}
