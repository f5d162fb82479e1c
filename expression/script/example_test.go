package script_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/weir-bpm/weir/expression/script"
)

// A condition reads variables by their names.
func ExampleCompile() {
	p, err := script.Compile("javascript", `amount > 100 && customer.status === 'gold'`, script.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	result, _, err := p.Eval(&script.EvalContext{Vars: script.Map{
		"amount":   int64(120),
		"customer": map[string]any{"status": "gold"},
	}})
	fmt.Println(result, err)
	// Output: true <nil>
}

// A script task writes variables with execution.setVariable.
func ExampleProgram_Eval() {
	p, err := script.Compile("javascript", `
		var total = 0;
		for (const item of items) total += item.price * item.count;
		execution.setVariable('total', total);
		print('total is', total);`, script.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := &script.EvalContext{
		Vars: script.Map{"items": []any{
			map[string]any{"price": int64(2), "count": int64(10)},
			map[string]any{"price": int64(3), "count": int64(4)},
		}},
		Now: time.Date(2024, 1, 31, 12, 0, 0, 0, time.UTC),
	}
	_, writes, err := p.Eval(ctx)
	fmt.Println(writes, ctx.Printed, err)
	// Output: map[total:32] [total is 32] <nil>
}

// Flowable's autoStoreVariables stores what a script assigns; Groovy's def
// stays private.
func ExampleOptions_autoStore() {
	p, err := script.Compile("groovy", `
		sum = 0
		for (i in numbers) { sum += i }
		def half = sum / 2
		text = "half of $sum is ${half}"`, script.Options{AutoStore: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, writes, err := p.Eval(&script.EvalContext{Vars: script.Map{"numbers": []any{int64(1), int64(2), int64(4)}}})
	fmt.Println(writes, err)
	// Output: map[sum:7 text:half of 7 is 3.5] <nil>
}

// What is not supported is refused when the model is deployed.
func ExampleError() {
	_, err := script.Compile("groovy", "def x = 1\nnew File('/etc/passwd').text", script.Options{})
	fmt.Println(err)

	p, err := script.Compile("javascript", "while (true) {}", script.Options{Limits: script.Limits{Steps: 1000}})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, _, err = p.Eval(&script.EvalContext{})
	fmt.Println(errors.Is(err, &script.Error{Code: script.CodeSteps}))

	p, err = script.Compile("javascript", "throw new BpmnError('OUT_OF_STOCK', 'no nuts left')", script.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, _, err = p.Eval(&script.EvalContext{})
	var e *script.Error
	if errors.As(err, &e) {
		fmt.Println(e.BPMN.Code, e.BPMN.Message)
	}
	// Output:
	// script.unsupported: line 2:5: the Java class File is not available; use Groovy's own lists, maps and texts, or a job worker (service task with a job type)
	// true
	// OUT_OF_STOCK no nuts left
}
