-- Bodies of a few bytes make no object each: what is too small to be one waits here, until enough has followed.
ALTER TABLE evidence.uploads ADD COLUMN tail bytea NOT NULL DEFAULT '';
COMMENT ON COLUMN evidence.uploads.tail IS 'the last bytes received, which no piece holds yet';
COMMENT ON COLUMN evidence.pieces.start IS 'how far the upload had come when the piece was recorded; it may begin with the tail before that';
