package script

import (
	"errors"
	"fmt"
	"time"

	"github.com/dop251/goja"
)

// Compiler makes scripts of another language; package expression/feel and
// expression/juel are wired in through it.
type Compiler interface {
	CompileScript(source string) (Evaluator, error)
}

// Evaluator is a script that a Compiler made. It has to be safe for
// concurrent use and to keep the rules of Program.Eval.
type Evaluator interface {
	EvalScript(ctx *EvalContext) (result any, writes map[string]any, err error)
}

// Options of Compile; the zero value works.
type Options struct {
	// Name is how messages call the script. Default "script".
	Name string
	// AutoStore writes the variables that the script assigns without a
	// method call (Flowable's autoStoreVariables): bare assignments, and var
	// at the top level. let and const, function declarations and Groovy's def
	// stay private. Default: off, as in Camunda 7 and Flowable.
	AutoStore bool
	// NoVariables hides the variables from bare names (Flowable's
	// doNotIncludeVariables); execution.getVariable still finds them.
	NoVariables bool
	// Limits bound each Eval.
	Limits Limits
	// Engines run the formats whose Support is Engine, by language name.
	Engines map[string]Compiler
	// Pool shares runtimes between programs; a runtime takes about 1 MiB.
	// Default: a pool of one for this program.
	Pool *Pool
}

// Program is a compiled script. It is immutable and safe for concurrent use.
type Program struct {
	name      string
	limits    Limits
	autoStore bool
	blind     bool
	engine    Evaluator
	code      *goja.Program
	groovy    bool
	imports   []string
	all       bool
	pool      *Pool
}

// Compile makes a program of a source in a script format (see Formats). All
// errors are *Error: an unknown or refused format, a syntax error, or a
// construct that is not supported, with its line and a way out.
func Compile(format, source string, opts Options) (*Program, error) {
	f, ok := LookupFormat(format)
	if !ok {
		return nil, errorf(CodeFormat, "script format %q is not known; use javascript, groovy (subset), feel or juel", format)
	}
	p := &Program{name: opts.Name, limits: opts.Limits.WithDefaults(), autoStore: opts.AutoStore, blind: opts.NoVariables, pool: opts.Pool}
	if p.name == "" {
		p.name = "script"
	}
	switch f.Support {
	case Refused:
		return nil, errorf(CodeFormat, "script format %q is %s", format, f.Note)
	case Engine:
		return p.compileEngine(f, source, opts.Engines[f.Language])
	case Subset:
		if len(source) > p.limits.MaxSource {
			return nil, errorf(CodeTooLarge, "the source has %d bytes, the limit is %d; call a job worker instead", len(source), p.limits.MaxSource)
		}
		return p.compileGroovy(source)
	case Native:
	}
	if err := p.compileJS(source); err != nil {
		return nil, err
	}
	return p, nil
}

func (p *Program) compileEngine(f Format, source string, c Compiler) (*Program, error) {
	if c == nil {
		return nil, errorf(CodeEngine, "no engine for script format %q is configured", f.Name)
	}
	e, err := c.CompileScript(source)
	if err != nil {
		var coded *Error
		if errors.As(err, &coded) {
			return nil, err
		}
		return nil, &Error{Code: CodeSyntax, Message: err.Error(), Err: err}
	}
	p.engine = e
	return p, nil
}

// compileJS is typed *Error so that no nil pointer hides in an interface.
func (p *Program) compileJS(source string) error {
	a, err := analyse(p.name, source, p.limits, false)
	if err != nil {
		return err
	}
	p.take(a)
	return nil
}

func (p *Program) take(a *analysed) {
	p.code, p.all = a.program, a.all && !p.blind
	for _, n := range a.free {
		if !isIntrinsic(n) && !p.blind {
			p.imports = append(p.imports, n)
		}
	}
	if p.pool == nil {
		p.pool = NewPool(1)
	}
}

