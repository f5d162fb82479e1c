package gateway

import (
	"context"

	"github.com/weir-bpm/weir/projector"
)

// DecisionsRequest lists versions of decisions.
type DecisionsRequest struct {
	Tenant
	After
	Page
	DecisionID string `json:"decision_id,omitempty"`
	Latest     bool   `json:"latest,omitempty"`
}

func (g *Gateway) decisions(ctx context.Context, r *DecisionsRequest) (any, error) {
	if err := g.await(ctx, r.After); err != nil {
		return nil, err
	}
	return g.cfg.Queries.Decisions(ctx, projector.DecisionFilter{Tenant: r.orDefault(), DecisionID: r.DecisionID, Latest: r.Latest}, r.page())
}

// DecisionEvaluationsRequest lists what decisions gave, with the rules that
// matched.
type DecisionEvaluationsRequest struct {
	Tenant
	After
	Page
	InstanceID string `json:"instance_id,omitempty"`
	ProcessID  string `json:"process_id,omitempty"`
	DecisionID string `json:"decision_id,omitempty"`
}

func (g *Gateway) decisionEvaluations(ctx context.Context, r *DecisionEvaluationsRequest) (any, error) {
	if err := g.await(ctx, r.After); err != nil {
		return nil, err
	}
	return g.cfg.Queries.Evaluations(ctx, projector.EvaluationFilter{
		Tenant: r.orDefault(), InstanceID: r.InstanceID, ProcessID: r.ProcessID, DecisionID: r.DecisionID,
	}, r.page())
}
