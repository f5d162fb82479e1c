package script

import (
	_ "embed"
	"errors"
	"math"
	"strconv"
	"sync"

	"github.com/cockroachdb/apd/v3"
	"github.com/dop251/goja"
)

//go:embed groovy.js
var groovySource string

var groovyLibrary = sync.OnceValues(func() (*goja.Program, error) {
	a, err := analyse("groovy.js", groovySource, Limits{}.WithDefaults(), true)
	if err != nil {
		return nil, err
	}
	return a.program, nil
})

// groovyMethods are the method names that the library knows, read from it once.
var groovyMethods = sync.OnceValues(func() (map[string]bool, error) {
	r, err := newRealm()
	if err != nil {
		return nil, err
	}
	if err := r.loadGroovy(); err != nil {
		return nil, err
	}
	return r.groovyNames, nil
})

// loadGroovy adds the library to a realm, once.
func (r *realm) loadGroovy() error {
	if r.groovyNames != nil {
		return nil
	}
	p, err := groovyLibrary()
	if err != nil {
		return err
	}
	r.call = r.setupCall()
	defer func() { r.call = nil }()
	r.rt.SetGlobalObject(r.base)
	r.classes = make(map[*goja.Object]bool)
	v, err := r.run(p)
	if err != nil {
		return err
	}
	setup, ok := goja.AssertFunction(v.ToObject(r.rt).Get("0"))
	if !ok {
		return errors.New("the Groovy library is not a function")
	}
	out, err := setup(goja.Undefined(), r.groovyHost())
	if err != nil {
		return err
	}
	o := out.ToObject(r.rt)
	r.hooks[len(r.hooks)-1] = o.Get("library")
	names := o.Get("names").ToObject(r.rt)
	n, _ := arrayLength(names)
	r.groovyNames = make(map[string]bool, n)
	for i := range n {
		r.groovyNames[names.Get(strconv.FormatInt(i, 10)).String()] = true
	}
	return nil
}

// groovyHost is the H of groovy.js.
func (r *realm) groovyHost() *goja.Object {
	rt := r.rt
	h := rt.NewObject()
	fn := func(name string, f func(c *call, a []goja.Value) goja.Value) {
		if err := h.Set(name, r.native(func(call goja.FunctionCall) goja.Value {
			args := call.Arguments
			for len(args) < 3 {
				args = append(args[:len(args):len(args)], goja.Undefined())
			}
			return f(r.call, args)
		})); err != nil {
			panic(err)
		}
	}
	execution := r.base.Get("execution")
	fn("isExact", func(c *call, a []goja.Value) goja.Value {
		o, ok := a[0].(*goja.Object)
		return rt.ToValue(ok && c.exact[o] != nil)
	})
	fn("isHost", func(c *call, a []goja.Value) goja.Value {
		o, ok := a[0].(*goja.Object)
		return rt.ToValue(ok && (c.hosts[o] || a[0].SameAs(execution)))
	})
	fn("isClass", func(_ *call, a []goja.Value) goja.Value {
		o, ok := a[0].(*goja.Object)
		return rt.ToValue(ok && r.classes[o])
	})
	fn("markClass", func(_ *call, a []goja.Value) goja.Value {
		r.classes[a[0].ToObject(rt)] = true
		return goja.Undefined()
	})
	fn("array", func(c *call, a []goja.Value) goja.Value {
		c.spendArray(int64(min(a[0].ToFloat(), 1<<40)), 2*bytesElement)
		return a[0]
	})
	fn("arity", func(c *call, a []goja.Value) goja.Value {
		if c.arity == nil {
			c.arity = make(map[*goja.Object]int64)
		}
		c.spend(1, bytesMember)
		c.arity[a[0].ToObject(rt)] = a[1].ToInteger()
		return goja.Undefined()
	})
	fn("arityOf", func(c *call, a []goja.Value) goja.Value {
		if o, ok := a[0].(*goja.Object); ok {
			if n, ok := c.arity[o]; ok {
				return rt.ToValue(n)
			}
		}
		return rt.ToValue(1)
	})
	fn("text", func(c *call, a []goja.Value) goja.Value {
		s := exactText(canonical(c.decimal(a[0])))
		c.spendString(int64(len(s)))
		return rt.ToValue(s)
	})
	fn("compare", func(c *call, a []goja.Value) goja.Value {
		return rt.ToValue(c.decimal(a[0]).Cmp(c.decimal(a[1])))
	})
	fn("parseNumber", func(c *call, a []goja.Value) goja.Value {
		s := a[0].String()
		if len(s) > maxDigits {
			return goja.Null()
		}
		for i, ch := range s {
			if (ch < '0' || ch > '9') && ch != '.' && ch != '-' && ch != 'e' && ch != 'E' && (ch != '+' || i == 0) {
				return goja.Null() // Infinity and NaN are no numbers of Groovy's
			}
		}
		d, _, err := apd.NewFromString(s)
		if err != nil || d.Form != apd.Finite || d.Exponent > maxDigits || d.Exponent < -maxDigits {
			return goja.Null()
		}
		return c.toJS(canonical(d))
	})
	fn("decimal", func(c *call, a []goja.Value) goja.Value {
		c.spend(4, bytesObject)
		d, problem := groovyArithmetic(a[0].String(), c.decimal(a[1]), c.decimal(a[2]))
		if problem != "" {
			panic(r.makeError("Error", problem))
		}
		return c.toJS(canonical(d))
	})
	return h
}

