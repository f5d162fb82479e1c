package feel

import "slices"

// primary parses an operand: a literal, a name, something in brackets, or a
// construct that begins with a word.
func (p *parser) primary() *ast {
	t := p.tok()
	switch t.kind {
	case tokNumber:
		p.i++
		return &ast{op: opLiteral, pos: t.pos, val: p.numberOf(t)}
	case tokString:
		p.i++
		return &ast{op: opLiteral, pos: t.pos, val: String(t.text)}
	case tokQuoted:
		return &ast{op: opName, pos: t.pos, name: p.name()}
	case tokName:
		if a := p.construct(t); a != nil {
			return a
		}
		return &ast{op: opName, pos: t.pos, name: p.name()}
	case tokOp:
		switch t.text {
		case "(":
			return p.parenthesis(false)
		case "[":
			return p.listOrRange()
		case "]":
			p.i++
			low := p.binary(precAdd)
			return p.rangeFrom(t.pos, low, 0)
		case "{":
			return p.context()
		case "@":
			return p.atLiteral()
		}
	case tokEOF:
	}
	p.failf("expected an expression, but found %s", p.found())
	return nil
}

// construct parses what begins with a keyword; nil when the word is a name.
func (p *parser) construct(t token) *ast {
	if len(p.names) > 0 && p.knownLength() > 1 {
		return nil
	}
	next := p.peek(1)
	switch t.text {
	case "null", "true", "false":
		p.i++
		v := Value{}
		if t.text != "null" {
			v = Bool(t.text == "true")
		}
		return &ast{op: opLiteral, pos: t.pos, val: v}
	case "if":
		if !p.startsOperand(next) && next.text != "(" {
			return nil
		}
		return p.conditional()
	case "for", "some", "every":
		if next.kind != tokName && next.kind != tokQuoted {
			return nil
		}
		return p.iteration(t)
	case "function":
		if next.kind == tokOp && next.text == "(" {
			return p.function()
		}
	}
	return nil
}

// knownLength gives the tokens of the longest known name that begins here.
func (p *parser) knownLength() int {
	_, end, ok := p.longest(p.names, p.i+1)
	if !ok {
		return 0
	}
	return end - p.i
}

func (p *parser) startsOperand(t token) bool {
	switch t.kind {
	case tokEOF:
		return false
	case tokOp:
		return slices.Contains([]string{"(", "[", "{", "@", "-", "]"}, t.text)
	default:
		return true
	}
}

func (p *parser) conditional() *ast {
	pos := p.tok().pos
	p.i++
	c := p.expression()
	p.needWord("then")
	t := p.expression()
	p.needWord("else")
	return &ast{op: opIf, pos: pos, kids: []*ast{c, t, p.expression()}}
}

func (p *parser) iteration(t token) *ast {
	p.i++
	a := &ast{pos: t.pos, op: opFor}
	end := "return"
	if t.text != "for" {
		end = "satisfies"
		a.op = opSome
		if t.text == "every" {
			a.op = opEvery
		}
	}
	names := len(p.names)
	for {
		it := iterator{name: p.variableName("in")}
		p.needWord("in")
		it.from = p.expression()
		if p.takeOp("..") {
			it.to = p.expression()
		}
		a.iters = append(a.iters, it)
		p.declare(it.name)
		if !p.takeOp(",") {
			break
		}
	}
	p.needWord(end)
	a.kids = []*ast{p.expression()}
	p.names = p.names[:names]
	return a
}

// variableName takes all tokens up to a word as one name.
func (p *parser) variableName(before string) string {
	if t := p.tok(); t.kind == tokQuoted {
		p.i++
		return t.text
	}
	from := p.i
	for p.i < len(p.toks) && isNameToken(p.tok()) && (p.i == from || !p.isWord(before)) {
		p.i++
	}
	if p.i == from || p.toks[from].kind != tokName {
		p.failf("expected a name, but found %s", p.found())
	}
	return p.joined(from, p.i)
}

// function parses a function definition (rule 55).
func (p *parser) function() *ast {
	a := &ast{op: opFunction, pos: p.tok().pos}
	p.i++
	p.needOp("(")
	names := len(p.names)
	for !p.isOp(")") {
		param := Param{Name: p.variableName(":")}
		if p.takeOp(":") {
			param.Type = p.typeName()
		}
		if slices.ContainsFunc(a.fn, func(o Param) bool { return o.Name == param.Name }) {
			p.failf("expected different names of parameters, but '%s' comes twice", param.Name)
		}
		a.fn = append(a.fn, param)
		p.declare(param.Name)
		if !p.takeOp(",") {
			break
		}
	}
	p.needOp(")")
	if p.isWord("external") {
		p.failAt(p.tok().pos, CodeExternal, "functions in other languages (external) are not run: write the body in FEEL, or register a Go function under a name of its own")
	}
	a.kids = []*ast{p.expression()}
	p.names = p.names[:names]
	return a
}

