package expression

import (
	"github.com/weir-bpm/weir/expression/feel"
)

// feelProgram is a FEEL expression in the dialect of Camunda 8, which is the one
// of zeebe models: names need not be declared.
type feelProgram struct {
	text string
	expr *feel.Expression
}

func compileFEEL(text string, o options) (Program, error) {
	copts := feel.CompileOptions{Dialect: feel.Camunda}
	for _, name := range o.names {
		copts.Names = append(copts.Names, feel.Name{Name: name})
	}
	expr, err := feel.Compile(text, copts)
	if err != nil {
		return nil, feelError(text, err, CodeSyntax)
	}
	return &feelProgram{text: text, expr: expr}, nil
}

func (p *feelProgram) Variables() []string { return p.expr.Variables() }

func (p *feelProgram) Eval(env *Env) (any, error) {
	ctx := feel.EvalContext{Scope: feelScope{env}, Now: env.Now, Location: env.Zone, Seed: env.Seed}
	v, err := p.expr.Eval(&ctx)
	if err != nil {
		return nil, feelError(p.text, err, CodeEvaluation)
	}
	if env.Warn != nil {
		for _, w := range ctx.Warnings() {
			env.Warn(w.String())
		}
	}
	return v.ToAny(), nil
}

// feelScope converts a variable only when the expression reads it.
type feelScope struct{ env *Env }

func (s feelScope) Lookup(name string) (feel.Value, bool) {
	if s.env.Lookup == nil {
		return feel.Value{}, false
	}
	v, ok := s.env.Lookup(name)
	if !ok {
		return feel.Value{}, false
	}
	return feel.FromAny(v), true
}
