package feel

import "strings"

// typeKind is the shape of a Type.
type typeKind uint8

const (
	typeAny typeKind = iota
	typeNull
	typeSimple // of one kind of values: kind
	typeList
	typeContext
	typeRange
	typeFunction
	typeConstrained
)

// Type is a FEEL type (DMN 1.5, 10.3.2.9), used by "instance of", by the
// parameters of functions and for item definitions. Types are immutable. A nil
// *Type stands for Any.
type Type struct {
	shape  typeKind
	kind   Kind
	elem   *Type   // list, range, constrained
	fields []Field // context
	params []*Type // function
	result *Type   // function
	name   string  // constrained
	check  func(Value) bool
}

// Field is an entry of a context type.
type Field struct {
	Name string
	Type *Type
}

// TypeAny is the type of everything.
func TypeAny() *Type { return &Type{} }

// TypeNull is the type of null alone.
func TypeNull() *Type { return &Type{shape: typeNull} }

// TypeOf is the type of all values of a kind: any list for KindList, any
// context, range or function likewise.
func TypeOf(k Kind) *Type {
	if k == KindNull {
		return TypeNull()
	}
	return &Type{shape: typeSimple, kind: k}
}

// ListOf is the type of lists whose items conform to elem.
func ListOf(elem *Type) *Type { return &Type{shape: typeList, kind: KindList, elem: elem} }

// RangeOf is the type of ranges whose endpoints conform to elem.
func RangeOf(elem *Type) *Type { return &Type{shape: typeRange, kind: KindRange, elem: elem} }

// ContextOf is the type of contexts that have at least these entries.
func ContextOf(fields ...Field) *Type {
	return &Type{shape: typeContext, kind: KindContext, fields: fields}
}

// FunctionOf is the type of functions.
func FunctionOf(params []*Type, result *Type) *Type {
	return &Type{shape: typeFunction, kind: KindFunction, params: params, result: result}
}

// Constrained is a named type, such as an item definition: values of base for
// which check holds. A nil check lets all pass.
func Constrained(name string, base *Type, check func(Value) bool) *Type {
	return &Type{shape: typeConstrained, name: name, elem: base, check: check}
}

var simpleTypes = map[string]typeSpec{
	"Any":                       {typeAny, KindNull},
	"Null":                      {typeNull, KindNull},
	"number":                    {typeSimple, KindNumber},
	"string":                    {typeSimple, KindString},
	"boolean":                   {typeSimple, KindBool},
	"date":                      {typeSimple, KindDate},
	"time":                      {typeSimple, KindTime},
	"date and time":             {typeSimple, KindDateTime},
	"dateTime":                  {typeSimple, KindDateTime},
	"days and time duration":    {typeSimple, KindDaysTime},
	"dayTimeDuration":           {typeSimple, KindDaysTime},
	"day-time-duration":         {typeSimple, KindDaysTime},
	"years and months duration": {typeSimple, KindYearsMonths},
	"yearMonthDuration":         {typeSimple, KindYearsMonths},
	"year-month-duration":       {typeSimple, KindYearsMonths},
	"list":                      {typeSimple, KindList},
	"context":                   {typeSimple, KindContext},
	"range":                     {typeSimple, KindRange},
	"function":                  {typeSimple, KindFunction},
}

type typeSpec struct {
	shape typeKind
	kind  Kind
}

// TypeByName gives a type that FEEL itself names: "number", "date and time",
// "Any" and so on, also in the spelling of item definitions such as "dateTime".
func TypeByName(name string) (*Type, bool) {
	s, ok := simpleTypes[name]
	if !ok {
		return nil, false
	}
	return &Type{shape: s.shape, kind: s.kind}, true
}

