package juel

import (
	"fmt"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/weir-bpm/weir/variables"
)

// parser reads one text and makes nodes of it.
type parser struct {
	text  string
	opts  Options
	pos   int
	tok   token
	depth int
	nodes int
	open  int             // question marks whose colon is to come
	names map[string]bool // free variables
}

func (p *parser) fail(code Code, at int, name, format string, args ...any) error {
	return newError(code, p.text, at, name, fmt.Sprintf(format, args...))
}

// composite reads literal text and expressions in ${} or #{}.
func (p *parser) composite() (node, error) {
	var parts []node
	var b strings.Builder
	flush := func() {
		if b.Len() > 0 {
			parts = append(parts, &literal{b.String()})
			b.Reset()
		}
	}
	for p.pos < len(p.text) {
		rest := p.text[p.pos:]
		c := rest[0]
		switch {
		case c == '\\' && len(rest) > 1 && strings.IndexByte(`\$#`, rest[1]) >= 0:
			b.WriteByte(rest[1])
			p.pos += 2
		case (c == '$' || c == '#') && len(rest) > 1 && rest[1] == '{':
			flush()
			n, err := p.embedded()
			if err != nil {
				return nil, err
			}
			parts = append(parts, n)
		default:
			b.WriteByte(c)
			p.pos++
		}
	}
	flush()
	switch len(parts) {
	case 0:
		return &literal{""}, nil
	case 1:
		return parts[0], nil
	}
	return &composite{parts}, nil
}

// embedded reads one ${…}.
func (p *parser) embedded() (node, error) {
	start := p.pos
	p.pos += 2
	p.tok = token{at: start + 1}
	if err := p.next(); err != nil {
		return nil, err
	}
	if p.tok.kind == tRightBrace {
		return nil, p.fail(CodeSyntax, start, "", "expected an expression between the braces")
	}
	n, err := p.conditional()
	if err != nil {
		return nil, err
	}
	switch p.tok.kind {
	case tRightBrace: // p.pos is behind it
		return n, nil
	case tEnd:
		return nil, p.fail(CodeSyntax, len(p.text), "", "expected '}' at the end of the expression")
	case tName:
		if p.tok.text == "instanceof" {
			return nil, p.fail(CodeUnsupported, p.tok.at, "", "instanceof is reserved and not supported")
		}
		fallthrough
	default:
		return nil, p.fail(CodeSyntax, p.tok.at, "", "expected an operator or '}' before %q", p.show())
	}
}

// show gives the token for a message.
func (p *parser) show() string {
	if p.tok.kind == tEnd {
		return "the end"
	}
	return p.tok.text
}

func (p *parser) expect(k kind, what string) error {
	if p.tok.kind != k {
		return p.fail(CodeSyntax, p.tok.at, "", "expected %s, but found %q", what, p.show())
	}
	return p.next()
}

// enter counts nesting; leave undoes it.
func (p *parser) enter() error {
	p.depth++
	if p.depth > p.opts.Limits.Depth {
		return p.fail(CodeLimit, p.tok.at, "", "the expression nests deeper than %d levels; split it", p.opts.Limits.Depth)
	}
	return nil
}

func (p *parser) leave() { p.depth-- }

// count bounds the size of the tree, and with it the depth of long chains.
func (p *parser) count() error {
	p.nodes++
	if p.nodes > p.opts.Limits.Nodes {
		return p.fail(CodeLimit, p.tok.at, "", "the expression has more than %d parts; split it", p.opts.Limits.Nodes)
	}
	return nil
}

// conditional reads a ? b : c (EL 2.2, 1.19: Expression).
func (p *parser) conditional() (node, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	cond, err := p.binary(0)
	if err != nil || p.tok.kind != tQuestion {
		return cond, err
	}
	at := p.tok.at
	if err := p.next(); err != nil {
		return nil, err
	}
	p.open++
	yes, err := p.conditional()
	p.open--
	if err != nil {
		return nil, err
	}
	if err := p.expect(tColon, "':' and what holds otherwise"); err != nil {
		return nil, err
	}
	no, err := p.conditional()
	if err != nil {
		return nil, err
	}
	return &conditional{cond: cond, yes: yes, no: no, at: at}, p.count()
}

// level gives how tightly a binary operator binds (EL 2.2, 1.16); -1 for other
// tokens.
func level(k kind) int {
	switch k { //nolint:exhaustive // the others are no operators
	case tOr:
		return 0
	case tAnd:
		return 1
	case tEqual, tNotEqual:
		return 2
	case tLess, tLessEqual, tGreater, tGreaterEqual:
		return 3
	case tPlus, tMinus:
		return 4
	case tTimes, tDivide, tModulo:
		return 5
	}
	return -1
}

