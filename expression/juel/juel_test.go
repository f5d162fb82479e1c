package juel

import (
	"errors"
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/apd/v3"

	"github.com/weir-bpm/weir/variables"
)

// eval evaluates a text with the variables of a JSON object and gives the result
// as JSON, or the code of the error.
func eval(t testing.TB, text, vars string) string {
	t.Helper()
	ctx := TableContext()
	if vars != "" {
		doc, err := variables.DocumentFromJSON([]byte(vars))
		if err != nil {
			t.Fatal(err)
		}
		ctx.Lookup = func(name string) (any, bool) { v, ok := doc[name]; return v, ok }
	}
	return evalIn(t, text, ctx, Options{})
}

func evalIn(t testing.TB, text string, ctx *EvalContext, opts Options) string {
	t.Helper()
	e, err := Compile(text, opts)
	var v any
	if err == nil {
		v, err = e.Eval(ctx)
	}
	if err != nil {
		return code(t, text, err)
	}
	b, err := variables.ToJSON(v)
	if err != nil {
		t.Errorf("%q gives no variable value: %v", text, err)
	}
	return string(b)
}

func code(t testing.TB, text string, err error) string {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) {
		t.Errorf("%q fails without a code: %v", text, err)
		return err.Error()
	}
	if e.Offset < 0 || e.Offset > len(text) || e.Message == "" {
		t.Errorf("%q: the error has no place or sentence: %#v", text, e)
	}
	return "error " + string(e.Code)
}

// Each row of the table of methods and functions holds, is told apart by
// receiver, name and arguments, and can be named.
func TestTable(t *testing.T) {
	seen := map[string]bool{}
	for _, row := range Table() {
		key := row.Receiver + "." + row.Name
		if seen[key] {
			t.Errorf("%s is listed twice", key)
		}
		seen[key] = true
		if row.Meaning == "" || !strings.Contains(row.Example, "${") {
			t.Errorf("%s has no meaning or example", key)
		}
		// The example uses what it is an example of.
		property := strings.TrimPrefix(row.Name, "get")
		if property != row.Name && property != "" {
			property = "." + strings.ToLower(property[:1]) + property[1:]
		}
		short := row.Name[strings.IndexByte(row.Name, ':')+1:] + "("
		alias := row.Receiver == "function" && strings.HasPrefix(row.Name, "var:")
		if !alias && !strings.Contains(row.Example, short) && !strings.Contains(row.Example, property) {
			t.Errorf("the example of %s does not use it: %s", key, row.Example)
		}
		if got := evalIn(t, row.Example, TableContext(), Options{AllowWrites: true}); got != row.Result {
			t.Errorf("%s: %s is %s, expected %s", key, row.Example, got, row.Result)
		}
	}
	if len(seen) < 150 {
		t.Errorf("the table has only %d rows", len(seen))
	}
}

func TestCodes(t *testing.T) {
	ctx := TableContext()
	ctx.Execution.Variables = nil
	seen := map[Code]bool{}
	for _, c := range Codes() {
		if seen[c.Code] {
			t.Errorf("%s is listed twice", c.Code)
		}
		seen[c.Code] = true
		if c.Example == "" {
			continue
		}
		if got := evalIn(t, c.Example, ctx, Options{}); got != "error "+string(c.Code) {
			t.Errorf("%s gives %s, expected %s", c.Example, got, c.Code)
		}
	}
}

