-- Codes that a browser asks for in which the person is, or was, signed in have limits of their own: strangers cannot use them up.
ALTER TABLE people.codes ADD COLUMN known boolean NOT NULL DEFAULT false;
ALTER TABLE people.codes ADD COLUMN wide bytea;
COMMENT ON COLUMN people.codes.known IS 'asked for in a browser with a session of this very person, standing or over';
COMMENT ON COLUMN people.codes.wide IS 'HMAC of the IPv6 network of 48 bits of the address that asked; null for IPv4';
CREATE INDEX codes_wide ON people.codes (wide, made_at) WHERE wide IS NOT NULL;
