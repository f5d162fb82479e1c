package projector

import (
	"time"

	"github.com/weir-bpm/weir/events"
)

// archived is a row of the table transitions.
type archived struct {
	Partition  int64
	Seq        int64
	Index      int64
	InstanceID string
	FirstEvent int64
	Events     int64
	Command    string
	Kinds      []string
	Payload    []byte
	Time       time.Time
	LoggedAt   time.Time
}

func archivedColumns() []string {
	return []string{"partition", "seq", "idx", "instance_id", "first_event", "events", "command", "kinds", "payload", "time", "logged_at"}
}

func (r *archived) fields() []any {
	return []any{
		&r.Partition, &r.Seq, &r.Index, (*name)(&r.InstanceID), &r.FirstEvent, &r.Events, (*text)(&r.Command), &r.Kinds, &r.Payload,
		(*stamp)(&r.Time), (*stamp)(&r.LoggedAt),
	}
}

type archiveKey struct{ partition, seq, index int64 }

// archive folds transitions, not events: every one becomes one row.
type archive struct {
	*rowset[archiveKey, archived]
}

func newArchive() *archive {
	return &archive{newRowset(tableDef[archiveKey, archived]{
		name:    "transitions",
		columns: archivedColumns(),
		key:     []keyColumn{{"partition", "integer"}, {"seq", "bigint"}, {"idx", "integer"}},
		keyArgs: func(keys []archiveKey) []any {
			partitions, seqs, indexes := make([]int64, len(keys)), make([]int64, len(keys)), make([]int64, len(keys))
			for i, k := range keys {
				partitions[i], seqs[i], indexes[i] = k.partition, k.seq, k.index
			}
			return []any{partitions, seqs, indexes}
		},
		keyOf:    func(r *archived) archiveKey { return archiveKey{r.Partition, r.Seq, r.Index} },
		fields:   (*archived).fields,
		position: func(r *archived) *int64 { return &r.Seq },
	})}
}

func (a *archive) key(at *moment) archiveKey {
	return archiveKey{int64(at.partition), int64(at.seq), int64(at.index)}
}

func (a *archive) planTransition(at *moment) { a.touched(at, a.key(at), creates) }

func (a *archive) foldTransition(at *moment, first, count int64) error {
	r, err := a.open(at, "transition", a.key(at), creates)
	if err != nil || r == nil {
		return err
	}
	t := at.transition
	kinds := make([]string, len(t.Events))
	for i, e := range t.Events {
		kinds[i] = string(e.Kind())
	}
	payload, err := events.EncodeFrame(&events.Frame{Transitions: []events.Transition{*t}})
	if err != nil {
		return &Error{Code: CodeInconsistent, Op: at.String(), Err: err}
	}
	*r = archived{
		Partition: int64(at.partition), Seq: int64(at.seq), Index: int64(at.index),
		InstanceID: at.id(), FirstEvent: first, Events: count,
		Command: string(t.Command), Kinds: kinds, Payload: payload,
		Time: at.time(), LoggedAt: at.loggedAt,
	}
	return nil
}
