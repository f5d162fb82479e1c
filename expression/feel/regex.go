package feel

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/dlclark/regexp2/v2"
)

// Regular expressions of matches, replace and split are those of XPath and
// XQuery Functions 3.1, section 5.6 (DMN 1.5, table 74). They are translated to
// Go's regexp, which runs in linear time; only a pattern with back-references
// goes to a backtracking engine, under Limits.Regex.
//
// Camunda has the regular expressions of Java, which are taken as they are where
// Go's regexp reads them, and go to the backtracking engine otherwise.

// regex is a compiled pattern.
type regex struct {
	fast   *regexp.Regexp
	slow   *regexp2.Regexp
	limit  time.Duration
	quoted bool // flag q: the replacement is taken as it is
	groups int
	java   bool // a pattern of Java, and so is the replacement
}

// maxPattern bounds the pattern in bytes; Go's regexp bounds repeat counts.
const maxPattern = 4096

// maxRegexes bounds the compiled patterns kept in one evaluation context.
const maxRegexes = 64

type regexKey struct {
	pattern, flags string
	dialect        Dialect
}

// regex gives the compiled pattern; ok is false, with a warning, when it is no
// regular expression.
func (f *frame) regex(pattern, flags string, pos int) (re *regex, ok bool) {
	k := regexKey{pattern, flags, f.dialect}
	limit := f.c.Limits.Regex
	if limit <= 0 {
		limit = defaultRegex
	}
	if re, ok := f.patterns[k]; ok && (re.slow == nil || re.limit == limit) {
		return re, true
	}
	if re, ok := f.st.regexes[k]; ok {
		return re, true
	}
	if len(pattern) > maxPattern {
		f.warn(pos, WarnFunctionFailed, "expected a pattern of at most %d bytes, but it has %d", maxPattern, len(pattern))
		return nil, false
	}
	f.step(len(pattern))
	re, err := compileRegex(pattern, flags, f.dialect, limit)
	if err != nil {
		f.warn(pos, WarnFunctionFailed, "%v", err)
		return nil, false
	}
	if f.st.regexes == nil {
		f.st.regexes = map[regexKey]*regex{}
	}
	if len(f.st.regexes) < maxRegexes {
		f.st.regexes[k] = re
	}
	return re, true
}

// keepPattern compiles a constant pattern of a call once for the expression. One
// that is wrong is left for the evaluation to tell of.
func (c *compiler) keepPattern(b *builtin, args []compiled) {
	if b.pattern == 0 || len(args) <= b.pattern || !args[b.pattern].konst {
		return
	}
	pattern, flags := args[b.pattern].val, Value{}
	if b.flags > 0 && len(args) > b.flags {
		if !args[b.flags].konst {
			return
		}
		flags = args[b.flags].val
	}
	if pattern.kind != KindString || len(pattern.str()) > maxPattern || (flags.kind != KindString && flags.kind != KindNull) {
		return
	}
	re, err := compileRegex(pattern.str(), flags.str(), c.opts.Dialect, defaultRegex)
	if err != nil {
		return
	}
	if c.patterns == nil {
		c.patterns = map[regexKey]*regex{}
	}
	c.patterns[regexKey{pattern.str(), flags.str(), c.opts.Dialect}] = re
}

func compileRegex(pattern, flags string, d Dialect, limit time.Duration) (*regex, error) {
	t := translator{}
	quoted := false
	for _, c := range flags {
		switch c {
		case 'i':
			t.fold = true
		case 's':
			t.dotAll = true
		case 'm':
			t.multi = true
		case 'x':
			t.spaced = true
		case 'q':
			quoted = true
		default:
			return nil, fmt.Errorf("expected flags out of i, m, s, x and q, but found '%c'", c)
		}
	}
	if quoted {
		expr := regexp.QuoteMeta(pattern)
		if t.fold {
			expr = "(?i)" + expr
		}
		re, err := regexp.Compile(expr)
		if err != nil {
			return nil, err
		}
		return &regex{fast: re, quoted: true}, nil
	}
	if d == Camunda {
		return t.java(pattern, limit)
	}
	expr, err := t.translate(pattern)
	if err != nil {
		return nil, err
	}
	if !t.backrefs {
		re, err := regexp.Compile(expr)
		if err != nil {
			return nil, fmt.Errorf("expected a regular expression, but found %q: %w", pattern, err)
		}
		return &regex{fast: re, groups: t.groups}, nil
	}
	return backtracking(pattern, expr, t.groups, limit)
}

