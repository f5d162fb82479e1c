package feel

import (
	"math"
	"math/bits"
	"strconv"
	"strings"

	"github.com/cockroachdb/apd/v3"
)

// Numbers are decimals of at most 34 digits (DMN 1.5, 10.3.2.3.1). A number
// whose digits fit an int64 and that has at most maxScale decimals is held as
// digits and scale in the Value itself; arithmetic on two such numbers stays
// there unless it overflows. Everything else is an *apd.Decimal that is never
// changed once it is in a Value.

const (
	digits34 = 34
	maxScale = 18
)

var pow10 = [maxScale + 1]int64{
	1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9,
	1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
}

// decimal128 is never changed.
var decimal128 = apd.Context{
	Precision: digits34, MaxExponent: 6144, MinExponent: -6143, Rounding: apd.RoundHalfEven,
}

func scaled(n int64, scale uint8) Value { return Value{kind: KindNumber, n: n, scale: scale} }

// numberFromDecimal takes ownership of nothing: d may be changed afterwards.
func numberFromDecimal(d *apd.Decimal) Value {
	if d == nil || d.Form != apd.Finite {
		return Value{}
	}
	return ownDecimal(new(apd.Decimal).Set(d))
}

// ownDecimal makes a number of a decimal that nobody else will change.
func ownDecimal(d *apd.Decimal) Value {
	if d.Form != apd.Finite {
		return Value{}
	}
	if d.NumDigits() > digits34 {
		if cond, err := decimal128.Round(d, d); err != nil || cond.Overflow() || d.Form != apd.Finite {
			return Value{}
		}
	}
	if v, ok := smallFromDecimal(d); ok {
		return v
	}
	if d.Exponent > 6144 || d.Exponent < -6176-digits34 {
		return Value{}
	}
	if d.IsZero() {
		return Int(0)
	}
	return Value{kind: KindNumber, ref: d}
}

func smallFromDecimal(d *apd.Decimal) (Value, bool) {
	if d.Exponent > maxScale || d.Exponent < -maxScale || !d.Coeff.IsInt64() {
		if d.IsZero() {
			return Int(0), true
		}
		return Value{}, false
	}
	n := d.Coeff.Int64()
	if d.Negative {
		n = -n
	}
	if d.Exponent > 0 {
		n, ok := mulInt(n, pow10[d.Exponent])
		return Int(n), ok
	}
	return scaled(n, uint8(-d.Exponent)), true //nolint:gosec // 0..maxScale
}

// dec gives a number as a decimal that must not be changed; d is filled when
// the number is a small one.
func (v Value) dec(d *apd.Decimal) *apd.Decimal {
	if big, ok := v.ref.(*apd.Decimal); ok {
		return big
	}
	d.SetFinite(v.n, -int32(v.scale))
	return d
}

func (v Value) isSmall() bool { return v.ref == nil }

func (v Value) toInt() (int64, bool) {
	if v.kind != KindNumber {
		return 0, false
	}
	if v.ref == nil {
		if v.scale == 0 {
			return v.n, true
		}
		p := pow10[v.scale]
		return v.n / p, v.n%p == 0
	}
	d := v.dec(nil)
	if d.Exponent > maxScale+2 {
		return 0, false
	}
	i, err := d.Int64()
	return i, err == nil
}

// truncInt drops decimals; ok is false when the rest does not fit an int64.
func (v Value) truncInt() (int64, bool) {
	if v.kind != KindNumber {
		return 0, false
	}
	if v.ref == nil {
		return v.n / pow10[v.scale], true
	}
	r := roundNumber(v, 0, apd.RoundDown)
	return r.toInt()
}

// numberText gives the number without exponent.
func (v Value) numberText() string {
	if v.ref != nil {
		return v.dec(nil).Text('f')
	}
	if v.scale == 0 {
		return strconv.FormatInt(v.n, 10)
	}
	return string(appendScaled(nil, v.n, int(v.scale)))
}

func appendScaled(b []byte, n int64, scale int) []byte {
	u := uint64(n)
	if n < 0 {
		b = append(b, '-')
		u = -u
	}
	var buf [24]byte
	t := strconv.AppendUint(buf[:0], u, 10)
	if len(t) <= scale {
		b = append(b, '0', '.')
		for range scale - len(t) {
			b = append(b, '0')
		}
		return append(b, t...)
	}
	b = append(b, t[:len(t)-scale]...)
	b = append(b, '.')
	return append(b, t[len(t)-scale:]...)
}

// parseNumber reads digits, an optional point and decimals, and an optional
// exponent (rule 37); ok is false for anything else and for what does not fit.
func parseNumber(s string) (Value, bool) {
	if !isNumeral(s) {
		return Value{}, false
	}
	if len(s) <= 18 && strings.IndexByte(s, '.') < 0 && !strings.ContainsAny(s, "eE") {
		n, err := strconv.ParseInt(s, 10, 64)
		return Int(n), err == nil
	}
	d, cond, err := apd.NewFromString(s)
	if err != nil || cond.Overflow() || d.Form != apd.Finite {
		return Value{}, false
	}
	v := ownDecimal(d)
	return v, !v.IsNull()
}

