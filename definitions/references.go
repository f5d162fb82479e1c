package definitions

import (
	"encoding/json"
	"fmt"

	"github.com/weir-bpm/weir/bpmn"
)

// referenceKey names a definition that a model may refer to.
type referenceKey struct {
	kind bpmn.ReferenceKind
	id   string
}

// dangling finds the called processes, decisions and forms that neither the
// files nor earlier deployments have. They may come later, so most of this is
// warnings.
func dangling(x *Index, tenant string, files []Prepared) []bpmn.Problem {
	here := map[referenceKey]bool{}
	for i := range files {
		for _, p := range files[i].Processes {
			here[referenceKey{bpmn.ReferenceProcess, p.ID}] = true
		}
		for _, d := range files[i].Decisions {
			here[referenceKey{bpmn.ReferenceDecision, d.ID}] = true
		}
		if id := formID(&files[i]); id != "" {
			here[referenceKey{bpmn.ReferenceForm, id}] = true
		}
	}
	var out []bpmn.Problem
	for i := range files {
		for _, r := range files[i].References {
			if here[referenceKey{r.Kind, r.ID}] {
				continue
			}
			p := bpmn.Problem{File: files[i].Name, ElementID: r.ElementID, Line: r.Line}
			switch {
			case r.Together:
				p.Severity, p.Code = bpmn.SeverityError, CodeReferenceNotTogether
				p.Message = fmt.Sprintf("the %s %q has to be in the same deployment, for the binding is %q; deploy the files together, or choose another binding", r.Kind, r.ID, r.Binding)
			case r.Kind == bpmn.ReferenceProcess && isDeployed(x, tenant, r.ID), r.Kind == bpmn.ReferenceDecision && isDecision(x, tenant, r.ID):
				continue
			default:
				p.Severity, p.Code = bpmn.SeverityWarning, CodeReferenceNotDeployed
				p.Message = fmt.Sprintf("the %s %q is not in this deployment%s; deploy it before the element runs, or correct the name", r.Kind, r.ID, elsewhere(r.Kind))
			}
			out = append(out, p)
		}
	}
	return out
}

func isDeployed(x *Index, tenant, processID string) bool {
	_, ok := x.Latest(tenant, processID)
	return ok
}

func isDecision(x *Index, tenant, decisionID string) bool {
	_, ok := x.LatestDecision(tenant, decisionID)
	return ok
}

// elsewhere says what was looked at besides the deployment.
func elsewhere(kind bpmn.ReferenceKind) string {
	if kind != bpmn.ReferenceForm {
		return " and was not deployed before"
	}
	return ""
}

// formID returns the id that a form carries, "" if it has none.
func formID(f *Prepared) string {
	if f.Kind != KindForm {
		return ""
	}
	var form struct {
		ID string `json:"id"`
	}
	if json.Unmarshal(f.Content, &form) != nil {
		return ""
	}
	return form.ID
}
