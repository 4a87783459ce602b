-- A head's phone that enrols under an invite code speaks for one constituency; a code of level 2 from before names none and makes no head.
ALTER TABLE people.invites ADD COLUMN area text;
COMMENT ON COLUMN people.invites.area IS 'code of the constituency of a head; null for other levels';
