package script

import (
	"errors"
	"fmt"
	"math/big"
	"strings"

	"github.com/dop251/goja"
	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/file"
	"github.com/dop251/goja/parser"
	"github.com/dop251/goja/token"
	"github.com/dop251/goja/unistring"
)

// The interpreter counts neither steps nor memory, so the syntax tree is
// rewritten before it is compiled: each loop turn and call starts with a
// %tick that pays for the straight-line code behind it, each operation whose
// cost hangs on its operands is passed through a host function. The names
// begin with %, so that no source can spell, read or shadow them.
const (
	hookTick         = "%tick"      // (steps, bytes): pay for a block
	hookString       = "%str"       // (value): pay for a string just made
	hookSpread       = "%spread"    // (iterable): pay for a spread and make it an array
	hookSpreadObject = "%keys"      // (object): pay for copying an object's members
	hookRegex        = "%rx"        // (pattern, flags): a regular expression literal
	hookBpmnError    = "%BpmnError" // the constructor that Java's BpmnError becomes
	hookKey          = "%key"       // (object, key): a computed member that is assigned to
	hookGroovy       = "%groovy"    // the library that rewritten Groovy calls
	slotResult       = "%result"    // the completion value
	slotTarget       = "%target"    // the object of a computed member that is assigned to
)

// Upper estimates, in bytes, of what a node leaves on the heap. They are
// checked against the real heap by TestAttacks.
const (
	bytesObject   = 256
	bytesMember   = 64
	bytesArray    = 128
	bytesElement  = 16
	bytesFunction = 640 // with the scope it keeps
	bytesClass    = 2048
	bytesCall     = 32
	bytesNew      = 256
	bytesCatch    = 1024
)

// maxTemplateParts keeps one template literal from multiplying a long string
// more often than the check after it can bear.
const maxTemplateParts = 16

// analysed is a rewritten script and what is known about it.
type analysed struct {
	program *goja.Program
	// free holds the names that the source uses and does not declare, in
	// order of appearance: process variables and intrinsics.
	free []string
	// all is set when the script reads variables in a way that no name shows
	// (this, globalThis).
	all bool
	// vars are the top-level var names, for autoStoreVariables.
	vars []string
}

// analyse parses, checks and rewrites JavaScript. trusted is for the sources
// of this package, which may use what is refused in scripts.
func analyse(name, source string, limits Limits, trusted bool) (*analysed, *Error) {
	return (&rewriter{trusted: trusted}).analyse(name, source, limits)
}

// analyseGroovy is analyse for what groovy.go writes, which names the library
// as $groovy.
func analyseGroovy(name, source string, limits Limits) (*analysed, *Error) {
	return (&rewriter{groovy: true}).analyse(name, source, limits)
}

func (w *rewriter) analyse(name, source string, limits Limits) (*analysed, *Error) {
	if len(source) > limits.MaxSource && !w.trusted {
		return nil, errorf(CodeTooLarge, "the source has %d bytes, the limit is %d; call a job worker instead", len(source), limits.MaxSource)
	}
	if n := arrowNesting(source); n > maxArrowNesting {
		return nil, errorf(CodeTooLarge, "arrow functions are nested %d deep in the parameters of others, the limit is %d; give them names", n, maxArrowNesting)
	}
	var tree *ast.Program
	if err := survive(func() (err error) {
		tree, err = parser.ParseFile(nil, name, source, 0, parser.WithDisableSourceMaps)
		return err
	}); err != nil {
		return nil, syntaxError(err)
	}
	w.file, w.maxDepth, w.free, w.out = tree.File, limits.MaxNesting, make(map[string]bool), &analysed{}
	var refused *Error
	func() {
		defer func() {
			if r := recover(); r != nil {
				e, ok := r.(*Error)
				if !ok {
					panic(r)
				}
				refused = e
			}
		}()
		w.script(tree)
	}()
	if refused != nil {
		return nil, refused
	}
	var p *goja.Program
	if err := survive(func() (err error) {
		p, err = goja.CompileAST(tree, false)
		return err
	}); err != nil {
		return nil, syntaxError(err)
	}
	w.out.program = p
	return w.out, nil
}

// maxArrowNesting bounds what arrowNesting finds.
const maxArrowNesting = 10

// arrowNesting counts how deep parameter lists of arrow functions stand in
// each other. The parser reads each list twice, so its time doubles with each
// level. The count is made on the bare text: a bracket in a string or regular
// expression can make it larger, never smaller.
func arrowNesting(source string) int {
	stack := []int{0} // for each open parenthesis the deepest list in it
	deepest := 0
	for i := range len(source) {
		switch source[i] {
		case '(':
			stack = append(stack, 0)
		case ')':
			top := len(stack) - 1
			n := stack[top]
			if top > 0 {
				stack = stack[:top]
				top--
			}
			if arrowFollows(source[i+1:]) {
				n++
			}
			stack[top] = max(stack[top], n)
			deepest = max(deepest, n)
		}
	}
	return deepest
}

