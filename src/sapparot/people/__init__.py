"""Networks, devices and their right to report. Personal data live here and only here; this first form holds none."""

from sapparot.people.facts import Device, Network
from sapparot.people.store import add_network, devices, devices_async, make_invite, networks, revoke, rotate_network
from sapparot.people.tokens import DeviceTokens

__all__ = [
    "Device",
    "DeviceTokens",
    "Network",
    "add_network",
    "devices",
    "devices_async",
    "make_invite",
    "networks",
    "revoke",
    "rotate_network",
]
