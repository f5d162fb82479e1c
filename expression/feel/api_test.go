package feel

import (
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cockroachdb/apd/v3"
)

func TestGoFunctions(t *testing.T) {
	double := NewFunction("double", []Param{{Name: "n", Type: TypeOf(KindNumber)}, {Name: "plus", Optional: true}},
		func(_ *EvalContext, args []Value) (Value, error) {
			n, _ := args[0].AsInt()
			m, _ := args[1].AsInt()
			if n == 13 {
				return Null(), errors.New("not 13")
			}
			if n == 14 {
				return Null(), &Error{Code: CodeSteps, Msg: "end"}
			}
			return Int(2*n + m), nil
		})
	o := CompileOptions{Functions: map[string]Value{"double": double, "lib.twice as much": double}}
	for text, want := range map[string]string{
		`double(4)`: "8", `double(4, 1)`: "9", `double(n: 4, plus: 2)`: "10", `double([4])`: "8", `double("a")`: "null",
		`double()`: "null", `double(1, 2, 3)`: "null", `double(m: 1)`: "null", `double(13)`: "null", `lib.twice as much(4)`: "8",
		`(for f in [double] return f(1))[1]`: "2", `sum(for i in 1..3 return double(i))`: "12",
	} {
		if got := run(t, text, o, testContext()); got.String() != want {
			t.Errorf("%s = %s, expected %s", text, got, want)
		}
	}
	e, err := Compile(`double(14)`, o)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Eval(testContext()); !errors.Is(err, &Error{Code: CodeSteps}) {
		t.Errorf("an *Error has to end the evaluation: %v", err)
	}
	typed := NewTypedFunction("typed", nil, TypeOf(KindString), func(*EvalContext, []Value) (Value, error) { return Int(1), nil })
	if v, err := Invoke(testContext(), typed); err != nil || !v.IsNull() {
		t.Errorf("a result of the wrong type is null: %v, %v", v, err)
	}
}

func TestInvoke(t *testing.T) {
	fn := run(t, `function(a, b) a - b + x`, CompileOptions{}, testContext())
	c := testContext()
	if v, err := Invoke(c, fn, Int(3), Int(1)); err != nil || v.String() != "7" {
		t.Errorf("got %v, %v", v, err)
	}
	if v, err := InvokeNamed(c, fn, NamedArg{"b", Int(3)}, NamedArg{"a", Int(1)}); err != nil || v.String() != "3" {
		t.Errorf("got %v, %v", v, err)
	}
	if v, err := Invoke(c, Int(1)); err != nil || !v.IsNull() || len(c.Warnings()) != 1 {
		t.Errorf("got %v, %v, %v", v, err, c.Warnings())
	}
	f, ok := fn.Function()
	if !ok || len(f.Params()) != 2 || f.Params()[1].Name != "b" || f.Name() != "" {
		t.Errorf("got %+v", f)
	}
}

// TestNested: a Go function that evaluates another expression, with another
// scope, shares limits and warnings and leaves the outer evaluation as it was.
func TestNested(t *testing.T) {
	inner, err := Compile(`for i in 1..a return if i = 2 then nosuch else i + a`, CompileOptions{})
	if err != nil {
		t.Fatal(err)
	}
	knowledge := NewFunction("knowledge", []Param{{Name: "a"}}, func(c *EvalContext, args []Value) (Value, error) {
		return inner.Eval(c.With(&Slots{Names: []string{"a"}, Vals: args}))
	})
	o := CompileOptions{Functions: map[string]Value{"knowledge": knowledge}}
	c := testContext()
	got := run(t, `{q: 9, r: for z in [1, 2] return knowledge(z), s: x + q}`, o, c)
	if got.String() != `{q: 9, r: [[2], [3, null]], s: 14}` || len(c.Warnings()) != 1 {
		t.Errorf("got %s, %v", got, c.Warnings())
	}
	c = testContext()
	c.Limits.Steps = 1000
	e, err := Compile(`for z in 1..100 return knowledge(20)`, o)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Eval(c); !errors.Is(err, &Error{Code: CodeSteps}) {
		t.Errorf("nested steps have to count: %v", err)
	}
	if v, err := inner.Eval(c.With(Vars{"a": int64(1)})); err != nil || v.String() != "[2]" {
		t.Errorf("limits are of one evaluation: %v, %v", v, err)
	}
}

