package bpmn

import (
	"regexp"
	"strings"
)

// JobError is camunda's errorEventDefinition of an external task: the error that
// is thrown when the condition holds after an attempt has completed or failed.
type JobError struct {
	// When sees the variables of the task and externalTask, with what the worker
	// reported; nil: always.
	When  *Expression
	Error *EventDefinition
}

// jobErrors reads the errorEventDefinitions of an external task.
func (p *parser) jobErrors(n *node) []JobError {
	var out []JobError
	for _, k := range p.classicExts(n, "errorEventDefinition") {
		d := &EventDefinition{Kind: EventError}
		p.errorEvent(k, &Element{Type: TypeEndEvent}, d)
		e := JobError{Error: d}
		if text := k.attr("expression"); strings.TrimSpace(text) != "" {
			e.When = p.expression(k, DialectCamunda, getters().ReplaceAllStringFunc(text, property))
			if e.When.Program == nil {
				e.When = &Expression{Text: text, Constant: strings.TrimSpace(text) == "true"}
			}
		}
		out = append(out, e)
	}
	return out
}

// getters finds the getters of the external task, which stand for its
// properties.
func getters() *regexp.Regexp { return regexp.MustCompile(`\bexternalTask\.get[A-Z]\w*\(\)`) }

// property turns externalTask.getErrorDetails() into externalTask.errorDetails.
func property(getter string) string {
	name := strings.TrimSuffix(strings.TrimPrefix(getter, "externalTask.get"), "()")
	return "externalTask." + strings.ToLower(name[:1]) + name[1:]
}
