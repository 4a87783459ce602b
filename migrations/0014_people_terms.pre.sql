-- On what terms people join a network, what they agreed to, who brought them, and who looked at their data.
ALTER TABLE people.networks ADD COLUMN short_th text;
ALTER TABLE people.networks ADD COLUMN short_en text;
ALTER TABLE people.networks ADD COLUMN welcome_th text NOT NULL DEFAULT '';
ALTER TABLE people.networks ADD COLUMN welcome_en text NOT NULL DEFAULT '';
ALTER TABLE people.networks ADD COLUMN colour text NOT NULL DEFAULT '#1f5f8b' CHECK (colour ~ '^#[0-9a-f]{6}$');
ALTER TABLE people.networks ADD COLUMN open boolean NOT NULL DEFAULT true;
ALTER TABLE people.networks ADD COLUMN approval boolean NOT NULL DEFAULT true;
ALTER TABLE people.networks ADD COLUMN own_invites smallint NOT NULL DEFAULT 0 CHECK (own_invites BETWEEN 0 AND 100);
ALTER TABLE people.networks ADD COLUMN state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'left', 'expelled'));
ALTER TABLE people.networks ADD COLUMN ended_at timestamptz;
COMMENT ON COLUMN people.networks.open IS 'anyone may sign up; else only who has an invite link, or was listed by the network';
COMMENT ON COLUMN people.networks.approval IS 'who signs up without an invite that vouches for them waits until an organiser approves';
COMMENT ON COLUMN people.networks.own_invites IS 'how many people each volunteer may bring';

-- What people are asked to agree to. A text that somebody agreed to is never changed: another wording is another version.
CREATE TABLE people.consent_texts (
    network text NOT NULL REFERENCES people.networks,
    purpose text NOT NULL CHECK (purpose IN ('duty', 'head', 'centre', 'announcements', 'rewards')),
    version integer NOT NULL CHECK (version > 0),
    th text NOT NULL,
    en text NOT NULL,
    since timestamptz NOT NULL,
    PRIMARY KEY (network, purpose, version)
);

-- Rows are only added and ended: the history of what a person agreed to and took back.
CREATE TABLE people.consents (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person uuid NOT NULL REFERENCES people.persons ON DELETE CASCADE,
    purpose text NOT NULL CHECK (purpose IN ('duty', 'head', 'centre', 'announcements', 'rewards')),
    version integer NOT NULL,
    given_at timestamptz NOT NULL,
    ended_at timestamptz
);
CREATE UNIQUE INDEX consents_standing ON people.consents (person, purpose) WHERE ended_at IS NULL;

-- Invite links bring persons; people.invites are bare codes that enrol a device and know no person.
CREATE TABLE people.invite_links (
    id uuid PRIMARY KEY,
    code_hash bytea NOT NULL UNIQUE CHECK (length(code_hash) = 32),
    network text NOT NULL REFERENCES people.networks,
    made_by uuid REFERENCES people.persons ON DELETE SET NULL,
    made_at timestamptz NOT NULL,
    uses integer NOT NULL CHECK (uses > 0),
    used integer NOT NULL DEFAULT 0 CHECK (used <= uses),
    expires_at timestamptz NOT NULL,
    vouched boolean NOT NULL,
    label text NOT NULL DEFAULT '',
    ended_at timestamptz
);
COMMENT ON COLUMN people.invite_links.made_by IS 'the person who invites; null when an operator made it on the machine itself';
COMMENT ON COLUMN people.invite_links.vouched IS 'who comes by it needs no approval';
CREATE INDEX invite_links_network ON people.invite_links (network, made_at);
CREATE INDEX invite_links_made_by ON people.invite_links (made_by);

ALTER TABLE people.persons ADD COLUMN link uuid REFERENCES people.invite_links;
ALTER TABLE people.persons ADD COLUMN lang text NOT NULL DEFAULT 'th' CHECK (lang IN ('th', 'en'));
COMMENT ON COLUMN people.persons.link IS 'the invite link by which the person came';
CREATE INDEX persons_link ON people.persons (link) WHERE link IS NOT NULL;
CREATE INDEX persons_network ON people.persons (network, joined_at, id);

-- What somebody typed who claims a telephone. It changes nothing about a person until a code proves the telephone for this very row.
CREATE TABLE people.applications (
    id uuid PRIMARY KEY,
    person uuid NOT NULL REFERENCES people.persons ON DELETE CASCADE,
    sealed bytea NOT NULL,
    link uuid REFERENCES people.invite_links,
    at timestamptz NOT NULL
);
COMMENT ON COLUMN people.applications.sealed IS 'name, area, language and consents, encrypted for the person';
CREATE INDEX applications_person ON people.applications (person);

-- The access log: each time somebody read who a person is.
CREATE TABLE people.reads (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person uuid NOT NULL REFERENCES people.persons ON DELETE CASCADE,
    reader uuid,
    role text NOT NULL,
    network text,
    purpose text NOT NULL,
    at timestamptz NOT NULL
);
COMMENT ON COLUMN people.reads.reader IS 'the person who looked; null for the operator and for the program itself';
CREATE INDEX reads_person ON people.reads (person, id);

CREATE UNIQUE INDEX grants_standing ON people.grants (person, role, coalesce(area, '')) WHERE ended_at IS NULL;
