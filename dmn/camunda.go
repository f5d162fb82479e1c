package dmn

import (
	"strings"

	"github.com/cockroachdb/apd/v3"

	"github.com/weir-bpm/weir/expression/feel"
)

// versionTag reads camunda:versionTag (Camunda 7) or zeebe:versionTag (Camunda 8).
func versionTag(n *node) string {
	for _, a := range n.attrs {
		if a.Name.Local == "versionTag" && strings.HasPrefix(a.Name.Space, camundaNamespace) {
			return a.Value
		}
	}
	if ext := n.child("extensionElements"); ext != nil {
		for _, c := range ext.children {
			if c.name == "versionTag" && strings.HasPrefix(c.space, camundaNamespace) {
				return c.attr("value")
			}
		}
	}
	return ""
}

// camundaName is a further name of a required decision in the Camunda dialect:
// Camunda 8 knows the result by the id of the decision, Camunda 7 by the names
// of its outputs.
type camundaName struct {
	requirement int    // index in the scope
	entry       string // entry of the result; "" for the result itself
}

// camundaScope adds these names to the scope of a decision. A name that is
// taken already keeps its meaning.
func (b *builder) camundaScope(d *Decision) {
	for i, g := range d.groups {
		req, ok := g.members[0].target.(*Decision)
		if !ok || g.via != "" {
			continue
		}
		add := func(name string, n camundaName) {
			if name != "" && !contains(d.scope.names, name) {
				d.scope.add(name, nil)
				d.camunda = append(d.camunda, n)
			}
		}
		add(req.id, camundaName{requirement: i})
		add(req.name, camundaName{requirement: i})
		if req.node == nil {
			continue
		}
		if table := req.node.child("decisionTable"); table != nil {
			outputs := table.all("output")
			for _, o := range outputs {
				name := normalName(o.attr("name"))
				n := camundaName{requirement: i}
				if len(outputs) > 1 {
					n.entry = name
				}
				add(name, n)
			}
		}
	}
}

// camundaValues appends the values of the further names.
func (e *env) camundaValues(d *Decision, vals []feel.Value) []feel.Value {
	for _, n := range d.camunda {
		v := vals[n.requirement]
		if n.entry != "" {
			v = entryOf(v, n.entry)
		}
		vals = append(vals, v)
	}
	return vals
}

// entryOf gives an entry of a context, or the entries of a list of contexts.
func entryOf(v feel.Value, name string) feel.Value {
	if v.Kind() == feel.KindList {
		items := make([]feel.Value, v.Len())
		for i := range items {
			items[i] = entryOf(v.At(i), name)
		}
		return feel.List(items...)
	}
	out, _ := v.Get(name)
	return out
}

// processVariables are the inputs of an evaluation as a scope.
type processVariables struct{ env *env }

// Lookup finds a variable.
func (p processVariables) Lookup(name string) (feel.Value, bool) {
	v, _, ok := p.env.lookup(name)
	return v, ok
}

// readCamunda reads a value as Camunda 7 does: strings that hold a date, a
// number or a boolean stand for it when the typeRef asks for it.
func (t *dataType) readCamunda(v feel.Value) feel.Value {
	s, ok := v.AsString()
	if !ok || t == nil {
		return v
	}
	k, known := t.feel.Kind()
	switch {
	case !known:
	case isTemporal(k):
		return t.read(v)
	case k == feel.KindNumber:
		d, _, err := apd.NewFromString(strings.TrimSpace(s))
		if err == nil && d.Form == apd.Finite {
			return feel.Decimal(d)
		}
	case k == feel.KindBool && s == "true":
		return feel.Bool(true)
	case k == feel.KindBool && s == "false":
		return feel.Bool(false)
	}
	return v
}