func isNumeral(s string) bool {
	s = strings.TrimPrefix(s, "-")
	i, digits := 0, 0
	for i < len(s) && isDigit(s[i]) {
		i++
		digits++
	}
	if i < len(s) && s[i] == '.' {
		i++
		from := i
		for i < len(s) && isDigit(s[i]) {
			i++
			digits++
		}
		if i == from {
			return false
		}
	}
	if digits == 0 {
		return false
	}
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		i++
		if i < len(s) && (s[i] == '+' || s[i] == '-') {
			i++
		}
		from := i
		for i < len(s) && isDigit(s[i]) {
			i++
		}
		if i == from || i-from > 5 {
			return false
		}
	}
	return i == len(s)
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func addInt(a, b int64) (int64, bool) {
	s := a + b
	return s, (s > a) == (b > 0)
}

func subInt(a, b int64) (int64, bool) {
	s := a - b
	return s, (s < a) == (b > 0)
}

func mulInt(a, b int64) (int64, bool) {
	if a == 0 || b == 0 {
		return 0, true
	}
	neg := (a < 0) != (b < 0)
	ua, ub := absU(a), absU(b)
	hi, lo := bits.Mul64(ua, ub)
	if hi != 0 || lo > math.MaxInt64 {
		return 0, false
	}
	if neg {
		return -int64(lo), true
	}
	return int64(lo), true
}

func absU(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}

// align brings two small numbers to one scale.
func align(a, b Value) (x, y int64, scale uint8, ok bool) {
	if a.scale == b.scale {
		return a.n, b.n, a.scale, true
	}
	if a.scale < b.scale {
		x, ok = mulInt(a.n, pow10[b.scale-a.scale])
		return x, b.n, b.scale, ok
	}
	y, ok = mulInt(b.n, pow10[a.scale-b.scale])
	return a.n, y, a.scale, ok
}

func compareNumbers(a, b Value) int {
	if a.isSmall() && b.isSmall() {
		if x, y, _, ok := align(a, b); ok {
			switch {
			case x < y:
				return -1
			case x > y:
				return 1
			}
			return 0
		}
	}
	var da, db apd.Decimal
	return a.dec(&da).Cmp(b.dec(&db))
}

func addNumbers(a, b Value) Value {
	if a.isSmall() && b.isSmall() {
		if x, y, s, ok := align(a, b); ok {
			if n, ok := addInt(x, y); ok {
				return scaled(n, s)
			}
		}
	}
	return bigAdd(a, b)
}

func subNumbers(a, b Value) Value {
	if a.isSmall() && b.isSmall() {
		if x, y, s, ok := align(a, b); ok {
			if n, ok := subInt(x, y); ok {
				return scaled(n, s)
			}
		}
	}
	return bigSub(a, b)
}

func mulNumbers(a, b Value) Value {
	if a.isSmall() && b.isSmall() && a.scale+b.scale <= maxScale {
		if n, ok := mulInt(a.n, b.n); ok {
			return scaled(n, a.scale+b.scale)
		}
	}
	return bigMul(a, b)
}

// divNumbers gives null for a division by zero.
func divNumbers(a, b Value) Value {
	if b.isZero() {
		return Value{}
	}
	if a.isSmall() && b.isSmall() {
		if x, y, _, ok := align(a, b); ok && x%y == 0 && y != -1 {
			return Int(x / y)
		}
	}
	return bigDiv(a, b)
}

func (v Value) isZero() bool {
	if v.ref == nil {
		return v.n == 0
	}
	return v.dec(nil).IsZero()
}

func (v Value) sign() int {
	if v.ref == nil {
		switch {
		case v.n < 0:
			return -1
		case v.n > 0:
			return 1
		}
		return 0
	}
	return v.dec(nil).Sign()
}

func negNumber(v Value) Value {
	if v.isSmall() && v.n != math.MinInt64 {
		return scaled(-v.n, v.scale)
	}
	var d apd.Decimal
	return ownDecimal(new(apd.Decimal).Neg(v.dec(&d)))
}

func bigAdd(a, b Value) Value {
	var da, db apd.Decimal
	return bigResult(func(r *apd.Decimal) (apd.Condition, error) {
		return decimal128.Add(r, a.dec(&da), b.dec(&db))
	})
}

func bigSub(a, b Value) Value {
	var da, db apd.Decimal
	return bigResult(func(r *apd.Decimal) (apd.Condition, error) {
		return decimal128.Sub(r, a.dec(&da), b.dec(&db))
	})
}

func bigMul(a, b Value) Value {
	var da, db apd.Decimal
	return bigResult(func(r *apd.Decimal) (apd.Condition, error) {
		return decimal128.Mul(r, a.dec(&da), b.dec(&db))
	})
}

