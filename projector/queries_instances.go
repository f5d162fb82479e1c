package projector

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/variables"
)

// InstanceFilter narrows a list of instances; empty fields let everything
// through.
type InstanceFilter struct {
	Tenant      string
	ProcessID   string
	Version     int64
	State       string // active, completed, canceled
	BusinessKey string
	Parent      string
	// WithIncidents keeps those with open incidents.
	WithIncidents bool
	// Variables keeps those that have all of these variables with these values
	// (as [variables.Normalize] gives them) in some scope.
	Variables variables.Document
}

func instanceSource() source[Instance] {
	return source[Instance]{
		table: "instances", columns: instanceColumns(), fields: (*Instance).fields,
		key: []string{"id"}, keyOf: func(r *Instance) []any { return []any{r.ID} },
	}
}

// Instances lists instances in the order of their ids, which is that of time.
func (q *Queries) Instances(ctx context.Context, f InstanceFilter, pg Page) (*List[Instance], error) {
	var w where
	w.equal("tenant", f.Tenant)
	w.equal("process_id", f.ProcessID)
	w.equal("business_key", f.BusinessKey)
	w.equal("parent", f.Parent)
	if f.Version != 0 {
		w.add("version = %s", f.Version)
	}
	switch f.State {
	case "":
	case StateActive:
		w.add("state = 'active'") // as a literal, for the partial index
	case StateCompleted, StateCanceled:
		w.add("state = %s", f.State)
	default:
		return nil, fault(CodeInvalid, "query instances", "state: expected active, completed or canceled, but got %q", f.State)
	}
	if f.WithIncidents {
		w.add("incidents > 0")
	}
	for _, n := range f.Variables.Names() {
		raw, err := jsonOf(f.Variables[n])
		if err != nil {
			return nil, err
		}
		w.add("id IN (SELECT v.instance_id FROM "+qualify(q.schema, "variables")+
			" v WHERE v.name = %s AND jsonb_hash_extended(v.value, 0) = jsonb_hash_extended(%s::text::jsonb, 0) AND v.value = %s::text::jsonb)",
			shorten(n), string(raw), string(raw))
	}
	return page(ctx, q, instanceSource(), &w, pg)
}

// InstanceDetail is an instance with all that belongs to it.
type InstanceDetail struct {
	Instance
	Variables     []Variable     `json:"variables"`
	Elements      []Element      `json:"elements"`
	Jobs          []Job          `json:"jobs"`
	UserTasks     []UserTask     `json:"user_tasks"`
	Incidents     []Incident     `json:"incidents"`
	Timers        []Timer        `json:"timers"`
	Subscriptions []Subscription `json:"message_subscriptions"`
	Decisions     []Evaluation   `json:"decision_evaluations"`
	Children      []Instance     `json:"children"`
}

// RootVariables returns the variables of the instance's root scope by name.
func (d *InstanceDetail) RootVariables() map[string]json.RawMessage {
	out := map[string]json.RawMessage{}
	for _, v := range d.Variables {
		if v.Scope == 1 {
			out[v.Name] = v.Value
		}
	}
	return out
}

func elementSource() source[Element] {
	return source[Element]{
		table: "element_instances", columns: elementColumns(), fields: (*Element).fields, key: []string{"instance_id", "key"},
		finish: func(r *Element) error {
			r.ID = joinID(r.InstanceID, r.Key)
			return nil
		},
	}
}

func variableSource() source[Variable] {
	return source[Variable]{
		table: "variables", columns: variableColumns(), fields: (*Variable).fields, key: []string{"instance_id", "scope", "name"},
		finish: func(r *Variable) (err error) {
			r.Value, err = unescapeJSON(r.Value)
			return err
		},
	}
}

func timerSource() source[Timer] {
	return source[Timer]{
		table: "timers", columns: timerColumns(), fields: (*Timer).fields, key: []string{"instance_id", "key"},
		finish: func(r *Timer) error {
			r.ID = joinID(r.InstanceID, r.Key)
			return nil
		},
	}
}

func subscriptionSource() source[Subscription] {
	return source[Subscription]{
		table: "message_subscriptions", columns: subscriptionColumns(), fields: (*Subscription).fields, key: []string{"instance_id", "key"},
		finish: func(r *Subscription) error {
			r.ID = joinID(r.InstanceID, r.Key)
			return nil
		},
	}
}

func joinID(instance string, key int64) string { return ids.Join(ids.Instance(instance), ids.Key(key)) }

// Instance returns one instance with all that belongs to it, all at one moment;
// [CodeNotFound] if there is none.
func (q *Queries) Instance(ctx context.Context, id ids.Instance) (*InstanceDetail, error) {
	d := &InstanceDetail{}
	// One snapshot, so that the parts fit together.
	err := pgx.BeginTxFunc(ctx, q.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		in, err := all(ctx, tx, q.schema, instanceSource(), one("id", id))
		if err != nil {
			return err
		}
		if len(in) == 0 {
			return notFound("instance", string(id))
		}
		d.Instance = in[0]
		if d.Variables, err = all(ctx, tx, q.schema, variableSource(), one("instance_id", id)); err != nil {
			return err
		}
		if d.Elements, err = all(ctx, tx, q.schema, elementSource(), one("instance_id", id)); err != nil {
			return err
		}
		if d.Jobs, err = all(ctx, tx, q.schema, jobSource(), one("instance_id", id)); err != nil {
			return err
		}
		if d.UserTasks, err = all(ctx, tx, q.schema, userTaskSource(), one("instance_id", id)); err != nil {
			return err
		}
		if d.Incidents, err = all(ctx, tx, q.schema, incidentSource(), one("instance_id", id)); err != nil {
			return err
		}
		if d.Timers, err = all(ctx, tx, q.schema, timerSource(), one("instance_id", id)); err != nil {
			return err
		}
		if d.Subscriptions, err = all(ctx, tx, q.schema, subscriptionSource(), one("instance_id", id)); err != nil {
			return err
		}
		if d.Decisions, err = all(ctx, tx, q.schema, evaluationSource(), one("instance_id", id)); err != nil {
			return err
		}
		children := one("parent", id)
		children.add("parent <> ''") // for the partial index
		d.Children, err = all(ctx, tx, q.schema, instanceSource(), children)
		return err
	})
	if err != nil {
		return nil, err
	}
	return d, nil
}

func one(column string, id ids.Instance) *where {
	var w where
	w.add(column+" = %s", string(id))
	return &w
}

// InstanceCounts counts instances by process, version and state.
type InstanceCounts struct {
	ProcessID string `json:"process_id"`
	Version   int64  `json:"version"`
	State     string `json:"state"`
	Instances int64  `json:"instances"`
	Incidents int64  `json:"incidents"` // open ones
}

// InstanceCounts counts the instances of a tenant; an empty tenant is all.
func (q *Queries) InstanceCounts(ctx context.Context, tenant string) ([]InstanceCounts, error) {
	var w where
	w.equal("tenant", tenant)
	s := source[InstanceCounts]{table: "instances", fields: func(r *InstanceCounts) []any {
		return []any{(*name)(&r.ProcessID), &r.Version, &r.State, &r.Instances, &r.Incidents}
	}}
	return read(ctx, q.pool, s, fmt.Sprintf("SELECT process_id, version, state, count(*), sum(incidents)::bigint FROM %s WHERE %s GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
		qualify(q.schema, "instances"), w.String()), w.args...)
}
