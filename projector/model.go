package projector

import (
	"fmt"
	"strconv"
	"time"

	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/variables"
)

// model is a second, naive fold, independent of the handlers: one event after
// the other into plain records. [Verify] and the tests compare it with the
// tables. A record holds what to_jsonb gives for the row.
type model struct {
	partition int
	instances map[string]map[string]record // instance, then "table/key"
	others    map[string]record            // "table/key" of rows outside instances
	ended     []string                     // instances that ended since the last look
	lives     map[string][]record          // rows of instances whose id started again, as they were then
}

type record = map[string]any

func newModel(p ids.Partition) *model {
	return &model{partition: int(p), instances: map[string]map[string]record{}, others: map[string]record{}, lives: map[string][]record{}}
}

// isoTime is a time as to_jsonb writes it in the time zone UTC.
func isoTime(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format("2006-01-02T15:04:05.999999-07:00")
}

func isoMS(ms int64) any { return isoTime(timeOf(ms)) }

// modelError says that the log contradicts itself.
type modelError struct {
	seq  uint64
	text string
}

func (e *modelError) Error() string { return fmt.Sprintf("sequence %d: %s", e.seq, e.text) }

// step is one transition on its way through the model.
type step struct {
	*model
	seq      uint64
	loggedAt time.Time
	t        *events.Transition
	rows     map[string]record // of the instance
	err      error
}

// apply folds a transition and returns its archive record.
func (m *model) apply(seq uint64, index int, loggedAt time.Time, t *events.Transition) (record, error) {
	s := &step{model: m, seq: seq, loggedAt: loggedAt, t: t, rows: m.instances[string(t.Instance)]}
	first, count := int64(0), int64(0)
	kinds := make([]any, 0, len(t.Events))
	for _, e := range t.Events {
		kinds = append(kinds, string(e.Kind()))
		if t.Instance == "" {
			s.partitionEvent(e)
		} else {
			if start, ok := e.(*events.InstanceStarted); ok {
				s.start(start)
			}
			self := s.row("instances")
			n, _ := self["events"].(int64)
			self["events"], self["position"] = n+1, int64(seq)
			if count++; count == 1 {
				first = n + 1
			}
			s.instanceEvent(e)
		}
		if s.err != nil {
			return nil, s.err
		}
	}
	return record{
		"partition": int64(m.partition), "seq": int64(seq), "idx": int64(index), "instance_id": string(t.Instance),
		"first_event": first, "events": count, "command": string(t.Command), "kinds": kinds,
		"time": isoTime(clockOf(t.TimeMS)), "logged_at": isoTime(loggedAt),
	}, nil
}

func (s *step) fail(format string, args ...any) {
	if s.err == nil {
		s.err = &modelError{seq: s.seq, text: fmt.Sprintf(format, args...)}
	}
}

// row returns a record of the instance that must be there.
func (s *step) row(id string) record {
	if r, ok := s.rows[id]; ok {
		return r
	}
	s.fail("instance %s has no %s", s.t.Instance, id)
	return record{}
}

func (s *step) now() any { return isoTime(clockOf(s.t.TimeMS)) }

func keyed(table string, key ids.Key) string { return table + "/" + strconv.FormatInt(int64(key), 10) }

// add makes a record of a thing with a key.
func (s *step) add(table string, key ids.Key, r record) {
	if s.rows == nil {
		s.fail("instance %s has not started", s.t.Instance)
		return
	}
	r["instance_id"], r["key"], r["position"] = string(s.t.Instance), int64(key), int64(s.seq)
	s.rows[keyed(table, key)] = r
}

// set changes columns of a thing with a key.
func (s *step) set(table string, key ids.Key, pairs ...any) record {
	r := s.row(keyed(table, key))
	put(r, pairs...)
	r["position"] = int64(s.seq)
	return r
}

func put(r record, pairs ...any) {
	for i := 0; i < len(pairs); i += 2 {
		r[pairs[i].(string)] = pairs[i+1]
	}
}

