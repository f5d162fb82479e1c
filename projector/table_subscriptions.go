package projector

import (
	"time"

	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/ids"
)

// Subscription is a row of the table message_subscriptions: an element instance
// that waits, or waited, for a message, a signal, a condition or a trigger; the
// last two have no name. LastMessage is the id of the message or signal it got last.
type Subscription struct {
	ID             string    `json:"id"`
	InstanceID     string    `json:"instance_id"`
	Key            int64     `json:"key"`
	Tenant         string    `json:"tenant"`
	Element        int64     `json:"element"`
	ElementID      string    `json:"element_id"`
	Kind           string    `json:"kind"` // message, signal, condition, trigger
	Name           string    `json:"name"`
	CorrelationKey string    `json:"correlation_key,omitempty"`
	State          string    `json:"state"` // open, closed
	Received       int64     `json:"received"`
	LastMessage    string    `json:"last_message,omitempty"`
	OpenedAt       time.Time `json:"opened_at"`
	ClosedAt       time.Time `json:"closed_at,omitzero"`
	Position       int64     `json:"position"`
}

func subscriptionColumns() []string {
	return []string{
		"instance_id", "key", "tenant", "element", "element_id", "name", "correlation_key", "state",
		"received", "last_message", "opened_at", "closed_at", "position", "kind",
	}
}

func (r *Subscription) fields() []any {
	return []any{
		(*name)(&r.InstanceID), &r.Key, (*name)(&r.Tenant), &r.Element, (*text)(&r.ElementID), (*name)(&r.Name), (*name)(&r.CorrelationKey), &r.State,
		&r.Received, (*text)(&r.LastMessage), (*stamp)(&r.OpenedAt), (*stamp)(&r.ClosedAt), &r.Position, &r.Kind,
	}
}

func newSubscriptions() handler {
	return newRowset(tableDef[inInstance, Subscription]{
		name: "message_subscriptions",
		kinds: []events.Kind{
			"subscription.opened", "subscription.closed", "message.received",
			"signal.awaited", "signal.received", "condition.awaited", "condition.met", "trigger.awaited", "trigger.received",
		},
		columns:  subscriptionColumns(),
		key:      inInstanceKey(),
		keyArgs:  inInstanceArgs,
		keyOf:    func(r *Subscription) inInstance { return inInstance{r.InstanceID, r.Key} },
		fields:   (*Subscription).fields,
		position: func(r *Subscription) *int64 { return &r.Position },
		touch: func(at *moment, e events.Event, visit func(inInstance, verb)) {
			key, v := ids.Key(0), changes
			switch e := e.(type) {
			case *events.SubscriptionOpened:
				key, v = e.Key, creates
			case *events.SubscriptionClosed:
				key = e.Key
			case *events.MessageReceived:
				key = e.Key
			case *events.SignalAwaited:
				key, v = e.Key, creates
			case *events.SignalReceived:
				key = e.Key
			case *events.ConditionAwaited:
				key, v = e.Key, creates
			case *events.ConditionMet:
				key = e.Key
			case *events.TriggerAwaited:
				key, v = e.Key, creates
			case *events.TriggerReceived:
				key = e.Key
			}
			visit(inInstance{at.id(), int64(key)}, v)
		},
		apply: func(at *moment, e events.Event, r *Subscription, k inInstance) error {
			opened := func(kind string, element ids.Key, target string) {
				r.InstanceID, r.Key, r.Tenant, r.Element, r.ElementID = k.instance, k.key, at.instance.Tenant, int64(element), target
				r.Kind, r.State, r.OpenedAt = kind, "open", at.time()
			}
			switch e := e.(type) {
			case *events.SubscriptionOpened:
				opened("message", e.Element, e.Target)
				r.Name, r.CorrelationKey = e.Name, e.CorrelationKey
			case *events.SignalAwaited:
				opened("signal", e.Element, e.Target)
				r.Name = e.Name
			case *events.ConditionAwaited:
				opened("condition", e.Element, e.Target)
			case *events.TriggerAwaited:
				opened("trigger", e.Element, e.Target)
			case *events.TriggerReceived:
				r.Received++
			case *events.SignalReceived:
				r.Received++
				r.LastMessage = string(e.Signal)
			case *events.ConditionMet:
				r.Received++
			case *events.SubscriptionClosed:
				r.State, r.ClosedAt = "closed", at.time()
			case *events.MessageReceived:
				r.Received++
				r.LastMessage = string(e.Message)
			}
			return nil
		},
	})
}
