package engine

import (
	"maps"

	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/variables"
)

// workTask is the behaviour of service, send, script and business rule tasks:
// the engine does their work in place if it can, a worker does it otherwise.
type workTask struct{}

func (workTask) activate(d *decider, in *Instance, el *Element, node *bpmn.Element) *fault {
	switch {
	case node.Decision != nil:
		return d.evaluateDecision(in, el, node)
	case node.Script != nil:
		return d.inPlace(in, el, node, node.Script.Source)
	case node.ServiceExpression != nil:
		return d.inPlace(in, el, node, node.ServiceExpression)
	}
	return jobTask{}.activate(d, in, el, node)
}

// inPlace does the work of a task by a script or an expression. Its value goes
// to the result variable; what it sets goes to the nearest owners, or with
// setVariableLocal to the task. With a fault it has changed nothing, so that
// resolving the incident runs it again.
func (d *decider) inPlace(in *Instance, el *Element, node *bpmn.Element, x *bpmn.Expression) *fault {
	if x.Program == nil {
		return d.finish(in, el, node, d.box(in, el.Key), x.Constant)
	}
	b := d.box(in, el.Key)
	env := d.envOf(in, el, x)
	env.Execution.ElementType = string(node.Type)
	env.Execution.ElementInstanceID = ids.Join(in.ID, el.Key)
	b.open(env)
	v, err := d.evaluate(env, x)
	if err != nil {
		return d.throwFrom(b, el, b.failed(env, x, err))
	}
	return d.finish(in, el, node, b, v)
}

// finish completes a task with what its work gave and set, if all of it fits.
func (d *decider) finish(in *Instance, el *Element, node *bpmn.Element, b *box, value any) *fault {
	var results variables.Document
	if node.ResultVariable != "" {
		results = variables.Document{node.ResultVariable: value}
	}
	all := results
	if len(b.made) > 0 {
		all = variables.Document{}
		for _, owner := range sortedKeys(b.made) {
			maps.Copy(all, b.made[owner])
		}
		maps.Copy(all, results)
	}
	if f := d.fits(in, el.Key, all); f != nil {
		return f
	}
	if f := b.commit(); f != nil {
		return f
	}
	d.workDone(in, el, node, results)
	return nil
}
