package juel

import (
	"slices"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/cockroachdb/apd/v3"
)

// Entry is a row of [Table]: a method or function that expressions may call.
type Entry struct {
	// Receiver is what the method is called on: text, list, object, number,
	// boolean, date, any, execution, task or element; "function" for functions
	// and the name for beans such as flwTimeUtils.
	Receiver string
	// Name is the name of the method or function.
	Name string
	// Arguments are their names, in brackets when they may be left out.
	Arguments string
	// Meaning is a sentence.
	Meaning string
	// Example is an expression over [TableContext], and Result its value as
	// JSON.
	Example, Result string
}

// kinds is a set of receivers.
type kinds uint16

const (
	kindNull kinds = 1 << iota
	kindBool
	kindNumber
	kindText
	kindList
	kindObject
	kindDate
	kindExecution
	kindTask
	kindElement
	kindFunction // not a value

	kindJSON = kindNull | kindBool | kindNumber | kindText | kindList | kindObject
	kindAny  = kindBool | kindNumber | kindText | kindList | kindObject | kindDate
)

func kindOf(v any) kinds {
	switch v.(type) {
	case nil:
		return kindNull
	case bool:
		return kindBool
	case int64, *apd.Decimal:
		return kindNumber
	case string:
		return kindText
	case []any:
		return kindList
	case map[string]any:
		return kindObject
	case moment:
		return kindDate
	case *Execution:
		return kindExecution
	case *Task:
		return kindTask
	case *Element:
		return kindElement
	}
	return 0
}

// method is a row with what it does.
type method struct {
	Entry
	on       kinds
	min, max int // arguments; max -1 is any
	writes   bool
	pattern  bool // the first argument is a regular expression
	call     func(c *invocation) (any, error)
}

// library is all rows, in the ways in which they are looked up. It is made once
// and never changed.
type library struct {
	rows          []*method
	methods       map[string][]*method
	functions     map[string]*method // name, ns:name or bean.name
	functionNames []string
}

var builtins = sync.OnceValue(func() *library {
	l := &library{methods: map[string][]*method{}, functions: map[string]*method{}}
	for _, rows := range [][]method{
		textMethods(), patternMethods(), listMethods(), objectMethods(), numberMethods(), dateMethods(), valueMethods(), jsonMethods(), decisionMethods(),
		executionMethods(), taskMethods(), elementMethods(),
		functions(), variableFunctions(), timeBean(), textBean(), mathBean(), listBean(),
	} {
		for i := range rows {
			m := &rows[i]
			l.rows = append(l.rows, m)
			if m.on != kindFunction {
				l.methods[m.Name] = append(l.methods[m.Name], m)
				continue
			}
			name := m.Name
			if m.Receiver != "function" {
				name = m.Receiver + "." + m.Name
			}
			if _, twice := l.functions[name]; twice {
				panic("juel: function " + name + " is listed twice")
			}
			l.functions[name] = m
			if m.Receiver == "function" {
				l.functionNames = append(l.functionNames, name)
			}
		}
	}
	sort.Strings(l.functionNames)
	return l
})

// Table lists every built-in method and function, in a fixed order. The
// documentation is made from it and a test evaluates each example.
func Table() []Entry {
	rows := builtins().rows
	res := make([]Entry, 0, len(rows))
	for _, m := range rows {
		res = append(res, m.Entry)
	}
	return res
}

// TableContext gives the variables, time, execution and task of the examples in
// [Table].
func TableContext() *EvalContext {
	vars := map[string]any{
		"amount": int64(250), "price": apd.New(1995, -2), "customer": map[string]any{"name": "Ada", "vip": true, "tags": []any{"a", "b"}},
		"items": []any{"pen", "ink", "pen"}, "status": "open", "due": "2026-03-31T12:00:00+02:00", "nothing": nil,
		"order":          map[string]any{"id": int64(7), "lines": []any{map[string]any{"sku": "pen", "count": int64(2)}}},
		"decisionResult": []any{map[string]any{"risk": "high"}},
		"json":           `{"name":"Ada","age":36,"tags":["a","b"],"none":null}`,
	}
	loc := time.FixedZone("", 3600)
	ex := &Execution{
		ID: "01J-3", ParentID: "01J-1", ProcessInstanceID: "01J", RootProcessInstanceID: "01J", BusinessKey: "order-7",
		ProcessDefinitionID: "order:2", ProcessDefinitionKey: "order", ActivityID: "approve", ActivityName: "Approve",
		ActivityInstanceID: "01J-3", ParentActivityInstanceID: "01J-1", EventName: "start", TenantID: "default", TransitionID: "flow1",
		Element:   &Element{ID: "approve", Name: "Approve", Type: "userTask"},
		Variables: func() map[string]any { return vars },
		Local:     func() map[string]any { return map[string]any{"status": "open"} },
		Set:       func(string, any, bool) error { return nil },
		Remove:    func(string, bool) error { return nil },
	}
	return &EvalContext{
		Lookup:   func(name string) (any, bool) { v, ok := vars[name]; return v, ok },
		Now:      time.Date(2026, 3, 1, 9, 30, 0, 0, loc),
		Location: loc, Execution: ex, User: "ada", Groups: []string{"sales", "staff"},
		Task: &Task{
			ID: "01J-4", Name: "Approve order", Description: "Look at it", Assignee: "ada", Owner: "bob", Priority: 50,
			Category: "c", FormKey: "form", EventName: "create", TaskDefinitionKey: "approve", TenantID: "default",
			CreateTime: time.Date(2026, 3, 1, 9, 0, 0, 0, loc), DueDate: time.Date(2026, 3, 2, 9, 0, 0, 0, loc),
			FollowUpDate: time.Date(2026, 3, 1, 18, 0, 0, 0, loc), CandidateUsers: []string{"cy"}, CandidateGroups: []string{"sales"},
			Set: func(string, any) error { return nil },
		},
	}
}