func backtracking(pattern, expr string, groups int, limit time.Duration) (*regex, error) {
	slow, err := regexp2.Compile(expr)
	if err != nil {
		return nil, fmt.Errorf("expected a regular expression, but found %q: %w", pattern, err)
	}
	slow.MatchTimeout = limit
	return &regex{slow: slow, limit: limit, groups: groups}, nil
}

// java compiles a pattern as Java has it.
func (t *translator) java(pattern string, limit time.Duration) (*regex, error) {
	flags := ""
	if t.fold {
		flags += "i"
	}
	if t.multi {
		flags += "m"
	}
	if t.dotAll {
		flags += "s"
	}
	expr := pattern
	if t.spaced {
		expr = stripSpace(expr)
	}
	if flags != "" {
		expr = "(?" + flags + ")" + expr
	}
	if re, err := regexp.Compile(expr); err == nil {
		return &regex{fast: re, groups: re.NumSubexp(), java: true}, nil
	}
	re, err := backtracking(pattern, expr, 0, limit)
	if err != nil {
		return nil, err
	}
	re.groups, re.java = len(re.slow.GetGroupNumbers())-1, true
	return re, nil
}

func (re *regex) matches(f *frame, s string) bool {
	f.step(len(s) >> 6)
	if re.fast != nil {
		return re.fast.MatchString(s)
	}
	ok, err := re.slow.MatchString(s)
	re.check(err)
	return ok
}

// check ends the evaluation when a match took too long.
func (re *regex) check(err error) {
	if err != nil {
		panic(&Error{Code: CodeRegexTime, Msg: fmt.Sprintf("expected the regular expression to match within %v", re.limit), Err: errors.Unwrap(err)})
	}
}

// all gives the byte offsets of all matches and their groups, as
// regexp.FindAllStringSubmatchIndex does.
func (re *regex) all(f *frame, s string) [][]int {
	f.step(len(s) >> 4)
	if re.fast != nil {
		m := re.fast.FindAllStringSubmatchIndex(s, -1)
		f.step(len(m))
		return m
	}
	var found [][]int
	m, err := re.slow.FindStringMatch(s)
	for {
		re.check(err)
		if m == nil {
			return found
		}
		f.step(1)
		row := make([]int, 0, 2*(re.groups+1))
		for i := range re.groups + 1 {
			g := m.GroupByNumber(i)
			if g == nil || len(g.Captures) == 0 {
				row = append(row, -1, -1)
				continue
			}
			at, n := g.ByteRange()
			row = append(row, at, at+n)
		}
		found = append(found, row)
		m, err = re.slow.FindNextMatch(m)
	}
}

// replace puts the replacement in place of each match. In it $n is the group of
// that number, \$ a dollar and \\ a backslash; anything else after them is wrong
// (XPath 3.1, 5.6.4). A pattern that matches the empty string replaces nothing there.
//
// XPath has more errors than Java: a pattern that matches the empty string
// (FORX0003), and a wrong replacement also where nothing is replaced (FORX0004).
func (re *regex) replace(f *frame, s, replacement string, pos int) (string, bool) {
	var b strings.Builder
	if !re.java && !re.quoted {
		if re.matches(f, "") {
			f.warn(pos, WarnFunctionFailed, "expected a pattern that does not match the empty string")
			return "", false
		}
		if !re.expand(&b, "", replacement, slices.Repeat([]int{-1}, 2*re.groups+2)) {
			return re.wrongReplacement(f, replacement, pos)
		}
		b.Reset()
	}
	from := 0
	for _, m := range re.all(f, s) {
		b.WriteString(s[from:m[0]])
		from = m[1]
		if re.quoted {
			b.WriteString(replacement)
		} else if !re.expand(&b, s, replacement, m) {
			return re.wrongReplacement(f, replacement, pos)
		}
		if b.Len() > orDefault(f.c.Limits.StringSize, defaultStringSize) {
			f.checkText(b.Len())
		}
	}
	b.WriteString(s[from:])
	return b.String(), true
}

