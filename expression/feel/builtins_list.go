package feel

import "slices"

func listBuiltins() []builtin {
	overItems := []string{"list:l", "c...:*"}
	return []builtin{
		{
			name: "list contains", sigs: []string{"list:l, element:*"},
			run: func(f *frame, a []Value, _ int) Value { return Bool(f.indexOf(a[0], a[1]) >= 0) },
			doc: "Whether the list has the element, which may be null.", example: `list contains([1,2,3], 2)`, result: `true`,
		},
		{
			name: "count", sigs: []string{"list:l"},
			run: func(_ *frame, a []Value, _ int) Value { return Int(int64(a[0].Len())) },
			doc: "The number of items.", example: `count([1, [2, 3]])`, result: `2`,
		},
		{
			name: "min", sigs: overItems, run: overList(extreme(-1)),
			doc: "The least of comparable items; null of an empty list.", example: `min(1, 2, 3)`, result: `1`,
		},
		{
			name: "max", sigs: overItems, run: overList(extreme(1)),
			doc: "The greatest of comparable items; null of an empty list.", example: `max([1, 2, 3])`, result: `3`,
		},
		{
			name: "sum", sigs: []string{"list:l", "n...:*"}, run: overList(sum),
			doc: "The sum of numbers or durations; null of an empty list.", example: `sum([1, 2, 3])`, result: `6`,
		},
		{
			name: "mean", sigs: []string{"list:l", "n...:*"}, run: overList(mean),
			doc: "The arithmetic mean; null of an empty list.", example: `mean(1, 2, 3)`, result: `2`,
		},
		{
			name: "all", sigs: []string{"list:l", "b...:*"}, run: overList(allOf),
			doc: "The conjunction of booleans: true of an empty list.", example: `all([true, false])`, result: `false`,
		},
		{
			name: "any", sigs: []string{"list:l", "b...:*"}, run: overList(anyOf),
			doc: "The disjunction of booleans: false of an empty list.", example: `any([true, null])`, result: `true`,
		},
		{
			name: "sublist", sigs: []string{"list:l, start position:n, length?:n"}, run: sublist,
			doc: "The items from a position, counted from 1 or back from -1.", example: `sublist([4,5,6], 1, 2)`, result: `[4, 5]`,
		},
		{
			name: "append", sigs: []string{"list:l, item...:*"}, run: appendItems,
			doc: "The list with the items at its end.", example: `append([1], 2, 3)`, result: `[1, 2, 3]`,
		},
		{
			name: "concatenate", sigs: []string{"list...:l"}, run: concatenate,
			doc: "The lists one after the other.", example: `concatenate([1, 2], [3])`, result: `[1, 2, 3]`,
		},
		{
			name: "insert before", sigs: []string{"list:l, position:n, newItem:*"}, run: insertBefore,
			doc: "The list with a new item at a position.", example: `insert before([1, 3], 1, 2)`, result: `[2, 1, 3]`,
		},
		{
			name: "remove", sigs: []string{"list:l, position:n"}, run: removeItem,
			doc: "The list without the item at a position.", example: `remove([1, 2, 3], 2)`, result: `[1, 3]`,
		},
		{
			name: "list replace", sigs: []string{"list:l, position:n, newItem:*", "list:l, match:f, newItem:*"}, run: listReplace,
			doc:     "The list with a new item at a position, or in place of each item for which match(item, newItem) is true.",
			example: `list replace([2, 4, 7, 8], function(item, newItem) item < newItem, 5)`, result: `[5, 5, 7, 8]`,
		},
		{
			name: "reverse", sigs: []string{"list:l"},
			run: func(f *frame, a []Value, _ int) Value {
				items := slices.Clone(a[0].Items())
				slices.Reverse(items)
				return f.list(items)
			},
			doc: "The items from the last to the first.", example: `reverse([1, 2, 3])`, result: `[3, 2, 1]`,
		},
		{
			name: "index of", sigs: []string{"list:l, match:*"}, run: indexesOf,
			doc: "The positions at which the list has a value, which may be null.", example: `index of([1, 2, 3, 2], 2)`, result: `[2, 4]`,
		},
		{
			name: "union", sigs: []string{"list...:l"},
			run: func(f *frame, a []Value, pos int) Value {
				return f.distinct(concatenate(f, a, pos))
			},
			doc: "The lists one after the other, without duplicates.", example: `union([1, 2], [2, 3])`, result: `[1, 2, 3]`,
		},
		{
			name: "distinct values", sigs: []string{"list:l"},
			run: func(f *frame, a []Value, _ int) Value { return f.distinct(a[0]) },
			doc: "The list without duplicates.", example: `distinct values([1, 2, 3, 2, 1])`, result: `[1, 2, 3]`,
		},
		{
			name: "flatten", sigs: []string{"list:l"},
			run: func(f *frame, a []Value, _ int) Value { return f.list(f.flatten(nil, a[0], 0)) },
			doc: "The items of all nested lists in one list.", example: `flatten([[1, 2], [[3]], 4])`, result: `[1, 2, 3, 4]`,
		},
		{
			name: "product", sigs: []string{"list:l", "n...:*"}, run: overList(product),
			doc: "The product of numbers; null of an empty list.", example: `product(2, 3, 4)`, result: `24`,
		},
		{
			name: "median", sigs: []string{"list:l", "n...:*"}, run: overList(median),
			doc: "The middle number, or the mean of the two in the middle.", example: `median(8, 2, 5, 3, 4)`, result: `4`,
		},
		{
			name: "stddev", sigs: []string{"list:l", "n...:*"}, run: overList(stddev),
			doc: "The standard deviation of a sample of two numbers and more.", example: `stddev(2, 4, 7, 5)`, result: `2.081665999466132735282297706979931`,
		},
		{
			name: "mode", sigs: []string{"list:l", "n...:*"}, run: overList(mode),
			doc: "The most frequent numbers, in ascending order.", example: `mode(6, 3, 9, 6, 6)`, result: `[6]`,
		},
		{
			name: "sort", sigs: []string{"list:l, precedes:f"}, run: sortList,
			doc:     "The list in the order in which precedes(x, y) is true; equal items keep their order.",
			example: `sort([3, 1, 4, 5, 2], function(x, y) x < y)`, result: `[1, 2, 3, 4, 5]`,
		},
	}
}

