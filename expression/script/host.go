package script

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/cockroachdb/apd/v3"
	"github.com/dop251/goja"
)

// Variables is what a script sees of the process variables: JSON values with
// exact numbers (nil, bool, string, int64, *apd.Decimal, []any,
// map[string]any). Values are copied in and never changed.
type Variables interface {
	Lookup(name string) (value any, ok bool)
	// Names lists the variables, in any order, without duplicates.
	Names() []string
}

// Map is a Variables of a plain map.
type Map map[string]any

// Lookup gives one variable.
func (m Map) Lookup(name string) (any, bool) {
	v, ok := m[name]
	return v, ok
}

// Names lists the variables in order.
func (m Map) Names() []string { return sortedKeys(m) }

// Object is something of the host that scripts may call by a name of its own,
// such as task in a task listener. Methods with get and no arguments can also
// be read as members (task.name for getName). Nothing but values crosses.
type Object interface {
	// Methods lists the names, in any order.
	Methods() []string
	Call(method string, args []any) (any, error)
}

// Execution holds what the methods of execution say about the running element.
type Execution struct {
	ID                       string // getId
	ParentID                 string
	ProcessInstanceID        string
	RootProcessInstanceID    string
	ProcessDefinitionID      string
	ProcessDefinitionKey     string
	BusinessKey              string
	ActivityID               string
	ActivityName             string
	ActivityInstanceID       string
	ParentActivityInstanceID string
	TransitionID             string // set in listeners on sequence flows
	EventName                string // start, end, take, create ...
	TenantID                 string
}

// EvalContext is the world of one Eval. The same context and program give the
// same result, output and writes.
type EvalContext struct {
	// Vars are the variables in scope of the element, nearest owner first.
	Vars Variables
	// Local are the variables of the element's own scope, for the ...Local
	// methods; nil means there are none.
	Local Variables
	// Execution answers the methods of execution.
	Execution Execution
	// Hidden says whether a scope inside the process instance has a variable of the
	// name, so that another one of the instance is not seen; nil: nobody knows.
	Hidden func(name string) bool
	// Objects are further host objects by name.
	Objects map[string]Object
	// Now is the time that Date sees; it stands still while a script runs.
	Now time.Time
	// Zone is the zone of Date's local fields; nil means UTC.
	Zone *time.Location
	// Seed makes Math.random repeatable.
	Seed uint64

	// Printed collects the lines of print, println and console, within
	// Limits.MaxOutput. Eval appends to it.
	Printed []string
	// Steps is what the script used of [Limits.Steps], also if it failed. Eval
	// replaces it.
	Steps int64
	// LocalWrites holds what setVariableLocal wrote. Eval replaces it.
	LocalWrites map[string]any
	// Removed and RemovedLocal name the variables that the script removed, in
	// order. Eval replaces them.
	Removed, RemovedLocal []string
}

// hostState is what a call has done to the process so far.
type hostState struct {
	global   *goja.Object
	imports  map[string]bool // names that the script reads bare
	cache    map[string]goja.Value
	writes   map[string]any
	removed  map[string]bool
	local    overlay
	output   int
	overflow bool
}

type overlay struct {
	cache   map[string]goja.Value
	writes  map[string]any
	removed map[string]bool
}

// executionFields are the plain getters of execution, made once and never
// changed.
var executionFields = sync.OnceValue(func() map[string]func(*Execution) string {
	return map[string]func(*Execution) string{
		"getId":                         func(e *Execution) string { return e.ID },
		"getParentId":                   func(e *Execution) string { return e.ParentID },
		"getProcessInstanceId":          func(e *Execution) string { return e.ProcessInstanceID },
		"getRootProcessInstanceId":      func(e *Execution) string { return e.RootProcessInstanceID },
		"getProcessDefinitionId":        func(e *Execution) string { return e.ProcessDefinitionID },
		"getProcessDefinitionKey":       func(e *Execution) string { return e.ProcessDefinitionKey },
		"getBusinessKey":                func(e *Execution) string { return e.BusinessKey },
		"getProcessBusinessKey":         func(e *Execution) string { return e.BusinessKey },
		"getProcessInstanceBusinessKey": func(e *Execution) string { return e.BusinessKey },
		"getCurrentActivityId":          func(e *Execution) string { return e.ActivityID },
		"getActivityId":                 func(e *Execution) string { return e.ActivityID },
		"getCurrentActivityName":        func(e *Execution) string { return e.ActivityName },
		"getCurrentTransitionId":        func(e *Execution) string { return e.TransitionID },
		"getActivityInstanceId":         func(e *Execution) string { return e.ActivityInstanceID },
		"getParentActivityInstanceId":   func(e *Execution) string { return e.ParentActivityInstanceID },
		"getEventName":                  func(e *Execution) string { return e.EventName },
		"getTenantId":                   func(e *Execution) string { return e.TenantID },
	}
})

