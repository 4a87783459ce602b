CREATE SCHEMA people;

-- Organisations that recruit volunteers; the key signs their enrolments.
CREATE TABLE people.networks (
    id text PRIMARY KEY,
    name_th text NOT NULL,
    name_en text NOT NULL,
    key jsonb NOT NULL
);

-- Invite codes are kept as SHA-256 only: whoever reads the table cannot use them.
CREATE TABLE people.invites (
    code_hash bytea PRIMARY KEY,
    network text NOT NULL REFERENCES people.networks,
    level smallint NOT NULL CHECK (level BETWEEN 1 AND 3),
    uses integer NOT NULL CHECK (uses > 0),
    used integer NOT NULL DEFAULT 0 CHECK (used <= uses),
    expires_at timestamptz NOT NULL
);

-- Enrolled phones and browsers: a pseudonym (the key's thumbprint), no person.
CREATE TABLE people.devices (
    kid text PRIMARY KEY,
    key jsonb NOT NULL,
    network text NOT NULL REFERENCES people.networks,
    level smallint NOT NULL,
    invite bytea NOT NULL REFERENCES people.invites,
    enrolled_at timestamptz NOT NULL,
    until timestamptz NOT NULL,
    revoked_at timestamptz
);
CREATE INDEX devices_revoked ON people.devices (kid) WHERE revoked_at IS NOT NULL;
