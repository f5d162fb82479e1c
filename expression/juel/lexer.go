package juel

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// kind is the kind of a token. Words that are operators (and, eq, mod …) have
// the kind of the sign they stand for.
type kind uint8

const (
	tEnd kind = iota
	tName
	tText
	tNumber
	tTrue
	tFalse
	tNull
	tLeftParen
	tRightParen
	tLeftBracket
	tRightBracket
	tRightBrace
	tDot
	tComma
	tColon
	tQuestion
	tPlus
	tMinus
	tTimes
	tDivide
	tModulo
	tEqual
	tNotEqual
	tLess
	tLessEqual
	tGreater
	tGreaterEqual
	tAnd
	tOr
	tNot
	tEmpty
)

type token struct {
	kind kind
	at   int    // byte offset in the whole text
	text string // as written; of tText the value
}

// word gives the kind of a name that EL 2.2, 1.17 reserves.
func word(name string) (kind, bool) {
	switch name {
	case "and":
		return tAnd, true
	case "or":
		return tOr, true
	case "not":
		return tNot, true
	case "empty":
		return tEmpty, true
	case "eq":
		return tEqual, true
	case "ne":
		return tNotEqual, true
	case "lt":
		return tLess, true
	case "gt":
		return tGreater, true
	case "le":
		return tLessEqual, true
	case "ge":
		return tGreaterEqual, true
	case "div":
		return tDivide, true
	case "mod":
		return tModulo, true
	case "true":
		return tTrue, true
	case "false":
		return tFalse, true
	case "null":
		return tNull, true
	}
	return tName, false
}

// sign gives the kind of the sign at the front of s and its length.
func sign(s string) (kind, int) {
	if len(s) >= 2 {
		switch s[:2] {
		case "==":
			return tEqual, 2
		case "!=":
			return tNotEqual, 2
		case "<=":
			return tLessEqual, 2
		case ">=":
			return tGreaterEqual, 2
		case "&&":
			return tAnd, 2
		case "||":
			return tOr, 2
		}
	}
	switch s[0] {
	case '(':
		return tLeftParen, 1
	case ')':
		return tRightParen, 1
	case '[':
		return tLeftBracket, 1
	case ']':
		return tRightBracket, 1
	case '}':
		return tRightBrace, 1
	case '.':
		return tDot, 1
	case ',':
		return tComma, 1
	case ':':
		return tColon, 1
	case '?':
		return tQuestion, 1
	case '+':
		return tPlus, 1
	case '-':
		return tMinus, 1
	case '*':
		return tTimes, 1
	case '/':
		return tDivide, 1
	case '%':
		return tModulo, 1
	case '<':
		return tLess, 1
	case '>':
		return tGreater, 1
	case '!':
		return tNot, 1
	}
	return tEnd, 0
}

// next reads the token at p.pos into p.tok.
func (p *parser) next() error {
	s := p.text
	for p.pos < len(s) && strings.IndexByte(" \t\r\n\f", s[p.pos]) >= 0 {
		p.pos++
	}
	at := p.pos
	if at >= len(s) {
		p.tok = token{kind: tEnd, at: at}
		return nil
	}
	c := s[at]
	switch {
	case strings.HasPrefix(s[at:], "===") || strings.HasPrefix(s[at:], "!=="):
		return p.fail(CodeUnsupported, at, "", "%q belongs to another language; write == or !=", s[at:at+3])
	case c == '\'' || c == '"':
		return p.string(c)
	case isDigit(c), c == '.' && at+1 < len(s) && isDigit(s[at+1]):
		p.number()
		return nil
	}
	if n := nameLength(s[at:]); n > 0 {
		p.pos += n
		name := s[at:p.pos]
		k, _ := word(name)
		p.tok = token{kind: k, at: at, text: name}
		return nil
	}
	k, n := sign(s[at:])
	if n == 0 {
		r, _ := utf8.DecodeRuneInString(s[at:])
		hint := ""
		switch r {
		case '=':
			return p.fail(CodeUnsupported, at, "", "an assignment is not supported; compare with ==, or set the variable with an output mapping")
		case ';', '{':
			return p.fail(CodeUnsupported, at, "", "%q belongs to a later expression language; write it with the operators of EL 2.2", r)
		case '&', '|':
			hint = "; write it twice"
		}
		return p.fail(CodeSyntax, at, "", "%q means nothing here%s", r, hint)
	}
	if rest := s[at:]; strings.HasPrefix(rest, "->") || strings.HasPrefix(rest, "+=") {
		return p.fail(CodeUnsupported, at, "", "%q belongs to a later expression language; write it with the operators of EL 2.2", rest[:2])
	}
	p.pos += n
	p.tok = token{kind: k, at: at, text: s[at:p.pos]}
	return nil
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// nameLength gives the length of the Java identifier at the front of s.
func nameLength(s string) int {
	for i, r := range s {
		ok := r == '_' || r == '$' || unicode.IsLetter(r) || i > 0 && unicode.IsDigit(r)
		if !ok || r == utf8.RuneError {
			return i
		}
	}
	return len(s)
}

// number reads digits, a fraction and an exponent.
func (p *parser) number() {
	s, at := p.text, p.pos
	digits := func() {
		for p.pos < len(s) && isDigit(s[p.pos]) {
			p.pos++
		}
	}
	digits()
	if p.pos < len(s) && s[p.pos] == '.' {
		p.pos++
		digits()
	}
	if p.pos < len(s) && (s[p.pos] == 'e' || s[p.pos] == 'E') {
		before := p.pos
		p.pos++
		if p.pos < len(s) && (s[p.pos] == '+' || s[p.pos] == '-') {
			p.pos++
		}
		if p.pos < len(s) && isDigit(s[p.pos]) {
			digits()
		} else {
			p.pos = before
		}
	}
	p.tok = token{kind: tNumber, at: at, text: s[at:p.pos]}
}

// string reads a text in quotes. As in JUEL a backslash stands before a quote
// or a backslash only.
func (p *parser) string(quote byte) error {
	s, at := p.text, p.pos
	var b strings.Builder
	for i := at + 1; i < len(s); i++ {
		switch c := s[i]; c {
		case quote:
			p.pos = i + 1
			p.tok = token{kind: tText, at: at, text: b.String()}
			return nil
		case '\\':
			i++
			if i == len(s) {
				break
			}
			if s[i] != '\\' && s[i] != '\'' && s[i] != '"' {
				return p.fail(CodeSyntax, i-1, "", "expected a quote or a backslash behind the backslash; double it to mean itself")
			}
			b.WriteByte(s[i])
		default:
			b.WriteByte(c)
		}
	}
	return p.fail(CodeSyntax, at, "", "the text in quotes does not end")
}
