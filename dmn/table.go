package dmn

import (
	"strings"

	"github.com/weir-bpm/weir/expression/feel"
)

// hitPolicy is the hit policy of a decision table (DMN 1.5, 8.2.11).
type hitPolicy string

const (
	hitUnique      hitPolicy = "UNIQUE"
	hitAny         hitPolicy = "ANY"
	hitPriority    hitPolicy = "PRIORITY"
	hitFirst       hitPolicy = "FIRST"
	hitRuleOrder   hitPolicy = "RULE ORDER"
	hitOutputOrder hitPolicy = "OUTPUT ORDER"
	hitCollect     hitPolicy = "COLLECT"
)

// multi tells whether the policy gives a list of all matches.
func (h hitPolicy) multi() bool {
	switch h {
	case hitRuleOrder, hitOutputOrder, hitCollect:
		return true
	case hitUnique, hitAny, hitPriority, hitFirst:
	}
	return false
}

// aggregation is what COLLECT does with the matches; "" lists them.
type aggregation string

const (
	aggregateNone  aggregation = ""
	aggregateSum   aggregation = "SUM"
	aggregateMin   aggregation = "MIN"
	aggregateMax   aggregation = "MAX"
	aggregateCount aggregation = "COUNT"
)

// table is a compiled decision table (DMN 1.5, 8 and 10.3.2.10).
type table struct {
	id      string
	hit     hitPolicy
	agg     aggregation
	reduce  Evaluator // of a list named "values", for SUM, MIN and MAX
	inputs  []tableInput
	outputs []tableOutput
	rules   []tableRule
	// hasDefault tells that an output has a default entry.
	hasDefault bool
	camunda    bool
	// columnNames are the variables that input entries see besides the scope:
	// camunda:inputVariable of each input, and cellInput.
	columnNames []string
	cellInput   bool
	tests       int // distinct input entries
	index       []columnIndex
}

type tableInput struct {
	id       string
	label    string
	value    Evaluator // nil: no expression, null
	typ      *dataType
	allowed  Evaluator
	variable int // index in columnNames, -1 if none
}

type tableOutput struct {
	id      string
	name    string
	typ     *dataType
	allowed Evaluator
	order   []feel.Value
	def     Evaluator
}

type tableRule struct {
	id          string
	cells       []cell
	outputs     []Evaluator // nil: null
	annotations []string
}

// cell is an input entry that does not match everything. Entries of a column
// with the same text share a test, which is made once per evaluation.
type cell struct {
	input   int
	test    int
	indexed feel.Kind // an index answers for it when the input is of this kind
	whole   *integers // what it says of integers, nil if it is of another kind
	eval    Evaluator
}

// result of a test, kept during an evaluation.
const (
	testOpen uint8 = iota
	testTrue
	testFalse
)

// match finds the rules that match. It stops at the first one if that is all
// the hit policy asks for.
func (t *table) match(f *frame, inputs []feel.Value) ([]int, error) {
	var hits []int
	var kept [64]uint8
	done := kept[:]
	if t.tests > len(kept) {
		done = make([]uint8, t.tests)
	}
	candidates, answered := t.candidates(inputs)
	for i := range t.rules {
		if answered != nil && !candidates.has(i) {
			continue
		}
		ok, err := t.matches(f, &t.rules[i], inputs, answered, done)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		hits = append(hits, i)
		if t.hit == hitFirst {
			break
		}
	}
	return hits, nil
}

func (t *table) matches(f *frame, r *tableRule, inputs []feel.Value, answered []feel.Kind, done []uint8) (bool, error) {
	for i := range r.cells {
		c := &r.cells[i]
		if c.indexed != feel.KindNull && answered != nil && answered[c.input] == c.indexed {
			continue
		}
		if c.whole != nil {
			if met, known := c.whole.decide(inputs[c.input]); known {
				if !met {
					return false, nil
				}
				continue
			}
		}
		state := done[c.test]
		if state == testOpen {
			f.ctx.Input = inputs[c.input]
			if t.cellInput {
				f.vals[len(f.vals)-1] = inputs[c.input]
			}
			v, err := c.eval.Eval(f.ctx)
			if err != nil {
				return false, f.env.run.fault(r.id, err)
			}
			state = testFalse
			if v.IsTrue() {
				state = testTrue
			}
			done[c.test] = state
		}
		if state != testTrue {
			return false, nil
		}
	}
	return true, nil
}