// Variables lists the names that the script reads or writes without a method
// call, in order of appearance.
func (p *Program) Variables() []string { return append([]string(nil), p.imports...) }

// Eval runs the program: result is the value of its last expression (nil when
// it has none), writes are the variables it set. On error, which is always an
// *Error, nothing is written, but for CodeBpmnError: then writes are what was set
// by methods before. Output and further effects are collected in ctx.
//
// Numbers come in as JavaScript numbers where a double holds them exactly,
// else as objects that compute as the nearest double and are handed on
// unchanged. Numbers go out as int64 when they are integers in its range,
// else as the shortest decimal of the double. undefined is null; a Date is
// its ISO text in UTC; NaN, Infinity, functions, symbols, Map, Set, RegExp,
// Error and values that contain themselves are refused with CodeValue.
func (p *Program) Eval(ctx *EvalContext) (result any, writes map[string]any, err error) {
	if p.engine != nil {
		return p.engine.EvalScript(ctx)
	}
	r, err := p.pool.get()
	if err != nil {
		return nil, nil, &Error{Code: CodeInternal, Message: err.Error(), Err: err}
	}
	if p.groovy {
		if err := r.loadGroovy(); err != nil {
			return nil, nil, &Error{Code: CodeInternal, Message: err.Error(), Err: err}
		}
	}
	c := &call{realm: r, limits: p.limits, ctx: ctx, random: ctx.Seed, host: &hostState{
		cache: make(map[string]goja.Value), writes: make(map[string]any), removed: make(map[string]bool),
		imports: make(map[string]bool, len(p.imports)),
		local:   overlay{cache: make(map[string]goja.Value), writes: make(map[string]any), removed: make(map[string]bool)},
	}}
	r.call = c
	r.rt.SetMaxCallStackSize(p.limits.MaxDepth)
	timer := time.AfterFunc(p.limits.Deadline, func() { r.rt.Interrupt(nil) })
	result, err = c.guarded(p)
	ctx.Steps = c.used.steps
	onTime := timer.Stop()
	if err != nil {
		var e *Error
		if !errors.As(err, &e) || e.Code != CodeException && e.Code != CodeBpmnError && e.Code != CodeValue {
			return nil, nil, err // the interpreter was stopped half way and is dropped
		}
	}
	r.call = nil
	r.rt.SetGlobalObject(r.base)
	if onTime {
		p.pool.put(r)
	}
	var thrown *Error
	if err != nil && !(errors.As(err, &thrown) && thrown.Code == CodeBpmnError) {
		return nil, nil, err
	}
	h := c.host
	ctx.LocalWrites = h.local.writes
	ctx.Removed, ctx.RemovedLocal = keysOf(h.removed), keysOf(h.local.removed)
	return result, h.writes, err
}

func keysOf(m map[string]bool) []string {
	if len(m) == 0 {
		return nil
	}
	keys := make(map[string]any, len(m))
	for k := range m {
		keys[k] = nil
	}
	return sortedKeys(keys)
}

// guarded runs the script and turns whatever ends it into an *Error.
func (c *call) guarded(p *Program) (result any, err error) {
	defer func() {
		if x := recover(); x != nil {
			e, ok := x.(error)
			if !ok {
				e = fmt.Errorf("%v", x)
			}
			result, err = nil, c.failure(p, e, true)
		}
	}()
	result, err = c.eval(p)
	if err != nil {
		return nil, c.failure(p, err, false)
	}
	return result, nil
}

func (c *call) eval(p *Program) (any, error) {
	rt := c.realm.rt
	g := rt.CreateObject(c.realm.base)
	c.host.global = g
	rt.SetGlobalObject(g)
	if err := g.DefineDataProperty("globalThis", g, goja.FLAG_FALSE, goja.FLAG_FALSE, goja.FLAG_FALSE); err != nil {
		return nil, err
	}
	before, err := c.bind(p, g)
	if err != nil {
		return nil, err
	}
	v, err := c.realm.run(p.code)
	if err != nil {
		return nil, err
	}
	pair := v.ToObject(rt)
	result := c.fromJS(pair.Get("0"), "the result")
	if p.autoStore {
		c.autoStore(pair.Get("1").ToObject(rt), before)
		c.autoStore(g, before)
	}
	return result, nil
}

