package feel

import (
	"fmt"
	"strings"
)

const (
	defaultMaxLength = 256 << 10
	maxNesting       = 500
)

// parser is a Pratt parser over the tokens of one expression. Failures are
// *Error panics, caught in parse.
type parser struct {
	src   string
	opts  *CompileOptions
	toks  []token
	i     int
	depth int
	// names holds names in scope that are more than one token, members those
	// of entries of contexts, which can follow a point.
	names   []spelledName
	members []spelledName
	// endpoint: the next [ may be the end of a range.
	endpoint bool
}

// spelledName is a name of several tokens.
type spelledName struct {
	name  string
	parts []string
}

func parse(text string, opts *CompileOptions, unary bool) (root *ast, err error) {
	limit := opts.MaxLength
	if limit <= 0 {
		limit = defaultMaxLength
	}
	if len(text) > limit {
		return nil, &Error{Code: CodeTooLarge, Line: 1, Column: 1, Msg: fmt.Sprintf("expected at most %d bytes, but the expression has %d", limit, len(text))}
	}
	l := lexer{src: text, quotes: opts.Dialect == Camunda}
	toks, lerr := l.tokens()
	if lerr != nil {
		return nil, lerr
	}
	p := &parser{src: text, opts: opts, toks: toks}
	defer func() {
		if r := recover(); r != nil {
			e, ok := r.(*Error)
			if !ok {
				panic(r)
			}
			root, err = nil, e
		}
	}()
	p.declareOptions()
	if unary {
		root = p.unaryTests()
	} else {
		root = p.expression()
	}
	if p.tok().kind != tokEOF {
		p.failf("expected the end of the expression, but found %s", p.found())
	}
	return root, nil
}

func (p *parser) declareOptions() {
	for _, n := range p.opts.Names {
		p.declare(n.Name)
		p.declareMembers(n.Type, 8)
	}
	for name := range p.opts.Functions {
		p.declare(name)
	}
}

// declareMembers notes the names of entries that a type has.
func (p *parser) declareMembers(t *Type, depth int) {
	if t == nil || depth == 0 {
		return
	}
	for _, f := range t.fields {
		p.declareMember(f.Name)
		p.declareMembers(f.Type, depth-1)
	}
	p.declareMembers(t.elem, depth-1)
}

func (p *parser) declare(name string) {
	if s, ok := spell(name); ok {
		p.names = append(p.names, s)
	}
}

func (p *parser) declareMember(name string) {
	if s, ok := spell(name); ok {
		p.members = append(p.members, s)
	}
}

// spell cuts a name into tokens; ok is false when it is a single one.
func spell(name string) (s spelledName, ok bool) {
	if isPlainName(name) || name == "" {
		return s, false
	}
	l := lexer{src: name}
	toks, err := l.tokens()
	if err != nil || len(toks) < 2 {
		return s, false
	}
	s.name = name
	for _, t := range toks[:len(toks)-1] {
		s.parts = append(s.parts, t.text)
	}
	return s, true
}

func (p *parser) tok() token { return p.toks[p.i] }

func (p *parser) peek(n int) token {
	if p.i+n < len(p.toks) {
		return p.toks[p.i+n]
	}
	return p.toks[len(p.toks)-1]
}

func (p *parser) isOp(op string) bool {
	t := &p.toks[p.i]
	return t.kind == tokOp && t.text == op
}

func (p *parser) isWord(word string) bool {
	t := &p.toks[p.i]
	return t.kind == tokName && t.text == word
}

func (p *parser) takeOp(op string) bool {
	if p.isOp(op) {
		p.i++
		return true
	}
	return false
}

func (p *parser) takeWord(word string) bool {
	if p.isWord(word) {
		p.i++
		return true
	}
	return false
}

func (p *parser) needOp(op string) {
	if !p.takeOp(op) {
		p.failf("expected %s, but found %s", op, p.found())
	}
}

func (p *parser) needWord(word string) {
	if !p.takeWord(word) {
		p.failf("expected %s, but found %s", word, p.found())
	}
}

func (p *parser) found() string {
	t := p.tok()
	if t.kind == tokEOF {
		return "the end of the text"
	}
	s := p.src[t.pos:t.end]
	if len(s) > 40 {
		s = s[:37] + "..."
	}
	return "'" + strings.ToValidUTF8(s, "") + "'"
}

func (p *parser) failf(format string, args ...any) {
	panic(errorAt(p.src, p.tok().pos, CodeSyntax, fmt.Sprintf(format, args...)))
}

func (p *parser) failAt(pos int, code Code, msg string) {
	panic(errorAt(p.src, pos, code, msg))
}

func (p *parser) enter() {
	p.depth++
	if p.depth > maxNesting {
		p.failAt(p.tok().pos, CodeTooLarge, fmt.Sprintf("expected at most %d nested expressions", maxNesting))
	}
}

