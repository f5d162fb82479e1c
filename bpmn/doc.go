// Package bpmn turns BPMN 2.0 files into an immutable model that the engine
// executes.
//
// [Parse] reads a file in the dialects of Camunda 7, Camunda 8 (zeebe), Flowable
// and plain BPMN and reports every problem that it finds, each with the element,
// the line and a stable code (see [Codes]). Names are resolved by namespace; where
// two dialects say different things about one element, the dialect of the
// definition decides and a warning says so.
//
// Nothing is ignored silently: every element and attribute of the BPMN and
// dialect namespaces is in the model, is kept out for a reason that a table in
// account.go states, or is refused. What the engine executes is said by the
// tables in support.go, apart from what the parser understands.
//
// To add an element: one row in the table of flow nodes (scope.go) or event
// definitions (events.go) with its parse method in the file of its family, and
// one row in support.go when the engine executes it.
package bpmn