// arrowFollows skips blanks and comments.
func arrowFollows(s string) bool {
	for {
		s = strings.TrimLeft(s, parser.WhitespaceChars)
		switch {
		case strings.HasPrefix(s, "/*"):
			end := strings.Index(s[2:], "*/")
			if end < 0 {
				return false
			}
			s = s[end+4:]
		case strings.HasPrefix(s, "//"):
			end := strings.IndexAny(s, "\n\r\u2028\u2029")
			if end < 0 {
				return false
			}
			s = s[end:]
		default:
			return strings.HasPrefix(s, "=>")
		}
	}
}

// survive turns a panic of the interpreter's parser and compiler, which some
// malformed sources set off, into an error.
func survive(f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the source cannot be read (%v)", r)
		}
	}()
	return f()
}

func syntaxError(err error) *Error {
	e := &Error{Code: CodeSyntax, Message: err.Error()}
	var list parser.ErrorList
	var compiler *goja.CompilerSyntaxError
	switch {
	case errors.As(err, &list) && len(list) > 0:
		e.Message, e.Line, e.Column = list[0].Message, list[0].Position.Line, list[0].Position.Column
	case errors.As(err, &compiler):
		e.Message = compiler.Message
		if compiler.File != nil {
			p := compiler.File.Position(compiler.Offset)
			e.Line, e.Column = p.Line, p.Column
		}
	}
	return e
}

// scope is one level of declared names. A function's own level has function
// set: var declarations land there.
type scope struct {
	outer    *scope
	names    map[string]bool
	function bool
	class    bool
}

func (s *scope) declares(name string) bool {
	for ; s != nil; s = s.outer {
		if s.names[name] {
			return true
		}
	}
	return false
}

// cost is what one block pays at its %tick.
type cost struct{ steps, bytes int64 }

type rewriter struct {
	file     *file.File
	trusted  bool
	groovy   bool
	depth    int
	maxDepth int
	scope    *scope
	cost     *cost
	free     map[string]bool
	out      *analysed
}

func (w *rewriter) refuse(n ast.Node, code Code, format string, args ...any) {
	e := errorf(code, format, args...)
	p := w.file.Position(int(n.Idx0()) - w.file.Base())
	e.Line, e.Column = p.Line, p.Column
	panic(e)
}

func (w *rewriter) unsupported(n ast.Node, format string, args ...any) {
	if !w.trusted {
		w.refuse(n, CodeUnsupported, format, args...)
	}
}

// enter counts a node and bounds the nesting.
func (w *rewriter) enter(n ast.Node) func() {
	w.depth++
	// A chain like a + b + c is deep without being nested, hence the factor;
	// what has to be kept small is the interpreter's compiler, which recurses.
	if w.depth > 8*w.maxDepth {
		w.refuse(n, CodeTooLarge, "the source is nested deeper than %d; split it into statements", w.maxDepth)
	}
	if w.cost != nil {
		w.cost.steps++
	}
	return func() { w.depth-- }
}

func (w *rewriter) pay(bytes int64) {
	if w.cost != nil {
		w.cost.bytes += bytes
	}
}

func ident(name string, at file.Idx) *ast.Identifier {
	return &ast.Identifier{Name: unistring.String(name), Idx: at}
}

func integer(n int64, at file.Idx) *ast.NumberLiteral {
	return &ast.NumberLiteral{Idx: at, Literal: "0", Value: n}
}

func hook(name string, at file.Idx, args ...ast.Expression) *ast.CallExpression {
	return &ast.CallExpression{Callee: ident(name, at), LeftParenthesis: at, ArgumentList: args, RightParenthesis: at}
}

func (c *cost) tick(at file.Idx) ast.Expression {
	return hook(hookTick, at, integer(c.steps+1, at), integer(c.bytes, at))
}

func (c *cost) statement(at file.Idx) ast.Statement {
	return &ast.ExpressionStatement{Expression: c.tick(at)}
}

