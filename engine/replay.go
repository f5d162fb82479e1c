package engine

import (
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/variables"
)

// Replayer rebuilds one instance from its transitions, with the functions that
// live processing uses.
type Replayer struct {
	id    ids.Instance
	state *State
	last  *Instance // as it was before it ended
}

// NewReplayer returns a replayer of an instance.
func NewReplayer(id ids.Instance) *Replayer {
	return &Replayer{id: id, state: NewState(Config{Partition: id.Partition()}, nil)}
}

// Portrayal is the state of an instance as people and programs read it. Ids are
// whole, keys are the instance's own numbers.
type Portrayal struct {
	InstanceID    string                  `json:"instance_id"`
	Ended         bool                    `json:"ended"`
	Tenant        string                  `json:"tenant"`
	ProcessID     string                  `json:"process_id"`
	Version       int                     `json:"version"`
	BusinessKey   string                  `json:"business_key,omitempty"`
	Parent        string                  `json:"parent,omitempty"`
	Variables     variables.Document      `json:"variables"`
	Elements      []PortrayedElement      `json:"elements"`
	Jobs          []PortrayedJob          `json:"jobs"`
	UserTasks     []PortrayedTask         `json:"user_tasks"`
	Timers        []PortrayedTimer        `json:"timers"`
	Subscriptions []PortrayedSubscription `json:"message_subscriptions"`
	Incidents     []PortrayedIncident     `json:"incidents"`
	Compensable   []PortrayedCompleted    `json:"compensable,omitempty"`
}

// PortrayedElement is an active element instance.
type PortrayedElement struct {
	Key       ids.Key            `json:"key"`
	Scope     ids.Key            `json:"scope"`
	ElementID string             `json:"element_id"`
	Type      string             `json:"type"`
	Variables variables.Document `json:"variables,omitempty"`
	Tokens    map[string]int     `json:"waiting_tokens,omitempty"`
	Child     string             `json:"child,omitempty"`
}

// PortrayedJob is an open job.
type PortrayedJob struct {
	ID        string `json:"id"`
	ElementID string `json:"element_id"`
	Type      string `json:"type"`
	Retries   int    `json:"retries"`
	Attempt   int    `json:"attempt"`
	Failed    bool   `json:"failed,omitempty"`
	RetryAtMS int64  `json:"retry_at_ms,omitempty"`
}

// PortrayedTask is an open user task.
type PortrayedTask struct {
	ID        string `json:"id"`
	ElementID string `json:"element_id"`
	Assignee  string `json:"assignee,omitempty"`
}

// PortrayedTimer is an armed timer.
type PortrayedTimer struct {
	ID        string `json:"id"`
	ElementID string `json:"element_id"`
	DueMS     int64  `json:"due_ms"`
	Cycle     string `json:"cycle,omitempty"`
	Remaining int    `json:"remaining"`
}

// PortrayedSubscription is an open wait for a message, signal or condition.
type PortrayedSubscription struct {
	ID        string `json:"id"`
	ElementID string `json:"element_id"`
	// Kind is signal or condition; empty for messages.
	Kind           string `json:"kind,omitempty"`
	Name           string `json:"name,omitempty"`
	CorrelationKey string `json:"correlation_key,omitempty"`
}

// PortrayedIncident is an open incident.
type PortrayedIncident struct {
	ID        string `json:"id"`
	ElementID string `json:"element_id"`
	Step      string `json:"step"`
	Code      string `json:"code"`
	Message   string `json:"message"`
}

// PortrayedCompleted is an activity that has completed and can be compensated.
type PortrayedCompleted struct {
	Key       ids.Key            `json:"key"`
	Scope     ids.Key            `json:"scope"`
	ElementID string             `json:"element_id"`
	Variables variables.Document `json:"variables,omitempty"`
}

// Apply applies one event of a transition of the instance and returns the state
// after it. Give it the events of the instance in order, from the first. An event
// that does not fit is a *CorruptError.
func (r *Replayer) Apply(seq uint64, t *events.Transition, e events.Event) (p *Portrayal, err error) {
	defer func() {
		switch v := recover().(type) {
		case nil:
		case *CorruptError:
			err = v
		default:
			panic(v)
		}
	}()
	if t.Instance != r.id {
		return nil, corrupt("an event of instance %q is not one of %s", t.Instance, r.id)
	}
	r.state.apply(t, e, seq)
	in := r.state.instances[r.id]
	ended := in == nil
	if !ended {
		r.last = in
	}
	return r.last.portray(ended), nil
}

func (in *Instance) portray(ended bool) *Portrayal {
	p := &Portrayal{
		InstanceID: string(in.ID), Ended: ended, Tenant: in.Tenant, ProcessID: in.Definition.ProcessID,
		Version: in.Definition.Version, BusinessKey: in.BusinessKey, Parent: string(in.Parent),
		Variables: copyOf(in.Elements[0].Variables), Elements: []PortrayedElement{}, Jobs: []PortrayedJob{}, UserTasks: []PortrayedTask{},
		Timers: []PortrayedTimer{}, Subscriptions: []PortrayedSubscription{}, Incidents: []PortrayedIncident{},
	}
	for _, el := range in.Elements {
		out := PortrayedElement{Key: el.Key, Scope: el.Scope, ElementID: el.ElementID, Type: el.Type, Child: string(el.Child)}
		if el.Scope != 0 {
			out.Variables = copyOf(el.Variables)
		}
		for _, t := range el.Tokens {
			if out.Tokens == nil {
				out.Tokens = map[string]int{}
			}
			out.Tokens[t.FlowID] = t.Count
		}
		if el.Scope != 0 || out.Tokens != nil {
			p.Elements = append(p.Elements, out)
		}
	}
	for _, j := range in.Jobs {
		p.Jobs = append(p.Jobs, PortrayedJob{ids.Join(in.ID, j.Key), j.ElementID, j.Type, j.Retries, j.Attempt, j.Failed, j.RetryAtMS})
	}
	for _, t := range in.Tasks {
		p.UserTasks = append(p.UserTasks, PortrayedTask{ids.Join(in.ID, t.Key), t.ElementID, t.Assignee})
	}
	for _, t := range in.Timers {
		p.Timers = append(p.Timers, PortrayedTimer{ids.Join(in.ID, t.Key), t.Target, t.DueMS, t.Cycle, t.Remaining})
	}
	for _, s := range in.Subscriptions {
		p.Subscriptions = append(p.Subscriptions, PortrayedSubscription{ids.Join(in.ID, s.Key), s.Target, string(s.Kind), s.Name, s.CorrelationKey})
	}
	for _, i := range in.Incidents {
		p.Incidents = append(p.Incidents, PortrayedIncident{ids.Join(in.ID, i.Key), i.ElementID, string(i.Step), string(i.Code), i.Message})
	}
	for _, c := range in.Completed {
		p.Compensable = append(p.Compensable, PortrayedCompleted{c.Key, c.Scope, c.ElementID, copyOf(c.Variables)})
	}
	return p
}

// copyOf copies the names of a document; the values are never changed in place.
func copyOf(d variables.Document) variables.Document {
	out := make(variables.Document, len(d))
	for name, v := range d {
		out[name] = v
	}
	return out
}
