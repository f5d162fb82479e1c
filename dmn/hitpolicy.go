package dmn

import (
	"fmt"
	"sort"
	"strings"

	"github.com/weir-bpm/weir/expression/feel"
)

// choose applies the hit policy to the rules that matched: it orders them and
// drops those that do not count. A failure says how they contradict the policy.
func (t *table) choose(hits []int, rows [][]feel.Value) ([]int, [][]feel.Value, string) {
	switch t.hit {
	case hitUnique:
		if len(hits) > 1 {
			return hits, rows, fmt.Sprintf("Hit policy UNIQUE allows one matching rule, but rules %s match.", ruleNumbers(hits))
		}
	case hitAny:
		for i := 1; i < len(rows); i++ {
			if !sameRow(rows[0], rows[i]) {
				return hits, rows, fmt.Sprintf("Hit policy ANY needs equal outputs, but those of rules %d and %d differ.", hits[0]+1, hits[i]+1)
			}
		}
		if len(hits) > 1 {
			hits, rows = hits[:1], rows[:1]
		}
	case hitPriority:
		if len(hits) > 1 {
			hits, rows = t.byPriority(hits, rows)
			hits, rows = hits[:1], rows[:1]
		}
	case hitOutputOrder:
		hits, rows = t.byPriority(hits, rows)
	case hitFirst, hitRuleOrder, hitCollect:
	}
	return hits, rows, ""
}

func ruleNumbers(hits []int) string {
	s := make([]string, len(hits))
	for i, h := range hits {
		s[i] = fmt.Sprint(h + 1)
	}
	return strings.Join(s, ", ")
}

func sameRow(a, b []feel.Value) bool {
	for i := range a {
		if !feel.Equal(a[i], b[i]).IsTrue() {
			return false
		}
	}
	return true
}

// byPriority sorts matches by the order of the output values, the first output
// counting most; equal ones keep the order of the rules (DMN 1.5, 8.2.11).
func (t *table) byPriority(hits []int, rows [][]feel.Value) ([]int, [][]feel.Value) {
	rank := make([][]int, len(rows))
	order := make([]int, len(rows))
	for i, row := range rows {
		order[i] = i
		rank[i] = make([]int, len(row))
		for j, v := range row {
			rank[i][j] = t.outputs[j].rank(v)
		}
	}
	sort.SliceStable(order, func(a, b int) bool {
		x, y := rank[order[a]], rank[order[b]]
		for j := range x {
			if x[j] != y[j] {
				return x[j] < y[j]
			}
		}
		return false
	})
	sortedHits, sortedRows := make([]int, len(hits)), make([][]feel.Value, len(rows))
	for i, o := range order {
		sortedHits[i], sortedRows[i] = hits[o], rows[o]
	}
	return sortedHits, sortedRows
}

// rank is the place of a value among the output values, after all of them if it
// is none; outputs without an order do not count.
func (o *tableOutput) rank(v feel.Value) int {
	for i, w := range o.order {
		if feel.Equal(v, w).IsTrue() {
			return i
		}
	}
	return len(o.order)
}

// result makes the value of the table of the rules that count.
func (t *table) result(f *frame, rows [][]feel.Value) (feel.Value, error) {
	if !t.hit.multi() {
		return t.value(rows[0]), nil
	}
	if t.agg == aggregateCount {
		return feel.Int(int64(len(rows))), nil
	}
	items := make([]feel.Value, len(rows))
	for i, row := range rows {
		items[i] = t.value(row)
	}
	list := feel.List(items...)
	if t.agg == aggregateNone {
		return list, nil
	}
	return t.aggregate(f, list)
}

func (t *table) aggregate(f *frame, list feel.Value) (feel.Value, error) {
	v, err := t.reduce.Eval(f.ctx.With(feel.Values{"values": list}))
	if err != nil {
		return feel.Null(), f.env.run.fault(t.id, err)
	}
	return v, nil
}

// noMatch gives the default outputs, or what the hit policy makes of no match:
// an empty list for COLLECT, 0 for its COUNT, else null (DMN 1.5, 8.2.12); see
// also Input.NoMatchIsNull.
func (t *table) noMatch(f *frame) (feel.Value, error) {
	if t.hasDefault {
		row := make([]feel.Value, len(t.outputs))
		for i := range t.outputs {
			v, err := t.output(f, i, t.outputs[i].def, t.outputs[i].id)
			if err != nil {
				return feel.Null(), err
			}
			row[i] = v
		}
		if f.env.run.asked == t {
			f.env.run.rows = [][]feel.Value{row}
		}
		if t.hit.multi() && t.agg == aggregateNone {
			return feel.List(t.value(row)), nil
		}
		return t.value(row), nil
	}
	switch {
	case f.env.run.in.NoMatchIsNull:
	case t.agg == aggregateCount:
		return feel.Int(0), nil
	case t.hit == hitCollect && t.agg == aggregateNone, t.camunda && t.hit.multi() && t.agg == aggregateNone:
		return feel.List(), nil
	}
	f.env.run.message(SeverityWarning, CodeNoMatch, t.id, "No rule matched and there is no default output; the result is null.")
	return feel.Null(), nil
}
