package script

import (
	_ "embed"
	"errors"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/dop251/goja"
)

//go:embed prelude.js
var preludeSource string

// prelude is compiled once; a compiled program is immutable and shared.
var prelude = sync.OnceValues(func() (*goja.Program, error) {
	a, err := analyse("prelude.js", preludeSource, Limits{}.WithDefaults(), true)
	if err != nil {
		return nil, err
	}
	return a.program, nil
})

// realm is one interpreter with hardened, frozen built-ins. It runs one call
// at a time; each call gets a fresh global object in front of the frozen one,
// so nothing a script leaves behind is there for the next.
type realm struct {
	rt   *goja.Runtime
	base *goja.Object // the frozen global
	call *call        // the call that runs now

	exactProto *goja.Object
	bpmnError  goja.Value
	regExp     goja.Callable
	values     goja.Value // Array.prototype.values, to know plain arrays when spread
	mapSize    goja.Callable
	setSize    goja.Callable
	rawJSON    goja.Callable
	nativeJoin goja.Callable
	errorTypes map[string]*goja.Object
	hooks      []goja.Value

	// groovyNames are the methods of the Groovy library, nil until it is loaded.
	groovyNames map[string]bool
	classes     map[*goja.Object]bool // the classes of the Groovy library
}

// call is the state of one Eval.
type call struct {
	realm  *realm
	limits Limits
	used   meter
	ctx    *EvalContext
	host   *hostState

	exact        map[*goja.Object]any
	regexes      map[*goja.Object]*regex
	compiled     map[string]*regex
	bpmn         map[*goja.Object]*BpmnError
	stretched    map[*goja.Object]bool
	subject      goja.String
	subjectUnits []rune
	random       uint64
	arity        map[*goja.Object]int64 // parameters of Groovy closures
	hosts        map[*goja.Object]bool  // objects made by hostObject
	instance     goja.Value             // see instanceObject
}

func itoa(i int) string { return strconv.Itoa(i) }

func nilSafe(v goja.Value) goja.Value {
	if v == nil {
		return goja.Undefined()
	}
	return v
}

// toText is ToString of the language; it may run code of the script.
func (c *call) toText(v goja.Value) goja.String {
	if _, ok := v.(*goja.Symbol); ok {
		panic(c.realm.rt.NewTypeError("a symbol cannot be made text"))
	}
	p := v.ToString() // numbers and the like give themselves
	s, ok := p.(goja.String)
	if !ok {
		s, _ = c.realm.rt.ToValue(p.String()).(goja.String)
	}
	return s
}

func newRealm() (*realm, error) {
	p, err := prelude()
	if err != nil {
		return nil, err
	}
	r := &realm{rt: goja.New()}
	r.base = r.rt.GlobalObject()
	r.rt.SetRandSource(func() float64 { return r.call.nextRandom() })
	r.rt.SetTimeSource(func() time.Time { return r.call.ctx.Now })
	r.call = r.setupCall()
	r.errorTypes = make(map[string]*goja.Object)
	for _, name := range []string{"SyntaxError", "TypeError", "RangeError", "Error"} {
		r.errorTypes[name] = r.base.Get(name).ToObject(r.rt)
	}
	for _, n := range []struct {
		to     *goja.Callable
		source string
	}{
		{&r.mapSize, "Object.getOwnPropertyDescriptor(Map.prototype, 'size').get"},
		{&r.setSize, "Object.getOwnPropertyDescriptor(Set.prototype, 'size').get"},
		{&r.rawJSON, "JSON.rawJSON"},
		{&r.nativeJoin, "Array.prototype.join"},
	} {
		v, err := r.rt.RunString(n.source)
		if err != nil {
			return nil, err
		}
		var ok bool
		if *n.to, ok = goja.AssertFunction(v); !ok {
			return nil, errors.New(n.source + " is not a function")
		}
	}
	r.hooks = []goja.Value{
		r.native(r.hookTick), r.native(r.hookString), r.native(r.hookSpread), r.native(r.hookSpreadObject), goja.Undefined(), goja.Undefined(), r.native(r.hookKey), goja.Undefined(),
	}
	result, err := r.run(p)
	if err != nil {
		return nil, err
	}
	setup, ok := goja.AssertFunction(result.ToObject(r.rt).Get("0"))
	if !ok {
		return nil, errors.New("the prelude is not a function")
	}
	exports, err := setup(goja.Undefined(), r.hostFunctions())
	if err != nil {
		return nil, err
	}
	o := exports.ToObject(r.rt)
	r.exactProto = o.Get("exactProto").ToObject(r.rt)
	r.values = o.Get("values")
	r.bpmnError = o.Get("BpmnError")
	if r.regExp, ok = goja.AssertFunction(o.Get("newRegExp")); !ok {
		return nil, errors.New("the prelude gives no newRegExp")
	}
	r.hooks[4] = o.Get("newRegExp")
	r.hooks[5] = r.bpmnError
	r.call = nil
	return r, nil
}

