package expression

import (
	"fmt"
	"strconv"
	"sync"

	"github.com/weir-bpm/weir/expression/feel"
)

// feelProgram is a FEEL expression in the dialect of Camunda 8, which is the one
// of zeebe models: names need not be declared.
type feelProgram struct {
	text string
	expr *feel.Expression
}

func compileFEEL(text string, o options) (Program, error) {
	copts := feel.CompileOptions{Dialect: feel.Camunda, Functions: zeebeFunctions()}
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

// zeebeFunctions are the functions that Zeebe adds to FEEL for its timers, made
// once and never changed.
var zeebeFunctions = sync.OnceValue(func() map[string]feel.Value {
	params := []feel.Param{{Name: "repetitions", Optional: true}, {Name: "interval", Optional: true}}
	return map[string]feel.Value{"cycle": feel.NewFunction("cycle", params, cycle)}
})

// cycle makes the text of a repeating interval: cycle(3, duration("PT1H")) is
// "R3/PT1H", and cycle(duration("PT1H")) is "R/PT1H".
func cycle(_ *feel.EvalContext, args []feel.Value) (feel.Value, error) {
	repetitions, interval := args[0], args[1]
	if interval.IsNull() {
		repetitions, interval = interval, repetitions
	}
	if k := interval.Kind(); k != feel.KindDaysTime && k != feel.KindYearsMonths {
		return feel.Null(), fmt.Errorf("cycle expects a duration, but got %s", k)
	}
	text := "R"
	switch n, ok := repetitions.ToAny().(int64); {
	case ok && n >= 0:
		text += strconv.FormatInt(n, 10)
	case !repetitions.IsNull():
		return feel.Null(), fmt.Errorf("cycle expects a whole number of repetitions, but got %s", repetitions)
	}
	return feel.String(text + "/" + interval.String()), nil
}