// decimal is the exact number of a JavaScript number: the shortest decimal
// that reads back as the double.
func (c *call) decimal(v goja.Value) *apd.Decimal {
	if o, ok := v.(*goja.Object); ok {
		return toDecimal(c.exactOf(o))
	}
	f := v.ToFloat()
	d, err := decimalOf(f)
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
		panic(c.realm.makeError("Error", "the arithmetic has no result (NaN or Infinity)"))
	}
	return d
}

// maxDigits bounds the numbers of Groovy scripts.
const maxDigits = 1000

// groovyArithmetic computes as Groovy does with BigDecimal: sums and products
// are exact, quotients as in its BigDecimalMath. Integers do not wrap.
func groovyArithmetic(op string, a, b *apd.Decimal) (*apd.Decimal, string) {
	exact := apd.BaseContext.WithPrecision(maxDigits)
	exact.Rounding = apd.RoundHalfUp
	out := new(apd.Decimal)
	var flags apd.Condition
	var err error
	switch op {
	case "+":
		flags, err = exact.Add(out, a, b)
	case "-":
		flags, err = exact.Sub(out, a, b)
	case "*":
		flags, err = exact.Mul(out, a, b)
	case "/":
		if b.IsZero() {
			return nil, "division by zero"
		}
		return groovyQuotient(a, b)
	case "%":
		if b.IsZero() {
			return nil, "division by zero"
		}
		flags, err = exact.Rem(out, a, b)
	case "i":
		if b.IsZero() {
			return nil, "division by zero"
		}
		flags, err = exact.QuoInteger(out, a, b)
	case "t":
		flags, err = exact.QuoInteger(out, a, apd.New(1, 0))
	case "f":
		_, err = exact.Floor(out, a)
	case "c":
		_, err = exact.Ceil(out, a)
	case "r":
		places, e := b.Int64()
		if e != nil || places < 0 || places > 100 {
			return nil, "round takes 0 to 100 digits"
		}
		_, err = exact.Quantize(out, a, -int32(places))
	case "^":
		return groovyPower(a, b)
	default:
		return nil, "unknown operation " + op
	}
	if err != nil || flags.Inexact() {
		return nil, "a number has more than " + strconv.Itoa(maxDigits) + " digits"
	}
	return out, ""
}

// groovyQuotient follows org.codehaus.groovy.runtime.typehandling.BigDecimalMath:
// exact where the quotient ends, else ten digits more than the operands have.
func groovyQuotient(a, b *apd.Decimal) (*apd.Decimal, string) {
	out := new(apd.Decimal)
	exact := apd.BaseContext.WithPrecision(200)
	flags, err := exact.Quo(out, a, b)
	if err == nil && !flags.Inexact() {
		return out, ""
	}
	rounded := apd.BaseContext.WithPrecision(uint32(max(a.NumDigits(), b.NumDigits()) + 10))
	rounded.Rounding = apd.RoundHalfUp
	if _, err := rounded.Quo(out, a, b); err != nil {
		return nil, err.Error()
	}
	scale := max(-a.Exponent, -b.Exponent, 10)
	if -out.Exponent > scale {
		wide := apd.BaseContext.WithPrecision(2 * maxDigits)
		wide.Rounding = apd.RoundHalfUp
		if _, err := wide.Quantize(out, out, -scale); err != nil {
			return nil, err.Error()
		}
	}
	return out, ""
}

func groovyPower(a, b *apd.Decimal) (*apd.Decimal, string) {
	n, err := b.Int64()
	if err != nil || n < 0 {
		x, _ := a.Float64()
		y, _ := b.Float64()
		f := math.Pow(x, y)
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return nil, "the power has no result"
		}
		d, err := decimalOf(f)
		if err != nil {
			return nil, err.Error()
		}
		return d, ""
	}
	if n*a.NumDigits() > maxDigits && !(a.NumDigits() == 1 && n <= maxDigits) {
		return nil, "a number has more than " + strconv.Itoa(maxDigits) + " digits"
	}
	exact := apd.BaseContext.WithPrecision(maxDigits)
	out := apd.New(1, 0)
	for range n {
		if flags, err := exact.Mul(out, out, a); err != nil || flags.Inexact() {
			return nil, "a number has more than " + strconv.Itoa(maxDigits) + " digits"
		}
	}
	return out, ""
}
