package projector

import (
	"time"

	"github.com/weir-bpm/weir/events"
)

// The states of an instance.
const (
	StateActive    = "active"
	StateCompleted = "completed"
	StateCanceled  = "canceled"
)

// Instance is a row of the table instances.
type Instance struct {
	ID            string    `json:"id"`
	Partition     int64     `json:"partition"`
	Tenant        string    `json:"tenant"`
	ProcessID     string    `json:"process_id"`
	Version       int64     `json:"version"`
	Digest        string    `json:"digest"`
	Deployment    string    `json:"deployment"`
	BusinessKey   string    `json:"business_key,omitempty"`
	State         string    `json:"state"`
	Trigger       string    `json:"trigger"`
	StartElement  string    `json:"start_element"`
	Parent        string    `json:"parent,omitempty"`
	ParentElement int64     `json:"parent_element,omitempty"`
	Root          string    `json:"root"`
	Reason        string    `json:"reason,omitempty"`
	Incidents     int64     `json:"incident_count"`
	Events        int64     `json:"event_count"`
	StartedAt     time.Time `json:"started_at"`
	EndedAt       time.Time `json:"ended_at,omitzero"`
	// RemoveAt is when the rows of the instance and of those that it called go; zero
	// is never. Only a root that has ended has it.
	RemoveAt time.Time `json:"remove_at,omitzero"`
	LoggedAt time.Time `json:"-"`
	Position int64     `json:"position"`
}

func instanceColumns() []string {
	return []string{
		"id", "partition", "tenant", "process_id", "version", "digest", "deployment", "business_key",
		"state", "trigger", "start_element", "parent", "parent_element", "root", "reason",
		"incidents", "events", "started_at", "ended_at", "remove_at", "logged_at", "position",
	}
}

func (r *Instance) fields() []any {
	return []any{
		(*name)(&r.ID), &r.Partition, (*name)(&r.Tenant), (*name)(&r.ProcessID), &r.Version, (*text)(&r.Digest), (*text)(&r.Deployment), (*name)(&r.BusinessKey),
		&r.State, (*text)(&r.Trigger), (*text)(&r.StartElement), (*name)(&r.Parent), &r.ParentElement, (*name)(&r.Root), (*text)(&r.Reason),
		&r.Incidents, &r.Events, (*stamp)(&r.StartedAt), (*stamp)(&r.EndedAt), (*stamp)(&r.RemoveAt), (*stamp)(&r.LoggedAt), &r.Position,
	}
}

// instances folds all events of instances into the table instances: each counts,
// a few change more.
type instances struct{ *rowset[string, Instance] }

func newInstances() *instances {
	return &instances{newRowset(tableDef[string, Instance]{
		name:     "instances",
		kinds:    []events.Kind{"instance.started", "instance.completed", "instance.canceled", "incident.raised", "incident.resolved"},
		columns:  instanceColumns(),
		key:      []keyColumn{{"id", "text"}},
		keyArgs:  func(keys []string) []any { return []any{keys} },
		keyOf:    func(r *Instance) string { return r.ID },
		fields:   (*Instance).fields,
		position: func(r *Instance) *int64 { return &r.Position },
		touch: func(at *moment, e events.Event, visit func(string, verb)) {
			if e.Kind() == "instance.started" {
				visit(at.id(), creates)
			} else {
				visit(at.id(), changes)
			}
		},
		apply: applyInstance,
	})}
}

// fold also places the event in its instance for the handlers that follow.
func (h *instances) fold(at *moment, e events.Event) error {
	if err := h.rowset.fold(at, e); err != nil {
		return err
	}
	at.instance = h.rows[at.id()].row
	return nil
}

func applyInstance(at *moment, e events.Event, r *Instance, _ string) error {
	r.Events++
	switch e := e.(type) {
	case *events.InstanceStarted:
		*r = Instance{
			ID:            at.id(),
			Partition:     int64(at.partition),
			Tenant:        e.Tenant,
			ProcessID:     e.Definition.ProcessID,
			Version:       int64(e.Definition.Version),
			Digest:        e.Definition.Digest,
			Deployment:    e.Definition.Deployment,
			BusinessKey:   e.BusinessKey,
			State:         StateActive,
			Trigger:       string(e.Trigger),
			StartElement:  e.StartElement,
			Parent:        string(e.Parent),
			ParentElement: int64(e.ParentElement),
			Root:          string(e.Root),
			Events:        1,
			StartedAt:     at.time(),
			LoggedAt:      at.loggedAt,
			Position:      r.Position,
		}
	case *events.InstanceCompleted:
		r.State, r.EndedAt, r.RemoveAt = StateCompleted, at.time(), timeOf(e.RemoveAtMS)
	case *events.InstanceCanceled:
		r.State, r.EndedAt, r.Reason, r.RemoveAt = StateCanceled, at.time(), e.Reason, timeOf(e.RemoveAtMS)
	case *events.IncidentRaised:
		r.Incidents++
	case *events.IncidentResolved:
		if r.Incidents--; r.Incidents < 0 {
			return fault(CodeInconsistent, at.String(), "expected an open incident, but %s has none", r.ID)
		}
	}
	return nil
}
