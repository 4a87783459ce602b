-- Whoever comes by a link that was shared in one place can be placed there, also when it says nothing itself.
ALTER TABLE people.invite_links ADD COLUMN area text;
COMMENT ON COLUMN people.invite_links.area IS 'where those who come by it can serve, unless they say something else';
