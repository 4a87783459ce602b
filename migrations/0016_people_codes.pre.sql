-- One-time codes. Rows of telephones that nobody has look like all others; after a day every row is removed.
CREATE TABLE people.codes (
    handle bytea PRIMARY KEY CHECK (length(handle) = 32),
    network text NOT NULL REFERENCES people.networks,
    phone bytea NOT NULL,
    origin bytea NOT NULL,
    person uuid REFERENCES people.persons ON DELETE CASCADE,
    application uuid,
    code bytea NOT NULL CHECK (length(code) = 32),
    tries smallint NOT NULL DEFAULT 0,
    made_at timestamptz NOT NULL,
    until timestamptz NOT NULL,
    used_at timestamptz
);
COMMENT ON COLUMN people.codes.handle IS 'SHA-256 of the handle that the asking browser holds';
COMMENT ON COLUMN people.codes.phone IS 'HMAC of the telephone: limits hold for unknown telephones as well';
COMMENT ON COLUMN people.codes.origin IS 'HMAC of the address that asked, for its limit alone';
COMMENT ON COLUMN people.codes.person IS 'null when nobody has this telephone: no code opens the row';
COMMENT ON COLUMN people.codes.code IS 'HMAC-SHA-256 of handle and code under a secret of the installation';
CREATE INDEX codes_phone ON people.codes (phone, made_at);
CREATE INDEX codes_origin ON people.codes (origin, made_at);
CREATE INDEX codes_made_at ON people.codes (made_at);

-- Messages on their way to people. What identifies somebody, and the text, are sealed and go when the message is sent.
CREATE TABLE people.messages (
    id uuid PRIMARY KEY,
    person uuid REFERENCES people.persons ON DELETE CASCADE,
    sealed bytea,
    made_at timestamptz NOT NULL,
    until timestamptz NOT NULL,
    next_at timestamptz NOT NULL,
    tries smallint NOT NULL DEFAULT 0,
    sent_at timestamptz,
    sender text,
    failed_at timestamptz,
    reason text
);
COMMENT ON COLUMN people.messages.person IS 'null for the message of a telephone that nobody has, which is never sent';
COMMENT ON COLUMN people.messages.next_at IS 'when it is tried next; pushed ahead while somebody tries, so that a crash delays it and loses nothing';
COMMENT ON COLUMN people.messages.failed_at IS 'given up: a dead letter, with its reason in words that name nobody';
CREATE INDEX messages_waiting ON people.messages (next_at) WHERE sent_at IS NULL AND failed_at IS NULL;
CREATE INDEX messages_made_at ON people.messages (made_at);
