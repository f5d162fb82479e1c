package dmn

import (
	"strings"

	"github.com/weir-bpm/weir/expression/feel"
)

var hitPolicies = map[string]hitPolicy{
	"": hitUnique, "UNIQUE": hitUnique, "ANY": hitAny, "PRIORITY": hitPriority, "FIRST": hitFirst,
	"RULE ORDER": hitRuleOrder, "OUTPUT ORDER": hitOutputOrder, "COLLECT": hitCollect,
}

var aggregations = map[string]aggregation{
	"": aggregateNone, "SUM": aggregateSum, "MIN": aggregateMin, "MAX": aggregateMax, "COUNT": aggregateCount,
}

// reducers are the FEEL functions that aggregate.
var reducers = map[aggregation]string{
	aggregateSum: "sum(values)", aggregateMin: "min(values)", aggregateMax: "max(values)",
}

// table compiles a decision table; nil after a problem.
//
// The type of the result, if known, orders the outputs that list no values.
func (b *builder) table(n *node, s *scope, result *dataType) *table {
	before := b.failed
	if own := b.model.types.ref(n.attr("typeRef"), n); own != nil {
		result = own
	}
	t := &table{id: n.label(), camunda: b.model.dialect == DialectCamunda}
	b.tablePolicy(t, n)
	for _, in := range n.all("input") {
		b.tableInput(t, in, s)
	}
	outputs := n.all("output")
	for _, out := range outputs {
		b.tableOutput(t, out, len(outputs) > 1, result, s)
	}
	if len(outputs) == 0 {
		b.fail(CodeIncomplete, n, "The decision table has no output; add one.")
		return nil
	}
	if t.agg != aggregateNone && t.agg != aggregateCount && len(t.outputs) > 1 {
		b.fail(CodeAggregation, n, "Aggregation %s needs a table with one output, but there are %d; collect without aggregation, or split the table.", t.agg, len(t.outputs))
	}
	b.tableOrder(t, n)
	if t.camunda {
		t.cellInput = true
		t.columnNames = append(t.columnNames, "cellInput")
	}
	column := s.child(t.columnNames, make([]*dataType, len(t.columnNames)))
	b.tableRules(t, n, s, column)
	if t.cellInput && !b.readsCellInput(t) {
		t.cellInput = false
		t.columnNames = t.columnNames[:len(t.columnNames)-1]
	}
	if b.failed > before {
		return nil
	}
	return t
}

// readsCellInput tells whether an entry may read the variable cellInput, which
// has to be kept up to date only then.
func (b *builder) readsCellInput(t *table) bool {
	for _, r := range t.rules {
		for _, c := range r.cells {
			e, ok := c.eval.(*feel.Expression)
			if !ok || contains(e.Variables(), "cellInput") {
				return true
			}
		}
	}
	return false
}

func (b *builder) tablePolicy(t *table, n *node) {
	var ok bool
	policy := strings.ToUpper(n.attr("hitPolicy"))
	if t.hit, ok = hitPolicies[policy]; !ok {
		b.fail(CodeHitPolicy, n, "Hit policy %q is not known; use UNIQUE, ANY, PRIORITY, FIRST, RULE ORDER, OUTPUT ORDER or COLLECT.", policy)
	}
	agg := strings.ToUpper(n.attr("aggregation"))
	if t.agg, ok = aggregations[agg]; !ok {
		b.fail(CodeAggregation, n, "Aggregation %q is not known; use SUM, MIN, MAX or COUNT.", agg)
	}
	if t.agg != aggregateNone && t.hit != hitCollect {
		b.fail(CodeAggregation, n, "Aggregation %s needs hit policy COLLECT, but the table has %s; change one of them.", t.agg, t.hit)
	}
	if text, ok := reducers[t.agg]; ok {
		e, err := feel.Compile(text, feel.CompileOptions{Names: []feel.Name{{Name: "values"}}})
		if err != nil {
			b.fail(CodeAggregation, n, "Aggregation %s can not be compiled: %v.", t.agg, err)
			return
		}
		t.reduce = e
	}
}

func (b *builder) tableInput(t *table, n *node, s *scope) {
	in := tableInput{id: n.label(), label: n.attr("label"), variable: b.columnVariable(t, n)}
	e := n.child("inputExpression")
	text := ""
	if e != nil {
		text = e.childText("text")
		in.typ = b.model.types.ref(e.attr("typeRef"), e)
	}
	switch {
	case text != "":
		if ev := b.compile(e, e, text, s, false); ev != nil {
			in.value = ev
		}
	case t.camunda:
		// The Camunda Modeler writes inputs without expression; they are null.
		b.p.warnf(CodeIncomplete, n, "The input has no expression and is null; give it one.")
	default:
		b.fail(CodeIncomplete, n, "The input has no expression; give it an inputExpression with a text.")
	}
	if in.label == "" {
		in.label = text
	}
	if v := n.child("inputValues"); v != nil {
		in.allowed = b.allowedValues(v, s)
	}
	t.inputs = append(t.inputs, in)
}

