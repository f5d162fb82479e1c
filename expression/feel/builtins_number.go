package feel

import (
	"slices"

	"github.com/cockroachdb/apd/v3"
)

func numberBuiltins() []builtin {
	return []builtin{
		{
			name: "decimal", sigs: []string{"n:n, scale:n"}, run: rounding(apd.RoundHalfEven),
			doc: "The number rounded to that many decimals, half to even.", example: `decimal(1/3, 2)`, result: `0.33`,
		},
		{
			name: "floor", sigs: []string{"n:n, scale?:n"}, run: rounding(apd.RoundFloor),
			doc: "The number rounded towards negative infinity, to scale decimals.", example: `floor(-1.56, 1)`, result: `-1.6`,
		},
		{
			name: "ceiling", sigs: []string{"n:n, scale?:n"}, run: rounding(apd.RoundCeiling),
			doc: "The number rounded towards positive infinity, to scale decimals.", example: `ceiling(-1.5)`, result: `-1`,
		},
		{
			name: "round up", sigs: []string{"n:n, scale:n"}, run: rounding(apd.RoundUp),
			doc: "The number rounded away from zero, to scale decimals.", example: `round up(1.121, 2)`, result: `1.13`,
		},
		{
			name: "round down", sigs: []string{"n:n, scale:n"}, run: rounding(apd.RoundDown),
			doc: "The number rounded towards zero, to scale decimals.", example: `round down(-1.126, 2)`, result: `-1.12`,
		},
		{
			name: "round half up", sigs: []string{"n:n, scale:n"}, run: rounding(apd.RoundHalfUp),
			doc: "The number rounded to the nearest, halves away from zero.", example: `round half up(-5.5, 0)`, result: `-6`,
		},
		{
			name: "round half down", sigs: []string{"n:n, scale:n"}, run: rounding(apd.RoundHalfDown),
			doc: "The number rounded to the nearest, halves towards zero.", example: `round half down(-5.5, 0)`, result: `-5`,
		},
		{
			name: "abs", sigs: []string{"n:nuy"}, run: absolute,
			doc: "The absolute value of a number or a duration.", example: `abs(@"-PT5H")`, result: `@"PT5H"`,
		},
		{
			name: "modulo", sigs: []string{"dividend:n, divisor:n"},
			run: func(f *frame, a []Value, pos int) Value {
				if a[1].isZero() {
					return f.warn(pos, WarnFunctionFailed, "division by zero")
				}
				return f.number(modulo(a[0], a[1]), pos)
			},
			doc: "The remainder of the division, with the sign of the divisor.", example: `modulo(-12, 5)`, result: `3`,
		},
		{
			name: "sqrt", sigs: []string{"number:n"},
			run: real(func(n Value) bool { return n.sign() >= 0 }, decimal128.Sqrt),
			doc: "The square root; null of a negative number.", example: `sqrt(16)`, result: `4`,
		},
		{
			name: "log", sigs: []string{"number:n"},
			run: real(func(n Value) bool { return n.sign() > 0 }, decimal128.Ln),
			doc: "The natural logarithm; null unless the number is positive.", example: `decimal(log(10), 8)`, result: `2.30258509`,
		},
		{
			name: "exp", sigs: []string{"number:n"},
			run: real(func(n Value) bool { return compareNumbers(n, Int(20000)) < 0 }, decimal128.Exp),
			doc: "Euler's number raised to that power.", example: `decimal(exp(5), 8)`, result: `148.41315910`,
		},
		{
			name: "odd", sigs: []string{"number:n"},
			run: func(_ *frame, a []Value, _ int) Value { return parity(a[0], true) },
			doc: "Whether the number is an odd integer.", example: `odd(5)`, result: `true`,
		},
		{
			name: "even", sigs: []string{"number:n"},
			run: func(_ *frame, a []Value, _ int) Value { return parity(a[0], false) },
			doc: "Whether the number is an even integer.", example: `even(5)`, result: `false`,
		},
	}
}

// rounding: the scale is an integer from -6111 to 6176, 0 when left out; its
// decimals are dropped.
func rounding(mode apd.Rounder) builtinFunc {
	return func(f *frame, a []Value, pos int) Value {
		places := int64(0)
		if len(a) > 1 && a[1].kind == KindNumber {
			n, ok := a[1].truncInt()
			if !ok || n < -6111 || n > 6176 {
				return f.warn(pos, WarnOutOfRange, "expected a scale from -6111 to 6176, but found %s", a[1])
			}
			places = n
		}
		return f.number(roundNumber(a[0], places, mode), pos)
	}
}

