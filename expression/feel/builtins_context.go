package feel

func contextBuiltins() []builtin {
	return []builtin{
		{
			name: "get value", sigs: []string{"m:c, key:s"},
			run: func(f *frame, a []Value, pos int) Value {
				v, ok := a[0].Get(a[1].str())
				if !ok {
					return f.warn(pos, WarnNoEntry, "no context entry found with key '%s'", a[1].str())
				}
				return v
			},
			doc: "The entry of a context with that key.", example: `get value({key1: "value1"}, "key1")`, result: `"value1"`,
		},
		{
			name: "get entries", sigs: []string{"m:c"}, run: getEntries,
			doc:     "The entries of a context as a list of contexts with key and value.",
			example: `get entries({key1: "value1"})`, result: `[{key: "key1", value: "value1"}]`,
		},
		{
			name: "context", sigs: []string{"entries:l"}, run: contextOf,
			doc:     "The context of a list of entries with key and value; null when a key comes twice.",
			example: `context([{key: "a", value: 1}, {key: "b", value: 2}])`, result: `{a: 1, b: 2}`,
		},
		{
			name: "context put", sigs: []string{"context:c, key:s, value:*", "context:c, keys:l, value:*"},
			run:     func(f *frame, a []Value, pos int) Value { return contextPut(f, a, false, pos) },
			doc:     "The context with an entry added or replaced; a list of keys leads to a nested context.",
			example: `context put({x: 1, y: {a: 0}}, ["y", "a"], 2)`, result: `{x: 1, y: {a: 2}}`,
		},
		{
			name: "context merge", sigs: []string{"contexts:l"}, run: contextMerge,
			doc:     "All entries of the contexts; of equal keys the last counts.",
			example: `context merge([{x: 1}, {x: 2, y: 3}])`, result: `{x: 2, y: 3}`,
		},
	}
}

func getEntries(f *frame, a []Value, _ int) Value {
	keys := a[0].Keys()
	f.step(len(keys))
	items := make([]Value, len(keys))
	for i, k := range keys {
		v, _ := a[0].Get(k)
		items[i] = NewContext(2).Set("key", String(k)).Set("value", v).Value()
	}
	return f.list(items)
}

func contextOf(f *frame, a []Value, pos int) Value {
	n := a[0].Len()
	f.step(n)
	c := NewContext(n)
	for i := range n {
		e := a[0].At(i)
		k, ok := e.Get("key")
		v, ok2 := e.Get("value")
		if !ok || !ok2 || k.kind != KindString {
			return f.warn(pos, WarnFunctionFailed, "expected entries with a key and a value, but found %s", brief(e))
		}
		if _, twice := c.Get(k.str()); twice {
			return f.warn(pos, WarnFunctionFailed, "expected different keys, but '%s' comes twice", k.str())
		}
		c.Set(k.str(), v)
	}
	return c.Value()
}

// copyContext gives the entries of a context to add to.
func (f *frame) copyContext(v Value, more int) *Context {
	keys := v.Keys()
	f.step(len(keys))
	c := NewContext(len(keys) + more)
	for _, k := range keys {
		e, _ := v.Get(k)
		c.Set(k, e)
	}
	return c
}

// contextPut with create makes nested contexts where there are none.
func contextPut(f *frame, a []Value, create bool, pos int) Value {
	if a[1].kind == KindString {
		return f.copyContext(a[0], 1).Set(a[1].str(), a[2]).Value()
	}
	keys := a[1].Items()
	if len(keys) == 0 {
		return f.warn(pos, WarnFunctionFailed, "expected at least one key")
	}
	return f.putNested(a[0], keys, a[2], create, pos)
}

func (f *frame) putNested(ctx Value, keys []Value, v Value, create bool, pos int) Value {
	k := keys[0]
	if k.kind != KindString || ctx.kind != KindContext {
		return f.warn(pos, WarnFunctionFailed, "expected keys that are strings and lead to contexts, but found %s in %s", brief(k), brief(ctx))
	}
	if len(keys) > 1 {
		inner, ok := ctx.Get(k.str())
		if create && (!ok || inner.kind != KindContext) {
			inner = NewContext(1).Value()
		}
		if v = f.putNested(inner, keys[1:], v, create, pos); v.IsNull() {
			return v
		}
	}
	return f.copyContext(ctx, 1).Set(k.str(), v).Value()
}

func contextMerge(f *frame, a []Value, pos int) Value {
	c := NewContext(4)
	for _, m := range a[0].Items() {
		if m.kind != KindContext {
			return f.warn(pos, WarnInvalidType, "expected contexts, but found %s", brief(m))
		}
		for _, k := range m.Keys() {
			f.step(1)
			v, _ := m.Get(k)
			c.Set(k, v)
		}
	}
	return c.Value()
}
