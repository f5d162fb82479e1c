package juel

import (
	"maps"
	"strconv"
	"strings"

	"github.com/weir-bpm/weir/variables"
)

// valueMethods are those that every value of Java has.
func valueMethods() []method {
	return []method{
		row(kindAny, "any", "equals", "value", "whether the values are the same, without coercion", "${status.equals('open')}", "true", func(c *invocation) (any, error) {
			if m, ok := c.recv.(moment); ok {
				other, err := c.f.toMoment(c.args[0], c.at)
				return err == nil && m.t.Equal(other.t), nil
			}
			return c.f.same(c.recv, c.args[0], c.at)
		}),
		row(kindAny, "any", "toString", "", "the value as a text; lists and objects as JSON", "${order.lines.toString()}", `"[{\"count\":2,\"sku\":\"pen\"}]"`, func(c *invocation) (any, error) {
			return c.f.toText(c.recv, c.at)
		}),
		row(kindAny, "any", "compareTo", "value", "-1, 0 or 1 as the value is smaller than, equal to or greater than the other one", "${price.compareTo(20)}", "-1", func(c *invocation) (any, error) {
			if c.args[0] == nil {
				return nil, c.bad(0, "a value")
			}
			n, err := c.f.compare(c.recv, c.args[0], c.at)
			return int64(n), err
		}),
		row(kindBool, "boolean", "booleanValue", "", "the value itself", "${customer.vip.booleanValue()}", "true", func(c *invocation) (any, error) { return c.recv, nil }),
	}
}

