package engine

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/dmn"
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/variables"
)

// maxTraceBytes bounds the trace that an evaluated decision leaves in the log.
const maxTraceBytes = 32 << 10

// evaluateDecision is the work of business rule tasks that name a decision
// (BPMN 2.0.2, 10.3.3; DMN 1.5). The rules that gave the result are recorded.
func (d *decider) evaluateDecision(in *Instance, el *Element, node *bpmn.Element) *fault {
	def := node.Decision
	ref, f := d.findDecision(in, el, def)
	if f != nil {
		return f
	}
	model, err := d.defs.Decision(in.Tenant, ref)
	if err != nil {
		panic(&ModelError{Err: fmt.Errorf("decision %s: %w", ref.ID(), err)})
	}
	result, f := d.decision(in, el, def, model, ref)
	if f != nil {
		return f
	}
	results, f := decisionResults(def, node, ref, result)
	if f != nil {
		return f
	}
	if f := d.fits(in, el.Key, results); f != nil {
		return f
	}
	made := &events.DecisionEvaluated{Element: el.Key, ElementID: el.ElementID, Decision: ref}
	describeDecision(made, result)
	local := d.box(in, el.Key)
	if def.MapResult != "" && len(node.Outputs)+len(node.Listeners) > 0 {
		// Camunda 7 lets outputs and listeners see the whole result under this name.
		local.write(el.Key, "decisionResult", asList(result.List()))
		if f := d.fitsLocal(in, el.Key, local.made[el.Key]); f != nil {
			return f
		}
	}
	made.Key = in.nextKey()
	d.bytes += len(made.Result) + len(made.Trace)
	d.emit(in.ID, made)
	if f := local.commit(); f != nil {
		return f
	}
	d.complete(in, el, node, results)
	return nil
}

// decision evaluates one decision on what the element sees. What makes a part
// of the result null that should not be is a fault.
func (d *decider) decision(in *Instance, el *Element, def *bpmn.DecisionDefinition, model *dmn.Model, ref events.DecisionRef) (*dmn.Result, *fault) {
	logic, ok := model.Decision(ref.DecisionID)
	if !ok {
		return nil, faultf(commands.CodeDecisionFailed, "the file of decision %s does not have it any more", ref.ID())
	}
	result, err := logic.Evaluate(dmn.Input{
		Variables: d.visible(in, el.Key), Now: time.UnixMilli(d.cmd.TimeMS).UTC(), Seed: seed(d.cmd.ID, el.Key),
		// Zeebe's models ask for null where no rule matches, camunda's and
		// flowable's for an empty list.
		NoMatchIsNull: def.MapResult == "",
		AllVariables:  true,
	})
	why := ""
	if err != nil {
		why = err.Error()
		var coded *dmn.Error
		if errors.As(err, &coded) {
			why = coded.Message + " [dmn " + string(coded.Code) + "]"
		}
	} else if result.Failed() {
		var list []string
		for _, m := range result.Messages {
			if m.Severity == dmn.SeverityError {
				list = append(list, fmt.Sprintf("%s: %s [dmn %s]", m.ElementID, m.Text, m.Code))
			}
		}
		why = strings.Join(list, "; ")
	}
	if why != "" {
		return nil, faultf(commands.CodeDecisionFailed, "decision %s: %s%s", ref.ID(), why, seen(d.env(in, el), logic.InputNames()))
	}
	return result, nil
}

// findDecision chooses the version of the decision that a task names.
func (d *decider) findDecision(in *Instance, el *Element, def *bpmn.DecisionDefinition) (events.DecisionRef, *fault) {
	id, f := d.evalText(in, el, def.DecisionID)
	if f != nil {
		return events.DecisionRef{}, f
	}
	var ref events.DecisionRef
	ok, which := false, ""
	switch def.Binding {
	case bpmn.BindingDeployment:
		which = " in the deployment " + in.Definition.Deployment
		if ref, ok = d.defs.DecisionInDeployment(in.Tenant, in.Definition.Deployment, id); !ok && def.ElseLatest {
			which = ""
			ref, ok = d.defs.LatestDecision(in.Tenant, id)
		}
	case bpmn.BindingVersion:
		n, f := d.evalInt(in, el, def.Version, 0)
		if f != nil {
			return events.DecisionRef{}, f
		}
		which = fmt.Sprintf(" of version %d", n)
		ref, ok = d.defs.DecisionVersion(in.Tenant, id, n)
	case bpmn.BindingVersionTag:
		tag, f := d.evalText(in, el, def.VersionTag)
		if f != nil {
			return events.DecisionRef{}, f
		}
		which = fmt.Sprintf(" with the version tag %q", tag)
		ref, ok = d.defs.DecisionVersionTag(in.Tenant, id, tag)
	case bpmn.BindingLatest, "":
		ref, ok = d.defs.LatestDecision(in.Tenant, id)
	}
	if !ok {
		return ref, faultf(commands.CodeDecisionNotFound, "no decision %q%s is deployed", id, which)
	}
	return ref, nil
}

