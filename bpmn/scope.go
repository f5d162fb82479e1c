package bpmn

import (
	"cmp"
	"strconv"
	"strings"
)

// flowNode is a row of the table of flow nodes.
type flowNode struct {
	typ   Type
	parse func(p *parser, n *node, e *Element)
}

// flowNodes is the table of the elements that become flow nodes, by their name
// in the BPMN namespace. What the engine executes of them is in support.go.
func flowNodes() map[string]flowNode {
	return map[string]flowNode{
		"startEvent":             {TypeStartEvent, (*parser).event},
		"endEvent":               {TypeEndEvent, (*parser).event},
		"intermediateCatchEvent": {TypeCatchEvent, (*parser).event},
		"intermediateThrowEvent": {TypeThrowEvent, (*parser).event},
		"boundaryEvent":          {TypeBoundaryEvent, (*parser).event},
		"task":                   {TypeTask, (*parser).plainTask},
		"manualTask":             {TypeManualTask, (*parser).plainTask},
		"serviceTask":            {TypeServiceTask, (*parser).serviceTask},
		"sendTask":               {TypeSendTask, (*parser).serviceTask},
		"businessRuleTask":       {TypeBusinessRuleTask, (*parser).businessRuleTask},
		"scriptTask":             {TypeScriptTask, (*parser).scriptTask},
		"receiveTask":            {TypeReceiveTask, (*parser).receiveTask},
		"userTask":               {TypeUserTask, (*parser).userTask},
		"callActivity":           {TypeCallActivity, (*parser).callActivity},
		"subProcess":             {TypeSubProcess, (*parser).subProcess},
		"transaction":            {TypeTransaction, (*parser).subProcess},
		"adHocSubProcess":        {TypeAdHocSubProcess, (*parser).adHoc},
		"exclusiveGateway":       {TypeExclusiveGateway, (*parser).gateway},
		"parallelGateway":        {TypeParallelGateway, (*parser).gateway},
		"inclusiveGateway":       {TypeInclusiveGateway, (*parser).gateway},
		"complexGateway":         {TypeComplexGateway, (*parser).gateway},
		"eventBasedGateway":      {TypeEventBasedGateway, (*parser).eventGateway},
	}
}

// scope parses the flow elements directly inside a process or subprocess.
func (p *parser) scope(n *node, scope *Element) {
	p.dataObjects(n, scope)
	for _, k := range n.kids {
		if k.ns != nsModel {
			continue
		}
		if k.name == "sequenceFlow" {
			k.mark = markParsed
			p.links = append(p.links, pendingFlow{n: k, scope: scope})
			continue
		}
		if row, ok := p.tables.nodes[k.name]; ok {
			p.flowNode(k, scope, row)
		}
	}
}

func (p *parser) flowNode(n *node, scope *Element, row flowNode) {
	n.mark = markParsed
	e := &Element{
		ID: n.attr("id"), Name: n.attr("name"), Type: row.typ, Line: n.line,
		Index: len(p.process.Elements), Scope: scope, PropagateAll: true,
	}
	if e.ID == "" {
		p.report(n, CodeIDMissing, "<%s> has no id; add one", n.name)
	}
	p.process.Elements = append(p.process.Elements, e)
	scope.Children = append(scope.Children, e)
	if e.ID != "" && p.process.byID[e.ID] == nil {
		p.process.byID[e.ID] = e
	}
	p.nodes[e] = n
	for _, side := range []string{"incoming", "outgoing"} {
		for _, r := range n.all(nsModel, side) {
			p.repeatedFlow(n, r, side)
		}
	}
	e.Properties = p.properties(n)
	p.mappings(n, e)
	p.dataAssociations(n, e)
	row.parse(p, n, e)
	switch e.Type { //nolint:exhaustive // others have none
	case TypeServiceTask, TypeSendTask, TypeScriptTask, TypeBusinessRuleTask, TypeUserTask, TypeReceiveTask:
		e.Skip = p.skipExpression(n)
	}
	e.Listeners = p.listeners(n)
	p.loop(n, e)
	if isActivity(e.Type) {
		e.ForCompensation = p.boolean(n, "isForCompensation", false)
		e.StartQuantity = p.quantity(n, "startQuantity")
		e.CompletionQuantity = p.quantity(n, "completionQuantity")
	}
}

// repeatedFlow checks an <incoming> or <outgoing>. The flows themselves say what
// they connect, these only repeat it; Camunda 7 and Flowable do not read them.
func (p *parser) repeatedFlow(n, r *node, side string) {
	if p.dialect != DialectCamunda && p.dialect != DialectFlowable {
		p.reference(r, "<"+side+">", r.text(), "sequenceFlow")
		return
	}
	id := strings.TrimSpace(r.text())
	_, local, _ := strings.Cut(id, ":")
	if flow := cmp.Or(p.ids[id], p.ids[local]); id != "" && (flow == nil || flow.name != "sequenceFlow") {
		p.report(r, CodeReferencePicture, "<%s> of <%s> names %q, but the file has no sequence flow of the id; correct it, the flows themselves say what they connect", side, n.name, id)
	}
}

