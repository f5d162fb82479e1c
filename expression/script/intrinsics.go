package script

import (
	"math"
	"math/bits"
	"strings"
	"sync"

	"github.com/dop251/goja"
)

// guard looks at a call of a built-in before it is made: it pays for it, and
// may replace the receiver and arguments by plain copies so that what was
// measured is what is used.
type guard func(c *call, b *builtinCall)

type builtinCall struct {
	name string
	this goja.Value
	args []goja.Value
}

func (b *builtinCall) arg(i int) goja.Value {
	if i < len(b.args) {
		return b.args[i]
	}
	return goja.Undefined()
}

// intrinsics is one group of built-ins on one holder. What no group names is
// deleted from a realm before any script sees it, so a newer interpreter
// cannot bring in a built-in that nobody has bounded.
type intrinsics struct {
	holder string
	// guard is nil for what takes bounded time and memory by itself.
	guard guard
	names string
}

// intrinsicTable lists every built-in that scripts can reach. Accessors are
// written like methods. Symbols are written @@name.
func intrinsicTable() []intrinsics {
	return []intrinsics{
		{"", nil, "Object Function Array String Number Boolean Symbol Date RegExp Map Set WeakMap WeakSet Error " +
			"TypeError RangeError ReferenceError SyntaxError EvalError URIError Math JSON globalThis undefined NaN Infinity " +
			"isNaN isFinite execution print println console BpmnError"},
		{"", guardText, "parseInt parseFloat encodeURI encodeURIComponent decodeURI decodeURIComponent escape unescape"},

		{"Object", nil, "is create getPrototypeOf setPrototypeOf getOwnPropertyDescriptor hasOwn " +
			"isExtensible preventExtensions"},
		{"Object", guardDefine, "defineProperty"},
		{"Object", guardKeys, "keys values entries getOwnPropertyNames getOwnPropertyDescriptors freeze isFrozen seal isSealed"},
		{"Object", guardAssign, "assign defineProperties"},
		{"Object", guardEntries, "fromEntries"},
		{"Object.prototype", guardPost, "toString toLocaleString"},
		{"Object.prototype", nil, "constructor valueOf hasOwnProperty isPrototypeOf propertyIsEnumerable"},

		{"Function.prototype", nil, "constructor call bind @@hasInstance"},
		{"Function.prototype", guardPost, "toString"},
		{"Function.prototype", guardApply, "apply"},

		{"Array", nil, "isArray from of"},
		{"Array.prototype", nil, "constructor"},
		{"Array.prototype", nil, "at entries keys pop values @@iterator"},
		{"Array.prototype", guardSeq, "every filter find findIndex findLast findLastIndex forEach map reduce reduceRight " +
			"reverse slice some toReversed with"},
		{"Array.prototype", guardShift, "shift"},
		{"Array.prototype", guardGrow, "push unshift splice toSpliced"},
		{"Array.prototype", guardSearch, "includes indexOf lastIndexOf"},
		{"Array.prototype", guardSort, "sort toSorted"},
		{"Array.prototype", guardConcat, "concat"},
		{"Array.prototype", guardFill, "fill copyWithin"},
		{"Array.prototype", nil, "flat flatMap join toString toLocaleString size get isEmpty contains"}, // prelude.js, H.join
		{"ArrayIteratorPrototype", nil, "next @@toStringTag"},
		{"IteratorPrototype", nil, "@@iterator"},

		{"String", guardArgs, "fromCharCode fromCodePoint"},
		{"String.prototype", nil, "constructor toString valueOf charAt charCodeAt codePointAt at"},
		{"String.prototype", guardText, "localeCompare slice substring substr toLowerCase toUpperCase " +
			"toLocaleLowerCase toLocaleUpperCase trim trimStart trimEnd trimLeft trimRight normalize " +
			"@@iterator"},
		{"String.prototype", nil, "match matchAll search split replace replaceAll"}, // prelude.js
		{"String.prototype", guardFind, "includes indexOf lastIndexOf startsWith endsWith"},
		{"String.prototype", guardRepeat, "repeat"},
		{"String.prototype", guardPad, "padStart padEnd"},
		{"String.prototype", guardTextConcat, "concat"},
		{"StringIteratorPrototype", nil, "next @@toStringTag"},

		{"Number", nil, "EPSILON MAX_SAFE_INTEGER MIN_SAFE_INTEGER MAX_VALUE MIN_VALUE NaN NEGATIVE_INFINITY POSITIVE_INFINITY " +
			"isFinite isInteger isNaN isSafeInteger"},
		{"Number", guardText, "parseFloat parseInt"},
		{"Number.prototype", nil, "constructor toExponential toFixed toLocaleString toPrecision toString valueOf"},
		{"Boolean.prototype", nil, "constructor toString valueOf"},
		{"Symbol", nil, "iterator hasInstance toPrimitive toStringTag"},
		{"Symbol.prototype", guardPost, "toString"},
		{"Symbol.prototype", nil, "constructor valueOf description @@toPrimitive @@toStringTag"},

		{"Math", nil, "E LN10 LN2 LOG10E LOG2E PI SQRT1_2 SQRT2 abs acos acosh asin asinh atan atanh atan2 cbrt ceil clz32 cos " +
			"cosh exp expm1 floor fround hypot imul log log1p log10 log2 max min pow random round sign sin sinh sqrt tan tanh " +
			"trunc @@toStringTag"},
		{"JSON", nil, "parse stringify @@toStringTag"}, // prelude.js, H.jsonText and H.jsonValue

		{"Date", nil, "now parse UTC"},
		{"Date.prototype", nil, "constructor toString toDateString toTimeString toLocaleString toLocaleDateString " +
			"toLocaleTimeString valueOf getTime getFullYear getUTCFullYear getMonth getUTCMonth getDate getUTCDate getDay " +
			"getUTCDay getHours getUTCHours getMinutes getUTCMinutes getSeconds getUTCSeconds getMilliseconds " +
			"getUTCMilliseconds getTimezoneOffset setTime setMilliseconds setUTCMilliseconds setSeconds setUTCSeconds " +
			"setMinutes setUTCMinutes setHours setUTCHours setDate setUTCDate setMonth setUTCMonth setFullYear " +
			"setUTCFullYear toUTCString toISOString toJSON @@toPrimitive"},
		{"RegExp.prototype", nil, "constructor exec test toString source flags global ignoreCase multiline dotAll sticky"},

		{"Map.prototype", nil, "constructor delete has get size clear @@toStringTag"},
		{"Map.prototype", guardSet, "set"},
		{"Map.prototype", guardCollection, "forEach keys values entries @@iterator"},
		{"Set.prototype", nil, "constructor delete has size clear @@toStringTag"},
		{"Set.prototype", guardSet, "add"},
		{"Set.prototype", guardCollection, "forEach keys values entries @@iterator difference intersection isDisjointFrom " +
			"isSubsetOf isSupersetOf symmetricDifference union"},
		{"MapIteratorPrototype", nil, "next @@toStringTag"},
		{"SetIteratorPrototype", nil, "next @@toStringTag"},
		{"WeakMap.prototype", nil, "constructor delete has get @@toStringTag"},
		{"WeakMap.prototype", guardSet, "set"},
		{"WeakSet.prototype", nil, "constructor delete has @@toStringTag"},
		{"WeakSet.prototype", guardSet, "add"},

		{"Error", nil, "isError"},
		{"Error.prototype", nil, "constructor name message"},
		{"Error.prototype", guardPost, "toString"},
		{"TypeError.prototype", nil, "constructor name message"},
		{"RangeError.prototype", nil, "constructor name message"},
		{"ReferenceError.prototype", nil, "constructor name message"},
		{"SyntaxError.prototype", nil, "constructor name message"},
		{"EvalError.prototype", nil, "constructor name message"},
		{"URIError.prototype", nil, "constructor name message"},
		{"BpmnError.prototype", nil, "constructor name"},

		{"execution", nil, executionNames()},
		{"console", nil, "log info warn error debug"},
	}
}

