package engine

import (
	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/variables"
)

// userTask is the behaviour of user tasks.
type userTask struct{}

func (userTask) activate(d *decider, in *Instance, el *Element, node *bpmn.Element) *fault {
	created, f := d.userTask(in, el, node)
	if f != nil {
		return f
	}
	named, f := d.taskVariables(in, el, node, created)
	if f != nil {
		return f
	}
	if !listens(node) {
		d.emit(in.ID, created)
		return d.writeNamed(in, el, named)
	}
	return d.createListened(in, el, node, created, named)
}

func (d *decider) userTask(in *Instance, el *Element, node *bpmn.Element) (*events.UserTaskCreated, *fault) {
	t := &events.UserTaskCreated{Key: in.nextKey(), Element: el.Key, ElementID: el.ElementID, Name: node.Name}
	t.Fields = d.formFields(in, el, node.Form)
	def := node.UserTask
	if def == nil {
		return t, nil
	}
	var f *fault
	for _, x := range []struct {
		to   *string
		from *bpmn.Expression
	}{
		{&t.Assignee, def.Assignee},
		{&t.FormKey, def.FormKey},
		{&t.FormVersion, def.FormVersion},
		{&t.Owner, def.Owner},
		{&t.Category, def.Category},
	} {
		if *x.to, f = d.evalOptionalText(in, el, x.from); f != nil {
			return nil, f
		}
	}
	if t.CandidateUsers, f = d.evalList(in, el, def.CandidateUsers); f != nil {
		return nil, f
	}
	if t.CandidateGroups, f = d.evalList(in, el, def.CandidateGroups); f != nil {
		return nil, f
	}
	if t.DueMS, f = d.evalDate(in, el, def.DueDate); f != nil {
		return nil, f
	}
	if t.FollowUpMS, f = d.evalDate(in, el, def.FollowUpDate); f != nil {
		return nil, f
	}
	if t.Priority, f = d.evalInt(in, el, def.Priority, 50); f != nil {
		return nil, f
	}
	if (t.Priority < 0 || t.Priority > commands.MaxTaskPriority) && d.model(in).Dialect == bpmn.DialectZeebe {
		return nil, faultf(commands.CodeExpressionType, "the priority of %s is %d; expected 0 to %d", node.ID, t.Priority, commands.MaxTaskPriority)
	}
	t.FormID, t.FormBinding, t.Description = def.FormID, string(def.FormBinding), def.Description
	return t, nil
}

// taskVariables returns the variables that are set when the task is created:
// flowable's for the id of the task.
func (d *decider) taskVariables(in *Instance, el *Element, node *bpmn.Element, t *events.UserTaskCreated) (variables.Document, *fault) {
	if node.UserTask == nil || node.UserTask.IDVariable == nil {
		return nil, nil
	}
	name, f := d.evalOptionalText(in, el, node.UserTask.IDVariable)
	if f != nil || name == "" {
		return nil, f
	}
	doc := variables.Document{name: ids.Join(in.ID, t.Key)}
	return doc, d.fits(in, el.Key, doc)
}

// writeNamed writes variables that were checked before.
func (d *decider) writeNamed(in *Instance, el *Element, doc variables.Document) *fault {
	if len(doc) == 0 {
		return nil
	}
	return d.propagate(in, el.Key, doc)
}

// completer returns flowable's variable for who completes a task.
func (d *decider) completer(in *Instance, el *Element, node *bpmn.Element, by string) (variables.Document, *fault) {
	if node.UserTask == nil || node.UserTask.CompleterVariable == nil || by == "" {
		return nil, nil
	}
	name, f := d.evalOptionalText(in, el, node.UserTask.CompleterVariable)
	if f != nil || name == "" {
		return nil, f
	}
	return variables.Document{name: by}, nil
}

// changed says whether changes hold anything.
func changed(c *events.TaskChanges) bool { return *c != (events.TaskChanges{}) }

// merge takes over what more changes.
func merge(c, more *events.TaskChanges) {
	take(&c.Assignee, more.Assignee)
	take(&c.Owner, more.Owner)
	take(&c.Name, more.Name)
	take(&c.Category, more.Category)
	take(&c.Description, more.Description)
	take(&c.FormKey, more.FormKey)
	take(&c.CandidateUsers, more.CandidateUsers)
	take(&c.CandidateGroups, more.CandidateGroups)
	take(&c.DueMS, more.DueMS)
	take(&c.FollowUpMS, more.FollowUpMS)
	take(&c.Priority, more.Priority)
}

func take[T any](to **T, from *T) {
	if from != nil {
		*to = from
	}
}

// change makes changes to a task.
func (t *UserTask) change(c *events.TaskChanges) {
	put(&t.Assignee, c.Assignee)
	put(&t.Owner, c.Owner)
	put(&t.Name, c.Name)
	put(&t.Category, c.Category)
	put(&t.Description, c.Description)
	put(&t.FormKey, c.FormKey)
	put(&t.CandidateUsers, c.CandidateUsers)
	put(&t.CandidateGroups, c.CandidateGroups)
	put(&t.DueMS, c.DueMS)
	put(&t.FollowUpMS, c.FollowUpMS)
	put(&t.Priority, c.Priority)
	if len(t.CandidateUsers) == 0 {
		t.CandidateUsers = nil
	}
	if len(t.CandidateGroups) == 0 {
		t.CandidateGroups = nil
	}
}

func put[T any](to, from *T) {
	if from != nil {
		*to = *from
	}
}