// maxQuantity bounds the tokens that an activity waits for or sends.
const maxQuantity = 1000

// quantity reads a number of tokens (BPMN 2.0.2, 10.3); 0 is the default.
func (p *parser) quantity(n *node, name string) int {
	text := n.attr(name)
	if text == "" || text == "1" {
		return 0
	}
	q, err := strconv.Atoi(text)
	if err != nil || q < 1 || q > maxQuantity {
		p.report(n, CodeAttributeValue, "%s is %q; expected a whole number from 1 to %d", name, text, maxQuantity)
		return 0
	}
	return q
}

func isActivity(t Type) bool {
	switch t {
	case TypeTask, TypeManualTask, TypeServiceTask, TypeSendTask, TypeReceiveTask, TypeUserTask, TypeScriptTask,
		TypeBusinessRuleTask, TypeSubProcess, TypeEventSubProcess, TypeTransaction, TypeAdHocSubProcess, TypeCallActivity:
		return true
	case TypeProcess, TypeStartEvent, TypeEndEvent, TypeCatchEvent, TypeThrowEvent, TypeBoundaryEvent,
		TypeExclusiveGateway, TypeParallelGateway, TypeInclusiveGateway, TypeEventBasedGateway, TypeComplexGateway:
	}
	return false
}

func isScope(t Type) bool {
	switch t {
	case TypeProcess, TypeSubProcess, TypeEventSubProcess, TypeTransaction, TypeAdHocSubProcess:
		return true
	case TypeStartEvent, TypeEndEvent, TypeCatchEvent, TypeThrowEvent, TypeBoundaryEvent, TypeTask, TypeManualTask,
		TypeServiceTask, TypeSendTask, TypeReceiveTask, TypeUserTask, TypeScriptTask, TypeBusinessRuleTask, TypeCallActivity,
		TypeExclusiveGateway, TypeParallelGateway, TypeInclusiveGateway, TypeEventBasedGateway, TypeComplexGateway:
	}
	return false
}

// subProcess parses embedded and event subprocesses and transactions.
func (p *parser) subProcess(n *node, e *Element) {
	if e.Type == TypeSubProcess && p.boolean(n, "triggeredByEvent", false) {
		e.Type = TypeEventSubProcess
	}
	p.scope(n, e)
	if e.Type != TypeEventSubProcess {
		return
	}
	for _, c := range e.Children {
		if c.Type == TypeStartEvent && c.Event != nil {
			e.Scope.EventStarts = append(e.Scope.EventStarts, c)
		}
	}
}

// adHoc parses an ad-hoc subprocess (BPMN 2.0.2, 10.3.5).
func (p *parser) adHoc(n *node, e *Element) {
	e.AdHoc = &AdHocDefinition{
		CancelRemaining: p.boolean(n, "cancelRemainingInstances", true),
		StartAll:        p.dialect == DialectPlain || p.dialect == DialectCamunda,
		Manual:          p.dialect == DialectFlowable,
	}
	switch ordering := n.attr("ordering"); ordering {
	case "", "Parallel":
	case "Sequential":
		e.AdHoc.Sequential = true
	default:
		p.report(n, CodeAttributeValue, "ordering is %q; expected Parallel or Sequential", ordering)
	}
	if c := n.first(nsModel, "completionCondition"); c != nil {
		e.AdHoc.Completion = p.condition(c)
	}
	if z := p.zeebeExt(n, "adHoc"); z != nil {
		e.AdHoc.StartAll, e.AdHoc.Manual = false, false
		e.AdHoc.ActiveElements = p.optional(z, DialectZeebe, z.attr("activeElementsCollection"))
		e.AdHoc.OutputCollection = z.attr("outputCollection")
		e.AdHoc.OutputElement = p.optional(z, DialectZeebe, z.attr("outputElement"))
		if (e.AdHoc.OutputCollection == "") != (e.AdHoc.OutputElement == nil) {
			p.report(z, CodeAttributeMissing, "outputCollection and outputElement belong together; add the other, or remove both")
		} else if x := e.AdHoc.OutputElement; x != nil && x.Program != nil {
			e.AdHoc.ResultVariable = variableOf(x)
		}
	}
	p.scope(n, e)
	if p.zeebeExt(n, "taskDefinition") != nil {
		p.adHocJob(n, e)
	}
}
