package script

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// gKind is the kind of a Groovy token.
type gKind int

const (
	gEOF gKind = iota
	gNewline
	gName
	gNumber
	gString // text without ${}
	gParts  // GString: parts holds text and expressions in turn
	gOp
)

// gToken is one token; a GString carries the tokens of its expressions.
type gToken struct {
	kind   gKind
	text   string
	parts  []gPart
	line   int
	column int
	spaced bool // blank space stands before it
}

type gPart struct {
	text   string
	tokens []gToken // nil for text
}

type gLexer struct {
	src          string
	pos          int
	line, column int
	tokens       []gToken
	nested       int
}

// groovyOperators, longest first.
var groovyOperators = sync.OnceValue(func() []string {
	return []string{
		">>>=", "<=>", "===", "!==", "==~", "**=", "..<", "<..", "<<=", ">>=", "*.@", "?.@", "?:=", ">>>",
		"==", "!=", "<=", ">=", "&&", "||", "++", "--", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "?=",
		"->", "?.", "?:", "..", "**", "*.", ".&", "=~", "<<", "::", ".@", "?[",
		"{", "}", "(", ")", "[", "]", ";", ",", ":", "?", ".", "=", "<", ">", "+", "-", "*", "/", "%", "!", "&", "|", "^", "~", "@",
	}
})

func (l *gLexer) fail(code Code, format string, args ...any) {
	e := errorf(code, format, args...)
	e.Line, e.Column = l.line, l.column
	panic(e)
}

func (l *gLexer) rest() string { return l.src[l.pos:] }

func (l *gLexer) advance(n int) {
	for range n {
		if l.src[l.pos] == '\n' {
			l.line++
			l.column = 0
		}
		l.column++
		l.pos++
	}
}

// lex reads tokens until the end, or inside a GString until its closing brace.
func (l *gLexer) lex(inString bool) {
	depth := 0
	spaced := false
	operators := groovyOperators()
	for {
		if l.pos >= len(l.src) {
			if inString {
				l.fail(CodeSyntax, "${ without its }")
			}
			l.add(gToken{kind: gEOF, line: l.line, column: l.column})
			return
		}
		c := l.src[l.pos]
		switch {
		case c == '\n':
			l.add(gToken{kind: gNewline, text: "\n", line: l.line, column: l.column})
			l.advance(1)
			spaced = true
			continue
		case c == ' ' || c == '\t' || c == '\r':
			l.advance(1)
			spaced = true
			continue
		case c == '\\' && strings.HasPrefix(strings.TrimPrefix(l.rest()[1:], "\r"), "\n"):
			l.advance(strings.IndexByte(l.rest(), '\n') + 1)
			continue
		case strings.HasPrefix(l.rest(), "//") || l.pos == 0 && strings.HasPrefix(l.rest(), "#!"):
			end := strings.IndexByte(l.rest(), '\n')
			if end < 0 {
				end = len(l.rest())
			}
			l.advance(end)
			continue
		case strings.HasPrefix(l.rest(), "/*"):
			end := strings.Index(l.rest()[2:], "*/")
			if end < 0 {
				l.fail(CodeSyntax, "a comment without its end")
			}
			l.advance(end + 4)
			spaced = true
			continue
		}
		t := gToken{line: l.line, column: l.column, spaced: spaced}
		spaced = false
		switch {
		case c == '\'' || c == '"':
			l.quoted(&t)
		case c >= '0' && c <= '9':
			l.number(&t)
		case c == '/' && l.startsOperand():
			l.fail(CodeUnsupported, "a slashy string /.../ is not supported; write it in quotes")
		case c == '$' && strings.HasPrefix(l.rest(), "$/"):
			l.fail(CodeUnsupported, "a dollar slashy string $/.../$ is not supported; write it in quotes")
		case isGroovyLetter(l.rest()):
			n := 0
			for n < len(l.rest()) && (isGroovyLetter(l.rest()[n:]) || l.rest()[n] >= '0' && l.rest()[n] <= '9') {
				_, w := utf8.DecodeRuneInString(l.rest()[n:])
				n += w
			}
			t.kind, t.text = gName, l.rest()[:n]
			l.advance(n)
		default:
			for _, op := range operators {
				if strings.HasPrefix(l.rest(), op) {
					t.kind, t.text = gOp, op
					break
				}
			}
			if t.text == "" {
				r, _ := utf8.DecodeRuneInString(l.rest())
				l.fail(CodeSyntax, "unexpected character %q", r)
			}
			switch t.text {
			case "{":
				depth++
			case "}":
				if inString && depth == 0 {
					l.advance(1)
					l.add(gToken{kind: gEOF, line: t.line, column: t.column})
					return
				}
				depth--
			}
			l.advance(len(t.text))
		}
		l.add(t)
	}
}

func (l *gLexer) add(t gToken) { l.tokens = append(l.tokens, t) }

// startsOperand says whether an operand can stand here, so that / begins a
// string and does not divide.
func (l *gLexer) startsOperand() bool {
	if len(l.tokens) == 0 {
		return true
	}
	switch t := l.tokens[len(l.tokens)-1]; t.kind {
	case gNewline:
		return true
	case gOp:
		return t.text != ")" && t.text != "]" && t.text != "}" && t.text != "++" && t.text != "--"
	case gName:
		return t.text == "return" || t.text == "in" || t.text == "case"
	default:
		return false
	}
}

