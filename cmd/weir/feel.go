package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/expression/feel"
	"github.com/weir-bpm/weir/variables"
)

// evaluationFlags are the flags of what is evaluated without a server.
type evaluationFlags struct {
	vars, now, zone string
	seed            uint64
}

func (f *evaluationFlags) add(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.StringVar(&f.vars, "vars", "", "variables as JSON, or @file")
	fl.StringVar(&f.now, "now", "", "what now() and today() give, in RFC 3339 (default: the machine's time)")
	fl.StringVar(&f.zone, "zone", "UTC", "time zone of now() and today(), such as Europe/Berlin")
	fl.Uint64Var(&f.seed, "seed", 1, "start of random number() and uuid()")
}

// read returns the variables, the time and the zone.
func (f *evaluationFlags) read() (variables.Document, time.Time, *time.Location, error) {
	doc, err := readVars(f.vars)
	if err != nil {
		return nil, time.Time{}, nil, err
	}
	zone, err := time.LoadLocation(f.zone)
	if err != nil {
		return nil, time.Time{}, nil, usagef("--zone: %w", err)
	}
	now := time.Now()
	if f.now != "" {
		if now, err = time.Parse(time.RFC3339Nano, f.now); err != nil {
			return nil, time.Time{}, nil, usagef("--now: %w", err)
		}
	}
	return doc, now, zone, nil
}

func parseFEELDialect(name string) (feel.Dialect, error) {
	for _, d := range []feel.Dialect{feel.DMN, feel.Camunda} {
		if d.String() == name {
			return d, nil
		}
	}
	return 0, usagef("--dialect is %q; expected dmn or camunda", name)
}

func (a *app) feelCommand() *cobra.Command {
	var f evaluationFlags
	var dialect, input string
	var unary bool
	cmd := &cobra.Command{
		Use: "feel EXPRESSION", Short: "Evaluate a FEEL expression; needs no server", Args: cobra.ExactArgs(1),
		Long: "Evaluates a FEEL expression on variables and prints its value as JSON, dates and durations as text. What made a\n" +
			"part of it null is told on standard error. With --unary the expression is a cell of a decision table, tested\n" +
			"against --input, which is ? in it.",
		Example: `  weir feel 'amount > 100 and status = "open"' --vars '{"amount": 150, "status": "open"}'
  weir feel '[1..10], > 20' --unary --input 25`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if cmd.Flags().Changed("input") && !unary {
				return usagef("--input belongs to --unary; give other values with --vars")
			}
			d, err := parseFEELDialect(dialect)
			if err != nil {
				return err
			}
			result, err := evaluateFEEL(args[0], d, unary, input, &f)
			if err != nil {
				return err
			}
			for _, w := range result.Warnings {
				fmt.Fprintln(a.errOut, "warning: "+w)
			}
			return a.print(result, func() { a.printf("%s\n", result.Result) })
		},
	}
	f.add(cmd)
	cmd.Flags().StringVar(&dialect, "dialect", feel.DMN.String(), "dmn (strict) or camunda (its functions and habits)")
	cmd.Flags().BoolVar(&unary, "unary", false, "the expression is a list of unary tests")
	cmd.Flags().StringVar(&input, "input", "null", "the value that unary tests look at, as JSON")
	return cmd
}

// feelOutput is what `weir feel` prints.
type feelOutput struct {
	Result   json.RawMessage `json:"result"`
	Type     string          `json:"type"`
	Warnings []string        `json:"warnings,omitempty"`
}

// evaluateFEEL compiles and evaluates. A text that is no FEEL is a usage error.
func evaluateFEEL(text string, d feel.Dialect, unary bool, input string, f *evaluationFlags) (*feelOutput, error) {
	doc, now, zone, err := f.read()
	if err != nil {
		return nil, err
	}
	opts := feel.CompileOptions{Dialect: d}
	for _, name := range doc.Names() {
		opts.Names = append(opts.Names, feel.Name{Name: name})
	}
	ctx := &feel.EvalContext{Scope: feel.Vars(doc), Now: now, Location: zone, Seed: f.seed}
	compile := feel.Compile
	if unary {
		compile = feel.CompileUnaryTests
		v, err := variables.FromJSON([]byte(input))
		if err != nil {
			return nil, usagef("--input: %w", err)
		}
		ctx.Input = feel.FromAny(v)
	}
	expr, err := compile(text, opts)
	if err != nil {
		return nil, usageError{err}
	}
	value, err := expr.Eval(ctx)
	if err != nil {
		return nil, evaluationError(err)
	}
	if value.Kind() == feel.KindFunction {
		return nil, usagef("the value is a function, which has no JSON form; call it")
	}
	data, err := variables.ToJSON(value.ToAny())
	if err != nil {
		return nil, err
	}
	out := &feelOutput{Result: data, Type: value.Kind().String()}
	for _, w := range ctx.Warnings() {
		out.Warnings = append(out.Warnings, w.String())
	}
	return out, nil
}

// evaluationError gives the code of a FEEL error to the report.
func evaluationError(err error) error {
	var fe *feel.Error
	if errors.As(err, &fe) {
		return commands.Reject(commands.Code(fe.Code), "%s", fe.Msg)
	}
	return err
}
