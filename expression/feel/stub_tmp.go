package feel

import "github.com/cockroachdb/apd/v3"

type node func(*frame) Value
type frame struct{}
type state struct{ warnings []Warning }

// Function is a FEEL function: built-in, defined in FEEL, or Go.
type Function struct {
	name   string
	params []Param
	result *Type
	goFn   GoFunc
}

type zone struct{}

func compile(text string, opts CompileOptions, unary bool) (*Expression, error) { return nil, &Error{Code: CodeInternal, Msg: "not built yet"} }
func (e *Expression) eval(c *EvalContext) (Value, error) { return Value{}, &Error{Code: CodeInternal, Msg: "not built yet"} }
func (c *EvalContext) shared() *state { if c.st == nil { c.st = &c.own }; return c.st }
func invokeTop(c *EvalContext, fn Value, args []Value, names []string) (Value, error) { return Value{}, &Error{Code: CodeInternal, Msg: "not built yet"} }
func numberFromDecimal(d *apd.Decimal) Value { return Value{} }
func (v Value) toInt() (int64, bool) { return v.n, true }
func (v Value) dec(d *apd.Decimal) *apd.Decimal { return d }
func (v Value) atMidnightUTC() Value { return v }
// FromAny turns a JSON value of Go into a FEEL value.
func FromAny(a any) Value { return Value{} }
// ToAny turns a value into the JSON values of Go that process variables are.
func (v Value) ToAny() any { return nil }
// String gives the value as the FEEL function string() does.
func (v Value) String() string { return "" }
// JSON gives the value as JSON text.
func (v Value) JSON() string { return "" }
// Equal compares as FEEL's = does: true, false or null.
func Equal(a, b Value) Value { return Value{} }
// Compare orders two values; ok is false when FEEL cannot compare them.
func Compare(a, b Value) (order int, ok bool) { return 0, false }
// ParseTemporal reads a date, time, date and time, or duration as @"..." does; ok is false when the text is none.
func ParseTemporal(s string) (v Value, ok bool) { return Value{}, false }
