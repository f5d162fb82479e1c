package juel

import (
	"strconv"
	"strings"
	"time"

	"github.com/dlclark/regexp2/v2"
)

// maxPattern is the length of the longest regular expression.
const maxPattern = 1000

// pattern is a regular expression of Java. It runs on a backtracking engine, as
// models use lookaheads and back references, and so is bounded by a time.
type pattern struct {
	whole *regexp2.Regexp // matches a whole text
	part  *regexp2.Regexp // finds parts of a text
	plain string          // the text that the pattern is, if it is no more than that
}

// match is a place where a pattern matches.
type match struct {
	at, n  int
	text   string
	groups *regexp2.Match // nil for a plain pattern
}

// group gives a group by number.
func (m match) group(i int) (string, bool) {
	if i == 0 {
		return m.text, true
	}
	if m.groups == nil || i >= m.groups.GroupCount() {
		return "", false
	}
	return m.groups.GroupByNumber(i).String(), true
}

// named gives a group by name.
func (m match) named(name string) (string, bool) {
	if m.groups == nil {
		return "", false
	}
	g := m.groups.GroupByName(name)
	if g == nil {
		return "", false
	}
	return g.String(), true
}

// compilePattern reads a pattern; the error is a sentence.
func compilePattern(text string, limit time.Duration) (*pattern, string) {
	if len(text) > maxPattern {
		return nil, "the regular expression is longer than " + strconv.Itoa(maxPattern) + " characters"
	}
	if what := javaOnly(text); what != "" {
		return nil, what
	}
	part, err := regexp2.Compile(text, regexp2.RE2, regexp2.OptionMaintainCaptureOrder())
	if err != nil {
		return nil, "the regular expression cannot be read: " + err.Error()
	}
	whole, err := regexp2.Compile(`\A(?:`+text+`)\z`, regexp2.RE2, regexp2.OptionMaintainCaptureOrder())
	if err != nil {
		return nil, "the regular expression cannot be read: " + err.Error()
	}
	part.MatchTimeout, whole.MatchTimeout = limit, limit
	p := &pattern{whole: whole, part: part}
	if !strings.ContainsAny(text, `\.[]{}()*+?^$|`) {
		p.plain = text
	}
	return p, ""
}

// javaOnly finds classes within classes, which Java unites and intersects and
// which would silently mean something else here.
func javaOnly(text string) string {
	class := false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\':
			if strings.HasPrefix(text[i:], `\Q`) {
				end := strings.Index(text[i:], `\E`)
				if end < 0 {
					return ""
				}
				i += end
			}
			i++
		case !class && c == '[':
			class = true
			if strings.HasPrefix(text[i+1:], "^]") {
				i += 2
			} else if strings.HasPrefix(text[i+1:], "]") {
				i++
			}
		case class && c == ']':
			class = false
		case class && c == '[' || class && strings.HasPrefix(text[i:], "&&"):
			return "the regular expression has a class within a class, which is not supported; write one class or a lookahead"
		}
	}
	return ""
}

// prepare compiles a pattern that is written in the expression.
func (n *call) prepare(p *parser) error {
	for _, m := range n.rows {
		if !m.pattern || len(n.args) == 0 {
			continue
		}
		l, ok := n.args[0].(*literal)
		if !ok {
			return nil
		}
		text, ok := l.value.(string)
		if !ok {
			return nil
		}
		var wrong string
		if n.regex, wrong = compilePattern(text, p.opts.Limits.Regex); wrong != "" {
			return p.fail(CodeRegex, n.at, n.name, "%s", wrong)
		}
		return nil
	}
	return nil
}

// compiled gives the pattern of the first argument.
func (c *invocation) compiled() (*pattern, error) {
	if c.regex != nil {
		return c.regex, nil
	}
	text, err := c.text(0)
	if err != nil {
		return nil, err
	}
	if err := c.f.spend(1000+100*len(text), c.at); err != nil {
		return nil, err
	}
	p, wrong := compilePattern(text, c.f.regex)
	if wrong != "" {
		return nil, c.fail(CodeRegex, "%s", wrong)
	}
	return p, nil
}

// timed runs f and takes its time from what the evaluation has for regular
// expressions. The clock bounds the work and takes no part in the result.
func (c *invocation) timed(f func(start time.Time) error) error {
	start := time.Now() //nolint:forbidigo // see above
	err := f(start)
	c.f.regex -= time.Since(start) //nolint:forbidigo // see above
	if err == nil && c.f.regex < 0 {
		return c.tooSlow()
	}
	return err
}

func (c *invocation) tooSlow() error {
	return c.fail(CodeRegex, "the regular expression takes too long on this text, or too much memory; simplify it")
}

// matches calls found for each match until it returns false. Plain patterns,
// such as the comma of a split, need no engine and no clock.
func (c *invocation) matches(p *pattern, s string, found func(m match) (bool, error)) error {
	if p.plain != "" {
		for at := 0; ; {
			i := strings.Index(s[at:], p.plain)
			if i < 0 {
				return nil
			}
			more, err := found(match{at: at + i, n: len(p.plain), text: p.plain})
			if err != nil || !more {
				return err
			}
			if err := c.f.spend(1, c.at); err != nil {
				return err
			}
			at += i + len(p.plain)
		}
	}
	return c.timed(func(start time.Time) error {
		m, err := p.part.FindStringMatch(s)
		for err == nil && m != nil {
			at, n := m.ByteRange()
			more, e := found(match{at: at, n: n, text: s[at : at+n], groups: m})
			if e != nil || !more {
				return e
			}
			if e := c.f.spend(10, c.at); e != nil {
				return e
			}
			if time.Since(start) > c.f.regex { //nolint:forbidigo // see timed
				return c.tooSlow()
			}
			m, err = p.part.FindNextMatch(m)
		}
		if err != nil {
			return c.tooSlow()
		}
		return nil
	})
}