// overList makes a function of items out of its two signatures: one list, or the
// items as arguments.
func overList(run func(f *frame, items []Value, pos int) Value) builtinFunc {
	return func(f *frame, a []Value, pos int) Value {
		items := a
		if len(a) == 1 && a[0].kind == KindList {
			items = a[0].Items()
		} else if len(a) == 1 && a[0].IsNull() {
			return f.warn(pos, WarnInvalidType, "expected a list, but found null")
		}
		f.step(len(items))
		return run(f, items, pos)
	}
}

func extreme(sign int) func(f *frame, items []Value, pos int) Value {
	return func(f *frame, items []Value, pos int) Value {
		if len(items) == 0 {
			return Value{}
		}
		best := items[0]
		if _, ok := Compare(best, best); !ok {
			return f.warn(pos, WarnNotComparable, "expected values that can be compared, but found %s", brief(best))
		}
		for _, v := range items[1:] {
			c, ok := f.order(v, best, pos)
			if !ok {
				return Value{}
			}
			if c*sign > 0 {
				best = v
			}
		}
		return best
	}
}

func allOf(f *frame, items []Value, pos int) Value {
	return f.connect(items, Bool(true), and3, pos)
}

func anyOf(f *frame, items []Value, pos int) Value {
	return f.connect(items, Bool(false), or3, pos)
}

// connect folds booleans; anything but a boolean or null makes the result null.
func (f *frame) connect(items []Value, start Value, op func(v, w Value) Value, pos int) Value {
	result := start
	for _, v := range items {
		if v.kind != KindBool && v.kind != KindNull {
			return f.warn(pos, WarnInvalidType, "expected booleans, but found %s", brief(v))
		}
		result = op(result, v)
	}
	return result
}

func (f *frame) indexOf(list, v Value) int {
	n := list.Len()
	f.step(n)
	for i := range n {
		if f.same(list.At(i), v) {
			return i
		}
	}
	return -1
}

func indexesOf(f *frame, a []Value, _ int) Value {
	var found []Value
	n := a[0].Len()
	f.step(n)
	for i := range n {
		if f.same(a[0].At(i), a[1]) {
			found = append(found, Int(int64(i+1)))
		}
	}
	return f.list(found)
}

// position turns a position from 1, or back from -1, into an index from 0; ok
// is false, with a warning, when the list has no such position. Decimals are
// dropped.
func (f *frame) position(p Value, n, pos int) (i int, ok bool) {
	k, ok := p.truncInt()
	if ok && k < 0 {
		k += int64(n) + 1
	}
	if !ok || k < 1 || k > int64(n) {
		f.warn(pos, WarnOutOfRange, "expected a position from 1 to %d or back from -1, but found %s", n, p)
		return 0, false
	}
	return int(k - 1), true
}

func sublist(f *frame, a []Value, pos int) Value {
	items := a[0].Items()
	from, ok := f.position(a[1], len(items), pos)
	if !ok {
		return Value{}
	}
	to := len(items)
	if !a[2].IsNull() {
		n, ok := a[2].truncInt()
		if !ok || n < 1 || n > int64(len(items)-from) {
			return f.warn(pos, WarnOutOfRange, "expected a length from 1 to %d, but found %s", len(items)-from, a[2])
		}
		to = from + int(n)
	}
	return f.list(items[from:to:to])
}

