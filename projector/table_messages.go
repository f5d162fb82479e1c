package projector

import (
	"encoding/json"
	"time"

	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/variables"
)

// The states of a message.
const (
	MessageBuffered  = "buffered"  // no one has it, it may still find a receiver
	MessageSent      = "sent"      // on the way to an instance that waits
	MessageDelivered = "delivered" // an instance took it, or it started one
	MessageExpired   = "expired"   // it found no one in its time
)

// Message is a row of the table messages: a message at its home.
type Message struct {
	Partition      int64           `json:"partition"`
	ID             string          `json:"id"`
	Tenant         string          `json:"tenant"`
	Name           string          `json:"name"`
	CorrelationKey string          `json:"correlation_key,omitempty"`
	MessageID      string          `json:"message_id,omitempty"`
	BusinessKey    string          `json:"business_key,omitempty"`
	InstanceID     string          `json:"instance_id,omitempty"`
	Variables      json.RawMessage `json:"variables,omitempty"`
	State          string          `json:"state"`
	Deliveries     int64           `json:"deliveries"`
	Receiver       string          `json:"receiver,omitempty"`
	PublishedAt    time.Time       `json:"published_at"`
	ExpiresAt      time.Time       `json:"expires_at,omitzero"`
	ExpiredAt      time.Time       `json:"expired_at,omitzero"`
	Position       int64           `json:"position"`
}

func messageColumns() []string {
	return []string{
		"partition", "id", "tenant", "name", "correlation_key", "message_id", "business_key", "instance_id", "variables",
		"state", "deliveries", "receiver", "published_at", "expires_at", "expired_at", "position",
	}
}

func (r *Message) fields() []any {
	return []any{
		&r.Partition, (*name)(&r.ID), (*name)(&r.Tenant), (*name)(&r.Name), (*name)(&r.CorrelationKey), (*text)(&r.MessageID), (*text)(&r.BusinessKey), (*name)(&r.InstanceID), (*[]byte)(&r.Variables),
		&r.State, &r.Deliveries, (*name)(&r.Receiver), (*stamp)(&r.PublishedAt), (*stamp)(&r.ExpiresAt), (*stamp)(&r.ExpiredAt), &r.Position,
	}
}

type messageKey struct {
	partition int64
	id        string
}

func newMessages() handler {
	return newRowset(tableDef[messageKey, Message]{
		name:    "messages",
		kinds:   []events.Kind{"message.published", "message.sent", "message.answered", "message.started", "message.expired"},
		columns: messageColumns(),
		key:     []keyColumn{{"partition", "integer"}, {"id", "text"}},
		keyArgs: func(keys []messageKey) []any {
			partitions, names := make([]int64, len(keys)), make([]string, len(keys))
			for i, k := range keys {
				partitions[i], names[i] = k.partition, k.id
			}
			return []any{partitions, names}
		},
		keyOf:    func(r *Message) messageKey { return messageKey{r.Partition, r.ID} },
		fields:   (*Message).fields,
		position: func(r *Message) *int64 { return &r.Position },
		touch:    touchMessage,
		apply:    applyMessage,
	})
}

func touchMessage(at *moment, e events.Event, visit func(messageKey, verb)) {
	id := ids.Command("")
	switch e := e.(type) {
	case *events.MessagePublished:
		id = e.Message
	case *events.MessageSent:
		id = e.Message
	case *events.MessageAnswered:
		id = e.Message
	case *events.MessageStarted:
		id = e.Message
	case *events.MessageExpired:
		id = e.Message
	}
	// The id is the command's, and a client may use one again long after; a
	// message that a waiter takes at once need not have been published first.
	visit(messageKey{int64(at.partition), string(id)}, upserts)
}

// passing fills in the row of a message that was not buffered.
func (r *Message) passing(at *moment, k messageKey, tenant, name, correlationKey string) {
	if r.ID == "" {
		*r = Message{
			Partition: k.partition, ID: k.id, Tenant: tenant, Name: name, CorrelationKey: correlationKey,
			Variables: json.RawMessage("{}"), State: MessageBuffered, PublishedAt: at.time(), Position: r.Position,
		}
	}
}

func applyMessage(at *moment, e events.Event, r *Message, k messageKey) error {
	switch e := e.(type) {
	case *events.MessagePublished:
		doc := e.Variables
		if doc == nil {
			doc = variables.Document{}
		}
		vars, err := jsonOf(doc)
		if err != nil {
			return err
		}
		*r = Message{
			Partition:      k.partition,
			ID:             k.id,
			Tenant:         e.Tenant,
			Name:           e.Name,
			CorrelationKey: e.CorrelationKey,
			MessageID:      e.MessageID,
			BusinessKey:    e.BusinessKey,
			InstanceID:     string(e.Instance),
			Variables:      vars,
			State:          MessageBuffered,
			PublishedAt:    at.time(),
			ExpiresAt:      timeOf(e.ExpiresMS),
			Position:       r.Position,
		}
	case *events.MessageSent:
		r.passing(at, k, e.Tenant, e.Name, e.CorrelationKey)
		r.State, r.Receiver = MessageSent, string(e.Instance)
	case *events.MessageAnswered:
		r.passing(at, k, e.Tenant, e.Name, e.CorrelationKey)
		switch {
		case e.Accepted:
			r.State = MessageDelivered
			r.Deliveries++
		case r.Deliveries > 0:
			r.State = MessageDelivered
		case !r.ExpiredAt.IsZero():
			r.State = MessageExpired
		default:
			r.State = MessageBuffered
		}
	case *events.MessageStarted:
		r.passing(at, k, e.Tenant, e.Name, e.CorrelationKey)
		r.State, r.Receiver = MessageDelivered, string(e.Instance)
		r.Deliveries++
	case *events.MessageExpired:
		r.passing(at, k, e.Tenant, e.Name, e.CorrelationKey)
		r.ExpiredAt = at.time()
		if r.State == MessageBuffered {
			r.State = MessageExpired
		}
	}
	return nil
}
