package bpmn

// ReferenceKind is what a [Reference] names.
type ReferenceKind string

// The kinds of references.
const (
	ReferenceProcess  ReferenceKind = "process"
	ReferenceDecision ReferenceKind = "decision"
	ReferenceForm     ReferenceKind = "form"
)

// Reference is a definition of another file that an element of a model names.
type Reference struct {
	Kind      ReferenceKind
	ID        string
	ElementID string
	Line      int
	Binding   Binding
	// Together says that the definition has to be part of the same deployment:
	// Zeebe refuses a deployment in which the target of a binding "deployment"
	// is missing, Camunda 7 finds out when the element runs.
	Together bool
}

// References lists what the executable processes of a file name by constant
// text and have to find when they run: called processes, decisions and forms.
// What an expression gives is known only then.
func (d *Definitions) References() []Reference {
	var out []Reference
	for _, p := range d.Processes {
		if !p.Executable {
			continue
		}
		for _, e := range p.Elements {
			add := func(kind ReferenceKind, id *Expression, b Binding) {
				if id == nil || id.Program != nil || id.Text == "" {
					return
				}
				out = append(out, Reference{
					Kind: kind, ID: id.Text, ElementID: e.ID, Line: e.Line, Binding: b,
					Together: b == BindingDeployment && p.Dialect == DialectZeebe,
				})
			}
			if e.Call != nil {
				add(ReferenceProcess, e.Call.ProcessID, e.Call.Binding)
			}
			if e.Decision != nil {
				add(ReferenceDecision, e.Decision.DecisionID, e.Decision.Binding)
			}
			if e.UserTask != nil && e.UserTask.FormID != "" {
				add(ReferenceForm, &Expression{Text: e.UserTask.FormID}, BindingLatest)
			}
		}
	}
	return out
}
