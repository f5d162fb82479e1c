package feel

import "strings"

// The functions of Allen's interval algebra (DMN 1.5, 10.3.4.9, table 78). A
// side without endpoint lies beyond every value.

func rangeBuiltins() []builtin {
	points := "point1:ndtDuys, point2:ndtDuys"
	pointRange := "point:ndtDuys, range:r"
	rangePoint := "range:r, point:ndtDuys"
	ranges := "range1:r, range2:r"
	rel := func(name string, sigs []string, test relation, doc, example, result string) builtin {
		return builtin{name: name, sigs: sigs, run: relate(test), doc: doc, example: example, result: result}
	}
	return []builtin{
		rel("before", []string{points, pointRange, rangePoint, ranges}, before,
			"Whether the first ends before the second begins.", `before([1..5], [6..10])`, `true`),
		rel("after", []string{points, pointRange, rangePoint, ranges}, swap(before),
			"Whether the first begins after the second ends.", `after([5..10], [1..5])`, `false`),
		rel("meets", []string{ranges}, meets,
			"Whether the first ends where the second begins, and both hold that point.", `meets([1..5], [5..10])`, `true`),
		rel("met by", []string{ranges}, swap(meets),
			"Whether the first begins where the second ends, and both hold that point.", `met by([5..10], [1..5])`, `true`),
		rel("overlaps", []string{ranges}, func(c *cmpr, a, b span) bool { return !before(c, a, b) && !before(c, b, a) },
			"Whether the ranges have a point in common.", `overlaps([1..5], [3..8])`, `true`),
		rel("overlaps before", []string{ranges}, overlapsBefore,
			"Whether the first begins before the second and ends within it.", `overlaps before([1..5], [3..8])`, `true`),
		rel("overlaps after", []string{ranges}, swap(overlapsBefore),
			"Whether the first begins within the second and ends after it.", `overlaps after([3..8], [1..5])`, `true`),
		rel("finishes", []string{pointRange, ranges}, finishes,
			"Whether the first ends together with the second and begins within it.", `finishes([5..10], [1..10])`, `true`),
		rel("finished by", []string{rangePoint, ranges}, swap(finishes),
			"Whether the second ends together with the first and begins within it.", `finished by([1..10], [5..10])`, `true`),
		rel("includes", []string{rangePoint, ranges}, includes,
			"Whether the first holds all of the second.", `includes([1..10], [4..6])`, `true`),
		rel("during", []string{pointRange, ranges}, swap(includes),
			"Whether the second holds all of the first.", `during([4..6], [1..10])`, `true`),
		rel("starts", []string{pointRange, ranges}, starts,
			"Whether the first begins together with the second and ends within it.", `starts([1..5], [1..10])`, `true`),
		rel("started by", []string{rangePoint, ranges}, swap(starts),
			"Whether the second begins together with the first and ends within it.", `started by([1..10], [1..5])`, `true`),
		rel("coincides", []string{points, ranges}, coincides,
			"Whether both are the same point or range.", `coincides([1..5], [1..5])`, `true`),
		{
			name: "range", sigs: []string{"from:s"}, run: makeRange,
			doc: "The range that a text spells.", example: `range("[18..21)")`, result: `[18..21)`,
		},
	}
}

// span is a range, or a point as the range of itself alone.
type span struct {
	Range
	point bool
}

func spanOf(v Value) (s span, ok bool) {
	if r, ok := v.Range(); ok {
		return span{Range: *r}, !r.not
	}
	return span{Range: Range{Low: v, High: v, LowClosed: true, HighClosed: true}, point: true}, true
}

type relation func(c *cmpr, a, b span) bool

// cmpr compares endpoints and remembers when that was not possible.
type cmpr struct{ failed bool }

func (c *cmpr) order(a, b Value) int {
	o, ok := Compare(a, b)
	c.failed = c.failed || !ok
	return o
}

// lows compares where two spans begin: an included point lies before an excluded
// one.
func (c *cmpr) lows(a, b span) int {
	switch {
	case a.noLow && b.noLow:
		return 0
	case a.noLow:
		return -1
	case b.noLow:
		return 1
	}
	if o := c.order(a.Low, b.Low); o != 0 {
		return o
	}
	switch {
	case a.LowClosed == b.LowClosed:
		return 0
	case a.LowClosed:
		return -1
	}
	return 1
}

// highs compares where two spans end.
func (c *cmpr) highs(a, b span) int {
	switch {
	case a.noHigh && b.noHigh:
		return 0
	case a.noHigh:
		return 1
	case b.noHigh:
		return -1
	}
	if o := c.order(a.High, b.High); o != 0 {
		return o
	}
	switch {
	case a.HighClosed == b.HighClosed:
		return 0
	case a.HighClosed:
		return 1
	}
	return -1
}

