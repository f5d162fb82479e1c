// Package script runs the scripts of process models: JavaScript, and a subset
// of Groovy. FEEL and JUEL as script formats are run by the engines that the
// caller puts into Options.
//
//	p, err := script.Compile("javascript", `amount > 100`, script.Options{})
//	result, writes, err := p.Eval(&script.EvalContext{Vars: script.Map{"amount": int64(120)}})
//
// # What a script sees
//
// Process variables are globals, copied in when the script names them; what a
// script changes in such a copy stays there until it is written with
// execution.setVariable, or by assignment where Options.AutoStore is set.
// execution has the methods of Camunda 7's DelegateExecution and Flowable's
// that concern variables and ids. Objects of the engine (task) come in by
// EvalContext.Objects. print, println and console collect lines. A BPMN error
// is thrown by new BpmnError(code, message), or by the class of that name of
// Camunda, Operaton, Flowable or Activiti. There is nothing else of the host:
// no Java, no modules, no files, no reflection, and no code made from text:
// eval and the Function constructor are refused.
//
// JavaScriptFeatures, GroovyFeatures and Formats are the tables of what is
// there and what is refused; tests run every line of them.
//
// # Values
//
// Values cross as the shared set: nil, bool, string, int64, *apd.Decimal,
// []any, map[string]any; Program.Eval says how each converts. A number that a
// double cannot hold (an integer beyond 2^53, a long decimal) is an object
// that computes as the nearest double, gives its full text in String(n),
// templates and JSON.stringify, and is handed on unchanged. In Groovy all
// arithmetic is exact.
//
// # Determinism
//
// The clock, the zone and the seed of Math.random come from the context, Date
// knows nothing of the machine's zone, members are copied in sorted order, and
// budgets are counted. The same program and context therefore give the same
// result, effects and output. Two limits are wall-clock time and always an
// error: the deadline, and the time of one match of a regular expression.
//
// # Limits
//
// Each script has a budget of steps and of allocated bytes (see Limits). The
// interpreter counts neither, so scripts are rewritten before they are
// compiled: every loop turn and every call pays for the code behind it, and
// every operation whose cost hangs on its operands (+ on texts, spread,
// templates, indexes behind the end of an array) is paid for by what it
// makes. Built-ins come from one table: each is of bounded cost, or guarded,
// or written anew in prelude.js; all others are deleted. A script that passes
// a limit ends at once; neither catch nor finally of it runs.
//
// # Reuse
//
// A runtime takes some milliseconds to make and is then reused through a Pool.
// Its built-ins are frozen, and each call has a global object of its own, so
// nothing leaks from one call to the next. A runtime whose script was stopped
// by a limit is dropped.
package script
