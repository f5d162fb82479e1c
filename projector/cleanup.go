package projector

import (
	"cmp"
	"context"
	"fmt"
	"hash/fnv"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/weir-bpm/weir/ids"
)

// CleanupOptions say what [Projector.Cleanup] removes.
type CleanupOptions struct {
	// Before is the time up to which an instance must be due; zero is the engine's
	// time. A later one is refused.
	Before time.Time
	// Tenant and ProcessID keep the root instances of one tenant or process;
	// empty lets all through.
	Tenant    string
	ProcessID string
	// DryRun counts and removes nothing.
	DryRun bool
}

// CleanupReport tells what a cleanup removed, or would remove.
type CleanupReport struct {
	Before time.Time `json:"before"`
	DryRun bool      `json:"dry_run,omitempty"`
	// Roots counts the trees of instances, Instances all instances in them.
	Roots     int64 `json:"roots"`
	Instances int64 `json:"instances"`
	// Rows counts the rows by table.
	Rows      map[string]int64 `json:"rows"`
	Processes []CleanedProcess `json:"processes"`
	Duration  time.Duration    `json:"duration_ns"`
}

// CleanedProcess is the share of one process, that of the root instances.
type CleanedProcess struct {
	Tenant    string `json:"tenant"`
	ProcessID string `json:"process_id"`
	Roots     int64  `json:"roots"`
}

// cleanupBatch is how many instances are removed in one transaction. A tree with
// more is removed at once.
const cleanupBatch = 500

// Cleanup removes the ended instances that are due from all read models, each
// with the instances that its call activities started, however they ended; a tree
// with an active instance stays. The logs and the archive are not touched.
//
// It works in transactions of at most 500 instances (a larger tree is one), beside
// the projectors: these never touch ended instances. Several cleanups at once, in
// whatever process, take turns. When ctx ends, what was removed stays removed.
func (p *Projector) Cleanup(ctx context.Context, o CleanupOptions) (*CleanupReport, error) {
	return p.cleanup(ctx, o, false)
}

func (p *Projector) cleanup(ctx context.Context, o CleanupOptions, gentle bool) (*CleanupReport, error) {
	op := "clean up the history in " + p.cfg.Schema
	now := p.cfg.Now()
	if o.Before.IsZero() {
		o.Before = now
	}
	if o.Before.After(now) {
		return nil, fault(CodeInvalid, op, "before: expected a time up to now (%s), but got %s", now.UTC().Format(time.RFC3339), o.Before.UTC().Format(time.RFC3339))
	}
	started := time.Now()
	c := newCleaner(p.cfg.Schema, o.Before)
	c.tenant, c.process, c.report.DryRun = column(o.Tenant), column(o.ProcessID), o.DryRun
	c.gentle = gentle
	if err := c.all(ctx, p.cfg.Pool, p.cfg.Partitions()); err != nil {
		return nil, classify(op, err)
	}
	c.report.Duration = time.Since(started)
	return c.report, nil
}

// cleaner removes due instances from one schema.
type cleaner struct {
	schema string
	before time.Time
	// tenant and process are as the columns have them, nil for all.
	tenant, process *string
	report          *CleanupReport
	// gentle rests after each batch as long as it took.
	gentle bool
}

func newCleaner(schema string, before time.Time) *cleaner {
	return &cleaner{schema: schema, before: before, report: &CleanupReport{Before: before.UTC(), Rows: map[string]int64{}, Processes: []CleanedProcess{}}}
}

// column is the form in which a column has a text that is not empty.
func column(text string) *string {
	if text == "" {
		return nil
	}
	text = shorten(text)
	return &text
}

func (c *cleaner) all(ctx context.Context, pool *pgxpool.Pool, parts []ids.Partition) error {
	for _, part := range parts {
		if c.report.DryRun {
			if err := c.count(ctx, pool, part); err != nil {
				return err
			}
			continue
		}
		if err := c.partition(ctx, pool, part); err != nil {
			return err
		}
	}
	return nil
}

