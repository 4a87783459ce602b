-- What comes late replaces nothing newer, and what stands is replaced by nobody but who has the telephone.
ALTER TABLE texting.standing ADD COLUMN said_at timestamptz;
ALTER TABLE texting.waiting ADD COLUMN said_at timestamptz, ADD COLUMN secret boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN texting.standing.said_at IS 'when it was written, where the gateway tells, else when it came';
COMMENT ON COLUMN texting.waiting.secret IS 'whether it waits for a code that only the telephone or account got which it is said to come from';

-- How often telephones that belong to nobody were answered in their day; a row of 32 zero bytes counts all of them in an hour.
CREATE TABLE texting.strangers (
    speaker bytea PRIMARY KEY CHECK (length(speaker) = 32),
    since timestamptz NOT NULL,
    answers integer NOT NULL
);
CREATE INDEX strangers_since ON texting.strangers (since);
