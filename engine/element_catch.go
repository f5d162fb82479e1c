package engine

import (
	"time"

	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/expression/timers"
	"github.com/weir-bpm/weir/ids"
)

// catchEvent is the behaviour of intermediate catch events and receive tasks:
// they wait for a message, a timer, or what else the event says; a receive task
// without message waits for a command (see awaitTrigger).
type catchEvent struct{}

func (catchEvent) activate(d *decider, in *Instance, el *Element, node *bpmn.Element) *fault {
	if node.Event != nil && node.Event.Kind == bpmn.EventLink {
		d.complete(in, el, node, nil) // the throw event has brought the token
		return nil
	}
	if node.Instantiate {
		d.complete(in, el, node, nil) // its message has started the instance
		return nil
	}
	if node.Triggered {
		d.awaitTrigger(in, el, node)
		return nil
	}
	armed, f := d.prepareCatches(in, el, []*bpmn.Element{node})
	if f != nil {
		return f
	}
	d.arm(in, armed)
	return nil
}

// eventBasedGateway waits for the events behind it; the first one decides the
// path (BPMN 2.0 section 10.6.6).
type eventBasedGateway struct{}

func (eventBasedGateway) activate(d *decider, in *Instance, el *Element, node *bpmn.Element) *fault {
	if target := d.startedBehind(in, node); target != nil {
		d.startAtGateway(in, el, node, target)
		return nil
	}
	if node.ParallelEvents { // a none start event in front of it: all are waited for
		d.startAtGateway(in, el, node, nil)
		return nil
	}
	targets := make([]*bpmn.Element, 0, len(node.Outgoing))
	for _, flow := range node.Outgoing {
		targets = append(targets, flow.Target)
	}
	armed, f := d.prepareCatches(in, el, targets)
	if f != nil {
		return f
	}
	d.arm(in, armed)
	return nil
}

// armed is a catch that has been evaluated and not yet emitted.
type armed struct {
	timer        *events.TimerScheduled
	subscription *events.SubscriptionOpened
	signal       *events.SignalAwaited
	condition    *events.ConditionAwaited
	stays        bool // the subscription stays open after a message
}

// prepareCatches evaluates what the catching events wait for. el is the element
// instance that they belong to: the event itself, the activity of boundary
// events, an event-based gateway, or the scope around event subprocesses. A
// multiple event waits for each of its parts (BPMN 2.0.2, 10.5.5), counted from
// 1; any other event is part 0.
func (d *decider) prepareCatches(in *Instance, el *Element, nodes []*bpmn.Element) ([]armed, *fault) {
	var out []armed
	for _, node := range nodes {
		if node.Event == nil {
			return nil, faultf(commands.CodeElementUnsupported, "%s %s waits for nothing", node.Type, node.ID)
		}
		first, last := 0, 0
		if node.Event.Kind == bpmn.EventMultiple {
			first, last = 1, len(node.Event.Parts)
		}
		for part := first; part <= last; part++ {
			a, f := d.prepareCatch(in, el, node, part)
			if f != nil {
				return nil, f
			}
			if a != (armed{}) {
				out = append(out, a)
			}
		}
	}
	return out, nil
}

// prepareCatch evaluates what a part of a catching event waits for; nothing of
// it is set where nothing is to be armed.
func (d *decider) prepareCatch(in *Instance, el *Element, node *bpmn.Element, part int) (a armed, f *fault) {
	switch def := node.Event.Part(part); def.Kind {
	case bpmn.EventTimer:
		if a.timer, f = d.prepareTimer(in, el, node.ID, def); f == nil {
			a.timer.Part = part
		}
	case bpmn.EventMessage:
		if a.subscription, f = d.prepareSubscription(in, el, node, def); f == nil {
			a.subscription.Part = part
			a.stays = staysArmed(node) && !node.Event.ParallelMultiple
		}
	case bpmn.EventSignal:
		if a.signal, f = d.prepareSignal(in, el, node.ID, def); f == nil {
			a.signal.Part = part
		}
	case bpmn.EventConditional:
		a.condition = &events.ConditionAwaited{Element: el.Key, Target: node.ID, Part: part}
	case bpmn.EventError, bpmn.EventEscalation, bpmn.EventCompensate, bpmn.EventCancel:
		// Who catches them is looked for when they are thrown; nothing is armed.
	default:
		return a, unsupportedEvent(node)
	}
	return a, f
}