// jsonMethods are those of Camunda's Spin and of the JSON nodes in Flowable. A
// JSON variable is a plain value here, so they work on every value.
func jsonMethods() []method {
	on := func(k kinds, receiver, name, args, meaning, example, result string, call func(c *invocation) (any, error)) method {
		return row(k, receiver, name, args, meaning, example, result, call)
	}
	is := func(name, meaning, example, result string, k kinds) method {
		return on(kindJSON, "any", name, "", meaning, example, result, func(c *invocation) (any, error) {
			return kindOf(c.recv)&k != 0, nil
		})
	}
	read := func(name, meaning, example, result string, k kinds) method {
		return on(kindJSON, "any", name, "", meaning, example, result, func(c *invocation) (any, error) {
			if kindOf(c.recv)&k == 0 {
				return nil, c.fail(CodeType, "%s() is called on %s", name, typeName(c.recv))
			}
			return c.recv, nil
		})
	}
	// The as… methods of Jackson convert and never fail.
	asNumber := func(name, meaning, example, result string, whole bool) method {
		return on(kindJSON, "any", name, "", meaning, example, result, func(c *invocation) (any, error) {
			n, ok := toNumber(c.recv)
			switch b, isBool := c.recv.(bool); {
			case isBool && b:
				n = int64(1)
			case !ok:
				n = int64(0)
			}
			if whole {
				return c.whole(n)
			}
			return n, nil
		})
	}
	asText := func(c *invocation) (any, error) {
		switch c.recv.(type) {
		case nil:
			return "null", nil
		case []any, map[string]any:
			return "", nil
		}
		return c.f.toText(c.recv, c.at)
	}
	return []method{
		on(kindObject, "object", "prop", "name, [value]", "the property, which must be there; with a value, a copy of the object in which the property has it", "${S(json).prop('name').value()}", `"Ada"`, prop),
		on(kindObject, "object", "hasProp", "name", "whether there is such a property", "${S(json).hasProp('age')}", "true", hasKey),
		on(kindObject, "object", "has", "name", "whether there is such a property", "${order.has('id')}", "true", hasKey),
		on(kindObject, "object", "path", "name", "the property, or null", "${order.path('id').asText()}", `"7"`, func(c *invocation) (any, error) {
			s, err := c.text(0)
			return c.object()[s], err
		}),
		on(kindObject, "object", "fieldNames", "", "the names of the properties in ascending order", "${S(json).fieldNames()}", `["age","name","none","tags"]`, func(c *invocation) (any, error) {
			return c.madeList(texts(sortedKeys(c.object())))
		}),
		on(kindList, "list", "elements", "", "the items", "${S(json).prop('tags').elements().size()}", "2", func(c *invocation) (any, error) { return c.recv, nil }),
		on(kindJSON, "any", "jsonPath", "path", "what stands at a path of names and numbers, such as $.a.b[0]", "${S(json).jsonPath('$.tags[1]').stringValue()}", `"b"`, jsonPath),
		on(kindJSON, "any", "element", "", "the value itself", "${S(json).jsonPath('$.age').element().value()}", "36", func(c *invocation) (any, error) { return c.recv, nil }),
		read("getValue", "the value of a typed variable", "${execution.getVariableTyped('status').getValue()}", `"open"`, kindJSON),
		read("value", "the value of a text, number, boolean or null", "${S(json).prop('age').value()}", "36", kindNull|kindBool|kindNumber|kindText),
		read("stringValue", "the text; an error if it is none", "${S(json).prop('name').stringValue()}", `"Ada"`, kindText),
		read("numberValue", "the number; an error if it is none", "${S(json).prop('age').numberValue()}", "36", kindNumber),
		read("boolValue", "the boolean; an error if it is none", "${customer.prop('vip').boolValue()}", "true", kindBool),
		read("elementList", "the list; an error if it is none", "${S(json).jsonPath('$.tags').elementList()}", `["a","b"]`, kindList),
		is("isObject", "whether it is an object", "${S(json).isObject()}", "true", kindObject),
		is("isArray", "whether it is a list", "${S(json).prop('tags').isArray()}", "true", kindList),
		is("isString", "whether it is a text", "${S(json).prop('name').isString()}", "true", kindText),
		is("isTextual", "whether it is a text", "${customer.name.isTextual()}", "true", kindText),
		is("isNumber", "whether it is a number", "${S(json).prop('age').isNumber()}", "true", kindNumber),
		is("isBoolean", "whether it is a boolean", "${customer.vip.isBoolean()}", "true", kindBool),
		is("isValue", "whether it is a text, number, boolean or null", "${S(json).prop('age').isValue()}", "true", kindNull|kindBool|kindNumber|kindText),
		is("isNull", "whether it is null", "${S(json).prop('none').isNull()}", "true", kindNull),
		on(kindJSON, "any", "asText", "", "a text, number or boolean as a text; else the empty text", "${order.id.asText()}", `"7"`, asText),
		on(kindJSON, "any", "textValue", "", "the text, or null if it is none", "${customer.name.textValue()}", `"Ada"`, func(c *invocation) (any, error) {
			if kindOf(c.recv) != kindText {
				return nil, nil
			}
			return c.recv, nil
		}),
		asNumber("asInt", "a number, or a text that is one, without its fraction; else 0", "${'12.7'.asInt()}", "12", true),
		asNumber("asLong", "a number, or a text that is one, without its fraction; else 0", "${order.id.asLong()}", "7", true),
		asNumber("asDouble", "a number, or a text that is one; else 0", "${price.asDouble()}", "19.95", false),
		on(kindJSON, "any", "asBoolean", "", "true for true, 'true' and numbers but 0", "${customer.vip.asBoolean()}", "true", func(c *invocation) (any, error) {
			if isNumber(c.recv) {
				return toDecimal(c.recv).Sign() != 0, nil
			}
			b, _ := toBool(c.recv)
			return b, nil
		}),
	}
}

func hasKey(c *invocation) (any, error) {
	s, err := c.text(0)
	if err != nil {
		return nil, err
	}
	_, ok := c.object()[s]
	return ok, nil
}

func prop(c *invocation) (any, error) {
	s, err := c.text(0)
	if err != nil {
		return nil, err
	}
	m := c.object()
	if len(c.args) == 2 {
		v, err := c.f.export(c.args[1], c.at)
		if err != nil {
			return nil, err
		}
		if err := c.f.spend(1+len(m), c.at); err != nil {
			return nil, err
		}
		// Spin changes the object; a value of the process stays as it is.
		m = maps.Clone(m)
		m[s] = v
		return m, nil
	}
	v, ok := m[s]
	if !ok {
		return nil, c.fail(CodeUnknownProperty, "the object has no property %s; test it with hasProp(%s)", show(s), show(s))
	}
	return v, nil
}

