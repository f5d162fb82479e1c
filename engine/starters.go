package engine

import (
	"maps"
	"slices"
	"strings"

	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/variables"
)

// mayStart refuses who is no candidate starter of a process. A process without
// candidates is started by everybody, and a command that names nobody comes from
// a program which answers for it.
func mayStart(model *bpmn.Process, c *commands.StartInstance) *commands.Error {
	users, groups := model.CandidateStarterUsers, model.CandidateStarterGroups
	if c.StartedBy == "" || users == nil && groups == nil {
		return nil
	}
	if users != nil && users.Program != nil || groups != nil && groups.Program != nil {
		return nil // deployment has warned of an expression
	}
	if slices.Contains(names(users), c.StartedBy) {
		return nil
	}
	allowed := names(groups)
	if slices.ContainsFunc(c.Groups, func(g string) bool { return slices.Contains(allowed, g) }) {
		return nil
	}
	return commands.Reject(commands.CodeProcessStarter, "%q is no candidate starter of process %q", c.StartedBy, c.ProcessID)
}

// names splits a constant list of users or groups.
func names(x *bpmn.Expression) []string {
	if x == nil {
		return nil
	}
	text, _ := x.Constant.(string)
	var out []string
	for _, name := range strings.Split(text, ",") {
		if name = strings.TrimSpace(name); name != "" {
			out = append(out, name)
		}
	}
	return out
}

// withInitiator adds the variable that receives who started the instance: null
// if nobody was named, so that expressions find it, unless the start passes it.
func withInitiator(vars variables.Document, name, by string) variables.Document {
	if _, passed := vars[name]; passed && by == "" {
		return vars
	}
	out := make(variables.Document, len(vars)+1)
	maps.Copy(out, vars)
	if by == "" {
		out[name] = nil
	} else {
		out[name] = by
	}
	return out
}
