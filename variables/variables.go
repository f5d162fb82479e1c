// Package variables holds Weir's process variables: JSON values with exact
// numbers.
//
// A value is exactly one of the Go types nil, bool, string, int64,
// [*apd.Decimal], []any and map[string]any. An integer that fits in 64 bits is
// an int64; every other number is a decimal. There are no floats: a number
// passes from a client's JSON through the log to an expression and back
// without loss.
//
// [Normalize] makes such a value from what a Go program has at hand, and
// [FromJSON] and [Document.DecodeMsgpack] make nothing else, so live and
// replayed state are equal.
package variables

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/cockroachdb/apd/v3"
)

// MaxDepth is how deep lists and objects may nest in one value.
const MaxDepth = 200

// maxExponent bounds the exponent of a decimal, so that a short text such as
// 1e999999999 cannot expand to gigabytes when it is added or printed. It is
// the range of IEEE 754 decimal128.
const maxExponent = 6144

// maxNumberText bounds the text of a number, so that reading one stays cheap:
// all digits and the exponent of the largest one fit.
const maxNumberText = 8192

// ErrDepth says that a value nests deeper than [MaxDepth].
var ErrDepth = fmt.Errorf("value nests deeper than %d levels", MaxDepth)

// ErrNumber says that a number lies outside the range of decimal128.
var ErrNumber = errors.New("number outside the decimal128 range (exponent beyond ±6144, or more than 6145 digits)")

// errName refuses names that two readers would read as different ones.
var errName = errors.New("a name is not valid UTF-8")

// Document is a set of variables by name: the unit that commands carry, events
// record and scopes hold. A nil Document is an empty one.
type Document map[string]any

// List is a list of values, where an event or the state holds one by itself.
type List []any

// Names returns the variable names in ascending order.
func (d Document) Names() []string {
	names := make([]string, 0, len(d))
	for name := range d {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// FromJSON reads one JSON value with exact numbers. Anything after the value
// other than white space is an error.
func FromJSON(data []byte) (any, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("expected one JSON value, but more follows it")
	}
	return Normalize(v)
}

// DocumentFromJSON reads a JSON object as a Document; null is an empty one.
func DocumentFromJSON(data []byte) (Document, error) {
	v, err := FromJSON(data)
	if err != nil {
		return nil, err
	}
	switch v := v.(type) {
	case nil:
		return nil, nil
	case map[string]any:
		return v, nil
	default:
		return nil, fmt.Errorf("expected a JSON object with variables by name, but got %s", TypeName(v))
	}
}

// UnmarshalJSON reads a JSON object with exact numbers.
func (d *Document) UnmarshalJSON(data []byte) error {
	doc, err := DocumentFromJSON(data)
	if err != nil {
		return err
	}
	*d = doc
	return nil
}

// MarshalJSON writes the document as a JSON object with its keys in order.
func (d Document) MarshalJSON() ([]byte, error) {
	return AppendJSON(nil, map[string]any(d))
}

// Normalize turns the value of a Go program into a variable value: all integer
// kinds, floats (by their shortest decimal text), json.Number, byte-equal maps
// and slices of these. NaN, infinities and other types are errors. The result
// shares no mutable part with v.
func Normalize(v any) (any, error) { return normalize(v, 0) }

func normalize(v any, depth int) (any, error) {
	if depth > MaxDepth {
		return nil, ErrDepth
	}
	switch v := v.(type) {
	case nil, bool, int64:
		return v, nil
	case string:
		if !utf8.ValidString(v) {
			return nil, errors.New("text is not valid UTF-8")
		}
		return v, nil
	case json.Number:
		return ParseNumber(v.String())
	case *apd.Decimal:
		if v == nil {
			return nil, nil
		}
		return FromDecimal(v)
	case apd.Decimal:
		return FromDecimal(&v)
	case int:
		return int64(v), nil
	case int8:
		return int64(v), nil
	case int16:
		return int64(v), nil
	case int32:
		return int64(v), nil
	case uint:
		return fromUint(uint64(v))
	case uint8:
		return int64(v), nil
	case uint16:
		return int64(v), nil
	case uint32:
		return int64(v), nil
	case uint64:
		return fromUint(v)
	case float32:
		return fromFloat(float64(v), 32)
	case float64:
		return fromFloat(v, 64)
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			n, err := normalize(item, depth+1)
			if err != nil {
				return nil, within(fmt.Sprintf("[%d]", i), err)
			}
			out[i] = n
		}
		return out, nil
	case []string:
		out := make([]any, len(v))
		for i, s := range v {
			out[i] = s
		}
		return out, nil
	case Document:
		return normalizeMap(v, depth)
	case map[string]any:
		return normalizeMap(v, depth)
	case map[string]string:
		out := make(map[string]any, len(v))
		for k, s := range v {
			out[k] = s
		}
		return out, nil
	default:
		return nil, fmt.Errorf("a Go value of type %T is no JSON value; pass what encoding/json would decode", v)
	}
}

// within names where in a value an error is; of one that is too deep the way
// there would be as long as the fault.
func within(step string, err error) error {
	if errors.Is(err, ErrDepth) {
		return err
	}
	return fmt.Errorf("%s: %w", step, err)
}

