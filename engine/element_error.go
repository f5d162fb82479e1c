package engine

import (
	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/variables"
)

// catcher is an error event that catches an error: the boundary event of an
// element instance, possibly in an instance further out.
type catcher struct {
	in    *Instance
	el    *Element
	event *bpmn.Element
}

// throwError brings an error to who catches it. With nobody, it is a fault: the
// element stops with an incident and nothing has changed.
func (d *decider) throwError(in *Instance, el *Element, e bpmnError) *fault {
	c := d.findCatcher(in, el, e.code)
	if c == nil {
		message := ""
		if e.message != "" {
			message = ": " + e.message
		}
		return faultf(commands.CodeErrorUncaught, "no error event catches the code %q%s", e.code, message)
	}
	if f := d.outOnError(in, c); f != nil {
		return f
	}
	results := variables.Document{}
	for name, v := range e.variables {
		results[name] = v
	}
	if def := c.event.Event; def != nil {
		if def.CodeVariable != "" {
			results[def.CodeVariable] = e.code
		}
		if def.MessageVariable != "" {
			results[def.MessageVariable] = e.message
		}
	}
	d.boundary(c.in, c.el, c.event, results)
	return nil
}

// outOnError applies the output mappings of the call activities that an error
// leaves on its way up, as Camunda 7 does; in other dialects only the error's own
// variables come out.
func (d *decider) outOnError(in *Instance, c *catcher) *fault {
	for child := in; child != c.in; {
		caller, el := d.caller(child)
		if call := d.node(caller, el).Call; call != nil && len(call.Out) > 0 && d.model(caller).Dialect == bpmn.DialectCamunda {
			out, f := d.passedOut(caller, el, child)
			if f != nil {
				return f
			}
			if f := d.propagate(caller, el.Scope, out); f != nil {
				return f
			}
		}
		child = caller
	}
	return nil
}

// findCatcher looks from the element outwards, through scopes and calling
// instances: the innermost scope first, there the exact code before a
// catch-all.
func (d *decider) findCatcher(in *Instance, el *Element, code string) *catcher {
	for {
		if event := errorBoundary(hosted(el, d.node(in, el)), code); event != nil {
			return &catcher{in, el, event}
		}
		if el.Scope != 0 {
			el = must(in.Elements, el.Scope)
			continue
		}
		if in.Parent == "" {
			return nil
		}
		if in, el = d.caller(in); in == nil {
			return nil
		}
	}
}

func errorBoundary(events []*bpmn.Element, code string) *bpmn.Element {
	var catchAll *bpmn.Element
	for _, b := range events {
		if b.Event == nil || b.Event.Kind != bpmn.EventError {
			continue
		}
		switch b.Event.Code {
		case code:
			return b
		case "":
			if catchAll == nil {
				catchAll = b
			}
		}
	}
	return catchAll
}