// partition removes all that is due in a partition.
func (c *cleaner) partition(ctx context.Context, pool *pgxpool.Pool, part ids.Partition) error {
	for {
		var n int
		began := time.Now()
		err := pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) (err error) {
			n, err = c.batch(ctx, tx, part)
			return err
		})
		if err != nil || n == 0 {
			return err
		}
		if !c.gentle {
			continue
		}
		select {
		case <-time.After(time.Since(began)):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// dueTree is a root instance that is due.
type dueTree struct {
	ID        string
	Tenant    string
	ProcessID string
	RemoveAt  time.Time
}

// due is the condition of root instances (r) that are to go, with its arguments.
func (c *cleaner) due(part ids.Partition) (sql string, args []any) {
	return fmt.Sprintf(`r.partition = $1 AND r.remove_at <= $2 AND ($3::text IS NULL OR r.tenant = $3) AND ($4::text IS NULL OR r.process_id = $4)
		AND NOT EXISTS (SELECT 1 FROM %s c WHERE c.root = r.id AND c.parent <> '' AND c.state = 'active')`, qualify(c.schema, "instances")),
		[]any{int(part), c.before, c.tenant, c.process}
}

// batch removes some trees and returns how many; 0 when none is left.
func (c *cleaner) batch(ctx context.Context, tx pgx.Tx, part ids.Partition) (int, error) {
	// A rebuild that swaps schemas holds the table, so that nothing is removed
	// from the one that goes. Batches of the projector do not wait for this lock.
	if _, err := tx.Exec(ctx, batchSettings+"; LOCK TABLE "+qualify(c.schema, "checkpoints")+" IN ROW SHARE MODE"); err != nil {
		return 0, err
	}
	if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", lockKey("history", c.schema)); err != nil {
		return 0, err
	}
	where, args := c.due(part)
	rows, err := tx.Query(ctx, fmt.Sprintf("SELECT r.id, r.tenant, r.process_id, r.remove_at FROM %s r WHERE %s ORDER BY r.remove_at, r.id LIMIT %d",
		qualify(c.schema, "instances"), where, cleanupBatch), args...)
	if err != nil {
		return 0, err
	}
	trees, err := pgx.CollectRows(rows, pgx.RowToStructByPos[dueTree])
	if err != nil || len(trees) == 0 {
		return 0, err
	}
	trees, instances, err := c.bounded(ctx, tx, trees)
	if err != nil {
		return 0, err
	}
	for table := range instanceTables() {
		column := "instance_id"
		if table == "instances" {
			column = "id"
		}
		tag, err := tx.Exec(ctx, "DELETE FROM "+qualify(c.schema, table)+" WHERE "+column+" = ANY($1)", instances)
		if err != nil {
			return 0, fmt.Errorf("remove from %s: %w", table, err)
		}
		c.report.Rows[table] += tag.RowsAffected()
	}
	if err := c.record(ctx, tx, part, trees); err != nil {
		return 0, err
	}
	c.report.Roots += int64(len(trees))
	c.report.Instances += int64(len(instances))
	return len(trees), nil
}

// bounded keeps as many trees as fit into a batch, at least one, and returns the
// ids of their instances.
func (c *cleaner) bounded(ctx context.Context, tx pgx.Tx, trees []dueTree) ([]dueTree, []string, error) {
	roots := make([]string, len(trees))
	for i := range trees {
		roots[i] = trees[i].ID
	}
	rows, err := tx.Query(ctx, "SELECT root, id FROM "+qualify(c.schema, "instances")+" WHERE root = ANY($1) AND parent <> ''", roots)
	if err != nil {
		return nil, nil, err
	}
	called := map[string][]string{}
	var root, id string
	if _, err := pgx.ForEachRow(rows, []any{&root, &id}, func() error {
		called[root] = append(called[root], id)
		return nil
	}); err != nil {
		return nil, nil, err
	}
	var instances []string
	for i, r := range roots {
		if i > 0 && len(instances)+1+len(called[r]) > cleanupBatch {
			return trees[:i], instances, nil
		}
		instances = append(append(instances, r), called[r]...)
	}
	return trees, instances, nil
}

// removalKey is the key of a row of history_removals.
type removalKey struct {
	partition         int
	tenant, processID string
}

// removal is what a row of history_removals says.
type removal struct {
	upto  time.Time
	roots int64
	sum   uint64
}

// idHash stands for a root instance in the sum of those removed.
func idHash(id string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(id)) // a hash never fails
	return h.Sum64()
}

// record notes the trees among what has been removed.
func (c *cleaner) record(ctx context.Context, tx pgx.Tx, part ids.Partition, trees []dueTree) error {
	known, err := readRemovals(ctx, tx, c.schema)
	if err != nil {
		return err
	}
	changed := map[removalKey]int64{}
	for i := range trees {
		t := &trees[i]
		key := removalKey{int(part), t.Tenant, t.ProcessID}
		r := known[key]
		if r == nil {
			r = &removal{}
			known[key] = r
		}
		if t.RemoveAt.After(r.upto) {
			r.upto = t.RemoveAt
		}
		r.roots++
		r.sum += idHash(t.ID)
		changed[key]++
	}
	for key, n := range changed {
		r := known[key]
		_, err := tx.Exec(ctx, "INSERT INTO "+qualify(c.schema, "history_removals")+` AS h (partition, tenant, process_id, upto, roots, id_sum) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (partition, tenant, process_id) DO UPDATE SET upto = excluded.upto, roots = excluded.roots, id_sum = excluded.id_sum`,
			key.partition, key.tenant, key.processID, r.upto, r.roots, int64(r.sum)) //nolint:gosec // the bits are meant
		if err != nil {
			return fmt.Errorf("record what was removed: %w", err)
		}
		c.add(key, n)
	}
	return nil
}

