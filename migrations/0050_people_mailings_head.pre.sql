-- Heads together leave half of a network's day to its organisers.
ALTER TABLE people.mailings ADD COLUMN head boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN people.mailings.head IS 'made by a head, within the bounds of heads';
