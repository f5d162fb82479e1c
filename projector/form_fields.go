package projector

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/variables"
)

// fieldsJSON is the column for the fields of a form, nil for none.
func fieldsJSON(list []events.FormField) (json.RawMessage, error) {
	if len(list) == 0 {
		return nil, nil
	}
	out := make([]any, len(list))
	for i := range list {
		f := &list[i]
		field := map[string]any{"id": f.ID}
		for name, text := range map[string]string{
			"label": f.Label, "type": f.Type, "date_pattern": f.DatePattern, "variable": f.Variable, "min": f.Min, "max": f.Max,
		} {
			if text != "" {
				field[name] = text
			}
		}
		if f.Default != "" {
			v, err := variables.FromJSON([]byte(f.Default))
			if err != nil {
				return nil, &Error{Code: CodeInconsistent, Op: "read the default of field " + f.ID, Err: err}
			}
			field["default"] = v
		}
		if f.Required {
			field["required"] = true
		}
		if f.ReadOnly {
			field["readonly"] = true
		}
		for name, n := range map[string]*int{"minlength": f.MinLength, "maxlength": f.MaxLength} {
			if n != nil {
				field[name] = int64(*n)
			}
		}
		if len(f.Values) > 0 {
			values := make([]any, len(f.Values))
			for j, v := range f.Values {
				values[j] = map[string]any{"id": v.ID, "name": v.Name}
			}
			field["values"] = values
		}
		out[i] = field
	}
	return jsonOf(out)
}

// TaskDetail is a user task with the values of its form.
type TaskDetail struct {
	UserTask
	// Values are those of the fields by id: the variable that the task sees, else
	// the default; a field without either is left out.
	Values map[string]json.RawMessage `json:"values,omitempty"`
}

// UserTask returns a user task with the fields of its form and their values.
// [CodeNotFound] if there is no such task.
func (q *Queries) UserTask(ctx context.Context, id string) (*TaskDetail, error) {
	instance, key, err := ids.Split(id)
	if err != nil {
		return nil, &Error{Code: CodeInvalid, Op: "query user task", Err: err}
	}
	var w where
	w.add("instance_id = %s", string(instance))
	w.add("key = %s", int64(key))
	list, err := all(ctx, q.pool, q.schema, userTaskSource(), &w)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, notFound("user task", id)
	}
	detail := &TaskDetail{UserTask: list[0]}
	if len(detail.Fields) == 0 {
		return detail, nil
	}
	var fields []struct {
		ID       string          `json:"id"`
		Variable string          `json:"variable"`
		Default  json.RawMessage `json:"default"`
	}
	if err := json.Unmarshal(detail.Fields, &fields); err != nil {
		return nil, fmt.Errorf("read the fields of task %s: %w", id, err)
	}
	seen, err := q.visible(ctx, string(instance), detail.Element)
	if err != nil {
		return nil, err
	}
	detail.Values = map[string]json.RawMessage{}
	for _, f := range fields {
		name := f.Variable
		if name == "" {
			name = f.ID
		}
		value, ok := seen[shorten(name)]
		if !ok {
			value = f.Default
		}
		if value != nil {
			detail.Values[f.ID] = value
		}
	}
	return detail, nil
}

// visible returns the variables that an element instance sees, the nearest of each
// name, by the name's column.
func (q *Queries) visible(ctx context.Context, instance string, element int64) (map[string]json.RawMessage, error) {
	rows, err := q.pool.Query(ctx, `WITH RECURSIVE up (scope, depth) AS (
			SELECT $2::bigint, 0
			UNION ALL
			SELECT e.scope, up.depth + 1 FROM up JOIN `+qualify(q.schema, "element_instances")+` e ON e.instance_id = $1 AND e.key = up.scope)
		SELECT DISTINCT ON (v.name) v.name, v.value::text FROM up JOIN `+qualify(q.schema, "variables")+` v ON v.instance_id = $1 AND v.scope = up.scope
		ORDER BY v.name, up.depth`, instance, element)
	if err != nil {
		return nil, fmt.Errorf("read what element %s sees: %w", instance+"-"+strconv.FormatInt(element, 10), err)
	}
	defer rows.Close()
	out := map[string]json.RawMessage{}
	for rows.Next() {
		var name, value string
		if err := rows.Scan(&name, &value); err != nil {
			return nil, err
		}
		if out[name], err = unescapeJSON(json.RawMessage(value)); err != nil {
			return nil, err
		}
	}
	return out, rows.Err()
}
