package feel_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/weir-bpm/weir/expression/feel"
)

func Example() {
	e, err := feel.Compile(`if amount > 100 and status = "open" then "review" else "pay"`, feel.CompileOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	v, err := e.Eval(&feel.EvalContext{Scope: feel.Vars{"amount": int64(150), "status": "open"}})
	fmt.Println(v, err)
	// Output: review <nil>
}

func ExampleCompile_names() {
	// names with special characters have to be declared, those of plain words not
	e, err := feel.Compile(`loan-to-value * 100 > upper limit`, feel.CompileOptions{Names: []feel.Name{{Name: "loan-to-value"}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(e.Variables())
	// Output: [loan-to-value upper limit]
}

func ExampleCompileUnaryTests() {
	e, err := feel.CompileUnaryTests(`< 10, [20..30), > limit`, feel.CompileOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	c := &feel.EvalContext{Scope: feel.Vars{"limit": int64(100)}}
	for _, n := range []int64{5, 15, 20, 30, 101} {
		c.Input = feel.Int(n)
		v, err := e.Eval(c)
		fmt.Println(n, v, err)
	}
	// Output:
	// 5 true <nil>
	// 15 false <nil>
	// 20 true <nil>
	// 30 false <nil>
	// 101 true <nil>
}

func ExampleExpression_Eval_warnings() {
	e, err := feel.Compile(`order.total + "EUR"`, feel.CompileOptions{Dialect: feel.Camunda})
	if err != nil {
		fmt.Println(err)
		return
	}
	c := &feel.EvalContext{Scope: feel.Vars{"order": map[string]any{"total": int64(7)}}}
	v, err := e.Eval(c)
	fmt.Println(v, err)
	fmt.Println(c.Warnings()[0])
	// Output:
	// null <nil>
	// line 1, column 13: the operator + does not take number 7 and "EUR" [INVALID_TYPE]
}

func ExampleLimits() {
	e, err := feel.Compile(`every i in 1..1000000000 satisfies i > 0`, feel.CompileOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = e.Eval(&feel.EvalContext{Limits: feel.Limits{Steps: 1000}})
	fmt.Println(errors.Is(err, &feel.Error{Code: feel.CodeSteps}), err)
	// Output: true expected at most 1000 steps [FEEL_LIMIT_STEPS]
}

func ExampleNewFunction() {
	tax := feel.NewFunction("tax", []feel.Param{{Name: "net", Type: feel.TypeOf(feel.KindNumber)}},
		func(c *feel.EvalContext, args []feel.Value) (feel.Value, error) {
			e, err := feel.Compile(`net * rate`, feel.CompileOptions{})
			if err != nil {
				return feel.Null(), err
			}
			return e.Eval(c.With(feel.Scopes{feel.Values{"net": args[0]}, c.Scope}))
		})
	e, err := feel.Compile(`tax(net: 200) + 1`, feel.CompileOptions{Functions: map[string]feel.Value{"tax": tax}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(e.Eval(&feel.EvalContext{Scope: feel.Vars{"rate": 0.19}}))
	// Output: 39.00 <nil>
}

func ExampleEvalContext() {
	e, err := feel.Compile(`date(now() + @"P1M")`, feel.CompileOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	// the clock comes from the context, so that a replay gives the same value
	c := &feel.EvalContext{Now: time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)}
	fmt.Println(e.Eval(c))
	// Output: 2026-02-28 <nil>
}

func ExampleValue_ToAny() {
	e, err := feel.Compile(`{total: 2 * 1.5, due: @"2026-01-31", tags: ["a"]}`, feel.CompileOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	v, err := e.Eval(&feel.EvalContext{})
	fmt.Println(v.ToAny(), err)
	fmt.Println(v.JSON())
	// Output:
	// map[due:2026-01-31 tags:[a] total:3] <nil>
	// {"total":3.0,"due":"2026-01-31","tags":["a"]}
}