func (c *cleaner) add(key removalKey, n int64) {
	process := CleanedProcess{Tenant: unescape(key.tenant), ProcessID: unescape(key.processID)}
	i, found := slices.BinarySearchFunc(c.report.Processes, process, func(a, b CleanedProcess) int {
		return cmp.Or(cmp.Compare(a.Tenant, b.Tenant), cmp.Compare(a.ProcessID, b.ProcessID))
	})
	if !found {
		c.report.Processes = slices.Insert(c.report.Processes, i, process)
	}
	c.report.Processes[i].Roots += n
}

func readRemovals(ctx context.Context, db querier, schema string) (map[removalKey]*removal, error) {
	rows, err := db.Query(ctx, "SELECT partition, tenant, process_id, upto, roots, id_sum FROM "+qualify(schema, "history_removals"))
	if err != nil {
		return nil, fmt.Errorf("read what was removed: %w", err)
	}
	out := map[removalKey]*removal{}
	var key removalKey
	var r removal
	var sum int64
	_, err = pgx.ForEachRow(rows, []any{&key.partition, &key.tenant, &key.processID, &r.upto, &r.roots, &sum}, func() error {
		out[key] = &removal{upto: r.upto.UTC(), roots: r.roots, sum: uint64(sum)} //nolint:gosec // the bits are meant
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read what was removed: %w", err)
	}
	return out, nil
}

// count counts what is due in a partition.
func (c *cleaner) count(ctx context.Context, db querier, part ids.Partition) error {
	where, args := c.due(part)
	instances := qualify(c.schema, "instances")
	rows, err := db.Query(ctx, "SELECT r.tenant, r.process_id, count(*) FROM "+instances+" r WHERE "+where+" GROUP BY 1, 2", args...)
	if err != nil {
		return err
	}
	var key removalKey
	var n int64
	if _, err := pgx.ForEachRow(rows, []any{&key.tenant, &key.processID, &n}, func() error {
		c.add(key, n)
		c.report.Roots += n
		return nil
	}); err != nil {
		return err
	}
	for table := range instanceTables() {
		column := "instance_id"
		if table == "instances" {
			column = "id"
		}
		err := db.QueryRow(ctx, fmt.Sprintf(`WITH gone AS (SELECT r.id FROM %[1]s r WHERE %[2]s),
			tree AS (SELECT id FROM gone UNION ALL SELECT i.id FROM %[1]s i JOIN gone ON i.root = gone.id WHERE i.parent <> '')
			SELECT count(*) FROM %[3]s t WHERE t.%[4]s IN (SELECT id FROM tree)`, instances, where, qualify(c.schema, table), column), args...).Scan(&n)
		if err != nil {
			return err
		}
		c.report.Rows[table] += n
		if table == "instances" {
			c.report.Instances += n
		}
	}
	return nil
}

// cleanAgain removes from the side schema of a rebuild what has been removed from
// the live one.
func cleanAgain(ctx context.Context, pool *pgxpool.Pool, live querier, liveSchema, side string) error {
	removed, err := readRemovals(ctx, live, liveSchema)
	if err != nil {
		return err
	}
	for key, r := range removed {
		c := newCleaner(side, r.upto)
		c.tenant, c.process = &key.tenant, &key.processID
		if err := c.partition(ctx, pool, ids.Partition(key.partition)); err != nil {
			return err
		}
	}
	return nil
}

// keepClean removes what is due, every interval. It rests as long as it works, to
// leave Postgres to the fold.
func (p *Projector) keepClean(ctx context.Context) {
	if p.cfg.CleanupInterval <= 0 {
		return
	}
	tick := time.NewTicker(p.cfg.CleanupInterval)
	defer tick.Stop()
	var logged time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		report, err := p.cleanup(ctx, CleanupOptions{}, true)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil && time.Since(logged) > logEvery:
			logged = time.Now()
			p.cfg.Logger.WarnContext(ctx, "history cleanup waits to try again", logSchema, p.cfg.Schema, logError, err)
		case err == nil && report.Roots > 0:
			p.cfg.Logger.InfoContext(ctx, "history cleaned up", logSchema, p.cfg.Schema, logInstances, report.Instances)
		}
	}
}
