package projector

import (
	"context"
	"embed"
	"fmt"
	"hash/fnv"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// The migrations are numbered SQL, NNNN_name.up.sql with NNNN_name.down.sql
// beside it. A released one is not edited.
//
//go:embed migrations/*.sql
var migrationFiles embed.FS

type migration struct {
	version  int
	name     string
	up, down string
}

var migrationName = regexp.MustCompile(`^(\d{4})_(\w+)\.(up|down)\.sql$`)

// readMigrations returns the migrations in order; each has both directions and
// the numbers run from 1 without gaps.
func readMigrations(files fs.FS) ([]migration, error) {
	paths, err := fs.Glob(files, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	byVersion := map[int]*migration{}
	for _, path := range paths {
		m := migrationName.FindStringSubmatch(strings.TrimPrefix(path, "migrations/"))
		if m == nil {
			return nil, fmt.Errorf("migration %s: expected NNNN_name.up.sql or NNNN_name.down.sql", path)
		}
		version, err := strconv.Atoi(m[1])
		if err != nil {
			return nil, fmt.Errorf("migration %s: %w", path, err)
		}
		sql, err := fs.ReadFile(files, path)
		if err != nil {
			return nil, err
		}
		g := byVersion[version]
		if g == nil {
			g = &migration{version: version, name: m[2]}
			byVersion[version] = g
		}
		if m[3] == "up" {
			g.up = string(sql)
		} else {
			g.down = string(sql)
		}
	}
	out := make([]migration, 0, len(byVersion))
	for v := 1; v <= len(byVersion); v++ {
		g := byVersion[v]
		if g == nil || g.up == "" || g.down == "" {
			return nil, fmt.Errorf("migration %04d: expected an up and a down file", v)
		}
		out = append(out, *g)
	}
	return out, nil
}

// Migrate brings the schema to the newest version, making it if it is not there.
// Several callers at once wait for each other. A schema of a newer release is a
// [CodeNewer] error.
func Migrate(ctx context.Context, pool *pgxpool.Pool, schema string) error {
	all, err := readMigrations(migrationFiles)
	if err != nil {
		return err
	}
	return migrateTo(ctx, pool, schema, len(all))
}

// MigrateDown takes back all migrations above the version; 0 leaves an empty
// schema.
func MigrateDown(ctx context.Context, pool *pgxpool.Pool, schema string, version int) error {
	return migrateTo(ctx, pool, schema, version)
}

func migrateTo(ctx context.Context, pool *pgxpool.Pool, schema string, target int) error {
	all, err := readMigrations(migrationFiles)
	if err != nil {
		return err
	}
	if target < 0 || target > len(all) {
		return fault(CodeInvalid, "migrate schema "+schema, "expected a version from 0 to %d, but got %d", len(all), target)
	}
	return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		// The lock is on the name, since the schema may not be there.
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", lockKey("migrate", schema)); err != nil {
			return err
		}
		var encoding string
		if err := tx.QueryRow(ctx, "SHOW server_encoding").Scan(&encoding); err != nil {
			return err
		}
		if encoding != "UTF8" {
			return fault(CodeInvalid, "migrate schema "+schema, "expected a database with encoding UTF8, but it has %s; make one with CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0", encoding)
		}
		ident := pgx.Identifier{schema}.Sanitize()
		setup := fmt.Sprintf(`CREATE SCHEMA IF NOT EXISTS %[1]s; SET LOCAL search_path TO %[1]s;
			CREATE TABLE IF NOT EXISTS %[1]s.schema_migrations (
				version integer PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())`, ident)
		if _, err := tx.Exec(ctx, setup); err != nil {
			return fmt.Errorf("migrate schema %s: %w", schema, err)
		}
		var current int
		if err := tx.QueryRow(ctx, "SELECT coalesce(max(version), 0) FROM schema_migrations").Scan(&current); err != nil {
			return fmt.Errorf("migrate schema %s: %w", schema, err)
		}
		if current > len(all) {
			return fault(CodeNewer, "migrate schema "+schema, "it is at version %d, but this release knows up to %d", current, len(all))
		}
		for _, m := range all[:target] {
			if m.version <= current {
				continue
			}
			if _, err := tx.Exec(ctx, m.up); err != nil {
				return fmt.Errorf("migrate schema %s up to %04d_%s: %w", schema, m.version, m.name, err)
			}
			if _, err := tx.Exec(ctx, "INSERT INTO schema_migrations (version, name) VALUES ($1, $2)", m.version, m.name); err != nil {
				return fmt.Errorf("migrate schema %s up to %04d_%s: %w", schema, m.version, m.name, err)
			}
		}
		for _, m := range slices.Backward(all[target:]) {
			if m.version > current {
				continue
			}
			if _, err := tx.Exec(ctx, m.down); err != nil {
				return fmt.Errorf("migrate schema %s down from %04d_%s: %w", schema, m.version, m.name, err)
			}
			if _, err := tx.Exec(ctx, "DELETE FROM schema_migrations WHERE version = $1", m.version); err != nil {
				return fmt.Errorf("migrate schema %s down from %04d_%s: %w", schema, m.version, m.name, err)
			}
		}
		return nil
	})
}

// lockKey is the key of a Postgres advisory lock.
func lockKey(purpose, schema string) int64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte("weir/" + purpose + "/" + schema)) // a hash never fails
	return int64(h.Sum64() &^ (1 << 63))
}
