package juel

import "slices"

func listMethods() []method {
	on := func(name, args, meaning, example, result string, call func(c *invocation) (any, error)) method {
		return row(kindList, "list", name, args, meaning, example, result, call)
	}
	at := func(c *invocation, i int64) (any, error) {
		l := c.list()
		if i < 0 || i >= int64(len(l)) {
			return nil, c.fail(CodeArguments, "item %d is outside of the list, which has %d items", i, len(l))
		}
		return l[i], nil
	}
	return []method{
		on("size", "", "the number of items", "${items.size()}", "3", func(c *invocation) (any, error) { return int64(len(c.list())), nil }),
		on("isEmpty", "", "whether there are no items", "${items.isEmpty()}", "false", func(c *invocation) (any, error) { return len(c.list()) == 0, nil }),
		on("get", "index", "the item at a place, counted from 0", "${items.get(1)}", `"ink"`, func(c *invocation) (any, error) {
			i, err := c.integer(0)
			if err != nil {
				return nil, err
			}
			return at(c, i)
		}),
		on("getFirst", "", "the first item", "${items.getFirst()}", `"pen"`, func(c *invocation) (any, error) { return at(c, 0) }),
		on("getLast", "", "the last item", "${items.getLast()}", `"pen"`, func(c *invocation) (any, error) { return at(c, int64(len(c.list()))-1) }),
		on("contains", "item", "whether the item is in the list", "${items.contains('ink')}", "true", func(c *invocation) (any, error) {
			i, err := c.find(c.list(), c.args[0])
			return i >= 0, err
		}),
		on("containsAll", "list", "whether all items of the other list are in this one", "${items.containsAll(customer.tags)}", "false", func(c *invocation) (any, error) {
			others, err := c.items(0)
			if err != nil {
				return nil, err
			}
			for _, item := range others {
				if i, err := c.find(c.list(), item); err != nil || i < 0 {
					return false, err
				}
			}
			return true, nil
		}),
		on("indexOf", "item", "where the item first stands; -1 if nowhere", "${items.indexOf('ink')}", "1", func(c *invocation) (any, error) {
			i, err := c.find(c.list(), c.args[0])
			return normalizeInt(i), err
		}),
		on("lastIndexOf", "item", "where the item last stands; -1 if nowhere", "${items.lastIndexOf('pen')}", "2", func(c *invocation) (any, error) {
			l := c.list()
			for i, item := range slices.Backward(l) {
				same, err := c.f.same(item, c.args[0], c.at)
				if err != nil {
					return nil, err
				}
				if same {
					return int64(i), nil
				}
				if err := c.f.spend(1, c.at); err != nil {
					return nil, err
				}
			}
			return int64(-1), nil
		}),
		on("subList", "from, to", "the items from a place up to, not including, another", "${items.subList(0, 2)}", `["pen","ink"]`, func(c *invocation) (any, error) {
			from, err := c.integer(0)
			if err != nil {
				return nil, err
			}
			to, err := c.integer(1)
			if err != nil {
				return nil, err
			}
			l := c.list()
			if from < 0 || to > int64(len(l)) || from > to {
				return nil, c.fail(CodeArguments, "subList from %d to %d is outside of the list, which has %d items", from, to, len(l))
			}
			return c.madeList(slices.Clone(l[from:to]))
		}),
	}
}

func objectMethods() []method {
	on := func(name, args, meaning, example, result string, call func(c *invocation) (any, error)) method {
		return row(kindObject, "object", name, args, meaning, example, result, call)
	}
	key := func(c *invocation) (any, bool, error) {
		s, err := c.text(0)
		if err != nil {
			return nil, false, err
		}
		v, ok := c.object()[s]
		return v, ok, nil
	}
	return []method{
		on("size", "", "the number of entries", "${customer.size()}", "3", func(c *invocation) (any, error) { return int64(len(c.object())), nil }),
		on("isEmpty", "", "whether there are no entries", "${customer.isEmpty()}", "false", func(c *invocation) (any, error) { return len(c.object()) == 0, nil }),
		on("get", "key", "the value of a key, or null", "${customer.get('name')}", `"Ada"`, func(c *invocation) (any, error) {
			v, _, err := key(c)
			return v, err
		}),
		on("getOrDefault", "key, default", "the value of a key, or the default if there is no such key", "${customer.getOrDefault('age', 18)}", "18", func(c *invocation) (any, error) {
			v, ok, err := key(c)
			if err == nil && !ok {
				v = c.args[1]
			}
			return v, err
		}),
		on("containsKey", "key", "whether there is such a key", "${customer.containsKey('vip')}", "true", func(c *invocation) (any, error) {
			_, ok, err := key(c)
			return ok, err
		}),
		on("containsValue", "value", "whether a key has this value", "${customer.containsValue('Ada')}", "true", func(c *invocation) (any, error) {
			i, err := c.find(c.values(), c.args[0])
			return i >= 0, err
		}),
		on("keySet", "", "the keys in ascending order", "${customer.keySet()}", `["name","tags","vip"]`, func(c *invocation) (any, error) {
			return c.madeList(texts(sortedKeys(c.object())))
		}),
		on("values", "", "the values in the order of their keys", "${order.values()}", `[7,[{"count":2,"sku":"pen"}]]`, func(c *invocation) (any, error) {
			return c.madeList(c.values())
		}),
		on("entrySet", "", "the entries in the order of their keys, each with key and value", "${customer.entrySet()[0].key}", `"name"`, func(c *invocation) (any, error) {
			m := c.object()
			res := make([]any, 0, len(m))
			for _, k := range sortedKeys(m) {
				res = append(res, map[string]any{"key": k, "value": m[k]})
			}
			return c.madeList(res)
		}),
	}
}

// values gives the values of the receiver in the order of their keys.
func (c *invocation) values() []any {
	m := c.object()
	res := make([]any, 0, len(m))
	for _, k := range sortedKeys(m) {
		res = append(res, m[k])
	}
	return res
}

// listBean is flwCollectionUtils of Flowable.
func listBean() []method {
	const bean = "flwCollectionUtils"
	sized := func(v any) bool { return v == nil || kindOf(v)&(kindList|kindObject|kindText) != 0 }
	empty := func(want bool) func(c *invocation) (any, error) {
		return func(c *invocation) (any, error) {
			if !sized(c.args[0]) {
				return nil, c.bad(0, "a list, object or text")
			}
			return isEmpty(c.args[0]) == want, nil
		}
	}
	return []method{
		row(kindFunction, bean, "isEmpty", "list", "whether the list is null or has no items", "${flwCollectionUtils.isEmpty(items)}", "false", empty(true)),
		row(kindFunction, bean, "isNotEmpty", "list", "whether the list has items", "${flwCollectionUtils.isNotEmpty(items)}", "true", empty(false)),
		row(kindFunction, bean, "contains", "list, item", "whether the item is in the list", "${flwCollectionUtils.contains(items, 'ink')}", "true", func(c *invocation) (any, error) {
			if c.args[0] == nil {
				return false, nil
			}
			l, err := c.items(0)
			if err != nil {
				return nil, err
			}
			i, err := c.find(l, c.args[1])
			return i >= 0, err
		}),
		row(kindFunction, bean, "listOf", "[item…]", "a list of the arguments", "${flwCollectionUtils.listOf(1, 'a')}", `[1,"a"]`, func(c *invocation) (any, error) {
			res := make([]any, len(c.args))
			for i, v := range c.args {
				var err error
				if res[i], err = c.f.export(v, c.at); err != nil {
					return nil, err
				}
			}
			return c.madeList(res)
		}),
	}
}
