package projector

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/streams"
	"github.com/weir-bpm/weir/variables"
)

// Report is what [Projector.Verify] found.
type Report struct {
	Partitions []VerifiedPartition `json:"partitions"`
	// Tables counts the rows of each read table.
	Tables map[string]int64 `json:"tables"`
	// Differences lists the first differences, Total counts all.
	Differences []Difference `json:"differences"`
	Total       int64        `json:"total_differences"`
}

// OK says that the read models equal the fold of the log.
func (r *Report) OK() bool { return r.Total == 0 }

// VerifiedPartition tells up to where a log was folded for the comparison.
type VerifiedPartition struct {
	Partition ids.Partition `json:"partition"` // -1 is the definitions log
	Stream    string        `json:"stream"`
	Seq       uint64        `json:"seq"`
	Events    int64         `json:"events"`
}

// Difference is one row that is not as the log says. Expected is null where the
// log knows no such row, Actual where the table has none.
type Difference struct {
	Table    string          `json:"table"`
	ID       string          `json:"id"`
	Columns  []string        `json:"columns,omitempty"` // those that differ
	Expected json.RawMessage `json:"expected"`
	Actual   json.RawMessage `json:"actual"`
}

// maxDifferences bounds the list of a report.
const maxDifferences = 100

// verifyChunk is how many ended instances are compared at a time.
const verifyChunk = 500

// Verify folds each log from its beginning with a second, naive fold and
// compares every row with the tables as they are at one moment, while the
// projector goes on. It also checks the hash chain of what it reads. Memory
// grows with the open instances, and by some 100 bytes for each ended one. A log
// that was trimmed is a [CodeLogTrimmed] error, a broken chain [CodeLogCorrupt].
func (p *Projector) Verify(ctx context.Context) (*Report, error) {
	v := &verifier{p: p, report: &Report{Tables: map[string]int64{}}, expected: map[string]int64{}, seen: map[string]bool{}}
	opts := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	err := pgx.BeginTxFunc(ctx, p.cfg.Pool, opts, func(tx pgx.Tx) error {
		v.tx = tx
		return v.run(ctx)
	})
	if err != nil {
		return nil, classify("verify the projections in "+p.cfg.Schema, err)
	}
	return v.report, nil
}

type verifier struct {
	p      *Projector
	tx     pgx.Tx
	report *Report
	// expected counts the rows that the log gives, per table.
	expected map[string]int64
	seen     map[string]bool // instances
	dropped  time.Time       // the archive begins here
	removals *removals
}

// instanceTables lists the tables whose rows belong to instances, with the
// columns of their keys inside one.
func instanceTables() map[string][]string {
	return map[string][]string{
		"instances":             nil,
		"element_instances":     {"key"},
		"variables":             {"scope", "name"},
		"jobs":                  {"key"},
		"user_tasks":            {"key"},
		"incidents":             {"key"},
		"timers":                {"key"},
		"message_subscriptions": {"key"},
		"decision_evaluations":  {"key"},
	}
}

// otherTables lists the rest with their keys; the archive stands apart.
func otherTables() map[string][]string {
	return map[string][]string{
		"deployments":  {"id"},
		"resources":    {"deployment", "name"},
		"definitions":  {"tenant", "process_id", "version"},
		"decisions":    {"tenant", "decision_id", "version"},
		"start_timers": {"partition", "tenant", "process_id", "element_id"},
		"messages":     {"partition", "id"},
	}
}

func (v *verifier) table(name string) string { return qualify(v.p.cfg.Schema, name) }

func (v *verifier) run(ctx context.Context) error {
	if _, err := v.tx.Exec(ctx, "SET LOCAL timezone = 'UTC'"); err != nil {
		return err
	}
	removed, err := readRemovals(ctx, v.tx, v.p.cfg.Schema)
	if err != nil {
		return err
	}
	v.removals = newRemovals(removed)
	if err := v.tx.QueryRow(ctx, "SELECT dropped_upto FROM "+v.table("archive_state")).Scan((*stamp)(&v.dropped)); err != nil {
		return err
	}
	rows, err := v.tx.Query(ctx, "SELECT partition, seq, hash FROM "+v.table("checkpoints")+" ORDER BY partition")
	if err != nil {
		return err
	}
	type at struct {
		Partition int
		Seq       int64
		Hash      []byte
	}
	checkpoints, err := pgx.CollectRows(rows, pgx.RowToStructByPos[at])
	if err != nil {
		return err
	}
	others := map[string]record{}
	for _, c := range checkpoints {
		m := newModel(ids.Partition(c.Partition))
		if err := v.partition(ctx, m, uint64(c.Seq), c.Hash); err != nil {
			return err
		}
		if err := v.compareInstances(ctx, m, rootsFirst(m), true); err != nil {
			return err
		}
		for id, r := range m.others {
			others[id] = r
		}
	}
	if err := v.compareOthers(ctx, others); err != nil {
		return err
	}
	if err := v.compareRemovals(ctx); err != nil {
		return err
	}
	return v.compareCounts(ctx)
}

func mapKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// partition folds one log up to the checkpoint, comparing the archive and the
// instances that end on the way.
func (v *verifier) partition(ctx context.Context, m *model, upTo uint64, hash []byte) error {
	part := ids.Partition(m.partition)
	stream := StreamOf(v.p.cfg.Names, part)
	verified := VerifiedPartition{Partition: part, Stream: stream, Seq: upTo}
	defer func() { v.report.Partitions = append(v.report.Partitions, verified) }()
	if upTo == 0 {
		return nil
	}
	if _, _, err := checkLog(ctx, v.p.cfg.JS, stream, checkpoint{}); err != nil {
		if errors.Is(err, errNoLog) {
			return fault(CodeLogBackwards, "verify log "+stream, "the checkpoint is at sequence %d, but the log is gone", upTo)
		}
		return err
	}
	r := &patientReader{frames: streams.ReadFrames(v.p.cfg.JS, stream, 1)}
	defer r.close()
	var last events.Hash
	for at := uint64(0); at < upTo; {
		entries, err := r.next(ctx, upTo-at)
		if err != nil {
			return err
		}
		if len(entries) == 0 {
			if _, _, err := checkLog(ctx, v.p.cfg.JS, stream, checkpoint{seq: upTo}); err != nil {
				return err
			}
			continue
		}
		var archive []archiveRow
		for i := range entries {
			e := &entries[i]
			if e.Frame.Prev != last {
				return fault(CodeLogCorrupt, "verify log "+stream, "expected the frame at sequence %d to follow the frame with hash %x, but it names %x", e.Seq, last, e.Frame.Prev)
			}
			last, at = e.Hash, e.Seq
			for j := range e.Frame.Transitions {
				t := &e.Frame.Transitions[j]
				verified.Events += int64(len(t.Events))
				rec, err := m.apply(e.Seq, j, e.StoredAt.UTC().Truncate(time.Microsecond), t)
				if err != nil {
					return fault(CodeInconsistent, "verify log "+stream, "%w", err)
				}
				payload, err := events.EncodeFrame(&events.Frame{Transitions: []events.Transition{*t}})
				if err != nil {
					return err
				}
				archive = append(archive, archiveRow{rec: rec, payload: payload, loggedAt: e.StoredAt})
			}
		}
		if err := v.compareArchive(ctx, part, entries[0].Seq, at, archive); err != nil {
			return err
		}
		if len(m.ended) >= verifyChunk {
			done := m.ended
			m.ended = nil
			if err := v.compareInstances(ctx, m, done, false); err != nil {
				return err
			}
		}
	}
	if !bytes.Equal(last[:], hash) {
		v.differ("checkpoints", fmt.Sprint(m.partition), record{"hash": fmt.Sprintf("%x", last)}, record{"hash": fmt.Sprintf("%x", hash)})
	}
	return nil
}

func (v *verifier) differ(table, id string, expected, actual record) {
	v.report.Total++
	if len(v.report.Differences) >= maxDifferences {
		return
	}
	d := Difference{Table: table, ID: id, Expected: recordJSON(expected), Actual: recordJSON(actual)}
	if expected != nil && actual != nil {
		for _, c := range mapKeys(expected) {
			if a, ok := actual[c]; !ok || !variables.Equal(expected[c], a) {
				d.Columns = append(d.Columns, c)
			}
		}
	}
	v.report.Differences = append(v.report.Differences, d)
}

func recordJSON(r record) json.RawMessage {
	if r == nil {
		return json.RawMessage("null")
	}
	raw, err := variables.ToJSON(r)
	if err != nil {
		return json.RawMessage("null")
	}
	return raw
}

// read runs a query with one jsonb column, a row of a table, and hands out the
// rows.
func (v *verifier) read(ctx context.Context, visit func(record), sql string, args ...any) error {
	rows, err := v.tx.Query(ctx, sql, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var raw []byte
		if err := rows.Scan(&raw); err != nil {
			return err
		}
		val, err := variables.FromJSON(raw)
		if err != nil {
			return fmt.Errorf("read a row: %w", err)
		}
		r, ok := val.(map[string]any)
		if !ok {
			return fmt.Errorf("read a row: expected an object, but got %s", raw)
		}
		visit(r)
	}
	return rows.Err()
}

// rowID writes the key of a row as the model does.
func rowID(table string, key []string, r record) string {
	var b strings.Builder
	b.WriteString(table)
	for _, c := range key {
		fmt.Fprintf(&b, "/%v", r[c])
	}
	return b.String()
}

