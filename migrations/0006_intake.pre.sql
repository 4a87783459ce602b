CREATE SCHEMA intake;

-- Reports as they arrived; durable before the phone is told. A flush is what was stored by one statement: one promise covers it.
CREATE TABLE intake.received (
    id uuid PRIMARY KEY,
    flush bigint NOT NULL,
    received_at timestamptz NOT NULL,
    carrier text NOT NULL,
    sha256 bytea NOT NULL CHECK (length(sha256) = 32),
    jws bytea NOT NULL
);
ALTER TABLE intake.received ALTER COLUMN jws SET STORAGE EXTERNAL;
CREATE INDEX received_flush ON intake.received (flush);
CREATE SEQUENCE intake.flushes;

-- Reports that the sequencer has not dealt with. It takes them in this order, but removes them by name: a flush that commits late is
-- taken late and never passed over.
CREATE TABLE intake.waiting (
    flush bigint NOT NULL,
    id uuid NOT NULL,
    PRIMARY KEY (flush, id)
);

-- Reports that are not admitted to the log, and why; visible to the phone that asks again and counted in the metrics.
-- Flush and bytes stand here only when another report took their place; the promise of that flush still covers them.
CREATE TABLE intake.refused (
    id uuid NOT NULL,
    sha256 bytea NOT NULL,
    code text NOT NULL,
    refused_at timestamptz NOT NULL,
    flush bigint,
    jws bytea,
    PRIMARY KEY (id, sha256)
);
ALTER TABLE intake.refused ALTER COLUMN jws SET STORAGE EXTERNAL;
CREATE INDEX refused_flush ON intake.refused (flush) WHERE flush IS NOT NULL;

-- Keys that sign promises, once they are announced in the log.
CREATE TABLE intake.promise_keys (entry bytea PRIMARY KEY);
