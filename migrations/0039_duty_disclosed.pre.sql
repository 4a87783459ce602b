-- What the log was last told of a device key: at which stations its owner has duties. It holds what the log holds and nothing of persons.
CREATE TABLE duty.disclosed (
    election text NOT NULL,
    kid text NOT NULL,
    stations text[] NOT NULL,
    PRIMARY KEY (election, kid)
);
-- Whose duties changed since somebody looked.
CREATE INDEX duties_since ON duty.duties (election, since);
