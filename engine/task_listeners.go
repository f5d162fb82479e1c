package engine

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/expression"
	"github.com/weir-bpm/weir/expression/timers"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/variables"
)

// Task listeners run when a user task is created, assigned, updated, completed
// or canceled. Those of camunda and flowable run in place, may change the task
// and, with a fault, refuse the command. Those of zeebe are jobs: the task is
// pending until all of them are done, and takes no other command; they may
// correct what is about to happen or deny it.

// The events of task listeners in place.
const (
	taskCreate     = "create"
	taskAssignment = "assignment"
	taskUpdate     = "update"
	taskComplete   = "complete"
	taskDelete     = "delete"
	taskTimeout    = "timeout"
)

// The events of task listeners that are jobs.
const (
	taskCreating   = "creating"
	taskAssigning  = "assigning"
	taskUpdating   = "updating"
	taskCompleting = "completing"
)

// isTaskListener says whether a job of the event listens to a user task.
func isTaskListener(event string) bool {
	switch event {
	case taskCreating, taskAssigning, taskUpdating, taskCompleting, taskCanceling:
		return true
	}
	return false
}

// listens says whether a user task has task listeners.
func listens(node *bpmn.Element) bool {
	return slices.ContainsFunc(node.Listeners, func(l bpmn.Listener) bool { return l.Task })
}

// taskListeners returns the listeners for events, in place or as jobs.
func taskListeners(node *bpmn.Element, events ...string) []*bpmn.Listener {
	var out []*bpmn.Listener
	for i := range node.Listeners {
		l := &node.Listeners[i]
		if l.Task && slices.ContainsFunc(events, func(e string) bool { return l.Event == e || l.Event == "all" && inAll(e) }) {
			out = append(out, l)
		}
	}
	return out
}

// inAll says whether flowable's listeners of all events hear the event.
func inAll(event string) bool {
	return event == taskCreate || event == taskAssignment || event == taskComplete || event == taskDelete
}

// inPlace and jobs split listeners: a class that a job type stands in for is a
// job of the same moment.
func inPlace(list []*bpmn.Listener) []*bpmn.Listener {
	return slices.DeleteFunc(list, func(l *bpmn.Listener) bool { return l.Job != nil })
}

func jobs(node *bpmn.Element, event string) []*bpmn.Listener {
	classic := map[string]string{taskCreating: taskCreate, taskAssigning: taskAssignment, taskUpdating: taskUpdate, taskCompleting: taskComplete}[event]
	return slices.DeleteFunc(taskListeners(node, event, classic), func(l *bpmn.Listener) bool { return l.Job == nil })
}

// taskBox is a box in which task listeners run: what they set of the task is in
// changes, and view shows it.
type taskBox struct {
	*box
	el      *Element
	node    *bpmn.Element
	view    *expression.Task
	changes events.TaskChanges
}

func (d *decider) taskBox(in *Instance, el *Element, node *bpmn.Element, t *UserTask, changes events.TaskChanges) *taskBox {
	b := &taskBox{box: d.box(in, el.Key), el: el, node: node, changes: changes}
	b.carries = false // local to the task
	shown := *t
	shown.change(&changes)
	b.view = &expression.Task{
		ID: ids.Join(in.ID, t.Key), TaskDefinitionKey: el.ElementID, TenantID: in.Tenant,
		CreateTime: dateOf(t.CreatedMS),
		Set:        b.set,
	}
	b.show(&shown)
	return b
}

func (b *taskBox) show(t *UserTask) {
	v := b.view
	v.Name, v.Description, v.Assignee, v.Owner = t.Name, t.Description, t.Assignee, t.Owner
	v.Priority, v.Category, v.FormKey = int64(t.Priority), t.Category, t.FormKey
	v.DueDate, v.FollowUpDate = dateOf(t.DueMS), dateOf(t.FollowUpMS)
	v.CandidateUsers, v.CandidateGroups = t.CandidateUsers, t.CandidateGroups
}

