package engine

import (
	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/variables"
)

// skipEnabled and skipEnabledOld are the variables that switch Flowable's skip
// expressions on.
const (
	skipEnabled    = "_FLOWABLE_SKIP_EXPRESSION_ENABLED"
	skipEnabledOld = "_ACTIVITI_SKIP_EXPRESSION_ENABLED"
)

// skips says whether a skip expression counts and is true.
func (d *decider) skips(in *Instance, el *Element, x *bpmn.Expression) (bool, *fault) {
	on, f := d.skipping(in, el)
	if f != nil || !on {
		return false, f
	}
	return d.evalBool(in, el, x)
}

// skipping says whether the instance looks at skip expressions.
func (d *decider) skipping(in *Instance, el *Element) (bool, *fault) {
	for _, name := range []string{skipEnabledOld, skipEnabled} {
		v, ok := d.find(in, el.Key, name)
		if !ok || v == nil {
			continue
		}
		on, isBool := v.(bool)
		if !isBool {
			return false, faultf(commands.CodeExpressionType, "the variable %s switches skip expressions on and off; expected true or false, but it is a %s", name, variables.TypeName(v))
		}
		return on, nil
	}
	return false, nil
}

// holds says whether a token may take a conditional flow: by its condition, or
// by its skip expression where the instance looks at these.
func (d *decider) holds(in *Instance, el *Element, flow *bpmn.SequenceFlow) (bool, *fault) {
	if flow.Skip != nil {
		on, f := d.skipping(in, el)
		if f != nil {
			return false, f
		}
		if on {
			return d.evalBool(in, el, flow.Skip)
		}
	}
	if flow.Condition == nil {
		return true, nil
	}
	return d.evalBool(in, el, flow.Condition)
}
