package engine

import (
	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/variables"
)

// throwEscalation throws the escalation of a throw or end event (BPMN 2.0.2,
// 10.5.6). The innermost event that catches it gets it, as with errors. One that
// nobody catches is recorded and changes nothing. The thrower goes on unless who
// catches it interrupts it.
func (d *decider) throwEscalation(in *Instance, el *Element, node *bpmn.Element, def *bpmn.EventDefinition) *fault {
	code, f := d.thrownCode(in, el, def)
	if f != nil {
		return f
	}
	thrown := &events.EscalationThrown{Element: el.Key, ElementID: el.ElementID, Code: code}
	c := d.findCatcher(in, el, bpmn.EventEscalation, code)
	if c == nil {
		for child := in; ; { // as Camunda 7, which looks for who catches it on the way
			caller, at := d.caller(child)
			if caller == nil {
				break
			}
			if f := d.outUpwards(caller, at, child); f != nil {
				return f
			}
			child = caller
		}
		d.emit(in.ID, thrown)
		d.complete(in, el, node, nil)
		return nil
	}
	if f := d.outOnError(in, c); f != nil {
		return f
	}
	thrown.CaughtBy = c.event.ID
	if c.in != in {
		thrown.CaughtIn = c.in.ID
	}
	d.emit(in.ID, thrown)
	var results variables.Document
	if name := partFor(c.event, bpmn.EventEscalation, code).CodeVariable; name != "" {
		results = variables.Document{name: code}
	}
	d.catches(c, results)
	if !c.event.Interrupting {
		d.complete(in, el, node, nil)
	}
	return nil
}
