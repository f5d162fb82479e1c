// Package feel is FEEL, the expression language of DMN 1.5 (chapter 10), for
// Go: compiled to closures, exact in its numbers, deterministic and bounded.
//
// An expression is compiled once and evaluated many times, by many goroutines:
//
//	e, err := feel.Compile(`amount > 100 and status = "open"`, feel.CompileOptions{})
//	v, err := e.Eval(&feel.EvalContext{Scope: feel.Vars{"amount": int64(150), "status": "open"}})
//
// Where the standard makes a result null, the result is null and
// [EvalContext.Warnings] says why. Only a passed limit, a failed assert and a
// fault are errors, each an [*Error] with a stable code.
//
// Numbers have 34 digits, as the standard wants it (10.3.2.3.1). Integers and
// decimals whose digits fit an int64 take a fast path and no allocation;
// everything else goes to cockroachdb/apd.
//
// Two dialects are known: [DMN], strict, and [Camunda], with the built-in
// functions and habits of Camunda 8. [Builtins] lists every built-in function
// of both.
package feel