// binary reads operators that bind at least as tightly as lowest; all are left
// associative.
func (p *parser) binary(lowest int) (node, error) {
	left, err := p.unary()
	if err != nil {
		return nil, err
	}
	for {
		op := p.tok
		l := level(op.kind)
		if l < lowest || l < 0 {
			return left, nil
		}
		if err := p.next(); err != nil {
			return nil, err
		}
		right, err := p.binary(l + 1)
		if err != nil {
			return nil, err
		}
		left = makeBinary(op, left, right)
		if err := p.count(); err != nil {
			return nil, err
		}
	}
}

func makeBinary(op token, left, right node) node {
	switch op.kind { //nolint:exhaustive // only binary operators come here
	case tAnd, tOr:
		return &logic{or: op.kind == tOr, left: left, right: right, at: op.at}
	case tEqual, tNotEqual:
		return &equality{not: op.kind == tNotEqual, left: left, right: right, at: op.at}
	case tLess, tLessEqual, tGreater, tGreaterEqual:
		return &relation{op: op.kind, left: left, right: right, at: op.at}
	default:
		return &arithmetic{op: op.kind, left: left, right: right, at: op.at}
	}
}

func (p *parser) unary() (node, error) {
	op := p.tok
	switch op.kind { //nolint:exhaustive // the others are no unary operators
	case tNot, tMinus, tEmpty:
	default:
		return p.value()
	}
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	if err := p.next(); err != nil {
		return nil, err
	}
	n, err := p.unary()
	if err != nil {
		return nil, err
	}
	return &unary{op: op.kind, of: n, at: op.at}, p.count()
}

// value reads a primary with its properties, indexes and calls.
func (p *parser) value() (node, error) {
	n, err := p.primary()
	for err == nil {
		switch p.tok.kind { //nolint:exhaustive // the others end the value
		case tDot:
			n, err = p.dot(n)
		case tLeftBracket:
			n, err = p.index(n)
		case tLeftParen:
			return nil, p.fail(CodeUnsupported, p.tok.at, "", "only functions and methods can be called")
		default:
			return n, nil
		}
		if err == nil {
			err = p.count()
		}
	}
	return nil, err
}

func (p *parser) primary() (node, error) {
	t := p.tok
	if err := p.count(); err != nil {
		return nil, err
	}
	switch t.kind { //nolint:exhaustive // the others begin no value
	case tTrue, tFalse:
		return &literal{t.kind == tTrue}, p.next()
	case tNull:
		return &literal{nil}, p.next()
	case tText:
		if !utf8.ValidString(t.text) {
			return nil, p.fail(CodeSyntax, t.at, "", "the text is not valid UTF-8")
		}
		return &literal{t.text}, p.next()
	case tNumber:
		v, err := parseNumber(t.text)
		if err != nil {
			return nil, p.fail(CodeNumber, t.at, "", "%s is outside of the range of 34-digit decimals", t.text)
		}
		return &literal{v}, p.next()
	case tLeftParen:
		if err := p.next(); err != nil {
			return nil, err
		}
		n, err := p.conditional()
		if err != nil {
			return nil, err
		}
		return n, p.expect(tRightParen, "')'")
	case tName:
		return p.name()
	case tEnd:
		return nil, p.fail(CodeSyntax, t.at, "", "expected a value, but the text ends")
	default:
		return nil, p.fail(CodeSyntax, t.at, "", "expected a value, but found %q", p.show())
	}
}

// parseNumber reads a literal with what variables can hold.
func parseNumber(text string) (any, error) {
	v, err := variables.ParseNumber(text)
	if err != nil {
		return nil, err
	}
	return round34(v)
}

// name reads a variable, an implicit object or a function call.
func (p *parser) name() (node, error) {
	t := p.tok
	if err := p.next(); err != nil {
		return nil, err
	}
	switch p.tok.kind { //nolint:exhaustive // the others follow a variable
	case tLeftParen:
		return p.function("", t)
	case tColon:
		// ns:name( is a function. JUEL takes a ? b : c() for one too and fails;
		// here the colon belongs to the question mark unless b is a namespace.
		if p.open > 0 && !p.opts.Functions.hasNamespace(t.text) && !isVariableNamespace(t.text) {
			break
		}
		pos, tok := p.pos, p.tok
		if err := p.next(); err != nil {
			return nil, err
		}
		local := p.tok
		if local.kind != tText && nameLength(local.text) > 0 && p.pos < len(p.text) && p.text[p.pos] == '(' {
			if err := p.next(); err != nil {
				return nil, err
			}
			return p.function(t.text, local)
		}
		p.pos, p.tok = pos, tok
	}
	return p.variable(t), nil
}

