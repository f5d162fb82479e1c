package projector

import (
	"encoding/json"
	"time"

	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/variables"
)

// Decision is a row of the table decisions: one version of a decision.
type Decision struct {
	Tenant     string `json:"tenant"`
	DecisionID string `json:"decision_id"`
	Version    int64  `json:"version"`
	Name       string `json:"name,omitempty"`
	VersionTag string `json:"version_tag,omitempty"`
	// Requirements is the id of the graph (the definitions element of the DMN
	// file) that the decision is part of.
	Requirements string    `json:"requirements,omitempty"`
	Resource     string    `json:"resource"`
	Digest       string    `json:"digest"`
	Deployment   string    `json:"deployment"`
	CreatedAt    time.Time `json:"created_at"`
	Position     int64     `json:"position"`
}

func decisionColumns() []string {
	return []string{"tenant", "decision_id", "version", "name", "version_tag", "requirements", "resource", "digest", "deployment", "created_at", "position"}
}

func (r *Decision) fields() []any {
	return []any{
		(*name)(&r.Tenant), (*name)(&r.DecisionID), &r.Version, (*text)(&r.Name), (*text)(&r.VersionTag), (*text)(&r.Requirements),
		(*text)(&r.Resource), (*text)(&r.Digest), (*name)(&r.Deployment), (*stamp)(&r.CreatedAt), &r.Position,
	}
}

func newDecisions() handler {
	return newRowset(tableDef[definitionKey, Decision]{
		name:    "decisions",
		kinds:   []events.Kind{"deployment.created"},
		columns: decisionColumns(),
		key:     []keyColumn{{"tenant", "text"}, {"decision_id", "text"}, {"version", "bigint"}},
		keyArgs: definitionArgs,
		keyOf: func(r *Decision) definitionKey {
			return definitionKey{shorten(r.Tenant), shorten(r.DecisionID), r.Version}
		},
		fields:   (*Decision).fields,
		position: func(r *Decision) *int64 { return &r.Position },
		touch: func(_ *moment, e events.Event, visit func(definitionKey, verb)) {
			deployed(e, func(d *events.DeploymentCreated) {
				for _, p := range d.Decisions {
					if !p.Unchanged {
						visit(definitionKey{shorten(d.Tenant), shorten(p.DecisionID), int64(p.Version)}, creates)
					}
				}
			})
		},
		apply: func(at *moment, e events.Event, r *Decision, k definitionKey) error {
			deployed(e, func(d *events.DeploymentCreated) {
				for _, p := range d.Decisions {
					if p.Unchanged || int64(p.Version) != k.version || shorten(p.DecisionID) != k.process {
						continue
					}
					*r = Decision{
						Tenant: d.Tenant, DecisionID: p.DecisionID, Version: k.version, Name: p.Name, VersionTag: p.VersionTag,
						Requirements: p.Requirements, Resource: p.Resource, Digest: p.Digest, Deployment: d.Deployment,
						CreatedAt: at.time(), Position: r.Position,
					}
				}
			})
			return nil
		},
	})
}

// Evaluation is a row of the table decision_evaluations: a decision that an
// element of an instance has evaluated. One that failed is an incident instead.
type Evaluation struct {
	ID         string `json:"id"`
	InstanceID string `json:"instance_id"`
	Key        int64  `json:"key"`
	Tenant     string `json:"tenant"`
	ProcessID  string `json:"process_id"`
	Element    int64  `json:"element"`
	ElementID  string `json:"element_id"`
	DecisionID string `json:"decision_id"`
	Version    int64  `json:"version"`
	Digest     string `json:"digest"`
	Deployment string `json:"deployment"`
	// Result is what the decision gave, Trace its inputs, rules and outputs, with
	// those of the decisions that it needs. What was too long to keep is not
	// there, and Truncated says so.
	Result      json.RawMessage `json:"result,omitempty"`
	Trace       json.RawMessage `json:"trace,omitempty"`
	Truncated   bool            `json:"truncated,omitempty"`
	EvaluatedAt time.Time       `json:"evaluated_at"`
	Position    int64           `json:"position"`
}

func evaluationColumns() []string {
	return []string{
		"instance_id", "key", "tenant", "process_id", "element", "element_id", "decision_id", "version", "digest", "deployment",
		"result", "trace", "truncated", "evaluated_at", "position",
	}
}

func (r *Evaluation) fields() []any {
	return []any{
		(*name)(&r.InstanceID), &r.Key, (*name)(&r.Tenant), (*name)(&r.ProcessID), &r.Element, (*text)(&r.ElementID),
		(*name)(&r.DecisionID), &r.Version, (*text)(&r.Digest), (*text)(&r.Deployment),
		(*[]byte)(&r.Result), (*[]byte)(&r.Trace), &r.Truncated, (*stamp)(&r.EvaluatedAt), &r.Position,
	}
}

func newEvaluations() handler {
	return newRowset(tableDef[inInstance, Evaluation]{
		name:     "decision_evaluations",
		kinds:    []events.Kind{"decision.evaluated"},
		columns:  evaluationColumns(),
		key:      inInstanceKey(),
		keyArgs:  inInstanceArgs,
		keyOf:    func(r *Evaluation) inInstance { return inInstance{r.InstanceID, r.Key} },
		fields:   (*Evaluation).fields,
		position: func(r *Evaluation) *int64 { return &r.Position },
		touch: func(at *moment, e events.Event, visit func(inInstance, verb)) {
			if e, ok := e.(*events.DecisionEvaluated); ok {
				visit(inInstance{at.id(), int64(e.Key)}, creates)
			}
		},
		apply: func(at *moment, e events.Event, r *Evaluation, k inInstance) error {
			made, ok := e.(*events.DecisionEvaluated)
			if !ok {
				return nil
			}
			r.InstanceID, r.Key, r.Tenant, r.ProcessID = k.instance, k.key, at.instance.Tenant, at.instance.ProcessID
			r.Element, r.ElementID = int64(made.Element), made.ElementID
			r.DecisionID, r.Version, r.Digest, r.Deployment = made.Decision.DecisionID, int64(made.Decision.Version), made.Decision.Digest, made.Decision.Deployment
			r.Truncated, r.EvaluatedAt = made.Truncated, at.time()
			var err error
			if r.Result, err = loggedJSON(made.Result); err != nil {
				return err
			}
			r.Trace, err = loggedJSON(made.Trace)
			return err
		},
	})
}

// loggedJSON is the column of JSON that an event holds as text, NULL if it is
// empty. What cannot be read is kept as a string: it must not stop the fold.
func loggedJSON(text string) (json.RawMessage, error) {
	if text == "" {
		return nil, nil
	}
	v, err := variables.FromJSON([]byte(text))
	if err != nil {
		v = text
	}
	return jsonOf(v)
}
