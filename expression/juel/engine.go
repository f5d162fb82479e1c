package juel

import (
	"strings"
	"time"
)

func executionMethods() []method {
	on := func(name, args, meaning, example, result string, call func(c *invocation, e *Execution) (any, error)) method {
		return row(kindExecution, "execution", name, args, meaning, example, result, func(c *invocation) (any, error) {
			e, _ := c.recv.(*Execution)
			return call(c, e)
		})
	}
	text := func(name, meaning, result string, get func(e *Execution) string) method {
		return on(name, "", meaning, "${execution."+name+"()}", result, func(_ *invocation, e *Execution) (any, error) {
			return orNull(get(e)), nil
		})
	}
	rows := []method{
		text("getId", "the id of the execution", `"01J-3"`, func(e *Execution) string { return e.ID }),
		text("getParentId", "the id of the execution around it", `"01J-1"`, func(e *Execution) string { return e.ParentID }),
		text("getProcessInstanceId", "the id of the process instance", `"01J"`, func(e *Execution) string { return e.ProcessInstanceID }),
		text("getRootProcessInstanceId", "the id of the instance that no other one called", `"01J"`, func(e *Execution) string { return e.RootProcessInstanceID }),
		text("getSuperExecutionId", "the id of the call activity that started the instance, or null", "null", func(e *Execution) string { return e.SuperExecutionID }),
		text("getProcessBusinessKey", "the business key", `"order-7"`, func(e *Execution) string { return e.BusinessKey }),
		text("getBusinessKey", "the business key", `"order-7"`, func(e *Execution) string { return e.BusinessKey }),
		text("getProcessInstanceBusinessKey", "the business key", `"order-7"`, func(e *Execution) string { return e.BusinessKey }),
		text("getProcessDefinitionId", "the id of the process definition", `"order:2"`, func(e *Execution) string { return e.ProcessDefinitionID }),
		text("getProcessDefinitionKey", "the id of the process in the model", `"order"`, func(e *Execution) string { return e.ProcessDefinitionKey }),
		text("getCurrentActivityId", "the id of the current element", `"approve"`, func(e *Execution) string { return e.ActivityID }),
		text("getActivityId", "the id of the current element", `"approve"`, func(e *Execution) string { return e.ActivityID }),
		text("getCurrentActivityName", "the name of the current element", `"Approve"`, func(e *Execution) string { return e.ActivityName }),
		text("getActivityInstanceId", "the id of the element instance", `"01J-3"`, func(e *Execution) string { return e.ActivityInstanceID }),
		text("getParentActivityInstanceId", "the id of the element instance around it", `"01J-1"`, func(e *Execution) string { return e.ParentActivityInstanceID }),
		text("getCurrentTransitionId", "the id of the sequence flow just taken", `"flow1"`, func(e *Execution) string { return e.TransitionID }),
		text("getEventName", "the event of a listener: start, end or take", `"start"`, func(e *Execution) string { return e.EventName }),
		text("getTenantId", "the tenant", `"default"`, func(e *Execution) string { return e.TenantID }),
		on("getProcessInstance", "", "the execution, for what its process instance has", "${execution.getProcessInstance().getBusinessKey()}", `"order-7"`, func(_ *invocation, e *Execution) (any, error) {
			instance := *e
			instance.ID, instance.ParentID, instance.ActivityID, instance.ActivityName, instance.Element = e.ProcessInstanceID, "", "", "", nil
			return &instance, nil
		}),
		on("isCanceled", "", "whether the execution was canceled", "${execution.isCanceled()}", "false", func(_ *invocation, e *Execution) (any, error) { return e.Canceled, nil }),
		on("getBpmnModelElementInstance", "", "the current element of the model", "${execution.getBpmnModelElementInstance().getName()}", `"Approve"`, func(_ *invocation, e *Execution) (any, error) { return e.element(), nil }),
		on("getCurrentFlowElement", "", "the current element of the model", "${execution.currentFlowElement.id}", `"approve"`, func(_ *invocation, e *Execution) (any, error) { return e.element(), nil }),
	}
	return append(rows, scopeMethods(kindExecution, "execution", func(c *invocation) *Execution {
		e, _ := c.recv.(*Execution)
		return e
	})...)
}

