-- History time to live: when the rows of ended instances are to go, and what has
-- gone. An instance that a call activity started goes with its root.

ALTER TABLE definitions ADD COLUMN history_ttl text NOT NULL DEFAULT ''; -- days or an ISO 8601 duration; '' keeps for ever
ALTER TABLE instances ADD COLUMN remove_at timestamptz;                  -- of roots that have ended; NULL keeps for ever
CREATE INDEX instances_remove_at ON instances (partition, remove_at, id) WHERE remove_at IS NOT NULL;
CREATE INDEX instances_root ON instances (root) WHERE parent <> '';

-- What has been removed: it is how verify tells a removed instance from a lost
-- one, and what a rebuild removes again.
CREATE TABLE history_removals (
    partition  integer NOT NULL,
    tenant     text COLLATE "C" NOT NULL,
    process_id text COLLATE "C" NOT NULL, -- of the root instances
    upto       timestamptz NOT NULL,      -- the latest remove_at among them
    roots      bigint NOT NULL,           -- how many of them
    id_sum     bigint NOT NULL,           -- of the hashes of their ids, modulo 2^64
    PRIMARY KEY (partition, tenant, process_id)
);
