package expression

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/weir-bpm/weir/expression/feel"
	"github.com/weir-bpm/weir/expression/juel"
	"github.com/weir-bpm/weir/expression/script"
)

// The codes of errors that every language gives. Limits and faults of one
// language have the codes of its own package.
const (
	// CodeSyntax: the text is no expression of the language.
	CodeSyntax = "expression.syntax"
	// CodeLanguage: the language is not known or not available.
	CodeLanguage = "expression.language"
	// CodeEvaluation: the evaluation gave no value.
	CodeEvaluation = "expression.evaluation"
	// CodeNeedsJava: the expression calls a Java class or bean that no registered
	// function stands in for.
	CodeNeedsJava = "expression.needs_java"
	// CodeReadOnly: a script sets variables where it must not.
	CodeReadOnly = "expression.read_only"
)

// Option is a choice for one [Compile].
type Option func(*options)

type options struct {
	names     []string
	functions *juel.Registry
	pool      *script.Pool
	autoStore bool
	blind     bool
	writes    bool
}

// Names declares names in scope that hold spaces or signs, such as
// "loan-to-value", which FEEL reads as a calculation otherwise.
func Names(names ...string) Option {
	return func(o *options) { o.names = append(o.names, names...) }
}

// Functions names the Go functions and beans that JUEL expressions may call.
func Functions(r *juel.Registry) Option { return func(o *options) { o.functions = r } }

// ScriptPool shares the runtimes of scripts. Without it each script keeps its
// own, which costs memory where there are many.
func ScriptPool(p *script.Pool) Option { return func(o *options) { o.pool = p } }

// AutoStore makes the assignments of a script write variables (Flowable's
// autoStoreVariables).
func AutoStore() Option { return func(o *options) { o.autoStore = true } }

// NoVariables hides the variables from the bare names of a script (Flowable's
// doNotIncludeVariables).
func NoVariables() Option { return func(o *options) { o.blind = true } }

// Writes lets JUEL call the methods that set variables, such as
// execution.setVariable; scripts always may. See [Env.Write].
func Writes() Option { return func(o *options) { o.writes = true } }

// Compile compiles a text: FEEL without the "=" that marks it in a model, JUEL
// with ${…} and text around it or bare, or the source of a script. The error is
// an *Error.
func Compile(lang Language, text string, opts ...Option) (Program, error) {
	var o options
	for _, opt := range opts {
		opt(&o)
	}
	switch lang {
	case FEEL:
		return compileFEEL(text, o)
	case JUEL:
		return compileJUEL(text, o)
	case JavaScript, Groovy:
		return compileScript(lang, text, o)
	}
	return nil, &Error{
		Code: CodeLanguage, Language: lang, Text: text, Offset: -1,
		Message: fmt.Sprintf("the language is not known; expected %s, %s, %s or %s", FEEL, JUEL, JavaScript, Groovy),
	}
}

// offset turns a line and a column, both counted from 1, into a byte offset.
func offset(text string, line, column int) int {
	if line < 1 || column < 1 {
		return -1
	}
	at := 0
	for ; line > 1; line-- {
		i := strings.IndexByte(text[at:], '\n')
		if i < 0 {
			return len(text)
		}
		at += i + 1
	}
	for ; column > 1 && at < len(text); column-- {
		_, size := utf8.DecodeRuneInString(text[at:])
		at += size
	}
	return at
}

func feelError(text string, err error, fallback string) error {
	e := &Error{Code: fallback, Language: FEEL, Text: text, Offset: -1, Message: err.Error(), Err: err}
	var fe *feel.Error
	if errors.As(err, &fe) {
		e.Offset, e.Message = offset(text, fe.Line, fe.Column), fe.Msg
		if fe.Line > 0 {
			e.Message = fmt.Sprintf("line %d, column %d: %s", fe.Line, fe.Column, fe.Msg)
		}
		if fe.Code != feel.CodeSyntax {
			e.Code = string(fe.Code)
		}
	}
	return e
}
