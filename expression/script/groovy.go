package script

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Groovy is run by rewriting a subset of it to JavaScript whose operations are
// calls of groovy.js, which has Groovy's rules: truth, equality, exact decimal
// arithmetic, methods of texts, lists and maps. The rewriter is a parser over
// tokens; what it does not know it refuses, with the construct and its line.

func (p *Program) compileGroovy(source string) (prog *Program, err error) {
	js, gerr := rewriteGroovy(source)
	if gerr != nil {
		return nil, gerr
	}
	limits := p.limits
	limits.MaxSource = 8 * p.limits.MaxSource // the rewritten text is longer
	limits.MaxNesting = 2 * p.limits.MaxNesting
	a, aerr := analyseGroovy(p.name, js, limits)
	if aerr != nil {
		aerr.Column = 0 // of the rewritten text
		if aerr.Code == CodeSyntax {
			aerr.Message = "in the rewritten script: " + aerr.Message
		}
		return nil, aerr
	}
	p.groovy = true
	p.take(a)
	return p, nil
}

type gParser struct {
	tokens []gToken
	pos    int
	depth  int
	scope  *gScope
	loops  int // loops of this function around the statement
}

// gScope holds the local names of a block with their declared types.
type gScope struct {
	outer *gScope
	names map[string]string
	// wall is set for the body of a method: names beyond it are the script's
	// local variables, which Groovy's methods cannot see.
	wall bool
}

const maxGroovyNesting = 300

// rewriteGroovy gives the JavaScript text; statements stay on their lines.
func rewriteGroovy(source string) (js string, err *Error) {
	defer func() {
		if r := recover(); r != nil {
			e, ok := r.(*Error)
			if !ok {
				panic(r)
			}
			js, err = "", e
		}
	}()
	l := &gLexer{src: source, line: 1, column: 1}
	l.lex(false)
	p := &gParser{tokens: l.tokens, scope: &gScope{names: make(map[string]string)}}
	p.imports()
	return placeLines("(function()" + p.function(gEOF, "") + ")()"), nil
}

// mark notes the line of a statement; placeLines turns marks into line ends.
func mark(line int) string { return "\x00" + strconv.Itoa(line) + "\x00" }

func placeLines(s string) string {
	var out strings.Builder
	line := 1
	for i, part := range strings.Split(s, "\x00") {
		if i%2 == 0 {
			out.WriteString(part)
			continue
		}
		n, err := strconv.Atoi(part)
		if err != nil {
			continue // marks are written by mark only
		}
		for ; line < n; line++ {
			out.WriteByte('\n')
		}
	}
	return out.String()
}

// ---- tokens ----

func (p *gParser) peek() gToken { return p.tokens[p.pos] }

func (p *gParser) at(i int) gToken {
	if p.pos+i < len(p.tokens) {
		return p.tokens[p.pos+i]
	}
	return p.tokens[len(p.tokens)-1]
}

func (p *gParser) next() gToken {
	t := p.tokens[p.pos]
	if t.kind != gEOF {
		p.pos++
	}
	return t
}

func (p *gParser) isOp(text string) bool {
	t := p.peek()
	return t.kind == gOp && t.text == text
}

func (p *gParser) isWord(text string) bool {
	t := p.peek()
	return t.kind == gName && t.text == text
}

func (p *gParser) accept(op string) bool {
	if p.isOp(op) {
		p.pos++
		return true
	}
	return false
}

func (p *gParser) expect(op string) {
	if !p.accept(op) {
		p.syntax("expected %q, but %s", op, p.peek().describe())
	}
}

func (t gToken) describe() string {
	switch t.kind {
	case gEOF:
		return "the script ends"
	case gNewline:
		return "the line ends"
	case gString, gParts:
		return "a text follows"
	default:
		return fmt.Sprintf("%q follows", t.text)
	}
}

func (p *gParser) newlines() {
	for p.peek().kind == gNewline {
		p.pos++
	}
}

func (p *gParser) failAt(t gToken, code Code, format string, args ...any) {
	e := errorf(code, format, args...)
	e.Line, e.Column = t.line, t.column
	panic(e)
}

func (p *gParser) syntax(format string, args ...any) {
	p.failAt(p.peek(), CodeSyntax, format, args...)
}

func (p *gParser) unsupported(t gToken, format string, args ...any) {
	p.failAt(t, CodeUnsupported, format, args...)
}

func (p *gParser) deeper() func() {
	if p.depth++; p.depth > maxGroovyNesting {
		p.failAt(p.peek(), CodeTooLarge, "the source is nested deeper than %d; split it into statements", maxGroovyNesting)
	}
	return func() { p.depth-- }
}

// ---- names ----

// reservedInJS are names that are free in Groovy and not in JavaScript.
func reservedInJS(n string) bool {
	switch n {
	case "function", "var", "let", "delete", "typeof", "with", "export", "yield", "await", "debugger", "arguments", "eval", "undefined",
		"NaN", "Infinity", "globalThis", "async", "void", "enum", "static", "const", "goto":
		return true
	default:
		return strings.HasPrefix(n, "$groovy")
	}
}

func (p *gParser) push() func() {
	p.scope = &gScope{outer: p.scope, names: make(map[string]string)}
	s := p.scope
	return func() { p.scope = s.outer }
}

