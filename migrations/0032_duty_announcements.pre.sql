-- An announcement is known by the id of its draft, so that sending a form twice announces once; some go to telephones as well
-- (people.mailings, under the same id).
ALTER TABLE duty.announcements ADD COLUMN draft uuid UNIQUE;
ALTER TABLE duty.announcements ADD COLUMN mailed boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN duty.messages.sent IS 'in_app; how it went to telephones is known to people.messages';
DROP INDEX duty.messages_waiting;
