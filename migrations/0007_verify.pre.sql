-- Which entries of the log are about which sheet: what the page of a station shows. It can be dropped and made again from the log.
CREATE SCHEMA IF NOT EXISTS verify;

CREATE TABLE verify.trail (
    sheet    integer NOT NULL,
    position bigint  NOT NULL,
    kind     text    NOT NULL,
    PRIMARY KEY (sheet, position)
);