// decisionResults makes variables of a result, as the dialect of the task has
// it.
func decisionResults(def *bpmn.DecisionDefinition, node *bpmn.Element, ref events.DecisionRef, result *dmn.Result) (variables.Document, *fault) {
	wrong := func(want string, list []map[string]any) *fault {
		text, err := variables.ToJSON(asList(list))
		if err != nil {
			text = []byte("?")
		}
		return faultf(commands.CodeDecisionResult, "decision %s gave %s, but mapDecisionResult=%q needs %s", ref.ID(), truncate(string(text), 500), def.MapResult, want)
	}
	var value any
	switch list := result.List(); def.MapResult {
	case "":
		value = result.Output()
	case "resultList":
		value = asList(list)
	case "singleResult":
		if len(list) > 1 {
			return nil, wrong("one rule at most", list)
		}
		if len(list) == 1 {
			value = list[0]
		}
	case "singleEntry":
		if len(list) > 1 || len(list) == 1 && len(list[0]) > 1 {
			return nil, wrong("one rule with one output at most", list)
		}
		if len(list) == 1 {
			value = only(list[0])
		}
	case "collectEntries":
		entries := make([]any, 0, len(list))
		for _, row := range list {
			if len(row) > 1 {
				return nil, wrong("rules with one output", list)
			}
			entries = append(entries, only(row))
		}
		value = entries
	case bpmn.MapResultFlowable:
		return flowableResults(def, ref, result)
	}
	if node.ResultVariable == "" {
		return nil, nil
	}
	return variables.Document{node.ResultVariable: value}, nil
}

// flowableResults makes the outputs variables of their own, or one list under
// the id of the decision where several rules may count, empty where none does.
func flowableResults(def *bpmn.DecisionDefinition, ref events.DecisionRef, result *dmn.Result) (variables.Document, *fault) {
	list := result.List()
	if len(list) == 0 && def.ErrorOnNoHits {
		return nil, faultf(commands.CodeDecisionResult, "no rule of decision %s matches, and decisionTaskThrowErrorOnNoHits is true", ref.ID())
	}
	if result.Several() {
		return variables.Document{ref.DecisionID: asList(list)}, nil
	}
	out := variables.Document{}
	for _, row := range list {
		maps.Copy(out, row)
	}
	return out, nil
}

// only is the single value of a row, null of an empty one.
func only(row map[string]any) any {
	for _, name := range sortedKeys(row) {
		return row[name]
	}
	return nil
}

func asList(rows []map[string]any) []any {
	out := make([]any, len(rows))
	for i, row := range rows {
		out[i] = row
	}
	return out
}

// describeDecision writes result and trace into the event, within the bound.
func describeDecision(e *events.DecisionEvaluated, r *dmn.Result) {
	result, err := variables.ToJSON(r.Output())
	if err == nil && len(result) <= maxTraceBytes {
		e.Result = string(result)
	} else {
		e.Truncated = true
	}
	trace, err := json.Marshal(r.Trace)
	if err == nil && len(trace) > maxTraceBytes && len(r.Trace.Decisions) > 1 {
		// That of the decision itself says most.
		e.Truncated = true
		trace, err = json.Marshal(&dmn.Trace{Decisions: r.Trace.Decisions[len(r.Trace.Decisions)-1:]})
	}
	if err != nil || len(trace) > maxTraceBytes {
		e.Truncated = true
		return
	}
	e.Trace = string(trace)
}