// scopeMethods are the methods with which execution and task reach variables.
func scopeMethods(k kinds, receiver string, scope func(c *invocation) *Execution) []method {
	on := func(name, args, meaning, call, result string, f func(c *invocation, e *Execution) (any, error)) method {
		return row(k, receiver, name, args, meaning, "${"+receiver+"."+call+"}", result, func(c *invocation) (any, error) {
			e := scope(c)
			if e == nil {
				e = &Execution{}
			}
			return f(c, e)
		})
	}
	all := func(c *invocation, get func() map[string]any) (map[string]any, error) {
		if get == nil {
			return nil, c.fail(CodeContext, "%s() is not available here; name the variable instead", c.name)
		}
		m := get()
		return m, c.f.spend(1+len(m), c.at)
	}
	lookup := func(c *invocation) (any, bool, error) {
		name, err := c.text(0)
		if err != nil {
			return nil, false, err
		}
		if c.f.ctx.Lookup == nil {
			return nil, false, nil
		}
		v, ok := c.f.ctx.Lookup(name)
		return v, ok, nil
	}
	local := func(c *invocation, e *Execution) (any, bool, error) {
		name, err := c.text(0)
		if err != nil {
			return nil, false, err
		}
		m, err := all(c, e.Local)
		if err != nil {
			return nil, false, err
		}
		v, ok := m[name]
		return v, ok, nil
	}
	names := func(c *invocation, get func() map[string]any) (any, error) {
		m, err := all(c, get)
		if err != nil {
			return nil, err
		}
		return c.madeList(texts(sortedKeys(m)))
	}
	write := func(name, args, meaning, call string, isLocal bool) method {
		m := on(name, args, meaning, call, "null", func(c *invocation, e *Execution) (any, error) {
			variable, err := c.text(0)
			if err != nil {
				return nil, err
			}
			if strings.HasPrefix(name, "remove") {
				if e.Remove == nil {
					return nil, c.readOnly()
				}
				return nil, c.f.asHook(name, e.Remove(variable, isLocal), c.at)
			}
			if e.Set == nil {
				return nil, c.readOnly()
			}
			v, err := c.f.export(c.args[1], c.at)
			if err != nil {
				return nil, err
			}
			return nil, c.f.asHook(name, e.Set(variable, v, isLocal), c.at)
		})
		m.writes = true
		return m
	}
	return []method{
		on("getVariable", "name", "the variable, or null if there is none", "getVariable('amount')", "250", func(c *invocation, _ *Execution) (any, error) {
			v, _, err := lookup(c)
			return v, err
		}),
		on("getVariableTyped", "name", "the variable, or null if there is none", "getVariableTyped('amount').getValue()", "250", func(c *invocation, _ *Execution) (any, error) {
			v, _, err := lookup(c)
			return v, err
		}),
		on("hasVariable", "name", "whether there is such a variable", "hasVariable('nowhere')", "false", func(c *invocation, _ *Execution) (any, error) {
			_, ok, err := lookup(c)
			return ok, err
		}),
		on("hasVariables", "", "whether there is any variable", "hasVariables()", "true", func(c *invocation, e *Execution) (any, error) {
			m, err := all(c, e.Variables)
			return len(m) > 0, err
		}),
		on("getVariables", "", "all variables as an object", "getVariables().status", `"open"`, func(c *invocation, e *Execution) (any, error) {
			m, err := all(c, e.Variables)
			if m == nil {
				m = map[string]any{}
			}
			return m, err
		}),
		on("getVariableNames", "", "the names of all variables in ascending order", "getVariableNames().size()", "10", func(c *invocation, e *Execution) (any, error) { return names(c, e.Variables) }),
		on("getVariableLocal", "name", "the variable of this scope alone, or null", "getVariableLocal('amount')", "null", func(c *invocation, e *Execution) (any, error) {
			v, _, err := local(c, e)
			return v, err
		}),
		on("hasVariableLocal", "name", "whether this scope itself has the variable", "hasVariableLocal('status')", "true", func(c *invocation, e *Execution) (any, error) {
			_, ok, err := local(c, e)
			return ok, err
		}),
		on("getVariablesLocal", "", "the variables of this scope as an object", "getVariablesLocal()", `{"status":"open"}`, func(c *invocation, e *Execution) (any, error) {
			m, err := all(c, e.Local)
			if m == nil {
				m = map[string]any{}
			}
			return m, err
		}),
		on("getVariableNamesLocal", "", "the names of the variables of this scope in ascending order", "getVariableNamesLocal()", `["status"]`, func(c *invocation, e *Execution) (any, error) { return names(c, e.Local) }),
		write("setVariable", "name, value", "sets a variable; only where the expression may write", "setVariable('amount', 1)", false),
		write("setVariableLocal", "name, value", "sets a variable of this scope; only where the expression may write", "setVariableLocal('amount', 1)", true),
		write("removeVariable", "name", "removes a variable; only where the expression may write", "removeVariable('amount')", false),
		write("removeVariableLocal", "name", "removes a variable of this scope; only where the expression may write", "removeVariableLocal('amount')", true),
	}
}