// script wraps the whole source:
//
//	(function(%tick, %str, ...) {
//	    return function() { var %result; <source>; return [%result, {vars}] }
//	})
//
// The inner function keeps top-level declarations from the global object and
// its arguments object from the hooks.
func (w *rewriter) script(tree *ast.Program) {
	at := file.Idx(tree.File.Base())
	w.scope = &scope{names: make(map[string]bool), function: true}
	w.hoist(tree.DeclarationList, tree.Body)
	functions := make(map[string]bool)
	for _, s := range tree.Body {
		if f, ok := s.(*ast.FunctionDeclaration); ok {
			functions[f.Function.Name.Name.String()] = true
		}
	}
	seen := make(map[string]bool)
	for _, d := range tree.DeclarationList {
		for _, b := range d.List {
			w.bindingNames(b.Target, func(id *ast.Identifier) {
				n := id.Name.String()
				if !functions[n] && !seen[n] {
					seen[n] = true
					w.out.vars = append(w.out.vars, n)
				}
			})
		}
	}
	top := &cost{}
	w.cost = top
	body := w.statements(tree.Body, true)
	prologue := directives(body)

	vars := &ast.ObjectLiteral{LeftBrace: at, RightBrace: at}
	for _, n := range w.out.vars {
		vars.Value = append(vars.Value, &ast.PropertyKeyed{
			Key:   &ast.StringLiteral{Idx: at, Literal: n, Value: unistring.NewFromString(n)},
			Kind:  ast.PropertyKindValue,
			Value: &ast.Identifier{Name: unistring.NewFromString(n), Idx: at},
		})
	}
	list := make([]ast.Statement, 0, len(body)+len(w.out.vars)+2)
	list = append(list, body[:prologue]...)
	list = append(list, top.statement(at))
	if !w.trusted {
		list = append(list, w.inherit(at)...)
	}
	list = append(list, body[prologue:]...)
	list = append(list, &ast.ReturnStatement{Return: at, Argument: &ast.ArrayLiteral{
		LeftBracket: at, RightBracket: at, Value: []ast.Expression{ident(slotResult, at), vars},
	}})
	inner := &ast.FunctionLiteral{
		Function:      at,
		ParameterList: &ast.ParameterList{Opening: at, Closing: at},
		Body:          &ast.BlockStatement{LeftBrace: at, List: list, RightBrace: at},
		Source:        "function script() { }",
		DeclarationList: append(tree.DeclarationList, &ast.VariableDeclaration{
			Var: at, List: []*ast.Binding{{Target: ident(slotResult, at)}, {Target: ident(slotTarget, at)}},
		}),
	}
	params := &ast.ParameterList{Opening: at, Closing: at}
	for _, h := range []string{hookTick, hookString, hookSpread, hookSpreadObject, hookRegex, hookBpmnError, hookKey, hookGroovy} {
		params.List = append(params.List, &ast.Binding{Target: ident(h, at)})
	}
	outer := &ast.FunctionLiteral{
		Function: at, ParameterList: params, Source: "function script() { }",
		Body: &ast.BlockStatement{LeftBrace: at, RightBrace: at, List: []ast.Statement{
			&ast.ReturnStatement{Return: at, Argument: inner},
		}},
	}
	tree.Body = []ast.Statement{&ast.ExpressionStatement{Expression: outer}}
	tree.DeclarationList = nil
}

// inherit gives top-level vars the value of the process variable of their
// name, as a var of a script that runs in the global scope has it: x = this.x.
func (w *rewriter) inherit(at file.Idx) []ast.Statement {
	var list []ast.Statement
	for _, n := range w.out.vars {
		switch n {
		case "constructor", "toString", "toLocaleString", "valueOf", "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable":
			continue // this has them from Object.prototype
		}
		name := unistring.NewFromString(n)
		list = append(list, &ast.ExpressionStatement{Expression: &ast.AssignExpression{
			Operator: token.ASSIGN, Left: &ast.Identifier{Name: name, Idx: at},
			Right: &ast.BracketExpression{
				Left: &ast.ThisExpression{Idx: at}, LeftBracket: at, RightBracket: at,
				Member: &ast.StringLiteral{Idx: at, Literal: n, Value: name},
			},
		}})
		if !w.free[n] {
			w.free[n] = true
			w.out.free = append(w.out.free, n)
		}
	}
	return list
}

// directives counts the leading string statements ('use strict').
func directives(body []ast.Statement) int {
	n := 0
	for n < len(body) {
		e, ok := body[n].(*ast.ExpressionStatement)
		if !ok {
			break
		}
		if _, ok := e.Expression.(*ast.StringLiteral); !ok {
			break
		}
		n++
	}
	return n
}

// ---- scopes ----

func (w *rewriter) push(s *scope) func() {
	s.outer = w.scope
	s.names = make(map[string]bool)
	w.scope = s
	return func() { w.scope = s.outer }
}

func (w *rewriter) declare(id *ast.Identifier) { w.scope.names[id.Name.String()] = true }

// hoist declares what a function body or script declares.
func (w *rewriter) hoist(list []*ast.VariableDeclaration, body []ast.Statement) {
	for _, d := range list {
		for _, b := range d.List {
			w.bindingNames(b.Target, w.declare)
		}
	}
	w.lexical(body)
}

// lexical declares the let, const, class and function names of a block.
func (w *rewriter) lexical(body []ast.Statement) {
	for _, s := range body {
		for {
			l, ok := s.(*ast.LabelledStatement)
			if !ok {
				break
			}
			s = l.Statement
		}
		switch d := s.(type) {
		case *ast.LexicalDeclaration:
			for _, b := range d.List {
				w.bindingNames(b.Target, w.declare)
			}
		case *ast.FunctionDeclaration:
			w.declare(d.Function.Name)
			// In sloppy mode the name is visible in the whole function too
			// (ECMA-262, B.3.2).
			for s := w.scope; s != nil; s = s.outer {
				if s.function {
					s.names[d.Function.Name.Name.String()] = true
					break
				}
			}
		case *ast.ClassDeclaration:
			w.declare(d.Class.Name)
		}
	}
}

