package engine

import (
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/variables"
)

func (d *decider) decideCompleteTask(c *commands.CompleteTask) *commands.Error {
	in, t, rejection := d.userTaskOf(c.TaskID)
	if rejection != nil {
		return rejection
	}
	el := must(in.Elements, t.Element)
	node := d.node(in, el)
	results := c.Variables
	if c.Form {
		if results, rejection = d.submittedTask(in, el, node, results); rejection != nil {
			return rejection
		}
	}
	completer, f := d.completer(in, el, node, c.By)
	if f != nil {
		return f.asRejection()
	}
	if len(completer) > 0 {
		all := variables.Document{}
		for _, doc := range []variables.Document{results, completer} {
			for _, name := range sortedKeys(doc) {
				all[name] = doc[name]
			}
		}
		results = all
	}
	if rejection := d.checkResults(in, t.Element, "", results); rejection != nil {
		return rejection
	}
	if listens(node) {
		return d.completeListenedTask(in, el, node, t, results, c.By)
	}
	d.emit(in.ID, &events.UserTaskCompleted{Key: t.Key, By: c.By})
	d.complete(in, el, node, results)
	return nil
}

func (d *decider) decideAssignTask(c *commands.AssignTask) *commands.Error {
	in, t, rejection := d.userTaskOf(c.TaskID)
	if rejection != nil {
		return rejection
	}
	if c.Claim && t.Assignee != "" && t.Assignee != c.Assignee {
		return commands.Reject(commands.CodeTaskAssigned, "task %s is assigned to %q", c.TaskID, t.Assignee)
	}
	if t.Assignee == c.Assignee {
		return nil
	}
	el := must(in.Elements, t.Element)
	if node := d.node(in, el); listens(node) {
		return d.changeListenedTask(in, el, node, t, taskAssigning, events.TaskChanges{Assignee: &c.Assignee}, "")
	}
	d.emit(in.ID, &events.UserTaskAssigned{Key: t.Key, Assignee: c.Assignee})
	return nil
}

func (d *decider) decideUpdateTask(c *commands.UpdateTask) *commands.Error {
	in, t, rejection := d.userTaskOf(c.TaskID)
	if rejection != nil {
		return rejection
	}
	el := must(in.Elements, t.Element)
	if node := d.node(in, el); listens(node) {
		return d.changeListenedTask(in, el, node, t, taskUpdating, c.TaskChanges, c.By)
	}
	d.emit(in.ID, &events.UserTaskUpdated{Key: t.Key, Changes: c.TaskChanges, By: c.By})
	return nil
}

// userTaskOf finds the open task of a command.
func (d *decider) userTaskOf(id string) (*Instance, *UserTask, *commands.Error) {
	in, key, rejection := d.inInstance(id)
	if rejection != nil {
		return nil, nil, rejection
	}
	t, ok := find(in.Tasks, key)
	if !ok {
		return nil, nil, commands.Reject(commands.CodeTaskNotFound, "no user task %s is open", id)
	}
	if t.Pending != nil {
		return nil, nil, commands.Reject(commands.CodeTaskPending, "task %s waits for a listener of its %s", id, t.Pending.Event)
	}
	return in, t, nil
}