// TestFunctionKeepsScope: a function value sees the scope it was made in.
func TestFunctionKeepsScope(t *testing.T) {
	c := &EvalContext{Scope: Vars{"x": int64(1)}}
	fn := run(t, `function(a) a + x`, CompileOptions{}, c)
	c.Scope = Vars{"x": int64(100), "fn": fn}
	if v := run(t, `fn(1)`, CompileOptions{}, c); v.String() != "2" {
		t.Errorf("got %s", v)
	}
	other := &EvalContext{Scope: Values{"fn": fn, "x": Int(7)}}
	if v := run(t, `fn(1) + x`, CompileOptions{}, other); v.String() != "9" {
		t.Errorf("got %s", v)
	}
}

func TestFromAny(t *testing.T) {
	wide, _, err := apd.NewFromString("1234567890123456789012345678901234567890.5")
	if err != nil {
		t.Fatal(err)
	}
	if v := run(t, `x + 0`, CompileOptions{}, &EvalContext{Scope: Vars{"x": wide}}); v.String() != "1234567890123456789012345678901235000000" {
		t.Errorf("what is computed has 34 digits: %s", v)
	}
	for _, tc := range []struct {
		in   any
		want string
	}{
		{nil, "null"},
		{true, "true"},
		{"a", "a"},
		{int64(-5), "-5"},
		{apd.New(125, -2), "1.25"},
		{apd.New(5, 30), "5" + strings.Repeat("0", 30)},
		{wide, "1234567890123456789012345678901234567890.5"},
		{&apd.Decimal{Form: apd.NaN}, "null"},
		{(*apd.Decimal)(nil), "null"},
		{[]any{int64(1), nil}, "[1, null]"},
		{map[string]any{"b": int64(2), "a": "x"}, `{a: "x", b: 2}`},
		{int(7), "7"},
		{uint8(7), "7"},
		{uint64(1 << 63), "9223372036854775808"},
		{1.5, "1.5"},
		{0.1, "0.1"},
		{1e300, "1" + strings.Repeat("0", 300)},
		{float32(0.5), "0.5"},
		{json.Number("12.50"), "12.50"},
		{json.Number("x"), "null"},
		{[]string{"a"}, `["a"]`},
		{map[string]string{"k": "v"}, `{k: "v"}`},
		{[]Value{Int(1)}, "[1]"},
		{map[string]Value{"b": Int(1), "a": Null()}, "{a: null, b: 1}"},
		{Int(3), "3"},
		{90 * time.Minute, "PT1H30M"},
		{time.Date(2020, 1, 2, 3, 4, 5, 6000, time.UTC), "2020-01-02T03:04:05.000006Z"},
		{struct{}{}, "null"},
		{make(chan int), "null"},
		{[]map[string]any{{"a": int64(1)}}, "[{a: 1}]"},
	} {
		if got := FromAny(tc.in); got.String() != tc.want {
			t.Errorf("FromAny(%v) = %s, expected %s", tc.in, got, tc.want)
		}
	}
}

func TestParseJSON(t *testing.T) {
	v, err := ParseJSON(` {"b": [1, 2.50, "x\u0041"], "a": {"c": null, "d": true}, "big": 12345678901234567890123} `)
	if err != nil || v.JSON() != `{"b":[1,2.50,"xA"],"a":{"c":null,"d":true},"big":12345678901234567890123}` {
		t.Errorf("got %s, %v", v.JSON(), err)
	}
	for _, bad := range []string{``, `{`, `[1,]`, `1 2`, `{"a" 1}`, `1e99999`, strings.Repeat("[", 2000)} {
		if _, err := ParseJSON(bad); err == nil {
			t.Errorf("%.20s: expected an error", bad)
		}
	}
	if got := String("a\"\\\n\x01é").JSON(); got != `"a\"\\\n\u0001é"` {
		t.Errorf("got %s", got)
	}
}

