package feel

import (
	"strings"
	"unicode/utf8"
)

type tokenKind uint8

const (
	tokEOF tokenKind = iota
	tokNumber
	tokString // text holds the unescaped string
	tokName   // a run of name characters, or ?
	tokQuoted // `name` (Camunda); text holds the name
	tokOp     // operator, bracket, or any other single character
)

type token struct {
	kind tokenKind
	pos  int // byte offset of the first character
	end  int // byte offset after the last
	text string
}

// lexer cuts a text into tokens. Names of several words are put together by the
// parser, which knows what is in scope (DMN 1.5, 10.3.1.4).
type lexer struct {
	src    string
	pos    int
	quotes bool // back-quoted names
}

func (l *lexer) tokens() ([]token, *Error) {
	toks := make([]token, 0, len(l.src)/4+4)
	for {
		if err := l.space(); err != nil {
			return nil, err
		}
		if l.pos >= len(l.src) {
			return append(toks, token{kind: tokEOF, pos: len(l.src), end: len(l.src)}), nil
		}
		t, err := l.next(toks)
		if err != nil {
			return nil, err
		}
		t.end = l.pos
		toks = append(toks, t)
	}
}

// space skips white space and comments (rules 61 to 63).
func (l *lexer) space() *Error {
	for l.pos < len(l.src) {
		c := l.src[l.pos]
		switch {
		case c == ' ' || (c >= '\t' && c <= '\r'):
			l.pos++
		case c == '/' && strings.HasPrefix(l.src[l.pos:], "//"):
			i := strings.IndexAny(l.src[l.pos:], "\n\r")
			if i < 0 {
				l.pos = len(l.src)
				return nil
			}
			l.pos += i
		case c == '/' && strings.HasPrefix(l.src[l.pos:], "/*"):
			i := strings.Index(l.src[l.pos+2:], "*/")
			if i < 0 {
				return l.fail(l.pos, "expected */ to end the comment, but the text ends")
			}
			l.pos += i + 4
		case c >= utf8.RuneSelf:
			r, n := utf8.DecodeRuneInString(l.src[l.pos:])
			if !isSpace(r) {
				return nil
			}
			l.pos += n
		default:
			return nil
		}
	}
	return nil
}

func (l *lexer) next(before []token) (token, *Error) {
	start := l.pos
	c := l.src[start]
	switch {
	case isDigit(c), c == '.' && l.digitAt(start+1) && !l.afterOperand(before):
		return l.number(), nil
	case c == '"':
		return l.text()
	case c == '`' && l.quotes:
		i := strings.IndexByte(l.src[start+1:], '`')
		if i < 0 {
			return token{}, l.fail(start, "expected ` to end the name, but the text ends")
		}
		l.pos = start + i + 2
		return token{kind: tokQuoted, pos: start, text: l.src[start+1 : start+1+i]}, nil
	case c == '?':
		l.pos++
		return token{kind: tokName, pos: start, text: "?"}, nil
	}
	if n := nameLen(l.src[start:]); n > 0 {
		l.pos += n
		return token{kind: tokName, pos: start, text: l.src[start:l.pos]}, nil
	}
	for _, op := range [...]string{"**", "..", "<=", ">=", "!=", "->"} {
		if strings.HasPrefix(l.src[start:], op) {
			l.pos += len(op)
			return token{kind: tokOp, pos: start, text: op}, nil
		}
	}
	r, n := utf8.DecodeRuneInString(l.src[start:])
	if r == utf8.RuneError && n <= 1 {
		return token{}, l.fail(start, "expected UTF-8 text")
	}
	l.pos += n
	return token{kind: tokOp, pos: start, text: l.src[start:l.pos]}, nil
}

// afterOperand reports whether a point here belongs to what is before it.
func (l *lexer) afterOperand(before []token) bool {
	if len(before) == 0 {
		return false
	}
	t := before[len(before)-1]
	if t.end != l.pos {
		return false
	}
	return t.kind != tokOp || t.text == ")" || t.text == "]" || t.text == "}"
}

func (l *lexer) digitAt(i int) bool { return i < len(l.src) && isDigit(l.src[i]) }

func (l *lexer) number() token {
	start := l.pos
	for l.digitAt(l.pos) {
		l.pos++
	}
	if l.pos < len(l.src) && l.src[l.pos] == '.' && l.digitAt(l.pos+1) {
		l.pos++
		for l.digitAt(l.pos) {
			l.pos++
		}
	}
	if l.pos < len(l.src) && (l.src[l.pos] == 'e' || l.src[l.pos] == 'E') {
		i := l.pos + 1
		if i < len(l.src) && (l.src[i] == '+' || l.src[i] == '-') {
			i++
		}
		if l.digitAt(i) {
			for l.digitAt(i) {
				i++
			}
			l.pos = i
		}
	}
	return token{kind: tokNumber, pos: start, text: l.src[start:l.pos]}
}