func normalizeMap(m map[string]any, depth int) (any, error) {
	out := make(map[string]any, len(m))
	for k, item := range m {
		if !utf8.ValidString(k) {
			return nil, errName
		}
		n, err := normalize(item, depth+1)
		if err != nil {
			return nil, within(k, err)
		}
		out[k] = n
	}
	return out, nil
}

// NormalizeDocument normalizes every value of the map.
func NormalizeDocument(m map[string]any) (Document, error) {
	if m == nil {
		return nil, nil
	}
	v, err := normalizeMap(m, 0)
	if err != nil {
		return nil, err
	}
	return v.(map[string]any), nil
}

func fromUint(u uint64) (any, error) {
	if u <= math.MaxInt64 {
		return int64(u), nil
	}
	return ParseNumber(strconv.FormatUint(u, 10))
}

func fromFloat(f float64, bits int) (any, error) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return nil, errors.New("NaN and infinities are no JSON numbers")
	}
	return ParseNumber(strconv.FormatFloat(f, 'g', -1, bits))
}

// ParseNumber reads a JSON number: an int64 if it is an integer that fits, else
// a decimal with trailing zeros of the fraction removed, so that equal numbers
// have one form.
func ParseNumber(text string) (any, error) {
	if i, err := strconv.ParseInt(text, 10, 64); err == nil {
		return i, nil
	}
	if len(text) > maxNumberText {
		return nil, ErrNumber
	}
	d, _, err := apd.NewFromString(text)
	if err != nil || d.Form != apd.Finite {
		return nil, fmt.Errorf("%q is no number", text)
	}
	return FromDecimal(d)
}

// FromDecimal returns the one form that a number has as a variable: an int64 if
// it is an integer that fits, else a reduced decimal.
func FromDecimal(d *apd.Decimal) (any, error) {
	if d.Form != apd.Finite {
		return nil, errors.New("NaN and infinities are no JSON numbers")
	}
	if d.IsZero() {
		return int64(0), nil
	}
	if adjusted := int64(d.Exponent) + d.NumDigits() - 1; adjusted > maxExponent || adjusted < -maxExponent || d.NumDigits() > maxExponent+1 {
		return nil, ErrNumber
	}
	var r apd.Decimal
	r.Reduce(d)
	if r.Exponent >= 0 && r.Exponent <= 19 {
		if i, err := r.Int64(); err == nil {
			return i, nil
		}
	}
	return &r, nil
}

// AppendJSON appends the value as JSON, object keys in ascending order.
func AppendJSON(b []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case nil:
		return append(b, "null"...), nil
	case bool:
		return strconv.AppendBool(b, v), nil
	case int64:
		return strconv.AppendInt(b, v, 10), nil
	case *apd.Decimal:
		return append(b, v.Text('G')...), nil
	case string:
		return appendString(b, v)
	case []any:
		b = append(b, '[')
		for i, item := range v {
			if i > 0 {
				b = append(b, ',')
			}
			var err error
			if b, err = AppendJSON(b, item); err != nil {
				return nil, err
			}
		}
		return append(b, ']'), nil
	case Document:
		return appendObject(b, v)
	case map[string]any:
		return appendObject(b, v)
	default:
		return nil, fmt.Errorf("a Go value of type %T is no variable value; normalize it first", v)
	}
}

func appendObject(b []byte, m map[string]any) ([]byte, error) {
	b = append(b, '{')
	for i, k := range Document(m).Names() {
		if i > 0 {
			b = append(b, ',')
		}
		var err error
		if b, err = appendString(b, k); err != nil {
			return nil, err
		}
		b = append(b, ':')
		if b, err = AppendJSON(b, m[k]); err != nil {
			return nil, err
		}
	}
	return append(b, '}'), nil
}

// appendString writes a JSON string without the HTML escapes that
// encoding/json adds by default.
func appendString(b []byte, s string) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		return nil, err
	}
	return append(b, bytes.TrimRight(buf.Bytes(), "\n")...), nil
}

// ToJSON writes the value as JSON, object keys in ascending order.
func ToJSON(v any) ([]byte, error) { return AppendJSON(nil, v) }

// Equal says whether two variable values are the same JSON value.
func Equal(a, b any) bool {
	switch a := a.(type) {
	case nil:
		return b == nil
	case bool:
		bb, ok := b.(bool)
		return ok && a == bb
	case string:
		bs, ok := b.(string)
		return ok && a == bs
	case int64:
		bi, ok := b.(int64)
		return ok && a == bi
	case *apd.Decimal:
		bd, ok := b.(*apd.Decimal)
		return ok && a.Cmp(bd) == 0
	case []any:
		bl, ok := b.([]any)
		return ok && slices.EqualFunc(a, bl, Equal)
	case map[string]any:
		bm, ok := b.(map[string]any)
		if !ok || len(a) != len(bm) {
			return false
		}
		for k, av := range a {
			bv, ok := bm[k]
			if !ok || !Equal(av, bv) {
				return false
			}
		}
		return true
	}
	return false
}

// TypeName names the JSON type of a value, for messages to people.
func TypeName(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case int64, *apd.Decimal:
		return "number"
	case []any:
		return "array"
	case map[string]any, Document:
		return "object"
	}
	return fmt.Sprintf("%T", v)
}
