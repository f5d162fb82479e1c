// Package feel is FEEL, the expression language of DMN 1.5 (chapter 10), for
// Go: compiled to closures, exact in its numbers, deterministic and bounded.
//
// An expression is compiled once and evaluated many times, by many goroutines:
//
//	e, err := feel.Compile(`amount > 100 and status = "open"`, feel.CompileOptions{})
//	v, err := e.Eval(&feel.EvalContext{Scope: feel.Vars{"amount": int64(150), "status": "open"}})
//
// # Results
//
// Where the standard makes a result null, the result is null and
// [EvalContext.Warnings] says why. Only a passed limit, a failed assert and a
// fault are errors, each an [*Error] with a stable code and a sentence; those
// of [Compile] have line and column as well.
//
// # Values
//
// Numbers have 34 digits, as the standard wants it (10.3.2.3.1). Integers and
// decimals whose digits fit an int64 take a fast path and no allocation;
// everything else goes to cockroachdb/apd. Lists and maps of process variables
// are read where they are. Temporal values keep their zone; contexts keep the
// order of their entries. [FromAny] and [Value.ToAny] convert from and to
// process variables.
//
// # Names
//
// A name may have spaces: words that follow each other are one name. A name
// with other special characters, or with a word such as "and" or "in" in it, is
// known by CompileOptions.Names, by the types given there, or because the
// expression itself defines it. What is not local is looked up in the [Scope]
// at evaluation; built-in functions can be hidden by declared names.
//
// # Dialects
//
// [DMN] is the standard, strictly. [Camunda] is what Camunda 8 adds to it:
//
//   - names in back quotes;
//   - functions of its own, and more ways to call some (see [Builtins]);
//   - patterns of Java, not of XPath, in matches, replace, split and extract;
//   - times without seconds;
//   - positions outside of a list or text give what there is, not null; string
//     writes contexts without spaces after the keys;
//   - lists and contexts with values of different kinds are not equal, and a
//     list filtered by what is no condition is empty; both are null in DMN.
//
// In both, a missing variable is null with a warning.
//
// # Limits
//
// Evaluation reads no clock and no random source but those of its
// [EvalContext]. [Limits] bounds steps, depth, sizes and regular expressions;
// a result never has more parts, written out, than Limits.Steps. Functions in
// other languages ("external") are refused by Compile.
package feel
