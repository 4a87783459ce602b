-- Volunteers. What identifies a person is sealed (people/persons); everything else is what duties and doors need to know.
CREATE TABLE people.persons (
    id uuid PRIMARY KEY,
    network text NOT NULL REFERENCES people.networks,
    level smallint NOT NULL DEFAULT 1 CHECK (level BETWEEN 1 AND 3),
    state text NOT NULL CHECK (state IN ('listed', 'applied', 'waiting', 'active', 'left', 'expelled', 'erased')),
    area text,
    sealed bytea,
    phone bytea,
    joined_at timestamptz NOT NULL,
    proven_at timestamptz,
    trained_at timestamptz,
    ended_at timestamptz,
    UNIQUE (network, phone)
);
COMMENT ON TABLE people.persons IS 'one person in one network; the id is random and never stands in the public log';
COMMENT ON COLUMN people.persons.state IS 'listed: imported, never came; applied: signed up, telephone not proven; waiting: proven, needs approval; active; then ended';
COMMENT ON COLUMN people.persons.area IS 'code of the area where the person can serve, a subdistrict or larger';
COMMENT ON COLUMN people.persons.sealed IS 'name, telephone, address of mail and the like, encrypted; null once erased';
COMMENT ON COLUMN people.persons.phone IS 'HMAC-SHA-256 of the telephone number in E.164 under a secret of the installation; null once erased';
COMMENT ON COLUMN people.persons.trained_at IS 'when the quiz was passed that unlocks reporting';
CREATE INDEX persons_phone ON people.persons (phone);

-- What a person may do beyond reporting. Rows are only added and ended: they are the audit record of every grant.
CREATE TABLE people.grants (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person uuid NOT NULL REFERENCES people.persons,
    role text NOT NULL CHECK (role IN ('head', 'reviewer', 'decider', 'lead', 'organiser', 'centre')),
    area text,
    granted_by uuid REFERENCES people.persons,
    granted_at timestamptz NOT NULL,
    ended_by uuid REFERENCES people.persons,
    ended_at timestamptz
);
COMMENT ON COLUMN people.grants.area IS 'code of the constituency of a head; null for other roles';
COMMENT ON COLUMN people.grants.granted_by IS 'null when an operator granted it on the machine itself';
CREATE INDEX grants_person ON people.grants (person) WHERE ended_at IS NULL;

-- Browsers that are signed in; the token is kept as SHA-256 only.
CREATE TABLE people.sessions (
    token_hash bytea PRIMARY KEY CHECK (length(token_hash) = 32),
    person uuid NOT NULL REFERENCES people.persons,
    method text NOT NULL CHECK (method IN ('code', 'passkey', 'oidc')),
    began_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    until timestamptz NOT NULL
);
CREATE INDEX sessions_person ON people.sessions (person);

-- A device belongs to a person who signed in, or came with a bare invite code.
ALTER TABLE people.devices ALTER COLUMN invite DROP NOT NULL;
ALTER TABLE people.devices ADD COLUMN person uuid REFERENCES people.persons;
CREATE INDEX devices_person ON people.devices (person) WHERE person IS NOT NULL;
