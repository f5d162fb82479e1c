package feel

import "fmt"

// Code is a stable code of an error or a warning.
type Code string

// Codes of errors that Compile gives.
const (
	// CodeSyntax: the text is no FEEL expression.
	CodeSyntax Code = "FEEL_SYNTAX"
	// CodeTooLarge: the text is longer or nested deeper than the limit.
	CodeTooLarge Code = "FEEL_TOO_LARGE"
	// CodeUnknownType: a type name that neither FEEL nor CompileOptions.Types knows.
	CodeUnknownType Code = "FEEL_UNKNOWN_TYPE"
	// CodeExternal: a function body in another language (external), which is not run.
	CodeExternal Code = "FEEL_EXTERNAL"
)

// Codes of errors that end an evaluation.
const (
	// CodeSteps: more steps than Limits.Steps.
	CodeSteps Code = "FEEL_LIMIT_STEPS"
	// CodeDepth: function calls or values nested deeper than Limits.Depth.
	CodeDepth Code = "FEEL_LIMIT_DEPTH"
	// CodeListSize: a list longer than Limits.ListSize.
	CodeListSize Code = "FEEL_LIMIT_LIST"
	// CodeStringSize: a string longer than Limits.StringSize.
	CodeStringSize Code = "FEEL_LIMIT_STRING"
	// CodeRegexTime: a regular expression that takes longer than Limits.Regex.
	CodeRegexTime Code = "FEEL_LIMIT_REGEX"
	// CodeAssert: the function assert found its condition false (Camunda).
	CodeAssert Code = "FEEL_ASSERT"
	// CodeInternal: a fault of this package.
	CodeInternal Code = "FEEL_INTERNAL"
)

// Codes of warnings: why a part of an expression is null.
const (
	// WarnNoVariable: no variable of that name.
	WarnNoVariable Code = "NO_VARIABLE_FOUND"
	// WarnNoEntry: the context has no such entry, or the value no such property.
	WarnNoEntry Code = "NO_CONTEXT_ENTRY_FOUND"
	// WarnNoFunction: no function of that name, or not with these arguments.
	WarnNoFunction Code = "NO_FUNCTION_FOUND"
	// WarnInvalidType: an operator or function does not take values of that type.
	WarnInvalidType Code = "INVALID_TYPE"
	// WarnNotComparable: the values cannot be compared.
	WarnNotComparable Code = "NOT_COMPARABLE"
	// WarnOutOfRange: an index or number is outside of what is possible.
	WarnOutOfRange Code = "OUT_OF_RANGE"
	// WarnFunctionFailed: a function was given arguments it has no answer for.
	WarnFunctionFailed Code = "FUNCTION_INVOCATION_FAILURE"
)

// Error is an error of Compile or Eval. Line and Column count from 1 and are 0
// when the place is not known.
type Error struct {
	Code         Code
	Line, Column int
	Msg          string
	Err          error
}

// Error gives the sentence, its place and its code.
func (e *Error) Error() string {
	msg := e.Msg
	if e.Err != nil {
		msg = fmt.Sprintf("%s: %v", msg, e.Err)
	}
	if e.Line == 0 {
		return fmt.Sprintf("%s [%s]", msg, e.Code)
	}
	return fmt.Sprintf("line %d, column %d: %s [%s]", e.Line, e.Column, msg, e.Code)
}

// Is reports whether target is an *Error of the same code.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error) //nolint:errorlint // Is compares one link of the chain
	return ok && t.Code == e.Code
}

// Unwrap gives the cause, if any.
func (e *Error) Unwrap() error { return e.Err }

// Warning tells why a part of an evaluation gave null.
type Warning struct {
	Code         Code
	Line, Column int
	Msg          string
}

// String gives the sentence, its place and its code.
func (w Warning) String() string {
	return fmt.Sprintf("line %d, column %d: %s [%s]", w.Line, w.Column, w.Msg, w.Code)
}