func (p *gParser) declare(t gToken, kind string) string {
	if reservedInJS(t.text) {
		p.unsupported(t, "the name %s cannot be used for a variable; choose another", t.text)
	}
	if groovyKeyword(t.text) {
		p.failAt(t, CodeSyntax, "%s is no name for a variable", t.text)
	}
	p.scope.names[t.text] = kind
	return t.text
}

// lookup gives the declared type of a local name.
func (p *gParser) lookup(t gToken) (kind string, ok bool) {
	for s := p.scope; s != nil; s = s.outer {
		if kind, ok = s.names[t.text]; ok {
			return kind, true
		}
		if s.wall {
			for o := s.outer; o != nil; o = o.outer {
				if k, ok := o.names[t.text]; ok && k != "method" {
					p.unsupported(t, "the method uses %s, a local variable of the script, which methods cannot see; pass it as a parameter", t.text)
				} else if ok {
					return k, true
				}
			}
			return "", false
		}
	}
	return "", false
}

func groovyKeyword(n string) bool {
	switch n {
	case "abstract", "as", "assert", "boolean", "break", "byte", "case", "catch", "char", "class", "const", "continue", "def",
		"default", "do", "double", "else", "enum", "extends", "false", "final", "finally", "float", "for", "goto", "if", "implements",
		"import", "in", "instanceof", "int", "interface", "long", "native", "new", "null", "package", "private", "protected", "public",
		"return", "short", "static", "super", "switch", "synchronized", "this", "throw", "throws", "trait", "true", "try", "void",
		"volatile", "while":
		return true
	default:
		return false
	}
}

// groovyType gives what a declared type does to a value: "" keeps it.
func groovyType(n string) (kind string, ok bool) {
	switch n {
	case "int", "Integer", "short", "Short", "byte", "Byte":
		return "int", true
	case "long", "Long", "BigInteger":
		return "long", true
	case "double", "Double", "float", "Float", "BigDecimal", "Number":
		return "decimal", true
	case "String", "GString", "CharSequence":
		return "String", true
	case "boolean", "Boolean":
		return "boolean", true
	case "List", "ArrayList", "Collection", "LinkedList":
		return "List", true
	case "Map", "HashMap", "LinkedHashMap":
		return "Map", true
	case "Object", "Date", "Closure":
		return "", true
	default:
		return "", false
	}
}

// ---- imports ----

// imports accepts those whose classes the subset has.
func (p *gParser) imports() {
	for {
		for p.peek().kind == gNewline || p.isOp(";") {
			p.pos++
		}
		if p.isWord("package") {
			p.unsupported(p.peek(), "package is not supported; a script stands alone")
		}
		if !p.isWord("import") {
			return
		}
		start := p.next()
		var path strings.Builder
		for p.peek().kind == gName || p.isOp(".") || p.isOp("*") {
			t := p.next()
			path.WriteString(t.text)
			if t.text == "static" {
				path.WriteByte(' ')
			}
		}
		switch name := path.String(); {
		case name == "groovy.json.JsonSlurper", name == "groovy.json.JsonOutput", name == "groovy.json.*", isBpmnErrorClass(name):
		case name == "java.util.List", name == "java.util.Map", name == "java.util.ArrayList", name == "java.util.HashMap",
			name == "java.util.LinkedHashMap", name == "java.util.Date", name == "java.util.*", name == "java.math.BigDecimal":
		default:
			p.unsupported(start, "the Java class %s is not available; use Groovy's own lists, maps and texts, or a job worker (service task with a job type)", name)
		}
	}
}

// ---- statements ----

// block reads statements up to the end token.
//
// A function's value is that of its last statement; each statement leaves its
// own in $groovyValue, null where it has none, and function gives it back.
func (p *gParser) block(end gKind, endOp string) string {
	defer p.deeper()()
	var out strings.Builder
	for {
		for p.peek().kind == gNewline || p.isOp(";") {
			p.pos++
		}
		t := p.peek()
		if t.kind == gEOF || end == gOp && t.kind == gOp && t.text == endOp {
			if t.kind != end {
				p.syntax("expected %q, but the script ends", endOp)
			}
			return out.String()
		}
		out.WriteString(mark(t.line) + p.statement())
		if t := p.peek(); t.kind != gEOF && t.kind != gNewline && !p.isOp(";") && !p.isOp("}") {
			p.syntax("expected the end of the statement, but %s", t.describe())
		}
	}
}

// noValue ends a statement that has no value.
const noValue = ";$groovyValue=null;"

// function is the body of a function with its value.
func (p *gParser) function(end gKind, endOp string) string {
	loops := p.loops
	p.loops = 0
	body := p.block(end, endOp)
	p.loops = loops
	return "{let $groovyValue=null;" + body + "return $groovyValue}"
}

// body reads { statements } or one statement.
func (p *gParser) body() string {
	defer p.push()()
	p.newlines()
	if p.accept("{") {
		js := "{" + p.block(gOp, "}") + "}"
		p.expect("}")
		return js
	}
	return "{" + p.statement() + "}"
}

