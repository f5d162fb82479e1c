// Package expression is the seam between process models and the expression
// languages: [Compile] turns a text into a [Program], and a program evaluates
// against the variables of a scope.
//
// Evaluation is a pure function of its [Env]: the clock, the zone and the seed
// come in with it, so replay and live processing see the same values.
package expression

import (
	"fmt"
	"strings"
	"time"

	"github.com/weir-bpm/weir/expression/juel"
)

// Language is an expression or script language.
type Language string

// The languages that models name.
const (
	FEEL       Language = "feel"       // zeebe models; DMN
	JUEL       Language = "juel"       // camunda and flowable models
	JavaScript Language = "javascript" // script tasks
	Groovy     Language = "groovy"     // script tasks, the documented subset
)

// Program is a compiled expression: immutable and safe for concurrent use.
type Program interface {
	// Eval returns a variable value (see package variables) or an *Error.
	Eval(env *Env) (any, error)
	// Variables names the variables that the program may read, in ascending
	// order.
	Variables() []string
}

// Env is what an evaluation may see.
type Env struct {
	// Lookup finds a variable by name, nearest scope first.
	Lookup func(name string) (any, bool)
	// Visible gives all variables that Lookup finds, for methods such as
	// execution.getVariables(); nil makes these fail.
	Visible func() map[string]any
	// Now is the engine's time.
	Now time.Time
	// Zone is the engine's time zone; nil is UTC.
	Zone *time.Location
	// Seed feeds random and uuid functions.
	Seed uint64
	// Execution describes the element instance that the expression belongs to.
	Execution Execution
	// Warn receives why parts of an expression gave null; nil drops it.
	Warn func(message string)
	// Write collects variables that a script or listener sets, for the nearest
	// scope that has them; nil refuses them. Lookup must find them from then on.
	Write func(name string, value any)
	// WriteLocal is Write for the own scope alone.
	WriteLocal func(name string, value any)
	// Local gives the variables of the own scope, for methods such as
	// execution.getVariableLocal; nil makes these fail.
	Local func() map[string]any
	// Hidden says whether a scope inside the process instance has a variable of
	// the name, for execution.getProcessInstance() of scripts; nil makes these
	// fail.
	Hidden func(name string) bool
	// Task is the user task of a task listener; nil elsewhere.
	Task *Task
	// Steps adds up what scripts have used of their budget, also those that
	// failed.
	Steps int64
}

// Task is what `task` exposes in camunda and flowable task listeners.
type Task = juel.Task

// Execution is what `execution` and `task` expose in camunda and flowable
// expressions.
type Execution struct {
	InstanceID   string
	BusinessKey  string
	DefinitionID string
	ProcessID    string
	ElementID    string
	ElementName  string
	Tenant       string
	Assignee     string
	// ElementInstanceID is the id of the element instance, and ElementType the
	// BPMN name of its element.
	ElementInstanceID string
	ElementType       string
	// EventName is that of a listener: start, end, take; FlowID is the sequence
	// flow of a take listener, and Canceled says that the element was
	// interrupted.
	EventName string
	FlowID    string
	Canceled  bool
}

// Error is a failed compilation or evaluation.
type Error struct {
	Code     string // stable, such as "expression.syntax" or "feel.limit"
	Language Language
	Text     string // the expression
	Offset   int    // byte offset of the fault in Text, -1 if unknown
	Message  string // a sentence
	Err      error
	// Thrown is set when a script threw a BPMN error.
	Thrown *Thrown
}

// Thrown is a BPMN error that a script throws for an error event to catch (BPMN
// 2.0.2, 10.5.6).
type Thrown struct{ Code, Message string }

func (e *Error) Error() string {
	const most = 200
	text := e.Text
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return fmt.Sprintf("%s expression %q: %s", e.Language, text, e.Message)
}

// Unwrap returns the language's own error.
func (e *Error) Unwrap() error { return e.Err }
