package feel

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/cockroachdb/apd/v3"
)

// FromAny turns a JSON value of Go, as the package variables defines them (nil,
// bool, string, int64, *apd.Decimal, []any, map[string]any), into a FEEL value.
// Lists and maps are wrapped, not copied, and must not be changed while the
// value is in use. Taken as well: a Value itself, the other integer types,
// json.Number, float64 (its shortest decimal), time.Time and time.Duration, and
// slices and maps of strings and Values. Anything else is null.
func FromAny(a any) Value {
	switch x := a.(type) {
	case nil:
		return Value{}
	case bool:
		return Bool(x)
	case string:
		return Value{kind: KindString, ref: a}
	case int64:
		return Int(x)
	case *apd.Decimal:
		return fromDecimal(x)
	case []any:
		return Value{kind: KindList, ref: a}
	case map[string]any:
		return Value{kind: KindContext, ref: a}
	case Value:
		return x
	}
	return fromOther(a)
}

// fromDecimal shares a decimal that is fit to be a value.
func fromDecimal(d *apd.Decimal) Value {
	if d == nil || d.Form != apd.Finite {
		return Value{}
	}
	if v, ok := smallFromDecimal(d); ok {
		return v
	}
	return numberFromDecimal(d)
}

func fromOther(a any) Value {
	switch x := a.(type) {
	case int:
		return Int(int64(x))
	case int32:
		return Int(int64(x))
	case int16:
		return Int(int64(x))
	case int8:
		return Int(int64(x))
	case uint8:
		return Int(int64(x))
	case uint16:
		return Int(int64(x))
	case uint32:
		return Int(int64(x))
	case uint64:
		if x <= math.MaxInt64 {
			return Int(int64(x))
		}
		v, _ := parseNumber(strconv.FormatUint(x, 10))
		return v
	case uint:
		return fromOther(uint64(x))
	case float64:
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return Value{}
		}
		v, _ := parseNumber(strconv.FormatFloat(x, 'g', -1, 64))
		return v
	case float32:
		return fromOther(float64(x))
	case json.Number:
		v, _ := parseNumber(x.String())
		return v
	case time.Time:
		return DateTime(x)
	case time.Duration:
		return Duration(x)
	case []string:
		return Strings(x...)
	case []Value:
		return List(x...)
	case []map[string]any:
		items := make([]Value, len(x))
		for i := range x {
			items[i] = FromAny(x[i])
		}
		return List(items...)
	case map[string]Value:
		c := NewContext(len(x))
		for _, k := range sortedKeys(x) {
			c.Set(k, x[k])
		}
		return c.Value()
	case map[string]string:
		c := NewContext(len(x))
		for _, k := range sortedKeys(x) {
			c.Set(k, String(x[k]))
		}
		return c.Value()
	}
	return Value{}
}

// ToAny turns a value into what process variables are: nil, bool, string, int64,
// *apd.Decimal (not integral, or beyond int64; without trailing zeros), []any,
// map[string]any. Dates, times, durations and ranges become their text. A
// function has no such form and becomes nil.
func (v Value) ToAny() any {
	switch v.kind {
	case KindNull, KindFunction:
		return nil
	case KindBool:
		return v.n != 0
	case KindNumber:
		return v.numberToAny()
	case KindString:
		return v.ref
	case KindDate, KindTime, KindDateTime, KindDaysTime, KindYearsMonths:
		return v.temporalText()
	case KindRange:
		return v.String()
	case KindList:
		if l, ok := v.ref.([]any); ok {
			return l
		}
		items := v.Items()
		l := make([]any, len(items))
		for i := range items {
			l[i] = items[i].ToAny()
		}
		return l
	case KindContext:
		if m, ok := v.ref.(map[string]any); ok {
			return m
		}
		c, _ := v.ref.(*Context)
		m := make(map[string]any, len(c.keys))
		for i, k := range c.keys {
			m[k] = c.vals[i].ToAny()
		}
		return m
	}
	return nil
}

func (v Value) numberToAny() any {
	if i, ok := v.toInt(); ok {
		return i
	}
	d := new(apd.Decimal)
	var scratch apd.Decimal
	d.Reduce(v.dec(&scratch))
	if d.Exponent > 0 { // integral: written out
		var w apd.Decimal
		c := decimal128
		c.Precision = uint32(d.NumDigits()) + uint32(d.Exponent) //nolint:gosec // both positive
		if _, err := c.Quantize(&w, d, 0); err == nil {
			return &w
		}
	}
	return d
}

// String gives the text that the FEEL function string() gives: a string as it
// is, a number without exponent, temporal values as XML Schema writes them, and
// lists and contexts as FEEL literals. Null is "null", a function "function".
func (v Value) String() string {
	if v.kind == KindString {
		return v.str()
	}
	return string(v.appendText(nil, maxTextDepth))
}

// maxTextDepth bounds the nesting of values that become text; beyond it stands
// "...".
const maxTextDepth = 1000

func (v Value) appendText(b []byte, depth int) []byte {
	if depth == 0 {
		return append(b, "..."...)
	}
	switch v.kind {
	case KindNull:
		return append(b, "null"...)
	case KindBool:
		return strconv.AppendBool(b, v.n != 0)
	case KindNumber:
		return append(b, v.numberText()...)
	case KindString:
		return appendQuoted(b, v.str())
	case KindDate, KindTime, KindDateTime, KindDaysTime, KindYearsMonths:
		return v.appendTemporal(b)
	case KindRange:
		return v.appendRange(b, depth)
	case KindList:
		b = append(b, '[')
		for i := range v.Len() {
			if i > 0 {
				b = append(b, ", "...)
			}
			b = v.At(i).appendText(b, depth-1)
		}
		return append(b, ']')
	case KindContext:
		b = append(b, '{')
		for i, k := range v.Keys() {
			if i > 0 {
				b = append(b, ", "...)
			}
			if isWrittenPlain(k) {
				b = append(b, k...)
			} else {
				b = appendQuoted(b, k)
			}
			e, _ := v.Get(k)
			b = e.appendText(append(b, ": "...), depth-1)
		}
		return append(b, '}')
	case KindFunction:
		return append(b, "function"...)
	}
	return b
}

