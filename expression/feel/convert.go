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

// fromDecimal shares a decimal that is fit to be a value. One of more than 34
// digits keeps them until something is computed with it.
func fromDecimal(d *apd.Decimal) Value {
	if d == nil || d.Form != apd.Finite {
		return Value{}
	}
	if v, ok := smallFromDecimal(d); ok {
		return v
	}
	if d.Exponent > 6144 || d.Exponent < -6176 {
		return numberFromDecimal(d)
	}
	return Value{kind: KindNumber, ref: d}
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
// What is longer than 64 MiB is cut off.
func (v Value) String() string { return v.textUpTo(maxText) }

// textUpTo gives the text, or more than limit bytes of it.
func (v Value) textUpTo(limit int) string {
	if v.kind == KindString {
		return v.str()
	}
	w := textWriter{limit: limit}
	w.text(v, maxDepth)
	return string(w.b)
}

const (
	// maxDepth bounds the nesting of values.
	maxDepth = 1000
	// maxText bounds texts that are made outside of an evaluation.
	maxText = 64 << 20
)

// textWriter writes until there are more bytes than the limit. A value can be
// far larger than the memory it takes, when its parts are shared.
type textWriter struct {
	b     []byte
	limit int
	// plain: keys without quotes, and no space after them
	plain bool
}

func (w *textWriter) full() bool { return len(w.b) > w.limit }

func (w *textWriter) put(s string) { w.b = append(w.b, s...) }

func (w *textWriter) text(v Value, depth int) {
	if depth == 0 {
		w.put("...")
		return
	}
	switch v.kind {
	case KindNull:
		w.put("null")
	case KindBool:
		w.b = strconv.AppendBool(w.b, v.n != 0)
	case KindNumber:
		w.put(v.numberText())
	case KindString:
		w.b = appendQuoted(w.b, v.str())
	case KindDate, KindTime, KindDateTime, KindDaysTime, KindYearsMonths:
		w.b = v.appendTemporal(w.b)
	case KindRange:
		w.rangeText(v, depth)
	case KindList:
		w.put("[")
		for i := range v.Len() {
			if w.full() {
				return
			}
			if i > 0 {
				w.put(", ")
			}
			w.text(v.At(i), depth-1)
		}
		w.put("]")
	case KindContext:
		w.put("{")
		for i, k := range v.Keys() {
			if w.full() {
				return
			}
			if i > 0 {
				w.put(", ")
			}
			if w.plain || isWrittenPlain(k) {
				w.put(k)
			} else {
				w.b = appendQuoted(w.b, k)
			}
			w.put(":")
			if !w.plain {
				w.put(" ")
			}
			e, _ := v.Get(k)
			w.text(e, depth-1)
		}
		w.put("}")
	case KindFunction:
		w.put("function")
	}
}

func (w *textWriter) rangeText(v Value, depth int) {
	r, _ := v.Range()
	sign := map[bool]string{true: "="}
	switch {
	case r.not:
		w.put("(!=")
		w.text(r.Low, depth-1)
		w.put(")")
		return
	case r.noLow && r.noHigh:
		w.put("(null..null)")
		return
	case r.noLow:
		w.put("(<" + sign[r.HighClosed])
		w.text(r.High, depth-1)
		w.put(")")
		return
	case r.noHigh:
		w.put("(>" + sign[r.LowClosed])
		w.text(r.Low, depth-1)
		w.put(")")
		return
	}
	open, end := "(", ")"
	if r.LowClosed {
		open = "["
	}
	if r.HighClosed {
		end = "]"
	}
	w.put(open)
	w.text(r.Low, depth-1)
	w.put("..")
	w.text(r.High, depth-1)
	w.put(end)
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
// order; temporal values and ranges are strings, functions null. What is longer
// than 64 MiB is cut off, and is no JSON then; the values that [Expression.Eval]
// gives are not that large.
func (v Value) JSON() string { return v.jsonUpTo(maxText) }

func (v Value) jsonUpTo(limit int) string {
	w := textWriter{limit: limit}
	w.json(v, maxDepth)
	return string(w.b)
}

func (w *textWriter) json(v Value, depth int) {
	if depth == 0 {
		w.put("null")
		return
	}
	switch v.kind {
	case KindNull, KindFunction:
		w.put("null")
	case KindBool, KindNumber:
		w.text(v, depth)
	case KindString:
		w.b = appendJSONString(w.b, v.str())
	case KindDate, KindTime, KindDateTime, KindDaysTime, KindYearsMonths, KindRange:
		w.b = appendJSONString(w.b, v.textUpTo(w.limit))
	case KindList:
		w.put("[")
		for i := range v.Len() {
			if w.full() {
				return
			}
			if i > 0 {
				w.put(",")
			}
			w.json(v.At(i), depth-1)
		}
		w.put("]")
	case KindContext:
		w.put("{")
		for i, k := range v.Keys() {
			if w.full() {
				return
			}
			if i > 0 {
				w.put(",")
			}
			w.b = append(appendJSONString(w.b, k), ':')
			e, _ := v.Get(k)
			w.json(e, depth-1)
		}
		w.put("}")
	}
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
	if depth > maxDepth {
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
