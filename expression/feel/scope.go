package feel

// Scope gives the values of the names that an expression does not define
// itself. Lookup must give the same answer during one evaluation.
type Scope interface {
	Lookup(name string) (Value, bool)
}

// Vars is a scope of process variables: JSON values as the package variables
// defines them. Values are converted on demand; lists and maps are read in
// place and must not change during the evaluation.
type Vars map[string]any

// Lookup gives the variable of that name.
func (m Vars) Lookup(name string) (Value, bool) {
	a, ok := m[name]
	if !ok {
		return Value{}, false
	}
	return FromAny(a), true
}

// Values is a scope of FEEL values by name.
type Values map[string]Value

// Lookup gives the value of that name.
func (m Values) Lookup(name string) (Value, bool) {
	v, ok := m[name]
	return v, ok
}

// Slots is a scope of few names, searched in order: cheaper to fill than a map.
// Names[i] is the name of Vals[i].
type Slots struct {
	Names []string
	Vals  []Value
}

// Lookup gives the first value of that name.
func (s *Slots) Lookup(name string) (Value, bool) {
	for i, n := range s.Names {
		if n == name && i < len(s.Vals) {
			return s.Vals[i], true
		}
	}
	return Value{}, false
}

// Scopes is a chain of scopes: the first that knows a name gives its value.
type Scopes []Scope

// Lookup asks each scope in turn.
func (s Scopes) Lookup(name string) (Value, bool) {
	for _, sc := range s {
		if v, ok := sc.Lookup(name); ok {
			return v, true
		}
	}
	return Value{}, false
}
