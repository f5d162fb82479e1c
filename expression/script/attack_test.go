package script

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// The goal of these tests: whatever a script does, it ends within its
// deadline with a coded error (or harmlessly), and the heap stays bounded.
// Each attack is one script; the heap is sampled while it runs.

type attack struct {
	name   string
	source string
	want   []Code // nil: the script may also end well
}

func attacks() []attack {
	mem := []Code{CodeMemory, CodeSteps}
	budget := []Code{CodeMemory, CodeSteps, CodeDeadline}
	stack := []Code{CodeStack}
	thrown := []Code{CodeException}
	refused := []Code{CodeUnsupported}
	return []attack{
		// endless loops
		{"loop", `for(;;);`, []Code{CodeSteps}},
		{"loop while", `while(true){}`, []Code{CodeSteps}},
		{"loop do", `do {} while (1)`, []Code{CodeSteps}},
		{"loop in try", `for(;;){ try { for(;;); } catch(e) {} finally { continue } }`, []Code{CodeSteps}},
		{"loop in finally", `try { throw 1 } finally { for(;;); }`, []Code{CodeSteps}},
		{"loop labelled", `a: for(;;){ continue a }`, []Code{CodeSteps}},
		{"loop in getter", `var o = { get x() { for(;;); } }; o.x`, []Code{CodeSteps}},
		{"loop in result getter", `({ get x() { for(;;); } })`, []Code{CodeSteps}},
		{"loop in toString", `'' + { toString() { for(;;); } }`, []Code{CodeSteps}},
		{"loop in valueOf", `1 * { valueOf() { for(;;); } }`, []Code{CodeSteps}},
		{"loop in toJSON", `JSON.stringify({ toJSON() { for(;;); } })`, []Code{CodeSteps}},
		{"loop in replacer", `JSON.stringify([1], function() { for(;;); })`, []Code{CodeSteps}},
		{"loop in reviver", `JSON.parse('[1]', function() { for(;;); })`, []Code{CodeSteps}},
		{"reviver grows", `JSON.parse('[1,2]', function(k, v) { if (k === '0') { var a = []; a[0] = a; this[1] = a } return v })`, []Code{CodeStack, CodeSteps}},
		{"loop in sort", `[3,2,1].sort(function() { for(;;); })`, []Code{CodeSteps}},
		{"loop in replace", `'a'.replace(/a/, function() { for(;;); })`, []Code{CodeSteps}},
		{"loop in iterator", `for (var x of { [Symbol.iterator]() { return { next() { return { done: false } } } } });`, []Code{CodeSteps, CodeMemory}},
		{"spread of endless iterator", `[...{ [Symbol.iterator]() { return { next() { return { done: false, value: 1 } } } } }]`, budget},
		{"Array.from endless iterator", `Array.from({ [Symbol.iterator]() { return { next() { return { done: false, value: 1 } } } } })`, budget},
		{"new Map of endless iterator", `new Map({ [Symbol.iterator]() { return { next() { return { done: false, value: [1, 2] } } } } })`, budget},
		{"new Set of endless iterator", `new Set({ [Symbol.iterator]() { var i = 0; return { next() { return { done: false, value: i++ } } } } })`, budget},
		{"destructuring endless iterator", `var [...r] = { [Symbol.iterator]() { return { next() { return { done: false } } } } };`, budget},
		{"array grows under forEach", `var a = [1]; a.forEach(function f() { a.push(1); a.forEach(f) })`, []Code{CodeStack, CodeSteps}},
		{"array grows under for of", `var a = [1]; for (var x of a) a.push(x)`, budget},
		{"Map grows under for of", `var m = new Map([[0,0]]); for (var [k] of m) { m.set(k+1, 0) }`, budget},
		{"Map grows under forEach", `var m = new Map([[0,0]]); m.forEach((v, k) => { m.delete(k); m.set(k+1, 0) })`, budget},
		{"throw storm", `function f() { null.x } for(;;) { try { f() } catch (e) {} }`, budget},
		{"error hoard", `var a = []; function f(n) { n ? f(n - 1) : null.x } for(;;) { try { f(200) } catch (e) { a.push(e) } }`, budget},
		{"new Error hoard", `var a = []; for(;;) a.push(new Error('x'))`, budget},

		// deep recursion
		{"recursion", `function f() { return f() } f()`, stack},
		{"recursion caught", `function f() { try { return f() } catch (e) { return f() } } f()`, stack},
		{"recursion arrow", `var f = () => f(); f()`, stack},
		{"recursion through call", `function f() { return f.call(this) } f()`, stack},
		{"recursion through apply", `function f() { return f.apply(this, []) } f()`, stack},
		{"recursion through bind", `function f() { return f.bind(null)() } f()`, stack},
		{"recursion through map", `function f() { return [1].map(f) } f()`, stack},
		{"recursion through sort", `function f() { return [2,1].sort(f) } f()`, stack},
		{"recursion through replace", `function f() { return 'a'.replace(/a/, f) } f()`, stack},
		{"recursion through toString", `var o = { toString() { return '' + o } }; '' + o`, stack},
		{"recursion through valueOf", `var o = { valueOf() { return +o } }; +o`, stack},
		{"recursion through getter", `var o = { get x() { return o.x } }; o.x`, stack},
		{"recursion through setter", `var o = { set x(v) { o.x = v } }; o.x = 1`, stack},
		{"recursion through constructor", `class A { constructor() { new A() } } new A()`, stack},
		{"recursion through toJSON", `var o = { toJSON() { return JSON.stringify(o) } }; JSON.stringify(o)`, stack},
		{"recursion through instanceof", `var C = { [Symbol.hasInstance](v) { return v instanceof C } }; 1 instanceof C`, stack},
		{"recursion through toPrimitive", `var o = { [Symbol.toPrimitive]() { return o + '' } }; o + ''`, stack},
		{"recursion through iterator", `var o = { [Symbol.iterator]() { return [...o] } }; [...o]`, stack},
		{"bind chain", `var f = () => 1; for (var i = 0; i < 1000000; i++) f = f.bind(null); f()`, []Code{CodeStack, CodeMemory, CodeSteps}},
		{"call chain", `var a = []; for (var i = 0; i < 9000; i++) a.push(a.map.call); Function.prototype.call.apply(Function.prototype.call, a)`, nil},
		{"proto chain", `var o = {}; for (var i = 0; i < 1000000; i++) o = Object.create(o); o.x`, mem},
		{"deep array join", `var a = []; for (var i = 0; i < 100000; i++) a = [a]; String(a)`, stack},
		{"deep array JSON", `var a = []; for (var i = 0; i < 100000; i++) a = [a]; JSON.stringify(a)`, stack},
		{"deep object JSON", `var a = {}; for (var i = 0; i < 20000; i++) a = {a}; JSON.stringify(a)`, stack},
		{"deep array flat", `var a = []; for (var i = 0; i < 100000; i++) a = [a]; a.flat(Infinity)`, stack},
		{"deep result", `var a = []; for (var i = 0; i < 100000; i++) a = [a]; a`, []Code{CodeValue}},
		{"deep variable", `var a = []; for (var i = 0; i < 100000; i++) a = [a]; execution.setVariable('a', a)`, []Code{CodeValue}},
		{"cyclic result", `var a = {}; a.a = a; a`, []Code{CodeValue}},
		{"cyclic join", `var a = []; a[0] = a; String(a)`, stack},
		{"cyclic JSON", `var a = {}; a.a = a; JSON.stringify(a)`, thrown},
		{"cyclic flat", `var a = []; a[0] = a; a.flat(Infinity)`, stack},
		{"deep JSON text", `JSON.parse('['.repeat(500000))`, stack},
		{"deep JSON object text", `JSON.parse('{"a":'.repeat(100000))`, stack},

		// huge strings
		{"string doubling", `var s = 'x'; for(;;) s += s`, mem},
		{"string doubling with +", `var s = 'x'; for(;;) s = s + s`, mem},
		{"string doubling in template", "var s = 'x'; for(;;) s = `${s}${s}`", mem},
		{"string doubling with concat", `var s = 'x'; for(;;) s = s.concat(s, s)`, mem},
		{"string doubling with join", `var s = 'x'; for(;;) s = [s, s].join('')`, mem},
		{"string doubling unicode", `var s = 'ä€😀'; for(;;) s += s`, mem},
		{"string hoard", `var a = [], s = 'x'.repeat(100000); for (var i = 0;; i++) a.push(s + i)`, mem},
		{"substring hoard", `var a = [], s = 'ä'.repeat(100000); for (var i = 0;; i++) a.push(s.toUpperCase())`, mem},
		{"long template", "var s = 'x'.repeat(1000000); `" + strings.Repeat("${s}", 16) + "`", mem},
		{"repeat", `'x'.repeat(1e9)`, mem},
		{"repeat Infinity", `'x'.repeat(Infinity)`, nil},
		{"repeat via call", `String.prototype.repeat.call({ toString() { return 'x'.repeat(1000) } }, 1e6)`, mem},
		{"repeat changing", `var n = 0; 'x'.repeat({ valueOf() { return n++ ? 1e9 : 1 } })`, nil},
		{"repeat string changing", `var n = 0; String.prototype.repeat.call({ toString() { return n++ ? 'x'.repeat(1e6) : 'x' } }, 1000)`, nil},
		{"padStart", `'x'.padStart(1e9)`, mem},
		{"padEnd", `'x'.padEnd(1e9, 'abc')`, mem},
		{"padStart changing", `var n = 0; 'x'.padStart({ valueOf() { return n++ ? 1e9 : 1 } })`, nil},
		{"join separator", `Array(100000).join('x'.repeat(1000))`, mem},
		{"join shared", `var s = 'x'.repeat(1000000); Array(200000).fill(s).join()`, mem},
		{"join objects", `var s = 'x'.repeat(1000000), o = { toString() { return s } }; Array(200000).fill(o).join()`, mem},
		{"join doubling", `var a = 'x'; for (var i = 0; i < 60; i++) a = [a, a]; a.join()`, mem},
		{"toString doubling", `var a = 'x'; for (var i = 0; i < 60; i++) a = [a, a]; '' + a`, mem},
		{"replaceAll", `'x'.repeat(1000000).replaceAll('x', 'y'.repeat(1000000))`, mem},
		{"replace regex", `'x'.repeat(200000).replace(/x/g, 'y'.repeat(1000000))`, mem},
		{"replace $&", `'x'.repeat(100000).replace(/.*/, '$&'.repeat(100000))`, mem},
		{"replace $`", `'x'.repeat(100000).replace(/x/g, '$` + "`" + `')`, mem},
		{"replace function", `var s = 'y'.repeat(1000000); 'x'.repeat(200000).replace(/x/g, () => s)`, mem},
		{"JSON doubling", `var a = 'x'; for (var i = 0; i < 60; i++) a = [a, a]; JSON.stringify(a)`, mem},
		{"JSON shared", `var s = 'x'.repeat(1000000); JSON.stringify(Array(200000).fill(s))`, mem},
		{"JSON toJSON", `var s = 'x'.repeat(1000000), o = { toJSON() { return s } }; JSON.stringify(Array(200000).fill(o))`, mem},
		{"JSON replacer", `var s = 'x'.repeat(1000000); JSON.stringify(Array(200000).fill(1), (k, v) => k === '' ? v : s)`, mem},
		{"JSON indent", `var a = []; for (var i = 0; i < 150; i++) a = [a]; for (var i = 0; i < 100000; i++) a.push(1); var b = [a]; for (var i = 0; i < 40; i++) b = [b]; JSON.stringify(b, null, 10)`, nil},
		{"escape", `encodeURIComponent('ä'.repeat(1000000)); for(;;) escape('€'.repeat(100000))`, mem},
		{"normalize", `'\uFDFA'.repeat(1000000).normalize('NFKD')`, mem},
		{"split", `var a = []; for(;;) a.push('x'.repeat(100000).split(''))`, mem},
		{"fromCharCode", `String.fromCharCode.apply(null, Array(1e6).fill(65))`, mem},
		{"error message", `var s = 'x'.repeat(1000000); throw new Error(s)`, thrown},
		{"toStringTag", `var a = [], o = { [Symbol.toStringTag]: 'x'.repeat(1000000) }; for(;;) a.push(o.toString())`, mem},
		{"print", `for(;;) print('x'.repeat(1000))`, budget},
		{"key hoard", `var o = {}; for (var i = 0;; i++) o['key number ' + i] = i`, mem},

		// huge arrays and objects
		{"Array(n)", `Array(1e8).fill(0)`, mem},
		{"new Array(n)", `new Array(4294967295).join('x')`, mem},
		{"Array length", `var a = []; a.length = 4294967295; a.indexOf(1)`, mem},
		{"Array length fill", `var a = []; a.length = 4294967295; a.fill(0)`, mem},
		{"Array length sort", `var a = []; a.length = 4294967295; a.sort()`, mem},
		{"Array length map", `var a = []; a.length = 4294967295; a.map(x => x)`, mem},
		{"Array length reverse", `var a = []; a[4294967294] = 1; a.reverse()`, mem},
		{"Array length includes", `var a = []; a[4294967294] = 1; a.includes(7)`, mem},
		{"Array length spread", `var a = []; a.length = 4294967295; [...a]`, mem},
		{"Array length apply", `var a = []; a.length = 4294967295; Math.max.apply(null, a)`, mem},
		{"Array length JSON", `var a = []; a.length = 4294967295; JSON.stringify(a)`, mem},
		{"Array length result", `var a = []; a.length = 4294967295; a`, []Code{CodeValue}},
		{"Array length concat", `var a = []; a.length = 4294967295; [].concat(a)`, mem},
		{"Array length shift", `var a = []; a.length = 4294967295; for(;;) a.shift()`, mem},
		{"Array.from length", `Array.from({ length: 1e9 })`, mem},
		{"Array.from length 2^53", `Array.from({ length: 9007199254740991 }, () => 0)`, mem},
		{"array-like indexOf", `Array.prototype.indexOf.call({ length: 9007199254740991 }, 1)`, thrown},
		{"array-like getter", `var n = 0; Array.prototype.indexOf.call({ get length() { return n++ ? 9007199254740991 : 1 } }, 1)`, thrown},
		{"array-like forEach", `Array.prototype.forEach.call({ length: 9007199254740991 }, function() {})`, thrown},
		{"array-like apply", `Math.max.apply(null, { length: 4294967295 })`, thrown},
		{"arguments length", `function f() { arguments.length = 9007199254740991; return Array.prototype.slice.call(arguments) } f(1)`, mem},
		{"concat spreadable", `var o = { length: 9007199254740991 }; o[Symbol.isConcatSpreadable] = true; [].concat(o)`, nil},
		{"array doubling concat", `var a = [1]; for(;;) a = a.concat(a)`, mem},
		{"array doubling spread", `var a = [1]; for(;;) a = [...a, ...a]`, mem},
		{"array doubling push", `var a = [1]; for(;;) a.push(...a)`, mem},
		{"array doubling push apply", `var a = [1]; for(;;) a.push.apply(a, a)`, mem},
		{"array doubling flat", `var a = [1]; for(;;) a = [a, a].flat()`, mem},
		{"array doubling flatMap", `var a = [1]; for(;;) a = [0, 0].flatMap(() => a)`, mem},
		{"array hoard slice", `var b = Array(100000).fill(0), a = []; for(;;) a.push(b.slice())`, mem},
		{"array hoard map", `var b = Array(100000).fill(0), a = []; for(;;) a.push(b.map(Number))`, mem},
		{"array hoard spread iterator", `var b = Array(100000).fill(0), e = [], a = []; Object.defineProperty(e, Symbol.iterator, { value: () => b.values() }); for(;;) a.push([...e])`, mem},
		{"array hoard rest", `var b = Array(100000).fill(0), a = []; for(;;) { let [...r] = b; a.push(r) }`, mem},
		{"array hoard sparse", `var a = []; for (var i = 0;; i++) { var b = []; b[4000] = 1; a.push(b) }`, mem},
		{"array hoard far index", `var a = []; for (var i = 0;; i++) { var b = []; b.length = 4000; b[3999] = 1; a.push(b) }`, mem},
		{"array hoard far index assign", `var a = []; for (var i = 0;; i++) a.push(Object.assign([], { 4000: 1 }))`, mem},
		{"array hoard far index define", `var a = []; for (var i = 0;; i++) a.push(Object.defineProperty([], 4000, { value: 1 }))`, mem},
		{"array hoard far index pattern", `var a = []; for (var i = 0;; i++) { var b = []; [b['4000']] = [1]; a.push(b) }`, mem},
		{"array hoard far index nested", `var a = []; for (var i = 0;; i++) { var b = [], c = []; b[(c[3000] = 1, 4000)] = 1; a.push(b, c) }`, mem},
		{"array hoard entries", `var b = Array(100000).fill(0), a = []; for(;;) a.push(Array.from(b.entries()))`, mem},
		{"flat doubling", `var a = [1]; for (var i = 0; i < 60; i++) a = [a, a]; a.flat(Infinity)`, mem},
		{"array push", `var a = []; for(;;) a.push({})`, mem},
		{"array unshift", `var a = []; for(;;) a.unshift(1)`, mem},
		{"sort long texts", `var s = 'x'.repeat(1000000); var a = Array(50000).fill(s); a.sort()`, mem},
		{"indexOf long texts", `var s = 'x'.repeat(500000), t = 'x'.repeat(500000); Array(200000).fill(s).indexOf(t)`, nil},
		{"search long texts", `('x'.repeat(500000) + 'z').indexOf('x'.repeat(250000) + 'y')`, nil},
		{"search long unicode", `('ä'.repeat(500000) + 'z').indexOf('ä'.repeat(250000) + 'y')`, mem},
		{"object spread hoard", `var o = {}; for (var i = 0; i < 10000; i++) o['k' + i] = i; var a = []; for(;;) a.push({...o})`, mem},
		{"object assign hoard", `var o = {}; for (var i = 0; i < 10000; i++) o['k' + i] = i; var a = []; for(;;) a.push(Object.assign({}, o))`, mem},
		{"object rest hoard", `var o = {}; for (var i = 0; i < 10000; i++) o['k' + i] = i; var a = []; for(;;) { let {...r} = o; a.push(r) }`, mem},
		{"Object.entries hoard", `var o = {}; for (var i = 0; i < 10000; i++) o['k' + i] = i; var a = []; for(;;) a.push(Object.entries(o))`, mem},
		{"Object.keys of text", `var a = [], s = 'x'.repeat(100000); for(;;) a.push(Object.keys(s))`, mem},
		{"closure hoard", `var a = []; for(;;) { let x = [1]; a.push(() => x) }`, mem},
		{"class hoard", `var a = []; for(;;) a.push(class { m() {} })`, mem},
		{"Map hoard", `var m = new Map(); for (var i = 0;; i++) m.set(i, i)`, mem},
		{"Set union hoard", `var s = new Set(); for (var i = 0; i < 1000; i++) s.add(i); var a = []; for(;;) a.push(s.union(s))`, mem},
		{"symbol hoard", `var a = []; for(;;) a.push(Symbol('x'))`, mem},
		{"result with too many parts", `var a = [1]; for (var i = 0; i < 40; i++) a = [a, a]; a`, []Code{CodeValue, CodeMemory}},
		{"typed array", `new Uint8Array(1e10)`, refused},
		{"ArrayBuffer", `new ArrayBuffer(1e10)`, refused},
		{"BigInt power", `2n ** 100000000n`, refused},
		{"BigInt function", `BigInt(2)`, refused},

		// regular expressions
		{"regex nested", `/^(a+)+$/.test('a'.repeat(40) + 'b')`, []Code{CodeRegex}},
		{"regex alternatives", `/^(a|aa)+$/.test('a'.repeat(60) + 'b')`, []Code{CodeRegex}},
		{"regex back reference", `/^(.*)*\1$/.test('ab'.repeat(40) + 'x')`, []Code{CodeRegex}},
		{"regex lookahead", `/^(?=(a+)+b)a*$/.test('a'.repeat(60))`, []Code{CodeRegex, CodeException}},
		{"regex caught", `for(;;) { try { /^(a+)+$/.test('a'.repeat(40) + 'b') } catch (e) {} }`, []Code{CodeRegex}},
		{"regex constructor", `new RegExp('^(a+)+$').test('a'.repeat(40) + 'b')`, []Code{CodeRegex}},
		{"regex polynomial", `/(x*)(x*)(x*)(x*)[^x]$/.test('x'.repeat(20000))`, []Code{CodeRegex}},
		{"regex many", `for (var i = 0;; i++) new RegExp('a' + i)`, []Code{CodeRegex, CodeMemory}},
		{"regex long", `new RegExp('a'.repeat(100000))`, []Code{CodeRegex}},
		{"regex deep", `new RegExp('('.repeat(400) + ')'.repeat(400)).test('')`, nil},
		{"regex long subject", `/x/.test('y'.repeat(1000000))`, []Code{CodeRegex}},
		{"regex global quadratic", `'x'.repeat(100000).replace(/x*y|x/g, '')`, []Code{CodeRegex, CodeMemory, CodeSteps, CodeDeadline}},
		{"regex split", `for(;;) 'x'.repeat(10000).split(/x/)`, budget},

		// the host
		{"eval", `eval('1')`, refused},
		{"indirect eval", `(0, eval)('1')`, refused},
		{"globalThis eval", `globalThis.eval('1')`, thrown},
		{"Function", `Function('return 1')()`, thrown},
		{"Function constructor", `(function() {}).constructor('return this')()`, thrown},
		{"arrow constructor", `(() => 1).constructor('return this')()`, thrown},
		{"generator", `(function*() {}).constructor('yield 1')`, refused},
		{"async", `(async function() {}).constructor('1')`, refused},
		{"require", `require('fs')`, refused},
		{"process", `process.exit(1)`, thrown},
		{"Java.type", `Java.type('java.lang.Runtime').getRuntime().exec('ls')`, refused},
		{"java", `java.lang.System.exit(0)`, refused},
		{"Packages", `Packages.java.lang.System.exit(0)`, refused},
		{"Proxy", `new Proxy({}, {})`, refused},
		{"Reflect", `Reflect.ownKeys(globalThis)`, refused},
		{"globalThis Reflect", `globalThis.Reflect.ownKeys({})`, thrown},
		{"Promise", `new Promise(() => {})`, refused},
		{"setTimeout", `setTimeout(() => 1, 1e9)`, refused},
		{"import", `import('fs')`, []Code{CodeSyntax, CodeUnsupported}},
		{"with", `with (Math) { PI }`, refused},
		{"hooks by name", `globalThis['%tick'](-1e9, -1e9)`, thrown},
		{"hooks by arguments", `arguments[0]`, refused},
		{"hooks by callee", `(function f() { return f.caller.arguments })()`, thrown},
		{"hooks by arguments.callee", `(function() { return arguments.callee.caller.arguments })()`, thrown},
		{"this of sloppy functions", `(function() { return Object.getOwnPropertyNames(this).length })()`, nil},
		{"global prototype", `Object.getPrototypeOf(globalThis).isNaN = 1; 'use strict'; Object.getPrototypeOf(globalThis).evil = 1; evil`, thrown},

		// prototype tricks
		{"pollute Object", `Object.prototype.evil = 1; ({}).evil === undefined ? nope : 1`, thrown},
		{"pollute __proto__", `({}).__proto__.evil = 1`, thrown},
		{"pollute constructor", `({}).constructor.prototype.evil = 1; ({}).evil.x`, thrown},
		{"pollute Array", `'use strict'; Array.prototype.push = () => 1`, thrown},
		{"pollute toString", `'use strict'; Object.prototype.toString = () => 1`, thrown},
		{"pollute by defineProperty", `Object.defineProperty(Object.prototype, 'x', { value: 1 })`, thrown},
		{"pollute by JSON", `var o = JSON.parse('{"__proto__":{"evil":1}}'); ({}).evil.x`, thrown},
		{"pollute by assign", `Object.assign({}.constructor.prototype, { evil: 1 })`, thrown},
		{"change proto of builtin", `Object.setPrototypeOf(Array.prototype, { evil: 1 })`, thrown},
		{"fake array", `var a = Object.create(Array.prototype); a.length = 4294967295; a.join('x')`, thrown},
		{"own iterator", `var a = [1]; Object.defineProperty(a, Symbol.iterator, { value: 5 }); [...a]`, thrown},
		{"own length", `var a = [1]; Object.defineProperty(a, 'length', { value: 4294967295 }); a.fill(1)`, mem},
		{"constructor of array", `var a = [1]; a.constructor = function(n) { for(;;); }; a.map(x => x)`, nil},
		{"Date far away", `var d = new Date(8.64e15); d.setFullYear(1e9); d`, []Code{CodeValue}},
		{"Date lies", `var d = new Date(0); d.valueOf = () => 1e300; d.toISOString = () => { for(;;); }; d`, nil},
		{"toPrimitive on result", `var d = new Date(0); d[Symbol.toPrimitive] = () => { for(;;); }; d`, nil},
	}
}

