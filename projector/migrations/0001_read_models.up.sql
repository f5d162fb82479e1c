-- The read models of the first release. Names are unqualified: the runner sets
-- the search path to the schema at hand. Collation "C" keeps the order of ids
-- that of their bytes whatever the database's locale.

CREATE TABLE checkpoints (
    partition   integer PRIMARY KEY,          -- -1 is the definitions log
    seq         bigint NOT NULL,
    hash        bytea NOT NULL,               -- of the last frame folded
    log_created timestamptz,                  -- identity of the stream
    events      bigint NOT NULL DEFAULT 0,    -- folded so far
    logged_at   timestamptz,                  -- when the log stored the last frame
    updated_at  timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE archive_state (
    one          boolean PRIMARY KEY DEFAULT true CHECK (one),
    dropped_upto timestamptz                  -- transitions logged before were dropped
);
INSERT INTO archive_state DEFAULT VALUES;

CREATE TABLE deployments (
    id          text COLLATE "C" PRIMARY KEY,
    tenant      text COLLATE "C" NOT NULL,
    name        text NOT NULL,
    resources   bigint NOT NULL,
    definitions bigint NOT NULL,              -- new versions it made
    created_at  timestamptz NOT NULL,
    position    bigint NOT NULL
);
CREATE INDEX deployments_tenant ON deployments (tenant, id);

CREATE TABLE resources (
    deployment text COLLATE "C" NOT NULL,
    name       text COLLATE "C" NOT NULL,
    tenant     text COLLATE "C" NOT NULL,
    digest     text NOT NULL,
    bytes      bigint NOT NULL,
    unchanged  boolean NOT NULL,
    position   bigint NOT NULL,
    PRIMARY KEY (deployment, name)
);

CREATE TABLE definitions (
    tenant      text COLLATE "C" NOT NULL,
    process_id  text COLLATE "C" NOT NULL,
    version     bigint NOT NULL,
    name        text NOT NULL,
    version_tag text NOT NULL,
    resource    text NOT NULL,
    digest      text NOT NULL,
    dialect     text NOT NULL,
    deployment  text COLLATE "C" NOT NULL,
    created_at  timestamptz NOT NULL,
    position    bigint NOT NULL,
    PRIMARY KEY (tenant, process_id, version)
);
CREATE INDEX definitions_deployment ON definitions (deployment);

CREATE TABLE instances (
    id             text COLLATE "C" PRIMARY KEY,
    partition      integer NOT NULL,
    tenant         text COLLATE "C" NOT NULL,
    process_id     text COLLATE "C" NOT NULL,
    version        bigint NOT NULL,
    digest         text NOT NULL,
    deployment     text NOT NULL,
    business_key   text COLLATE "C" NOT NULL,
    state          text NOT NULL,             -- active, completed, canceled
    trigger        text NOT NULL,             -- command, message, timer, call
    start_element  text NOT NULL,
    parent         text COLLATE "C" NOT NULL, -- '' if no call activity started it
    parent_element bigint NOT NULL,
    root           text COLLATE "C" NOT NULL,
    reason         text NOT NULL,             -- of a cancellation
    incidents      bigint NOT NULL,           -- open ones
    events         bigint NOT NULL,           -- number of the newest event
    started_at     timestamptz NOT NULL,
    ended_at       timestamptz,
    logged_at      timestamptz NOT NULL,      -- when the log stored the start
    position       bigint NOT NULL            -- frame of the newest event
);
CREATE INDEX instances_process ON instances (tenant, process_id, id);
CREATE INDEX instances_active ON instances (tenant, id) WHERE state = 'active';
CREATE INDEX instances_incidents ON instances (tenant, id) WHERE incidents > 0;
CREATE INDEX instances_business_key ON instances (business_key, id) WHERE business_key <> '';
CREATE INDEX instances_parent ON instances (parent, id) WHERE parent <> '';

CREATE TABLE element_instances (
    instance_id text COLLATE "C" NOT NULL,
    key         bigint NOT NULL,
    scope       bigint NOT NULL,
    element_id  text COLLATE "C" NOT NULL,
    type        text NOT NULL,
    state       text NOT NULL,                -- active, completed, terminated
    child       text NOT NULL,                -- instance that a call activity started
    started_at  timestamptz NOT NULL,
    ended_at    timestamptz,
    position    bigint NOT NULL,
    PRIMARY KEY (instance_id, key)
);
CREATE INDEX element_instances_active ON element_instances (element_id, instance_id) WHERE state = 'active';

CREATE TABLE variables (
    instance_id text COLLATE "C" NOT NULL,
    scope       bigint NOT NULL,
    name        text COLLATE "C" NOT NULL,
    value       jsonb NOT NULL,
    updated_at  timestamptz NOT NULL,
    position    bigint NOT NULL,
    PRIMARY KEY (instance_id, scope, name)
);
-- A hash, since a B-tree refuses values beyond 2,704 bytes.
CREATE INDEX variables_value ON variables (name, jsonb_hash_extended(value, 0));

CREATE TABLE jobs (
    instance_id   text COLLATE "C" NOT NULL,
    key           bigint NOT NULL,
    tenant        text COLLATE "C" NOT NULL,
    element       bigint NOT NULL,
    element_id    text NOT NULL,
    type          text COLLATE "C" NOT NULL,
    state         text NOT NULL,              -- created, failed, completed, error_thrown, canceled
    retries       bigint NOT NULL,
    attempt       bigint NOT NULL,
    priority      bigint NOT NULL,
    headers       jsonb NOT NULL,
    worker        text NOT NULL,
    error_code    text NOT NULL,
    error_message text NOT NULL,
    retry_at      timestamptz,
    created_at    timestamptz NOT NULL,
    ended_at      timestamptz,
    position      bigint NOT NULL,
    PRIMARY KEY (instance_id, key)
);
CREATE INDEX jobs_open ON jobs (tenant, type, instance_id, key) WHERE ended_at IS NULL;

CREATE TABLE user_tasks (
    instance_id      text COLLATE "C" NOT NULL,
    key              bigint NOT NULL,
    tenant           text COLLATE "C" NOT NULL,
    process_id       text COLLATE "C" NOT NULL,
    element          bigint NOT NULL,
    element_id       text NOT NULL,
    name             text NOT NULL,
    state            text NOT NULL,           -- created, completed, canceled
    assignee         text COLLATE "C" NOT NULL,
    candidate_users  text[] NOT NULL,
    candidate_groups text[] NOT NULL,
    priority         bigint NOT NULL,
    form_key         text NOT NULL,
    form_id          text NOT NULL,
    completed_by     text NOT NULL,
    due_at           timestamptz,
    follow_up_at     timestamptz,
    created_at       timestamptz NOT NULL,
    ended_at         timestamptz,
    position         bigint NOT NULL,
    PRIMARY KEY (instance_id, key)
);
CREATE INDEX user_tasks_open ON user_tasks (tenant, instance_id, key) WHERE state = 'created';
CREATE INDEX user_tasks_assignee ON user_tasks (tenant, assignee, instance_id, key) WHERE state = 'created';

CREATE TABLE incidents (
    instance_id text COLLATE "C" NOT NULL,
    key         bigint NOT NULL,
    tenant      text COLLATE "C" NOT NULL,
    process_id  text COLLATE "C" NOT NULL,
    element     bigint NOT NULL,
    element_id  text NOT NULL,
    job         bigint NOT NULL,              -- key of the job, 0 if none
    step        text NOT NULL,                -- activate, complete, job, error
    code        text NOT NULL,
    message     text NOT NULL,
    state       text NOT NULL,                -- open, resolved
    raised_at   timestamptz NOT NULL,
    resolved_at timestamptz,
    position    bigint NOT NULL,
    PRIMARY KEY (instance_id, key)
);
CREATE INDEX incidents_open ON incidents (tenant, instance_id, key) WHERE state = 'open';

CREATE TABLE timers (
    instance_id text COLLATE "C" NOT NULL,
    key         bigint NOT NULL,
    element     bigint NOT NULL,
    element_id  text NOT NULL,                -- of the timer event
    state       text NOT NULL,                -- scheduled, fired, canceled
    cycle       text NOT NULL,
    remaining   bigint NOT NULL,              -- firings to come, -1 without end
    fired       bigint NOT NULL,
    due_at      timestamptz,
    fired_at    timestamptz,                  -- the last time
    created_at  timestamptz NOT NULL,
    ended_at    timestamptz,
    position    bigint NOT NULL,
    PRIMARY KEY (instance_id, key)
);
CREATE INDEX timers_due ON timers (due_at) WHERE state = 'scheduled';

CREATE TABLE start_timers (
    partition  integer NOT NULL,              -- the process's home
    tenant     text COLLATE "C" NOT NULL,
    process_id text COLLATE "C" NOT NULL,
    element_id text COLLATE "C" NOT NULL,
    version    bigint NOT NULL,
    digest     text NOT NULL,
    deployment text NOT NULL,
    spec       text NOT NULL,
    state      text NOT NULL,                 -- scheduled, fired, failed, canceled
    problem    text NOT NULL,                 -- why it could not be armed
    cycle      text NOT NULL,
    remaining  bigint NOT NULL,
    fired      bigint NOT NULL,
    due_at     timestamptz,
    fired_at   timestamptz,
    updated_at timestamptz NOT NULL,
    position   bigint NOT NULL,
    PRIMARY KEY (partition, tenant, process_id, element_id)
);

CREATE TABLE message_subscriptions (
    instance_id     text COLLATE "C" NOT NULL,
    key             bigint NOT NULL,
    tenant          text COLLATE "C" NOT NULL,
    element         bigint NOT NULL,
    element_id      text NOT NULL,            -- of the message event or receive task
    name            text COLLATE "C" NOT NULL,
    correlation_key text COLLATE "C" NOT NULL,
    state           text NOT NULL,            -- open, closed
    received        bigint NOT NULL,
    last_message    text NOT NULL,
    opened_at       timestamptz NOT NULL,
    closed_at       timestamptz,
    position        bigint NOT NULL,
    PRIMARY KEY (instance_id, key)
);
CREATE INDEX message_subscriptions_open ON message_subscriptions (name, correlation_key) WHERE state = 'open';

CREATE TABLE messages (
    partition       integer NOT NULL,         -- the message's home
    id              text COLLATE "C" NOT NULL,
    tenant          text COLLATE "C" NOT NULL,
    name            text COLLATE "C" NOT NULL,
    correlation_key text COLLATE "C" NOT NULL,
    message_id      text NOT NULL,            -- the sender's own
    business_key    text NOT NULL,
    instance_id     text COLLATE "C" NOT NULL, -- the only one that may receive it
    variables       jsonb NOT NULL,
    state           text NOT NULL,            -- buffered, sent, delivered, expired
    deliveries      bigint NOT NULL,
    receiver        text COLLATE "C" NOT NULL, -- the last instance it was sent to or started
    published_at    timestamptz NOT NULL,
    expires_at      timestamptz,
    expired_at      timestamptz,
    position        bigint NOT NULL,
    PRIMARY KEY (partition, id)
);
CREATE INDEX messages_waiting ON messages (tenant, name, correlation_key) WHERE state IN ('buffered', 'sent');

-- The archive: one row a transition. payload is the transition in the log's own
-- encoding, so that it can be decoded, raised to newer versions and replayed
-- after the log has been trimmed; kinds tells SQL what is in it.
CREATE TABLE transitions (
    partition   integer NOT NULL,
    seq         bigint NOT NULL,
    idx         integer NOT NULL,             -- place in the frame, from 0
    instance_id text COLLATE "C" NOT NULL,    -- '' for the partition itself
    first_event bigint NOT NULL,              -- number of the first event in the instance, 0 if none counts
    events      integer NOT NULL,             -- how many count
    command     text NOT NULL,
    kinds       text[] NOT NULL,
    payload     bytea NOT NULL,
    time        timestamptz NOT NULL,         -- the engine's clock
    logged_at   timestamptz NOT NULL,         -- the log's clock
    PRIMARY KEY (partition, seq, idx, logged_at)
) PARTITION BY RANGE (logged_at);
CREATE INDEX transitions_instance ON transitions (instance_id, partition, seq, idx) WHERE instance_id <> '';
CREATE TABLE transitions_default PARTITION OF transitions DEFAULT;