// isNamespace reports whether the name is a built-in bean.
func isNamespace(name string) bool {
	switch name {
	case "flwTimeUtils", "flwStringUtils", "flwMathUtils", "flwCollectionUtils":
		return true
	}
	return false
}

func namespaceMethods(bean string) []string {
	var res []string
	for name := range builtins().functions {
		if method, ok := strings.CutPrefix(name, bean+"."); ok {
			res = append(res, method)
		}
	}
	sort.Strings(res)
	return res
}

// isMutator reports whether a name is that of a method with which Java changes
// a collection or bean.
func isMutator(name string) bool {
	return slices.Contains([]string{
		"add", "addAll", "put", "putAll", "putIfAbsent", "remove", "removeAll", "removeIf", "clear", "set", "retainAll",
		"sort", "addFirst", "addLast", "deleteProp", "append", "insertAt", "insertBefore", "insertAfter", "removeAt", "removeLast", "removeFirst",
	}, name)
}

// javaMethod tells why a method of Java cannot be called.
func javaMethod(name string) (string, bool) {
	switch name {
	case "getClass", "forName", "newInstance", "getMethod", "getClassLoader", "invoke":
		return "expressions have no reflection; register a Go function", true
	case "getProcessEngineServices", "getProcessEngine", "getEngineServices", "getRuntimeService", "getTaskService", "getRepositoryService", "getHistoryService", "getIdentityService":
		return "there are no Java services; use a job worker with the client API", true
	case "mapTo", "unwrap", "writeToWriter":
		return "values are JSON and no Java objects; read the properties instead", true
	case "stream", "forEach", "iterator", "listIterator", "parallelStream", "lines", "chars":
		return "there are no Java streams; use a script task or FEEL", true
	}
	return "", false
}

// javaFunction tells why a function of the engines cannot be called.
func javaFunction(name string) (string, bool) {
	switch name {
	case "XML", "camunda:XML":
		return "XML values are kept as texts; use a job worker", true
	}
	return "", false
}

// invocation is one call of a row.
type invocation struct {
	f     *frame
	at    int
	name  string
	recv  any
	args  []any
	regex *pattern
}

func (c *invocation) fail(code Code, format string, args ...any) error {
	return c.f.fail(code, c.at, c.name, format, args...)
}

func (c *invocation) bad(i int, want string) error {
	return c.fail(CodeArguments, "%s() expects %s as argument %d, but found %s", c.name, want, i+1, describe(c.args[i]))
}

// text gives argument i as a text, coerced as EL does.
func (c *invocation) text(i int) (string, error) {
	return c.f.toText(c.args[i], c.at)
}

// self gives the receiver as a text.
func (c *invocation) self() string {
	s, _ := c.recv.(string)
	return s
}

func (c *invocation) list() []any {
	l, _ := c.recv.([]any)
	return l
}

func (c *invocation) object() map[string]any {
	m, _ := c.recv.(map[string]any)
	return m
}

// integer gives argument i as a whole number.
func (c *invocation) integer(i int) (int64, error) {
	n, ok := toNumber(c.args[i])
	if !ok || isDecimal(n) {
		return 0, c.bad(i, "a whole number")
	}
	v, _ := n.(int64)
	return v, nil
}

func (c *invocation) number(i int) (any, error) {
	n, ok := toNumber(c.args[i])
	if !ok {
		return nil, c.bad(i, "a number")
	}
	return n, nil
}

func (c *invocation) date(i int) (moment, error) {
	t, err := c.f.toMoment(c.args[i], c.at)
	if err != nil {
		return moment{}, c.bad(i, "a date")
	}
	return t, nil
}

// items gives argument i as a list.
func (c *invocation) items(i int) ([]any, error) {
	l, ok := c.args[i].([]any)
	if !ok {
		return nil, c.bad(i, "a list")
	}
	return l, nil
}

func (c *invocation) parseMoment(s string) (moment, error) {
	t, err := c.f.toMoment(s, c.at)
	if err != nil {
		return moment{}, c.fail(CodeUnknownMethod, "%s() is a method of dates, and %s is none", c.name, show(s))
	}
	return t, nil
}

// made counts a text that a method made against the limits.
func (c *invocation) made(s string) (any, error) {
	if len(s) > c.f.text {
		return nil, c.f.tooLong(c.at)
	}
	return s, c.f.spend(1+len(s)/8, c.at)
}

// room checks the size of a text before it is made.
func (c *invocation) room(n int) error {
	if n < 0 || n > c.f.text {
		return c.f.tooLong(c.at)
	}
	return c.f.spend(1+n/8, c.at)
}

// madeList counts a list that a method made.
func (c *invocation) madeList(l []any) (any, error) {
	if len(l) > c.f.items {
		return nil, c.fail(CodeLimit, "a list becomes longer than %d items", c.f.items)
	}
	return l, c.f.spend(1+len(l), c.at)
}

// orNull gives null for the empty text.
func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// momentOrNull gives null for no time.
func (c *invocation) momentOrNull(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return moment{t.In(c.f.location())}
}

func texts(list []string) []any {
	res := make([]any, len(list))
	for i, s := range list {
		res[i] = s
	}
	return res
}

// find gives the place of an item, or -1.
func (c *invocation) find(list []any, item any) (int, error) {
	for i, v := range list {
		same, err := c.f.same(v, item, c.at)
		if err != nil {
			return 0, err
		}
		if same {
			return i, nil
		}
		if err := c.f.spend(1, c.at); err != nil {
			return 0, err
		}
	}
	return -1, nil
}

func normalizeInt(n int) any { return int64(n) }
