package dmn

import (
	"fmt"
	"strings"

	"github.com/weir-bpm/weir/expression/feel"
)

// The namespaces of the versions of DMN.
var versions = map[string]string{
	"http://www.omg.org/spec/DMN/20151101/dmn.xsd":   "1.1",
	"http://www.omg.org/spec/DMN/20151101/dmn11.xsd": "1.1",
	"http://www.omg.org/spec/DMN/20180521/MODEL/":    "1.2",
	"https://www.omg.org/spec/DMN/20191111/MODEL/":   "1.3",
	"https://www.omg.org/spec/DMN/20211108/MODEL/":   "1.4",
	"https://www.omg.org/spec/DMN/20230324/MODEL/":   "1.5",
}

const (
	camundaNamespace  = "http://camunda.org/schema/"
	flowableNamespace = "http://flowable.org/dmn"
)

// Parse reads, checks and compiles a model. The name, such as a file name, is
// used in problems only.
//
// Every problem is reported. The model is nil only when the document can not be
// read as DMN at all; with other errors it is usable for tests, but what is
// broken in it evaluates to null with an error, and it should not be deployed
// (see [HasErrors]).
func Parse(name string, data []byte, opts ...Options) (*Model, []Problem) {
	var o Options
	if len(opts) > 0 {
		o = opts[0]
	}
	o.Limits = o.Limits.withDefaults()
	l := &loader{opts: &o, models: map[string]*Model{}, loading: map[string]bool{}}
	return l.load(name, data)
}

// loader parses a model with its imports, each namespace once.
type loader struct {
	opts    *Options
	models  map[string]*Model // by namespace; nil: broken
	loading map[string]bool   // by namespace
	imports int
}

func (l *loader) load(file string, data []byte) (*Model, []Problem) {
	p := &problems{file: file}
	root, stop := readXML(data, l.opts.Limits)
	if stop != nil {
		stop.File = file
		return nil, []Problem{*stop}
	}
	version, ok := versions[root.space]
	if !ok || root.name != "definitions" {
		p.errorf(CodeNamespace, root, "The root element is %s in namespace %q, but expected definitions of DMN 1.2 to 1.5; save the model in one of these versions.", root.name, root.space)
		return nil, p.sorted()
	}
	if version == "1.1" {
		p.warnf(CodeOldVersion, root, "The model is of DMN 1.1, which is read with the rules of DMN 1.5.")
	}
	m := &Model{
		id: root.attr("id"), name: root.attr("name"), namespace: root.attr("namespace"),
		dialect: l.dialect(root), byID: map[string]element{},
	}
	l.loading[m.namespace] = true
	b := &builder{loader: l, opts: l.opts, model: m, root: root, p: p, language: root.attr("expressionLanguage"), flowable: root.has(flowableNamespace)}
	b.build()
	delete(l.loading, m.namespace)
	return m, p.sorted()
}

func (l *loader) dialect(root *node) Dialect {
	if l.opts.Dialect != DialectAuto {
		return l.opts.Dialect
	}
	exporter := root.attr("exporter")
	switch {
	case strings.HasPrefix(exporter, "Camunda"), strings.HasPrefix(exporter, "dmn-js"),
		strings.HasPrefix(root.attr("namespace"), camundaNamespace), root.has(camundaNamespace, flowableNamespace),
		readsUndeclared(root):
		return DialectCamunda
	}
	return DialectDMN
}

// readsUndeclared says that a model has no input data, and yet a decision that
// requires nothing reads a name. By the standard that could give null only;
// written by hand for engines of the Camunda family it is a process variable.
func readsUndeclared(root *node) bool {
	if root.child("inputData", "import") != nil {
		return false
	}
	reads := func(n *node) bool {
		e, err := feel.Compile(n.childText("text"), feel.CompileOptions{Dialect: feel.Camunda})
		return err == nil && len(e.Variables()) > 0
	}
	for _, d := range root.all("decision") {
		if d.child("informationRequirement", "knowledgeRequirement") != nil {
			continue
		}
		if x := d.child("literalExpression"); x != nil && reads(x) {
			return true
		}
		table := d.child("decisionTable")
		if table == nil {
			continue
		}
		for _, input := range table.all("input") {
			if x := input.child("inputExpression"); x != nil && reads(x) {
				return true
			}
		}
	}
	return false
}

