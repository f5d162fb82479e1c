package main

import (
	"encoding/json"
	"errors"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/gateway"
	"github.com/weir-bpm/weir/projector"
)

func isCode(err error, code commands.Code) bool {
	return errors.Is(err, &commands.Error{Code: code})
}

// pageFlags adds the flags of lists.
func pageFlags(cmd *cobra.Command, p *gateway.Page) {
	cmd.Flags().StringVar(&p.Cursor, "cursor", "", "the next page: the cursor that the page before printed")
	cmd.Flags().IntVar(&p.Limit, "limit", 50, "rows at most, up to 1000")
	cmd.Flags().BoolVar(&p.Newest, "newest", false, "newest first")
}

// list asks for a page of rows and prints it.
func list[R any](a *app, cmd *cobra.Command, op string, request any, header string, row func(*R) []string) error {
	var page projector.List[R]
	if err := a.ask(cmd.Context(), op, request, &page); err != nil {
		return err
	}
	if page.Items == nil {
		page.Items = []R{}
	}
	return a.print(&page, func() {
		rows := make([][]string, len(page.Items))
		for i := range page.Items {
			rows[i] = row(&page.Items[i])
		}
		a.table(header, rows)
		if page.Next != "" {
			a.printf("more: --cursor %s\n", page.Next)
		}
	})
}

