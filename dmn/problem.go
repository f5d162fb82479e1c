package dmn

import (
	"fmt"
	"sort"
)

// Code is a stable name of a kind of problem. Codes are never renamed or
// reused; [Codes] lists them with their meaning.
type Code string

// Codes of problems found by [Parse].
const (
	CodeXML              Code = "dmn.xml"
	CodeDoctype          Code = "dmn.doctype"
	CodeTooLarge         Code = "dmn.too_large"
	CodeTooDeep          Code = "dmn.too_deep"
	CodeNamespace        Code = "dmn.namespace"
	CodeOldVersion       Code = "dmn.old_version"
	CodeUnsupported      Code = "dmn.unsupported_element"
	CodeMissingName      Code = "dmn.missing_name"
	CodeDuplicateID      Code = "dmn.duplicate_id"
	CodeDuplicateName    Code = "dmn.duplicate_name"
	CodeReference        Code = "dmn.unresolved_reference"
	CodeReferenceKind    Code = "dmn.wrong_reference"
	CodeCycle            Code = "dmn.cycle"
	CodeImport           Code = "dmn.import"
	CodeType             Code = "dmn.unknown_type"
	CodeTypeCycle        Code = "dmn.type_cycle"
	CodeTypeDefinition   Code = "dmn.item_definition"
	CodeExpression       Code = "dmn.expression"
	CodeLanguage         Code = "dmn.expression_language"
	CodeNoLogic          Code = "dmn.no_logic"
	CodeIncomplete       Code = "dmn.incomplete"
	CodeHitPolicy        Code = "dmn.hit_policy"
	CodeAggregation      Code = "dmn.aggregation"
	CodeOutputValues     Code = "dmn.output_values"
	CodeRuleWidth        Code = "dmn.rule_width"
	CodeFunctionKind     Code = "dmn.function_kind"
	CodeRequiredVariable Code = "dmn.name_mismatch"
)

// Codes of errors and messages that an evaluation gives.
const (
	CodeUnknownDecision Code = "dmn.unknown_decision"
	CodeBroken          Code = "dmn.broken_logic"
	CodeLimit           Code = "dmn.limit"
	CodeInputType       Code = "dmn.input_type"
	CodeResultType      Code = "dmn.result_type"
	CodeInputValue      Code = "dmn.input_value"
	CodeOutputValue     Code = "dmn.output_value"
	CodeHitViolation    Code = "dmn.hit_policy_violated"
	CodeNoMatch         Code = "dmn.no_rule_matched"
	CodeInvocation      Code = "dmn.invocation"
	CodeFeel            Code = "dmn.feel"
	CodeHook            Code = "dmn.foreign_expression"
)

// CodeInfo is one line of the list of codes.
type CodeInfo struct {
	Code    Code
	Meaning string
	Remedy  string
}

