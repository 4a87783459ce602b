-- Passkeys from before it was asked for do not all lie in their device with their person; such a one opens nothing and holds nothing back.
ALTER TABLE people.passkeys ADD COLUMN resident boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN people.passkeys.resident IS 'whether the device finds it by itself: made so, or somebody signed in with it since';
