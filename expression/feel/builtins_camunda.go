package feel

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// camundaBuiltins are the functions that Camunda 8 adds, or reads differently.
func camundaBuiltins() []builtin {
	return []builtin{
		{
			name: "is defined", sigs: []string{"value:*"}, camunda: true,
			run: func(_ *frame, a []Value, _ int) Value { return Bool(!a[0].IsNull()) },
			doc: "Whether the value exists and is not null.", example: `is defined({a: 1}.b)`, result: `false`,
		},
		{
			name: "get or else", sigs: []string{"value:*, default:*"}, camunda: true,
			run: func(_ *frame, a []Value, _ int) Value {
				if a[0].IsNull() {
					return a[1]
				}
				return a[0]
			},
			doc: "The value, or the default when it is null.", example: `get or else(null, "default")`, result: `"default"`,
		},
		{
			name: "assert", sigs: []string{"value:*, condition:*, cause?:s0"}, camunda: true, impure: true, run: assert,
			doc: "The value when the condition is true; else the evaluation ends with the cause as error.", example: `assert(5, 5 > 4)`, result: `5`,
		},
		{
			name: "get value", sigs: []string{"context:c, key:s", "context:c, keys:l", "m:c, key:s"}, camunda: true, run: getValueNested,
			doc: "The entry of a context with that key, or that the list of keys leads to.", example: `get value({x: 1, y: {z: 0}}, ["y", "z"])`, result: `0`,
		},
		{
			name: "context put", sigs: []string{"context:c, key:s, value:*", "context:c, keys:l, value:*"}, camunda: true,
			run:     func(f *frame, a []Value, pos int) Value { return contextPut(f, a, true, pos) },
			doc:     "The context with an entry added or replaced; contexts on the way of a list of keys are made.",
			example: `context put({x: 1}, ["y", "z"], 2)`, result: `{x: 1, y: {z: 2}}`,
		},
		{
			name: "context merge", sigs: []string{"contexts:l", "context...:c"}, camunda: true,
			run: func(f *frame, a []Value, pos int) Value {
				if a[0].kind == KindContext {
					a = []Value{List(a...)}
				}
				return contextMerge(f, a, pos)
			},
			doc: "All entries of the contexts; of equal keys the last counts.", example: `context merge({x: 1}, {y: 2})`, result: `{x: 1, y: 2}`,
		},
		{
			name: "date and time",
			sigs: []string{
				"from:sD", "date:dD, time:t", "date:D, timezone:s", "year:n, month:n, day:n, hour:n, minute:n, second:n",
				"year:n, month:n, day:n, hour:n, minute:n, second:n, offset:u0", "year:n, month:n, day:n, hour:n, minute:n, second:n, timezone:s",
			},
			camunda: true, run: camundaDateTime,
			doc:     "The date and time of a text, of a date and a time, of its parts, or of a moment in another time zone.",
			example: `date and time(@"2020-07-31T14:27:30@Europe/Berlin", "America/Los_Angeles")`, result: `@"2020-07-31T05:27:30@America/Los_Angeles"`,
		},
		{
			name: "number", sigs: []string{"from:s, grouping separator:s0, decimal separator:s0", "from:s, grouping separator:s", "from:s"}, camunda: true, run: camundaNumber,
			doc: "The number of a text; separators are a space, a comma or a point.", example: `number("1,500,000", ",")`, result: `1500000`,
		},
		{
			name: "string", sigs: []string{"from:*"}, camunda: true,
			run: func(f *frame, a []Value, _ int) Value {
				if k := a[0].kind; k == KindNull || k == KindString {
					return a[0]
				}
				w := textWriter{limit: orDefault(f.c.Limits.StringSize, defaultStringSize), plain: true}
				w.text(a[0], maxDepth)
				return f.text(string(w.b))
			},
			doc: "The text of a value, of contexts without spaces after the keys; null of null.", example: `string({a: 1, b: [2, "c"]})`, result: `"{a:1, b:[2, \"c\"]}"`,
		},
		{
			name: "and", sigs: []string{"list:l", "b...:*"}, camunda: true, run: overList(allOf),
			doc: "Another name of all.", example: `and([true, false])`, result: `false`,
		},
		{
			name: "or", sigs: []string{"list:l", "b...:*"}, camunda: true, run: overList(anyOf),
			doc: "Another name of any.", example: `or([true, false])`, result: `true`,
		},
		{
			name: "concatenate", sigs: []string{"list...:*"}, camunda: true, run: concatenateItems,
			doc: "The lists one after the other; what is no list is one item.", example: `concatenate([1, 2], [3], null)`, result: `[1, 2, 3, null]`,
		},
		{
			name: "union", sigs: []string{"list...:*"}, camunda: true,
			run: func(f *frame, a []Value, pos int) Value { return f.distinct(concatenateItems(f, a, pos)) },
			doc: "The lists one after the other, without duplicates; what is no list is one item.", example: `union([1, 2], [2], 3)`, result: `[1, 2, 3]`,
		},
		{
			name: "insert before", sigs: []string{"list:l, position:n, newItem:*"}, camunda: true,
			run: func(f *frame, a []Value, _ int) Value {
				items := a[0].Items()
				i, at := nearPosition(a[1], len(items))
				if at > 0 {
					i = len(items)
				}
				f.checkList(len(items) + 1)
				f.step(len(items))
				return f.list(slices.Insert(slices.Clone(items), i, a[2]))
			},
			doc: "The list with a new item at a position, at its end behind the last.", example: `insert before([1, 2], 9, 3)`, result: `[1, 2, 3]`,
		},
		{
			name: "remove", sigs: []string{"list:l, position:n"}, camunda: true,
			run: func(f *frame, a []Value, _ int) Value {
				items := a[0].Items()
				i, at := nearPosition(a[1], len(items))
				if at != 0 {
					return a[0]
				}
				f.step(len(items))
				return f.list(slices.Delete(slices.Clone(items), i, i+1))
			},
			doc: "The list without the item at a position, if it has one there.", example: `remove([1, 2, 3], 9)`, result: `[1, 2, 3]`,
		},
		{
			name: "substring", sigs: []string{"string:s, start position:n, length?:n"}, camunda: true, run: camundaSubstring,
			doc: "The characters from a position, counted from 1 or back from -1; none at position 0 and right behind the last.", example: `substring("", 1, 3)`, result: `""`,
		},
		{
			name: "last day of month", sigs: []string{"date:dD"}, camunda: true,
			run: func(_ *frame, a []Value, _ int) Value {
				y, m, _ := civilFromDays(a[0].days())
				return dateOfDays(daysFromCivil(y, m, daysInMonth(y, m)))
			},
			doc: "The date of the last day of the month.", example: `last day of month(date(2024, 2, 1))`, result: `@"2024-02-29"`,
		},
		{
			name: "sublist", sigs: []string{"list:l, start position:n, length?:n"}, camunda: true, run: camundaSublist,
			doc: "The items from a position, as many as there are up to the length.", example: `sublist([1, 2, 3], 2, 5)`, result: `[2, 3]`,
		},
		{
			name: "duplicate values", sigs: []string{"list:l"}, camunda: true, run: duplicates,
			doc: "The values that the list has more than once.", example: `duplicate values([1, 2, 3, 2, 1])`, result: `[1, 2]`,
		},
		{
			name: "is empty", sigs: []string{"list:*"}, camunda: true,
			run: func(f *frame, a []Value, pos int) Value {
				if a[0].kind != KindList {
					return f.warn(pos, WarnInvalidType, "expected a list, but found %s", brief(a[0]))
				}
				return Bool(a[0].Len() == 0)
			},
			doc: "Whether the list has no items; null of anything but a list.", example: `is empty([])`, result: `true`,
		},
		{
			name: "partition", sigs: []string{"list:l, size:n"}, camunda: true, run: partition,
			doc: "The list in parts of a size.", example: `partition([1, 2, 3, 4, 5], 2)`, result: `[[1, 2], [3, 4], [5]]`,
		},
		{
			name: "extract", sigs: []string{"string:s, pattern:s"}, camunda: true, run: extract, pattern: 1,
			doc: "All matches of a regular expression.", example: `extract("references are 1234, 1256", "12[0-9]*")`, result: `["1234", "1256"]`,
		},
		{
			name: "trim", sigs: []string{"string:s"}, camunda: true,
			run: func(_ *frame, a []Value, _ int) Value { return String(strings.TrimSpace(a[0].str())) },
			doc: "The string without white space at both ends.", example: `trim("  hello world  ")`, result: `"hello world"`,
		},
		{
			name: "is blank", sigs: []string{"string:s"}, camunda: true,
			run: func(_ *frame, a []Value, _ int) Value { return Bool(strings.TrimSpace(a[0].str()) == "") },
			doc: "Whether the string has nothing but white space.", example: `is blank(" ")`, result: `true`,
		},
		{
			name: "to base64", sigs: []string{"value:s"}, camunda: true,
			run: func(f *frame, a []Value, _ int) Value {
				return f.text(base64.StdEncoding.EncodeToString([]byte(a[0].str())))
			},
			doc: "The bytes of the string in base64.", example: `to base64("FEEL")`, result: `"RkVFTA=="`,
		},
		{
			name: "from json", sigs: []string{"value:s"}, camunda: true,
			run: func(f *frame, a []Value, pos int) Value {
				f.step(len(a[0].str()) >> 3)
				v, err := ParseJSON(a[0].str())
				if err != nil {
					return f.warn(pos, WarnFunctionFailed, "%v", err)
				}
				return v
			},
			doc: "The value of a JSON text.", example: `from json("{\"a\": [1, 2.5]}")`, result: `{a: [1, 2.5]}`,
		},
		{
			name: "to json", sigs: []string{"value:*"}, camunda: true,
			run: func(f *frame, a []Value, _ int) Value {
				return f.text(a[0].jsonUpTo(orDefault(f.c.Limits.StringSize, defaultStringSize)))
			},
			doc: "The JSON text of a value.", example: `to json({a: [1, 2.5]})`, result: `"{\"a\":[1,2.5]}"`,
		},
		{
			name: "random number", sigs: []string{""}, camunda: true, impure: true,
			run: func(f *frame, _ []Value, _ int) Value {
				// 15 digits, so that every value below 1 is as likely
				return scaled(int64(f.random().Uint64()%1e15), 15) //nolint:gosec // below 1e15
			},
			doc: "A number from 0 up to 1, from the seed of the context.", example: `random number() < 1`, result: `true`,
		},
		{
			name: "uuid", sigs: []string{""}, camunda: true, impure: true,
			run: func(f *frame, _ []Value, _ int) Value {
				hi, lo := f.random().Uint64(), f.random().Uint64()
				hi = hi&^0xF000 | 0x4000
				lo = lo&^(3<<62) | 1<<63
				return String(fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", hi>>32, hi>>16&0xFFFF, hi&0xFFFF, lo>>48, lo&(1<<48-1)))
			},
			doc: "A UUID of version 4, from the seed of the context.", example: `string length(uuid())`, result: `36`,
		},
		{
			name: "fromAi", sigs: []string{"value:*, description?:s0, type?:s0, schema?:c0, options?:c0"}, camunda: true,
			run: func(_ *frame, a []Value, _ int) Value { return a[0] },
			doc: "The value; the other parameters describe it to the tools of an AI agent.", example: `fromAi(5, "an id", "number")`, result: `5`,
		},
	}
}

func assert(f *frame, a []Value, _ int) Value {
	if a[1].IsTrue() {
		return a[0]
	}
	msg := "the condition is not fulfilled"
	if !a[2].IsNull() {
		msg = a[2].str()
	}
	panic(&Error{Code: CodeAssert, Msg: msg})
}

func getValueNested(f *frame, a []Value, pos int) Value {
	if a[1].kind == KindString {
		return f.member(a[0], a[1].str(), pos)
	}
	v := a[0]
	for _, k := range a[1].Items() {
		e, ok := v.Get(k.str())
		if k.kind != KindString || !ok {
			return f.warn(pos, WarnNoEntry, "no context entry found with key %s", brief(k))
		}
		v = e
	}
	if a[1].Len() == 0 {
		return Value{}
	}
	return v
}

func camundaDateTime(f *frame, a []Value, pos int) Value {
	if len(a) != 2 || a[1].kind != KindString {
		return makeDateTime(f, a, pos)
	}
	z := f.zones().find(a[1].str())
	if z == nil || a[0].zone() == nil {
		return f.warn(pos, WarnFunctionFailed, "expected a date and time with a zone and the name of a zone, but found %s and %s", brief(a[0]), brief(a[1]))
	}
	at := a[0].instant()
	return dateTimeOf(at+z.offsetAtInstant(at), a[0].nano, z)
}

func camundaNumber(f *frame, a []Value, pos int) Value {
	if len(a) == 2 {
		a = []Value{a[0], a[1], {}}
	}
	return makeNumber(f, a, pos)
}

// nearPosition gives the index of a position, and whether it is before the first
// item (-1), at one (0) or behind the last (1); position 0 is none of a list, and
// counts as behind it.
func nearPosition(p Value, n int) (i, at int) {
	k, ok := p.truncInt()
	switch {
	case ok && k < 0 && k+int64(n) < 0:
		return 0, -1
	case ok && k < 0:
		return int(k) + n, 0
	case ok && k > 0 && k <= int64(n):
		return int(k - 1), 0
	}
	return n, 1
}

func concatenateItems(f *frame, a []Value, pos int) Value {
	lists := make([]Value, len(a))
	for i, v := range a {
		if lists[i] = v; v.kind != KindList {
			lists[i] = List(v)
		}
	}
	return concatenate(f, lists, pos)
}

func camundaSublist(f *frame, a []Value, _ int) Value {
	items := a[0].Items()
	from, at := nearPosition(a[1], len(items))
	if at > 0 {
		return List()
	}
	to := len(items)
	if n, ok := a[2].truncInt(); ok && n < int64(to-from) {
		to = from + int(max(n, 0))
	}
	return f.list(items[from:to:to])
}

func camundaSubstring(f *frame, a []Value, pos int) Value {
	k, ok := a[1].truncInt()
	n, cut := a[2].truncInt()
	if ok && (k == 0 || cut && n == 0 || k == int64(utf8.RuneCountInString(a[0].str()))+1) {
		return String("")
	}
	return substring(f, a, pos)
}

func duplicates(f *frame, a []Value, _ int) Value {
	items := a[0].Items()
	var dups []Value
	for i, v := range items {
		f.step(i + 1 + len(dups))
		has := func(list []Value) bool {
			for _, o := range list {
				if f.same(o, v) {
					return true
				}
			}
			return false
		}
		if has(items[i+1:]) && !has(dups) {
			dups = append(dups, v)
		}
	}
	return f.list(dups)
}

func partition(f *frame, a []Value, pos int) Value {
	size, ok := a[1].truncInt()
	if !ok || size < 1 {
		return f.warn(pos, WarnOutOfRange, "expected a size of at least 1, but found %s", a[1])
	}
	items := a[0].Items()
	f.step(len(items))
	var parts []Value
	for len(items) > 0 {
		n := int(min(size, int64(len(items))))
		parts = append(parts, List(items[:n:n]...))
		items = items[n:]
	}
	return f.list(parts)
}

func extract(f *frame, a []Value, pos int) Value {
	re, ok := f.regex(a[1].str(), "", pos)
	if !ok {
		return Value{}
	}
	s := a[0].str()
	var found []Value
	for _, m := range re.all(f, s) {
		found = append(found, String(s[m[0]:m[1]]))
	}
	return f.list(found)
}