func (p *parser) variable(t token) node {
	n := &variable{name: t.text, at: t.at}
	switch t.text {
	case "execution":
		n.root = rootExecution
	case "task":
		n.root = rootTask
	case "authenticatedUserId":
		n.root = rootUser
	default:
		if !p.opts.Functions.hasBean(t.text) && !isNamespace(t.text) {
			p.names[t.text] = true
		}
	}
	return n
}

// arguments reads (a, b); the token is the left parenthesis.
func (p *parser) arguments() ([]node, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	if err := p.next(); err != nil {
		return nil, err
	}
	var args []node
	if p.tok.kind == tRightParen {
		return nil, p.next()
	}
	for {
		n, err := p.conditional()
		if err != nil {
			return nil, err
		}
		args = append(args, n)
		if p.tok.kind != tComma {
			return args, p.expect(tRightParen, "',' or ')' behind an argument")
		}
		if err := p.next(); err != nil {
			return nil, err
		}
	}
}

// function reads the arguments of a function and finds it.
func (p *parser) function(ns string, t token) (node, error) {
	name := t.text
	if ns != "" {
		name = ns + ":" + t.text
	}
	var nameArg node
	if canonical, ok := variableFunction(ns, t.text); ok && !p.opts.Functions.has(name) {
		// The first argument of var:get(x) names the variable x.
		var err error
		if nameArg, err = p.variableName(); err != nil {
			return nil, err
		}
		name = canonical
	}
	args, err := p.arguments()
	if err != nil {
		return nil, err
	}
	if nameArg != nil {
		args[0] = nameArg
	}
	if fn, ok := p.opts.Functions.find(name); ok {
		return p.host(fn, args, t.at)
	}
	m, ok := builtins().functions[name]
	if !ok {
		if reason, ok := javaFunction(name); ok {
			return nil, p.fail(CodeNeedsJava, t.at, name, "%s() is not supported: %s", name, reason)
		}
		return nil, p.fail(CodeUnknownFunction, t.at, name, "there is no function %s; register a Go function of this name or use one of %s", name, strings.Join(builtins().functionNames, ", "))
	}
	if err := p.arity(m.Name, []*method{m}, len(args), t.at); err != nil {
		return nil, err
	}
	return &call{name: name, rows: []*method{m}, args: args, at: t.at}, nil
}

// variableName looks ahead whether the first argument is a bare name, which
// then is the name of a variable and not its value.
func (p *parser) variableName() (node, error) {
	save := *p
	defer func() { *p = save }()
	if err := p.next(); err != nil {
		return nil, err
	}
	t := p.tok
	if t.kind != tName && t.kind != tText {
		return nil, nil //nolint:nilnil // no bare name
	}
	if err := p.next(); err != nil {
		return nil, err
	}
	if p.tok.kind != tComma && p.tok.kind != tRightParen {
		return nil, nil //nolint:nilnil // no bare name
	}
	p.names[t.text] = true // the map is shared with the saved parser
	return &literal{t.text}, nil
}

func (p *parser) arity(name string, rows []*method, n, at int) error {
	least, most := rows[0].min, rows[0].max
	for _, m := range rows {
		if n >= m.min && (m.max < 0 || n <= m.max) {
			return nil
		}
		least = min(least, m.min)
		most = max(most, m.max)
	}
	want := fmt.Sprint(least)
	if most < 0 {
		want = fmt.Sprintf("at least %d", least)
	} else if most != least {
		want = fmt.Sprintf("%d to %d", least, most)
	}
	return p.fail(CodeArguments, at, name, "%s() takes %s arguments, but %d are given", name, want, n)
}

func (p *parser) host(fn *Function, args []node, at int) (node, error) {
	if len(args) < fn.MinArgs || fn.MaxArgs >= 0 && len(args) > fn.MaxArgs {
		return nil, p.arity(fn.Name, []*method{{min: fn.MinArgs, max: fn.MaxArgs}}, len(args), at)
	}
	return &hostCall{fn: fn, args: args, at: at}, nil
}

