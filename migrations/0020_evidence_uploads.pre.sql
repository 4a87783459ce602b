-- Photographs that come in pieces (tus); the pieces themselves are objects of the sealed store. A row goes when its upload expires or
-- is ended; until then it also says that a finished upload is finished.
CREATE TABLE evidence.uploads (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    carrier text NOT NULL,
    original bytea NOT NULL CHECK (length(original) = 32),
    length integer NOT NULL CHECK (length > 0),
    received integer NOT NULL DEFAULT 0 CHECK (received BETWEEN 0 AND length),
    metadata text NOT NULL,
    until timestamptz NOT NULL
);
COMMENT ON COLUMN evidence.uploads.carrier IS 'pseudonym of the device that began it, the only one that may continue it';
COMMENT ON COLUMN evidence.uploads.received IS 'bytes on the disk; all of them only once the photograph itself is kept';
COMMENT ON COLUMN evidence.uploads.metadata IS 'the header Upload-Metadata as it was sent';
CREATE INDEX uploads_unfinished ON evidence.uploads (carrier) WHERE received < length;
CREATE INDEX uploads_until ON evidence.uploads (until);

-- Pieces that are on the disk, each the object that is named after its place and its SHA-256.
CREATE TABLE evidence.pieces (
    upload uuid NOT NULL REFERENCES evidence.uploads ON DELETE CASCADE,
    start integer NOT NULL,
    size integer NOT NULL CHECK (size > 0),
    sha256 bytea NOT NULL CHECK (length(sha256) = 32),
    PRIMARY KEY (upload, start)
);