// globalIntrinsics is made once from the table and never changed.
var globalIntrinsics = sync.OnceValue(func() map[string]bool {
	m := make(map[string]bool)
	for _, g := range intrinsicTable() {
		if g.holder == "" {
			for _, n := range strings.Fields(g.names) {
				m[n] = true
			}
		}
	}
	return m
})

// isIntrinsic says whether a global name belongs to the language.
func isIntrinsic(name string) bool { return globalIntrinsics()[name] }

// hostOnly is the way out for what reaches into the host.
const hostOnly = "a script has no access to the host; call a job worker (service task with a job type)"

// absent gives the way out for names that scripts for other engines use and
// that are not here. Names that a process variable may well have (process,
// document) are not among them: they are looked up as variables.
func absent(name string) (string, bool) {
	switch name {
	case "eval":
		return "code is fixed when the model is deployed; write it out", true
	case "Proxy", "Reflect":
		return "objects are plain data; use their members directly", true
	case "Promise":
		return "a script runs to its end in one step; model waiting with events of the process", true
	case "ArrayBuffer", "SharedArrayBuffer", "DataView", "Atomics", "Int8Array", "Uint8Array", "Uint8ClampedArray",
		"Int16Array", "Uint16Array", "Int32Array", "Uint32Array", "Float32Array", "Float64Array", "BigInt64Array",
		"BigUint64Array":
		return "process variables are JSON values; use arrays of numbers", true
	case "BigInt":
		return "large integers pass through scripts unchanged, and FEEL computes with them exactly", true
	case "Java", "Packages", "JavaImporter", "Polyglot", "Graal", "XMLHttpRequest", "WebAssembly", "Deno":
		return hostOnly, true
	default:
		return "", false
	}
}

