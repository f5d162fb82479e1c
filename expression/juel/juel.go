package juel

import (
	"fmt"
	"slices"
	"time"
	"unicode/utf8"
)

// Limits bound the compilation and evaluation of an expression. A zero field
// means its default.
type Limits struct {
	Source int           // bytes of the text; default 65,536
	Depth  int           // nesting of parentheses, calls and conditions; default 200
	Nodes  int           // parts of the expression; default 10,000
	Steps  int           // work of one evaluation: parts, items and characters looked at; default 10,000,000
	Text   int           // bytes of a text that comes about; default 1,048,576
	Items  int           // items of a list that comes about; default 100,000
	Regex  time.Duration // all work on regular expressions in one evaluation; default 100 ms
}

// WithDefaults fills the zero fields.
func (l Limits) WithDefaults() Limits {
	set := func(v *int, def int) {
		if *v <= 0 {
			*v = def
		}
	}
	set(&l.Source, 65_536)
	set(&l.Depth, 200)
	set(&l.Nodes, 10_000)
	set(&l.Steps, 10_000_000)
	set(&l.Text, 1<<20)
	set(&l.Items, 100_000)
	if l.Regex <= 0 {
		l.Regex = 100 * time.Millisecond
	}
	return l
}

// Options say what an expression may use.
type Options struct {
	// Functions are the Go functions and beans of the application; nil is none.
	Functions *Registry
	// AllowWrites lets methods such as execution.setVariable compile; what they
	// do is up to the hooks of [Execution] and [Task].
	AllowWrites bool
	// Limits bound the text now and each evaluation later.
	Limits Limits
}

// Expression is a compiled expression. It is immutable and safe for concurrent
// use.
type Expression struct {
	text   string
	root   node
	names  []string
	limits Limits
	plain  bool
}

// Compile reads a text in which expressions stand in ${} or #{}. A text that is
// one expression has its value, any other text is a text with the values in
// place; \${ and \#{ stand for the characters. Errors are [*Error].
func Compile(text string, opts Options) (*Expression, error) {
	opts.Limits = opts.Limits.WithDefaults()
	p := &parser{text: text, opts: opts, names: map[string]bool{}}
	if len(text) > opts.Limits.Source {
		return nil, p.fail(CodeLimit, opts.Limits.Source, "", "the text is longer than %d bytes", opts.Limits.Source)
	}
	if !utf8.ValidString(text) {
		return nil, p.fail(CodeSyntax, 0, "", "the text is not valid UTF-8")
	}
	root, err := p.composite()
	if err != nil {
		return nil, err
	}
	return p.finish(root), nil
}

// CompileBare reads one expression without the braces around it.
func CompileBare(text string, opts Options) (*Expression, error) {
	opts.Limits = opts.Limits.WithDefaults()
	p := &parser{text: text, opts: opts, names: map[string]bool{}}
	if len(text) > opts.Limits.Source {
		return nil, p.fail(CodeLimit, opts.Limits.Source, "", "the text is longer than %d bytes", opts.Limits.Source)
	}
	if !utf8.ValidString(text) {
		return nil, p.fail(CodeSyntax, 0, "", "the text is not valid UTF-8")
	}
	if err := p.next(); err != nil {
		return nil, err
	}
	root, err := p.conditional()
	if err != nil {
		return nil, err
	}
	if p.tok.kind != tEnd {
		return nil, p.fail(CodeSyntax, p.tok.at, "", "expected an operator or the end before %q", p.show())
	}
	return p.finish(root), nil
}

func (p *parser) finish(root node) *Expression {
	_, plain := root.(*literal)
	return &Expression{text: p.text, root: root, names: p.free(), limits: p.opts.Limits, plain: plain}
}

// Text gives the text that was compiled.
func (e *Expression) Text() string { return e.text }

// Literal reports whether the text holds nothing to evaluate: it is the same
// each time.
func (e *Expression) Literal() bool { return e.plain }

