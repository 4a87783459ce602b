-- Policies in the order in which they came into force; the last one is in force.
CREATE TABLE verify.policies (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    entry  bytea NOT NULL
);