// bindingNames calls f for each name that a binding target declares.
func (w *rewriter) bindingNames(t ast.Expression, f func(*ast.Identifier)) {
	switch t := t.(type) {
	case *ast.Identifier:
		f(t)
	case *ast.ArrayPattern:
		for _, e := range t.Elements {
			w.bindingNames(e, f)
		}
		w.bindingNames(t.Rest, f)
	case *ast.ObjectPattern:
		for _, p := range t.Properties {
			switch p := p.(type) {
			case *ast.PropertyShort:
				f(&p.Name)
			case *ast.PropertyKeyed:
				w.bindingNames(p.Value, f)
			}
		}
		w.bindingNames(t.Rest, f)
	case *ast.AssignExpression:
		w.bindingNames(t.Left, f)
	case *ast.Binding:
		w.bindingNames(t.Target, f)
	}
}

// ---- statements ----

// statements rewrites a list. complete says that expression statements in it
// give the script's completion value (ECMA-262, 14.5.1).
func (w *rewriter) statements(list []ast.Statement, complete bool) []ast.Statement {
	n := directives(list)
	out := make([]ast.Statement, 0, len(list))
	for i, s := range list {
		if i < n {
			out = append(out, s)
			if complete && !isDirective(s) { // a lone string is also a value
				at := s.Idx0()
				out = append(out, &ast.ExpressionStatement{Expression: w.assignResult(s.(*ast.ExpressionStatement).Expression, at)})
				n = i + 1
			}
			continue
		}
		out = append(out, w.statement(s, complete))
	}
	return out
}

func isDirective(s ast.Statement) bool {
	e, ok := s.(*ast.ExpressionStatement)
	if !ok {
		return false
	}
	l, ok := e.Expression.(*ast.StringLiteral)
	return ok && l.Value.String() == "use strict"
}

func (w *rewriter) assignResult(e ast.Expression, at file.Idx) ast.Expression {
	return &ast.AssignExpression{Operator: token.ASSIGN, Left: ident(slotResult, at), Right: e}
}

func (w *rewriter) block(b *ast.BlockStatement, complete bool) {
	if b == nil {
		return
	}
	defer w.push(&scope{})()
	w.lexical(b.List)
	for i, s := range b.List {
		b.List[i] = w.statement(s, complete)
	}
}

// loop rewrites the parts of a loop with a cost of their own and puts the
// tick in front of the body.
func (w *rewriter) loop(body ast.Statement, complete bool, parts func()) ast.Statement {
	outer := w.cost
	own := &cost{}
	w.cost = own
	parts()
	body = w.statement(body, complete)
	w.cost = outer
	at := body.Idx0()
	return &ast.BlockStatement{LeftBrace: at, RightBrace: at, List: []ast.Statement{own.statement(at), body}}
}

func (w *rewriter) statement(s ast.Statement, complete bool) ast.Statement {
	defer w.enter(s)()
	switch s := s.(type) {
	case *ast.BlockStatement:
		w.block(s, complete)
	case *ast.EmptyStatement, *ast.BranchStatement:
	case *ast.ExpressionStatement:
		e := w.expr(s.Expression)
		if complete {
			e = w.assignResult(e, s.Idx0())
		}
		s.Expression = e
	case *ast.VariableStatement:
		w.bindings(s.List)
	case *ast.LexicalDeclaration:
		w.bindings(s.List)
	case *ast.FunctionDeclaration:
		w.function(s.Function)
	case *ast.ClassDeclaration:
		w.class(s.Class)
	case *ast.IfStatement:
		s.Test = w.expr(s.Test)
		s.Consequent = w.statement(s.Consequent, complete)
		if s.Alternate != nil {
			s.Alternate = w.statement(s.Alternate, complete)
		}
	case *ast.ForStatement:
		defer w.push(&scope{})()
		switch init := s.Initializer.(type) {
		case *ast.ForLoopInitializerExpression:
			init.Expression = w.expr(init.Expression)
		case *ast.ForLoopInitializerVarDeclList:
			w.bindings(init.List)
		case *ast.ForLoopInitializerLexicalDecl:
			for _, b := range init.LexicalDeclaration.List {
				w.bindingNames(b.Target, w.declare)
			}
			w.bindings(init.LexicalDeclaration.List)
		}
		s.Body = w.loop(s.Body, complete, func() {
			s.Test = w.expr(s.Test)
			s.Update = w.expr(s.Update)
		})
	case *ast.WhileStatement:
		s.Body = w.loop(s.Body, complete, func() { s.Test = w.expr(s.Test) })
	case *ast.DoWhileStatement:
		s.Body = w.loop(s.Body, complete, func() { s.Test = w.expr(s.Test) })
	case *ast.ForInStatement:
		defer w.push(&scope{})()
		w.forInto(s.Into)
		s.Source = w.expr(s.Source)
		s.Body = w.loop(s.Body, complete, func() { w.pay(bytesMember) })
	case *ast.ForOfStatement:
		defer w.push(&scope{})()
		w.forInto(s.Into)
		s.Source = w.expr(s.Source)
		s.Body = w.loop(s.Body, complete, func() { w.pay(bytesObject) })
	case *ast.LabelledStatement:
		s.Statement = w.statement(s.Statement, complete)
	case *ast.ReturnStatement:
		s.Argument = w.expr(s.Argument)
	case *ast.ThrowStatement:
		s.Argument = w.expr(s.Argument)
	case *ast.SwitchStatement:
		s.Discriminant = w.expr(s.Discriminant)
		defer w.push(&scope{})()
		for _, c := range s.Body {
			w.lexical(c.Consequent)
		}
		for _, c := range s.Body {
			c.Test = w.expr(c.Test)
			for i := range c.Consequent {
				c.Consequent[i] = w.statement(c.Consequent[i], complete)
			}
		}
	case *ast.TryStatement:
		w.block(s.Body, complete)
		if s.Catch != nil {
			w.pay(bytesCatch)
			leave := w.push(&scope{})
			if s.Catch.Parameter != nil {
				w.bindingNames(s.Catch.Parameter, w.declare)
				w.target(s.Catch.Parameter, false)
			}
			w.block(s.Catch.Body, complete)
			leave()
		}
		w.block(s.Finally, false)
	case *ast.WithStatement:
		w.refuse(s, CodeUnsupported, "with hides which names are variables; write the object before each member")
	case *ast.DebuggerStatement:
		w.refuse(s, CodeUnsupported, "there is no debugger; use print")
	default:
		w.refuse(s, CodeUnsupported, "statement %T", s)
	}
	return s
}

