-- Entries that wait for their place in the ledger (base/outbox.py).
CREATE TABLE base.outbox (
    transaction xid8 NOT NULL DEFAULT pg_current_xact_id(),
    number bigint GENERATED ALWAYS AS IDENTITY,
    kind text NOT NULL,
    body bytea NOT NULL,
    PRIMARY KEY (transaction, number)
);

-- How far each follower of the ledger has come.
CREATE TABLE base.cursors (
    follower text PRIMARY KEY,
    position bigint NOT NULL
);
