package definitions

import "github.com/weir-bpm/weir/bpmn"

// The codes of problems of a deployment, beside those of package bpmn. They are
// stable.
const (
	CodeDeploymentEmpty     = "deployment.empty"
	CodeDeploymentTooMany   = "deployment.too_many_files"
	CodeDeploymentTooLarge  = "deployment.too_large"
	CodeResourceName        = "resource.name_invalid"
	CodeResourceDuplicate   = "resource.name_duplicate"
	CodeResourceUnsupported = "resource.kind_unsupported"
	CodeResourceTooLarge    = "resource.too_large"
	CodeProcessDuplicate    = "process.duplicate"
	CodeDecisionDuplicate   = "decision.duplicate"
	CodeDecisionInvalid     = "decision.invalid"
	CodeDecisionDoubtful    = "decision.doubtful"

	CodeReferenceNotDeployed = "reference.not_deployed"
	CodeReferenceNotTogether = "reference.not_together"
)

// Codes lists every code with its meaning, in the order of the documentation.
func Codes() []bpmn.CodeInfo {
	const e = bpmn.SeverityError
	return []bpmn.CodeInfo{
		{Code: CodeDeploymentEmpty, Severity: e, Meaning: "The deployment has no file."},
		{Code: CodeDeploymentTooMany, Severity: e, Meaning: "The deployment has more files than the limit."},
		{Code: CodeDeploymentTooLarge, Severity: e, Meaning: "The files of the deployment have more bytes together than the limit."},
		{Code: CodeResourceName, Severity: e, Meaning: "A file has no name, or one that is too long or holds control characters."},
		{Code: CodeResourceDuplicate, Severity: e, Meaning: "Two files of the deployment have the same name."},
		{Code: CodeResourceUnsupported, Severity: e, Meaning: "The name does not end in .bpmn, .bpmn20.xml, .xml, .dmn or .form."},
		{Code: CodeResourceTooLarge, Severity: e, Meaning: "A file has more bytes than the limit."},
		{Code: CodeProcessDuplicate, Severity: e, Meaning: "Two files of the deployment define a process of the same id."},
		{Code: CodeDecisionDuplicate, Severity: e, Meaning: "Two files of the deployment define a decision of the same id."},
		{Code: CodeDecisionInvalid, Severity: e, Meaning: "A decision model cannot be read or evaluated; the message has the code of package dmn."},
		{Code: CodeDecisionDoubtful, Severity: bpmn.SeverityWarning, Meaning: "A decision model has something that is probably not meant; the message has the code of package dmn."},
		{Code: CodeReferenceNotDeployed, Severity: bpmn.SeverityWarning, Meaning: "A called process, decision or form is not deployed."},
		{Code: CodeReferenceNotTogether, Severity: e, Meaning: "The target of a Zeebe binding \"deployment\" is not in the deployment."},
	}
}

func problem(file, code, message string) bpmn.Problem {
	return bpmn.Problem{File: file, Severity: bpmn.SeverityError, Code: code, Message: message}
}
