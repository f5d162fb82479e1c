package dmn

import (
	"bytes"
	"encoding/json"

	"github.com/weir-bpm/weir/expression/feel"
)

// Trace tells how a result came about: every decision that was evaluated, in
// the order in which they were finished. It marshals to JSON.
type Trace struct {
	Decisions []*DecisionTrace `json:"decisions"`
}

// DecisionTrace is the evaluation of one decision.
type DecisionTrace struct {
	ID    string
	Name  string
	Model string // namespace
	// Inputs are the values of what the decision requires.
	Inputs []NamedValue
	Output feel.Value
	Tables []*TableTrace
}

// NamedValue is a value with the name it goes by.
type NamedValue struct {
	Name  string
	Value feel.Value
}

// TableTrace is the evaluation of one decision table.
type TableTrace struct {
	table  *table
	inputs []feel.Value
	all    []int // rules that matched
	hits   []int // those that count, in the order of the result
	rows   [][]feel.Value
}

// ID is the id of the table.
func (t *TableTrace) ID() string { return t.table.id }

// HitPolicy is the hit policy of the table, such as "UNIQUE".
func (t *TableTrace) HitPolicy() string { return string(t.table.hit) }

// Aggregation is SUM, MIN, MAX or COUNT, or "" if the table does not aggregate.
func (t *TableTrace) Aggregation() string { return string(t.table.agg) }

// ColumnValue is the value of an input or output of a decision table.
type ColumnValue struct {
	ID    string // of the column
	Name  string // label of an input, name of an output
	Value feel.Value
}

// Inputs are the values of the inputs of the table.
func (t *TableTrace) Inputs() []ColumnValue {
	out := make([]ColumnValue, len(t.inputs))
	for i, v := range t.inputs {
		out[i] = ColumnValue{ID: t.table.inputs[i].id, Name: t.table.inputs[i].label, Value: v}
	}
	return out
}

// Matched are the numbers, from 1, of all rules that matched. With hit policy
// FIRST no rule after the first match is looked at.
func (t *TableTrace) Matched() []int {
	out := make([]int, len(t.all))
	for i, hit := range t.all {
		out[i] = hit + 1
	}
	return out
}

// MatchedRule is a rule that matched and counts for the result.
type MatchedRule struct {
	ID          string
	Number      int // from 1
	Outputs     []ColumnValue
	Annotations []string
}

// Rules are the rules that matched and count, in the order of the result. Those
// that the hit policy drops are in Matched only.
func (t *TableTrace) Rules() []MatchedRule {
	out := make([]MatchedRule, len(t.hits))
	for i, hit := range t.hits {
		r := &t.table.rules[hit]
		out[i] = MatchedRule{ID: r.id, Number: hit + 1, Annotations: r.annotations}
		for j, v := range t.rows[i] {
			o := &t.table.outputs[j]
			out[i].Outputs = append(out[i].Outputs, ColumnValue{ID: o.id, Name: o.name, Value: v})
		}
	}
	return out
}

func (r *run) beginDecision(d *Decision, vals []feel.Value) *DecisionTrace {
	if r.trace == nil {
		return nil
	}
	tr := &DecisionTrace{ID: d.id, Name: d.name, Model: d.model.namespace}
	tr.Inputs = make([]NamedValue, 0, len(d.groups))
	for i := range d.groups {
		if vals[i].Kind() != feel.KindFunction {
			tr.Inputs = append(tr.Inputs, NamedValue{d.scope.names[i], vals[i]})
		}
	}
	r.current = tr
	return tr
}

func (r *run) endDecision(tr, outer *DecisionTrace, v feel.Value) {
	if tr == nil {
		return
	}
	tr.Output = v
	r.trace.Decisions = append(r.trace.Decisions, tr)
	r.current = outer
}

// maxTables bounds the tables traced of one decision, which may evaluate a
// table for each item of a list.
const maxTables = 1000

func (r *run) beginTable(t *table) *TableTrace {
	if r.current == nil || len(r.current.Tables) >= maxTables {
		return nil
	}
	tr := &TableTrace{table: t}
	r.current.Tables = append(r.current.Tables, tr)
	return tr
}

// object writes a JSON object with its members in the order given.
type object struct {
	buf   bytes.Buffer
	count int
	err   error
}

func (o *object) raw(name, value string) {
	sep := byte(',')
	if o.count == 0 {
		sep = '{'
	}
	o.count++
	o.buf.WriteByte(sep)
	key, err := json.Marshal(name)
	if err != nil && o.err == nil {
		o.err = err
	}
	o.buf.Write(key)
	o.buf.WriteByte(':')
	o.buf.WriteString(value)
}

func (o *object) any(name string, v any) {
	b, err := json.Marshal(v)
	if err != nil && o.err == nil {
		o.err = err
	}
	o.raw(name, string(b))
}

func (o *object) value(name string, v feel.Value) { o.raw(name, v.JSON()) }

func (o *object) text(name, s string) {
	if s != "" {
		o.any(name, s)
	}
}

func (o *object) done() ([]byte, error) {
	if o.count == 0 {
		o.buf.WriteByte('{')
	}
	o.buf.WriteByte('}')
	return o.buf.Bytes(), o.err
}

// MarshalJSON gives result, messages and trace.
func (r *Result) MarshalJSON() ([]byte, error) {
	var o object
	o.value("result", r.Value)
	if len(r.Messages) > 0 {
		o.any("messages", r.Messages)
	}
	if r.Trace != nil {
		o.any("trace", r.Trace)
	}
	return o.done()
}

// MarshalJSON gives the evaluation of the decision.
func (d *DecisionTrace) MarshalJSON() ([]byte, error) {
	var o, in object
	o.any("id", d.ID)
	o.text("name", d.Name)
	o.text("model", d.Model)
	for _, v := range d.Inputs {
		in.value(v.Name, v.Value)
	}
	inputs, err := in.done()
	if err != nil {
		return nil, err
	}
	o.raw("inputs", string(inputs))
	o.value("output", d.Output)
	if len(d.Tables) > 0 {
		o.any("tables", d.Tables)
	}
	return o.done()
}

// MarshalJSON gives the evaluation of the table.
func (t *TableTrace) MarshalJSON() ([]byte, error) {
	var o object
	o.text("id", t.ID())
	o.any("hitPolicy", t.HitPolicy())
	o.text("aggregation", t.Aggregation())
	o.any("inputs", t.Inputs())
	o.any("matched", t.Matched())
	o.any("rules", t.Rules())
	return o.done()
}

// MarshalJSON gives the column and its value.
func (c ColumnValue) MarshalJSON() ([]byte, error) {
	var o object
	o.text("id", c.ID)
	o.text("name", c.Name)
	o.value("value", c.Value)
	return o.done()
}

// MarshalJSON gives the rule with its outputs.
func (r MatchedRule) MarshalJSON() ([]byte, error) {
	var o object
	o.text("id", r.ID)
	o.any("number", r.Number)
	o.any("outputs", r.Outputs)
	if len(r.Annotations) > 0 {
		o.any("annotations", r.Annotations)
	}
	return o.done()
}
