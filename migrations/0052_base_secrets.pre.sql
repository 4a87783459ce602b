-- Of each secret that all processes have alike: a hash by which it is known again (base/shared.py). It opens nothing and gives nothing away.
CREATE TABLE base.secrets (
    name text PRIMARY KEY,
    fingerprint bytea NOT NULL
);
