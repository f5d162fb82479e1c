-- Deployed decisions, and what came of evaluating them.

CREATE TABLE decisions (
    tenant       text COLLATE "C" NOT NULL,
    decision_id  text COLLATE "C" NOT NULL,
    version      bigint NOT NULL,
    name         text NOT NULL,
    version_tag  text NOT NULL,
    requirements text NOT NULL,               -- id of the graph that it is part of
    resource     text NOT NULL,
    digest       text NOT NULL,
    deployment   text COLLATE "C" NOT NULL,
    created_at   timestamptz NOT NULL,
    position     bigint NOT NULL,
    PRIMARY KEY (tenant, decision_id, version)
);
CREATE INDEX decisions_deployment ON decisions (deployment);

CREATE TABLE decision_evaluations (
    instance_id  text COLLATE "C" NOT NULL,
    key          bigint NOT NULL,
    tenant       text COLLATE "C" NOT NULL,
    process_id   text COLLATE "C" NOT NULL,
    element      bigint NOT NULL,
    element_id   text NOT NULL,
    decision_id  text COLLATE "C" NOT NULL,
    version      bigint NOT NULL,
    digest       text NOT NULL,
    deployment   text NOT NULL,
    result       jsonb,                       -- NULL if it was too long to keep
    trace        jsonb,                       -- inputs, rules and outputs; NULL likewise
    truncated    boolean NOT NULL,            -- something was too long to keep
    evaluated_at timestamptz NOT NULL,
    position     bigint NOT NULL,
    PRIMARY KEY (instance_id, key)
);
CREATE INDEX decision_evaluations_decision ON decision_evaluations (tenant, decision_id, instance_id, key);