func appendItems(f *frame, a []Value, _ int) Value {
	items := a[0].Items()
	f.checkList(len(items) + len(a) - 1)
	f.step(len(items))
	return f.list(slices.Concat(items, a[1:]))
}

func concatenate(f *frame, a []Value, _ int) Value {
	n := 0
	for _, l := range a {
		n += l.Len()
	}
	f.checkList(n)
	f.step(n)
	all := make([]Value, 0, n)
	for _, l := range a {
		all = append(all, l.Items()...)
	}
	return f.list(all)
}

func insertBefore(f *frame, a []Value, pos int) Value {
	items := a[0].Items()
	i, ok := f.position(a[1], len(items), pos)
	if !ok {
		return Value{}
	}
	f.step(len(items))
	return f.list(slices.Insert(slices.Clone(items), i, a[2]))
}

func removeItem(f *frame, a []Value, pos int) Value {
	items := a[0].Items()
	i, ok := f.position(a[1], len(items), pos)
	if !ok {
		return Value{}
	}
	f.step(len(items))
	return f.list(slices.Delete(slices.Clone(items), i, i+1))
}

func listReplace(f *frame, a []Value, pos int) Value {
	items := slices.Clone(a[0].Items())
	f.step(len(items))
	if a[1].kind == KindNumber {
		i, ok := f.position(a[1], len(items), pos)
		if !ok {
			return Value{}
		}
		items[i] = a[2]
		return f.list(items)
	}
	if !f.arity(a[1], 2, pos) {
		return Value{}
	}
	newItem, match := a[2], a[1]
	for i, item := range items {
		v := f.call(match, []Value{item, newItem}, pos)
		if v.kind != KindBool {
			return f.warn(pos, WarnInvalidType, "expected match to give a boolean, but found %s", brief(v))
		}
		if v.n != 0 {
			items[i] = newItem
		}
	}
	return f.list(items)
}

// arity checks that a function takes n arguments.
func (f *frame) arity(fn Value, n, pos int) bool {
	fun, ok := fn.Function()
	if !ok {
		return false
	}
	if fun.builtin != nil {
		return slices.ContainsFunc(fun.builtin.parsed, func(s signature) bool { return s.fits(n) })
	}
	if required(fun.params) > n || len(fun.params) < n {
		f.warn(pos, WarnInvalidType, "expected a function of %d parameters, but it has %d", n, len(fun.params))
		return false
	}
	return true
}

func (f *frame) distinct(list Value) Value {
	items := list.Items()
	seen := map[string]bool{}
	kept := make([]Value, 0, len(items))
	for _, v := range items {
		f.step(1)
		if v.kind == KindString { // the usual case, without comparing all with all
			if seen[v.str()] {
				continue
			}
			seen[v.str()] = true
			kept = append(kept, v)
			continue
		}
		f.step(len(kept))
		if !slices.ContainsFunc(kept, func(k Value) bool { return f.same(k, v) }) {
			kept = append(kept, v)
		}
	}
	return f.list(kept)
}

func (f *frame) flatten(into []Value, list Value, depth int) []Value {
	if depth > maxDepth {
		panic(&Error{Code: CodeDepth, Msg: "expected lists nested less deeply"})
	}
	for i := range list.Len() {
		f.step(1)
		item := list.At(i)
		if item.kind == KindList {
			into = f.flatten(into, item, depth+1)
			continue
		}
		into = append(into, item)
		f.checkList(len(into))
	}
	return into
}

// sortList is a merge sort: stable, and sound for any precedes.
func sortList(f *frame, a []Value, pos int) Value {
	if !f.arity(a[1], 2, pos) {
		return Value{}
	}
	precedes, failed := a[1], false
	before := func(x, y Value) bool {
		v := f.call(precedes, []Value{x, y}, pos)
		if v.kind != KindBool && !failed {
			failed = true
			f.warn(pos, WarnInvalidType, "expected precedes to give a boolean, but found %s", brief(v))
		}
		return v.IsTrue()
	}
	sorted := mergeSort(slices.Clone(a[0].Items()), before)
	if failed {
		return Value{}
	}
	return f.list(sorted)
}

func mergeSort(items []Value, before func(x, y Value) bool) []Value {
	if len(items) < 2 {
		return items
	}
	mid := len(items) / 2
	left, right := mergeSort(items[:mid:mid], before), mergeSort(items[mid:], before)
	merged := make([]Value, 0, len(items))
	for len(left) > 0 && len(right) > 0 {
		if before(right[0], left[0]) {
			merged, right = append(merged, right[0]), right[1:]
			continue
		}
		merged, left = append(merged, left[0]), left[1:]
	}
	return append(append(merged, left...), right...)
}
