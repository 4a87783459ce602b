-- Whoever reads the outbox of a practice follows it by when messages were sent.
CREATE INDEX messages_sent_at ON people.messages (sent_at, id) WHERE sent_at IS NOT NULL;
