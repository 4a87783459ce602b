CREATE SCHEMA evidence;

-- Photographs that were kept, by the SHA-256 of their original bytes; rows are only added.
CREATE TABLE evidence.photographs (
    original bytea PRIMARY KEY CHECK (length(original) = 32),
    published bytea NOT NULL CHECK (length(published) = 32),
    kind text NOT NULL CHECK (kind IN ('jpg', 'png', 'webp', 'heic')),
    size integer NOT NULL CHECK (size > 0),
    width integer NOT NULL CHECK (width > 0),
    height integer NOT NULL CHECK (height > 0),
    carrier text NOT NULL,
    received_at timestamptz NOT NULL
);
COMMENT ON COLUMN evidence.photographs.published IS 'SHA-256 of the copy without metadata; two originals may have the same copy';
COMMENT ON COLUMN evidence.photographs.kind IS 'what the original was decoded as, the ending of its sealed name';
COMMENT ON COLUMN evidence.photographs.size IS 'bytes of the original';
COMMENT ON COLUMN evidence.photographs.width IS 'pixels of the published copy';
COMMENT ON COLUMN evidence.photographs.carrier IS 'pseudonym of the device whose token brought it';
