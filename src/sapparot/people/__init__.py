"""Networks, devices and their right to report. Personal data live here and only here; this first form holds none."""

from sapparot.people.facts import Device, Network
from sapparot.people.tokens import DeviceTokens

__all__ = ["Device", "DeviceTokens", "Network"]
