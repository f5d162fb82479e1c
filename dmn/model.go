package dmn

import (
	"sort"
	"strings"

	"github.com/weir-bpm/weir/expression/feel"
)

// Dialect chooses how a model is read where engines differ.
type Dialect uint8

const (
	// DialectAuto reads a model of the Camunda Modeler or of dmn-js, with
	// attributes of camunda, zeebe or flowable, or without input data though a
	// decision that requires nothing reads names, as DialectCamunda and every
	// other as DialectDMN.
	DialectAuto Dialect = iota
	// DialectDMN follows DMN 1.5: a decision sees what it requires, nothing else.
	DialectDMN
	// DialectCamunda follows Camunda 7 and 8: expressions are of the Camunda
	// dialect of FEEL, names that are not declared are process variables, a
	// required decision is known by name, by id and by its output names, and a
	// violated hit policy is an error. Values that do not conform to a typeRef
	// are converted or kept, and input and output values of tables are not
	// insisted on: both give warnings. Tables of Flowable may write == for = in input entries; its other expressions have
	// to be FEEL too.
	DialectCamunda
)

// Limits bounds what Parse reads. A zero field means its default.
type Limits struct {
	Bytes    int // of one document: default 4 MiB
	Elements int // of one document: default 200,000
	Depth    int // of nested elements: default 100
	Imports  int // models imported, directly and by imports: default 64
	Names    int // in sight of one expression: default 1,000
}

func (l Limits) withDefaults() Limits {
	def := func(v *int, d int) {
		if *v <= 0 {
			*v = d
		}
	}
	def(&l.Bytes, 4<<20)
	def(&l.Elements, 200_000)
	def(&l.Depth, 100)
	def(&l.Imports, 64)
	def(&l.Names, 1000)
	return l
}

// Evaluator is a compiled expression. *feel.Expression is one; a language
// registered with Options.Expressions gives others. It must be safe for
// concurrent use and deterministic.
type Evaluator interface {
	Eval(c *feel.EvalContext) (feel.Value, error)
}

// Options are the options of Parse. The zero value reads one file on its own.
type Options struct {
	Dialect Dialect
	Limits  Limits
	// Import finds the document of an imported model by its namespace; location
	// is the locationURI of the import, a hint that may be empty. It gives the
	// name of the document for problems. A nil Import knows no model.
	Import func(namespace, location string) (name string, data []byte, ok bool)
	// Expressions compiles an expression of a language other than FEEL, such as
	// "juel". unaryTest is true for an input entry of a decision table, whose
	// value must be a boolean; the input is c.Input and also the variable
	// cellInput. A nil Expressions, and an error, refuse the expression.
	Expressions func(language, text string, unaryTest bool) (Evaluator, error)
}

// Model is a parsed and compiled model with everything it imports. It is
// immutable and safe for concurrent use.
type Model struct {
	id        string
	name      string
	namespace string
	dialect   Dialect

	inputs    []*inputData
	decisions []*Decision
	knowledge []*Knowledge
	services  []*Service
	imports   []*modelImport

	byID  map[string]element
	types *typeTable
}

// ID returns the id of the definitions element.
func (m *Model) ID() string { return m.id }

// Name returns the name of the definitions element.
func (m *Model) Name() string { return m.name }

// Namespace returns the namespace that other models import this one by.
func (m *Model) Namespace() string { return m.namespace }

// Dialect returns the dialect that the model was read in.
func (m *Model) Dialect() Dialect { return m.dialect }

// Decisions returns the decisions of the model in document order, without
// those of imported models.
func (m *Model) Decisions() []*Decision { return append([]*Decision(nil), m.decisions...) }

// Services returns the decision services of the model in document order.
func (m *Model) Services() []*Service { return append([]*Service(nil), m.services...) }

// Decision finds a decision by id, else by name.
func (m *Model) Decision(idOrName string) (*Decision, bool) {
	return byIDOrName(m, m.decisions, idOrName)
}

// Service finds a decision service by id, else by name.
func (m *Model) Service(idOrName string) (*Service, bool) {
	return byIDOrName(m, m.services, idOrName)
}