func (p *gParser) statement() string {
	defer p.deeper()()
	t := p.peek()
	if t.kind == gName {
		switch t.text {
		case "if":
			return p.ifStatement()
		case "while":
			p.pos++
			p.expect("(")
			cond := p.expr()
			p.newlines()
			p.expect(")")
			return "while($groovy.t(" + cond + "))" + p.loopBody() + noValue
		case "for":
			return p.forStatement() + noValue
		case "return":
			p.pos++
			if k := p.peek(); k.kind == gNewline || k.kind == gEOF || p.isOp(";") || p.isOp("}") {
				return "return null;"
			}
			return "return (" + p.expr() + ");"
		case "break", "continue":
			p.pos++
			if p.loops == 0 {
				p.failAt(t, CodeSyntax, "%s outside a loop; a closure is left with return", t.text)
			}
			if p.peek().kind == gName {
				p.unsupported(p.peek(), "labels are not supported; use a variable")
			}
			return t.text + ";"
		case "throw":
			p.pos++
			return "throw $groovy.thrown(" + p.expr() + ");"
		case "try":
			return p.tryStatement()
		case "def", "final":
			return p.definition()
		case "class", "interface", "enum", "trait", "abstract", "public", "private", "protected", "static", "synchronized":
			p.unsupported(t, "%s is not supported; write closures and maps", t.text)
		case "switch":
			p.unsupported(t, "switch is not supported; use if and else if")
		case "do":
			p.unsupported(t, "do is not supported; use while")
		case "assert":
			p.unsupported(t, "assert is not supported; use if and throw new Exception(...)")
		case "import", "package":
			p.unsupported(t, "%s stands at the start of the script", t.text)
		}
		if p.typedDefinition() {
			return p.definition()
		}
		if (t.text == "println" || t.text == "print") && p.commandArgument() {
			if _, local := p.lookup(t); !local {
				p.pos++
				return "println($groovy.str(" + p.expr() + "))" + noValue
			}
		}
	}
	if t.kind == gOp && t.text == "{" {
		p.unsupported(t, "a block or closure at the start of a statement is not supported; give the closure a name")
	}
	if t.kind == gOp && t.text == "@" {
		p.unsupported(t, "annotations are not supported")
	}
	e := p.assignment()
	if k := p.peek(); k.kind == gName && k.text != "else" || k.kind == gString || k.kind == gParts || k.kind == gNumber {
		p.unsupported(k, "a call without parentheses is not supported; write f(x)")
	}
	return "$groovyValue=" + e + ";"
}

// commandArgument says whether println is followed by what it prints.
func (p *gParser) commandArgument() bool {
	n := p.at(1)
	switch n.kind {
	case gString, gParts, gNumber:
		return true
	case gName:
		return n.text != "as" && n.text != "in" && n.text != "instanceof"
	case gOp:
		return n.text == "[" && n.spaced
	default:
		return false
	}
}

func (p *gParser) loopBody() string {
	p.loops++
	js := p.body()
	p.loops--
	return js
}

func (p *gParser) ifStatement() string {
	p.pos++
	p.expect("(")
	cond := p.expr()
	p.newlines()
	p.expect(")")
	js := "$groovyValue=null;if($groovy.t(" + cond + "))" + p.body()
	i := 0
	for p.at(i).kind == gNewline || p.at(i).kind == gOp && p.at(i).text == ";" {
		i++
	}
	if t := p.at(i); t.kind != gName || t.text != "else" {
		return js
	}
	p.pos += i + 1
	p.newlines()
	if p.isWord("if") {
		defer p.deeper()()
		return js + "else{" + p.ifStatement() + "}"
	}
	return js + "else" + p.body()
}

func (p *gParser) forStatement() string {
	p.pos++
	p.expect("(")
	defer p.push()()
	// for (x in list), for (Type x in list), for (Type x : list)
	i := 0
	for p.at(i).kind == gName && p.at(i).text != "in" {
		i++
	}
	if sep := p.at(i); i > 0 && i <= 2 && (sep.kind == gName && sep.text == "in" || sep.kind == gOp && sep.text == ":") {
		if i == 2 {
			kind := p.next()
			if _, ok := groovyType(kind.text); !ok && kind.text != "def" && kind.text != "final" {
				p.unsupported(kind, "the type %s is not known; use def", kind.text)
			}
		}
		name := p.declare(p.next(), "")
		p.pos++
		list := p.expr()
		p.newlines()
		p.expect(")")
		return "for(let " + name + " of $groovy.each(" + list + "))" + p.loopBody()
	}
	init := ""
	if !p.isOp(";") {
		if p.isWord("def") || p.typedDefinition() {
			init = p.declaration()
		} else {
			init = p.assignment() + ";"
		}
	} else {
		init = ";"
	}
	p.expect(";")
	cond := "true"
	if !p.isOp(";") {
		cond = "$groovy.t(" + p.expr() + ")"
	}
	p.expect(";")
	step := ""
	if !p.isOp(")") {
		step = p.assignment()
	}
	p.expect(")")
	return "for(" + init + cond + ";" + step + ")" + p.loopBody()
}

