package main

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/definitions"
	"github.com/weir-bpm/weir/dmn"
	"github.com/weir-bpm/weir/variables"
)

func (a *app) dmnCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "dmn", Short: "Work with decision models; needs no server"}
	cmd.AddCommand(a.dmnEvalCommand())
	return cmd
}

// decisionFlags are the flags of `weir dmn eval`.
type decisionFlags struct {
	evaluationFlags
	decision, dialect string
	imports           []string
	trace             bool
}

func (a *app) dmnEvalCommand() *cobra.Command {
	var f decisionFlags
	cmd := &cobra.Command{
		Use: "eval FILE", Short: "Evaluate a decision of a DMN file; needs no server", Args: cobra.ExactArgs(1),
		Long: "Reads a DMN file (1.1 to 1.5), evaluates a decision, a decision service or a business knowledge model and prints the\n" +
			"result as JSON. What is wrong with the file, and what made a part of the result null, is told on standard error.\n" +
			"The exit code is 2 if the file is faulty and 1 if the evaluation gave an error.",
		Example: `  weir dmn eval discount.dmn --decision discount --vars '{"amount": 1200, "customer": "gold"}' --trace`,
		RunE: func(_ *cobra.Command, args []string) error {
			model, err := a.readDecisions(args[0], &f)
			if err != nil {
				return err
			}
			return a.evaluateDecision(model, &f)
		},
	}
	f.add(cmd)
	fl := cmd.Flags()
	fl.StringVar(&f.decision, "decision", "", "id or name (default: the only decision of the file)")
	fl.StringVar(&f.dialect, "dialect", "auto", "auto, dmn or camunda; with dmn a decision sees only what it requires, as the standard says")
	fl.StringSliceVar(&f.imports, "import", nil, "files of imported models (default: those that the file's imports locate beside it)")
	fl.BoolVar(&f.trace, "trace", false, "print how the result came about: decisions, inputs, matched rules, outputs")
	return cmd
}

func parseDMNDialect(name string) (dmn.Dialect, error) {
	switch name {
	case "auto":
		return dmn.DialectAuto, nil
	case "dmn":
		return dmn.DialectDMN, nil
	case "camunda":
		return dmn.DialectCamunda, nil
	}
	return 0, usagef("--dialect is %q; expected auto, dmn or camunda", name)
}

// readDecisions parses the file and prints its problems.
func (a *app) readDecisions(name string, f *decisionFlags) (*dmn.Model, error) {
	dialect, err := parseDMNDialect(f.dialect)
	if err != nil {
		return nil, err
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, usageError{err}
	}
	find, err := importsOf(filepath.Dir(name), f.imports)
	if err != nil {
		return nil, err
	}
	model, problems := dmn.Parse(name, data, dmn.Options{Dialect: dialect, Import: find, Expressions: definitions.CompileForeign})
	for _, p := range problems {
		line := commands.Problem{File: p.File, ElementID: p.ElementID, Line: p.Line, Severity: string(p.Severity), Code: string(p.Code), Message: p.Message}
		fmt.Fprintln(a.errOut, problemLine(line))
	}
	if dmn.HasErrors(problems) || model == nil {
		return nil, usagef("%s cannot be evaluated", name)
	}
	return model, nil
}

// importsOf finds imported models among the files that were named, by their
// namespace; without any, beside the importing file, by their location.
func importsOf(dir string, files []string) (func(namespace, location string) (string, []byte, bool), error) {
	type document struct {
		name string
		data []byte
	}
	byNamespace := map[string]document{}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			return nil, usageError{err}
		}
		namespace, err := namespaceOf(data)
		if err != nil {
			return nil, usagef("--import %s: %w", name, err)
		}
		byNamespace[namespace] = document{name, data}
	}
	return func(namespace, location string) (string, []byte, bool) {
		if d, ok := byNamespace[namespace]; ok {
			return d.name, d.data, true
		}
		if len(files) > 0 || location == "" || strings.Contains(location, "://") {
			return "", nil, false
		}
		name := filepath.Join(dir, filepath.FromSlash(location))
		data, err := os.ReadFile(name)
		return name, data, err == nil
	}, nil
}

// namespaceOf reads the namespace attribute of a DMN document.
func namespaceOf(data []byte) (string, error) {
	dec := xml.NewDecoder(bytes.NewReader(data))
	for {
		token, err := dec.Token()
		if err != nil {
			return "", fmt.Errorf("the file has no root element: %w", err)
		}
		root, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		for _, attr := range root.Attr {
			if attr.Name.Local == "namespace" && attr.Name.Space == "" {
				return attr.Value, nil
			}
		}
		return "", errors.New("the root element has no namespace attribute")
	}
}

// decisionOutput is what `weir dmn eval --trace` and --json print.
type decisionOutput struct {
	Decision string          `json:"decision"`
	Result   json.RawMessage `json:"result"`
	Messages []dmn.Message   `json:"messages,omitempty"`
	Trace    *dmn.Trace      `json:"trace,omitempty"`
}

func (a *app) evaluateDecision(model *dmn.Model, f *decisionFlags) error {
	name, err := decisionName(model, f.decision)
	if err != nil {
		return err
	}
	doc, now, zone, err := f.read()
	if err != nil {
		return err
	}
	result, err := model.Evaluate(name, dmn.Input{Variables: doc, Now: now, Location: zone, Seed: f.seed, NoTrace: !f.trace, AllVariables: f.dialect != "dmn"})
	if err != nil {
		var de *dmn.Error
		if errors.As(err, &de) {
			return commands.Reject(commands.Code(de.Code), "%s", de.Message)
		}
		return err
	}
	data, err := variables.ToJSON(result.Output())
	if err != nil {
		return err
	}
	for _, m := range result.Messages {
		where := ""
		if m.ElementID != "" {
			where = m.ElementID + ": "
		}
		fmt.Fprintf(a.errOut, "%s: %s%s [%s]\n", m.Severity, where, m.Text, m.Code)
	}
	out := &decisionOutput{Decision: name, Result: data, Messages: result.Messages, Trace: result.Trace}
	if !f.trace && !a.json {
		a.printf("%s\n", data)
	} else if err := a.printJSON(out); err != nil {
		return err
	}
	if result.Failed() {
		return errFound
	}
	return nil
}

// printJSON writes a value as JSON, whatever --json says.
func (a *app) printJSON(v any) error {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(a.out, string(data))
	return err
}

// decisionName checks the decision that was asked for, or finds the only one.
func decisionName(model *dmn.Model, name string) (string, error) {
	decisions := model.Decisions()
	if name == "" && len(decisions) == 1 {
		return decisions[0].ID(), nil
	}
	_, isDecision := model.Decision(name)
	_, isService := model.Service(name)
	_, isKnowledge := model.Knowledge(name)
	if name != "" && (isDecision || isService || isKnowledge) {
		return name, nil
	}
	var known []string
	for _, d := range decisions {
		known = append(known, d.ID())
	}
	for _, s := range model.Services() {
		known = append(known, s.ID())
	}
	if name == "" {
		return "", usagef("--decision is required; the file has: %s", strings.Join(known, ", "))
	}
	return "", usagef("the file has no decision, service or knowledge model %q; it has: %s", name, strings.Join(known, ", "))
}