func (p *parser) leave() { p.depth-- }

// expression parses a whole expression.
func (p *parser) expression() *ast {
	saved := p.endpoint
	p.endpoint = false
	a := p.binary(precOr)
	p.endpoint = saved
	return a
}

// Precedence, from weak to strong (DMN 1.5, 10.3.1.2, rules 2 and 4).
const (
	precOr = iota
	precAnd
	precCompare
	precAdd
	precMul
	precPow
)

func (p *parser) binary(least int) *ast {
	p.enter()
	defer p.leave()
	return p.binaryFrom(p.unary(), least)
}

// binaryFrom goes on after a first operand.
func (p *parser) binaryFrom(left *ast, least int) *ast {
	for {
		op, prec, ok := p.infix()
		if !ok || prec < least {
			return left
		}
		pos := p.tok().pos
		switch op {
		case opBetween:
			p.i++
			low := p.binary(precAdd)
			p.needWord("and")
			left = &ast{op: opBetween, pos: pos, kids: []*ast{left, low, p.binary(precAdd)}}
		case opIn:
			p.i++
			left = &ast{op: opIn, pos: pos, kids: append([]*ast{left}, p.inTests()...)}
		default:
			p.i++
			left = &ast{op: op, pos: pos, kids: []*ast{left, p.binary(prec + 1)}}
		}
	}
}

func (p *parser) infix() (op astOp, prec int, ok bool) {
	t := &p.toks[p.i]
	if t.kind == tokName {
		switch t.text {
		case "or":
			return opOr, precOr, true
		case "and":
			return opAnd, precAnd, true
		case "between":
			return opBetween, precCompare, true
		case "in":
			return opIn, precCompare, true
		}
		return 0, 0, false
	}
	if t.kind != tokOp {
		return 0, 0, false
	}
	switch t.text {
	case "=":
		return opEq, precCompare, true
	case "!=":
		return opNe, precCompare, true
	case "<":
		return opLt, precCompare, true
	case "<=":
		return opLe, precCompare, true
	case ">":
		return opGt, precCompare, true
	case ">=":
		return opGe, precCompare, true
	case "+":
		return opAdd, precAdd, true
	case "-":
		return opSub, precAdd, true
	case "*":
		return opMul, precMul, true
	case "/":
		return opDiv, precMul, true
	case "**":
		return opPow, precPow, true
	}
	return 0, 0, false
}

func (p *parser) unary() *ast {
	if !p.isOp("-") {
		return p.postfix(p.primary())
	}
	pos := p.tok().pos
	p.i++
	if t := p.tok(); t.kind == tokNumber {
		p.i++
		return p.postfix(&ast{op: opLiteral, pos: pos, val: negNumber(p.numberOf(t))})
	}
	p.enter()
	defer p.leave()
	return &ast{op: opNeg, pos: pos, kids: []*ast{p.unary()}}
}

// postfix parses what follows an operand: paths, filters, calls, instance of.
func (p *parser) postfix(a *ast) *ast {
	for {
		pos := p.tok().pos
		switch {
		case p.isOp("."):
			p.i++
			a = &ast{op: opPath, pos: pos, name: p.memberName(), kids: []*ast{a}}
		case p.isOp("["):
			if p.endpoint && p.closesRange() {
				return a
			}
			p.i++
			a = &ast{op: opFilter, pos: pos, kids: []*ast{a, p.inFilter()}}
			p.needOp("]")
		case p.isOp("("):
			p.i++
			a = p.arguments(a, pos)
		case p.isWord("instance") && p.peek(1).kind == tokName && p.peek(1).text == "of":
			p.i += 2
			a = &ast{op: opInstanceOf, pos: pos, kids: []*ast{a}, typ: p.typeName()}
		default:
			return a
		}
	}
}

// inFilter parses a condition, in which the entries of items are names.
func (p *parser) inFilter() *ast {
	n := len(p.names)
	p.names = append(p.names, p.members...)
	a := p.expression()
	p.names = p.names[:n]
	return a
}

// closesRange reports whether the [ here ends a range, as in [1..10[ .
func (p *parser) closesRange() bool {
	t := p.peek(1)
	switch t.kind {
	case tokEOF:
		return true
	case tokOp:
		return !strings.Contains("([{-@", t.text)
	case tokName:
		return isStopWord(t.text)
	default:
		return false
	}
}

func (p *parser) arguments(callee *ast, pos int) *ast {
	call := &ast{op: opCall, pos: pos, kids: []*ast{callee}}
	if p.takeOp(")") {
		return call
	}
	for {
		if name, ok := p.argumentName(); ok {
			call.keys = append(call.keys, name)
		}
		call.kids = append(call.kids, p.expression())
		if len(call.keys) != 0 && len(call.keys) != len(call.kids)-1 {
			p.failAt(pos, CodeSyntax, "expected all arguments by name or all by position, but found both")
		}
		if !p.takeOp(",") {
			break
		}
	}
	p.needOp(")")
	return call
}

