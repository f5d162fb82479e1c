// Package juel evaluates the expressions of Camunda 7 and Flowable models: the
// Unified Expression Language of JSR 245, version 2.2 ("EL 2.2" in this
// package), as the JUEL library and those engines have it.
//
// An expression stands in ${} or #{}, which mean the same. [Compile] makes an
// immutable [Expression] of a text, with every fault in it found where it can be
// known before evaluation; [Expression.Eval] is a pure function of its
// [EvalContext]. [Syntax] lists what the language has, [Table] the methods and
// functions, each with an example, and [Codes] the errors.
//
// # Values
//
// Values are those of package variables: JSON with exact numbers. Dates are
// texts outside of expressions, and within them a text is taken for a date where
// a date is meant: in a comparison with a date, as the argument or the receiver
// of a method of dates. Camunda's Spin and the JSON nodes of Flowable are plain
// values, on which their methods work.
//
// # Where it differs from JUEL
//
//   - Numbers are int64 or decimals of 34 digits. So 7 / 2 is 3.5 and 6 / 2 is 3
//     (written "3", not "3.0"); nothing overflows into the negative; 0.1 + 0.2 is
//     0.3; a division by zero is an error, not Infinity.
//   - Lists and objects are written as JSON, not as Java's toString has them.
//   - No method changes a value. Those of execution and task that change the
//     process compile only with Options.AllowWrites and go through hooks.
//   - There is no reflection. What a model calls on Java beans has to be
//     registered as Go functions, see [Registry], or moved to a job worker.
//   - Regular expressions have a time limit. Classes within classes, which Java
//     unites and intersects, are refused.
//
// # Limits
//
// [Limits] bounds the text, its nesting and parts, the work of an evaluation,
// and the texts and lists that come about. The language has no loops, so an
// evaluation ends; the limits make it end soon.
package juel
