package main

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/weir-bpm/weir/commands"
)

func (a *app) activateCommand() *cobra.Command {
	var c commands.ActivateAdHoc
	var elements []string
	var vars string
	return a.onID("activate ELEMENT-INSTANCE", "Begin activities of an ad-hoc subprocess, or end it", func(cmd *cobra.Command) {
		f := cmd.Flags()
		f.StringSliceVar(&elements, "element", nil, "element to begin; may be given several times")
		f.StringVar(&vars, "vars", "", "variables of each of them as JSON, or @file")
		f.BoolVar(&c.CancelRemaining, "cancel-remaining", false, "end what is active in the subprocess first")
		f.BoolVar(&c.Complete, "complete", false, "end the subprocess as if its completion condition were true")
	}, func(id string) (commands.Command, error) {
		c.ElementInstanceID = id
		doc, err := readVars(vars)
		if err != nil {
			return nil, err
		}
		if len(elements) == 0 && !c.Complete {
			return nil, errors.New("give --element or --complete")
		}
		for _, e := range elements {
			c.Activities = append(c.Activities, commands.Activity{ElementID: e, Variables: doc})
		}
		return &c, nil
	}, "activated")
}