func (c *invocation) readOnly() error {
	return c.fail(CodeReadOnly, "%s() would change the process, which is not possible here; use an output mapping or a script task", c.name)
}

func taskMethods() []method {
	on := func(name, args, meaning, example, result string, call func(c *invocation, t *Task) (any, error)) method {
		return row(kindTask, "task", name, args, meaning, example, result, func(c *invocation) (any, error) {
			t, _ := c.recv.(*Task)
			return call(c, t)
		})
	}
	text := func(name, meaning, result string, get func(t *Task) string) method {
		return on(name, "", meaning, "${task."+name+"()}", result, func(_ *invocation, t *Task) (any, error) { return orNull(get(t)), nil })
	}
	date := func(name, meaning, result string, get func(t *Task) time.Time) method {
		return on(name, "", meaning, "${task."+name+"()}", result, func(c *invocation, t *Task) (any, error) { return c.momentOrNull(get(t)), nil })
	}
	// The execution of the task, as getExecution gives it.
	execution := func(c *invocation, t *Task) *Execution {
		if t.Execution != nil {
			return t.Execution
		}
		return c.f.ctx.Execution
	}
	ofExecution := func(name, meaning, result string, get func(e *Execution) string) method {
		return on(name, "", meaning, "${task."+name+"()}", result, func(c *invocation, t *Task) (any, error) {
			if e := execution(c, t); e != nil {
				return orNull(get(e)), nil
			}
			return nil, nil
		})
	}
	write := func(name, property, meaning, argument string) method {
		m := on(name, "value", meaning+"; only where the expression may write", "${task."+name+"("+argument+")}", "null", func(c *invocation, t *Task) (any, error) {
			if t.Set == nil {
				return nil, c.readOnly()
			}
			v, err := c.f.export(c.args[0], c.at)
			if err != nil {
				return nil, err
			}
			return nil, c.f.asHook(name, t.Set(property, v), c.at)
		})
		m.writes = true
		return m
	}
	rows := []method{
		text("getId", "the id of the task", `"01J-4"`, func(t *Task) string { return t.ID }),
		text("getName", "the name", `"Approve order"`, func(t *Task) string { return t.Name }),
		text("getDescription", "the description", `"Look at it"`, func(t *Task) string { return t.Description }),
		text("getAssignee", "the assignee", `"ada"`, func(t *Task) string { return t.Assignee }),
		text("getOwner", "the owner", `"bob"`, func(t *Task) string { return t.Owner }),
		text("getCategory", "the category", `"c"`, func(t *Task) string { return t.Category }),
		text("getFormKey", "the form key", `"form"`, func(t *Task) string { return t.FormKey }),
		text("getEventName", "the event of a listener: create, assignment, complete and so on", `"create"`, func(t *Task) string { return t.EventName }),
		text("getDeleteReason", "why the task was deleted, or null", "null", func(t *Task) string { return t.DeleteReason }),
		text("getTaskDefinitionKey", "the id of the element in the model", `"approve"`, func(t *Task) string { return t.TaskDefinitionKey }),
		text("getTenantId", "the tenant", `"default"`, func(t *Task) string { return t.TenantID }),
		on("getPriority", "", "the priority", "${task.getPriority()}", "50", func(_ *invocation, t *Task) (any, error) { return t.Priority, nil }),
		date("getCreateTime", "when the task was created", `"2026-03-01T09:00:00+01:00"`, func(t *Task) time.Time { return t.CreateTime }),
		date("getDueDate", "when the task is due, or null", `"2026-03-02T09:00:00+01:00"`, func(t *Task) time.Time { return t.DueDate }),
		date("getFollowUpDate", "when to look at the task again, or null", `"2026-03-01T18:00:00+01:00"`, func(t *Task) time.Time { return t.FollowUpDate }),
		on("getCandidateUsers", "", "the candidate users", "${task.getCandidateUsers()}", `["cy"]`, func(_ *invocation, t *Task) (any, error) { return texts(t.CandidateUsers), nil }),
		on("getCandidateGroups", "", "the candidate groups", "${task.getCandidateGroups()}", `["sales"]`, func(_ *invocation, t *Task) (any, error) { return texts(t.CandidateGroups), nil }),
		ofExecution("getProcessInstanceId", "the id of the process instance", `"01J"`, func(e *Execution) string { return e.ProcessInstanceID }),
		ofExecution("getProcessDefinitionId", "the id of the process definition", `"order:2"`, func(e *Execution) string { return e.ProcessDefinitionID }),
		ofExecution("getExecutionId", "the id of the execution", `"01J-3"`, func(e *Execution) string { return e.ID }),
		on("getExecution", "", "the execution", "${task.getExecution().getBusinessKey()}", `"order-7"`, func(c *invocation, t *Task) (any, error) {
			if e := execution(c, t); e != nil {
				return e, nil
			}
			return nil, nil
		}),
		on("getBpmnModelElementInstance", "", "the element of the model", "${task.getBpmnModelElementInstance().getType()}", `"userTask"`, func(c *invocation, t *Task) (any, error) {
			if e := execution(c, t); e != nil {
				return e.element(), nil
			}
			return nil, nil
		}),
		write("setAssignee", "assignee", "sets the assignee", "'bob'"),
		write("setOwner", "owner", "sets the owner", "'bob'"),
		write("setName", "name", "sets the name", "'Check'"),
		write("setDescription", "description", "sets the description", "'Check it'"),
		write("setPriority", "priority", "sets the priority", "80"),
		write("setCategory", "category", "sets the category", "'c'"),
		write("setFormKey", "formKey", "sets the form key", "'form'"),
		write("setDueDate", "dueDate", "sets when the task is due", "dateTime().plusDays(2).toDate()"),
		write("setFollowUpDate", "followUpDate", "sets when to look at the task again", "now()"),
		write("addCandidateUser", "candidateUser", "adds a candidate user", "'cy'"),
		write("addCandidateGroup", "candidateGroup", "adds a candidate group", "'sales'"),
		write("addCandidateUsers", "candidateUsers", "adds candidate users", "customer.tags"),
		write("addCandidateGroups", "candidateGroups", "adds candidate groups", "customer.tags"),
		write("deleteCandidateUser", "noCandidateUser", "removes a candidate user", "'cy'"),
		write("deleteCandidateGroup", "noCandidateGroup", "removes a candidate group", "'sales'"),
	}
	return append(rows, scopeMethods(kindTask, "task", func(c *invocation) *Execution {
		t, _ := c.recv.(*Task)
		return execution(c, t)
	})...)
}

