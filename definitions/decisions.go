package definitions

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"

	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/dmn"
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/expression"
	"github.com/weir-bpm/weir/expression/feel"
)

// prepareDecisions parses and checks a DMN file. What it imports has to be in
// the same deployment.
func prepareDecisions(p Prepared, all []File) (Prepared, []bpmn.Problem) {
	model, found := dmn.Parse(p.Name, p.Content, dmn.Options{
		Expressions: CompileForeign,
		Import: func(namespace, _ string) (string, []byte, bool) {
			for _, f := range all {
				if kind, ok := KindOf(f.Name); ok && kind == KindDMN && f.Name != p.Name && namespaceOf(f.Content) == namespace {
					return f.Name, f.Content, true
				}
			}
			return "", nil, false
		},
	})
	problems := make([]bpmn.Problem, len(found))
	for i, f := range found {
		problems[i] = bpmn.Problem{
			File: f.File, ElementID: f.ElementID, Line: f.Line, Severity: bpmn.SeverityWarning, Code: CodeDecisionDoubtful,
			Message: fmt.Sprintf("%s [dmn %s]", f.Message, f.Code),
		}
		if f.Severity == dmn.SeverityError {
			problems[i].Severity, problems[i].Code = bpmn.SeverityError, CodeDecisionInvalid
		}
	}
	if model == nil || dmn.HasErrors(found) {
		return p, problems
	}
	for _, d := range model.Decisions() {
		if d.ID() == "" {
			problems = append(problems, bpmn.Problem{
				File: p.Name, ElementID: d.Name(), Severity: bpmn.SeverityError, Code: CodeDecisionInvalid,
				Message: "the decision has no id; give it one, it is what tasks refer to",
			})
			continue
		}
		p.Decisions = append(p.Decisions, PreparedDecision{ID: d.ID(), Name: d.Name(), VersionTag: d.VersionTag(), Requirements: model.ID()})
	}
	return p, problems
}

// namespaceOf reads the namespace attribute of a DMN document, "" if it has none.
func namespaceOf(content []byte) string {
	dec := xml.NewDecoder(bytes.NewReader(content))
	for {
		token, err := dec.Token()
		if err != nil {
			return ""
		}
		root, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		for _, a := range root.Attr {
			if a.Name.Local == "namespace" && a.Name.Space == "" {
				return a.Value
			}
		}
		return ""
	}
}

// CompileForeign compiles what a decision model writes in a language other than
// FEEL, for [dmn.Options].
func CompileForeign(language, text string, _ bool) (dmn.Evaluator, error) {
	var lang expression.Language
	switch name := strings.ToLower(language); name {
	case "juel", "uel":
		lang = expression.JUEL
	default:
		return nil, fmt.Errorf("the expression language %q is not available; write FEEL or JUEL", language)
	}
	p, err := expression.Compile(lang, text)
	if err != nil {
		return nil, err
	}
	return ForeignExpression{Program: p}, nil
}

// ForeignExpression lets an expression of package expression stand in a decision
// model. It implements [dmn.Evaluator].
type ForeignExpression struct{ Program expression.Program }

// Eval implements [dmn.Evaluator].
func (x ForeignExpression) Eval(c *feel.EvalContext) (feel.Value, error) {
	v, err := x.Program.Eval(&expression.Env{
		Lookup: func(name string) (any, bool) {
			if c.Scope == nil {
				return nil, false
			}
			v, ok := c.Scope.Lookup(name)
			return v.ToAny(), ok
		},
		Now: c.Now, Zone: c.Location, Seed: c.Seed,
	})
	if err != nil {
		return feel.Null(), err
	}
	return feel.FromAny(v), nil
}

// The lookups of decisions are those of processes.

// LatestDecision returns the latest version of a decision.
func (x *Index) LatestDecision(tenant, decisionID string) (events.DecisionRef, bool) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	p, _ := x.row(tenant, decisionID, true)
	if p == nil {
		return events.DecisionRef{}, false
	}
	return x.decisionRef(p, len(p.versions)), true
}

// DecisionVersion returns a version of a decision.
func (x *Index) DecisionVersion(tenant, decisionID string, n int) (events.DecisionRef, bool) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	p, _ := x.row(tenant, decisionID, true)
	if p == nil || n < 1 || n > len(p.versions) {
		return events.DecisionRef{}, false
	}
	return x.decisionRef(p, n), true
}

// DecisionVersionTag returns the latest version of a decision that has the tag.
func (x *Index) DecisionVersionTag(tenant, decisionID, tag string) (events.DecisionRef, bool) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	p, i := x.row(tenant, decisionID, true)
	s, ok := x.symbolOf[tag]
	if p == nil || !ok {
		return events.DecisionRef{}, false
	}
	n, ok := x.tags[tagKey{i, s}]
	if !ok {
		return events.DecisionRef{}, false
	}
	return x.decisionRef(p, int(n)), true
}

// DecisionInDeployment returns the version of a decision that a deployment made
// or kept.
func (x *Index) DecisionInDeployment(tenant, deployment, decisionID string) (events.DecisionRef, bool) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	n, ok := x.deployment(tenant, deployment)
	p, i := x.row(tenant, decisionID, true)
	if !ok || p == nil {
		return events.DecisionRef{}, false
	}
	for _, row := range x.definitionsOf(n) {
		if row.process == i {
			return x.decisionRef(p, int(row.version)), true
		}
	}
	return events.DecisionRef{}, false
}

// hasDecision says whether the index has the version, of these bytes.
func (x *Index) hasDecision(tenant string, ref events.DecisionRef) bool {
	known, ok := x.DecisionVersion(tenant, ref.DecisionID, ref.Version)
	return ok && (ref.Digest == "" || known.Digest == ref.Digest)
}

func (x *Index) decisionRef(p *process, n int) events.DecisionRef {
	v := &p.versions[n-1]
	return events.DecisionRef{
		DecisionID: x.symbols[p.id], Version: n, Digest: v.digest.String(),
		Deployment: x.deployments[v.deployment].id.String(),
	}
}

func (x *Index) deployedDecision(row definitionRow) events.DeployedDecision {
	p := &x.processes[row.process]
	v := &p.versions[row.version-1]
	return events.DeployedDecision{
		DecisionID: x.symbols[p.id], Name: x.symbols[v.name], Version: int(row.version),
		VersionTag: x.symbols[v.tag], Requirements: x.symbols[v.requirements], Resource: x.symbols[v.resource],
		Digest: v.digest.String(), Unchanged: row.unchanged,
	}
}

// nextDecisions gives the decisions of a changed file their versions.
func nextDecisions(x *Index, tenant string, f *Prepared) []events.DeployedDecision {
	out := make([]events.DeployedDecision, 0, len(f.Decisions))
	for _, p := range f.Decisions {
		version := 1
		if last, ok := x.LatestDecision(tenant, p.ID); ok {
			version = last.Version + 1
		}
		out = append(out, events.DeployedDecision{
			DecisionID: p.ID, Name: p.Name, Version: version, VersionTag: p.VersionTag, Requirements: p.Requirements,
			Resource: f.Name, Digest: f.Digest,
		})
	}
	return out
}