func (s *step) start(e *events.InstanceStarted) {
	if s.rows == nil {
		s.rows = map[string]record{}
		s.instances[string(s.t.Instance)] = s.rows
	} else if earlier := s.rows["instances"]; earlier != nil {
		s.lives[string(s.t.Instance)] = append(s.lives[string(s.t.Instance)], earlier)
	}
	s.rows["instances"] = record{
		"id": string(s.t.Instance), "partition": int64(s.partition), "tenant": shorten(e.Tenant),
		"process_id": shorten(e.Definition.ProcessID), "version": int64(e.Definition.Version),
		"digest": escape(e.Definition.Digest), "deployment": escape(e.Definition.Deployment),
		"business_key": shorten(e.BusinessKey), "state": "active", "trigger": escape(string(e.Trigger)),
		"start_element": escape(e.StartElement), "parent": string(e.Parent), "parent_element": int64(e.ParentElement),
		"root": string(e.Root), "reason": "", "incidents": int64(0), "events": int64(0),
		"started_at": s.now(), "ended_at": nil, "remove_at": nil, "logged_at": isoTime(s.loggedAt),
	}
}

func (s *step) instanceEvent(e events.Event) {
	self := s.row("instances")
	switch e := e.(type) {
	case *events.InstanceCompleted:
		put(self, "state", "completed", "ended_at", s.now(), "remove_at", isoMS(e.RemoveAtMS))
		s.ended = append(s.ended, string(s.t.Instance))
	case *events.InstanceCanceled:
		put(self, "state", "canceled", "ended_at", s.now(), "reason", escape(e.Reason), "remove_at", isoMS(e.RemoveAtMS))
		s.ended = append(s.ended, string(s.t.Instance))
	case *events.ElementActivated:
		s.add("element_instances", e.Key, record{
			"scope": int64(e.Scope), "element_id": shorten(e.ElementID), "type": escape(e.Type), "state": "active",
			"child": "", "started_at": s.now(), "ended_at": nil,
		})
	case *events.ElementCompleted:
		s.endElement(e.Key, "completed")
	case *events.ElementTerminated:
		s.endElement(e.Key, "terminated")
	case *events.CallStarted:
		s.set("element_instances", e.Element, "child", string(e.Child))
	case *events.VariablesSet:
		for n, v := range e.Values {
			value, _ := escapeValue(v)
			s.rows[fmt.Sprintf("variables/%d/%s", e.Scope, shorten(n))] = record{
				"instance_id": string(s.t.Instance), "scope": int64(e.Scope), "name": shorten(n), "value": value,
				"updated_at": s.now(), "position": int64(s.seq),
			}
		}
	case *events.IncidentRaised:
		self["incidents"] = self["incidents"].(int64) + 1
		s.add("incidents", e.Key, record{
			"tenant": self["tenant"], "process_id": self["process_id"], "element": int64(e.Element), "element_id": escape(e.ElementID),
			"job": int64(e.Job), "step": escape(string(e.Step)), "code": escape(e.Code), "message": escape(e.Message),
			"state": "open", "raised_at": s.now(), "resolved_at": nil,
		})
	case *events.IncidentResolved:
		self["incidents"] = self["incidents"].(int64) - 1
		s.set("incidents", e.Key, "state", "resolved", "resolved_at", s.now())
	default:
		s.workEvent(e)
	}
}

func (s *step) endElement(key ids.Key, state string) {
	if key != events.RootKey {
		s.set("element_instances", key, "state", state, "ended_at", s.now())
	}
}

