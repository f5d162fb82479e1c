package dmn

import (
	"strings"

	"github.com/weir-bpm/weir/expression/feel"
)

// dataType is a type of a model: one of FEEL or an item definition (DMN 1.5,
// 7.3.2). Checks and implicit conversions are those of the FEEL type; this
// adds how a JSON value is read as a value of the type.
type dataType struct {
	name   string
	feel   *feel.Type
	elem   *dataType // of a collection
	fields []typedName
	base   *dataType // of a named type without own structure
	// returns is the type of the result of a function type, if given.
	returns *dataType
	// allowed is the text of allowedValues, the order of output values.
	allowed string
	// reads tells that JSON values may need reading: the type has temporal
	// parts, which JSON writes as strings, or components that may be left out.
	reads bool
}

type typedName struct {
	name string
	typ  *dataType
}

// typeTable holds the types of one model.
type typeTable struct {
	model *Model
	defs  map[string]*itemDef
	p     *problems
}

// itemDef is an item definition on its way to a type.
type itemDef struct {
	node     *node
	typ      *dataType // nil until built
	building bool
	// late stands for the type within its own definition.
	late *dataType
}

// feelName strips the prefix that DMN 1.1 gives to FEEL types.
func feelName(ref string) string {
	if i := strings.IndexByte(ref, ':'); i > 0 {
		return ref[i+1:]
	}
	return ref
}

// camundaTypes are the type names of Camunda and Flowable tables that FEEL does
// not have.
var camundaTypes = map[string]feel.Kind{
	"integer":     feel.KindNumber,
	"long":        feel.KindNumber,
	"double":      feel.KindNumber,
	"dateAndTime": feel.KindDateTime,
	"collection":  feel.KindList,
}

// newTypeTable collects the item definitions of a model; build makes types of
// all of them so that every problem shows.
func newTypeTable(m *Model, root *node, p *problems) *typeTable {
	t := &typeTable{model: m, defs: map[string]*itemDef{}, p: p}
	for _, n := range root.all("itemDefinition") {
		name := normalName(n.attr("name"))
		switch {
		case name == "":
			p.errorf(CodeMissingName, n, "The item definition has no name; give it one so that typeRefs can use it.")
		case t.defs[name] != nil:
			p.errorf(CodeDuplicateName, n, "There are two item definitions named %q; rename one.", name)
		default:
			t.defs[name] = &itemDef{node: n}
		}
	}
	return t
}

func (t *typeTable) build(root *node) {
	for _, n := range root.all("itemDefinition") {
		if d := t.defs[normalName(n.attr("name"))]; d != nil && d.node == n {
			t.define(d)
		}
	}
}

// byName finds a type for "instance of" in expressions.
func (t *typeTable) byName(name string) (*feel.Type, bool) {
	dt := t.lookup(normalName(name))
	if dt == nil {
		return nil, false
	}
	return dt.feel, true
}

// ref resolves a typeRef. An empty one is no type, nil; an unknown one is a
// problem and no type.
func (t *typeTable) ref(name string, at *node) *dataType {
	name = normalName(name)
	if name == "" || name == "<Undefined>" || name == "Undefined" { // as KIE tools write it
		return nil
	}
	dt := t.lookup(name)
	if dt == nil {
		t.p.errorf(CodeType, at, "There is no type %q; use a FEEL type such as string, number or date, or the name of an item definition.", name)
	}
	return dt
}

func (t *typeTable) lookup(name string) *dataType {
	if d := t.defs[name]; d != nil {
		return t.define(d)
	}
	// Types of an import without a name are types of this model.
	for _, imp := range t.model.imports {
		if imp.model == nil {
			continue
		}
		if imp.name == "" {
			if dt := imp.model.types.own(name); dt != nil {
				return dt
			}
		} else if rest, ok := strings.CutPrefix(name, imp.name+"."); ok {
			if dt := imp.model.types.own(rest); dt != nil {
				return dt
			}
		}
	}
	if ft, ok := feel.TypeByName(feelName(name)); ok {
		return simpleType(name, ft)
	}
	if t.model.dialect == DialectCamunda {
		if k, ok := camundaTypes[name]; ok {
			return simpleType(name, feel.TypeOf(k))
		}
	}
	if _, local, ok := strings.Cut(name, ":"); ok { // a qualified name, as DMN 1.1 has it
		return t.own(local)
	}
	return nil
}

