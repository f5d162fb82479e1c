package engine

import (
	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/events"
)

// userTask is the behaviour of user tasks.
type userTask struct{}

func (userTask) activate(d *decider, in *Instance, el *Element, node *bpmn.Element) *fault {
	created, f := d.userTask(in, el, node)
	if f != nil {
		return f
	}
	d.emit(in.ID, created)
	return nil
}

func (d *decider) userTask(in *Instance, el *Element, node *bpmn.Element) (*events.UserTaskCreated, *fault) {
	t := &events.UserTaskCreated{Key: in.nextKey(), Element: el.Key, ElementID: el.ElementID, Name: node.Name}
	def := node.UserTask
	if def == nil {
		return t, nil
	}
	var f *fault
	if t.Assignee, f = d.evalOptionalText(in, el, def.Assignee); f != nil {
		return nil, f
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
	if t.FormKey, f = d.evalOptionalText(in, el, def.FormKey); f != nil {
		return nil, f
	}
	t.FormID = def.FormID
	return t, nil
}