// executionVariableMethods are the methods on variables; each has a Local twin.
func executionVariableMethods() []string {
	return []string{
		"getVariable", "setVariable", "hasVariable", "removeVariable", "getVariables", "setVariables",
		"getVariableNames", "hasVariables", "removeVariables",
	}
}

// localTwin is the name of the method on the element's own scope.
func localTwin(m string) string { return m + "Local" }

// executionMethods lists every method of execution.
func executionMethods() []string {
	var names []string
	for n := range executionFields() {
		names = append(names, n)
	}
	for _, m := range executionVariableMethods() {
		names = append(names, m, localTwin(m))
	}
	names = append(names, "getProcessInstance")
	slices.Sort(names)
	return names
}

// propertyName is the member that a getter is also read by (bean style).
func propertyName(getter string) string {
	return strings.ToLower(getter[3:4]) + getter[4:]
}

// executionNames lists methods and members, for the table of intrinsics.
func executionNames() string {
	names := executionMethods()
	for n := range executionFields() {
		names = append(names, propertyName(n))
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

// lookup reads a variable through what the script wrote.
func (c *call) lookup(name string) (goja.Value, bool) {
	h := c.host
	if v, ok := h.local.cache[name]; ok {
		return v, true
	}
	if v, ok := h.cache[name]; ok {
		return v, true
	}
	if h.removed[name] {
		return nil, false
	}
	var v any
	ok := false
	if c.ctx.Local != nil && !h.local.removed[name] {
		v, ok = c.ctx.Local.Lookup(name)
	}
	if !ok && c.ctx.Vars != nil {
		v, ok = c.ctx.Vars.Lookup(name)
	}
	if !ok {
		return nil, false
	}
	js := c.toJS(v)
	h.cache[name] = js
	return js, true
}

func (c *call) lookupLocal(name string) (goja.Value, bool) {
	l := &c.host.local
	if v, ok := l.cache[name]; ok {
		return v, true
	}
	if l.removed[name] || c.ctx.Local == nil {
		return nil, false
	}
	v, ok := c.ctx.Local.Lookup(name)
	if !ok {
		return nil, false
	}
	js := c.toJS(v)
	l.cache[name] = js
	return js, true
}

func (c *call) names(local bool) []string {
	seen := make(map[string]any)
	if c.ctx.Local != nil {
		for _, n := range c.ctx.Local.Names() {
			if !c.host.local.removed[n] {
				seen[n] = nil
			}
		}
	}
	for n := range c.host.local.writes {
		seen[n] = nil
	}
	if !local {
		if c.ctx.Vars != nil {
			for _, n := range c.ctx.Vars.Names() {
				if !c.host.removed[n] {
					seen[n] = nil
				}
			}
		}
		for n := range c.host.writes {
			seen[n] = nil
		}
	}
	return sortedKeys(seen)
}

func (c *call) write(name string, v goja.Value, local bool) {
	if name == "" {
		stop(CodeHost, "a variable needs a name")
	}
	value := c.fromJS(v, "variable "+name)
	if value == nil {
		v = goja.Null()
	}
	if local {
		delete(c.host.local.removed, name)
		c.host.local.writes[name], c.host.local.cache[name] = value, v
	} else {
		delete(c.host.removed, name)
		c.host.writes[name], c.host.cache[name] = value, v
	}
	c.rebind(name, v)
}

// rebind lets a bare read see what a method of execution has just done.
func (c *call) rebind(name string, v goja.Value) {
	if !c.host.imports[name] {
		return
	}
	var err error
	if v == nil {
		err = c.host.global.Delete(name)
	} else {
		err = c.host.global.Set(name, v)
	}
	if err != nil {
		panic(err)
	}
}

func (c *call) remove(name string, local bool) {
	l := &c.host.local
	if local {
		delete(l.writes, name)
		delete(l.cache, name)
		l.removed[name] = true
	} else {
		delete(c.host.writes, name)
		delete(c.host.cache, name)
		c.host.removed[name] = true
	}
	v, ok := c.lookup(name)
	if !ok {
		v = nil
	}
	c.rebind(name, v)
}

// execution runs one method of the execution object.
func (c *call) execution(method string, args []goja.Value) goja.Value {
	rt := c.realm.rt
	if f, ok := executionFields()[method]; ok {
		if s := f(&c.ctx.Execution); s != "" {
			return rt.ToValue(s)
		}
		return goja.Null()
	}
	if method == "getProcessInstance" {
		if c.instance == nil {
			c.instance = c.hostObject("processInstance", instanceObject{c})
		}
		return c.instance
	}
	base, local := strings.CutSuffix(method, "Local")
	name := ""
	switch base {
	case "getVariable", "setVariable", "hasVariable", "removeVariable":
		if len(args) == 0 || !goja.IsString(args[0]) {
			stop(CodeHost, "execution.%s needs the name of a variable as text", method)
		}
		name = args[0].String()
	}
	find := c.lookup
	if local {
		find = c.lookupLocal
	}
	switch base {
	case "getVariable":
		if v, ok := find(name); ok {
			return v
		}
		return goja.Null()
	case "hasVariable":
		_, ok := find(name)
		return rt.ToValue(ok)
	case "setVariable":
		if len(args) > 2 {
			stop(CodeHost, "execution.%s with the id of an activity is not supported; use setVariableLocal in that activity", method)
		}
		v := goja.Null()
		if len(args) > 1 {
			v = args[1]
		}
		c.write(name, v, local)
	case "removeVariable":
		c.remove(name, local)
	case "removeVariables":
		names := c.names(local)
		if len(args) > 0 {
			names = nil
			list := c.spread(args[0])
			n, _ := arrayLength(list)
			for i := range n {
				names = append(names, nilSafe(list.(*goja.Object).Get(itoa(int(i)))).String())
			}
		}
		for _, n := range names {
			c.remove(n, local)
		}
	case "hasVariables":
		return rt.ToValue(len(c.names(local)) > 0)
	case "getVariableNames":
		names := c.names(local)
		c.spendArray(int64(len(names)), bytesMember)
		items := make([]any, len(names))
		for i, n := range names {
			items[i] = n
		}
		return rt.NewArray(items...)
	case "getVariables":
		o := rt.NewObject()
		for _, n := range c.names(local) {
			if v, ok := find(n); ok {
				c.spend(1, bytesMember)
				if err := o.Set(n, v); err != nil {
					panic(err)
				}
			}
		}
		return o
	case "setVariables":
		o, ok := nilSafe(first(args)).(*goja.Object)
		if !ok || o.ClassName() != "Object" {
			stop(CodeHost, "execution.%s needs an object of variables", method)
		}
		for _, k := range o.Keys() {
			c.write(k, nilSafe(o.Get(k)), local)
		}
	default:
		stop(CodeInternal, "execution.%s", method)
	}
	return goja.Undefined()
}

// instanceObject is what execution.getProcessInstance() gives: the execution as
// its process instance sees it.
type instanceObject struct{ c *call }

// instanceMethods are those methods of execution that its process instance has.
func instanceMethods() []string {
	return []string{
		"getId", "getProcessInstanceId", "getProcessDefinitionId", "getBusinessKey", "getTenantId",
		"getVariable", "setVariable", "hasVariable",
	}
}

// Methods implements [Object].
func (instanceObject) Methods() []string { return instanceMethods() }

// Call implements [Object].
func (o instanceObject) Call(method string, args []any) (any, error) {
	switch method {
	case "getVariable", "setVariable", "hasVariable":
	case "getId":
		method = "getProcessInstanceId"
		fallthrough
	default:
		return executionFields()[method](&o.c.ctx.Execution), nil
	}
	name := ""
	if len(args) > 0 {
		name, _ = args[0].(string)
	}
	_, own := o.c.host.local.writes[name]
	switch {
	case name == "":
		return nil, errors.New("the name of a variable is expected as text")
	case o.c.ctx.Hidden == nil:
		return nil, errors.New("the variables of the process instance are not at hand here; use execution")
	case own || o.c.ctx.Hidden(name):
		return nil, fmt.Errorf("a scope inside the process instance has a variable %q too, which hides that of the instance; use execution, or another name", name)
	case method == "setVariable":
		v := any(nil)
		if len(args) > 1 {
			v = args[1]
		}
		o.c.write(name, o.c.toJS(v), false)
		return nil, nil
	}
	v, ok := o.c.lookup(name)
	if method == "hasVariable" || !ok {
		if method == "hasVariable" {
			return ok, nil
		}
		return nil, nil
	}
	return o.c.fromJS(v, name), nil
}

func first(args []goja.Value) goja.Value {
	if len(args) == 0 {
		return nil
	}
	return args[0]
}

// print collects one line.
func (c *call) print(args []goja.Value) {
	h := c.host
	if h.overflow {
		return
	}
	parts := make([]string, len(args))
	for i, a := range args {
		s := c.toText(a)
		c.spendString(int64(s.Length()))
		parts[i] = s.String()
	}
	line := strings.Join(parts, " ")
	h.output += len(line) + 1
	if h.output > c.limits.MaxOutput {
		h.overflow = true
		line = "(more output dropped)"
	}
	c.ctx.Printed = append(c.ctx.Printed, line)
}

// hostObject makes the script's side of an Object.
func (c *call) hostObject(name string, target Object) goja.Value {
	rt := c.realm.rt
	o := rt.NewObject()
	if c.hosts == nil {
		c.hosts = make(map[*goja.Object]bool)
	}
	c.hosts[o] = true
	methods := slices.Clone(target.Methods())
	slices.Sort(methods)
	for _, m := range methods {
		run := func(args []goja.Value) goja.Value {
			in := make([]any, len(args))
			for i, a := range args {
				in[i] = c.fromJS(a, name+"."+m)
			}
			out, err := target.Call(m, in)
			if err != nil {
				e := errorf(CodeHost, "%s.%s: %v", name, m, err)
				e.Err = err
				panic(&abort{InterruptedError: &goja.InterruptedError{}, err: e})
			}
			return c.toJS(out)
		}
		f := rt.ToValue(func(f goja.FunctionCall) goja.Value { return run(f.Arguments) })
		if err := f.ToObject(rt).DefineDataProperty("name", rt.ToValue(m), goja.FLAG_FALSE, goja.FLAG_FALSE, goja.FLAG_FALSE); err != nil {
			panic(err)
		}
		if err := o.Set(m, f); err != nil {
			panic(err)
		}
		if strings.HasPrefix(m, "get") && len(m) > 3 {
			get := rt.ToValue(func(goja.FunctionCall) goja.Value { return run(nil) })
			if err := o.DefineAccessorProperty(propertyName(m), get, nil, goja.FLAG_TRUE, goja.FLAG_FALSE); err != nil {
				panic(err)
			}
		}
	}
	return o
}

// nextRandom is splitmix64 on the context's seed.
func (c *call) nextRandom() float64 {
	c.random += 0x9e3779b97f4a7c15
	z := c.random
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	z ^= z >> 31
	return float64(z>>11) / (1 << 53)
}

// hostFunctions is the H of prelude.js.
func (r *realm) hostFunctions() *goja.Object {
	rt := r.rt
	h := rt.NewObject()
	set := func(name string, v any) {
		if err := h.Set(name, v); err != nil {
			panic(err)
		}
	}
	fn := func(name string, f func(c *call, a []goja.Value) goja.Value) {
		set(name, r.native(func(call goja.FunctionCall) goja.Value {
			args := call.Arguments
			for len(args) < 3 {
				args = append(args[:len(args):len(args)], goja.Undefined())
			}
			return f(r.call, args)
		}))
	}
	list := func(v goja.Value) []goja.Value {
		n, _ := arrayLength(v)
		out := make([]goja.Value, n)
		for i := range out {
			out[i] = nilSafe(v.(*goja.Object).Get(itoa(i)))
		}
		return out
	}
	array := func(items []goja.Value) goja.Value {
		anys := make([]any, len(items))
		for i, v := range items {
			anys[i] = v
		}
		return rt.NewArray(anys...)
	}
	number := func(f float64) goja.Value { return rt.ToValue(f) }

	fn("pay", func(c *call, a []goja.Value) goja.Value {
		c.spend(a[0].ToInteger(), a[1].ToInteger())
		return goja.Undefined()
	})
	fn("array", func(c *call, a []goja.Value) goja.Value {
		n := a[0].ToFloat()
		if n != math.Trunc(n) || n < 0 || math.IsNaN(n) {
			panic(r.makeError("RangeError", "invalid array length"))
		}
		c.spendArray(int64(min(n, 1<<40)), 2*bytesElement)
		return number(n)
	})
	fn("length", func(c *call, a []goja.Value) goja.Value {
		n, ok := arrayLength(a[0])
		if !ok {
			panic(rt.NewTypeError("the method works on arrays; make one with Array.from"))
		}
		c.spendArray(n, 0)
		return rt.ToValue(n)
	})
	fn("concat", func(c *call, a []goja.Value) goja.Value {
		both := append(list(a[0]), list(a[1])...)
		c.spendArray(int64(len(both)), 2*bytesElement)
		return array(both)
	})
	fn("head", func(_ *call, a []goja.Value) goja.Value {
		items := list(a[0])
		return array(items[:min(len(items), int(a[1].ToInteger()))])
	})
	fn("spread", func(c *call, a []goja.Value) goja.Value { return c.spread(a[0]) })
	fn("join", func(c *call, a []goja.Value) goja.Value { return c.join(a[0], c.toText(a[1])) })

	fn("rxCompile", func(c *call, a []goja.Value) goja.Value {
		c.newRegex(a[0].ToObject(rt), a[1].String(), a[2].String())
		return goja.Undefined()
	})
	fn("rxInfo", func(c *call, a []goja.Value) goja.Value {
		if o, ok := a[0].(*goja.Object); ok {
			if rx, ok := c.regexes[o]; ok {
				return rt.NewArray(rx.source, rx.flags)
			}
		}
		return goja.Null()
	})
	fn("rxExec", func(c *call, a []goja.Value) goja.Value {
		at := a[2].ToInteger()
		return c.match(c.regexOf(a[0]), c.toText(a[1]), int(min(at, 1<<32)))
	})

	fn("now", func(c *call, _ []goja.Value) goja.Value { return number(float64(c.ctx.Now.UnixMilli())) })
	fn("toLocal", func(c *call, a []goja.Value) goja.Value { return number(c.toLocal(a[0].ToFloat())) })
	fn("toUTC", func(c *call, a []goja.Value) goja.Value { return number(c.toUTC(a[0].ToFloat())) })
	fn("dateText", func(c *call, a []goja.Value) goja.Value {
		return rt.ToValue(c.dateText(a[0].ToFloat(), a[1].String()))
	})
	fn("dateValue", func(_ *call, a []goja.Value) goja.Value {
		o, ok := a[0].(*goja.Object)
		return rt.ToValue(ok && o.ClassName() == "Date")
	})
	fn("parseDate", func(c *call, a []goja.Value) goja.Value { return number(c.parseDate(a[0].String())) })

	fn("jsonText", func(c *call, a []goja.Value) goja.Value {
		s := c.toText(a[0])
		c.payJSONText(s)
		return s
	})
	fn("jsonValue", func(c *call, a []goja.Value) goja.Value { return c.jsonValue(a[0], a[1]) })

	fn("exactNumber", func(c *call, a []goja.Value) goja.Value {
		f, _ := exactFloat(c.exactOf(a[0]))
		return number(f)
	})
	fn("exactText", func(c *call, a []goja.Value) goja.Value { return rt.ToValue(exactText(c.exactOf(a[0]))) })
	fn("exactFixed", func(c *call, a []goja.Value) goja.Value {
		d := toDecimal(c.exactOf(a[0]))
		places := a[1].ToInteger()
		if places < 0 || places > 100 {
			panic(r.makeError("RangeError", "toFixed takes 0 to 100 digits"))
		}
		var out apd.Decimal
		ctx := apd.BaseContext.WithPrecision(uint32(min(d.NumDigits()+max(int64(d.Exponent), 0)+places+2, 10_000)))
		ctx.Rounding = apd.RoundHalfUp
		if _, err := ctx.Quantize(&out, d, -int32(places)); err != nil {
			panic(r.makeError("RangeError", err.Error()))
		}
		return rt.ToValue(out.Text('f'))
	})

	fn("bpmnError", func(c *call, a []goja.Value) goja.Value {
		if c.bpmn == nil {
			c.bpmn = make(map[*goja.Object]*BpmnError)
		}
		c.spend(1, bytesObject)
		c.bpmn[a[0].ToObject(rt)] = &BpmnError{Code: a[1].String(), Message: a[2].String()}
		return goja.Undefined()
	})
	fn("print", func(c *call, a []goja.Value) goja.Value {
		c.print(list(a[0]))
		return goja.Undefined()
	})
	fn("execution", func(c *call, a []goja.Value) goja.Value { return c.execution(a[0].String(), list(a[1])) })
	var methods []any
	for _, m := range executionMethods() {
		methods = append(methods, m)
	}
	set("executionMethods", rt.NewArray(methods...))
	var fields []any
	for _, m := range executionMethods() {
		if _, ok := executionFields()[m]; ok {
			fields = append(fields, rt.NewArray(m, propertyName(m)))
		}
	}
	set("executionFields", rt.NewArray(fields...))

	all := guards()
	fn("wrap", func(_ *call, a []goja.Value) goja.Value {
		original, ok := goja.AssertFunction(a[2])
		if !ok {
			panic(rt.NewTypeError("%s.%s is not a function", a[0], a[1]))
		}
		return r.wrap(a[1].String(), all[a[0].String()+"."+a[1].String()], original)
	})
	var table []any
	for _, g := range intrinsicTable() {
		var names []any
		for _, n := range strings.Fields(g.names) {
			names = append(names, n)
		}
		table = append(table, rt.NewArray(g.holder, rt.NewArray(names...), g.guard != nil))
	}
	set("table", rt.NewArray(table...))
	return h
}

func (c *call) exactOf(v goja.Value) any {
	if o, ok := v.(*goja.Object); ok {
		if n, ok := c.exact[o]; ok {
			return n
		}
	}
	panic(c.realm.rt.NewTypeError("this is not a number"))
}

func toDecimal(v any) *apd.Decimal {
	switch n := v.(type) {
	case int64:
		return apd.New(n, 0)
	case *apd.Decimal:
		return n
	default:
		return apd.New(0, 0)
	}
}

// join is Array.prototype.join: each element becomes text once, and is paid
// for before the text is put together.
func (c *call) join(v goja.Value, sep goja.String) goja.Value {
	rt := c.realm.rt
	n, ok := arrayLength(v)
	if !ok {
		v, n = c.arrayLike(v, "join")
	}
	c.spendArray(n, 2*bytesElement)
	o := v.(*goja.Object)
	items := make([]any, n)
	total := int64(sep.Length()) * max(n-1, 0)
	for i := range items {
		e := nilSafe(o.Get(itoa(i)))
		if goja.IsUndefined(e) || goja.IsNull(e) {
			items[i] = ""
			continue
		}
		s := c.toText(e)
		items[i] = s
		total += int64(s.Length())
		if total > int64(c.limits.MaxString) {
			break
		}
	}
	c.spendString(total)
	return must(c.realm.nativeJoin(rt.NewArray(items...), sep))
}
