package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/weir-bpm/weir/client"
	"github.com/weir-bpm/weir/commands"
)

func (a *app) deployCommand() *cobra.Command {
	var d commands.Deploy
	var classes, options []string
	cmd := &cobra.Command{
		Use:   "deploy FILE...",
		Short: "Deploy models; all or none",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if d.ClassMap, err = classMap(classes); err != nil {
				return err
			}
			if d.Options, err = optionMap(options); err != nil {
				return err
			}
			for _, name := range args {
				content, err := os.ReadFile(name)
				if err != nil {
					return usageError{err}
				}
				d.Resources = append(d.Resources, commands.DeployResource{Name: filepath.Base(name), Content: content})
			}
			return a.withClient(cmd.Context(), func(ctx context.Context, c *client.Client) error {
				result, err := c.Deploy(ctx, d)
				if result == nil {
					return err
				}
				return errors.Join(a.printDeployment(result), refused(err))
			})
		},
	}
	cmd.Flags().StringVar(&d.Name, "name", "", "label of the deployment")
	cmd.Flags().StringVar(&d.Dialect, "dialect", "", "camunda, zeebe or flowable: decides where a model's dialects disagree")
	addChoices(cmd, &classes, &options)
	return cmd
}

// refused turns a rejection that has been printed into the exit code.
func refused(err error) error {
	if err != nil {
		return errFound
	}
	return nil
}

func (a *app) printDeployment(r *commands.DeployResult) error {
	return a.print(r, func() {
		for _, p := range r.Problems {
			a.printf("%s\n", problemLine(p))
		}
		if r.Code != "" {
			a.printf("%s [%s]\n", r.Message, r.Code)
			return
		}
		state := "deployed"
		if r.Unchanged {
			state = "unchanged"
		}
		a.printf("%s %s\n", state, r.DeploymentID)
		var rows [][]string
		for _, p := range r.Processes {
			change := "new"
			if p.Unchanged || r.Unchanged {
				change = "unchanged"
			}
			rows = append(rows, []string{p.ProcessID, strconv.Itoa(p.Version), dash(p.VersionTag), change, p.Resource})
		}
		if len(rows) > 0 {
			a.table("PROCESS VERSION TAG CHANGE FILE", rows)
		}
		rows = nil
		for _, p := range r.Decisions {
			change := "new"
			if p.Unchanged || r.Unchanged {
				change = "unchanged"
			}
			rows = append(rows, []string{p.DecisionID, strconv.Itoa(p.Version), dash(p.VersionTag), change, p.Resource})
		}
		if len(rows) > 0 {
			a.table("DECISION VERSION TAG CHANGE FILE", rows)
		}
	})
}
