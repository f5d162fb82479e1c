package projector

import (
	"time"

	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/ids"
)

// Element is a row of the table element_instances. The root scope of an instance
// has none: it is the instance.
type Element struct {
	ID         string    `json:"id"`
	InstanceID string    `json:"instance_id"`
	Key        int64     `json:"key"`
	Scope      int64     `json:"scope"`
	ElementID  string    `json:"element_id"`
	Type       string    `json:"type"`
	State      string    `json:"state"` // active, completed, terminated
	Child      string    `json:"child,omitempty"`
	StartedAt  time.Time `json:"started_at"`
	EndedAt    time.Time `json:"ended_at,omitzero"`
	Position   int64     `json:"position"`
}

func elementColumns() []string {
	return []string{"instance_id", "key", "scope", "element_id", "type", "state", "child", "started_at", "ended_at", "position"}
}

func (r *Element) fields() []any {
	return []any{
		(*name)(&r.InstanceID), &r.Key, &r.Scope, (*name)(&r.ElementID), (*text)(&r.Type), &r.State, (*text)(&r.Child),
		(*stamp)(&r.StartedAt), (*stamp)(&r.EndedAt), &r.Position,
	}
}

func newElements() handler {
	return newRowset(tableDef[inInstance, Element]{
		name:     "element_instances",
		kinds:    []events.Kind{"element.activated", "element.completed", "element.terminated", "call.started"},
		columns:  elementColumns(),
		key:      inInstanceKey(),
		keyArgs:  inInstanceArgs,
		keyOf:    func(r *Element) inInstance { return inInstance{r.InstanceID, r.Key} },
		fields:   (*Element).fields,
		position: func(r *Element) *int64 { return &r.Position },
		touch: func(at *moment, e events.Event, visit func(inInstance, verb)) {
			key, v := ids.Key(0), changes
			switch e := e.(type) {
			case *events.ElementActivated:
				key, v = e.Key, creates
			case *events.ElementCompleted:
				key = e.Key
			case *events.ElementTerminated:
				key = e.Key
			case *events.CallStarted:
				key = e.Element
			}
			if key != events.RootKey {
				visit(inInstance{at.id(), int64(key)}, v)
			}
		},
		apply: func(at *moment, e events.Event, r *Element, k inInstance) error {
			switch e := e.(type) {
			case *events.ElementActivated:
				r.InstanceID, r.Key, r.Scope = k.instance, k.key, int64(e.Scope)
				r.ElementID, r.Type, r.State, r.StartedAt = e.ElementID, e.Type, StateActive, at.time()
			case *events.ElementCompleted:
				r.State, r.EndedAt = StateCompleted, at.time()
			case *events.ElementTerminated:
				r.State, r.EndedAt = "terminated", at.time()
			case *events.CallStarted:
				r.Child = string(e.Child)
			}
			return nil
		},
	})
}