func (d *decider) prepareTimer(in *Instance, el *Element, id string, def *bpmn.EventDefinition) (*events.TimerScheduled, *fault) {
	t := &events.TimerScheduled{Element: el.Key, Target: id, Remaining: 1}
	switch {
	case def.TimerDate != nil:
		ms, f := d.evalDate(in, el, def.TimerDate)
		if f != nil {
			return nil, f
		}
		if ms == 0 {
			return nil, faultf(commands.CodeTimerInvalid, "the date of timer %s is empty", id)
		}
		t.DueMS = ms
	case def.TimerDuration != nil:
		text, f := d.evalText(in, el, def.TimerDuration)
		if f != nil {
			return nil, f
		}
		if t.DueMS, f = d.durationEnd(in, def, text); f != nil {
			return nil, faultf(f.code, "timer %s: %s", id, f.message)
		}
	case def.TimerCycle != nil:
		text, f := d.evalText(in, el, def.TimerCycle)
		if f != nil {
			return nil, f
		}
		t.ArmedMS, t.Cycle = d.cmd.TimeMS, text
		if t.EndMS, f = d.evalDate(in, el, def.TimerEnd); f != nil {
			return nil, f
		}
		due, remaining, f := d.nextOfCycle(d.model(in).Dialect, cycleTimer{text: text, armedMS: t.ArmedMS, afterMS: d.cmd.TimeMS, endMS: t.EndMS})
		if f != nil {
			return nil, faultf(f.code, "timer %s: %s", id, f.message)
		}
		if due == 0 {
			return nil, faultf(commands.CodeTimerInvalid, "the cycle %q of timer %s is over before it begins", text, id)
		}
		t.DueMS, t.Remaining = due, remaining
	default:
		return nil, faultf(commands.CodeTimerInvalid, "timer %s has no date, duration or cycle", id)
	}
	return t, nil
}

// durationEnd returns when a duration that begins now is over. In the classic
// dialects an expression may give a date in its place.
func (d *decider) durationEnd(in *Instance, def *bpmn.EventDefinition, text string) (int64, *fault) {
	if def.TimerDuration.Program != nil && d.model(in).Dialect != bpmn.DialectZeebe {
		if t, err := timers.ParseDate(text, d.zone()); err == nil {
			return max(ceilMS(t), 1), nil
		}
	}
	return d.after(text)
}

// after returns the time at the end of an ISO 8601 duration that begins now.
func (d *decider) after(text string) (int64, *fault) {
	dur, err := timers.ParseDuration(text)
	if err != nil {
		return 0, faultf(commands.CodeTimerInvalid, "%v", err)
	}
	at, err := dur.AddTo(time.UnixMilli(d.cmd.TimeMS).UTC(), d.zone())
	if err != nil {
		return 0, faultf(commands.CodeTimerInvalid, "%v", err)
	}
	return max(ceilMS(at), 1), nil
}

// ceilMS rounds up to a millisecond: a timer is never early.
func ceilMS(t time.Time) int64 {
	ms := t.UnixMilli()
	if time.UnixMilli(ms).Before(t) {
		ms++
	}
	return ms
}

// zone is the engine's time zone: what dates without one mean, and where the
// days of durations and cron expressions begin. Only what it led to is recorded.
func (d *decider) zone() *time.Location {
	if d.cfg.Zone == nil {
		return time.UTC
	}
	return d.cfg.Zone
}

// cycleTimer says how far the timer of a cycle has come.
type cycleTimer struct {
	text    string
	armedMS int64
	// afterMS is the time behind which it is due next.
	afterMS int64
	endMS   int64 // it is never due after; 0: no such end
	fired   int64
}

// behind returns the time behind which a cycle that was due is due next: now,
// so that an outage is not followed by a burst, or with the choice "each" the
// time when it was due, so that every time is made up for.
func (d *decider) behind(model *bpmn.Process, dueMS int64) int64 {
	if each, chosen := model.CatchUpEach(); each || !chosen && d.cfg.CatchUpEach {
		return dueMS
	}
	return d.cmd.TimeMS
}