func TestTimes(t *testing.T) {
	at := func(text string) Value { return run(t, text, CompileOptions{}, testContext()) }
	if got, ok := at(`@"2020-06-01T12:00:00@Europe/Berlin"`).AsTime(); !ok || got.UTC().Hour() != 10 || got.Location().String() != "Europe/Berlin" {
		t.Errorf("got %v", got)
	}
	if got, ok := at(`@"2020-06-01T12:00:00+02:00"`).AsTime(); !ok || !got.Equal(time.Date(2020, 6, 1, 10, 0, 0, 0, time.UTC)) {
		t.Errorf("got %v", got)
	}
	if _, ok := at(`@"2020-06-01T12:00:00"`).AsTime(); ok {
		t.Error("a local date and time is no moment")
	}
	if got, ok := at(`@"2020-06-01"`).AsLocalTime(time.UTC); !ok || !got.Equal(time.Date(2020, 6, 1, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("got %v", got)
	}
	if got, ok := at(`@"PT1.5S"`).AsDuration(); !ok || got != 1500*time.Millisecond {
		t.Errorf("got %v", got)
	}
	if _, ok := at(`@"P999999999D"`).AsDuration(); ok {
		t.Error("a million years are no time.Duration")
	}
	if n, ok := at(`@"P1Y2M"`).AsMonths(); !ok || n != 14 {
		t.Errorf("got %v", n)
	}
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	c := testContext()
	c.Location = berlin
	if got := run(t, `[now(), today()]`, CompileOptions{}, c); got.String() != `[2026-05-17T12:30:00@Europe/Berlin, 2026-05-17]` {
		t.Errorf("got %s", got)
	}
	if got := DateTime(time.Date(2020, 7, 1, 0, 0, 0, 0, time.FixedZone("CET", 3600))); got.String() != "2020-07-01T00:00:00+01:00" {
		t.Errorf("got %s", got)
	}
	if got := DateTime(time.Date(2020, 1, 1, 0, 0, 0, 0, time.FixedZone("X", 3600))); got.String() != "2020-01-01T00:00:00+01:00" {
		t.Errorf("got %s", got)
	}
}

// TestCalendar checks the calendar against the one of package time.
func TestCalendar(t *testing.T) {
	start := time.Date(-400, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := 0; i < 1_100_000; i += 13 {
		d := start.AddDate(0, 0, i)
		days := d.Unix() / daySeconds
		y, m, dd := civilFromDays(days)
		_, week := d.ISOWeek()
		wd := int64(d.Weekday())
		if wd == 0 {
			wd = 7
		}
		if y != int64(d.Year()) || m != int64(d.Month()) || dd != int64(d.Day()) || daysFromCivil(y, m, dd) != days ||
			dayOfYear(days) != int64(d.YearDay()) || weekOfYear(days) != int64(week) || weekday(days) != wd {
			t.Fatalf("%v: %d-%d-%d, week %d", d, y, m, dd, weekOfYear(days))
		}
	}
}

func TestCoerce(t *testing.T) {
	num, list := TypeOf(KindNumber), ListOf(TypeOf(KindNumber))
	small := Constrained("tSmall", num, func(v Value) bool { n, ok := v.AsInt(); return ok && n < 10 })
	for _, tc := range []struct {
		t    *Type
		in   Value
		want string
		ok   bool
	}{
		{num, Int(1), "1", true},
		{num, List(Int(1)), "1", true},
		{num, List(Int(1), Int(2)), "null", false},
		{num, String("1"), "null", false},
		{num, Null(), "null", true},
		{list, Int(1), "[1]", true},
		{list, String("a"), "null", false},
		{TypeOf(KindList), Int(1), "[1]", true},
		{TypeOf(KindDateTime), mustDate(2020, 1, 1), "2020-01-01T00:00:00Z", true},
		{small, Int(5), "5", true},
		{small, Int(50), "null", false},
		{small, List(Int(5)), "5", true},
		{ListOf(small), Int(5), "[5]", true},
		{ContextOf(Field{"a", num}), NewContext(1).Set("a", Int(1)).Set("b", Int(2)).Value(), "{a: 1, b: 2}", true},
		{ContextOf(Field{"a", num}), NewContext(1).Set("a", String("x")).Value(), "null", false},
		{nil, Int(1), "1", true},
		{TypeAny(), List(Int(1)), "[1]", true},
	} {
		got, ok := tc.t.Coerce(tc.in)
		if got.String() != tc.want || ok != tc.ok {
			t.Errorf("%s to %s: got %s, %v", tc.in, tc.t, got, ok)
		}
	}
	if ft, ok := Constrained("t", ContextOf(Field{"a", num}), nil).Field("a"); !ok || ft != num {
		t.Error("a field is found through a name")
	}
}

func mustDate(y, m, d int64) Value {
	v, ok := Date(y, m, d)
	if !ok {
		panic("no such date")
	}
	return v
}

func TestNamedTypes(t *testing.T) {
	o := CompileOptions{Types: func(name string) (*Type, bool) {
		if name == "tPerson-2" || name == "lib.t Person" {
			return ContextOf(Field{"name", TypeOf(KindString)}), true
		}
		return nil, false
	}}
	for text, want := range map[string]string{
		`person instance of tPerson-2`: "true", `1 instance of lib.t Person`: "false", `person instance of lib.t Person and true`: "true",
		`people instance of list<tPerson-2>`: "true", `(function(p: tPerson-2) p.name)(person)`: "Ann", `(function(p: tPerson-2) p.name)(1)`: "null",
	} {
		if got := run(t, text, o, testContext()); got.String() != want {
			t.Errorf("%s = %s, expected %s", text, got, want)
		}
	}
}

func TestWarnings(t *testing.T) {
	for text, want := range map[string]Code{
		`nosuch + 1`: WarnNoVariable, `person.nosuch`: WarnNoEntry, `nosuch(1)`: WarnNoFunction, `"a" + 1`: WarnInvalidType, `1 < "a"`: WarnNotComparable,
		`list[9]`: WarnOutOfRange, `date("x")`: WarnFunctionFailed, `1 / 0`: WarnFunctionFailed, `@"x"`: WarnFunctionFailed, `floor("a")`: WarnNoFunction,
		"1 +\n \"a\"": WarnInvalidType,
	} {
		c := testContext()
		v := run(t, text, CompileOptions{}, c)
		if !v.IsNull() || len(c.Warnings()) == 0 || c.Warnings()[0].Code != want || c.Warnings()[0].Line != 1 || c.Warnings()[0].Msg == "" {
			t.Errorf("%s: got %s and %v, expected %s", text, v, c.Warnings(), want)
		}
	}
	c := testContext()
	c.Limits.Warnings = 3
	run(t, `for i in 1..10 return i + "a"`, CompileOptions{}, c)
	if len(c.Warnings()) != 3 {
		t.Errorf("expected 3 warnings, but there are %d", len(c.Warnings()))
	}
	c.ResetWarnings()
	c.Limits.Warnings = -1
	run(t, `1 + "a"`, CompileOptions{}, c)
	if len(c.Warnings()) != 0 {
		t.Errorf("expected no warnings, but got %v", c.Warnings())
	}
}

func TestConstants(t *testing.T) {
	for text, want := range map[string]bool{
		`1 + 2`: true, `date("2020-01-01") + @"P1D"`: true, `[1, {a: 2}]`: true, `x`: false, `now()`: false, `uuid()`: false, `1 / 0`: false, `sum([1, 2])`: true,
	} {
		e, err := Compile(text, CompileOptions{Dialect: Camunda})
		if err != nil || e.Constant() != want {
			t.Errorf("%s: got %v, %v", text, e.Constant(), err)
		}
	}
}

// TestConcurrentUse: one expression, many goroutines, each with its context.
func TestConcurrentUse(t *testing.T) {
	e, err := Compile(`sum(for i in people[age > limit] return i.age * 1.5) + count(sort(list, function(a, b) a > b)) + 1e30 - 1e30`, CompileOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			vars, _ := testContext().Scope.(Vars)
			c := &EvalContext{Scope: Scopes{Values{"limit": Int(int64(g % 2 * 20))}, vars}}
			want := "88.5"
			if g%2 == 1 {
				want = "63"
			}
			for range 200 {
				if v, err := e.Eval(c); err != nil || !same(v, FromAny(json.Number(want))) {
					t.Errorf("got %s, %v, expected %s", v, err, want)
					return
				}
			}
		})
	}
	wg.Wait()
}