func (p *gParser) tryStatement() string {
	p.pos++
	p.newlines()
	js := "$groovyValue=null;try" + p.body()
	caught := false
	for {
		i := 0
		for p.at(i).kind == gNewline {
			i++
		}
		t := p.at(i)
		if t.kind != gName || t.text != "catch" && t.text != "finally" {
			break
		}
		p.pos += i + 1
		if t.text == "finally" {
			return js + "finally{let $groovyValue;" + p.body() + "}"
		}
		if caught {
			p.unsupported(t, "a second catch is not supported; catch Exception and look at its message")
		}
		caught = true
		p.expect("(")
		name := p.next()
		if p.peek().kind == gName {
			switch name.text {
			case "Exception", "Throwable", "RuntimeException", "def", "final":
			default:
				p.unsupported(name, "catching %s is not supported; catch Exception", name.text)
			}
			name = p.next()
		}
		p.expect(")")
		leave := p.push()
		n := p.declare(name, "")
		js += "catch(" + n + "){" + n + "=$groovy.caught(" + n + ");" + p.body() + "}"
		leave()
	}
	if !caught {
		p.syntax("try needs catch or finally")
	}
	return js
}

// typedDefinition looks ahead for "Type name", with type arguments.
func (p *gParser) typedDefinition() bool {
	t := p.peek()
	if t.kind != gName || groovyKeyword(t.text) && !isPrimitive(t.text) || t.text == "println" || t.text == "print" {
		return false
	}
	i := 1
	if n := p.at(i); n.kind == gOp && n.text == "<" {
		depth := 0
		for {
			n := p.at(i)
			if n.kind == gOp && n.text == "<" {
				depth++
			} else if n.kind == gOp && n.text == ">" {
				depth--
			} else if n.kind == gOp && n.text == ">>" {
				depth -= 2
			} else if n.kind != gName && !(n.kind == gOp && (n.text == "," || n.text == "?" || n.text == ".")) {
				return false
			}
			i++
			if depth <= 0 {
				break
			}
		}
	}
	if n := p.at(i); n.kind == gOp && n.text == "[" && p.at(i+1).text == "]" {
		i += 2
	}
	n := p.at(i)
	if n.kind != gName || groovyKeyword(n.text) {
		return false
	}
	after := p.at(i + 1)
	switch {
	case after.kind == gOp && (after.text == "=" || after.text == ";" || after.text == "," || after.text == "}"):
		return true
	case after.kind == gOp && after.text == "(":
		_, known := groovyType(t.text)
		return known || t.text == "void"
	case after.kind == gNewline || after.kind == gEOF:
		return true
	default:
		return false
	}
}

func isPrimitive(n string) bool {
	switch n {
	case "int", "long", "short", "byte", "double", "float", "boolean", "char", "void":
		return true
	default:
		return false
	}
}

// definition reads def x = e, Type x = e, and methods.
func (p *gParser) definition() string {
	js := p.declaration()
	if name, ok := strings.CutPrefix(js, "let "); ok {
		name, _, _ = strings.Cut(name, "=")
		return js + "$groovyValue=" + name + ";"
	}
	return js + noValue
}

// declaration gives let x=...; or function x(...){...}
func (p *gParser) declaration() string {
	kind := ""
	for p.isWord("def") || p.isWord("final") {
		p.pos++
	}
	start := p.peek()
	if p.isOp("(") {
		p.unsupported(start, "several variables in one definition are not supported; define one by one")
	}
	if p.typedDefinition() && !(p.at(1).kind == gOp && p.at(1).text != "<" && p.at(1).text != "[") {
		t := p.next()
		k, ok := groovyType(t.text)
		if !ok && t.text != "void" {
			p.unsupported(t, "the type %s is not available; use def", t.text)
		}
		kind = k
		if p.isOp("<") {
			for depth := 0; ; {
				switch n := p.next(); {
				case n.text == "<":
					depth++
				case n.text == ">":
					depth--
				case n.text == ">>":
					depth -= 2
				}
				if depth <= 0 {
					break
				}
			}
		}
		if p.isOp("[") {
			p.unsupported(p.peek(), "arrays are not supported; use a list")
		}
	}
	name := p.next()
	if name.kind != gName {
		p.failAt(name, CodeSyntax, "expected the name of a variable, but %s", name.describe())
	}
	if p.isOp("(") {
		return p.method(name)
	}
	if p.isOp(",") {
		p.unsupported(name, "several variables in one definition are not supported; define one by one")
	}
	init := "null"
	switch kind {
	case "int", "long", "decimal":
		if isPrimitive(start.text) {
			init = "0"
		}
	case "boolean":
		if isPrimitive(start.text) {
			init = "false"
		}
	}
	if _, exists := p.scope.names[name.text]; exists {
		p.failAt(name, CodeSyntax, "%s is defined already", name.text)
	}
	if p.accept("=") {
		p.newlines()
		init = cast(kind, p.assignment())
	}
	n := p.declare(name, kind)
	return "let " + n + "=" + init + ";"
}

func cast(kind, js string) string {
	if kind == "" || kind == "method" {
		return js
	}
	return "$groovy.cast(" + js + "," + quote(kind) + ")"
}

func (p *gParser) method(name gToken) string {
	if p.scope.outer != nil {
		p.unsupported(name, "a method inside a block is not supported; define a closure")
	}
	n := p.declare(name, "method")
	p.expect("(")
	leave := p.push()
	p.scope.wall = true
	params := p.parameters(")")
	p.newlines()
	p.expect("{")
	body := p.function(gOp, "}")
	p.expect("}")
	leave()
	return "function " + n + "(" + params + ")" + body
}

