package juel

import (
	"encoding/base64"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// row makes a row of the table; the number of arguments follows from their
// names: [a] may be left out, a… may come often.
func row(on kinds, receiver, name, args, meaning, example, result string, call func(c *invocation) (any, error)) method {
	m := method{Entry: Entry{Receiver: receiver, Name: name, Arguments: args, Meaning: meaning, Example: example, Result: result}, on: on, call: call}
	if args == "" {
		return m
	}
	for arg := range strings.SplitSeq(args, ", ") {
		many := strings.Contains(arg, "…")
		if !strings.HasPrefix(arg, "[") {
			m.min++
		}
		if m.max >= 0 {
			m.max++
		}
		if many {
			m.max = -1
		}
	}
	return m
}

// Java counts texts in UTF-16 units. Texts of ASCII, the most, need no
// conversion.

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func length16(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r > 0xFFFF {
			n++
		}
	}
	return n
}

// cut16 gives the units from..to; half a surrogate pair becomes U+FFFD.
func cut16(s string, from, to int) string {
	if ascii(s) {
		return s[from:to]
	}
	return string(utf16.Decode(utf16.Encode([]rune(s))[from:to]))
}

// compareText orders by UTF-16 units, as Java's compareTo.
func compareText(a, b string) int {
	for a != "" && b != "" {
		x, n := utf8.DecodeRuneInString(a)
		y, m := utf8.DecodeRuneInString(b)
		if x != y {
			// Surrogates stand below U+E000.
			if x > 0xFFFF && y <= 0xFFFF && y >= 0xE000 {
				return -1
			}
			if y > 0xFFFF && x <= 0xFFFF && x >= 0xE000 {
				return 1
			}
			return sign3(x < y, x > y)
		}
		a, b = a[n:], b[m:]
	}
	return sign3(len(a) < len(b), len(a) > len(b))
}

// textRow is a method of texts without arguments.
func textRow(name, meaning, example, result string, f func(string) any) method {
	return row(kindText, "text", name, "", meaning, example, result, func(c *invocation) (any, error) {
		s := c.self()
		if err := c.f.spend(1+len(s)/8, c.at); err != nil {
			return nil, err
		}
		v := f(s)
		if t, ok := v.(string); ok {
			return c.made(t)
		}
		return v, nil
	})
}

// testRow is a method of texts that asks something of another text.
func testRow(name, meaning, example, result string, f func(s, t string) any) method {
	return row(kindText, "text", name, "text", meaning, example, result, func(c *invocation) (any, error) {
		t, err := c.text(0)
		if err != nil {
			return nil, err
		}
		s := c.self()
		if err := c.f.spend(1+(len(s)+len(t))/8, c.at); err != nil {
			return nil, err
		}
		return f(s, t), nil
	})
}

