-- Passkeys (W3C WebAuthn): keys in people's own devices, each made for one person.
CREATE TABLE people.passkeys (
    id uuid PRIMARY KEY,
    person uuid NOT NULL REFERENCES people.persons ON DELETE CASCADE,
    credential bytea NOT NULL UNIQUE CHECK (length(credential) BETWEEN 1 AND 1023),
    key bytea NOT NULL,
    count bigint NOT NULL CHECK (count >= 0),
    transports text[] NOT NULL,
    sealed bytea NOT NULL,
    made_at timestamptz NOT NULL,
    used_at timestamptz
);
COMMENT ON COLUMN people.passkeys.credential IS 'how the device that holds the private key calls it';
COMMENT ON COLUMN people.passkeys.key IS 'public key (COSE)';
COMMENT ON COLUMN people.passkeys.count IS 'how often the device says that it signed; it only grows, or stays 0 where devices share the key';
COMMENT ON COLUMN people.passkeys.sealed IS 'what the person calls it, encrypted for the person';
CREATE INDEX passkeys_person ON people.passkeys (person);

-- Accounts of people at providers (OpenID Connect) by which they sign in. What the provider calls somebody is found by a keyed hash;
-- it is kept, sealed, only where messages are sent to it.
CREATE TABLE people.linked (
    id uuid PRIMARY KEY,
    person uuid NOT NULL REFERENCES people.persons ON DELETE CASCADE,
    network text NOT NULL REFERENCES people.networks,
    provider text NOT NULL,
    account bytea NOT NULL CHECK (length(account) = 32),
    sealed bytea,
    made_at timestamptz NOT NULL,
    used_at timestamptz,
    UNIQUE (network, account),
    UNIQUE (person, provider)
);
COMMENT ON COLUMN people.linked.account IS 'HMAC of issuer and subject under a secret of the installation';
COMMENT ON COLUMN people.linked.sealed IS 'the subject, encrypted for the person: only of the provider through which messages go';
CREATE INDEX linked_account ON people.linked (account);

-- What came back and counts once: challenges of passkeys, ways to a provider and back. Nothing says whose it was.
CREATE TABLE people.spent (
    mark bytea PRIMARY KEY CHECK (length(mark) = 32),
    until timestamptz NOT NULL
);
COMMENT ON COLUMN people.spent.mark IS 'SHA-256 of what came back; the row goes when it would not be taken any more anyway';
CREATE INDEX spent_until ON people.spent (until);