func (re *regex) wrongReplacement(f *frame, replacement string, pos int) (string, bool) {
	what := "$ with a digit, \\$ or \\\\"
	if re.java {
		what = "$ with the number or ${name} of a group, or \\ before a character"
	}
	f.warn(pos, WarnFunctionFailed, "expected %s in the replacement, but found %q", what, replacement)
	return "", false
}

// named gives the number of a group of that name.
func (re *regex) named(name string) (int, bool) {
	var n int
	if re.fast != nil {
		n = re.fast.SubexpIndex(name)
	} else {
		n = re.slow.GroupNumberFromName(name)
	}
	return n, n > 0
}

func (re *regex) expand(b *strings.Builder, s, replacement string, m []int) bool {
	for i := 0; i < len(replacement); {
		c := replacement[i]
		switch {
		case c == '\\':
			if i+1 >= len(replacement) || (!re.java && replacement[i+1] != '$' && replacement[i+1] != '\\') {
				return false
			}
			b.WriteByte(replacement[i+1])
			i += 2
		case c == '$' && re.java && strings.HasPrefix(replacement[i:], "${"):
			name, _, closed := strings.Cut(replacement[i+2:], "}")
			g, ok := re.named(name)
			if !closed || !ok {
				return false
			}
			if m[2*g] >= 0 {
				b.WriteString(s[m[2*g]:m[2*g+1]])
			}
			i += len("${}") + len(name)
		case c == '$':
			if i+1 >= len(replacement) || !isDigit(replacement[i+1]) {
				return false
			}
			// as many digits as make a group that there is
			g := int(replacement[i+1] - '0')
			i += 2
			for i < len(replacement) && isDigit(replacement[i]) && g*10+int(replacement[i]-'0') <= re.groups {
				g = g*10 + int(replacement[i]-'0')
				i++
			}
			if g > re.groups && re.java {
				return false
			}
			if g <= re.groups && m[2*g] >= 0 {
				b.WriteString(s[m[2*g]:m[2*g+1]])
			}
		default:
			b.WriteByte(c)
			i++
		}
	}
	return true
}

// translator turns an XPath pattern into one of Go's regexp, or of regexp2 when
// it has back-references.
type translator struct {
	fold, dotAll, multi, spaced bool

	src      string
	pos      int
	out      strings.Builder
	groups   int
	open     []int // groups not yet closed, 0 for those that do not capture
	closed   map[int]bool
	backrefs bool
}

func (t *translator) translate(pattern string) (string, error) {
	if t.spaced {
		pattern = stripSpace(pattern)
	}
	t.src = pattern
	t.closed = map[int]bool{}
	flags := ""
	if t.fold {
		flags += "i"
	}
	if t.multi {
		flags += "m"
	}
	if flags != "" {
		t.out.WriteString("(?" + flags + ")")
	}
	for t.pos < len(t.src) {
		if err := t.next(); err != nil {
			return "", err
		}
	}
	if len(t.open) > 0 {
		return "", t.errorf("expected ) to close the group")
	}
	return t.out.String(), nil
}

func (t *translator) errorf(format string, args ...any) error {
	return fmt.Errorf("expected a regular expression, but found %q: %s", t.src, fmt.Sprintf(format, args...))
}