// index reads base[key].
func (p *parser) index(base node) (node, error) {
	at := p.tok.at
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	if err := p.next(); err != nil {
		return nil, err
	}
	key, err := p.conditional()
	if err != nil {
		return nil, err
	}
	if err := p.expect(tRightBracket, "']'"); err != nil {
		return nil, err
	}
	return &index{base: base, key: key, at: at}, nil
}

// dot reads base.name and base.name(arguments). A word of the language may be
// the name of a property.
func (p *parser) dot(base node) (node, error) {
	if err := p.next(); err != nil {
		return nil, err
	}
	t := p.tok
	if t.kind == tText || nameLength(t.text) == 0 {
		return nil, p.fail(CodeSyntax, t.at, "", "expected the name of a property or method behind the dot, but found %q", p.show())
	}
	if err := p.next(); err != nil {
		return nil, err
	}
	if p.tok.kind != tLeftParen {
		if v, ok := base.(*variable); ok && v.root == rootNone && (isNamespace(v.name) || p.opts.Functions.hasBean(v.name)) {
			return nil, p.fail(CodeUnsupported, t.at, v.name, "%s has methods but no properties; call %s.%s()", v.name, v.name, t.text)
		}
		return &index{base: base, key: &literal{t.text}, at: t.at}, nil
	}
	args, err := p.arguments()
	if err != nil {
		return nil, err
	}
	return p.method(base, t, args)
}

// method finds what base.name(args) calls.
func (p *parser) method(base node, t token, args []node) (node, error) {
	v, _ := base.(*variable)
	if v != nil {
		full := v.name + "." + t.text
		if fn, ok := p.opts.Functions.find(full); ok {
			return p.host(fn, args, t.at)
		}
		if p.opts.Functions.hasBean(v.name) {
			return nil, p.fail(CodeUnknownMethod, t.at, full, "no Go function is registered as %s; there are %s", full, strings.Join(p.opts.Functions.methods(v.name), ", "))
		}
		if isNamespace(v.name) {
			m, ok := builtins().functions[full]
			if !ok {
				return nil, p.fail(CodeUnknownMethod, t.at, full, "%s has no supported method %s; there are %s", v.name, t.text, strings.Join(namespaceMethods(v.name), ", "))
			}
			if err := p.arity(full, []*method{m}, len(args), t.at); err != nil {
				return nil, err
			}
			return &call{name: full, rows: []*method{m}, args: args, at: t.at}, nil
		}
	}
	rows := builtins().methods[t.text]
	if v != nil && v.root == rootExecution {
		rows = rowsFor(rows, kindExecution)
	}
	if len(rows) == 0 && isMutator(t.text) {
		return nil, p.fail(CodeReadOnly, t.at, t.text, "%s() would change a value, which an expression must not; use an output mapping or a script task", t.text)
	}
	if reason, ok := javaMethod(t.text); ok && len(rows) == 0 {
		return nil, p.fail(CodeNeedsJava, t.at, t.text, "%s() is not supported: %s", t.text, reason)
	}
	if len(rows) == 0 {
		switch {
		case v != nil && v.root != rootNone:
			return nil, p.fail(CodeUnknownMethod, t.at, t.text, "%s has no supported method %s; see the table of methods", v.name, t.text)
		case v != nil:
			return nil, p.fail(CodeNeedsJava, t.at, v.name+"."+t.text, "%s.%s() needs a Java bean; register a Go function named %q, or make the task a job for a worker", v.name, t.text, v.name+"."+t.text)
		}
		return nil, p.fail(CodeUnknownMethod, t.at, t.text, "there is no supported method %s; see the table of methods, or register a Go function", t.text)
	}
	for _, m := range rows {
		if m.writes && !p.opts.AllowWrites {
			return nil, p.fail(CodeReadOnly, t.at, t.text, "%s() would change the process, which this expression must not; use an output mapping or a script task", t.text)
		}
	}
	if err := p.arity(t.text, rows, len(args), t.at); err != nil {
		return nil, err
	}
	c := &call{name: t.text, base: base, rows: rows, args: args, at: t.at}
	if err := c.prepare(p); err != nil {
		return nil, err
	}
	return c, nil
}

func rowsFor(rows []*method, k kinds) []*method {
	var res []*method
	for _, m := range rows {
		if m.on&k != 0 {
			res = append(res, m)
		}
	}
	return res
}

// free gives the names of the variables that were read, in order.
func (p *parser) free() []string {
	res := make([]string, 0, len(p.names))
	for name := range p.names {
		res = append(res, name)
	}
	sort.Strings(res)
	return res
}