// parenthesis parses ( expression ), an open range, or (< 5) and its like. With
// tests it gives the list of tests of "x in (a, b)" as opUnaryTests, where it is
// one.
func (p *parser) parenthesis(tests bool) *ast {
	pos := p.tok().pos
	p.i++
	p.enter()
	defer p.leave()
	saved := p.endpoint
	p.endpoint = false
	first := p.parenItem(tests)
	p.endpoint = saved
	if first.op != opTest && p.isOp("..") {
		return p.rangeFrom(pos, first, 0)
	}
	if !tests {
		p.needOp(")")
		if first.op == opTest {
			return rangeOfTest(first)
		}
		first.flags |= flagParen
		return first
	}
	list := []*ast{first}
	for p.takeOp(",") {
		list = append(list, p.test())
	}
	p.needOp(")")
	if len(list) == 1 && first.op != opTest {
		first.flags |= flagParen
		return first
	}
	return &ast{op: opUnaryTests, pos: pos, kids: list}
}

func (p *parser) parenItem(tests bool) *ast {
	if tests {
		return p.test()
	}
	if isComparison(p.tok()) {
		return p.comparisonTest()
	}
	return p.expression()
}

// rangeOfTest makes the range that (< 5) is.
func rangeOfTest(t *ast) *ast {
	r := &ast{op: opRange, pos: t.pos, kids: []*ast{nil, nil}}
	end := t.kids[0]
	switch t.name {
	case "<=":
		r.flags = flagHighClosed
		r.kids[1] = end
	case "<":
		r.kids[1] = end
	case ">=":
		r.flags = flagLowClosed
		r.kids[0] = end
	case ">":
		r.kids[0] = end
	case "!=":
		r.flags = flagNot
		r.kids[0], r.kids[1] = end, end
	default:
		r.flags = flagLowClosed | flagHighClosed
		r.kids[0], r.kids[1] = end, end
	}
	return r
}

func (p *parser) listOrRange() *ast {
	pos := p.tok().pos
	p.i++
	a := &ast{op: opList, pos: pos}
	if p.takeOp("]") {
		return a
	}
	p.enter()
	defer p.leave()
	for {
		item := p.parenItem(false)
		if item.op == opTest {
			item = rangeOfTest(item)
		}
		if len(a.kids) == 0 && p.isOp("..") {
			return p.rangeFrom(pos, item, flagLowClosed)
		}
		a.kids = append(a.kids, item)
		if !p.takeOp(",") {
			break
		}
	}
	p.needOp("]")
	return a
}

// rangeFrom parses the rest of a range after its lower endpoint.
func (p *parser) rangeFrom(pos int, low *ast, flags uint8) *ast {
	p.needOp("..")
	saved := p.endpoint
	p.endpoint = true
	high := p.binary(precAdd)
	p.endpoint = saved
	switch {
	case p.takeOp("]"):
		flags |= flagHighClosed
	case p.takeOp(")"), p.takeOp("["):
	default:
		p.failf("expected ], ) or [ to end the range, but found %s", p.found())
	}
	return &ast{op: opRange, pos: pos, flags: flags, kids: []*ast{low, high}}
}

// context parses a context literal (rule 57).
func (p *parser) context() *ast {
	a := &ast{op: opContext, pos: p.tok().pos}
	p.i++
	p.enter()
	defer p.leave()
	names := len(p.names)
	for more := !p.isOp("}"); more; more = p.takeOp(",") {
		key := p.key()
		p.needOp(":")
		p.declareMember(key)
		a.keys = append(a.keys, key)
		a.kids = append(a.kids, p.expression())
		p.declare(key)
	}
	p.needOp("}")
	p.names = p.names[:names]
	return a
}

func (p *parser) key() string {
	if t := p.tok(); t.kind == tokString || t.kind == tokQuoted {
		p.i++
		return t.text
	}
	return p.variableName(":")
}

// atLiteral parses @"..." (rule 64).
func (p *parser) atLiteral() *ast {
	pos := p.tok().pos
	p.i++
	t := p.tok()
	if t.kind != tokString {
		p.failf("expected a string after @, but found %s", p.found())
	}
	p.i++
	return &ast{op: opTemporal, pos: pos, name: t.text}
}

func isComparison(t token) bool {
	if t.kind != tokOp {
		return false
	}
	switch t.text {
	case "<", "<=", ">", ">=", "=", "!=":
		return true
	}
	return false
}

func (p *parser) comparisonTest() *ast {
	t := p.tok()
	p.i++
	return &ast{op: opTest, pos: t.pos, name: t.text, kids: []*ast{p.binary(precAdd)}}
}