func bigDiv(a, b Value) Value {
	var da, db apd.Decimal
	return reduced(bigResult(func(r *apd.Decimal) (apd.Condition, error) {
		return decimal128.Quo(r, a.dec(&da), b.dec(&db))
	}))
}

// bigResult gives the number that op computes, and null when there is none:
// overflow, or an operation that is not defined.
func bigResult(op func(*apd.Decimal) (apd.Condition, error)) Value {
	r := new(apd.Decimal)
	cond, err := op(r)
	if err != nil || cond.Overflow() || cond.InvalidOperation() || cond.DivisionByZero() || cond.DivisionUndefined() || cond.DivisionImpossible() {
		return Value{}
	}
	if cond.Rounded() { // zeros at the end say nothing then
		r.Reduce(r)
	}
	return ownDecimal(r)
}

// reduced drops trailing zeros among the decimals.
func reduced(v Value) Value {
	if v.kind != KindNumber {
		return v
	}
	if v.isSmall() {
		for v.scale > 0 && v.n%10 == 0 {
			v.n /= 10
			v.scale--
		}
		return v
	}
	d := v.dec(nil)
	if d.Exponent >= 0 {
		return v
	}
	r := new(apd.Decimal)
	r.Reduce(d)
	return ownDecimal(r)
}

// roundNumber rounds to that many decimals; places may be negative.
func roundNumber(v Value, places int64, mode apd.Rounder) Value {
	var scratch apd.Decimal
	d := v.dec(&scratch)
	have := -int64(d.Exponent)
	if places >= have {
		return v
	}
	if places < -6144 {
		places = -6144
	}
	// Quantize makes zero of a number below a tenth of the unit, whatever the
	// mode; a tenth rounds as any of them does
	if d.NumDigits() < have-places && !d.IsZero() {
		tiny := apd.New(1, int32(-places-1)) //nolint:gosec // bounded above
		tiny.Negative = d.Negative
		d, have = tiny, places+1
	}
	c := decimal128
	c.Precision = digits34 + 1
	// room for what is cut off when the number is far smaller than one unit
	if over := have - places; over > 0 {
		c.Precision = uint32(min(d.NumDigits()+2, 1<<20)) //nolint:gosec // positive
	}
	c.Rounding = mode
	return bigResult(func(r *apd.Decimal) (apd.Condition, error) {
		return c.Quantize(r, d, int32(-places)) //nolint:gosec // bounded above
	})
}

// modulo is dividend - divisor * floor(dividend / divisor) (DMN 1.5, table 75).
func modulo(a, b Value) Value {
	if b.isZero() {
		return Value{}
	}
	if a.isSmall() && b.isSmall() {
		if x, y, s, ok := align(a, b); ok && y != -1 {
			m := x % y
			if m != 0 && (m < 0) != (y < 0) {
				m += y
			}
			return scaled(m, s)
		}
	}
	var da, db apd.Decimal
	x, y := a.dec(&da), b.dec(&db)
	c := decimal128
	// the integral quotient has to fit the precision
	if span := x.NumDigits() + int64(x.Exponent) - int64(y.Exponent) + 2; span > digits34 {
		c.Precision = uint32(span) //nolint:gosec // exponents are bounded by decimal128
	}
	r := new(apd.Decimal)
	if _, err := c.Rem(r, x, y); err != nil || r.Form != apd.Finite {
		return Value{}
	}
	if !r.IsZero() && r.Negative != y.Negative {
		if _, err := c.Add(r, r, y); err != nil {
			return Value{}
		}
	}
	return ownDecimal(r)
}

// powNumbers gives a ** b, null where it is not a real number.
func powNumbers(a, b Value) Value {
	if b.isZero() {
		return Int(1)
	}
	if e, ok := b.toInt(); ok && e >= 0 && e <= 63 && a.isSmall() {
		if v, ok := smallPow(a, e); ok {
			return v
		}
	}
	if a.isZero() && b.sign() < 0 {
		return Value{}
	}
	var da, db apd.Decimal
	x, y := a.dec(&da), b.dec(&db)
	if y.NumDigits()+int64(y.Exponent) > 12 && x.Cmp(apd.New(1, 0)) != 0 && !x.IsZero() {
		// |exponent| of a billion and more: overflow, or nothing left
		return Value{}
	}
	return reduced(bigResult(func(r *apd.Decimal) (apd.Condition, error) {
		return decimal128.Pow(r, x, y)
	}))
}

func smallPow(a Value, e int64) (Value, bool) {
	if int64(a.scale)*e > maxScale {
		return Value{}, false
	}
	r := int64(1)
	for range e {
		var ok bool
		if r, ok = mulInt(r, a.n); !ok {
			return Value{}, false
		}
	}
	return scaled(r, uint8(int64(a.scale)*e)), true //nolint:gosec // checked above
}