// own finds an item definition of the model, or of its imports without a name.
func (t *typeTable) own(name string) *dataType {
	if d := t.defs[name]; d != nil {
		return t.define(d)
	}
	for _, imp := range t.model.imports {
		if imp.model != nil {
			if dt := imp.model.types.own(name); imp.name == "" && dt != nil {
				return dt
			}
		}
	}
	return nil
}

func simpleType(name string, ft *feel.Type) *dataType {
	k, _ := ft.Kind()
	return &dataType{name: name, feel: ft, reads: isTemporal(k)}
}

func isTemporal(k feel.Kind) bool {
	switch k {
	case feel.KindDate, feel.KindTime, feel.KindDateTime, feel.KindDaysTime, feel.KindYearsMonths:
		return true
	case feel.KindNull, feel.KindBool, feel.KindNumber, feel.KindString, feel.KindRange,
		feel.KindList, feel.KindContext, feel.KindFunction:
	}
	return false
}

func (t *typeTable) define(d *itemDef) *dataType {
	if d.typ != nil {
		return d.typ
	}
	if d.building {
		// A type within its own definition, such as a tree: checked late.
		if d.late == nil {
			d.late = &dataType{name: normalName(d.node.attr("name")), reads: true}
			d.late.feel = feel.Constrained(d.late.name, feel.TypeAny(), func(v feel.Value) bool {
				return d.typ != nil && d.typ.feel.Conforms(v)
			})
		}
		return d.late
	}
	d.building = true
	typ := t.item(d.node, normalName(d.node.attr("name")))
	if d.late != nil {
		if loops(typ, d.late) {
			t.p.errorf(CodeTypeCycle, d.node, "Item definition %q is defined by itself; refer to it only from a component or a collection.", typ.name)
			typ = simpleType(typ.name, feel.TypeAny())
		}
		d.late.base = typ
	}
	d.typ = typ
	d.building = false
	return typ
}

// loops tells whether a type is an alias of itself.
func loops(typ, late *dataType) bool {
	for ; typ != nil; typ = typ.base {
		if typ == late {
			return true
		}
	}
	return false
}

// item builds the type of an item definition or of an item component.
func (t *typeTable) item(n *node, name string) *dataType {
	ref, components, fn := n.childText("typeRef"), n.all("itemComponent"), n.child("functionItem")
	if ref == "" {
		ref = n.attr("typeRef")
	}
	kinds := 0
	for _, has := range []bool{ref != "", len(components) > 0, fn != nil} {
		if has {
			kinds++
		}
	}
	if kinds > 1 {
		t.p.errorf(CodeTypeDefinition, n, "The item definition has more than one of typeRef, itemComponent and functionItem; keep one of them.")
	}
	typ := &dataType{name: name}
	switch {
	case len(components) > 0:
		t.structure(typ, components)
	case fn != nil:
		typ.feel, typ.returns = t.functionType(fn)
	case ref != "":
		if typ.base = t.ref(ref, n); typ.base == nil {
			typ.base = simpleType("Any", feel.TypeAny())
		}
		typ.feel, typ.reads = typ.base.feel, typ.base.reads
	default:
		typ.feel = feel.TypeAny()
	}
	if a := n.child("allowedValues"); a != nil {
		typ.allowed = a.childText("text")
		typ.feel = feel.Constrained(name, typ.feel, t.constraint(a))
	} else {
		typ.feel = feel.Constrained(name, typ.feel, nil)
	}
	if n.attr("isCollection") == "true" {
		elem := typ
		typ = &dataType{name: name, elem: elem, reads: elem.reads, feel: feel.ListOf(elem.feel)}
	}
	if c := n.child("typeConstraint"); c != nil {
		typ.feel = feel.Constrained(name, typ.feel, t.constraint(c))
	}
	return typ
}

func (t *typeTable) structure(typ *dataType, components []*node) {
	var fields []feel.Field
	seen := map[string]bool{}
	for _, c := range components {
		name := normalName(c.attr("name"))
		if name == "" {
			t.p.errorf(CodeMissingName, c, "The item component has no name; give it one.")
			continue
		}
		if seen[name] {
			t.p.errorf(CodeDuplicateName, c, "There are two components named %q; rename one.", name)
			continue
		}
		seen[name] = true
		ct := t.item(c, name)
		typ.fields = append(typ.fields, typedName{name, ct})
		fields = append(fields, feel.Field{Name: name, Type: ct.feel})
	}
	typ.reads = true // components may be left out
	typ.feel = feel.ContextOf(fields...)
}