// parameters reads names with types and defaults up to the end operator.
func (p *gParser) parameters(end string) string {
	var out []string
	for !p.accept(end) {
		if len(out) > 0 {
			p.expect(",")
		}
		p.newlines()
		t := p.next()
		kind := ""
		if p.peek().kind == gName {
			k, ok := groovyType(t.text)
			if !ok && t.text != "def" && t.text != "final" {
				p.unsupported(t, "the type %s is not available; use def", t.text)
			}
			kind = k
			t = p.next()
		}
		if t.kind != gName {
			p.failAt(t, CodeSyntax, "expected a parameter, but %s", t.describe())
		}
		n := p.declare(t, kind)
		def := "null"
		if p.accept("=") {
			def = p.expr()
		}
		out = append(out, n+"="+def)
		p.newlines()
	}
	return strings.Join(out, ",")
}

// ---- expressions ----

// gLeft is an expression that may be assigned to.
type gLeft struct {
	js             string
	name           string // a variable
	object, member string // a member or element; member is JavaScript
	index          bool
	kind           string
}

func (p *gParser) expr() string {
	p.newlines()
	return p.assignment()
}

func (p *gParser) assignment() string {
	defer p.deeper()()
	left := p.ternary()
	t := p.peek()
	if t.kind != gOp {
		return left.js
	}
	ops := map[string]string{"+=": "add", "-=": "sub", "*=": "mul", "/=": "div", "%=": "rem", "**=": "pow", "?=": "elvis", "?:=": "elvis"}
	op := ops[t.text]
	switch {
	case t.text == "=":
	case op != "":
	case slices.Contains([]string{"&=", "|=", "^=", "<<=", ">>=", ">>>="}, t.text):
		p.unsupported(t, "the operator %s is not supported", t.text)
	default:
		return left.js
	}
	p.pos++
	p.newlines()
	right := p.assignment()
	return p.assign(t, left, op, right)
}

func (p *gParser) assign(t gToken, left gLeft, op, right string) string {
	apply := func(current string) string {
		if op == "" {
			return right
		}
		if op == "elvis" {
			return "$groovy.elvis(" + current + ",()=>(" + right + "))"
		}
		return "$groovy." + op + "(" + current + "," + right + ")"
	}
	switch {
	case left.name != "":
		return "(" + left.name + "=" + cast(left.kind, apply(left.name)) + ")"
	case left.object != "":
		f := "$groovy.put("
		if left.index {
			f = "$groovy.putAt("
		}
		if op == "" {
			return f + left.object + "," + left.member + ",()=>(" + right + "))"
		}
		return f + left.object + "," + left.member + ",($groovyOld)=>(" + apply("$groovyOld") + "))"
	}
	p.failAt(t, CodeSyntax, "only variables, members and elements can be assigned")
	return ""
}

func (p *gParser) ternary() gLeft {
	cond := p.binary(0)
	p.continued("?", "?:")
	t := p.peek()
	if t.kind != gOp {
		return cond
	}
	switch t.text {
	case "?:":
		p.pos++
		p.newlines()
		return gLeft{js: "$groovy.elvis(" + cond.js + ",()=>(" + p.assignment() + "))"}
	case "?":
		p.pos++
		p.newlines()
		yes := p.assignment()
		p.newlines()
		p.expect(":")
		p.newlines()
		no := p.assignment()
		return gLeft{js: "($groovy.t(" + cond.js + ")?" + yes + ":" + no + ")"}
	default:
		return cond
	}
}

// continued steps over line ends before an operator that goes on.
func (p *gParser) continued(ops ...string) {
	i := 0
	for p.at(i).kind == gNewline {
		i++
	}
	if t := p.at(i); i > 0 && t.kind == gOp && slices.Contains(ops, t.text) {
		p.pos += i
	}
}

// groovyLevels are the binary operators by precedence, lowest first, with the
// function of groovy.js; "" is refused.
var groovyLevels = sync.OnceValue(func() []map[string]string {
	return []map[string]string{
		{"||": "or"},
		{"&&": "and"},
		{"|": ""},
		{"^": ""},
		{"&": ""},
		{"==": "eq", "!=": "ne", "<=>": "compare", "===": "", "!==": "", "=~": "", "==~": ""},
		{"<": "lt", "<=": "le", ">": "gt", ">=": "ge", "in": "contains", "instanceof": "", "as": "as"},
		{"<<": "append", ">>": "", ">>>": "", "..": "range", "..<": "rangeTo", "<..": ""},
		{"+": "add", "-": "sub"},
		{"*": "mul", "/": "div", "%": "rem"},
		{"**": "pow"},
	}
})

func (p *gParser) binary(level int) gLeft {
	levels := groovyLevels()
	if level == len(levels) {
		return p.unary()
	}
	left := p.binary(level + 1)
	for {
		if level <= 1 {
			p.continued("&&", "||")
		}
		t := p.peek()
		if t.kind != gOp && (t.kind != gName || t.text != "in" && t.text != "instanceof" && t.text != "as") {
			return left
		}
		if t.text == "!" && p.at(1).kind == gName && (p.at(1).text == "in" || p.at(1).text == "instanceof") && level == 6 {
			p.unsupported(t, "!%s is not supported; write !(a %s b)", p.at(1).text, p.at(1).text)
		}
		f, ok := levels[level][t.text]
		if !ok {
			return left
		}
		if f == "" {
			p.unsupported(t, "the operator %s is not supported", t.text)
		}
		p.pos++
		p.newlines()
		switch f {
		case "as":
			left = gLeft{js: p.asType(left.js)}
			continue
		case "and":
			left = gLeft{js: "($groovy.t(" + left.js + ")&&$groovy.t(" + p.binary(level+1).js + "))"}
			continue
		case "or":
			left = gLeft{js: "($groovy.t(" + left.js + ")||$groovy.t(" + p.binary(level+1).js + "))"}
			continue
		}
		right := p.binary(level + 1)
		left = gLeft{js: "$groovy." + f + "(" + left.js + "," + right.js + ")"}
	}
}