// nextOfCycle returns when a cycle is due next, and how many firings are still
// to come, that one included (-1 without end). A cycle that is over is due at 0.
func (d *decider) nextOfCycle(dialect bpmn.Dialect, c cycleTimer) (dueMS int64, remaining int, f *fault) {
	cycle, err := timers.ParseCycle(c.text, bpmn.CycleOptions(dialect))
	if err != nil {
		return 0, 0, faultf(commands.CodeTimerInvalid, "%v", err)
	}
	if c.endMS != 0 {
		cycle = cycle.Until(time.UnixMilli(c.endMS))
	}
	next, ok := cycle.Next(timers.Progress{
		Armed: time.UnixMilli(c.armedMS).UTC(), After: time.UnixMilli(c.afterMS).UTC(), Fired: c.fired, Location: d.zone(),
	})
	if !ok {
		return 0, 0, nil
	}
	remaining = timers.Unbounded
	if n := cycle.Repetitions(); n != timers.Unbounded {
		remaining = int(max(n-c.fired, 1))
	}
	return max(ceilMS(next), 1), remaining, nil
}

// evalDate evaluates to a time in milliseconds; a nil expression or an empty
// value is 0. Durations count from now.
func (d *decider) evalDate(in *Instance, el *Element, x *bpmn.Expression) (int64, *fault) {
	text, f := d.evalOptionalText(in, el, x)
	if f != nil || text == "" {
		return 0, f
	}
	if t, err := timers.ParseDate(text, d.zone()); err == nil {
		return max(ceilMS(t), 1), nil
	}
	if text[0] == 'P' {
		return d.after(text)
	}
	return 0, faultf(commands.CodeTimerInvalid, "%q is neither an ISO 8601 date nor a duration", text)
}

func (d *decider) prepareSubscription(in *Instance, el *Element, node *bpmn.Element, def *bpmn.EventDefinition) (*events.SubscriptionOpened, *fault) {
	name, f := d.evalText(in, el, def.MessageName)
	if f != nil {
		return nil, f
	}
	key, f := d.correlationKey(in, el, node, def.CorrelationKey)
	if f != nil {
		return nil, f
	}
	if g := node.StartGateway(); g != nil && def.CorrelationKey == nil {
		key = in.MessageKey // all messages behind the gateway are for one instance
	}
	if def.CorrelationKey != nil && key == "" {
		return nil, faultf(commands.CodeExpressionType, "the correlation key %q of %s is empty", def.CorrelationKey.Text, node.ID)
	}
	if name == "" || len(name) > commands.MaxNameBytes || len(key) > commands.MaxNameBytes {
		return nil, faultf(commands.CodeExpressionType, "the message name or correlation key of %s is empty or longer than %d bytes", node.ID, commands.MaxNameBytes)
	}
	return &events.SubscriptionOpened{Element: el.Key, Target: node.ID, Name: name, CorrelationKey: key}, nil
}

// arm emits prepared catches, timers and subscriptions in model order.
func (d *decider) arm(in *Instance, catches []armed) {
	for _, c := range catches {
		switch {
		case c.timer != nil:
			c.timer.Key = in.nextKey()
			d.emit(in.ID, c.timer)
		case c.signal != nil:
			c.signal.Key, c.signal.Order = in.nextKey(), d.signalOrder+1
			d.emit(in.ID, c.signal)
		case c.condition != nil:
			c.condition.Key = in.nextKey()
			d.emit(in.ID, c.condition)
			if s := must(in.Subscriptions, c.condition.Key); d.hasCondition(in, s) {
				d.lookAtCondition(in, c.condition.Key)
			}
		default:
			c.subscription.Key = in.nextKey()
			d.emit(in.ID, c.subscription)
			d.toHome(in, c.subscription, c.stays)
		}
	}
}

// disarm cancels the timers and closes the subscriptions of an element
// instance.
func (d *decider) disarm(in *Instance, element ids.Key) {
	for i := len(in.Timers) - 1; i >= 0 && in.Timers[i].Key > element; i-- {
		if t := in.Timers[i]; t.Element == element {
			d.emit(in.ID, &events.TimerCanceled{Key: t.Key})
		}
	}
	for i := len(in.Subscriptions) - 1; i >= 0 && in.Subscriptions[i].Key > element; i-- {
		if s := in.Subscriptions[i]; s.Element == element {
			d.emit(in.ID, &events.SubscriptionClosed{Key: s.Key})
			d.leaveHome(in, s)
		}
	}
	d.dropConditionIncident(in, element)
	d.dropArmIncident(in, element, "")
}

