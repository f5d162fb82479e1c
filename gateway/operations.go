package gateway

import (
	"context"
	"strings"

	"github.com/weir-bpm/weir/client"
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/projector"
	"github.com/weir-bpm/weir/variables"
)

// operations is the table of all operations. docs/api.md is made from it.
func (g *Gateway) operations() []operation {
	return []operation{
		op("deploy", "POST", "/v1/deployments", "Deploy files; all or none.", g.deploy),
		op("start", "POST", "/v1/instances", "Start an instance; a given instance_id makes it idempotent.", g.start),
		op("cancel", "POST", "/v1/instances/{instance_id}/cancel", "Cancel an instance.", g.cancel),
		op("set_variables", "POST", "/v1/instances/{instance_id}/variables", "Write variables.", g.setVariables),
		op("complete_job", "POST", "/v1/jobs/{job_id}/complete", "Complete a job.", g.completeJob),
		op("fail_job", "POST", "/v1/jobs/{job_id}/fail", "Record a failed attempt.", g.failJob),
		op("throw_error", "POST", "/v1/jobs/{job_id}/throw-error", "End a job with a BPMN error.", g.throwError),
		op("update_retries", "POST", "/v1/jobs/{job_id}/retries", "Set how many attempts a job has left.", g.updateRetries),
		op("complete_task", "POST", "/v1/user-tasks/{task_id}/complete", "Complete a user task.", g.completeTask),
		op("assign_task", "POST", "/v1/user-tasks/{task_id}/assign", "Assign, claim or unclaim a user task.", g.assignTask),
		op("update_task", "POST", "/v1/user-tasks/{task_id}/update", "Change the due or follow-up time, candidates, priority and other attributes of a user task.", g.updateTask),
		op("activate_ad_hoc", "POST", "/v1/element-instances/{element_instance_id}/activate", "Begin activities of an ad-hoc subprocess, or end it.", g.activateAdHoc),
		op("trigger", "POST", "/v1/element-instances/{element_instance_id}/trigger", "Continue a receive task without message, or a triggerable task.", g.trigger),
		op("resolve_incident", "POST", "/v1/incidents/{incident_id}/resolve", "Try again what an incident stopped.", g.resolveIncident),
		op("publish_message", "POST", "/v1/messages", "Publish a message.", g.publishMessage),
		op("broadcast_signal", "POST", "/v1/signals", "Send a signal to all that wait for it.", g.broadcastSignal),
		op("evaluate_conditions", "POST", "/v1/conditions", "Start processes by their conditional start events.", g.evaluateConditions),

		op("instances", "GET", "/v1/instances", "List instances.", g.instances),
		op("instance", "GET", "/v1/instances/{instance_id}", "One instance with all that belongs to it.", g.instance),
		op("history", "GET", "/v1/instances/{instance_id}/history", "The events of an instance.", g.history),
		op("replay", "GET", "/v1/instances/{instance_id}/replay", "The state of an instance rebuilt from the log after its event number at (0: the newest).", g.replay),
		op("definitions", "GET", "/v1/definitions", "List process versions.", g.definitions),
		op("deployments", "GET", "/v1/deployments", "List deployments.", g.deployments),
		op("jobs", "GET", "/v1/jobs", "List jobs.", g.jobs),
		op("user_tasks", "GET", "/v1/user-tasks", "List user tasks.", g.userTasks),
		op("user_task", "GET", "/v1/user-tasks/{task_id}", "One user task with the fields of its form and their values.", g.userTask),
		op("incidents", "GET", "/v1/incidents", "List incidents.", g.incidents),
		op("decisions", "GET", "/v1/decisions", "List versions of decisions.", g.decisions),
		op("decision_evaluations", "GET", "/v1/decision-evaluations", "List what decisions gave in instances, with the rules that matched.", g.decisionEvaluations),
		op("subscriptions", "GET", "/v1/message-subscriptions", "List what element instances wait for: messages, signals, conditions and triggers.", g.subscriptions),

		op("status", "GET", "/v1/status", "Owners, sequences, backlog and lag of each partition.", g.status),
		long(op("verify", "POST", "/v1/verify", "Check the hash chains, and that the projections equal the fold of the log.", g.verify)),
		long(op("rebuild", "POST", "/v1/projections/rebuild", "Fold the projections anew from the logs and swap them in.", g.rebuild)),
		long(op("history_cleanup", "POST", "/v1/history/cleanup", "Remove ended instances whose time to live is over from the read models.", g.historyCleanup)),
		long(op("history_drop_archive", "POST", "/v1/history/drop-archive", "Drop whole days of the archive of transitions.", g.historyDropArchive)),
		op("clock", "POST", "/v1/clock", "Pin, advance or reset the engine's clock; only with --allow-clock.", g.moveClock),
	}
}

