package projector

import (
	"encoding/json"
	"time"

	"github.com/weir-bpm/weir/events"
)

// Variable is a row of the table variables: the newest value in its scope. The
// variables of ended scopes and instances stay.
type Variable struct {
	InstanceID string          `json:"instance_id"`
	Scope      int64           `json:"scope"`
	Name       string          `json:"name"`
	Value      json.RawMessage `json:"value"`
	UpdatedAt  time.Time       `json:"updated_at"`
	Position   int64           `json:"position"`
}

func variableColumns() []string {
	return []string{"instance_id", "scope", "name", "value", "updated_at", "position"}
}

func (r *Variable) fields() []any {
	return []any{(*name)(&r.InstanceID), &r.Scope, (*name)(&r.Name), (*[]byte)(&r.Value), (*stamp)(&r.UpdatedAt), &r.Position}
}

// variableKey holds the name as its column does, since a shortened name cannot be
// made long again.
type variableKey struct {
	instance string
	scope    int64
	column   string
}

func newVariables() handler {
	return newRowset(tableDef[variableKey, Variable]{
		name:    "variables",
		kinds:   []events.Kind{"variables.set"},
		columns: variableColumns(),
		key:     []keyColumn{{"instance_id", "text"}, {"scope", "bigint"}, {"name", "text"}},
		keyArgs: func(keys []variableKey) []any {
			instances, scopes, names := make([]string, len(keys)), make([]int64, len(keys)), make([]string, len(keys))
			for i, k := range keys {
				instances[i], scopes[i], names[i] = k.instance, k.scope, k.column
			}
			return []any{instances, scopes, names}
		},
		keyOf: func(r *Variable) variableKey {
			return variableKey{r.InstanceID, r.Scope, shorten(r.Name)}
		},
		fields:   (*Variable).fields,
		position: func(r *Variable) *int64 { return &r.Position },
		touch: func(at *moment, e events.Event, visit func(variableKey, verb)) {
			set, ok := e.(*events.VariablesSet)
			if !ok {
				return
			}
			for _, n := range set.Values.Names() {
				visit(variableKey{at.id(), int64(set.Scope), shorten(n)}, upserts)
			}
		},
		apply: func(at *moment, e events.Event, r *Variable, k variableKey) error {
			set, ok := e.(*events.VariablesSet)
			if !ok {
				return nil
			}
			for n, v := range set.Values {
				if shorten(n) != k.column {
					continue
				}
				value, err := jsonOf(v)
				if err != nil {
					return err
				}
				r.InstanceID, r.Scope, r.Name, r.Value, r.UpdatedAt = k.instance, k.scope, n, value, at.time()
			}
			return nil
		},
	})
}