func (s *step) workEvent(e events.Event) {
	self := s.row("instances")
	switch e := e.(type) {
	case *events.JobCreated:
		headers := map[string]any{}
		for k, v := range e.Headers {
			headers[escape(k)] = escape(v)
		}
		s.add("jobs", e.Key, record{
			"tenant": self["tenant"], "element": int64(e.Element), "element_id": escape(e.ElementID), "type": shorten(e.Type),
			"state": "created", "retries": int64(e.Retries), "attempt": int64(1), "priority": int64(e.Priority), "headers": headers,
			"listener": escape(e.Listener), "worker": "", "error_code": "", "error_message": "", "retry_at": nil, "created_at": s.now(), "ended_at": nil,
		})
	case *events.JobCompleted:
		s.set("jobs", e.Key, "state", "completed", "worker", escape(e.Worker), "ended_at", s.now())
	case *events.JobFailed:
		s.set("jobs", e.Key, "state", "failed", "retries", int64(e.Retries), "error_message", escape(e.Message),
			"worker", escape(e.Worker), "retry_at", isoMS(e.RetryAtMS))
	case *events.JobReopened:
		s.set("jobs", e.Key, "state", "created", "attempt", int64(e.Attempt), "retries", int64(e.Retries), "retry_at", nil)
	case *events.JobRetriesUpdated:
		s.set("jobs", e.Key, "retries", int64(e.Retries))
	case *events.JobErrorThrown:
		s.set("jobs", e.Key, "state", "error_thrown", "error_code", escape(e.Code), "error_message", escape(e.Message),
			"worker", escape(e.Worker), "ended_at", s.now())
	case *events.JobCanceled:
		s.set("jobs", e.Key, "state", "canceled", "ended_at", s.now())
	case *events.UserTaskCreated:
		s.add("user_tasks", e.Key, record{
			"tenant": self["tenant"], "process_id": self["process_id"], "element": int64(e.Element), "element_id": escape(e.ElementID),
			"name": escape(e.Name), "state": "created", "assignee": shorten(e.Assignee),
			"candidate_users": texts(e.CandidateUsers), "candidate_groups": texts(e.CandidateGroups), "priority": int64(e.Priority),
			"form_key": escape(e.FormKey), "form_id": escape(e.FormID), "form_binding": escape(e.FormBinding), "form_version": escape(e.FormVersion),
			"owner": escape(e.Owner), "category": escape(e.Category), "description": escape(e.Description), "fields": shownFields(e.Fields), "pending": "", "denied": "", "completed_by": "", "due_at": isoMS(e.DueMS),
			"follow_up_at": isoMS(e.FollowUpMS), "created_at": s.now(), "ended_at": nil,
		})
	case *events.UserTaskAssigned:
		s.set("user_tasks", e.Key, "assignee", shorten(e.Assignee))
	case *events.UserTaskUpdated:
		s.change(e.Key, &e.Changes)
	case *events.UserTaskPending:
		s.set("user_tasks", e.Key, "pending", e.Event, "denied", escape(e.Denied))
	case *events.UserTaskCompleted:
		s.set("user_tasks", e.Key, "state", "completed", "completed_by", escape(e.By), "ended_at", s.now(), "pending", "")
	case *events.UserTaskCanceled:
		s.set("user_tasks", e.Key, "state", "canceled", "ended_at", s.now(), "pending", "")
	case *events.DecisionEvaluated:
		s.add("decision_evaluations", e.Key, record{
			"tenant": self["tenant"], "process_id": self["process_id"], "element": int64(e.Element), "element_id": escape(e.ElementID),
			"decision_id": shorten(e.Decision.DecisionID), "version": int64(e.Decision.Version), "digest": escape(e.Decision.Digest),
			"deployment": escape(e.Decision.Deployment), "result": written(e.Result), "trace": written(e.Trace),
			"truncated": e.Truncated, "evaluated_at": s.now(),
		})
	case *events.TimerScheduled:
		s.add("timers", e.Key, record{
			"element": int64(e.Element), "element_id": escape(e.Target), "state": "scheduled", "cycle": escape(e.Cycle),
			"remaining": int64(e.Remaining), "fired": int64(0), "due_at": isoMS(e.DueMS), "fired_at": nil, "created_at": s.now(), "ended_at": nil,
		})
	case *events.TimerFired:
		r := s.set("timers", e.Key, "due_at", isoMS(e.NextDueMS), "fired_at", s.now(), "remaining", int64(e.Remaining))
		n, _ := r["fired"].(int64)
		r["fired"] = n + 1
		if e.Cycle != "" {
			put(r, "cycle", escape(e.Cycle))
		}
		if e.NextDueMS == 0 {
			put(r, "state", "fired", "ended_at", s.now(), "remaining", int64(0))
		}
	case *events.TimerCanceled:
		s.set("timers", e.Key, "state", "canceled", "ended_at", s.now(), "due_at", nil)
	case *events.SubscriptionOpened:
		s.subscribed("message", e.Key, e.Element, e.Target, e.Name, e.CorrelationKey)
	case *events.SignalAwaited:
		s.subscribed("signal", e.Key, e.Element, e.Target, e.Name, "")
	case *events.ConditionAwaited:
		s.subscribed("condition", e.Key, e.Element, e.Target, "", "")
	case *events.TriggerAwaited:
		s.subscribed("trigger", e.Key, e.Element, e.Target, "", "")
	case *events.TriggerReceived:
		s.received(e.Key)
	case *events.SignalReceived:
		s.received(e.Key, "last_message", string(e.Signal))
	case *events.ConditionMet:
		s.received(e.Key)
	case *events.SubscriptionClosed:
		s.set("message_subscriptions", e.Key, "state", "closed", "closed_at", s.now())
	case *events.MessageReceived:
		s.received(e.Key, "last_message", string(e.Message))
	}
}

