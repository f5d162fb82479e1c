package juel

import (
	"github.com/cockroachdb/apd/v3"

	"github.com/weir-bpm/weir/variables"
)

// rounded rounds to digits behind the point.
func (c *invocation) rounded(v any, digits int64, mode apd.Rounder) (any, error) {
	d, ok := v.(*apd.Decimal)
	if !ok && digits >= 0 {
		return v, nil
	}
	if digits < -6144 || digits > 6144 {
		return nil, c.fail(CodeArguments, "%s() cannot round to %d digits", c.name, digits)
	}
	if !ok {
		d = toDecimal(v)
	}
	if int64(d.Exponent) >= -digits {
		return v, nil
	}
	ctx := decimal128
	ctx.Rounding = mode
	var r apd.Decimal
	if _, err := ctx.Quantize(&r, d, int32(-digits)); err != nil { //nolint:gosec // checked above
		return nil, c.fail(CodeNumber, "%s() leaves the range of 34-digit decimals", c.name)
	}
	res, err := variables.FromDecimal(&r)
	if err != nil {
		return nil, c.fail(CodeNumber, "%s() leaves the range of 34-digit decimals", c.name)
	}
	return res, nil
}

// whole cuts the fraction, as Java's longValue.
func (c *invocation) whole(v any) (any, error) { return c.rounded(v, 0, apd.RoundDown) }

func numberMethods() []method {
	on := func(name, args, meaning, example, result string, call func(c *invocation) (any, error)) method {
		return row(kindNumber, "number", name, args, meaning, example, result, call)
	}
	whole := func(c *invocation) (any, error) { return c.whole(c.recv) }
	itself := func(c *invocation) (any, error) { return c.recv, nil }
	with := func(op kind) func(c *invocation) (any, error) {
		return func(c *invocation) (any, error) {
			n, err := c.number(0)
			if err != nil {
				return nil, err
			}
			return c.f.arithmetic(op, c.recv, n, c.at)
		}
	}
	extreme := func(sign int) func(c *invocation) (any, error) {
		return func(c *invocation) (any, error) {
			n, err := c.number(0)
			if err != nil {
				return nil, err
			}
			o, err := c.f.compareNumbers(c.recv, n, c.at)
			if o*sign >= 0 {
				return c.recv, err
			}
			return n, err
		}
	}
	return []method{
		on("intValue", "", "the number without its fraction", "${price.intValue()}", "19", whole),
		on("longValue", "", "the number without its fraction", "${price.longValue()}", "19", whole),
		on("doubleValue", "", "the number itself", "${price.doubleValue()}", "19.95", itself),
		on("floatValue", "", "the number itself", "${price.floatValue()}", "19.95", itself),
		on("add", "number", "the sum", "${price.add(1)}", "20.95", with(tPlus)),
		on("subtract", "number", "the difference", "${price.subtract(1)}", "18.95", with(tMinus)),
		on("multiply", "number", "the product", "${price.multiply(2)}", "39.9", with(tTimes)),
		on("divide", "number", "the quotient, with up to 34 digits", "${price.divide(2)}", "9.975", with(tDivide)),
		on("remainder", "number", "the rest of the division", "${amount.remainder(7)}", "5", with(tModulo)),
		on("negate", "", "the number with the other sign", "${price.negate()}", "-19.95", func(c *invocation) (any, error) {
			return c.f.arithmetic(tMinus, int64(0), c.recv, c.at)
		}),
		on("abs", "", "the number without its sign", "${price.negate().abs()}", "19.95", func(c *invocation) (any, error) {
			return c.f.abs(c.recv, c.at)
		}),
		on("signum", "", "-1, 0 or 1 as the number is negative, zero or positive", "${price.signum()}", "1", func(c *invocation) (any, error) {
			return int64(toDecimal(c.recv).Sign()), nil
		}),
		on("min", "number", "the smaller number", "${price.min(3)}", "3", extreme(-1)),
		on("max", "number", "the greater number", "${price.max(3)}", "19.95", extreme(1)),
		on("setScale", "digits, [mode]", "the number rounded to digits behind the point; the mode is that of Java's BigDecimal from 0 (up) to 6 (half even), and 4 (half up) if it is left out", "${price.setScale(1, 4)}", "20", func(c *invocation) (any, error) {
			digits, err := c.integer(0)
			if err != nil {
				return nil, err
			}
			mode := int64(4)
			if len(c.args) > 1 {
				if mode, err = c.integer(1); err != nil {
					return nil, err
				}
			}
			modes := []apd.Rounder{apd.RoundUp, apd.RoundDown, apd.RoundCeiling, apd.RoundFloor, apd.RoundHalfUp, apd.RoundHalfDown, apd.RoundHalfEven}
			if mode < 0 || mode >= int64(len(modes)) {
				return nil, c.fail(CodeArguments, "setScale() expects a rounding mode from 0 to 6, but found %d", mode)
			}
			return c.rounded(c.recv, digits, modes[mode])
		}),
	}
}

