package engine

import (
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
	jobType, f := d.evalText(in, el, node.Job.Type)
	if f != nil {
		return f
	}
	if jobType == "" || len(jobType) > commands.MaxNameBytes {
		return faultf(commands.CodeExpressionType, "the job type of %s is empty or longer than %d bytes", node.ID, commands.MaxNameBytes)
	}
	retries := defaultRetries
	if n, ok := cycleRetries(node.Job.RetryCycle); ok {
		retries = n
	}
	retries, f = d.evalInt(in, el, node.Job.Retries, retries)
	if f != nil {
		return f
	}
	priority, f := d.evalInt(in, el, node.Job.Priority, 0)
	if f != nil {
		return f
	}
	key := in.nextKey()
	d.emit(in.ID, &events.JobCreated{
		Key: key, Element: el.Key, ElementID: el.ElementID, Type: jobType, Retries: max(retries, 1),
		Priority: priority, Headers: node.Job.Headers, RetryCycle: node.Job.RetryCycle,
	})
	d.out.Offered = append(d.out.Offered, JobRef{Instance: in.ID, Key: key})
	return nil
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