func TestOperators(t *testing.T) {
	const vars = `{"a":1,"s":"abc","n":null,"t":true,"f":false,"l":[1,"x",[2]],"o":{"k":"v","x-y":3,"empty":4,"o":{"p":5}},"d":1.5,"five":"5","e":"","big":9223372036854775807}`
	for _, c := range []struct{ text, want string }{
		// Text and expressions.
		{"", `""`},
		{"plain", `"plain"`},
		{"${a}", `1`},
		{"#{a}", `1`},
		{" ${a}", `" 1"`},
		{"a=${a} s=#{s} n=${n}.", `"a=1 s=abc n=."`},
		{`\${a} \#{a} \\ \x $ # {} ${'}'}`, `"${a} #{a} \\ \\x $ # {} }"`},
		{"${t}${d}${l}", `"true1.5[1,\"x\",[2]]"`},
		{"${ a\n+\t1 }", `2`},

		// Literals.
		{"${true}", `true`},
		{"${null}", `null`},
		{"${12}", `12`},
		{"${1.50}", `1.5`},
		{"${.5}", `0.5`},
		{"${5.}", `5`},
		{"${1e3}", `1000`},
		{"${1.5E-2}", `0.015`},
		{"${9223372036854775808}", `9223372036854775808`},
		{`${'it\'s'}`, `"it's"`},
		{`${"say \"x\" \\ 'y'"}`, `"say \"x\" \\ 'y'"`},
		{"${'ünïcödé ✓'}", `"ünïcödé ✓"`},

		// Arithmetic: null and "" are 0, texts are numbers, all exact.
		{"${1 + 2 * 3}", `7`},
		{"${(1 + 2) * 3}", `9`},
		{"${10 - 2 - 3}", `5`},
		{"${2 * 3 % 4}", `2`},
		{"${7 / 2}", `3.5`},
		{"${6 div 3}", `2`},
		{"${1 / 3}", `0.3333333333333333333333333333333333`},
		{"${7 mod 4}", `3`},
		{"${-7 % 4}", `-3`},
		{"${7.5 % 2}", `1.5`},
		{"${1e40 % 7}", `4`},
		{"${0.1 + 0.2}", `0.3`},
		{"${'5' + 3}", `8`},
		{"${'5' + '3.5'}", `8.5`},
		{"${n + 3}", `3`},
		{"${n + n}", `0`},
		{"${e + 3}", `3`},
		{"${null - 2}", `-2`},
		{"${-a}", `-1`},
		{"${- -a}", `1`},
		{"${-five}", `-5`},
		{"${-n}", `0`},
		{"${big + 1}", `9223372036854775808`},
		{"${-big - 2}", `-9223372036854775809`},
		{"${big * big}", `8.50705917302346158473969077842325E+37`},
		{"${(-big - 1) / -1}", `9223372036854775808`},
		{"${(-big - 1) % -1}", `0`},
		{"${t + 1}", `error juel.coercion`},
		{"${s + 1}", `error juel.coercion`},
		{"${l + 1}", `error juel.coercion`},
		{"${'NaN' + 1}", `error juel.coercion`},
		{"${'Infinity' * 2}", `error juel.coercion`},
		{"${'0x10' + 1}", `error juel.coercion`},
		{"${1 % 0}", `error juel.division`},
		{"${1.5 / 0.0}", `error juel.division`},

		// Relations (EL 2.2, 1.9.1).
		{"${a < 2}", `true`},
		{"${a lt 1}", `false`},
		{"${a le 1 and a <= 1}", `true`},
		{"${a > 0 && a gt 0}", `true`},
		{"${a ge 1 && a >= 1}", `true`},
		{"${'10' > 9}", `true`},
		{"${'10' > '9'}", `false`},
		{"${five < 10}", `true`},
		{"${d > 1 && d < 1.6}", `true`},
		{"${n < 1}", `false`},
		{"${n > 1}", `false`},
		{"${n <= null}", `true`},
		{"${n < null}", `false`},
		{"${e < 1}", `true`},
		{"${f < t}", `true`},
		{"${s < 'abd'}", `true`},
		{"${s > 1}", `error juel.coercion`},
		{"${l < 1}", `error juel.coercion`},
		{"${l < l}", `error juel.type`},
		{"${o < true}", `error juel.type`},

		// Equality (EL 2.2, 1.9.2).
		{"${five == 5}", `true`},
		{"${5 eq five}", `true`},
		{"${'5' == '5.0'}", `false`},
		{"${5 == '5.0'}", `true`},
		{"${1.0 == 1}", `true`},
		{"${s == 'abc'}", `true`},
		{"${s ne 'abc'}", `false`},
		{"${s != 'x'}", `true`},
		{"${s == 5}", `error juel.coercion`},
		{"${t == 'TRUE'}", `true`},
		{"${t == 'yes'}", `false`},
		{"${f == ''}", `true`},
		{"${t == 1}", `error juel.coercion`},
		{"${n == null}", `true`},
		{"${null == a}", `false`},
		{"${n == ''}", `false`},
		{"${n == 0}", `false`},
		{"${n != 0}", `true`},
		{"${e == 0}", `true`},
		{"${l == l}", `true`},
		{"${l[2] == l}", `false`},
		{"${o.o == o.o}", `true`},
		{"${l[2] == '[2]'}", `true`},

		// Logic; the second operand only when it matters.
		{"${t && f}", `false`},
		{"${t and not f}", `true`},
		{"${t || nowhere}", `true`},
		{"${f && nowhere}", `false`},
		{"${f or t && f}", `false`},
		{"${!t}", `false`},
		{"${not not t}", `true`},
		{"${!n}", `true`},
		{"${'true' && 'True'}", `true`},
		{"${s || f}", `false`},
		{"${a && t}", `error juel.coercion`},

		// empty (EL 2.2, 1.12).
		{"${empty n}", `true`},
		{"${empty ''}", `true`},
		{"${empty l}", `false`},
		{"${empty l[2]}", `false`},
		{"${not empty s}", `true`},
		{"${!empty o}", `true`},
		{"${empty 0}", `false`},
		{"${empty false}", `false`},
		{"${empty nowhere}", `error juel.unknown-property`},

		// Conditions.
		{"${a == 1 ? 'one' : 'other'}", `"one"`},
		{"${a == 2 ? 'two' : a == 1 ? 'one' : 'other'}", `"one"`},
		{"${t ? f ? 1 : 2 : 3}", `2`},
		{"${n ? 1 : nowhere}", `error juel.unknown-property`},
		{"${t ? 1 : nowhere}", `1`},
		{"${a ? 1 : 2}", `error juel.coercion`},
		{"${t?s:a}", `"abc"`},
		{"${t ? s : now()}", `"abc"`},
		{"${f ? s:now().year}", `2026`},
		{"${t ? (f ? a : s.length()) : var:get(a)}", `3`},
		{"${t ? var:get(a) : 2}", `1`},
		{"${t ? vars:get('a'):var:get(s)}", `1`},

		// Properties and indexes.
		{"${o.k}", `"v"`},
		{"${o['k']}", `"v"`},
		{"${o['x-y']}", `3`},
		{"${o.empty}", `4`},
		{"${o.o.p}", `5`},
		{"${o.o['p'] + o.o.p}", `10`},
		{"${o.nowhere}", `null`},
		{"${o.nowhere.more.and['more']}", `null`},
		{"${o[null]}", `null`},
		{"${n.x}", `null`},
		{"${l[0]}", `1`},
		{"${l['1']}", `"x"`},
		{"${l[a]}", `"x"`},
		{"${l[2][0]}", `2`},
		{"${l[9]}", `null`},
		{"${l[-1]}", `null`},
		{"${l[1.5]}", `null`},
		{"${l.size}", `error juel.unknown-property`},
		{"${s.empty}", `false`},
		{"${s.nope}", `error juel.unknown-property`},
		{"${s.class}", `error juel.unknown-property`},
		{"${a.b}", `error juel.unknown-property`},
		{"${s['']}", `error juel.unknown-property`},
		{"${nowhere}", `error juel.unknown-property`},

		// Precedence (EL 2.2, 1.16).
		{"${1 + 2 == 3 && 2 < 3 == true}", `true`},
		{"${-2 * 3}", `-6`},
		{"${!t == f}", `true`},
		{"${empty s == f}", `true`},
		{"${t || f && f}", `true`},
	} {
		if got := eval(t, c.text, vars); got != c.want {
			t.Errorf("%s is %s, expected %s", c.text, got, c.want)
		}
	}
}