func (w *rewriter) forInto(i ast.ForInto) {
	switch i := i.(type) {
	case *ast.ForIntoVar:
		w.target(i.Binding.Target, false)
		i.Binding.Initializer = w.expr(i.Binding.Initializer)
	case *ast.ForDeclaration:
		w.bindingNames(i.Target, w.declare)
		w.target(i.Target, false)
	case *ast.ForIntoExpression:
		i.Expression = w.target(i.Expression, false)
	}
}

func (w *rewriter) bindings(list []*ast.Binding) {
	for _, b := range list {
		b.Initializer = w.restSource(b.Target, w.expr(b.Initializer))
		w.target(b.Target, true)
	}
}

// restSource pays for what a rest element on the left copies from the right.
func (w *rewriter) restSource(target, source ast.Expression) ast.Expression {
	if source == nil {
		return nil
	}
	switch t := target.(type) {
	case *ast.ArrayPattern:
		if t.Rest != nil {
			return hook(hookSpread, source.Idx0(), source)
		}
	case *ast.ObjectPattern:
		if t.Rest != nil {
			return hook(hookSpreadObject, source.Idx0(), source)
		}
	}
	return source
}

// target rewrites what is assigned to. paidRest says that restSource has
// looked at this pattern; a rest element below it has no such place.
func (w *rewriter) target(t ast.Expression, paidRest bool) ast.Expression {
	defer w.enter(t)()
	const nested = "a rest element (...) nested in another pattern, a parameter or a loop head is not supported; take it apart in a statement of its own"
	switch t := t.(type) {
	case *ast.ArrayPattern:
		if t.Rest != nil && !paidRest {
			w.unsupported(t, nested)
		}
		for i, e := range t.Elements {
			if e != nil {
				t.Elements[i] = w.target(e, false)
			}
		}
		if t.Rest != nil {
			t.Rest = w.target(t.Rest, false)
		}
	case *ast.ObjectPattern:
		if t.Rest != nil && !paidRest {
			w.unsupported(t, nested)
		}
		for _, p := range t.Properties {
			switch p := p.(type) {
			case *ast.PropertyShort:
				w.name(&p.Name)
				p.Initializer = w.expr(p.Initializer)
			case *ast.PropertyKeyed:
				if p.Computed {
					p.Key = w.expr(p.Key)
				}
				p.Value = w.target(p.Value, false)
			}
		}
		if t.Rest != nil {
			t.Rest = w.target(t.Rest, false)
		}
	case *ast.AssignExpression: // a target with a default
		t.Left = w.target(t.Left, false)
		t.Right = w.expr(t.Right)
	case *ast.Binding:
		w.target(t.Target, false)
		t.Initializer = w.expr(t.Initializer)
	case *ast.Identifier:
		w.name(t)
		if n := t.Name.String(); !w.trusted && !w.scope.declares(n) && isIntrinsic(n) {
			w.refuse(t, CodeUnsupported, "%s belongs to the language and cannot be assigned; choose another name", n)
		}
	case *ast.BracketExpression:
		w.pay(bytesMember)
		return w.assignedMember(t)
	case *ast.DotExpression:
		w.pay(bytesMember)
		if t.Identifier.Name == "length" {
			at := t.Idx0()
			return w.assignedMember(&ast.BracketExpression{
				Left: t.Left, LeftBracket: at, RightBracket: at,
				Member: &ast.StringLiteral{Idx: at, Literal: "length", Value: "length"},
			})
		}
		return w.expr(t)
	default:
		w.pay(bytesMember)
		return w.expr(t)
	}
	return t
}