// DeployRequest deploys files.
type DeployRequest struct {
	Tenant
	commands.Deploy
}

func (g *Gateway) deploy(ctx context.Context, r *DeployRequest) (any, error) {
	c, err := g.cfg.Client.ForTenant(r.Tenant.Tenant)
	if err != nil {
		return nil, err
	}
	result, err := c.Deploy(ctx, r.Deploy)
	if err != nil && result != nil {
		return nil, problemsError{err, result.Problems}
	}
	return result, err
}

// StartRequest starts an instance.
type StartRequest struct {
	Tenant
	InstanceID string `json:"instance_id,omitempty"`
	commands.StartInstance
}

func (g *Gateway) start(ctx context.Context, r *StartRequest) (any, error) {
	return g.do(r.Tenant, func(c *client.Client) (any, error) {
		return c.Start(ctx, ids.Instance(r.InstanceID), r.StartInstance)
	})
}

// do runs a command for a tenant.
func (g *Gateway) do(t Tenant, f func(c *client.Client) (any, error)) (any, error) {
	c, err := g.cfg.Client.ForTenant(t.Tenant)
	if err != nil {
		return nil, err
	}
	return f(c)
}

// toInstance sends a command to an instance that the caller names.
func (g *Gateway) toInstance(ctx context.Context, t Tenant, id string, cmd commands.Command) (any, error) {
	in, err := ids.ParseInstance(id)
	if err != nil {
		return nil, commands.Reject(commands.CodeIDInvalid, "%v", err)
	}
	return g.do(t, func(c *client.Client) (any, error) { return c.Do(ctx, in, cmd) })
}

// byID sends a command about a thing whose id tells the instance.
func (g *Gateway) byID(ctx context.Context, t Tenant, id string, cmd commands.Command) (any, error) {
	return g.do(t, func(c *client.Client) (any, error) { return c.ByID(ctx, id, cmd) })
}

// CancelRequest cancels an instance.
type CancelRequest struct {
	Tenant
	InstanceID string `json:"instance_id"`
	commands.CancelInstance
}

func (g *Gateway) cancel(ctx context.Context, r *CancelRequest) (any, error) {
	return g.toInstance(ctx, r.Tenant, r.InstanceID, &r.CancelInstance)
}

// SetVariablesRequest writes variables.
type SetVariablesRequest struct {
	Tenant
	InstanceID string             `json:"instance_id"`
	Scope      ids.Key            `json:"scope,omitempty"`
	Local      bool               `json:"local,omitempty"`
	Variables  variables.Document `json:"variables"`
}

func (g *Gateway) setVariables(ctx context.Context, r *SetVariablesRequest) (any, error) {
	return g.toInstance(ctx, r.Tenant, r.InstanceID, &commands.SetVariables{Scope: r.Scope, Local: r.Local, Variables: r.Variables})
}

// CompleteJobRequest completes a job.
type CompleteJobRequest struct {
	Tenant
	commands.CompleteJob
}

func (g *Gateway) completeJob(ctx context.Context, r *CompleteJobRequest) (any, error) {
	return g.byID(ctx, r.Tenant, r.JobID, &r.CompleteJob)
}

