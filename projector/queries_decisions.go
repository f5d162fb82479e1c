package projector

import "context"

func decisionSource() source[Decision] {
	return source[Decision]{
		table: "decisions", columns: decisionColumns(), fields: (*Decision).fields, key: []string{"tenant", "decision_id", "version"},
		keyOf: func(r *Decision) []any { return []any{shorten(r.Tenant), shorten(r.DecisionID), r.Version} },
	}
}

func evaluationSource() source[Evaluation] {
	return source[Evaluation]{
		table: "decision_evaluations", columns: evaluationColumns(), fields: (*Evaluation).fields, key: []string{"instance_id", "key"},
		keyOf: func(r *Evaluation) []any { return []any{r.InstanceID, r.Key} },
		finish: func(r *Evaluation) (err error) {
			r.ID = joinID(r.InstanceID, r.Key)
			if r.Result, err = unescapeJSON(r.Result); err != nil {
				return err
			}
			r.Trace, err = unescapeJSON(r.Trace)
			return err
		},
	}
}

// DecisionFilter narrows a list of decisions; empty fields let everything
// through.
type DecisionFilter struct {
	Tenant     string
	DecisionID string
	Version    int64
	VersionTag string
	// Latest keeps the newest version of each decision.
	Latest bool
}

// Decisions lists versions of decisions by tenant, decision and version.
func (q *Queries) Decisions(ctx context.Context, f DecisionFilter, pg Page) (*List[Decision], error) {
	var w where
	w.equal("tenant", f.Tenant)
	w.equal("decision_id", f.DecisionID)
	s := decisionSource()
	w.version(qualify(q.schema, s.table), "decision_id", f.Version, f.VersionTag, f.Latest)
	return page(ctx, q, s, &w, pg)
}

// EvaluationFilter narrows a list of evaluations; empty fields let everything
// through.
type EvaluationFilter struct {
	Tenant     string
	InstanceID string
	ProcessID  string
	DecisionID string
	// Version keeps the evaluations of one version of a decision.
	Version int64
}

// Evaluations lists what decisions gave, in the order of the ids.
func (q *Queries) Evaluations(ctx context.Context, f EvaluationFilter, pg Page) (*List[Evaluation], error) {
	var w where
	w.equal("tenant", f.Tenant)
	w.equal("instance_id", f.InstanceID)
	w.equal("process_id", f.ProcessID)
	w.equal("decision_id", f.DecisionID)
	if f.Version != 0 {
		w.add("version = %s", f.Version)
	}
	return page(ctx, q, evaluationSource(), &w, pg)
}