// eval evaluates the table.
func (t *table) eval(f *frame) (feel.Value, error) {
	run := f.env.run
	tr := run.beginTable(t)
	inputs, ok, err := t.inputValues(f)
	if err != nil {
		return feel.Null(), err
	}
	if tr != nil {
		tr.inputs = inputs
	}
	if !ok {
		return feel.Null(), nil
	}
	g := f
	if len(t.columnNames) > 0 {
		g = f.child(t.columnNames, make([]feel.Value, len(t.columnNames)))
		for i, in := range t.inputs {
			if in.variable >= 0 {
				g.vals[in.variable] = inputs[i]
			}
		}
	}
	hits, err := t.match(g, inputs)
	if err != nil {
		return feel.Null(), err
	}
	f.ctx.Input = feel.Null() // ? means nothing in outputs
	rows := make([][]feel.Value, len(hits))
	for i, hit := range hits {
		if rows[i], err = t.row(f, hit); err != nil {
			return feel.Null(), err
		}
	}
	all := hits
	hits, rows, failure := t.choose(hits, rows)
	if tr != nil {
		tr.all, tr.hits, tr.rows = all, hits, rows
	}
	if run.asked == t {
		run.rows = rows
	}
	if failure != "" {
		return feel.Null(), f.env.violation(CodeHitViolation, t.id, "%s", failure)
	}
	if len(rows) == 0 {
		return t.noMatch(f)
	}
	return t.result(f, rows)
}

// inputValues evaluates the input expressions; ok is false when a value is not
// allowed, which makes the result null.
func (t *table) inputValues(f *frame) (values []feel.Value, ok bool, err error) {
	values = make([]feel.Value, len(t.inputs))
	ok = true
	for i := range t.inputs {
		in := &t.inputs[i]
		if in.value == nil {
			continue
		}
		v, err := in.value.Eval(f.ctx)
		if err != nil {
			return nil, false, f.env.run.fault(in.id, err)
		}
		if in.typ != nil {
			v = f.env.conform(in.typ, v, CodeInputType, in.id, "input", in.label)
		}
		values[i] = v
		if in.allowed == nil {
			continue
		}
		good, err := t.allowed(f, in.allowed, v)
		if err != nil {
			return nil, false, f.env.run.fault(in.id, err)
		}
		switch {
		case good:
		case t.camunda:
			f.env.run.message(SeverityWarning, CodeInputValue, in.id, "The value of input %s is %s, which is not among its predefined values.", in.label, show(v))
		default:
			ok = false
			f.env.run.message(SeverityError, CodeInputValue, in.id, "The value of input %s is %s, which is not among its input values; the result is null.", in.label, show(v))
		}
	}
	return values, ok, nil
}

// allowed tells whether unary tests hold for a value, or for every item of a
// list when they do not hold for the list as such.
func (t *table) allowed(f *frame, tests Evaluator, v feel.Value) (bool, error) {
	f.ctx.Input = v
	r, err := tests.Eval(f.ctx)
	if err != nil || r.IsTrue() || v.Kind() != feel.KindList {
		return r.IsTrue(), err
	}
	for _, item := range v.Items() {
		f.ctx.Input = item
		if r, err = tests.Eval(f.ctx); err != nil || !r.IsTrue() {
			return false, err
		}
	}
	return true, nil
}

// row evaluates the outputs of a rule.
func (t *table) row(f *frame, rule int) ([]feel.Value, error) {
	out := make([]feel.Value, len(t.outputs))
	r := &t.rules[rule]
	for i, e := range r.outputs {
		v, err := t.output(f, i, e, r.id)
		if err != nil {
			return nil, err
		}
		out[i] = v
	}
	return out, nil
}

func (t *table) output(f *frame, i int, e Evaluator, id string) (feel.Value, error) {
	if e == nil {
		return feel.Null(), nil
	}
	v, err := e.Eval(f.ctx)
	if err != nil {
		return feel.Null(), f.env.run.fault(id, err)
	}
	o := &t.outputs[i]
	if o.typ != nil {
		v = f.env.conform(o.typ, v, CodeResultType, id, "output", o.label())
	}
	if o.allowed == nil || v.IsNull() {
		return v, nil
	}
	good, err := t.allowed(f, o.allowed, v)
	if err != nil {
		return feel.Null(), f.env.run.fault(id, err)
	}
	switch {
	case good:
	case t.camunda:
		f.env.run.message(SeverityWarning, CodeOutputValue, id, "The output %s is %s, which is not among its predefined values.", o.label(), show(v))
	default:
		f.env.run.message(SeverityError, CodeOutputValue, id, "The output %s is %s, which is not among its output values; null was taken.", o.label(), show(v))
		return feel.Null(), nil
	}
	return v, nil
}

func (o *tableOutput) label() string {
	if o.name != "" {
		return o.name
	}
	return o.id
}

// value makes one result of the outputs of a rule: the output itself, or a
// context of them (DMN 1.5, 8.2.7).
func (t *table) value(row []feel.Value) feel.Value {
	if len(t.outputs) == 1 {
		return row[0]
	}
	c := feel.NewContext(len(row))
	for i, v := range row {
		c.Set(t.outputs[i].name, v)
	}
	return c.Value()
}

// columnVariable notes the camunda:inputVariable of an input and gives its index
// in columnNames, or -1.
func (b *builder) columnVariable(t *table, n *node) int {
	if b.model.dialect != DialectCamunda {
		return -1
	}
	for _, a := range n.attrs {
		if a.Name.Local == "inputVariable" && strings.HasPrefix(a.Name.Space, camundaNamespace) && a.Value != "" {
			t.columnNames = append(t.columnNames, normalName(a.Value))
			return len(t.columnNames) - 1
		}
	}
	return -1
}
