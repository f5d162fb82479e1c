package main

import (
	"strconv"

	"github.com/spf13/cobra"

	"github.com/weir-bpm/weir/gateway"
	"github.com/weir-bpm/weir/projector"
)

func (a *app) decisionsCommand() *cobra.Command {
	var r gateway.DecisionsRequest
	cmd := &cobra.Command{
		Use: "decisions", Short: "List versions of decisions",
		RunE: func(cmd *cobra.Command, _ []string) error {
			r.Tenant.Tenant = a.tenant
			return list(a, cmd, "decisions", &r, "DECISION VERSION TAG NAME GRAPH FILE DEPLOYMENT CREATED", func(d *projector.Decision) []string {
				return []string{d.DecisionID, strconv.FormatInt(d.Version, 10), dash(d.VersionTag), dash(d.Name), dash(d.Requirements), d.Resource, d.Deployment, when(d.CreatedAt)}
			})
		},
	}
	cmd.Flags().StringVar(&r.DecisionID, "decision", "", "only this decision")
	cmd.Flags().BoolVar(&r.Latest, "latest", false, "only the newest version of each decision")
	pageFlags(cmd, &r.Page)
	return cmd
}

// evaluationRow is what `weir instance` shows of a decision; the rules are in
// the trace, with --json.
func evaluationRow(e *projector.Evaluation) []string {
	result := "(too long)"
	if len(e.Result) > 0 {
		result = short(e.Result, 100)
	}
	return []string{e.ID, e.ElementID, e.DecisionID + ":" + strconv.FormatInt(e.Version, 10), when(e.EvaluatedAt), result}
}