// test parses one positive unary test (rule 7).
func (p *parser) test() *ast {
	if isComparison(p.tok()) {
		return p.comparisonTest()
	}
	return p.expression()
}

// inTests parses what follows "in" (rule 49c): a test, or tests in parentheses.
func (p *parser) inTests() []*ast {
	if isComparison(p.tok()) {
		return []*ast{p.comparisonTest()}
	}
	if !p.isOp("(") {
		return []*ast{p.binary(precAdd)}
	}
	a := p.parenthesis(true)
	if a.op == opUnaryTests {
		return a.kids
	}
	return []*ast{p.binaryFrom(p.postfix(a), precAdd)}
}

// unaryTests parses rule 15.
func (p *parser) unaryTests() *ast {
	pos := p.tok().pos
	if p.isOp("-") && p.peek(1).kind == tokEOF {
		p.i++
		return &ast{op: opAnyTest, pos: pos}
	}
	if p.isWord("not") && p.peek(1).text == "(" && p.closes(p.i+1) == len(p.toks)-2 {
		p.i += 2
		list := []*ast{p.test()}
		for p.takeOp(",") {
			list = append(list, p.test())
		}
		if p.isOp("..") && len(list) == 1 && list[0].op != opTest {
			list[0] = p.rangeFrom(pos, list[0], 0)
			return &ast{op: opNotTests, pos: pos, kids: list}
		}
		p.needOp(")")
		return &ast{op: opNotTests, pos: pos, kids: list}
	}
	list := []*ast{p.test()}
	for p.takeOp(",") {
		list = append(list, p.test())
	}
	return &ast{op: opUnaryTests, pos: pos, kids: list}
}

// closes gives the index of the token that closes the parenthesis at i. Ranges
// mix brackets, so only parentheses are counted.
func (p *parser) closes(i int) int {
	depth := 0
	for ; i < len(p.toks); i++ {
		if p.toks[i].kind != tokOp {
			continue
		}
		switch p.toks[i].text {
		case "(":
			depth++
		case ")":
			depth--
			if depth == 0 {
				return i
			}
		}
	}
	return -1
}

// typeName parses a type (rule 52).
func (p *parser) typeName() *Type {
	p.enter()
	defer p.leave()
	if p.tok().kind != tokName && p.tok().kind != tokQuoted {
		p.failf("expected a type, but found %s", p.found())
	}
	t := p.tok()
	if next := p.peek(1); next.kind == tokOp && next.text == "<" && t.kind == tokName {
		switch t.text {
		case "list", "range":
			p.i += 2
			elem := p.typeName()
			p.needOp(">")
			if t.text == "list" {
				return ListOf(elem)
			}
			return RangeOf(elem)
		case "context":
			p.i += 2
			return p.contextType()
		case "function":
			p.i += 2
			return p.functionType()
		}
	}
	return p.namedType()
}

func (p *parser) contextType() *Type {
	var fields []Field
	for !p.isOp(">") {
		name := p.key()
		p.needOp(":")
		fields = append(fields, Field{Name: name, Type: p.typeName()})
		p.declareMember(name)
		if !p.takeOp(",") {
			break
		}
	}
	p.needOp(">")
	return ContextOf(fields...)
}

func (p *parser) functionType() *Type {
	var params []*Type
	for !p.isOp(">") {
		params = append(params, p.typeName())
		if !p.takeOp(",") {
			break
		}
	}
	p.needOp(">")
	var result *Type
	if p.takeOp("->") {
		result = p.typeName()
	}
	return FunctionOf(params, result)
}

// namedType takes the longest run of tokens that names a type.
func (p *parser) namedType() *Type {
	if t := p.tok(); t.kind == tokQuoted {
		if typ, ok := p.findType(t.text); ok {
			p.i++
			return typ
		}
	}
	from, end := p.i, p.i
	for end < len(p.toks) && isNameToken(p.toks[end]) && end-from < 16 {
		end++
	}
	for ; end > from; end-- {
		if typ, ok := p.findType(p.joined(from, end)); ok {
			p.i = end
			return typ
		}
	}
	p.failAt(p.toks[from].pos, CodeUnknownType, "expected a type that is known, but found "+p.found())
	return nil
}

func (p *parser) findType(name string) (*Type, bool) {
	if p.opts.Types != nil {
		if t, ok := p.opts.Types(name); ok {
			return t, true
		}
	}
	if p.opts.Dialect == Camunda {
		if standard, ok := camundaTypes[name]; ok {
			name = standard
		}
	}
	return TypeByName(name)
}

// camundaTypes are the spellings of types that Camunda has besides those of the
// standard.
var camundaTypes = map[string]string{"any": "Any", "null": "Null", "date time": "date and time"}
