DROP TABLE history_removals;
DROP INDEX instances_root;
DROP INDEX instances_remove_at;
ALTER TABLE instances DROP COLUMN remove_at;
ALTER TABLE definitions DROP COLUMN history_ttl;