// bind puts the variables that the script names into its global object.
func (c *call) bind(p *Program, g *goja.Object) (map[string]goja.Value, error) {
	names := p.imports
	if p.all {
		names = append(append([]string(nil), names...), c.names(false)...)
	}
	before := make(map[string]goja.Value, len(names))
	for _, n := range names {
		if _, done := before[n]; done || isIntrinsic(n) {
			continue
		}
		c.host.imports[n] = true
		var v goja.Value
		if o, ok := c.ctx.Objects[n]; ok {
			v = c.hostObject(n, o)
		} else if v, ok = c.lookup(n); !ok {
			continue
		}
		before[n] = v
		if err := g.Set(n, v); err != nil {
			return nil, err
		}
	}
	return before, nil
}

// autoStore writes the bindings that are new or have another value. Functions
// and undefined are left out: they are the script's own.
func (c *call) autoStore(o *goja.Object, before map[string]goja.Value) {
	for _, k := range o.Keys() {
		v := nilSafe(o.Get(k))
		if _, isFunction := goja.AssertFunction(v); isFunction || goja.IsUndefined(v) {
			continue
		}
		if old, ok := before[k]; ok && old.SameAs(v) {
			continue
		}
		if w, ok := c.host.cache[k]; ok && w.SameAs(v) {
			continue // set by a method of execution, or read only
		}
		c.write(k, v, false)
	}
}

// failure names what ended a script.
func (c *call) failure(p *Program, err error, panicked bool) error {
	var stopped *abort
	var overflow *goja.StackOverflowError
	var interrupted *goja.InterruptedError
	var thrown *goja.Exception
	switch {
	case errors.As(err, &stopped):
		return stopped.err
	case errors.As(err, &overflow):
		return errorf(CodeStack, "calls are nested deeper than %d; use a loop", p.limits.MaxDepth)
	case errors.As(err, &interrupted):
		return errorf(CodeDeadline, "the script ran longer than %v", p.limits.Deadline)
	case errors.As(err, &thrown):
		return c.exception(p, thrown)
	}
	e := &Error{Code: CodeInternal, Message: err.Error(), Err: err}
	if panicked {
		e.Message = "the interpreter failed: " + e.Message
	}
	return e
}

// exception describes an uncaught exception by plain reads: a toString of the
// script is not run again.
func (c *call) exception(p *Program, ex *goja.Exception) *Error {
	e := &Error{Code: CodeException}
	for _, f := range ex.Stack() {
		if pos := f.Position(); f.SrcName() == p.name && pos.Line > 0 {
			e.Line, e.Column = pos.Line, pos.Column
			break
		}
	}
	v := ex.Value()
	o, ok := v.(*goja.Object)
	if !ok {
		e.Message = "thrown: " + clip(nilSafe(v).String())
		return e
	}
	if b, ok := c.bpmn[o]; ok {
		e.Code, e.BPMN = CodeBpmnError, b
		e.Message = fmt.Sprintf("BPMN error %q: %s", b.Code, b.Message)
		return e
	}
	e.Message = "an object was thrown"
	if o.ClassName() == "Error" {
		read := func(name string) string {
			if v := nilSafe(o.Get(name)); goja.IsString(v) {
				return clip(v.String())
			}
			return ""
		}
		if x := c.realm.rt.Try(func() { e.Message = read("name") + ": " + read("message") }); x != nil {
			e.Message = "an error was thrown that cannot be read"
		}
	}
	return e
}

// clip keeps messages short enough for an incident.
func clip(s string) string {
	const most = 2000
	if len(s) > most {
		return s[:most] + "..."
	}
	return s
}