func (p *gParser) asType(js string) string {
	t := p.next()
	kind, ok := groovyType(t.text)
	if t.kind != gName || !ok || t.text == "Object" || t.text == "Date" || t.text == "Closure" {
		p.unsupported(t, "as %s is not supported; use int, long, BigDecimal, String, boolean or List", t.text)
	}
	return "$groovy.as(" + js + "," + quote(kind) + ")"
}

func (p *gParser) unary() gLeft {
	defer p.deeper()()
	t := p.peek()
	if t.kind == gOp {
		switch t.text {
		case "!":
			p.pos++
			return gLeft{js: "(!$groovy.t(" + p.unary().js + "))"}
		case "-":
			p.pos++
			return gLeft{js: "$groovy.neg(" + p.unary().js + ")"}
		case "+":
			p.pos++
			return gLeft{js: "$groovy.plus(" + p.unary().js + ")"}
		case "~":
			p.unsupported(t, "the operator ~ is not supported")
		case "++", "--":
			p.pos++
			op := map[string]string{"++": "add", "--": "sub"}[t.text]
			return gLeft{js: p.assign(t, p.unary(), op, "1")}
		case "(":
			if n := p.at(1); n.kind == gName && p.at(2).kind == gOp && p.at(2).text == ")" {
				if kind, ok := groovyType(n.text); ok && kind != "" && p.operandAt(3) {
					p.pos += 3
					return gLeft{js: cast(kind, p.unary().js)}
				}
			}
		}
	}
	left := p.postfix()
	if t := p.peek(); t.kind == gOp && (t.text == "++" || t.text == "--") {
		p.pos++
		op := map[string]string{"++": "add", "--": "sub"}[t.text]
		back := map[string]string{"++": "sub", "--": "add"}[t.text]
		return gLeft{js: "$groovy." + back + "(" + p.assign(t, left, op, "1") + ",1)"}
	}
	return left
}

func (p *gParser) operandAt(i int) bool {
	t := p.at(i)
	switch t.kind {
	case gName:
		return !groovyKeyword(t.text) || t.text == "new" || t.text == "null" || t.text == "true" || t.text == "false"
	case gNumber, gString, gParts:
		return true
	case gOp:
		return t.text == "(" || t.text == "["
	default:
		return false
	}
}

func (p *gParser) postfix() gLeft {
	e := p.primary()
	for {
		p.continued(".", "?.", "*.")
		t := p.peek()
		if t.kind != gOp {
			return e
		}
		switch t.text {
		case ".", "?.", "*.":
			p.pos++
			p.newlines()
			e = p.member(e, t)
		case "[":
			p.pos++
			i := p.expr()
			p.newlines()
			if p.isOp(",") {
				p.unsupported(p.peek(), "several indexes are not supported; take the elements one by one")
			}
			p.expect("]")
			e = gLeft{js: "$groovy.at(" + e.js + "," + i + ")", object: e.js, member: i, index: true}
		case "(":
			p.pos++
			e = gLeft{js: "$groovy.invoke(" + e.js + p.arguments() + ")"}
		case "?[", ".&", ".@", "*.@", "?.@", "::":
			p.unsupported(t, "the operator %s is not supported", t.text)
		default:
			return e
		}
	}
}

// arguments reads the rest of a call with its trailing closure; each argument
// comes with a comma before it.
func (p *gParser) arguments() string {
	var out strings.Builder
	p.newlines()
	for !p.accept(")") {
		if out.Len() > 0 {
			p.expect(",")
			p.newlines()
		}
		if n := p.peek(); (n.kind == gName || n.kind == gString) && p.at(1).kind == gOp && p.at(1).text == ":" {
			p.unsupported(n, "named arguments are not supported; pass a map [%s: ...]", n.text)
		}
		if p.isOp("*") {
			p.unsupported(p.peek(), "spreading arguments is not supported")
		}
		out.WriteString("," + p.expr())
		p.newlines()
	}
	if p.isOp("{") {
		out.WriteString("," + p.closure())
	}
	return out.String()
}

func (p *gParser) member(e gLeft, op gToken) gLeft {
	t := p.next()
	name := t.text
	switch t.kind {
	case gName, gString:
	default:
		p.failAt(t, CodeSyntax, "expected the name of a member, but %s", t.describe())
	}
	call := p.isOp("(") || p.isOp("{") && t.kind == gName
	if t.kind == gName && (name == "class" || name == "metaClass" || name == "getClass") {
		p.unsupported(t, "%s is not available: there are no classes", name)
	}
	if !call {
		f := map[string]string{".": "get", "?.": "getSafe", "*.": "spread"}[op.text]
		left := gLeft{js: "$groovy." + f + "(" + e.js + "," + quote(name) + ")"}
		if op.text == "." {
			left.object, left.member = e.js, quote(name)
		}
		return left
	}
	if !p.knownMethod(e, name) {
		p.unsupported(t, "the method %s is not known here; see the table of Groovy features, or use a job worker", name)
	}
	args := ""
	if p.accept("(") {
		args = p.arguments()
	} else {
		args = "," + p.closure()
	}
	f := map[string]string{".": "call", "?.": "callSafe", "*.": "callAll"}[op.text]
	return gLeft{js: "$groovy." + f + "(" + e.js + "," + quote(name) + ",()=>[" + strings.TrimPrefix(args, ",") + "])"}
}

