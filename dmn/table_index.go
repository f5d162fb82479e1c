package dmn

import "github.com/weir-bpm/weir/expression/feel"

// columnIndex answers for one input of a table which rules a string, or which a
// boolean, can match, where input entries are plain values of that kind. It
// saves evaluating them one by one; entries of any other kind, and inputs of
// any other kind, are evaluated as ever, so that the index changes no result.
type columnIndex struct {
	input   int
	kind    feel.Kind // of entries and input: string or boolean
	strings map[string]ruleSet
	bools   [2]ruleSet // of false and true
	// others are the rules with no such entry in the column.
	others ruleSet
}

// ruleSet is a set of rules, one bit each.
type ruleSet []uint64

func (s ruleSet) add(rule int) { s[rule/64] |= 1 << (rule % 64) }

func (s ruleSet) has(rule int) bool { return s[rule/64]&(1<<(rule%64)) != 0 }

const (
	// indexFrom is the number of rules from which an index is worth its cost.
	indexFrom = 8
	// indexWords bounds the size of the index of one column.
	indexWords = 1 << 17
)

// buildIndex makes the indexes of a table and marks the entries they answer
// for. literals are the values of the entries that are plain, by test.
func (t *table) buildIndex(literals map[int][]feel.Value) {
	if len(t.rules) < indexFrom {
		return
	}
	for input := range t.inputs {
		for _, kind := range []feel.Kind{feel.KindString, feel.KindBool} {
			t.indexColumn(input, kind, literals)
		}
	}
}

func (t *table) indexColumn(input int, kind feel.Kind, literals map[int][]feel.Value) {
	words := (len(t.rules) + 63) / 64
	ix := columnIndex{input: input, kind: kind, strings: map[string]ruleSet{}, others: make(ruleSet, words)}
	ix.bools[0], ix.bools[1] = make(ruleSet, words), make(ruleSet, words)
	var cells []*cell
	for i := range t.rules {
		c := t.rules[i].cell(input)
		if c == nil || literals[c.test] == nil || literals[c.test][0].Kind() != kind {
			ix.others.add(i)
			continue
		}
		cells = append(cells, c)
		for _, v := range literals[c.test] {
			ix.add(v, i, words)
		}
	}
	if len(cells) == 0 || len(ix.strings)*words > indexWords {
		return
	}
	for _, c := range cells {
		c.indexed = kind
	}
	t.index = append(t.index, ix)
}

func (ix *columnIndex) add(v feel.Value, rule, words int) {
	if s, ok := v.AsString(); ok {
		set := ix.strings[s]
		if set == nil {
			set = make(ruleSet, words)
			ix.strings[s] = set
		}
		set.add(rule)
		return
	}
	if v.IsTrue() {
		ix.bools[1].add(rule)
	} else {
		ix.bools[0].add(rule)
	}
}

func (r *tableRule) cell(input int) *cell {
	for i := range r.cells {
		if r.cells[i].input == input {
			return &r.cells[i]
		}
	}
	return nil
}

// candidates narrows the rules to those that the indexed columns let through.
// answered tells for each input the kind of entries that the index spoke for;
// nil, and all rules, if none.
func (t *table) candidates(inputs []feel.Value) (rules ruleSet, answered []feel.Kind) {
	for i := range t.index {
		ix := &t.index[i]
		v := inputs[ix.input]
		if v.Kind() != ix.kind {
			continue
		}
		var match ruleSet
		if s, ok := v.AsString(); ok {
			match = ix.strings[s]
		} else if match = ix.bools[0]; v.IsTrue() {
			match = ix.bools[1]
		}
		if answered == nil {
			answered = make([]feel.Kind, len(inputs))
			rules = make(ruleSet, len(ix.others))
			for w := range rules {
				rules[w] = ^uint64(0)
			}
		}
		answered[ix.input] = ix.kind
		for w := range rules {
			bits := ix.others[w]
			if match != nil {
				bits |= match[w]
			}
			rules[w] &= bits
		}
	}
	return rules, answered
}

// literalEntry gives the values of an input entry that is a plain list of
// strings or of booleans, nil for any other entry.
func (b *builder) literalEntry(text string) []feel.Value {
	e, err := feel.Compile("["+text+"]", feel.CompileOptions{Dialect: b.model.feelDialect()})
	if err != nil || !e.Constant() {
		return nil
	}
	v, err := e.Eval(&feel.EvalContext{Limits: feel.Limits{Warnings: -1}})
	if err != nil || v.Kind() != feel.KindList || v.Len() == 0 {
		return nil
	}
	kind := v.At(0).Kind()
	if kind != feel.KindString && kind != feel.KindBool {
		return nil
	}
	for _, item := range v.Items() {
		if item.Kind() != kind {
			return nil
		}
	}
	return v.Items()
}