func relate(test relation) builtinFunc {
	return func(f *frame, a []Value, pos int) Value {
		x, ok1 := spanOf(a[0])
		y, ok2 := spanOf(a[1])
		c := &cmpr{}
		if !ok1 || !ok2 {
			return f.warn(pos, WarnInvalidType, "expected ranges between two endpoints")
		}
		answer := test(c, x, y)
		if c.failed {
			return f.warn(pos, WarnNotComparable, "cannot compare %s with %s", brief(a[0]), brief(a[1]))
		}
		return Bool(answer)
	}
}

func swap(r relation) relation {
	return func(c *cmpr, a, b span) bool { return r(c, b, a) }
}

func before(c *cmpr, a, b span) bool {
	if a.noHigh || b.noLow {
		return false
	}
	o := c.order(a.High, b.Low)
	return o < 0 || (o == 0 && (!a.HighClosed || !b.LowClosed))
}

func meets(c *cmpr, a, b span) bool {
	return !a.noHigh && !b.noLow && a.HighClosed && b.LowClosed && c.order(a.High, b.Low) == 0
}

func overlapsBefore(c *cmpr, a, b span) bool {
	return c.lows(a, b) < 0 && !before(c, a, b) && c.highs(a, b) <= 0
}

func finishes(c *cmpr, a, b span) bool {
	if a.point {
		return !b.noHigh && b.HighClosed && c.order(a.High, b.High) == 0
	}
	return c.highs(a, b) == 0 && c.lows(a, b) >= 0
}

func includes(c *cmpr, a, b span) bool {
	return c.lows(a, b) <= 0 && c.highs(a, b) >= 0
}

func starts(c *cmpr, a, b span) bool {
	if a.point {
		return !b.noLow && b.LowClosed && c.order(a.Low, b.Low) == 0
	}
	return c.lows(a, b) == 0 && c.highs(a, b) <= 0
}

func coincides(c *cmpr, a, b span) bool {
	return c.lows(a, b) == 0 && c.highs(a, b) == 0
}

// makeRange reads the text of a range whose endpoints are literals, or dates,
// times and durations made of literals (DMN 1.5, table 71 and rule 66). An open
// side may be without endpoint: (..5], [5..).
func makeRange(f *frame, a []Value, pos int) Value {
	root, err := parse(withEndpoints(a[0].str()), &CompileOptions{MaxLength: 1024}, false)
	if err != nil || root.op != opRange {
		return f.parsed(Value{}, false, a[0], "range", pos)
	}
	low, ok1 := f.literal(root.kids[0])
	high, ok2 := f.literal(root.kids[1])
	if !ok1 || !ok2 || root.flags&flagNot != 0 {
		return f.parsed(Value{}, false, a[0], "range", pos)
	}
	r := &Range{
		Low: low, High: high, LowClosed: root.flags&flagLowClosed != 0, HighClosed: root.flags&flagHighClosed != 0,
		noLow: low.IsNull(), noHigh: high.IsNull(),
	}
	if r.noLow && r.LowClosed || r.noHigh && r.HighClosed || r.noLow && r.noHigh {
		return f.parsed(Value{}, false, a[0], "range", pos)
	}
	return f.checkRange(r, pos)
}

// withEndpoints writes null where a range literal has no endpoint.
func withEndpoints(s string) string {
	t := strings.TrimSpace(s)
	if t == "" {
		return s
	}
	low, high, ok := strings.Cut(t, "..")
	switch {
	case !ok:
	case low != "" && strings.TrimSpace(low[1:]) == "" && strings.Contains("(]", low[:1]):
		return low + "null.." + high
	case len(high) > 0 && strings.TrimSpace(high[:len(high)-1]) == "" && strings.Contains(")[", high[len(high)-1:]):
		return low + "..null" + high
	}
	return s
}

// literal gives the value of a literal endpoint; an absent one is null.
func (f *frame) literal(a *ast) (Value, bool) {
	switch {
	case a == nil:
		return Value{}, true
	case a.op == opLiteral && a.val.kind != KindBool:
		return a.val, true
	case a.op == opTemporal:
		return parseTemporal(a.name, f.zones())
	case a.op == opCall && len(a.kids) == 2 && len(a.keys) == 0 && a.kids[0].op == opName && a.kids[1].op == opLiteral:
		text, ok := a.kids[1].val.AsString()
		v := Value{}
		switch arg := []Value{a.kids[1].val}; a.kids[0].name {
		case "date":
			v = makeDate(f, arg, a.pos)
		case "time":
			v = makeTime(f, arg, a.pos)
		case "date and time":
			v = makeDateTime(f, arg, a.pos)
		case "duration":
			v, _ = parseDuration(text)
		}
		return v, ok && !v.IsNull()
	}
	return Value{}, false
}
