package bpmn

import "fmt"

// Severity tells whether a problem refuses the deployment.
type Severity string

// The severities.
const (
	SeverityError   Severity = "error"
	SeverityWarning Severity = "warning"
)

// Problem is one finding about a model.
type Problem struct {
	File      string   `json:"file" msgpack:"file"`
	ElementID string   `json:"element_id,omitempty" msgpack:"element_id,omitempty"`
	Line      int      `json:"line,omitempty" msgpack:"line,omitempty"`
	Severity  Severity `json:"severity" msgpack:"severity"`
	Code      string   `json:"code" msgpack:"code"`
	Message   string   `json:"message" msgpack:"message"`
}

func (p Problem) String() string {
	where := p.File
	if p.Line > 0 {
		where = fmt.Sprintf("%s:%d", p.File, p.Line)
	}
	if p.ElementID != "" {
		where += " " + p.ElementID
	}
	return fmt.Sprintf("%s: %s [%s]: %s", where, p.Severity, p.Code, p.Message)
}