// text reads a string literal (rule 33).
func (l *lexer) text() (token, *Error) {
	start := l.pos
	i := start + 1
	for i < len(l.src) && l.src[i] != '"' && l.src[i] != '\\' {
		i++
	}
	if i < len(l.src) && l.src[i] == '"' {
		l.pos = i + 1
		return token{kind: tokString, pos: start, text: l.src[start+1 : i]}, nil
	}
	var b strings.Builder
	b.WriteString(l.src[start+1 : i])
	for i < len(l.src) {
		c := l.src[i]
		switch {
		case c == '"':
			l.pos = i + 1
			return token{kind: tokString, pos: start, text: b.String()}, nil
		case c == '\\' && i+1 < len(l.src):
			i += l.escape(&b, l.src[i:])
		default:
			b.WriteByte(c)
			i++
		}
	}
	return token{}, l.fail(start, `expected " to end the string, but the text ends`)
}

// escape writes what an escape sequence stands for and gives its length. A
// backslash before any other character stands for itself, so that patterns can be
// written as they are.
func (l *lexer) escape(b *strings.Builder, s string) int {
	switch s[1] {
	case '"', '\\', '\'':
		b.WriteByte(s[1])
	case 'n':
		b.WriteByte('\n')
	case 'r':
		b.WriteByte('\r')
	case 't':
		b.WriteByte('\t')
	case 'u':
		if r, ok := hexRune(s, 2, 4); ok {
			if r >= 0xD800 && r < 0xDC00 && strings.HasPrefix(s[6:], `\u`) {
				if low, ok := hexRune(s, 8, 4); ok && low >= 0xDC00 && low < 0xE000 {
					b.WriteRune((r-0xD800)<<10 + (low - 0xDC00) + 0x10000)
					return 12
				}
			}
			b.WriteRune(r)
			return 6
		}
		b.WriteString(s[:2])
	case 'U':
		if r, ok := hexRune(s, 2, 6); ok {
			b.WriteRune(r)
			return 8
		}
		b.WriteString(s[:2])
	default:
		b.WriteByte('\\')
		return 1
	}
	return 2
}

func hexRune(s string, from, n int) (rune, bool) {
	if len(s) < from+n {
		return 0, false
	}
	r := rune(0)
	for _, c := range []byte(s[from : from+n]) {
		switch {
		case isDigit(c):
			r = r<<4 | rune(c-'0')
		case c >= 'a' && c <= 'f':
			r = r<<4 | rune(c-'a'+10)
		case c >= 'A' && c <= 'F':
			r = r<<4 | rune(c-'A'+10)
		default:
			return 0, false
		}
	}
	return r, true
}

func (l *lexer) fail(pos int, msg string) *Error { return errorAt(l.src, pos, CodeSyntax, msg) }

// errorAt makes an error with line and column of a byte offset.
func errorAt(src string, pos int, code Code, msg string) *Error {
	line, col := place(src, pos)
	return &Error{Code: code, Line: line, Column: col, Msg: msg}
}

// place counts lines and characters from 1.
func place(src string, pos int) (line, col int) {
	pos = min(pos, len(src))
	before := src[:pos]
	line = strings.Count(before, "\n") + 1
	col = utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:]) + 1
	return line, col
}

// isSpace is rule 61 of the grammar.
func isSpace(r rune) bool {
	switch {
	case r == ' ', r >= '\t' && r <= '\r', r == 0x85, r == 0xA0, r == 0x1680, r == 0x180E,
		r >= 0x2000 && r <= 0x200B, r == 0x2028, r == 0x2029, r == 0x202F, r == 0x205F,
		r == 0x3000, r == 0xFEFF:
		return true
	}
	return false
}

// isNameStart is rule 28 of the grammar, without ?.
func isNameStart(r rune) bool {
	switch {
	case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r == '_':
		return true
	case r < 0xC0, isSpace(r):
		return false
	case r <= 0x2FF:
		return r != 0xD7 && r != 0xF7
	case r >= 0x370 && r <= 0x37D, r >= 0x37F && r <= 0x1FFF, r >= 0x200C && r <= 0x200D,
		r >= 0x2070 && r <= 0x218F, r >= 0x2C00 && r <= 0x2FEF, r >= 0x3001 && r <= 0xD7FF,
		r >= 0xF900 && r <= 0xFDCF, r >= 0xFDF0 && r < 0xFFFD, r >= 0x10000 && r <= 0xEFFFF:
		return true
	}
	return false
}

// isNamePart is rule 29 of the grammar.
func isNamePart(r rune) bool {
	return isNameStart(r) || (r >= '0' && r <= '9') || r == 0xB7 || (r >= 0x300 && r <= 0x36F) ||
		r == 0x203F || r == 0x2040
}

// nameLen gives the bytes of the name that s begins with.
func nameLen(s string) int {
	for i, r := range s {
		if i == 0 && !isNameStart(r) {
			return 0
		}
		if !isNamePart(r) {
			return i
		}
	}
	return len(s)
}

// isPlainName reports whether a name is one token.
func isPlainName(s string) bool { return s != "" && nameLen(s) == len(s) }