// patternMethods are the methods of texts that take a regular expression.
func patternMethods() []method {
	return []method{
		regexRow("matches", "pattern", "whether the whole text matches the regular expression", "${status.matches('o.*')}", "true", func(c *invocation) (any, error) {
			p, err := c.compiled()
			if err != nil {
				return nil, err
			}
			s := c.self()
			if err := c.f.spend(1+len(s), c.at); err != nil {
				return nil, err
			}
			if p.plain != "" {
				return s == p.plain, nil
			}
			var ok bool
			err = c.timed(func(time.Time) error {
				if ok, err = p.whole.MatchString(s); err != nil {
					return c.tooSlow()
				}
				return nil
			})
			return ok, err
		}),
		regexRow("replaceAll", "pattern, replacement", "the text with each match replaced; $1 or ${name} in the replacement is a group", `${'a1b22'.replaceAll('([0-9]+)', '<$1>')}`, `"a<1>b<22>"`, func(c *invocation) (any, error) {
			return c.replace(-1)
		}),
		regexRow("replaceFirst", "pattern, replacement", "the text with the first match replaced", `${'a1b22'.replaceFirst('[0-9]+', '#')}`, `"a#b22"`, func(c *invocation) (any, error) {
			return c.replace(1)
		}),
		regexRow("split", "pattern, [limit]", "the parts between matches; empty ones at the end are dropped unless a limit is given", `${'a,b,,c,,'.split(',')}`, `["a","b","","c"]`, splitText),
	}
}

func regexRow(name, args, meaning, example, result string, call func(c *invocation) (any, error)) method {
	m := row(kindText, "text", name, args, meaning, example, result, call)
	m.pattern = true
	return m
}

func (c *invocation) replace(most int) (any, error) {
	p, err := c.compiled()
	if err != nil {
		return nil, err
	}
	replacement, err := c.text(1)
	if err != nil {
		return nil, err
	}
	s := c.self()
	if err := c.f.spend(1+len(s), c.at); err != nil {
		return nil, err
	}
	var b strings.Builder
	last := 0
	err = c.matches(p, s, func(m match) (bool, error) {
		b.WriteString(s[last:m.at])
		if err := c.expand(&b, m, replacement); err != nil {
			return false, err
		}
		last = m.at + m.n
		if b.Len() > c.f.text {
			return false, c.f.tooLong(c.at)
		}
		most--
		return most != 0, c.f.spend(len(replacement), c.at)
	})
	if err != nil {
		return nil, err
	}
	b.WriteString(s[last:])
	return c.made(b.String())
}

// expand writes a replacement as java.util.regex.Matcher reads it.
func (c *invocation) expand(b *strings.Builder, m match, replacement string) error {
	for i := 0; i < len(replacement); i++ {
		ch := replacement[i]
		switch {
		case ch == '\\' && i+1 < len(replacement):
			i++
			b.WriteByte(replacement[i])
		case ch == '$':
			rest := replacement[i+1:]
			if name, _, ok := strings.Cut(strings.TrimPrefix(rest, "{"), "}"); ok && strings.HasPrefix(rest, "{") {
				g, ok := m.named(name)
				if !ok {
					return c.fail(CodeArguments, "the replacement names a group %q, which the pattern does not have", name)
				}
				b.WriteString(g)
				i += len(name) + 2
				break
			}
			if rest == "" || !isDigit(rest[0]) {
				return c.fail(CodeArguments, "expected a number or {name} behind $ in the replacement; write \\\\$ for the sign itself")
			}
			num, digits := int(rest[0]-'0'), 1
			g, ok := m.group(num)
			if !ok {
				return c.fail(CodeArguments, "the replacement names group %d, which the pattern does not have", num)
			}
			// As many digits as still name a group.
			for digits < len(rest) && isDigit(rest[digits]) {
				next, ok := m.group(num*10 + int(rest[digits]-'0'))
				if !ok {
					break
				}
				num, g = num*10+int(rest[digits]-'0'), next
				digits++
			}
			b.WriteString(g)
			i += digits
		default:
			b.WriteByte(ch)
		}
	}
	return nil
}

// splitText is String.split of Java.
func splitText(c *invocation) (any, error) {
	limit := int64(0)
	if len(c.args) > 1 {
		var err error
		if limit, err = c.integer(1); err != nil {
			return nil, err
		}
	}
	p, err := c.compiled()
	if err != nil {
		return nil, err
	}
	s := c.self()
	if err := c.f.spend(1+len(s), c.at); err != nil {
		return nil, err
	}
	res := []any{}
	last := 0
	err = c.matches(p, s, func(m match) (bool, error) {
		if m.at+m.n == 0 {
			return true, nil // an empty match at the start splits nothing
		}
		if limit > 0 && int64(len(res)) == limit-1 {
			return false, nil
		}
		if len(res) >= c.f.items {
			_, err := c.madeList(append(res, nil))
			return false, err
		}
		res = append(res, s[last:m.at])
		last = m.at + m.n
		return true, nil
	})
	if err != nil {
		return nil, err
	}
	if len(res) == 0 {
		return []any{s}, nil
	}
	res = append(res, s[last:])
	if limit == 0 {
		for len(res) > 0 && res[len(res)-1] == "" {
			res = res[:len(res)-1]
		}
	}
	return c.madeList(res)
}
