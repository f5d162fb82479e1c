package engine

import (
	"maps"
	"strings"

	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/variables"
)

// bpmnError is a BPMN error on its way to who catches it.
type bpmnError struct {
	code, message string
	variables     variables.Document
}

// throwErrorEvent throws the error of an error end event.
func (d *decider) throwErrorEvent(in *Instance, el *Element, def *bpmn.EventDefinition) *fault {
	e, f := d.modelError(in, el, def, nil)
	if f != nil {
		return f
	}
	return d.throwError(in, el, *e)
}

// thrownCode returns the code of an error or escalation that is thrown.
func (d *decider) thrownCode(in *Instance, el *Element, def *bpmn.EventDefinition) (string, *fault) {
	if def.CodeExpression == nil {
		return def.Code, nil
	}
	code, f := d.evalText(in, el, def.CodeExpression)
	if f != nil {
		return "", f
	}
	if code == "" {
		return "", faultf(commands.CodeExpressionType, "the code %q of %s is empty", def.CodeExpression.Text, el.ElementID)
	}
	return code, nil
}

// throwError brings an error to who catches it (BPMN 2.0.2, 10.5.6). With
// nobody, it is a fault: the element stops with an incident and nothing has
// changed.
func (d *decider) throwError(in *Instance, el *Element, e bpmnError) *fault {
	c := d.findCatcher(in, el, bpmn.EventError, e.code)
	if c == nil {
		message := ""
		if e.message != "" {
			message = ": " + e.message
		}
		return faultf(commands.CodeErrorUncaught, "no error event catches the code %q%s", e.code, message)
	}
	results := variables.Document{}
	if d.model(in).Dialect == bpmn.DialectCamunda {
		// They go to their owners as seen from here, not from who catches it.
		if f := d.propagateTo(in, e.variables, resultOwner(in, el, d.node(in, el))); f != nil {
			return f
		}
	} else {
		maps.Copy(results, e.variables)
	}
	if f := d.outOnError(in, c); f != nil {
		return f
	}
	def := partFor(c.event, bpmn.EventError, e.code)
	if def.CodeVariable != "" {
		results[def.CodeVariable] = e.code
	}
	if def.MessageVariable != "" {
		results[def.MessageVariable] = nil
		if e.message != "" {
			results[def.MessageVariable] = e.message
		}
	}
	d.catches(c, results)
	return nil
}

// outputsOfInterrupted maps the outputs of an element that is being interrupted,
// as Camunda 7 does. One that cannot be evaluated, for the element has not got so
// far, is left out.
func (d *decider) outputsOfInterrupted(in *Instance, el *Element) {
	node := d.node(in, el)
	if len(node.Outputs) == 0 || el.Type != string(node.Type) || d.model(in).Dialect != bpmn.DialectCamunda {
		return
	}
	out := variables.Document{}
	see := d.outputView(in, el, node, out)
	for i := range node.Outputs {
		m := &node.Outputs[i]
		if v, f := see(m.Source); f == nil && !strings.Contains(m.Target, ".") {
			out[m.Target] = v
		}
	}
	if f := d.propagate(in, el.Scope, out); f != nil {
		return // beyond a limit, where nobody waits for it any more
	}
}

// outOnError applies the output mappings of the call activities that an error or
// escalation leaves on its way up, as Camunda 7 does; in other dialects only the
// error's own variables come out.
func (d *decider) outOnError(in *Instance, c *catcher) *fault {
	for child := in; child != c.in; {
		caller, el := d.caller(child)
		if f := d.outUpwards(caller, el, child); f != nil {
			return f
		}
		child = caller
	}
	return nil
}

// outUpwards applies the output mappings of a call activity of a camunda model
// while its instance goes on.
func (d *decider) outUpwards(caller *Instance, el *Element, child *Instance) *fault {
	if call := d.node(caller, el).Call; call == nil || len(call.Out) == 0 || d.model(caller).Dialect != bpmn.DialectCamunda {
		return nil
	}
	out, f := d.passedOut(caller, el, child)
	if f != nil {
		return f
	}
	return d.propagate(caller, el.Key, out.owners)
}

