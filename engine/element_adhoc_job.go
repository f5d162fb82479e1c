package engine

import (
	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/variables"
)

// An ad-hoc subprocess with a job (zeebe's taskDefinition) does what the worker
// of the job says: which activities begin with which variables, whether what is
// active is ended, and whether the subprocess is done. It has one open job at a
// time: the first when it begins, another when an activity and what follows it
// have ended. That takes the place of a job that is still open, so that the
// worker sees things as they are.

// activateAdHocJob begins an ad-hoc subprocess with a job.
func (d *decider) activateAdHocJob(in *Instance, el *Element, node *bpmn.Element) *fault {
	job, f := d.prepareJob(in, el, node.Job)
	if f != nil {
		return f
	}
	if f := d.setVariables(in, el.Key, variables.Document{bpmn.AdHocChoices: node.AdHoc.Choices}); f != nil {
		return f
	}
	d.emit(in.ID, &events.LoopStarted{Key: el.Key, Sequential: node.AdHoc.Sequential, AdHoc: true, Output: node.AdHoc.OutputCollection})
	d.offerJob(in, job)
	return nil
}

// adHocJob offers the job of an ad-hoc subprocess anew.
func (d *decider) adHocJob(in *Instance, el *Element, node *bpmn.Element) {
	d.dropAdHocJob(in, el)
	job, f := d.prepareJob(in, el, node.Job)
	if f != nil {
		d.raise(in, el, events.StepScope, 0, f)
		return
	}
	d.offerJob(in, job)
}

// dropAdHocJob cancels the open job of an ad-hoc subprocess, with its incident.
func (d *decider) dropAdHocJob(in *Instance, el *Element) {
	for i := len(in.Incidents) - 1; i >= 0; i-- {
		inc := in.Incidents[i]
		ofJob := inc.Step == events.StepJob || inc.Step == events.StepScope || inc.Step == events.StepError
		if inc.Element == el.Key && ofJob {
			d.emit(in.ID, &events.IncidentResolved{Key: inc.Key})
		}
	}
	if j := in.adHocJob(el); j != nil {
		d.withdraw(in, j)
		d.emit(in.ID, &events.JobCanceled{Key: j.Key})
	}
}

// adHocJob returns the open job of an ad-hoc subprocess, nil if there is none.
func (in *Instance) adHocJob(el *Element) *Job {
	for _, j := range in.Jobs {
		if j.Element == el.Key && j.Listener == "" {
			return j
		}
	}
	return nil
}

// completeAdHocJob does what the worker of an ad-hoc subprocess says.
func (d *decider) completeAdHocJob(in *Instance, el *Element, j *Job, c *commands.CompleteJob) *commands.Error {
	node, r := d.node(in, el), c.AdHoc
	if r == nil {
		r = &commands.AdHocResult{}
	}
	if rejection := d.checkChoices(in, el, node, r.Activities, variables.Size(c.Variables)); rejection != nil {
		return rejection
	}
	d.withdrawUnheld(in, j, c.Worker)
	d.emit(in.ID, &events.JobCompleted{Key: j.Key, Worker: c.Worker})
	if f := d.takeResults(in, el, node, c.Variables); f != nil {
		panic(corrupt("the results of job %s were checked, but do not fit: %s", c.JobID, f.message))
	}
	if r.Complete {
		d.stopAdHoc(in, el, node, r.CancelRemaining)
		return nil
	}
	if r.CancelRemaining {
		d.terminateInside(in, el, 0)
	}
	d.choose(in, el, node, r.Activities)
	return nil
}

// resumeAdHocJob offers the job of an ad-hoc subprocess that had to stop before
// it could.
func (d *decider) resumeAdHocJob(in *Instance, el *Element) {
	if el.AdHoc == nil || el.AdHoc.Stopped {
		return
	}
	if node := d.node(in, el); node.Job != nil && in.adHocJob(el) == nil {
		d.adHocJob(in, el, node)
	}
}
