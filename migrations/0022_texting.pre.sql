CREATE SCHEMA texting;

-- Messages that were answered; a gateway that delivers one again gets the same answer. Neither text nor telephone stands here.
CREATE TABLE texting.messages (
    gateway text NOT NULL,
    id text NOT NULL,
    at timestamptz NOT NULL,
    reply text NOT NULL,
    PRIMARY KEY (gateway, id)
);
CREATE INDEX messages_at ON texting.messages (at);

-- What a person wrote last and did not confirm yet.
CREATE TABLE texting.waiting (
    person uuid PRIMARY KEY,
    marks text NOT NULL,
    said jsonb NOT NULL,
    at timestamptz NOT NULL
);
COMMENT ON COLUMN texting.waiting.marks IS 'the check characters that the person sends back to confirm';

-- The reports that stand of each person, so that the next one about the same replaces it.
CREATE TABLE texting.standing (
    person uuid NOT NULL,
    sheet text NOT NULL,
    stage text NOT NULL,
    speaker bytea NOT NULL CHECK (length(speaker) = 32),
    report uuid NOT NULL,
    figures jsonb NOT NULL,
    seq integer NOT NULL,
    PRIMARY KEY (person, sheet, stage)
);
COMMENT ON COLUMN texting.standing.speaker IS 'HMAC-SHA-256 of the telephone or account: one telephone speaks for one network about a sheet';
CREATE INDEX standing_speaker ON texting.standing (speaker, sheet);

-- Chat accounts that belong to persons, by the HMAC-SHA-256 of the account; and codes with which a person claims one.
CREATE TABLE texting.accounts (
    account bytea PRIMARY KEY CHECK (length(account) = 32),
    person uuid NOT NULL,
    at timestamptz NOT NULL
);
CREATE INDEX accounts_person ON texting.accounts (person);
CREATE TABLE texting.codes (
    code_hash bytea PRIMARY KEY CHECK (length(code_hash) = 32),
    person uuid NOT NULL,
    until timestamptz NOT NULL
);