func dateOf(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// run runs the listeners in place of one event.
func (b *taskBox) run(event, reason string) *fault {
	for _, l := range inPlace(taskListeners(b.node, event)) {
		if f := b.one(l, event, reason); f != nil {
			return f
		}
	}
	return nil
}

func (b *taskBox) one(l *bpmn.Listener, event, reason string) *fault {
	env := b.d.listenerEnv(b.box, b.el, b.node, "")
	b.view.EventName, b.view.DeleteReason = event, reason
	env.Task = b.view
	env.Execution.Assignee = b.view.Assignee
	return b.box.run(env, l.Expression)
}

// set is task.setAssignee and the like.
func (b *taskBox) set(property string, v any) error {
	c, view := &b.changes, b.view
	switch property {
	case "assignee":
		return setText(&c.Assignee, &view.Assignee, v)
	case "owner":
		return setText(&c.Owner, &view.Owner, v)
	case "name":
		return setText(&c.Name, &view.Name, v)
	case "description":
		return setText(&c.Description, &view.Description, v)
	case "category":
		return setText(&c.Category, &view.Category, v)
	case "formKey":
		return setText(&c.FormKey, &view.FormKey, v)
	case "dueDate":
		return b.setDate(&c.DueMS, &view.DueDate, v)
	case "followUpDate":
		return b.setDate(&c.FollowUpMS, &view.FollowUpDate, v)
	case "priority":
		n, ok := v.(int64)
		if !ok || n < math.MinInt32 || n > math.MaxInt32 {
			return fmt.Errorf("the priority is %v; expected a whole number", v)
		}
		p := int(n)
		c.Priority, view.Priority = &p, n
		return nil
	case "candidateUser", "candidateUsers":
		return setCandidates(&c.CandidateUsers, &view.CandidateUsers, v, true)
	case "candidateGroup", "candidateGroups":
		return setCandidates(&c.CandidateGroups, &view.CandidateGroups, v, true)
	case "noCandidateUser":
		return setCandidates(&c.CandidateUsers, &view.CandidateUsers, v, false)
	case "noCandidateGroup":
		return setCandidates(&c.CandidateGroups, &view.CandidateGroups, v, false)
	}
	return fmt.Errorf("a task has no property %s that can be set", property)
}

func setText(change **string, view *string, v any) error {
	text, ok := v.(string)
	if !ok && v != nil || len(text) > commands.MaxNameBytes {
		return fmt.Errorf("it takes a text of at most %d bytes", commands.MaxNameBytes)
	}
	*change, *view = &text, text
	return nil
}

func (b *taskBox) setDate(change **int64, view *time.Time, v any) error {
	var ms int64
	if text, ok := v.(string); ok && text != "" {
		t, err := timers.ParseDate(text, b.d.zone())
		if err != nil {
			return err
		}
		ms = max(ceilMS(t), 1)
	} else if v != nil && !ok {
		return fmt.Errorf("it takes a date")
	}
	*change, *view = &ms, dateOf(ms)
	return nil
}

func setCandidates(change **[]string, view *[]string, v any, adds bool) error {
	var names []string
	switch v := v.(type) {
	case string:
		for _, who := range strings.Split(v, ",") {
			names = append(names, strings.TrimSpace(who))
		}
	case []any:
		for _, item := range v {
			who, ok := item.(string)
			if !ok {
				return fmt.Errorf("it takes texts")
			}
			names = append(names, who)
		}
	default:
		return fmt.Errorf("it takes a text or a list of texts")
	}
	list := slices.Clone(*view)
	for _, who := range names {
		switch at := slices.Index(list, who); {
		case adds && at < 0 && who != "":
			list = append(list, who)
		case !adds && at >= 0:
			list = slices.Delete(list, at, at+1)
		}
	}
	if list == nil {
		list = []string{}
	}
	*change, *view = &list, list
	return nil
}

// createListened creates a task with listeners: those in place run before, jobs
// after it has been created and while it is pending. Flowable announces the
// assignment first, Camunda 7 the creation.
func (d *decider) createListened(in *Instance, el *Element, node *bpmn.Element, created *events.UserTaskCreated, named variables.Document) *fault {
	t := taskOf(created, d.cmd.TimeMS)
	b := d.taskBox(in, el, node, t, events.TaskChanges{})
	for _, name := range sortedKeys(named) {
		b.write(b.owner(name), name, named[name])
	}
	order := []string{taskCreate, taskAssignment}
	if d.model(in).Dialect == bpmn.DialectFlowable {
		order = []string{taskAssignment, taskCreate}
	}
	for _, event := range order {
		if event == taskAssignment && b.view.Assignee == "" {
			continue
		}
		if f := b.run(event, ""); f != nil {
			return d.throwFrom(b.box, el, f)
		}
	}
	t.change(&b.changes)
	timeouts, f := d.prepareTimeouts(in, el, node)
	if f != nil {
		return f
	}
	pending := &events.UserTaskPending{Key: created.Key, Event: taskCreating}
	assigns := t.Assignee != "" && len(jobs(node, taskAssigning)) > 0
	if assigns { // the task is assigned when its listeners have agreed
		assignee := t.Assignee
		pending.Changes.Assignee, t.Assignee = &assignee, ""
	}
	var first *events.JobCreated
	switch creating := jobs(node, taskCreating); {
	case len(creating) > 0:
		first, f = d.prepareTaskJob(in, el, creating[0], taskCreating)
	case assigns:
		pending.Event = taskAssigning
		first, f = d.prepareTaskJob(in, el, jobs(node, taskAssigning)[0], taskAssigning)
	}
	if f != nil {
		return f
	}
	if f := b.fits(); f != nil {
		return f
	}
	d.emit(in.ID, createdOf(created, t))
	b.emit()
	if first != nil {
		d.emit(in.ID, pending)
		d.offerTaskJob(in, el, first)
	}
	d.arm(in, timeouts)
	return nil
}

func taskOf(e *events.UserTaskCreated, createdMS int64) *UserTask {
	return &UserTask{
		Key: e.Key, Element: e.Element, ElementID: e.ElementID, Name: e.Name, Assignee: e.Assignee,
		CandidateUsers: e.CandidateUsers, CandidateGroups: e.CandidateGroups, DueMS: e.DueMS, FollowUpMS: e.FollowUpMS,
		Priority: e.Priority, FormKey: e.FormKey, FormID: e.FormID, Owner: e.Owner, Category: e.Category,
		Description: e.Description, CreatedMS: createdMS,
	}
}

// createdOf is the event with what listeners made of the task.
func createdOf(e *events.UserTaskCreated, t *UserTask) *events.UserTaskCreated {
	e.Name, e.Assignee, e.CandidateUsers, e.CandidateGroups = t.Name, t.Assignee, t.CandidateUsers, t.CandidateGroups
	e.DueMS, e.FollowUpMS, e.Priority, e.FormKey = t.DueMS, t.FollowUpMS, t.Priority, t.FormKey
	e.Owner, e.Category, e.Description = t.Owner, t.Category, t.Description
	return e
}

func (d *decider) prepareTaskJob(in *Instance, el *Element, l *bpmn.Listener, event string) (*events.JobCreated, *fault) {
	created, f := d.prepareJob(in, el, l.Job)
	if f != nil {
		return nil, f
	}
	created.Listener = event
	return created, nil
}

// offerTaskJob begins the listener jobs of an event.
func (d *decider) offerTaskJob(in *Instance, el *Element, job *events.JobCreated) {
	if !el.at(job.Listener) || el.Listened.Done > 0 {
		d.emit(in.ID, &events.ListenersRun{Element: el.Key, Event: job.Listener})
	}
	d.offerJob(in, job)
}

// changeListenedTask assigns or updates a task with listeners.
func (d *decider) changeListenedTask(in *Instance, el *Element, node *bpmn.Element, t *UserTask, event string, changes events.TaskChanges, by string) *commands.Error {
	b := d.taskBox(in, el, node, t, changes)
	f := b.run(taskUpdate, "")
	if f == nil && b.view.Assignee != t.Assignee {
		f = b.run(taskAssignment, "")
	}
	if f != nil {
		return d.refuseOrThrow(b, f)
	}
	var first *events.JobCreated
	if list := jobs(node, event); len(list) > 0 {
		first, f = d.prepareTaskJob(in, el, list[0], event)
	}
	if f == nil {
		f = b.fits()
	}
	if f != nil {
		return f.asRejection()
	}
	b.emit()
	if first == nil {
		d.changeTask(in, t, b.changes, by)
		return nil
	}
	d.emit(in.ID, &events.UserTaskPending{Key: t.Key, Event: event, Changes: b.changes, By: by})
	d.offerTaskJob(in, el, first)
	return nil
}

// refuseOrThrow refuses a command that a listener has failed at, unless it failed
// with a BPMN error that is caught: that ends the task.
func (d *decider) refuseOrThrow(b *taskBox, f *fault) *commands.Error {
	if f = d.throwFrom(b.box, b.el, f); f != nil {
		return f.asRejection()
	}
	return nil
}

// changeTask makes changes to a task; a changed assignee is an event of its own.
func (d *decider) changeTask(in *Instance, t *UserTask, changes events.TaskChanges, by string) {
	if a := changes.Assignee; a != nil {
		if *a != t.Assignee {
			d.emit(in.ID, &events.UserTaskAssigned{Key: t.Key, Assignee: *a})
		}
		changes.Assignee = nil
	}
	if changed(&changes) {
		d.emit(in.ID, &events.UserTaskUpdated{Key: t.Key, Changes: changes, By: by})
	}
}

// completeListenedTask completes a task with listeners. They see its results; a
// listener that fails refuses the completion.
func (d *decider) completeListenedTask(in *Instance, el *Element, node *bpmn.Element, t *UserTask, results variables.Document, by string) *commands.Error {
	b := d.taskBox(in, el, node, t, events.TaskChanges{})
	b.results(results)
	f := b.run(taskComplete, "completed")
	if f == nil && d.model(in).Dialect == bpmn.DialectFlowable {
		f = b.run(taskDelete, "completed")
	}
	if f != nil {
		return d.refuseOrThrow(b, f)
	}
	var first *events.JobCreated
	list := jobs(node, taskCompleting)
	if len(list) > 0 {
		first, f = d.prepareTaskJob(in, el, list[0], taskCompleting)
	}
	if f == nil {
		f = b.fits()
	}
	if f != nil {
		return f.asRejection()
	}
	if first != nil {
		pending := &events.UserTaskPending{Key: t.Key, Event: taskCompleting, Changes: b.changes, Variables: results, By: by}
		d.emit(in.ID, pending)
		d.offerTaskJob(in, el, first)
		return nil
	}
	d.changeTask(in, t, b.changes, by)
	b.emit()
	d.emit(in.ID, &events.UserTaskCompleted{Key: t.Key, By: by})
	d.complete(in, el, node, nil)
	return nil
}

// results puts the results of a completion where takeResults would.
func (b *taskBox) results(doc variables.Document) {
	for _, name := range sortedKeys(doc) {
		switch {
		case b.node.PassInputs && b.node.Passes(name):
			b.write(b.in.owner(b.el.Scope, name), name, doc[name])
		case b.node.PropagateAll:
			b.write(b.owner(name), name, doc[name])
		case len(b.node.Outputs) > 0:
			b.write(b.scope, name, doc[name])
		}
	}
}

// completeTaskJob ends the job of a task listener: it denies what the task waits
// for, or corrects it, and the next listener or the task goes on.
func (d *decider) completeTaskJob(in *Instance, el *Element, j *Job, c *commands.CompleteJob) *commands.Error {
	t := d.taskAt(in, el)
	switch {
	case t == nil || t.Pending == nil:
		panic(corrupt("job %s listens to a task that waits for nothing", c.JobID))
	case c.Denied && j.Listener == taskCreating:
		return commands.Reject(commands.CodeCommandInvalid, "a listener cannot deny that a task is created")
	case c.Denied && j.Listener == taskCanceling:
		return commands.Reject(commands.CodeCommandInvalid, "a listener cannot deny that a task is canceled")
	case c.Denied && c.Corrections != nil:
		return commands.Reject(commands.CodeCommandInvalid, "a listener either denies or corrects")
	case len(c.Variables) > 0:
		return commands.Reject(commands.CodeCommandInvalid, "the listener of a user task sets no variables; it may correct the task's attributes")
	}
	d.withdrawUnheld(in, j, c.Worker)
	d.emit(in.ID, &events.JobCompleted{Key: j.Key, Worker: c.Worker})
	if c.Denied {
		reason := c.DeniedReason
		if reason == "" {
			reason = "the listener gave no reason"
		}
		d.emit(in.ID, &events.UserTaskPending{Key: t.Key, Denied: reason})
		return nil
	}
	if c.Corrections != nil {
		next := *t.Pending
		merge(&next.Changes, c.Corrections)
		d.emit(in.ID, &events.UserTaskPending{Key: t.Key, Event: next.Event, Changes: next.Changes, Variables: next.Variables, By: next.By})
	}
	done := 1
	if el.at(j.Listener) {
		done = el.Listened.Done + 1
	}
	d.emit(in.ID, &events.ListenersRun{Element: el.Key, Event: j.Listener, Done: done})
	d.continueTask(in, el)
	return nil
}

// taskAt returns the open user task of an element instance, nil if there is
// none.
func (d *decider) taskAt(in *Instance, el *Element) *UserTask {
	for _, t := range in.Tasks {
		if t.Element == el.Key {
			return t
		}
	}
	return nil
}

// continueTask goes on with what a task waits for: the next listener job, or the
// transition itself.
func (d *decider) continueTask(in *Instance, el *Element) {
	t, node := d.taskAt(in, el), d.node(in, el)
	if t == nil || t.Pending == nil {
		return
	}
	if el.ending() {
		d.checkScope(in, el.Key)
		return
	}
	event, p := t.Pending.Event, *t.Pending
	if list := jobs(node, event); el.at(event) && el.Listened.Done < len(list) {
		job, f := d.prepareTaskJob(in, el, list[el.Listened.Done], event)
		if f != nil {
			d.raise(in, el, events.StepTask, 0, f)
			return
		}
		d.offerJob(in, job)
		return
	}
	switch event {
	case taskCreating:
		assignee := p.Changes.Assignee
		if assignee == nil || *assignee == "" || len(jobs(node, taskAssigning)) == 0 {
			break
		}
		p.Changes.Assignee = nil
		d.changeTask(in, t, p.Changes, "")
		d.emit(in.ID, &events.UserTaskPending{Key: t.Key, Event: taskAssigning, Changes: events.TaskChanges{Assignee: assignee}})
		d.emit(in.ID, &events.ListenersRun{Element: el.Key, Event: taskAssigning})
		d.continueTask(in, el)
		return
	case taskCompleting:
		d.changeTask(in, t, p.Changes, p.By)
		d.emit(in.ID, &events.UserTaskCompleted{Key: t.Key, By: p.By})
		d.complete(in, el, node, p.Variables)
		return
	}
	d.emit(in.ID, &events.UserTaskPending{Key: t.Key})
	d.changeTask(in, t, p.Changes, p.By)
}

// deleteListened runs the listeners of a task that is canceled.
func (d *decider) deleteListened(in *Instance, el *Element, t *UserTask) {
	node := d.node(in, el)
	if !listens(node) {
		return
	}
	b := d.taskBox(in, el, node, t, events.TaskChanges{})
	f := b.run(taskDelete, "deleted")
	if f == nil {
		f = b.fits()
	}
	if f != nil {
		d.listenerFailed(in, el, taskDelete, f)
		return
	}
	b.emit()
}

// prepareTimeouts evaluates the timers of timeout listeners.
func (d *decider) prepareTimeouts(in *Instance, el *Element, node *bpmn.Element) ([]armed, *fault) {
	var out []armed
	for _, l := range inPlace(taskListeners(node, taskTimeout)) {
		if l.Timer == nil {
			continue
		}
		t, f := d.prepareTimer(in, el, l.ID, l.Timer)
		if f != nil {
			return nil, f
		}
		out = append(out, armed{timer: t})
	}
	return out, nil
}

// timedOut runs the timeout listener that a timer of a user task is of. It says
// whether there is one.
func (d *decider) timedOut(in *Instance, el *Element, t *Timer) bool {
	if el.Type != string(bpmn.TypeUserTask) || t.Target == el.ElementID {
		return false
	}
	node := d.node(in, el)
	for _, l := range taskListeners(node, taskTimeout) {
		if l.ID != t.Target {
			continue
		}
		fired := &events.TimerFired{Key: t.Key}
		if t.Cycle != "" {
			if next, remaining, f := d.nextOfTimer(in, t); f == nil {
				fired.NextDueMS, fired.Remaining = next, remaining
			}
		}
		d.emit(in.ID, fired)
		if task := d.taskAt(in, el); task != nil && l.Expression != nil {
			b := d.taskBox(in, el, node, task, events.TaskChanges{})
			f := b.one(l, taskTimeout, "")
			if f == nil {
				f = b.fits()
			} else if f = d.throwFrom(b.box, el, f); f == nil {
				return true
			}
			if f != nil {
				d.listenerFailed(in, el, taskTimeout, f)
				return true
			}
			b.emit()
			d.changeTask(in, task, b.changes, "")
		}
		return true
	}
	return false
}
