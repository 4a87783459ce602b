"""Networks, persons, devices and their right to report. Personal data live here and only here."""

from sapparot.people.facts import Device, Invited, Network
from sapparot.people.keyring import Keyring
from sapparot.people.persons import Person, Persons, Vault
from sapparot.people.store import (
    DEVICE_LIFE,
    add_network,
    areas_named,
    cancel_invite,
    devices_async,
    enrol_for_text,
    enrolled,
    enrolled_since,
    make_invite,
    networks,
    own_devices,
    revoke,
    rotate_network,
    standing_invites,
    standing_keys,
    titles,
)
from sapparot.people.tokens import DeviceTokens

__all__ = [
    "DEVICE_LIFE",
    "Device",
    "DeviceTokens",
    "Invited",
    "Keyring",
    "Network",
    "Person",
    "Persons",
    "Vault",
    "add_network",
    "areas_named",
    "cancel_invite",
    "devices_async",
    "enrol_for_text",
    "enrolled",
    "enrolled_since",
    "make_invite",
    "networks",
    "own_devices",
    "revoke",
    "rotate_network",
    "standing_invites",
    "standing_keys",
    "titles",
]