// allowedValues compiles inputValues or outputValues; nil if there are none.
func (b *builder) allowedValues(n *node, s *scope) Evaluator {
	text := n.childText("text")
	if text == "" || text == "-" {
		return nil
	}
	if ev := b.compile(n, n, text, s, true); ev != nil {
		return ev
	}
	return nil
}

func (b *builder) tableOutput(t *table, n *node, several bool, result *dataType, s *scope) {
	o := tableOutput{id: n.label(), name: normalName(n.attr("name"))}
	if several && o.name == "" {
		b.fail(CodeMissingName, n, "The output has no name; each of several outputs needs one.")
	}
	for _, other := range t.outputs {
		if several && other.name == o.name {
			b.fail(CodeDuplicateName, n, "There are two outputs named %q; rename one.", o.name)
		}
	}
	o.typ = b.model.types.ref(n.attr("typeRef"), n)
	if e := o.typ.element(); e != nil && t.hit.multi() && t.agg == aggregateNone {
		o.typ = e // some tools give the type of the whole result
	}
	if v := n.child("outputValues"); v != nil {
		o.allowed = b.allowedValues(v, s)
		o.order = b.valueList(v, v.childText("text"))
	} else {
		typ := o.typ
		if typ == nil && several {
			typ = result.component(o.name)
		} else if typ == nil {
			typ = result
		}
		o.order = b.valueList(n, typ.allowedText())
	}
	if d := n.child("defaultOutputEntry"); d != nil {
		if text := d.childText("text"); text != "" {
			if ev := b.compile(d, d, text, s, false); ev != nil {
				o.def, t.hasDefault = ev, true
			}
		}
	}
	t.outputs = append(t.outputs, o)
}

// valueList evaluates output values as a list, for their order. Tests that are
// no values, such as ranges of numbers, simply equal no output.
func (b *builder) valueList(n *node, text string) []feel.Value {
	if text == "" || b.languageOf(n) != "" {
		return nil
	}
	e, err := feel.Compile("["+text+"]", feel.CompileOptions{Dialect: b.model.feelDialect(), Types: b.model.types.byName})
	if err != nil {
		return nil // unary tests without a meaning as values
	}
	v, err := e.Eval(&feel.EvalContext{})
	if err != nil {
		return nil
	}
	return v.Items()
}

// tableOrder checks that the hit policies that rank outputs have a ranking.
func (b *builder) tableOrder(t *table, n *node) {
	if t.hit != hitPriority && t.hit != hitOutputOrder {
		return
	}
	for _, o := range t.outputs {
		if len(o.order) > 0 {
			return
		}
	}
	b.fail(CodeOutputValues, n, "Hit policy %s ranks by output values, but no output lists them; add outputValues in order of priority.", t.hit)
}

func (b *builder) tableRules(t *table, n *node, s, column *scope) {
	type key struct {
		input          int
		text, language string
	}
	seen := map[key]cell{}
	literals := map[int][]feel.Value{} // by test
	for i, rn := range n.all("rule") {
		r := tableRule{id: rn.attr("id")}
		if r.id == "" {
			r.id = t.id
		}
		entries := rn.all("inputEntry")
		if len(entries) != len(t.inputs) {
			b.fail(CodeRuleWidth, rn, "Rule %d has %d input entries, but the table %d inputs; give it one per input.", i+1, len(entries), len(t.inputs))
		}
		for j, en := range entries {
			text := en.childText("text")
			if b.flowable && strings.HasPrefix(text, "==") {
				text = text[1:] // Flowable writes == where FEEL has =
			}
			if text == "" || text == "-" || j >= len(t.inputs) {
				continue
			}
			k := key{j, text, en.attr("expressionLanguage")}
			c, ok := seen[k]
			if !ok {
				ev := b.compile(en, en, text, column, true)
				if ev == nil {
					continue
				}
				c = cell{input: j, test: t.tests, eval: ev}
				t.tests++
				if _, ok := ev.(*feel.Expression); ok {
					if c.whole = integerEntry(text); c.whole == nil {
						literals[c.test] = b.literalEntry(text)
					}
				}
				seen[k] = c
			}
			r.cells = append(r.cells, c)
		}
		b.ruleOutputs(t, &r, rn, i, s)
		for _, a := range rn.all("annotationEntry") {
			r.annotations = append(r.annotations, a.childText("text"))
		}
		t.rules = append(t.rules, r)
	}
	t.buildIndex(literals)
}

func (b *builder) ruleOutputs(t *table, r *tableRule, rn *node, i int, s *scope) {
	entries := rn.all("outputEntry")
	if len(entries) != len(t.outputs) {
		b.fail(CodeRuleWidth, rn, "Rule %d has %d output entries, but the table %d outputs; give it one per output.", i+1, len(entries), len(t.outputs))
	}
	for _, en := range entries {
		var ev Evaluator
		if text := en.childText("text"); text != "" && text != "-" {
			ev = b.compile(en, en, text, s, false)
		}
		r.outputs = append(r.outputs, ev)
	}
}
