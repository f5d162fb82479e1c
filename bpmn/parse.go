package bpmn

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/weir-bpm/weir/expression"
)

// Options bounds and guides [Parse]. The zero value has the defaults.
type Options struct {
	// Dialect overrides the dialect that the file itself shows; empty: detect.
	Dialect Dialect
	// MaxBytes bounds the file; 0: 4 MiB.
	MaxBytes int
	// MaxDepth bounds the nesting of elements; 0: 100.
	MaxDepth int
	// MaxElements bounds the number of XML elements, diagram included; 0: 100,000.
	MaxElements int
	// MaxProblems bounds the problems reported; 0: 1,000. One more then says how
	// many there are beyond it.
	MaxProblems int
	// ClassMap gives the job type that stands in for a Java class or bean, as
	// "job:<type>", by the text of the class, delegateExpression or expression.
	ClassMap map[string]string
	// Settings are choices for all processes of the file; see [Settings].
	Settings map[string]string
	// Deployed says that the file passed the checks of the version that deployed
	// it. It is then refused only if it cannot be read at all, so that checks
	// which a later version adds do not stop instances that run; what the engine
	// cannot execute becomes an incident when a token comes to it.
	Deployed bool
	// Script returns the text of a script that lies in a file of the deployment,
	// false if there is none of the name; nil: there is none at all.
	Script func(name string) (text string, ok bool)
	// ScriptNames are the scripts of the deployment that Script knows, in order, for
	// models that compute which one they run.
	ScriptNames []string
	// Expressions are the choices for every compilation, such as the functions
	// that an application names.
	Expressions []expression.Option
}

// WithDefaults returns the options with zero fields replaced.
func (o Options) WithDefaults() Options {
	if o.MaxBytes == 0 {
		o.MaxBytes = 4 << 20
	}
	if o.MaxDepth == 0 {
		o.MaxDepth = 100
	}
	if o.MaxElements == 0 {
		o.MaxElements = 100_000
	}
	if o.MaxProblems == 0 {
		o.MaxProblems = 1000
	}
	return o
}

// Parse reads and validates a BPMN 2.0 file. The name goes into the problems.
// All problems are found, ordered by line; if one of them is an error, the file
// must not be deployed and the definitions are nil (see Options.Deployed for
// the exception).
func Parse(file string, data []byte, opts Options) (*Definitions, []Problem) {
	p := parse(file, data, opts)
	if HasErrors(p.problems) && (!opts.Deployed || !p.whole) {
		return nil, p.problems
	}
	return p.defs, p.problems
}

// HasErrors says whether one of the problems refuses the deployment.
func HasErrors(problems []Problem) bool {
	return slices.ContainsFunc(problems, func(p Problem) bool { return p.Severity == SeverityError })
}

// parser holds what one call of Parse knows.
type parser struct {
	file     string
	opts     Options
	severity map[string]CodeInfo
	problems []Problem

	root      *node
	total     int // elements in the file
	defs      *Definitions
	dialect   Dialect
	classicNS []string // namespaces of the camunda and flowable families, in order

	whole     bool // the file was read to its end
	tables    tables
	ids       map[string]*node // every id of the BPMN model
	processes map[*node]*Process
	process   *Process // the one being parsed
	nodes     map[*Element]*node
	flows     map[*SequenceFlow]*node
	flowIDs   map[string]int // how many flows without id lead from one node to another
	links     []pendingFlow  // sequence flows, connected when all nodes are known
	messages  map[*node]*rootMessage
	later     []func() // what waits until all elements of the process are known
}

func parse(file string, data []byte, opts Options) *parser {
	p := &parser{
		file: file, opts: opts.WithDefaults(), severity: map[string]CodeInfo{},
		tables: newTables(), ids: map[string]*node{}, processes: map[*node]*Process{}, nodes: map[*Element]*node{}, flows: map[*SequenceFlow]*node{},
		messages: map[*node]*rootMessage{},
	}
	for _, c := range Codes() {
		p.severity[c.Code] = c
	}
	defer p.sort()
	defer p.recover()
	p.checkOptions()
	root, total, faults := readXML(data, p.opts)
	for _, f := range faults {
		p.problems = append(p.problems, Problem{File: file, Line: f.line, Severity: SeverityError, Code: f.code, Message: f.text})
	}
	if len(faults) > 0 {
		return p
	}
	if root.ns != nsModel || root.name != "definitions" {
		p.report(root, CodeXMLNotBPMN, "the root element is <%s> of namespace %q; expected <definitions> of %q", root.name, root.ns, nsModel)
		return p
	}
	p.root, p.total = root, total
	p.definitions(root)
	p.whole = true
	return p
}

// recover turns a fault of the parser into a problem, so that one file cannot
// stop the node that deploys it.
func (p *parser) recover() {
	if r := recover(); r != nil {
		p.process = nil
		p.report(p.root, CodeInternal, "the parser failed: %v; please report this file as a fault of Weir", r)
	}
}

func (p *parser) checkOptions() {
	switch p.opts.Dialect {
	case "", DialectPlain, DialectCamunda, DialectZeebe, DialectFlowable:
	default:
		p.report(nil, CodeOptionInvalid, "the dialect %q is not known; choose bpmn, camunda, zeebe or flowable", p.opts.Dialect)
	}
	for _, class := range sortedKeys(p.opts.ClassMap) {
		if kind, name, ok := strings.Cut(p.opts.ClassMap[class], ":"); !ok || kind != "job" || name == "" {
			p.report(nil, CodeOptionInvalid, "the class %q is mapped to %q; expected job:<type>", class, p.opts.ClassMap[class])
		}
	}
	p.checkSettings()
}

// sort brings the problems into the order of the file, each once.
func (p *parser) sort() {
	slices.SortStableFunc(p.problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Code, b.Code), cmp.Compare(a.ElementID, b.ElementID),
			cmp.Compare(a.Message, b.Message))
	})
	// What several elements refer to is read for each of them.
	p.problems = slices.Compact(p.problems)
	if cut := len(p.problems) - p.opts.MaxProblems; cut > 0 {
		refused := HasErrors(p.problems[p.opts.MaxProblems:])
		p.problems = p.problems[:p.opts.MaxProblems:p.opts.MaxProblems]
		more := Problem{
			File: p.file, Severity: SeverityWarning, Code: CodeMoreProblems, Line: p.problems[len(p.problems)-1].Line,
			Message: fmt.Sprintf("there are %d more problems behind this line; correct these first", cut),
		}
		if refused {
			more.Severity = SeverityError
		}
		p.problems = append(p.problems, more)
	}
}

// report adds a problem. The severity is that of the code; problems that only
// concern execution are left out for processes that are not executed.
func (p *parser) report(n *node, code, format string, args ...any) {
	info := p.severity[code]
	if !info.Structural && p.process != nil && !p.process.Executable {
		return
	}
	pr := Problem{File: p.file, Severity: info.Severity, Code: code, Message: fmt.Sprintf(format, args...)}
	if n != nil {
		pr.Line, pr.ElementID = n.line, n.nearestID()
	}
	p.problems = append(p.problems, pr)
}

// boolean reads an attribute of type xsd:boolean.
func (p *parser) boolean(n *node, name string, otherwise bool) bool {
	return p.booleanText(n, name, n.attr(name), otherwise)
}

func (p *parser) booleanText(n *node, name, text string, otherwise bool) bool {
	switch strings.TrimSpace(text) {
	case "":
		return otherwise
	case "true", "1":
		return true
	case "false", "0":
		return false
	}
	p.report(n, CodeAttributeValue, "%s is %q; expected true or false", name, text)
	return otherwise
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
