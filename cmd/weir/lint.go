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
	var classes []string
	cmd := &cobra.Command{
		Use: "lint FILE|FOLDER...", Short: "Check models without a server: what would deploy, and what stops the others",
		Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			opts.Dialect = bpmn.Dialect(dialect)
			var err error
			if opts.ClassMap, err = classMap(classes); err != nil {
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
	f.StringSliceVar(&classes, "map-class", nil, "job type in place of a Java class, as com.acme.X=job:type")
	return cmd
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
