package expression

import (
	"errors"
	"strings"

	"github.com/weir-bpm/weir/expression/juel"
)

// juelProgram is a text with ${…} or #{…} in it.
type juelProgram struct {
	expr *juel.Expression
}

func compileJUEL(text string, o options) (Program, error) {
	compile := juel.Compile
	if !strings.Contains(text, "${") && !strings.Contains(text, "#{") {
		compile = juel.CompileBare
	}
	expr, err := compile(text, juel.Options{Functions: o.functions, AllowWrites: o.writes})
	if err != nil {
		return nil, juelError(text, err, CodeSyntax)
	}
	return &juelProgram{expr: expr}, nil
}

func (p *juelProgram) Variables() []string { return p.expr.Variables() }

func (p *juelProgram) Eval(env *Env) (any, error) {
	x := &env.Execution
	ctx := juel.EvalContext{
		Lookup: env.Lookup, Now: env.Now, Location: env.Zone,
		Execution: &juel.Execution{
			ID: x.InstanceID, ProcessInstanceID: x.InstanceID, BusinessKey: x.BusinessKey,
			ProcessDefinitionID: x.DefinitionID, ProcessDefinitionKey: x.ProcessID,
			ActivityID: x.ElementID, ActivityName: x.ElementName, TenantID: x.Tenant,
			ActivityInstanceID: x.ElementInstanceID, EventName: x.EventName, TransitionID: x.FlowID, Canceled: x.Canceled,
			Variables: env.Visible, Local: env.Local, Set: env.set(),
		},
	}
	if x.ElementType != "" {
		ctx.Execution.Element = &juel.Element{ID: x.ElementID, Name: x.ElementName, Type: x.ElementType}
	}
	// `task` is the user task, unless the process has a variable of that name.
	if env.Lookup != nil {
		if _, taken := env.Lookup("task"); !taken && env.Task != nil {
			ctx.Task = env.Task
		} else if !taken {
			ctx.Task = &juel.Task{Name: x.ElementName, Assignee: x.Assignee, TaskDefinitionKey: x.ElementID, TenantID: x.Tenant}
		}
	}
	v, err := p.expr.Eval(&ctx)
	if err != nil {
		return nil, juelError(p.expr.Text(), err, CodeEvaluation)
	}
	return v, nil
}

// set is how setVariable and setVariableLocal write; nil where nothing may.
func (env *Env) set() func(name string, value any, local bool) error {
	if env.Write == nil && env.WriteLocal == nil {
		return nil
	}
	return func(name string, value any, local bool) error {
		write := env.Write
		if local {
			write = env.WriteLocal
		}
		if write == nil {
			return errors.New("it would write a scope that its place does not allow")
		}
		write(name, value)
		return nil
	}
}

func juelError(text string, err error, fallback string) error {
	e := &Error{Code: fallback, Language: JUEL, Text: text, Offset: -1, Message: err.Error(), Err: err}
	var je *juel.Error
	if errors.As(err, &je) {
		e.Offset, e.Message = je.Offset, je.Message
		switch je.Code { //nolint:exhaustive // the others keep their own code
		case juel.CodeSyntax:
		case juel.CodeNeedsJava:
			e.Code = CodeNeedsJava
		default:
			e.Code = string(je.Code)
		}
	}
	return e
}
