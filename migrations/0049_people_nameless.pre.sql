-- Organisers look through the devices that are nobody's: those of invite codes, and of people whose data were erased.
CREATE INDEX devices_nameless ON people.devices (network, kid) WHERE person IS NULL;