func TestSyntaxErrors(t *testing.T) {
	for _, c := range []struct {
		text   string
		code   Code
		offset int
	}{
		{"${}", CodeSyntax, 0},
		{"x ${a", CodeSyntax, 5},
		{"${a +}", CodeSyntax, 5},
		{"${a b}", CodeSyntax, 4},
		{"${a ? b}", CodeSyntax, 7},
		{"${(a}", CodeSyntax, 4},
		{"${a[1}", CodeSyntax, 5},
		{"${a.}", CodeSyntax, 4},
		{"${a.'b'}", CodeSyntax, 4},
		{"${f(1,)}", CodeSyntax, 6},
		{"${'abc}", CodeSyntax, 2},
		{`${'a\n'}`, CodeSyntax, 4},
		{"${a & b}", CodeSyntax, 4},
		{"${a @ b}", CodeSyntax, 4},
		{"${a = 1}", CodeUnsupported, 4},
		{"${a === 'x'}", CodeUnsupported, 4},
		{"${a += 'x'}", CodeUnsupported, 4},
		{"${x -> x}", CodeUnsupported, 4},
		{"${a; b}", CodeUnsupported, 3},
		{"${{'a':1}}", CodeUnsupported, 2},
		{"${a instanceof b}", CodeUnsupported, 4},
		{"${[1]}", CodeSyntax, 2},
		{"${a.b()()}", CodeNeedsJava, 4},
		{"${1e99999}", CodeNumber, 2},
		{"\xff", CodeSyntax, 0},
		{"${mailer.send(order)}", CodeNeedsJava, 9},
		{"${execution.getEngineServices().getRuntimeService()}", CodeNeedsJava, 12},
		{"${order.getClass()}", CodeNeedsJava, 8},
		{"${''.getClass().forName('java.lang.Runtime')}", CodeNeedsJava, 5},
		{"${items.stream()}", CodeNeedsJava, 8},
		{"${items.remove(1)}", CodeReadOnly, 8},
		{"${map.put('a', 1)}", CodeReadOnly, 6},
		{"${task.setName('x')}", CodeReadOnly, 7},
		{"${execution.nope()}", CodeUnknownMethod, 12},
		{"${'a'.nope()}", CodeUnknownMethod, 6},
		{"${flwTimeUtils.nope()}", CodeUnknownMethod, 15},
		{"${flwTimeUtils.zone}", CodeUnsupported, 15},
		{"${nope()}", CodeUnknownFunction, 2},
		{"${var:nope(a)}", CodeUnknownFunction, 6},
		{"${java:nope(a)}", CodeUnknownFunction, 7},
		{"${XML(a)}", CodeNeedsJava, 2},
		{"${'a'.substring()}", CodeArguments, 6},
		{"${now(1)}", CodeArguments, 2},
		{"${var:get()}", CodeArguments, 6},
		{"${'a'.matches('[')}", CodeRegex, 6},
		{"${'a'.matches('[a-z&&[b]]')}", CodeRegex, 6},
	} {
		_, err := Compile(c.text, Options{})
		var e *Error
		if !errors.As(err, &e) || e.Code != c.code || e.Offset != c.offset {
			t.Errorf("%q: %#v, expected %s at %d", c.text, err, c.code, c.offset)
		}
	}
}