// collection tells Map and Set from other objects; the interpreter gives
// them the class Object, and exports them as slices.
func collection(o *goja.Object) string {
	if o.ClassName() != "Object" {
		return ""
	}
	t := o.ExportType()
	switch {
	case t == nil || t.Kind() != reflect.Slice:
		return ""
	case t.Elem().Kind() == reflect.Array:
		return "Map"
	default:
		return "Set"
	}
}

func (r *realm) collectionSize(o *goja.Object) int64 {
	get := r.mapSize
	switch collection(o) {
	case "":
		return 0
	case "Set":
		get = r.setSize
	}
	return must(get(o)).ToInteger()
}

func (r *realm) native(f func(goja.FunctionCall) goja.Value) goja.Value { return r.rt.ToValue(f) }

// run evaluates a rewritten program: the outer function gets the hooks, the
// inner one is the script.
func (r *realm) run(p *goja.Program) (goja.Value, error) {
	v, err := r.rt.RunProgram(p)
	if err != nil {
		return nil, err
	}
	outer, ok := goja.AssertFunction(v)
	if !ok {
		return nil, errors.New("a compiled script is not a function")
	}
	if v, err = outer(goja.Undefined(), r.hooks...); err != nil {
		return nil, err
	}
	inner, ok := goja.AssertFunction(v)
	if !ok {
		return nil, errors.New("a compiled script has no body")
	}
	return inner(r.rt.GlobalObject())
}

func (r *realm) makeError(class, message string) goja.Value {
	o, err := r.rt.New(r.errorTypes[class], r.rt.ToValue(message))
	if err != nil {
		panic(err)
	}
	return o
}

// setupCall pays for what a realm runs before any script.
func (r *realm) setupCall() *call {
	return &call{realm: r, limits: Limits{Steps: 1 << 40, Memory: 1 << 40}.WithDefaults(), ctx: &EvalContext{}}
}

// must passes on what a nested call threw, an abort included.
func must(v goja.Value, err error) goja.Value {
	if err != nil {
		panic(err)
	}
	return v
}

// ---- hooks of the rewriter ----

func (r *realm) hookTick(f goja.FunctionCall) goja.Value {
	r.call.spend(f.Arguments[0].ToInteger(), f.Arguments[1].ToInteger())
	return goja.Undefined()
}

func (r *realm) hookString(f goja.FunctionCall) goja.Value {
	v := f.Arguments[0]
	if s, ok := v.(goja.String); ok {
		r.call.spendString(int64(s.Length()))
	}
	return v
}

func (r *realm) hookSpread(f goja.FunctionCall) goja.Value { return r.call.spread(f.Argument(0)) }

