package projector

// Migrations, the archive's partitions, and what Postgres cannot hold.

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/variables"
)

// tables lists what is in the schema, columns and indexes included.
func (w *world) tables() string {
	w.t.Helper()
	var out string
	err := shared.pool.QueryRow(w.t.Context(), `SELECT coalesce(string_agg(x, E'\n' ORDER BY x), '') FROM (
		SELECT table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable AS x FROM information_schema.columns WHERE table_schema = $1
		UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = $1) t`, w.schema).Scan(&out)
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

func TestMigrations(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	if err := Migrate(ctx, shared.pool, w.schema); err != nil {
		t.Fatal(err)
	}
	up := w.tables()
	if !strings.Contains(up, "instances.business_key text NO") {
		t.Errorf("expected the tables, but got:\n%s", up)
	}
	if err := Migrate(ctx, shared.pool, w.schema); err != nil {
		t.Fatalf("a second time: %v", err)
	}
	if err := MigrateDown(ctx, shared.pool, w.schema, 0); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(w.tables()) {
		if !strings.Contains(line, "schema_migrations") {
			t.Errorf("expected nothing to be left but the list of migrations, but got %s", line)
		}
	}
	if err := Migrate(ctx, shared.pool, w.schema); err != nil {
		t.Fatal(err)
	}
	if again := w.tables(); again != up {
		t.Errorf("up, down, up: expected\n%s\nbut got\n%s", up, again)
	}
	if _, err := shared.pool.Exec(ctx, "INSERT INTO "+w.schema+".schema_migrations (version, name) VALUES (99, 'future')"); err != nil {
		t.Fatal(err)
	}
	if err := Migrate(ctx, shared.pool, w.schema); !errors.Is(err, &Error{Code: CodeNewer}) {
		t.Errorf("expected %s, but got %v", CodeNewer, err)
	}
}

func TestReadMigrations(t *testing.T) {
	t.Parallel()
	for name, files := range map[string]fstest.MapFS{
		"no down":  {"migrations/0001_a.up.sql": {Data: []byte("x")}},
		"gap":      {"migrations/0002_a.up.sql": {Data: []byte("x")}, "migrations/0002_a.down.sql": {Data: []byte("x")}},
		"bad name": {"migrations/first.sql": {Data: []byte("x")}},
	} {
		if _, err := readMigrations(files); err == nil {
			t.Errorf("%s: expected an error", name)
		}
	}
}

func TestEscape(t *testing.T) {
	t.Parallel()
	list := []string{
		"", "plain", "日本語", "\x00", "a\x00b", mark, mark + "0", mark + mark, mark + "n1", "\xff", "a\xff\xfe\x80b", mark + "x41", "\\u0000",
		mark + "x", mark + "~", "é\xc3", strings.Repeat("\x00", 300),
	}
	seen := map[string]string{}
	for _, s := range list {
		e := escape(s)
		if other, ok := seen[e]; ok {
			t.Errorf("%q and %q are both stored as %q", s, other, e)
		}
		seen[e] = s
		if strings.Contains(e, "\x00") || strings.ToValidUTF8(e, "") != e {
			t.Errorf("%q is stored as %q, which Postgres refuses", s, e)
		}
		if got := unescape(e); got != s {
			t.Errorf("expected %q back, but got %q", s, got)
		}
	}
	for _, s := range []string{strings.Repeat("a", 600), strings.Repeat("ü", 500), strings.Repeat("\x00", 200), strings.Repeat("a", 441) + strings.Repeat("\x00\xff"+mark, 100)} {
		short := shorten(s)
		if len(short) > nameMax || short == shorten(s+"x") {
			t.Errorf("%.20q… is shortened to %d bytes", s, len(short))
		}
		if again := shorten(unescape(short)); again != short {
			t.Errorf("%.20q…: a shortened text changed on its way back: %q, then %q", s, short, again)
		}
	}
}

func TestJSONEscape(t *testing.T) {
	t.Parallel()
	// As many places as a number can have; Postgres keeps 16,383.
	long, err := variables.ParseNumber("1." + strings.Repeat("7", 6144))
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []any{
		"a\x00b", map[string]any{"k\x00": []any{"x", mark, int64(1)}}, mark + "n1", long, []any{"plain", map[string]any{"deep": long}}, nil, "plain",
	} {
		raw, err := jsonOf(v)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(raw), `\u0000`) {
			t.Errorf("%v is stored as %s", v, raw)
		}
		back, err := unescapeJSON(raw)
		if err != nil {
			t.Fatal(err)
		}
		got, err := variables.FromJSON(back)
		if err != nil || !variables.Equal(got, v) {
			t.Errorf("expected %.40v back, but got %.40v (%v)", v, got, err)
		}
		var ok bool
		if err := shared.pool.QueryRow(t.Context(), "SELECT $1::text::jsonb IS NOT NULL", string(raw)).Scan(&ok); err != nil {
			t.Errorf("Postgres refuses %.40s: %v", raw, err)
		}
	}
}

