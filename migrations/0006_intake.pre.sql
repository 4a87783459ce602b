CREATE SCHEMA intake;

-- Reports as they arrived; durable before the phone is told. A reader stops at the oldest running transaction, so the order
-- (transaction, id) never has a report appear behind a reader's back.
CREATE TABLE intake.received (
    id uuid PRIMARY KEY,
    transaction xid8 NOT NULL DEFAULT pg_current_xact_id(),
    received_at timestamptz NOT NULL,
    carrier text NOT NULL,
    sha256 bytea NOT NULL CHECK (length(sha256) = 32),
    jws bytea NOT NULL
);
ALTER TABLE intake.received ALTER COLUMN jws SET STORAGE EXTERNAL;
CREATE INDEX received_order ON intake.received (transaction, id);

-- Reports that are not admitted to the log, and why; visible to the phone that asks again and counted in the metrics.
CREATE TABLE intake.refused (
    id uuid NOT NULL,
    sha256 bytea NOT NULL,
    code text NOT NULL,
    refused_at timestamptz NOT NULL,
    jws bytea NOT NULL,
    PRIMARY KEY (id, sha256)
);

-- The last report that the sequencer has dealt with.
CREATE TABLE intake.admitted (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    transaction xid8 NOT NULL,
    id uuid NOT NULL
);
INSERT INTO intake.admitted (transaction, id) VALUES ('0', '00000000-0000-0000-0000-000000000000');

-- Keys that sign promises, once they are announced in the log.
CREATE TABLE intake.promise_keys (entry bytea PRIMARY KEY);
