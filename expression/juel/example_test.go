package juel_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/weir-bpm/weir/expression/juel"
)

func ExampleCompile() {
	e, err := juel.Compile("${amount > 100 && status == 'open'}", juel.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	vars := map[string]any{"amount": int64(250), "status": "open"}
	v, err := e.Eval(&juel.EvalContext{
		Lookup: func(name string) (any, bool) { v, ok := vars[name]; return v, ok },
	})
	fmt.Println(v, err, e.Variables())
	// Output: true <nil> [amount status]
}

func ExampleExpression_Eval() {
	e, err := juel.Compile("Pay by ${dateTime().plusDays(14).toDate()}", juel.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	v, err := e.Eval(&juel.EvalContext{Now: time.Date(2026, 3, 1, 9, 30, 0, 0, time.UTC)})
	fmt.Println(v, err)
	// Output: Pay by 2026-03-15T09:30:00Z <nil>
}

func ExampleError() {
	_, err := juel.Compile("${mailer.send(order)}", juel.Options{})
	fmt.Println(err)
	var e *juel.Error
	if errors.As(err, &e) {
		fmt.Println(e.Code, e.Name)
	}
	// Output:
	// mailer.send() needs a Java bean; register a Go function named "mailer.send", or make the task a job for a worker at character 10 of "${mailer.send(order)}"
	// juel.needs-java mailer.send
}

func ExampleNewRegistry() {
	functions, err := juel.NewRegistry(juel.Function{
		Name: "pricing.discount", MinArgs: 1, MaxArgs: 1,
		Call: func(c juel.Call) (any, error) {
			amount, ok := c.Args[0].(int64)
			if !ok {
				return nil, errors.New("expected a whole amount")
			}
			return amount / 10, nil
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	e, err := juel.Compile("${pricing.discount(250)}", juel.Options{Functions: functions})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(e.Eval(&juel.EvalContext{}))
	// Output: 25 <nil>
}
