package script

import (
	"time"

	"github.com/dlclark/regexp2/v2"
	"github.com/dop251/goja"
)

// Regular expressions run on regexp2 and not on goja's own RegExp, which
// gives no bound on the time of a match and takes a fault for "no match".
// Strings are matched as UTF-16 units, as ECMA-262 has it without the flag u;
// the flag u is refused.

const (
	maxPattern  = 1000      // units of one pattern
	maxPatterns = 1000      // different patterns of one Eval
	maxSubject  = 256 << 10 // units of one subject
)

type regex struct {
	rx     *regexp2.Regexp
	source string
	flags  string
	groups []string // names of the capture groups, "" for numbered ones
	named  bool
}

func (r *regex) has(flag byte) bool {
	for i := range len(r.flags) {
		if r.flags[i] == flag {
			return true
		}
	}
	return false
}

func compileRegex(pattern, flags string, limit time.Duration) (*regex, *Error) {
	if len(pattern) > maxPattern {
		return nil, errorf(CodeRegex, "a pattern has %d characters, the limit is %d", len(pattern), maxPattern)
	}
	opts := regexp2.ECMAScript
	seen := 0
	for _, f := range flags {
		bit := 0
		switch f {
		case 'g':
			bit = 1
		case 'i':
			bit, opts = 2, opts|regexp2.IgnoreCase
		case 'm':
			bit, opts = 4, opts|regexp2.Multiline
		case 's':
			bit, opts = 8, opts|regexp2.Singleline
		case 'y':
			bit = 16
		case 'u', 'v', 'd':
			return nil, errorf(CodeUnsupported, "the flag %q of a regular expression is not supported; leave it out", f)
		default:
			return nil, errorf(CodeSyntax, "invalid flags %q of a regular expression", flags)
		}
		if seen&bit != 0 {
			return nil, errorf(CodeSyntax, "invalid flags %q of a regular expression", flags)
		}
		seen |= bit
	}
	for _, r := range pattern {
		if r > 0xFFFF {
			return nil, errorf(CodeUnsupported, "%q in a regular expression is not supported: matching is by UTF-16 units; compare with includes or indexOf", r)
		}
	}
	rx, err := regexp2.Compile(pattern, opts)
	if err != nil {
		return nil, errorf(CodeSyntax, "invalid regular expression /%s/: %v", pattern, err)
	}
	if limit > 0 {
		rx.MatchTimeout = limit
	}
	r := &regex{rx: rx, source: pattern, flags: flags}
	for _, name := range rx.GetGroupNames() {
		if name != "" && name[0] >= '0' && name[0] <= '9' {
			name = ""
		} else {
			r.named = true
		}
		r.groups = append(r.groups, name)
	}
	return r, nil
}

// regexOf finds the compiled form of a RegExp object of this call.
func (c *call) regexOf(v goja.Value) *regex {
	if o, ok := v.(*goja.Object); ok {
		if r, ok := c.regexes[o]; ok {
			return r
		}
	}
	panic(c.realm.rt.NewTypeError("this is not a RegExp"))
}

// newRegex compiles a pattern into the object o. Faults in the pattern are a
// SyntaxError of the script, what passes a limit ends it.
func (c *call) newRegex(o *goja.Object, pattern, flags string) {
	c.spend(4, 2*bytesObject)
	key := flags + "/" + pattern
	r := c.compiled[key]
	if r == nil {
		c.spend(100+int64(len(pattern))*10, 2*bytesObject+int64(len(pattern))*64)
		if len(c.compiled) >= maxPatterns {
			stop(CodeRegex, "the script makes more than %d different regular expressions; make fewer", maxPatterns)
		}
		var err *Error
		if r, err = compileRegex(pattern, flags, c.limits.RegexTime); err != nil {
			if err.Code == CodeSyntax {
				panic(c.realm.makeError("SyntaxError", err.Message))
			}
			panic(&abort{InterruptedError: &goja.InterruptedError{}, err: err})
		}
		if c.compiled == nil {
			c.compiled = make(map[string]*regex)
		}
		c.compiled[key] = r
	}
	if c.regexes == nil {
		c.regexes = make(map[*goja.Object]*regex)
	}
	c.regexes[o] = r
}

// units gives the UTF-16 units of a string as runes; the last subject is kept
// for the next match of a loop over the same string.
func (c *call) units(s goja.String) []rune {
	if c.subject != nil && c.subject.SameAs(s) {
		return c.subjectUnits
	}
	n := s.Length()
	if n > maxSubject {
		stop(CodeRegex, "a regular expression is matched against %d characters, the limit is %d", n, maxSubject)
	}
	c.spend(int64(n)/16, 4*int64(n))
	units := make([]rune, n)
	for i := range units {
		units[i] = rune(s.CharAt(i))
	}
	c.subject, c.subjectUnits = s, units
	return units
}

// match runs one match from a position; the result is the match array of
// RegExp.prototype.exec (ECMA-262, 22.2.7.2) or null.
func (c *call) match(r *regex, s goja.String, from int) goja.Value {
	units := c.units(s)
	if from < 0 || from > len(units) {
		return goja.Null()
	}
	c.spend(4+int64(len(units)-from)/32, bytesArray+bytesObject)
	m, err := r.rx.FindRunesMatchStartingAt(units, from)
	if err != nil {
		// regexp2 has one error here, the timeout; its text holds the subject.
		stop(CodeRegex, "the regular expression /%s/ took longer than %v; avoid nested repetition such as (a+)+", r.source, c.limits.RegexTime)
	}
	if m == nil || r.has('y') && m.RuneIndex != from {
		return goja.Null()
	}
	rt := c.realm.rt
	groups := m.Groups()
	items := make([]any, len(groups))
	for i := range groups {
		items[i] = goja.Undefined()
		if g := &groups[i]; len(g.Captures) > 0 {
			c.spendString(int64(g.RuneLength))
			items[i] = s.Substring(g.RuneIndex, g.RuneIndex+g.RuneLength)
		}
	}
	list := rt.NewArray(items...)
	var named goja.Value = goja.Undefined()
	if r.named {
		o := rt.NewObject()
		for i, name := range r.groups {
			if name != "" && i < len(items) {
				_ = o.Set(name, items[i]) // a fresh plain object takes every member
			}
		}
		named = o
	}
	for _, p := range []struct {
		name  string
		value any
	}{{"index", m.RuneIndex}, {"input", s}, {"groups", named}} {
		if err := list.Set(p.name, p.value); err != nil {
			stop(CodeInternal, "match array: %v", err)
		}
	}
	return list
}
