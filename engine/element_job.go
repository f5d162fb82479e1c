package engine

import (
	"encoding/json"
	"maps"

	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/events"
)

// defaultRetries is how many attempts a job has if the model does not say.
const defaultRetries = 3

// jobTask is the behaviour of tasks that workers carry out.
type jobTask struct{}

func (jobTask) activate(d *decider, in *Instance, el *Element, node *bpmn.Element) *fault {
	if node.Job == nil {
		return faultf(commands.CodeElementUnsupported, "%s %s has no job type", node.Type, node.ID)
	}
	created, f := d.prepareJob(in, el, node.Job)
	if f != nil {
		return f
	}
	d.offerJob(in, created)
	return nil
}

// prepareJob evaluates a job for an element.
func (d *decider) prepareJob(in *Instance, el *Element, def *bpmn.JobDefinition) (*events.JobCreated, *fault) {
	jobType, f := d.evalText(in, el, def.Type)
	if f != nil {
		return nil, f
	}
	if jobType == "" || len(jobType) > commands.MaxNameBytes {
		return nil, faultf(commands.CodeExpressionType, "the job type of %s is empty or longer than %d bytes", el.ElementID, commands.MaxNameBytes)
	}
	cycle := def.RetryCycle
	if def.RetryExpression != nil {
		if cycle, f = d.evalOptionalText(in, el, def.RetryExpression); f != nil {
			return nil, f
		}
		if cycle != "" {
			if err := bpmn.CheckRetryCycle(cycle); err != nil {
				return nil, faultf(commands.CodeTimerInvalid, "the retry cycle %q of %s cannot be read: %v", cycle, el.ElementID, err)
			}
		}
	}
	retries := defaultRetries
	if n, ok := cycleRetries(cycle); ok {
		retries = n
	}
	retries, f = d.evalInt(in, el, def.Retries, retries)
	if f != nil {
		return nil, f
	}
	priority, f := d.evalInt(in, el, def.Priority, 0)
	if f != nil {
		return nil, f
	}
	headers := def.Headers
	if len(def.Links) > 0 {
		if headers, f = d.linkedHeaders(in, el, def); f != nil {
			return nil, f
		}
	}
	return &events.JobCreated{
		Element: el.Key, ElementID: el.ElementID, Type: jobType, Retries: max(retries, 1),
		Priority: priority, Headers: headers, RetryCycle: cycle, Own: def.Own,
	}, nil
}

// linkedHeaders returns the headers of a job with its linked resources.
func (d *decider) linkedHeaders(in *Instance, el *Element, def *bpmn.JobDefinition) (map[string]string, *fault) {
	type link struct {
		ID         string       `json:"resourceId"`
		Type       string       `json:"resourceType"`
		Name       string       `json:"linkName"`
		Binding    bpmn.Binding `json:"bindingType"`
		VersionTag string       `json:"versionTag,omitempty"`
		Deployment string       `json:"deployment,omitempty"`
	}
	links := make([]link, 0, len(def.Links))
	for _, r := range def.Links {
		id, f := d.evalText(in, el, r.ID)
		if f != nil {
			return nil, f
		}
		if id == "" || len(id) > commands.MaxNameBytes {
			return nil, faultf(commands.CodeExpressionType, "the resource that %s links as %q has an id that is empty or longer than %d bytes", el.ElementID, r.Name, commands.MaxNameBytes)
		}
		l := link{ID: id, Type: r.Type, Name: r.Name, Binding: r.Binding}
		switch r.Binding {
		case bpmn.BindingVersionTag:
			l.VersionTag = r.VersionTag
		case bpmn.BindingDeployment:
			l.Deployment = in.Definition.Deployment
		case bpmn.BindingLatest, bpmn.BindingVersion:
		}
		links = append(links, l)
	}
	text, err := json.Marshal(links)
	if err != nil {
		panic(corrupt("encode the linked resources of %s: %v", el.ElementID, err))
	}
	headers := maps.Clone(def.Headers)
	if headers == nil {
		headers = map[string]string{}
	}
	headers[bpmn.LinksHeader] = string(text)
	return headers, nil
}

// offerJob creates a prepared job and offers it to workers.
func (d *decider) offerJob(in *Instance, created *events.JobCreated) {
	created.Key = in.nextKey()
	d.emit(in.ID, created)
	d.out.Offered = append(d.out.Offered, JobRef{Instance: in.ID, Key: created.Key})
}

// withdrawUnheld takes the message of a finished attempt out of the work queue,
// unless a worker holds it: a worker names itself and acknowledges the message.
func (d *decider) withdrawUnheld(in *Instance, j *Job, worker string) {
	if worker == "" {
		d.withdraw(in, j)
	}
}

// withdraw takes the job's message out of the work queue.
func (d *decider) withdraw(in *Instance, j *Job) {
	d.out.Withdrawn = append(d.out.Withdrawn, WithdrawnJob{JobRef: JobRef{Instance: in.ID, Key: j.Key}, Tenant: in.Tenant, Type: j.Type, Priority: j.Priority})
}