// compareInstances compares all rows of the instances. Those that agree leave the
// model; the others stay for the last comparison, since an id may start again.
func (v *verifier) compareInstances(ctx context.Context, m *model, list []string, last bool) error {
	for part := range slices.Chunk(list, verifyChunk) {
		live := map[string]map[string]record{}
		for table, key := range instanceTables() {
			column := "instance_id"
			if table == "instances" {
				column = "id"
			}
			err := v.read(ctx, func(r record) {
				id, _ := r[column].(string)
				if live[id] == nil {
					live[id] = map[string]record{}
				}
				live[id][rowID(table, key, r)] = r
			}, "SELECT to_jsonb(t) FROM "+v.table(table)+" t WHERE "+column+" = ANY($1)", part)
			if err != nil {
				return err
			}
		}
		for _, id := range part {
			want, got := m.instances[id], live[id]
			if want == nil {
				continue // compared before
			}
			if len(got) == 0 && v.removals.explain(m, id) {
				continue
			}
			if !last && !sameRows(want, got) {
				continue
			}
			if len(m.lives[id]) > 0 {
				want = v.removals.newestLife(m, id, want, got)
			}
			for _, row := range mapKeys(want) {
				if !variables.Equal(want[row], got[row]) || got[row] == nil {
					table, _, _ := strings.Cut(row, "/")
					v.differ(table, id+strings.TrimPrefix(row, table), want[row], got[row])
				}
			}
			for _, row := range mapKeys(got) {
				table, _, _ := strings.Cut(row, "/")
				if want[row] == nil {
					v.differ(table, id+strings.TrimPrefix(row, table), nil, got[row])
				}
				v.expected[table]++ // the rows that are there have been looked at
			}
			v.seen[id] = true
			delete(m.instances, id)
		}
	}
	return nil
}

func sameRows(a, b map[string]record) bool {
	if len(a) != len(b) {
		return false
	}
	for id, r := range a {
		if !variables.Equal(r, b[id]) {
			return false
		}
	}
	return true
}

func (v *verifier) compareOthers(ctx context.Context, want map[string]record) error {
	for table, key := range otherTables() {
		err := v.read(ctx, func(r record) {
			id := rowID(table, key, r)
			v.expected[table]++
			if !variables.Equal(want[id], r) || want[id] == nil {
				v.differ(table, strings.TrimPrefix(id, table+"/"), want[id], r)
			}
			delete(want, id)
		}, "SELECT to_jsonb(t) FROM "+v.table(table)+" t")
		if err != nil {
			return err
		}
	}
	for _, id := range mapKeys(want) {
		table, key, _ := strings.Cut(id, "/")
		v.differ(table, key, want[id], nil)
	}
	return nil
}

// archiveRow is what the archive should hold for a transition.
type archiveRow struct {
	rec      record
	payload  []byte
	loggedAt time.Time
}

// compareArchive compares the archived transitions of a range of sequences.
func (v *verifier) compareArchive(ctx context.Context, part ids.Partition, from, to uint64, want []archiveRow) error {
	want = slices.DeleteFunc(want, func(r archiveRow) bool { return r.loggedAt.Before(v.dropped) })
	byID := make(map[string]archiveRow, len(want))
	key := []string{"seq", "idx"}
	for _, w := range want {
		w.rec["payload"] = fmt.Sprintf("\\x%x", w.payload)
		byID[rowID("", key, w.rec)] = w
	}
	err := v.read(ctx, func(r record) {
		id := rowID("", key, r)
		v.expected["transitions"]++
		w, ok := byID[id]
		switch {
		case !ok:
			v.differ("transitions", fmt.Sprintf("%d%s", part, id), nil, r)
		case !variables.Equal(w.rec, r):
			v.differ("transitions", fmt.Sprintf("%d%s", part, id), w.rec, r)
		}
		delete(byID, id)
	}, "SELECT to_jsonb(t) FROM "+v.table("transitions")+" t WHERE partition = $1 AND seq BETWEEN $2 AND $3", int(part), int64(from), int64(to))
	if err != nil {
		return err
	}
	for _, id := range mapKeys(byID) {
		v.differ("transitions", fmt.Sprintf("%d%s", part, id), byID[id].rec, nil)
	}
	return nil
}

// compareCounts finds the rows that no comparison has come across, because the
// log knows nothing of their instance or sequence.
func (v *verifier) compareCounts(ctx context.Context) error {
	tables := append(mapKeys(instanceTables()), mapKeys(otherTables())...)
	for _, table := range append(tables, "transitions") {
		var n int64
		if err := v.tx.QueryRow(ctx, "SELECT count(*) FROM "+v.table(table)).Scan(&n); err != nil {
			return err
		}
		v.report.Tables[table] = n
		if n == v.expected[table] {
			continue
		}
		if _, ok := instanceTables()[table]; !ok {
			v.differ(table, "", record{"rows": v.expected[table]}, record{"rows": n})
			continue
		}
		column := "instance_id"
		if table == "instances" {
			column = "id"
		}
		err := v.read(ctx, func(r record) {
			if id, _ := r[column].(string); !v.seen[id] {
				v.differ(table, strings.TrimPrefix(rowID(table, append([]string{column}, instanceTables()[table]...), r), table+"/"), nil, r)
			}
		}, "SELECT to_jsonb(t) FROM "+v.table(table)+" t")
		if err != nil {
			return err
		}
	}
	return nil
}