func elementMethods() []method {
	text := func(name, meaning, result string, get func(e *Element) string) method {
		return row(kindElement, "element", name, "", meaning, "${execution.getBpmnModelElementInstance()."+name+"()}", result, func(c *invocation) (any, error) {
			e, _ := c.recv.(*Element)
			return orNull(get(e)), nil
		})
	}
	return []method{
		text("getId", "the id of the element", `"approve"`, func(e *Element) string { return e.ID }),
		text("getName", "the name of the element", `"Approve"`, func(e *Element) string { return e.Name }),
		text("getType", "the BPMN name of the element", `"userTask"`, func(e *Element) string { return e.Type }),
	}
}

// functions are those without a namespace.
func functions() []method {
	fn := func(name, args, meaning, example, result string, call func(c *invocation) (any, error)) method {
		return row(kindFunction, "function", name, args, meaning, example, result, call)
	}
	current := func(c *invocation) (any, error) { return c.now(), nil }
	const nowText = `"2026-03-01T09:30:00+01:00"`
	return []method{
		fn("now", "", "the engine's time", "${now()}", nowText, current),
		fn("dateTime", "", "the engine's time", "${dateTime().plusDays(3).toDate()}", `"2026-03-04T09:30:00+01:00"`, current),
		fn("currentUser", "", "who acts, or null", "${currentUser()}", `"ada"`, func(c *invocation) (any, error) { return orNull(c.f.ctx.User), nil }),
		fn("currentUserGroups", "", "the groups of who acts", "${currentUserGroups().contains('sales')}", "true", func(c *invocation) (any, error) { return texts(c.f.ctx.Groups), nil }),
		fn("S", "json, [format]", "reads a text as JSON; other values stay as they are", "${S(json).prop('name').stringValue()}", `"Ada"`, parseJSON),
		fn("JSON", "json", "reads a text as JSON; other values stay as they are", "${JSON(json).prop('age').numberValue()}", "36", parseJSON),
	}
}