// Codes returns every code of this package with its meaning and what to do, in
// the order of the documentation.
func Codes() []CodeInfo {
	return []CodeInfo{
		{CodeXML, "The document is not well-formed XML.", "Correct the XML at the line given."},
		{CodeDoctype, "The document has a DOCTYPE or entity declaration.", "Remove it; DMN needs none, and entities can be used for attacks."},
		{CodeTooLarge, "The document has more bytes or elements, or a scope more names, than the limit.", "Split the model and import the parts, or raise Limits."},
		{CodeTooDeep, "The document is nested deeper than the limit.", "Flatten the expression, or raise Limits."},
		{CodeNamespace, "The root element is not definitions of a DMN version that is read.", "Save the model as DMN 1.2 to 1.5."},
		{CodeOldVersion, "The model is of DMN 1.1, which is read with the rules of 1.5.", "Save it again as DMN 1.3 or newer when convenient."},
		{CodeUnsupported, "An element or attribute value is not known or not supported.", "Remove it or use what the message proposes."},
		{CodeMissingName, "An element that others refer to has no name.", "Give it a name."},
		{CodeDuplicateID, "Two elements have the same id.", "Make ids unique in the file."},
		{CodeDuplicateName, "Two elements of the same scope have the same name.", "Rename one of them."},
		{CodeReference, "A href points to nothing.", "Correct the href, or add the element or import."},
		{CodeReferenceKind, "A href points to an element of a kind that is not allowed there.", "Point it to an element of the kind named."},
		{CodeCycle, "Decisions, knowledge models or services require each other in a circle.", "Break the circle; DMN has no recursion."},
		{CodeImport, "An imported model is not available or broken.", "Deploy the imported model with this one and correct its problems."},
		{CodeType, "A typeRef names no type.", "Use a FEEL type or the name of an item definition."},
		{CodeTypeCycle, "Item definitions are made of each other in a circle.", "Break the circle with a collection or component."},
		{CodeTypeDefinition, "An item definition contradicts itself.", "Give it either a typeRef, components or a function item."},
		{CodeExpression, "An expression can not be compiled.", "Correct it at the position given."},
		{CodeLanguage, "The expression language is not available.", "Use FEEL, or register the language with Options.Expressions."},
		{CodeNoLogic, "A decision or knowledge model has no logic.", "Give it an expression or a table."},
		{CodeIncomplete, "A part that the element needs is missing.", "Add the part named."},
		{CodeHitPolicy, "The hit policy is not known.", "Use UNIQUE, ANY, PRIORITY, FIRST, RULE ORDER, OUTPUT ORDER or COLLECT."},
		{CodeAggregation, "The aggregation is not known or not possible here.", "Use SUM, MIN, MAX or COUNT with hit policy COLLECT and one output."},
		{CodeOutputValues, "The hit policy needs an order of output values that is not given.", "List the output values in order of priority."},
		{CodeRuleWidth, "A rule has more or fewer entries than the table has columns.", "Give the rule one entry per input and output."},
		{CodeFunctionKind, "A function is to be run by Java or PMML.", "Write the function in FEEL."},
		{CodeRequiredVariable, "The variable of an element has another name than the element.", "Give both the same name."},
		{CodeUnknownDecision, "There is no decision or service with that id or name.", "Use an id or a name from the model."},
		{CodeBroken, "The logic was refused at parse time and can not be evaluated.", "Correct the problem that Parse reports for the element."},
		{CodeLimit, "The evaluation went beyond a limit on steps, depth or size.", "Make the expression smaller, or raise the limits."},
		{CodeInputType, "An input value does not conform to its type; null was taken.", "Give a value of the type named."},
		{CodeResultType, "A result does not conform to its type; null was taken.", "Correct the logic or the type."},
		{CodeInputValue, "The value of a decision table input is not among its allowed values.", "Give an allowed value or extend the list."},
		{CodeOutputValue, "An output of a decision table is not among its allowed values.", "Correct the rule or extend the list."},
		{CodeHitViolation, "The rules that matched contradict the hit policy.", "Change the rules or the hit policy."},
		{CodeNoMatch, "No rule matched and there is no default output; the result is null.", "Add a rule or a default output if null is not wanted."},
		{CodeInvocation, "A function could not be invoked; the result is null.", "Give the function the arguments it declares."},
		{CodeFeel, "An expression gave a warning.", "See the message."},
		{CodeHook, "An expression of another language failed.", "See the message."},
	}
}

// Severity tells whether a problem or message is a fault or a hint.
type Severity string

// Severities.
const (
	SeverityError   Severity = "error"
	SeverityWarning Severity = "warning"
)

// Problem is one finding in a model.
type Problem struct {
	Code     Code     `json:"code"`
	Severity Severity `json:"severity"`
	// File is the name given to Parse, or that of the imported model.
	File string `json:"file,omitempty"`
	// ElementID is the id of the element, or its name or kind when it has none.
	ElementID string `json:"element_id,omitempty"`
	Line      int    `json:"line,omitempty"`
	// Message says what is wrong and what to do.
	Message string `json:"message"`
}

// String gives the problem as one line.
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

// HasErrors tells whether any problem is an error. A model with errors should
// not be deployed: what is broken in it evaluates to null with an error.
func HasErrors(problems []Problem) bool {
	for _, p := range problems {
		if p.Severity == SeverityError {
			return true
		}
	}
	return false
}

// problems collects the findings of one document.
type problems struct {
	file string
	list []Problem
}

func (p *problems) add(sev Severity, code Code, n *node, format string, args ...any) {
	out := Problem{Code: code, Severity: sev, File: p.file, Message: fmt.Sprintf(format, args...)}
	if n != nil {
		out.Line = n.line
		out.ElementID = n.label()
	}
	p.list = append(p.list, out)
}

func (p *problems) errorf(code Code, n *node, format string, args ...any) {
	p.add(SeverityError, code, n, format, args...)
}

func (p *problems) warnf(code Code, n *node, format string, args ...any) {
	p.add(SeverityWarning, code, n, format, args...)
}

// sorted returns the findings in order of lines.
func (p *problems) sorted() []Problem {
	sort.SliceStable(p.list, func(i, j int) bool { return p.list[i].Line < p.list[j].Line })
	return p.list
}

// label names an element for people: its id, else its name, else its kind.
func (n *node) label() string {
	if id := n.attr("id"); id != "" {
		return id
	}
	if name := n.attr("name"); name != "" {
		return name
	}
	return n.name
}

// Error ends an evaluation. Most faults of a decision do not: they give null
// and a message, as the standard has it.
type Error struct {
	Code    Code
	Element string // id of the element
	Message string
	Err     error // cause, may be nil
}

// Error returns code, element and message.
func (e *Error) Error() string {
	s := string(e.Code)
	if e.Element != "" {
		s += " (" + e.Element + ")"
	}
	s += ": " + e.Message
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is compares codes.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error) //nolint:errorlint // Is compares one link of the chain
	return ok && t.Code == e.Code
}
