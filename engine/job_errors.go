package engine

import (
	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/variables"
)

// jobError returns the error that the model throws after an attempt of a job, nil
// if it throws none (camunda's errorEventDefinition of external tasks). vars are
// the attempt's results, message why it failed.
func (d *decider) jobError(in *Instance, el *Element, j *Job, worker, message string, vars variables.Document) (*bpmnError, *fault) {
	node := d.node(in, el)
	if node.Job == nil || len(node.Job.Errors) == 0 || j.Listener != "" {
		return nil, nil
	}
	task := map[string]any{
		"topicName": j.Type, "workerId": worker, "retries": int64(j.Retries), "priority": int64(j.Priority),
		"activityId": el.ElementID, "businessKey": in.BusinessKey, "errorMessage": nil, "errorDetails": nil,
	}
	if message != "" {
		task["errorMessage"], task["errorDetails"] = message, message
	}
	env := d.env(in, el)
	env.Lookup = func(name string) (any, bool) {
		if name == "externalTask" {
			return task, true
		}
		if v, ok := vars[name]; ok {
			return v, true
		}
		return in.lookup(el.Key, name)
	}
	for _, e := range node.Job.Errors {
		if e.When != nil {
			v, f := d.evalIn(env, e.When)
			if f != nil {
				return nil, f
			}
			if v != true { // in Camunda 7 nothing else counts as true
				continue
			}
		}
		thrown, f := d.modelError(in, el, e.Error, vars)
		if f == nil && thrown.message == "" {
			thrown.message = message
		}
		return thrown, f
	}
	return nil, nil
}

// modelError makes the error of an error event definition.
func (d *decider) modelError(in *Instance, el *Element, def *bpmn.EventDefinition, vars variables.Document) (*bpmnError, *fault) {
	code, f := d.thrownCode(in, el, def)
	if f != nil {
		return nil, f
	}
	message, f := d.evalOptionalText(in, el, def.ErrorMessage)
	if f != nil {
		return nil, f
	}
	return &bpmnError{code: code, message: message, variables: vars}, nil
}

// throwJobError ends a job with an error that the model throws.
func (d *decider) throwJobError(in *Instance, el *Element, j *Job, worker string, e *bpmnError) {
	d.withdrawUnheld(in, j, worker)
	d.emit(in.ID, &events.JobErrorThrown{Key: j.Key, Code: e.code, Message: truncate(e.message, commands.MaxTextBytes), Worker: worker})
	if f := d.throwError(in, el, *e); f != nil {
		d.raise(in, el, events.StepError, 0, f)
	}
}
