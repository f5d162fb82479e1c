package expression

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// scriptTask is the `task` of a task listener written as a script.
type scriptTask struct {
	task *Task
	env  *Env
}

// taskGetters are what a script reads of a task, by method.
func taskGetters() map[string]func(t *Task) any {
	text := func(get func(t *Task) string) func(t *Task) any {
		return func(t *Task) any {
			if s := get(t); s != "" {
				return s
			}
			return nil
		}
	}
	date := func(get func(t *Task) time.Time) func(t *Task) any {
		return func(t *Task) any {
			if at := get(t); !at.IsZero() {
				return at.UTC().Format("2006-01-02T15:04:05.999Z")
			}
			return nil
		}
	}
	list := func(get func(t *Task) []string) func(t *Task) any {
		return func(t *Task) any {
			out := []any{}
			for _, s := range get(t) {
				out = append(out, s)
			}
			return out
		}
	}
	return map[string]func(t *Task) any{
		"getId":                text(func(t *Task) string { return t.ID }),
		"getName":              text(func(t *Task) string { return t.Name }),
		"getDescription":       text(func(t *Task) string { return t.Description }),
		"getAssignee":          text(func(t *Task) string { return t.Assignee }),
		"getOwner":             text(func(t *Task) string { return t.Owner }),
		"getCategory":          text(func(t *Task) string { return t.Category }),
		"getFormKey":           text(func(t *Task) string { return t.FormKey }),
		"getEventName":         text(func(t *Task) string { return t.EventName }),
		"getDeleteReason":      text(func(t *Task) string { return t.DeleteReason }),
		"getTaskDefinitionKey": text(func(t *Task) string { return t.TaskDefinitionKey }),
		"getTenantId":          text(func(t *Task) string { return t.TenantID }),
		"getPriority":          func(t *Task) any { return t.Priority },
		"getCreateTime":        date(func(t *Task) time.Time { return t.CreateTime }),
		"getDueDate":           date(func(t *Task) time.Time { return t.DueDate }),
		"getFollowUpDate":      date(func(t *Task) time.Time { return t.FollowUpDate }),
		"getCandidateUsers":    list(func(t *Task) []string { return t.CandidateUsers }),
		"getCandidateGroups":   list(func(t *Task) []string { return t.CandidateGroups }),
	}
}

// taskSetters name the property that each setter sets, as [Task.Set] knows it.
func taskSetters() map[string]string {
	return map[string]string{
		"setAssignee": "assignee", "setOwner": "owner", "setName": "name", "setDescription": "description", "setPriority": "priority",
		"setCategory": "category", "setFormKey": "formKey", "setDueDate": "dueDate", "setFollowUpDate": "followUpDate",
		"addCandidateUser": "candidateUser", "addCandidateGroup": "candidateGroup", "addCandidateUsers": "candidateUsers",
		"addCandidateGroups": "candidateGroups", "deleteCandidateUser": "noCandidateUser", "deleteCandidateGroup": "noCandidateGroup",
	}
}

// Methods implements script.Object.
func (s *scriptTask) Methods() []string {
	out := []string{
		"getProcessInstanceId", "getProcessDefinitionId", "getExecutionId", "getVariable", "hasVariable", "getVariables",
		"setVariable", "setVariableLocal",
	}
	for name := range taskGetters() {
		out = append(out, name)
	}
	for name := range taskSetters() {
		out = append(out, name)
	}
	return out
}

// Call implements script.Object.
func (s *scriptTask) Call(method string, args []any) (any, error) {
	if get, ok := taskGetters()[method]; ok {
		return get(s.task), nil
	}
	if property, ok := taskSetters()[method]; ok {
		if len(args) != 1 {
			return nil, fmt.Errorf("it takes one argument, but got %d", len(args))
		}
		if s.task.Set == nil {
			return nil, errors.New("the task cannot be changed here")
		}
		return nil, s.task.Set(property, args[0])
	}
	switch method {
	case "getProcessInstanceId":
		return s.env.Execution.InstanceID, nil
	case "getProcessDefinitionId":
		return s.env.Execution.DefinitionID, nil
	case "getExecutionId":
		return s.env.Execution.ElementInstanceID, nil
	case "getVariables":
		if s.env.Visible == nil {
			return nil, errors.New("the variables are not available here")
		}
		return s.env.Visible(), nil
	}
	if len(args) == 0 {
		return nil, errors.New("the name of the variable is missing")
	}
	name, ok := args[0].(string)
	if !ok {
		return nil, errors.New("the name of the variable is no text")
	}
	return s.variable(method, name, args[1:])
}

func (s *scriptTask) variable(method, name string, args []any) (any, error) {
	if strings.HasPrefix(method, "set") {
		set := s.env.set()
		if set == nil || len(args) != 1 {
			return nil, errors.New("a variable is set by its name and value, where the script may write")
		}
		return nil, set(name, args[0], method == "setVariableLocal")
	}
	v, found := s.env.Lookup(name)
	if method == "hasVariable" {
		return found, nil
	}
	return v, nil
}