// sampleHeap watches the heap until stopped and gives the highest growth.
func sampleHeap() func() uint64 {
	var base runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&base)
	var peak atomic.Uint64
	done, gone := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(gone)
		for {
			select {
			case <-done:
				return
			case <-time.After(2 * time.Millisecond):
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				if used := m.HeapInuse + m.StackInuse; used > peak.Load() {
					peak.Store(used)
				}
			}
		}
	}()
	return func() uint64 {
		close(done)
		<-gone
		if start := base.HeapInuse + base.StackInuse; peak.Load() > start {
			return peak.Load() - start
		}
		return 0
	}
}

func TestAttacks(t *testing.T) {
	const deadline = 10 * time.Second // out of reach: budgets end the scripts first, whatever else the machine does
	pool := NewPool(1)
	slowest, fattest := time.Duration(0), uint64(0)
	var slow, fat string
	for _, a := range attacks() {
		t.Run(a.name, func(t *testing.T) {
			stopHeap := sampleHeap()
			start := time.Now()
			err := attackOnce(a.source, Options{Pool: pool, Limits: Limits{Deadline: deadline, Memory: 16 << 20, Steps: 2_000_000}})
			took, grown := time.Since(start), stopHeap()
			if took > slowest {
				slowest, slow = took, a.name
			}
			if grown > fattest {
				fattest, fat = grown, a.name
			}
			// The grace is for a machine under load, not for the script.
			if took > deadline+5*time.Second {
				t.Errorf("took %v", took)
			}
			if grown > 150<<20 {
				t.Errorf("the heap grew by %d MiB", grown>>20)
			}
			if err == nil {
				if a.want != nil {
					t.Errorf("expected one of %v, but it ended well", a.want)
				}
				return
			}
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("expected *Error, but %T: %v", err, err)
			}
			if e.Code == CodeInternal || e.Message == "" {
				t.Errorf("got %v", e)
			}
			if a.want != nil && !slices.Contains(a.want, e.Code) {
				t.Errorf("expected one of %v, but %v", a.want, e)
			}
		})
	}
	t.Logf("slowest %v (%s), fattest %d MiB (%s)", slowest, slow, fattest>>20, fat)
}