// String gives the type as FEEL writes it.
func (t *Type) String() string {
	if t == nil {
		return "Any"
	}
	switch t.shape {
	case typeAny:
		return "Any"
	case typeNull:
		return "Null"
	case typeSimple:
		return t.kind.String()
	case typeList:
		return "list<" + t.elem.String() + ">"
	case typeRange:
		return "range<" + t.elem.String() + ">"
	case typeContext:
		parts := make([]string, len(t.fields))
		for i, f := range t.fields {
			parts[i] = f.Name + ": " + f.Type.String()
		}
		return "context<" + strings.Join(parts, ", ") + ">"
	case typeFunction:
		parts := make([]string, len(t.params))
		for i, p := range t.params {
			parts[i] = p.String()
		}
		return "function<" + strings.Join(parts, ", ") + ">->" + t.result.String()
	case typeConstrained:
		return t.name
	}
	return "Any"
}

// Field gives the type of an entry of a context type, looking through item
// definitions; ok is false when it is not known.
func (t *Type) Field(name string) (ft *Type, ok bool) {
	t = t.base()
	if t == nil {
		return nil, false
	}
	for _, f := range t.fields {
		if f.Name == name {
			return f.Type, true
		}
	}
	return nil, false
}

// Elem gives the type of the items of a list or of the endpoints of a range.
func (t *Type) Elem() (elem *Type, ok bool) {
	t = t.base()
	if t == nil || (t.shape != typeList && t.shape != typeRange) {
		return nil, false
	}
	return t.elem, true
}

// Kind gives the kind of the values of the type; ok is false for Any and Null.
func (t *Type) Kind() (k Kind, ok bool) {
	t = t.base()
	if t == nil || t.shape == typeAny || t.shape == typeNull {
		return KindNull, false
	}
	return t.kind, true
}

// base looks through names.
func (t *Type) base() *Type {
	for t != nil && t.shape == typeConstrained {
		t = t.elem
	}
	return t
}

// InstanceOf answers "v instance of t" (DMN 1.5, 10.3.2.9.3): null is an
// instance of Null alone.
func (t *Type) InstanceOf(v Value) bool {
	if v.IsNull() {
		return t != nil && t.shape == typeNull
	}
	return t.Conforms(v)
}

// instanceOf is InstanceOf at the cost of steps.
func (f *frame) instanceOf(v Value, t *Type) bool {
	if v.IsNull() {
		return t.InstanceOf(v)
	}
	left := f.steps
	ok := t.conforms(v, &left)
	f.steps = left
	f.step(0)
	return ok
}

// Conforms reports whether the value conforms to the type (DMN 1.5, 10.3.2.9.2).
// Null conforms to every type. A value of more than ten million parts does not.
func (t *Type) Conforms(v Value) bool {
	left := maxParts
	return t.conforms(v, &left)
}

func (t *Type) conforms(v Value, left *int) bool {
	if t == nil || v.IsNull() {
		return true
	}
	if *left--; *left < 0 {
		return false
	}
	switch t.shape {
	case typeAny:
		return true
	case typeNull:
		return false
	case typeSimple:
		return v.kind == t.kind
	case typeList:
		return t.conformsList(v, left)
	case typeContext:
		return t.conformsContext(v, left)
	case typeRange:
		r, ok := v.Range()
		return ok && t.elem.conforms(r.Low, left) && t.elem.conforms(r.High, left)
	case typeFunction:
		return t.conformsFunction(v)
	case typeConstrained:
		return t.elem.conforms(v, left) && (t.check == nil || t.check(v))
	}
	return false
}

func (t *Type) conformsList(v Value, left *int) bool {
	if v.kind != KindList {
		return false
	}
	if t.elem == nil || t.elem.shape == typeAny {
		return true
	}
	for i := range v.Len() {
		if !t.elem.conforms(v.At(i), left) {
			return false
		}
	}
	return true
}

func (t *Type) conformsContext(v Value, left *int) bool {
	if v.kind != KindContext {
		return false
	}
	for _, f := range t.fields {
		e, ok := v.Get(f.Name)
		if !ok || !f.Type.conforms(e, left) {
			return false
		}
	}
	return true
}

