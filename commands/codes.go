package commands

// Code is the stable name of an error. Each has a page in docs/errors.
type Code string

// The codes of rejections and incidents.
const (
	CodeCommandUnknown    Code = "command.unknown"
	CodeCommandUnreadable Code = "command.unreadable"
	CodeCommandInvalid    Code = "command.invalid"
	CodeCommandInternal   Code = "command.internal"
	CodeCommandMisrouted  Code = "command.misrouted"
	CodeDecisionTooLarge  Code = "decision.too_large"
	CodeIDInvalid         Code = "id.invalid"
	CodeTenantInvalid     Code = "tenant.invalid"
	CodeTenantMismatch    Code = "tenant.mismatch"

	CodeVariablesTooLarge Code = "variables.too_large"

	CodeProcessNotFound     Code = "process.not_found"
	CodeProcessNoNoneStart  Code = "process.no_none_start"
	CodeProcessCallDepth    Code = "process.call_depth"
	CodeProcessCallTree     Code = "process.call_tree"
	CodeProcessStarter      Code = "process.starter"
	CodeFormInvalid         Code = "form.invalid"
	CodeInstanceNotFound    Code = "instance.not_found"
	CodeInstanceFinished    Code = "instance.finished"
	CodeElementNotFound     Code = "element.not_found"
	CodeElementNotWaiting   Code = "element.not_waiting"
	CodeJobNotFound         Code = "job.not_found"
	CodeJobNotActive        Code = "job.not_active"
	CodeTaskNotFound        Code = "task.not_found"
	CodeTaskAssigned        Code = "task.assigned"
	CodeTaskPending         Code = "task.pending"
	CodeIncidentNotFound    Code = "incident.not_found"
	CodeMessageNoReceiver   Code = "message.no_receiver"
	CodeMessageAmbiguous    Code = "message.ambiguous"
	CodeMessageDuplicate    Code = "message.duplicate"
	CodeDeploymentInvalid   Code = "deployment.invalid"
	CodeDecisionNotFound    Code = "decision.not_found"
	CodeDecisionFailed      Code = "decision.failed"
	CodeDecisionResult      Code = "decision.result"
	CodeExpressionFailed    Code = "expression.failed"
	CodeExpressionType      Code = "expression.type"
	CodeTimerInvalid        Code = "timer.invalid"
	CodeFlowNoMatch         Code = "flow.no_match"
	CodeJobNoRetries        Code = "job.no_retries"
	CodeErrorUncaught       Code = "error.uncaught"
	CodeTokenStuck          Code = "token.stuck"
	CodeStepLimit           Code = "step.limit"
	CodeElementUnsupported  Code = "element.unsupported"
	CodeUnavailable         Code = "engine.unavailable"
	CodeClockNotAllowed     Code = "clock.not_allowed"
	CodeLogBackwards        Code = "log.backwards"
	CodeLogCorrupt          Code = "log.corrupt"
	CodePartitionsDecreased Code = "partitions.decreased"
)

// Explanation is what a page of docs/errors says about a code.
type Explanation struct {
	Code  Code
	Means string
	Look  string // what to look at
	Do    string // what to do
}