// assignedMember rewrites o[k] on the left of an assignment to
// (%target = o)[%key(%target, k)]: an index far behind the end of an array
// makes the interpreter allocate the gap. %target is read before k is
// evaluated, so that nested assignments may use it again.
func (w *rewriter) assignedMember(b *ast.BracketExpression) ast.Expression {
	b.Left, b.Member = w.expr(b.Left), w.expr(b.Member)
	if l, ok := b.Member.(*ast.StringLiteral); ok && l.Value != "length" && (l.Value == "" || l.Value[0] < '0' || l.Value[0] > '9') {
		return b
	}
	if _, ok := b.Left.(*ast.SuperExpression); ok {
		return b
	}
	at := b.Idx0()
	b.Left = &ast.AssignExpression{Operator: token.ASSIGN, Left: ident(slotTarget, at), Right: b.Left}
	b.Member = hook(hookKey, at, ident(slotTarget, at), b.Member)
	return b
}

// ---- functions ----

func (w *rewriter) function(f *ast.FunctionLiteral) {
	if f.Async || f.Generator {
		w.refuse(f, CodeUnsupported, "async functions and generators are not supported: a script runs to its end in one step; use plain functions")
	}
	w.pay(bytesFunction)
	defer w.push(&scope{function: true})()
	w.scope.names["arguments"] = true
	if f.Name != nil {
		w.declare(f.Name)
	}
	own := w.body(f.ParameterList, f.DeclarationList, f.Body.List, func() {
		f.Body.List = w.statements(f.Body.List, false)
	})
	n := directives(f.Body.List)
	list := make([]ast.Statement, 0, len(f.Body.List)+1)
	list = append(list, f.Body.List[:n]...)
	list = append(list, own.statement(f.Body.LeftBrace))
	f.Body.List = append(list, f.Body.List[n:]...)
}

func (w *rewriter) arrow(f *ast.ArrowFunctionLiteral) {
	if f.Async {
		w.refuse(f, CodeUnsupported, "async functions are not supported: a script runs to its end in one step; use plain functions")
	}
	w.pay(bytesFunction)
	defer w.push(&scope{function: true})()
	switch b := f.Body.(type) {
	case *ast.ExpressionBody:
		own := w.body(f.ParameterList, f.DeclarationList, nil, func() { b.Expression = w.expr(b.Expression) })
		b.Expression = &ast.SequenceExpression{Sequence: []ast.Expression{own.tick(b.Expression.Idx0()), b.Expression}}
	case *ast.BlockStatement:
		own := w.body(f.ParameterList, f.DeclarationList, b.List, func() { b.List = w.statements(b.List, false) })
		n := directives(b.List)
		list := make([]ast.Statement, 0, len(b.List)+1)
		list = append(list, b.List[:n]...)
		list = append(list, own.statement(b.LeftBrace))
		b.List = append(list, b.List[n:]...)
	}
}

// body rewrites parameters and body of a function under a cost of its own.
func (w *rewriter) body(params *ast.ParameterList, declared []*ast.VariableDeclaration, list []ast.Statement, rewrite func()) *cost {
	outer := w.cost
	own := &cost{steps: 2}
	w.cost = own
	if params != nil {
		for _, b := range params.List {
			w.bindingNames(b.Target, w.declare)
		}
		w.bindingNames(params.Rest, w.declare)
	}
	w.hoist(declared, list)
	if params != nil {
		for _, b := range params.List {
			w.target(b.Target, false)
			b.Initializer = w.expr(b.Initializer)
		}
		if params.Rest != nil {
			w.pay(bytesArray)
			w.target(params.Rest, false)
		}
	}
	rewrite()
	w.cost = outer
	return own
}

func (w *rewriter) class(c *ast.ClassLiteral) {
	w.pay(bytesClass)
	defer w.push(&scope{class: true})()
	if c.Name != nil {
		w.declare(c.Name)
	}
	c.SuperClass = w.expr(c.SuperClass)
	for _, e := range c.Body {
		switch e := e.(type) {
		case *ast.MethodDefinition:
			if e.Computed {
				e.Key = w.expr(e.Key)
			}
			w.function(e.Body)
		case *ast.FieldDefinition:
			if e.Computed {
				e.Key = w.expr(e.Key)
			}
			if e.Initializer != nil {
				outer, own := w.cost, &cost{bytes: bytesMember}
				w.cost = own
				leave := w.push(&scope{function: true})
				e.Initializer = w.expr(e.Initializer)
				leave()
				w.cost = outer
				e.Initializer = &ast.SequenceExpression{Sequence: []ast.Expression{own.tick(e.Initializer.Idx0()), e.Initializer}}
			}
		case *ast.ClassStaticBlock:
			w.unsupported(e, "static blocks are not supported; assign to the class after it")
		default:
			w.refuse(e, CodeUnsupported, "class element %T", e)
		}
	}
}