func absolute(f *frame, a []Value, pos int) Value {
	negative := a[0].n < 0 || a[0].nano < 0
	if a[0].kind == KindNumber {
		negative = a[0].sign() < 0
	}
	if negative {
		return f.negate(a[0], pos)
	}
	return a[0]
}

// real makes a function of a real number that is defined where ok says.
func real(ok func(Value) bool, op func(d, x *apd.Decimal) (apd.Condition, error)) builtinFunc {
	return func(f *frame, a []Value, pos int) Value {
		if !ok(a[0]) {
			return f.warn(pos, WarnOutOfRange, "the function is not defined for %s", a[0])
		}
		f.step(16)
		var x apd.Decimal
		return f.number(reduced(bigResult(func(r *apd.Decimal) (apd.Condition, error) {
			return op(r, a[0].dec(&x))
		})), pos)
	}
}

func parity(n Value, odd bool) Value {
	m := modulo(n, Int(2))
	if odd {
		return Bool(m.kind == KindNumber && compareNumbers(m, Int(1)) == 0)
	}
	return Bool(m.kind == KindNumber && m.isZero())
}

// The functions of lists of numbers.

func sum(f *frame, items []Value, pos int) Value {
	if len(items) == 0 {
		return f.warn(pos, WarnFunctionFailed, "expected a list with items to sum up")
	}
	total := items[0]
	if total.kind != KindNumber && !isDuration(total) {
		return f.notNumbers(total, pos)
	}
	for _, v := range items[1:] {
		if v.kind != total.kind {
			return f.notNumbers(v, pos)
		}
		total = f.add(total, v, pos)
	}
	return total
}

func (f *frame) notNumbers(v Value, pos int) Value {
	return f.warn(pos, WarnInvalidType, "expected a list of numbers, but found %s in it", brief(v))
}

func mean(f *frame, items []Value, pos int) Value {
	total := sum(f, items, pos)
	if total.IsNull() {
		return total
	}
	return f.div(total, Int(int64(len(items))), pos)
}

func product(f *frame, items []Value, pos int) Value {
	if len(items) == 0 {
		return f.warn(pos, WarnFunctionFailed, "expected a list with items to multiply")
	}
	p := Int(1)
	for _, v := range items {
		if v.kind != KindNumber {
			return f.notNumbers(v, pos)
		}
		if p = mulNumbers(p, v); p.IsNull() {
			return f.number(p, pos)
		}
	}
	return p
}

// sortedNumbers gives a sorted copy; ok is false when there is anything else.
func (f *frame) sortedNumbers(items []Value, pos int) (sorted []Value, ok bool) {
	for _, v := range items {
		if v.kind != KindNumber {
			f.notNumbers(v, pos)
			return nil, false
		}
	}
	sorted = slices.Clone(items)
	slices.SortStableFunc(sorted, compareNumbers)
	return sorted, true
}

func median(f *frame, items []Value, pos int) Value {
	sorted, ok := f.sortedNumbers(items, pos)
	if !ok || len(sorted) == 0 {
		return Value{}
	}
	mid := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[mid]
	}
	return f.div(addNumbers(sorted[mid-1], sorted[mid]), Int(2), pos)
}

func mode(f *frame, items []Value, pos int) Value {
	sorted, ok := f.sortedNumbers(items, pos)
	if !ok {
		return Value{}
	}
	var modes []Value
	most := 0
	for i := 0; i < len(sorted); {
		j := i
		for j < len(sorted) && compareNumbers(sorted[i], sorted[j]) == 0 {
			j++
		}
		switch {
		case j-i > most:
			modes, most = []Value{sorted[i]}, j-i
		case j-i == most:
			modes = append(modes, sorted[i])
		}
		i = j
	}
	return f.list(modes)
}

// stddev is the standard deviation of a sample: divided by n - 1.
func stddev(f *frame, items []Value, pos int) Value {
	if _, ok := f.sortedNumbers(items, pos); !ok {
		return Value{}
	}
	if len(items) < 2 {
		return f.warn(pos, WarnFunctionFailed, "expected at least two numbers")
	}
	m := mean(f, items, pos)
	total := Int(0)
	for _, v := range items {
		d := subNumbers(v, m)
		total = addNumbers(total, mulNumbers(d, d))
	}
	variance := divNumbers(total, Int(int64(len(items)-1)))
	if variance.IsNull() {
		return f.number(variance, pos)
	}
	var x apd.Decimal
	return reduced(bigResult(func(r *apd.Decimal) (apd.Condition, error) {
		return decimal128.Sqrt(r, variance.dec(&x))
	}))
}
