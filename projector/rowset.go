package projector

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/weir-bpm/weir/events"
)

// verb says how an event touches a row.
type verb int

const (
	changes verb = iota // the row exists
	creates             // the row is new
	upserts             // the row may exist
)

// tableDef tells a rowset about its table.
type tableDef[K comparable, R any] struct {
	name string
	// kinds lists the events that touch or change rows.
	kinds []events.Kind
	// columns are those of the table, in the order of fields.
	columns []string
	// key names the key's columns with their types, keyArgs gives one array for
	// each, and keyOf the key of a row.
	key     []keyColumn
	keyArgs func([]K) []any
	keyOf   func(*R) K
	// fields gives a pointer to each column of the row, for reading and writing.
	fields func(*R) []any
	// position gives the place of the sequence at which the row last changed.
	position func(*R) *int64
	// touch names the rows that an event touches.
	touch func(at *moment, e events.Event, visit func(K, verb))
	// apply changes a row that the event touches.
	apply func(at *moment, e events.Event, r *R, k K) error
}

type keyColumn struct{ name, typ string }

// rowset holds the rows of one table that a batch touches: the generic part of a
// handler.
//
// Rows that exist are taken out of the table by DELETE … RETURNING, folded, and
// written with the new ones by one COPY: two statements a table, however many
// rows. Readers see nothing of it before the commit.
//
// A row is guarded by the sequence at which it last changed: events up to it
// leave the row alone.
type rowset[K comparable, R any] struct {
	tableDef[K, R]
	careful bool
	rows    map[K]*entry[R]
	order   []K
	need    []K
}

type entry[R any] struct {
	row *R
	// guard is the position of a row that was loaded.
	guard uint64
}

func newRowset[K comparable, R any](def tableDef[K, R]) *rowset[K, R] {
	return &rowset[K, R]{tableDef: def, rows: map[K]*entry[R]{}}
}

func (s *rowset[K, R]) table() string        { return s.name }
func (s *rowset[K, R]) kinds() []events.Kind { return s.tableDef.kinds }
func (s *rowset[K, R]) inInstance() bool     { return s.columns[0] == "instance_id" }

func (s *rowset[K, R]) begin(careful bool) {
	s.careful = careful
	clear(s.rows)
	s.order = s.order[:0]
	s.need = s.need[:0]
}

func (s *rowset[K, R]) plan(at *moment, e events.Event) {
	s.touch(at, e, func(k K, v verb) { s.touched(at, k, v) })
}

func (s *rowset[K, R]) touched(at *moment, k K, v verb) {
	if _, ok := s.rows[k]; ok {
		return
	}
	s.rows[k] = &entry[R]{}
	s.order = append(s.order, k)
	if s.careful || v != creates && !at.fresh {
		s.need = append(s.need, k)
	}
}

func (s *rowset[K, R]) load(ctx context.Context, tx pgx.Tx, schema string) error {
	if len(s.need) == 0 {
		return nil
	}
	rows, err := tx.Query(ctx, s.takeSQL(schema), s.keyArgs(s.need)...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		r := new(R)
		if err := rows.Scan(s.fields(r)...); err != nil {
			return err
		}
		e, ok := s.rows[s.keyOf(r)]
		if !ok {
			return fault(CodeInconsistent, "load "+s.name, "row %v was not asked for", s.keyOf(r))
		}
		e.row, e.guard = r, uint64(*s.position(r))
	}
	return rows.Err()
}

// takeSQL deletes the rows of the given keys and returns them.
func (s *rowset[K, R]) takeSQL(schema string) string {
	var args, cols, match []string
	for i, c := range s.key {
		args = append(args, fmt.Sprintf("$%d::%s[]", i+1, c.typ))
		cols = append(cols, fmt.Sprintf("k%d", i))
		match = append(match, fmt.Sprintf("t.%s = k.k%d", c.name, i))
	}
	returning := make([]string, len(s.columns))
	for i, c := range s.columns {
		returning[i] = "t." + c
	}
	return fmt.Sprintf("DELETE FROM %s t USING unnest(%s) AS k(%s) WHERE %s RETURNING %s",
		qualify(schema, s.name), strings.Join(args, ", "), strings.Join(cols, ", "),
		strings.Join(match, " AND "), strings.Join(returning, ", "))
}

func (s *rowset[K, R]) fold(at *moment, e events.Event) error {
	var failed error
	s.touch(at, e, func(k K, v verb) {
		if failed != nil {
			return
		}
		r, err := s.open(at, e.Kind(), k, v)
		if err == nil && r != nil {
			err = s.apply(at, e, r, k)
		}
		failed = err
	})
	return failed
}

// open returns the row to change, nil if the guard leaves it alone.
func (s *rowset[K, R]) open(at *moment, kind events.Kind, k K, v verb) (*R, error) {
	e, ok := s.rows[k]
	if !ok {
		return nil, fault(CodeInconsistent, at.String(), "%s touches row %v of %s, which was not planned", kind, k, s.name)
	}
	if e.guard >= at.seq {
		return nil, nil
	}
	switch v {
	case creates:
		e.row = new(R)
	case upserts:
		if e.row == nil {
			e.row = new(R)
		}
	case changes:
		if e.row == nil {
			return nil, fault(CodeInconsistent, at.String(), "%s expected row %v in %s, but there is none", kind, k, s.name)
		}
	}
	*s.position(e.row) = int64(at.seq)
	return e.row, nil
}

func (s *rowset[K, R]) write(ctx context.Context, tx pgx.Tx, schema string) error {
	src := &rowSource[K, R]{set: s, at: -1}
	if !src.Next() {
		return nil // COPY costs two round trips even for nothing
	}
	src = &rowSource[K, R]{set: s, at: -1}
	n, err := tx.CopyFrom(ctx, pgx.Identifier{schema, s.name}, s.columns, src)
	if err != nil {
		return err
	}
	if n != src.count {
		return fault(CodeInconsistent, "write "+s.name, "expected to copy %d rows, but Postgres took %d", src.count, n)
	}
	return nil
}

// rowSource feeds the rows of a rowset to COPY, in the order in which the batch
// touched them.
type rowSource[K comparable, R any] struct {
	set   *rowset[K, R]
	at    int
	row   *R
	count int64
}

func (c *rowSource[K, R]) Next() bool {
	for c.at++; c.at < len(c.set.order); c.at++ {
		if c.row = c.set.rows[c.set.order[c.at]].row; c.row != nil {
			c.count++
			return true
		}
	}
	return false
}

func (c *rowSource[K, R]) Values() ([]any, error) { return c.set.fields(c.row), nil }
func (c *rowSource[K, R]) Err() error             { return nil }

func qualify(schema, table string) string { return pgx.Identifier{schema, table}.Sanitize() }

// inInstance is the key of a thing numbered by its instance's counter.
type inInstance struct {
	instance string
	key      int64
}

func (k inInstance) String() string { return fmt.Sprintf("%s-%d", k.instance, k.key) }

func inInstanceArgs(keys []inInstance) []any {
	instances, numbers := make([]string, len(keys)), make([]int64, len(keys))
	for i, k := range keys {
		instances[i], numbers[i] = k.instance, k.key
	}
	return []any{instances, numbers}
}

// inInstanceKey are the key columns of most tables.
func inInstanceKey() []keyColumn {
	return []keyColumn{{"instance_id", "text"}, {"key", "bigint"}}
}
