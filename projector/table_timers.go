package projector

import (
	"time"

	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/ids"
)

// Timer is a row of the table timers.
type Timer struct {
	ID         string    `json:"id"`
	InstanceID string    `json:"instance_id"`
	Key        int64     `json:"key"`
	Element    int64     `json:"element"`
	ElementID  string    `json:"element_id"`
	State      string    `json:"state"` // scheduled, fired, canceled
	Cycle      string    `json:"cycle,omitempty"`
	Remaining  int64     `json:"remaining"` // firings to come, -1 without end
	Fired      int64     `json:"fired"`
	DueAt      time.Time `json:"due_at,omitzero"`
	FiredAt    time.Time `json:"fired_at,omitzero"`
	CreatedAt  time.Time `json:"created_at"`
	EndedAt    time.Time `json:"ended_at,omitzero"`
	Position   int64     `json:"position"`
}

func timerColumns() []string {
	return []string{
		"instance_id", "key", "element", "element_id", "state", "cycle", "remaining", "fired",
		"due_at", "fired_at", "created_at", "ended_at", "position",
	}
}

func (r *Timer) fields() []any {
	return []any{
		(*name)(&r.InstanceID), &r.Key, &r.Element, (*text)(&r.ElementID), &r.State, (*text)(&r.Cycle), &r.Remaining, &r.Fired,
		(*stamp)(&r.DueAt), (*stamp)(&r.FiredAt), (*stamp)(&r.CreatedAt), (*stamp)(&r.EndedAt), &r.Position,
	}
}

func newTimers() handler {
	return newRowset(tableDef[inInstance, Timer]{
		name:     "timers",
		kinds:    []events.Kind{"timer.scheduled", "timer.fired", "timer.canceled"},
		columns:  timerColumns(),
		key:      inInstanceKey(),
		keyArgs:  inInstanceArgs,
		keyOf:    func(r *Timer) inInstance { return inInstance{r.InstanceID, r.Key} },
		fields:   (*Timer).fields,
		position: func(r *Timer) *int64 { return &r.Position },
		touch: func(at *moment, e events.Event, visit func(inInstance, verb)) {
			key, v := ids.Key(0), changes
			switch e := e.(type) {
			case *events.TimerScheduled:
				key, v = e.Key, creates
			case *events.TimerFired:
				key = e.Key
			case *events.TimerCanceled:
				key = e.Key
			}
			visit(inInstance{at.id(), int64(key)}, v)
		},
		apply: applyTimer,
	})
}

func applyTimer(at *moment, e events.Event, r *Timer, k inInstance) error {
	switch e := e.(type) {
	case *events.TimerScheduled:
		r.InstanceID, r.Key, r.Element, r.ElementID = k.instance, k.key, int64(e.Element), e.Target
		r.State, r.Cycle, r.Remaining = "scheduled", e.Cycle, int64(e.Remaining)
		r.DueAt, r.CreatedAt = timeOf(e.DueMS), at.time()
	case *events.TimerFired:
		r.Fired++
		r.FiredAt, r.DueAt, r.Remaining = at.time(), timeOf(e.NextDueMS), int64(e.Remaining)
		if e.Cycle != "" {
			r.Cycle = e.Cycle
		}
		if e.NextDueMS == 0 {
			r.State, r.EndedAt, r.Remaining = "fired", at.time(), 0
		}
	case *events.TimerCanceled:
		r.State, r.EndedAt, r.DueAt = StateCanceled, at.time(), time.Time{}
	}
	return nil
}
