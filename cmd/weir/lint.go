package main

import (
	"context"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/weir-bpm/weir"
	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/bpmn/lint"
	"github.com/weir-bpm/weir/definitions"
)

func (a *app) lintCommand() *cobra.Command {
	var opts bpmn.Options
	var dialect, format string
	var classes, options []string
	var together bool
	cmd := &cobra.Command{
		Use:   "lint FILE|FOLDER|-...",
		Short: "Check models without a server: what would deploy, and what stops the others",
		Long: `Check models without a server: what would deploy, and what stops the others.

Of folders the files .bpmn, .bpmn20.xml and .bpmn2.xml are checked, at any depth; "-" is
standard input. Each file is checked on its own, or all as one deployment with
--deployment, which also takes .dmn, .form and script files and looks for the
processes, decisions and forms that the models name. Scripts that a model names are
looked for in its folder and in those above.

Exit codes: 0 everything deploys (there may be warnings), 1 something does not,
2 the command line is wrong or a file cannot be read.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			switch opts.Dialect = bpmn.Dialect(dialect); opts.Dialect {
			case "", bpmn.DialectPlain, bpmn.DialectCamunda, bpmn.DialectZeebe, bpmn.DialectFlowable:
			default:
				return usagef("--dialect is %q; expected camunda, zeebe, flowable or bpmn", dialect)
			}
			if a.json {
				format = "json"
			}
			if !slices.Contains([]string{"text", "json", "sarif"}, format) {
				return usagef("--format is %q; expected text, json or sarif", format)
			}
			var err error
			if opts.ClassMap, err = classMap(classes); err != nil {
				return err
			}
			if opts.Settings, err = optionMap(options); err != nil {
				return err
			}
			files, err := a.modelsToLint(args, together, opts)
			if err != nil {
				return err
			}
			var report lint.Report
			if together {
				report, err = checkDeployment(cmd.Context(), files, opts)
				if err != nil {
					return err
				}
			} else {
				report = lint.Check(files, opts)
			}
			switch format {
			case "json":
				err = report.WriteJSON(a.out)
			case "sarif":
				err = report.WriteSARIF(a.out, weir.Version, definitions.Codes()...)
			default:
				err = report.WriteText(a.out)
			}
			if err == nil && report.Deployable() < len(report.Results) {
				return errFound
			}
			return err
		},
	}
	f := cmd.Flags()
	f.StringVar(&dialect, "dialect", "", "camunda, zeebe or flowable: decides where a model's dialects disagree")
	f.StringVar(&format, "format", "text", "text, json or sarif")
	f.BoolVar(&together, "deployment", false, "check all files as one deployment")
	addChoices(cmd, &classes, &options)
	return cmd
}

// modelsToLint reads what the arguments name.
func (a *app) modelsToLint(args []string, together bool, opts bpmn.Options) ([]lint.File, error) {
	extensions := lint.Extensions()
	if together {
		extensions = append(append(extensions, ".dmn", ".form"), slices.Sorted(maps.Keys(bpmn.ScriptExtensions()))...)
	}
	var files []lint.File
	var paths []string
	for _, arg := range args {
		if arg != "-" {
			paths = append(paths, arg)
			continue
		}
		f, err := lint.FromReader("stdin.bpmn", a.in, opts)
		if err != nil {
			return nil, usageError{err}
		}
		files = append(files, f)
	}
	found, err := lint.Collect(paths, extensions, opts)
	if err != nil {
		return nil, usageError{err}
	}
	files = append(files, found...)
	if len(files) == 0 {
		return nil, usagef("no model in %s; expected files named %s", strings.Join(args, ", "), strings.Join(extensions, ", "))
	}
	return files, nil
}

// checkDeployment checks files as the server checks a first deployment.
func checkDeployment(ctx context.Context, files []lint.File, opts bpmn.Options) (lint.Report, error) {
	var report lint.Report
	list := make([]definitions.File, len(files))
	for i, f := range files {
		// A deployment names files without their folders.
		list[i] = definitions.File{Name: path.Base(f.Name), Content: f.Data}
		report.Results = append(report.Results, lint.Result{Name: list[i].Name, Deploys: true, Problems: []bpmn.Problem{}})
	}
	prepared, problems, err := definitions.Prepare(ctx, list, definitions.PrepareOptions{
		Choices: definitions.Choices{Dialect: opts.Dialect, ClassMap: opts.ClassMap, Settings: opts.Settings},
	})
	if err != nil {
		return report, err
	}
	if prepared != nil {
		_, more := definitions.Decide(definitions.NewIndex(), definitions.DeployRequest{Tenant: "default", Resources: prepared})
		problems = append(problems, more...)
		for i := range prepared {
			for _, p := range prepared[i].Processes {
				report.Results[i].Processes = append(report.Results[i].Processes, p.ID)
			}
		}
	}
	return report.Together(problems), nil
}

// addChoices adds the flags for what is stored with a deployment.
func addChoices(cmd *cobra.Command, classes, options *[]string) {
	f := cmd.Flags()
	f.StringArrayVar(classes, "map-class", nil, "job type in place of a Java class, bean or connector, as com.acme.X=job:type")
	help := "choice for all models of the deployment, as name=value:"
	for _, s := range bpmn.Settings() {
		help += "\n" + s.Name + "=" + strings.Join(s.Values, "|") + ": " + s.Meaning
	}
	f.StringArrayVar(options, "option", nil, help)
}

func optionMap(list []string) (map[string]string, error) {
	out := map[string]string{}
	for _, entry := range list {
		name, value, ok := strings.Cut(entry, "=")
		if !ok || name == "" {
			return nil, usageError{fmt.Errorf("--option: expected <name>=<value>, but got %q", entry)}
		}
		out[name] = value
	}
	return out, nil
}

func classMap(list []string) (map[string]string, error) {
	out := map[string]string{}
	for _, entry := range list {
		class, to, ok := strings.Cut(entry, "=")
		if !ok || class == "" || !strings.HasPrefix(to, "job:") {
			return nil, usageError{fmt.Errorf("--map-class: expected <class>=job:<type>, but got %q", entry)}
		}
		out[class] = to
	}
	return out, nil
}
