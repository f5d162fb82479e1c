package dmn

import (
	"strings"

	"github.com/weir-bpm/weir/expression/feel"
)

// references resolves the hrefs of requirements and decision services.
func (b *builder) references() {
	for _, d := range b.model.decisions {
		d.requires = b.requirements(d.node)
	}
	for _, k := range b.model.knowledge {
		k.requires = b.requirements(k.node)
	}
	for _, s := range b.model.services {
		b.service(s)
	}
}

func (b *builder) requirements(n *node) []reference {
	var out []reference
	add := func(at *node, allowed ...string) {
		if at == nil {
			return
		}
		if ref, ok := b.resolve(at, allowed...); ok {
			out = append(out, ref)
		}
	}
	for _, r := range n.all("informationRequirement") {
		in, dec := r.child("requiredInput"), r.child("requiredDecision")
		if in == nil && dec == nil {
			b.p.errorf(CodeIncomplete, r, "The information requirement has neither requiredInput nor requiredDecision; add one or remove it.")
		}
		add(in, "input data")
		add(dec, "decision")
	}
	for _, r := range n.all("knowledgeRequirement") {
		k := r.child("requiredKnowledge")
		if k == nil {
			b.p.errorf(CodeIncomplete, r, "The knowledge requirement has no requiredKnowledge; add one or remove it.")
		}
		add(k, "business knowledge model", "decision service")
	}
	return out
}

// resolve finds the element that the href of n points to: "#id" in this model,
// "namespace#id" in this or an imported one (DMN 1.5, 13.3.2).
func (b *builder) resolve(n *node, allowed ...string) (reference, bool) {
	href := n.attr("href")
	space, id, found := strings.Cut(href, "#")
	if !found || id == "" {
		b.p.errorf(CodeReference, n, "The href %q of %s is not of the form #id or namespace#id; correct it.", href, n.name)
		return reference{}, false
	}
	var ref reference
	if space == "" || space == b.model.namespace {
		ref.target = b.model.byID[id]
		if ref.target == nil && space == "" {
			ref = b.unnamed(id)
		}
	} else {
		known, broken := false, false
		ref, known, broken = find(b.model.imports, space, id)
		switch {
		case broken:
			return reference{}, false // reported at the import
		case !known:
			b.p.errorf(CodeReference, n, "The href %q points into namespace %q, which is not imported; add an import.", href, space)
			return reference{}, false
		}
	}
	if ref.target == nil {
		b.p.errorf(CodeReference, n, "The href %q of %s points to no element; correct it or add the element.", href, n.name)
		return reference{}, false
	}
	kind := ref.target.core().kind
	for _, a := range allowed {
		if a == kind {
			return ref, true
		}
	}
	b.p.errorf(CodeReferenceKind, n, "The href %q of %s points to a %s, but expected a %s; correct it.", href, n.name, kind, strings.Join(allowed, " or a "))
	return reference{}, false
}

// find looks for an element of a namespace in imported models, and in those
// that they import without a name. known tells that the namespace is imported,
// broken that its model could not be had.
func find(imports []*modelImport, space, id string) (ref reference, known, broken bool) {
	for _, imp := range imports {
		if imp.namespace == space {
			known = true
			if imp.model == nil {
				broken = true
			} else if target := imp.model.byID[id]; target != nil {
				return reference{via: imp.name, path: []*modelImport{imp}, target: target}, true, false
			}
		}
		if imp.name != "" || imp.model == nil {
			continue
		}
		inner, k, br := find(imp.model.imports, space, id)
		if inner.target != nil {
			inner.path = append([]*modelImport{imp}, inner.path...)
			return inner, true, false
		}
		known, broken = known || k, broken || br
	}
	return reference{}, known, broken
}

// unnamed looks for an element in the models imported without a name, whose
// elements belong to the model as its own do.
func (b *builder) unnamed(id string) reference {
	for _, imp := range b.model.imports {
		if imp.name != "" || imp.model == nil {
			continue
		}
		if target := imp.model.byID[id]; target != nil {
			return reference{path: []*modelImport{imp}, target: target}
		}
	}
	return reference{}
}

func (b *builder) service(s *Service) {
	refs := func(name, kind string) []reference {
		var out []reference
		for _, n := range s.node.all(name) {
			if ref, ok := b.resolve(n, kind); ok {
				out = append(out, ref)
			}
		}
		return out
	}
	s.outputs = refs("outputDecision", "decision")
	refs("encapsulatedDecision", "decision") // checked; evaluation finds them by need
	s.inputDecisions = refs("inputDecision", "decision")
	s.inputs = refs("inputData", "input data")
	if len(s.node.all("outputDecision")) == 0 {
		b.p.errorf(CodeIncomplete, s.node, "The decision service %q has no outputDecision; name at least one.", s.name)
	}
}