// spread makes an array of an iterable, paying for each element.
func (c *call) spread(v goja.Value) goja.Value {
	rt := c.realm.rt
	if n, ok := arrayLength(v); ok {
		// A plain array is walked by its length; nobody else sees the result.
		if o := v.(*goja.Object); o.GetSymbol(goja.SymIterator) == c.realm.values {
			c.spendArray(n, bytesElement)
			return v
		}
	}
	var items []any
	if goja.IsUndefined(v) || goja.IsNull(v) {
		panic(rt.NewTypeError("%s cannot be spread", v))
	}
	rt.ForOf(v, func(e goja.Value) bool {
		items = append(items, e)
		c.spend(4, bytesObject) // the iterator's result, and what it holds
		if len(items) > c.limits.MaxArray {
			stop(CodeMemory, "an array would have more than %d elements", c.limits.MaxArray)
		}
		return true
	})
	return rt.NewArray(items...)
}

func (r *realm) hookSpreadObject(f goja.FunctionCall) goja.Value {
	r.call.spendArray(memberCount(f.Argument(0)), 2*bytesMember)
	return f.Argument(0)
}

// hookKey pays for the gap that an assignment behind the end of an array
// makes, and turns an object used as key into text once.
func (r *realm) hookKey(f goja.FunctionCall) goja.Value {
	c := r.call
	target, key := f.Argument(0), f.Argument(1)
	if o, ok := key.(*goja.Object); ok {
		key = c.toText(o)
	}
	n, ok := arrayLength(target)
	if !ok {
		return key
	}
	index := key
	if s, ok := key.(goja.String); ok {
		if s.Length() == len("length") && s.String() == "length" {
			c.stretch(target.(*goja.Object))
			return key
		}
		if s.Length() == 0 || s.Length() > 10 {
			return key
		}
		index = c.realm.rt.ToValue(s.ToFloat())
	}
	if !goja.IsNumber(index) {
		return key
	}
	c.payGap(target.(*goja.Object), n, index.ToFloat())
	return key
}

// payGap follows the interpreter: up to index 4096, or with a tenth of the
// places in use, an array is kept dense.
func (c *call) payGap(o *goja.Object, length int64, index float64) {
	if c.stretched[o] {
		length = 0
	}
	gap := index - float64(length)
	if gap > 0 && gap < 10*float64(length)+4096 {
		c.spend(int64(gap)/64, int64(gap)*2*bytesElement)
	}
}

// stretch notes an array whose length was set: it may be longer than what it
// holds.
func (c *call) stretch(o *goja.Object) {
	if c.stretched == nil {
		c.stretched = make(map[*goja.Object]bool)
	}
	c.spend(1, bytesMember)
	c.stretched[o] = true
}

// wrap puts a guard in front of a built-in.
func (r *realm) wrap(name string, g guard, original goja.Callable) goja.Value {
	isNew := makesArray(name)
	return r.native(func(f goja.FunctionCall) goja.Value {
		c := r.call
		b := builtinCall{name: name, this: f.This, args: append([]goja.Value(nil), f.Arguments...)}
		g(c, &b)
		v := must(original(b.this, b.args...))
		if s, ok := v.(goja.String); ok {
			c.spendString(int64(s.Length()))
		} else if isNew {
			n, _ := arrayLength(v)
			c.spend(0, bytesArray+n*bytesElement)
		}
		return v
	})
}

// guards maps holder and name to the guard, from the table.
func guards() map[string]guard {
	m := make(map[string]guard)
	for _, g := range intrinsicTable() {
		for _, n := range strings.Fields(g.names) {
			m[g.holder+"."+n] = g.guard
		}
	}
	return m
}

// Pool keeps realms for reuse; making one takes some milliseconds, using one
// some microseconds. It is safe for concurrent use.
type Pool struct {
	idle chan *realm
}

// NewPool makes a pool that keeps at most size idle runtimes (8 when size is
// not positive). More may run at the same time; the surplus is dropped.
func NewPool(size int) *Pool {
	if size <= 0 {
		size = 8
	}
	return &Pool{idle: make(chan *realm, size)}
}

func (p *Pool) get() (*realm, error) {
	select {
	case r := <-p.idle:
		return r, nil
	default:
		return newRealm()
	}
}

func (p *Pool) put(r *realm) {
	select {
	case p.idle <- r:
	default:
	}
}
