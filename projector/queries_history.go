package projector

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/ids"
)

// HistoryEvent is one event of an instance as the archive has it.
type HistoryEvent struct {
	// N is the number of the event in its instance, from 1. It is the N of
	// `weir replay ID --at N`.
	N          int64           `json:"n"`
	Kind       string          `json:"kind"`
	Time       time.Time       `json:"time"`
	Seq        uint64          `json:"seq"`
	Transition int64           `json:"transition"` // place in the frame, from 0
	Command    string          `json:"command"`
	Payload    json.RawMessage `json:"payload"`
}

// History returns the events of an instance in order, at most limit of them
// after the event with the number after (0 for the first). A limit of 0 is
// [DefaultLimit]. [CodeNotFound] if there is no such instance. Events whose
// archive was dropped are missing at the beginning; those of an instance that was
// removed are there until then.
func (q *Queries) History(ctx context.Context, id ids.Instance, after int64, limit int) ([]HistoryEvent, error) {
	switch {
	case limit == 0:
		limit = DefaultLimit
	case limit < 0 || limit > MaxLimit:
		return nil, fault(CodeInvalid, "query history", "limit: expected 1 to %d, but got %d", MaxLimit, limit)
	}
	out := []HistoryEvent{}
	err := q.transitions(ctx, id, after, func(first int64, seq uint64, index int64, t *events.Transition) (bool, error) {
		for i, e := range t.Events {
			n := first + int64(i)
			if n <= after {
				continue
			}
			if len(out) == limit {
				return false, nil
			}
			payload, err := EventJSON(e)
			if err != nil {
				return false, err
			}
			out = append(out, HistoryEvent{
				N: n, Kind: string(e.Kind()), Time: clockOf(t.TimeMS), Seq: seq, Transition: index, Command: string(t.Command), Payload: payload,
			})
		}
		return len(out) < limit, nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Transitions hands out the archived transitions of an instance in order, as the
// log had them, for replay after the log was trimmed. It stops early if visit
// returns false.
func (q *Queries) Transitions(ctx context.Context, id ids.Instance, visit func(seq uint64, t *events.Transition) (bool, error)) error {
	return q.transitions(ctx, id, 0, func(_ int64, seq uint64, _ int64, t *events.Transition) (bool, error) { return visit(seq, t) })
}

// archivePage is how many transitions are read at a time.
const archivePage = 200

func (q *Queries) transitions(ctx context.Context, id ids.Instance, after int64, visit func(int64, uint64, int64, *events.Transition) (bool, error)) error {
	in, err := all(ctx, q.pool, q.schema, instanceSource(), one("id", id))
	if err != nil {
		return err
	}
	var from time.Time
	if len(in) > 0 {
		from = in[0].LoggedAt // leaves out the days from before the instance
	}
	s := source[archived]{table: "transitions", columns: archivedColumns(), fields: (*archived).fields}
	lastSeq, lastIndex := int64(-1), int64(-1)
	for {
		rows, err := read(ctx, q.pool, s, fmt.Sprintf(`SELECT %s FROM %s
			WHERE instance_id = $1 AND instance_id <> '' AND partition = $2 AND logged_at >= coalesce($3::timestamptz, '-infinity') AND (seq, idx) > ($4, $5) AND first_event + events > $6
			ORDER BY seq, idx LIMIT %d`, strings.Join(s.columns, ", "), qualify(q.schema, s.table), archivePage),
			string(id), int(id.Partition()), stamp(from), lastSeq, lastIndex, after+1)
		if err != nil {
			return err
		}
		if len(in) == 0 && len(rows) == 0 && lastSeq < 0 {
			return q.removedOr(ctx, id, notFound("instance", string(id)))
		}
		for i := range rows {
			r := &rows[i]
			f, err := events.DecodeFrame(r.Payload)
			if err == nil && len(f.Transitions) != 1 {
				err = fmt.Errorf("%w: expected one transition, but got %d", events.ErrCorrupt, len(f.Transitions))
			}
			if err != nil {
				return classify(fmt.Sprintf("read transition %d/%d/%d of the archive", r.Partition, r.Seq, r.Index), err)
			}
			more, err := visit(r.FirstEvent, uint64(r.Seq), r.Index, &f.Transitions[0])
			if err != nil || !more {
				return err
			}
			lastSeq, lastIndex = r.Seq, r.Index
		}
		if len(rows) < archivePage {
			return nil
		}
	}
}

// removedOr returns nil if the archive has an instance whose rows have been
// removed, else the error.
func (q *Queries) removedOr(ctx context.Context, id ids.Instance, unknown error) error {
	var there bool
	err := q.pool.QueryRow(ctx, "SELECT EXISTS (SELECT 1 FROM "+qualify(q.schema, "transitions")+" WHERE instance_id = $1 AND instance_id <> '' AND partition = $2)",
		string(id), int(id.Partition())).Scan(&there)
	switch {
	case err != nil:
		return fmt.Errorf("query history: %w", err)
	case there:
		return nil
	}
	return unknown
}