// Variables gives the names of the process variables that the expression may
// read, in ascending order: the free names and those that functions such as
// var:get name. Names that come about while it runs are not among them.
func (e *Expression) Variables() []string { return slices.Clone(e.names) }

// EvalContext is what an evaluation sees. The zero value has no variables.
type EvalContext struct {
	// Lookup finds a process variable by name; its values are those of package
	// variables. nil knows none.
	Lookup func(name string) (any, bool)
	// Now is the engine's time; expressions have no other clock.
	Now time.Time
	// Location is the zone of dates; nil is UTC.
	Location *time.Location
	// Execution is what `execution` means; nil leaves the name to variables.
	Execution *Execution
	// Task is what `task` means; nil leaves the name to variables.
	Task *Task
	// User and Groups are who acts, for currentUser() and authenticatedUserId;
	// an empty User is null.
	User   string
	Groups []string
	// Limits, where not zero, replace those of the expression.
	Limits Limits
}

// Eval evaluates the expression. The result is a value as package variables has
// them; a date is a text such as 2026-03-01T09:30:00Z. It may share lists and
// objects with the variables, so neither is to be changed afterwards. Errors are
// [*Error].
func (e *Expression) Eval(ctx *EvalContext) (any, error) {
	if l, ok := e.root.(*literal); ok {
		return l.value, nil
	}
	f := frame{ctx: ctx, expr: e, steps: e.limits.Steps, text: e.limits.Text, items: e.limits.Items, regex: e.limits.Regex}
	if ctx.Limits != (Limits{}) {
		f.limit(ctx.Limits)
	}
	v, err := e.root.eval(&f)
	if err != nil {
		return nil, err
	}
	switch v := v.(type) {
	case nil, bool, string, int64:
		return v, nil
	default:
		return f.export(v, 0)
	}
}

// EvalBool evaluates a condition. As in Camunda 7 and Flowable its value has to
// be true or false: null, texts and numbers are an error with [CodeCoercion].
func (e *Expression) EvalBool(ctx *EvalContext) (bool, error) {
	v, err := e.Eval(ctx)
	if err != nil {
		return false, err
	}
	b, ok := v.(bool)
	if !ok {
		return false, newError(CodeCoercion, e.text, 0, "", fmt.Sprintf("expected true or false of the condition, but it is %s", describe(v)))
	}
	return b, nil
}

// frame is one evaluation.
type frame struct {
	ctx   *EvalContext
	expr  *Expression
	steps int
	text  int
	items int
	regex time.Duration // what is left for regular expressions
}

func (f *frame) limit(l Limits) {
	if l.Steps > 0 {
		f.steps = l.Steps
	}
	if l.Text > 0 {
		f.text = l.Text
	}
	if l.Items > 0 {
		f.items = l.Items
	}
	if l.Regex > 0 {
		f.regex = l.Regex
	}
}

func (f *frame) fail(code Code, at int, name, format string, args ...any) error {
	return newError(code, f.expr.text, at, name, fmt.Sprintf(format, args...))
}

// spend takes steps.
func (f *frame) spend(n, at int) error {
	f.steps -= n
	if f.steps < 0 {
		return f.fail(CodeLimit, at, "", "the evaluation takes too many steps; make the expression or its values smaller")
	}
	return nil
}

func (f *frame) location() *time.Location {
	if f.ctx.Location == nil {
		return time.UTC
	}
	return f.ctx.Location
}

// export gives the form that a value has outside: dates are texts, and objects
// of the engine stay inside.
func (f *frame) export(v any, at int) (any, error) {
	switch v := v.(type) {
	case moment:
		return formatMoment(v.t), nil
	case *Execution, *Task, *Element:
		return nil, f.fail(CodeType, at, "", "%s is no value; read one of its properties, such as its id", typeName(v))
	}
	return v, nil
}
