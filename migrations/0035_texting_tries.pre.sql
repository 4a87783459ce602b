-- A code of six digits is not found by trying.
ALTER TABLE texting.waiting ADD COLUMN tries smallint NOT NULL DEFAULT 0;
COMMENT ON COLUMN texting.waiting.tries IS 'how often another code was sent than the one that it waits for';
