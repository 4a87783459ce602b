-- Keys of manifests that were announced in the log: each once.
CREATE TABLE publish.keys (entry bytea PRIMARY KEY);
