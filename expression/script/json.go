package script

import "github.com/dop251/goja"

// payJSONText pays for parsing a JSON text and bounds its nesting, as the
// interpreter's parser recurses.
func (c *call) payJSONText(s goja.String) {
	c.spendString(int64(s.Length()))
	t := s.String()
	depth, deepest, quoted := 0, 0, false
	parts := int64(0)
	for i := 0; i < len(t); i++ {
		switch ch := t[i]; {
		case quoted && ch == '\\':
			i++
		case ch == '"':
			quoted = !quoted
		case quoted:
		case ch == '[' || ch == '{':
			depth++
			parts += 4
			deepest = max(deepest, depth)
		case ch == ']' || ch == '}':
			depth--
		case ch == ',':
			parts++
		}
	}
	if deepest > c.limits.MaxNesting {
		stop(CodeStack, "the JSON text is nested deeper than %d", c.limits.MaxNesting)
	}
	c.spend(parts+int64(len(t))/16, parts*bytesMember+2*int64(len(t)))
}

// jsonWriter makes the plain copy of a value that JSON.stringify then writes
// (ECMA-262, SerializeJSONProperty): toJSON, the replacer and getters run
// here, so that what they return is paid for before it is copied into text.
type jsonWriter struct {
	call     *call
	replacer goja.Callable
	allow    map[string]bool // members, where the replacer is a list
	path     map[*goja.Object]bool
	length   int64
}

func (c *call) jsonValue(v, replacer goja.Value) goja.Value {
	w := &jsonWriter{call: c, path: make(map[*goja.Object]bool)}
	if f, ok := goja.AssertFunction(replacer); ok {
		w.replacer = f
	} else if n, ok := arrayLength(replacer); ok {
		c.spendArray(n, bytesElement)
		w.allow = make(map[string]bool)
		for i := range n {
			w.allow[nilSafe(replacer.(*goja.Object).Get(itoa(int(i)))).String()] = true
		}
	}
	holder := c.realm.rt.NewObject()
	if err := holder.Set("", v); err != nil {
		panic(err)
	}
	return w.value(holder, "", v, 0)
}

// grow counts the text to come; a pretty-printed line may hold ten blanks for
// each level (ECMA-262, 25.5.2).
func (w *jsonWriter) grow(n int64, level int) {
	w.length += n
	if w.length > 2*int64(w.call.limits.MaxString) {
		stop(CodeMemory, "the JSON text would be longer than %d characters", w.call.limits.MaxString)
	}
	w.call.spend(1+n/64, n+10*int64(level))
}

func (w *jsonWriter) value(holder *goja.Object, key string, v goja.Value, level int) goja.Value {
	c := w.call
	rt := c.realm.rt
	if level > c.limits.MaxNesting {
		stop(CodeStack, "the value is nested deeper than %d", c.limits.MaxNesting)
	}
	if o, ok := v.(*goja.Object); ok {
		if n, ok := c.exact[o]; ok && w.replacer == nil {
			t := exactText(n)
			w.grow(int64(len(t)), level)
			return must(c.realm.rawJSON(goja.Undefined(), rt.ToValue(t)))
		}
		if f, ok := goja.AssertFunction(nilSafe(o.Get("toJSON"))); ok {
			v = must(f(o, rt.ToValue(key)))
		}
	}
	if w.replacer != nil {
		v = must(w.replacer(holder, rt.ToValue(key), nilSafe(v)))
	}
	o, ok := v.(*goja.Object)
	if !ok {
		if s, ok := v.(goja.String); ok {
			w.grow(int64(s.Length())+2, level)
		} else {
			w.grow(8, level)
		}
		return v
	}
	if n, ok := c.exact[o]; ok {
		return must(c.realm.rawJSON(goja.Undefined(), rt.ToValue(exactText(n))))
	}
	switch o.ClassName() {
	case "Function":
		return goja.Undefined()
	case "String":
		s := w.call.toText(o)
		w.grow(int64(s.Length())+2, level)
		return s
	case "Number":
		return rt.ToValue(o.ToFloat())
	case "Boolean":
		return rt.ToValue(o.Export())
	}
	if w.path[o] {
		panic(rt.NewTypeError("a value that contains itself has no JSON text"))
	}
	w.path[o] = true
	defer delete(w.path, o)
	if n, ok := arrayLength(o); ok {
		c.spendArray(n, 2*bytesElement)
		items := make([]any, n)
		for i := range items {
			k := itoa(i)
			items[i] = w.value(o, k, nilSafe(o.Get(k)), level+1)
			w.grow(1, level+1)
		}
		return rt.NewArray(items...)
	}
	keys := o.Keys()
	c.spendArray(int64(len(keys)), 2*bytesMember)
	out := rt.NewObject()
	for _, k := range keys {
		if w.allow != nil && !w.allow[k] {
			continue
		}
		w.grow(int64(len(k))+4, level+1)
		if err := out.Set(k, w.value(o, k, nilSafe(o.Get(k)), level+1)); err != nil {
			panic(err)
		}
	}
	return out
}