func (f *frame) abs(v any, at int) (any, error) {
	if toDecimal(v).Sign() < 0 {
		return f.arithmetic(tMinus, int64(0), v, at)
	}
	return v, nil
}

// mathBean is flwMathUtils of Flowable.
func mathBean() []method {
	const bean = "flwMathUtils"
	numbers := func(c *invocation) ([]any, error) {
		l, err := c.items(0)
		if err != nil {
			return nil, err
		}
		res := make([]any, 0, len(l))
		for _, item := range l {
			if item == nil {
				continue
			}
			n, ok := toNumber(item)
			if !ok {
				return nil, c.bad(0, "a list of numbers")
			}
			res = append(res, n)
		}
		return res, nil
	}
	fold := func(name, meaning, example, result string, step func(c *invocation, sum, n any) (any, error)) method {
		return row(kindFunction, bean, name, "numbers", meaning, example, result, func(c *invocation) (any, error) {
			l, err := numbers(c)
			if err != nil {
				return nil, err
			}
			if len(l) == 0 {
				return nil, nil
			}
			res := l[0]
			for _, n := range l[1:] {
				if err := c.f.spend(1, c.at); err != nil {
					return nil, err
				}
				if res, err = step(c, res, n); err != nil {
					return nil, err
				}
			}
			return res, nil
		})
	}
	plus := func(c *invocation, sum, n any) (any, error) { return c.f.arithmetic(tPlus, sum, n, c.at) }
	extreme := func(sign int) func(c *invocation, sum, n any) (any, error) {
		return func(c *invocation, sum, n any) (any, error) {
			o, err := c.f.compareNumbers(n, sum, c.at)
			if o*sign > 0 {
				return n, err
			}
			return sum, err
		}
	}
	sum := fold("sum", "the sum of the numbers; null for none", "${flwMathUtils.sum(flwCollectionUtils.listOf(1, 2.5))}", "3.5", plus)
	average := row(kindFunction, bean, "average", "numbers", "the mean of the numbers; null for none", "${flwMathUtils.average(flwCollectionUtils.listOf(1, 2))}", "1.5", func(c *invocation) (any, error) {
		l, err := numbers(c)
		if err != nil {
			return nil, err
		}
		total, err := sum.call(c)
		if err != nil || total == nil {
			return nil, err
		}
		return c.f.arithmetic(tDivide, total, int64(len(l)), c.at)
	})
	one := func(name, args, meaning, example, result string, call func(c *invocation, n any) (any, error)) method {
		return row(kindFunction, bean, name, args, meaning, example, result, func(c *invocation) (any, error) {
			n, err := c.number(0)
			if err != nil {
				return nil, err
			}
			return call(c, n)
		})
	}
	return []method{
		sum, average,
		fold("min", "the smallest number; null for none", "${flwMathUtils.min(flwCollectionUtils.listOf(3, 2.5))}", "2.5", extreme(-1)),
		fold("max", "the greatest number; null for none", "${flwMathUtils.max(flwCollectionUtils.listOf(3, 2.5))}", "3", extreme(1)),
		one("abs", "number", "the number without its sign", "${flwMathUtils.abs(-2)}", "2", func(c *invocation, n any) (any, error) { return c.f.abs(n, c.at) }),
		one("floor", "number", "the next whole number below", "${flwMathUtils.floor(-1.5)}", "-2", func(c *invocation, n any) (any, error) {
			return c.rounded(n, 0, apd.RoundFloor)
		}),
		one("ceil", "number", "the next whole number above", "${flwMathUtils.ceil(1.2)}", "2", func(c *invocation, n any) (any, error) {
			return c.rounded(n, 0, apd.RoundCeiling)
		}),
		one("round", "number, [digits]", "the number rounded half up to digits behind the point", "${flwMathUtils.round(price, 1)}", "20", func(c *invocation, n any) (any, error) {
			digits := int64(0)
			if len(c.args) > 1 {
				var err error
				if digits, err = c.integer(1); err != nil {
					return nil, err
				}
			}
			return c.rounded(n, digits, apd.RoundHalfUp)
		}),
		one("parseInt", "text", "the text as a number without its fraction", "${flwMathUtils.parseInt('42')}", "42", func(c *invocation, n any) (any, error) { return c.whole(n) }),
		one("parseDouble", "text", "the text as a number", "${flwMathUtils.parseDouble('4.5')}", "4.5", func(_ *invocation, n any) (any, error) { return n, nil }),
	}
}
