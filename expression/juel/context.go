package juel

import (
	"sort"
	"time"
)

// Execution is what `execution` means in an expression. Fields are read by the
// getters of the table; an empty text is null there.
type Execution struct {
	ID                       string // of the execution; an element instance
	ParentID                 string
	ProcessInstanceID        string
	RootProcessInstanceID    string
	SuperExecutionID         string // of the call activity that started the instance
	BusinessKey              string
	ProcessDefinitionID      string
	ProcessDefinitionKey     string
	ActivityID               string // of the current element in the model
	ActivityName             string
	ActivityInstanceID       string
	ParentActivityInstanceID string
	TransitionID             string // of the sequence flow just taken
	EventName                string // of a listener: start, end or take
	TenantID                 string
	Canceled                 bool
	Element                  *Element // the current element; nil is made of ActivityID and ActivityName

	// Variables gives all visible variables, for getVariables and
	// getVariableNames; nil makes them an error with juel.context.
	Variables func() map[string]any
	// Local gives the variables of this scope alone, for getVariableLocal and
	// the like; nil makes them an error with juel.context.
	Local func() map[string]any
	// Set performs setVariable and setVariableLocal; nil makes them an error
	// with juel.read-only. Its own error ends the evaluation.
	Set func(name string, value any, local bool) error
	// Remove performs removeVariable and removeVariableLocal, as Set does.
	Remove func(name string, local bool) error
}

// Task is what `task` means in an expression: the user task of a listener or
// form. Fields are read by the getters of the table; an empty text or time is
// null there.
type Task struct {
	ID                string
	Name              string
	Description       string
	Assignee          string
	Owner             string
	Priority          int64
	Category          string
	FormKey           string
	EventName         string // of a listener: create, assignment, complete, update, delete, timeout
	DeleteReason      string
	TaskDefinitionKey string // of the element in the model
	TenantID          string
	CreateTime        time.Time
	DueDate           time.Time
	FollowUpDate      time.Time
	CandidateUsers    []string
	CandidateGroups   []string

	// Execution is what getExecution gives and variables are read from; nil is
	// that of the evaluation.
	Execution *Execution
	// Set performs setters such as setAssignee, with the name of the property
	// in lower camel case (assignee, dueDate, candidateUser …); nil makes them
	// an error with juel.read-only. Its own error ends the evaluation.
	Set func(property string, value any) error
}

// Element is an element of the model, as
// execution.getBpmnModelElementInstance() and getCurrentFlowElement() give it.
type Element struct {
	ID   string
	Name string
	Type string // the BPMN name, such as userTask
}

// attributes gives the properties that a host function sees.
func (e *Execution) attributes() map[string]any {
	return present(map[string]string{
		"id": e.ID, "parentId": e.ParentID, "processInstanceId": e.ProcessInstanceID, "rootProcessInstanceId": e.RootProcessInstanceID,
		"superExecutionId": e.SuperExecutionID, "businessKey": e.BusinessKey, "processDefinitionId": e.ProcessDefinitionID,
		"processDefinitionKey": e.ProcessDefinitionKey, "activityId": e.ActivityID, "activityName": e.ActivityName,
		"activityInstanceId": e.ActivityInstanceID, "parentActivityInstanceId": e.ParentActivityInstanceID,
		"transitionId": e.TransitionID, "eventName": e.EventName, "tenantId": e.TenantID,
	})
}

func (t *Task) attributes() map[string]any {
	res := present(map[string]string{
		"id": t.ID, "name": t.Name, "description": t.Description, "assignee": t.Assignee, "owner": t.Owner, "category": t.Category,
		"formKey": t.FormKey, "eventName": t.EventName, "deleteReason": t.DeleteReason, "taskDefinitionKey": t.TaskDefinitionKey, "tenantId": t.TenantID,
	})
	res["priority"] = t.Priority
	for name, date := range map[string]time.Time{"createTime": t.CreateTime, "dueDate": t.DueDate, "followUpDate": t.FollowUpDate} {
		if !date.IsZero() {
			res[name] = formatMoment(date)
		}
	}
	return res
}

func present(texts map[string]string) map[string]any {
	res := make(map[string]any, len(texts))
	for name, text := range texts {
		if text != "" {
			res[name] = text
		}
	}
	return res
}

func (e *Execution) element() *Element {
	if e.Element != nil {
		return e.Element
	}
	return &Element{ID: e.ActivityID, Name: e.ActivityName}
}

func sortedKeys(m map[string]any) []string {
	res := make([]string, 0, len(m))
	for k := range m {
		res = append(res, k)
	}
	sort.Strings(res)
	return res
}
