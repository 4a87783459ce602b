-- Where the log speaks of a key: announcements of networks and promise keys, enrolments and revocations of devices, by thumbprint.
CREATE TABLE verify.bearers (
    kid text NOT NULL,
    position bigint NOT NULL,
    kind text NOT NULL,
    PRIMARY KEY (kid, position)
);
