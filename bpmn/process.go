package bpmn

import (
	"strings"
)

// starters reads who may start a process: two lists of camunda and flowable, or
// camunda's potentialStarter, which is written like a potentialOwner. They are
// constant: there are no variables before a process starts.
func (p *parser) starters(n *node, pr *Process) {
	users, groups := p.classic(n, "candidateStarterUsers"), p.classic(n, "candidateStarterGroups")
	for _, k := range p.classicExts(n, "potentialStarter") {
		u, g := p.resourceNames(p.resource(k))
		users, groups = joined(users, u), joined(groups, g)
	}
	pr.CandidateStarterUsers, pr.CandidateStarterGroups = p.starterList(n, users), p.starterList(n, groups)
}

func joined(text string, more []string) string {
	if text != "" {
		more = append([]string{text}, more...)
	}
	return strings.Join(more, ",")
}

func (p *parser) starterList(n *node, text string) *Expression {
	e := p.optional(n, DialectCamunda, text)
	if e != nil && e.Program != nil {
		p.report(n, CodeAttributeNoEffect, "the candidate starters %q are an expression, but before a process starts there are no variables, so everybody may start it; write their names", text)
	}
	return e
}