func TestAllocations(t *testing.T) {
	for _, text := range []string{`amount > 100 and status = "open"`, `a.b.c.d = "x"`, `amount * 1.19 + 0.5 > 7`, `amount in [1..200]`, `if amount > 3 then status else "x"`} {
		e, err := Compile(text, CompileOptions{})
		if err != nil {
			t.Fatal(err)
		}
		c := &EvalContext{Scope: benchVars}
		if n := testing.AllocsPerRun(100, func() { _, _ = e.Eval(c) }); n != 0 {
			t.Errorf("%s allocates %v times", text, n)
		}
	}
}

func TestAccessors(t *testing.T) {
	if b, ok := Bool(true).AsBool(); !b || !ok || Bool(true).IsFalse() || !Bool(false).IsFalse() || Int(1).IsTrue() {
		t.Error("booleans")
	}
	if _, ok := Int(1).AsBool(); ok {
		t.Error("a number is no boolean")
	}
	if s, ok := Int(1).AsString(); ok || s != "" {
		t.Error("a number is no string")
	}
	if _, ok := String("1").AsDecimal(); ok {
		t.Error("a string is no number")
	}
	if v := Decimal(apd.New(150, -2)); v.String() != "1.50" || v.Kind() != KindNumber {
		t.Errorf("got %s", v)
	}
	if n, ok := Decimal(apd.New(20, -1)).AsInt(); !ok || n != 2 {
		t.Errorf("got %d", n)
	}
	if y, m, d, ok := mustDate(-5, 2, 3).AsDate(); !ok || y != -5 || m != 2 || d != 3 {
		t.Errorf("got %d-%d-%d", y, m, d)
	}
	r, ok := NewRange(Int(1), true, Null(), false).Range()
	if !ok || !r.LowClosed || r.includes(Int(9)).IsFalse() {
		t.Errorf("got %+v", r)
	}
	l := List(Int(1), Int(2))
	if l.Len() != 2 || !l.At(-1).IsNull() || !l.At(2).IsNull() || l.At(1).String() != "2" || Int(1).Items() != nil {
		t.Error("lists")
	}
	c := NewContext(0)
	for i := range 40 { // beyond what is searched one by one
		c.Set(strings.Repeat("k", i+1), Int(int64(i)))
	}
	c.Set("kk", Int(99))
	if v, ok := c.Value().Get("kk"); !ok || v.String() != "99" || c.Len() != 40 || c.Value().Keys()[1] != "kk" {
		t.Errorf("got %s of %d", v, c.Len())
	}
	if Equal(Int(1), String("1")).Kind() != KindNull || !Equal(Int(1), Int(1)).IsTrue() {
		t.Error("equality")
	}
	if o, ok := Compare(String("a"), String("b")); !ok || o >= 0 {
		t.Error("order")
	}
	if KindDaysTime.String() != "days and time duration" || Kind(200).String() != "Kind(200)" || DMN.String() != "dmn" || Camunda.String() != "camunda" {
		t.Error("names")
	}
}