// knownMethod says whether the library has a method of the name, or the
// engine's object has it; what task offers is known only when it runs.
func (p *gParser) knownMethod(e gLeft, name string) bool {
	switch e.name {
	case "execution":
		return slices.Contains(executionMethods(), name)
	case "task":
		return true
	default:
		names, err := groovyMethods()
		return err == nil && names[name] || slices.Contains(instanceMethods(), name)
	}
}

func (p *gParser) primary() gLeft {
	defer p.deeper()()
	t := p.next()
	switch t.kind {
	case gNumber:
		return gLeft{js: groovyNumber(t.text)}
	case gString:
		return gLeft{js: quote(t.text)}
	case gParts:
		return gLeft{js: p.gstring(t)}
	case gName:
		return p.nameExpr(t)
	case gOp:
		switch t.text {
		case "(":
			e := p.expr()
			p.newlines()
			p.expect(")")
			return gLeft{js: "(" + e + ")"}
		case "[":
			return gLeft{js: p.collection()}
		case "{":
			p.pos--
			return gLeft{js: p.closure()}
		case "@":
			p.unsupported(t, "annotations are not supported")
		}
	case gEOF, gNewline:
	}
	p.failAt(t, CodeSyntax, "expected a value, but %s", t.describe())
	return gLeft{}
}

// groovyNumber keeps literals that no double holds.
func groovyNumber(s string) string {
	return "$groovy.number(" + quote(s) + ")"
}

