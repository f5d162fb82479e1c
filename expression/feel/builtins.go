package feel

import "slices"

// Builtin describes a built-in function.
type Builtin struct {
	Name string
	// Usage shows the ways to call it, such as "floor(n, scale?)".
	Usage string
	// Dialects it is known in.
	Dialects []Dialect
	// Doc says what it gives, in one line.
	Doc string
	// Example is an expression, and Result the expression of its value.
	Example, Result string
}

// Builtins lists all built-in functions, sorted by name within the chapters of
// the standard (DMN 1.5, 10.3.4), those of Camunda alone at the end.
func Builtins() []Builtin {
	var list []Builtin
	for _, t := range builtinTables {
		for i := range t {
			b := &t[i]
			d := []Dialect{DMN, Camunda}
			if b.camunda {
				d = d[1:]
			}
			list = append(list, Builtin{
				Name: b.name, Usage: b.usage(), Dialects: d,
				Doc: b.doc, Example: b.example, Result: b.result,
			})
		}
	}
	return list
}

// builtinTables is filled once and never changed.
var builtinTables = prepare(
	conversionBuiltins(),
	booleanBuiltins(),
	stringBuiltins(),
	listBuiltins(),
	numberBuiltins(),
	temporalBuiltins(),
	rangeBuiltins(),
	contextBuiltins(),
	camundaBuiltins(),
)

// builtinIndex finds rows by name; a name that Camunda reads in another way has
// two.
var builtinIndex = indexBuiltins(builtinTables)

func prepare(tables ...[]builtin) [][]builtin {
	for _, t := range tables {
		for i := range t {
			for _, s := range t[i].sigs {
				t[i].parsed = append(t[i].parsed, parseSignature(s))
			}
		}
	}
	return tables
}

func indexBuiltins(tables [][]builtin) map[string][]*builtin {
	index := map[string][]*builtin{}
	for _, t := range tables {
		for i := range t {
			b := &t[i]
			if slices.ContainsFunc(index[b.name], func(o *builtin) bool { return o.camunda == b.camunda }) {
				panic("built-in function twice: " + b.name)
			}
			index[b.name] = append(index[b.name], b)
		}
	}
	return index
}

func findBuiltin(name string, d Dialect) *builtin {
	var found *builtin
	for _, b := range builtinIndex[name] {
		if b.camunda {
			if d == Camunda {
				return b
			}
			continue
		}
		found = b
	}
	return found
}

func booleanBuiltins() []builtin {
	return []builtin{
		{
			name: "not", sigs: []string{"negand:b0"},
			run: func(_ *frame, a []Value, _ int) Value {
				if a[0].IsNull() {
					return Value{}
				}
				return Bool(a[0].n == 0)
			},
			doc: "The logical negation; null of null.", example: `not(true)`, result: `false`,
		},
		{
			name: "is", sigs: []string{"value1?:*, value2?:*"},
			run:     func(f *frame, a []Value, _ int) Value { return Bool(f.identical(a[0], a[1])) },
			doc:     "Whether both values are the same element of the semantic domain: of one kind, equal, and with the same time zone.",
			example: `is(@"23:00:50z", @"23:00:50")`, result: `false`,
		},
	}
}