// absentCall is absent for names that are refused only where they are called.
func absentCall(name string) (string, bool) {
	switch name {
	case "setTimeout", "setInterval", "setImmediate", "queueMicrotask":
		return "a script runs to its end in one step; model waiting with events of the process", true
	case "require", "load", "loadWithNewGlobal", "importClass", "importPackage", "fetch", "quit", "exit", "readFully":
		return hostOnly, true
	case "S", "XML":
		return "variables are JSON values already; read their members (x.a.b) and use JSON.parse for text", true
	default:
		return "", false
	}
}

// ---- guards: arrays ----

// length is the measured length of an array; ok is false for what is none.
func arrayLength(v goja.Value) (int64, bool) {
	o, ok := v.(*goja.Object)
	if !ok || o.ClassName() != "Array" {
		return 0, false
	}
	return o.Get("length").ToInteger(), true // own and never a getter (ECMA-262, 10.4.2)
}

// seq makes the receiver an array and pays for walking it.
func seq(c *call, b *builtinCall, bytesEach int64) int64 {
	n, ok := arrayLength(b.this)
	if !ok {
		b.this, n = c.arrayLike(b.this, b.name)
	}
	c.spendArray(n, bytesEach)
	return n
}

// arrayLike copies an arguments object or a string into an array. Other
// array-like objects are refused: their length may be a getter.
func (c *call) arrayLike(v goja.Value, what string) (goja.Value, int64) {
	rt := c.realm.rt
	var length goja.Value
	o, isObject := v.(*goja.Object)
	switch {
	case isObject && o.ClassName() == "Arguments":
		length = o.Get("length")
	case goja.IsString(v):
		o = v.ToObject(rt)
		length = o.Get("length")
	}
	if length == nil || !goja.IsNumber(length) {
		panic(rt.NewTypeError("%s works on arrays; make one with Array.from", what))
	}
	n := length.ToInteger()
	c.spendArray(n, bytesElement)
	items := make([]any, n)
	for i := range items {
		items[i] = nilSafe(o.Get(itoa(i)))
	}
	return rt.NewArray(items...), n
}

// guardSeq pays for the walk; an array that comes out is paid for afterwards.
func guardSeq(c *call, b *builtinCall) { seq(c, b, 0) }

