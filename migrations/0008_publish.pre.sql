CREATE SCHEMA publish;

-- Published snapshots, numbered without gaps. A row stands here exactly when its files are in the public store and its entry
-- is on the way to the log.
CREATE TABLE publish.snapshots (
    n bigint PRIMARY KEY CHECK (n >= 1),
    size bigint NOT NULL,
    root bytea NOT NULL CHECK (length(root) = 32),
    at timestamptz NOT NULL,
    "full" boolean NOT NULL,
    manifest bytea NOT NULL CHECK (length(manifest) = 32),
    counted jsonb NOT NULL,
    published_at timestamptz NOT NULL
);

-- Every difference that the cross-check of the sums has found.
CREATE TABLE publish.alarms (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    size bigint NOT NULL,
    difference jsonb NOT NULL
);
