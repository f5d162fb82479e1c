package projector

import (
	"encoding/json"

	"github.com/weir-bpm/weir/events"
)

// EventJSON is the form in which people read an event's payload, in the history
// and in a replay alike: field names in snake case, numbers exact.
func EventJSON(e events.Event) (json.RawMessage, error) { return eventJSON(e) }