func (m *Model) feelDialect() feel.Dialect {
	if m.dialect == DialectCamunda {
		return feel.Camunda
	}
	return feel.DMN
}

// builder builds one model.
type builder struct {
	*loader
	opts     *Options
	model    *Model
	root     *node
	p        *problems
	language string // default expression language
	flowable bool   // written by Flowable
	// failed counts the errors of expressions, to see which element is broken.
	failed int
}

func (b *builder) build() {
	b.unknown(b.root)
	b.loadImports()
	b.model.types = newTypeTable(b.model, b.root, b.p)
	b.elements()
	b.model.types.build(b.root)
	for _, e := range b.all() {
		c := e.core()
		c.typ = b.model.types.ref(variableType(c.node), c.node)
	}
	b.references()
	b.cycles()
	for _, s := range b.model.services {
		b.serviceInputs(s)
	}
	b.scopes()
	b.logic()
	for _, e := range b.all() {
		e.core().node = nil
	}
	// What only building needs is let go.
	b.model.types.p = &problems{}
	for _, d := range b.model.types.defs {
		d.node = nil
	}
}

// all lists the elements of the graph in the order of their kinds.
func (b *builder) all() []element {
	var out []element
	for _, e := range b.model.inputs {
		out = append(out, e)
	}
	for _, e := range b.model.decisions {
		out = append(out, e)
	}
	for _, e := range b.model.knowledge {
		out = append(out, e)
	}
	for _, e := range b.model.services {
		out = append(out, e)
	}
	return out
}

func variableType(n *node) string {
	if v := n.child("variable"); v != nil {
		return v.attr("typeRef")
	}
	return ""
}

// ignoredElements have no influence on evaluation.
var ignoredElements = set(
	"description", "extensionElements", "import", "itemDefinition", "knowledgeSource",
	"textAnnotation", "association", "group", "elementCollection", "performanceIndicator",
	"organizationUnit", "businessContextElement", "artifact",
)

// knownElements are the elements of DMN, apart from those in ignoredElements,
// that any element may hold (DMN 1.5, the schema DMN15.xsd).
var knownElements = set(
	"inputData", "decision", "businessKnowledgeModel", "decisionService", "variable",
	"question", "allowedAnswers", "informationRequirement", "knowledgeRequirement", "authorityRequirement",
	"requiredInput", "requiredDecision", "requiredKnowledge", "requiredAuthority",
	"supportedObjective", "impactedPerformanceIndicator", "impactingDecision", "decisionMaker", "decisionOwner",
	"decisionMade", "decisionOwned", "usingProcess", "usingTask", "type", "owner", "drgElement",
	"encapsulatedLogic", "formalParameter", "outputDecision", "encapsulatedDecision", "inputDecision",
	"typeRef", "allowedValues", "typeConstraint", "itemComponent", "functionItem", "parameters", "text",
	"literalExpression", "importedValues", "importedElement", "decisionTable", "input", "inputExpression",
	"inputValues", "output", "outputValues", "defaultOutputEntry", "annotation", "rule", "inputEntry",
	"outputEntry", "annotationEntry", "context", "contextEntry", "relation", "column", "row", "list",
	"invocation", "binding", "parameter", "functionDefinition", "conditional", "if", "then", "else",
	"for", "some", "every", "filter", "in", "return", "satisfies", "match", "sourceRef", "targetRef",
)

func set(names ...string) map[string]bool {
	m := make(map[string]bool, len(names))
	for _, n := range names {
		m[n] = true
	}
	return m
}

// unknown reports elements that DMN does not have.
func (b *builder) unknown(n *node) {
	for _, c := range n.children {
		if c.space != b.root.space || c.name == "extensionElements" {
			continue
		}
		if !knownElements[c.name] && !ignoredElements[c.name] {
			b.p.errorf(CodeUnsupported, c, "Element %s is not known in DMN; remove it.", c.name)
			continue
		}
		b.unknown(c)
	}
}

