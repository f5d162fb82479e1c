package projector

import (
	"time"

	"github.com/weir-bpm/weir/events"
)

// Incident is a row of the table incidents.
type Incident struct {
	ID         string    `json:"id"`
	InstanceID string    `json:"instance_id"`
	Key        int64     `json:"key"`
	Tenant     string    `json:"tenant"`
	ProcessID  string    `json:"process_id"`
	Element    int64     `json:"element"`
	ElementID  string    `json:"element_id"`
	Job        int64     `json:"job,omitempty"` // key of the job that ran out of retries
	Step       string    `json:"step"`
	Code       string    `json:"code"`
	Message    string    `json:"message"`
	State      string    `json:"state"` // open, resolved
	RaisedAt   time.Time `json:"raised_at"`
	ResolvedAt time.Time `json:"resolved_at,omitzero"`
	Position   int64     `json:"position"`
}

func incidentColumns() []string {
	return []string{
		"instance_id", "key", "tenant", "process_id", "element", "element_id", "job", "step", "code", "message",
		"state", "raised_at", "resolved_at", "position",
	}
}

func (r *Incident) fields() []any {
	return []any{
		(*name)(&r.InstanceID), &r.Key, (*name)(&r.Tenant), (*name)(&r.ProcessID), &r.Element, (*text)(&r.ElementID), &r.Job, (*text)(&r.Step), (*text)(&r.Code), (*text)(&r.Message),
		&r.State, (*stamp)(&r.RaisedAt), (*stamp)(&r.ResolvedAt), &r.Position,
	}
}

func newIncidents() handler {
	return newRowset(tableDef[inInstance, Incident]{
		name:     "incidents",
		kinds:    []events.Kind{"incident.raised", "incident.resolved"},
		columns:  incidentColumns(),
		key:      inInstanceKey(),
		keyArgs:  inInstanceArgs,
		keyOf:    func(r *Incident) inInstance { return inInstance{r.InstanceID, r.Key} },
		fields:   (*Incident).fields,
		position: func(r *Incident) *int64 { return &r.Position },
		touch: func(at *moment, e events.Event, visit func(inInstance, verb)) {
			switch e := e.(type) {
			case *events.IncidentRaised:
				visit(inInstance{at.id(), int64(e.Key)}, creates)
			case *events.IncidentResolved:
				visit(inInstance{at.id(), int64(e.Key)}, changes)
			}
		},
		apply: func(at *moment, e events.Event, r *Incident, k inInstance) error {
			switch e := e.(type) {
			case *events.IncidentRaised:
				r.InstanceID, r.Key, r.Tenant, r.ProcessID = k.instance, k.key, at.instance.Tenant, at.instance.ProcessID
				r.Element, r.ElementID, r.Job, r.Step = int64(e.Element), e.ElementID, int64(e.Job), string(e.Step)
				r.Code, r.Message, r.State, r.RaisedAt = e.Code, e.Message, "open", at.time()
			case *events.IncidentResolved:
				r.State, r.ResolvedAt = "resolved", at.time()
			}
			return nil
		},
	})
}