func (a *app) instancesCommand() *cobra.Command {
	var r gateway.InstancesRequest
	var vars string
	cmd := &cobra.Command{
		Use: "instances", Short: "List instances",
		RunE: func(cmd *cobra.Command, _ []string) error {
			r.Tenant.Tenant = a.tenant
			doc, err := readVars(vars)
			if err != nil {
				return err
			}
			r.Variables = doc
			return list(a, cmd, "instances", &r, "INSTANCE PROCESS VERSION STATE INCIDENTS BUSINESS-KEY STARTED ENDED", func(i *projector.Instance) []string {
				return []string{i.ID, i.ProcessID, strconv.FormatInt(i.Version, 10), i.State, strconv.FormatInt(i.Incidents, 10), dash(i.BusinessKey), when(i.StartedAt), when(i.EndedAt)}
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&r.ProcessID, "process", "", "only this process")
	f.StringVar(&r.State, "state", "", "active, completed or canceled")
	f.StringVar(&r.BusinessKey, "business-key", "", "only this business key")
	f.BoolVar(&r.WithIncidents, "incidents", false, "only those with open incidents")
	f.StringVar(&vars, "vars", "", "only those that have these variables, as JSON")
	f.StringVar(&r.Position, "position", "", "wait until the read models show at least this position of an answer")
	pageFlags(cmd, &r.Page)
	return cmd
}

func (a *app) definitionsCommand() *cobra.Command {
	var r gateway.DefinitionsRequest
	cmd := &cobra.Command{
		Use: "definitions", Short: "List process versions",
		RunE: func(cmd *cobra.Command, _ []string) error {
			r.Tenant.Tenant = a.tenant
			return list(a, cmd, "definitions", &r, "PROCESS VERSION TAG NAME FILE DEPLOYMENT HISTORY CREATED", func(d *projector.Definition) []string {
				return []string{d.ProcessID, strconv.FormatInt(d.Version, 10), dash(d.VersionTag), dash(d.Name), d.Resource, d.Deployment, dash(d.HistoryTTL), when(d.CreatedAt)}
			})
		},
	}
	cmd.Flags().StringVar(&r.ProcessID, "process", "", "only this process")
	cmd.Flags().BoolVar(&r.Latest, "latest", false, "only the newest version of each process")
	pageFlags(cmd, &r.Page)
	return cmd
}

func (a *app) jobsCommand() *cobra.Command {
	var r gateway.JobsRequest
	cmd := &cobra.Command{
		Use: "jobs", Short: "List jobs",
		RunE: func(cmd *cobra.Command, _ []string) error {
			r.Tenant.Tenant = a.tenant
			return list(a, cmd, "jobs", &r, "JOB TYPE STATE RETRIES ATTEMPT ELEMENT WORKER CREATED", func(j *projector.Job) []string {
				return []string{j.ID, j.Type, j.State, strconv.FormatInt(j.Retries, 10), strconv.FormatInt(j.Attempt, 10), j.ElementID, dash(j.Worker), when(j.CreatedAt)}
			})
		},
	}
	cmd.Flags().StringVar(&r.Type, "type", "", "only this type")
	cmd.Flags().BoolVar(&r.Open, "open", false, "only those that have not ended")
	pageFlags(cmd, &r.Page)
	return cmd
}

func (a *app) tasksCommand() *cobra.Command {
	var r gateway.UserTasksRequest
	cmd := &cobra.Command{
		Use: "tasks", Short: "List user tasks",
		RunE: func(cmd *cobra.Command, _ []string) error {
			r.Tenant.Tenant = a.tenant
			return list(a, cmd, "user_tasks", &r, "TASK PROCESS ELEMENT NAME STATE ASSIGNEE CREATED", func(t *projector.UserTask) []string {
				return []string{t.ID, t.ProcessID, t.ElementID, dash(t.Name), t.State, dash(t.Assignee), when(t.CreatedAt)}
			})
		},
	}
	cmd.Flags().StringVar(&r.State, "state", "created", "created, completed or canceled; empty for all")
	cmd.Flags().StringVar(&r.Assignee, "assignee", "", "only those assigned to this user")
	cmd.Flags().StringVar(&r.CandidateUser, "candidate", "", "only those offered to this user")
	cmd.Flags().StringVar(&r.CandidateGroup, "candidate-group", "", "only those offered to one of these groups, separated by commas")
	cmd.Flags().BoolVar(&r.Unassigned, "unassigned", false, "only those without an assignee")
	cmd.Flags().StringVar(&r.InstanceID, "instance", "", "only those of this instance")
	cmd.Flags().StringVar(&r.ProcessID, "process", "", "only those of this process")
	pageFlags(cmd, &r.Page)
	return cmd
}

func (a *app) taskCommand() *cobra.Command {
	return &cobra.Command{
		Use: "task TASK", Short: "Show a user task with the fields of its form and their values", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			r := gateway.UserTaskRequest{TaskID: args[0]}
			r.Tenant.Tenant = a.tenant
			var t projector.TaskDetail
			if err := a.ask(cmd.Context(), "user_task", &r, &t); err != nil {
				return err
			}
			return a.print(&t, func() { a.printTask(&t) })
		},
	}
}

func (a *app) printTask(t *projector.TaskDetail) {
	a.printf("%s  %s of %s, %s\n", t.ID, t.ElementID, t.ProcessID, t.State)
	a.printf("name %s, assignee %s, created %s, due %s\n", dash(t.Name), dash(t.Assignee), when(t.CreatedAt), when(t.DueAt))
	var fields []struct {
		ID, Label, Type    string
		Required, ReadOnly bool
	}
	if len(t.Fields) == 0 || json.Unmarshal(t.Fields, &fields) != nil {
		return
	}
	a.printf("\n")
	var rows [][]string
	for _, f := range fields {
		rule := ""
		switch {
		case f.ReadOnly:
			rule = "read-only"
		case f.Required:
			rule = "required"
		}
		value := "-"
		if v, ok := t.Values[f.ID]; ok {
			value = short(v, 60)
		}
		rows = append(rows, []string{f.ID, dash(f.Label), dash(f.Type), dash(rule), value})
	}
	a.table("FIELD LABEL TYPE RULE VALUE", rows)
}

func (a *app) incidentsCommand() *cobra.Command {
	var r gateway.IncidentsRequest
	cmd := &cobra.Command{
		Use: "incidents", Short: "List incidents",
		RunE: func(cmd *cobra.Command, _ []string) error {
			r.Tenant.Tenant = a.tenant
			return list(a, cmd, "incidents", &r, "INCIDENT PROCESS ELEMENT CODE STATE RAISED MESSAGE", func(i *projector.Incident) []string {
				return []string{i.ID, i.ProcessID, i.ElementID, i.Code, i.State, when(i.RaisedAt), i.Message}
			})
		},
	}
	cmd.Flags().StringVar(&r.State, "state", "open", "open or resolved; empty for all")
	cmd.Flags().StringVar(&r.Code, "code", "", "only this code")
	cmd.Flags().StringVar(&r.InstanceID, "instance", "", "only those of this instance")
	cmd.Flags().StringVar(&r.ProcessID, "process", "", "only those of this process")
	pageFlags(cmd, &r.Page)
	return cmd
}

func (a *app) instanceCommand() *cobra.Command {
	var r gateway.HistoryRequest
	cmd := &cobra.Command{
		Use: "instance ID", Short: "Show an instance: state, variables, incidents, history", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			r.Tenant.Tenant, r.InstanceID = a.tenant, args[0]
			out, err := a.instanceWithHistory(cmd, r)
			if err != nil {
				return err
			}
			return a.print(out, func() { a.printInstance(out) })
		},
	}
	cmd.Flags().StringVar(&r.Position, "position", "", "wait until the read models show at least this position of an answer")
	return cmd
}

// instanceOutput is what `weir instance` prints.
type instanceOutput struct {
	projector.InstanceDetail
	History []projector.HistoryEvent `json:"history"`
}

func (a *app) instanceWithHistory(cmd *cobra.Command, r gateway.HistoryRequest) (*instanceOutput, error) {
	out := new(instanceOutput)
	if err := a.ask(cmd.Context(), "instance", &r.InstanceRequest, &out.InstanceDetail); err != nil {
		return nil, err
	}
	r.Limit = 1000
	for {
		var page struct {
			Events []projector.HistoryEvent `json:"events"`
		}
		if err := a.ask(cmd.Context(), "history", &r, &page); err != nil {
			return nil, err
		}
		out.History = append(out.History, page.Events...)
		if len(page.Events) < r.Limit {
			return out, nil
		}
		r.AfterEvent = page.Events[len(page.Events)-1].N
	}
}

func (a *app) printInstance(o *instanceOutput) {
	a.printf("%s  %s:%d  %s\n", o.ID, o.ProcessID, o.Version, o.State)
	a.printf("started %s by %s, ended %s, %d events\n", when(o.StartedAt), o.Trigger, when(o.EndedAt), o.Events)
	if o.BusinessKey != "" {
		a.printf("business key %s\n", o.BusinessKey)
	}
	if o.Parent != "" {
		a.printf("called by %s\n", o.Parent)
	}
	a.section("VARIABLES", "SCOPE NAME VALUE", rowsOf(o.Variables, func(v *projector.Variable) []string {
		return []string{strconv.FormatInt(v.Scope, 10), v.Name, short(v.Value, 100)}
	}))
	a.section("INCIDENTS", "INCIDENT ELEMENT CODE STATE MESSAGE", rowsOf(o.InstanceDetail.Incidents, func(i *projector.Incident) []string {
		return []string{i.ID, i.ElementID, i.Code, i.State, i.Message}
	}))
	a.section("ELEMENTS", "KEY ELEMENT TYPE STATE STARTED ENDED", rowsOf(o.Elements, func(e *projector.Element) []string {
		return []string{strconv.FormatInt(e.Key, 10), e.ElementID, e.Type, e.State, when(e.StartedAt), when(e.EndedAt)}
	}))
	a.section("JOBS", "JOB TYPE STATE RETRIES WORKER MESSAGE", rowsOf(o.Jobs, func(j *projector.Job) []string {
		return []string{j.ID, j.Type, j.State, strconv.FormatInt(j.Retries, 10), dash(j.Worker), dash(j.ErrorMessage)}
	}))
	a.section("USER TASKS", "TASK ELEMENT NAME STATE ASSIGNEE", rowsOf(o.UserTasks, func(t *projector.UserTask) []string {
		return []string{t.ID, t.ElementID, dash(t.Name), t.State, dash(t.Assignee)}
	}))
	a.section("TIMERS", "TIMER ELEMENT STATE DUE FIRED REMAINING", rowsOf(o.Timers, func(t *projector.Timer) []string {
		return []string{t.ID, t.ElementID, t.State, when(t.DueAt), strconv.FormatInt(t.Fired, 10), strconv.FormatInt(t.Remaining, 10)}
	}))
	a.section("SUBSCRIPTIONS", "SUBSCRIPTION ELEMENT KIND NAME KEY STATE", rowsOf(o.Subscriptions, func(s *projector.Subscription) []string {
		return []string{s.ID, s.ElementID, s.Kind, dash(s.Name), dash(s.CorrelationKey), s.State}
	}))
	a.section("DECISIONS", "EVALUATION ELEMENT DECISION TIME RESULT", rowsOf(o.Decisions, evaluationRow))
	a.section("CALLED", "INSTANCE PROCESS STATE", rowsOf(o.Children, func(i *projector.Instance) []string {
		return []string{i.ID, i.ProcessID, i.State}
	}))
	a.section("HISTORY", "N TIME EVENT PAYLOAD", rowsOf(o.History, func(e *projector.HistoryEvent) []string {
		return []string{strconv.FormatInt(e.N, 10), when(e.Time), e.Kind, short(e.Payload, 100)}
	}))
}

func (a *app) section(title, header string, rows [][]string) {
	if len(rows) == 0 {
		return
	}
	a.printf("\n%s\n", title)
	a.table(header, rows)
}

func rowsOf[R any](items []R, row func(*R) []string) [][]string {
	out := make([][]string, len(items))
	for i := range items {
		out[i] = row(&items[i])
	}
	return out
}
