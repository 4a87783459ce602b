-- Files of people that organisers brought, and how far each came; of a file only its SHA-256 is kept.
CREATE TABLE people.imports (
    network text NOT NULL REFERENCES people.networks,
    file bytea NOT NULL CHECK (length(file) = 32),
    brought_by uuid REFERENCES people.persons,
    began_at timestamptz NOT NULL,
    done integer NOT NULL DEFAULT 0,
    added integer NOT NULL DEFAULT 0,
    merged integer NOT NULL DEFAULT 0,
    PRIMARY KEY (network, file)
);