// FailJobRequest records a failed attempt.
type FailJobRequest struct {
	Tenant
	commands.FailJob
}

func (g *Gateway) failJob(ctx context.Context, r *FailJobRequest) (any, error) {
	return g.byID(ctx, r.Tenant, r.JobID, &r.FailJob)
}

// ThrowErrorRequest ends a job with a BPMN error.
type ThrowErrorRequest struct {
	Tenant
	commands.ThrowError
}

func (g *Gateway) throwError(ctx context.Context, r *ThrowErrorRequest) (any, error) {
	return g.byID(ctx, r.Tenant, r.JobID, &r.ThrowError)
}

// UpdateRetriesRequest sets a job's retries.
type UpdateRetriesRequest struct {
	Tenant
	commands.UpdateRetries
}

func (g *Gateway) updateRetries(ctx context.Context, r *UpdateRetriesRequest) (any, error) {
	return g.byID(ctx, r.Tenant, r.JobID, &r.UpdateRetries)
}

// CompleteTaskRequest completes a user task.
type CompleteTaskRequest struct {
	Tenant
	commands.CompleteTask
}

func (g *Gateway) completeTask(ctx context.Context, r *CompleteTaskRequest) (any, error) {
	return g.byID(ctx, r.Tenant, r.TaskID, &r.CompleteTask)
}

// AssignTaskRequest assigns a user task.
type AssignTaskRequest struct {
	Tenant
	commands.AssignTask
}

func (g *Gateway) assignTask(ctx context.Context, r *AssignTaskRequest) (any, error) {
	return g.byID(ctx, r.Tenant, r.TaskID, &r.AssignTask)
}

// UpdateTaskRequest changes attributes of a user task.
type UpdateTaskRequest struct {
	Tenant
	commands.UpdateTask
}

func (g *Gateway) updateTask(ctx context.Context, r *UpdateTaskRequest) (any, error) {
	return g.byID(ctx, r.Tenant, r.TaskID, &r.UpdateTask)
}

// ResolveIncidentRequest resolves an incident.
type ResolveIncidentRequest struct {
	Tenant
	commands.ResolveIncident
}

func (g *Gateway) resolveIncident(ctx context.Context, r *ResolveIncidentRequest) (any, error) {
	return g.byID(ctx, r.Tenant, r.IncidentID, &r.ResolveIncident)
}

// PublishMessageRequest publishes a message.
type PublishMessageRequest struct {
	Tenant
	commands.PublishMessage
}

func (g *Gateway) publishMessage(ctx context.Context, r *PublishMessageRequest) (any, error) {
	return g.do(r.Tenant, func(c *client.Client) (any, error) { return c.PublishMessage(ctx, r.PublishMessage) })
}

// BroadcastSignalRequest sends a signal.
type BroadcastSignalRequest struct {
	Tenant
	commands.BroadcastSignal
}

func (g *Gateway) broadcastSignal(ctx context.Context, r *BroadcastSignalRequest) (any, error) {
	return g.do(r.Tenant, func(c *client.Client) (any, error) { return c.BroadcastSignal(ctx, r.BroadcastSignal) })
}

// EvaluateConditionsRequest evaluates conditional start events.
type EvaluateConditionsRequest struct {
	Tenant
	commands.Evaluate
}

func (g *Gateway) evaluateConditions(ctx context.Context, r *EvaluateConditionsRequest) (any, error) {
	return g.do(r.Tenant, func(c *client.Client) (any, error) { return c.Evaluate(ctx, r.Evaluate) })
}

// Page is one page of a list.
type Page struct {
	// Cursor is the next of the page before.
	Cursor string `json:"cursor,omitempty"`
	// Limit is how many rows at most, default 50, at most 1000.
	Limit  int  `json:"limit,omitempty"`
	Newest bool `json:"newest,omitempty"`
}

func (p Page) page() projector.Page {
	return projector.Page{After: p.Cursor, Limit: p.Limit, Newest: p.Newest}
}