// argumentName takes "name :" if that is what comes next.
func (p *parser) argumentName() (string, bool) {
	if p.tok().kind == tokQuoted && p.peek(1).text == ":" && p.peek(1).kind == tokOp {
		name := p.tok().text
		p.i += 2
		return name, true
	}
	if p.tok().kind != tokName {
		return "", false
	}
	for j := p.i + 1; j < len(p.toks); j++ {
		t := p.toks[j]
		if t.kind == tokOp && t.text == ":" {
			name := p.joined(p.i, j)
			p.i = j + 1
			return name, true
		}
		if !isNameToken(t) {
			return "", false
		}
	}
	return "", false
}

// isNameToken reports whether a token can be inside a name (rule 27).
func isNameToken(t token) bool {
	switch t.kind {
	case tokName, tokNumber:
		return true
	case tokOp:
		switch t.text {
		case ".", "/", "-", "'", "’", "+", "*", "**":
			return true
		}
	default:
	}
	return false
}

// joined puts tokens together to a name: one space where there is any, none
// beside the additional name symbols.
func (p *parser) joined(from, to int) string {
	if to == from+1 {
		return p.toks[from].text
	}
	var b strings.Builder
	for j := from; j < to; j++ {
		t := p.toks[j]
		if j > from && t.pos > p.toks[j-1].end && t.kind != tokOp && p.toks[j-1].kind != tokOp {
			b.WriteByte(' ')
		}
		b.WriteString(p.src[t.pos:t.end])
	}
	return b.String()
}

// isStopWord reports whether a word ends a name of several words, unless the
// name is known.
func isStopWord(s string) bool {
	switch s {
	case "and", "or", "in", "between", "then", "else", "return", "satisfies":
		return true
	}
	return false
}

// keywordNames are built-in functions whose names have such a word in them.
var keywordNames = []spelledName{
	{"date and time", []string{"date", "and", "time"}},
	{"years and months duration", []string{"years", "and", "months", "duration"}},
	{"get or else", []string{"get", "or", "else"}},
}

// name takes a name in scope: the longest one known, else all words up to the
// next operator or keyword.
func (p *parser) name() string {
	if t := p.tok(); t.kind == tokQuoted {
		p.i++
		return t.text
	}
	end := p.wordsEnd()
	name := ""
	if s, e, ok := p.longest(p.names, end); ok {
		name, end = s, e
	}
	if s, e, ok := p.longest(keywordNames, end); ok && p.toks[e].kind == tokOp && p.toks[e].text == "(" {
		name, end = s, e
	}
	if name == "" {
		name = p.joined(p.i, end)
	}
	p.i = end
	return name
}

// memberName takes the name after a point.
func (p *parser) memberName() string {
	t := p.tok()
	if t.kind == tokQuoted || (t.kind == tokString && p.opts.Dialect == Camunda) {
		p.i++
		return t.text
	}
	if t.kind != tokName {
		p.failf("expected a name after the point, but found %s", p.found())
	}
	end := p.wordsEnd()
	name := ""
	if s, e, ok := p.longest(p.members, end); ok {
		name, end = s, e
	}
	// a name in scope may have points in it, as those of imported elements
	if name == "" {
		name = p.joined(p.i, end)
	}
	p.i = end
	return name
}

// wordsEnd gives the token after the words that follow each other here.
func (p *parser) wordsEnd() int {
	j := p.i + 1
	for j < len(p.toks) {
		t := p.toks[j]
		switch {
		case t.kind == tokName && t.text == "instance" && p.toks[j+1].text == "of":
			return j
		case t.kind == tokName && !isStopWord(t.text) && t.text != "?":
			j++
		case t.kind == tokNumber && strings.IndexByte(t.text, '.') < 0:
			j++
		default:
			return j
		}
	}
	return j
}

// longest finds the longest of the known names that the tokens here spell and
// that is at least as long as what ends before least.
func (p *parser) longest(known []spelledName, least int) (name string, end int, ok bool) {
	end = least
	for k := len(known) - 1; k >= 0; k-- {
		n := &known[k]
		e := p.i + len(n.parts)
		if e < least || (ok && e <= end) || e >= len(p.toks) {
			continue
		}
		if p.spells(n.parts) {
			name, end, ok = n.name, e, true
		}
	}
	return name, end, ok
}

func (p *parser) spells(parts []string) bool {
	for j, part := range parts {
		if t := &p.toks[p.i+j]; t.text != part || t.kind == tokString {
			return false
		}
	}
	return true
}

func (p *parser) numberOf(t token) Value {
	v, ok := parseNumber(t.text)
	if !ok {
		p.failAt(t.pos, CodeSyntax, "expected a number that 34 digits and an exponent of 6144 can hold, but found "+t.text)
	}
	return v
}
