package juel

// decisionMethods are those of Camunda 7's result of a decision: a list of rules,
// each an object of outputs.
func decisionMethods() []method {
	on := func(name, args, meaning, example, result string, call func(c *invocation) (any, error)) method {
		return row(kindList, "result of a decision", name, args, meaning, example, result, call)
	}
	return []method{
		on("getResultList", "", "the outputs of all rules that matched", "${decisionResult.getResultList()}", `[{"risk":"high"}]`, func(c *invocation) (any, error) {
			return c.list(), nil
		}),
		on("getFirstResult", "", "the outputs of the first rule that matched, or null", "${decisionResult.getFirstResult().risk}", `"high"`, func(c *invocation) (any, error) {
			if len(c.list()) == 0 {
				return nil, nil
			}
			return c.list()[0], nil
		}),
		on("getSingleResult", "", "the outputs of the only rule that matched, or null; several are an error", "${decisionResult.getSingleResult().risk}", `"high"`, singleResult),
		on("getSingleEntry", "", "the only output of the only rule that matched, or null; several are an error", "${decisionResult.getSingleEntry()}", `"high"`, func(c *invocation) (any, error) {
			v, err := singleResult(c)
			if err != nil || v == nil {
				return nil, err
			}
			return singleEntry(c, v)
		}),
		on("collectEntries", "output", "the values of an output of all rules that matched and have it", "${decisionResult.collectEntries('risk')}", `["high"]`, func(c *invocation) (any, error) {
			name, err := c.text(0)
			if err != nil {
				return nil, err
			}
			out := []any{}
			for _, item := range c.list() {
				if m, ok := item.(map[string]any); ok {
					if v, ok := m[name]; ok {
						out = append(out, v)
					}
				}
			}
			return c.madeList(out)
		}),
		row(kindObject, "rule of a decision", "getSingleEntry", "", "the only output, or null; several are an error", "${decisionResult[0].getSingleEntry()}", `"high"`, func(c *invocation) (any, error) {
			return singleEntry(c, c.object())
		}),
		row(kindObject, "rule of a decision", "getEntry", "output", "the value of an output, or null", "${decisionResult[0].getEntry('risk')}", `"high"`, func(c *invocation) (any, error) {
			name, err := c.text(0)
			if err != nil {
				return nil, err
			}
			return c.object()[name], nil
		}),
	}
}

func singleResult(c *invocation) (any, error) {
	switch l := c.list(); len(l) {
	case 0:
		return nil, nil
	case 1:
		return l[0], nil
	default:
		return nil, c.fail(CodeArguments, "%s() is for one rule, but %d have matched", c.name, len(l))
	}
}

func singleEntry(c *invocation, rule any) (any, error) {
	m, ok := rule.(map[string]any)
	if !ok {
		return rule, nil
	}
	if len(m) > 1 {
		return nil, c.fail(CodeArguments, "%s() is for one output, but the rule has %d", c.name, len(m))
	}
	for _, v := range m {
		return v, nil
	}
	return nil, nil
}
