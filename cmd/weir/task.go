package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/expression/timers"
)

func (a *app) updateTaskCommand() *cobra.Command {
	var due, followUp, users, groups, owner, name, category, by string
	var priority int
	var flags *cobra.Command
	return a.onID("update-task TASK", "Change the due time, candidates or priority of a user task", func(cmd *cobra.Command) {
		flags = cmd
		f := cmd.Flags()
		f.StringVar(&due, "due", "", "due time, such as 2026-03-01T09:00:00Z; empty clears it")
		f.StringVar(&followUp, "follow-up", "", "follow-up time; empty clears it")
		f.StringVar(&users, "users", "", "candidate users, separated by commas; empty clears them")
		f.StringVar(&groups, "groups", "", "candidate groups, separated by commas; empty clears them")
		f.StringVar(&owner, "owner", "", "owner")
		f.StringVar(&name, "name", "", "name")
		f.StringVar(&category, "category", "", "category")
		f.IntVar(&priority, "priority", 0, "0 to 100")
		f.StringVar(&by, "by", "", "who changes it")
	}, func(id string) (commands.Command, error) {
		c := &commands.UpdateTask{TaskID: id, By: by}
		for _, x := range []struct {
			flag string
			to   **string
			text *string
		}{{"owner", &c.Owner, &owner}, {"name", &c.Name, &name}, {"category", &c.Category, &category}} {
			if flags.Flags().Changed(x.flag) {
				*x.to = x.text
			}
		}
		for _, x := range []struct {
			flag string
			to   **[]string
			text string
		}{{"users", &c.CandidateUsers, users}, {"groups", &c.CandidateGroups, groups}} {
			if flags.Flags().Changed(x.flag) {
				list := []string{}
				for _, who := range strings.Split(x.text, ",") {
					if who = strings.TrimSpace(who); who != "" {
						list = append(list, who)
					}
				}
				*x.to = &list
			}
		}
		for _, x := range []struct {
			flag string
			to   **int64
			text string
		}{{"due", &c.DueMS, due}, {"follow-up", &c.FollowUpMS, followUp}} {
			if !flags.Flags().Changed(x.flag) {
				continue
			}
			ms := int64(0)
			if x.text != "" {
				t, err := timers.ParseDate(x.text, time.Local)
				if err != nil {
					return nil, fmt.Errorf("--%s: %w", x.flag, err)
				}
				ms = t.UnixMilli()
			}
			*x.to = &ms
		}
		if flags.Flags().Changed("priority") {
			c.Priority = &priority
		}
		return c, nil
	}, "updated")
}