func (v Value) appendRange(b []byte, depth int) []byte {
	r, _ := v.Range()
	switch {
	case r.not:
		return append(r.Low.appendText(append(b, "(!="...), depth-1), ')')
	case r.noLow && r.noHigh:
		return append(b, "(null..null)"...)
	case r.noLow:
		b = append(b, "(<"...)
		if r.HighClosed {
			b = append(b, '=')
		}
		return append(r.High.appendText(b, depth-1), ')')
	case r.noHigh:
		b = append(b, "(>"...)
		if r.LowClosed {
			b = append(b, '=')
		}
		return append(r.Low.appendText(b, depth-1), ')')
	}
	open, end := byte('('), byte(')')
	if r.LowClosed {
		open = '['
	}
	if r.HighClosed {
		end = ']'
	}
	b = r.Low.appendText(append(b, open), depth-1)
	b = r.High.appendText(append(b, ".."...), depth-1)
	return append(b, end)
}

// isWrittenPlain reports whether a key needs no quotes as FEEL literal.
func isWrittenPlain(key string) bool {
	if isPlainName(key) {
		return true
	}
	l := lexer{src: key}
	toks, err := l.tokens()
	if err != nil || toks[0].kind != tokName || key != strings.TrimSpace(key) {
		return false
	}
	for _, t := range toks[:len(toks)-1] {
		if !isNameToken(t) {
			return false
		}
	}
	return true
}

func appendQuoted(b []byte, s string) []byte {
	b = append(b, '"')
	for _, r := range s {
		switch r {
		case '"', '\\':
			b = append(b, '\\', byte(r))
		case '\n':
			b = append(b, `\n`...)
		case '\r':
			b = append(b, `\r`...)
		case '\t':
			b = append(b, `\t`...)
		default:
			b = append(b, string(r)...)
		}
	}
	return append(b, '"')
}

// JSON gives the value as JSON text, exact in its numbers. Contexts keep their
// order; temporal values and ranges are strings, functions null.
func (v Value) JSON() string { return string(v.appendJSON(nil, maxTextDepth)) }

func (v Value) appendJSON(b []byte, depth int) []byte {
	if depth == 0 {
		return append(b, "null"...)
	}
	switch v.kind {
	case KindNull, KindFunction:
		return append(b, "null"...)
	case KindBool, KindNumber:
		return v.appendText(b, depth)
	case KindString:
		return appendJSONString(b, v.str())
	case KindDate, KindTime, KindDateTime, KindDaysTime, KindYearsMonths, KindRange:
		return appendJSONString(b, v.String())
	case KindList:
		b = append(b, '[')
		for i := range v.Len() {
			if i > 0 {
				b = append(b, ',')
			}
			b = v.At(i).appendJSON(b, depth-1)
		}
		return append(b, ']')
	case KindContext:
		b = append(b, '{')
		for i, k := range v.Keys() {
			if i > 0 {
				b = append(b, ',')
			}
			e, _ := v.Get(k)
			b = e.appendJSON(append(appendJSONString(b, k), ':'), depth-1)
		}
		return append(b, '}')
	}
	return b
}

func appendJSONString(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r == '\n':
			b = append(b, `\n`...)
		case r == '\r':
			b = append(b, `\r`...)
		case r == '\t':
			b = append(b, `\t`...)
		case r < 0x20:
			b = append(b, `\u00`...)
			b = append(b, hex[r>>4], hex[r&15])
		default:
			b = append(b, string(r)...)
		}
	}
	return append(b, '"')
}

// ParseJSON reads JSON text into a value, exact in its numbers and in the order
// of its members.
func ParseJSON(text string) (Value, error) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	v, err := readJSON(d, 0)
	if err != nil {
		return Value{}, &Error{Code: CodeSyntax, Msg: "expected JSON", Err: err}
	}
	if d.More() {
		return Value{}, &Error{Code: CodeSyntax, Msg: "expected one JSON value, but there is more"}
	}
	return v, nil
}

func readJSON(d *json.Decoder, depth int) (Value, error) {
	if depth > maxTextDepth {
		return Value{}, &Error{Code: CodeDepth, Msg: "JSON nested too deeply"}
	}
	t, err := d.Token()
	if err != nil {
		return Value{}, err
	}
	switch x := t.(type) {
	case json.Number:
		if v, ok := parseNumber(x.String()); ok {
			return v, nil
		}
		return Value{}, &Error{Code: CodeSyntax, Msg: "number " + x.String() + " is out of range"}
	case json.Delim:
		if x == '[' {
			return readJSONList(d, depth)
		}
		return readJSONObject(d, depth)
	}
	return FromAny(t), nil
}

func readJSONList(d *json.Decoder, depth int) (Value, error) {
	var items []Value
	for d.More() {
		v, err := readJSON(d, depth+1)
		if err != nil {
			return Value{}, err
		}
		items = append(items, v)
	}
	_, err := d.Token()
	return List(items...), err
}

func readJSONObject(d *json.Decoder, depth int) (Value, error) {
	c := NewContext(4)
	for d.More() {
		k, err := d.Token()
		if err != nil {
			return Value{}, err
		}
		v, err := readJSON(d, depth+1)
		if err != nil {
			return Value{}, err
		}
		key, _ := k.(string)
		c.Set(key, v)
	}
	_, err := d.Token()
	return c.Value(), err
}