// catcher is the event that catches an error or escalation, possibly in an
// instance further out: a boundary event of the element instance, or the start
// event of an event subprocess in that scope.
type catcher struct {
	in    *Instance
	el    *Element
	event *bpmn.Element
}

// catches goes on at who catches.
func (d *decider) catches(c *catcher, results variables.Document) {
	if c.event.Type == bpmn.TypeBoundaryEvent {
		d.boundary(c.in, c.el, c.event, results)
		return
	}
	d.startEventSub(c.in, c.el, c.event, results)
}

// findCatcher looks from an element outwards, through scopes and calling
// instances, for the event that catches an error or escalation.
func (d *decider) findCatcher(in *Instance, el *Element, kind bpmn.EventKind, code string) *catcher {
	var inside *Element
	for {
		if event := d.catching(in, el, inside, kind, code); event != nil {
			return &catcher{in, el, event}
		}
		if el.Scope != 0 {
			inside, el = el, must(in.Elements, el.Scope)
			continue
		}
		if in.Parent == "" {
			return nil
		}
		inside = nil
		if in, el = d.caller(in); in == nil {
			return nil
		}
	}
}

// catching returns the event of one element instance that catches the code: of
// its event subprocesses, then of its boundary events, each time the exact code
// before one that catches all. Where the model has it so, an exact code comes
// first wherever it stands ([bpmn.Process.CodeFirst]). inside is the element
// instance directly inside that it comes from.
//
// An event subprocess does not catch what is thrown inside it. An interrupting
// one has closed the others of its scope, so none of them does.
func (d *decider) catching(in *Instance, el, inside *Element, kind bpmn.EventKind, code string) *bpmn.Element {
	node := d.node(in, el)
	starts := node.EventStarts
	var self *bpmn.Element
	if len(starts) > 0 && inside != nil && inside.Type == string(bpmn.TypeEventSubProcess) {
		if self = startOf(d.node(in, inside)); self == nil || self.Interrupting {
			starts = nil
		}
	}
	if el.Type != string(node.Type) {
		starts = nil // the body of a multi-instance activity
	}
	exact, all := matching(starts, self, kind, code)
	exactBoundary, allBoundary := matching(hosted(el, node), nil, kind, code)
	order := [...]*bpmn.Element{exact, all, exactBoundary, allBoundary}
	if exact == nil && all != nil && exactBoundary != nil && d.model(in).CodeFirst() {
		return exactBoundary
	}
	for _, event := range order {
		if event != nil {
			return event
		}
	}
	return nil
}

// matching returns the first event that catches exactly the code, and the first
// that catches all.
func matching(list []*bpmn.Element, except *bpmn.Element, kind bpmn.EventKind, code string) (exact, all *bpmn.Element) {
	for _, event := range list {
		switch def := partFor(event, kind, code); {
		case def == nil || def.Kind != kind || event == except:
		case def.Code == "" && all == nil:
			all = event
		case def.Code != "" && def.Code == code && exact == nil:
			exact = event
		}
	}
	return exact, all
}

// partFor returns what of an event catches an error or escalation: of a multiple
// event the part with the exact code before one that catches all, or nil; else
// its definition, whatever that is.
func partFor(event *bpmn.Element, kind bpmn.EventKind, code string) *bpmn.EventDefinition {
	if event.Event == nil || event.Event.Kind != bpmn.EventMultiple {
		return event.Event
	}
	var all *bpmn.EventDefinition
	for _, part := range event.Event.Parts {
		switch {
		case part.Kind != kind:
		case part.Code == "" && all == nil:
			all = part
		case part.Code != "" && part.Code == code:
			return part
		}
	}
	return all
}