func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < ' ' || r == 0x2028 || r == 0x2029 || r == 0x7f:
			fmt.Fprintf(&b, "\\u%04x", r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

func (p *gParser) gstring(t gToken) string {
	var parts []string
	for _, part := range t.parts {
		if part.tokens == nil {
			if part.text != "" {
				parts = append(parts, quote(part.text))
			}
			continue
		}
		inner := &gParser{tokens: part.tokens, scope: p.scope, depth: p.depth, loops: 0}
		e := inner.expr()
		inner.newlines()
		if k := inner.peek(); k.kind != gEOF {
			inner.syntax("expected the end of ${}, but %s", k.describe())
		}
		parts = append(parts, e)
	}
	return "$groovy.gstring([" + strings.Join(parts, ",") + "])"
}

// groovyClass gives the object of groovy.js for the classes of the subset.
func groovyClass(n string) bool {
	switch n {
	case "Math", "Integer", "Long", "Double", "BigDecimal", "Boolean", "String", "JsonOutput":
		return true
	default:
		return false
	}
}

func (p *gParser) nameExpr(t gToken) gLeft {
	switch t.text {
	case "true", "false", "null":
		return gLeft{js: t.text}
	case "new":
		return p.newExpr()
	case "this", "super", "binding", "owner", "delegate", "metaClass":
		p.unsupported(t, "%s is not supported; name the variables", t.text)
	case "if", "for", "while", "try", "return", "def", "switch", "instanceof", "in", "as":
		p.failAt(t, CodeSyntax, "%s cannot stand here", t.text)
	}
	if groovyKeyword(t.text) {
		p.unsupported(t, "%s is not supported", t.text)
	}
	kind, local := p.lookup(t)
	if p.isOp("(") && !local {
		switch t.text {
		case "println", "print":
			p.pos++
			args := strings.TrimPrefix(p.arguments(), ",")
			return gLeft{js: "println($groovy.str(" + orEmpty(args) + "))"}
		}
		p.unsupported(t, "the function %s is not defined; define a closure, or use a job worker", t.text)
	}
	if js, ok := p.systemCall(t); ok && !local {
		return gLeft{js: js}
	}
	if !local && t.text[0] >= 'A' && t.text[0] <= 'Z' && p.isOp(".") {
		if groovyClass(t.text) {
			return gLeft{js: "$groovy.classes." + t.text}
		}
		p.unsupported(t, "the Java class %s is not available; use Groovy's own lists, maps and texts, or a job worker (service task with a job type)", t.text)
	}
	if !local {
		if (t.text == "java" || t.text == "javax" || t.text == "org" || t.text == "com" || t.text == "groovy") && p.isOp(".") {
			p.unsupported(t, "Java classes (%s.%s...) are not available; use Groovy's own lists, maps and texts, or a job worker (service task with a job type)", t.text, p.at(1).text)
		}
		if reservedInJS(t.text) || isIntrinsic(t.text) && t.text != "execution" {
			p.unsupported(t, "the variable %s cannot be read by its name; use execution.getVariable(%q)", t.text, t.text)
		}
	}
	if local && p.isOp("{") && !p.peek().spaced {
		p.unsupported(p.peek(), "a closure after a name is not supported; put it in parentheses")
	}
	return gLeft{js: t.text, name: t.text, kind: kind}
}

// systemCall reads the two uses of Java's System that scripts have most: the
// lines that they print, and the time, which is the engine's.
func (p *gParser) systemCall(t gToken) (js string, ok bool) {
	if t.text != "System" || !p.isOp(".") {
		return "", false
	}
	follows := func(texts ...string) bool {
		for i, text := range texts {
			if p.at(i+1).text != text {
				return false
			}
		}
		return true
	}
	switch method := p.at(3).text; {
	case (follows("out", ".") || follows("err", ".")) && (method == "println" || method == "print") && p.at(4).text == "(":
		p.pos += 5
		args := strings.TrimPrefix(p.arguments(), ",")
		return "println($groovy.str(" + orEmpty(args) + "))", true
	case follows("currentTimeMillis", "(", ")"):
		p.pos += 4
		return "Date.now()", true
	}
	return "", false
}

func orEmpty(args string) string {
	if args == "" {
		return `""`
	}
	return args
}

func (p *gParser) newExpr() gLeft {
	start := p.peek()
	var path strings.Builder
	for p.peek().kind == gName || p.isOp(".") {
		path.WriteString(p.next().text)
	}
	name := path.String()
	if p.isOp("<") {
		for !p.accept(">") {
			p.next()
			if p.peek().kind == gEOF {
				p.syntax("a type argument without >")
			}
		}
	}
	if !p.accept("(") {
		p.syntax("expected ( after new %s", name)
	}
	args := strings.TrimPrefix(p.arguments(), ",")
	switch {
	case name == "BpmnError" || isBpmnErrorClass(name):
		return gLeft{js: "new BpmnError(" + args + ")"}
	case name == "Exception" || name == "RuntimeException" || name == "IllegalArgumentException" || name == "IllegalStateException":
		return gLeft{js: "new Error(" + args + ")"}
	case (name == "Date" || name == "java.util.Date") && !strings.Contains(args, ","):
		return gLeft{js: "new Date(" + args + ")"}
	case name == "JsonSlurper" || name == "groovy.json.JsonSlurper":
		return gLeft{js: "$groovy.classes.JsonSlurper"}
	case (name == "ArrayList" || name == "LinkedList") && args == "":
		return gLeft{js: "[]"}
	case (name == "HashMap" || name == "LinkedHashMap") && args == "":
		return gLeft{js: "$groovy.map([])"}
	case name == "BigDecimal" || name == "java.math.BigDecimal":
		return gLeft{js: "$groovy.as(" + orEmpty(args) + ",\"decimal\")"}
	}
	p.unsupported(start, "the Java class %s is not available; use Groovy's own lists, maps and texts, or a job worker (service task with a job type)", name)
	return gLeft{}
}

// collection reads a list or map literal after its bracket.
func (p *gParser) collection() string {
	p.newlines()
	if p.accept(":") {
		p.newlines()
		p.expect("]")
		return "$groovy.map([])"
	}
	var out []string
	isMap := false
	for !p.accept("]") {
		if len(out) > 0 {
			p.expect(",")
			p.newlines()
			if p.accept("]") {
				break
			}
		}
		if p.isOp("*") {
			p.unsupported(p.peek(), "spreading a list is not supported; add the lists with +")
		}
		key := ""
		if k := p.peek(); (k.kind == gName || k.kind == gString || k.kind == gNumber) && p.at(1).kind == gOp && p.at(1).text == ":" {
			p.pos++
			key = quote(k.text)
		} else {
			e := p.expr()
			p.newlines()
			if !p.isOp(":") {
				if isMap {
					p.syntax("expected : after a key")
				}
				out = append(out, e)
				continue
			}
			key = e
		}
		if len(out) > 0 && !isMap {
			p.syntax("a list cannot have keys")
		}
		isMap = true
		p.expect(":")
		out = append(out, "["+key+","+p.expr()+"]")
		p.newlines()
	}
	if isMap {
		return "$groovy.map([" + strings.Join(out, ",") + "])"
	}
	return "[" + strings.Join(out, ",") + "]"
}

// closure reads { a, b -> statements }.
func (p *gParser) closure() string {
	defer p.deeper()()
	p.expect("{")
	defer p.push()()
	params := "it=null"
	arity := 1
	if n, ok := p.closureParameters(); ok {
		params = p.parameters("->")
		arity = n
	} else {
		p.scope.names["it"] = ""
	}
	body := p.function(gOp, "}")
	p.expect("}")
	return "$groovy.closure(" + strconv.Itoa(arity) + ",(" + params + ")=>" + body + ")"
}

// closureParameters looks ahead for an arrow before any statement ends.
func (p *gParser) closureParameters() (count int, ok bool) {
	depth := 0
	names := 0
	for i := 0; ; i++ {
		t := p.at(i)
		switch {
		case t.kind == gEOF:
			return 0, false
		case t.kind == gOp && t.text == "->" && depth == 0:
			if names > 0 {
				count++
			}
			return count, true
		case t.kind == gOp && (t.text == "(" || t.text == "["):
			depth++
		case t.kind == gOp && (t.text == ")" || t.text == "]"):
			depth--
		case t.kind == gOp && (t.text == "{" || t.text == "}" || t.text == ";"):
			return 0, false
		case t.kind == gOp && t.text == "," && depth == 0:
			count++
			names = 0
		case t.kind == gName:
			names++
		}
	}
}