// jsonPath follows $ with names and numbers; queries are refused.
func jsonPath(c *invocation) (any, error) {
	path, err := c.text(0)
	if err != nil {
		return nil, err
	}
	v := c.recv
	rest, ok := strings.CutPrefix(path, "$")
	if !ok {
		return nil, c.fail(CodeArguments, "jsonPath() expects a path that begins with $, but found %s", show(path))
	}
	refuse := func() error {
		return c.fail(CodeUnsupported, "jsonPath() knows names and numbers only, as in $.a.b[0]; %s is more; use FEEL or a script task", show(path))
	}
	for rest != "" {
		if err := c.f.spend(1, c.at); err != nil {
			return nil, err
		}
		var key string
		number := false
		switch {
		case strings.HasPrefix(rest, "["):
			inner, more, ok := strings.Cut(rest[1:], "]")
			if !ok {
				return nil, refuse()
			}
			key, rest = inner, more
			if n := len(key); n >= 2 && (key[0] == '\'' || key[0] == '"') && key[n-1] == key[0] {
				key = key[1 : n-1]
			} else {
				number = true
			}
		case strings.HasPrefix(rest, "."):
			rest = rest[1:]
			n := strings.IndexAny(rest, ".[")
			if n < 0 {
				n = len(rest)
			}
			key, rest = rest[:n], rest[n:]
			if key == "" || strings.ContainsAny(key, "*?@()") {
				return nil, refuse()
			}
		default:
			return nil, refuse()
		}
		found := false
		if number {
			i, err := strconv.Atoi(key)
			if err != nil {
				return nil, refuse()
			}
			l, ok := v.([]any)
			if i < 0 {
				i += len(l)
			}
			if ok && i >= 0 && i < len(l) {
				v, found = l[i], true
			}
		} else if m, ok := v.(map[string]any); ok {
			v, found = m[key]
		}
		if !found {
			return nil, c.fail(CodeUnknownProperty, "there is nothing at %s of the path %s", show(key), show(path))
		}
	}
	return v, nil
}

// parseJSON is S() and JSON().
func parseJSON(c *invocation) (any, error) {
	s, ok := c.args[0].(string)
	if !ok {
		return c.f.export(c.args[0], c.at)
	}
	if err := c.f.spend(1+len(s), c.at); err != nil {
		return nil, err
	}
	xml := strings.HasPrefix(strings.TrimSpace(s), "<")
	if len(c.args) > 1 {
		format, err := c.text(1)
		if err != nil {
			return nil, err
		}
		xml = xml || !strings.Contains(format, "json")
	}
	if xml {
		return nil, c.fail(CodeUnsupported, "%s() reads JSON only; use a job worker for other formats", c.name)
	}
	v, err := variables.FromJSON([]byte(s))
	if err != nil {
		return nil, c.fail(CodeArguments, "%s() expects JSON, but it cannot be read: %v", c.name, err)
	}
	return v, nil
}

// contains is what var:contains asks: a text holds all parts, a list all items.
func (c *invocation) containsAll(v any, parts []any, anyOf bool) (any, error) {
	if v == nil {
		return false, nil
	}
	for _, p := range parts {
		var holds bool
		switch v := v.(type) {
		case string:
			s, err := c.f.toText(p, c.at)
			if err != nil {
				return nil, err
			}
			if err := c.f.spend(1+len(v)/8, c.at); err != nil {
				return nil, err
			}
			holds = p != nil && strings.Contains(v, s)
		case []any:
			i, err := c.find(v, p)
			if err != nil {
				return nil, err
			}
			holds = i >= 0
		case map[string]any:
			return nil, c.fail(CodeType, "%s() looks into texts and lists, but the variable is an object", c.name)
		default:
			return nil, c.fail(CodeType, "%s() looks into texts and lists, but the variable is %s", c.name, typeName(v))
		}
		if holds == anyOf {
			return anyOf, nil
		}
	}
	return !anyOf, nil
}
