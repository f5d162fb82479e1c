package engine

import (
	"maps"
	"slices"

	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/variables"
)

// throwMultiple throws all parts of a multiple throw or end event (BPMN 2.0.2,
// 10.5.5): signals, and one message, escalation, error or terminate, which
// deployment sees to. All are evaluated before the first is thrown.
func (d *decider) throwMultiple(in *Instance, el *Element, node *bpmn.Element) *fault {
	type thrown struct {
		signal *events.SignalBroadcast
		def    *bpmn.EventDefinition
	}
	var signals []thrown
	var rest *bpmn.EventDefinition
	for _, def := range node.Event.Parts {
		if def.Kind != bpmn.EventSignal {
			rest = def
			continue
		}
		s, f := d.prepareThrow(in, el, def)
		if f != nil {
			return f
		}
		signals = append(signals, thrown{s, def})
	}
	switch {
	case rest == nil:
		d.complete(in, el, node, nil)
	case rest.Kind == bpmn.EventMessage:
		if f := (sendTask{}).activate(d, in, el, node); f != nil {
			return f
		}
	case rest.Kind == bpmn.EventEscalation:
		if f := d.throwEscalation(in, el, node, rest); f != nil {
			return f
		}
	case rest.Kind == bpmn.EventError:
		if f := d.throwErrorEvent(in, el, rest); f != nil {
			return f
		}
	case rest.Kind == bpmn.EventTerminate:
		d.terminateScope(in, el, node, rest)
	default:
		return unsupportedEvent(node)
	}
	for _, t := range signals {
		d.sendSignal(in, t.signal, t.def)
	}
	return nil
}

// PartsCame says which parts of a parallel multiple event have happened, in
// order, and what they brought.
type PartsCame struct {
	Target    string             `msgpack:"t"`
	Parts     []int              `msgpack:"p"`
	Variables variables.Document `msgpack:"v,omitempty"`
}

// partCame takes a part of a parallel multiple event (BPMN 2.0.2, 10.5.5). With
// the last one it returns what all of them brought, a later one over an earlier
// one. Any other part is no longer waited for. An event that does not interrupt
// begins to collect anew after the last part: all of them are armed again.
func (d *decider) partCame(in *Instance, el *Element, target *bpmn.Element, part int, results variables.Document) (variables.Document, bool) {
	var came PartsCame
	if i := slices.IndexFunc(el.Came, func(c PartsCame) bool { return c.Target == target.ID }); i >= 0 {
		came = el.Came[i]
	}
	if n := len(came.Parts); n+1 >= len(target.Event.Parts) && !slices.Contains(came.Parts, part) {
		if staysArmed(target) {
			d.disarmPart(in, el, target, part)
			d.emit(in.ID, &events.PartCame{Element: el.Key, Target: target.ID, Part: part, All: true})
			d.armAgain(in, el, target)
		}
		if len(came.Variables) == 0 {
			return results, true
		}
		all := maps.Clone(came.Variables)
		maps.Copy(all, results)
		return all, true
	}
	d.disarmPart(in, el, target, part)
	d.bytes += variables.Size(results)
	d.emit(in.ID, &events.PartCame{Element: el.Key, Target: target.ID, Part: part, Variables: results})
	d.dropConditionIncident(in, el.Key)
	return nil, false
}

// disarmPart closes the subscription of a part that has come.
func (d *decider) disarmPart(in *Instance, el *Element, target *bpmn.Element, part int) {
	for i := len(in.Subscriptions) - 1; i >= 0; i-- {
		if s := in.Subscriptions[i]; s.Element == el.Key && s.Target == target.ID && s.Part == part {
			d.emit(in.ID, &events.SubscriptionClosed{Key: s.Key})
			d.leaveHome(in, s)
		}
	}
}

func (in *Instance) applyPart(e *events.PartCame) {
	el := must(in.Elements, e.Element)
	i := slices.IndexFunc(el.Came, func(c PartsCame) bool { return c.Target == e.Target })
	if e.All {
		if i >= 0 {
			el.Came = slices.Delete(el.Came, i, i+1)
		}
		if len(el.Came) == 0 {
			el.Came = nil
		}
		return
	}
	if i < 0 {
		i = len(el.Came)
		el.Came = append(el.Came, PartsCame{Target: e.Target})
	}
	c := &el.Came[i]
	if !slices.Contains(c.Parts, e.Part) {
		c.Parts = append(c.Parts, e.Part)
	}
	if len(e.Variables) > 0 {
		all := make(variables.Document, len(c.Variables)+len(e.Variables))
		maps.Copy(all, c.Variables)
		maps.Copy(all, e.Variables)
		c.Variables = all
	}
}