func textMethods() []method {
	return []method{
		textRow("length", "the number of characters, as Java counts them", "${status.length()}", "4", func(s string) any { return int64(length16(s)) }),
		textRow("isEmpty", "whether there are no characters", "${status.isEmpty()}", "false", func(s string) any { return s == "" }),
		textRow("isBlank", "whether there is nothing but white space", "${'  '.isBlank()}", "true", func(s string) any { return strings.TrimSpace(s) == "" }),
		textRow("toUpperCase", "the text in capitals", "${status.toUpperCase()}", `"OPEN"`, func(s string) any { return strings.ToUpper(s) }),
		textRow("toLowerCase", "the text in small letters", "${'OPEN'.toLowerCase()}", `"open"`, func(s string) any { return strings.ToLower(s) }),
		textRow("trim", "the text without white space around it", "${' a '.trim()}", `"a"`, func(s string) any {
			return strings.TrimFunc(s, func(r rune) bool { return r <= ' ' })
		}),
		textRow("strip", "the text without white space around it, Unicode's too", "${' a '.strip()}", `"a"`, func(s string) any { return strings.TrimSpace(s) }),
		testRow("equalsIgnoreCase", "whether the texts are the same but for capitals", "${status.equalsIgnoreCase('Open')}", "true", func(s, t string) any { return strings.EqualFold(s, t) }),
		testRow("contentEquals", "whether the texts are the same", "${status.contentEquals('open')}", "true", func(s, t string) any { return s == t }),
		testRow("contains", "whether the other text is part of this one", "${status.contains('pe')}", "true", func(s, t string) any { return strings.Contains(s, t) }),
		row(kindText, "text", "startsWith", "text, [from]", "whether the text begins with the other one, counted from a place", "${status.startsWith('op')}", "true", func(c *invocation) (any, error) {
			t, err := c.text(0)
			if err != nil {
				return nil, err
			}
			s := c.self()
			if len(c.args) > 1 {
				from, err := c.integer(1)
				if err != nil {
					return nil, err
				}
				n := length16(s)
				if from < 0 || from > int64(n) {
					return false, nil
				}
				s = cut16(s, int(from), n)
			}
			return strings.HasPrefix(s, t), c.f.spend(1+len(s)/8, c.at)
		}),
		testRow("endsWith", "whether the text ends with the other one", "${status.endsWith('en')}", "true", func(s, t string) any { return strings.HasSuffix(s, t) }),
		row(kindText, "text", "indexOf", "text, [from]", "where the other text first stands, counted from 0; -1 if nowhere", "${'banana'.indexOf('an', 2)}", "3", func(c *invocation) (any, error) {
			return c.indexOf(false)
		}),
		row(kindText, "text", "lastIndexOf", "text", "where the other text last stands; -1 if nowhere", "${'banana'.lastIndexOf('an')}", "3", func(c *invocation) (any, error) {
			return c.indexOf(true)
		}),
		row(kindText, "text", "substring", "from, [to]", "the characters from a place up to, not including, another", "${status.substring(1, 3)}", `"pe"`, substring),
		row(kindText, "text", "charAt", "index", "the character at a place", "${status.charAt(0)}", `"o"`, func(c *invocation) (any, error) {
			i, err := c.integer(0)
			if err != nil {
				return nil, err
			}
			s := c.self()
			if n := length16(s); i < 0 || i >= int64(n) {
				return nil, c.fail(CodeArguments, "charAt(%d) is outside of the text, which has %d characters", i, n)
			}
			return cut16(s, int(i), int(i)+1), c.f.spend(1+len(s)/8, c.at)
		}),
		row(kindText, "text", "replace", "old, new", "the text with each place of one text replaced by another", "${'banana'.replace('an', 'o')}", `"booa"`, func(c *invocation) (any, error) {
			old, err := c.text(0)
			if err != nil {
				return nil, err
			}
			with, err := c.text(1)
			if err != nil {
				return nil, err
			}
			s := c.self()
			n := strings.Count(s, old)
			if err := c.room(len(s) + n*(len(with)-len(old))); err != nil {
				return nil, err
			}
			return strings.ReplaceAll(s, old, with), nil
		}),
		row(kindText, "text", "concat", "text", "the text with another one behind it", "${status.concat('!')}", `"open!"`, func(c *invocation) (any, error) {
			t, err := c.text(0)
			if err != nil {
				return nil, err
			}
			if err := c.room(len(c.self()) + len(t)); err != nil {
				return nil, err
			}
			return c.self() + t, nil
		}),
		row(kindText, "text", "repeat", "times", "the text several times", "${'ab'.repeat(3)}", `"ababab"`, func(c *invocation) (any, error) {
			n, err := c.integer(0)
			if err != nil {
				return nil, err
			}
			s := c.self()
			if n < 0 {
				return nil, c.bad(0, "a number that is not negative")
			}
			if s == "" {
				return s, nil
			}
			if n > int64(c.f.text/len(s)) {
				return nil, c.f.tooLong(c.at)
			}
			if err := c.room(int(n) * len(s)); err != nil {
				return nil, err
			}
			return strings.Repeat(s, int(n)), nil
		}),
		row(kindText, "text", "compareToIgnoreCase", "text", "-1, 0 or 1 as the text stands before, with or behind the other one but for capitals", "${'A'.compareToIgnoreCase('b')}", "-1", func(c *invocation) (any, error) {
			t, err := c.text(0)
			if err != nil {
				return nil, err
			}
			return int64(compareText(strings.ToLower(c.self()), strings.ToLower(t))), c.f.spend(1+len(t), c.at)
		}),
	}
}

func (c *invocation) indexOf(last bool) (any, error) {
	t, err := c.text(0)
	if err != nil {
		return nil, err
	}
	s := c.self()
	if err := c.f.spend(1+len(s)/4, c.at); err != nil {
		return nil, err
	}
	from := 0
	if len(c.args) > 1 {
		i, err := c.integer(1)
		if err != nil {
			return nil, err
		}
		n := length16(s)
		from = int(min(max(i, 0), int64(n)))
		s = cut16(s, from, n)
	}
	i := strings.Index(s, t)
	if last {
		i = strings.LastIndex(s, t)
	}
	if i < 0 {
		return int64(-1), nil
	}
	return int64(from + length16(s[:i])), nil
}