// change sets the attributes of a user task that changed.
func (s *step) change(key ids.Key, c *events.TaskChanges) {
	texted := func(column string, v *string) {
		if v != nil {
			s.set("user_tasks", key, column, escape(*v))
		}
	}
	texted("owner", c.Owner)
	texted("name", c.Name)
	texted("category", c.Category)
	texted("description", c.Description)
	texted("form_key", c.FormKey)
	if c.Assignee != nil {
		s.set("user_tasks", key, "assignee", shorten(*c.Assignee))
	}
	if c.CandidateUsers != nil {
		s.set("user_tasks", key, "candidate_users", texts(*c.CandidateUsers))
	}
	if c.CandidateGroups != nil {
		s.set("user_tasks", key, "candidate_groups", texts(*c.CandidateGroups))
	}
	if c.DueMS != nil {
		s.set("user_tasks", key, "due_at", isoMS(*c.DueMS))
	}
	if c.FollowUpMS != nil {
		s.set("user_tasks", key, "follow_up_at", isoMS(*c.FollowUpMS))
	}
	if c.Priority != nil {
		s.set("user_tasks", key, "priority", int64(*c.Priority))
	}
}

func (s *step) subscribed(kind string, key, element ids.Key, target, name, correlation string) {
	s.add("message_subscriptions", key, record{
		"tenant": s.row("instances")["tenant"], "element": int64(element), "element_id": escape(target), "kind": kind, "name": shorten(name),
		"correlation_key": shorten(correlation), "state": "open", "received": int64(0), "last_message": "",
		"opened_at": s.now(), "closed_at": nil,
	})
}

func (s *step) received(key ids.Key, pairs ...any) {
	r := s.set("message_subscriptions", key, pairs...)
	n, _ := r["received"].(int64)
	r["received"] = n + 1
}

func texts(in []string) []any {
	out := make([]any, len(in))
	for i, t := range in {
		out[i] = escape(t)
	}
	return out
}

// written is JSON that came as text, or the text if it is none.
func written(text string) any {
	if text == "" {
		return nil
	}
	var value any = text
	if v, err := variables.FromJSON([]byte(text)); err == nil {
		value = v
	}
	out, _ := escapeValue(value)
	return out
}

