package projector

import "github.com/weir-bpm/weir/events"

// handlers lists the handler of every read table. Beside the list stand two that
// see everything: instances, which place each event in its instance before the
// others see it, and the archive.
func handlers() []handler {
	return []handler{
		newElements(),
		newVariables(),
		newJobs(),
		newUserTasks(),
		newIncidents(),
		newTimers(),
		newStartTimers(),
		newSubscriptions(),
		newMessages(),
		newDeployments(),
		newResources(),
		newDefinitions(),
		newDecisions(),
		newEvaluations(),
	}
}

// unread lists the kinds that no read table needs, each with the reason. They
// are in the archive like all others.
func unread() map[events.Kind]string {
	return map[events.Kind]string{
		"flow.taken":             "the path of a token; the elements it reached have rows",
		"tokens.dropped":         "tokens have no rows",
		"scope.interrupted":      "what has ended in the scope is recorded by events of its own",
		"instance.canceling":     "instance.canceled follows when all that was inside has been recorded",
		"escalation.thrown":      "who catches it has a row as an element; history has the event",
		"loop.started":           "the body and the turns of a loop have rows as elements",
		"loop.chosen":            "see loop.started",
		"loop.collected":         "see loop.started; the results become a variable when the loop ends",
		"loop.paused":            "see loop.started",
		"loop.stopped":           "see loop.started",
		"command.rejected":       "changes nothing; its answer went to the caller",
		"command.answered":       "the engine's memory for repeated commands",
		"outbox.added":           "the engine's memory for commands to other partitions",
		"waiter.added":           "the home's copy of a subscription that message_subscriptions has from its instance",
		"waiter.removed":         "see waiter.added",
		"message.key_released":   "follows from the end of the instance that held the key",
		"listeners.run":          "how far an element has come; what its listeners did are events of their own",
		"element.ending":         "the element instance is active until it has ended; the jobs that it waits for have rows",
		"listener.failed":        "history alone; see the transitions of the instance",
		"signal.broadcast":       "those who got it have it in message_subscriptions, those it started are instances",
		"start_signal.set":       "see start_message.set",
		"start_condition.set":    "see start_message.set",
		"compensation.recorded":  "what may be compensated has no rows",
		"compensation.triggered": "see compensation.recorded",
		"part.came":              "the subscription or timer of the part has a row; history has the event",
		"compensation.started":   "the handlers have rows as element instances",
		"start_message.set":      "routing at the home; the model of the newest version says the same",
	}
}
