CREATE SCHEMA contests;

-- The entries that define elections, byte for byte as they stand in the ledger; part 0 is the header.
CREATE TABLE contests.definitions (
    election text NOT NULL,
    part integer NOT NULL CHECK (part >= 0),
    kind text NOT NULL,
    body bytea NOT NULL,
    PRIMARY KEY (election, part)
);