// stripSpace removes white space outside of character classes (flag x).
func stripSpace(p string) string {
	var b strings.Builder
	depth := 0
	for i := 0; i < len(p); i++ {
		switch c := p[i]; {
		case c == '\\' && i+1 < len(p) && depth > 0:
			b.WriteByte(c)
			i++
			b.WriteByte(p[i])
		case c == '[':
			depth++
			b.WriteByte(c)
		case c == ']' && depth > 0:
			depth--
			b.WriteByte(c)
		case depth == 0 && (c == ' ' || c == '\t' || c == '\n' || c == '\r'):
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

func (t *translator) next() error {
	c := t.src[t.pos]
	switch c {
	case '\\':
		return t.escape()
	case '[':
		class, err := t.class()
		if err != nil {
			return err
		}
		t.out.WriteString(class.expr())
		return nil
	case '(':
		return t.group()
	case ')':
		if len(t.open) == 0 {
			return t.errorf("there is no ( for a )")
		}
		t.closed[t.open[len(t.open)-1]] = true
		t.open = t.open[:len(t.open)-1]
	case '.':
		t.pos++
		if t.dotAll {
			t.out.WriteString(`(?s:.)`)
		} else {
			t.out.WriteString(`[^\n\r]`)
		}
		return nil
	case '$':
		t.pos++
		switch {
		case t.multi && t.backrefs:
			t.out.WriteString(`(?=\n|\z)`)
		case t.multi:
			t.out.WriteString(`$`)
		default:
			t.out.WriteString(`\z`)
		}
		return nil
	case '{':
		return t.count()
	case '}', ']':
		return t.errorf("%c has to be escaped", c)
	}
	_, n := utf8.DecodeRuneInString(t.src[t.pos:])
	t.out.WriteString(t.src[t.pos : t.pos+n])
	t.pos += n
	return nil
}

func (t *translator) group() error {
	t.pos++
	if strings.HasPrefix(t.src[t.pos:], "?:") {
		t.pos += 2
		t.open = append(t.open, 0)
		t.out.WriteString("(?:")
		return nil
	}
	if strings.HasPrefix(t.src[t.pos:], "?") {
		return t.errorf("(? is only known as (?:")
	}
	t.groups++
	t.open = append(t.open, t.groups)
	t.out.WriteByte('(')
	return nil
}

// count checks {n}, {n,} and {n,m}.
func (t *translator) count() error {
	end := strings.IndexByte(t.src[t.pos:], '}')
	if end < 0 {
		return t.errorf("{ has to be escaped or closed")
	}
	body := t.src[t.pos+1 : t.pos+end]
	low, high, _ := strings.Cut(body, ",")
	if low == "" || strings.Trim(low, "0123456789") != "" || strings.Trim(high, "0123456789") != "" {
		return t.errorf("expected a number of repetitions, but found {%s}", body)
	}
	t.out.WriteString(t.src[t.pos : t.pos+end+1])
	t.pos += end + 1
	return nil
}

// escape translates what follows a backslash outside of a class.
func (t *translator) escape() error {
	if t.pos+1 >= len(t.src) {
		return t.errorf("there is nothing after the last backslash")
	}
	c := t.src[t.pos+1]
	if isDigit(c) {
		return t.backref()
	}
	set, char, err := t.escaped()
	if err != nil {
		return err
	}
	if set != nil {
		t.out.WriteString(set.expr())
		return nil
	}
	t.out.WriteString(quoteRune(char))
	return nil
}

// backref: to a group that is closed before it; as many digits as make one.
func (t *translator) backref() error {
	i := t.pos + 1
	n := int(t.src[i] - '0')
	i++
	if n == 0 || n > t.groups || !t.closed[n] {
		return t.errorf("\\%d is no group that is closed before it", n)
	}
	for i < len(t.src) && isDigit(t.src[i]) {
		m := n*10 + int(t.src[i]-'0')
		if m > t.groups || !t.closed[m] {
			break
		}
		n, i = m, i+1
	}
	t.backrefs = true
	fmt.Fprintf(&t.out, `(?:\%d)`, n)
	t.pos = i
	return nil
}