// partitionEvent folds an event that belongs to no instance.
func (s *step) partitionEvent(e events.Event) {
	switch e := e.(type) {
	case *events.MessagePublished:
		s.published(e)
	case *events.MessageSent:
		r := s.message(e.Message, e.Tenant, e.Name, e.CorrelationKey)
		put(r, "state", "sent", "receiver", string(e.Instance))
	case *events.MessageAnswered:
		r := s.message(e.Message, e.Tenant, e.Name, e.CorrelationKey)
		n, _ := r["deliveries"].(int64)
		if e.Accepted {
			n++
		}
		state := "buffered"
		if r["expired_at"] != nil {
			state = "expired"
		}
		if n > 0 {
			state = "delivered"
		}
		put(r, "state", state, "deliveries", n)
	case *events.MessageStarted:
		r := s.message(e.Message, e.Tenant, e.Name, e.CorrelationKey)
		n, _ := r["deliveries"].(int64)
		put(r, "state", "delivered", "receiver", string(e.Instance), "deliveries", n+1)
	case *events.MessageExpired:
		r := s.message(e.Message, e.Tenant, e.Name, e.CorrelationKey)
		if r["expired_at"] = s.now(); r["state"] == "buffered" {
			r["state"] = "expired"
		}
	case *events.StartTimerScheduled, *events.StartTimerFired, *events.StartTimerCanceled:
		s.startTimer(e)
	case *events.DeploymentCreated:
		s.deployment(e)
	default:
		if !partitionOnly(e.Kind()) {
			s.fail("%s names no instance", e.Kind())
		}
	}
}

// partitionOnly says that events of the kind have no rows.
func partitionOnly(k events.Kind) bool {
	_, ok := unread()[k]
	return ok
}

func (s *step) messageID(id ids.Command) string {
	return fmt.Sprintf("messages/%d/%s", s.partition, shorten(string(id)))
}

func (s *step) published(e *events.MessagePublished) {
	vars, _ := escapeValue(map[string]any(e.Variables))
	if e.Variables == nil {
		vars = map[string]any{}
	}
	s.others[s.messageID(e.Message)] = record{
		"partition": int64(s.partition), "id": shorten(string(e.Message)), "tenant": shorten(e.Tenant), "name": shorten(e.Name),
		"correlation_key": shorten(e.CorrelationKey), "message_id": escape(e.MessageID), "business_key": escape(e.BusinessKey),
		"instance_id": string(e.Instance), "variables": vars, "state": "buffered", "deliveries": int64(0), "receiver": "",
		"published_at": s.now(), "expires_at": isoMS(e.ExpiresMS), "expired_at": nil, "position": int64(s.seq),
	}
}

func (s *step) message(id ids.Command, tenant, name, key string) record {
	if _, ok := s.others[s.messageID(id)]; !ok {
		s.published(&events.MessagePublished{Message: id, Tenant: tenant, Name: name, CorrelationKey: key, Variables: variables.Document{}})
	}
	r := s.others[s.messageID(id)]
	r["position"] = int64(s.seq)
	return r
}

func (s *step) startTimer(e events.Event) {
	at := func(tenant, process, element string) (string, record) {
		id := fmt.Sprintf("start_timers/%d/%s/%s/%s", s.partition, shorten(tenant), shorten(process), shorten(element))
		r, ok := s.others[id]
		if !ok {
			r = record{
				"version": int64(0), "digest": "", "deployment": "", "spec": "", "state": "", "problem": "", "cycle": "",
				"remaining": int64(0), "fired": int64(0), "due_at": nil, "fired_at": nil,
			}
		}
		put(r, "tenant", shorten(tenant), "process_id", shorten(process), "element_id", shorten(element),
			"partition", int64(s.partition), "updated_at", s.now(), "position", int64(s.seq))
		return id, r
	}
	switch e := e.(type) {
	case *events.StartTimerScheduled:
		id, r := at(e.Tenant, e.Definition.ProcessID, e.ElementID)
		state := "scheduled"
		if e.DueMS == 0 {
			state = "fired"
		}
		if e.Problem != "" {
			state = "failed"
		}
		put(r, "version", int64(e.Definition.Version), "digest", escape(e.Definition.Digest), "deployment", escape(e.Definition.Deployment),
			"spec", escape(e.Spec), "state", state, "problem", escape(e.Problem), "cycle", escape(e.Cycle),
			"remaining", int64(e.Remaining), "fired", e.Fired, "due_at", isoMS(e.DueMS))
		s.others[id] = r
	case *events.StartTimerFired:
		id, r := at(e.Tenant, e.ProcessID, e.ElementID)
		if _, ok := s.others[id]; !ok {
			s.fail("%s fires, but was not scheduled", id)
		}
		n, _ := r["fired"].(int64)
		put(r, "fired", n+1, "fired_at", s.now(), "due_at", isoMS(e.NextDueMS), "remaining", int64(e.Remaining))
		if e.NextDueMS == 0 {
			put(r, "state", "fired", "remaining", int64(0))
		}
	case *events.StartTimerCanceled:
		id, r := at(e.Tenant, e.ProcessID, e.ElementID)
		put(r, "state", "canceled", "due_at", nil)
		s.others[id] = r
	}
}

