-- Announcements on their way to telephones, by SMS or LINE. The text stands once; a row of people.messages is one person's copy of it,
-- without anything sealed: who the person is is looked up when it is sent, and only while the person agrees to announcements.
CREATE TABLE people.mailings (
    id uuid PRIMARY KEY,
    network text NOT NULL REFERENCES people.networks,
    made_by uuid NOT NULL,
    made_at timestamptz NOT NULL,
    until timestamptz NOT NULL,
    th text NOT NULL,
    en text NOT NULL,
    people integer NOT NULL,
    parts integer NOT NULL,
    stopped_at timestamptz,
    stopped_by uuid
);
COMMENT ON COLUMN people.mailings.parts IS 'SMS parts that it costs at most, as they were counted when it was made';
CREATE INDEX mailings_network ON people.mailings (network, made_at);

ALTER TABLE people.messages ADD COLUMN mailing uuid REFERENCES people.mailings;
ALTER TABLE people.messages ADD COLUMN begun_at timestamptz;
COMMENT ON COLUMN people.messages.begun_at IS 'a try is under way, or was when a process died: what may have gone out is never sent again';
CREATE UNIQUE INDEX messages_mailing ON people.messages (mailing, person) WHERE mailing IS NOT NULL;
CREATE INDEX messages_single ON people.messages (next_at) WHERE sent_at IS NULL AND failed_at IS NULL AND mailing IS NULL;
CREATE INDEX messages_mailed ON people.messages (next_at) WHERE sent_at IS NULL AND failed_at IS NULL AND mailing IS NOT NULL;
DROP INDEX people.messages_waiting;
CREATE INDEX messages_old ON people.messages (made_at) WHERE mailing IS NULL;
CREATE INDEX messages_readable ON people.messages (made_at) WHERE mailing IS NOT NULL AND sealed IS NOT NULL;