// TestNulInVariables projects U+0000 in a variable, its name and a business key,
// and finds it by value.
func TestNulInVariables(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 0)
	id := ids.Instance("01K0000000000000000000000A")
	w.write(0, []events.Transition{{Instance: id, Events: []events.Event{
		&events.InstanceStarted{Tenant: "default", BusinessKey: "b\x00k", Root: id},
		&events.VariablesSet{Scope: 1, Values: variables.Document{"n\x00": "a\x00b", "big": "x" + strings.Repeat("y", 9000)}},
	}}})
	p := w.start()
	w.settle(p)
	verifyOK(t, p)
	q, err := NewQueries(shared.pool, w.schema)
	if err != nil {
		t.Fatal(err)
	}
	list, err := q.Instances(t.Context(), InstanceFilter{BusinessKey: "b\x00k", Variables: variables.Document{"n\x00": "a\x00b"}}, Page{})
	if err != nil || len(list.Items) != 1 {
		t.Fatalf("expected the instance, but got %+v (%v)", list, err)
	}
	d, err := q.Instance(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if got := d.RootVariables()["n\x00"]; d.BusinessKey != "b\x00k" || string(got) != `"a\u0000b"` {
		t.Errorf("expected the texts back, but got %q and %s", d.BusinessKey, got)
	}
	if _, err := json.Marshal(d); err != nil {
		t.Error(err)
	}
}

// TestArchivePartitions makes a partition a day ahead of the rows, and drops
// whole days.
func TestArchivePartitions(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 0)
	g := newGenerator(newSeed(t), 0)
	w.write(0, g.frames(20)...)
	entries := w.entries(0)
	// The log's clock moves on: ten days of two frames.
	for i := range entries {
		entries[i].StoredAt = time.Date(2026, 3, 1+i/2, 23, 59, 59, 0, time.UTC)
	}
	f := w.follower(0)
	commitAll(t, f, entries, func() int { return 3 })
	count := func() (parts, inDefault, rows int) {
		t.Helper()
		err := shared.pool.QueryRow(context.Background(), `SELECT (SELECT count(*) FROM pg_inherits WHERE inhparent = ($1 || '.transitions')::regclass),
			(SELECT count(*) FROM `+w.schema+`.transitions_default), (SELECT count(*) FROM `+w.schema+`.transitions)`, w.schema).Scan(&parts, &inDefault, &rows)
		if err != nil {
			t.Fatal(err)
		}
		return parts, inDefault, rows
	}
	parts, inDefault, rows := count()
	if parts != 12 || inDefault != 0 { // ten days, the day after, the default
		t.Errorf("expected 12 partitions and an empty default one, but got %d and %d rows", parts, inDefault)
	}
	got, err := DropArchive(t.Context(), shared.pool, w.schema, time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC))
	if err != nil || !got.Equal(time.Date(2026, 3, 4, 0, 0, 0, 0, time.UTC)) {
		t.Fatalf("expected all before March 4 to be dropped, but got %s (%v)", got, err)
	}
	left, _, after := count()
	if left != 9 || after >= rows || after == 0 {
		t.Errorf("expected 9 partitions and fewer rows, but got %d and %d of %d", left, after, rows)
	}
	if _, err := DropArchive(t.Context(), shared.pool, w.schema, time.Now().Add(time.Hour)); !errors.Is(err, &Error{Code: CodeInvalid}) {
		t.Errorf("expected the future to be refused, but got %v", err)
	}
	if got, err := DropArchive(t.Context(), shared.pool, w.schema, time.Date(2026, 2, 4, 12, 0, 0, 0, time.UTC)); err != nil || !got.IsZero() {
		t.Errorf("expected nothing to be dropped, but got %s (%v)", got, err)
	}
}

// TestArchiveDefault keeps going where a day's partition cannot be made.
func TestArchiveDefault(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 0)
	w.write(0, newGenerator(2, 0).frames(5)...)
	entries := w.entries(0)
	f := w.follower(0)
	f.days.known[entries[0].StoredAt.UTC().Format(dayLayout)] = true
	commitAll(t, f, entries[:3], func() int { return 1 })
	f.days = newArchiveDays(shared.pool, w.schema) // a restart
	commitAll(t, f, entries[3:], func() int { return 1 })
	var n int
	if err := shared.pool.QueryRow(t.Context(), "SELECT count(DISTINCT seq) FROM "+w.schema+".transitions_default").Scan(&n); err != nil || n != 5 {
		t.Errorf("expected all 5 frames in the default partition, but got %d (%v)", n, err)
	}
}

// TestVerifyDroppedArchive does not miss what was dropped on purpose.
func TestVerifyDroppedArchive(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 0)
	g := newGenerator(newSeed(t), 0)
	w.write(0, g.frames(20)...)
	p := w.start()
	w.settle(p)
	// As DropArchive does it for whole days.
	if _, err := shared.pool.Exec(t.Context(), "DELETE FROM "+w.schema+".transitions"); err != nil {
		t.Fatal(err)
	}
	if report, err := p.Verify(t.Context()); err != nil || report.Total == 0 {
		t.Errorf("expected the archive to be missed, but got %+v (%v)", report, err)
	}
	if _, err := shared.pool.Exec(t.Context(), "UPDATE "+w.schema+".archive_state SET dropped_upto = clock_timestamp()"); err != nil {
		t.Fatal(err)
	}
	w.write(0, g.frames(20)...)
	w.settle(p)
	verifyOK(t, p)
}
