package feel

// astOp tells what a node of the syntax tree is.
type astOp uint8

const (
	opLiteral  astOp = iota // val
	opTemporal              // @"text": name
	opName                  // name
	opAdd
	opSub
	opMul
	opDiv
	opPow
	opNeg
	opEq
	opNe
	opLt
	opLe
	opGt
	opGe
	opAnd
	opOr
	opBetween    // value, low, high
	opIn         // value, tests...
	opTest       // name is the comparison operator, kid the endpoint: < 5 in tests
	opRange      // low, high; closed sides in flags; nil kids are unbounded
	opList       // items
	opContext    // entries: keys, kids
	opPath       // kid, name
	opFilter     // list, condition
	opCall       // callee, arguments; keys when named
	opFunction   // params in fn, kid the body
	opIf         // condition, then, else
	opFor        // iterators, body
	opSome       // iterators, condition
	opEvery      // iterators, condition
	opInstanceOf // kid, typ
	opUnaryTests // tests
	opNotTests   // tests
	opAnyTest    // -
)

const (
	flagLowClosed = 1 << iota
	flagHighClosed
	flagNot // range (!= x)
	flagParen
)

// ast is a node of the syntax tree.
type ast struct {
	op    astOp
	flags uint8
	pos   int
	name  string
	val   Value
	kids  []*ast
	keys  []string
	iters []iterator
	fn    []Param
	typ   *Type
}

// iterator is "name in source" or "name in from..to" of for, some and every.
type iterator struct {
	name     string
	from, to *ast
}

// simple tests a value without reference to anything else.
func (a *ast) isNumberLiteral() bool {
	return a.op == opLiteral && a.val.kind == KindNumber
}
