package expression

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/weir-bpm/weir/expression/script"
)

// scriptProgram is a script in JavaScript or Groovy.
type scriptProgram struct {
	lang   Language
	source string
	code   *script.Program
}

func compileScript(lang Language, source string, o options) (Program, error) {
	code, err := script.Compile(string(lang), source, script.Options{AutoStore: o.autoStore, NoVariables: o.blind, Pool: o.pool})
	if err != nil {
		return nil, scriptError(lang, source, err, CodeSyntax)
	}
	return &scriptProgram{lang: lang, source: source, code: code}, nil
}

func (p *scriptProgram) Variables() []string {
	names := p.code.Variables()
	slices.Sort(names)
	return slices.Compact(names)
}

// Eval runs the script. What it sets goes to Env.Write; where that is nil, a
// script that sets or removes a variable fails. What it has set before it throws a
// BPMN error goes there too.
func (p *scriptProgram) Eval(env *Env) (any, error) {
	x := &env.Execution
	ctx := script.EvalContext{
		Vars: scriptVariables{env}, Now: env.Now, Zone: env.Zone, Seed: env.Seed,
		Execution: script.Execution{
			ID: x.InstanceID, ProcessInstanceID: x.InstanceID, BusinessKey: x.BusinessKey,
			ProcessDefinitionID: x.DefinitionID, ProcessDefinitionKey: x.ProcessID,
			ActivityID: x.ElementID, ActivityName: x.ElementName, TenantID: x.Tenant,
			ActivityInstanceID: x.ElementInstanceID, EventName: x.EventName, TransitionID: x.FlowID,
		},
	}
	ctx.Hidden = env.Hidden
	if env.Local != nil {
		ctx.Local = script.Map(env.Local())
	}
	if env.Task != nil {
		ctx.Objects = map[string]script.Object{"task": &scriptTask{env.Task, env}}
	}
	result, writes, err := p.code.Eval(&ctx)
	env.Steps += ctx.Steps
	var thrown *script.Error
	if err != nil && !(errors.As(err, &thrown) && thrown.Code == script.CodeBpmnError) {
		return nil, scriptError(p.lang, p.source, err, CodeEvaluation)
	}
	if len(ctx.Removed)+len(ctx.RemovedLocal) > 0 || len(ctx.LocalWrites) > 0 && env.WriteLocal == nil || len(writes) > 0 && env.Write == nil {
		return nil, &Error{
			Code: CodeReadOnly, Language: p.lang, Text: p.source, Offset: -1,
			Message: "the script sets or removes variables in a way that its place does not allow; return a value instead",
		}
	}
	for _, name := range slices.Sorted(maps.Keys(writes)) {
		env.Write(name, writes[name])
	}
	for _, name := range slices.Sorted(maps.Keys(ctx.LocalWrites)) {
		env.WriteLocal(name, ctx.LocalWrites[name])
	}
	if thrown != nil {
		return nil, scriptError(p.lang, p.source, err, CodeEvaluation)
	}
	return result, nil
}

// scriptVariables shows the variables of an Env to a script.
type scriptVariables struct{ env *Env }

func (v scriptVariables) Lookup(name string) (any, bool) {
	if v.env.Lookup == nil {
		return nil, false
	}
	return v.env.Lookup(name)
}

func (v scriptVariables) Names() []string {
	if v.env.Visible == nil {
		return nil
	}
	vars := v.env.Visible()
	names := make([]string, 0, len(vars))
	for name := range vars {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func scriptError(lang Language, source string, err error, fallback string) error {
	e := &Error{Code: fallback, Language: lang, Text: source, Offset: -1, Message: err.Error(), Err: err}
	var se *script.Error
	if errors.As(err, &se) {
		e.Offset, e.Message = offset(source, se.Line, max(se.Column, 1)), se.Message
		if se.Line > 0 {
			e.Message = fmt.Sprintf("line %d: %s", se.Line, se.Message)
		}
		if se.BPMN != nil {
			e.Thrown = &Thrown{Code: se.BPMN.Code, Message: se.BPMN.Message}
		}
		if se.Code != script.CodeSyntax {
			e.Code = string(se.Code)
		}
	}
	return e
}