// disarmTarget closes what one catching event of an element instance waits for.
func (d *decider) disarmTarget(in *Instance, element ids.Key, target string) {
	for i := len(in.Subscriptions) - 1; i >= 0; i-- {
		if s := in.Subscriptions[i]; s.Element == element && s.Target == target {
			d.emit(in.ID, &events.SubscriptionClosed{Key: s.Key})
			d.leaveHome(in, s)
		}
	}
	for i := len(in.Timers) - 1; i >= 0; i-- {
		if t := in.Timers[i]; t.Element == element && t.Target == target {
			d.emit(in.ID, &events.TimerCanceled{Key: t.Key})
		}
	}
	d.dropConditionIncident(in, element)
	d.dropArmIncident(in, element, target)
}

// caught brings the token on after what an element waited for has happened:
// target is the catching event, part what of a multiple event it was. Whether the
// catch stays armed is up to [staysArmed].
func (d *decider) caught(in *Instance, el *Element, target *bpmn.Element, part int, results map[string]any) {
	if target.Event.ParallelMultiple {
		var all bool
		if results, all = d.partCame(in, el, target, part, results); !all {
			return
		}
	}
	switch {
	case target.ID == el.ElementID:
		// The wait is over even if the outputs then fail: a second message must
		// not come to an element that has an incident.
		d.disarmTarget(in, el.Key, target.ID)
		d.complete(in, el, target, results)
	case target.Type == bpmn.TypeBoundaryEvent:
		d.boundary(in, el, target, results)
	case isEventStart(target):
		d.startEventSub(in, el, target, results)
	default: // the target of an event-based gateway
		scope, carried := el.Scope, el.carried()
		gateway := d.node(in, el)
		flow := flowTo(gateway, target)
		d.listenAtGateway(in, el, gateway, flow)
		d.disarm(in, el.Key)
		d.emit(in.ID, &events.ElementCompleted{Key: el.Key, ElementID: el.ElementID})
		d.emit(in.ID, &events.FlowTaken{Scope: scope, FlowID: flow.ID})
		key := in.nextKey()
		d.emit(in.ID, &events.ElementActivated{Key: key, Scope: scope, ElementID: target.ID, Type: string(target.Type)})
		d.carry(in, key, target, carried)
		d.complete(in, must(in.Elements, key), target, results)
	}
}

// staysArmed says whether an event may happen again after it has happened.
func staysArmed(target *bpmn.Element) bool {
	return !target.Interrupting && (target.Type == bpmn.TypeBoundaryEvent || isEventStart(target))
}

func flowTo(gateway, target *bpmn.Element) *bpmn.SequenceFlow {
	for _, flow := range gateway.Outgoing {
		if flow.Target == target {
			return flow
		}
	}
	panic(corrupt("no flow leads from %s to %s", gateway.ID, target.ID))
}

// boundary fires a boundary event of an activity. An interrupting one ends the
// activity first.
func (d *decider) boundary(in *Instance, el *Element, event *bpmn.Element, results map[string]any) {
	scope := el.Scope
	if event.Interrupting && !d.terminateThen(in, el, events.ElementEnding{Then: events.ThenBoundary, Target: event.ID, Variables: results}) {
		return
	}
	d.enterBoundary(in, scope, event, results)
}

func (d *decider) enterBoundary(in *Instance, scope ids.Key, event *bpmn.Element, results map[string]any) {
	key := in.nextKey()
	d.emit(in.ID, &events.ElementActivated{Key: key, Scope: scope, ElementID: event.ID, Type: string(event.Type)})
	d.complete(in, must(in.Elements, key), event, results)
}

// correlationKey evaluates the key of a message. The boundary events of zeebe
// models read it outside of their activity, whose inputs may have a variable of
// the same name; what gives no key there is read inside.
func (d *decider) correlationKey(in *Instance, el *Element, node *bpmn.Element, x *bpmn.Expression) (string, *fault) {
	if x != nil && node.Type == bpmn.TypeBoundaryEvent && len(el.Variables) > 0 && d.model(in).Dialect == bpmn.DialectZeebe {
		if key, f := d.evalText(in, must(in.Elements, el.Scope), x); f == nil && key != "" {
			return key, nil
		}
	}
	return d.evalText(in, el, x)
}
