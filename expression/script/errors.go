package script

import (
	"fmt"

	"github.com/dop251/goja"
)

// Code names a kind of failure. Codes are stable strings: they are stored in
// incidents and matched by callers.
type Code string

// The codes of this package. Compile gives those of the first group, Eval
// those of the second.
const (
	// CodeFormat: the script format is unknown, or known and not run here.
	CodeFormat Code = "script.format"
	// CodeEngine: the format is run by an engine (FEEL, JUEL) that Options
	// does not carry.
	CodeEngine Code = "script.engine"
	// CodeSyntax: the source is not a script of its format.
	CodeSyntax Code = "script.syntax"
	// CodeUnsupported: the source uses a construct that is not run here; the
	// message names it and a way out.
	CodeUnsupported Code = "script.unsupported"
	// CodeTooLarge: the source passes MaxSource or MaxNesting.
	CodeTooLarge Code = "script.too-large"

	// CodeException: the script threw and nothing caught it.
	CodeException Code = "script.exception"
	// CodeBpmnError: the script threw a BpmnError; Error.BPMN carries it.
	CodeBpmnError Code = "script.bpmn-error"
	// CodeValue: a value cannot cross to or from the process (NaN, a
	// function, a cycle, too deep, too many parts).
	CodeValue Code = "script.value"
	// CodeDeadline: the wall-clock deadline passed.
	CodeDeadline Code = "script.deadline"
	// CodeSteps: the step budget is used up.
	CodeSteps Code = "script.steps"
	// CodeMemory: the allocation budget, or the limit for one string, array
	// or output, is used up.
	CodeMemory Code = "script.memory"
	// CodeStack: calls or values are nested deeper than allowed.
	CodeStack Code = "script.stack"
	// CodeRegex: a regular expression is too large or took too long.
	CodeRegex Code = "script.regex"
	// CodeHost: a method of execution or of another host object refused.
	CodeHost Code = "script.host"
	// CodeInternal: a fault of the interpreter itself; please report it.
	CodeInternal Code = "script.internal"
)

// Codes lists every code of this package in the order of the constants.
func Codes() []Code {
	return []Code{
		CodeFormat, CodeEngine, CodeSyntax, CodeUnsupported, CodeTooLarge,
		CodeException, CodeBpmnError, CodeValue, CodeDeadline, CodeSteps, CodeMemory, CodeStack,
		CodeRegex, CodeHost, CodeInternal,
	}
}

// Error is what Compile and Eval return. Line and Column count from 1 and are
// 0 where no position is known.
type Error struct {
	Code    Code
	Message string
	Line    int
	Column  int
	// BPMN is set with CodeBpmnError only.
	BPMN *BpmnError
	// Err is the cause where there is one (an engine's error, the context's).
	Err error
}

// BpmnError is a BPMN error thrown by a script, to be caught by an error
// boundary event or event subprocess (BPMN 2.0, section 10.5.6).
type BpmnError struct {
	Code    string
	Message string
}

func (e *Error) Error() string {
	if e.Line > 0 {
		return fmt.Sprintf("%s: line %d:%d: %s", e.Code, e.Line, e.Column, e.Message)
	}
	return fmt.Sprintf("%s: %s", e.Code, e.Message)
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is compares codes, so that errors.Is(err, &Error{Code: CodeDeadline}) holds.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

func errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// abort carries an Error out of a running script. It embeds goja's interrupt,
// which makes it uncatchable: neither catch nor finally of the script runs.
type abort struct {
	*goja.InterruptedError
	err *Error
}

// Error hides the embedded one, whose text is about interrupts.
func (a *abort) Error() string { return a.err.Error() }

// Unwrap hides the embedded one.
func (a *abort) Unwrap() error { return a.err }

// stop ends the running script with a coded error.
func stop(code Code, format string, args ...any) {
	panic(&abort{InterruptedError: &goja.InterruptedError{}, err: errorf(code, format, args...)})
}
