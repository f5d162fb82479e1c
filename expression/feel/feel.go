package feel

import "time"

// Dialect chooses between the readings of FEEL where they differ.
type Dialect uint8

const (
	// DMN is FEEL as DMN 1.5 chapter 10 has it.
	DMN Dialect = iota
	// Camunda is FEEL as Camunda 8 (feel-scala) has it: more built-in functions
	// and names that need not be declared.
	Camunda
)

// String gives "dmn" or "camunda".
func (d Dialect) String() string {
	if d == Camunda {
		return "camunda"
	}
	return "dmn"
}

// Name is a name known to be in scope, with its type if that is known.
type Name struct {
	Name string
	Type *Type
}

// CompileOptions tells Compile about the surroundings of an expression. The
// zero value is DMN with no names declared.
type CompileOptions struct {
	Dialect Dialect
	// Names lists names in scope. Only a name with special characters, such as
	// "loan-to-value" or "date in words", has to be listed to be understood; a
	// name of several plain words is understood without. A name used but not
	// listed is looked up at evaluation like any other.
	Names []Name
	// Functions are further functions by name. They hide built-in functions of
	// the same name.
	Functions map[string]Value
	// Types resolves the names of item definitions in "instance of" and in
	// the parameters of function definitions. It may be nil.
	Types func(name string) (*Type, bool)
	// MaxLength is the limit on the text in bytes; 0 means 256 KiB.
	MaxLength int
}

// Limits bounds an evaluation. A zero field means its default.
type Limits struct {
	// Steps bounds loop turns, function calls and items handled: default 1,000,000.
	Steps int
	// Depth bounds nested function calls: default 256.
	Depth int
	// ListSize bounds the items of one list: default 200,000.
	ListSize int
	// StringSize bounds the bytes of one string: default 1 MiB.
	StringSize int
	// Regex bounds the time one regular expression may take: default 100 ms. Only
	// a pattern that needs backtracking (back-references, or what Java has beyond
	// Go's regexp) can meet it; all others run in linear time.
	Regex time.Duration
	// Warnings bounds the warnings kept: default 20, below 0 none.
	Warnings int
}

// EvalContext is what one evaluation sees of the world. It may be used for many
// evaluations one after the other, and costs nothing then, but not by two
// goroutines at once.
//
// Evaluation reads no clock and no random source: equal contexts give equal
// results.
type EvalContext struct {
	// Scope gives the variables; nil means none.
	Scope Scope
	// Input is the value of ? in unary tests.
	Input Value
	// Now is the moment that now() and today() give.
	Now time.Time
	// Location is the zone that now() and today() are given in; nil means the
	// one of Now.
	Location *time.Location
	// Seed starts random number() and uuid(). The sequence goes on over the
	// evaluations with this context; contexts of equal seeds give equal ids, so
	// each evaluation that is to give its own needs its own seed.
	Seed uint64
	// Limits bounds the evaluation.
	Limits Limits

	st  *state
	own state
}

// With gives a context for a nested evaluation, such as the body of a business
// knowledge model, that sees another scope but shares everything else: clock,
// random sequence, limits already used, and the warnings.
func (c *EvalContext) With(scope Scope) *EvalContext {
	return &EvalContext{
		Scope: scope, Input: c.Input, Now: c.Now, Location: c.Location, Seed: c.Seed,
		Limits: c.Limits, st: c.shared(),
	}
}

// Warnings gives the warnings collected since ResetWarnings, oldest first.
func (c *EvalContext) Warnings() []Warning { return c.shared().warnings }

// ResetWarnings forgets the warnings.
func (c *EvalContext) ResetWarnings() { c.shared().warnings = nil }

// Expression is a compiled expression. It is immutable and safe for concurrent
// use.
type Expression struct {
	text      string
	dialect   Dialect
	run       node
	nslots    int
	variables []string
	constant  bool
	usesInput bool
	patterns  map[regexKey]*regex
}

// Compile parses and compiles an expression (DMN 1.5, 10.3.1.2). An error is
// always an *Error and carries the place.
func Compile(text string, opts CompileOptions) (*Expression, error) {
	return compile(text, opts, false)
}

// CompileUnaryTests parses and compiles unary tests, such as the cell of a
// decision table (DMN 1.5, 10.3.1.2, rule 15): `-`, `< 10, [20..30]`,
// `not("a", "b")`. Evaluated with [EvalContext.Input] as ?, it gives true, false
// or null. A test that is itself a condition, reading ? or of variables alone,
// stands for its value (DMN 1.5, 10.3.2.8).
func CompileUnaryTests(text string, opts CompileOptions) (*Expression, error) {
	return compile(text, opts, true)
}

// String gives the text.
func (e *Expression) String() string { return e.text }

// Variables lists the names that the expression reads from its scope, sorted:
// the roots of paths, without built-in functions and without ?. Names within a
// filter are listed too, since they may be found in the scope.
func (e *Expression) Variables() []string { return e.variables }

// Constant reports whether the expression has the same value in every context.
func (e *Expression) Constant() bool { return e.constant }

// UsesInput reports whether the expression reads ? by name.
func (e *Expression) UsesInput() bool { return e.usesInput }

// Eval evaluates the expression. Where the standard says null, the value is
// null, and a warning in the context says why. An error is an *Error of one of
// the limit codes, CodeAssert or CodeInternal, or what a Go function ended the
// evaluation with.
func (e *Expression) Eval(c *EvalContext) (Value, error) { return e.eval(c) }