// guardShift pays for moving the elements.
func guardShift(c *call, b *builtinCall) {
	n, ok := arrayLength(b.this)
	if !ok || n > int64(c.limits.MaxArray) {
		n = seq(c, b, 0)
	}
	c.spend(n/16+1, 0)
}

// makesArray names the guarded built-ins whose array is new.
func makesArray(name string) bool {
	switch name {
	case "filter", "map", "slice", "splice", "toReversed", "toSpliced", "with":
		return true
	default:
		return false
	}
}

func guardGrow(c *call, b *builtinCall) {
	n, ok := arrayLength(b.this)
	if !ok {
		n = seq(c, b, 0)
	}
	if n+int64(len(b.args)) > int64(c.limits.MaxArray) {
		c.spendArray(n+int64(len(b.args)), 0) // over the limit: says so
	}
	c.spend(1, 2*bytesElement*int64(len(b.args)))
	if b.name != "push" { // the others move the elements
		c.spend(n/16, 0)
	}
}

// textWeight is how long a text comparison with one of the elements can take.
func textWeight(v goja.Value) int64 {
	if s, ok := v.(goja.String); ok {
		return int64(s.Length())/256 + 1
	}
	return 1
}

func guardSearch(c *call, b *builtinCall) {
	n := seq(c, b, 0)
	c.spend(n/4*textWeight(b.arg(0)), 0)
}

func guardSort(c *call, b *builtinCall) {
	n := seq(c, b, 4*bytesElement)
	compare := n * int64(bits.Len64(uint64(n)))
	if goja.IsUndefined(b.arg(0)) {
		o := b.this.(*goja.Object)
		longest := int64(1)
		for i := range n {
			longest = max(longest, textWeight(o.Get(itoa(int(i)))))
		}
		compare *= 8 * longest
	}
	c.spend(compare, 0)
}

func guardConcat(c *call, b *builtinCall) {
	n := seq(c, b, 0)
	for _, a := range b.args {
		if m, ok := arrayLength(a); ok {
			n += m
		} else {
			n++
		}
	}
	c.spendArray(n, 2*bytesElement)
}

func guardFill(c *call, b *builtinCall) { seq(c, b, 2*bytesElement) }

// ---- guards: functions and objects ----

func guardApply(c *call, b *builtinCall) {
	list := b.arg(1)
	if goja.IsUndefined(list) || goja.IsNull(list) {
		return
	}
	n, ok := arrayLength(list)
	if !ok {
		list, n = c.arrayLike(list, "apply")
	}
	if n > maxApply {
		stop(CodeMemory, "apply passes %d arguments, the limit is %d; use a loop", n, maxApply)
	}
	c.spendArray(n, bytesElement)
	b.args = []goja.Value{b.arg(0), list}
}

// maxApply bounds the arguments of one call made from an array.
const maxApply = 10_000

// memberCount is the number of own keys, 0 for what has none.
func memberCount(v goja.Value) int64 {
	if o, ok := v.(*goja.Object); ok {
		if n, ok := arrayLength(o); ok {
			return n
		}
		return int64(len(o.Keys()))
	}
	if s, ok := v.(goja.String); ok {
		return int64(s.Length())
	}
	return 0
}

func guardKeys(c *call, b *builtinCall) { c.spendArray(memberCount(b.arg(0)), bytesObject) }

// guardDefine takes an array as stretched, which covers length and far indexes.
func guardDefine(c *call, b *builtinCall) {
	c.spend(1, 2*bytesMember)
	if n, ok := arrayLength(b.arg(0)); ok {
		o := b.args[0].(*goja.Object)
		c.stretch(o)
		if k, ok := b.arg(1).(*goja.Object); ok {
			b.args[1] = c.toText(k)
		}
		if k := b.arg(1); goja.IsNumber(k) || goja.IsString(k) {
			c.payGap(o, n, k.ToFloat())
		}
	}
}

