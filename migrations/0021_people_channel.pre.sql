-- A key that is no device: the gateway signs with it what a person writes in text messages.
ALTER TABLE people.devices ADD COLUMN channel text CHECK (channel = 'text');
