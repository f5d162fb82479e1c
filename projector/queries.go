package projector

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/weir-bpm/weir/ids"
)

// Queries reads the read models. It needs no projector in the same process. Its
// methods may be called concurrently.
type Queries struct {
	pool   *pgxpool.Pool
	schema string
}

// NewQueries returns the queries over a schema; an empty one is [DefaultSchema].
func NewQueries(pool *pgxpool.Pool, schema string) (*Queries, error) {
	cfg := Config{Schema: schema}.WithDefaults()
	if !schemaName.MatchString(cfg.Schema) {
		return nil, fault(CodeInvalid, "query the read models", "%q is no schema name", schema)
	}
	return &Queries{pool: pool, schema: cfg.Schema}, nil
}

// The bounds of a page.
const (
	DefaultLimit = 50
	MaxLimit     = 1000
)

// Page is one page of a list, in the order of the ids. After is the cursor that
// the page before returned, empty for the first one.
type Page struct {
	After string
	// Limit is how many rows at most, default [DefaultLimit], at most [MaxLimit].
	Limit int
	// Newest begins with the newest ids instead of the oldest.
	Newest bool
}

// List is a page of rows. Next is the cursor of the next page, empty at the end.
type List[R any] struct {
	Items []R    `json:"items"`
	Next  string `json:"next,omitempty"`
}

// where collects the conditions of a query with their arguments.
type where struct {
	conds []string
	args  []any
}

// add appends a condition; each %s in it becomes the placeholder of an argument.
func (w *where) add(cond string, args ...any) {
	marks := make([]any, len(args))
	for i, a := range args {
		w.args = append(w.args, a)
		marks[i] = fmt.Sprintf("$%d", len(w.args))
	}
	w.conds = append(w.conds, fmt.Sprintf(cond, marks...))
}

// equal appends column = value unless the value is empty, "any".
func (w *where) equal(column, value string) {
	if value != "" {
		w.add(column+" = %s", shorten(value))
	}
}

func (w *where) String() string {
	if len(w.conds) == 0 {
		return "true"
	}
	return strings.Join(w.conds, " AND ")
}

// encodeCursor and decodeCursor write the key of the last row of a page.
func encodeCursor(parts ...any) (string, error) {
	raw, err := json.Marshal(parts)
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(raw), nil
}

func decodeCursor(cursor string, n int) ([]any, error) {
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	var parts []json.RawMessage
	if err == nil {
		err = json.Unmarshal(raw, &parts)
	}
	if err != nil || len(parts) != n {
		return nil, fault(CodeInvalid, "read a page", "%q is no cursor of this list", cursor)
	}
	out := make([]any, n)
	for i, p := range parts {
		var text string
		var number int64
		switch {
		case json.Unmarshal(p, &text) == nil:
			out[i] = text
		case json.Unmarshal(p, &number) == nil:
			out[i] = number
		default:
			return nil, fault(CodeInvalid, "read a page", "%q is no cursor of this list", cursor)
		}
	}
	return out, nil
}

// source says how to read a kind of row.
type source[R any] struct {
	table   string
	columns []string
	fields  func(*R) []any
	// key names the columns that order a list, and keyOf their values.
	key   []string
	keyOf func(*R) []any
	// finish turns what the columns hold into what callers see.
	finish func(*R) error
}

// all reads the rows that the conditions let through, in the order of the key.
func all[R any](ctx context.Context, q querier, schema string, s source[R], w *where) ([]R, error) {
	return read(ctx, q, s, "SELECT "+strings.Join(s.columns, ", ")+" FROM "+qualify(schema, s.table)+" WHERE "+w.String()+
		" ORDER BY "+strings.Join(s.key, ", "), w.args...)
}

func read[R any](ctx context.Context, q querier, s source[R], sql string, args ...any) ([]R, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("query %s: %w", s.table, err)
	}
	defer rows.Close()
	out := []R{}
	for rows.Next() {
		var r R
		if err := rows.Scan(s.fields(&r)...); err != nil {
			return nil, fmt.Errorf("query %s: %w", s.table, err)
		}
		if s.finish != nil {
			if err := s.finish(&r); err != nil {
				return nil, fmt.Errorf("query %s: %w", s.table, err)
			}
		}
		out = append(out, r)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("query %s: %w", s.table, err)
	}
	return out, nil
}

// page reads one page.
func page[R any](ctx context.Context, q *Queries, s source[R], w *where, pg Page) (*List[R], error) {
	limit := pg.Limit
	switch {
	case limit == 0:
		limit = DefaultLimit
	case limit < 0 || limit > MaxLimit:
		return nil, fault(CodeInvalid, "query "+s.table, "limit: expected 1 to %d, but got %d", MaxLimit, limit)
	}
	compare, direction := ">", " ASC"
	if pg.Newest {
		compare, direction = "<", " DESC"
	}
	if pg.After != "" {
		after, err := decodeCursor(pg.After, len(s.key))
		if err != nil {
			return nil, err
		}
		marks := strings.TrimSuffix(strings.Repeat("%s, ", len(after)), ", ")
		w.add("("+strings.Join(s.key, ", ")+") "+compare+" ("+marks+")", after...)
	}
	w.args = append(w.args, limit+1)
	items, err := read(ctx, q.pool, s, fmt.Sprintf("SELECT %s FROM %s WHERE %s ORDER BY %s LIMIT $%d",
		strings.Join(s.columns, ", "), qualify(q.schema, s.table), w, strings.Join(s.key, direction+", ")+direction, len(w.args)), w.args...)
	if err != nil {
		return nil, err
	}
	out := &List[R]{Items: items}
	if len(items) > limit {
		out.Items = items[:limit]
		if out.Next, err = encodeCursor(s.keyOf(&items[limit-1])...); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// notFound is the answer where a query names something that is not there.
func notFound(what, id string) error {
	return fault(CodeNotFound, "query the read models", "%s %s is not in the read models (yet)", what, id)
}

// waitPoll is how often WaitFor looks.
const waitPoll = 10 * time.Millisecond

// WaitFor returns when the read models show the partition at least up to the
// sequence, which the answer to a command gives. It polls Postgres, so it works
// where another process projects. It ends with the error of ctx.
func (q *Queries) WaitFor(ctx context.Context, part ids.Partition, seq uint64) error {
	for {
		var at int64
		err := q.pool.QueryRow(ctx, "SELECT seq FROM "+qualify(q.schema, "checkpoints")+" WHERE partition = $1", int(part)).Scan(&at)
		switch {
		case err != nil && !errors.Is(err, pgx.ErrNoRows):
			return fmt.Errorf("wait for partition %s to be projected up to %d: %w", part, seq, err)
		case uint64(at) >= seq:
			return nil
		}
		select {
		case <-time.After(waitPoll):
		case <-ctx.Done():
			return fmt.Errorf("wait for partition %s to be projected up to %d, now at %d: %w", part, seq, at, context.Cause(ctx))
		}
	}
}

// Counts returns the number of rows of each read table.
func (q *Queries) Counts(ctx context.Context) (map[string]int64, error) {
	out := map[string]int64{}
	tables := append(mapKeys(instanceTables()), mapKeys(otherTables())...)
	for _, table := range append(tables, "transitions") {
		var n int64
		if err := q.pool.QueryRow(ctx, "SELECT count(*) FROM "+qualify(q.schema, table)).Scan(&n); err != nil {
			return nil, fmt.Errorf("count %s: %w", table, err)
		}
		out[table] = n
	}
	return out, nil
}
