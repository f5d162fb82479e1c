package engine

import (
	"strconv"
	"strings"

	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/variables"
)

// job finds the open job of a command from a worker.
func (d *decider) job(id string) (*Instance, *Job, *commands.Error) {
	in, key, rejection := d.inInstance(id)
	if rejection != nil {
		return nil, nil, rejection
	}
	j, ok := find(in.Jobs, key)
	if !ok {
		return nil, nil, commands.Reject(commands.CodeJobNotFound, "no job %s is open", id)
	}
	return in, j, nil
}

// activeJob is job for commands that end an attempt.
func (d *decider) activeJob(id string, vars variables.Document) (*Instance, *Job, *commands.Error) {
	in, j, rejection := d.job(id)
	if rejection != nil {
		return nil, nil, rejection
	}
	if j.Failed {
		return nil, nil, commands.Reject(commands.CodeJobNotActive, "job %s has failed and is not offered to workers now", id)
	}
	if rejection := d.checkResults(in, j.Element, j.Listener, vars); rejection != nil {
		return nil, nil, rejection
	}
	return in, j, nil
}

// checkResults refuses results that would break a limit where they are written
// to, while the sender can still be told.
func (d *decider) checkResults(in *Instance, element ids.Key, listener string, vars variables.Document) *commands.Error {
	if len(vars) == 0 {
		return nil
	}
	el := must(in.Elements, element)
	f := d.fitsNew(vars)
	if f == nil && listener != "" {
		f = d.fitsListener(in, el, listener, vars)
	} else if node := d.node(in, el); node.PropagateAll {
		f = d.fitsAt(in, vars, resultOwner(in, el, node))
	} else if len(node.Outputs) > 0 {
		f = d.fitsLocal(in, el.Key, vars)
	}
	if f != nil {
		return f.asRejection()
	}
	return nil
}

func (d *decider) decideCompleteJob(c *commands.CompleteJob) *commands.Error {
	in, j, rejection := d.activeJob(c.JobID, c.Variables)
	if rejection != nil {
		return rejection
	}
	el := must(in.Elements, j.Element)
	if c.AdHoc != nil && (el.AdHoc == nil || j.Listener != "") {
		return commands.Reject(commands.CodeCommandInvalid, "job %s is not that of an ad-hoc subprocess; complete it without ad_hoc", c.JobID)
	}
	switch j.Listener {
	case "":
		if c.Denied || c.Corrections != nil {
			return commands.Reject(commands.CodeCommandInvalid, "only the listener of a user task denies or corrects")
		}
		if el.AdHoc != nil {
			return d.completeAdHocJob(in, el, j, c)
		}
	case eventStart, eventEnd, eventBeforeAll, eventCancel:
		if c.Denied || c.Corrections != nil {
			return commands.Reject(commands.CodeCommandInvalid, "only the listener of a user task denies or corrects")
		}
		return d.completeListenerJob(in, el, j, c)
	default:
		return d.completeTaskJob(in, el, j, c)
	}
	thrown, f := d.jobError(in, el, j, c.Worker, "", c.Variables)
	if f != nil {
		return f.asRejection()
	}
	if thrown != nil {
		d.throwJobError(in, el, j, c.Worker, thrown)
		return nil
	}
	d.withdrawUnheld(in, j, c.Worker)
	d.emit(in.ID, &events.JobCompleted{Key: j.Key, Worker: c.Worker})
	d.workDone(in, el, d.node(in, el), c.Variables)
	return nil
}

// completeListenerJob ends the job of a listener, and the element goes on.
func (d *decider) completeListenerJob(in *Instance, el *Element, j *Job, c *commands.CompleteJob) *commands.Error {
	d.withdrawUnheld(in, j, c.Worker)
	d.emit(in.ID, &events.JobCompleted{Key: j.Key, Worker: c.Worker})
	if f := d.listenerDone(in, el, j, c.Variables); f != nil {
		panic(corrupt("the results of job %s were checked, but do not fit: %s", c.JobID, f.message))
	}
	return nil
}

