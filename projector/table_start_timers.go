package projector

import (
	"time"

	"github.com/weir-bpm/weir/events"
)

// StartTimer is a row of the table start_timers: the timer start event of the
// newest version of a process that has it.
type StartTimer struct {
	Tenant     string    `json:"tenant"`
	ProcessID  string    `json:"process_id"`
	ElementID  string    `json:"element_id"`
	Partition  int64     `json:"partition"`
	Version    int64     `json:"version"`
	Digest     string    `json:"digest"`
	Deployment string    `json:"deployment"`
	Spec       string    `json:"spec"`
	State      string    `json:"state"`             // scheduled, fired, failed, canceled
	Problem    string    `json:"problem,omitempty"` // why it could not be armed
	Cycle      string    `json:"cycle,omitempty"`
	Remaining  int64     `json:"remaining"`
	Fired      int64     `json:"fired"`
	DueAt      time.Time `json:"due_at,omitzero"`
	FiredAt    time.Time `json:"fired_at,omitzero"`
	UpdatedAt  time.Time `json:"updated_at"`
	Position   int64     `json:"position"`
}

func startTimerColumns() []string {
	return []string{
		"tenant", "process_id", "element_id", "partition", "version", "digest", "deployment", "spec", "state", "problem", "cycle",
		"remaining", "fired", "due_at", "fired_at", "updated_at", "position",
	}
}

func (r *StartTimer) fields() []any {
	return []any{
		(*name)(&r.Tenant), (*name)(&r.ProcessID), (*name)(&r.ElementID), &r.Partition, &r.Version, (*text)(&r.Digest), (*text)(&r.Deployment), (*text)(&r.Spec), &r.State, (*text)(&r.Problem), (*text)(&r.Cycle),
		&r.Remaining, &r.Fired, (*stamp)(&r.DueAt), (*stamp)(&r.FiredAt), (*stamp)(&r.UpdatedAt), &r.Position,
	}
}

// startTimerKey holds its parts as their columns do.
type startTimerKey struct {
	partition                int64
	tenant, process, element string
}

func newStartTimers() handler {
	key := func(partition int64, tenant, process, element string) startTimerKey {
		return startTimerKey{partition, shorten(tenant), shorten(process), shorten(element)}
	}
	return newRowset(tableDef[startTimerKey, StartTimer]{
		name:    "start_timers",
		kinds:   []events.Kind{"start_timer.scheduled", "start_timer.fired", "start_timer.canceled"},
		columns: startTimerColumns(),
		key:     []keyColumn{{"partition", "integer"}, {"tenant", "text"}, {"process_id", "text"}, {"element_id", "text"}},
		keyArgs: func(keys []startTimerKey) []any {
			partitions := make([]int64, len(keys))
			tenants, processes, elements := make([]string, len(keys)), make([]string, len(keys)), make([]string, len(keys))
			for i, k := range keys {
				partitions[i] = k.partition
				tenants[i], processes[i], elements[i] = k.tenant, k.process, k.element
			}
			return []any{partitions, tenants, processes, elements}
		},
		keyOf:    func(r *StartTimer) startTimerKey { return key(r.Partition, r.Tenant, r.ProcessID, r.ElementID) },
		fields:   (*StartTimer).fields,
		position: func(r *StartTimer) *int64 { return &r.Position },
		touch: func(at *moment, e events.Event, visit func(startTimerKey, verb)) {
			switch e := e.(type) {
			case *events.StartTimerScheduled:
				visit(key(int64(at.partition), e.Tenant, e.Definition.ProcessID, e.ElementID), upserts)
			case *events.StartTimerFired:
				visit(key(int64(at.partition), e.Tenant, e.ProcessID, e.ElementID), changes)
			case *events.StartTimerCanceled:
				visit(key(int64(at.partition), e.Tenant, e.ProcessID, e.ElementID), upserts)
			}
		},
		apply: applyStartTimer,
	})
}

func applyStartTimer(at *moment, e events.Event, r *StartTimer, _ startTimerKey) error {
	r.UpdatedAt = at.time()
	switch e := e.(type) {
	case *events.StartTimerScheduled:
		r.Tenant, r.ProcessID, r.ElementID, r.Partition = e.Tenant, e.Definition.ProcessID, e.ElementID, int64(at.partition)
		r.Version, r.Digest, r.Deployment = int64(e.Definition.Version), e.Definition.Digest, e.Definition.Deployment
		r.Spec, r.State, r.Cycle, r.Remaining, r.Fired = e.Spec, "scheduled", e.Cycle, int64(e.Remaining), e.Fired
		r.DueAt, r.Problem = timeOf(e.DueMS), e.Problem
		switch {
		case e.Problem != "":
			r.State = "failed"
		case e.DueMS == 0:
			r.State = "fired"
		}
	case *events.StartTimerFired:
		r.Fired++
		r.FiredAt, r.DueAt, r.Remaining = at.time(), timeOf(e.NextDueMS), int64(e.Remaining)
		if e.NextDueMS == 0 {
			r.State, r.Remaining = "fired", 0
		}
	case *events.StartTimerCanceled:
		r.Tenant, r.ProcessID, r.ElementID, r.Partition = e.Tenant, e.ProcessID, e.ElementID, int64(at.partition)
		r.State, r.DueAt = StateCanceled, time.Time{}
	}
	return nil
}
