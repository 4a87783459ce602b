-- A photograph that was taken down: its files are gone and stay gone, its row and its entry in the log remain.
ALTER TABLE evidence.photographs ADD COLUMN removed_at timestamptz;
COMMENT ON COLUMN evidence.photographs.removed_at IS 'since when neither its copy nor its original may be kept again';
CREATE INDEX photographs_removed ON evidence.photographs (published) WHERE removed_at IS NOT NULL;
