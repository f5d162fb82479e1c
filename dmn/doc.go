// Package dmn reads, checks and evaluates decision models of DMN 1.2 to 1.5
// (and of 1.1, with a warning).
//
// [Parse] reads a file and compiles every expression in it once; the [Model] is
// immutable and safe for concurrent use. [Model.Evaluate] evaluates a decision,
// a decision service or a business knowledge model on variables and gives the
// result with a [Trace] for audit: which decisions were evaluated, on which
// inputs, which rules matched and what they gave.
//
// What the standard makes null is null here, with a [Message] that says why. An
// evaluation ends with an [Error] only when a limit is reached and, in models of
// Camunda, when a hit policy is violated.
//
// # What is supported
//
// Decision tables with all hit policies and aggregations, default outputs,
// input and output values; literal expressions, contexts, relations, lists,
// invocations, functions, conditionals, filters and iterations; business
// knowledge models, decision services, item definitions with allowed values,
// type constraints, components, collections and functions; imports of models.
// Functions of kind Java or PMML, imports of anything but DMN, and expression
// languages that are not registered are refused with a code.
//
// # Types
//
// Input data, parameters, context entries, table inputs and outputs, and results
// are converted to their declared types as DMN 1.5, 10.3.2.9.4 has it: a single
// item to a list and back, a date to a date and time. What does not conform is
// null, with a message. Allowed values of a collection hold for each of its
// items, a type constraint for the whole.
//
// # Camunda
//
// Models written by the Camunda Modeler are read in [DialectCamunda]; see there
// for what differs.
package dmn