// ---- expressions ----

func (w *rewriter) exprs(list []ast.Expression) {
	for i, e := range list {
		list[i] = w.expr(e)
	}
}

func (w *rewriter) expr(e ast.Expression) ast.Expression {
	if e == nil {
		return nil
	}
	defer w.enter(e)()
	switch e := e.(type) {
	case *ast.Identifier:
		w.name(e)
	case *ast.BooleanLiteral, *ast.NullLiteral, *ast.StringLiteral, *ast.SuperExpression:
	case *ast.NumberLiteral:
		if _, ok := e.Value.(*big.Int); ok {
			w.refuse(e, CodeUnsupported, "BigInt literals are not supported; large integers pass through scripts unchanged, and FEEL computes with them exactly")
		}
	case *ast.ThisExpression:
		if w.thisIsGlobal() {
			w.out.all = true
		}
	case *ast.RegExpLiteral:
		if w.trusted {
			w.refuse(e, CodeInternal, "a regular expression in trusted code")
		}
		if _, err := compileRegex(e.Pattern, e.Flags, 0); err != nil {
			w.refuse(e, err.Code, "%s", err.Message)
		}
		w.pay(2 * bytesObject)
		text := func(s string) ast.Expression {
			return &ast.StringLiteral{Idx: e.Idx, Literal: s, Value: unistring.NewFromString(s)}
		}
		return hook(hookRegex, e.Idx, text(e.Pattern), text(e.Flags))
	case *ast.TemplateLiteral:
		if e.Tag != nil {
			w.refuse(e, CodeUnsupported, "tagged templates are not supported; call the function with plain arguments")
		}
		if len(e.Expressions) > maxTemplateParts {
			w.refuse(e, CodeUnsupported, "a template with more than %d parts is not supported; join two shorter ones with +", maxTemplateParts)
		}
		w.exprs(e.Expressions)
		if len(e.Expressions) > 0 {
			return hook(hookString, e.Idx0(), e)
		}
	case *ast.ArrayLiteral:
		w.pay(bytesArray + bytesElement*int64(len(e.Value)))
		w.spread(e.Value)
	case *ast.ObjectLiteral:
		w.pay(bytesObject + bytesMember*int64(len(e.Value)))
		for _, p := range e.Value {
			w.property(p)
		}
	case *ast.FunctionLiteral:
		w.function(e)
	case *ast.ArrowFunctionLiteral:
		w.arrow(e)
	case *ast.ClassLiteral:
		w.class(e)
	case *ast.UnaryExpression:
		if e.Operator == token.INCREMENT || e.Operator == token.DECREMENT {
			e.Operand = w.target(e.Operand, false)
		} else {
			e.Operand = w.expr(e.Operand)
		}
	case *ast.BinaryExpression:
		e.Left, e.Right = w.expr(e.Left), w.expr(e.Right)
		if e.Operator == token.PLUS && !(isNumber(e.Left) && isNumber(e.Right)) {
			return hook(hookString, e.Idx0(), e)
		}
	case *ast.AssignExpression:
		e.Right = w.expr(e.Right)
		if e.Operator == token.ASSIGN {
			e.Right = w.restSource(e.Left, e.Right)
		}
		e.Left = w.target(e.Left, e.Operator == token.ASSIGN)
		if e.Operator == token.PLUS {
			return hook(hookString, e.Idx0(), e)
		}
	case *ast.ConditionalExpression:
		e.Test, e.Consequent, e.Alternate = w.expr(e.Test), w.expr(e.Consequent), w.expr(e.Alternate)
	case *ast.SequenceExpression:
		w.exprs(e.Sequence)
	case *ast.DotExpression:
		if x := w.javaClass(e); x != nil {
			return x
		}
		e.Left = w.expr(e.Left)
	case *ast.PrivateDotExpression:
		e.Left = w.expr(e.Left)
	case *ast.BracketExpression:
		w.pay(bytesElement)
		e.Left, e.Member = w.expr(e.Left), w.expr(e.Member)
	case *ast.OptionalChain:
		e.Expression = w.expr(e.Expression)
	case *ast.Optional:
		e.Expression = w.expr(e.Expression)
	case *ast.CallExpression:
		w.pay(bytesCall)
		if x := w.javaType(e); x != nil {
			return x
		}
		if id, ok := e.Callee.(*ast.Identifier); ok && !w.trusted && !w.scope.declares(id.Name.String()) {
			if way, ok := absentCall(id.Name.String()); ok {
				w.refuse(id, CodeUnsupported, "%s() is not available: %s", id.Name, way)
			}
		}
		e.Callee = w.expr(e.Callee)
		w.spread(e.ArgumentList)
	case *ast.NewExpression:
		w.pay(bytesNew)
		e.Callee = w.expr(e.Callee)
		w.spread(e.ArgumentList)
	case *ast.MetaProperty:
	case *ast.YieldExpression, *ast.AwaitExpression:
		w.refuse(e, CodeUnsupported, "yield and await are not supported: a script runs to its end in one step")
	case *ast.ArrayPattern, *ast.ObjectPattern:
		w.refuse(e, CodeUnsupported, "a pattern at this place is not supported")
	default:
		w.refuse(e, CodeUnsupported, "expression %T", e)
	}
	return e
}