func guardAssign(c *call, b *builtinCall) {
	if _, ok := arrayLength(b.arg(0)); ok {
		c.stretch(b.args[0].(*goja.Object))
		c.spend(64, 4096*2*bytesElement) // one of the members may be a far index
	}
	for _, a := range b.args[min(1, len(b.args)):] {
		c.spendArray(memberCount(a), 2*bytesMember)
	}
}

func guardEntries(c *call, b *builtinCall) {
	list := c.spread(b.arg(0))
	n, _ := arrayLength(list)
	c.spendArray(n, 2*bytesMember)
	b.args = []goja.Value{list}
}

func guardSet(c *call, _ *builtinCall) { c.spend(1, 4*bytesMember) }

func guardCollection(c *call, b *builtinCall) {
	n := int64(0)
	for _, v := range append([]goja.Value{b.this}, b.args...) {
		if o, ok := v.(*goja.Object); ok {
			n += c.realm.collectionSize(o)
		}
	}
	switch b.name {
	case "difference", "intersection", "symmetricDifference", "union":
		c.spendArray(n, 4*bytesMember)
	default:
		c.spendArray(n, 0)
	}
}

// guardPost stands for built-ins whose result is short unless their receiver
// is long already; the result is paid for after the call, as every result of
// a guarded built-in is.
func guardPost(*call, *builtinCall) {}

// ---- guards: text ----

// text makes the receiver a string once and for all.
func text(c *call, b *builtinCall) goja.String {
	if goja.IsUndefined(b.this) || goja.IsNull(b.this) {
		return nil // the built-in throws its TypeError, or is a plain function
	}
	s := c.toText(b.this)
	c.spend(int64(s.Length())/64, 0)
	b.this = s
	return s
}

// guardText pays once for receiver and arguments as text.
func guardText(c *call, b *builtinCall) {
	if _, global := b.this.(*goja.Object); !global {
		if s := text(c, b); s != nil {
			c.spend(0, 2*int64(s.Length()))
		}
	}
	for i, a := range b.args {
		switch a := a.(type) {
		case goja.String:
			c.spend(int64(a.Length())/64, 3*int64(a.Length()))
		case *goja.Object:
			b.args[i] = c.toText(a)
		}
	}
}

// guardFind bounds the naive search, receiver times argument.
func guardFind(c *call, b *builtinCall) {
	s := text(c, b)
	if s == nil {
		return
	}
	if len(b.args) > 0 {
		if o, ok := b.args[0].(*goja.Object); ok {
			if _, isRegex := c.regexes[o]; isRegex {
				panic(c.realm.rt.NewTypeError("%s does not take a regular expression; use test", b.name))
			}
			b.args[0] = c.toText(o)
		}
		n := int64(c.toText(b.args[0]).Length())
		c.spend(int64(s.Length())*min(n, int64(s.Length()))/4096, 0)
	}
}

func guardRepeat(c *call, b *builtinCall) {
	s := text(c, b)
	if s == nil {
		return
	}
	n := b.arg(0).ToFloat()
	b.args = []goja.Value{c.realm.rt.ToValue(n)}
	if n >= 1 {
		// A product of doubles: even Infinity compares, as goja throws for it.
		size := math.Trunc(n) * float64(s.Length())
		c.spendString(int64(min(size, 1<<40)))
	}
}

func guardPad(c *call, b *builtinCall) {
	if s := text(c, b); s == nil {
		return
	}
	n := b.arg(0).ToFloat()
	args := []goja.Value{c.realm.rt.ToValue(n)}
	if len(b.args) > 1 && !goja.IsUndefined(b.args[1]) {
		args = append(args, c.toText(b.args[1]))
	}
	b.args = args
	if n > 0 {
		c.spendString(int64(min(n, 1<<40)))
	}
}

func guardTextConcat(c *call, b *builtinCall) {
	s := text(c, b)
	if s == nil {
		return
	}
	n := int64(s.Length())
	for i, a := range b.args {
		t := c.toText(a)
		b.args[i] = t
		n += int64(t.Length())
		c.spendString(n)
	}
}

func guardArgs(c *call, b *builtinCall) { c.spendString(int64(len(b.args))) }
