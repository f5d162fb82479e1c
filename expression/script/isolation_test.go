package script

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/dop251/goja"
)

// TestRealmIsClosed walks everything that a script can reach: every object is
// frozen, and every function is one of the table (or an accessor of one).
func TestRealmIsClosed(t *testing.T) {
	r, err := newRealm()
	if err != nil {
		t.Fatal(err)
	}
	r.call = r.setupCall()
	object := r.base.Get("Object").ToObject(r.rt)
	isFrozen, _ := goja.AssertFunction(object.Get("isFrozen"))
	describe, _ := goja.AssertFunction(object.Get("getOwnPropertyDescriptor"))
	seen := make(map[*goja.Object]bool)
	functions := 0
	var walk func(v goja.Value, path string)
	walk = func(v goja.Value, path string) {
		o, ok := v.(*goja.Object)
		if !ok || seen[o] {
			return
		}
		seen[o] = true
		if o.ClassName() == "Function" {
			functions++
		}
		if f, err := isFrozen(goja.Undefined(), o); err != nil || !f.ToBoolean() {
			t.Errorf("%s is not frozen (%v)", path, err)
		}
		if p := o.Prototype(); p != nil {
			walk(p, path+".[[Prototype]]")
		}
		visit := func(key goja.Value, name string) {
			d, err := describe(goja.Undefined(), o, key)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				return
			}
			for _, part := range []string{"value", "get", "set"} {
				if v := d.ToObject(r.rt).Get(part); v != nil {
					walk(v, name)
				}
			}
		}
		for _, k := range o.GetOwnPropertyNames() {
			visit(r.rt.ToValue(k), path+"."+k)
		}
		for _, s := range o.Symbols() {
			visit(s, path+"."+s.String())
		}
	}
	walk(r.base, "globalThis")
	for _, source := range []string{"[].values()", "''[Symbol.iterator]()", "new Map().entries()", "new Set().values()", "(class {}).prototype.constructor"} {
		v, err := r.rt.RunString("Object.getPrototypeOf(" + source + ")")
		if err != nil {
			t.Fatal(err)
		}
		walk(v, source)
	}
	for _, gone := range []string{"eval", "Proxy", "Reflect", "Promise", "ArrayBuffer", "Uint8Array", "BigInt", "GoError", "require"} {
		if v := r.base.Get(gone); v != nil {
			t.Errorf("%s is there", gone)
		}
	}
	t.Logf("%d objects, %d of them functions", len(seen), functions)
}

// TestNothingLeaks: what one script leaves behind is not there for the next
// one on the same runtime.
func TestNothingLeaks(t *testing.T) {
	pool := NewPool(1)
	leave := []string{
		`leak = 1`, `this.leak = 1`, `globalThis.leak = 1`, `(function() { this.leak = 1 })()`, `var leak = 1`, `function leak() {}`,
		`Object.defineProperty(globalThis, 'leak', { value: 1 })`, `Object.setPrototypeOf(globalThis, { leak: 1 })`,
		`try { Object.prototype.leak = 1 } catch (e) {}`, `try { Object.getPrototypeOf(globalThis).leak = 1 } catch (e) {}`,
		`try { Function.prototype.leak = 1; Array.prototype.leak = 1; Math.leak = 1; execution.leak = 1; execution.getVariable.leak = 1 } catch (e) {}`,
		`execution.setVariable('leak', 1)`, `print.leak = 1; console.leak = 1; console.log.leak = 1`,
		`for (const f of [Array, Date, RegExp, Map, Set, BpmnError, Error, Symbol, Function]) { f.leak = 1; f.prototype.leak = 1 }`,
		`/x/g.leak = 1; [].values().leak = 1; Object.getPrototypeOf([].values()).leak = 1`,
		`throw leak = new Error('x')`,
	}
	look, err := Compile("js", `[typeof leak, ({}).leak, [].leak, (() => 1).leak, Math.leak, execution.leak, execution.getVariable.leak, print.leak,
		console.leak, console.log.leak, this.leak, execution.getVariable('leak'), new Date(0).leak, /x/.leak, Array.leak, Error.leak,
		[].values().leak, new BpmnError('x').leak, new Map().leak, ''.leak, Symbol.leak].filter(x => x !== undefined && x !== null)`, Options{Pool: pool})
	if err != nil {
		t.Fatal(err)
	}
	for _, source := range leave {
		p, err := Compile("js", source, Options{Pool: pool})
		if err != nil {
			t.Fatal(err)
		}
		_, _, _ = p.Eval(&EvalContext{}) // some of them fail, which is as good
		got, _, err := look.Eval(&EvalContext{})
		if err != nil || !same([]any{"undefined"}, got) {
			t.Errorf("after %s: %v, %v", source, got, err)
		}
	}
}

// TestConcurrentUse: one program, many goroutines, each with its own values.
func TestConcurrentUse(t *testing.T) {
	for _, format := range []string{"js", "groovy"} {
		p, err := Compile(format, "execution.setVariable('twice', n * 2)\nprintln('n is ' + n)\nm = n + 1\nm", Options{})
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for g := range 8 {
			wg.Go(func() {
				for i := range 25 {
					n := int64(g*100 + i)
					ctx := &EvalContext{Vars: Map{"n": n}}
					v, w, err := p.Eval(ctx)
					if err != nil || v != n+1 || w["twice"] != 2*n || len(w) != 1 || len(ctx.Printed) != 1 || ctx.Printed[0] != fmt.Sprint("n is ", n) {
						t.Errorf("%s %d: %v %v %v %v", format, n, v, w, ctx.Printed, err)
						return
					}
				}
			})
		}
		wg.Wait()
	}
}

// TestDeterminism: the same context gives the same result on any runtime.
func TestDeterminism(t *testing.T) {
	const source = `var o = execution.getVariables(); [Math.random(), Math.random(), new Date().toString(), Date.now(), Object.keys(o), JSON.stringify(o),
		new Date(2024, 2, 31, 3, 30).getTime(), new Date(2024, 6, 1).getTimezoneOffset(), [3, 1, 2].sort(), 'ä'.localeCompare('z'), (1234.5).toLocaleString()]`
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	eval := func(seed uint64, pool *Pool) any {
		p, err := Compile("js", source, Options{Pool: pool})
		if err != nil {
			t.Fatal(err)
		}
		v, _, err := p.Eval(&EvalContext{
			Vars: Map{"b": int64(1), "a": int64(2), "c": map[string]any{"y": nil, "x": nil}},
			Now:  time.Date(2024, 3, 31, 0, 30, 0, 0, time.UTC), Zone: zone, Seed: seed,
		})
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	pool := NewPool(1)
	want := eval(7, pool)
	for i := range 5 {
		p := pool
		if i > 2 {
			p = NewPool(1)
		}
		if got := eval(7, p); !same(want, got) {
			t.Fatalf("expected %v, but %v", want, got)
		}
	}
	if same(want, eval(8, pool)) {
		t.Error("another seed gives the same numbers")
	}
	list := want.([]any)
	if list[2] != "Sun Mar 31 2024 01:30:00 GMT+0100 (CET)" || list[3] != int64(1711845000000) {
		t.Errorf("the clock is %v, %v", list[2], list[3])
	}
	if list[6] != int64(1711848600000) || list[7] != int64(-120) {
		t.Errorf("the zone gives %v, %v", list[6], list[7])
	}
}