// conformsFunction: parameters may be wider, the result narrower (DMN 1.5,
// 10.3.2.9.2). A type that a function does not declare is taken to fit.
func (t *Type) conformsFunction(v Value) bool {
	f, ok := v.Function()
	if !ok || len(f.params) != len(t.params) {
		return false
	}
	for i, p := range f.params {
		if p.Type != nil && !t.params[i].narrows(p.Type) {
			return false
		}
	}
	result := f.result
	if result == nil {
		result = f.gives
	}
	return result == nil || result.narrows(t.result)
}

// staticType is the type of the values other than null of an expression in the
// body of a function, as far as its form tells; nil when it does not.
func staticType(a *ast, params []Param) *Type {
	switch a.op {
	case opLiteral:
		return TypeOf(a.val.kind)
	case opTemporal:
		if v, ok := ParseTemporal(a.name); ok {
			return TypeOf(v.kind)
		}
	case opName:
		for _, p := range params {
			if p.Name == a.name {
				return p.Type
			}
		}
	case opEq, opNe, opLt, opLe, opGt, opGe, opAnd, opOr, opBetween, opIn, opSome, opEvery, opInstanceOf:
		return TypeOf(KindBool)
	case opAdd, opSub, opMul, opDiv, opPow:
		x, y := staticType(a.kids[0], params), staticType(a.kids[1], params)
		for _, k := range []Kind{KindNumber, KindString} {
			if t := TypeOf(k); x != nil && y != nil && x.narrows(t) && y.narrows(t) && (k == KindNumber || a.op == opAdd) {
				return t
			}
		}
	case opIf:
		x, y := staticType(a.kids[1], params), staticType(a.kids[2], params)
		switch {
		case x == nil || y == nil:
		case x.narrows(y):
			return y
		case y.narrows(x):
			return x
		}
	case opNeg, opTest, opRange, opList, opContext, opPath, opFilter, opCall, opFunction, opFor, opUnaryTests, opNotTests, opAnyTest:
	}
	return nil
}

// narrows reports whether every value of t is one of u.
func (t *Type) narrows(u *Type) bool {
	if u == nil || u.shape == typeAny || t == u {
		return true
	}
	if t == nil || t.shape == typeAny {
		return false
	}
	if t.shape == typeNull {
		return true
	}
	if u.shape == typeConstrained {
		if u.check != nil {
			return false
		}
		return t.narrows(u.elem)
	}
	if t.shape == typeConstrained {
		return t.elem.narrows(u)
	}
	if t.kind != u.kind {
		return false
	}
	switch u.shape {
	case typeSimple:
		return true
	case typeList, typeRange:
		return t.shape == u.shape && t.elem.narrows(u.elem)
	case typeContext:
		for _, f := range u.fields {
			ft, ok := t.Field(f.Name)
			if !ok || !ft.narrows(f.Type) {
				return false
			}
		}
		return true
	case typeFunction:
		if t.shape != typeFunction || len(t.params) != len(u.params) {
			return false
		}
		for i := range u.params {
			if !u.params[i].narrows(t.params[i]) {
				return false
			}
		}
		return t.result.narrows(u.result)
	case typeAny, typeNull, typeConstrained:
	}
	return false
}

// Coerce makes the value conform by the implicit conversions of DMN 1.5,
// 10.3.2.9.4: a list of one item to the item, an item to a list of one, a date
// to the date and time of its midnight in UTC. ok is false, and the value null, when it does not
// conform then either.
func (t *Type) Coerce(v Value) (coerced Value, ok bool) {
	if t.Conforms(v) {
		return v, true
	}
	b := t.base()
	if b == nil {
		return v, true
	}
	switch {
	case v.kind == KindList && v.Len() == 1 && !b.isList():
		if one := v.At(0); t.Conforms(one) {
			return one, true
		}
	case v.kind != KindList && b.isList():
		if l := List(v); t.Conforms(l) {
			return l, true
		}
	}
	if b.shape == typeSimple && b.kind == KindDateTime && v.kind == KindDate {
		if dt := v.atMidnightUTC(); t.Conforms(dt) {
			return dt, true
		}
	}
	return Value{}, false
}

func (t *Type) isList() bool { return t.kind == KindList && t.shape != typeConstrained }