func isVariableNamespace(ns string) bool {
	return ns == "var" || ns == "vars" || ns == "variables"
}

// variableFunction gives the canonical name of a function of Flowable's
// variable namespaces.
func variableFunction(ns, name string) (string, bool) {
	if !isVariableNamespace(ns) {
		return "", false
	}
	switch name {
	case "exist":
		name = "exists"
	case "empty":
		name = "isEmpty"
	case "notEmpty":
		name = "isNotEmpty"
	case "eq":
		name = "equals"
	case "ne":
		name = "notEquals"
	case "lessThan", "lt":
		name = "lowerThan"
	case "lessThanOrEquals", "lessThanOrEqual", "lowerThanOrEqual", "lte":
		name = "lowerThanOrEquals"
	case "gt":
		name = "greaterThan"
	case "greaterThanOrEqual", "gte":
		name = "greaterThanOrEquals"
	}
	return "var:" + name, true
}

// variableFunctions are Flowable's functions on variables: the first argument
// is the name of the variable, with or without quotes, and a missing variable
// is no error. vars: and variables: mean the same as var:.
func variableFunctions() []method {
	fn := func(name, args, meaning, example, result string, call func(c *invocation, v any, ok bool) (any, error)) method {
		if args != "" {
			args = ", " + args
		}
		return row(kindFunction, "function", "var:"+name, "name"+args, meaning, example, result, func(c *invocation) (any, error) {
			name, ok := c.args[0].(string)
			if !ok {
				return nil, c.bad(0, "the name of a variable")
			}
			var v any
			found := false
			if c.f.ctx.Lookup != nil {
				v, found = c.f.ctx.Lookup(name)
			}
			return call(c, v, found)
		})
	}
	equal := func(c *invocation, v any) (bool, error) {
		if v == nil || c.args[1] == nil {
			return v == nil && c.args[1] == nil, nil
		}
		if isNumber(v) != isNumber(c.args[1]) {
			return false, nil // of two kinds, and no coercion here
		}
		return c.f.equal(v, c.args[1], c.at)
	}
	order := func(name, meaning, example, result string, holds func(cmp int) bool) method {
		return fn(name, "value", meaning+"; false if there is none", example, result, func(c *invocation, v any, _ bool) (any, error) {
			if v == nil || c.args[1] == nil {
				return false, nil
			}
			o, err := c.f.compare(v, c.args[1], c.at)
			if err != nil {
				return nil, err
			}
			return holds(o), nil
		})
	}
	return []method{
		fn("get", "", "the variable, or null if there is none", "${var:get(nowhere)}", "null", func(_ *invocation, v any, _ bool) (any, error) { return v, nil }),
		fn("getOrDefault", "default", "the variable, or the default if there is none", "${var:getOrDefault(nowhere, 5)}", "5", func(c *invocation, v any, _ bool) (any, error) {
			if v == nil {
				return c.args[1], nil
			}
			return v, nil
		}),
		fn("exists", "", "whether there is such a variable with a value that is not null", "${vars:exists(amount)}", "true", func(_ *invocation, v any, _ bool) (any, error) { return v != nil, nil }),
		fn("isEmpty", "", "whether the variable is missing, null, or an empty text, list or object", "${var:isEmpty('items')}", "false", func(_ *invocation, v any, _ bool) (any, error) { return isEmpty(v), nil }),
		fn("isNotEmpty", "", "the opposite of isEmpty", "${variables:isNotEmpty(items)}", "true", func(_ *invocation, v any, _ bool) (any, error) { return !isEmpty(v), nil }),
		fn("equals", "value", "whether the variable has this value; one that is missing has the value null", "${var:equals(amount, 250)}", "true", func(c *invocation, v any, _ bool) (any, error) {
			return equal(c, v)
		}),
		fn("notEquals", "value", "whether the variable has another value; false if it is missing or null", "${var:notEquals(status, 'done')}", "true", func(c *invocation, v any, _ bool) (any, error) {
			if v == nil {
				return false, nil // so it is in Flowable
			}
			eq, err := equal(c, v)
			return !eq, err
		}),
		order("lowerThan", "whether the variable is less than the value", "${var:lt(amount, 300)}", "true", func(o int) bool { return o < 0 }),
		order("lowerThanOrEquals", "whether the variable is at most the value", "${var:lte(amount, 250)}", "true", func(o int) bool { return o <= 0 }),
		order("greaterThan", "whether the variable is more than the value", "${var:gt(amount, 300)}", "false", func(o int) bool { return o > 0 }),
		order("greaterThanOrEquals", "whether the variable is at least the value", "${var:gte(amount, 250)}", "true", func(o int) bool { return o >= 0 }),
		fn("contains", "value…", "whether a text has all the parts, or a list all the items; false if there is none", "${var:contains(items, 'pen', 'ink')}", "true", func(c *invocation, v any, _ bool) (any, error) {
			return c.containsAll(v, c.args[1:], false)
		}),
		fn("containsAny", "value…", "whether a text has one of the parts, or a list one of the items; false if there is none", "${var:containsAny(items, 'cap', 'ink')}", "true", func(c *invocation, v any, _ bool) (any, error) {
			return c.containsAll(v, c.args[1:], true)
		}),
		fn("base64", "", "the text of the variable in base64; null if there is none", "${var:base64(status)}", `"b3Blbg=="`, func(c *invocation, v any, _ bool) (any, error) {
			if v == nil {
				return nil, nil
			}
			s, err := c.f.toText(v, c.at)
			if err != nil {
				return nil, err
			}
			if err := c.room(len(s)/3*4 + 4); err != nil {
				return nil, err
			}
			return encode64(s), nil
		}),
	}
}
