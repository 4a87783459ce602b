-- Entries that wait for their place in the ledger (base/outbox.py).
CREATE TABLE base.outbox (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL,
    body bytea NOT NULL
);

-- How far each follower of the ledger has come.
CREATE TABLE base.cursors (
    follower text PRIMARY KEY,
    position bigint NOT NULL
);