func attackOnce(source string, opts Options) error {
	p, err := Compile("javascript", source, opts)
	if err != nil {
		return err
	}
	_, _, err = p.Eval(&EvalContext{})
	return err
}

// TestDeadline shows the wall clock alone: with budgets out of reach, only
// the interrupt ends the script.
func TestDeadline(t *testing.T) {
	start := time.Now()
	err := attackOnce(`for(;;) { try { for(;;); } catch (e) {} finally { continue } }`,
		Options{Limits: Limits{Deadline: 50 * time.Millisecond, Steps: 1 << 50, Memory: 1 << 50}})
	if !errors.Is(err, &Error{Code: CodeDeadline}) {
		t.Fatalf("expected %s, but %v", CodeDeadline, err)
	}
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("took %v", took)
	}
}

// TestOrdinaryWork: the budgets leave room for what scripts do for a living.
func TestOrdinaryWork(t *testing.T) {
	for name, source := range map[string]string{
		"queue":   `var q = [], n = 0; for (var i = 0; i < 5000; i++) q.push({ i }); while (q.length) n += q.shift().i; n`,
		"stack":   `var q = [], n = 0; for (var i = 0; i < 20000; i++) q.push(i); while (q.length) n += q.pop(); n`,
		"sort":    `var a = []; for (var i = 0; i < 5000; i++) a.push((i * 7919) % 5003); a.sort((x, y) => x - y)[0]`,
		"text":    `var s = ''; for (var i = 0; i < 2000; i++) s += 'word ' + i + ' '; s.length`,
		"lines":   `var a = []; for (var i = 0; i < 20000; i++) a.push('line ' + i); a.join('\n').split('\n').length`,
		"json":    `var a = []; for (var i = 0; i < 5000; i++) a.push({ id: i, name: 'n' + i }); JSON.parse(JSON.stringify(a)).length`,
		"numbers": `var s = 0; for (var i = 0; i < 300000; i++) s += i % 7; s`,
		"map":     `var m = new Map(); for (var i = 0; i < 10000; i++) m.set('k' + (i % 100), i); m.size`,
		"regex":   `var n = 0; for (var i = 0; i < 5000; i++) if (/^k-(\d+)$/.test('k-' + i)) n++; n`,
		"filter":  `var a = []; for (var i = 0; i < 1000; i++) a.push(i); var n = 0; for (var i = 0; i < 200; i++) n += a.filter(x => x % 2).map(x => x + 1).length; n`,
		"slices":  `var a = []; for (var i = 0; i < 1000; i++) a.push(i); for (var i = 0; i < 1000; i++) a.slice(0, 1); a.length`,
	} {
		if err := attackOnce(source, Options{Limits: Limits{Deadline: 20 * time.Second}}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestDeepSource: nesting of the source ends in a coded error, not in a stack
// that overflows.
func TestDeepSource(t *testing.T) {
	const n = 60_000
	for _, s := range []struct{ name, open, middle, end string }{
		{"parentheses", "(", "1", ")"},
		{"arrays", "[", "1", "]"},
		{"objects", "({a:", "1", "})"},
		{"blocks", "{", "1", "}"},
		{"not", "!", "1", ""},
		{"minus", "- ", "1", ""},
		{"new", "new ", "a", ""},
		{"assign", "a=", "1", ""},
		{"conditional", "a?1:", "1", ""},
		{"arrow", "a=>", "1", ""},
		{"if", "if(a)", "1", ""},
		{"else", "if(a);else ", "1", ""},
		{"plus", "1+", "1", ""},
		{"and", "a&&", "1", ""},
		{"power", "2**", "1", ""},
		{"comma", "1,", "1", ""},
		{"member", "a", "", ".a"},
		{"call", "a", "", "()"},
		{"function", "(function(){", "1", "})()"},
		{"template", "`${", "1", "}`"},
		{"for", "for(;;)", "1", ""},
		{"arrow parameters", "(a=", "1", ")=>1"},
		{"arrow parameters, hidden", "(a=/)/+(b=')'+", "1", ")/**/=>1)=>1"},
		{"arrow patterns", "({a=", "1", "})=>1"},
		{"async arrow parameters", "async(a=", "1", ")=>1"},
		{"async calls", "async(", "1", ")"},
		{"object patterns", "({a:", "b", "}=1)"},
		{"patterns with defaults", "[a=", "b", "]=1"},
		{"label", "a%d:", "1", ""},
		{"open only", "(", "", ""},
		{"open brackets", "[", "", ""},
		{"open braces", "{", "", ""},
	} {
		t.Run(s.name, func(t *testing.T) {
			per := len(s.open) + len(s.end)
			count := n / max(per, 1)
			stopHeap := sampleHeap()
			start := cpuTime()
			err := attackOnce(strings.Repeat(s.open, count)+s.middle+strings.Repeat(s.end, count), Options{})
			took, grown := cpuTime()-start, stopHeap()
			if took > 4*time.Second || grown > 500<<20 {
				t.Errorf("%v, %d MiB", took, grown>>20)
			}
			var e *Error
			if err != nil && (!errors.As(err, &e) || e.Code == CodeInternal) {
				t.Errorf("got %v", err)
			}
			if err == nil {
				t.Log("ended well")
			}
		})
	}
	if err := attackOnce(fmt.Sprintf("'%s'", strings.Repeat("x", 70_000)), Options{}); !errors.Is(err, &Error{Code: CodeTooLarge}) {
		t.Errorf("a long source: %v", err)
	}
}