// elements collects the nodes of the graph.
func (b *builder) elements() {
	m := b.model
	names := map[string]*node{}
	for _, n := range b.root.children {
		if n.space != b.root.space {
			continue
		}
		switch n.name {
		case "inputData":
			e := &inputData{b.core(n, "input data", len(m.inputs))}
			m.inputs = append(m.inputs, e)
			b.register(e, n, names)
		case "decision":
			e := &Decision{drgElement: b.core(n, "decision", len(m.decisions)), versionTag: versionTag(n)}
			m.decisions = append(m.decisions, e)
			b.register(e, n, names)
		case "businessKnowledgeModel":
			e := &Knowledge{drgElement: b.core(n, "business knowledge model", len(m.knowledge))}
			m.knowledge = append(m.knowledge, e)
			b.register(e, n, names)
		case "decisionService":
			e := &Service{drgElement: b.core(n, "decision service", len(m.services))}
			m.services = append(m.services, e)
			b.register(e, n, names)
		default:
			if knownElements[n.name] {
				b.p.errorf(CodeUnsupported, n, "Element %s can not stand in definitions; remove it.", n.name)
			}
		}
	}
}

func (b *builder) core(n *node, kind string, index int) drgElement {
	e := drgElement{model: b.model, index: index, id: n.attr("id"), name: normalName(n.attr("name")), node: n, kind: kind}
	if v := n.child("variable"); v != nil {
		e.variable = normalName(v.attr("name"))
	}
	if e.variable == "" {
		e.variable = e.name
	}
	if e.id == "" {
		e.id = e.name
	}
	return e
}

func (b *builder) register(e element, n *node, names map[string]*node) {
	c := e.core()
	camunda := b.model.dialect == DialectCamunda
	if c.name == "" {
		b.p.errorf(CodeMissingName, n, "The %s has no name; give it one so that expressions can refer to it.", c.kind)
	} else if other := names[c.name]; other != nil && !camunda {
		b.p.errorf(CodeDuplicateName, n, "The name %q is used by the element at line %d as well; rename one of them.", c.name, other.line)
	} else {
		names[c.name] = n
	}
	// Camunda names the variable of a literal expression freely.
	if c.variable != c.name && !camunda {
		b.p.warnf(CodeRequiredVariable, n, "The variable is named %q, but the %s %q; expressions see the name of the variable (DMN 1.5, 6.3.7).", c.variable, c.kind, c.name)
	}
	if _, dup := b.model.byID[c.id]; dup {
		b.p.errorf(CodeDuplicateID, n, "The id %q is used twice; make ids unique.", c.id)
		return
	}
	if c.id != "" {
		b.model.byID[c.id] = e
	}
}

// loadImports reads the imported models.
func (b *builder) loadImports() {
	names := map[string]bool{}
	for _, n := range b.root.all("import") {
		imp := &modelImport{index: len(b.model.imports), name: normalName(n.attr("name")), namespace: n.attr("namespace")}
		kind := n.attr("importType")
		if _, ok := versions[kind]; !ok && !strings.Contains(kind, "/spec/DMN/") {
			b.p.errorf(CodeUnsupported, n, "An import of type %q is not supported; import DMN models only and describe other types by item definitions.", kind)
			continue
		}
		if imp.name != "" && names[imp.name] {
			b.p.errorf(CodeDuplicateName, n, "There are two imports named %q; rename one.", imp.name)
		}
		names[imp.name] = true
		b.model.imports = append(b.model.imports, imp)
		m, why := b.importModel(imp.namespace, n.attr("locationURI"))
		if m == nil {
			b.p.errorf(CodeImport, n, "The model of namespace %q can not be imported: %s", imp.namespace, why)
			continue
		}
		imp.model = m
	}
}

func (b *builder) importModel(namespace, location string) (*Model, string) {
	if m, ok := b.models[namespace]; ok {
		if m == nil {
			return nil, "it has errors; correct them first."
		}
		return m, ""
	}
	if b.loading[namespace] {
		return nil, "it imports this model itself; break the circle."
	}
	if b.opts.Import == nil {
		return nil, "no other models are at hand; deploy both together."
	}
	if b.imports++; b.imports > b.opts.Limits.Imports {
		return nil, fmt.Sprintf("more than %d models are imported; merge some.", b.opts.Limits.Imports)
	}
	file, data, ok := b.opts.Import(namespace, location)
	if !ok {
		return nil, "it is not known; deploy it together with this model."
	}
	m, found := b.load(file, data)
	b.p.list = append(b.p.list, found...)
	if m != nil && m.namespace != namespace {
		b.models[namespace] = nil
		return nil, fmt.Sprintf("the document found has namespace %q.", m.namespace)
	}
	b.models[namespace] = m
	if m == nil {
		return nil, "it can not be read; correct it first."
	}
	return m, ""
}
