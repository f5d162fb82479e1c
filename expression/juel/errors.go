package juel

import (
	"fmt"
	"strings"
)

// Code names a kind of fault. Codes are stable: they are never renamed or
// reused.
type Code string

// The codes of this package; see [Codes] for what each means.
const (
	CodeSyntax          Code = "juel.syntax"
	CodeUnsupported     Code = "juel.unsupported"
	CodeUnknownFunction Code = "juel.unknown-function"
	CodeUnknownMethod   Code = "juel.unknown-method"
	CodeNeedsJava       Code = "juel.needs-java"
	CodeArguments       Code = "juel.arguments"
	CodeReadOnly        Code = "juel.read-only"
	CodeUnknownProperty Code = "juel.unknown-property"
	CodeNull            Code = "juel.null"
	CodeCoercion        Code = "juel.coercion"
	CodeType            Code = "juel.type"
	CodeDivision        Code = "juel.division"
	CodeNumber          Code = "juel.number"
	CodeRegex           Code = "juel.regex"
	CodeContext         Code = "juel.context"
	CodeHost            Code = "juel.host"
	CodeLimit           Code = "juel.limit"
)

// CodeInfo is a row of [Codes].
type CodeInfo struct {
	Code    Code
	Meaning string // what is wrong
	WayOut  string // what to do about it
	Example string // an expression that gives the code; none for juel.host
}

// Codes returns every code that this package gives, in a fixed order.
func Codes() []CodeInfo {
	return []CodeInfo{
		{CodeSyntax, "the text is no expression", "correct it at the place named", "${1 +}"},
		{CodeUnsupported, "a construct of a later expression language, or one that JUEL reserves", "write it with the operators of EL 2.2", "${x = 1}"},
		{CodeUnknownFunction, "no function has this name", "use a listed one, or register a Go function of this name", "${shout('a')}"},
		{CodeUnknownMethod, "no listed method has this name for the value", "use a listed method, or register a Go function", "${execution.fly()}"},
		{CodeNeedsJava, "the expression calls a Java class or bean", "register a Go function named bean.method, or make the task a job for a worker", "${mailer.send(order)}"},
		{CodeArguments, "the number or kind of arguments does not fit", "see the method's row in the table", "${'abc'.substring()}"},
		{CodeReadOnly, "the expression would change something where it must not", "map the value with an output or a script task", "${execution.setVariable('a', 1)}"},
		{CodeUnknownProperty, "a name in the expression is no variable here, or a value has no such property", "set the variable before, or test it with var:exists(name) or execution.hasVariable('name')", "${nowhere}"},
		{CodeNull, "a method is called on null", "test the value with empty first", "${nothing.length()}"},
		{CodeCoercion, "a value cannot be read as a number, boolean or date", "convert or correct the value", "${'abc' + 1}"},
		{CodeType, "an operator or method does not know this kind of value", "see the method's row in the table", "${order < customer}"},
		{CodeDivision, "a number is divided by zero", "test the divisor first", "${amount / 0}"},
		{CodeNumber, "a number leaves the range of 34-digit decimals", "use smaller numbers", "${1e6000 * 1e6000}"},
		{CodeRegex, "a regular expression cannot be read or takes too long", "simplify the pattern", "${'a'.matches('(')}"},
		{CodeContext, "the expression asks for something that its place does not have", "use it where there is an execution, task or user", "${execution.getVariables()}"},
		{CodeHost, "a registered Go function failed", "see the cause", ""},
		{CodeLimit, "the expression or its result is too large, or takes too many steps", "make it smaller, or raise the limit", "${'a'.repeat(100000000)}"},
	}
}

// Error tells what is wrong with an expression, at compile or at evaluation.
type Error struct {
	Code       Code
	Expression string // the whole text, cut to 1000 bytes
	Offset     int    // byte offset of the fault in the text
	Name       string // the variable, function or method meant, if any
	Message    string // a sentence: what was expected and a way out
	Err        error  // the cause, of juel.host
}

// Error gives the sentence with its place.
func (e *Error) Error() string {
	return fmt.Sprintf("%s at character %d of %q", e.Message, e.Offset+1, e.Expression)
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is reports whether target is an [*Error] of the same code.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

func newError(code Code, expression string, at int, name, message string) *Error {
	const most = 1000
	if len(expression) > most {
		expression = expression[:most]
	}
	expression = strings.ToValidUTF8(expression, "\uFFFD")
	return &Error{Code: code, Expression: expression, Offset: min(at, len(expression)), Name: name, Message: message}
}
