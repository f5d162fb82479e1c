package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/weir-bpm/weir"
	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/bpmn/lint"
)

func (a *app) lintCommand() *cobra.Command {
	var opts bpmn.Options
	var dialect, format string
	var classes, options []string
	cmd := &cobra.Command{
		Use: "lint FILE|FOLDER...", Short: "Check models without a server: what would deploy, and what stops the others",
		Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			opts.Dialect = bpmn.Dialect(dialect)
			var err error
			if opts.ClassMap, err = classMap(classes); err != nil {
				return err
			}
			if opts.Settings, err = optionMap(options); err != nil {
				return err
			}
			files, err := lint.Collect(args, opts)
			if err != nil {
				return usageError{err}
			}
			report := lint.Check(files, opts)
			if a.json {
				format = "json"
			}
			switch format {
			case "text":
				err = report.WriteText(a.out)
			case "json":
				err = report.WriteJSON(a.out)
			case "sarif":
				err = report.WriteSARIF(a.out, weir.Version)
			default:
				return usagef("--format is %q; expected text, json or sarif", format)
			}
			if err == nil && report.Deployable() < len(files) {
				return errFound
			}
			return err
		},
	}
	f := cmd.Flags()
	f.StringVar(&dialect, "dialect", "", "camunda, zeebe or flowable: decides where a model's dialects disagree")
	f.StringVar(&format, "format", "text", "text, json or sarif")
	addChoices(cmd, &classes, &options)
	return cmd
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
