package bpmn

// The codes of problems. They are stable: programs and documentation refer to
// them, so a code is never renamed or used for something else.
const (
	CodeXMLMalformed    = "xml.malformed"
	CodeXMLDoctype      = "xml.doctype"
	CodeXMLEntity       = "xml.entity"
	CodeXMLTooLarge     = "xml.too_large"
	CodeXMLTooDeep      = "xml.too_deep"
	CodeXMLTooMany      = "xml.too_many_elements"
	CodeXMLEncoding     = "xml.encoding"
	CodeXMLNamespace    = "xml.namespace"
	CodeXMLNotBPMN      = "xml.not_bpmn"
	CodeInternal        = "bpmn.internal"
	CodeMoreProblems    = "bpmn.more_problems"
	CodeOptionInvalid   = "option.invalid"
	CodeDialectConflict = "dialect.conflict"

	CodeProcessNoneExecutable     = "process.none_executable"
	CodeProcessExecutableUnstated = "process.executable_unstated"
	CodeProcessIDMissing          = "process.id_missing"
	CodeProcessNoStart            = "process.no_start"
	CodeProcessEmpty              = "process.empty"

	CodeIDMissing        = "id.missing"
	CodeIDInvalid        = "id.invalid"
	CodeIDDuplicate      = "id.duplicate"
	CodeReferenceMissing = "reference.missing"
	CodeReferenceUnknown = "reference.unknown"
	CodeReferenceKind    = "reference.kind"
	CodeReferencePicture = "reference.picture"
	CodeScriptMissing    = "script.missing"
	CodeScriptEmpty      = "script.empty"
	CodeElementRepeated  = "element.repeated"
	CodeAttributeMissing = "attribute.missing"
	CodeAttributeValue   = "attribute.value"

	CodeUnsupportedElement   = "unsupported.element"
	CodeUnsupportedEvent     = "unsupported.event"
	CodeUnsupportedAttribute = "unsupported.attribute"
	CodeAttributeNoEffect    = "attribute.no_effect"
	CodeMessageNotSent       = "message.not_sent"

	CodeFlowCrossesScope = "flow.crosses_scope"
	CodeFlowIncoming     = "flow.incoming"
	CodeFlowOutgoing     = "flow.outgoing"
	CodeFlowDefault      = "flow.default"
	CodeFlowNoDefault    = "flow.no_default"
	CodeFlowCondition    = "flow.condition"
	CodeFlowNoCondition  = "flow.no_condition"
	CodeFlowMissing      = "flow.missing"

	CodeEventPosition      = "event.position"
	CodeEventDefinition    = "event.definition"
	CodeStartMultiple      = "start.multiple_none"
	CodeStartMissing       = "start.missing"
	CodeStartEvent         = "start.event"
	CodeStartVariables     = "start.reads_variables"
	CodeBoundaryHost       = "boundary.host"
	CodeBoundaryCancel     = "boundary.interrupting"
	CodeEventGatewayTarget = "event_gateway.target"
	CodeSubscriptionTwice  = "subscription.duplicate"
	CodeLinkUnpaired       = "link.unpaired"
	CodeCompensation       = "compensation.unpaired"
	CodeCancelOutside      = "cancel.outside_transaction"

	CodeResultLocal = "result.stays_local"

	CodeExpressionSyntax   = "expression.syntax"
	CodeExpressionLanguage = "expression.language"
	CodeConditionConstant  = "condition.constant"
	CodeTimerInvalid       = "timer.invalid"

	CodeMissingImplementation = "missing.implementation"
	CodeImplementationClass   = "implementation.java_class"
	CodeImplementationBuiltin = "implementation.builtin"
	CodeCallTarget            = "call.target_missing"
	CodeMultiInstanceSource   = "multi_instance.source"
	CodeErrorCode             = "error.code_missing"
	CodeErrorReference        = "error.reference_as_code"

	CodeLoopWithoutWait = "loop.without_wait"
	CodeLoopUnchanged   = "loop.unchanged"
	CodeUnreachable     = "node.unreachable"
	CodeJoinIncomplete  = "join.never_completes"
)

// CodeInfo describes one code.
type CodeInfo struct {
	Code     string
	Severity Severity
	// Meaning is one sentence for the documentation.
	Meaning string
	// Structural problems make the file itself wrong; they are reported for
	// processes that are not executable too. The others concern execution.
	Structural bool
}

