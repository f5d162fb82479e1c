package dmn

import (
	"math"
	"strconv"
	"strings"

	"github.com/weir-bpm/weir/expression/feel"
)

// integers is an input entry that is met by the integers from low to high: a
// whole number, a comparison with one, or a range of them. An integral input is
// compared directly; any other is evaluated as ever, so that this changes no
// result.
type integers struct{ low, high int64 }

// integerEntry reads an input entry as integers; nil for any other entry.
func integerEntry(text string) *integers {
	text = strings.TrimSpace(text)
	if text == "" {
		return nil
	}
	last := len(text) - 1
	if strings.IndexByte("[](", text[0]) >= 0 && strings.IndexByte("[])", text[last]) >= 0 && last > 0 {
		low, high, ok := strings.Cut(text[1:last], "..")
		from, okFrom := wholeNumber(low)
		to, okTo := wholeNumber(high)
		if !ok || !okFrom || !okTo || from > to { // a range the wrong way round is FEEL's to judge
			return nil
		}
		if text[0] != '[' {
			from++
		}
		if text[last] != ']' {
			to--
		}
		return &integers{from, to}
	}
	for _, op := range []string{"<=", ">=", "<", ">", ""} {
		rest, ok := strings.CutPrefix(text, op)
		if !ok {
			continue
		}
		n, ok := wholeNumber(rest)
		switch {
		case !ok:
			return nil
		case op == "<=":
			return &integers{math.MinInt64, n}
		case op == ">=":
			return &integers{n, math.MaxInt64}
		case op == "<":
			return &integers{math.MinInt64, n - 1}
		case op == ">":
			return &integers{n + 1, math.MaxInt64}
		}
		return &integers{n, n}
	}
	return nil
}

// wholeNumber reads a whole number of up to 18 digits, which leaves room for
// one more or less.
func wholeNumber(text string) (int64, bool) {
	text = strings.TrimSpace(text)
	digits := strings.TrimPrefix(text, "-")
	if digits == "" || len(digits) > 18 {
		return 0, false
	}
	for i := range len(digits) {
		if digits[i] < '0' || digits[i] > '9' {
			return 0, false
		}
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil
}

// decide compares an input; known is false when it is no integer.
func (t *integers) decide(v feel.Value) (met, known bool) {
	n, ok := v.AsInt()
	return ok && n >= t.low && n <= t.high, ok
}