func (s *step) deployment(e *events.DeploymentCreated) {
	made := int64(0)
	for _, p := range e.Processes {
		if p.Unchanged {
			continue
		}
		made++
		s.others[fmt.Sprintf("definitions/%s/%s/%d", shorten(e.Tenant), shorten(p.ProcessID), p.Version)] = record{
			"tenant": shorten(e.Tenant), "process_id": shorten(p.ProcessID), "version": int64(p.Version), "name": escape(p.Name),
			"version_tag": escape(p.VersionTag), "resource": escape(p.Resource), "digest": escape(p.Digest), "dialect": escape(p.Dialect),
			"deployment": shorten(e.Deployment), "history_ttl": escape(p.HistoryTTL), "created_at": s.now(), "position": int64(s.seq),
		}
	}
	for _, p := range e.Decisions {
		if p.Unchanged {
			continue
		}
		s.others[fmt.Sprintf("decisions/%s/%s/%d", shorten(e.Tenant), shorten(p.DecisionID), p.Version)] = record{
			"tenant": shorten(e.Tenant), "decision_id": shorten(p.DecisionID), "version": int64(p.Version), "name": escape(p.Name),
			"version_tag": escape(p.VersionTag), "requirements": escape(p.Requirements), "resource": escape(p.Resource),
			"digest": escape(p.Digest), "deployment": shorten(e.Deployment), "created_at": s.now(), "position": int64(s.seq),
		}
	}
	for _, f := range e.Resources {
		s.others[fmt.Sprintf("resources/%s/%s", shorten(e.Deployment), shorten(f.Name))] = record{
			"deployment": shorten(e.Deployment), "name": shorten(f.Name), "tenant": shorten(e.Tenant), "digest": escape(f.Digest),
			"bytes": f.Bytes, "unchanged": f.Unchanged, "position": int64(s.seq),
		}
	}
	s.others["deployments/"+shorten(e.Deployment)] = record{
		"id": shorten(e.Deployment), "tenant": shorten(e.Tenant), "name": escape(e.Name), "resources": int64(len(e.Resources)),
		"definitions": made, "created_at": s.now(), "position": int64(s.seq),
	}
}

// shownFields are the fields of a form as the row has them.
func shownFields(list []events.FormField) any {
	if len(list) == 0 {
		return nil
	}
	out := []any{}
	for _, f := range list {
		r := record{"id": escape(f.ID)}
		text := func(name, v string) {
			if v != "" {
				r[name] = escape(v)
			}
		}
		text("label", f.Label)
		text("type", f.Type)
		text("date_pattern", f.DatePattern)
		text("variable", f.Variable)
		text("min", f.Min)
		text("max", f.Max)
		if f.Default != "" {
			r["default"] = written(f.Default)
		}
		if f.Required {
			r["required"] = true
		}
		if f.ReadOnly {
			r["readonly"] = true
		}
		if f.MinLength != nil {
			r["minlength"] = int64(*f.MinLength)
		}
		if f.MaxLength != nil {
			r["maxlength"] = int64(*f.MaxLength)
		}
		if len(f.Values) > 0 {
			values := []any{}
			for _, v := range f.Values {
				values = append(values, record{"id": escape(v.ID), "name": escape(v.Name)})
			}
			r["values"] = values
		}
		out = append(out, r)
	}
	return out
}