func isNumber(e ast.Expression) bool {
	_, ok := e.(*ast.NumberLiteral)
	return ok
}

func (w *rewriter) spread(list []ast.Expression) {
	for i, e := range list {
		if s, ok := e.(*ast.SpreadElement); ok {
			s.Expression = hook(hookSpread, s.Idx0(), w.expr(s.Expression))
			continue
		}
		list[i] = w.expr(e)
	}
}

func (w *rewriter) property(p ast.Property) {
	switch p := p.(type) {
	case *ast.PropertyShort:
		w.name(&p.Name)
		p.Initializer = w.expr(p.Initializer)
	case *ast.PropertyKeyed:
		if p.Computed {
			p.Key = w.expr(p.Key)
		}
		p.Value = w.expr(p.Value)
	case *ast.SpreadElement:
		p.Expression = hook(hookSpreadObject, p.Idx0(), w.expr(p.Expression))
	}
}

// thisIsGlobal is false only where this cannot be the global object: in the
// bodies of classes, which are strict.
func (w *rewriter) thisIsGlobal() bool {
	for s := w.scope; s != nil; s = s.outer {
		if s.class {
			return false
		}
	}
	return true
}

// name notes the use of a name and refuses those that stand for something
// that is not here.
func (w *rewriter) name(id *ast.Identifier) {
	n := id.Name.String()
	if w.scope.declares(n) {
		return
	}
	if w.groovy && n == "$groovy" {
		id.Name = hookGroovy
		return
	}
	if !w.trusted {
		if n == "arguments" {
			w.refuse(id, CodeUnsupported, "arguments outside a function is not supported; variables are read by their names")
		}
		if way, ok := absent(n); ok {
			w.refuse(id, CodeUnsupported, "%s is not available: %s", n, way)
		}
	}
	if n == "globalThis" {
		w.out.all = true
	}
	if !w.free[n] {
		w.free[n] = true
		w.out.free = append(w.out.free, n)
	}
}

// bpmnErrorClasses are the Java classes that scripts of the other engines
// throw; they become the BpmnError of this package.
func isBpmnErrorClass(name string) bool {
	switch name {
	case "org.camunda.bpm.engine.delegate.BpmnError", "org.operaton.bpm.engine.delegate.BpmnError",
		"org.flowable.engine.delegate.BpmnError", "org.activiti.engine.delegate.BpmnError":
		return true
	default:
		return false
	}
}

// javaClass recognises a Java class name written as a member chain: BpmnError
// is replaced by our own, every other class is refused by its name.
func (w *rewriter) javaClass(e *ast.DotExpression) ast.Expression {
	path, ok := dotted(e, 12)
	if !ok || w.trusted {
		return nil
	}
	path = strings.TrimPrefix(path, "Packages.")
	root, _, _ := strings.Cut(path, ".")
	if w.scope.declares(root) {
		return nil
	}
	if isBpmnErrorClass(path) {
		return ident(hookBpmnError, e.Idx0())
	}
	last := path[strings.LastIndexByte(path, '.')+1:]
	switch root {
	case "java", "javax", "org", "com", "io":
		if last != "" && last[0] >= 'A' && last[0] <= 'Z' && strings.Count(path, ".") > 1 {
			w.refuse(e, CodeUnsupported, "the Java class %s is not available; use JavaScript's own types, or a job worker (service task with a job type)", path)
		}
	}
	return nil
}

// dotted writes a chain of at most levels names.
func dotted(e ast.Expression, levels int) (string, bool) {
	if levels == 0 {
		return "", false
	}
	switch e := e.(type) {
	case *ast.Identifier:
		return e.Name.String(), true
	case *ast.DotExpression:
		left, ok := dotted(e.Left, levels-1)
		return left + "." + e.Identifier.Name.String(), ok
	default:
		return "", false
	}
}

// javaType recognises Java.type("class").
func (w *rewriter) javaType(e *ast.CallExpression) ast.Expression {
	path, ok := dotted(e.Callee, 2)
	if !ok || path != "Java.type" || w.trusted || w.scope.declares("Java") || len(e.ArgumentList) != 1 {
		return nil
	}
	lit, ok := e.ArgumentList[0].(*ast.StringLiteral)
	if !ok {
		return nil
	}
	if isBpmnErrorClass(lit.Value.String()) {
		return ident(hookBpmnError, e.Idx0())
	}
	w.refuse(e, CodeUnsupported, "the Java class %s is not available; use JavaScript's own types, or a job worker (service task with a job type)", lit.Value.String())
	return nil
}