// Knowledge finds a business knowledge model by id, else by name.
func (m *Model) Knowledge(idOrName string) (*Knowledge, bool) {
	return byIDOrName(m, m.knowledge, idOrName)
}

func byIDOrName[E element](m *Model, list []E, idOrName string) (E, bool) {
	if e, ok := m.byID[idOrName].(E); ok {
		return e, true
	}
	for _, e := range list {
		if e.core().name == idOrName {
			return e, true
		}
	}
	var none E
	return none, false
}

// invocables lists what Evaluate accepts, for error messages.
func (m *Model) invocables() string {
	var names []string
	for _, d := range m.decisions {
		names = append(names, d.id)
	}
	for _, s := range m.services {
		names = append(names, s.id)
	}
	sort.Strings(names)
	const shown = 20
	if len(names) > shown {
		names = append(names[:shown], "...")
	}
	return strings.Join(names, ", ")
}

// element is a node of the decision requirements graph.
type element interface{ core() *drgElement }

// drgElement is what every such node has.
type drgElement struct {
	model *Model
	index int // within its kind
	id    string
	name  string
	// variable is the name that others refer to the value by.
	variable string
	typ      *dataType // of the variable, nil if not given
	node     *node     // nil after Parse
	kind     string    // for messages
}

func (e *drgElement) core() *drgElement { return e }

// inputData is a value that comes from outside (DMN 1.5, 6.3.11).
type inputData struct{ drgElement }

// Decision is a decision (DMN 1.5, 6.3.7).
type Decision struct {
	drgElement
	requires []reference
	groups   []requirementGroup // requires, by name in scope
	scope    *scope             // names of the groups
	logic    logic              // nil if it has none or it is broken
	broken   bool
	table    *table        // when the logic is a decision table
	camunda  []camundaName // further names in scope, behind the requirements

	versionTag string
}

// ID returns the id of the decision.
func (d *Decision) ID() string { return d.id }

// Name returns the name of the decision.
func (d *Decision) Name() string { return d.name }

// Variable returns the name of the variable that the result stands for.
func (d *Decision) Variable() string { return d.variable }

// VersionTag returns the version tag that Camunda gives a decision, or "".
func (d *Decision) VersionTag() string { return d.versionTag }

// InputNames lists the names of the input data that the decision and the
// decisions it requires declare, sorted. Names of input data of imported
// models are not listed, nor are variables that are used without being
// declared.
func (d *Decision) InputNames() []string {
	seen := map[*Decision]bool{}
	names := map[string]bool{}
	var walk func(*Decision)
	walk = func(d *Decision) {
		if seen[d] {
			return
		}
		seen[d] = true
		for _, r := range d.requires {
			if r.via != "" {
				continue
			}
			switch t := r.target.(type) {
			case *inputData:
				names[t.variable] = true
			case *Decision:
				walk(t)
			}
		}
	}
	walk(d)
	out := make([]string, 0, len(names))
	for n := range names {
		out = append(out, n)
	}
	sort.Strings(out)
	return out
}

// Knowledge is a business knowledge model: a function (DMN 1.5, 6.3.9).
type Knowledge struct {
	drgElement
	requires []reference
	groups   []requirementGroup
	scope    *scope
	fn       *function // nil if it has none or it is broken
	broken   bool
}

// ID returns the id of the business knowledge model.
func (k *Knowledge) ID() string { return k.id }

// Name returns the name of the business knowledge model.
func (k *Knowledge) Name() string { return k.name }

// Service is a decision service (DMN 1.5, 6.3.10 and 10.4): a function of its
// input data and input decisions, in this order.
type Service struct {
	drgElement
	outputs        []reference
	inputDecisions []reference
	inputs         []reference
}

// ID returns the id of the decision service.
func (s *Service) ID() string { return s.id }

// Name returns the name of the decision service.
func (s *Service) Name() string { return s.name }

// reference is a resolved href: an element of this model or of an imported one.
type reference struct {
	via    string         // name of the import, "" for the model itself
	path   []*modelImport // to the model of the element, none for the model itself
	target element
}

func (r reference) local() bool { return len(r.path) == 0 }

// modelImport is an import of another DMN model (DMN 1.5, 6.3.3).
type modelImport struct {
	index     int
	name      string
	namespace string
	model     *Model // nil when it could not be had
}