func TestMethods(t *testing.T) {
	const vars = `{"s":"Grüße 😀!","l":[1,2.0,"x",null],"o":{"a":{"b":[{"c":1}]}},"n":null,"when":"2026-03-29T01:30:00+01:00"}`
	for _, c := range []struct{ text, want string }{
		// Java counts UTF-16 units.
		{"${s.length()}", `9`},
		{"${s.substring(6, 8)}", `"😀"`},
		{"${s.indexOf('!')}", `8`},
		{"${s.indexOf('!', 99)}", `-1`},
		{"${s.charAt(1)}", `"r"`},
		{"${s.substring(7)}", `"` + "\uFFFD" + `!"`},
		{"${s.substring(4, 3)}", `error juel.arguments`},
		{"${s.substring(0, 99)}", `error juel.arguments`},
		{"${s.charAt(-1)}", `error juel.arguments`},
		{"${'abc'.startsWith('c', 2)}", `true`},
		{"${'abc'.concat(1).concat(null)}", `"abc1"`},
		{"${'aaa'.replace('a', 'bb')}", `"bbbbbb"`},
		{"${'ab'.replace('', '-')}", `"-a-b-"`},
		{"${'b'.compareTo('a') > 0}", `true`},
		{"${s.toString().equals(s)}", `true`},
		{"${n.length()}", `error juel.null`},
		{"${n.equals(1)}", `error juel.null`},
		{"${s.size()}", `error juel.unknown-method`},
		{"${s.substring('x')}", `error juel.arguments`},

		// Patterns of Java.
		{"${'2026-03-01'.matches('\\\\d{4}-\\\\d{2}-\\\\d{2}')}", `true`},
		{"${'xay'.matches('a')}", `false`},
		{"${'ab'.matches('a|ab')}", `true`},
		{"${'Abc1'.matches('^(?=.*[A-Z])(?=.*\\\\d).+$')}", `true`},
		{"${'abab'.matches('(ab)\\\\1')}", `true`},
		{"${'aXbX'.replaceAll('(?<c>[a-z])X', '${c}.')}", `"a.b."`},
		{"${'a.b'.replaceAll('\\\\.', '\\\\$')}", `"a$b"`},
		{"${'ab'.replaceAll('(a)(b)', '$2$1$10')}", `"baa0"`},
		{"${'aXbX'.replaceAll('X', '<$0>')}", `"a<X>b<X>"`},
		{"${'aXbX'.replaceAll('X', '$1')}", `error juel.arguments`},
		{"${'aXbX'.replaceAll('X', '${n}')}", `error juel.arguments`},
		{"${'aXbX'.replaceFirst('X', '')}", `"abX"`},
		{"${'X'.matches('X') && !'aX'.matches('X')}", `true`},
		{"${'ab'.replaceAll('(a)(b)', '$3')}", `error juel.arguments`},
		{"${'ab'.replaceAll('(a)(b)', '${x}')}", `error juel.arguments`},
		{"${'ab'.replaceAll('(a)(b)', '$2$1')}", `"ba"`},
		{"${'ab'.replaceAll('b', '$')}", `error juel.arguments`},
		{"${'abc'.replaceAll('', '-')}", `"-a-b-c-"`},
		{"${'a1b2c'.split('[0-9]')}", `["a","b","c"]`},
		{"${'a,b,c'.split(',', 2)}", `["a","b,c"]`},
		{"${'a,b,,'.split(',', -1)}", `["a","b","",""]`},
		{"${'abc'.split('')}", `["a","b","c"]`},
		{"${''.split(',')}", `[""]`},
		{"${',a'.split(',')[1]}", `"a"`},
		{"${'a'.matches(s.concat('('))}", `error juel.regex`},

		{"${'[a]'.matches('\\\\Q[a]\\\\E')}", `true`},
		{"${'a]'.matches('[]a]+')}", `true`},
		{"${'b'.matches('[^]a]')}", `true`},
		{"${'[b'.matches('[\\\\[b]+')}", `true`},
		{"${'b'.matches('[a[b]]')}", `error juel.regex`},
		{"${'&&'.matches('\\\\Q[')}", `error juel.regex`},
		{"${'é'.compareTo('z')}", `1`},
		{"${'😀'.compareTo('\uFF5E')}", `-1`},
		{"${'\uFF5E'.compareTo('😀')}", `1`},
		{"${'a'.compareTo('ab')}", `-1`},
		{"${'abc'.startsWith('c', 9)}", `false`},
		{"${'ab'.repeat(-1)}", `error juel.arguments`},
		{"${''.repeat(5)}", `""`},

		// Lists and objects.
		{"${l.add(9)}", `error juel.read-only`},
		{"${l.get(9)}", `error juel.arguments`},
		{"${l.get('0')}", `1`},
		{"${l.contains(2)}", `true`},
		{"${l.contains('2')}", `false`},
		{"${l.contains(null)}", `true`},
		{"${l.indexOf('x')}", `2`},
		{"${l.subList(1, 3).size()}", `2`},
		{"${l.subList(2, 1)}", `error juel.arguments`},
		{"${o.a.b.get(0).get('c')}", `1`},
		{"${o.get('nope')}", `null`},
		{"${o.entrySet()[0].value.b[0].c}", `1`},

		// JSON.
		{"${o.jsonPath('$.a.b[0].c').numberValue()}", `1`},
		{"${o.jsonPath('$[\\'a\\'].b[-1]')}", `{"c":1}`},
		{"${o.jsonPath('$')}", `{"a":{"b":[{"c":1}]}}`},
		{"${o.jsonPath('$..c')}", `error juel.unsupported`},
		{"${o.jsonPath('$.a.b[*].c')}", `error juel.unsupported`},
		{"${o.jsonPath('a')}", `error juel.arguments`},
		{"${o.jsonPath('$.x')}", `error juel.unknown-property`},
		{"${o.prop('x')}", `error juel.unknown-property`},
		{"${o.prop('x', 1).x + o.size()}", `2`},
		{"${o.prop('a').stringValue()}", `error juel.type`},
		{"${o.prop('a').value()}", `error juel.type`},
		{"${n.isNull()}", `true`},
		{"${S('[1,2]').elements().get(1)}", `2`},
		{"${S('{')}", `error juel.arguments`},
		{"${S('<a/>')}", `error juel.unsupported`},
		{"${S(o).hasProp('a')}", `true`},
		{"${S('{}', 'application/json').size()}", `0`},
		{"${S('x', 'application/xml')}", `error juel.unsupported`},
		{"${S('12.50').numberValue()}", `12.5`},

		// Dates are texts outside, and texts are dates where a date is meant.
		{"${now() < '2026-03-02'}", `true`},
		{"${'2026-02-01' < now()}", `true`},
		{"${now() == '2026-03-01T08:30:00Z'}", `true`},
		{"${now() == 'soon'}", `false`},
		{"${now() < 'soon'}", `error juel.coercion`},
		{"${when.plusDays(1)}", `"2026-03-30T01:30:00+01:00"`},
		{"${when.time}", `1774744200000`},
		{"${when.year}", `2026`},
		{"${s.plusDays(1)}", `error juel.unknown-method`},
		{"${now().withDayOfMonth(31).withMonthOfYear(2)}", `"2026-02-28T09:30:00+01:00"`},
		{"${now().withMonthOfYear(2).withDayOfMonth(31)}", `error juel.arguments`},
		{"${now().withHourOfDay(24)}", `error juel.arguments`},
		{"${now().plusYears(9999)}", `error juel.arguments`},
		{"${now().plusMillis(1500)}", `"2026-03-01T09:30:01.5+01:00"`},
		{"${now().toString(\"yy-M-d'T'hh:mm:ss.SSS a ZZ X EEEE MMMM D ''\")}", `"26-3-1T09:30:00.000 AM +01:00 +01 Sunday March 60 '"`},
		{"${when.toString('yyyy')}", `"2026"`},
		{"${now().toString('ww')}", `error juel.arguments`},
		{"${now().toString(\"'x\")}", `error juel.arguments`},
		{"due ${now()}", `"due 2026-03-01T09:30:00+01:00"`},
		{"${execution}", `error juel.type`},
		{"${execution.processBusinessKey}", `"order-7"`},
		{"${execution.superExecutionId}", `null`},
		{"${execution.nope}", `error juel.unknown-property`},
		{"${task.assignee == 'ada' && task.priority > 10}", `true`},
		{"${task.dueDate.after(now())}", `true`},
		{"${task.execution.variables.s.length()}", `error juel.null`},
		{"${authenticatedUserId}", `"ada"`},

		// Flowable's functions take names.
		{"${var:get('s') == s}", `true`},
		{"${variables:getOrDefault(x, s.length())}", `9`},
		{"${vars:exists(nope) or var:exists(n)}", `false`},
		{"${var:equals(nope, null)}", `true`},
		{"${var:equals(n, null)}", `true`},
		{"${var:ne(nope, 1)}", `false`},
		{"${var:eq(s, 5)}", `false`},
		{"${var:lt(nope, 5)}", `false`},
		{"${var:contains(nope, 5)}", `false`},
		{"${var:contains(o, 5)}", `error juel.type`},
		{"${var:containsAny(l, 9, 'x')}", `true`},
		{"${var:get(concat)}", `null`},
		{"${var:get('s'.concat(''))}", `"Grüße 😀!"`},
		{"${var:get(1)}", `error juel.arguments`},

		{"${var:containsAny(l, 9, 8)}", `false`},
		{"${var:contains(s, 'Gr', null)}", `false`},
		{"${var:contains(when, 1)}", `true`},
		{"${variables:lessThanOrEqual(when, 'x') && vars:greaterThanOrEqual(when, '1')}", `true`},
		{"${vars:notEmpty(s) && vars:empty(n) && var:exist(s)}", `true`},

		// Objects of the engine.
		{"${execution == execution}", `true`},
		{"${execution.equals(task)}", `error juel.unknown-method`},
		{"${l.contains(execution)}", `false`},
		{"a ${execution}", `error juel.type`},
		{"${execution < 1}", `error juel.coercion`},
		{"${flwCollectionUtils.listOf(execution)}", `error juel.type`},
		{"${flwCollectionUtils.listOf(now())[0]}", `"2026-03-01T09:30:00+01:00"`},
		{"${o.prop('x', task)}", `error juel.type`},
		{"${now() == execution}", `false`},
		{"${now().equals('2026-03-01T08:30:00Z')}", `true`},
		{"${now().compareTo('2026-03-02')}", `-1`},
		{"${flwStringUtils.equals(n, n)}", `true`},
		{"${flwStringUtils.contains(n, 'a')}", `false`},
		{"${flwStringUtils.capitalize(n)}", `null`},
		{"${flwStringUtils.capitalize('éa')}", `"Éa"`},
		{"${flwCollectionUtils.contains(n, 1)}", `false`},
		{"${flwCollectionUtils.isEmpty(1)}", `error juel.arguments`},
		{"${flwTimeUtils.asDate(n)}", `null`},
		{"${flwTimeUtils.isBefore(n, now())}", `error juel.arguments`},
		{"${now().withTime(24, 0, 0, 0)}", `error juel.arguments`},

		// Numbers.
		{"${1e25}x", `"1E+25x"`},
		{"${1e20}x", `"100000000000000000000x"`},
		{"${1e-7}x", `"0.0000001x"`},
		{"${(0 - 3).abs()}", `3`},
		{"${(3.5).setScale(9999999)}", `error juel.arguments`},
		{"${flwMathUtils.sum(flwCollectionUtils.listOf())}", `null`},
		{"${flwMathUtils.average(flwCollectionUtils.listOf())}", `null`},
		{"${(7.9).intValue()}", `7`},
		{"${(-7.9).longValue()}", `-7`},
		{"${(2.345).setScale(2, 6)}", `2.34`},
		{"${(2.345).setScale(2)}", `2.35`},
		{"${(1234).setScale(-2)}", `1200`},
		{"${(2.345).setScale(2, 9)}", `error juel.arguments`},
		{"${flwMathUtils.sum(l)}", `error juel.arguments`},
		{"${(1).compareTo(2)}", `-1`},
		{"${(1).equals(1.0)}", `true`},
		{"${(1).equals('1')}", `false`},
	} {
		if got := eval(t, c.text, vars); got != c.want {
			t.Errorf("%s is %s, expected %s", c.text, got, c.want)
		}
	}
}

