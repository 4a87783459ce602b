-- A list of people between being looked through and being brought: it waits sealed, and is gone when all of it is done, or after a day.
CREATE TABLE people.import_files (
    network text NOT NULL REFERENCES people.networks,
    file bytea NOT NULL CHECK (length(file) = 32),
    sealed bytea,
    people integer NOT NULL,
    flawed integer NOT NULL,
    kept_by uuid NOT NULL,
    kept_at timestamptz NOT NULL,
    PRIMARY KEY (network, file)
);
COMMENT ON COLUMN people.import_files.sealed IS 'the file, encrypted for who brought it; null once everything in it is done';
COMMENT ON COLUMN people.import_files.kept_by IS 'the organiser; not a reference, since it says for whom the file is sealed';