// Codes lists every code with its meaning, in the order of the documentation.
func Codes() []CodeInfo {
	const e, w = SeverityError, SeverityWarning
	return []CodeInfo{
		{CodeXMLMalformed, e, "The file is not well-formed XML.", true},
		{CodeXMLDoctype, e, "The file has a DOCTYPE, which is refused because it can pull in or multiply text.", true},
		{CodeXMLEntity, e, "The file declares or uses an entity other than the five that XML predefines.", true},
		{CodeXMLTooLarge, e, "The file has more bytes than Options.MaxBytes.", true},
		{CodeXMLTooDeep, e, "Elements nest deeper than Options.MaxDepth.", true},
		{CodeXMLTooMany, e, "The file has more elements than Options.MaxElements, or an element has more than 500 attributes.", true},
		{CodeXMLEncoding, e, "The character encoding is not known, or the bytes do not fit it.", true},
		{CodeXMLNamespace, e, "A namespace prefix is used that is not declared.", true},
		{CodeXMLNotBPMN, e, "The root element is not <definitions> of the BPMN 2.0 model namespace.", true},
		{CodeInternal, e, "The parser failed on this file; this is a fault of Weir.", true},
		{CodeMoreProblems, w, "There are more problems than Options.MaxProblems; an error if there are errors among them.", true},
		{CodeOptionInvalid, e, "A parse option such as the class map has an unusable value.", true},
		{CodeDialectConflict, w, "Two dialects say different things about one element; the definition's dialect decided.", false},

		{CodeProcessNoneExecutable, e, "No process of the file is executable.", true},
		{CodeProcessExecutableUnstated, w, "A process does not say whether it is executable and is taken as executable.", true},
		{CodeProcessIDMissing, e, "A process has no id, so nothing could start it.", true},
		{CodeProcessNoStart, e, "An executable process has no start event.", false},
		{CodeProcessEmpty, e, "An executable process has no flow nodes.", false},

		{CodeIDMissing, e, "An element that needs an id has none.", true},
		{CodeIDInvalid, e, "An id is not an XML name.", true},
		{CodeIDDuplicate, e, "Two elements of the file have the same id.", true},
		{CodeReferenceMissing, e, "A reference that has to be there is missing.", false},
		{CodeReferenceUnknown, e, "A reference names an id that the file does not have.", true},
		{CodeReferenceKind, e, "A reference names an element of the wrong kind.", true},
		{CodeReferencePicture, w, "A part of the picture, such as a lane, or what only repeats a sequence flow refers to an id that the file does not have.", true},
		{CodeScriptMissing, e, "A script names a file that is not part of the deployment.", false},
		{CodeScriptEmpty, w, "A script task of a camunda model has an empty script.", false},
		{CodeElementRepeated, e, "A child element that may occur once occurs more often.", true},
		{CodeAttributeMissing, e, "An attribute or child that execution needs is missing.", false},
		{CodeAttributeValue, e, "An attribute or text has a value that cannot be used.", false},

		{CodeUnsupportedElement, e, "The engine does not execute this element.", false},
		{CodeUnsupportedEvent, e, "The engine does not execute this event at this position.", false},
		{CodeUnsupportedAttribute, e, "The engine does not honour this attribute.", false},
		{CodeAttributeNoEffect, w, "The model is executed without this attribute or extension, which its author should know.", false},
		{CodeMessageNotSent, w, "A message throw event does not say how its message is sent, and sends none.", false},

		{CodeFlowCrossesScope, e, "A sequence flow leaves its process or subprocess (BPMN 2.0.2, 7.6.1).", true},
		{CodeFlowIncoming, e, "A sequence flow leads to a start or boundary event or an event subprocess.", false},
		{CodeFlowOutgoing, e, "A sequence flow leaves an end event or an event subprocess.", false},
		{CodeFlowDefault, e, "A default flow has a condition or does not leave its element.", false},
		{CodeFlowNoDefault, w, "Every flow of an exclusive or inclusive split has a condition and none is the default.", false},
		{CodeFlowCondition, e, "A condition stands on a flow that cannot have one.", false},
		{CodeFlowNoCondition, w, "A flow of an exclusive split has neither a condition nor is it the default.", false},
		{CodeFlowMissing, e, "An element lacks the sequence flow that it needs.", false},

		{CodeEventPosition, e, "An event definition stands at a position that BPMN does not allow.", false},
		{CodeEventDefinition, e, "An event definition is incomplete.", false},
		{CodeStartMultiple, e, "A scope has more than one none start event.", false},
		{CodeStartMissing, e, "A subprocess has no start event.", false},
		{CodeStartEvent, e, "A start event of a subprocess has the wrong event definition.", false},
		{CodeStartVariables, e, "A timer, message or signal name of a process start event reads variables, which nobody has yet.", false},
		{CodeBoundaryHost, e, "A boundary event is attached to something that cannot have one.", false},
		{CodeBoundaryCancel, e, "An event that always interrupts is drawn as non-interrupting.", false},
		{CodeEventGatewayTarget, e, "An event-based gateway leads to something other than a catch event or receive task.", false},
		{CodeSubscriptionTwice, e, "Two events of one scope wait for the same message, signal, error or escalation.", false},
		{CodeLinkUnpaired, e, "A link throw event has no catch event of its name in the scope, or several.", false},
		{CodeCompensation, e, "A compensation boundary event and its handler do not fit.", false},
		{CodeCancelOutside, e, "A cancel event stands outside a transaction.", false},

		{CodeResultLocal, w, "A result has the name of an input of its element and ends with that local variable.", false},

		{CodeExpressionSyntax, e, "An expression does not compile.", false},
		{CodeExpressionLanguage, e, "An expression language is not known or not available.", false},
		{CodeConditionConstant, e, "A condition is constant text and not an expression.", false},
		{CodeTimerInvalid, e, "A date, duration, cycle or cron text of a timer cannot be read.", false},

		{CodeMissingImplementation, e, "A service-like task or message throw event does not say how it is carried out.", false},
		{CodeImplementationClass, e, "A task needs a Java class or bean.", false},
		{CodeImplementationBuiltin, e, "A task needs a built-in of another engine.", false},
		{CodeCallTarget, e, "A call activity does not say which process it calls.", false},
		{CodeMultiInstanceSource, e, "A multi-instance activity has neither a cardinality nor a collection.", false},
		{CodeErrorCode, e, "An error or escalation that is thrown has no code.", false},
		{CodeErrorReference, w, "An errorRef of a camunda or flowable model names no error and is taken as the code itself.", false},

		{CodeLoopWithoutWait, e, "A loop of sequence flows has no wait state, so it would run forever.", false},
		{CodeLoopUnchanged, w, "A loop has a way out, but nothing in it waits or changes a variable: once round, it runs until the step limit.", false},
		{CodeUnreachable, w, "No path leads to a node.", false},
		{CodeJoinIncomplete, w, "A parallel join waits for a flow that no token can take.", false},
	}
}