func TestVariables(t *testing.T) {
	e, err := Compile("${a.b[c] ? f.size() : var:get(d)} ${execution.id} ${flwTimeUtils.now()} ${a} ${var:exists('e')} ${true}", Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := e.Variables(), []string{"a", "c", "d", "e", "f"}; !slices.Equal(got, want) {
		t.Errorf("the variables are %v, expected %v", got, want)
	}
	if e.Literal() {
		t.Error("the expression is taken for a literal")
	}
}

func TestUnknownVariable(t *testing.T) {
	e, err := Compile("x ${amount > 1}", Options{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = e.Eval(&EvalContext{})
	var je *Error
	if !errors.As(err, &je) {
		t.Fatal(err)
	}
	if je.Name != "amount" || je.Offset != 4 || !strings.HasPrefix(je.Message, "Unknown property used in expression") {
		t.Errorf("%#v", je)
	}
}

func TestBare(t *testing.T) {
	e, err := CompileBare("amount > 1 ? 'a' : \"b\"", Options{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := e.Eval(TableContext())
	if err != nil || got != "a" {
		t.Errorf("%v, %v", got, err)
	}
	for _, text := range []string{"", "a}", "${a}", "a b"} {
		if _, err := CompileBare(text, Options{}); !errors.Is(err, &Error{Code: CodeSyntax}) && !errors.Is(err, &Error{Code: CodeUnsupported}) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestEvalBool(t *testing.T) {
	for text, want := range map[string]string{"${amount > 1}": "true", "${nothing}": "error juel.coercion", "${'true'}": "error juel.coercion", "${amount}": "error juel.coercion"} {
		e, err := Compile(text, Options{})
		if err != nil {
			t.Fatal(err)
		}
		b, err := e.EvalBool(TableContext())
		got := fmt.Sprint(b)
		if err != nil {
			got = code(t, text, err)
		}
		if got != want {
			t.Errorf("%s is %s, expected %s", text, got, want)
		}
	}
}

func TestHost(t *testing.T) {
	var seen []any
	reg, err := NewRegistry(
		Function{Name: "pricing.check", MinArgs: 1, MaxArgs: 2, Call: func(c Call) (any, error) { seen = c.Args; return len(c.Args), nil }},
		Function{Name: "double", MinArgs: 1, MaxArgs: 1, Call: func(c Call) (any, error) { return 2.5, nil }},
		Function{Name: "my:any", MaxArgs: -1, Call: func(c Call) (any, error) { return c.Now, nil }},
		Function{Name: "bad.error", Call: func(Call) (any, error) { return nil, errTest }},
		Function{Name: "bad.panic", Call: func(Call) (any, error) { panic("oops") }},
		Function{Name: "bad.value", Call: func(Call) (any, error) { return struct{}{}, nil }},
	)
	if err != nil {
		t.Fatal(err)
	}
	opts := Options{Functions: reg}
	for _, c := range []struct{ text, want string }{
		{"${pricing.check(order, now())}", "2"},
		{"${pricing.check(execution)}", "1"},
		{"${double(1) + 1}", "3.5"},
		{"${my:any(1, 2, 3).year}", "2026"},
		{"${pricing.check()}", "error juel.arguments"},
		{"${pricing.nope(1)}", "error juel.unknown-method"},
		{"${pricing.rate}", "error juel.unsupported"},
		{"${bad.error()}", "error juel.host"},
		{"${bad.panic()}", "error juel.host"},
		{"${bad.value()}", "error juel.host"},
		{"${other.check(1)}", "error juel.needs-java"},
	} {
		if got := evalIn(t, c.text, TableContext(), opts); got != c.want {
			t.Errorf("%s is %s, expected %s", c.text, got, c.want)
		}
	}
	if got := evalIn(t, "${pricing.check(task, execution.getBpmnModelElementInstance())}", TableContext(), opts); got != "2" {
		t.Error(got)
	}
	if got, want := fmt.Sprint(seen[1]), "map[id:approve name:Approve type:userTask]"; got != want {
		t.Errorf("the function sees the element %s, expected %s", got, want)
	}
	if m, ok := seen[0].(map[string]any); !ok || m["assignee"] != "ada" || m["dueDate"] != "2026-03-02T09:00:00+01:00" || m["priority"] != int64(50) {
		t.Errorf("the function sees the task %v", seen[0])
	}
	if got := evalIn(t, "${pricing.check(execution)}", TableContext(), opts); got != "1" {
		t.Error(got)
	}
	if m, ok := seen[0].(map[string]any); !ok || m["businessKey"] != "order-7" {
		t.Errorf("the function sees %v", seen)
	}
	e, err := Compile("${bad.error()}", opts)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Eval(TableContext()); !errors.Is(err, errTest) {
		t.Errorf("the cause is lost: %v", err)
	}

	for _, fn := range []Function{
		{Name: "", Call: func(Call) (any, error) { return nil, nil }},
		{Name: "a.b.c", Call: func(Call) (any, error) { return nil, nil }},
		{Name: "a b", Call: func(Call) (any, error) { return nil, nil }},
		{Name: ".a", Call: func(Call) (any, error) { return nil, nil }},
		{Name: "empty", Call: func(Call) (any, error) { return nil, nil }},
		{Name: "execution.fly", Call: func(Call) (any, error) { return nil, nil }},
		{Name: "x"},
		{Name: "x", MinArgs: 2, MaxArgs: 1, Call: func(Call) (any, error) { return nil, nil }},
	} {
		if _, err := NewRegistry(fn); err == nil {
			t.Errorf("function %q is taken", fn.Name)
		}
	}
	f := Function{Name: "x", Call: func(Call) (any, error) { return nil, nil }}
	if _, err := NewRegistry(f, f); err == nil {
		t.Error("a function can be registered twice")
	}
}

var errTest = errors.New("no rate today")

func TestWrites(t *testing.T) {
	ctx := TableContext()
	var got []string
	ctx.Execution.Set = func(name string, v any, local bool) error {
		got = append(got, fmt.Sprint(name, v, local))
		return nil
	}
	ctx.Execution.Remove = nil
	ctx.Task.Set = func(property string, v any) error {
		got = append(got, fmt.Sprint(property, v))
		return errTest
	}
	opts := Options{AllowWrites: true}
	for _, c := range []struct{ text, want string }{
		{"${execution.setVariable('a', amount + 1)}", "null"},
		{"${task.setVariableLocal('b', now())}", "null"},
		{"${task.setAssignee('bob')}", "error juel.host"},
		{"${execution.removeVariable('a')}", "error juel.read-only"},
	} {
		if res := evalIn(t, c.text, ctx, opts); res != c.want {
			t.Errorf("%s is %s, expected %s", c.text, res, c.want)
		}
	}
	want := []string{"a251 false", "b2026-03-01T09:30:00+01:00true", "assigneebob"}
	if !slices.Equal(got, want) {
		t.Errorf("the hooks see %q, expected %q", got, want)
	}
}

// What attacks an evaluation ends soon, with a code.
func TestAttacks(t *testing.T) {
	long := strings.Repeat("a", 200_000)
	ctx := TableContext()
	inner := ctx.Lookup
	list := make([]any, 50_000)
	for i := range list {
		list[i] = int64(i)
	}
	far := make([]any, 50_000)
	for i := range far {
		far[i] = apd.New(1, int32(6000-12000*(i%2))) //nolint:gosec // small
	}
	ctx.Lookup = func(name string) (any, bool) {
		switch name {
		case "long":
			return long, true
		case "list":
			return list, true
		case "far":
			return far, true
		}
		return inner(name)
	}
	deep := strings.Repeat("(", 1000) + "1" + strings.Repeat(")", 1000)
	for _, c := range []struct{ name, text, want string }{
		{"deep parentheses", "${" + deep + "}", "error juel.limit"},
		{"deep not", "${" + strings.Repeat("!", 5000) + "true}", "error juel.limit"},
		{"deep minus", "${" + strings.Repeat("- ", 5000) + "1}", "error juel.limit"},
		{"deep ternary", "${" + strings.Repeat("true ? 1 : ", 5000) + "1}", "error juel.limit"},
		{"deep calls", "${" + strings.Repeat("S(", 5000) + "1" + strings.Repeat(")", 5000) + "}", "error juel.limit"},
		{"deep index", "${" + strings.Repeat("items[", 5000) + "1" + strings.Repeat("]", 5000) + "}", "error juel.limit"},
		{"long sum", "${1" + strings.Repeat("+1", 30_000) + "}", "error juel.limit"},
		{"long path", "${customer" + strings.Repeat(".a", 30_000) + "}", "error juel.limit"},
		{"long text", strings.Repeat("x", 70_000), "error juel.limit"},
		{"doubling", "${" + "'x'" + strings.Repeat(".replace('x','xxxxxxxxxx')", 12) + ".length()}", "error juel.limit"},
		{"repeat", "${'ab'.repeat(2000000000)}", "error juel.limit"},
		{"repeat by a huge number", "${'ab'.repeat(1e300)}", "error juel.arguments"},
		{"concat", "${long.concat(long).concat(long).concat(long).concat(long).concat(long)}", "error juel.limit"},
		{"composite", "${long}${long}${long}${long}${long}${long}", "error juel.limit"},
		{"empty replace", "${long.replace('', long)}", "error juel.limit"},
		{"regex replace", "${long.replaceAll('a', long)}", "error juel.limit"},
		{"split", "${long.concat('b').split('a')}", "error juel.limit"},
		{"catastrophic match", "${long.substring(0, 40).concat('!').matches('(a+)+b')}", "error juel.regex"},
		{"catastrophic replace", "${long.replaceAll('(a|aa)+$x', '')}", "error juel.regex"},
		{"slow search", "${long.replaceAll('a.*c|a', '')}", "error juel.regex"},
		{"many slow matches", "${" + strings.Repeat("long.substring(0, 18).matches('(a+)+b') or ", 1000) + "true}", "error juel.regex"},
		{"numbers far apart", "${flwMathUtils.sum(far)}", "error juel.limit"},
		{"long pattern", "${'a'.matches(long)}", "error juel.limit"},
		{"large repeat", "${'a'.matches('((a{1000}){1000}){1000}')}", "false"},
		{"quadratic contains", "${list.containsAll(list)}", "error juel.limit"},
		{"huge numbers", "${1e6000 * 1e6000}", "error juel.number"},
		{"tiny numbers", "${1e-6000 / 1e6000}", "error juel.number"},
		{"far remainder", "${1e6000 % 7}", "1"},
		{"far sum", "${1e6000 + 1e-6000 == 1e6000}", "true"},
		{"date", "${now().plusDays(9223372036854775807)}", "error juel.arguments"},
		{"deep json", "${S('" + strings.Repeat("[", 20_000) + "')}", "error juel.arguments"},
		{"reflection", "${''['class']['forName']}", "error juel.unknown-property"},
	} {
		start := time.Now()
		got := evalIn(t, c.text, ctx, Options{})
		if got != c.want {
			if len(got) > 200 {
				got = got[:200]
			}
			t.Errorf("%s: %s, expected %s", c.name, got, c.want)
		}
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("%s takes %s", c.name, took)
		}
	}
	// Limits of the evaluation replace those of the compilation.
	ctx.Limits = Limits{Text: 3, Items: 1}
	for text, want := range map[string]string{
		"${'ab'.concat('cd')}": "error juel.limit", "${'a,b'.split(',')}": "error juel.limit", "${'ab'.concat('c')}": `"abc"`,
	} {
		if got := evalIn(t, text, ctx, Options{}); got != want {
			t.Errorf("%s with narrow limits is %s, expected %s", text, got, want)
		}
	}
	ctx.Limits = Limits{Regex: time.Nanosecond}
	if got := evalIn(t, "${'a'.matches('a+')}", ctx, Options{}); got != "error juel.regex" {
		t.Errorf("a nanosecond is enough: %s", got)
	}
	ctx.Limits.Steps = 3
	if got := evalIn(t, "${1 + 1 + 1 + 1 + 1}", ctx, Options{}); got != "error juel.limit" {
		t.Errorf("three steps are enough: %s", got)
	}
}

// exact computes with big integers what has at most 34 digits and no fraction.
func exact(op kind, x, y int64) (any, bool) {
	a, b, res := big.NewInt(x), big.NewInt(y), new(big.Int)
	switch {
	case op == tPlus:
		res.Add(a, b)
	case op == tMinus:
		res.Sub(a, b)
	case op == tTimes:
		res.Mul(a, b)
	case y == 0:
		return nil, false
	case op == tDivide:
		rest := new(big.Int)
		if res.QuoRem(a, b, rest); rest.Sign() != 0 {
			return nil, false
		}
	default:
		res.Rem(a, b)
	}
	if len(res.Text(10)) > 34 {
		return nil, false
	}
	v, err := variables.ParseNumber(res.Text(10))
	return v, err == nil
}

// Goal: int64, decimals and big integers give the same. Method: each pair of
// corner and random numbers through the paths.
func TestArithmeticPaths(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4)) //nolint:gosec // a test wants the same numbers each time
	corner := []int64{0, 1, -1, 2, 3, -7, 10, 1 << 31, -(1 << 31), 1<<32 + 1, 1<<62 - 1, 1<<63 - 1, -(1 << 62), -1 << 63}
	for range 60 {
		n := int64(rnd.Uint64()) >> rnd.IntN(64) //nolint:gosec // any bits
		corner = append(corner, n)
	}
	f := frame{ctx: &EvalContext{}, expr: &Expression{}, steps: 1 << 40}
	for _, x := range corner {
		for _, y := range corner {
			for _, op := range []kind{tPlus, tMinus, tTimes, tDivide, tModulo} {
				a, err1 := f.arithmetic(op, x, y, 0)
				b, err2 := f.slow(op, apd.New(x, 0), apd.New(y, 0), 0)
				if (err1 == nil) != (err2 == nil) || err1 == nil && !variables.Equal(a, b) {
					t.Errorf("%d %d %d: %v (%v) and %v (%v)", x, op, y, a, err1, b, err2)
				}
				if want, ok := exact(op, x, y); ok && (err1 != nil || !variables.Equal(a, want)) {
					t.Errorf("%d %d %d: %v (%v), expected %v", x, op, y, a, err1, want)
				}
			}
		}
	}
}

// An expression is safe for concurrent use; the race detector looks on.
func TestConcurrent(t *testing.T) {
	e, err := Compile("${customer.name} ${amount > 1 && status.matches('o.*')} ${items[0]}", Options{})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan string)
	for range 8 {
		go func() {
			v, err := e.Eval(TableContext())
			done <- fmt.Sprint(v, err)
		}()
	}
	for range 8 {
		if got := <-done; got != "Ada true pen<nil>" && got != "Ada true pen <nil>" {
			t.Error(got)
		}
	}
}

// Each row of the table of the language holds.
func TestSyntax(t *testing.T) {
	for _, form := range Syntax() {
		if got := evalIn(t, form.Example, TableContext(), Options{}); got != form.Result {
			t.Errorf("%s is %s, expected %s", form.Example, got, form.Result)
		}
	}
}

func BenchmarkCompile(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Compile("${amount > 100 && status == 'open'}", Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEval(b *testing.B) {
	for _, text := range []string{
		"${amount > 100 && status == 'open'}",
		"${order.lines[0].sku == 'pen'}",
		"${price * 2 + amount}",
		"${items.contains('ink')}",
		"Order ${order.id} of ${customer.name}",
		"${dateTime().plusDays(3).toDate()}",
	} {
		b.Run(text, func(b *testing.B) {
			e, err := Compile(text, Options{})
			if err != nil {
				b.Fatal(err)
			}
			ctx := TableContext()
			b.ReportAllocs()
			for b.Loop() {
				if _, err := e.Eval(ctx); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// Work that costs much and makes nothing, done again and again, runs out of
// steps in good time.
func TestRepeatedWork(t *testing.T) {
	long := strings.Repeat("é ", 1<<17)
	key := map[string]any{strings.Repeat("k", 1<<20): int64(1)}
	list := make([]any, 50_000)
	for i := range list {
		list[i] = "abcdefghijklmnop"
	}
	vars := map[string]any{"long": long, "key": key, "list": list}
	ctx := &EvalContext{Lookup: func(name string) (any, bool) { v, ok := vars[name]; return v, ok }}
	for _, part := range []string{
		"key == 'x'", "list.toString() == 'x'", "list.contains('x')", "long.substring(1, 5) == 'x'", "long.toUpperCase() == 'x'",
		"flwStringUtils.hasText(long) == false", "long.matches('.*y')", "1e6000 % 7 == 2", "long.indexOf('y') == 3",
	} {
		e, err := Compile("${"+strings.Repeat("("+part+") or ", 900)+"false}", Options{Limits: Limits{Steps: 1_000_000}})
		if err != nil {
			t.Errorf("%s: %v", part, err)
			continue
		}
		start := time.Now()
		v, err := e.Eval(ctx)
		if err == nil && v != false || err != nil && !errors.Is(err, &Error{Code: CodeLimit}) && !errors.Is(err, &Error{Code: CodeRegex}) {
			t.Errorf("%s, 900 times: %v, %v", part, v, err)
		}
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("%s, 900 times, takes %s", part, took)
		}
	}
}

func TestDecisionResults(t *testing.T) {
	const none, one, several = `[]`, `[{"risk": "high", "score": 7}]`, `[{"risk": "high"}, {"risk": "low"}, {"other": true}]`
	for _, tt := range []struct{ text, result, want string }{
		{"${decisionResult.getSingleResult()}", none, "null"},
		{"${decisionResult.getSingleResult().score + 1}", one, "8"},
		{"${decisionResult.getSingleResult()}", several, "error juel.arguments"},
		{"${decisionResult.getSingleEntry()}", one, "error juel.arguments"},
		{"${decisionResult.getSingleEntry()}", none, "null"},
		{"${decisionResult.getFirstResult()}", none, "null"},
		{"${decisionResult.getFirstResult().risk}", several, `"high"`},
		{"${decisionResult.collectEntries('risk')}", several, `["high","low"]`},
		{"${decisionResult.getResultList().size()}", several, "3"},
	} {
		if got := eval(t, tt.text, `{"decisionResult": `+tt.result+`}`); got != tt.want {
			t.Errorf("%s of %s: got %s, but expected %s", tt.text, tt.result, got, tt.want)
		}
	}
}
