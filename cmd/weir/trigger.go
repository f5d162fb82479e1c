package main

import (
	"github.com/spf13/cobra"

	"github.com/weir-bpm/weir/commands"
)

func (a *app) triggerCommand() *cobra.Command {
	var vars string
	return a.onID("trigger ELEMENT-INSTANCE", "Continue a receive task without message, or a triggerable task", func(cmd *cobra.Command) {
		cmd.Flags().StringVar(&vars, "vars", "", "variables as JSON, or @file")
	}, func(id string) (commands.Command, error) {
		doc, err := readVars(vars)
		if err != nil {
			return nil, err
		}
		return &commands.Trigger{ElementInstanceID: id, Variables: doc}, nil
	}, "triggered")
}
