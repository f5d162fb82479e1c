package bpmn

import (
	"slices"
	"strings"
)

// The built-in HTTP job that flowable's type "http" and camunda's http-connector
// become. The inputs stand in one local variable of the element.
const (
	JobTypeHTTP  = "weir:http"
	HTTPVariable = "weirHttpRequest"
	// HTTPHeader tells the worker how the inputs and results are named:
	// HTTPFlowable or HTTPConnector.
	HTTPHeader    = "weir.http"
	HTTPFlowable  = "flowable"
	HTTPConnector = "connector"
)

// connectorHTTP is the id of camunda's connector.
const connectorHTTP = "http-connector"

// flowableHTTP parses flowable's service task of type http, whose fields
// describe the request.
func (p *parser) flowableHTTP(n *node, e *Element) {
	fields := p.fieldTexts(n)
	for _, name := range []string{"requestMethod", "requestUrl"} {
		if fields[name] == "" {
			p.report(n, CodeAttributeMissing, "the task of type http has no field %s; add one", name)
		}
	}
	known := []string{
		"requestMethod", "requestUrl", "requestHeaders", "requestBody", "requestBodyEncoding", "requestTimeout", "disallowRedirects",
		"failStatusCodes", "handleStatusCodes", "ignoreException", "saveResponseParameters", "responseVariableName",
		"saveResponseVariableAsJson", "resultVariablePrefix",
	}
	for _, name := range sortedKeys(fields) {
		text := fields[name]
		switch {
		case text == "":
		case slices.Contains(known, name):
			e.Inputs = append(e.Inputs, Mapping{Source: p.expression(n, DialectFlowable, text), Target: HTTPVariable + "." + name})
		case text == "false" && (name == "saveRequestVariables" || name == "saveResponseParametersTransient"):
		case name == "saveResponseParametersTransient":
			e.AllTransient = p.booleanText(n, name, text, false)
		default:
			p.report(n, CodeUnsupportedAttribute, "the field %s of a task of type http is not executed; remove it, or deploy with --map-class 'http=job:<type>'", name)
		}
	}
	e.Job = &JobDefinition{Type: constant(JobTypeHTTP), Headers: map[string]string{HTTPHeader: HTTPFlowable}}
}

// httpConnector parses camunda's http-connector, whose parameters describe the
// request and what becomes of the answer.
func (p *parser) httpConnector(n, connector *node, e *Element) {
	connector.mark = markParsed
	hasURL := false
	for _, k := range connector.kids {
		if !isClassic(k.ns) {
			continue
		}
		switch k.name {
		case "connectorId":
			k.mark = markParsed
		case "inputOutput":
			k.mark = markParsed
			for _, m := range p.classicMappings(k, "inputParameter") {
				switch m.Target {
				case "url":
					hasURL = true
				case "method", "headers", "payload":
				default:
					p.report(k, CodeUnsupportedAttribute, "the input %s of the http-connector is not executed; remove it, or deploy with --map-class 'http-connector=job:<type>'", m.Target)
				}
				m.Target = HTTPVariable + "." + strings.ReplaceAll(m.Target, ".", "_")
				e.Inputs = append(e.Inputs, m)
			}
			outputs := p.classicMappings(k, "outputParameter")
			if len(outputs) > 0 && len(e.Outputs) > 0 {
				p.report(k, CodeUnsupportedElement, "output parameters of both the http-connector and its task are not executed; keep those of the connector")
			}
			e.Outputs = append(outputs, e.Outputs...)
		}
	}
	if !hasURL {
		p.report(n, CodeAttributeMissing, "the http-connector has no input url; add one")
	}
	// What the connector answers is seen by its output parameters alone.
	e.PropagateAll = false
	e.Job = &JobDefinition{Type: constant(JobTypeHTTP), Headers: map[string]string{HTTPHeader: HTTPConnector}}
}