// Codes lists every code with its explanation; docs/errors is made from it.
func Codes() []Explanation {
	return []Explanation{
		{CodeCommandUnknown, "The last tokens of the subject are no kind of command.", "The subject the command was published on.", "Publish on `weir.commands.<partition>.<tenant>.<instance id>.<kind>` with a kind of docs/commands.md."},
		{CodeCommandUnreadable, "The payload is neither readable msgpack nor readable JSON of the command's kind, or a field has the wrong type.", "The `Content-Type` header and the message of the answer, which names the place.", "Send JSON with `Content-Type: application/json`, or msgpack with named fields."},
		{CodeCommandInvalid, "A field of the command is missing or outside its limits.", "The message of the answer, which names the field and the limit.", "Send the command again with the field corrected and a new command id."},
		{CodeCommandInternal, "The kind is one that partitions send to each other; callers may not.", "The subject.", "Use the command for callers: for a message `message.publish`, for a timer `weir clock advance` in tests."},
		{CodeCommandMisrouted, "The command came to a partition where its instance or message does not live.", "Characters 11 and 12 of the instance id (for messages the home, see docs/commands.md) against the partition in the subject.", "Build the subject from the id, or use the client, the CLI or `weir.api.*`, which do."},
		{CodeDecisionTooLarge, "What the command would write does not fit into one commit frame.", "The size of the variables, and how many elements one command activates.", "Keep large data outside and pass a reference; split the step in the model."},
		{CodeIDInvalid, "An id is no ULID in upper case, or is not `<instance id>-<number>`.", "The id in the message of the answer.", "Use ids as Weir gave them, or make ULIDs with any ULID library."},
		{CodeTenantInvalid, "A tenant is not 1 to 64 letters, digits, '-' or '_'.", "The tenant token of the subject.", "Choose a tenant id that can be a token of a subject."},
		{CodeTenantMismatch, "The tenant in the subject is not the tenant of the instance.", "The tenant of the instance (`weir instance ID`).", "Publish with the tenant that started the instance."},
		{CodeVariablesTooLarge, "A variable document exceeds the limit (1 MiB unless configured).", "The size in the message of the answer.", "Store the data elsewhere and pass a reference, or raise `--max-variables`."},
		{CodeProcessNotFound, "No process with this id, version or tag has been deployed for the tenant.", "`weir definitions` for what is deployed.", "Deploy the model, or correct the process id. For an incident: deploy it, then resolve the incident."},
		{CodeProcessNoNoneStart, "The process has no none start event, so a command cannot start it.", "The start events of the model.", "Publish the message it starts with, wait for its timer, or add a none start event."},
		{CodeProcessCallDepth, "Call activities are nested deeper than the limit (64 unless configured).", "The chain of callers (`weir instance ID`).", "End the recursion in the model, then resolve the incident or cancel the root instance."},
		{CodeProcessCallTree, "An instance has more called instances active, directly and through others, than the limit (10,000 unless configured).", "The instances with the same root, and the call activity of the incident: does the process call itself several times?", "End the recursion in the model, or wait until called instances have ended; then resolve the incident, or cancel the root instance."},
		{CodeFormInvalid, "Values that were submitted through a form are not those that its fields allow.", "The message of the answer: it names each field with what is wrong.", "Submit the form again with other values and a new command id. Without `form` the values are not checked."},
		{CodeProcessStarter, "The process names candidate starters, and who is named as starter is none of them.", "`candidateStarterUsers`, `candidateStarterGroups` or `potentialStarter` of the process, and the command's `started_by` and `groups`.", "Start it as one of them, or deploy the model with other candidates."},
		{CodeInstanceNotFound, "No instance with this id exists in its partition.", "The id, and the tenant.", "Correct the id. Finished instances are found in the read models (`weir instance ID`)."},
		{CodeInstanceFinished, "The instance has ended; it takes no commands.", "`weir instance ID` for how and when it ended.", "Nothing, if the command was a repeated one."},
		{CodeElementNotFound, "The element instance is not active.", "`weir instance ID` for the active ones.", "Use the key of an active element instance, or 0 for the instance."},
		{CodeElementNotWaiting, "The element instance is active, but waits for nothing that `element.trigger` could stand for.", "Its type and state in `weir instance ID`: it may wait for a message, a job or its own incident.", "Trigger only receive tasks without message and tasks with flowable's triggerable; continue others by what they wait for."},
		{CodeJobNotFound, "The job does not exist any more: it was completed, canceled, or ended with an error.", "The history of the instance.", "Nothing, if another attempt has done the job. Workers drop the job."},
		{CodeJobNotActive, "The job has failed and waits for its back-off or for its incident to be resolved.", "The job's state and incident.", "Wait for the retry, or resolve the incident."},
		{CodeTaskNotFound, "The user task does not exist any more: it was completed or canceled.", "The history of the instance.", "Refresh the task list."},
		{CodeTaskAssigned, "Someone else has claimed the user task.", "The task's assignee.", "Choose another task, or assign it without `claim`."},
		{CodeTaskPending, "The user task waits for a listener, which is a job, to allow what was asked of it before.", "The open jobs of the task's element, and their type.", "Wait for the listener's worker, then send the command again with a new command id."},
		{CodeIncidentNotFound, "The incident does not exist any more.", "The incidents of the instance.", "Nothing, if it was resolved before."},
		{CodeMessageNoReceiver, "Nobody waits for the message and its time to live is 0.", "The name and correlation key, and the open subscriptions.", "Correct them, or publish with a time to live so that it is buffered."},
		{CodeMessageAmbiguous, "More than one instance of a process waits for the message and no correlation key tells them apart.", "The waiting instances in the message of the answer.", "Publish with `instance_id` or `business_key`, or give the model a correlation key."},
		{CodeMessageDuplicate, "A message with this name, key and message id is still buffered or was just delivered.", "The sender's message ids.", "Nothing, if it was a repeated one."},
		{CodeDeploymentInvalid, "At least one file of the deployment has errors; nothing was deployed.", "The list of problems in the answer, with file, line and element id.", "Correct every error and deploy again; `warning`s do not refuse a deployment."},
		{CodeExpressionFailed, "An expression could not be evaluated.", "The message, which names the expression and the cause, and the variables of the scope.", "Mend the variables (`variables.set`) or deploy a corrected model for new instances, then resolve the incident."},
		{CodeExpressionType, "An expression gave a value of the wrong type.", "The message, which names the expected type and the value.", "Mend the variables, then resolve the incident."},
		{CodeTimerInvalid, "A timer's text is no ISO 8601 date, duration or repeating interval, and no cron text.", "The value in the message.", "Mend the variable it came from, then resolve the incident."},
		{CodeDecisionNotFound, "A business rule task names a decision that is not deployed in the version that its binding asks for.", "The decision id and the binding in the message; `weir decisions` lists what is deployed.", "Deploy the decision, then resolve the incident."},
		{CodeDecisionFailed, "The evaluation of a decision gave an error: an input of the wrong type, a violated hit policy, a limit.", "The message, which names the element of the DMN file and the values seen.", "Mend the variables, or deploy a corrected decision, then resolve the incident."},
		{CodeDecisionResult, "The result of a decision does not have the shape that mapDecisionResult or decisionTaskThrowErrorOnNoHits asks for.", "The result in the message, and the hit policy of the table.", "Mend the variables or the decision, then resolve the incident."},
		{CodeFlowNoMatch, "No condition of an exclusive gateway is true and it has no default flow.", "The conditions and the variables of the scope.", "Mend the variables, then resolve the incident; give the gateway a default flow."},
		{CodeJobNoRetries, "A job failed and has no retries left.", "The worker's message in the incident.", "Mend the cause, then resolve the incident, which gives the job another attempt."},
		{CodeErrorUncaught, "A BPMN error was thrown that no error event catches.", "The error code, and the boundary events around the element.", "Add an error event for new instances; resolve the incident to run the element again."},
		{CodeTokenStuck, "Tokens wait before a joining gateway and nothing is left in the scope that could bring the missing ones.", "The tokens per sequence flow (`weir replay ID`).", "Cancel the instance and mend the model: the split and the join do not match."},
		{CodeStepLimit, "One command moved more tokens than the limit (10,000 steps unless configured): a loop without a wait state.", "The element of the incident and the loop it is on.", "Mend the variables that drive the loop, then resolve the incident, which goes on for another 10,000 steps."},
		{CodeElementUnsupported, "An instance reached an element that this release cannot execute.", "The element's type.", "Deploy a model without it; `weir deploy` refuses such models, so an older release may have accepted it."},
		{CodeUnavailable, "No answer came in time: no executor owns the partition, or the log does not take writes.", "`weir status`.", "Send the command again with the same command id; it is applied once."},
		{CodeClockNotAllowed, "The engine's clock can be moved only where the server was started with `--allow-clock`.", "The server's flags.", "Start a test server with `--allow-clock`."},
		{CodeLogBackwards, "A stream is shorter or younger than what was recorded of it: acknowledged events were lost, or a wrong data folder is mounted.", "The stream's identity in the message, and the storage.", "Restore the stream from a replica or backup. See docs/runbook.md before starting over."},
		{CodeLogCorrupt, "A frame of the log is unreadable, or the hash chain is broken.", "The sequence in the message; `weir verify`.", "See docs/runbook.md. The partition stays stopped, so that nothing is built on a broken history."},
		{CodePartitionsDecreased, "The server was started with fewer partitions than the cluster has.", "`weir status`.", "Start with at least as many partitions as before."},
	}
}