// serviceInputs warns of input data that a service needs but does not list: a
// call of the service has no value for it.
func (b *builder) serviceInputs(s *Service) {
	seen := map[element]bool{}
	for _, r := range append(append([]reference(nil), s.inputs...), s.inputDecisions...) {
		seen[r.target] = true
	}
	var walk func(e element)
	walk = func(e element) {
		if seen[e] {
			return
		}
		seen[e] = true
		switch t := e.(type) {
		case *inputData:
			b.p.warnf(CodeIncomplete, s.node, "The decision service %q needs input data %q, but does not list it; add an inputData, else it is null in calls.", s.name, t.name)
		case *Decision:
			for _, r := range t.requires {
				if _, isInput := r.target.(*inputData); isInput || r.local() {
					walk(r.target)
				}
			}
		}
	}
	for _, r := range s.outputs {
		if r.local() {
			walk(r.target)
		}
	}
}

// cycles finds circles of requirements and cuts them, so that later steps end.
func (b *builder) cycles() {
	const open, done = 1, 2
	state := map[element]int{}
	var path []string
	var visit func(e element) bool
	cut := func(reqs []reference, owner *drgElement) []reference {
		kept := reqs[:0]
		for _, r := range reqs {
			if !r.local() || visit(r.target) {
				kept = append(kept, r)
				continue
			}
			b.p.errorf(CodeCycle, owner.node, "%s requires itself through %s; break the circle.", owner.name, strings.Join(append(path, r.target.core().name), " -> "))
		}
		return kept
	}
	visit = func(e element) bool {
		switch state[e] {
		case open:
			return false
		case done:
			return true
		}
		state[e] = open
		path = append(path, e.core().name)
		switch t := e.(type) {
		case *Decision:
			t.requires = cut(t.requires, &t.drgElement)
		case *Knowledge:
			t.requires = cut(t.requires, &t.drgElement)
		case *Service:
			t.outputs = cutRefs(b, t, visit)
		}
		path = path[:len(path)-1]
		state[e] = done
		return true
	}
	for _, e := range b.all() {
		visit(e)
	}
}

func cutRefs(b *builder, s *Service, visit func(element) bool) []reference {
	// What the service takes as input is not evaluated within it, so only what
	// lies between counts; a service whose output requires the service itself
	// can never end.
	kept := s.outputs[:0]
	for _, r := range s.outputs {
		if !r.local() || visit(r.target) {
			kept = append(kept, r)
			continue
		}
		b.p.errorf(CodeCycle, s.node, "The decision service %q requires itself through its output decision %q; break the circle.", s.name, r.target.core().name)
	}
	return kept
}

// scopes makes the names that the logic of each element sees.
func (b *builder) scopes() {
	for _, d := range b.model.decisions {
		d.groups = groupRequirements(d.requires)
		d.scope = requirementScope(d.groups)
		if b.model.dialect == DialectCamunda {
			b.camundaScope(d)
		}
	}
	for _, k := range b.model.knowledge {
		k.groups = groupRequirements(k.requires)
		k.scope = requirementScope(k.groups)
	}
}

// requirementScope gives one name per requirement, in order; what is imported
// by a named import is a context under the name of the import (DMN 1.5, 6.3.3).
func requirementScope(groups []requirementGroup) *scope {
	s := &scope{}
	for _, g := range groups {
		if g.via == "" {
			s.add(g.members[0].target.core().variable, valueType(g.members[0].target))
			continue
		}
		fields := make([]feel.Field, 0, len(g.members))
		for _, m := range g.members {
			f := feel.Field{Name: m.target.core().variable}
			if t := valueType(m.target); t != nil {
				f.Type = t.feel
			}
			fields = append(fields, f)
		}
		s.add(g.via, &dataType{name: g.via, feel: feel.ContextOf(fields...)})
	}
	return s
}

func (s *scope) add(name string, t *dataType) {
	s.listed = nil
	s.names = append(s.names, name)
	s.types = append(s.types, t)
}

// valueType is the type of the name in scope: that of the value, or a function.
func valueType(e element) *dataType {
	switch e.(type) {
	case *Knowledge, *Service:
		return &dataType{name: "function", feel: feel.TypeOf(feel.KindFunction)}
	}
	return e.core().typ
}

// requirementGroup is what one name in scope stands for: one own element, or
// all elements required from one import.
type requirementGroup struct {
	via     string
	members []reference
}

func groupRequirements(reqs []reference) []requirementGroup {
	var out []requirementGroup
	at := map[string]int{}
	for _, r := range reqs {
		if r.via == "" {
			out = append(out, requirementGroup{members: []reference{r}})
			continue
		}
		i, ok := at[r.via]
		if !ok {
			i = len(out)
			at[r.via] = i
			out = append(out, requirementGroup{via: r.via})
		}
		out[i].members = append(out[i].members, r)
	}
	return out
}
