package feel

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"
)

func stringBuiltins() []builtin {
	return []builtin{
		{
			name: "substring", sigs: []string{"string:s, start position:n, length?:n"}, run: substring,
			doc: "The characters from a position, counted from 1 or back from -1.", example: `substring("foobar", -2, 1)`, result: `"a"`,
		},
		{
			name: "string length", sigs: []string{"string:s"},
			run: func(_ *frame, a []Value, _ int) Value { return Int(int64(utf8.RuneCountInString(a[0].str()))) },
			doc: "The number of characters.", example: `string length("foo")`, result: `3`,
		},
		{
			name: "upper case", sigs: []string{"string:s"},
			run: func(f *frame, a []Value, _ int) Value { return f.text(upperCase(a[0].str())) },
			doc: "The string in capital letters.", example: `upper case("aBc4")`, result: `"ABC4"`,
		},
		{
			name: "lower case", sigs: []string{"string:s"},
			run: func(f *frame, a []Value, _ int) Value { return f.text(lowerCase(a[0].str())) },
			doc: "The string in small letters.", example: `lower case("aBc4")`, result: `"abc4"`,
		},
		{
			name: "substring before", sigs: []string{"string:s, match:s"},
			run: func(_ *frame, a []Value, _ int) Value {
				before, _, ok := strings.Cut(a[0].str(), a[1].str())
				if !ok {
					return String("")
				}
				return String(before)
			},
			doc: "What is before the first match, or nothing.", example: `substring before("foobar", "bar")`, result: `"foo"`,
		},
		{
			name: "substring after", sigs: []string{"string:s, match:s"},
			run: func(_ *frame, a []Value, _ int) Value {
				_, after, _ := strings.Cut(a[0].str(), a[1].str())
				return String(after)
			},
			doc: "What is after the first match, or nothing.", example: `substring after("foobar", "ob")`, result: `"ar"`,
		},
		{
			name: "replace", sigs: []string{"input:s, pattern:s, replacement:s, flags?:s0"}, run: replaceText, pattern: 1, flags: 3,
			doc:     "The string with each match of an XPath regular expression replaced; $1 stands for the first group.",
			example: `replace("abcd", "(ab)|(a)", "[1=$1][2=$2]")`, result: `"[1=ab][2=]cd"`,
		},
		{
			name: "contains", sigs: []string{"string:s, match:s"},
			run: func(_ *frame, a []Value, _ int) Value { return Bool(strings.Contains(a[0].str(), a[1].str())) },
			doc: "Whether the string has the match in it.", example: `contains("foobar", "of")`, result: `false`,
		},
		{
			name: "starts with", sigs: []string{"string:s, match:s"},
			run: func(_ *frame, a []Value, _ int) Value { return Bool(strings.HasPrefix(a[0].str(), a[1].str())) },
			doc: "Whether the string begins with the match.", example: `starts with("foobar", "fo")`, result: `true`,
		},
		{
			name: "ends with", sigs: []string{"string:s, match:s"},
			run: func(_ *frame, a []Value, _ int) Value { return Bool(strings.HasSuffix(a[0].str(), a[1].str())) },
			doc: "Whether the string ends with the match.", example: `ends with("foobar", "r")`, result: `true`,
		},
		{
			name: "matches", sigs: []string{"input:s, pattern:s, flags?:s0"}, run: matches, pattern: 1, flags: 2,
			doc:     "Whether an XPath regular expression matches some part of the string; flags i, m, s, x, q.",
			example: `matches("foobar", "^fo*b")`, result: `true`,
		},
		{
			name: "split", sigs: []string{"string:s, delimiter:s"}, run: splitText, pattern: 1,
			doc:     "The parts of the string between matches of an XPath regular expression.",
			example: `split("John Doe", "\s")`, result: `["John", "Doe"]`,
		},
		{
			name: "string join", sigs: []string{"list:l, delimiter?:s0", "list:l, delimiter:s0, prefix:s0, suffix:s0"}, run: stringJoin,
			doc:     "The strings of a list, without nulls, with a delimiter between them, and a prefix and suffix around all.",
			example: `string join(["a", null, "c"], "_and_")`, result: `"a_and_c"`,
		},
	}
}

// upperCase and lowerCase map characters as Unicode does in full, where one may
// become several: "ß" is "SS" (XPath functions, 5.4.7 and 5.4.8, which DMN 1.5,
// 10.3.4.3, refers to). Go's own functions map one by one.
func upperCase(s string) string {
	if isASCII(s) {
		return strings.ToUpper(s)
	}
	return cases.Upper(language.Und).String(s)
}

func lowerCase(s string) string {
	if isASCII(s) {
		return strings.ToLower(s)
	}
	return cases.Lower(language.Und).String(s)
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func substring(f *frame, a []Value, pos int) Value {
	s := a[0].str()
	total := utf8.RuneCountInString(s)
	from, ok := f.position(a[1], total, pos)
	if !ok {
		return Value{}
	}
	n := int64(total - from)
	if !a[2].IsNull() {
		k, ok := a[2].truncInt()
		if !ok || k < 1 {
			return f.warn(pos, WarnOutOfRange, "expected a length of at least 1, but found %s", a[2])
		}
		n = min(n, k)
	}
	if total == len(s) {
		return String(s[from : from+int(n)])
	}
	start := runeOffset(s, from)
	return String(s[start : start+runeOffset(s[start:], int(n))])
}

// runeOffset gives the byte offset of the n-th character.
func runeOffset(s string, n int) int {
	i := 0
	for ; n > 0; n-- {
		_, size := utf8.DecodeRuneInString(s[i:])
		i += size
	}
	return i
}

func stringJoin(f *frame, a []Value, pos int) Value {
	var b strings.Builder
	if len(a) == 4 {
		b.WriteString(a[2].str())
	}
	sep, first := a[1].str(), true
	for i := range a[0].Len() {
		f.step(1)
		item := a[0].At(i)
		switch item.kind {
		case KindNull:
			continue
		case KindString:
		default:
			return f.warn(pos, WarnInvalidType, "expected a list of strings, but found %s in it", brief(item))
		}
		if !first {
			b.WriteString(sep)
		}
		first = false
		b.WriteString(item.str())
		if b.Len() > orDefault(f.c.Limits.StringSize, defaultStringSize) {
			f.checkText(b.Len()) // ends here, before more is put together
		}
	}
	if len(a) == 4 {
		b.WriteString(a[3].str())
	}
	return f.text(b.String())
}

func matches(f *frame, a []Value, pos int) Value {
	re, ok := f.regex(a[1].str(), a[2].str(), pos)
	if !ok {
		return Value{}
	}
	return Bool(re.matches(f, a[0].str()))
}

func replaceText(f *frame, a []Value, pos int) Value {
	re, ok := f.regex(a[1].str(), a[3].str(), pos)
	if !ok {
		return Value{}
	}
	s, ok := re.replace(f, a[0].str(), a[2].str(), pos)
	if !ok {
		return Value{}
	}
	return f.text(s)
}

func splitText(f *frame, a []Value, pos int) Value {
	re, ok := f.regex(a[1].str(), "", pos)
	if !ok {
		return Value{}
	}
	s := a[0].str()
	var parts []Value
	from := 0
	for _, m := range re.all(f, s) {
		if m[1] == m[0] { // an empty match parts characters, not the ends
			if m[0] == 0 || m[0] == len(s) {
				continue
			}
		}
		parts = append(parts, String(s[from:m[0]]))
		f.checkList(len(parts))
		from = m[1]
	}
	return f.list(append(parts, String(s[from:])))
}