func isGroovyLetter(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return r == '_' || r == '$' || unicode.IsLetter(r)
}

func (l *gLexer) number(t *gToken) {
	s := l.rest()
	n := 0
	digits := func() {
		for n < len(s) && (s[n] >= '0' && s[n] <= '9' || s[n] == '_') {
			n++
		}
	}
	if strings.HasPrefix(s, "0x") || strings.HasPrefix(s, "0X") || strings.HasPrefix(s, "0b") || len(s) > 1 && s[0] == '0' && s[1] >= '0' && s[1] <= '9' {
		l.fail(CodeUnsupported, "hexadecimal, binary and octal numbers are not supported; write the number in decimal")
	}
	digits()
	if n+1 < len(s) && s[n] == '.' && s[n+1] >= '0' && s[n+1] <= '9' {
		n++
		digits()
	}
	if n < len(s) && (s[n] == 'e' || s[n] == 'E') {
		n++
		if n < len(s) && (s[n] == '+' || s[n] == '-') {
			n++
		}
		digits()
	}
	t.kind, t.text = gNumber, strings.ReplaceAll(s[:n], "_", "")
	if n < len(s) && strings.IndexByte("lLgGiIdDfF", s[n]) >= 0 {
		n++
	}
	if n < len(s) && isGroovyLetter(s[n:]) {
		l.fail(CodeSyntax, "a number runs into a name")
	}
	l.advance(n)
}

// quoted reads the four forms with quotes; only double ones have ${}.
func (l *gLexer) quoted(t *gToken) {
	quote := l.rest()[:1]
	if strings.HasPrefix(l.rest(), strings.Repeat(quote, 3)) {
		quote = strings.Repeat(quote, 3)
	}
	interpolates := quote[0] == '"'
	l.advance(len(quote))
	var text strings.Builder
	var parts []gPart
	for {
		s := l.rest()
		switch {
		case s == "" || len(quote) == 1 && s[0] == '\n':
			l.fail(CodeSyntax, "a text without its closing quote")
		case strings.HasPrefix(s, quote):
			l.advance(len(quote))
			t.kind, t.text = gString, text.String()
			if parts != nil {
				t.kind, t.parts = gParts, append(parts, gPart{text: text.String()})
			}
			return
		case s[0] == '\\':
			l.escape(&text)
		case interpolates && strings.HasPrefix(s, "${"):
			parts = append(parts, gPart{text: text.String()})
			text.Reset()
			l.advance(2)
			if l.nested++; l.nested > 20 {
				l.fail(CodeTooLarge, "texts are nested in each other too deep")
			}
			outer := l.tokens
			l.tokens = nil
			l.lex(true)
			parts = append(parts, gPart{tokens: l.tokens})
			l.tokens = outer
			l.nested--
		case interpolates && s[0] == '$' && len(s) > 1 && s[1] != '$' && isGroovyLetter(s[1:]):
			parts = append(parts, gPart{text: text.String()})
			text.Reset()
			l.advance(1)
			parts = append(parts, gPart{tokens: l.dollarPath()})
		case s[0] == '\r' && len(s) > 1 && s[1] == '\n':
			l.advance(1)
		default:
			_, w := utf8.DecodeRuneInString(s)
			text.WriteString(s[:w])
			l.advance(w)
		}
	}
}

// dollarPath reads $a.b.c in a GString.
func (l *gLexer) dollarPath() []gToken {
	var out []gToken
	for {
		n := 0
		s := l.rest()
		for n < len(s) && s[n] != '$' && (isGroovyLetter(s[n:]) || s[n] >= '0' && s[n] <= '9') {
			_, w := utf8.DecodeRuneInString(s[n:])
			n += w
		}
		out = append(out, gToken{kind: gName, text: s[:n], line: l.line, column: l.column})
		l.advance(n)
		s = l.rest()
		if len(s) < 2 || s[0] != '.' || s[1] == '$' || !isGroovyLetter(s[1:]) {
			return append(out, gToken{kind: gEOF, line: l.line, column: l.column})
		}
		out = append(out, gToken{kind: gOp, text: ".", line: l.line, column: l.column})
		l.advance(1)
	}
}

func (l *gLexer) escape(text *strings.Builder) {
	s := l.rest()
	if len(s) < 2 {
		l.fail(CodeSyntax, "a text without its closing quote")
	}
	plain := map[byte]string{'n': "\n", 't': "\t", 'r': "\r", 'b': "\b", 'f': "\f", '\\': "\\", '\'': "'", '"': "\"", '$': "$", '\n': ""}
	if v, ok := plain[s[1]]; ok {
		text.WriteString(v)
		l.advance(2)
		return
	}
	if s[1] != 'u' || len(s) < 6 {
		l.fail(CodeSyntax, "unknown escape \\%c in a text", s[1])
	}
	var r rune
	for _, c := range s[2:6] {
		d := strings.IndexRune("0123456789abcdef", unicode.ToLower(c))
		if d < 0 {
			l.fail(CodeSyntax, "\\u needs four hexadecimal digits")
		}
		r = r*16 + rune(d)
	}
	text.WriteRune(r)
	l.advance(6)
}