// InstancesRequest lists instances.
type InstancesRequest struct {
	Tenant
	After
	Page
	ProcessID     string             `json:"process_id,omitempty"`
	Version       int64              `json:"version,omitempty"`
	State         string             `json:"state,omitempty"`
	BusinessKey   string             `json:"business_key,omitempty"`
	Parent        string             `json:"parent,omitempty"`
	WithIncidents bool               `json:"with_incidents,omitempty"`
	Variables     variables.Document `json:"variables,omitempty"`
}

func (g *Gateway) instances(ctx context.Context, r *InstancesRequest) (any, error) {
	if err := g.await(ctx, r.After); err != nil {
		return nil, err
	}
	return g.cfg.Queries.Instances(ctx, projector.InstanceFilter{
		Tenant: r.orDefault(), ProcessID: r.ProcessID, Version: r.Version, State: r.State, BusinessKey: r.BusinessKey,
		Parent: r.Parent, WithIncidents: r.WithIncidents, Variables: r.Variables,
	}, r.page())
}

// InstanceRequest names an instance.
type InstanceRequest struct {
	Tenant
	After
	InstanceID string `json:"instance_id"`
}

// visible checks that an instance exists and belongs to the caller's tenant.
func (g *Gateway) visible(ctx context.Context, r *InstanceRequest) (*projector.InstanceDetail, error) {
	id, err := ids.ParseInstance(r.InstanceID)
	if err != nil {
		return nil, commands.Reject(commands.CodeIDInvalid, "%v", err)
	}
	if err := g.await(ctx, r.After); err != nil {
		return nil, err
	}
	detail, err := g.cfg.Queries.Instance(ctx, id)
	if err != nil {
		return nil, err
	}
	if detail.Tenant != r.orDefault() {
		return nil, commands.Reject(commands.CodeInstanceNotFound, "tenant %q has no instance %s", r.orDefault(), id)
	}
	return detail, nil
}

func (g *Gateway) instance(ctx context.Context, r *InstanceRequest) (any, error) {
	return g.visible(ctx, r)
}

// HistoryRequest asks for the events of an instance.
type HistoryRequest struct {
	InstanceRequest
	AfterEvent int64 `json:"after_event,omitempty"`
	Limit      int   `json:"limit,omitempty"`
}

func (g *Gateway) history(ctx context.Context, r *HistoryRequest) (any, error) {
	if _, err := g.visible(ctx, &r.InstanceRequest); err != nil {
		return nil, err
	}
	events, err := g.cfg.Queries.History(ctx, ids.Instance(r.InstanceID), r.AfterEvent, r.Limit)
	return map[string]any{"events": events}, err
}

// DefinitionsRequest lists process versions.
type DefinitionsRequest struct {
	Tenant
	After
	Page
	ProcessID string `json:"process_id,omitempty"`
	Latest    bool   `json:"latest,omitempty"`
}

func (g *Gateway) definitions(ctx context.Context, r *DefinitionsRequest) (any, error) {
	if err := g.await(ctx, r.After); err != nil {
		return nil, err
	}
	return g.cfg.Queries.Definitions(ctx, projector.DefinitionFilter{Tenant: r.orDefault(), ProcessID: r.ProcessID, Latest: r.Latest}, r.page())
}

// DeploymentsRequest lists deployments.
type DeploymentsRequest struct {
	Tenant
	Page
}

func (g *Gateway) deployments(ctx context.Context, r *DeploymentsRequest) (any, error) {
	return g.cfg.Queries.Deployments(ctx, r.orDefault(), r.page())
}

// JobsRequest lists jobs.
type JobsRequest struct {
	Tenant
	After
	Page
	Type  string `json:"type,omitempty"`
	State string `json:"state,omitempty"`
	Open  bool   `json:"open,omitempty"`
}

func (g *Gateway) jobs(ctx context.Context, r *JobsRequest) (any, error) {
	if err := g.await(ctx, r.After); err != nil {
		return nil, err
	}
	return g.cfg.Queries.Jobs(ctx, projector.JobFilter{Tenant: r.orDefault(), Type: r.Type, State: r.State, Open: r.Open}, r.page())
}

