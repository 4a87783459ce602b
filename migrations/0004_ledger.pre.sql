CREATE SCHEMA ledger;

-- The append-only log: one row per entry, positions without gaps.
CREATE TABLE ledger.entries (
    position bigint PRIMARY KEY,
    kind text NOT NULL,
    body bytea NOT NULL,
    leaf_hash bytea NOT NULL CHECK (length(leaf_hash) = 32)
);
ALTER TABLE ledger.entries ALTER COLUMN body SET STORAGE EXTERNAL;

-- The tree after each append: its size, RFC 6962 root and the roots of its full subtrees, largest first.
CREATE TABLE ledger.heads (
    size bigint PRIMARY KEY,
    root bytea NOT NULL CHECK (length(root) = 32),
    subtrees bytea NOT NULL
);

-- What was about to be signed, recorded before signing.
CREATE TABLE ledger.checkpoints (
    size bigint PRIMARY KEY REFERENCES ledger.heads,
    signed_at timestamptz NOT NULL
);