func TestTypeText(t *testing.T) {
	for _, text := range []string{
		"Any", "Null", "number", "list<string>", "range<date>", "context<a: number, b: list<Any>>", "function<number, string>->boolean",
	} {
		e, err := Compile(`1 instance of `+text, CompileOptions{})
		if err != nil {
			t.Fatal(err)
		}
		p := &parser{src: text, opts: &CompileOptions{}}
		l := lexer{src: text}
		p.toks, _ = l.tokens()
		if got := p.typeName().String(); got != text {
			t.Errorf("%s: got %s (%s)", text, got, e)
		}
	}
	if Constrained("tAge", TypeOf(KindNumber), nil).String() != "tAge" || (*Type)(nil).String() != "Any" {
		t.Error("named types")
	}
	if k, ok := Constrained("t", ListOf(TypeAny()), nil).Kind(); !ok || k != KindList {
		t.Error("kind of a named type")
	}
	if _, ok := TypeNull().Kind(); ok {
		t.Error("Null has no kind")
	}
	if e, ok := Constrained("t", ListOf(TypeOf(KindString)), nil).Elem(); !ok || e.String() != "string" {
		t.Error("items of a named type")
	}
	if !TypeNull().InstanceOf(Null()) || TypeAny().InstanceOf(Null()) || !TypeOf(KindNull).InstanceOf(Null()) {
		t.Error("null")
	}
}

func TestErrors(t *testing.T) {
	cause := errors.New("cause")
	e := &Error{Code: CodeSyntax, Line: 2, Column: 3, Msg: "expected this", Err: cause}
	if e.Error() != "line 2, column 3: expected this: cause [FEEL_SYNTAX]" || !errors.Is(e, cause) || errors.Is(e, &Error{Code: CodeSteps}) {
		t.Error(e)
	}
	u, err := CompileUnaryTests(`? > 1, < 5`, CompileOptions{})
	if err != nil || !u.UsesInput() || u.String() != `? > 1, < 5` {
		t.Errorf("%v, %v", u, err)
	}
	// a fault of a Go function does not take the process down
	bad := NewFunction("bad", nil, func(*EvalContext, []Value) (Value, error) { panic("oops") })
	if _, err := Invoke(testContext(), bad); !errors.Is(err, &Error{Code: CodeInternal}) {
		t.Errorf("got %v", err)
	}
	// and the context can be used again
	c := testContext()
	_, _ = Invoke(c, bad)
	if v := run(t, `x + 1`, CompileOptions{}, c); v.String() != "6" {
		t.Errorf("got %s", v)
	}
}