func substring(c *invocation) (any, error) {
	s := c.self()
	n := length16(s)
	from, err := c.integer(0)
	if err != nil {
		return nil, err
	}
	to := int64(n)
	if len(c.args) > 1 {
		if to, err = c.integer(1); err != nil {
			return nil, err
		}
	}
	if from < 0 || to > int64(n) || from > to {
		return nil, c.fail(CodeArguments, "substring from %d to %d is outside of the text, which has %d characters", from, to, n)
	}
	return cut16(s, int(from), int(to)), c.f.spend(1+n/8, c.at)
}

// textBean is flwStringUtils of Flowable.
func textBean() []method {
	const bean = "flwStringUtils"
	fn := func(name, args, meaning, example, result string, call func(c *invocation) (any, error)) method {
		return row(kindFunction, bean, name, args, meaning, example, result, call)
	}
	one := func(name, meaning, example, result string, f func(string) any) method {
		return fn(name, "text", meaning, example, result, func(c *invocation) (any, error) {
			if c.args[0] == nil && name != "hasText" {
				return nil, nil
			}
			s, err := c.text(0)
			if err != nil {
				return nil, err
			}
			if err := c.f.spend(1+len(s)/8, c.at); err != nil {
				return nil, err
			}
			v := f(s)
			if t, ok := v.(string); ok {
				return c.made(t)
			}
			return v, nil
		})
	}
	two := func(name, meaning, example, result string, f func(s, t string) bool) method {
		return fn(name, "text, other", meaning, example, result, func(c *invocation) (any, error) {
			if c.args[0] == nil || c.args[1] == nil {
				return c.args[0] == nil && c.args[1] == nil && strings.HasPrefix(name, "equals"), nil
			}
			s, err := c.text(0)
			if err != nil {
				return nil, err
			}
			t, err := c.text(1)
			if err != nil {
				return nil, err
			}
			return f(s, t), c.f.spend(1+(len(s)+len(t))/8, c.at)
		})
	}
	return []method{
		one("hasText", "whether there is anything but white space", "${flwStringUtils.hasText(' ')}", "false", func(s string) any { return strings.TrimSpace(s) != "" }),
		one("toUpperCase", "the text in capitals", "${flwStringUtils.toUpperCase(status)}", `"OPEN"`, func(s string) any { return strings.ToUpper(s) }),
		one("toLowerCase", "the text in small letters", "${flwStringUtils.toLowerCase('A')}", `"a"`, func(s string) any { return strings.ToLower(s) }),
		one("capitalize", "the text with its first letter as a capital", "${flwStringUtils.capitalize(status)}", `"Open"`, func(s string) any {
			_, n := utf8.DecodeRuneInString(s)
			return strings.ToUpper(s[:n]) + s[n:]
		}),
		one("trimWhitespace", "the text without white space around it", "${flwStringUtils.trimWhitespace(' a ')}", `"a"`, func(s string) any { return strings.TrimSpace(s) }),
		two("contains", "whether the other text is part of this one", "${flwStringUtils.contains(status, 'pe')}", "true", strings.Contains),
		two("equals", "whether the texts are the same", "${flwStringUtils.equals(status, 'open')}", "true", func(s, t string) bool { return s == t }),
		two("equalsIgnoreCase", "whether the texts are the same but for capitals", "${flwStringUtils.equalsIgnoreCase(status, 'OPEN')}", "true", strings.EqualFold),
		fn("join", "list, separator", "the items as one text", "${flwStringUtils.join(items, '-')}", `"pen-ink-pen"`, func(c *invocation) (any, error) {
			items, err := c.items(0)
			if err != nil {
				return nil, err
			}
			sep, err := c.text(1)
			if err != nil {
				return nil, err
			}
			return c.join(items, sep)
		}),
		fn("split", "text, separator", "the parts between the separators", "${flwStringUtils.split('a-b', '-')}", `["a","b"]`, func(c *invocation) (any, error) {
			s, err := c.text(0)
			if err != nil {
				return nil, err
			}
			sep, err := c.text(1)
			if err != nil {
				return nil, err
			}
			if err := c.room(len(s)); err != nil {
				return nil, err
			}
			return c.madeList(texts(strings.SplitN(s, sep, c.f.items+2)))
		}),
	}
}

func (c *invocation) join(items []any, sep string) (any, error) {
	var b strings.Builder
	for i, item := range items {
		if i > 0 {
			b.WriteString(sep)
		}
		s, err := c.f.toText(item, c.at)
		if err != nil {
			return nil, err
		}
		if b.Len()+len(s) > c.f.text {
			return nil, c.f.tooLong(c.at)
		}
		if err := c.f.spend(1+len(s), c.at); err != nil {
			return nil, err
		}
		b.WriteString(s)
	}
	return c.made(b.String())
}

func encode64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