func (d *decider) decideFailJob(c *commands.FailJob) *commands.Error {
	in, j, rejection := d.activeJob(c.JobID, nil)
	if rejection != nil {
		return rejection
	}
	// A condition that cannot be evaluated must not keep the worker from saying
	// that it failed.
	el := must(in.Elements, j.Element)
	if thrown, f := d.jobError(in, el, j, c.Worker, c.Message, nil); f == nil && thrown != nil {
		d.throwJobError(in, el, j, c.Worker, thrown)
		return nil
	}
	retries := j.Retries - 1
	if c.Retries != nil {
		retries = *c.Retries
	}
	d.withdrawUnheld(in, j, c.Worker)
	failed := &events.JobFailed{Key: j.Key, Retries: max(retries, 0), Message: c.Message, Worker: c.Worker}
	if retries > 0 {
		failed.RetryAtMS = d.cmd.TimeMS + d.backoffMS(j, c)
	}
	d.emit(in.ID, failed)
	if retries <= 0 {
		message := c.Message
		if message == "" {
			message = "the worker gave no message"
		}
		d.raise(in, el, events.StepJob, j.Key, faultf(commands.CodeJobNoRetries, "job of type %s has no retries left: %s", j.Type, message))
	}
	return nil
}

// The engine's own back-off doubles from one second to a minute.
const (
	backoffFirstMS = 1_000
	backoffLastMS  = 60_000
)

// backoffMS is the wait before the next attempt: the worker's, the model's, or
// the engine's own.
func (d *decider) backoffMS(j *Job, c *commands.FailJob) int64 {
	if c.BackoffMS != nil {
		return max(*c.BackoffMS, 1)
	}
	if wait, ok := cycleWait(j.RetryCycle, j.Attempt); ok {
		if at, f := d.after(wait); f == nil {
			return max(at-d.cmd.TimeMS, 1)
		}
	}
	ms := int64(backoffFirstMS)
	for range min(j.Attempt-1, 10) {
		ms *= 2
	}
	return min(ms, backoffLastMS)
}

// cycleWait returns the duration of a camunda retry cycle after an attempt:
// R5/PT5M is the same each time, a comma list goes on with its last entry.
func cycleWait(cycle string, attempt int) (string, bool) {
	if cycle == "" {
		return "", false
	}
	if list := strings.Split(cycle, ","); len(list) > 1 {
		return strings.TrimSpace(list[min(attempt, len(list))-1]), true
	}
	_, wait, ok := strings.Cut(cycle, "/")
	if !ok {
		return cycle, true
	}
	return wait, true
}

// cycleRetries returns how many attempts a retry cycle allows.
func cycleRetries(cycle string) (int, bool) {
	if cycle == "" {
		return 0, false
	}
	if n := strings.Count(cycle, ","); n > 0 {
		return n + 2, true
	}
	head, _, ok := strings.Cut(cycle, "/")
	if !ok || !strings.HasPrefix(head, "R") {
		return 2, true
	}
	n, err := strconv.Atoi(head[1:])
	return n, err == nil && n > 0
}

func (d *decider) decideThrowError(c *commands.ThrowError) *commands.Error {
	in, j, rejection := d.activeJob(c.JobID, c.Variables)
	if rejection != nil {
		return rejection
	}
	if rejection := rejectsErrors(j.Listener); rejection != nil {
		return rejection
	}
	el := must(in.Elements, j.Element)
	d.throwJobError(in, el, j, c.Worker, &bpmnError{code: c.Code, message: c.Message, variables: c.Variables})
	return nil
}

func (d *decider) decideUpdateRetries(c *commands.UpdateRetries) *commands.Error {
	in, j, rejection := d.job(c.JobID)
	if rejection != nil {
		return rejection
	}
	d.emit(in.ID, &events.JobRetriesUpdated{Key: j.Key, Retries: c.Retries})
	return nil
}

func (d *decider) decideRetryJob(c *commands.RetryJob) {
	in := d.Instance(d.cmd.Instance)
	if in == nil {
		return
	}
	if j, ok := find(in.Jobs, c.Key); ok && j.RetryAtMS > 0 && j.RetryAtMS <= d.cmd.TimeMS {
		d.reopen(in, j, j.Retries)
	}
}

// reopen offers a failed job to workers again.
func (d *decider) reopen(in *Instance, j *Job, retries int) {
	d.emit(in.ID, &events.JobReopened{Key: j.Key, Attempt: j.Attempt + 1, Retries: retries})
	d.out.Offered = append(d.out.Offered, JobRef{Instance: in.ID, Key: j.Key})
}