// UserTasksRequest lists user tasks.
type UserTasksRequest struct {
	Tenant
	After
	Page
	ProcessID     string `json:"process_id,omitempty"`
	InstanceID    string `json:"instance_id,omitempty"`
	State         string `json:"state,omitempty"`
	Assignee      string `json:"assignee,omitempty"`
	CandidateUser string `json:"candidate_user,omitempty"`
	// CandidateGroup keeps tasks offered to one of the groups, separated by
	// commas.
	CandidateGroup string `json:"candidate_group,omitempty"`
	Unassigned     bool   `json:"unassigned,omitempty"`
}

func (g *Gateway) userTasks(ctx context.Context, r *UserTasksRequest) (any, error) {
	if err := g.await(ctx, r.After); err != nil {
		return nil, err
	}
	return g.cfg.Queries.UserTasks(ctx, projector.UserTaskFilter{
		Tenant: r.orDefault(), ProcessID: r.ProcessID, InstanceID: r.InstanceID, State: r.State, Assignee: r.Assignee,
		CandidateUser: r.CandidateUser, CandidateGroups: groups(r.CandidateGroup), Unassigned: r.Unassigned,
	}, r.page())
}

// UserTaskRequest names a user task.
type UserTaskRequest struct {
	Tenant
	After
	TaskID string `json:"task_id"`
}

func (g *Gateway) userTask(ctx context.Context, r *UserTaskRequest) (any, error) {
	if _, _, err := ids.Split(r.TaskID); err != nil {
		return nil, commands.Reject(commands.CodeIDInvalid, "%v", err)
	}
	if err := g.await(ctx, r.After); err != nil {
		return nil, err
	}
	task, err := g.cfg.Queries.UserTask(ctx, r.TaskID)
	if err != nil {
		return nil, err
	}
	if task.Tenant != r.orDefault() {
		return nil, commands.Reject(commands.CodeTaskNotFound, "tenant %q has no user task %s", r.orDefault(), r.TaskID)
	}
	return task, nil
}

// groups splits a list of groups.
func groups(text string) []string {
	var out []string
	for _, g := range strings.Split(text, ",") {
		if g = strings.TrimSpace(g); g != "" {
			out = append(out, g)
		}
	}
	return out
}

// IncidentsRequest lists incidents.
type IncidentsRequest struct {
	Tenant
	After
	Page
	ProcessID  string `json:"process_id,omitempty"`
	InstanceID string `json:"instance_id,omitempty"`
	Code       string `json:"code,omitempty"`
	State      string `json:"state,omitempty"`
}

func (g *Gateway) incidents(ctx context.Context, r *IncidentsRequest) (any, error) {
	if err := g.await(ctx, r.After); err != nil {
		return nil, err
	}
	return g.cfg.Queries.Incidents(ctx, projector.IncidentFilter{Tenant: r.orDefault(), ProcessID: r.ProcessID, InstanceID: r.InstanceID, Code: r.Code, State: r.State}, r.page())
}

// SubscriptionsRequest lists what element instances wait for: messages, signals,
// conditions and triggers.
type SubscriptionsRequest struct {
	Tenant
	After
	Page
	// Kind is message, signal or condition; empty is all.
	Kind           string `json:"kind,omitempty"`
	InstanceID     string `json:"instance_id,omitempty"`
	Name           string `json:"name,omitempty"`
	CorrelationKey string `json:"correlation_key,omitempty"`
	State          string `json:"state,omitempty"`
}

func (g *Gateway) subscriptions(ctx context.Context, r *SubscriptionsRequest) (any, error) {
	if err := g.await(ctx, r.After); err != nil {
		return nil, err
	}
	return g.cfg.Queries.Subscriptions(ctx, projector.SubscriptionFilter{Tenant: r.orDefault(), Kind: r.Kind, InstanceID: r.InstanceID, Name: r.Name, CorrelationKey: r.CorrelationKey, State: r.State}, r.page())
}