func (t *typeTable) functionType(n *node) (function *feel.Type, returns *dataType) {
	var params []*feel.Type
	for _, p := range n.all("parameters") {
		var pt *feel.Type
		if dt := t.ref(p.attr("typeRef"), p); dt != nil {
			pt = dt.feel
		}
		params = append(params, pt)
	}
	var result *feel.Type
	if returns = t.ref(n.attr("outputTypeRef"), n); returns != nil {
		result = returns.feel
	}
	return feel.FunctionOf(params, result), returns
}

// constraint compiles allowedValues or typeConstraint, nil if there is none.
// The tests see nothing but the value (DMN 1.5, 7.3.2).
func (t *typeTable) constraint(n *node) func(feel.Value) bool {
	if n == nil {
		return nil
	}
	text := n.childText("text")
	if text == "" || text == "-" {
		return nil
	}
	test, err := feel.CompileUnaryTests(text, feel.CompileOptions{Dialect: t.model.feelDialect(), Types: t.byName})
	if err != nil {
		t.p.errorf(CodeExpression, n, "The allowed values %q can not be compiled: %v; correct the unary tests.", text, err)
		return nil
	}
	return func(v feel.Value) bool {
		r, err := test.Eval(&feel.EvalContext{Input: v, Limits: feel.Limits{Warnings: -1}})
		return err == nil && r.IsTrue()
	}
}

// coerce brings a value to the type by the implicit conversions (DMN 1.5,
// 10.3.2.9.4). A nil type takes all.
func (t *dataType) coerce(v feel.Value) (feel.Value, bool) {
	if t == nil || v.IsNull() {
		return v, true
	}
	return t.feel.Coerce(v)
}

// read takes a value that was written as JSON for one of the type: strings
// become dates, times and durations where the type has them, and components
// that are left out become null.
func (t *dataType) read(v feel.Value) feel.Value {
	if t == nil || !t.reads {
		return v
	}
	switch v.Kind() {
	case feel.KindString:
		if k, ok := t.feel.Kind(); ok && isTemporal(k) {
			s, _ := v.AsString()
			if tv, ok := feel.ParseTemporal(s); ok {
				return tv
			}
		}
	case feel.KindList:
		if e := t.element(); e != nil {
			items := make([]feel.Value, v.Len())
			for i := range items {
				items[i] = e.read(v.At(i))
			}
			return feel.List(items...)
		}
	case feel.KindContext:
		if fields := t.components(); len(fields) > 0 {
			return readContext(v, fields)
		}
	case feel.KindNull, feel.KindBool, feel.KindNumber, feel.KindDate, feel.KindTime, feel.KindDateTime,
		feel.KindDaysTime, feel.KindYearsMonths, feel.KindRange, feel.KindFunction:
	}
	return v
}

func readContext(v feel.Value, fields []typedName) feel.Value {
	out := feel.NewContext(v.Len() + len(fields))
	for _, key := range v.Keys() {
		e, _ := v.Get(key)
		out.Set(key, e)
	}
	for _, f := range fields {
		e, _ := v.Get(f.name)
		out.Set(f.name, f.typ.read(e))
	}
	return out.Value()
}

// element gives the type of the items of a collection, looking through names.
func (t *dataType) element() *dataType {
	for ; t != nil; t = t.base {
		if t.elem != nil {
			return t.elem
		}
	}
	return nil
}

// allowedText gives the allowed values of a type, looking through names and
// collections.
func (t *dataType) allowedText() string {
	for t != nil {
		if t.allowed != "" {
			return t.allowed
		}
		if t.elem != nil {
			t = t.elem
		} else {
			t = t.base
		}
	}
	return ""
}

// result gives the type of what a function of the type gives. A type that is no
// function is that of the result itself: models give both to the variable of a
// business knowledge model or a decision service, and to a function definition.
func (t *dataType) result() *dataType {
	if t == nil {
		return nil
	}
	if k, ok := t.feel.Kind(); !ok || k != feel.KindFunction {
		return t
	}
	for ; t != nil; t = t.base {
		if t.returns != nil {
			return t.returns
		}
	}
	return nil
}

// component gives the type of a field of the type or of its items.
func (t *dataType) component(name string) *dataType {
	if e := t.element(); e != nil {
		t = e
	}
	for _, f := range t.components() {
		if f.name == name {
			return f.typ
		}
	}
	return nil
}

// components gives the fields of a structure, looking through names.
func (t *dataType) components() []typedName {
	for ; t != nil; t = t.base {
		if t.elem != nil {
			return nil
		}
		if len(t.fields) > 0 {
			return t.fields
		}
	}
	return nil
}
